/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a path has shown to carry, and how fast the target grows towards it and beyond. */
#include "config.h"

#include "rcast-ceiling.h"

#include <math.h>

/* Near what the path carried when it was full, the target grows by so much in a second, however
 * large it is, and the faster the longer nothing happens. As it falls by a share of itself,
 * those who share a path get equal parts of it in time. Where the path is known to be wider
 * than our part, somebody else is on it, and the smaller part grows faster. */
#define NEAR 0.85
#define GAIN 20000
#define GAIN_OF_LINE 0.005
#define GAIN_OF_OTHERS 0.065
#define GAIN_TIME 3.0
/* A line that is faster than this seems to be is none: a radio that sends bunches. */
#define LINE_MOST 8
/* Then there is somebody else. */
#define SHARED 1.3

/* If more than this arrives, and still no queue, the path has changed. */
#define OUTGROWN 1.05
/* The time in which what arrives is counted */
#define RECEIVED_WINDOW (400 * GST_MSECOND)

/* Growth in a second: far from what is known, at first, more with each second, and at most */
#define FAR 0.08
#define FAR_MORE 0.12
#define FAR_MOST 0.6

/* Far below what arrived without a queue in so much time, the path is tried soon. */
#define DOUBTFUL 0.6
/* At the start all of it is tried. */
#define TRIED 0.9
#define DOUBT_TIME (700 * GST_MSECOND)
#define BEST_KEPT (30 * GST_SECOND)

/* So much of what a wider path should carry is tried at once. */
#define EXPECTED 0.9

/* So much faster than the target packets follow one another on a path with room. */
#define WIDE 1.4

/* Nothing is known. */
void
gst_rcast_ceiling_init (GstRcastCeiling * ceiling, GstClockTime now)
{
  *ceiling = (GstRcastCeiling) {
    .best_seen = now,
  };
}

/* @received: bit/s, and there is no queue */
void
gst_rcast_ceiling_note (GstRcastCeiling * ceiling, gdouble received,
    GstClockTime now)
{
  if (received <= ceiling->best && now - ceiling->best_seen <= BEST_KEPT)
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

/* Of what left together some left before a path that has become thin did so, when it is found to be
 * full, and some after it has become wide again, when the queue is gone. */
static void
learn_slower_line (GstRcastCeiling * ceiling, gdouble line)
{
  if (ceiling->line == 0 || line < ceiling->line)
    learn_line (ceiling, line);
}

/**
 * gst_rcast_ceiling_learn:
 * @ceiling: the ceiling
 * @seen: bit/s that arrive, and the path is full
 * @line: as in #GstRcastCeilingView
 * @rising: since when the target has risen
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
  /* The second time, with a rise between the two, it was no accident. */
  if (seen < ceiling->best && fabs (seen - ceiling->full) < 0.5 * ceiling->full
      && rising > ceiling->seen) {
    ceiling->best = seen;
    ceiling->recalled = FALSE;
  }
  ceiling->full = seen;
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
 * The queue is gone. Where somebody else is on the path, what arrived of ours while it was full
 * says whose key frame filled it, and not what our part is: that is what was sent before.
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

/* What the path carried until it was full must have changed, or it was full by accident:
 * of a router, a radio, or a machine that stood still. But packets may show that it is
 * as thin as it seemed. */
gboolean
gst_rcast_ceiling_is_doubtful (const GstRcastCeiling * ceiling,
    const GstRcastCeilingView * view)
{
  gboolean tight = view->spaced > 0 && view->spaced < WIDE * view->target;

  return !tight && view->target < (view->starting ? TRIED : DOUBTFUL)
      * ceiling->best;
}

/* Packets follow one another so fast, and nothing of that is from before, that there must be
 * room. Where somebody else is on the path they always do: they have to do so faster than when
 * it was full. */
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

/* More arrives than the path took when it was full, and still no queue: it has changed. */
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

/* Of a path that has become so much wider, our part has, too. */
static void
expect_part (GstRcastCeiling * ceiling, const GstRcastCeilingView * view)
{
  if (ceiling->capacity > 0 && ceiling->line > 0 && view->line > ceiling->line)
    ceiling->expected =
        EXPECTED * ceiling->capacity * view->line / ceiling->line;
}

/* Returns: bit/s that are added in a second near what the path carried */
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
 * @view: what is seen of the path, which has no queue
 * @round_trip: what is too much shows after it
 *
 * What has changed is forgotten.
 *
 * Returns: growth in a second, 1: twice as much
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
