/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The resources of this process, from the system: files, threads, memory, CPU time. */
#pragma once

#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <glib.h>

G_BEGIN_DECLS

static inline guint
process_count_entries (const gchar * path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint count = 0;

  while (dir && g_dir_read_name (dir))
    count++;
  return count;
}

/* Leaves out the descriptor that the count itself opens. */
static inline guint
process_count_fds (void)
{
  return process_count_entries ("/proc/self/fd") - 1;
}

static inline guint
process_count_threads (void)
{
  return process_count_entries ("/proc/self/task");
}

/* Returns: 0 if it is unknown */
static inline guint
process_get_resident_kib (void)
{
  g_autofree gchar *statm = NULL;
  g_auto (GStrv) words = NULL;

  if (!g_file_get_contents ("/proc/self/statm", &statm, NULL, NULL))
    return 0;
  words = g_strsplit (statm, " ", 3);
  return (guint) atoi (words[1]) * (guint) (sysconf (_SC_PAGESIZE) / 1024);
}

static inline gdouble
process_get_cpu_seconds (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return usage.ru_utime.tv_sec + usage.ru_utime.tv_usec / 1e6
      + usage.ru_stime.tv_sec + usage.ru_stime.tv_usec / 1e6;
}

/* Returns: voluntary context switches of all threads, ended ones included */
static inline guint64
process_get_waits (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return usage.ru_nvcsw;
}

G_END_DECLS
