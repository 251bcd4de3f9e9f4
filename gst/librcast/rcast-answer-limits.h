/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The bitrate that a server accepts for each stream: the b= lines of its answer. */
#pragma once

#include <gst/sdp/sdp.h>

G_BEGIN_DECLS

/* An m-section without a limit */
#define GST_RCAST_ANSWER_NO_LIMIT G_MAXUINT64

guint64 gst_rcast_answer_get_limit (const GstSDPMessage * answer,
                                    guint                 mline);

G_END_DECLS
