/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A webrtcbin with its settings, and its asynchronous calls. */
#include "config.h"

#include "gstrcastwebrtc.h"

#include <gst/rtp/rtp.h>

#include "rcast-error.h"
#include "rcast-sdp.h"

GST_DEBUG_CATEGORY_STATIC (rcast_webrtc_debug);
#define GST_CAT_DEFAULT rcast_webrtc_debug

/* Label of the data channel for application messages */
#define CHANNEL_LABEL "rcast"

/* bit/s. With this, feedback about six streams may leave every 20 to 40 ms. */
#define FEEDBACK_BANDWIDTH 200000.0

static void
init_debug (void)
{
  static gsize once = 0;

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_webrtc_debug, "rcastwebrtc", 0,
        "gst-rcast: webrtcbin's settings");
    g_once_init_leave (&once, 1);
  }
}

void
gst_rcast_peer_settings_clear (GstRcastPeerSettings * settings)
{
  g_clear_pointer (&settings->stun_server, g_free);
  g_clear_pointer (&settings->turn_servers, g_strfreev);
  g_clear_pointer (&settings->path_preference, g_strfreev);
  g_clear_pointer (&settings->allot.capacities, gst_rcast_capacities_unref);
  g_clear_pointer (&settings->allot.allowances, gst_rcast_allowances_unref);
  gst_clear_object (&settings->outlets);
}

void
gst_rcast_webrtc_add_ice_server (GstElement * webrtc, GstWebRTCICE * ice,
    const gchar * uri)
{
  gboolean added = TRUE;

  if (g_str_has_prefix (uri, "stun"))
    g_object_set (webrtc, "stun-server", uri, NULL);
  else
    /* Not through webrtcbin, which logs the URI with its password. */
    added = gst_webrtc_ice_add_turn_server (ice, uri);
  if (!added)
    GST_WARNING_OBJECT (webrtc, "the ICE agent refuses a TURN server, going on");
}

/* @uris: (nullable) */
void
gst_rcast_webrtc_add_ice_servers (GstElement * webrtc, GstWebRTCICE * ice,
    const gchar * const *uris)
{
  for (guint i = 0; uris && uris[i]; i++)
    gst_rcast_webrtc_add_ice_server (webrtc, ice, uris[i]);
}

/* Limits the uplinks, which only works if it is known on which uplink packets leave. */
static void
limit_paths (GstWebRTCICE * ice, const GstRcastPeerSettings * settings)
{
  GstRcastAllowances *allowances = settings->allot.allowances;
  g_auto (GStrv) spent = NULL;

  if (!allowances || !gst_rcast_allowances_is_any (allowances))
    return;
  spent = gst_rcast_allowances_list_spent (allowances);
  g_object_set (ice, "path-barred", spent, NULL);
  if (settings->path_mode == GST_RCAST_ICE_PATH_MODE_SINGLE)
    g_object_set (ice, "path-mode", GST_RCAST_ICE_PATH_MODE_BACKUP, NULL);
}

/* Loads DTLS and SRTP, and makes the certificate. */
static gpointer
prepare (gpointer data)
{
  GstElement *element = gst_element_factory_make ("dtlssrtpdec", NULL);

  if (element)
    gst_object_unref (gst_object_ref_sink (element));
  return NULL;
}

/* The DTLS plugin makes one certificate for the process, when the first connection needs it.
 * That takes a quarter of a second of one core. This call makes it earlier, so that the first
 * offer or answer does not wait for it.
 * Returns: (transfer full) (nullable): a thread to join; only the first call returns one */
GThread *
gst_rcast_webrtc_prepare (void)
{
  static gint is_prepared = FALSE;

  if (!g_atomic_int_compare_and_exchange (&is_prepared, FALSE, TRUE))
    return NULL;
  return g_thread_try_new ("rcast-prepare", prepare, NULL, NULL);
}

/* Returns: (transfer floating) (nullable): %NULL with @error if there is none */
GstElement *
gst_rcast_webrtc_make (GstWebRTCICE * ice,
    const GstRcastPeerSettings * settings, GError ** error)
{
  GstElement *webrtc;

  init_debug ();
  g_object_set (ice, "path-mode", settings->path_mode,
      "path-preference", settings->path_preference, "media-timeout",
      settings->media_timeout, "receiving", settings->outlets != NULL, NULL);
  limit_paths (ice, settings);
  webrtc = gst_rcast_ice_make_webrtcbin (ice, "webrtcbin");
  if (!webrtc) {
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_ARGUMENT,
        "no element \"webrtcbin\": is the webrtc plugin of gst-plugins-bad, "
        "with dtls and srtp, installed?");
    return NULL;
  }
  /* webrtcbin has no "balanced". "max-compat" bundles with the same servers, and uses as many
   * transports with the others. */
  g_object_set (webrtc, "bundle-policy",
      settings->bundle_policy == GST_WEBRTC_BUNDLE_POLICY_BALANCED ?
      GST_WEBRTC_BUNDLE_POLICY_MAX_COMPAT : settings->bundle_policy,
      "ice-transport-policy", settings->ice_transport_policy, "latency",
      settings->latency, NULL);
  if (settings->stun_server)
    gst_rcast_webrtc_add_ice_server (webrtc, ice, settings->stun_server);
  for (guint i = 0; settings->turn_servers && settings->turn_servers[i]; i++)
    gst_rcast_webrtc_add_ice_server (webrtc, ice, settings->turn_servers[i]);
  return webrtc;
}

typedef struct
{
  const gchar *what;            /* static: the error message if the call fails */
  GstRcastWebrtcDone done;
  gpointer data;
  GDestroyNotify destroy;
} Call;

static void
call_free (gpointer data)
{
  Call *call = data;

  call->destroy (call->data);
  g_free (call);
}

static GstSDPMessage *
get_description (const GstStructure * reply)
{
  GstWebRTCSessionDescription *made = NULL;
  GstSDPMessage *sdp = NULL;

  if (reply && (gst_structure_get (reply, "offer",
              GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &made, NULL)
          || gst_structure_get (reply, "answer",
              GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &made, NULL))) {
    gst_sdp_message_copy (made->sdp, &sdp);
    gst_webrtc_session_description_free (made);
  }
  return sdp;
}

static void
on_reply (GstPromise * promise, gpointer data)
{
  Call *call = data;
  const GstStructure *reply;
  g_autoptr (GError) inner = NULL;
  GError *error = NULL;

  if (gst_promise_wait (promise) == GST_PROMISE_RESULT_REPLIED) {
    reply = gst_promise_get_reply (promise);
    if (reply && gst_structure_get (reply, "error", G_TYPE_ERROR, &inner, NULL))
      g_set_error (&error, GST_RCAST_ERROR, GST_RCAST_ERROR_NOT_ACCEPTABLE,
          "%s: %s", call->what, inner->message);
    call->done (get_description (reply), error, call->data);
  }
  gst_promise_unref (promise);
}

static GstPromise *
make_promise (const gchar * what, GstRcastWebrtcDone done, gpointer data,
    GDestroyNotify destroy)
{
  Call *call = g_new (Call, 1);

  *call = (Call) { what, done, data, destroy };
  return gst_promise_new_with_change_func (on_reply, call, call_free);
}

void
gst_rcast_webrtc_create_offer (GstElement * webrtc, GstRcastWebrtcDone done,
    gpointer data, GDestroyNotify destroy)
{
  g_signal_emit_by_name (webrtc, "create-offer", NULL,
      make_promise ("cannot make an offer", done, data, destroy));
}

static void
set_description (GstElement * webrtc, const gchar * signal,
    GstWebRTCSDPType type, const GstSDPMessage * sdp, GstPromise * promise)
{
  GstWebRTCSessionDescription *description;
  GstSDPMessage *copy;

  gst_sdp_message_copy (sdp, &copy);
  description = gst_webrtc_session_description_new (type, copy);
  g_signal_emit_by_name (webrtc, signal, description, promise);
  gst_webrtc_session_description_free (description);
}

/* @type: an offer becomes the local description, an answer the remote one */
void
gst_rcast_webrtc_set_description (GstElement * webrtc, GstWebRTCSDPType type,
    const GstSDPMessage * sdp, GstRcastWebrtcDone done, gpointer data,
    GDestroyNotify destroy)
{
  gboolean local = type == GST_WEBRTC_SDP_TYPE_OFFER;

  set_description (webrtc, local ? "set-local-description" :
      "set-remote-description", type, sdp, make_promise (local ?
          "webrtcbin refuses its own offer" :
          "webrtcbin refuses the server's answer", done, data, destroy));
}

/* For a server that offers */
void
gst_rcast_webrtc_set_servers_offer (GstElement * webrtc,
    const GstSDPMessage * sdp, GstRcastWebrtcDone done, gpointer data,
    GDestroyNotify destroy)
{
  set_description (webrtc, "set-remote-description", GST_WEBRTC_SDP_TYPE_OFFER,
      sdp, make_promise ("webrtcbin refuses the server's offer", done, data,
          destroy));
}

void
gst_rcast_webrtc_create_answer (GstElement * webrtc, GstRcastWebrtcDone done,
    gpointer data, GDestroyNotify destroy)
{
  g_signal_emit_by_name (webrtc, "create-answer", NULL,
      make_promise ("cannot make an answer", done, data, destroy));
}

void
gst_rcast_webrtc_set_own_answer (GstElement * webrtc,
    const GstSDPMessage * sdp, GstRcastWebrtcDone done, gpointer data,
    GDestroyNotify destroy)
{
  set_description (webrtc, "set-local-description", GST_WEBRTC_SDP_TYPE_ANSWER,
      sdp, make_promise ("webrtcbin refuses its own answer", done, data,
          destroy));
}

/* Returns: (transfer full) (nullable) */
static GstWebRTCDTLSTransport *
get_transport (GstWebRTCRTPTransceiver * transceiver)
{
  GstWebRTCDTLSTransport *transport = NULL;
  g_autoptr (GstWebRTCRTPReceiver) receiver = NULL;

  g_object_get (transceiver, "receiver", &receiver, NULL);
  if (receiver)
    g_object_get (receiver, "transport", &transport, NULL);
  return transport;
}

/* Returns: (transfer full) (element-type GstWebRTCDTLSTransport): the transports that receive,
 * by m-line; %NULL for one without */
GPtrArray *
gst_rcast_webrtc_list_transports (GstElement * webrtc)
{
  GPtrArray *transports = g_ptr_array_new_with_free_func (gst_object_unref);
  g_autoptr (GArray) all = NULL;

  g_signal_emit_by_name (webrtc, "get-transceivers", &all);
  for (guint i = 0; all && i < all->len; i++) {
    GstWebRTCDTLSTransport *transport =
        get_transport (g_array_index (all, GstWebRTCRTPTransceiver *, i));

    if (transport)
      g_ptr_array_add (transports, transport);
  }
  return transports;
}

/* Only after webrtcbin has started. Returns: (transfer full) (nullable): the channel for
 * application messages */
GstWebRTCDataChannel *
gst_rcast_webrtc_add_channel (GstElement * webrtc)
{
  GstWebRTCDataChannel *channel = NULL;

  g_signal_emit_by_name (webrtc, "create-data-channel", CHANNEL_LABEL, NULL,
      &channel);
  if (!channel)
    GST_WARNING_OBJECT (webrtc, "webrtcbin gives no data channel: is the sctp "
        "plugin of gst-plugins-bad installed? Going on without");
  return channel;
}

/* Only makes the copy without secrets if it is logged. */
void
gst_rcast_webrtc_log (gpointer object, const gchar * what, const gchar * sdp)
{
  g_autofree gchar *shown = NULL;

  if (gst_debug_category_get_threshold (GST_CAT_DEFAULT) < GST_LEVEL_LOG)
    return;
  shown = gst_rcast_sdp_redact (sdp);
  GST_LOG_OBJECT (object, "%s:\n%s", what, shown);
}

/* @message: an error of an element in @object. Returns: (transfer full): that error */
GError *
gst_rcast_webrtc_take_error (gpointer object, GstMessage * message)
{
  g_autoptr (GError) inner = NULL;
  g_autofree gchar *debug = NULL;

  gst_message_parse_error (message, &inner, &debug);
  GST_WARNING_OBJECT (object, "%s failed: %s (%s)",
      GST_MESSAGE_SRC_NAME (message), inner->message, debug);
  return g_error_new (GST_RCAST_ERROR, GST_RCAST_ERROR_FAILED, "%s: %s",
      GST_MESSAGE_SRC_NAME (message), inner->message);
}

/* Whether @message must not leave @object. A warning is logged. */
gboolean
gst_rcast_webrtc_is_inner (gpointer object, GstMessage * message)
{
  g_autoptr (GError) inner = NULL;
  g_autofree gchar *debug = NULL;

  switch (GST_MESSAGE_TYPE (message)) {
    case GST_MESSAGE_WARNING:
      gst_message_parse_warning (message, &inner, &debug);
      GST_WARNING_OBJECT (object, "%s warns: %s (%s)",
          GST_MESSAGE_SRC_NAME (message), inner->message, debug);
      return TRUE;
    case GST_MESSAGE_EOS:
    case GST_MESSAGE_STATE_CHANGED:
    case GST_MESSAGE_ELEMENT:
    case GST_MESSAGE_TAG:
    case GST_MESSAGE_CLOCK_LOST:
      return TRUE;
    default:
      return FALSE;
  }
}

/* Waits until webrtcbin has carried out all calls in its queue. */
void
gst_rcast_webrtc_flush (GstElement * webrtc)
{
  GstPromise *done = gst_promise_new ();

  /* An answer without an offer is refused. A request for statistics would leave names behind
   * that GLib never frees. */
  g_signal_emit_by_name (webrtc, "create-answer", NULL, done);
  gst_promise_wait (done);
  gst_promise_unref (done);
}

/* The RTCP thread. Returns: whether the packet must be sent */
static gboolean
drop_byes (GObject * session, GstBuffer * rtcp, gboolean early, gpointer data)
{
  GstRTCPBuffer map = GST_RTCP_BUFFER_INIT;
  GstRTCPPacket packet;
  gboolean more;

  if (!gst_rtcp_buffer_map (rtcp, GST_MAP_READWRITE, &map))
    return FALSE;
  more = gst_rtcp_buffer_get_first_packet (&map, &packet);
  while (more) {
    if (gst_rtcp_packet_get_type (&packet) == GST_RTCP_TYPE_BYE)
      more = gst_rtcp_packet_remove (&packet);
    else
      more = gst_rtcp_packet_move_to_next (&packet);
  }
  gst_rtcp_buffer_unmap (&map);
  return FALSE;
}

/**
 * gst_rcast_webrtc_keep_silent_streams:
 * @session: an RTP session of webrtcbin
 *
 * A source that pauses for 5 s beside another one gets a BYE, after which receivers ignore it. A
 * stream that has really ended ends with its session, by DTLS and by the signaller, so no BYE is
 * necessary.
 */
void
gst_rcast_webrtc_keep_silent_streams (GObject * session)
{
  g_signal_connect (session, "on-sending-rtcp", G_CALLBACK (drop_byes), NULL);
}

/* Returns: payload type of the first packet in @data, a buffer or a list, or -1 */
static gint
read_payload_type (gpointer data)
{
  GstBuffer *buffer = GST_IS_BUFFER_LIST (data) ?
      gst_buffer_list_get (data, 0) : data;
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  gint payload = -1;

  if (gst_rtp_buffer_map (buffer, GST_MAP_READ, &rtp)) {
    payload = gst_rtp_buffer_get_payload_type (&rtp);
    gst_rtp_buffer_unmap (&rtp);
  }
  return payload;
}

/* Returns: whether the server sends lost packets of @payload again */
static gboolean
is_repaired (GstObject * rtpbin, guint session, gint payload)
{
  g_autoptr (GstCaps) caps = NULL;

  if (payload < 0)
    return FALSE;
  g_signal_emit_by_name (rtpbin, "request-pt-map", session, payload, &caps);
  return caps && gst_structure_has_field (gst_caps_get_structure (caps, 0),
      "rtcp-fb-nack");
}

static GstPadProbeReturn
on_first_packet (GstPad * pad, GstPadProbeInfo * info, gpointer session)
{
  g_autoptr (GstElement) jitterbuffer = gst_pad_get_parent_element (pad);
  g_autoptr (GstObject) rtpbin =
      gst_object_get_parent (GST_OBJECT (jitterbuffer));

  if (rtpbin)
    g_object_set (jitterbuffer, "do-retransmission", is_repaired (rtpbin,
            GPOINTER_TO_UINT (session), read_payload_type (info->data)), NULL);
  return GST_PAD_PROBE_REMOVE;
}

/**
 * gst_rcast_webrtc_choose_repair:
 * @jitterbuffer: a jitter buffer that has got no packet yet
 * @session: id of its session in rtpbin
 *
 * Lets the jitter buffer request lost packets if the server sends them again. webrtcbin decides
 * that for all SSRCs of the bundle by the last one.
 */
void
gst_rcast_webrtc_choose_repair (GstElement * jitterbuffer, guint session)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (jitterbuffer, "sink");

  /* The jitter buffer would take a pause for a loss, and request packets that were never sent. */
  g_object_set (jitterbuffer, "rtx-next-seqnum", FALSE, NULL);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_first_packet,
      GUINT_TO_POINTER (session), NULL);
}

/**
 * gst_rcast_webrtc_hasten_feedback:
 * @session: an RTP session of webrtcbin that receives
 *
 * Lets NACKs, requests for key frames, and transport-wide feedback leave when they are due. After
 * one of them, the next one waits until the bandwidth of RTCP allows it (RFC 4585 3.5.2). By
 * default that bandwidth is 5 % of what was received before the last regular report, at least 3.2
 * kbit/s: requests for a thin stream, or in the first seconds, are 0.1 to 0.9 s late. Regular
 * reports stay as rare as by default.
 */
void
gst_rcast_webrtc_hasten_feedback (GObject * session)
{
  g_object_set (session, "rtcp-fraction", FEEDBACK_BANDWIDTH, NULL);
}
