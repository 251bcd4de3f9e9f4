/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A session of the server: a webrtcbin from the offer to the end. */
#pragma once

#include <gio/gio.h>
#include <gst/gst.h>
#include <gst/sdp/gstsdpmessage.h>
#include <json-glib/json-glib.h>

#include "loopback-offer.h"
#include "loopback-door.h"
#include "loopback-relay.h"
#include "rcast-sdp.h"

G_BEGIN_DECLS

#define LOOPBACK_TYPE_SESSION (loopback_session_get_type ())
G_DECLARE_FINAL_TYPE (LoopbackSession, loopback_session, LOOPBACK, SESSION, GObject)

typedef enum {
  LOOPBACK_SESSION_NEW,
  LOOPBACK_SESSION_CONNECTING,
  LOOPBACK_SESSION_CONNECTED,
  LOOPBACK_SESSION_CLOSED,
} LoopbackSessionState;

/* Called in the main context at each change of state. */
typedef void (*LoopbackStateFunc) (LoopbackSession * session, LoopbackSessionState state, const gchar * reason, gpointer user_data);

/* Call all functions in the main context. @ice_address: local address for ICE, NULL = all. */
LoopbackSession *     loopback_session_new              (LoopbackRole role, LoopbackChannel * channel, const gchar * ice_address, LoopbackStateFunc changed, gpointer user_data);
/* @door: (transfer full): the only port of the session. Answers to restarts have no candidates. */
void                  loopback_session_set_door         (LoopbackSession * self, LoopbackDoor * door);
const gchar *         loopback_session_get_id           (LoopbackSession * self);
LoopbackRole          loopback_session_get_role         (LoopbackSession * self);
LoopbackChannel *     loopback_session_get_channel      (LoopbackSession * self);
LoopbackSessionState  loopback_session_get_state        (LoopbackSession * self);
guint                 loopback_session_get_source       (LoopbackSession * self);

/* @offer: (transfer full): reduced to @lines. The result is the answer with all its candidates. */
void                  loopback_session_answer_async     (LoopbackSession * self, GstSDPMessage * offer, GPtrArray * lines, GAsyncReadyCallback callback, gpointer user_data);
/* For a viewer: the result is our offer of @lines with all its candidates. */
void                  loopback_session_offer_async      (LoopbackSession * self, GPtrArray * lines, GAsyncReadyCallback callback, gpointer user_data);
gboolean              loopback_session_wants_answer     (LoopbackSession * self);
/* @answer: (transfer full): the answer to our offer. The result is empty. */
void                  loopback_session_agree_async      (LoopbackSession * self, GstSDPMessage * answer, GAsyncReadyCallback callback, gpointer user_data);
/* The result is the response body of the PATCH. */
void                  loopback_session_restart_async    (LoopbackSession * self, const GstRcastSdpFragment * fragment, GAsyncReadyCallback callback, gpointer user_data);
gchar *               loopback_session_negotiate_finish (LoopbackSession * self, GAsyncResult * result, GError ** error);
/* Returns: whether @fragment belongs to another ICE session than the present one */
gboolean              loopback_session_is_restart       (LoopbackSession * self, const GstRcastSdpFragment * fragment);
void                  loopback_session_add_candidates   (LoopbackSession * self, const GstRcastSdpFragment * fragment);
void                  loopback_session_close            (LoopbackSession * self, const gchar * reason);

void                  loopback_session_set_drop         (LoopbackSession * self, guint percent);
/* Sets the intervals of RTCP and of feedback (0: with each frame), and the latency of the jitter
 * buffers. Call it before loopback_session_answer_async(). */
void                  loopback_session_set_intervals    (LoopbackSession * self, guint report_ms, guint feedback_ms, guint latency_ms);
/* Sends RFC 8888 feedback. Call it before loopback_session_answer_async(). */
void                  loopback_session_name_packets     (LoopbackSession * self);
/* Prints a line on standard output for each decodable frame of the first video stream. Call it
 * before loopback_session_answer_async(). */
void                  loopback_session_tell_frames      (LoopbackSession * self);
gboolean              loopback_session_fits             (LoopbackSession * self);
/* Returns: the time since the last packet from the peer */
guint                 loopback_session_get_silence_ms   (LoopbackSession * self);
void                  loopback_session_describe         (LoopbackSession * self, JsonBuilder * json);
void                  loopback_session_reset_stats      (LoopbackSession * self);

G_END_DECLS
