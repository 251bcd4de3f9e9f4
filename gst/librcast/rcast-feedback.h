/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads what a receiver tells by RTCP: which packets arrived when, what it lost, how much it takes. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstRcastFeedbackSpan:
 * @last: transport-wide number of the last packet that it is about
 * @count: how many packets it is about
 * @received: how many of them have arrived
 *
 * One packet of transport-wide feedback.
 */
typedef struct {
  guint16 last;
  guint count;
  guint received;
} GstRcastFeedbackSpan;

/**
 * GstRcastFeedbackCallbacks:
 * @arrival: by transport-wide feedback: the packet with this number has arrived at this
 *   time of the receiver's clock, or has not (yet) arrived: %GST_CLOCK_TIME_NONE
 * @span: what the calls of @arrival before it were about
 * @report: by a report block (RFC 3550 6.4.1): of stream @ssrc, @fraction of 256 packets
 *   were lost since the last report, @lost in all; @sender_report: LSR, the time of the
 *   sender report that came last, 0: none
 * @limit: by REMB: the receiver takes no more than so many bit/s
 * @packet: by feedback of RFC 8888: packet @seqnum of stream @ssrc has arrived, or has not
 *   (yet); @arrival: when, by the receiver's clock, or %GST_CLOCK_TIME_NONE: it did not, or it
 *   does not say. It may say the same of a packet again and again.
 * @begin: before @arrival is called for one report of transport-wide feedback: it is the receiver's
 *   @report, of 256, and about @count packets from number @first on
 * @newest: before @arrival is called for one report, or @packet for one stream of it: the last
 *   number that has arrived, or that before the first one if none has
 *
 * What is in a compound packet, in its order. All but @arrival and @packet may be
 * %NULL.
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
 * @ssrc: of a stream
 * @seqnum: of a packet that the receiver lacks
 * @data: of the caller
 */
typedef void (*GstRcastFeedbackRequestFunc) (guint32 ssrc, guint16 seqnum, gpointer data);

/**
 * GstRcastFeedbackKeyFrameFunc:
 * @ssrc: of a video of which the receiver wants a key frame
 * @data: of the caller
 */
typedef void (*GstRcastFeedbackKeyFrameFunc) (guint32 ssrc, gpointer data);

/* A clock of few bits that starts anew now and then */
typedef struct {
  /*< private >*/
  gboolean known;
  guint32 reference;
  gint64 units;
} GstRcastFeedbackClock;

/**
 * GstRcastFeedback:
 *
 * Remembers the receiver's clock, which starts anew every 12 days in transport-wide feedback,
 * every 18 hours in that of RFC 8888.
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
