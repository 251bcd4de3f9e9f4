/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Remote candidates find their generation, and cannot fill memory. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "gstrcasticecandidates.h"

#define CANDIDATE "candidate:1 1 udp 2130706431 10.1.2.3 9 typ host"

static GstRcastLoop *loop;
static GstRcastIceGenerations *generations;
static GstRcastIceCandidates *candidates;

static void
on_failed (guint id, const GError * error, gpointer data)
{
}

static const GstRcastIceGenerationsCallbacks callbacks = { on_failed };
static const GstRcastIcePathCallbacks path_callbacks = { NULL, };

static void
set_up (void)
{
  GstRcastIceGenerationsConfig config = { "test", NULL, &callbacks,
    &path_callbacks, NULL
  };

  config.loop = loop = gst_rcast_loop_new ("candidates");
  generations = gst_rcast_ice_generations_new (&config);
  candidates = gst_rcast_ice_candidates_new ("test", generations);
}

static void
tear_down (void)
{
  gst_rcast_ice_candidates_close (candidates);
  gst_rcast_ice_generations_close (generations);
  gst_rcast_ice_candidates_free (candidates);
  gst_rcast_ice_generations_free (generations);
  gst_rcast_loop_stop (loop);
  gst_rcast_loop_unref (loop);
}

/* Starts a generation with credentials of both sides; @ufrag is the peer's. */
static GstRcastIceGeneration *
start (const gchar * ufrag)
{
  GstRcastIceGeneration *generation =
      gst_rcast_ice_generations_start (generations);

  gst_rcast_ice_generation_set_local (generation, "us", "password");
  gst_rcast_ice_generation_set_remote (generation, ufrag, "password");
  return generation;
}

static gchar *
with_ufrag (const gchar * ufrag)
{
  return g_strdup_printf (CANDIDATE " ufrag %s", ufrag);
}

GST_START_TEST (test_candidate_is_of_the_generation_of_its_ufrag)
{
  GstRcastIceGeneration *active = start ("old");
  GstRcastIceGeneration *pending = start ("new");
  g_autofree gchar *old = with_ufrag ("old");
  g_autofree gchar *recent = with_ufrag ("new");

  gst_rcast_ice_candidates_add (candidates, old);
  gst_rcast_ice_candidates_add (candidates, recent);
  gst_rcast_ice_candidates_add (candidates, CANDIDATE);
  fail_unless (gst_rcast_ice_generation_has_candidate (active, old));
  fail_if (gst_rcast_ice_generation_has_candidate (active, recent));
  fail_if (gst_rcast_ice_generation_has_candidate (active, CANDIDATE));
  fail_unless (gst_rcast_ice_generation_has_candidate (pending, recent));
  fail_unless (gst_rcast_ice_generation_has_candidate (pending, CANDIDATE));
}

GST_END_TEST;

GST_START_TEST (test_early_candidate_waits_for_its_generation)
{
  g_autofree gchar *early = with_ufrag ("peer");
  GstRcastIceGeneration *generation;

  gst_rcast_ice_candidates_add (candidates, early);
  generation = start ("peer");
  fail_if (gst_rcast_ice_generation_has_candidate (generation, early));
  gst_rcast_ice_candidates_retry (candidates);
  fail_unless (gst_rcast_ice_generation_has_candidate (generation, early));
}

GST_END_TEST;

GST_START_TEST (test_what_is_no_candidate_is_dropped)
{
  g_autofree gchar *longest = g_strnfill (1024, 'x');
  g_autofree gchar *too_long = g_strnfill (500000, 'x');
  GstRcastIceGeneration *generation = start ("peer");

  memcpy (longest, CANDIDATE " ", strlen (CANDIDATE " "));
  memcpy (too_long, CANDIDATE " ", strlen (CANDIDATE " "));
  fail_if (gst_rcast_ice_candidates_is_too_long (longest));
  fail_unless (gst_rcast_ice_candidates_is_too_long (too_long));
  gst_rcast_ice_candidates_add (candidates, longest);
  gst_rcast_ice_candidates_add (candidates, too_long);
  gst_rcast_ice_candidates_add (candidates, "candidate:1 1 udp 1 10.1.2.3 9");
  gst_rcast_ice_candidates_add (candidates, "");
  fail_unless (gst_rcast_ice_generation_has_candidate (generation, longest));
  fail_if (gst_rcast_ice_generation_has_candidate (generation, too_long));
  fail_if (gst_rcast_ice_generation_has_candidate (generation,
          "candidate:1 1 udp 1 10.1.2.3 9"));
}

GST_END_TEST;

GST_START_TEST (test_number_of_candidates_is_limited)
{
  GstRcastIceGeneration *generation = start ("peer");
  guint n = 0;

  for (guint i = 0; i < 1000; i++) {
    g_autofree gchar *candidate = g_strdup_printf ("candidate:1 1 udp %u "
        "10.1.2.3 9 typ host", i);

    gst_rcast_ice_candidates_add (candidates, candidate);
    n += gst_rcast_ice_generation_has_candidate (generation, candidate);
  }
  assert_equals_int (n, 128);
}

GST_END_TEST;

/* Each restart that never works leaves such a generation. */
GST_START_TEST (test_replaced_generation_keeps_its_candidates_away)
{
  g_autofree gchar *replaced = with_ufrag ("second");
  GstRcastIceGeneration *latest;

  start ("active");
  start ("second");
  latest = start ("third");
  gst_rcast_ice_candidates_add (candidates, replaced);
  gst_rcast_ice_candidates_retry (candidates);
  fail_if (gst_rcast_ice_generation_has_candidate (latest, replaced));
}

GST_END_TEST;

static Suite *
candidates_suite (void)
{
  Suite *s = suite_create ("ice-candidates");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_test (tc, test_candidate_is_of_the_generation_of_its_ufrag);
  tcase_add_test (tc, test_early_candidate_waits_for_its_generation);
  tcase_add_test (tc, test_what_is_no_candidate_is_dropped);
  tcase_add_test (tc, test_number_of_candidates_is_limited);
  tcase_add_test (tc, test_replaced_generation_keeps_its_candidates_away);
  return s;
}

GST_CHECK_MAIN (candidates);
