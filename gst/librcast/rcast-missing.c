/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which packets are lost that feedback says have not arrived: on several paths some are only late. */
#include "config.h"

#include "rcast-missing.h"

#include <string.h>

/* A packet that is overtaken is no later than that, or as good as lost. */
#define LATE (120 * GST_MSECOND)

/* Receivers of GStreamer never take back that a packet is missing. But packets do not overtake
 * one another on one path: what is missing while a later one of its path is there is lost, and
 * what was missing before that one came has come, too. And their reports (RFC 3550 6.4.1) count
 * those that came late: they tell how many came, and the oldest come first. Reports that are
 * further apart tell of some only, and what they say holds for so long. */
#define CLOSE (500 * GST_MSECOND)
#define REPORT_MAX_AGE (3 * GST_SECOND)
/* Where they tell so well, a packet may be later before it is taken for lost: nobody but them
 * says that a path is full. */
#define LATE_TOLD (300 * GST_MSECOND)
/* Receivers of GStreamer 1.22 give a packet a time now and then that is seconds from the others'.
 * If we stood still, or a clock jumps, the next feedback says the same. */
#define SKEW_MAX GST_SECOND
/* Counts that are further apart are of something else. */
#define BALANCE_MAX 64
#define OWED_MAX 8

void
gst_rcast_missing_init (GstRcastMissing * missing)
{
  missing->n = missing->n_streams = 0;
  missing->doubted = 0;
  memset (missing->known, 0, sizeof missing->known);
  missing->retracts = FALSE;
  missing->reported = missing->gap = GST_CLOCK_TIME_NONE;
  missing->balance = 0;
  missing->known_skew = missing->heard = FALSE;
  missing->skew = missing->odd_skew = 0;
  missing->odd_feedback = missing->n_feedbacks = 0;
  missing->newest = missing->before = missing->counted = missing->cursor =
      GST_CLOCK_TIME_NONE;
}

static gboolean
is_known (const GstRcastMissing * missing, guint16 number)
{
  return missing->known[number / 32] >> number % 32 & 1;
}

/* Of one that is known */
static guint
find (const GstRcastMissing * missing, guint16 number)
{
  guint i = missing->n - 1;

  while (missing->packets[i].number != number)
    i--;
  return i;
}

static void
flip (GstRcastMissing * missing, guint16 number)
{
  missing->known[number / 32] ^= 1u << number % 32;
}

static void
forget (GstRcastMissing * missing, guint i)
{
  flip (missing, missing->packets[i].number);
  missing->n--;
  memmove (&missing->packets[i], &missing->packets[i + 1],
      (missing->n - i) * sizeof *missing->packets);
}

static void
add_balance (GstRcastMissing * missing, gint64 count)
{
  missing->balance = CLAMP (missing->balance + count, -BALANCE_MAX,
      BALANCE_MAX);
}

/* Feedback at @now says that packet @number, which was sent on @path, has not arrived. Twice is fine;
 * of too many the last ones are not counted. This takes no time that depends on how many there are:
 * feedback may be about anything. For an arrival, all of them are looked at. */
void
gst_rcast_missing_add (GstRcastMissing * missing, guint16 number, guint path,
    GstClockTime now)
{
  if (is_known (missing, number) || missing->n == GST_RCAST_MISSING_MAX)
    return;
  flip (missing, number);
  missing->packets[missing->n].number = number;
  missing->packets[missing->n].path = path;
  missing->packets[missing->n++].since = now;
  add_balance (missing, 1);
}

/* Before feedback that comes in one packet */
void
gst_rcast_missing_begin (GstRcastMissing * missing)
{
  missing->heard = FALSE;
  missing->n_feedbacks++;
}

/* Whether feedback before this one had such a skew last */
static gboolean
is_said_again (GstRcastMissing * missing, GstClockTimeDiff skew)
{
  if (missing->odd_feedback > 0 && ABS (skew - missing->odd_skew) <= SKEW_MAX)
    return missing->odd_feedback != missing->n_feedbacks;
  missing->odd_skew = skew;
  missing->odd_feedback = missing->n_feedbacks;
  return FALSE;
}

/**
 * gst_rcast_missing_check:
 * @missing: what is not known
 * @arrival: of a packet, by the receiver's clock
 * @now: when the server says so
 *
 * In feedback that has begun.
 *
 * Returns: whether that can be, by what was said before
 */
gboolean
gst_rcast_missing_check (GstRcastMissing * missing, GstClockTime arrival,
    GstClockTime now)
{
  GstClockTimeDiff skew = GST_CLOCK_DIFF (now, arrival);

  if (missing->known_skew && ABS (skew - missing->skew) > SKEW_MAX
      && !is_said_again (missing, skew))
    return FALSE;
  missing->known_skew = TRUE;
  missing->skew = skew;
  missing->odd_feedback = 0;
  return TRUE;
}

static void
note_arrival (GstRcastMissing * missing, GstClockTime arrival)
{
  if (!missing->heard)
    missing->before = missing->newest;
  missing->newest = missing->heard ? MAX (missing->newest, arrival) : arrival;
  missing->heard = TRUE;
}

/* Feedback says that packet @number, which may have been missing, has arrived; by the receiver's clock
 * at @arrival, or %GST_CLOCK_TIME_NONE: that is not known. */
void
gst_rcast_missing_came (GstRcastMissing * missing, guint16 number,
    GstClockTime arrival)
{
  if (GST_CLOCK_TIME_IS_VALID (arrival))
    note_arrival (missing, arrival);
  if (!is_known (missing, number))
    return;
  missing->retracts = TRUE;
  forget (missing, find (missing, number));
}

/* Returns: the first packet that left on @path before packet @by, or @missing->n. Of what was missing
 * before @now a receiver that takes that back says itself when it comes. */
static guint
find_passed (const GstRcastMissing * missing, guint path, guint16 by,
    GstClockTime now)
{
  for (guint i = 0; i < missing->n; i++)
    if (missing->packets[i].path == path
        && (gint16) (missing->packets[i].number - by) < 0
        && (!missing->retracts || missing->packets[i].since == now))
      return i;
  return missing->n;
}

/* The packet at @i is missing no more. That it has come is of no use if nobody knows when. */
static void
tell (GstRcastMissing * missing, guint i, GstRcastMissingFate fate,
    GstClockTime earliest, GstClockTime latest, GstRcastMissingNews * news)
{
  if (fate == GST_RCAST_MISSING_CAME && (!GST_CLOCK_TIME_IS_VALID (earliest)
          || !GST_CLOCK_TIME_IS_VALID (latest)))
    fate = GST_RCAST_MISSING_UNKNOWN;
  *news = (GstRcastMissingNews) {
    missing->packets[i].number, missing->packets[i].path, fate,
    MIN (earliest, latest), latest
  };
  forget (missing, i);
}

/**
 * gst_rcast_missing_pass:
 * @missing: what is not known
 * @path: on which a packet has come
 * @by: its number
 * @arrival: when it came, by the receiver's clock
 * @news: (out): about another one that left before it on the same path
 * @now: when the server says so
 *
 * Until there is none.
 *
 * Returns: whether there is one
 */
gboolean
gst_rcast_missing_pass (GstRcastMissing * missing, guint path, guint16 by,
    GstClockTime arrival, GstRcastMissingNews * news, GstClockTime now)
{
  GstClockTime earliest = missing->before;
  guint i;

  i = find_passed (missing, path, by, now);
  if (i == missing->n)
    return FALSE;
  if (missing->packets[i].since == now) {
    tell (missing, i, GST_RCAST_MISSING_LOST, arrival, arrival, news);
    return TRUE;
  }
  add_balance (missing, -1);
  /* Somewhere in between */
  if (GST_CLOCK_TIME_IS_VALID (earliest))
    earliest = arrival - (arrival - MIN (earliest, arrival)) / 2;
  tell (missing, i, GST_RCAST_MISSING_CAME, earliest, arrival, news);
  return TRUE;
}

/* Reports about several streams come together. */
static void
note_report (GstRcastMissing * missing, GstClockTime now)
{
  if (missing->reported == now)
    return;
  missing->gap = GST_CLOCK_TIME_IS_VALID (missing->reported) ?
      now - missing->reported : GST_CLOCK_TIME_NONE;
  missing->reported = now;
  missing->cursor = missing->counted;
}

/**
 * gst_rcast_missing_report:
 * @missing: what is not known
 * @ssrc: of a stream
 * @lost: how many of its packets were lost since it began, by a report
 * @now: when the report came
 */
void
gst_rcast_missing_report (GstRcastMissing * missing, guint32 ssrc,
    gint32 lost, GstClockTime now)
{
  note_report (missing, now);
  for (guint i = 0; i < missing->n_streams; i++) {
    if (missing->streams[i].ssrc != ssrc)
      continue;
    add_balance (missing, (gint64) missing->streams[i].lost - lost);
    missing->streams[i].lost = lost;
    return;
  }
  if (missing->n_streams == GST_RCAST_MISSING_MAX_STREAMS)
    return;
  missing->streams[missing->n_streams].ssrc = ssrc;
  missing->streams[missing->n_streams++].lost = lost;
  /* What is missing now is among those. */
  missing->balance = 0;
}

/* Whether reports tell of each packet that came late */
static gboolean
is_told (const GstRcastMissing * missing, GstClockTime now)
{
  return !missing->retracts && missing->gap <= CLOSE
      && now <= missing->reported + CLOSE;
}

/* Whether they tell how many do */
static gboolean
is_counted (const GstRcastMissing * missing, GstClockTime now)
{
  return !missing->retracts && GST_CLOCK_TIME_IS_VALID (missing->reported)
      && now <= missing->reported + REPORT_MAX_AGE;
}

/* Of a packet that is due: as many have come as reports tell, if there was one since.
 * Returns: whether it is lost */
static gboolean
is_owed (GstRcastMissing * missing, GstClockTime since)
{
  gboolean lost = missing->balance < 0
      || (missing->balance == 0 && missing->reported > since);

  if (missing->balance < 0 || !lost)
    add_balance (missing, lost ? 1 : -1);
  return lost;
}

/* What a report has counted since the last one came one after the other. */
static void
advance (GstRcastMissing * missing)
{
  GstClockTime left;

  if (!GST_CLOCK_TIME_IS_VALID (missing->cursor))
    return;
  left = missing->newest - MIN (missing->cursor, missing->newest);
  missing->cursor = missing->newest - left + left / missing->balance;
}

/* @path: from which nothing comes any more, as far as is known: what reports count has come from
 *   others, as long as there is such a packet */
void
gst_rcast_missing_doubt (GstRcastMissing * missing, guint path,
    gboolean doubted)
{
  guint64 bit = path < 64 ? G_GUINT64_CONSTANT (1) << path : 0;

  missing->doubted = doubted ? missing->doubted | bit : missing->doubted & ~bit;
}

static gboolean
is_doubted (const GstRcastMissing * missing, guint i)
{
  guint path = missing->packets[i].path;

  return path < 64 && missing->doubted >> path & 1;
}

/* Returns: the oldest packet of a path that carries, or the oldest one */
static guint
find_likely (const GstRcastMissing * missing)
{
  for (guint i = 0; i < missing->n; i++)
    if (!is_doubted (missing, i))
      return i;
  return 0;
}

/* A report has just come, as they do all the time: it tells of each packet.
 * @i: (inout): the packet, which is the oldest one
 * Returns: whether it has a fate */
static gboolean
count (GstRcastMissing * missing, guint * i, GstRcastMissingFate * fate,
    GstClockTime now)
{
  GstClockTime since = missing->packets[0].since;

  *fate = GST_RCAST_MISSING_LOST;
  if (since == now || missing->balance == 0)
    return now >= since + LATE_TOLD;
  if (missing->balance < 0) {
    /* One that was taken for late has not come: this one stands for it. */
    add_balance (missing, 1);
    return TRUE;
  }
  *i = find_likely (missing);
  if (missing->packets[*i].since == now)
    *i = 0;
  *fate = GST_RCAST_MISSING_CAME;
  advance (missing);
  add_balance (missing, -1);
  return TRUE;
}

/* @i: (inout): a packet, which is the oldest one
 * Returns: whether it has a fate */
static gboolean
decide (GstRcastMissing * missing, guint * i, GstRcastMissingFate * fate,
    GstClockTime now)
{
  GstClockTime since = missing->packets[0].since;

  if (is_told (missing, now))
    return missing->reported == now && count (missing, i, fate, now);
  *fate = GST_RCAST_MISSING_LOST;
  if (now < since + LATE)
    return FALSE;
  if (is_counted (missing, now) && !is_owed (missing, since))
    *fate = GST_RCAST_MISSING_UNKNOWN;
  return TRUE;
}

/**
 * gst_rcast_missing_next:
 * @missing: what is not known
 * @news: (out): about the oldest packet, or the oldest one that is likely to have come
 * @now: the time
 *
 * After each report: until nothing more is known.
 *
 * Returns: whether something is
 */
gboolean
gst_rcast_missing_next (GstRcastMissing * missing, GstRcastMissingNews * news,
    GstClockTime now)
{
  GstRcastMissingFate fate;
  guint i = 0;

  if (missing->reported == now)
    missing->counted = missing->newest;
  if (missing->n == 0) {
    /* Reports also count packets without numbers. */
    if (missing->reported == now && is_told (missing, now))
      missing->balance = CLAMP (missing->balance, -OWED_MAX, 0);
    return FALSE;
  }
  if (!decide (missing, &i, &fate, now))
    return FALSE;
  tell (missing, i, fate, missing->cursor, missing->newest, news);
  return TRUE;
}
