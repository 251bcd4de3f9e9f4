/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Picks packets to send twice unasked: the ones missed most when a NACK would come too late. */
#pragma once

#include <gst/gst.h>

#include "rcast-codec.h"

G_BEGIN_DECLS

/**
 * GstRcastDoublesView:
 * @spare: all paths are known and none of them is full
 * @round_trip: to the server and back; 0: not known
 * @loss: share of packets that are usually lost
 *
 * The state of the paths that carry the streams.
 */
typedef struct {
  gboolean spare;
  GstClockTime round_trip;
  gdouble loss;
} GstRcastDoublesView;

/**
 * GstRcastDouble:
 * @ssrc: SSRC of the packet
 * @seqnum: sequence number of the packet
 * @key: whether the packet belongs to a key frame
 *
 * A packet that is due to be sent a second time.
 */
typedef struct {
  guint32 ssrc;
  guint16 seqnum;
  gboolean key;
} GstRcastDouble;

typedef struct _GstRcastDoubles GstRcastDoubles;

void              gst_rcast_doubles_view_join  (GstRcastDoublesView       * all,
                                                const GstRcastDoublesView * view);

GstRcastDoubles * gst_rcast_doubles_new        (void);
void              gst_rcast_doubles_free       (GstRcastDoubles * self);

gboolean          gst_rcast_doubles_add_stream (GstRcastDoubles * self,
                                                guint32           ssrc,
                                                GstRcastCodec     codec);
void              gst_rcast_doubles_repaired   (GstRcastDoubles * self,
                                                guint32           ssrc,
                                                GstClockTime      now);
gboolean          gst_rcast_doubles_is_known   (const GstRcastDoubles * self,
                                                guint32                 ssrc,
                                                GstClockTime            now);
gboolean          gst_rcast_doubles_heed       (GstRcastDoubles           * self,
                                                const GstRcastDoublesView * view,
                                                GstClockTime                now);
gboolean          gst_rcast_doubles_wants      (const GstRcastDoubles * self,
                                                guint32                 ssrc,
                                                GstClockTime            now);
void              gst_rcast_doubles_sent       (GstRcastDoubles * self,
                                                const guint8    * data,
                                                gsize             size,
                                                GstClockTime      now);
gboolean          gst_rcast_doubles_next       (GstRcastDoubles * self,
                                                guint32           ssrc,
                                                GstRcastDouble  * due,
                                                GstClockTime      now);

G_END_DECLS
