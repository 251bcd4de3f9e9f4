/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Remote candidates, which may arrive before their description is in use. */
#pragma once

#include "rcast-signaller.h"

G_BEGIN_DECLS

typedef struct _NetArrivals NetArrivals;

/* @element: borrowed; reports the candidates */
NetArrivals *   net_arrivals_new        (GstRcastSignaller * element);
/* Takes NULL. */
void            net_arrivals_free       (NetArrivals  * self);

/* Holds candidates from now on, as their description is not in use yet. */
void            net_arrivals_hold       (NetArrivals  * self);
/* The description will be in use once the caller returns. Then reports the held candidates. */
void            net_arrivals_release    (NetArrivals  * self);
/* The description is of no use: drops the held candidates. */
void            net_arrivals_drop       (NetArrivals  * self);
/* Drops the held candidates, which belong to another description. */
void            net_arrivals_forget     (NetArrivals  * self);
gboolean        net_arrivals_are_held   (const NetArrivals * self);

/* @ready: whether the description of the candidate is in use; otherwise it is held. @candidate:
 * (nullable): as in gst_rcast_signaller_candidate() */
void            net_arrivals_take       (NetArrivals  * self,
                                         gboolean       ready,
                                         guint          mline,
                                         const gchar  * candidate);

G_END_DECLS
