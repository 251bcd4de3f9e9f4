/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the server's RTCP: does what we send arrive, and how well. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstRcastLiveness:
 * @confirmed: the server has received something of ours
 * @doubted: media goes another way, and nothing that was sent since is known to have
 *   arrived
 * @never_moved: when @frozen, no report has told of more than the first one did
 * @frozen: much was sent since it last did, and time enough has passed for the
 *   server to say so
 * @reports: how many RTCP packets told about our media
 * @last_report: when the last one came
 * @progress: how many of them told of something new
 * @last_progress: when the server had last received something new
 * @last_sent: when something was last sent, as far as has been told
 * @rhythm: the longest time that lately passed between two signs of progress
 * @rtt: round trip by the last report that allows to tell, or %GST_CLOCK_TIME_NONE
 * @fraction_lost: of the last report, 0 to 1
 * @packets_lost: sum over the streams, by the last reports
 *
 * A plain struct: time comes as an argument.
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
  GstClockTime rhythm;
  GstClockTime rtt;
  gdouble fraction_lost;
  gint64 packets_lost;

  /*< private >*/
  GArray *streams;
  GstClockTime judge_by;
  GstClockTime resumed;
  gboolean stood_still;
  GstClockTime doubted_at;
  guint proofs;
  guint16 feedback_sequence;
  gboolean has_feedback;
} GstRcastLiveness;

void     gst_rcast_liveness_init       (GstRcastLiveness * liveness);
void     gst_rcast_liveness_clear      (GstRcastLiveness * liveness);
void     gst_rcast_liveness_add_ssrc   (GstRcastLiveness * liveness,
                                        guint32            ssrc);
void     gst_rcast_liveness_sent       (GstRcastLiveness * liveness,
                                        guint32            ssrc,
                                        guint64            packets,
                                        GstClockTime       now);
gboolean gst_rcast_liveness_is_sending (const GstRcastLiveness * liveness,
                                        GstClockTime       time,
                                        GstClockTime       now);
gboolean gst_rcast_liveness_judge      (GstRcastLiveness * liveness,
                                        GstClockTime       timeout,
                                        GstClockTime       now);
void     gst_rcast_liveness_begin_again (GstRcastLiveness * liveness,
                                        GstClockTime       now);
gboolean gst_rcast_liveness_doubt      (GstRcastLiveness * liveness,
                                        GstClockTime       now);
gboolean gst_rcast_liveness_handle     (GstRcastLiveness * liveness,
                                        GstBuffer        * rtcp,
                                        GstClockTime       now,
                                        guint64            ntp_now);

G_END_DECLS
