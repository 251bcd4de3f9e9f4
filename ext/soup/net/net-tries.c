/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The attempts to make one connection, each bound to an uplink, and their results. */
#include "config.h"

#include "net-tries.h"

#include <errno.h>
#include <gst/gst.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "net-dial.h"
#include "net-url.h"
#include "rcast-uplinks.h"

/* How often TCP has repeated a segment without an answer: after 1.4 s on a fast path, later on one
 * with a longer round-trip time (RFC 6298 5.5). */
#define MIN_RETRANSMITS 3
/* TCP keep-alive probes, one per second: the maximum of Linux */
#define MAX_PROBES 127

GST_DEBUG_CATEGORY_STATIC (rcast_dial_debug);
#define GST_CAT_DEFAULT rcast_dial_debug

typedef struct
{
  gchar *uplink;
  GWeakRef connection;          /* gone: the attempt failed; hold no strong reference */
} Try;

struct _NetTries
{
  NetDialer *dialer;
  gchar *host, *shown;
  GPtrArray *tries;             /* of Try */
  gchar *uplink;                /* nullable: of the connection */
  const Try *won;               /* nullable: likewise */
  gboolean shared;              /* media has been seen on the same uplink */
  gboolean resolving;           /* waiting for the resolver */
  gboolean asking;              /* TCP keep-alive is on */
  GWeakRef connection;          /* the last one established, even to a proxy */
};

static void
try_free (gpointer data)
{
  Try *try = data;

  g_weak_ref_clear (&try->connection);
  g_free (try->uplink);
  g_free (try);
}

/* @url: the target */
NetTries *
net_tries_new (NetDialer * dialer, GUri * url)
{
  static gsize once = 0;
  NetTries *tries = g_new0 (NetTries, 1);

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_dial_debug, "rcastdial", 0,
        "Connections of signallers by uplinks");
    g_once_init_leave (&once, 1);
  }
  tries->dialer = net_dialer_ref (dialer);
  tries->host = g_strdup (g_uri_get_host (url));
  tries->shown = net_url_describe (url);
  tries->tries = g_ptr_array_new_with_free_func (try_free);
  g_weak_ref_init (&tries->connection, NULL);
  return tries;
}

/* Takes NULL. */
void
net_tries_free (NetTries * tries)
{
  if (!tries)
    return;
  g_ptr_array_unref (tries->tries);
  g_weak_ref_clear (&tries->connection);
  net_dialer_unref (tries->dialer);
  g_free (tries->host);
  g_free (tries->shown);
  g_free (tries->uplink);
  g_free (tries);
}

/* Returns: (transfer full) (nullable): the address to which @stream is being connected */
static GSocketAddress *
dup_peer (GIOStream * stream)
{
  return G_IS_SOCKET_CONNECTION (stream) ?
      g_socket_connection_get_remote_address (G_SOCKET_CONNECTION (stream),
      NULL) : NULL;
}

/* The socket exists and is not connected yet: bind it to its uplink now. */
static void
begin (NetTries * tries, GIOStream * stream)
{
  g_autoptr (GSocketAddress) peer = dup_peer (stream);
  const GstRcastWay *way = peer ? net_dial_get_way (peer) : NULL;
  g_autofree gchar *shown = NULL;
  Try *try;

  /* Proxies are dialled by the routing table. */
  if (!way)
    return;
  shown = g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (peer));
  if (!gst_rcast_way_bind (way, g_socket_get_fd
          (g_socket_connection_get_socket (G_SOCKET_CONNECTION (stream)))))
    GST_INFO_ID (tries->shown, "cannot bind to %s", way->uplink);
  GST_DEBUG_ID (tries->shown, "attempt %u: %s by %s", tries->tries->len + 1,
      shown, *way->uplink ? way->uplink : "whatever the routes say");
  try = g_new0 (Try, 1);
  try->uplink = g_strdup (way->uplink);
  g_weak_ref_init (&try->connection, stream);
  g_ptr_array_add (tries->tries, try);
}

static gboolean
is_connection (Try * try, GIOStream * stream)
{
  g_autoptr (GObject) connection = g_weak_ref_get (&try->connection);

  return connection == (GObject *) stream;
}

/* Blames uplinks that started earlier but did not win. */
static void
succeed (NetTries * tries, GIOStream * stream)
{
  g_autoptr (GSocketAddress) peer = NULL;

  for (guint i = 0; i < tries->tries->len && !tries->uplink; i++) {
    Try *try = g_ptr_array_index (tries->tries, i);

    if (is_connection (try, stream)) {
      tries->uplink = g_strdup (try->uplink);
      tries->won = try;
    } else
      net_dialer_blame (tries->dialer, try->uplink);
  }
  if (!tries->uplink)
    return;
  GST_INFO_ID (tries->shown, "connected by %s", *tries->uplink ?
      tries->uplink : "the routes' choice");
  net_dialer_trust (tries->dialer, tries->uplink);
  tries->shared = net_dialer_carries (tries->dialer, tries->uplink);
  peer = dup_peer (stream);
  if (G_IS_INET_SOCKET_ADDRESS (peer))
    net_names_prefer (tries->host, g_inet_socket_address_get_address
        (G_INET_SOCKET_ADDRESS (peer)));
}

/* An event of GSocketClient, also through SoupMessage. */
void
net_tries_event (NetTries * tries, GSocketClientEvent event,
    GIOStream * stream)
{
  if (event == G_SOCKET_CLIENT_RESOLVING)
    tries->resolving = TRUE;
  else if (event == G_SOCKET_CLIENT_RESOLVED)
    tries->resolving = FALSE;
  else if (event == G_SOCKET_CLIENT_CONNECTING)
    begin (tries, stream);
  else if (event == G_SOCKET_CLIENT_CONNECTED) {
    g_weak_ref_set (&tries->connection, stream);
    succeed (tries, stream);
  }
}

/* Returns: whether they wait for the addresses of the host */
gboolean
net_tries_are_resolving (NetTries * tries)
{
  return tries->resolving;
}

/* Returns: (nullable): the uplink of the connection; "" if unknown */
const gchar *
net_tries_get_uplink (NetTries * tries)
{
  return tries->uplink;
}

static int
get_fd (GSocketConnection * connection)
{
  return g_socket_get_fd (g_socket_connection_get_socket (connection));
}

/* Returns: the state of TCP; zeros: unknown */
static struct tcp_info
get_info (GSocketConnection * connection)
{
  struct tcp_info info = { 0 };
  socklen_t size = sizeof info;

  if (getsockopt (get_fd (connection), IPPROTO_TCP, TCP_INFO, &info, &size) < 0)
    memset (&info, 0, sizeof info);
  return info;
}

/* Whether the server has acknowledged nothing for a while. */
static gboolean
is_unheard (GSocketConnection * connection)
{
  return get_info (connection).tcpi_retransmits >= MIN_RETRANSMITS;
}

/* Whether TCP also waits for the server. Media may leave an uplink that works. */
static gboolean
is_silent (GSocketConnection * connection)
{
  struct tcp_info info = get_info (connection);

  return info.tcpi_unacked > 0 || info.tcpi_retransmits > 0
      || info.tcpi_probes > 0;
}

/* If all data is acknowledged, only keep-alive shows whether the server is still there. It does not
 * end the connection. */
static void
keep_asking (NetTries * tries, GSocketConnection * connection)
{
  int on = 1, seconds = 1, count = MAX_PROBES;
  int fd = get_fd (connection);

  if (tries->asking)
    return;
  tries->asking = TRUE;
  if (setsockopt (fd, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, sizeof seconds) < 0
      || setsockopt (fd, IPPROTO_TCP, TCP_KEEPINTVL, &seconds,
          sizeof seconds) < 0
      || setsockopt (fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count) < 0
      || setsockopt (fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on) < 0)
    GST_DEBUG_ID (tries->shown, "no keep-alive: %s", g_strerror (errno));
}

/* Call this regularly: media that never used the uplink of the connection says nothing about it.
 * Returns: whether media has used the same uplink, and has left it for a good reason */
gboolean
net_tries_are_left (NetTries * tries)
{
  tries->shared |= net_dialer_carries (tries->dialer, tries->uplink);
  return tries->shared && net_dialer_has_left (tries->dialer, tries->uplink);
}

static gboolean
is_left (NetTries * tries, GSocketConnection * connection)
{
  if (!net_tries_are_left (tries))
    return FALSE;
  keep_asking (tries, connection);
  return is_silent (connection);
}

static gboolean
is_uplink_down (GSocketConnection * connection)
{
  g_autoptr (GSocketAddress) local =
      g_socket_connection_get_local_address (connection, NULL);

  return G_IS_INET_SOCKET_ADDRESS (local) && !gst_rcast_uplinks_is_up
      (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (local)));
}

/* Whether there is another uplink to the same host. */
static gboolean
has_other_way (NetTries * tries, GSocketConnection * connection)
{
  g_autoptr (GSocketAddress) peer =
      g_socket_connection_get_remote_address (connection, NULL);
  g_autoptr (GPtrArray) ways = G_IS_INET_SOCKET_ADDRESS (peer) ?
      net_dialer_list_ways (tries->dialer, g_inet_socket_address_get_address
      (G_INET_SOCKET_ADDRESS (peer))) : NULL;

  return ways && ways->len > 1;
}

/* Returns: (nullable): why the connection is of no use any more, while another one might succeed */
const gchar *
net_tries_why_dead (NetTries * tries)
{
  g_autoptr (GObject) connection = tries->won ?
      g_weak_ref_get ((GWeakRef *) & tries->won->connection) : NULL;

  if (!G_IS_SOCKET_CONNECTION (connection))
    return NULL;
  if (is_uplink_down (G_SOCKET_CONNECTION (connection)))
    return "its uplink is down";
  if (is_left (tries, G_SOCKET_CONNECTION (connection)))
    return "media has left its uplink, too";
  return is_unheard (G_SOCKET_CONNECTION (connection))
      && has_other_way (tries, G_SOCKET_CONNECTION (connection)) ?
      "nothing comes back by its uplink, and there is another one" : NULL;
}

/* Blames the uplink, as the connection was of no use. */
void
net_tries_blame (NetTries * tries)
{
  net_dialer_blame (tries->dialer, tries->uplink);
}

/* Drops data that the server does not have yet. After a normal close, or if HTTP/2 keeps the
 * connection open, the kernel would repeat it for minutes. TLS is bypassed: this is the connection
 * below it. */
void
net_tries_reset (NetTries * tries)
{
  static const struct sockaddr none = {.sa_family = AF_UNSPEC };
  g_autoptr (GObject) connection = g_weak_ref_get (&tries->connection);
  GSocket *socket = G_IS_SOCKET_CONNECTION (connection) ?
      g_socket_connection_get_socket (G_SOCKET_CONNECTION (connection)) : NULL;

  if (socket && !g_socket_is_closed (socket)
      && connect (g_socket_get_fd (socket), &none, sizeof none) < 0)
    GST_DEBUG_ID (tries->shown, "cannot be reset: %s", g_strerror (errno));
}

typedef struct
{
  const gchar *uplink;
  guint n, failed;              /* attempts */
} Tally;

static Tally *
find_tally (GArray * tallies, const gchar * uplink)
{
  Tally fresh = { uplink, 0, 0 };

  for (guint i = 0; i < tallies->len; i++) {
    Tally *tally = &g_array_index (tallies, Tally, i);

    if (g_str_equal (tally->uplink, uplink))
      return tally;
  }
  g_array_append_val (tallies, fresh);
  return &g_array_index (tallies, Tally, tallies->len - 1);
}

static gboolean
is_of_interest (GArray * tallies)
{
  return tallies->len > 1 || (tallies->len == 1
      && !g_str_equal (g_array_index (tallies, Tally, 0).uplink, "lo"));
}

/* Returns: (transfer full): the attempts, as the end of an error message: " (wlan0: no answer,
 * wwan0: failed)", or "" */
gchar *
net_tries_describe (NetTries * tries)
{
  g_autoptr (GArray) tallies = g_array_new (FALSE, FALSE, sizeof (Tally));
  g_autoptr (GString) text = g_string_new (NULL);

  if (tries->resolving)
    return g_strdup_printf (" (the resolver gives no address of %s)",
        tries->host);
  for (guint i = 0; i < tries->tries->len; i++) {
    Try *try = g_ptr_array_index (tries->tries, i);
    Tally *tally = find_tally (tallies, try->uplink);
    g_autoptr (GObject) connection = g_weak_ref_get (&try->connection);

    tally->n++;
    if (!connection)
      tally->failed++;
  }
  if (!is_of_interest (tallies))
    return g_strdup ("");
  for (guint i = 0; i < tallies->len; i++) {
    const Tally *tally = &g_array_index (tallies, Tally, i);

    g_string_append_printf (text, "%s%s: %s", text->len ? ", " : " (",
        *tally->uplink ? tally->uplink : "no route",
        tally->failed == tally->n ? "failed" : "no answer");
  }
  g_string_append_c (text, ')');
  return g_string_free (g_steal_pointer (&text), FALSE);
}
