/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is sent and what the server says of it meet: each path has its rate. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "answerer.h"
#include "rcast-check.h"
#include "rig.h"

#define SOURCES "videotestsrc is-live=true ! video/x-raw,width=64,height=64," \
  "framerate=30/1 ! r. audiotestsrc is-live=true ! audio/x-raw,rate=48000," \
  "channels=2 ! r."

/* Returns: (transfer full) (nullable): of the path that carries */
static GstStructure *
get_rate (Rig * rig)
{
  g_autoptr (GstStructure) stats = NULL, peer = NULL;
  const GValue *rates;

  g_object_get (rig->sink, "stats", &stats, NULL);
  if (!gst_structure_get (stats, "peer", GST_TYPE_STRUCTURE, &peer, NULL))
    return NULL;
  rates = gst_structure_get_value (peer, "rates");
  fail_unless (rates && gst_value_list_get_size (rates) <= 1);
  return gst_value_list_get_size (rates) == 0 ? NULL : gst_structure_copy
      (gst_value_get_structure (gst_value_list_get_value (rates, 0)));
}

static guint64
get_number (const GstStructure * rate, const gchar * field)
{
  guint64 number = 0;

  fail_unless (gst_structure_get_uint64 (rate, field, &number), "no %s in %"
      GST_PTR_FORMAT, field, rate);
  return number;
}

/* Waits for packets, and with them for feedback. */
static GstStructure *
wait_for_rate (Rig * rig, gboolean heard)
{
  for (guint64 n = 50;; n += 50) {
    g_autoptr (GstStructure) rate = NULL;

    fake_signaller_wait (rig->signaller, FAKE_PACKETS, n);
    rate = get_rate (rig);
    if (rate && get_number (rate, "sent") > 0
        && (!heard || get_number (rate, "received") > 0))
      return g_steal_pointer (&rate);
  }
}

GST_START_TEST (test_what_arrives_is_counted_for_its_path)
{
  g_autoptr (GstStructure) rate = NULL;
  gboolean carrying = FALSE;
  gdouble loss;
  Rig rig;

  rig_init (&rig, "rcastsink name=r " SOURCES);
  fake_signaller_behave (rig.signaller, FAKE_FEEDS_BACK);
  rig_go_on_air (&rig);
  rate = wait_for_rate (&rig, TRUE);
  fail_unless (gst_structure_get_boolean (rate, "carrying", &carrying)
      && carrying);
  fail_unless (gst_structure_get_double (rate, "loss", &loss) && loss == 0);
  fail_unless (get_number (rate, "round-trip") > 0);
  fail_unless (gst_structure_has_field_typed (rate, "state", G_TYPE_STRING));
  fail_unless (get_number (rate, "target") >= 100000);
  rig_clear (&rig);
}

GST_END_TEST;

static guint64
get_target (Rig * rig)
{
  guint64 target = 0;

  gst_child_proxy_get (GST_CHILD_PROXY (rig->sink), "video_0::target-bitrate",
      &target, NULL);
  return target;
}

GST_START_TEST (test_what_is_encoded_fits_into_the_limit)
{
  Rig rig;

  rig_init (&rig, "rcastsink name=r bitrate=1000000 max-bitrate=300000 congestion-control=auto "
      "videotestsrc is-live=true pattern=snow ! "
      "video/x-raw,width=160,height=120,framerate=30/1 ! r.");
  fake_signaller_behave (rig.signaller, FAKE_FEEDS_BACK);
  rig_go_on_air (&rig);
  for (guint64 n = 50;; n += 50) {
    g_autoptr (GstStructure) rate = NULL;

    fake_signaller_wait (rig.signaller, FAKE_PACKETS, n);
    rate = wait_for_rate (&rig, TRUE);
    fail_unless (get_number (rate, "target") <= 300000);
    if (get_number (rate, "sent") <= 330000)
      break;
  }
  fail_unless (get_target (&rig) <= 300000);
  /* What a session was allowed says nothing of the next one. */
  gst_element_set_state (rig.sink, GST_STATE_NULL);
  fail_unless_equals_uint64 (get_target (&rig), G_MAXUINT64);
  rig_clear (&rig);
}

GST_END_TEST;

/* No server has to report packet by packet. */
GST_START_TEST (test_without_feedback_nothing_has_numbers)
{
  g_autoptr (GstStructure) rate = NULL;
  Rig rig;

  rig_init (&rig, "rcastsink name=r " SOURCES);
  rig_go_on_air (&rig);
  fake_signaller_wait (rig.signaller, FAKE_PACKETS, 50);
  rate = get_rate (&rig);
  fail_if (rate, "%" GST_PTR_FORMAT, rate);
  rig_clear (&rig);
}

GST_END_TEST;

/* A server that reports now and then only is heard, too. */
GST_START_TEST (test_reports_are_enough_to_fit_into_the_limit)
{
  Rig rig;

  rig_init (&rig, "rcastsink name=r bitrate=1000000 max-bitrate=300000 congestion-control=auto "
      "videotestsrc is-live=true pattern=snow ! "
      "video/x-raw,width=160,height=120,framerate=30/1 ! r.");
  rig_go_on_air (&rig);
  for (guint64 n = 10; get_target (&rig) > 300000; n += 10)
    fake_signaller_wait (rig.signaller, FAKE_PACKETS, n);
  rig_clear (&rig);
}

GST_END_TEST;

/* Of some servers that is all that is to be heard. They say it only if the offer names it. */
GST_START_TEST (test_a_limit_that_the_server_sets_is_kept)
{
  Rig rig;

  rig_init (&rig, "rcastsink name=r bitrate=1000000 congestion-control=auto "
      "videotestsrc is-live=true pattern=snow ! "
      "video/x-raw,width=160,height=120,framerate=30/1 ! r.");
  fake_signaller_behave (rig.signaller, FAKE_SAYS_LIMIT);
  rig_go_on_air (&rig);
  for (guint64 n = 10; get_target (&rig) > ANSWERER_LIMIT; n += 10)
    fake_signaller_wait (rig.signaller, FAKE_PACKETS, n);
  fail_unless (get_target (&rig) >= ANSWERER_LIMIT * 3 / 4);
  rig_clear (&rig);
}

GST_END_TEST;

/* Some servers refuse an offer with that line. */
GST_START_TEST (test_reports_by_stream_are_offered_if_wanted)
{
  g_autofree gchar *offer = NULL;
  Rig rig;

  rig_init (&rig, "rcastsink name=r " SOURCES);
  g_object_set (rig.sink, "offer-ccfb", __i__ == 1, NULL);
  rig_go_on_air (&rig);
  offer = fake_signaller_dup_offer (rig.signaller);
  fail_unless (!!strstr (offer, "a=rtcp-fb:* ") == (__i__ == 1), "%s", offer);
  rig_clear (&rig);
}

GST_END_TEST;

/* RFC 8888: a server that reports about packets by their own numbers needs no others. */
GST_START_TEST (test_a_thin_link_shows_in_reports_by_stream)
{
  guint64 least = G_MAXUINT64;
  Rig rig;

  rig_init (&rig, "rcastsink name=r bitrate=1000000 min-bitrate=50000 "
      "offer-ccfb=true congestion-control=auto videotestsrc is-live=true pattern=snow ! "
      "video/x-raw,width=160,height=120,framerate=30/1 ! r. "
      "audiotestsrc is-live=true ! audio/x-raw,rate=48000,channels=2 ! r.");
  fake_signaller_behave (rig.signaller, FAKE_NAMES_PACKETS);
  rig_go_on_air (&rig);
  for (guint64 n = 50; least > ANSWERER_LINK; n += 10) {
    g_autoptr (GstStructure) rate = NULL;

    fake_signaller_wait (rig.signaller, FAKE_PACKETS, n);
    rate = wait_for_rate (&rig, TRUE);
    least = MIN (least, get_number (rate, "target"));
    fail_unless (get_number (rate, "received") < 2 * ANSWERER_LINK);
  }
  fail_unless (least >= ANSWERER_LINK / 4, "%" G_GUINT64_FORMAT, least);
  /* Nothing else says so. */
  fail_unless (get_target (&rig) < 1000000);
  rig_clear (&rig);
}

GST_END_TEST;

static Suite *
rcastsink_rates_suite (void)
{
  Suite *suite = suite_create ("rcastsink-rates");
  TCase *tc = tcase_create ("general");

  rig_register ();
  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, NULL, rig_abandon);
  tcase_add_test (tc, test_what_arrives_is_counted_for_its_path);
  tcase_add_test (tc, test_what_is_encoded_fits_into_the_limit);
  tcase_add_test (tc, test_reports_are_enough_to_fit_into_the_limit);
  tcase_add_test (tc, test_a_limit_that_the_server_sets_is_kept);
  tcase_add_test (tc, test_without_feedback_nothing_has_numbers);
  tcase_add_loop_test (tc, test_reports_by_stream_are_offered_if_wanted, 0, 2);
  tcase_add_test (tc, test_a_thin_link_shows_in_reports_by_stream);
  return suite;
}

GST_CHECK_MAIN (rcastsink_rates);
