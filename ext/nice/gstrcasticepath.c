/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One NiceAgent, on one local address or on all of them. */
#include "config.h"

#include "gstrcasticepath.h"
#include "gstrcastice-enumtypes.h"

#include <gio/gio.h>

#include "gstrcasticeconsent.h"
#include "gstrcasticelog.h"
#include "gstrcasticerecall.h"
#include "gstrcasticesdp.h"
#include "gstrcasticestats.h"

GST_RCAST_ICE_LOG_CATEGORY ("rcasticepath", "One path of the ICE agent")

/* RFC 8445 5.1.2.1: the local preference is bits 8 to 23. Paths are ranked best first. Each gets
 * this much less, so that the peer's preference matches ours. */
#define RANK_STEP (64 << 8)

/* Number of trial checks that show whether we can see the answers. */
#define TRIALS 4
#define TRIAL_INTERVAL_US (500 * 1000)

/* libnice selects several pairs in quick succession at first. Only a pair that stays counts. */
#define SETTLED_US G_USEC_PER_SEC

enum
{
  HANDLER_STATE,
  HANDLER_PAIR,
  HANDLER_GATHERED,
  HANDLER_CANDIDATE,
  N_HANDLERS
};

struct _GstRcastIcePath
{
  gatomicrefcount ref_count;
  GstRcastLoop *loop;
  guint id;
  gchar *name;
  const GstRcastIcePathCallbacks *callbacks;
  gpointer data;
  GstRcastUplink *uplink;       /* NULL: all addresses */
  gchar *key;                   /* of the uplink's record; NULL: all addresses */
  gboolean announced;
  gboolean controlling;
  gchar *local_ufrag;
  gint64 timeout;               /* us */
  gint send_buffer;             /* bytes; 0: system default */
  gint receive_buffer;
  gint64 created;
  NiceAgent *agent;             /* thread-safe */
  guint stream_id;              /* libnice's number */

  /* Only on the agent's thread. */
  gulong handlers[N_HANDLERS];
  gboolean closed;
  gboolean retired;             /* only receives */
  gboolean gathered;
  gchar *remote_ufrag;          /* NULL until known */
  gchar *remote_password;
  GstRcastIceConsent *consent;      /* NULL until there is a pair */
  guint trials;                 /* trial checks left, to find out if the path is checkable */
  gint64 next_trial;
  gboolean on_trial;
  gint64 keep_alive_from;       /* when libnice's own checks start; monotonic us, 0: no change */
  GstRcastIcePathChange trouble;        /* the last reason for media to leave */

  /* On any thread. */
  GMutex lock;                  /* a leaf: no other lock is taken under it */
  gboolean has_pair;            /* lock; written by the agent's thread only */
  NiceComponentState state;     /* lock; written by the agent's thread only */
  GstRcastIcePathLife life;         /* lock; written by the agent's thread only */
  guint64 sent_packets;         /* lock */
  guint64 sent_bytes;           /* lock */
  guint64 send_errors;          /* lock */
  guint64 received_packets;     /* lock */
  guint64 received_bytes;       /* lock */
  gint64 last_media;            /* lock: monotonic us; 0: never */
  NiceCandidate *local;         /* lock: copies of the selected pair */
  NiceCandidate *remote;        /* lock */
};

GstRcastIcePath *
gst_rcast_ice_path_ref (GstRcastIcePath * path)
{
  g_atomic_ref_count_inc (&path->ref_count);
  return path;
}

void
gst_rcast_ice_path_unref (GstRcastIcePath * path)
{
  if (!g_atomic_ref_count_dec (&path->ref_count))
    return;
  g_object_unref (path->agent);
  g_mutex_clear (&path->lock);
  g_clear_pointer (&path->local, nice_candidate_free);
  g_clear_pointer (&path->remote, nice_candidate_free);
  gst_rcast_uplink_free (path->uplink);
  g_free (path->key);
  g_free (path->name);
  g_free (path->local_ufrag);
  g_free (path->remote_ufrag);
  g_free (path->remote_password);
  gst_rcast_loop_unref (path->loop);
  g_free (path);
}

static void
on_state (NiceAgent * agent, guint stream_id, guint component, guint state,
    GstRcastIcePath * path)
{
  if (path->closed || path->state == state)
    return;
  GST_DEBUG_ID (path->name, "%s -> %s",
      nice_component_state_to_string (path->state),
      nice_component_state_to_string (state));
  g_mutex_lock (&path->lock);
  path->state = state;
  g_mutex_unlock (&path->lock);
  path->callbacks->changed (path, path->data);
}

/* An answer to a consent check. libnice drops it itself. */
static void
on_answer (GstRcastIceStunAnswer answer, gint64 sent, gint64 rtt,
    gboolean exact, gpointer data)
{
  GstRcastIcePath *path = data;
  gint64 now = g_get_monotonic_time ();
  GstRcastIceLifeState before = path->life.state;

  g_mutex_lock (&path->lock);
  switch (answer) {
    case GST_RCAST_ICE_STUN_SUCCESS:
      path->life.checkable = TRUE;
      gst_rcast_ice_path_life_answered (&path->life, sent, rtt, exact, now);
      break;
    case GST_RCAST_ICE_STUN_REVOKED:
      path->life.expired = TRUE;
      gst_rcast_ice_path_life_lose (&path->life, now);
      break;
    case GST_RCAST_ICE_STUN_ROLE_CONFLICT:
      gst_rcast_ice_path_life_refused (&path->life, now);
      gst_rcast_ice_path_life_check_now (&path->life);
      break;
    case GST_RCAST_ICE_STUN_ERROR:
      gst_rcast_ice_path_life_refused (&path->life, now);
      break;
    case GST_RCAST_ICE_STUN_NONE:
      break;
  }
  g_mutex_unlock (&path->lock);
  if (path->on_trial && answer == GST_RCAST_ICE_STUN_SUCCESS) {
    path->on_trial = FALSE;
    path->trials = 0;
  }
  if (path->life.state != before)
    path->callbacks->changed (path, path->data);
}

/* We can only peek at datagrams before libnice reads them. On other transports libnice's own
 * keep-alive checks stay on, which fail after 50 s. The transport to a TURN server is unknown, so
 * trial checks find out. */
static void
start_life (GstRcastIcePath * path, NiceCandidate * local,
    NiceCandidate * remote)
{
  gint64 now = g_get_monotonic_time ();
  gboolean datagrams = local->transport == NICE_CANDIDATE_TRANSPORT_UDP;
  GPtrArray *sockets;

  if (datagrams && !path->consent && !path->retired) {
    sockets = nice_agent_get_sockets (path->agent, path->stream_id,
        NICE_COMPONENT_TYPE_RTP);
    path->consent = gst_rcast_ice_consent_new (path->loop, on_answer, path);
    gst_rcast_ice_consent_set_controlling (path->consent, path->controlling);
    datagrams = sockets && gst_rcast_ice_consent_watch (path->consent, sockets);
    g_clear_pointer (&sockets, g_ptr_array_unref);
  }
  /* All packets from a relay have the relay's address, which libnice does not expose: copies of a
   * candidate lack it, and nice_candidate_relay_address() crashes on them. */
  if (path->consent)
    gst_rcast_ice_consent_set_peer (path->consent,
        local->type == NICE_CANDIDATE_TYPE_RELAYED ? NULL : &remote->addr);
  path->trials = 0;
  path->on_trial = FALSE;
  if (datagrams && local->type == NICE_CANDIDATE_TYPE_RELAYED) {
    datagrams = FALSE;
    path->trials = TRIALS;
    path->on_trial = TRUE;
  }
  path->next_trial = now;
  path->keep_alive_from =
      datagrams || path->on_trial ? 0 : now + SETTLED_US;
  g_mutex_lock (&path->lock);
  gst_rcast_ice_path_life_init (&path->life, path->timeout, datagrams, now);
  g_mutex_unlock (&path->lock);
}

static void
on_pair (NiceAgent * agent, guint stream_id, guint component,
    NiceCandidate * local, NiceCandidate * remote, GstRcastIcePath * path)
{
  gchar from[NICE_ADDRESS_STRING_LEN];
  gchar to[NICE_ADDRESS_STRING_LEN];

  if (path->closed)
    return;
  nice_address_to_string (&local->addr, from);
  nice_address_to_string (&remote->addr, to);
  GST_INFO_ID (path->name, "selected [%s]:%u -> [%s]:%u", from,
      nice_address_get_port (&local->addr), to,
      nice_address_get_port (&remote->addr));
  gst_rcast_loop_keep_polling (path->loop);
  g_mutex_lock (&path->lock);
  g_clear_pointer (&path->local, nice_candidate_free);
  g_clear_pointer (&path->remote, nice_candidate_free);
  path->local = nice_candidate_copy (local);
  path->remote = nice_candidate_copy (remote);
  g_mutex_unlock (&path->lock);
  start_life (path, local, remote);
  g_mutex_lock (&path->lock);
  path->has_pair = TRUE;
  g_mutex_unlock (&path->lock);
  path->callbacks->changed (path, path->data);
}

static void
on_gathered (NiceAgent * agent, guint stream_id, GstRcastIcePath * path)
{
  if (path->closed)
    return;
  path->gathered = TRUE;
  path->callbacks->gathered (path, path->data);
}

/* Each path has its own agent, which numbers its foundations from 1 and gives its address the
 * highest priority. Makes both unique in the session. */
static gchar *
adapt_candidate (GstRcastIcePath * path, const gchar * candidate)
{
  g_auto (GStrv) words = g_strsplit (candidate, " ", 5);
  guint64 priority;

  if (g_strv_length (words) < 5)
    return g_strdup_printf ("%s ufrag %s", candidate, path->local_ufrag);
  priority = g_ascii_strtoull (words[3], NULL, 10);
  /* Announced paths are numbered from 1. */
  priority -= (path->id - 1) * RANK_STEP;
  return g_strdup_printf ("%s0%u %s %s %" G_GUINT64_FORMAT " %s ufrag %s",
      words[0], path->id, words[1], words[2], priority, words[4],
      path->local_ufrag);
}

static void
on_candidate (NiceAgent * agent, NiceCandidate * candidate,
    GstRcastIcePath * path)
{
  g_autofree gchar *sdp = NULL;
  g_autofree gchar *adapted = NULL;

  if (path->closed || !path->announced)
    return;
  sdp = nice_agent_generate_local_candidate_sdp (agent, candidate);
  adapted = adapt_candidate (path, sdp);
  path->callbacks->candidate (path, adapted, path->data);
}

static void
on_received (NiceAgent * agent, guint stream_id, guint component, guint size,
    gchar * bytes, gpointer data)
{
  GstRcastIcePath *path = data;
  gint64 now = g_get_monotonic_time ();
  GstRcastIceLifeState before = path->life.state;

  if (path->closed)
    return;
  g_mutex_lock (&path->lock);
  path->received_packets++;
  path->received_bytes += size;
  path->last_media = now;
  if (path->has_pair)
    gst_rcast_ice_path_life_heard (&path->life, now);
  g_mutex_unlock (&path->lock);
  if (path->life.state != before)
    path->callbacks->changed (path, path->data);
  path->callbacks->received (path, (const guint8 *) bytes, size, path->data);
}

static void
release_path (gpointer data, GClosure * closure)
{
  gst_rcast_ice_path_unref (data);
}

static gulong
connect_handler (GstRcastIcePath * path, const gchar * signal,
    GCallback callback)
{
  return g_signal_connect_data (path->agent, signal, callback,
      gst_rcast_ice_path_ref (path), release_path, 0);
}

/* On the agent's thread, like all functions below unless stated otherwise. */
GstRcastIcePath *
gst_rcast_ice_path_new (const GstRcastIcePathConfig * config)
{
  GstRcastIcePath *path = g_new0 (GstRcastIcePath, 1);

  g_atomic_ref_count_init (&path->ref_count);
  g_mutex_init (&path->lock);
  path->loop = gst_rcast_loop_ref (config->agent.loop);
  path->id = config->id;
  path->name = g_strdup (config->agent.name);
  path->callbacks = config->callbacks;
  path->data = config->data;
  path->uplink = config->agent.uplink ?
      gst_rcast_uplink_copy (config->agent.uplink) : NULL;
  path->key = path->uplink ?
      gst_rcast_ice_recall_make_key (path->uplink->name) : NULL;
  path->announced = config->announced;
  path->controlling = config->agent.settings->controlling;
  path->local_ufrag = g_strdup (config->agent.ufrag);
  path->timeout = config->agent.settings->media_timeout * (gint64) 1000;
  path->send_buffer = config->agent.settings->send_buffer;
  path->receive_buffer = config->agent.settings->receive_buffer;
  path->created = g_get_monotonic_time ();
  path->state = NICE_COMPONENT_STATE_DISCONNECTED;
  path->trouble = GST_RCAST_ICE_PATH_CHANGE_SILENT;
  path->agent = gst_rcast_ice_path_agent_new (&config->agent,
      &path->stream_id);
  path->handlers[HANDLER_STATE] = connect_handler (path,
      "component-state-changed", G_CALLBACK (on_state));
  path->handlers[HANDLER_PAIR] = connect_handler (path,
      "new-selected-pair-full", G_CALLBACK (on_pair));
  path->handlers[HANDLER_GATHERED] = connect_handler (path,
      "candidate-gathering-done", G_CALLBACK (on_gathered));
  path->handlers[HANDLER_CANDIDATE] = connect_handler (path,
      "new-candidate-full", G_CALLBACK (on_candidate));
  nice_agent_attach_recv (path->agent, path->stream_id,
      NICE_COMPONENT_TYPE_RTP, gst_rcast_loop_get_context (config->agent.loop),
      on_received, path);
  return path;
}

static gboolean
remove_closed (gpointer data)
{
  GstRcastIcePath *path = data;

  /* Not with the last reference: that may be dropped on a streaming thread while this thread
   * dispatches the agent's sockets. */
  nice_agent_remove_stream (path->agent, path->stream_id);
  gst_rcast_loop_release (path->loop);
  return G_SOURCE_REMOVE;
}

/* libnice may call this while it reads the socket that reported the end, as with TURN over TCP. So
 * memory that libnice still uses is freed later. */
static void
closed_done (GObject * agent, GAsyncResult * result, gpointer data)
{
  GstRcastIcePath *path = data;

  gst_rcast_loop_invoke (path->loop, remove_closed, path,
      (GDestroyNotify) gst_rcast_ice_path_unref);
}

/* Releases the sockets and TURN allocations. May be called twice. */
void
gst_rcast_ice_path_close (GstRcastIcePath * path)
{
  if (path->closed)
    return;
  path->closed = TRUE;
  for (guint i = 0; i < N_HANDLERS; i++)
    g_signal_handler_disconnect (path->agent, path->handlers[i]);
  g_clear_pointer (&path->consent, gst_rcast_ice_consent_free);
  gst_rcast_loop_hold (path->loop);
  nice_agent_close_async (path->agent, closed_done,
      gst_rcast_ice_path_ref (path));
}

static void
set_buffer (GstRcastIcePath * path, GSocket * socket, gint option, gint size)
{
  g_autoptr (GError) error = NULL;

  if (size != 0
      && !g_socket_set_option (socket, SOL_SOCKET, option, size, &error))
    GST_WARNING_ID (path->name, "buffer size of %d not set, using the system's:"
        " %s", size, error->message);
}

static void
apply_buffers (GstRcastIcePath * path)
{
  GPtrArray *sockets = nice_agent_get_sockets (path->agent, path->stream_id,
      NICE_COMPONENT_TYPE_RTP);

  for (guint i = 0; sockets && i < sockets->len; i++) {
    set_buffer (path, sockets->pdata[i], SO_SNDBUF, path->send_buffer);
    set_buffer (path, sockets->pdata[i], SO_RCVBUF, path->receive_buffer);
  }
  g_clear_pointer (&sockets, g_ptr_array_unref);
}

/* Call once. Returns FALSE if there is no socket. */
gboolean
gst_rcast_ice_path_gather (GstRcastIcePath * path)
{
  if (!nice_agent_gather_candidates (path->agent, path->stream_id))
    return FALSE;
  apply_buffers (path);
  return TRUE;
}

void
gst_rcast_ice_path_set_remote (GstRcastIcePath * path, const gchar * ufrag,
    const gchar * password)
{
  path->remote_ufrag = g_strdup (ufrag);
  path->remote_password = g_strdup (password);
  nice_agent_set_remote_credentials (path->agent, path->stream_id, ufrag,
      password);
}

/* Whether the same address is already known as a candidate of another type. libnice would pair
 * both, and 0.1.21 to 0.1.23 abort if both pairs are answered before one is nominated. A
 * peer-reflexive candidate does not count: libnice turns it into the announced one. */
static gboolean
has_twin (GstRcastIcePath * path, const NiceCandidate * candidate)
{
  GSList *known = gst_rcast_ice_path_get_candidates (path, FALSE);
  gboolean found = FALSE;

  for (GSList * i = known; i && !found; i = i->next) {
    const NiceCandidate *other = i->data;

    found = other->type != candidate->type
        && other->type != NICE_CANDIDATE_TYPE_PEER_REFLEXIVE
        && other->transport == candidate->transport
        && nice_address_equal (&other->addr, &candidate->addr);
  }
  g_slist_free_full (known, (GDestroyNotify) nice_candidate_free);
  return found;
}

/* Ignored if libnice cannot parse the candidate or would abort on it. */
void
gst_rcast_ice_path_add_remote_candidate (GstRcastIcePath * path,
    const gchar * candidate)
{
  NiceCandidate *parsed = nice_agent_parse_remote_candidate_sdp (path->agent,
      path->stream_id, candidate);
  GSList *list;

  if (!parsed)
    return;
  /* RTCP is multiplexed: there is no second component. */
  if (parsed->component_id == NICE_COMPONENT_TYPE_RTP
      && !has_twin (path, parsed)) {
    list = g_slist_append (NULL, parsed);
    nice_agent_set_remote_candidates (path->agent, path->stream_id,
        NICE_COMPONENT_TYPE_RTP, list);
    g_slist_free (list);
  }
  nice_candidate_free (parsed);
}

void
gst_rcast_ice_path_remote_done (GstRcastIcePath * path)
{
  nice_agent_peer_candidate_gathering_done (path->agent, path->stream_id);
}

void
gst_rcast_ice_path_set_controlling (GstRcastIcePath * path,
    gboolean controlling)
{
  path->controlling = controlling;
  if (path->consent)
    gst_rcast_ice_consent_set_controlling (path->consent, controlling);
  g_object_set (path->agent, "controlling-mode", controlling, NULL);
}

void
gst_rcast_ice_path_set_tos (GstRcastIcePath * path, gint tos)
{
  nice_agent_set_stream_tos (path->agent, path->stream_id, tos);
}

NiceComponentState
gst_rcast_ice_path_get_state (GstRcastIcePath * path)
{
  return path->state;
}

/* Whether the path is announced and may still find candidates. */
gboolean
gst_rcast_ice_path_is_gathering (GstRcastIcePath * path)
{
  return path->announced && !path->gathered;
}

/* Whether its candidates are signalled to the peer. */
gboolean
gst_rcast_ice_path_is_announced (GstRcastIcePath * path)
{
  return path->announced;
}

const gchar *
gst_rcast_ice_path_get_name (GstRcastIcePath * path)
{
  return path->name;
}

/* Whether the path is validated and has consent. */
static gboolean
may_send (GstRcastIcePath * path)
{
  return path->has_pair && !path->closed && !path->life.expired
      && (path->state == NICE_COMPONENT_STATE_CONNECTED
      || path->state == NICE_COMPONENT_STATE_READY);
}

static GstRcastIcePathState
compute_path_state (GstRcastIcePath * path)
{
  if (path->state == NICE_COMPONENT_STATE_FAILED)
    return GST_RCAST_ICE_PATH_STATE_DEAD;
  if (!path->has_pair)
    return GST_RCAST_ICE_PATH_STATE_CHECKING;
  switch (path->life.state) {
    case GST_RCAST_ICE_LIFE_ALIVE:
      return GST_RCAST_ICE_PATH_STATE_ALIVE;
    case GST_RCAST_ICE_LIFE_SUSPECT:
      return GST_RCAST_ICE_PATH_STATE_SUSPECT;
    case GST_RCAST_ICE_LIFE_DEAD:
      break;
  }
  return GST_RCAST_ICE_PATH_STATE_DEAD;
}

/* Fills in all but the uplink's number, which is shared by the paths of a generation. */
void
gst_rcast_ice_path_get_view (GstRcastIcePath * path, GstRcastIcePathView * view)
{
  gint64 now = g_get_monotonic_time ();

  *view = (GstRcastIcePathView) {
    .id = path->id,
    .state = compute_path_state (path),
    .may_send = may_send (path),
    .announced = path->announced,
    .failing = gst_rcast_ice_path_life_is_failing (&path->life, now),
    .missed = gst_rcast_ice_path_life_is_missed (&path->life, now),
    .checkable = path->life.checkable,
    .rank = gst_rcast_ice_path_get_rank (path),
    .rtt = path->life.rtt,
    .rtt_least = gst_rcast_ice_path_life_get_least_rtt (&path->life),
    .check_loss = gst_rcast_ice_path_life_get_worst_loss (&path->life),
    .timeout = path->timeout,
    .since = path->life.since,
    .created = path->created,
    .last_heard = path->last_media,
    .last_sign = path->has_pair ? path->life.last_heard : 0,
    .checks = path->life.checks,
    .answers = path->life.answers,
    .interface = path->uplink ? path->uplink->name : NULL,
    .well_since = path->life.since,
  };
  gst_rcast_ice_recall_view (path->key, view, now);
}

/* The key of its uplink for gst_rcast_ice_recall_view() and the like. %NULL: no uplink */
const gchar *
gst_rcast_ice_path_get_key (GstRcastIcePath * path)
{
  return path->key;
}

/* Why media may have to leave the path, if it is not well. */
GstRcastIcePathChange
gst_rcast_ice_path_get_trouble (GstRcastIcePath * path)
{
  return path->trouble;
}

/* Whether the path uses an address of @uplink. */
gboolean
gst_rcast_ice_path_is_on (GstRcastIcePath * path,
    const GstRcastUplink * uplink)
{
  if (!path->uplink) {
    gchar address[NICE_ADDRESS_STRING_LEN];

    if (!path->local)
      return TRUE;
    nice_address_to_string (&path->local->base_addr, address);
    return gst_rcast_uplink_has_address (uplink, address);
  }
  for (guint i = 0; i < uplink->addresses->len; i++) {
    if (gst_rcast_uplink_has_address (path->uplink,
            uplink->addresses->pdata[i]))
      return TRUE;
  }
  return FALSE;
}

/* Whether both paths use the same uplink. */
gboolean
gst_rcast_ice_path_shares_uplink (GstRcastIcePath * path,
    GstRcastIcePath * other)
{
  if (other->uplink)
    return gst_rcast_ice_path_is_on (path, other->uplink);
  return path == other || (path->uplink && other->local
      && gst_rcast_ice_path_is_on (other, path->uplink));
}

static void
send_check (GstRcastIcePath * path, gboolean nominate, gint64 now)
{
  guint8 bytes[GST_RCAST_ICE_STUN_MAX_SIZE];
  gsize size;

  gst_rcast_ice_consent_set_credentials (path->consent, path->local_ufrag,
      path->remote_ufrag, path->remote_password);
  size = gst_rcast_ice_consent_write (path->consent, nominate, bytes,
      sizeof bytes, now);
  if (size > 0)
    nice_agent_send (path->agent, path->stream_id, NICE_COMPONENT_TYPE_RTP,
        size, (const gchar *) bytes);
  if (size > 0)
    gst_rcast_ice_consent_sent (path->consent, g_get_monotonic_time ());
  g_mutex_lock (&path->lock);
  gst_rcast_ice_path_life_checked (&path->life, g_random_double (), now);
  g_mutex_unlock (&path->lock);
}

/* Call this about every 50 ms. RFC 8445 8.1.1: only the pair of the path that carries media is
 * nominated. The checks of other paths only keep consent. */
void
gst_rcast_ice_path_step (GstRcastIcePath * path, GstRcastIceDuty duty,
    gboolean nominate, gint64 now)
{
  GstRcastIceLifeState before = path->life.state;
  gboolean wants_check;

  if (!path->has_pair || path->closed || path->retired || !path->remote_ufrag)
    return;
  g_mutex_lock (&path->lock);
  wants_check = gst_rcast_ice_path_life_step (&path->life, duty, now);
  g_mutex_unlock (&path->lock);
  if (path->on_trial && now >= path->next_trial) {
    path->next_trial = now + TRIAL_INTERVAL_US;
    wants_check = path->trials > 0;
    path->on_trial = path->trials > 0;
    path->trials -= path->trials > 0;
    if (!path->on_trial)
      path->keep_alive_from = now;
  }
  if (path->keep_alive_from > 0 && now >= path->keep_alive_from) {
    path->keep_alive_from = 0;
    /* Never switch it off again: the timer would go on and fail for want of answers. */
    g_object_set (path->agent, "keepalive-conncheck", TRUE, NULL);
  }
  if (wants_check)
    send_check (path, nominate, now);
  if (before == GST_RCAST_ICE_LIFE_ALIVE)
    path->trouble = GST_RCAST_ICE_PATH_CHANGE_SILENT;
  if (path->life.state != before) {
    GST_INFO_ID (path->name, "%s after %" G_GINT64_FORMAT " ms of silence and "
        "%u checks",
        path->life.state == GST_RCAST_ICE_LIFE_DEAD ? "dead" : "suspect",
        (now - path->life.last_heard) / 1000, path->life.unanswered);
    path->callbacks->changed (path, path->data);
  }
}

/* Makes the path only receive, without asking for consent. Returns the number of its sockets. */
guint
gst_rcast_ice_path_retire (GstRcastIcePath * path)
{
  GPtrArray *sockets = nice_agent_get_sockets (path->agent, path->stream_id,
      NICE_COMPONENT_TYPE_RTP);
  guint n = sockets ? sockets->len : 0;

  path->retired = TRUE;
  g_clear_pointer (&path->consent, gst_rcast_ice_consent_free);
  g_clear_pointer (&sockets, g_ptr_array_unref);
  return n;
}

/* The interface of the path is gone. The caller evaluates afterwards. */
void
gst_rcast_ice_path_lose (GstRcastIcePath * path, gint64 now)
{
  path->trouble = GST_RCAST_ICE_PATH_CHANGE_GONE;
  g_mutex_lock (&path->lock);
  gst_rcast_ice_path_life_lose (&path->life, now);
  g_mutex_unlock (&path->lock);
}

/* The path may be dead: a burst of checks will tell. The caller evaluates afterwards. */
void
gst_rcast_ice_path_doubt (GstRcastIcePath * path,
    GstRcastIcePathChange trouble, gint64 now)
{
  if (path->life.state == GST_RCAST_ICE_LIFE_ALIVE)
    path->trouble = trouble;
  g_mutex_lock (&path->lock);
  gst_rcast_ice_path_life_doubt (&path->life, now);
  g_mutex_unlock (&path->lock);
}

/* The link of the path has come back: check it without waiting for the next turn. */
void
gst_rcast_ice_path_check_now (GstRcastIcePath * path)
{
  g_mutex_lock (&path->lock);
  gst_rcast_ice_path_life_check_now (&path->life);
  g_mutex_unlock (&path->lock);
}

/* On any thread. Returns how many packets the system took. @failed: set if the system refused a
 * packet, not if it only had no room. */
guint
gst_rcast_ice_path_send (GstRcastIcePath * path,
    const NiceOutputMessage * messages, guint n_messages, gboolean * failed)
{
  g_autoptr (GError) error = NULL;
  gint sent = nice_agent_send_messages_nonblocking (path->agent,
      path->stream_id, NICE_COMPONENT_TYPE_RTP, messages, n_messages, NULL,
      &error);
  guint n_sent = MAX (sent, 0);
  gsize bytes = 0;

  for (guint i = 0; i < n_sent; i++)
    bytes += messages[i].buffers->size;
  *failed = error && !g_error_matches (error, G_IO_ERROR,
      G_IO_ERROR_WOULD_BLOCK);
  g_mutex_lock (&path->lock);
  path->sent_packets += n_sent;
  path->sent_bytes += bytes;
  path->send_errors += n_messages - n_sent;
  g_mutex_unlock (&path->lock);
  return n_sent;
}

/* The interface of its uplink. %NULL: the path is on all addresses. On any thread */
const gchar *
gst_rcast_ice_path_get_interface (GstRcastIcePath * path)
{
  return path->uplink ? path->uplink->name : NULL;
}

/* The rank of its uplink in path-preference, 0 first. On any thread */
guint
gst_rcast_ice_path_get_rank (GstRcastIcePath * path)
{
  return path->uplink ? path->uplink->rank : 0;
}

/* On any thread. Returns copies of the candidates. */
gboolean
gst_rcast_ice_path_get_pair (GstRcastIcePath * path, NiceCandidate ** local,
    NiceCandidate ** remote)
{
  gboolean found;

  g_mutex_lock (&path->lock);
  found = path->local != NULL;
  if (found) {
    *local = nice_candidate_copy (path->local);
    *remote = nice_candidate_copy (path->remote);
  }
  g_mutex_unlock (&path->lock);
  return found;
}

/* Returns: (transfer full): the peer's end of the pair as a candidate if the peer has not announced
 * it; %NULL if it has, or if there is no pair */
gchar *
gst_rcast_ice_path_describe_discovered (GstRcastIcePath * path)
{
  gchar address[NICE_ADDRESS_STRING_LEN];

  if (!path->remote
      || path->remote->type != NICE_CANDIDATE_TYPE_PEER_REFLEXIVE
      || path->remote->transport != NICE_CANDIDATE_TRANSPORT_UDP)
    return NULL;
  nice_address_to_string (&path->remote->addr, address);
  return g_strdup_printf ("a=candidate:9%u 1 udp %u %s %u typ host", path->id,
      path->remote->priority, address,
      nice_address_get_port (&path->remote->addr));
}

/* On any thread. Free the list with nice_candidate_free(). */
GSList *
gst_rcast_ice_path_get_candidates (GstRcastIcePath * path, gboolean local)
{
  return local ?
      nice_agent_get_local_candidates (path->agent, path->stream_id,
      NICE_COMPONENT_TYPE_RTP) :
      nice_agent_get_remote_candidates (path->agent, path->stream_id,
      NICE_COMPONENT_TYPE_RTP);
}

static void
add_candidate_stats (GstStructure * stats, const gchar * field,
    NiceCandidate * candidate)
{
  gchar address[NICE_ADDRESS_STRING_LEN];
  g_autofree gchar *value = NULL;

  nice_address_to_string (&candidate->addr, address);
  value = g_strdup_printf ("%s %s %s %u",
      gst_rcast_ice_candidate_type (candidate),
      candidate->transport == NICE_CANDIDATE_TRANSPORT_UDP ? "udp" : "tcp",
      address, nice_address_get_port (&candidate->addr));
  gst_structure_set (stats, field, G_TYPE_STRING, value, NULL);
}

/* On any thread. */
GstStructure *
gst_rcast_ice_path_get_stats (GstRcastIcePath * path)
{
  gint64 now = g_get_monotonic_time ();
  GstRcastIcePathView remembered = { 0, };
  GstStructure *stats;
  gchar address[NICE_ADDRESS_STRING_LEN] = "";
  g_autofree gchar *interface = NULL;

  gst_rcast_ice_recall_view (path->key, &remembered, now);
  g_mutex_lock (&path->lock);
  stats = gst_structure_new ("application/x-rcast-ice-path",
      "id", G_TYPE_UINT, path->id,
      "state", GST_TYPE_RCAST_ICE_PATH_STATE, compute_path_state (path),
      "announced", G_TYPE_BOOLEAN, path->announced,
      "packets-sent", G_TYPE_UINT64, path->sent_packets,
      "bytes-sent", G_TYPE_UINT64, path->sent_bytes,
      "send-errors", G_TYPE_UINT64, path->send_errors,
      "packets-received", G_TYPE_UINT64, path->received_packets,
      "bytes-received", G_TYPE_UINT64, path->received_bytes,
      "checks-sent", G_TYPE_UINT64, path->life.checks,
      "checks-answered", G_TYPE_UINT64, path->life.answers,
      "consent", G_TYPE_STRING,
      path->life.checkable ? "rfc7675" : "libnice-keepalive", NULL);
  gst_structure_set (stats, "media-loss", G_TYPE_DOUBLE, remembered.loss,
      "hold", G_TYPE_UINT64, MAX (remembered.hold + remembered.well_since - now,
          0) * GST_USECOND, NULL);
  if (path->life.rtt > 0)
    gst_structure_set (stats, "rtt", G_TYPE_UINT64,
        path->life.rtt * GST_USECOND, "loss", G_TYPE_DOUBLE, path->life.loss,
        NULL);
  if (path->has_pair)
    gst_structure_set (stats, "silence", G_TYPE_UINT64,
        (now - path->life.last_heard) * GST_USECOND, NULL);
  if (path->last_media > 0)
    gst_structure_set (stats, "packet-silence", G_TYPE_UINT64,
        (now - path->last_media) * GST_USECOND, NULL);
  if (path->local) {
    add_candidate_stats (stats, "local-candidate", path->local);
    add_candidate_stats (stats, "remote-candidate", path->remote);
    nice_address_to_string (&path->local->base_addr, address);
  }
  g_mutex_unlock (&path->lock);
  if (path->uplink)
    interface = g_strdup (path->uplink->name);
  else if (address[0])
    interface = gst_rcast_uplinks_find_interface (address);
  if (interface)
    gst_structure_set (stats, "interface", G_TYPE_STRING, interface, NULL);
  return stats;
}
