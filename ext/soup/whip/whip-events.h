/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Events of a WHEP server about a session: the stream, its requests, and their meaning. */
#pragma once

#include "whip-client.h"

G_BEGIN_DECLS

typedef struct _WhipEvents WhipEvents;

WhipEvents *  whip_events_new          (WhipClient  * client);
void          whip_events_free         (WhipEvents  * events);
void          whip_events_follow       (WhipEvents  * events,
                                        WhipRequest * request);
void          whip_events_stop         (WhipEvents  * events);
GUri *        whip_events_steal_target (WhipEvents  * events);

G_END_DECLS
