/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Candidates of one media connection, in both directions. */
#pragma once

#include "net-offer.h"
#include "openvidu-link.h"

G_BEGIN_DECLS

typedef struct _OpenviduTrickle OpenviduTrickle;

OpenviduTrickle * openvidu_trickle_new     (WsLink                 * link,
                                            GstRcastNetSignaller   * element,
                                            const OpenviduSettings * settings);
void              openvidu_trickle_free    (OpenviduTrickle        * self);

/* Sets the names of the endpoint in our candidates and in the server's. */
void              openvidu_trickle_aim     (OpenviduTrickle        * self,
                                            const gchar            * ours,
                                            const gchar            * theirs);
/* Our description with @ufrag is on its way, or we wait for the server's (NULL). Holds candidates,
 * and drops those of the previous description. */
void              openvidu_trickle_hold    (OpenviduTrickle        * self,
                                            const gchar            * ufrag);
/* Both sides have the descriptions. @media: (transfer full) (nullable): ours; NULL: the previous
 * one goes on. */
void              openvidu_trickle_release (OpenviduTrickle        * self,
                                            NetOffer               * media);

void              openvidu_trickle_add     (OpenviduTrickle        * self,
                                            guint                    mline,
                                            const gchar            * ufrag,
                                            const gchar            * candidate);
void              openvidu_trickle_take    (OpenviduTrickle        * self,
                                            const OpenviduMessage  * message);
/* unsent(): the connection is lost. flush(): it is restored. */
void              openvidu_trickle_unsent  (OpenviduTrickle        * self);
void              openvidu_trickle_flush   (OpenviduTrickle        * self);

G_END_DECLS
