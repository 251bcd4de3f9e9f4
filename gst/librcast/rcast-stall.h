/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tells one broken stream from a pause of all streams, and measures what each stream sends. */
#pragma once

#include <gst/gst.h>

#include "rcast-types.h"

G_BEGIN_DECLS

/**
 * GstRcastStallChange:
 * @GST_RCAST_STALL_SAME: nothing new
 * @GST_RCAST_STALL_BEGAN: the stream sends nothing, or nothing has ever come in
 * @GST_RCAST_STALL_OVER: the stream flows again
 */
typedef enum {
  GST_RCAST_STALL_SAME,
  GST_RCAST_STALL_BEGAN,
  GST_RCAST_STALL_OVER,
} GstRcastStallChange;

/**
 * GstRcastStallRun:
 * @GST_RCAST_STALL_PAUSED: nothing is expected during a pause
 * @GST_RCAST_STALL_PREROLLING: nothing is sent yet; the pipeline is on its way to
 *   PLAYING
 * @GST_RCAST_STALL_PLAYING: every stream is expected to send
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
 * @known: caps have come
 * @in: buffers that have come in
 * @made: packets that were ready to be sent
 * @sent: packets that a connection took
 * @bytes: bytes of the packets that were sent
 * @lacks_key: packets are dropped because no key frame has come
 * @ended: the stream has ended: nothing is expected of it
 * @bitrate: bit/s between the last two judgements
 * @silence: for how long nothing came out although it should
 * @stage: where the stream is stuck
 * @stalled: the stream is stuck
 * @change: result of the last judgement
 *
 * One stream; the caller sets the fields up to @ended before each
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
 * @silence: for how long the server has confirmed none of the media sent
 * @told: the silence has been reported
 *
 * A connected broadcast. A plain struct that is zero at first.
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
