/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tells random loss on a path from loss caused by sending too much. */
#pragma once

#include <gst/gst.h>

#include "rcast-arrivals.h"

G_BEGIN_DECLS

/**
 * GstRcastChance:
 * @judged: when the lower rate tried against loss shows its effect; NONE: none is tried
 * @target_before: bit/s before the lower rate
 * @loss_before: share of packets lost before the lower rate
 * @usual: share of packets lost in the last seconds
 * @chance: share of packets lost at random: a lower rate does not help
 * @lost, @runs: moving averages of packets lost, and of runs of consecutive losses
 *
 * What is known of the loss on a path. A plain struct.
 */
typedef struct {
  GstClockTime judged;
  gdouble target_before, loss_before;
  gdouble usual, chance;
  gdouble lost, runs;
} GstRcastChance;

/**
 * GstRcastChanceCount:
 * @n: number of packets
 * @lost: number of lost packets among them
 * @runs: number of runs of consecutive losses
 */
typedef struct {
  guint n, lost, runs;
} GstRcastChanceCount;

void     gst_rcast_chance_init      (GstRcastChance       * chance);
gdouble  gst_rcast_chance_count     (GstRcastChanceCount  * count,
                                     GstRcastArrivals     * arrivals,
                                     GstClockTime           begin);
gdouble  gst_rcast_chance_get_alarm (const GstRcastChance * chance,
                                     guint                  n,
                                     gboolean               tried);
gboolean gst_rcast_chance_is_luck   (const GstRcastChance * chance,
                                     gdouble                loss,
                                     guint                  n);
gboolean gst_rcast_chance_is_more   (const GstRcastChance * chance,
                                     gdouble                loss);

void     gst_rcast_chance_try       (GstRcastChance       * chance,
                                     gdouble                target,
                                     gdouble                loss,
                                     GstClockTime           judged);
void     gst_rcast_chance_leave     (GstRcastChance       * chance);
gboolean gst_rcast_chance_is_tried  (const GstRcastChance * chance);
gboolean gst_rcast_chance_is_due    (const GstRcastChance * chance,
                                     GstClockTime           now);
gboolean gst_rcast_chance_judge     (GstRcastChance       * chance,
                                     gdouble                loss,
                                     guint                  n);
void     gst_rcast_chance_learn     (GstRcastChance            * chance,
                                     gdouble                     loss,
                                     const GstRcastChanceCount * count,
                                     gdouble                     passed);

G_END_DECLS
