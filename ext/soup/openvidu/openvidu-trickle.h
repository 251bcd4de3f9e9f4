/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The candidates of one media connection, both ways. */
#pragma once

#include "net-offer.h"
#include "openvidu-link.h"

G_BEGIN_DECLS

typedef struct _OpenviduTrickle OpenviduTrickle;

OpenviduTrickle * openvidu_trickle_new     (OpenviduLink           * link,
                                            GstRcastNetSignaller   * element,
                                            const OpenviduSettings * settings);
void              openvidu_trickle_free    (OpenviduTrickle        * self);

/* Names of the endpoint: in candidates of ours, and in those of the server. */
void              openvidu_trickle_aim     (OpenviduTrickle        * self,
                                            const gchar            * ours,
                                            const gchar            * theirs);
/* A description of ours, with @ufrag, is on its way, or one of the server's is awaited
 * (%NULL): candidates wait, and those of the one before are of no use. */
void              openvidu_trickle_hold    (OpenviduTrickle        * self,
                                            const gchar            * ufrag);
/* Both have the descriptions; @media: (transfer full) (nullable): ours, %NULL: that of
 * before goes on. */
void              openvidu_trickle_release (OpenviduTrickle        * self,
                                            NetOffer               * media);

void              openvidu_trickle_add     (OpenviduTrickle        * self,
                                            guint                    mline,
                                            const gchar            * ufrag,
                                            const gchar            * candidate);
void              openvidu_trickle_take    (OpenviduTrickle        * self,
                                            const OpenviduMessage  * message);
/* The connection came to its end; it is back. */
void              openvidu_trickle_unsent  (OpenviduTrickle        * self);
void              openvidu_trickle_flush   (OpenviduTrickle        * self);

G_END_DECLS
