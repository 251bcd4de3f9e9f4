/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is done to a pipeline whose only webrtcbin answers offers. */
#pragma once

#include <gst/gst.h>
#include <gst/sdp/sdp.h>

G_BEGIN_DECLS

/* bit/s */
#define ANSWERER_LINK 250000

/* For @sound: Opus that is silence, in packets that announce a pause */
#define ANSWERER_DTX "OPUS-DTX"

/* bit/s */
#define ANSWERER_LIMIT 200000

#define ANSWERER_WAY_BACK (300 * GST_MSECOND)

/* Returns: (transfer full) (nullable): the webrtcbin */
GstElement * answerer_dup_webrtcbin (GstElement * pipeline);
/* Each buffer that comes to DTLS passes @probe. */
void         answerer_watch_packets (GstElement * pipeline, GstPadProbeCallback probe, gpointer data);
/* It receives all but RTP from now on. */
void         answerer_lose_rtp      (GstElement * pipeline);
/* RTCP several times a second */
void         answerer_report_often  (GstElement * pipeline);
/* The same; it says in each that it takes no more than ANSWERER_LIMIT (REMB). */
void         answerer_say_limit     (GstElement * pipeline);
/* The same; it says by RFC 8888 which packets have arrived, and when they would have by a link of
 * ANSWERER_LINK with 300 ms of buffer. Once */
void         answerer_name_packets  (GstElement * pipeline);
/* The same; where it would report the last packet of a stream, it asks for it. */
void         answerer_only_ask      (GstElement * pipeline);
/* What it receives has come, by what it reports, by a link of so many bit/s with 300 ms of buffer
 * from now on. It names packets, or feeds back. */
void         answerer_set_link      (GstElement * pipeline, guint64 bits);
/* What it says by RTCP takes ANSWERER_WAY_BACK. Twice is fine. */
void         answerer_be_far        (GstElement * pipeline);
/* One more at most */
void         answerer_end_reports   (GstElement * pipeline);
/* It answers the media of @offer with transport-wide feedback, as many servers do. */
void         answerer_feed_back     (GstElement * webrtc, const GstSDPMessage * offer);
/* @offer as if it had no streams of retransmissions */
void         answerer_refuse_rtx    (GstSDPMessage * offer);
/* It sends what @offer asks for: video of @codec (VP8 or H264) and @sound (OPUS or
 * ANSWERER_DTX). @media: bit set by GstWebRTCKind of what there is. */
void         answerer_send          (GstElement * pipeline, GstElement * webrtc, const GstSDPMessage * offer, const gchar * codec, const gchar * sound, guint media);
/* The same without being asked: video of @codec, and a tone, whose codec is @sound (OPUS or
 * L16); with @screen one more video, larger and in VP8 */
void         answerer_send_unasked  (GstElement * pipeline, const gchar * codec, const gchar * sound, gboolean screen);
/* What it sends of that line, 0 or 1, pauses, or goes on. */
void         answerer_pause_line    (GstElement * pipeline, guint line, gboolean pause);
/* Its ICE agent is gone, without a word. */
void         answerer_lose_ice      (GstElement * pipeline);
/* To NULL, with all that it still has to do. Takes @pipeline. */
void         answerer_drop          (GstElement * pipeline);
/* The media SSRCs of an offer, without those of retransmissions, as keys */
void         answerer_list_ssrcs    (const GstSDPMessage * offer, GHashTable * ssrcs);

G_END_DECLS
