/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Leaves an OpenVidu session: sends the goodbye, and closes the connection. */
#include "config.h"

#include "openvidu-goodbye.h"

#include "net-operation.h"
#include "rcast-loop.h"

/* Closing the WebSocket with a handshake but without leaveRoom leaves a ghost in the session. So
 * without an answer to leaveRoom, the connection is dropped without a handshake. */
struct _OpenviduGoodbye
{
  WsLink *link;                 /* borrowed, as the next one */
  const OpenviduSettings *settings;
  void (*ended) (gpointer data);
  gpointer data;

  gboolean inside;              /* the server may have us in the session */
  NetOperation *operation;
  GSource *timer;
};

static void
finish (OpenviduGoodbye * self, const GError * error)
{
  gst_rcast_source_clear (&self->timer);
  ws_link_disconnect (self->link, FALSE);
  if (error)
    net_operation_fail (self->operation, error);
  else
    net_operation_succeed (self->operation, NULL);
  self->ended (self->data);
}

static void
on_cancelled (gpointer data)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR,
      G_IO_ERROR_CANCELLED, "the goodbye was cancelled");

  finish (data, error);
}

OpenviduGoodbye *
openvidu_goodbye_new (WsLink * link, const OpenviduSettings * settings,
    void (*ended) (gpointer data), gpointer data)
{
  OpenviduGoodbye *self = g_new0 (OpenviduGoodbye, 1);

  self->link = link;
  self->settings = settings;
  self->ended = ended;
  self->data = data;
  self->operation = net_operation_new (on_cancelled, self);
  return self;
}

/* Free the goodbye before its link. */
void
openvidu_goodbye_free (OpenviduGoodbye * self)
{
  gst_rcast_source_clear (&self->timer);
  net_operation_free (self->operation);
  g_free (self);
}

static gboolean
on_timeout (gpointer data)
{
  OpenviduGoodbye *self = data;
  g_autoptr (GError) error = ws_link_new_error (self->link,
      GST_RCAST_ERROR_TIMEOUT, "no answer to the goodbye within %u ms",
      self->settings->net->close_timeout);

  finish (self, self->inside ? error : NULL);
  return G_SOURCE_REMOVE;
}

static gboolean
on_idle (gpointer data)
{
  OpenviduGoodbye *self = data;
  g_autoptr (GError) error = ws_link_new_error (self->link,
      GST_RCAST_ERROR_NETWORK,
      "the session could not be left: the connection is lost");

  finish (self, self->inside ? error : NULL);
  return G_SOURCE_REMOVE;
}

static void
on_left (guint64 request, gconstpointer answer, const GError * error,
    gpointer data)
{
  OpenviduGoodbye *self = data;
  const OpenviduMessage *message = answer;

  if (!message)
    return;
  self->inside = FALSE;
  openvidu_link_close (self->link);
}

static void
leave (OpenviduGoodbye * self)
{
  openvidu_link_ask (self->link, "leaveRoom", g_strdup (""),
      self->settings->net->close_timeout, on_left, self);
}

void
openvidu_goodbye_start (OpenviduGoodbye * self, gboolean inside,
    gboolean joining, GTask * task)
{
  gboolean open = ws_link_is_open (self->link) && (inside || joining);

  self->inside = inside;
  self->timer = gst_rcast_timer_start (open ?
      self->settings->net->close_timeout : 0, open ? on_timeout : on_idle,
      self);
  if (open && inside)
    leave (self);
  if (task)
    net_operation_begin (self->operation, task);
}

void
openvidu_goodbye_joined (OpenviduGoodbye * self)
{
  self->inside = TRUE;
  leave (self);
}

void
openvidu_goodbye_lost (OpenviduGoodbye * self, const GError * error)
{
  finish (self, self->inside ? error : NULL);
}
