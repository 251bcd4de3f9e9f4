/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks the kernel for the route to an address. */
#include "config.h"

#include "rcast-routes.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Size of an answer about one route; one with many next hops is larger than others. */
#define BUFFER_SIZE 8192
#define MAX_ADDRESS_SIZE 16

typedef struct
{
  struct nlmsghdr header;
  struct rtmsg body;
  guint8 attributes[2 * RTA_SPACE (MAX_ADDRESS_SIZE) +
      RTA_SPACE (sizeof (guint32))];
} Request;

static void
add_attribute (Request * request, guint16 type, gconstpointer data, gsize size)
{
  struct rtattr *at = (struct rtattr *) ((guint8 *) request
      + NLMSG_ALIGN (request->header.nlmsg_len));

  at->rta_type = type;
  at->rta_len = RTA_LENGTH (size);
  memcpy (RTA_DATA (at), data, size);
  request->header.nlmsg_len =
      NLMSG_ALIGN (request->header.nlmsg_len) + RTA_SPACE (size);
}

static void
fill_request (Request * request, GInetAddress * to, GInetAddress * from,
    guint32 link, guint flags)
{
  gsize size = g_inet_address_get_native_size (to);

  memset (request, 0, sizeof *request);
  request->header.nlmsg_len = NLMSG_LENGTH (sizeof request->body);
  request->header.nlmsg_type = RTM_GETROUTE;
  request->header.nlmsg_flags = NLM_F_REQUEST;
  request->body.rtm_family = g_inet_address_get_family (to);
  request->body.rtm_dst_len = 8 * size;
  request->body.rtm_flags = flags;
  add_attribute (request, RTA_DST, g_inet_address_to_bytes (to), size);
  if (from) {
    request->body.rtm_src_len = 8 * size;
    add_attribute (request, RTA_SRC, g_inet_address_to_bytes (from), size);
  }
  if (link)
    add_attribute (request, RTA_OIF, &link, sizeof link);
}

/* The kernel answers within the call, so this does not block.
 * Returns: whether there is a route; the answer is in @buffer */
static gboolean
ask (int fd, const Request * request, guint8 * buffer)
{
  const struct nlmsghdr *answer = (const struct nlmsghdr *) buffer;
  ssize_t size;

  if (send (fd, request, request->header.nlmsg_len, 0) < 0)
    return FALSE;
  do {
    size = recv (fd, buffer, BUFFER_SIZE, 0);
  } while (size < 0 && errno == EINTR);
  return size > 0 && NLMSG_OK (answer, size)
      && answer->nlmsg_type == RTM_NEWROUTE;
}

static void
read_answer (guint8 * buffer, GstRcastRoute * route, GInetAddress ** source)
{
  struct nlmsghdr *answer = (struct nlmsghdr *) buffer;
  struct rtmsg *body = NLMSG_DATA (answer);
  gint left = RTM_PAYLOAD (answer);
  struct rtattr *at = RTM_RTA (body);

  route->local = body->rtm_type == RTN_LOCAL;
  for (; RTA_OK (at, left); at = RTA_NEXT (at, left)) {
    if (at->rta_type == RTA_OIF)
      route->link = *(guint32 *) RTA_DATA (at);
    else if (at->rta_type == RTA_TABLE)
      route->table = *(guint32 *) RTA_DATA (at);
    else if (at->rta_type == RTA_PREFSRC && source && !*source)
      *source = g_inet_address_new_from_bytes (RTA_DATA (at), body->rtm_family);
  }
}

static gboolean
find (int fd, GInetAddress * to, GInetAddress * from, guint link,
    GstRcastRoute * route, GInetAddress ** source)
{
  g_autofree guint8 *buffer = g_malloc (BUFFER_SIZE);
  struct nlmsghdr *answer = (struct nlmsghdr *) buffer;
  Request request;

  /* First, find the matching entry of the tables. Without one, the kernel might just guess that the
   * address is on the link. */
  fill_request (&request, to, from, link,
      RTM_F_FIB_MATCH | RTM_F_LOOKUP_TABLE);
  if (!ask (fd, &request, buffer))
    return FALSE;
  route->prefix = ((struct rtmsg *) NLMSG_DATA (answer))->rtm_dst_len;
  /* Then get the result: the interface, and the address to send from. */
  fill_request (&request, to, from, link, RTM_F_LOOKUP_TABLE);
  if (!ask (fd, &request, buffer))
    return FALSE;
  read_answer (buffer, route, source);
  return TRUE;
}

/**
 * gst_rcast_routes_find:
 * @to: the destination
 * @from: (nullable): a source address of this host; %NULL: as the routes say
 * @link: index of the interface to leave by; 0: as the routes say
 * @route: (out): the route
 * @source: (out) (optional) (nullable): the address that the kernel would send from
 *
 * Returns: whether there is a route. If the kernel cannot be asked: %TRUE, with an unknown @route
 */
gboolean
gst_rcast_routes_find (GInetAddress * to, GInetAddress * from, guint link,
    GstRcastRoute * route, GInetAddress ** source)
{
  GstRcastRoute found = { 0 };
  int fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  gboolean is_found = TRUE;

  if (source)
    *source = NULL;
  if (fd >= 0) {
    is_found = find (fd, to, from, link, &found, source);
    close (fd);
  }
  *route = found;
  return is_found;
}
