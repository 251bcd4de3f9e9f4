/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How much the paths of one webrtcbin carry: what really leaves, joined with what the server says of it. */
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
 * @target: bit/s on the wire that may be sent, of all that is sent
 * @pacing: bit/s on the wire at which waiting packets are to leave
 * @burst: bytes of them that are to leave at once at least
 * @repairs: bit/s on the wire that retransmissions take, or are about to
 * @limited: whether the server says of any session how much it takes
 * @limit: bit/s that it takes of all sessions together, G_MAXUINT64: it takes any number of
 *   one
 * @ceiling: bit/s that the user lets the path carry that was used last, G_MAXUINT64: any number
 * @state: of the path that allows the least
 * @loss: share of the packets that are lost, of the path that loses the most
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
