/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Completes an answer: fills in what the RFCs let a server leave out. */
#pragma once

#include <gst/sdp/sdp.h>

G_BEGIN_DECLS

/**
 * GstRcastAnswerTypes:
 * @payload: payload type to send the first format with; -1: none
 * @redundant: payload type for RED (RFC 2198) packets, which repeat the audio of the previous
 *   packet; -1: the server does not accept RED
 *
 * The payload types that the server chose for one m-section.
 */
typedef struct {
  gint payload;
  gint redundant;
} GstRcastAnswerTypes;

GstSDPMessage * gst_rcast_answer_complete (const GstSDPMessage  * offer,
                                           const GstSDPMessage  * answer,
                                           GArray              ** payloads,
                                           GError              ** error);
gboolean        gst_rcast_answer_rejects  (const GstSDPMessage  * answer,
                                           guint                  mline);
gboolean        gst_rcast_answer_declines (const GstSDPMessage  * answer,
                                           guint                  mline);
gchar *         gst_rcast_answer_describe (const GstSDPMessage  * offer,
                                           guint                  mline);

G_END_DECLS
