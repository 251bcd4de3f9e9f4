/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One NiceAgent, on one local address or on all of them. */
#include "config.h"

#include "gstrcasticepath.h"

#include <gio/gio.h>

GST_DEBUG_CATEGORY_STATIC (rcast_ice_path_debug);
#define GST_CAT_DEFAULT rcast_ice_path_debug

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
  GstRcastIceLoop *loop;
  guint id;
  gchar *address;
  NiceAgent *agent;             /* thread-safe */
  guint stream_id;              /* libnice's */

  /* Only the agent's thread. */
  gulong handlers[N_HANDLERS];
  GstRcastIcePathEvents events;
  gpointer data;
  gboolean closed;
  gboolean gathered;
  gboolean has_pair;
  NiceComponentState state;

  /* Any thread. */
  GMutex lock;                  /* a leaf: nothing is called under it */
  guint64 sent_packets;         /* lock */
  guint64 sent_bytes;           /* lock */
  guint64 send_errors;          /* lock */
  guint64 received_packets;     /* lock */
  guint64 received_bytes;       /* lock */
  gint64 last_heard;            /* lock: monotonic us, 0 never */
  NiceCandidate *local;         /* lock: the selected pair, copies */
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
  g_free (path->address);
  gst_rcast_ice_loop_unref (path->loop);
  g_free (path);
}

static void
on_state (NiceAgent * agent, guint stream_id, guint component, guint state,
    GstRcastIcePath * path)
{
  if (path->closed || path->state == state)
    return;
  GST_DEBUG ("path %u: %s -> %s", path->id,
      nice_component_state_to_string (path->state),
      nice_component_state_to_string (state));
  path->state = state;
  path->events.changed (path, path->data);
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
  GST_INFO ("path %u: selected [%s]:%u -> [%s]:%u", path->id, from,
      nice_address_get_port (&local->addr), to,
      nice_address_get_port (&remote->addr));
  g_mutex_lock (&path->lock);
  g_clear_pointer (&path->local, nice_candidate_free);
  g_clear_pointer (&path->remote, nice_candidate_free);
  path->local = nice_candidate_copy (local);
  path->remote = nice_candidate_copy (remote);
  g_mutex_unlock (&path->lock);
  path->has_pair = TRUE;
  path->events.changed (path, path->data);
}

static void
on_gathered (NiceAgent * agent, guint stream_id, GstRcastIcePath * path)
{
  if (path->closed)
    return;
  path->gathered = TRUE;
  path->events.gathered (path, path->data);
}

static void
on_candidate (NiceAgent * agent, NiceCandidate * candidate,
    GstRcastIcePath * path)
{
  g_autofree gchar *sdp = NULL;

  if (path->closed)
    return;
  sdp = nice_agent_generate_local_candidate_sdp (agent, candidate);
  path->events.candidate (path, sdp, path->data);
}

static void
on_received (NiceAgent * agent, guint stream_id, guint component, guint size,
    gchar * bytes, gpointer data)
{
  GstRcastIcePath *path = data;

  if (path->closed)
    return;
  g_mutex_lock (&path->lock);
  path->received_packets++;
  path->received_bytes += size;
  path->last_heard = g_get_monotonic_time ();
  g_mutex_unlock (&path->lock);
  path->events.received (path, (const guint8 *) bytes, size, path->data);
}

static void
add_turn (GstRcastIcePath * path, GstUri * uri)
{
  const gchar *transport = gst_uri_get_query_value (uri, "transport");
  gboolean tls = g_str_equal (gst_uri_get_scheme (uri), "turns");
  g_autofree gchar *user = NULL;
  g_autofree gchar *password = NULL;
  NiceRelayType types[2];
  guint n = 0;

  gst_rcast_ice_parse_userinfo (uri, &user, &password);
  if (tls) {
    types[n++] = NICE_RELAY_TYPE_TURN_TLS;
  } else {
    if (!transport || g_str_equal (transport, "udp"))
      types[n++] = NICE_RELAY_TYPE_TURN_UDP;
    if (!transport || g_str_equal (transport, "tcp"))
      types[n++] = NICE_RELAY_TYPE_TURN_TCP;
  }
  for (guint i = 0; i < n; i++) {
    if (!nice_agent_set_relay_info (path->agent, path->stream_id,
            NICE_COMPONENT_TYPE_RTP, gst_uri_get_host (uri),
            gst_uri_get_port (uri), user, password, types[i]))
      GST_WARNING ("path %u: TURN server %s not taken, going on without",
          path->id, gst_uri_get_host (uri));
  }
}

static void
add_servers (GstRcastIcePath * path, const GstRcastIceSettings * settings)
{
  if (settings->proxy_ip) {
    g_autofree gchar *user = NULL;
    g_autofree gchar *password = NULL;

    gst_rcast_ice_parse_userinfo (settings->proxy, &user, &password);
    g_object_set (path->agent, "proxy-type", NICE_PROXY_TYPE_HTTP,
        "proxy-ip", settings->proxy_ip,
        "proxy-port", gst_uri_get_port (settings->proxy),
        "proxy-username", user, "proxy-password", password, NULL);
  }
  if (settings->stun)
    g_object_set (path->agent, "stun-server",
        gst_uri_get_host (settings->stun), "stun-server-port",
        gst_uri_get_port (settings->stun), NULL);
  if (settings->turn)
    add_turn (path, settings->turn);
  for (guint i = 0; i < settings->turns->len; i++)
    add_turn (path, settings->turns->pdata[i]);
}

static void
add_address (GstRcastIcePath * path, const gchar * address)
{
  NiceAddress nice;

  nice_address_init (&nice);
  if (!nice_address_set_from_string (&nice, address)
      || !nice_agent_add_local_address (path->agent, &nice))
    GST_WARNING ("path %u: bad address %s, going on without", path->id,
        address);
}

static void
configure (GstRcastIcePath * path, const GstRcastIcePathConfig * config)
{
  const GstRcastIceSettings *settings = config->settings;

  g_object_set (path->agent, "upnp", FALSE, "ice-tcp", settings->ice_tcp,
      "ice-udp", settings->ice_udp, "force-relay", settings->force_relay,
      "controlling-mode", settings->controlling,
      "keepalive-conncheck", TRUE, NULL);
  if (config->address) {
    add_address (path, config->address);
  } else {
    for (guint i = 0; i < settings->addresses->len; i++)
      add_address (path, settings->addresses->pdata[i]);
  }
  path->stream_id = nice_agent_add_stream (path->agent, 1);
  if (settings->min_port != 0 || settings->max_port != 65535)
    nice_agent_set_port_range (path->agent, path->stream_id,
        NICE_COMPONENT_TYPE_RTP, settings->min_port, settings->max_port);
  if (config->tos >= 0)
    nice_agent_set_stream_tos (path->agent, path->stream_id, config->tos);
  add_servers (path, settings);
  nice_agent_set_local_credentials (path->agent, path->stream_id,
      config->ufrag, config->password);
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

/* On the agent's thread, like all that follows unless said otherwise. */
GstRcastIcePath *
gst_rcast_ice_path_new (const GstRcastIcePathConfig * config,
    const GstRcastIcePathEvents * events, gpointer data)
{
  static gsize once = 0;
  GstRcastIcePath *path = g_new0 (GstRcastIcePath, 1);

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_ice_path_debug, "rcasticepath", 0,
        "One path of the ICE agent");
    g_once_init_leave (&once, 1);
  }
  g_atomic_ref_count_init (&path->ref_count);
  g_mutex_init (&path->lock);
  path->loop = gst_rcast_ice_loop_ref (config->loop);
  path->id = config->id;
  path->address = g_strdup (config->address);
  path->events = *events;
  path->data = data;
  path->state = NICE_COMPONENT_STATE_DISCONNECTED;
  /* libnice's consent freshness is left off: it expires after 10 s and two
   * lost checks. Authenticated keep-alives every 4 to 6 s are on. */
  path->agent = nice_agent_new_full
      (gst_rcast_ice_loop_get_context (config->loop),
      NICE_COMPATIBILITY_RFC5245,
      NICE_AGENT_OPTION_ICE_TRICKLE | NICE_AGENT_OPTION_REGULAR_NOMINATION);
  configure (path, config);
  path->handlers[HANDLER_STATE] = connect_handler (path,
      "component-state-changed", G_CALLBACK (on_state));
  path->handlers[HANDLER_PAIR] = connect_handler (path,
      "new-selected-pair-full", G_CALLBACK (on_pair));
  path->handlers[HANDLER_GATHERED] = connect_handler (path,
      "candidate-gathering-done", G_CALLBACK (on_gathered));
  path->handlers[HANDLER_CANDIDATE] = connect_handler (path,
      "new-candidate-full", G_CALLBACK (on_candidate));
  nice_agent_attach_recv (path->agent, path->stream_id,
      NICE_COMPONENT_TYPE_RTP, gst_rcast_ice_loop_get_context (config->loop),
      on_received, path);
  return path;
}

static void
closed_done (GObject * agent, GAsyncResult * result, gpointer data)
{
  GstRcastIcePath *path = data;

  /* Here, and not with the last reference: that may fall on a streaming
   * thread while this one is dispatching the agent's sockets. */
  nice_agent_remove_stream (path->agent, path->stream_id);
  gst_rcast_ice_loop_release (path->loop);
  gst_rcast_ice_path_unref (path);
}

/* Gives the sockets and TURN allocations back. A second call does nothing. */
void
gst_rcast_ice_path_close (GstRcastIcePath * path)
{
  if (path->closed)
    return;
  path->closed = TRUE;
  for (guint i = 0; i < N_HANDLERS; i++)
    g_signal_handler_disconnect (path->agent, path->handlers[i]);
  gst_rcast_ice_loop_hold (path->loop);
  nice_agent_close_async (path->agent, closed_done,
      gst_rcast_ice_path_ref (path));
}

gboolean
gst_rcast_ice_path_gather (GstRcastIcePath * path)
{
  return nice_agent_gather_candidates (path->agent, path->stream_id);
}

void
gst_rcast_ice_path_set_remote (GstRcastIcePath * path, const gchar * ufrag,
    const gchar * password)
{
  nice_agent_set_remote_credentials (path->agent, path->stream_id, ufrag,
      password);
}

/* Returns FALSE if libnice cannot read @candidate. */
gboolean
gst_rcast_ice_path_add_remote_candidate (GstRcastIcePath * path,
    const gchar * candidate)
{
  NiceCandidate *parsed = nice_agent_parse_remote_candidate_sdp (path->agent,
      path->stream_id, candidate);
  GSList *list;

  if (!parsed)
    return FALSE;
  /* All is multiplexed: there is no second component. */
  if (parsed->component_id == NICE_COMPONENT_TYPE_RTP) {
    list = g_slist_append (NULL, parsed);
    nice_agent_set_remote_candidates (path->agent, path->stream_id,
        NICE_COMPONENT_TYPE_RTP, list);
    g_slist_free (list);
  }
  nice_candidate_free (parsed);
  return TRUE;
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
  g_object_set (path->agent, "controlling-mode", controlling, NULL);
}

void
gst_rcast_ice_path_set_tos (GstRcastIcePath * path, gint tos)
{
  nice_agent_set_stream_tos (path->agent, path->stream_id, tos);
}

static void
set_buffer (GSocket * socket, gint option, gint size)
{
  g_autoptr (GError) error = NULL;

  if (size != 0
      && !g_socket_set_option (socket, SOL_SOCKET, option, size, &error))
    GST_WARNING ("buffer size of %d not set, using the system's: %s", size,
        error->message);
}

void
gst_rcast_ice_path_apply_buffers (GstRcastIcePath * path, gint send_buffer,
    gint receive_buffer)
{
  GPtrArray *sockets = nice_agent_get_sockets (path->agent, path->stream_id,
      NICE_COMPONENT_TYPE_RTP);

  if (!sockets)
    return;
  for (guint i = 0; i < sockets->len; i++) {
    set_buffer (sockets->pdata[i], SO_SNDBUF, send_buffer);
    set_buffer (sockets->pdata[i], SO_RCVBUF, receive_buffer);
  }
  g_ptr_array_unref (sockets);
}

NiceComponentState
gst_rcast_ice_path_get_state (GstRcastIcePath * path)
{
  return path->state;
}

gboolean
gst_rcast_ice_path_is_gathered (GstRcastIcePath * path)
{
  return path->gathered;
}

/* Whether media can go out on it. */
gboolean
gst_rcast_ice_path_is_working (GstRcastIcePath * path)
{
  return path->has_pair && !path->closed
      && (path->state == NICE_COMPONENT_STATE_CONNECTED
      || path->state == NICE_COMPONENT_STATE_READY);
}

/* Any thread. Monotonic time of the last media, RTCP or DTLS; 0 if none. */
gint64
gst_rcast_ice_path_get_last_heard (GstRcastIcePath * path)
{
  gint64 last_heard;

  g_mutex_lock (&path->lock);
  last_heard = path->last_heard;
  g_mutex_unlock (&path->lock);
  return last_heard;
}

/* Any thread. Returns how many were handed to the system. */
guint
gst_rcast_ice_path_send (GstRcastIcePath * path,
    const NiceOutputMessage * messages, guint n_messages)
{
  gint sent = nice_agent_send_messages_nonblocking (path->agent,
      path->stream_id, NICE_COMPONENT_TYPE_RTP, messages, n_messages, NULL,
      NULL);
  guint n_sent = MAX (sent, 0);
  gsize bytes = 0;

  for (guint i = 0; i < n_sent; i++)
    bytes += messages[i].buffers->size;
  g_mutex_lock (&path->lock);
  path->sent_packets += n_sent;
  path->sent_bytes += bytes;
  path->send_errors += n_messages - n_sent;
  g_mutex_unlock (&path->lock);
  return n_sent;
}


/* Any thread. The candidates are copies. */
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

/* Any thread. Free with nice_candidate_free(). */
GSList *
gst_rcast_ice_path_get_candidates (GstRcastIcePath * path, gboolean local)
{
  return local ?
      nice_agent_get_local_candidates (path->agent, path->stream_id,
      NICE_COMPONENT_TYPE_RTP) :
      nice_agent_get_remote_candidates (path->agent, path->stream_id,
      NICE_COMPONENT_TYPE_RTP);
}

/* Any thread. */
GstStructure *
gst_rcast_ice_path_get_stats (GstRcastIcePath * path)
{
  GstStructure *stats;

  g_mutex_lock (&path->lock);
  stats = gst_structure_new ("application/x-rcast-ice-path",
      "id", G_TYPE_UINT, path->id,
      "packets-sent", G_TYPE_UINT64, path->sent_packets,
      "bytes-sent", G_TYPE_UINT64, path->sent_bytes,
      "send-errors", G_TYPE_UINT64, path->send_errors,
      "packets-received", G_TYPE_UINT64, path->received_packets,
      "bytes-received", G_TYPE_UINT64, path->received_bytes, NULL);
  g_mutex_unlock (&path->lock);
  return stats;
}
