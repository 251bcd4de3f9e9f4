/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastopenvidu: the signaller for OpenVidu 2. */
#pragma once

#include "gstrcastwssignaller.h"

G_BEGIN_DECLS

#define GST_TYPE_RCAST_OPENVIDU (gst_rcast_openvidu_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastOpenvidu, gst_rcast_openvidu, GST, RCAST_OPENVIDU, GstRcastWsSignaller)

GST_ELEMENT_REGISTER_DECLARE (rcastopenvidu);

G_END_DECLS
