/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastwhep: the WHEP signaller, draft-ietf-wish-whep-03. */
#pragma once

#include "gstrcasthttpsignaller.h"

G_BEGIN_DECLS

#define GST_TYPE_RCAST_WHEP (gst_rcast_whep_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastWhep, gst_rcast_whep, GST, RCAST_WHEP, GstRcastHttpSignaller)

GST_ELEMENT_REGISTER_DECLARE (rcastwhep);

G_END_DECLS
