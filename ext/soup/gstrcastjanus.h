/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastjanus: the signaller for the VideoRoom of Janus Gateway. */
#pragma once

#include "gstrcastwssignaller.h"

G_BEGIN_DECLS

#define GST_TYPE_RCAST_JANUS (gst_rcast_janus_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastJanus, gst_rcast_janus, GST, RCAST_JANUS, GstRcastWsSignaller)

GST_ELEMENT_REGISTER_DECLARE (rcastjanus);

G_END_DECLS
