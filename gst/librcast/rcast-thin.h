/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which frames of a video that does not follow the network are sent. */
#pragma once

#include <gst/gst.h>

#include "rcast-follow.h"
#include "rcast-layers.h"

G_BEGIN_DECLS

/**
 * GstRcastThinState:
 * @GST_RCAST_THIN_OFF: all frames are sent
 * @GST_RCAST_THIN_ON: those that no other needs, or of higher layers, may be left out
 * @GST_RCAST_THIN_WAITS: all are left out up to the next key frame
 */
typedef enum {
  GST_RCAST_THIN_OFF,
  GST_RCAST_THIN_ON,
  GST_RCAST_THIN_WAITS,
} GstRcastThinState;

/**
 * GstRcastThinVerdict:
 * @GST_RCAST_THIN_SEND: the frame is sent
 * @GST_RCAST_THIN_DROP: it is left out
 * @GST_RCAST_THIN_ASK: the same, and a key frame is welcome now
 */
typedef enum {
  GST_RCAST_THIN_SEND,
  GST_RCAST_THIN_DROP,
  GST_RCAST_THIN_ASK,
} GstRcastThinVerdict;

/**
 * GstRcastThinMeter:
 * @start: when it was started
 * @bits: that came since then
 * @target: bit/s that there were at most
 *
 * A plain struct.
 */
typedef struct {
  GstClockTime start;
  guint64 bits, target;
} GstRcastThinMeter;

/**
 * GstRcastThin:
 *
 * What is known of the video. A plain struct; the fields belong to the functions.
 */
typedef struct {
  /*< private >*/
  GstRcastThinState state;
  gboolean news;
  GstRcastFollowDebt debt;      /* of what is sent */
  guint layer, highest;         /* that are sent; that were seen */
  GstRcastThinMeter window, long_window;
  guint64 offered;              /* bit/s of the last window */
  guint n_over;                 /* windows in a row */
  gboolean within;              /* was the last long one */
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
