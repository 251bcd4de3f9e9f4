/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the library exports: everything else in it is hidden. */
#pragma once

#include <gst/gst.h>

#ifdef BUILDING_GST_RCAST_ICE
#define GST_RCAST_ICE_API GST_API_EXPORT
#else
#define GST_RCAST_ICE_API GST_API_IMPORT
#endif
