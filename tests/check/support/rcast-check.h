/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What several tests need: threads and files counted, and no failure by others' bugs. */
#pragma once

#include <dlfcn.h>
#include <string.h>

#include <glib.h>

G_BEGIN_DECLS

static inline guint
rcast_check_count_entries (const gchar * path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint count = 0;

  while (dir && g_dir_read_name (dir))
    count++;
  return count;
}

/* Without the one that counting opens. */
static inline guint
rcast_check_count_fds (void)
{
  return rcast_check_count_entries ("/proc/self/fd") - 1;
}

static inline guint
rcast_check_count_threads (void)
{
  return rcast_check_count_entries ("/proc/self/task");
}

/* Of OpenSSL 1.1.1 and later. */
#define RCAST_CHECK_OPENSSL_INIT_NO_ATEXIT 0x00080000

/* OpenSSL cleans up when a process exits, and again what belongs to a thread when
 * that exits. At the same time that frees twice, and threads of webrtcbin's may
 * take a moment to end. */
static inline void
rcast_check_keep_openssl (void)
{
  void *library = dlopen ("libcrypto.so.3", RTLD_NOW | RTLD_NODELETE);
  int (*init) (guint64 options, const void *settings);

  if (!library)
    return;
  *(void **) &init = dlsym (library, "OPENSSL_init_crypto");
  if (init)
    init (RCAST_CHECK_OPENSSL_INIT_NO_ATEXIT, NULL);
}

/* The RTP session of GStreamer 1.22 lets go of its lock while it walks through its
 * sources for a report; if a source comes just then it stops walking. */
static inline gboolean
rcast_check_is_fatal (const gchar * domain, GLogLevelFlags level,
    const gchar * message, gpointer data)
{
  return !strstr (message, "g_hash_table_foreach: assertion 'version ==");
}

/* For tests with a webrtcbin; to be called before a test is forked. */
static inline void
rcast_check_survive_plugins (void)
{
  rcast_check_keep_openssl ();
  g_test_log_set_fatal_handler (rcast_check_is_fatal, NULL);
}

G_END_DECLS
