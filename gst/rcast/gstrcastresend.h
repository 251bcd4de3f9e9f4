/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes rtprtxsend resend packets, and tells these requests from those of the server. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Reasons: fields that mark our own requests */
#define GST_RCAST_RESEND_UNASKED "rcast-unasked"
#define GST_RCAST_RESEND_MISSED "rcast-missed"
#define GST_RCAST_RESEND_PADDING "rcast-padding"

gboolean gst_rcast_resend_by_any   (const GPtrArray * senders,
                                    guint32           ssrc,
                                    guint16           seqnum,
                                    const gchar     * why);
gboolean gst_rcast_resend_is_asked (GstEvent        * event,
                                    guint32         * ssrc,
                                    guint16         * seqnum);

G_END_DECLS
