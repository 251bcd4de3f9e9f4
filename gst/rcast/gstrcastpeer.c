/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One life of a webrtcbin: from the offer to the teardown. */
#include "config.h"

#include "gstrcastpeer.h"

#include "gstrcastanswering.h"
#include "gstrcastline.h"
#include "gstrcastreceiver.h"
#include "gstrcastwebrtc.h"
#include "gstrcastlistener.h"
#include "rcast-answer.h"
#include "rcast-offer.h"
#include "rcast-sdp.h"

GST_DEBUG_CATEGORY_STATIC (rcast_peer_debug);
#define GST_CAT_DEFAULT rcast_peer_debug

/* The negotiation in progress: RFC 8829 3.2, as the offerer sees it. */
typedef enum
{
  STATE_IDLE,                   /* nothing */
  STATE_CREATING,               /* webrtcbin makes an offer */
  STATE_GATHERING,              /* the offer waits for all its candidates */
  STATE_SENT,                   /* the offer waits for its answer */
  STATE_SETTING_LOCAL,          /* answered; webrtcbin takes the offer */
  STATE_SETTING_REMOTE,         /* webrtcbin takes the answer */
  STATE_STOPPED,                /* for good */
} State;

/* All fields belong to the loop's thread but those that say otherwise. */
struct _GstRcastPeer
{
  GstBin parent;

  GstRcastLoop *loop;           /* constant */
  GstRcastPeerCallbacks callbacks;      /* constant */
  gpointer data;                /* constant */
  gboolean gather_first;        /* constant */
  gboolean data_channel, offer_ccfb;    /* constant */
  gboolean allow_declined;      /* constant */
  gboolean use_server_ice;      /* constant */

  GstWebRTCICE *ice;            /* constant */
  GstElement *webrtc;           /* constant */
  GstRcastWatch *watch;         /* constant */
  GstRcastListener *listener;   /* constant */
  GPtrArray *lines;             /* of GstRcastLine; constant; none if it receives */
  GstRcastReceiver *receiver;   /* constant; NULL: it sends */
  GstRcastAnswering *answering; /* constant; NULL: the offers are made here */
  GstWebRTCDataChannel *channel;        /* NULL if the server rejects it */

  State state;
  GstRcastOfferKind kind;       /* of the last offer */
  gchar *ufrag;                 /* of the last offer */
  GstSDPMessage *offer;         /* the last one; NULL: there was none */
  GstSDPMessage *answer;        /* to @offer */
  GArray *payloads;             /* of @answer */
  GstSDPMessage *remote;        /* the last answer that was applied */
  gboolean unbundled;           /* the first answer had no BUNDLE */
  gboolean unmoved;             /* the answer kept the addresses of the one before */
  gboolean draining;            /* waits for the end of all lines */
};

G_DEFINE_TYPE (GstRcastPeer, gst_rcast_peer, GST_TYPE_BIN);

/* A message from a callback, on any thread, to the loop's thread. */
typedef struct _Note Note;
struct _Note
{
  GstRcastPeer *peer;
  void (*handle) (GstRcastPeer * peer, Note * note);
  GstSDPMessage *sdp;
  GError *error;
};

static void
note_free (gpointer data)
{
  Note *note = data;

  gst_object_unref (note->peer);
  g_clear_pointer (&note->sdp, gst_sdp_message_free);
  g_clear_error (&note->error);
  g_free (note);
}

static Note *
note_new (GstRcastPeer * peer, void (*handle) (GstRcastPeer *, Note *))
{
  Note *note = g_new0 (Note, 1);

  note->peer = gst_object_ref (peer);
  note->handle = handle;
  return note;
}

static gboolean
on_note (gpointer data)
{
  Note *note = data;

  if (note->peer->state != STATE_STOPPED)
    note->handle (note->peer, note);
  return G_SOURCE_REMOVE;
}

static void
note_post (Note * note)
{
  gst_rcast_loop_invoke (note->peer->loop, on_note, note, note_free);
}

/* Failures and ICE restarts: the loop's thread */

static void
handle_failure (GstRcastPeer * peer, Note * note)
{
  peer->callbacks.failed (peer, note->error, peer->data);
}

/* A description cannot be used. If it was for a restart, the connection goes on as it is. */
static void
refuse (GstRcastPeer * peer, const GError * error)
{
  if (peer->kind == GST_RCAST_OFFER_INITIAL) {
    peer->callbacks.failed (peer, error, peer->data);
    return;
  }
  gst_rcast_peer_cancel_offer (peer);
  peer->callbacks.restart_failed (peer, error, peer->data);
}

static void
handle_refusal (GstRcastPeer * peer, Note * note)
{
  refuse (peer, note->error);
}

static void
handle_latency (GstRcastPeer * peer, Note * note)
{
  gst_bin_recalculate_latency (GST_BIN (peer));
}

/* A call of webrtcbin has ended: webrtcbin's thread */
static void
note_done (GstRcastPeer * peer, void (*handle) (GstRcastPeer *, Note *),
    GstSDPMessage * sdp, GError * error)
{
  Note *note = note_new (peer, error ? handle_refusal : handle);

  note->sdp = sdp;
  note->error = error;
  note_post (note);
}

static void
send_offer (GstRcastPeer * peer, const GstSDPMessage * sdp)
{
  g_autofree gchar *text = gst_rcast_offer_to_text (sdp, peer->offer_ccfb);

  gst_rcast_webrtc_log (peer, "offer", text);
  peer->state = STATE_SENT;
  peer->callbacks.offer (peer, peer->kind, text, peer->data);
}

static void handle_local_set (GstRcastPeer * peer, Note * note);

static void
on_local_set (GstSDPMessage * sdp, GError * error, gpointer data)
{
  note_done (data, handle_local_set, sdp, error);
}

static void
set_local (GstRcastPeer * peer)
{
  gst_rcast_webrtc_set_description (peer->webrtc, GST_WEBRTC_SDP_TYPE_OFFER,
      peer->offer, on_local_set, gst_object_ref (peer), gst_object_unref);
}

/* The offer */

/* Whether the local description is set before the offer is sent, rather than with its
 * answer. */
static gboolean
is_gathered_first (GstRcastPeer * peer)
{
  return peer->gather_first && peer->kind == GST_RCAST_OFFER_INITIAL;
}

static void
handle_offer (GstRcastPeer * peer, Note * note)
{
  const gchar *ufrag = NULL;

  if (peer->state != STATE_CREATING || !note->sdp)
    return;
  gst_rcast_ice_prepare_offer (peer->ice, note->sdp,
      peer->kind == GST_RCAST_OFFER_RESTART);
  gst_rcast_sdp_get_credentials (note->sdp, &ufrag, NULL);
  g_free (peer->ufrag);
  peer->ufrag = g_strdup (ufrag);
  gst_rcast_offer_repair_all (note->sdp);
  if (peer->unbundled)
    gst_rcast_offer_unbundle (note->sdp);
  if (peer->offer)
    gst_rcast_offer_keep_ssrcs (note->sdp, peer->offer);
  g_clear_pointer (&peer->offer, gst_sdp_message_free);
  peer->offer = g_steal_pointer (&note->sdp);

  if (is_gathered_first (peer)) {
    peer->state = STATE_GATHERING;
    set_local (peer);
    return;
  }
  /* The local description waits for the answer, which brings the ICE servers that
   * gathering has to know (RFC 9725 4.6). */
  send_offer (peer, peer->offer);
}

static void
on_offer_created (GstSDPMessage * sdp, GError * error, gpointer data)
{
  note_done (data, handle_offer, sdp, error);
}

/* Ends in the `offer` or the `failed` callback. FALSE: an earlier offer still
 * waits for its answer. */
gboolean
gst_rcast_peer_make_offer (GstRcastPeer * peer, GstRcastOfferKind kind)
{
  if (peer->state != STATE_IDLE)
    return FALSE;
  peer->state = STATE_CREATING;
  peer->kind = kind;
  g_clear_pointer (&peer->answer, gst_sdp_message_free);
  g_clear_pointer (&peer->payloads, g_array_unref);
  /* Only after webrtcbin has started. */
  if (peer->data_channel && !peer->offer)
    peer->channel = gst_rcast_webrtc_add_channel (peer->webrtc);
  if (kind == GST_RCAST_OFFER_RESTART)
    gst_rcast_watch_expect_restart (peer->watch);
  gst_rcast_webrtc_create_offer (peer->webrtc, on_offer_created,
      gst_object_ref (peer), gst_object_unref);
  return TRUE;
}

/* The offer was not answered. The peer goes on as if it had not been made. */
void
gst_rcast_peer_cancel_offer (GstRcastPeer * peer)
{
  if (peer->state == STATE_STOPPED)
    return;
  peer->state = STATE_IDLE;
  gst_rcast_ice_cancel_restart (peer->ice);
}

/* Candidates */

static void
on_gathered (gpointer data)
{
  GstRcastPeer *peer = data;
  GstWebRTCSessionDescription *local = NULL;

  if (peer->answering)
    gst_rcast_answering_gathered (peer->answering);
  if (peer->state != STATE_GATHERING) {
    peer->callbacks.candidate (peer, 0, peer->ufrag, NULL, peer->data);
    return;
  }
  g_object_get (peer->webrtc, "local-description", &local, NULL);
  if (!local)
    g_object_get (peer->webrtc, "pending-local-description", &local, NULL);
  if (local) {
    send_offer (peer, local->sdp);
    gst_webrtc_session_description_free (local);
  }
}

static void
on_candidate (guint mline, const gchar * text, gpointer data)
{
  GstRcastPeer *peer = data;
  g_autofree gchar *own = gst_rcast_sdp_dup_candidate_ufrag (text);

  GST_LOG_OBJECT (peer, "local candidate %s", text);
  if (peer->state != STATE_GATHERING)
    peer->callbacks.candidate (peer, mline, own ? own : peer->ufrag, text,
        peer->data);
}

void
gst_rcast_peer_add_candidate (GstRcastPeer * peer, guint mline,
    const gchar * candidate)
{
  if (candidate)
    g_signal_emit_by_name (peer->webrtc, "add-ice-candidate", mline, candidate);
}

/* The answer */

static void
on_declined (const GError * why, gpointer data)
{
  GstRcastPeer *peer = data;

  peer->callbacks.silent (peer, why, peer->data);
}

static gboolean
connect_lines (GstRcastPeer * peer, GError ** error)
{
  const GstRcastLineAnswer answer = {
    peer->answer, peer->payloads, peer->allow_declined, on_declined, peer
  };

  if (!peer->receiver && !gst_rcast_line_connect_all (peer->lines, GST_BIN (peer), &answer, error))
    return FALSE;
  /* rtpsession makes its sender reports with the latency. */
  gst_bin_recalculate_latency (GST_BIN (peer));
  return TRUE;
}

static void
check_channel (GstRcastPeer * peer)
{
  const GstSDPMedia *media;

  if (!peer->channel)
    return;
  media = gst_sdp_message_get_media (peer->answer,
      gst_sdp_message_medias_len (peer->answer) - 1);
  if (gst_sdp_media_get_port (media) != 0)
    return;
  GST_INFO_OBJECT (peer, "the server takes no data channel");
  g_clear_object (&peer->channel);
}

static void
keep_remote (GstRcastPeer * peer, const GstSDPMessage * remote)
{
  peer->unmoved = peer->remote
      && gst_rcast_sdp_is_unmoved (peer->remote, remote);
  g_clear_pointer (&peer->remote, gst_sdp_message_free);
  gst_sdp_message_copy (remote, &peer->remote);
}

static void
handle_remote_set (GstRcastPeer * peer, Note * note)
{
  g_autoptr (GError) error = NULL;

  if (peer->state != STATE_SETTING_REMOTE)
    return;
  if (!connect_lines (peer, &error)) {
    refuse (peer, error);
    return;
  }
  check_channel (peer);
  gst_rcast_watch_start (peer->watch, peer->channel != NULL);
  keep_remote (peer, peer->answer);
  if (peer->receiver)
    gst_rcast_receiver_negotiated (peer->receiver, peer->answer);
  peer->state = STATE_IDLE;
  peer->callbacks.negotiated (peer, peer->kind, peer->data);
}

static void
on_remote_set (GstSDPMessage * sdp, GError * error, gpointer data)
{
  note_done (data, handle_remote_set, sdp, error);
}

static void
set_remote (GstRcastPeer * peer)
{
  peer->state = STATE_SETTING_REMOTE;
  gst_rcast_webrtc_set_description (peer->webrtc, GST_WEBRTC_SDP_TYPE_ANSWER,
      peer->answer, on_remote_set, gst_object_ref (peer), gst_object_unref);
}

static void
handle_local_set (GstRcastPeer * peer, Note * note)
{
  if (peer->state == STATE_SETTING_LOCAL)
    set_remote (peer);
}

static gboolean
parse_answer (GstRcastPeer * peer, const gchar * sdp, GError ** error)
{
  g_autoptr (GstSDPMessage) answer = gst_rcast_sdp_parse (sdp, -1, error);

  if (answer)
    peer->answer = gst_rcast_answer_complete (peer->offer, answer,
        &peer->payloads, error);
  return peer->answer != NULL;
}

/* In time, as the offer becomes webrtcbin's local description only after this. */
static gboolean
follow_bundling (GstRcastPeer * peer, GError ** error)
{
  gboolean bundled = gst_rcast_offer_is_bundled (peer->offer);
  gboolean follows = gst_rcast_offer_follow (peer->offer, peer->answer,
      is_gathered_first (peer), error);

  peer->unbundled |= bundled != gst_rcast_offer_is_bundled (peer->offer);
  return follows;
}

/* Ends in the `negotiated` or the `failed` callback. The server's ICE servers are used if
 * the user has set none. */
void
gst_rcast_peer_set_answer (GstRcastPeer * peer, const gchar * sdp,
    const gchar * const *ice_servers)
{
  g_autoptr (GError) error = NULL;

  gst_rcast_webrtc_log (peer, "answer", sdp);
  if (peer->state != STATE_SENT)
    return;
  if (!parse_answer (peer, sdp, &error) || !follow_bundling (peer, &error)) {
    g_prefix_error (&error, "the server's answer: ");
    refuse (peer, error);
    return;
  }
  if (peer->use_server_ice)
    gst_rcast_webrtc_add_ice_servers (peer->webrtc, peer->ice, ice_servers);
  if (is_gathered_first (peer)) {
    set_remote (peer);
  } else {
    peer->state = STATE_SETTING_LOCAL;
    set_local (peer);
  }
}

/* The server's offers */

static void
on_answer_made (const GstSDPMessage * offer, const gchar * sdp,
    const gchar * ufrag, gpointer data)
{
  GstRcastPeer *peer = data;

  g_free (peer->ufrag);
  peer->ufrag = g_strdup (ufrag);
  gst_rcast_watch_start (peer->watch, FALSE);
  keep_remote (peer, offer);
  gst_rcast_receiver_negotiated (peer->receiver, offer);
  peer->callbacks.answer (peer, peer->kind, sdp, peer->data);
  peer->callbacks.negotiated (peer, peer->kind, peer->data);
}

static void
on_answer_failed (const GError * error, gpointer data)
{
  refuse (data, error);
}

static const GstRcastAnsweringCallbacks answering_callbacks = {
  .answer = on_answer_made,
  .failed = on_answer_failed,
};

/* Takes an offer of the server. Ends in the `answer` and the `negotiated` callback, or in
 * the `failed` one. */
void
gst_rcast_peer_take_offer (GstRcastPeer * peer, GstRcastOfferKind kind,
    const gchar * sdp, const gchar * const *ice_servers)
{
  g_autoptr (GError) error = NULL;

  if (peer->state == STATE_STOPPED || !peer->answering)
    return;
  peer->kind = kind;
  if (peer->use_server_ice)
    gst_rcast_webrtc_add_ice_servers (peer->webrtc, peer->ice, ice_servers);
  if (kind == GST_RCAST_OFFER_RESTART
      && gst_rcast_answering_is_restart (peer->answering, sdp))
    gst_rcast_watch_expect_restart (peer->watch);
  if (!gst_rcast_answering_take (peer->answering, sdp, &error))
    refuse (peer, error);
}

/* Whether the first offer is answered and the answer is applied. */
gboolean
gst_rcast_peer_is_negotiated (GstRcastPeer * peer)
{
  return gst_rcast_watch_is_started (peer->watch);
}

/* Whether the server answered from the same addresses as before. */
gboolean
gst_rcast_peer_is_unmoved (GstRcastPeer * peer)
{
  return peer->unmoved;
}

/* As gst_rcast_line_any_outdated() */
gboolean
gst_rcast_peer_is_outdated (GstRcastPeer * peer)
{
  return gst_rcast_line_any_outdated (peer->lines);
}

/* The media */

/* Opens the gates, so that media flows from the next key frame on, or closes them. */
void
gst_rcast_peer_set_gates (GstRcastPeer * peer, gboolean open)
{
  for (guint i = 0; i < peer->lines->len; i++)
    gst_rcast_line_set_open (g_ptr_array_index (peer->lines, i), open);
  if (peer->receiver)
    gst_rcast_receiver_set_open (peer->receiver, open);
}

static void
check_drained (GstRcastPeer * peer, Note * note)
{
  if (!peer->draining)
    return;
  for (guint i = 0; i < peer->lines->len; i++) {
    if (!gst_rcast_line_is_over (g_ptr_array_index (peer->lines, i)))
      return;
  }
  peer->draining = FALSE;
  peer->callbacks.drained (peer, peer->data);
}

static void
on_line_ended (gpointer data)
{
  note_post (note_new (data, check_drained));
}

/* Ends in the `drained` callback, when every stream has ended. */
void
gst_rcast_peer_drain (GstRcastPeer * peer)
{
  peer->draining = TRUE;
  check_drained (peer, NULL);
}

/* Whether something was sent so recently that silence says nothing yet. */
gboolean
gst_rcast_peer_is_sending (GstRcastPeer * peer)
{
  return gst_rcast_watch_is_sending (peer->watch);
}

/* Time without a report of the server, at most media-timeout. */
GstClockTime
gst_rcast_peer_get_silence (GstRcastPeer * peer)
{
  return gst_rcast_watch_get_silence (peer->watch);
}

/* Returns: (transfer full): how the media arrives, by the server's reports.
 * Any thread. */
GstStructure *
gst_rcast_peer_get_stats (GstRcastPeer * peer)
{
  return gst_rcast_watch_get_stats (peer->watch);
}

/* Returns: (transfer none) (nullable): the channel for application messages, open or not,
 * unless the server has rejected it */
GstWebRTCDataChannel *
gst_rcast_peer_get_channel (GstRcastPeer * peer)
{
  return peer->channel;
}

/* Receiving */

static void
handle_arrival (GstRcastPeer * peer, Note * note)
{
  peer->callbacks.confirmed (peer, FALSE, peer->data);
}

/* A streaming thread */
static void
on_arrived (gpointer data)
{
  note_post (note_new (data, handle_arrival));
}

/* The watch's callbacks */

static void
on_connection (GstRcastConnection connection, GstRcastReason reason,
    gpointer data)
{
  GstRcastPeer *peer = data;
  gboolean up = connection == GST_RCAST_CONNECTION_CONNECTED
      || connection == GST_RCAST_CONNECTION_RESTARTED;
  g_autoptr (GError) error = NULL;

  if (up && !gst_rcast_watch_check_certificates (peer->watch, peer->remote,
          &error)) {
    GST_WARNING_OBJECT (peer, "%s", error->message);
    connection = GST_RCAST_CONNECTION_FAILED;
    reason = GST_RCAST_REASON_DTLS_FAILED;
    up = FALSE;
  }
  if (peer->receiver)
    gst_rcast_receiver_follow (peer->receiver, up, reason);
  peer->callbacks.connection (peer, connection, reason, error, peer->data);
}

static void
on_confirmed (gboolean partial, gpointer data)
{
  GstRcastPeer *peer = data;

  peer->callbacks.confirmed (peer, partial, peer->data);
}

static void
on_frozen (GstClockTime since, gboolean never_moved, gpointer data)
{
  GstRcastPeer *peer = data;

  peer->callbacks.frozen (peer, since, never_moved, peer->data);
}

static void
on_silent (const GstRcastLine * line, gpointer data)
{
  GstRcastPeer *peer = data;
  g_autoptr (GError) why = g_error_new (GST_RCAST_ERROR,
      GST_RCAST_ERROR_FAILED, "%s: the server reports that it receives no more "
      "of this stream, although others arrive",
      gst_rcast_line_get_name (line));

  peer->callbacks.silent (peer, why, peer->data);
}

static void
on_path_doubted (GstClockTime since, gpointer data)
{
  GstRcastPeer *peer = data;

  peer->callbacks.path_doubted (peer, since, peer->data);
}

static void
on_path_switched (const gchar * how, gpointer data)
{
  GstRcastPeer *peer = data;

  peer->callbacks.path_switched (peer, how, peer->data);
}

static const GstRcastWatchCallbacks watch_callbacks = {
  .connection = on_connection,
  .confirmed = on_confirmed,
  .frozen = on_frozen,
  .silent = on_silent,
  .path_doubted = on_path_doubted,
  .path_switched = on_path_switched,
};

/* The ICE agent's requests */

static void
on_restart_failed (const GError * error, gpointer data)
{
  GstRcastPeer *peer = data;

  peer->callbacks.restart_failed (peer, error, peer->data);
}

static void
on_restart_wanted (gpointer data)
{
  GstRcastPeer *peer = data;

  peer->callbacks.restart_wanted (peer, peer->data);
}

static void
on_restart_hopeless (gpointer data)
{
  GstRcastPeer *peer = data;

  peer->callbacks.restart_hopeless (peer, peer->data);
}

static const GstRcastListenerCallbacks listener_callbacks = {
  .candidate = on_candidate,
  .gathered = on_gathered,
  .restart_failed = on_restart_failed,
  .restart_wanted = on_restart_wanted,
  .restart_hopeless = on_restart_hopeless,
};

/* No error or end of stream in here may reach the application: the driver decides what it
 * means. Any thread. */
static void
gst_rcast_peer_handle_message (GstBin * bin, GstMessage * message)
{
  GstRcastPeer *peer = GST_RCAST_PEER (bin);
  Note *note;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    note = note_new (peer, handle_failure);
    note->error = gst_rcast_webrtc_take_error (peer, message);
    note_post (note);
  } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_LATENCY)
    note_post (note_new (peer, handle_latency));
  else if (!gst_rcast_webrtc_is_inner (peer, message)) {
    GST_BIN_CLASS (gst_rcast_peer_parent_class)->handle_message (bin, message);
    return;
  }
  gst_message_unref (message);
}

/* Beginning and end */

/* Creates what the offer is about. A server that offers says so itself. */
static gboolean
make_lines (GstRcastPeer * peer, GPtrArray * streams,
    const GstRcastPeerSettings * settings, GError ** error)
{
  if (!settings->outlets)
    return gst_rcast_line_offer_all (peer->lines, streams, peer->webrtc,
        on_line_ended, peer, error);
  peer->receiver = gst_rcast_receiver_new (peer->loop, GST_BIN (peer),
      peer->webrtc, settings->outlets, on_arrived, peer);
  if (!settings->server_offers)
    return gst_rcast_receiver_offer (peer->receiver, error);
  peer->answering = gst_rcast_answering_new (peer->loop, peer->webrtc,
      peer->ice, peer->gather_first, &answering_callbacks, peer);
  return TRUE;
}

static void
listen (GstRcastPeer * peer, const GstRcastPeerSettings * settings)
{
  peer->watch = gst_rcast_watch_new (GST_OBJECT_NAME (peer), peer->loop,
      peer->webrtc, peer->lines, settings->media_timeout * GST_MSECOND,
      &settings->allot, &watch_callbacks, peer);
  peer->listener = gst_rcast_listener_new (peer->loop, peer->webrtc,
      peer->ice, &listener_callbacks, peer);
}

/**
 * gst_rcast_peer_new:
 * @name: name of the element
 * @loop: its thread runs the callbacks, and all functions here
 * @streams: (element-type GstRcastStream): the streams to send, in the order of the
 *   m-lines; each knows its offer caps
 * @settings: settings of webrtcbin and the ICE agent
 * @callbacks: what happens
 * @data: for @callbacks; valid until gst_rcast_peer_stop()
 * @error: why there is no peer
 *
 * Returns: (transfer floating) (nullable): a peer. Add it to a bin with a locked state,
 *   and set it to PLAYING before the offer is made.
 */
GstRcastPeer *
gst_rcast_peer_new (const gchar * name, GstRcastLoop * loop,
    GPtrArray * streams, const GstRcastPeerSettings * settings,
    const GstRcastPeerCallbacks * callbacks, gpointer data, GError ** error)
{
  GstRcastPeer *peer;

  if (streams->len == 0 && !settings->data_channel && !settings->outlets) {
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_FAILED,
        "there is nothing to offer, neither a stream nor a data channel");
    return NULL;
  }
  peer = g_object_new (GST_TYPE_RCAST_PEER, "name", name, NULL);
  peer->loop = gst_rcast_loop_ref (loop);
  peer->callbacks = *callbacks;
  peer->data = data;
  peer->gather_first = settings->gather_first;
  peer->data_channel = settings->data_channel;
  peer->offer_ccfb = settings->offer_ccfb;
  peer->allow_declined = settings->allow_declined;
  peer->use_server_ice = !settings->stun_server
      && (!settings->turn_servers || !settings->turn_servers[0]);
  peer->ice = gst_rcast_ice_new ("ice");
  peer->webrtc = gst_rcast_webrtc_make (peer->ice, settings, error);
  if (peer->webrtc)
    gst_bin_add (GST_BIN (peer), peer->webrtc);
  if (!peer->webrtc || !make_lines (peer, streams, settings, error)) {
    gst_object_unref (gst_object_ref_sink (peer));
    return NULL;
  }
  listen (peer, settings);
  return peer;
}

/* No callback comes after this. gst_rcast_peer_tear_down() is still due. Twice is fine. */
void
gst_rcast_peer_stop (GstRcastPeer * peer)
{
  if (peer->state == STATE_STOPPED)
    return;
  peer->state = STATE_STOPPED;
  gst_rcast_watch_stop (peer->watch);
  gst_rcast_listener_stop (peer->listener);
  g_clear_object (&peer->channel);
  for (guint i = 0; i < peer->lines->len; i++)
    gst_rcast_line_stop (g_ptr_array_index (peer->lines, i));
  if (peer->receiver)
    gst_rcast_receiver_stop (peer->receiver);
  if (peer->answering)
    gst_rcast_answering_stop (peer->answering);
}

/* Sets all elements of a stopped peer to NULL. Call it on a thread that may wait for the
 * elements' threads. */
void
gst_rcast_peer_tear_down (GstRcastPeer * peer)
{
  /* Calls that wait in webrtcbin's queue would start parts of it after the end, and these
   * would leak. */
  gst_rcast_webrtc_flush (peer->webrtc);
  gst_rcast_ice_shut_down (peer->ice);
  gst_element_set_state (GST_ELEMENT (peer), GST_STATE_NULL);
}

/* The peer leaves its bin before it stops. Until then its threads need the clock. */
static gboolean
gst_rcast_peer_set_clock (GstElement * element, GstClock * clock)
{
  return !clock || GST_ELEMENT_CLASS (gst_rcast_peer_parent_class)->set_clock
      (element, clock);
}

static void
gst_rcast_peer_dispose (GObject * object)
{
  GstRcastPeer *peer = GST_RCAST_PEER (object);

  gst_clear_object (&peer->watch);
  gst_clear_object (&peer->listener);
  gst_clear_object (&peer->answering);
  /* The agent calls webrtcbin as long as it exists: webrtcbin has to hold the last
   * reference. */
  gst_clear_object (&peer->ice);
  G_OBJECT_CLASS (gst_rcast_peer_parent_class)->dispose (object);
}

static void
gst_rcast_peer_finalize (GObject * object)
{
  GstRcastPeer *peer = GST_RCAST_PEER (object);

  g_clear_pointer (&peer->loop, gst_rcast_loop_unref);
  g_clear_object (&peer->channel);
  g_clear_pointer (&peer->lines, g_ptr_array_unref);
  g_clear_pointer (&peer->receiver, gst_rcast_receiver_free);
  g_clear_pointer (&peer->offer, gst_sdp_message_free);
  g_clear_pointer (&peer->answer, gst_sdp_message_free);
  g_clear_pointer (&peer->payloads, g_array_unref);
  g_clear_pointer (&peer->remote, gst_sdp_message_free);
  g_free (peer->ufrag);
  G_OBJECT_CLASS (gst_rcast_peer_parent_class)->finalize (object);
}

static void
gst_rcast_peer_class_init (GstRcastPeerClass * klass)
{
  GST_DEBUG_CATEGORY_INIT (rcast_peer_debug, "rcastpeer", 0,
      "gst-rcast: one life of a webrtcbin");

  G_OBJECT_CLASS (klass)->dispose = gst_rcast_peer_dispose;
  G_OBJECT_CLASS (klass)->finalize = gst_rcast_peer_finalize;
  GST_ELEMENT_CLASS (klass)->set_clock = gst_rcast_peer_set_clock;
  GST_BIN_CLASS (klass)->handle_message = gst_rcast_peer_handle_message;
  gst_element_class_set_static_metadata (GST_ELEMENT_CLASS (klass),
      "Rcast peer", "Sink/Network/WebRTC", "One life of a webrtcbin",
      "The gst-rcast developers");
}

static void
gst_rcast_peer_init (GstRcastPeer * peer)
{
  peer->lines = g_ptr_array_new_with_free_func ((GDestroyNotify)
      gst_rcast_line_free);
  /* The peer is neither a sink whose end of stream anybody waits for, nor a source that
   * makes the pipeline live. */
  gst_bin_set_suppressed_flags (GST_BIN (peer),
      GST_ELEMENT_FLAG_SINK | GST_ELEMENT_FLAG_SOURCE);
}
