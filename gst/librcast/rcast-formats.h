/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Maps the payload types of an answer to the codecs of the offer. */
#pragma once

#include <gst/sdp/sdp.h>

G_BEGIN_DECLS

gint gst_rcast_formats_parse (const gchar * text);
const gchar * gst_rcast_formats_find_rtpmap (const GstSDPMedia * media,
                                             gint                payload);
gint gst_rcast_formats_align (const GstSDPMedia * offer,
                              GstSDPMedia       * answer);
gint gst_rcast_formats_find_free (const GstSDPMessage * sdp,
                                  gint                  highest,
                                  gint                  lowest);
void gst_rcast_formats_add (GstSDPMedia * media,
                            gint          payload,
                            const gchar * rtpmap,
                            const gchar * fmtp);
gboolean gst_rcast_formats_has_rtx (const GstSDPMedia * media,
                                    gint                payload);

G_END_DECLS
