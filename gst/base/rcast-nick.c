/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Converts between enum values and their nicks. */
#include "config.h"

#include "rcast-nick.h"

/* Returns: the nick of @value, "unknown" if @type has no such value */
const gchar *
gst_rcast_nick (GType type, gint value)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (type);
  const GEnumValue *found = g_enum_get_value (klass, value);

  return found ? found->value_nick : "unknown";
}

/* @text: (nullable): a nick. An unknown one, perhaps of a later version, leaves @value unchanged.
 * Returns: whether the nick is known */
gboolean
gst_rcast_from_nick (GType type, const gchar * text, gint * value)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (type);
  const GEnumValue *found = text ? g_enum_get_value_by_nick (klass, text) :
      NULL;

  if (found)
    *value = found->value;
  return found != NULL;
}
