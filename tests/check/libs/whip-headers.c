/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What real servers put into their headers, and what hostile ones might. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "net-url.h"
#include "whip-headers.h"

#define ICE "; rel=\"ice-server\""
#define CRED "; username=\"u\"; credential=\"p\""

static const struct
{
  const gchar *name, *link;
  /* joined by spaces */
  const gchar *want;
} link_rows[] = {
  {"none", NULL, ""},
  {"empty", "", ""},
  {"RFC stun", "<stun:stun.example.net>" ICE, "stun://stun.example.net:3478"},
  {"RFC turn", "<turn:turn.example.net?transport=udp>" ICE CRED,
      "turn://u:p@turn.example.net:3478?transport=udp"},
  {"turns", "<turns:turn.example.net:443?transport=tcp>" ICE CRED,
      "turns://u:p@turn.example.net:443?transport=tcp"},
  {"turns has a port of its own", "<turns:t>" ICE CRED, "turns://u:p@t:5349"},
  {"merged headers", "<stun:a>" ICE ", <turn:b>" ICE CRED ",<stun:c:1>" ICE,
      "stun://a:3478 turn://u:p@b:3478 stun://c:1"},
  {"comma, semicolon and angle inside quotes",
        "<turn:a>" ICE "; username=\"u,;<>\"; credential=\"p,<stun:x>\"",
      "turn://u%2C%3B%3C%3E:p%2C%3Cstun%3Ax%3E@a:3478"},
  {"escapes in quotes", "<turn:a>" ICE
        "; username=\"a\\\"b\"; credential=\"c\\\\d\\e\"",
      "turn://a%22b:c%5Cde@a:3478"},
  {"user and password are escaped", "<turn:a>" ICE
        "; username=\"1700000000:me@x/y\"; credential=\"a+b/c=%41 d\"",
      "turn://1700000000%3Ame%40x%2Fy:a%2Bb%2Fc%3D%2541%20d@a:3478"},
  {"tokens instead of strings", "<turn:a>;rel=ice-server;username=u;"
        "credential=p", "turn://u:p@a:3478"},
  {"any order, any case, spaces",
        "<TURN:a>  ;  CREDENTIAL = \"p\" ; UserName=\"u\";REL=\"ICE-Server\"",
      "turn://u:p@a:3478"},
  {"several relations", "<stun:a>; rel=\"other ice-server next\"",
      "stun://a:3478"},
  {"unknown parameters", "<turn:a>" ICE CRED
        "; credential-type=\"password\"; x; y=; z*=UTF-8''z",
      "turn://u:p@a:3478"},
  {"gst-plugins-rs: colons", "<turn:a:3478?transport=udp>; rel=\"ice-server\"; "
        "username=\"u\"; credential:\"p\"; credential-type:\"password\"",
      "turn://u:p@a:3478?transport=udp"},
  {"gst-plugins-rs: no relation", "<stun:a:3478>", "stun://a:3478"},
  {"LiveKit: escaped URI", "<turn:a:3478%3Ftransport=udp>" ICE CRED,
      "turn://u:p@a:3478?transport=udp"},
  {"slashes after the scheme", "<turn://a:1>" ICE CRED, "turn://u:p@a:1"},
  {"IPv6", "<stun:[2001:db8::1]:3479>" ICE ",<stun:[::1]>" ICE,
      "stun://[2001:db8::1]:3479 stun://[::1]:3478"},
  {"each once", "<stun:a>" ICE ",<stun:a:3478>" ICE, "stun://a:3478"},
  {"other relations", "<https://a/>; rel=\"next\", <stun:a>; rel=\"x\", "
        "<https://a/sse>; rel=\"urn:ietf:params:whep:ext:core:x\"", ""},
  {"no relation, not ICE", "<https://a/>, <mailto:a>", ""},
  {"first relation counts", "<stun:a>; rel=\"x\"; rel=\"ice-server\"", ""},
  {"turn without credentials", "<turn:a>" ICE ", <turn:a>" ICE
        "; username=\"u\", <turn:a>" ICE "; credential=\"p\"", ""},
  {"empty credentials", "<turn:a>" ICE "; username=\"\"; credential=\"\"",
      "turn://:@a:3478"},
  {"transport that ICE lacks", "<turn:a?transport=sctp>" ICE CRED, ""},
  {"stuns is not to be had", "<stuns:a>" ICE, ""},
  {"no closing angle", "<stun:a; rel=\"ice-server\"", ""},
  {"no angles", "stun:a" ICE ", <stun:b>" ICE, "stun://b:3478"},
  {"no closing quote", "<turn:a>" ICE "; username=\"u\"; credential=\"p",
      "turn://u:p@a:3478"},
  {"commas and semicolons only", ",,;;,\";\",;", ""},
  {"empty URI", "<>" ICE ",<stun:>" ICE ",<:>" ICE, ""},
  {"bad ports", "<stun:a:0>" ICE ",<stun:a:65536>" ICE ",<stun:a:x>" ICE
        ",<stun:a:>" ICE ",<stun:a:1:2>" ICE, ""},
  {"bad hosts", "<stun:a b>" ICE ",<stun:a/b>" ICE ",<stun:u@a>" ICE
        ",<stun:[::1>" ICE ",<stun:[]>" ICE ",<stun:a%00b>" ICE
        ",<stun:a%0d%0ab>" ICE ",<stun:%zz>" ICE ",<stun:[a]>" ICE, ""},
};

GST_START_TEST (test_link)
{
  g_auto (GStrv) uris = whip_parse_ice_servers (link_rows[__i__].link);
  g_autofree gchar *have = g_strjoinv (" ", uris);

  fail_unless (g_str_equal (have, link_rows[__i__].want),
      "%s: got '%s', not '%s'", link_rows[__i__].name, have,
      link_rows[__i__].want);
}
GST_END_TEST;

GST_START_TEST (test_links_are_limited)
{
  GString *many = g_string_new (NULL);
  g_autofree gchar *filler = g_strnfill (70000, 'x');
  g_autofree gchar *large = g_strconcat ("<stun:a>" ICE "; x=", filler, NULL);
  g_auto (GStrv) uris = NULL;
  g_auto (GStrv) none = NULL;

  for (guint i = 0; i < 1000; i++)
    g_string_append_printf (many, "<stun:h%u>" ICE ",", i);
  uris = whip_parse_ice_servers (many->str);
  assert_equals_int (g_strv_length (uris), WHIP_MAX_ICE_SERVERS);
  assert_equals_string (uris[0], "stun://h0:3478");
  none = whip_parse_ice_servers (large);
  assert_equals_int (g_strv_length (none), 0);
  g_string_free (many, TRUE);
}
GST_END_TEST;

GST_START_TEST (test_etag)
{
  static const struct
  {
    const gchar *value, *want;
  } rows[] = {
    {"\"abc\"", "\"abc\""},
    {"abc", "abc"},
    {"*", "*"},
    {"W/\"abc\"", "W/\"abc\""},
    {" \"a b\" ", "\"a b\""},
    {"\"a\\\"b", "\"a\\\"b"},
    {"\"\"", "\"\""},
    {"\"\303\244\"", "\"\303\244\""},
    {NULL, NULL},
    {"", NULL},
    {"  ", NULL},
    {"\"a\r\nX: y\"", NULL},
    {"a\001", NULL},
  };
  g_autofree gchar *large = g_strnfill (1025, 'x');

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree gchar *have = whip_parse_etag (rows[i].value);

    assert_equals_string (have, rows[i].want);
  }
  fail_unless (whip_parse_etag (large) == NULL);
}
GST_END_TEST;

static const struct
{
  const gchar *base, *location, *want;
} session_rows[] = {
  {"http://a/w", "http://b/s", "http://b/s"},
  {"http://a/w", "https://b/s", "https://b/s"},
  {"https://a/w", "/s?x=1", "https://a/s?x=1"},
  {"https://a/w", "https://b/s", "https://b/s"},
  /* a proxy ended TLS: the session is where the offer went */
  {"https://a/w", "http://a/s?x=1", "https://a/s?x=1"},
  {"https://a:8443/w", "http://A:8080/s", "https://a:8443/s"},
  {"https://a:8443/w", "http://a/s", "https://a:8443/s"},
  /* credentials of ICE would go there in clear text */
  {"https://a/w", "http://b/s", NULL},
  {"https://a/w", "http://a.b/s", NULL},
  {"https://a/w", "ftp://a/s", NULL},
  {"https://a/w", NULL, NULL},
};

GST_START_TEST (test_session_is_never_less_secure_than_the_offer)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GUri) base = net_url_parse (session_rows[__i__].base, NULL);
  g_autoptr (GUri) url =
      whip_resolve_session (session_rows[__i__].location, base, &error);
  g_autofree gchar *have = url ? g_uri_to_string (url) : NULL;

  assert_equals_string (have, session_rows[__i__].want);
  assert_equals_int (error != NULL, have == NULL);
}
GST_END_TEST;

static const struct
{
  const gchar *type, *body, *want;
} problem_rows[] = {
  {"application/problem+json", "{\"type\":\"about:blank\",\"title\":\"Busy\","
        "\"status\":503,\"detail\":\"All slots taken\"}",
      "Busy: All slots taken"},
  {"Application/Problem+JSON", "{\"title\":\"Busy\"}", "Busy"},
  {"application/problem+json", "{\"detail\":\"a\\r\\nb\\tc\\u001b[2J\"}",
      "a b c [2J"},
  {"application/json", "{\"status\":\"error\",\"error\":\"no path\"}",
      "no path"},
  {"application/json", "{\"message\":\"m\"}", "m"},
  {"application/problem+json", "{\"title\":1,\"detail\":null}", NULL},
  {"application/problem+json", "{\"title\":{\"a\":\"b\"}}", NULL},
  {"application/problem+json", "[\"a\"]", NULL},
  {"application/problem+json", "\"a\"", NULL},
  {"application/problem+json", "{\"title\":", NULL},
  {"application/problem+json", "{\"title\":\"caf\\u00e9\"}", "caf\303\251"},
  {"application/problem+json", " {\"a\":{\"title\":\"no\"},\"b\":[\"title\","
        "\"no\"],\"title\" : \"yes\"}", "yes"},
  {"application/problem+json", "{\"a\":\"title\",\"title\":\"\\\"\\/\\n\\\\\"}",
      "\"/ \\"},
  {"application/problem+json", "{}{\"title\":\"x\"}", NULL},
  {"application/problem+json", "{\"title\":\"a", NULL},
  {"application/problem+json", "{\"title\":\"a\\", NULL},
  {"application/problem+json", "{\"title\":\"a\\x\"}", NULL},
  {"application/problem+json", "{\"title\":\"a\\u12\"}", NULL},
  {"application/problem+json", "{\"title\":\"a\\ud800\"}", NULL},
  {"application/problem+json", "{\"title\":\"a\\u0000\"}", NULL},
  {"application/problem+json", "   ", NULL},
  {"application/problem+json", "{\"title\":\"\377\"}", NULL},
  {"application/problem+json", "{\"title\":\"\"}", NULL},
  {"text/plain", "  session already has a host\nmore", "session already has a "
        "host"},
  {"text/plain", "\001\002", NULL},
  {"text/plain", "caf\351", "caf\357\277\275"},
  {"text/html", "<html>", NULL},
  {NULL, "x", NULL},
};

GST_START_TEST (test_problem)
{
  g_autofree gchar *have = whip_parse_problem (problem_rows[__i__].type,
      problem_rows[__i__].body, strlen (problem_rows[__i__].body));

  assert_equals_string (have, problem_rows[__i__].want);
}
GST_END_TEST;

GST_START_TEST (test_problem_is_limited)
{
  g_autofree gchar *deep = g_strnfill (WHIP_MAX_PROBLEM_SIZE, '[');
  g_autofree gchar *text = g_strnfill (1000, 'x');
  g_autofree gchar *large = g_strnfill (WHIP_MAX_PROBLEM_SIZE + 1, 'x');
  g_autofree gchar *have = NULL;

  fail_unless (whip_parse_problem ("application/json", deep,
          strlen (deep)) == NULL);
  fail_unless (whip_parse_problem ("text/plain", large,
          strlen (large)) == NULL);
  fail_unless (whip_parse_problem ("text/plain", "", 0) == NULL);
  have = whip_parse_problem ("text/plain", text, strlen (text));
  assert_equals_int (strlen (have), 200);
}
GST_END_TEST;

static Suite *
whip_headers_suite (void)
{
  Suite *s = suite_create ("whip-headers");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_link, 0, G_N_ELEMENTS (link_rows));
  tcase_add_test (tc, test_links_are_limited);
  tcase_add_test (tc, test_etag);
  tcase_add_loop_test (tc, test_session_is_never_less_secure_than_the_offer, 0,
      G_N_ELEMENTS (session_rows));
  tcase_add_loop_test (tc, test_problem, 0, G_N_ELEMENTS (problem_rows));
  tcase_add_test (tc, test_problem_is_limited);
  return s;
}

GST_CHECK_MAIN (whip_headers);
