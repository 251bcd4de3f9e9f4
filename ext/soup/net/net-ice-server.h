/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* STUN and TURN servers that a signalling server names, as webrtcbin takes them: pure. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gchar * net_ice_server_print (const gchar * location,
                              const gchar * username,
                              const gchar * credential);

G_END_DECLS
