/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists the host's network links as the kernel describes them, and tells which lead out of it. */
#include "config.h"

#include "rcast-links.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Uses netlink rather than sysfs: sysfs shows the network namespace in which it was mounted,
 * netlink that of the caller. */

/* Larger than any message of a dump (NLMSG_GOODSIZE, at most 32 kB) */
#define BUFFER_SIZE 32768

/* Kinds of links that connect virtual machines and containers with their host */
static const gchar *const inner_kinds[] =
    { "bridge", "dummy", "geneve", "ifb", "openvswitch", "vxlan", NULL };

/* Name prefixes of other such links: host ends of veth pairs, tap devices */
static const gchar *const inner_names[] = { "br-", "cali", "cilium", "cni",
  "docker", "flannel", "lxc", "lxd", "podman", "veth", "virbr", "vnet", NULL
};

/* Whether @link connects virtual machines or containers, by its kind and name */
gboolean
gst_rcast_link_is_inner (const GstRcastLink * link)
{
  if (g_strv_contains (inner_kinds, link->kind))
    return TRUE;
  for (guint i = 0; inner_names[i]; i++) {
    if (g_str_has_prefix (link->name, inner_names[i]))
      return TRUE;
  }
  return FALSE;
}

/**
 * gst_rcast_link_leads_out:
 * @link: a link that is up
 *
 * A link between containers looks like any other. A hypervisor has its real uplink in a bridge, and
 * a container's uplink is one end of a veth pair: only routes tell them apart. So an inner link
 * leads out if a default route uses it. A port has no addresses to send from; its bridge or bond
 * has them. Ports of a VRF do have addresses.
 */
gboolean
gst_rcast_link_leads_out (const GstRcastLink * link)
{
  if (link->port_of[0] && !g_str_equal (link->port_of, "vrf"))
    return FALSE;
  return !gst_rcast_link_is_inner (link) || link->has_default_route;
}

const GstRcastLink *
gst_rcast_links_find (GArray * links, const gchar * name)
{
  for (guint i = 0; i < links->len; i++) {
    const GstRcastLink *link = &g_array_index (links, GstRcastLink, i);

    if (g_str_equal (link->name, name))
      return link;
  }
  return NULL;
}

typedef void (*MessageFunc) (struct nlmsghdr * message, GArray * links);

static void
copy_string (gchar * to, gsize size, const struct rtattr *attribute)
{
  gsize length = RTA_PAYLOAD (attribute);

  g_strlcpy (to, RTA_DATA (attribute), MIN (size, length + 1));
}

static void
read_link_info (const struct rtattr *info, GstRcastLink * link)
{
  struct rtattr *at = RTA_DATA (info);
  gint left = RTA_PAYLOAD (info);

  for (; RTA_OK (at, left); at = RTA_NEXT (at, left)) {
    if (at->rta_type == IFLA_INFO_KIND)
      copy_string (link->kind, sizeof link->kind, at);
    else if (at->rta_type == IFLA_INFO_SLAVE_KIND)
      copy_string (link->port_of, sizeof link->port_of, at);
  }
}

static void
read_link (struct nlmsghdr *message, GArray * links)
{
  struct ifinfomsg *body = NLMSG_DATA (message);
  gint left = IFLA_PAYLOAD (message);
  struct rtattr *at = IFLA_RTA (body);
  GstRcastLink link = {.index = body->ifi_index };

  if (message->nlmsg_type != RTM_NEWLINK || body->ifi_family != AF_UNSPEC)
    return;
  for (; RTA_OK (at, left); at = RTA_NEXT (at, left)) {
    if (at->rta_type == IFLA_IFNAME)
      copy_string (link.name, sizeof link.name, at);
    else if ((at->rta_type & NLA_TYPE_MASK) == IFLA_LINKINFO)
      read_link_info (at, &link);
  }
  if (link.name[0])
    g_array_append_val (links, link);
}

static void
note_default_route (GArray * links, guint index)
{
  for (guint i = 0; i < links->len; i++) {
    GstRcastLink *link = &g_array_index (links, GstRcastLink, i);

    if (link->index == index)
      link->has_default_route = TRUE;
  }
}

static void
read_next_hops (const struct rtattr *hops, GArray * links)
{
  struct rtnexthop *hop = RTA_DATA (hops);
  gint left = RTA_PAYLOAD (hops);

  while (left >= (gint) sizeof *hop && RTNH_OK (hop, left)) {
    note_default_route (links, hop->rtnh_ifindex);
    left -= NLMSG_ALIGN (hop->rtnh_len);
    hop = RTNH_NEXT (hop);
  }
}

static void
read_route (struct nlmsghdr *message, GArray * links)
{
  struct rtmsg *body = NLMSG_DATA (message);
  gint left = RTM_PAYLOAD (message);
  struct rtattr *at = RTM_RTA (body);

  if (message->nlmsg_type != RTM_NEWROUTE || body->rtm_dst_len != 0
      || body->rtm_type != RTN_UNICAST)
    return;
  for (; RTA_OK (at, left); at = RTA_NEXT (at, left)) {
    if (at->rta_type == RTA_OIF)
      note_default_route (links, *(guint32 *) RTA_DATA (at));
    else if (at->rta_type == RTA_MULTIPATH)
      read_next_hops (at, links);
  }
}

static gboolean
request_dump (int fd, guint16 type)
{
  struct
  {
    struct nlmsghdr header;
    struct ifinfomsg body;      /* as large as the body of any dump request */
  } request = {
    .header = {
      .nlmsg_len = sizeof request,
      .nlmsg_type = type,
      .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
    },
    .body = {.ifi_family = AF_UNSPEC },
  };

  return send (fd, &request, sizeof request, 0) == sizeof request;
}

/* The kernel answers within the call, so this does not block. */
static void
dump (int fd, guint16 type, MessageFunc func, GArray * links)
{
  g_autofree guint8 *buffer = g_malloc (BUFFER_SIZE);

  if (!request_dump (fd, type))
    return;
  while (TRUE) {
    ssize_t size = recv (fd, buffer, BUFFER_SIZE, 0);
    struct nlmsghdr *message = (struct nlmsghdr *) buffer;

    if (size < 0 && errno == EINTR)
      continue;
    if (size <= 0)
      return;
    for (; NLMSG_OK (message, size); message = NLMSG_NEXT (message, size)) {
      if (message->nlmsg_type == NLMSG_DONE
          || message->nlmsg_type == NLMSG_ERROR)
        return;
      func (message, links);
    }
  }
}

static gboolean
any_is_inner (GArray * links)
{
  for (guint i = 0; i < links->len; i++) {
    if (gst_rcast_link_is_inner (&g_array_index (links, GstRcastLink, i)))
      return TRUE;
  }
  return FALSE;
}

/* Returns: (transfer full): array of GstRcastLink; empty where there is no netlink. Routes are read
 * only if they matter, since a router may have a million of them. */
GArray *
gst_rcast_links_list (void)
{
  GArray *links = g_array_new (FALSE, TRUE, sizeof (GstRcastLink));
  int fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

  if (fd < 0)
    return links;
  dump (fd, RTM_GETLINK, read_link, links);
  if (any_is_inner (links))
    dump (fd, RTM_GETROUTE, read_route, links);
  close (fd);
  return links;
}
