/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Divides what the paths carry among the streams. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* A stream without a limit */
#define GST_RCAST_SHARE_ALL G_MAXUINT64

/**
 * GstRcastShareStream:
 * @audio: audio is sent whole, before anything else
 * @follows: the stream obeys @target; one that does not is sent whole, after audio
 * @weight: at the same limits, a stream with twice the weight gets twice as much; at least 1
 * @min: bit/s below which the stream is of no use
 * @max: bit/s that it can use, %GST_RCAST_SHARE_ALL: any number
 * @seen: bit/s that it took lately
 * @target: bit/s that it may take, 0: it is paused because @min is not available;
 *   %GST_RCAST_SHARE_ALL: no limit. The result of one call is the input of the next one
 *
 * One stream. All bit/s are those of RTP, without IP, UDP and SRTP.
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
