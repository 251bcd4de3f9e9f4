/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The end of a stream's chain: paces a file, waits for nothing when live, and never for the network. */
#pragma once

#include <gst/base/gstbasesink.h>

G_BEGIN_DECLS

#define GST_TYPE_RCAST_PACKET_SINK (gst_rcast_packet_sink_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastPacketSink, gst_rcast_packet_sink, GST, RCAST_PACKET_SINK, GstBaseSink)

/**
 * GstRcastPacketSinkFuncs:
 * @caps: RTP caps that are now in force
 * @packet: one packet, with the running time at which it is to be shown, and
 *     whether more follow at once
 * @eos: the end, when its time has come
 *
 * What the sink does with what arrives; called from the streaming thread, which
 * holds the pad's stream lock, and for @packet GstBaseSink's PREROLL_LOCK too: a
 * callback must not wait for a state change.
 */
typedef struct {
  void (*caps) (gpointer user_data, GstCaps * caps);
  void (*packet) (gpointer user_data, GstBuffer * buffer, GstClockTime running_time, gboolean more);
  void (*eos) (gpointer user_data);
} GstRcastPacketSinkFuncs;

GstElement * gst_rcast_packet_sink_new (const gchar * name, const GstRcastPacketSinkFuncs * funcs, gpointer user_data);

G_END_DECLS
