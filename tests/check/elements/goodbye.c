/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A shutdown waits for every session that is being closed, on whichever thread. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "gstrcastgoodbye.h"

typedef struct
{
  GstRcastLoop *loop;
  GstRcastGoodbye *goodbye;
  guint over;
} Fixture;

static void
fixture_init (Fixture * f)
{
  f->loop = gst_rcast_loop_new ("test");
  f->goodbye = gst_rcast_goodbye_new (f->loop);
  f->over = 0;
}

/* Stopping the loop runs what is queued. The goodbye then waits for the sessions that are held. */
static void
fixture_clear (Fixture * f)
{
  gst_rcast_loop_stop (f->loop);
  gst_rcast_goodbye_free (f->goodbye);
  gst_rcast_loop_unref (f->loop);
}

static void
on_over (gpointer data)
{
  Fixture *f = data;

  f->over++;
}

static gboolean
end_one_after_the_other (gpointer data)
{
  Fixture *f = data;

  gst_rcast_goodbye_wait_here (f->goodbye, on_over, f);
  for (guint i = 0; i < 2; i++) {
    assert_equals_int (f->over, 0);
    gst_rcast_goodbye_end (f->goodbye);
  }
  assert_equals_int (f->over, 1);
  return G_SOURCE_REMOVE;
}

/* The session on air, and the one that was to replace it */
GST_START_TEST (test_both_sessions_are_waited_for_on_their_own_thread)
{
  Fixture f;

  fixture_init (&f);
  gst_rcast_goodbye_begin (f.goodbye);
  gst_rcast_goodbye_begin (f.goodbye);
  gst_rcast_loop_invoke (f.loop, end_one_after_the_other, &f, NULL);
  fixture_clear (&f);
  assert_equals_int (f.over, 1);
}

GST_END_TEST;

static gboolean
wait_for_nothing (gpointer data)
{
  Fixture *f = data;

  gst_rcast_goodbye_wait_here (f->goodbye, on_over, f);
  assert_equals_int (f->over, 1);
  return G_SOURCE_REMOVE;
}

GST_START_TEST (test_nothing_is_waited_for)
{
  Fixture f;

  fixture_init (&f);
  gst_rcast_goodbye_wait (f.goodbye);
  gst_rcast_loop_invoke (f.loop, wait_for_nothing, &f, NULL);
  fixture_clear (&f);
  assert_equals_int (f.over, 1);
}

GST_END_TEST;

static gboolean
end_one (gpointer data)
{
  Fixture *f = data;

  f->over++;
  gst_rcast_goodbye_end (f->goodbye);
  return G_SOURCE_REMOVE;
}

GST_START_TEST (test_other_threads_wait_for_all)
{
  Fixture f;

  fixture_init (&f);
  for (guint i = 0; i < 3; i++) {
    gst_rcast_goodbye_begin (f.goodbye);
    gst_rcast_loop_invoke (f.loop, end_one, &f, NULL);
  }
  gst_rcast_goodbye_wait (f.goodbye);
  assert_equals_int (f.over, 3);
  fixture_clear (&f);
}

GST_END_TEST;

static Suite *
goodbye_suite (void)
{
  Suite *s = suite_create ("goodbye");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_both_sessions_are_waited_for_on_their_own_thread);
  tcase_add_test (tc, test_nothing_is_waited_for);
  tcase_add_test (tc, test_other_threads_wait_for_all);
  return s;
}

GST_CHECK_MAIN (goodbye);
