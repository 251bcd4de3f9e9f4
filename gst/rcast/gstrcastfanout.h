/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hands the packets of one stream to any number of feeds, forwards their key frame requests,
 * and counts. */
#pragma once

#include <gst/gst.h>

#include "gstrcastfeed.h"
#include "gstrcastsync.h"
#include "rcast-codec.h"
#include "rcast-report.h"
#include "rcast-stall.h"

G_BEGIN_DECLS

/**
 * GstRcastFanoutCallbacks:
 * @caps: the packets have other caps from now on
 * @jumped: the incoming RTP timestamps jumped by this many ns
 * @report: timestamps of a live source are @ahead of its arrival, in ns, or a feed dropped
 *   @count packets that it could not send; each at most once a minute
 *
 * Called on the streaming thread, without a lock of the fan-out.
 */
typedef struct {
  void (*caps) (GstCaps * caps, gpointer data);
  void (*jumped) (gint64 jump, gpointer data);
  void (*report) (GstRcastTrouble trouble, gint64 ahead, guint count, gpointer data);
} GstRcastFanoutCallbacks;

#define GST_TYPE_RCAST_FANOUT (gst_rcast_fanout_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastFanout, gst_rcast_fanout, GST, RCAST_FANOUT, GstObject)

GstRcastFanout * gst_rcast_fanout_new               (const gchar * name, GstRcastMedia media,
                                                     const GstRcastFanoutCallbacks * callbacks, gpointer data);
void             gst_rcast_fanout_enter             (GstRcastFanout * fanout);
void             gst_rcast_fanout_set_sync          (GstRcastFanout * fanout, GstRcastSync * sync);
GstElement *     gst_rcast_fanout_get_sink          (GstRcastFanout * fanout);
GstPad *         gst_rcast_fanout_get_sink_pad      (GstRcastFanout * fanout);
const gchar *    gst_rcast_fanout_get_encoding_name (GstRcastFanout * fanout);

GstElement *     gst_rcast_fanout_add_feed          (GstRcastFanout * fanout);
void             gst_rcast_fanout_remove_feed       (GstRcastFanout * fanout, GstElement * feed);
void             gst_rcast_fanout_request_keyframe  (GstRcastFanout * fanout);

void             gst_rcast_fanout_set_start         (GstRcastFanout * fanout, GstRcastVideoStart start, guint wait);
void             gst_rcast_fanout_count_input       (GstRcastFanout * fanout, guint n_buffers);
void             gst_rcast_fanout_count_invalid     (GstRcastFanout * fanout, guint n);
void             gst_rcast_fanout_place             (GstRcastFanout * fanout, guint missing, gint late);
gboolean         gst_rcast_fanout_has_ended         (GstRcastFanout * fanout);
void             gst_rcast_fanout_flush             (GstRcastFanout * fanout);
void             gst_rcast_fanout_start             (GstRcastFanout * fanout);
void             gst_rcast_fanout_stop              (GstRcastFanout * fanout);

void             gst_rcast_fanout_get_stall          (GstRcastFanout * fanout, GstRcastStall * stall);
void             gst_rcast_fanout_set_stall          (GstRcastFanout * fanout, const GstRcastStall * stall);
void             gst_rcast_fanout_add_stats         (GstRcastFanout * fanout, GstStructure * stats);

G_END_DECLS
