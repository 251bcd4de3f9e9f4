/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Statistics of one received stream, named as in the W3C's "Identifiers for WebRTC's
 * Statistics API". */
#include "config.h"

#include "rcast-inbound.h"

#include <math.h>

/* RFC 3550 A.1, MAX_DROPOUT: a larger step is not loss, but a restart of the source. */
#define LONGEST_JUMP 3000
/* "avg_frame_duration_ms is linear average of durations of last 30 rendered frames" */
#define WINDOW 30
/* Fewer durations give no meaningful average. */
#define LEAST_DURATIONS 5
#define LEAST_INCREASE (150 * GST_MSECOND)
/* A longer wait for a frame also counts as a pause. */
#define PAUSE (5 * GST_SECOND)

struct _GstRcastInbound
{
  gboolean video;
  guint clock_rate;             /* Hz; 0: not known, then jitter is not measured */

  guint32 ssrc;
  guint32 first, highest;       /* extended sequence numbers since @ssrc began */
  guint64 received_of_ssrc;
  guint64 received;
  guint64 retransmitted;
  gint64 lost_before;           /* of earlier sources */
  guint64 bytes, header_bytes;
  GstClockTime last_packet;     /* NONE: none yet */
  gboolean has_transit;
  guint32 transit;              /* of the last packet, in units of the clock rate */
  gdouble jitter;               /* in the same units */

  guint64 discarded;

  guint64 frames, key_frames;
  GstClockTime last_frame;      /* NONE: none yet */
  GstClockTime durations[WINDOW];       /* of the last frames */
  guint n_durations;            /* number since the last pause */
  gdouble sum, squares;         /* of all durations, s and s² */
  guint64 freezes, pauses;
  GstClockTime frozen, paused;

  guint64 requests[GST_RCAST_N_INBOUND_REQUESTS];
};

/**
 * gst_rcast_inbound_new:
 * @video: whether the stream is video, or else audio
 * @clock_rate: clock rate of its RTP timestamps, Hz; 0: not known yet
 */
GstRcastInbound *
gst_rcast_inbound_new (gboolean video, guint clock_rate)
{
  GstRcastInbound *self = g_new0 (GstRcastInbound, 1);

  self->video = video;
  self->clock_rate = clock_rate;
  self->last_packet = self->last_frame = GST_CLOCK_TIME_NONE;
  return self;
}

/* @self: (nullable) */
void
gst_rcast_inbound_free (GstRcastInbound * self)
{
  g_free (self);
}

/* Call it when the codec changes. */
void
gst_rcast_inbound_set_clock_rate (GstRcastInbound * self, guint clock_rate)
{
  if (clock_rate == self->clock_rate)
    return;
  self->clock_rate = clock_rate;
  self->has_transit = FALSE;
  self->jitter = 0;
}

/* RFC 3550 A.3: duplicates count as received, so this may be negative. */
static gint64
get_lost_of_ssrc (const GstRcastInbound * self)
{
  if (self->received_of_ssrc == 0)
    return 0;
  return (gint64) (self->highest - self->first) + 1
      - (gint64) self->received_of_ssrc;
}

static void
begin_source (GstRcastInbound * self, const GstRcastInboundPacket * packet)
{
  self->lost_before += get_lost_of_ssrc (self);
  self->ssrc = packet->ssrc;
  self->received_of_ssrc = 0;
  /* Leave room below: packets sent before the first one may arrive after it. */
  self->first = self->highest = 0x10000u + packet->sequence;
  self->has_transit = FALSE;
  self->jitter = 0;
}

static void
count_sequence (GstRcastInbound * self, const GstRcastInboundPacket * packet)
{
  gint16 ahead = packet->sequence - (guint16) self->highest;

  if (self->received_of_ssrc == 0 || packet->ssrc != self->ssrc
      || ABS (ahead) > LONGEST_JUMP)
    begin_source (self, packet);
  else if (ahead > 0)
    self->highest += ahead;
  else
    self->first = MIN (self->first, self->highest + ahead);
  self->received_of_ssrc++;
}

/* RFC 3550 6.4.1 and A.8 */
static void
measure_jitter (GstRcastInbound * self, const GstRcastInboundPacket * packet,
    GstClockTime now)
{
  guint32 arrival, transit;
  gint32 difference;

  if (self->clock_rate == 0 || packet->retransmitted)
    return;
  arrival = gst_util_uint64_scale (now, self->clock_rate, GST_SECOND);
  transit = arrival - packet->rtp_time;
  difference = transit - self->transit;
  if (self->has_transit)
    self->jitter += (fabs ((gdouble) difference) - self->jitter) / 16;
  self->transit = transit;
  self->has_transit = TRUE;
}

/**
 * gst_rcast_inbound_packet:
 * @packet: a packet
 * @now: when it arrived
 *
 * Counts a packet before it enters the jitter buffer.
 */
void
gst_rcast_inbound_packet (GstRcastInbound * self,
    const GstRcastInboundPacket * packet, GstClockTime now)
{
  count_sequence (self, packet);
  measure_jitter (self, packet, now);
  self->received++;
  self->retransmitted += packet->retransmitted ? 1 : 0;
  self->bytes += packet->payload_size;
  self->header_bytes += packet->header_size;
  self->last_packet = now;
}

/* The jitter buffer discarded @count packets, which came too late. */
void
gst_rcast_inbound_discarded (GstRcastInbound * self, guint64 count)
{
  self->discarded += count;
}

static gboolean
is_freeze (const GstRcastInbound * self, GstClockTime duration)
{
  guint n = MIN (self->n_durations, WINDOW);
  GstClockTime sum = 0, average;

  if (n < LEAST_DURATIONS)
    return FALSE;
  for (guint i = 0; i < n; i++)
    sum += self->durations[i];
  average = sum / n;
  return duration >= MAX (3 * average, average + LEAST_INCREASE);
}

/* A pause starts a new average, since the frames after it have nothing to do with those before. */
static void
note_duration (GstRcastInbound * self, GstClockTime duration)
{
  gdouble seconds = (gdouble) duration / GST_SECOND;

  if (is_freeze (self, duration)) {
    self->freezes++;
    self->frozen += duration;
  }
  self->sum += seconds;
  self->squares += seconds * seconds;
  if (duration > PAUSE) {
    self->pauses++;
    self->paused += duration;
    self->n_durations = 0;
    return;
  }
  self->durations[self->n_durations++ % WINDOW] = duration;
}

/**
 * gst_rcast_inbound_frame:
 * @key_frame: whether it is a key frame
 * @now: when it was handed on
 *
 * Counts a complete video frame that is handed downstream. What downstream does with it is not
 * known, so it counts as rendered.
 */
void
gst_rcast_inbound_frame (GstRcastInbound * self, gboolean key_frame,
    GstClockTime now)
{
  self->frames++;
  self->key_frames += key_frame ? 1 : 0;
  if (GST_CLOCK_TIME_IS_VALID (self->last_frame) && now >= self->last_frame)
    note_duration (self, now - self->last_frame);
  self->last_frame = now;
}

void
gst_rcast_inbound_requested (GstRcastInbound * self,
    GstRcastInboundRequest request)
{
  self->requests[request]++;
}

static gdouble
to_seconds (GstClockTime time)
{
  return (gdouble) time / GST_SECOND;
}

/* Only the decoder knows which frames can be decoded: framesDecoded is missing. */
static void
add_video (const GstRcastInbound * self, GstStructure * stats)
{
  gst_structure_set (stats,
      "framesReceived", G_TYPE_UINT64, self->frames,
      "keyFramesReceived", G_TYPE_UINT64, self->key_frames,
      "totalInterFrameDelay", G_TYPE_DOUBLE, self->sum,
      "totalSquaredInterFrameDelay", G_TYPE_DOUBLE, self->squares,
      "freezeCount", G_TYPE_UINT64, self->freezes,
      "totalFreezesDuration", G_TYPE_DOUBLE, to_seconds (self->frozen),
      "pauseCount", G_TYPE_UINT64, self->pauses,
      "totalPausesDuration", G_TYPE_DOUBLE, to_seconds (self->paused),
      "pliCount", G_TYPE_UINT64, self->requests[GST_RCAST_INBOUND_PLI],
      "firCount", G_TYPE_UINT64, self->requests[GST_RCAST_INBOUND_FIR], NULL);
}

/**
 * gst_rcast_inbound_get_stats:
 *
 * Fields have the names and units of RTCInboundRtpStreamStats: seconds, bytes. Unknown values have
 * no field.
 *
 * Returns: (transfer full): a structure `inbound-rtp`
 */
GstStructure *
gst_rcast_inbound_get_stats (const GstRcastInbound * self)
{
  GstStructure *stats = gst_structure_new ("inbound-rtp",
      "kind", G_TYPE_STRING, self->video ? "video" : "audio",
      "packetsReceived", G_TYPE_UINT64, self->received,
      "retransmittedPacketsReceived", G_TYPE_UINT64, self->retransmitted,
      "packetsLost", G_TYPE_INT64, self->lost_before + get_lost_of_ssrc (self),
      "packetsDiscarded", G_TYPE_UINT64, self->discarded,
      "bytesReceived", G_TYPE_UINT64, self->bytes,
      "headerBytesReceived", G_TYPE_UINT64, self->header_bytes,
      "nackCount", G_TYPE_UINT64, self->requests[GST_RCAST_INBOUND_NACK], NULL);

  if (GST_CLOCK_TIME_IS_VALID (self->last_packet))
    gst_structure_set (stats, "ssrc", G_TYPE_UINT, self->ssrc, NULL);
  if (self->clock_rate > 0)
    gst_structure_set (stats, "jitter", G_TYPE_DOUBLE,
        self->jitter / self->clock_rate, NULL);
  if (self->video)
    add_video (self, stats);
  return stats;
}
