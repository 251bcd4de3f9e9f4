/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Candidates on their way to a server: in order, once, and again if no answer came. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "janus-message.h"
#include "net-candidates.h"
#include "net-offer.h"

#define ONE(n, mid, index) "\"candidate\":{\"candidate\":\"candidate:" n "\"," \
  "\"sdpMid\":\"" mid "\",\"sdpMLineIndex\":" index "}"

typedef struct
{
  NetCandidates *candidates;
  GPtrArray *mids;
  guint requests;
} Fixture;

static void
fixture_init (Fixture * f)
{
  f->candidates = net_candidates_new ();
  f->mids = g_ptr_array_new ();
  g_ptr_array_add (f->mids, (gpointer) "v");
  g_ptr_array_add (f->mids, (gpointer) "a");
  f->requests = 0;
}

static void
fixture_clear (Fixture * f)
{
  net_candidates_free (f->candidates);
  g_ptr_array_unref (f->mids);
}

/* Checks the next message; %NULL: there is none */
static void
check_next (Fixture * f, const gchar * ufrag, const gchar * wanted)
{
  g_autoptr (GArray) out =
      net_candidates_take (f->candidates, ufrag, f->mids, G_MAXUINT);
  g_autofree gchar *members = out->len == 0 ? NULL :
      janus_print_trickle ((NetCandidate *) out->data, out->len);

  fail_unless (g_strcmp0 (members, wanted) == 0, "%s", members);
  if (members)
    net_candidates_sent (f->candidates, ++f->requests);
}

GST_START_TEST (test_each_goes_once_with_its_offer)
{
  Fixture f;

  fixture_init (&f);
  net_candidates_add (f.candidates, 1, "u", "candidate:1");
  check_next (&f, "other", NULL);
  check_next (&f, "u", ONE ("1", "a", "1"));
  check_next (&f, "u", NULL);
  net_candidates_add (f.candidates, 0, "u", "candidate:2");
  net_candidates_add (f.candidates, 0, "u", NULL);
  check_next (&f, "u", "\"candidates\":[{\"candidate\":\"candidate:2\","
      "\"sdpMid\":\"v\",\"sdpMLineIndex\":0},{\"completed\":true}]");
  net_candidates_arrived (f.candidates, 1);
  assert_equals_int (net_candidates_count (f.candidates), 2);
  net_candidates_arrived (f.candidates, 2);
  assert_equals_int (net_candidates_count (f.candidates), 0);
  /* Answers that come late, or twice */
  net_candidates_arrived (f.candidates, 2);
  net_candidates_timed_out (f.candidates, 1);
  check_next (&f, "u", NULL);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_unanswered_ones_go_again_some_times)
{
  Fixture f;

  fixture_init (&f);
  net_candidates_add (f.candidates, 0, "u", "candidate:1");
  for (guint i = 0; i < NET_CANDIDATE_TRIES; i++) {
    check_next (&f, "u", ONE ("1", "v", "0"));
    net_candidates_timed_out (f.candidates, f.requests);
  }
  check_next (&f, "u", NULL);
  assert_equals_int (net_candidates_count (f.candidates), 0);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_a_new_connection_begins_anew)
{
  Fixture f;

  fixture_init (&f);
  net_candidates_add (f.candidates, 0, "u", "candidate:1");
  for (guint i = 0; i < 2 * NET_CANDIDATE_TRIES; i++) {
    check_next (&f, "u", ONE ("1", "v", "0"));
    net_candidates_unsent (f.candidates);
  }
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_offers_that_are_over)
{
  Fixture f;

  fixture_init (&f);
  net_candidates_add (f.candidates, 0, "old", "candidate:1");
  net_candidates_add (f.candidates, 0, "media", "candidate:2");
  net_candidates_add (f.candidates, 0, "new", "candidate:3");
  net_candidates_add (f.candidates, 0, NULL, "candidate:4");
  net_candidates_keep_only (f.candidates, "new", "media");
  assert_equals_int (net_candidates_count (f.candidates), 2);
  check_next (&f, "media", ONE ("2", "v", "0"));
  check_next (&f, "new", ONE ("3", "v", "0"));
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_number_is_limited)
{
  Fixture f;

  fixture_init (&f);
  for (guint i = 0; i < 2 * NET_MAX_PENDING_CANDIDATES; i++)
    net_candidates_add (f.candidates, 0, "dead", "candidate:0");
  net_candidates_add (f.candidates, 7, "u", "candidate:1");
  assert_equals_int (net_candidates_count (f.candidates),
      NET_MAX_PENDING_CANDIDATES);
  /* An m-section that the offer does not have has no mid. */
  check_next (&f, "u", "\"candidate\":{\"candidate\":\"candidate:1\","
      "\"sdpMLineIndex\":7}");
  fixture_clear (&f);
}

GST_END_TEST;

#define ANSWER(kind, port) "v=0\r\no=- 1 1 IN IP4 1.1.1.1\r\ns=-\r\nt=0 0\r\n" \
  "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 1.1.1.1\r\n" \
  "m=" kind " " port " UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 1.1.1.1\r\n"

GST_START_TEST (test_what_an_answer_refuses)
{
  static const struct
  {
    const gchar *answer, *refused;
    gboolean wrong;
  } rows[] = {
    {ANSWER ("audio", "9"), NULL, FALSE},
    {ANSWER ("audio", "0"), "m-section 1 (audio)", FALSE},
    {ANSWER ("application", "0"), NULL, FALSE},
    {ANSWER ("\033[31mred", "0"), "m-section 1 ([31mred)", FALSE},
    {"no SDP", NULL, TRUE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree gchar *refused =
        net_offer_find_refused (rows[i].answer, &error);

    fail_unless (g_strcmp0 (refused, rows[i].refused) == 0, "%u: %s", i,
        refused);
    fail_unless ((error != NULL) == rows[i].wrong, "%u", i);
  }
}

GST_END_TEST;

static Suite *
net_candidates_suite (void)
{
  Suite *s = suite_create ("net-candidates");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_each_goes_once_with_its_offer);
  tcase_add_test (tc, test_unanswered_ones_go_again_some_times);
  tcase_add_test (tc, test_a_new_connection_begins_anew);
  tcase_add_test (tc, test_offers_that_are_over);
  tcase_add_test (tc, test_number_is_limited);
  tcase_add_test (tc, test_what_an_answer_refuses);
  return s;
}

GST_CHECK_MAIN (net_candidates);
