/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Candidates of one handle, in both directions. */
#pragma once

#include "janus-link.h"
#include "net-offer.h"

G_BEGIN_DECLS

typedef struct _JanusTrickle JanusTrickle;

/* @missed: candidates were sent, but not answered: @data sends them again */
JanusTrickle *  janus_trickle_new       (WsLink               * link,
                                         GstRcastNetSignaller * element,
                                         void                (* missed) (gpointer data),
                                         gpointer               data);
void            janus_trickle_free      (JanusTrickle         * self);

void            janus_trickle_add       (JanusTrickle         * self,
                                         guint                  mline,
                                         const gchar          * ufrag,
                                         const gchar          * candidate);
void            janus_trickle_keep_only (JanusTrickle         * self,
                                         const gchar          * ufrag,
                                         const gchar          * other);
void            janus_trickle_send      (JanusTrickle         * self,
                                         const JanusTarget    * target,
                                         const NetOffer       * description);
void            janus_trickle_unsent    (JanusTrickle         * self);

/* The server has a new description, with new candidates. */
void            janus_trickle_renew     (JanusTrickle         * self);
void            janus_trickle_take      (JanusTrickle         * self,
                                         const JanusMessage   * message);

G_END_DECLS
