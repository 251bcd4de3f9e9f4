/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The paths of one RTP session: what each of them carries, and what that makes together. */
#include "config.h"

#include "gstrcastpaths.h"

/* A path that carried nothing for so long is another one when it carries again. */
#define PATH_FORGOTTEN GST_SECOND

typedef struct
{
  const gchar *interface;       /* interned; NULL: the system chooses it */
  GstRcastRate *rate;
  GstClockTime sent;            /* the last packet */
  gboolean heard;               /* there is feedback about it */
} Path;

struct _GstRcastPaths
{
  GstRcastRateConfig config;
  GstRcastCapacities *capacities;       /* constant; NULL: nothing is kept */
  GArray *paths;                /* of Path */
};

static void
path_clear (gpointer data)
{
  g_clear_pointer (&((Path *) data)->rate, gst_rcast_rate_free);
}

static Path *
get_path (GstRcastPaths * self, guint i)
{
  return &g_array_index (self->paths, Path, i);
}

/* Threads take the time before the lock: what was sent may be later than @now. */
static gboolean
is_carrying (const Path * path, GstClockTime now)
{
  return now < path->sent + PATH_FORGOTTEN;
}

/* What the paths that carry allow: of packets that leave on two of them each has to take
 * all. Returns: G_MAXUINT64 if none carries */
static guint64
get_least_target (GstRcastPaths * self, GstClockTime now,
    GstRcastRateState * state)
{
  guint64 least = G_MAXUINT64;

  for (guint i = 0; i < self->paths->len; i++) {
    Path *path = get_path (self, i);
    guint64 target = gst_rcast_rate_get_target (path->rate);

    if (!is_carrying (path, now) || target >= least)
      continue;
    least = target;
    if (state) {
      GstRcastRateView view;

      gst_rcast_rate_get_view (path->rate, &view, now);
      *state = view.state;
    }
  }
  return least;
}

/* As above, of what waits */
static guint64
get_least_pacing (GstRcastPaths * self, gsize * burst, GstClockTime now)
{
  guint64 least = G_MAXUINT64;

  for (guint i = 0; i < self->paths->len; i++) {
    Path *path = get_path (self, i);

    if (!is_carrying (path, now))
      continue;
    least = MIN (least, gst_rcast_rate_get_pacing (path->rate, now));
    *burst = MIN (*burst, gst_rcast_rate_get_burst (path->rate, now));
  }
  return least;
}

/* A path that was not used before carries what its uplink did, or no more than the path that
 * is left, until it has shown what it carries. */
static Path *
add_path (GstRcastPaths * self, const gchar * interface, GstClockTime now)
{
  GstRcastRateConfig config = self->config;
  Path path = { interface, NULL, now, FALSE };
  guint64 known = self->capacities ?
      gst_rcast_capacities_get (self->capacities, interface, now) : 0;

  if (known == 0)
    config.start = MIN (config.start, get_least_target (self, now, NULL));
  path.rate = gst_rcast_rate_new (&config, now);
  if (known > 0)
    gst_rcast_rate_recall (path.rate, known, now);
  g_array_append_val (self->paths, path);
  return get_path (self, self->paths->len - 1);
}

/* Returns: the path, which carries from now on */
static Path *
use_path (GstRcastPaths * self, const gchar * interface, GstClockTime now)
{
  Path *found = NULL;
  gboolean others = FALSE;

  for (guint i = 0; i < self->paths->len; i++) {
    Path *path = get_path (self, i);

    if (path->interface == interface)
      found = path;
    else
      others |= is_carrying (path, now);
  }
  if (!found)
    return add_path (self, interface, now);
  /* A pause of the source is no change of the path. */
  if (others && !is_carrying (found, now))
    gst_rcast_rate_restart (found->rate, now);
  found->sent = now;
  return found;
}

/**
 * gst_rcast_paths_sent:
 * @self: the paths
 * @interface: (nullable): interned: what it left on
 * @number: transport-wide number of the packet
 * @size: bytes on the wire, with IP and UDP headers
 * @now: when it left
 */
void
gst_rcast_paths_sent (GstRcastPaths * self, const gchar * interface,
    guint16 number, gsize size, GstClockTime now)
{
  gst_rcast_rate_sent (use_path (self, interface, now)->rate, number, size,
      now);
}

/* Before what a server says of packets in one packet */
void
gst_rcast_paths_begin_report (GstRcastPaths * self)
{
  for (guint i = 0; i < self->paths->len; i++)
    get_path (self, i)->heard = FALSE;
}

/**
 * gst_rcast_paths_arrival:
 * @self: the paths
 * @number: transport-wide number of the packet
 * @arrival: when it arrived, by the receiver's clock, or %GST_CLOCK_TIME_NONE: it did not
 * @now: when the server says so
 */
void
gst_rcast_paths_arrival (GstRcastPaths * self, guint16 number,
    GstClockTime arrival, GstClockTime now)
{
  guint n_awaits = 0;

  for (guint i = 0; i < self->paths->len; i++)
    n_awaits += gst_rcast_rate_awaits (get_path (self, i)->rate, number, now);
  for (guint i = 0; i < self->paths->len; i++) {
    Path *path = get_path (self, i);

    path->heard |= gst_rcast_rate_arrival (path->rate, number, n_awaits == 1,
        arrival, now);
  }
}

/* Decides about the paths of which the server said something. */
void
gst_rcast_paths_end_report (GstRcastPaths * self, GstClockTime now)
{
  for (guint i = 0; i < self->paths->len; i++)
    if (get_path (self, i)->heard)
      gst_rcast_rate_decide (get_path (self, i)->rate, now);
}

/* As gst_rcast_rate_configure(), for all paths */
void
gst_rcast_paths_configure (GstRcastPaths * self,
    const GstRcastRateConfig * config)
{
  self->config = *config;
  for (guint i = 0; i < self->paths->len; i++)
    gst_rcast_rate_configure (get_path (self, i)->rate, config);
}

/* As gst_rcast_rate_restart(), for all paths */
void
gst_rcast_paths_restart (GstRcastPaths * self, GstClockTime now)
{
  for (guint i = 0; i < self->paths->len; i++)
    gst_rcast_rate_restart (get_path (self, i)->rate, now);
}

/* As gst_rcast_rate_try(), for all paths */
void
gst_rcast_paths_try (GstRcastPaths * self, guint64 target, GstClockTime now)
{
  for (guint i = 0; i < self->paths->len; i++)
    gst_rcast_rate_try (get_path (self, i)->rate, target, now);
}

/* As gst_rcast_rate_set_eager(), for all paths */
void
gst_rcast_paths_set_eager (GstRcastPaths * self, gboolean eager)
{
  for (guint i = 0; i < self->paths->len; i++)
    gst_rcast_rate_set_eager (get_path (self, i)->rate, eager);
}

/* For the next connection */
static void
keep_known (GstRcastPaths * self, const Path * path, GstClockTime now)
{
  gboolean full;
  guint64 known = gst_rcast_rate_get_known (path->rate, &full);

  if (self->capacities && known > 0 && is_carrying (path, now)
      && gst_rcast_rate_has_feedback (path->rate, now))
    gst_rcast_capacities_learn (self->capacities, path->interface, known, full,
        now);
}

static gdouble
get_most_loss (GstRcastPaths * self, GstClockTime now)
{
  gdouble most = 0;

  for (guint i = 0; i < self->paths->len; i++) {
    GstRcastRateView view;

    gst_rcast_rate_get_view (get_path (self, i)->rate, &view, now);
    if (is_carrying (get_path (self, i), now))
      most = MAX (most, view.loss);
  }
  return most;
}

/**
 * gst_rcast_paths_tick:
 * @self: the paths
 * @view: (out): what they carry
 * @now: the time
 *
 * To be called ten times a second.
 */
void
gst_rcast_paths_tick (GstRcastPaths * self, GstRcastPathsView * view,
    GstClockTime now)
{
  guint64 target;

  *view = (GstRcastPathsView) {
    .state = GST_RCAST_RATE_START,
    .loss = get_most_loss (self, now),
    .burst = G_MAXSIZE,
  };
  for (guint i = 0; i < self->paths->len; i++) {
    GstRcastRate *rate = get_path (self, i)->rate;

    gst_rcast_rate_tick (rate, now);
    view->known |= gst_rcast_rate_has_feedback (rate, now);
    keep_known (self, get_path (self, i), now);
  }
  target = get_least_target (self, now, &view->state);
  if (target == G_MAXUINT64)
    return;
  view->target = target;
  view->pacing = get_least_pacing (self, &view->burst, now);
}

static const gchar *const states[] = {
  "start", "rise", "hold", "drain", "loss", "blind"
};

static GstStructure *
make_stats (const Path * path, guint session, GstClockTime now)
{
  GstRcastRateView view;

  gst_rcast_rate_get_view (path->rate, &view, now);
  return gst_structure_new ("application/x-rcast-rate-stats",
      "session", G_TYPE_UINT, session,
      "interface", G_TYPE_STRING, path->interface ? path->interface : "",
      "carrying", G_TYPE_BOOLEAN, is_carrying (path, now),
      "state", G_TYPE_STRING, states[view.state],
      "target", G_TYPE_UINT64, view.target,
      "sent", G_TYPE_UINT64, view.sent,
      "received", G_TYPE_UINT64, view.received,
      "capacity", G_TYPE_UINT64, view.capacity,
      "queue", G_TYPE_UINT64, view.queue,
      "round-trip", G_TYPE_UINT64, view.round_trip,
      "loss", G_TYPE_DOUBLE, view.loss, NULL);
}

/* Appends a structure for each path of @session to the list. */
void
gst_rcast_paths_add_stats (GstRcastPaths * self, guint session,
    GValue * list, GstClockTime now)
{
  for (guint i = 0; i < self->paths->len; i++) {
    GValue value = G_VALUE_INIT;

    g_value_init (&value, GST_TYPE_STRUCTURE);
    g_value_take_boxed (&value, make_stats (get_path (self, i), session, now));
    gst_value_list_append_and_take_value (list, &value);
  }
}

/* @capacities: (nullable): what the uplinks carried before */
GstRcastPaths *
gst_rcast_paths_new (const GstRcastRateConfig * config,
    GstRcastCapacities * capacities)
{
  GstRcastPaths *self = g_new0 (GstRcastPaths, 1);

  self->config = *config;
  if (capacities)
    self->capacities = gst_rcast_capacities_ref (capacities);
  self->paths = g_array_new (FALSE, FALSE, sizeof (Path));
  g_array_set_clear_func (self->paths, path_clear);
  return self;
}

void
gst_rcast_paths_free (GstRcastPaths * self)
{
  g_array_unref (self->paths);
  g_clear_pointer (&self->capacities, gst_rcast_capacities_unref);
  g_free (self);
}
