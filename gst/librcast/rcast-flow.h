/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tells one broken stream of several from a pause of all of them, and how much each sends. */
#pragma once

#include <gst/gst.h>

#include "rcast-types.h"

G_BEGIN_DECLS

/**
 * GstRcastFlowChange:
 * @GST_RCAST_FLOW_SAME: nothing new
 * @GST_RCAST_FLOW_STALLED: nothing is sent of it, while others flow
 * @GST_RCAST_FLOW_FLOWS: it flows again
 */
typedef enum {
  GST_RCAST_FLOW_SAME,
  GST_RCAST_FLOW_STALLED,
  GST_RCAST_FLOW_FLOWS,
} GstRcastFlowChange;

/**
 * GstRcastFlow:
 * @in: buffers that have come in
 * @out: packets that were ready to be sent, whether there was a connection or not
 * @bytes: of packets that were sent
 * @ended: at its end: nothing is expected of it
 * @bitrate: bits per second, between the last two looks
 * @silence: how long nothing came out while others flowed
 * @stage: where it is stuck
 * @stalled: it is stuck
 * @change: by the last look
 *
 * One stream; @in, @out, @bytes and @ended are set by the caller before each
 * gst_rcast_flow_look().
 */
typedef struct {
  guint64 in, out, bytes;
  gboolean ended;

  guint64 bitrate;
  GstClockTime silence;
  GstRcastStage stage;
  gboolean stalled;
  GstRcastFlowChange change;

  /*< private >*/
  guint64 last_in, last_out, last_bytes;
  GstClockTime last, passed;
  gboolean came, went;
} GstRcastFlow;

void gst_rcast_flow_init (GstRcastFlow  * flow);
void gst_rcast_flow_look (GstRcastFlow ** flows,
                          guint           n,
                          GstClockTime    now,
                          GstClockTime    timeout);

G_END_DECLS
