/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One m-line: the offer of a stream, webrtcbin's pad for it, and the feed behind that pad. */
#include "config.h"

#include "gstrcastline.h"

#include "rcast-answer.h"
#include "rcast-answer-limits.h"
#include "rcast-codec.h"
#include "rcast-follow.h"
#include "rcast-feedback.h"
#include "rcast-formats.h"
#include "rcast-offer.h"
#include "rcast-payload-types.h"
#include "rcast-rtp.h"

GST_DEBUG_CATEGORY_STATIC (rcast_line_debug);
#define GST_CAT_DEFAULT rcast_line_debug

/* Header extension that asks the server for transport-wide feedback */
#define EXTMAP_TWCC_ID "extmap-" G_STRINGIFY (GST_RCAST_RTP_TWCC_ID)
/* Header extension that servers without transport-wide feedback need for REMB */
#define EXTMAP_SEND_TIME "extmap-" G_STRINGIFY (GST_RCAST_RTP_SEND_TIME_ID)
/* One MediaStream for all: RFC 9725 4.4.2 */
#define MSID "rcast"

/* All fields belong to the loop's thread. */
struct _GstRcastLine
{
  GstRcastStream *stream;
  guint32 ssrc;

  GstCaps *offered;             /* NULL until offered, as the two below */
  GstPad *sink;                 /* of webrtcbin */
  GstWebRTCRTPTransceiver *transceiver;

  GstCaps *negotiated;          /* NULL until connected */
  GstElement *feed;             /* the same; owned by the peer's bin */
  guint64 limit;                /* the server's limit in bit/s, or NO_LIMIT */
  gboolean outdated;            /* the stream has changed since it was offered */
  gboolean follows;             /* an encoder of ours feeds it */
  gboolean repairs;             /* negotiated a retransmission stream (RFC 4588) */
  gboolean named;               /* negotiated feedback by RTP sequence numbers (RFC 8888) */

  GstRcastLineEnded on_ended;   /* constant */
  gpointer data;                /* constant */
};

static void
init_debug (void)
{
  static gsize once = 0;

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_line_debug, "rcastline", 0,
        "gst-rcast: one m-line");
    g_once_init_leave (&once, 1);
  }
}

static GstRcastLine *
line_new (GstRcastStream * stream, GstRcastLineEnded on_ended,
    gpointer data)
{
  GstRcastLine *line = g_new0 (GstRcastLine, 1);

  init_debug ();
  line->stream = gst_object_ref (stream);
  line->on_ended = on_ended;
  line->data = data;
  line->limit = GST_RCAST_ANSWER_NO_LIMIT;
  /* Not 0, which some take for none, and positive for those that parse it as signed. */
  line->ssrc = g_random_int_range (1, G_MAXINT32);
  return line;
}

void
gst_rcast_line_free (GstRcastLine * line)
{
  gst_clear_object (&line->stream);
  gst_clear_object (&line->transceiver);
  gst_clear_object (&line->sink);
  gst_clear_caps (&line->offered);
  gst_clear_caps (&line->negotiated);
  g_free (line);
}

static gboolean
is_video (const GstCaps * caps)
{
  return g_strcmp0 (gst_structure_get_string (gst_caps_get_structure (caps, 0),
          "media"), "video") == 0;
}

/* Adds the attributes of the m-line: webrtcbin takes them from the first format. */
static GstCaps *
complete_offer (GstCaps * caps, guint mline, guint32 ssrc)
{
  /* Some servers take the mid for a number. */
  g_autofree gchar *mid = g_strdup_printf ("%u", mline);
  gboolean video = is_video (caps);

  caps = gst_caps_make_writable (caps);
  for (guint i = 0; i < gst_caps_get_size (caps); i++) {
    GstStructure *s = gst_caps_get_structure (caps, i);

    gst_structure_set (s, EXTMAP_TWCC_ID, G_TYPE_STRING,
        GST_RCAST_RTP_TWCC_URI, NULL);
    if (video)
      gst_structure_set (s, EXTMAP_SEND_TIME, G_TYPE_STRING,
          GST_RCAST_RTP_SEND_TIME_URI, NULL);
    if (i == 0)
      gst_structure_set (s, "a-mid", G_TYPE_STRING, mid, "ssrc", G_TYPE_UINT,
          ssrc, NULL);
    else
      gst_structure_remove_field (s, GST_RCAST_OFFERED_PTIME);
  }
  return caps;
}

/* Requests the pad of @webrtc that makes the m-line. @caps: (transfer full): the stream's
 * formats with payload types */
static gboolean
offer (GstRcastLine * line, GstElement * webrtc, guint mline, GstCaps * caps,
    GError ** error)
{
  g_autofree gchar *name = g_strdup_printf ("sink_%u", mline);
  GstPadTemplate *template =
      gst_element_get_pad_template (webrtc, "sink_%u");

  line->offered = complete_offer (caps, mline, line->ssrc);
  line->sink = gst_element_request_pad (webrtc, template, name, line->offered);
  if (!line->sink) {
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_FAILED,
        "webrtcbin gives no pad for %s", GST_OBJECT_NAME (line->stream));
    return FALSE;
  }
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (line->sink), "msid"))
    g_object_set (line->sink, "msid", MSID, NULL);
  g_object_get (line->sink, "transceiver", &line->transceiver, NULL);
  g_object_set (line->transceiver, "direction",
      GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDONLY, "codec-preferences",
      line->offered, "do-nack", is_video (line->offered), NULL);
  return TRUE;
}

/* Returns: (transfer full) (element-type GstCaps) (nullable): the formats of each of @streams */
static GPtrArray *
get_formats (GPtrArray * streams, GError ** error)
{
  g_autoptr (GPtrArray) formats =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_caps_unref);

  for (guint i = 0; i < streams->len; i++) {
    GstRcastStream *stream = g_ptr_array_index (streams, i);
    GstCaps *caps = gst_rcast_stream_get_offer_caps (stream);

    if (!caps) {
      g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_FAILED,
          "%s: it is not known yet what to offer", GST_OBJECT_NAME (stream));
      return NULL;
    }
    g_ptr_array_add (formats, caps);
  }
  return gst_rcast_payload_types_assign (formats, error) ?
      g_steal_pointer (&formats) : NULL;
}

/**
 * gst_rcast_line_offer_all:
 * @lines: (element-type GstRcastLine): the lines are added here
 * @streams: (element-type GstRcastStream): the streams to send, in the order of the m-lines
 * @webrtc: webrtcbin
 * @on_ended: the last packet of a line has been sent; called on the thread that sent it
 * @data: for @on_ended; valid as long as a feed can run
 * @error: why there is no offer
 *
 * Makes all m-lines of an offer.
 */
gboolean
gst_rcast_line_offer_all (GPtrArray * lines, GPtrArray * streams,
    GstElement * webrtc, GstRcastLineEnded on_ended, gpointer data,
    GError ** error)
{
  g_autoptr (GPtrArray) formats = get_formats (streams, error);

  for (guint i = 0; formats && i < streams->len; i++) {
    GstRcastLine *line =
        line_new (g_ptr_array_index (streams, i), on_ended, data);

    g_ptr_array_add (lines, line);
    if (!offer (line, webrtc, i, gst_caps_ref (g_ptr_array_index (formats, i)),
            error))
      return FALSE;
  }
  return formats != NULL;
}

static GstStructure *
find_offered (const GstRcastLine * line, gint payload, const gchar * encoding)
{
  for (guint i = 0; i < gst_caps_get_size (line->offered); i++) {
    GstStructure *s = gst_caps_get_structure (line->offered, i);
    gint offered;

    if (gst_structure_get_int (s, "payload", &offered) && offered == payload
        && encoding && g_ascii_strcasecmp (encoding,
            gst_structure_get_string (s, "encoding-name")) == 0)
      return s;
  }
  return NULL;
}

/* Keeps at most one of the two: a server that reports by sequence numbers needs no send times.
 * @caps: as offered; @wanted: by the answer; @named: the server reports by RTP sequence numbers */
static void
keep_extension (GstStructure * caps, const GstStructure * wanted,
    gboolean named)
{
  gboolean numbers = gst_structure_has_field (wanted, EXTMAP_TWCC_ID);

  if (!numbers)
    gst_structure_remove_field (caps, EXTMAP_TWCC_ID);
  if (numbers || named || !gst_structure_has_field (wanted, EXTMAP_SEND_TIME))
    gst_structure_remove_field (caps, EXTMAP_SEND_TIME);
}

/* Returns: the first offered format of the answer, which the server prefers. */
static GstCaps *
find_negotiated (const GstRcastLine * line, const GstSDPMedia * media)
{
  for (guint i = 0; i < gst_sdp_media_formats_len (media); i++) {
    gint payload =
        g_ascii_strtoll (gst_sdp_media_get_format (media, i), NULL, 10);
    g_autoptr (GstCaps) answered =
        gst_sdp_media_get_caps_from_media (media, payload);
    GstStructure *wanted, *offered, *caps;

    if (!answered || gst_caps_is_empty (answered))
      continue;
    gst_sdp_media_attributes_to_caps (media, answered);
    wanted = gst_caps_get_structure (answered, 0);
    offered = find_offered (line, payload,
        gst_structure_get_string (wanted, "encoding-name"));
    if (!offered)
      continue;

    caps = gst_structure_copy (offered);
    gst_structure_remove_fields (caps, "a-mid", GST_RCAST_OFFERED_PTIME, NULL);
    gst_structure_set (caps, "ssrc", G_TYPE_UINT, line->ssrc,
        GST_RCAST_NEGOTIATED_PTIME, G_TYPE_UINT64, gst_rcast_ptime_choose
        (gst_sdp_media_get_attribute_val (media, "ptime"),
            gst_sdp_media_get_attribute_val (media, "maxptime")),
        GST_RCAST_NEGOTIATED_SINGLE_UNITS, G_TYPE_BOOLEAN,
        gst_rcast_codec_wants_single_units (wanted), NULL);
    keep_extension (caps, wanted, line->named);
    return gst_caps_new_full (caps, NULL);
  }
  return NULL;
}

static void
on_feed_ended (GstRcastFeed * feed, GstRcastLine * line)
{
  line->on_ended (line->data);
}

static gboolean
link_feed (GstRcastLine * line, GError ** error)
{
  g_autoptr (GstPad) src = gst_element_get_static_pad (line->feed, "src");

  g_signal_connect (line->feed, "ended", G_CALLBACK (on_feed_ended), line);
  if (gst_pad_link (src, line->sink) == GST_PAD_LINK_OK
      && gst_element_sync_state_with_parent (line->feed))
    return TRUE;
  g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_FAILED,
      "cannot link %s to webrtcbin", GST_OBJECT_NAME (line->stream));
  return FALSE;
}

static GError *
new_refusal (const GstRcastLine * line, const gchar * what)
{
  const gchar *codec = gst_structure_get_string (gst_caps_get_structure
      (line->offered, 0), "encoding-name");

  return g_error_new (GST_RCAST_ERROR, GST_RCAST_ERROR_NOT_ACCEPTABLE,
      "the server's answer %s %s (%s)", what, GST_OBJECT_NAME (line->stream),
      codec);
}

/* Puts a feed between the stream and webrtcbin, with the format and the payload type that the
 * server chose. Its gate is closed. If the stream has changed since the offer, there is no feed. */
static gboolean
connect_line (GstRcastLine * line, GstBin * peer, const GstSDPMedia * answer,
    const GstRcastAnswerTypes * types, GError ** error)
{
  g_autoptr (GstCaps) sent = NULL;
  g_autoptr (GError) stale = NULL;
  gint negotiated = 0;

  line->negotiated = find_negotiated (line, answer);
  if (!line->negotiated) {
    g_propagate_error (error, new_refusal (line,
            "has no codec that was offered for"));
    return FALSE;
  }
  /* The input has changed since the offer: the next offer will fit. */
  if (!gst_rcast_stream_set_negotiated_caps (line->stream, line->negotiated,
          &stale)) {
    GST_INFO_OBJECT (line->stream, "another offer is due: %s", stale->message);
    gst_clear_caps (&line->negotiated);
    line->outdated = TRUE;
    return TRUE;
  }

  GST_DEBUG_OBJECT (line->stream, "negotiated %" GST_PTR_FORMAT
      ", sent as payload type %d, redundant as %d", line->negotiated,
      types->payload, types->redundant);
  sent = gst_caps_copy (line->negotiated);
  gst_structure_remove_fields (gst_caps_get_structure (sent, 0),
      GST_RCAST_NEGOTIATED_PTIME, GST_RCAST_NEGOTIATED_SINGLE_UNITS, NULL);
  gst_caps_set_simple (sent, GST_RCAST_FEED_SENT_PAYLOAD, G_TYPE_INT,
      types->payload, GST_RCAST_FEED_SENT_REDUNDANT, G_TYPE_INT,
      types->redundant, NULL);
  gst_structure_get_int (gst_caps_get_structure (line->negotiated, 0),
      "payload", &negotiated);
  line->repairs = gst_rcast_formats_has_rtx (answer, negotiated);
  line->feed = gst_rcast_stream_add_feed (line->stream);
  gst_bin_add (peer, line->feed);
  return gst_rcast_feed_set_rtp (GST_RCAST_FEED (line->feed), sent,
      line->ssrc, error) && link_feed (line, error);
}

/* A limit by the answer counts whatever the paths carry, and without measurement. */
static void
set_limit (GstRcastLine * line, guint64 limit)
{
  if (limit == line->limit)
    return;
  line->limit = limit;
  if (limit != GST_RCAST_ANSWER_NO_LIMIT)
    GST_INFO_OBJECT (line->stream, "the server takes %" G_GUINT64_FORMAT
        " bit/s of it", limit);
  gst_rcast_line_set_target (line, GST_RCAST_NO_TARGET, "the answer says so");
}

/* Returns: FALSE if the broadcast may not go on without the line */
static gboolean
decline_line (const GstRcastLine * line, const GstRcastLineAnswer * answer,
    GError ** error)
{
  g_autoptr (GError) refusal = new_refusal (line, "declines");

  if (!answer->allow_declined) {
    g_propagate_error (error, g_steal_pointer (&refusal));
    return FALSE;
  }
  answer->declined (refusal, answer->data);
  return TRUE;
}

/**
 * gst_rcast_line_connect_all:
 * @lines: (element-type GstRcastLine): the lines, offered
 * @peer: the bin that webrtcbin is in
 * @answer: what the server's answer says of them
 * @error: what is wrong with the answer
 *
 * Connects each line that the server accepts and that is not connected yet. From now on no line
 * exceeds the limits of the answer.
 */
gboolean
gst_rcast_line_connect_all (GPtrArray * lines, GstBin * peer,
    const GstRcastLineAnswer * answer, GError ** error)
{
  guint taken = 0;

  for (guint i = 0; i < lines->len; i++) {
    GstRcastLine *line = g_ptr_array_index (lines, i);
    gboolean declined = gst_rcast_answer_declines (answer->sdp, i);

    set_limit (line, gst_rcast_answer_get_limit (answer->sdp, i));
    /* As with the extensions, the first answer decides. */
    if (!line->feed)
      line->named = gst_rcast_offer_names_packets (answer->sdp, i);

    /* A pad that was released since the offer has nothing to send. */
    taken += !declined || gst_rcast_line_is_released (line);
    if (gst_rcast_line_is_connected (line) || gst_rcast_line_is_released (line))
      continue;
    if (!(declined ? decline_line (line, answer, error) :
            connect_line (line, peer, gst_sdp_message_get_media (answer->sdp,
                    i), &g_array_index (answer->payloads, GstRcastAnswerTypes, i),
                error))
        && !gst_rcast_line_is_released (line))
      return FALSE;
    g_clear_error (error);
  }
  if (taken == 0 && lines->len > 0)
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_NOT_ACCEPTABLE,
        "the server's answer declines every stream");
  return taken > 0 || lines->len == 0;
}

gboolean
gst_rcast_line_is_connected (const GstRcastLine * line)
{
  return line->feed != NULL;
}

/* Returns: whether one of the streams needs another offer to go on air */
gboolean
gst_rcast_line_any_outdated (GPtrArray * lines)
{
  for (guint i = 0; i < lines->len; i++) {
    const GstRcastLine *line = g_ptr_array_index (lines, i);

    if (line->outdated && !line->feed && !gst_rcast_line_is_released (line))
      return TRUE;
  }
  return FALSE;
}

/* Whether the server has agreed to packet-by-packet feedback about the line. */
gboolean
gst_rcast_line_has_feedback (const GstRcastLine * line)
{
  return line->negotiated && (line->named || gst_structure_has_field
      (gst_caps_get_structure (line->negotiated, 0), EXTMAP_TWCC_ID));
}

/* Whether that feedback uses RTP sequence numbers (RFC 8888). */
gboolean
gst_rcast_line_is_named (const GstRcastLine * line)
{
  return line->negotiated && line->named;
}

/* Whether webrtcbin resends lost packets of the line (RFC 4588). */
gboolean
gst_rcast_line_has_repairs (const GstRcastLine * line)
{
  return line->repairs;
}

gboolean
gst_rcast_line_is_video (const GstRcastLine * line)
{
  return gst_rcast_stream_get_media (line->stream) == GST_RCAST_MEDIA_VIDEO;
}

/* Returns: the negotiated codec of a connected line */
GstRcastCodec
gst_rcast_line_get_codec (const GstRcastLine * line)
{
  return gst_rcast_codec_from_name (gst_structure_get_string
      (gst_caps_get_structure (line->negotiated, 0), "encoding-name"));
}

/* Returns: (transfer none): webrtcbin's sink pad of the line */
GstPad *
gst_rcast_line_get_sink (const GstRcastLine * line)
{
  return line->sink;
}

/* Returns: (transfer full) (nullable): the transport of the line, once offer and answer are
 * applied */
GstWebRTCDTLSTransport *
gst_rcast_line_get_transport (const GstRcastLine * line)
{
  GstWebRTCDTLSTransport *transport = NULL;
  GstWebRTCRTPSender *sender = NULL;

  g_object_get (line->transceiver, "sender", &sender, NULL);
  if (sender)
    g_object_get (sender, "transport", &transport, NULL);
  gst_clear_object (&sender);
  return transport;
}

/* Returns: the name of the stream, which is that of its pad of rcastsink */
const gchar *
gst_rcast_line_get_name (const GstRcastLine * line)
{
  return GST_OBJECT_NAME (line->stream);
}

guint32
gst_rcast_line_get_ssrc (const GstRcastLine * line)
{
  return line->ssrc;
}

/* As gst_rcast_feed_get_packets_sent() */
guint64
gst_rcast_line_get_packets_sent (const GstRcastLine * line, guint64 * skipped)
{
  *skipped = 0;
  return line->feed ? gst_rcast_feed_get_packets_sent (GST_RCAST_FEED
      (line->feed), skipped) : 0;
}

/* Returns: whether one of the streams is to be sent, and waits for its first frame */
gboolean
gst_rcast_line_any_waits (GPtrArray * lines)
{
  for (guint i = 0; i < lines->len; i++) {
    const GstRcastLine *line = g_ptr_array_index (lines, i);

    if (line->feed && !gst_rcast_line_is_over (line)
        && gst_rcast_feed_is_waiting (GST_RCAST_FEED (line->feed)))
      return TRUE;
  }
  return FALSE;
}

guint64
gst_rcast_line_get_bytes_sent (const GstRcastLine * line)
{
  guint64 packets, bytes = 0;

  if (line->feed)
    gst_rcast_feed_get_sent (GST_RCAST_FEED (line->feed), &packets, &bytes);
  return bytes;
}

/* Fills in what the stream may claim, except for @seen: as gst_rcast_encoding_get_share(),
 * limited by the server's answer */
gboolean
gst_rcast_line_get_share (const GstRcastLine * line,
    GstRcastShareStream * share)
{
  gboolean bounded =
      gst_rcast_encoding_get_share (gst_rcast_stream_get_encoding
      (line->stream), share);

  share->audio =
      gst_rcast_stream_get_media (line->stream) == GST_RCAST_MEDIA_AUDIO;
  if (line->limit >= share->max)
    return bounded;
  share->max = line->limit;
  return TRUE;
}

/* While one encoder replaces another, there is none for a moment. */
static gboolean
is_encoded_here (GstRcastLine * line)
{
  GstRcastShareStream share = { 0, };

  gst_rcast_line_get_share (line, &share);
  line->follows |= share.follows;
  return line->follows;
}

/* As gst_rcast_encoding_set_loss(), and gst_rcast_feed_set_loss() */
void
gst_rcast_line_set_loss (GstRcastLine * line, guint percent)
{
  if (line->feed)
    gst_rcast_feed_set_loss (GST_RCAST_FEED (line->feed), percent);
  gst_rcast_encoding_set_loss (gst_rcast_stream_get_encoding (line->stream),
      percent);
}

/* As gst_rcast_stream_set_target(). A stream that is encoded here never exceeds the server's
 * limit. */
void
gst_rcast_line_set_target (GstRcastLine * line, guint64 bits,
    const gchar * reason)
{
  if (bits > line->limit && is_encoded_here (line))
    gst_rcast_stream_set_target (line->stream, line, line->limit,
        "the server takes no more");
  else
    gst_rcast_stream_set_target (line->stream, line, bits, reason);
}

/* As gst_rcast_feed_set_pacing(), for a connected line */
void
gst_rcast_line_set_pacing (const GstRcastLine * line, GstRcastPacing * pacing)
{
  gst_rcast_feed_set_pacing (GST_RCAST_FEED (line->feed), pacing);
}

void
gst_rcast_line_set_open (GstRcastLine * line, gboolean open)
{
  if (line->feed)
    gst_rcast_feed_set_open (GST_RCAST_FEED (line->feed), open);
}

void
gst_rcast_line_request_keyframe (GstRcastLine * line)
{
  if (line->feed)
    gst_rcast_stream_request_keyframe (line->stream);
}

/* Returns: (nullable): the line with @ssrc */
GstRcastLine *
gst_rcast_line_find (GPtrArray * lines, guint32 ssrc)
{
  for (guint i = 0; i < lines->len; i++) {
    GstRcastLine *line = g_ptr_array_index (lines, i);

    if (line->ssrc == ssrc)
      return line;
  }
  return NULL;
}

static void
on_key_frame_wanted (guint32 ssrc, gpointer data)
{
  GstRcastLine *line = gst_rcast_line_find (data, ssrc);

  if (line)
    gst_rcast_line_request_keyframe (line);
}

/* rtpsession passes on one key frame request of a receiver in two round trips, for any stream:
 * of requests for several streams at once, all but the first are lost.
 * @lines: (element-type GstRcastLine): lines that @rtcp may request key frames for */
void
gst_rcast_line_heed_requests (GPtrArray * lines, GstBuffer * rtcp)
{
  GstMapInfo map;

  if (!gst_buffer_map (rtcp, &map, GST_MAP_READ))
    return;
  gst_rcast_feedback_read_key_frames (map.data, map.size, on_key_frame_wanted,
      lines);
  gst_buffer_unmap (rtcp, &map);
}

/* Whether the application has released the pad of the stream, so there is nothing left to send. */
gboolean
gst_rcast_line_is_released (const GstRcastLine * line)
{
  return !GST_OBJECT_PARENT (line->stream);
}

/* Whether nothing more will be sent. */
gboolean
gst_rcast_line_is_over (const GstRcastLine * line)
{
  return !line->feed || gst_rcast_feed_has_ended (GST_RCAST_FEED (line->feed))
      || gst_rcast_line_is_released (line);
}

/* Stops the feed, and lifts the limits of the stream. Twice is fine. */
void
gst_rcast_line_stop (GstRcastLine * line)
{
  if (line->feed)
    gst_rcast_stream_remove_feed (line->stream, line->feed);
  line->limit = GST_RCAST_ANSWER_NO_LIMIT;
  gst_rcast_line_set_target (line, GST_RCAST_NO_TARGET,
      "nothing is sent on these paths any more");
}
