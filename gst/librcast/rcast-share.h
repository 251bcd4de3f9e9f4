/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Splits what the paths carry among the streams. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* A stream without a limit */
#define GST_RCAST_SHARE_ALL G_MAXUINT64

/**
 * GstRcastShareStream:
 * @audio: sound is sent whole, before anything else
 * @follows: it obeys @target; what does not is sent whole, after sound
 * @weight: of two streams with the same limits, one with twice the weight gets twice as
 *   much; 1 at least
 * @min: bit/s without which the stream is of no use
 * @max: bit/s that it can use, %GST_RCAST_SHARE_ALL: any number
 * @seen: bit/s that it took lately
 * @target: bit/s that it may take, 0: it is paused, because there is not even @min for it;
 *   %GST_RCAST_SHARE_ALL: no limit. What the last call said is the input for the next one
 *
 * One stream. Bit/s are of RTP, without IP, UDP, and SRTP.
 */
typedef struct {
  gboolean audio, follows;
  guint weight;
  guint64 min, max, seen, target;
} GstRcastShareStream;

guint64  gst_rcast_share_get_most (const GstRcastShareStream * streams,
                          guint                       n_streams);
gboolean gst_rcast_share (GstRcastShareStream * streams,
                          guint                 n_streams,
                          guint64               sum,
                          guint64               repairs);
guint64  gst_rcast_share_get_least (const GstRcastShareStream * streams,
                          guint                       n_streams);

G_END_DECLS
