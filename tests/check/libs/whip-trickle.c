/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which candidates go into which PATCH, without a server, a clock or a socket. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "whip-trickle.h"

#define OFFER(ufrag, more) "v=0\r\no=- 1 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n" \
  "a=group:BUNDLE 1 0\r\n" \
  "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n" \
  "a=ice-ufrag:" ufrag "\r\na=ice-pwd:passwordpasswordpassword\r\n" \
  "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:1\r\n" \
  "a=ice-ufrag:" ufrag "\r\na=ice-pwd:passwordpasswordpassword\r\n" more
#define C(n) "candidate:" n " 1 UDP 1 192.0.2.1 1 typ host"

/* A step, and its expected result */
typedef enum
{
  END,
  OFFER_OUT,                    /* text: its ufrag */
  OFFER_WITH_C1,                /* the same, with candidate 1 and the end in it */
  RESTART_OUT,                  /* text: its ufrag; want: the candidates in the fragment */
  AGREE,
  AGREE_WITHOUT,                /* the server takes no candidates */
  RETIRE,
  ADD,                          /* text: "ufrag candidate", or "ufrag" for the end; want: "now" if it could go out */
  NEXT,                         /* want: the candidates of the fragment, NULL: no fragment */
  TAKEN, AGAIN, DROPPED, REFUSED,       /* want: "lost" if the candidates are */
} What;

typedef struct
{
  What what;
  const gchar *text, *want;
} Step;

#define STEPS 24

static const struct
{
  const gchar *name;
  Step steps[STEPS];
} rows[] = {
  {"candidates wait for the answer and go together", {
          {ADD, "a 1"}, {NEXT}, {OFFER_OUT, "a"}, {ADD, "a 2"}, {NEXT},
          {AGREE}, {NEXT, NULL, "1 2"}, {TAKEN}, {NEXT}}},
  {"one fragment at a time", {
          {OFFER_OUT, "a"}, {AGREE}, {ADD, "a 1", "now"}, {NEXT, NULL, "1"},
          {ADD, "a 2"}, {NEXT}, {TAKEN}, {NEXT, NULL, "2"}}},
  {"each once, with its ufrag or without", {
          {OFFER_OUT, "a"}, {AGREE}, {ADD, "a 1", "now"}, {ADD, "a 1", "now"},
          {ADD, "a 1 ufrag a", "now"}, {NEXT, NULL, "1"}, {TAKEN},
          {ADD, "a 1", "now"}, {NEXT}}},
  {"those of the offer are not repeated", {
          {OFFER_WITH_C1, "a"}, {AGREE}, {ADD, "a 1", "now"}, {ADD, "a", "now"},
          {NEXT}}},
  {"the end goes along", {
          {OFFER_OUT, "a"}, {AGREE}, {ADD, "a 1", "now"}, {ADD, "a", "now"},
          {NEXT, NULL, "1 end"}, {TAKEN}, {NEXT}}},
  {"nothing after the end (RFC 8838 14)", {
          {OFFER_OUT, "a"}, {AGREE}, {ADD, "a", "now"}, {NEXT, NULL, "end"},
          {TAKEN}, {ADD, "a 1", "now"}, {ADD, "a", "now"}, {NEXT}}},
  {"those of a generation to come wait for it", {
          {OFFER_OUT, "a"}, {AGREE}, {ADD, "b 1"}, {NEXT},
          {RESTART_OUT, "b", "1"}, {ADD, "b 2"}, {NEXT}, {AGREE},
          {NEXT, NULL, "2"}}},
  {"those of a generation before are late", {
          {OFFER_OUT, "a"}, {AGREE}, {ADD, "a 1", "now"},
          {RESTART_OUT, "b", ""}, {ADD, "a 2"}, {AGREE}, {NEXT}}},
  {"a generation that never was is not named", {
          {OFFER_OUT, "a"}, {AGREE}, {RESTART_OUT, "b", ""}, {RETIRE},
          {ADD, "b 1"}, {ADD, "a 2"}, {NEXT}, {OFFER_OUT, "c"}, {AGREE},
          {NEXT}}},
  {"a restart overtakes a fragment", {
          {OFFER_OUT, "a"}, {AGREE}, {ADD, "a 1", "now"}, {NEXT, NULL, "1"},
          {RESTART_OUT, "b", ""}, {REFUSED}, {AGREE}, {ADD, "b 2", "now"},
          {NEXT, NULL, "2"}}},
  {"trouble: the same once more, in front of what came since", {
          {OFFER_OUT, "a"}, {AGREE}, {ADD, "a 1", "now"}, {ADD, "a 2", "now"},
          {NEXT, NULL, "1 2"}, {ADD, "a 3"}, {AGAIN}, {NEXT, NULL, "1 2 3"},
          {TAKEN}, {NEXT}}},
  {"trouble with the end", {
          {OFFER_OUT, "a"}, {AGREE}, {ADD, "a", "now"}, {NEXT, NULL, "end"},
          {AGAIN}, {NEXT, NULL, "end"}, {TAKEN}, {NEXT}}},
  {"four times in vain, then they are lost", {
          {OFFER_OUT, "a"}, {AGREE}, {ADD, "a 1", "now"}, {NEXT, NULL, "1"},
          {AGAIN}, {NEXT, NULL, "1"}, {AGAIN}, {NEXT, NULL, "1"}, {AGAIN},
          {NEXT, NULL, "1"}, {AGAIN, NULL, "lost"}, {NEXT},
          {ADD, "a 2", "now"}, {NEXT, NULL, "2"}, {AGAIN}, {NEXT, NULL, "2"}}},
  {"a success in between counts anew", {
          {OFFER_OUT, "a"}, {AGREE}, {ADD, "a 1", "now"}, {NEXT, NULL, "1"},
          {AGAIN}, {NEXT, NULL, "1"}, {AGAIN}, {NEXT, NULL, "1"}, {TAKEN},
          {ADD, "a 2", "now"}, {NEXT, NULL, "2"}, {AGAIN}, {NEXT, NULL, "2"},
          {AGAIN}, {NEXT, NULL, "2"}, {AGAIN}, {NEXT, NULL, "2"},
          {AGAIN, NULL, "lost"}}},
  {"dropped, and later ones are sent", {
          {OFFER_OUT, "a"}, {AGREE}, {ADD, "a 1", "now"}, {NEXT, NULL, "1"},
          {DROPPED, NULL, "lost"}, {NEXT}, {ADD, "a 2", "now"},
          {NEXT, NULL, "2"}}},
  {"refused for good", {
          {OFFER_OUT, "a"}, {AGREE}, {ADD, "a 1", "now"}, {NEXT, NULL, "1"},
          {REFUSED, NULL, "lost"}, {ADD, "a 2"}, {NEXT},
          {RESTART_OUT, "b", ""}, {AGREE}, {ADD, "b 3", "now"},
          {NEXT, NULL, "3"}}},
  {"a server that takes none", {
          {OFFER_OUT, "a"}, {ADD, "a 1"}, {AGREE_WITHOUT}, {NEXT},
          {ADD, "a 2"}, {NEXT}, {RESTART_OUT, "b", ""}, {AGREE}, {NEXT}}},
  {"a result that belongs to nothing", {
          {TAKEN}, {AGAIN}, {REFUSED}, {OFFER_OUT, "a"}, {REFUSED}, {AGREE},
          {AGAIN}, {ADD, "a 1", "now"}, {NEXT, NULL, "1"}}},
  {"the same generation is offered again", {
          {OFFER_OUT, "a"}, {AGREE}, {ADD, "a 1", "now"}, {NEXT, NULL, "1"},
          {OFFER_OUT, "a"}, {AGREE}, {ADD, "a 1", "now"}, {NEXT, NULL, "1"}}},
};

static gchar *
print_candidates (GstRcastSdpFragment * fragment)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < fragment->candidates->len; i++) {
    const gchar *text = g_ptr_array_index (fragment->candidates, i);
    const gchar *number = strchr (text, ':') + 1;

    g_string_append_printf (out, "%s%.*s", out->len ? " " : "",
        (gint) strcspn (number, " "), number);
  }
  if (fragment->end_of_candidates)
    g_string_append (out, out->len ? " end" : "end");
  return g_string_free (out, FALSE);
}

static gchar *
build_offer (What what, const gchar * ufrag)
{
  g_auto (GStrv) parts = g_strsplit (OFFER ("%U", ""), "%U", -1);
  g_autofree gchar *offer = g_strjoinv (ufrag, parts);

  return g_strconcat (offer, what == OFFER_WITH_C1 ? "a=" C ("1")
      "\r\na=end-of-candidates\r\n" : NULL, NULL);
}

static void
begin (WhipTrickle * trickle, const Step * step, const gchar * name)
{
  g_autofree gchar *ufrag = g_strconcat ("ufr", step->text, NULL);
  g_autofree gchar *offer = build_offer (step->what, ufrag);
  g_autoptr (GstRcastSdpFragment) fragment = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GstSDPMessage) sdp = whip_trickle_begin (trickle, offer,
      step->what == RESTART_OUT ? &fragment : NULL, &error);
  g_autofree gchar *have = NULL;

  fail_unless (sdp != NULL, "%s: %s", name, error ? error->message : "");
  if (step->what != RESTART_OUT)
    return;
  have = print_candidates (fragment);
  assert_equals_string (have, step->want);
  assert_equals_string (fragment->ufrag, ufrag);
  /* the first section of the bundle */
  assert_equals_int (fragment->mline, 1);
}

static gboolean
add (WhipTrickle * trickle, const gchar * text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", 3);
  g_autofree gchar *ufrag = g_strconcat ("ufr", words[0], NULL);
  g_autofree gchar *candidate = NULL;

  if (words[1])
    candidate = g_strdup_printf ("candidate:%s 1 UDP 1 192.0.2.1 1 typ host"
        "%s%s", words[1], words[2] ? " " : "", words[2] ? words[2] : "");
  return whip_trickle_add (trickle, ufrag, candidate);
}

static void
next (WhipTrickle * trickle, const Step * step, const gchar * name)
{
  g_autoptr (GstRcastSdpFragment) fragment = whip_trickle_next (trickle);
  g_autofree gchar *have = fragment ? print_candidates (fragment) : NULL;

  fail_unless (g_strcmp0 (have, step->want) == 0, "%s: got %s, not %s", name,
      have, step->want);
  if (fragment)
    assert_equals_int (fragment->mline, 1);
}

static void
run (WhipTrickle * trickle, const Step * step, const gchar * name)
{
  switch (step->what) {
    case END:
      break;
    case OFFER_OUT:
    case OFFER_WITH_C1:
    case RESTART_OUT:
      begin (trickle, step, name);
      break;
    case AGREE:
    case AGREE_WITHOUT:
      whip_trickle_agree (trickle, step->what == AGREE);
      break;
    case RETIRE:
      whip_trickle_retire (trickle);
      break;
    case ADD:
      fail_unless (add (trickle, step->text) == (step->want != NULL), "%s: %s",
          name, step->text);
      break;
    case NEXT:
      next (trickle, step, name);
      break;
    case TAKEN:
    case AGAIN:
    case DROPPED:
    case REFUSED:
      fail_unless (whip_trickle_result (trickle, WHIP_TRICKLE_TAKEN
              + step->what - TAKEN) == (step->want == NULL), "%s", name);
      break;
  }
}

GST_START_TEST (test_steps)
{
  g_autoptr (WhipTrickle) trickle = whip_trickle_new ();

  for (guint i = 0; i < STEPS; i++)
    run (trickle, &rows[__i__].steps[i], rows[__i__].name);
}
GST_END_TEST;

GST_START_TEST (test_offer_that_is_none_changes_nothing)
{
  static const gchar *const offers[] = {
    "", "hello", "v=0\r\no=- 1 0 IN IP4 0\r\ns=-\r\nm=audio 9 A 1\r\n",
    "v=0\r\no=- 1 0 IN IP4 0\r\ns=-\r\nm=audio 9 A 1\r\na=ice-ufrag:abcd\r\n",
  };
  g_autoptr (WhipTrickle) trickle = whip_trickle_new ();
  const Step offer = { OFFER_OUT, "a" };
  const Step last = { NEXT, NULL, "1" };

  begin (trickle, &offer, "");
  whip_trickle_agree (trickle, TRUE);
  add (trickle, "a 1");
  for (guint i = 0; i < G_N_ELEMENTS (offers); i++) {
    g_autoptr (GstRcastSdpFragment) fragment = NULL;
    g_autoptr (GError) error = NULL;

    fail_unless (whip_trickle_begin (trickle, offers[i], &fragment, &error)
        == NULL);
    fail_unless (error != NULL && fragment == NULL);
  }
  next (trickle, &last, "");
}
GST_END_TEST;

/* An agent gathers for ever, for a generation that never comes. */
GST_START_TEST (test_waiting_candidates_are_limited)
{
  g_autoptr (WhipTrickle) trickle = whip_trickle_new ();
  const Step restart = { RESTART_OUT, "b", "" };
  g_autoptr (GstRcastSdpFragment) fragment = NULL;
  g_autoptr (GstSDPMessage) sdp = NULL;
  g_autofree gchar *offer = build_offer (RESTART_OUT, "ufrb");

  for (guint i = 0; i < 2 * GST_RCAST_SDP_MAX_CANDIDATES; i++) {
    g_autofree gchar *text = g_strdup_printf ("%s %u", restart.text, i);

    fail_if (add (trickle, text));
  }
  sdp = whip_trickle_begin (trickle, offer, &fragment, NULL);
  assert_equals_int (fragment->candidates->len, GST_RCAST_SDP_MAX_CANDIDATES);
}
GST_END_TEST;

static Suite *
whip_trickle_suite (void)
{
  Suite *s = suite_create ("whip-trickle");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_steps, 0, G_N_ELEMENTS (rows));
  tcase_add_test (tc, test_offer_that_is_none_changes_nothing);
  tcase_add_test (tc, test_waiting_candidates_are_limited);
  return s;
}

GST_CHECK_MAIN (whip_trickle);
