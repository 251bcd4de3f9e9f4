/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a server can be reached: a bare TCP connection, and nothing said on it. */
#include "config.h"

#include "net-reach.h"

#include "net-url.h"
#include "rcast-error.h"
#include "rcast-loop.h"
#include "rcast-text.h"

/* Then the kernel would send its SYN again (RFC 6298 2): what begins anew meanwhile is
 * answered sooner. */
#define PROBE_MS 1000
/* An address that was good once may be another one's by now: each fourth probe asks DNS
 * again. */
#define PROBES_PER_LOOKUP 4
/* Of a server in DNS; those behind are not tried. */
#define MAX_ADDRESSES 8

struct _NetReach
{
  gchar *host;                  /* to which the addresses belong: "name port" */
  GPtrArray *addresses;         /* GSocketAddress: the one to try, then the others */
  GCancellable *lookup;         /* the question to DNS that is out; a resolver may take very long */
  guint probes;
};

typedef struct
{
  NetReach *reach;              /* held */
  GTask *task;                  /* NULL: it is over */
  NetReached reached;           /* nullable */
  gint64 since;                 /* monotonic, us */
  GUri *url;
  gchar *host;
  GSocketAddress *local;        /* nullable: from where */
  GSocketAddress *peer;         /* nullable: what is tried */
  GCancellable *cancellable;    /* ours */
  GSource *timer, *cancel;
} Probe;

/* A question to DNS. It outlives the probe that asked, so that the next one has the
 * answer; the owner of the probes ends it. */
typedef struct
{
  NetReach *reach;              /* held */
  Probe *probe;                 /* that waits for it */
  GCancellable *cancellable;    /* held */
  GCancellable *owner;          /* nullable: of the probe's task */
  gulong owner_id;
  gchar *host;
  guint16 port;
} Lookup;

NetReach *
net_reach_new (void)
{
  NetReach *reach = g_rc_box_new0 (NetReach);

  reach->addresses = g_ptr_array_new_with_free_func (g_object_unref);
  return reach;
}

static void
reach_clear (gpointer data)
{
  NetReach *reach = data;

  g_free (reach->host);
  g_ptr_array_unref (reach->addresses);
  g_clear_object (&reach->lookup);
}

/* Takes NULL. */
void
net_reach_free (NetReach * reach)
{
  if (reach)
    g_rc_box_release_full (reach, reach_clear);
}

/* Ends what outlives probes: a question to DNS. Its owner has closed. */
void
net_reach_cancel (NetReach * reach)
{
  if (reach->lookup)
    g_cancellable_cancel (reach->lookup);
}

static gchar *
print_host (GUri * url)
{
  return g_strdup_printf ("%s %u", g_uri_get_host (url),
      net_url_get_port (url));
}

/* Addresses */

static gboolean
is_same (gconstpointer a, gconstpointer b)
{
  GInetSocketAddress *one = (GInetSocketAddress *) a;
  GInetSocketAddress *other = (GInetSocketAddress *) b;

  return g_inet_address_equal (g_inet_socket_address_get_address (one),
      g_inet_socket_address_get_address (other));
}

static void
forget_other_hosts (NetReach * reach, const gchar * host)
{
  if (g_strcmp0 (reach->host, host) == 0)
    return;
  g_ptr_array_set_size (reach->addresses, 0);
  g_free (reach->host);
  reach->host = g_strdup (host);
}

/* The next probe tries @peer. */
static void
prefer (NetReach * reach, GSocketAddress * peer)
{
  guint index;

  if (g_ptr_array_find_with_equal_func (reach->addresses, peer, is_same,
          &index))
    g_ptr_array_remove_index (reach->addresses, index);
  g_ptr_array_insert (reach->addresses, 0, g_object_ref (peer));
}

/* The next probe tries another address than @peer, if there is one. */
static void
defer (NetReach * reach, const gchar * host, GSocketAddress * peer)
{
  guint index;

  if (g_strcmp0 (reach->host, host) == 0
      && g_ptr_array_find_with_equal_func (reach->addresses, peer, is_same,
          &index))
    g_ptr_array_add (reach->addresses,
        g_ptr_array_steal_index (reach->addresses, index));
}

/* What DNS says. An address that it still names keeps its place: it may be the one that
 * works. */
static void
take_addresses (NetReach * reach, const gchar * host, guint16 port,
    GList * addresses)
{
  g_autoptr (GSocketAddress) kept = NULL;

  forget_other_hosts (reach, host);
  if (reach->addresses->len > 0)
    kept = g_object_ref (g_ptr_array_index (reach->addresses, 0));
  g_ptr_array_set_size (reach->addresses, 0);
  for (GList * l = addresses; l && reach->addresses->len < MAX_ADDRESSES;
      l = l->next)
    g_ptr_array_add (reach->addresses, g_inet_socket_address_new (l->data,
            port));
  if (kept && g_ptr_array_find_with_equal_func (reach->addresses, kept,
          is_same, NULL))
    prefer (reach, kept);
}

/**
 * net_reach_learn:
 * @reach: what is known
 * @url: where something was asked for
 * @stream: (nullable): the connection that has come about for that
 *
 * Remembers the address, so that it need not be looked up while the network is away.
 */
void
net_reach_learn (NetReach * reach, GUri * url, GIOStream * stream)
{
  g_autoptr (GSocketAddress) peer = NULL;
  g_autofree gchar *host = print_host (url);

  if (G_IS_SOCKET_CONNECTION (stream))
    peer = g_socket_connection_get_remote_address (G_SOCKET_CONNECTION
        (stream), NULL);
  if (!G_IS_INET_SOCKET_ADDRESS (peer))
    return;
  forget_other_hosts (reach, host);
  prefer (reach, peer);
}

/* The end of a probe */

static void
probe_free (Probe * probe)
{
  g_assert (!probe->task);
  net_reach_free (probe->reach);
  g_uri_unref (probe->url);
  g_free (probe->host);
  g_clear_object (&probe->local);
  g_clear_object (&probe->peer);
  g_object_unref (probe->cancellable);
  g_free (probe);
}

/* Takes @error; NULL: it was reached. Connections under way end without a task. */
static void
probe_over (Probe * probe, GError * error)
{
  g_autoptr (GTask) task = g_steal_pointer (&probe->task);

  gst_rcast_source_clear (&probe->timer);
  gst_rcast_source_clear (&probe->cancel);
  if (error) {
    g_task_return_error (task, error);
  } else if (!g_task_return_error_if_cancelled (task)) {
    if (probe->reached)
      probe->reached (g_task_get_source_object (task), probe->since);
    g_task_return_boolean (task, TRUE);
  }
}

static GError *
new_error (Probe * probe, GstRcastError code, const gchar * what)
{
  g_autofree gchar *url = net_url_describe (probe->url);
  g_autofree gchar *text = gst_rcast_text_clean (what, -1);

  return gst_rcast_error_new_http (code, url, 0, GST_CLOCK_TIME_NONE,
      "%s: %s", url, text);
}

static gboolean
on_time_is_up (gpointer data)
{
  Probe *probe = data;

  if (probe->peer)
    defer (probe->reach, probe->host, probe->peer);
  probe_over (probe, new_error (probe, GST_RCAST_ERROR_NETWORK, "not reached"));
  g_cancellable_cancel (probe->cancellable);
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled (GCancellable * cancellable, gpointer data)
{
  Probe *probe = data;

  probe_over (probe, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
          "the probe was cancelled"));
  g_cancellable_cancel (probe->cancellable);
  return G_SOURCE_REMOVE;
}

/* The connection */

static void
on_connected (GObject * source, GAsyncResult * result, gpointer data)
{
  Probe *probe = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) connection =
      g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &error);

  if (probe->task && connection) {
    probe_over (probe, NULL);
  } else if (probe->task) {
    defer (probe->reach, probe->host, probe->peer);
    probe_over (probe, new_error (probe, GST_RCAST_ERROR_NETWORK,
            error->message));
  }
  probe_free (probe);
}

static void
connect_to (Probe * probe, GSocketAddress * peer)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();

  probe->peer = g_object_ref (peer);
  g_socket_client_set_enable_proxy (client, FALSE);
  g_socket_client_set_local_address (client, probe->local);
  g_socket_client_connect_async (client, G_SOCKET_CONNECTABLE (peer),
      probe->cancellable, on_connected, probe);
}

/* The name */

static void
lookup_free (Lookup * lookup)
{
  if (lookup->owner)
    g_cancellable_disconnect (lookup->owner, lookup->owner_id);
  g_clear_object (&lookup->owner);
  g_object_unref (lookup->cancellable);
  net_reach_free (lookup->reach);
  g_free (lookup->host);
  g_free (lookup);
}

static void
on_looked_up (GObject * source, GAsyncResult * result, gpointer data)
{
  Lookup *lookup = data;
  NetReach *reach = lookup->reach;
  Probe *probe = lookup->probe;
  g_autoptr (GError) error = NULL;
  GList *addresses = g_resolver_lookup_by_name_finish (G_RESOLVER (source),
      result, &error);

  if (reach->lookup == lookup->cancellable)
    g_clear_object (&reach->lookup);
  if (addresses) {
    /* For the next one, if it is too late for this one. */
    take_addresses (reach, lookup->host, lookup->port, addresses);
    g_resolver_free_addresses (addresses);
  }
  if (probe->task && !error) {
    connect_to (probe, g_ptr_array_index (reach->addresses, 0));
  } else {
    if (probe->task)
      probe_over (probe, new_error (probe, GST_RCAST_ERROR_NETWORK,
              error->message));
    probe_free (probe);
  }
  lookup_free (lookup);
}

static void
on_owner_cancelled (GCancellable * owner, gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
}

/* Not cancelled with the probe: there shall be no second one. It ends with the owner:
 * what nobody dispatches any more would never be freed. */
static void
look_up (Probe * probe)
{
  g_autoptr (GResolver) resolver = g_resolver_get_default ();
  Lookup *lookup = g_new0 (Lookup, 1);
  GCancellable *owner = g_task_get_cancellable (probe->task);

  lookup->reach = g_rc_box_acquire (probe->reach);
  lookup->probe = probe;
  lookup->cancellable = g_cancellable_new ();
  lookup->host = g_strdup (probe->host);
  lookup->port = net_url_get_port (probe->url);
  probe->reach->lookup = g_object_ref (lookup->cancellable);
  if (owner) {
    lookup->owner = g_object_ref (owner);
    lookup->owner_id = g_cancellable_connect (owner,
        G_CALLBACK (on_owner_cancelled), lookup->cancellable, NULL);
  }
  g_resolver_lookup_by_name_async (resolver, g_uri_get_host (probe->url),
      lookup->cancellable, on_looked_up, lookup);
}

static void
go (Probe * probe)
{
  NetReach *reach = probe->reach;
  g_autoptr (GSocketAddress) literal = g_inet_socket_address_new_from_string
      (g_uri_get_host (probe->url), net_url_get_port (probe->url));
  gboolean known = reach->addresses->len > 0
      && g_strcmp0 (reach->host, probe->host) == 0;

  if (literal) {
    connect_to (probe, literal);
  } else if (known && (reach->lookup
          || reach->probes++ % PROBES_PER_LOOKUP != PROBES_PER_LOOKUP - 1)) {
    connect_to (probe, g_ptr_array_index (reach->addresses, 0));
  } else if (!reach->lookup) {
    look_up (probe);
  } else {
    probe_over (probe, new_error (probe, GST_RCAST_ERROR_NETWORK,
            "its address is not known yet"));
    probe_free (probe);
  }
}

static void
on_proxies (GObject * source, GAsyncResult * result, gpointer data)
{
  Probe *probe = data;
  g_auto (GStrv) proxies = g_proxy_resolver_lookup_finish (G_PROXY_RESOLVER
      (source), result, NULL);

  if (probe->task && (!proxies || !proxies[0]
          || g_str_equal (proxies[0], "direct://"))) {
    go (probe);
    return;
  }
  if (probe->task)
    probe_over (probe, new_error (probe, GST_RCAST_ERROR_NOT_SUPPORTED,
            "a proxy is between"));
  probe_free (probe);
}

static GSource *
watch_cancellable (Probe * probe, GCancellable * cancellable)
{
  GSource *source = g_cancellable_source_new (cancellable);

  g_source_set_callback (source, G_SOURCE_FUNC (on_cancelled), probe, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

/**
 * net_reach_probe:
 * @reach: what is known
 * @url: whose host and port are meant
 * @local: (nullable): from where, %NULL: as the routes say
 * @reached: (nullable): called before the task returns %TRUE
 * @task: (transfer full): returns %TRUE, or the error why not
 *
 * Says within a second whether the server takes a connection. Not through a proxy:
 * that answers for itself. Of several addresses one is tried; after a failure, the next
 * probe tries the next one.
 */
void
net_reach_probe (NetReach * reach, GUri * url, GSocketAddress * local,
    NetReached reached, GTask * task)
{
  GProxyResolver *proxies = g_proxy_resolver_get_default ();
  GCancellable *cancellable = g_task_get_cancellable (task);
  g_autofree gchar *whole = g_uri_to_string (url);
  Probe *probe;

  if (g_task_return_error_if_cancelled (task)) {
    g_object_unref (task);
    return;
  }
  probe = g_new0 (Probe, 1);
  probe->reach = g_rc_box_acquire (reach);
  probe->task = task;
  probe->reached = reached;
  probe->since = g_get_monotonic_time ();
  probe->url = g_uri_ref (url);
  probe->host = print_host (url);
  probe->local = local ? g_object_ref (local) : NULL;
  probe->cancellable = g_cancellable_new ();
  probe->timer = gst_rcast_timer_start (PROBE_MS, on_time_is_up, probe);
  /* What has come in time counts, on a slow machine as well. */
  g_source_set_priority (probe->timer, G_PRIORITY_LOW);
  if (cancellable)
    probe->cancel = watch_cancellable (probe, cancellable);
  g_proxy_resolver_lookup_async (proxies, whole, probe->cancellable, on_proxies,
      probe);
}
