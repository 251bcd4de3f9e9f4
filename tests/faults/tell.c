/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The output of the fault lab's programs: a line on standard output for each event. */
#include "config.h"

#include "tell.h"

/* Makes @text safe within the double quotes of a shell. */
static void
clean (gchar * text)
{
  g_strdelimit (text, "\"\\\n\r`$", ' ');
}

void
tell (const gchar * event, const gchar * format, ...)
{
  g_autofree gchar *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_print ("event=%s at-us=%" G_GINT64_FORMAT " %s\n", event,
      g_get_monotonic_time (), text);
}

void
tell_problem (const gchar * event, const GError * error)
{
  g_autofree gchar *text = g_strdup (error->message);

  clean (text);
  tell (event, "text=\"%s\"", text);
}

static gboolean
append_field (GQuark id, const GValue * value, gpointer data)
{
  g_autofree gchar *text = G_VALUE_HOLDS_STRING (value) ?
      g_value_dup_string (value) : gst_value_serialize (value);

  if (text)
    clean (text);
  g_string_append_printf (data, " %s=\"%s\"", g_quark_to_string (id),
      text ? text : "");
  return TRUE;
}

gchar *
tell_print_fields (const GstStructure * structure)
{
  GString *text = g_string_new (NULL);

  gst_structure_foreach (structure, append_field, text);
  return g_string_free (text, FALSE);
}
