/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The streams to send: those that can be offered, compared with the last offer. */
#pragma once

#include <gst/gst.h>

#include "gstrcaststream.h"

G_BEGIN_DECLS

/**
 * GstRcastLineupState:
 * @GST_RCAST_LINEUP_PENDING: a stream does not know yet what it can offer, or there is no stream
 * @GST_RCAST_LINEUP_READY: an offer can be made; the last one, if any, still fits
 * @GST_RCAST_LINEUP_FEWER: the same, but some of the offered streams are gone
 * @GST_RCAST_LINEUP_CHANGED: an offer can be made, and the last one does not fit
 */
typedef enum {
  GST_RCAST_LINEUP_PENDING,
  GST_RCAST_LINEUP_READY,
  GST_RCAST_LINEUP_FEWER,
  GST_RCAST_LINEUP_CHANGED,
} GstRcastLineupState;

typedef struct _GstRcastLineup GstRcastLineup;

GstRcastLineup *    gst_rcast_lineup_new   (void);
void                gst_rcast_lineup_free  (GstRcastLineup * self);
GstRcastLineupState gst_rcast_lineup_check (const GstRcastLineup * self,
                                            GPtrArray            * streams);
GPtrArray *         gst_rcast_lineup_offer (GstRcastLineup * self,
                                            GPtrArray      * streams);
void                gst_rcast_lineup_reset (GstRcastLineup * self);

G_END_DECLS
