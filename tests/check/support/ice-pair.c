/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two stock webrtcbins with our agent in one process: one sends packets, one counts them. */
#include "ice-pair.h"

#include <gst/check/gstcheck.h>
#include <string.h>

/* The limit of a wait, even with valgrind */
#define WAIT_US (90 * G_USEC_PER_SEC)

/* 200 packets per second */
guint ice_pair_samples = 40;

/* Buffers later than this are dropped. webrtcbin blocks the source until it is connected, and a
 * busy machine may block it later. The burst after that would overflow the receiver's socket. */
#define MAX_LATE (100 * GST_MSECOND)

/* Drops before the payloader, so no sequence number is missing. */
static GstPadProbeReturn
drop_late (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstElement *element = GST_ELEMENT (GST_PAD_PARENT (pad));
  GstClockTime due = GST_BUFFER_PTS (GST_PAD_PROBE_INFO_BUFFER (info));
  g_autoptr (GstClock) clock = gst_element_get_clock (element);
  GstClockTime now = gst_clock_get_time (clock)
      - gst_element_get_base_time (element);

  return now > due + MAX_LATE ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

static GstElement *
make_source (void)
{
  g_autofree gchar *description = g_strdup_printf ("audiotestsrc is-live=true "
      "samplesperbuffer=%u ! audio/x-raw,rate=8000,channels=1 ! mulawenc "
      "name=encoder ! rtppcmupay min-ptime=%u max-ptime=%u pt=0 ! "
      "application/x-rtp,media=audio,encoding-name=PCMU,payload=0,"
      "clock-rate=8000 ! " "identity name=out silent=true", ice_pair_samples,
      ice_pair_samples * 125000, ice_pair_samples * 125000);
  GError *error = NULL;
  GstElement *source = gst_parse_bin_from_description_full (description, TRUE,
      NULL, GST_PARSE_FLAG_NO_SINGLE_ELEMENT_BINS, &error);

  fail_unless (source != NULL, "%s", error ? error->message : "");
  return source;
}

static void
wake (IcePair * pair)
{
  g_cond_broadcast (&pair->cond);
  g_mutex_unlock (&pair->lock);
}

static void
on_connection_state (GstElement * webrtcbin, GParamSpec * pspec, IcePeer * peer)
{
  GstWebRTCPeerConnectionState state;

  g_object_get (webrtcbin, "connection-state", &state, NULL);
  g_mutex_lock (&peer->pair->lock);
  peer->connected = state == GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED;
  wake (peer->pair);
}

static void
on_ice_state (GstElement * webrtcbin, GParamSpec * pspec, IcePeer * peer)
{
  GstWebRTCICEConnectionState state;

  g_object_get (webrtcbin, "ice-connection-state", &state, NULL);
  g_mutex_lock (&peer->pair->lock);
  peer->ice_state = state;
  peer->seen_states |= 1 << state;
  wake (peer->pair);
}

static void
on_gathering_state (GstElement * webrtcbin, GParamSpec * pspec, IcePeer * peer)
{
  g_mutex_lock (&peer->pair->lock);
  wake (peer->pair);
}

static IcePeer *
other_peer (IcePeer * peer)
{
  return peer == &peer->pair->sender ? &peer->pair->receiver :
      &peer->pair->sender;
}

/* As browsers do to hide their addresses */
static gchar *
rename_candidate (const gchar * candidate, const gchar * alias)
{
  g_auto (GStrv) words = g_strsplit (candidate, " ", -1);

  /* GStreamer 1.26 ends with an empty candidate. */
  if (!*candidate)
    return g_strdup (candidate);
  fail_unless (g_strv_length (words) >= 8);
  g_free (words[4]);
  words[4] = g_strdup (alias);
  return g_strjoinv (" ", words);
}

static void
on_candidate (GstElement * webrtcbin, guint mline, const gchar * candidate,
    IcePeer * peer)
{
  g_autofree gchar *renamed = peer->alias ?
      rename_candidate (candidate, peer->alias) : NULL;
  gboolean mute;

  g_mutex_lock (&peer->pair->lock);
  peer->candidates++;
  peer->relayed += strstr (candidate, " typ relay") != NULL;
  mute = peer->mute;
  wake (peer->pair);
  if (!mute)
    g_signal_emit_by_name (other_peer (peer)->webrtcbin, "add-ice-candidate",
        mline, renamed ? renamed : candidate);
}

static void
on_swapped (GstWebRTCICE * ice, guint session, guint generation,
    gboolean media_lost, IcePeer * peer)
{
  g_mutex_lock (&peer->pair->lock);
  peer->swaps++;
  peer->lossy_swaps += media_lost;
  wake (peer->pair);
}

static void
on_failed (GstWebRTCICE * ice, guint session, guint generation,
    const GError * error, IcePeer * peer)
{
  g_mutex_lock (&peer->pair->lock);
  peer->failures++;
  peer->failure_code = error->code;
  wake (peer->pair);
}

static void
on_path_changed (GstWebRTCICE * ice, guint session, const GstStructure * path,
    gboolean media_lost, IcePeer * peer)
{
  g_mutex_lock (&peer->pair->lock);
  peer->path_changes++;
  peer->lossy_path_changes += media_lost;
  g_clear_pointer (&peer->path_change, gst_structure_free);
  peer->path_change = path ? gst_structure_copy (path) : NULL;
  wake (peer->pair);
}

static void
on_path_state (GstWebRTCICE * ice, guint session, const GstStructure * path,
    IcePeer * peer)
{
  gint state;

  fail_unless (gst_structure_get_enum (path, "state",
          GST_TYPE_RCAST_ICE_PATH_STATE, &state));
  g_mutex_lock (&peer->pair->lock);
  peer->suspicions += state == GST_RCAST_ICE_PATH_STATE_SUSPECT;
  /* A path without a silence was never alive: its first checks failed. */
  peer->deaths += state == GST_RCAST_ICE_PATH_STATE_DEAD
      && gst_structure_has_field (path, "silence");
  peer->alive_paths += state == GST_RCAST_ICE_PATH_STATE_ALIVE;
  wake (peer->pair);
}

static void
on_restart_wanted (GstWebRTCICE * ice, guint session,
    GstRcastIceRestartReason reason, IcePeer * peer)
{
  g_mutex_lock (&peer->pair->lock);
  peer->restarts_wanted++;
  wake (peer->pair);
}

/* @addresses: (nullable): NULL for all local addresses */
void
ice_peer_init (IcePeer * peer, const gchar * name, gboolean our_agent,
    const gchar * const *addresses)
{
  peer->name = name;
  peer->pipeline = gst_pipeline_new (name);
  if (our_agent) {
    peer->ice = gst_rcast_ice_new (name);
    peer->webrtcbin = gst_rcast_ice_make_webrtcbin (peer->ice, NULL);
    /* The most that the system allows: the socket must hold the packets of a second in which the
     * receiver's thread gets no CPU time. */
    g_object_set (peer->ice, "receive-buffer-size", 1 << 20, NULL);
    g_signal_connect (peer->ice, "generation-swapped",
        G_CALLBACK (on_swapped), peer);
    g_signal_connect (peer->ice, "generation-failed", G_CALLBACK (on_failed),
        peer);
    g_signal_connect (peer->ice, "path-changed", G_CALLBACK (on_path_changed),
        peer);
    g_signal_connect (peer->ice, "path-state-changed",
        G_CALLBACK (on_path_state), peer);
    g_signal_connect (peer->ice, "restart-wanted",
        G_CALLBACK (on_restart_wanted), peer);
  } else {
    peer->webrtcbin = gst_element_factory_make ("webrtcbin", NULL);
    g_object_get (peer->webrtcbin, "ice-agent", &peer->ice, NULL);
  }
  fail_unless (peer->webrtcbin != NULL);
  for (guint i = 0; addresses && addresses[i]; i++) {
    gboolean taken;

    g_signal_emit_by_name (peer->ice, "add-local-ip-address", addresses[i],
        &taken);
    fail_unless (taken);
  }
  if (!our_agent)
    g_clear_object (&peer->ice);
  g_object_set (peer->webrtcbin, "bundle-policy",
      GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, "latency", 200, NULL);
  gst_bin_add (GST_BIN (peer->pipeline), peer->webrtcbin);
  g_signal_connect (peer->webrtcbin, "notify::connection-state",
      G_CALLBACK (on_connection_state), peer);
  g_signal_connect (peer->webrtcbin, "notify::ice-connection-state",
      G_CALLBACK (on_ice_state), peer);
  g_signal_connect (peer->webrtcbin, "notify::ice-gathering-state",
      G_CALLBACK (on_gathering_state), peer);
  g_signal_connect (peer->webrtcbin, "on-ice-candidate",
      G_CALLBACK (on_candidate), peer);
}

/* Returns: the index of the packet since the first one, from its RTP timestamp */
static guint16
get_number_locked (IcePair * pair, GstBuffer * buffer)
{
  guint8 bytes[4];
  guint32 timestamp;

  fail_unless_equals_int (gst_buffer_extract (buffer, 4, bytes, 4), 4);
  timestamp = GST_READ_UINT32_BE (bytes);
  if (pair->n_sent == 0)
    pair->base = timestamp;
  return (timestamp - pair->base) / ice_pair_samples;
}

static GstPadProbeReturn
on_sent (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  IcePair *pair = data;
  GstPadProbeReturn result = GST_PAD_PROBE_OK;

  g_mutex_lock (&pair->lock);
  if (pair->gate_closed) {
    result = GST_PAD_PROBE_DROP;
  } else {
    pair->last_sent =
        get_number_locked (pair, GST_PAD_PROBE_INFO_BUFFER (info));
    pair->sent[pair->last_sent] = 1;
    pair->n_sent++;
  }
  wake (pair);
  return result;
}

static void
note_gap (gint64 * last, gint64 * max)
{
  gint64 now = g_get_monotonic_time ();

  if (*last > 0)
    *max = MAX (*max, now - *last);
  *last = now;
}

static void
on_pad_added (GstElement * webrtcbin, GstPad * pad, IcePair * pair)
{
  GstElement *sink;
  GstPad *sink_pad;

  if (!GST_PAD_IS_SRC (pad))
    return;
  sink = gst_element_factory_make ("fakesink", NULL);
  g_object_set (sink, "sync", FALSE, "async", FALSE, NULL);
  gst_bin_add (GST_BIN (pair->receiver.pipeline), sink);
  gst_element_sync_state_with_parent (sink);
  sink_pad = gst_element_get_static_pad (sink, "sink");
  fail_unless_equals_int (gst_pad_link (pad, sink_pad), GST_PAD_LINK_OK);
  gst_object_unref (sink_pad);
}

static GstPadProbeReturn
on_packet (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  IcePeer *peer = data;
  IcePair *pair = peer->pair;
  guint8 bytes[2] = { 0, 0 };

  gst_buffer_extract (GST_PAD_PROBE_INFO_BUFFER (info), 0, bytes, 2);
  g_mutex_lock (&pair->lock);
  /* RFC 7983 7: DTLS is 20 to 63. RFC 5761 4: RTCP is 192 to 223. */
  if (bytes[0] >= 20 && bytes[0] <= 63)
    peer->dtls_records++;
  else if (bytes[1] >= 192 && bytes[1] <= 223 && peer == &pair->sender) {
    note_gap (&pair->last_back, &pair->max_back_gap);
    pair->n_back++;
  } else if (bytes[1] < 192 && peer == &pair->receiver) {
    gint64 now = g_get_monotonic_time ();

    if (pair->last_arrival > 0 && now - pair->last_arrival > G_USEC_PER_SEC)
      pair->first_after_silence = now;
    note_gap (&pair->last_arrival, &pair->max_gap);
  }
  wake (peer->pair);
  return GST_PAD_PROBE_OK;
}

static void
note_received_locked (IcePair * pair, GstBuffer * buffer)
{
  guint16 number = get_number_locked (pair, buffer);

  if (!pair->started) {
    pair->started = TRUE;
    pair->first = number;
  }
  pair->n_received++;
  pair->n_repeated += pair->received[number];
  pair->received[number] = 1;
}

/* After SRTP, which drops duplicates, and before the jitter buffer, which drops late packets on
 * a busy machine */
static GstPadProbeReturn
on_received (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  IcePair *pair = data;

  g_mutex_lock (&pair->lock);
  if (GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER_LIST) {
    GstBufferList *list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);

    for (guint i = 0; i < gst_buffer_list_length (list); i++)
      note_received_locked (pair, gst_buffer_list_get (list, i));
  } else {
    note_received_locked (pair, GST_PAD_PROBE_INFO_BUFFER (info));
  }
  wake (pair);
  return GST_PAD_PROBE_OK;
}

static void
on_element_added (GstBin * bin, GstBin * sub_bin, GstElement * element,
    IcePeer * peer)
{
  GstPad *pad;

  if (g_str_equal (G_OBJECT_TYPE_NAME (element), "GstRtpJitterBuffer")
      && peer == &peer->pair->receiver) {
    pad = gst_element_get_static_pad (element, "sink");
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER
        | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_received, peer->pair, NULL);
    gst_object_unref (pad);
    return;
  }
  if (!g_str_equal (G_OBJECT_TYPE_NAME (element), "GstRcastIceSrc")
      && !g_str_equal (G_OBJECT_TYPE_NAME (element), "GstNiceSrc"))
    return;
  pad = gst_element_get_static_pad (element, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_packet, peer, NULL);
  gst_object_unref (pad);
}

/* For a test that calls ice_peer_init() and ice_pair_link() itself */
IcePair *
ice_pair_alloc (void)
{
  IcePair *pair = g_new0 (IcePair, 1);

  g_mutex_init (&pair->lock);
  g_cond_init (&pair->cond);
  pair->sender.pair = pair->receiver.pair = pair;
  return pair;
}

/* Adds a source to @peer, and counts its packets. */
void
ice_peer_add_source (IcePeer * peer)
{
  GstElement *source = make_source ();
  GstElement *encoder = gst_bin_get_by_name (GST_BIN (source), "encoder");
  GstElement *out;
  GstPad *pad;

  g_signal_connect (peer->pipeline, "deep-element-added",
      G_CALLBACK (on_element_added), peer);
  gst_bin_add (GST_BIN (peer->pipeline), source);
  pad = gst_element_get_static_pad (encoder, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, drop_late, NULL, NULL);
  gst_object_unref (pad);
  gst_object_unref (encoder);
  out = gst_bin_get_by_name (GST_BIN (source), "out");
  pad = gst_element_get_static_pad (out, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_sent, peer->pair, NULL);
  gst_object_unref (pad);
  gst_object_unref (out);
  fail_unless (gst_element_link_pads (source, "src", peer->webrtcbin,
          "sink_0"));
}

void
ice_pair_link (IcePair * pair)
{
  ice_peer_add_source (&pair->sender);
  g_signal_connect (pair->receiver.pipeline, "deep-element-added",
      G_CALLBACK (on_element_added), &pair->receiver);
  g_signal_connect (pair->receiver.webrtcbin, "pad-added",
      G_CALLBACK (on_pad_added), pair);
}

IcePair *
ice_pair_new_full (gboolean our_sender, gboolean our_receiver,
    const gchar * const *addresses)
{
  IcePair *pair = ice_pair_alloc ();

  ice_peer_init (&pair->sender, "sender", our_sender, addresses);
  ice_peer_init (&pair->receiver, "receiver", our_receiver, addresses);
  ice_pair_link (pair);
  return pair;
}

/* A pair on loopback, both peers with our agent */
IcePair *
ice_pair_new (void)
{
  static const gchar *const addresses[] = { "127.0.0.1", NULL };

  return ice_pair_new_full (TRUE, TRUE, addresses);
}

static void
on_agent_gone (gpointer data, GObject * where)
{
  IcePeer *peer = data;

  g_mutex_lock (&peer->pair->lock);
  peer->agent_gone = TRUE;
  wake (peer->pair);
}

static gboolean
is_agent_gone (IcePair * pair, gpointer peer)
{
  return ((IcePeer *) peer)->agent_gone;
}

void
ice_peer_free (IcePeer * peer)
{
  g_signal_handlers_disconnect_by_data (peer->webrtcbin, peer);
  gst_element_set_state (peer->pipeline, GST_STATE_NULL);
  gst_object_unref (peer->pipeline);
  if (!peer->ice)
    return;
  g_signal_handlers_disconnect_by_data (peer->ice, peer);
  /* webrtcbin has dropped its reference. The agent's thread may hold one until it is idle. */
  g_object_weak_ref (G_OBJECT (peer->ice), on_agent_gone, peer);
  gst_object_unref (peer->ice);
  ice_pair_wait (peer->pair, is_agent_gone, peer);
  g_clear_pointer (&peer->path_change, gst_structure_free);
}

void
ice_pair_free (IcePair * pair)
{
  /* Disconnect both peers before either is freed: a candidate may be on its way to the other. */
  g_signal_handlers_disconnect_by_data (pair->sender.webrtcbin, &pair->sender);
  g_signal_handlers_disconnect_by_data (pair->receiver.webrtcbin,
      &pair->receiver);
  gst_element_set_state (pair->sender.pipeline, GST_STATE_NULL);
  gst_element_set_state (pair->receiver.pipeline, GST_STATE_NULL);
  ice_peer_free (&pair->sender);
  ice_peer_free (&pair->receiver);
  g_mutex_clear (&pair->lock);
  g_cond_clear (&pair->cond);
  g_free (pair);
}

/* Sends RTCP about ten times a second, so that a gap shows. Needs media. */
void
ice_peer_report_often (IcePeer * peer)
{
  GstElement *rtpbin = gst_bin_get_by_name (GST_BIN (peer->webrtcbin),
      "rtpbin");
  GObject *session = NULL;

  g_signal_emit_by_name (rtpbin, "get-internal-session", 0, &session);
  fail_unless (session != NULL);
  g_object_set (session, "rtcp-min-interval", 100 * GST_MSECOND,
      "rtcp-fraction", 100000.0, NULL);
  g_object_unref (session);
  gst_object_unref (rtpbin);
}

/* Returns: the longest gap in microseconds, the current one included */
gint64
ice_pair_get_back_gap (IcePair * pair)
{
  gint64 gap;

  g_mutex_lock (&pair->lock);
  gap = MAX (pair->max_back_gap, g_get_monotonic_time () - pair->last_back);
  g_mutex_unlock (&pair->lock);
  return gap;
}

void
ice_pair_reset_gaps (IcePair * pair)
{
  g_mutex_lock (&pair->lock);
  pair->max_gap = pair->max_back_gap = 0;
  pair->n_back = 0;
  g_mutex_unlock (&pair->lock);
}

/* Prints each run of lost packets, for debugging. */
static void
print_losses_locked (IcePair * pair)
{
  guint begin = 0;
  gboolean in_hole = FALSE;

  for (guint i = pair->first; i <= pair->last_sent; i++) {
    gboolean lost = pair->sent[i] && !pair->received[i];

    if (lost && !in_hole)
      begin = i;
    if (!lost && in_hole)
      g_printerr ("lost %u to %u of %u to %u\n", begin, i - 1, pair->first,
          pair->last_sent);
    in_hole = lost;
  }
}

static void
print_stats (IcePeer * peer)
{
  g_autofree gchar *text = NULL;
  GstStructure *stats;

  if (!peer->ice)
    return;
  stats = gst_rcast_ice_get_stats (peer->ice);
  text = gst_structure_to_string (stats);
  g_mutex_lock (&peer->pair->lock);
  g_printerr ("%s: %u swaps, %u path changes, %u suspicions, %u deaths; %s\n",
      peer->name, peer->swaps, peer->path_changes, peer->suspicions,
      peer->deaths, text);
  g_mutex_unlock (&peer->pair->lock);
  gst_structure_free (stats);
}

static void
print_pair (IcePair * pair)
{
  g_mutex_lock (&pair->lock);
  g_printerr ("%u sent, %u received\n", pair->n_sent, pair->n_received);
  print_losses_locked (pair);
  g_mutex_unlock (&pair->lock);
  print_stats (&pair->sender);
  print_stats (&pair->receiver);
}

void
ice_pair_wait (IcePair * pair, IcePairFunc func, gpointer data)
{
  gint64 end = g_get_monotonic_time () + WAIT_US;
  gboolean in_time = TRUE;

  g_mutex_lock (&pair->lock);
  while (!func (pair, data) && in_time)
    in_time = g_cond_wait_until (&pair->cond, &pair->lock, end);
  g_mutex_unlock (&pair->lock);
  if (!in_time)
    print_pair (pair);
  fail_unless (in_time, "what was waited for did not happen");
}

/* @what: offer or answer. Returns: (transfer full): the new description */
GstWebRTCSessionDescription *
ice_peer_create (IcePeer * peer, const gchar * what)
{
  GstPromise *promise = gst_promise_new ();
  g_autofree gchar *action = g_strconcat ("create-", what, NULL);
  GstWebRTCSessionDescription *description = NULL;

  g_signal_emit_by_name (peer->webrtcbin, action, NULL, promise);
  fail_unless_equals_int (gst_promise_wait (promise),
      GST_PROMISE_RESULT_REPLIED);
  gst_structure_get (gst_promise_get_reply (promise), what,
      GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &description, NULL);
  fail_unless (description != NULL);
  gst_promise_unref (promise);
  return description;
}

/* @what: local or remote */
void
ice_peer_set (IcePeer * peer, const gchar * what,
    GstWebRTCSessionDescription * description)
{
  GstPromise *promise = gst_promise_new ();
  g_autofree gchar *action = g_strconcat ("set-", what, "-description", NULL);
  const GstStructure *reply;

  g_signal_emit_by_name (peer->webrtcbin, action, description, promise);
  fail_unless_equals_int (gst_promise_wait (promise),
      GST_PROMISE_RESULT_REPLIED);
  reply = gst_promise_get_reply (promise);
  fail_if (reply && gst_structure_has_field (reply, "error"));
  gst_promise_unref (promise);
}

void
ice_pair_negotiate (IcePeer * offerer, IcePeer * answerer, gboolean restart)
{
  GstWebRTCSessionDescription *offer = ice_peer_create (offerer, "offer");
  GstWebRTCSessionDescription *answer;

  if (offerer->ice)
    gst_rcast_ice_prepare_offer (offerer->ice, offer->sdp, restart);
  ice_peer_set (offerer, "local", offer);
  ice_peer_set (answerer, "remote", offer);
  answer = ice_peer_create (answerer, "answer");
  if (answerer->ice)
    gst_rcast_ice_prepare_answer (answerer->ice, answer->sdp);
  ice_peer_set (answerer, "local", answer);
  ice_peer_set (offerer, "remote", answer);
  gst_webrtc_session_description_free (offer);
  gst_webrtc_session_description_free (answer);
}

static gboolean
are_connected (IcePair * pair, gpointer data)
{
  return pair->sender.connected && pair->receiver.connected
      && pair->n_received > 0;
}

static gboolean
has_caps (IcePair * pair, gpointer data)
{
  return pair->n_sent > 0;
}

/* Sets both pipelines to PLAYING, and waits for the sender's caps. */
void
ice_pair_play (IcePair * pair)
{
  gst_element_set_state (pair->receiver.pipeline, GST_STATE_PLAYING);
  gst_element_set_state (pair->sender.pipeline, GST_STATE_PLAYING);
  /* create-offer needs the caps. */
  ice_pair_wait (pair, has_caps, NULL);
}

/* Negotiates, and waits until media flows. */
void
ice_pair_connect (IcePair * pair)
{
  ice_pair_play (pair);
  ice_pair_negotiate (&pair->sender, &pair->receiver, FALSE);
  ice_pair_wait (pair, are_connected, NULL);
}

static gboolean
have_swapped (IcePair * pair, gpointer data)
{
  guint *wanted = data;

  return pair->sender.swaps >= wanted[0] && pair->receiver.swaps >= wanted[1];
}

void
ice_pair_wait_swaps (IcePair * pair, guint sender, guint receiver)
{
  guint wanted[2] = { sender, receiver };

  ice_pair_wait (pair, have_swapped, wanted);
}

static gboolean
have_received (IcePair * pair, gpointer data)
{
  return pair->n_received >= GPOINTER_TO_UINT (data);
}

void
ice_pair_wait_packets (IcePair * pair, guint more)
{
  guint wanted;

  g_mutex_lock (&pair->lock);
  wanted = pair->n_received + more;
  g_mutex_unlock (&pair->lock);
  ice_pair_wait (pair, have_received, GUINT_TO_POINTER (wanted));
}

static gboolean
have_sent (IcePair * pair, gpointer data)
{
  return pair->n_sent >= GPOINTER_TO_UINT (data);
}

/* Waits for @more packets sent, whether they arrive or not. */
void
ice_pair_wait_sent (IcePair * pair, guint more)
{
  guint wanted;

  g_mutex_lock (&pair->lock);
  wanted = pair->n_sent + more;
  g_mutex_unlock (&pair->lock);
  ice_pair_wait (pair, have_sent, GUINT_TO_POINTER (wanted));
}

static gboolean
has_last (IcePair * pair, gpointer data)
{
  return pair->received[pair->last_sent];
}

static guint
count_lost_locked (IcePair * pair)
{
  guint lost = 0;

  for (guint i = pair->first; i < pair->last_sent; i++)
    lost += pair->sent[i] && !pair->received[i];
  return lost;
}

static void
close_gate (IcePair * pair)
{
  g_mutex_lock (&pair->lock);
  pair->gate_closed = TRUE;
  fail_unless (pair->n_sent < 65536);
  g_mutex_unlock (&pair->lock);
}

/* Stops sending. Returns: the packets lost since the first one received */
guint
ice_pair_finish (IcePair * pair)
{
  guint lost;

  close_gate (pair);
  ice_pair_wait (pair, has_last, NULL);
  g_mutex_lock (&pair->lock);
  lost = count_lost_locked (pair);
  g_mutex_unlock (&pair->lock);
  return lost;
}

static gboolean
has_nearly_all (IcePair * pair, gpointer most_lost)
{
  return has_last (pair, NULL)
      && count_lost_locked (pair) <= GPOINTER_TO_UINT (most_lost);
}

/* Stops sending, and waits for all packets but @most_lost. Packets on an old path may arrive
 * after the last packet. */
void
ice_pair_finish_nearly_whole (IcePair * pair, guint most_lost)
{
  close_gate (pair);
  ice_pair_wait (pair, has_nearly_all, GUINT_TO_POINTER (most_lost));
}

void
ice_pair_finish_without_loss (IcePair * pair)
{
  ice_pair_finish_nearly_whole (pair, 0);
}
