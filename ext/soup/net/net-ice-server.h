/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Converts STUN and TURN servers from a signalling server for webrtcbin. Pure. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gchar * net_ice_server_print (const gchar * location,
                              const gchar * username,
                              const gchar * credential);

G_END_DECLS
