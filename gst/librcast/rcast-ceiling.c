/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Remembers what a path has carried, and says how fast the target may grow. */
#include "config.h"

#include "rcast-ceiling.h"

#include "rcast-elapsed.h"

#include <math.h>

/* Near what the path carried when it was full, the target grows by a constant bitrate per second,
 * whatever its size, and faster the longer all is well. It falls by a share of itself. So senders
 * that share a path get equal parts in time. If the path is known to be wider than our part,
 * somebody else uses it, and the smaller part grows faster. */
#define NEAR 0.85
#define GAIN 20000
#define GAIN_OF_LINE 0.005
#define GAIN_OF_OTHERS 0.065
#define GAIN_TIME 3.0
/* A line rate higher by more than this factor is not real: the radio sends in bursts. */
#define LINE_MOST 8
/* If the line rate is higher by this factor, somebody else uses the path. */
#define SHARED 1.3

/* A path that carries less than this part of what it carried before has become thin. */
#define PLUNGED 0.6

/* If more than this arrives without a queue, the path has changed. */
#define OUTGROWN 1.05
/* Window in which arrivals are counted */
#define RECEIVED_WINDOW (400 * GST_MSECOND)

/* Growth per second far from known limits: at first, more with each second, and at most */
#define FAR 0.08
#define FAR_MORE 0.12
#define FAR_MOST 0.6

/* A target below this share of what lately arrived without a queue is raised soon, */
#define DOUBTFUL 0.6
/* at the start one below this share. */
#define TRIED 0.9
#define DOUBT_TIME (700 * GST_MSECOND)
#define BEST_KEPT (30 * GST_SECOND)

/* Share of a wider path's expected capacity that is tried at once */
#define EXPECTED 0.9

/* On a path with room, packets arrive this much faster than the target. */
#define WIDE 1.4

/* Starts with nothing known. */
void
gst_rcast_ceiling_init (GstRcastCeiling * ceiling, GstClockTime now)
{
  *ceiling = (GstRcastCeiling) {
    .best_seen = now,
  };
}

/* @received: bit/s that arrive without a queue */
void
gst_rcast_ceiling_note (GstRcastCeiling * ceiling, gdouble received,
    GstClockTime now)
{
  if (received <= ceiling->best
      && gst_rcast_elapsed (ceiling->best_seen, now) <= BEST_KEPT)
    return;
  ceiling->best = received;
  ceiling->best_seen = now;
  ceiling->recalled = FALSE;
}

/* @shown: bit/s that a probe has shown the path to carry */
void
gst_rcast_ceiling_show (GstRcastCeiling * ceiling, gdouble shown,
    GstClockTime now)
{
  if (shown > OUTGROWN * ceiling->capacity)
    ceiling->capacity = 0;
  gst_rcast_ceiling_note (ceiling, shown, now);
}

static void
learn_line (GstRcastCeiling * ceiling, gdouble line)
{
  if (line > 0)
    ceiling->line = line;
}

/* Some of the packets that left together were sent before a path became thin, when it is found to
 * be full, or after it became wide again, when the queue is gone. So only a lower rate counts. */
static void
learn_slower_line (GstRcastCeiling * ceiling, gdouble line)
{
  if (ceiling->line == 0 || line < ceiling->line)
    learn_line (ceiling, line);
}

/**
 * gst_rcast_ceiling_learn:
 * @ceiling: the ceiling
 * @seen: bit/s that arrive, while the path is full; 0: not known
 * @line: as in #GstRcastCeilingView
 * @rising: since when the target has been rising
 * @now: the time
 */
void
gst_rcast_ceiling_learn (GstRcastCeiling * ceiling, gdouble seen, gdouble line,
    GstClockTime rising, GstClockTime now)
{
  gboolean alike = ceiling->capacity > 0
      && fabs (seen - ceiling->capacity) < 0.3 * ceiling->capacity;

  if (seen <= 0)
    return;
  /* A second time, after the target has risen in between, is not an accident. */
  if (seen < ceiling->best && fabs (seen - ceiling->full) < 0.5 * ceiling->full
      && rising > ceiling->seen) {
    ceiling->best = seen;
    ceiling->recalled = FALSE;
  }
  ceiling->full = seen;
  ceiling->plunged = 0;
  ceiling->expected = 0;
  ceiling->reached = 0;
  ceiling->capacity = alike ? (ceiling->capacity + seen) / 2 : seen;
  ceiling->seen = now;
  learn_line (ceiling, line);
}

/**
 * gst_rcast_ceiling_share:
 * @ceiling: the ceiling
 * @before: the target before the path was full
 * @line: as in #GstRcastCeilingView
 *
 * The queue is gone. If somebody else uses the path, our arrivals while it was full depend on whose
 * key frame filled it. They do not tell our part; what we sent before does.
 */
void
gst_rcast_ceiling_share (GstRcastCeiling * ceiling, gdouble before,
    gdouble line)
{
  learn_slower_line (ceiling, line);
  if (ceiling->capacity > 0 && ceiling->line > SHARED * ceiling->capacity)
    ceiling->capacity = CLAMP (before, ceiling->capacity / SHARED,
        ceiling->capacity * SHARED);
}

/**
 * gst_rcast_ceiling_plunge:
 * @ceiling: the ceiling
 * @slowed: bit/s that arrive while a queue grows steadily; 0: no queue does
 * @sent: bit/s that are sent
 *
 * The path has become thin if it carries much less than is sent, and than it carried before. A few
 * packets do not measure the capacity, and a rival may have come. @slowed becomes the capacity only
 * if nothing better is learnt before the queue is gone.
 *
 * Returns: whether the path has become thin
 */
gboolean
gst_rcast_ceiling_plunge (GstRcastCeiling * ceiling, gdouble slowed,
    gdouble sent)
{
  gdouble known = ceiling->capacity > 0 ? ceiling->capacity : ceiling->best;

  if (slowed == 0 || slowed >= PLUNGED * MIN (known, sent))
    return FALSE;
  ceiling->plunged = slowed;
  return TRUE;
}

/* @start: the first target, in bit/s
 * @full: (out): whether the path was full
 * Returns: bit/s that the path has shown to carry; 0: nothing */
guint64
gst_rcast_ceiling_get_known (const GstRcastCeiling * ceiling, guint64 start,
    gboolean * full)
{
  *full = ceiling->capacity > 0;
  if (*full)
    return ceiling->capacity;
  return ceiling->best > 0 && !ceiling->recalled ? MAX (ceiling->best, start) :
      0;
}

/* Either the path has changed since it was full, or it was full by accident: a router, a radio, or
 * a machine that stood still. But the spacing of packets may show that it is as thin as it
 * seemed. */
gboolean
gst_rcast_ceiling_is_doubtful (const GstRcastCeiling * ceiling,
    const GstRcastCeilingView * view)
{
  gboolean tight = view->spaced > 0 && view->spaced < WIDE * view->target;

  return !tight && view->target < (view->starting ? TRIED : DOUBTFUL)
      * ceiling->best;
}

/* Packets follow one another so fast, all of them recent, that there must be room. If somebody else
 * uses the path they always do; then they must be faster than when it was full. */
gboolean
gst_rcast_ceiling_is_wide (const GstRcastCeiling * ceiling,
    const GstRcastCeilingView * view)
{
  gdouble known = MAX (view->target, ceiling->capacity);

  if (view->calm <= RECEIVED_WINDOW + 100 * GST_MSECOND)
    return FALSE;
  if (ceiling->capacity > 0 && ceiling->line > 0)
    return view->line > WIDE * MAX (ceiling->line, known);
  return view->spaced > WIDE * known;
}

/* Whether more arrives than the path carried when it was full, without a queue: it has changed */
static gboolean
has_changed (const GstRcastCeiling * ceiling, const GstRcastCeilingView * view,
    gboolean wide, gboolean doubtful)
{
  if (wide)
    return TRUE;
  if (doubtful)
    return view->calm > DOUBT_TIME;
  return view->calm > RECEIVED_WINDOW && MIN (view->target, view->received) >
      OUTGROWN * ceiling->capacity;
}

/* If the path has become wider, our part grows by the same factor. */
static void
expect_part (GstRcastCeiling * ceiling, const GstRcastCeilingView * view)
{
  if (ceiling->capacity > 0 && ceiling->line > 0 && view->line > ceiling->line)
    ceiling->expected =
        EXPECTED * ceiling->capacity * view->line / ceiling->line;
}

/* Returns: bit/s to add per second near what the path carried */
static gdouble
get_gain (const GstRcastCeiling * ceiling, GstClockTime calm)
{
  gdouble line = MIN (ceiling->line, LINE_MOST * ceiling->capacity);
  gdouble gain = GAIN_OF_LINE * line
      + GAIN_OF_OTHERS * MAX (line - ceiling->capacity, 0);
  gdouble time = (gdouble) calm / GST_SECOND / GAIN_TIME;

  return MAX (gain, GAIN) * (1 + time * time);
}

/**
 * gst_rcast_ceiling_get_growth:
 * @ceiling: the ceiling
 * @view: measurements of the path, which has no queue
 * @round_trip: time after which too high a rate shows
 *
 * Forgets a capacity that has changed.
 *
 * Returns: growth per second; 1: doubling
 */
gdouble
gst_rcast_ceiling_get_growth (GstRcastCeiling * ceiling,
    const GstRcastCeilingView * view, GstClockTime round_trip)
{
  gdouble fast = MIN (100.0 * GST_MSECOND / MAX (round_trip, 1), 1);
  gboolean wide = gst_rcast_ceiling_is_wide (ceiling, view);
  gboolean doubtful = gst_rcast_ceiling_is_doubtful (ceiling, view);

  if (has_changed (ceiling, view, wide, doubtful)) {
    expect_part (ceiling, view);
    ceiling->capacity = 0;
  }
  if (doubtful)
    return MAX (5 * fast, 0.4);
  if (view->starting)
    return MAX (3 * fast, 0.6);
  if (ceiling->capacity > 0 && view->target > NEAR * ceiling->capacity)
    return MIN (get_gain (ceiling, view->calm) / view->target, FAR_MOST);
  if (view->target < ceiling->expected)
    ceiling->reached = view->calm;
  if (wide || view->target < ceiling->expected)
    return MAX (4 * fast, 0.4);
  return MIN (FAR + FAR_MORE * (view->calm - MIN (view->calm,
              ceiling->reached)) / GST_SECOND, FAR_MOST);
}
