/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One peer of the server: a webrtcbin that answers, from the offer to the end. */
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

/* Called on the main context at each change of state; @reason says why. */
typedef void (*LoopbackStateFunc) (LoopbackSession * session, LoopbackSessionState state, const gchar * reason, gpointer user_data);

/* All functions: main context. @ice_address: local address for ICE, NULL = all. */
LoopbackSession *     loopback_session_new              (LoopbackRole role, LoopbackChannel * channel, const gchar * ice_address, LoopbackStateFunc changed, gpointer user_data);
/* @door: (transfer full): the only way in; restarts are answered without candidates. */
void                  loopback_session_set_door         (LoopbackSession * self, LoopbackDoor * door);
const gchar *         loopback_session_get_id           (LoopbackSession * self);
LoopbackRole          loopback_session_get_role         (LoopbackSession * self);
LoopbackChannel *     loopback_session_get_channel      (LoopbackSession * self);
LoopbackSessionState  loopback_session_get_state        (LoopbackSession * self);
guint                 loopback_session_get_source       (LoopbackSession * self);

/* @offer: (transfer full): narrowed down to @lines. The result is the answer with all its candidates. */
void                  loopback_session_answer_async     (LoopbackSession * self, GstSDPMessage * offer, GPtrArray * lines, GAsyncReadyCallback callback, gpointer user_data);
/* To a viewer: the result is our offer of @lines with all its candidates. */
void                  loopback_session_offer_async      (LoopbackSession * self, GPtrArray * lines, GAsyncReadyCallback callback, gpointer user_data);
gboolean              loopback_session_wants_answer     (LoopbackSession * self);
/* @answer: (transfer full): to our offer. The result is empty. */
void                  loopback_session_agree_async      (LoopbackSession * self, GstSDPMessage * answer, GAsyncReadyCallback callback, gpointer user_data);
/* The result is the body of the answer to the PATCH. */
void                  loopback_session_restart_async    (LoopbackSession * self, const GstRcastSdpFragment * fragment, GAsyncReadyCallback callback, gpointer user_data);
gchar *               loopback_session_negotiate_finish (LoopbackSession * self, GAsyncResult * result, GError ** error);
/* Whether @fragment is of another ICE session than the present one */
gboolean              loopback_session_is_restart       (LoopbackSession * self, const GstRcastSdpFragment * fragment);
void                  loopback_session_add_candidates   (LoopbackSession * self, const GstRcastSdpFragment * fragment);
void                  loopback_session_close            (LoopbackSession * self, const gchar * reason);

void                  loopback_session_set_drop         (LoopbackSession * self, guint percent);
/* Of RTCP, of transport-wide feedback (0: with each frame), and for what is
 * lost; before loopback_session_answer_async(). */
void                  loopback_session_set_intervals    (LoopbackSession * self, guint report_ms, guint feedback_ms, guint latency_ms);
/* Feedback by RFC 8888; before loopback_session_answer_async(). */
void                  loopback_session_name_packets     (LoopbackSession * self);
/* One line on standard output for each frame of the first video stream that
 * could be decoded here; before loopback_session_answer_async(). */
void                  loopback_session_tell_frames      (LoopbackSession * self);
gboolean              loopback_session_fits             (LoopbackSession * self);
/* Since anything arrived from the peer */
guint                 loopback_session_get_silence_ms   (LoopbackSession * self);
void                  loopback_session_describe         (LoopbackSession * self, JsonBuilder * json);
void                  loopback_session_reset_stats      (LoopbackSession * self);

G_END_DECLS
