/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Controls a pipeline whose only webrtcbin answers offers. */
#include "config.h"

#include "answerer.h"

#include <gst/rtp/rtp.h>
#include <gst/webrtc/webrtc.h>
#include <string.h>

#include "drop-rtp.h"
#include "gstrcastice.h"
#include "loopback-ccfb.h"
#include "rcast-rtp.h"

typedef struct
{
  GstPadProbeCallback probe;
  gpointer data;
} Watch;

static void
for_each (GstElement * pipeline, const gchar * factory,
    void (*func) (GstElement * element, const Watch * watch),
    const Watch * watch)
{
  GstIterator *iterator =
      gst_bin_iterate_all_by_element_factory_name (GST_BIN (pipeline),
      factory);
  GValue value = G_VALUE_INIT;

  while (gst_iterator_next (iterator, &value) == GST_ITERATOR_OK) {
    func (g_value_get_object (&value), watch);
    g_value_reset (&value);
  }
  g_value_unset (&value);
  gst_iterator_free (iterator);
}

GstElement *
answerer_dup_webrtcbin (GstElement * pipeline)
{
  GstIterator *iterator =
      gst_bin_iterate_all_by_element_factory_name (GST_BIN (pipeline),
      "webrtcbin");
  GValue value = G_VALUE_INIT;
  GstElement *webrtc = NULL;

  if (gst_iterator_next (iterator, &value) == GST_ITERATOR_OK)
    webrtc = g_value_dup_object (&value);
  g_value_unset (&value);
  gst_iterator_free (iterator);
  return webrtc;
}

static void
watch_pad (GstElement * dec, const Watch * watch)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (dec, "sink");

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, watch->probe, watch->data,
      NULL);
}

void
answerer_watch_packets (GstElement * pipeline, GstPadProbeCallback probe,
    gpointer data)
{
  Watch watch = { probe, data };

  for_each (pipeline, "dtlssrtpdec", watch_pad, &watch);
}

void
answerer_lose_rtp (GstElement * pipeline)
{
  answerer_watch_packets (pipeline, drop_rtp, NULL);
}

static void
hasten_rtcp (GstElement * session, const Watch * watch)
{
  /* The RTCP interval grows with the number of streams and shrinks with the RTP bandwidth. */
  g_object_set (session, "rtcp-min-interval", 200 * GST_MSECOND, "bandwidth",
      1e7, NULL);
}

void
answerer_report_often (GstElement * pipeline)
{
  for_each (pipeline, "rtpsession", hasten_rtcp, NULL);
}

/* Adds a REMB without SSRCs: draft-alvestrand-rmcat-remb-03 2.2. */
static gboolean
on_sending_rtcp (GObject * session, GstBuffer * buffer, gboolean early,
    gpointer data)
{
  static const guint8 fci[] = { 'R', 'E', 'M', 'B', 0, 0x03, 0x0d, 0x40 };
  GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
  GstRTCPPacket packet;

  G_STATIC_ASSERT (0x30d40 == ANSWERER_LIMIT);
  if (!gst_rtcp_buffer_map (buffer, GST_MAP_READWRITE, &rtcp))
    return FALSE;
  if (gst_rtcp_buffer_add_packet (&rtcp, GST_RTCP_TYPE_PSFB, &packet)) {
    gst_rtcp_packet_fb_set_type (&packet, GST_RTCP_PSFB_TYPE_AFB);
    gst_rtcp_packet_fb_set_sender_ssrc (&packet, 1);
    gst_rtcp_packet_fb_set_media_ssrc (&packet, 0);
    if (gst_rtcp_packet_fb_set_fci_length (&packet, sizeof fci / 4))
      memcpy (gst_rtcp_packet_fb_get_fci (&packet), fci, sizeof fci);
  }
  gst_rtcp_buffer_unmap (&rtcp);
  return TRUE;
}

/* A report block: the stream and its highest sequence number received */
typedef struct
{
  guint32 ssrc, highest;
} Block;

/* Removes all packets from @rtcp. Returns: (transfer full) (element-type Block): their reports */
static GArray *
take_blocks (GstRTCPBuffer * rtcp)
{
  GArray *blocks = g_array_new (FALSE, FALSE, sizeof (Block));
  GstRTCPPacket packet;

  while (gst_rtcp_buffer_get_first_packet (rtcp, &packet)) {
    GstRTCPType type = gst_rtcp_packet_get_type (&packet);
    gboolean reports = type == GST_RTCP_TYPE_RR || type == GST_RTCP_TYPE_SR;

    for (guint i = 0; reports && i < gst_rtcp_packet_get_rb_count (&packet);
        i++) {
      guint32 lsr, dlsr, jitter;
      guint8 fraction;
      gint32 lost;
      Block block;

      gst_rtcp_packet_get_rb (&packet, i, &block.ssrc, &fraction, &lost,
          &block.highest, &jitter, &lsr, &dlsr);
      g_array_append_val (blocks, block);
    }
    gst_rtcp_packet_remove (&packet);
  }
  return blocks;
}

/* Adds a NACK for the newest packet of the stream: RFC 4585 6.2.1. */
static void
ask_for (GstRTCPBuffer * rtcp, const Block * block)
{
  GstRTCPPacket packet;

  if (!gst_rtcp_buffer_add_packet (rtcp, GST_RTCP_TYPE_RTPFB, &packet))
    return;
  gst_rtcp_packet_fb_set_type (&packet, GST_RTCP_RTPFB_TYPE_NACK);
  gst_rtcp_packet_fb_set_sender_ssrc (&packet, 1);
  gst_rtcp_packet_fb_set_media_ssrc (&packet, block->ssrc);
  if (gst_rtcp_packet_fb_set_fci_length (&packet, 1))
    GST_WRITE_UINT32_BE (gst_rtcp_packet_fb_get_fci (&packet),
        block->highest << 16);
}

static gboolean
on_asking_rtcp (GObject * session, GstBuffer * buffer, gboolean early,
    gpointer data)
{
  GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
  g_autoptr (GArray) blocks = NULL;
  GstRTCPPacket packet;

  if (!gst_rtcp_buffer_map (buffer, GST_MAP_READWRITE, &rtcp))
    return FALSE;
  blocks = take_blocks (&rtcp);
  if (gst_rtcp_buffer_add_packet (&rtcp, GST_RTCP_TYPE_RR, &packet))
    gst_rtcp_packet_rr_set_ssrc (&packet, 1);
  for (guint i = 0; i < blocks->len; i++)
    ask_for (&rtcp, &g_array_index (blocks, Block, i));
  gst_rtcp_buffer_unmap (&rtcp);
  return TRUE;
}

/* Connects @watch's data to on-sending-rtcp. A second call changes nothing. */
static void
change_rtcp (GstElement * element, const Watch * watch)
{
  g_autoptr (GObject) session = NULL;

  g_object_get (element, "internal-session", &session, NULL);
  if (!g_signal_handler_find (session, G_SIGNAL_MATCH_FUNC, 0, 0, NULL,
          watch->data, NULL))
    g_signal_connect (session, "on-sending-rtcp", G_CALLBACK (watch->data),
        NULL);
}

void
answerer_say_limit (GstElement * pipeline)
{
  const Watch watch = { NULL, on_sending_rtcp };

  answerer_report_often (pipeline);
  for_each (pipeline, "rtpsession", change_rtcp, &watch);
}

void
answerer_only_ask (GstElement * pipeline)
{
  const Watch watch = { NULL, on_asking_rtcp };

  answerer_report_often (pipeline);
  for_each (pipeline, "rtpsession", change_rtcp, &watch);
}

#define LINK_BUFFER_US (300 * 1000)
#define IP_UDP_SIZE 28

/* A simulated narrow link for the packets that arrive */
typedef struct
{
  GMutex lock;
  LoopbackCcfb *ccfb;           /* NULL: the answerer sends transport-wide feedback */
  GQueue packets;               /* of Flight: in flight */
  gint64 free_us;
  guint64 bits;                 /* in a second */
} NarrowLink;

typedef struct
{
  guint32 ssrc;
  guint16 seqnum;
  gint64 us;                    /* when it arrives */
} Flight;

static void
link_free (gpointer data)
{
  NarrowLink *link = data;

  g_queue_clear_full (&link->packets, g_free);
  g_clear_pointer (&link->ccfb, loopback_ccfb_free);
  g_mutex_clear (&link->lock);
  g_free (link);
}

static NarrowLink *
link_new (GstElement * pipeline)
{
  NarrowLink *link = g_new0 (NarrowLink, 1);

  g_mutex_init (&link->lock);
  g_queue_init (&link->packets);
  link->bits = ANSWERER_LINK;
  g_object_set_data_full (G_OBJECT (pipeline), "narrow-link", link, link_free);
  return link;
}

/* With the lock held. Returns: the time at which @buffer leaves the link, or 0: it is full */
static gint64
pass_link (NarrowLink * link, GstBuffer * buffer, gint64 now)
{
  link->free_us = MAX (link->free_us, now);
  if (link->free_us >= now + LINK_BUFFER_US)
    return 0;
  link->free_us += (gst_buffer_get_size (buffer) + IP_UDP_SIZE) * 8
      * G_USEC_PER_SEC / link->bits;
  return link->free_us;
}

/* Only reads the RTP header, which SRTP does not encrypt. */
static GstPadProbeReturn
on_named_packet (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  NarrowLink *link = data;
  guint8 header[12];
  gint64 passed;

  if (drop_rtp (pad, info, NULL) == GST_PAD_PROBE_OK
      || gst_buffer_extract (buffer, 0, header, sizeof header) < sizeof header)
    return GST_PAD_PROBE_OK;
  g_mutex_lock (&link->lock);
  passed = pass_link (link, buffer, g_get_monotonic_time ());
  if (passed > 0) {
    Flight *flight = g_new (Flight, 1);

    *flight = (Flight) { GST_READ_UINT32_BE (header + 8),
      GST_READ_UINT16_BE (header + 2), passed
    };
    g_queue_push_tail (&link->packets, flight);
  }
  g_mutex_unlock (&link->lock);
  return GST_PAD_PROBE_OK;
}

/* Delays the DTS, from which rtpsession takes the arrival time. */
static GstPadProbeReturn
on_numbered_packet (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  gint64 now = g_get_monotonic_time (), passed;
  NarrowLink *link = data;
  GstBuffer *buffer;

  if (drop_rtp (pad, info, NULL) == GST_PAD_PROBE_OK)
    return GST_PAD_PROBE_OK;
  g_mutex_lock (&link->lock);
  passed = pass_link (link, GST_PAD_PROBE_INFO_BUFFER (info), now);
  g_mutex_unlock (&link->lock);
  if (passed == 0)
    return GST_PAD_PROBE_DROP;
  buffer = gst_buffer_make_writable (GST_PAD_PROBE_INFO_BUFFER (info));
  GST_PAD_PROBE_INFO_DATA (info) = buffer;
  if (GST_BUFFER_DTS_IS_VALID (buffer))
    GST_BUFFER_DTS (buffer) += (passed - now) * GST_USECOND;
  return GST_PAD_PROBE_OK;
}

static gboolean
on_naming_rtcp (GObject * session, GstBuffer * buffer, gboolean early,
    gpointer data)
{
  gint64 now = g_get_monotonic_time ();
  GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
  NarrowLink *link = data;
  Flight *flight;

  if (!gst_rtcp_buffer_map (buffer, GST_MAP_READWRITE, &rtcp))
    return FALSE;
  g_mutex_lock (&link->lock);
  while ((flight = g_queue_peek_head (&link->packets)) && flight->us <= now) {
    loopback_ccfb_received (link->ccfb, flight->ssrc, flight->seqnum,
        flight->us);
    g_free (g_queue_pop_head (&link->packets));
  }
  loopback_ccfb_write (link->ccfb, &rtcp, now);
  g_mutex_unlock (&link->lock);
  gst_rtcp_buffer_unmap (&rtcp);
  return TRUE;
}

/* Sends RTCP several times while a queue grows. */
static void
name_packets (GstElement * element, const Watch * watch)
{
  g_autoptr (GObject) session = NULL;

  g_object_set (element, "rtcp-min-interval", 50 * GST_MSECOND, NULL);
  g_object_get (element, "internal-session", &session, NULL);
  g_signal_connect (session, "on-sending-rtcp", G_CALLBACK (on_naming_rtcp),
      watch->data);
}

void
answerer_name_packets (GstElement * pipeline)
{
  NarrowLink *link = link_new (pipeline);
  const Watch watch = { NULL, link };

  link->ccfb = loopback_ccfb_new ();
  answerer_report_often (pipeline);
  answerer_watch_packets (pipeline, on_named_packet, link);
  for_each (pipeline, "rtpsession", name_packets, &watch);
}

void
answerer_set_link (GstElement * pipeline, guint64 bits)
{
  NarrowLink *link = g_object_get_data (G_OBJECT (pipeline), "narrow-link");

  if (!link) {
    link = link_new (pipeline);
    answerer_watch_packets (pipeline, on_numbered_packet, link);
  }
  g_mutex_lock (&link->lock);
  link->bits = bits;
  g_mutex_unlock (&link->lock);
}

/* A delayed RTCP packet */
typedef struct
{
  GstPad *pad;
  GstBuffer *buffer;
} Late;

static void
late_free (gpointer data)
{
  Late *late = data;

  gst_object_unref (late->pad);
  gst_clear_buffer (&late->buffer);
  g_free (late);
}

/* In the clock's thread, which keeps the packets in order */
static gboolean
on_late (GstClock * clock, GstClockTime time, GstClockID id, gpointer data)
{
  Late *late = data;
  g_autoptr (GstPad) peer = gst_pad_get_peer (late->pad);

  if (peer)
    gst_pad_chain (peer, g_steal_pointer (&late->buffer));
  return TRUE;
}

static GstPadProbeReturn
delay_rtcp (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  g_autoptr (GstClock) clock = gst_system_clock_obtain ();
  GstClockID id = gst_clock_new_single_shot_id (clock,
      gst_clock_get_time (clock) + ANSWERER_WAY_BACK);
  Late *late = g_new (Late, 1);

  *late = (Late) { gst_object_ref (pad),
    gst_buffer_ref (GST_PAD_PROBE_INFO_BUFFER (info))
  };
  gst_clock_id_wait_async (id, on_late, late, late_free);
  gst_clock_id_unref (id);
  return GST_PAD_PROBE_DROP;
}

static void
lengthen_way_back (GstElement * session, const Watch * watch)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (session, "send_rtcp_src");

  if (!pad || g_object_get_data (G_OBJECT (pad), "far"))
    return;
  g_object_set_data (G_OBJECT (pad), "far", pad);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, delay_rtcp, NULL, NULL);
}

void
answerer_be_far (GstElement * pipeline)
{
  for_each (pipeline, "rtpsession", lengthen_way_back, NULL);
}

static GstPadProbeReturn
drop_rtcp (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  return GST_PAD_PROBE_DROP;
}

/* A longer rtcp-min-interval would not stop a packet that rtpsession has scheduled already. */
static void
end_rtcp (GstElement * session, const Watch * watch)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (session, "send_rtcp_src");

  if (pad)
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, drop_rtcp, NULL, NULL);
}

void
answerer_end_reports (GstElement * pipeline)
{
  for_each (pipeline, "rtpsession", end_rtcp, NULL);
}

void
answerer_lose_ice (GstElement * pipeline)
{
  g_autoptr (GstElement) webrtc = answerer_dup_webrtcbin (pipeline);
  GstWebRTCICE *ice;

  g_object_get (webrtc, "ice-agent", &ice, NULL);
  gst_rcast_ice_shut_down (ice);
  gst_object_unref (ice);
}

/* Returns: (transfer full) (nullable): the source of m-line @line */
static GstElement *
dup_source (GstElement * pipeline, guint line)
{
  g_autofree gchar *name = g_strdup_printf ("from%u", line);

  return gst_bin_get_by_name (GST_BIN (pipeline), name);
}

/* Stops the pipeline with its paused sources. answerer_pause_line() pauses none after that. */
static void
stop (GstElement * pipeline)
{
  GST_STATE_LOCK (pipeline);
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GstElement) source = dup_source (pipeline, i);

    if (source)
      gst_element_set_locked_state (source, FALSE);
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  GST_STATE_UNLOCK (pipeline);
}

void
answerer_drop (GstElement * dropped)
{
  g_autoptr (GstElement) pipeline = dropped;
  g_autoptr (GstElement) webrtc = NULL;
  GstPromise *done;

  if (!pipeline)
    return;
  /* A pending task of webrtcbin could start elements after the end. create-answer runs last, so
   * its reply shows that no task is left. */
  webrtc = answerer_dup_webrtcbin (pipeline);
  done = gst_promise_new ();
  g_signal_emit_by_name (webrtc, "create-answer", NULL, done);
  gst_promise_wait (done);
  gst_promise_unref (done);
  answerer_lose_ice (pipeline);
  stop (pipeline);
}

void
answerer_list_ssrcs (const GstSDPMessage * offer, GHashTable * ssrcs)
{
  g_hash_table_remove_all (ssrcs);
  for (guint i = 0; i < gst_sdp_message_medias_len (offer); i++) {
    const gchar *ssrc = gst_sdp_media_get_attribute_val
        (gst_sdp_message_get_media (offer, i), "ssrc");

    if (ssrc)
      g_hash_table_insert (ssrcs,
          GUINT_TO_POINTER ((guint32) g_ascii_strtoull (ssrc, NULL, 10)), NULL);
  }
}

/* webrtcbin accepts only the header extensions in its transceivers' caps. */
void
answerer_feed_back (GstElement * webrtc, const GstSDPMessage * offer)
{
  for (guint i = 0; i < gst_sdp_message_medias_len (offer); i++) {
    const GstSDPMedia *media = gst_sdp_message_get_media (offer, i);
    gint payload =
        g_ascii_strtoll (gst_sdp_media_get_format (media, 0), NULL, 10);
    g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;
    g_autoptr (GstCaps) caps =
        gst_sdp_media_get_caps_from_media (media, payload);

    gst_caps_set_simple (caps, "media", G_TYPE_STRING,
        gst_sdp_media_get_media (media), "payload", G_TYPE_INT, payload,
        "extmap-1", G_TYPE_STRING, GST_RCAST_RTP_TWCC_URI, NULL);
    gst_structure_set_name (gst_caps_get_structure (caps, 0),
        "application/x-rtp");
    g_signal_emit_by_name (webrtc, "add-transceiver",
        GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_RECVONLY, caps, &transceiver);
  }
}

/* Returns: the payload type that @media has for @codec, or -1 */
static gint
find_payload (const GstSDPMedia * media, const gchar * codec)
{
  g_autofree gchar *prefix = g_strconcat (codec, "/", NULL);
  const gchar *rtpmap, *name;

  for (guint n = 0; (rtpmap = gst_sdp_media_get_attribute_val_n (media,
              "rtpmap", n)); n++) {
    name = strchr (rtpmap, ' ');
    if (name && g_ascii_strncasecmp (name + 1, prefix, strlen (prefix)) == 0)
      return g_ascii_strtoll (rtpmap, NULL, 10);
  }
  return -1;
}

static void
remove_format (GstSDPMedia * media, gint payload)
{
  g_autofree gchar *format = g_strdup_printf ("%d", payload);
  g_autofree gchar *prefix = g_strconcat (format, " ", NULL);

  for (guint j = gst_sdp_media_attributes_len (media); j > 0; j--) {
    const GstSDPAttribute *attribute =
        gst_sdp_media_get_attribute (media, j - 1);

    if (attribute->value && g_str_has_prefix (attribute->value, prefix))
      gst_sdp_media_remove_attribute (media, j - 1);
  }
  for (guint i = gst_sdp_media_formats_len (media); i > 0; i--)
    if (g_str_equal (gst_sdp_media_get_format (media, i - 1), format))
      gst_sdp_media_remove_format (media, i - 1);
}

void
answerer_refuse_rtx (GstSDPMessage * offer)
{
  for (guint i = 0; i < gst_sdp_message_medias_len (offer); i++) {
    GstSDPMedia *media = (GstSDPMedia *) gst_sdp_message_get_media (offer, i);
    gint payload;

    while ((payload = find_payload (media, "rtx")) >= 0)
      remove_format (media, payload);
  }
}

#define SCREEN "SCREEN"

static const gchar *
get_source (const gchar * codec)
{
  if (g_str_equal (codec, SCREEN))
    return "videotestsrc is-live=true ! video/x-raw,width=320,height=240,"
        "framerate=15/1 ! vp8enc deadline=1 keyframe-max-dist=900 ! "
        "rtpvp8pay ssrc=3333 pt=%d";
  /* DTX: opusenc sends little during silence. */
  if (g_str_equal (codec, ANSWERER_DTX))
    return "audiotestsrc is-live=true wave=silence ! opusenc dtx=true "
        "audio-type=voice ! rtpopuspay ssrc=2222 pt=%d";
  if (g_str_equal (codec, "OPUS"))
    return "audiotestsrc is-live=true ! opusenc ! rtpopuspay ssrc=2222 pt=%d";
  if (g_str_equal (codec, "L16"))
    return "audiotestsrc is-live=true ! audio/x-raw,rate=48000,channels=1 ! "
        "audioconvert ! rtpL16pay ssrc=2222 pt=%d";
  if (g_str_equal (codec, "H264"))
    return "videotestsrc is-live=true ! video/x-raw,width=160,height=120,"
        "framerate=30/1 ! x264enc tune=zerolatency speed-preset=ultrafast "
        "key-int-max=900 ! rtph264pay ssrc=1111 pt=%d config-interval=-1";
  return "videotestsrc is-live=true ! video/x-raw,width=160,height=120,"
      "framerate=30/1 ! vp8enc deadline=1 keyframe-max-dist=900 ! "
      "rtpvp8pay ssrc=1111 pt=%d";
}

/* @packets: (transfer full): caps of the packets, with payload type @payload */
static void
send_one (GstElement * pipeline, GstElement * webrtc, guint mline,
    const gchar * codec, gint payload, GstCaps * packets)
{
  g_autoptr (GString) line = g_string_new (NULL);
  g_autoptr (GstCaps) caps = packets;
  g_autofree gchar *name = g_strdup_printf ("sink_%u", mline);
  g_autofree gchar *from = g_strdup_printf ("from%u", mline);
  g_autoptr (GstPad) sink = NULL, src = NULL;
  g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;
  GstElement *source;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  g_string_printf (line, get_source (codec), payload);
#pragma GCC diagnostic pop
  source = gst_parse_bin_from_description (line->str, TRUE, NULL);
  gst_object_set_name (GST_OBJECT (source), from);
  /* The description names the SSRC even before the first packet. */
  gst_caps_set_simple (caps, "ssrc", G_TYPE_UINT, (mline + 1) * 1111, NULL);
  if (g_str_equal (codec, "OPUS"))
    gst_caps_set_simple (caps, "sprop-stereo", G_TYPE_STRING, "0",
        "sprop-maxcapturerate", G_TYPE_STRING, "48000", NULL);
  sink = gst_element_request_pad (webrtc, gst_element_get_pad_template (webrtc,
          "sink_%u"), name, caps);
  g_object_get (sink, "transceiver", &transceiver, NULL);
  g_object_set (transceiver, "direction",
      GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDONLY, "codec-preferences", caps,
      NULL);
  gst_bin_add (GST_BIN (pipeline), source);
  src = gst_element_get_static_pad (source, "src");
  gst_pad_link (src, sink);
  gst_element_sync_state_with_parent (source);
}

void
answerer_send (GstElement * pipeline, GstElement * webrtc,
    const GstSDPMessage * offer, const gchar * codec, const gchar * sound,
    guint kinds)
{
  for (guint i = 0; i < gst_sdp_message_medias_len (offer); i++) {
    const GstSDPMedia *media = gst_sdp_message_get_media (offer, i);
    gboolean video = g_str_equal (gst_sdp_media_get_media (media), "video");

    gint payload = find_payload (media, video ? codec : "OPUS");
    GstCaps *caps;

    if (payload < 0 || !(kinds & (1 << (video ? GST_WEBRTC_KIND_VIDEO :
                    GST_WEBRTC_KIND_AUDIO))))
      continue;
    caps = gst_sdp_media_get_caps_from_media (media, payload);
    gst_structure_set_name (gst_caps_get_structure (caps, 0),
        "application/x-rtp");
    send_one (pipeline, webrtc, i, video ? codec : sound, payload, caps);
  }
}

void
answerer_send_unasked (GstElement * pipeline, const gchar * codec,
    const gchar * sound, gboolean screen)
{
  g_autoptr (GstElement) webrtc = answerer_dup_webrtcbin (pipeline);
  GstCaps *caps;

  send_one (pipeline, webrtc, 0, codec, 96, gst_caps_from_string
      (g_str_equal (codec, "VP8") ? "application/x-rtp, media=video, "
          "encoding-name=VP8, clock-rate=90000, payload=96" :
          "application/x-rtp, media=video, encoding-name=H264, "
          "clock-rate=90000, payload=96, packetization-mode=(string)1"));
  caps = gst_caps_new_simple ("application/x-rtp", "media", G_TYPE_STRING,
      "audio", "encoding-name", G_TYPE_STRING, sound, "encoding-params",
      G_TYPE_STRING, g_str_equal (sound, "OPUS") ? "2" : "1", "clock-rate",
      G_TYPE_INT, 48000, "payload", G_TYPE_INT, 97, NULL);
  send_one (pipeline, webrtc, 1, sound, 97, caps);
  if (screen)
    send_one (pipeline, webrtc, 2, SCREEN, 98, gst_caps_from_string
        ("application/x-rtp, media=video, encoding-name=VP8, "
            "clock-rate=90000, payload=98"));
}

void
answerer_pause_line (GstElement * pipeline, guint line, gboolean pause)
{
  g_autoptr (GstElement) source = dup_source (pipeline, line);

  if (!source)
    return;
  /* stop() may run at the same time, because a new session replaces this one. */
  GST_STATE_LOCK (pipeline);
  if (GST_STATE_TARGET (pipeline) == GST_STATE_PLAYING) {
    gst_element_set_locked_state (source, pause);
    gst_element_set_state (source, pause ? GST_STATE_PAUSED :
        GST_STATE_PLAYING);
  }
  GST_STATE_UNLOCK (pipeline);
}
