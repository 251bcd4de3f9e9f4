/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Maps the payload types of an answer to the codecs of the offer. */
#include "config.h"

#include "rcast-formats.h"

#include <string.h>

#define N_TYPES 128
#define NONE (-1)

/* RFC 3551 6: static payload types, which need no rtpmap (RFC 8866 6.6) */
static const struct
{
  gint payload;
  const gchar *rtpmap;
} static_types[] = {
  {0, "PCMU/8000"},
  {8, "PCMA/8000"},
  {9, "G722/8000"},
};

/* Attributes that begin with a payload type */
static const gchar *const keys[] = { "rtpmap", "fmtp", "rtcp-fb", NULL };

/* Returns: the payload type that @text begins with, or -1 */
gint
gst_rcast_formats_parse (const gchar * text)
{
  gchar *end;
  guint64 payload = g_ascii_strtoull (text, &end, 10);

  return end != text && payload < N_TYPES && (*end == '\0' || *end == ' ') ?
      (gint) payload : NONE;
}

/* Returns: (nullable): value of attribute @key for @payload, without the number */
static const gchar *
find_value (const GstSDPMedia * media, const gchar * key, gint payload)
{
  const gchar *value;

  for (guint n = 0; (value = gst_sdp_media_get_attribute_val_n (media, key,
              n)); n++) {
    const gchar *rest = strchr (value, ' ');

    if (rest && gst_rcast_formats_parse (value) == payload)
      return rest + strspn (rest, " ");
  }
  return NULL;
}

/* Returns: (nullable): encoding name, clock rate and parameters of @payload */
const gchar *
gst_rcast_formats_find_rtpmap (const GstSDPMedia * media, gint payload)
{
  const gchar *rtpmap = find_value (media, "rtpmap", payload);

  for (guint i = 0; i < G_N_ELEMENTS (static_types) && !rtpmap; i++)
    if (static_types[i].payload == payload)
      rtpmap = static_types[i].rtpmap;
  return rtpmap;
}

/* RFC 8866 6.6: encoding names are case-insensitive, and one channel may be left out. */
static gboolean
is_same_codec (const gchar * one, const gchar * other)
{
  gsize length = strlen (one), more = strlen (other);

  if (length > more)
    return is_same_codec (other, one);
  return g_ascii_strncasecmp (one, other, length) == 0
      && (length == more || g_str_equal (other + length, "/1"));
}

/* Returns: (transfer full) (nullable): value of @name in an fmtp line */
static gchar *
dup_parameter (const gchar * fmtp, const gchar * name)
{
  g_auto (GStrv) parameters = g_strsplit (fmtp ? fmtp : "", ";", -1);

  for (guint i = 0; parameters[i]; i++) {
    const gchar *parameter = g_strstrip (parameters[i]);
    gsize length = strlen (name);

    if (g_ascii_strncasecmp (parameter, name, length) == 0
        && parameter[length] == '=')
      return g_strdup (parameter + length + 1);
  }
  return NULL;
}

/* Rates how well two formats of the same codec match, in case the offer has several. */
static guint
rate_fit (const gchar * offered, const gchar * answered)
{
  static const struct
  {
    const gchar *name, *otherwise;
    guint weight;
  } parameters[] = {
    {"apt", "", 8},             /* RFC 4588 8.1 */
    {"packetization-mode", "0", 4},     /* RFC 6184 8.1 */
    {"profile-id", "0", 4},     /* RFC 9628 6 */
    {"profile-level-id", "42000a", 2},
  };
  guint fit = 1;

  for (guint i = 0; i < G_N_ELEMENTS (parameters); i++) {
    g_autofree gchar *one = dup_parameter (offered, parameters[i].name);
    g_autofree gchar *other = dup_parameter (answered, parameters[i].name);

    if (g_ascii_strcasecmp (one ? one : parameters[i].otherwise,
            other ? other : parameters[i].otherwise) == 0)
      fit += parameters[i].weight;
  }
  return fit;
}

static gboolean
is_retransmission (const gchar * rtpmap)
{
  return g_ascii_strncasecmp (rtpmap, "rtx/", 4) == 0;
}

/* Rewrites apt with the payload type of the offer. Returns: (transfer full) */
static gchar *
rename_fmtp (const gchar * fmtp, const gint * names)
{
  g_autofree gchar *apt = dup_parameter (fmtp, "apt");
  gint payload = apt ? gst_rcast_formats_parse (apt) : NONE;

  return payload != NONE && names[payload] != NONE ?
      g_strdup_printf ("apt=%d", names[payload]) : g_strdup (fmtp);
}

/* Returns: the offer's payload type for the answer's @payload, or NONE */
static gint
find_offered (const GstSDPMedia * offer, const GstSDPMedia * answer,
    gint payload, const gint * names)
{
  const gchar *rtpmap = gst_rcast_formats_find_rtpmap (answer, payload);
  g_autofree gchar *fmtp =
      rename_fmtp (find_value (answer, "fmtp", payload), names);
  const gchar *own = gst_rcast_formats_find_rtpmap (offer, payload);
  gint best = NONE;
  guint fit = 0;

  /* Without an rtpmap in the answer, the payload type means the same as in the offer. */
  if (own && (!rtpmap || (is_same_codec (own, rtpmap)
              && !is_retransmission (rtpmap))))
    return payload;
  for (guint i = 0; rtpmap && i < gst_sdp_media_formats_len (offer); i++) {
    gint candidate =
        gst_rcast_formats_parse (gst_sdp_media_get_format (offer, i));
    const gchar *offered =
        candidate != NONE ? gst_rcast_formats_find_rtpmap (offer, candidate) :
        NULL;
    guint this_fit;

    if (!offered || !is_same_codec (offered, rtpmap))
      continue;
    this_fit = rate_fit (find_value (offer, "fmtp", candidate), fmtp);
    if (this_fit > fit) {
      best = candidate;
      fit = this_fit;
    }
  }
  return best;
}

/* Maps the codecs first, then the retransmissions, which refer to a codec. */
static void
find_names (const GstSDPMedia * offer, const GstSDPMedia * answer, gint * names)
{
  for (guint i = 0; i < N_TYPES; i++)
    names[i] = NONE;
  for (guint pass = 0; pass < 2; pass++)
    for (guint i = 0; i < gst_sdp_media_formats_len (answer); i++) {
      gint payload =
          gst_rcast_formats_parse (gst_sdp_media_get_format (answer, i));
      const gchar *rtpmap =
          payload != NONE ? gst_rcast_formats_find_rtpmap (answer, payload) :
          NULL;

      if (payload != NONE
          && (rtpmap && is_retransmission (rtpmap)) == (pass == 1))
        names[payload] = find_offered (offer, answer, payload, names);
    }
}

/* Removes a format and its attributes. */
static void
remove_format (GstSDPMedia * media, guint index, gint payload)
{
  for (guint i = gst_sdp_media_attributes_len (media); i-- > 0;) {
    const GstSDPAttribute *attribute = gst_sdp_media_get_attribute (media, i);

    if (g_strv_contains (keys, attribute->key) && attribute->value
        && gst_rcast_formats_parse (attribute->value) == payload)
      gst_sdp_media_remove_attribute (media, i);
  }
  gst_sdp_media_remove_format (media, index);
}

/* Removes duplicates, and formats that were not offered: the offer may use their number for another
 * format. If none of the formats was offered, all stay, so that the error can name them. */
static void
remove_strangers (GstSDPMedia * answer, gint * names)
{
  guint64 taken[2] = { 0, 0 };
  guint known = 0;

  for (guint i = 0; i < N_TYPES; i++)
    known += names[i] != NONE;
  for (guint i = 0; known > 0 && i < gst_sdp_media_formats_len (answer);) {
    gint payload =
        gst_rcast_formats_parse (gst_sdp_media_get_format (answer, i));
    gint name = payload == NONE ? NONE : names[payload];

    if (name == NONE || taken[name / 64] >> name % 64 & 1) {
      remove_format (answer, i, payload);
      continue;
    }
    taken[name / 64] |= G_GUINT64_CONSTANT (1) << name % 64;
    i++;
  }
}

static void
rename_attribute (GstSDPMedia * media, guint index, const gint * names)
{
  const GstSDPAttribute *attribute = gst_sdp_media_get_attribute (media, index);
  GstSDPAttribute renamed = { NULL, NULL };
  const gchar *rest =
      attribute->value ? strchr (attribute->value, ' ') : NULL;
  gint payload;

  if (!rest || !g_strv_contains (keys, attribute->key))
    return;
  payload = gst_rcast_formats_parse (attribute->value);
  if (payload == NONE || names[payload] == NONE)
    return;
  renamed.key = g_strdup (attribute->key);
  if (g_str_equal (attribute->key, "fmtp")) {
    g_autofree gchar *fmtp = rename_fmtp (rest + 1, names);

    renamed.value = g_strdup_printf ("%d %s", names[payload], fmtp);
  } else
    renamed.value = g_strdup_printf ("%d%s", names[payload], rest);
  gst_sdp_media_replace_attribute (media, index, &renamed);
}

static void
rename_formats (GstSDPMedia * answer, const gint * names)
{
  for (guint i = 0; i < gst_sdp_media_formats_len (answer); i++) {
    gint payload =
        gst_rcast_formats_parse (gst_sdp_media_get_format (answer, i));

    if (payload != NONE && names[payload] != NONE) {
      g_autofree gchar *name = g_strdup_printf ("%d", names[payload]);

      gst_sdp_media_replace_format (answer, i, name);
    }
  }
  for (guint i = 0; i < gst_sdp_media_attributes_len (answer); i++)
    rename_attribute (answer, i, names);
}

/* Adds rtpmaps that the answer may leave out: those of static payload types and of the offer. */
static void
add_rtpmaps (const GstSDPMedia * offer, GstSDPMedia * answer)
{
  for (guint i = 0; i < gst_sdp_media_formats_len (answer); i++) {
    gint payload =
        gst_rcast_formats_parse (gst_sdp_media_get_format (answer, i));
    const gchar *rtpmap;
    g_autofree gchar *value = NULL;

    if (payload == NONE || find_value (answer, "rtpmap", payload))
      continue;
    rtpmap = gst_rcast_formats_find_rtpmap (offer, payload);
    if (!rtpmap)
      continue;
    value = g_strdup_printf ("%d %s", payload, rtpmap);
    gst_sdp_media_add_attribute (answer, "rtpmap", value);
  }
}

/**
 * gst_rcast_formats_align:
 * @offer: an m-section of our offer
 * @answer: the section that answers it
 *
 * An answer should use the offer's payload type for a codec, but need not (RFC 3264 6.1); packets
 * are sent with the answer's payload type. Afterwards @answer has the payload types of the offer,
 * and only formats that were offered, if there are any.
 *
 * Returns: payload type to send the first format with, or -1
 */
gint
gst_rcast_formats_align (const GstSDPMedia * offer, GstSDPMedia * answer)
{
  gint names[N_TYPES], payload;

  find_names (offer, answer, names);
  remove_strangers (answer, names);
  payload = gst_sdp_media_formats_len (answer) > 0 ?
      gst_rcast_formats_parse (gst_sdp_media_get_format (answer, 0)) : NONE;
  rename_formats (answer, names);
  add_rtpmaps (offer, answer);
  return payload;
}

static gboolean
is_taken (const GstSDPMessage * sdp, gint payload)
{
  for (guint i = 0; i < gst_sdp_message_medias_len (sdp); i++) {
    const GstSDPMedia *media = gst_sdp_message_get_media (sdp, i);

    for (guint j = 0; j < gst_sdp_media_formats_len (media); j++)
      if (gst_rcast_formats_parse (gst_sdp_media_get_format (media, j))
          == payload)
        return TRUE;
  }
  return FALSE;
}

/* Returns: the first payload type from @highest down to @lowest that no section has, or -1 */
gint
gst_rcast_formats_find_free (const GstSDPMessage * sdp, gint highest,
    gint lowest)
{
  gint payload = highest;

  while (payload >= lowest && is_taken (sdp, payload))
    payload--;
  return payload >= lowest ? payload : NONE;
}

/* Adds a format behind the others of @media. @rtpmap, @fmtp: without @payload */
void
gst_rcast_formats_add (GstSDPMedia * media, gint payload,
    const gchar * rtpmap, const gchar * fmtp)
{
  g_autofree gchar *format = g_strdup_printf ("%d", payload);
  g_autofree gchar *map = g_strdup_printf ("%d %s", payload, rtpmap);
  g_autofree gchar *parameters = g_strdup_printf ("%d %s", payload, fmtp);

  gst_sdp_media_add_format (media, format);
  gst_sdp_media_add_attribute (media, "rtpmap", map);
  gst_sdp_media_add_attribute (media, "fmtp", parameters);
}

/* Returns: whether @media has a format for retransmissions of @payload (RFC 4588 8.1) */
gboolean
gst_rcast_formats_has_rtx (const GstSDPMedia * media, gint payload)
{
  for (guint i = 0; i < gst_sdp_media_formats_len (media); i++) {
    gint other =
        gst_rcast_formats_parse (gst_sdp_media_get_format (media, i));
    const gchar *rtpmap =
        other != NONE ? gst_rcast_formats_find_rtpmap (media, other) : NULL;
    g_autofree gchar *apt =
        dup_parameter (other != NONE ? find_value (media, "fmtp", other) : NULL,
        "apt");

    if (rtpmap && is_retransmission (rtpmap) && apt
        && gst_rcast_formats_parse (apt) == payload)
      return TRUE;
  }
  return FALSE;
}
