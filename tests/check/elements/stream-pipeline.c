/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A stream in a pipeline, from its source to the packets that a server gets. */
#include "config.h"

#include <gst/check/gsttestclock.h>

#include "crank.h"
#include "rcast-check.h"
#include "stream-hand.h"

/* A source in gst-launch syntax, a stream, one feed and its collector */
typedef struct
{
  GstElement *pipeline;
  GstElement *stream;
  GstElement *feed;
  RcastCollector net;
} Rig;

static GstRcastStream *
stream_of (Rig * rig)
{
  return GST_RCAST_STREAM (rig->stream);
}

static void
rig_init (Rig * rig, GstRcastMedia media, const gchar * source)
{
  GError *error = NULL;
  GstElement *bin = gst_parse_bin_from_description (source, TRUE, &error);

  fail_unless (bin != NULL, "%s", error ? error->message : "");
  rig->pipeline = gst_pipeline_new ("encoder-side");
  rig->stream = gst_rcast_stream_new ("stream", media);
  gst_bin_add_many (GST_BIN (rig->pipeline), bin, rig->stream, NULL);
  fail_unless (gst_element_link_pads (bin, "src", rig->stream, "sink"));
  rig->feed = gst_rcast_stream_add_feed (stream_of (rig));
  rcast_collector_init (&rig->net, rig->feed);
}

static void
rig_clear (Rig * rig)
{
  gst_element_set_state (rig->pipeline, GST_STATE_NULL);
  if (rig->feed)
    gst_rcast_stream_remove_feed (stream_of (rig), rig->feed);
  rcast_collector_clear (&rig->net);
  gst_object_unref (rig->pipeline);
}

/* Returns: (transfer full): the offer of @encoding_name, with a payload type */
static GstCaps *
answer (Rig * rig, const gchar * encoding_name)
{
  GstCaps *offer = gst_rcast_stream_get_offer_caps (stream_of (rig));
  GstCaps *chosen = NULL;

  fail_unless (offer != NULL);
  for (guint i = 0; i < gst_caps_get_size (offer) && !chosen; i++) {
    GstStructure *s = gst_caps_get_structure (offer, i);

    fail_if (gst_structure_has_field (s, "payload"));
    if (encoding_name && g_strcmp0 (gst_structure_get_string (s,
                "encoding-name"), encoding_name) != 0)
      continue;
    chosen = gst_caps_new_full (gst_structure_copy (s), NULL);
    gst_caps_set_simple (chosen, "payload", G_TYPE_INT, PT, NULL);
  }
  gst_caps_unref (offer);
  fail_unless (chosen != NULL, "%s is not offered", encoding_name);
  return chosen;
}

static void
rig_negotiate (Rig * rig, const gchar * encoding_name)
{
  GstCaps *caps = answer (rig, encoding_name);
  GError *error = NULL;

  fail_unless (gst_rcast_stream_set_negotiated_caps (stream_of (rig), caps,
          &error), "%s", error ? error->message : "");
  fail_unless (gst_rcast_feed_set_rtp (GST_RCAST_FEED (rig->feed), caps, SSRC,
          &error));
  gst_caps_unref (caps);
}

static void
rig_preroll (Rig * rig)
{
  fail_if (gst_element_set_state (rig->pipeline, GST_STATE_PAUSED)
      == GST_STATE_CHANGE_FAILURE);
  fail_unless_equals_int (gst_element_get_state (rig->pipeline, NULL, NULL,
          GST_CLOCK_TIME_NONE), GST_STATE_CHANGE_SUCCESS);
}

static void
rig_play (Rig * rig)
{
  fail_if (gst_element_set_state (rig->pipeline, GST_STATE_PLAYING)
      == GST_STATE_CHANGE_FAILURE);
}

/* Waits for EOS or an error. Returns: (transfer full) */
static GstMessage *
rig_wait_end (Rig * rig)
{
  GstBus *bus = gst_element_get_bus (rig->pipeline);
  GstMessage *msg = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);

  gst_object_unref (bus);
  return msg;
}

static void
rig_expect_eos (Rig * rig)
{
  GstMessage *msg = rig_wait_end (rig);

  fail_unless_equals_int (GST_MESSAGE_TYPE (msg), GST_MESSAGE_EOS);
  gst_message_unref (msg);
}

static guint64
rig_stat (Rig * rig, const gchar * name)
{
  GstStructure *s = gst_rcast_stream_get_stats (stream_of (rig));
  guint64 value;

  fail_unless (gst_structure_get_uint64 (s, name, &value));
  gst_structure_free (s);
  return value;
}

#define VIDEO(n) "videotestsrc num-buffers=" #n \
  " ! video/x-raw,width=320,height=240,framerate=25/1 ! identity"
#define AUDIO(n) "audiotestsrc samplesperbuffer=960 num-buffers=" #n \
  " ! audio/x-raw,rate=48000,channels=2 ! identity"

static const struct
{
  GstRcastMedia media;
  const gchar *source;
  const gchar *codec;           /* in the answer; NULL: the first one offered */
  const gchar *needs;           /* skipped without this element */
  const gchar *offered;         /* fields of the first codec offered */
} chains[] = {
  {GST_RCAST_MEDIA_VIDEO, VIDEO (15), NULL, "x264enc", "encoding-name=H264,"
        "profile-level-id=(string)42e01f,packetization-mode=(string)1,clock-rate=90000"},
  {GST_RCAST_MEDIA_VIDEO, VIDEO (15), "VP8", "vp8enc", NULL},
  {GST_RCAST_MEDIA_VIDEO, VIDEO (15), "VP9", "vp9enc", NULL},
  {GST_RCAST_MEDIA_VIDEO, VIDEO (15), "H265", "x265enc", NULL},
  {GST_RCAST_MEDIA_VIDEO,
        VIDEO (15) " ! x264enc tune=zerolatency key-int-max=5 ! "
        "video/x-h264,profile=main,stream-format=byte-stream ! identity", NULL,
        "x264enc",
      "encoding-name=H264,packetization-mode=(string)1"},
  {GST_RCAST_MEDIA_VIDEO,
        VIDEO (15) " ! x264enc tune=zerolatency key-int-max=5 ! "
        "video/x-h264,profile=high,stream-format=avc ! identity", NULL,
        "x264enc",
      "encoding-name=H264,packetization-mode=(string)1"},
  {GST_RCAST_MEDIA_VIDEO,
        VIDEO (15) " ! x265enc tune=zerolatency key-int-max=5",
      NULL, "x265enc", "encoding-name=H265,clock-rate=90000"},
  {GST_RCAST_MEDIA_VIDEO, VIDEO (15) " ! vp8enc deadline=1 keyframe-max-dist=5",
        NULL,
      "vp8enc", "encoding-name=VP8,clock-rate=90000"},
  {GST_RCAST_MEDIA_VIDEO, VIDEO (15) " ! vp9enc deadline=1 keyframe-max-dist=5",
        NULL,
      "vp9enc", "encoding-name=VP9,profile-id=(string)0"},
  {GST_RCAST_MEDIA_VIDEO,
        VIDEO (15) " ! x264enc tune=zerolatency key-int-max=5 ! "
        "rtph264pay config-interval=-1", NULL, "x264enc",
      "encoding-name=H264,packetization-mode=(string)1,clock-rate=90000"},
  {GST_RCAST_MEDIA_AUDIO, AUDIO (25), NULL, "opusenc",
      "encoding-name=OPUS,clock-rate=48000,encoding-params=(string)2"},
  {GST_RCAST_MEDIA_AUDIO, AUDIO (25), "PCMU", "mulawenc", NULL},
  {GST_RCAST_MEDIA_AUDIO, AUDIO (25), "PCMA", "alawenc", NULL},
  {GST_RCAST_MEDIA_AUDIO, AUDIO (25) " ! opusenc", NULL, "opusenc",
      "encoding-name=OPUS,clock-rate=48000,encoding-params=(string)2"},
  {GST_RCAST_MEDIA_AUDIO,
        AUDIO (25) " ! audioconvert ! audioresample ! mulawenc",
      NULL, "mulawenc", "encoding-name=PCMU,clock-rate=8000"},
  {GST_RCAST_MEDIA_AUDIO,
        AUDIO (25) " ! audioconvert ! audioresample ! alawenc ! " "rtppcmapay",
      NULL, "alawenc", "encoding-name=PCMA,clock-rate=8000"},
};

static void
check_chain (guint row)
{
  Rig rig;
  RcastPacket start;

  if (!is_installed (chains[row].needs))
    return;
  rig_init (&rig, chains[row].media, chains[row].source);
  rig_preroll (&rig);
  if (chains[row].offered) {
    g_autofree gchar *text =
        g_strconcat ("application/x-rtp,", chains[row].offered, NULL);
    g_autoptr (GstCaps) wanted = gst_caps_from_string (text);
    GstCaps *offer = gst_rcast_stream_get_offer_caps (stream_of (&rig));

    g_autofree gchar *offered = gst_caps_to_string (offer);

    fail_unless (gst_structure_is_subset (gst_caps_get_structure (offer, 0),
            gst_caps_get_structure (wanted, 0)), "offers %s", offered);
    gst_caps_unref (offer);
  }
  rig_negotiate (&rig, chains[row].codec);
  gst_rcast_feed_set_open (GST_RCAST_FEED (rig.feed), TRUE);
  rcast_collector_start (&rig.net);
  rig_play (&rig);
  rig_expect_eos (&rig);
  rcast_collector_wait_eos (&rig.net);

  rcast_collector_check (&rig.net, PT, SSRC);
  fail_unless (rcast_collector_count (&rig.net) >= 15);
  start = rcast_collector_get (&rig.net, 0);
  fail_unless (start.key);
  fail_unless_equals_int (rig_stat (&rig, "packets-sent"),
      rcast_collector_count (&rig.net));
  /* Audio has no key frames: a receiver can start at any packet. */
  fail_unless_equals_int (rig_stat (&rig, "key-frames-seen") > 0,
      chains[row].media == GST_RCAST_MEDIA_VIDEO);
  rig_clear (&rig);
}

GST_START_TEST (test_stream_of_any_kind_arrives)
{
  for (guint row = 0; row < G_N_ELEMENTS (chains); row++) {
    GST_INFO ("%s, answered by %s", chains[row].source, chains[row].codec);
    check_chain (row);
  }
}

GST_END_TEST;


/* Returns: (nullable): the next NAL unit that starts in @p; a fragment gets its header
 * rebuilt. @pos: 0 for the first one */
static const guint8 *
next_nal (const RcastPacket * p, gsize * pos, guint * type)
{
  const guint8 *nal = p->head;
  gsize at = *pos;

  if ((p->head[0] & 0x1f) == 24) {
    at = at == 0 ? 1 : at;
    if (at + 2 >= p->head_size)
      return NULL;
    nal = p->head + at + 2;
    *pos = at + 2 + (p->head[at] << 8 | p->head[at + 1]);
    *type = nal[0] & 0x1f;
    return nal;
  }
  if (at > 0 || ((p->head[0] & 0x1f) == 28 && !(p->head[1] & 0x80)))
    return NULL;
  *pos = 1;
  *type = ((p->head[0] & 0x1f) == 28 ? p->head[1] : p->head[0]) & 0x1f;
  return nal;
}

/* Returns: the set of types of NAL units that start in @p */
static guint
nal_types (const RcastPacket * p)
{
  gsize pos = 0;
  guint type, types = 0;

  while (next_nal (p, &pos, &type))
    types |= 1u << type;
  return types;
}

static guint
count_nals (const RcastPacket * p, guint wanted)
{
  gsize pos = 0;
  guint type, count = 0;

  while (next_nal (p, &pos, &type))
    count += type == wanted;
  return count;
}

static const guint8 *
find_sps (const RcastPacket * p)
{
  gsize pos = 0;
  guint type;
  const guint8 *nal;

  do
    nal = next_nal (p, &pos, &type);
  while (nal && type != 7);
  return nal;
}

#define IDR (1u << 5)
#define SPS (1u << 7)
#define PPS (1u << 8)

static const gchar *const h264_sources[] = {
  VIDEO (25),
  VIDEO (25) " ! x264enc tune=zerolatency key-int-max=5 ! video/x-h264,"
      "stream-format=avc ! identity",
  VIDEO (25) " ! x264enc tune=zerolatency key-int-max=5 ! video/x-h264,"
      "profile=main,stream-format=byte-stream ! identity",
};

GST_START_TEST (test_h264_carries_parameter_sets_at_each_key_frame)
{
  Rig rig;
  guint types = 0, n_keys = 0, n_sps = 0;
  guint32 timestamp = 0;
  gboolean profile_seen = FALSE;
  g_autoptr (GstCaps) offer = NULL;
  const gchar *promised;

  if (!is_installed ("x264enc"))
    return;
  rig_init (&rig, GST_RCAST_MEDIA_VIDEO, h264_sources[__i__]);
  g_object_set (rig.stream, "key-frame-interval", 200, NULL);
  rig_preroll (&rig);
  rig_negotiate (&rig, "H264");
  gst_rcast_feed_set_open (GST_RCAST_FEED (rig.feed), TRUE);
  rcast_collector_start (&rig.net);
  rig_play (&rig);
  rig_expect_eos (&rig);
  rcast_collector_wait_eos (&rig.net);

  offer = gst_rcast_stream_get_offer_caps (stream_of (&rig));
  promised = gst_structure_get_string (gst_caps_get_structure (offer, 0),
      "profile-level-id");
  for (guint i = 0; i < rcast_collector_count (&rig.net); i++) {
    RcastPacket p = rcast_collector_get (&rig.net, i);

    if (i == 0 || p.header.timestamp != timestamp)
      types = n_sps = 0;
    timestamp = p.header.timestamp;
    /* Once per frame: Chromium drops a frame with parameter sets between its slices. */
    n_sps += count_nals (&p, 7);
    fail_unless (n_sps <= 1, "%u SPS in one frame", n_sps);
    if ((nal_types (&p) & IDR) && !(types & IDR)) {
      fail_unless ((types | nal_types (&p)) & SPS);
      fail_unless ((types | nal_types (&p)) & PPS);
      n_keys++;
    }
    types |= nal_types (&p);
    if (nal_types (&p) & SPS) {
      const guint8 *sps = find_sps (&p);
      g_autofree gchar *made =
          g_strdup_printf ("%02x%02x%02x", sps[1], sps[2], sps[3]);

      profile_seen = TRUE;
      if (__i__ > 0) {
        fail_unless_equals_string (promised, made);
      } else {
        /* Constrained baseline, and no higher level than the offer promised */
        fail_unless (g_str_has_prefix (promised, "42e0"));
        fail_unless (sps[1] == 0x42 && (sps[2] & 0x40));
        fail_unless (sps[3] <= g_ascii_strtoull (promised + 4, NULL, 16));
      }
    }
  }
  fail_unless (profile_seen);
  fail_unless (n_keys >= 5, "%u", n_keys);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_b_frames_are_warned_of_once)
{
  Rig rig;
  GstBus *bus;
  GstMessage *msg;
  guint n = 0;

  if (!is_installed ("x264enc"))
    return;
  rig_init (&rig, GST_RCAST_MEDIA_VIDEO, VIDEO (20)
      " ! x264enc bframes=2 b-adapt=false key-int-max=10 rc-lookahead=2 ! "
      "video/x-h264,profile=main ! identity");
  rig_play (&rig);
  bus = gst_element_get_bus (rig.pipeline);
  do {
    msg = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
        GST_MESSAGE_WARNING | GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
    if (GST_MESSAGE_TYPE (msg) == GST_MESSAGE_WARNING) {
      GError *error = NULL;

      gst_message_parse_warning (msg, &error, NULL);
      fail_unless (strstr (error->message, "B-frames") != NULL);
      g_error_free (error);
      n++;
    }
    fail_if (GST_MESSAGE_TYPE (msg) == GST_MESSAGE_ERROR);
    if (GST_MESSAGE_TYPE (msg) == GST_MESSAGE_EOS)
      break;
    gst_message_unref (msg);
  } while (TRUE);
  gst_message_unref (msg);
  gst_object_unref (bus);
  fail_unless_equals_int (n, 1);
  rig_clear (&rig);
}

GST_END_TEST;

/* Pushes @n packets of VP8 into the appsrc, @distance apart. */
static void
push_app_packets (GstElement * appsrc, guint n, GstClockTime distance)
{
  for (guint i = 0; i < n; i++) {
    guint8 data[] = { 0x80, 0x80 | 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0x10, 0 };
    GstBuffer *buffer;
    GstFlowReturn ret;

    GST_WRITE_UINT16_BE (data + 2, i);
    GST_WRITE_UINT32_BE (data + 4, i * 90000);
    buffer = gst_buffer_new_memdup (data, sizeof (data));
    GST_BUFFER_PTS (buffer) = i * distance;
    g_signal_emit_by_name (appsrc, "push-buffer", buffer, &ret);
    gst_buffer_unref (buffer);
    fail_unless_equals_int (ret, GST_FLOW_OK);
  }
}

static GstElement *
find_appsrc (Rig * rig)
{
  GstIterator *it = gst_bin_iterate_all_by_element_factory_name
      (GST_BIN (rig->pipeline), "appsrc");
  g_auto (GValue) value = G_VALUE_INIT;
  GstElement *element;

  fail_unless_equals_int (gst_iterator_next (it, &value), GST_ITERATOR_OK);
  element = g_value_dup_object (&value);
  gst_iterator_free (it);
  return element;
}

static void
open_vp8 (Rig * rig)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (RTP_CAPS);

  fail_unless (gst_rcast_feed_set_rtp (GST_RCAST_FEED (rig->feed), caps, SSRC,
          NULL));
  gst_rcast_feed_set_open (GST_RCAST_FEED (rig->feed), TRUE);
}

GST_START_TEST (test_file_plays_out_in_real_time)
{
  Rig rig;
  GstClock *clock = gst_test_clock_new_with_start_time (GST_SECOND);
  GstElement *appsrc;

  rig_init (&rig, GST_RCAST_MEDIA_VIDEO, "appsrc format=time caps=\"" RTP_CAPS
      "\"");
  gst_pipeline_use_clock (GST_PIPELINE (rig.pipeline), clock);
  appsrc = find_appsrc (&rig);
  open_vp8 (&rig);
  rcast_collector_start (&rig.net);
  rig_play (&rig);
  push_app_packets (appsrc, 3, GST_SECOND);
  for (guint i = 0; i < 3; i++) {
    GstClockID id = crank_await (GST_TEST_CLOCK (clock));

    fail_unless_equals_clocktime (gst_clock_id_get_time (id),
        (1 + i) * GST_SECOND);
    gst_clock_id_unref (id);
    fail_unless_equals_int (rcast_collector_count (&rig.net), i);
    gst_test_clock_set_time (GST_TEST_CLOCK (clock), (1 + i) * GST_SECOND);
    id = gst_test_clock_process_next_clock_id (GST_TEST_CLOCK (clock));
    gst_clock_id_unref (id);
    rcast_collector_wait (&rig.net, i + 1);
  }
  gst_object_unref (appsrc);
  rig_clear (&rig);
  gst_object_unref (clock);
}

GST_END_TEST;

GST_START_TEST (test_live_source_is_not_waited_for)
{
  Rig rig;
  GstClock *clock = gst_test_clock_new_with_start_time (GST_SECOND);
  GstElement *appsrc;

  rig_init (&rig, GST_RCAST_MEDIA_VIDEO,
      "appsrc format=time is-live=true caps=\"" RTP_CAPS "\"");
  gst_pipeline_use_clock (GST_PIPELINE (rig.pipeline), clock);
  appsrc = find_appsrc (&rig);
  open_vp8 (&rig);
  rcast_collector_start (&rig.net);
  rig_play (&rig);
  push_app_packets (appsrc, 3, GST_SECOND / 4);
  rcast_collector_wait (&rig.net, 3);
  fail_unless_equals_int (gst_test_clock_peek_id_count (GST_TEST_CLOCK (clock)),
      0);
  gst_object_unref (appsrc);
  rig_clear (&rig);
  gst_object_unref (clock);
}

GST_END_TEST;

static GstPadProbeReturn
count_buffer (GstPad * pad, GstPadProbeInfo * info, gpointer n)
{
  g_atomic_int_inc ((gint *) n);
  return GST_PAD_PROBE_OK;
}

GST_START_TEST (test_unreachable_server_costs_a_recording_nothing)
{
  GError *error = NULL;
  GstElement *pipeline = gst_parse_launch ("appsrc name=src format=time "
      "is-live=true block=true max-buffers=2 caps=\"" RAW_CAPS
      "\" ! tee name=t "
      "! queue ! fakesink name=recording sync=false async=false "
      "t. ! queue name=q max-size-time=0", &error);
  GstElement *stream = gst_rcast_stream_new ("stream", GST_RCAST_MEDIA_VIDEO);
  GstElement *never, *stuck, *src, *q, *recording;
  RcastCollector net, blocked;
  GstPad *pad;
  GstBus *bus;
  GstMessage *msg;
  gint n = 0;
  GstFlowReturn ret;

  fail_unless (pipeline != NULL, "%s", error ? error->message : "");
  gst_bin_add (GST_BIN (pipeline), stream);
  src = gst_bin_get_by_name (GST_BIN (pipeline), "src");
  q = gst_bin_get_by_name (GST_BIN (pipeline), "q");
  recording = gst_bin_get_by_name (GST_BIN (pipeline), "recording");
  fail_unless (gst_element_link_pads (q, "src", stream, "sink"));
  pad = gst_element_get_static_pad (recording, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, count_buffer, &n, NULL);
  gst_object_unref (pad);

  /* One webrtcbin was never started, the other one is stuck. */
  never = gst_rcast_stream_add_feed (GST_RCAST_STREAM (stream));
  rcast_collector_init (&net, never);
  stuck = gst_rcast_stream_add_feed (GST_RCAST_STREAM (stream));
  rcast_collector_init (&blocked, stuck);
  rcast_collector_set_blocked (&blocked, TRUE);
  rcast_collector_start (&blocked);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (guint i = 0; i < 500; i++) {
    GstBuffer *buffer = gst_buffer_new_allocate (NULL, 64 * 48 * 3 / 2, NULL);

    gst_buffer_memset (buffer, 0, i, -1);
    GST_BUFFER_PTS (buffer) = i * FRAME;
    g_signal_emit_by_name (src, "push-buffer", buffer, &ret);
    gst_buffer_unref (buffer);
    fail_unless_equals_int (ret, GST_FLOW_OK);
    if (i == 5) {
      g_autoptr (GstCaps) caps = gst_caps_from_string ("application/x-rtp,"
          "media=video,encoding-name=H264,clock-rate=90000,payload=96");

      gst_rcast_feed_set_rtp (GST_RCAST_FEED (never), caps, 1, NULL);
      gst_rcast_feed_set_rtp (GST_RCAST_FEED (stuck), caps, 1, NULL);
      gst_rcast_feed_set_open (GST_RCAST_FEED (never), TRUE);
      gst_rcast_feed_set_open (GST_RCAST_FEED (stuck), TRUE);
    }
  }
  g_signal_emit_by_name (src, "end-of-stream", &ret);
  bus = gst_element_get_bus (pipeline);
  msg = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless_equals_int (GST_MESSAGE_TYPE (msg), GST_MESSAGE_EOS);
  gst_message_unref (msg);
  gst_object_unref (bus);
  fail_unless_equals_int (g_atomic_int_get (&n), 500);

  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_rcast_stream_remove_feed (GST_RCAST_STREAM (stream), never);
  gst_rcast_stream_remove_feed (GST_RCAST_STREAM (stream), stuck);
  rcast_collector_clear (&net);
  rcast_collector_clear (&blocked);
  gst_object_unref (src);
  gst_object_unref (q);
  gst_object_unref (recording);
  gst_object_unref (pipeline);
}

GST_END_TEST;

GST_START_TEST (test_stream_that_comes_late_does_not_halt_the_pipeline)
{
  GstElement *pipeline = gst_parse_launch
      ("audiotestsrc is-live=true ! fakesink async=false", NULL);
  GstElement *stream = gst_rcast_stream_new ("late", GST_RCAST_MEDIA_VIDEO);
  GstBus *bus = gst_element_get_bus (pipeline);
  GstState state;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  gst_element_get_state (pipeline, NULL, NULL, GST_CLOCK_TIME_NONE);
  gst_bin_add (GST_BIN (pipeline), stream);
  fail_unless (gst_element_sync_state_with_parent (stream));
  /* The stream has no data, but nothing waits for its preroll. */
  fail_unless (gst_element_get_state (stream, &state, NULL, 0)
      != GST_STATE_CHANGE_ASYNC);
  fail_unless_equals_int (state, GST_STATE_PLAYING);
  fail_unless (gst_element_get_state (pipeline, &state, NULL, 0)
      != GST_STATE_CHANGE_ASYNC);
  fail_unless_equals_int (state, GST_STATE_PLAYING);
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_ASYNC_START) == NULL);
  gst_object_unref (bus);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}

GST_END_TEST;

GST_START_TEST (test_empty_stream_ends)
{
  Rig rig;
  RcastCollector late;
  GstElement *feed;

  rig_init (&rig, GST_RCAST_MEDIA_VIDEO, "videotestsrc num-buffers=0");
  rcast_collector_start (&rig.net);
  rig_play (&rig);
  rig_expect_eos (&rig);
  rcast_collector_wait_eos (&rig.net);

  /* A feed added after EOS gets EOS, too. */
  feed = gst_rcast_stream_add_feed (stream_of (&rig));
  rcast_collector_init (&late, feed);
  rcast_collector_start (&late);
  rcast_collector_wait_eos (&late);
  gst_rcast_stream_remove_feed (stream_of (&rig), feed);
  rcast_collector_clear (&late);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_states_a_hundred_times_leave_nothing_behind)
{
  Rig rig;
  RcastTally before = { 0, };

  rig_init (&rig, GST_RCAST_MEDIA_VIDEO, "videotestsrc is-live=true ! "
      "video/x-raw,width=64,height=48,framerate=100/1 ! identity");
  rcast_collector_start (&rig.net);
  for (guint i = 0; i < 100; i++) {
    rig_play (&rig);
    /* Stop sometimes while starting, sometimes while media flows. */
    if (i % 4 == 0) {
      gst_element_get_state (rig.pipeline, NULL, NULL, GST_CLOCK_TIME_NONE);
      while (rig_stat (&rig, "buffers-in") < 2)
        g_thread_yield ();
    }
    gst_element_set_state (rig.pipeline, i % 2 ? GST_STATE_READY :
        GST_STATE_NULL);
    if (i == 10)
      rcast_tally_count (&before);
  }
  rcast_tally_check (&before);
  rig_clear (&rig);
}

GST_END_TEST;

static Suite *
stream_pipeline_suite (void)
{
  Suite *s = suite_create ("rcast-stream");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_stream_of_any_kind_arrives);
  tcase_add_loop_test (tc, test_h264_carries_parameter_sets_at_each_key_frame,
      0, G_N_ELEMENTS (h264_sources));
  tcase_add_test (tc, test_b_frames_are_warned_of_once);
  tcase_add_test (tc, test_file_plays_out_in_real_time);
  tcase_add_test (tc, test_live_source_is_not_waited_for);
  tcase_add_test (tc, test_unreachable_server_costs_a_recording_nothing);
  tcase_add_test (tc, test_stream_that_comes_late_does_not_halt_the_pipeline);
  tcase_add_test (tc, test_empty_stream_ends);
  tcase_add_test (tc, test_states_a_hundred_times_leave_nothing_behind);
  return s;
}

GST_CHECK_MAIN (stream_pipeline);
