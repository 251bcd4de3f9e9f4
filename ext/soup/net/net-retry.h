/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How long a server asks to wait: Retry-After in its answers. */
#pragma once

#include <gst/gst.h>
#include <libsoup/soup.h>

G_BEGIN_DECLS

/* What is beyond cannot be added to a clock; how long to wait is for others to decide. */
#define NET_MAX_RETRY_AFTER (G_GUINT64_CONSTANT (0xffffffff) * GST_SECOND)

GstClockTime  net_parse_retry_after (const gchar * value,
                                     const gchar * date);
GstClockTime  net_retry_after       (SoupMessage * msg);

G_END_DECLS
