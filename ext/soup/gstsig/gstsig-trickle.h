/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The candidates of one session at a signalling server of GStreamer, both ways. */
#pragma once

#include "gstsig-context.h"
#include "gstsig-message.h"

G_BEGIN_DECLS

typedef struct _GstsigTrickle GstsigTrickle;

GstsigTrickle * gstsig_trickle_new      (const GstsigContext  * context,
                                         const gchar          * session);
void            gstsig_trickle_free     (GstsigTrickle        * self);

/* Ours: those that belong to our last description follow it. */
void            gstsig_trickle_describe (GstsigTrickle        * self,
                                         const gchar          * ufrag,
                                         GPtrArray            * mids);
void            gstsig_trickle_add      (GstsigTrickle        * self,
                                         guint                  mline,
                                         const gchar          * ufrag,
                                         const gchar          * candidate);

/* Theirs: those that come from now on wait, as the description that they belong to is not
 * in use yet; */
void            gstsig_trickle_hold     (GstsigTrickle        * self);
/* it will be, when this has returned; */
void            gstsig_trickle_release  (GstsigTrickle        * self);
/* it was not the last one; */
void            gstsig_trickle_forget   (GstsigTrickle        * self);
/* it is of no use. */
void            gstsig_trickle_drop     (GstsigTrickle        * self);
void            gstsig_trickle_take     (GstsigTrickle        * self,
                                         const GstsigMessage  * message);

G_END_DECLS
