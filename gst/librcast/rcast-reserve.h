/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides when uplinks of a lower preference, such as metered ones, have to help. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstRcastReserve:
 *
 * Which uplinks carry media. A plain struct that is zero at first. The field @rank may be read:
 * uplinks of this rank and of lower numbers, which are preferred, carry media.
 */
typedef struct {
  guint rank;
  /*< private >*/
  GstClockTime thin, ample;     /* since when the uplinks are thin or ample; 0: they are not */
} GstRcastReserve;

/**
 * GstRcastReserveLoad:
 * @eager: whether more is to be sent than the uplinks in use may carry
 * @sent: bit/s that are sent
 * @better: bit/s that may be sent on the uplinks in use, without those of the worst rank
 *
 * The load of the uplinks.
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
