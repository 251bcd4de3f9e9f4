/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How much the paths of one webrtcbin carry, by what leaves and by the server's feedback
 * about it. */
#pragma once

#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>

#include "gstrcastallowances.h"
#include "gstrcastcapacities.h"
#include "gstrcastpacing.h"
#include "gstrcastrepairfilter.h"
#include "rcast-feedback.h"
#include "rcast-rate.h"

G_BEGIN_DECLS

#define GST_TYPE_RCAST_RATES (gst_rcast_rates_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastRates, gst_rcast_rates, GST, RCAST_RATES, GstObject)

/**
 * GstRcastRatesView:
 * @known: whether there is feedback about what is sent
 * @target: bit/s on the wire that may be sent, of everything that is sent
 * @pacing: pacing rate, in bit/s on the wire
 * @burst: least number of waiting bytes that leave at once
 * @repairs: bit/s on the wire that retransmissions take, or are about to take
 * @limited: whether the server limits any session
 * @limit: the server's limit of all sessions together in bit/s, G_MAXUINT64: one session
 *   has no limit
 * @ceiling: the user's limit of the path that was used last in bit/s, G_MAXUINT64: no
 *   limit
 * @state: rate state of the path with the lowest target
 * @loss: share of lost packets, of the path that loses most
 * @padding: whether gst_rcast_rates_pad() has something to do
 *
 * What all paths together carry.
 */
typedef struct {
  gboolean known, limited;
  guint64 target, pacing, repairs, limit, ceiling;
  gsize burst;
  GstRcastRateState state;
  gdouble loss;
  gboolean padding;
} GstRcastRatesView;

GstRcastRates * gst_rcast_rates_new       (const gchar              * name,
                                           const GstRcastRateConfig * config,
                                           GstRcastCapacities       * capacities);
void            gst_rcast_rates_set_allowances (GstRcastRates * self,
                                           GstRcastAllowances * allowances);
void            gst_rcast_rates_watch     (GstRcastRates        * self,
                                           GstWebRTCICE         * ice,
                                           GstRcastRepairFilter * repairs,
                                           gboolean               measure);
void            gst_rcast_rates_note_repairs (GstRcastRates * self,
                                           gsize           bytes);
void            gst_rcast_rates_add_media (GstRcastRates * self,
                                           guint32         ssrc,
                                           guint           session);
void            gst_rcast_rates_name_media (GstRcastRates * self,
                                           guint32         ssrc);
void            gst_rcast_rates_pad_media (GstRcastRates * self,
                                           guint32         ssrc);
guint64         gst_rcast_rates_get_limit (GstRcastRates * self,
                                           guint32         ssrc);
gboolean        gst_rcast_rates_read      (GstRcastRates * self,
                                           guint           session,
                                           GstBuffer     * rtcp,
                                           GArray        * spans,
                                           GstClockTime    now);
void            gst_rcast_rates_begin_again (GstRcastRates * self,
                                           GstClockTime    now);
void            gst_rcast_rates_try       (GstRcastRates * self,
                                           guint64         target,
                                           GstClockTime    now);
void            gst_rcast_rates_tick      (GstRcastRates     * self,
                                           GstRcastRatesView * view,
                                           GstClockTime        now);
gboolean        gst_rcast_rates_pad       (GstRcastRates * self,
                                           GstClockTime    now);
guint64         gst_rcast_rates_find_room (GstRcastRates * self,
                                           guint           session_id,
                                           guint64         needed,
                                           const gchar  ** interface,
                                           GstClockTime    now);
gboolean        gst_rcast_rates_take_answer (GstRcastRates * self);
GstRcastPacing * gst_rcast_rates_get_pacing (GstRcastRates * self);
void            gst_rcast_rates_set_eager (GstRcastRates * self,
                                           gboolean        eager);
void            gst_rcast_rates_set_useful (GstRcastRates * self,
                                           guint64         useful);
void            gst_rcast_rates_add_stats (GstRcastRates * self,
                                           GstStructure  * stats);

G_END_DECLS
