/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Enumerations whose values a person chooses from: each has a description. */
#include "config.h"

#include "rcast-types.h"

GType
gst_rcast_give_up_get_type (void)
{
  static const GEnumValue values[] = {
    {GST_RCAST_GIVE_UP_ON_REFUSAL,
        "When all servers refuse before the first time on air", "on-refusal"},
    {GST_RCAST_GIVE_UP_ALWAYS, "When all servers refuse", "always"},
    {GST_RCAST_GIVE_UP_NEVER, "Not because of a refusal", "never"},
    {0, NULL, NULL}
  };
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstRcastGiveUp",
            values));
  return type;
}
