/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A thread with its own GMainContext: all decisions are taken there. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _GstRcastLoop GstRcastLoop;

GstRcastLoop * gst_rcast_loop_new         (const gchar    * name);
GstRcastLoop * gst_rcast_loop_ref         (GstRcastLoop   * loop);
void           gst_rcast_loop_unref       (GstRcastLoop   * loop);
void           gst_rcast_loop_stop        (GstRcastLoop   * loop);
gboolean       gst_rcast_loop_is_current  (GstRcastLoop   * loop);
GMainContext * gst_rcast_loop_get_context (GstRcastLoop   * loop);
void           gst_rcast_loop_invoke      (GstRcastLoop   * loop,
                                           GSourceFunc      func,
                                           gpointer         data,
                                           GDestroyNotify   notify);
GSource *      gst_rcast_loop_add_timeout (GstRcastLoop   * loop,
                                           guint            ms,
                                           GSourceFunc      func,
                                           gpointer         data);
void           gst_rcast_loop_keep_polling (GstRcastLoop  * loop);
GSource *      gst_rcast_loop_add_beat    (GstRcastLoop   * loop,
                                           guint            ms,
                                           guint            early_ms,
                                           GSourceFunc      func,
                                           gpointer         data);
void           gst_rcast_loop_hold        (GstRcastLoop   * loop);
void           gst_rcast_loop_release     (GstRcastLoop   * loop);

/* These run on the caller's thread-default main context. */
GSource *      gst_rcast_timer_start      (guint            ms,
                                           GSourceFunc      func,
                                           gpointer         data);
GSource *      gst_rcast_limit_new        (guint            ms);
GSource *      gst_rcast_limit_start      (guint            ms,
                                           GSourceFunc      func,
                                           gpointer         data);
GSource *      gst_rcast_cancel_start     (GCancellable   * cancellable,
                                           GCancellableSourceFunc func,
                                           gpointer         data);
void           gst_rcast_source_clear     (GSource       ** source);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRcastLoop, gst_rcast_loop_unref)

G_END_DECLS
