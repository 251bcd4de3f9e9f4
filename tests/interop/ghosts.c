/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastsink returns on air at a server that keeps each session until DELETE and takes only one. */
#include "config.h"

#include <glib/gstdio.h>
#include <gst/check/gstcheck.h>
#include <gio/gio.h>
#include <string.h>

#include "loopback-child.h"

#define PATIENCE (30 * GST_SECOND)
/* One session at a time, which stays; the server refuses others with 403. */
#define ONE_SLOT "ghosts=keep", "refuse-second=403"

typedef struct
{
  GstElement *pipeline, *sink;
  GstBus *bus;
} Cast;

static void
cast_init (Cast * cast)
{
  cast->pipeline = gst_parse_launch ("videotestsrc is-live=true ! "
      "video/x-raw,width=64,height=64 ! vp8enc deadline=1 ! rcastsink name=r "
      "reconnect-min-delay=100 reconnect-max-delay=500", NULL);
  fail_unless (cast->pipeline != NULL);
  cast->sink = gst_bin_get_by_name (GST_BIN (cast->pipeline), "r");
  cast->bus = gst_element_get_bus (cast->pipeline);
}

static void
cast_start (Cast * cast, const gchar * location, const gchar * state_file)
{
  g_autofree gchar *uri = g_strconcat (location, "live", NULL);

  cast_init (cast);
  g_object_set (cast->sink, "location", uri, "state-file", state_file, NULL);
  gst_child_proxy_set (GST_CHILD_PROXY (cast->sink),
      "signaller::close-timeout", 300, NULL);
  gst_element_set_state (cast->pipeline, GST_STATE_PLAYING);
}

static void
cast_end (Cast * cast)
{
  gst_element_set_state (cast->pipeline, GST_STATE_NULL);
  gst_object_unref (cast->bus);
  gst_object_unref (cast->sink);
  gst_object_unref (cast->pipeline);
}

/* Waits for the next @status; an error fails the test. */
static void
cast_expect (Cast * cast, const gchar * status)
{
  gboolean found = FALSE;

  while (!found) {
    g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (cast->bus,
        PATIENCE, GST_MESSAGE_ELEMENT | GST_MESSAGE_ERROR);

    fail_unless (message != NULL, "no %s", status);
    fail_if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR);
    found = gst_message_has_name (message, status);
  }
}

/* Returns: (transfer full): a path in a new directory */
static gchar *
make_state_file (gchar ** folder)
{
  *folder = g_dir_make_tmp ("rcast-ghosts-XXXXXX", NULL);
  fail_unless (*folder != NULL);
  return g_build_filename (*folder, "state", NULL);
}

static void
remove_state_file (const gchar * path, const gchar * folder)
{
  g_unlink (path);
  assert_equals_int (g_rmdir (folder), 0);
}

static gboolean
file_has (const gchar * path, const gchar * text)
{
  g_autofree gchar *content = NULL;

  return g_file_get_contents (path, &content, NULL, NULL)
      && strstr (content, text);
}

/* Runs another program that broadcasts, and kills it once its session is in the file. */
static void
broadcast_and_be_killed (const gchar * location, const gchar * state_file)
{
  g_autofree gchar *where = g_strconcat ("location=", location, "live", NULL);
  g_autofree gchar *file = g_strconcat ("state-file=", state_file, NULL);
  g_autofree gchar *session = g_strconcat (location, "live/", NULL);
  g_autoptr (GSubprocess) process = g_subprocess_new
      (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
      NULL, "gst-launch-1.0", "videotestsrc", "is-live=true", "!",
      "video/x-raw,width=64,height=64", "!", "vp8enc", "deadline=1", "!",
      "rcastsink", where, file, NULL);
  gint64 end = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;

  fail_unless (process != NULL);
  while (!file_has (state_file, session) && g_get_monotonic_time () < end)
    g_thread_yield ();
  fail_unless (file_has (state_file, session));
  g_subprocess_force_exit (process);
  g_subprocess_wait (process, NULL, NULL);
}

GST_START_TEST (test_killed_process_ends_its_session_when_it_is_back)
{
  static const gchar *const set[] = { ONE_SLOT, NULL };
  Server server = { NULL };
  Cast cast;
  GStatBuf info;
  g_autofree gchar *folder = NULL;
  g_autofree gchar *path = make_state_file (&folder);
  gint64 start;

  server_start (&server, 0, set);
  broadcast_and_be_killed (server.whip, path);
  assert_equals_int (g_stat (path, &info), 0);
  assert_equals_int (info.st_mode & 07777, 0600);

  start = g_get_monotonic_time ();
  cast_start (&cast, server.whip, path);
  cast_expect (&cast, "broadcasting");
  g_print ("on air %" G_GINT64_FORMAT " ms after the new start\n",
      (g_get_monotonic_time () - start) / 1000);
  assert_equals_int (server_requests (&server, "DELETE"), 1);
  /* One POST of the killed process, and one of ours: the server refused none. */
  assert_equals_int (server_requests (&server, "POST"), 2);
  cast_end (&cast);
  fail_if (file_has (path, server.whip));
  server_kill (&server);
  remove_state_file (path, folder);
}

GST_END_TEST;

/* The DELETE gets no answer, as in an outage. Later the server is reachable again. */
GST_START_TEST (test_session_that_was_left_makes_room_for_the_next)
{
  static const gchar *const set[] = { ONE_SLOT, "hang=DELETE", NULL };
  Server server = { NULL };
  Cast cast;

  server_start (&server, 0, set);
  cast_start (&cast, server.whip, NULL);
  cast_expect (&cast, "broadcasting");
  gst_element_set_state (cast.pipeline, GST_STATE_READY);
  /* Reconnect only when the old session has ended, not after a delay. */
  g_object_set (cast.sink, "reconnect-min-delay", 600000, "reconnect-max-delay",
      600000, NULL);
  cast_expect (&cast, "disconnected");
  /* The same process remembers the session without a state file. */
  gst_element_set_state (cast.pipeline, GST_STATE_PLAYING);
  cast_expect (&cast, "reconnecting_broadcast");
  server_control (&server, "{\"hang\": null}");
  cast_expect (&cast, "broadcasting");
  cast_end (&cast);
  server_kill (&server);
}

GST_END_TEST;

/* The server is reachable again, but the pending DELETE waits for its next SYN. The refusal of the
 * offer starts another DELETE. */
GST_START_TEST (test_refusal_of_an_offer_ends_what_was_left)
{
  /* Health checks of the server fail, so none of them triggers a DELETE. */
  static const gchar *const set[] = { ONE_SLOT, "hang=DELETE", "close=OPTIONS",
    "close-count=-1", NULL
  };
  Server server = { NULL };
  Cast cast;
  guint before;
  gint64 end;

  server_start (&server, 0, set);
  cast_start (&cast, server.whip, NULL);
  cast_expect (&cast, "broadcasting");
  gst_element_set_state (cast.pipeline, GST_STATE_READY);
  cast_expect (&cast, "disconnected");
  g_object_set (cast.sink, "reconnect-min-delay", 600000, "reconnect-max-delay",
      600000, NULL);
  gst_child_proxy_set (GST_CHILD_PROXY (cast.sink),
      "signaller::close-timeout", 60000, NULL);
  before = server_requests (&server, "DELETE");
  gst_element_set_state (cast.pipeline, GST_STATE_PLAYING);
  cast_expect (&cast, "reconnecting_broadcast");
  end = g_get_monotonic_time () + PATIENCE / 1000;
  /* One DELETE before the offer, and one after its refusal. */
  while (server_requests (&server, "DELETE") < before + 2)
    fail_unless (g_get_monotonic_time () < end);
  cast_end (&cast);
  server_kill (&server);
}

GST_END_TEST;

/* The server accepts an offer, but its answer is lost. */
GST_START_TEST (test_lost_answer_is_waited_for)
{
  static const gchar *const set[] = { "session-timeout-ms=3000",
    "refuse-second=403", "lose-answer=1", NULL
  };
  Server server = { NULL };
  Cast cast;

  server_start (&server, 0, set);
  cast_start (&cast, server.whip, NULL);
  cast_expect (&cast, "broadcasting");
  cast_end (&cast);
  server_kill (&server);
}

GST_END_TEST;

/* The replies of servers to the first offer of a new process while the session of the old process
 * still exists */
static const gchar *const refusals[] = { "fail-status=400", "fail-status=403",
  "fail-status=409", "fail-status=503"
};

GST_START_TEST (test_somebody_is_there_is_not_the_end)
{
  const gchar *const set[] = { refusals[__i__], "fail-count=3", "retry-after=",
    NULL
  };
  Server server = { NULL };
  Cast cast;

  server_start (&server, 0, set);
  cast_start (&cast, server.whip, NULL);
  cast_expect (&cast, "broadcasting");
  cast_end (&cast);
  server_kill (&server);
}

GST_END_TEST;

/* A server that answers 404 to a wrong token, and a backup of another operator */
GST_START_TEST (test_unknown_token_at_one_location_does_not_spoil_the_other)
{
  static const gchar *const set_a[] = { "token=a", "token-status=404", NULL };
  static const gchar *const set_b[] = { "token=b", "token-status=404", NULL };
  Server a = { NULL }, b = { NULL };
  Cast cast;
  g_autofree gchar *locations = NULL;

  server_start (&a, 0, set_a);
  server_start (&b, 0, set_b);
  locations = g_strdup_printf ("<\"%slive\",\"%slive\">", a.whip, b.whip);
  cast_init (&cast);
  gst_util_set_object_arg (G_OBJECT (cast.sink), "auth-tokens", "<expired,b>");
  gst_util_set_object_arg (G_OBJECT (cast.sink), "locations", locations);
  gst_element_set_state (cast.pipeline, GST_STATE_PLAYING);
  cast_expect (&cast, "broadcasting");
  assert_equals_int (server_requests (&b, "POST"), 1);
  cast_end (&cast);
  server_kill (&a);
  server_kill (&b);
}

GST_END_TEST;

static Suite *
ghosts_suite (void)
{
  Suite *s = suite_create ("ghosts");
  TCase *tc = tcase_create ("general");

  tcase_set_timeout (tc, 60);
  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_killed_process_ends_its_session_when_it_is_back);
  tcase_add_test (tc, test_session_that_was_left_makes_room_for_the_next);
  tcase_add_test (tc, test_refusal_of_an_offer_ends_what_was_left);
  tcase_add_test (tc, test_lost_answer_is_waited_for);
  tcase_add_loop_test (tc, test_somebody_is_there_is_not_the_end, 0,
      G_N_ELEMENTS (refusals));
  tcase_add_test (tc,
      test_unknown_token_at_one_location_does_not_spoil_the_other);
  return s;
}

GST_CHECK_MAIN (ghosts);
