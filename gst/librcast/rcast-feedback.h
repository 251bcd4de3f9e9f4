/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads a receiver's RTCP: which packets arrived when, losses, and bitrate limits. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstRcastFeedbackSpan:
 * @last: transport-wide sequence number of the last packet that the feedback covers
 * @count: number of packets that it covers
 * @received: how many of them have arrived
 *
 * One transport-wide feedback packet.
 */
typedef struct {
  guint16 last;
  guint count;
  guint received;
} GstRcastFeedbackSpan;

/**
 * GstRcastFeedbackCallbacks:
 * @arrival: from transport-wide feedback: packet @number arrived at this time of the receiver's
 *   clock, or has not arrived (yet): %GST_CLOCK_TIME_NONE
 * @span: called after a series of @arrival calls: the packets that they covered
 * @report: from a report block (RFC 3550 6.4.1): of stream @ssrc, @fraction of 256 packets were
 *   lost since the last report, and @lost packets in all; @sender_report: LSR, the time of the
 *   last sender report that was received, 0: none
 * @limit: from REMB: the receiver accepts at most @bitrate bit/s
 * @packet: from RFC 8888 feedback: packet @seqnum of stream @ssrc has arrived, or has not (yet);
 *   @arrival: when, by the receiver's clock, or %GST_CLOCK_TIME_NONE if it has not arrived or the
 *   receiver does not say. Feedback may repeat the same status.
 * @begin: called before the @arrival calls of one transport-wide feedback packet: it is number
 *   @report, modulo 256, and covers @count packets from @first on
 * @newest: called before the @arrival calls of one feedback packet, or before the @packet calls
 *   of one stream: the last number that has arrived, or the one before the first if none has
 *
 * Called for the contents of a compound packet, in their order. All but @arrival and @packet may
 * be %NULL.
 */
typedef struct {
  void (*arrival) (guint16 number, GstClockTime arrival, gpointer data);
  void (*span)    (const GstRcastFeedbackSpan * span, gpointer data);
  void (*report)  (guint32 ssrc, guint fraction, gint32 lost, guint32 sender_report, gpointer data);
  void (*limit)   (guint64 bitrate, gpointer data);
  void (*packet)  (guint32 ssrc, guint16 seqnum, gboolean received, GstClockTime arrival, gpointer data);
  void (*newest)  (guint16 number, gpointer data);
  void (*begin)   (guint16 first, guint count, guint8 report, gpointer data);
} GstRcastFeedbackCallbacks;

/**
 * GstRcastFeedbackRequestFunc:
 * @ssrc: SSRC of a stream
 * @seqnum: sequence number of a packet that the receiver lacks
 * @data: data of the caller
 */
typedef void (*GstRcastFeedbackRequestFunc) (guint32 ssrc, guint16 seqnum, gpointer data);

/**
 * GstRcastFeedbackKeyFrameFunc:
 * @ssrc: SSRC of a video stream of which the receiver wants a key frame
 * @data: data of the caller
 */
typedef void (*GstRcastFeedbackKeyFrameFunc) (guint32 ssrc, gpointer data);

/* Unwraps a clock of few bits */
typedef struct {
  /*< private >*/
  gboolean known;
  guint32 reference;
  gint64 units;
} GstRcastFeedbackClock;

/**
 * GstRcastFeedback:
 *
 * Remembers the receiver's clock, which wraps every 12 days in transport-wide feedback and
 * every 18 hours in RFC 8888 feedback.
 */
typedef struct {
  /*< private >*/
  GstRcastFeedbackClock transport, streams;
} GstRcastFeedback;

void     gst_rcast_feedback_init (GstRcastFeedback * feedback);
gboolean gst_rcast_feedback_read (GstRcastFeedback * feedback,
                                  const guint8     * data,
                                  gsize              size,
                                  const GstRcastFeedbackCallbacks * callbacks,
                                  gpointer           user_data);
void     gst_rcast_feedback_read_requests (const guint8 * data,
                                  gsize              size,
                                  GstRcastFeedbackRequestFunc func,
                                  gpointer           user_data);
void     gst_rcast_feedback_read_key_frames (const guint8 * data,
                                  gsize              size,
                                  GstRcastFeedbackKeyFrameFunc func,
                                  gpointer           user_data);

G_END_DECLS
