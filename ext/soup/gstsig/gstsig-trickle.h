/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Candidates of one session at a gst-webrtc-signalling-server, in both directions. */
#pragma once

#include "gstsig-context.h"
#include "gstsig-message.h"

G_BEGIN_DECLS

typedef struct _GstsigTrickle GstsigTrickle;

GstsigTrickle * gstsig_trickle_new      (const GstsigContext  * context,
                                         const gchar          * session);
void            gstsig_trickle_free     (GstsigTrickle        * self);

/* Sets our last description. Our candidates that belong to it follow. */
void            gstsig_trickle_describe (GstsigTrickle        * self,
                                         const gchar          * ufrag,
                                         GPtrArray            * mids);
void            gstsig_trickle_add      (GstsigTrickle        * self,
                                         guint                  mline,
                                         const gchar          * ufrag,
                                         const gchar          * candidate);

/* Holds the other peer's candidates from now on, as their description is not in use yet. */
void            gstsig_trickle_hold     (GstsigTrickle        * self);
/* The description will be in use once the caller returns. Then reports the held candidates. */
void            gstsig_trickle_release  (GstsigTrickle        * self);
/* Drops the held candidates, which belong to another description. */
void            gstsig_trickle_forget   (GstsigTrickle        * self);
/* The description is of no use: drops the held candidates. */
void            gstsig_trickle_drop     (GstsigTrickle        * self);
void            gstsig_trickle_take     (GstsigTrickle        * self,
                                         const GstsigMessage  * message);

G_END_DECLS
