/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes JSON for a server, member by member. Pure. */
#include "config.h"

#include "net-print.h"

void
net_print_string (GString * out, const gchar * text)
{
  g_autofree gchar *valid = g_utf8_make_valid (text, -1);

  g_string_append_c (out, '"');
  for (const gchar * p = valid; *p; p++) {
    if (*p == '"' || *p == '\\')
      g_string_append_c (out, '\\');
    if ((guchar) * p < 0x20)
      g_string_append_printf (out, "\\u%04x", (guint) * p);
    else
      g_string_append_c (out, *p);
  }
  g_string_append_c (out, '"');
}

/* The caller appends the value. */
void
net_print_name (GString * out, const gchar * name)
{
  if (out->len > 0 && out->str[out->len - 1] != '{')
    g_string_append_c (out, ',');
  g_string_append_printf (out, "\"%s\":", name);
}

void
net_print_text (GString * out, const gchar * name, const gchar * value)
{
  if (!value)
    return;
  net_print_name (out, name);
  net_print_string (out, value);
}

void
net_print_number (GString * out, const gchar * name, guint64 value)
{
  net_print_name (out, name);
  g_string_append_printf (out, "%" G_GUINT64_FORMAT, value);
}

void
net_print_flag (GString * out, const gchar * name, gboolean value)
{
  net_print_name (out, name);
  g_string_append (out, value ? "true" : "false");
}
