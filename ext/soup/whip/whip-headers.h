/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a WHIP client reads from HTTP responses: pure functions on header values and bodies. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* A server has a handful; the rest would only slow down gathering. */
#define WHIP_MAX_ICE_SERVERS 32
/* Nothing that a server says about waiting is believed beyond a day. */
#define WHIP_MAX_RETRY_AFTER (24 * 60 * 60 * GST_SECOND)
/* Larger error bodies are not read. */
#define WHIP_MAX_PROBLEM_SIZE (16 * 1024)

GStrv         whip_parse_ice_servers (const gchar  * link);
gchar *       whip_parse_etag        (const gchar  * value);
GstClockTime  whip_parse_retry_after (const gchar  * value,
                                      GDateTime    * now);
gchar *       whip_parse_problem     (const gchar  * content_type,
                                      const gchar  * body,
                                      gsize          size);

G_END_DECLS
