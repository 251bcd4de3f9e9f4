/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Selects the watched publisher of a room. Pure. */
#pragma once

#include "janus-message.h"

G_BEGIN_DECLS

typedef struct _JanusWatched JanusWatched;

JanusWatched *   janus_watched_new     (const gchar  * feed,
                                        const gchar  * display);
void             janus_watched_free    (JanusWatched * self);

void             janus_watched_add     (JanusWatched * self,
                                        GArray       * publishers);
void             janus_watched_remove  (JanusWatched * self,
                                        const JanusId * id);
void             janus_watched_sync    (JanusWatched * self,
                                        GArray       * members);
const JanusId *  janus_watched_get     (JanusWatched * self);

G_END_DECLS
