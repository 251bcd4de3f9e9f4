/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Presents a host to libsoup and GSocketClient as each of its addresses on each uplink. */
#include "config.h"

#include "net-dial.h"

#include "net-url.h"

/* Limit of addresses of a server in DNS. The rest is not tried. */
#define MAX_ADDRESSES 8
#define WAY "rcast-way"

/* GSocketClient connects to a list of addresses as in RFC 8305: to the next one after 250 ms
 * without success, or at once after a failure. The first connection wins and the others are closed.
 * So the list has each address once per way there, and NetTries binds the sockets on the client's
 * events. libsoup uses the name of a GNetworkAddress for TLS, and GSocketClient asks for proxies
 * only with one. */

#define NET_TYPE_DIAL (net_dial_get_type ())
G_DECLARE_FINAL_TYPE (NetDial, net_dial, NET, DIAL, GNetworkAddress);

struct _NetDial
{
  GNetworkAddress parent;

  NetDialer *dialer;
};

static void net_dial_connectable_init (GSocketConnectableIface * iface);

G_DEFINE_TYPE_WITH_CODE (NetDial, net_dial, G_TYPE_NETWORK_ADDRESS,
    G_IMPLEMENT_INTERFACE (G_TYPE_SOCKET_CONNECTABLE,
        net_dial_connectable_init));

#define NET_TYPE_DIAL_LIST (net_dial_list_get_type ())
G_DECLARE_FINAL_TYPE (NetDialList, net_dial_list, NET, DIAL_LIST,
    GSocketAddressEnumerator);

struct _NetDialList
{
  GSocketAddressEnumerator parent;

  NetDial *dial;
  GPtrArray *addresses;         /* nullable: GSocketAddress with its way; NULL until known */
  guint next;
};

G_DEFINE_TYPE (NetDialList, net_dial_list, G_TYPE_SOCKET_ADDRESS_ENUMERATOR);

/* Returns: (nullable): the way on which @address is dialled */
const GstRcastWay *
net_dial_get_way (GSocketAddress * address)
{
  return g_object_get_data (G_OBJECT (address), WAY);
}

/* RFC 8305 4: alternates address families, starting with that of the first address. */
static GPtrArray *
interlace (GPtrArray * addresses)
{
  GPtrArray *sorted = g_ptr_array_new_with_free_func (g_object_unref);
  GSocketFamily first = g_inet_address_get_family (addresses->pdata[0]);
  guint next[2] = { 0, 0 };

  for (guint turn = 0; sorted->len < MIN (addresses->len, MAX_ADDRESSES);
      turn = !turn) {
    guint *i = &next[turn];

    while (*i < addresses->len
        && (g_inet_address_get_family (addresses->pdata[*i]) == first) == turn)
      (*i)++;
    if (*i < addresses->len)
      g_ptr_array_add (sorted, g_object_ref (addresses->pdata[(*i)++]));
  }
  return sorted;
}

/* @scoped: (nullable): a literal with its scope, which a GInetAddress cannot hold */
static void
add (NetDialList * list, GInetAddress * address, GSocketAddress * scoped,
    const GstRcastWay * way)
{
  GSocketAddress *to = scoped ? g_object_ref (scoped) :
      g_inet_socket_address_new (address,
      g_network_address_get_port (G_NETWORK_ADDRESS (list->dial)));

  g_object_set_data_full (G_OBJECT (to), WAY, gst_rcast_way_copy (way),
      (GDestroyNotify) gst_rcast_way_free);
  g_ptr_array_add (list->addresses, to);
}

/* Neither a dead uplink nor a dead address may delay the others for long. So the order is: the
 * first address on the first way, then on the second way, then the second address on the first
 * way... */
static void
take_addresses (NetDialList * list, GPtrArray * addresses,
    GSocketAddress * scoped)
{
  g_autoptr (GPtrArray) sorted = interlace (addresses);
  g_autoptr (GPtrArray) ways =
      g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  guint rounds = 0;

  for (guint i = 0; i < sorted->len; i++) {
    GPtrArray *of_one =
        net_dialer_list_ways (list->dial->dialer, sorted->pdata[i]);

    g_ptr_array_add (ways, of_one);
    rounds = MAX (rounds, i + of_one->len);
  }
  list->addresses = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint round = 0; round < rounds; round++) {
    for (guint i = 0; i <= round && i < sorted->len; i++) {
      GPtrArray *of_one = g_ptr_array_index (ways, i);

      if (round - i < of_one->len)
        add (list, sorted->pdata[i], scoped, of_one->pdata[round - i]);
    }
  }
}

static void
return_next (NetDialList * list, GTask * task)
{
  if (list->next < list->addresses->len)
    g_task_return_pointer (task,
        g_object_ref (list->addresses->pdata[list->next++]), g_object_unref);
  else
    g_task_return_pointer (task, NULL, NULL);
}

static void
on_looked_up (GObject * source, GAsyncResult * result, gpointer data)
{
  g_autoptr (GTask) task = data;
  NetDialList *list = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) addresses = net_names_look_up_finish (result, &error);

  if (!addresses) {
    g_task_return_error (task, g_steal_pointer (&error));
    return;
  }
  if (!list->addresses)
    take_addresses (list, addresses, NULL);
  return_next (list, task);
}

static void
net_dial_list_next_async (GSocketAddressEnumerator * enumerator,
    GCancellable * cancellable, GAsyncReadyCallback callback, gpointer data)
{
  NetDialList *self = NET_DIAL_LIST (enumerator);
  GNetworkAddress *dial = G_NETWORK_ADDRESS (self->dial);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);
  g_autoptr (GSocketAddress) literal = NULL;

  g_task_set_source_tag (task, net_dial_list_next_async);
  if (!self->addresses)
    literal =
        g_inet_socket_address_new_from_string (g_network_address_get_hostname
        (dial), g_network_address_get_port (dial));
  if (literal) {
    GInetAddress *address = g_inet_socket_address_get_address
        (G_INET_SOCKET_ADDRESS (literal));
    g_autoptr (GPtrArray) one = g_ptr_array_new ();

    g_ptr_array_add (one, address);
    take_addresses (self, one, g_inet_address_get_is_link_local (address) ?
        literal : NULL);
  }
  if (self->addresses)
    return_next (self, task);
  else
    net_names_look_up_async (net_dialer_get_names (self->dial->dialer),
        g_network_address_get_hostname (dial), cancellable, on_looked_up,
        g_steal_pointer (&task));
}

static GSocketAddress *
net_dial_list_next_finish (GSocketAddressEnumerator * enumerator,
    GAsyncResult * result, GError ** error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Not used: all connections are asynchronous. */
static GSocketAddress *
net_dial_list_next (GSocketAddressEnumerator * enumerator,
    GCancellable * cancellable, GError ** error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
      "only asynchronous connections are supported");
  return NULL;
}

static void
net_dial_list_finalize (GObject * object)
{
  NetDialList *self = NET_DIAL_LIST (object);

  g_clear_pointer (&self->addresses, g_ptr_array_unref);
  g_object_unref (self->dial);
  G_OBJECT_CLASS (net_dial_list_parent_class)->finalize (object);
}

static void
net_dial_list_class_init (NetDialListClass * klass)
{
  GSocketAddressEnumeratorClass *enumerator_class =
      G_SOCKET_ADDRESS_ENUMERATOR_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = net_dial_list_finalize;
  enumerator_class->next = net_dial_list_next;
  enumerator_class->next_async = net_dial_list_next_async;
  enumerator_class->next_finish = net_dial_list_next_finish;
}

static void
net_dial_list_init (NetDialList * self)
{
}

/* Connectable */

static GSocketAddressEnumerator *
net_dial_enumerate (GSocketConnectable * connectable)
{
  NetDialList *list = g_object_new (NET_TYPE_DIAL_LIST, NULL);

  list->dial = g_object_ref (NET_DIAL (connectable));
  return G_SOCKET_ADDRESS_ENUMERATOR (list);
}

static void
net_dial_connectable_init (GSocketConnectableIface * iface)
{
  iface->enumerate = net_dial_enumerate;
}

static void
net_dial_finalize (GObject * object)
{
  net_dialer_unref (NET_DIAL (object)->dialer);
  G_OBJECT_CLASS (net_dial_parent_class)->finalize (object);
}

static void
net_dial_class_init (NetDialClass * klass)
{
  G_OBJECT_CLASS (klass)->finalize = net_dial_finalize;
}

static void
net_dial_init (NetDial * self)
{
}

/**
 * net_dial_new:
 * @dialer: what is known of uplinks and names
 * @url: for its host and port
 *
 * Returns: (transfer full): a GNetworkAddress
 */
GSocketConnectable *
net_dial_new (NetDialer * dialer, GUri * url)
{
  NetDial *dial = g_object_new (NET_TYPE_DIAL, "hostname",
      g_uri_get_host (url), "port", (guint) net_url_get_port (url), "scheme",
      net_url_is_secure (url) ? "https" : "http", NULL);

  dial->dialer = net_dialer_ref (dialer);
  return G_SOCKET_CONNECTABLE (dial);
}
