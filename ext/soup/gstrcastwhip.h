/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastwhip: the WHIP signaller, RFC 9725. */
#pragma once

#include "gstrcasthttpsignaller.h"

G_BEGIN_DECLS

#define GST_TYPE_RCAST_WHIP (gst_rcast_whip_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastWhip, gst_rcast_whip, GST, RCAST_WHIP, GstRcastHttpSignaller)

GST_ELEMENT_REGISTER_DECLARE (rcastwhip);

G_END_DECLS
