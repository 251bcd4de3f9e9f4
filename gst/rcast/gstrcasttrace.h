/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Traces each step of the policy for developers: a log line, a graph. */
#pragma once

#include "rcast-policy.h"

G_BEGIN_DECLS

void gst_rcast_trace_step (GstBin             * bin,
                           const GstRcastStep * step,
                           GstRcastEventType    event,
                           const GError       * error);

G_END_DECLS
