/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Estimates capacity from receiver reports alone, for servers without better feedback. */
#pragma once

#include <gst/gst.h>

#include "rcast-rate.h"
#include "rcast-shortest.h"

G_BEGIN_DECLS

/**
 * GstRcastCoarseReport:
 * @expected: packets that the server should have received since the last report
 * @lost: how many of them did not arrive
 * @round_trip: round trip by a sender report that no earlier report answered; 0: there is none
 * @sent: bit/s that are sent
 *
 * What is known when a report arrives.
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
  gboolean eager;               /* a stream waits for a higher target, or uses its whole share */
  gdouble target;
  gdouble capacity;             /* bit/s that arrived when too much was sent; 0: not known */
  GstClockTime reported, interval;
  GstRcastShortest shortest;    /* round trip */
  GstClockTime calm;            /* since when nothing is wrong */
  guint expected, lost;         /* since the last decision */
  GstClockTime decided;
  guint n_queues;               /* decisions in a row that saw a queue */
  GstClockTime round_trip, queue;       /* the latest ones */
  gboolean fresh;               /* both were measured since the last decision */
  GstClockTime first_queue;     /* queue at the first of these decisions, and the target then */
  gdouble first_target;
  gboolean tried;               /* a lower rate is tried against loss */
  gdouble target_before, loss_before;
  gdouble chance;               /* random loss: a lower rate does not help */
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
