/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses of STUN and TURN servers as users write them. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gchar * gst_rcast_ice_url_parse_stun (const gchar * value, GError ** error);
gchar * gst_rcast_ice_url_parse_turn (const gchar * value, GError ** error);

G_END_DECLS
