/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The end of a stream's chain: paces a file, does not wait for a live source, and never for
 * the network. */
#pragma once

#include <gst/base/gstbasesink.h>

#include "gstrcastsync.h"
#include "rcast-codec.h"

G_BEGIN_DECLS

#define GST_TYPE_RCAST_PACKET_SINK (gst_rcast_packet_sink_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastPacketSink, gst_rcast_packet_sink, GST, RCAST_PACKET_SINK, GstBaseSink)

/**
 * GstRcastPacketTimes:
 * @running_time: when the packet is to be presented, by its timestamp, or %GST_CLOCK_TIME_NONE
 * @due: when it has to leave: @running_time, but for a live stream never later than now
 * @arrival: running time by the clock at which it came, or @running_time without a clock
 * @slewed: drift correction of the RTP timestamps of video, in ns
 * @stepped: the same for audio, whose timestamps count samples: only gaps of the source
 *     out
 */
typedef struct {
  GstClockTime running_time;
  GstClockTime due;
  GstClockTime arrival;
  gint64 slewed;
  gint64 stepped;
} GstRcastPacketTimes;

/**
 * GstRcastPacketSinkFuncs:
 * @caps: RTP caps that are now in force
 * @packet: a packet with its times, and whether more packets follow at once
 * @drifted: the timestamps of a live stream are this many ns ahead of its arrival; negative:
 *   behind. Called rarely
 * @late: the chain in front of the sink is too slow: its packets leave this many ns later than
 *   before. Called once each time
 * @eos: the stream has ended, in running time
 *
 * Functions of the sink's owner. They are called on the streaming thread, which holds the pad's
 * stream lock, and for @packet GstBaseSink's PREROLL_LOCK, too: a callback must not wait for a
 * state change.
 */
typedef struct {
  void (*caps) (gpointer user_data, GstCaps * caps);
  void (*packet) (gpointer user_data, GstBuffer * buffer, const GstRcastPacketTimes * times, gboolean more);
  void (*drifted) (gpointer user_data, gint64 ahead);
  void (*late) (gpointer user_data, GstClockTime late);
  void (*eos) (gpointer user_data);
} GstRcastPacketSinkFuncs;

void         gst_rcast_packet_sink_enter (GstRcastPacketSink * self);
void         gst_rcast_packet_sink_set_sync (GstRcastPacketSink * self, GstRcastSync * sync);
GstElement * gst_rcast_packet_sink_new (const gchar * name, GstRcastMedia media, const GstRcastPacketSinkFuncs * funcs, gpointer user_data);

G_END_DECLS
