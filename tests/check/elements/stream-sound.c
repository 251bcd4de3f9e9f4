/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every kind of audio, as a receiver hears it after decoding, and the packets that carry it. */
#include "config.h"

#include <gst/audio/audio.h>
#include <math.h>

#include "rcast-check.h"
#include "stream-decode.h"

#define RATE 48000

typedef enum
{
  NONE,                         /* channel-mask=0 */
  MISSING,                      /* no channel-mask */
  KNOWN,                        /* one for each channel */
} Positions;

typedef struct
{
  guint channels;
  Positions positions;
  gboolean planar;
  GstRcastAudioMix mix;
  const gchar *left, *right;    /* tones heard on each side; "1" is the first channel */
  const gchar *stereo;          /* in the offer */
  guint rate;                   /* 0: RATE */
} Sound;

#define MIX(name) GST_RCAST_AUDIO_MIX_ ## name
static const Sound sounds[] = {
  {1, MISSING, FALSE, MIX (AUTO), "1", "1", "0"},
  {2, MISSING, FALSE, MIX (AUTO), "1", "2", "1"},
  {2, NONE, FALSE, MIX (AUTO), "1", "2", "1"},
  {2, KNOWN, TRUE, MIX (AUTO), "1", "2", "1"},
  {2, NONE, TRUE, MIX (AUTO), "1", "2", "1"},
  {3, NONE, FALSE, MIX (AUTO), "1", "2", "1"},
  {4, NONE, TRUE, MIX (AUTO), "1", "2", "1"},
  {5, MISSING, FALSE, MIX (AUTO), "1", "2", "1"},
  {6, NONE, TRUE, MIX (FIRST_TWO), "1", "2", "1"},
  {8, NONE, FALSE, MIX (AUTO), "1", "2", "1"},
  {8, MISSING, TRUE, MIX (AUTO), "1", "2", "1"},
  {16, NONE, FALSE, MIX (AUTO), "1", "2", "1"},
  {16, NONE, TRUE, MIX (AUTO), "1", "2", "1"},
  {4, KNOWN, FALSE, MIX (FIRST_TWO), "1", "2", "1"},
  {4, NONE, FALSE, MIX (ALL), "13", "24", "1"},
  {5, NONE, TRUE, MIX (ALL), "135", "24", "1"},
  {2, KNOWN, FALSE, MIX (MONO), "12", "12", "0"},
  {8, NONE, FALSE, MIX (MONO), "12", "12", "0"},
  {8, NONE, TRUE, MIX (MONO_LEFT), "1", "1", "0"},
  {8, NONE, FALSE, MIX (MONO_RIGHT), "2", "2", "0"},
  {63, NONE, TRUE, MIX (AUTO), "1", "2", "1"},
  {3, NONE, TRUE, MIX (AUTO), "1", "2", "1", 44100},
  {5, MISSING, TRUE, MIX (ALL), "135", "24", "1", 32000},
  {7, NONE, TRUE, MIX (AUTO), "1", "2", "1", 96000},
  {1, MISSING, TRUE, MIX (AUTO), "1", "1", "0", 8000},
  {2, KNOWN, FALSE, MIX (AUTO), "1", "2", "1", 192000},
};

static gdouble
get_frequency (guint channel)
{
  return 300 + 200 * channel;
}

static guint
get_rate (const Sound * sound)
{
  return sound->rate > 0 ? sound->rate : RATE;
}

static GstCaps *
make_sound_caps (const Sound * sound)
{
  GstCaps *caps = gst_caps_new_simple ("audio/x-raw",
      "format", G_TYPE_STRING, "S16LE",
      "rate", G_TYPE_INT, (gint) get_rate (sound),
      "channels", G_TYPE_INT, (gint) sound->channels,
      "layout", G_TYPE_STRING, sound->planar ? "non-interleaved" :
      "interleaved", NULL);

  if (sound->positions != MISSING)
    gst_caps_set_simple (caps, "channel-mask", GST_TYPE_BITMASK,
        sound->positions == NONE ? G_GUINT64_CONSTANT (0) :
        gst_audio_channel_get_fallback_mask (sound->channels), NULL);
  return caps;
}

/* Pushes a tone of its own in each channel. */
static void
push_sound (Hand * hand, const Sound * sound, guint n_samples)
{
  gsize size = n_samples * sound->channels * sizeof (gint16);
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, size, NULL);
  guint64 start = hand->n_pushed;
  GstMapInfo map;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_WRITE));
  for (guint c = 0; c < sound->channels; c++) {
    for (guint i = 0; i < n_samples; i++) {
      guint at = sound->planar ? c * n_samples + i : i * sound->channels + c;

      ((gint16 *) map.data)[at] = 16000 * sin (2 * G_PI * get_frequency (c)
          * (start + i) / get_rate (sound));
    }
  }
  gst_buffer_unmap (buffer, &map);
  if (sound->planar) {
    g_autoptr (GstCaps) caps = make_sound_caps (sound);
    GstAudioInfo info;

    if (sound->positions == MISSING)
      gst_caps_set_simple (caps, "channel-mask", GST_TYPE_BITMASK,
          G_GUINT64_CONSTANT (0), NULL);
    fail_unless (gst_audio_info_from_caps (&info, caps));
    gst_buffer_add_audio_meta (buffer, &info, n_samples, NULL);
  }
  GST_BUFFER_PTS (buffer) = gst_util_uint64_scale (start, GST_SECOND,
      get_rate (sound));
  GST_BUFFER_DURATION (buffer) = gst_util_uint64_scale (n_samples, GST_SECOND,
      get_rate (sound));
  hand->n_pushed += n_samples;
  fail_unless_equals_int (gst_harness_push (hand->h, buffer), GST_FLOW_OK);
}

/* Returns: (transfer full): all audio that left the feed, decoded to interleaved stereo */
static GArray *
collect_samples (Hand * hand)
{
  GstHarness *h = decode (hand, "OPUS", "audioconvert ! capsfilter caps="
      "audio/x-raw,format=S16LE,channels=2,layout=interleaved");
  GArray *samples = g_array_new (FALSE, FALSE, sizeof (gint16));
  GstBuffer *buffer;

  while ((buffer = gst_harness_try_pull (h))) {
    GstMapInfo map;

    fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
    g_array_append_vals (samples, map.data, map.size / sizeof (gint16));
    gst_buffer_unmap (buffer, &map);
    gst_buffer_unref (buffer);
  }
  gst_harness_teardown (h);
  return samples;
}

/* Returns: the amplitude of a tone on one side; 16000 is the amplitude pushed */
static gdouble
measure (GArray * samples, guint side, gdouble frequency)
{
  guint n = samples->len / 2, from = n / 4;
  gdouble re = 0, im = 0;

  for (guint i = from; i < n; i++) {
    gdouble value = g_array_index (samples, gint16, 2 * i + side);

    re += value * cos (2 * G_PI * frequency * i / RATE);
    im += value * sin (2 * G_PI * frequency * i / RATE);
  }
  return 2 * sqrt (re * re + im * im) / (n - from);
}

static void
check_side (GArray * samples, guint side, const gchar * tones, guint channels,
    const gchar * what)
{
  for (guint c = 0; c < channels; c++) {
    gdouble wanted = c < 9 && strchr (tones, '1' + c) ?
        16000. / strlen (tones) : 0;
    gdouble heard = measure (samples, side, get_frequency (c));

    fail_unless (ABS (heard - wanted) < 2500,
        "%s: channel %u is heard with %.0f on side %u, not %.0f", what, c + 1,
        heard, side, wanted);
  }
}

static void
check_stereo (Hand * hand, const Sound * sound)
{
  g_autoptr (GstCaps) offer = hand_choose (hand, "OPUS");
  const GstStructure *s = gst_caps_get_structure (offer, 0);

  assert_equals_string (gst_structure_get_string (s, "stereo"), sound->stereo);
  assert_equals_string (gst_structure_get_string (s, "sprop-stereo"),
      sound->stereo);
}

static void
play (const Sound * sound)
{
  g_autofree gchar *what = g_strdup_printf ("%u channels, %s, positions %u, "
      "mix %u, %u Hz", sound->channels, sound->planar ? "planar" : "interleaved",
      sound->positions, sound->mix, get_rate (sound));
  g_autoptr (GArray) samples = NULL;
  Hand hand;

  hand_init (&hand, GST_RCAST_MEDIA_AUDIO, NULL);
  g_object_set (hand.stream, "audio-mix", sound->mix, NULL);
  gst_harness_set_src_caps (hand.h, make_sound_caps (sound));
  check_stereo (&hand, sound);
  hand_open (&hand, "OPUS");
  for (guint i = 0; i < 25; i++)
    push_sound (&hand, sound, get_rate (sound) / 50);
  rcast_collector_wait (&hand.net, 22);
  samples = collect_samples (&hand);
  check_side (samples, 0, sound->left, sound->channels, what);
  check_side (samples, 1, sound->right, sound->channels, what);
  hand_clear (&hand);
}

GST_START_TEST (test_channels_arrive_where_they_belong)
{
  for (guint i = 0; i < G_N_ELEMENTS (sounds); i++)
    play (&sounds[i]);
}

GST_END_TEST;

/* Formats that follow each other in one stream; each has to be heard. */
static const Sound turns[] = {
  {1, MISSING, FALSE, MIX (AUTO), "1", "1"},
  {2, KNOWN, FALSE, MIX (AUTO), "1", "2"},
  {8, MISSING, FALSE, MIX (AUTO), "1", "2"},
  {2, NONE, TRUE, MIX (AUTO), "1", "2"},
  {16, NONE, TRUE, MIX (AUTO), "1", "2"},
  {1, MISSING, TRUE, MIX (AUTO), "1", "1"},
  {5, NONE, FALSE, MIX (AUTO), "1", "2"},
  {2, MISSING, FALSE, MIX (AUTO), "1", "2"},
  {1, MISSING, FALSE, MIX (AUTO), "1", "1"},
};

/* Packets of 20 ms for each format */
#define N_TURN 25

GST_START_TEST (test_sound_that_changes_stays_on_air)
{
  g_autoptr (GArray) samples = NULL;
  Hand hand;

  hand_init (&hand, GST_RCAST_MEDIA_AUDIO, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (turns); i++) {
    gst_harness_set_src_caps (hand.h, make_sound_caps (&turns[i]));
    if (i == 0)
      hand_open (&hand, "OPUS");
    for (guint k = 0; k < N_TURN; k++)
      push_sound (&hand, &turns[i], RATE / 50);
    rcast_collector_wait (&hand.net, (i + 1) * N_TURN - 2);
  }
  samples = collect_samples (&hand);
  for (guint i = 0; i < G_N_ELEMENTS (turns); i++) {
    guint turn = N_TURN * RATE / 50 * 2;
    guint from = turn / 10;     /* encoders blur the edges */
    g_autofree gchar *what = g_strdup_printf ("turn %u", i);
    g_autoptr (GArray) part = g_array_new (FALSE, FALSE, sizeof (gint16));

    fail_unless (samples->len >= (i + 1) * turn - turn / 10, "%s", what);
    g_array_append_vals (part, &g_array_index (samples, gint16,
            i * turn + from), turn - turn / 10 - from);
    check_side (part, 0, turns[i].left, turns[i].channels, what);
    check_side (part, 1, turns[i].right, turns[i].channels, what);
  }
  hand_clear (&hand);
}

GST_END_TEST;

/* A stream that was stereo stays stereo in the offer, as the server answers once. */
GST_START_TEST (test_mono_after_stereo_is_no_other_offer)
{
  static const Sound stereo = { 2, KNOWN, FALSE, MIX (AUTO), "1", "2", "1" };
  static const Sound mono = { 1, MISSING, FALSE, MIX (AUTO), "1", "1", "1" };
  static const Sound again = { 1, MISSING, FALSE, MIX (AUTO), "1", "1", "0" };
  Hand hand;

  hand_init (&hand, GST_RCAST_MEDIA_AUDIO, NULL);
  gst_harness_set_src_caps (hand.h, make_sound_caps (&stereo));
  check_stereo (&hand, &stereo);
  hand_open (&hand, "OPUS");
  push_sound (&hand, &stereo, RATE / 50);
  gst_harness_set_src_caps (hand.h, make_sound_caps (&mono));
  push_sound (&hand, &mono, RATE / 50);
  check_stereo (&hand, &mono);
  fail_unless_equals_int (hand.n_offers, 1);

  fail_unless (gst_element_set_state (hand.stream, GST_STATE_READY)
      == GST_STATE_CHANGE_SUCCESS);
  fail_if (gst_element_set_state (hand.stream, GST_STATE_PLAYING)
      == GST_STATE_CHANGE_FAILURE);
  gst_harness_set_src_caps (hand.h, make_sound_caps (&again));
  check_stereo (&hand, &again);
  hand_clear (&hand);
}

GST_END_TEST;

/* Samples in each buffer at 8 kHz: 10 ms, 20 ms, odd lengths, 160 ms, 1 s */
static const guint pieces[] = { 80, 160, 137, 33, 1280, 8000 };

/* Pushes the next @piece samples of 8 kHz. */
static void
push_telephone (Hand * hand, guint width, guint piece)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, piece * width, NULL);

  gst_buffer_memset (buffer, 0, 0xd5, piece * width);
  GST_BUFFER_PTS (buffer) = gst_util_uint64_scale (hand->n_pushed, GST_SECOND,
      8000);
  GST_BUFFER_DURATION (buffer) = gst_util_uint64_scale (piece, GST_SECOND,
      8000);
  hand->n_pushed += piece;
  fail_unless_equals_int (gst_harness_push (hand->h, buffer), GST_FLOW_OK);
}

/* Raw audio, or already encoded if @width is 1 */
static void
send_telephone (const gchar * codec, const gchar * caps, guint width,
    guint piece)
{
  guint opened = 0;             /* in samples */
  Hand hand;

  hand_init (&hand, GST_RCAST_MEDIA_AUDIO, caps);
  if (width == 1) {
    GstBuffer *buffer = gst_buffer_new_allocate (NULL, piece, NULL);

    gst_buffer_memset (buffer, 0, 0xd5, piece);
    GST_BUFFER_PTS (buffer) = 0;
    gst_harness_push (hand.h, buffer);
  }
  hand.n_pushed = piece;
  while (hand.n_pushed <= 4 * 8000 + piece) {
    if (hand.n_pushed >= 160 && opened == 0) {
      hand_open (&hand, codec);
      opened = hand.n_pushed;
    }
    push_telephone (&hand, width, piece);
    /* A feed queues no more than a second of packets. */
    if (opened > 0)
      rcast_collector_wait (&hand.net, (hand.n_pushed - opened) / 160);
  }
  rcast_collector_wait (&hand.net, 20);
  for (guint i = 1; i < 20; i++) {
    RcastPacket packet = rcast_collector_get (&hand.net, i);
    RcastPacket before = rcast_collector_get (&hand.net, i - 1);

    fail_unless (packet.header.payload_size == 160,
        "%s in buffers of %u: %" G_GSIZE_FORMAT " bytes", caps, piece,
        (gsize) packet.header.payload_size);
    fail_unless_equals_int (packet.header.timestamp - before.header.timestamp,
        160);
  }
  hand_clear (&hand);
}

GST_START_TEST (test_g711_leaves_in_packets_of_20_ms)
{
  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++) {
    send_telephone ("PCMU", "audio/x-mulaw,rate=8000,channels=1", 1,
        pieces[i]);
    send_telephone ("PCMA", "audio/x-alaw,rate=8000,channels=1", 1,
        pieces[i]);
    send_telephone ("PCMU", "audio/x-raw,format=S16LE,rate=8000,channels=1,"
        "layout=interleaved", 2, pieces[i]);
  }
}

GST_END_TEST;

/* Returns: (transfer full): caps of an answer that asks for packets of @ms; 0: it asks for none */
static GstCaps *
choose_ptime (Hand * hand, const gchar * codec, gdouble ms)
{
  GstCaps *caps = hand_choose (hand, codec);

  if (ms > 0)
    gst_caps_set_simple (caps, GST_RCAST_NEGOTIATED_PTIME, G_TYPE_UINT64,
        (guint64) (ms * GST_MSECOND), NULL);
  return caps;
}

/* Samples in the packets that left, and the number of packets */
typedef struct
{
  guint samples, packets;
} Left;

/* Pushes half a second of buffers of @piece samples. Each packet
 * that begins in it has to hold @ms. */
static void
check_ptime (Hand * hand, const gchar * codec, guint width, guint piece,
    gdouble ms, Left * left)
{
  g_autoptr (GstCaps) caps = choose_ptime (hand, codec, ms);
  guint wanted = (ms > 0 ? ms : 20) * 8, start = hand->n_pushed;

  fail_unless (gst_rcast_stream_set_negotiated_caps (GST_RCAST_STREAM
          (hand->stream), caps, NULL));
  while (hand->n_pushed < start + 4000)
    push_telephone (hand, width, piece);
  while (left->samples + wanted <= hand->n_pushed) {
    RcastPacket packet;

    rcast_collector_wait (&hand->net, left->packets + 1);
    packet = rcast_collector_get (&hand->net, left->packets);
    fail_unless (packet.header.payload_size == wanted,
        "%s in buffers of %u for %.1f ms: packet %u has %" G_GSIZE_FORMAT
        " bytes", codec, piece, ms, left->packets,
        (gsize) packet.header.payload_size);
    if (left->packets > 0) {
      RcastPacket before =
          rcast_collector_get (&hand->net, left->packets - 1);

      fail_unless_equals_int (packet.header.timestamp -
          before.header.timestamp, before.header.payload_size);
    }
    left->samples += wanted;
    left->packets++;
  }
}

GST_START_TEST (test_g711_follows_the_answer)
{
  static const gdouble ms[] = { 10, 40, 60, 2.5, 140, 30, 0 };
  static const struct
  {
    const gchar *codec, *caps;
    guint width, piece;
  } inputs[] = {
    {"PCMU", "audio/x-mulaw,rate=8000,channels=1", 1, 160},
    {"PCMA", "audio/x-alaw,rate=8000,channels=1", 1, 137},
    {"PCMA", "audio/x-raw,format=S16LE,rate=8000,channels=1,"
          "layout=interleaved", 2, 160},
  };

  for (guint i = 0; i < G_N_ELEMENTS (inputs); i++) {
    Left left = { 4 * inputs[i].piece / 160 * 160, 0 };
    Hand hand;

    hand_init (&hand, GST_RCAST_MEDIA_AUDIO, inputs[i].caps);
    for (guint k = 0; k < 4; k++)
      push_telephone (&hand, inputs[i].width, inputs[i].piece);
    hand_open (&hand, inputs[i].codec);
    for (guint k = 0; k < G_N_ELEMENTS (ms); k++)
      check_ptime (&hand, inputs[i].codec, inputs[i].width, inputs[i].piece,
          ms[k], &left);
    hand_clear (&hand);
  }
}

GST_END_TEST;

/* Pushes 600 ms of sound and checks the packets in the middle. At the edges, the
 * former encoder may still send. */
static void
check_opus_frames (Hand * hand, gdouble wish, gdouble frame)
{
  static const Sound sound = { 2, KNOWN, FALSE, MIX (AUTO), "1", "2" };
  g_autoptr (GstCaps) caps = choose_ptime (hand, "OPUS", wish);
  gdouble start = hand->n_pushed / 48., at = 0;

  fail_unless (gst_rcast_stream_set_negotiated_caps (GST_RCAST_STREAM
          (hand->stream), caps, NULL));
  for (guint i = 0; i < 30; i++)
    push_sound (hand, &sound, RATE / 50);
  for (guint i = 0; at < start + 480; i++) {
    RcastPacket packet, first;

    rcast_collector_wait (&hand->net, i + 1);
    packet = rcast_collector_get (&hand->net, i);
    first = rcast_collector_get (&hand->net, 0);
    at = (packet.header.timestamp - first.header.timestamp) / 48.;
    if (at >= start + 120)
      fail_unless (gst_rcast_opus_get_duration (packet.head,
              packet.head_size) == (GstClockTime) (frame * GST_MSECOND),
          "%.1f ms were wanted, but not sent %.1f ms later", wish, at - start);
  }
}

GST_START_TEST (test_opus_follows_the_answer)
{
  static const struct
  {
    gdouble wish, frame;        /* ms; no wish: 0 */
  } rows[] = {
    {0, 20}, {10, 10}, {40, 40}, {60, 60}, {2.5, 2.5}, {5, 5}, {30, 20},
    {120, 60}, {1, 2.5}, {0, 20},
  };
  static const Sound sound = { 2, KNOWN, FALSE, MIX (AUTO), "1", "2" };
  Hand hand;

  hand_init (&hand, GST_RCAST_MEDIA_AUDIO, NULL);
  gst_harness_set_src_caps (hand.h, make_sound_caps (&sound));
  hand_open (&hand, "OPUS");
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    guint encoders = hand.n_encoders;

    check_opus_frames (&hand, rows[i].wish, rows[i].frame);
    check_opus_frames (&hand, rows[i].wish, rows[i].frame);
    fail_unless (hand.n_encoders <= encoders + 1);
  }
  fail_unless_equals_int (hand.n_offers, 1);
  hand_clear (&hand);
}

GST_END_TEST;

static Suite *
stream_sound_suite (void)
{
  Suite *suite = suite_create ("stream-sound");
  TCase *tc = tcase_create ("sound");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_channels_arrive_where_they_belong);
  tcase_add_test (tc, test_sound_that_changes_stays_on_air);
  tcase_add_test (tc, test_mono_after_stereo_is_no_other_offer);
  tcase_add_test (tc, test_g711_leaves_in_packets_of_20_ms);
  tcase_add_test (tc, test_g711_follows_the_answer);
  tcase_add_test (tc, test_opus_follows_the_answer);
  return suite;
}

GST_CHECK_MAIN (stream_sound);
