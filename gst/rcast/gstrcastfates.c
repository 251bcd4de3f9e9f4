/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which packets have arrived on which path, and which are lost there, by what a server says. */
#include "config.h"

#include "gstrcastfates.h"

#include "gstrcastlane.h"
#include "rcast-missing.h"

/* No server knows earlier that a packet is lost on its path, where packets of others wait, too. */
#define HOLD_MARGIN (30 * GST_MSECOND)

/* More at once are an outage: nobody repairs that. */
#define LOST_MAX 64

struct _GstRcastFates
{
  GArray *lanes;                /* of GstRcastLane; by the owner */
  GstRcastMissing missing;
  GstClockTime spread;          /* when each of several lanes carried a part last; 0: never */
  guint16 lost[LOST_MAX];       /* packets */
  guint n_lost;                 /* that nobody has taken yet */
};

static GstRcastLane *
get_lane (GstRcastFates * self, guint i)
{
  return &g_array_index (self->lanes, GstRcastLane, i);
}

/* Whether packets may overtake one another */
static gboolean
is_spread (const GstRcastFates * self, GstClockTime now)
{
  return self->spread > 0 && now < self->spread + GST_RCAST_LANE_FORGOTTEN;
}

/* Each of several lanes carries a part now. */
void
gst_rcast_fates_spread (GstRcastFates * self, GstClockTime now)
{
  self->spread = now;
}

/* Returns: (nullable) */
static GstRcastLane *
find_lane (GstRcastFates * self, const gchar * interface)
{
  for (guint i = 0; i < self->lanes->len; i++)
    if (g_strcmp0 (get_lane (self, i)->interface, interface) == 0)
      return get_lane (self, i);
  return NULL;
}

/* @interface: (nullable): what packets left on, just now
 * Returns: when the server can know at the earliest that they are lost, 0: at once, as none of
 * them is overtaken */
GstClockTime
gst_rcast_fates_get_hold (GstRcastFates * self, const gchar * interface,
    GstClockTime now)
{
  GstRcastLane *lane = find_lane (self, interface);
  GstRcastRateView view;
  GstClockTime wait;

  if (!lane || !is_spread (self, now))
    return 0;
  gst_rcast_rate_get_view (lane->rate, &view, now);
  /* The last round trip was as long for what waits on the path already. */
  wait = gst_rcast_bond_path_get_wait (&lane->bond, now);
  return now + view.round_trip + wait - MIN (wait, view.queue) + HOLD_MARGIN;
}

/* Before what a server says of packets in one packet */
void
gst_rcast_fates_begin (GstRcastFates * self)
{
  for (guint i = 0; i < self->lanes->len; i++)
    get_lane (self, i)->heard = FALSE;
  gst_rcast_missing_begin (&self->missing);
}

/* A packet has arrived on the path at @i, or is lost there. One that carries alone is not left,
 * whatever it loses: its buffer has overflowed, and how fast it arrives is known better than
 * before.
 * @told: whether the server says so of this very packet, or of one that left after it there: those
 *   that it only counts may be of another path */
static void
note_fate (GstRcastFates * self, guint i, gboolean arrived, gboolean told,
    GstClockTime now)
{
  GstRcastLane *lane = get_lane (self, i);
  gboolean back = FALSE;

  lane->heard = TRUE;
  if (!arrived)
    gst_rcast_bond_path_lost (&lane->bond, now);
  else if (told)
    back = gst_rcast_bond_path_arrived (&lane->bond);
  else
    back = gst_rcast_bond_path_counted (&lane->bond);
  gst_rcast_missing_doubt (&self->missing, i,
      gst_rcast_bond_path_is_left (&lane->bond));
  if (back && is_spread (self, now))
    gst_rcast_rate_restart (lane->rate, now);
}

/* @last: (out): the last of them
 * Returns: how many paths await news of packet @number */
static guint
count_awaiting (GstRcastFates * self, guint16 number, guint * last,
    GstClockTime now)
{
  guint n = 0;

  for (guint i = 0; i < self->lanes->len; i++)
    if (gst_rcast_rate_awaits (get_lane (self, i)->rate, number, now)) {
      *last = i;
      n++;
    }
  return n;
}

static void
note_lost (GstRcastFates * self, guint16 number)
{
  if (self->n_lost < LOST_MAX)
    self->lost[self->n_lost++] = number;
}

/* @told: as of note_fate() */
static void
settle (GstRcastFates * self, guint16 number, GstClockTime arrival,
    gboolean told, GstClockTime now)
{
  guint last, n_awaits = count_awaiting (self, number, &last, now);

  if (!GST_CLOCK_TIME_IS_VALID (arrival) && n_awaits == 1)
    note_lost (self, number);
  for (guint i = 0; i < self->lanes->len; i++) {
    GstRcastLane *lane = get_lane (self, i);

    if (!gst_rcast_rate_arrival (lane->rate, number, n_awaits == 1, arrival,
            now))
      continue;
    note_fate (self, i, GST_CLOCK_TIME_IS_VALID (arrival), told, now);
    if (GST_CLOCK_TIME_IS_VALID (arrival) && n_awaits == 1)
      gst_rcast_bond_path_seen (&lane->bond, number, arrival);
  }
}

static void
settle_missing (GstRcastFates * self, const GstRcastMissingNews * news,
    gboolean told, GstClockTime now)
{
  const GstRcastLane *lane = get_lane (self, news->path);

  if (news->fate != GST_RCAST_MISSING_UNKNOWN)
    settle (self, news->number, news->fate == GST_RCAST_MISSING_LOST ?
        GST_CLOCK_TIME_NONE : gst_rcast_bond_path_guess (&lane->bond,
            news->number, news->earliest, news->latest), told, now);
}

/* What left on its path before packet @number has come, too, or is lost. */
static void
settle_passed (GstRcastFates * self, guint16 number, GstClockTime arrival,
    GstClockTime now)
{
  GstRcastMissingNews news;
  guint path;

  if (count_awaiting (self, number, &path, now) == 1)
    while (gst_rcast_missing_pass (&self->missing, path, number, arrival, &news,
            now))
      settle_missing (self, &news, TRUE, now);
}

/* @number: (out): of a packet that is lost, and not only overtaken, as far as is known
 * Returns: whether there is one; it is not told of again */
gboolean
gst_rcast_fates_take_lost (GstRcastFates * self, guint16 * number)
{
  if (self->n_lost == 0)
    return FALSE;
  *number = self->lost[--self->n_lost];
  return TRUE;
}

/* @number: transport-wide number of a packet that has arrived, nobody knows when: it says nothing
 * of its path, but it is not lost */
void
gst_rcast_fates_came (GstRcastFates * self, guint16 number)
{
  gst_rcast_missing_came (&self->missing, number, GST_CLOCK_TIME_NONE);
}

/**
 * gst_rcast_fates_arrival:
 * @self: the fates
 * @number: transport-wide number of the packet
 * @arrival: when it arrived, by the receiver's clock, or %GST_CLOCK_TIME_NONE: it did not
 * @now: when the server says so
 *
 * Returns: whether that can be
 */
gboolean
gst_rcast_fates_arrival (GstRcastFates * self, guint16 number,
    GstClockTime arrival, GstClockTime now)
{
  guint path;

  if (GST_CLOCK_TIME_IS_VALID (arrival)) {
    if (!gst_rcast_missing_check (&self->missing, arrival, now)) {
      gst_rcast_fates_came (self, number);
      return FALSE;
    }
    gst_rcast_missing_came (&self->missing, number, arrival);
    settle_passed (self, number, arrival, now);
  } else if (is_spread (self, now)) {
    if (count_awaiting (self, number, &path, now) > 0)
      gst_rcast_missing_add (&self->missing, number, path, now);
    return TRUE;
  }
  settle (self, number, arrival, TRUE, now);
  return TRUE;
}

/* As gst_rcast_missing_report() */
void
gst_rcast_fates_report (GstRcastFates * self, guint32 ssrc, gint32 lost,
    GstClockTime now)
{
  gst_rcast_missing_report (&self->missing, ssrc, lost, now);
}

/* Decides about the paths of which the server said something. */
void
gst_rcast_fates_end (GstRcastFates * self, GstClockTime now)
{
  GstRcastMissingNews news;

  while (gst_rcast_missing_next (&self->missing, &news, now))
    settle_missing (self, &news, FALSE, now);
  for (guint i = 0; i < self->lanes->len; i++)
    if (get_lane (self, i)->heard)
      gst_rcast_rate_decide (get_lane (self, i)->rate, now);
}

/* @lanes: of GstRcastLane; is to outlive it */
GstRcastFates *
gst_rcast_fates_new (GArray * lanes)
{
  GstRcastFates *self = g_new0 (GstRcastFates, 1);

  self->lanes = lanes;
  gst_rcast_missing_init (&self->missing);
  return self;
}

void
gst_rcast_fates_free (GstRcastFates * self)
{
  g_free (self);
}
