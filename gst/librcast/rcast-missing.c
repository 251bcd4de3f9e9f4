/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which packets are lost that feedback says have not arrived: on several paths some are only late. */
#include "config.h"

#include "rcast-missing.h"

#include <string.h>

/* A packet that is overtaken is no later than that, or as good as lost. */
#define LATE (120 * GST_MSECOND)

/* Receivers of GStreamer never take back that a packet is missing. Their reports (RFC 3550
 * 6.4.1) count those that came late: they tell how many are, but not which. What they say is
 * of about so much time, and holds for so long. */
#define WINDOW (3 * GST_SECOND)
#define REPORT_MAX_AGE (3 * GST_SECOND)
/* Of a few packets a share says nothing. */
#define LEAST_CALLED 8

void
gst_rcast_missing_init (GstRcastMissing * missing)
{
  missing->n = missing->n_streams = 0;
  memset (missing->known, 0, sizeof missing->known);
  missing->retracts = FALSE;
  missing->reported = GST_CLOCK_TIME_NONE;
  missing->called = missing->lost = missing->owed = 0;
  missing->faded = 0;
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

/* Feedback at @now says that packet @number, which was sent, has not arrived. Twice is fine; of too
 * many the last ones are not counted. It takes no time that depends on how many there are: feedback
 * may be about anything. */
void
gst_rcast_missing_add (GstRcastMissing * missing, guint16 number,
    GstClockTime now)
{
  if (is_known (missing, number) || missing->n == GST_RCAST_MISSING_MAX)
    return;
  flip (missing, number);
  missing->packets[missing->n].number = number;
  missing->packets[missing->n++].since = now;
}

/* Feedback says that packet @number, which may have been missing, has arrived. */
void
gst_rcast_missing_came (GstRcastMissing * missing, guint16 number)
{
  if (!is_known (missing, number))
    return;
  missing->retracts = TRUE;
  forget (missing, find (missing, number));
}

static void
fade (GstRcastMissing * missing, GstClockTime now)
{
  gdouble share;

  if (now <= missing->faded)
    return;
  share = (gdouble) MIN (now - missing->faded, WINDOW) / WINDOW;
  missing->called -= missing->called * share;
  missing->lost -= missing->lost * share;
  missing->faded = now;
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
  fade (missing, now);
  missing->reported = now;
  for (guint i = 0; i < missing->n_streams; i++) {
    if (missing->streams[i].ssrc != ssrc)
      continue;
    missing->lost += (gdouble) lost - missing->streams[i].lost;
    missing->lost = MAX (missing->lost, 0);
    missing->streams[i].lost = lost;
    return;
  }
  if (missing->n_streams == GST_RCAST_MISSING_MAX_STREAMS)
    return;
  missing->streams[missing->n_streams].ssrc = ssrc;
  missing->streams[missing->n_streams++].lost = lost;
}

/* Returns: which share of the packets that are called missing are lost */
static gdouble
get_share (const GstRcastMissing * missing, GstClockTime now)
{
  if (missing->retracts || missing->called < LEAST_CALLED
      || !GST_CLOCK_TIME_IS_VALID (missing->reported)
      || now > missing->reported + REPORT_MAX_AGE)
    return 1;
  return MIN (missing->lost / missing->called, 1);
}

/**
 * gst_rcast_missing_next:
 * @missing: what is not known
 * @number: (out): the packet
 * @lost: (out): whether it is lost; else nothing is known of it
 * @now: the time
 *
 * The oldest packet of which no news is to be expected any more.
 *
 * Returns: whether there is one
 */
gboolean
gst_rcast_missing_next (GstRcastMissing * missing, guint16 * number,
    gboolean * lost, GstClockTime now)
{
  if (missing->n == 0 || now < missing->packets[0].since + LATE)
    return FALSE;
  *number = missing->packets[0].number;
  forget (missing, 0);
  fade (missing, now);
  missing->called++;
  missing->owed += get_share (missing, now);
  *lost = missing->owed >= 1;
  missing->owed -= *lost;
  return TRUE;
}
