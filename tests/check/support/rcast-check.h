/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What several tests count: threads and file descriptors of this process. */
#pragma once

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

G_END_DECLS
