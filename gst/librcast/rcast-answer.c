/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Completes an answer: fills in what the RFCs let a server leave out. */
#include "config.h"

#include "rcast-answer.h"

#include <string.h>

#include "rcast-error.h"
#include "rcast-formats.h"
#include "rcast-red.h"
#include "rcast-sdp.h"

#define BUNDLE "BUNDLE "
#define MAX_CREDENTIAL 256      /* RFC 8839 5.4 */

/* Attributes of a transport */
static const gchar *const transport_keys[] =
    { "ice-ufrag", "ice-pwd", "fingerprint", "setup" };

static GstSDPMedia *
get_media (GstSDPMessage * sdp, guint i)
{
  return (GstSDPMedia *) gst_sdp_message_get_media (sdp, i);
}

static gboolean
media_has (const GstSDPMedia * media, const gchar * key)
{
  return gst_sdp_media_get_attribute_val (media, key) != NULL;
}

/* Returns: (transfer full) (nullable): the codec that the m-section names first */
static gchar *
dup_codec (const GstSDPMedia * media)
{
  const gchar *format = gst_sdp_media_formats_len (media) > 0 ?
      gst_sdp_media_get_format (media, 0) : "";
  const gchar *rtpmap;

  for (guint n = 0; (rtpmap = gst_sdp_media_get_attribute_val_n (media,
              "rtpmap", n)); n++) {
    gsize length = strlen (format);

    if (strncmp (rtpmap, format, length) == 0 && rtpmap[length] == ' ')
      return g_strndup (rtpmap + length + 1,
          strcspn (rtpmap + length + 1, "/"));
  }
  return NULL;
}

/**
 * gst_rcast_answer_describe:
 * @offer: our offer
 * @mline: index of an m-section
 *
 * Returns: (transfer full): a human-readable name of the section: `m-section 1 (audio OPUS)`
 */
gchar *
gst_rcast_answer_describe (const GstSDPMessage * offer, guint mline)
{
  const GstSDPMedia *media = gst_sdp_message_get_media (offer, mline);
  g_autofree gchar *codec = dup_codec (media);

  return g_strdup_printf ("m-section %u (%s%s%s)", mline,
      gst_sdp_media_get_media (media), codec ? " " : "", codec ? codec : "");
}

static gboolean
has_bundle (const GstSDPMessage * sdp)
{
  const gchar *group;

  for (guint n = 0;
      (group = gst_sdp_message_get_attribute_val_n (sdp, "group", n)); n++) {
    if (g_str_has_prefix (group, BUNDLE))
      return TRUE;
  }
  return FALSE;
}

/**
 * gst_rcast_answer_rejects:
 * @answer: an answer
 * @mline: index of an m-section
 *
 * Returns: whether the section is rejected: port 0 (RFC 3264 6), unless it is part
 *   of a bundle (RFC 9143 7.3.3)
 */
gboolean
gst_rcast_answer_rejects (const GstSDPMessage * answer, guint mline)
{
  return gst_sdp_media_get_port (gst_sdp_message_get_media (answer, mline)) == 0
      && !gst_rcast_sdp_is_bundled (answer, mline);
}

static gboolean
check_sections (const GstSDPMessage * offer, const GstSDPMessage * answer,
    GError ** error)
{
  guint wanted = gst_sdp_message_medias_len (offer);
  guint got = gst_sdp_message_medias_len (answer);

  if (got != wanted) {
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "it has %u m-sections, the offer %u (RFC 3264 6 wants the same)", got,
        wanted);
    return FALSE;
  }
  for (guint i = 0; i < wanted; i++) {
    const gchar *kind =
        gst_sdp_media_get_media (gst_sdp_message_get_media (answer, i));
    g_autofree gchar *section = NULL;

    if (g_strcmp0 (kind, gst_sdp_media_get_media (gst_sdp_message_get_media
                (offer, i))) == 0)
      continue;
    section = gst_rcast_answer_describe (offer, i);
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "%s is answered by a section of %.20s (RFC 3264 6 wants the same order)",
        section, kind ? kind : "nothing");
    return FALSE;
  }
  return TRUE;
}

static void
remove_attributes (GstSDPMedia * media, const gchar * key)
{
  for (guint i = gst_sdp_media_attributes_len (media); i-- > 0;) {
    if (g_str_equal (gst_sdp_media_get_attribute (media, i)->key, key))
      gst_sdp_media_remove_attribute (media, i);
  }
}

static void
remove_session_attributes (GstSDPMessage * sdp, const gchar * key)
{
  for (guint i = gst_sdp_message_attributes_len (sdp); i-- > 0;) {
    if (g_str_equal (gst_sdp_message_get_attribute (sdp, i)->key, key))
      gst_sdp_message_remove_attribute (sdp, i);
  }
}

static gboolean
fail (GError ** error, const GstSDPMessage * offer, guint mline,
    const gchar * fault)
{
  g_autofree gchar *section = gst_rcast_answer_describe (offer, mline);

  g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
      "%s %s", section, fault);
  return FALSE;
}

/* RFC 5888 9.2: if two sections have the same mid, a group cannot tell them apart. */
static gboolean
check_mids (const GstSDPMessage * offer, const GstSDPMessage * answer,
    GError ** error)
{
  for (guint i = 1; i < gst_sdp_message_medias_len (answer); i++) {
    const gchar *mid = gst_rcast_sdp_get_mid (answer, i);
    g_autofree gchar *fault = NULL;
    guint k = 0;

    while (k < i && g_strcmp0 (gst_rcast_sdp_get_mid (answer, k), mid) != 0)
      k++;
    if (!mid || k == i)
      continue;
    fault = g_strdup_printf ("has the mid of m-section %u (RFC 5888 9.2 wants one "
        "of its own)", k);
    return fail (error, offer, i, fault);
  }
  return TRUE;
}

/* Port 0 rejects a section, unless bundle-only says that it uses the port of the bundle. Some
 * servers leave rejected sections in the group. */
static gboolean
is_shut (const GstSDPMedia * media)
{
  return gst_sdp_media_get_port (media) == 0
      && !media_has (media, "bundle-only");
}

static void
set_mid (GstSDPMedia * media, const gchar * mid)
{
  if (g_strcmp0 (gst_sdp_media_get_attribute_val (media, "mid"), mid) == 0)
    return;
  remove_attributes (media, "mid");
  gst_sdp_media_add_attribute (media, "mid", mid);
}

/* Gives the answer the mids of the offer. The order pairs the sections (RFC 3264 6).
 * Returns: (transfer full): a map from the answer's mids to ours; a section without a mid is
 * listed by ours */
static GHashTable *
take_mids (const GstSDPMessage * offer, GstSDPMessage * answer)
{
  GHashTable *map = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      g_free);

  for (guint i = 0; i < gst_sdp_message_medias_len (answer); i++) {
    GstSDPMedia *media = get_media (answer, i);
    const gchar *ours = gst_rcast_sdp_get_mid (offer, i);
    const gchar *theirs = gst_rcast_sdp_get_mid (answer, i);

    if (!ours)
      continue;
    if (!is_shut (media))
      g_hash_table_insert (map, g_strdup (theirs ? theirs : ours),
          g_strdup (ours));
    set_mid (media, ours);
  }
  return map;
}

/* A peer connection reads the first group only, and needs no other. */
static void
set_group (GstSDPMessage * answer, const gchar * value)
{
  for (guint i = gst_sdp_message_attributes_len (answer); i-- > 0;)
    if (g_str_equal (gst_sdp_message_get_attribute (answer, i)->key, "group"))
      gst_sdp_message_remove_attribute (answer, i);
  if (strlen (value) > strlen (BUNDLE))
    gst_sdp_message_add_attribute (answer, "group", value);
}

/* Appends our mids of the sections that @group, a bundle, names. Returns: their number */
static guint
append_members (GString * members, const gchar * group, GHashTable * mids)
{
  g_auto (GStrv) words = g_strsplit (group, " ", -1);
  guint n = 0;

  for (guint i = 1; g_strcmp0 (words[0], "BUNDLE") == 0 && words[i]; i++) {
    const gchar *ours = g_hash_table_lookup (mids, words[i]);

    if (!ours)
      continue;
    g_string_append_printf (members, " %s", ours);
    g_hash_table_remove (mids, words[i]);
    n++;
  }
  return n;
}

/* Rewrites the group with our mids. RFC 9143 7.3: an answer only bundles what the offer bundles. */
static gboolean
rename_group (const GstSDPMessage * offer, GstSDPMessage * answer,
    GHashTable * mids, GError ** error)
{
  g_autoptr (GString) value = g_string_new ("BUNDLE");
  const gchar *group, *fault = NULL;
  guint members = 0, bundles = 0;

  for (guint n = 0;
      (group = gst_sdp_message_get_attribute_val_n (answer, "group", n)); n++) {
    guint more = append_members (value, group, mids);

    members += more;
    bundles += more > 0;
  }
  if (bundles > 1)
    fault = "it has a second BUNDLE group, the offer has one (RFC 9143 7.3)";
  else if (members > 1 && !has_bundle (offer))
    fault = "it bundles, which was not offered (RFC 9143 7.3)";
  if (fault)
    g_set_error_literal (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        fault);
  else
    set_group (answer, value->str);
  return fault == NULL;
}

/* Returns: (nullable): the @n-th value of @key in section @media, or in the session if the
 * section has none */
static const gchar *
get_value (const GstSDPMessage * sdp, const GstSDPMedia * media,
    const gchar * key, guint n)
{
  return media_has (media, key) ?
      gst_sdp_media_get_attribute_val_n (media, key, n) :
      gst_sdp_message_get_attribute_val_n (sdp, key, n);
}

/* Returns: (transfer full) (nullable): credentials and candidates of section @media; NULL if it
 * lacks either, as with a server that trickles */
static gchar *
dup_transport (const GstSDPMessage * sdp, const GstSDPMedia * media)
{
  const gchar *ufrag = get_value (sdp, media, "ice-ufrag", 0);
  const gchar *pwd = get_value (sdp, media, "ice-pwd", 0);
  g_autoptr (GString) text = g_string_new (NULL);
  const gchar *candidate;
  guint n;

  if (!ufrag || !pwd)
    return NULL;
  g_string_append_printf (text, "%s %s", ufrag, pwd);
  for (n = 0; (candidate = get_value (sdp, media, "candidate", n)); n++)
    g_string_append_printf (text, "\n%s", candidate);
  return n > 0 ? g_strdup (text->str) : NULL;
}

/* Counts accepted sections, inside or outside of the bundle. */
static guint
count_taken (const GstSDPMessage * answer, gboolean bundled, guint * last)
{
  guint n = 0;

  for (guint i = 0; i < gst_sdp_message_medias_len (answer); i++) {
    if (gst_rcast_answer_rejects (answer, i)
        || gst_rcast_sdp_is_bundled (answer, i) != bundled)
      continue;
    n++;
    *last = i;
  }
  return n;
}

/* Equal credentials do not suffice: transports may share them (RFC 8839 5.4). */
static gboolean
is_of_one_transport (const GstSDPMessage * answer)
{
  g_autofree gchar *first = NULL;

  for (guint i = 0; i < gst_sdp_message_medias_len (answer); i++) {
    const GstSDPMedia *media = gst_sdp_message_get_media (answer, i);
    g_autofree gchar *transport = NULL;

    if (gst_sdp_media_get_port (media) == 0)
      continue;
    transport = dup_transport (answer, media);
    if (!transport || (first && !g_str_equal (transport, first)))
      return FALSE;
    if (!first)
      first = g_steal_pointer (&transport);
  }
  return first != NULL;
}

/* Sections with the same credentials and candidates are one transport, whatever the answer says:
 * servers that always bundle leave out the group and the mids. */
static void
imply_group (const GstSDPMessage * offer, GstSDPMessage * answer)
{
  g_autoptr (GString) value = g_string_new ("BUNDLE");
  guint last, outside = count_taken (answer, FALSE, &last);
  guint taken = outside + count_taken (answer, TRUE, &last);

  if (outside == 0 || !has_bundle (offer)
      || gst_sdp_message_medias_len (answer) < 2
      || (taken > 1 && !is_of_one_transport (answer)))
    return;
  for (guint i = 0; i < gst_sdp_message_medias_len (answer); i++) {
    if (gst_sdp_media_get_port (gst_sdp_message_get_media (answer, i)) != 0)
      g_string_append_printf (value, " %s", gst_rcast_sdp_get_mid (answer, i));
  }
  set_group (answer, value->str);
}

/* RFC 9143 7.3.2 lets a section stay outside. Peer connections bundle all sections or none. */
static gboolean
check_bundle (const GstSDPMessage * offer, GstSDPMessage * answer,
    GError ** error)
{
  guint last = 0, inside = count_taken (answer, TRUE, &last);

  if (inside == 0 || count_taken (answer, FALSE, &last) == 0)
    return TRUE;
  if (inside > 1)
    return fail (error, offer, last, "is left out of the bundle of the others, "
        "which is not supported: bundle-policy=none would help");
  set_group (answer, "BUNDLE");
  return TRUE;
}

/* RFC 9143 6: a bundled section may have port 0. To a peer connection port 0 is always a
 * rejection. */
static void
open_bundle_only (GstSDPMessage * answer)
{
  for (guint i = 0; i < gst_sdp_message_medias_len (answer); i++) {
    GstSDPMedia *media = get_media (answer, i);

    if (!media_has (media, "bundle-only")
        || !gst_rcast_sdp_is_bundled (answer, i))
      continue;
    remove_attributes (media, "bundle-only");
    gst_sdp_media_set_port_info (media, 9, 1);
  }
}

/* Settles which sections share a transport, by the mids of the offer. */
static gboolean
settle_bundle (const GstSDPMessage * offer, GstSDPMessage * answer,
    GError ** error)
{
  g_autoptr (GHashTable) mids = take_mids (offer, answer);

  if (!rename_group (offer, answer, mids, error))
    return FALSE;
  imply_group (offer, answer);
  open_bundle_only (answer);
  return check_bundle (offer, answer, error);
}

static void
copy_from_media (GstSDPMedia * to, const GstSDPMedia * from, const gchar * key)
{
  const gchar *value;

  for (guint n = 0;
      (value = gst_sdp_media_get_attribute_val_n (from, key, n)); n++)
    gst_sdp_media_add_attribute (to, key, value);
}

static void
copy_from_session (GstSDPMedia * to, const GstSDPMessage * from,
    const gchar * key)
{
  const gchar *value;

  for (guint n = 0;
      (value = gst_sdp_message_get_attribute_val_n (from, key, n)); n++)
    gst_sdp_media_add_attribute (to, key, value);
}

static gboolean
is_same (const GstSDPMedia * one, const GstSDPMedia * other, const gchar * key)
{
  const gchar *value;
  guint n = 0;

  for (; (value = gst_sdp_media_get_attribute_val_n (one, key, n)); n++)
    if (g_strcmp0 (value, gst_sdp_media_get_attribute_val_n (other, key, n))
        != 0)
      return FALSE;
  return gst_sdp_media_get_attribute_val_n (other, key, n) == NULL;
}

/* Sets @key of section @i: the bundle's value overrides its own (RFC 9143 7.1.3); if it has
 * neither, it gets the session's. */
static void
fill_in (GstSDPMessage * answer, guint i, const gchar * key)
{
  GstSDPMedia *media = get_media (answer, i);
  guint carrier = gst_rcast_sdp_get_bundle_mline (answer);
  const GstSDPMedia *tagged = get_media (answer, carrier);

  if (i != carrier && media_has (tagged, key) && !is_same (media, tagged, key)
      && (gst_rcast_sdp_is_bundled (answer, i)
          || gst_rcast_answer_rejects (answer, i))) {
    remove_attributes (media, key);
    copy_from_media (media, tagged, key);
  }
  if (!media_has (media, key))
    copy_from_session (media, answer, key);
}

/* Drops transport attributes without a value. */
static void
drop_empty_transport (GstSDPMessage * answer, GstSDPMedia * media)
{
  for (guint k = 0; k < G_N_ELEMENTS (transport_keys); k++) {
    const gchar *key = transport_keys[k];
    const gchar *above = gst_sdp_message_get_attribute_val (answer, key);
    const gchar *own = gst_sdp_media_get_attribute_val (media, key);

    if (own && *own == '\0')
      remove_attributes (media, key);
    if (above && *above == '\0')
      remove_session_attributes (answer, key);
  }
}

static void
fill_in_all (GstSDPMessage * answer, guint i)
{
  for (guint k = 0; k < G_N_ELEMENTS (transport_keys); k++)
    fill_in (answer, i, transport_keys[k]);
}

/* ICE needs both credentials: half a pair is dropped. */
static void
drop_half_credentials (GstSDPMedia * media)
{
  if (media_has (media, "ice-ufrag") == media_has (media, "ice-pwd"))
    return;
  remove_attributes (media, "ice-ufrag");
  remove_attributes (media, "ice-pwd");
}

/* RFC 5763 5: an answer chooses a role. Servers that repeat the offer's actpass are active, as are
 * those that say nothing (RFC 4145 4). */
static gboolean
choose_setup (GstSDPMedia * media)
{
  const gchar *setup = gst_sdp_media_get_attribute_val (media, "setup");

  if (!setup || g_str_equal (setup, "actpass")) {
    remove_attributes (media, "setup");
    gst_sdp_media_add_attribute (media, "setup", "active");
    return TRUE;
  }
  return g_str_equal (setup, "active") || g_str_equal (setup, "passive");
}

/* Credentials shorter than RFC 8839 5.4 demands do no harm. */
static gboolean
is_credential (const gchar * text)
{
  gsize length = strlen (text);

  for (const gchar * c = text; *c; c++)
    if (!g_ascii_isgraph (*c))
      return FALSE;
  return length > 0 && length <= MAX_CREDENTIAL;
}

static gboolean
has_credentials (const GstSDPMedia * media)
{
  const gchar *ufrag = gst_sdp_media_get_attribute_val (media, "ice-ufrag");
  const gchar *pwd = gst_sdp_media_get_attribute_val (media, "ice-pwd");

  return ufrag && pwd && is_credential (ufrag) && is_credential (pwd);
}

/* RFC 9143 7.1.3 lets the transport attributes appear once per bundle, RFC 8839 5.4 and
 * RFC 8122 5 at session level. RFC 4145 4 takes an answerer without a=setup for active. */
static gboolean
fill_in_transport (const GstSDPMessage * offer, GstSDPMessage * answer,
    guint i, GError ** error)
{
  GstSDPMedia *media = get_media (answer, i);
  const gchar *fault = NULL;

  fill_in_all (answer, i);
  if (!choose_setup (media))
    fault = "has a setup that is neither active nor passive (RFC 5763 5)";
  else if (!media_has (media, "ice-ufrag") || !media_has (media, "ice-pwd"))
    fault = "has no ICE credentials (ice-ufrag and ice-pwd), nor has its "
        "bundle or the session";
  else if (!has_credentials (media))
    fault = "has ICE credentials that are none (RFC 8839 5.4)";
  else if (!media_has (media, "fingerprint"))
    fault = "has no DTLS fingerprint, nor has its bundle or the session";
  if (!fault || gst_rcast_answer_rejects (answer, i))
    return TRUE;
  return fail (error, offer, i, fault);
}

/* Candidates of a bundle belong to the section that carries it. Some servers list them at session
 * level or in another section. */
static void
gather_candidates (GstSDPMessage * answer)
{
  guint carrier = gst_rcast_sdp_get_bundle_mline (answer);
  GstSDPMedia *media = get_media (answer, carrier);

  if (media_has (media, "candidate"))
    return;
  copy_from_session (media, answer, "candidate");
  for (guint i = 0; i < gst_sdp_message_medias_len (answer)
      && !media_has (media, "candidate"); i++) {
    if (i != carrier && gst_rcast_sdp_is_bundled (answer, i))
      copy_from_media (media, get_media (answer, i), "candidate");
  }
}

static const gchar *const directions[] =
    { "sendonly", "recvonly", "inactive", "sendrecv" };

/* Returns: the direction of section @i, from the section itself or the session */
static const gchar *
get_direction (const GstSDPMessage * sdp, guint i)
{
  const GstSDPMedia *media = gst_sdp_message_get_media (sdp, i);

  for (guint d = 0; d < G_N_ELEMENTS (directions); d++)
    if (media_has (media, directions[d]))
      return directions[d];
  for (guint d = 0; d < G_N_ELEMENTS (directions); d++)
    if (gst_sdp_message_get_attribute_val (sdp, directions[d]))
      return directions[d];
  return "sendrecv";            /* RFC 8866 6.7 */
}

static void
set_direction (GstSDPMedia * media, const gchar * direction)
{
  for (guint d = 0; d < G_N_ELEMENTS (directions); d++)
    if (!g_str_equal (directions[d], direction))
      remove_attributes (media, directions[d]);
  if (!media_has (media, direction))
    gst_sdp_media_add_attribute (media, direction, "");
}

/* If we only send, the server only receives; if we only receive, it only sends. Some servers repeat
 * the offer's direction, or state none. A server that states the opposite, or inactive, does not
 * want the stream or does not have it. */
static void
choose_direction (const GstSDPMessage * offer, GstSDPMessage * answer, guint i)
{
  const gchar *direction = get_direction (answer, i);
  const gchar *ours = get_direction (offer, i);
  const gchar *theirs =
      g_str_equal (ours, "recvonly") ? "sendonly" : "recvonly";
  gboolean agrees = g_str_equal (direction, "sendrecv")
      || g_str_equal (direction, theirs)
      || (g_str_equal (ours, "recvonly") && g_str_equal (direction, ours));

  set_direction (get_media (answer, i), agrees ? theirs : "inactive");
}

static gboolean
is_rtp (const GstSDPMessage * sdp, guint i)
{
  return g_strcmp0 (gst_sdp_media_get_media (gst_sdp_message_get_media (sdp,
              i)), "application") != 0;
}

static gboolean
has_extension (const GstSDPMedia * media, const gchar * extmap)
{
  const gchar *offered;
  gsize id = strcspn (extmap, "/ ");

  for (guint n = 0; (offered = gst_sdp_media_get_attribute_val_n (media,
              "extmap", n)); n++) {
    g_auto (GStrv) one = g_strsplit (offered, " ", 3);
    g_auto (GStrv) other = g_strsplit (extmap, " ", 3);

    if (id == strcspn (offered, "/ ") && strncmp (extmap, offered, id) == 0
        && g_strcmp0 (one[0] ? one[1] : NULL, other[0] ? other[1] : NULL) == 0)
      return TRUE;
  }
  return FALSE;
}

/* RFC 8285 6: an answer keeps extensions of the offer with their ids, or leaves them out. Any other
 * extension is dropped: we do not send it, and its id may mean another one here. */
static void
keep_offered_extensions (const GstSDPMessage * offer, GstSDPMessage * answer,
    guint i)
{
  const GstSDPMedia *ours = gst_sdp_message_get_media (offer, i);
  GstSDPMedia *media = get_media (answer, i);

  if (!media_has (media, "extmap"))
    copy_from_session (media, answer, "extmap");
  for (guint a = gst_sdp_media_attributes_len (media); a-- > 0;) {
    const GstSDPAttribute *attribute = gst_sdp_media_get_attribute (media, a);

    if (g_str_equal (attribute->key, "extmap")
        && !has_extension (ours, attribute->value ? attribute->value : ""))
      gst_sdp_media_remove_attribute (media, a);
  }
}

/* RFC 8839 5.1: `foundation component …`; RFC 5761 5.1.1: 1 is RTP, 2 is RTCP */
static gboolean
has_rtcp_candidate (const GstSDPMedia * media)
{
  const gchar *candidate;

  for (guint n = 0; (candidate = gst_sdp_media_get_attribute_val_n (media,
              "candidate", n)); n++) {
    g_auto (GStrv) words = g_strsplit (candidate, " ", 3);

    if (words[0] && g_strcmp0 (words[1], "2") == 0)
      return TRUE;
  }
  return FALSE;
}

/* RFC 3605 2.1: whether RTCP has its own port; 9 means none yet (RFC 8829 5.2.1) */
static gboolean
has_rtcp_port (const GstSDPMedia * media)
{
  const gchar *value = gst_sdp_media_get_attribute_val (media, "rtcp");
  guint64 port = value ? g_ascii_strtoull (value, NULL, 10) : 0;

  return port != 0 && port != 9 && port != gst_sdp_media_get_port (media);
}

/* RFC 8834 4.5 demands that RTP and RTCP share a port, RFC 9143 9.3 in a bundle. Some servers that
 * comply leave out rtcp-mux. A server that expects RTCP on another port would get none: webrtcbin
 * has no second port (RFC 8858 4). */
static gboolean
settle_rtcp (const GstSDPMessage * offer, GstSDPMessage * answer, guint i,
    GError ** error)
{
  GstSDPMedia *media = get_media (answer, i);

  if (media_has (media, "rtcp-mux"))
    return TRUE;
  if (!gst_rcast_answer_rejects (answer, i)
      && !gst_rcast_sdp_is_bundled (answer, i)
      && (has_rtcp_candidate (media) || has_rtcp_port (media)))
    return fail (error, offer, i, "wants RTCP on a port of its own, as it has no "
        "rtcp-mux (RFC 8834 4.5 and RFC 8858 4 demand it)");
  gst_sdp_media_add_attribute (media, "rtcp-mux", "");
  return TRUE;
}

/* A peer connection whose offer bundled keeps the transport of the first section, even if the
 * server rejects that section. So a rejected section stays in the bundle, inactive. It needs a
 * format; which one does not matter. */
static void
keep_in_bundle (const GstSDPMessage * offer, GstSDPMessage * answer, guint i,
    guint carrier)
{
  const GstSDPMedia *ours = gst_sdp_message_get_media (offer, i);
  GstSDPMedia *media = get_media (answer, i);

  while (gst_sdp_media_formats_len (media) > 0)
    gst_sdp_media_remove_format (media, 0);
  gst_sdp_media_add_format (media, gst_sdp_media_get_format (ours, 0));
  gst_rcast_formats_align (ours, media);
  gst_sdp_media_set_port_info (media, 9, 1);
  for (guint k = 0; k < G_N_ELEMENTS (transport_keys); k++) {
    remove_attributes (media, transport_keys[k]);
    copy_from_media (media, get_media (answer, carrier), transport_keys[k]);
  }
  remove_attributes (media, "candidate");
  if (i < carrier)
    copy_from_media (media, get_media (answer, carrier), "candidate");
  set_direction (media, "inactive");
}

/* Writes the group in the order of the offer. */
static void
order_group (const GstSDPMessage * offer, GstSDPMessage * answer)
{
  g_autoptr (GString) value = g_string_new ("BUNDLE");

  for (guint i = 0; i < gst_sdp_message_medias_len (answer); i++)
    if (gst_sdp_media_get_port (gst_sdp_message_get_media (answer, i)) != 0
        || gst_rcast_sdp_is_bundled (answer, i))
      g_string_append_printf (value, " %s", gst_rcast_sdp_get_mid (offer, i));
  set_group (answer, value->str);
}

static void
keep_rejected (const GstSDPMessage * offer, GstSDPMessage * answer)
{
  guint carrier = gst_rcast_sdp_get_bundle_mline (answer);
  gboolean any = FALSE;

  if (!has_bundle (answer) || gst_rcast_answer_rejects (answer, carrier))
    return;
  for (guint i = 0; i < gst_sdp_message_medias_len (answer); i++)
    if (is_rtp (answer, i) && gst_rcast_answer_rejects (answer, i)) {
      keep_in_bundle (offer, answer, i, carrier);
      any = TRUE;
    }
  if (any)
    order_group (offer, answer);
}

/**
 * gst_rcast_answer_declines:
 * @answer: a complete answer
 * @mline: index of an m-section
 *
 * Returns: whether the server does not want the media of the section: it rejects the section, or
 *   sets it inactive
 */
gboolean
gst_rcast_answer_declines (const GstSDPMessage * answer, guint mline)
{
  return gst_rcast_answer_rejects (answer, mline)
      || g_str_equal (get_direction (answer, mline), "inactive");
}

/**
 * gst_rcast_answer_complete:
 * @offer: our offer
 * @answer: what the server answered
 * @payloads: (out) (optional) (transfer full) (element-type GstRcastAnswerTypes): for each
 *   section, the payload types of its packets
 * @error: what is wrong with the answer, with the section and its codec
 *
 * A peer connection wants every transport attribute in every section. RFC 9143, 8839, 8122, 4145
 * and 3264 let an answer say less, and servers do. This function invents nothing: an attribute
 * that the answer has nowhere is an error. Sections are paired by their order, so the result has
 * the mids and the payload types of the offer.
 *
 * Returns: (transfer full) (nullable): the completed answer
 */
GstSDPMessage *
gst_rcast_answer_complete (const GstSDPMessage * offer,
    const GstSDPMessage * answer, GArray ** payloads, GError ** error)
{
  g_autoptr (GArray) types =
      g_array_new (FALSE, FALSE, sizeof (GstRcastAnswerTypes));
  g_autoptr (GstSDPMessage) complete = NULL;

  if (!check_sections (offer, answer, error)
      || !check_mids (offer, answer, error))
    return NULL;
  gst_sdp_message_copy (answer, &complete);
  /* RFC 8829 5.8.1: k= is of no use, and a peer connection would refuse it. */
  gst_sdp_message_set_key (complete, NULL, NULL);
  for (guint i = 0; i < gst_sdp_message_medias_len (complete); i++) {
    drop_empty_transport (complete, get_media (complete, i));
    drop_half_credentials (get_media (complete, i));
    /* GStreamer prints i= without a line end, so that the next line is lost. */
    gst_sdp_media_set_information (get_media (complete, i), NULL);
  }
  if (!settle_bundle (offer, complete, error))
    return NULL;
  if (gst_sdp_message_medias_len (complete) > 0)
    fill_in_all (complete, gst_rcast_sdp_get_bundle_mline (complete));
  for (guint i = 0; i < gst_sdp_message_medias_len (complete); i++) {
    GstRcastAnswerTypes type = {
      gst_rcast_formats_align (gst_sdp_message_get_media (offer, i),
          get_media (complete, i)), -1
    };

    if (!fill_in_transport (offer, complete, i, error)
        || (is_rtp (complete, i) && !settle_rtcp (offer, complete, i, error)))
      return NULL;
    if (is_rtp (complete, i)) {
      choose_direction (offer, complete, i);
      keep_offered_extensions (offer, complete, i);
    }
    /* The completed answer has no RED, since webrtcbin did not offer it. */
    type.redundant = gst_rcast_red_find (gst_sdp_message_get_media (answer, i),
        type.payload);
    g_array_append_val (types, type);
  }
  if (gst_sdp_message_medias_len (complete) > 0) {
    gather_candidates (complete);
    keep_rejected (offer, complete);
  }
  if (payloads)
    *payloads = g_steal_pointer (&types);
  return g_steal_pointer (&complete);
}
