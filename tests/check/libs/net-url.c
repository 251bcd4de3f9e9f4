/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* URLs as settings and servers have them: resolved, compared and shown. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "net-url.h"
#include "rcast-error.h"

static const struct
{
  const gchar *base, *location, *want;
} location_rows[] = {
  {"https://a/whip/x", "https://b/s/1", "https://b/s/1"},
  {"https://a/whip/x", "/s/1", "https://a/s/1"},
  {"https://a/whip/x", "s/1", "https://a/whip/s/1"},
  {"https://a/whip/x", "../s/1", "https://a/s/1"},
  {"https://a/whip/x", "./1", "https://a/whip/1"},
  {"https://a:8443/whip/x?t=1", "//b/1", "https://b/1"},
  {"https://a:8443/whip/x?t=1", "/1", "https://a:8443/1"},
  {"http://[::1]:8080/w", "s", "http://[::1]:8080/s"},
  /* the query is the identity, byte for byte */
  {"http://a/rtc/v1/whip/?app=l&stream=s",
        "/rtc/v1/whip/?action=delete&token=a%2Bb&session=x:y=",
      "http://a/rtc/v1/whip/?action=delete&token=a%2Bb&session=x:y="},
  {"http://a/w?x=1", "?direction=whip", "http://a/w?direction=whip"},
  {"http://a/w", "/s%2Fx/%E4", "http://a/s%2Fx/%E4"},
  {"http://a/w", " /s \t", "http://a/s"},
  {"http://a/w", "/s#part", "http://a/s"},
  {"http://a/w", "http://b", "http://b/"},
  {"http://a/w", "HTTP://b:80/x", "http://b/x"},
  {"http://a/w", NULL, NULL},
  {"http://a/w", "", NULL},
  {"http://a/w", "  ", NULL},
  {"http://a/w", "ftp://a/1", NULL},
  {"http://a/w", "javascript:1", NULL},
  {"http://a/w", "http:///1", NULL},
  {"http://a/w", "http://u:p@a/1", NULL},
  {"http://a/w", "http://a:99999/1", NULL},
  {"http://a/w", "http://[::1/1", NULL},
  {"http://a/w", "/a b", NULL},
  {"http://a/w", "/a\r\nX: y", NULL},
  {"http://a/w", "/\303\244", NULL},
};

GST_START_TEST (test_location)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GUri) base = net_url_parse (location_rows[__i__].base, NULL);
  g_autoptr (GUri) url =
      net_url_resolve (location_rows[__i__].location, base, &error);
  g_autofree gchar *have = url ? g_uri_to_string (url) : NULL;

  assert_equals_string (have, location_rows[__i__].want);
  assert_equals_int (error != NULL, have == NULL);
}
GST_END_TEST;

GST_START_TEST (test_location_is_limited)
{
  g_autofree gchar *large = g_strnfill (8200, 'x');
  g_autoptr (GUri) base = net_url_parse ("http://a/", NULL);
  g_autoptr (GError) error = NULL;

  fail_unless (net_url_resolve (large, base, &error) == NULL);
  fail_unless (g_error_matches (error, GST_RCAST_ERROR,
          GST_RCAST_ERROR_INVALID_DATA));
}
GST_END_TEST;

GST_START_TEST (test_secrets_go_where_they_may)
{
  static const struct
  {
    const gchar *from, *to;
    gboolean want;
  } rows[] = {
    {"https://a/x", "https://a/y", TRUE},
    {"https://a/x", "https://A:8443/y", TRUE},
    {"http://a/x", "http://a:81/y", TRUE},
    {"http://a/x", "https://a/y", TRUE},
    {"https://a/x", "http://a/y", FALSE},
    {"https://a/x", "https://b/x", FALSE},
    {"https://a/x", "https://a.b/x", FALSE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GUri) from = net_url_parse (rows[i].from, NULL);
    g_autoptr (GUri) to = net_url_parse (rows[i].to, NULL);

    assert_equals_int (net_url_may_carry (from, to), rows[i].want);
  }
}
GST_END_TEST;

GST_START_TEST (test_described_url_hides_its_query)
{
  g_autoptr (GUri) plain = net_url_parse ("http://a:1/b", NULL);
  g_autoptr (GUri) secret = net_url_parse ("http://a/b?token=t", NULL);
  g_autofree gchar *text1 = net_url_describe (plain);
  g_autofree gchar *text2 = net_url_describe (secret);

  assert_equals_string (text1, "http://a:1/b");
  assert_equals_string (text2, "http://a/b?…");
}
GST_END_TEST;

static Suite *
net_url_suite (void)
{
  Suite *s = suite_create ("net-url");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_location, 0, G_N_ELEMENTS (location_rows));
  tcase_add_test (tc, test_location_is_limited);
  tcase_add_test (tc, test_secrets_go_where_they_may);
  tcase_add_test (tc, test_described_url_hides_its_query);
  return s;
}

GST_CHECK_MAIN (net_url);
