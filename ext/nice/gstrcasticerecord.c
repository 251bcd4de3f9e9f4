/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the process remembers of an uplink, across generations, sessions and servers. Pure. */
#include "config.h"

#include "gstrcasticerecord.h"

#include <math.h>

/* Each flap adds one point to the penalty, which halves in this time. Each point doubles the hold.
 * This follows route flap damping (RFC 2439). */
#define HALF_LIFE_US (15 * 60 * G_USEC_PER_SEC)
#define MAX_DOUBLINGS 6
/* The first hold. An uplink that was dead is well once a path works. A congested uplink that is
 * idle does not show whether it is still congested. */
#define DEAD_HOLD_US (5 * G_USEC_PER_SEC)
#define CONGESTED_HOLD_US (30 * G_USEC_PER_SEC)
/* If the uplink in use loses too much, an uplink that was congested may be tried before its hold
 * ends: after this time, and after this share of the hold. */
#define EARLY_TRIAL_US (30 * G_USEC_PER_SEC)
#define EARLY_TRIAL_SHARE 8
/* How many packets the smoothed loss covers. */
#define LOSS_PACKETS 300
#define MAX_LOSS_WEIGHT 0.5
/* A loss that is no longer reported halves in this time. */
#define LOSS_HALF_LIFE_US (10 * G_USEC_PER_SEC)
/* The uplink is thin if it has had too little room for this long. A standstill is shorter. */
#define THIN_US (2 * G_USEC_PER_SEC)
/* The application reports the room twice a second. After this long without a report it is
 * unknown. */
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

/* A path on the uplink works. @rtt: 0: unknown */
void
gst_rcast_ice_record_alive (GstRcastIceRecord * record, gint64 rtt, gint64 now)
{
  if (record->dead)
    record->well_since = now;
  record->dead = FALSE;
  if (rtt > 0)
    record->rtt = rtt;
}

/* Media had to leave the uplink, or must not return yet. An uplink that is already dead does not
 * die again when further paths on it are given up. */
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

/* The peer misses @lost of @expected packets that this uplink carried. */
void
gst_rcast_ice_record_lose (GstRcastIceRecord * record, guint lost,
    guint expected, gint64 now)
{
  gdouble weight = MIN ((gdouble) expected / LOSS_PACKETS, MAX_LOSS_WEIGHT);
  gdouble loss = expected > 0 ? MIN ((gdouble) lost / expected, 1) : 0;

  record->loss += (loss - record->loss) * weight;
  record->loss_at = now;
}

/* The uplink carries @room bit/s, and the media needs at least @needed. */
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

/* A trial has shown that the uplink carries the media well. */
void
gst_rcast_ice_record_pass (GstRcastIceRecord * record)
{
  record->congested = FALSE;
  record->loss = 0;
  record->thin_since = 0;
}

/* Whether the congestion is long enough ago for a trial, which costs no packet. */
static gboolean
may_be_tried (const GstRcastIceRecord * record, gint64 now)
{
  return record->congested && now - record->well_since >=
      MAX (EARLY_TRIAL_US, record->hold / EARLY_TRIAL_SHARE);
}

/* The loss of an idle uplink does not fade by itself. It counts while media stays away because of
 * it, except when a trial could find out. */
static gdouble
get_loss (const GstRcastIceRecord * record, gint64 now)
{
  if (now - record->well_since >= record->hold)
    return fade (record->loss, now - record->loss_at, LOSS_HALF_LIFE_US);
  return may_be_tried (record, now) ? 0 : record->loss;
}

/* While the uplink carries media, the last reports decide. After media has left it for want of
 * room, it stays thin for the whole hold: a trial with the media of another thin uplink would show
 * little. */
static gboolean
is_thin (const GstRcastIceRecord * record, gint64 now)
{
  if (record->thin_since == 0
      || record->room_at - record->thin_since < THIN_US)
    return FALSE;
  return now - record->room_at <= ROOM_US || (record->congested
      && now - record->well_since < record->hold);
}

/* Adds the record to @view. */
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
