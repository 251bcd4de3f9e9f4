/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any facts in any order: each verdict is consistent, and each silence leads to a verdict. */
#include "config.h"

#include "fuzz.h"

#include <string.h>

#include "rcast-reception.h"

#define N_STREAMS 3

typedef struct
{
  guint8 what, stream;
  guint16 passed;               /* ms */
  guint32 number;
} __attribute__ ((packed)) Step;

static void
tell_of_stream (GstRcastReception * reception, const Step * step,
    GstClockTime now)
{
  /* One more stream than exists, and all streams */
  guint stream = step->stream % (N_STREAMS + 2);

  if (stream == N_STREAMS + 1)
    stream = GST_RCAST_RECEPTION_ALL;
  switch (step->what % 8) {
    case 0:
    case 1:
      gst_rcast_reception_packet (reception, stream, step->number >> 16,
          step->number, step->what & 64, now);
      break;
    case 2:
      gst_rcast_reception_frame (reception, stream, now);
      break;
    case 3:
      gst_rcast_reception_report (reception, stream, step->number, now);
      break;
    case 4:
      gst_rcast_reception_bye (reception, stream, now);
      break;
    case 5:
      gst_rcast_reception_changed (reception, stream, step->number % 4, now);
      break;
    case 6:
      gst_rcast_reception_passed (reception, stream, step->number, now);
      break;
    default:
      break;
  }
}

static void
tell_of_path (GstRcastReception * reception, const Step * step,
    GstClockTime now)
{
  switch (step->what % 8) {
    case 0:
      gst_rcast_reception_heard (reception, now);
      break;
    case 1:
      gst_rcast_reception_answered (reception, now);
      break;
    case 2:
      gst_rcast_reception_set_path (reception, step->number & 1, now);
      break;
    case 3:
      gst_rcast_reception_set_link (reception, step->number & 1);
      break;
    case 4:
      gst_rcast_reception_closed (reception, now);
      break;
    case 5:
      gst_rcast_reception_reach (reception, step->number % 4, now);
      break;
    case 6:
      gst_rcast_reception_set_latency (reception, step->number);
      break;
    default:
      break;
  }
}

static void
check_verdicts (GstRcastReception * reception, GstClockTime now)
{
  for (guint i = 0; i <= N_STREAMS; i++) {
    GstRcastVerdict verdict;

    gst_rcast_reception_get_verdict (reception, i, &verdict);
    g_assert ((verdict.state == GST_RCAST_RECEPTION_GONE)
        == (verdict.cause != GST_RCAST_STREAM_CAUSE_NONE));
    g_assert (verdict.state == GST_RCAST_RECEPTION_WAITING
        || verdict.since <= now);
  }
}

/* Without packets, no stream stays in the arriving state. */
static void
check_silence (GstRcastReception * reception, GstClockTime now)
{
  GstClockTime end = now + 30 * GST_SECOND;
  guint n = 0;

  for (GstClockTime next = now; next < end;) {
    next = gst_rcast_reception_judge (reception, next);
    g_assert (++n < 100);
  }
  for (guint i = 0; i < N_STREAMS; i++) {
    GstRcastVerdict verdict;

    gst_rcast_reception_get_verdict (reception, i, &verdict);
    g_assert (verdict.state != GST_RCAST_RECEPTION_ARRIVING);
  }
}

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  GstRcastReception *reception = gst_rcast_reception_new ();
  GstClockTime now = GST_SECOND;

  for (guint i = 0; i < N_STREAMS; i++)
    gst_rcast_reception_add_stream (reception);
  for (; size >= sizeof (Step); size -= sizeof (Step), data += sizeof (Step)) {
    GstClockTime next;
    Step step;

    memcpy (&step, data, sizeof (step));
    now += step.passed % 4096 * GST_MSECOND;
    if (step.what & 128)
      tell_of_path (reception, &step, now);
    else
      tell_of_stream (reception, &step, now);
    next = gst_rcast_reception_judge (reception, now);
    g_assert (next > now);
    gst_rcast_reception_take_wishes (reception);
    check_verdicts (reception, now);
  }
  check_silence (reception, now);
  gst_rcast_reception_free (reception);
  return 0;
}
