/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Probes the path of one RTP session with padding, and tells its rate controller the result. */
#include "config.h"

#include "gstrcastprober.h"

#include "rcast-probing.h"

struct _GstRcastProber
{
  guint session;                /* constant; webrtcbin's id of the session */
  GstRcastProbing *probing;
  gboolean known;               /* there was a path */
  const gchar *interface;       /* interned uplink of the path; NULL: the system chooses it */
  guint64 padding;              /* bytes on the wire that left as padding */
};

GstRcastProber *
gst_rcast_prober_new (guint session)
{
  GstRcastProber *self = g_new0 (GstRcastProber, 1);

  self->session = session;
  self->probing = gst_rcast_probing_new (gst_util_get_timestamp ());
  return self;
}

void
gst_rcast_prober_free (GstRcastProber * self)
{
  gst_rcast_probing_free (self->probing);
  g_free (self);
}

/* As gst_rcast_probing_restart(). Before the first path there is nothing to forget. */
void
gst_rcast_prober_restart (GstRcastProber * self, GstClockTime now)
{
  if (self->known)
    gst_rcast_probing_restart (self->probing, now);
}

/* Returns: bit/s on the wire that this session can use on the path, without what others use */
static guint64
find_useful (const GstRcastProberLeave * leave, guint64 target, guint64 max)
{
  guint64 others = leave->target - MIN (leave->target, target);

  return MIN (leave->useful - MIN (leave->useful, others), max);
}

/* Updates the probe. Returns: bit/s that it has shown, 0: nothing new */
static guint64
probe (GstRcastProber * self, const GstRcastPathsSole * sole,
    const GstRcastProberLeave * leave, GstClockTime now)
{
  GstRcastProbingView view = {.possible = leave->possible };
  guint64 shown;

  if (self->interface != sole->interface)
    gst_rcast_prober_restart (self, now);
  self->known = TRUE;
  self->interface = sole->interface;
  gst_rcast_rate_get_view (sole->rate, &view.rate, now);
  view.useful = find_useful (leave, view.rate.target, sole->max);
  gst_rcast_probing_heed (self->probing, &view, now);
  gst_rcast_rate_excuse_loss (sole->rate, gst_rcast_probing_get_excused
      (self->probing, view.rate.round_trip, now));
  shown = gst_rcast_probing_take (self->probing);
  if (shown > 0)
    gst_rcast_rate_show (sole->rate, shown, now);
  return shown;
}

/**
 * gst_rcast_prober_heed:
 * @self: the prober
 * @paths: paths of the session
 * @leave: what it may probe for
 * @now: the time
 *
 * To be called ten times a second. A path that is bonded, or carries copies of another
 * path's packets, is not probed.
 *
 * Returns: bit/s on the wire that a probe has shown, which is the target now; 0: nothing
 *   new
 */
guint64
gst_rcast_prober_heed (GstRcastProber * self, GstRcastPaths * paths,
    const GstRcastProberLeave * leave, GstClockTime now)
{
  GstRcastPathsSole sole;

  if (gst_rcast_paths_find_sole (paths, &sole, now))
    return probe (self, &sole, leave, now);
  gst_rcast_prober_restart (self, now);
  return 0;
}

/* Returns: whether gst_rcast_prober_pad() has something to do */
gboolean
gst_rcast_prober_is_on (const GstRcastProber * self)
{
  return gst_rcast_probing_is_on (self->probing);
}

/* As gst_rcast_probing_is_recent() */
gboolean
gst_rcast_prober_is_recent (const GstRcastProber * self, GstClockTime now)
{
  return gst_rcast_probing_is_recent (self->probing, now);
}

/**
 * gst_rcast_prober_pad:
 * @self: the prober
 * @filter: sends the padding
 * @lock: a lock that the caller holds; released while the padding is sent
 * @now: the time
 *
 * Sends the padding that is due. To be called every few milliseconds while it returns
 * %TRUE.
 *
 * Returns: whether more padding will be due
 */
gboolean
gst_rcast_prober_pad (GstRcastProber * self, GstRcastRepairFilter * filter,
    GMutex * lock, GstClockTime now)
{
  gsize bytes = gst_rcast_probing_get_due (self->probing, now);

  if (bytes == 0)
    return gst_rcast_probing_is_on (self->probing);
  g_mutex_unlock (lock);
  bytes = gst_rcast_repair_filter_pad (filter, self->session, bytes);
  g_mutex_lock (lock);
  gst_rcast_probing_padded (self->probing, bytes, now);
  return gst_rcast_probing_is_on (self->probing);
}

/* Returns: bytes on the wire of all padding that was sent */
guint64
gst_rcast_prober_get_padding (const GstRcastProber * self)
{
  return self->padding;
}

/* As gst_rcast_probing_sent(). @interface: (nullable): interned: the uplink that the
 * packet left on; another one than before ends the probe */
void
gst_rcast_prober_sent (GstRcastProber * self, const gchar * interface,
    guint16 number, gsize size, gboolean padding, GstClockTime now)
{
  if (padding)
    self->padding += size;
  if (gst_rcast_probing_is_pending (self->probing)
      && interface != self->interface)
    gst_rcast_probing_restart (self->probing, now);
  gst_rcast_probing_sent (self->probing, number, size, padding, now);
}

/* As gst_rcast_probing_arrival() */
void
gst_rcast_prober_arrival (GstRcastProber * self, guint16 number,
    GstClockTime arrival)
{
  gst_rcast_probing_arrival (self->probing, number, arrival);
}
