/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The path mode, with descriptions for gst-inspect-1.0, and the error domain. */
#include "config.h"

#include "gstrcasticetypes.h"

GType
gst_rcast_ice_path_mode_get_type (void)
{
  static const GEnumValue values[] = {
    {GST_RCAST_ICE_PATH_MODE_SINGLE,
        "One uplink; another one is sought when it is dead", "single"},
    {GST_RCAST_ICE_PATH_MODE_BACKUP,
        "The best uplink; the others are kept ready", "backup"},
    {GST_RCAST_ICE_PATH_MODE_DUPLICATE,
        "Each packet on the two best uplinks", "duplicate"},
    {GST_RCAST_ICE_PATH_MODE_BOND,
        "Each packet on one of all uplinks, which add up", "bond"},
    {0, NULL, NULL}
  };
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstRcastIcePathMode",
            values));
  return type;
}

GQuark
gst_rcast_ice_error_quark (void)
{
  return g_quark_from_static_string ("gst-rcast-ice-error-quark");
}
