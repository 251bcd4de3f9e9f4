/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides which packets that feedback calls missing are lost: on several paths, some are late. */
#include "config.h"

#include "rcast-missing.h"

#include "rcast-elapsed.h"

#include <string.h>

/* A packet that others overtake arrives within this time, or is as good as lost. */
#define LATE (120 * GST_MSECOND)

/* A packet is lost if one that left so many packets later on the same path has arrived, or one
 * that left later by such a share of a round trip, and so long (RFC 9002 6.1: the share is an
 * eighth). Sooner, two packets may have changed places: on a thin path they leave 10 ms apart. */
#define OVERTAKEN_MAX 3
#define OVERTAKEN_SHARE 8
#define OVERTAKEN_LEAST (50 * GST_MSECOND)

/* GStreamer receivers never correct feedback that calls a packet missing. But packets hardly
 * overtake one another on one path. If feedback calls a packet missing along with the arrival of a
 * later one of its path, it is probably lost. If earlier feedback called it missing, with no such
 * arrival, it has arrived meanwhile. Receiver reports (RFC 3550 6.4.1) also count late packets:
 * they tell how many have arrived, and the oldest arrive first. Reports that are further apart than
 * CLOSE tell of some packets only, and hold for REPORT_MAX_AGE. */
#define CLOSE (500 * GST_MSECOND)
#define REPORT_MAX_AGE (3 * GST_SECOND)
/* While reports are that close, a packet may be later before it counts as lost: nothing else tells
 * that a path is full. */
#define LATE_TOLD (300 * GST_MSECOND)
/* GStreamer 1.22 receivers now and then give a packet an arrival time that is seconds off. If we
 * stood still, or a clock jumped, the next feedback packet repeats the offset. */
#define SKEW_MAX GST_SECOND
/* Limits of the balance: larger counts have another cause. */
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
  missing->fed = missing->peaked = 0;
  missing->peaks[0] = missing->peaks[1] = 0;
  missing->known_skew = missing->heard = FALSE;
  missing->skew = missing->odd_skew = 0;
  missing->odd_feedback = missing->n_feedbacks = missing->n_messages = 0;
  missing->newest = missing->before = missing->counted = missing->cursor =
      GST_CLOCK_TIME_NONE;
}

static gboolean
is_known (const GstRcastMissing * missing, guint16 number)
{
  return missing->known[number / 32] >> number % 32 & 1;
}

/* @number: of a packet that is known to be missing */
static guint
find (const GstRcastMissing * missing, guint16 number)
{
  guint i = missing->n - 1;

  while (missing->packets[i].packet.number != number)
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
  flip (missing, missing->packets[i].packet.number);
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

/* Feedback at @now says that @packet has not arrived. Repetitions are
 * ignored, and so are new packets if the list is full. The time that this takes does not depend on
 * the length of the list, since feedback may cover anything. An arrival searches the whole list. */
void
gst_rcast_missing_add (GstRcastMissing * missing,
    const GstRcastMissingPacket * packet, GstClockTime now)
{
  if (is_known (missing, packet->number)
      || missing->n == GST_RCAST_MISSING_MAX)
    return;
  flip (missing, packet->number);
  missing->packets[missing->n].packet = *packet;
  missing->packets[missing->n].message = missing->n_messages;
  missing->packets[missing->n].overtaken = FALSE;
  missing->packets[missing->n++].since = now;
  add_balance (missing, 1);
}

/* Call it before the feedback of each packet. */
void
gst_rcast_missing_begin (GstRcastMissing * missing)
{
  missing->n_feedbacks++;
  gst_rcast_missing_next_message (missing);
}

/* An RTCP packet may have several feedback messages, each from another time. Call this between two
 * of them. */
void
gst_rcast_missing_next_message (GstRcastMissing * missing)
{
  missing->heard = FALSE;
  missing->n_messages++;
}

/* Whether an earlier feedback packet had the same unusual skew */
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
 * @missing: the missing packets
 * @arrival: arrival of a packet, by the receiver's clock
 * @now: when the feedback came
 *
 * Call it after gst_rcast_missing_begin().
 *
 * Returns: whether the arrival time is plausible, by earlier ones
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
  missing->fed = missing->n_feedbacks;
}

/* Feedback says that packet @number has arrived; it may have been missing. @arrival: when, by the
 * receiver's clock, or %GST_CLOCK_TIME_NONE: not known */
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

/* Whether @packet left so much earlier than @by, which has arrived, that it has not only changed
 * places with it */
static gboolean
is_far_behind (const GstRcastMissingPacket * packet,
    const GstRcastMissingPacket * by, GstClockTime now)
{
  GstClockTimeDiff apart = GST_CLOCK_DIFF (packet->left, by->left);
  GstClockTimeDiff most = GST_CLOCK_DIFF (by->left, now) / OVERTAKEN_SHARE;

  return by->place - packet->place >= OVERTAKEN_MAX
      || apart >= MAX (most, (GstClockTimeDiff) OVERTAKEN_LEAST);
}

/* Returns: index of the first packet that left on the path of @by before it and whose fate that
 * tells, or @missing->n */
static guint
find_passed (GstRcastMissing * missing, const GstRcastMissingPacket * by,
    GstClockTime now)
{
  for (guint i = 0; i < missing->n; i++) {
    const GstRcastMissingPacket *packet = &missing->packets[i].packet;

    if (packet->path != by->path || (gint32) (packet->place - by->place) >= 0)
      continue;
    if (missing->packets[i].message == missing->n_messages)
      missing->packets[i].overtaken = TRUE;
    if (missing->packets[i].overtaken ? is_far_behind (packet, by, now) :
        !missing->retracts)
      return i;
  }
  return missing->n;
}

/* Reports the fate of the packet at @i, and forgets it. An arrival without a time is of no use. */
static void
tell (GstRcastMissing * missing, guint i, GstRcastMissingFate fate,
    GstClockTime earliest, GstClockTime latest, GstRcastMissingNews * news)
{
  if (fate == GST_RCAST_MISSING_CAME && (!GST_CLOCK_TIME_IS_VALID (earliest)
          || !GST_CLOCK_TIME_IS_VALID (latest)))
    fate = GST_RCAST_MISSING_UNKNOWN;
  *news = (GstRcastMissingNews) {
    missing->packets[i].packet.number, missing->packets[i].packet.path, fate,
    MIN (earliest, latest), latest
  };
  forget (missing, i);
}

/**
 * gst_rcast_missing_pass:
 * @missing: the missing packets
 * @by: a packet that has arrived
 * @arrival: when it arrived, by the receiver's clock
 * @news: (out): fate of another packet that left before it on the same path
 * @now: when the feedback came
 *
 * If the receiver corrects its feedback, the arrival says nothing of packets that earlier feedback
 * called missing without the arrival of a later one. Call it until it returns %FALSE.
 *
 * Returns: whether there is such a packet
 */
gboolean
gst_rcast_missing_pass (GstRcastMissing * missing,
    const GstRcastMissingPacket * by, GstClockTime arrival,
    GstRcastMissingNews * news, GstClockTime now)
{
  GstClockTime earliest = missing->before;
  guint i;

  i = find_passed (missing, by, now);
  if (i == missing->n)
    return FALSE;
  if (missing->packets[i].overtaken) {
    tell (missing, i, GST_RCAST_MISSING_LOST, arrival, arrival, news);
    return TRUE;
  }
  add_balance (missing, -1);
  /* It arrived between the two: take the middle as the earliest time. */
  if (GST_CLOCK_TIME_IS_VALID (earliest))
    earliest = arrival - (arrival - MIN (earliest, arrival)) / 2;
  tell (missing, i, GST_RCAST_MISSING_CAME, earliest, arrival, news);
  return TRUE;
}

/* One compound packet has reports about several streams. */
static void
note_report (GstRcastMissing * missing, GstClockTime now)
{
  if (missing->reported == now)
    return;
  missing->gap = GST_CLOCK_TIME_IS_VALID (missing->reported) ?
      gst_rcast_elapsed (missing->reported, now) : GST_CLOCK_TIME_NONE;
  missing->reported = now;
  missing->cursor = missing->counted;
}

/**
 * gst_rcast_missing_report:
 * @missing: the missing packets
 * @ssrc: SSRC of a stream
 * @lost: number of its packets lost since it began, by a report
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
  /* The packets missing now are part of @lost. */
  missing->balance = 0;
}

/* Whether reports come so often that they tell of each late packet */
static gboolean
is_told (const GstRcastMissing * missing, GstClockTime now)
{
  return !missing->retracts && missing->gap <= CLOSE
      && now <= missing->reported + CLOSE;
}

/* Whether reports tell how many packets arrive late */
static gboolean
is_counted (const GstRcastMissing * missing, GstClockTime now)
{
  return !missing->retracts && GST_CLOCK_TIME_IS_VALID (missing->reported)
      && now <= missing->reported + REPORT_MAX_AGE;
}

/* Decides on a packet whose time is up: as many have arrived as the reports since @since count.
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

/* The late arrivals that a report counts are spread evenly over the time since the last report. */
static void
advance (GstRcastMissing * missing)
{
  GstClockTime left;

  if (!GST_CLOCK_TIME_IS_VALID (missing->cursor))
    return;
  left = missing->newest - MIN (missing->cursor, missing->newest);
  missing->cursor = missing->newest - left + left / missing->balance;
}

/* @doubted: whether @path seems to carry nothing any more: then late arrivals in reports are taken
 *   to be from other paths, as long as those miss a packet */
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
  guint path = missing->packets[i].packet.path;

  return path < 64 && missing->doubted >> path & 1;
}

/* Returns: index of the oldest packet on a path that works and that no later one of its path has
 * overtaken, or else of the oldest one on a path that works, or of the oldest packet */
static guint
find_likely (const GstRcastMissing * missing)
{
  guint likely = missing->n;

  for (guint i = 0; i < missing->n; i++) {
    if (is_doubted (missing, i))
      continue;
    if (!missing->packets[i].overtaken)
      return i;
    likely = MIN (likely, i);
  }
  return likely < missing->n ? likely : 0;
}

/* A report may also count packets that only the next feedback calls missing. So a negative balance
 * is a debt only if it lasts over two feedback packets. */
static gboolean
is_owing (const GstRcastMissing * missing)
{
  return MAX (missing->peaks[0], missing->peaks[1]) < 0;
}

static void
note_peak (GstRcastMissing * missing)
{
  if (missing->fed != missing->peaked) {
    missing->peaked = missing->fed;
    missing->peaks[1] = missing->peaks[0];
    missing->peaks[0] = missing->balance;
  }
  missing->peaks[0] = MAX (missing->peaks[0], missing->balance);
}

/* A report has just come, and reports come often enough to tell of each packet.
 * @i: (inout): the packet; at first the oldest one
 * Returns: whether its fate is known */
static gboolean
count (GstRcastMissing * missing, guint * i, GstRcastMissingFate * fate,
    GstClockTime now)
{
  GstClockTime since = missing->packets[0].since;

  *fate = GST_RCAST_MISSING_LOST;
  if (since < now && is_owing (missing)) {
    /* A packet that was taken for late has not arrived: count this one as lost instead. */
    add_balance (missing, 1);
    missing->peaks[0]++;
    missing->peaks[1]++;
    return TRUE;
  }
  if (since == now || missing->balance <= 0)
    return now >= since + LATE_TOLD;
  *i = find_likely (missing);
  if (missing->packets[*i].since == now)
    *i = 0;
  *fate = GST_RCAST_MISSING_CAME;
  advance (missing);
  add_balance (missing, -1);
  return TRUE;
}

/* @i: (inout): the packet; at first the oldest one
 * Returns: whether its fate is known */
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
 * @missing: the missing packets
 * @news: (out): fate of the oldest packet, or of the oldest one that is likely to have arrived
 * @now: the time
 *
 * Call it after each report until it returns %FALSE.
 *
 * Returns: whether a packet's fate is known
 */
gboolean
gst_rcast_missing_next (GstRcastMissing * missing, GstRcastMissingNews * news,
    GstClockTime now)
{
  GstRcastMissingFate fate;
  guint i = 0;

  if (missing->reported == now)
    missing->counted = missing->newest;
  note_peak (missing);
  if (missing->n == 0) {
    /* Reports also count packets that have no transport-wide number. */
    if (missing->reported == now && is_told (missing, now))
      missing->balance = CLAMP (missing->balance, -OWED_MAX, 0);
    return FALSE;
  }
  if (!decide (missing, &i, &fate, now))
    return FALSE;
  tell (missing, i, fate, missing->cursor, missing->newest, news);
  return TRUE;
}
