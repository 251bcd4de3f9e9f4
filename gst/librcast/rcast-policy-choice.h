/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Chooses the row of the table for an event: evaluates guards, climbs the ladder. */
#pragma once

#include "rcast-policy-table.h"

G_BEGIN_DECLS

/* If a deadline is noticed this late, the whole process was suspended. */
#define GST_RCAST_POLICY_STANDSTILL (1 * GST_SECOND)

/**
 * GstRcastTurn:
 * @event: what happened
 * @abilities: what can be done now
 * @random: uniform random bits
 * @now: the time
 *
 * The arguments of one call of gst_rcast_policy_step().
 */
typedef struct {
  const GstRcastEvent *event;
  const GstRcastAbilities *abilities;
  guint32 random;
  GstClockTime now;
} GstRcastTurn;

gboolean gst_rcast_policy_find_move           (const GstRcastPolicy * policy,
                                               const GstRcastTurn   * turn,
                                               GstRcastMove         * move,
                                               guint                * skipped);
GstClockTime gst_rcast_policy_off_since       (const GstRcastPolicy * policy);
gboolean gst_rcast_policy_is_refusal          (const GstRcastPolicy * policy,
                                               const GstRcastTurn   * turn);
gboolean gst_rcast_policy_is_deaf             (const GstRcastPolicy * policy,
                                               const GstRcastTurn   * turn);
gboolean gst_rcast_policy_is_better_elsewhere (const GstRcastPolicy * policy,
                                               const GstRcastTurn   * turn);
gboolean gst_rcast_policy_is_update_due       (const GstRcastPolicy * policy);
gboolean gst_rcast_policy_has_attempts        (const GstRcastPolicy * policy);
gboolean gst_rcast_policy_is_away             (const GstRcastPolicy * policy);
void     gst_rcast_policy_keep_session        (GstRcastPolicy       * policy,
                                               const GstRcastTurn   * turn,
                                               GstRcastStep         * step);
gboolean gst_rcast_policy_is_standstill       (const GstRcastTurn   * turn,
                                               GstClockTime           deadline);

G_END_DECLS
