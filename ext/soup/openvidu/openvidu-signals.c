/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Our signals on their way to an OpenVidu server, until it has confirmed them. */
#include "config.h"

#include "openvidu-signals.h"

#include <string.h>

GST_DEBUG_CATEGORY_STATIC (rcast_openvidu_signals_debug);
#define GST_CAT_DEFAULT rcast_openvidu_signals_debug

/* The same limits as in rcastsink. */
#define MAX_SIGNALS 1000
#define MAX_SIGNAL_BYTES (1024 * 1024)

typedef struct
{
  gchar *params;
  gboolean sent;                /* FALSE: still to be sent, or sent again */
  const WsLink *link;     /* the link it was last sent on; only compared */
  guint64 request;              /* its request on that link */
} Signal;

struct _OpenviduSignals
{
  GstRcastNetSignaller *element;        /* borrowed */
  GQueue queue;                 /* of Signal */
  gsize bytes;
};

static void
signal_free (Signal * signal)
{
  g_free (signal->params);
  g_free (signal);
}

OpenviduSignals *
openvidu_signals_new (GstRcastNetSignaller * element)
{
  static gsize once = 0;
  OpenviduSignals *self = g_new0 (OpenviduSignals, 1);

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_openvidu_signals_debug,
        "rcastopenvidusignals", 0, "Signals to OpenVidu");
    g_once_init_leave (&once, 1);
  }
  self->element = element;
  return self;
}

void
openvidu_signals_free (OpenviduSignals * self)
{
  g_queue_clear_full (&self->queue, (GDestroyNotify) signal_free);
  g_free (self);
}

gboolean
openvidu_signals_push (OpenviduSignals * self, gchar * params)
{
  Signal *signal;
  gsize size = strlen (params);

  if (self->queue.length >= MAX_SIGNALS
      || self->bytes + size > MAX_SIGNAL_BYTES) {
    g_free (params);
    return FALSE;
  }
  signal = g_new0 (Signal, 1);
  signal->params = params;
  self->bytes += size;
  g_queue_push_tail (&self->queue, signal);
  return TRUE;
}

static Signal *
next (OpenviduSignals * self)
{
  for (GList * item = self->queue.head; item; item = item->next)
    if (!((Signal *) item->data)->sent)
      return item->data;
  return NULL;
}

/* The signal may already be waiting to be sent again, if the answer came on a connection that is
 * being closed. */
static void
taken (OpenviduSignals * self, const WsLink * link, guint64 request)
{
  for (GList * item = self->queue.head; item; item = item->next) {
    Signal *signal = item->data;

    if (signal->link != link || signal->request != request)
      continue;
    self->bytes -= strlen (signal->params);
    signal_free (signal);
    g_queue_delete_link (&self->queue, item);
    return;
  }
}

/* A refused signal is not sent again. */
static void
tell_refusal (OpenviduSignals * self, const OpenviduMessage * message)
{
  g_autofree gchar *reason = g_strdup_printf ("%s (OpenVidu error %d)",
      message->reason ? message->reason : "no reason given", message->code);

  GST_WARNING_OBJECT (self->element, "a signal is refused: %s", reason);
  gst_rcast_net_signaller_post (self->element, gst_structure_new
      ("openvidu-event", "event", G_TYPE_STRING, "signalRefused", "reason",
          G_TYPE_STRING, reason, NULL));
}

void
openvidu_signals_answered (OpenviduSignals * self, const WsLink * link,
    guint64 request, const OpenviduMessage * message, const GError * error)
{
  if (!message) {
    GST_WARNING_OBJECT (self->element, "a signal: %s", error->message);
    return;
  }
  taken (self, link, request);
  if (message->kind == OPENVIDU_ERROR)
    tell_refusal (self, message);
}

void
openvidu_signals_flush (OpenviduSignals * self, WsLink * link, guint ms,
    WsAnswered answered, gpointer data)
{
  Signal *signal;

  while ((signal = next (self))) {
    signal->sent = TRUE;
    signal->link = link;
    signal->request = openvidu_link_ask (link, "sendMessage",
        g_strdup (signal->params), ms, answered, data);
  }
}

void
openvidu_signals_unsent (OpenviduSignals * self, const WsLink * link)
{
  for (GList * item = self->queue.head; item; item = item->next) {
    Signal *signal = item->data;

    if (signal->link == link)
      signal->sent = FALSE;
  }
}
