/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How streams share the target. There are no streams: this program implements their lines. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "gstrcastallot.h"
#include "gstrcastline.h"

#define MAX_RATE 5000000
#define SOUND 64000

struct _GstRcastLine
{
  guint32 ssrc;
  gboolean audio;               /* an audio line sends SOUND bit/s, a video line nothing */
  guint64 min;
  guint64 target;
  guint n_told;
  guint loss;
};

const gchar *
gst_rcast_line_get_name (const GstRcastLine * line)
{
  return "video";
}

guint32
gst_rcast_line_get_ssrc (const GstRcastLine * line)
{
  return line->ssrc;
}

guint64
gst_rcast_line_get_bytes_sent (const GstRcastLine * line)
{
  return line->audio ? gst_util_uint64_scale (gst_util_get_timestamp (),
      SOUND / 8, GST_SECOND) : 0;
}

gboolean
gst_rcast_line_has_feedback (const GstRcastLine * line)
{
  return FALSE;
}

gboolean
gst_rcast_line_get_share (const GstRcastLine * line,
    GstRcastShareStream * share)
{
  *share = (GstRcastShareStream) {
    .audio = line->audio,
    .follows = TRUE,
    .weight = 1,
    .min = line->min,
    .max = 2000000,
  };
  return FALSE;
}

void
gst_rcast_line_set_loss (GstRcastLine * line, guint percent)
{
  line->loss = percent;
}

void
gst_rcast_line_set_target (GstRcastLine * line, guint64 bits,
    const gchar * reason)
{
  line->target = bits;
  line->n_told++;
}

static void
read_rtcp (GstRcastRates * rates, guint session, gconstpointer data, gsize size)
{
  GstBuffer *rtcp = gst_buffer_new_memdup (data, size);

  gst_rcast_rates_read (rates, session, rtcp, NULL, gst_util_get_timestamp ());
  gst_buffer_unref (rtcp);
}

/* Without BUNDLE, each stream has a session of its own. */
GST_START_TEST (test_a_limit_of_one_session_is_that_of_its_stream)
{
  /* REMB: 200 kbit/s */
  static const guint8 remb[] = { 0x8f, 0xce, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, 'R', 'E',
    'M', 'B', 1, 0x03, 0x0d, 0x40, 0, 0, 0, 7
  };
  static const guint8 nothing[] = { 0x80, 0xc9, 0, 1, 0, 0, 0, 1 };
  const GstRcastAllotSettings settings = {
    GST_RCAST_CONGESTION_CONTROL_AUTO, { 800000, 100000, MAX_RATE }, NULL
  };
  g_autoptr (GstRcastRates) rates =
      gst_rcast_rates_new ("rates", &settings.rate, NULL);
  g_autoptr (GPtrArray) lines = g_ptr_array_new ();
  GstRcastLine limited = {.ssrc = 1 }, free = {.ssrc = 2 };
  GstRcastAllot *allot;

  g_ptr_array_add (lines, &limited);
  g_ptr_array_add (lines, &free);
  gst_rcast_rates_add_media (rates, limited.ssrc, 0);
  gst_rcast_rates_add_media (rates, free.ssrc, 1);
  read_rtcp (rates, 0, remb, sizeof remb);
  read_rtcp (rates, 1, nothing, sizeof nothing);
  allot = gst_rcast_allot_new (rates, lines, &settings);
  gst_rcast_allot_start (allot);
  while (limited.n_told == 0 || free.n_told == 0)
    g_main_context_iteration (NULL, TRUE);
  gst_rcast_allot_stop (allot);
  gst_rcast_allot_free (allot);
  fail_unless (limited.target > 150000 && limited.target <= 200000, "%.0f",
      (gdouble) limited.target);
  fail_unless_equals_uint64 (free.target, GST_RCAST_SHARE_ALL);
}

GST_END_TEST;

/* Streams that share a rate, at a server that only reports how much is lost */
typedef struct
{
  GstRcastRates *rates;
  GPtrArray *lines;
  GstRcastAllot *allot;
  guint timer, lost;
} Share;

static gboolean
report (gpointer data)
{
  Share *share = data;

  gst_rcast_allot_report (share->allot, 100, share->lost, 0);
  return G_SOURCE_CONTINUE;
}

/* @lines: of @n streams. Each @ms, a report says that @lost of 100 packets are lost. */
static void
share_begin (Share * share, GstRcastLine * lines, guint n, guint lost, guint ms)
{
  const GstRcastAllotSettings settings = {
    GST_RCAST_CONGESTION_CONTROL_AUTO, { 800000, 150000, MAX_RATE }, NULL
  };

  share->rates = gst_rcast_rates_new ("rates", &settings.rate, NULL);
  share->lines = g_ptr_array_new ();
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (share->lines, &lines[i]);
  share->lost = lost;
  share->timer = g_timeout_add (ms, report, share);
  share->allot = gst_rcast_allot_new (share->rates, share->lines, &settings);
  gst_rcast_allot_start (share->allot);
}

static void
share_end (Share * share)
{
  g_source_remove (share->timer);
  gst_rcast_allot_stop (share->allot);
  gst_rcast_allot_free (share->allot);
  g_ptr_array_unref (share->lines);
  gst_object_unref (share->rates);
}

/* The rate of sound alone does not show how much more the path carries. */
GST_START_TEST (test_a_paused_video_comes_back_beside_sound)
{
  GstRcastLine lines[] = { {.ssrc = 1,.audio = TRUE }, {.ssrc = 2,.min = 80000 } };
  const GstRcastLine *video = &lines[1];
  Share share;

  share_begin (&share, lines, G_N_ELEMENTS (lines), 50, 1000);
  while (video->n_told == 0 || video->target > 0)
    g_main_context_iteration (NULL, TRUE);
  share.lost = 0;
  while (video->target == 0)
    g_main_context_iteration (NULL, TRUE);
  share_end (&share);
}

GST_END_TEST;

/* Encoders of sound protect it against loss, even where only receiver reports show the loss,
 * and stop once nothing is lost. */
GST_START_TEST (test_loss_that_is_only_reported_is_told)
{
  GstRcastLine sound = {.ssrc = 1,.audio = TRUE };
  Share share;

  share_begin (&share, &sound, 1, 2, 200);
  while (sound.loss == 0)
    g_main_context_iteration (NULL, TRUE);
  assert_equals_int (sound.loss, 2);
  share.lost = 0;
  while (sound.loss > 0)
    g_main_context_iteration (NULL, TRUE);
  share_end (&share);
}

GST_END_TEST;

/* Ticks in a hurry, for a lower rate, do not make the reported loss end sooner. */
GST_START_TEST (test_loss_is_over_after_a_time)
{
  GstRcastLine sound = {.ssrc = 1,.audio = TRUE };
  Share share;

  share_begin (&share, &sound, 1, 30, 200);
  while (sound.loss < 30)
    g_main_context_iteration (NULL, TRUE);
  share.lost = 0;
  while (sound.loss >= 30)
    g_main_context_iteration (NULL, TRUE);
  for (guint i = 0; i < 100; i++)
    gst_rcast_allot_hurry (share.allot);
  fail_unless (sound.loss >= 15, "%u %%", sound.loss);
  share_end (&share);
}

GST_END_TEST;

static Suite *
allot_suite (void)
{
  Suite *suite = suite_create ("allot");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_a_paused_video_comes_back_beside_sound);
  tcase_add_test (tc, test_loss_that_is_only_reported_is_told);
  tcase_add_test (tc, test_loss_is_over_after_a_time);
  tcase_add_test (tc, test_a_limit_of_one_session_is_that_of_its_stream);
  return suite;
}

GST_CHECK_MAIN (allot);
