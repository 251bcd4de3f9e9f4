/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The servers of a broadcast: their locations, and the signaller for each. */
#include "config.h"

#include "gstrcastservers.h"

#include <string.h>

#include "gstrcastschemes.h"

GST_DEBUG_CATEGORY_STATIC (rcast_servers_debug);
#define GST_CAT_DEFAULT rcast_servers_debug

/* The policy keeps the locations in a 32-bit set. */
#define MAX_LOCATIONS 32

/* One location; immutable. */
typedef struct
{
  gchar *uri;
  gchar *shown;                 /* without secrets */
} Server;

struct _GstRcastServers
{
  GstObject parent;

  GstRcastSpeakers *speakers;   /* constant */
  GWeakRef bin;                 /* constant */
  GstRcastDirection direction;  /* constant */

  Server *location;             /* OBJECT_LOCK; nullable */
  GPtrArray *locations;         /* OBJECT_LOCK; of Server */
  GPtrArray *order;             /* OBJECT_LOCK; of Server: the indices refer to it */
  GstRcastSignaller *current;   /* OBJECT_LOCK; owned by the speakers */
  GStrv tokens;                 /* OBJECT_LOCK; nullable: one for each of @locations */
  gchar *refusal;               /* OBJECT_LOCK; nullable: why the last location was refused */
  guint connect_limit;          /* OBJECT_LOCK; ms */
};

G_DEFINE_FINAL_TYPE_WITH_CODE (GstRcastServers, gst_rcast_servers,
    GST_TYPE_OBJECT, GST_DEBUG_CATEGORY_INIT (rcast_servers_debug,
        "rcastservers", 0, "gst-rcast: the servers and their signallers"));

static guint token_given;

static Server *
server_new (const gchar * uri, gchar * shown)
{
  Server *server = g_atomic_rc_box_new0 (Server);

  server->uri = g_strdup (uri);
  server->shown = shown;
  return server;
}

static void
server_clear (gpointer data)
{
  Server *server = data;

  g_free (server->uri);
  g_free (server->shown);
}

static void
server_unref (gpointer server)
{
  g_atomic_rc_box_release_full (server, server_clear);
}

/**
 * gst_rcast_servers_describe_location:
 * @location: any location, whether or not a signaller takes it
 *
 * Returns: (transfer full): the location without user name, password and query
 */
gchar *
gst_rcast_servers_describe_location (const gchar * location)
{
  const gchar *scheme_end = strstr (location, "://");
  const gchar *authority = scheme_end ? scheme_end + 3 : location;
  gsize size = strcspn (authority, "/?#");
  const gchar *at = g_strrstr_len (authority, size, "@");
  const gchar *host = at ? at + 1 : authority;
  gsize shown = strcspn (host, "?#");
  gboolean more = host[shown] != '\0';

  return g_strdup_printf ("%.*s%.*s%s", (gint) (authority - location), location,
      (gint) (more ? shown + 1 : shown), host, more ? "…" : "");
}

/* Returns an element to check a location with: a new one, or the application's own signaller, as
 * there is no way to make another of its kind. Returns: (transfer full) (nullable) */
static GstRcastSignaller *
get_sample (GstRcastServers * self, const gchar * scheme)
{
  GstRcastSignaller *set = gst_rcast_speakers_dup_set (self->speakers, scheme);

  return set ? set : gst_rcast_speakers_make (self->speakers, scheme);
}

/* Whether no session can be open or closing. */
static gboolean
is_in_null (GstRcastServers * self)
{
  g_autoptr (GstBin) bin = g_weak_ref_get (&self->bin);

  return bin && GST_STATE (bin) == GST_STATE_NULL;
}

static gboolean
is_running (GstRcastServers * self)
{
  g_autoptr (GstBin) bin = g_weak_ref_get (&self->bin);

  return bin && MAX (GST_STATE (bin), GST_STATE_NEXT (bin)) > GST_STATE_READY;
}

/* Returns: (transfer full) (nullable): @uri without secrets, by a signaller that takes it */
static gchar *
try_location (GstRcastServers * self, const gchar * uri, GError ** error)
{
  g_autofree gchar *scheme = gst_rcast_schemes_parse (uri);
  g_autoptr (GstRcastSignaller) sample =
      scheme ? get_sample (self, scheme) : NULL;
  GstRcastSignallerClass *klass;

  if (!sample) {
    g_autofree gchar *why =
        gst_rcast_schemes_explain (scheme, self->direction);

    g_set_error_literal (error, GST_URI_ERROR, scheme ?
        GST_URI_ERROR_UNSUPPORTED_PROTOCOL : GST_URI_ERROR_BAD_URI, why);
    return NULL;
  }
  klass = GST_RCAST_SIGNALLER_GET_CLASS (sample);
  if (klass->set_location && !klass->set_location (sample, uri, error))
    return NULL;
  return klass->public_location ? klass->public_location (sample, uri) :
      gst_rcast_servers_describe_location (uri);
}

/* Returns: (transfer full): NULL with @error if no signaller takes @uri */
static Server *
check_location (GstRcastServers * self, const gchar * uri, GError ** error)
{
  g_autoptr (GError) reason = NULL;
  g_autofree gchar *described = NULL;
  gchar *shown = try_location (self, uri, &reason);

  if (!shown) {
    described = gst_rcast_servers_describe_location (uri);
    g_set_error (error, reason ? reason->domain : GST_URI_ERROR,
        reason ? reason->code : GST_URI_ERROR_BAD_URI, "\"%s\": %s",
        described, reason ? reason->message : "its signaller refuses it");
    return NULL;
  }
  return server_new (uri, shown);
}

/* @reason: (nullable): why the last location is not used */
static void
set_refusal (GstRcastServers * self, const GError * reason)
{
  GST_OBJECT_LOCK (self);
  g_free (self->refusal);
  self->refusal = reason ? g_strdup (reason->message) : NULL;
  GST_OBJECT_UNLOCK (self);
}

static gboolean
is_same (const Server * server, const Server * other)
{
  return g_str_equal (server->uri, other->uri);
}

/* OBJECT_LOCK. @server: (nullable) */
static void
append_server (GPtrArray * servers, Server * server)
{
  for (guint i = 0; server && i < servers->len; i++) {
    if (is_same (g_ptr_array_index (servers, i), server))
      return;
  }
  if (server)
    g_ptr_array_add (servers, g_atomic_rc_box_acquire (server));
}

/* OBJECT_LOCK. Returns: (transfer full): of Server: all locations, each once */
static GPtrArray *
list_servers (GstRcastServers * self)
{
  GPtrArray *servers = g_ptr_array_new_with_free_func (server_unref);

  append_server (servers, self->location);
  for (guint i = 0; i < self->locations->len; i++)
    append_server (servers, g_ptr_array_index (self->locations, i));
  return servers;
}

/* Returns: (transfer full) (nullable): the location of the server at @index, with secrets */
static gchar *
dup_uri (GstRcastServers * self, guint index)
{
  gchar *uri = NULL;

  GST_OBJECT_LOCK (self);
  if (index < self->order->len)
    uri = g_strdup (((Server *) g_ptr_array_index (self->order, index))->uri);
  GST_OBJECT_UNLOCK (self);
  return uri;
}

static void
set_current (GstRcastServers * self, GstRcastSignaller * signaller)
{
  GST_OBJECT_LOCK (self);
  self->current = signaller;
  GST_OBJECT_UNLOCK (self);
}

/* Sets `signaller::location` to the location where the broadcast will start. */
static void
direct_first (GstRcastServers * self)
{
  g_autoptr (GstRcastSignaller) signaller = NULL;
  g_autofree gchar *uri = dup_uri (self, 0);
  g_autofree gchar *scheme = uri ? gst_rcast_schemes_parse (uri) : NULL;

  if (!uri) {
    gst_rcast_speakers_undirect (self->speakers);
    return;
  }
  signaller = gst_rcast_speakers_direct (self->speakers, scheme, uri, NULL);
  if (signaller)
    set_current (self, signaller);
}

static void
provide_signaller (GstRcastServers * self, const gchar * uri)
{
  g_autofree gchar *scheme = gst_rcast_schemes_parse (uri);

  if (scheme)
    gst_rcast_speakers_provide (self->speakers, scheme);
}

/* Makes the indices refer to the present list. */
static void
reorder (GstRcastServers * self)
{
  GST_OBJECT_LOCK (self);
  g_ptr_array_unref (self->order);
  self->order = list_servers (self);
  self->current = NULL;
  GST_OBJECT_UNLOCK (self);
}

/* Returns: (transfer full) (nullable): the signaller of the server at @uri (nullable) */
static GstRcastSignaller *
dup_signaller_of (GstRcastServers * self, const gchar * uri)
{
  g_autofree gchar *scheme = uri ? gst_rcast_schemes_parse (uri) : NULL;

  return scheme ? gst_rcast_speakers_dup (self->speakers, scheme) : NULL;
}

/* Passes @token to the signaller of the location at @index, if there is one. */
static void
pass_token (GstRcastServers * self, guint index, const gchar * token)
{
  g_autofree gchar *uri = NULL;
  g_autoptr (GstRcastSignaller) signaller = NULL;

  GST_OBJECT_LOCK (self);
  if (index < self->locations->len)
    uri = g_strdup (((Server *) g_ptr_array_index (self->locations,
                index))->uri);
  GST_OBJECT_UNLOCK (self);
  signaller = dup_signaller_of (self, uri);
  if (signaller)
    gst_rcast_signaller_set_token (signaller, uri, token);
}

/* Tells the signaller once that @uri has no token of its own. That also answers a token request
 * in progress. */
static void
tell_bare (GstRcastServers * self, const gchar * uri)
{
  static const gchar key[] = "rcast-bare";
  g_autoptr (GstRcastSignaller) signaller = dup_signaller_of (self, uri);
  GHashTable *told;
  gboolean is_new;

  if (!signaller)
    return;
  GST_OBJECT_LOCK (self);
  told = g_object_get_data (G_OBJECT (signaller), key);
  if (!told) {
    told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    g_object_set_data_full (G_OBJECT (signaller), key, told,
        (GDestroyNotify) g_hash_table_unref);
  }
  is_new = g_hash_table_add (told, g_strdup (uri));
  GST_OBJECT_UNLOCK (self);
  if (is_new)
    gst_rcast_signaller_set_token (signaller, uri, "");
}

/* Returns: whether both have the same host and port */
static gboolean
is_neighbour (const gchar * one, const gchar * other)
{
  GUriFlags flags = G_URI_FLAGS_ENCODED | G_URI_FLAGS_SCHEME_NORMALIZE;
  g_autoptr (GUri) a = g_uri_parse (one, flags, NULL);
  g_autoptr (GUri) b = g_uri_parse (other, flags, NULL);

  return a && b && g_uri_get_host (a) && g_uri_get_host (b)
      && g_uri_get_port (a) == g_uri_get_port (b)
      && g_ascii_strcasecmp (g_uri_get_host (a), g_uri_get_host (b)) == 0;
}

/* Returns: whether @uri has no token of its own, although another location on its host has one */
static gboolean
is_bare_locked (GstRcastServers * self, const gchar * uri)
{
  guint n_tokens = self->tokens ? g_strv_length (self->tokens) : 0;
  gboolean beside = FALSE;

  for (guint i = 0; i < MIN (n_tokens, self->locations->len); i++) {
    const Server *server = g_ptr_array_index (self->locations, i);

    if (*self->tokens[i] && g_str_equal (uri, server->uri))
      return FALSE;
    beside |= *self->tokens[i] && is_neighbour (uri, server->uri);
  }
  return beside;
}

/* A signaller uses a token for the whole server. That is wrong if another location of that
 * server has none. The signaller hears of these locations first, so that no request to them
 * carries the token. */
static void
pass_tokens (GstRcastServers * self)
{
  g_autoptr (GPtrArray) servers = NULL;
  g_autoptr (GPtrArray) bare = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) tokens = NULL;

  GST_OBJECT_LOCK (self);
  tokens = g_strdupv (self->tokens);
  servers = list_servers (self);
  for (guint i = 0; i < servers->len; i++) {
    const gchar *uri = ((Server *) g_ptr_array_index (servers, i))->uri;

    if (is_bare_locked (self, uri))
      g_ptr_array_add (bare, g_strdup (uri));
  }
  GST_OBJECT_UNLOCK (self);
  for (guint i = 0; i < bare->len; i++)
    tell_bare (self, g_ptr_array_index (bare, i));
  for (guint i = 0; tokens && tokens[i]; i++) {
    if (*tokens[i])
      pass_token (self, i, tokens[i]);
  }
}

/* The list of servers has changed. While a broadcast runs, its driver applies the new list. */
static void
list_changed (GstRcastServers * self)
{
  g_autoptr (GPtrArray) servers = NULL;

  GST_OBJECT_LOCK (self);
  servers = list_servers (self);
  GST_OBJECT_UNLOCK (self);
  for (guint i = 0; i < servers->len; i++)
    provide_signaller (self, ((Server *) g_ptr_array_index (servers, i))->uri);
  pass_tokens (self);
  if (!is_running (self))
    reorder (self);
  if (is_in_null (self))
    direct_first (self);
}

/* A broadcast that runs has a server from the list, and must keep one.
 * Returns: FALSE with @error if @list is empty now, or was empty before */
static gboolean
may_list (GstRcastServers * self, Server * location, GPtrArray * locations,
    GError ** error)
{
  gboolean running = is_running (self);
  const gchar *why = NULL;

  if (running && !location && locations->len == 0)
    why = "a broadcast that runs needs a server";
  else if (running && gst_rcast_servers_get_length (self) == 0)
    why = "the broadcast runs at the signaller's own location";
  if (why)
    g_set_error_literal (error, GST_URI_ERROR, GST_URI_ERROR_BAD_STATE, why);
  return !why;
}

/**
 * gst_rcast_servers_set_location:
 * @location: (nullable): the first server; empty: none
 *
 * Returns: FALSE with @error if it is invalid; then nothing changes
 */
gboolean
gst_rcast_servers_set_location (GstRcastServers * self, const gchar * location,
    GError ** error)
{
  g_autoptr (GError) reason = NULL;
  Server *server = NULL, *old;

  if (location && *location)
    server = check_location (self, location, &reason);
  if (!reason && !may_list (self, server, self->locations, &reason))
    g_clear_pointer (&server, server_unref);
  set_refusal (self, reason);
  if (reason) {
    g_propagate_error (error, g_steal_pointer (&reason));
    return FALSE;
  }
  GST_OBJECT_LOCK (self);
  old = self->location;
  self->location = server;
  GST_OBJECT_UNLOCK (self);
  if (old)
    server_unref (old);
  list_changed (self);
  return TRUE;
}

/* Returns: (transfer full): of Server; NULL with @error if one is invalid */
static GPtrArray *
check_locations (GstRcastServers * self, const gchar * const *locations,
    GError ** error)
{
  g_autoptr (GPtrArray) servers = g_ptr_array_new_with_free_func (server_unref);

  if (g_strv_length ((GStrv) locations) >= MAX_LOCATIONS) {
    g_set_error (error, GST_URI_ERROR, GST_URI_ERROR_BAD_REFERENCE,
        "more than %d locations", MAX_LOCATIONS - 1);
    return NULL;
  }
  for (guint i = 0; locations[i]; i++) {
    Server *server = check_location (self, locations[i], error);

    if (!server)
      return NULL;
    g_ptr_array_add (servers, server);
  }
  return g_steal_pointer (&servers);
}

/**
 * gst_rcast_servers_set_locations:
 * @locations: (array zero-terminated=1): the servers after the first one
 *
 * Returns: FALSE with @error if one of them is invalid; then nothing changes
 */
gboolean
gst_rcast_servers_set_locations (GstRcastServers * self,
    const gchar * const *locations, GError ** error)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (GPtrArray) servers = NULL;

  servers = check_locations (self, locations, &reason);
  if (servers)
    may_list (self, self->location, servers, &reason);
  set_refusal (self, reason);
  if (reason) {
    g_propagate_error (error, g_steal_pointer (&reason));
    return FALSE;
  }
  GST_OBJECT_LOCK (self);
  g_ptr_array_unref (self->locations);
  self->locations = g_steal_pointer (&servers);
  GST_OBJECT_UNLOCK (self);
  list_changed (self);
  return TRUE;
}

/**
 * gst_rcast_servers_set_signaller:
 * @signaller: (nullable): used for all locations of its schemes; if there are no locations, at
 *   its own location
 * @error: why it is refused
 *
 * Returns: whether it is used; if not, the former one stays
 */
gboolean
gst_rcast_servers_set_signaller (GstRcastServers * self,
    GstRcastSignaller * signaller, GError ** error)
{
  gboolean sends = self->direction == GST_RCAST_DIRECTION_SEND;

  if (signaller && !gst_rcast_signaller_can (signaller, self->direction)) {
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_ARGUMENT,
        "%s only %s: it is for %s", GST_OBJECT_NAME (signaller),
        sends ? "receives" : "sends", sends ? "rcastsrc" : "rcastsink");
    return FALSE;
  }
  if (!gst_rcast_speakers_replace (self->speakers, signaller))
    GST_WARNING_OBJECT (self, "%" GST_PTR_FORMAT " has another parent",
        signaller);
  list_changed (self);
  /* In use until the next start, whatever the locations are. */
  set_current (self, signaller);
  return TRUE;
}

/* @token: (nullable): token for all servers without their own */
void
gst_rcast_servers_set_token (GstRcastServers * self, const gchar * token)
{
  gst_rcast_speakers_set_token (self->speakers, token);
  pass_tokens (self);
}

/* Takes @tokens: one for each location, in the same order; empty: no token of its own */
void
gst_rcast_servers_take_tokens (GstRcastServers * self, GStrv tokens)
{
  GStrv old;
  guint n;

  GST_OBJECT_LOCK (self);
  old = self->tokens;
  n = MIN (old ? g_strv_length (old) : 0, self->locations->len);
  self->tokens = tokens;
  GST_OBJECT_UNLOCK (self);
  /* Locations that stay in the list get their new tokens at once. */
  for (guint i = 0; i < n; i++)
    pass_token (self, i, "");
  pass_tokens (self);
  g_strfreev (old);
}

/* @location: location of the server that requested a token, as in the request */
void
gst_rcast_servers_give_token (GstRcastServers * self, const gchar * location,
    const gchar * token)
{
  g_autoptr (GPtrArray) signallers = NULL;

  /* The token may come before the location does. */
  provide_signaller (self, location);
  signallers = gst_rcast_speakers_list (self->speakers);
  for (guint i = 0; i < signallers->len; i++)
    gst_rcast_signaller_set_token (g_ptr_array_index (signallers, i), location,
        token);
  if (*token)
    g_signal_emit (self, token_given, 0, location);
}

/* Limits how long a connection to one of several servers may take. */
void
gst_rcast_servers_set_connect_limit (GstRcastServers * self,
    guint milliseconds)
{
  GST_OBJECT_LOCK (self);
  self->connect_limit = milliseconds;
  GST_OBJECT_UNLOCK (self);
}

/* Adds the uplink by which the server was last reached, if its signaller knows. */
void
gst_rcast_servers_add_stats (GstRcastServers * self, GstStructure * stats)
{
  g_autoptr (GstRcastSignaller) signaller =
      gst_rcast_servers_dup_signaller (self);
  g_autofree gchar *uplink = NULL;
  GParamSpec *pspec = signaller ? g_object_class_find_property
      (G_OBJECT_GET_CLASS (signaller), "uplink") : NULL;

  if (!pspec || pspec->value_type != G_TYPE_STRING)
    return;
  g_object_get (signaller, "uplink", &uplink, NULL);
  if (uplink)
    gst_structure_set (stats, "signalling-uplink", G_TYPE_STRING, uplink, NULL);
}

/* Media is sent on the interface @uplink now. */
void
gst_rcast_servers_set_uplink (GstRcastServers * self, const gchar * uplink)
{
  gst_rcast_speakers_set_uplink (self->speakers, uplink);
}

/* Returns: (transfer full) (nullable) */
gchar *
gst_rcast_servers_dup_location (GstRcastServers * self)
{
  gchar *location;

  GST_OBJECT_LOCK (self);
  location = self->location ? g_strdup (self->location->shown) : NULL;
  GST_OBJECT_UNLOCK (self);
  return location;
}

/* Returns: (transfer full): may be empty */
GStrv
gst_rcast_servers_dup_locations (GstRcastServers * self)
{
  GStrv locations;

  GST_OBJECT_LOCK (self);
  locations = g_new0 (gchar *, self->locations->len + 1);
  for (guint i = 0; i < self->locations->len; i++) {
    Server *server = g_ptr_array_index (self->locations, i);

    locations[i] = g_strdup (server->shown);
  }
  GST_OBJECT_UNLOCK (self);
  return locations;
}

/* Returns: (transfer full) (nullable): the signaller in use, or that of the first server */
GstRcastSignaller *
gst_rcast_servers_dup_signaller (GstRcastServers * self)
{
  GstRcastSignaller *signaller;
  g_autofree gchar *uri = NULL, *scheme = NULL;

  GST_OBJECT_LOCK (self);
  signaller = self->current ? gst_object_ref (self->current) : NULL;
  GST_OBJECT_UNLOCK (self);
  if (signaller)
    return signaller;
  if (!(uri = dup_uri (self, 0)))
    return gst_rcast_speakers_dup_set (self->speakers, NULL);
  scheme = gst_rcast_schemes_parse (uri);
  return gst_rcast_speakers_dup (self->speakers, scheme);
}

/* How many locations there are: 0 if the signaller has its own. */
guint
gst_rcast_servers_get_length (GstRcastServers * self)
{
  guint length;

  GST_OBJECT_LOCK (self);
  length = self->order->len;
  GST_OBJECT_UNLOCK (self);
  return length;
}

static void
set_no_location (GstRcastServers * self, GError ** error)
{
  g_autofree gchar *refusal = NULL;

  GST_OBJECT_LOCK (self);
  refusal = g_strdup (self->refusal);
  GST_OBJECT_UNLOCK (self);
  if (refusal)
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_ARGUMENT,
        "Cannot use the location %s", refusal);
  else
    g_set_error_literal (error, GST_RCAST_ERROR,
        GST_RCAST_ERROR_INVALID_ARGUMENT, "No location is set");
}

/**
 * gst_rcast_servers_prepare:
 *
 * Call this before each start, while no signaller has a session.
 *
 * Returns: FALSE with @error if there is no server
 */
gboolean
gst_rcast_servers_prepare (GstRcastServers * self, GError ** error)
{
  g_autoptr (GstRcastSignaller) signaller = NULL;
  g_autofree gchar *own = NULL;
  guint limit, length;

  GST_OBJECT_LOCK (self);
  g_ptr_array_unref (self->order);
  self->order = list_servers (self);
  limit = self->connect_limit;
  length = self->order->len;
  GST_OBJECT_UNLOCK (self);
  gst_rcast_speakers_limit (self->speakers, length > 1, limit);
  if (length > 0)
    return TRUE;
  signaller = gst_rcast_speakers_dup_own (self->speakers);
  if (signaller)
    own = gst_rcast_signaller_dup_location (signaller);
  if (!own)
    set_no_location (self, error);
  return own != NULL;
}

/**
 * gst_rcast_servers_lend:
 * @index: index of the server
 * @rather: (nullable): preferred signaller, whose connection may still be open; used if it is
 *   free
 *
 * Returns: (transfer full): a signaller without a session, set to that location, until
 *   gst_rcast_servers_give_back(); NULL with @error if there is none
 */
GstRcastSignaller *
gst_rcast_servers_lend (GstRcastServers * self, guint index,
    GstRcastSignaller * rather, GError ** error)
{
  g_autofree gchar *uri = dup_uri (self, index);
  g_autofree gchar *scheme = uri ? gst_rcast_schemes_parse (uri) : NULL;
  g_autoptr (GError) reason = NULL;
  GstRcastSignaller *signaller = NULL;

  if (uri || gst_rcast_servers_get_length (self) == 0)
    signaller = gst_rcast_speakers_lend (self->speakers, scheme, uri, rather,
        &reason);
  if (reason)
    g_propagate_error (error, g_steal_pointer (&reason));
  else if (!signaller)
    set_no_location (self, error);
  return signaller;
}

/* @signaller: (nullable): from gst_rcast_servers_lend() */
void
gst_rcast_servers_give_back (GstRcastServers * self,
    GstRcastSignaller * signaller)
{
  gst_rcast_speakers_give_back (self->speakers, signaller);
}

/* Returns: the index of @server in @servers; G_MAXUINT: not found */
static guint
index_of (GPtrArray * servers, const Server * server)
{
  for (guint i = 0; i < servers->len; i++)
    if (is_same (g_ptr_array_index (servers, i), server))
      return i;
  return G_MAXUINT;
}

/**
 * gst_rcast_servers_apply:
 * @used: (array zero-terminated=0): indices of servers that are in use
 * @n_used: how many
 * @n_listed: (out): how many servers there are to choose from
 *
 * From now on the indices refer to the application's list, followed by those of @used that are
 * no longer listed.
 *
 * Returns: (transfer full) (element-type guint): the former index of each server, G_MAXUINT: it
 *   is new
 */
GArray *
gst_rcast_servers_apply (GstRcastServers * self, const guint * used,
    guint n_used, guint * n_listed)
{
  GArray *former = g_array_new (FALSE, FALSE, sizeof (guint));
  GPtrArray *order;

  GST_OBJECT_LOCK (self);
  order = list_servers (self);
  *n_listed = order->len;
  for (guint i = 0; i < n_used; i++)
    if (used[i] < self->order->len)
      append_server (order, g_ptr_array_index (self->order, used[i]));
  for (guint i = 0; i < order->len; i++) {
    guint index = index_of (self->order, g_ptr_array_index (order, i));

    g_array_append_val (former, index);
  }
  g_ptr_array_unref (self->order);
  self->order = order;
  GST_OBJECT_UNLOCK (self);
  return former;
}

/* Whether gst_rcast_servers_lend() has another signaller, or will once @spare (nullable) is back */
static gboolean
can_lend (GstRcastServers * self, guint index, GstRcastSignaller * spare)
{
  g_autofree gchar *uri = dup_uri (self, index);
  g_autofree gchar *scheme = uri ? gst_rcast_schemes_parse (uri) : NULL;

  return scheme && gst_rcast_speakers_can_lend (self->speakers, scheme, spare);
}

/* Returns: bit set, by index, of servers where one more session is possible, or one that
 * replaces that of @spare (nullable) */
guint32
gst_rcast_servers_find_places (GstRcastServers * self,
    GstRcastSignaller * spare)
{
  guint n = MIN (gst_rcast_servers_get_length (self), MAX_LOCATIONS);
  guint32 places = 0;

  for (guint i = 0; i < n; i++)
    if (can_lend (self, i, spare))
      places |= 1u << i;
  return places;
}

/* The broadcast is at the server at @index now. */
void
gst_rcast_servers_set_current (GstRcastServers * self, guint index)
{
  g_autofree gchar *uri = dup_uri (self, index);
  g_autofree gchar *scheme = uri ? gst_rcast_schemes_parse (uri) : NULL;
  g_autoptr (GstRcastSignaller) signaller = scheme ?
      gst_rcast_speakers_dup (self->speakers, scheme) :
      gst_rcast_speakers_dup_own (self->speakers);

  set_current (self, signaller);
}

/**
 * gst_rcast_servers_checker_for:
 * @index: index of the server
 * @location: (out) (transfer full): its location, with secrets
 *
 * Returns: (transfer full) (nullable): a signaller that can ask that server whether it is
 *   healthy, wherever its own session is
 */
GstRcastSignaller *
gst_rcast_servers_checker_for (GstRcastServers * self, guint index,
    gchar ** location)
{
  g_autofree gchar *uri = dup_uri (self, index);
  GstRcastSignaller *signaller = dup_signaller_of (self, uri);

  if (signaller)
    *location = g_steal_pointer (&uri);
  return signaller;
}

/* No server is in use any more. */
void
gst_rcast_servers_leave (GstRcastServers * self)
{
  set_current (self, NULL);
}

/**
 * gst_rcast_servers_new:
 * @bin: parent of the signallers; not owned
 * @direction: direction of the media
 * @callbacks: take news of the signallers
 * @data: for @callbacks; valid while @bin is alive
 */
GstRcastServers *
gst_rcast_servers_new (GstBin * bin, GstRcastDirection direction,
    const GstRcastSpeakersCallbacks * callbacks, gpointer data)
{
  GstRcastServers *self = g_object_new (GST_TYPE_RCAST_SERVERS, NULL);

  gst_object_ref_sink (self);
  g_weak_ref_set (&self->bin, bin);
  self->speakers = gst_rcast_speakers_new (bin, direction, callbacks, data);
  self->direction = direction;
  return self;
}

static void
gst_rcast_servers_finalize (GObject * object)
{
  GstRcastServers *self = GST_RCAST_SERVERS (object);

  gst_object_unref (self->speakers);
  g_weak_ref_clear (&self->bin);
  g_ptr_array_unref (self->order);
  g_ptr_array_unref (self->locations);
  g_clear_pointer (&self->location, server_unref);
  g_strfreev (self->tokens);
  g_free (self->refusal);
  G_OBJECT_CLASS (gst_rcast_servers_parent_class)->finalize (object);
}

static void
gst_rcast_servers_class_init (GstRcastServersClass * klass)
{
  /* On the thread that gives the token; the argument is the location. */
  token_given = g_signal_new ("token-given", G_TYPE_FROM_CLASS (klass),
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  G_OBJECT_CLASS (klass)->finalize = gst_rcast_servers_finalize;
}

static void
gst_rcast_servers_init (GstRcastServers * self)
{
  g_weak_ref_init (&self->bin, NULL);
  self->locations = g_ptr_array_new_with_free_func (server_unref);
  self->order = g_ptr_array_new_with_free_func (server_unref);
}
