/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When the application is asked for an ICE restart, and when it is left alone. Pure. */
#include "config.h"

#include "gstrcasticerestartwish.h"

#include <math.h>

/* RTCP has come in before, but not for so long. If it comes in rarely, or packets are lost, so
 * much is to be missing that chance is less likely than that. */
#define RETURN_SILENCE_US (4 * G_USEC_PER_SEC)
#define MAX_CHANCE 1e-5
/* Of the peer's packets so many may always be lost. */
#define LEAST_LOSS 0.01
#define MAX_MISSING 16
/* RFC 3550 6.2: there may be so long between two reports, and DTLS comes in faster. What the
 * rhythm is shows in some of them. */
#define RARE_US (5 * G_USEC_PER_SEC)
#define LEARNING_US (3 * RARE_US)
#define MAX_RHYTHM_US (4 * RARE_US)
/* Steps that are so late are a standstill: what came in may not have been read. */
#define STEP_US (50 * 1000)
#define STANDSTILL_US (200 * 1000)
/* After a path has died, and after a restart, silence for so long is no chance where media comes
 * in; what was on its way is read within the shorter time, and what the peer sends by the new path is
 * there. Of the path on which the peer is known to send that is enough. */
#define LOST_SILENCE_US G_USEC_PER_SEC
#define STRAY_US (300 * 1000)
/* A restart that is not urgent is not asked for more often. */
#define SPACING_US (2 * G_USEC_PER_SEC)
/* If RTCP is not back after so many restarts, as with a peer that sends none, a further
 * restart will not help. */
#define MAX_UNHEARD_RESTARTS 2

void
gst_rcast_ice_restart_wish_init (GstRcastIceRestartWish * wish)
{
  *wish = (GstRcastIceRestartWish) {
  .kept = GST_RCAST_ICE_NO_RESTART};
}

/* How much later than usual the step at @now would be; 0: in time. */
static gint64
find_standstill (const GstRcastIceRestartWish * wish, gint64 now)
{
  gint64 late = now - wish->last_step - STEP_US;

  return wish->last_step > 0 && late >= STANDSTILL_US ? late : 0;
}

/* Something other than a check has come in. */
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

/* A path has died, of a stream on which the peer sends media. It need not be known whether the
 * peer sent on it: where a restart was under way, it may do so from then on. And where
 * the carrier was in doubt at that moment, nothing has been asked for. */
void
gst_rcast_ice_restart_wish_lost (GstRcastIceRestartWish * wish, gint64 now)
{
  wish->lost = now;
}

/* The path on which the peer sends has died, and for now nothing asks for a restart: if nothing comes
 * on another one, that is to be made good. */
void
gst_rcast_ice_restart_wish_lost_return (GstRcastIceRestartWish * wish,
    gint64 now)
{
  wish->return_lost = now;
}

/* A restart is through, so a kept wish is fulfilled. */
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
 * Only a lost path is urgent. Any other reason that comes too early is kept for later,
 * unless a restart is through by then.
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

/* Of the packets of a peer that is well so many may be missing in a row. */
static guint
count_missing (const GstRcastIcePathView * carrier)
{
  /* A check is lost there or back. */
  gdouble loss = MAX (1 - sqrt (1 - carrier->check_loss), LEAST_LOSS);
  guint n = 2;

  while (n < MAX_MISSING && pow (loss, n) > MAX_CHANCE)
    n++;
  return n;
}

/* Whether checks are answered and RTCP used to come in: that it does not any more has a cause. */
static gboolean
is_awaited (const GstRcastIceRestartWish * wish,
    const GstRcastIcePathView * carrier)
{
  return carrier && carrier->state == GST_RCAST_ICE_PATH_STATE_ALIVE
      && wish->first_heard > 0;
}

/* RTCP does not come in any more: the peer sends it elsewhere. */
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

/* A path has died, and nothing has come since: the peer sends its media there. */
static gboolean
is_media_lost (const GstRcastIceRestartWish * wish,
    const GstRcastIcePathView * carrier, gint64 now)
{
  gint64 since = MAX (wish->silent_since, MAX (wish->lost, wish->swapped));

  return wish->lost > 0 && now - since >= MAX (LOST_SILENCE_US,
      count_missing (carrier) * wish->rhythm)
      && now - wish->last_restart >= SPACING_US;
}

/* What the peer sent on the path that died is not there on another one, though it had the time. */
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
 * Call it every 50 ms or so.
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
