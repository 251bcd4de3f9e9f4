/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A session of the server: a webrtcbin from the offer to the end. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "loopback-session.h"

#include <stdlib.h>
#include <string.h>
#include <gst/app/app.h>
#include <gst/rtp/rtp.h>
#include <gst/video/video-event.h>
#include <gst/webrtc/webrtc.h>

#include "loopback-ccfb.h"
#include "loopback-clock.h"
#include "loopback-frames.h"
#include "loopback-ice.h"

GST_DEBUG_CATEGORY_STATIC (loopback_session_debug);
#define GST_CAT_DEFAULT loopback_session_debug

/* Gathering host candidates takes milliseconds. A configured STUN server may take longer or never
 * answer. */
#define GATHER_TIMEOUT_MS 5000
/* About two seconds of a fast stream, for a viewer that stalls */
#define VIEWER_QUEUE_PACKETS 2000
#define MAX_TRACKS 64
/* For viewers. RFC 3550 6.2 allows less than 5 s if the bandwidth does. */
#define REPORT_MS 500
/* How much later than the jitter buffer's latency a retransmission is still of use */
#define LATE_MS 100
/* RTCP bandwidth to a publisher, in bytes per second. With less, feedback for a low bit rate comes
 * late, and so do NACKs, which wait until RTCP is due (RFC 4585 3.5). */
#define RTCP_BANDWIDTH 200000.0

typedef struct
{
  LoopbackSession *session;
  const LoopbackLine *line;
  GstElement *sink;
} Feed;

struct _LoopbackSession
{
  GObject parent;

  LoopbackRole role;
  gchar *id;
  LoopbackChannel *channel;
  LoopbackStateFunc changed;
  gpointer user_data;
  LoopbackSessionState state;
  gint64 created_us;

  GstElement *pipeline;
  GstElement *webrtc;
  GPtrArray *lines;
  guint source;
  GPtrArray *outputs;
  guint bus_watch;

  /* the current negotiation */
  GTask *task;
  guint negotiation;            /* its number; replies to earlier ones are dropped */
  gboolean offering;            /* the server made the offer */
  gboolean restarting;
  gboolean local_set;
  guint gather_timer;
  GstSDPMessage *remote;        /* as set on webrtcbin */
  GstSDPMessage *local;         /* without candidates */
  GPtrArray *candidates;        /* our candidates of this negotiation */
  LoopbackDoor *door;           /* NULL: each ICE restart has new ports */
  gchar *ufrag;
  guint restarts;
  guint report_ms;              /* between two regular RTCP packets */
  guint latency_ms;             /* of the jitter buffers */
  guint feedback_ms;            /* between two feedback packets, 0: with each frame */

  GMutex lock;                  /* below: streaming threads write */
  GPtrArray *tracks;
  GHashTable *early;            /* SSRC -> jitter buffer before its first packet */
  GPtrArray *feeds;
  guint drop_percent;
  guint64 dropped;
  guint64 rtcp_packets;
  LoopbackClock *clock;         /* the publisher's */
  LoopbackCcfb *ccfb;           /* NULL: no RFC 8888 feedback */
  gint64 fed_back_us;           /* last RFC 8888 feedback */
  LoopbackFrames *frames;       /* NULL: frames are not printed */
  gint64 last_packet_us;
};

G_DEFINE_TYPE (LoopbackSession, loopback_session, G_TYPE_OBJECT);

/* {{{ from webrtcbin's threads to the main context */

typedef struct
{
  LoopbackSession *session;
  void (*func) (LoopbackSession * session, gpointer data, guint negotiation);
  gpointer data;
  GDestroyNotify free_data;
  guint negotiation;
} Call;

static gboolean
run_call (gpointer data)
{
  Call *call = data;

  if (call->session->state != LOOPBACK_SESSION_CLOSED)
    call->func (call->session, call->data, call->negotiation);
  return G_SOURCE_REMOVE;
}

static void
free_call (Call * call)
{
  if (call->free_data && call->data)
    call->free_data (call->data);
  g_object_unref (call->session);
  g_free (call);
}

static void
call_main (LoopbackSession * self,
    void (*func) (LoopbackSession *, gpointer, guint), gpointer data,
    GDestroyNotify free_data, guint negotiation)
{
  Call *call = g_new (Call, 1);

  call->session = g_object_ref (self);
  call->func = func;
  call->data = data;
  call->free_data = free_data;
  call->negotiation = negotiation;
  g_idle_add_full (G_PRIORITY_DEFAULT, run_call, call,
      (GDestroyNotify) free_call);
}

/* }}} */

static void
set_state (LoopbackSession * self, LoopbackSessionState state,
    const gchar * reason)
{
  if (self->state == state)
    return;
  self->state = state;
  self->changed (self, state, reason, self->user_data);
}

/* {{{ received packets */

static LoopbackTrack *
find_track_locked (LoopbackSession * self, guint32 ssrc)
{
  LoopbackTrack *track;

  for (guint i = 0; i < self->tracks->len; i++) {
    track = g_ptr_array_index (self->tracks, i);
    if (track->ssrc == ssrc)
      return track;
  }
  if (self->tracks->len >= MAX_TRACKS)
    return NULL;
  track = loopback_track_new (ssrc);
  g_ptr_array_add (self->tracks, track);
  return track;
}

static const LoopbackLine *
find_line_by_pt (LoopbackSession * self, gint pt)
{
  for (guint i = 0; i < self->lines->len; i++) {
    const LoopbackLine *line = g_ptr_array_index (self->lines, i);

    if (line->pt == pt)
      return line;
  }
  return NULL;
}

static void
tell_frame (const LoopbackFrame * frame, gpointer user_data)
{
  LoopbackSession *self = user_data;

  if (frame->decodable)
    g_print ("event=frame at-us=%" G_GINT64_FORMAT " name=%s id=%s ts=%u "
        "packets=%u key=%d lost=%" G_GUINT64_FORMAT "\n", frame->at_us,
        loopback_channel_get_name (self->channel), self->id, frame->timestamp,
        frame->packets, frame->key, loopback_frames_get_lost (self->frames));
}

/* @line: (nullable): NULL for a retransmission (RFC 4588 4) */
static void
push_frame_locked (LoopbackSession * self, const LoopbackLine * line,
    const LoopbackRtp * rtp, const guint8 * data, gint64 now)
{
  const guint8 *payload = data + rtp->header_size;
  const LoopbackLine *video = line;
  gsize size = rtp->payload_size;
  guint16 seq = rtp->seq;

  for (guint i = 0; video == NULL && i < self->lines->len; i++)
    if (((LoopbackLine *) g_ptr_array_index (self->lines, i))->video)
      video = g_ptr_array_index (self->lines, i);
  if (video == NULL || !video->video || video->index != 0)
    return;
  if (line == NULL) {
    if (size < 3)
      return;
    seq = (guint16) (payload[0] << 8 | payload[1]);
    payload += 2;
    size -= 2;
  }
  loopback_frames_push (self->frames, seq, rtp->timestamp, rtp->marker,
      loopback_rtp_is_key (loopback_codec_from_name (video->encoding_name),
          payload, size), now);
}

/* Switches NACKs off for a stream that offers none: webrtcbin enables them for all streams of a
 * bundle. NACKs that the publisher cannot answer would delay the others. */
static void
choose_repair (LoopbackSession * self, GstElement * jitterbuffer, guint8 pt)
{
  const LoopbackLine *line = find_line_by_pt (self, pt);

  if (line)
    g_object_set (jitterbuffer, "do-retransmission", line->nack, NULL);
}

/* Returns: FALSE to drop the packet on purpose */
static gboolean
count_packet (LoopbackSession * self, GstBuffer * buffer, gint64 now)
{
  g_autoptr (GstElement) early = NULL;
  const LoopbackLine *line;
  LoopbackTrack *track;
  gboolean keep = TRUE;
  LoopbackRtp rtp;
  GstMapInfo map;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return TRUE;
  if (!loopback_rtp_parse (map.data, map.size, &rtp))
    goto out;
  g_mutex_lock (&self->lock);
  self->last_packet_us = now;
  if (self->drop_percent > 0
      && (guint) g_random_int_range (0, 100) < self->drop_percent) {
    self->dropped++;
    keep = FALSE;
  } else if ((track = find_track_locked (self, rtp.ssrc)) != NULL
      && loopback_track_push (track, &rtp, map.size, now)) {
    line = find_line_by_pt (self, rtp.pt);
    if (line && line->video
        && loopback_rtp_is_key (loopback_codec_from_name (line->encoding_name),
            map.data + rtp.header_size, rtp.payload_size))
      loopback_track_push_key (track, &rtp);
    if (self->frames)
      push_frame_locked (self, line, &rtp, map.data, now);
    g_hash_table_steal_extended (self->early, GUINT_TO_POINTER (rtp.ssrc), NULL,
        (gpointer *) & early);
  }
  if (keep && self->ccfb)
    loopback_ccfb_received (self->ccfb, rtp.ssrc, rtp.seq, now);
  g_mutex_unlock (&self->lock);
  if (early)
    choose_repair (self, early, rtp.pt);
out:
  gst_buffer_unmap (buffer, &map);
  return keep;
}

/* Before rtpbin, which sees each packet as it came from the network */
static GstPadProbeReturn
on_rtp (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  LoopbackSession *self = user_data;
  gint64 now = g_get_monotonic_time ();
  GstBufferList *list;

  if (info->type & GST_PAD_PROBE_TYPE_BUFFER)
    return count_packet (self, GST_PAD_PROBE_INFO_BUFFER (info), now) ?
        GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
  list = gst_buffer_list_make_writable (GST_PAD_PROBE_INFO_BUFFER_LIST (info));
  for (guint i = gst_buffer_list_length (list), at = 0; i > 0; i--) {
    if (count_packet (self, gst_buffer_list_get (list, at), now))
      at++;
    else
      gst_buffer_list_remove (list, at, 1);
  }
  GST_PAD_PROBE_INFO_DATA (info) = list;
  return GST_PAD_PROBE_OK;
}

/* Passes sender reports to the publisher's clock. */
static void
read_reports_locked (LoopbackSession * self, GstBuffer * buffer)
{
  GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
  GstRTCPPacket packet;
  guint32 ssrc, timestamp;
  guint64 ntp;

  if (!gst_rtcp_buffer_validate_reduced (buffer)
      || !gst_rtcp_buffer_map (buffer, GST_MAP_READ, &rtcp))
    return;
  for (gboolean more = gst_rtcp_buffer_get_first_packet (&rtcp, &packet); more;
      more = gst_rtcp_packet_move_to_next (&packet))
    if (gst_rtcp_packet_get_type (&packet) == GST_RTCP_TYPE_SR) {
      gst_rtcp_packet_sr_get_sender_info (&packet, &ssrc, &ntp, &timestamp,
          NULL, NULL);
      loopback_clock_report (self->clock, ssrc, ntp, timestamp);
    }
  gst_rtcp_buffer_unmap (&rtcp);
}

static GstPadProbeReturn
on_rtcp (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  LoopbackSession *self = user_data;

  g_mutex_lock (&self->lock);
  self->last_packet_us = g_get_monotonic_time ();
  self->rtcp_packets++;
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER)
    read_reports_locked (self, GST_PAD_PROBE_INFO_BUFFER (info));
  g_mutex_unlock (&self->lock);
  return GST_PAD_PROBE_OK;
}

static void
on_rtpbin_pad_added (GstElement * rtpbin, GstPad * pad, LoopbackSession * self)
{
  const gchar *name = GST_PAD_NAME (pad);

  if (g_str_has_prefix (name, "recv_rtp_sink_"))
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER |
        GST_PAD_PROBE_TYPE_BUFFER_LIST, on_rtp, g_object_ref (self),
        g_object_unref);
  else if (g_str_has_prefix (name, "recv_rtcp_sink_"))
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER |
        GST_PAD_PROBE_TYPE_BUFFER_LIST, on_rtcp, g_object_ref (self),
        g_object_unref);
}

/* rtx-next-seqnum would take a pause for a loss and give up the packet after it. A stream that an
 * RTCP report announces before its first packet has no payload type yet; count_packet() finds its
 * jitter buffer in @early. */
static void
on_new_jitterbuffer (GstElement * rtpbin, GstElement * jitterbuffer,
    guint session, guint ssrc, LoopbackSession * self)
{
  const LoopbackTrack *track;
  gboolean began;
  guint8 pt;

  g_object_set (jitterbuffer, "rtx-next-seqnum", FALSE, NULL);
  if (self->role != LOOPBACK_ROLE_PUBLISHER)
    return;
  g_mutex_lock (&self->lock);
  track = find_track_locked (self, ssrc);
  began = track && track->packets > 0;
  pt = began ? track->pt : 0;
  if (track && !began)
    g_hash_table_insert (self->early, GUINT_TO_POINTER (ssrc),
        g_object_ref (jitterbuffer));
  g_mutex_unlock (&self->lock);
  if (began)
    choose_repair (self, jitterbuffer, pt);
}

/* }}} */

/* {{{ publisher: from webrtcbin into the channel */

/* Returns: the capture time of @buffer, by the clock that all sessions share */
static GstClockTime
get_time (LoopbackSession * self, const LoopbackLine * line, GstBuffer * buffer)
{
  gint64 us = (gint64) (gst_util_get_timestamp () / GST_USECOND);
  LoopbackRtp rtp;
  GstMapInfo map;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return (GstClockTime) us * GST_USECOND;
  if (loopback_rtp_parse (map.data, map.size, &rtp)) {
    g_mutex_lock (&self->lock);
    us = loopback_clock_get (self->clock, rtp.ssrc, rtp.timestamp,
        (guint) line->clock_rate, us);
    g_mutex_unlock (&self->lock);
  }
  gst_buffer_unmap (buffer, &map);
  return (GstClockTime) us * GST_USECOND;
}

static GstFlowReturn
on_new_sample (GstAppSink * sink, gpointer user_data)
{
  Feed *feed = user_data;
  g_autoptr (GstSample) sample = gst_app_sink_pull_sample (sink);

  if (sample == NULL)
    return GST_FLOW_EOS;
  loopback_channel_push (feed->session->channel, feed->session->source,
      feed->line, gst_sample_get_buffer (sample), get_time (feed->session,
          feed->line, gst_sample_get_buffer (sample)));
  return GST_FLOW_OK;
}

/* Finds the m-line by its index if webrtcbin set that correctly, else by payload type: without
 * a=ssrc lines, webrtcbin does not. */
static const LoopbackLine *
find_line_of_pad (LoopbackSession * self, GstPad * pad)
{
  g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  const LoopbackLine *line;
  guint mline = G_MAXUINT;
  gint pt = -1;

  if (caps)
    gst_structure_get_int (gst_caps_get_structure (caps, 0), "payload", &pt);
  g_object_get (pad, "transceiver", &transceiver, NULL);
  if (transceiver)
    g_object_get (transceiver, "mlineindex", &mline, NULL);
  if (mline < self->lines->len) {
    line = g_ptr_array_index (self->lines, mline);
    if (line->pt == pt || pt == -1)
      return line;
  }
  return find_line_by_pt (self, pt);
}

static void
on_pad_added (GstElement * webrtc, GstPad * pad, LoopbackSession * self)
{
  GstAppSinkCallbacks callbacks = {.new_sample = on_new_sample };
  const LoopbackLine *line;
  g_autoptr (GstPad) sinkpad = NULL;
  GstElement *sink;
  Feed *feed;

  if (GST_PAD_DIRECTION (pad) != GST_PAD_SRC)
    return;
  line = find_line_of_pad (self, pad);
  sink = gst_element_factory_make ("appsink", NULL);
  g_object_set (sink, "sync", FALSE, "async", FALSE, "max-buffers", 0,
      "enable-last-sample", FALSE, NULL);
  gst_bin_add (GST_BIN (self->pipeline), sink);
  if (line) {
    feed = g_new0 (Feed, 1);
    feed->session = self;
    feed->line = line;
    feed->sink = sink;
    gst_app_sink_set_callbacks (GST_APP_SINK (sink), &callbacks, feed, NULL);
    g_mutex_lock (&self->lock);
    g_ptr_array_add (self->feeds, feed);
    g_mutex_unlock (&self->lock);
  } else {
    GST_WARNING_OBJECT (pad, "is of no m-line, not relayed");
    g_object_set (sink, "drop", TRUE, "max-buffers", 1, NULL);
  }
  gst_element_sync_state_with_parent (sink);
  sinkpad = gst_element_get_static_pad (sink, "sink");
  gst_pad_link (pad, sinkpad);
}

/* In the main context. rtpbin sends a PLI or FIR to the publisher. */
static void
request_key (gboolean video, guint index, gpointer user_data)
{
  LoopbackSession *self = user_data;
  g_autoptr (GstPad) pad = NULL;

  g_mutex_lock (&self->lock);
  for (guint i = self->feeds->len; i > 0 && pad == NULL; i--) {
    Feed *feed = g_ptr_array_index (self->feeds, i - 1);

    if (feed->line->video == video && feed->line->index == index)
      pad = gst_element_get_static_pad (feed->sink, "sink");
  }
  g_mutex_unlock (&self->lock);
  if (pad)
    gst_pad_push_event (pad, gst_video_event_new_upstream_force_key_unit
        (GST_CLOCK_TIME_NONE, FALSE, 0));
}

static void
add_receivers (LoopbackSession * self)
{
  for (guint i = 0; i < self->lines->len; i++) {
    const LoopbackLine *line = g_ptr_array_index (self->lines, i);
    g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;
    g_autoptr (GstCaps) caps = gst_caps_new_simple ("application/x-rtp",
        "media", G_TYPE_STRING, line->video ? "video" : "audio",
        "encoding-name", G_TYPE_STRING, line->encoding_name,
        "clock-rate", G_TYPE_INT, line->clock_rate,
        "payload", G_TYPE_INT, line->pt, NULL);

    /* webrtcbin accepts only header extensions that are in these caps. */
    if (line->transport_cc > 0) {
      g_autofree gchar *field =
          g_strdup_printf ("extmap-%u", line->transport_cc);

      gst_caps_set_simple (caps, field, G_TYPE_STRING, LOOPBACK_TRANSPORT_CC, NULL);
    }
    g_signal_emit_by_name (self->webrtc, "add-transceiver",
        GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_RECVONLY, caps, &transceiver);
    g_object_set (transceiver, "do-nack", TRUE, NULL);
  }
  self->source = loopback_channel_add_source (self->channel, self->lines,
      request_key, self);
}

/* }}} */

/* {{{ viewer: from the channel into webrtcbin */

static GstPadProbeReturn
on_upstream_event (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  LoopbackSession *self = user_data;

  if (gst_video_event_is_force_key_unit (GST_PAD_PROBE_INFO_EVENT (info))) {
    guint mline = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (pad),
            "loopback-mline"));
    const LoopbackLine *line = g_ptr_array_index (self->lines, mline);

    if (line->video)
      loopback_channel_request_key (self->channel, TRUE, line->index);
  }
  return GST_PAD_PROBE_OK;
}

static gboolean
add_sender (LoopbackSession * self, guint mline, GError ** error)
{
  const LoopbackLine *line = g_ptr_array_index (self->lines, mline);
  g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;
  g_autofree gchar *name = g_strdup_printf ("sink_%u", mline);
  g_autoptr (GstPad) sinkpad = NULL;
  g_autoptr (GstPad) srcpad = NULL;
  g_autoptr (GstCaps) caps = NULL;
  GstPadTemplate *template;
  guint32 ssrc = g_random_int ();
  GstElement *appsrc;

  caps = gst_caps_new_simple ("application/x-rtp",
      "media", G_TYPE_STRING, line->video ? "video" : "audio",
      "encoding-name", G_TYPE_STRING, line->encoding_name,
      "clock-rate", G_TYPE_INT, line->clock_rate,
      "payload", G_TYPE_INT, line->pt, "ssrc", G_TYPE_UINT, ssrc, NULL);
  template = gst_element_get_pad_template (self->webrtc, "sink_%u");
  sinkpad = gst_element_request_pad (self->webrtc, template, name, caps);
  if (sinkpad == NULL) {
    g_set_error (error, LOOPBACK_HTTP_ERROR, 500, "no pad for m-line %u",
        mline);
    return FALSE;
  }
  g_object_get (sinkpad, "transceiver", &transceiver, NULL);
  g_object_set (transceiver, "codec-preferences", caps, "do-nack", TRUE, NULL);
  if (self->offering)
    g_object_set (transceiver, "direction",
        GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDONLY, NULL);
  /* webrtcbin needs the caps before it answers; appsrc sends them only when it runs. */
  gst_pad_send_event (sinkpad, gst_event_new_stream_start (name));
  gst_pad_send_event (sinkpad, gst_event_new_caps (caps));

  appsrc = gst_element_factory_make ("appsrc", NULL);
  g_object_set (appsrc, "caps", caps, "is-live", TRUE, "format",
      GST_FORMAT_TIME, "max-bytes", (guint64) 0,
      "max-buffers", (guint64) VIEWER_QUEUE_PACKETS, "leaky-type",
      GST_APP_LEAKY_TYPE_DOWNSTREAM, NULL);
  gst_bin_add (GST_BIN (self->pipeline), appsrc);
  srcpad = gst_element_get_static_pad (appsrc, "src");
  g_object_set_data (G_OBJECT (srcpad), "loopback-mline",
      GUINT_TO_POINTER (mline));
  gst_pad_add_probe (srcpad, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM,
      on_upstream_event, g_object_ref (self), g_object_unref);
  gst_pad_link (srcpad, sinkpad);
  g_ptr_array_add (self->outputs, loopback_channel_add_output (self->channel,
          line, ssrc, GST_APP_SRC (appsrc)));
  gst_element_sync_state_with_parent (appsrc);
  return TRUE;
}

/* }}} */

/* {{{ negotiation: remote description, answer, local description, candidates */

static void
fail_negotiation (LoopbackSession * self, guint status, const gchar * message)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->task);

  g_clear_handle_id (&self->gather_timer, g_source_remove);
  self->negotiation++;
  if (task)
    g_task_return_new_error (task, LOOPBACK_HTTP_ERROR, (gint) status, "%s",
        message);
}

static void
finish_negotiation (LoopbackSession * self)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->task);
  g_autoptr (GstRcastSdpFragment) fragment = NULL;
  GstSDPMedia *media;

  g_clear_handle_id (&self->gather_timer, g_source_remove);
  self->negotiation++;
  if (self->restarting) {
    const gchar *ufrag, *pwd;

    fragment = gst_rcast_sdp_fragment_new ();
    gst_rcast_sdp_get_credentials (self->local, &ufrag, &pwd);
    fragment->ufrag = g_strdup (ufrag);
    fragment->pwd = g_strdup (pwd);
    for (guint i = 0; i < self->candidates->len && self->door == NULL; i++)
      g_ptr_array_add (fragment->candidates,
          g_strdup (g_ptr_array_index (self->candidates, i)));
    fragment->end_of_candidates = self->door == NULL;
    self->restarts++;
    g_task_return_pointer (task, gst_rcast_sdp_fragment_print (fragment,
            self->local), g_free);
    return;
  }
  {
    GstSDPMessage *answer;
    gchar *text;

    gst_sdp_message_copy (self->local, &answer);
    media = (GstSDPMedia *) gst_sdp_message_get_media (answer, 0);
    for (guint i = 0; i < self->candidates->len; i++) {
      const gchar *candidate = g_ptr_array_index (self->candidates, i);

      gst_sdp_media_add_attribute (media, "candidate",
          candidate + strlen ("candidate:"));
    }
    gst_sdp_media_add_attribute (media, "end-of-candidates", NULL);
    text = gst_sdp_message_as_text (answer);
    gst_sdp_message_free (answer);
    g_task_return_pointer (task, text, g_free);
  }
}

/* The ufrag in a candidate tells whether it is from before an ICE restart. */
static gboolean
is_current (LoopbackSession * self, const gchar * candidate)
{
  const gchar *mark = strstr (candidate, " ufrag ");
  gsize length;

  if (mark == NULL)
    return TRUE;
  mark += strlen (" ufrag ");
  length = strcspn (mark, " ");
  return strlen (self->ufrag) == length
      && strncmp (mark, self->ufrag, length) == 0;
}

static void
check_gathered (LoopbackSession * self, gpointer data, guint negotiation)
{
  GstWebRTCICEGatheringState state;

  if (self->task == NULL || !self->local_set)
    return;
  g_object_get (self->webrtc, "ice-gathering-state", &state, NULL);
  if (state == GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE
      && self->candidates->len > 0)
    finish_negotiation (self);
}

static gboolean
on_gather_timeout (gpointer user_data)
{
  LoopbackSession *self = user_data;

  self->gather_timer = 0;
  if (self->candidates->len > 0)
    finish_negotiation (self);
  else
    fail_negotiation (self, 500, "no ICE candidates of our own");
  return G_SOURCE_REMOVE;
}

static void
take_candidate (LoopbackSession * self, gpointer data, guint negotiation)
{
  if (self->task == NULL || !is_current (self, data))
    return;
  if (self->door) {
    loopback_door_lead_to (self->door, data);
    data = (gpointer) loopback_door_get_candidate (self->door);
  }
  if (!g_ptr_array_find_with_equal_func (self->candidates, data, g_str_equal,
          NULL))
    g_ptr_array_add (self->candidates, g_strdup (data));
  check_gathered (self, NULL, 0);
}

static void
on_ice_candidate (GstElement * webrtc, guint mline, const gchar * candidate,
    LoopbackSession * self)
{
  if (candidate && g_str_has_prefix (candidate, "candidate:"))
    call_main (self, take_candidate, g_strdup (candidate), g_free, 0);
}

static void
on_gathering_state (GstElement * webrtc, GParamSpec * pspec,
    LoopbackSession * self)
{
  call_main (self, check_gathered, NULL, NULL, 0);
}

typedef struct
{
  LoopbackSession *session;
  void (*func) (LoopbackSession *, gpointer, guint);
  guint negotiation;
} Reply;

/* Takes the reference to @promise from expect(). */
static void
on_promise (GstPromise * promise, gpointer user_data)
{
  Reply *reply = user_data;

  call_main (reply->session, reply->func, promise,
      (GDestroyNotify) gst_promise_unref, reply->negotiation);
}

static void
free_reply (Reply * reply)
{
  g_object_unref (reply->session);
  g_free (reply);
}

static GstPromise *
expect (LoopbackSession * self, void (*func) (LoopbackSession *, gpointer,
        guint))
{
  Reply *reply = g_new (Reply, 1);

  reply->session = g_object_ref (self);
  reply->func = func;
  reply->negotiation = self->negotiation;
  return gst_promise_new_with_change_func (on_promise, reply,
      (GDestroyNotify) free_reply);
}

/* Returns: FALSE if @promise belongs to another negotiation, or if it failed; then the negotiation
 * fails, too */
static gboolean
check_reply (LoopbackSession * self, GstPromise * promise, guint negotiation,
    const gchar * step)
{
  const GstStructure *reply;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *message = NULL;

  if (self->task == NULL || negotiation != self->negotiation)
    return FALSE;
  if (gst_promise_wait (promise) != GST_PROMISE_RESULT_REPLIED) {
    fail_negotiation (self, 500, step);
    return FALSE;
  }
  reply = gst_promise_get_reply (promise);
  if (reply == NULL || !gst_structure_has_field (reply, "error"))
    return TRUE;
  gst_structure_get (reply, "error", G_TYPE_ERROR, &error, NULL);
  message = g_strdup_printf ("%s: %s", step, error->message);
  fail_negotiation (self, 422, message);
  return FALSE;
}

static void
on_local_set (LoopbackSession * self, gpointer data, guint negotiation)
{
  if (!check_reply (self, data, negotiation, "local description"))
    return;
  self->local_set = TRUE;
  check_gathered (self, NULL, 0);
}

/* Sets the local description. An answer gets our ICE credentials first. */
static void
set_local (LoopbackSession * self)
{
  GstWebRTCSessionDescription *description;
  const gchar *ufrag = NULL, *pwd = NULL;
  GstSDPMessage *copy;

  if (!self->offering)
    loopback_ice_prepare_answer (self->webrtc, self->local);
  gst_rcast_sdp_remove_candidates (self->local);
  gst_rcast_sdp_get_credentials (self->local, &ufrag, &pwd);
  g_free (self->ufrag);
  self->ufrag = g_strdup (ufrag);
  gst_sdp_message_copy (self->local, &copy);
  description = gst_webrtc_session_description_new (self->offering ?
      GST_WEBRTC_SDP_TYPE_OFFER : GST_WEBRTC_SDP_TYPE_ANSWER, copy);
  self->gather_timer = g_timeout_add (GATHER_TIMEOUT_MS, on_gather_timeout,
      self);
  g_signal_emit_by_name (self->webrtc, "set-local-description", description,
      expect (self, on_local_set));
  gst_webrtc_session_description_free (description);
}

/* RFC 8888 6: agrees to congestion control feedback. */
static void
agree_to_ccfb (GstSDPMessage * answer)
{
  for (guint i = 0; i < gst_sdp_message_medias_len (answer); i++)
    gst_sdp_media_add_attribute ((GstSDPMedia *)
        gst_sdp_message_get_media (answer, i), "rtcp-fb", "* ack ccfb");
}

static void
on_answer (LoopbackSession * self, gpointer data, guint negotiation)
{
  GstWebRTCSessionDescription *answer = NULL;

  if (!check_reply (self, data, negotiation, "answer"))
    return;
  gst_structure_get (gst_promise_get_reply (data), "answer",
      GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &answer, NULL);
  if (answer == NULL) {
    fail_negotiation (self, 500, "no answer");
    return;
  }
  for (guint i = 0; i < gst_sdp_message_medias_len (answer->sdp); i++)
    if (gst_sdp_media_get_port (gst_sdp_message_get_media (answer->sdp, i))
        == 0) {
      gst_webrtc_session_description_free (answer);
      fail_negotiation (self, 422, "an m-line is not accepted");
      return;
    }
  gst_sdp_message_copy (answer->sdp, &self->local);
  if (self->ccfb)
    agree_to_ccfb (self->local);
  gst_webrtc_session_description_free (answer);
  set_local (self);
}

static void
on_offer (LoopbackSession * self, gpointer data, guint negotiation)
{
  GstWebRTCSessionDescription *offer = NULL;

  if (!check_reply (self, data, negotiation, "offer"))
    return;
  gst_structure_get (gst_promise_get_reply (data), "offer",
      GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &offer, NULL);
  if (offer == NULL) {
    fail_negotiation (self, 500, "no offer");
    return;
  }
  gst_sdp_message_copy (offer->sdp, &self->local);
  gst_webrtc_session_description_free (offer);
  set_local (self);
}

/* RFC 3264 8: each new description of a session increments the version. */
static void
bump_version (GstSDPMessage * sdp)
{
  guint64 version = g_ascii_strtoull (sdp->origin.sess_version, NULL, 10);

  g_free (sdp->origin.sess_version);
  sdp->origin.sess_version = g_strdup_printf ("%" G_GUINT64_FORMAT,
      version + 1);
}

static void
on_remote_set (LoopbackSession * self, gpointer data, guint negotiation)
{
  if (!check_reply (self, data, negotiation, "remote description"))
    return;
  if (self->offering) {
    g_autoptr (GTask) task = g_steal_pointer (&self->task);

    self->negotiation++;
    g_task_return_pointer (task, g_strdup (""), g_free);
    return;
  }
  /* A restart changes ICE's part of the answer and nothing else. */
  if (self->local) {
    bump_version (self->local);
    set_local (self);
    return;
  }
  g_signal_emit_by_name (self->webrtc, "create-answer", NULL,
      expect (self, on_answer));
}

static void
set_remote (LoopbackSession * self)
{
  GstWebRTCSessionDescription *description;
  GstSDPMessage *copy;

  self->local_set = FALSE;
  g_ptr_array_set_size (self->candidates, 0);
  gst_sdp_message_copy (self->remote, &copy);
  description = gst_webrtc_session_description_new (self->offering ?
      GST_WEBRTC_SDP_TYPE_ANSWER : GST_WEBRTC_SDP_TYPE_OFFER, copy);
  g_signal_emit_by_name (self->webrtc, "set-remote-description", description,
      expect (self, on_remote_set));
  gst_webrtc_session_description_free (description);
}

/* }}} */

/* {{{ states */

/* In rtpsession's thread */
static gboolean
on_sending_rtcp (GObject * session, GstBuffer * buffer, gboolean early,
    LoopbackSession * self)
{
  gint64 now = g_get_monotonic_time ();
  GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;

  if (!gst_rtcp_buffer_map (buffer, GST_MAP_READWRITE, &rtcp))
    return FALSE;
  g_mutex_lock (&self->lock);
  if (now - self->fed_back_us >= self->feedback_ms * 1000) {
    self->fed_back_us = now;
    loopback_ccfb_write (self->ccfb, &rtcp, now);
  }
  g_mutex_unlock (&self->lock);
  gst_rtcp_buffer_unmap (&rtcp);
  return TRUE;
}

/* A viewer can synchronise the streams after two sender reports of each, so they must come soon. A
 * publisher gets NACKs at once. */
static void
report_often (LoopbackSession * self)
{
  g_autoptr (GstElement) rtpbin = NULL;
  g_autoptr (GObject) session = NULL;

  rtpbin = gst_bin_get_by_name (GST_BIN (self->webrtc), "rtpbin");
  g_signal_emit_by_name (rtpbin, "get-internal-session", 0, &session);
  if (session == NULL)
    return;
  g_object_set (session, "rtcp-min-interval", self->report_ms * GST_MSECOND,
      NULL);
  if (self->role == LOOPBACK_ROLE_PUBLISHER)
    g_object_set (session, "rtcp-fraction", RTCP_BANDWIDTH, NULL);
  if (self->ccfb)
    g_signal_connect_object (session, "on-sending-rtcp",
        G_CALLBACK (on_sending_rtcp), self, 0);
  else if (self->feedback_ms > 0)
    g_object_set (session, "twcc-feedback-interval",
        self->feedback_ms * GST_MSECOND, NULL);
}

static void
take_connection_state (LoopbackSession * self, gpointer data, guint negotiation)
{
  GstWebRTCPeerConnectionState state;

  g_object_get (self->webrtc, "connection-state", &state, NULL);
  if (state != GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED
      || self->state != LOOPBACK_SESSION_CONNECTING)
    return;
  report_often (self);
  /* Without the latency, sender reports are wrong: RTP times run at twice the speed. */
  gst_bin_recalculate_latency (GST_BIN (self->pipeline));
  set_state (self, LOOPBACK_SESSION_CONNECTED, "connected");
  for (guint i = 0; i < self->outputs->len; i++)
    loopback_output_start (g_ptr_array_index (self->outputs, i));
}

static void
on_connection_state (GstElement * webrtc, GParamSpec * pspec,
    LoopbackSession * self)
{
  call_main (self, take_connection_state, NULL, NULL, 0);
}

static void
take_dtls_end (LoopbackSession * self, gpointer data, guint negotiation)
{
  loopback_session_close (self, "dtls-closed");
}

static void
on_dtls_state (GstElement * dtlsdec, GParamSpec * pspec, LoopbackSession * self)
{
  g_auto (GValue) value = G_VALUE_INIT;
  GEnumValue *state;

  g_value_init (&value, pspec->value_type);
  g_object_get_property (G_OBJECT (dtlsdec), pspec->name, &value);
  state = g_enum_get_value (G_PARAM_SPEC_ENUM (pspec)->enum_class,
      g_value_get_enum (&value));
  if (state && (g_str_equal (state->value_nick, "closed")
          || g_str_equal (state->value_nick, "failed")))
    call_main (self, take_dtls_end, NULL, NULL, 0);
}

static void
on_element_added (GstBin * bin, GstBin * sub, GstElement * element,
    LoopbackSession * self)
{
  GstElementFactory *factory = gst_element_get_factory (element);

  if (factory && g_str_equal (GST_OBJECT_NAME (factory), "dtlsdec")
      && g_object_class_find_property (G_OBJECT_GET_CLASS (element),
          "connection-state"))
    g_signal_connect_object (element, "notify::connection-state",
        G_CALLBACK (on_dtls_state), self, 0);
}

static gboolean
on_bus_message (GstBus * bus, GstMessage * message, gpointer user_data)
{
  LoopbackSession *self = user_data;
  g_autoptr (GError) error = NULL;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_LATENCY)
    gst_bin_recalculate_latency (GST_BIN (self->pipeline));
  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ERROR)
    return G_SOURCE_CONTINUE;
  gst_message_parse_error (message, &error, NULL);
  GST_WARNING_OBJECT (self->pipeline, "%s", error->message);
  self->bus_watch = 0;
  loopback_session_close (self, error->message);
  return G_SOURCE_REMOVE;
}

/* }}} */

LoopbackSession *
loopback_session_new (LoopbackRole role, LoopbackChannel * channel,
    const gchar * ice_address, LoopbackStateFunc changed, gpointer user_data)
{
  LoopbackSession *self = g_object_new (LOOPBACK_TYPE_SESSION, NULL);
  g_autoptr (GstElement) rtpbin = NULL;
  g_autoptr (GstClock) clock = gst_system_clock_obtain ();
  g_autoptr (GstBus) bus = NULL;
  GstClockTime now = gst_clock_get_time (clock);

  self->role = role;
  self->channel = loopback_channel_ref (channel);
  self->changed = changed;
  self->user_data = user_data;
  self->pipeline = gst_pipeline_new (NULL);
  /* The media to send may be older than this pipeline. */
  gst_pipeline_use_clock (GST_PIPELINE (self->pipeline), clock);
  gst_element_set_start_time (self->pipeline, GST_CLOCK_TIME_NONE);
  gst_element_set_base_time (self->pipeline, now - MIN (now,
          LOOPBACK_CLOCK_MAX_AGE_US * GST_USECOND));
  g_signal_connect_object (self->pipeline, "deep-element-added",
      G_CALLBACK (on_element_added), self, 0);
  self->webrtc = loopback_ice_make_webrtcbin (ice_address);
  gst_bin_add (GST_BIN (self->pipeline), self->webrtc);
  rtpbin = gst_bin_get_by_name (GST_BIN (self->webrtc), "rtpbin");
  g_assert (rtpbin != NULL);
  g_signal_connect_object (rtpbin, "pad-added",
      G_CALLBACK (on_rtpbin_pad_added), self, 0);
  g_signal_connect_object (rtpbin, "new-jitterbuffer",
      G_CALLBACK (on_new_jitterbuffer), self, 0);
  g_signal_connect_object (self->webrtc, "pad-added",
      G_CALLBACK (on_pad_added), self, 0);
  g_signal_connect_object (self->webrtc, "on-ice-candidate",
      G_CALLBACK (on_ice_candidate), self, 0);
  g_signal_connect_object (self->webrtc, "notify::ice-gathering-state",
      G_CALLBACK (on_gathering_state), self, 0);
  g_signal_connect_object (self->webrtc, "notify::connection-state",
      G_CALLBACK (on_connection_state), self, 0);
  bus = gst_pipeline_get_bus (GST_PIPELINE (self->pipeline));
  self->bus_watch = gst_bus_add_watch (bus, on_bus_message, self);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  return self;
}

void
loopback_session_set_door (LoopbackSession * self, LoopbackDoor * door)
{
  self->door = door;
}

const gchar *
loopback_session_get_id (LoopbackSession * self)
{
  return self->id;
}

LoopbackRole
loopback_session_get_role (LoopbackSession * self)
{
  return self->role;
}

LoopbackChannel *
loopback_session_get_channel (LoopbackSession * self)
{
  return self->channel;
}

LoopbackSessionState
loopback_session_get_state (LoopbackSession * self)
{
  return self->state;
}

guint
loopback_session_get_source (LoopbackSession * self)
{
  return self->source;
}

static gboolean
add_senders (LoopbackSession * self)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < self->lines->len; i++)
    if (!add_sender (self, i, &error)) {
      fail_negotiation (self, 500, error->message);
      return FALSE;
    }
  return TRUE;
}

void
loopback_session_answer_async (LoopbackSession * self, GstSDPMessage * offer,
    GPtrArray * lines, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (self->state == LOOPBACK_SESSION_NEW);
  self->task = g_task_new (self, NULL, callback, user_data);
  self->remote = offer;
  self->lines = g_ptr_array_ref (lines);
  set_state (self, LOOPBACK_SESSION_CONNECTING, "offer");
  if (self->role == LOOPBACK_ROLE_PUBLISHER)
    add_receivers (self);
  else if (!add_senders (self))
    return;
  set_remote (self);
}

void
loopback_session_offer_async (LoopbackSession * self, GPtrArray * lines,
    GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (self->state == LOOPBACK_SESSION_NEW);
  self->task = g_task_new (self, NULL, callback, user_data);
  self->lines = g_ptr_array_ref (lines);
  self->offering = TRUE;
  set_state (self, LOOPBACK_SESSION_CONNECTING, "our offer");
  if (add_senders (self))
    g_signal_emit_by_name (self->webrtc, "create-offer", NULL,
        expect (self, on_offer));
}

gboolean
loopback_session_wants_answer (LoopbackSession * self)
{
  return self->offering && self->local_set && self->remote == NULL;
}

void
loopback_session_agree_async (LoopbackSession * self, GstSDPMessage * answer,
    GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (loopback_session_wants_answer (self) && !self->task);
  self->task = g_task_new (self, NULL, callback, user_data);
  self->remote = answer;
  set_remote (self);
}

void
loopback_session_restart_async (LoopbackSession * self,
    const GstRcastSdpFragment * fragment, GAsyncReadyCallback callback,
    gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  GstSDPMessage *remote = NULL;
  GError *error = NULL;

  if (self->local == NULL || self->state == LOOPBACK_SESSION_CLOSED) {
    g_task_return_new_error (task, LOOPBACK_HTTP_ERROR, 409,
        "nothing is negotiated yet");
    return;
  }
  gst_sdp_message_copy (self->remote, &remote);
  if (!gst_rcast_sdp_apply_fragment (remote, fragment, &error)) {
    gst_sdp_message_free (remote);
    g_task_return_new_error (task, LOOPBACK_HTTP_ERROR, 400, "%s",
        error->message);
    g_error_free (error);
    return;
  }
  /* RFC 9725 4.3.3: only the last restart counts. */
  if (self->task)
    fail_negotiation (self, 409, "another restart came");
  self->task = g_steal_pointer (&task);
  self->restarting = TRUE;
  gst_sdp_message_free (self->remote);
  self->remote = remote;
  set_remote (self);
}

gchar *
loopback_session_negotiate_finish (LoopbackSession * self,
    GAsyncResult * result, GError ** error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
loopback_session_is_restart (LoopbackSession * self,
    const GstRcastSdpFragment * fragment)
{
  const gchar *ufrag = NULL, *pwd = NULL;

  if (fragment->ufrag == NULL || fragment->pwd == NULL || self->remote == NULL)
    return FALSE;
  if (!gst_rcast_sdp_get_credentials (self->remote, &ufrag, &pwd))
    return TRUE;
  return !g_str_equal (ufrag, fragment->ufrag)
      || !g_str_equal (pwd, fragment->pwd);
}

void
loopback_session_add_candidates (LoopbackSession * self,
    const GstRcastSdpFragment * fragment)
{
  if (self->state == LOOPBACK_SESSION_CLOSED)
    return;
  for (guint i = 0; i < fragment->candidates->len; i++)
    g_signal_emit_by_name (self->webrtc, "add-ice-candidate", 0,
        (const gchar *) g_ptr_array_index (fragment->candidates, i));
}

void
loopback_session_close (LoopbackSession * self, const gchar * reason)
{
  if (self->state == LOOPBACK_SESSION_CLOSED)
    return;
  g_object_ref (self);
  fail_negotiation (self, 500, reason);
  /* Whoever waits for the negotiation may have closed the session by now. */
  if (self->state == LOOPBACK_SESSION_CLOSED) {
    g_object_unref (self);
    return;
  }
  set_state (self, LOOPBACK_SESSION_CLOSED, reason);
  if (self->source)
    loopback_channel_remove_source (self->channel, self->source);
  g_ptr_array_set_size (self->outputs, 0);
  g_clear_handle_id (&self->bus_watch, g_source_remove);
  loopback_ice_stop_pipeline (self->pipeline, self->webrtc);
  g_hash_table_remove_all (self->early);
  gst_bin_remove (GST_BIN (self->pipeline), self->webrtc);
  self->webrtc = NULL;
  gst_clear_object (&self->pipeline);
  g_object_unref (self);
}

void
loopback_session_set_drop (LoopbackSession * self, guint percent)
{
  g_mutex_lock (&self->lock);
  self->drop_percent = percent;
  g_mutex_unlock (&self->lock);
}

void
loopback_session_name_packets (LoopbackSession * self)
{
  g_return_if_fail (self->state == LOOPBACK_SESSION_NEW);
  self->ccfb = loopback_ccfb_new ();
}

void
loopback_session_set_intervals (LoopbackSession * self, guint report_ms,
    guint feedback_ms, guint latency_ms)
{
  g_return_if_fail (self->state == LOOPBACK_SESSION_NEW);
  self->report_ms = report_ms;
  self->feedback_ms = feedback_ms;
  self->latency_ms = latency_ms;
  g_object_set (self->webrtc, "latency", latency_ms, NULL);
}

void
loopback_session_tell_frames (LoopbackSession * self)
{
  g_return_if_fail (self->state == LOOPBACK_SESSION_NEW);
  self->frames = loopback_frames_new (tell_frame, self);
  loopback_frames_set_patience (self->frames, self->latency_ms + LATE_MS);
}

gboolean
loopback_session_fits (LoopbackSession * self)
{
  for (guint i = 0; i < self->outputs->len; i++)
    if (!loopback_output_fits (g_ptr_array_index (self->outputs, i)))
      return FALSE;
  return TRUE;
}

guint
loopback_session_get_silence_ms (LoopbackSession * self)
{
  gint64 since;

  g_mutex_lock (&self->lock);
  since = g_get_monotonic_time () - self->last_packet_us;
  g_mutex_unlock (&self->lock);
  return (guint) (since / 1000);
}

void
loopback_session_reset_stats (LoopbackSession * self)
{
  gint64 now = g_get_monotonic_time ();

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->tracks->len; i++)
    loopback_track_reset (g_ptr_array_index (self->tracks, i), now);
  self->dropped = 0;
  g_mutex_unlock (&self->lock);
}

/* {{{ JSON */

static void
add_number (JsonBuilder * json, const gchar * name, gint64 value)
{
  json_builder_set_member_name (json, name);
  json_builder_add_int_value (json, value);
}

static void
add_string (JsonBuilder * json, const gchar * name, const gchar * value)
{
  json_builder_set_member_name (json, name);
  json_builder_add_string_value (json, value);
}

static void
describe_track (LoopbackSession * self, const LoopbackTrack * track,
    JsonBuilder * json)
{
  const LoopbackLine *line = find_line_by_pt (self, track->pt);
  gint64 now = g_get_monotonic_time ();

  json_builder_begin_object (json);
  add_number (json, "ssrc", track->ssrc);
  add_number (json, "payload", track->pt);
  add_string (json, "kind", line == NULL ? "rtx" :
      line->video ? "video" : "audio");
  add_string (json, "encoding", line ? line->encoding_name : "RTX");
  add_number (json, "packets", (gint64) track->packets);
  add_number (json, "unique", (gint64) track->unique);
  add_number (json, "lost", (gint64) loopback_track_get_lost (track));
  add_number (json, "duplicates", (gint64) track->duplicates);
  add_number (json, "reordered", (gint64) track->reordered);
  add_number (json, "late", (gint64) track->late);
  add_number (json, "bytes", (gint64) track->bytes);
  add_number (json, "frames", (gint64) track->frames);
  add_number (json, "keyframes", (gint64) track->keyframes);
  add_number (json, "first-seq", track->first_seq & 0xffff);
  add_number (json, "last-seq", track->last_seq & 0xffff);
  add_number (json, "last-timestamp", track->last_timestamp);
  add_number (json, "max-gap-ms", track->max_gap_us / 1000);
  add_number (json, "silent-ms", (now - track->last_us) / 1000);
  json_builder_end_object (json);
}

void
loopback_session_describe (LoopbackSession * self, JsonBuilder * json)
{
  static const gchar *states[] = { "new", "connecting", "connected",
    "closed"
  };

  json_builder_begin_object (json);
  add_string (json, "id", self->id);
  add_string (json, "name", loopback_channel_get_name (self->channel));
  add_string (json, "role", loopback_role_nick (self->role));
  add_string (json, "state", states[self->state]);
  add_number (json, "age-ms",
      (g_get_monotonic_time () - self->created_us) / 1000);
  add_number (json, "silent-ms", loopback_session_get_silence_ms (self));
  add_number (json, "restarts", self->restarts);
  if (self->source)
    add_number (json, "source", self->source);
  json_builder_set_member_name (json, "streams");
  json_builder_begin_array (json);
  for (guint i = 0; i < self->outputs->len; i++)
    loopback_output_describe (g_ptr_array_index (self->outputs, i), json);
  g_mutex_lock (&self->lock);
  if (self->role == LOOPBACK_ROLE_PUBLISHER)
    for (guint i = 0; i < self->tracks->len; i++)
      describe_track (self, g_ptr_array_index (self->tracks, i), json);
  json_builder_end_array (json);
  add_number (json, "rtcp-packets", (gint64) self->rtcp_packets);
  add_number (json, "dropped", (gint64) self->dropped);
  g_mutex_unlock (&self->lock);
  json_builder_end_object (json);
}

/* }}} */

static void
loopback_session_finalize (GObject * object)
{
  LoopbackSession *self = LOOPBACK_SESSION (object);

  g_assert (self->pipeline == NULL);
  g_ptr_array_unref (self->outputs);
  g_ptr_array_unref (self->tracks);
  g_hash_table_unref (self->early);
  g_ptr_array_unref (self->feeds);
  g_ptr_array_unref (self->candidates);
  loopback_door_free (self->door);
  g_clear_pointer (&self->lines, g_ptr_array_unref);
  g_clear_pointer (&self->remote, gst_sdp_message_free);
  g_clear_pointer (&self->local, gst_sdp_message_free);
  loopback_channel_unref (self->channel);
  loopback_frames_free (self->frames);
  loopback_clock_free (self->clock);
  g_clear_pointer (&self->ccfb, loopback_ccfb_free);
  g_free (self->ufrag);
  g_free (self->id);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (loopback_session_parent_class)->finalize (object);
}

static void
loopback_session_class_init (LoopbackSessionClass * klass)
{
  G_OBJECT_CLASS (klass)->finalize = loopback_session_finalize;
  GST_DEBUG_CATEGORY_INIT (loopback_session_debug, "loopbacksession", 0,
      "Session of the loopback server");
}

static void
loopback_session_init (LoopbackSession * self)
{
  self->id = g_strdup_printf ("%08x%08x", g_random_int (), g_random_int ());
  self->report_ms = REPORT_MS;
  self->clock = loopback_clock_new ();
  self->created_us = self->last_packet_us = g_get_monotonic_time ();
  self->outputs =
      g_ptr_array_new_with_free_func ((GDestroyNotify) loopback_output_free);
  self->tracks =
      g_ptr_array_new_with_free_func ((GDestroyNotify) loopback_track_free);
  self->early = g_hash_table_new_full (NULL, NULL, NULL, gst_object_unref);
  self->feeds = g_ptr_array_new_with_free_func (g_free);
  self->candidates = g_ptr_array_new_with_free_func (g_free);
  g_mutex_init (&self->lock);
}
