/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the server's RTCP: does what we send arrive, and how well. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstRcastLiveness:
 * @confirmed: a report about one of our streams, or transport-wide feedback, has come
 * @reports: how many RTCP packets told about our media
 * @last_report: when the last one came
 * @rtt: round trip by the last report that allows to tell, or %GST_CLOCK_TIME_NONE
 * @fraction_lost: of the last report, 0 to 1
 * @packets_lost: sum over the streams, by the last reports
 *
 * A plain struct: time comes as an argument.
 */
typedef struct {
  gboolean confirmed;
  guint64 reports;
  GstClockTime last_report;
  GstClockTime rtt;
  gdouble fraction_lost;
  gint64 packets_lost;

  /*< private >*/
  GArray *streams;
} GstRcastLiveness;

void     gst_rcast_liveness_init       (GstRcastLiveness * liveness);
void     gst_rcast_liveness_clear      (GstRcastLiveness * liveness);
void     gst_rcast_liveness_add_ssrc   (GstRcastLiveness * liveness,
                                        guint32            ssrc);
gboolean gst_rcast_liveness_handle     (GstRcastLiveness * liveness,
                                        GstBuffer        * rtcp,
                                        GstClockTime       now,
                                        guint64            ntp_now);

G_END_DECLS
