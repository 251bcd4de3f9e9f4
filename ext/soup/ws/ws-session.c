/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Session of a signaller over a WebSocket, from open to the end of close. */
#include "config.h"

#include "ws-session.h"

#include "rcast-loop.h"

static void finish (WsSession * self, const GError * error);

static void
fail_cancelled (WsSession * self, const gchar * why)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR,
      G_IO_ERROR_CANCELLED, why);

  ws_session_fail (self, error);
}

static void
on_cancelled (gpointer data)
{
  WsSession *self = data;

  self->funcs->cancelled (self);
  fail_cancelled (self, "the operation was cancelled");
}

static void
on_goodbye_cancelled (gpointer data)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR,
      G_IO_ERROR_CANCELLED, "the goodbye was cancelled");

  finish (data, error);
}

/* The role is still to be set. */
void
ws_session_init (WsSession * self, GstRcastNetSignaller * element,
    const WsSessionFuncs * funcs, WsLink * link)
{
  g_atomic_ref_count_init (&self->ref_count);
  self->funcs = funcs;
  self->element = element;
  self->link = link;
  self->operation = net_operation_new (on_cancelled, self);
  self->goodbye = net_operation_new (on_goodbye_cancelled, self);
}

/* Frees the contents. */
void
ws_session_clear (WsSession * self)
{
  gst_rcast_source_clear (&self->goodbye_timer);
  self->role_funcs->free (self->role);
  net_operation_free (self->operation);
  net_operation_free (self->goodbye);
}

void
ws_session_unref (gpointer session)
{
  WsSession *self = session;

  if (g_atomic_ref_count_dec (&self->ref_count))
    self->funcs->free (self);
}

/* Ends of operations */

/* The session is of no use any more. Its connection may still send the goodbye. */
void
ws_session_give_up (WsSession * self)
{
  self->state = WS_SESSION_GONE;
  if (self->funcs->given_up)
    self->funcs->given_up (self);
  self->role_funcs->stop (self->role);
}

/* The operation has failed. A session that is still opening is given up. */
void
ws_session_fail (WsSession * self, const GError * error)
{
  if ((self->state == WS_SESSION_OPENING
          || self->state == WS_SESSION_RESUMING)
      && net_dialer_may_blame (error))
    ws_link_blame_uplink (self->link);
  if (self->state == WS_SESSION_OPENING || self->state == WS_SESSION_WAITING)
    ws_session_give_up (self);
  self->role_funcs->drop_request (self->role);
  net_operation_fail (self->operation, error);
}

/* Disconnects if the session is resuming, or the connection is not open yet. A later connection may
 * claim the session again, so a pending claim need not finish. */
void
ws_session_cancelled (gpointer session)
{
  WsSession *self = session;

  if (self->state == WS_SESSION_RESUMING) {
    ws_link_blame_uplink (self->link);
    ws_link_disconnect (self->link, self->link->funcs->resets);
    self->state = WS_SESSION_LOST;
  } else if (!ws_link_is_open (self->link)) {
    ws_link_disconnect (self->link, FALSE);
  }
}

/* Operations */

/* Drops a pending offer, as its webrtcbin or ICE generation is no longer of use. */
void
ws_session_supersede (WsSession * self)
{
  if (self->role_funcs->has_request (self->role))
    fail_cancelled (self, "another offer has taken its place");
}

static gboolean
refuse (WsSession * self, const gchar * why, GError ** error)
{
  g_propagate_error (error, ws_link_new_error (self->link,
          GST_RCAST_ERROR_NOT_SUPPORTED, "%s", why));
  return FALSE;
}

/* @has: whether the role has a function for the offer */
static gboolean
may_offer (WsSession * self, gboolean has, GstRcastOfferKind kind,
    GError ** error)
{
  const WsRoleFuncs *funcs = self->role_funcs;

  if (!has)
    return refuse (self, funcs->refusal, error);
  return kind == GST_RCAST_OFFER_INITIAL || !funcs->no_restart
      || refuse (self, funcs->no_restart, error);
}

/* Returns: whether the role will report the end of the operation. So do the next two functions. */
gboolean
ws_session_start_offer (WsSession * self, GstRcastOfferKind kind,
    const gchar * sdp, GError ** error)
{
  const WsRoleFuncs *funcs = self->role_funcs;

  return may_offer (self, funcs->offer != NULL, kind, error)
      && funcs->offer (self->role, kind, sdp, error);
}

gboolean
ws_session_start_request (WsSession * self, GstRcastOfferKind kind,
    GError ** error)
{
  const WsRoleFuncs *funcs = self->role_funcs;

  return may_offer (self, funcs->request_offer != NULL, kind, error)
      && funcs->request_offer (self->role, kind, error);
}

gboolean
ws_session_start_answer (WsSession * self, const gchar * sdp, GError ** error)
{
  const WsRoleFuncs *funcs = self->role_funcs;

  return funcs->answer ? funcs->answer (self->role, sdp, error) :
      refuse (self, funcs->refusal, error);
}

/* Takes @task. Returns: whether the operation can start in an open session; otherwise the task has
 * ended */
static gboolean
begin_in_session (WsSession * self, GTask * task)
{
  g_autoptr (GError) error = NULL;

  ws_session_supersede (self);
  if (!net_operation_begin (self->operation, task))
    return FALSE;
  if (self->state == WS_SESSION_OPEN)
    return TRUE;
  error = ws_link_new_error (self->link, self->state == WS_SESSION_LOST ?
      GST_RCAST_ERROR_NETWORK : GST_RCAST_ERROR_SESSION_GONE,
      "the session is not open");
  ws_session_fail (self, error);
  return FALSE;
}

void
ws_session_offer (gpointer session, GstRcastOfferKind kind, const gchar * sdp,
    GTask * task)
{
  g_autoptr (GError) error = NULL;

  if (begin_in_session (session, task)
      && !ws_session_start_offer (session, kind, sdp, &error))
    ws_session_fail (session, error);
}

void
ws_session_request_offer (gpointer session, GstRcastOfferKind kind,
    GTask * task)
{
  g_autoptr (GError) error = NULL;

  if (begin_in_session (session, task)
      && !ws_session_start_request (session, kind, &error))
    ws_session_fail (session, error);
}

void
ws_session_answer (gpointer session, const gchar * sdp, GTask * task)
{
  g_autoptr (GError) error = NULL;

  if (begin_in_session (session, task)
      && !ws_session_start_answer (session, sdp, &error))
    ws_session_fail (session, error);
}

void
ws_session_settle (WsSession * self)
{
  if (self->role_funcs->settle)
    self->role_funcs->settle (self->role);
}

void
ws_session_add_candidate (WsSession * self, guint mline, const gchar * ufrag,
    const gchar * candidate)
{
  if (self->state < WS_SESSION_GONE)
    self->role_funcs->add_candidate (self->role, mline, ufrag, candidate);
}

void
ws_session_reached (gpointer session, gint64 since)
{
  WsSession *self = session;

  if (self->state == WS_SESSION_OPENING || self->state == WS_SESSION_RESUMING)
    ws_link_reached (self->link, since);
}

/* Closing */

static void
finish (WsSession * self, const GError * error)
{
  GstRcastNetSignaller *element = self->element;

  self->state = WS_SESSION_CLOSED;
  if (self->funcs->closed)
    self->funcs->closed (self);
  gst_rcast_source_clear (&self->goodbye_timer);
  ws_link_disconnect (self->link, FALSE);
  if (error)
    net_operation_fail (self->goodbye, error);
  else
    net_operation_succeed (self->goodbye, NULL);
  ws_session_unref (self);
  gst_object_unref (element);
}

/* The connection is over, because of @error. close fails with it if the server still has us. */
void
ws_session_end (WsSession * self, const GError * error)
{
  gboolean inside = self->funcs->is_inside && self->funcs->is_inside (self);

  finish (self, inside ? error : NULL);
}

static gboolean
on_goodbye_timeout (gpointer data)
{
  WsSession *self = data;
  g_autoptr (GError) error = ws_link_new_error (self->link,
      GST_RCAST_ERROR_TIMEOUT, "no answer to the goodbye within %u ms",
      self->link->settings->close_timeout);

  ws_session_end (self, error);
  return G_SOURCE_REMOVE;
}

static gboolean
on_no_goodbye (gpointer data)
{
  WsSession *self = data;
  g_autoptr (GError) error = ws_link_new_error (self->link,
      GST_RCAST_ERROR_NETWORK,
      "the session could not be ended: the connection is lost");

  ws_session_end (self, error);
  return G_SOURCE_REMOVE;
}

/* Takes @task (nullable). */
void
ws_session_close (WsSession * self, GTask * task)
{
  gboolean waits;

  g_assert (self->state < WS_SESSION_CLOSING);
  g_atomic_ref_count_inc (&self->ref_count);
  gst_object_ref (self->element);
  self->funcs->closing (self);
  ws_session_give_up (self);
  self->state = WS_SESSION_CLOSING;
  fail_cancelled (self, "the signaller was closed");
  waits = self->funcs->leave (self);
  self->goodbye_timer = gst_rcast_timer_start (waits ?
      self->link->settings->close_timeout : 0, waits ? on_goodbye_timeout :
      on_no_goodbye, self);
  if (task)
    net_operation_begin (self->goodbye, task);
}
