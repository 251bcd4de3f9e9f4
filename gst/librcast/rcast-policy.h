/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What to do when: the only writer of the state of a broadcast. */
#pragma once

#include "rcast-policy-types.h"

G_BEGIN_DECLS

void gst_rcast_policy_init      (GstRcastPolicy             * policy,
                                 const GstRcastPolicyConfig * config);
void gst_rcast_policy_configure (GstRcastPolicy             * policy,
                                 const GstRcastPolicyConfig * config);
void gst_rcast_policy_step      (GstRcastPolicy             * policy,
                                 const GstRcastEvent        * event,
                                 const GstRcastAbilities    * abilities,
                                 guint32                      random,
                                 GstClockTime                 now,
                                 GstRcastStep               * step);
GstClockTime
     gst_rcast_policy_get_deadline (const GstRcastPolicy    * policy);
GstClockTime
     gst_rcast_policy_get_probe_time
                                (const GstRcastPolicy       * policy);

G_END_DECLS
