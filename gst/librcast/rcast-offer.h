/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Adapts offers and answers between webrtcbin and servers. */
#pragma once

#include <gst/sdp/sdp.h>

G_BEGIN_DECLS

gchar *   gst_rcast_offer_to_text    (const GstSDPMessage * offer,
                                      gboolean              ccfb);
gchar *   gst_rcast_offer_print      (const GstSDPMessage * sdp);
gboolean  gst_rcast_offer_is_bundled (const GstSDPMessage * sdp);
void      gst_rcast_offer_keep_ssrcs (GstSDPMessage       * offer,
                                      const GstSDPMessage * before);
void      gst_rcast_offer_repair_all (GstSDPMessage      * offer);
void      gst_rcast_offer_unbundle   (GstSDPMessage       * offer);
gboolean  gst_rcast_offer_names_packets (const GstSDPMessage * answer,
                                      guint                 mline);
gboolean  gst_rcast_offer_follow     (GstSDPMessage       * offer,
                                      const GstSDPMessage * answer,
                                      gboolean              gathered,
                                      GError             ** error);
void      gst_rcast_offer_settle_setup (const GstSDPMessage * offer,
                                      const GstSDPMessage * before,
                                      GstSDPMessage       * answer);

G_END_DECLS
