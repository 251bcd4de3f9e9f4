/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One m-line: the offer of a stream, webrtcbin's pad for it, and the feed behind that pad. */
#pragma once

#include <gst/gst.h>
#include <gst/sdp/sdp.h>
#include <gst/webrtc/webrtc.h>

#include "gstrcaststream.h"

G_BEGIN_DECLS

typedef struct _GstRcastLine GstRcastLine;

typedef void (* GstRcastLineEnded) (gpointer data);

/**
 * GstRcastLineAnswer:
 * @sdp: the answer, as made by gst_rcast_answer_complete()
 * @payloads: (element-type GstRcastAnswerTypes): its payload types
 * @allow_declined: whether the broadcast may go on without streams that the server rejects
 * @declined: the server rejects a stream; @why names it
 * @data: for @declined
 */
typedef struct {
  const GstSDPMessage *sdp;
  const GArray *payloads;
  gboolean allow_declined;
  void (*declined) (const GError * why, gpointer data);
  gpointer data;
} GstRcastLineAnswer;

void            gst_rcast_line_free              (GstRcastLine * line);

/* The offer */
gboolean        gst_rcast_line_offer_all         (GPtrArray    * lines,
                                                  GPtrArray    * streams,
                                                  GstElement   * webrtc,
                                                  GstRcastLineEnded on_ended,
                                                  gpointer       data,
                                                  GError      ** error);

/* The answer */
gboolean        gst_rcast_line_connect_all       (GPtrArray    * lines,
                                                  GstBin       * peer,
                                                  const GstRcastLineAnswer * answer,
                                                  GError      ** error);
gboolean        gst_rcast_line_is_connected      (const GstRcastLine * line);
gboolean        gst_rcast_line_has_feedback      (const GstRcastLine * line);
gboolean        gst_rcast_line_is_named          (const GstRcastLine * line);
gboolean        gst_rcast_line_has_repairs       (const GstRcastLine * line);
gboolean        gst_rcast_line_is_video          (const GstRcastLine * line);
GstRcastCodec   gst_rcast_line_get_codec         (const GstRcastLine * line);
GstPad *        gst_rcast_line_get_sink          (const GstRcastLine * line);
GstWebRTCDTLSTransport *
                gst_rcast_line_get_transport     (const GstRcastLine * line);

/* The media */
const gchar *   gst_rcast_line_get_name          (const GstRcastLine * line);
guint32         gst_rcast_line_get_ssrc          (const GstRcastLine * line);
guint64         gst_rcast_line_get_packets_sent  (const GstRcastLine * line, guint64 * skipped);
guint64         gst_rcast_line_get_bytes_sent    (const GstRcastLine * line);
gboolean        gst_rcast_line_any_waits         (GPtrArray    * lines);
gboolean        gst_rcast_line_any_outdated      (GPtrArray    * lines);
gboolean        gst_rcast_line_get_share         (const GstRcastLine * line, GstRcastShareStream * share);
void            gst_rcast_line_set_loss          (GstRcastLine * line, guint percent);
void            gst_rcast_line_set_target        (GstRcastLine * line, guint64 bits, const gchar * reason);
void            gst_rcast_line_set_pacing        (const GstRcastLine * line,
                                                  GstRcastPacing * pacing);
void            gst_rcast_line_set_open          (GstRcastLine * line, gboolean open);
GstRcastLine *  gst_rcast_line_find              (GPtrArray * lines, guint32 ssrc);
void            gst_rcast_line_heed_requests     (GPtrArray * lines, GstBuffer * rtcp);
void            gst_rcast_line_request_keyframe  (GstRcastLine * line);
gboolean        gst_rcast_line_is_released       (const GstRcastLine * line);
gboolean        gst_rcast_line_is_over           (const GstRcastLine * line);
void            gst_rcast_line_stop              (GstRcastLine * line);

G_END_DECLS
