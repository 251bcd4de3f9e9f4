/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The congestion controller of one path, fed with what was sent and what arrived. */
#pragma once

#include <gst/gst.h>

#include "rcast-departures.h"

G_BEGIN_DECLS

/**
 * GstRcastRateState:
 * @GST_RCAST_RATE_START: nothing is known of the path; the target grows fast
 * @GST_RCAST_RATE_RISE: there is no queue and no loss; the target grows
 * @GST_RCAST_RATE_HOLD: the target stays for a round trip, to see its effect
 * @GST_RCAST_RATE_DRAIN: a queue stands on the path; less is sent than the path carries
 * @GST_RCAST_RATE_LOSS: packets are lost without a queue; less is sent, to see whether
 *   that helps
 * @GST_RCAST_RATE_RIVAL: another sender keeps the queue of the path full; the target is lowered
 *   only if packets are lost
 * @GST_RCAST_RATE_BLIND: packets are sent, but no feedback comes
 */
typedef enum {
  GST_RCAST_RATE_START,
  GST_RCAST_RATE_RISE,
  GST_RCAST_RATE_HOLD,
  GST_RCAST_RATE_DRAIN,
  GST_RCAST_RATE_LOSS,
  GST_RCAST_RATE_RIVAL,
  GST_RCAST_RATE_BLIND,
} GstRcastRateState;

/**
 * GstRcastRateConfig:
 * @start: the first target
 * @min: the lowest target
 * @max: the highest target
 *
 * Limits in bit/s on the wire, with IP and UDP headers.
 */
typedef struct {
  guint64 start, min, max;
} GstRcastRateConfig;

/**
 * GstRcastRateView:
 * @state: state of the controller
 * @target: bit/s that may be sent
 * @sent: bit/s that were sent in the last half second
 * @received: bit/s that arrived in the last 400 ms for which there is feedback
 * @capacity: bit/s that arrived when the path was full, 0: it was never full
 * @queue: how long packets wait on the path
 * @round_trip: until the feedback for a packet comes, 0: not known
 * @loss: share of the packets that were lost in the last second
 * @usual: share that was lost in the last seconds without a queue on the path
 * @limited: the target does not grow because the source sends too little; the path is not the
 *   limit
 * @lasts: how long @state has lasted
 * @filled: bit/s that arrived when the present queue was first seen, 0: not known
 *
 * What the controller knows of a path.
 */
typedef struct {
  GstRcastRateState state;
  guint64 target, sent, received, capacity;
  GstClockTime queue, round_trip;
  gdouble loss, usual;
  gboolean limited;
  GstClockTime lasts;
  gdouble filled;
} GstRcastRateView;

typedef struct _GstRcastRate GstRcastRate;

GstRcastRate * gst_rcast_rate_new       (const GstRcastRateConfig * config,
                                         GstClockTime               now);
void           gst_rcast_rate_free      (GstRcastRate * self);
void           gst_rcast_rate_configure (GstRcastRate             * self,
                                         const GstRcastRateConfig * config);

void           gst_rcast_rate_sent      (GstRcastRate * self,
                                         guint16        number,
                                         gsize          size,
                                         GstClockTime   now);
gboolean       gst_rcast_rate_awaits    (const GstRcastRate * self,
                                         guint16              number,
                                         GstRcastDeparture  * departure,
                                         GstClockTime         now);
gboolean       gst_rcast_rate_arrival   (GstRcastRate * self,
                                         guint16        number,
                                         gboolean       alone,
                                         GstClockTime   arrival,
                                         GstClockTime   now);
gboolean       gst_rcast_rate_guess     (GstRcastRate * self,
                                         guint16        number,
                                         GstClockTime   arrival,
                                         GstClockTime   now);
void           gst_rcast_rate_decide    (GstRcastRate * self,
                                         GstClockTime   now);
void           gst_rcast_rate_tick      (GstRcastRate * self,
                                         GstClockTime   now);
void           gst_rcast_rate_restart   (GstRcastRate * self,
                                         GstClockTime   now);
void           gst_rcast_rate_recall    (GstRcastRate * self,
                                         guint64        known,
                                         GstClockTime   now);
void           gst_rcast_rate_try       (GstRcastRate * self,
                                         guint64        target,
                                         GstClockTime   now);
void           gst_rcast_rate_excuse_loss (GstRcastRate * self,
                                         GstClockTime   until);
void           gst_rcast_rate_show      (GstRcastRate * self,
                                         guint64        shown,
                                         GstClockTime   now);

void           gst_rcast_rate_set_eager (GstRcastRate * self,
                                         gboolean       eager);
gboolean       gst_rcast_rate_has_feedback (const GstRcastRate * self,
                                            GstClockTime         now);
guint64        gst_rcast_rate_get_known  (const GstRcastRate * self,
                                          gboolean           * full);
guint64        gst_rcast_rate_get_target (const GstRcastRate * self);
guint64        gst_rcast_rate_get_pacing (const GstRcastRate * self,
                                          GstClockTime         now);
gsize          gst_rcast_rate_get_burst  (const GstRcastRate * self,
                                          GstClockTime         now);
gboolean       gst_rcast_rate_get_way    (const GstRcastRate * self,
                                          GstClockTimeDiff   * way);
void           gst_rcast_rate_get_view   (GstRcastRate     * self,
                                          GstRcastRateView * view,
                                          GstClockTime       now);

G_END_DECLS
