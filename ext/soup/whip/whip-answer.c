/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Interprets the answers of a WHIP server: pure functions on statuses and SDP. */
#include "config.h"

#include "whip-answer.h"

#include <libsoup/soup.h>

#include "rcast-sdp.h"

/* RFC 6585 4 */
#define STATUS_TOO_MANY_REQUESTS 429

/* Returns: as in the scheme of a location */
const gchar *
whip_protocol_get_name (WhipProtocol protocol)
{
  return protocol == WHIP_PROTOCOL_WHEP ? "whep" : "whip";
}

/* Returns: (transfer full): of our offer, for a person: `m-section 0 (video H264)`, with the
 * codec that comes first */
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

/* Returns: NULL if the m-section is as it should be. What the server says of a stream is
 * for those to judge who know it by its name. */
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

/* Returns: NULL if a peer connection can reach whoever made the description */
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
 * @allow_rejected: whether the server may refuse single media
 * @error: %GST_RCAST_ERROR_INVALID_DATA or %GST_RCAST_ERROR_NOT_ACCEPTABLE
 *
 * Returns: (transfer full): an answer that a peer connection can work with
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

/* Only an offer leaves the role in DTLS to the other side (RFC 8842 5.2). */
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
 * A WHEP server may refuse an offer, and make one of its own: with 406 (draft 4.2.2), or,
 * as in the draft of 2022, with 201.
 *
 * Returns: (nullable) (transfer full): the offer of the server; %NULL without @error: it
 *   makes none; %NULL with @error: it makes one that a peer connection cannot work with
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
 *   %GST_RCAST_ERROR_INVALID_DATA if its answer is no answer
 *
 * Returns: whether @answer is now as it is after the restart
 */
gboolean
whip_answer_apply_restart (GstSDPMessage * answer, guint status,
    const gchar * text, gsize size, GError ** error)
{
  g_autoptr (GstRcastSdpFragment) fragment = NULL;
  const gchar *old_ufrag = NULL;

  /* OvenMediaEngine says 204 to everything and does nothing. */
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

/* RFC 9725 4.2 wants 201; servers that finish later say 202, others 200. */
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

/* RFC 9725 4.2 has every endpoint answer OPTIONS; one that does not, but says so
 * itself, is up as well. */
gboolean
whip_answer_is_healthy (guint status)
{
  return SOUP_STATUS_IS_SUCCESSFUL (status)
      || status == SOUP_STATUS_METHOD_NOT_ALLOWED
      || status == SOUP_STATUS_NOT_IMPLEMENTED;
}

/* Whether candidates that were refused with @status are worth sending again. */
gboolean
whip_answer_is_transient (guint status)
{
  return status >= 502 || status == 500 || status == STATUS_TOO_MANY_REQUESTS
      || status == SOUP_STATUS_CONFLICT
      || status == SOUP_STATUS_REQUEST_TIMEOUT;
}

/* Whether an offer may be taken once an older session of ours has gone.
 * @retry_after: whether the server asks for patience instead */
gboolean
whip_answer_wants_room (WhipProtocol protocol, guint status,
    gboolean retry_after)
{
  switch (status) {
      /* Broadcast Box's and simple-whip-server's words for "in use", and the
       * right one. A stream has many viewers: to them they say something else. */
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

/* Returns: what a refusal of an offer to send means, or
 * %GST_RCAST_ERROR_NOT_ACCEPTABLE if that is the same for one to receive */
static GstRcastError
classify_whip_offer (guint status, gboolean ghost)
{
  switch (status) {
    case SOUP_STATUS_BAD_REQUEST:
      /* Broadcast Box's word for "somebody is on air already". */
    case SOUP_STATUS_FORBIDDEN:
      /* The same, from simple-whip-server. */
    case SOUP_STATUS_CONFLICT:
      return ghost ? GST_RCAST_ERROR_BUSY : GST_RCAST_ERROR_OCCUPIED;
    case SOUP_STATUS_NOT_FOUND:
      return GST_RCAST_ERROR_REJECTED;
    default:
      return GST_RCAST_ERROR_NOT_ACCEPTABLE;
  }
}

/* The same for one to receive */
static GstRcastError
classify_whep_offer (guint status)
{
  switch (status) {
    case SOUP_STATUS_FORBIDDEN:
      return GST_RCAST_ERROR_REJECTED;
    case SOUP_STATUS_NOT_FOUND:
      /* MediaMTX's word for what is 409 in the draft (4.2.8). */
    case SOUP_STATUS_CONFLICT:
      return GST_RCAST_ERROR_NO_STREAM;
    default:
      return GST_RCAST_ERROR_NOT_ACCEPTABLE;
  }
}

/* @ghost: whether an older session of ours may still be at the server */
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
  /* RFC 9725 4.1: an unknown code counts as the x00 of its class. */
  if (status >= 400)
    return GST_RCAST_ERROR_NOT_ACCEPTABLE;
  return GST_RCAST_ERROR_INVALID_DATA;
}

/* Whether the answer to DELETE says that the session is over, or unknown. */
gboolean
whip_answer_is_end (guint status)
{
  return SOUP_STATUS_IS_SUCCESSFUL (status) || status == SOUP_STATUS_NOT_FOUND
      || status == SOUP_STATUS_GONE;
}

/* Of an answer to DELETE that does not. */
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

/* Of an answer to our answer. */
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
