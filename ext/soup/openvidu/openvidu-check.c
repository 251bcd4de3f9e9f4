/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checks the health of a server on a separate connection. */
#include "config.h"

#include "openvidu-check.h"

#include "openvidu-link.h"
#include "rcast-loop.h"

/* Freed once its task has returned. */
typedef struct
{
  OpenviduSettings *settings;
  WsLink *link;
  GTask *task;                  /* holds a reference to the element */
  GSource *timer, *cancel;
} Check;

/* Takes @error. NULL: success */
static void
finish (Check * check, GError * error)
{
  g_autoptr (GTask) task = g_steal_pointer (&check->task);

  gst_rcast_source_clear (&check->timer);
  gst_rcast_source_clear (&check->cancel);
  openvidu_link_free (check->link);
  openvidu_settings_free (check->settings);
  g_free (check);
  if (error)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

/* Without a session, a server answers only pings. */
static void
on_pong (guint64 request, gconstpointer answer, const GError * error,
    gpointer data)
{
  Check *check = data;
  const OpenviduMessage *message = answer;
  GError *reason = NULL;

  if (!message)
    reason = g_error_copy (error);
  else if (message->kind != OPENVIDU_RESULT)
    reason = openvidu_link_new_refusal (check->link, message, "not healthy");
  finish (check, reason);
}

static void
on_opened (gpointer data)
{
  Check *check = data;

  openvidu_link_ask (check->link, "ping", openvidu_print_ping (),
      check->settings->net->timeout, on_pong, check);
}

static void
on_lost (const GError * error, gpointer data)
{
  finish (data, g_error_copy (error));
}

static void
on_notified (const OpenviduMessage * message, gpointer data)
{
}

static gboolean
on_time_is_up (gpointer data)
{
  Check *check = data;

  finish (check, ws_link_new_error (check->link, GST_RCAST_ERROR_TIMEOUT,
          "no answer to ping within %u ms", check->settings->net->timeout));
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled (GCancellable * cancellable, gpointer data)
{
  finish (data, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
          "cancelled"));
  return G_SOURCE_REMOVE;
}

/* Takes @settings, and @task, which returns whether the server is healthy. Uses no token. */
void
openvidu_check_start (GstRcastNetSignaller * element,
    OpenviduSettings * settings, GTask * task)
{
  static const OpenviduLinkCallbacks callbacks =
      { {on_opened, on_lost}, on_notified };
  Check *check = g_new0 (Check, 1);

  check->settings = settings;
  check->task = task;
  check->link = openvidu_link_new (element, settings, &callbacks, check);
  check->timer =
      gst_rcast_timer_start (settings->net->timeout, on_time_is_up, check);
  check->cancel = gst_rcast_cancel_start (g_task_get_cancellable (task),
      on_cancelled, check);
  openvidu_link_connect (check->link, settings->ticket.session, FALSE);
}
