/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One life of a webrtcbin: from the offer to the teardown, with one feed for each stream. */
#include "config.h"

#include "gstrcastpeer.h"

#include "gstrcastfeed.h"
#include "gstrcastice-enumtypes.h"
#include "rcast-liveness.h"
#include "rcast-sdp.h"

GST_DEBUG_CATEGORY_STATIC (rcast_peer_debug);
#define GST_CAT_DEFAULT rcast_peer_debug

/* Dynamic payload types: RFC 3551 3 */
#define FIRST_DYNAMIC_PT 96
/* Header extension that asks the server for transport-wide feedback */
#define EXTMAP_TWCC \
  "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
#define EXTMAP_TWCC_ID "extmap-1"
/* One MediaStream for all: RFC 9725 4.4.2 */
#define MSID "rcast"
/* Of the data channel for application messages */
#define CHANNEL_LABEL "rcast"
/* Seconds from 1900 to 1970: RFC 868 */
#define NTP_TO_UNIX 2208988800u

typedef struct
{
  GstRcastStream *stream;
  GstWebRTCRTPTransceiver *transceiver;
  GstPad *sink;                 /* of webrtcbin */
  GstCaps *offered;
  guint32 ssrc;
  GstElement *feed;             /* NULL until negotiated */
  gboolean ended;               /* the last packet is sent */
} Line;

/* All fields belong to the loop's thread but those that say otherwise. */
struct _GstRcastPeer
{
  GstBin parent;

  GstRcastLoop *loop;           /* constant */
  GstRcastPeerCallbacks callbacks;
  gpointer data;
  gboolean gather_first;        /* constant */
  gboolean data_channel;        /* constant */
  gboolean use_server_ice;      /* constant */

  GstWebRTCICE *ice;            /* constant */
  GstElement *webrtc;           /* constant */
  GObject *session;             /* RTPSession, from the first answer on */
  GstWebRTCDTLSTransport *dtls; /* from the first answer on */
  GPtrArray *lines;
  GstWebRTCDataChannel *channel;        /* NULL if the server rejects it */
  gboolean channel_offered;     /* its m-line follows those of the lines */
  gchar *ufrag;                 /* of the last offer */
  GstSDPMessage *offer;         /* made, not yet local description */
  GstSDPMessage *answer;        /* to be applied after the offer */
  GstSDPMessage *remote;        /* the last one that was */
  gboolean unmoved;             /* its addresses are those of the one before */
  GstRcastOfferKind kind;       /* of the last offer */
  gboolean offering;            /* an offer waits for its answer */
  gboolean connected;           /* ICE and DTLS, as webrtcbin last said */
  gboolean connected_anew;      /* and whether media arrives again is to be told */
  gboolean restarted;           /* by an ICE restart, but webrtcbin does not say so yet */
  gboolean gathering_for_offer;
  gboolean stopped;
  gboolean draining;            /* the ends of all lines are waited for */
  GstRcastLiveness liveness;    /* written under OBJECT_LOCK */
  gchar *switched;              /* to another path, not yet confirmed: how */
  gchar *switched_to;           /* the interface of that path */
  gchar *landed;                /* on another uplink, by an ICE restart that is not told yet: how */
  GstClockTime media_timeout;   /* constant */
  GSource *watchdog;            /* from the first answer on */
};

G_DEFINE_TYPE (GstRcastPeer, gst_rcast_peer, GST_TYPE_BIN);

/* What a callback of webrtcbin, on whatever thread, tells the loop. */
typedef enum
{
  NOTE_OFFER_CREATED,
  NOTE_LOCAL_SET,
  NOTE_REMOTE_SET,
  NOTE_CANDIDATE,
  NOTE_GATHERED,
  NOTE_CONNECTION,
  NOTE_RTCP,
  NOTE_EOS,
  NOTE_LATENCY,
  NOTE_MEDIA_LOST,
  NOTE_RESTARTED,
  NOTE_RESTART_FAILED,
  NOTE_REFUSED,
  NOTE_PATH_SWITCHED,
  NOTE_PATH_RESTARTED,
  NOTE_RESTART_WANTED,
  NOTE_FAILED,
} NoteType;

typedef struct
{
  NoteType type;
  GstRcastPeer *peer;
  guint mline;
  gchar *text;
  GstSDPMessage *sdp;
  GError *error;
  GstRcastConnection connection;
  GstRcastReason reason;
  gboolean silent;              /* the path before was not heard any more */
  gchar *interface;             /* of the path now */
  GstBuffer *rtcp;
  GstElement *feed;             /* whose stream has ended */
  GstClockTime time;
  guint64 ntp;
} Note;

static gboolean on_note (gpointer data);

static void
note_free (gpointer data)
{
  Note *note = data;

  gst_object_unref (note->peer);
  g_free (note->text);
  g_free (note->interface);
  g_clear_pointer (&note->sdp, gst_sdp_message_free);
  g_clear_error (&note->error);
  gst_clear_buffer (&note->rtcp);
  gst_clear_object (&note->feed);
  g_free (note);
}

static Note *
note_new (GstRcastPeer * peer, NoteType type)
{
  Note *note = g_new0 (Note, 1);

  note->type = type;
  note->peer = gst_object_ref (peer);
  return note;
}

static void
note_post (Note * note)
{
  gst_rcast_loop_invoke (note->peer->loop, on_note, note, note_free);
}

static void
note_post_error (GstRcastPeer * peer, NoteType type, GError * error)
{
  Note *note = note_new (peer, type);

  note->error = error;
  note_post (note);
}

/* webrtcbin's callbacks: any thread */

/* What a promise brought: its reply, or NULL and an error, or NULL alone when
 * webrtcbin was closed meanwhile. */
static const GstStructure *
promise_reply (GstPromise * promise, const gchar * what, GError ** error)
{
  const GstStructure *reply;
  g_autoptr (GError) inner = NULL;

  if (gst_promise_wait (promise) != GST_PROMISE_RESULT_REPLIED)
    return NULL;
  reply = gst_promise_get_reply (promise);
  if (reply && gst_structure_has_field (reply, "error")) {
    gst_structure_get (reply, "error", G_TYPE_ERROR, &inner, NULL);
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_NOT_ACCEPTABLE,
        "%s: %s", what, inner->message);
    return NULL;
  }
  return reply;
}

static void
on_offer_created (GstPromise * promise, gpointer data)
{
  GstRcastPeer *peer = data;
  g_autoptr (GError) error = NULL;
  const GstStructure *reply =
      promise_reply (promise, "cannot make an offer", &error);
  GstWebRTCSessionDescription *offer = NULL;
  Note *note;

  if (error) {
    note_post_error (peer, NOTE_REFUSED, g_steal_pointer (&error));
  } else if (reply && gst_structure_get (reply, "offer",
          GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &offer, NULL)) {
    note = note_new (peer, NOTE_OFFER_CREATED);
    gst_sdp_message_copy (offer->sdp, &note->sdp);
    gst_webrtc_session_description_free (offer);
    note_post (note);
  }
  gst_promise_unref (promise);
}

static void
description_set (GstPromise * promise, GstRcastPeer * peer, NoteType type,
    const gchar * what)
{
  g_autoptr (GError) error = NULL;

  promise_reply (promise, what, &error);
  if (error)
    note_post_error (peer, NOTE_REFUSED, g_steal_pointer (&error));
  else if (gst_promise_wait (promise) == GST_PROMISE_RESULT_REPLIED)
    note_post (note_new (peer, type));
  gst_promise_unref (promise);
}

static void
on_local_set (GstPromise * promise, gpointer data)
{
  description_set (promise, data, NOTE_LOCAL_SET,
      "webrtcbin refuses its own offer");
}

static void
on_remote_set (GstPromise * promise, gpointer data)
{
  description_set (promise, data, NOTE_REMOTE_SET,
      "webrtcbin refuses the server's answer");
}

static void
on_ice_candidate (GstElement * webrtc, guint mline, const gchar * candidate,
    GstRcastPeer * peer)
{
  Note *note;

  /* An empty one is how some versions say that there are no more. */
  if (!candidate || !*candidate)
    return;
  note = note_new (peer, NOTE_CANDIDATE);
  note->mline = mline;
  note->text = g_strdup (candidate);
  note_post (note);
}

static void
on_gathering_state (GstElement * webrtc, GParamSpec * pspec,
    GstRcastPeer * peer)
{
  GstWebRTCICEGatheringState state;

  g_object_get (webrtc, "ice-gathering-state", &state, NULL);
  if (state == GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE)
    note_post (note_new (peer, NOTE_GATHERED));
}

static void
note_connection (GstRcastPeer * peer, GstRcastConnection connection,
    GstRcastReason reason)
{
  Note *note = note_new (peer, NOTE_CONNECTION);

  note->connection = connection;
  note->reason = reason;
  note_post (note);
}

static void
on_connection_state (GstElement * webrtc, GParamSpec * pspec,
    GstRcastPeer * peer)
{
  GstWebRTCPeerConnectionState state;
  GstWebRTCICEConnectionState ice;

  g_object_get (webrtc, "connection-state", &state, "ice-connection-state",
      &ice, NULL);
  switch (state) {
    case GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED:
      note_connection (peer, GST_RCAST_CONNECTION_CONNECTED,
          GST_RCAST_REASON_NONE);
      break;
    case GST_WEBRTC_PEER_CONNECTION_STATE_DISCONNECTED:
      note_connection (peer, GST_RCAST_CONNECTION_DISCONNECTED,
          GST_RCAST_REASON_ICE_DISCONNECTED);
      break;
    case GST_WEBRTC_PEER_CONNECTION_STATE_FAILED:
      note_connection (peer, GST_RCAST_CONNECTION_FAILED,
          ice == GST_WEBRTC_ICE_CONNECTION_STATE_FAILED ?
          GST_RCAST_REASON_ICE_FAILED : GST_RCAST_REASON_DTLS_FAILED);
      break;
    case GST_WEBRTC_PEER_CONNECTION_STATE_NEW:
    case GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTING:
    case GST_WEBRTC_PEER_CONNECTION_STATE_CLOSED:
      break;
  }
}

/* The connection state of webrtcbin stays "connected" when the server closes
 * DTLS; the transport itself knows. */
static void
on_dtls_state (GstWebRTCDTLSTransport * dtls, GParamSpec * pspec,
    GstRcastPeer * peer)
{
  GstWebRTCDTLSTransportState state;

  g_object_get (dtls, "state", &state, NULL);
  if (state == GST_WEBRTC_DTLS_TRANSPORT_STATE_CLOSED)
    note_connection (peer, GST_RCAST_CONNECTION_FAILED,
        GST_RCAST_REASON_SERVER_CLOSED);
  else if (state == GST_WEBRTC_DTLS_TRANSPORT_STATE_FAILED)
    note_connection (peer, GST_RCAST_CONNECTION_FAILED,
        GST_RCAST_REASON_DTLS_FAILED);
}

static void
on_receiving_rtcp (GObject * session, GstBuffer * rtcp, GstRcastPeer * peer)
{
  Note *note = note_new (peer, NOTE_RTCP);
  guint64 unix_us = g_get_real_time ();

  note->rtcp = gst_buffer_ref (rtcp);
  note->time = gst_util_get_timestamp ();
  note->ntp = ((unix_us / G_USEC_PER_SEC + NTP_TO_UNIX) << 32)
      + gst_util_uint64_scale (unix_us % G_USEC_PER_SEC,
      G_GUINT64_CONSTANT (1) << 32, G_USEC_PER_SEC);
  note_post (note);
}

/* webrtcbin's funnel lets the end of one stream through as the end of the whole
 * bundle, and nothing passes after it: the ends stay here. */
static GstPadProbeReturn
on_feed_event (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Note *note;

  if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) != GST_EVENT_EOS)
    return GST_PAD_PROBE_OK;
  note = note_new (data, NOTE_EOS);
  note->feed = gst_pad_get_parent_element (pad);
  note_post (note);
  return GST_PAD_PROBE_DROP;
}

/* The ICE agent's signals: its thread */

static void
on_generation_swapped (GstWebRTCICE * ice, guint session, guint generation,
    gboolean media_lost, GstRcastPeer * peer)
{
  Note *note = note_new (peer, NOTE_RESTARTED);

  note->silent = media_lost;
  note_post (note);
}

static void
on_generation_failed (GstWebRTCICE * ice, guint session, guint generation,
    const GError * error, GstRcastPeer * peer)
{
  if (!g_error_matches (error, GST_RCAST_ICE_ERROR,
          GST_RCAST_ICE_ERROR_CANCELLED))
    note_post_error (peer, NOTE_RESTART_FAILED, g_error_copy (error));
}

/* NULL: the application has brought it about, or it is the first. @silent: (out) */
static const gchar *
why_switched (const GstStructure * path, gboolean * silent)
{
  gint change = GST_RCAST_ICE_PATH_CHANGE_FIRST;

  gst_structure_get_enum (path, "change", GST_TYPE_RCAST_ICE_PATH_CHANGE,
      &change);
  *silent = change == GST_RCAST_ICE_PATH_CHANGE_SILENT;
  switch ((GstRcastIcePathChange) change) {
    case GST_RCAST_ICE_PATH_CHANGE_SILENT:
      return "the server is not heard any more there";
    case GST_RCAST_ICE_PATH_CHANGE_REFUSED:
      return "the system refuses packets there";
    case GST_RCAST_ICE_PATH_CHANGE_GONE:
      return "that is gone";
    case GST_RCAST_ICE_PATH_CHANGE_BETTER:
      return "the other one is better";
    case GST_RCAST_ICE_PATH_CHANGE_FIRST:
    case GST_RCAST_ICE_PATH_CHANGE_RESTART:
      break;
  }
  return NULL;
}

/* An ICE restart finds new paths; only another uplink is news. */
static gboolean
is_restart_elsewhere (const GstStructure * path)
{
  gint change = GST_RCAST_ICE_PATH_CHANGE_FIRST;
  const gchar *before = gst_structure_get_string (path, "previous-interface");
  const gchar *now = gst_structure_get_string (path, "interface");

  gst_structure_get_enum (path, "change", GST_TYPE_RCAST_ICE_PATH_CHANGE,
      &change);
  return change == GST_RCAST_ICE_PATH_CHANGE_RESTART && before && now
      && !g_str_equal (before, now);
}

static void
note_path (GstRcastPeer * peer, const GstStructure * path)
{
  gboolean silent = FALSE;
  gboolean restart = is_restart_elsewhere (path);
  NoteType type = restart ? NOTE_PATH_RESTARTED : NOTE_PATH_SWITCHED;
  const gchar *why = restart ? "an ICE restart found the better way there" :
      why_switched (path, &silent);
  const gchar *before = gst_structure_get_string (path, "previous-interface");
  const gchar *now = gst_structure_get_string (path, "interface");
  Note *note;

  if (!why)
    return;
  note = note_new (peer, type);
  note->silent = silent;
  note->interface = g_strdup (now);
  note->text = g_strdup_printf ("media moved from %s to %s: %s",
      before ? before : "one path", now ? now : "another", why);
  note_post (note);
}

static const gchar *
shown (const GstStructure * path, const gchar * field)
{
  const gchar *text = gst_structure_get_string (path, field);

  return text ? text : "?";
}

static void
on_path_changed (GstWebRTCICE * ice, guint session, const GstStructure * path,
    gboolean media_lost, GstRcastPeer * peer)
{
  if (path) {
    GST_INFO_OBJECT (peer, "media goes by %s, %s to %s%s",
        shown (path, "interface"), shown (path, "local-candidate"),
        shown (path, "remote-candidate"), media_lost ? ", some was lost" : "");
    note_path (peer, path);
  } else {
    GST_INFO_OBJECT (peer, "media has no path");
  }
  if (path && media_lost)
    note_post (note_new (peer, NOTE_MEDIA_LOST));
}

static void
on_restart_wanted (GstWebRTCICE * ice, guint session,
    GstRcastIceRestartReason reason, GstRcastPeer * peer)
{
  /* With no path left it is the policy's turn, by the connection state. */
  if (reason != GST_RCAST_ICE_RESTART_REASON_PATH_LOST)
    note_post (note_new (peer, NOTE_RESTART_WANTED));
}

/* Nothing that breaks in here may reach the application as an error or an end
 * of stream: the driver decides what it means. */
static void
gst_rcast_peer_handle_message (GstBin * bin, GstMessage * message)
{
  GstRcastPeer *peer = GST_RCAST_PEER (bin);
  g_autoptr (GError) inner = NULL;
  GError *error = NULL;
  g_autofree gchar *debug = NULL;

  switch (GST_MESSAGE_TYPE (message)) {
    case GST_MESSAGE_ERROR:
      gst_message_parse_error (message, &inner, &debug);
      GST_WARNING_OBJECT (peer, "%s failed: %s (%s)",
          GST_MESSAGE_SRC_NAME (message), inner->message, debug);
      g_set_error (&error, GST_RCAST_ERROR, GST_RCAST_ERROR_FAILED, "%s: %s",
          GST_MESSAGE_SRC_NAME (message), inner->message);
      note_post_error (peer, NOTE_FAILED, error);
      gst_message_unref (message);
      break;
    case GST_MESSAGE_WARNING:
      gst_message_parse_warning (message, &inner, &debug);
      GST_WARNING_OBJECT (peer, "%s warns: %s (%s)",
          GST_MESSAGE_SRC_NAME (message), inner->message, debug);
      gst_message_unref (message);
      break;
    case GST_MESSAGE_LATENCY:
      note_post (note_new (peer, NOTE_LATENCY));
      gst_message_unref (message);
      break;
    case GST_MESSAGE_EOS:
    case GST_MESSAGE_STATE_CHANGED:
    case GST_MESSAGE_ELEMENT:
    case GST_MESSAGE_TAG:
    case GST_MESSAGE_CLOCK_LOST:
      gst_message_unref (message);
      break;
    default:
      GST_BIN_CLASS (gst_rcast_peer_parent_class)->handle_message (bin,
          message);
      break;
  }
}

/* From here on: the loop's thread */

static void
fail (GstRcastPeer * peer, const GError * error)
{
  peer->callbacks.failed (peer, error, peer->data);
}

/* A description was no good. Of a restart: the connection goes on as it is. */
static void
refuse (GstRcastPeer * peer, const GError * error)
{
  if (peer->kind == GST_RCAST_OFFER_INITIAL) {
    fail (peer, error);
    return;
  }
  gst_rcast_peer_cancel_offer (peer);
  peer->callbacks.restart_failed (peer, error, peer->data);
}

/* The payload types that RFC 3551 6 gives for good, or the next free one. */
static gint
payload_type_for (const gchar * encoding, gint * next_dynamic)
{
  if (g_ascii_strcasecmp (encoding, "PCMU") == 0)
    return 0;
  if (g_ascii_strcasecmp (encoding, "PCMA") == 0)
    return 8;
  return (*next_dynamic)++;
}

static GstCaps *
complete_offer_caps (GstCaps * caps, guint mline, guint32 ssrc,
    gint * next_dynamic)
{
  g_autofree gchar *mid = g_strdup_printf ("%u", mline);

  caps = gst_caps_make_writable (caps);
  for (guint i = 0; i < gst_caps_get_size (caps); i++) {
    GstStructure *s = gst_caps_get_structure (caps, i);
    const gchar *encoding = gst_structure_get_string (s, "encoding-name");

    gst_structure_set (s, "payload", G_TYPE_INT,
        payload_type_for (encoding, next_dynamic), EXTMAP_TWCC_ID,
        G_TYPE_STRING, EXTMAP_TWCC, NULL);
    /* Attributes of the m-line: from its first format only. Some servers take
     * a mid for a number. */
    if (i == 0)
      gst_structure_set (s, "a-mid", G_TYPE_STRING, mid, "ssrc", G_TYPE_UINT,
          ssrc, NULL);
  }
  return caps;
}

static void
line_free (gpointer data)
{
  Line *line = data;

  gst_clear_object (&line->stream);
  gst_clear_object (&line->transceiver);
  gst_clear_object (&line->sink);
  gst_clear_caps (&line->offered);
  g_free (line);
}

static gboolean
add_line (GstRcastPeer * peer, GstRcastStream * stream, gint * next_dynamic,
    GError ** error)
{
  Line *line = g_new0 (Line, 1);
  guint mline = peer->lines->len;
  g_autofree gchar *name = g_strdup_printf ("sink_%u", mline);
  g_autofree gchar *media = NULL;
  GstCaps *caps = gst_rcast_stream_get_offer_caps (stream);
  GstPadTemplate *template =
      gst_element_get_pad_template (peer->webrtc, "sink_%u");

  g_ptr_array_add (peer->lines, line);
  line->stream = gst_object_ref (stream);
  /* It was known a moment ago: the stream is being stopped. */
  if (!caps) {
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_FAILED,
        "%s has nothing to offer any more", GST_OBJECT_NAME (stream));
    return FALSE;
  }
  line->ssrc = g_random_int_range (1, G_MAXINT32);
  line->offered = complete_offer_caps (caps, mline, line->ssrc, next_dynamic);
  line->sink = gst_element_request_pad (peer->webrtc, template, name,
      line->offered);
  if (!line->sink) {
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_FAILED,
        "webrtcbin gives no pad for %s", GST_OBJECT_NAME (stream));
    return FALSE;
  }
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (line->sink), "msid"))
    g_object_set (line->sink, "msid", MSID, NULL);
  g_object_get (line->sink, "transceiver", &line->transceiver, NULL);
  media = g_strdup (gst_structure_get_string (gst_caps_get_structure
          (line->offered, 0), "media"));
  g_object_set (line->transceiver, "direction",
      GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDONLY, "codec-preferences",
      line->offered, "do-nack", g_strcmp0 (media, "video") == 0, NULL);
  return TRUE;
}

/* As browsers have it: a bundled section has a port like any other. webrtcbin
 * offers all but the first with port 0 and bundle-only (RFC 9143 7.2.1), which
 * servers that were tried with browsers only take for a refusal. */
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

static gchar *
offer_text (const GstSDPMessage * sdp)
{
  g_autoptr (GstSDPMessage) sent = NULL;

  gst_sdp_message_copy (sdp, &sent);
  give_ports (sent);
  return gst_sdp_message_as_text (sent);
}

static void
offer_send (GstRcastPeer * peer, const GstSDPMessage * sdp)
{
  g_autofree gchar *text = offer_text (sdp);
  g_autofree gchar *shown = gst_rcast_sdp_redact (text);

  GST_LOG_OBJECT (peer, "offer:\n%s", shown);
  peer->callbacks.offer (peer, peer->kind, text, peer->data);
}

static void
set_local (GstRcastPeer * peer)
{
  GstWebRTCSessionDescription *description =
      gst_webrtc_session_description_new (GST_WEBRTC_SDP_TYPE_OFFER,
      g_steal_pointer (&peer->offer));

  g_signal_emit_by_name (peer->webrtc, "set-local-description", description,
      gst_promise_new_with_change_func (on_local_set, gst_object_ref (peer),
          (GDestroyNotify) gst_object_unref));
  gst_webrtc_session_description_free (description);
}

/* What webrtcbin takes for granted. */
static gboolean
check_answer (GstRcastPeer * peer, const GstSDPMessage * answer,
    GError ** error)
{
  guint lines = peer->lines->len + (peer->channel_offered ? 1 : 0);

  if (gst_sdp_message_medias_len (answer) != lines) {
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "it has %u m-lines, the offer %u", gst_sdp_message_medias_len (answer),
        lines);
    return FALSE;
  }
  if (!gst_rcast_sdp_get_credentials (answer, NULL, NULL)) {
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "it has no ICE credentials");
    return FALSE;
  }
  for (guint i = 0; i < lines; i++) {
    const GstSDPMedia *media = gst_sdp_message_get_media (answer, i);
    const GstSDPMedia *ours = gst_sdp_message_get_media (peer->offer ?
        peer->offer : answer, i);

    if (g_strcmp0 (gst_sdp_media_get_media (media),
            gst_sdp_media_get_media (ours)) != 0) {
      g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
          "m-line %u is of %s, not of %s", i, gst_sdp_media_get_media (media),
          gst_sdp_media_get_media (ours));
      return FALSE;
    }
  }
  return TRUE;
}

static void
set_remote (GstRcastPeer * peer)
{
  GstSDPMessage *copy;
  GstWebRTCSessionDescription *description;

  gst_sdp_message_copy (peer->answer, &copy);
  description =
      gst_webrtc_session_description_new (GST_WEBRTC_SDP_TYPE_ANSWER, copy);
  g_signal_emit_by_name (peer->webrtc, "set-remote-description", description,
      gst_promise_new_with_change_func (on_remote_set, gst_object_ref (peer),
          (GDestroyNotify) gst_object_unref));
  gst_webrtc_session_description_free (description);
}

static void
offer_created (GstRcastPeer * peer, Note * note)
{
  const gchar *ufrag = NULL;

  gst_rcast_ice_prepare_offer (peer->ice, note->sdp,
      peer->kind == GST_RCAST_OFFER_RESTART);
  gst_rcast_sdp_get_credentials (note->sdp, &ufrag, NULL);
  g_free (peer->ufrag);
  peer->ufrag = g_strdup (ufrag);
  peer->offer = g_steal_pointer (&note->sdp);

  if (peer->gather_first && peer->kind == GST_RCAST_OFFER_INITIAL) {
    peer->gathering_for_offer = TRUE;
    set_local (peer);
    return;
  }
  /* The local description waits for the answer: with it come the ICE servers,
   * which gathering has to know (RFC 9725 4.6). */
  offer_send (peer, peer->offer);
}

static void
gathered (GstRcastPeer * peer)
{
  GstWebRTCSessionDescription *local = NULL;

  if (!peer->gathering_for_offer) {
    peer->callbacks.candidate (peer, 0, peer->ufrag, NULL, peer->data);
    return;
  }
  peer->gathering_for_offer = FALSE;
  g_object_get (peer->webrtc, "local-description", &local, NULL);
  if (!local)
    g_object_get (peer->webrtc, "pending-local-description", &local, NULL);
  if (local) {
    offer_send (peer, local->sdp);
    gst_webrtc_session_description_free (local);
  }
}

static GstStructure *
find_offered (Line * line, gint payload, const gchar * encoding)
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

/* The first format of the answer that was offered: what the server wants. */
static GstCaps *
negotiated_caps (Line * line, const GstSDPMedia * media)
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
    gst_structure_remove_field (caps, "a-mid");
    gst_structure_set (caps, "ssrc", G_TYPE_UINT, line->ssrc, NULL);
    if (!gst_structure_has_field (wanted, EXTMAP_TWCC_ID))
      gst_structure_remove_field (caps, EXTMAP_TWCC_ID);
    return gst_caps_new_full (caps, NULL);
  }
  return NULL;
}

static gboolean
connect_line (GstRcastPeer * peer, Line * line, const GstSDPMedia * media,
    GError ** error)
{
  g_autoptr (GstCaps) caps = NULL;
  g_autoptr (GstPad) src = NULL;

  if (gst_sdp_media_get_port (media) == 0
      && !gst_sdp_media_get_attribute_val (media, "bundle-only")) {
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_NOT_ACCEPTABLE,
        "the server's answer rejects %s", GST_OBJECT_NAME (line->stream));
    return FALSE;
  }
  caps = negotiated_caps (line, media);
  if (!caps) {
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_NOT_ACCEPTABLE,
        "the server's answer has no codec that was offered for %s",
        GST_OBJECT_NAME (line->stream));
    return FALSE;
  }
  if (!gst_rcast_stream_set_negotiated_caps (line->stream, caps, error))
    return FALSE;

  line->feed = gst_rcast_stream_add_feed (line->stream);
  gst_bin_add (GST_BIN (peer), line->feed);
  if (!gst_rcast_feed_set_rtp (GST_RCAST_FEED (line->feed), caps, line->ssrc,
          error))
    return FALSE;
  gst_rcast_liveness_add_ssrc (&peer->liveness, line->ssrc);
  src = gst_element_get_static_pad (line->feed, "src");
  /* Without a reference: the feed is a part of the peer. */
  gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_feed_event,
      peer, NULL);
  if (gst_pad_link (src, line->sink) != GST_PAD_LINK_OK
      || !gst_element_sync_state_with_parent (line->feed)) {
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_FAILED,
        "cannot link %s to webrtcbin with %" GST_PTR_FORMAT,
        GST_OBJECT_NAME (line->stream), caps);
    return FALSE;
  }
  return TRUE;
}

static gboolean
connect_lines (GstRcastPeer * peer, GError ** error)
{
  for (guint i = 0; i < peer->lines->len; i++) {
    Line *line = g_ptr_array_index (peer->lines, i);

    /* A pad that was released meanwhile has nothing to send. */
    if (line->feed || !GST_OBJECT_PARENT (line->stream))
      continue;
    if (!connect_line (peer, line,
            gst_sdp_message_get_media (peer->answer, i), error)
        && GST_OBJECT_PARENT (line->stream))
      return FALSE;
    g_clear_error (error);
  }
  /* rtpsession makes its sender reports with the latency. */
  gst_bin_recalculate_latency (GST_BIN (peer));
  return TRUE;
}

static void
watch_transport (GstRcastPeer * peer)
{
  Line *first = g_ptr_array_index (peer->lines, 0);
  g_autoptr (GstElement) rtpbin = NULL;
  GstWebRTCRTPSender *sender = NULL;

  if (!peer->session) {
    rtpbin = gst_bin_get_by_name (GST_BIN (peer->webrtc), "rtpbin");
    /* Bundled: all media share session 0. */
    g_signal_emit_by_name (rtpbin, "get-internal-session", 0, &peer->session);
    if (peer->session)
      g_signal_connect (peer->session, "on-receiving-rtcp",
          G_CALLBACK (on_receiving_rtcp), peer);
  }
  if (!peer->dtls) {
    g_object_get (first->transceiver, "sender", &sender, NULL);
    g_object_get (sender, "transport", &peer->dtls, NULL);
    gst_object_unref (sender);
    if (peer->dtls)
      g_signal_connect (peer->dtls, "notify::state",
          G_CALLBACK (on_dtls_state), peer);
  }
}

static void
count_all (GstRcastPeer * peer, GstClockTime now)
{
  for (guint i = 0; i < peer->lines->len; i++) {
    Line *line = g_ptr_array_index (peer->lines, i);
    guint64 sent = line->feed ?
        gst_rcast_feed_get_packets_sent (GST_RCAST_FEED (line->feed)) : 0;

    GST_OBJECT_LOCK (peer);
    gst_rcast_liveness_sent (&peer->liveness, line->ssrc, sent, now);
    GST_OBJECT_UNLOCK (peer);
  }
}

/* How long the server has not been heard, as far as that says more than its usual
 * rhythm does. */
static GstClockTime
get_silence (GstRcastPeer * peer, GstClockTime now)
{
  if (!GST_CLOCK_TIME_IS_VALID (peer->liveness.last_report))
    return 0;
  return MIN (now - peer->liveness.last_report, peer->media_timeout);
}

/* The agent moves media on a guess; the server's reports will tell. */
static void
path_switched (GstRcastPeer * peer, Note * note)
{
  GstClockTime now = gst_util_get_timestamp ();
  gboolean reports;

  count_all (peer, now);
  GST_OBJECT_LOCK (peer);
  reports = gst_rcast_liveness_doubt (&peer->liveness, now);
  GST_OBJECT_UNLOCK (peer);
  g_free (peer->switched);
  peer->switched = g_steal_pointer (&note->text);
  g_free (peer->switched_to);
  peer->switched_to = g_steal_pointer (&note->interface);
  if (note->silent && reports)
    peer->callbacks.path_doubted (peer, get_silence (peer, now), peer->data);
}

static void
path_proven (GstRcastPeer * peer)
{
  g_autofree gchar *how = g_steal_pointer (&peer->switched);

  peer->callbacks.path_switched (peer, how, peer->data);
  peer->callbacks.confirmed (peer, peer->data);
}

/* What is sent and what the server says of it, brought together. */
static void
look_after_media (GstRcastPeer * peer, GstBuffer * rtcp, GstClockTime now,
    guint64 ntp)
{
  GstRcastLiveness *liveness = &peer->liveness;
  gboolean confirmed = liveness->confirmed && !liveness->frozen
      && !peer->connected_anew;
  guint64 progress = liveness->progress;
  gboolean frozen;

  count_all (peer, now);
  GST_OBJECT_LOCK (peer);
  if (rtcp)
    gst_rcast_liveness_handle (liveness, rtcp, now, ntp);
  frozen = gst_rcast_liveness_judge (liveness, peer->media_timeout, now);
  GST_OBJECT_UNLOCK (peer);

  if (liveness->progress > progress)
    peer->connected_anew = FALSE;
  if (frozen)
    peer->callbacks.frozen (peer, GST_CLOCK_TIME_IS_VALID
        (liveness->last_progress) ? now - liveness->last_progress : 0,
        liveness->never_moved, peer->data);
  else if (peer->switched && !liveness->doubted)
    path_proven (peer);
  else if (!confirmed && liveness->progress > progress)
    peer->callbacks.confirmed (peer, peer->data);
}

static void
begin_again (GstRcastPeer * peer)
{
  peer->connected_anew = TRUE;
  GST_OBJECT_LOCK (peer);
  gst_rcast_liveness_begin_again (&peer->liveness, gst_util_get_timestamp ());
  GST_OBJECT_UNLOCK (peer);
}

/* The receiver lacks packets that will not come again: it waits for a key frame. */
static void
request_keyframes (GstRcastPeer * peer)
{
  for (guint i = 0; i < peer->lines->len; i++) {
    Line *line = g_ptr_array_index (peer->lines, i);

    if (line->feed)
      gst_rcast_stream_request_keyframe (line->stream);
  }
}

static void
connection_changed (GstRcastPeer * peer, Note * note)
{
  GstRcastConnection connection = note->connection;

  peer->connected = connection == GST_RCAST_CONNECTION_CONNECTED;
  if (peer->connected)
    begin_again (peer);
  /* What was sent while it was away is lost. */
  if (peer->connected && peer->liveness.confirmed)
    request_keyframes (peer);
  if (peer->connected && peer->restarted)
    connection = GST_RCAST_CONNECTION_RESTARTED;
  peer->restarted = FALSE;
  /* From here on it is about the connection, not about a path. */
  g_clear_pointer (&peer->switched, g_free);
  peer->callbacks.connection (peer, connection, note->reason, peer->data);
}

/* Returns: (transfer full) (nullable): of the path that carries the media; with
 * two of them, the first */
static GstStructure *
current_path (GstRcastPeer * peer)
{
  g_autoptr (GstStructure) stats = gst_rcast_ice_get_stats (peer->ice);
  const GValue *streams = gst_structure_get_value (stats, "streams");

  for (guint i = 0; i < gst_value_list_get_size (streams); i++) {
    const GstStructure *stream =
        gst_value_get_structure (gst_value_list_get_value (streams, i));
    const GValue *paths = gst_structure_get_value (stream, "paths");

    for (guint j = 0; j < gst_value_list_get_size (paths); j++) {
      const GstStructure *path =
          gst_value_get_structure (gst_value_list_get_value (paths, j));
      gboolean carrying = FALSE;

      gst_structure_get_boolean (path, "carrying", &carrying);
      if (carrying)
        return gst_structure_copy (path);
    }
  }
  return NULL;
}

/* The path that media has moved to works both ways if the new pair is on it. If that
 * is elsewhere, there is no more to be said of it. */
static void
judge_switch (GstRcastPeer * peer)
{
  g_autofree gchar *how = g_steal_pointer (&peer->switched);
  g_autoptr (GstStructure) path = how ? current_path (peer) : NULL;

  if (path && g_strcmp0 (gst_structure_get_string (path, "interface"),
          peer->switched_to) == 0)
    peer->callbacks.path_switched (peer, how, peer->data);
}

/* Make before break: webrtcbin has nothing to tell of it, unless it had lost the
 * connection. */
static void
restarted (GstRcastPeer * peer, Note * note)
{
  g_autofree gchar *how = g_steal_pointer (&peer->landed);

  if (note->silent)
    request_keyframes (peer);
  peer->restarted = !peer->connected;
  if (!peer->connected)
    return;
  /* It was an outage, if one that is over. */
  if (note->silent)
    peer->callbacks.path_doubted (peer, get_silence (peer,
            gst_util_get_timestamp ()), peer->data);
  if (peer->liveness.frozen)
    begin_again (peer);
  judge_switch (peer);
  /* The new pair works both ways. Where it has ended an outage, that is told as what
   * it was. */
  if (how && !note->silent)
    peer->callbacks.path_switched (peer, how, peer->data);
  peer->callbacks.connection (peer, GST_RCAST_CONNECTION_RESTARTED,
      GST_RCAST_REASON_NONE, peer->data);
}

static gboolean
on_watchdog (gpointer data)
{
  look_after_media (data, NULL, gst_util_get_timestamp (), 0);
  return G_SOURCE_CONTINUE;
}

/* A report makes itself heard, the lack of one does not. */
static void
start_watchdog (GstRcastPeer * peer)
{
  if (peer->watchdog)
    return;
  peer->watchdog =
      gst_rcast_timer_start (GST_TIME_AS_MSECONDS (peer->media_timeout) / 2,
      on_watchdog, peer);
}

static void
check_channel (GstRcastPeer * peer)
{
  const GstSDPMedia *media;

  if (!peer->channel)
    return;
  media = gst_sdp_message_get_media (peer->answer, peer->lines->len);
  if (gst_sdp_media_get_port (media) != 0)
    return;
  GST_INFO_OBJECT (peer, "the server takes no data channel");
  g_clear_object (&peer->channel);
}

static void
keep_remote (GstRcastPeer * peer)
{
  peer->unmoved = peer->remote
      && gst_rcast_sdp_is_unmoved (peer->remote, peer->answer);
  g_clear_pointer (&peer->remote, gst_sdp_message_free);
  gst_sdp_message_copy (peer->answer, &peer->remote);
}

static void
remote_set (GstRcastPeer * peer)
{
  g_autoptr (GError) error = NULL;

  if (!connect_lines (peer, &error)) {
    refuse (peer, error);
    return;
  }
  watch_transport (peer);
  start_watchdog (peer);
  check_channel (peer);
  keep_remote (peer);
  peer->offering = FALSE;
  peer->callbacks.negotiated (peer, peer->kind, peer->data);
}

static const gchar *
ufrag_of (GstRcastPeer * peer, const gchar * candidate, gchar ** allocated)
{
  const gchar *at = strstr (candidate, " ufrag ");

  if (!at)
    return peer->ufrag;
  at += strlen (" ufrag ");
  *allocated = g_strndup (at, strcspn (at, " "));
  return *allocated;
}

static void
candidate_found (GstRcastPeer * peer, guint mline, const gchar * candidate)
{
  g_autofree gchar *allocated = NULL;
  const gchar *ufrag = ufrag_of (peer, candidate, &allocated);

  GST_LOG_OBJECT (peer, "local candidate %s", candidate);
  if (!peer->gathering_for_offer)
    peer->callbacks.candidate (peer, mline, ufrag, candidate, peer->data);
}

static void
rtcp_received (GstRcastPeer * peer, Note * note)
{
  look_after_media (peer, note->rtcp, note->time, note->ntp);
}

static void
check_drained (GstRcastPeer * peer)
{
  if (!peer->draining)
    return;
  for (guint i = 0; i < peer->lines->len; i++) {
    Line *line = g_ptr_array_index (peer->lines, i);

    /* A stream that was released has no end to send. */
    if (line->feed && !line->ended && GST_OBJECT_PARENT (line->stream))
      return;
  }
  peer->draining = FALSE;
  peer->callbacks.drained (peer, peer->data);
}

static void
line_ended (GstRcastPeer * peer, GstElement * feed)
{
  for (guint i = 0; i < peer->lines->len; i++) {
    Line *line = g_ptr_array_index (peer->lines, i);

    line->ended |= line->feed == feed;
  }
  check_drained (peer);
}

static gboolean
on_note (gpointer data)
{
  Note *note = data;
  GstRcastPeer *peer = note->peer;

  if (peer->stopped)
    return G_SOURCE_REMOVE;

  switch (note->type) {
    case NOTE_OFFER_CREATED:
      offer_created (peer, note);
      break;
    case NOTE_LOCAL_SET:
      if (peer->answer)
        set_remote (peer);
      break;
    case NOTE_REMOTE_SET:
      remote_set (peer);
      break;
    case NOTE_CANDIDATE:
      candidate_found (peer, note->mline, note->text);
      break;
    case NOTE_GATHERED:
      gathered (peer);
      break;
    case NOTE_CONNECTION:
      connection_changed (peer, note);
      break;
    case NOTE_RTCP:
      rtcp_received (peer, note);
      break;
    case NOTE_EOS:
      line_ended (peer, note->feed);
      break;
    case NOTE_LATENCY:
      gst_bin_recalculate_latency (GST_BIN (peer));
      break;
    case NOTE_PATH_SWITCHED:
      path_switched (peer, note);
      break;
    case NOTE_PATH_RESTARTED:
      g_free (peer->landed);
      peer->landed = g_steal_pointer (&note->text);
      break;
    case NOTE_MEDIA_LOST:
      request_keyframes (peer);
      break;
    case NOTE_RESTARTED:
      restarted (peer, note);
      break;
    case NOTE_RESTART_FAILED:
      peer->callbacks.restart_failed (peer, note->error, peer->data);
      break;
    case NOTE_REFUSED:
      refuse (peer, note->error);
      break;
    case NOTE_RESTART_WANTED:
      peer->callbacks.restart_wanted (peer, peer->data);
      break;
    case NOTE_FAILED:
      fail (peer, note->error);
      break;
  }
  return G_SOURCE_REMOVE;
}

void
gst_rcast_peer_settings_clear (GstRcastPeerSettings * settings)
{
  g_clear_pointer (&settings->stun_server, g_free);
  g_clear_pointer (&settings->turn_servers, g_strfreev);
  g_clear_pointer (&settings->path_preference, g_strfreev);
}

static void
add_ice_server (GstRcastPeer * peer, const gchar * uri)
{
  gboolean added = TRUE;

  if (g_str_has_prefix (uri, "stun"))
    g_object_set (peer->webrtc, "stun-server", uri, NULL);
  else
    /* Not by webrtcbin, which logs it, with the password. */
    added = gst_webrtc_ice_add_turn_server (GST_WEBRTC_ICE (peer->ice), uri);
  if (!added)
    GST_WARNING_OBJECT (peer, "the ICE agent refuses a TURN server, going on");
}

/**
 * gst_rcast_peer_new:
 * @name: name of the element
 * @loop: where callbacks are called, and all functions here
 * @streams: (element-type GstRcastStream): what is to be sent, in the order of
 *   the m-lines; each knows its offer caps
 * @settings: what webrtcbin is to be told
 * @callbacks: what happens
 * @data: for @callbacks; valid until gst_rcast_peer_stop()
 * @error: why not
 *
 * Returns: (transfer floating) (nullable): a peer that is to be added to a bin
 *   with a locked state and set to PLAYING before the offer is made
 */
GstRcastPeer *
gst_rcast_peer_new (const gchar * name, GstRcastLoop * loop,
    GPtrArray * streams, const GstRcastPeerSettings * settings,
    const GstRcastPeerCallbacks * callbacks, gpointer data, GError ** error)
{
  GstRcastPeer *peer = g_object_new (GST_TYPE_RCAST_PEER, "name", name, NULL);
  gint next_dynamic = FIRST_DYNAMIC_PT;

  peer->loop = gst_rcast_loop_ref (loop);
  peer->callbacks = *callbacks;
  peer->data = data;
  peer->gather_first = settings->gather_first;
  peer->media_timeout = settings->media_timeout * GST_MSECOND;
  peer->data_channel = settings->data_channel;
  peer->use_server_ice = !settings->stun_server
      && (!settings->turn_servers || !settings->turn_servers[0]);

  peer->ice = gst_rcast_ice_new ("ice");
  g_object_set (peer->ice, "path-mode", settings->path_mode,
      "path-preference", settings->path_preference, "media-timeout",
      settings->media_timeout, NULL);
  g_signal_connect (peer->ice, "generation-swapped",
      G_CALLBACK (on_generation_swapped), peer);
  g_signal_connect (peer->ice, "generation-failed",
      G_CALLBACK (on_generation_failed), peer);
  g_signal_connect (peer->ice, "path-changed", G_CALLBACK (on_path_changed),
      peer);
  g_signal_connect (peer->ice, "restart-wanted",
      G_CALLBACK (on_restart_wanted), peer);
  peer->webrtc = gst_rcast_ice_make_webrtcbin (peer->ice, "webrtcbin");
  if (!peer->webrtc) {
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_ARGUMENT,
        "no element \"webrtcbin\": is the webrtc plugin of gst-plugins-bad, "
        "with dtls and srtp, installed?");
    gst_object_unref (gst_object_ref_sink (peer));
    return NULL;
  }
  g_object_set (peer->webrtc, "bundle-policy", settings->bundle_policy,
      "ice-transport-policy", settings->ice_transport_policy, "latency",
      settings->latency, NULL);
  gst_bin_add (GST_BIN (peer), peer->webrtc);
  if (settings->stun_server)
    add_ice_server (peer, settings->stun_server);
  for (guint i = 0; settings->turn_servers && settings->turn_servers[i]; i++)
    add_ice_server (peer, settings->turn_servers[i]);

  g_signal_connect (peer->webrtc, "on-ice-candidate",
      G_CALLBACK (on_ice_candidate), peer);
  g_signal_connect (peer->webrtc, "notify::ice-gathering-state",
      G_CALLBACK (on_gathering_state), peer);
  g_signal_connect (peer->webrtc, "notify::connection-state",
      G_CALLBACK (on_connection_state), peer);

  for (guint i = 0; i < streams->len; i++) {
    if (!add_line (peer, g_ptr_array_index (streams, i), &next_dynamic, error)) {
      gst_object_unref (gst_object_ref_sink (peer));
      return NULL;
    }
  }
  return peer;
}

/* Not before webrtcbin has started. */
static void
add_channel (GstRcastPeer * peer)
{
  if (!peer->data_channel || peer->channel_offered)
    return;
  g_signal_emit_by_name (peer->webrtc, "create-data-channel", CHANNEL_LABEL,
      NULL, &peer->channel);
  peer->channel_offered = peer->channel != NULL;
  if (!peer->channel)
    GST_WARNING_OBJECT (peer, "webrtcbin gives no data channel: is the sctp "
        "plugin of gst-plugins-bad installed? Going on without");
}

/* Ends in the `offer` or the `failed` callback. FALSE: an earlier offer still
 * waits for its answer. */
gboolean
gst_rcast_peer_make_offer (GstRcastPeer * peer, GstRcastOfferKind kind)
{
  if (peer->offering)
    return FALSE;
  peer->offering = TRUE;
  peer->kind = kind;
  g_clear_pointer (&peer->offer, gst_sdp_message_free);
  g_clear_pointer (&peer->answer, gst_sdp_message_free);
  add_channel (peer);
  g_signal_emit_by_name (peer->webrtc, "create-offer", NULL,
      gst_promise_new_with_change_func (on_offer_created,
          gst_object_ref (peer), (GDestroyNotify) gst_object_unref));
  return TRUE;
}

/* Ends in the `negotiated` or the `failed` callback. The server's ICE servers
 * count where the user has set none. */
void
gst_rcast_peer_set_answer (GstRcastPeer * peer, const gchar * sdp,
    const gchar * const *ice_servers)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *shown = gst_rcast_sdp_redact (sdp);

  GST_LOG_OBJECT (peer, "answer:\n%s", shown);
  peer->answer = gst_rcast_sdp_parse (sdp, -1, &error);
  if (!peer->answer || !check_answer (peer, peer->answer, &error)) {
    g_prefix_error (&error, "the server's answer: ");
    refuse (peer, error);
    return;
  }
  if (peer->use_server_ice)
    for (guint i = 0; ice_servers && ice_servers[i]; i++)
      add_ice_server (peer, ice_servers[i]);
  if (peer->offer)
    set_local (peer);
  else
    set_remote (peer);
}

/* Whether the first offer is answered, and the answer applied. */
gboolean
gst_rcast_peer_is_negotiated (GstRcastPeer * peer)
{
  return peer->watchdog != NULL;
}

/* Whether the server answered from the addresses at which it was before. */
gboolean
gst_rcast_peer_is_unmoved (GstRcastPeer * peer)
{
  return peer->unmoved;
}

/* The offer was not answered: as if it had not been made. */
void
gst_rcast_peer_cancel_offer (GstRcastPeer * peer)
{
  peer->offering = FALSE;
  g_clear_pointer (&peer->offer, gst_sdp_message_free);
  gst_rcast_ice_cancel_restart (peer->ice);
}

void
gst_rcast_peer_add_candidate (GstRcastPeer * peer, guint mline,
    const gchar * candidate)
{
  if (candidate)
    g_signal_emit_by_name (peer->webrtc, "add-ice-candidate", mline, candidate);
}

static void
set_gates (GstRcastPeer * peer, gboolean open)
{
  for (guint i = 0; i < peer->lines->len; i++) {
    Line *line = g_ptr_array_index (peer->lines, i);

    if (line->feed)
      gst_rcast_feed_set_open (GST_RCAST_FEED (line->feed), open);
  }
}

/* Media flows from the next key frame on. */
void
gst_rcast_peer_open_gates (GstRcastPeer * peer)
{
  set_gates (peer, TRUE);
}

void
gst_rcast_peer_close_gates (GstRcastPeer * peer)
{
  set_gates (peer, FALSE);
}

/* Whether the last packets are younger than the time for which silence is no
 * news. */
gboolean
gst_rcast_peer_is_sending (GstRcastPeer * peer)
{
  return gst_rcast_liveness_is_sending (&peer->liveness,
      peer->media_timeout, gst_util_get_timestamp ());
}

/* How long the server has not been heard, media-timeout at the most. */
GstClockTime
gst_rcast_peer_get_silence (GstRcastPeer * peer)
{
  return get_silence (peer, gst_util_get_timestamp ());
}

/* Ends in the `drained` callback, when every stream has ended. */
void
gst_rcast_peer_drain (GstRcastPeer * peer)
{
  peer->draining = TRUE;
  check_drained (peer);
}

/* No callback comes after this; gst_rcast_peer_tear_down() is still due. Twice
 * is fine. */
void
gst_rcast_peer_stop (GstRcastPeer * peer)
{
  if (peer->stopped)
    return;
  peer->stopped = TRUE;
  gst_rcast_source_clear (&peer->watchdog);
  g_signal_handlers_disconnect_by_data (peer->webrtc, peer);
  g_signal_handlers_disconnect_by_data (peer->ice, peer);
  if (peer->session)
    g_signal_handlers_disconnect_by_data (peer->session, peer);
  if (peer->dtls)
    g_signal_handlers_disconnect_by_data (peer->dtls, peer);
  g_clear_object (&peer->channel);
  for (guint i = 0; i < peer->lines->len; i++) {
    Line *line = g_ptr_array_index (peer->lines, i);

    if (line->feed)
      gst_rcast_stream_remove_feed (line->stream, line->feed);
  }
}

/* Sets all elements of a stopped peer to NULL. In a thread that may wait for
 * theirs. */
void
gst_rcast_peer_tear_down (GstRcastPeer * peer)
{
  GstPromise *done = gst_promise_new ();

  /* What webrtcbin still has in its queue would start parts of it after the end,
   * and these would live on: let it come to the end of its queue first. An answer
   * to nothing is refused there; statistics would leave names of their own behind,
   * which GLib keeps for ever. */
  g_signal_emit_by_name (peer->webrtc, "create-answer", NULL, done);
  gst_promise_wait (done);
  gst_promise_unref (done);
  gst_rcast_ice_shut_down (peer->ice);
  gst_element_set_state (GST_ELEMENT (peer), GST_STATE_NULL);
}

/* Returns: (transfer full): how the media arrives, by the server's reports.
 * Any thread. */
GstStructure *
gst_rcast_peer_get_stats (GstRcastPeer * peer)
{
  const GstRcastLiveness *l = &peer->liveness;
  g_autoptr (GstStructure) path = current_path (peer);
  GstStructure *stats;

  GST_OBJECT_LOCK (peer);
  stats = gst_structure_new ("application/x-rcast-peer-stats",
      "rtt", G_TYPE_UINT64, l->rtt,
      "fraction-lost", G_TYPE_DOUBLE, l->fraction_lost,
      "packets-lost", G_TYPE_INT64, l->packets_lost,
      "reports", G_TYPE_UINT64, l->reports, NULL);
  GST_OBJECT_UNLOCK (peer);
  if (path)
    gst_structure_set (stats, "path", GST_TYPE_STRUCTURE, path, NULL);
  return stats;
}

/* Returns: (transfer none) (nullable): for application messages, open or not,
 * as long as the server has not rejected it */
GstWebRTCDataChannel *
gst_rcast_peer_get_channel (GstRcastPeer * peer)
{
  return peer->channel;
}

static void
gst_rcast_peer_dispose (GObject * object)
{
  /* The agent calls webrtcbin until it is gone: webrtcbin's own reference has to
   * be the last one. */
  gst_clear_object (&GST_RCAST_PEER (object)->ice);
  G_OBJECT_CLASS (gst_rcast_peer_parent_class)->dispose (object);
}

static void
gst_rcast_peer_finalize (GObject * object)
{
  GstRcastPeer *peer = GST_RCAST_PEER (object);

  g_clear_pointer (&peer->loop, gst_rcast_loop_unref);
  g_clear_object (&peer->session);
  g_clear_object (&peer->channel);
  gst_clear_object (&peer->dtls);
  g_clear_pointer (&peer->lines, g_ptr_array_unref);
  g_clear_pointer (&peer->offer, gst_sdp_message_free);
  g_clear_pointer (&peer->answer, gst_sdp_message_free);
  g_clear_pointer (&peer->remote, gst_sdp_message_free);
  g_free (peer->ufrag);
  g_free (peer->switched);
  g_free (peer->switched_to);
  g_free (peer->landed);
  gst_rcast_liveness_clear (&peer->liveness);
  G_OBJECT_CLASS (gst_rcast_peer_parent_class)->finalize (object);
}

static void
gst_rcast_peer_class_init (GstRcastPeerClass * klass)
{
  GST_DEBUG_CATEGORY_INIT (rcast_peer_debug, "rcastpeer", 0,
      "gst-rcast: one life of a webrtcbin");

  G_OBJECT_CLASS (klass)->dispose = gst_rcast_peer_dispose;
  G_OBJECT_CLASS (klass)->finalize = gst_rcast_peer_finalize;
  GST_BIN_CLASS (klass)->handle_message = gst_rcast_peer_handle_message;
  gst_element_class_set_static_metadata (GST_ELEMENT_CLASS (klass),
      "Rcast peer", "Sink/Network/WebRTC", "One life of a webrtcbin",
      "The gst-rcast developers");
}

static void
gst_rcast_peer_init (GstRcastPeer * peer)
{
  peer->lines = g_ptr_array_new_with_free_func (line_free);
  gst_rcast_liveness_init (&peer->liveness);
  /* Not a sink whose end of stream anybody waits for, nor a source that would
   * make the pipeline live. */
  gst_bin_set_suppressed_flags (GST_BIN (peer),
      GST_ELEMENT_FLAG_SINK | GST_ELEMENT_FLAG_SOURCE);
}
