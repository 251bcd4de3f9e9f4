/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which path carries media, and when the agent requests a restart: tables, no sockets. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "gstrcasticerestartwish.h"
#include "gstrcasticeroute.h"

#define NOW ((gint64) 3600 * G_USEC_PER_SEC)
#define S(seconds) (NOW - (gint64) ((seconds) * G_USEC_PER_SEC))
#define MS(ms) ((gint64) (ms) * 1000)

#define CHECKING GST_RCAST_ICE_PATH_STATE_CHECKING
#define ALIVE GST_RCAST_ICE_PATH_STATE_ALIVE
#define SUSPECT GST_RCAST_ICE_PATH_STATE_SUSPECT
#define DEAD GST_RCAST_ICE_PATH_STATE_DEAD
#define NONE GST_RCAST_ICE_NO_PATH

#define MAX_PATHS 4

/* Fields of a view; the other fields do not affect the choice. */
typedef struct
{
  GstRcastIcePathState state;
  gboolean may_send;
  guint uplink;
  guint rank;
  gint64 rtt;
  gint64 since;
  gdouble loss;
  gint64 hold;                  /* from well_since, which is since */
  gboolean wants_trial;
  const gchar *interface;
  gint64 rtt_least;
  gboolean thin;
  guint64 room;
} Row;

static void
fill (const Row * rows, guint n, GstRcastIcePathView * views)
{
  for (guint i = 0; i < n; i++)
    views[i] = (GstRcastIcePathView) {
      .id = i + 1,
      .state = rows[i].state,
      .may_send = rows[i].may_send,
      .uplink = rows[i].uplink,
      .rank = rows[i].rank,
      .rtt = rows[i].rtt,
      .since = rows[i].since,
      .loss = rows[i].loss,
      .well_since = rows[i].since,
      .hold = rows[i].hold,
      .wants_trial = rows[i].wants_trial,
      .interface = rows[i].interface,
      .rtt_least = rows[i].rtt_least,
      .thin = rows[i].thin,
      .room = rows[i].room,
    };
}

typedef struct
{
  const gchar *name;
  Row rows[MAX_PATHS];
  guint n;
  gint current;
  gboolean duplicate;
  gint first_path, second_path;
  guint n_carrying;
} Choice;

static const Choice choices[] = {
  {"slow for a moment", {{ALIVE, TRUE, 0, 0, MS (200), S (20), 0, 0, FALSE, NULL,
              MS (40)}, {ALIVE, TRUE, 1, 0, MS (40), S (20)}}, 2, 0, FALSE, 0, 1,
      1},
  {"slow for seconds", {{ALIVE, TRUE, 0, 0, MS (200), S (20), 0, 0, FALSE, NULL,
              MS (180)}, {ALIVE, TRUE, 1, 0, MS (40), S (20)}}, 2, 0, FALSE, 1, 0,
      1},
  {"no path", {{0}}, 0, NONE, FALSE, NONE, NONE, 0},
  {"none may send", {{ALIVE, FALSE, 0, 0, MS (5), S (60)},
      {CHECKING, FALSE, 1, 0, 0, 0}}, 2, NONE, FALSE, NONE, NONE, 0},
  {"the only one", {{ALIVE, TRUE, 0, 0, MS (5), S (60)}}, 1, NONE, FALSE, 0,
      NONE, 1},
  {"a dead one is better than none", {{DEAD, TRUE, 0, 0, MS (5), S (60)}}, 1,
      0, FALSE, 0, NONE, 1},
  {"the preferred one", {{ALIVE, TRUE, 0, 1, MS (5), S (60)},
      {ALIVE, TRUE, 1, 0, MS (90), S (60)}}, 2, NONE, FALSE, 1, 0, 1},
  {"the faster one of two that are preferred alike",
        {{ALIVE, TRUE, 0, 0, MS (50), S (60)},
      {ALIVE, TRUE, 1, 0, MS (5), S (60)}}, 2, NONE, FALSE, 1, 0, 1},
  {"one whose round trip is not known is slow",
        {{ALIVE, TRUE, 0, 0, 0, S (60)},
      {ALIVE, TRUE, 1, 0, MS (400), S (60)}}, 2, NONE, FALSE, 1, 0, 1},
  {"the one in use is not left for a faster one at once",
        {{ALIVE, TRUE, 0, 0, MS (50), S (60)},
      {ALIVE, TRUE, 1, 0, MS (5), S (9)}}, 2, 0, FALSE, 0, 1, 1},
  {"but after ten seconds",
        {{ALIVE, TRUE, 0, 0, MS (50), S (60)},
      {ALIVE, TRUE, 1, 0, MS (5), S (10)}}, 2, 0, FALSE, 1, 0, 1},
  {"not if it is hardly faster",
        {{ALIVE, TRUE, 0, 0, MS (50), S (60)},
      {ALIVE, TRUE, 1, 0, MS (25), S (60)}}, 2, 0, FALSE, 0, 1, 1},
  {"for a preferred one after five",
        {{ALIVE, TRUE, 0, 1, MS (5), S (60)},
      {ALIVE, TRUE, 1, 0, MS (90), S (5)}}, 2, 0, FALSE, 1, 0, 1},
  {"and not before",
        {{ALIVE, TRUE, 0, 1, MS (5), S (60)},
      {ALIVE, TRUE, 1, 0, MS (90), S (4.9)}}, 2, 0, FALSE, 0, 1, 1},
  {"one that loses media is left at once",
        {{ALIVE, TRUE, 0, 0, MS (5), S (60), 0.2},
      {ALIVE, TRUE, 1, 9, MS (90), S (1)}}, 2, 0, FALSE, 1, 0, 1},
  {"but not for another that did, too",
        {{ALIVE, TRUE, 0, 0, MS (5), S (60), 0.2},
      {ALIVE, TRUE, 1, 9, MS (90), S (1), 0.3}}, 2, 0, FALSE, 0, 1, 1},
  {"unless that lost much less, although it is held",
        {{ALIVE, TRUE, 0, 0, MS (5), S (60), 0.5},
      {ALIVE, TRUE, 1, 9, MS (90), S (1), 0.2, MS (30000), TRUE}}, 2, 0, FALSE,
      1, 0, 1},
  {"and is preferred to one that lost more",
        {{ALIVE, TRUE, 0, 0, MS (5), S (60), 0.5},
      {ALIVE, TRUE, 1, 9, MS (90), S (1), 0.2}}, 2, NONE, FALSE, 1, 0, 1},
  {"one that was congested gets a copy from another that is",
        {{ALIVE, TRUE, 0, 0, MS (5), S (30), 0, MS (30000), TRUE},
      {ALIVE, TRUE, 1, 1, MS (90), S (60), 0.5}}, 2, 1, FALSE, 1, 0, 2},
  {"one that is too thin is left at once",
        {{ALIVE, TRUE, 0, 0, MS (5), S (60), 0, 0, FALSE, NULL, 0, TRUE, 400},
      {ALIVE, TRUE, 1, 9, MS (90), S (1)}}, 2, 0, FALSE, 1, 0, 1},
  {"whatever the other one carried before, if that is enough",
        {{ALIVE, TRUE, 0, 0, MS (5), S (60), 0, 0, FALSE, NULL, 0, TRUE, 400},
      {ALIVE, TRUE, 1, 9, MS (90), S (1), 0, 0, FALSE, NULL, 0, FALSE, 300}}, 2,
      0, FALSE, 1, 0, 1},
  {"but not for another that is so, too",
        {{ALIVE, TRUE, 0, 0, MS (5), S (60), 0, 0, FALSE, NULL, 0, TRUE, 400},
      {ALIVE, TRUE, 1, 0, MS (5), S (60), 0, 0, FALSE, NULL, 0, TRUE, 500}}, 2,
      0, FALSE, 0, 1, 1},
  {"unless that carried much more, although it is held",
        {{ALIVE, TRUE, 0, 0, MS (5), S (60), 0, 0, FALSE, NULL, 0, TRUE, 400},
      {ALIVE, TRUE, 1, 9, MS (90), S (1), 0, MS (30000), TRUE, NULL, 0, TRUE,
            700}}, 2, 0, FALSE, 1, 0, 1},
  {"nor for one that loses media",
        {{ALIVE, TRUE, 0, 0, MS (5), S (60), 0, 0, FALSE, NULL, 0, TRUE, 400},
      {ALIVE, TRUE, 1, 0, MS (5), S (60), 0.2}}, 2, 0, FALSE, 0, 1, 1},
  {"and nothing goes back to it that has room elsewhere",
        {{ALIVE, TRUE, 0, 0, MS (5), S (60), 0, 0, FALSE, NULL, 0, TRUE, 400},
      {ALIVE, TRUE, 1, 9, MS (90), S (60)}}, 2, 1, FALSE, 1, 0, 1},
  {"one that was too thin gets a copy from another that is",
        {{ALIVE, TRUE, 0, 0, MS (5), S (30), 0, MS (30000), TRUE},
          {ALIVE, TRUE, 1, 1, MS (90), S (60), 0, 0, FALSE, NULL, 0, TRUE,
            400}}, 2, 1, FALSE, 1, 0, 2},
  {"nor for one that is in doubt",
        {{ALIVE, TRUE, 0, 0, MS (5), S (60), 0.2},
      {SUSPECT, TRUE, 1, 0, MS (5), S (60)}}, 2, 0, FALSE, 0, 1, 1},
  {"a little loss is no reason",
        {{ALIVE, TRUE, 0, 1, MS (5), S (60), 0.08},
      {ALIVE, TRUE, 1, 1, MS (5), S (60)}}, 2, 0, FALSE, 0, 1, 1},
  {"what is held is not preferred",
        {{ALIVE, TRUE, 0, 0, MS (5), S (29), 0, MS (30000)},
      {ALIVE, TRUE, 1, 1, MS (90), S (60)}}, 2, NONE, FALSE, 1, 0, 1},
  {"nor gone back to",
        {{ALIVE, TRUE, 0, 0, MS (5), S (29), 0, MS (30000)},
      {ALIVE, TRUE, 1, 1, MS (90), S (60)}}, 2, 1, FALSE, 1, 0, 1},
  {"until it has been well for so long",
        {{ALIVE, TRUE, 0, 0, MS (5), S (30), 0, MS (30000)},
      {ALIVE, TRUE, 1, 1, MS (90), S (60)}}, 2, 1, FALSE, 0, 1, 1},
  {"with a trial first if it was congested",
        {{ALIVE, TRUE, 0, 0, MS (5), S (30), 0, MS (30000), TRUE},
      {ALIVE, TRUE, 1, 1, MS (90), S (60)}}, 2, 1, FALSE, 1, 0, 2},
  {"which has to wait for nothing if the other one is dead",
        {{ALIVE, TRUE, 0, 0, MS (5), S (3), 0, MS (30000), TRUE},
      {DEAD, TRUE, 1, 1, MS (90), S (0)}}, 2, 1, FALSE, 0, 1, 1},
  {"a doubt sends on both, the one in use first",
        {{SUSPECT, TRUE, 0, 0, MS (5), S (0.1)},
      {ALIVE, TRUE, 1, 0, MS (5), S (60)}}, 2, 0, FALSE, 0, 1, 2},
  {"a dead one is left at once",
        {{DEAD, TRUE, 0, 0, MS (5), S (0)},
      {ALIVE, TRUE, 1, 9, MS (90), S (0.1)}}, 2, 0, FALSE, 1, 0, 1},
  {"so is one without consent",
        {{ALIVE, FALSE, 0, 0, MS (5), S (60)},
      {ALIVE, TRUE, 1, 9, MS (90), S (0.1)}}, 2, 0, FALSE, 1, NONE, 1},
  {"the one that steps in is of another uplink",
        {{ALIVE, TRUE, 0, 0, MS (5), S (60)},
        {ALIVE, TRUE, 0, 0, MS (6), S (60)},
      {ALIVE, TRUE, 1, 5, MS (90), S (60)}}, 3, 0, FALSE, 0, 2, 1},
  {"both of one uplink are one", {{ALIVE, TRUE, 3, 0, MS (5), S (60)},
      {ALIVE, TRUE, 3, 0, MS (6), S (60)}}, 2, 0, TRUE, 0, NONE, 1},
  {"duplicates", {{ALIVE, TRUE, 0, 0, MS (5), S (60)},
      {ALIVE, TRUE, 1, 0, MS (5), S (60)}}, 2, 0, TRUE, 0, 1, 2},
};

GST_START_TEST (test_choice)
{
  const Choice *choice = &choices[__i__];
  GstRcastIcePathView views[MAX_PATHS];
  GstRcastIceRoute route;

  fill (choice->rows, choice->n, views);
  gst_rcast_ice_route_choose (views, choice->n, choice->current,
      choice->duplicate, NOW, &route);
  fail_unless (route.paths[0] == choice->first_path
      && route.paths[1] == choice->second_path
      && route.n_carrying == choice->n_carrying, "%s: %d, %d, %u carry",
      choice->name, route.paths[0], route.paths[1], route.n_carrying);
  fail_unless (route.n_paths == (route.paths[0] != NONE)
      + (route.paths[1] != NONE));
  fail_unless (!route.duplicating || (choice->duplicate
          && route.n_carrying == 2));
}

GST_END_TEST;

typedef struct
{
  const gchar *name;
  Row rows[MAX_PATHS];
  guint n;
  gint current;
  gint paths[MAX_PATHS + 1];    /* up to the first NONE */
  guint n_carrying;
  gboolean bonding;
} Bond;

static const Bond bonds[] = {
  {"none", {{0}}, 0, NONE, {NONE}, 0, FALSE},
  {"the only one", {{ALIVE, TRUE, 0, 0, MS (5), S (60)}}, 1, NONE, {0, NONE}, 1,
      TRUE},
  {"all of them, the best first", {{ALIVE, TRUE, 0, 1, MS (5), S (60)},
        {ALIVE, TRUE, 1, 0, MS (90), S (60)},
        {ALIVE, TRUE, 2, 0, MS (20), S (60)},
      {ALIVE, TRUE, 3, 2, MS (5), S (60)}}, 4, NONE, {2, 1, 0, 3, NONE}, 4,
      TRUE},
  {"the one that was stays the first", {{ALIVE, TRUE, 0, 0, MS (90), S (60)},
      {ALIVE, TRUE, 1, 0, MS (5), S (60)}}, 2, 0, {0, 1, NONE}, 2, TRUE},
  {"also if it lost media", {{ALIVE, TRUE, 0, 0, MS (5), S (60), 0.2},
      {ALIVE, TRUE, 1, 0, MS (5), S (60)}}, 2, 0, {0, 1, NONE}, 2, TRUE},
  {"until a preferred one is well for five seconds",
        {{ALIVE, TRUE, 0, 1, MS (5), S (60)},
      {ALIVE, TRUE, 1, 0, MS (90), S (5)}}, 2, 0, {1, 0, NONE}, 2, TRUE},
  {"and not before", {{ALIVE, TRUE, 0, 1, MS (5), S (60)},
      {ALIVE, TRUE, 1, 0, MS (90), S (4.9)}}, 2, 0, {0, 1, NONE}, 2, TRUE},
  {"one of each uplink", {{ALIVE, TRUE, 0, 0, MS (90), S (60)},
        {ALIVE, TRUE, 0, 0, MS (5), S (60)},
        {ALIVE, TRUE, 1, 0, MS (5), S (60)},
      {DEAD, TRUE, 1, 0, MS (5), S (60)}}, 4, NONE, {1, 2, NONE}, 2, TRUE},
  {"one in doubt is left at once", {{SUSPECT, TRUE, 0, 0, MS (5), S (0.1)},
        {ALIVE, TRUE, 1, 9, MS (90), S (0.1)},
      {ALIVE, TRUE, 2, 0, MS (90), S (60)}}, 3, 0, {2, 1, NONE}, 2, TRUE},
  {"or steps in where there is one only",
        {{ALIVE, TRUE, 0, 0, MS (5), S (60)},
      {SUSPECT, TRUE, 1, 0, MS (5), S (0.1)}}, 2, 0, {0, 1, NONE}, 1, TRUE},
  {"one that may not send is none", {{ALIVE, FALSE, 0, 0, MS (5), S (60)},
      {ALIVE, TRUE, 1, 0, MS (5), S (60)}}, 2, 0, {1, NONE}, 1, TRUE},
  {"one that is back is used soon", {{ALIVE, TRUE, 0, 0, MS (5), S (60)},
      {ALIVE, TRUE, 1, 0, MS (5), S (0.7), 0, MS (5000)}}, 2, 0, {0, 1, NONE},
      2, TRUE},
  {"not at once", {{ALIVE, TRUE, 0, 0, MS (5), S (60)},
      {ALIVE, TRUE, 1, 0, MS (5), S (0.5), 0, MS (5000)}}, 2, 0, {0, 1, NONE},
      1, TRUE},
  {"a doubt about all is as ever: a copy on the next",
        {{SUSPECT, TRUE, 0, 0, MS (5), S (0.1)},
      {SUSPECT, TRUE, 1, 0, MS (5), S (0.1)}}, 2, 0, {0, 1, NONE}, 2, FALSE},
};

GST_START_TEST (test_bond)
{
  const Bond *bond = &bonds[__i__];
  GstRcastIcePathView views[MAX_PATHS];
  GstRcastIceRoute route;
  guint n = 0;

  fill (bond->rows, bond->n, views);
  gst_rcast_ice_route_bond (views, bond->n, bond->current, NOW, &route);
  for (; bond->paths[n] != NONE; n++)
    fail_unless (route.paths[n] == bond->paths[n], "%s: path %u is %d",
        bond->name, n, route.paths[n]);
  fail_unless (route.n_paths == n && route.n_carrying == bond->n_carrying,
      "%s: %u paths, %u carry", bond->name, route.n_paths, route.n_carrying);
  assert_equals_int (route.bonding, bond->bonding);
  for (; n < GST_RCAST_ICE_MAX_ROUTE; n++)
    assert_equals_int (route.paths[n], NONE);
  fail_if (route.duplicating || route.trying);
}

GST_END_TEST;

typedef struct
{
  const gchar *name;
  GstRcastIcePathView path;
  GstRcastIcePathView other;
  gboolean hopeless;
} Hope;

static const Hope hopes[] = {
  {"announced and checking", {.state = CHECKING,.announced =
          TRUE,.created = S (60)}, {.uplink = 1}, FALSE},
  {"not announced, checking for 19 s", {.state = CHECKING,.created = S (19)},
      {.uplink = 1}, FALSE},
  {"for 20 s", {.state = CHECKING,.created = S (20)}, {.uplink = 1}, TRUE},
  {"checking, and another one of its uplink works", {.state = CHECKING,.created =
          S (0.1)}, {.state = ALIVE}, TRUE},
  {"one of another uplink does", {.state = CHECKING,.created = S (0.1)},
      {.state = ALIVE,.uplink = 1}, FALSE},
  {"announced, and another one works", {.state = CHECKING,.announced =
          TRUE,.created = S (5)}, {.state = ALIVE}, FALSE},
  {"overtaken, and an answer may be on its way", {.state = CHECKING,.created =
          S (2.9)}, {.state = CHECKING,.created = S (1)}, FALSE},
  {"overtaken for good", {.state = CHECKING,.created = S (3)},
      {.state = CHECKING,.created = S (1)}, TRUE},
  {"the last one", {.state = CHECKING,.created = S (3)}, {.state =
          CHECKING,.created = S (4)}, FALSE},
  {"alive", {.state = ALIVE,.created = S (60),.since = S (60)}, {.uplink = 1},
      FALSE},
  {"alive, as an older one is for 10 s", {.state = ALIVE,.created =
          S (59),.since = S (10)}, {.state = ALIVE,.may_send = TRUE,.created =
          S (60),.since = S (10)}, TRUE},
  {"for 9 s", {.state = ALIVE,.created = S (59),.since = S (10)},
      {.state = ALIVE,.may_send = TRUE,.created = S (60),.since = S (9)}, FALSE},
  {"as a later one is", {.state = ALIVE,.created = S (60),.since = S (10)},
      {.state = ALIVE,.may_send = TRUE,.created = S (59),.since = S (10)},
      FALSE},
  {"as an older one of another uplink is", {.state = ALIVE,.created =
          S (59),.since = S (10)}, {.state = ALIVE,.may_send =
          TRUE,.uplink = 1,.created = S (60),.since = S (10)}, FALSE},
  {"the older one may not send", {.state = ALIVE,.created =
          S (59),.since = S (10)}, {.state = ALIVE,.created = S (60),.since =
          S (10)}, FALSE},
  {"the peer sends on it", {.state = ALIVE,.created = S (59),.since =
          S (10),.last_heard = S (0)}, {.state = ALIVE,.may_send =
          TRUE,.created = S (60),.since = S (10),.last_heard = S (1)}, FALSE},
  {"the peer knows it", {.state = ALIVE,.announced = TRUE,.created =
          S (59),.since = S (10)}, {.state = ALIVE,.may_send = TRUE,.created =
          S (60),.since = S (10)}, FALSE},
  {"suspect", {.state = SUSPECT,.created = S (60),.since = S (60)},
      {.uplink = 1}, FALSE},
  {"dead, but it may come back", {.state = DEAD,.may_send =
          TRUE,.created = S (60),.since = S (60)}, {.uplink = 1}, FALSE},
  {"dead without consent, and new", {.state = DEAD,.created = S (9)},
      {.uplink = 1}, FALSE},
  {"dead without consent, and old", {.state = DEAD,.created = S (10)},
      {.uplink = 1}, TRUE},
  {"dead and replaced for 9 s", {.state = DEAD,.may_send = TRUE,.since =
          S (9)}, {.state = ALIVE}, FALSE},
  {"for 10 s", {.state = DEAD,.may_send = TRUE,.since = S (10)},
      {.state = ALIVE}, TRUE},
  {"replaced by one that is suspect", {.state = DEAD,.may_send =
          TRUE,.since = S (60)}, {.state = SUSPECT}, FALSE},
  {"another uplink is well", {.state = DEAD,.may_send = TRUE,.since = S (60)},
      {.state = ALIVE,.uplink = 1}, FALSE},
};

GST_START_TEST (test_hopeless_paths)
{
  const Hope *hope = &hopes[__i__];
  GstRcastIcePathView views[] = { hope->other, hope->path };

  fail_unless (gst_rcast_ice_route_is_hopeless (views, 2, 1, NOW)
      == hope->hopeless, "%s", hope->name);
}

GST_END_TEST;

#define MAX_SEEKERS 64

/* An uplink is dead for two minutes, and each 50 ms a path to it may begin. Paths begin as often as
 * they may, but few exist at the same time. This leaves room for paths of other uplinks. */
GST_START_TEST (test_few_paths_seek_an_uplink)
{
  GstRcastIcePathView views[MAX_SEEKERS] = {
    {.state = DEAD,.may_send = TRUE,.announced = TRUE,.created = NOW}
  };
  gint64 tried = NOW;
  guint n = 1;

  for (gint64 now = NOW + MS (50); now < NOW + MS (120000); now += MS (50)) {
    for (guint i = n; i > 0; i--)
      if (gst_rcast_ice_route_is_hopeless (views, n, i - 1, now)) {
        memmove (&views[i - 1], &views[i], (n - i) * sizeof *views);
        n--;
      }
    if (now - tried < gst_rcast_ice_route_get_retry (TRUE, now - NOW))
      continue;
    tried = now;
    if (gst_rcast_ice_route_is_covered (views, n, FALSE, now))
      continue;
    views[n++] = (GstRcastIcePathView) {.state = CHECKING,.created = now };
    fail_unless (n <= 1 + 3);
  }
  /* The last path began in the last 20 s. */
  fail_unless (n > 1 && views[n - 1].created > NOW + MS (100000));
}

GST_END_TEST;

typedef struct
{
  const gchar *name;
  Row rows[MAX_PATHS];
  guint n;
  gboolean patient;
  gboolean covered;
} Covered;

static const Covered coverings[] = {
  {"nothing", {{0}}, 0, FALSE, FALSE},
  {"one that works", {{ALIVE, TRUE}}, 1, FALSE, TRUE},
  {"one in doubt", {{SUSPECT, TRUE}}, 1, FALSE, TRUE},
  {"a dead one", {{DEAD, TRUE}}, 1, TRUE, FALSE},
  {"a check that is waited for", {{DEAD, TRUE}, {CHECKING}}, 2, TRUE, TRUE},
  {"one that is not", {{DEAD, TRUE}, {CHECKING}}, 2, FALSE, FALSE},
  {"so many", {{CHECKING}, {CHECKING}, {CHECKING}}, 3, FALSE, TRUE},
};

GST_START_TEST (test_what_covers_an_uplink)
{
  const Covered *row = &coverings[__i__];
  GstRcastIcePathView views[MAX_PATHS];

  fill (row->rows, row->n, views);
  for (guint i = 0; i < row->n; i++)
    views[i].created = S (1);
  fail_unless (gst_rcast_ice_route_is_covered (views, row->n, row->patient,
          NOW) == row->covered, "%s", row->name);
  if (row->n == 0 || row->rows[row->n - 1].state != CHECKING)
    return;
  views[row->n - 1].created = NOW - MS (499);
  fail_unless (gst_rcast_ice_route_is_covered (views, row->n, FALSE, NOW),
      "%s, and that is fresh", row->name);
}

GST_END_TEST;

typedef struct
{
  const gchar *name;
  Row rows[MAX_PATHS];
  guint n;
  gboolean barred;              /* the last path */
  gboolean missing;
} Cover;

static const Cover covers[] = {
  {"no path yet", {{0}}, 0, FALSE, FALSE},
  {"each uplink works", {{ALIVE, TRUE}, {ALIVE, TRUE, 1}}, 2, FALSE, FALSE},
  {"one is in doubt", {{ALIVE, TRUE}, {SUSPECT, TRUE, 1}}, 2, FALSE, FALSE},
  {"one is dead", {{ALIVE, TRUE}, {DEAD, TRUE, 1}}, 2, FALSE, TRUE},
  {"one is not answered yet", {{ALIVE, TRUE}, {CHECKING, FALSE, 1}}, 2, FALSE,
      TRUE},
  {"it has a successor", {{ALIVE, TRUE}, {ALIVE, TRUE, 1}, {DEAD, TRUE, 1}}, 3,
      FALSE, FALSE},
  {"it is not wanted", {{ALIVE, TRUE}, {DEAD, TRUE, 1}}, 2, TRUE, FALSE},
};

GST_START_TEST (test_an_uplink_without_a_path_is_missing)
{
  const Cover *cover = &covers[__i__];
  GstRcastIcePathView views[MAX_PATHS];
  gboolean missing = FALSE;

  fill (cover->rows, cover->n, views);
  if (cover->barred)
    views[cover->n - 1].barred = TRUE;
  for (guint i = 0; i < cover->n; i++)
    missing |= gst_rcast_ice_route_misses_uplink (views, cover->n, i);
  fail_unless (missing == cover->missing, "%s", cover->name);
}

GST_END_TEST;

/* Waiting for a retry lengthens an outage by a sixteenth at most, or by up to half a second. */
GST_START_TEST (test_a_missing_uplink_is_tried_the_sooner_the_shorter_it_is)
{
  gint64 now, tried = 0;

  for (now = MS (50); now < MS (120000); now += MS (50)) {
    gint64 retry = gst_rcast_ice_route_get_retry (TRUE, now);

    fail_unless (retry <= MAX (now / 16, MS (500)) && retry <= MS (10000));
    if (now - tried < retry)
      continue;
    fail_unless (now < MS (10000) || now - tried >= MS (500));
    tried = now;
  }
  assert_equals_int64 (gst_rcast_ice_route_get_retry (TRUE, 0), MS (10000));
  assert_equals_int64 (gst_rcast_ice_route_get_retry (FALSE, 0), MS (1000));
  assert_equals_int64 (gst_rcast_ice_route_get_retry (FALSE, MS (60000)),
      MS (1000));
}

GST_END_TEST;

typedef struct
{
  const gchar *name;
  Row pending;
  gboolean has_current;
  Row current;
  gint64 ready_since;
  gboolean ready;
} Swap;

static const Swap swaps[] = {
  {"nothing works yet", {CHECKING, FALSE}, TRUE, {ALIVE, TRUE}, 0, FALSE},
  {"what works is dead again", {DEAD, TRUE}, FALSE, {0}, S (9), FALSE},
  {"it works", {ALIVE, TRUE}, TRUE, {ALIVE, TRUE}, NOW, TRUE},
  {"a worse one waits", {ALIVE, TRUE, 0, 1, 0, 0, 0, 0, FALSE, "up1"}, TRUE,
      {ALIVE, TRUE, 0, 0, 0, 0, 0, 0, FALSE, "up0"}, NOW, FALSE},
  {"not for ever", {ALIVE, TRUE, 0, 1, 0, 0, 0, 0, FALSE, "up1"}, TRUE,
      {ALIVE, TRUE, 0, 0, 0, 0, 0, 0, FALSE, "up0"}, S (0.3), TRUE},
  {"the path that carried is waited for",
        {ALIVE, TRUE, 1, 0, 0, NOW, 0, 0, FALSE, "up1"}, TRUE,
      {ALIVE, TRUE, 0, 0, 0, NOW, 0, 0, FALSE, "up0"}, NOW, FALSE},
  {"it is there", {ALIVE, TRUE, 0, 0, 0, NOW, 0, 0, FALSE, "up0"}, TRUE,
      {ALIVE, TRUE, 0, 0, 0, NOW, 0, 0, FALSE, "up0"}, NOW, TRUE},
  {"a preferred one is better", {ALIVE, TRUE, 1, 0, 0, NOW, 0, 0, FALSE, "up1"},
      TRUE, {ALIVE, TRUE, 0, 1, 0, NOW, 0, 0, FALSE, "up0"}, NOW, TRUE},
  {"unless it is held",
        {ALIVE, TRUE, 1, 0, 0, S (3), 0, MS (30000), FALSE, "up1"},
      TRUE, {ALIVE, TRUE, 0, 1, 0, NOW, 0, 0, FALSE, "up0"}, NOW, FALSE},
  {"no restart takes media soon to where it was lost",
        {ALIVE, TRUE, 1, 0, 0, S (3), 0.5, MS (30000), FALSE, "up1"},
      TRUE, {ALIVE, TRUE, 0, 1, 0, NOW, 0.3, 0, FALSE, "up0"}, S (2.9), FALSE},
  {"but late, where nothing else works",
        {ALIVE, TRUE, 1, 0, 0, S (3), 0.5, MS (30000), FALSE, "up1"},
      TRUE, {ALIVE, TRUE, 0, 1, 0, NOW, 0.3, 0, FALSE, "up0"}, S (3), TRUE},
  {"not for one that is in doubt", {ALIVE, TRUE, 0, 1}, TRUE,
      {SUSPECT, TRUE, 0, 0}, NOW, TRUE},
  {"not if there is none", {ALIVE, TRUE, 0, 1}, FALSE, {0}, NOW, TRUE},
};

GST_START_TEST (test_readiness_to_swap)
{
  const Swap *swap = &swaps[__i__];
  GstRcastIcePathView pending, current;

  fill (&swap->pending, 1, &pending);
  fill (&swap->current, 1, &current);
  fail_unless (gst_rcast_ice_route_is_ready (&pending, 1,
          swap->has_current ? &current : NULL, swap->ready_since, NOW)
      == swap->ready, "%s", swap->name);
}

GST_END_TEST;

GST_START_TEST (test_return_path_is_where_something_was_heard_last)
{
  GstRcastIcePathView views[3] = { {.id = 1}, {.id = 2}, {.id = 3} };

  assert_equals_int (gst_rcast_ice_route_find_return (views, 3), NONE);
  views[2].last_heard = S (5);
  assert_equals_int (gst_rcast_ice_route_find_return (views, 3), 2);
  views[0].last_heard = S (4);
  assert_equals_int (gst_rcast_ice_route_find_return (views, 3), 0);
}

GST_END_TEST;

/* --- restarts --- */

#define NO_RESTART GST_RCAST_ICE_NO_RESTART
#define LOST GST_RCAST_ICE_RESTART_REASON_PATH_LOST
#define SWITCHED GST_RCAST_ICE_RESTART_REASON_PATH_SWITCHED
#define RETURN GST_RCAST_ICE_RESTART_REASON_RETURN_PATH

GST_START_TEST (test_only_a_lost_path_is_urgent)
{
  GstRcastIceRestartWish wish;

  gst_rcast_ice_restart_wish_init (&wish);
  assert_equals_int (gst_rcast_ice_restart_wish_want (&wish, SWITCHED, FALSE,
          NOW), SWITCHED);
  /* The request is kept until two seconds are over. */
  assert_equals_int (gst_rcast_ice_restart_wish_want (&wish, SWITCHED, FALSE,
          NOW + MS (100)), NO_RESTART);
  assert_equals_int (gst_rcast_ice_restart_wish_step (&wish, NULL, FALSE,
          NOW + MS (1999)), NO_RESTART);
  assert_equals_int (gst_rcast_ice_restart_wish_step (&wish, NULL, FALSE,
          NOW + MS (2000)), SWITCHED);
  assert_equals_int (gst_rcast_ice_restart_wish_step (&wish, NULL, FALSE,
          NOW + MS (9000)), NO_RESTART);
  assert_equals_int (gst_rcast_ice_restart_wish_want (&wish, LOST, FALSE,
          NOW + MS (9000)), LOST);
  assert_equals_int (gst_rcast_ice_restart_wish_want (&wish, LOST, FALSE,
          NOW + MS (9001)), LOST);
}

GST_END_TEST;

GST_START_TEST (test_nothing_is_asked_for_during_a_restart)
{
  GstRcastIceRestartWish wish;

  gst_rcast_ice_restart_wish_init (&wish);
  assert_equals_int (gst_rcast_ice_restart_wish_want (&wish, LOST, TRUE, NOW),
      NO_RESTART);
  assert_equals_int (gst_rcast_ice_restart_wish_want (&wish, SWITCHED, TRUE,
          NOW), NO_RESTART);
  /* The restart is done, and the wish fulfilled. */
  gst_rcast_ice_restart_wish_swapped (&wish, NOW);
  assert_equals_int (gst_rcast_ice_restart_wish_step (&wish, NULL, FALSE,
          NOW + MS (60000)), NO_RESTART);
  /* This time no restart is done. */
  gst_rcast_ice_restart_wish_want (&wish, SWITCHED, TRUE, NOW);
  assert_equals_int (gst_rcast_ice_restart_wish_step (&wish, NULL, FALSE,
          NOW + MS (60000)), SWITCHED);
}

GST_END_TEST;

/* Counts the restarts that are requested until @until. */
static guint
count_restarts (GstRcastIceRestartWish * wish, GstRcastIcePathState carrier,
    gdouble loss, gint64 from, gint64 until)
{
  GstRcastIcePathView carrying = {.state = carrier,.check_loss = loss };
  guint n = 0;

  for (gint64 now = from; now < until; now += MS (50)) {
    gint reason = gst_rcast_ice_restart_wish_step (wish, &carrying, FALSE, now);

    fail_unless (reason == NO_RESTART || reason == (gint) RETURN);
    n += reason != NO_RESTART;
  }
  return n;
}

/* Hears the peer each @rhythm for a minute. Returns: when it was heard last */
static gint64
hear (GstRcastIceRestartWish * wish, gint64 rhythm, gint64 from)
{
  gint64 heard = from;

  for (gint64 now = from; now <= from + MS (60000); now += MS (50)) {
    if ((now - from) % rhythm == 0) {
      gst_rcast_ice_restart_wish_heard (wish, now);
      heard = now;
    }
    assert_equals_int (count_restarts (wish, ALIVE, 0, now, now + 1), 0);
  }
  return heard;
}

GST_START_TEST (test_silent_return_path_is_worth_two_restarts)
{
  GstRcastIceRestartWish wish;
  gint64 last;

  gst_rcast_ice_restart_wish_init (&wish);
  /* Nothing has ever come back: nothing is missing. */
  assert_equals_int (count_restarts (&wish, ALIVE, 0, NOW, NOW + MS (60000)),
      0);
  last = hear (&wish, MS (250), NOW + MS (60000));
  assert_equals_int (count_restarts (&wish, ALIVE, 0, last, last + MS (4000)),
      0);
  assert_equals_int (count_restarts (&wish, ALIVE, 0, last + MS (4000),
          last + MS (4100)), 1);
  assert_equals_int (count_restarts (&wish, ALIVE, 0, last + MS (4100),
          last + MS (600000)), 1);
  last = hear (&wish, MS (250), last + MS (600000));
  /* That silence is remembered: the peer may be as silent again. */
  assert_equals_int (count_restarts (&wish, ALIVE, 0, last,
          last + MS (600000)), 2);
}

GST_END_TEST;

typedef struct
{
  gint64 rhythm;
  gdouble loss;                 /* of checks */
  gint64 patience;              /* and a quarter more at most */
} Rare;

static const Rare rares[] = {
  {MS (100), 0, MS (4000)}, {MS (100), 0.1, MS (4000)},
  {MS (1000), 0, MS (4000)}, {MS (1000), 0.2, MS (6000)},
  {MS (3000), 0, MS (9000)}, {MS (3000), 0.2, MS (18000)},
  {MS (7500), 0, MS (22500)},
};

/* One lost report is no silence. */
GST_START_TEST (test_rare_reports_are_waited_for)
{
  const Rare *rare = &rares[__i__];
  GstRcastIceRestartWish wish;
  gint64 last;

  gst_rcast_ice_restart_wish_init (&wish);
  last = hear (&wish, rare->rhythm, NOW);
  assert_equals_int (count_restarts (&wish, ALIVE, rare->loss, last,
          last + rare->patience), 0);
  assert_equals_int (count_restarts (&wish, ALIVE, rare->loss,
          last + rare->patience, last + rare->patience * 5 / 4), 1);
}

GST_END_TEST;

/* DTLS arrives at once, and the first report much later. */
GST_START_TEST (test_first_report_is_waited_for)
{
  GstRcastIceRestartWish wish;

  gst_rcast_ice_restart_wish_init (&wish);
  for (guint i = 0; i < 20; i++)
    gst_rcast_ice_restart_wish_heard (&wish, NOW + MS (10 * i));
  assert_equals_int (count_restarts (&wish, ALIVE, 0, NOW + MS (200),
          NOW + MS (12500)), 0);
  gst_rcast_ice_restart_wish_heard (&wish, NOW + MS (12500));
  assert_equals_int (count_restarts (&wish, ALIVE, 0, NOW + MS (12500),
          NOW + MS (30000)), 0);
}

GST_END_TEST;

/* Media for three seconds, 50 packets per second. Returns: when the last packet came */
static gint64
hear_media (GstRcastIceRestartWish * wish, gint64 from)
{
  for (gint64 now = from; now < from + MS (3000); now += MS (20))
    gst_rcast_ice_restart_wish_heard (wish, now);
  return from + MS (2980);
}

/* A path dies during a restart, and the peer sends on it once the restart is done. No packet comes
 * on the dead path that could show this. */
GST_START_TEST (test_path_that_dies_during_a_restart_is_worth_another)
{
  GstRcastIceRestartWish wish;
  gint64 last;

  gst_rcast_ice_restart_wish_init (&wish);
  last = hear_media (&wish, NOW);
  assert_equals_int (gst_rcast_ice_restart_wish_want (&wish, SWITCHED, FALSE,
          last), SWITCHED);
  gst_rcast_ice_restart_wish_lost (&wish, last + MS (50));
  assert_equals_int (gst_rcast_ice_restart_wish_want (&wish, RETURN, TRUE,
          last + MS (50)), NO_RESTART);
  /* This packet was in flight when the path died. */
  last += MS (60);
  gst_rcast_ice_restart_wish_heard (&wish, last);
  gst_rcast_ice_restart_wish_swapped (&wish, last);
  assert_equals_int (count_restarts (&wish, ALIVE, 0, last, last + MS (1900)),
      0);
  assert_equals_int (count_restarts (&wish, ALIVE, 0, last + MS (1900),
          last + MS (2100)), 1);
  /* The restart has had its chance. From here on no path counts as dead. */
  assert_equals_int (count_restarts (&wish, ALIVE, 0, last + MS (2100),
          last + MS (12000)), 0);
  assert_equals_int (count_restarts (&wish, ALIVE, 0, last + MS (12000),
          last + MS (600000)), 1);
}

GST_END_TEST;

/* The dead path was in use before the restart, and nothing can have come on the new one yet. */
GST_START_TEST (test_slow_restart_has_its_chance)
{
  GstRcastIceRestartWish wish;
  gint64 last;

  gst_rcast_ice_restart_wish_init (&wish);
  last = hear_media (&wish, NOW);
  gst_rcast_ice_restart_wish_lost (&wish, last);
  assert_equals_int (gst_rcast_ice_restart_wish_want (&wish, RETURN, FALSE,
          last), RETURN);
  gst_rcast_ice_restart_wish_swapped (&wish, last + MS (2500));
  assert_equals_int (count_restarts (&wish, ALIVE, 0, last + MS (2500),
          last + MS (3450)), 0);
  assert_equals_int (count_restarts (&wish, ALIVE, 0, last + MS (3450),
          last + MS (3600)), 1);
}

GST_END_TEST;

/* The silence of the dead path put the carrier in doubt as well, before the link went down. */
GST_START_TEST (test_path_that_dies_while_the_carrier_is_in_doubt_is_told)
{
  GstRcastIceRestartWish wish;
  gint64 last;

  gst_rcast_ice_restart_wish_init (&wish);
  last = hear_media (&wish, NOW);
  gst_rcast_ice_restart_wish_lost (&wish, last + MS (350));
  assert_equals_int (count_restarts (&wish, SUSPECT, 0, last + MS (350),
          last + MS (400)), 0);
  assert_equals_int (count_restarts (&wish, ALIVE, 0, last + MS (400),
          last + MS (1300)), 0);
  assert_equals_int (count_restarts (&wish, ALIVE, 0, last + MS (1300),
          last + MS (1450)), 1);
}

GST_END_TEST;

/* The peer goes on with another path. It is silent later, when its publisher has left. */
GST_START_TEST (test_dead_path_is_no_matter_where_media_goes_on)
{
  GstRcastIceRestartWish wish;
  gint64 last;

  gst_rcast_ice_restart_wish_init (&wish);
  last = hear_media (&wish, NOW);
  gst_rcast_ice_restart_wish_lost (&wish, last);
  last = hear_media (&wish, last);
  assert_equals_int (count_restarts (&wish, ALIVE, 0, last, last + MS (4000)),
      0);
}

GST_END_TEST;

/* This process stands still for a minute, and the peer had nothing to report. */
GST_START_TEST (test_own_standstill_is_no_silence)
{
  GstRcastIceRestartWish wish;
  gint64 last;

  gst_rcast_ice_restart_wish_init (&wish);
  last = hear (&wish, MS (250), NOW);
  assert_equals_int (count_restarts (&wish, ALIVE, 0, last + MS (60000),
          last + MS (63000)), 0);
  assert_equals_int (count_restarts (&wish, ALIVE, 0, last + MS (63000),
          last + MS (65000)), 1);
}

GST_END_TEST;

/* While the carrier itself is in doubt, silence requests no restart. */
GST_START_TEST (test_silence_of_a_doubtful_path_asks_for_nothing)
{
  GstRcastIceRestartWish wish;
  gint64 last;

  gst_rcast_ice_restart_wish_init (&wish);
  last = hear (&wish, MS (250), NOW);
  assert_equals_int (count_restarts (&wish, SUSPECT, 0, last,
          last + MS (60000)), 0);
  assert_equals_int (count_restarts (&wish, DEAD, 0, last + MS (60000),
          last + MS (120000)), 0);
}

GST_END_TEST;

static Suite *
route_suite (void)
{
  Suite *s = suite_create ("ice-route");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_bond, 0, G_N_ELEMENTS (bonds));
  tcase_add_loop_test (tc, test_choice, 0, G_N_ELEMENTS (choices));
  tcase_add_loop_test (tc, test_hopeless_paths, 0, G_N_ELEMENTS (hopes));
  tcase_add_test (tc, test_few_paths_seek_an_uplink);
  tcase_add_loop_test (tc, test_what_covers_an_uplink, 0,
      G_N_ELEMENTS (coverings));
  tcase_add_loop_test (tc, test_an_uplink_without_a_path_is_missing, 0,
      G_N_ELEMENTS (covers));
  tcase_add_test (tc,
      test_a_missing_uplink_is_tried_the_sooner_the_shorter_it_is);
  tcase_add_loop_test (tc, test_readiness_to_swap, 0, G_N_ELEMENTS (swaps));
  tcase_add_test (tc, test_return_path_is_where_something_was_heard_last);
  tcase_add_test (tc, test_only_a_lost_path_is_urgent);
  tcase_add_test (tc, test_nothing_is_asked_for_during_a_restart);
  tcase_add_test (tc, test_silent_return_path_is_worth_two_restarts);
  tcase_add_loop_test (tc, test_rare_reports_are_waited_for, 0,
      G_N_ELEMENTS (rares));
  tcase_add_test (tc, test_first_report_is_waited_for);
  tcase_add_test (tc,
      test_path_that_dies_during_a_restart_is_worth_another);
  tcase_add_test (tc, test_slow_restart_has_its_chance);
  tcase_add_test (tc,
      test_path_that_dies_while_the_carrier_is_in_doubt_is_told);
  tcase_add_test (tc, test_dead_path_is_no_matter_where_media_goes_on);
  tcase_add_test (tc, test_own_standstill_is_no_silence);
  tcase_add_test (tc, test_silence_of_a_doubtful_path_asks_for_nothing);
  return s;
}

GST_CHECK_MAIN (route);
