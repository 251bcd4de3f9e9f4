/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Adapts offers and answers between webrtcbin and servers. */
#include "config.h"

#include "rcast-offer.h"

#include <string.h>

#include "rcast-answer.h"
#include "rcast-error.h"
#include "rcast-formats.h"
#include "rcast-red.h"
#include "rcast-rtp.h"
#include "rcast-sdp.h"

/* Gives each bundled section a port, as browsers do. webrtcbin offers all but the first with port 0
 * and bundle-only (RFC 9143 7.2.1). Servers that were only tested with browsers take that for a
 * rejection. */
static void
give_ports (GstSDPMessage * sdp)
{
  for (guint i = 0; i < gst_sdp_message_medias_len (sdp); i++) {
    GstSDPMedia *media = (GstSDPMedia *) gst_sdp_message_get_media (sdp, i);

    for (guint j = gst_sdp_media_attributes_len (media); j > 0; j--) {
      if (g_str_equal (gst_sdp_media_get_attribute (media, j - 1)->key,
              "bundle-only")) {
        gst_sdp_media_remove_attribute (media, j - 1);
        gst_sdp_media_set_port_info (media, 9, 0);
      }
    }
  }
}

static gboolean
has_attribute (const GstSDPMedia * media, const gchar * key,
    const gchar * value)
{
  for (guint i = 0; i < gst_sdp_media_attributes_len (media); i++) {
    const GstSDPAttribute *attribute = gst_sdp_media_get_attribute (media, i);

    if (g_str_equal (attribute->key, key)
        && g_strcmp0 (attribute->value, value) == 0)
      return TRUE;
  }
  return FALSE;
}

/* Whether @format is a codec, rather than a format that repairs one. A format without rtpmap is a
 * codec of RFC 3551. */
static gboolean
is_codec (const GstSDPMedia * media, const gchar * format)
{
  static const gchar *const repairs[] = { "rtx/", "red/", "ulpfec/" };
  const gchar *rtpmap = gst_rcast_formats_find_rtpmap (media,
      gst_rcast_formats_parse (format));

  for (guint i = 0; rtpmap && i < G_N_ELEMENTS (repairs); i++)
    if (g_ascii_strncasecmp (rtpmap, repairs[i], strlen (repairs[i])) == 0)
      return FALSE;
  return TRUE;
}

/* Offers REMB (draft-alvestrand-rmcat-remb-03 2.3), the only feedback of servers without
 * transport-wide feedback. webrtcbin loses it between caps and SDP. */
static void
take_limits (GstSDPMedia * media)
{
  for (guint i = 0; i < gst_sdp_media_formats_len (media); i++) {
    const gchar *format = gst_sdp_media_get_format (media, i);
    g_autofree gchar *value = g_strdup_printf ("%s goog-remb", format);

    if (is_codec (media, format) && !has_attribute (media, "rtcp-fb", value))
      gst_sdp_media_add_attribute (media, "rtcp-fb", value);
  }
}

/* RFC 3551 6: dynamic payload types */
#define HIGHEST_PAYLOAD 127
#define LOWEST_PAYLOAD 96

/* RFC 8888 6: for all payload types, including retransmissions and redundancy */
#define NAMED_PACKETS "* ack ccfb"

/* @sdp: (transfer full). Returns: (transfer full) */
static gchar *
take_text (GstSDPMessage * sdp)
{
  gchar *text;

  give_ports (sdp);
  text = gst_sdp_message_as_text (sdp);
  gst_sdp_message_free (sdp);
  return text;
}

/* Returns: (transfer full): an offer or an answer for the server */
gchar *
gst_rcast_offer_print (const GstSDPMessage * sdp)
{
  GstSDPMessage *sent = NULL;

  gst_sdp_message_copy (sdp, &sent);
  return take_text (sent);
}

/* @ccfb: whether to offer RFC 8888 feedback. Its line must cover all payload types (`*`); SRS and
 * ZLMediaKit parse a number there, and refuse the whole offer.
 * Returns: (transfer full): @offer as sent to the server, with the features that we support beyond
 * webrtcbin: feedback, and redundant audio */
gchar *
gst_rcast_offer_to_text (const GstSDPMessage * offer, gboolean ccfb)
{
  GstSDPMessage *sent = NULL;

  gst_sdp_message_copy (offer, &sent);
  for (guint i = 0; i < gst_sdp_message_medias_len (sent); i++) {
    GstSDPMedia *media = (GstSDPMedia *) gst_sdp_message_get_media (sent, i);

    if (g_strcmp0 (gst_sdp_media_get_media (media), "video") == 0)
      take_limits (media);
    if (ccfb && g_strcmp0 (gst_sdp_media_get_media (media), "application") != 0)
      gst_sdp_media_add_attribute (media, "rtcp-fb", NAMED_PACKETS);
  }
  gst_rcast_red_offer (sent);
  return take_text (sent);
}

/* RFC 8285 5: "1 uri", "1/sendonly uri" */
static gboolean
has_numbers (const GstSDPMedia * media)
{
  const gchar *value;

  for (guint i = 0;
      (value = gst_sdp_media_get_attribute_val_n (media, "extmap", i)); i++)
    if (strstr (value, GST_RCAST_RTP_TWCC_URI))
      return TRUE;
  return FALSE;
}

/**
 * gst_rcast_offer_names_packets:
 * @answer: a server's answer
 * @mline: m-line of a stream
 *
 * A server has to use one kind of feedback. libwebrtc does: if it accepts RFC 8888, it leaves
 * transport-wide numbers out of the answer. If any stream has these numbers, they are used. RFC
 * 8888 feedback must cover all payload types; a line for a single one does not count (RFC 8888 6).
 *
 * Returns: whether feedback refers to packets by the stream's own sequence numbers (RFC 8888)
 */
gboolean
gst_rcast_offer_names_packets (const GstSDPMessage * answer, guint mline)
{
  for (guint i = 0; i < gst_sdp_message_medias_len (answer); i++)
    if (!gst_rcast_answer_rejects (answer, i)
        && has_numbers (gst_sdp_message_get_media (answer, i)))
      return FALSE;
  return has_attribute (gst_sdp_message_get_media (answer, mline), "rtcp-fb",
      NAMED_PACKETS);
}

static gboolean
is_received (const GstSDPMedia * media)
{
  return g_strcmp0 (gst_sdp_media_get_media (media), "video") == 0
      && gst_sdp_media_get_attribute_val (media, "recvonly");
}

/* @repairs: payload types for retransmissions, by that of the codec; 0: none yet */
static void
repair_section (GstSDPMessage * offer, GstSDPMedia * media, gint * repairs)
{
  guint formats = gst_sdp_media_formats_len (media);

  for (guint i = 0; i < formats; i++) {
    const gchar *format = gst_sdp_media_get_format (media, i);
    gint payload = gst_rcast_formats_parse (format);
    g_autofree gchar *apt = g_strdup_printf ("apt=%d", payload);

    if (payload < 0 || !is_codec (media, format)
        || gst_rcast_formats_has_rtx (media, payload))
      continue;
    if (repairs[payload] == 0)
      repairs[payload] = gst_rcast_formats_find_free (offer, HIGHEST_PAYLOAD,
          LOWEST_PAYLOAD);
    if (repairs[payload] > 0)
      gst_rcast_formats_add (media, repairs[payload], "rtx/90000", apt);
  }
}

/* Offers retransmissions (RFC 4588 8.1) of each codec of a received video: webrtcbin offers them for
 * the first codec only, and the server may choose another one. Equal formats have equal payload
 * types (RFC 9143 9.1). A codec for which no payload type is left gets no retransmissions. */
void
gst_rcast_offer_repair_all (GstSDPMessage * offer)
{
  gint repairs[128] = { 0 };

  for (guint i = 0; i < gst_sdp_message_medias_len (offer); i++) {
    GstSDPMedia *media = (GstSDPMedia *) gst_sdp_message_get_media (offer, i);

    if (is_received (media))
      repair_section (offer, media, repairs);
  }
}

static gboolean
is_bundle (const GstSDPAttribute * attribute)
{
  return g_str_equal (attribute->key, "group")
      && attribute->value && g_str_has_prefix (attribute->value, "BUNDLE");
}

/* Whether the m-lines of an offer or an answer share a transport (RFC 9143). A single m-line counts
 * as bundled. */
gboolean
gst_rcast_offer_is_bundled (const GstSDPMessage * sdp)
{
  for (guint i = 0; i < gst_sdp_message_attributes_len (sdp); i++) {
    if (is_bundle (gst_sdp_message_get_attribute (sdp, i)))
      return TRUE;
  }
  return gst_sdp_message_medias_len (sdp) <= 1;
}

static gboolean
is_ssrc (const GstSDPAttribute * attribute)
{
  return g_str_equal (attribute->key, "ssrc")
      || g_str_equal (attribute->key, "ssrc-group");
}

/* webrtcbin makes up a new SSRC for retransmissions in each offer, but keeps sending with the first
 * one. @before: the previous offer of the same connection */
void
gst_rcast_offer_keep_ssrcs (GstSDPMessage * offer, const GstSDPMessage * before)
{
  guint lines = MIN (gst_sdp_message_medias_len (offer),
      gst_sdp_message_medias_len (before));

  for (guint i = 0; i < lines; i++) {
    GstSDPMedia *media = (GstSDPMedia *) gst_sdp_message_get_media (offer, i);
    const GstSDPMedia *old = gst_sdp_message_get_media (before, i);

    for (guint j = gst_sdp_media_attributes_len (media); j > 0; j--) {
      if (is_ssrc (gst_sdp_media_get_attribute (media, j - 1)))
        gst_sdp_media_remove_attribute (media, j - 1);
    }
    for (guint j = 0; j < gst_sdp_media_attributes_len (old); j++) {
      const GstSDPAttribute *kept = gst_sdp_media_get_attribute (old, j);

      if (is_ssrc (kept))
        gst_sdp_media_add_attribute (media, kept->key, kept->value);
    }
  }
}

/* Gives each m-line its own transport (RFC 9143 7.3.3). */
void
gst_rcast_offer_unbundle (GstSDPMessage * offer)
{
  for (guint i = gst_sdp_message_attributes_len (offer); i > 0; i--) {
    if (is_bundle (gst_sdp_message_get_attribute (offer, i - 1)))
      gst_sdp_message_remove_attribute (offer, i - 1);
  }
  give_ports (offer);
}

/**
 * gst_rcast_offer_follow:
 * @offer: an offer
 * @answer: what the server answered
 * @gathered: whether the candidates of @offer have been gathered
 * @error: why @offer cannot be adapted to @answer
 *
 * A server may decline to bundle; then @offer is changed as if it had never offered to.
 */
gboolean
gst_rcast_offer_follow (GstSDPMessage * offer, const GstSDPMessage * answer,
    gboolean gathered, GError ** error)
{
  if (gst_rcast_offer_is_bundled (answer)
      || !gst_rcast_offer_is_bundled (offer))
    return TRUE;
  if (gathered) {
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_NOT_ACCEPTABLE,
        "it does not bundle, but the candidates of the offer are those of a "
        "bundle: bundle-policy=none would help");
    return FALSE;
  }
  gst_rcast_offer_unbundle (offer);
  return TRUE;
}

/* Returns: (nullable): the DTLS role that @media, or else @sdp as a whole, states */
static const gchar *
get_setup (const GstSDPMessage * sdp, const GstSDPMedia * media)
{
  const gchar *setup = gst_sdp_media_get_attribute_val (media, "setup");

  return setup ? setup : gst_sdp_message_get_attribute_val (sdp, "setup");
}

static void
set_setup (GstSDPMedia * media, const gchar * setup)
{
  for (guint i = 0; i < gst_sdp_media_attributes_len (media); i++) {
    GstSDPAttribute attribute = { NULL, NULL };

    if (g_strcmp0 (gst_sdp_media_get_attribute (media, i)->key, "setup") != 0)
      continue;
    gst_sdp_attribute_set (&attribute, "setup", setup);
    gst_sdp_media_replace_attribute (media, i, &attribute);
  }
}

/**
 * gst_rcast_offer_settle_setup:
 * @offer: an offer of the server
 * @before: (nullable): our answer to the previous offer
 * @answer: our answer to @offer
 *
 * If the server offers both DTLS roles, it gets the active one (RFC 8842 5.3): it starts the
 * handshake once it has the answer. If we started it as soon as ICE is connected, a server that
 * answers connectivity checks earlier, such as ICE-lite, would drop our first flight, and the
 * retransmissions come 1, 3 and 7 s later. Roles that are settled stay (RFC 8842 5.5); all
 * m-sections have one transport.
 */
void
gst_rcast_offer_settle_setup (const GstSDPMessage * offer,
    const GstSDPMessage * before, GstSDPMessage * answer)
{
  const gchar *role = NULL;

  for (guint i = 0; before && !role && i < gst_sdp_message_medias_len (before);
      i++)
    role = get_setup (before, gst_sdp_message_get_media (before, i));
  for (guint i = 0; i < MIN (gst_sdp_message_medias_len (offer),
          gst_sdp_message_medias_len (answer)); i++)
    if (g_strcmp0 (get_setup (offer, gst_sdp_message_get_media (offer, i)),
            "actpass") == 0)
      set_setup ((GstSDPMedia *) gst_sdp_message_get_media (answer, i),
          role ? role : "passive");
}
