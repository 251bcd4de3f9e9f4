/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The paths of one RTP session: what each path carries, and what they carry together. */
#include "config.h"

#include "gstrcastpaths.h"

#include "gstrcastfates.h"
#include "gstrcastlane.h"
#include "gstrcastpathstats.h"
#include "rcast-bond.h"
#include "rcast-rate-view.h"
#include "rcast-reserve.h"

/* A path takes no more part in the bond once packets had a choice without it for so long. Before it
 * leaves a path, the ICE agent has waited for answers already. Meanwhile the packets of that path
 * leave on the others. */
#define PATH_AWAY (50 * GST_MSECOND)
/* A path carries no copies any more once it has carried nothing for so long. */
#define PATH_SILENT (200 * GST_MSECOND)
/* Without feedback about any path for so long, all packets leave on one path. */
#define BOND_PATIENCE (3 * GST_SECOND)
/* The encoder sends less than the target, and each path fills the same share of its own target:
 * a path that only gets what the others leave over never shows what it carries. Below this
 * share, packets leave where they arrive first. */
#define LEAST_LOAD 0.7
/* No ICE agent sends on more paths. */
#define BOND_MAX 8

struct _GstRcastPaths
{
  GstRcastRateConfig config;
  GstRcastCapacities *capacities;       /* constant; NULL: nothing is kept */
  GstRcastAllowances *allowances;       /* set before anything is sent; NULL: no limits */
  GArray *paths;                /* of GstRcastLane */
  GstRcastFates *fates;         /* fates of the packets on @paths */

  /* For paths that share the packets */
  GstRcastBond bond;
  guint n_offered;              /* paths in the bond; 0: none yet */
  GstClockTime begun;           /* time of the first choice; 0: never */
  GstClockTime chosen;          /* time of the last choice; 0: never */
  GstRcastReserve reserve;
  guint ranks[BOND_MAX];        /* of the paths that work */
  guint n_ranks;
  gboolean eager;
  gdouble load;                 /* share of the target that is sent */
};

static GstRcastLane *
get_path (GstRcastPaths * self, guint i)
{
  return &g_array_index (self->paths, GstRcastLane, i);
}

/* Returns: (nullable) */
static GstRcastLane *
find_path (GstRcastPaths * self, const gchar * interface)
{
  for (guint i = 0; i < self->paths->len; i++)
    if (g_strcmp0 (get_path (self, i)->interface, interface) == 0)
      return get_path (self, i);
  return NULL;
}

/* Whether the paths share the packets */
static gboolean
is_bonded (const GstRcastPaths * self, GstClockTime now)
{
  return self->chosen > 0 && now < self->chosen + GST_RCAST_LANE_FORGOTTEN;
}

/* Whether @path takes a share of the packets */
static gboolean
takes_part (const GstRcastPaths * self, const GstRcastLane * path)
{
  return path->offered + PATH_AWAY >= self->chosen
      && !gst_rcast_bond_path_is_left (&path->bond);
}

/* Returns: pacing rate of @path in bit/s, at most the user's limit for its uplink */
static guint64
get_pacing (GstRcastPaths * self, const GstRcastLane * path, GstClockTime now)
{
  guint64 pacing = gst_rcast_rate_get_pacing (path->rate, now);

  return self->allowances ? MIN (pacing, gst_rcast_allowances_get_rate
      (self->allowances, path->interface)) : pacing;
}

/* Returns: the lowest target of the paths in use, as a packet that leaves on two paths
 * has to fit on each; G_MAXUINT64 if no path is in use. @state: (out) (nullable): of that
 * path */
static guint64
get_least_target (GstRcastPaths * self, GstClockTime now,
    GstRcastRateState * state)
{
  guint64 least = G_MAXUINT64;

  for (guint i = 0; i < self->paths->len; i++) {
    GstRcastLane *path = get_path (self, i);
    guint64 target = gst_rcast_rate_get_target (path->rate);

    if (!gst_rcast_lane_is_counted (path, now) || target >= least)
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

/* Returns: the sum of the targets of the paths that share the packets; 0: no path does */
static guint64
get_sum_of_targets (GstRcastPaths * self)
{
  guint64 sum = 0;

  for (guint i = 0; i < self->paths->len; i++)
    if (takes_part (self, get_path (self, i)))
      sum += gst_rcast_rate_get_target (get_path (self, i)->rate);
  return MIN (sum, self->config.max);
}

/* Returns: the pacing rate of all paths: the sum if they share the packets (@parts), or else
 * the lowest one. @burst: (inout): lowered to the smallest burst of these paths */
static guint64
get_pacing_of_all (GstRcastPaths * self, gboolean parts, gsize * burst,
    GstClockTime now)
{
  guint64 least = G_MAXUINT64, sum = 0;

  for (guint i = 0; i < self->paths->len; i++) {
    GstRcastLane *path = get_path (self, i);
    guint64 pacing = get_pacing (self, path, now);

    if (parts ? !takes_part (self, path) :
        !gst_rcast_lane_is_counted (path, now))
      continue;
    least = MIN (least, pacing);
    sum += pacing;
    *burst = MIN (*burst, gst_rcast_rate_get_burst (path->rate, now));
  }
  return parts ? sum : least;
}

/* Returns: the limits of the path on @interface */
static GstRcastRateConfig
get_config (const GstRcastPaths * self, const gchar * interface)
{
  GstRcastRateConfig config = self->config;
  guint n = MAX (self->n_offered, 1);

  config.start /= n;
  config.min /= n;
  config.max = MIN (config.max, gst_rcast_allowances_get_planned
      (self->allowances, interface));
  config.start = MIN (config.start, config.max);
  config.min = MIN (config.min, config.max);
  return config;
}

/* Adds a path. It starts with the known capacity of its uplink, or else with the target
 * of the path in use at most, until it has shown what it carries. */
static GstRcastLane *
add_path (GstRcastPaths * self, const gchar * interface, GstClockTime now)
{
  GstRcastRateConfig config = get_config (self, g_intern_string (interface));
  GstRcastLane path = {.interface = g_intern_string (interface),.sent = now };
  guint64 known = self->capacities ?
      gst_rcast_capacities_get (self->capacities, path.interface, now) : 0;

  gst_rcast_bond_path_init (&path.bond);
  if (known == 0)
    config.start = MIN (config.start, get_least_target (self, now, NULL));
  path.rate = gst_rcast_rate_new (&config, now);
  if (known > 0)
    gst_rcast_rate_recall (path.rate, known, now);
  g_array_append_val (self->paths, path);
  return get_path (self, self->paths->len - 1);
}

/* Returns: the path, which is in use from now on */
static GstRcastLane *
use_path (GstRcastPaths * self, const gchar * interface, GstClockTime now)
{
  GstRcastLane *found = NULL;
  gboolean others = FALSE;

  for (guint i = 0; i < self->paths->len; i++) {
    GstRcastLane *path = get_path (self, i);

    if (path->interface == interface)
      found = path;
    else
      others |= gst_rcast_lane_is_carrying (path, now);
  }
  if (!found)
    return add_path (self, interface, now);
  /* If no other path was in use, the source has only paused. */
  if (others && !gst_rcast_lane_is_carrying (found, now))
    gst_rcast_rate_restart (found->rate, now);
  found->sent = now;
  return found;
}

/**
 * gst_rcast_paths_sent:
 * @self: the paths
 * @interface: (nullable): interned: the uplink that it left on
 * @number: transport-wide number of the packet
 * @size: bytes on the wire, with IP and UDP headers
 * @trial: whether this is a copy for a path that has yet to show that it carries
 * @now: when it left
 */
void
gst_rcast_paths_sent (GstRcastPaths * self, const gchar * interface,
    guint16 number, gsize size, gboolean trial, GstClockTime now)
{
  GstRcastLane *path = use_path (self, interface, now);

  path->trial = trial;
  gst_rcast_rate_sent (path->rate, number, size, now);
  gst_rcast_bond_path_sent (&path->bond, number, now);
}

/* Whether @path had no share for so long that it counts as a new path */
static gboolean
is_forgotten (const GstRcastPaths * self, const GstRcastLane * path)
{
  return path->offered + GST_RCAST_LANE_FORGOTTEN < self->chosen;
}

/* Returns: the path, which may take a share of the packets from now on */
static GstRcastLane *
offer_path (GstRcastPaths * self, const gchar * interface, GstClockTime now)
{
  GstRcastLane *path = find_path (self, interface);

  if (!path) {
    path = add_path (self, interface, now);
  } else if (is_forgotten (self, path)) {
    gst_rcast_rate_restart (path->rate, now);
    gst_rcast_bond_path_init (&path->bond);
  }
  path->offered = now;
  return path;
}

/* Whether feedback shows, or may still show, on which path a packet arrives first */
static gboolean
can_bond (GstRcastPaths * self, GstClockTime now)
{
  if (self->begun == 0)
    self->begun = now;
  for (guint i = 0; i < self->paths->len; i++)
    if (gst_rcast_rate_has_feedback (get_path (self, i)->rate, now))
      return TRUE;
  return now < self->begun + BOND_PATIENCE;
}

static void
configure_paths (GstRcastPaths * self)
{
  for (guint i = 0; i < self->paths->len; i++) {
    const GstRcastLane *path = get_path (self, i);
    GstRcastRateConfig config = get_config (self, path->interface);

    gst_rcast_rate_configure (path->rate, &config);
  }
}

/* Whether the path on @interface works, as far as is known */
static gboolean
is_well (GstRcastPaths * self, const gchar * interface)
{
  const GstRcastLane *path = find_path (self, interface);

  return !path || is_forgotten (self, path)
      || !gst_rcast_bond_path_is_left (&path->bond);
}

/* Selects from @carriers. A worse rank takes part only if the better paths are too thin,
 * or lose all packets. A path that loses all still gets a packet now and then, to show
 * when it works again.
 * @chosen: (out): indices of the selected carriers
 * Returns: how many */
static guint
select_carriers (GstRcastPaths * self, const GstRcastPathsCarrier * carriers,
    guint n, guint * chosen)
{
  guint n_chosen = 0;

  self->n_ranks = 0;
  for (guint i = 0; i < n; i++)
    if (is_well (self, carriers[i].interface))
      self->ranks[self->n_ranks++] = carriers[i].rank;
  gst_rcast_reserve_see (&self->reserve, self->ranks, self->n_ranks);
  for (guint i = 0; i < n; i++)
    if (carriers[i].rank <= self->reserve.rank)
      chosen[n_chosen++] = i;
  return n_chosen;
}

static void
offer (GstRcastPaths * self, const GstRcastPathsCarrier * carriers,
    const guint * chosen, guint n, GstClockTime now)
{
  if (n != self->n_offered) {
    self->n_offered = n;
    configure_paths (self);
  }
  for (guint i = 0; i < n; i++) {
    const GstRcastPathsCarrier *carrier = &carriers[chosen[i]];

    offer_path (self, carrier->interface, now)->rank = carrier->rank;
  }
  self->chosen = now;
  if (n > 1)
    gst_rcast_fates_spread (self->fates, now);
}

/* Whether a path of @rank only takes what the better paths cannot */
static gboolean
is_reserve (const GstRcastPaths * self, guint rank)
{
  if (rank < self->reserve.rank)
    return FALSE;
  for (guint i = 0; i < self->n_ranks; i++)
    if (self->ranks[i] < rank)
      return TRUE;
  return FALSE;
}

/**
 * gst_rcast_paths_choose:
 * @self: the paths
 * @carriers: (array length=n): the paths that the packet can leave on
 * @n: how many, one at least
 * @packet: the packet
 * @now: the time
 *
 * Chooses the path of a packet. As long as packets are chosen for, the paths share them;
 * a path of a worse rank takes part only if the better paths are too thin.
 *
 * Returns: the index of the path on which the packet arrives first, or
 *   %GST_RCAST_PATHS_NO_CHOICE: there is no feedback to choose by
 */
guint
gst_rcast_paths_choose (GstRcastPaths * self,
    const GstRcastPathsCarrier * carriers, guint n,
    const GstRcastPathsPacket * packet, GstClockTime now)
{
  GstRcastBondPath *paths[BOND_MAX];
  guint chosen[BOND_MAX];

  if (!can_bond (self, now))
    return GST_RCAST_PATHS_NO_CHOICE;
  n = select_carriers (self, carriers, MIN (n, BOND_MAX), chosen);
  offer (self, carriers, chosen, n, now);
  for (guint i = 0; i < n; i++) {
    GstRcastLane *path = find_path (self, carriers[chosen[i]].interface);

    paths[i] = gst_rcast_lane_look (path, self->load, now);
    paths[i]->reserve = is_reserve (self, path->rank);
  }
  return chosen[gst_rcast_bond_choose (&self->bond, paths, n, packet->size,
          packet->last, now)];
}

/* @interface: (nullable): the uplink that packets have just left on
 * Returns: the earliest time at which the server can know that they are lost; 0: at once,
 *   as no packet overtakes another */
GstClockTime
gst_rcast_paths_get_hold (GstRcastPaths * self, const gchar * interface,
    GstClockTime now)
{
  return gst_rcast_fates_get_hold (self->fates, interface, now);
}

/* Call this before the feedback of each RTCP packet. */
void
gst_rcast_paths_begin_report (GstRcastPaths * self)
{
  gst_rcast_fates_begin (self->fates);
}

/* As gst_rcast_missing_next_message() */
void
gst_rcast_paths_next_message (GstRcastPaths * self)
{
  gst_rcast_fates_next_message (self->fates);
}

/* As gst_rcast_fates_came() */
void
gst_rcast_paths_came (GstRcastPaths * self, guint16 number)
{
  gst_rcast_fates_came (self->fates, number);
}

/* As gst_rcast_fates_arrival() */
gboolean
gst_rcast_paths_arrival (GstRcastPaths * self, guint16 number,
    GstClockTime arrival, GstClockTime now)
{
  return gst_rcast_fates_arrival (self->fates, number, arrival, now);
}

/* As gst_rcast_fates_take_lost() */
gboolean
gst_rcast_paths_take_lost (GstRcastPaths * self, guint16 * number)
{
  return gst_rcast_fates_take_lost (self->fates, number);
}

/* As gst_rcast_missing_report() */
void
gst_rcast_paths_report (GstRcastPaths * self, guint32 ssrc, gint32 lost,
    GstClockTime now)
{
  gst_rcast_fates_report (self->fates, ssrc, lost, now);
}

/* Updates the rate of each path that the report was about. */
void
gst_rcast_paths_end_report (GstRcastPaths * self, GstClockTime now)
{
  gst_rcast_fates_end (self->fates, now);
}

/* Call this before anything is sent. @allowances: (nullable): the user's limits of the
 * uplinks */
void
gst_rcast_paths_set_allowances (GstRcastPaths * self,
    GstRcastAllowances * allowances)
{
  self->allowances = allowances ? gst_rcast_allowances_ref (allowances) : NULL;
}

/* As gst_rcast_rate_configure(), for all paths together */
void
gst_rcast_paths_configure (GstRcastPaths * self,
    const GstRcastRateConfig * config)
{
  self->config = *config;
  configure_paths (self);
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
  self->eager = eager;
  for (guint i = 0; i < self->paths->len; i++)
    gst_rcast_rate_set_eager (get_path (self, i)->rate, eager);
}

/* Remembers what @path carries, for the next connection */
static void
keep_known (GstRcastPaths * self, const GstRcastLane * path, GstClockTime now)
{
  gboolean full;
  guint64 known = gst_rcast_rate_get_known (path->rate, &full);

  if (self->capacities && known > 0 && gst_rcast_lane_is_carrying (path, now)
      && gst_rcast_rate_has_feedback (path->rate, now))
    gst_rcast_capacities_learn (self->capacities, path->interface, known, full,
        now);
}

/* Collects the loss of the paths in use, and whether packets may leave twice on them */
static void
survey (GstRcastPaths * self, GstRcastPathsView * view, GstClockTime now)
{
  for (guint i = 0; i < self->paths->len; i++) {
    const GstRcastLane *path = get_path (self, i);
    GstRcastDoublesView doubles;
    GstRcastRateView rate;

    if (!gst_rcast_lane_is_counted (path, now))
      continue;
    gst_rcast_rate_get_view (path->rate, &rate, now);
    view->loss = MAX (view->loss, rate.loss);
    doubles = (GstRcastDoublesView) {
      gst_rcast_rate_view_is_calm (&rate, get_config (self,
              path->interface).max), rate.round_trip, rate.usual
    };
    gst_rcast_doubles_view_join (&view->doubles, &doubles);
  }
}

/* @sent, @target: bit/s, of all paths that share the packets
 * @reserved: whether one of them is a reserve */
static void
note_load (GstRcastPaths * self, guint64 sent, guint64 target,
    gboolean reserved)
{
  self->load = reserved || target == 0 ? 1 :
      CLAMP ((gdouble) sent / target, LEAST_LOAD, 1);
}

static void
weigh (GstRcastPaths * self, GstClockTime now)
{
  GstRcastReserveLoad load = {.eager = self->eager };
  gboolean reserved = FALSE;
  guint64 target = 0;

  for (guint i = 0; i < self->paths->len; i++) {
    GstRcastLane *path = get_path (self, i);
    GstRcastRateView view;

    if (!takes_part (self, path))
      continue;
    gst_rcast_rate_get_view (path->rate, &view, now);
    load.sent += view.sent;
    target += view.target;
    reserved |= is_reserve (self, path->rank);
    if (path->rank < self->reserve.rank)
      load.better += view.target;
  }
  note_load (self, load.sent, target, reserved);
  gst_rcast_reserve_weigh (&self->reserve, self->ranks, self->n_ranks, &load,
      now);
}

/* Whether the targets of the paths add up */
static gboolean
is_summed (GstRcastPaths * self, GstClockTime now)
{
  return is_bonded (self, now) && get_sum_of_targets (self) > 0;
}

/* Returns: the target of all paths together; 0: no path is in use */
static guint64
find_target (GstRcastPaths * self, GstRcastRateState * state, GstClockTime now)
{
  guint64 least = get_least_target (self, now, state);

  if (least == G_MAXUINT64)
    return 0;
  return is_summed (self, now) ? get_sum_of_targets (self) : least;
}

/* Whether packets that leave now meet a standing queue. If the paths share the packets,
 * each has to have one. If they carry copies, one is enough. */
static gboolean
is_full (GstRcastPaths * self, GstClockTime now)
{
  gboolean summed = is_summed (self, now);
  guint n = 0, n_full = 0;

  for (guint i = 0; i < self->paths->len; i++) {
    const GstRcastLane *path = get_path (self, i);

    if (!gst_rcast_lane_is_counted (path, now) || (summed ?
            !takes_part (self, path) : path->sent + PATH_SILENT < now))
      continue;
    n++;
    n_full += gst_rcast_lane_is_full (path, now);
  }
  return n_full > 0 && (n_full == n || !summed);
}

/**
 * gst_rcast_paths_get_target:
 * @self: the paths
 * @full: (out): whether packets that leave now meet a standing queue
 * @now: the time
 *
 * Returns: bit/s: the @target that the next gst_rcast_paths_tick() would set
 */
guint64
gst_rcast_paths_get_target (GstRcastPaths * self, gboolean * full,
    GstClockTime now)
{
  *full = is_full (self, now);
  return find_target (self, NULL, now);
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
  *view = (GstRcastPathsView) {
    .state = GST_RCAST_RATE_START,
    .burst = G_MAXSIZE,
    .doubles.spare = TRUE,
  };
  survey (self, view, now);
  for (guint i = 0; i < self->paths->len; i++) {
    GstRcastRate *rate = get_path (self, i)->rate;

    gst_rcast_rate_tick (rate, now);
    view->known |= gst_rcast_rate_has_feedback (rate, now);
    keep_known (self, get_path (self, i), now);
  }
  if (is_bonded (self, now))
    weigh (self, now);
  view->target = find_target (self, &view->state, now);
  if (view->target == 0)
    return;
  view->pacing = get_pacing_of_all (self, is_summed (self, now), &view->burst,
      now);
}

/* Returns: (nullable): the only path in use */
static GstRcastLane *
find_only (GstRcastPaths * self, GstClockTime now)
{
  GstRcastLane *only = NULL;

  for (guint i = 0; i < self->paths->len; i++) {
    if (!gst_rcast_lane_is_counted (get_path (self, i), now))
      continue;
    if (only)
      return NULL;
    only = get_path (self, i);
  }
  return only;
}

/* @sole: (out): the only path in use
 * Returns: whether there is one with feedback and no limit by the user */
gboolean
gst_rcast_paths_find_sole (GstRcastPaths * self, GstRcastPathsSole * sole,
    GstClockTime now)
{
  const GstRcastLane *path = find_only (self, now);

  if (!path || is_bonded (self, now)
      || !gst_rcast_rate_has_feedback (path->rate, now)
      || (self->allowances && gst_rcast_allowances_is_bounded
          (self->allowances, path->interface)))
    return FALSE;
  /* A path on trial, which gets copies, rules that out, too. */
  for (guint i = 0; i < self->paths->len; i++)
    if (gst_rcast_lane_is_carrying (get_path (self, i), now)
        && get_path (self, i) != path)
      return FALSE;
  sole->interface = path->interface;
  sole->max = get_config (self, path->interface).max;
  sole->rate = path->rate;
  return TRUE;
}

/**
 * gst_rcast_paths_find_room:
 * @self: the paths
 * @needed: bit/s on the wire below which the media is of no use
 * @interface: (out) (nullable): the uplink of the path
 * @now: the time
 *
 * Finds how much the only path in use carries. A target that is low because little was
 * sent says nothing about that. The user's limit does: a path with a low limit is never
 * filled.
 *
 * Returns: bit/s, or 0: not known, or there are several paths
 */
guint64
gst_rcast_paths_find_room (GstRcastPaths * self, guint64 needed,
    const gchar ** interface, GstClockTime now)
{
  GstRcastLane *path = find_only (self, now);
  GstRcastRateView view;
  guint64 room, allowed;

  if (!path || is_bonded (self, now)
      || !gst_rcast_rate_has_feedback (path->rate, now))
    return 0;
  *interface = path->interface;
  allowed = gst_rcast_allowances_get_planned (self->allowances,
      path->interface);
  gst_rcast_rate_get_view (path->rate, &view, now);
  room = gst_rcast_rate_view_find_room (&view, needed, self->eager);
  if (allowed < needed)
    return room > 0 ? MIN (room, allowed) : allowed;
  return room;
}

/* Appends a structure for each path of @session to the list. */
void
gst_rcast_paths_add_stats (GstRcastPaths * self, guint session,
    GValue * list, GstClockTime now)
{
  for (guint i = 0; i < self->paths->len; i++) {
    const GstRcastLane *path = get_path (self, i);
    GValue value = G_VALUE_INIT;
    GstRcastRateView view;

    g_value_init (&value, GST_TYPE_STRUCTURE);
    gst_rcast_rate_get_view (path->rate, &view, now);
    g_value_take_boxed (&value, gst_rcast_path_stats_new (&view, session,
            path->interface, gst_rcast_lane_is_carrying (path, now)
            && (!is_bonded (self, now) || takes_part (self, path))));
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
  self->load = 1;
  if (capacities)
    self->capacities = gst_rcast_capacities_ref (capacities);
  self->paths = g_array_new (FALSE, FALSE, sizeof (GstRcastLane));
  g_array_set_clear_func (self->paths, gst_rcast_lane_clear);
  self->fates = gst_rcast_fates_new (self->paths);
  return self;
}

void
gst_rcast_paths_free (GstRcastPaths * self)
{
  gst_rcast_fates_free (self->fates);
  g_array_unref (self->paths);
  g_clear_pointer (&self->capacities, gst_rcast_capacities_unref);
  g_clear_pointer (&self->allowances, gst_rcast_allowances_unref);
  g_free (self);
}
