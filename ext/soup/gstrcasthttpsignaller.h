/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Base of rcastwhip and rcastwhep, which exchange descriptions by POST, PATCH and DELETE. */
#pragma once

#include "gstrcastnetsignaller.h"
#include "whip-session.h"

G_BEGIN_DECLS

#define GST_TYPE_RCAST_HTTP_SIGNALLER (gst_rcast_http_signaller_get_type ())
G_DECLARE_DERIVABLE_TYPE (GstRcastHttpSignaller, gst_rcast_http_signaller, GST, RCAST_HTTP_SIGNALLER, GstRcastNetSignaller)

/**
 * GstRcastHttpSignallerClass:
 * @protocol: the protocol of the class
 * @allows_rejected_media: whether the server may reject single media. Any thread
 */
struct _GstRcastHttpSignallerClass {
  GstRcastNetSignallerClass parent_class;

  WhipProtocol protocol;
  gboolean (*allows_rejected_media) (GstRcastHttpSignaller * self);
};

WhipSession * gst_rcast_http_signaller_get_session (GstRcastHttpSignaller * self);

G_END_DECLS
