/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A pad of rcastsrc: one stream, over all connections that bring it. */
#pragma once

#include <gst/gst.h>

#include "rcast-types.h"

G_BEGIN_DECLS

/**
 * GstRcastOutletSettings:
 * @latency: latency of the jitter buffers
 * @stall_action: what to push while nothing comes in
 *
 * Settings of all outlets.
 */
typedef struct {
  GstClockTime latency;
  GstRcastStallAction stall_action;
} GstRcastOutletSettings;

/*
 * Connections come and go, the pad stays. Their packets are queued without blocking. The pad's
 * own thread pushes them, as a live source. The newest connection that brings something to start
 * with takes over, and packets of an older one are dropped.
 *
 * Signal "media-unlinked", on a thread that pushes, with a duration (uint64, ns): how much media
 * came while downstream was not linked. Emitted once until downstream takes media.
 *
 * Signal "media-lasts", on a thread that pushes, with a number of seconds (uint): how much media has
 * come by now. Emitted for each second, at the first buffer after it. A break counts as a second at
 * most.
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
