/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Remembers what a path has carried, and says how fast the target may grow. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstRcastCeiling:
 * @capacity: bit/s that arrived while the path was full; 0: not known
 * @seen: when @capacity was measured
 * @full: bit/s that arrived when the path was last full; kept when @capacity is forgotten
 * @line: bit/s at which packets sent back to back arrived then; 0: not known
 * @plunged: bit/s that arrived when the path had just become thin; 0: it has not, or @capacity was
 *   measured since
 * @expected: bit/s that the path should carry since it became wider; 0: not known
 * @reached: how long nothing had been wrong when the target reached @expected
 * @best: the highest bit/s that arrived lately without a queue
 * @best_seen: when @best was measured
 * @recalled: @best comes from an earlier use of the path
 *
 * What is known of a path. A plain struct.
 */
typedef struct {
  gdouble capacity;
  GstClockTime seen;
  gdouble full, line, plunged;
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
 * @spaced: bit/s at which consecutive packets arrive; 0: not known
 * @line: the same for packets sent back to back; 0: not known
 * @calm: how long nothing has been wrong
 * @starting: whether nothing is known of the path yet
 *
 * Current measurements of a path.
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

gboolean gst_rcast_ceiling_plunge    (GstRcastCeiling           * ceiling,
                                      gdouble                     slowed,
                                      gdouble                     sent);
guint64  gst_rcast_ceiling_get_known (const GstRcastCeiling     * ceiling,
                                      guint64                     start,
                                      gboolean                  * full);
gboolean gst_rcast_ceiling_is_doubtful (const GstRcastCeiling     * ceiling,
                                        const GstRcastCeilingView * view);
gboolean gst_rcast_ceiling_is_wide   (const GstRcastCeiling     * ceiling,
                                      const GstRcastCeilingView * view);
gdouble  gst_rcast_ceiling_get_growth (GstRcastCeiling           * ceiling,
                                       const GstRcastCeilingView * view,
                                       GstClockTime                round_trip);

G_END_DECLS
