/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A stream from its input caps to the packets that a server would get. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <gst/check/gsttestclock.h>
#include <gst/pbutils/missing-plugins.h>
#include <gst/video/video.h>
#include <string.h>

#include "gstrcaststream.h"
#include "rcast-check.h"
#include "rcast-collector.h"

#define PT 109
#define SSRC 0x12345678u

/* A source described as for gst-launch, a stream, one feed and its collector. */
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

/* Returns: (transfer full): the offered structure with payload type */
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
  const gchar *codec;           /* the answer; NULL takes the first */
  const gchar *needs;           /* skipped without */
  const gchar *offered;         /* of what is offered first */
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

static gboolean
is_installed (const gchar * factory)
{
  GstElementFactory *f = gst_element_factory_find (factory);

  if (!f)
    return FALSE;
  gst_object_unref (f);
  return TRUE;
}

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
  /* Audio has none, though a receiver can start at any packet. */
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

/* --- fed by hand: a live stream whose every step the test takes --- */

#define RAW_CAPS "video/x-raw,format=I420,width=64,height=48,framerate=25/1"
#define RTP_CAPS "application/x-rtp,media=video,encoding-name=VP8," \
  "clock-rate=90000,payload=96"
#define FRAME (40 * GST_MSECOND)

typedef struct
{
  GstHarness *h;
  GstElement *pipeline;         /* runs before the stream comes: no preroll */
  GstElement *stream;
  GstElement *feed;
  RcastCollector net;
  guint n_pushed;
  guint n_offers;               /* offer-caps-changed */
  guint n_encoders;             /* encoder-setup */
  GstElement *encoder;          /* the last one */
} Hand;

static void
on_offer (GstRcastStream * stream, Hand * hand)
{
  hand->n_offers++;
}

static void
on_encoder_setup (GstRcastStream * stream, GstElement * encoder, Hand * hand)
{
  fail_unless (GST_STATE (encoder) <= GST_STATE_READY);
  gst_object_replace ((GstObject **) & hand->encoder, GST_OBJECT (encoder));
  hand->n_encoders++;
}

static void
hand_init (Hand * hand, GstRcastMedia media, const gchar * caps)
{
  memset (hand, 0, sizeof (*hand));
  hand->pipeline = gst_pipeline_new (NULL);
  gst_element_set_state (hand->pipeline, GST_STATE_PLAYING);
  hand->stream = gst_rcast_stream_new ("stream", media);
  gst_bin_add (GST_BIN (hand->pipeline), hand->stream);
  fail_unless (gst_element_sync_state_with_parent (hand->stream));
  g_signal_connect (hand->stream, "offer-caps-changed", G_CALLBACK (on_offer),
      hand);
  g_signal_connect (hand->stream, "encoder-setup",
      G_CALLBACK (on_encoder_setup), hand);
  hand->h = gst_harness_new_with_element (hand->stream, "sink", NULL);
  gst_harness_use_testclock (hand->h);
  hand->feed = gst_rcast_stream_add_feed (GST_RCAST_STREAM (hand->stream));
  rcast_collector_init (&hand->net, hand->feed);
  rcast_collector_start (&hand->net);
  if (caps)
    gst_harness_set_src_caps_str (hand->h, caps);
}

static void
hand_clear (Hand * hand)
{
  gst_harness_teardown (hand->h);
  gst_clear_object (&hand->encoder);
  if (hand->feed)
    gst_rcast_stream_remove_feed (GST_RCAST_STREAM (hand->stream), hand->feed);
  rcast_collector_clear (&hand->net);
  gst_element_set_state (hand->pipeline, GST_STATE_NULL);
  gst_object_unref (hand->pipeline);
}

static GstCaps *
hand_choose (Hand * hand, const gchar * encoding_name)
{
  GstCaps *offer =
      gst_rcast_stream_get_offer_caps (GST_RCAST_STREAM (hand->stream));
  GstCaps *chosen = NULL;

  fail_unless (offer != NULL);
  for (guint i = 0; i < gst_caps_get_size (offer) && !chosen; i++) {
    GstStructure *structure = gst_caps_get_structure (offer, i);

    if (g_strcmp0 (gst_structure_get_string (structure, "encoding-name"),
            encoding_name) == 0)
      chosen = gst_caps_new_full (gst_structure_copy (structure), NULL);
  }
  gst_caps_unref (offer);
  fail_unless (chosen != NULL);
  gst_caps_set_simple (chosen, "payload", G_TYPE_INT, PT, NULL);
  return chosen;
}

static void
hand_open (Hand * hand, const gchar * encoding_name)
{
  g_autoptr (GstCaps) caps = hand_choose (hand, encoding_name);

  fail_unless (gst_rcast_stream_set_negotiated_caps (GST_RCAST_STREAM
          (hand->stream), caps, NULL));
  fail_unless (gst_rcast_feed_set_rtp (GST_RCAST_FEED (hand->feed), caps, SSRC,
          NULL));
  gst_rcast_feed_set_open (GST_RCAST_FEED (hand->feed), TRUE);
}

static guint64
hand_stat (Hand * hand, const gchar * name)
{
  GstStructure *stats =
      gst_rcast_stream_get_stats (GST_RCAST_STREAM (hand->stream));
  guint64 value;

  fail_unless (gst_structure_get_uint64 (stats, name, &value));
  gst_structure_free (stats);
  return value;
}

static void
hand_push_raw (Hand * hand, guint n, gint width, gint height)
{
  for (guint i = 0; i < n; i++) {
    gsize size = width * height * 3 / 2;
    GstBuffer *buffer = gst_buffer_new_allocate (NULL, size, NULL);

    /* Something moves, so that frames differ. */
    gst_buffer_memset (buffer, 0, 128, size);
    gst_buffer_memset (buffer, (hand->n_pushed * 37) % (size / 2), 16, 64);
    GST_BUFFER_PTS (buffer) = hand->n_pushed++ * FRAME;
    GST_BUFFER_DURATION (buffer) = FRAME;
    fail_unless_equals_int (gst_harness_push (hand->h, buffer), GST_FLOW_OK);
  }
}

/* VP8 in RTP, one packet per frame. */
static void
hand_push_rtp (Hand * hand, gboolean key)
{
  guint8 data[] = { 0x80, 0x80 | 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0x10,
    key ? 0 : 1
  };
  guint n = hand->n_pushed++;
  GstBuffer *buffer;

  GST_WRITE_UINT16_BE (data + 2, n);
  GST_WRITE_UINT32_BE (data + 4, n * 3600);
  buffer = gst_buffer_new_memdup (data, sizeof (data));
  GST_BUFFER_PTS (buffer) = n * FRAME;
  fail_unless_equals_int (gst_harness_push (hand->h, buffer), GST_FLOW_OK);
}

/* Key frame requests that reached whoever is upstream. */
static guint
hand_count_requests (Hand * hand)
{
  GstEvent *event;
  guint n = 0;

  while ((event = gst_harness_try_pull_upstream_event (hand->h))) {
    gboolean all_headers = FALSE;

    if (gst_video_event_is_force_key_unit (event)) {
      gst_video_event_parse_upstream_force_key_unit (event, NULL, &all_headers,
          NULL);
      fail_unless (all_headers);
      n++;
    }
    gst_event_unref (event);
  }
  return n;
}

GST_START_TEST (test_key_frame_requests_are_coalesced)
{
  Hand hand;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, RTP_CAPS);
  hand_push_rtp (&hand, TRUE);
  gst_harness_set_time (hand.h, 10 * GST_SECOND);
  for (guint i = 0; i < 10; i++)
    gst_rcast_stream_request_keyframe (GST_RCAST_STREAM (hand.stream));
  fail_unless_equals_int (hand_count_requests (&hand), 1);

  /* What came too soon is not lost, ... */
  gst_harness_set_time (hand.h, 10 * GST_SECOND + 499 * GST_MSECOND);
  hand_push_rtp (&hand, FALSE);
  fail_unless_equals_int (hand_count_requests (&hand), 0);
  gst_harness_set_time (hand.h, 10 * GST_SECOND + 500 * GST_MSECOND);
  hand_push_rtp (&hand, FALSE);
  fail_unless_equals_int (hand_count_requests (&hand), 1);

  /* ... unless a key frame came by itself. */
  gst_rcast_stream_request_keyframe (GST_RCAST_STREAM (hand.stream));
  hand_push_rtp (&hand, TRUE);
  gst_harness_set_time (hand.h, 20 * GST_SECOND);
  hand_push_rtp (&hand, FALSE);
  fail_unless_equals_int (hand_count_requests (&hand), 0);
  fail_unless_equals_uint64 (hand_stat (&hand, "key-frames-requested"), 2);
  fail_unless_equals_uint64 (hand_stat (&hand, "key-frames-seen"), 2);
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_pli_of_the_server_reaches_the_source)
{
  Hand hand;
  GstPad *pad;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, RTP_CAPS);
  hand_push_rtp (&hand, TRUE);
  fail_unless_equals_int (hand_count_requests (&hand), 0);
  pad = gst_element_get_static_pad (hand.feed, "src");
  fail_unless (gst_pad_send_event (pad,
          gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE,
              FALSE, 1)));
  gst_object_unref (pad);
  fail_unless_equals_int (hand_count_requests (&hand), 1);
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_whole_gops_are_dropped_and_counted)
{
  Hand hand;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, RTP_CAPS);
  for (guint i = 0; i < 60; i++)
    hand_push_rtp (&hand, i % 25 == 0);
  fail_unless_equals_uint64 (hand_stat (&hand, "packets-dropped-closed"), 60);
  hand_open (&hand, "VP8");
  for (guint i = 60; i < 80; i++)
    hand_push_rtp (&hand, i % 25 == 0);
  rcast_collector_wait (&hand.net, 5);
  fail_unless (rcast_collector_get (&hand.net, 0).key);
  fail_unless_equals_uint64 (hand_stat (&hand, "packets-dropped-closed"), 75);
  fail_unless_equals_uint64 (hand_stat (&hand, "packets-sent"), 5);
  fail_unless_equals_uint64 (hand_stat (&hand, "buffers-in"), 80);
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_what_is_no_rtp_is_counted_not_sent)
{
  Hand hand;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, RTP_CAPS);
  gst_harness_push (hand.h, gst_buffer_new_memdup ("junk", 4));
  gst_harness_push (hand.h, gst_buffer_new ());
  fail_unless_equals_uint64 (hand_stat (&hand, "packets-invalid"), 2);
  fail_unless_equals_uint64 (hand_stat (&hand, "packets-sent"), 0);
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_offer_of_raw_video_lists_codecs_by_rank)
{
  Hand hand;
  GstCaps *offer;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, NULL);
  fail_unless (gst_rcast_stream_get_offer_caps (GST_RCAST_STREAM (hand.stream))
      == NULL);
  gst_harness_set_src_caps_str (hand.h,
      "video/x-raw,format=I420,width=1920,height=1080,framerate=30/1");
  fail_unless_equals_int (hand.n_offers, 1);
  fail_unless_equals_int (hand.n_encoders, 1);
  offer = gst_rcast_stream_get_offer_caps (GST_RCAST_STREAM (hand.stream));
  /* x264enc, vp8enc, vp9enc have the same rank. */
  if (is_installed ("x264enc") && is_installed ("vp8enc")) {
    GstStructure *first_codec = gst_caps_get_structure (offer, 0);

    fail_unless_equals_string (gst_structure_get_string (first_codec,
            "encoding-name"), "H264");
    /* 1080p30 needs level 4.0. */
    fail_unless_equals_string (gst_structure_get_string (first_codec,
            "profile-level-id"), "42e028");
    fail_unless_equals_string (gst_structure_get_string (gst_caps_get_structure
            (offer, 1), "encoding-name"), "VP8");
  }
  gst_caps_unref (offer);
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_answer_swaps_the_encoder)
{
  Hand hand;
  GstStructure *stats;

  if (!is_installed ("x264enc") || !is_installed ("vp8enc"))
    return;
  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, RAW_CAPS);
  hand_push_raw (&hand, 5, 64, 48);
  hand_open (&hand, "VP8");
  hand_push_raw (&hand, 20, 64, 48);
  rcast_collector_wait (&hand.net, 15);
  fail_unless_equals_int (hand.net.codec, GST_RCAST_CODEC_VP8);
  fail_unless (rcast_collector_get (&hand.net, 0).key);
  /* None of what the first encoder made. */
  fail_unless (rcast_collector_get (&hand.net, 0).pts >= 5 * FRAME);
  rcast_collector_check (&hand.net, PT, SSRC);
  fail_unless_equals_int (hand.n_encoders, 2);
  stats = gst_rcast_stream_get_stats (GST_RCAST_STREAM (hand.stream));
  fail_unless_equals_string (gst_structure_get_string (stats, "encoder"),
      "vp8enc");
  gst_structure_free (stats);
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_answer_that_cannot_be_is_refused)
{
  Hand hand;
  g_autoptr (GstCaps) caps = gst_caps_from_string
      ("application/x-rtp,media=video,encoding-name=H264,clock-rate=90000");
  g_autoptr (GstCaps) other = gst_caps_from_string
      ("application/x-rtp,media=video,encoding-name=THEORA,clock-rate=90000");
  GError *error = NULL;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, RTP_CAPS);
  fail_if (gst_rcast_stream_set_negotiated_caps (GST_RCAST_STREAM (hand.stream),
          caps, &error));
  fail_unless (g_error_matches (error, GST_RCAST_ERROR,
          GST_RCAST_ERROR_NOT_ACCEPTABLE));
  fail_unless (strstr (error->message, "VP8") != NULL);
  g_clear_error (&error);
  gst_harness_set_src_caps_str (hand.h, RAW_CAPS);
  fail_if (gst_rcast_stream_set_negotiated_caps (GST_RCAST_STREAM (hand.stream),
          other, &error));
  g_clear_error (&error);
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_new_size_goes_on_in_the_same_packets)
{
  Hand hand;
  guint before;

  if (!is_installed ("x264enc"))
    return;
  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, RAW_CAPS);
  hand_open (&hand, "H264");
  hand_push_raw (&hand, 10, 64, 48);
  rcast_collector_wait (&hand.net, 10);
  gst_harness_set_src_caps_str (hand.h,
      "video/x-raw,format=I420,width=96,height=64,framerate=25/1");
  before = rcast_collector_count (&hand.net);
  hand_push_raw (&hand, 10, 96, 64);
  rcast_collector_wait (&hand.net, before + 10);
  rcast_collector_check (&hand.net, PT, SSRC);
  fail_unless (rcast_collector_get (&hand.net, before).key);
  fail_unless (ABS ((gint) (rcast_collector_get (&hand.net,
                  before).header.timestamp - rcast_collector_get (&hand.net,
                  before - 1).header.timestamp) - 3600) <= 1);
  fail_unless_equals_int (hand.n_encoders, 2);
  fail_unless_equals_int (hand.n_offers, 1);
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_opus_of_webm_keeps_to_its_samples)
{
  Hand hand;
  guint32 first_timestamp = 0;

  hand_init (&hand, GST_RCAST_MEDIA_AUDIO,
      "audio/x-opus,channels=2,channel-mapping-family=0");
  for (guint i = 0; i < 40; i++) {
    guint8 data[] = { 0xe8, 1, 2, 3 };  /* one frame of 5 ms */
    GstBuffer *buffer = gst_buffer_new_memdup (data, sizeof (data));
    /* Rounded to milliseconds, 7.5 ms late from the 30th on: a gap. */
    GstClockTime time = 5 * i * GST_MSECOND + (i % 3) * GST_MSECOND / 2;

    GST_BUFFER_PTS (buffer) = time / GST_MSECOND * GST_MSECOND
        + (i % 2 ? GST_MSECOND : 0) + (i >= 30 ? 15 * GST_MSECOND / 2 : 0);
    fail_unless_equals_int (gst_harness_push (hand.h, buffer), GST_FLOW_OK);
    if (i == 0)
      hand_open (&hand, "OPUS");
    else
      rcast_collector_wait (&hand.net, i);
  }
  for (guint i = 0; i < 39; i++) {
    guint32 timestamp = rcast_collector_get (&hand.net, i).header.timestamp;

    if (i == 0)
      first_timestamp = timestamp;
    if (i < 29) {
      fail_unless_equals_int (timestamp - first_timestamp, i * 240);
    } else {
      fail_unless (timestamp - first_timestamp > i * 240 + 240);
    }
  }
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_odd_size_is_made_even)
{
  Hand hand;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO,
      "video/x-raw,format=GRAY8,width=63,height=47,framerate=25/1");
  hand_open (&hand, is_installed ("x264enc") ? "H264" : "VP8");
  for (guint i = 0; i < 5; i++) {
    GstBuffer *buffer = gst_buffer_new_allocate (NULL, 64 * 47, NULL);

    gst_buffer_memset (buffer, 0, i, -1);
    GST_BUFFER_PTS (buffer) = i * FRAME;
    fail_unless_equals_int (gst_harness_push (hand.h, buffer), GST_FLOW_OK);
  }
  rcast_collector_wait (&hand.net, 5);
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_new_codec_on_the_pad_changes_the_offer)
{
  Hand hand;
  GstCaps *offer;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, RTP_CAPS);
  hand_push_rtp (&hand, TRUE);
  fail_unless_equals_int (hand.n_offers, 1);
  gst_harness_set_src_caps_str (hand.h, "application/x-rtp,media=video,"
      "encoding-name=VP9,clock-rate=90000,payload=98");
  hand_push_rtp (&hand, TRUE);
  fail_unless_equals_int (hand.n_offers, 2);
  offer = gst_rcast_stream_get_offer_caps (GST_RCAST_STREAM (hand.stream));
  fail_unless_equals_string (gst_structure_get_string (gst_caps_get_structure
          (offer, 0), "encoding-name"), "VP9");
  gst_caps_unref (offer);

  gst_harness_set_src_caps_str (hand.h, RAW_CAPS);
  hand_push_raw (&hand, 2, 64, 48);
  fail_unless_equals_int (hand.n_offers, 3);
  fail_unless_equals_int (hand.n_encoders, 1);
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_bitrate_changes_while_encoding)
{
  Hand hand;
  guint kbits;

  if (!is_installed ("x264enc"))
    return;
  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, NULL);
  g_object_set (hand.stream, "bitrate", 700000, "key-frame-interval", 400,
      NULL);
  gst_harness_set_src_caps_str (hand.h, RAW_CAPS);
  g_object_get (hand.encoder, "bitrate", &kbits, NULL);
  fail_unless_equals_int (kbits, 700);
  g_object_get (hand.encoder, "key-int-max", &kbits, NULL);
  fail_unless_equals_int (kbits, 10);
  hand_push_raw (&hand, 5, 64, 48);
  g_object_set (hand.stream, "bitrate", 350000, NULL);
  g_object_get (hand.encoder, "bitrate", &kbits, NULL);
  fail_unless_equals_int (kbits, 350);
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_own_settings_outlive_those_of_all)
{
  Hand hand;
  guint bitrate, interval;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, NULL);
  gst_rcast_stream_set_defaults (GST_RCAST_STREAM (hand.stream), 1000000, 3000);
  g_object_get (hand.stream, "bitrate", &bitrate, "key-frame-interval",
      &interval, NULL);
  fail_unless_equals_int (bitrate, 1000000);
  fail_unless_equals_int (interval, 3000);

  g_object_set (hand.stream, "bitrate", 5000000, NULL);
  gst_rcast_stream_set_defaults (GST_RCAST_STREAM (hand.stream), 0, 4000);
  g_object_get (hand.stream, "bitrate", &bitrate, "key-frame-interval",
      &interval, NULL);
  fail_unless_equals_int (bitrate, 5000000);
  fail_unless_equals_int (interval, 4000);

  g_object_set (hand.stream, "bitrate", 0, "key-frame-interval", 500, NULL);
  gst_rcast_stream_set_defaults (GST_RCAST_STREAM (hand.stream), 7, 8);
  g_object_get (hand.stream, "bitrate", &bitrate, "key-frame-interval",
      &interval, NULL);
  fail_unless_equals_int (bitrate, 0);
  fail_unless_equals_int (interval, 500);
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_key_frame_interval_changes_while_encoding)
{
  Hand hand;
  guint before;
  gint frames;

  if (!is_installed ("vp9enc"))
    return;
  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, RAW_CAPS);
  hand_open (&hand, "VP9");
  hand_push_raw (&hand, 5, 64, 48);
  rcast_collector_wait (&hand.net, 4);
  g_object_get (hand.encoder, "keyframe-max-dist", &frames, NULL);
  fail_unless_equals_int (frames, 50);
  /* Requests for key frames are half a second apart. */
  gst_harness_set_time (hand.h, 10 * GST_SECOND);
  gst_rcast_stream_set_defaults (GST_RCAST_STREAM (hand.stream), 0, 200);
  g_object_get (hand.encoder, "keyframe-max-dist", &frames, NULL);
  fail_unless_equals_int (frames, 5);
  before = hand_stat (&hand, "key-frames-seen");
  hand_push_raw (&hand, 20, 64, 48);
  fail_unless (hand_stat (&hand, "key-frames-seen") >= before + 3);
  fail_unless_equals_int (hand.n_encoders, 2);
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_flush_and_restart_of_time_leave_no_trace)
{
  Hand hand;
  RcastPacket before, after;
  GstSegment segment;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, RTP_CAPS);
  hand_open (&hand, "VP8");
  for (guint i = 0; i < 10; i++) {
    hand_push_rtp (&hand, i == 0);
    rcast_collector_wait (&hand.net, i + 1);
  }
  fail_unless (gst_harness_push_event (hand.h, gst_event_new_flush_start ()));
  fail_unless (gst_harness_push_event (hand.h,
          gst_event_new_flush_stop (TRUE)));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  fail_unless (gst_harness_push_event (hand.h,
          gst_event_new_segment (&segment)));
  hand.n_pushed = 0;
  for (guint i = 0; i < 10; i++) {
    hand_push_rtp (&hand, i == 0);
    rcast_collector_wait (&hand.net, 10 + i + 1);
  }
  rcast_collector_check (&hand.net, PT, SSRC);
  before = rcast_collector_get (&hand.net, 9);
  after = rcast_collector_get (&hand.net, 10);
  fail_unless (after.header.timestamp - before.header.timestamp < 90000);
  fail_unless (after.header.timestamp != before.header.timestamp);
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_feeds_do_not_know_of_each_other)
{
  Hand hand;
  RcastCollector other;
  GstElement *feed;
  g_autoptr (GstCaps) caps = NULL;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, RTP_CAPS);
  feed = gst_rcast_stream_add_feed (GST_RCAST_STREAM (hand.stream));
  rcast_collector_init (&other, feed);
  rcast_collector_start (&other);
  hand_push_rtp (&hand, TRUE);
  hand_open (&hand, "VP8");

  /* The first one is stuck; make before break: the second takes over. */
  rcast_collector_set_blocked (&hand.net, TRUE);
  hand_push_rtp (&hand, TRUE);
  rcast_collector_wait_waiting (&hand.net);
  caps = hand_choose (&hand, "VP8");
  gst_caps_set_simple (caps, "payload", G_TYPE_INT, 33, NULL);
  fail_unless (gst_rcast_feed_set_rtp (GST_RCAST_FEED (feed), caps, 44, NULL));
  gst_rcast_feed_set_open (GST_RCAST_FEED (feed), TRUE);
  for (guint i = 0; i < 50; i++) {
    hand_push_rtp (&hand, i == 0);
    rcast_collector_wait (&other, i + 1);
  }
  rcast_collector_check (&other, 33, 44);

  gst_rcast_stream_remove_feed (GST_RCAST_STREAM (hand.stream), hand.feed);
  hand.feed = NULL;
  hand_push_rtp (&hand, FALSE);
  rcast_collector_wait (&other, 51);
  fail_unless_equals_uint64 (hand_stat (&hand, "packets-sent"), 52);
  gst_rcast_stream_remove_feed (GST_RCAST_STREAM (hand.stream), feed);
  rcast_collector_clear (&other);
  hand_clear (&hand);
}

GST_END_TEST;

/* Payloaders that are older than the RFC of their codec give names of a draft. */
GST_START_TEST (test_old_encoding_name_gets_on_air)
{
  static const struct
  {
    GstRcastMedia media;
    const gchar *input, *offered;
  } rows[] = {
    {GST_RCAST_MEDIA_VIDEO, "application/x-rtp,media=video,clock-rate=90000,"
          "encoding-name=VP8-DRAFT-IETF-01,payload=96", "VP8"},
    {GST_RCAST_MEDIA_VIDEO, "application/x-rtp,media=video,clock-rate=90000,"
          "encoding-name=VP9-DRAFT-IETF-01,payload=96", "VP9"},
    {GST_RCAST_MEDIA_VIDEO, "application/x-rtp,media=video,clock-rate=90000,"
          "encoding-name=AV1X,payload=96", "AV1"},
    {GST_RCAST_MEDIA_AUDIO, "application/x-rtp,media=audio,clock-rate=48000,"
          "encoding-name=X-GST-OPUS-DRAFT-SPITTKA-00,payload=96", "OPUS"},
  };
  /* One byte more than VP8 has: a key frame to each of them. */
  guint8 data[] = { 0x80, 0x80 | 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9,
    0x18, 0, 0
  };
  Hand hand;

  hand_init (&hand, rows[__i__].media, rows[__i__].input);
  for (guint i = 0; i < 2; i++) {
    GstBuffer *buffer;

    GST_WRITE_UINT32_BE (data + 4, i * 3600);
    buffer = gst_buffer_new_memdup (data, sizeof (data));
    GST_BUFFER_PTS (buffer) = i * FRAME;
    fail_unless_equals_int (gst_harness_push (hand.h, buffer), GST_FLOW_OK);
    if (i == 0)
      hand_open (&hand, rows[__i__].offered);
  }
  rcast_collector_wait (&hand.net, 1);
  fail_unless_equals_uint64 (hand_stat (&hand, "packets-sent"), 1);
  hand_clear (&hand);
}

GST_END_TEST;

GST_START_TEST (test_what_no_payloader_is_there_for_is_not_promised)
{
  Hand hand;
  GstPad *pad;
  g_autoptr (GstCaps) taken = NULL;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, NULL);
  pad = gst_element_get_static_pad (hand.stream, "sink");
  taken = gst_pad_query_caps (pad, NULL);
  gst_object_unref (pad);
  for (guint i = GST_RCAST_CODEC_H264; gst_rcast_codec_is_video (i); i++) {
    g_autoptr (GstCaps) encoded = gst_rcast_codec_get_caps (i);
    const gchar *parser = gst_rcast_codec_get_parser (i);

    fail_unless_equals_int (gst_caps_can_intersect (taken, encoded),
        is_installed (gst_rcast_codec_get_payloader (i))
        && (!parser || is_installed (parser)));
  }
  hand_clear (&hand);
}

GST_END_TEST;

static gpointer
churn (gpointer data)
{
  Hand *hand = data;

  for (guint i = 0; i < 200; i++) {
    GstElement *feed =
        gst_rcast_stream_add_feed (GST_RCAST_STREAM (hand->stream));

    gst_object_ref (feed);
    gst_rcast_feed_set_open (GST_RCAST_FEED (feed), TRUE);
    gst_element_set_state (feed, GST_STATE_PLAYING);
    gst_rcast_stream_remove_feed (GST_RCAST_STREAM (hand->stream), feed);
    gst_element_set_state (feed, GST_STATE_NULL);
    gst_object_unref (feed);
  }
  return NULL;
}

GST_START_TEST (test_feeds_come_and_go_in_the_middle_of_pushes)
{
  Hand hand;
  GThread *thread;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, RTP_CAPS);
  hand_push_rtp (&hand, TRUE);
  hand_open (&hand, "VP8");
  thread = g_thread_new ("churn", churn, &hand);
  for (guint i = 0; i < 2000; i++)
    hand_push_rtp (&hand, i % 25 == 0);
  g_thread_join (thread);
  hand_clear (&hand);
}

GST_END_TEST;

static const struct
{
  GstRcastMedia media;
  const gchar *caps;
  const gchar *word;            /* in the error */
  const gchar *missing;         /* only where this is not installed */
} refusals[] = {
  {GST_RCAST_MEDIA_AUDIO, "audio/x-opus,channels=6,channel-mapping-family=1",
      "Opus", NULL},
  {GST_RCAST_MEDIA_VIDEO, "video/x-av1,stream-format=obu-stream,alignment=tu",
      "av1", "rtpav1pay"},
  {GST_RCAST_MEDIA_VIDEO, "application/x-rtp,media=video,clock-rate=90000",
      "encoding-name", NULL},
  {GST_RCAST_MEDIA_VIDEO, "application/x-rtp,media=video,encoding-name=VP8",
      "clock-rate", NULL},
};

GST_START_TEST (test_caps_that_cannot_be_sent_are_named)
{
  Hand hand;
  GstBus *bus;
  GstMessage *msg;
  GError *error = NULL;

  if (refusals[__i__].missing && is_installed (refusals[__i__].missing))
    return;
  hand_init (&hand, refusals[__i__].media, NULL);
  bus = gst_element_get_bus (hand.pipeline);
  gst_harness_set_src_caps_str (hand.h, refusals[__i__].caps);
  if (refusals[__i__].missing) {
    msg = gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT);
    fail_unless (msg != NULL && gst_is_missing_plugin_message (msg));
    gst_message_unref (msg);
  }
  msg = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (msg != NULL);
  gst_message_parse_error (msg, &error, NULL);
  fail_unless (strstr (error->message, refusals[__i__].word) != NULL, "%s",
      error->message);
  g_error_free (error);
  gst_message_unref (msg);
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR) == NULL);
  fail_unless (gst_harness_push (hand.h, gst_buffer_new ()) != GST_FLOW_OK);
  gst_object_unref (bus);
  hand_clear (&hand);
}

GST_END_TEST;

/* --- in a pipeline --- */

/* Returns: (nullable): the next NAL unit that starts in @p, its header rebuilt
 * if it is a fragment; @pos is 0 at first */
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

/* The set of types of the NAL units that start in @p. */
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
    /* Once: Chromium drops a frame that has them between its slices. */
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
        /* Constrained baseline, of no higher level than was promised. */
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

/* Pushes @n packets of VP8, one each @distance, into the appsrc. */
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
    GstClockID id;

    gst_test_clock_wait_for_next_pending_id (GST_TEST_CLOCK (clock), &id);
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

  /* One webrtcbin that was never started, one that does not get on. */
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
  /* No data, and yet nobody waits for preroll. */
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

  /* Who comes after the end is told so. */
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
    /* Some in the middle of starting, some while media flows. */
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
stream_suite (void)
{
  Suite *s = suite_create ("rcast-stream");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_stream_of_any_kind_arrives);
  tcase_add_test (tc, test_key_frame_requests_are_coalesced);
  tcase_add_test (tc, test_pli_of_the_server_reaches_the_source);
  tcase_add_test (tc, test_whole_gops_are_dropped_and_counted);
  tcase_add_test (tc, test_what_is_no_rtp_is_counted_not_sent);
  tcase_add_test (tc, test_offer_of_raw_video_lists_codecs_by_rank);
  tcase_add_test (tc, test_answer_swaps_the_encoder);
  tcase_add_test (tc, test_answer_that_cannot_be_is_refused);
  tcase_add_test (tc, test_new_size_goes_on_in_the_same_packets);
  tcase_add_test (tc, test_opus_of_webm_keeps_to_its_samples);
  tcase_add_test (tc, test_odd_size_is_made_even);
  tcase_add_test (tc, test_new_codec_on_the_pad_changes_the_offer);
  tcase_add_test (tc, test_bitrate_changes_while_encoding);
  tcase_add_test (tc, test_own_settings_outlive_those_of_all);
  tcase_add_test (tc, test_key_frame_interval_changes_while_encoding);
  tcase_add_test (tc, test_flush_and_restart_of_time_leave_no_trace);
  tcase_add_test (tc, test_feeds_do_not_know_of_each_other);
  tcase_add_loop_test (tc, test_old_encoding_name_gets_on_air, 0, 4);
  tcase_add_test (tc, test_what_no_payloader_is_there_for_is_not_promised);
  tcase_add_test (tc, test_feeds_come_and_go_in_the_middle_of_pushes);
  tcase_add_loop_test (tc, test_caps_that_cannot_be_sent_are_named, 0,
      G_N_ELEMENTS (refusals));
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

GST_CHECK_MAIN (stream);
