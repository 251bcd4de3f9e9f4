/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a path has shown to carry, and how fast the target grows towards it and beyond. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstRcastCeiling:
 * @capacity: bit/s that arrived when the path was full, 0: not known
 * @seen: when that was
 * @full: the same, the last time; not forgotten with @capacity
 * @line: bit/s at which packets that left together followed one another then, 0: not known
 * @expected: bit/s that it should carry since it has become wider, 0: not known
 * @reached: for how long nothing had been wrong when the target came to that
 * @best: the most that arrived without a queue lately
 * @best_seen: when that was
 * @recalled: @best has not been seen here
 *
 * What is known of a path. A plain struct.
 */
typedef struct {
  gdouble capacity;
  GstClockTime seen;
  gdouble full, line;
  gdouble expected;
  GstClockTime reached;
  gdouble best;
  GstClockTime best_seen;
  gboolean recalled;
} GstRcastCeiling;

/**
 * GstRcastCeilingView:
 * @target: bit/s that may be sent
 * @received: bit/s that arrive
 * @spaced: bit/s at which packets follow one another, 0: not known
 * @line: the same of packets that left together, 0: not known
 * @calm: for how long nothing has been wrong
 * @starting: nothing is known of the path yet
 *
 * What is seen of it now.
 */
typedef struct {
  gdouble target, received, spaced, line;
  GstClockTime calm;
  gboolean starting;
} GstRcastCeilingView;

void     gst_rcast_ceiling_init      (GstRcastCeiling           * ceiling,
                                      GstClockTime                now);
void     gst_rcast_ceiling_note      (GstRcastCeiling           * ceiling,
                                      gdouble                     received,
                                      GstClockTime                now);
void     gst_rcast_ceiling_show      (GstRcastCeiling           * ceiling,
                                      gdouble                     shown,
                                      GstClockTime                now);
void     gst_rcast_ceiling_learn     (GstRcastCeiling           * ceiling,
                                      gdouble                     seen,
                                      gdouble                     line,
                                      GstClockTime                rising,
                                      GstClockTime                now);
void     gst_rcast_ceiling_share     (GstRcastCeiling           * ceiling,
                                      gdouble                     before,
                                      gdouble                     line);

gboolean gst_rcast_ceiling_is_doubtful (const GstRcastCeiling     * ceiling,
                                        const GstRcastCeilingView * view);
gboolean gst_rcast_ceiling_is_wide   (const GstRcastCeiling     * ceiling,
                                      const GstRcastCeilingView * view);
gdouble  gst_rcast_ceiling_get_growth (GstRcastCeiling           * ceiling,
                                       const GstRcastCeilingView * view,
                                       GstClockTime                round_trip);

G_END_DECLS
