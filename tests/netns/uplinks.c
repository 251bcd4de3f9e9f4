/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which of the links of a real network namespace count as uplinks. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <stdio.h>

#include "ice-lab.h"
#include "rcast-uplinks.h"

static IceLab *lab;

/* A bridge has a carrier only while one of its ports has. */
#define MAKE_BRIDGE \
    "ip link add docker0 type bridge && " \
    "ip addr add 172.17.0.1/16 dev docker0 && " \
    "ip link add port0 type veth peer name inside0 && " \
    "ip link set port0 master docker0 && ip link set port0 up && " \
    "ip link set inside0 up && ip link set docker0 up"

/* Whether the kernel has found the carrier. */
static gboolean
is_listed (const gchar * name)
{
  g_autofree gchar *command =
      g_strdup_printf ("ip link show up dev %s | grep -q LOWER_UP", name);

  return ice_lab_try (lab, ICE_LAB_CLIENT, command);
}

static gchar *
describe_attempts (guint n)
{
  g_autoptr (GString) words = g_string_new (NULL);

  ice_lab_enter (lab, ICE_LAB_CLIENT);
  for (guint i = 0; i < n; i++) {
    g_autoptr (GSocketAddress) source =
        gst_rcast_uplinks_choose (NULL, G_SOCKET_FAMILY_IPV4, i);
    g_autofree gchar *string = source ?
        g_inet_address_to_string (g_inet_socket_address_get_address
        (G_INET_SOCKET_ADDRESS (source))) : g_strdup ("routes");

    g_string_append_printf (words, "%s%s", i > 0 ? " " : "", string);
  }
  ice_lab_leave (lab);
  return g_string_free (g_steal_pointer (&words), FALSE);
}

GST_START_TEST (test_bridge_of_containers_is_no_uplink)
{
  g_autofree gchar *without = NULL;
  g_autofree gchar *with = NULL;

  ice_lab_run (lab, ICE_LAB_CLIENT, MAKE_BRIDGE);
  while (!is_listed ("docker0"))
    g_thread_yield ();
  without = describe_attempts (4);
  assert_equals_string (without, "routes " ICE_LAB_UP0 " " ICE_LAB_UP1
      " routes");
  /* As of a hypervisor. */
  ice_lab_run (lab, ICE_LAB_CLIENT,
      "ip route add default via 172.17.0.2 dev docker0 table 107");
  with = describe_attempts (5);
  assert_equals_string (with, "routes 172.17.0.1 " ICE_LAB_UP0 " " ICE_LAB_UP1
      " routes");
}

GST_END_TEST;

GST_START_TEST (test_link_local_address_is_no_uplink)
{
  g_autofree gchar *attempts = NULL;

  ice_lab_run (lab, ICE_LAB_CLIENT, "ip addr add 169.254.7.7/16 dev up0");
  attempts = describe_attempts (3);
  assert_equals_string (attempts, "routes " ICE_LAB_UP0 " " ICE_LAB_UP1);
}

GST_END_TEST;

GST_START_TEST (test_address_is_up_while_its_link_is)
{
  g_autoptr (GInetAddress) address =
      g_inet_address_new_from_string (ICE_LAB_UP1);
  g_autoptr (GInetAddress) foreign =
      g_inet_address_new_from_string ("10.77.9.200");

  ice_lab_enter (lab, ICE_LAB_CLIENT);
  fail_unless (gst_rcast_uplinks_is_up (address));
  fail_if (gst_rcast_uplinks_is_up (foreign));
  ice_lab_run (lab, ICE_LAB_CLIENT, "ip link set up1 down");
  fail_if (gst_rcast_uplinks_is_up (address));
  ice_lab_leave (lab);
}

GST_END_TEST;

/* Each test runs in a process of its own, and so does its lab. */
static void
set_up (void)
{
  const gchar *why_not = NULL;

  lab = ice_lab_new (&why_not);
  fail_unless (lab != NULL, "no lab: %s", why_not);
}

static void
tear_down (void)
{
  ice_lab_free (lab);
}

static Suite *
uplinks_suite (void)
{
  Suite *s = suite_create ("netns-uplinks");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_test (tc, test_bridge_of_containers_is_no_uplink);
  tcase_add_test (tc, test_link_local_address_is_no_uplink);
  tcase_add_test (tc, test_address_is_up_while_its_link_is);
  return s;
}

int
main (int argc, char **argv)
{
  const gchar *why_not = NULL;
  IceLab *first;

  gst_check_init (&argc, &argv);
  first = ice_lab_new (&why_not);
  if (!first) {
    printf ("skipped: needs %s\n", why_not);
    return 77;
  }
  ice_lab_free (first);
  return gst_check_run_suite (uplinks_suite (), "uplinks", __FILE__);
}
