/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For tests of the loopback server: a stock webrtcbin that publishes or views, an HTTP client. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "test-peer.h"

#include <stdarg.h>
#include <gst/video/video-event.h>
#include <gst/webrtc/webrtc.h>

#include "loopback-ice.h"
#include "loopback-rtp.h"

typedef struct
{
  gboolean started;
  guint16 seq;
  guint32 timestamp;
  guint packets;
  guint frames;
  guint holes;
  guint32 max_step;
} Count;

struct _TestPeer
{
  GstElement *pipeline;
  GstElement *webrtc;
  GMutex lock;                  /* below */
  Count counts[2];              /* audio, video */
  guint key_requests;
  GstPad *video_pad;
  gboolean repairs;
};

/* {{{ main context */

static gboolean
wake_up (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_CONTINUE;
}

/* Streaming threads do not wake the context, so a timer does. */
static gboolean
look_again (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

gboolean
test_run_until (TestDoneFunc done, gpointer user_data, guint timeout_ms)
{
  gboolean over = FALSE;
  guint timer = g_timeout_add (timeout_ms, wake_up, &over);
  guint look = g_timeout_add (10, look_again, NULL);
  gboolean is_done;

  while (!(is_done = done (user_data)) && !over)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timer);
  g_source_remove (look);
  return is_done;
}

/* }}} */

/* {{{ HTTP */

typedef struct
{
  GBytes *bytes;
  gboolean done;
} Exchange;

static void
on_read (GObject * session, GAsyncResult * result, gpointer user_data)
{
  Exchange *exchange = user_data;

  exchange->bytes = soup_session_send_and_read_finish (SOUP_SESSION (session),
      result, NULL);
  exchange->done = TRUE;
}

static gboolean
is_read (gpointer user_data)
{
  return ((Exchange *) user_data)->done;
}

TestReply *
test_request (const gchar * method, const gchar * url, const gchar * body, ...)
{
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (SoupMessage) message = soup_message_new (method, url);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  TestReply *reply = g_new0 (TestReply, 1);
  Exchange exchange = { NULL, FALSE };
  SoupMessageHeadersIter iter;
  const gchar *name, *value;
  va_list args;

  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  if (body) {
    g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));

    soup_message_set_request_body_from_bytes (message, NULL, bytes);
  }
  va_start (args, body);
  while ((name = va_arg (args, const gchar *)) != NULL)
      soup_message_headers_replace (soup_message_get_request_headers (message),
        name, va_arg (args, const gchar *));
  va_end (args);
  soup_session_send_and_read_async (session, message, G_PRIORITY_DEFAULT,
      cancellable, on_read, &exchange);
  if (!test_run_until (is_read, &exchange, TEST_TIMEOUT_MS)) {
    g_cancellable_cancel (cancellable);
    test_run_until (is_read, &exchange, TEST_TIMEOUT_MS);
  }
  reply->headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);
  if (exchange.bytes) {
    reply->status = soup_message_get_status (message);
    reply->body = g_strndup (g_bytes_get_data (exchange.bytes, NULL),
        g_bytes_get_size (exchange.bytes));
    soup_message_headers_iter_init (&iter,
        soup_message_get_response_headers (message));
    while (soup_message_headers_iter_next (&iter, &name, &value))
      soup_message_headers_append (reply->headers, name, value);
  }
  g_clear_pointer (&exchange.bytes, g_bytes_unref);
  return reply;
}

void
test_reply_free (TestReply * reply)
{
  if (reply == NULL)
    return;
  soup_message_headers_unref (reply->headers);
  g_free (reply->body);
  g_free (reply);
}

const gchar *
test_reply_get (TestReply * reply, const gchar * header)
{
  return soup_message_headers_get_list (reply->headers, header);
}

gchar *
test_reply_get_location (TestReply * reply, const gchar * url)
{
  const gchar *location = test_reply_get (reply, "Location");

  return location ? g_uri_resolve_relative (url, location, SOUP_HTTP_URI_FLAGS,
      NULL) : NULL;
}

/* }}} */

/* {{{ webrtcbin */

static GstPadProbeReturn
count_packet (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  TestPeer *peer = user_data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  const gchar *media =
      gst_structure_get_string (gst_caps_get_structure (caps, 0), "media");
  Count *count = &peer->counts[g_str_equal (media, "video")];
  LoopbackRtp rtp;
  GstMapInfo map;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return GST_PAD_PROBE_OK;
  g_assert_true (loopback_rtp_parse (map.data, map.size, &rtp));
  gst_buffer_unmap (buffer, &map);
  g_mutex_lock (&peer->lock);
  if (count->started && rtp.seq != (guint16) (count->seq + 1))
    count->holes++;
  if (count->started)
    count->max_step = MAX (count->max_step, rtp.timestamp - count->timestamp);
  count->started = TRUE;
  count->seq = rtp.seq;
  count->timestamp = rtp.timestamp;
  count->packets++;
  count->frames += rtp.marker ? 1 : 0;
  if (count == &peer->counts[1] && peer->video_pad == NULL)
    peer->video_pad = gst_object_ref (pad);
  g_mutex_unlock (&peer->lock);
  return GST_PAD_PROBE_OK;
}

static void
on_pad_added (GstElement * webrtc, GstPad * pad, TestPeer * peer)
{
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  g_autoptr (GstPad) sinkpad = gst_element_get_static_pad (sink, "sink");

  g_object_set (sink, "sync", FALSE, "async", FALSE, NULL);
  gst_pad_add_probe (sinkpad, GST_PAD_PROBE_TYPE_BUFFER, count_packet, peer,
      NULL);
  gst_bin_add (GST_BIN (peer->pipeline), sink);
  gst_element_sync_state_with_parent (sink);
  gst_pad_link (pad, sinkpad);
}

static GstPadProbeReturn
on_upstream_event (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  TestPeer *peer = user_data;

  if (gst_video_event_is_force_key_unit (GST_PAD_PROBE_INFO_EVENT (info))) {
    g_mutex_lock (&peer->lock);
    peer->key_requests++;
    g_mutex_unlock (&peer->lock);
  }
  return GST_PAD_PROBE_OK;
}

static TestPeer *
make_peer (GstElement * pipeline)
{
  TestPeer *peer = g_new0 (TestPeer, 1);
  g_autoptr (GstObject) ice = NULL;
  g_autoptr (GObject) agent = NULL;

  g_mutex_init (&peer->lock);
  peer->pipeline = pipeline;
  peer->webrtc = gst_bin_get_by_name (GST_BIN (pipeline), "w");
  g_object_get (peer->webrtc, "ice-agent", &ice, NULL);
  g_object_get (ice, "agent", &agent, NULL);
  g_object_set (agent, "upnp", FALSE, "ice-tcp", FALSE, NULL);
  return peer;
}

TestPeer *
test_peer_new_publisher (const gchar * launch)
{
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch (launch, &error);
  TestPeer *peer;

  g_assert_no_error (error);
  peer = make_peer (pipeline);
  for (GList * i = peer->webrtc->sinkpads; i; i = i->next) {
    g_autoptr (GstPad) from = gst_pad_get_peer (i->data);

    gst_pad_add_probe (from, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM,
        on_upstream_event, peer, NULL);
  }
  return peer;
}

static void
add_receiver (TestPeer * peer, const gchar * media, const gchar * encoding,
    gint rate, gint pt)
{
  g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;
  g_autoptr (GstCaps) caps = gst_caps_new_simple ("application/x-rtp",
      "media", G_TYPE_STRING, media, "encoding-name", G_TYPE_STRING, encoding,
      "clock-rate", G_TYPE_INT, rate, "payload", G_TYPE_INT, pt, NULL);

  g_signal_emit_by_name (peer->webrtc, "add-transceiver",
      GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_RECVONLY, caps, &transceiver);
  g_object_set (transceiver, "do-nack", TRUE, NULL);
}

/* rtx-next-seqnum would take a pause for a loss and give up the packet after it. */
static void
on_new_jitterbuffer (GstElement * rtpbin, GstElement * jitterbuffer,
    guint session, guint ssrc, gpointer user_data)
{
  g_object_set (jitterbuffer, "rtx-next-seqnum", FALSE, NULL);
}

TestPeer *
test_peer_new_viewer (const gchar * video, const gchar * audio)
{
  GstElement *webrtc = gst_element_factory_make ("webrtcbin", "w");
  GstElement *pipeline = gst_pipeline_new (NULL);
  g_autoptr (GstElement) rtpbin = NULL;
  TestPeer *peer;

  gst_util_set_object_arg (G_OBJECT (webrtc), "bundle-policy", "max-bundle");
  gst_bin_add (GST_BIN (pipeline), webrtc);
  peer = make_peer (pipeline);
  g_signal_connect (peer->webrtc, "pad-added", G_CALLBACK (on_pad_added), peer);
  rtpbin = gst_bin_get_by_name (GST_BIN (webrtc), "rtpbin");
  g_signal_connect (rtpbin, "new-jitterbuffer",
      G_CALLBACK (on_new_jitterbuffer), NULL);
  gst_element_set_state (peer->pipeline, GST_STATE_READY);
  if (video)
    add_receiver (peer, "video", video, 90000, 120);
  if (audio)
    add_receiver (peer, "audio", audio, 48000, 121);
  return peer;
}

void
test_peer_free (TestPeer * peer)
{
  if (peer == NULL)
    return;
  loopback_ice_stop_pipeline (peer->pipeline, peer->webrtc);
  g_clear_object (&peer->video_pad);
  gst_object_unref (peer->webrtc);
  gst_object_unref (peer->pipeline);
  g_mutex_clear (&peer->lock);
  g_free (peer);
}

static gboolean
is_gathered (gpointer user_data)
{
  TestPeer *peer = user_data;
  GstWebRTCICEGatheringState state;

  g_object_get (peer->webrtc, "ice-gathering-state", &state, NULL);
  return state == GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE;
}

static gboolean
has_all_caps (gpointer user_data)
{
  TestPeer *peer = user_data;

  for (GList * i = peer->webrtc->sinkpads; i; i = i->next)
    if (!gst_pad_has_current_caps (i->data))
      return FALSE;
  return TRUE;
}

void
test_peer_repair (TestPeer * peer)
{
  peer->repairs = TRUE;
}

static void
set_repairs (TestPeer * peer)
{
  for (GList * i = peer->webrtc->sinkpads; i; i = i->next) {
    g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;
    g_autoptr (GstCaps) caps = gst_pad_get_current_caps (i->data);
    const gchar *media =
        gst_structure_get_string (gst_caps_get_structure (caps, 0), "media");

    g_object_get (i->data, "transceiver", &transceiver, NULL);
    g_object_set (transceiver, "do-nack", g_str_equal (media, "video"), NULL);
  }
}

/* GValueArray is deprecated, but rtpsession returns it. */
G_GNUC_BEGIN_IGNORE_DEPRECATIONS;

/* Returns: (transfer full) (element-type GstStructure): statistics of all RTP sources of a kind,
 * which their clock rate tells */
static GPtrArray *
list_sources (TestPeer * peer, gboolean video)
{
  g_autoptr (GstElement) rtpbin =
      gst_bin_get_by_name (GST_BIN (peer->webrtc), "rtpbin");
  GPtrArray *list = g_ptr_array_new_with_free_func
      ((GDestroyNotify) gst_structure_free);
  g_autoptr (GObject) session = NULL;
  g_autoptr (GstStructure) stats = NULL;
  GValueArray *sources;

  g_signal_emit_by_name (rtpbin, "get-internal-session", 0, &session);
  g_object_get (session, "stats", &stats, NULL);
  sources = g_value_get_boxed (gst_structure_get_value (stats, "source-stats"));
  for (guint i = 0; i < sources->n_values; i++) {
    const GstStructure *source = g_value_get_boxed (&sources->values[i]);
    gint clock_rate = 0;

    gst_structure_get_int (source, "clock-rate", &clock_rate);
    if (clock_rate == (video ? 90000 : 48000))
      g_ptr_array_add (list, gst_structure_copy (source));
  }
  return list;
}

G_GNUC_END_IGNORE_DEPRECATIONS;

guint
test_peer_get_nacks (TestPeer * peer, gboolean video)
{
  g_autoptr (GPtrArray) sources = list_sources (peer, video);
  guint sum = 0;

  for (guint i = 0; i < sources->len; i++) {
    guint nacks = 0;

    gst_structure_get_uint (g_ptr_array_index (sources, i), "recv-nack-count",
        &nacks);
    sum += nacks;
  }
  return sum;
}

gboolean
test_peer_get_report (TestPeer * peer, gboolean video, gdouble * ntp,
    guint32 * rtp)
{
  g_autoptr (GPtrArray) sources = list_sources (peer, video);

  for (guint i = 0; i < sources->len; i++) {
    gboolean internal = TRUE, have = FALSE;
    guint64 time = 0;

    gst_structure_get (g_ptr_array_index (sources, i), "internal",
        G_TYPE_BOOLEAN, &internal, "have-sr", G_TYPE_BOOLEAN, &have,
        "sr-ntptime", G_TYPE_UINT64, &time, "sr-rtptime", G_TYPE_UINT, rtp,
        NULL);
    if (internal || !have)
      continue;
    *ntp = time / (gdouble) (G_GUINT64_CONSTANT (1) << 32);
    return TRUE;
  }
  return FALSE;
}

/* @action: create-offer or create-answer, @field: offer or answer */
static gchar *
describe (TestPeer * peer, const gchar * action, const gchar * field)
{
  GstWebRTCSessionDescription *description = NULL;
  GstPromise *promise = gst_promise_new ();
  gchar *text;

  g_signal_emit_by_name (peer->webrtc, action, NULL, promise);
  g_assert_cmpint (gst_promise_wait (promise), ==, GST_PROMISE_RESULT_REPLIED);
  gst_structure_get (gst_promise_get_reply (promise), field,
      GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &description, NULL);
  gst_promise_unref (promise);
  g_assert_nonnull (description);
  promise = gst_promise_new ();
  g_signal_emit_by_name (peer->webrtc, "set-local-description", description,
      promise);
  gst_promise_wait (promise);
  gst_promise_unref (promise);
  gst_webrtc_session_description_free (description);
  g_assert_true (test_run_until (is_gathered, peer, TEST_TIMEOUT_MS));
  g_object_get (peer->webrtc, "local-description", &description, NULL);
  text = gst_sdp_message_as_text (description->sdp);
  gst_webrtc_session_description_free (description);
  return text;
}

gchar *
test_peer_offer (TestPeer * peer)
{
  gst_element_set_state (peer->pipeline, GST_STATE_PLAYING);
  g_assert_true (test_run_until (has_all_caps, peer, TEST_TIMEOUT_MS));
  if (peer->repairs)
    set_repairs (peer);
  return describe (peer, "create-offer", "offer");
}

static void
take (TestPeer * peer, GstWebRTCSDPType type, const gchar * sdp)
{
  GstWebRTCSessionDescription *description;
  GstSDPMessage *message;
  GstPromise *promise = gst_promise_new ();
  const GstStructure *reply;

  g_assert_cmpint (gst_sdp_message_new_from_text (sdp, &message), ==,
      GST_SDP_OK);
  description = gst_webrtc_session_description_new (type, message);
  g_signal_emit_by_name (peer->webrtc, "set-remote-description", description,
      promise);
  gst_promise_wait (promise);
  reply = gst_promise_get_reply (promise);
  g_assert_true (reply == NULL || !gst_structure_has_field (reply, "error"));
  gst_promise_unref (promise);
  gst_webrtc_session_description_free (description);
}

void
test_peer_answer (TestPeer * peer, const gchar * sdp)
{
  take (peer, GST_WEBRTC_SDP_TYPE_ANSWER, sdp);
  /* Without the latency, sender reports have the wrong capture time. */
  gst_bin_recalculate_latency (GST_BIN (peer->pipeline));
}

gchar *
test_peer_take_offer (TestPeer * peer, const gchar * sdp)
{
  gst_element_set_state (peer->pipeline, GST_STATE_PLAYING);
  take (peer, GST_WEBRTC_SDP_TYPE_OFFER, sdp);
  return describe (peer, "create-answer", "answer");
}

gchar *
test_peer_connect (TestPeer * peer, const gchar * url)
{
  g_autofree gchar *offer = test_peer_offer (peer);
  g_autoptr (TestReply) reply = test_request ("POST", url, offer,
      "Content-Type", "application/sdp", NULL);

  g_assert_cmpuint (reply->status, ==, 201);
  test_peer_answer (peer, reply->body);
  return test_reply_get_location (reply, url);
}

gboolean
test_peer_is_connected (TestPeer * peer)
{
  GstWebRTCPeerConnectionState state;

  g_object_get (peer->webrtc, "connection-state", &state, NULL);
  return state == GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED;
}

guint
test_peer_get_packets (TestPeer * peer, gboolean video)
{
  guint packets;

  g_mutex_lock (&peer->lock);
  packets = peer->counts[video].packets;
  g_mutex_unlock (&peer->lock);
  return packets;
}

guint
test_peer_get_frames (TestPeer * peer)
{
  guint frames;

  g_mutex_lock (&peer->lock);
  frames = peer->counts[1].frames;
  g_mutex_unlock (&peer->lock);
  return frames;
}

guint
test_peer_get_holes (TestPeer * peer, gboolean video)
{
  guint holes;

  g_mutex_lock (&peer->lock);
  holes = peer->counts[video].holes;
  g_mutex_unlock (&peer->lock);
  return holes;
}

guint32
test_peer_get_max_step (TestPeer * peer, gboolean video)
{
  guint32 step;

  g_mutex_lock (&peer->lock);
  step = peer->counts[video].max_step;
  g_mutex_unlock (&peer->lock);
  return step;
}

guint
test_peer_get_key_requests (TestPeer * peer)
{
  guint requests;

  g_mutex_lock (&peer->lock);
  requests = peer->key_requests;
  g_mutex_unlock (&peer->lock);
  return requests;
}

void
test_peer_ask_key_frame (TestPeer * peer)
{
  g_autoptr (GstPad) pad = NULL;

  g_mutex_lock (&peer->lock);
  if (peer->video_pad)
    pad = gst_object_ref (peer->video_pad);
  g_mutex_unlock (&peer->lock);
  if (pad)
    gst_pad_push_event (pad, gst_video_event_new_upstream_force_key_unit
        (GST_CLOCK_TIME_NONE, FALSE, 0));
}

/* }}} */
