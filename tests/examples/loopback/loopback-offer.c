/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Chooses what the server accepts of an offer, and reduces the offer to that. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "loopback-offer.h"

#include <stdlib.h>
#include <string.h>

#define ALL_CODECS "H264,VP8,VP9,H265,AV1,OPUS,PCMU,PCMA,G722"

G_DEFINE_QUARK (loopback_http_error, loopback_http_error);

const gchar *
loopback_role_nick (LoopbackRole role)
{
  return role == LOOPBACK_ROLE_PUBLISHER ? "publisher" : "viewer";
}

void
loopback_line_free (LoopbackLine * line)
{
  if (line == NULL)
    return;
  g_free (line->mid);
  g_free (line->encoding_name);
  gst_clear_caps (&line->caps);
  g_free (line);
}

static GstSDPMedia *
peek_media (GstSDPMessage * offer, guint i)
{
  return (GstSDPMedia *) gst_sdp_message_get_media (offer, i);
}

static const gchar *
get_attribute (GstSDPMessage * offer, const GstSDPMedia * media,
    const gchar * key)
{
  const gchar *value = gst_sdp_media_get_attribute_val (media, key);

  return value ? value : gst_sdp_message_get_attribute_val (offer, key);
}

static gboolean
has_flag (const GstSDPMedia * media, const gchar * key)
{
  for (guint i = 0; i < gst_sdp_media_attributes_len (media); i++)
    if (g_str_equal (gst_sdp_media_get_attribute (media, i)->key, key))
      return TRUE;
  return FALSE;
}

static gboolean
has_direction (GstSDPMessage * offer, const GstSDPMedia * media,
    const gchar * direction)
{
  static const gchar *all[] = { "sendrecv", "sendonly", "recvonly",
    "inactive"
  };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    if (has_flag (media, all[i]))
      return g_str_equal (all[i], direction);
  for (guint i = 0; i < gst_sdp_message_attributes_len (offer); i++) {
    const gchar *key = gst_sdp_message_get_attribute (offer, i)->key;

    if (g_strv_contains ((const gchar * const[]) { "sendrecv", "sendonly",
              "recvonly", "inactive", NULL
            }, key))
      return g_str_equal (key, direction);
  }
  /* RFC 8866 6.7: the default */
  return g_str_equal (direction, "sendrecv");
}

/* Returns: whether all m-lines are in the first BUNDLE group (RFC 9143) */
static gboolean
is_bundled (GstSDPMessage * offer)
{
  const gchar *group = NULL;
  g_auto (GStrv) mids = NULL;

  for (guint i = 0; group == NULL; i++) {
    const gchar *value =
        gst_sdp_message_get_attribute_val_n (offer, "group", i);

    if (value == NULL)
      return FALSE;
    if (g_str_has_prefix (value, "BUNDLE"))
      group = value;
  }
  mids = g_strsplit (group, " ", -1);
  for (guint i = 0; i < gst_sdp_message_medias_len (offer); i++) {
    const gchar *mid =
        gst_sdp_media_get_attribute_val (gst_sdp_message_get_media (offer, i),
        "mid");

    if (!g_strv_contains ((const gchar * const *) mids + 1, mid))
      return FALSE;
  }
  return TRUE;
}

/* Copies transport attributes that @media lacks from the first m-line of the bundle. */
static void
copy_transport (GstSDPMessage * offer, GstSDPMedia * media)
{
  static const gchar *keys[] = { "ice-ufrag", "ice-pwd", "fingerprint",
    "setup"
  };
  const GstSDPMedia *tagged = gst_sdp_message_get_media (offer, 0);

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    const gchar *value;

    if (gst_sdp_media_get_attribute_val (media, keys[i]))
      continue;
    value = get_attribute (offer, tagged, keys[i]);
    if (value)
      gst_sdp_media_add_attribute (media, keys[i], value);
  }
}

static gboolean
check_line (GstSDPMessage * offer, guint i, LoopbackRole role, GError ** error)
{
  const GstSDPMedia *media = gst_sdp_message_get_media (offer, i);
  const GstSDPMedia *tagged = gst_sdp_message_get_media (offer, 0);
  const gchar *kind = gst_sdp_media_get_media (media);
  const gchar *mid = gst_sdp_media_get_attribute_val (media, "mid");
  const gchar *setup;
  const gchar *trouble = NULL;

  if (g_strcmp0 (kind, "audio") != 0 && g_strcmp0 (kind, "video") != 0)
    trouble = "only audio and video are taken";
  else if (strstr (gst_sdp_media_get_proto (media), "RTP/SAVPF") == NULL)
    trouble = "only RTP/SAVPF is taken";
  else if (mid == NULL || *mid == '\0')
    trouble = "it has no mid";
  else if (!has_flag (media, "rtcp-mux"))
    trouble = "it has no rtcp-mux";
  else if (gst_sdp_media_get_port (media) == 0
      && !has_flag (media, "bundle-only"))
    trouble = "its port is 0";
  else if (!has_direction (offer, media, "sendrecv")
      && !has_direction (offer, media,
          role == LOOPBACK_ROLE_PUBLISHER ? "sendonly" : "recvonly"))
    trouble = role == LOOPBACK_ROLE_PUBLISHER ?
        "it does not send" : "it does not receive";
  if (trouble) {
    g_set_error (error, LOOPBACK_HTTP_ERROR, 422, "m-line %u: %s", i, trouble);
    return FALSE;
  }

  setup = get_attribute (offer, tagged, "setup");
  if (get_attribute (offer, tagged, "ice-ufrag") == NULL
      || get_attribute (offer, tagged, "ice-pwd") == NULL)
    trouble = "no ICE credentials";
  else if (get_attribute (offer, tagged, "fingerprint") == NULL)
    trouble = "no fingerprint";
  else if (setup == NULL || g_str_equal (setup, "holdconn"))
    trouble = "no usable setup";
  if (trouble) {
    g_set_error (error, LOOPBACK_HTTP_ERROR, 400, "%s", trouble);
    return FALSE;
  }
  for (guint j = 0; j < i; j++)
    if (g_strcmp0 (mid, gst_sdp_media_get_attribute_val
            (gst_sdp_message_get_media (offer, j), "mid")) == 0) {
      g_set_error (error, LOOPBACK_HTTP_ERROR, 400, "mid %s is there twice",
          mid);
      return FALSE;
    }
  return TRUE;
}

static GstCaps *
get_caps (const GstSDPMedia * media, gint pt)
{
  GstCaps *caps = gst_sdp_media_get_caps_from_media (media, pt);
  GstStructure *s;

  if (caps == NULL)
    return NULL;
  caps = gst_caps_make_writable (caps);
  s = gst_caps_get_structure (caps, 0);
  gst_structure_set_name (s, "application/x-rtp");
  /* RFC 3551 6: these need no rtpmap */
  if (!gst_structure_has_field (s, "encoding-name")) {
    const gchar *name = pt == 0 ? "PCMU" : pt == 8 ? "PCMA" :
        pt == 9 ? "G722" : NULL;

    if (name)
      gst_structure_set (s, "encoding-name", G_TYPE_STRING, name,
          "clock-rate", G_TYPE_INT, 8000, NULL);
  }
  if (!gst_structure_has_field (s, "encoding-name")
      || !gst_structure_has_field (s, "clock-rate"))
    gst_clear_caps (&caps);
  return caps;
}

static const gchar *
get_field (const GstCaps * caps, const gchar * name, const gchar * fallback)
{
  const gchar *value =
      gst_structure_get_string (gst_caps_get_structure (caps, 0), name);

  return value ? value : fallback;
}

/* Returns: how well the viewer's codec fits the publisher's; 0 = not at all */
static guint
score_caps (const GstCaps * want, const GstCaps * have)
{
  const gchar *name = get_field (want, "encoding-name", "");
  gint rate_a = 0, rate_b = 0;

  gst_structure_get_int (gst_caps_get_structure (want, 0), "clock-rate",
      &rate_a);
  gst_structure_get_int (gst_caps_get_structure (have, 0), "clock-rate",
      &rate_b);
  if (g_ascii_strcasecmp (name, get_field (have, "encoding-name", "")) != 0
      || rate_a != rate_b)
    return 0;
  if (g_ascii_strcasecmp (name, "H264") == 0) {
    const gchar *a = get_field (want, "profile-level-id", "420010");
    const gchar *b = get_field (have, "profile-level-id", "420010");
    guint score = 1;

    /* RFC 6184 8.1 */
    if (g_str_equal (get_field (want, "packetization-mode", "0"),
            get_field (have, "packetization-mode", "0")))
      score += 8;
    if (g_ascii_strncasecmp (a, b, 2) == 0)
      score += 4;
    if (g_ascii_strncasecmp (a, b, 4) == 0)
      score += 2;
    return score;
  }
  if (g_ascii_strcasecmp (name, "VP9") == 0)
    return 1 + g_str_equal (get_field (want, "profile-id", "0"),
        get_field (have, "profile-id", "0"));
  return 1;
}

static gboolean
is_taken (const gchar * codecs, const gchar * name)
{
  g_auto (GStrv) list = g_strsplit (codecs ? codecs : ALL_CODECS, ",", -1);

  for (guint i = 0; list[i]; i++)
    if (g_ascii_strcasecmp (g_strstrip (list[i]), name) == 0)
      return TRUE;
  return FALSE;
}

static GstCaps *
choose_codec (const GstSDPMedia * media, const gchar * codecs,
    const GstCaps * source)
{
  GstCaps *best = NULL;
  guint best_score = 0;

  for (guint i = 0; i < gst_sdp_media_formats_len (media); i++) {
    gint pt = atoi (gst_sdp_media_get_format (media, i));
    g_autoptr (GstCaps) caps = get_caps (media, pt);
    guint score;

    if (caps == NULL
        || !is_taken (codecs, get_field (caps, "encoding-name", "")))
      continue;
    score = source ? score_caps (source, caps) : 1;
    if (score <= best_score)
      continue;
    best_score = score;
    gst_caps_replace (&best, caps);
  }
  return best;
}

static gint
find_rtx (const GstSDPMedia * media, gint target)
{
  for (guint i = 0; i < gst_sdp_media_formats_len (media); i++) {
    gint pt = atoi (gst_sdp_media_get_format (media, i));
    g_autoptr (GstCaps) caps = get_caps (media, pt);

    if (caps && g_ascii_strcasecmp (get_field (caps, "encoding-name", ""),
            "RTX") == 0 && atoi (get_field (caps, "apt", "-1")) == target)
      return pt;
  }
  return -1;
}

/* Returns: the payload type of an attribute; -1 = all payload types */
static gint
get_attribute_pt (const GstSDPAttribute * attribute)
{
  if (!g_str_equal (attribute->key, "rtpmap")
      && !g_str_equal (attribute->key, "fmtp")
      && !g_str_equal (attribute->key, "rtcp-fb"))
    return -1;
  if (attribute->value[0] == '*')
    return -1;
  return atoi (attribute->value);
}

static gboolean
is_wanted_feedback (const gchar * value, LoopbackRole role)
{
  const gchar *kind = strchr (value, ' ');

  if (kind == NULL)
    return FALSE;
  kind++;
  if (g_str_has_prefix (kind, "transport-cc"))
    return role == LOOPBACK_ROLE_PUBLISHER;
  return g_str_equal (kind, "nack") || g_str_equal (kind, "nack pli")
      || g_str_equal (kind, "ccm fir");
}

static gboolean
is_wanted (const GstSDPAttribute * attribute, LoopbackRole role, gint pt,
    gint rtx)
{
  static const gchar *never[] = { "rid", "simulcast", "bundle-only",
    "extmap-allow-mixed"
  };
  gint about = get_attribute_pt (attribute);

  for (guint i = 0; i < G_N_ELEMENTS (never); i++)
    if (g_str_equal (attribute->key, never[i]))
      return FALSE;
  if (about != -1 && about != pt && about != rtx)
    return FALSE;
  if (g_str_equal (attribute->key, "rtcp-fb"))
    return is_wanted_feedback (attribute->value, role);
  /* The relay strips header extensions, so only the publisher gets one. */
  if (g_str_equal (attribute->key, "extmap"))
    return role == LOOPBACK_ROLE_PUBLISHER
        && strstr (attribute->value, LOOPBACK_TRANSPORT_CC) != NULL;
  return TRUE;
}

/* RFC 8285 5: "1 uri", "1/sendonly uri" */
static guint
find_transport_cc (const GstSDPMedia * media)
{
  const gchar *value;

  for (guint i = 0;
      (value = gst_sdp_media_get_attribute_val_n (media, "extmap", i)); i++)
    if (strstr (value, LOOPBACK_TRANSPORT_CC))
      return atoi (value);
  return 0;
}

static gboolean
has_nack (const GstSDPMedia * media, gint pt)
{
  g_autofree gchar *own = g_strdup_printf ("%d nack", pt);
  const gchar *value;

  for (guint i = 0;
      (value = gst_sdp_media_get_attribute_val_n (media, "rtcp-fb", i)); i++)
    if (g_str_equal (value, own) || g_str_equal (value, "* nack"))
      return TRUE;
  return FALSE;
}

static gboolean
is_transport_cc (const GstSDPAttribute * attribute)
{
  if (g_str_equal (attribute->key, "extmap"))
    return strstr (attribute->value, LOOPBACK_TRANSPORT_CC) != NULL;
  return g_str_equal (attribute->key, "rtcp-fb")
      && strstr (attribute->value, "transport-cc") != NULL;
}

static void
remove_transport_cc (GstSDPMedia * media)
{
  for (guint i = gst_sdp_media_attributes_len (media); i > 0; i--)
    if (is_transport_cc (gst_sdp_media_get_attribute (media, i - 1)))
      gst_sdp_media_remove_attribute (media, i - 1);
}

/* Keeps the attributes of the removed payload types: the server ignores them. */
static void
remove_rtx (GstSDPMedia * media)
{
  for (guint i = gst_sdp_media_formats_len (media); i > 0; i--) {
    gint pt = atoi (gst_sdp_media_get_format (media, i - 1));
    g_autoptr (GstCaps) caps = get_caps (media, pt);

    if (caps && g_ascii_strcasecmp (get_field (caps, "encoding-name", ""),
            "RTX") == 0)
      gst_sdp_media_remove_format (media, i - 1);
  }
}

void
loopback_offer_reduce (GstSDPMessage * offer, const gchar * feedback,
    gboolean rtx)
{
  for (guint i = 0; i < gst_sdp_message_medias_len (offer); i++) {
    GstSDPMedia *media = peek_media (offer, i);

    if (!g_str_equal (feedback, "all")
        && !g_str_equal (feedback, gst_sdp_media_get_media (media)))
      remove_transport_cc (media);
    if (!rtx)
      remove_rtx (media);
  }
}

static void
narrow_line (GstSDPMessage * offer, GstSDPMedia * media, LoopbackRole role,
    gint pt, gint rtx)
{
  for (guint i = gst_sdp_media_attributes_len (media); i > 0; i--)
    if (!is_wanted (gst_sdp_media_get_attribute (media, i - 1), role, pt, rtx))
      gst_sdp_media_remove_attribute (media, i - 1);
  for (guint i = gst_sdp_media_formats_len (media); i > 0; i--) {
    gint format = atoi (gst_sdp_media_get_format (media, i - 1));

    if (format != pt && format != rtx)
      gst_sdp_media_remove_format (media, i - 1);
  }
  gst_sdp_media_set_port_info (media, 9, 0);
  copy_transport (offer, media);
}

GPtrArray *
loopback_offer_choose (GstSDPMessage * offer, LoopbackRole role,
    const gchar * codecs, LoopbackSourceFunc source, gpointer user_data,
    GError ** error)
{
  g_autoptr (GPtrArray) lines =
      g_ptr_array_new_with_free_func ((GDestroyNotify) loopback_line_free);
  guint n = gst_sdp_message_medias_len (offer);
  guint counts[2] = { 0, 0 };

  if (n == 0 || n > LOOPBACK_MAX_LINES) {
    g_set_error (error, LOOPBACK_HTTP_ERROR, 422, "%u m-lines, wanted 1 to %u",
        n, LOOPBACK_MAX_LINES);
    return NULL;
  }
  for (guint i = 0; i < n; i++)
    if (!check_line (offer, i, role, error))
      return NULL;
  if (n > 1 && !is_bundled (offer)) {
    g_set_error_literal (error, LOOPBACK_HTTP_ERROR, 422,
        "not all m-lines are in one BUNDLE group");
    return NULL;
  }

  for (guint i = 0; i < n; i++) {
    GstSDPMedia *media = peek_media (offer, i);
    gboolean video = g_str_equal (gst_sdp_media_get_media (media), "video");
    g_autoptr (GstCaps) want = source ? source (video, counts[video], user_data)
        : NULL;
    g_autoptr (GstCaps) caps = choose_codec (media, codecs, want);
    LoopbackLine *line;

    if (caps == NULL) {
      g_set_error (error, LOOPBACK_HTTP_ERROR, 422,
          "m-line %u: no codec of it can be %s", i,
          role == LOOPBACK_ROLE_PUBLISHER ? "taken" : "given");
      return NULL;
    }
    line = g_new0 (LoopbackLine, 1);
    line->video = video;
    line->index = counts[video]++;
    line->mid = g_strdup (gst_sdp_media_get_attribute_val (media, "mid"));
    line->encoding_name = g_strdup (get_field (caps, "encoding-name", ""));
    gst_structure_get_int (gst_caps_get_structure (caps, 0), "payload",
        &line->pt);
    gst_structure_get_int (gst_caps_get_structure (caps, 0), "clock-rate",
        &line->clock_rate);
    line->caps = g_steal_pointer (&caps);
    line->nack = has_nack (media, line->pt);
    line->transport_cc = find_transport_cc (media);
    g_ptr_array_add (lines, line);
    narrow_line (offer, media, role, line->pt, find_rtx (media, line->pt));
  }
  return g_steal_pointer (&lines);
}
