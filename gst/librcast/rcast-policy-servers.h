/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The servers of a broadcast, as the policy knows them: which is next, and what if others are set. */
#pragma once

#include "rcast-policy-types.h"

G_BEGIN_DECLS

guint    gst_rcast_policy_choose_location (const GstRcastPolicy * policy,
                                           gboolean               next,
                                           GstClockTime           now);
gboolean gst_rcast_policy_relocate        (GstRcastPolicy       * policy,
                                           const guint          * former,
                                           guint                  n,
                                           guint                  n_listed);

G_END_DECLS
