/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Detects that the server has dropped us: it answers an echo, but no requests about media. */
#include "config.h"

#include "openvidu-doubt.h"

#include "rcast-loop.h"

/* Shares of `timeout`: when a missing answer becomes suspicious, and how long the echo may take. */
#define DOUBT_SHARE 0.4
#define ECHO_SHARE 0.4

struct _OpenviduDoubt
{
  WsLink *link;                 /* borrowed, as the next one */
  const OpenviduSettings *settings;
  void (*dropped) (const GError * error, gpointer data);
  gpointer data;

  gboolean asked;               /* a request is pending */
  GSource *timer;
};

OpenviduDoubt *
openvidu_doubt_new (WsLink * link, const OpenviduSettings * settings,
    void (*dropped) (const GError * error, gpointer data), gpointer data)
{
  OpenviduDoubt *self = g_new0 (OpenviduDoubt, 1);

  self->link = link;
  self->settings = settings;
  self->dropped = dropped;
  self->data = data;
  return self;
}

/* Free the doubt before its link. */
void
openvidu_doubt_free (OpenviduDoubt * self)
{
  openvidu_doubt_end (self);
  g_free (self);
}

void
openvidu_doubt_end (OpenviduDoubt * self)
{
  self->asked = FALSE;
  gst_rcast_source_clear (&self->timer);
}

static gboolean
on_dropped (gpointer data)
{
  OpenviduDoubt *self = data;
  g_autoptr (GError) error = ws_link_new_error (self->link,
      GST_RCAST_ERROR_SESSION_GONE,
      "evicted: the server answers, but not about our stream");

  openvidu_doubt_end (self);
  self->dropped (error, self->data);
  return G_SOURCE_REMOVE;
}

static guint
share (OpenviduDoubt * self, gdouble of)
{
  return MAX (1, self->settings->net->timeout * of);
}

static void
on_echo (guint64 request, gconstpointer answer, const GError * error,
    gpointer data)
{
  OpenviduDoubt *self = data;

  if (self->asked && !self->timer && !error)
    self->timer = gst_rcast_limit_start (share (self, ECHO_SHARE), on_dropped,
        self);
}

static gboolean
on_doubt (gpointer data)
{
  OpenviduDoubt *self = data;

  gst_rcast_source_clear (&self->timer);
  openvidu_link_ask (self->link, "echo", g_strdup (""), share (self,
          ECHO_SHARE), on_echo, self);
  return G_SOURCE_REMOVE;
}

void
openvidu_doubt_begin (OpenviduDoubt * self)
{
  openvidu_doubt_end (self);
  self->asked = TRUE;
  self->timer = gst_rcast_limit_start (share (self, DOUBT_SHARE), on_doubt,
      self);
}
