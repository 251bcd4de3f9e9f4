/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Interprets the answers of a WHIP server: pure functions on statuses and SDP. */
#include "config.h"

#include "whip-answer.h"

#include <libsoup/soup.h>

#include "rcast-sdp.h"

/* RFC 6585 4 */
#define STATUS_TOO_MANY_REQUESTS 429

/* Returns: the name, as in the scheme of a location */
const gchar *
whip_protocol_get_name (WhipProtocol protocol)
{
  return protocol == WHIP_PROTOCOL_WHEP ? "whep" : "whip";
}

/* Returns: (transfer full): an m-section of our offer for display: `m-section 0 (video H264)`, with
 * its first codec */
static gchar *
describe (const GstSDPMessage * offer, guint i)
{
  const GstSDPMedia *media = gst_sdp_message_get_media (offer, i);
  const gchar *rtpmap = gst_sdp_media_get_attribute_val (media, "rtpmap");
  const gchar *codec = rtpmap ? strchr (rtpmap, ' ') : NULL;

  return g_strdup_printf ("m-section %u (%s%.*s)", i,
      gst_sdp_media_get_media (media),
      codec ? (gint) strcspn (codec, "/") : 0, codec ? codec : "");
}

/* Returns: NULL if the m-section is valid. Streams are judged elsewhere, where their names are
 * known. */
static const gchar *
check_media (const GstSDPMessage * offer, const GstSDPMessage * answer, guint i,
    gboolean allow_rejected)
{
  const GstSDPMedia *ours = gst_sdp_message_get_media (offer, i);
  const GstSDPMedia *media = gst_sdp_message_get_media (answer, i);

  if (g_strcmp0 (media->media, ours->media) != 0)
    return "is of another kind than the one offered";
  if (g_strcmp0 (media->media, "application") != 0 || media->port != 0
      || gst_sdp_media_get_attribute_val (media, "bundle-only"))
    return NULL;
  return allow_rejected ? NULL : "was refused (port 0)";
}

static gboolean
has_fingerprint (const GstSDPMessage * sdp)
{
  if (gst_sdp_message_get_attribute_val (sdp, "fingerprint"))
    return TRUE;
  for (guint i = 0; i < gst_sdp_message_medias_len (sdp); i++) {
    if (gst_sdp_media_get_attribute_val (gst_sdp_message_get_media (sdp, i),
            "fingerprint"))
      return TRUE;
  }
  return FALSE;
}

/* Returns: NULL if a peer connection can reach the author of the description */
static const gchar *
check_transport (const GstSDPMessage * sdp)
{
  if (!gst_rcast_sdp_get_credentials (sdp, NULL, NULL))
    return "has no ICE credentials";
  return has_fingerprint (sdp) ? NULL : "has no DTLS fingerprint";
}

/**
 * whip_answer_parse:
 * @offer: our offer
 * @text: the body of the answer
 * @size: its size
 * @allow_rejected: whether the server may reject single media
 * @error: %GST_RCAST_ERROR_INVALID_DATA or %GST_RCAST_ERROR_NOT_ACCEPTABLE
 *
 * Returns: (transfer full): an answer that a peer connection can use
 */
GstSDPMessage *
whip_answer_parse (const GstSDPMessage * offer, const gchar * text, gsize size,
    gboolean allow_rejected, GError ** error)
{
  g_autoptr (GstSDPMessage) answer = gst_rcast_sdp_parse (text, size, error);
  guint medias = gst_sdp_message_medias_len (offer);
  const gchar *fault = NULL;

  if (!answer)
    return NULL;
  if (gst_sdp_message_medias_len (answer) != medias) {
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "the answer has %u m-sections, the offer %u (RFC 3264 6 wants the same)",
        gst_sdp_message_medias_len (answer), medias);
    return NULL;
  }
  fault = check_transport (answer);
  if (fault) {
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "the answer %s", fault);
    return NULL;
  }
  for (guint i = 0; i < medias; i++) {
    g_autofree gchar *section = NULL;

    fault = check_media (offer, answer, i, allow_rejected);
    if (!fault)
      continue;
    section = describe (offer, i);
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_NOT_ACCEPTABLE,
        "the answer to %s %s", section, fault);
    return NULL;
  }
  return g_steal_pointer (&answer);
}

/* Only an offer leaves the DTLS role open (RFC 8842 5.2). */
static gboolean
is_offer (const GstSDPMessage * sdp)
{
  const gchar *setup = gst_sdp_message_get_attribute_val (sdp, "setup");

  for (guint i = 0; !setup && i < gst_sdp_message_medias_len (sdp); i++)
    setup = gst_sdp_media_get_attribute_val (gst_sdp_message_get_media (sdp, i),
        "setup");
  return g_strcmp0 (setup, "actpass") == 0;
}

/**
 * whip_answer_parse_offer:
 * @status: of the answer to an offer
 * @content_type: (nullable): of its body, without parameters
 * @text: the body
 * @size: its size
 * @error: %GST_RCAST_ERROR_INVALID_DATA
 *
 * A WHEP server may refuse an offer and make a counter-offer: with 406 (draft 4.2.2), or, as
 * in the draft of 2022, with 201.
 *
 * Returns: (nullable) (transfer full): the server's offer; %NULL without @error: there is
 *   none; %NULL with @error: a peer connection cannot use it
 */
GstSDPMessage *
whip_answer_parse_offer (guint status, const gchar * content_type,
    const gchar * text, gsize size, GError ** error)
{
  gboolean refused = status == SOUP_STATUS_NOT_ACCEPTABLE;
  g_autoptr (GstSDPMessage) offer = NULL;
  const gchar *fault;

  if (refused ? !content_type
      || g_ascii_strcasecmp (content_type, "application/sdp") != 0 :
      !whip_answer_is_created (status))
    return NULL;
  offer = gst_rcast_sdp_parse (text, size, refused ? error : NULL);
  if (!offer || (!refused && !is_offer (offer)))
    return NULL;
  fault = gst_sdp_message_medias_len (offer) == 0 ? "has no media" :
      check_transport (offer);
  if (!fault)
    return g_steal_pointer (&offer);
  g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
      "the offer of the server %s", fault);
  return NULL;
}

/**
 * whip_answer_apply_restart:
 * @answer: the answer to the offer; changed only on success
 * @status: of the answer to the restart, a successful one
 * @text: its body
 * @size: its size
 * @error: %GST_RCAST_ERROR_NOT_SUPPORTED if the server did not restart ICE,
 *   %GST_RCAST_ERROR_INVALID_DATA if its answer is invalid
 *
 * Returns: whether @answer was updated for the restart
 */
gboolean
whip_answer_apply_restart (GstSDPMessage * answer, guint status,
    const gchar * text, gsize size, GError ** error)
{
  g_autoptr (GstRcastSdpFragment) fragment = NULL;
  const gchar *old_ufrag = NULL;

  /* OvenMediaEngine answers 204 to everything and does nothing. */
  if (status != SOUP_STATUS_OK || size == 0) {
    g_set_error_literal (error, GST_RCAST_ERROR, GST_RCAST_ERROR_NOT_SUPPORTED,
        "the server took the restart for candidates");
    return FALSE;
  }
  fragment = gst_rcast_sdp_fragment_parse (text, size, error);
  if (!fragment)
    return FALSE;
  if (!fragment->ufrag || !fragment->pwd) {
    g_set_error_literal (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "no ICE credentials in the answer to the restart");
    return FALSE;
  }
  gst_rcast_sdp_get_credentials (answer, &old_ufrag, NULL);
  if (g_strcmp0 (old_ufrag, fragment->ufrag) == 0) {
    g_set_error_literal (error, GST_RCAST_ERROR, GST_RCAST_ERROR_NOT_SUPPORTED,
        "the server did not change its ICE credentials");
    return FALSE;
  }
  return gst_rcast_sdp_apply_fragment (answer, fragment, error);
}

/* RFC 9725 4.2 requires 201. Servers that finish later answer 202, others 200. */
gboolean
whip_answer_is_created (guint status)
{
  return status == SOUP_STATUS_CREATED || status == SOUP_STATUS_OK
      || status == SOUP_STATUS_ACCEPTED;
}

gboolean
whip_answer_is_redirect (guint status)
{
  return status == 301 || status == 302 || status == 307 || status == 308;
}

/* RFC 9725 4.2 requires every endpoint to answer OPTIONS. A server that refuses it with a status of
 * its own is up as well. */
gboolean
whip_answer_is_healthy (guint status)
{
  return SOUP_STATUS_IS_SUCCESSFUL (status)
      || status == SOUP_STATUS_METHOD_NOT_ALLOWED
      || status == SOUP_STATUS_NOT_IMPLEMENTED;
}

/* Whether to send candidates again that were refused with @status. */
gboolean
whip_answer_is_transient (guint status)
{
  return status >= 502 || status == 500 || status == STATUS_TOO_MANY_REQUESTS
      || status == SOUP_STATUS_CONFLICT
      || status == SOUP_STATUS_REQUEST_TIMEOUT;
}

/* Whether the server may accept an offer once an older session of ours has ended. @retry_after:
 * whether the server asks to wait instead */
gboolean
whip_answer_wants_room (WhipProtocol protocol, guint status,
    gboolean retry_after)
{
  switch (status) {
      /* 400 and 403 are how Broadcast Box and simple-whip-server say "in use"; 409 is the right
       * status. WHEP is different: a stream has many viewers. */
    case SOUP_STATUS_BAD_REQUEST:
    case SOUP_STATUS_FORBIDDEN:
    case SOUP_STATUS_CONFLICT:
      return protocol == WHIP_PROTOCOL_WHIP;
    case SOUP_STATUS_SERVICE_UNAVAILABLE:
      return !retry_after;
    default:
      return FALSE;
  }
}

/* Returns: the meaning of the refusal of a WHIP offer, or %GST_RCAST_ERROR_NOT_ACCEPTABLE if it is
 * the same for WHEP */
static GstRcastError
classify_whip_offer (guint status, gboolean ghost)
{
  switch (status) {
    case SOUP_STATUS_BAD_REQUEST:
      /* How Broadcast Box says that somebody else is on air. */
    case SOUP_STATUS_FORBIDDEN:
      /* Likewise simple-whip-server. */
    case SOUP_STATUS_CONFLICT:
      return ghost ? GST_RCAST_ERROR_BUSY : GST_RCAST_ERROR_OCCUPIED;
    case SOUP_STATUS_NOT_FOUND:
      return GST_RCAST_ERROR_REJECTED;
    default:
      return GST_RCAST_ERROR_NOT_ACCEPTABLE;
  }
}

/* Likewise for WHEP. */
static GstRcastError
classify_whep_offer (guint status)
{
  switch (status) {
    case SOUP_STATUS_FORBIDDEN:
      return GST_RCAST_ERROR_REJECTED;
    case SOUP_STATUS_NOT_FOUND:
      /* MediaMTX answers 404 where the draft has 409 (4.2.8). */
    case SOUP_STATUS_CONFLICT:
      return GST_RCAST_ERROR_NO_STREAM;
    default:
      return GST_RCAST_ERROR_NOT_ACCEPTABLE;
  }
}

/* @ghost: whether the server may still have an older session of ours */
GstRcastError
whip_answer_classify_offer (WhipProtocol protocol, guint status,
    gboolean ghost)
{
  GstRcastError code = protocol == WHIP_PROTOCOL_WHEP ?
      classify_whep_offer (status) : classify_whip_offer (status, ghost);

  if (code != GST_RCAST_ERROR_NOT_ACCEPTABLE)
    return code;
  switch (status) {
    case SOUP_STATUS_UNAUTHORIZED:
      return GST_RCAST_ERROR_UNAUTHORIZED;
    case SOUP_STATUS_METHOD_NOT_ALLOWED:
    case SOUP_STATUS_GONE:
      return GST_RCAST_ERROR_REJECTED;
    case SOUP_STATUS_REQUEST_TIMEOUT:
      return GST_RCAST_ERROR_FAILED;
    case STATUS_TOO_MANY_REQUESTS:
    case SOUP_STATUS_SERVICE_UNAVAILABLE:
      return GST_RCAST_ERROR_BUSY;
  }
  if (status >= 500)
    return GST_RCAST_ERROR_FAILED;
  /* RFC 9725 4.1: treat an unknown status as the x00 of its class. */
  if (status >= 400)
    return GST_RCAST_ERROR_NOT_ACCEPTABLE;
  return GST_RCAST_ERROR_INVALID_DATA;
}

/* Whether this answer to DELETE means that the session is over, or unknown. */
gboolean
whip_answer_is_end (guint status)
{
  return SOUP_STATUS_IS_SUCCESSFUL (status) || status == SOUP_STATUS_NOT_FOUND
      || status == SOUP_STATUS_GONE;
}

/* For an answer to DELETE that is no end. */
GstRcastError
whip_answer_classify_end (guint status)
{
  switch (status) {
    case SOUP_STATUS_UNAUTHORIZED:
      return GST_RCAST_ERROR_UNAUTHORIZED;
    case SOUP_STATUS_METHOD_NOT_ALLOWED:
    case SOUP_STATUS_NOT_IMPLEMENTED:
      return GST_RCAST_ERROR_NOT_SUPPORTED;
  }
  if (status >= 500 || status == STATUS_TOO_MANY_REQUESTS
      || status == SOUP_STATUS_REQUEST_TIMEOUT)
    return GST_RCAST_ERROR_FAILED;
  return GST_RCAST_ERROR_REJECTED;
}

/* For the answer to our answer. */
GstRcastError
whip_answer_classify_answer (guint status)
{
  GstRcastError code = whip_answer_classify_restart (status);

  return code == GST_RCAST_ERROR_NOT_SUPPORTED ?
      GST_RCAST_ERROR_NOT_ACCEPTABLE : code;
}

GstRcastError
whip_answer_classify_restart (guint status)
{
  switch (status) {
    case SOUP_STATUS_UNAUTHORIZED:
      return GST_RCAST_ERROR_UNAUTHORIZED;
    case SOUP_STATUS_NOT_FOUND:
    case SOUP_STATUS_GONE:
      return GST_RCAST_ERROR_SESSION_GONE;
    case SOUP_STATUS_REQUEST_TIMEOUT:
      return GST_RCAST_ERROR_FAILED;
    case SOUP_STATUS_CONFLICT:
    case STATUS_TOO_MANY_REQUESTS:
    case SOUP_STATUS_SERVICE_UNAVAILABLE:
      return GST_RCAST_ERROR_BUSY;
  }
  if (status >= 500 && status != SOUP_STATUS_NOT_IMPLEMENTED)
    return GST_RCAST_ERROR_FAILED;
  return GST_RCAST_ERROR_NOT_SUPPORTED;
}
