/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Raw caps of every combination: each goes on air, or causes one error that names the caps. */
#include "config.h"

#include <gst/audio/audio.h>

#include "rcast-check.h"
#include "stream-hand.h"

/* RCAST_SWEEP sets another number, RCAST_SEED other cases. */
#define CASES 40

#define N_BUFFERS 12
#define PICK(rand, array) array[g_rand_int_range (rand, 0, G_N_ELEMENTS (array))]

/* Returns: one of all formats, except for unknown and encoded */
static const gchar *
pick_video_format (GRand * rand)
{
  return gst_video_format_to_string (g_rand_int_range (rand,
          GST_VIDEO_FORMAT_I420, GST_VIDEO_FORMAT_AV12 + 1));
}

/* Returns: (transfer full) */
static gchar *
make_video_caps (GRand * rand)
{
  static const gchar *const modes[] = { "progressive", "progressive",
    "interleaved", "mixed", "fields", "alternate"
  };
  static const gchar *const rates[] = { "0/1", "1/1", "25/1", "30000/1001",
    "50/1", "120/1", "1/10"
  };
  static const gchar *const shapes[] = { "1/1", "1/1", "12/11", "16/15", "8/9",
    "4/3", "1/4", "5/1"
  };
  static const gint sizes[] = { 2, 7, 16, 33, 64, 101, 176, 240 };
  const gchar *mode = PICK (rand, modes);
  const gchar *format = pick_video_format (rand);
  const gchar *rate = PICK (rand, rates), *shape = PICK (rand, shapes);
  gint width = PICK (rand, sizes), height = PICK (rand, sizes);

  return g_strdup_printf ("video/x-raw%s,format=%s,width=%d,height=%d,"
      "framerate=%s,pixel-aspect-ratio=%s,interlace-mode=%s",
      g_str_equal (mode, "alternate") ? "(format:Interlaced)" : "", format,
      width, height, rate, shape, mode);
}

/* Returns: (transfer full) */
static gchar *
make_audio_caps (GRand * rand)
{
  static const gint rates[] = { 8000, 11025, 16000, 22050, 32000, 44100, 48000,
    96000, 192000
  };
  static const gchar *const layouts[] = { "interleaved", "non-interleaved" };
  gint channels = g_rand_int_range (rand, 1, 17), rate = PICK (rand, rates);
  guint64 mask = gst_audio_channel_get_fallback_mask (channels);
  const gchar *format = gst_audio_format_to_string (g_rand_int_range (rand,
          GST_AUDIO_FORMAT_S8, GST_AUDIO_FORMAT_F64BE + 1));
  const gchar *layout = PICK (rand, layouts);
  g_autofree gchar *positions = NULL;

  switch (g_rand_int_range (rand, 0, 3)) {
    case 0:
      positions = g_strdup ("");
      break;
    case 1:
      positions = g_strdup (",channel-mask=(bitmask)0x0");
      break;
    default:
      positions = mask && channels > 1 ?
          g_strdup_printf (",channel-mask=(bitmask)0x%" G_GINT64_MODIFIER "x",
          mask) : g_strdup ("");
  }
  return g_strdup_printf ("audio/x-raw,format=%s,rate=%d,channels=%d,"
      "layout=%s%s", format, rate, channels, layout, positions);
}

/* Returns: (transfer full): a field or frame, or 40 ms of sound */
static GstBuffer *
make_buffer (GstRcastMedia media, const GstCaps * caps)
{
  GstBuffer *buffer;
  GstVideoInfo video;
  GstAudioInfo audio;

  if (media == GST_RCAST_MEDIA_VIDEO) {
    fail_unless (gst_video_info_from_caps (&video, caps), "%" GST_PTR_FORMAT,
        caps);
    buffer = gst_buffer_new_allocate (NULL, video.size, NULL);
    if (video.interlace_mode == GST_VIDEO_INTERLACE_MODE_ALTERNATE)
      GST_BUFFER_FLAG_SET (buffer, GST_VIDEO_BUFFER_FLAG_TOP_FIELD);
  } else {
    gsize samples;

    fail_unless (gst_audio_info_from_caps (&audio, caps), "%" GST_PTR_FORMAT,
        caps);
    samples = audio.rate / 25;
    buffer = gst_buffer_new_allocate (NULL, samples * audio.bpf, NULL);
    if (audio.layout == GST_AUDIO_LAYOUT_NON_INTERLEAVED)
      gst_buffer_add_audio_meta (buffer, &audio, samples, NULL);
  }
  gst_buffer_memset (buffer, 0, 0x40, -1);
  return buffer;
}

static guint
count_errors (Hand * hand, const gchar * what)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (hand->pipeline);
  GstMessage *message;
  guint n = 0;

  while ((message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR))) {
    g_autoptr (GError) error = NULL;
    g_autofree gchar *debug = NULL;

    gst_message_parse_error (message, &error, &debug);
    fail_unless (debug && strstr (debug, "caps: "), "%s: %s (%s)", what,
        error->message, debug);
    GST_INFO ("%s: %s", what, error->message);
    gst_message_unref (message);
    n++;
  }
  return n;
}

/* Returns: whether packets left */
static gboolean
push_all (Hand * hand, GstRcastMedia media, const gchar * text)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (text);
  g_autoptr (GstCaps) offer = NULL;
  GstFlowReturn ret = GST_FLOW_OK;
  const gchar *codec;
  gint channels = 0;

  gst_harness_set_src_caps (hand->h, gst_caps_copy (caps));
  offer = gst_rcast_stream_get_offer_caps (GST_RCAST_STREAM (hand->stream));
  gst_structure_get_int (gst_caps_get_structure (caps, 0), "channels",
      &channels);
  if (channels > 2 && !gst_structure_has_field (gst_caps_get_structure (caps,
              0), "channel-mask"))
    gst_caps_set_simple (caps, "channel-mask", GST_TYPE_BITMASK, (guint64) 0,
        NULL);
  if (!offer)
    return FALSE;
  codec = media == GST_RCAST_MEDIA_VIDEO ? "VP8" : "OPUS";
  hand_open (hand, codec);
  for (guint i = 0; i < N_BUFFERS && ret == GST_FLOW_OK; i++) {
    GstBuffer *buffer = make_buffer (media, caps);

    /* Top and bottom fields alternate. */
    if (i % 2 == 1 && GST_BUFFER_FLAG_IS_SET (buffer,
            GST_VIDEO_BUFFER_FLAG_TOP_FIELD)
        && media == GST_RCAST_MEDIA_VIDEO) {
      GST_BUFFER_FLAG_UNSET (buffer, GST_VIDEO_BUFFER_FLAG_TOP_FIELD);
      GST_BUFFER_FLAG_SET (buffer, GST_VIDEO_BUFFER_FLAG_BOTTOM_FIELD);
    }
    GST_BUFFER_PTS (buffer) = i * FRAME;
    GST_BUFFER_DURATION (buffer) = FRAME;
    ret = gst_harness_push (hand->h, buffer);
  }
  return ret == GST_FLOW_OK;
}

/* Returns: whether the stream is on air */
static gboolean
send (GstRcastMedia media, const gchar * caps)
{
  gboolean on_air;
  guint errors;
  Hand hand;

  GST_INFO ("%s", caps);
  hand_init (&hand, media, NULL);
  on_air = push_all (&hand, media, caps);
  if (on_air)
    rcast_collector_wait (&hand.net, 1);
  errors = count_errors (&hand, caps);
  fail_unless (errors == (on_air ? 0 : 1), "%s: %u errors, %s", caps, errors,
      on_air ? "on air" : "not on air");
  hand_clear (&hand);
  return on_air;
}

GST_START_TEST (test_each_raw_source_is_on_air_or_refused_once)
{
  const gchar *count = g_getenv ("RCAST_SWEEP"), *seed = g_getenv ("RCAST_SEED");
  guint n = count ? atoi (count) : CASES;
  GRand *rand = g_rand_new_with_seed (seed ? atoi (seed) : 1);

  for (guint i = 0; i < n; i++) {
    GstRcastMedia media = i % 2 ? GST_RCAST_MEDIA_AUDIO : GST_RCAST_MEDIA_VIDEO;
    g_autofree gchar *caps = media == GST_RCAST_MEDIA_VIDEO ?
        make_video_caps (rand) : make_audio_caps (rand);

    /* Only deinterlace takes alternating fields, in few formats. */
    fail_unless (send (media, caps) || strstr (caps, "=alternate"),
        "%s is refused", caps);
  }
  g_rand_free (rand);
}

GST_END_TEST;

static Suite *
stream_sweep_suite (void)
{
  Suite *suite = suite_create ("stream-sweep");
  TCase *tc = tcase_create ("sweep");

  suite_add_tcase (suite, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_test (tc, test_each_raw_source_is_on_air_or_refused_once);
  return suite;
}

GST_CHECK_MAIN (stream_sweep);
