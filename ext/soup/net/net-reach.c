/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Probes whether a server can be reached, by a bare TCP connection without data. */
#include "config.h"

#include "net-reach.h"

#include "net-dial.h"
#include "net-tries.h"
#include "net-url.h"
#include "rcast-error.h"
#include "rcast-loop.h"
#include "rcast-text.h"

/* The kernel repeats a SYN after this time (RFC 6298 2). A new probe is answered sooner. */
#define PROBE_MS 1000

struct _NetReach
{
  NetDialer *dialer;
  GList *probes;                /* pending probes, and those that wait only for the resolver */
};

typedef struct
{
  NetReach *reach;              /* held */
  GTask *task;                  /* NULL: the probe is over */
  NetReached reached;           /* nullable */
  gint64 since;                 /* monotonic, us */
  GUri *url;
  NetTries *tries;
  GCancellable *cancellable;    /* our own */
  GCancellable *owner;          /* nullable: the task's */
  gulong owner_id;
  GSource *timer, *cancel;
} Probe;

/* @dialer: held */
NetReach *
net_reach_new (NetDialer * dialer)
{
  NetReach *reach = g_rc_box_new0 (NetReach);

  reach->dialer = net_dialer_ref (dialer);
  return reach;
}

static void
reach_clear (gpointer data)
{
  NetReach *reach = data;

  g_assert (!reach->probes);
  net_dialer_unref (reach->dialer);
}

/* Takes NULL. */
void
net_reach_free (NetReach * reach)
{
  if (reach)
    g_rc_box_release_full (reach, reach_clear);
}

/* End of a probe */

static void
probe_free (Probe * probe)
{
  g_assert (!probe->task);
  probe->reach->probes = g_list_remove (probe->reach->probes, probe);
  net_reach_free (probe->reach);
  net_tries_free (probe->tries);
  g_uri_unref (probe->url);
  /* Not g_cancellable_disconnect(): it would deadlock if called while the signal is emitted. */
  if (probe->owner_id)
    g_signal_handler_disconnect (probe->owner, probe->owner_id);
  g_clear_object (&probe->owner);
  g_object_unref (probe->cancellable);
  g_free (probe);
}

/* Takes @error. NULL: the server was reached. Pending connections end without a task. */
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
new_cancelled (void)
{
  return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
      "the probe was cancelled");
}

static GError *
new_error (Probe * probe, GstRcastError code, const gchar * what)
{
  g_autofree gchar *url = net_url_describe (probe->url);
  g_autofree gchar *text = gst_rcast_text_clean (what, -1);
  g_autofree gchar *detail = net_tries_describe (probe->tries);

  return gst_rcast_error_new_http (code, url, 0, GST_CLOCK_TIME_NONE,
      "%s: %s%s", url, text, detail);
}

/* The resolver goes on: its answer is for the next probe. */
static gboolean
on_time_is_up (gpointer data)
{
  Probe *probe = data;

  probe_over (probe, new_error (probe, GST_RCAST_ERROR_NETWORK, "not reached"));
  if (!net_tries_are_resolving (probe->tries))
    g_cancellable_cancel (probe->cancellable);
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled (GCancellable * cancellable, gpointer data)
{
  probe_over (data, new_cancelled ());
  return G_SOURCE_REMOVE;
}

static void
on_owner_cancelled (GCancellable * owner, gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
}

/* The session ends: ends its probes, and questions to the resolver that outlive them. A probe of
 * another server has its own owner. */
void
net_reach_cancel (NetReach * reach)
{
  for (GList * l = reach->probes; l; l = l->next) {
    Probe *probe = l->data;

    if (!probe->task || probe->reached)
      g_cancellable_cancel (probe->cancellable);
  }
}

/* Connection */

static void
on_event (GSocketClient * client, GSocketClientEvent event,
    GSocketConnectable * connectable, GIOStream * stream, gpointer data)
{
  Probe *probe = data;

  if (probe->task)
    net_tries_event (probe->tries, event, stream);
  else if (event == G_SOCKET_CLIENT_RESOLVED)
    g_cancellable_cancel (probe->cancellable);
}

static void
on_connected (GObject * source, GAsyncResult * result, gpointer data)
{
  Probe *probe = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) connection =
      g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &error);

  g_signal_handlers_disconnect_by_data (source, probe);
  if (probe->task && connection)
    probe_over (probe, NULL);
  else if (probe->task && g_cancellable_is_cancelled (probe->cancellable))
    probe_over (probe, new_cancelled ());
  else if (probe->task)
    probe_over (probe, new_error (probe, GST_RCAST_ERROR_NETWORK,
            error->message));
  probe_free (probe);
}

static void
go (Probe * probe)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnectable) dial =
      net_dial_new (probe->reach->dialer, probe->url);

  g_socket_client_set_enable_proxy (client, FALSE);
  g_signal_connect (client, "event", G_CALLBACK (on_event), probe);
  g_socket_client_connect_async (client, dial, probe->cancellable,
      on_connected, probe);
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

/**
 * net_reach_probe:
 * @reach: the probes of a signaller
 * @url: for its host and port
 * @reached: (nullable): called before the task returns %TRUE; %NULL: the probe belongs to no
 *   session, and none ends it
 * @task: (transfer full): returns %TRUE, or the error
 *
 * Finds out within a second whether the server accepts a connection, at any of its
 * addresses and on any uplink. No proxy is used, as it would answer for the server.
 */
void
net_reach_probe (NetReach * reach, GUri * url, NetReached reached,
    GTask * task)
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
  probe->tries = net_tries_new (reach->dialer, url);
  reach->probes = g_list_prepend (reach->probes, probe);
  probe->cancellable = g_cancellable_new ();
  probe->timer = gst_rcast_timer_start (PROBE_MS, on_time_is_up, probe);
  /* Answers that came in time count, even on a slow machine. */
  g_source_set_priority (probe->timer, G_PRIORITY_LOW);
  probe->cancel = gst_rcast_cancel_start (cancellable, on_cancelled, probe);
  if (cancellable) {
    probe->owner = g_object_ref (cancellable);
    probe->owner_id = g_cancellable_connect (cancellable,
        G_CALLBACK (on_owner_cancelled), probe->cancellable, NULL);
  }
  g_proxy_resolver_lookup_async (proxies, whole, probe->cancellable, on_proxies,
      probe);
}
