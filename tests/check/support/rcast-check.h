/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Shared by tests: checks for leaks, and workarounds for bugs of other libraries. */
#pragma once

#include <string.h>

#include <gst/check/gstcheck.h>

#include "process.h"

G_BEGIN_DECLS

/* Lets warnings of two GStreamer 1.22 bugs pass. rtpsession drops its lock while it iterates
 * over its sources for a report; a new source then ends the iteration. srtpdec copies the
 * segment of one pad to the other, but a teardown may just have removed that segment. */
static inline gboolean
rcast_check_is_fatal (const gchar * domain, GLogLevelFlags level,
    const gchar * message, gpointer data)
{
  return !strstr (message, "g_hash_table_foreach: assertion 'version ==")
      && !(strstr (message, "<srtpdec")
      && strstr (message, "data flow before segment"));
}

/* For tests with a webrtcbin. They also need openssl-exit.c. Call it before a test is forked.
 * dtlssrtpdec makes the DTLS certificate of a process, which takes a quarter of a second; all
 * forked tests share it. */
static inline void
rcast_check_survive_plugins (void)
{
  gst_object_unref (gst_object_ref_sink (gst_element_factory_make ("dtlssrtpdec", NULL)));
  g_test_log_set_fatal_handler (rcast_check_is_fatal, NULL);
}

/* A limit for waits; long, because the machine may be busy. */
#define RCAST_CHECK_PATIENCE (60 * G_TIME_SPAN_SECOND)

/* Returns: the factor by which an element runs slower: CK_TIMEOUT_MULTIPLIER, which the valgrind
 * setup sets */
static inline guint
rcast_check_slowness (void)
{
  const gchar *text = g_getenv ("CK_TIMEOUT_MULTIPLIER");
  guint64 slowness = 1;

  if (text)
    g_ascii_string_to_unsigned (text, 10, 1, 100, &slowness, NULL);
  return slowness;
}

/* Returns: the end of a wait that begins now, in monotonic time */
static inline gint64
rcast_check_get_end (void)
{
  return g_get_monotonic_time () + RCAST_CHECK_PATIENCE * rcast_check_slowness ();
}

/* Threads that GIO and GStreamer may start once for themselves */
#define RCAST_CHECK_OWN_THREADS 2

/* Descriptors and threads of the process, before a test repeats an operation */
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

/* The kernel does not report the end of a thread, and on a busy machine it comes late. So this
 * polls. */
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
