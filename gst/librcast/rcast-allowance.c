/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The limits of an uplink's data plan: bit/s, and bytes a day. */
#include "config.h"

#include "rcast-allowance.h"

#include <string.h>

#include "rcast-error.h"

/* linux/if.h: IFNAMSIZ, with the NUL; interface names have no colon (dev_valid_name()) */
#define MAX_NAME 15
/* Least bit/s that are of any use */
#define LEAST_RATE 10000
/* More than anybody has; sums of it do not overflow. */
#define MOST (G_GUINT64_CONSTANT (1000000) * 1000000000)
/* Percent of the daily limit at which the owner is warned */
#define NEARLY_PERCENT 80
/* Before this day, the clock is not set yet: 2020-01-01, as g_date_get_julian() counts */
#define UNSET_DAY 737425

static const struct
{
  const gchar *name;
  guint64 factor;
  gboolean daily;
} units[] = {
  {"bit/s", 1, FALSE},
  {"kbit/s", 1000, FALSE},
  {"Mbit/s", 1000000, FALSE},
  {"Gbit/s", 1000000000, FALSE},
  {"B/day", 1, TRUE},
  {"kB/day", 1000, TRUE},
  {"MB/day", 1000000, TRUE},
  {"GB/day", 1000000000, TRUE},
  {"TB/day", G_GUINT64_CONSTANT (1000000000000), TRUE},
};

static gboolean
is_name (const gchar * text)
{
  gsize length = strlen (text);

  return length > 0 && length <= MAX_NAME && !strpbrk (text, " \t\r\n/:")
      && g_utf8_validate (text, -1, NULL);
}

/* Returns: whether @text begins with a number without sign and exponent */
static gboolean
parse_number (const gchar * text, gdouble * number, const gchar ** rest)
{
  gsize digits = strspn (text, "0123456789"), length = digits;
  g_autofree gchar *copy = NULL;

  if (digits > 0 && text[digits] == '.')
    length += 1 + strspn (text + digits + 1, "0123456789");
  if (digits == 0 || digits > 15 || length > 20 || text[length - 1] == '.')
    return FALSE;
  copy = g_strndup (text, length);
  *number = g_ascii_strtod (copy, NULL);
  *rest = text + length;
  return TRUE;
}

/* Returns: FALSE if @text is not a limit, or a second one of its kind */
static gboolean
parse_limit (const gchar * text, GstRcastAllowance * allowance)
{
  const gchar *unit;
  gdouble number;
  guint64 *place;

  if (!parse_number (text, &number, &unit))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (units); i++) {
    if (strcmp (unit, units[i].name) != 0)
      continue;
    place = units[i].daily ? &allowance->daily : &allowance->rate;
    number *= units[i].factor;
    if (*place != G_MAXUINT64 || number > MOST
        || number < (units[i].daily ? 1 : LEAST_RATE))
      return FALSE;
    *place = number + 0.5;
    return TRUE;
  }
  return FALSE;
}

/**
 * gst_rcast_allowance_parse:
 * @text: `UPLINK:LIMIT` or `UPLINK:LIMIT:LIMIT`; a limit is a number with a unit of bit/s
 *   (`bit/s`, `kbit/s`, `Mbit/s`, `Gbit/s`) or of bytes a day (`B/day`, `kB/day`, `MB/day`,
 *   `GB/day`, `TB/day`), all in steps of 1000
 * @allowance: (out): the parsed limits, to be cleared
 * @error: which part of @text is invalid
 */
gboolean
gst_rcast_allowance_parse (const gchar * text, GstRcastAllowance * allowance,
    GError ** error)
{
  g_auto (GStrv) words = g_strsplit (text, ":", 4);
  guint n = g_strv_length (words), i = 1;
  GstRcastAllowance parsed = {.rate = G_MAXUINT64,.daily = G_MAXUINT64 };

  if (n < 2 || n > 3 || !is_name (words[0])) {
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_ARGUMENT,
        "\"%s\" is no limit of an uplink: it is an interface or a kind of them "
        "(ethernet, wifi, cellular, vpn), a colon, and one or two limits, as in "
        "\"wwan0:1500kbit/s:2GB/day\"", text);
    return FALSE;
  }
  while (i < n && parse_limit (words[i], &parsed))
    i++;
  if (i < n) {
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_ARGUMENT,
        "\"%s\": \"%s\" is no limit, or a second one of its kind: it is a number "
        "with one of the units bit/s (10000 at least), kbit/s, Mbit/s, Gbit/s, "
        "B/day, kB/day, MB/day, GB/day, TB/day, as in \"%s:1500kbit/s:2GB/day\"",
        text, words[i], words[0]);
    return FALSE;
  }
  parsed.uplink = g_strdup (words[0]);
  *allowance = parsed;
  return TRUE;
}

void
gst_rcast_allowance_clear (GstRcastAllowance * allowance)
{
  g_clear_pointer (&allowance->uplink, g_free);
}

/* @kind: kind of @interface
 * Returns: whether the allowance applies to @interface */
gboolean
gst_rcast_allowance_fits (const GstRcastAllowance * allowance,
    const gchar * interface, const gchar * kind)
{
  return g_strcmp0 (allowance->uplink, interface) == 0
      || g_strcmp0 (allowance->uplink, kind) == 0;
}

/* @seconds: since 1970
 * Returns: the day by the local calendar, which begins at midnight whatever daylight saving does */
gint
gst_rcast_quota_find_day (gint64 seconds)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (seconds);
  gint year, month, day;
  GDate date;

  if (!time)
    return 0;
  g_date_time_get_ymd (time, &year, &month, &day);
  g_date_clear (&date, 1);
  g_date_set_dmy (&date, day, month, year);
  return g_date_get_julian (&date);
}

/**
 * gst_rcast_quota_turn:
 * @quota: what was used
 * @day: the present day
 *
 * A new day begins with nothing used. A machine without a battery-backed clock starts with a day in
 * the past, or with the last one that it saw: the counted day goes on until the clock is set. So a
 * clock that is set back does not begin an earlier day; the next midnight does. The same holds for
 * a clock that was ahead and has been corrected.
 *
 * Returns: whether a new day has begun
 */
gboolean
gst_rcast_quota_turn (GstRcastQuota * quota, gint day)
{
  gboolean later;

  if (day < UNSET_DAY)
    return FALSE;
  if (day < quota->day) {
    later = quota->back > 0 && day > quota->back;
    quota->back = day;
  } else {
    later = day > quota->day;
    quota->back = 0;
  }
  if (later && quota->day > 0) {
    quota->used = 0;
    quota->told = GST_RCAST_QUOTA_NOTHING;
  }
  quota->day = MAX (quota->day, day);
  return later;
}

/* @daily: bytes; %G_MAXUINT64: no limit
 * Returns: what to report to the owner that was not reported today */
GstRcastQuotaNews
gst_rcast_quota_judge (GstRcastQuota * quota, guint64 daily)
{
  GstRcastQuotaNews level = GST_RCAST_QUOTA_NOTHING;

  if (daily == G_MAXUINT64)
    return level;
  if (quota->used >= daily)
    level = GST_RCAST_QUOTA_SPENT;
  else if (quota->used >= gst_util_uint64_scale (daily, NEARLY_PERCENT, 100))
    level = GST_RCAST_QUOTA_NEARLY;
  if (level <= quota->told)
    return GST_RCAST_QUOTA_NOTHING;
  quota->told = level;
  return level;
}

/* Returns: (transfer full): a line for gst_rcast_quota_parse() */
gchar *
gst_rcast_quota_print (const GstRcastQuota * quota, const gchar * interface)
{
  g_autofree gchar *back = quota->back > 0 ?
      g_strdup_printf (" %d", quota->back) : g_strdup ("");

  return g_strdup_printf (GST_RCAST_QUOTA_MARK "%d %s %" G_GUINT64_FORMAT
      "%s\n", quota->day, interface, quota->used, back);
}

/* @line: without its line end
 * @interface: (out) (transfer full)
 * Returns: whether @line is valid; else nothing is set */
gboolean
gst_rcast_quota_parse (const gchar * line, gchar ** interface,
    GstRcastQuota * quota)
{
  g_auto (GStrv) words = NULL;
  gint64 day, back = 0;
  guint64 used;
  guint n;

  if (!g_str_has_prefix (line, GST_RCAST_QUOTA_MARK))
    return FALSE;
  words = g_strsplit (line + strlen (GST_RCAST_QUOTA_MARK), " ", 5);
  n = g_strv_length (words);
  if (n < 3 || n > 4 || !is_name (words[1])
      || !g_ascii_string_to_signed (words[0], 10, UNSET_DAY, 2 * UNSET_DAY,
          &day, NULL)
      || !g_ascii_string_to_unsigned (words[2], 10, 0, G_MAXINT64, &used, NULL)
      || (n == 4 && (day == UNSET_DAY || !g_ascii_string_to_signed (words[3],
                  10, UNSET_DAY, day - 1, &back, NULL))))
    return FALSE;
  *quota = (GstRcastQuota) {.used = used,.day = day,.back = back };
  *interface = g_strdup (words[1]);
  return TRUE;
}
