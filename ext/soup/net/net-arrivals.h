/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Candidates of the other end, which may come before the description that they belong to is in use. */
#pragma once

#include "rcast-signaller.h"

G_BEGIN_DECLS

typedef struct _NetArrivals NetArrivals;

/* @element: borrowed: reports them */
NetArrivals *   net_arrivals_new        (GstRcastSignaller * element);
/* Takes NULL. */
void            net_arrivals_free       (NetArrivals  * self);

/* Those that come from now on wait: the description that they belong to is not in use yet; */
void            net_arrivals_hold       (NetArrivals  * self);
/* it will be, when this has returned; */
void            net_arrivals_release    (NetArrivals  * self);
/* it is of no use. */
void            net_arrivals_drop       (NetArrivals  * self);
/* Those that wait belong to another one. */
void            net_arrivals_forget     (NetArrivals  * self);
gboolean        net_arrivals_are_held   (const NetArrivals * self);

/* @ready: a description is in use that they may belong to; without one they wait.
 * @candidate: (nullable): as in gst_rcast_signaller_candidate() */
void            net_arrivals_take       (NetArrivals  * self,
                                         gboolean       ready,
                                         guint          mline,
                                         const gchar  * candidate);

G_END_DECLS
