/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists the host's uplinks, and watches for changes. */
#include "config.h"

#include "rcast-uplinks.h"

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

#include "rcast-links.h"

/* ARPHRD_RAWIP of linux/if_arp.h, which conflicts with net/if.h */
#define TYPE_RAW_IP 519

#define ETHERNET "ethernet"
#define WIFI "wifi"
#define CELLULAR "cellular"
#define VPN "vpn"

typedef struct
{
  const gchar *word, *kind;
} Row;

/* DEVTYPE in uevent; Ethernet drivers set none. PPP is a modem or PPPoE, which look the same. */
static const Row types[] = {
  {"wwan", CELLULAR},
  {"ppp", CELLULAR},
  {"wlan", WIFI},
  {"wireguard", VPN},
};

/* Files in sysfs that only interfaces of a kind have */
static const Row files[] = {
  {"phy80211", WIFI},
  {"wireless", WIFI},
  {"tun_flags", VPN},
};

/* Drivers of phones that share their uplink over USB */
static const Row drivers[] = {
  {"rndis_host", CELLULAR},
  {"ipheth", CELLULAR},
};

/* Prefixes of interface names, by systemd and the kernel */
static const Row names[] = {
  {"ww", CELLULAR},
  {"ppp", CELLULAR},
  {"rmnet", CELLULAR},
  {"wl", WIFI},
  {"tun", VPN},
  {"tap", VPN},
  {"wg", VPN},
};

/* Returns: (nullable): kind by DEVTYPE */
static const gchar *
find_type (const gchar * folder)
{
  g_autofree gchar *path = g_build_filename (folder, "uevent", NULL);
  g_autofree gchar *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; i < G_N_ELEMENTS (types); i++) {
    g_autofree gchar *line = g_strconcat ("DEVTYPE=", types[i].word, NULL);

    if (g_strv_contains ((const gchar * const *) lines, line))
      return types[i].kind;
  }
  return NULL;
}

static gboolean
is_raw_ip (const gchar * folder)
{
  g_autofree gchar *path = g_build_filename (folder, "type", NULL);
  g_autofree gchar *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL)
      && g_ascii_strtoull (text, NULL, 10) == TYPE_RAW_IP;
}

static const gchar *
find_file (const gchar * folder)
{
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree gchar *path = g_build_filename (folder, files[i].word, NULL);

    if (g_file_test (path, G_FILE_TEST_EXISTS))
      return files[i].kind;
  }
  return NULL;
}

static const gchar *
find_driver (const gchar * folder)
{
  g_autofree gchar *path = g_build_filename (folder, "device", "driver", NULL);
  g_autofree gchar *target = g_file_read_link (path, NULL);
  g_autofree gchar *driver = target ? g_path_get_basename (target) : NULL;

  for (guint i = 0; driver && i < G_N_ELEMENTS (drivers); i++) {
    if (g_str_equal (driver, drivers[i].word))
      return drivers[i].kind;
  }
  return NULL;
}

/* Returns: the kind of interface @name, by what @sysfs says or else by its name */
const gchar *
gst_rcast_uplinks_get_kind (const gchar * sysfs, const gchar * name)
{
  g_autofree gchar *folder = g_build_filename (sysfs, name, NULL);
  const gchar *kind = find_type (folder);

  if (!kind && is_raw_ip (folder))
    kind = CELLULAR;
  if (!kind)
    kind = find_file (folder);
  if (!kind)
    kind = find_driver (folder);
  for (guint i = 0; !kind && i < G_N_ELEMENTS (names); i++) {
    if (g_str_has_prefix (name, names[i].word))
      kind = names[i].kind;
  }
  return kind ? kind : ETHERNET;
}

/* Whether a word of the preference is a kind of interface */
gboolean
gst_rcast_uplinks_is_kind (const gchar * word)
{
  static const gchar *const kinds[] = { ETHERNET, WIFI, CELLULAR, VPN, NULL };

  return g_strv_contains (kinds, word);
}

/* Whether there is an interface of this name now */
gboolean
gst_rcast_uplinks_has_interface (const gchar * word)
{
  return if_nametoindex (word) != 0;
}

/* Returns: rank by @preference, 0 is the best. Of interfaces that it does not name, cellular ones
 * come last: they are metered. */
guint
gst_rcast_uplinks_get_rank (const gchar * name, const gchar * kind,
    const gchar * const *preference)
{
  guint i;

  for (i = 0; preference && preference[i]; i++) {
    if (g_str_equal (preference[i], name)
        || g_str_equal (preference[i], kind))
      return i;
  }
  return g_str_equal (kind, CELLULAR) ? i + 1 : i;
}

/* Merges a storm of messages (DHCP, IPv6 autoconfiguration) into one change. */
#define DEBOUNCE_MS 100

void
gst_rcast_uplink_free (GstRcastUplink * uplink)
{
  if (!uplink)
    return;
  g_free (uplink->name);
  g_ptr_array_unref (uplink->addresses);
  g_free (uplink);
}

static GstRcastUplink *
uplink_new (const gchar * name, guint rank)
{
  GstRcastUplink *uplink = g_new0 (GstRcastUplink, 1);

  uplink->name = g_strdup (name);
  uplink->rank = rank;
  uplink->addresses = g_ptr_array_new_with_free_func (g_free);
  return uplink;
}

GstRcastUplink *
gst_rcast_uplink_copy (const GstRcastUplink * uplink)
{
  GstRcastUplink *copy = uplink_new (uplink->name, uplink->rank);

  for (guint i = 0; i < uplink->addresses->len; i++)
    g_ptr_array_add (copy->addresses, g_strdup (uplink->addresses->pdata[i]));
  return copy;
}

gboolean
gst_rcast_uplink_has_address (const GstRcastUplink * uplink,
    const gchar * address)
{
  return g_ptr_array_find_with_equal_func (uplink->addresses, address,
      g_str_equal, NULL);
}

static guint
get_rank (const gchar * name, const gchar * const *preference)
{
  return gst_rcast_uplinks_get_rank (name,
      gst_rcast_uplinks_get_kind (GST_RCAST_UPLINKS_SYSFS, name), preference);
}

static gboolean
is_running (const struct ifaddrs *ifa)
{
  const guint wanted = IFF_UP | IFF_RUNNING;

  return (ifa->ifa_flags & wanted) == wanted;
}

static gboolean
is_ignored (const struct ifaddrs *ifa, GArray * links)
{
  const GstRcastLink *link;

  if (!is_running (ifa) || ifa->ifa_flags & IFF_LOOPBACK)
    return TRUE;
  link = gst_rcast_links_find (links, ifa->ifa_name);
  return link && !gst_rcast_link_leads_out (link);
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
  guint32 four;

  if (address->sa_family == AF_INET6)
    return IN6_IS_ADDR_LINKLOCAL (&((const struct sockaddr_in6 *)
            address)->sin6_addr);
  four = ntohl (((const struct sockaddr_in *) address)->sin_addr.s_addr);
  /* RFC 3927: 169.254/16 */
  return four >> 16 == 0xA9FE;
}

/* Fails while duplicate address detection is going on. */
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

static GstRcastUplink *
find_uplink (GPtrArray * uplinks, const gchar * name)
{
  for (guint i = 0; i < uplinks->len; i++) {
    GstRcastUplink *uplink = uplinks->pdata[i];

    if (g_str_equal (uplink->name, name))
      return uplink;
  }
  return NULL;
}

static gint
compare_ranks (gconstpointer a, gconstpointer b)
{
  const GstRcastUplink *x = *(GstRcastUplink * const *) a;
  const GstRcastUplink *y = *(GstRcastUplink * const *) b;

  return x->rank != y->rank ? (x->rank < y->rank ? -1 : 1) :
      strcmp (x->name, y->name);
}

static void
add_interface (GPtrArray * uplinks, const struct ifaddrs *ifa, GArray * links,
    const gchar * const *preference)
{
  GstRcastUplink *uplink;

  if (get_size (ifa->ifa_addr) == 0 || is_ignored (ifa, links)
      || is_link_local (ifa->ifa_addr) || !can_bind (ifa->ifa_addr))
    return;
  uplink = find_uplink (uplinks, ifa->ifa_name);
  if (!uplink) {
    uplink = uplink_new (ifa->ifa_name, get_rank (ifa->ifa_name, preference));
    g_ptr_array_add (uplinks, uplink);
  }
  g_ptr_array_add (uplink->addresses, address_to_string (ifa->ifa_addr));
}

/* Adds one uplink for each given address that the interface has. */
static void
add_given (GPtrArray * uplinks, const struct ifaddrs *ifa,
    GPtrArray * addresses, const gchar * const *preference)
{
  g_autofree gchar *address = NULL;
  GstRcastUplink *uplink;

  if (get_size (ifa->ifa_addr) == 0 || !is_running (ifa))
    return;
  address = address_to_string (ifa->ifa_addr);
  if (!g_ptr_array_find_with_equal_func (addresses, address, g_str_equal, NULL)
      || !can_bind (ifa->ifa_addr))
    return;
  uplink = uplink_new (ifa->ifa_name, get_rank (ifa->ifa_name, preference));
  g_ptr_array_add (uplink->addresses, g_steal_pointer (&address));
  g_ptr_array_add (uplinks, uplink);
}

/**
 * gst_rcast_uplinks_list:
 * @addresses: of gchar *; if not empty, only these addresses count, and each is an uplink
 * @preference: (nullable): names and kinds of interfaces, best first
 *
 * Lists the interfaces that are up and lead out of this host, by gst_rcast_link_leads_out(), each
 * with the addresses that can be bound. Leaves out link-local addresses.
 *
 * Returns: (transfer full): of GstRcastUplink, best first
 */
GPtrArray *
gst_rcast_uplinks_list (GPtrArray * addresses,
    const gchar * const *preference)
{
  GPtrArray *uplinks = g_ptr_array_new_with_free_func
      ((GDestroyNotify) gst_rcast_uplink_free);
  g_autoptr (GArray) links = gst_rcast_links_list ();
  struct ifaddrs *list = NULL;

  if (getifaddrs (&list) != 0)
    return uplinks;
  for (struct ifaddrs * ifa = list; ifa; ifa = ifa->ifa_next) {
    if (addresses->len > 0)
      add_given (uplinks, ifa, addresses, preference);
    else
      add_interface (uplinks, ifa, links, preference);
  }
  freeifaddrs (list);
  g_ptr_array_sort (uplinks, compare_ranks);
  return uplinks;
}

/* Asks the routing table for a route to an address of RFC 5737 or RFC 3849. Sends nothing. */
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

/* Returns: (transfer full): each address as interface/address, and once more with /route if there
 * is a default route from it */
gchar **
gst_rcast_uplinks_describe (void)
{
  g_autoptr (GPtrArray) any = g_ptr_array_new ();
  g_autoptr (GPtrArray) uplinks = gst_rcast_uplinks_list (any, NULL);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < uplinks->len; i++) {
    GstRcastUplink *uplink = uplinks->pdata[i];

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

/* Returns: (transfer full) (nullable): name of the interface that has @address */
gchar *
gst_rcast_uplinks_find_interface (const gchar * address)
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

/* The kernel keeps a connection whose interface has lost its carrier or its address, in case it
 * comes back.
 * Returns: whether @address is one of ours, on an interface that works */
gboolean
gst_rcast_uplinks_is_up (GInetAddress * address)
{
  g_autofree gchar *wanted = g_inet_address_to_string (address);
  struct ifaddrs *list = NULL;
  gboolean up = FALSE;

  if (getifaddrs (&list) != 0)
    return TRUE;
  for (struct ifaddrs * ifa = list; ifa; ifa = ifa->ifa_next) {
    g_autofree gchar *own = NULL;

    if (get_size (ifa->ifa_addr) == 0 || !is_running (ifa))
      continue;
    own = address_to_string (ifa->ifa_addr);
    up = up || g_str_equal (own, wanted);
  }
  freeifaddrs (list);
  return up;
}

struct _GstRcastUplinksWatch
{
  GMainContext *context;        /* NULL: the default one */
  GstRcastUplinksFunc changed;
  gpointer data;
  int fd;
  GSource *source;
  GSource *debounce;
};

static gboolean
debounced (gpointer data)
{
  GstRcastUplinksWatch *watch = data;

  g_clear_pointer (&watch->debounce, g_source_unref);
  watch->changed (watch->data);
  return G_SOURCE_REMOVE;
}

/* Ignores the contents of messages: the callback lists the interfaces itself, so a lost message
 * does no harm. */
static gboolean
on_message (gint fd, GIOCondition condition, gpointer data)
{
  GstRcastUplinksWatch *watch = data;
  guint8 bytes[8192];
  gboolean any = FALSE;

  while (TRUE) {
    ssize_t size = recv (fd, bytes, sizeof bytes, MSG_DONTWAIT);

    /* ENOBUFS: messages were lost */
    if (size < 0 && errno != ENOBUFS)
      break;
    any = TRUE;
  }
  if (!any)
    return G_SOURCE_CONTINUE;
  /* Report at once, for an uplink that is gone; and later, for one that is still being set up. */
  if (!watch->debounce) {
    watch->debounce = g_timeout_source_new (DEBOUNCE_MS);
    g_source_set_static_name (watch->debounce, "rcast-uplinks");
    g_source_set_callback (watch->debounce, debounced, watch, NULL);
    g_source_attach (watch->debounce, watch->context);
    watch->changed (watch->data);
  }
  return G_SOURCE_CONTINUE;
}

/* Returns: (nullable): NULL where there is no netlink */
GstRcastUplinksWatch *
gst_rcast_uplinks_watch_new (GMainContext * context,
    GstRcastUplinksFunc changed, gpointer data)
{
  struct sockaddr_nl address = {
    .nl_family = AF_NETLINK,
    .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR
        | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE,
  };
  GstRcastUplinksWatch *watch;
  int fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
      NETLINK_ROUTE);

  if (fd < 0)
    return NULL;
  if (bind (fd, (struct sockaddr *) &address, sizeof address) != 0) {
    close (fd);
    return NULL;
  }
  watch = g_new0 (GstRcastUplinksWatch, 1);
  watch->context = context ? g_main_context_ref (context) : NULL;
  watch->changed = changed;
  watch->data = data;
  watch->fd = fd;
  watch->source = g_unix_fd_source_new (fd, G_IO_IN);
  g_source_set_callback (watch->source, G_SOURCE_FUNC (on_message), watch,
      NULL);
  g_source_attach (watch->source, context);
  return watch;
}

void
gst_rcast_uplinks_watch_free (GstRcastUplinksWatch * watch)
{
  if (!watch)
    return;
  g_source_destroy (watch->source);
  g_source_unref (watch->source);
  if (watch->debounce) {
    g_source_destroy (watch->debounce);
    g_source_unref (watch->debounce);
  }
  close (watch->fd);
  g_clear_pointer (&watch->context, g_main_context_unref);
  g_free (watch);
}
