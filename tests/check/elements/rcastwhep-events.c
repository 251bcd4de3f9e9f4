/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastwhep: events that a server sends about a stream, and servers without events. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "whip-rig.h"

#define LINK(more) "Location: /session/1\nETag: \"tag-1\"\n" \
  "Link: <stun:stun.example>; rel=\"ice-server\"\n" \
  "Link: </events/1>; rel=\"urn:ietf:params:whep:ext:core:server-sent-events\"" \
  more
#define OFFERED "; events=\"active,inactive,reconnect,viewercount\""
#define STREAM(text) {"GET", 200, NULL, "text/event-stream", text}
/* A stream of events that never ends, and contains none */
#define SILENCE {"GET", 200, NULL, "text/event-stream", "", TRUE}
#define EVENT(name, data) "event: " name "\ndata: " data "\n\n"
#define ACTIVE EVENT ("active", "{}")
#define INACTIVE EVENT ("inactive", "{}")

static void
watch (Fixture * f, const gchar * headers)
{
  http_script_add (f->script, (HttpReply) {"POST", 201, headers, SDP, ANSWER});
  go_on_air (f);
}

/* Releases the held requests, so that the server can end. */
static void
end (Fixture * f)
{
  signaller_rig_close (&f->rig);
  for (guint i = 0; i < f->script->requests->len; i++) {
    HttpRequest *request = http_script_get (f->script, i);

    if (request->msg)
      http_script_release (f->script, request);
  }
  fixture_clear (f);
}

GST_START_TEST (test_events_of_the_link_itself)
{
  Fixture f;
  HttpRequest *request;

  fixture_init_whep (&f, NULL);
  g_object_set (f.rig.signaller, "auth-token", TOKEN, NULL);
  http_script_add (f.script, (HttpReply) STREAM (ACTIVE ACTIVE
          EVENT ("viewercount", "{\"viewercount\":3}") EVENT ("party", "{}")
          INACTIVE));
  http_script_add (f.script, (HttpReply) SILENCE);
  watch (&f, LINK (""));
  wait_for (&f.rig, strstr (f.rig.streams->str, "unpublished") != NULL);
  assert_equals_string (f.rig.streams->str,
      " published /whep/demo unpublished /whep/demo");
  assert_equals_string (f.rig.messages->str,
      " viewercount {\"viewercount\":3}");
  request = http_script_find (f.script, "GET", 0);
  assert_equals_string (request->target, "/events/1");
  assert_equals_string (http_request_header (request, "Accept"),
      "text/event-stream");
  assert_equals_string (http_request_header (request, "Authorization"),
      "Bearer " TOKEN);
  /* An event stream that ends is opened again. */
  wait_for (&f.rig, http_script_count (f.script, "GET") == 2);
  assert_equals_int (f.rig.lost, 0);
  end (&f);
}
GST_END_TEST;

static const struct
{
  const gchar *headers, *want_body, *want_type;
} subscribe_rows[] = {
  {LINK (OFFERED),
        "[\"active\",\"inactive\",\"reconnect\",\"viewercount\"]",
      "application/json"},
  {LINK (""), "", NULL},
};

GST_START_TEST (test_events_that_are_made_for_us)
{
  Fixture f;
  HttpRequest *request;

  fixture_init_whep (&f, NULL);
  http_script_add (f.script, (HttpReply) {"GET", 405});
  watch (&f, subscribe_rows[__i__].headers);
  http_script_add (f.script, (HttpReply) {"POST", 201, "Location: /events/9"});
  http_script_add (f.script, (HttpReply) STREAM (INACTIVE));
  http_script_add (f.script, (HttpReply) SILENCE);
  wait_for (&f.rig, f.rig.streams->len > 0);
  assert_equals_string (f.rig.streams->str, " unpublished /whep/demo");
  request = http_script_find (f.script, "POST", 1);
  assert_equals_string (request->target, "/events/1");
  assert_equals_string (request->body, subscribe_rows[__i__].want_body);
  assert_equals_string (http_request_header (request, "Content-Type"),
      subscribe_rows[__i__].want_type);
  assert_equals_string (http_script_find (f.script, "GET", 1)->target,
      "/events/9");
  signaller_rig_close (&f.rig);
  assert_equals_int (http_script_count (f.script, "DELETE"), 2);
  end (&f);
}
GST_END_TEST;

static const struct
{
  const gchar *name;
  HttpReply get, post;
  guint want_posts;
} none_rows[] = {
  {"no such thing", {"GET", 404}, {"POST", 404}, 2},
  {"a page", {"GET", 200, NULL, "text/html", ACTIVE}, {"POST", 400}, 2},
  {"made, but nowhere", {"GET", 404}, {"POST", 201}, 2},
  {"not for us", {"GET", 403}, {"POST", 500}, 1},
  {"no text", {"GET", 200, NULL, "text/event-stream", "data: \xff\n\n"
        "event: layers\ndata: \xff\n\n"}, {"POST", 500}, 1},
};

/* Without events, only silence shows that a stream has stopped. */
GST_START_TEST (test_a_server_without_events)
{
  Fixture f;
  g_autofree gchar *answer = NULL;

  fixture_init_whep (&f, NULL);
  http_script_add (f.script, none_rows[__i__].get);
  watch (&f, LINK (""));
  http_script_add (f.script, none_rows[__i__].post);
  http_script_add (f.script, (HttpReply) SILENCE);
  wait_for (&f.rig, http_script_count (f.script, "POST")
      == none_rows[__i__].want_posts
      && http_script_count (f.script, "GET") >= 1);
  /* The session works like any other. */
  http_script_add (f.script, (HttpReply) RESTARTED);
  answer = signaller_rig_offer (&f.rig, GST_RCAST_OFFER_RESTART, OFFER2, NULL);
  fail_unless (answer != NULL, "%s", none_rows[__i__].name);
  assert_equals_string (f.rig.streams->str, "");
  assert_equals_string (f.rig.messages->str, "");
  end (&f);
}
GST_END_TEST;

GST_START_TEST (test_no_link_no_request)
{
  Fixture f;

  fixture_init_whep (&f, NULL);
  watch (&f, "Location: /session/1\nLink: </layers>; "
      "rel=\"urn:ietf:params:whep:ext:core:layer\"");
  end (&f);
}
GST_END_TEST;

static const struct
{
  const gchar *data, *want_target;
} move_rows[] = {
  {"{}", "/whep/demo"},
  {"{\"url\":\"/whep/other\"}", "/whep/other"},
};

static void
on_server_event (GstRcastSignaller * signaller, GstRcastServerEvent event,
    const gchar * detail, gpointer data)
{
  assert_equals_int (event, GST_RCAST_SERVER_HANGUP);
  *(gboolean *) data = TRUE;
}

/* The new session comes first, then the old one ends. */
GST_START_TEST (test_a_server_moves_the_session)
{
  Fixture f;
  g_autofree gchar *answer = NULL;
  g_autofree gchar *text =
      g_strconcat ("event: reconnect\ndata: ", move_rows[__i__].data, "\n\n",
      NULL);
  gboolean told = FALSE;

  fixture_init_whep (&f, NULL);
  g_signal_connect (f.rig.signaller, "server-event",
      G_CALLBACK (on_server_event), &told);
  http_script_add (f.script, (HttpReply) STREAM (text));
  http_script_add (f.script, (HttpReply) SILENCE);
  watch (&f, LINK (""));
  wait_for (&f.rig, told);
  http_script_add (f.script, (HttpReply) {"POST", 201, "Location: /session/2",
      SDP, ANSWER});
  answer = signaller_rig_offer (&f.rig, GST_RCAST_OFFER_INITIAL, OFFER2, NULL);
  fail_unless (answer != NULL);
  assert_equals_string (http_script_find (f.script, "POST", 1)->target,
      move_rows[__i__].want_target);
  assert_equals_int (http_script_count (f.script, "DELETE"), 0);
  gst_rcast_signaller_settle (f.rig.signaller);
  wait_for (&f.rig, http_script_count (f.script, "DELETE") == 1);
  assert_equals_string (http_script_find (f.script, "DELETE", 0)->target,
      "/session/1");
  g_signal_handlers_disconnect_by_data (f.rig.signaller, &told);
  end (&f);
}
GST_END_TEST;

static void
close_at_once (GstRcastSignaller * signaller, GstRcastStreamChange change,
    const gchar * stream, const gchar * reason, gpointer op)
{
  gst_rcast_signaller_close_async (signaller, NULL, op_closed, op);
}

GST_START_TEST (test_closed_by_an_event)
{
  Fixture f;
  g_auto (Op) op = { 0, };

  fixture_init_whep (&f, NULL);
  g_signal_connect (f.rig.signaller, "stream-changed",
      G_CALLBACK (close_at_once), &op);
  http_script_add (f.script, (HttpReply) STREAM (ACTIVE INACTIVE ACTIVE));
  http_script_add (f.script, (HttpReply) SILENCE);
  watch (&f, LINK (""));
  wait_for (&f.rig, op.done);
  assert_equals_string (f.rig.streams->str, " published /whep/demo");
  g_signal_handlers_disconnect_by_data (f.rig.signaller, &op);
  end (&f);
}
GST_END_TEST;

/* An event stream that is open, or not there yet, does not delay the close. */
GST_START_TEST (test_closed_while_it_waits_for_events)
{
  Fixture f;

  fixture_init_whep (&f, NULL);
  http_script_add (f.script, (HttpReply) SILENCE);
  watch (&f, LINK (""));
  if (__i__)
    wait_for (&f.rig, http_script_count (f.script, "GET") == 1);
  end (&f);
}
GST_END_TEST;

static Suite *
rcastwhep_events_suite (void)
{
  Suite *s = suite_create ("rcastwhep-events");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_events_of_the_link_itself);
  tcase_add_loop_test (tc, test_events_that_are_made_for_us, 0,
      G_N_ELEMENTS (subscribe_rows));
  tcase_add_loop_test (tc, test_a_server_without_events, 0,
      G_N_ELEMENTS (none_rows));
  tcase_add_test (tc, test_no_link_no_request);
  tcase_add_loop_test (tc, test_a_server_moves_the_session, 0,
      G_N_ELEMENTS (move_rows));
  tcase_add_test (tc, test_closed_by_an_event);
  tcase_add_loop_test (tc, test_closed_while_it_waits_for_events, 0, 2);
  return s;
}

GST_CHECK_MAIN (rcastwhep_events);
