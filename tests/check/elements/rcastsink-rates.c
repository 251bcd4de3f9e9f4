/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What rcastsink sends, and the server's feedback on it: each path has its rate. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "answerer.h"
#include "rcast-check.h"
#include "rig.h"

#define SOURCES "videotestsrc is-live=true ! video/x-raw,width=64,height=64," \
  "framerate=30/1 ! r. audiotestsrc is-live=true ! audio/x-raw,rate=48000," \
  "channels=2 ! r."

/* Returns: (transfer full) (nullable): the rate of the path in use */
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

/* Waits for packets and, if @heard, for feedback on them. */
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
  /* The limit of one session says nothing about the next one. */
  gst_element_set_state (rig.sink, GST_STATE_NULL);
  fail_unless_equals_uint64 (get_target (&rig), G_MAXUINT64);
  rig_clear (&rig);
}

GST_END_TEST;

/* Not every server reports packet by packet. */
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

/* Occasional reports from the server are enough, too. */
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

/* Some servers report nothing but a limit. They do so only if the offer names it. */
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

/* Some servers refuse an offer with this line. */
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

/* RFC 8888: such reports use the packets' own sequence numbers, and need no others. */
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
  /* Nothing else lowers the target. */
  fail_unless (get_target (&rig) < 1000000);
  rig_clear (&rig);
}

GST_END_TEST;

/* bit/s */
#define WIDE 5000000
#define THIN 400000
#define MADE 1200000
/* Expected time until a change shows, in milliseconds, and how many times
 * longer a busy machine may take */
#define TOLD_MS 500
#define LOWERED_MS 300
#define RAISED_MS 500
#define WARNED_MS 2000
#define BACK_MS 3000
#define PATIENT 5

static const struct
{
  const gchar *what;
  FakeBehaviour behaviour;
} feedbacks[] = {
  {"transport-wide", FAKE_FEEDS_BACK | FAKE_REPORTS_OFTEN},
  {"of RFC 8888", FAKE_NAMES_PACKETS},
};

/* Goes on air over a wide link. @source: elements between the raw video and the sink */
static void
go_on_air_widely (Rig * rig, guint feedback, const gchar * source)
{
  g_autofree gchar *description = g_strconcat ("rcastsink name=r "
      "offer-ccfb=true congestion-control=adapt min-bitrate=50000 "
      "bitrate=" G_STRINGIFY (MADE) " start-bitrate=" G_STRINGIFY (MADE)
      " videotestsrc is-live=true "
      "pattern=snow ! video/x-raw,width=160,height=120,framerate=30/1 ! ",
      source, " r. audiotestsrc is-live=true ! audio/x-raw,rate=48000,"
      "channels=2 ! r.", NULL);

  rig_init (rig, description);
  fake_signaller_behave (rig->signaller, feedbacks[feedback].behaviour);
  fake_signaller_set_link (rig->signaller, WIDE);
  rig_go_on_air (rig);
}

/* Returns: the bitrate that the video encoder is set to, in bit/s; 0: there is no encoder */
static guint64
get_encoder_bitrate (Rig * rig)
{
  g_autoptr (GstIterator) elements =
      gst_bin_iterate_recurse (GST_BIN (rig->sink));
  g_auto (GValue) item = G_VALUE_INIT;
  guint64 bits = 0;

  while (bits == 0 && gst_iterator_next (elements, &item) == GST_ITERATOR_OK) {
    GstElement *element = g_value_get_object (&item);
    GstElementFactory *factory = gst_element_get_factory (element);
    const gchar *name = factory ? GST_OBJECT_NAME (factory) : "";
    guint kbits = 0;
    gint number = 0;

    if (g_str_equal (name, "x264enc")) {
      g_object_get (element, "bitrate", &kbits, NULL);
      bits = 1000 * (guint64) kbits;
    } else if (g_str_equal (name, "vp8enc")) {
      g_object_get (element, "target-bitrate", &number, NULL);
      bits = number;
    }
    g_value_reset (&item);
  }
  return bits;
}

/* Waits until @get returns less than @bits (@below), or more; 0 is no value.
 * Returns: milliseconds since @since */
static guint
wait_for (Rig * rig, guint64 (*get) (Rig * rig), gboolean below, guint64 bits,
    gint64 since, const gchar * what)
{
  gint64 end = rcast_check_get_end ();
  guint64 seen;

  while ((seen = get (rig)) == 0 || (below ? seen >= bits : seen <= bits))
    rig_turn (end, what);
  return (g_get_monotonic_time () - since) / 1000;
}

static guint64
get_sent (Rig * rig)
{
  g_autoptr (GstStructure) rate = get_rate (rig);

  return rate ? get_number (rate, "sent") : 0;
}

static void
expect_within (guint took, guint expected, const gchar * what, guint feedback)
{
  g_print ("%s, feedback %s: after %u ms\n", what, feedbacks[feedback].what,
      took);
  fail_unless (took <= PATIENT * expected * rcast_check_slowness (), "%s after %u ms",
      what, took);
}

/* From the server's feedback to the bitrate of the encoder */
GST_START_TEST (test_a_link_that_gets_thin_is_followed_at_once)
{
  gint64 changed;
  guint told;
  Rig rig;

  go_on_air_widely (&rig, __i__, "");
  wait_for (&rig, get_encoder_bitrate, FALSE, MADE * 3 / 4, 0, "the encoder");
  wait_for (&rig, get_sent, FALSE, MADE * 3 / 4, 0, "so much media");

  changed = g_get_monotonic_time ();
  fake_signaller_set_link (rig.signaller, THIN);
  told = wait_for (&rig, get_target, TRUE, THIN, changed, "a lower target");
  expect_within (told, TOLD_MS, "the target is lower", __i__);
  expect_within (wait_for (&rig, get_encoder_bitrate, TRUE, THIN, changed,
          "the encoder") - told, LOWERED_MS, "the encoder is lowered", __i__);
  wait_for (&rig, get_sent, TRUE, THIN, changed, "less media");

  changed = g_get_monotonic_time ();
  fake_signaller_set_link (rig.signaller, WIDE);
  told = wait_for (&rig, get_target, FALSE, 2 * THIN, changed,
      "a higher target");
  expect_within (told, BACK_MS, "the target is higher", __i__);
  expect_within (wait_for (&rig, get_encoder_bitrate, FALSE, 2 * THIN,
          changed, "the encoder") - told, RAISED_MS, "the encoder is raised",
      __i__);
  rig_clear (&rig);
}

GST_END_TEST;

/* Waits for a message about @name. Returns: milliseconds since @since */
static guint
wait_about (Rig * rig, GstMessageType type, const gchar * name, gint64 since)
{
  for (;;) {
    g_autoptr (GstMessage) message = rig_wait (rig, type);

    if (rig_is_about (message, name))
      return (g_get_monotonic_time () - since) / 1000;
  }
}

/* The application's encoder makes more than the network carries: a
 * warning tells the application. */
GST_START_TEST (test_who_does_not_follow_is_warned_about)
{
  gint64 changed;
  Rig rig;

  go_on_air_widely (&rig, __i__, "vp8enc deadline=1 cpu-used=8 "
      "keyframe-max-dist=60 end-usage=cbr target-bitrate="
      G_STRINGIFY (MADE) " !");
  wait_for (&rig, get_sent, FALSE, MADE * 3 / 4, 0, "so much media");
  changed = g_get_monotonic_time ();
  fake_signaller_set_link (rig.signaller, THIN);
  expect_within (wait_about (&rig, GST_MESSAGE_WARNING, "uplink-too-thin",
          changed), TOLD_MS + WARNED_MS, "the warning comes", __i__);
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
  tcase_add_loop_test (tc, test_a_link_that_gets_thin_is_followed_at_once, 0,
      G_N_ELEMENTS (feedbacks));
  tcase_add_loop_test (tc, test_who_does_not_follow_is_warned_about, 0,
      G_N_ELEMENTS (feedbacks));
  return suite;
}

GST_CHECK_MAIN (rcastsink_rates);
