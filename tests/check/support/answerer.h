/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Controls a pipeline whose only webrtcbin answers offers. */
#pragma once

#include <gst/gst.h>
#include <gst/sdp/sdp.h>

G_BEGIN_DECLS

/* bit/s */
#define ANSWERER_LINK 250000

/* For @sound: Opus with DTX, which encodes silence */
#define ANSWERER_DTX "OPUS-DTX"

/* bit/s */
#define ANSWERER_LIMIT 200000

#define ANSWERER_WAY_BACK (300 * GST_MSECOND)

/* Returns: (transfer full) (nullable): the webrtcbin */
GstElement * answerer_dup_webrtcbin (GstElement * pipeline);
/* Calls @probe with each buffer at the sink pads of the DTLS decoders. */
void         answerer_watch_packets (GstElement * pipeline, GstPadProbeCallback probe, gpointer data);
/* Drops all RTP that arrives from now on, and no other packets. */
void         answerer_lose_rtp      (GstElement * pipeline);
/* Sends RTCP several times a second. */
void         answerer_report_often  (GstElement * pipeline);
/* The same, each packet with a REMB of ANSWERER_LIMIT. */
void         answerer_say_limit     (GstElement * pipeline);
/* The same, with RFC 8888 feedback. It reports arrival times as a link of ANSWERER_LINK with
 * 300 ms of buffer would give them. Call it only once. */
void         answerer_name_packets  (GstElement * pipeline);
/* The same, but each report block becomes a NACK for the newest packet of the stream. */
void         answerer_only_ask      (GstElement * pipeline);
/* From now on, its feedback shows a link of @bits bit/s with 300 ms of buffer. Needs
 * answerer_name_packets() or answerer_feed_back(). */
void         answerer_set_link      (GstElement * pipeline, guint64 bits);
/* Delays the RTCP that it sends by ANSWERER_WAY_BACK. A second call changes nothing. */
void         answerer_be_far        (GstElement * pipeline);
/* Drops all RTCP that it sends. A packet on its way may still leave. */
void         answerer_end_reports   (GstElement * pipeline);
/* Accepts transport-wide feedback for the media of @offer, as many servers do. */
void         answerer_feed_back     (GstElement * webrtc, const GstSDPMessage * offer);
/* Removes the RTX payload types from @offer. */
void         answerer_refuse_rtx    (GstSDPMessage * offer);
/* Sends what @offer requests: video of @codec (VP8 or H264) and @sound (OPUS or
 * ANSWERER_DTX). @media: bit set of the available media, one bit per GstWebRTCKind. */
void         answerer_send          (GstElement * pipeline, GstElement * webrtc, const GstSDPMessage * offer, const gchar * codec, const gchar * sound, guint media);
/* The same before any offer: video of @codec, and a tone of codec @sound (OPUS or L16). With
 * @screen, it sends a second, larger video in VP8. */
void         answerer_send_unasked  (GstElement * pipeline, const gchar * codec, const gchar * sound, gboolean screen);
/* Pauses or resumes the source of m-line @line, 0 or 1. */
void         answerer_pause_line    (GstElement * pipeline, guint line, gboolean pause);
/* Shuts its ICE agent down without notice to the peer. */
void         answerer_lose_ice      (GstElement * pipeline);
/* Completes webrtcbin's pending tasks, then sets the pipeline to NULL. Takes @pipeline. */
void         answerer_drop          (GstElement * pipeline);
/* Fills @ssrcs with the media SSRCs of @offer as keys, without those of RTX. */
void         answerer_list_ssrcs    (const GstSDPMessage * offer, GHashTable * ssrcs);

G_END_DECLS
