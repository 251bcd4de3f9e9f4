/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads a server's requests: they show that other packets arrive. */
#include "config.h"

#include "rcast-liveness.h"

typedef struct
{
  GstRcastLiveness *liveness;
  GstClockTime now;
} Reading;

static void
on_request (guint32 ssrc, guint16 seqnum, gpointer data)
{
  Reading *reading = data;

  gst_rcast_liveness_request (reading->liveness, ssrc, seqnum, reading->now);
}

/* Calls gst_rcast_liveness_request() for each packet that @rtcp requests. */
void
gst_rcast_liveness_read_requests (GstRcastLiveness * liveness,
    GstBuffer * rtcp, GstClockTime now)
{
  Reading reading = { liveness, now };
  GstMapInfo map;

  if (!gst_buffer_map (rtcp, &map, GST_MAP_READ))
    return;
  gst_rcast_feedback_read_requests (map.data, map.size, on_request, &reading);
  gst_buffer_unmap (rtcp, &map);
}
