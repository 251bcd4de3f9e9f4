/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The host's interfaces that lead somewhere, and when they come and go. */
#include "config.h"

#include "gstrcasticenetwork.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib-unix.h>

#include "gstrcasticekind.h"

/* A storm of messages (DHCP, IPv6 autoconfiguration) makes one change. */
#define DEBOUNCE_MS 100

/* What virtual machines and containers leave behind leads nowhere; libnice
 * leaves out the same. */
static const gchar *const ignored[] =
    { "docker", "veth", "virbr", "vnet", NULL };

void
gst_rcast_ice_uplink_free (GstRcastIceUplink * uplink)
{
  if (!uplink)
    return;
  g_free (uplink->name);
  g_ptr_array_unref (uplink->addresses);
  g_free (uplink);
}

static GstRcastIceUplink *
uplink_new (const gchar * name, guint rank)
{
  GstRcastIceUplink *uplink = g_new0 (GstRcastIceUplink, 1);

  uplink->name = g_strdup (name);
  uplink->rank = rank;
  uplink->addresses = g_ptr_array_new_with_free_func (g_free);
  return uplink;
}

GstRcastIceUplink *
gst_rcast_ice_uplink_copy (const GstRcastIceUplink * uplink)
{
  GstRcastIceUplink *copy = uplink_new (uplink->name, uplink->rank);

  for (guint i = 0; i < uplink->addresses->len; i++)
    g_ptr_array_add (copy->addresses, g_strdup (uplink->addresses->pdata[i]));
  return copy;
}

gboolean
gst_rcast_ice_uplink_has_address (const GstRcastIceUplink * uplink,
    const gchar * address)
{
  return g_ptr_array_find_with_equal_func (uplink->addresses, address,
      g_str_equal, NULL);
}

static guint
get_rank (const gchar * name, const gchar * const *preference)
{
  return gst_rcast_ice_get_rank (name,
      gst_rcast_ice_get_kind (GST_RCAST_ICE_SYSFS, name), preference);
}

static gboolean
is_ignored (const struct ifaddrs *ifa)
{
  if (!(ifa->ifa_flags & IFF_UP) || !(ifa->ifa_flags & IFF_RUNNING)
      || ifa->ifa_flags & IFF_LOOPBACK)
    return TRUE;
  for (guint i = 0; ignored[i]; i++) {
    if (g_str_has_prefix (ifa->ifa_name, ignored[i]))
      return TRUE;
  }
  return FALSE;
}

static gsize
get_size (const struct sockaddr *address)
{
  switch (address ? address->sa_family : AF_UNSPEC) {
    case AF_INET:
      return sizeof (struct sockaddr_in);
    case AF_INET6:
      return sizeof (struct sockaddr_in6);
    default:
      return 0;
  }
}

static gchar *
address_to_string (const struct sockaddr *address)
{
  gchar string[INET6_ADDRSTRLEN];

  if (address->sa_family == AF_INET)
    inet_ntop (AF_INET, &((const struct sockaddr_in *) address)->sin_addr,
        string, sizeof string);
  else
    inet_ntop (AF_INET6, &((const struct sockaddr_in6 *) address)->sin6_addr,
        string, sizeof string);
  return g_strdup (string);
}

static gboolean
is_link_local (const struct sockaddr *address)
{
  return address->sa_family == AF_INET6
      && IN6_IS_ADDR_LINKLOCAL (&((const struct sockaddr_in6 *)
          address)->sin6_addr);
}

/* Not while duplicate address detection is going on. */
static gboolean
can_bind (const struct sockaddr *address)
{
  int fd = socket (address->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  gboolean bound;

  if (fd < 0)
    return FALSE;
  bound = bind (fd, address, get_size (address)) == 0;
  close (fd);
  return bound;
}

static GstRcastIceUplink *
find_uplink (GPtrArray * uplinks, const gchar * name)
{
  for (guint i = 0; i < uplinks->len; i++) {
    GstRcastIceUplink *uplink = uplinks->pdata[i];

    if (g_str_equal (uplink->name, name))
      return uplink;
  }
  return NULL;
}

static gint
compare_ranks (gconstpointer a, gconstpointer b)
{
  const GstRcastIceUplink *x = *(GstRcastIceUplink * const *) a;
  const GstRcastIceUplink *y = *(GstRcastIceUplink * const *) b;

  return x->rank != y->rank ? (x->rank < y->rank ? -1 : 1) :
      strcmp (x->name, y->name);
}

static void
add_interface (GPtrArray * uplinks, const struct ifaddrs *ifa,
    const gchar * const *preference)
{
  GstRcastIceUplink *uplink;

  if (get_size (ifa->ifa_addr) == 0 || is_ignored (ifa)
      || is_link_local (ifa->ifa_addr) || !can_bind (ifa->ifa_addr))
    return;
  uplink = find_uplink (uplinks, ifa->ifa_name);
  if (!uplink) {
    uplink = uplink_new (ifa->ifa_name, get_rank (ifa->ifa_name, preference));
    g_ptr_array_add (uplinks, uplink);
  }
  g_ptr_array_add (uplink->addresses, address_to_string (ifa->ifa_addr));
}

/* An uplink per given address, as long as an interface has it. */
static void
add_given (GPtrArray * uplinks, const struct ifaddrs *ifa,
    GPtrArray * addresses, const gchar * const *preference)
{
  g_autofree gchar *address = NULL;
  GstRcastIceUplink *uplink;

  if (get_size (ifa->ifa_addr) == 0 || !(ifa->ifa_flags & IFF_UP)
      || !(ifa->ifa_flags & IFF_RUNNING))
    return;
  address = address_to_string (ifa->ifa_addr);
  if (!g_ptr_array_find_with_equal_func (addresses, address, g_str_equal, NULL)
      || !can_bind (ifa->ifa_addr))
    return;
  uplink = uplink_new (ifa->ifa_name, get_rank (ifa->ifa_name, preference));
  g_ptr_array_add (uplink->addresses, g_steal_pointer (&address));
  g_ptr_array_add (uplinks, uplink);
}

/* Of GstRcastIceUplink, best first. @addresses restricts them, if not empty. */
GPtrArray *
gst_rcast_ice_list_uplinks (GPtrArray * addresses,
    const gchar * const *preference)
{
  GPtrArray *uplinks = g_ptr_array_new_with_free_func
      ((GDestroyNotify) gst_rcast_ice_uplink_free);
  struct ifaddrs *list = NULL;

  if (getifaddrs (&list) != 0)
    return uplinks;
  for (struct ifaddrs * ifa = list; ifa; ifa = ifa->ifa_next) {
    if (addresses->len > 0)
      add_given (uplinks, ifa, addresses, preference);
    else
      add_interface (uplinks, ifa, preference);
  }
  freeifaddrs (list);
  g_ptr_array_sort (uplinks, compare_ranks);
  return uplinks;
}

/* Nothing is sent: only the routing table is asked, for an address of RFC 5737
 * or RFC 3849. */
static gboolean
has_default_route (const gchar * address)
{
  struct sockaddr_in6 to6 = {.sin6_family = AF_INET6,.sin6_port = htons (9) };
  struct sockaddr_in to = {.sin_family = AF_INET,.sin_port = htons (9) };
  struct sockaddr_in6 from6 = {.sin6_family = AF_INET6 };
  struct sockaddr_in from = {.sin_family = AF_INET };
  gboolean is_6 = strchr (address, ':') != NULL;
  int fd = socket (is_6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  gboolean has;

  if (fd < 0)
    return FALSE;
  inet_pton (AF_INET, "192.0.2.1", &to.sin_addr);
  inet_pton (AF_INET6, "2001:db8::1", &to6.sin6_addr);
  if (is_6)
    has = inet_pton (AF_INET6, address, &from6.sin6_addr) == 1
        && bind (fd, (struct sockaddr *) &from6, sizeof from6) == 0
        && connect (fd, (struct sockaddr *) &to6, sizeof to6) == 0;
  else
    has = inet_pton (AF_INET, address, &from.sin_addr) == 1
        && bind (fd, (struct sockaddr *) &from, sizeof from) == 0
        && connect (fd, (struct sockaddr *) &to, sizeof to) == 0;
  close (fd);
  return has;
}

/* Each address as interface/address, and once more with /route if there is a
 * default route from it. */
gchar **
gst_rcast_ice_describe_network (void)
{
  g_autoptr (GPtrArray) any = g_ptr_array_new ();
  g_autoptr (GPtrArray) uplinks = gst_rcast_ice_list_uplinks (any, NULL);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < uplinks->len; i++) {
    GstRcastIceUplink *uplink = uplinks->pdata[i];

    for (guint k = 0; k < uplink->addresses->len; k++) {
      const gchar *address = uplink->addresses->pdata[k];
      g_autofree gchar *word = g_strdup_printf ("%s/%s", uplink->name, address);
      g_autofree gchar *routed = g_strconcat (word, "/route", NULL);

      g_strv_builder_add (builder, word);
      if (has_default_route (address))
        g_strv_builder_add (builder, routed);
    }
  }
  return g_strv_builder_end (builder);
}

/* The one that has @address; NULL if none. */
gchar *
gst_rcast_ice_find_interface (const gchar * address)
{
  struct ifaddrs *list = NULL;
  gchar *name = NULL;

  if (getifaddrs (&list) != 0)
    return NULL;
  for (struct ifaddrs * ifa = list; ifa && !name; ifa = ifa->ifa_next) {
    g_autofree gchar *own = NULL;

    if (get_size (ifa->ifa_addr) == 0)
      continue;
    own = address_to_string (ifa->ifa_addr);
    if (g_str_equal (own, address))
      name = g_strdup (ifa->ifa_name);
  }
  freeifaddrs (list);
  return name;
}

struct _GstRcastIceNetwork
{
  GMainContext *context;        /* NULL: the default one */
  GstRcastIceNetworkFunc changed;
  gpointer data;
  int fd;
  GSource *source;
  GSource *debounce;
};

static gboolean
debounced (gpointer data)
{
  GstRcastIceNetwork *network = data;

  g_clear_pointer (&network->debounce, g_source_unref);
  network->changed (network->data);
  return G_SOURCE_REMOVE;
}

/* What a message says does not matter, only that one has come: whoever is
 * told looks at the interfaces himself, and a lost message loses nothing. */
static gboolean
on_message (gint fd, GIOCondition condition, gpointer data)
{
  GstRcastIceNetwork *network = data;
  guint8 bytes[8192];
  gboolean any = FALSE;

  while (TRUE) {
    ssize_t size = recv (fd, bytes, sizeof bytes, MSG_DONTWAIT);

    /* ENOBUFS: some were lost */
    if (size < 0 && errno != ENOBUFS)
      break;
    any = TRUE;
  }
  if (!any)
    return G_SOURCE_CONTINUE;
  /* At once, for what is gone; and later, for what is still coming. */
  if (!network->debounce) {
    network->debounce = g_timeout_source_new (DEBOUNCE_MS);
    g_source_set_static_name (network->debounce, "rcastice-network");
    g_source_set_callback (network->debounce, debounced, network, NULL);
    g_source_attach (network->debounce, network->context);
    network->changed (network->data);
  }
  return G_SOURCE_CONTINUE;
}

/* Returns NULL where there is no netlink. */
GstRcastIceNetwork *
gst_rcast_ice_network_new (GMainContext * context,
    GstRcastIceNetworkFunc changed, gpointer data)
{
  struct sockaddr_nl address = {
    .nl_family = AF_NETLINK,
    .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR
        | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE,
  };
  GstRcastIceNetwork *network;
  int fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
      NETLINK_ROUTE);

  if (fd < 0)
    return NULL;
  if (bind (fd, (struct sockaddr *) &address, sizeof address) != 0) {
    close (fd);
    return NULL;
  }
  network = g_new0 (GstRcastIceNetwork, 1);
  network->context = context ? g_main_context_ref (context) : NULL;
  network->changed = changed;
  network->data = data;
  network->fd = fd;
  network->source = g_unix_fd_source_new (fd, G_IO_IN);
  g_source_set_callback (network->source, G_SOURCE_FUNC (on_message), network,
      NULL);
  g_source_attach (network->source, context);
  return network;
}

void
gst_rcast_ice_network_free (GstRcastIceNetwork * network)
{
  if (!network)
    return;
  g_source_destroy (network->source);
  g_source_unref (network->source);
  if (network->debounce) {
    g_source_destroy (network->debounce);
    g_source_unref (network->debounce);
  }
  close (network->fd);
  g_clear_pointer (&network->context, g_main_context_unref);
  g_free (network);
}
