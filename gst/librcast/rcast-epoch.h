/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Maps a source's timestamps to a time line without jumps: epochs with a constant shift each. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* A missing timestamp, for signed running times */
#define GST_RCAST_NO_TIME G_MININT64

#define GST_RCAST_TIMELINE_SIZE 8

/**
 * GstRcastTimeline:
 *
 * The epochs of all streams of one broadcast. When one stream jumps, usually all do: streams
 * that jump later take over the same shift, and stay in sync to the nanosecond.
 */
typedef struct {
  struct {
    gint64 shift;
    GstClockTime at;            /* clock time of its start, or NONE */
    guint number;               /* 0: unused entry */
  } epochs[GST_RCAST_TIMELINE_SIZE];
  guint n_made;
} GstRcastTimeline;

/**
 * GstRcastEpoch:
 *
 * The state of one stream.
 */
typedef struct {
  /*< private >*/
  gboolean started;
  guint number;                 /* of the epoch in the time line; 0: timestamps are not shifted */
  gint64 shift;
  gint64 last_out;
  GstClockTime last_duration;
  gint64 last_time;             /* source timestamp of the last buffer that had one */
  gint64 seen_out;              /* the timestamp that it was mapped to */
  GstClockTime seen_now;        /* when it arrived */
} GstRcastEpoch;

/**
 * GstRcastEpochInput:
 * @time: running time by the source's timestamp, or %GST_RCAST_NO_TIME
 * @now: running time by the clock, or %GST_CLOCK_TIME_NONE while there is no clock
 * @duration: duration of the buffer, or %GST_CLOCK_TIME_NONE
 * @latency: latency that upstream reports in its answer to the latency query
 * @least_step: least distance between generated timestamps; 0: no minimum
 * @reorder: how far timestamps may go back without counting as a jump
 * @live: buffers arrive when they are due; otherwise they arrive when they are pulled
 * @counted: buffers follow each other without gaps, as audio does
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
 * @shift: what to add to the buffer's other timestamps; 0 if the buffer had no timestamp
 * @began: whether an epoch began
 * @jump: if @began, how far the source's timestamp is off the expected one
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
