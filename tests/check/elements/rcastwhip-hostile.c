/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastwhip: servers that do not speak WHIP, or are not the right ones. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "rcast-check.h"
#include "whip-rig.h"

#define HEADERS_201 "HTTP/1.1 201 Created\r\nLocation: /s\r\nContent-Type: " SDP

static const struct
{
  const gchar *name, *bytes;
  gboolean read_first;
  RawEnd end;
  GstRcastError want;
  guint status;
} raw_rows[] = {
  {"closes at once", "", FALSE, RAW_CLOSE, GST_RCAST_ERROR_NETWORK, 0},
  {"closes after the request", "", TRUE, RAW_CLOSE, GST_RCAST_ERROR_NETWORK, 0},
  {"resets", "", TRUE, RAW_RESET, GST_RCAST_ERROR_NETWORK, 0},
  {"never answers", "", TRUE, RAW_HOLD, GST_RCAST_ERROR_TIMEOUT, 0},
  {"garbage", "\001\002\003 what?\r\n\r\n", TRUE, RAW_CLOSE,
      GST_RCAST_ERROR_INVALID_DATA, 0},
  {"another protocol", "SSH-2.0-OpenSSH_9.2\r\n", TRUE, RAW_CLOSE,
      GST_RCAST_ERROR_INVALID_DATA, 0},
  {"half a status line", "HTTP/1.1 20", TRUE, RAW_CLOSE,
      GST_RCAST_ERROR_INVALID_DATA, 0},
  {"half of the headers", "HTTP/1.1 201 Created\r\nLocation: /s\r\nContent-",
        TRUE, RAW_HOLD, GST_RCAST_ERROR_TIMEOUT, 0},
  {"truncated body", HEADERS_201 "\r\nContent-Length: 5000\r\n\r\n" ANSWER,
      TRUE, RAW_CLOSE, GST_RCAST_ERROR_NETWORK, 0},
  {"body that never ends", HEADERS_201 "\r\nContent-Length: 5000\r\n\r\n"
        ANSWER, TRUE, RAW_HOLD, GST_RCAST_ERROR_TIMEOUT, 0},
  {"bad chunks", HEADERS_201 "\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      TRUE, RAW_CLOSE, GST_RCAST_ERROR_INVALID_DATA, 201},
  {"huge body", HEADERS_201 "\r\n\r\n", TRUE, RAW_FLOOD,
      GST_RCAST_ERROR_INVALID_DATA, 201},
  {"slow drip", HEADERS_201 "\r\nContent-Length: 5000\r\n\r\nx", TRUE, RAW_DRIP,
      GST_RCAST_ERROR_TIMEOUT, 0},
  {"bad gzip", HEADERS_201 "\r\nContent-Encoding: gzip\r\n\r\nnot gzip", TRUE,
      RAW_CLOSE, GST_RCAST_ERROR_INVALID_DATA, 201},
  {"status is known, its text is cut", "HTTP/1.1 503 X\r\nContent-Length: 99"
        "\r\nRetry-After: 3\r\n\r\nfu", TRUE, RAW_CLOSE, GST_RCAST_ERROR_BUSY,
      503},
  {"status is known, its text floods", "HTTP/1.1 403 X\r\n\r\n", TRUE,
      RAW_FLOOD, GST_RCAST_ERROR_OCCUPIED, 403},
  {"status is known, its text never ends", "HTTP/1.1 404 X\r\nContent-Length: "
        "99\r\n\r\nfu", TRUE, RAW_HOLD, GST_RCAST_ERROR_REJECTED, 404},
  {"odd reason", "HTTP/1.1 500 \377\376\033[2J\r\nContent-Length: 0\r\n\r\n",
      TRUE, RAW_CLOSE, GST_RCAST_ERROR_FAILED, 500},
  {"Retry-After twice", "HTTP/1.1 429 X\r\nRetry-After: 1\r\nRetry-After: 2\r\n"
        "Content-Length: 0\r\n\r\n", TRUE, RAW_CLOSE, GST_RCAST_ERROR_BUSY,
      429},
  {"interim responses", CONTINUE_5 "HTTP/1.1 103 X\r\n\r\nHTTP/1.1 404 X\r\n"
        "Content-Length: 0\r\n\r\n", TRUE, RAW_CLOSE, GST_RCAST_ERROR_REJECTED,
      404},
  {"nothing but interim responses", CONTINUE_5 CONTINUE_5 CONTINUE_5 CONTINUE_5,
      TRUE, RAW_HOLD, GST_RCAST_ERROR_INVALID_DATA, 0},
};

GST_START_TEST (test_misbehaving_servers)
{
  Fixture f;
  RawServer *raw = NULL;
  g_autofree gchar *url = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Op) close_op = { 0, };
  gint64 start;

  fixture_init (&f, NULL);
  raw = raw_server_new (raw_rows[__i__].bytes, raw_rows[__i__].read_first,
      raw_rows[__i__].end);
  url = g_strdup_printf ("http://127.0.0.1:%u/", raw->port);
  set_location (&f, url);
  if (raw_rows[__i__].want == GST_RCAST_ERROR_TIMEOUT)
    g_object_set (f.rig.signaller, "timeout", 400, NULL);
  g_object_set (f.rig.signaller, "close-timeout", 100, NULL);
  signaller_rig_open (&f.rig);
  start = g_get_monotonic_time ();
  fail_unless (signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER1, &error) == NULL);
  /* libsoup 3.6 reports bad chunks as a broken connection. */
  if (!(soup_check_version (3, 6, 0)
          && g_str_equal (raw_rows[__i__].name, "bad chunks")
          && g_error_matches (error, GST_RCAST_ERROR,
              GST_RCAST_ERROR_NETWORK))) {
    fail_unless (g_error_matches (error, GST_RCAST_ERROR,
            raw_rows[__i__].want), "%s: %s %d: %s", raw_rows[__i__].name,
        g_quark_to_string (error->domain), error->code, error->message);
    assert_equals_int (gst_rcast_error_get_http_status (error),
        raw_rows[__i__].status);
  }
  fail_unless (g_utf8_validate (error->message, -1, NULL));
  fail_unless (g_get_monotonic_time () - start < RCAST_CHECK_PATIENCE);
  gst_rcast_signaller_close_async (f.rig.signaller, NULL, op_closed, &close_op);
  wait_for (&f.rig, close_op.done);
  raw_server_free (raw);
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_nobody_listens)
{
  Fixture f;
  RawServer *raw = NULL;
  g_autofree gchar *url = NULL;
  g_autoptr (GError) error = NULL;

  fixture_init (&f, NULL);
  raw = raw_server_new ("", FALSE, RAW_CLOSE);
  url = g_strdup_printf ("http://127.0.0.1:%u/?token=hidden", raw->port);
  raw_server_free (raw);
  set_location (&f, url);
  signaller_rig_open (&f.rig);
  fail_unless (signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER1, &error) == NULL);
  assert_rcast_error (error, GST_RCAST_ERROR_NETWORK, 0);
  fail_unless (strstr (error->message, "hidden") == NULL, error->message);
  signaller_rig_close (&f.rig);
  fixture_clear (&f);
}
GST_END_TEST;

static const struct
{
  const gchar *certificate;
  const gchar *ca_file;
  gboolean verify;
  /* -1: accepted */
  gint want;
  const gchar *text;
} tls_rows[] = {
  {"server.pem", CERTS "ca.pem", TRUE, -1, NULL},
  {"server.pem", NULL, TRUE, GST_RCAST_ERROR_TLS, "unknown authority"},
  {"server.pem", NULL, FALSE, -1, NULL},
  {"other.pem", CERTS "ca.pem", TRUE, GST_RCAST_ERROR_TLS, "another host"},
  {"expired.pem", CERTS "ca.pem", TRUE, GST_RCAST_ERROR_TLS, "expired"},
  {"future.pem", CERTS "ca.pem", TRUE, GST_RCAST_ERROR_NETWORK, "not valid yet"},
  {"other.pem", NULL, FALSE, -1, NULL},
};

GST_START_TEST (test_certificates)
{
  Fixture f;
  g_autofree gchar *certificate =
      g_strconcat (CERTS, tls_rows[__i__].certificate, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree gchar *answer = NULL;

  fixture_init (&f, certificate);
  g_object_set (f.rig.signaller, "tls-ca-file", tls_rows[__i__].ca_file, "tls-verify",
      tls_rows[__i__].verify, NULL);
  signaller_rig_open (&f.rig);
  answer = signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER1, &error);
  if (tls_rows[__i__].want < 0) {
    fail_unless (answer != NULL, "%s", error ? error->message : "");
  } else {
    assert_rcast_error (error, tls_rows[__i__].want, 0);
    fail_unless (strstr (error->message, tls_rows[__i__].text) != NULL, "%s",
        error->message);
    assert_equals_int (f.script->requests->len, 0);
  }
  signaller_rig_close (&f.rig);
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_tls_handshake_that_hangs_is_no_connection)
{
  Fixture f;
  RawServer *raw;
  g_autofree gchar *url = NULL;
  g_autoptr (GError) error = NULL;

  fixture_init (&f, NULL);
  raw = raw_server_new ("", TRUE, RAW_HOLD);
  url = g_strdup_printf ("https://127.0.0.1:%u/", raw->port);
  set_location (&f, url);
  g_object_set (f.rig.signaller, "connect-timeout", 100, NULL);
  signaller_rig_open (&f.rig);
  fail_unless (signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER1, &error) == NULL);
  assert_rcast_error (error, GST_RCAST_ERROR_NETWORK, 0);
  signaller_rig_close (&f.rig);
  raw_server_free (raw);
  fixture_clear (&f);
}
GST_END_TEST;

static Suite *
rcastwhip_hostile_suite (void)
{
  Suite *s = suite_create ("rcastwhip-hostile");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_misbehaving_servers, 0,
      G_N_ELEMENTS (raw_rows));
  tcase_add_test (tc, test_nobody_listens);
  tcase_add_loop_test (tc, test_certificates, 0, G_N_ELEMENTS (tls_rows));
  tcase_add_test (tc, test_tls_handshake_that_hangs_is_no_connection);
  return s;
}

GST_CHECK_MAIN (rcastwhip_hostile);
