/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Aligns a live stream's timestamps with the arrival of its packets, whatever clock made them. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstRcastDrift:
 * @total: correction of timestamps so far, in ns; negative: they ran ahead
 *
 * One stream.
 */
typedef struct {
  gint64 total;

  /*< private >*/
  gboolean started;
  gboolean active;              /* drift was detected */
  GstClockTime last_time;
  gint64 stepped;               /* part of @total that was applied in large steps */
  gint64 slewed;                /* @total less the followed drift, as far as it was applied */
  GstClockTime bucket_start;
  gint64 bucket_lag, last_bucket_lag;   /* the least lag; G_MAXINT64: none */
  guint n_packets, n_prompt;    /* in the bucket */
  gint64 lag;                   /* the least lag before any drift */
  gint64 measured;              /* lag at the end of the previous bucket */
  gboolean has_lag;
  gint steps;                   /* in a row; the sign is their direction */
} GstRcastDrift;

/**
 * GstRcastDriftOutput:
 * @due: running time at which the packet is due; never later than now
 * @slewed: what to add to RTP timestamps of video: follows the correction without jumps
 * @stepped: what to add to RTP timestamps of audio, which count samples: only the large
 *   steps of the correction, which all go forward
 */
typedef struct {
  GstClockTime due;
  gint64 slewed;
  gint64 stepped;
} GstRcastDriftOutput;

/**
 * GstRcastPace:
 * @prompt: whether the latest data did not wait for the data before it
 *
 * How busy the chain of a stream is. Data that waits in front of a slow chain is late, but that
 * says nothing about the clock of the source.
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
