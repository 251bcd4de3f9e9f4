/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Turns the timestamps of a source into a time line without jumps: epochs that each shift by a constant. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* A timestamp that is missing, for signed running times. */
#define GST_RCAST_NO_TIME G_MININT64

#define GST_RCAST_TIMELINE_SIZE 8

/**
 * GstRcastTimeline:
 *
 * The epochs of all streams of one broadcast. A jump of one stream is usually one of
 * all: those that follow take the same shift, and stay in sync to the nanosecond.
 */
typedef struct {
  struct {
    gint64 shift;
    GstClockTime at;            /* by the clock, or NONE */
    guint number;               /* 0: none */
  } epochs[GST_RCAST_TIMELINE_SIZE];
  guint n_made;
} GstRcastTimeline;

/**
 * GstRcastEpoch:
 *
 * Where one stream is.
 */
typedef struct {
  /*< private >*/
  gboolean started;
  guint number;                 /* in the time line; 0: as the source has it */
  gint64 shift;
  gint64 last_out;
  GstClockTime last_duration;
  gint64 last_time;             /* by the source, of the last buffer that had one */
  gint64 seen_out;              /* what became of that */
  GstClockTime seen_now;        /* and when it came */
} GstRcastEpoch;

/**
 * GstRcastEpochInput:
 * @time: running time by the source, or %GST_RCAST_NO_TIME
 * @now: running time by the clock, or %GST_CLOCK_TIME_NONE while there is none
 * @duration: of the buffer, or %GST_CLOCK_TIME_NONE
 * @latency: what upstream holds back, by its answer to the latency query
 * @least_step: made timestamps are at least that far apart; 0: as they come
 * @reorder: how far timestamps may go back without a jump
 * @live: buffers come when they are due; otherwise they come when they are taken
 * @counted: the buffers follow each other without gaps, as audio does
 *
 * One buffer.
 */
typedef struct {
  gint64 time;
  GstClockTime now;
  GstClockTime duration;
  GstClockTime latency;
  GstClockTime least_step;
  GstClockTime reorder;
  gboolean live;
  gboolean counted;
} GstRcastEpochInput;

/**
 * GstRcastEpochOutput:
 * @time: running time of the buffer
 * @shift: what is to be added to its other timestamps; 0 if it had none
 * @began: an epoch began
 * @jump: how far the source's timestamps went off what was expected, if @began
 */
typedef struct {
  GstClockTime time;
  gint64 shift;
  gboolean began;
  gint64 jump;
} GstRcastEpochOutput;

void gst_rcast_timeline_init (GstRcastTimeline * timeline);

void gst_rcast_epoch_init    (GstRcastEpoch            * epoch);
void gst_rcast_epoch_map     (GstRcastEpoch            * epoch,
                              GstRcastTimeline         * timeline,
                              const GstRcastEpochInput * input,
                              GstRcastEpochOutput      * output);

gboolean gst_rcast_rtp_jumps (guint32      before,
                              guint32      timestamp,
                              guint        clock_rate,
                              GstClockTime passed);

G_END_DECLS
