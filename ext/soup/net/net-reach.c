/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a server can be reached: a bare TCP connection, and nothing said on it. */
#include "config.h"

#include "net-reach.h"

#include "rcast-error.h"
#include "rcast-loop.h"
#include "net-url.h"

/* Then the kernel would send its SYN again (RFC 6298 2): what begins anew meanwhile is
 * answered sooner. */
#define LOOK_MS 1000
/* An address that was good once may be another one's by now: each fourth look asks for
 * it again. */
#define LOOKS_PER_LOOKUP 4

/* What is known of the way to a server; one for each signaller, and on its thread. */
struct _NetReach
{
  gchar *host;                  /* whose address @peer is */
  GSocketAddress *peer;         /* nullable */
  gboolean looking_up;          /* its address: a resolver may take very long */
  guint looks;
};

typedef struct
{
  NetReach *reach;            /* held */
  GTask *task;                  /* NULL: it is over */
  NetReached reached;         /* nullable */
  gint64 since;                 /* monotonic, us */
  GUri *url;
  GSocketAddress *local;        /* nullable: from where */
  GCancellable *cancellable;    /* ours */
  GSource *timer, *cancel;
} Look;

NetReach *
net_reach_new (void)
{
  return g_rc_box_new0 (NetReach);
}

static void
reach_clear (gpointer data)
{
  NetReach *reach = data;

  g_free (reach->host);
  g_clear_object (&reach->peer);
}

/* Takes NULL. */
void
net_reach_free (NetReach * reach)
{
  if (reach)
    g_rc_box_release_full (reach, reach_clear);
}

static guint16
get_port (GUri * url)
{
  const gchar *scheme = g_uri_get_scheme (url);

  if (g_uri_get_port (url) > 0)
    return g_uri_get_port (url);
  return g_str_equal (scheme, "https") || g_str_equal (scheme, "wss") ?
      443 : 80;
}

static gchar *
name_host (GUri * url)
{
  return g_strdup_printf ("%s %u", g_uri_get_host (url), get_port (url));
}

static void
set_peer (NetReach * reach, GUri * url, GSocketAddress * peer)
{
  g_free (reach->host);
  reach->host = name_host (url);
  g_set_object (&reach->peer, peer);
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

  if (G_IS_SOCKET_CONNECTION (stream))
    peer = g_socket_connection_get_remote_address (G_SOCKET_CONNECTION
        (stream), NULL);
  if (peer)
    set_peer (reach, url, peer);
}

static void
look_free (Look * look)
{
  g_assert (!look->task);
  net_reach_free (look->reach);
  g_uri_unref (look->url);
  g_clear_object (&look->local);
  g_object_unref (look->cancellable);
  g_free (look);
}

/* Takes @error; NULL: it was reached. What is under way ends with nobody waiting. */
static void
look_over (Look * look, GError * error)
{
  g_autoptr (GTask) task = g_steal_pointer (&look->task);

  gst_rcast_source_clear (&look->timer);
  gst_rcast_source_clear (&look->cancel);
  if (error) {
    g_task_return_error (task, error);
  } else if (!g_task_return_error_if_cancelled (task)) {
    if (look->reached)
      look->reached (g_task_get_source_object (task), look->since);
    g_task_return_boolean (task, TRUE);
  }
}

static GError *
new_error (Look * look, GstRcastError code, const gchar * what)
{
  g_autofree gchar *url = net_url_describe (look->url);

  return gst_rcast_error_new_http (code, url, 0, GST_CLOCK_TIME_NONE,
      "%s: %s", url, what);
}

static gboolean
time_is_up (gpointer data)
{
  Look *look = data;

  look_over (look, new_error (look, GST_RCAST_ERROR_NETWORK, "not reached"));
  g_cancellable_cancel (look->cancellable);
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled (GCancellable * cancellable, gpointer data)
{
  Look *look = data;

  look_over (look, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
          "the look was cancelled"));
  g_cancellable_cancel (look->cancellable);
  return G_SOURCE_REMOVE;
}

static GSource *
watch_cancellable (Look * look, GCancellable * cancellable)
{
  GSource *source = g_cancellable_source_new (cancellable);

  g_source_set_callback (source, G_SOURCE_FUNC (on_cancelled), look, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

static void
connected (GObject * source, GAsyncResult * result, gpointer data)
{
  Look *look = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) connection =
      g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &error);

  if (look->task && connection)
    look_over (look, NULL);
  else if (look->task)
    look_over (look, new_error (look, GST_RCAST_ERROR_NETWORK, error->message));
  look_free (look);
}

static void
look_at (Look * look, GSocketAddress * peer)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();

  g_socket_client_set_enable_proxy (client, FALSE);
  g_socket_client_set_local_address (client, look->local);
  g_socket_client_connect_async (client, G_SOCKET_CONNECTABLE (peer),
      look->cancellable, connected, look);
}

static void
looked_up (GObject * source, GAsyncResult * result, gpointer data)
{
  Look *look = data;
  g_autoptr (GError) error = NULL;
  GList *addresses = g_resolver_lookup_by_name_finish (G_RESOLVER (source),
      result, &error);

  look->reach->looking_up = FALSE;
  if (addresses) {
    g_autoptr (GSocketAddress) peer = g_inet_socket_address_new
        (addresses->data, get_port (look->url));

    /* For the next one, if it is too late for this one. */
    set_peer (look->reach, look->url, peer);
    g_resolver_free_addresses (addresses);
  }
  if (look->task && !error) {
    look_at (look, look->reach->peer);
    return;
  }
  if (look->task)
    look_over (look, new_error (look, GST_RCAST_ERROR_NETWORK, error->message));
  look_free (look);
}

/* Not cancelled with the look: the thread that asks could not be, and there shall
 * be no second one. */
static void
look_up (Look * look)
{
  g_autoptr (GResolver) resolver = g_resolver_get_default ();

  look->reach->looking_up = TRUE;
  g_resolver_lookup_by_name_async (resolver, g_uri_get_host (look->url), NULL,
      looked_up, look);
}

static void
go (Look * look)
{
  NetReach *reach = look->reach;
  g_autofree gchar *host = name_host (look->url);
  g_autoptr (GSocketAddress) literal = g_inet_socket_address_new_from_string
      (g_uri_get_host (look->url), get_port (look->url));
  gboolean known = reach->peer && g_strcmp0 (reach->host, host) == 0;

  if (literal) {
    look_at (look, literal);
  } else if (known && (reach->looking_up
          || reach->looks++ % LOOKS_PER_LOOKUP != LOOKS_PER_LOOKUP - 1)) {
    look_at (look, reach->peer);
  } else if (!reach->looking_up) {
    look_up (look);
  } else {
    look_over (look, new_error (look, GST_RCAST_ERROR_NETWORK,
            "its address is not known yet"));
    look_free (look);
  }
}

static void
proxies_known (GObject * source, GAsyncResult * result, gpointer data)
{
  Look *look = data;
  g_auto (GStrv) proxies = g_proxy_resolver_lookup_finish (G_PROXY_RESOLVER
      (source), result, NULL);

  if (look->task && (!proxies || !proxies[0]
          || g_str_equal (proxies[0], "direct://"))) {
    go (look);
    return;
  }
  if (look->task)
    look_over (look, new_error (look, GST_RCAST_ERROR_NOT_SUPPORTED,
            "a proxy is between"));
  look_free (look);
}

/**
 * net_reach_look:
 * @reach: what is known
 * @url: whose host and port are meant
 * @local: (nullable): from where, %NULL: as the routes say
 * @reached: (nullable): told before the task returns %TRUE
 * @task: (transfer full): returns %TRUE, or the error why not
 *
 * Tells within a second whether the server takes a connection. Not through a proxy:
 * that answers for itself.
 */
void
net_reach_look (NetReach * reach, GUri * url, GSocketAddress * local,
    NetReached reached, GTask * task)
{
  GProxyResolver *proxies = g_proxy_resolver_get_default ();
  GCancellable *cancellable = g_task_get_cancellable (task);
  g_autofree gchar *whole = g_uri_to_string (url);
  Look *look;

  if (g_task_return_error_if_cancelled (task)) {
    g_object_unref (task);
    return;
  }
  look = g_new0 (Look, 1);
  look->reach = g_rc_box_acquire (reach);
  look->task = task;
  look->reached = reached;
  look->since = g_get_monotonic_time ();
  look->url = g_uri_ref (url);
  look->local = local ? g_object_ref (local) : NULL;
  look->cancellable = g_cancellable_new ();
  look->timer = gst_rcast_timer_start (LOOK_MS, time_is_up, look);
  /* What has come in time counts, on a slow machine as well. */
  g_source_set_priority (look->timer, G_PRIORITY_LOW);
  if (cancellable)
    look->cancel = watch_cancellable (look, cancellable);
  g_proxy_resolver_lookup_async (proxies, whole, look->cancellable,
      proxies_known, look);
}
