/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One ICE stream: its active, pending and draining generations. */
#include "config.h"

#include "gstrcasticestream-private.h"

#include "gstrcastice.h"
#include "gstrcasticeresolve.h"
#include "gstrcasticestats.h"
#include "gstrcasticetransport.h"

GST_DEBUG_CATEGORY (rcast_ice_stream_debug);
#define GST_CAT_DEFAULT rcast_ice_stream_debug

/* Gathering is said to be complete after so long, if a STUN or TURN server does
 * not answer; what comes later is trickled all the same. */
#define GATHER_TIMEOUT_MS 1500
#define MAX_BATCH 64

G_DEFINE_FINAL_TYPE (GstRcastIceStream, gst_rcast_ice_stream,
    GST_TYPE_WEBRTC_ICE_STREAM);

/* --- the agent's thread: what a generation tells --- */

static void
on_candidate (GstRcastIceGeneration * generation, const gchar * candidate,
    gpointer data)
{
  GstRcastIceStream *self = data;
  g_autoptr (GObject) owner = NULL;
  g_autofree gchar *full = NULL;

  /* Nobody waits for those of a generation that has been replaced. */
  if (generation != gst_rcast_ice_stream_get_latest (self))
    return;
  full = g_strdup_printf ("%s ufrag %s", candidate,
      gst_rcast_ice_generation_get_local_ufrag (generation));
  owner = g_weak_ref_get (&self->owner);
  if (!owner)
    return;
  g_mutex_lock (&self->emit_lock);
  if (gst_rcast_ice_stream_is_listening_locked (self))
    self->events.candidate (owner, self->session_id, full);
  g_mutex_unlock (&self->emit_lock);
}

static void
gathering_is_complete (GstRcastIceStream * self)
{
  gboolean due;

  gst_rcast_source_clear (&self->gather_source);
  /* Credentials that are still on their way here gather anew. */
  g_mutex_lock (&self->lock);
  due = self->serial == self->gather_serial;
  g_mutex_unlock (&self->lock);
  if (due)
    gst_rcast_ice_stream_publish_gathering (self,
        GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE);
}

static void
on_gathered (GstRcastIceGeneration * generation, gpointer data)
{
  GstRcastIceStream *self = data;

  if (generation == gst_rcast_ice_stream_get_latest (self)
      && gst_rcast_ice_generation_is_gathered (generation))
    gathering_is_complete (self);
}

static gboolean
gathering_timed_out (gpointer data)
{
  GstRcastIceStream *self = data;

  GST_INFO_OBJECT (self, "a STUN or TURN server does not answer, going on");
  gathering_is_complete (self);
  return G_SOURCE_REMOVE;
}

static void
on_changed (GstRcastIceGeneration * generation, gpointer data)
{
  gst_rcast_ice_stream_evaluate (data);
}

static void
on_received (GstRcastIceGeneration * generation, GstRcastIcePath * path,
    const guint8 * bytes, gsize size, gpointer data)
{
  GstRcastIceStream *self = data;
  GstBuffer *buffer = gst_buffer_new_memdup (bytes, size);

  self->last_heard = gst_rcast_ice_path_get_last_heard (path);
  self->unheard_restarts = 0;
  if (gst_rcast_ice_queue_push (self->queue, buffer))
    return;
  g_mutex_lock (&self->lock);
  self->overrun++;
  g_mutex_unlock (&self->lock);
}

static const GstRcastIceGenerationEvents generation_events = {
  on_candidate, on_gathered, on_changed, on_received
};

static GstRcastIceGeneration *
start_generation (GstRcastIceStream * self)
{
  GstRcastIceGeneration *generation =
      gst_rcast_ice_generation_new (self->next_generation++, self->loop,
      &generation_events, self);

  gst_rcast_ice_stream_take_generation (self, generation);
  return generation;
}

static void
credentials_changed (GstRcastIceStream * self)
{
  gst_rcast_ice_stream_route_early (self);
  gst_rcast_ice_stream_limit_restart (self);
  gst_rcast_ice_stream_evaluate (self);
}

/* --- jobs: what any thread asks for, done on the agent's --- */

typedef struct _Job Job;
struct _Job
{
  GstRcastIceStream *stream;
  void (*func) (GstRcastIceStream * self, Job * job);
  gchar *a;
  gchar *b;
  gint value;
};

static gboolean
run_job (gpointer data)
{
  Job *job = data;

  if (!job->stream->closed)
    job->func (job->stream, job);
  return G_SOURCE_REMOVE;
}

static void
free_job (gpointer data)
{
  Job *job = data;

  g_object_unref (job->stream);
  g_free (job->a);
  g_free (job->b);
  g_free (job);
}

static void
queue_job (GstRcastIceStream * self,
    void (*func) (GstRcastIceStream *, Job *), const gchar * a,
    const gchar * b, gint value)
{
  Job *job = g_new0 (Job, 1);

  job->stream = g_object_ref (self);
  job->func = func;
  job->a = g_strdup (a);
  job->b = g_strdup (b);
  job->value = value;
  gst_rcast_loop_invoke (self->loop, run_job, job, free_job);
}

static void
do_set_local (GstRcastIceStream * self, Job * job)
{
  GstRcastIceGeneration *generation = gst_rcast_ice_stream_get_latest (self);
  const gchar *known = generation ?
      gst_rcast_ice_generation_get_local_ufrag (generation) : NULL;

  self->serial = job->value;
  if (g_strcmp0 (known, job->a) == 0)
    return;
  if (known && self->pending && g_strcmp0 (job->a,
          gst_rcast_ice_generation_get_local_ufrag (self->active)) == 0) {
    gst_rcast_ice_stream_give_up_pending (self, GST_RCAST_ICE_ERROR_CANCELLED,
        "a description with the old credentials was set");
    return;
  }
  if (!generation || known)
    generation = start_generation (self);
  gst_rcast_ice_generation_set_local (generation, job->a, job->b);
  GST_DEBUG_OBJECT (self, "generation %u has local ufrag %s",
      gst_rcast_ice_generation_get_id (generation), job->a);
  credentials_changed (self);
}

static void
do_set_remote (GstRcastIceStream * self, Job * job)
{
  GstRcastIceGeneration *generation = gst_rcast_ice_stream_get_latest (self);
  const gchar *known = generation ?
      gst_rcast_ice_generation_get_remote_ufrag (generation) : NULL;

  if (g_strcmp0 (known, job->a) == 0)
    return;
  if (self->pending
      && gst_rcast_ice_generation_has_remote_ufrag (self->active, job->a)) {
    gst_rcast_ice_stream_give_up_pending (self, GST_RCAST_ICE_ERROR_REFUSED,
        "the peer went on with its old credentials");
    gst_rcast_ice_stream_evaluate (self);
    return;
  }
  if (!generation || known)
    generation = start_generation (self);
  gst_rcast_ice_generation_set_remote (generation, job->a, job->b);
  GST_DEBUG_OBJECT (self, "generation %u has remote ufrag %s",
      gst_rcast_ice_generation_get_id (generation), job->a);
  credentials_changed (self);
}

static void
do_gather (GstRcastIceStream * self, Job * job)
{
  GstRcastIceGeneration *generation = gst_rcast_ice_stream_get_latest (self);
  g_autoptr (GstRcastIceSettings) settings = NULL;
  g_autoptr (GObject) owner = NULL;

  if (!generation || !gst_rcast_ice_generation_get_local_ufrag (generation))
    return;
  if (gst_rcast_ice_generation_is_gathering (generation)) {
    on_gathered (generation, self);
    return;
  }
  owner = g_weak_ref_get (&self->owner);
  if (!owner)
    return;
  settings = self->events.settings (owner);
  gst_rcast_source_clear (&self->gather_source);
  self->gather_source = gst_rcast_loop_add_timeout (self->loop,
      GATHER_TIMEOUT_MS, gathering_timed_out, self);
  if (!gst_rcast_ice_generation_gather (generation, settings, self->tos)) {
    gst_rcast_source_clear (&self->gather_source);
    GST_WARNING_OBJECT (self, "no local address to gather on");
    gst_rcast_ice_stream_publish_gathering (self,
        GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE);
  }
}

static void
do_remote_done (GstRcastIceStream * self, Job * job)
{
  GstRcastIceGeneration *generation = gst_rcast_ice_stream_get_latest (self);

  if (generation && gst_rcast_ice_generation_get_remote_ufrag (generation))
    gst_rcast_ice_generation_remote_done (generation);
}

static void
on_resolved (const gchar * candidate, gpointer data)
{
  GstRcastIceStream *self = data;

  if (!self->closed)
    gst_rcast_ice_stream_route_candidate (self, candidate);
}

static void
do_add_candidate (GstRcastIceStream * self, Job * job)
{
  g_auto (GStrv) words = g_strsplit (job->a, " ", -1);

  if (g_strv_length (words) < 8)
    GST_WARNING_OBJECT (self, "not a candidate: %s", job->a);
  else if (g_str_has_suffix (words[4], ".local"))
    gst_rcast_ice_resolve (g_steal_pointer (&words), on_resolved,
        g_object_ref (self), g_object_unref);
  else
    gst_rcast_ice_stream_route_candidate (self, job->a);
}

static void
do_set_controlling (GstRcastIceStream * self, Job * job)
{
  if (self->active)
    gst_rcast_ice_generation_set_controlling (self->active, job->value);
  if (self->pending)
    gst_rcast_ice_generation_set_controlling (self->pending, job->value);
}

static void
do_set_tos (GstRcastIceStream * self, Job * job)
{
  self->tos = job->value;
  if (self->active)
    gst_rcast_ice_generation_set_tos (self->active, job->value);
  if (self->pending)
    gst_rcast_ice_generation_set_tos (self->pending, job->value);
}

static void
leave_lost_uplinks (GstRcastIceGeneration * generation, GPtrArray * uplinks,
    gint64 now)
{
  g_autoptr (GPtrArray) paths = gst_rcast_ice_generation_dup_paths (generation);

  for (guint i = 0; i < paths->len; i++) {
    GstRcastIcePath *path = paths->pdata[i];

    if (!gst_rcast_ice_path_is_local (path, uplinks))
      gst_rcast_ice_path_lose (path, now);
    else if (!gst_rcast_ice_path_is_working (path))
      gst_rcast_ice_path_check_now (path);
  }
}

static void
do_network_changed (GstRcastIceStream * self, Job * job)
{
  g_autoptr (GObject) owner = g_weak_ref_get (&self->owner);
  g_autoptr (GstRcastIceSettings) settings = NULL;
  g_autoptr (GPtrArray) uplinks = NULL;
  gint64 now = g_get_monotonic_time ();

  if (!owner || !self->active)
    return;
  settings = self->events.settings (owner);
  uplinks = gst_rcast_uplinks_list (settings->addresses,
      (const gchar * const *) settings->path_preference);
  leave_lost_uplinks (self->active, uplinks, now);
  if (self->pending)
    leave_lost_uplinks (self->pending, uplinks, now);
  gst_rcast_ice_stream_cover_uplinks (self, now);
  gst_rcast_ice_stream_evaluate (self);
}

/* The system refused a packet: its answer comes before any netlink message. */
static void
do_refused (GstRcastIceStream * self, Job * job)
{
  g_autoptr (GPtrArray) paths = NULL;
  GstRcastIcePath *path;

  g_mutex_lock (&self->lock);
  path = g_steal_pointer (&self->refusing);
  g_mutex_unlock (&self->lock);
  paths = self->active ?
      gst_rcast_ice_generation_dup_paths (self->active) : NULL;
  if (paths && g_ptr_array_find (paths, path, NULL))
    gst_rcast_ice_path_doubt (path, GST_RCAST_ICE_PATH_CHANGE_REFUSED,
        g_get_monotonic_time ());
  gst_rcast_ice_path_unref (path);
  gst_rcast_ice_stream_evaluate (self);
}

static void
do_cancel_restart (GstRcastIceStream * self, Job * job)
{
  if (!self->pending)
    return;
  gst_rcast_ice_stream_give_up_pending (self, GST_RCAST_ICE_ERROR_CANCELLED,
      "cancelled by the application");
  gst_rcast_ice_stream_evaluate (self);
}

static void
do_close (GstRcastIceStream * self, Job * job)
{
  GstRcastIceGeneration *active;
  GstRcastIceGeneration *pending;
  GstRcastIcePath *route[MAX_ROUTE + 1];

  self->closed = TRUE;
  gst_rcast_source_clear (&self->tick_source);
  gst_rcast_source_clear (&self->drain_source);
  gst_rcast_source_clear (&self->restart_source);
  gst_rcast_source_clear (&self->gather_source);
  gst_rcast_source_clear (&self->failed_source);
  g_mutex_lock (&self->lock);
  active = g_steal_pointer (&self->active);
  pending = g_steal_pointer (&self->pending);
  self->n_route = self->n_carrying = 0;
  for (guint i = 0; i < MAX_ROUTE; i++)
    route[i] = g_steal_pointer (&self->route[i]);
  route[MAX_ROUTE] = g_steal_pointer (&self->refusing);
  g_mutex_unlock (&self->lock);
  for (guint i = 0; i < G_N_ELEMENTS (route); i++)
    g_clear_pointer (&route[i], gst_rcast_ice_path_unref);
  if (active)
    g_ptr_array_add (self->draining, active);
  if (pending)
    g_ptr_array_add (self->draining, pending);
  for (guint i = 0; i < self->draining->len; i++)
    gst_rcast_ice_generation_close (self->draining->pdata[i]);
  g_ptr_array_set_size (self->draining, 0);
}

/* --- any thread --- */

/* Ends it: no callback after this, and the sockets close soon. */
void
gst_rcast_ice_stream_close (GstRcastIceStream * self)
{
  gboolean first;

  g_mutex_lock (&self->emit_lock);
  first = !self->muted;
  self->muted = TRUE;
  g_mutex_unlock (&self->emit_lock);
  if (first)
    queue_job (self, do_close, NULL, NULL, 0);
}

/* webrtcbin hears of nothing while it is stopped. Waits for what it is hearing
 * just now. */
void
gst_rcast_ice_stream_set_stopped (GstRcastIceStream * self, gboolean stopped)
{
  g_mutex_lock (&self->emit_lock);
  self->stopped = stopped;
  g_mutex_unlock (&self->emit_lock);
}

/* New credentials start a generation: the first, or a restart. */
void
gst_rcast_ice_stream_set_local (GstRcastIceStream * self, const gchar * ufrag,
    const gchar * password)
{
  guint serial;

  g_mutex_lock (&self->lock);
  if (g_strcmp0 (self->requested_ufrag, ufrag) != 0) {
    g_free (self->requested_ufrag);
    self->requested_ufrag = g_strdup (ufrag);
    self->gather_serial++;
    self->gather_due = TRUE;
    if (self->negotiation == NEGOTIATION_ASKED)
      self->negotiation = NEGOTIATION_IDLE;
    else
      self->negotiation = NEGOTIATION_OFFERED;
  } else if (self->negotiation == NEGOTIATION_ASKED) {
    self->negotiation = NEGOTIATION_IDLE;
  }
  serial = self->gather_serial;
  g_mutex_unlock (&self->lock);
  queue_job (self, do_set_local, ufrag, password, serial);
}

void
gst_rcast_ice_stream_set_remote (GstRcastIceStream * self,
    const gchar * ufrag, const gchar * password)
{
  gboolean changed;

  g_mutex_lock (&self->lock);
  changed = g_strcmp0 (self->requested_remote_ufrag, ufrag) != 0;
  g_free (self->requested_remote_ufrag);
  self->requested_remote_ufrag = g_strdup (ufrag);
  if (self->negotiation == NEGOTIATION_OFFERED)
    self->negotiation = NEGOTIATION_IDLE;
  else if (changed)
    self->negotiation = NEGOTIATION_ASKED;
  g_mutex_unlock (&self->lock);
  queue_job (self, do_set_remote, ufrag, password, 0);
}

/* Whether the peer has new credentials, and an answer must have new ones. */
gboolean
gst_rcast_ice_stream_is_asked (GstRcastIceStream * self)
{
  gboolean asked;

  g_mutex_lock (&self->lock);
  asked = self->negotiation == NEGOTIATION_ASKED;
  g_mutex_unlock (&self->lock);
  return asked;
}

/* Nothing happens if the latest credentials have been gathered for. */
void
gst_rcast_ice_stream_gather (GstRcastIceStream * self)
{
  g_autoptr (GstWebRTCICETransport) transport = NULL;
  gboolean due;

  g_mutex_lock (&self->lock);
  due = self->gather_due;
  self->gather_due = FALSE;
  g_mutex_unlock (&self->lock);
  if (!due)
    return;
  /* At once: who waits for "complete" must not see that of the last one.
   * Without the lock: this is webrtcbin's own thread, which holds locks. */
  transport = g_weak_ref_get (&self->transport);
  if (transport)
    gst_webrtc_ice_transport_gathering_state_change (transport,
        GST_WEBRTC_ICE_GATHERING_STATE_GATHERING);
  queue_job (self, do_gather, NULL, NULL, 0);
}

/* NULL: there are no more. */
void
gst_rcast_ice_stream_add_candidate (GstRcastIceStream * self,
    const gchar * candidate)
{
  queue_job (self, candidate ? do_add_candidate : do_remote_done, candidate,
      NULL, 0);
}

void
gst_rcast_ice_stream_set_controlling (GstRcastIceStream * self,
    gboolean controlling)
{
  queue_job (self, do_set_controlling, NULL, NULL, controlling);
}

void
gst_rcast_ice_stream_set_tos (GstRcastIceStream * self, gint tos)
{
  queue_job (self, do_set_tos, NULL, NULL, tos);
}

/* Interfaces or addresses may have come or gone. */
void
gst_rcast_ice_stream_network_changed (GstRcastIceStream * self)
{
  queue_job (self, do_network_changed, NULL, NULL, 0);
}

void
gst_rcast_ice_stream_cancel_restart (GstRcastIceStream * self)
{
  queue_job (self, do_cancel_restart, NULL, NULL, 0);
}

guint
gst_rcast_ice_stream_get_session_id (GstRcastIceStream * self)
{
  return self->session_id;
}

/* The agent's thread is told, once until it has looked. */
static void
report_refusal (GstRcastIceStream * self, GstRcastIcePath * path)
{
  gboolean first;

  g_mutex_lock (&self->lock);
  first = !self->refusing;
  if (first)
    self->refusing = gst_rcast_ice_path_ref (path);
  g_mutex_unlock (&self->lock);
  if (first)
    queue_job (self, do_refused, NULL, NULL, 0);
}

/* Streaming threads. What no path takes is counted and forgotten. */
void
gst_rcast_ice_stream_send (GstRcastIceStream * self, GOutputVector * packets,
    guint n_packets)
{
  NiceOutputMessage messages[MAX_BATCH];
  GstRcastIcePath *route[MAX_ROUTE];
  guint n_route;
  guint n_carrying;
  guint sent = 0;

  g_assert (n_packets <= MAX_BATCH);
  if (n_packets == 0)
    return;
  g_mutex_lock (&self->lock);
  n_route = self->n_route;
  n_carrying = self->n_carrying;
  for (guint i = 0; i < n_route; i++)
    route[i] = gst_rcast_ice_path_ref (self->route[i]);
  g_mutex_unlock (&self->lock);
  for (guint i = 0; i < n_packets; i++) {
    messages[i].buffers = &packets[i];
    messages[i].n_buffers = 1;
  }
  for (guint i = 0; i < n_carrying; i++) {
    gboolean failed;
    guint n = gst_rcast_ice_path_send (route[i], messages, n_packets, &failed);

    sent = MAX (sent, n);
    if (!failed)
      continue;
    report_refusal (self, route[i]);
    /* What this one did not take goes out on the one that stands by. */
    if (n_carrying == 1 && n_route == 2)
      sent += gst_rcast_ice_path_send (route[1], messages + n, n_packets - n,
          &failed);
  }
  for (guint i = 0; i < n_route; i++)
    gst_rcast_ice_path_unref (route[i]);
  if (sent < n_packets) {
    g_mutex_lock (&self->lock);
    self->unsent += n_packets - sent;
    g_mutex_unlock (&self->lock);
  }
}

static GPtrArray *
dup_active_paths (GstRcastIceStream * self)
{
  g_autoptr (GstRcastIceGeneration) active = NULL;

  g_mutex_lock (&self->lock);
  active = self->active ? gst_rcast_ice_generation_ref (self->active) : NULL;
  g_mutex_unlock (&self->lock);
  return active ? gst_rcast_ice_generation_dup_paths (active) : NULL;
}

static gboolean
carries (GstRcastIceStream * self, GstRcastIcePath * path)
{
  gboolean found = FALSE;

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->n_carrying; i++)
    found = found || self->route[i] == path;
  g_mutex_unlock (&self->lock);
  return found;
}

/* A structure per path, in a list named "paths". */
GstStructure *
gst_rcast_ice_stream_get_stats (GstRcastIceStream * self)
{
  g_autoptr (GPtrArray) paths = dup_active_paths (self);
  GstStructure *stats =
      gst_structure_new_empty ("application/x-rcast-ice-stream");
  GValue list = G_VALUE_INIT;

  g_value_init (&list, GST_TYPE_LIST);
  for (guint i = 0; paths && i < paths->len; i++) {
    GValue value = G_VALUE_INIT;
    GstStructure *stats_of_path;

    g_value_init (&value, GST_TYPE_STRUCTURE);
    stats_of_path = gst_rcast_ice_path_get_stats (paths->pdata[i]);
    gst_structure_set (stats_of_path, "carrying", G_TYPE_BOOLEAN,
        carries (self, paths->pdata[i]), NULL);
    g_value_take_boxed (&value, stats_of_path);
    gst_value_list_append_and_take_value (&list, &value);
  }
  gst_structure_take_value (stats, "paths", &list);
  g_mutex_lock (&self->lock);
  gst_structure_set (stats, "session-id", G_TYPE_UINT, self->session_id,
      "packets-unsent", G_TYPE_UINT64, self->unsent,
      "packets-overrun", G_TYPE_UINT64, self->overrun,
      "restarting", G_TYPE_BOOLEAN, self->pending != NULL, NULL);
  if (self->active)
    gst_structure_set (stats, "generation", G_TYPE_UINT,
        gst_rcast_ice_generation_get_id (self->active), NULL);
  g_mutex_unlock (&self->lock);
  return stats;
}

GstWebRTCICECandidateStats **
gst_rcast_ice_stream_get_candidates (GstRcastIceStream * self, gboolean local)
{
  g_autoptr (GPtrArray) paths = dup_active_paths (self);
  guint stream_id = GST_WEBRTC_ICE_STREAM (self)->stream_id;
  GPtrArray *all = g_ptr_array_new ();

  for (guint i = 0; paths && i < paths->len; i++) {
    GSList *list = gst_rcast_ice_path_get_candidates (paths->pdata[i], local);

    for (GSList * l = list; l; l = l->next)
      g_ptr_array_add (all, gst_rcast_ice_candidate_stats (l->data, stream_id,
              local));
    g_slist_free_full (list, (GDestroyNotify) nice_candidate_free);
  }
  g_ptr_array_add (all, NULL);
  return (GstWebRTCICECandidateStats **) g_ptr_array_free (all, FALSE);
}

gboolean
gst_rcast_ice_stream_get_pair (GstRcastIceStream * self,
    GstWebRTCICECandidateStats ** local, GstWebRTCICECandidateStats ** remote)
{
  guint stream_id = GST_WEBRTC_ICE_STREAM (self)->stream_id;
  g_autoptr (GstRcastIcePath) path = NULL;
  NiceCandidate *a;
  NiceCandidate *b;

  g_mutex_lock (&self->lock);
  path = self->n_route > 0 ? gst_rcast_ice_path_ref (self->route[0]) : NULL;
  g_mutex_unlock (&self->lock);
  if (!path || !gst_rcast_ice_path_get_pair (path, &a, &b))
    return FALSE;
  *local = gst_rcast_ice_candidate_stats (a, stream_id, TRUE);
  *remote = gst_rcast_ice_candidate_stats (b, stream_id, FALSE);
  nice_candidate_free (a);
  nice_candidate_free (b);
  return TRUE;
}

/* --- the class --- */

static GstWebRTCICETransport *
gst_rcast_ice_stream_find_transport (GstWebRTCICEStream * stream,
    GstWebRTCICEComponent component)
{
  GstRcastIceStream *self = GST_RCAST_ICE_STREAM (stream);
  GstWebRTCICETransport *transport = g_weak_ref_get (&self->transport);

  if (transport)
    return transport;
  transport = gst_rcast_ice_transport_new (self, self->queue);
  g_weak_ref_set (&self->transport, transport);
  return transport;
}

static gboolean
gst_rcast_ice_stream_gather_candidates (GstWebRTCICEStream * stream)
{
  gst_rcast_ice_stream_gather (GST_RCAST_ICE_STREAM (stream));
  return TRUE;
}

static void
gst_rcast_ice_stream_finalize (GObject * object)
{
  GstRcastIceStream *self = GST_RCAST_ICE_STREAM (object);

  g_clear_pointer (&self->carrier, gst_structure_free);
  g_hash_table_unref (self->states);
  g_ptr_array_unref (self->draining);
  g_ptr_array_unref (self->early);
  g_free (self->requested_ufrag);
  g_free (self->requested_remote_ufrag);
  g_weak_ref_clear (&self->owner);
  g_weak_ref_clear (&self->transport);
  gst_rcast_ice_queue_unref (self->queue);
  gst_rcast_loop_unref (self->loop);
  g_mutex_clear (&self->emit_lock);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (gst_rcast_ice_stream_parent_class)->finalize (object);
}

static void
gst_rcast_ice_stream_class_init (GstRcastIceStreamClass * klass)
{
  GstWebRTCICEStreamClass *stream_class = GST_WEBRTC_ICE_STREAM_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (rcast_ice_stream_debug, "rcasticestream", 0,
      "Generations of one ICE stream");
  G_OBJECT_CLASS (klass)->finalize = gst_rcast_ice_stream_finalize;
  stream_class->find_transport = gst_rcast_ice_stream_find_transport;
  stream_class->gather_candidates = gst_rcast_ice_stream_gather_candidates;
}

static void
gst_rcast_ice_stream_init (GstRcastIceStream * self)
{
  g_mutex_init (&self->emit_lock);
  g_mutex_init (&self->lock);
  g_weak_ref_init (&self->owner, NULL);
  g_weak_ref_init (&self->transport, NULL);
  self->queue = gst_rcast_ice_queue_new ();
  self->draining = g_ptr_array_new_with_free_func
      ((GDestroyNotify) gst_rcast_ice_generation_unref);
  self->early = g_ptr_array_new_with_free_func (g_free);
  self->states = g_hash_table_new_full (NULL, NULL,
      (GDestroyNotify) gst_rcast_ice_path_unref, NULL);
  self->tos = -1;
  self->published = GST_WEBRTC_ICE_CONNECTION_STATE_NEW;
  self->wish = -1;
}

GstRcastIceStream *
gst_rcast_ice_stream_new (GObject * owner,
    const GstRcastIceStreamEvents * events, GstRcastLoop * loop,
    guint session_id)
{
  /* webrtcbin and its statistics know streams from 1 on. */
  GstRcastIceStream *self = g_object_new (GST_TYPE_RCAST_ICE_STREAM,
      "stream-id", session_id + 1, NULL);

  g_weak_ref_set (&self->owner, owner);
  self->events = *events;
  self->loop = gst_rcast_loop_ref (loop);
  self->session_id = session_id;
  return gst_object_ref_sink (self);
}
