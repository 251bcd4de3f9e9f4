/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Signals of ours on their way to an OpenVidu server, until it has said that they came. */
#include "config.h"

#include "openvidu-signals.h"

#include <string.h>

GST_DEBUG_CATEGORY_STATIC (rcast_openvidu_signals_debug);
#define GST_CAT_DEFAULT rcast_openvidu_signals_debug

/* What rcastsink keeps is as much. */
#define MAX_SIGNALS 1000
#define MAX_SIGNAL_BYTES (1024 * 1024)
#define NO_REQUEST G_MAXUINT64

typedef struct
{
  gchar *params;
  guint64 request;              /* NO_REQUEST: it is to go */
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
  signal->request = NO_REQUEST;
  self->bytes += size;
  g_queue_push_tail (&self->queue, signal);
  return TRUE;
}

static gint
compare_request (gconstpointer signal, gconstpointer request)
{
  return ((const Signal *) signal)->request != *(const guint64 *) request;
}

static GList *
find (OpenviduSignals * self, guint64 request)
{
  return g_queue_find_custom (&self->queue, &request, compare_request);
}

static const gchar *
next (OpenviduSignals * self)
{
  GList *item = find (self, NO_REQUEST);

  return item ? ((Signal *) item->data)->params : NULL;
}

static void
sent (OpenviduSignals * self, guint64 request)
{
  GList *item = find (self, NO_REQUEST);

  if (item)
    ((Signal *) item->data)->request = request;
}

static void
taken (OpenviduSignals * self, guint64 request)
{
  GList *item = find (self, request);

  if (!item)
    return;
  self->bytes -= strlen (((Signal *) item->data)->params);
  signal_free (item->data);
  g_queue_delete_link (&self->queue, item);
}

/* It is not sent again. */
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

static void
on_signalled (guint64 request, const OpenviduMessage * message,
    const GError * error, gpointer data)
{
  OpenviduSignals *self = data;

  if (!message) {
    GST_WARNING_OBJECT (self->element, "a signal: %s", error->message);
    return;
  }
  taken (self, request);
  if (message->kind == OPENVIDU_ERROR)
    tell_refusal (self, message);
}

void
openvidu_signals_flush (OpenviduSignals * self, OpenviduLink * link, guint ms)
{
  const gchar *params;

  while ((params = next (self)))
    sent (self, openvidu_link_ask (link, "sendMessage", g_strdup (params), ms,
            on_signalled, self));
}

void
openvidu_signals_unsent (OpenviduSignals * self)
{
  for (GList * item = self->queue.head; item; item = item->next)
    ((Signal *) item->data)->request = NO_REQUEST;
}
