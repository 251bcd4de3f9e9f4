/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Resumes a session whose connection was lost, with as many connections as it takes. */
#include "config.h"

#include "openvidu-resume.h"

#include "rcast-loop.h"

GST_DEBUG_CATEGORY_STATIC (rcast_openvidu_resume_debug);
#define GST_CAT_DEFAULT rcast_openvidu_resume_debug

/* ms until a claim is repeated on the same connection: a server that pauses, as for garbage
 * collection, still has the session afterwards. */
#define CONNECT_MS 2000
/* ms, as in OpenVidu's client */
#define ECHO_MS 3000
/* ms between two connections. Without backoff, as the server keeps the session only for 10 s. */
#define RETRY_MS 700

struct _OpenviduResume
{
  WsLink *link;                 /* borrowed, as the next one */
  GstRcastNetSignaller *element;
  const OpenviduResumeCallbacks *callbacks;
  gpointer data;

  gboolean active;
  gchar *name, *rpc_session;
  GSource *expiry;              /* when the server forgets us */
  GSource *retry;               /* for the next connection */
};

OpenviduResume *
openvidu_resume_new (WsLink * link, GstRcastNetSignaller * element,
    const OpenviduResumeCallbacks * callbacks, gpointer data)
{
  static gsize once = 0;
  OpenviduResume *self = g_new0 (OpenviduResume, 1);

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_openvidu_resume_debug,
        "rcastopenviduresume", 0, "Resumption of OpenVidu sessions");
    g_once_init_leave (&once, 1);
  }
  self->link = link;
  self->element = element;
  self->callbacks = callbacks;
  self->data = data;
  return self;
}

void
openvidu_resume_stop (OpenviduResume * self)
{
  self->active = FALSE;
  gst_rcast_source_clear (&self->expiry);
  gst_rcast_source_clear (&self->retry);
}

/* Free the resume before its link. */
void
openvidu_resume_free (OpenviduResume * self)
{
  openvidu_resume_stop (self);
  g_free (self->name);
  g_free (self->rpc_session);
  g_free (self);
}

static gboolean
on_expired (gpointer data)
{
  OpenviduResume *self = data;

  openvidu_resume_stop (self);
  self->callbacks->expired (self->data);
  return G_SOURCE_REMOVE;
}

static void
connect_again (OpenviduResume * self)
{
  openvidu_link_connect (self->link, self->name, TRUE);
}

void
openvidu_resume_start (OpenviduResume * self, const gchar * name,
    const gchar * rpc_session, gint64 pong_at)
{
  gint64 away = (g_get_monotonic_time () - pong_at) / 1000;

  if (away >= OPENVIDU_RESUME_WINDOW) {
    on_expired (self);
    return;
  }
  openvidu_resume_stop (self);
  self->active = TRUE;
  g_free (self->name);
  self->name = g_strdup (name);
  g_free (self->rpc_session);
  self->rpc_session = g_strdup (rpc_session);
  self->expiry = gst_rcast_timer_start (OPENVIDU_RESUME_WINDOW - away,
      on_expired, self);
  connect_again (self);
}

/* Connections */

static gboolean
on_retry (gpointer data)
{
  OpenviduResume *self = data;

  gst_rcast_source_clear (&self->retry);
  connect_again (self);
  return G_SOURCE_REMOVE;
}

void
openvidu_resume_retry (OpenviduResume * self, const GError * error)
{
  GST_DEBUG_OBJECT (self->element, "again in %u ms: %s", RETRY_MS,
      error->message);
  ws_link_blame_uplink (self->link);
  gst_rcast_source_clear (&self->retry);
  self->retry = gst_rcast_timer_start (RETRY_MS, on_retry, self);
}

gboolean
openvidu_resume_hurry (OpenviduResume * self)
{
  if (!self->retry)
    return FALSE;
  on_retry (self);
  return TRUE;
}

/* Claims */

static void
on_echo (guint64 request, gconstpointer answer, const GError * error,
    gpointer data)
{
  OpenviduResume *self = data;
  const OpenviduMessage *message = answer;

  if (!self->active)
    return;
  if (error || message->kind == OPENVIDU_ERROR) {
    self->callbacks->failed (message, error, "echo", self->data);
    return;
  }
  openvidu_resume_stop (self);
  self->callbacks->resumed (self->data);
}

static void
on_claimed (guint64 request, gconstpointer answer, const GError * error,
    gpointer data)
{
  OpenviduResume *self = data;
  const OpenviduMessage *message = answer;

  if (!self->active)
    return;
  if (error) {
    openvidu_resume_claim (self);
  } else if (message->kind == OPENVIDU_ERROR) {
    self->callbacks->failed (message, NULL, "resume the session", self->data);
  } else {
    self->link->joined = TRUE;
    openvidu_link_ask (self->link, "echo", g_strdup (""), ECHO_MS, on_echo,
        self);
  }
}

void
openvidu_resume_claim (OpenviduResume * self)
{
  openvidu_link_ask (self->link, "connect",
      openvidu_print_connect (self->rpc_session), CONNECT_MS, on_claimed, self);
}
