/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which packets that were sent again leave a second time, and when. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstRcastSecond:
 * @ssrc: of the packet
 * @seqnum: its sequence number
 * @plain: it leaves as it was, and not in a stream of retransmissions
 * @asked: when the server has asked for it once more, or %GST_CLOCK_TIME_NONE: it has not
 * @due: when it is to leave, unless it is known by then to have arrived
 *
 * A packet that was sent again.
 */
typedef struct {
  guint32 ssrc;
  guint16 seqnum;
  gboolean plain;
  GstClockTime asked;
  GstClockTime due;
} GstRcastSecond;

typedef struct _GstRcastSeconds GstRcastSeconds;

GstRcastSeconds * gst_rcast_seconds_new      (void);
void              gst_rcast_seconds_free     (GstRcastSeconds * self);

void              gst_rcast_seconds_set_spare (GstRcastSeconds * self,
                                              gboolean          spare);
void              gst_rcast_seconds_note     (GstRcastSeconds * self,
                                              gboolean          received,
                                              GstClockTime      now);
gboolean          gst_rcast_seconds_is_lossy (const GstRcastSeconds * self);
GstClockTime      gst_rcast_seconds_get_late (const GstRcastSeconds * self,
                                              GstClockTime            now);

void              gst_rcast_seconds_repaired (GstRcastSeconds * self,
                                              guint32           ssrc,
                                              guint16           seqnum,
                                              gboolean          plain,
                                              GstClockTime      age,
                                              GstClockTime      now);
void              gst_rcast_seconds_plan     (GstRcastSeconds      * self,
                                              const GstRcastSecond * second);
gboolean          gst_rcast_seconds_next     (GstRcastSeconds * self,
                                              guint32           ssrc,
                                              GstRcastSecond  * second,
                                              GstClockTime      now);

G_END_DECLS
