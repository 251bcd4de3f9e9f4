/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The caps of the packets that a feed sends. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

GstCaps * gst_rcast_feed_caps_new            (const GstStructure * negotiated,
                                              guint32              ssrc);
guint     gst_rcast_feed_caps_find_extension (const GstStructure * negotiated,
                                              const gchar        * uri);

G_END_DECLS
