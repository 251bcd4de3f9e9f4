/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which frames of a video are left out while the network carries less than the video. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "rcast-thin.h"

/* --- what payloads show --- */

#define MAX_BYTES 12
#define H264 GST_RCAST_CODEC_H264
#define H265 GST_RCAST_CODEC_H265
#define VP8 GST_RCAST_CODEC_VP8
#define VP9 GST_RCAST_CODEC_VP9
#define AV1 GST_RCAST_CODEC_AV1

/* is: ? not known, k key frame, d droppable, n needed; u: the layer can be taken up */
static const struct
{
  const gchar *name;
  GstRcastCodec codec;
  gsize size;
  guint8 bytes[MAX_BYTES];
  const gchar *is;
  guint layer;
} payloads[] = {
  {"idr", H264, 2, {0x65, 0x88}, "k"},
  {"slice", H264, 2, {0x41, 0x9a}, "n"},
  {"slice of no reference", H264, 2, {0x01, 0x9a}, "d"},
  {"aud", H264, 2, {0x09, 0xf0}, "?"},
  {"sei", H264, 4, {0x06, 0x05, 0x01, 0x00}, "?"},
  {"pps", H264, 2, {0x68, 0xce}, "?"},
  {"fu-a", H264, 3, {0x5c, 0x81, 0x9a}, "n"},
  {"fu-a of no reference", H264, 3, {0x1c, 0x81, 0x9a}, "d"},
  {"fu-a cut", H264, 1, {0x1c}, "n"},
  {"stap-a aud slice", H264, 9, {0x18, 0, 2, 0x09, 0xf0, 0, 2, 0x01, 0x9a},
      "d"},
  {"stap-a aud", H264, 5, {0x18, 0, 2, 0x09, 0xf0}, "?"},
  {"stap-a cut", H264, 4, {0x18, 0, 2, 0x09}, "?"},
  {"mtap", H264, 2, {0x1a, 0}, "n"},
  {"empty", H264, 0, {0}, "n"},
  {"idr", H265, 3, {0x26, 0x01, 0xaf}, "k"},
  {"trail-r", H265, 3, {0x02, 0x01, 0xd0}, "n"},
  {"trail-n of the second layer", H265, 3, {0x00, 0x02, 0xd0}, "d", 1},
  {"tsa-r of the third layer", H265, 3, {0x06, 0x03, 0xd0}, "nu", 2},
  {"fu of a tsa-n", H265, 4, {0x62, 0x02, 0x82, 0xaf}, "du", 1},
  {"ap of aud and trail-n", H265, 11, {0x60, 0x02, 0, 3, 0x46, 0x02, 0x50, 0, 2,
          0x00, 0x02}, "d", 1},
  {"sei", H265, 4, {0x4e, 0x01, 0x05, 0x00}, "?"},
  {"one byte", H265, 1, {0x02}, "n"},
  {"no layer id", H265, 3, {0x02, 0x00, 0xd0}, "n"},
  {"key", VP8, 3, {0x10, 0x50, 0x05}, "k"},
  {"inter", VP8, 2, {0x10, 0x51}, "n"},
  {"N", VP8, 2, {0x30, 0x51}, "d"},
  {"second layer", VP8, 5, {0x90, 0x20, 0x40, 0x51, 0}, "n", 1},
  {"picture id, third layer, Y", VP8, 6, {0x90, 0xe0, 0x80, 0x01, 0x07, 0xa0},
      "nu", 2},
  {"layer cut", VP8, 3, {0x90, 0xa0, 0x01}, "n"},
  {"key", VP9, 3, {0x08, 0x82, 0x49}, "k"},
  {"inter", VP9, 2, {0x48, 0x86}, "n"},
  {"second layer, U", VP9, 5, {0xe8, 0x80, 0x01, 0x30, 0x05}, "nu", 1},
  {"layer cut", VP9, 2, {0xe8, 0x80}, "n"},
  {"sequence", AV1, 3, {0x18, 0x0a, 0x0b}, "k"},
  {"frame", AV1, 3, {0x10, 0x30, 0x00}, "n"},
  {"frame of the second layer", AV1, 4, {0x10, 0x34, 0x20, 0x00}, "n", 1},
  {"delimiter and frame", AV1, 6, {0x20, 0x01, 0x10, 0x34, 0x20, 0x00}, "n", 1},
  {"frame with a length", AV1, 5, {0x00, 0x03, 0x34, 0x40, 0x00}, "n", 2},
  {"metadata", AV1, 3, {0x10, 0x28, 0x00}, "?"},
  {"length beyond the end", AV1, 3, {0x00, 0x7f, 0x10}, "n"},
  {"length without an end", AV1, 4, {0x00, 0xff, 0xff, 0xff}, "n"},
  {"delimiters only", AV1, 4, {0x20, 0x01, 0x10, 0x10}, "?"},
  {"anything", GST_RCAST_CODEC_OPUS, 1, {0xfc}, "k"},
};

GST_START_TEST (test_payload_tells_what_its_frame_is)
{
  GstRcastLayersFrame frame = gst_rcast_layers_read (payloads[__i__].codec,
      payloads[__i__].bytes, payloads[__i__].size);
  g_autofree gchar *is = g_strdup_printf ("%s%s", !frame.known ? "?" :
      frame.key ? "k" : frame.droppable ? "d" : "n", frame.up ? "u" : "");

  fail_unless (g_str_equal (is, payloads[__i__].is), "%s: %s",
      payloads[__i__].name, is);
  fail_unless (frame.layer == payloads[__i__].layer, "%s: %u",
      payloads[__i__].name, frame.layer);
}

GST_END_TEST;

/* --- which frames are left out --- */

#define FPS 30
#define RATE 1200000            /* bit/s of the video that comes */
#define FRAME_BYTES (RATE / 8 / FPS)
#define KEY_BYTES (4 * FRAME_BYTES)

/* Videos by the layers of their frames, over and over: d is a frame that no other needs, u a frame
 * of layer 1 at which the layer can be taken up, U the same of layer 2 */
static const gchar plain[] = "0", nonref[] = "0d", two[] = "0u", three[] =
    "0UuU", av1[] = "01";

static const struct
{
  const gchar *video;
  guint percent;                /* of RATE that the network carries from 1 s to 11 s */
  guint n_frames;               /* of 300: the least that are sent in that time */
  guint longest;                /* frames left out in a row at most */
} rows[] = {
  {plain, 200, 300, 0},
  {plain, 100, 300, 0},
  {plain, 50, 60, 60},
  {plain, 10, 12, 120},
  {nonref, 60, 170, 2},
  {nonref, 50, 140, 6},
  {two, 60, 170, 2},
  {three, 60, 170, 4},
  {three, 30, 85, 12},
  {three, 10, 12, 120},
  {av1, 60, 150, 4},
};

typedef struct
{
  GstRcastThin thin;
  const gchar *video;
  guint position;               /* in the group of the video */
  gboolean wants_key;
  gboolean whole[3];            /* whether the references of a frame of the layer were sent */
  gboolean key_sent;
  guint n_news;
} World;

static GstRcastLayersFrame
next_frame (World * w)
{
  GstRcastLayersFrame frame = {.known = TRUE };
  gchar c;

  if (w->wants_key)
    w->position = 0;
  c = w->video[w->position++ % strlen (w->video)];
  frame.key = w->wants_key;
  frame.droppable = c == 'd';
  frame.up = c == 'u' || c == 'U';
  frame.layer = c == 'u' || c == '1' ? 1 : c == 'U' ? 2 : 0;
  w->wants_key = FALSE;
  return frame;
}

/* A frame refers to the last frames of its layer and below. A frame at which its layer can be taken
 * up refers only to the layers below. */
static void
check_references (World * w, const GstRcastLayersFrame * frame, gboolean sent)
{
  guint up_to = frame->up ? frame->layer - 1 : frame->layer;

  if (frame->key && sent)
    w->whole[0] = w->whole[1] = w->whole[2] = TRUE;
  for (guint i = 0; i <= up_to && sent; i++)
    fail_unless (w->whole[i], "%s: a frame of layer %u lacks layer %u",
        w->video, frame->layer, i);
  if (!frame->droppable)
    w->whole[frame->layer] = sent;
}

/* Returns: bytes that are sent of one frame */
static gsize
step (World * w, guint number)
{
  GstRcastLayersFrame frame = next_frame (w);
  gsize bytes = frame.key ? KEY_BYTES : FRAME_BYTES;
  GstRcastThinVerdict verdict = gst_rcast_thin_judge (&w->thin, &frame,
      gst_util_uint64_scale (number, GST_SECOND, FPS));
  gboolean sent = verdict == GST_RCAST_THIN_SEND;
  guint64 offered;

  gst_rcast_thin_add (&w->thin, bytes, sent);
  check_references (w, &frame, sent);
  w->wants_key = verdict == GST_RCAST_THIN_ASK;
  w->n_news += gst_rcast_thin_take_news (&w->thin, &offered);
  return sent ? bytes : 0;
}

static void
world_init (World * w, const gchar * video)
{
  *w = (World) {.video = video,.wants_key = TRUE };
  gst_rcast_thin_init (&w->thin);
}

GST_START_TEST (test_video_that_does_not_follow_is_thinned_and_stays_whole)
{
  guint64 target = (guint64) RATE * rows[__i__].percent / 100;
  guint64 bytes = 0;
  guint n = 0, row = 0, longest = 0, number = 0;
  World w;

  world_init (&w, rows[__i__].video);
  for (; number < FPS; number++)
    fail_unless (step (&w, number) > 0);
  gst_rcast_thin_set_target (&w.thin, target);
  for (; number < 11 * FPS; number++) {
    gsize sent = step (&w, number);

    /* The encoder has a second and a half to follow. */
    if (number >= 5 * FPS / 2)
      bytes += sent;
    n += sent > 0;
    row = sent > 0 ? 0 : row + 1;
    longest = MAX (longest, row);
    fail_unless (number > 2 * FPS || sent > 0);
  }
  fail_unless (bytes * 8 * 10 / 85 <= MIN (target, RATE * 105 / 100) * 11 / 10,
      "row %d: %u bit/s", __i__, (guint) (bytes * 80 / 85));
  fail_unless (n >= rows[__i__].n_frames, "row %d: %u frames", __i__, n);
  fail_unless (longest <= rows[__i__].longest, "row %d: %u in a row", __i__,
      longest);
  fail_unless_equals_int (w.n_news, rows[__i__].percent < 100);

  /* All frames are sent again. */
  gst_rcast_thin_set_target (&w.thin, 2 * RATE);
  for (; number < 16 * FPS; number++)
    step (&w, number);
  for (; number < 17 * FPS; number++)
    fail_unless (step (&w, number) > 0, "row %d", __i__);
  /* The next time is reported again. */
  gst_rcast_thin_set_target (&w.thin, RATE / 4);
  for (; number < 19 * FPS; number++)
    step (&w, number);
  fail_unless_equals_int (w.n_news, 1 + (rows[__i__].percent < 100));
}

GST_END_TEST;

GST_START_TEST (test_paused_video_goes_on_at_a_key_frame)
{
  World w;
  guint number = 0;

  world_init (&w, plain);
  for (; number < FPS; number++)
    step (&w, number);
  gst_rcast_thin_set_target (&w.thin, 0);
  for (; number < 2 * FPS; number++)
    fail_if (step (&w, number) > 0);
  fail_unless_equals_int (w.n_news, 1);
  gst_rcast_thin_set_target (&w.thin, 2 * RATE);
  fail_if (step (&w, number++) > 0);
  fail_unless (w.wants_key);
  fail_unless_equals_uint64 (step (&w, number++), KEY_BYTES);
  fail_unless_equals_uint64 (step (&w, number), FRAME_BYTES);
}

GST_END_TEST;

/* An encoder that obeys within a second, with a key frame now and then */
GST_START_TEST (test_video_that_follows_is_left_alone)
{
  GstRcastThin thin;
  GstRcastLayersFrame frame = {.known = TRUE };
  guint64 offered;

  gst_rcast_thin_init (&thin);
  for (guint i = 0; i < 20 * FPS; i++) {
    guint rate = i < 5 * FPS - 6 || i > 15 * FPS ? RATE : RATE / 4;

    if (i == 4 * FPS)
      gst_rcast_thin_set_target (&thin, RATE / 4);
    if (i == 15 * FPS)
      gst_rcast_thin_set_target (&thin, RATE);
    frame.key = i % (2 * FPS) == 0;
    fail_unless_equals_int (gst_rcast_thin_judge (&thin, &frame,
            i * GST_SECOND / FPS), GST_RCAST_THIN_SEND);
    gst_rcast_thin_add (&thin, rate / 8 / FPS * (frame.key ? 6 : 1) * 12 / 13,
        TRUE);
  }
  fail_if (gst_rcast_thin_take_news (&thin, &offered));
}

GST_END_TEST;

/* Timestamps that are missing, stand still or jump back do not stop the video. */
GST_START_TEST (test_odd_timestamps_hold_nothing_up)
{
  World w;
  GstRcastLayersFrame frame = {.known = TRUE,.key = TRUE };

  world_init (&w, plain);
  gst_rcast_thin_set_target (&w.thin, RATE / 4);
  for (guint i = 0; i < 3 * FPS; i++)
    step (&w, i + 1000 * FPS);
  fail_unless_equals_int (w.n_news, 1);
  for (guint i = 0; i < 9; i++)
    gst_rcast_thin_judge (&w.thin, &frame, i % 3 == 0 ? GST_CLOCK_TIME_NONE :
        i % 3 * GST_SECOND);
  w.whole[0] = TRUE;
  gst_rcast_thin_set_target (&w.thin, GST_RCAST_NO_TARGET);
  for (guint i = 0; i < 5 * FPS; i++)
    step (&w, i);
  for (guint i = 5 * FPS; i < 6 * FPS; i++)
    fail_unless (step (&w, i) > 0);
}

GST_END_TEST;

static Suite *
thin_suite (void)
{
  Suite *s = suite_create ("rcast-thin");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_payload_tells_what_its_frame_is, 0,
      G_N_ELEMENTS (payloads));
  tcase_add_loop_test (tc,
      test_video_that_does_not_follow_is_thinned_and_stays_whole, 0,
      G_N_ELEMENTS (rows));
  tcase_add_test (tc, test_paused_video_goes_on_at_a_key_frame);
  tcase_add_test (tc, test_video_that_follows_is_left_alone);
  tcase_add_test (tc, test_odd_timestamps_hold_nothing_up);
  return s;
}

GST_CHECK_MAIN (thin);
