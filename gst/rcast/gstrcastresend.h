/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tells rtprtxsend to send packets again, and tells that from what the server asks for. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Why: fields of our own requests */
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
