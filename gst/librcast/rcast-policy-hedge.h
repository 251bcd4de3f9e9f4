/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Second attempts beside a main one that hesitates: when, where, and how long. */
#pragma once

#include "rcast-policy-choice.h"

G_BEGIN_DECLS

gboolean     gst_rcast_policy_hesitates            (const GstRcastPolicy * policy);
gboolean     gst_rcast_policy_is_possible          (const GstRcastTurn   * turn,
                                                    guint                  location);
GstClockTime gst_rcast_policy_find_chance          (const GstRcastPolicy * policy,
                                                    const GstRcastTurn   * turn,
                                                    guint                * location);
guint        gst_rcast_policy_find_probe           (const GstRcastPolicy * policy,
                                                    const GstRcastTurn   * turn);
GstClockTime gst_rcast_policy_get_first_patience   (const GstRcastPolicy * policy);
GstClockTime gst_rcast_policy_get_patience         (const GstRcastPolicy * policy);
void         gst_rcast_policy_note_second_failure  (GstRcastPolicy       * policy,
                                                    const GstRcastTurn   * turn);
GstClockTime gst_rcast_policy_get_second_probe     (const GstRcastPolicy * policy,
                                                    const GstRcastTurn   * turn);

G_END_DECLS
