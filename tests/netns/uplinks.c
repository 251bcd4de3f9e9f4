/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tests which links of a real network namespace count as uplinks. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <stdio.h>

#include "ice-lab.h"
#include "rcast-uplinks.h"
#include "rcast-ways.h"

static IceLab *lab;

/* A bridge has a carrier only while one of its ports has. */
#define MAKE_BRIDGE \
    "ip link add docker0 type bridge && " \
    "ip addr add 172.17.0.1/16 dev docker0 && " \
    "ip link add port0 type veth peer name inside0 && " \
    "ip link set port0 master docker0 && ip link set port0 up && " \
    "ip link set inside0 up && ip link set docker0 up"

/* Returns: whether the kernel reports a carrier on @name */
static gboolean
is_listed (const gchar * name)
{
  g_autofree gchar *command =
      g_strdup_printf ("ip link show up dev %s | grep -q LOWER_UP", name);

  return ice_lab_try (lab, ICE_LAB_CLIENT, command);
}

/* Returns: (transfer full): the ways to @to in order, as "up0/routes up1/10.77.2.2" */
static gchar *
describe_ways (const gchar * to, const gchar * preferred)
{
  g_autoptr (GString) words = g_string_new (NULL);
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (to);
  g_autoptr (GPtrArray) ways = NULL;

  ice_lab_enter (lab, ICE_LAB_CLIENT);
  ways = gst_rcast_ways_list (address, preferred);
  ice_lab_leave (lab);
  for (guint i = 0; i < ways->len; i++) {
    const GstRcastWay *way = ways->pdata[i];
    g_autofree gchar *from = way->from ?
        g_inet_address_to_string (way->from) : g_strdup ("routes");

    g_string_append_printf (words, "%s%s/%s", i > 0 ? " " : "", way->uplink,
        from);
  }
  return g_string_free (g_steal_pointer (&words), FALSE);
}

#define expect_ways(to, preferred, wanted) \
  G_STMT_START { \
    g_autofree gchar *found = describe_ways (to, preferred); \
    assert_equals_string (found, wanted); \
  } G_STMT_END

GST_START_TEST (test_bridge_of_containers_is_no_uplink)
{
  ice_lab_run (lab, ICE_LAB_CLIENT, MAKE_BRIDGE);
  while (!is_listed ("docker0"))
    g_thread_yield ();
  expect_ways (ICE_LAB_SERVER_IP, NULL, "up0/routes up1/" ICE_LAB_UP1);
  /* As on a hypervisor, whose bridge leads out. */
  ice_lab_run (lab, ICE_LAB_CLIENT,
      "ip route add default via 172.17.0.2 dev docker0 table 107 && "
      "ip rule add from 172.17.0.1 table 107");
  expect_ways (ICE_LAB_SERVER_IP, NULL,
      "up0/routes docker0/172.17.0.1 up1/" ICE_LAB_UP1);
}

GST_END_TEST;

GST_START_TEST (test_link_local_address_is_no_uplink)
{
  ice_lab_run (lab, ICE_LAB_CLIENT,
      "ip link add up2 type veth peer name far2 && ip link set up2 up && "
      "ip link set far2 up && ip addr add 169.254.7.7/16 dev up2");
  expect_ways (ICE_LAB_SERVER_IP, NULL, "up0/routes up1/" ICE_LAB_UP1);
  expect_ways ("169.254.9.9", NULL, "up2/routes");
}

GST_END_TEST;

/* Uplinks in the main table, in tables of their own, or in both */
GST_START_TEST (test_ways_are_found_by_whatever_table_has_them)
{
  expect_ways (ICE_LAB_SERVER_IP, NULL, "up0/routes up1/" ICE_LAB_UP1);
  expect_ways (ICE_LAB_SERVER_IP, "up1", "up1/" ICE_LAB_UP1 " up0/routes");
  expect_ways (ICE_LAB_SERVER_IP, "up0", "up0/routes up1/" ICE_LAB_UP1);
  ice_lab_run (lab, ICE_LAB_CLIENT, "ip route del default dev up1");
  expect_ways (ICE_LAB_SERVER_IP, NULL, "up0/routes up1/" ICE_LAB_UP1);
  ice_lab_run (lab, ICE_LAB_CLIENT, "ip rule del table 102");
  expect_ways (ICE_LAB_SERVER_IP, NULL, "up0/routes");
  ice_lab_run (lab, ICE_LAB_CLIENT,
      "ip route add default via 10.77.2.1 dev up1 metric 50");
  expect_ways (ICE_LAB_SERVER_IP, NULL, "up1/routes up0/" ICE_LAB_UP0);
  ice_lab_run (lab, ICE_LAB_CLIENT, "ip route flush scope global table main");
  expect_ways (ICE_LAB_SERVER_IP, NULL, "/routes up0/" ICE_LAB_UP0);
}

GST_END_TEST;

/* Another host on the Internet may have the same address. */
GST_START_TEST (test_server_of_a_local_network_is_sought_nowhere_else)
{
  expect_ways ("10.77.1.1", NULL, "up0/routes");
  expect_ways ("10.77.2.1", "up0", "up1/routes");
  expect_ways ("127.0.0.1", "up1", "lo/routes");
  expect_ways (ICE_LAB_UP1, "up0", "lo/routes");
  /* A tunnel for one network */
  ice_lab_run (lab, ICE_LAB_CLIENT,
      "ip link add wg7 type veth peer name far7 && ip link set wg7 up && "
      "ip link set far7 up && ip addr add 10.8.0.2/24 dev wg7");
  expect_ways ("10.8.0.5", "up1", "wg7/routes");
}

GST_END_TEST;

#define MAKE_TUNNEL(name) \
    "ip link add " name " type veth peer name far7 && " \
    "ip link set " name " up && ip link set far7 up && " \
    "ip addr add 10.8.0.2/24 dev " name

/* Tunnels as wg-quick and as NetworkManager set them up */
GST_START_TEST (test_nothing_goes_around_a_tunnel)
{
  ice_lab_run (lab, ICE_LAB_CLIENT, MAKE_TUNNEL ("any7") " && "
      "ip route add default via 10.8.0.1 dev any7 table 77 && "
      "ip rule add not fwmark 77 table 77");
  expect_ways (ICE_LAB_SERVER_IP, "up1", "any7/routes");
  ice_lab_run (lab, ICE_LAB_CLIENT, "ip rule del table 77 && "
      "ip link del any7 && " MAKE_TUNNEL ("wg7") " && "
      "ip route add default via 10.8.0.1 dev wg7 metric 10 && "
      "ip rule del table 101");
  /* up1 has a rule. */
  expect_ways (ICE_LAB_SERVER_IP, NULL, "wg7/routes up1/" ICE_LAB_UP1);
  ice_lab_run (lab, ICE_LAB_CLIENT, "ip rule del table 102");
  expect_ways (ICE_LAB_SERVER_IP, "up1", "wg7/routes");
}

GST_END_TEST;

GST_START_TEST (test_ways_of_ipv6)
{
  ice_lab_run (lab, ICE_LAB_CLIENT,
      "ip -6 addr add fd77:1::2/64 dev up0 nodad && "
      "ip -6 addr add fd77:2::2/64 dev up1 nodad && "
      "ip -6 route add default via fd77:1::1 dev up0 metric 100 && "
      "ip -6 route add default via fd77:2::1 dev up1 metric 200");
  expect_ways ("2001:db8::1", NULL, "up0/routes up1/fd77:2::2");
  expect_ways ("2001:db8::1", "up1", "up1/fd77:2::2 up0/routes");
  expect_ways ("fd77:1::1", "up1", "up0/routes");
  ice_lab_run (lab, ICE_LAB_CLIENT,
      "ip -6 route del default dev up1 && "
      "ip -6 rule add from fd77:2::2 table 112 && "
      "ip -6 route add default via fd77:2::1 dev up1 table 112");
  expect_ways ("2001:db8::1", NULL, "up0/routes up1/fd77:2::2");
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

/* Each test has a process and a lab of its own. */
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
  tcase_add_test (tc, test_ways_are_found_by_whatever_table_has_them);
  tcase_add_test (tc, test_server_of_a_local_network_is_sought_nowhere_else);
  tcase_add_test (tc, test_nothing_goes_around_a_tunnel);
  tcase_add_test (tc, test_ways_of_ipv6);
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
