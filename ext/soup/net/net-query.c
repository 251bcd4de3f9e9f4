/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks the system's name servers for a host name, on each uplink. */
#include "config.h"

#include "net-query.h"

#include <arpa/nameser.h>
#include <netinet/in.h>
#include <resolv.h>
#include <string.h>

#include "net-dns.h"
#include "rcast-loop.h"
#include "rcast-ways.h"

/* The C library's resolver uses the default route, and its sockets are private. But it also builds
 * and parses messages, so this file only sends and receives them. */

/* RFC 1035 2.3.4: limit of a message without EDNS */
#define MAX_MESSAGE 512
/* How often to ask, and the interval. */
#define ROUNDS 3
#define ROUND_MS 700
/* RFC 8305 3: how long to wait for the other address family */
#define RESOLUTION_DELAY_MS 50

typedef struct
{
  guint8 bytes[MAX_MESSAGE];
  gint size;
} Question;

struct _NetQuery
{
  Question questions[2];        /* A, AAAA */
  guint answered;               /* one bit per question */
  GPtrArray *sockets;           /* of GSocket: one per server and way */
  GPtrArray *sources;           /* of GSource: likewise */
  GPtrArray *addresses;
  GSource *timer;
  guint rounds;
  NetQueryDone done;
  gpointer data;
};

static void
source_free (gpointer source)
{
  g_source_destroy (source);
  g_source_unref (source);
}

/* Takes NULL. */
void
net_query_free (NetQuery * query)
{
  if (!query)
    return;
  gst_rcast_source_clear (&query->timer);
  g_ptr_array_unref (query->sources);
  g_ptr_array_unref (query->sockets);
  g_ptr_array_unref (query->addresses);
  g_free (query);
}

static void
finish (NetQuery * query)
{
  g_autoptr (GPtrArray) addresses = query->addresses->len > 0 ?
      g_ptr_array_ref (query->addresses) : NULL;

  gst_rcast_source_clear (&query->timer);
  g_ptr_array_set_size (query->sources, 0);
  query->done (addresses, query->data);
}

static gboolean
on_delay_over (gpointer data)
{
  finish (data);
  return G_SOURCE_REMOVE;
}

static void
take_answer (NetQuery * query, const guint8 * answer, gsize size)
{
  for (guint i = 0; i < G_N_ELEMENTS (query->questions); i++) {
    if (!(query->answered & 1u << i) && net_dns_read (answer, size,
            query->questions[i].bytes, query->questions[i].size,
            query->addresses))
      query->answered |= 1u << i;
  }
}

static gboolean
on_readable (GSocket * socket, GIOCondition condition, gpointer data)
{
  NetQuery *query = data;
  guint8 answer[MAX_MESSAGE];
  /* Errors, such as a closed port, are ignored. */
  gssize size = g_socket_receive (socket, (gchar *) answer, sizeof answer, NULL,
      NULL);

  if (size > 0)
    take_answer (query, answer, size);
  if (query->answered == (1u << G_N_ELEMENTS (query->questions)) - 1
      && query->addresses->len > 0) {
    finish (query);
    return G_SOURCE_REMOVE;
  }
  if (query->addresses->len > 0) {
    gst_rcast_source_clear (&query->timer);
    query->timer =
        gst_rcast_timer_start (RESOLUTION_DELAY_MS, on_delay_over, query);
  }
  return G_SOURCE_CONTINUE;
}

/* Question */

static gboolean
on_round_over (gpointer data)
{
  NetQuery *query = data;

  if (query->rounds++ == ROUNDS) {
    finish (query);
    return G_SOURCE_REMOVE;
  }
  for (guint i = 0; i < query->sockets->len; i++) {
    for (guint k = 0; k < G_N_ELEMENTS (query->questions); k++)
      g_socket_send (query->sockets->pdata[i],
          (const gchar *) query->questions[k].bytes, query->questions[k].size,
          NULL, NULL);
  }
  return G_SOURCE_CONTINUE;
}

static void
add_way (NetQuery * query, GSocketAddress * server, const GstRcastWay * way)
{
  g_autoptr (GSocket) socket =
      g_socket_new (g_socket_address_get_family (server),
      G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);
  GSource *source;

  if (!socket)
    return;
  g_socket_set_blocking (socket, FALSE);
  gst_rcast_way_bind (way, g_socket_get_fd (socket));
  /* Connected, so that only this server is heard. */
  if (!g_socket_connect (socket, server, NULL, NULL))
    return;
  source = g_socket_create_source (socket, G_IO_IN, NULL);
  g_source_set_callback (source, G_SOURCE_FUNC (on_readable), query, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  g_ptr_array_add (query->sources, source);
  g_ptr_array_add (query->sockets, g_steal_pointer (&socket));
}

/* A name server on this host chooses its uplink itself. */
static void
add_server (NetQuery * query, const struct sockaddr *native, gsize size)
{
  g_autoptr (GSocketAddress) server =
      g_socket_address_new_from_native ((gpointer) native, size);
  g_autoptr (GPtrArray) ways = NULL;
  GInetAddress *address;

  if (!G_IS_INET_SOCKET_ADDRESS (server))
    return;
  address = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (server));
  if (g_inet_address_get_is_loopback (address)
      || g_inet_address_get_is_any (address))
    return;
  ways = gst_rcast_ways_list (address, NULL);
  for (guint i = 0; i < ways->len; i++)
    add_way (query, server, ways->pdata[i]);
}

static gboolean
add_servers (NetQuery * query, const gchar * name)
{
  static const ns_type types[] = { ns_t_a, ns_t_aaaa };
  struct __res_state state = { 0 };
  gboolean made = TRUE;

  if (res_ninit (&state) != 0)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (query->questions); i++) {
    query->questions[i].size = res_nmkquery (&state, ns_o_query, name, ns_c_in,
        types[i], NULL, 0, NULL, query->questions[i].bytes, MAX_MESSAGE);
    made = made && query->questions[i].size > 0;
  }
  for (gint i = 0; made && i < state.nscount; i++) {
    const struct sockaddr_in *four = &state.nsaddr_list[i];
    const struct sockaddr_in6 *six = state._u._ext.nsaddrs[i];

    if (four->sin_family == AF_INET)
      add_server (query, (const struct sockaddr *) four, sizeof *four);
    else if (six)
      add_server (query, (const struct sockaddr *) six, sizeof *six);
  }
  res_nclose (&state);
  return query->sockets->len > 0;
}

/* Name servers are not asked for names of the search list or of mDNS. */
static gboolean
is_for_servers (const gchar * name)
{
  return name && strchr (name, '.') && !g_str_has_suffix (name, ".local")
      && !g_str_has_suffix (name, ".local.");
}

/**
 * net_query_start:
 * @host: a name
 * @done: called at the end
 * @data: for @done
 *
 * Asks the name servers of resolv.conf for the addresses of a name, each on every uplink
 * that leads there.
 *
 * Returns: (transfer full) (nullable): %NULL: there is no server to ask
 */
NetQuery *
net_query_start (const gchar * host, NetQueryDone done, gpointer data)
{
  g_autofree gchar *name = g_hostname_to_ascii (host);
  NetQuery *query;

  if (!is_for_servers (name))
    return NULL;
  query = g_new0 (NetQuery, 1);
  query->sockets = g_ptr_array_new_with_free_func (g_object_unref);
  query->sources = g_ptr_array_new_with_free_func (source_free);
  query->addresses = g_ptr_array_new_with_free_func (g_object_unref);
  query->done = done;
  query->data = data;
  if (!add_servers (query, name)) {
    net_query_free (query);
    return NULL;
  }
  on_round_over (query);
  query->timer = gst_rcast_timer_start (ROUND_MS, on_round_over, query);
  return query;
}
