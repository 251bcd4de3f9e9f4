/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* History of a broadcast: its outages, and the attempts to end them. */
#pragma once

#include <gst/gst.h>

#include "rcast-message.h"
#include "rcast-types.h"

G_BEGIN_DECLS

/* Number of attempts that are kept; older ones only stay in the counters. */
#define GST_RCAST_HISTORY_LENGTH 32

/**
 * GstRcastAttempt:
 * @time: when it was announced, ns since 1970
 * @began: when it was announced, by a monotonic clock
 * @duration: time until its result was known, or %GST_CLOCK_TIME_NONE
 * @number: number of the attempt within its outage
 * @reason: why it was needed
 * @strategy: the recovery step
 * @delay: how long it waited before it began
 * @hastened_by: what ended the wait, static string
 * @result: static string
 */
typedef struct {
  GstClockTime time;
  GstClockTime began;
  GstClockTime duration;
  guint number;
  GstRcastReason reason;
  GstRcastStrategy strategy;
  GstClockTime delay;
  const gchar *hastened_by;
  const gchar *result;
} GstRcastAttempt;

/**
 * GstRcastHistory:
 * @outages: number of outages, including the present one
 * @attempts: number of attempts, by #GstRcastStrategy
 * @last_outage: length of the last outage that is over
 * @total_outage: total length of all outages that are over
 * @last_reason: reason of the last trouble
 * @down_since: when the present outage began, or %GST_CLOCK_TIME_NONE
 * @ring: the last attempts, from @first on
 *
 * A plain struct; the caller passes in the time.
 */
typedef struct {
  guint64 outages;
  guint64 attempts[GST_RCAST_STRATEGY_FAILOVER + 1];
  GstClockTime last_outage;
  GstClockTime total_outage;
  GstRcastReason last_reason;
  GstClockTime down_since;
  GstRcastAttempt ring[GST_RCAST_HISTORY_LENGTH];
  guint first, length;
} GstRcastHistory;

void gst_rcast_history_init     (GstRcastHistory          * history);
void gst_rcast_history_add      (GstRcastHistory          * history,
                                 const GstRcastStatusInfo * info,
                                 GstClockTime               now,
                                 GstClockTime               unix_time);
void gst_rcast_history_hasten   (GstRcastHistory          * history,
                                 const gchar              * by,
                                 GstClockTime               now);
void gst_rcast_history_to_stats (const GstRcastHistory    * history,
                                 GstClockTime               now,
                                 GstStructure             * stats);

G_END_DECLS
