/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A pad of rcastsrc: one stream, whatever becomes of the connections that it comes by. */
#pragma once

#include <gst/gst.h>

#include "rcast-types.h"

G_BEGIN_DECLS

/**
 * GstRcastOutletSettings:
 * @latency: of the jitter buffers
 * @stall_action: what is pushed while nothing comes
 *
 * What all outlets have in common.
 */
typedef struct {
  GstClockTime latency;
  GstRcastStallAction stall_action;
} GstRcastOutletSettings;

/*
 * Connections come and go, the pad stays. What they bring is queued, never blocked, and
 * pushed by the pad's own thread, as that of a live source. The newest connection that
 * brings something to start with takes over; what an older one still brings is dropped.
 *
 * Signal "media-unlinked", on a thread that pushes, with a duration (uint64, ns): so much has
 * come that nobody took, as downstream is linked to nothing. Once until it takes something.
 */
#define GST_TYPE_RCAST_OUTLET (gst_rcast_outlet_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastOutlet, gst_rcast_outlet, GST, RCAST_OUTLET, GstPad)

GstRcastOutlet * gst_rcast_outlet_new          (GstPadTemplate * template,
                                                const gchar    * name,
                                                GstEvent       * stream_start,
                                                const GstRcastOutletSettings * settings);

void             gst_rcast_outlet_show         (GstRcastOutlet * self,
                                                GstPad         * pad,
                                                GstCaps        * caps);
void             gst_rcast_outlet_announce     (GstRcastOutlet * self,
                                                GstCaps        * caps);
void             gst_rcast_outlet_hold         (GstRcastOutlet * self,
                                                gboolean         held);
void             gst_rcast_outlet_set          (GstRcastOutlet * self,
                                                const GstRcastOutletSettings * settings);
void             gst_rcast_outlet_set_playing  (GstRcastOutlet * self,
                                                gboolean         playing);
void             gst_rcast_outlet_push         (GstRcastOutlet * self,
                                                GstPad         * source,
                                                guint            serial,
                                                GstCaps        * caps,
                                                GstBuffer      * buffer);
void             gst_rcast_outlet_leave        (GstRcastOutlet * self,
                                                GstPad         * source);
void             gst_rcast_outlet_end          (GstRcastOutlet * self);
void             gst_rcast_outlet_add_stats    (GstRcastOutlet * self,
                                                gboolean         linked,
                                                GstStructure   * stats);

G_END_DECLS
