/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changes SDP for ICE restarts, trickle and the log: pure functions on GstSDPMessage and text. */
#include "config.h"

#include "rcast-sdp.h"

#include <string.h>

/* No real description has more; bounds the work on a hostile one. */
#define MAX_MEDIAS 128
#define MAX_LINE 8192
/* RFC 8839 5.4: at most 256 characters each. */
#define MAX_CREDENTIAL 256
#define BYTE_ORDER_MARK "\357\273\277"

/* Returns: (transfer full): @text in UTF-8 without what editors and templates add to it: a
 * byte order mark, trailing blanks, blank lines. The session name may be a blank
 * (RFC 8866 5.3). */
static gchar *
get_clean_text (const gchar * text, gsize size)
{
  /* A session name in another charset is no reason to fail. */
  g_autofree gchar *valid = g_utf8_make_valid (text, size);
  g_auto (GStrv) lines = NULL;
  GString *clean = g_string_sized_new (size);

  lines = g_strsplit (g_str_has_prefix (valid, BYTE_ORDER_MARK) ?
      valid + strlen (BYTE_ORDER_MARK) : valid, "\n", -1);
  for (guint i = 0; lines[i]; i++) {
    if (*g_strchomp (lines[i]) != '\0')
      g_string_append_printf (clean, "%s%s\r\n", lines[i],
          g_str_equal (lines[i], "s=") ? " " : "");
  }
  return g_string_free (clean, FALSE);
}

static gboolean
check_text (const gchar * text, gssize * size, GError ** error)
{
  gsize line = 0;

  if (*size < 0)
    *size = strlen (text);
  if (*size > GST_RCAST_SDP_MAX_SIZE) {
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "SDP of %" G_GSSIZE_FORMAT " bytes is larger than %d", *size,
        GST_RCAST_SDP_MAX_SIZE);
    return FALSE;
  }
  if (memchr (text, '\0', *size)) {
    g_set_error_literal (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "SDP contains a NUL byte");
    return FALSE;
  }
  for (gssize i = 0; i < *size; i++) {
    line = text[i] == '\n' ? 0 : line + 1;
    if (line > MAX_LINE) {
      g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
          "SDP line is longer than %d bytes", MAX_LINE);
      return FALSE;
    }
  }
  return TRUE;
}

/* Every parsed candidate and m-section causes work later. */
static gboolean
check_counts (const GstSDPMessage * sdp, GError ** error)
{
  guint medias = gst_sdp_message_medias_len (sdp), candidates = 0;

  if (medias > MAX_MEDIAS) {
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "SDP has more than %d media sections", MAX_MEDIAS);
    return FALSE;
  }
  for (guint i = 0; i < medias; i++) {
    const GstSDPMedia *media = gst_sdp_message_get_media (sdp, i);

    for (guint j = 0; j < gst_sdp_media_attributes_len (media); j++) {
      if (g_str_equal (gst_sdp_media_get_attribute (media, j)->key,
              "candidate"))
        candidates++;
    }
  }
  if (candidates > GST_RCAST_SDP_MAX_CANDIDATES) {
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "SDP has more than %d candidates", GST_RCAST_SDP_MAX_CANDIDATES);
    return FALSE;
  }
  return TRUE;
}

/**
 * gst_rcast_sdp_parse:
 * @text: a session description, with CRLF or bare LF; a byte order mark, trailing blanks and
 *   blank lines are ignored
 * @size: bytes in @text, or -1 if it ends in NUL
 * @error: %GST_RCAST_ERROR_INVALID_DATA
 *
 * Returns: (transfer full): the description, or %NULL with @error
 *
 * Since: 0.1
 */
GstSDPMessage *
gst_rcast_sdp_parse (const gchar * text, gssize size, GError ** error)
{
  g_autoptr (GstSDPMessage) sdp = NULL;
  g_autofree gchar *clean = NULL;

  g_return_val_if_fail (text != NULL, NULL);

  if (!check_text (text, &size, error))
    return NULL;
  clean = get_clean_text (text, size);
  if (!g_str_has_prefix (clean, "v=0")) {
    g_set_error_literal (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "not SDP: does not begin with v=0");
    return NULL;
  }

  gst_sdp_message_new (&sdp);
  if (gst_sdp_message_parse_buffer ((const guint8 *) clean, strlen (clean),
          sdp) != GST_SDP_OK) {
    g_set_error_literal (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "SDP cannot be parsed");
    return NULL;
  }
  if (!check_counts (sdp, error))
    return NULL;
  return g_steal_pointer (&sdp);
}

/**
 * gst_rcast_sdp_get_bundle_mline:
 * @sdp: a description
 *
 * Returns: index of the m-section that carries the transport: the first mid of
 *   the BUNDLE group (RFC 9143 7.2), or 0 if there is no such group
 *
 * Since: 0.1
 */
guint
gst_rcast_sdp_get_bundle_mline (const GstSDPMessage * sdp)
{
  const gchar *group;

  g_return_val_if_fail (sdp != NULL, 0);

  for (guint n = 0;
      (group = gst_sdp_message_get_attribute_val_n (sdp, "group", n)); n++) {
    g_auto (GStrv) mids = NULL;

    if (!g_str_has_prefix (group, "BUNDLE "))
      continue;
    mids = g_strsplit (group + strlen ("BUNDLE "), " ", 2);
    for (guint i = 0; i < gst_sdp_message_medias_len (sdp); i++) {
      if (g_strcmp0 (gst_rcast_sdp_get_mid (sdp, i), mids[0]) == 0)
        return i;
    }
  }
  return 0;
}

/**
 * gst_rcast_sdp_is_bundled:
 * @sdp: a description
 * @mline: index of an m-section
 *
 * Returns: whether the m-section is in a BUNDLE group (RFC 9143 7.2)
 *
 * Since: 0.1
 */
gboolean
gst_rcast_sdp_is_bundled (const GstSDPMessage * sdp, guint mline)
{
  const gchar *mid, *group;

  g_return_val_if_fail (sdp != NULL, FALSE);

  mid = gst_rcast_sdp_get_mid (sdp, mline);
  for (guint n = 0; mid
      && (group = gst_sdp_message_get_attribute_val_n (sdp, "group", n)); n++) {
    g_auto (GStrv) words = g_strsplit (group, " ", -1);

    if (g_strcmp0 (words[0], "BUNDLE") == 0
        && g_strv_contains ((const gchar * const *) words + 1, mid))
      return TRUE;
  }
  return FALSE;
}

/* Returns: (nullable): mid of m-section @mline */
const gchar *
gst_rcast_sdp_get_mid (const GstSDPMessage * sdp, guint mline)
{
  g_return_val_if_fail (sdp != NULL, NULL);

  if (mline >= gst_sdp_message_medias_len (sdp))
    return NULL;
  return gst_sdp_media_get_attribute_val (gst_sdp_message_get_media (sdp,
          mline), "mid");
}

/* Looks in the m-section that carries the transport, in the session, then in any m-section. */
static const gchar *
find_attribute (const GstSDPMessage * sdp, const gchar * key)
{
  guint medias = gst_sdp_message_medias_len (sdp);
  guint first = gst_rcast_sdp_get_bundle_mline (sdp);
  const gchar *value = NULL;

  if (first < medias)
    value = gst_sdp_media_get_attribute_val (gst_sdp_message_get_media (sdp,
            first), key);
  if (!value)
    value = gst_sdp_message_get_attribute_val (sdp, key);
  for (guint i = 0; i < medias && !value; i++)
    value = gst_sdp_media_get_attribute_val (gst_sdp_message_get_media (sdp,
            i), key);
  return value;
}

/**
 * gst_rcast_sdp_get_credentials:
 * @sdp: a description
 * @ufrag: (out) (optional) (transfer none): its ICE user fragment
 * @pwd: (out) (optional) (transfer none): its ICE password
 *
 * Gets the credentials of the m-section that carries the transport.
 *
 * Returns: %FALSE, and nothing set, if either is missing
 *
 * Since: 0.1
 */
gboolean
gst_rcast_sdp_get_credentials (const GstSDPMessage * sdp,
    const gchar ** ufrag, const gchar ** pwd)
{
  const gchar *u, *p;

  g_return_val_if_fail (sdp != NULL, FALSE);

  u = find_attribute (sdp, "ice-ufrag");
  p = find_attribute (sdp, "ice-pwd");
  if (!u || !p || !*u || !*p)
    return FALSE;
  if (ufrag)
    *ufrag = u;
  if (pwd)
    *pwd = p;
  return TRUE;
}

static guint
replace_all (GArray * attributes, const gchar * key, const gchar * value)
{
  guint count = 0;

  for (guint i = 0; i < attributes->len; i++) {
    GstSDPAttribute *attribute = &g_array_index (attributes, GstSDPAttribute,
        i);

    if (g_strcmp0 (attribute->key, key) != 0)
      continue;
    gst_sdp_attribute_clear (attribute);
    gst_sdp_attribute_set (attribute, key, value);
    count++;
  }
  return count;
}

/* Replaces the attribute in the session and all m-sections. If there is none, it is added to the
 * m-section that carries the transport. */
static void
set_everywhere (GstSDPMessage * sdp, const gchar * key, const gchar * value)
{
  guint medias = gst_sdp_message_medias_len (sdp);
  guint count = replace_all (sdp->attributes, key, value);

  for (guint i = 0; i < medias; i++)
    count += replace_all (gst_sdp_message_get_media (sdp, i)->attributes, key,
        value);
  if (count > 0)
    return;
  if (medias > 0)
    gst_sdp_media_add_attribute ((GstSDPMedia *)
        gst_sdp_message_get_media (sdp, gst_rcast_sdp_get_bundle_mline (sdp)),
        key, value);
  else
    gst_sdp_message_add_attribute (sdp, key, value);
}

/**
 * gst_rcast_sdp_set_credentials:
 * @sdp: a description
 * @ufrag: the new ICE user fragment
 * @pwd: the new ICE password
 *
 * Replaces the credentials wherever they occur: bundled m-sections may repeat them, and all
 * must change at once (RFC 9143 7.3, RFC 8839 4.4.1.1.1).
 *
 * Since: 0.1
 */
void
gst_rcast_sdp_set_credentials (GstSDPMessage * sdp, const gchar * ufrag,
    const gchar * pwd)
{
  g_return_if_fail (sdp != NULL);
  g_return_if_fail (ufrag != NULL && pwd != NULL);

  set_everywhere (sdp, "ice-ufrag", ufrag);
  set_everywhere (sdp, "ice-pwd", pwd);
}

static gboolean
is_candidate_key (const gchar * key)
{
  static const gchar *const keys[] = {
    "candidate", "end-of-candidates", "remote-candidates", NULL
  };

  return key && g_strv_contains (keys, key);
}

/**
 * gst_rcast_sdp_remove_candidates:
 * @sdp: a description
 *
 * Removes all candidates and the attributes about candidates.
 *
 * Since: 0.1
 */
void
gst_rcast_sdp_remove_candidates (GstSDPMessage * sdp)
{
  g_return_if_fail (sdp != NULL);

  for (guint i = gst_sdp_message_attributes_len (sdp); i-- > 0;) {
    if (is_candidate_key (gst_sdp_message_get_attribute (sdp, i)->key))
      gst_sdp_message_remove_attribute (sdp, i);
  }
  for (guint i = 0; i < gst_sdp_message_medias_len (sdp); i++) {
    GstSDPMedia *media = (GstSDPMedia *) gst_sdp_message_get_media (sdp, i);

    for (guint j = gst_sdp_media_attributes_len (media); j-- > 0;) {
      if (is_candidate_key (gst_sdp_media_get_attribute (media, j)->key))
        gst_sdp_media_remove_attribute (media, j);
    }
  }
}

/* Fields of a candidate (RFC 8839 5.1) */
enum
{
  CANDIDATE_TRANSPORT = 2,
  CANDIDATE_ADDRESS = 4,
  CANDIDATE_PORT = 5,
  CANDIDATE_FIELDS
};

static gboolean
is_same_place (const gchar * a, const gchar * b)
{
  g_auto (GStrv) one = g_strsplit (a, " ", CANDIDATE_FIELDS + 1);
  g_auto (GStrv) other = g_strsplit (b, " ", CANDIDATE_FIELDS + 1);

  return g_strv_length (one) >= CANDIDATE_FIELDS
      && g_strv_length (other) >= CANDIDATE_FIELDS
      && g_ascii_strcasecmp (one[CANDIDATE_TRANSPORT],
      other[CANDIDATE_TRANSPORT]) == 0
      && g_ascii_strcasecmp (one[CANDIDATE_ADDRESS],
      other[CANDIDATE_ADDRESS]) == 0
      && g_str_equal (one[CANDIDATE_PORT], other[CANDIDATE_PORT]);
}

static gboolean
has_place (const GstSDPMedia * media, const gchar * candidate)
{
  const gchar *known;

  for (guint i = 0; (known = gst_sdp_media_get_attribute_val_n (media,
              "candidate", i)); i++)
    if (is_same_place (known, candidate))
      return TRUE;
  return FALSE;
}

/**
 * gst_rcast_sdp_dup_candidate_ufrag:
 * @candidate: a candidate
 *
 * Returns: (transfer full) (nullable): the `ufrag` of @candidate (RFC 8840 4.1)
 *
 * Since: 0.1
 */
gchar *
gst_rcast_sdp_dup_candidate_ufrag (const gchar * candidate)
{
  const gchar *at;

  g_return_val_if_fail (candidate != NULL, NULL);

  at = strstr (candidate, " ufrag ");
  if (!at)
    return NULL;
  at += strlen (" ufrag ");
  return g_strndup (at, strcspn (at, " "));
}

/**
 * gst_rcast_sdp_is_unmoved:
 * @before: a description
 * @after: a later description of the same end
 *
 * Whether @after has candidates, and all of them are at addresses and ports that @before
 * named, too. Looks at the m-section that carries the bundle's transport.
 *
 * Since: 0.1
 */
gboolean
gst_rcast_sdp_is_unmoved (const GstSDPMessage * before,
    const GstSDPMessage * after)
{
  const GstSDPMedia *old, *new;
  const gchar *candidate;
  guint i;

  g_return_val_if_fail (before != NULL && after != NULL, FALSE);

  if (gst_sdp_message_medias_len (before) == 0
      || gst_sdp_message_medias_len (after) == 0)
    return FALSE;
  old = gst_sdp_message_get_media (before,
      gst_rcast_sdp_get_bundle_mline (before));
  new = gst_sdp_message_get_media (after,
      gst_rcast_sdp_get_bundle_mline (after));
  for (i = 0; (candidate = gst_sdp_media_get_attribute_val_n (new,
              "candidate", i)); i++)
    if (!has_place (old, candidate))
      return FALSE;
  return i > 0;
}

/* A secret ends at white space, a quote, or the escape of one in JSON. The escaped slash of
 * some JSON writers does not end it. */
static gsize
secret_length (const gchar * text)
{
  gsize n = 0;

  while (text[n] && !g_ascii_isspace (text[n]) && text[n] != '"') {
    if (text[n] == '\\' && text[n + 1] != '/')
      break;
    n++;
  }
  return n;
}

/* Takes @text. What a peer wrote must not reach a terminal as control sequences. */
static gchar *
make_printable (GString * text)
{
  g_autofree gchar *valid = g_utf8_make_valid (text->str, text->len);

  g_string_truncate (text, 0);
  for (const gchar * p = valid; *p; p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);
    gboolean white = c == '\r' || c == '\n' || c == '\t';

    g_string_append_unichar (text, g_unichar_iscntrl (c) && !white ? ' ' : c);
  }
  return g_string_free (text, FALSE);
}

/**
 * gst_rcast_sdp_redact:
 * @text: (nullable): SDP, a fragment of it, or JSON with SDP in a string
 *
 * Copies the whole text: call it only if the log level is enabled.
 *
 * Returns: (transfer full): @text with the secrets in it replaced by `***` and
 *   without control characters other than white space, fit for a log
 *
 * Since: 0.1
 */
gchar *
gst_rcast_sdp_redact (const gchar * text)
{
  static const gchar *const secrets[] = { "ice-pwd:", "inline:" };
  GString *out = g_string_new (NULL);

  while (text && *text) {
    gsize i;

    for (i = 0; i < G_N_ELEMENTS (secrets); i++) {
      if (g_ascii_strncasecmp (text, secrets[i], strlen (secrets[i])) == 0)
        break;
    }
    if (i == G_N_ELEMENTS (secrets)) {
      g_string_append_c (out, *text++);
      continue;
    }
    g_string_append_len (out, text, strlen (secrets[i]));
    text += strlen (secrets[i]);
    while (*text == ' ')
      text++;
    text += secret_length (text);
    g_string_append (out, "***");
  }
  return make_printable (out);
}

/* Returns: (transfer full): an empty fragment */
GstRcastSdpFragment *
gst_rcast_sdp_fragment_new (void)
{
  GstRcastSdpFragment *fragment = g_new0 (GstRcastSdpFragment, 1);

  fragment->candidates = g_ptr_array_new_with_free_func (g_free);
  return fragment;
}

void
gst_rcast_sdp_fragment_free (GstRcastSdpFragment * fragment)
{
  if (!fragment)
    return;
  g_free (fragment->ufrag);
  g_free (fragment->pwd);
  g_free (fragment->ice_options);
  g_free (fragment->mid);
  g_ptr_array_unref (fragment->candidates);
  g_free (fragment);
}

/* Servers do not all keep to RFC 8839's ice-char. Refuses what cannot be in a line or an
 * ICE user name. */
static gboolean
is_credential (const gchar * text)
{
  gsize n = 0;

  for (; text[n]; n++) {
    if (text[n] == ':' || !g_ascii_isgraph (text[n]) || n >= MAX_CREDENTIAL)
      return FALSE;
  }
  return n > 0;
}

/* RFC 8839 5.1: foundation component transport priority address port "typ" type */
static gboolean
is_candidate (const gchar * text)
{
  g_auto (GStrv) words = NULL;

  for (const gchar * p = text; *p; p++) {
    if (!g_ascii_isprint (*p))
      return FALSE;
  }
  words = g_strsplit (text, " ", 9);
  return g_strv_length (words) >= 8
      && g_ascii_strcasecmp (words[6], "typ") == 0 && *words[7];
}

/* Collects what a fragment has in its session part and its m-sections. */
typedef struct
{
  GstRcastSdpFragment *fragment;
  GHashTable *seen;             /* candidates, borrowed */
  guint lines;                  /* lines about ICE */
  gint mline;                   /* -1: session part */
  gchar *mid;                   /* of the present m-section */
} FragmentParser;

static gboolean
take_credential (gchar ** to, const gchar * value, GError ** error)
{
  if (!is_credential (value)) {
    g_set_error_literal (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "ICE credential with characters that it cannot have, or too long");
    return FALSE;
  }
  /* All m-sections of a bundle have the same credentials; the first ones count. */
  if (!*to)
    *to = g_strdup (value);
  return TRUE;
}

static gboolean
take_candidate (FragmentParser * parser, const gchar * candidate,
    GError ** error)
{
  GPtrArray *candidates = parser->fragment->candidates;
  gchar *copy;

  /* Perhaps of a later version of the grammar: ignored (RFC 8839 5.1). */
  if (!is_candidate (candidate)
      || g_hash_table_contains (parser->seen, candidate))
    return TRUE;
  if (candidates->len >= GST_RCAST_SDP_MAX_CANDIDATES) {
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "fragment has more than %d candidates", GST_RCAST_SDP_MAX_CANDIDATES);
    return FALSE;
  }
  copy = g_strdup (candidate);
  g_ptr_array_add (candidates, copy);
  g_hash_table_add (parser->seen, copy);
  return TRUE;
}

static gboolean
parse_attribute (FragmentParser * parser, const gchar * attribute,
    GError ** error)
{
  GstRcastSdpFragment *fragment = parser->fragment;
  const gchar *value = strchr (attribute, ':');
  gsize length = value ? value - attribute : strlen (attribute);
  g_autofree gchar *key = g_ascii_strdown (attribute, length);

  value = value ? value + 1 : "";
  while (*value == ' ')
    value++;

  if (g_str_equal (key, "ice-ufrag")) {
    parser->lines++;
    return take_credential (&fragment->ufrag, value, error);
  }
  if (g_str_equal (key, "ice-pwd")) {
    parser->lines++;
    return take_credential (&fragment->pwd, value, error);
  }
  if (g_str_equal (key, "candidate")) {
    parser->lines++;
    return take_candidate (parser, attribute, error);
  }
  if (g_str_equal (key, "end-of-candidates")) {
    parser->lines++;
    fragment->end_of_candidates = TRUE;
  } else if (g_str_equal (key, "ice-lite")) {
    parser->lines++;
    fragment->ice_lite = TRUE;
  } else if (g_str_equal (key, "ice-options")) {
    parser->lines++;
    if (!fragment->ice_options)
      fragment->ice_options = g_strdup (value);
  } else if (g_str_equal (key, "mid")) {
    /* Only the first m-section counts: the others share its transport. */
    if (parser->mline == 0 && !fragment->mid)
      fragment->mid = g_strdup (value);
  }
  return TRUE;
}

/**
 * gst_rcast_sdp_fragment_parse:
 * @text: body of type `application/trickle-ice-sdpfrag`, or a whole description
 * @size: bytes in @text, or -1 if it ends in NUL
 * @error: %GST_RCAST_ERROR_INVALID_DATA
 *
 * Takes each candidate of the session part and of all m-sections once. Skips unknown
 * lines and candidates that cannot be understood.
 *
 * Returns: (transfer full): the fragment, or %NULL with @error if @text has
 *   nothing about ICE, or more than is reasonable
 *
 * Since: 0.1
 */
GstRcastSdpFragment *
gst_rcast_sdp_fragment_parse (const gchar * text, gssize size, GError ** error)
{
  g_autoptr (GstRcastSdpFragment) fragment = NULL;
  g_autoptr (GHashTable) seen = NULL;
  g_autofree gchar *clean = NULL;
  g_auto (GStrv) lines = NULL;
  FragmentParser parser = { 0, };

  g_return_val_if_fail (text != NULL, NULL);

  if (!check_text (text, &size, error))
    return NULL;
  clean = get_clean_text (text, size);
  lines = g_strsplit (clean, "\r\n", -1);
  fragment = gst_rcast_sdp_fragment_new ();
  seen = g_hash_table_new (g_str_hash, g_str_equal);
  parser.fragment = fragment;
  parser.seen = seen;
  parser.mline = -1;

  for (guint i = 0; lines[i]; i++) {
    if (g_str_has_prefix (lines[i], "m="))
      parser.mline++;
    else if (g_str_has_prefix (lines[i], "a=")
        && !parse_attribute (&parser, lines[i] + 2, error))
      return NULL;
  }
  if (parser.lines == 0) {
    g_set_error_literal (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "SDP fragment has nothing about ICE in it");
    return NULL;
  }
  return g_steal_pointer (&fragment);
}

/* Returns: the m-section of the fragment: by mid, else by index, else the one that
 * carries the transport */
static guint
find_mline (const GstRcastSdpFragment * fragment,
    const GstSDPMessage * description)
{
  guint medias = gst_sdp_message_medias_len (description);

  for (guint i = 0; i < medias && fragment->mid; i++) {
    if (g_strcmp0 (gst_rcast_sdp_get_mid (description, i), fragment->mid) == 0)
      return i;
  }
  if (!fragment->mid && fragment->mline < medias)
    return fragment->mline;
  return gst_rcast_sdp_get_bundle_mline (description);
}

static void
print_mline (GString * out, const GstSDPMedia * media)
{
  g_string_append_printf (out, "m=%s %u", media->media, media->port);
  if (media->num_ports > 1)
    g_string_append_printf (out, "/%u", media->num_ports);
  g_string_append_printf (out, " %s", media->proto);
  for (guint i = 0; i < gst_sdp_media_formats_len (media); i++)
    g_string_append_printf (out, " %s", gst_sdp_media_get_format (media, i));
  g_string_append (out, "\r\n");
}

static void
print_attribute (GString * out, const gchar * key, const gchar * value)
{
  if (value && *value)
    g_string_append_printf (out, "a=%s:%s\r\n", key, value);
}

/**
 * gst_rcast_sdp_fragment_print:
 * @fragment: the fragment
 * @description: the offer that it belongs to: gives m-line, mid, BUNDLE group and ice-options
 *
 * Prints one m-section, with the credentials in it and nowhere else: the form that every
 * known server accepts.
 *
 * Returns: (transfer full): body of type `application/trickle-ice-sdpfrag`
 *
 * Since: 0.1
 */
gchar *
gst_rcast_sdp_fragment_print (const GstRcastSdpFragment * fragment,
    const GstSDPMessage * description)
{
  GString *out;
  const gchar *mid, *group;
  guint mline;

  g_return_val_if_fail (fragment != NULL, NULL);
  g_return_val_if_fail (description != NULL, NULL);

  out = g_string_new (NULL);
  mline = find_mline (fragment, description);
  mid = gst_rcast_sdp_get_mid (description, mline);

  if (fragment->ice_lite)
    g_string_append (out, "a=ice-lite\r\n");
  print_attribute (out, "ice-options", fragment->ice_options ?
      fragment->ice_options : find_attribute (description, "ice-options"));
  for (guint n = 0; (group = gst_sdp_message_get_attribute_val_n (description,
              "group", n)); n++) {
    if (g_str_has_prefix (group, "BUNDLE "))
      print_attribute (out, "group", group);
  }
  /* RFC 8840 4.4: the m-line only marks the place. */
  if (mline < gst_sdp_message_medias_len (description))
    print_mline (out, gst_sdp_message_get_media (description, mline));
  else
    g_string_append (out, "m=audio 9 RTP/AVP 0\r\n");
  print_attribute (out, "mid", mid ? mid : fragment->mid);
  print_attribute (out, "ice-ufrag", fragment->ufrag);
  print_attribute (out, "ice-pwd", fragment->pwd);
  for (guint i = 0; i < fragment->candidates->len; i++)
    g_string_append_printf (out, "a=%s\r\n",
        (const gchar *) g_ptr_array_index (fragment->candidates, i));
  if (fragment->end_of_candidates)
    g_string_append (out, "a=end-of-candidates\r\n");
  return g_string_free (out, FALSE);
}

/**
 * gst_rcast_sdp_apply_fragment:
 * @description: the description before the restart
 * @fragment: the answer to the restart
 * @error: %GST_RCAST_ERROR_INVALID_DATA
 *
 * Turns @description into the one after the restart: replaces credentials and candidates,
 * and nothing else (RFC 9725 4.3.3).
 *
 * Returns: %FALSE, with @description untouched, if @fragment has no credentials
 *
 * Since: 0.1
 */
gboolean
gst_rcast_sdp_apply_fragment (GstSDPMessage * description,
    const GstRcastSdpFragment * fragment, GError ** error)
{
  GstSDPMedia *media;

  g_return_val_if_fail (description != NULL, FALSE);
  g_return_val_if_fail (fragment != NULL, FALSE);

  if (!fragment->ufrag || !fragment->pwd) {
    g_set_error_literal (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "SDP fragment has no ICE credentials");
    return FALSE;
  }
  if (gst_sdp_message_medias_len (description) == 0) {
    g_set_error_literal (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "the description has no media section to restart");
    return FALSE;
  }
  gst_rcast_sdp_set_credentials (description, fragment->ufrag, fragment->pwd);
  gst_rcast_sdp_remove_candidates (description);
  media = (GstSDPMedia *) gst_sdp_message_get_media (description,
      gst_rcast_sdp_get_bundle_mline (description));
  for (guint i = 0; i < fragment->candidates->len; i++) {
    const gchar *candidate = g_ptr_array_index (fragment->candidates, i);

    /* The attribute's key is "candidate", so skip "candidate:". */
    gst_sdp_media_add_attribute (media, "candidate",
        strchr (candidate, ':') + 1);
  }
  if (fragment->end_of_candidates)
    gst_sdp_media_add_attribute (media, "end-of-candidates", NULL);
  return TRUE;
}
