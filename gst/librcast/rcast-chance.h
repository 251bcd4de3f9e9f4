/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What of the loss of a path is chance, and what comes of too much that is sent. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstRcastChance:
 * @judged: when a lower rate shows that is tried against loss, or NONE: none is
 * @target_before: bit/s before that
 * @loss_before: share of the packets that were lost then
 * @usual: the same, of the last seconds
 * @chance: the same, against which a lower rate does not help
 * @lost, @runs: of the last seconds: packets that were lost while the loss was counted, and the
 *   runs that they were lost in
 *
 * What is known of the loss of a path. A plain struct.
 */
typedef struct {
  GstClockTime judged;
  gdouble target_before, loss_before;
  gdouble usual, chance;
  gdouble lost, runs;
} GstRcastChance;

/**
 * GstRcastChanceCount:
 * @n: packets
 * @lost: of these
 * @runs: in which as many of them as there are in a row were lost
 */
typedef struct {
  guint n, lost, runs;
} GstRcastChanceCount;

void     gst_rcast_chance_init      (GstRcastChance       * chance);
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
