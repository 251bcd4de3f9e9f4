/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any bytes: the result is a document whose values are all reachable, or an error. */
#include "config.h"

#include "fuzz.h"

#include "net-json.h"

static void walk (const NetJsonValue * value, guint depth);

static void
look_up (const NetJsonValue * value, const gchar * name, guint depth)
{
  const NetJsonValue *object = net_json_get_object (value, name);
  const NetJsonValue *array = net_json_get_array (value, name);
  const gchar *text = net_json_get_text (value, name);
  guint64 number;
  guint found = !!object + !!array + !!text + net_json_get_flag (value, name)
      + net_json_get_number (value, name, &number);

  g_assert_cmpuint (found, <=, net_json_has (value, name));
  g_assert (!text || g_utf8_validate (text, -1, NULL));
  if (object || array)
    walk (object ? object : array, depth + 1);
}

/* Visits each value, and looks up some names in it. */
static void
walk (const NetJsonValue * value, guint depth)
{
  static const gchar *const names[] = { "", "a", "b", "janus", "data" };
  guint n = 0;

  g_assert_cmpuint (depth, <=, NET_JSON_MAX_DEPTH);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    look_up (value, names[i], depth);
  for (const NetJsonValue * element = net_json_get_first (value); element;
      element = net_json_get_next (element), n++)
    walk (element, depth + 1);
  g_assert_cmpuint (n, ==, net_json_get_length (value));
}

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NetJson) json =
      net_json_parse ((const gchar *) data, size, &error);

  g_assert ((json == NULL) == (error != NULL));
  if (json)
    walk (net_json_get_root (json), 0);
  return 0;
}
