/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the server's RTCP: does our media arrive, and how well? */
#pragma once

#include <gst/gst.h>

#include "rcast-spans.h"

G_BEGIN_DECLS

/**
 * GstRcastLiveness:
 * @confirmed: the server has received some of our media
 * @doubted: media is sent on another path, and nothing sent there is known to have arrived.
 *   Until an ICE restart, the server may still send its reports on the old path: the absence of
 *   reports proves nothing, only their contents do
 * @frozen: much of every active stream has been sent since the server last reported anything
 *   new, and the server had enough time to report it
 * @never_moved: when @frozen, no report has differed from the first one
 * @reports: number of RTCP packets about our media
 * @last_report: when the last of them came
 * @progress: how many of them reported something new, or requested it
 * @last_progress: when the server last reported something new
 * @last_sent: when media was last seen to be sent
 * @rtt: round trip by the last report that gives one, or %GST_CLOCK_TIME_NONE
 * @fraction_lost: of the last report, 0 to 1
 * @packets_lost: sum over the streams, by the last reports
 *
 * A plain struct; the caller passes in the time.
 */
typedef struct {
  gboolean confirmed;
  gboolean doubted;
  gboolean frozen;
  gboolean never_moved;
  guint64 reports;
  guint64 progress;
  GstClockTime last_report;
  GstClockTime last_progress;
  GstClockTime last_sent;
  GstClockTime rtt;
  gdouble fraction_lost;
  gint64 packets_lost;

  /*< private >*/
  GArray *streams;
  GstRcastSpans spans;
  guint regular;                /* @progress without requests */
  GstClockTime judge_by;
  gboolean stood_still;
  GstClockTime doubted_at;
  guint proofs;
  gboolean excused;
  GstClockTime first_progress;
  GstClockTime all_sent_since;
} GstRcastLiveness;

void     gst_rcast_liveness_init        (GstRcastLiveness * liveness);
void     gst_rcast_liveness_clear       (GstRcastLiveness * liveness);
void     gst_rcast_liveness_add_stream  (GstRcastLiveness * liveness,
                                         guint32            ssrc,
                                         guint              session,
                                         gboolean           has_feedback);
void     gst_rcast_liveness_sent        (GstRcastLiveness * liveness,
                                         guint32            ssrc,
                                         guint64            packets,
                                         guint64            skipped,
                                         GstClockTime       now);
gboolean gst_rcast_liveness_is_sending  (const GstRcastLiveness * liveness,
                                         GstClockTime       time,
                                         GstClockTime       now);
gboolean gst_rcast_liveness_judge       (GstRcastLiveness * liveness,
                                         GstClockTime       timeout,
                                         GstClockTime       now);
gboolean gst_rcast_liveness_is_whole    (GstRcastLiveness * liveness,
                                         gboolean           waits,
                                         GstClockTime       now);
gboolean gst_rcast_liveness_take_loss   (GstRcastLiveness * liveness,
                                         guint              session,
                                         guint            * lost,
                                         guint            * expected);
gboolean gst_rcast_liveness_next_silent (GstRcastLiveness * liveness,
                                         guint32          * ssrc);
void     gst_rcast_liveness_begin_again (GstRcastLiveness * liveness,
                                         GstClockTime       now);
gboolean gst_rcast_liveness_doubt       (GstRcastLiveness * liveness,
                                         GstClockTime       now);
GstClockTime
         gst_rcast_liveness_get_missing (const GstRcastLiveness * liveness,
                                         GstClockTime       now);
void     gst_rcast_liveness_restarted   (GstRcastLiveness * liveness,
                                         GstClockTime       now);
void     gst_rcast_liveness_feedback    (GstRcastLiveness * liveness,
                                         guint              session,
                                         const GstRcastFeedbackSpan * span,
                                         GstClockTime       now);
void     gst_rcast_liveness_request     (GstRcastLiveness * liveness,
                                         guint32            ssrc,
                                         guint16            seqnum,
                                         GstClockTime       now);
void     gst_rcast_liveness_read_requests
                                        (GstRcastLiveness * liveness,
                                         GstBuffer        * rtcp,
                                         GstClockTime       now);
gboolean gst_rcast_liveness_handle      (GstRcastLiveness * liveness,
                                         guint              session,
                                         GstBuffer        * rtcp,
                                         GstClockTime       now,
                                         guint64            ntp_now);

G_END_DECLS
