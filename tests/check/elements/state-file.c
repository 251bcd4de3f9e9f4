/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A state file on a disk that takes no data for a while. */
#include "config.h"

#include <glib/gstdio.h>
#include <gst/check/gstcheck.h>
#include <string.h>

#include "gstrcaststatefile.h"

/* A close may wait a second for the disk. A close that does not
 * wait takes less than this, in µs. */
#define HELD_UP_US (900 * 1000)

typedef struct
{
  GMutex lock;
  GCond changed;
  guint n;                      /* lock: failures reported */
  guint n_healed;               /* lock: how often writing was reported to work again */
  gchar *message;               /* lock: of the last failure */
} Failures;

static void
on_failed (const GError * error, gpointer data)
{
  Failures *failures = data;

  g_mutex_lock (&failures->lock);
  if (error) {
    failures->n++;
    g_free (failures->message);
    failures->message = g_strdup (error->message);
  } else {
    failures->n_healed++;
  }
  g_cond_broadcast (&failures->changed);
  g_mutex_unlock (&failures->lock);
}

static void
wait_for_failure (Failures * failures, guint n)
{
  g_mutex_lock (&failures->lock);
  while (failures->n < n)
    g_cond_wait (&failures->changed, &failures->lock);
  assert_equals_int (failures->n, n);
  g_mutex_unlock (&failures->lock);
}

static gboolean
has_content (const gchar * path, const gchar * want)
{
  g_autofree gchar *content = NULL;

  return g_file_get_contents (path, &content, NULL, NULL)
      && g_str_equal (content, want);
}

static void
wait_for_content (const gchar * path, const gchar * want)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileMonitor) monitor = NULL;

  /* Events of the monitor end an iteration. */
  g_main_context_push_thread_default (context);
  monitor = g_file_monitor_file (file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
  fail_unless (monitor != NULL);
  while (!has_content (path, want))
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);
}

/* Puts a folder that is not empty in place of the new file: writing fails. */
static void
block (const gchar * path, gboolean blocked)
{
  g_autofree gchar *fresh = g_strconcat (path, ".new", NULL);
  g_autofree gchar *inside = g_build_filename (fresh, "x", NULL);

  if (blocked)
    fail_unless (g_mkdir_with_parents (inside, 0700) == 0);
  else
    fail_unless (g_rmdir (inside) == 0 && g_rmdir (fresh) == 0);
}

/* Each failure is reported once, and the former content stays. */
GST_START_TEST (test_disk_that_takes_nothing_for_a_while)
{
  g_autofree gchar *folder = g_dir_make_tmp ("rcast-state-XXXXXX", NULL);
  g_autofree gchar *path = g_build_filename (folder, "state", NULL);
  g_autoptr (GBytes) content = NULL;
  Failures failures = { 0, };
  GstRcastStateFile *file;

  file = gst_rcast_state_file_open (path, 1000, &content, NULL);
  fail_unless (file != NULL && g_bytes_get_size (content) == 0);
  gst_rcast_state_file_watch (file, on_failed, &failures);
  gst_rcast_state_file_write (file, g_strdup ("before"));
  wait_for_content (path, "before");
  for (guint i = 1; i <= 2; i++) {
    g_autofree gchar *after = g_strdup_printf ("after %u", i);

    block (path, TRUE);
    gst_rcast_state_file_write (file, g_strdup ("lost"));
    wait_for_failure (&failures, i);
    fail_unless (strstr (failures.message, path) != NULL);
    fail_unless (has_content (path, i == 1 ? "before" : "after 1"));
    block (path, FALSE);
    gst_rcast_state_file_write (file, g_strdup (after));
    wait_for_content (path, after);
  }
  gst_rcast_state_file_close (file);
  assert_equals_int (failures.n, 2);
  g_free (failures.message);
  assert_equals_int (g_unlink (path), 0);
  assert_equals_int (g_rmdir (folder), 0);
}

GST_END_TEST;

/* The write is repeated without another change. Failure and recovery are reported once each. */
GST_START_TEST (test_what_could_not_be_written_is_written_later)
{
  g_autofree gchar *folder = g_dir_make_tmp ("rcast-state-XXXXXX", NULL);
  g_autofree gchar *path = g_build_filename (folder, "state", NULL);
  g_autoptr (GBytes) content = NULL;
  Failures failures = { 0, };
  GstRcastStateFile *file;
  gint64 start;

  file = gst_rcast_state_file_open (path, 1000, &content, NULL);
  fail_unless (file != NULL);
  gst_rcast_state_file_watch (file, on_failed, &failures);
  block (path, TRUE);
  gst_rcast_state_file_write (file, g_strdup ("late"));
  wait_for_failure (&failures, 1);
  block (path, FALSE);
  wait_for_content (path, "late");
  g_mutex_lock (&failures.lock);
  while (failures.n_healed == 0)
    g_cond_wait (&failures.changed, &failures.lock);
  g_mutex_unlock (&failures.lock);

  /* A disk that still takes no data does not delay the close. */
  block (path, TRUE);
  gst_rcast_state_file_write (file, g_strdup ("lost"));
  wait_for_failure (&failures, 2);
  start = g_get_monotonic_time ();
  gst_rcast_state_file_close (file);
  fail_unless (g_get_monotonic_time () - start < HELD_UP_US);
  block (path, FALSE);
  fail_unless (has_content (path, "late"));
  assert_equals_int (failures.n_healed, 1);
  g_free (failures.message);
  assert_equals_int (g_unlink (path), 0);
  assert_equals_int (g_rmdir (folder), 0);
}

GST_END_TEST;

static Suite *
state_file_suite (void)
{
  Suite *s = suite_create ("state-file");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_disk_that_takes_nothing_for_a_while);
  tcase_add_test (tc, test_what_could_not_be_written_is_written_later);
  return s;
}

GST_CHECK_MAIN (state_file);
