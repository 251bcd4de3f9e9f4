/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One ICE stream: routes media, reports states to webrtcbin, asks for restarts. */
#include "config.h"

#include "gstrcasticestream.h"

#include "gstrcasticecandidates.h"
#include "gstrcasticegathering.h"
#include "gstrcasticegenerations.h"
#include "gstrcasticeinlet.h"
#include "gstrcasticejobs.h"
#include "gstrcasticenegotiation.h"
#include "gstrcasticeoutages.h"
#include "gstrcasticepublisher.h"
#include "gstrcasticeroute.h"
#include "gstrcasticerouter.h"
#include "gstrcasticesender.h"
#include "gstrcasticestreamstats.h"
#include "gstrcasticetransport.h"

GST_DEBUG_CATEGORY_STATIC (rcast_ice_stream_debug);
#define GST_CAT_DEFAULT rcast_ice_stream_debug

/* How often paths are evaluated. A packet that arrives up to TICK_EARLY_MS before a tick triggers
 * it, which saves a timer. */
#define TICK_MS 50
#define TICK_EARLY_MS 10
/* After a tick this late, packets that arrived may be unread. */
#define STANDSTILL_US (300 * 1000)

struct _GstRcastIceStream
{
  GstWebRTCICEStream parent;

  /* Set once, by the constructor. These parts know nothing of the stream. */
  GstRcastLoop *loop;
  guint session_id;
  GstRcastIceJobs *jobs;
  GstRcastIceInlet *inlet;
  GstRcastIcePublisher *publisher;
  GstRcastIceReporter *reporter;
  GstRcastIceGenerations *generations;
  GstRcastIceCandidates *candidates;
  GstRcastIceNegotiation *negotiation;
  GstRcastIceGathering *gathering;
  GstRcastIceSender *sender;
  GstRcastIceRouter *router;

  /* Only on the agent's thread. */
  gboolean closed;
  GSource *tick_source;
  gint64 last_tick;             /* 0: none yet */
  gint64 last_retry;
  GstRcastIceOutages *outages;
  gint tos;                     /* -1: not set */
};

G_DEFINE_FINAL_TYPE (GstRcastIceStream, gst_rcast_ice_stream,
    GST_TYPE_WEBRTC_ICE_STREAM);

static const GstRcastIceWay no_way = { {NULL}, 0, FALSE };

static void evaluate (GstRcastIceStream * self);

static GstRcastIceGeneration *
get_active (GstRcastIceStream * self)
{
  return gst_rcast_ice_generations_get_active (self->generations);
}

static GstRcastIceGeneration *
get_latest (GstRcastIceStream * self)
{
  return gst_rcast_ice_generations_get_latest (self->generations);
}

/* --- reports to webrtcbin --- */

static void
publish (GstRcastIceStream * self)
{
  GstRcastIceGeneration *active = get_active (self);
  gint64 now = g_get_monotonic_time ();
  GstRcastIceConnection connection = {
    .was_working = gst_rcast_ice_generation_was_working (active),
    .state = gst_rcast_ice_generation_get_state (active),
  };

  connection.connected = gst_rcast_ice_router_is_working (self->router) || (connection.was_working
      && gst_rcast_ice_generation_is_heard (active, now));
  /* The connection is back from disconnected. The state itself has reported the loss. */
  if (gst_rcast_ice_router_is_working (self->router)
      && !gst_rcast_ice_publisher_is_connected (self->publisher))
    gst_rcast_ice_router_loss_is_known (self->router);
  gst_rcast_ice_publisher_update (self->publisher, &connection, now);
}

/* --- the tick: evaluates the paths every TICK_MS --- */

/* Whether to replace paths of the generation: some have worked, or are being checked. */
static gboolean
is_under_way (GstRcastIceGeneration * generation)
{
  return gst_rcast_ice_generation_was_working (generation)
      || (gst_rcast_ice_generation_is_checking (generation)
      && gst_rcast_ice_generation_get_state (generation) !=
      NICE_COMPONENT_STATE_FAILED);
}

/* Migration: opens a fresh path, with the credentials of the session, on every uplink without a
 * live path, or initially, without one that is answered soon. The checks of the path introduce it
 * to the peer, without signalling. In single mode, only a dead path is replaced. */
static void
cover_uplinks (GstRcastIceStream * self, gint64 now)
{
  g_autoptr (GstRcastIceSettings) settings =
      gst_rcast_ice_reporter_dup_settings (self->reporter);
  GstRcastIceGeneration *active = get_active (self);

  if (!settings || !is_under_way (active))
    return;
  self->last_retry = now;
  if (settings->path_mode != GST_RCAST_ICE_PATH_MODE_SINGLE
      || !gst_rcast_ice_router_is_working (self->router))
    gst_rcast_ice_generation_cover (active, settings, self->tos);
}

/* Returns: how long the uplink that was lost last has not carried its part when bonding. 0: none is
 * missing */
static gint64
find_missing (GstRcastIceStream * self, gint64 now)
{
  g_autoptr (GstRcastIceSettings) settings =
      gst_rcast_ice_reporter_dup_settings (self->reporter);
  g_autoptr (GArray) views = NULL;

  if (!settings || settings->path_mode != GST_RCAST_ICE_PATH_MODE_BOND)
    return 0;
  views = gst_rcast_ice_generation_view (get_active (self));
  return gst_rcast_ice_outages_look (self->outages, (gpointer) views->data,
      views->len, now);
}

static gboolean
is_retry_due (GstRcastIceStream * self, gint64 now)
{
  return now - self->last_retry >= gst_rcast_ice_route_get_retry
      (gst_rcast_ice_router_is_working (self->router), find_missing (self,
          now));
}

static void
step_paths (GstRcastIceStream * self, gint64 now)
{
  GstRcastIceGeneration *active = get_active (self);
  g_autoptr (GPtrArray) paths = gst_rcast_ice_generation_dup_paths (active);
  GstRcastIcePath *returning = gst_rcast_ice_generation_find_return (active);

  for (guint i = 0; i < paths->len; i++) {
    GstRcastIcePath *path = paths->pdata[i];

    gst_rcast_ice_path_step (path, gst_rcast_ice_router_get_duty (self->router,
            path, path == returning),
        path == gst_rcast_ice_router_get_carrier (self->router), now);
  }
}

static gboolean
tick (gpointer data)
{
  GstRcastIceStream *self = data;
  gint64 now = g_get_monotonic_time ();
  gboolean blind = self->last_tick > 0
      && now - self->last_tick >= STANDSTILL_US;

  self->last_tick = now;
  step_paths (self, now);
  gst_rcast_ice_router_remember (self->router, now);
  if (blind) {
    GST_DEBUG_OBJECT (self, "stood still, judging later");
    gst_rcast_ice_router_stood_still (self->router, now);
  } else {
    gst_rcast_ice_router_prune_paths (self->router, now);
  }
  if (is_retry_due (self, now))
    cover_uplinks (self, now);
  if (!blind)
    gst_rcast_ice_router_watch_paths (self->router, now);
  evaluate (self);
  return G_SOURCE_CONTINUE;
}

static void
start_tick (GstRcastIceStream * self)
{
  if (self->tick_source || !is_under_way (get_active (self)))
    return;
  self->last_retry = g_get_monotonic_time ();
  self->tick_source = gst_rcast_loop_add_beat (self->loop, TICK_MS,
      TICK_EARLY_MS, tick, self);
}

/* The only place that decides which path carries media and which state webrtcbin sees. */
static void
evaluate (GstRcastIceStream * self)
{
  GstRcastIceGeneration *pending;
  gboolean connected;

  if (self->closed || !get_active (self))
    return;
  pending = gst_rcast_ice_generations_get_pending (self->generations);
  gst_rcast_ice_generation_note_working (get_active (self));
  if (pending)
    gst_rcast_ice_generation_note_working (pending);
  connected = gst_rcast_ice_publisher_is_connected (self->publisher);
  gst_rcast_ice_router_update_path_states (self->router);
  gst_rcast_ice_router_swap_if_ready (self->router);
  gst_rcast_ice_router_update_route (self->router);
  publish (self);
  start_tick (self);
  if (connected && gst_rcast_ice_publisher_is_disconnected (self->publisher))
    gst_rcast_ice_router_lose (self->router);
}

/* --- reports of the parts, on the agent's thread --- */

typedef struct
{
  GstRcastIceReporter *reporter;
  const gchar *candidate;
} NewCandidate;

static void
report_candidate (gpointer data)
{
  NewCandidate *new_candidate = data;

  gst_rcast_ice_reporter_candidate (new_candidate->reporter,
      new_candidate->candidate);
}

static gboolean
is_of_latest (GstRcastIceStream * self, GstRcastIcePath * path)
{
  GstRcastIceGeneration *latest = get_latest (self);

  return latest && gst_rcast_ice_generation_find_path (latest, path) !=
      GST_RCAST_ICE_NO_PATH;
}

/* Candidates of a replaced generation are of no use to the peer. */
static void
on_candidate (GstRcastIcePath * path, const gchar * candidate, gpointer data)
{
  GstRcastIceStream *self = data;
  NewCandidate new_candidate = { self->reporter, candidate };

  if (is_of_latest (self, path))
    gst_rcast_ice_publisher_call (self->publisher, report_candidate,
        &new_candidate);
}

static void
on_gathered (GstRcastIcePath * path, gpointer data)
{
  GstRcastIceStream *self = data;

  if (is_of_latest (self, path))
    gst_rcast_ice_gathering_check (self->gathering, get_latest (self));
}

static void
on_changed (GstRcastIcePath * path, gpointer data)
{
  evaluate (data);
}

static void
on_received (GstRcastIcePath * path, const guint8 * bytes, gsize size,
    gpointer data)
{
  GstRcastIceStream *self = data;

  gst_rcast_ice_router_heard (self->router, g_get_monotonic_time ());
  gst_rcast_ice_inlet_push (self->inlet, bytes, size);
}

static const GstRcastIcePathCallbacks path_callbacks = {
  on_candidate, on_gathered, on_changed, on_received
};

static void
on_failed (guint id, const GError * error, gpointer data)
{
  GstRcastIceStream *self = data;

  gst_rcast_ice_reporter_failed (self->reporter, id, error);
  evaluate (self);
}

static void
on_hopeless (guint id, gpointer data)
{
  GstRcastIceStream *self = data;

  gst_rcast_ice_reporter_hopeless (self->reporter, id);
}

static const GstRcastIceGenerationsCallbacks generations_callbacks = {
  on_failed, on_hopeless
};

/* --- jobs: queued by any thread, run on the agent's thread --- */

static void
do_set_local (gpointer object, const GstRcastIceJob * job)
{
  GstRcastIceStream *self = object;

  gst_rcast_ice_negotiation_apply_local (self->negotiation, job->a, job->b,
      job->value);
  evaluate (self);
}

static void
do_set_remote (gpointer object, const GstRcastIceJob * job)
{
  GstRcastIceStream *self = object;

  gst_rcast_ice_negotiation_apply_remote (self->negotiation, job->a, job->b);
  evaluate (self);
}

static void
do_cancel_restart (gpointer object, const GstRcastIceJob * job)
{
  GstRcastIceStream *self = object;

  gst_rcast_ice_negotiation_apply_cancel (self->negotiation, job->value);
}

static void
do_gather (gpointer object, const GstRcastIceJob * job)
{
  GstRcastIceStream *self = object;
  GstRcastIceGeneration *generation = get_latest (self);
  g_autoptr (GstRcastIceSettings) settings =
      gst_rcast_ice_reporter_dup_settings (self->reporter);

  if (!settings || !generation
      || !gst_rcast_ice_generation_get_local_ufrag (generation))
    return;
  if (!gst_rcast_ice_gathering_start (self->gathering, generation, settings,
          self->tos))
    GST_WARNING_OBJECT (self, "no local address to gather on");
}

static void
do_remote_done (gpointer object, const GstRcastIceJob * job)
{
  GstRcastIceStream *self = object;
  GstRcastIceGeneration *generation = get_latest (self);

  if (generation && gst_rcast_ice_generation_get_remote_ufrag (generation))
    gst_rcast_ice_generation_remote_done (generation);
}

static void
do_add_candidate (gpointer object, const GstRcastIceJob * job)
{
  GstRcastIceStream *self = object;

  gst_rcast_ice_candidates_add (self->candidates, job->a);
}

static void
do_set_controlling (gpointer object, const GstRcastIceJob * job)
{
  GstRcastIceStream *self = object;

  gst_rcast_ice_generations_set_controlling (self->generations, job->value);
}

static void
do_set_tos (gpointer object, const GstRcastIceJob * job)
{
  GstRcastIceStream *self = object;

  self->tos = job->value;
  gst_rcast_ice_generations_set_tos (self->generations, job->value);
}

static void
do_note_loss (gpointer object, const GstRcastIceJob * job)
{
  GstRcastIceStream *self = object;

  gst_rcast_ice_router_note_loss (self->router, job->value,
      g_ascii_strtoull (job->a, NULL, 10));
  evaluate (self);
}

/* @job: the interface, and "room needed" as one string */
static void
do_note_room (gpointer object, const GstRcastIceJob * job)
{
  GstRcastIceStream *self = object;
  gchar *rest;
  guint64 room = g_ascii_strtoull (job->b, &rest, 10);

  gst_rcast_ice_router_note_room (self->router, job->a, room,
      g_ascii_strtoull (rest, NULL, 10));
  evaluate (self);
}

static void
do_check_carrier (gpointer object, const GstRcastIceJob * job)
{
  GstRcastIceStream *self = object;
  gst_rcast_ice_router_check_now (self->router);
  evaluate (self);
}

static void
do_network_changed (gpointer object, const GstRcastIceJob * job)
{
  GstRcastIceStream *self = object;
  g_autoptr (GstRcastIceSettings) settings =
      gst_rcast_ice_reporter_dup_settings (self->reporter);
  gint64 now = g_get_monotonic_time ();

  if (!settings || !get_active (self))
    return;
  gst_rcast_ice_generations_network_changed (self->generations, settings, now);
  cover_uplinks (self, now);
  evaluate (self);
}

/* The system refused a packet. This arrives before any netlink message. */
static void
do_refused (gpointer object, const GstRcastIceJob * job)
{
  GstRcastIceStream *self = object;
  g_autoptr (GstRcastIcePath) path =
      gst_rcast_ice_sender_steal_refusing (self->sender);

  if (path && get_active (self)
      && gst_rcast_ice_generation_find_path (get_active (self), path) !=
      GST_RCAST_ICE_NO_PATH)
    gst_rcast_ice_path_doubt (path, GST_RCAST_ICE_PATH_CHANGE_REFUSED,
        g_get_monotonic_time ());
  evaluate (self);
}

/* On the streaming thread. */
static void
on_refused (gpointer data)
{
  GstRcastIceStream *self = data;

  gst_rcast_ice_jobs_queue (self->jobs, do_refused, NULL, NULL, 0);
}

static void
do_close (gpointer object, const GstRcastIceJob * job)
{
  GstRcastIceStream *self = object;
  GstRcastIcePath *refusing;

  self->closed = TRUE;
  gst_rcast_ice_jobs_close (self->jobs);
  gst_rcast_source_clear (&self->tick_source);
  gst_rcast_ice_gathering_stop (self->gathering);
  gst_rcast_ice_candidates_close (self->candidates);
  gst_rcast_ice_sender_set_way (self->sender, &no_way);
  refusing = gst_rcast_ice_sender_steal_refusing (self->sender);
  g_clear_pointer (&refusing, gst_rcast_ice_path_unref);
  gst_rcast_ice_generations_close (self->generations);
}

/* --- any thread --- */

/* Ends the stream: no callback follows, and the sockets close soon. */
void
gst_rcast_ice_stream_close (GstRcastIceStream * self)
{
  if (gst_rcast_ice_publisher_close (self->publisher))
    gst_rcast_ice_jobs_queue (self->jobs, do_close, NULL, NULL, 0);
}

void
gst_rcast_ice_stream_set_local (GstRcastIceStream * self, const gchar * ufrag,
    const gchar * password)
{
  guint serial = gst_rcast_ice_negotiation_set_local (self->negotiation, ufrag,
      password);

  gst_rcast_ice_jobs_queue (self->jobs, do_set_local, ufrag, password, serial);
}

void
gst_rcast_ice_stream_set_remote (GstRcastIceStream * self,
    const gchar * ufrag, const gchar * password)
{
  gst_rcast_ice_negotiation_set_remote (self->negotiation, ufrag);
  gst_rcast_ice_jobs_queue (self->jobs, do_set_remote, ufrag, password, 0);
}

/* Whether the peer has offered new credentials, so that the answer needs new ones as well. */
gboolean
gst_rcast_ice_stream_is_asked (GstRcastIceStream * self)
{
  return gst_rcast_ice_negotiation_is_asked (self->negotiation);
}

/* The credentials for a description without a restart. Returns FALSE if there are none yet. */
gboolean
gst_rcast_ice_stream_dup_credentials (GstRcastIceStream * self, gchar ** ufrag,
    gchar ** password)
{
  return gst_rcast_ice_negotiation_dup_local (self->negotiation, ufrag,
      password);
}

/* @candidate: NULL for the end of candidates. One that is too long is not even queued. */
void
gst_rcast_ice_stream_add_candidate (GstRcastIceStream * self,
    const gchar * candidate)
{
  if (!candidate)
    gst_rcast_ice_jobs_queue (self->jobs, do_remote_done, NULL, NULL, 0);
  else if (gst_rcast_ice_candidates_is_too_long (candidate))
    GST_WARNING_OBJECT (self, "a remote candidate is too long, dropping");
  else
    gst_rcast_ice_jobs_queue (self->jobs, do_add_candidate, candidate, NULL, 0);
}

void
gst_rcast_ice_stream_set_controlling (GstRcastIceStream * self,
    gboolean controlling)
{
  gst_rcast_ice_jobs_queue (self->jobs, do_set_controlling, NULL, NULL, controlling);
}

void
gst_rcast_ice_stream_set_tos (GstRcastIceStream * self, gint tos)
{
  gst_rcast_ice_jobs_queue (self->jobs, do_set_tos, NULL, NULL, tos);
}

/* The peer misses @lost of @expected packets. */
void
gst_rcast_ice_stream_report_loss (GstRcastIceStream * self, guint lost,
    guint expected)
{
  g_autofree gchar *of = g_strdup_printf ("%u", expected);

  gst_rcast_ice_jobs_queue (self->jobs, do_note_loss, of, NULL, lost);
}

/* The uplink @interface carries @room bit/s, and the media needs at least @needed. */
void
gst_rcast_ice_stream_report_room (GstRcastIceStream * self,
    const gchar * interface, guint64 room, guint64 needed)
{
  g_autofree gchar *both = g_strdup_printf ("%" G_GUINT64_FORMAT " %"
      G_GUINT64_FORMAT, room, needed);

  gst_rcast_ice_jobs_queue (self->jobs, do_note_room, interface, both, 0);
}

/* Checks the paths that carry media now. */
void
gst_rcast_ice_stream_check_carrier (GstRcastIceStream * self)
{
  gst_rcast_ice_jobs_queue (self->jobs, do_check_carrier, NULL, NULL, 0);
}

/* Interfaces or addresses may have come or gone. */
void
gst_rcast_ice_stream_network_changed (GstRcastIceStream * self)
{
  gst_rcast_ice_jobs_queue (self->jobs, do_network_changed, NULL, NULL, 0);
}

/* Takes effect at once for the next description, soon for everything else. */
void
gst_rcast_ice_stream_cancel_restart (GstRcastIceStream * self)
{
  guint serial = gst_rcast_ice_negotiation_cancel (self->negotiation);

  gst_rcast_ice_jobs_queue (self->jobs, do_cancel_restart, NULL, NULL, serial);
}

/* Call this before anything is sent. */
void
gst_rcast_ice_stream_set_sent_func (GstRcastIceStream * self,
    GstRcastIceSentFunc func, GObject * object)
{
  gst_rcast_ice_sender_set_sent_func (self->sender, self->session_id, func,
      object);
}

/* Likewise. */
void
gst_rcast_ice_stream_set_choose_func (GstRcastIceStream * self,
    GstRcastIceChooseFunc func, GObject * object)
{
  gst_rcast_ice_sender_set_choose_func (self->sender, func, object);
}

/* Sends @packet unchanged on the paths that carry media. Any thread */
void
gst_rcast_ice_stream_send (GstRcastIceStream * self, GBytes * packet)
{
  gsize size;
  GOutputVector vector = { g_bytes_get_data (packet, &size), 0 };

  vector.size = size;
  gst_rcast_ice_sender_send (self->sender, &vector, 1);
}

guint
gst_rcast_ice_stream_get_session_id (GstRcastIceStream * self)
{
  return self->session_id;
}

GstStructure *
gst_rcast_ice_stream_get_stats (GstRcastIceStream * self)
{
  g_autoptr (GstRcastIceGeneration) active =
      gst_rcast_ice_generations_ref_active (self->generations);
  GstStructure *stats = gst_structure_new ("application/x-rcast-ice-stream",
      "session-id", G_TYPE_UINT, self->session_id, "packets-unsent",
      G_TYPE_UINT64, gst_rcast_ice_sender_get_unsent (self->sender),
      "packets-overrun", G_TYPE_UINT64,
      gst_rcast_ice_inlet_get_dropped (self->inlet), "restarting",
      G_TYPE_BOOLEAN,
      gst_rcast_ice_generations_is_restarting (self->generations), NULL);

  gst_rcast_ice_stream_stats_add_paths (stats, active, self->sender);
  return stats;
}

GstWebRTCICECandidateStats **
gst_rcast_ice_stream_get_candidates (GstRcastIceStream * self, gboolean local)
{
  g_autoptr (GstRcastIceGeneration) active =
      gst_rcast_ice_generations_ref_active (self->generations);

  return gst_rcast_ice_stream_stats_get_candidates (active,
      GST_WEBRTC_ICE_STREAM (self)->stream_id, local);
}

gboolean
gst_rcast_ice_stream_get_pair (GstRcastIceStream * self,
    GstWebRTCICECandidateStats ** local, GstWebRTCICECandidateStats ** remote)
{
  return gst_rcast_ice_stream_stats_get_pair (self->sender,
      GST_WEBRTC_ICE_STREAM (self)->stream_id, local, remote);
}

/* --- the class --- */

/* webrtcbin drops its transports when it is finalized. So the stream ends here, even if the
 * application still holds the agent. */
static void
on_transport_gone (GObject * stream)
{
  gst_rcast_ice_stream_close (GST_RCAST_ICE_STREAM (stream));
}

static GstWebRTCICETransport *
gst_rcast_ice_stream_find_transport (GstWebRTCICEStream * stream,
    GstWebRTCICEComponent component)
{
  GstRcastIceStream *self = GST_RCAST_ICE_STREAM (stream);
  GstRcastIceTransportParts parts = { self->publisher, self->sender,
    self->inlet, on_transport_gone
  };
  GstWebRTCICETransport *transport =
      gst_rcast_ice_publisher_dup_transport (self->publisher);

  if (transport)
    return transport;
  transport = gst_rcast_ice_transport_new (G_OBJECT (self), &parts);
  gst_rcast_ice_publisher_set_transport (self->publisher, transport);
  return transport;
}

/* Does nothing if the latest credentials have been gathered for. */
static gboolean
gst_rcast_ice_stream_gather_candidates (GstWebRTCICEStream * stream)
{
  GstRcastIceStream *self = GST_RCAST_ICE_STREAM (stream);
  g_autoptr (GstWebRTCICETransport) transport = NULL;

  if (!gst_rcast_ice_negotiation_take_gathering (self->negotiation))
    return TRUE;
  /* Reset the state at once: waiting for "complete" must not end by the last gathering. Without the
   * publisher's lock, as this is webrtcbin's own thread, which holds locks. */
  transport = gst_rcast_ice_publisher_dup_transport (self->publisher);
  if (transport)
    gst_webrtc_ice_transport_gathering_state_change (transport,
        GST_WEBRTC_ICE_GATHERING_STATE_GATHERING);
  gst_rcast_ice_jobs_queue (self->jobs, do_gather, NULL, NULL, 0);
  return TRUE;
}

static void
gst_rcast_ice_stream_finalize (GObject * object)
{
  GstRcastIceStream *self = GST_RCAST_ICE_STREAM (object);

  gst_rcast_ice_router_free (self->router);
  gst_rcast_ice_outages_free (self->outages);
  gst_rcast_ice_sender_free (self->sender);
  gst_rcast_ice_gathering_free (self->gathering);
  gst_rcast_ice_negotiation_free (self->negotiation);
  gst_rcast_ice_candidates_free (self->candidates);
  gst_rcast_ice_generations_free (self->generations);
  gst_rcast_ice_reporter_free (self->reporter);
  gst_rcast_ice_publisher_free (self->publisher);
  gst_rcast_ice_inlet_unref (self->inlet);
  gst_rcast_ice_jobs_free (self->jobs);
  gst_rcast_loop_unref (self->loop);
  G_OBJECT_CLASS (gst_rcast_ice_stream_parent_class)->finalize (object);
}

static void
gst_rcast_ice_stream_class_init (GstRcastIceStreamClass * klass)
{
  GstWebRTCICEStreamClass *stream_class = GST_WEBRTC_ICE_STREAM_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (rcast_ice_stream_debug, "rcasticestream", 0,
      "One ICE stream");
  G_OBJECT_CLASS (klass)->finalize = gst_rcast_ice_stream_finalize;
  stream_class->find_transport = gst_rcast_ice_stream_find_transport;
  stream_class->gather_candidates = gst_rcast_ice_stream_gather_candidates;
}

static void
gst_rcast_ice_stream_init (GstRcastIceStream * self)
{
  self->tos = -1;
}

static void
make_parts (GstRcastIceStream * self)
{
  const gchar *name = GST_OBJECT_NAME (self);
  GstRcastIceGenerationsConfig config = {
    .name = name,
    .loop = self->loop,
    .callbacks = &generations_callbacks,
    .path_callbacks = &path_callbacks,
    .data = self,
  };

  self->jobs = gst_rcast_ice_jobs_new (self->loop, G_OBJECT (self));
  self->outages = gst_rcast_ice_outages_new ();
  self->inlet = gst_rcast_ice_inlet_new ();
  self->publisher = gst_rcast_ice_publisher_new (name);
  self->generations = gst_rcast_ice_generations_new (&config);
  self->candidates = gst_rcast_ice_candidates_new (name, self->generations);
  self->negotiation = gst_rcast_ice_negotiation_new (name, self->generations,
      self->candidates);
  self->gathering = gst_rcast_ice_gathering_new (self->loop, self->negotiation,
      self->publisher);
  self->sender = gst_rcast_ice_sender_new (on_refused, self);
}

static void
make_router (GstRcastIceStream * self)
{
  GstRcastIceRouterParts parts = {
    .generations = self->generations,
    .negotiation = self->negotiation,
    .publisher = self->publisher,
    .reporter = self->reporter,
    .sender = self->sender,
  };

  self->router = gst_rcast_ice_router_new (&parts);
}

/* Logs name the stream by agent and session, as an agent may have several. */
GstRcastIceStream *
gst_rcast_ice_stream_new (GObject * owner,
    const GstRcastIceStreamCallbacks * callbacks, GstRcastLoop * loop,
    guint session_id)
{
  g_autofree gchar *agent = gst_object_get_name (GST_OBJECT (owner));
  g_autofree gchar *name = g_strdup_printf ("%s:%u", agent, session_id);
  /* webrtcbin and its statistics number streams from 1. */
  GstRcastIceStream *self = g_object_new (GST_TYPE_RCAST_ICE_STREAM,
      "name", name, "stream-id", session_id + 1, NULL);

  self->loop = gst_rcast_loop_ref (loop);
  self->session_id = session_id;
  self->reporter = gst_rcast_ice_reporter_new (name, owner, callbacks,
      session_id);
  make_parts (self);
  make_router (self);
  return gst_object_ref_sink (self);
}
