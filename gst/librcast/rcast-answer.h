/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An answer made complete: what the RFCs let a server leave out is filled in. */
#pragma once

#include <gst/sdp/sdp.h>

G_BEGIN_DECLS

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
