/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An answer made complete: what the RFCs let a server leave out is filled in. */
#pragma once

#include <gst/sdp/sdp.h>

G_BEGIN_DECLS

/**
 * GstRcastAnswerTypes:
 * @payload: the payload type that packets of the first format have to have, -1: none
 * @redundant: the one of packets that have the sound of the one before, too (RFC 2198), -1:
 *   the server takes none
 *
 * How the server calls what one section is sent as.
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
