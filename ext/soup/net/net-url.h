/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* URLs of servers: which are valid, where they lead, and how to show them without secrets. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

GUri *    net_url_parse         (const gchar  * url,
                                 GError      ** error);
GUri *    net_url_resolve       (const gchar  * location,
                                 GUri         * base,
                                 GError      ** error);
GUri *    net_url_with_origin   (GUri         * url,
                                 GUri         * origin);
guint16   net_url_get_port      (GUri         * url);
gboolean  net_url_is_secure     (GUri         * url);
gboolean  net_url_is_websocket  (GUri         * url);
gboolean  net_url_same_host     (GUri         * a,
                                 GUri         * b);
gboolean  net_url_same_origin   (GUri         * a,
                                 GUri         * b);
gchar *   net_url_print_origin  (GUri         * url);
gchar *   net_url_describe      (GUri         * url);
gchar *   net_url_describe_text (const gchar  * location);

G_END_DECLS
