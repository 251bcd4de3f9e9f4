/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plans second copies of retransmissions: which ones, and when. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstRcastSecond:
 * @ssrc: SSRC of the packet
 * @seqnum: its sequence number
 * @plain: the packet leaves unchanged, not in a stream of retransmissions
 * @asked: when the server last requested the packet again, or %GST_CLOCK_TIME_NONE: it did not
 * @due: when the copy is to leave, unless feedback says by then that the packet has arrived
 * @audio: it is a packet of audio: the copy leaves even if a path is full
 *
 * A second copy of a packet that was sent again.
 */
typedef struct {
  guint32 ssrc;
  guint16 seqnum;
  gboolean plain;
  GstClockTime asked;
  GstClockTime due;
  gboolean audio;
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
void              gst_rcast_seconds_audio_repaired (GstRcastSeconds * self,
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
