/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists the ways to an address: over which uplinks a connection may go, and in which order. */
#include "config.h"

#include "rcast-ways.h"

#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "rcast-routes.h"
#include "rcast-uplinks.h"

GstRcastWay *
gst_rcast_way_new (const gchar * uplink, GInetAddress * from)
{
  GstRcastWay *way = g_new0 (GstRcastWay, 1);

  way->uplink = g_strdup (uplink);
  way->from = from ? g_object_ref (from) : NULL;
  return way;
}

GstRcastWay *
gst_rcast_way_copy (const GstRcastWay * way)
{
  return gst_rcast_way_new (way->uplink, way->from);
}

void
gst_rcast_way_free (GstRcastWay * way)
{
  if (!way)
    return;
  g_free (way->uplink);
  g_clear_object (&way->from);
  g_free (way);
}

static gboolean
bind_address (GInetAddress * from, int fd)
{
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (from, 0);
  struct sockaddr_storage native;
  const int yes = 1;

  /* Let connect() choose the port, with regard to the destination: else there could only be as
   * many connections as ports. */
  setsockopt (fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
  return g_socket_address_to_native (address, &native, sizeof native, NULL)
      && bind (fd, (struct sockaddr *) &native,
      g_socket_address_get_native_size (address)) == 0;
}

/**
 * gst_rcast_way_bind:
 * @way: the way that the connection has to take
 * @fd: a socket that is not connected
 *
 * Binds to the device, then to the address. If there is only the main table, the device decides:
 * the kernel takes a route by that device, whatever its metric. If rules select a table by source
 * address, the address decides. The address is also all there is where binding to a device needs a
 * privilege (Linux before 5.7). IP_UNICAST_IF has no effect on TCP.
 *
 * Returns: whether the connection goes by @way, as far as binding can ensure that
 */
gboolean
gst_rcast_way_bind (const GstRcastWay * way, int fd)
{
  if (!way->from)
    return TRUE;
  if (setsockopt (fd, SOL_SOCKET, SO_BINDTODEVICE, way->uplink,
          strlen (way->uplink) + 1) != 0)
    return bind_address (way->from, fd);
  bind_address (way->from, fd);
  return TRUE;
}

static const gchar *
get_kind (const gchar * uplink)
{
  return gst_rcast_uplinks_get_kind (GST_RCAST_UPLINKS_SYSFS, uplink);
}

/* Whether @link leads to @to, by a route as specific as the routes' @choice. If a source is given,
 * Linux may answer with another link than the requested one. */
static gboolean
leads_there (GInetAddress * to, GInetAddress * from, guint link,
    const GstRcastRoute * choice, GInetAddress ** source)
{
  GstRcastRoute route;

  /* Only accept the table of the routes' choice: others are for marked packets, such as those that
   * have to bypass a tunnel. */
  return gst_rcast_routes_find (to, from, from ? 0 : link, &route, source)
      && route.link == link && route.prefix >= choice->prefix
      && (from || !choice->link || route.table == choice->table);
}

/* @choice: the route that the kernel chooses
 * @tunnelled: whether it is a tunnel: nothing bypasses it, except a source with its own rule
 * Returns: (transfer full) (nullable): the source address from which @uplink leads to @to */
static GInetAddress *
find_source (const GstRcastUplink * uplink, GInetAddress * to,
    const GstRcastRoute * choice, gboolean tunnelled)
{
  guint link = if_nametoindex (uplink->name);
  g_autoptr (GInetAddress) source = NULL;

  if (link == 0)
    return NULL;
  if (!tunnelled && leads_there (to, NULL, link, choice, &source) && source)
    return g_steal_pointer (&source);
  for (guint i = 0; i < uplink->addresses->len; i++) {
    g_autoptr (GInetAddress) own =
        g_inet_address_new_from_string (uplink->addresses->pdata[i]);

    if (g_inet_address_get_family (own) == g_inet_address_get_family (to)
        && leads_there (to, own, link, choice, NULL))
      return g_steal_pointer (&own);
  }
  return NULL;
}

static void
add_uplinks (GPtrArray * ways, GInetAddress * to, const gchar * routed,
    const GstRcastRoute * choice, const gchar * preferred)
{
  g_autoptr (GPtrArray) any = g_ptr_array_new ();
  g_autoptr (GPtrArray) uplinks = gst_rcast_uplinks_list (any, NULL);
  gboolean tunnelled = *routed && g_str_equal (get_kind (routed), "vpn");

  for (guint i = 0; i < uplinks->len; i++) {
    const GstRcastUplink *uplink = uplinks->pdata[i];
    g_autoptr (GInetAddress) source = NULL;

    if (g_str_equal (uplink->name, routed))
      continue;
    source = find_source (uplink, to, choice, tunnelled);
    if (source)
      g_ptr_array_insert (ways, g_strcmp0 (uplink->name, preferred) == 0 ?
          0 : -1, gst_rcast_way_new (uplink->name, source));
  }
}

static gboolean
stays_here (GInetAddress * to)
{
  return g_inet_address_get_is_loopback (to)
      || g_inet_address_get_is_link_local (to)
      || g_inet_address_get_is_multicast (to);
}

/**
 * gst_rcast_ways_list:
 * @to: the address of a server
 * @preferred: (nullable): name of the uplink to try first
 *
 * Lists the way that the kernel's routes choose, and every other uplink that leads to @to as well:
 * by default routes if the routes' choice is one, else by equally specific routes. So a server in a
 * local network or behind a tunnel is never looked for on the Internet, where its address may
 * belong to somebody else. A tunnel that is the default route has a purpose: nothing bypasses it,
 * except traffic from an address with its own rule.
 *
 * Returns: (transfer full): array of GstRcastWay: by the preferred uplink, by the routes' choice,
 *   by the other uplinks, best first
 */
GPtrArray *
gst_rcast_ways_list (GInetAddress * to, const gchar * preferred)
{
  GPtrArray *ways = g_ptr_array_new_with_free_func
      ((GDestroyNotify) gst_rcast_way_free);
  gchar name[IF_NAMESIZE] = "";
  GstRcastRoute route = { 0 };

  if (gst_rcast_routes_find (to, NULL, 0, &route, NULL) && route.link)
    if_indextoname (route.link, name);
  /* Without a route, connecting fails at once, with the kernel's error. */
  g_ptr_array_add (ways, gst_rcast_way_new (name, NULL));
  if (!route.local && !stays_here (to))
    add_uplinks (ways, to, name, &route, preferred);
  return ways;
}
