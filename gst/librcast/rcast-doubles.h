/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which packets leave twice unasked: what would be missed most, where a request for it comes too late. */
#pragma once

#include <gst/gst.h>

#include "rcast-codec.h"

G_BEGIN_DECLS

/**
 * GstRcastDoublesView:
 * @spare: the paths are known, and none of them is full
 * @round_trip: to the server and back, 0: not known
 * @loss: share of the packets that are usually lost
 *
 * What is known of the paths that carry the streams.
 */
typedef struct {
  gboolean spare;
  GstClockTime round_trip;
  gdouble loss;
} GstRcastDoublesView;

/**
 * GstRcastDouble:
 * @ssrc: of the packet
 * @seqnum: its sequence number
 * @key: whether it belongs to a key frame
 *
 * A packet that is due to leave once more.
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
