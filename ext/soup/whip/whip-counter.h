/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Handles a WHEP server's counter-offer, until the server has our answer to it. */
#pragma once

#include "whip-client.h"
#include "whip-ending.h"

G_BEGIN_DECLS

typedef struct _WhipCounter WhipCounter;

/* @request: (nullable): its answer confirms that the server has accepted our answer. %NULL: the
 * server has not. The waiting caller is informed afterwards. */
typedef void (*WhipCounterDone) (WhipRequest * request, gpointer data);

WhipCounter *         whip_counter_new        (WhipClient          * client,
                                               WhipEnding          * ending,
                                               GUri                * url,
                                               const gchar         * etag,
                                               const GstSDPMessage * offer);
void                  whip_counter_drop       (WhipCounter         * counter,
                                               const gchar         * why);
GUri *                whip_counter_adopt      (WhipCounter         * counter,
                                               GstSDPMessage      ** offer,
                                               GstSDPMessage      ** answer,
                                               gchar              ** etag);
const gchar *         whip_counter_get_offer  (WhipCounter         * counter);
void                  whip_counter_answer     (WhipCounter         * counter,
                                               GstSDPMessage       * sdp,
                                               const gchar         * text,
                                               WhipCounterDone       done,
                                               gpointer              data,
                                               GTask               * task);

G_END_DECLS
