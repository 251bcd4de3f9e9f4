/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One broken stream of several is noticed, a pause of all of them is not. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-flow.h"

#define TIMEOUT (3 * GST_SECOND)

/* One look a second at two streams: - nothing, i something came in, x something
 * came in and went out, e it has ended. What is said after each look: . nothing,
 * S stalled, F flows. */
static const struct
{
  const gchar *one, *other;
  const gchar *said_of_one, *said_of_other;
  GstRcastStage stage;          /* of the first */
} rows[] = {
  {"xxxxxxxx", "xxxxxxxx", "........", "........"},
  {"xx------", "xxxxxxxx", "....S...", "........", GST_RCAST_STAGE_SOURCE},
  {"xxiiiiii", "xxxxxxxx", "....S...", "........", GST_RCAST_STAGE_ENCODER},
  {"xxi-----", "xxxxxxxx", "....S...", "........", GST_RCAST_STAGE_SOURCE},
  {"xx----xx", "xxxxxxxx", "....S.F.", "........", GST_RCAST_STAGE_SOURCE},
  {"xx--xx--", "xxxxxxxx", "........", "........"},
  /* A pause of all */
  {"xx------", "xx------", "........", "........"},
  /* ... after which one comes back a little later */
  {"xx----xx", "xx---xxx", "........", "........"},
  {"xx-------", "xx---xxxx", ".......S.", ".........", GST_RCAST_STAGE_SOURCE},
  /* The end is no failure. */
  {"xxeeeeee", "xxxxxxxx", "........", "........"},
  {"xx---eee", "xxxxxxxx", "....SF..", "........", GST_RCAST_STAGE_SOURCE},
  /* Before there is a connection: what comes in is enough */
  {"iiiiiiix", "iiiiiiix", "........", "........"},
  {"--------", "iiiiiiii", "..S.....", "........", GST_RCAST_STAGE_SOURCE},
  {"---iiiii", "iiiiiiii", "..SF....", "........", GST_RCAST_STAGE_SOURCE},
  /* An encoder that never says anything */
  {"iiiiiiii", "ixxxxxxx", "...S....", "........", GST_RCAST_STAGE_ENCODER},
};

static void
move (GstRcastFlow * flow, gchar how)
{
  flow->ended = how == 'e';
  flow->in += how == 'i' || how == 'x';
  if (how == 'x') {
    flow->out++;
    flow->bytes += 1000;
  }
}

static gchar
said (const GstRcastFlow * flow)
{
  return ".SF"[flow->change];
}

GST_START_TEST (test_what_is_said_of_two_streams)
{
  GstRcastFlow one, other, *both[] = { &one, &other };
  g_autoptr (GString) of_one = g_string_new (NULL);
  g_autoptr (GString) of_other = g_string_new (NULL);

  gst_rcast_flow_init (&one);
  gst_rcast_flow_init (&other);
  /* The first look is only where it begins. */
  gst_rcast_flow_look (both, 2, GST_SECOND, TIMEOUT);
  for (guint i = 0; rows[__i__].one[i]; i++) {
    move (&one, rows[__i__].one[i]);
    move (&other, rows[__i__].other[i]);
    gst_rcast_flow_look (both, 2, (i + 2) * GST_SECOND, TIMEOUT);
    g_string_append_c (of_one, said (&one));
    g_string_append_c (of_other, said (&other));
    if (one.change == GST_RCAST_FLOW_STALLED) {
      assert_equals_int (one.stage, rows[__i__].stage);
      assert_equals_uint64 (one.silence, TIMEOUT);
    }
    if (one.change == GST_RCAST_FLOW_FLOWS)
      fail_unless (one.silence >= TIMEOUT);
  }
  assert_equals_string (of_one->str, rows[__i__].said_of_one);
  assert_equals_string (of_other->str, rows[__i__].said_of_other);
}

GST_END_TEST;

GST_START_TEST (test_alone_it_is_never_stalled)
{
  GstRcastFlow one, *flows[] = { &one };

  gst_rcast_flow_init (&one);
  for (guint i = 1; i < 20; i++) {
    gst_rcast_flow_look (flows, 1, i * GST_SECOND, TIMEOUT);
    assert_equals_int (one.change, GST_RCAST_FLOW_SAME);
  }
  gst_rcast_flow_look (NULL, 0, 20 * GST_SECOND, TIMEOUT);
}

GST_END_TEST;

GST_START_TEST (test_no_timeout_is_no_stall)
{
  GstRcastFlow one, other, *both[] = { &one, &other };

  gst_rcast_flow_init (&one);
  gst_rcast_flow_init (&other);
  for (guint i = 1; i < 100; i++) {
    move (&other, 'x');
    gst_rcast_flow_look (both, 2, i * GST_SECOND, 0);
    assert_equals_int (one.change, GST_RCAST_FLOW_SAME);
  }
}

GST_END_TEST;

GST_START_TEST (test_bitrate_is_of_the_time_between_two_looks)
{
  GstRcastFlow one, *flows[] = { &one };

  gst_rcast_flow_init (&one);
  one.bytes = 1000000;
  gst_rcast_flow_look (flows, 1, GST_SECOND, TIMEOUT);
  assert_equals_uint64 (one.bitrate, 0);
  one.bytes += 125000;
  gst_rcast_flow_look (flows, 1, 3 * GST_SECOND, TIMEOUT);
  assert_equals_uint64 (one.bitrate, 500000);
  gst_rcast_flow_look (flows, 1, 3 * GST_SECOND, TIMEOUT);
  assert_equals_uint64 (one.bitrate, 0);
}

GST_END_TEST;

static Suite *
flow_suite (void)
{
  Suite *s = suite_create ("flow");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_what_is_said_of_two_streams, 0,
      G_N_ELEMENTS (rows));
  tcase_add_test (tc, test_alone_it_is_never_stalled);
  tcase_add_test (tc, test_no_timeout_is_no_stall);
  tcase_add_test (tc, test_bitrate_is_of_the_time_between_two_looks);
  return s;
}

GST_CHECK_MAIN (flow);
