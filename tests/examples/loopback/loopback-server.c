/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The server: WHIP and WHEP endpoints over sessions and channels. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "loopback-server.h"

#include <string.h>

#include "loopback-http.h"

#define MAX_SESSIONS 256
#define MAX_ENDED 64
/* The interval of checks for silent sessions */
#define TICK_MS 100
#define FRAGMENT_TYPE "application/trickle-ice-sdpfrag"
#define SDP_TYPE "application/sdp"
#define EVENTS_REL "urn:ietf:params:whep:ext:core:server-sent-events"
#define PAGE_PREFIX "/gst-rcast/loopback/page"

/* A request to an endpoint or session, until the answer */
typedef struct
{
  LoopbackServer *server;
  SoupServerMessage *message;   /* NULL once the client is gone */
  gulong finished_id;
  gboolean paused;
  guint timer;
  LoopbackRole role;
  gchar *name;
  gchar *id;                    /* NULL: the endpoint */
  LoopbackSession *session;     /* the session that the request makes or changes */
} Exchange;

static void handle_exchange (Exchange * exchange);

/* {{{ sessions and channels */

static void
free_entry (LoopbackEntry * entry)
{
  loopback_session_close (entry->session, "stopped");
  g_object_unref (entry->session);
  g_free (entry->etag);
  g_free (entry->query);
  g_free (entry);
}

static gchar *
make_etag (LoopbackServer * server)
{
  const gchar *form = server->faults->etag;

  if (g_str_equal (form, "none"))
    return NULL;
  if (g_str_equal (form, "star"))
    return g_strdup ("*");
  if (g_str_equal (form, "unquoted"))
    return g_strdup_printf ("%08x", g_random_int ());
  return g_strdup_printf ("\"%08x\"", g_random_int ());
}

static GPtrArray *
list_sessions (LoopbackServer * server)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (g_object_unref);
  LoopbackEntry *entry;
  GHashTableIter iter;

  g_hash_table_iter_init (&iter, server->entries);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) & entry))
    g_ptr_array_add (list, g_object_ref (entry->session));
  return list;
}

static void
keep_ended (LoopbackServer * server, LoopbackSession * session,
    const gchar * reason)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  JsonNode *node;

  loopback_session_describe (session, json);
  node = json_builder_get_root (json);
  json_object_set_string_member (json_node_get_object (node), "reason", reason);
  g_queue_push_tail (&server->ended, node);
  if (server->ended.length > MAX_ENDED)
    json_node_unref (g_queue_pop_head (&server->ended));
}

static void
on_session_state (LoopbackSession * session, LoopbackSessionState state,
    const gchar * reason, gpointer user_data)
{
  static const gchar *states[] = { "new", "connecting", "connected",
    "closed"
  };
  LoopbackServer *server = user_data;

  if (!server->quiet)
    g_print ("event=session role=%s name=%s id=%s state=%s reason=\"%s\"\n",
        loopback_role_nick (loopback_session_get_role (session)),
        loopback_channel_get_name (loopback_session_get_channel (session)),
        loopback_session_get_id (session), states[state], reason);
  if (state != LOOPBACK_SESSION_CLOSED)
    return;
  keep_ended (server, session, reason);
  g_hash_table_remove (server->entries, loopback_session_get_id (session));
}

/* A publisher returned: ends its old session, and the sessions of viewers that cannot decode the
 * new codec. */
static void
on_switched (LoopbackChannel * channel, guint source, gpointer user_data)
{
  LoopbackServer *server = user_data;
  g_autoptr (GPtrArray) sessions = list_sessions (server);

  if (!server->quiet)
    g_print ("event=live name=%s source=%u\n",
        loopback_channel_get_name (channel), source);
  for (guint i = 0; i < sessions->len; i++) {
    LoopbackSession *session = g_ptr_array_index (sessions, i);

    if (loopback_session_get_channel (session) != channel)
      continue;
    if (loopback_session_get_role (session) == LOOPBACK_ROLE_VIEWER) {
      if (!loopback_session_fits (session))
        loopback_session_close (session, "codec-changed");
    } else if (loopback_session_get_source (session) < source) {
      loopback_session_close (session, "replaced");
    }
  }
}

static LoopbackChannel *
get_channel (LoopbackServer * server, const gchar * name)
{
  LoopbackChannel *channel = g_hash_table_lookup (server->channels, name);

  if (channel)
    return channel;
  channel = loopback_channel_new (name, on_switched, server);
  loopback_channel_set_drop (channel, server->faults->drop_out);
  g_hash_table_insert (server->channels, g_strdup (name), channel);
  return channel;
}

/* Returns: whether @channel has a publisher, by the rules of stream-timeout-ms */
static gboolean
is_published (LoopbackServer * server, LoopbackChannel * channel)
{
  guint timeout = server->faults->stream_timeout_ms;
  LoopbackEntry *entry;
  GHashTableIter iter;

  if (timeout == 0 || !loopback_channel_is_live (channel))
    return loopback_channel_is_live (channel);
  g_hash_table_iter_init (&iter, server->entries);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) & entry))
    if (loopback_session_get_channel (entry->session) == channel
        && loopback_session_get_role (entry->session)
        == LOOPBACK_ROLE_PUBLISHER
        && loopback_session_get_silence_ms (entry->session) < timeout)
      return TRUE;
  return FALSE;
}

static void
look_at_stream (const gchar * name, gboolean * active, guint * viewers,
    gpointer user_data)
{
  LoopbackServer *server = user_data;
  LoopbackChannel *channel = get_channel (server, name);
  LoopbackEntry *entry;
  GHashTableIter iter;

  *active = is_published (server, channel);
  *viewers = 0;
  g_hash_table_iter_init (&iter, server->entries);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) & entry))
    if (loopback_session_get_channel (entry->session) == channel
        && loopback_session_get_role (entry->session) == LOOPBACK_ROLE_VIEWER)
      (*viewers)++;
}

/* Ends a viewer's session without a publisher, as some servers do. */
static gboolean
end_viewer (LoopbackServer * server, LoopbackSession * session)
{
  if (!g_str_equal (server->faults->viewers, "end")
      || loopback_session_get_role (session) != LOOPBACK_ROLE_VIEWER
      || is_published (server, loopback_session_get_channel (session)))
    return FALSE;
  loopback_session_close (session, "no-stream");
  return TRUE;
}

static gboolean
reap_silent (gpointer user_data)
{
  LoopbackServer *server = user_data;
  g_autoptr (GPtrArray) sessions = list_sessions (server);

  loopback_events_update (server->events);
  for (guint i = 0; i < sessions->len; i++) {
    LoopbackSession *session = g_ptr_array_index (sessions, i);

    if (end_viewer (server, session))
      continue;
    if (loopback_session_get_silence_ms (session)
        < server->faults->session_timeout_ms
        || g_str_equal (server->faults->ghosts, "keep"))
      continue;
    server->n_reaped++;
    loopback_session_close (session, "silent");
  }
  return G_SOURCE_CONTINUE;
}

static gboolean
is_meant (LoopbackSession * session, const gchar * which)
{
  return g_str_equal (which, "*")
      || g_str_equal (which, loopback_session_get_id (session))
      || g_str_equal (which,
      loopback_channel_get_name (loopback_session_get_channel (session)));
}

guint
loopback_server_forget (LoopbackServer * server, const gchar * which)
{
  LoopbackEntry *entry;
  GHashTableIter iter;
  guint n = 0;

  g_hash_table_iter_init (&iter, server->entries);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) & entry))
    if (is_meant (entry->session, which)) {
      entry->forgotten = TRUE;
      n++;
    }
  return n;
}

guint
loopback_server_kick (LoopbackServer * server, const gchar * which)
{
  g_autoptr (GPtrArray) sessions = list_sessions (server);
  guint n = 0;

  for (guint i = 0; i < sessions->len; i++) {
    LoopbackSession *session = g_ptr_array_index (sessions, i);

    if (!is_meant (session, which))
      continue;
    loopback_session_close (session, "kicked");
    n++;
  }
  return n;
}

void
loopback_server_apply_faults (LoopbackServer * server)
{
  LoopbackChannel *channel;
  LoopbackEntry *entry;
  GHashTableIter iter;

  g_hash_table_iter_init (&iter, server->channels);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) & channel))
    loopback_channel_set_drop (channel, server->faults->drop_out);
  g_hash_table_iter_init (&iter, server->entries);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) & entry))
    if (loopback_session_get_role (entry->session) == LOOPBACK_ROLE_PUBLISHER)
      loopback_session_set_drop (entry->session, server->faults->drop_in);
}

/* }}} */

/* {{{ exchanges */

static void
free_exchange (Exchange * exchange)
{
  g_clear_handle_id (&exchange->timer, g_source_remove);
  if (exchange->message) {
    g_signal_handler_disconnect (exchange->message, exchange->finished_id);
    g_object_unref (exchange->message);
  }
  g_clear_object (&exchange->session);
  g_free (exchange->name);
  g_free (exchange->id);
  g_free (exchange);
}

/* The client closed the connection before the answer. */
static void
on_client_gone (SoupServerMessage * message, Exchange * exchange)
{
  LoopbackSession *session = exchange->session;

  g_signal_handler_disconnect (exchange->message, exchange->finished_id);
  g_clear_object (&exchange->message);
  if (session == NULL) {
    free_exchange (exchange);
    return;
  }
  /* The completion of the session's operation frees the exchange. */
  if (exchange->id == NULL)
    loopback_session_close (session, "client-gone");
}

static void
wait_for_reply (Exchange * exchange)
{
  if (exchange->paused)
    return;
  exchange->paused = TRUE;
  soup_server_message_pause (exchange->message);
}

/* Sends the complete message. */
static void
finish_exchange (Exchange * exchange)
{
  if (exchange->message && exchange->paused)
    soup_server_message_unpause (exchange->message);
  free_exchange (exchange);
}

static void
set_header (Exchange * exchange, const gchar * name, const gchar * value)
{
  soup_message_headers_replace (soup_server_message_get_response_headers
      (exchange->message), name, value);
}

static const gchar *
get_header (Exchange * exchange, const gchar * name)
{
  return soup_message_headers_get_list
      (soup_server_message_get_request_headers (exchange->message), name);
}

static void
refuse (Exchange * exchange, guint status, const gchar * detail)
{
  const gchar *retry_after = exchange->server->faults->retry_after;

  if ((status == 409 || status == 429 || status == 503) && retry_after)
    set_header (exchange, "Retry-After", retry_after);
  if (status == 401)
    set_header (exchange, "WWW-Authenticate", "Bearer realm=\"rcast\"");
  if (status == 415)
    set_header (exchange, exchange->id ? "Accept-Patch" : "Accept-Post",
        exchange->id ? FRAGMENT_TYPE : SDP_TYPE);
  if (status == 405)
    set_header (exchange, "Allow", exchange->id ?
        "OPTIONS, GET, HEAD, PATCH, DELETE" : "OPTIONS, GET, HEAD, POST");
  loopback_http_problem (exchange->message, status, detail);
  finish_exchange (exchange);
}

static void
accept (Exchange * exchange, guint status, const gchar * type,
    const gchar * body)
{
  loopback_http_reply (exchange->message, status, type, body);
  finish_exchange (exchange);
}

static gboolean
is_method (Exchange * exchange, const gchar * method)
{
  return method && (g_str_equal (method, "*")
      || g_str_equal (method,
          soup_server_message_get_method (exchange->message)));
}

static gboolean
has_type (Exchange * exchange, const gchar * type)
{
  const gchar *value = soup_message_headers_get_content_type
      (soup_server_message_get_request_headers (exchange->message), NULL);

  return value && g_ascii_strcasecmp (value, type) == 0;
}

/* RFC 9725 4.7.1 */
static gboolean
has_token (LoopbackServer * server, SoupServerMessage * message)
{
  const gchar *token = server->faults->token;
  const gchar *value =
      soup_message_headers_get_list (soup_server_message_get_request_headers
      (message), "Authorization");

  if (token == NULL)
    return TRUE;
  return value && g_ascii_strncasecmp (value, "Bearer ", 7) == 0
      && g_str_equal (value + 7, token);
}

/* }}} */

/* {{{ POST */

static gchar *
make_location (Exchange * exchange, const LoopbackEntry * entry)
{
  const gchar *form = exchange->server->faults->location;
  const gchar *base = exchange->role == LOOPBACK_ROLE_PUBLISHER ? "whip"
      : "whep";
  const gchar *id = loopback_session_get_id (entry->session);
  g_autofree gchar *path = NULL;

  path = g_strdup_printf ("%s/%s%s%s", exchange->name, id,
      entry->query ? "?" : "", entry->query ? entry->query : "");
  if (g_str_equal (form, "relative"))
    return g_steal_pointer (&path);
  if (g_str_equal (form, "absolute")) {
    GUri *uri = soup_server_message_get_uri (exchange->message);

    return g_strdup_printf ("%s://%s:%d/%s/%s", g_uri_get_scheme (uri),
        g_uri_get_host (uri), g_uri_get_port (uri), base, path);
  }
  return g_strdup_printf ("/%s/%s", base, path);
}

static void
set_links (Exchange * exchange)
{
  LoopbackFaults *faults = exchange->server->faults;
  g_autofree gchar *link = NULL;

  if (faults->link)
    set_header (exchange, "Link", faults->link);
  if (exchange->role != LOOPBACK_ROLE_VIEWER
      || g_str_equal (faults->events, "none"))
    return;
  link = g_strdup_printf ("</events/%s>; rel=\"" EVENTS_REL "\"; "
      "events=\"active,inactive,reconnect,viewercount\"", exchange->name);
  soup_message_headers_append (soup_server_message_get_response_headers
      (exchange->message), "Link", link);
}

/* Closes the connection without an answer. */
static void
cut_exchange (Exchange * exchange)
{
  g_autoptr (SoupServerMessage) message = g_object_ref (exchange->message);
  g_autoptr (GIOStream) stream = NULL;

  free_exchange (exchange);
  stream = soup_server_message_steal_connection (message);
  g_io_stream_close (stream, NULL, NULL);
}

static void
on_answered (GObject * source, GAsyncResult * result, gpointer user_data)
{
  Exchange *exchange = user_data;
  LoopbackServer *server = exchange->server;
  LoopbackSession *session = LOOPBACK_SESSION (source);
  g_autoptr (GError) error = NULL;
  g_autofree gchar *location = NULL;
  g_autofree gchar *answer = NULL;
  LoopbackEntry *entry;

  answer = loopback_session_negotiate_finish (session, result, &error);
  if (exchange->message == NULL) {
    free_exchange (exchange);
    return;
  }
  entry = g_hash_table_lookup (server->entries,
      loopback_session_get_id (session));
  if (answer == NULL || entry == NULL) {
    g_object_ref (session);
    refuse (exchange, error ? (guint) error->code : 500,
        error ? error->message : "the session has ended");
    loopback_session_close (session, "not-negotiated");
    g_object_unref (session);
    return;
  }
  if (loopback_faults_take (&server->faults->lose_answer)) {
    cut_exchange (exchange);
    return;
  }
  location = make_location (exchange, entry);
  if (!g_str_equal (server->faults->location, "none"))
    set_header (exchange, "Location", location);
  if (entry->etag)
    set_header (exchange, "ETag", entry->etag);
  set_links (exchange);
  accept (exchange, loopback_session_wants_answer (session) ?
      server->faults->counter_offer : 201, SDP_TYPE, answer);
}

static GstCaps *
get_source_caps (gboolean video, guint index, gpointer user_data)
{
  return loopback_channel_get_caps (user_data, video, index);
}

static gboolean
has_publisher (LoopbackServer * server, LoopbackChannel * channel)
{
  LoopbackEntry *entry;
  GHashTableIter iter;

  g_hash_table_iter_init (&iter, server->entries);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) & entry))
    if (loopback_session_get_channel (entry->session) == channel
        && loopback_session_get_role (entry->session)
        == LOOPBACK_ROLE_PUBLISHER)
      return TRUE;
  return FALSE;
}

/* Returns: (nullable): NULL if the session needs no door */
static LoopbackDoor *
open_door (Exchange * exchange)
{
  LoopbackServer *server = exchange->server;
  g_autoptr (GError) error = NULL;
  LoopbackDoor *door = NULL;

  if (exchange->role == LOOPBACK_ROLE_PUBLISHER
      && g_strcmp0 (server->faults->restart_answer, "bare") == 0)
    door = loopback_door_new (server->ice_address ? server->ice_address :
        "127.0.0.1", &error);
  if (error)
    g_warning ("no port for all restarts: %s", error->message);
  return door;
}

static void
start_session (Exchange * exchange, GstSDPMessage * offer, GPtrArray * lines)
{
  LoopbackServer *server = exchange->server;
  LoopbackEntry *entry = g_new0 (LoopbackEntry, 1);
  LoopbackDoor *door = open_door (exchange);

  /* With a door, the agent is on loopback: no other way leads to it. */
  entry->session = loopback_session_new (exchange->role,
      get_channel (server, exchange->name),
      door ? "127.0.0.1" : server->ice_address, on_session_state, server);
  loopback_session_set_door (entry->session, door);
  entry->etag = make_etag (server);
  entry->query = g_strdup (server->faults->location_query);
  if (exchange->role == LOOPBACK_ROLE_PUBLISHER)
    loopback_session_set_drop (entry->session, server->faults->drop_in);
  if (exchange->role == LOOPBACK_ROLE_PUBLISHER)
    loopback_session_set_intervals (entry->session, server->faults->report_ms,
        server->faults->feedback_ms, server->faults->latency_ms);
  if (exchange->role == LOOPBACK_ROLE_PUBLISHER
      && g_str_equal (server->faults->feedback, "ccfb"))
    loopback_session_name_packets (entry->session);
  if (exchange->role == LOOPBACK_ROLE_PUBLISHER && server->frames)
    loopback_session_tell_frames (entry->session);
  g_hash_table_insert (server->entries,
      g_strdup (loopback_session_get_id (entry->session)), entry);
  server->n_sessions++;
  exchange->session = g_object_ref (entry->session);
  wait_for_reply (exchange);
  if (exchange->role == LOOPBACK_ROLE_VIEWER && server->faults->counter_offer) {
    gst_sdp_message_free (offer);
    loopback_session_offer_async (exchange->session, lines, on_answered,
        exchange);
  } else {
    loopback_session_answer_async (exchange->session, offer, lines,
        on_answered, exchange);
  }
}

static void
handle_post (Exchange * exchange)
{
  LoopbackServer *server = exchange->server;
  LoopbackFaults *faults = server->faults;
  LoopbackChannel *channel = get_channel (server, exchange->name);
  gboolean viewer = exchange->role == LOOPBACK_ROLE_VIEWER;
  SoupMessageBody *body =
      soup_server_message_get_request_body (exchange->message);
  g_autoptr (GPtrArray) lines = NULL;
  g_autoptr (GError) error = NULL;
  GstSDPMessage *offer;

  if (faults->redirect_url && loopback_faults_take (&faults->redirect_count)) {
    set_header (exchange, "Location", faults->redirect_url);
    accept (exchange, faults->redirect_status, NULL, NULL);
    return;
  }
  if (!has_type (exchange, SDP_TYPE)) {
    refuse (exchange, 415, "an offer is " SDP_TYPE);
    return;
  }
  if (!loopback_http_accepts (get_header (exchange, "Accept"), SDP_TYPE)) {
    refuse (exchange, 406, "an answer is " SDP_TYPE);
    return;
  }
  if (viewer && !is_published (server, channel)) {
    refuse (exchange, faults->no_stream_status, "nobody publishes here now");
    return;
  }
  if (!viewer && faults->refuse_second && has_publisher (server, channel)) {
    refuse (exchange, faults->refuse_second, "in use");
    return;
  }
  if (!viewer && g_str_equal (faults->on_duplicate, "conflict")
      && has_publisher (server, channel)) {
    refuse (exchange, 409, "somebody publishes here already");
    return;
  }
  if (g_hash_table_size (server->entries) >= MAX_SESSIONS) {
    refuse (exchange, 503, "too many sessions");
    return;
  }
  offer = gst_rcast_sdp_parse (body->data, (gssize) body->length, &error);
  if (offer == NULL) {
    refuse (exchange, 400, error->message);
    return;
  }
  if (!viewer)
    loopback_offer_reduce (offer, faults->feedback, faults->rtx);
  lines = loopback_offer_choose (offer, exchange->role,
      viewer ? NULL : faults->codecs, viewer ? get_source_caps : NULL,
      channel, &error);
  if (lines == NULL) {
    gst_sdp_message_free (offer);
    refuse (exchange, (guint) error->code, error->message);
    return;
  }
  start_session (exchange, offer, lines);
}

/* }}} */

/* {{{ PATCH */

static void
on_restarted (GObject * source, GAsyncResult * result, gpointer user_data)
{
  Exchange *exchange = user_data;
  LoopbackServer *server = exchange->server;
  LoopbackSession *session = LOOPBACK_SESSION (source);
  g_autoptr (GError) error = NULL;
  g_autofree gchar *fragment = NULL;
  LoopbackEntry *entry;

  fragment = loopback_session_negotiate_finish (session, result, &error);
  entry = g_hash_table_lookup (server->entries,
      loopback_session_get_id (session));
  if (fragment && entry) {
    g_free (entry->etag);
    entry->etag = make_etag (server);
  }
  if (exchange->message == NULL) {
    free_exchange (exchange);
    return;
  }
  if (fragment == NULL || entry == NULL) {
    refuse (exchange, error ? (guint) error->code : 500,
        error ? error->message : "the session has ended");
    return;
  }
  if (entry->etag)
    set_header (exchange, "ETag", entry->etag);
  accept (exchange, 200, FRAGMENT_TYPE, fragment);
}

/* RFC 9725 4.3.1: 422 if the server supports one of trickle and restart, 405 if neither */
static guint
get_refuse_status (const LoopbackFaults * faults)
{
  if (faults->refuse_status)
    return faults->refuse_status;
  return faults->trickle || faults->restart ? 422 : 405;
}

static void
patch_session (Exchange * exchange, LoopbackEntry * entry,
    const GstRcastSdpFragment * fragment)
{
  LoopbackFaults *faults = exchange->server->faults;

  if (!loopback_session_is_restart (entry->session, fragment)) {
    if (!faults->trickle) {
      refuse (exchange, get_refuse_status (faults), "no trickle here");
      return;
    }
    loopback_session_add_candidates (entry->session, fragment);
    accept (exchange, 204, NULL, NULL);
    return;
  }
  if (!faults->restart) {
    refuse (exchange, get_refuse_status (faults), "no ICE restart here");
    return;
  }
  if (faults->restart_status) {
    if (faults->restart_status < 300)
      accept (exchange, faults->restart_status, NULL, NULL);
    else
      refuse (exchange, faults->restart_status, "no ICE restart now");
    return;
  }
  exchange->session = g_object_ref (entry->session);
  wait_for_reply (exchange);
  loopback_session_restart_async (entry->session, fragment, on_restarted,
      exchange);
}

static void
on_agreed (GObject * source, GAsyncResult * result, gpointer user_data)
{
  Exchange *exchange = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *taken =
      loopback_session_negotiate_finish (LOOPBACK_SESSION (source), result,
      &error);

  if (exchange->message == NULL)
    free_exchange (exchange);
  else if (taken)
    accept (exchange, 204, NULL, NULL);
  else
    refuse (exchange, (guint) error->code, error->message);
}

/* The viewer's answer to our offer */
static void
take_answer (Exchange * exchange, LoopbackEntry * entry)
{
  SoupMessageBody *body =
      soup_server_message_get_request_body (exchange->message);
  g_autoptr (GError) error = NULL;
  GstSDPMessage *answer =
      gst_rcast_sdp_parse (body->data, (gssize) body->length, &error);

  if (answer == NULL) {
    refuse (exchange, 400, error->message);
    return;
  }
  exchange->session = g_object_ref (entry->session);
  wait_for_reply (exchange);
  loopback_session_agree_async (entry->session, answer, on_agreed, exchange);
}

static void
handle_patch (Exchange * exchange, LoopbackEntry * entry)
{
  LoopbackFaults *faults = exchange->server->faults;
  SoupMessageBody *body =
      soup_server_message_get_request_body (exchange->message);
  g_autoptr (GstRcastSdpFragment) fragment = NULL;
  g_autoptr (GError) error = NULL;

  if (has_type (exchange, SDP_TYPE)
      && loopback_session_wants_answer (entry->session)) {
    take_answer (exchange, entry);
    return;
  }
  if (!faults->trickle && !faults->restart) {
    refuse (exchange, get_refuse_status (faults), "no PATCH here");
    return;
  }
  if (!has_type (exchange, FRAGMENT_TYPE)) {
    refuse (exchange, 415, "a fragment is " FRAGMENT_TYPE);
    return;
  }
  switch (loopback_http_match (get_header (exchange, "If-Match"), entry->etag)) {
    case LOOPBACK_MATCH_ABSENT:
      if (entry->etag == NULL)
        break;
      refuse (exchange, 428, "If-Match is missing");
      return;
    case LOOPBACK_MATCH_NOT:
      refuse (exchange, 412, "that is not the present ICE session");
      return;
    case LOOPBACK_MATCH_ANY:
    case LOOPBACK_MATCH_TAG:
      break;
  }
  fragment = gst_rcast_sdp_fragment_parse (body->data, (gssize) body->length,
      &error);
  if (fragment == NULL) {
    refuse (exchange, 400, error->message);
    return;
  }
  patch_session (exchange, entry, fragment);
}

/* }}} */

static void
handle_options (Exchange * exchange)
{
  const gchar *link = exchange->server->faults->link;

  set_header (exchange, "Access-Control-Allow-Methods",
      "OPTIONS, GET, HEAD, POST, PATCH, DELETE");
  set_header (exchange, "Access-Control-Allow-Headers",
      "Authorization, Content-Type, If-Match");
  set_header (exchange, exchange->id ? "Accept-Patch" : "Accept-Post",
      exchange->id ? FRAGMENT_TYPE : SDP_TYPE);
  if (link && exchange->server->faults->link_on_options)
    set_header (exchange, "Link", link);
  accept (exchange, 200, NULL, NULL);
}

static LoopbackEntry *
find_entry (Exchange * exchange)
{
  LoopbackEntry *entry = g_hash_table_lookup (exchange->server->entries,
      exchange->id);
  const gchar *query = g_uri_get_query (soup_server_message_get_uri
      (exchange->message));

  if (entry == NULL || entry->forgotten
      || loopback_session_get_role (entry->session) != exchange->role
      || g_strcmp0 (loopback_channel_get_name (loopback_session_get_channel
              (entry->session)), exchange->name) != 0)
    return NULL;
  if (entry->query && g_strcmp0 (entry->query, query) != 0)
    return NULL;
  return entry;
}

static void
handle_session (Exchange * exchange)
{
  LoopbackEntry *entry = find_entry (exchange);

  if (entry == NULL) {
    refuse (exchange, 404, "no such session");
    return;
  }
  if (is_method (exchange, "PATCH")) {
    handle_patch (exchange, entry);
    return;
  }
  if (is_method (exchange, "DELETE")) {
    LoopbackSession *session = g_object_ref (entry->session);

    accept (exchange, 200, NULL, NULL);
    loopback_session_close (session, "deleted");
    g_object_unref (session);
    return;
  }
  if (is_method (exchange, "GET") || is_method (exchange, "HEAD")) {
    accept (exchange, 204, NULL, NULL);
    return;
  }
  refuse (exchange, 405, "not on a session");
}

static void
handle_endpoint (Exchange * exchange)
{
  if (is_method (exchange, "POST")) {
    handle_post (exchange);
    return;
  }
  /* The WHEP draft: HEAD identifies a WHEP endpoint. */
  if (is_method (exchange, "HEAD")
      && exchange->role == LOOPBACK_ROLE_VIEWER) {
    accept (exchange, 200, SDP_TYPE, "");
    return;
  }
  if (is_method (exchange, "GET") || is_method (exchange, "HEAD")) {
    accept (exchange, 204, NULL, NULL);
    return;
  }
  refuse (exchange, 405, "not on an endpoint");
}

/* Answers as a proxy, or as another server at this address, does while the server starts. */
static void
refuse_at_start (Exchange * exchange, guint status)
{
  if (status == 200)
    accept (exchange, 200, "text/html", "<html>It works!</html>");
  else
    refuse (exchange, status, "not ready");
}

static void
handle_exchange (Exchange * exchange)
{
  LoopbackFaults *faults = exchange->server->faults;
  gboolean preflight = is_method (exchange, "OPTIONS")
      && get_header (exchange, "Access-Control-Request-Method") != NULL;

  if (g_get_monotonic_time () - exchange->server->start_us
      < (gint64) faults->start_404 * 1000) {
    refuse_at_start (exchange, faults->start_status);
    return;
  }
  if (faults->fail_status != 0 && is_method (exchange, faults->fail_method)
      && loopback_faults_take (&faults->fail_count)) {
    refuse (exchange, faults->fail_status, "told to fail");
    return;
  }
  if (!preflight && !has_token (exchange->server, exchange->message)) {
    refuse (exchange, faults->token_status, "a token is needed");
    return;
  }
  if (loopback_http_is_too_large (exchange->message))
    refuse (exchange, 413, "the body is too large");
  else if (is_method (exchange, "OPTIONS"))
    handle_options (exchange);
  else if (exchange->id)
    handle_session (exchange);
  else
    handle_endpoint (exchange);
}

static gboolean
on_delay_over (gpointer user_data)
{
  Exchange *exchange = user_data;

  exchange->timer = 0;
  handle_exchange (exchange);
  return G_SOURCE_REMOVE;
}

/* Parses NAME or NAME/ID; NAME has only unreserved characters of a URL. */
static gboolean
parse_path (Exchange * exchange, const gchar * path)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", 4);
  guint n = g_strv_length (parts);

  if (n < 3 || n > 4 || *parts[0] || *parts[2] == '\0'
      || strlen (parts[2]) > 64)
    return FALSE;
  for (const gchar * c = parts[2]; *c; c++)
    if (!g_ascii_isalnum (*c) && !strchr ("-_.~", *c))
      return FALSE;
  exchange->name = g_strdup (parts[2]);
  if (n == 4 && *parts[3])
    exchange->id = g_strdup (parts[3]);
  return TRUE;
}

static void
on_request (LoopbackServer * server, SoupServerMessage * message,
    const gchar * path, LoopbackRole role)
{
  LoopbackFaults *faults = server->faults;
  Exchange *exchange = g_new0 (Exchange, 1);
  guint delay;

  exchange->server = server;
  exchange->message = g_object_ref (message);
  exchange->finished_id = g_signal_connect (message, "finished",
      G_CALLBACK (on_client_gone), exchange);
  exchange->role = role;
  if (!parse_path (exchange, path)) {
    refuse (exchange, 404, "no such endpoint");
    return;
  }
  if (is_method (exchange, faults->close)
      && loopback_faults_take (&faults->close_count)) {
    cut_exchange (exchange);
    return;
  }
  if (is_method (exchange, faults->hang)) {
    wait_for_reply (exchange);
    return;
  }
  delay = faults->delay_ms
      + (is_method (exchange, "PATCH") ? faults->delay_patch_ms : 0);
  if (delay == 0) {
    handle_exchange (exchange);
    return;
  }
  wait_for_reply (exchange);
  exchange->timer = g_timeout_add (delay, on_delay_over, exchange);
}

static void
on_whip (SoupServer * soup, SoupServerMessage * message, const gchar * path,
    GHashTable * query, gpointer user_data)
{
  loopback_control_log_request (user_data, message);
  on_request (user_data, message, path, LOOPBACK_ROLE_PUBLISHER);
}

static void
on_whep (SoupServer * soup, SoupServerMessage * message, const gchar * path,
    GHashTable * query, gpointer user_data)
{
  loopback_control_log_request (user_data, message);
  on_request (user_data, message, path, LOOPBACK_ROLE_VIEWER);
}

/* {{{ events of viewers */

static void
make_events (LoopbackServer * server, SoupServerMessage * message,
    const gchar * name)
{
  g_autofree gchar *id = loopback_events_make (server->events, name);
  g_autofree gchar *location = g_strdup_printf ("/events/%s/%s", name, id);

  if (id == NULL) {
    loopback_http_problem (message, 503, "too many streams of events");
    return;
  }
  soup_message_headers_replace (soup_server_message_get_response_headers
      (message), "Location", location);
  loopback_http_reply (message, 201, NULL, NULL);
}

/* /events/NAME is in the Link header; a POST there makes /events/NAME/ID. */
static void
on_events (SoupServer * soup, SoupServerMessage * message, const gchar * path,
    GHashTable * query, gpointer user_data)
{
  LoopbackServer *server = user_data;
  const gchar *method = soup_server_message_get_method (message);
  gboolean post = g_str_equal (server->faults->events, "post");
  g_auto (GStrv) parts = g_strsplit (path, "/", 5);
  guint n = g_strv_length (parts);
  const gchar *made = n == 4 ?
      loopback_events_find (server->events, parts[3]) : NULL;
  gboolean get = g_str_equal (method, "GET");

  loopback_control_log_request (server, message);
  if (g_str_equal (server->faults->events, "none") || n < 3 || n > 4
      || (n == 4 && g_strcmp0 (made, parts[2]) != 0))
    loopback_http_problem (message, 404, "no such events");
  else if (!has_token (server, message))
    loopback_http_problem (message, 401, "a token is needed");
  else if (get && (made || !post))
    loopback_events_stream (server->events, message, parts[2]);
  else if (g_str_equal (method, "POST") && !made && post)
    make_events (server, message, parts[2]);
  else if (g_str_equal (method, "DELETE") && made
      && loopback_events_end (server->events, parts[3]))
    loopback_http_reply (message, 200, NULL, NULL);
  else
    loopback_http_problem (message, 405, "not here");
}

/* }}} */

/* {{{ the local API and the page */

static void
on_stats (SoupServer * soup, SoupServerMessage * message, const gchar * path,
    GHashTable * query, gpointer user_data)
{
  g_autofree gchar *text = NULL;

  if (!g_str_equal (soup_server_message_get_method (message), "GET")) {
    loopback_http_problem (message, 405, "GET it");
    return;
  }
  text = loopback_control_describe (user_data);
  loopback_http_reply (message, 200, "application/json", text);
}

static void
on_control (SoupServer * soup, SoupServerMessage * message,
    const gchar * path, GHashTable * query, gpointer user_data)
{
  LoopbackServer *server = user_data;
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  g_autoptr (JsonBuilder) json = json_builder_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = NULL;
  g_autofree gchar *text = NULL;
  const gchar *method = soup_server_message_get_method (message);

  if (!loopback_http_is_local (message)) {
    loopback_http_problem (message, 403, "for this machine only");
    return;
  }
  if (loopback_http_is_too_large (message)) {
    loopback_http_problem (message, 413, "the body is too large");
    return;
  }
  if (g_str_equal (method, "POST")) {
    if (!loopback_control_set (server, body->data, (gsize) body->length,
            &error)) {
      loopback_http_problem (message, 400, error->message);
      return;
    }
  } else if (!g_str_equal (method, "GET")) {
    loopback_http_problem (message, 405, "GET or POST it");
    return;
  }
  loopback_faults_describe (server->faults, json);
  root = json_builder_get_root (json);
  text = json_to_string (root, TRUE);
  loopback_http_reply (message, 200, "application/json", text);
}

static void
on_page (SoupServer * soup, SoupServerMessage * message, const gchar * path,
    GHashTable * query, gpointer user_data)
{
  const gchar *name = g_str_equal (path, "/") ? "/index.html" : path;
  g_autofree gchar *resource = g_strconcat (PAGE_PREFIX, name, NULL);
  g_autofree gchar *type = NULL;
  g_autoptr (GBytes) bytes = NULL;
  gconstpointer data;
  gsize size;

  bytes = g_resources_lookup_data (resource, 0, NULL);
  if (bytes == NULL) {
    loopback_http_problem (message, 404, "no such page");
    return;
  }
  if (!g_str_equal (soup_server_message_get_method (message), "GET")) {
    loopback_http_problem (message, 405, "GET it");
    return;
  }
  type = g_strdup (g_str_has_suffix (name, ".js") ? "text/javascript" :
      g_str_has_suffix (name, ".css") ? "text/css" :
      "text/html; charset=utf-8");
  data = g_bytes_get_data (bytes, &size);
  soup_message_headers_replace (soup_server_message_get_response_headers
      (message), "Cache-Control", "no-store");
  soup_server_message_set_status (message, 200, NULL);
  soup_server_message_set_response (message, type, SOUP_MEMORY_COPY, data,
      size);
}

/* }}} */

LoopbackServer *
loopback_server_new (const gchar * host, guint port,
    const gchar * ice_address, GError ** error)
{
  g_autoptr (GSocketAddress) address = NULL;
  LoopbackServer *server;

  address = g_inet_socket_address_new_from_string (host, port);
  if (address == NULL) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "%s is no address", host);
    return NULL;
  }
  server = g_new0 (LoopbackServer, 1);
  server->soup = soup_server_new ("server-header", "rcast-loopback ", NULL);
  server->faults = loopback_faults_new ();
  server->ice_address = g_strdup (ice_address);
  server->start_us = g_get_monotonic_time ();
  server->channels = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      (GDestroyNotify) loopback_channel_unref);
  server->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      (GDestroyNotify) free_entry);
  server->events = loopback_events_new (look_at_stream, server);
  g_queue_init (&server->ended);
  g_queue_init (&server->requests);
  loopback_http_limit_body (server->soup, GST_RCAST_SDP_MAX_SIZE);
  soup_server_add_handler (server->soup, "/whip", on_whip, server, NULL);
  soup_server_add_handler (server->soup, "/whep", on_whep, server, NULL);
  soup_server_add_handler (server->soup, "/events", on_events, server, NULL);
  soup_server_add_handler (server->soup, "/stats", on_stats, server, NULL);
  soup_server_add_handler (server->soup, "/control", on_control, server, NULL);
  soup_server_add_handler (server->soup, NULL, on_page, server, NULL);
  if (!soup_server_listen (server->soup, address, 0, error)) {
    loopback_server_free (server);
    return NULL;
  }
  server->tick = g_timeout_add (TICK_MS, reap_silent, server);
  return server;
}

void
loopback_server_free (LoopbackServer * server)
{
  g_autoptr (GPtrArray) sessions = NULL;

  if (server == NULL)
    return;
  g_clear_handle_id (&server->tick, g_source_remove);
  sessions = list_sessions (server);
  for (guint i = 0; i < sessions->len; i++)
    loopback_session_close (g_ptr_array_index (sessions, i), "stopped");
  g_hash_table_unref (server->entries);
  g_hash_table_unref (server->channels);
  loopback_events_free (server->events);
  soup_server_disconnect (server->soup);
  g_object_unref (server->soup);
  g_queue_clear_full (&server->ended, (GDestroyNotify) json_node_unref);
  g_queue_clear_full (&server->requests, (GDestroyNotify) json_node_unref);
  loopback_faults_free (server->faults);
  g_free (server->ice_address);
  g_free (server);
}

gchar *
loopback_server_get_url (LoopbackServer * server)
{
  GSList *uris = soup_server_get_uris (server->soup);
  gchar *url = g_uri_to_string (uris->data);

  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  return url;
}
