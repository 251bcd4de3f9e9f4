/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The caps of the packets that a feed sends. */
#include "config.h"

#include "gstrcastfeedcaps.h"

#include "rcast-rtp.h"

typedef struct
{
  const gchar *uri;
  guint id;
} Search;

static gboolean
find_extension (GQuark field, const GValue * value, gpointer user_data)
{
  Search *search = user_data;
  const gchar *name = g_quark_to_string (field);
  const gchar *uri = NULL;
  guint64 number;

  if (!g_str_has_prefix (name, "extmap-")
      || !g_ascii_string_to_unsigned (name + strlen ("extmap-"), 10, 1, 14,
          &number, NULL))
    return TRUE;
  /* Either the URI, or direction, URI and attributes. */
  if (G_VALUE_HOLDS_STRING (value))
    uri = g_value_get_string (value);
  else if (GST_VALUE_HOLDS_ARRAY (value) && gst_value_array_get_size (value) > 1
      && G_VALUE_HOLDS_STRING (gst_value_array_get_value (value, 1)))
    uri = g_value_get_string (gst_value_array_get_value (value, 1));
  if (g_strcmp0 (uri, search->uri) == 0)
    search->id = number;
  return TRUE;
}

/* Returns: the id of the header extension, or 0: it was not negotiated */
guint
gst_rcast_feed_caps_find_extension (const GstStructure * negotiated,
    const gchar * uri)
{
  Search search = { uri, 0 };

  gst_structure_foreach (negotiated, find_extension, &search);
  return search.id;
}

static gboolean
copy_extmap (GQuark field, const GValue * value, gpointer user_data)
{
  if (g_str_has_prefix (g_quark_to_string (field), "extmap-"))
    gst_structure_id_set_value (user_data, field, value);
  return TRUE;
}

/* Returns: (transfer full): the caps of a feed's packets, by the @negotiated ones */
GstCaps *
gst_rcast_feed_caps_new (const GstStructure * negotiated, guint32 ssrc)
{
  static const gchar *const kept[] = { "media", "encoding-name", "clock-rate",
    "payload", "encoding-params", "packetization-mode", NULL
  };
  GstStructure *s = gst_structure_new_empty ("application/x-rtp");

  for (guint i = 0; kept[i]; i++) {
    const GValue *value = gst_structure_get_value (negotiated, kept[i]);

    if (value)
      gst_structure_set_value (s, kept[i], value);
  }
  /* webrtcbin's RTP session reads there which extension it has to number. */
  gst_structure_foreach (negotiated, copy_extmap, s);
  gst_structure_set (s, "ssrc", G_TYPE_UINT, ssrc, NULL);
  return gst_caps_new_full (s, NULL);
}
