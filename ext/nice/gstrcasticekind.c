/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What kind of interface it is, and how well it is liked. */
#include "config.h"

#include "gstrcasticekind.h"

#include <linux/if_arp.h>

#define ETHERNET "ethernet"
#define WIFI "wifi"
#define CELLULAR "cellular"
#define VPN "vpn"

typedef struct
{
  const gchar *word, *kind;
} Row;

/* What drivers say in uevent; those of Ethernet say nothing. PPP is a modem's, or
 * that of PPPoE, which looks the same. */
static const Row types[] = {
  {"wwan", CELLULAR},
  {"ppp", CELLULAR},
  {"wlan", WIFI},
  {"wireguard", VPN},
};

/* Files that only interfaces of a kind have. */
static const Row files[] = {
  {"phy80211", WIFI},
  {"wireless", WIFI},
  {"tun_flags", VPN},
};

/* Of phones that lend their uplink by USB. */
static const Row drivers[] = {
  {"rndis_host", CELLULAR},
  {"ipheth", CELLULAR},
};

/* Beginnings of systemd's names and the kernel's. */
static const Row names[] = {
  {"ww", CELLULAR},
  {"ppp", CELLULAR},
  {"rmnet", CELLULAR},
  {"wl", WIFI},
  {"tun", VPN},
  {"tap", VPN},
  {"wg", VPN},
};

/* Returns: NULL if it does not say */
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
      && g_ascii_strtoull (text, NULL, 10) == ARPHRD_RAWIP;
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

/* What the kernel says of it in @sysfs, or else what its name says. */
const gchar *
gst_rcast_ice_get_kind (const gchar * sysfs, const gchar * name)
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

/* 0 is the best. Without a word about it a metered one, which cellular ones are,
 * is last. */
guint
gst_rcast_ice_get_rank (const gchar * name, const gchar * kind,
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
