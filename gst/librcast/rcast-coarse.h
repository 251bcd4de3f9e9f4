/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How much the paths carry, as far as receiver reports tell: for servers that give no better feedback. */
#pragma once

#include <gst/gst.h>

#include "rcast-rate.h"

G_BEGIN_DECLS

/**
 * GstRcastCoarseReport:
 * @expected: packets that the server should have received since the last report
 * @lost: how many of them it has not
 * @round_trip: of a sender report that no report before was about, 0: there is none
 * @sent: bit/s that are sent
 *
 * What is known when a report comes.
 */
typedef struct {
  guint expected, lost;
  GstClockTime round_trip;
  guint64 sent;
} GstRcastCoarseReport;

/**
 * GstRcastCoarse:
 *
 * What the reports have shown. A plain struct; the fields belong to the functions.
 */
typedef struct {
  /*< private >*/
  GstRcastRateConfig config;
  gboolean eager;               /* more is to be sent than the target allows */
  gdouble target;
  gdouble capacity;             /* what arrived when it was too much; 0: not known */
  GstClockTime reported, interval;
  GstClockTime shortest[2];     /* round trip, in this and the last window */
  GstClockTime shortest_since;
  GstClockTime calm;            /* since when nothing is wrong */
  guint expected, lost;         /* since the last decision */
  GstClockTime decided;
  guint n_queues;               /* decisions in a row that a queue stands */
  GstClockTime round_trip, queue;       /* the last ones */
  gboolean fresh;               /* they came since the last decision */
  GstClockTime first_queue;     /* of the decisions, and the target before */
  gdouble first_target;
  gboolean tried;               /* a lower rate, against loss */
  gdouble target_before, loss_before;
  gdouble chance;               /* loss that a lower rate does not help against */
  gdouble loss;
} GstRcastCoarse;

void     gst_rcast_coarse_init       (GstRcastCoarse             * coarse,
                                      const GstRcastRateConfig   * config);
void     gst_rcast_coarse_report     (GstRcastCoarse             * coarse,
                                      const GstRcastCoarseReport * report,
                                      GstClockTime                 now);
void     gst_rcast_coarse_set_eager  (GstRcastCoarse             * coarse,
                                      gboolean                     eager);
gboolean gst_rcast_coarse_is_known   (const GstRcastCoarse       * coarse,
                                      GstClockTime                 now);
guint64  gst_rcast_coarse_get_target (const GstRcastCoarse       * coarse);
gdouble  gst_rcast_coarse_get_loss   (const GstRcastCoarse       * coarse);

G_END_DECLS
