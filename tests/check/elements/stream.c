/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A stream from its input caps to the packets that a server would get. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "gstrcaststream.h"
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

GST_START_TEST (test_stream_of_any_kind_arrives)
{
  Rig rig;
  RcastPacket start;

  if (!is_installed (chains[__i__].needs))
    return;
  rig_init (&rig, chains[__i__].media, chains[__i__].source);
  rig_preroll (&rig);
  if (chains[__i__].offered) {
    g_autofree gchar *text =
        g_strconcat ("application/x-rtp,", chains[__i__].offered, NULL);
    g_autoptr (GstCaps) wanted = gst_caps_from_string (text);
    GstCaps *offer = gst_rcast_stream_get_offer_caps (stream_of (&rig));

    g_autofree gchar *offered = gst_caps_to_string (offer);

    fail_unless (gst_structure_is_subset (gst_caps_get_structure (offer, 0),
            gst_caps_get_structure (wanted, 0)), "offers %s", offered);
    gst_caps_unref (offer);
  }
  rig_negotiate (&rig, chains[__i__].codec);
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
  rig_clear (&rig);
}

GST_END_TEST;

static Suite *
stream_suite (void)
{
  Suite *s = suite_create ("rcast-stream");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_stream_of_any_kind_arrives, 0,
      G_N_ELEMENTS (chains));
  return s;
}

GST_CHECK_MAIN (stream);
