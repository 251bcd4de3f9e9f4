/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sessions that were left at a server are ended there, again and again within
 * bounds, also by a later process. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include <string.h>

#include "rcast-ghosts.h"

#define A "https://a.example/whip/x?key=s3cret"
#define A_ORIGIN "https://a.example:443"
#define B "http://b.example:8080/whip"
#define B_ORIGIN "http://b.example:8080"
#define DATE 1700000000

/* One step of a story. */
typedef enum
{
  OPENED = GST_RCAST_SESSION_OPENED,
  LEAVING = GST_RCAST_SESSION_LEAVING,
  LEFT = GST_RCAST_SESSION_LEFT,
  ENDED = GST_RCAST_SESSION_ENDED,
  OFFER,                        /* an offer is to go to A */
  REACHED,                      /* A has taken a connection */
  DUE,                          /* the next attempt is due */
  GONE, AWAY, TROUBLE, REFUSED, UNSUPPORTED,    /* results of the attempts */
  HURRY,
  ABANDON,
} What;

/* @begun: attempts that are begun, or in flight after the step; @due: ms until the next attempt,
 * -1: none; @has: whether a slot at A may be taken */
typedef struct
{
  guint ms;
  What what;
  const gchar *session;
  guint begun;
  gint due;
  gboolean has;
} Row;

typedef struct
{
  const gchar *name;
  Row rows[16];
} Story;

#define SECOND 1000
#define HOUR (3600 * SECOND)

static const Story stories[] = {
  {"a goodbye that arrives", {
          {0, OPENED, "a", 0, -1, TRUE},
          {100, LEAVING, "a", 0, -1, TRUE},
          {150, ENDED, "a", 0, -1, TRUE},
          {5149, DUE, NULL, 0, -1, TRUE},
          {5150, DUE, NULL, 0, -1, FALSE}}},
  {"a goodbye that gets lost is repeated before the next offer", {
          {0, OPENED, "a", 0, -1, TRUE},
          {100, LEAVING, "a", 0, -1, TRUE},
          {3100, LEFT, "a", 0, 1000, TRUE},
          {3200, OFFER, NULL, 1, -1, TRUE},
          {3250, GONE, NULL, 0, -1, TRUE},
          {8250, OFFER, NULL, 0, -1, FALSE}}},
  {"a goodbye that hangs is helped", {
          {0, OPENED, "a", 0, -1, TRUE},
          {100, LEAVING, "a", 0, -1, TRUE},
          {599, OFFER, NULL, 0, -1, TRUE},
          {600, OFFER, NULL, 1, -1, TRUE},
          {700, LEFT, "a", 1, -1, TRUE},
          {800, GONE, NULL, 0, -1, TRUE}}},
  {"an attempt that hangs is helped, too, and either may be heard", {
          {0, LEFT, "a", 0, 1000, TRUE},
          {1000, DUE, NULL, 1, -1, TRUE},
          {1499, OFFER, NULL, 1, -1, TRUE},
          {1500, OFFER, NULL, 2, -1, TRUE},
          {1600, AWAY, NULL, 1, -1, TRUE},
          {1700, GONE, NULL, 0, -1, TRUE},
          {6700, DUE, NULL, 0, -1, FALSE}}},
  {"when all that was tried is lost the next one comes", {
          {0, LEFT, "a", 0, 1000, TRUE},
          {1000, DUE, NULL, 1, -1, TRUE},
          {1500, OFFER, NULL, 2, -1, TRUE},
          {4000, AWAY, NULL, 1, -1, TRUE},
          {4500, AWAY, NULL, 0, 2000, TRUE},
          {6500, DUE, NULL, 1, -1, TRUE}}},
  {"without an offer it is tried at growing steps", {
          {0, LEFT, "a", 0, 1000, TRUE},
          {999, DUE, NULL, 0, 1, TRUE},
          {1000, DUE, NULL, 1, -1, TRUE},
          {1000, AWAY, NULL, 0, 1000, TRUE},
          {2000, DUE, NULL, 1, -1, TRUE},
          {2000, AWAY, NULL, 0, 2000, TRUE},
          {4000, DUE, NULL, 1, -1, TRUE},
          {4000, AWAY, NULL, 0, 4000, TRUE},
          {5000, HURRY, NULL, 0, 0, TRUE},
          {5000, DUE, NULL, 1, -1, TRUE},
          {5000, GONE, NULL, 0, -1, TRUE}}},
  {"a server that never comes back is forgotten after a week", {
          {0, LEFT, "a", 0, 1000, TRUE},
          {7 * 24 * HOUR, DUE, NULL, 1, -1, TRUE},
          {7 * 24 * HOUR, AWAY, NULL, 0, 1000, TRUE},
          {7 * 24 * HOUR + 1, OFFER, NULL, 0, -1, FALSE}}},
  {"a server that refuses is asked five times", {
          {0, LEFT, "a", 0, 1000, TRUE},
          {1, OFFER, NULL, 1, -1, TRUE}, {1, REFUSED, NULL, 0, 1000, TRUE},
          {2, OFFER, NULL, 1, -1, TRUE}, {2, REFUSED, NULL, 0, 2000, TRUE},
          {3, OFFER, NULL, 1, -1, TRUE}, {3, REFUSED, NULL, 0, 4000, TRUE},
          {4, OFFER, NULL, 1, -1, TRUE}, {4, REFUSED, NULL, 0, 8000, TRUE},
          {5, OFFER, NULL, 1, -1, TRUE}, {5, REFUSED, NULL, 0, -1, TRUE},
          {6, OFFER, NULL, 0, -1, TRUE},
          {35005, DUE, NULL, 0, -1, FALSE}}},
  {"what has refused is not asked again because it can be reached", {
          {0, LEFT, "a", 0, 1000, TRUE},
          {1, OFFER, NULL, 1, -1, TRUE}, {1, AWAY, NULL, 0, 1000, TRUE},
          {2, REACHED, NULL, 1, -1, TRUE}, {2, REFUSED, NULL, 0, 2000, TRUE},
          {3, REACHED, NULL, 0, 1999, TRUE},
          {4, OFFER, NULL, 1, -1, TRUE}, {4, REFUSED, NULL, 0, 4000, TRUE},
          {5, REACHED, NULL, 0, 3999, TRUE},
          {4004, REACHED, NULL, 1, -1, TRUE},
          {4004, AWAY, NULL, 0, 8000, TRUE},
          {4005, REACHED, NULL, 1, -1, TRUE},
          {4005, TROUBLE, NULL, 0, 16000, TRUE},
          {4006, REACHED, NULL, 1, -1, TRUE},
          {4006, GONE, NULL, 0, -1, TRUE}}},
  {"a server that ends nothing on request has time to do it by itself", {
          {0, LEFT, "a", 0, 1000, TRUE},
          {1, OFFER, NULL, 1, -1, TRUE},
          {1, UNSUPPORTED, NULL, 0, -1, TRUE},
          {35000, OFFER, NULL, 0, -1, TRUE},
          {35001, OFFER, NULL, 0, -1, FALSE}}},
  {"trouble is no refusal", {
          {0, LEFT, "a", 0, 1000, TRUE},
          {1, OFFER, NULL, 1, -1, TRUE}, {1, TROUBLE, NULL, 0, 1000, TRUE},
          {2, OFFER, NULL, 1, -1, TRUE}, {2, TROUBLE, NULL, 0, 2000, TRUE},
          {3, OFFER, NULL, 1, -1, TRUE}, {3, TROUBLE, NULL, 0, 4000, TRUE},
          {4, OFFER, NULL, 1, -1, TRUE}, {4, TROUBLE, NULL, 0, 8000, TRUE},
          {5, OFFER, NULL, 1, -1, TRUE}, {5, TROUBLE, NULL, 0, 16000, TRUE},
          {6, OFFER, NULL, 1, -1, TRUE}, {6, GONE, NULL, 0, -1, TRUE}}},
  {"an answer that never came leaves something without a name", {
          {0, LEFT, NULL, 0, -1, TRUE},
          {10, OFFER, NULL, 0, -1, TRUE},
          {20000, LEFT, NULL, 0, -1, TRUE},
          {54999, OFFER, NULL, 0, -1, TRUE},
          {55000, OFFER, NULL, 0, -1, FALSE}}},
  {"the name of a session may come again", {
          {0, LEFT, "a", 0, 1000, TRUE},
          {1, OFFER, NULL, 1, -1, TRUE},
          {2, OPENED, "a", 0, -1, TRUE},
          {3, GONE, NULL, 0, -1, TRUE},
          {9000, OFFER, NULL, 0, -1, TRUE},
          {9001, LEAVING, "a", 0, -1, TRUE}}},
  {"what the signaller no longer reports is left", {
          {0, OPENED, "a", 0, -1, TRUE},
          {0, OPENED, "b", 0, -1, TRUE},
          {1, LEAVING, "b", 0, -1, TRUE},
          {2, ABANDON, NULL, 0, 0, TRUE},
          {2, OFFER, NULL, 2, -1, TRUE}}},
  {"the end of an unknown session is nothing", {
          {0, ENDED, "a", 0, -1, FALSE}}},
  {"a name that can be none is none", {
          {0, OPENED, "a\r\nb", 0, -1, TRUE},
          {35000, OFFER, NULL, 0, -1, FALSE}}},
};

static gint64
ms (guint ms)
{
  return (gint64) ms *(gint64) GST_MSECOND;
}

static void
answer_all (GstRcastGhostList * list, GstRcastGhostOutcome outcome, gint64 now)
{
  const GstRcastGhost *ghost;

  for (guint i = 0; (ghost = gst_rcast_ghost_list_get (list, i)); i++) {
    if (ghost->state == GST_RCAST_GHOST_ENDING)
      gst_rcast_ghost_list_answer (list, ghost->id, outcome, 1, now);
  }
}

static void
begin (GstRcastGhostList * list, GstRcastGhostOccasion occasion,
    const gchar * origin, gint64 now)
{
  g_autoptr (GPtrArray) begun =
      gst_rcast_ghost_list_begin (list, occasion, origin, now);

  for (guint i = 0; i < begun->len; i++) {
    GstRcastGhost *ghost = g_ptr_array_index (begun, i);

    assert_equals_string (ghost->origin, A_ORIGIN);
    assert_equals_string (ghost->location, A);
  }
}

static void
make_step (GstRcastGhostList * list, const Row * row)
{
  gint64 now = ms (row->ms);

  switch (row->what) {
    case OPENED:
    case LEAVING:
    case LEFT:
    case ENDED:
      gst_rcast_ghost_list_change (list, A, row->session,
          (GstRcastSessionState) row->what, now);
      break;
    case OFFER:
      begin (list, GST_RCAST_GHOST_OFFER, A_ORIGIN, now);
      break;
    case REACHED:
      begin (list, GST_RCAST_GHOST_REACHED, A_ORIGIN, now);
      break;
    case DUE:
      begin (list, GST_RCAST_GHOST_DUE, NULL, now);
      break;
    case GONE:
    case AWAY:
    case TROUBLE:
    case REFUSED:
    case UNSUPPORTED:
      answer_all (list, (GstRcastGhostOutcome) (row->what - GONE), now);
      break;
    case HURRY:
      gst_rcast_ghost_list_hurry (list, now);
      break;
    case ABANDON:
      gst_rcast_ghost_list_abandon (list, now);
      break;
  }
}

static guint
count (GstRcastGhostList * list, GstRcastGhostState state)
{
  const GstRcastGhost *ghost;
  guint n = 0;

  for (guint i = 0; (ghost = gst_rcast_ghost_list_get (list, i)); i++)
    n += ghost->state == state;
  return n;
}

static guint
count_under_way (GstRcastGhostList * list)
{
  const GstRcastGhost *ghost;
  guint n = 0;

  for (guint i = 0; (ghost = gst_rcast_ghost_list_get (list, i)); i++)
    n += ghost->under_way;
  return n;
}

GST_START_TEST (test_stories)
{
  const Story *story = &stories[__i__];
  g_autoptr (GstRcastGhostList) list = gst_rcast_ghost_list_new ();

  for (guint i = 0; i < G_N_ELEMENTS (story->rows); i++) {
    const Row *row = &story->rows[i];
    GstClockTime due;

    if (i > 0 && row->ms == 0 && row->what == OPENED && !row->session)
      break;
    make_step (list, row);
    due = gst_rcast_ghost_list_get_due (list);
    fail_unless (count_under_way (list) == row->begun,
        "%s, step %u: %u under way", story->name, i,
        count_under_way (list));
    fail_unless (row->due < 0 ? due == GST_CLOCK_TIME_NONE :
        due == (GstClockTime) ms (row->ms + row->due), "%s, step %u: due at %"
        GST_TIME_FORMAT, story->name, i, GST_TIME_ARGS (due));
    fail_unless (gst_rcast_ghost_list_has (list, A_ORIGIN, ms (row->ms))
        == row->has, "%s, step %u", story->name, i);
    fail_if (gst_rcast_ghost_list_has (list, B_ORIGIN, ms (row->ms)));
  }
}

GST_END_TEST;

/* Each location at a server has a token, and one of the tokens is right. */
GST_START_TEST (test_each_location_has_its_turn)
{
  g_autoptr (GstRcastGhostList) list = gst_rcast_ghost_list_new ();

  gst_rcast_ghost_list_change (list, A, "a", GST_RCAST_SESSION_LEFT, 0);
  for (guint i = 0; i < 7; i++) {
    g_autoptr (GPtrArray) begun = gst_rcast_ghost_list_begin (list,
        GST_RCAST_GHOST_OFFER, A_ORIGIN, 0);

    assert_equals_int (begun->len, 1);
    gst_rcast_ghost_list_answer (list,
        ((GstRcastGhost *) begun->pdata[0])->id, GST_RCAST_GHOST_REFUSED, 7, 0);
  }
  begin (list, GST_RCAST_GHOST_OFFER, A_ORIGIN, 0);
  assert_equals_int (count (list, GST_RCAST_GHOST_FADING), 1);
}

GST_END_TEST;

/* An offer to a server waits only for the sessions there. */
GST_START_TEST (test_each_server_has_its_own)
{
  g_autoptr (GstRcastGhostList) list = gst_rcast_ghost_list_new ();
  g_autoptr (GPtrArray) begun = NULL;

  gst_rcast_ghost_list_change (list, A, "a", GST_RCAST_SESSION_LEFT, 0);
  gst_rcast_ghost_list_change (list, B, "a", GST_RCAST_SESSION_LEFT, 0);
  begun = gst_rcast_ghost_list_begin (list, GST_RCAST_GHOST_OFFER, B_ORIGIN, 0);
  assert_equals_int (begun->len, 1);
  assert_equals_string (((GstRcastGhost *) begun->pdata[0])->location, B);
  fail_unless (gst_rcast_ghost_list_is_busy (list, B_ORIGIN));
  fail_if (gst_rcast_ghost_list_is_busy (list, A_ORIGIN));
}

GST_END_TEST;

GST_START_TEST (test_a_list_that_is_full_forgets_the_oldest)
{
  g_autoptr (GstRcastGhostList) list = gst_rcast_ghost_list_new ();

  gst_rcast_ghost_list_change (list, A, "used", GST_RCAST_SESSION_OPENED, 0);
  for (guint i = 0; i < 3 * GST_RCAST_GHOST_MAX; i++) {
    g_autofree gchar *name = g_strdup_printf ("%u", i);

    gst_rcast_ghost_list_change (list, A, name, GST_RCAST_SESSION_LEFT, i);
  }
  fail_unless (gst_rcast_ghost_list_get (list, GST_RCAST_GHOST_MAX) == NULL);
  assert_equals_string (gst_rcast_ghost_list_get (list, 0)->session, "used");
  assert_equals_string (gst_rcast_ghost_list_get (list,
          GST_RCAST_GHOST_MAX - 1)->session, "191");
  /* Of many sessions, some at a time */
  {
    g_autoptr (GPtrArray) begun =
        gst_rcast_ghost_list_begin (list, GST_RCAST_GHOST_OFFER, A_ORIGIN,
        1000);

    assert_equals_int (begun->len, 8);
    assert_equals_string (((GstRcastGhost *) begun->pdata[0])->session, "191");
  }
}

GST_END_TEST;

/* The file has sessions in use as well: the process may be killed. */
GST_START_TEST (test_what_is_printed_is_read)
{
  static const gchar *const names[] = {
    "https://a.example/session/1?key=a%2Fb&x=[1]", "0123 456", "ü/\\\"",
  };
  g_autoptr (GstRcastGhostList) list = gst_rcast_ghost_list_new ();
  g_autoptr (GstRcastGhostList) copy = gst_rcast_ghost_list_new ();
  g_autofree gchar *text = NULL;
  guint n_bad = 99;

  fail_unless (gst_rcast_ghost_list_print (list, 0, DATE) == NULL);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    gst_rcast_ghost_list_change (list, A, names[i],
        i ? GST_RCAST_SESSION_LEFT : GST_RCAST_SESSION_OPENED, ms (1000));
  gst_rcast_ghost_list_change (list, A, NULL, GST_RCAST_SESSION_LEFT, 0);
  text = gst_rcast_ghost_list_print (list, ms (61 * 1000), DATE);
  fail_if (strstr (text, "s3cret"));
  fail_unless (gst_rcast_ghost_list_parse (copy, text, strlen (text),
          ms (5000), DATE + 100, &n_bad));
  assert_equals_int (n_bad, 0);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    const GstRcastGhost *ghost = gst_rcast_ghost_list_get (copy, i);

    assert_equals_string (ghost->session, names[i]);
    assert_equals_string (ghost->origin, A_ORIGIN);
    fail_unless (ghost->location == NULL);
    assert_equals_int (ghost->state, GST_RCAST_GHOST_LEFT);
    assert_equals_int64 (ghost->since, ms (5000) - ms (160 * 1000));
    assert_equals_int64 (ghost->due, ms (5000));
  }
  fail_unless (gst_rcast_ghost_list_get (copy, G_N_ELEMENTS (names)) == NULL);
}

GST_END_TEST;

GST_START_TEST (test_a_file_names_no_user)
{
  g_autoptr (GstRcastGhostList) list = gst_rcast_ghost_list_new ();
  g_autofree gchar *text = NULL;

  gst_rcast_ghost_list_change (list, "https://me:pw1@a.example/x",
      "https://me:pw2@a.example/s@t", GST_RCAST_SESSION_LEFT, 0);
  text = gst_rcast_ghost_list_print (list, 0, DATE);
  assert_equals_string (text, "gst-rcast sessions 1\n"
      "1700000000 https://a.example:443 https://a.example/s@t\n");
}

GST_END_TEST;

#define HEAD "gst-rcast sessions 1\n"

static const struct
{
  const gchar *text;
  gboolean ours;
  guint n_bad, n;
} files[] = {
  {"", TRUE, 0, 0},
  {HEAD, TRUE, 0, 0},
  {HEAD "1699999999 https://a:443 x\n", TRUE, 0, 1},
  {HEAD "1699999999 https://a:443 x\n1699999999 https://a:443 x\n", TRUE, 0, 1},
  {HEAD "1699999999 https://a:443 x", TRUE, 0, 1},
  /* A clock that was wrong */
  {HEAD "1800000000 https://a:443 x\n", TRUE, 0, 1},
  /* Too old */
  {HEAD "1600000000 https://a:443 x\n", TRUE, 0, 0},
  {HEAD "garbage\n1699999999 https://a:443 x\n\n\n-1 https://a:443 y\n", TRUE,
      2, 1},
  {HEAD "1699999999 https://a:443 x%0D%0Ay\n", TRUE, 1, 0},
  {HEAD "1699999999 https://a:443 x%00\n", TRUE, 1, 0},
  {HEAD "1699999999 https://a:443 %ff\n", TRUE, 1, 0},
  {HEAD "1699999999 a x\n", TRUE, 1, 0},
  {HEAD "1699999999 https://a:443  \n", TRUE, 1, 0},
  {HEAD "99999999999999999999 https://a:443 x\n", TRUE, 1, 0},
  {"gst-rcast sessions 2\n", FALSE, 0, 0},
  {"gst-rcast sessions 1", FALSE, 0, 0},
  {"root:x:0:0\n", FALSE, 0, 0},
};

GST_START_TEST (test_files)
{
  g_autoptr (GstRcastGhostList) list = gst_rcast_ghost_list_new ();
  guint n_bad;

  assert_equals_int (gst_rcast_ghost_list_parse (list, files[__i__].text,
          strlen (files[__i__].text), 0, DATE, &n_bad), files[__i__].ours);
  assert_equals_int (n_bad, files[__i__].n_bad);
  assert_equals_int (count (list, GST_RCAST_GHOST_LEFT), files[__i__].n);
}

GST_END_TEST;

static const struct
{
  const gchar *location, *want;
} origins[] = {
  {"https://A.example/x", "https://a.example:443"},
  {"whip+https://a.example:443/y?z", "https://a.example:443"},
  {"WHIPS://a.example", "https://a.example:443"},
  {"whip://a.example", "http://a.example:80"},
  {"http://[::1]:8080/x", "http://[::1]:8080"},
  {"janus+ws://u:p@a.example/room", "ws://a.example:80"},
  {"no URL", "?"},
  {"file:///x", "?"},
};

GST_START_TEST (test_origins)
{
  g_autofree gchar *origin =
      gst_rcast_ghost_get_origin (origins[__i__].location);

  assert_equals_string (origin, origins[__i__].want);
}

GST_END_TEST;

static Suite *
ghosts_suite (void)
{
  Suite *s = suite_create ("ghosts");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_stories, 0, G_N_ELEMENTS (stories));
  tcase_add_test (tc, test_each_server_has_its_own);
  tcase_add_test (tc, test_each_location_has_its_turn);
  tcase_add_test (tc, test_a_list_that_is_full_forgets_the_oldest);
  tcase_add_test (tc, test_what_is_printed_is_read);
  tcase_add_test (tc, test_a_file_names_no_user);
  tcase_add_loop_test (tc, test_files, 0, G_N_ELEMENTS (files));
  tcase_add_loop_test (tc, test_origins, 0, G_N_ELEMENTS (origins));
  return s;
}

GST_CHECK_MAIN (ghosts);
