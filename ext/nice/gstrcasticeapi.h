/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Export macro of the library. All other symbols are hidden. */
#pragma once

#include <gst/gst.h>

#ifdef BUILDING_GST_RCAST_ICE
#define GST_RCAST_ICE_API GST_API_EXPORT
#else
#define GST_RCAST_ICE_API GST_API_IMPORT
#endif
