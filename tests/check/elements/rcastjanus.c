/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastjanus against a server on loopback that answers as Janus does, or otherwise. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <libsoup/soup.h>
#include <string.h>

#include "loopback-port.h"
#include "rcast-signaller.h"
#include "rcast-types.h"

#define SESSION "9007199254740993"
#define HANDLE "9007199254740995"
#define FEED "18446744073709551615"
#define PWD "passwordpasswordpassword"
#define PIN "P1N-s3cret"
#define OFFER(ufrag) "v=0\r\no=- 1 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n" \
  "a=group:BUNDLE video0 audio1\r\n" \
  "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:video0\r\n" \
  "a=ice-ufrag:" ufrag "\r\na=ice-pwd:" PWD "\r\na=rtpmap:96 VP8/90000\r\n" \
  "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:audio1\r\n" \
  "a=ice-ufrag:" ufrag "\r\na=ice-pwd:" PWD "\r\na=rtpmap:111 OPUS/48000/2\r\n"
#define ANSWER(port) "v=0\\r\\no=- 1 1 IN IP4 1.1.1.1\\r\\ns=-\\r\\nt=0 0\\r\\n" \
  "m=video 9 UDP/TLS/RTP/SAVPF 96\\r\\nc=IN IP4 1.1.1.1\\r\\na=mid:video0\\r\\n" \
  "m=audio " port " UDP/TLS/RTP/SAVPF 111\\r\\nc=IN IP4 1.1.1.1\\r\\n" \
  "a=mid:audio1\\r\\n"

#define SUCCESS(members) "{\"janus\":\"success\",\"transaction\":\"%T\"" members "}"
#define OWN "\"session_id\":" SESSION ",\"sender\":" HANDLE
#define DATA(data) ",\"plugindata\":{\"plugin\":\"janus.plugin.videoroom\"," \
  "\"data\":{" data "}}"
#define EVENT(data, more) "{\"janus\":\"event\"," OWN ",\"transaction\":\"%T\"" \
  DATA (data) more "}"
#define WORD(word, members) "{\"janus\":\"" word "\"," OWN members "}"
#define FAILURE(code, reason) "{\"janus\":\"error\",\"transaction\":\"%T\"," \
  "\"error\":{\"code\":" code ",\"reason\":\"" reason "\"}}"
#define ROOM_FAILURE(code, reason) \
  EVENT ("\"videoroom\":\"event\",\"error_code\":" code ",\"error\":\"" reason "\"", "")
#define INFO_TIMEOUT(session, reclaim, plugins) "{\"janus\":\"server_info\"," \
  "\"transaction\":\"%T\",\"version_string\":\"1.1.2\"," \
  "\"session-timeout\":" session "," \
  "\"reclaim-session-timeout\":" reclaim ",\"plugins\":{" plugins "}}"
#define INFO(reclaim, plugins) INFO_TIMEOUT ("60", reclaim, plugins)
#define VIDEOROOM "\"janus.plugin.videoroom\":{}"
#define MEMBERS(publisher) SUCCESS (DATA ("\"videoroom\":\"participants\"," \
  "\"participants\":[{\"id\":" FEED ",\"publisher\":" publisher "}]"))

/* What is answered to a request, by the word after "request" or else "janus".
 * Messages are separated by line feeds; without one there is no answer. */
typedef struct
{
  const gchar *word, *reply;
} Rule;

static const Rule defaults[] = {
  {"info", INFO ("30", VIDEOROOM)},
  {"create", SUCCESS (",\"data\":{\"id\":" SESSION "}")},
  {"attach", SUCCESS (",\"data\":{\"id\":" HANDLE "}")},
  {"join", "{\"janus\":\"ack\",\"transaction\":\"%T\"}\n"
        EVENT ("\"videoroom\":\"joined\",\"room\":1234,\"id\":" FEED, "")},
  {"publish", EVENT ("\"videoroom\":\"event\",\"configured\":\"ok\"",
          ",\"jsep\":{\"type\":\"answer\",\"sdp\":\"" ANSWER ("9") "\"}")},
  {"configure", EVENT ("\"videoroom\":\"event\",\"configured\":\"ok\"",
          ",\"jsep\":{\"type\":\"answer\",\"sdp\":\"" ANSWER ("9") "\"}")},
  {"unpublish", EVENT ("\"videoroom\":\"event\",\"unpublished\":\"ok\"", "")
      "\n" WORD ("hangup", ",\"reason\":\"Close PC\"")},
  {"listparticipants", MEMBERS ("true")},
  {"claim", SUCCESS ("")},
  {"keepalive", "{\"janus\":\"ack\",\"transaction\":\"%T\"}"},
  {"trickle", "{\"janus\":\"ack\",\"transaction\":\"%T\"}"},
  {"leave", "{\"janus\":\"ack\",\"transaction\":\"%T\"}"},
  {"detach", SUCCESS ("")},
  {"destroy", SUCCESS ("")},
};

typedef struct
{
  gboolean done, ok;
  gchar *answer;
  GError *error;
} Op;

typedef struct
{
  GMainContext *context;
  SoupServer *server;
  guint port, connections;
  SoupWebsocketConnection *peer;        /* the latest */
  GPtrArray *words, *texts;     /* of requests, in their order */
  GQueue rules;                 /* Rule: for one request each */
  gboolean silent;
  GstRcastSignaller *janus;
  GstBus *bus;
  guint token_requests, lost;
  const gchar *fresh_token;
  GError *lost_error;
  GArray *server_events;        /* of GstRcastServerEvent */
  gchar *event_detail;
  gchar *candidate;
} Fixture;

static void
op_clear (Op * op)
{
  g_free (op->answer);
  g_clear_error (&op->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Op, op_clear);

#define wait_for(f, condition) \
  while (!(condition)) \
    g_main_context_iteration ((f)->context, TRUE)

/* The string after "name":, NULL: there is none. */
static gchar *
find_text (const gchar * text, const gchar * name)
{
  g_autofree gchar *key = g_strdup_printf ("\"%s\":\"", name);
  const gchar *at = strstr (text, key);

  at = at ? at + strlen (key) : NULL;
  return at ? g_strndup (at, strcspn (at, "\"")) : NULL;
}

static void
say (Fixture * f, const gchar * replies, const gchar * transaction)
{
  g_auto (GStrv) lines = g_strsplit (replies, "\n", -1);

  for (guint i = 0; lines[i] && *replies; i++) {
    g_auto (GStrv) parts = g_strsplit (lines[i], "%T", 2);
    g_autofree gchar *text = g_strjoinv (transaction ? transaction : "",
        parts);

    soup_websocket_connection_send_text (f->peer, text);
  }
}

static const gchar *
find_reply (Fixture * f, const gchar * word, Rule ** once)
{
  *once = NULL;
  for (GList * l = f->rules.head; l; l = l->next) {
    Rule *rule = l->data;

    if (g_str_equal (rule->word, word)) {
      g_queue_delete_link (&f->rules, l);
      *once = rule;
      return rule->reply;
    }
  }
  for (guint i = 0; i < G_N_ELEMENTS (defaults); i++)
    if (g_str_equal (defaults[i].word, word))
      return defaults[i].reply;
  return NULL;
}

static void
on_request (SoupWebsocketConnection * peer, gint type, GBytes * message,
    gpointer data)
{
  Fixture *f = data;
  gchar *text = g_strndup (g_bytes_get_data (message, NULL),
      g_bytes_get_size (message));
  g_autofree gchar *transaction = find_text (text, "transaction");
  gchar *word = find_text (text, "request");
  g_autofree Rule *once = NULL;
  const gchar *reply;

  if (!word)
    word = find_text (text, "janus");
  g_ptr_array_add (f->words, word);
  g_ptr_array_add (f->texts, text);
  if (f->silent)
    return;
  reply = find_reply (f, word, &once);
  fail_unless (reply != NULL, "no answer to %s", text);
  say (f, reply, transaction);
}

static void
on_connection (SoupServer * server, SoupServerMessage * msg, const char *path,
    SoupWebsocketConnection * connection, gpointer data)
{
  Fixture *f = data;

  f->connections++;
  g_set_object (&f->peer, connection);
  g_signal_connect (connection, "message", G_CALLBACK (on_request), f);
}

static gchar *
on_request_token (GstRcastSignaller * janus, const gchar * uri, gpointer data)
{
  Fixture *f = data;

  g_atomic_int_inc (&f->token_requests);
  return g_strdup (f->fresh_token ? f->fresh_token : "");
}

static void
on_lost (GstRcastSignaller * janus, const GError * error, gpointer data)
{
  Fixture *f = data;

  f->lost++;
  g_clear_error (&f->lost_error);
  f->lost_error = g_error_copy (error);
}

static void
on_server_event (GstRcastSignaller * janus, GstRcastServerEvent event,
    const gchar * detail, gpointer data)
{
  Fixture *f = data;

  g_array_append_val (f->server_events, event);
  g_free (f->event_detail);
  f->event_detail = g_strdup (detail);
}

static void
on_candidate (GstRcastSignaller * janus, guint mline, const gchar * candidate,
    gpointer data)
{
  Fixture *f = data;

  g_free (f->candidate);
  f->candidate = g_strdup_printf ("%u %s", mline, candidate);
}

static void
set_query (Fixture * f, const gchar * query)
{
  g_autofree gchar *location =
      g_strdup_printf ("janus+ws://127.0.0.1:%u/?%s", f->port, query);

  g_object_set (f->janus, "location", location, NULL);
}

static void
fixture_init (Fixture * f)
{
  char *protocols[] = { (char *) "janus-protocol", NULL };
  GSList *uris;

  memset (f, 0, sizeof (*f));
  f->context = g_main_context_new ();
  g_main_context_push_thread_default (f->context);
  f->words = g_ptr_array_new_with_free_func (g_free);
  f->texts = g_ptr_array_new_with_free_func (g_free);
  f->server_events = g_array_new (FALSE, FALSE, sizeof (GstRcastServerEvent));
  f->server = soup_server_new (NULL, NULL);
  soup_server_add_websocket_handler (f->server, NULL, NULL, protocols,
      on_connection, f, NULL);
  fail_unless (soup_server_listen_local (f->server, 0,
          SOUP_SERVER_LISTEN_IPV4_ONLY, NULL));
  uris = soup_server_get_uris (f->server);
  f->port = g_uri_get_port (uris->data);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);

  f->janus = GST_RCAST_SIGNALLER (gst_element_factory_make ("rcastjanus",
          NULL));
  fail_unless (f->janus != NULL);
  gst_object_ref_sink (f->janus);
  f->bus = gst_bus_new ();
  gst_element_set_bus (GST_ELEMENT (f->janus), f->bus);
  g_signal_connect (f->janus, "request-token", G_CALLBACK (on_request_token),
      f);
  g_signal_connect (f->janus, "lost", G_CALLBACK (on_lost), f);
  g_signal_connect (f->janus, "server-event", G_CALLBACK (on_server_event), f);
  g_signal_connect (f->janus, "candidate", G_CALLBACK (on_candidate), f);
  /* What is not about time shall not depend on the machine's speed. */
  g_object_set (f->janus, "timeout", 60000, "connect-timeout", 60000,
      "close-timeout", 60000, "pong-timeout", 60000, NULL);
  set_query (f, "room=1234");
}

static void
fixture_clear (Fixture * f)
{
  while (g_main_context_iteration (f->context, FALSE));
  gst_element_set_bus (GST_ELEMENT (f->janus), NULL);
  gst_object_unref (f->bus);
  /* The thread that asked for a token holds it for a moment. */
  while (f->token_requests > 0 && GST_OBJECT_REFCOUNT_VALUE (f->janus) > 1)
    g_thread_yield ();
  g_signal_handlers_disconnect_by_data (f->janus, f);
  ASSERT_OBJECT_REFCOUNT (f->janus, "rcastjanus", 1);
  gst_object_unref (f->janus);
  soup_server_disconnect (f->server);
  g_clear_object (&f->peer);
  g_object_unref (f->server);
  while (g_main_context_iteration (f->context, FALSE));
  g_ptr_array_unref (f->words);
  g_ptr_array_unref (f->texts);
  g_array_unref (f->server_events);
  g_queue_clear_full (&f->rules, g_free);
  g_free (f->event_detail);
  g_free (f->candidate);
  g_clear_error (&f->lost_error);
  g_main_context_pop_thread_default (f->context);
  g_main_context_unref (f->context);
}

/* Once */
static void
add_rule (Fixture * f, const gchar * word, const gchar * reply)
{
  Rule rule = { word, reply };

  g_queue_push_tail (&f->rules, g_memdup2 (&rule, sizeof (rule)));
}

static guint
count (Fixture * f, const gchar * word)
{
  guint n = 0;

  for (guint i = 0; i < f->words->len; i++)
    n += g_str_equal (g_ptr_array_index (f->words, i), word);
  return n;
}

/* The text of the last request of that name. */
static const gchar *
last (Fixture * f, const gchar * word)
{
  for (guint i = f->words->len; i > 0; i--)
    if (g_str_equal (g_ptr_array_index (f->words, i - 1), word))
      return g_ptr_array_index (f->texts, i - 1);
  fail ("no %s came", word);
  return NULL;
}

static void
check_has (const gchar * text, const gchar * part)
{
  fail_unless (strstr (text, part) != NULL, "\"%s\" not in %s", part, text);
}

#define DEFINE_DONE(name, finish) \
static void \
name (GObject * source, GAsyncResult * result, gpointer data) \
{ \
  Op *op = data; \
 \
  fail_if (op->done); \
  op->ok = finish (GST_RCAST_SIGNALLER (source), result, &op->error); \
  op->done = TRUE; \
}
DEFINE_DONE (opened, gst_rcast_signaller_open_finish);
DEFINE_DONE (resumed, gst_rcast_signaller_resume_finish);
DEFINE_DONE (closed, gst_rcast_signaller_close_finish);
static void
answered (GObject * source, GAsyncResult * result, gpointer data)
{
  Op *op = data;

  fail_if (op->done);
  op->answer = gst_rcast_signaller_offer_finish (GST_RCAST_SIGNALLER (source),
      result, &op->error);
  op->ok = op->answer != NULL;
  op->done = TRUE;
}

static void
check_ok (const Op * op)
{
  fail_unless (op->ok, "%s", op->error ? op->error->message : "no error");
}

static void
check_error (const Op * op, GstRcastError code, const gchar * word)
{
  fail_if (op->ok);
  fail_unless (g_error_matches (op->error, GST_RCAST_ERROR, code), "%s",
      op->error->message);
  check_has (op->error->message, word);
  fail_unless (strstr (op->error->message, PIN) == NULL);
}

static void
run_open (Fixture * f, Op * op)
{
  gst_rcast_signaller_open_async (f->janus, NULL, opened, op);
  wait_for (f, op->done);
}

static void
run_offer (Fixture * f, GstRcastOfferKind kind, const gchar * sdp, Op * op)
{
  gst_rcast_signaller_offer_async (f->janus, kind, sdp, NULL, answered, op);
  wait_for (f, op->done);
}

static void
do_open (Fixture * f)
{
  g_auto (Op) op = { FALSE };

  run_open (f, &op);
  check_ok (&op);
}

static void
do_offer (Fixture * f, GstRcastOfferKind kind, const gchar * sdp)
{
  g_auto (Op) op = { FALSE };

  run_offer (f, kind, sdp, &op);
  check_ok (&op);
  check_has (op.answer, "m=video 9");
}

static void
do_close (Fixture * f)
{
  g_auto (Op) op = { FALSE };

  gst_rcast_signaller_close_async (f->janus, NULL, closed, &op);
  wait_for (f, op.done);
}

static void
do_publish (Fixture * f)
{
  do_open (f);
  do_offer (f, GST_RCAST_OFFER_INITIAL, OFFER ("ufr1"));
}

static void
do_resume (Fixture * f)
{
  g_auto (Op) op = { FALSE };

  gst_rcast_signaller_resume_async (f->janus, NULL, resumed, &op);
  wait_for (f, op.done);
  check_ok (&op);
}

/* Of the last request of that name. */
static gchar *
last_transaction (Fixture * f, const gchar * word)
{
  return find_text (last (f, word), "transaction");
}

/* Until all that the server has said so far has been seen. */
static void
wait_heard (Fixture * f)
{
  gboolean seen = FALSE;

  say (f, WORD ("slowlink", ""), NULL);
  while (!seen) {
    g_autoptr (GstMessage) message = gst_bus_pop (f->bus);

    if (message)
      seen = !g_strcmp0 (gst_structure_get_string (gst_message_get_structure
              (message), "event"), "slowlink");
    else
      g_main_context_iteration (f->context, TRUE);
  }
}

/* As a broken TCP connection does it. */
static void
cut (Fixture * f)
{
  f->lost = 0;
  g_io_stream_close (soup_websocket_connection_get_io_stream (f->peer), NULL,
      NULL);
  wait_for (f, f->lost);
}

GST_START_TEST (test_from_open_to_close)
{
  Fixture f;
  g_autofree gchar *feed = NULL;
  guint64 session = 0;
  static const gchar *const wanted[] = { "info", "create", "attach", "join",
    "publish", "trickle", "trickle", "leave", "detach", "destroy"
  };

  fixture_init (&f);
  set_query (&f, "room=1234&id=77&display=Studio%20%26%20co&pin=" PIN);
  g_object_set (f.janus, "bitrate", 500000, "video-codec", "vp8", NULL);
  do_open (&f);
  g_object_get (f.janus, "feed-id", &feed, "session-id", &session, NULL);
  assert_equals_string (feed, FEED);
  fail_unless (session == G_GUINT64_CONSTANT (9007199254740993));
  check_has (last (&f, "join"), "\"room\":1234,\"ptype\":\"publisher\","
      "\"id\":77,\"display\":\"Studio & co\",\"pin\":\"" PIN "\"");
  check_has (last (&f, "join"), "\"session_id\":" SESSION ",\"handle_id\":"
      HANDLE);

  gst_rcast_signaller_add_candidate (f.janus, 1, "ufr1",
      "candidate:1 ufrag ufr1");
  do_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER ("ufr1"));
  check_has (last (&f, "publish"), "\"bitrate\":500000,\"videocodec\":\"vp8\"");
  gst_rcast_signaller_add_candidate (f.janus, 0, "ufr1", NULL);
  gst_rcast_signaller_add_candidate (f.janus, 0, "other", "candidate:9");
  wait_for (&f, count (&f, "trickle") == 2);
  check_has (last (&f, "trickle"), "\"candidate\":{\"completed\":true}");
  do_close (&f);
  assert_equals_int (f.words->len, G_N_ELEMENTS (wanted));
  for (guint i = 0; i < f.words->len; i++)
    assert_equals_string (g_ptr_array_index (f.words, i), wanted[i]);
  check_has (g_ptr_array_index (f.texts, 5), "{\"candidate\":\"candidate:1 "
      "ufrag ufr1\",\"sdpMid\":\"audio1\",\"sdpMLineIndex\":1}");
  fixture_clear (&f);
}

GST_END_TEST;

/* One error each, which names it. */
static const struct
{
  const gchar *word, *reply;
  GstRcastError code;
  const gchar *text;
} refusals[] = {
  {"info", INFO ("0", "\"janus.plugin.echotest\":{}"),
      GST_RCAST_ERROR_NOT_SUPPORTED, "no VideoRoom"},
  {"create", FAILURE ("403", "Unauthorized"), GST_RCAST_ERROR_UNAUTHORIZED,
      "403"},
  {"create", FAILURE ("472", "Not accepting"), GST_RCAST_ERROR_BUSY, "472"},
  {"attach", FAILURE ("460", "No such plugin"), GST_RCAST_ERROR_NOT_SUPPORTED,
      "No such plugin"},
  {"join", ROOM_FAILURE ("426", "No such room (1234)"),
      GST_RCAST_ERROR_REJECTED, "No such room (1234)"},
  {"join", ROOM_FAILURE ("433", "Unauthorized (wrong pin)"),
      GST_RCAST_ERROR_REJECTED, "wrong pin"},
  {"join", ROOM_FAILURE ("432", "Maximum number of publishers"),
      GST_RCAST_ERROR_BUSY, "Maximum"},
  {"join", "no json at all", GST_RCAST_ERROR_INVALID_DATA, "not JSON"},
  {"join", "[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]",
      GST_RCAST_ERROR_INVALID_DATA, "too deep"},
};

GST_START_TEST (test_refusals)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  set_query (&f, "room=1234&pin=" PIN);
  add_rule (&f, refusals[__i__].word, refusals[__i__].reply);
  run_open (&f, &op);
  check_error (&op, refusals[__i__].code, refusals[__i__].text);
  check_has (op.error->message, "ws://127.0.0.1:");
  /* What was made is taken down. */
  do_close (&f);
  assert_equals_int (f.lost, 0);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_location)
{
  static const gchar *const bad[] = {
    "janus+ws://h/", "janus+ws://h/?room=", "janus+ws:///?room=1",
    "janus+http://h/?room=1", "janus+ws://u:p@h/?room=1", "ws://h/?room=1",
    "janus+ws://h/?room=1&typo=2", "janus+ws://h/?room=1&create=maybe",
    "janus+ws://h/?room=1#x", "janus+", "",
  };
  g_autofree gchar *told = NULL;
  Fixture f;

  fixture_init (&f);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    fail_if (gst_rcast_signaller_set_location (GST_RCAST_SIGNALLER (f.janus),
            bad[i], &error), "%s", bad[i]);
    fail_unless (error != NULL);
  }
  fail_unless (gst_rcast_signaller_set_location (GST_RCAST_SIGNALLER (f.janus),
          "janus+wss://h:8989/janus?pin=" PIN "&room=a%26b&%70in=" PIN
          "&id=1", NULL));
  g_object_get (f.janus, "location", &told, NULL);
  assert_equals_string (told, "janus+wss://h:8989/janus?…");
  fixture_clear (&f);
}

GST_END_TEST;

/* Not a part of them either, where they are taken for something else. */
GST_START_TEST (test_refused_location_tells_no_secret)
{
  static const gchar *const bad[] = {
    "janus+ws://h/?room=1&pin=ab&s3cret",
    "janus+ws://h/?room=1&pin=ab&s3cret=1",
    "janus+ws://h/?pin=ab&s3cret%zz&room=1", "janus+ws://u:s3cret/x@h/?room=1",
    "janus+ws://u:s3cret@h/?room=1", "janus+ws://[s3cret@h/?room=1",
    "janus+ws://h/?room=1&pin=s3cret%00", "janus+ws://h/?room=1#s3cret",
    "janus+ws://u:1#s3cret@h/?room=1",
  };
  Fixture f;

  fixture_init (&f);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    fail_if (gst_rcast_signaller_set_location (GST_RCAST_SIGNALLER (f.janus),
            bad[i], &error), "%s", bad[i]);
    fail_unless (strstr (error->message, "s3cret") == NULL, "%s: %s", bad[i],
        error->message);
  }
  fixture_clear (&f);
}

GST_END_TEST;

typedef struct
{
  GMutex lock;
  guint lines;
  gchar *told;                  /* the first line with a secret */
} Told;

static const gchar *const secrets[] = { "s3cr-api", "s3cr-room", "s3cr-admin",
  "s3cr-token", "s3cr-fresh", "s3cr-invited", "s3cr-pin", PWD
};

/* Any thread. */
static void
watch_log (GstDebugCategory * category, GstDebugLevel level,
    const gchar * file, const gchar * function, gint line, GObject * object,
    GstDebugMessage * message, gpointer data)
{
  Told *told = data;
  const gchar *text = gst_debug_message_get (message);

  g_mutex_lock (&told->lock);
  told->lines += g_str_has_prefix (gst_debug_category_get_name (category),
      "rcast");
  for (guint i = 0; i < G_N_ELEMENTS (secrets) && !told->told; i++)
    if (strstr (text, secrets[i]))
      told->told = g_strdup (text);
  g_mutex_unlock (&told->lock);
}

/* All that there is to be told, through refusals, a loss and a claim. */
GST_START_TEST (test_log_tells_no_secret)
{
  g_auto (Op) op = { FALSE };
  Told told = { 0 };
  Fixture f;

  g_mutex_init (&told.lock);
  gst_debug_set_active (TRUE);
  gst_debug_remove_log_function (gst_debug_log_default);
  gst_debug_add_log_function (watch_log, &told, NULL);
  gst_debug_set_default_threshold (GST_LEVEL_MEMDUMP);
  fixture_init (&f);
  set_query (&f, "room=1234&create=true&pin=s3cr-pin");
  f.fresh_token = "s3cr-fresh";
  g_object_set (f.janus, "auth-token", "s3cr-token", "api-secret", "s3cr-api",
      "room-token", "s3cr-invited", "room-secret", "s3cr-room", "admin-key",
      "s3cr-admin", "pin", "s3cr-pin", NULL);
  add_rule (&f, "attach", FAILURE ("403", "Unauthorized"));
  do_publish (&f);
  gst_rcast_signaller_add_candidate (f.janus, 0, "ufr1", "candidate:1");
  do_offer (&f, GST_RCAST_OFFER_RESTART, OFFER ("ufr2"));
  cut (&f);
  do_resume (&f);
  add_rule (&f, "publish", ROOM_FAILURE ("433", "Unauthorized"));
  run_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER ("ufr3"), &op);
  check_error (&op, GST_RCAST_ERROR_REJECTED, "433");
  say (&f, "no json", NULL);
  wait_for (&f, f.lost == 2);
  do_close (&f);
  fixture_clear (&f);
  gst_debug_set_default_threshold (GST_LEVEL_NONE);
  gst_debug_remove_log_function (watch_log);
  gst_debug_add_log_function (gst_debug_log_default, NULL, NULL);
  fail_unless (told.told == NULL, "%s", told.told);
  fail_unless (told.lines > 0);
  g_mutex_clear (&told.lock);
}

GST_END_TEST;

GST_START_TEST (test_a_fresh_token_is_asked_for)
{
  Fixture f;

  fixture_init (&f);
  f.fresh_token = "fresh";
  g_object_set (f.janus, "auth-token", "stale", "api-secret", "api",
      "room-token", "invited", NULL);
  add_rule (&f, "create", FAILURE ("403", "Unauthorized"));
  do_open (&f);
  assert_equals_int (f.token_requests, 1);
  assert_equals_int (count (&f, "create"), 2);
  check_has (last (&f, "join"), "\"token\":\"fresh\",\"apisecret\":\"api\"");
  /* That of the room is another one, and goes nowhere else. */
  check_has (last (&f, "join"), "\"token\":\"invited\"}}");
  fail_if (strstr (last (&f, "create"), "invited"));
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* Whichever request it is that is refused. */
GST_START_TEST (test_a_fresh_token_for_each_request)
{
  static const gchar *const words[] = { "create", "attach", "join", "publish",
    "trickle", "configure", "unpublish", "claim", "listparticipants", "destroy"
  };
  const gchar *word = words[__i__];
  gboolean trickle = g_str_equal (word, "trickle");
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  f.fresh_token = "fresh";
  g_object_set (f.janus, "auth-token", "stale", NULL);
  add_rule (&f, word, FAILURE ("403", "Unauthorized"));
  do_publish (&f);
  gst_rcast_signaller_add_candidate (f.janus, 0, "ufr1", "candidate:1");
  wait_for (&f, count (&f, "trickle") == (trickle ? 2 : 1));
  check_has (last (&f, "trickle"), "candidate:1");
  do_offer (&f, GST_RCAST_OFFER_RESTART, OFFER ("ufr2"));
  do_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER ("ufr3"));
  cut (&f);
  do_resume (&f);
  gst_rcast_signaller_close_async (f.janus, NULL, closed, &op);
  wait_for (&f, op.done);
  check_ok (&op);
  assert_equals_int (f.token_requests, 1);
  check_has (last (&f, word), "\"token\":\"fresh\"");
  fixture_clear (&f);
}

GST_END_TEST;

/* Requests that were under way with the old token ask for no second one. */
GST_START_TEST (test_one_fresh_token_for_all)
{
  Fixture f;

  fixture_init (&f);
  f.fresh_token = "fresh";
  g_object_set (f.janus, "auth-token", "stale", NULL);
  do_publish (&f);
  add_rule (&f, "trickle", "");
  add_rule (&f, "configure", FAILURE ("403", "Unauthorized"));
  gst_rcast_signaller_add_candidate (f.janus, 0, "ufr1", "candidate:1");
  wait_for (&f, count (&f, "trickle") == 1);
  {
    g_autofree gchar *transaction = last_transaction (&f, "trickle");

    do_offer (&f, GST_RCAST_OFFER_RESTART, OFFER ("ufr2"));
    say (&f, FAILURE ("403", "Unauthorized"), transaction);
  }
  wait_heard (&f);
  assert_equals_int (f.token_requests, 1);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* Rooms named by strings, known by the server's complaint. */
GST_START_TEST (test_string_ids)
{
  static const struct
  {
    const gchar *query, *wanted;
  } rows[] = {
    {"room=1234", "\"room\":\"1234\""},
    {"room=1234&id=77", "\"room\":\"1234\",\"ptype\":\"publisher\","
          "\"id\":\"77\""},
    {"room=studio&id=77", "\"room\":\"studio\",\"ptype\":\"publisher\","
          "\"id\":\"77\""},
  };
  Fixture f;

  fixture_init (&f);
  set_query (&f, rows[__i__].query);
  add_rule (&f, "join", ROOM_FAILURE ("430", "id should be a string"));
  do_open (&f);
  check_has (last (&f, "join"), rows[__i__].wanted);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* It was not about the spelling: the first complaint is told, and nothing is learned. */
GST_START_TEST (test_another_invalid_element)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  add_rule (&f, "join", ROOM_FAILURE ("430", "display is too long"));
  add_rule (&f, "join", ROOM_FAILURE ("430", "room should be an integer"));
  run_open (&f, &op);
  check_error (&op, GST_RCAST_ERROR_INVALID_ARGUMENT, "display is too long");
  assert_equals_int (count (&f, "join"), 2);
  do_close (&f);
  do_open (&f);
  check_has (last (&f, "join"), "\"room\":1234,");
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* Waits until what is asked for it has come to the server.
 * Returns: (transfer full): the transaction of that */
static gchar *
begin_offer (Fixture * f, GstRcastOfferKind kind, const gchar * sdp,
    GCancellable * cancellable, const gchar * request, Op * op)
{
  guint before = count (f, request);

  gst_rcast_signaller_offer_async (f->janus, kind, sdp, cancellable, answered,
      op);
  wait_for (f, count (f, request) == before + 1);
  return last_transaction (f, request);
}

/* The ladder goes on to the next step while the server still thinks. */
GST_START_TEST (test_newer_offer_supersedes)
{
  static const struct
  {
    GstRcastOfferKind older, newer;
    const gchar *silent;
    guint unpublishes, publishes, configures;
  } rows[] = {
    {GST_RCAST_OFFER_RESTART, GST_RCAST_OFFER_INITIAL, "configure", 1, 2, 1},
    {GST_RCAST_OFFER_RESTART, GST_RCAST_OFFER_RESTART, "configure", 0, 1, 2},
    {GST_RCAST_OFFER_INITIAL, GST_RCAST_OFFER_INITIAL, "publish", 2, 3, 0},
    {GST_RCAST_OFFER_INITIAL, GST_RCAST_OFFER_INITIAL, "unpublish", 1, 2, 0},
  };
  g_auto (Op) older = { FALSE }, newer = { FALSE };
  g_autofree gchar *transaction = NULL;
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  add_rule (&f, rows[__i__].silent, "");
  transaction = begin_offer (&f, rows[__i__].older, OFFER ("ufr2"), NULL,
      rows[__i__].silent, &older);
  gst_rcast_signaller_offer_async (f.janus, rows[__i__].newer, OFFER ("ufr3"),
      NULL, answered, &newer);
  wait_for (&f, older.done);
  fail_unless (g_error_matches (older.error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  /* It is answered late. */
  if (g_str_equal (rows[__i__].silent, "unpublish"))
    say (&f, defaults[6].reply, transaction);
  else
    say (&f, ROOM_FAILURE ("437", "too late"), transaction);
  wait_for (&f, newer.done);
  check_ok (&newer);
  assert_equals_int (count (&f, "unpublish"), rows[__i__].unpublishes);
  assert_equals_int (count (&f, "publish"), rows[__i__].publishes);
  assert_equals_int (count (&f, "configure"), rows[__i__].configures);
  assert_equals_int (count (&f, "create"), 1);
  assert_equals_int (f.server_events->len, 0);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* Neither with an answer nor with an error. */
GST_START_TEST (test_late_answer_ends_nothing_else)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (Op) older = { FALSE }, newer = { FALSE };
  g_autofree gchar *late = NULL, *transaction = NULL;
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  add_rule (&f, "configure", "");
  add_rule (&f, "configure", "");
  late = begin_offer (&f, GST_RCAST_OFFER_RESTART, OFFER ("ufr2"), cancellable,
      "configure", &older);
  g_cancellable_cancel (cancellable);
  wait_for (&f, older.done);
  transaction = begin_offer (&f, GST_RCAST_OFFER_RESTART, OFFER ("ufr3"), NULL,
      "configure", &newer);
  assert_equals_int (count (&f, "configure"), 2);
  say (&f, __i__ ? defaults[5].reply : FAILURE ("469", "x"), late);
  wait_heard (&f);
  fail_if (newer.done);
  say (&f, defaults[5].reply, transaction);
  wait_for (&f, newer.done);
  check_ok (&newer);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* A second attach, whose first was given up, would have left two handles. */
GST_START_TEST (test_preparation_goes_on)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (Op) older = { FALSE }, newer = { FALSE };
  g_autofree gchar *transaction = NULL;
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  say (&f, WORD ("detached", ""), NULL);
  wait_for (&f, f.server_events->len == 1);
  add_rule (&f, "attach", "");
  transaction = begin_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER ("ufr2"),
      cancellable, "attach", &older);
  assert_equals_int (count (&f, "attach"), 2);
  if (__i__) {
    g_cancellable_cancel (cancellable);
    wait_for (&f, older.done);
  }
  gst_rcast_signaller_offer_async (f.janus, GST_RCAST_OFFER_INITIAL,
      OFFER ("ufr3"), NULL, answered, &newer);
  say (&f, defaults[2].reply, transaction);
  wait_for (&f, older.done && newer.done);
  check_ok (&newer);
  assert_equals_int (count (&f, "attach"), 2);
  assert_equals_int (count (&f, "publish"), 2);
  check_has (last (&f, "publish"), "ufr3");
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* What Janus sees before the offer it takes for the media that it has. */
GST_START_TEST (test_candidates_follow_their_offer)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  add_rule (&f, "unpublish", "");
  add_rule (&f, "publish", FAILURE ("471", "being taken apart"));
  gst_rcast_signaller_offer_async (f.janus, GST_RCAST_OFFER_INITIAL,
      OFFER ("ufr2"), NULL, answered, &op);
  wait_for (&f, count (&f, "unpublish") == 1);
  gst_rcast_signaller_add_candidate (f.janus, 0, "ufr1", "candidate:old");
  gst_rcast_signaller_add_candidate (f.janus, 0, "ufr2", "candidate:new");
  wait_heard (&f);
  assert_equals_int (count (&f, "trickle"), 0);
  {
    g_autofree gchar *transaction = last_transaction (&f, "unpublish");

    say (&f, defaults[6].reply, transaction);
  }
  wait_for (&f, op.done);
  check_ok (&op);
  assert_equals_int (count (&f, "publish"), 3);
  wait_for (&f, count (&f, "trickle") == 1);
  assert_equals_string (g_ptr_array_index (f.words, f.words->len - 1),
      "trickle");
  check_has (last (&f, "trickle"), "candidate:new");
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* The media that a refused restart leaves as it is goes on finding ways. */
GST_START_TEST (test_candidates_after_a_refused_restart)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  add_rule (&f, "configure", FAILURE ("469", "Unexpected answer"));
  gst_rcast_signaller_add_candidate (f.janus, 0, "ufr2", "candidate:2");
  run_offer (&f, GST_RCAST_OFFER_RESTART, OFFER ("ufr2"), &op);
  check_error (&op, GST_RCAST_ERROR_NOT_SUPPORTED, "ICE restart");
  gst_rcast_signaller_add_candidate (f.janus, 0, "ufr1", "candidate:1");
  wait_for (&f, count (&f, "trickle") == 1);
  check_has (last (&f, "trickle"), "candidate:1");
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* Those of offers that never came take no place away for ever. */
GST_START_TEST (test_useless_candidates_are_dropped)
{
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  for (guint i = 0; i < 300; i++)
    gst_rcast_signaller_add_candidate (f.janus, 0, "dead", "candidate:dead");
  gst_rcast_signaller_add_candidate (f.janus, 0, "ufr1", "candidate:1");
  wait_for (&f, count (&f, "trickle") == 1);
  gst_rcast_signaller_add_candidate (f.janus, 0, "ufr2", "candidate:2");
  do_offer (&f, GST_RCAST_OFFER_RESTART, OFFER ("ufr2"));
  wait_for (&f, count (&f, "trickle") == 2);
  check_has (last (&f, "trickle"), "candidate:2");
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* What went out with the broken connection may not have come. */
GST_START_TEST (test_candidates_are_sent_again_after_a_claim)
{
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  gst_rcast_signaller_add_candidate (f.janus, 0, "ufr1", "candidate:1");
  wait_for (&f, count (&f, "trickle") == 1);
  wait_heard (&f);
  add_rule (&f, "trickle", "");
  gst_rcast_signaller_add_candidate (f.janus, 0, "ufr1", "candidate:2");
  wait_for (&f, count (&f, "trickle") == 2);
  cut (&f);
  do_resume (&f);
  wait_for (&f, count (&f, "trickle") == 3);
  check_has (last (&f, "trickle"), "candidate:2");
  fail_if (strstr (last (&f, "trickle"), "candidate:1"));
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_room_is_made_if_asked)
{
  Fixture f;

  fixture_init (&f);
  set_query (&f, "room=1234&create=true");
  g_object_set (f.janus, "admin-key", "key", "room-secret", "r00m", NULL);
  add_rule (&f, "create", defaults[1].reply);
  add_rule (&f, "create", SUCCESS (DATA ("\"videoroom\":\"event\","
              "\"error_code\":427,\"error\":\"Room exists\"")));
  do_open (&f);
  assert_equals_int (count (&f, "create"), 2);
  check_has (last (&f, "create"), "\"secret\":\"r00m\",\"admin_key\":\"key\"");
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_taken_id_is_waited_for)
{
  Fixture f;

  fixture_init (&f);
  add_rule (&f, "join", ROOM_FAILURE ("436", "User ID 77 already exists"));
  add_rule (&f, "join", ROOM_FAILURE ("436", "User ID 77 already exists"));
  do_open (&f);
  assert_equals_int (count (&f, "join"), 3);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_restart_is_configure)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  gst_rcast_signaller_add_candidate (f.janus, 0, "ufr2", "candidate:2");
  do_offer (&f, GST_RCAST_OFFER_RESTART, OFFER ("ufr2"));
  assert_equals_int (count (&f, "publish"), 1);
  assert_equals_int (count (&f, "configure"), 1);
  wait_for (&f, count (&f, "trickle") == 1);
  check_has (last (&f, "trickle"), "candidate:2");

  add_rule (&f, "configure", FAILURE ("469", "Unexpected answer"));
  run_offer (&f, GST_RCAST_OFFER_RESTART, OFFER ("ufr3"), &op);
  check_error (&op, GST_RCAST_ERROR_NOT_SUPPORTED, "ICE restart");
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_second_offer_replaces_the_media)
{
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  do_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER ("ufr2"));
  assert_equals_int (count (&f, "unpublish"), 1);
  assert_equals_int (count (&f, "publish"), 2);
  assert_equals_int (count (&f, "attach"), 1);
  /* Its hangup is our own doing. */
  assert_equals_int (f.server_events->len, 0);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* Each takes the step that brings the media back in the same session. */
GST_START_TEST (test_offer_after_trouble)
{
  static const struct
  {
    const gchar *code;
    guint attaches, unpublishes;
  } rows[] = { {"459", 2, 0}, {"434", 1, 1}, {"471", 1, 0} };
  g_autofree gchar *reply = g_strdup_printf ("{\"janus\":\"error\","
      "\"transaction\":\"%%T\",\"error\":{\"code\":%s,\"reason\":\"x\"}}",
      rows[__i__].code);
  Fixture f;

  fixture_init (&f);
  do_open (&f);
  add_rule (&f, "publish", reply);
  do_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER ("ufr1"));
  assert_equals_int (count (&f, "publish"), 2);
  assert_equals_int (count (&f, "attach"), rows[__i__].attaches);
  assert_equals_int (count (&f, "unpublish"), rows[__i__].unpublishes);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_refused_media_is_told)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  do_open (&f);
  add_rule (&f, "publish", EVENT ("\"videoroom\":\"event\"",
          ",\"jsep\":{\"type\":\"answer\",\"sdp\":\"" ANSWER ("0") "\"}"));
  run_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER ("ufr1"), &op);
  check_error (&op, GST_RCAST_ERROR_NOT_ACCEPTABLE, "audio");
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* One that Janus was built without; and it has no word on what comes by it. */
GST_START_TEST (test_data_channel_may_be_refused)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  do_open (&f);
  add_rule (&f, "publish", EVENT ("\"videoroom\":\"event\"",
          ",\"jsep\":{\"type\":\"answer\",\"sdp\":\"" ANSWER ("9")
          "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\\r\\n"
          "c=IN IP4 1.1.1.1\\r\\na=mid:application2\\r\\n\"}"));
  run_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER ("ufr1")
      "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
      "c=IN IP4 0.0.0.0\r\na=mid:application2\r\na=ice-ufrag:ufr1\r\n"
      "a=ice-pwd:" PWD "\r\na=sctp-port:5000\r\n", &op);
  check_ok (&op);
  say (&f, WORD ("media",
          ",\"mid\":\"video0\",\"type\":\"video\",\"receiving\":false")
      "\n" WORD ("media",
          ",\"mid\":\"audio1\",\"type\":\"audio\",\"receiving\":false"), NULL);
  wait_for (&f, f.server_events->len == 1);
  assert_equals_int (g_array_index (f.server_events, GstRcastServerEvent, 0),
      GST_RCAST_SERVER_MEDIA_SILENT);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_lost_session_is_claimed)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  fail_unless (gst_rcast_signaller_get_capabilities (f.janus)
      & GST_RCAST_SIGNALLER_RESUME);
  cut (&f);
  assert_equals_int (f.lost, 1);
  fail_unless (g_error_matches (f.lost_error, GST_RCAST_ERROR,
          GST_RCAST_ERROR_NETWORK));
  /* What is found meanwhile is sent when it can be. */
  gst_rcast_signaller_add_candidate (f.janus, 0, "ufr1", "candidate:late");

  gst_rcast_signaller_resume_async (f.janus, NULL, resumed, &op);
  wait_for (&f, op.done);
  check_ok (&op);
  assert_equals_int (f.connections, 2);
  check_has (last (&f, "claim"), "\"session_id\":" SESSION);
  assert_equals_int (count (&f, "listparticipants"), 1);
  wait_for (&f, count (&f, "trickle") == 1);
  /* No media action, and the session goes on. */
  assert_equals_int (count (&f, "publish") + count (&f, "configure"), 1);
  do_offer (&f, GST_RCAST_OFFER_RESTART, OFFER ("ufr2"));
  do_close (&f);
  assert_equals_int (f.server_events->len, 0);
  assert_equals_int (f.lost, 1);
  fixture_clear (&f);
}

GST_END_TEST;

/* Another attempt takes the place of one that takes too long. */
GST_START_TEST (test_claim_once_more)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (Op) op = { FALSE }, again = { FALSE };
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  cut (&f);
  f.silent = TRUE;
  gst_rcast_signaller_resume_async (f.janus, cancellable, resumed, &op);
  wait_for (&f, count (&f, "claim") == 1);
  f.silent = FALSE;
  g_cancellable_cancel (cancellable);
  gst_rcast_signaller_resume_async (f.janus, NULL, resumed, &again);
  wait_for (&f, op.done && again.done);
  fail_unless (g_error_matches (op.error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  check_ok (&again);
  assert_equals_int (f.lost, 1);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_too_late_for_a_claim)
{
  g_auto (Op) op = { FALSE }, again = { FALSE };
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  cut (&f);
  add_rule (&f, "claim", FAILURE ("458", "No such session"));
  gst_rcast_signaller_resume_async (f.janus, NULL, resumed, &op);
  wait_for (&f, op.done);
  check_error (&op, GST_RCAST_ERROR_SESSION_GONE, "No such session");
  gst_rcast_signaller_resume_async (f.janus, NULL, resumed, &again);
  wait_for (&f, again.done);
  check_error (&again, GST_RCAST_ERROR_SESSION_GONE, "no session");
  do_close (&f);
  /* Nobody waits for what is known to be gone. */
  assert_equals_int (count (&f, "destroy"), 0);
  do_open (&f);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_no_claims_at_this_server)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  add_rule (&f, "info", INFO ("0", VIDEOROOM));
  do_publish (&f);
  fail_if (gst_rcast_signaller_get_capabilities (f.janus)
      & GST_RCAST_SIGNALLER_RESUME);
  cut (&f);
  gst_rcast_signaller_resume_async (f.janus, NULL, resumed, &op);
  wait_for (&f, op.done);
  check_error (&op, GST_RCAST_ERROR_SESSION_GONE, "reclaim_session_timeout");
  assert_equals_int (f.connections, 1);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* What the server could not say while nobody listened. */
GST_START_TEST (test_what_was_missed_is_known)
{
  g_auto (Op) op = { FALSE }, removed = { FALSE };
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  say (&f, WORD ("webrtcup", ""), NULL);
  while (!gst_bus_have_pending (f.bus))
    g_main_context_iteration (f.context, TRUE);
  cut (&f);
  add_rule (&f, "listparticipants", MEMBERS ("false"));
  gst_rcast_signaller_resume_async (f.janus, NULL, resumed, &op);
  wait_for (&f, op.done);
  check_ok (&op);
  wait_for (&f, f.server_events->len == 1);
  assert_equals_int (g_array_index (f.server_events, GstRcastServerEvent, 0),
      GST_RCAST_SERVER_HANGUP);
  /* The media comes back in the same session. */
  do_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER ("ufr2"));
  assert_equals_int (count (&f, "unpublish"), 0);

  cut (&f);
  add_rule (&f, "listparticipants", SUCCESS (DATA ("\"participants\":[]")));
  gst_rcast_signaller_resume_async (f.janus, NULL, resumed, &removed);
  wait_for (&f, removed.done);
  check_error (&removed, GST_RCAST_ERROR_SESSION_GONE, "removed");
  do_close (&f);
  assert_equals_int (count (&f, "destroy"), 1);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_handle_is_gone_after_a_claim)
{
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  cut (&f);
  add_rule (&f, "listparticipants", FAILURE ("459", "No such handle"));
  do_resume (&f);
  wait_for (&f, f.server_events->len == 1);
  assert_equals_int (g_array_index (f.server_events, GstRcastServerEvent, 0),
      GST_RCAST_SERVER_HANGUP);
  do_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER ("ufr2"));
  assert_equals_int (count (&f, "create"), 1);
  assert_equals_int (count (&f, "attach"), 2);
  assert_equals_int (count (&f, "join"), 2);
  assert_equals_int (count (&f, "unpublish"), 0);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* We are the last of a crowd. */
GST_START_TEST (test_large_room)
{
  g_autoptr (GString) list = g_string_new (NULL);
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  cut (&f);
  for (guint i = 0; i < 3000; i++)
    g_string_append_printf (list, "{\"id\":%u,\"display\":\"member %u\","
        "\"publisher\":true},", i + 1, i);
  g_string_prepend (list, "{\"janus\":\"success\",\"transaction\":\"%T\","
      "\"plugindata\":{\"plugin\":\"janus.plugin.videoroom\",\"data\":{"
      "\"videoroom\":\"participants\",\"participants\":[");
  g_string_append (list, "{\"id\":" FEED ",\"publisher\":true}]}}}");
  add_rule (&f, "listparticipants", list->str);
  do_resume (&f);
  assert_equals_int (f.server_events->len, 0);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* A session that was given up without a goodbye is ended by the next one. */
GST_START_TEST (test_ghost_is_ended)
{
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  cut (&f);
  do_close (&f);
  assert_equals_int (count (&f, "destroy"), 0);
  do_open (&f);
  assert_equals_int (count (&f, "destroy"), 1);
  check_has (last (&f, "destroy"), "\"session_id\":" SESSION);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_server_words)
{
  static const struct
  {
    const gchar *text;
    gint event;                 /* -1: none */
    const gchar *detail;
  } rows[] = {
    {WORD ("media",
              ",\"mid\":\"video0\",\"type\":\"video\",\"receiving\":false"),
        -1},
    {WORD ("media",
              ",\"mid\":\"audio1\",\"type\":\"audio\",\"receiving\":false"),
        GST_RCAST_SERVER_MEDIA_SILENT, "none"},
    {WORD ("media",
              ",\"mid\":\"audio1\",\"type\":\"audio\",\"receiving\":true"),
        GST_RCAST_SERVER_MEDIA_FLOWING, "receives"},
    {WORD ("slowlink", ",\"uplink\":false,\"media\":\"video\",\"lost\":17"),
        GST_RCAST_SERVER_SLOW_LINK, "17 packets of video"},
    {WORD ("ice-failed", ""), GST_RCAST_SERVER_MEDIA_SILENT, "ICE failed"},
    {WORD ("hangup", ",\"reason\":\"DTLS alert\""), GST_RCAST_SERVER_HANGUP,
        "DTLS alert"},
    {WORD ("detached", ""), GST_RCAST_SERVER_HANGUP, "detached"},
  };
  Fixture f;
  guint events = 0;

  fixture_init (&f);
  do_publish (&f);
  /* Of others, and from the future: not for us. */
  say (&f, "{\"janus\":\"hangup\",\"session_id\":1,\"sender\":" HANDLE "}\n"
      "{\"janus\":\"hangup\",\"session_id\":" SESSION ",\"sender\":2}\n"
      "{\"janus\":\"timeout\",\"session_id\":1}\n"
      "{\"janus\":\"success\",\"transaction\":\"unknown\",\"data\":{\"id\":4}}\n"
      "{\"janus\":\"telepathy\"," OWN "}\n" EVENT ("\"leaving\":4,"
          "\"reason\":\"kicked\"", ""), "none");
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GstMessage) message = NULL;

    say (&f, rows[i].text, NULL);
    while (!(message = gst_bus_pop_filtered (f.bus, GST_MESSAGE_ELEMENT)))
      g_main_context_iteration (f.context, TRUE);
    fail_unless (gst_message_has_name (message, "janus-event"));
    events += rows[i].event >= 0;
    wait_for (&f, f.server_events->len >= events);
    assert_equals_int (f.server_events->len, events);
    if (rows[i].event < 0)
      continue;
    assert_equals_int (g_array_index (f.server_events, GstRcastServerEvent,
            events - 1), rows[i].event);
    check_has (f.event_detail, rows[i].detail);
  }
  say (&f, "{\"janus\":\"trickle\"," OWN ",\"candidate\":{\"sdpMLineIndex\":1,"
      "\"candidate\":\"candidate:5\"}}", NULL);
  /* The handle is gone: what is said to it comes too late. */
  do_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER ("ufr2"));
  fail_unless (f.candidate == NULL);
  assert_equals_int (count (&f, "attach"), 2);
  say (&f, "{\"janus\":\"trickle\"," OWN ",\"candidate\":{\"sdpMLineIndex\":1,"
      "\"candidate\":\"candidate:6\"}}", NULL);
  wait_for (&f, f.candidate);
  assert_equals_string (f.candidate, "1 candidate:6");
  assert_equals_int (f.lost, 0);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_kicked_is_the_end)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  say (&f, EVENT ("\"videoroom\":\"event\",\"leaving\":\"ok\","
          "\"reason\":\"kicked\"", ""), "none");
  wait_for (&f, f.server_events->len == 1);
  assert_equals_int (g_array_index (f.server_events, GstRcastServerEvent, 0),
      GST_RCAST_SERVER_EVICTED);
  check_has (f.event_detail, "kicked from room 1234");
  do_close (&f);
  /* Not by the next door either; after a stop and a start it is tried. */
  run_open (&f, &op);
  check_error (&op, GST_RCAST_ERROR_REJECTED, "kicked from room 1234");
  assert_equals_int (f.connections, 1);
  do_close (&f);
  gst_element_set_state (GST_ELEMENT (f.janus), GST_STATE_PLAYING);
  do_open (&f);
  do_close (&f);
  gst_element_set_state (GST_ELEMENT (f.janus), GST_STATE_NULL);
  fixture_clear (&f);
}

GST_END_TEST;

/* While nobody listened: each request about the media is answered so, in the second
 * way by Janus 1.1.2. */
GST_START_TEST (test_kicked_unheard_is_the_end)
{
  static const gchar *const answers[] = {
    ROOM_FAILURE ("433", "Unauthorized, you have been kicked"),
    ROOM_FAILURE ("426", "No such room"),
  };
  g_auto (Op) op = { FALSE }, again = { FALSE };
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  cut (&f);
  add_rule (&f, "listparticipants", SUCCESS (DATA ("\"participants\":[]")));
  add_rule (&f, "configure", answers[__i__]);
  gst_rcast_signaller_resume_async (f.janus, NULL, resumed, &op);
  wait_for (&f, op.done);
  check_error (&op, GST_RCAST_ERROR_REJECTED, "kicked from room 1234");
  assert_equals_int (f.server_events->len, 1);
  assert_equals_int (g_array_index (f.server_events, GstRcastServerEvent, 0),
      GST_RCAST_SERVER_EVICTED);
  do_close (&f);
  assert_equals_int (count (&f, "destroy"), 1);
  run_open (&f, &again);
  check_error (&again, GST_RCAST_ERROR_REJECTED, "kicked from room 1234");
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* A session that the server would not end is ended by the next one. */
GST_START_TEST (test_refused_destroy)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  do_open (&f);
  add_rule (&f, "destroy", FAILURE ("490", "Not now"));
  gst_rcast_signaller_close_async (f.janus, NULL, closed, &op);
  wait_for (&f, op.done);
  fail_if (op.ok);
  add_rule (&f, "destroy", FAILURE ("490", "Not now"));
  do_open (&f);
  do_close (&f);
  /* That one has ended; the first has not. */
  assert_equals_int (count (&f, "destroy"), 3);
  do_open (&f);
  do_close (&f);
  assert_equals_int (count (&f, "destroy"), 5);
  do_open (&f);
  do_close (&f);
  assert_equals_int (count (&f, "destroy"), 6);
  fixture_clear (&f);
}

GST_END_TEST;

/* Janus takes its time to take apart a PeerConnection: its end is none of the new
 * one's. */
GST_START_TEST (test_late_hangup)
{
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  add_rule (&f, "unpublish",
      EVENT ("\"videoroom\":\"event\",\"unpublished\":\"ok\"", ""));
  do_offer (&f, GST_RCAST_OFFER_INITIAL, OFFER ("ufr2"));
  say (&f, WORD ("hangup", ",\"reason\":\"Close PC\""), NULL);
  wait_heard (&f);
  /* The slowlink that was waited for */
  assert_equals_int (f.server_events->len, 1);
  say (&f, WORD ("hangup", ",\"reason\":\"Close PC\""), NULL);
  wait_for (&f, f.server_events->len == 2);
  assert_equals_int (g_array_index (f.server_events, GstRcastServerEvent, 1),
      GST_RCAST_SERVER_HANGUP);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_session_timeout_is_eviction)
{
  Fixture f;

  fixture_init (&f);
  do_publish (&f);
  say (&f, "{\"janus\":\"timeout\",\"session_id\":" SESSION "}", NULL);
  wait_for (&f, f.lost);
  fail_unless (g_error_matches (f.lost_error, GST_RCAST_ERROR,
          GST_RCAST_ERROR_SESSION_GONE));
  do_close (&f);
  assert_equals_int (count (&f, "destroy"), 0);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_keepalive)
{
  Fixture f;

  fixture_init (&f);
  add_rule (&f, "info", INFO ("1", VIDEOROOM));
  do_open (&f);
  wait_for (&f, count (&f, "keepalive") >= 2);
  add_rule (&f, "keepalive", FAILURE ("458", "No such session"));
  wait_for (&f, f.lost);
  fail_unless (g_error_matches (f.lost_error, GST_RCAST_ERROR,
          GST_RCAST_ERROR_SESSION_GONE));
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

/* In milliseconds it is 0 for 32 bits: keepalives without a pause. */
GST_START_TEST (test_endless_session_timeout)
{
  Fixture f;

  fixture_init (&f);
  add_rule (&f, "info", INFO_TIMEOUT ("536870912", "0", VIDEOROOM));
  do_publish (&f);
  assert_equals_int (count (&f, "keepalive"), 0);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_silent_server)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  g_object_set (f.janus, "timeout", 100, "close-timeout", 100, NULL);
  f.silent = TRUE;
  run_open (&f, &op);
  check_error (&op, GST_RCAST_ERROR_TIMEOUT, "no answer to create");
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_close_while_opening)
{
  g_auto (Op) op = { FALSE };
  Fixture f;

  fixture_init (&f);
  gst_rcast_signaller_open_async (f.janus, NULL, opened, &op);
  wait_for (&f, count (&f, "create") == 1);
  do_close (&f);
  wait_for (&f, op.done);
  fail_unless (g_error_matches (op.error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  /* A session that came of it does not stay. */
  assert_equals_int (count (&f, "destroy"), 1);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_cancelled_operations_end)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (Op) op = { FALSE }, late = { FALSE };
  Fixture f;

  fixture_init (&f);
  f.silent = TRUE;
  g_object_set (f.janus, "close-timeout", 100, NULL);
  gst_rcast_signaller_open_async (f.janus, cancellable, opened, &op);
  wait_for (&f, count (&f, "create") == 1);
  g_cancellable_cancel (cancellable);
  wait_for (&f, op.done);
  fail_unless (g_error_matches (op.error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  gst_rcast_signaller_open_async (f.janus, cancellable, opened, &late);
  wait_for (&f, late.done);
  fail_unless (g_error_matches (late.error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  do_close (&f);
  /* The first one's goodbye is given up as well. */
  wait_for (&f, GST_OBJECT_REFCOUNT_VALUE (f.janus) == 1);
  fixture_clear (&f);
}

GST_END_TEST;

/* Being looked for */

DEFINE_DONE (reached, gst_rcast_signaller_probe_finish);

static gboolean
reach (Fixture * f, GError ** error)
{
  Op op = { FALSE };

  fail_unless (gst_rcast_signaller_can_probe (f->janus));
  gst_rcast_signaller_probe_async (f->janus, NULL, reached, &op);
  wait_for (f, op.done);
  if (op.error)
    g_propagate_error (error, op.error);
  return op.ok;
}

static void
note_renewal (GstDebugCategory * category, GstDebugLevel level,
    const gchar * file, const gchar * function, gint line, GObject * object,
    GstDebugMessage * message, gpointer data)
{
  if (strstr (gst_debug_message_get (message), "connecting anew"))
    ++ * (guint *) data;
}

/* As in elements/rcastwhip: whether the kernel's next SYN comes first is not known. */
GST_START_TEST (test_hanging_connection_is_begun_anew_once_the_server_is_there)
{
  Fixture f;
  g_auto (Op) op = { FALSE };
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) listener = NULL;
  g_autoptr (GPtrArray) others = NULL;
  guint renewals = 0;
  gint64 begun;

  fixture_init (&f);
  listener = loopback_port_bind (&f.port);
  set_query (&f, "room=1234");
  others = loopback_port_fill (listener);
  gst_debug_set_active (TRUE);
  gst_debug_set_threshold_for_name ("rcastjanus*", GST_LEVEL_DEBUG);
  gst_debug_add_log_function (note_renewal, &renewals, NULL);
  begun = g_get_monotonic_time ();
  gst_rcast_signaller_open_async (f.janus, NULL, opened, &op);
  fail_if (reach (&f, &error));
  fail_unless (g_error_matches (error, GST_RCAST_ERROR,
          GST_RCAST_ERROR_NETWORK));
  fail_if (op.done);
  fail_unless (soup_server_listen_socket (f.server, listener, 0, NULL));
  while (!op.done && !reach (&f, NULL));
  fail_unless (renewals == 1
      || g_get_monotonic_time () - begun > 2 * G_USEC_PER_SEC,
      "%u renewals", renewals);
  wait_for (&f, op.done);
  check_ok (&op);
  assert_equals_int (f.connections, 1);
  gst_debug_remove_log_function (note_renewal);
  gst_debug_set_active (FALSE);
  do_close (&f);
  fixture_clear (&f);
}

GST_END_TEST;

static Suite *
rcastjanus_suite (void)
{
  Suite *s = suite_create ("rcastjanus");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_from_open_to_close);
  tcase_add_loop_test (tc, test_refusals, 0, G_N_ELEMENTS (refusals));
  tcase_add_test (tc, test_location);
  tcase_add_test (tc, test_a_fresh_token_is_asked_for);
  tcase_add_test (tc, test_refused_location_tells_no_secret);
  tcase_add_test (tc, test_log_tells_no_secret);
  tcase_add_loop_test (tc, test_a_fresh_token_for_each_request, 0, 10);
  tcase_add_test (tc, test_one_fresh_token_for_all);
  tcase_add_loop_test (tc, test_string_ids, 0, 3);
  tcase_add_test (tc, test_another_invalid_element);
  tcase_add_loop_test (tc, test_newer_offer_supersedes, 0, 4);
  tcase_add_loop_test (tc, test_late_answer_ends_nothing_else, 0, 2);
  tcase_add_loop_test (tc, test_preparation_goes_on, 0, 2);
  tcase_add_test (tc, test_candidates_follow_their_offer);
  tcase_add_test (tc, test_candidates_after_a_refused_restart);
  tcase_add_test (tc, test_useless_candidates_are_dropped);
  tcase_add_test (tc, test_candidates_are_sent_again_after_a_claim);
  tcase_add_test (tc, test_room_is_made_if_asked);
  tcase_add_test (tc, test_taken_id_is_waited_for);
  tcase_add_test (tc, test_restart_is_configure);
  tcase_add_test (tc, test_second_offer_replaces_the_media);
  tcase_add_loop_test (tc, test_offer_after_trouble, 0, 3);
  tcase_add_test (tc, test_refused_media_is_told);
  tcase_add_test (tc, test_data_channel_may_be_refused);
  tcase_add_test (tc, test_lost_session_is_claimed);
  tcase_add_test (tc, test_claim_once_more);
  tcase_add_test (tc, test_too_late_for_a_claim);
  tcase_add_test (tc, test_no_claims_at_this_server);
  tcase_add_test (tc, test_what_was_missed_is_known);
  tcase_add_test (tc, test_handle_is_gone_after_a_claim);
  tcase_add_test (tc, test_large_room);
  tcase_add_test (tc, test_ghost_is_ended);
  tcase_add_test (tc, test_server_words);
  tcase_add_test (tc, test_kicked_is_the_end);
  tcase_add_loop_test (tc, test_kicked_unheard_is_the_end, 0, 2);
  tcase_add_test (tc, test_refused_destroy);
  tcase_add_test (tc, test_late_hangup);
  tcase_add_test (tc, test_session_timeout_is_eviction);
  tcase_add_test (tc, test_keepalive);
  tcase_add_test (tc, test_endless_session_timeout);
  tcase_add_test (tc, test_silent_server);
  tcase_add_test (tc,
      test_hanging_connection_is_begun_anew_once_the_server_is_there);
  tcase_add_test (tc, test_close_while_opening);
  tcase_add_test (tc, test_cancelled_operations_end);
  return s;
}

GST_CHECK_MAIN (rcastjanus);
