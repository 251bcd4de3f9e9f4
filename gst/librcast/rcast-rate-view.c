/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Conclusions about a path from the view of its controller. */
#include "config.h"

#include "rcast-rate-view.h"

/* A sender that uses less of the presumed capacity has not tried whether the path carries more. */
#define FILLED 0.8
/* A source that yields to a queue does so within this time and at least to this share. */
#define YIELD_TIME (2 * GST_SECOND)
#define YIELDS 0.92

/* @most: bit/s, upper limit of targets
 * Returns: whether the path carries what is sent. While a target grows fast that is unknown,
 *   unless no stream is left that would follow the target. */
gboolean
gst_rcast_rate_view_is_calm (const GstRcastRateView * view, guint64 most)
{
  switch (view->state) {
    case GST_RCAST_RATE_RISE:
    case GST_RCAST_RATE_HOLD:
      return TRUE;
    case GST_RCAST_RATE_START:
      return view->sent < FILLED * view->target || view->target >= most;
    case GST_RCAST_RATE_DRAIN:
    case GST_RCAST_RATE_LOSS:
    case GST_RCAST_RATE_RIVAL:
    case GST_RCAST_RATE_BLIND:
      break;
  }
  return FALSE;
}

/* Returns: whether a queue of ours stands on the path and gets shorter: a packet sent now waits in
 *   it or is lost. If the source does not yield, the queue stays for good, and retransmissions
 *   make little difference. */
gboolean
gst_rcast_rate_view_is_full (const GstRcastRateView * view)
{
  return view->state == GST_RCAST_RATE_DRAIN && (view->lasts < YIELD_TIME
      || view->sent < YIELDS * view->filled);
}

/* Returns: bit/s that the path carries, as far as the sent media shows it; 0: unknown */
static guint64
judge_room (const GstRcastRateView * view, guint64 needed)
{
  switch (view->state) {
    case GST_RCAST_RATE_LOSS:
    case GST_RCAST_RATE_RIVAL:
      return view->target;
    case GST_RCAST_RATE_START:
    case GST_RCAST_RATE_RISE:
    case GST_RCAST_RATE_HOLD:
    case GST_RCAST_RATE_DRAIN:
      if (view->capacity > 0)
        return view->capacity;
      break;
    case GST_RCAST_RATE_BLIND:
      break;
  }
  return view->target >= needed ? view->target : 0;
}

/* @needed: bit/s without which what is sent is of no use
 * @eager: whether the source wants to send more than the target allows
 *
 * Returns: bit/s that the path carries, 0: unknown. A value that was learnt while little was sent,
 *   as during a quiet picture, is not all that the path carries. */
guint64
gst_rcast_rate_view_find_room (const GstRcastRateView * view, guint64 needed,
    gboolean eager)
{
  guint64 room = judge_room (view, needed);

  return room >= needed || eager || view->sent >= FILLED * room ? room : 0;
}
