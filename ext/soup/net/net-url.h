/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* URLs of servers: which are taken, where they lead, and what of them may be shown. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

GUri *    net_url_parse      (const gchar  * url,
                              GError      ** error);
GUri *    net_url_resolve    (const gchar  * location,
                              GUri         * base,
                              GError      ** error);
gboolean  net_url_may_carry  (GUri         * from,
                              GUri         * to);
gchar *   net_url_describe   (GUri         * url);

G_END_DECLS
