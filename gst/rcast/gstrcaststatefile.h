/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A small file that outlives the process: read once, written atomically on a thread of its own. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _GstRcastStateFile GstRcastStateFile;

/* Called on the writing thread when a write fails for the first time, or, with %NULL, when a
 * write works again. */
typedef void (*GstRcastStateFileFailed) (const GError * error, gpointer data);

GstRcastStateFile * gst_rcast_state_file_open  (const gchar             * path,
                                                gsize                     max_size,
                                                GBytes                 ** content,
                                                GError                 ** error);
const gchar *       gst_rcast_state_file_get_path (const GstRcastStateFile * file);
void                gst_rcast_state_file_watch (GstRcastStateFile       * file,
                                                GstRcastStateFileFailed   failed,
                                                gpointer                  data);
void                gst_rcast_state_file_write (GstRcastStateFile       * file,
                                                gchar                   * text);
void                gst_rcast_state_file_close (GstRcastStateFile       * file);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRcastStateFile, gst_rcast_state_file_close)

G_END_DECLS
