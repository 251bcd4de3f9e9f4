/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Distinguishes one broken stream of several from a pause of all of them, and measures how much each sends. */
#pragma once

#include <gst/gst.h>

#include "rcast-types.h"

G_BEGIN_DECLS

/**
 * GstRcastStallChange:
 * @GST_RCAST_STALL_SAME: nothing new
 * @GST_RCAST_STALL_BEGAN: nothing is sent of it, or nothing has ever come in
 * @GST_RCAST_STALL_OVER: it flows again
 */
typedef enum {
  GST_RCAST_STALL_SAME,
  GST_RCAST_STALL_BEGAN,
  GST_RCAST_STALL_OVER,
} GstRcastStallChange;

/**
 * GstRcastStallRun:
 * @GST_RCAST_STALL_PAUSED: a pause: nothing is to be sent
 * @GST_RCAST_STALL_PREROLLING: nothing is sent yet, but it is to be: the pipeline is on
 *   its way to PLAYING
 * @GST_RCAST_STALL_PLAYING: everything is to be sent
 *
 * What is expected of the streams.
 */
typedef enum {
  GST_RCAST_STALL_PAUSED,
  GST_RCAST_STALL_PREROLLING,
  GST_RCAST_STALL_PLAYING,
} GstRcastStallRun;

/**
 * GstRcastStall:
 * @known: its caps have come
 * @in: buffers that have come in
 * @made: packets that were ready to be sent
 * @sent: those of them that a connection took
 * @bytes: of packets that were sent
 * @lacks_key: packets are dropped because no key frame has come
 * @ended: at its end: nothing is expected of it
 * @bitrate: bit/s, between the last two judgements
 * @silence: for how long nothing came out while it was to flow
 * @stage: where it is stuck
 * @stalled: it is stuck
 * @change: by the last judgement
 *
 * One stream; the fields up to @ended are set by the caller before each
 * gst_rcast_stall_judge().
 */
typedef struct {
  gboolean known;
  guint64 in, made, sent, bytes;
  gboolean lacks_key;
  gboolean ended;

  guint64 bitrate;
  GstClockTime silence;
  GstRcastStage stage;
  gboolean stalled;
  GstRcastStallChange change;

  /*< private >*/
  guint64 last_in, last_made, last_sent, last_bytes;
  GstClockTime last, passed;
  gboolean came, was_made, went;
} GstRcastStall;

/* There is no connection for the media. */
#define GST_RCAST_NOT_CONNECTED G_MAXUINT64

/**
 * GstRcastUnheard:
 * @silence: for how long media was sent of which the server confirms nothing
 * @told: that was told
 *
 * A broadcast that is connected. A plain struct; all zeros is a start.
 */
typedef struct {
  GstClockTime silence;
  gboolean told;

  /*< private >*/
  guint64 confirmations;
} GstRcastUnheard;

void gst_rcast_stall_init  (GstRcastStall  * stall);
void gst_rcast_stall_judge (GstRcastStall ** stalls,
                            guint            n,
                            GstClockTime     now,
                            GstClockTime     timeout,
                            GstRcastStallRun run);

gboolean gst_rcast_unheard_step (GstRcastUnheard        * unheard,
                                 GstRcastStall  * const * stalls,
                                 guint                    n,
                                 guint64                  confirmations);

G_END_DECLS
