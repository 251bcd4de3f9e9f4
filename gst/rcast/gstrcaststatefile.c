/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A small file that outlives the process: read once, written atomically on a thread of its own. */
#include "config.h"

#include "gstrcaststatefile.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Only its owner may read it. */
#define FILE_MODE 0600
/* Pause after a failed write. It doubles each time, up to the second value: a full disk may stay
 * full for hours. */
#define MIN_PAUSE_US (1 * G_USEC_PER_SEC)
#define MAX_PAUSE_US (60 * G_USEC_PER_SEC)
/* How long close waits for a disk that does not answer. */
#define CLOSE_TIMEOUT_US (1 * G_USEC_PER_SEC)

/* The holder of the lock on the file at `path` writes it. The lock moves on with each new file,
 * which is locked before it replaces the former one. */
struct _GstRcastStateFile
{
  gatomicrefcount ref_count;
  gchar *path;                  /* constant */
  gchar *fresh;                 /* constant: path of a new file */

  GMutex lock;                  /* a leaf */
  GCond written;                /* lock */
  GCond wanted;                 /* lock: there is a new text, or the file is to be closed */
  gint fd;                      /* lock: locked file, the thread's while it runs; -1: closed */
  gchar *text;                  /* lock: to be written; nullable */
  gboolean running;             /* lock: the thread runs */
  gboolean closing;             /* lock: no more attempts */
  gboolean failed;              /* lock: the last write failed, and that was reported */
  GstRcastStateFileFailed on_failed;    /* lock; nullable */
  gpointer data;                /* lock */
};

static void
state_file_unref (GstRcastStateFile * file)
{
  if (!g_atomic_ref_count_dec (&file->ref_count))
    return;
  if (file->fd >= 0)
    close (file->fd);
  g_free (file->text);
  g_free (file->path);
  g_free (file->fresh);
  g_mutex_clear (&file->lock);
  g_cond_clear (&file->written);
  g_cond_clear (&file->wanted);
  g_free (file);
}

static void
set_errno_error (GError ** error, const gchar * path, const gchar * what)
{
  gint code = errno;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code),
      "state-file \"%s\" %s: %s", path, what, g_strerror (code));
}

/* Reading */

/* Returns: (nullable): why the file must not be used */
static const gchar *
find_fault (const struct stat *info, gsize max_size)
{
  if (!S_ISREG (info->st_mode))
    return "is no regular file";
  if (info->st_uid != geteuid ())
    return "belongs to another user";
  if (info->st_mode & (S_IWGRP | S_IWOTH))
    return "may be written by other users";
  if ((gsize) info->st_size > max_size)
    return "is larger than any of its kind";
  return NULL;
}

static GBytes *
read_all (gint fd, gsize size)
{
  gchar *text = g_malloc (size + 1);
  gsize done = 0;
  gssize n;

  while (done < size) {
    n = read (fd, text + done, size - done);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      break;
    done += n;
  }
  return g_bytes_new_take (text, done);
}

/* Whether the file at @path is still the one that was opened. */
static gboolean
is_at (const gchar * path, const struct stat *info)
{
  struct stat now;

  return lstat (path, &now) == 0 && now.st_ino == info->st_ino
      && now.st_dev == info->st_dev;
}

/* Takes the lock. A file system without locks never shows a second user. */
static gboolean
take_lock (gint fd)
{
  return flock (fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

/* Returns: a file that we have locked, -1 with @error */
static gint
open_locked (const gchar * path, gsize max_size, struct stat *info,
    GError ** error)
{
  const gchar *fault = NULL;
  gint fd;

  fd = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
      | O_NOCTTY, FILE_MODE);
  if (fd < 0) {
    set_errno_error (error, path, "cannot be used");
    return -1;
  }
  if (fstat (fd, info) < 0)
    set_errno_error (error, path, "cannot be used");
  else if ((fault = find_fault (info, max_size)))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
        "state-file \"%s\" %s and is left alone", path, fault);
  else if (!take_lock (fd))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY,
        "state-file \"%s\" is in use by another rcastsink: give each its own",
        path);
  else
    return fd;
  close (fd);
  return -1;
}

/**
 * gst_rcast_state_file_open:
 * @path: path of the file; created if it does not exist
 * @max_size: a larger file is refused
 * @content: (out) (transfer full): its content
 * @error: a #GIOErrorEnum; it names the file and what to do
 *
 * Returns: (nullable): a file that nobody else can open until gst_rcast_state_file_close()
 */
GstRcastStateFile *
gst_rcast_state_file_open (const gchar * path, gsize max_size,
    GBytes ** content, GError ** error)
{
  GstRcastStateFile *file;
  struct stat info;
  gint fd;

  fd = open_locked (path, max_size, &info, error);
  /* The file was replaced in between, by the holder of the lock. */
  if (fd >= 0 && !is_at (path, &info)) {
    close (fd);
    fd = open_locked (path, max_size, &info, error);
  }
  if (fd < 0)
    return NULL;
  *content = read_all (fd, info.st_size);
  file = g_new0 (GstRcastStateFile, 1);
  g_atomic_ref_count_init (&file->ref_count);
  g_mutex_init (&file->lock);
  g_cond_init (&file->written);
  g_cond_init (&file->wanted);
  file->path = g_strdup (path);
  file->fresh = g_strconcat (path, ".new", NULL);
  file->fd = fd;
  return file;
}

const gchar *
gst_rcast_state_file_get_path (const GstRcastStateFile * file)
{
  return file->path;
}

/* Writing */

static gboolean
write_all (gint fd, const gchar * text)
{
  gsize size = strlen (text), done = 0;
  gssize n;

  while (done < size) {
    n = write (fd, text + done, size - done);
    if (n < 0 && errno != EINTR)
      return FALSE;
    done += MAX (n, 0);
  }
  return fsync (fd) == 0;
}

/* Makes sure that the name of the new file is on the disk as well. */
static void
sync_folder (const gchar * path)
{
  g_autofree gchar *folder = g_path_get_dirname (path);
  gint fd = g_open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

  if (fd < 0)
    return;
  fsync (fd);
  close (fd);
}

/* Returns: the new file, in place and locked; -1: failed */
static gint
replace (GstRcastStateFile * file, const gchar * text, GError ** error)
{
  gint fd;

  g_unlink (file->fresh);
  fd = g_open (file->fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
      | O_NOFOLLOW, FILE_MODE);
  if (fd >= 0 && fchmod (fd, FILE_MODE) == 0 && take_lock (fd)
      && write_all (fd, text) && g_rename (file->fresh, file->path) == 0) {
    sync_folder (file->path);
    return fd;
  }
  set_errno_error (error, file->path, "cannot be written");
  if (fd >= 0) {
    close (fd);
    g_unlink (file->fresh);
  }
  return -1;
}

/* lock. @error: (nullable) */
static void
tell (GstRcastStateFile * file, const GError * error)
{
  gboolean news = file->failed != (error != NULL);

  file->failed = error != NULL;
  if (news && file->on_failed)
    file->on_failed (error, file->data);
}

/* lock, which is released meanwhile. Waits for another text, but no longer than @pause */
static void
wait_for_another (GstRcastStateFile * file, gint64 pause)
{
  gint64 end = g_get_monotonic_time () + pause;

  while (!file->text && !file->closing
      && g_cond_wait_until (&file->wanted, &file->lock, end));
}

static gpointer
run (gpointer data)
{
  GstRcastStateFile *file = data;
  gint64 pause = MIN_PAUSE_US;

  g_mutex_lock (&file->lock);
  while (file->text) {
    g_autofree gchar *text = g_steal_pointer (&file->text);
    g_autoptr (GError) error = NULL;
    gint fd;

    g_mutex_unlock (&file->lock);
    fd = replace (file, text, &error);
    if (fd >= 0) {
      close (file->fd);
      file->fd = fd;
    }
    g_mutex_lock (&file->lock);
    tell (file, error);
    if (!error) {
      pause = MIN_PAUSE_US;
      continue;
    }
    wait_for_another (file, pause);
    pause = MIN (2 * pause, MAX_PAUSE_US);
    if (!file->text && !file->closing)
      file->text = g_steal_pointer (&text);
  }
  file->running = FALSE;
  g_cond_broadcast (&file->written);
  g_mutex_unlock (&file->lock);
  state_file_unref (file);
  return NULL;
}

/* @failed: must queue its news, as it is called under a lock */
void
gst_rcast_state_file_watch (GstRcastStateFile * file,
    GstRcastStateFileFailed failed, gpointer data)
{
  g_mutex_lock (&file->lock);
  file->on_failed = failed;
  file->data = data;
  g_mutex_unlock (&file->lock);
}

/* Takes @text. Only the last one is written. Does not wait. */
void
gst_rcast_state_file_write (GstRcastStateFile * file, gchar * text)
{
  g_mutex_lock (&file->lock);
  g_free (file->text);
  file->text = text;
  g_cond_broadcast (&file->wanted);
  if (!file->running) {
    file->running = TRUE;
    g_atomic_ref_count_inc (&file->ref_count);
    g_thread_unref (g_thread_new ("rcast-state", run, file));
  }
  g_mutex_unlock (&file->lock);
}

/* Waits until the last text is written, for a limited time. Accepts NULL. */
void
gst_rcast_state_file_close (GstRcastStateFile * file)
{
  gint64 end = g_get_monotonic_time () + CLOSE_TIMEOUT_US;

  if (!file)
    return;
  g_mutex_lock (&file->lock);
  file->on_failed = NULL;
  file->closing = TRUE;
  g_cond_broadcast (&file->wanted);
  while (file->running && g_cond_wait_until (&file->written, &file->lock, end));
  /* The thread may still hold a reference, but not the file, which others may open now. */
  if (!file->running) {
    close (file->fd);
    file->fd = -1;
  }
  g_mutex_unlock (&file->lock);
  state_file_unref (file);
}
