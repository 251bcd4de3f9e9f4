/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes ICE credentials into every m-line of a description. */
#include "config.h"

#include "gstrcasticesdp.h"

static const gchar *
new_value (const GstSDPAttribute * attribute, const gchar * ufrag,
    const gchar * password)
{
  if (g_str_equal (attribute->key, "ice-ufrag"))
    return ufrag;
  if (g_str_equal (attribute->key, "ice-pwd"))
    return password;
  return NULL;
}

static void
set_in_media (GstSDPMedia * media, const gchar * ufrag, const gchar * password)
{
  for (guint i = 0; i < gst_sdp_media_attributes_len (media); i++) {
    const GstSDPAttribute *old = gst_sdp_media_get_attribute (media, i);
    const gchar *value = new_value (old, ufrag, password);
    GstSDPAttribute attribute = { 0, };

    if (!value)
      continue;
    gst_sdp_attribute_set (&attribute, old->key, value);
    gst_sdp_media_replace_attribute (media, i, &attribute);
  }
}

/* Replaces existing credentials. Adds nothing. */
void
gst_rcast_ice_sdp_set_credentials (GstSDPMessage * sdp, const gchar * ufrag,
    const gchar * password)
{
  for (guint i = 0; i < gst_sdp_message_attributes_len (sdp); i++) {
    const GstSDPAttribute *old = gst_sdp_message_get_attribute (sdp, i);
    const gchar *value = new_value (old, ufrag, password);
    GstSDPAttribute attribute = { 0, };

    if (!value)
      continue;
    gst_sdp_attribute_set (&attribute, old->key, value);
    gst_sdp_message_replace_attribute (sdp, i, &attribute);
  }
  for (guint i = 0; i < gst_sdp_message_medias_len (sdp); i++)
    set_in_media ((GstSDPMedia *) gst_sdp_message_get_media (sdp, i), ufrag,
        password);
}

static gboolean
is_candidate (const GstSDPAttribute * attribute)
{
  return g_str_equal (attribute->key, "candidate")
      || g_str_equal (attribute->key, "end-of-candidates");
}

void
gst_rcast_ice_sdp_strip_candidates (GstSDPMessage * sdp)
{
  for (guint i = 0; i < gst_sdp_message_medias_len (sdp); i++) {
    GstSDPMedia *media = (GstSDPMedia *) gst_sdp_message_get_media (sdp, i);

    for (guint k = gst_sdp_media_attributes_len (media); k > 0; k--) {
      if (is_candidate (gst_sdp_media_get_attribute (media, k - 1)))
        gst_sdp_media_remove_attribute (media, k - 1);
    }
  }
}

/* Returns: (transfer full): @candidate without its ufrag */
gchar *
gst_rcast_ice_strip_ufrag (const gchar * candidate)
{
  g_auto (GStrv) words = g_strsplit (candidate, " ", 64);
  g_autoptr (GString) out = g_string_new (words[0]);

  for (guint i = 1; words[0] && words[i]; i++) {
    if (g_str_equal (words[i], "ufrag") && words[i + 1])
      i++;
    else
      g_string_append_printf (out, " %s", words[i]);
  }
  return g_strdup (out->str);
}

/* The ufrag in @candidate; NULL if there is none. */
gchar *
gst_rcast_ice_find_ufrag (const gchar * candidate)
{
  g_auto (GStrv) words = g_strsplit (candidate, " ", 64);

  for (guint i = 0; words[i] && words[i + 1]; i++) {
    if (g_str_equal (words[i], "ufrag"))
      return g_strdup (words[i + 1]);
  }
  return NULL;
}
