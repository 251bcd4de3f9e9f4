/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Export macro: symbols without it stay hidden in the library. */
#pragma once

#include <gst/gst.h>

#ifdef BUILDING_GST_RCAST
#define GST_RCAST_API GST_API_EXPORT
#else
#define GST_RCAST_API GST_API_IMPORT
#endif
