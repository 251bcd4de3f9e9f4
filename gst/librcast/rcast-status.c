/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The status as a GType whose values are described by sentences, for gst-inspect-1.0. */
#include "config.h"

#include "rcast-types.h"

GType
gst_rcast_status_get_type (void)
{
  static const GEnumValue values[] = {
    {GST_RCAST_STATUS_DISCONNECTED, "Not started, or over", "disconnected"},
    {GST_RCAST_STATUS_SIGNALLING, "A connection is being established",
        "signalling"},
    {GST_RCAST_STATUS_CONNECTED, "Connected, media is not confirmed yet",
        "connected"},
    {GST_RCAST_STATUS_BROADCASTING, "The server confirms that media arrives",
        "broadcasting"},
    {GST_RCAST_STATUS_RECONNECTING_BROADCAST, "Off air, reconnecting",
        "reconnecting_broadcast"},
    {GST_RCAST_STATUS_RECONNECTING,
        "The server re-establishes its own connection onward", "reconnecting"},
    {0, NULL, NULL}
  };
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstRcastStatus",
            values));
  return type;
}
