/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds what each packet on the wire carries: a packet of media, or its retransmission. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstRcastTrace:
 * @ssrc: SSRC of a packet of media
 * @seqnum: its sequence number
 * @again: when its retransmission left, or %GST_CLOCK_TIME_NONE: it is the packet itself
 * @padding: whether the retransmission is only padding
 *
 * What a packet on the wire carries.
 */
typedef struct {
  guint32 ssrc;
  guint16 seqnum;
  GstClockTime again;
  gboolean padding;
} GstRcastTrace;

typedef struct _GstRcastTraces GstRcastTraces;

GstRcastTraces * gst_rcast_traces_new         (void);
void             gst_rcast_traces_free        (GstRcastTraces * self);

void             gst_rcast_traces_expect      (GstRcastTraces * self,
                                               guint32          ssrc,
                                               guint16          seqnum,
                                               gboolean         padding,
                                               GstClockTime     now);
gboolean         gst_rcast_traces_is_expected (GstRcastTraces * self,
                                               GstClockTime     now);
void             gst_rcast_traces_sent_again  (GstRcastTraces * self,
                                               guint32          ssrc,
                                               guint16          seqnum,
                                               guint16          original,
                                               GstClockTime     now);
void             gst_rcast_traces_carry       (GstRcastTraces * self,
                                               guint            session,
                                               const gchar    * path,
                                               GstClockTime     now);
GstClockTime     gst_rcast_traces_get_moved   (const GstRcastTraces * self,
                                               guint                  session);
void             gst_rcast_traces_sent        (GstRcastTraces * self,
                                               guint            session,
                                               guint16          number,
                                               guint32          ssrc,
                                               guint16          seqnum);

guint            gst_rcast_traces_begin_report (GstRcastTraces * self,
                                               guint            session,
                                               guint16          first,
                                               guint            count,
                                               guint8           report,
                                               gboolean       * follows);
gboolean         gst_rcast_traces_find_number (const GstRcastTraces * self,
                                               guint                  session,
                                               guint16                number,
                                               GstRcastTrace        * trace);
void             gst_rcast_traces_find        (const GstRcastTraces * self,
                                               guint32                ssrc,
                                               guint16                seqnum,
                                               GstRcastTrace        * trace);

G_END_DECLS
