/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What several tests need: nothing left behind, and no failure by others' bugs. */
#pragma once

#include <dlfcn.h>
#include <string.h>

#include <gst/check/gstcheck.h>

#include "process.h"

G_BEGIN_DECLS

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
 * sources for a report; if a source comes just then it stops walking. Its srtpdec copies the
 * segment of one pad to the other one, from where a teardown may have taken it just then. */
static inline gboolean
rcast_check_is_fatal (const gchar * domain, GLogLevelFlags level,
    const gchar * message, gpointer data)
{
  return !strstr (message, "g_hash_table_foreach: assertion 'version ==")
      && !(strstr (message, "<srtpdec")
      && strstr (message, "data flow before segment"));
}

/* For tests with a webrtcbin; to be called before a test is forked. The certificate of
 * DTLS, of one process, takes a quarter of a second: it is made for all of them. */
static inline void
rcast_check_survive_plugins (void)
{
  rcast_check_keep_openssl ();
  gst_object_unref (gst_object_ref_sink (gst_element_factory_make ("dtlssrtpdec", NULL)));
  g_test_log_set_fatal_handler (rcast_check_is_fatal, NULL);
}

/* A bound against hanging, for a machine that is busy with other things. */
#define RCAST_CHECK_PATIENCE (60 * G_TIME_SPAN_SECOND)

/* How many times slower than itself an element runs: CK_TIMEOUT_MULTIPLIER, which the
 * setup for valgrind sets. */
static inline guint
rcast_check_slowness (void)
{
  const gchar *text = g_getenv ("CK_TIMEOUT_MULTIPLIER");
  guint64 slowness = 1;

  if (text)
    g_ascii_string_to_unsigned (text, 10, 1, 100, &slowness, NULL);
  return slowness;
}

/* When a wait that begins now gives up, in monotonic time */
static inline gint64
rcast_check_get_end (void)
{
  return g_get_monotonic_time () + RCAST_CHECK_PATIENCE * rcast_check_slowness ();
}

/* GIO and GStreamer start one or the other for themselves, once. */
#define RCAST_CHECK_OWN_THREADS 2

/* What a process holds before a test does something many times. */
typedef struct
{
  guint fds;
  guint threads;
} RcastTally;

static inline void
rcast_tally_count (RcastTally * tally)
{
  /* Idle threads of GLib's pools come and go by themselves. */
  g_thread_pool_set_max_unused_threads (0);
  g_thread_pool_stop_unused_threads ();
  tally->fds = process_count_fds ();
  tally->threads = process_count_threads ();
}

/* The kernel tells nobody when a thread that has done its work is gone, and a
 * busy one takes its time, so this looks until it is. */
static inline void
rcast_tally_check (const RcastTally * before)
{
  gint64 end = g_get_monotonic_time () + RCAST_CHECK_PATIENCE;
  RcastTally now;

  for (;;) {
    rcast_tally_count (&now);
    if (now.fds <= before->fds
        && now.threads <= before->threads + RCAST_CHECK_OWN_THREADS)
      return;
    fail_unless (g_get_monotonic_time () < end, "%u descriptors, were %u; "
        "%u threads, were %u", now.fds, before->fds, now.threads,
        before->threads);
    g_usleep (G_USEC_PER_SEC / 100);
  }
}

G_END_DECLS
