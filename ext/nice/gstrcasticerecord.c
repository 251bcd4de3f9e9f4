/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is remembered of an uplink, whatever generation, session or server used it. Pure. */
#include "config.h"

#include "gstrcasticerecord.h"

#include <math.h>

/* A flap costs a point, which halves in this time; each point doubles the hold (the idea of
 * route flap damping, RFC 2439). */
#define HALF_LIFE_US (15 * 60 * G_USEC_PER_SEC)
#define MAX_DOUBLINGS 6
/* The first hold. A dead uplink that lives again is well. An idle one does not show whether it
 * is still congested. */
#define DEAD_HOLD_US (5 * G_USEC_PER_SEC)
#define CONGESTED_HOLD_US (30 * G_USEC_PER_SEC)
/* Where the uplink in use loses too much, one that was congested is tried before its hold is over, but
 * not before this, nor before this part of the hold. */
#define EARLY_TRIAL_US (30 * G_USEC_PER_SEC)
#define EARLY_TRIAL_SHARE 8
/* The smoothed loss is of so many packets. */
#define LOSS_PACKETS 300
#define MAX_LOSS_WEIGHT 0.5
/* What is not reported any more halves in this time. */
#define LOSS_HALF_LIFE_US (10 * G_USEC_PER_SEC)
/* It is too thin once it carries too little for so long: a standstill is shorter. */
#define THIN_US (2 * G_USEC_PER_SEC)
/* What it carries is said twice a second; after so long without it is not known any more. */
#define ROOM_US (2 * G_USEC_PER_SEC)

static gdouble
fade (gdouble value, gint64 age, gint64 half_life)
{
  return value * exp2 (-(gdouble) MAX (age, 0) / half_life);
}

void
gst_rcast_ice_record_init (GstRcastIceRecord * record, gint64 now)
{
  *record = (GstRcastIceRecord) {
  .well_since = now,.penalty_at = now,.loss_at = now};
}

/* A path on it works. @rtt: 0: not known */
void
gst_rcast_ice_record_alive (GstRcastIceRecord * record, gint64 rtt, gint64 now)
{
  if (record->dead)
    record->well_since = now;
  record->dead = FALSE;
  if (rtt > 0)
    record->rtt = rtt;
}

/* Media had to leave it, or must not come back yet. That paths which sought it are given up, one after
 * the other, is no new death. */
void
gst_rcast_ice_record_leave (GstRcastIceRecord * record,
    GstRcastIceTrouble trouble, gint64 now)
{
  gdouble penalty = fade (record->penalty, now - record->penalty_at,
      HALF_LIFE_US);
  guint doublings = MIN (round (penalty), MAX_DOUBLINGS);

  if (trouble == GST_RCAST_ICE_TROUBLE_DEAD && record->dead)
    return;
  record->dead = trouble == GST_RCAST_ICE_TROUBLE_DEAD;
  record->congested |= trouble == GST_RCAST_ICE_TROUBLE_CONGESTED;
  record->hold = (record->congested ? CONGESTED_HOLD_US : DEAD_HOLD_US)
      << doublings;
  record->penalty = penalty + 1;
  record->penalty_at = now;
  record->well_since = now;
}

/* The peer misses @lost of @expected packets that it carried. */
void
gst_rcast_ice_record_lose (GstRcastIceRecord * record, guint lost,
    guint expected, gint64 now)
{
  gdouble weight = MIN ((gdouble) expected / LOSS_PACKETS, MAX_LOSS_WEIGHT);
  gdouble loss = expected > 0 ? MIN ((gdouble) lost / expected, 1) : 0;

  record->loss += (loss - record->loss) * weight;
  record->loss_at = now;
}

/* It carries @room bit/s, of media that takes @needed at least. */
void
gst_rcast_ice_record_fit (GstRcastIceRecord * record, guint64 room,
    guint64 needed, gint64 now)
{
  if (room >= needed)
    record->thin_since = 0;
  else if (record->thin_since == 0 || now - record->room_at > ROOM_US)
    record->thin_since = now;
  record->room = room;
  record->room_at = now;
}

/* A trial has shown that it carries the media well. */
void
gst_rcast_ice_record_pass (GstRcastIceRecord * record)
{
  record->congested = FALSE;
  record->loss = 0;
  record->thin_since = 0;
}

/* Whether what it lost is so long ago that a trial, which costs no packet, may find out. */
static gboolean
may_be_tried (const GstRcastIceRecord * record, gint64 now)
{
  return record->congested && now - record->well_since >=
      MAX (EARLY_TRIAL_US, record->hold / EARLY_TRIAL_SHARE);
}

/* What it lost is not better by itself: it counts as long as media stays away for it, unless a trial
 * is needed anyway. */
static gdouble
get_loss (const GstRcastIceRecord * record, gint64 now)
{
  if (now - record->well_since >= record->hold)
    return fade (record->loss, now - record->loss_at, LOSS_HALF_LIFE_US);
  return may_be_tried (record, now) ? 0 : record->loss;
}

/* While it carries it is as thin as it was just said to be; once media has left it for that, as
 * long as media stays away. A trial by what another thin one carries would show little. */
static gboolean
is_thin (const GstRcastIceRecord * record, gint64 now)
{
  if (record->thin_since == 0
      || record->room_at - record->thin_since < THIN_US)
    return FALSE;
  return now - record->room_at <= ROOM_US || (record->congested
      && now - record->well_since < record->hold);
}

/* Adds to @view what is remembered. */
void
gst_rcast_ice_record_recall (const GstRcastIceRecord * record,
    GstRcastIcePathView * view, gint64 now)
{
  view->well_since = record->well_since;
  view->hold = record->hold;
  view->wants_trial = record->congested;
  view->loss = get_loss (record, now);
  view->thin = is_thin (record, now);
  view->room = record->room;
  if (view->rtt == 0)
    view->rtt = record->rtt;
}
