/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Each uplink has an outage of its own: an uplink that never works hides no other. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "gstrcasticeoutages.h"

#define NOW (1000 * G_USEC_PER_SEC)
#define S(seconds) (NOW + (seconds) * G_USEC_PER_SEC)

/* The paths of each uplink at a time: w: one works, c: one is checked, d: one is dead, b:
 * one is barred, -: none. @missing: the outage of the uplink that was lost last, in s;
 * -1: no time yet; -2: none */
static const struct
{
  const gchar *what;
  struct
  {
    guint at;
    const gchar *uplinks;
    gint missing;
  } looks[5];
} stories[] = {
  {"all work", {{0, "ww", -2}, {10, "ww", -2}}},
  {"one is lost and comes back", {{0, "ww", -2}, {10, "wd", -1}, {15, "wd", 5},
          {16, "ww", -2}, {20, "wd", -1}}},
  {"one never works, another is lost", {{0, "wwc", -1}, {100, "wwc", 100},
          {101, "wdc", -1}, {103, "wdc", 2}, {104, "wwc", 104}}},
  {"two are lost", {{0, "www", -2}, {10, "wdw", -1}, {50, "wdd", -1},
          {55, "wdd", 5}, {60, "wdw", 50}}},
  {"one has no path between attempts", {{0, "wc", -1}, {10, "w-", -2},
          {20, "wc", 20}, {60, "w-", -2}, {100, "wc", -1}}},
  {"one is not wanted", {{0, "wd", -1}, {10, "wb", -2}, {20, "wd", -1}}},
};

static guint
fill (const gchar * uplinks, GstRcastIcePathView * views)
{
  static const gchar *const names[] = { "up0", "up1", "up2" };
  guint n = 0;

  for (guint i = 0; uplinks[i]; i++)
    if (uplinks[i] != '-')
      views[n++] = (GstRcastIcePathView) {
        .uplink = i,.interface = names[i],
        .may_send = uplinks[i] == 'w',.barred = uplinks[i] == 'b',
        .state = uplinks[i] == 'w' ? GST_RCAST_ICE_PATH_STATE_ALIVE :
            uplinks[i] == 'c' ? GST_RCAST_ICE_PATH_STATE_CHECKING :
            GST_RCAST_ICE_PATH_STATE_DEAD,
      };
  return n;
}

GST_START_TEST (test_an_uplink_hides_no_other)
{
  GstRcastIceOutages *outages = gst_rcast_ice_outages_new ();

  for (guint i = 0; i < G_N_ELEMENTS (stories[0].looks)
      && stories[__i__].looks[i].uplinks; i++) {
    GstRcastIcePathView views[3];
    guint n = fill (stories[__i__].looks[i].uplinks, views);
    gint missing = stories[__i__].looks[i].missing;
    gint64 seen = gst_rcast_ice_outages_look (outages, views, n,
        S (stories[__i__].looks[i].at));

    fail_unless (seen == (missing == -2 ? 0 : missing == -1 ? 1 :
            missing * G_USEC_PER_SEC), "%s, %u s: %" G_GINT64_FORMAT,
        stories[__i__].what, stories[__i__].looks[i].at, seen);
  }
  gst_rcast_ice_outages_free (outages);
}

GST_END_TEST;

static Suite *
ice_outages_suite (void)
{
  Suite *suite = suite_create ("ice-outages");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_an_uplink_hides_no_other, 0,
      G_N_ELEMENTS (stories));
  return suite;
}

GST_CHECK_MAIN (ice_outages);
