/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides when to ask the application for an ICE restart, and when not to. Pure. */
#include "config.h"

#include "gstrcasticerestartwish.h"

#include <math.h>

/* RTCP used to arrive, but has not for this long. If RTCP is rare or packets are lost, enough of it
 * must be missing that chance explains it with less probability than MAX_CHANCE. */
#define RETURN_SILENCE_US (4 * G_USEC_PER_SEC)
#define MAX_CHANCE 1e-5
/* Assume that at least this share of the peer's packets is lost. */
#define LEAST_LOSS 0.01
#define MAX_MISSING 16
/* RFC 3550 6.2: RTCP reports may be this far apart; DTLS is faster. It takes several of them to
 * learn the rhythm. */
#define RARE_US (5 * G_USEC_PER_SEC)
#define LEARNING_US (3 * RARE_US)
#define MAX_RHYTHM_US (4 * RARE_US)
/* A step that is this late is a standstill: packets that arrived may be unread. */
#define STEP_US (50 * 1000)
#define STANDSTILL_US (200 * 1000)
/* After a path has died or a restart has succeeded, this much silence cannot be chance if the peer
 * sends media. Within STRAY_US, packets in flight are read and those on the new path arrive. That
 * is enough silence if the return path has died. */
#define LOST_SILENCE_US G_USEC_PER_SEC
#define STRAY_US (300 * 1000)
/* Minimum interval of restarts that are not urgent. */
#define SPACING_US (2 * G_USEC_PER_SEC)
/* If RTCP has not returned after this many restarts, as with a peer that sends none, another
 * restart will not help. */
#define MAX_UNHEARD_RESTARTS 2

void
gst_rcast_ice_restart_wish_init (GstRcastIceRestartWish * wish)
{
  *wish = (GstRcastIceRestartWish) {
  .kept = GST_RCAST_ICE_NO_RESTART};
}

/* How late the step at @now is, if that is a standstill. 0: no standstill */
static gint64
find_standstill (const GstRcastIceRestartWish * wish, gint64 now)
{
  gint64 late = now - wish->last_step - STEP_US;

  return wish->last_step > 0 && late >= STANDSTILL_US ? late : 0;
}

/* A packet other than a check has arrived. */
void
gst_rcast_ice_restart_wish_heard (GstRcastIceRestartWish * wish, gint64 now)
{
  gint64 gap = now - wish->silent_since;

  /* The longest gap counts, and fades. */
  if (wish->first_heard == 0)
    wish->first_heard = now;
  else if (gap <= wish->rhythm)
    wish->rhythm -= (wish->rhythm - gap) / 64;
  else if (find_standstill (wish, now) == 0)
    wish->rhythm = MIN (gap, MAX_RHYTHM_US);
  wish->silent_since = now;
  wish->unheard_restarts = 0;
  if (now - wish->lost >= STRAY_US)
    wish->lost = 0;
  if (now - wish->return_lost >= STRAY_US)
    wish->return_lost = 0;
}

/* A path of a stream on which the peer sends media has died. It may be unknown whether the peer
 * used this path: if a restart was under way, it may do so from now on. If the carrier was suspect
 * at that moment, nobody has asked for a restart yet. */
void
gst_rcast_ice_restart_wish_lost (GstRcastIceRestartWish * wish, gint64 now)
{
  wish->lost = now;
}

/* The return path has died, and for now nobody asks for a restart. If nothing arrives on another
 * path, step() has to ask. */
void
gst_rcast_ice_restart_wish_lost_return (GstRcastIceRestartWish * wish,
    gint64 now)
{
  wish->return_lost = now;
}

/* A restart has succeeded, which fulfils a postponed wish. */
void
gst_rcast_ice_restart_wish_swapped (GstRcastIceRestartWish * wish, gint64 now)
{
  wish->swapped = now;
  wish->return_lost = 0;
  wish->kept = GST_RCAST_ICE_NO_RESTART;
}

/**
 * gst_rcast_ice_restart_wish_want:
 * @restarting: whether a restart is under way
 *
 * Only a lost path is urgent. Any other reason that comes too early is postponed, and
 * dropped if a restart succeeds in the meantime.
 *
 * Returns: the reason to ask with now; %GST_RCAST_ICE_NO_RESTART
 */
gint
gst_rcast_ice_restart_wish_want (GstRcastIceRestartWish * wish,
    GstRcastIceRestartReason reason, gboolean restarting, gint64 now)
{
  gboolean urgent = reason == GST_RCAST_ICE_RESTART_REASON_PATH_LOST;

  if (!urgent)
    wish->kept = reason;
  if (restarting || (!urgent && wish->last_restart > 0
          && now - wish->last_restart < SPACING_US))
    return GST_RCAST_ICE_NO_RESTART;
  wish->kept = GST_RCAST_ICE_NO_RESTART;
  wish->return_lost = 0;
  wish->last_restart = now;
  return reason;
}

/* How many packets in a row a healthy peer may lose. */
static guint
count_missing (const GstRcastIcePathView * carrier)
{
  /* A check is lost on its way there or back, a packet of the peer only on its way here. */
  gdouble loss = MAX (1 - sqrt (1 - carrier->check_loss), LEAST_LOSS);
  guint n = 2;

  while (n < MAX_MISSING && pow (loss, n) > MAX_CHANCE)
    n++;
  return n;
}

/* Whether the peer answers checks and used to send RTCP, so that missing RTCP has a cause. */
static gboolean
is_awaited (const GstRcastIceRestartWish * wish,
    const GstRcastIcePathView * carrier)
{
  return carrier && carrier->state == GST_RCAST_ICE_PATH_STATE_ALIVE
      && wish->first_heard > 0;
}

/* RTCP no longer arrives: the peer sends it elsewhere. */
static gboolean
is_return_path_silent (const GstRcastIceRestartWish * wish,
    const GstRcastIcePathView * carrier, gint64 now)
{
  gint64 rhythm = now - wish->first_heard >= LEARNING_US ? wish->rhythm :
      MAX (wish->rhythm, RARE_US);

  return now - wish->silent_since >= MAX (RETURN_SILENCE_US,
      count_missing (carrier) * rhythm)
      && now - wish->last_restart >= 5 * SPACING_US;
}

/* A path has died, and nothing has arrived since: the peer sends its media there. */
static gboolean
is_media_lost (const GstRcastIceRestartWish * wish,
    const GstRcastIcePathView * carrier, gint64 now)
{
  gint64 since = MAX (wish->silent_since, MAX (wish->lost, wish->swapped));

  return wish->lost > 0 && now - since >= MAX (LOST_SILENCE_US,
      count_missing (carrier) * wish->rhythm)
      && now - wish->last_restart >= SPACING_US;
}

/* The return path has died, and the peer's packets have had time to arrive on another path, but did
 * not. */
static gboolean
is_return_lost (const GstRcastIceRestartWish * wish, gint64 now)
{
  return wish->return_lost > 0
      && now - MAX (wish->silent_since, wish->return_lost) >= STRAY_US
      && now - wish->last_restart >= SPACING_US;
}

/**
 * gst_rcast_ice_restart_wish_step:
 * @carrier: (nullable): the path that carries media
 *
 * Call this about every 50 ms.
 *
 * Returns: the reason to ask with now; %GST_RCAST_ICE_NO_RESTART
 */
gint
gst_rcast_ice_restart_wish_step (GstRcastIceRestartWish * wish,
    const GstRcastIcePathView * carrier, gboolean restarting, gint64 now)
{
  wish->silent_since = MIN (wish->silent_since + find_standstill (wish, now),
      now);
  wish->last_step = now;
  if (wish->kept != GST_RCAST_ICE_NO_RESTART) {
    gint reason = gst_rcast_ice_restart_wish_want (wish, wish->kept,
        restarting, now);

    if (reason != GST_RCAST_ICE_NO_RESTART)
      return reason;
  }
  if (restarting || wish->unheard_restarts >= MAX_UNHEARD_RESTARTS
      || !is_awaited (wish, carrier)
      || !(is_media_lost (wish, carrier, now) || is_return_lost (wish, now)
          || is_return_path_silent (wish, carrier, now)))
    return GST_RCAST_ICE_NO_RESTART;
  wish->unheard_restarts++;
  wish->lost = 0;
  return gst_rcast_ice_restart_wish_want (wish,
      GST_RCAST_ICE_RESTART_REASON_RETURN_PATH, restarting, now);
}
