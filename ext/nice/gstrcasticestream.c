/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One ICE stream: its active, pending and draining generations. */
#include "config.h"

#include "gstrcasticestream.h"

#include "gstrcastice.h"
#include "gstrcastice-enumtypes.h"
#include "gstrcasticegeneration.h"
#include "gstrcasticequeue.h"
#include "gstrcasticeresolve.h"
#include "gstrcasticeroute.h"
#include "gstrcasticesdp.h"
#include "gstrcasticestats.h"
#include "gstrcasticetransport.h"

#include <string.h>

GST_DEBUG_CATEGORY_STATIC (rcast_ice_stream_debug);
#define GST_CAT_DEFAULT rcast_ice_stream_debug

/* A generation that was replaced still receives for so long: the peer swaps
 * when its own checks are through. Longer while it is still being used. */
#define DRAIN_US (3 * G_USEC_PER_SEC)
#define DRAIN_MAX_US (30 * G_USEC_PER_SEC)
#define DRAIN_TICK_MS 500
/* Sixty restarts within three seconds must not hold sockets without bound. */
#define MAX_DRAINING 64

/* From the moment both sides' credentials are known. */
#define RESTART_TIMEOUT_MS 15000
/* Gathering is said to be complete after so long, if a STUN or TURN server does
 * not answer; what comes later is trickled all the same. */
#define GATHER_TIMEOUT_MS 1500
/* From disconnected to failed. */
#define FAILED_AFTER_MS 15000

/* Of a generation that is not known yet. */
#define MAX_EARLY_CANDIDATES 64

#define MAX_ROUTE 2
#define MAX_BATCH 64

/* How often paths are looked at. */
#define TICK_MS 50
/* If that is so late, what has come in meanwhile may not have been read. */
#define STANDSTILL_US (300 * 1000)
/* A new generation that has a worse path only waits so long for a better. */
#define SWAP_PATIENCE_US (300 * 1000)
/* A fresh path where the old one is dead is tried so often. */
#define RETRY_US (1 * G_USEC_PER_SEC)
/* And so often while another one works. */
#define IDLE_RETRY_US (10 * G_USEC_PER_SEC)
/* RTCP has come in before, but not for so long, or three times as long if it
 * comes in rarely. A
 * GStreamer receiver may leave 7 s between two reports. */
#define RETURN_SILENCE_US (4 * G_USEC_PER_SEC)
/* A restart that is not urgent is not asked for more often. */
#define RESTART_SPACING_US (2 * G_USEC_PER_SEC)
/* What so many restarts did not bring back, as from a peer that sends no RTCP, no
 * further one will. */
#define MAX_UNHEARD_RESTARTS 2

/* Whose new credentials wait for the other side's. */
typedef enum
{
  NEGOTIATION_IDLE,
  NEGOTIATION_OFFERED,          /* ours */
  NEGOTIATION_ASKED,            /* the peer's */
} Negotiation;

/* Locks: `emit_lock` is held over whatever the agent's thread tells webrtcbin
 * (which takes webrtcbin's own short locks), so that the stream can be closed, or
 * webrtcbin stopped, without one more callback; `lock` is a leaf. They are never
 * held together. */
struct _GstRcastIceStream
{
  GstWebRTCICEStream parent;

  /* Set once, by the constructor. */
  GWeakRef owner;
  GstRcastIceStreamEvents events;
  GstRcastIceLoop *loop;
  GstRcastIceQueue *queue;
  guint session_id;
  GWeakRef transport;

  GMutex emit_lock;
  gboolean muted;               /* emit_lock: for good */
  gboolean stopped;             /* emit_lock: webrtcbin is on its way to NULL */

  GMutex lock;
  gchar *requested_ufrag;       /* lock: the last set_local */
  gchar *requested_remote_ufrag;        /* lock: the last set_remote */
  Negotiation negotiation;      /* lock */
  guint gather_serial;          /* lock: of the last new set_local */
  gboolean gather_due;          /* lock */
  GstRcastIceGeneration *active;        /* lock; written by the loop only */
  GstRcastIceGeneration *pending;       /* lock; written by the loop only */
  GstRcastIcePath *route[MAX_ROUTE];    /* lock; written by the loop only */
  guint n_route;                /* lock; written by the loop only: known */
  guint n_carrying;             /* lock; written by the loop only: in use */
  GstRcastIcePath *refusing;    /* lock: could not send; one at a time */
  guint64 unsent;               /* lock: packets without a path */
  guint64 overrun;              /* lock: received, but nobody read them */

  /* Only the agent's thread. */
  gboolean closed;
  guint next_generation;
  guint serial;                 /* of the latest generation's credentials */
  GPtrArray *draining;          /* of GstRcastIceGeneration */
  GPtrArray *early;             /* of gchar *: candidates for what comes */
  GSource *drain_source;
  GSource *restart_source;      /* pending has so long */
  GSource *gather_source;       /* a server may not answer */
  GSource *failed_source;       /* from disconnected to failed */
  GSource *tick_source;
  GHashTable *states;           /* path to its published GstRcastIcePathState */
  gint64 ready_since;           /* pending has worked since; 0: does not */
  gint64 last_tick;             /* 0: none yet */
  gint64 last_retry;
  gint64 last_restart;
  gint wish;                    /* GstRcastIceRestartReason to ask with later,
                                 * -1 none */
  gint64 last_heard;            /* on any generation; 0: never */
  guint unheard_restarts;       /* asked for since then, to be heard again */
  gboolean duplicating;         /* not just while a path is suspect */
  gboolean media_lost;          /* since the last swap or change of path */
  gboolean failed;
  GstStructure *carrier;        /* the path that carried last; NULL: none yet */
  GstRcastIcePathChange change; /* why it does not any more */
  gint tos;
  GstWebRTCICEConnectionState published;        /* a transport starts as new */
};

G_DEFINE_FINAL_TYPE (GstRcastIceStream, gst_rcast_ice_stream,
    GST_TYPE_WEBRTC_ICE_STREAM);

static void evaluate (GstRcastIceStream * self);
static void gathering_is_complete (GstRcastIceStream * self);
static void start_tick (GstRcastIceStream * self);

static void
clear_source (GSource ** source)
{
  if (!*source)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

/* --- the agent's thread: publishing --- */

static gboolean
has_working_route (GstRcastIceStream * self)
{
  return self->n_route > 0 && gst_rcast_ice_path_is_working (self->route[0]);
}

static gboolean
is_connected (GstRcastIceStream * self)
{
  return has_working_route (self)
      || (gst_rcast_ice_generation_was_working (self->active)
      && gst_rcast_ice_generation_is_heard (self->active,
          g_get_monotonic_time ()));
}

static GstWebRTCICEConnectionState
compute_state (GstRcastIceStream * self)
{
  NiceComponentState state;

  if (!self->active)
    return GST_WEBRTC_ICE_CONNECTION_STATE_NEW;
  state = gst_rcast_ice_generation_get_state (self->active);
  /* webrtcbin stops receiving in any other state than these two, so they
   * stay as long as one path works, or is heard. */
  if (is_connected (self))
    return state == NICE_COMPONENT_STATE_READY ?
        GST_WEBRTC_ICE_CONNECTION_STATE_COMPLETED :
        GST_WEBRTC_ICE_CONNECTION_STATE_CONNECTED;
  if (gst_rcast_ice_generation_was_working (self->active))
    return self->failed ? GST_WEBRTC_ICE_CONNECTION_STATE_FAILED :
        GST_WEBRTC_ICE_CONNECTION_STATE_DISCONNECTED;
  switch (state) {
    case NICE_COMPONENT_STATE_CONNECTING:
    case NICE_COMPONENT_STATE_CONNECTED:
    case NICE_COMPONENT_STATE_READY:
      return GST_WEBRTC_ICE_CONNECTION_STATE_CHECKING;
    case NICE_COMPONENT_STATE_FAILED:
      return GST_WEBRTC_ICE_CONNECTION_STATE_FAILED;
    case NICE_COMPONENT_STATE_DISCONNECTED:
    case NICE_COMPONENT_STATE_GATHERING:
    case NICE_COMPONENT_STATE_LAST:
      break;
  }
  return GST_WEBRTC_ICE_CONNECTION_STATE_NEW;
}

static gboolean
declare_failed (gpointer data)
{
  GstRcastIceStream *self = data;

  clear_source (&self->failed_source);
  self->failed = TRUE;
  evaluate (self);
  return G_SOURCE_REMOVE;
}

/* webrtcbin 1.22 keeps its handlers connected when it has stopped and even when
 * its bins are gone. A state that it hears of then starts a part of it again,
 * deadlocks, or hits freed memory. */
static gboolean
is_listening_locked (GstRcastIceStream * self)
{
  return !self->muted && !self->stopped;
}

static gboolean
was_connected (GstRcastIceStream * self)
{
  return self->published == GST_WEBRTC_ICE_CONNECTION_STATE_CONNECTED
      || self->published == GST_WEBRTC_ICE_CONNECTION_STATE_COMPLETED;
}

static void
publish (GstRcastIceStream * self)
{
  GstWebRTCICEConnectionState state = compute_state (self);
  GstWebRTCICETransport *transport;

  if (state == GST_WEBRTC_ICE_CONNECTION_STATE_DISCONNECTED) {
    if (!self->failed_source)
      self->failed_source = gst_rcast_ice_loop_add_timeout (self->loop,
          FAILED_AFTER_MS, declare_failed, self);
  } else if (self->active && is_connected (self)) {
    clear_source (&self->failed_source);
    self->failed = FALSE;
  }
  /* To webrtcbin 1.22 a change that is none is not harmless: if it comes just when
   * the receiving side is opened, that is shut again, for good. */
  if (self->published == state)
    return;
  /* Back from disconnected: that tells of what was lost. */
  if (has_working_route (self) && !was_connected (self))
    self->media_lost = FALSE;
  self->published = state;
  GST_DEBUG_OBJECT (self, "ICE connection state %d", state);
  transport = g_weak_ref_get (&self->transport);
  if (!transport)
    return;
  g_mutex_lock (&self->emit_lock);
  if (is_listening_locked (self))
    gst_webrtc_ice_transport_connection_state_change (transport, state);
  g_mutex_unlock (&self->emit_lock);
  gst_object_unref (transport);
}

static void
publish_gathering (GstRcastIceStream * self, GstWebRTCICEGatheringState state)
{
  GstWebRTCICETransport *transport = g_weak_ref_get (&self->transport);

  if (!transport)
    return;
  g_mutex_lock (&self->emit_lock);
  if (is_listening_locked (self))
    gst_webrtc_ice_transport_gathering_state_change (transport, state);
  g_mutex_unlock (&self->emit_lock);
  gst_object_unref (transport);
}

static void
publish_pair (GstRcastIceStream * self)
{
  GstWebRTCICETransport *transport = g_weak_ref_get (&self->transport);

  if (!transport)
    return;
  g_mutex_lock (&self->emit_lock);
  if (is_listening_locked (self))
    gst_webrtc_ice_transport_selected_pair_change (transport);
  g_mutex_unlock (&self->emit_lock);
  gst_object_unref (transport);
}

/* --- the agent's thread: generations --- */

static GstRcastIceGeneration *
latest (GstRcastIceStream * self)
{
  return self->pending ? self->pending : self->active;
}

static gboolean
is_over (GstRcastIceGeneration * generation, gint64 now)
{
  gint64 retired = gst_rcast_ice_generation_get_retired (generation);
  gint64 heard = gst_rcast_ice_generation_get_last_heard (generation);

  return now - MAX (retired, heard) >= DRAIN_US
      || now - retired >= DRAIN_MAX_US;
}

static gboolean
drain (gpointer data)
{
  GstRcastIceStream *self = data;
  gint64 now = g_get_monotonic_time ();

  for (guint i = self->draining->len; i > 0; i--) {
    GstRcastIceGeneration *generation = self->draining->pdata[i - 1];

    if (self->draining->len <= MAX_DRAINING && !is_over (generation, now))
      continue;
    GST_DEBUG_OBJECT (self, "generation %u drained",
        gst_rcast_ice_generation_get_id (generation));
    gst_rcast_ice_generation_close (generation);
    g_ptr_array_remove_index (self->draining, i - 1);
  }
  if (self->draining->len > 0)
    return G_SOURCE_CONTINUE;
  clear_source (&self->drain_source);
  return G_SOURCE_REMOVE;
}

/* Takes the reference. */
static void
retire (GstRcastIceStream * self, GstRcastIceGeneration * generation)
{
  gst_rcast_ice_generation_retire (generation, g_get_monotonic_time ());
  /* The newest first: drain() gives up the oldest when there are too many. */
  g_ptr_array_insert (self->draining, 0, generation);
  if (self->draining->len > MAX_DRAINING)
    drain (self);
  if (!self->drain_source && self->draining->len > 0)
    self->drain_source = gst_rcast_ice_loop_add_timeout (self->loop,
        DRAIN_TICK_MS, drain, self);
}

static void
set_pending (GstRcastIceStream * self, GstRcastIceGeneration * generation)
{
  GstRcastIceGeneration *old;

  g_mutex_lock (&self->lock);
  old = self->pending;
  self->pending = generation;
  g_mutex_unlock (&self->lock);
  clear_source (&self->restart_source);
  /* The peer may have swapped to it already: it goes on receiving. */
  if (old)
    retire (self, old);
}

static void
set_active (GstRcastIceStream * self, GstRcastIceGeneration * generation)
{
  g_mutex_lock (&self->lock);
  self->active = generation;
  g_mutex_unlock (&self->lock);
}

static void
give_up_pending (GstRcastIceStream * self, GstRcastIceErrorCode code,
    const gchar * why)
{
  g_autoptr (GError) error = g_error_new_literal (GST_RCAST_ICE_ERROR, code,
      why);
  guint id = gst_rcast_ice_generation_get_id (self->pending);
  g_autoptr (GObject) owner = NULL;

  GST_INFO_OBJECT (self, "generation %u given up: %s", id, why);
  set_pending (self, NULL);
  owner = g_weak_ref_get (&self->owner);
  if (owner)
    self->events.failed (owner, self->session_id, id, error);
}

static gboolean
restart_timed_out (gpointer data)
{
  GstRcastIceStream *self = data;

  give_up_pending (self, GST_RCAST_ICE_ERROR_TIMED_OUT,
      "no pair of the new generation worked in time");
  evaluate (self);
  return G_SOURCE_REMOVE;
}

/* --- the agent's thread: what carries media --- */

static GstStructure *
describe_path (GstRcastIceStream * self, GstRcastIcePath * path)
{
  GstStructure *stats = gst_rcast_ice_path_get_stats (path);

  if (self->active)
    gst_structure_set (stats, "generation", G_TYPE_UINT,
        gst_rcast_ice_generation_get_id (self->active), NULL);
  return stats;
}

/* What comes too early is asked for later, unless a restart has come by then. */
static void
want_restart (GstRcastIceStream * self, GstRcastIceRestartReason reason)
{
  gint64 now = g_get_monotonic_time ();
  g_autoptr (GObject) owner = NULL;

  if (reason != GST_RCAST_ICE_RESTART_REASON_PATH_LOST)
    self->wish = reason;
  if (self->pending || (reason != GST_RCAST_ICE_RESTART_REASON_PATH_LOST
          && self->last_restart > 0
          && now - self->last_restart < RESTART_SPACING_US))
    return;
  self->wish = -1;
  self->last_restart = now;
  GST_DEBUG_OBJECT (self, "a restart is wanted, reason %d", reason);
  owner = g_weak_ref_get (&self->owner);
  if (owner)
    self->events.restart_wanted (owner, self->session_id, reason);
}

static gboolean
contains (GPtrArray * paths, GstRcastIcePath * path)
{
  return path && g_ptr_array_find (paths, path, NULL);
}

/* Returns how many of the route carry; a second one is there to step in. */
static guint
choose_route (GstRcastIceStream * self, GPtrArray * paths,
    GstRcastIcePath ** route)
{
  g_autoptr (GstRcastIceSettings) settings = NULL;
  g_autoptr (GObject) owner = g_weak_ref_get (&self->owner);
  GstRcastIcePath *current = self->n_route > 0 ? self->route[0] : NULL;

  route[0] = gst_rcast_ice_route_find_best (paths, NULL);
  if (!route[0])
    return 0;
  if (contains (paths, current) && route[0] != current
      && gst_rcast_ice_route_keeps (current, route[0]))
    route[0] = current;
  route[1] = gst_rcast_ice_route_find_best (paths, route[0]);
  /* A doubt costs bandwidth, but no packet. */
  if (gst_rcast_ice_path_get_path_state (route[0]) !=
      GST_RCAST_ICE_PATH_STATE_ALIVE && route[1])
    return 2;
  if (!route[1]) {
    self->duplicating = FALSE;
    return 1;
  }
  settings = owner ? self->events.settings (owner) : NULL;
  self->duplicating = settings
      && settings->path_mode == GST_RCAST_ICE_PATH_MODE_DUPLICATE;
  return self->duplicating ? 2 : 1;
}

static const gchar *const carried_over[] = { "interface", "local-candidate",
  "remote-candidate", "state"
};

static void
add_previous (GstStructure * description, const GstStructure * previous)
{
  for (guint i = 0; i < G_N_ELEMENTS (carried_over); i++) {
    const GValue *value = gst_structure_get_value (previous, carried_over[i]);
    g_autofree gchar *field = g_strconcat ("previous-", carried_over[i], NULL);

    if (value)
      gst_structure_set_value (description, field, value);
  }
}

/* What path-changed tells of @path. */
static GstStructure *
describe_change (GstRcastIceStream * self, GstRcastIcePath * path)
{
  GstStructure *description = describe_path (self, path);

  gst_structure_set (description, "change", GST_TYPE_RCAST_ICE_PATH_CHANGE,
      self->change, NULL);
  if (self->carrier)
    add_previous (description, self->carrier);
  return description;
}

/* @old has carried media so far; NULL if none has. */
static void
note_change (GstRcastIceStream * self, GstRcastIcePath * old,
    gboolean same_generation)
{
  if (!old) {
    if (!self->carrier)
      self->change = GST_RCAST_ICE_PATH_CHANGE_FIRST;
    return;
  }
  g_clear_pointer (&self->carrier, gst_structure_free);
  self->carrier = describe_path (self, old);
  if (!same_generation)
    self->change = GST_RCAST_ICE_PATH_CHANGE_RESTART;
  else if (gst_rcast_ice_path_get_path_state (old) ==
      GST_RCAST_ICE_PATH_STATE_ALIVE)
    self->change = GST_RCAST_ICE_PATH_CHANGE_BETTER;
  else
    self->change = gst_rcast_ice_path_get_trouble (old);
}

static void
tell_path_change (GstRcastIceStream * self, GstRcastIcePath * old,
    GstRcastIcePath * path, gboolean same_generation)
{
  g_autoptr (GObject) owner = g_weak_ref_get (&self->owner);
  GstStructure *description;

  note_change (self, old, same_generation);
  description = path ? describe_change (self, path) : NULL;
  GST_DEBUG_OBJECT (self, "media on path %d%s",
      path ? (gint) gst_rcast_ice_path_get_id (path) : -1,
      self->media_lost ? ", some was lost" : "");
  if (path)
    publish_pair (self);
  if (owner)
    self->events.path_changed (owner, self->session_id, description,
        self->media_lost && path);
  g_clear_pointer (&description, gst_structure_free);
  if (path)
    self->media_lost = FALSE;
  if (!same_generation || !old)
    return;
  if (path)
    want_restart (self, gst_rcast_ice_path_is_announced (path) ?
        GST_RCAST_ICE_RESTART_REASON_PATH_SWITCHED :
        GST_RCAST_ICE_RESTART_REASON_PATH_ADDED);
}

static void
update_route (GstRcastIceStream * self)
{
  g_autoptr (GPtrArray) paths = self->active ?
      gst_rcast_ice_generation_dup_paths (self->active) : NULL;
  GstRcastIcePath *route[MAX_ROUTE] = { NULL, };
  GstRcastIcePath *old[MAX_ROUTE];
  GstRcastIcePath *new_route[MAX_ROUTE];
  guint n_carrying;
  gboolean changed;
  gboolean same_generation;

  if (!paths)
    return;
  n_carrying = choose_route (self, paths, route);
  changed = route[0] != self->route[0];
  if (!changed && route[1] == self->route[1]
      && n_carrying == self->n_carrying)
    return;
  for (guint i = 0; i < MAX_ROUTE; i++)
    new_route[i] = route[i] ? gst_rcast_ice_path_ref (route[i]) : NULL;
  g_mutex_lock (&self->lock);
  memcpy (old, self->route, sizeof old);
  memcpy (self->route, new_route, sizeof old);
  self->n_route = route[1] ? 2 : route[0] ? 1 : 0;
  self->n_carrying = n_carrying;
  g_mutex_unlock (&self->lock);
  if (changed) {
    same_generation = contains (paths, old[0]);
    tell_path_change (self, old[0], route[0], same_generation);
  }
  for (guint i = 0; i < MAX_ROUTE; i++)
    g_clear_pointer (&old[i], gst_rcast_ice_path_unref);
}

/* What went by no path that is well may be lost: better one key frame too many
 * than a frozen picture. */
static gboolean
is_in_doubt (GstRcastIceStream * self)
{
  for (guint i = 0; i < self->n_carrying; i++) {
    if (gst_rcast_ice_path_get_path_state (self->route[i]) ==
        GST_RCAST_ICE_PATH_STATE_ALIVE)
      return FALSE;
  }
  return TRUE;
}

static void
swap (GstRcastIceStream * self)
{
  GstRcastIceGeneration *old = self->active;
  GstRcastIceGeneration *generation = self->pending;
  gboolean media_lost = self->media_lost || is_in_doubt (self);
  g_autoptr (GObject) owner = NULL;

  g_mutex_lock (&self->lock);
  self->active = generation;
  self->pending = NULL;
  g_mutex_unlock (&self->lock);
  clear_source (&self->restart_source);
  self->failed = FALSE;
  self->media_lost = FALSE;
  self->ready_since = 0;
  self->wish = -1;
  g_hash_table_remove_all (self->states);
  retire (self, old);
  GST_INFO_OBJECT (self, "generation %u is active, media %s",
      gst_rcast_ice_generation_get_id (generation),
      media_lost ? "was lost" : "went on");
  if (self->n_route == 0)
    self->change = GST_RCAST_ICE_PATH_CHANGE_RESTART;
  update_route (self);
  owner = g_weak_ref_get (&self->owner);
  if (owner)
    self->events.swapped (owner, self->session_id,
        gst_rcast_ice_generation_get_id (generation), media_lost);
}

/* Not with the first path that works, if that is worse than the one in use,
 * which is well. */
static gboolean
is_ready (GstRcastIceStream * self)
{
  g_autoptr (GPtrArray) paths =
      gst_rcast_ice_generation_dup_paths (self->pending);
  GstRcastIcePath *best = gst_rcast_ice_route_find_best (paths, NULL);
  GstRcastIcePath *current = self->n_route > 0 ? self->route[0] : NULL;
  gint64 now = g_get_monotonic_time ();

  if (!best || !gst_rcast_ice_path_is_working (best)) {
    self->ready_since = 0;
    return FALSE;
  }
  if (self->ready_since == 0)
    self->ready_since = now;
  return !current || gst_rcast_ice_path_get_path_state (current) !=
      GST_RCAST_ICE_PATH_STATE_ALIVE
      || gst_rcast_ice_path_get_rank (best) <=
      gst_rcast_ice_path_get_rank (current)
      || now - self->ready_since >= SWAP_PATIENCE_US;
}

static gboolean
is_carrying (GstRcastIceStream * self, GstRcastIcePath * path)
{
  for (guint i = 0; i < self->n_carrying; i++) {
    if (self->route[i] == path)
      return TRUE;
  }
  return FALSE;
}

/* @path has died. What carries media moves elsewhere, and asks then. */
static void
note_death (GstRcastIceStream * self, GPtrArray * paths, GstRcastIcePath * path)
{
  if (self->n_route > 0 && path == self->route[0] && !(self->duplicating
          && self->route[1] && gst_rcast_ice_path_is_working (self->route[1])))
    self->media_lost = TRUE;
  if (path == gst_rcast_ice_route_find_return (paths)
      && !is_carrying (self, path)
      && has_working_route (self))
    want_restart (self, GST_RCAST_ICE_RESTART_REASON_RETURN_PATH);
}

/* @path may be dead. If it is where the peer sends, the one that we send on may be as
 * dead, and that is to be known before a restart covers it up. */
static void
note_suspicion (GstRcastIceStream * self, GPtrArray * paths,
    GstRcastIcePath * path)
{
  if (path == gst_rcast_ice_route_find_return (paths)
      && !is_carrying (self, path) && has_working_route (self)
      && gst_rcast_ice_path_is_checkable (self->route[0]))
    gst_rcast_ice_path_doubt (self->route[0], GST_RCAST_ICE_PATH_CHANGE_SILENT,
        g_get_monotonic_time ());
}

static void
publish_path_states (GstRcastIceStream * self)
{
  g_autoptr (GPtrArray) paths = self->active ?
      gst_rcast_ice_generation_dup_paths (self->active) : NULL;
  g_autoptr (GObject) owner = g_weak_ref_get (&self->owner);

  for (guint i = 0; paths && i < paths->len; i++) {
    GstRcastIcePath *path = paths->pdata[i];
    GstRcastIcePathState state = gst_rcast_ice_path_get_path_state (path);
    gpointer known = GUINT_TO_POINTER (state + 1);
    GstStructure *description;

    if (g_hash_table_lookup (self->states, path) == known)
      continue;
    g_hash_table_insert (self->states, gst_rcast_ice_path_ref (path), known);
    if (state == GST_RCAST_ICE_PATH_STATE_DEAD)
      note_death (self, paths, path);
    else if (state == GST_RCAST_ICE_PATH_STATE_SUSPECT)
      note_suspicion (self, paths, path);
    description = describe_path (self, path);
    if (owner)
      self->events.path_state (owner, self->session_id, description);
    gst_structure_free (description);
  }
}

/* The one place that decides what carries media and what webrtcbin hears. */
static void
evaluate (GstRcastIceStream * self)
{
  gboolean connected;

  if (self->closed)
    return;
  connected = self->active && was_connected (self);
  publish_path_states (self);
  if (self->pending && is_ready (self))
    swap (self);
  update_route (self);
  publish (self);
  start_tick (self);
  if (connected && self->published ==
      GST_WEBRTC_ICE_CONNECTION_STATE_DISCONNECTED)
    want_restart (self, GST_RCAST_ICE_RESTART_REASON_PATH_LOST);
}

/* --- the agent's thread: looking after the paths --- */

static void
prune_paths (GstRcastIceStream * self, GPtrArray * paths, gint64 now)
{
  for (guint i = 0; i < paths->len; i++) {
    GstRcastIcePath *path = paths->pdata[i];

    if (is_carrying (self, path)
        || !gst_rcast_ice_route_is_hopeless (path, paths, now))
      continue;
    GST_DEBUG_OBJECT (self, "path %u goes", gst_rcast_ice_path_get_id (path));
    g_hash_table_remove (self->states, path);
    gst_rcast_ice_generation_remove_path (self->active, path);
  }
}

/* Migration: on every uplink that has no path that lives a fresh one, with the
 * session's own credentials. Its checks tell the peer, and nobody else needs
 * to. A single path has no others beside it, but it may need a successor. */
static void
cover_uplinks (GstRcastIceStream * self, gint64 now)
{
  g_autoptr (GObject) owner = g_weak_ref_get (&self->owner);
  g_autoptr (GstRcastIceSettings) settings = NULL;
  g_autoptr (GPtrArray) paths = NULL;
  g_autoptr (GPtrArray) uplinks = NULL;

  if (!owner || !self->active
      || !gst_rcast_ice_generation_was_working (self->active))
    return;
  self->last_retry = now;
  settings = self->events.settings (owner);
  if (settings->path_mode == GST_RCAST_ICE_PATH_MODE_SINGLE
      && has_working_route (self))
    return;
  uplinks = gst_rcast_ice_list_uplinks (settings->addresses,
      (const gchar * const *) settings->path_preference);
  paths = gst_rcast_ice_generation_dup_paths (self->active);
  for (guint i = 0; i < uplinks->len; i++) {
    GstRcastIcePath *path;

    if (gst_rcast_ice_route_is_covered (paths, uplinks->pdata[i]))
      continue;
    path = gst_rcast_ice_generation_add_path (self->active, settings,
        uplinks->pdata[i], self->tos);
    if (path)
      GST_INFO_OBJECT (self, "path %u added without signalling",
          gst_rcast_ice_path_get_id (path));
  }
}

/* RTCP came in, and checks are answered, but it does not come in any more: the
 * peer sends it elsewhere. */
static void
watch_return_path (GstRcastIceStream * self, GstRcastIcePath * returning,
    gint64 now)
{
  GstRcastIcePath *path = self->n_route > 0 ? self->route[0] : NULL;
  gint64 rhythm = returning ? gst_rcast_ice_path_get_rhythm (returning) : 0;

  if (self->wish >= 0)
    want_restart (self, self->wish);
  if (!path || self->last_heard == 0 || gst_rcast_ice_path_get_path_state (path)
      != GST_RCAST_ICE_PATH_STATE_ALIVE)
    return;
  if (now - self->last_heard >=
      (rhythm > G_USEC_PER_SEC ? 3 : 1) * RETURN_SILENCE_US
      && now - self->last_restart >= 5 * RESTART_SPACING_US
      && self->unheard_restarts < MAX_UNHEARD_RESTARTS && !self->pending) {
    self->unheard_restarts++;
    want_restart (self, GST_RCAST_ICE_RESTART_REASON_RETURN_PATH);
  }
}

static gboolean
tick (gpointer data)
{
  GstRcastIceStream *self = data;
  gint64 now = g_get_monotonic_time ();
  g_autoptr (GPtrArray) paths =
      gst_rcast_ice_generation_dup_paths (self->active);
  GstRcastIcePath *returning = gst_rcast_ice_route_find_return (paths);
  gboolean blind = self->last_tick > 0
      && now - self->last_tick >= STANDSTILL_US;

  self->last_tick = now;
  for (guint i = 0; i < paths->len; i++)
    gst_rcast_ice_path_step (paths->pdata[i], paths->pdata[i] == returning
        || is_carrying (self, paths->pdata[i]), now);
  if (blind)
    GST_DEBUG_OBJECT (self, "stood still, judging later");
  else
    prune_paths (self, paths, now);
  if (now - self->last_retry >=
      (has_working_route (self) ? IDLE_RETRY_US : RETRY_US))
    cover_uplinks (self, now);
  if (!blind)
    watch_return_path (self, returning, now);
  evaluate (self);
  return G_SOURCE_CONTINUE;
}

static void
start_tick (GstRcastIceStream * self)
{
  if (!self->tick_source && self->active
      && gst_rcast_ice_generation_was_working (self->active))
    self->tick_source = gst_rcast_ice_loop_add_timeout (self->loop, TICK_MS,
        tick, self);
}

static void
on_candidate (GstRcastIceGeneration * generation, const gchar * candidate,
    gpointer data)
{
  GstRcastIceStream *self = data;
  g_autoptr (GObject) owner = NULL;
  g_autofree gchar *full = NULL;

  /* Nobody waits for those of a generation that has been replaced. */
  if (generation != latest (self))
    return;
  full = g_strdup_printf ("%s ufrag %s", candidate,
      gst_rcast_ice_generation_get_local_ufrag (generation));
  owner = g_weak_ref_get (&self->owner);
  if (!owner)
    return;
  g_mutex_lock (&self->emit_lock);
  if (is_listening_locked (self))
    self->events.candidate (owner, self->session_id, full);
  g_mutex_unlock (&self->emit_lock);
}

static void
on_gathered (GstRcastIceGeneration * generation, gpointer data)
{
  GstRcastIceStream *self = data;

  if (generation == latest (self)
      && gst_rcast_ice_generation_is_gathered (generation))
    gathering_is_complete (self);
}

static void
gathering_is_complete (GstRcastIceStream * self)
{
  gboolean due;

  clear_source (&self->gather_source);
  /* Credentials that are still on their way here gather anew. */
  g_mutex_lock (&self->lock);
  due = self->serial == self->gather_serial;
  g_mutex_unlock (&self->lock);
  if (due)
    publish_gathering (self, GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE);
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
  evaluate (data);
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

  if (self->active)
    set_pending (self, generation);
  else
    set_active (self, generation);
  return generation;
}

/* --- the agent's thread: remote candidates --- */

static gboolean
has_remote_ufrag (GstRcastIceGeneration * generation, const gchar * ufrag)
{
  return generation && g_strcmp0 (ufrag,
      gst_rcast_ice_generation_get_remote_ufrag (generation)) == 0;
}

static gboolean
is_known_to_draining (GstRcastIceStream * self, const gchar * ufrag)
{
  for (guint i = 0; i < self->draining->len; i++) {
    if (has_remote_ufrag (self->draining->pdata[i], ufrag))
      return TRUE;
  }
  return FALSE;
}

static void
keep_early (GstRcastIceStream * self, const gchar * candidate)
{
  if (g_ptr_array_find_with_equal_func (self->early, candidate, g_str_equal,
          NULL))
    return;
  if (self->early->len >= MAX_EARLY_CANDIDATES) {
    GST_WARNING_OBJECT (self, "too many candidates of a generation that is "
        "not known yet, dropping the oldest");
    g_ptr_array_remove_index (self->early, 0);
  }
  g_ptr_array_add (self->early, g_strdup (candidate));
}

/* By its ufrag, if it has one. Without one it is the latest generation's that
 * knows both sides' credentials: webrtcbin adds the candidates of the current
 * (old) remote description again while a new one is under way. */
static void
route_candidate (GstRcastIceStream * self, const gchar * candidate)
{
  g_autofree gchar *ufrag = gst_rcast_ice_find_ufrag (candidate);
  GstRcastIceGeneration *generation = NULL;

  if (ufrag) {
    if (has_remote_ufrag (self->pending, ufrag))
      generation = self->pending;
    else if (has_remote_ufrag (self->active, ufrag))
      generation = self->active;
    else if (is_known_to_draining (self, ufrag))
      return;
  } else if (self->pending
      && gst_rcast_ice_generation_is_complete (self->pending)) {
    generation = self->pending;
  } else if (self->active && (!self->pending
          || gst_rcast_ice_generation_has_candidate (self->active,
              candidate))) {
    generation = self->active;
  }
  if (generation)
    gst_rcast_ice_generation_add_candidate (generation, candidate);
  else
    keep_early (self, candidate);
}

/* Tried again whenever credentials have come in. */
static void
route_early (GstRcastIceStream * self)
{
  GPtrArray *early = self->early;

  self->early = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < early->len; i++)
    route_candidate (self, early->pdata[i]);
  g_ptr_array_unref (early);
}

static void
credentials_changed (GstRcastIceStream * self)
{
  route_early (self);
  if (self->pending && !self->restart_source
      && gst_rcast_ice_generation_is_complete (self->pending))
    self->restart_source = gst_rcast_ice_loop_add_timeout (self->loop,
        RESTART_TIMEOUT_MS, restart_timed_out, self);
  evaluate (self);
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
  gst_rcast_ice_loop_invoke (self->loop, run_job, job, free_job);
}

static void
do_set_local (GstRcastIceStream * self, Job * job)
{
  GstRcastIceGeneration *generation = latest (self);
  const gchar *known = generation ?
      gst_rcast_ice_generation_get_local_ufrag (generation) : NULL;

  self->serial = job->value;
  if (g_strcmp0 (known, job->a) == 0)
    return;
  if (known && self->pending && g_strcmp0 (job->a,
          gst_rcast_ice_generation_get_local_ufrag (self->active)) == 0) {
    give_up_pending (self, GST_RCAST_ICE_ERROR_CANCELLED,
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
  GstRcastIceGeneration *generation = latest (self);
  const gchar *known = generation ?
      gst_rcast_ice_generation_get_remote_ufrag (generation) : NULL;

  if (g_strcmp0 (known, job->a) == 0)
    return;
  if (self->pending && has_remote_ufrag (self->active, job->a)) {
    give_up_pending (self, GST_RCAST_ICE_ERROR_REFUSED,
        "the peer went on with its old credentials");
    evaluate (self);
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
  GstRcastIceGeneration *generation = latest (self);
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
  clear_source (&self->gather_source);
  self->gather_source = gst_rcast_ice_loop_add_timeout (self->loop,
      GATHER_TIMEOUT_MS, gathering_timed_out, self);
  if (!gst_rcast_ice_generation_gather (generation, settings, self->tos)) {
    clear_source (&self->gather_source);
    GST_WARNING_OBJECT (self, "no local address to gather on");
    publish_gathering (self, GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE);
  }
}

static void
do_remote_done (GstRcastIceStream * self, Job * job)
{
  GstRcastIceGeneration *generation = latest (self);

  if (generation && gst_rcast_ice_generation_get_remote_ufrag (generation))
    gst_rcast_ice_generation_remote_done (generation);
}

static void
on_resolved (const gchar * candidate, gpointer data)
{
  GstRcastIceStream *self = data;

  if (!self->closed)
    route_candidate (self, candidate);
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
    route_candidate (self, job->a);
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
  uplinks = gst_rcast_ice_list_uplinks (settings->addresses,
      (const gchar * const *) settings->path_preference);
  leave_lost_uplinks (self->active, uplinks, now);
  if (self->pending)
    leave_lost_uplinks (self->pending, uplinks, now);
  cover_uplinks (self, now);
  evaluate (self);
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
  if (paths && contains (paths, path))
    gst_rcast_ice_path_doubt (path, GST_RCAST_ICE_PATH_CHANGE_REFUSED,
        g_get_monotonic_time ());
  gst_rcast_ice_path_unref (path);
  evaluate (self);
}

static void
do_cancel_restart (GstRcastIceStream * self, Job * job)
{
  if (!self->pending)
    return;
  give_up_pending (self, GST_RCAST_ICE_ERROR_CANCELLED,
      "cancelled by the application");
  evaluate (self);
}

static void
do_close (GstRcastIceStream * self, Job * job)
{
  GstRcastIceGeneration *active;
  GstRcastIceGeneration *pending;
  GstRcastIcePath *route[MAX_ROUTE + 1];

  self->closed = TRUE;
  clear_source (&self->tick_source);
  clear_source (&self->drain_source);
  clear_source (&self->restart_source);
  clear_source (&self->gather_source);
  clear_source (&self->failed_source);
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
  gst_rcast_ice_loop_unref (self->loop);
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
    const GstRcastIceStreamEvents * events, GstRcastIceLoop * loop,
    guint session_id)
{
  /* webrtcbin and its statistics know streams from 1 on. */
  GstRcastIceStream *self = g_object_new (GST_TYPE_RCAST_ICE_STREAM,
      "stream-id", session_id + 1, NULL);

  g_weak_ref_set (&self->owner, owner);
  self->events = *events;
  self->loop = gst_rcast_ice_loop_ref (loop);
  self->session_id = session_id;
  return gst_object_ref_sink (self);
}
