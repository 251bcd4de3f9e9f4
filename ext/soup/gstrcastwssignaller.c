/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Base of rcastjanus, rcastopenvidu and rcastgst, whose sessions use a WebSocket. */
#include "config.h"

#include "gstrcastwssignaller.h"

#include "net-reach.h"

/* Only on the signalling thread. */
typedef struct
{
  WsSession *session;           /* nullable */
  NetReach *reach;
} GstRcastWsSignallerPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (GstRcastWsSignaller,
    gst_rcast_ws_signaller, GST_TYPE_RCAST_NET_SIGNALLER);

#define PRIV(self) ((GstRcastWsSignallerPrivate *) \
    gst_rcast_ws_signaller_get_instance_private (self))

/* Properties of the subclass */

static void
store (gpointer field, const GValue * value)
{
  gchar **text = field;
  gpointer *boxed = field;

  if (G_VALUE_HOLDS_UINT (value)) {
    *(guint *) field = g_value_get_uint (value);
  } else if (G_VALUE_HOLDS_STRING (value)) {
    g_free (*text);
    *text = g_value_dup_string (value);
  } else {
    if (*boxed)
      g_boxed_free (G_VALUE_TYPE (value), *boxed);
    *boxed = g_value_dup_boxed (value);
  }
}

static void
load (gconstpointer field, GValue * value)
{
  if (G_VALUE_HOLDS_UINT (value))
    g_value_set_uint (value, *(const guint *) field);
  else if (G_VALUE_HOLDS_UINT64 (value))
    g_value_set_uint64 (value, *(const guint64 *) field);
  else if (G_VALUE_HOLDS_STRING (value))
    g_value_set_string (value, *(gchar * const *) field);
  else
    g_value_set_boxed (value, *(const gconstpointer *) field);
}

void
gst_rcast_ws_signaller_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  GstRcastWsSignaller *self = GST_RCAST_WS_SIGNALLER (object);
  gpointer field;

  if (!gst_rcast_signaller_may_set (GST_RCAST_SIGNALLER (self), pspec))
    return;
  GST_OBJECT_LOCK (self);
  field = GST_RCAST_WS_SIGNALLER_GET_CLASS (self)->find_setting (self, id);
  if (field)
    store (field, value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  GST_OBJECT_UNLOCK (self);
}

void
gst_rcast_ws_signaller_get_property (GObject * object, guint id,
    GValue * value, GParamSpec * pspec)
{
  GstRcastWsSignaller *self = GST_RCAST_WS_SIGNALLER (object);
  gpointer field;

  GST_OBJECT_LOCK (self);
  field = GST_RCAST_WS_SIGNALLER_GET_CLASS (self)->find_setting (self, id);
  if (field)
    load (field, value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  GST_OBJECT_UNLOCK (self);
}

/* @task: (nullable) (transfer full) */
static void
end_session (GstRcastWsSignaller * self, GTask * task)
{
  WsSession *session = g_steal_pointer (&PRIV (self)->session);

  if (!session) {
    gst_rcast_net_signaller_end_task (task);
    return;
  }
  ws_session_close (session, task);
  ws_session_unref (session);
}

/* @session: (nullable) (transfer full): the former one is closed in the background */
void
gst_rcast_ws_signaller_set_session (GstRcastWsSignaller * self,
    gpointer session)
{
  end_session (self, NULL);
  PRIV (self)->session = session;
}

/* Returns: (nullable) (transfer none): NULL if the signaller is not open */
gpointer
gst_rcast_ws_signaller_get_session (GstRcastWsSignaller * self)
{
  return PRIV (self)->session;
}

/* Operations of the signaller */

static void
gst_rcast_ws_signaller_open_async (GstRcastSignaller * signaller,
    GCancellable * cancellable, GAsyncReadyCallback callback,
    gpointer user_data)
{
  GstRcastWsSignaller *self = GST_RCAST_WS_SIGNALLER (signaller);
  GError *error = NULL;
  GTask *task;

  GST_RCAST_WS_SIGNALLER_GET_CLASS (self)->prepare (self, &error);
  task = gst_rcast_net_signaller_try_task (signaller, error, cancellable,
      callback, user_data, gst_rcast_ws_signaller_open_async);
  if (task)
    PRIV (self)->session->funcs->open (PRIV (self)->session, task);
}

static void
gst_rcast_ws_signaller_offer_async (GstRcastSignaller * signaller,
    GstRcastOfferKind kind, const gchar * sdp, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  GstRcastWsSignaller *self = GST_RCAST_WS_SIGNALLER (signaller);
  WsSession *session = PRIV (self)->session;
  GTask *task = gst_rcast_net_signaller_new_task (signaller, session,
      cancellable, callback, user_data, gst_rcast_ws_signaller_offer_async);

  if (task)
    session->funcs->offer (session, kind, sdp, task);
}

static void
gst_rcast_ws_signaller_request_offer_async (GstRcastSignaller * signaller,
    GstRcastOfferKind kind, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  GstRcastWsSignaller *self = GST_RCAST_WS_SIGNALLER (signaller);
  WsSession *session = PRIV (self)->session;
  GTask *task = gst_rcast_net_signaller_new_task (signaller, session,
      cancellable, callback, user_data,
      gst_rcast_ws_signaller_request_offer_async);

  if (task)
    session->funcs->request_offer (session, kind, task);
}

static void
gst_rcast_ws_signaller_answer_async (GstRcastSignaller * signaller,
    const gchar * sdp, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  GstRcastWsSignaller *self = GST_RCAST_WS_SIGNALLER (signaller);
  WsSession *session = PRIV (self)->session;
  GTask *task = gst_rcast_net_signaller_new_task (signaller, session,
      cancellable, callback, user_data, gst_rcast_ws_signaller_answer_async);

  if (task)
    session->funcs->answer (session, sdp, task);
}

static void
gst_rcast_ws_signaller_resume_async (GstRcastSignaller * signaller,
    GCancellable * cancellable, GAsyncReadyCallback callback,
    gpointer user_data)
{
  GstRcastWsSignaller *self = GST_RCAST_WS_SIGNALLER (signaller);
  WsSession *session = PRIV (self)->session;
  GTask *task = gst_rcast_net_signaller_new_task (signaller, session,
      cancellable, callback, user_data, gst_rcast_ws_signaller_resume_async);

  if (task)
    session->funcs->resume (session, task);
}

static void
on_reached (gpointer source, gint64 since)
{
  WsSession *session = PRIV (GST_RCAST_WS_SIGNALLER (source))->session;

  if (session)
    session->funcs->reached (session, since);
}

static void
gst_rcast_ws_signaller_probe_async (GstRcastSignaller * signaller,
    const gchar * location, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  GstRcastWsSignaller *self = GST_RCAST_WS_SIGNALLER (signaller);
  WsSession *session = PRIV (self)->session;
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, gst_rcast_ws_signaller_probe_async);
  gst_rcast_net_signaller_probe (GST_RCAST_NET_SIGNALLER (self),
      PRIV (self)->reach, location,
      session && ws_link_is_connected (session->link), on_reached, task);
}

static void
gst_rcast_ws_signaller_close_async (GstRcastSignaller * signaller,
    GCancellable * cancellable, GAsyncReadyCallback callback,
    gpointer user_data)
{
  GstRcastWsSignaller *self = GST_RCAST_WS_SIGNALLER (signaller);
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, gst_rcast_ws_signaller_close_async);
  net_reach_cancel (PRIV (self)->reach);
  end_session (self, task);
}

static void
gst_rcast_ws_signaller_add_candidate (GstRcastSignaller * signaller,
    guint mline_index, const gchar * ufrag, const gchar * candidate)
{
  GstRcastWsSignaller *self = GST_RCAST_WS_SIGNALLER (signaller);

  if (PRIV (self)->session)
    ws_session_add_candidate (PRIV (self)->session, mline_index, ufrag,
        candidate);
}

static void
gst_rcast_ws_signaller_settle (GstRcastSignaller * signaller)
{
  GstRcastWsSignaller *self = GST_RCAST_WS_SIGNALLER (signaller);

  if (PRIV (self)->session)
    ws_session_settle (PRIV (self)->session);
}

/* A session uses what the subclass frees in finalize. */
static void
gst_rcast_ws_signaller_dispose (GObject * object)
{
  GstRcastWsSignaller *self = GST_RCAST_WS_SIGNALLER (object);

  g_clear_pointer (&PRIV (self)->session, ws_session_unref);
  G_OBJECT_CLASS (gst_rcast_ws_signaller_parent_class)->dispose (object);
}

static void
gst_rcast_ws_signaller_finalize (GObject * object)
{
  GstRcastWsSignaller *self = GST_RCAST_WS_SIGNALLER (object);

  net_reach_free (PRIV (self)->reach);
  G_OBJECT_CLASS (gst_rcast_ws_signaller_parent_class)->finalize (object);
}

static void
gst_rcast_ws_signaller_class_init (GstRcastWsSignallerClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstRcastSignallerClass *signaller_class = GST_RCAST_SIGNALLER_CLASS (klass);

  object_class->dispose = gst_rcast_ws_signaller_dispose;
  object_class->finalize = gst_rcast_ws_signaller_finalize;

  gst_rcast_signaller_class_set_directions (signaller_class,
      GST_RCAST_SIGNALLER_SEND | GST_RCAST_SIGNALLER_RECEIVE);
  signaller_class->open_async = gst_rcast_ws_signaller_open_async;
  signaller_class->offer_async = gst_rcast_ws_signaller_offer_async;
  signaller_class->request_offer_async =
      gst_rcast_ws_signaller_request_offer_async;
  signaller_class->answer_async = gst_rcast_ws_signaller_answer_async;
  signaller_class->resume_async = gst_rcast_ws_signaller_resume_async;
  signaller_class->probe_async = gst_rcast_ws_signaller_probe_async;
  signaller_class->close_async = gst_rcast_ws_signaller_close_async;
  signaller_class->add_candidate = gst_rcast_ws_signaller_add_candidate;
  signaller_class->settle = gst_rcast_ws_signaller_settle;

  gst_type_mark_as_plugin_api (GST_TYPE_RCAST_WS_SIGNALLER, 0);
}

static void
gst_rcast_ws_signaller_init (GstRcastWsSignaller * self)
{
  PRIV (self)->reach = net_reach_new (gst_rcast_net_signaller_get_dialer
      (GST_RCAST_NET_SIGNALLER (self)));
}
