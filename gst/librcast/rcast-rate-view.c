/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What can be said of a path by what its controller knows. */
#include "config.h"

#include "rcast-rate-view.h"

/* Who sends less of what a path is said to carry has not tried whether it carries more. */
#define FILLED 0.8
/* Who yields to a queue does so within this time, by this at least. */
#define YIELD_TIME (2 * GST_SECOND)
#define YIELDS 0.92

/* @most: bit/s that no target is above
 * Returns: whether the path carries what is sent. While a target grows fast that is not known,
 *   unless there is nothing left that would follow it. */
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

/* Returns: whether a queue of ours stands on the path, and gets shorter: what is sent now waits in
 *   it, or is lost. A source that does not yield leaves it as it is, for good, and what is sent
 *   again makes little difference. */
gboolean
gst_rcast_rate_view_is_full (const GstRcastRateView * view)
{
  return view->state == GST_RCAST_RATE_DRAIN && (view->lasts < YIELD_TIME
      || view->sent < YIELDS * view->filled);
}

/* Returns: bit/s, as far as what was sent shows it; 0: it is not known */
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
 * @eager: whether more is to be sent than the target allows
 *
 * Returns: bit/s that the path carries, or 0: it is not known. What was learnt while little was
 *   sent, as of a picture that is quiet, is not all that it carries. */
guint64
gst_rcast_rate_view_find_room (const GstRcastRateView * view, guint64 needed,
    gboolean eager)
{
  guint64 room = judge_room (view, needed);

  return room >= needed || eager || view->sent >= FILLED * room ? room : 0;
}
