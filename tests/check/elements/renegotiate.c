/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The streams change while on air: another codec, a new pad, a released pad. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "rcast-check.h"
#include "rig.h"

#define RAW "videotestsrc is-live=true ! video/x-raw,width=64,height=64 ! "
#define VP8 RAW "vp8enc deadline=1 keyframe-max-dist=15"
#define VP9 RAW "vp9enc deadline=1 keyframe-max-dist=15"
#define SOURCE VP8 " ! rcastsink name=r "

/* Connecting and settling take 0.3 s here: five times as long, twice */
#define SOON (3 * G_USEC_PER_SEC)

/* A server that takes a second offer in a session, and one that does not */
static const FakeBehaviour servers[] = { FAKE_KEEPS_FORMER, 0 };

static void
on_air (Rig * rig, const gchar * description, FakeBehaviour behaviour)
{
  rig_init (rig, description);
  g_object_set (rig->sink, "reconnect-min-delay", 10, NULL);
  fake_signaller_behave (rig->signaller, behaviour | FAKE_REPORTS_OFTEN);
  rig_set_state (rig, GST_STATE_PLAYING);
  rig_expect (rig, "signalling");
  rig_expect (rig, "connected");
  rig_expect (rig, "broadcasting");
}

/* The broadcast stays on air, unless the server needs a new session. */
static void
expect_change (Rig * rig, FakeBehaviour behaviour)
{
  GstMessage *message;

  if (!(behaviour & FAKE_KEEPS_FORMER))
    rig_expect (rig, "reconnecting_broadcast");
  message = rig_wait_status (rig, "broadcasting");
  if (behaviour & FAKE_KEEPS_FORMER)
    assert_equals_string (gst_structure_get_string (gst_message_get_structure
            (message), "reason"), "streams-changed");
  gst_message_unref (message);
}

static guint
count_in_offer (Rig * rig, const gchar * text)
{
  g_autofree gchar *offer = fake_signaller_dup_offer (rig->signaller);
  guint n = 0;

  for (const gchar * at = offer; (at = strstr (at, text)); at += strlen (text))
    n++;
  return n;
}

static void
assert_offers (Rig * rig, guint offers, guint opens)
{
  FakeCounts counts = fake_signaller_get_counts (rig->signaller);

  assert_equals_int (counts.offers, offers);
  assert_equals_int (counts.opens, opens);
}

/* Waits for new media: a report may be about earlier packets. */
static void
expect_packets (Rig * rig)
{
  FakeCounts counts = fake_signaller_get_counts (rig->signaller);

  fake_signaller_wait (rig->signaller, FAKE_PACKETS, counts.packets + 30);
}

GST_START_TEST (test_a_codec_that_changes_on_air_is_offered)
{
  FakeBehaviour server = servers[__i__];
  Rig rig;
  GstElement *selector;
  g_autoptr (GstPad) other = NULL;
  gint64 began;

  on_air (&rig, "input-selector name=s ! rcastsink name=r "
      VP8 " ! s.sink_0 " VP9 " ! s.sink_1", server);
  fail_unless (count_in_offer (&rig, "VP8/90000") == 1);
  selector = gst_bin_get_by_name (GST_BIN (rig.pipeline), "s");
  other = gst_element_get_static_pad (selector, "sink_1");
  began = g_get_monotonic_time ();
  g_object_set (selector, "active-pad", other, NULL);
  gst_object_unref (selector);
  expect_change (&rig, server);
  fail_unless (g_get_monotonic_time () - began < SOON * rcast_check_slowness ());
  fail_unless (count_in_offer (&rig, "VP8/90000") == 0);
  fail_unless (count_in_offer (&rig, "VP9/90000") == 1);
  assert_offers (&rig, 2, server ? 1 : 2);
  expect_packets (&rig);
  rig_clear (&rig);
}

GST_END_TEST;

typedef struct
{
  GMutex lock;
  GCond cond;
  gboolean come;
} Arrival;

/* The stream knows the caps once a buffer with them arrives. */
static GstPadProbeReturn
on_buffer (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  Arrival *arrival = data;

  if (!gst_structure_has_name (gst_caps_get_structure (caps, 0), "video/x-vp9"))
    return GST_PAD_PROBE_OK;
  g_mutex_lock (&arrival->lock);
  arrival->come = TRUE;
  g_cond_signal (&arrival->cond);
  g_mutex_unlock (&arrival->lock);
  return GST_PAD_PROBE_REMOVE;
}

static void
wait_for_vp9 (Rig * rig)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (rig->sink, "video_0");
  Arrival arrival = { 0, };

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_buffer, &arrival, NULL);
  g_mutex_lock (&arrival.lock);
  while (!arrival.come)
    g_cond_wait (&arrival.cond, &arrival.lock);
  g_mutex_unlock (&arrival.lock);
}

/* Switches to another source while an offer waits for its answer, then lets the answer pass. */
static void
change_before_the_answer (Rig * rig)
{
  g_autoptr (GstElement) selector =
      gst_bin_get_by_name (GST_BIN (rig->pipeline), "s");
  g_autoptr (GstPad) other = gst_element_get_static_pad (selector, "sink_1");

  g_object_set (selector, "active-pad", other, NULL);
  wait_for_vp9 (rig);
  fake_signaller_release (rig->signaller);
}

/* Waits until the sink is on air, whatever comes before. */
static void
expect_on_air (Rig * rig)
{
  gboolean on_air;

  do {
    GstMessage *message = rig_wait (rig, GST_MESSAGE_ELEMENT);

    on_air = gst_message_has_name (message, "broadcasting");
    gst_message_unref (message);
  } while (!on_air);
}

static void
expect_vp9 (Rig * rig)
{
  expect_on_air (rig);
  fail_unless (count_in_offer (rig, "VP9/90000") == 1);
  fail_unless (count_in_offer (rig, "VP8/90000") == 0);
  expect_packets (rig);
}

/* The codec changes between the offer and the answer: the agreed codec is useless, but no error. */
GST_START_TEST (test_a_codec_that_changes_before_the_answer_is_offered)
{
  static const gchar *const sources[] = { RAW "queue", VP8 };
  g_autofree gchar *description = g_strconcat ("input-selector name=s ! "
      "rcastsink name=r  ", sources[__i__ % 2], " ! s.sink_0 " VP9 " ! s.sink_1",
      NULL);
  Rig rig;

  rig_init (&rig, description);
  g_object_set (rig.sink, "reconnect-min-delay", 10, NULL);
  fake_signaller_behave (rig.signaller, servers[__i__ / 2]
      | FAKE_REPORTS_OFTEN);
  fake_signaller_hold (rig.signaller, FAKE_HOLD_OFFER);
  rig_set_state (&rig, GST_STATE_PLAYING);
  fake_signaller_wait (rig.signaller, FAKE_OFFERS, 1);
  change_before_the_answer (&rig);
  expect_vp9 (&rig);
  rig_clear (&rig);
}

GST_END_TEST;

/* No media can be confirmed here, so the sink does not wait for it. */
GST_START_TEST (test_a_codec_that_changes_in_a_recovery_is_offered)
{
  Rig rig;

  on_air (&rig, "input-selector name=s ! rcastsink name=r connect-timeout=600000 "
      VP8 " ! s.sink_0 " VP9 " ! s.sink_1", servers[__i__]);
  fake_signaller_hold (rig.signaller, FAKE_HOLD_OFFER);
  fake_signaller_forget (rig.signaller);
  fake_signaller_wait (rig.signaller, FAKE_OFFERS, 2);
  change_before_the_answer (&rig);
  expect_vp9 (&rig);
  rig_clear (&rig);
}

GST_END_TEST;

/* The source's caps: as offered, then some that cannot be offered yet, then as offered again */
typedef enum
{
  FIRST,
  OTHER,
  BACK,
} Phase;

static GstPadProbeReturn
change_phase (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  gint *phase = data;
  g_autoptr (GstCaps) caps = NULL;

  if (g_atomic_int_compare_and_exchange (phase, FIRST, OTHER))
    caps = gst_caps_new_empty_simple ("video/x-vp9");
  else if (g_atomic_int_get (phase) == BACK)
    caps = gst_caps_new_empty_simple ("video/x-vp8");
  if (caps)
    fail_unless (gst_pad_send_event (pad, gst_event_new_caps (caps)));
  return g_atomic_int_get (phase) == OTHER ? GST_PAD_PROBE_DROP :
      GST_PAD_PROBE_REMOVE;
}

/* The answer arrives while the source has another codec. Later the offer is the same again, so
 * no change of it shows that this codec is gone. */
GST_START_TEST (test_a_codec_that_is_back_is_offered)
{
  g_autoptr (GstPad) pad = NULL;
  gint phase = FIRST;
  Rig rig;

  rig_init (&rig, SOURCE);
  g_object_set (rig.sink, "reconnect-min-delay", 10, NULL);
  fake_signaller_behave (rig.signaller, servers[__i__] | FAKE_REPORTS_OFTEN);
  fake_signaller_hold (rig.signaller, FAKE_HOLD_OFFER);
  rig_set_state (&rig, GST_STATE_PLAYING);
  fake_signaller_wait (rig.signaller, FAKE_OFFERS, 1);
  pad = gst_element_get_static_pad (rig.sink, "video_0");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, change_phase, &phase,
      NULL);
  while (g_atomic_int_get (&phase) == FIRST)
    g_thread_yield ();
  fake_signaller_release (rig.signaller);
  rig_expect (&rig, "signalling");
  rig_expect (&rig, "connected");
  g_atomic_int_set (&phase, BACK);
  expect_on_air (&rig);
  fail_unless (count_in_offer (&rig, "VP8/90000") == 1);
  expect_packets (&rig);
  rig_clear (&rig);
}

GST_END_TEST;

/* Returns: (transfer full): the new pad of rcastsink */
static GstPad *
add_source (Rig * rig, const gchar * description)
{
  GstElement *bin = gst_parse_bin_from_description (description, TRUE, NULL);
  GstPad *pad = gst_element_request_pad_simple (rig->sink, "video_%u");
  g_autoptr (GstPad) src = gst_element_get_static_pad (bin, "src");

  gst_bin_add (GST_BIN (rig->pipeline), bin);
  fail_unless_equals_int (gst_pad_link (src, pad), GST_PAD_LINK_OK);
  gst_element_sync_state_with_parent (bin);
  return pad;
}

/* Removes a source of add_source() in PLAYING, as applications do. */
static void
remove_source (Rig * rig, GstPad * pad)
{
  g_autoptr (GstPad) src = gst_pad_get_peer (pad);
  g_autoptr (GstElement) source = gst_pad_get_parent_element (src);

  gst_element_set_locked_state (source, TRUE);
  gst_element_set_state (source, GST_STATE_NULL);
  gst_element_release_request_pad (rig->sink, pad);
  gst_bin_remove (GST_BIN (rig->pipeline), source);
}

GST_START_TEST (test_a_pad_that_comes_or_goes_on_air_is_offered_or_not)
{
  FakeBehaviour server = servers[__i__];
  Rig rig;
  GstPad *pad;

  on_air (&rig, SOURCE, server);
  pad = add_source (&rig, VP8);
  expect_change (&rig, server);
  assert_equals_int (count_in_offer (&rig, "m=video"), 2);
  expect_packets (&rig);

  /* If the server takes no second offer, the other streams go on as they are, without an outage. */
  remove_source (&rig, pad);
  gst_object_unref (pad);
  if (server) {
    expect_change (&rig, server);
    assert_equals_int (count_in_offer (&rig, "m=video"), 1);
  }
  expect_packets (&rig);
  assert_offers (&rig, server ? 3 : 2, server ? 1 : 2);
  rig_clear (&rig);
}

GST_END_TEST;

/* Several changes make one offer. */
GST_START_TEST (test_changes_at_once_are_one_offer)
{
  Rig rig;
  GstPad *pads[3];

  on_air (&rig, SOURCE, FAKE_KEEPS_FORMER);
  for (guint i = 0; i < G_N_ELEMENTS (pads); i++)
    pads[i] = add_source (&rig, VP8);
  for (guint i = 0; i < G_N_ELEMENTS (pads); i++)
    gst_object_unref (pads[i]);
  while (count_in_offer (&rig, "m=video") < 4)
    expect_change (&rig, FAKE_KEEPS_FORMER);
  /* A first offer may leave before the last source has data. */
  fail_unless (fake_signaller_get_counts (rig.signaller).offers <= 3);
  expect_packets (&rig);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_renegotiate_makes_a_fresh_offer)
{
  FakeBehaviour server = servers[__i__];
  Rig rig;

  on_air (&rig, SOURCE, server);
  g_signal_emit_by_name (rig.sink, "renegotiate");
  expect_change (&rig, server);
  assert_offers (&rig, 2, server ? 1 : 2);
  expect_packets (&rig);
  rig_clear (&rig);
}

GST_END_TEST;

/* If no pad is left, a new connection offers nothing. The broadcast
 * goes on once there is a pad again. */
GST_START_TEST (test_without_pads_it_waits_for_one)
{
  Rig rig;
  GstPad *pad;
  guint64 offers;
  GstMessage *message = NULL;

  /* With a second element, gst_parse_launch() makes a pipeline. */
  rig_init (&rig, "identity rcastsink name=r");
  pad = add_source (&rig, VP8);
  g_object_set (rig.sink, "reconnect-min-delay", 10, "data-channel", __i__ == 1,
      NULL);
  fake_signaller_behave (rig.signaller, FAKE_REPORTS_OFTEN);
  rig_set_state (&rig, GST_STATE_PLAYING);
  rig_expect (&rig, "signalling");
  rig_expect (&rig, "connected");
  rig_expect (&rig, "broadcasting");
  offers = fake_signaller_get_counts (rig.signaller).offers;
  remove_source (&rig, pad);
  gst_object_unref (pad);
  fake_signaller_say (rig.signaller, GST_RCAST_SERVER_HANGUP);
  rig_expect (&rig, "reconnecting_broadcast");
  fake_signaller_wait (rig.signaller, FAKE_CLOSES, 1);
  fake_signaller_sync (rig.signaller);
  assert_equals_int (fake_signaller_get_counts (rig.signaller).offers, offers);

  gst_object_unref (add_source (&rig, VP8));
  do {
    gst_clear_message (&message);
    message = rig_wait (&rig, GST_MESSAGE_ELEMENT);
  } while (!gst_message_has_name (message, "broadcasting"));
  gst_message_unref (message);
  assert_equals_int (count_in_offer (&rig, "m=video"), 1);
  expect_packets (&rig);
  rig_clear (&rig);
}

GST_END_TEST;

/* A pad that never gets data must not keep the others off air. */
GST_START_TEST (test_a_pad_without_data_does_not_hold_up_the_others)
{
  Rig rig;
  g_autoptr (GstPad) pad = NULL;

  on_air (&rig, SOURCE, 0);
  pad = gst_element_request_pad_simple (rig.sink, "video_%u");
  fake_signaller_say (rig.signaller, GST_RCAST_SERVER_HANGUP);
  rig_expect (&rig, "reconnecting_broadcast");
  rig_expect (&rig, "broadcasting");
  assert_equals_int (count_in_offer (&rig, "m=video"), 1);
  gst_element_release_request_pad (rig.sink, pad);
  rig_clear (&rig);
}

GST_END_TEST;

static Suite *
renegotiate_suite (void)
{
  Suite *s = suite_create ("renegotiate");
  TCase *tc = tcase_create ("general");

  rcast_check_survive_plugins ();
  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_checked_fixture (tc, NULL, rig_abandon);
  tcase_add_loop_test (tc,
      test_a_codec_that_changes_before_the_answer_is_offered, 0, 4);
  tcase_add_loop_test (tc, test_a_codec_that_is_back_is_offered, 0,
      G_N_ELEMENTS (servers));
  tcase_add_loop_test (tc, test_a_codec_that_changes_in_a_recovery_is_offered,
      0, G_N_ELEMENTS (servers));
  tcase_add_loop_test (tc, test_a_codec_that_changes_on_air_is_offered, 0,
      G_N_ELEMENTS (servers));
  tcase_add_loop_test (tc,
      test_a_pad_that_comes_or_goes_on_air_is_offered_or_not, 0,
      G_N_ELEMENTS (servers));
  tcase_add_test (tc, test_changes_at_once_are_one_offer);
  tcase_add_loop_test (tc, test_renegotiate_makes_a_fresh_offer, 0,
      G_N_ELEMENTS (servers));
  tcase_add_loop_test (tc, test_without_pads_it_waits_for_one, 0, 2);
  tcase_add_test (tc, test_a_pad_without_data_does_not_hold_up_the_others);
  return s;
}

GST_CHECK_MAIN (renegotiate);
