/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What servers write into Retry-After, and by which clock. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "net-retry.h"

GST_START_TEST (test_retry_after)
{
  static const struct
  {
    const gchar *value;
    GstClockTime want;
  } rows[] = {
    {"0", 0},
    {"120", 120 * GST_SECOND},
    {" 7 ", 7 * GST_SECOND},
    /* the policy decides how long it waits */
    {"99999999", 99999999 * GST_SECOND},
    {"99999999999999999999999999", NET_MAX_RETRY_AFTER},
    /* the three forms of RFC 9110 5.6.7 */
    {"Sun, 06 Nov 1994 08:49:37 GMT", 37 * GST_SECOND},
    {"Sunday, 06-Nov-94 08:49:37 GMT", 37 * GST_SECOND},
    {"Sun Nov  6 08:49:37 1994", 37 * GST_SECOND},
    {"Sun, 06 Nov 1994 08:48:59 GMT", 0},
    {"Tue, 31 Dec 2999 23:59:59 GMT", NET_MAX_RETRY_AFTER},
    {"4294967296", NET_MAX_RETRY_AFTER},
    {NULL, GST_CLOCK_TIME_NONE},
    {"", GST_CLOCK_TIME_NONE},
    {"-1", GST_CLOCK_TIME_NONE},
    {"1.5", GST_CLOCK_TIME_NONE},
    {"soon", GST_CLOCK_TIME_NONE},
    {"Sun, 99 Nov 1994 08:49:37 GMT", GST_CLOCK_TIME_NONE},
    {"Sun, 06 Nov", GST_CLOCK_TIME_NONE},
    {"12 apples", GST_CLOCK_TIME_NONE},
  };
  static const gchar now[] = "Sun, 06 Nov 1994 08:49:00 GMT";

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    fail_unless (net_parse_retry_after (rows[i].value, now) == rows[i].want,
        "%s: %" GST_TIME_FORMAT, rows[i].value,
        GST_TIME_ARGS (net_parse_retry_after (rows[i].value, now)));
}
GST_END_TEST;

/* Without a date from the server, or with nonsense for one, our clock counts: 1994 is over. */
GST_START_TEST (test_retry_after_without_a_date)
{
  static const gchar *const dates[] = { NULL, "", "now", "12" };

  for (guint i = 0; i < G_N_ELEMENTS (dates); i++) {
    assert_equals_uint64 (net_parse_retry_after
        ("Sun, 06 Nov 1994 08:49:37 GMT", dates[i]), 0);
    assert_equals_uint64 (net_parse_retry_after ("5", dates[i]),
        5 * GST_SECOND);
  }
}
GST_END_TEST;

static Suite *
net_retry_suite (void)
{
  Suite *s = suite_create ("net-retry");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_retry_after);
  tcase_add_test (tc, test_retry_after_without_a_date);
  return s;
}

GST_CHECK_MAIN (net_retry);
