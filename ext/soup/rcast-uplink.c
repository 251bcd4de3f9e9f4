/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The addresses of this host by which a server may be reached. */
#include "config.h"

#include "rcast-uplink.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

static gboolean
has_address (const struct ifaddrs *entry, GInetAddress * address)
{
  const struct sockaddr *at = entry->ifa_addr;
  const void *bytes = NULL;

  if (at && at->sa_family == AF_INET)
    bytes = &((const struct sockaddr_in *) at)->sin_addr;
  else if (at && at->sa_family == AF_INET6)
    bytes = &((const struct sockaddr_in6 *) at)->sin6_addr;
  return bytes && at->sa_family == (sa_family_t)
      g_inet_address_get_family (address)
      && memcmp (bytes, g_inet_address_to_bytes (address),
      g_inet_address_get_native_size (address)) == 0;
}

static gboolean
is_running (const struct ifaddrs *entry)
{
  const guint wanted = IFF_UP | IFF_RUNNING;

  return (entry->ifa_flags & wanted) == wanted;
}

/* The kernel keeps a connection whose interface has lost its carrier or its
 * address, in case these come back.
 * Returns: whether @address is one of ours, on an interface that works */
gboolean
rcast_uplink_is_up (GInetAddress * address)
{
  struct ifaddrs *list = NULL;
  gboolean up = FALSE;

  if (getifaddrs (&list) != 0)
    return TRUE;
  for (struct ifaddrs * entry = list; entry; entry = entry->ifa_next)
    up |= has_address (entry, address) && is_running (entry);
  freeifaddrs (list);
  return up;
}

static gboolean
is_uplink (const struct ifaddrs *entry)
{
  const struct sockaddr_in6 *six =
      (const struct sockaddr_in6 *) entry->ifa_addr;

  if (!entry->ifa_addr || entry->ifa_flags & IFF_LOOPBACK
      || !is_running (entry))
    return FALSE;
  return entry->ifa_addr->sa_family == AF_INET
      || (entry->ifa_addr->sa_family == AF_INET6
      && !IN6_IS_ADDR_LINKLOCAL (&six->sin6_addr));
}

static GSocketAddress *
to_address (const struct ifaddrs *entry)
{
  return g_socket_address_new_from_native (entry->ifa_addr,
      entry->ifa_addr->sa_family == AF_INET ? sizeof (struct sockaddr_in) :
      sizeof (struct sockaddr_in6));
}

/* NULL is the way that the routes say. */
static void
free_way (gpointer way)
{
  g_clear_object (&way);
}

/**
 * rcast_uplink_choose:
 * @dead_end: (nullable): an address of ours that leads nowhere, as far as is known
 * @attempt: how often it was tried in vain before
 *
 * Routes may still lead into a dead uplink when another one would do: what fails
 * is tried as the routes say and from each of our addresses in turn. After a
 * @dead_end, the routes and its address come last.
 *
 * Returns: (nullable) (transfer full): from where to connect; %NULL: as the routes say
 */
GSocketAddress *
rcast_uplink_choose (GInetAddress * dead_end, guint attempt)
{
  g_autoptr (GPtrArray) ways = g_ptr_array_new_with_free_func (free_way);
  g_autoptr (GSocketAddress) last = NULL;
  struct ifaddrs *list = NULL;
  gpointer way;

  if (getifaddrs (&list) != 0)
    return NULL;
  for (struct ifaddrs * entry = list; entry; entry = entry->ifa_next) {
    if (!is_uplink (entry))
      continue;
    if (dead_end && has_address (entry, dead_end))
      last = to_address (entry);
    else
      g_ptr_array_add (ways, to_address (entry));
  }
  freeifaddrs (list);
  g_ptr_array_insert (ways, dead_end ? (gint) ways->len : 0, NULL);
  if (last)
    g_ptr_array_add (ways, g_steal_pointer (&last));
  way = g_ptr_array_index (ways, attempt % ways->len);
  return way ? g_object_ref (way) : NULL;
}
