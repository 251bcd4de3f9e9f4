/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The WebSocket helper against peers that keep to RFC 6455, and against those that do not. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "rcast-error.h"
#include "net-websocket.h"
#include "ws-peer.h"

#define PROTOCOL "test-protocol"
#define MAX_SIZE 4096
/* Against hanging; a test about time sets its own. */
#define LONG 60000

typedef struct
{
  GMainContext *context;
  NetWebsocketSettings settings;
  NetWebsocket *ws;
  guint opened, closed;
  GPtrArray *texts;
  GError *error;
  gboolean close_on_open, free_on_text;
} Fixture;

static void
on_opened (NetWebsocket * ws, gpointer data)
{
  Fixture *f = data;

  f->opened++;
  fail_unless (net_websocket_is_open (ws));
  fail_unless (net_websocket_send (ws, "hello"));
  if (f->close_on_open)
    net_websocket_close (ws);
}

static void
on_text (NetWebsocket * ws, const gchar * text, gsize size, gpointer data)
{
  Fixture *f = data;

  assert_equals_int (strlen (text), size);
  g_ptr_array_add (f->texts, g_strdup (text));
  if (f->free_on_text)
    g_clear_pointer (&f->ws, net_websocket_free);
}

static void
on_closed (NetWebsocket * ws, const GError * error, gpointer data)
{
  Fixture *f = data;

  f->closed++;
  f->error = error ? g_error_copy (error) : NULL;
}

static const NetWebsocketClient client = { on_opened, on_text, on_closed };

/* The peer works in a thread of its own. The results wake this context. */
#define wait_for(f, condition) \
  while (!(condition)) \
    g_main_context_iteration ((f)->context, TRUE)

static void
fixture_init (Fixture * f)
{
  memset (f, 0, sizeof (*f));
  /* Not the default context: a signaller does not use it either. */
  f->context = g_main_context_new ();
  g_main_context_push_thread_default (f->context);
  f->texts = g_ptr_array_new_with_free_func (g_free);
  f->settings = (NetWebsocketSettings) {
  .dialer = net_dialer_new (),.protocol = PROTOCOL,.tls_verify = TRUE,.connect_timeout =
        LONG,.ping_interval = 1,.pong_timeout = LONG,.close_timeout =
        LONG,.max_size = MAX_SIZE,};
}

static void
fixture_open (Fixture * f, guint port)
{
  g_autofree gchar *url =
      g_strdup_printf ("ws://127.0.0.1:%u/path?key=secret", port);

  f->settings.url = g_uri_parse (url, G_URI_FLAGS_ENCODED, NULL);
  f->ws = net_websocket_open (&f->settings, &client, f);
}

static void
fixture_clear (Fixture * f)
{
  net_websocket_free (f->ws);
  while (g_main_context_iteration (f->context, FALSE));
  g_clear_pointer (&f->settings.url, g_uri_unref);
  g_clear_pointer (&f->settings.dialer, net_dialer_unref);
  g_ptr_array_unref (f->texts);
  g_clear_error (&f->error);
  g_main_context_pop_thread_default (f->context);
  g_main_context_unref (f->context);
}

/* The error names the URL, and never the secrets of its query. */
static void
check_error (Fixture * f, GstRcastError code, const gchar * word)
{
  assert_equals_int (f->closed, 1);
  fail_unless (g_error_matches (f->error, GST_RCAST_ERROR, code), "%s",
      f->error ? f->error->message : "no error");
  fail_unless (strstr (f->error->message, "ws://127.0.0.1:") != NULL, "%s",
      f->error->message);
  fail_unless (strstr (f->error->message, word) != NULL, "\"%s\" not in: %s",
      word, f->error->message);
  fail_unless (strstr (f->error->message, "secret") == NULL);
  /* The error has no control characters, and it is short. */
  fail_unless (g_utf8_validate (f->error->message, -1, NULL));
  for (const gchar * p = f->error->message; *p; p++)
    fail_if (g_ascii_iscntrl (*p), "%s", f->error->message);
  fail_unless (strlen (f->error->message) < 1000);
}

static GBytes *
text_frame (const gchar * text)
{
  return ws_peer_frame (0x81, FALSE, -1, text, strlen (text));
}

GST_START_TEST (test_text_comes_and_goes)
{
  Fixture f;
  WsPeer *peer = ws_peer_new ((WsPeerScript) {.protocol = PROTOCOL,.frames =
        text_frame ("gr\303\274\303\237e"),.end = WS_PEER_HOLD
      }
  );

  fixture_init (&f);
  fixture_open (&f, ws_peer_port (peer));
  wait_for (&f, f.texts->len == 1);
  assert_equals_int (f.opened, 1);
  assert_equals_int (f.closed, 0);
  assert_equals_string (g_ptr_array_index (f.texts, 0), "gr\303\274\303\237e");
  fixture_clear (&f);
  ws_peer_free (peer);
}

GST_END_TEST;

GST_START_TEST (test_close_ends_without_an_error)
{
  static const guint8 goodbye[] = { 0x88, 2, 0x03, 0xe8 };
  Fixture f;
  WsPeer *peer = ws_peer_new ((WsPeerScript) {.protocol = PROTOCOL,.frames =
        g_bytes_new_static (goodbye, sizeof (goodbye)),.end = WS_PEER_CLOSE
      }
  );

  fixture_init (&f);
  f.close_on_open = TRUE;
  fixture_open (&f, ws_peer_port (peer));
  wait_for (&f, f.closed);
  fail_unless (f.error == NULL);
  fail_if (net_websocket_send (f.ws, "too late"));
  fixture_clear (&f);
  ws_peer_free (peer);
}

GST_END_TEST;

/* A close that the peer does not answer ends in time. */
GST_START_TEST (test_close_is_bounded)
{
  Fixture f;
  WsPeer *peer = ws_peer_new ((WsPeerScript) {.protocol = PROTOCOL,.end =
        WS_PEER_HOLD
      }
  );

  fixture_init (&f);
  f.close_on_open = TRUE;
  f.settings.close_timeout = 50;
  fixture_open (&f, ws_peer_port (peer));
  wait_for (&f, f.closed);
  fail_unless (f.error == NULL);
  fixture_clear (&f);
  ws_peer_free (peer);
}

GST_END_TEST;

GST_START_TEST (test_free_inside_of_a_callback)
{
  Fixture f;
  WsPeer *peer = ws_peer_new ((WsPeerScript) {.protocol = PROTOCOL,.frames =
        text_frame ("free me"),.end = WS_PEER_HOLD
      }
  );

  fixture_init (&f);
  f.free_on_text = TRUE;
  fixture_open (&f, ws_peer_port (peer));
  wait_for (&f, f.texts->len == 1);
  fixture_clear (&f);
  assert_equals_int (f.closed, 0);
  ws_peer_free (peer);
}

GST_END_TEST;

GST_START_TEST (test_free_during_the_handshake)
{
  Fixture f;
  WsPeer *peer = ws_peer_new ((WsPeerScript) {.head = "",.end = WS_PEER_HOLD }
  );

  fixture_init (&f);
  fixture_open (&f, ws_peer_port (peer));
  fixture_clear (&f);
  assert_equals_int (f.opened + f.closed, 0);
  ws_peer_free (peer);
}

GST_END_TEST;

/* The TCP connection holds, but the peer no longer answers. */
GST_START_TEST (test_silence_is_noticed)
{
  Fixture f;
  WsPeer *peer = ws_peer_new ((WsPeerScript) {.protocol = PROTOCOL,.end =
        WS_PEER_HOLD
      }
  );

  fixture_init (&f);
  f.settings.pong_timeout = 1500;
  fixture_open (&f, ws_peer_port (peer));
  wait_for (&f, f.closed);
  assert_equals_int (f.opened, 1);
  check_error (&f, GST_RCAST_ERROR_NETWORK, "no pong for 1500 ms");
  fixture_clear (&f);
  ws_peer_free (peer);
}

GST_END_TEST;

/* Media on another uplink matters only if media was on this uplink before. */
static const struct
{
  const gchar *at_first;        /* nullable */
  const gchar *words;
} elsewhere[] = {
  {NULL, "no pong for 3000 ms"},
  {"up0", "no pong for 3000 ms"},
  {"lo", "media has left its uplink"},
};

GST_START_TEST (test_silence_where_media_is_elsewhere)
{
  Fixture f;
  WsPeer *peer = ws_peer_new ((WsPeerScript) {.protocol = PROTOCOL,.end =
        WS_PEER_HOLD
      }
  );

  fixture_init (&f);
  f.settings.pong_timeout = 3000;
  net_dialer_prefer (f.settings.dialer, elsewhere[__i__].at_first);
  fixture_open (&f, ws_peer_port (peer));
  wait_for (&f, f.opened);
  assert_equals_string (net_websocket_get_uplink (f.ws), "lo");
  net_dialer_prefer (f.settings.dialer, "up1");
  wait_for (&f, f.closed);
  check_error (&f, GST_RCAST_ERROR_NETWORK, elsewhere[__i__].words);
  fixture_clear (&f);
  ws_peer_free (peer);
}

GST_END_TEST;

/* No pong can come behind a message that takes longer than the timeout. */
GST_START_TEST (test_large_slow_message_is_no_silence)
{
  g_autofree gchar *text = g_strnfill (800, 'x');
  Fixture f;
  WsPeer *peer = ws_peer_new ((WsPeerScript) {.protocol = PROTOCOL,.frames =
        text_frame (text),.drip_us = 4000,.end = WS_PEER_HOLD
      }
  );

  fixture_init (&f);
  f.settings.pong_timeout = 2000;
  fixture_open (&f, ws_peer_port (peer));
  wait_for (&f, f.texts->len == 1 || f.closed);
  fail_unless (f.closed == 0, "%s", f.error ? f.error->message : "closed");
  fixture_clear (&f);
  ws_peer_free (peer);
}

GST_END_TEST;

static void
answer_pings (SoupServer * server, SoupServerMessage * msg, const char *path,
    SoupWebsocketConnection * connection, gpointer data)
{
  *(SoupWebsocketConnection **) data = g_object_ref (connection);
}

static gboolean
set_flag (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

/* A peer that sends nothing but pongs is alive for longer than the timeout. */
GST_START_TEST (test_pongs_keep_it_open)
{
  const char *protocols[] = { PROTOCOL, NULL };
  g_autoptr (SoupWebsocketConnection) connection = NULL;
  g_autoptr (SoupServer) server = NULL;
  g_autoptr (GSource) timer = g_timeout_source_new (6000);
  GSList *uris;
  Fixture f;
  gboolean over = FALSE;

  fixture_init (&f);
  server = soup_server_new (NULL, NULL);
  soup_server_add_websocket_handler (server, NULL, NULL, (char **) protocols,
      answer_pings, &connection, NULL);
  fail_unless (soup_server_listen_local (server, 0,
          SOUP_SERVER_LISTEN_IPV4_ONLY, NULL));
  uris = soup_server_get_uris (server);
  f.settings.pong_timeout = 4000;
  fixture_open (&f, g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  g_source_set_callback (timer, set_flag, &over, NULL);
  g_source_attach (timer, f.context);
  wait_for (&f, over || f.closed);
  assert_equals_int (f.opened, 1);
  fail_unless (f.closed == 0, "%s", f.error ? f.error->message : "closed");
  soup_websocket_connection_close (connection, SOUP_WEBSOCKET_CLOSE_GOING_AWAY,
      "maintenance");
  wait_for (&f, f.closed);
  check_error (&f, GST_RCAST_ERROR_NETWORK, "code 1001, maintenance");
  soup_server_disconnect (server);
  fixture_clear (&f);
}

GST_END_TEST;

/* Peers that break the protocol, and the error for each */
static const struct
{
  const gchar *head, *protocol;
  guint8 first_byte;            /* of the frame, 0: none */
  gboolean masked;
  gint64 claimed;
  const gchar *payload;
  WsPeerEnd end;
  guint opened;
  GstRcastError code;
  const gchar *word;
} broken[] = {
  /* no WebSocket there */
  {"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",.end =
        WS_PEER_CLOSE,.code = GST_RCAST_ERROR_REJECTED,.word = "HTTP 404"},
  {"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",.end =
        WS_PEER_CLOSE,.code = GST_RCAST_ERROR_UNAUTHORIZED,.word = "HTTP 401"},
  {"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",.end =
        WS_PEER_CLOSE,.code = GST_RCAST_ERROR_BUSY,.word = "HTTP 503"},
  {"HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n",.end =
        WS_PEER_CLOSE,.code = GST_RCAST_ERROR_FAILED,.word = "HTTP 500"},
  {"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\n"
        "hello",.end = WS_PEER_CLOSE,.code = GST_RCAST_ERROR_FAILED,
      .word = "captive portal"},
  {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",.end =
        WS_PEER_CLOSE,.code = GST_RCAST_ERROR_INVALID_DATA,.word = "HTTP 200"},
  {"SSH-2.0-OpenSSH_9.2\r\n",.end = WS_PEER_CLOSE,.code =
        GST_RCAST_ERROR_INVALID_DATA,.word = "ws://"},
  {"",.end = WS_PEER_CLOSE,.code = GST_RCAST_ERROR_NETWORK,.word = "ws://"},
  {"HTTP/1.1 503 \033[31mred\033]0;title\007\r\nContent-Length: 0\r\n\r\n",.end =
        WS_PEER_CLOSE,.code = GST_RCAST_ERROR_BUSY,.word = "HTTP 503 [31mred"},
  /* another protocol */
  {.protocol = NULL,.end = WS_PEER_HOLD,.code = GST_RCAST_ERROR_INVALID_DATA,
      .word = "does not speak " PROTOCOL},
  /* the connection breaks */
  {.protocol = PROTOCOL,.end = WS_PEER_CLOSE,.opened = 1,.code =
        GST_RCAST_ERROR_NETWORK,.word = "broke"},
  /* a close with escape sequences */
  {.protocol = PROTOCOL,.first_byte = 0x88,.claimed = -1,.payload =
        "\x03\xe9\033[2Jbye\nnow",.end = WS_PEER_HOLD,.opened = 1,.code =
        GST_RCAST_ERROR_NETWORK,.word = "code 1001, [2Jbye now"},
  /* garbage */
  {.protocol = PROTOCOL,.first_byte = 0x82,.claimed = -1,.payload = "\1\2\3",
        .end = WS_PEER_HOLD,.opened = 1,.code = GST_RCAST_ERROR_INVALID_DATA,
      .word = "binary"},
  {.protocol = PROTOCOL,.first_byte = 0xf1,.claimed = -1,.payload = "x",.end =
        WS_PEER_HOLD,.opened = 1,.code = GST_RCAST_ERROR_INVALID_DATA,.word =
        "ws://"},
  {.protocol = PROTOCOL,.first_byte = 0x87,.claimed = -1,.payload = "x",.end =
        WS_PEER_HOLD,.opened = 1,.code = GST_RCAST_ERROR_INVALID_DATA,.word =
        "ws://"},
  {.protocol = PROTOCOL,.first_byte = 0x81,.claimed = -1,.payload =
        "\xff\xfe\xfd",.end = WS_PEER_HOLD,.opened = 1,.code =
        GST_RCAST_ERROR_INVALID_DATA,.word = "ws://"},
  /* much too large, by the header alone, and a little too large */
  {.protocol = PROTOCOL,.first_byte = 0x81,.claimed =
        G_GINT64_CONSTANT (1) << 40,.payload = "x",.end = WS_PEER_HOLD,
      .opened = 1,.code = GST_RCAST_ERROR_INVALID_DATA,.word = "ws://"},
  {.protocol = PROTOCOL,.first_byte = 0x81,.claimed = MAX_SIZE + 1,.payload =
        "x",.end = WS_PEER_HOLD,.opened = 1,.code =
        GST_RCAST_ERROR_INVALID_DATA,.word = "ws://"},
};

GST_START_TEST (test_broken_peer)
{
  const gchar *payload = broken[__i__].payload;
  Fixture f;
  WsPeer *peer = ws_peer_new ((WsPeerScript) {.head = broken[__i__].head,
        .protocol = broken[__i__].protocol,.frames =
        broken[__i__].first_byte ? ws_peer_frame (broken[__i__].first_byte,
            broken[__i__].masked, broken[__i__].claimed, payload,
            strlen (payload)) : NULL,.end = broken[__i__].end
      });

  fixture_init (&f);
  fixture_open (&f, ws_peer_port (peer));
  wait_for (&f, f.closed);
  assert_equals_int (f.opened, broken[__i__].opened);
  assert_equals_int (f.texts->len, 0);
  check_error (&f, broken[__i__].code, broken[__i__].word);
  fixture_clear (&f);
  ws_peer_free (peer);
}

GST_END_TEST;

/* A proxy asks for a pause while its server is replaced. */
GST_START_TEST (test_pause_that_is_asked_for_is_told)
{
  Fixture f;
  WsPeer *peer = ws_peer_new ((WsPeerScript) {.head =
        "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n"
        "Date: Mon, 01 Jan 2001 00:00:00 GMT\r\n"
        "Retry-After: Mon, 01 Jan 2001 00:00:07 GMT\r\n\r\n",.end =
        WS_PEER_CLOSE
      });

  fixture_init (&f);
  fixture_open (&f, ws_peer_port (peer));
  wait_for (&f, f.closed);
  check_error (&f, GST_RCAST_ERROR_BUSY, "HTTP 503");
  assert_equals_int (gst_rcast_error_get_http_status (f.error), 503);
  assert_equals_uint64 (gst_rcast_error_get_retry_after (f.error),
      7 * GST_SECOND);
  fixture_clear (&f);
  ws_peer_free (peer);
}

GST_END_TEST;

GST_START_TEST (test_reason_phrase_is_limited)
{
  Fixture f;
  g_autofree gchar *novel = g_strnfill (20000, 'x');
  g_autofree gchar *head = g_strconcat ("HTTP/1.1 503 ", novel,
      "\r\nContent-Length: 0\r\n\r\n", NULL);
  WsPeer *peer = ws_peer_new ((WsPeerScript) {.head = head,.end =
        WS_PEER_CLOSE
      });

  fixture_init (&f);
  fixture_open (&f, ws_peer_port (peer));
  wait_for (&f, f.closed);
  check_error (&f, GST_RCAST_ERROR_BUSY, "HTTP 503 xxx");
  fixture_clear (&f);
  ws_peer_free (peer);
}

GST_END_TEST;

/* An endless message in small pieces is one message. */
GST_START_TEST (test_fragments_are_limited)
{
  g_autoptr (GByteArray) all = g_byte_array_new ();
  g_autofree gchar *piece = g_strnfill (1000, 'x');
  Fixture f;
  WsPeer *peer;

  for (guint i = 0; i < 10; i++) {
    g_autoptr (GBytes) frame = ws_peer_frame (i ? 0x00 : 0x01, FALSE, -1,
        piece, 1000);

    g_byte_array_append (all, g_bytes_get_data (frame, NULL),
        g_bytes_get_size (frame));
  }
  peer = ws_peer_new ((WsPeerScript) {
      .protocol = PROTOCOL,.frames =
        g_bytes_new (all->data, all->len),.end = WS_PEER_HOLD}
  );
  fixture_init (&f);
  fixture_open (&f, ws_peer_port (peer));
  wait_for (&f, f.closed);
  assert_equals_int (f.texts->len, 0);
  check_error (&f, GST_RCAST_ERROR_INVALID_DATA, "larger than 4096 bytes");
  fixture_clear (&f);
  ws_peer_free (peer);
}

GST_END_TEST;

GST_START_TEST (test_slow_handshake_is_given_up)
{
  Fixture f;
  WsPeer *peer = ws_peer_new ((WsPeerScript) {.protocol = PROTOCOL,.drip_us =
        20000,.end = WS_PEER_HOLD
      }
  );

  fixture_init (&f);
  f.settings.connect_timeout = 200;
  fixture_open (&f, ws_peer_port (peer));
  wait_for (&f, f.closed);
  assert_equals_int (f.opened, 0);
  check_error (&f, GST_RCAST_ERROR_NETWORK, "no WebSocket in time");
  fixture_clear (&f);
  ws_peer_free (peer);
}

GST_END_TEST;

GST_START_TEST (test_reset_and_refused)
{
  Fixture f;
  WsPeer *peer = ws_peer_new ((WsPeerScript) {.protocol = PROTOCOL,.end =
        WS_PEER_RESET
      }
  );
  guint port = ws_peer_port (peer);

  fixture_init (&f);
  fixture_open (&f, port);
  wait_for (&f, f.closed);
  check_error (&f, GST_RCAST_ERROR_NETWORK, "ws://");
  fixture_clear (&f);
  ws_peer_free (peer);

  /* Now no server listens there. */
  fixture_init (&f);
  fixture_open (&f, port);
  wait_for (&f, f.closed);
  assert_equals_int (f.opened, 0);
  check_error (&f, GST_RCAST_ERROR_NETWORK, "ws://");
  fixture_clear (&f);
}

GST_END_TEST;

static Suite *
websocket_suite (void)
{
  Suite *s = suite_create ("websocket");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_text_comes_and_goes);
  tcase_add_test (tc, test_close_ends_without_an_error);
  tcase_add_test (tc, test_close_is_bounded);
  tcase_add_test (tc, test_free_inside_of_a_callback);
  tcase_add_test (tc, test_free_during_the_handshake);
  tcase_add_test (tc, test_silence_is_noticed);
  tcase_add_loop_test (tc, test_silence_where_media_is_elsewhere, 0,
      G_N_ELEMENTS (elsewhere));
  tcase_add_test (tc, test_large_slow_message_is_no_silence);
  tcase_add_test (tc, test_pongs_keep_it_open);
  tcase_add_loop_test (tc, test_broken_peer, 0, G_N_ELEMENTS (broken));
  tcase_add_test (tc, test_pause_that_is_asked_for_is_told);
  tcase_add_test (tc, test_reason_phrase_is_limited);
  tcase_add_test (tc, test_fragments_are_limited);
  tcase_add_test (tc, test_slow_handshake_is_given_up);
  tcase_add_test (tc, test_reset_and_refused);
  return s;
}

GST_CHECK_MAIN (websocket);
