/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How long to wait before the next attempt: exponential, full jitter, bounded. */
#pragma once

#include <gst/gst.h>

#include "rcast-api.h"

G_BEGIN_DECLS

GST_RCAST_API
GstClockTime gst_rcast_backoff_delay (guint         attempt,
                                      GstClockTime  min_delay,
                                      GstClockTime  max_delay,
                                      GstClockTime  retry_after,
                                      guint32       random);

G_END_DECLS
