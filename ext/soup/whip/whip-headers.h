/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads HTTP responses for a WHIP client: pure functions on header values and bodies. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Each ICE server costs an allocation per path and transport, at hosts that the server names. */
#define WHIP_MAX_ICE_SERVERS 8
#define WHIP_MAX_REDIRECTS 10
/* Larger error bodies are not read. */
#define WHIP_MAX_PROBLEM_SIZE (16 * 1024)

GStrv         whip_parse_ice_servers (const gchar  * link);
gchar *       whip_parse_link        (const gchar  * link,
                                      const gchar  * rel,
                                      const gchar  * more,
                                      gchar       ** value);
GUri *        whip_resolve_session   (const gchar  * location,
                                      GUri         * base,
                                      GError      ** error);
GUri *        whip_resolve_redirect  (const gchar  * location,
                                      GUri         * from,
                                      guint          redirects,
                                      GError      ** error);
gchar *       whip_parse_etag        (const gchar  * value);
gchar *       whip_parse_problem     (const gchar  * content_type,
                                      const gchar  * body,
                                      gsize          size);

G_END_DECLS
