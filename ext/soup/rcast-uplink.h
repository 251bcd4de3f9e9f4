/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The addresses of this host by which a server may be reached. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean          rcast_uplink_is_up  (GInetAddress * address);
GSocketAddress *  rcast_uplink_choose (GInetAddress * dead_end,
                                       guint          attempt);

G_END_DECLS
