/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any timestamps at any time: no output is due in the future of a live stream, or negative. */
#include "config.h"

#include "fuzz.h"

#include <string.h>

#include "rcast-drift.h"
#include "rcast-epoch.h"

typedef struct
{
  gint64 time;
  guint32 passed;               /* µs */
  guint8 stream, flags;
} __attribute__ ((packed)) Step;

static void
follow (GstRcastDrift * drift, GstClockTime time, GstClockTime now)
{
  GstRcastDriftOutput out;

  gst_rcast_drift_follow (drift, time, now, TRUE, 0, &out);
  g_assert (out.due <= now);
  g_assert (out.stepped >= 0);
}

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  GstRcastTimeline timeline;
  GstRcastEpoch epochs[2];
  GstRcastDrift drifts[2];
  GstClockTime now = 0;
  guint32 rtp = 0;

  gst_rcast_timeline_init (&timeline);
  for (guint i = 0; i < 2; i++) {
    gst_rcast_epoch_init (&epochs[i]);
    gst_rcast_drift_init (&drifts[i]);
  }
  for (; size >= sizeof (Step); size -= sizeof (Step), data += sizeof (Step)) {
    GstRcastEpochOutput out;
    GstRcastEpochInput input;
    Step step;
    guint n;

    memcpy (&step, data, sizeof (step));
    n = step.stream % 2;
    now += step.passed * (GstClockTime) 1000;
    input = (GstRcastEpochInput) {
      .time = step.flags & 1 ? step.time : step.time % (gint64) GST_SECOND,
      .now = step.flags & 2 ? GST_CLOCK_TIME_NONE : now,
      .duration = step.flags & 4 ? GST_CLOCK_TIME_NONE : GST_SECOND / 50,
      .reorder = GST_SECOND / 5,.live = step.flags & 8,
      .counted = step.flags & 16,
    };
    gst_rcast_epoch_map (&epochs[n], &timeline, &input, &out);
    g_assert ((gint64) out.time >= 0);
    if (input.live && !(step.flags & 2))
      follow (&drifts[n], MIN (out.time, G_MAXINT64 / 4), now);
    gst_rcast_rtp_jumps (rtp, (guint32) step.time, 90000, step.passed);
    rtp = (guint32) step.time;
  }
  return 0;
}
