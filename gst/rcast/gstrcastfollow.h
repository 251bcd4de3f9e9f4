/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes one stream follow the rate that the network carries. */
#pragma once

#include <gst/gst.h>

#include "gstrcastencoding.h"
#include "rcast-follow.h"
#include "rcast-report.h"

G_BEGIN_DECLS

#define GST_TYPE_RCAST_FOLLOW (gst_rcast_follow_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastFollow, gst_rcast_follow, GST, RCAST_FOLLOW, GstObject)

/**
 * GstRcastFollowCallbacks:
 * @start: receivers need a key frame
 * @report: the network carries @target bit/s of the stream, and @bitrate come in. Called each
 *   time that frames of a stream that does not follow are first dropped. Or the network carries
 *   less than the minimum @bitrate, or that much again.
 *
 * Called on the streaming thread.
 */
typedef struct {
  void (*start)  (gpointer data);
  void (*report) (GstRcastTrouble trouble, gint64 target, guint bitrate, gpointer data);
} GstRcastFollowCallbacks;

/* Id of the stream's property */
GParamSpec *     gst_rcast_follow_make_spec  (void);

GstRcastFollow * gst_rcast_follow_new        (GstElement * stream, GstRcastMedia media,
                                              GstRcastEncoding * encoding, GstPad * packets,
                                              const GstRcastFollowCallbacks * callbacks, gpointer data);
void             gst_rcast_follow_set_target (GstRcastFollow * self, gconstpointer owner, guint64 bits,
                                              const gchar * reason);
guint64          gst_rcast_follow_get_target (GstRcastFollow * self);
const gchar *    gst_rcast_follow_get_reason (GstRcastFollow * self);
void             gst_rcast_follow_attach     (GstRcastFollow * self, GstElement * chain);
void             gst_rcast_follow_detach     (GstRcastFollow * self);
void             gst_rcast_follow_add_stats  (GstRcastFollow * self, GstStructure * stats);

G_END_DECLS
