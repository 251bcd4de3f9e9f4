/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When uplinks that are not preferred, because they are metered, have to carry a part. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstRcastReserve:
 *
 * Which uplinks carry. A plain struct that is zero at first; the field @rank may be read: those
 * of this rank and of better ones, which are less, do.
 */
typedef struct {
  guint rank;
  /*< private >*/
  GstClockTime thin, ample;     /* since when these are; 0: they are not */
} GstRcastReserve;

/**
 * GstRcastReserveLoad:
 * @eager: whether more is to be sent than those that carry may take
 * @sent: bit/s that are sent
 * @better: bit/s that may be sent on those that carry but for the worst rank
 *
 * How much there is to carry.
 */
typedef struct {
  gboolean eager;
  guint64 sent, better;
} GstRcastReserveLoad;

void gst_rcast_reserve_see   (GstRcastReserve           * reserve,
                              const guint               * ranks,
                              guint                       n);
void gst_rcast_reserve_weigh (GstRcastReserve           * reserve,
                              const guint               * ranks,
                              guint                       n,
                              const GstRcastReserveLoad * load,
                              GstClockTime                now);

G_END_DECLS
