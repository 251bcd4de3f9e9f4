/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any RTCP: the readers stay within the packet, and feedback keeps the rate within its limits. */
#include "config.h"

#include "fuzz.h"

#include "rcast-feedback.h"
#include "rcast-labels.h"
#include "rcast-rate.h"

#define TURNS 8

typedef struct
{
  GstRcastRate *rate;
  GstRcastLabels *labels;
  GstClockTime now;
  guint told;                   /* number of the last packet reported, 65536: none */
} World;

static void
on_arrival (guint16 number, GstClockTime arrival, gpointer data)
{
  World *world = data;

  gst_rcast_rate_arrival (world->rate, number, number % 3 > 0, arrival,
      world->now);
}

static void
on_span (const GstRcastFeedbackSpan * span, gpointer data)
{
  g_assert (span->count > 0 && span->received <= span->count);
}

static void
on_report (guint32 ssrc, guint fraction, gint32 lost, guint32 sender_report,
    gpointer data)
{
  g_assert (fraction <= 255);
  g_assert (lost >= -0x800000 && lost <= 0x7fffff);
}

static void
on_limit (guint64 bitrate, gpointer data)
{
  g_assert (bitrate <= G_GUINT64_CONSTANT (0x3ffff) << 45);
}

static void
on_packet (guint32 ssrc, guint16 seqnum, gboolean received,
    GstClockTime arrival, gpointer data)
{
  World *world = data;

  g_assert (received || !GST_CLOCK_TIME_IS_VALID (arrival));
  gst_rcast_labels_note (world->labels, ssrc, seqnum, received, arrival);
}

/* The packets are in order, and none comes twice. */
static void
on_label (guint16 number, gboolean received, GstClockTime arrival,
    gpointer data)
{
  World *world = data;

  g_assert (world->told == 65536 || (gint16) (number - world->told) >= 0);
  world->told = number;
  if (received && !GST_CLOCK_TIME_IS_VALID (arrival))
    return;
  gst_rcast_rate_arrival (world->rate, number, TRUE, arrival, world->now);
}

/* Sends packets of streams that the corpus reports, and of others. */
static void
send_labelled (World * world, guint turn)
{
  for (guint ssrc = 1; ssrc < 10; ssrc++)
    for (guint i = 0; i < 40; i++)
      gst_rcast_rate_sent (world->rate, gst_rcast_labels_take (world->labels,
              ssrc, (ssrc % 2 ? 65520 : 0) + turn * 20 + i), 1200, world->now);
}

static void
on_request (guint32 ssrc, guint16 seqnum, gpointer data)
{
  (*(guint *) data)++;
}

static void
on_key_frame (guint32 ssrc, gpointer data)
{
  (*(guint *) data)++;
}

/* Reads the same report several times, each time about packets that were just sent. */
int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  static const GstRcastFeedbackCallbacks callbacks = {
    on_arrival, on_span, on_report, on_limit, on_packet
  };
  static const GstRcastRateConfig config = { 800000, 100000, 5000000 };
  World world = { gst_rcast_rate_new (&config, 0), gst_rcast_labels_new (), 0,
    65536
  };
  GstRcastFeedbackSpan span;
  GstRcastFeedback feedback;
  guint n_requests = 0;

  gst_rcast_feedback_read_requests (data, size, on_request, &n_requests);
  g_assert (n_requests <= 17 * size / 4);
  n_requests = 0;
  gst_rcast_feedback_read_key_frames (data, size, on_key_frame, &n_requests);
  g_assert (n_requests <= size / 8);
  gst_rcast_feedback_init (&feedback);
  for (guint turn = 0; turn < TURNS; turn++) {
    for (guint i = 0; i < 65536; i += 97) {
      /* Another packet with the same index in the table of departures */
      gst_rcast_rate_sent (world.rate, i + 4096, 1200, world.now);
      gst_rcast_rate_sent (world.rate, i, 1200, world.now);
    }
    send_labelled (&world, turn);
    world.now += 50 * GST_MSECOND;
    if (gst_rcast_feedback_read (&feedback, data, size, &callbacks, &world)) {
      world.told = 65536;
      if (gst_rcast_labels_tell (world.labels, &span, on_label, &world))
        g_assert (span.received <= span.count && span.count <= 16384);
      gst_rcast_rate_decide (world.rate, world.now);
    }
    gst_rcast_rate_tick (world.rate, world.now);
    g_assert (gst_rcast_rate_get_target (world.rate) >= config.min);
    g_assert (gst_rcast_rate_get_target (world.rate) <= config.max);
  }
  gst_rcast_labels_free (world.labels);
  gst_rcast_rate_free (world.rate);
  return 0;
}
