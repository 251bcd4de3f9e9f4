/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Session of a signaller over a WebSocket, from open to the end of close. */
#pragma once

#include "net-operation.h"
#include "ws-link.h"
#include "ws-role.h"

G_BEGIN_DECLS

/**
 * WsSessionState:
 * @WS_SESSION_OPENING: we are not in a session of the server yet
 * @WS_SESSION_WAITING: we are, but open ends only when the other peer arrives
 * @WS_SESSION_OPEN: offers and answers can be made
 * @WS_SESSION_LOST: the connection is lost, but the server may still have the session
 * @WS_SESSION_RESUMING: a new connection takes over the session
 * @WS_SESSION_GONE: of no use any more, and to be closed
 * @WS_SESSION_CLOSING: close was called
 * @WS_SESSION_CLOSED: close has ended
 *
 * An operation can be pending up to RESUMING, but not in LOST.
 */
typedef enum
{
  WS_SESSION_OPENING,
  WS_SESSION_WAITING,
  WS_SESSION_OPEN,
  WS_SESSION_LOST,
  WS_SESSION_RESUMING,
  WS_SESSION_GONE,
  WS_SESSION_CLOSING,
  WS_SESSION_CLOSED,
} WsSessionState;

/**
 * WsSessionFuncs:
 * @open: joins the server, or goes on in a session that is open. Takes @task
 * @offer: sends an offer. Takes @task
 * @request_offer: has the server make an offer. Takes @task
 * @answer: answers the server's offer. Takes @task
 * @resume: (nullable): resumes the session on a new connection. Takes @task
 * @reached: the server has accepted a connection that was started after @since (monotonic,
 *   us). Our own connection, if older and not established, would wait for its next SYN
 * @cancelled: the operation is cancelled. It fails after this call
 * @given_up: (nullable): the session is of no use any more
 * @closing: close begins
 * @leave: says goodbye. Returns: whether the end of the connection will follow
 * @is_inside: (nullable): whether the server still has us in the session
 * @closed: (nullable): close has ended
 * @free: frees the session; any thread
 *
 * The functions of a session.
 */
typedef struct
{
  void     (*open)          (gpointer session, GTask * task);
  void     (*offer)         (gpointer session, GstRcastOfferKind kind, const gchar * sdp, GTask * task);
  void     (*request_offer) (gpointer session, GstRcastOfferKind kind, GTask * task);
  void     (*answer)        (gpointer session, const gchar * sdp, GTask * task);
  void     (*resume)        (gpointer session, GTask * task);
  void     (*reached)       (gpointer session, gint64 since);
  void     (*cancelled)     (gpointer session);
  void     (*given_up)      (gpointer session);
  void     (*closing)       (gpointer session);
  gboolean (*leave)         (gpointer session);
  gboolean (*is_inside)     (gpointer session);
  void     (*closed)        (gpointer session);
  void     (*free)          (gpointer session);
} WsSessionFuncs;

/* What the session of each protocol begins with. Only on the thread that opened it, except for the
 * last unref. */
typedef struct
{
  gatomicrefcount ref_count;
  const WsSessionFuncs *funcs;
  GstRcastNetSignaller *element;        /* borrowed; holds a reference while closing */
  WsLink *link;                 /* borrowed */
  WsSessionState state;

  const WsRoleFuncs *role_funcs;
  gpointer role;
  NetOperation *operation;      /* open, offer, request-offer, answer or resume */

  NetOperation *goodbye;        /* close */
  GSource *goodbye_timer;
} WsSession;

void      ws_session_init          (WsSession            * self,
                                    GstRcastNetSignaller * element,
                                    const WsSessionFuncs * funcs,
                                    WsLink               * link);
void      ws_session_clear         (WsSession            * self);
void      ws_session_unref         (gpointer               session);

/* What most protocols put into #WsSessionFuncs. */
void      ws_session_offer         (gpointer               session,
                                    GstRcastOfferKind      kind,
                                    const gchar          * sdp,
                                    GTask                * task);
void      ws_session_request_offer (gpointer               session,
                                    GstRcastOfferKind      kind,
                                    GTask                * task);
void      ws_session_answer        (gpointer               session,
                                    const gchar          * sdp,
                                    GTask                * task);
void      ws_session_reached       (gpointer               session,
                                    gint64                 since);
void      ws_session_cancelled     (gpointer               session);

/* For the signaller. */
void      ws_session_settle        (WsSession            * self);
void      ws_session_add_candidate (WsSession            * self,
                                    guint                  mline,
                                    const gchar          * ufrag,
                                    const gchar          * candidate);
void      ws_session_close         (WsSession            * self,
                                    GTask                * task);

/* For the protocol. */
void      ws_session_give_up       (WsSession            * self);
void      ws_session_fail          (WsSession            * self,
                                    const GError         * error);
void      ws_session_supersede     (WsSession            * self);
gboolean  ws_session_start_offer   (WsSession            * self,
                                    GstRcastOfferKind      kind,
                                    const gchar          * sdp,
                                    GError              ** error);
gboolean  ws_session_start_request (WsSession            * self,
                                    GstRcastOfferKind      kind,
                                    GError              ** error);
gboolean  ws_session_start_answer  (WsSession            * self,
                                    const gchar          * sdp,
                                    GError              ** error);
void      ws_session_end           (WsSession            * self,
                                    const GError         * error);

G_END_DECLS
