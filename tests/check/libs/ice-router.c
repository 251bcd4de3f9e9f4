/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How the router treats paths that live and die: which paths carry media, what the router reports,
 * and when it requests a restart. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "gstrcasticerecall.h"
#include "gstrcasticerouter.h"

#define MS ((gint64) 1000)
#define STEP (50 * MS)

/* --- stand-ins for the objects around the router: their functions are linked
 * before those of the library --- */

struct _GstRcastIcePath
{
  const gchar *key;
  GstRcastIcePathView view;
  guint n_checks;               /* that the router wanted at once */
  guint n_doubts;
};

struct _GstRcastIceGeneration
{
  guint id;
  GPtrArray *paths;
  GstRcastIcePath *returning;   /* nullable: the peer sends on it */
};

struct _GstRcastIceGenerations
{
  GstRcastIceGeneration *active, *pending;      /* nullable */
};

struct _GstRcastIceSender
{
  GstRcastIceWay way;
};

struct _GstRcastIceReporter
{
  GstRcastIceSettings *settings;
  GHashTable *states;           /* path to its reported state */
  GArray *wishes;               /* GstRcastIceRestartReason */
  guint n_changes;
  GstRcastIcePath *carrier;     /* of the last change */
  gboolean lost;                /* by the last change or swap */
};

GstRcastIcePath *
gst_rcast_ice_path_ref (GstRcastIcePath * path)
{
  return path;
}

void
gst_rcast_ice_path_unref (GstRcastIcePath * path)
{
}

const gchar *
gst_rcast_ice_path_get_key (GstRcastIcePath * path)
{
  return path->key;
}

const gchar *
gst_rcast_ice_path_get_name (GstRcastIcePath * path)
{
  return path->view.interface;
}

const gchar *
gst_rcast_ice_path_get_interface (GstRcastIcePath * path)
{
  return path->view.interface;
}

void
gst_rcast_ice_path_get_view (GstRcastIcePath * path, GstRcastIcePathView * view)
{
  *view = path->view;
  gst_rcast_ice_recall_view (path->key, view, g_get_monotonic_time ());
}

void
gst_rcast_ice_path_check_now (GstRcastIcePath * path)
{
  path->n_checks++;
}

void
gst_rcast_ice_path_doubt (GstRcastIcePath * path,
    GstRcastIcePathChange trouble, gint64 now)
{
  path->n_doubts++;
}

guint
gst_rcast_ice_generation_get_id (GstRcastIceGeneration * generation)
{
  return generation->id;
}

GPtrArray *
gst_rcast_ice_generation_dup_paths (GstRcastIceGeneration * generation)
{
  return g_ptr_array_copy (generation->paths, NULL, NULL);
}

gint
gst_rcast_ice_generation_find_path (GstRcastIceGeneration * generation,
    GstRcastIcePath * path)
{
  guint index;

  return path && g_ptr_array_find (generation->paths, path, &index) ?
      (gint) index : GST_RCAST_ICE_NO_PATH;
}

GstRcastIcePath *
gst_rcast_ice_generation_get_path (GstRcastIceGeneration * generation,
    gint index)
{
  return index == GST_RCAST_ICE_NO_PATH ? NULL :
      g_ptr_array_index (generation->paths, index);
}

GstRcastIcePath *
gst_rcast_ice_generation_find_return (GstRcastIceGeneration * generation)
{
  return generation->returning;
}

void
gst_rcast_ice_generation_remove_path (GstRcastIceGeneration * generation,
    GstRcastIcePath * path)
{
  g_ptr_array_remove (generation->paths, path);
}

void
gst_rcast_ice_generation_view_path (const GstRcastIceGeneration * generation,
    GstRcastIcePath * path, GstRcastIcePathView * view)
{
  gst_rcast_ice_path_get_view (path, view);
}

GArray *
gst_rcast_ice_generation_view (GstRcastIceGeneration * generation)
{
  GArray *views = g_array_new (FALSE, TRUE, sizeof (GstRcastIcePathView));

  g_array_set_size (views, generation->paths->len);
  for (guint i = 0; i < views->len; i++)
    gst_rcast_ice_path_get_view (generation->paths->pdata[i],
        &g_array_index (views, GstRcastIcePathView, i));
  return views;
}

GstRcastIceGeneration *
gst_rcast_ice_generations_get_active (GstRcastIceGenerations * generations)
{
  return generations->active;
}

GstRcastIceGeneration *
gst_rcast_ice_generations_get_pending (GstRcastIceGenerations * generations)
{
  return generations->pending;
}

gboolean
gst_rcast_ice_generations_swap_if_ready (GstRcastIceGenerations * generations,
    const GstRcastIcePathView * current, gint64 now)
{
  if (!generations->pending)
    return FALSE;
  generations->active = g_steal_pointer (&generations->pending);
  return TRUE;
}

void
gst_rcast_ice_negotiation_swapped (GstRcastIceNegotiation * negotiation)
{
}

void
gst_rcast_ice_publisher_pair_changed (GstRcastIcePublisher * publisher)
{
}

void
gst_rcast_ice_publisher_start_anew (GstRcastIcePublisher * publisher)
{
}

void
gst_rcast_ice_sender_set_way (GstRcastIceSender * sender,
    const GstRcastIceWay * way)
{
  sender->way = *way;
}

gboolean
gst_rcast_ice_sender_has_way (GstRcastIceSender * sender,
    const GstRcastIceWay * way)
{
  return memcmp (sender->way.paths, way->paths, sizeof way->paths) == 0
      && sender->way.n_carrying == way->n_carrying
      && sender->way.trying == way->trying;
}

GstRcastIcePath *
gst_rcast_ice_sender_get_path (GstRcastIceSender * sender, guint index)
{
  return sender->way.paths[index];
}

guint
gst_rcast_ice_sender_get_n_carrying (GstRcastIceSender * sender)
{
  return sender->way.n_carrying;
}

gboolean
gst_rcast_ice_sender_is_bonding (GstRcastIceSender * sender)
{
  return FALSE;
}

gboolean
gst_rcast_ice_sender_is_choosing (GstRcastIceSender * sender, gint64 now)
{
  return FALSE;
}

gboolean
gst_rcast_ice_sender_is_working (GstRcastIceSender * sender, guint index)
{
  return sender->way.paths[index]
      && gst_rcast_ice_path_view_is_working (&sender->way.paths[index]->view);
}

gboolean
gst_rcast_ice_sender_is_carrying (GstRcastIceSender * sender,
    GstRcastIcePath * path)
{
  for (guint i = 0; i < sender->way.n_carrying; i++)
    if (sender->way.paths[i] == path)
      return TRUE;
  return FALSE;
}

gboolean
gst_rcast_ice_sender_is_in_doubt (GstRcastIceSender * sender)
{
  for (guint i = 0; i < sender->way.n_carrying; i++)
    if (sender->way.paths[i]->view.state == GST_RCAST_ICE_PATH_STATE_ALIVE)
      return FALSE;
  return TRUE;
}

/* The sender no longer knows which packets are in flight. */
gboolean
gst_rcast_ice_sender_repeat (GstRcastIceSender * sender,
    GstRcastIcePath * path, gint64 since)
{
  return FALSE;
}

GstRcastIceSettings *
gst_rcast_ice_reporter_dup_settings (GstRcastIceReporter * reporter)
{
  return gst_rcast_ice_settings_ref (reporter->settings);
}

void
gst_rcast_ice_reporter_restart_wanted (GstRcastIceReporter * reporter,
    GstRcastIceRestartReason reason)
{
  g_array_append_val (reporter->wishes, reason);
}

void
gst_rcast_ice_reporter_set_generation (GstRcastIceReporter * reporter,
    guint generation)
{
  g_hash_table_remove_all (reporter->states);
}

void
gst_rcast_ice_reporter_swapped (GstRcastIceReporter * reporter,
    gboolean media_lost)
{
  reporter->lost = media_lost;
}

void
gst_rcast_ice_reporter_expect_restart (GstRcastIceReporter * reporter)
{
}

void
gst_rcast_ice_reporter_path_changed (GstRcastIceReporter * reporter,
    GstRcastIcePath * old, GstRcastIcePath * path, gboolean same_generation,
    gboolean media_lost)
{
  reporter->n_changes++;
  reporter->carrier = path;
  reporter->lost = media_lost;
}

gboolean
gst_rcast_ice_reporter_is_news (GstRcastIceReporter * reporter,
    GstRcastIcePath * path, GstRcastIcePathState state)
{
  gpointer told = g_hash_table_lookup (reporter->states, path);

  g_hash_table_insert (reporter->states, path, GUINT_TO_POINTER (state + 1));
  return told != GUINT_TO_POINTER (state + 1);
}

void
gst_rcast_ice_reporter_path_state (GstRcastIceReporter * reporter,
    GstRcastIcePath * path)
{
}

void
gst_rcast_ice_reporter_forget_path (GstRcastIceReporter * reporter,
    GstRcastIcePath * path)
{
  g_hash_table_remove (reporter->states, path);
}

/* --- one stream with two uplinks --- */

typedef struct
{
  GstRcastIcePath paths[2];
  gchar *keys[2];
  GstRcastIceGeneration generation;
  GstRcastIceGenerations generations;
  GstRcastIceSender sender;
  GstRcastIceReporter reporter;
  GstRcastIceRouter *router;
  gint64 now;                   /* of the next step */
} Stream;

static void
turn (Stream * stream)
{
  gst_rcast_ice_router_update_path_states (stream->router);
  gst_rcast_ice_router_update_route (stream->router);
  gst_rcast_ice_router_watch_paths (stream->router, stream->now);
}

/* The peer sends on path @returning; media goes out on path 0. */
static void
begin (Stream * stream, guint n_paths, guint returning, gboolean receiving)
{
  static const gchar *const interfaces[] = { "up0", "up1" };
  gint64 now = g_get_monotonic_time ();

  *stream = (Stream) { .now = now };
  gst_rcast_ice_recall_forget ();
  stream->generation.paths = g_ptr_array_new ();
  for (guint i = 0; i < n_paths; i++) {
    stream->keys[i] = gst_rcast_ice_recall_make_key (interfaces[i]);
    stream->paths[i] = (GstRcastIcePath) {
      .key = stream->keys[i],
      .view = {
        .id = i + 1,
        .state = GST_RCAST_ICE_PATH_STATE_ALIVE,
        .may_send = TRUE,
        .announced = TRUE,
        .checkable = TRUE,
        .uplink = i,
        .rank = i,
        .rtt = 20 * MS,
        .timeout = 1000 * MS,
        .since = now,
        .created = now,
        .interface = interfaces[i],
      },
    };
    g_ptr_array_add (stream->generation.paths, &stream->paths[i]);
  }
  stream->generation.id = 1;
  stream->generation.returning = &stream->paths[returning];
  stream->paths[returning].view.last_heard = now;
  stream->generations.active = &stream->generation;
  stream->reporter.settings = gst_rcast_ice_settings_new ();
  stream->reporter.settings->path_mode = GST_RCAST_ICE_PATH_MODE_BACKUP;
  stream->reporter.settings->receiving = receiving;
  stream->reporter.states = g_hash_table_new (NULL, NULL);
  stream->reporter.wishes =
      g_array_new (FALSE, FALSE, sizeof (GstRcastIceRestartReason));
  stream->router = gst_rcast_ice_router_new (&(GstRcastIceRouterParts) {
        .generations = &stream->generations,
        .reporter = &stream->reporter,
        .sender = &stream->sender});
  gst_rcast_ice_router_heard (stream->router, now - 20 * G_USEC_PER_SEC);
  for (gint i = -19; i <= 0; i++)
    gst_rcast_ice_router_heard (stream->router, now + i * G_USEC_PER_SEC);
  turn (stream);
  fail_unless (gst_rcast_ice_router_get_carrier (stream->router) ==
      &stream->paths[0]);
  assert_equals_int (stream->reporter.wishes->len, 0);
}

static void
end (Stream * stream)
{
  gst_rcast_ice_router_free (stream->router);
  gst_rcast_ice_settings_unref (stream->reporter.settings);
  g_hash_table_unref (stream->reporter.states);
  g_array_unref (stream->reporter.wishes);
  g_ptr_array_unref (stream->generation.paths);
  g_free (stream->keys[0]);
  g_free (stream->keys[1]);
  gst_rcast_ice_recall_forget ();
}

static void
set_state (Stream * stream, guint path, GstRcastIcePathState state)
{
  stream->paths[path].view.state = state;
  turn (stream);
}

/* Runs without a standstill until @time. Returns: the number of wishes by then */
static guint
wait_until (Stream * stream, gint64 time)
{
  while (stream->now < time) {
    stream->now = MIN (stream->now + STEP, time);
    gst_rcast_ice_router_watch_paths (stream->router, stream->now);
  }
  return stream->reporter.wishes->len;
}

static void
expect_wish (Stream * stream, guint n, GstRcastIceRestartReason reason)
{
  assert_equals_int (stream->reporter.wishes->len, n);
  assert_equals_int (g_array_index (stream->reporter.wishes,
          GstRcastIceRestartReason, n - 1), reason);
}

#define STATE(x) GST_RCAST_ICE_PATH_STATE_ ## x
#define REASON(x) GST_RCAST_ICE_RESTART_REASON_ ## x

GST_START_TEST (test_a_carrier_that_dies_is_left_and_remembered)
{
  Stream stream;
  GstRcastIcePathView view;

  begin (&stream, 2, 0, FALSE);
  set_state (&stream, 0, STATE (SUSPECT));
  assert_equals_int (stream.sender.way.n_carrying, 2);
  assert_equals_int (stream.reporter.wishes->len, 0);
  set_state (&stream, 0, STATE (DEAD));
  fail_unless (stream.reporter.carrier == &stream.paths[1]);
  fail_unless (stream.reporter.lost);
  expect_wish (&stream, 1, REASON (PATH_SWITCHED));
  gst_rcast_ice_path_get_view (&stream.paths[0], &view);
  fail_unless (view.hold > 0);

  /* The path is well again, but media does not go back to it yet. */
  set_state (&stream, 0, STATE (ALIVE));
  fail_unless (gst_rcast_ice_router_get_carrier (stream.router) ==
      &stream.paths[1]);
  end (&stream);
}

GST_END_TEST;

/* No other path works: the uplink need not be the cause. */
GST_START_TEST (test_the_only_path_that_dies_asks_once_and_is_not_blamed)
{
  Stream stream;
  GstRcastIcePathView view;

  begin (&stream, 1, 0, FALSE);
  stream.paths[0].view.failing = TRUE;
  set_state (&stream, 0, STATE (SUSPECT));
  expect_wish (&stream, 1, REASON (PATH_LOST));
  set_state (&stream, 0, STATE (DEAD));
  gst_rcast_ice_router_lose (stream.router);
  fail_if (gst_rcast_ice_router_is_working (stream.router));
  expect_wish (&stream, 1, REASON (PATH_LOST));
  gst_rcast_ice_path_get_view (&stream.paths[0], &view);
  assert_equals_int64 (view.hold, 0);

  /* The path works again, and fails once more. */
  stream.paths[0].view.failing = FALSE;
  set_state (&stream, 0, STATE (ALIVE));
  stream.paths[0].view.failing = TRUE;
  set_state (&stream, 0, STATE (SUSPECT));
  expect_wish (&stream, 2, REASON (PATH_LOST));
  end (&stream);
}

GST_END_TEST;

GST_START_TEST (test_the_return_path_that_dies_asks_at_once)
{
  Stream stream;

  begin (&stream, 2, 1, __i__);
  set_state (&stream, 1, STATE (SUSPECT));
  assert_equals_int (stream.paths[0].n_doubts, 1);
  assert_equals_int (stream.reporter.wishes->len, 0);
  set_state (&stream, 1, STATE (DEAD));
  expect_wish (&stream, 1, REASON (RETURN_PATH));
  fail_unless (gst_rcast_ice_router_get_carrier (stream.router) ==
      &stream.paths[0]);
  end (&stream);
}

GST_END_TEST;

/* The carrier is well. Packets that are missed on the carrier request no restart. */
GST_START_TEST (test_the_return_path_that_is_missed_asks_before_it_dies)
{
  Stream stream;

  begin (&stream, 2, 1, TRUE);
  stream.paths[0].view.missed = TRUE;
  set_state (&stream, 1, STATE (SUSPECT));
  assert_equals_int (stream.reporter.wishes->len, 0);
  stream.paths[1].view.missed = TRUE;
  set_state (&stream, 1, STATE (SUSPECT));
  expect_wish (&stream, 1, REASON (RETURN_PATH));
  /* Once */
  set_state (&stream, 1, STATE (SUSPECT));
  assert_equals_int (stream.reporter.wishes->len, 1);
  end (&stream);
}

GST_END_TEST;

/* The return path stands in for a carrier in doubt, and dies. The carrier lives, so no change of
 * path requests the restart that moves the return path. */
static gint64
lose_return_that_stands_in (Stream * stream)
{
  set_state (stream, 0, STATE (SUSPECT));
  fail_unless (gst_rcast_ice_sender_is_carrying (&stream->sender,
          &stream->paths[1]));
  set_state (stream, 1, STATE (DEAD));
  assert_equals_int (stream->reporter.wishes->len, 0);
  stream->now = g_get_monotonic_time ();
  set_state (stream, 0, STATE (ALIVE));
  fail_unless (gst_rcast_ice_router_get_carrier (stream->router) ==
      &stream->paths[0]);
  assert_equals_int (stream->reporter.wishes->len, 0);
  return stream->now;
}

GST_START_TEST (test_a_return_path_that_dies_as_a_stand_in_is_remembered)
{
  Stream stream;
  gint64 before, after;

  begin (&stream, 2, 1, __i__);
  before = g_get_monotonic_time ();
  after = lose_return_that_stands_in (&stream);
  if (before + 299 * MS > after)
    assert_equals_int (wait_until (&stream, before + 299 * MS), 0);
  wait_until (&stream, after + 300 * MS);
  expect_wish (&stream, 1, REASON (RETURN_PATH));
  /* Once */
  assert_equals_int (wait_until (&stream, after + 2900 * MS), 1);
  end (&stream);
}

GST_END_TEST;

/* The peer's packets arrive on another path. */
GST_START_TEST (test_a_return_path_that_has_moved_is_forgotten)
{
  Stream stream;
  gint64 after;

  begin (&stream, 2, 1, FALSE);
  after = lose_return_that_stands_in (&stream);
  for (guint i = 1; i <= 30; i++) {
    gst_rcast_ice_router_heard (stream.router, after + i * 100 * MS);
    assert_equals_int (wait_until (&stream, after + i * 100 * MS), 0);
  }
  assert_equals_int (wait_until (&stream, after + 4000 * MS), 0);
  end (&stream);
}

GST_END_TEST;

/* A restart that is done meanwhile also makes the router forget the return path. */
GST_START_TEST (test_a_return_path_of_another_generation_is_forgotten)
{
  Stream stream;
  GstRcastIceGeneration next;
  gint64 after;

  begin (&stream, 2, 1, FALSE);
  after = lose_return_that_stands_in (&stream);
  next = stream.generation;
  next.id = 2;
  next.returning = NULL;
  stream.paths[1].view.state = STATE (ALIVE);
  stream.generations.pending = &next;
  assert_equals_int (wait_until (&stream, after + 400 * MS), 0);
  fail_unless (gst_rcast_ice_router_swap_if_ready (stream.router));
  fail_if (gst_rcast_ice_router_swap_if_ready (stream.router));
  assert_equals_int (wait_until (&stream, after + 1500 * MS), 0);
  end (&stream);
}

GST_END_TEST;

GST_START_TEST (test_what_may_be_replaced_is_watched_closely)
{
  Stream stream;

  begin (&stream, 2, 1, __i__);
  assert_equals_int (gst_rcast_ice_router_get_duty (stream.router,
          &stream.paths[0], FALSE), GST_RCAST_ICE_DUTY_BACKED);
  assert_equals_int (gst_rcast_ice_router_get_duty (stream.router,
          &stream.paths[1], TRUE), __i__ ? GST_RCAST_ICE_DUTY_BACKED :
      GST_RCAST_ICE_DUTY_CARRIES);
  assert_equals_int (gst_rcast_ice_router_get_duty (stream.router,
          &stream.paths[1], FALSE), GST_RCAST_ICE_DUTY_NONE);
  set_state (&stream, 1, STATE (DEAD));
  assert_equals_int (gst_rcast_ice_router_get_duty (stream.router,
          &stream.paths[0], FALSE), GST_RCAST_ICE_DUTY_CARRIES);
  end (&stream);
}

GST_END_TEST;

static Suite *
ice_router_suite (void)
{
  Suite *s = suite_create ("ice-router");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_a_carrier_that_dies_is_left_and_remembered);
  tcase_add_test (tc, test_the_only_path_that_dies_asks_once_and_is_not_blamed);
  tcase_add_loop_test (tc, test_the_return_path_that_dies_asks_at_once, 0, 2);
  tcase_add_test (tc, test_the_return_path_that_is_missed_asks_before_it_dies);
  tcase_add_loop_test (tc,
      test_a_return_path_that_dies_as_a_stand_in_is_remembered, 0, 2);
  tcase_add_test (tc, test_a_return_path_that_has_moved_is_forgotten);
  tcase_add_test (tc, test_a_return_path_of_another_generation_is_forgotten);
  tcase_add_loop_test (tc, test_what_may_be_replaced_is_watched_closely, 0, 2);
  return s;
}

GST_CHECK_MAIN (ice_router);
