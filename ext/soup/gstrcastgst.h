/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastgst: the signaller for the signalling server of webrtcsink and webrtcsrc. */
#pragma once

#include "gstrcastwssignaller.h"

G_BEGIN_DECLS

#define GST_TYPE_RCAST_GST (gst_rcast_gst_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastGst, gst_rcast_gst, GST, RCAST_GST, GstRcastWsSignaller)

GST_ELEMENT_REGISTER_DECLARE (rcastgst);

G_END_DECLS
