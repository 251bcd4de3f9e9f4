/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What uplinks may carry: the words of path-limits, the turn of the day, and
 * when the owner hears of it. */
#include "config.h"

#include <glib/gstdio.h>
#include <gst/check/gstcheck.h>

#include "gstrcastallowances.h"
#include "gstrcastpaths.h"
#include "rcast-allowance.h"
#include "rcast-error.h"

#define ANY G_MAXUINT64
#define GB G_GUINT64_CONSTANT (1000000000)
#define DAY (24 * 3600)
/* 2026-03-28 12:00 UTC; in Berlin the clock goes forward in the following night */
#define NOON G_GINT64_CONSTANT (1774699200)

static const struct
{
  const gchar *text, *uplink;
  guint64 rate, daily;
} words[] = {
  {"wwan0:1500kbit/s:2GB/day", "wwan0", 1500000, 2 * GB},
  {"wwan0:2GB/day:1500kbit/s", "wwan0", 1500000, 2 * GB},
  {"cellular:1.5Mbit/s", "cellular", 1500000, ANY},
  {"cellular:500MB/day", "cellular", ANY, GB / 2},
  {"eth0.100:10000bit/s", "eth0.100", 10000, ANY},
  {"vpn:1Gbit/s:1TB/day", "vpn", GB, 1000 * GB},
  {"a:1B/day", "a", ANY, 1},
  {"a:0.001kB/day", "a", ANY, 1},
};

GST_START_TEST (test_words)
{
  GstRcastAllowance allowance;
  g_autoptr (GError) error = NULL;

  fail_unless (gst_rcast_allowance_parse (words[__i__].text, &allowance,
          &error), "%s", error ? error->message : "");
  assert_equals_string (allowance.uplink, words[__i__].uplink);
  assert_equals_uint64 (allowance.rate, words[__i__].rate);
  assert_equals_uint64 (allowance.daily, words[__i__].daily);
  gst_rcast_allowance_clear (&allowance);
}

GST_END_TEST;

/* The text, and what its error names besides */
static const gchar *const bad_words[][2] = {
  {"", "a colon"}, {"wwan0", "a colon"}, {":2GB/day", "a colon"},
  {"wwan0:", "\"\" is no limit"}, {"wwan0:2GB", "\"2GB\" is no limit"},
  {"wwan0:2gb/day", "\"2gb/day\" is no limit"},
  {"wwan0:GB/day", "\"GB/day\" is no limit"},
  {"wwan0:-2GB/day", "\"-2GB/day\" is no limit"},
  {"wwan0:1e3GB/day", "\"1e3GB/day\" is no limit"},
  {"wwan0:.5GB/day", "\".5GB/day\" is no limit"},
  {"wwan0:5.GB/day", "\"5.GB/day\" is no limit"},
  {"wwan0: 5GB/day", "\" 5GB/day\" is no limit"},
  {"wwan0:0GB/day", "\"0GB/day\" is no limit"},
  {"wwan0:9999bit/s", "10000 at least"},
  {"wwan0:1Mbit/s:2Mbit/s", "\"2Mbit/s\" is no limit, or a second one"},
  {"wwan0:1GB/day:2GB/day", "\"2GB/day\" is no limit, or a second one"},
  {"wwan0:1Mbit/s:1GB/day:1kbit/s", "a colon"},
  {"wwan0:999999999999999TB/day", "is no limit"},
  {"wwan0:1000000000000000B/day1", "is no limit"},
  {"wwan0:1234567890123456B/day", "is no limit"},
  {"a/b:1GB/day", "a colon"}, {"a b:1GB/day", "a colon"},
  {"interfaces-are-shorter:1GB/day", "a colon"},
  {"\xff\xff:1GB/day", "a colon"},
};

GST_START_TEST (test_bad_words)
{
  GstRcastAllowance allowance;
  g_autoptr (GError) error = NULL;

  fail_if (gst_rcast_allowance_parse (bad_words[__i__][0], &allowance,
          &error), "%s", bad_words[__i__][0]);
  fail_unless (g_error_matches (error, GST_RCAST_ERROR,
          GST_RCAST_ERROR_INVALID_ARGUMENT));
  fail_unless (strstr (error->message, bad_words[__i__][1]) != NULL, "%s",
      error->message);
  fail_unless (strstr (error->message, "wwan0:1500kbit/s:2GB/day")
      || strstr (error->message, bad_words[__i__][0]), "%s", error->message);
}

GST_END_TEST;

/* A quota of @day, with @used bytes used, is turned to @today. */
static const struct
{
  const gchar *what;
  gint day;
  guint64 used;
  gint today;
  gint then;
  guint64 left;                 /* what is still used */
} turns[] = {
  {"the same day", 739700, 5, 739700, 739700, 5},
  {"the next day", 739700, 5, 739701, 739701, 0},
  {"weeks later", 739700, 5, 739720, 739720, 0},
  {"the first one", 0, 5, 739700, 739700, 5},
  {"the clock is not set yet", 739700, 5, 719163, 739700, 5},
  {"nor was it ever", 0, 5, 719163, 0, 5},
  {"the clock goes on from where the machine was switched off", 739700, 5,
      739699, 739700, 5},
  {"the clock was wrong", 739800, 5, 739700, 739800, 5},
};

GST_START_TEST (test_turn_of_the_day)
{
  GstRcastQuota quota = {.used = turns[__i__].used,.day = turns[__i__].day };

  gst_rcast_quota_turn (&quota, turns[__i__].today);
  fail_unless (quota.day == turns[__i__].then
      && quota.used == turns[__i__].left, "%s: %" G_GUINT64_FORMAT
      " used of day %d", turns[__i__].what, quota.used, quota.day);
}

GST_END_TEST;

/* The days that the clock shows in turn; one byte is used on each. */
static const struct
{
  const gchar *what;
  gint days[5];                 /* 0: no more */
  guint64 used;
} clocks[] = {
  {"no clock before NTP", {739700, 739300, 739700}, 3},
  {"each time that it starts", {739700, 739300, 739700, 739300, 739700}, 5},
  {"it had the day before", {739700, 739699, 739700}, 3},
  {"first one, then the other", {739700, 739699, 739300, 739700}, 4},
  {"NTP comes on the next day", {739700, 739300, 739701}, 1},
  {"it was ahead", {739800, 739700, 739700}, 3},
  {"it was ahead, and midnight comes", {739800, 739700, 739701}, 1},
  {"and another one", {739800, 739700, 739701, 739701, 739702}, 1},
  {"not set at all in between", {739800, 739700, 719163, 739700}, 4},
};

/* @restart: the count is printed and parsed each time */
static void
check_clock (guint row, gboolean restart)
{
  GstRcastQuota quota = { 0 };

  for (guint i = 0; i < 5 && clocks[row].days[i] > 0; i++) {
    g_autofree gchar *line = NULL, *interface = NULL;

    gst_rcast_quota_turn (&quota, clocks[row].days[i]);
    quota.used++;
    if (!restart)
      continue;
    line = gst_rcast_quota_print (&quota, "wwan0");
    fail_unless (gst_rcast_quota_parse (g_strchomp (line), &interface,
            &quota), "%s", line);
  }
  fail_unless (quota.used == clocks[row].used, "%s%s: %" G_GUINT64_FORMAT,
      clocks[row].what, restart ? ", restarted" : "", quota.used);
}

GST_START_TEST (test_clock_that_is_set_gives_nothing_back)
{
  check_clock (__i__, FALSE);
  check_clock (__i__, TRUE);
}

GST_END_TEST;

/* Local midnight, in the night in which an hour is left out */
GST_START_TEST (test_day_begins_at_local_midnight)
{
  gint day;

  g_setenv ("TZ", "Europe/Berlin", TRUE);
  tzset ();
  day = gst_rcast_quota_find_day (NOON);
  /* UTC+1: midnight is at 23:00 */
  assert_equals_int (gst_rcast_quota_find_day (NOON + 11 * 3600 - 1), day);
  assert_equals_int (gst_rcast_quota_find_day (NOON + 11 * 3600), day + 1);
  /* UTC+2 */
  assert_equals_int (gst_rcast_quota_find_day (NOON + 34 * 3600 - 1), day + 1);
  assert_equals_int (gst_rcast_quota_find_day (NOON + 34 * 3600), day + 2);
}

GST_END_TEST;

GST_START_TEST (test_owner_hears_twice_a_day)
{
  GstRcastQuota quota = {.day = 739700 };

  quota.used = 799;
  assert_equals_int (gst_rcast_quota_judge (&quota, 1000),
      GST_RCAST_QUOTA_NOTHING);
  assert_equals_int (gst_rcast_quota_judge (&quota, ANY),
      GST_RCAST_QUOTA_NOTHING);
  quota.used = 800;
  assert_equals_int (gst_rcast_quota_judge (&quota, 1000),
      GST_RCAST_QUOTA_NEARLY);
  quota.used = 999;
  assert_equals_int (gst_rcast_quota_judge (&quota, 1000),
      GST_RCAST_QUOTA_NOTHING);
  quota.used = 1000;
  assert_equals_int (gst_rcast_quota_judge (&quota, 1000),
      GST_RCAST_QUOTA_SPENT);
  quota.used = 5000;
  assert_equals_int (gst_rcast_quota_judge (&quota, 1000),
      GST_RCAST_QUOTA_NOTHING);
  gst_rcast_quota_turn (&quota, 739701);
  quota.used = 3000;
  assert_equals_int (gst_rcast_quota_judge (&quota, 1000),
      GST_RCAST_QUOTA_SPENT);
}

GST_END_TEST;

static const gchar *const bad_lines[] = {
  "", "used", "used 739700 wwan0", "used 739700 wwan0 -1",
  "used 739700 wwan0 1 2", "used 739700 wwan0 1 739700",
  "used 739700 wwan0 1 739699 1", "used 737425 wwan0 1 737424",
  "used 1 wwan0 1", "used 99999999 wwan0 1",
  "used 739700 a/b 1", "used 739700 interfaces-are-shorter 1",
  "used 739700  1", "739700 wwan0 1", "used 739700 wwan0 99999999999999999999",
};

GST_START_TEST (test_bad_lines)
{
  GstRcastQuota quota;
  gchar *interface = NULL;

  fail_if (gst_rcast_quota_parse (bad_lines[__i__], &interface, &quota));
  fail_unless (interface == NULL);
}

GST_END_TEST;

/* --- the allowances of a rcastsink --- */

typedef struct
{
  gint64 date;
  GString *heard;               /* a word for each news */
} Owner;

static gint64
get_date (gpointer data)
{
  return ((Owner *) data)->date;
}

static void
on_news (const GstRcastAllowancesNews * news, gpointer data)
{
  Owner *owner = data;

  if (!news)
    g_string_append (owner->heard, "keep ");
  else
    g_string_append_printf (owner->heard, "%s:%" G_GUINT64_FORMAT "/%"
        G_GUINT64_FORMAT "%s ", news->interface, news->used, news->daily,
        news->spent ? "!" : "");
}

/* @sysfs: where interfaces are described */
static GstRcastAllowances *
new_allowances_at (Owner * owner, const gchar * sysfs,
    const gchar * const *limits)
{
  GstRcastAllowances *allowances =
      gst_rcast_allowances_new (sysfs, get_date, owner);

  owner->date = NOON;
  owner->heard = g_string_new (NULL);
  gst_rcast_allowances_configure (allowances, limits);
  gst_rcast_allowances_watch (allowances, on_news, owner);
  return allowances;
}

/* Without sysfs, interfaces have names only. */
static GstRcastAllowances *
new_allowances (Owner * owner, const gchar * const *limits)
{
  return new_allowances_at (owner, "/nowhere", limits);
}

static void
assert_heard (Owner * owner, GstRcastAllowances * allowances,
    GstClockTime now, const gchar * expected)
{
  gst_rcast_allowances_tick (allowances, now);
  assert_equals_string (owner->heard->str, expected);
  g_string_truncate (owner->heard, 0);
}

static void
assert_spent (GstRcastAllowances * allowances, const gchar * expected)
{
  g_auto (GStrv) spent = gst_rcast_allowances_list_spent (allowances);
  g_autofree gchar *joined = g_strjoinv (" ", spent);

  assert_equals_string (joined, expected);
}

/* wwan7 and wwan8 are cellular by their names. */
static const gchar *const limits[] = { "cellular:1kB/day", "wwan7:400B/day",
  "wwan8:1Mbit/s", NULL
};

GST_START_TEST (test_each_uplink_has_the_least_of_what_fits)
{
  Owner owner;
  g_autoptr (GstRcastAllowances) allowances = new_allowances (&owner, limits);
  const gchar *seventh = g_intern_string ("wwan7");
  const gchar *eighth = g_intern_string ("wwan8");

  assert_equals_uint64 (gst_rcast_allowances_get_rate (allowances, seventh), ANY);
  assert_equals_uint64 (gst_rcast_allowances_get_rate (allowances, eighth),
      1000000);
  assert_equals_uint64 (gst_rcast_allowances_get_rate (allowances, NULL), ANY);
  assert_heard (&owner, allowances, 0, "");
  gst_rcast_allowances_sent (allowances, seventh, 330);
  gst_rcast_allowances_sent (allowances, eighth, 790);
  gst_rcast_allowances_sent (allowances, g_intern_string ("eth7"), 5000);
  gst_rcast_allowances_sent (allowances, NULL, 5000);
  assert_heard (&owner, allowances, 31 * GST_SECOND, "wwan7:330/400 keep ");
  assert_spent (allowances, "");
  gst_rcast_allowances_sent (allowances, seventh, 70);
  gst_rcast_allowances_sent (allowances, eighth, 10);
  assert_spent (allowances, "wwan7");
  assert_heard (&owner, allowances, 32 * GST_SECOND,
      "wwan7:400/400! wwan8:800/1000 keep ");
  assert_heard (&owner, allowances, 99 * GST_SECOND, "");
  /* A growing count is kept now and then. */
  gst_rcast_allowances_sent (allowances, eighth, 10);
  assert_heard (&owner, allowances, 61 * GST_SECOND, "");
  assert_heard (&owner, allowances, 63 * GST_SECOND, "keep ");
  owner.date += DAY;
  assert_spent (allowances, "");
  gst_rcast_allowances_sent (allowances, seventh, 400);
  assert_heard (&owner, allowances, 99 * GST_SECOND, "wwan7:400/400! keep ");
  g_string_free (owner.heard, TRUE);
}

GST_END_TEST;

/* Counts are kept in a file, over midnight or not. */
GST_START_TEST (test_counts_survive_a_restart)
{
  Owner before, after;
  g_autoptr (GstRcastAllowances) old = new_allowances (&before, limits);
  g_autoptr (GstRcastAllowances) fresh = new_allowances (&after, limits);
  g_autofree gchar *text = NULL;
  g_auto (GStrv) lines = NULL;

  assert_spent (old, "");
  gst_rcast_allowances_sent (old, g_intern_string ("wwan7"), 300);
  gst_rcast_allowances_tick (old, 0);
  text = gst_rcast_allowances_print (old);
  lines = g_strsplit (text, "\n", -1);
  assert_equals_int (g_strv_length (lines), 2);
  fail_unless (gst_rcast_allowances_parse (fresh, lines[0]));
  after.date += __i__ * DAY;
  gst_rcast_allowances_sent (fresh, g_intern_string ("wwan7"), 0);
  assert_spent (fresh, "");
  gst_rcast_allowances_sent (fresh, g_intern_string ("wwan7"), 100);
  assert_spent (fresh, __i__ == 0 ? "wwan7" : "");
  /* Parsing the same line again takes nothing back. */
  fail_unless (gst_rcast_allowances_parse (fresh, lines[0]));
  assert_spent (fresh, __i__ == 0 ? "wwan7" : "");
  fail_if (gst_rcast_allowances_parse (fresh, "used up"));
  g_string_free (before.heard, TRUE);
  g_string_free (after.heard, TRUE);
}

GST_END_TEST;

/* Adds an interface usb0 to @sysfs, which is a modem. */
static void
plug_in (const gchar * sysfs)
{
  g_autofree gchar *folder = g_build_filename (sysfs, "usb0", NULL);
  g_autofree gchar *file = g_build_filename (folder, "uevent", NULL);

  fail_unless (g_mkdir (folder, 0700) == 0);
  fail_unless (g_file_set_contents (file, "DEVTYPE=wwan\n", -1, NULL));
}

static void
unplug (const gchar * sysfs)
{
  g_autofree gchar *folder = g_build_filename (sysfs, "usb0", NULL);
  g_autofree gchar *file = g_build_filename (folder, "uevent", NULL);

  fail_unless (g_remove (file) == 0 && g_remove (folder) == 0);
}

/* The file has a count of the modem before it is plugged in. The modem's
 * name does not say what it is. */
GST_START_TEST (test_modem_is_plugged_in_after_the_file_is_read)
{
  static const gchar *const modems[] = { "cellular:1Mbit/s:1kB/day", NULL };
  g_autofree gchar *sysfs = g_dir_make_tmp ("rcast-modem-XXXXXX", NULL);
  g_autofree gchar *line = NULL;
  const gchar *usb = g_intern_string ("usb0");
  Owner owner;
  g_autoptr (GstRcastAllowances) allowances =
      new_allowances_at (&owner, sysfs, modems);

  line = g_strdup_printf ("used %d usb0 900", gst_rcast_quota_find_day (NOON));
  fail_unless (gst_rcast_allowances_parse (allowances, line));
  assert_spent (allowances, "");
  plug_in (sysfs);
  if (__i__ == 0)
    assert_equals_uint64 (gst_rcast_allowances_get_rate (allowances, usb),
        1000000);
  gst_rcast_allowances_sent (allowances, usb, 100);
  assert_spent (allowances, "usb0");
  assert_equals_uint64 (gst_rcast_allowances_get_rate (allowances, usb),
      1000000);
  /* The modem is known by now. */
  unplug (sysfs);
  gst_rcast_allowances_sent (allowances, usb, 100);
  fail_unless (gst_rcast_allowances_parse (allowances, line));
  assert_spent (allowances, "usb0");
  fail_unless (g_remove (sysfs) == 0);
  g_string_free (owner.heard, TRUE);
}

GST_END_TEST;

#define MANY 200

/* Names change, but each name has its limit, today and after many days. */
GST_START_TEST (test_no_uplink_is_one_too_many)
{
  static const gchar *const modems[] = { "cellular:1Mbit/s:1kB/day", NULL };
  Owner owner;
  g_autoptr (GstRcastAllowances) allowances = new_allowances (&owner, modems);
  g_autoptr (GString) spent = g_string_new (NULL);
  g_autoptr (GstStructure) stats = gst_structure_new_empty ("stats");

  for (guint i = 0; i < MANY; i++) {
    g_autofree gchar *name = g_strdup_printf ("wwan%u", i);

    assert_equals_uint64 (gst_rcast_allowances_get_rate (allowances,
            g_intern_string (name)), 1000000);
    gst_rcast_allowances_sent (allowances, g_intern_string (name), 1000);
    g_string_append_printf (spent, i > 0 ? " %s" : "%s", name);
  }
  assert_spent (allowances, spent->str);
  for (guint i = 0; i < MANY; i++) {
    g_autofree gchar *name = g_strdup_printf ("ppp%u", i);

    owner.date += DAY;
    gst_rcast_allowances_sent (allowances, g_intern_string (name), 1000);
    assert_spent (allowances, name);
  }
  /* A new name takes the place of an old one. */
  gst_rcast_allowances_add_stats (allowances, stats);
  assert_equals_int (gst_value_list_get_size (gst_structure_get_value (stats,
              "path-limits")), MANY);
  g_string_free (owner.heard, TRUE);
}

GST_END_TEST;

GST_START_TEST (test_other_words_count_at_once)
{
  static const gchar *const none[] = { NULL };
  Owner owner;
  g_autoptr (GstRcastAllowances) allowances = new_allowances (&owner, limits);

  gst_rcast_allowances_sent (allowances, g_intern_string ("wwan7"), 500);
  assert_spent (allowances, "wwan7");
  gst_rcast_allowances_configure (allowances, none);
  fail_if (gst_rcast_allowances_is_any (allowances));
  assert_spent (allowances, "");
  gst_rcast_allowances_configure (allowances, limits);
  assert_spent (allowances, "wwan7");
  g_string_free (owner.heard, TRUE);
}

GST_END_TEST;

GST_START_TEST (test_stats)
{
  Owner owner;
  g_autoptr (GstRcastAllowances) allowances = new_allowances (&owner, limits);
  g_autoptr (GstStructure) stats = gst_structure_new_empty ("stats");
  const GValue *list;
  g_autofree gchar *text = NULL;

  gst_rcast_allowances_sent (allowances, g_intern_string ("eth7"), 5);
  gst_rcast_allowances_sent (allowances, g_intern_string ("wwan8"), 1000);
  gst_rcast_allowances_add_stats (allowances, stats);
  list = gst_structure_get_value (stats, "path-limits");
  assert_equals_int (gst_value_list_get_size (list), 1);
  text = gst_structure_to_string (gst_value_get_structure
      (gst_value_list_get_value (list, 0)));
  assert_equals_string (text, "application/x-rcast-path-limit, "
      "interface=(string)wwan8, bitrate=(guint64)1000000, "
      "bytes-per-day=(guint64)1000, bytes-today=(guint64)1000, "
      "spent=(boolean)true;");
  g_string_free (owner.heard, TRUE);
}

GST_END_TEST;

/* --- the controller of an uplink --- */

#define PACKET 1200

static void
send_one (GstRcastPaths * paths, const gchar * interface, guint16 number,
    GstClockTime now)
{
  gst_rcast_paths_sent (paths, g_intern_string (interface), number, PACKET,
      FALSE, now);
  gst_rcast_paths_begin_report (paths);
  gst_rcast_paths_arrival (paths, number, now + 20 * GST_MSECOND, now);
  gst_rcast_paths_end_report (paths, now);
}

/* On a wide link, with all that may be sent at once, the target stays below the limit, and the
 * pacer sends no faster. @interface: limited to 1 Mbit/s */
GST_START_TEST (test_target_keeps_to_the_limit)
{
  static const GstRcastRateConfig config = { 3000000, 1500000, 9000000 };
  static const gchar *const uplinks[] = { "wwan8", "eth7" };
  Owner owner;
  g_autoptr (GstRcastAllowances) allowances = new_allowances (&owner, limits);
  GstRcastPaths *paths = gst_rcast_paths_new (&config, NULL);
  GstClockTime now = GST_SECOND;
  GstRcastPathsView view;
  guint16 number = 0;

  gst_rcast_paths_set_allowances (paths, allowances);
  for (guint i = 0; i < 100; i++, now += 100 * GST_MSECOND) {
    for (guint k = 0; k < 10; k++)
      send_one (paths, uplinks[__i__], number++, now + k * 10 * GST_MSECOND);
    gst_rcast_paths_tick (paths, &view, now + 95 * GST_MSECOND);
    if (__i__ == 0)
      fail_unless (view.target > 0 && view.target <= 1000000
          && view.pacing <= 1000000, "%" G_GUINT64_FORMAT ", %"
          G_GUINT64_FORMAT, view.target, view.pacing);
    else
      fail_unless (view.target >= 1500000);
  }
  gst_rcast_paths_free (paths);
  g_string_free (owner.heard, TRUE);
}

GST_END_TEST;

/* The limit leaves less than the media takes, and nothing else shows this. */
GST_START_TEST (test_limit_leaves_no_room_for_the_media)
{
  static const GstRcastRateConfig config = { 3000000, 100000, 9000000 };
  static const gchar *const uplinks[] = { "wwan8", "eth7" };
  Owner owner;
  g_autoptr (GstRcastAllowances) allowances = new_allowances (&owner, limits);
  GstRcastPaths *paths = gst_rcast_paths_new (&config, NULL);
  GstClockTime now = GST_SECOND;
  const gchar *interface = NULL;
  GstRcastPathsView view;
  guint16 number = 0;

  gst_rcast_paths_set_allowances (paths, allowances);
  for (guint i = 0; i < 20; i++, now += 100 * GST_MSECOND) {
    for (guint k = 0; k < 2; k++)
      send_one (paths, uplinks[__i__], number++, now + k * 10 * GST_MSECOND);
    gst_rcast_paths_tick (paths, &view, now + 95 * GST_MSECOND);
  }
  if (__i__ == 0) {
    assert_equals_uint64 (gst_rcast_paths_find_room (paths, 1200000,
            &interface, now), 900000);
    assert_equals_string (interface, "wwan8");
  } else {
    guint64 room = gst_rcast_paths_find_room (paths, 1200000, &interface, now);

    fail_unless (room == 0 || room >= 1200000, "%" G_GUINT64_FORMAT, room);
  }
  gst_rcast_paths_free (paths);
  g_string_free (owner.heard, TRUE);
}

GST_END_TEST;

static Suite *
allowance_suite (void)
{
  Suite *s = suite_create ("allowance");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_words, 0, G_N_ELEMENTS (words));
  tcase_add_loop_test (tc, test_bad_words, 0, G_N_ELEMENTS (bad_words));
  tcase_add_loop_test (tc, test_turn_of_the_day, 0, G_N_ELEMENTS (turns));
  tcase_add_loop_test (tc, test_clock_that_is_set_gives_nothing_back, 0,
      G_N_ELEMENTS (clocks));
  tcase_add_test (tc, test_day_begins_at_local_midnight);
  tcase_add_test (tc, test_owner_hears_twice_a_day);
  tcase_add_loop_test (tc, test_bad_lines, 0, G_N_ELEMENTS (bad_lines));
  tcase_add_test (tc, test_each_uplink_has_the_least_of_what_fits);
  tcase_add_loop_test (tc, test_counts_survive_a_restart, 0, 2);
  tcase_add_loop_test (tc, test_modem_is_plugged_in_after_the_file_is_read, 0,
      2);
  tcase_add_test (tc, test_no_uplink_is_one_too_many);
  tcase_add_test (tc, test_other_words_count_at_once);
  tcase_add_test (tc, test_stats);
  tcase_add_loop_test (tc, test_target_keeps_to_the_limit, 0, 2);
  tcase_add_loop_test (tc, test_limit_leaves_no_room_for_the_media, 0, 2);
  return s;
}

GST_CHECK_MAIN (allowance);
