/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The servers of a broadcast: where they are, and the signaller that speaks with each. */
#include "config.h"

#include "gstrcastservers.h"

#include <string.h>

#include "gstrcastschemes.h"

GST_DEBUG_CATEGORY_STATIC (rcast_servers_debug);
#define GST_CAT_DEFAULT rcast_servers_debug

/* The policy keeps them in a set of 32 bits. */
#define MAX_LOCATIONS 32
/* Properties of a signaller, if it has them */
#define CONNECT_TIMEOUT "connect-timeout"
#define AUTH_TOKEN "auth-token"

/* One location; never changed. */
typedef struct
{
  gchar *uri;
  gchar *shown;                 /* without its secrets */
} Server;

/* One signaller and what was done to it. */
typedef struct
{
  GstRcastSignaller *signaller;
  gboolean set;                 /* by the application; else made by us */
  gboolean directed;            /* its location is one of ours */
  guint limit;                  /* that we set as its connect-timeout, 0: none */
} Speaker;

/* Receiver of a signaller's reports, while it has a handler. */
typedef struct
{
  GWeakRef bin;
  GstRcastServersCallbacks callbacks;
  gpointer data;
} Target;

struct _GstRcastServers
{
  GstObject parent;

  Target *target;               /* constant */

  Server *location;             /* OBJECT_LOCK; nullable */
  GPtrArray *locations;         /* OBJECT_LOCK; of Server */
  GPtrArray *order;             /* OBJECT_LOCK; of Server: both, each once */
  GPtrArray *speakers;          /* OBJECT_LOCK; of Speaker: one for each protocol */
  GstRcastSignaller *current;   /* OBJECT_LOCK; not owned: that of a speaker */
  gchar *token;                 /* OBJECT_LOCK */
  gchar *refusal;               /* OBJECT_LOCK; nullable: of the last location set */
  guint connect_limit;          /* OBJECT_LOCK; ms */
};

G_DEFINE_FINAL_TYPE_WITH_CODE (GstRcastServers, gst_rcast_servers,
    GST_TYPE_OBJECT, GST_DEBUG_CATEGORY_INIT (rcast_servers_debug,
        "rcastservers", 0, "gst-rcast: the servers and their signallers"));

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

static void
speaker_free (gpointer data)
{
  Speaker *speaker = data;

  gst_object_unref (speaker->signaller);
  g_free (speaker);
}

static void
target_clear (gpointer data)
{
  Target *target = data;

  g_weak_ref_clear (&target->bin);
}

static void
target_unref (gpointer target)
{
  g_atomic_rc_box_release_full (target, target_clear);
}

/**
 * gst_rcast_servers_describe_location:
 * @location: a location, whoever wrote it and whether or not a signaller takes it
 *
 * Returns: (transfer full): what may be shown of it: neither a user's name and
 *   password nor the query
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

/* OBJECT_LOCK. Returns: (transfer none) (nullable) */
static Speaker *
find_speaker (GstRcastServers * self, const gchar * scheme)
{
  for (guint i = 0; i < self->speakers->len; i++) {
    Speaker *speaker = g_ptr_array_index (self->speakers, i);
    const gchar *const *protocols =
        GST_RCAST_SIGNALLER_GET_CLASS (speaker->signaller)->protocols;

    if (protocols && g_strv_contains (protocols, scheme))
      return speaker;
  }
  return NULL;
}

/* OBJECT_LOCK */
static Speaker *
find_set_speaker (GstRcastServers * self)
{
  for (guint i = 0; i < self->speakers->len; i++) {
    Speaker *speaker = g_ptr_array_index (self->speakers, i);

    if (speaker->set)
      return speaker;
  }
  return NULL;
}

/* OBJECT_LOCK. Returns: (transfer none) (nullable): for the server at @index; without
 * any locations the one that the application has set, at its own location */
static Speaker *
speaker_for (GstRcastServers * self, guint index)
{
  g_autofree gchar *scheme = NULL;
  Server *server;

  if (self->order->len == 0)
    return find_set_speaker (self);
  if (index >= self->order->len)
    return NULL;
  server = g_ptr_array_index (self->order, index);
  scheme = gst_rcast_schemes_parse (server->uri);
  return find_speaker (self, scheme);
}

/* Returns: (transfer full) (nullable) */
static GstRcastSignaller *
make_signaller (const gchar * scheme)
{
  g_autoptr (GstElementFactory) factory =
      gst_rcast_schemes_find_factory (scheme);
  GstElement *element = factory ?
      gst_element_factory_create (factory, GST_OBJECT_NAME (factory)) : NULL;

  if (!element)
    return NULL;
  gst_object_ref_sink (element);
  if (GST_IS_RCAST_SIGNALLER (element))
    return GST_RCAST_SIGNALLER (element);
  gst_object_unref (element);
  return NULL;
}

/* Something to check a location with: an element that nobody else has; that which the
 * application has set, itself, as nobody knows how to make another one like it.
 * Returns: (transfer full) (nullable) */
static GstRcastSignaller *
get_sample (GstRcastServers * self, const gchar * scheme)
{
  GstRcastSignaller *signaller = NULL;
  Speaker *speaker;

  GST_OBJECT_LOCK (self);
  speaker = find_speaker (self, scheme);
  if (speaker && speaker->set)
    signaller = gst_object_ref (speaker->signaller);
  GST_OBJECT_UNLOCK (self);
  return signaller ? signaller : make_signaller (scheme);
}

/* Returns: (transfer full) (nullable): what a signaller shows of @uri if it takes it */
static gchar *
try_location (GstRcastServers * self, const gchar * uri, GError ** error)
{
  g_autofree gchar *scheme = gst_rcast_schemes_parse (uri);
  g_autoptr (GstRcastSignaller) sample =
      scheme ? get_sample (self, scheme) : NULL;
  GstRcastSignallerClass *klass;

  if (!sample) {
    g_autofree gchar *known = gst_rcast_schemes_list ();

    g_set_error (error, GST_URI_ERROR, scheme ?
        GST_URI_ERROR_UNSUPPORTED_PROTOCOL : GST_URI_ERROR_BAD_URI,
        "%s; installed are %s", scheme ?
        "no signaller is installed for its scheme" : "it is not a URI",
        *known ? known : "none");
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

/* @reason: (nullable): why the last location that was set is not used */
static void
set_refusal (GstRcastServers * self, const GError * reason)
{
  GST_OBJECT_LOCK (self);
  g_free (self->refusal);
  self->refusal = reason ? g_strdup (reason->message) : NULL;
  GST_OBJECT_UNLOCK (self);
}

/* News of a signaller */

static gchar *
on_request_token (GstRcastSignaller * signaller, const gchar * location,
    gpointer data)
{
  Target *target = data;
  g_autoptr (GstBin) bin = g_weak_ref_get (&target->bin);

  return bin ? target->callbacks.request_token (location, target->data) : NULL;
}

static void
connect_signal (GstRcastServers * self, GstRcastSignaller * signaller,
    const gchar * name, GCallback handler)
{
  g_signal_connect_data (signaller, name, handler,
      g_atomic_rc_box_acquire (self->target), (GClosureNotify) target_unref, 0);
}

static void
pass_token (GstRcastSignaller * signaller, const gchar * token)
{
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (signaller), AUTH_TOKEN))
    g_object_set (signaller, AUTH_TOKEN, token, NULL);
}

/* Into the bin, as far as that is up. FALSE: it has another parent */
static gboolean
adopt (GstRcastServers * self, GstRcastSignaller * signaller)
{
  g_autoptr (GstBin) bin = g_weak_ref_get (&self->target->bin);
  g_autofree gchar *token = NULL;

  GST_OBJECT_LOCK (self);
  token = g_strdup (self->token);
  GST_OBJECT_UNLOCK (self);
  if (token)
    pass_token (signaller, token);
  connect_signal (self, signaller, "request-token",
      G_CALLBACK (on_request_token));
  return bin && gst_bin_add (bin, GST_ELEMENT (signaller))
      && gst_element_sync_state_with_parent (GST_ELEMENT (signaller));
}

/* A session that it is still closing ends without the bin. */
static void
abandon (GstRcastServers * self, GstRcastSignaller * signaller)
{
  g_autoptr (GstBin) bin = g_weak_ref_get (&self->target->bin);

  g_signal_handlers_disconnect_by_data (signaller, self->target);
  if (!bin || GST_OBJECT_PARENT (signaller) != GST_OBJECT (bin))
    return;
  gst_element_set_state (GST_ELEMENT (signaller), GST_STATE_NULL);
  gst_bin_remove (bin, GST_ELEMENT (signaller));
}

/* Makes the signaller for @uri, if there is none yet and one is installed. */
static void
provide_signaller (GstRcastServers * self, const gchar * uri)
{
  g_autofree gchar *scheme = gst_rcast_schemes_parse (uri);
  g_autoptr (GstRcastSignaller) signaller = NULL;
  Speaker *speaker;

  if (!scheme)
    return;
  GST_OBJECT_LOCK (self);
  speaker = find_speaker (self, scheme);
  GST_OBJECT_UNLOCK (self);
  if (speaker || !(signaller = make_signaller (scheme)))
    return;

  speaker = g_new0 (Speaker, 1);
  speaker->signaller = gst_object_ref (signaller);
  GST_OBJECT_LOCK (self);
  g_ptr_array_add (self->speakers, speaker);
  GST_OBJECT_UNLOCK (self);
  adopt (self, signaller);
}

/* Whether a session may still be open or closing. */
static gboolean
is_in_null (GstRcastServers * self)
{
  g_autoptr (GstBin) bin = g_weak_ref_get (&self->target->bin);

  return bin && GST_STATE (bin) == GST_STATE_NULL;
}

/* OBJECT_LOCK. @server: (nullable) */
static void
append_server (GstRcastServers * self, Server * server)
{
  for (guint i = 0; server && i < self->order->len; i++) {
    Server *other = g_ptr_array_index (self->order, i);

    if (g_str_equal (other->uri, server->uri))
      return;
  }
  if (server)
    g_ptr_array_add (self->order, g_atomic_rc_box_acquire (server));
}

/* So that `signaller::location` says where the broadcast will go. */
static void
direct_first (GstRcastServers * self)
{
  g_autoptr (GstRcastSignaller) signaller = NULL;

  if (!is_in_null (self))
    return;
  if (gst_rcast_servers_get_length (self) > 0) {
    signaller = gst_rcast_servers_signaller_for (self, 0, NULL);
    return;
  }
  GST_OBJECT_LOCK (self);
  for (guint i = 0; i < self->speakers->len && !signaller; i++) {
    Speaker *speaker = g_ptr_array_index (self->speakers, i);

    if (speaker->directed)
      signaller = gst_object_ref (speaker->signaller);
  }
  GST_OBJECT_UNLOCK (self);
  if (signaller)
    gst_rcast_signaller_set_location (signaller, NULL, NULL);
}

/* The list of servers has changed. */
static void
reorder (GstRcastServers * self)
{
  g_autoptr (GPtrArray) order = NULL;

  GST_OBJECT_LOCK (self);
  g_ptr_array_set_size (self->order, 0);
  append_server (self, self->location);
  for (guint i = 0; i < self->locations->len; i++)
    append_server (self, g_ptr_array_index (self->locations, i));
  order = g_ptr_array_copy (self->order, (GCopyFunc) g_atomic_rc_box_acquire,
      NULL);
  g_ptr_array_set_free_func (order, server_unref);
  self->current = NULL;
  GST_OBJECT_UNLOCK (self);
  for (guint i = 0; i < order->len; i++)
    provide_signaller (self, ((Server *) g_ptr_array_index (order, i))->uri);
  direct_first (self);
}

/**
 * gst_rcast_servers_set_location:
 * @location: (nullable): the first server; empty: none
 *
 * Returns: FALSE with @error if it makes no sense; then nothing is changed
 */
gboolean
gst_rcast_servers_set_location (GstRcastServers * self, const gchar * location,
    GError ** error)
{
  g_autoptr (GError) reason = NULL;
  Server *server = NULL, *old;

  if (location && *location)
    server = check_location (self, location, &reason);
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
  reorder (self);
  return TRUE;
}

/* Returns: (transfer full): of Server; NULL with @error if one makes no sense */
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
 * Returns: FALSE with @error if one of them makes no sense; then nothing is changed
 */
gboolean
gst_rcast_servers_set_locations (GstRcastServers * self,
    const gchar * const *locations, GError ** error)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (GPtrArray) servers = NULL;

  servers = check_locations (self, locations, &reason);
  set_refusal (self, reason);
  if (reason) {
    g_propagate_error (error, g_steal_pointer (&reason));
    return FALSE;
  }
  GST_OBJECT_LOCK (self);
  g_ptr_array_unref (self->locations);
  self->locations = g_steal_pointer (&servers);
  GST_OBJECT_UNLOCK (self);
  reorder (self);
  return TRUE;
}

/* OBJECT_LOCK. Returns: (transfer full): signallers of which @signaller takes the
 * place: that which the application set before, and those that speak the same */
static GPtrArray *
take_replaced (GstRcastServers * self, GstRcastSignaller * signaller)
{
  const gchar *const *protocols = signaller ?
      GST_RCAST_SIGNALLER_GET_CLASS (signaller)->protocols : NULL;
  GPtrArray *replaced = g_ptr_array_new_with_free_func (gst_object_unref);
  Speaker *speaker;

  while ((speaker = find_set_speaker (self))) {
    g_ptr_array_add (replaced, gst_object_ref (speaker->signaller));
    g_ptr_array_remove (self->speakers, speaker);
  }
  for (guint i = 0; protocols && protocols[i]; i++) {
    while ((speaker = find_speaker (self, protocols[i]))) {
      g_ptr_array_add (replaced, gst_object_ref (speaker->signaller));
      g_ptr_array_remove (self->speakers, speaker);
    }
  }
  return replaced;
}

/**
 * gst_rcast_servers_set_signaller:
 * @signaller: (nullable): used for all locations of its schemes; without any locations
 *   at its own
 */
void
gst_rcast_servers_set_signaller (GstRcastServers * self,
    GstRcastSignaller * signaller)
{
  g_autoptr (GPtrArray) replaced = NULL;
  Speaker *speaker = NULL;

  if (signaller) {
    speaker = g_new0 (Speaker, 1);
    speaker->signaller = gst_object_ref_sink (signaller);
    speaker->set = TRUE;
  }
  GST_OBJECT_LOCK (self);
  replaced = take_replaced (self, signaller);
  self->current = NULL;
  if (speaker)
    g_ptr_array_add (self->speakers, speaker);
  GST_OBJECT_UNLOCK (self);
  for (guint i = 0; i < replaced->len; i++)
    abandon (self, g_ptr_array_index (replaced, i));
  if (signaller && !adopt (self, signaller))
    GST_WARNING_OBJECT (self, "%" GST_PTR_FORMAT " has another parent",
        signaller);
  reorder (self);
  /* Until the next start, whatever the locations are. */
  GST_OBJECT_LOCK (self);
  self->current = signaller;
  GST_OBJECT_UNLOCK (self);
}

/* Returns: (transfer full): all signallers */
static GPtrArray *
dup_signallers (GstRcastServers * self)
{
  GPtrArray *signallers = g_ptr_array_new_with_free_func (gst_object_unref);

  GST_OBJECT_LOCK (self);
  for (guint i = 0; i < self->speakers->len; i++) {
    Speaker *speaker = g_ptr_array_index (self->speakers, i);

    g_ptr_array_add (signallers, gst_object_ref (speaker->signaller));
  }
  GST_OBJECT_UNLOCK (self);
  return signallers;
}

/* @token: (nullable): for all servers that have none of their own */
void
gst_rcast_servers_set_token (GstRcastServers * self, const gchar * token)
{
  g_autoptr (GPtrArray) signallers = dup_signallers (self);

  GST_OBJECT_LOCK (self);
  g_free (self->token);
  self->token = g_strdup (token);
  GST_OBJECT_UNLOCK (self);
  for (guint i = 0; i < signallers->len; i++)
    pass_token (g_ptr_array_index (signallers, i), token);
}

/* @location: of the server that asked for a token, as in the request */
void
gst_rcast_servers_give_token (GstRcastServers * self, const gchar * location,
    const gchar * token)
{
  g_autoptr (GPtrArray) signallers = NULL;

  /* It may come before the location does. */
  provide_signaller (self, location);
  signallers = dup_signallers (self);
  for (guint i = 0; i < signallers->len; i++)
    gst_rcast_signaller_set_token (g_ptr_array_index (signallers, i), location,
        token);
}

/* How long one of several servers may take to be connected to. */
void
gst_rcast_servers_set_connect_limit (GstRcastServers * self,
    guint milliseconds)
{
  GST_OBJECT_LOCK (self);
  self->connect_limit = milliseconds;
  GST_OBJECT_UNLOCK (self);
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

/* Returns: (transfer full) (nullable): the one in use, or that of the first server */
GstRcastSignaller *
gst_rcast_servers_dup_signaller (GstRcastServers * self)
{
  GstRcastSignaller *signaller;
  Speaker *first;

  GST_OBJECT_LOCK (self);
  first = speaker_for (self, 0);
  signaller = self->current ? self->current : first ? first->signaller : NULL;
  if (signaller)
    gst_object_ref (signaller);
  GST_OBJECT_UNLOCK (self);
  return signaller;
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
        "Cannot broadcast to %s", refusal);
  else
    g_set_error_literal (error, GST_RCAST_ERROR,
        GST_RCAST_ERROR_INVALID_ARGUMENT, "No location to broadcast to is set");
}

/* OBJECT_LOCK is taken. Returns: the limit to be set, 0: the default anew,
 * G_MAXUINT: leave it as it is */
static guint
choose_limit (GstRcastServers * self, GstRcastSignaller * signaller,
    guint present, gboolean is_default)
{
  guint limit = G_MAXUINT;

  GST_OBJECT_LOCK (self);
  for (guint i = 0; i < self->speakers->len; i++) {
    Speaker *speaker = g_ptr_array_index (self->speakers, i);

    if (speaker->signaller != signaller)
      continue;
    if (self->order->len > 1 && is_default && self->connect_limit < present)
      speaker->limit = limit = self->connect_limit;
    else if (self->order->len <= 1 && speaker->limit) {
      limit = speaker->limit == present ? 0 : G_MAXUINT;
      speaker->limit = 0;
    }
  }
  GST_OBJECT_UNLOCK (self);
  return limit;
}

/* A server that hangs is not waited for as long where there are others, unless the
 * application has said how long. */
static void
limit_connecting (GstRcastServers * self, GstRcastSignaller * signaller)
{
  GParamSpec *pspec = g_object_class_find_property
      (G_OBJECT_GET_CLASS (signaller), CONNECT_TIMEOUT);
  guint present, limit;

  if (!pspec || pspec->value_type != G_TYPE_UINT)
    return;
  g_object_get (signaller, CONNECT_TIMEOUT, &present, NULL);
  limit = choose_limit (self, signaller, present,
      present == G_PARAM_SPEC_UINT (pspec)->default_value);
  if (limit != G_MAXUINT)
    g_object_set (signaller, CONNECT_TIMEOUT, limit > 0 ? limit :
        G_PARAM_SPEC_UINT (pspec)->default_value, NULL);
}

/**
 * gst_rcast_servers_prepare:
 *
 * Before each start, while no signaller has a session.
 *
 * Returns: FALSE with @error if there is no server to broadcast to
 */
gboolean
gst_rcast_servers_prepare (GstRcastServers * self, GError ** error)
{
  g_autoptr (GPtrArray) signallers = dup_signallers (self);
  g_autoptr (GstRcastSignaller) signaller = NULL;
  g_autofree gchar *own = NULL;
  Speaker *speaker;

  for (guint i = 0; i < signallers->len; i++)
    limit_connecting (self, g_ptr_array_index (signallers, i));
  GST_OBJECT_LOCK (self);
  speaker = self->order->len == 0 ? find_set_speaker (self) : NULL;
  if (speaker && !speaker->directed)
    signaller = gst_object_ref (speaker->signaller);
  GST_OBJECT_UNLOCK (self);
  if (gst_rcast_servers_get_length (self) > 0)
    return TRUE;
  if (signaller)
    own = gst_rcast_signaller_dup_location (signaller);
  if (!own)
    set_no_location (self, error);
  return own != NULL;
}

/**
 * gst_rcast_servers_signaller_for:
 * @index: which of the servers
 *
 * Returns: (transfer full): its signaller, at that location; NULL with @error if there
 *   is none
 */
GstRcastSignaller *
gst_rcast_servers_signaller_for (GstRcastServers * self, guint index,
    GError ** error)
{
  g_autoptr (GstRcastSignaller) signaller = NULL;
  g_autofree gchar *uri = NULL;
  Speaker *speaker;

  GST_OBJECT_LOCK (self);
  speaker = speaker_for (self, index);
  if (speaker && index < self->order->len) {
    uri = g_strdup (((Server *) g_ptr_array_index (self->order, index))->uri);
    speaker->directed = TRUE;
  }
  if (speaker && (uri || !speaker->directed)) {
    signaller = gst_object_ref (speaker->signaller);
    self->current = signaller;
  }
  GST_OBJECT_UNLOCK (self);
  if (!signaller) {
    set_no_location (self, error);
    return NULL;
  }
  if (uri && !gst_rcast_signaller_set_location (signaller, uri, error))
    return NULL;
  return g_steal_pointer (&signaller);
}

/**
 * gst_rcast_servers_checker_for:
 * @index: which of the servers
 * @location: (out) (transfer full): where it is, with its secrets
 *
 * Returns: (transfer full) (nullable): a signaller that can ask it whether it is
 *   healthy, wherever that signaller broadcasts to
 */
GstRcastSignaller *
gst_rcast_servers_checker_for (GstRcastServers * self, guint index,
    gchar ** location)
{
  GstRcastSignaller *signaller = NULL;
  Speaker *speaker;

  GST_OBJECT_LOCK (self);
  speaker = index < self->order->len ? speaker_for (self, index) : NULL;
  if (speaker) {
    *location =
        g_strdup (((Server *) g_ptr_array_index (self->order, index))->uri);
    signaller = gst_object_ref (speaker->signaller);
  }
  GST_OBJECT_UNLOCK (self);
  return signaller;
}

/* None is in use any more. */
void
gst_rcast_servers_leave (GstRcastServers * self)
{
  GST_OBJECT_LOCK (self);
  self->current = NULL;
  GST_OBJECT_UNLOCK (self);
}

/**
 * gst_rcast_servers_new:
 * @bin: gets the signallers; not owned
 * @callbacks: where news of the signallers goes
 * @data: for @callbacks; valid while @bin is alive
 */
GstRcastServers *
gst_rcast_servers_new (GstBin * bin, const GstRcastServersCallbacks * callbacks,
    gpointer data)
{
  GstRcastServers *self = g_object_new (GST_TYPE_RCAST_SERVERS, NULL);

  gst_object_ref_sink (self);
  g_weak_ref_set (&self->target->bin, bin);
  self->target->callbacks = *callbacks;
  self->target->data = data;
  return self;
}

static void
gst_rcast_servers_finalize (GObject * object)
{
  GstRcastServers *self = GST_RCAST_SERVERS (object);

  for (guint i = 0; i < self->speakers->len; i++) {
    Speaker *speaker = g_ptr_array_index (self->speakers, i);

    g_signal_handlers_disconnect_by_data (speaker->signaller, self->target);
  }
  g_ptr_array_unref (self->speakers);
  g_ptr_array_unref (self->order);
  g_ptr_array_unref (self->locations);
  g_clear_pointer (&self->location, server_unref);
  g_free (self->token);
  g_free (self->refusal);
  target_unref (self->target);
  G_OBJECT_CLASS (gst_rcast_servers_parent_class)->finalize (object);
}

static void
gst_rcast_servers_class_init (GstRcastServersClass * klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_rcast_servers_finalize;
}

static void
gst_rcast_servers_init (GstRcastServers * self)
{
  self->target = g_atomic_rc_box_new0 (Target);
  g_weak_ref_init (&self->target->bin, NULL);
  self->locations = g_ptr_array_new_with_free_func (server_unref);
  self->order = g_ptr_array_new_with_free_func (server_unref);
  self->speakers = g_ptr_array_new_with_free_func (speaker_free);
}
