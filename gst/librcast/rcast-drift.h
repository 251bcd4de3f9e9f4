/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keeps the timestamps of a live stream in pace with the arrival of its packets, whatever clock made them. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstRcastDrift:
 * @total: by how much timestamps were corrected so far, in ns; negative: they ran ahead
 *
 * One stream.
 */
typedef struct {
  gint64 total;

  /*< private >*/
  gboolean started;
  gboolean active;              /* it drifts */
  GstClockTime last_time;
  gint64 stepped;               /* part of @total that came in large steps */
  gint64 slewed;                /* @total, less what is followed, as far as it was reached */
  GstClockTime bucket_start;
  gint64 bucket_lag, last_bucket_lag;   /* the least; G_MAXINT64: none */
  guint n_packets, n_prompt;    /* of the bucket */
  gint64 lag;                   /* the least that the stream had when it was well */
  gint64 measured;              /* at the end of the bucket before */
  gboolean has_lag;
  gint steps;                   /* in a row, in the direction of the sign */
} GstRcastDrift;

/**
 * GstRcastDriftOutput:
 * @due: running time at which the packet is due; never later than now
 * @slewed: what to add to the RTP timestamps of video: follows the correction without
 *   a jump
 * @stepped: what to add to the RTP timestamps of audio, which count samples: only
 *   large steps of the correction, all forward
 */
typedef struct {
  GstClockTime due;
  gint64 slewed;
  gint64 stepped;
} GstRcastDriftOutput;

/**
 * GstRcastPace:
 * @prompt: what came last had not to wait for what came before it
 *
 * How busy the chain of a stream is. Data that waits in front of a chain that is too slow
 * is late, which says nothing about the clock of its source.
 */
typedef struct {
  gboolean prompt;

  /*< private >*/
  GstClockTime entered, left;
} GstRcastPace;

void gst_rcast_pace_init    (GstRcastPace        * pace);
void gst_rcast_pace_enter   (GstRcastPace        * pace,
                             GstClockTime          now);
void gst_rcast_pace_leave   (GstRcastPace        * pace,
                             GstClockTime          now);

void gst_rcast_drift_init   (GstRcastDrift       * drift);
void gst_rcast_drift_follow (GstRcastDrift       * drift,
                             GstClockTime          time,
                             GstClockTime          now,
                             gboolean              prompt,
                             gint64                follow,
                             GstRcastDriftOutput * output);

G_END_DECLS
