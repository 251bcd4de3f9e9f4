/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastsink: a useless state-file causes one warning, and files of
 * other programs stay untouched. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <gst/check/gstcheck.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEADER "gst-rcast sessions 1\n"

typedef struct
{
  gchar *folder, *path;
} Place;

static void
place_init (Place * place)
{
  place->folder = g_dir_make_tmp ("rcast-state-XXXXXX", NULL);
  fail_unless (place->folder != NULL);
  place->path = g_build_filename (place->folder, "state", NULL);
}

static void
place_clear (Place * place)
{
  g_autoptr (GDir) dir = g_dir_open (place->folder, 0, NULL);
  const gchar *name;

  while ((name = g_dir_read_name (dir))) {
    g_autofree gchar *path = g_build_filename (place->folder, name, NULL);

    g_remove (path);
  }
  g_chmod (place->folder, 0700);
  assert_equals_int (g_rmdir (place->folder), 0);
  g_free (place->folder);
  g_free (place->path);
}

typedef struct
{
  GstElement *sink;
  GstBus *bus;
} Sink;

/* Starts a sink to READY: it reads the file, but contacts no server. */
static void
sink_start (Sink * sink, const gchar * path)
{
  sink->sink = gst_element_factory_make ("rcastsink", NULL);
  fail_unless (sink->sink != NULL);
  gst_object_ref_sink (sink->sink);
  sink->bus = gst_bus_new ();
  gst_element_set_bus (sink->sink, sink->bus);
  g_object_set (sink->sink, "location", "http://127.0.0.1:1/whip", "state-file",
      path, NULL);
  assert_equals_int (gst_element_set_state (sink->sink, GST_STATE_READY),
      GST_STATE_CHANGE_SUCCESS);
}

static void
sink_end (Sink * sink)
{
  gst_element_set_state (sink->sink, GST_STATE_NULL);
  gst_element_set_bus (sink->sink, NULL);
  gst_object_unref (sink->bus);
  gst_object_unref (sink->sink);
}

/* Returns: (nullable) (transfer full): the only warning on the bus */
static gchar *
take_warning (Sink * sink)
{
  GstMessage *message = gst_bus_pop_filtered (sink->bus, GST_MESSAGE_WARNING);
  g_autoptr (GError) error = NULL;

  if (!message)
    return NULL;
  gst_message_parse_warning (message, &error, NULL);
  gst_message_unref (message);
  message = gst_bus_pop_filtered (sink->bus, GST_MESSAGE_WARNING);
  fail_unless (message == NULL);
  return g_strdup (error->message);
}

static const struct
{
  const gchar *content;
  const gchar *warning;         /* text of the warning; NULL: no warning */
  gboolean kept;                /* whether the file stays as it was */
} files[] = {
  {NULL, NULL, FALSE},
  {"", NULL, FALSE},
  {HEADER, NULL, FALSE},
  {HEADER "1700000000 http://127.0.0.1:1 http://127.0.0.1:1/s\n", NULL, FALSE},
  {HEADER "garbage\nmore of it\n", "2 lines make no sense", FALSE},
  {"PK\003\004 a letter to my aunt\n", "no file of rcastsink's", TRUE},
  {"root:x:0:0:root:/root:/bin/sh\n", "name another one", TRUE},
};

GST_START_TEST (test_what_is_in_a_file)
{
  Place place;
  Sink sink;
  g_autofree gchar *warning = NULL;
  g_autofree gchar *after = NULL;

  place_init (&place);
  if (files[__i__].content)
    g_file_set_contents_full (place.path, files[__i__].content, -1, 0, 0600,
        NULL);
  sink_start (&sink, place.path);
  warning = take_warning (&sink);
  fail_unless ((warning != NULL) == (files[__i__].warning != NULL), "%s",
      warning);
  if (warning) {
    fail_unless (strstr (warning, files[__i__].warning) != NULL, "%s", warning);
    fail_unless (strstr (warning, place.path) != NULL, "%s", warning);
  }
  sink_end (&sink);
  g_file_get_contents (place.path, &after, NULL, NULL);
  if (files[__i__].kept)
    assert_equals_string (after, files[__i__].content);
  place_clear (&place);
}

GST_END_TEST;

/* Paths that cannot be a state file */
typedef enum
{
  FOLDER,
  NO_FOLDER,
  LINK,
  PIPE,
  HUGE_FILE,
  OPEN_TO_OTHERS,
  N_PATHS
} Path;

static void
make_path (Place * place, Path path)
{
  g_autofree gchar *target = NULL;

  switch (path) {
    case FOLDER:
      assert_equals_int (g_mkdir (place->path, 0700), 0);
      break;
    case NO_FOLDER:
      target = g_strconcat (place->path, "/deeper", NULL);
      g_free (place->path);
      place->path = g_steal_pointer (&target);
      break;
    case LINK:
      target = g_strconcat (place->path, ".target", NULL);
      assert_equals_int (symlink (target, place->path), 0);
      break;
    case PIPE:
      assert_equals_int (mkfifo (place->path, 0600), 0);
      break;
    case HUGE_FILE:
      g_file_set_contents_full (place->path, HEADER, -1, 0, 0600, NULL);
      assert_equals_int (truncate (place->path, G_GINT64_CONSTANT (1) << 40),
          0);
      break;
    case OPEN_TO_OTHERS:
      g_file_set_contents (place->path, HEADER, -1, NULL);
      g_chmod (place->path, 0666);
      break;
    case N_PATHS:
      break;
  }
}

GST_START_TEST (test_path_that_is_no_file_for_us)
{
  Place place;
  Sink sink;
  g_autofree gchar *warning = NULL;

  place_init (&place);
  make_path (&place, __i__);
  sink_start (&sink, place.path);
  warning = take_warning (&sink);
  fail_unless (warning != NULL && strstr (warning, place.path), "%s", warning);
  sink_end (&sink);
  place_clear (&place);
}

GST_END_TEST;

/* Waits until the sink has released the file. NULL waits only a second for a slow disk; a write
 * that takes longer keeps the lock. */
static void
wait_for_lock (const gchar * path)
{
  GStatBuf locked, there;
  gint fd;

  do {
    fd = g_open (path, O_RDWR | O_CLOEXEC, 0);
    fail_unless (fd >= 0 && flock (fd, LOCK_EX) == 0 && fstat (fd, &locked) == 0
        && g_stat (path, &there) == 0, "%s", g_strerror (errno));
    close (fd);
  } while (locked.st_ino != there.st_ino);
}

/* The second sink goes without the file, and gets it once the first one has ended. */
GST_START_TEST (test_two_with_the_same_file)
{
  Place place;
  Sink one, two;
  g_autofree gchar *warning = NULL;

  place_init (&place);
  sink_start (&one, place.path);
  fail_unless (take_warning (&one) == NULL);
  for (guint i = 0; i < 3; i++) {
    sink_start (&two, place.path);
    g_free (warning);
    warning = take_warning (&two);
    fail_unless (warning && strstr (warning, "in use by another rcastsink"),
        "%s", warning);
    sink_end (&two);
  }
  sink_end (&one);
  wait_for_lock (place.path);
  sink_start (&two, place.path);
  g_free (warning);
  warning = take_warning (&two);
  fail_unless (warning == NULL, "%s", warning);
  sink_end (&two);
  place_clear (&place);
}

GST_END_TEST;

/* An entry stays in the file until a server has said something about its session. */
GST_START_TEST (test_file_keeps_what_has_not_ended)
{
  static const gchar line[] =
      " http://127.0.0.1:1 http://127.0.0.1:1/session?key=1\n";
  g_autofree gchar *content = g_strdup_printf (HEADER "%" G_GINT64_FORMAT "%s",
      g_get_real_time () / G_USEC_PER_SEC - 60, line);
  Place place;
  Sink sink;
  GStatBuf info;
  g_autofree gchar *after = NULL;

  place_init (&place);
  g_file_set_contents_full (place.path, content, -1, 0, 0644, NULL);
  for (guint i = 0; i < 2; i++) {
    sink_start (&sink, place.path);
    fail_unless (take_warning (&sink) == NULL);
    sink_end (&sink);
  }
  g_file_get_contents (place.path, &after, NULL, NULL);
  fail_unless (g_str_has_prefix (after, HEADER), "%s", after);
  fail_unless (g_str_has_suffix (after, line), "%s", after);
  assert_equals_int (g_stat (place.path, &info), 0);
  assert_equals_int (info.st_mode & 07777, 0600);
  place_clear (&place);
}

GST_END_TEST;

static Suite *
rcastsink_state_file_suite (void)
{
  Suite *s = suite_create ("rcastsink-state-file");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_what_is_in_a_file, 0, G_N_ELEMENTS (files));
  tcase_add_loop_test (tc, test_path_that_is_no_file_for_us, 0, N_PATHS);
  tcase_add_test (tc, test_two_with_the_same_file);
  tcase_add_test (tc, test_file_keeps_what_has_not_ended);
  return s;
}

GST_CHECK_MAIN (rcastsink_state_file);
