/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Uplinks: their kind by what the kernel reports and by name, which ones count, and their order. */
#include "config.h"

#include <unistd.h>

#include <glib/gstdio.h>
#include <gst/check/gstcheck.h>

#include "rcast-links.h"
#include "rcast-uplinks.h"

typedef struct
{
  const gchar *name;
  const gchar *uevent, *type;   /* contents of these files; NULL: there is no file */
  const gchar *file;            /* another file that is there */
  const gchar *driver;
  const gchar *kind;
} Interface;

#define ETHERNET_TYPE "1\n"
#define PPP_TYPE "512\n"
#define RAW_IP_TYPE "519\n"
#define NO_TYPE "65534\n"

static const Interface interfaces[] = {
  {"eth0", "INTERFACE=eth0\nIFINDEX=2\n", ETHERNET_TYPE, NULL, "r8169",
      "ethernet"},
  {"enp3s0", "INTERFACE=enp3s0\nIFINDEX=2\n", ETHERNET_TYPE, NULL, NULL,
      "ethernet"},
  /* Modems: only the first one's name says so. */
  {"wwan0", "DEVTYPE=wwan\nINTERFACE=wwan0\nIFINDEX=7\n", ETHERNET_TYPE, NULL,
      "cdc_mbim", "cellular"},
  {"usb0", "DEVTYPE=wwan\nINTERFACE=usb0\nIFINDEX=7\n", NO_TYPE, NULL,
      "qmi_wwan", "cellular"},
  {"lte", "INTERFACE=lte\nIFINDEX=7\nDEVTYPE=wwan", NO_TYPE, NULL, NULL,
      "cellular"},
  {"dsl", "DEVTYPE=ppp\nINTERFACE=dsl\nIFINDEX=9\n", PPP_TYPE, NULL, NULL,
      "cellular"},
  {"modem0", "INTERFACE=modem0\nIFINDEX=7\n", RAW_IP_TYPE, NULL, NULL,
      "cellular"},
  /* Phones that lend their uplink, and interfaces that only look like one */
  {"enx0a1b2c3d4e5f", "INTERFACE=enx0a1b2c3d4e5f\nIFINDEX=8\n", ETHERNET_TYPE,
      NULL, "rndis_host", "cellular"},
  {"eth1", "INTERFACE=eth1\nIFINDEX=8\n", ETHERNET_TYPE, NULL, "ipheth",
      "cellular"},
  {"enx0a1b2c3d4e60", "INTERFACE=enx0a1b2c3d4e60\nIFINDEX=8\n", ETHERNET_TYPE,
      NULL, "cdc_ether", "ethernet"},
  {"wlan0", "DEVTYPE=wlan\nINTERFACE=wlan0\nIFINDEX=3\n", ETHERNET_TYPE,
      "phy80211", "iwlwifi", "wifi"},
  {"radio", "INTERFACE=radio\nIFINDEX=3\n", ETHERNET_TYPE, "phy80211", NULL,
      "wifi"},
  {"radio", "INTERFACE=radio\nIFINDEX=3\n", ETHERNET_TYPE, "wireless", NULL,
      "wifi"},
  {"office", "DEVTYPE=wireguard\nINTERFACE=office\nIFINDEX=5\n", NO_TYPE, NULL,
      NULL, "vpn"},
  {"office", "INTERFACE=office\nIFINDEX=5\n", NO_TYPE, "tun_flags", NULL,
      "vpn"},
  /* The kernel's report goes before the name. */
  {"wwlan", "DEVTYPE=wlan\nINTERFACE=wwlan\nIFINDEX=3\n", ETHERNET_TYPE, NULL,
      NULL, "wifi"},
  {"wl-stick", "DEVTYPE=wwan\nINTERFACE=wl-stick\nIFINDEX=3\n", NO_TYPE, NULL,
      NULL, "cellular"},
  /* The kernel reports nothing of use. */
  {"wwx582c80139263", "INTERFACE=wwx582c80139263\nIFINDEX=7\n", ETHERNET_TYPE,
      NULL, NULL, "cellular"},
  {"rmnet_data0", "INTERFACE=rmnet_data0\nIFINDEX=7\n", NO_TYPE, NULL, NULL,
      "cellular"},
  {"br0", "DEVTYPE=bridge\nINTERFACE=br0\nIFINDEX=4\n", ETHERNET_TYPE, NULL,
      NULL, "ethernet"},
  {"xlt0", "OLD_DEVTYPE=wwan\nINTERFACE=DEVTYPE=wwan\n", "", NULL, NULL,
      "ethernet"},
  /* The kernel reports nothing. */
  {"ppp0", NULL, NULL, NULL, NULL, "cellular"},
  {"wlp2s0", NULL, NULL, NULL, NULL, "wifi"},
  {"tun0", NULL, NULL, NULL, NULL, "vpn"},
  {"tap0", NULL, NULL, NULL, NULL, "vpn"},
  {"wg0", NULL, NULL, NULL, NULL, "vpn"},
  {"usb0", NULL, NULL, NULL, NULL, "ethernet"},
  {"eno1", NULL, NULL, NULL, NULL, "ethernet"},
};

static void
write_file (const gchar * folder, const gchar * name, const gchar * text)
{
  g_autofree gchar *path = g_build_filename (folder, name, NULL);

  if (text)
    fail_unless (g_file_set_contents (path, text, -1, NULL));
}

static void
link_driver (const gchar * folder, const gchar * driver)
{
  g_autofree gchar *device = g_build_filename (folder, "device", NULL);
  g_autofree gchar *link = g_build_filename (device, "driver", NULL);
  g_autofree gchar *target =
      g_build_filename ("..", "..", "bus", "usb", "drivers", driver, NULL);

  fail_unless (g_mkdir (device, 0700) == 0);
  fail_unless (symlink (target, link) == 0);
}

static void
remove_tree (const gchar * path)
{
  g_autoptr (GDir) dir = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL :
      g_dir_open (path, 0, NULL);
  const gchar *name;

  while (dir && (name = g_dir_read_name (dir))) {
    g_autofree gchar *child = g_build_filename (path, name, NULL);

    remove_tree (child);
  }
  fail_unless (g_remove (path) == 0);
}

GST_START_TEST (test_the_kernel_knows_better_than_the_name)
{
  const Interface *interface = &interfaces[__i__];
  g_autofree gchar *sysfs = g_dir_make_tmp ("rcast-kind-XXXXXX", NULL);
  g_autofree gchar *folder = g_build_filename (sysfs, interface->name, NULL);

  fail_unless (g_mkdir (folder, 0700) == 0);
  write_file (folder, "uevent", interface->uevent);
  write_file (folder, "type", interface->type);
  if (interface->file)
    write_file (folder, interface->file, "");
  if (interface->driver)
    link_driver (folder, interface->driver);
  assert_equals_string (gst_rcast_uplinks_get_kind (sysfs, interface->name),
      interface->kind);
  remove_tree (sysfs);
}

GST_END_TEST;

/* An interface that is gone by now, or in another namespace */
GST_START_TEST (test_without_sysfs_the_name_is_all_there_is)
{
  assert_equals_string (gst_rcast_uplinks_get_kind ("/nowhere", "wwan0"),
      "cellular");
  assert_equals_string (gst_rcast_uplinks_get_kind ("/nowhere", "lte"), "ethernet");
}

GST_END_TEST;

typedef struct
{
  const gchar *preference[4];
  const gchar *order[5];        /* of the uplinks below, best first */
} Order;

static const struct
{
  const gchar *name, *kind;
} uplinks[] = {
  {"a-modem", "cellular"},
  {"eth0", "ethernet"},
  {"eth1", "ethernet"},
  {"office", "vpn"},
  {"wlan0", "wifi"},
};

/* Uplinks of the same rank are in the order of their names. */
static const Order orders[] = {
  {{NULL}, {"eth0", "eth1", "office", "wlan0", "a-modem"}},
  {{"wifi", NULL}, {"wlan0", "eth0", "eth1", "office", "a-modem"}},
  {{"eth1", "wifi", NULL}, {"eth1", "wlan0", "eth0", "office", "a-modem"}},
  {{"cellular", NULL}, {"a-modem", "eth0", "eth1", "office", "wlan0"}},
  {{"a-modem", "eth1", NULL}, {"a-modem", "eth1", "eth0", "office", "wlan0"}},
  {{"vpn", "cellular", NULL}, {"office", "a-modem", "eth0", "eth1", "wlan0"}},
  {{"wwan7", NULL}, {"eth0", "eth1", "office", "wlan0", "a-modem"}},
};

static gint
compare (gconstpointer a, gconstpointer b, gpointer preference)
{
  const guint *x = a, *y = b;
  guint i = gst_rcast_uplinks_get_rank (uplinks[*x].name, uplinks[*x].kind,
      preference);
  guint k = gst_rcast_uplinks_get_rank (uplinks[*y].name, uplinks[*y].kind,
      preference);

  return i != k ? (i < k ? -1 : 1) : (gint) * x - (gint) * y;
}

GST_START_TEST (test_metered_uplinks_are_last_unless_preferred)
{
  const Order *order = &orders[__i__];
  guint indexes[G_N_ELEMENTS (uplinks)];

  for (guint i = 0; i < G_N_ELEMENTS (uplinks); i++)
    indexes[i] = i;
  g_qsort_with_data (indexes, G_N_ELEMENTS (uplinks), sizeof (guint), compare,
      (gpointer) order->preference);
  for (guint i = 0; i < G_N_ELEMENTS (uplinks); i++)
    assert_equals_string (uplinks[indexes[i]].name, order->order[i]);
}

GST_END_TEST;

static const struct
{
  GstRcastLink link;
  gboolean leads_out;
} links[] = {
  {{2, "eth0", "", "", TRUE}, TRUE},
  {{2, "eth0", "", "", FALSE}, TRUE},   /* a local network is reached by it */
  {{3, "wg0", "wireguard", "", FALSE}, TRUE},
  {{3, "tun0", "tun", "", FALSE}, TRUE},
  {{4, "eth0.5", "vlan", "", FALSE}, TRUE},
  /* The uplink of a container, and of a test */
  {{5, "eth0", "veth", "", TRUE}, TRUE},
  {{5, "up1", "veth", "", FALSE}, TRUE},
  {{5, "veth0", "veth", "", TRUE}, TRUE},
  /* Between containers and their host */
  {{6, "docker0", "bridge", "", FALSE}, FALSE},
  {{6, "mynet", "bridge", "", FALSE}, FALSE},
  {{6, "br-1f2e3d4c5b6a", "bridge", "", FALSE}, FALSE},
  {{6, "virbr0", "bridge", "", FALSE}, FALSE},
  {{6, "lxcbr0", "bridge", "", FALSE}, FALSE},
  {{6, "cni0", "bridge", "", FALSE}, FALSE},
  {{6, "flannel.1", "vxlan", "", FALSE}, FALSE},
  {{6, "ovs-system", "openvswitch", "", FALSE}, FALSE},
  {{6, "dummy0", "dummy", "", FALSE}, FALSE},
  {{6, "veth1a2b3c4", "veth", "", FALSE}, FALSE},
  {{6, "cali0123456789a", "veth", "", FALSE}, FALSE},
  {{6, "vnet3", "tun", "", FALSE}, FALSE},
  /* The uplink of a hypervisor is in its bridge, which has the addresses. */
  {{7, "br0", "bridge", "", TRUE}, TRUE},
  {{7, "docker0", "bridge", "", TRUE}, TRUE},
  {{8, "eth0", "", "bridge", FALSE}, FALSE},
  {{8, "eth0", "", "bond", TRUE}, FALSE},
  {{8, "vnet0", "tun", "bridge", TRUE}, FALSE},
  {{8, "eth1", "", "vrf", FALSE}, TRUE},
};

GST_START_TEST (test_links_between_containers_do_not_lead_out)
{
  fail_unless (gst_rcast_link_leads_out (&links[__i__].link)
      == links[__i__].leads_out, "%s", links[__i__].link.name);
}

GST_END_TEST;

static Suite *
uplinks_suite (void)
{
  Suite *s = suite_create ("uplinks");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_the_kernel_knows_better_than_the_name, 0,
      G_N_ELEMENTS (interfaces));
  tcase_add_test (tc, test_without_sysfs_the_name_is_all_there_is);
  tcase_add_loop_test (tc, test_metered_uplinks_are_last_unless_preferred, 0,
      G_N_ELEMENTS (orders));
  tcase_add_loop_test (tc, test_links_between_containers_do_not_lead_out, 0,
      G_N_ELEMENTS (links));
  return s;
}

GST_CHECK_MAIN (uplinks);
