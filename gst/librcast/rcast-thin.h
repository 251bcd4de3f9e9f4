/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Drops frames of a video that does not follow the network. */
#pragma once

#include <gst/gst.h>

#include "rcast-follow.h"
#include "rcast-layers.h"

G_BEGIN_DECLS

/**
 * GstRcastThinState:
 * @GST_RCAST_THIN_OFF: all frames are sent
 * @GST_RCAST_THIN_ON: frames that no other frame needs, or of higher layers, may be dropped
 * @GST_RCAST_THIN_WAITS: all frames up to the next key frame are dropped
 */
typedef enum {
  GST_RCAST_THIN_OFF,
  GST_RCAST_THIN_ON,
  GST_RCAST_THIN_WAITS,
} GstRcastThinState;

/**
 * GstRcastThinVerdict:
 * @GST_RCAST_THIN_SEND: send the frame
 * @GST_RCAST_THIN_DROP: drop the frame
 * @GST_RCAST_THIN_ASK: drop the frame, and ask for a key frame
 */
typedef enum {
  GST_RCAST_THIN_SEND,
  GST_RCAST_THIN_DROP,
  GST_RCAST_THIN_ASK,
} GstRcastThinVerdict;

/**
 * GstRcastThinMeter:
 * @start: when the measurement began
 * @bits: bits that have come since then
 * @target: highest target since then, in bit/s
 *
 * Measures a rate. A plain struct.
 */
typedef struct {
  GstClockTime start;
  guint64 bits, target;
} GstRcastThinMeter;

/**
 * GstRcastThin:
 *
 * The state of one video. A plain struct; the fields belong to the functions.
 */
typedef struct {
  /*< private >*/
  GstRcastThinState state;
  gboolean news;
  GstRcastFollowDebt debt;      /* of the frames that are sent */
  guint layer, highest;         /* highest layer that is sent, and that was seen */
  GstRcastThinMeter window, long_window;
  guint64 offered;              /* bit/s that came in the last window */
  guint n_over;                 /* windows in a row that were over the target */
  gboolean within;              /* the last long window was within the target */
} GstRcastThin;

void                gst_rcast_thin_init        (GstRcastThin              * thin);
void                gst_rcast_thin_set_target  (GstRcastThin              * thin,
                                                guint64                     target);
GstRcastThinVerdict gst_rcast_thin_judge       (GstRcastThin              * thin,
                                                const GstRcastLayersFrame * frame,
                                                GstClockTime                now);
void                gst_rcast_thin_add         (GstRcastThin              * thin,
                                                gsize                       bytes,
                                                gboolean                    sent);
gboolean            gst_rcast_thin_take_news   (GstRcastThin              * thin,
                                                guint64                   * offered);

G_END_DECLS
