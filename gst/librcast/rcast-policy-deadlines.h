/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How long each state waits. */
#pragma once

#include "rcast-policy-choice.h"

G_BEGIN_DECLS

GstClockTime gst_rcast_policy_on_air_deadline (const GstRcastPolicy * policy,
                                               GstClockTime           now);
GstClockTime gst_rcast_policy_deadline_of     (const GstRcastPolicy * policy,
                                               const GstRcastTurn   * turn,
                                               GstRcastWait           wait,
                                               GstClockTime           delay);

G_END_DECLS
