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

GST_START_TEST (test_origin_is_scheme_host_and_port)
{
  static const struct
  {
    const gchar *a, *b;
    gboolean same;
  } rows[] = {
    {"https://a/x", "https://a/y?z", TRUE},
    {"https://a/x", "https://A:443/y", TRUE},
    {"http://a/x", "HTTP://a:80/", TRUE},
    {"http://[::1]:80/", "http://[::1]/", TRUE},
    {"https://a/x", "https://a:8443/x", FALSE},
    {"http://a/x", "http://a:81/x", FALSE},
    {"http://a/x", "https://a/x", FALSE},
    {"http://a:443/x", "https://a/x", FALSE},
    {"https://a/x", "https://b/x", FALSE},
    {"https://a/x", "https://a.b/x", FALSE},
    {"https://a/x", "https://xa/x", FALSE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GUri) a = net_url_parse (rows[i].a, NULL);
    g_autoptr (GUri) b = net_url_parse (rows[i].b, NULL);
    g_autofree gchar *text_a = net_url_print_origin (a);
    g_autofree gchar *text_b = net_url_print_origin (b);

    assert_equals_int (net_url_same_origin (a, b), rows[i].same);
    assert_equals_int (net_url_same_origin (b, a), rows[i].same);
    assert_equals_int (g_str_equal (text_a, text_b), rows[i].same);
  }
}

GST_END_TEST;

GST_START_TEST (test_described_url_hides_user_and_query)
{
  static const struct
  {
    const gchar *url, *want;
  } rows[] = {
    {"http://a:1/b", "http://a:1/b"},
    {"http://a/b?token=t", "http://a/b?…"},
    {"http://a/b?", "http://a/b?…"},
    {"ws://joe:s3cret@a/b?pin=1#x", "ws://a/b?…"},
    {"http://a/%1b%5b2J", "http://a/%1B%5B2J"},
  };
  g_autofree gchar *path = g_strnfill (5000, 'x');
  g_autofree gchar *large = g_strconcat ("http://a/", path, NULL);
  g_autoptr (GUri) url = g_uri_parse (large, G_URI_FLAGS_NONE, NULL);
  g_autofree gchar *shown = net_url_describe (url);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GUri) one = g_uri_parse (rows[i].url, G_URI_FLAGS_HAS_PASSWORD,
        NULL);
    g_autofree gchar *have = net_url_describe (one);
    g_autofree gchar *text = net_url_describe_text (rows[i].url);

    fail_unless (g_ascii_strcasecmp (have, rows[i].want) == 0, "%s", have);
    fail_unless (g_ascii_strcasecmp (text, rows[i].want) == 0, "%s", text);
  }
  assert_equals_int (g_utf8_strlen (shown, -1), 200);
}

GST_END_TEST;

GST_START_TEST (test_described_text_need_not_be_a_url)
{
  static const struct
  {
    const gchar *text, *want;
  } rows[] = {
    {"", ""},
    {"whip+http://u:p@h/x?key=k#f", "whip+http://h/x?…"},
    {"whip+http://u:p@q@h:1", "whip+http://h:1"},
    {"u:p@h?k", "h?…"},
    {"http://h/a@b", "http://h/a@b"},
    {"x\033[31m\r\n y", "x [31m y"},
    {"whip+http://h#secret", "whip+http://h?…"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree gchar *have = net_url_describe_text (rows[i].text);

    assert_equals_string (have, rows[i].want);
  }
}

GST_END_TEST;

GST_START_TEST (test_errors_repeat_nothing_of_a_url)
{
  static const gchar *const urls[] = {
    "http://joe:s3cret@a/", "http://s3cret:s3cret/", "http://[s3cret/",
    "http://a:99999/s3cret", "http://joe:s3cret%zz@a/", "http://a/s3cret b",
  };

  for (guint i = 0; i < G_N_ELEMENTS (urls); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GUri) url = net_url_parse (urls[i], &error);

    fail_unless (url == NULL);
    fail_unless (strstr (error->message, "s3cret") == NULL, "%s",
        error->message);
  }
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
  tcase_add_test (tc, test_origin_is_scheme_host_and_port);
  tcase_add_test (tc, test_described_url_hides_user_and_query);
  tcase_add_test (tc, test_described_text_need_not_be_a_url);
  tcase_add_test (tc, test_errors_repeat_nothing_of_a_url);
  return s;
}

GST_CHECK_MAIN (net_url);
