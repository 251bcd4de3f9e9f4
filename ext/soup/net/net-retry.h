/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads how long a server asks us to wait: Retry-After. */
#pragma once

#include <gst/gst.h>
#include <libsoup/soup.h>

G_BEGIN_DECLS

/* Longer times cannot be added to a clock. The caller decides how long to wait. */
#define NET_MAX_RETRY_AFTER (G_GUINT64_CONSTANT (0xffffffff) * GST_SECOND)

GstClockTime  net_parse_retry_after (const gchar * value,
                                     const gchar * date);
GstClockTime  net_retry_after       (SoupMessage * msg);

G_END_DECLS
