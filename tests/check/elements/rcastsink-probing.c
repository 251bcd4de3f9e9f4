/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A quiet picture does not keep the target low: padding shows what the path carries. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-check.h"
#include "rig.h"

/* The highest useful bitrate of the video, and its initial one; a quiet
 * picture takes a fraction of either. */
#define USEFUL 2000000
#define START 300000
/* A target that the rate of the media, or twice that rate, cannot reach */
#define KNOWN 900000
#define WIDE 5000000
#define FEEDS_BACK (FAKE_FEEDS_BACK | FAKE_REPORTS_OFTEN)
/* As in rcast-probing.c: the bits that padding may take at once, and in a second */
#define CREDIT 800000
#define LEAST_SHARE 8000

/* Without sound: its sequence numbers begin near those of the video now and
 * then, which may delay padding. */
static void
go_on_air (Rig * rig, FakeBehaviour behaviour)
{
  rig_init (rig, "rcastsink name=r congestion-control=auto min-bitrate=50000 "
      "bitrate=" G_STRINGIFY (USEFUL) " start-bitrate=" G_STRINGIFY (START)
      " videotestsrc is-live=true pattern=smpte75 ! "
      "video/x-raw,width=320,height=240,framerate=30/1 ! r.");
  fake_signaller_behave (rig->signaller, behaviour);
  fake_signaller_set_link (rig->signaller, WIDE);
  rig_go_on_air (rig);
}

/* Returns: the highest @field of all paths */
static guint64
get_most (Rig * rig, const gchar * field)
{
  g_autoptr (GstStructure) stats = NULL, peer = NULL;
  const GValue *rates;
  guint64 most = 0;

  g_object_get (rig->sink, "stats", &stats, NULL);
  if (!gst_structure_get (stats, "peer", GST_TYPE_STRUCTURE, &peer, NULL))
    return 0;
  rates = gst_structure_get_value (peer, "rates");
  for (guint i = 0; i < gst_value_list_get_size (rates); i++) {
    guint64 number;

    fail_unless (gst_structure_get_uint64 (gst_value_get_structure
            (gst_value_list_get_value (rates, i)), field, &number));
    most = MAX (most, number);
  }
  return most;
}

static guint64
get_count (Rig * rig, const gchar * field)
{
  g_autoptr (GstStructure) stats = NULL, peer = NULL;
  guint64 count;

  g_object_get (rig->sink, "stats", &stats, NULL);
  fail_unless (gst_structure_get (stats, "peer", GST_TYPE_STRUCTURE, &peer,
          NULL));
  fail_unless (gst_structure_get_uint64 (peer, field, &count));
  return count;
}

/* Behaviours of the server */
static const FakeBehaviour servers[] = {
  FEEDS_BACK | FAKE_WANTS_REPAIRS,
  FEEDS_BACK | FAKE_WANTS_REPAIRS | FAKE_UNBUNDLES,
};

GST_START_TEST (test_a_quiet_picture_leaves_the_target_high)
{
  gint64 end = rcast_check_get_end (), begun = g_get_monotonic_time ();
  gdouble padding, allowed;
  guint64 sent = 0, media;
  Rig rig;

  go_on_air (&rig, servers[__i__]);
  while (get_most (&rig, "target") < KNOWN) {
    guint64 before = get_count (&rig, "padding");

    media = get_most (&rig, "sent");
    /* The media rate before the first padding */
    if (get_count (&rig, "padding") == before && before == 0)
      sent = MAX (sent, media);
    rig_turn (end, "a higher target");
  }
  padding = 8.0 * get_count (&rig, "padding");
  allowed = CREDIT + LEAST_SHARE * (g_get_monotonic_time () - begun) / 1e6;
  g_print ("sent %" G_GUINT64_FORMAT ", target %" G_GUINT64_FORMAT
      " bit/s after %.1f s, %.0f bits of padding\n", sent, get_most (&rig,
          "target"), (g_get_monotonic_time () - begun) / 1e6, padding);
  fail_unless (sent < KNOWN / 3, "%" G_GUINT64_FORMAT, sent);
  fail_unless (padding > 0 && padding <= 1.2 * allowed, "%.0f bits", padding);
  /* Padding does not count as unasked repairs. */
  fail_unless_equals_uint64 (get_count (&rig, "repairs-unasked"), 0);
  rig_clear (&rig);
}

GST_END_TEST;

/* Servers where no stream can carry padding, or where no feedback reports on it */
static const FakeBehaviour others[] = {
  FEEDS_BACK | FAKE_WANTS_REPAIRS | FAKE_TAKES_NO_RTX,
  FAKE_REPORTS_OFTEN | FAKE_WANTS_REPAIRS,
};

/* Returns: packets that a server had received when the first padding left */
static guint64
count_before_padding (void)
{
  gint64 end = rcast_check_get_end ();
  guint64 n;
  Rig rig;

  go_on_air (&rig, servers[0]);
  while (get_count (&rig, "padding") == 0)
    rig_turn (end, "padding");
  n = fake_signaller_get_counts (rig.signaller).packets;
  rig_clear (&rig);
  return n;
}

GST_START_TEST (test_other_servers_get_no_padding)
{
  guint64 n = count_before_padding ();
  Rig rig;

  go_on_air (&rig, others[__i__]);
  fake_signaller_wait (rig.signaller, FAKE_PACKETS, n + n / 2);
  fail_unless_equals_uint64 (get_count (&rig, "padding"), 0);
  rig_clear (&rig);
}

GST_END_TEST;

/* Ends while padding leaves, or while its feedback is awaited. */
GST_START_TEST (test_a_broadcast_may_end_in_a_probe)
{
  gint64 end = rcast_check_get_end ();
  Rig rig;

  go_on_air (&rig, servers[0]);
  while (get_count (&rig, "padding") == 0)
    rig_turn (end, "padding");
  gst_element_set_state (rig.pipeline, GST_STATE_NULL);
  rig_clear (&rig);
}

GST_END_TEST;

static Suite *
rcastsink_probing_suite (void)
{
  Suite *suite = suite_create ("rcastsink-probing");
  TCase *tc = tcase_create ("general");

  rig_register ();
  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, NULL, rig_abandon);
  tcase_add_loop_test (tc, test_a_quiet_picture_leaves_the_target_high, 0,
      G_N_ELEMENTS (servers));
  tcase_add_loop_test (tc, test_other_servers_get_no_padding, 0,
      G_N_ELEMENTS (others));
  tcase_add_test (tc, test_a_broadcast_may_end_in_a_probe);
  return suite;
}

GST_CHECK_MAIN (rcastsink_probing);
