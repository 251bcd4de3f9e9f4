/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tokens belong to origins, and a handler that hangs holds up no other. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "net-tokens.h"
#include "net-url.h"
#include "rcast-error.h"

/* Against hanging; a test about time sets its own. */
#define LONG 60000

typedef struct
{
  GMainContext *context;
  GObject *owner;
  NetTokens *tokens;
} Fixture;

typedef struct
{
  gboolean done;
  gchar *token;
  GError *error;
} Op;

/* The answer of the application, and when it comes */
static struct
{
  GMutex lock;
  GCond cond;
  guint asked;
  gboolean hold;
  const gchar *reply;
  gchar *location;
} application;

#define wait_for(f, condition) \
  while (!(condition)) \
    g_main_context_iteration ((f)->context, TRUE)

static gchar *
ask (GObject * owner, const gchar * location)
{
  gchar *reply;

  g_mutex_lock (&application.lock);
  application.asked++;
  g_free (application.location);
  application.location = g_strdup (location);
  g_cond_broadcast (&application.cond);
  while (application.hold)
    g_cond_wait (&application.cond, &application.lock);
  reply = g_strdup (application.reply);
  g_mutex_unlock (&application.lock);
  return reply;
}

static void
set_application (gboolean hold, const gchar * reply)
{
  g_mutex_lock (&application.lock);
  application.hold = hold;
  application.reply = reply;
  g_cond_broadcast (&application.cond);
  g_mutex_unlock (&application.lock);
}

static void
wait_until_asked (guint times)
{
  g_mutex_lock (&application.lock);
  while (application.asked < times)
    g_cond_wait (&application.cond, &application.lock);
  g_mutex_unlock (&application.lock);
}

static void
fixture_init (Fixture * f)
{
  f->context = g_main_context_new ();
  g_main_context_push_thread_default (f->context);
  f->owner = g_object_new (G_TYPE_OBJECT, NULL);
  f->tokens = net_tokens_new ();
  application.asked = 0;
  set_application (FALSE, NULL);
}

/* Threads that ask hold the owner: all of them have ended when this reference is the last. */
static void
fixture_clear (Fixture * f)
{
  set_application (FALSE, NULL);
  while (g_atomic_int_get (&f->owner->ref_count) > 1)
    g_thread_yield ();
  net_tokens_unref (f->tokens);
  g_object_unref (f->owner);
  g_main_context_pop_thread_default (f->context);
  g_main_context_unref (f->context);
}

static void
on_token (GObject * source, GAsyncResult * result, gpointer data)
{
  Op *op = data;

  fail_if (op->done);
  op->token = g_task_propagate_pointer (G_TASK (result), &op->error);
  op->done = TRUE;
}

/* @location: (nullable) */
static void
request_for (Fixture * f, const gchar * refused, const gchar * location,
    gboolean keep, guint ms, GCancellable * cancellable, Op * op)
{
  g_autoptr (GUri) url = net_url_parse (refused, NULL);
  g_autoptr (GUri) of = location ? net_url_parse (location, NULL) : NULL;

  *op = (Op) {
  FALSE, NULL, NULL};
  net_tokens_request (f->tokens, url, of, keep, ms, ask, g_task_new (f->owner,
          cancellable, on_token, op));
}

static void
request (Fixture * f, const gchar * location, gboolean keep, guint ms,
    GCancellable * cancellable, Op * op)
{
  request_for (f, location, location, keep, ms, cancellable, op);
}

static void
expect_token (Op * op, const gchar * want)
{
  g_autofree gchar *token = g_steal_pointer (&op->token);

  assert_equals_string (token, want);
  fail_unless (op->error == NULL);
}

static void
expect_error (Op * op, GQuark domain, gint code)
{
  fail_unless (op->token == NULL);
  fail_unless (g_error_matches (op->error, domain, code), "%s",
      op->error ? op->error->message : "no error");
  g_clear_error (&op->error);
}

static void
expect_known (Fixture * f, const gchar * location, const gchar * want)
{
  g_autoptr (GUri) url = net_url_parse (location, NULL);
  g_autofree gchar *token = net_tokens_dup (f->tokens, url);

  assert_equals_string (token, want);
}

static void
set_token (Fixture * f, const gchar * location, const gchar * token)
{
  g_autoptr (GUri) url = net_url_parse (location, NULL);

  net_tokens_set (f->tokens, url, token);
}

GST_START_TEST (test_each_origin_has_its_own)
{
  Fixture f;

  fixture_init (&f);
  expect_known (&f, "https://a/", NULL);
  net_tokens_set_default (f.tokens, "common");
  expect_known (&f, "https://a/", "common");
  set_token (&f, "https://a/x?y", "A");
  expect_known (&f, "https://a:443/other", "A");
  expect_known (&f, "https://a:8443/", "common");
  expect_known (&f, "http://a/", "common");
  expect_known (&f, "https://b/", "common");
  /* The same token again is no news. Another one is newer than all the others. */
  net_tokens_set_default (f.tokens, "common");
  expect_known (&f, "https://a/", "A");
  net_tokens_set_default (f.tokens, "newer");
  expect_known (&f, "https://a/", "newer");
  net_tokens_set_default (f.tokens, "");
  expect_known (&f, "https://a/", NULL);
  fixture_clear (&f);
}

GST_END_TEST;

/* Two streams of one server. A URL that belongs to neither has the token that was set last. */
GST_START_TEST (test_each_location_of_an_origin_has_its_own)
{
  Fixture f;

  fixture_init (&f);
  set_token (&f, "https://a/one?x", "1");
  set_token (&f, "https://a:443/two", "2");
  expect_known (&f, "https://a/one?x", "1");
  expect_known (&f, "https://a/two", "2");
  expect_known (&f, "https://a/session", "2");
  expect_known (&f, "https://b/one?x", NULL);
  set_token (&f, "https://a/two", "");
  expect_known (&f, "https://a/two", NULL);
  expect_known (&f, "https://a/one?x", "1");
  net_tokens_set_default (f.tokens, "newer");
  expect_known (&f, "https://a/one?x", "newer");
  fixture_clear (&f);
}

GST_END_TEST;

/* The session of one location refuses its token. The answer of the application is for that
 * location, at once or later. */
GST_START_TEST (test_fresh_token_is_that_of_its_location)
{
  Fixture f;
  Op one, two;

  fixture_init (&f);
  set_token (&f, "https://a/one", "1");
  set_token (&f, "https://a/two", "2");
  set_application (FALSE, "fresh 1");
  request_for (&f, "https://a/s/1", "https://a/one", TRUE, LONG, NULL, &one);
  wait_for (&f, one.done);
  expect_token (&one, "fresh 1");
  expect_known (&f, "https://a/one", "fresh 1");
  expect_known (&f, "https://a/two", "2");

  /* Each location has a request of its own. */
  set_application (TRUE, "");
  request_for (&f, "https://a/s/1", "https://a/one", TRUE, LONG, NULL, &one);
  request_for (&f, "https://a/s/2", "https://a/two", TRUE, LONG, NULL, &two);
  wait_until_asked (3);
  set_token (&f, "https://a/s/2", "later 2");
  wait_for (&f, two.done);
  expect_token (&two, "later 2");
  fail_if (one.done);
  set_token (&f, "https://a/s/1", "later 1");
  wait_for (&f, one.done);
  expect_token (&one, "later 1");
  expect_known (&f, "https://a/one", "later 1");
  expect_known (&f, "https://a/two", "later 2");

  /* After the request. */
  set_token (&f, "https://a/s/2", "last 2");
  expect_known (&f, "https://a/one", "later 1");
  expect_known (&f, "https://a/two", "last 2");
  fixture_clear (&f);
}

GST_END_TEST;

/* The application said that the location has no token. It never gets the token of its neighbour. */
GST_START_TEST (test_a_location_without_a_token_is_apart)
{
  Fixture f;
  Op one, two, other;

  fixture_init (&f);
  set_token (&f, "https://a:443/one", "");
  set_token (&f, "https://a/two", "2");
  expect_known (&f, "https://a/one", NULL);
  expect_known (&f, "https://a/other", "2");

  /* The neighbour gets another token. */
  set_application (FALSE, "fresh 2");
  request (&f, "https://a/two", TRUE, LONG, NULL, &two);
  wait_for (&f, two.done);
  expect_token (&two, "fresh 2");
  expect_known (&f, "https://a/one", NULL);
  set_token (&f, "https://a/two", "3");
  expect_known (&f, "https://a/one", NULL);

  /* The location waits for a token, and so does a URL that belongs to no location. */
  set_application (TRUE, "fresh 1");
  request (&f, "https://a/one", TRUE, LONG, NULL, &one);
  request_for (&f, "https://a/x", NULL, TRUE, LONG, NULL, &other);
  wait_until_asked (3);
  net_tokens_set_default (f.tokens, "common");
  expect_known (&f, "https://a/one", "common");
  set_token (&f, "https://a/two", "4");
  wait_for (&f, other.done);
  expect_token (&other, "4");
  expect_known (&f, "https://a/one", "common");
  set_application (FALSE, "fresh 1");
  wait_for (&f, one.done);
  expect_token (&one, "fresh 1");
  expect_known (&f, "https://a/one", "fresh 1");
  expect_known (&f, "https://a/two", "4");
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_origins_are_limited)
{
  Fixture f;

  fixture_init (&f);
  for (guint i = 0; i < 1000; i++) {
    g_autofree gchar *location = g_strdup_printf ("http://h%u/", i);

    set_token (&f, location, "x");
  }
  expect_known (&f, "http://h999/", "x");
  expect_known (&f, "http://h0/", NULL);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_answer_is_kept_for_its_origin)
{
  Fixture f;
  Op op;

  fixture_init (&f);
  set_application (FALSE, "fresh");
  request (&f, "https://a/s/1?k=v", TRUE, LONG, NULL, &op);
  wait_for (&f, op.done);
  expect_token (&op, "fresh");
  assert_equals_string (application.location, "https://a/s/1?k=v");
  expect_known (&f, "https://a/", "fresh");
  expect_known (&f, "https://b/", NULL);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_answer_to_a_check_is_not_kept)
{
  Fixture f;
  Op op;

  fixture_init (&f);
  set_application (FALSE, "fresh");
  request (&f, "https://a/", FALSE, LONG, NULL, &op);
  wait_for (&f, op.done);
  expect_token (&op, "fresh");
  expect_known (&f, "https://a/", NULL);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_one_question_at_a_time_for_an_origin)
{
  Fixture f;
  Op one, two, other;

  fixture_init (&f);
  set_application (TRUE, "fresh");
  request (&f, "https://a/1", TRUE, LONG, NULL, &one);
  request (&f, "https://a/2", TRUE, LONG, NULL, &two);
  wait_until_asked (1);
  request (&f, "https://b/", TRUE, LONG, NULL, &other);
  wait_until_asked (2);
  set_application (FALSE, "fresh");
  wait_for (&f, one.done && two.done && other.done);
  expect_token (&one, "fresh");
  expect_token (&two, "fresh");
  expect_token (&other, "fresh");
  assert_equals_int (application.asked, 2);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_handler_that_hangs_holds_up_nobody)
{
  Fixture f;
  Op op;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  fixture_init (&f);
  set_application (TRUE, NULL);
  request (&f, "https://a/", TRUE, 20, NULL, &op);
  wait_for (&f, op.done);
  expect_error (&op, GST_RCAST_ERROR, GST_RCAST_ERROR_NO_TOKEN);
  request (&f, "https://a/", TRUE, LONG, cancellable, &op);
  g_cancellable_cancel (cancellable);
  wait_for (&f, op.done);
  expect_error (&op, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  /* The application may set a token by itself meanwhile. */
  request (&f, "https://a/", TRUE, LONG, NULL, &op);
  set_token (&f, "https://a/elsewhere", "set");
  wait_for (&f, op.done);
  expect_token (&op, "set");
  expect_known (&f, "https://a/", "set");
  wait_until_asked (1);
  assert_equals_int (application.asked, 1);
  fixture_clear (&f);
}

GST_END_TEST;

/* A server may name any number of origins. */
GST_START_TEST (test_handlers_that_hang_are_limited)
{
  Fixture f;
  Op ops[20];

  fixture_init (&f);
  set_application (TRUE, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (ops); i++) {
    g_autofree gchar *location = g_strdup_printf ("http://h%u/", i);

    request (&f, location, TRUE, i < 8 ? LONG : 20, NULL, &ops[i]);
  }
  for (guint i = 8; i < G_N_ELEMENTS (ops); i++) {
    wait_for (&f, ops[i].done);
    expect_error (&ops[i], GST_RCAST_ERROR, GST_RCAST_ERROR_NO_TOKEN);
  }
  wait_until_asked (8);
  set_application (FALSE, "fresh");
  for (guint i = 0; i < 8; i++) {
    wait_for (&f, ops[i].done);
    expect_token (&ops[i], "fresh");
  }
  assert_equals_int (application.asked, 8);
  fixture_clear (&f);
}
GST_END_TEST;

GST_START_TEST (test_not_now_waits_a_little_for_a_token)
{
  Fixture f;
  Op op;

  fixture_init (&f);
  request (&f, "https://a/", TRUE, LONG, NULL, &op);
  wait_until_asked (1);
  set_token (&f, "https://b/", "other");
  set_token (&f, "https://a/", "set");
  wait_for (&f, op.done);
  expect_token (&op, "set");

  request (&f, "https://c/", TRUE, LONG, NULL, &op);
  wait_for (&f, op.done);
  expect_error (&op, GST_RCAST_ERROR, GST_RCAST_ERROR_NO_TOKEN);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_there_is_no_token)
{
  Fixture f;
  Op op;

  fixture_init (&f);
  set_application (FALSE, "");
  request (&f, "https://a/?k=s3cret", TRUE, LONG, NULL, &op);
  wait_for (&f, op.done);
  fail_unless (strstr (op.error->message, "s3cret") == NULL);
  expect_error (&op, GST_RCAST_ERROR, GST_RCAST_ERROR_UNAUTHORIZED);
  expect_known (&f, "https://a/", NULL);
  fixture_clear (&f);
}

GST_END_TEST;

/* The line ends of a file, and characters that would break out of a header */
GST_START_TEST (test_token_fits_into_a_header)
{
  static const struct
  {
    const gchar *token, *want;
  } rows[] = {
    {"token\n", "token"},
    {" token\r\n", "token"},
    {"to\r\nX-Other: ken", ""},
    {"to\001ken", ""},
    {"\n", ""},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    const gchar *want = *rows[i].want ? rows[i].want : NULL;
    Fixture f;
    Op op;

    fixture_init (&f);
    net_tokens_set_default (f.tokens, rows[i].token);
    expect_known (&f, "https://a/", want);
    set_token (&f, "https://b/", "before");
    set_token (&f, "https://b/", rows[i].token);
    expect_known (&f, "https://b/", want);
    set_application (FALSE, rows[i].token);
    request (&f, "https://c/", TRUE, LONG, NULL, &op);
    wait_for (&f, op.done);
    if (want)
      expect_token (&op, want);
    else
      expect_error (&op, GST_RCAST_ERROR, GST_RCAST_ERROR_UNAUTHORIZED);
    expect_known (&f, "https://c/", want);
    fixture_clear (&f);
  }
}

GST_END_TEST;

/* An empty token from the action signal means the same as one from the handler. */
GST_START_TEST (test_empty_token_is_none)
{
  Fixture f;
  Op op;

  fixture_init (&f);
  set_application (TRUE, NULL);
  set_token (&f, "https://a/", "before");
  request (&f, "https://a/", TRUE, LONG, NULL, &op);
  wait_until_asked (1);
  set_token (&f, "https://a/", "");
  wait_for (&f, op.done);
  expect_error (&op, GST_RCAST_ERROR, GST_RCAST_ERROR_UNAUTHORIZED);
  expect_known (&f, "https://a/", NULL);
  set_application (FALSE, NULL);
  fixture_clear (&f);
}

GST_END_TEST;

static Suite *
net_tokens_suite (void)
{
  Suite *s = suite_create ("net-tokens");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_each_origin_has_its_own);
  tcase_add_test (tc, test_each_location_of_an_origin_has_its_own);
  tcase_add_test (tc, test_fresh_token_is_that_of_its_location);
  tcase_add_test (tc, test_a_location_without_a_token_is_apart);
  tcase_add_test (tc, test_origins_are_limited);
  tcase_add_test (tc, test_answer_is_kept_for_its_origin);
  tcase_add_test (tc, test_answer_to_a_check_is_not_kept);
  tcase_add_test (tc, test_one_question_at_a_time_for_an_origin);
  tcase_add_test (tc, test_handler_that_hangs_holds_up_nobody);
  tcase_add_test (tc, test_handlers_that_hang_are_limited);
  tcase_add_test (tc, test_not_now_waits_a_little_for_a_token);
  tcase_add_test (tc, test_there_is_no_token);
  tcase_add_test (tc, test_token_fits_into_a_header);
  tcase_add_test (tc, test_empty_token_is_none);
  return s;
}

GST_CHECK_MAIN (net_tokens);
