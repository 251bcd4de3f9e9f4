/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The fate of each packet on its path, arrived or lost, by the server's feedback. */
#include "config.h"

#include "gstrcastfates.h"

#include "gstrcastlane.h"
#include "rcast-missing.h"

#include <string.h>

/* Margin on top of the round trip and the queue: other packets may wait on the path, too. */
#define HOLD_MARGIN (30 * GST_MSECOND)

/* More lost packets at once are an outage, which retransmissions do not repair. */
#define LOST_MAX 64

struct _GstRcastFates
{
  GArray *lanes;                /* of GstRcastLane; owned by the caller */
  GstRcastMissing missing;
  GstClockTime spread;          /* last time at which several lanes shared the packets; 0: never */
  guint16 lost[LOST_MAX];       /* lost packets that nobody has taken yet, in order */
  guint n_lost;
};

static GstRcastLane *
get_lane (GstRcastFates * self, guint i)
{
  return &g_array_index (self->lanes, GstRcastLane, i);
}

/* Whether packets may overtake one another, as several lanes share them */
static gboolean
is_spread (const GstRcastFates * self, GstClockTime now)
{
  return self->spread > 0 && now < self->spread + GST_RCAST_LANE_FORGOTTEN;
}

/* Several lanes share the packets now. */
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

/* @interface: (nullable): the uplink that packets have just left on
 * Returns: the earliest time at which the server can know that they are lost; 0: at once,
 *   as no packet overtakes another */
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
  /* The last round trip already includes the queue of the path. */
  wait = gst_rcast_bond_path_get_wait (&lane->bond, now);
  return now + view.round_trip + wait - MIN (wait, view.queue) + HOLD_MARGIN;
}

/* Call this before the feedback of each RTCP packet. */
void
gst_rcast_fates_begin (GstRcastFates * self)
{
  for (guint i = 0; i < self->lanes->len; i++)
    get_lane (self, i)->heard = FALSE;
  gst_rcast_missing_begin (&self->missing);
}

/* As gst_rcast_missing_next_message() */
void
gst_rcast_fates_next_message (GstRcastFates * self)
{
  gst_rcast_missing_next_message (&self->missing);
}

/* Notes that a packet has arrived on the path at @i, or is lost there. A path that
 * carries alone is not given up, whatever it loses: its buffer has overflowed, and its
 * arrival rate is known better than before.
 * @told: whether the feedback names this packet, or a later one on the same path. Packets
 *   that the server only counts may belong to another path. */
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

/* @last: (out): the packet, as it left on the last of these paths
 * Returns: how many paths await feedback about packet @number */
static guint
count_awaiting (GstRcastFates * self, guint16 number,
    GstRcastMissingPacket * last, GstClockTime now)
{
  GstRcastDeparture departure;
  guint n = 0;

  for (guint i = 0; i < self->lanes->len; i++)
    if (gst_rcast_rate_awaits (get_lane (self, i)->rate, number, &departure,
            now)) {
      *last = (GstRcastMissingPacket) {
        number, i, departure.place, departure.time
      };
      n++;
    }
  return n;
}

/* The receiver waits for the oldest packet first. If there is no room for all, the newest is left
 * out: it has the most time to be requested. */
static void
note_lost (GstRcastFates * self, guint16 number)
{
  guint i = self->n_lost;

  while (i > 0 && (gint16) (self->lost[i - 1] - number) > 0)
    i--;
  if (i == LOST_MAX)
    return;
  self->n_lost = MIN (self->n_lost, LOST_MAX - 1);
  memmove (&self->lost[i + 1], &self->lost[i],
      (self->n_lost++ - i) * sizeof *self->lost);
  self->lost[i] = number;
}

/* Feedback names the packet, or it is lost. @told: as for note_fate() */
static void
settle (GstRcastFates * self, guint16 number, GstClockTime arrival,
    gboolean told, GstClockTime now)
{
  GstRcastMissingPacket last;
  guint n_awaits = count_awaiting (self, number, &last, now);

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

/* A packet has arrived, but no feedback names it. @told: as for note_fate() */
static void
settle_guess (GstRcastFates * self, const GstRcastMissingNews * news,
    gboolean told, GstClockTime now)
{
  GstRcastLane *lane = get_lane (self, news->path);
  GstClockTime arrival = gst_rcast_bond_path_guess (&lane->bond,
      news->number, news->earliest, news->latest);
  GstRcastMissingPacket last;

  /* Copies left on several paths: which of them arrived is unknown. */
  if (count_awaiting (self, news->number, &last, now) > 1) {
    settle (self, news->number, arrival, told, now);
    return;
  }
  if (!gst_rcast_rate_guess (lane->rate, news->number, arrival, now))
    return;
  note_fate (self, news->path, TRUE, told, now);
  gst_rcast_bond_path_bound (&lane->bond, news->number, news->earliest,
      news->latest);
}

static void
settle_missing (GstRcastFates * self, const GstRcastMissingNews * news,
    gboolean told, GstClockTime now)
{
  if (news->fate == GST_RCAST_MISSING_LOST)
    settle (self, news->number, GST_CLOCK_TIME_NONE, told, now);
  else if (news->fate == GST_RCAST_MISSING_CAME)
    settle_guess (self, news, told, now);
}

/* Settles packets that left before packet @number on the same path and have arrived, or are
 * lost. */
static void
settle_passed (GstRcastFates * self, guint16 number, GstClockTime arrival,
    GstClockTime now)
{
  GstRcastMissingNews news;
  GstRcastMissingPacket by;

  if (count_awaiting (self, number, &by, now) == 1)
    while (gst_rcast_missing_pass (&self->missing, &by, arrival, &news, now))
      settle_missing (self, &news, TRUE, now);
}

/* @number: (out): number of a packet that is lost, and not just overtaken, as far as is
 * known
 * Returns: whether there is one. Each lost packet is returned once, the oldest first. */
gboolean
gst_rcast_fates_take_lost (GstRcastFates * self, guint16 * number)
{
  if (self->n_lost == 0)
    return FALSE;
  *number = self->lost[0];
  memmove (&self->lost[0], &self->lost[1],
      --self->n_lost * sizeof *self->lost);
  return TRUE;
}

/* @number: transport-wide number of a packet that has arrived at an unknown time. That
 * says nothing about its path, but the packet is not lost. */
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
 *   arrive
 * @now: when the feedback came
 *
 * Returns: whether @arrival is plausible
 */
gboolean
gst_rcast_fates_arrival (GstRcastFates * self, guint16 number,
    GstClockTime arrival, GstClockTime now)
{
  GstRcastMissingPacket packet;

  if (GST_CLOCK_TIME_IS_VALID (arrival)) {
    if (!gst_rcast_missing_check (&self->missing, arrival, now)) {
      gst_rcast_fates_came (self, number);
      return FALSE;
    }
    gst_rcast_missing_came (&self->missing, number, arrival);
    settle_passed (self, number, arrival, now);
  } else if (is_spread (self, now)) {
    if (count_awaiting (self, number, &packet, now) > 0)
      gst_rcast_missing_add (&self->missing, &packet, now);
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

/* Ends a report: settles the missing packets, then updates the rate of each path that the
 * report was about. */
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

/* @lanes: of GstRcastLane; must outlive the fates */
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
