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

/* Only its owner may see it. */
#define FILE_MODE 0600
/* What could not be written is written again after this, then after twice as long, and so
 * on up to the second: a disk that is full may stay so for hours. */
#define MIN_PAUSE_US (1 * G_USEC_PER_SEC)
#define MAX_PAUSE_US (60 * G_USEC_PER_SEC)
/* How long its end waits for a disk that does not answer. */
#define CLOSE_TIMEOUT_US (1 * G_USEC_PER_SEC)

/* Whoever has the lock of the file at `path` writes it. The lock moves with each new
 * file: that is locked before it takes the place of the one before. */
struct _GstRcastStateFile
{
  gatomicrefcount ref_count;
  gchar *path;                  /* constant */
  gchar *fresh;                 /* constant: where a new one is written */

  GMutex lock;                  /* a leaf */
  GCond written;                /* lock */
  GCond wanted;                 /* lock: there is another text, or it is to end */
  gint fd;                      /* lock: with the file's lock; the thread's while it runs; -1: closed */
  gchar *text;                  /* lock: to be written, nullable */
  gboolean running;             /* lock: the thread */
  gboolean closing;             /* lock: there are no more attempts */
  gboolean failed;              /* lock: and it was told */
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

/* Returns: (nullable): why the file is not one to be touched */
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

/* Where a file system has no locks, there is no second user to be seen. */
static gboolean
take_lock (gint fd)
{
  return flock (fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

/* Returns: a file with the lock that is none of another's, -1 with @error */
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
 * @path: where it is; made if it is not there
 * @max_size: what is larger is none
 * @content: (out) (transfer full): what is in it
 * @error: of #GIOErrorEnum; it names the file and what to do
 *
 * Returns: (nullable): nobody else has it until gst_rcast_state_file_close(), and each
 *   other one that opens it meanwhile fails
 */
GstRcastStateFile *
gst_rcast_state_file_open (const gchar * path, gsize max_size,
    GBytes ** content, GError ** error)
{
  GstRcastStateFile *file;
  struct stat info;
  gint fd;

  fd = open_locked (path, max_size, &info, error);
  /* It was replaced in between: whoever did that has the lock. */
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

/* So that the name of the new file is on the disk as well. */
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

/* Returns: the new file, which is in place and has the lock; -1: there is none */
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

/* lock, which is let go meanwhile. Until there is another text, or @pause is over */
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

/* @failed: queues what it is told, as it is called under a lock */
void
gst_rcast_state_file_watch (GstRcastStateFile * file,
    GstRcastStateFileFailed failed, gpointer data)
{
  g_mutex_lock (&file->lock);
  file->on_failed = failed;
  file->data = data;
  g_mutex_unlock (&file->lock);
}

/* Takes @text. The last one counts. Does not wait. */
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

/* Waits until the last text is written, bounded. Takes NULL. */
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
  /* The thread may still have its reference, but not the file: the next one gets it. */
  if (!file->running) {
    close (file->fd);
    file->fd = -1;
  }
  g_mutex_unlock (&file->lock);
  state_file_unref (file);
}
