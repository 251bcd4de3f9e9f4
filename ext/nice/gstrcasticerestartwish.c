/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When the application is asked for an ICE restart, and when it is left alone. Pure. */
#include "config.h"

#include "gstrcasticerestartwish.h"

/* RTCP has come in before, but not for so long, or three times as long if it comes in
 * rarely. A GStreamer receiver may leave 7 s between two reports. */
#define RETURN_SILENCE_US (4 * G_USEC_PER_SEC)
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

/* Something other than a check has come in. */
void
gst_rcast_ice_restart_wish_heard (GstRcastIceRestartWish * wish, gint64 now)
{
  wish->last_heard = now;
  wish->unheard_restarts = 0;
}

/* A restart is through, so a kept wish is fulfilled. */
void
gst_rcast_ice_restart_wish_swapped (GstRcastIceRestartWish * wish)
{
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
  wish->last_restart = now;
  return reason;
}

/* Checks are answered and RTCP used to come in, but does not any more: the peer sends it
 * elsewhere. */
static gboolean
is_return_path_silent (const GstRcastIceRestartWish * wish,
    const GstRcastIcePathView * carrier, const GstRcastIcePathView * returning,
    gint64 now)
{
  gboolean rarely = returning && returning->rhythm > G_USEC_PER_SEC;

  return carrier && carrier->state == GST_RCAST_ICE_PATH_STATE_ALIVE
      && wish->last_heard > 0
      && now - wish->last_heard >= (rarely ? 3 : 1) * RETURN_SILENCE_US;
}

/**
 * gst_rcast_ice_restart_wish_step:
 * @carrier: (nullable): the path that carries media
 * @returning: (nullable): the path on which the peer sends
 *
 * Call it every 50 ms or so.
 *
 * Returns: the reason to ask with now; %GST_RCAST_ICE_NO_RESTART
 */
gint
gst_rcast_ice_restart_wish_step (GstRcastIceRestartWish * wish,
    const GstRcastIcePathView * carrier, const GstRcastIcePathView * returning,
    gboolean restarting, gint64 now)
{
  if (wish->kept != GST_RCAST_ICE_NO_RESTART) {
    gint reason = gst_rcast_ice_restart_wish_want (wish, wish->kept,
        restarting, now);

    if (reason != GST_RCAST_ICE_NO_RESTART)
      return reason;
  }
  if (restarting || wish->unheard_restarts >= MAX_UNHEARD_RESTARTS
      || now - wish->last_restart < 5 * SPACING_US
      || !is_return_path_silent (wish, carrier, returning, now))
    return GST_RCAST_ICE_NO_RESTART;
  wish->unheard_restarts++;
  return gst_rcast_ice_restart_wish_want (wish,
      GST_RCAST_ICE_RESTART_REASON_RETURN_PATH, restarting, now);
}
