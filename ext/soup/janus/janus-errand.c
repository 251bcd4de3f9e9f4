/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests on a separate connection: checks a server's health, and ends an abandoned session. */
#include "config.h"

#include "janus-errand.h"

#include "janus-link.h"
#include "rcast-loop.h"

/* Freed once its task has returned. */
typedef struct
{
  JanusSettings *settings;
  WsLink *link;
  const gchar *verb;
  guint64 session;              /* 0: none */
  WsAnswered answered;
  guint limit;                  /* ms */
  GTask *task;                  /* holds a reference to the element */
  GSource *timer, *cancel;
} Errand;

/* Takes @error. NULL: success */
static void
finish (Errand * errand, GError * error)
{
  g_autoptr (GTask) task = g_steal_pointer (&errand->task);

  gst_rcast_source_clear (&errand->timer);
  gst_rcast_source_clear (&errand->cancel);
  janus_link_free (errand->link);
  janus_settings_free (errand->settings);
  g_free (errand);
  if (error)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
on_destroyed (guint64 request, gconstpointer answer, const GError * error,
    gpointer data)
{
  Errand *errand = data;
  const JanusMessage *message = answer;
  GError *refusal = NULL;

  if (!message)
    refusal = g_error_copy (error);
  else if (message->code != 0 && message->code != JANUS_E_NO_SESSION)
    refusal = janus_link_new_refusal (errand->link, message,
        "end a session that was left");
  finish (errand, refusal);
}

/* The server describes itself to anybody, without a session, and whether it accepts new ones. */
static void
on_info (guint64 request, gconstpointer answer, const GError * error,
    gpointer data)
{
  Errand *errand = data;
  const JanusMessage *message = answer;
  GError *reason = NULL;

  if (!message)
    reason = g_error_copy (error);
  else if (message->code != 0)
    reason = janus_link_new_refusal (errand->link, message, "not healthy");
  else if (message->kind != JANUS_SERVER_INFO)
    reason = ws_link_new_error (errand->link, GST_RCAST_ERROR_INVALID_DATA,
        "it does not say what it is");
  else if (message->draining)
    reason = ws_link_new_error (errand->link, GST_RCAST_ERROR_BUSY,
        "it takes no new sessions");
  else if (message->has_plugins && !message->has_videoroom)
    reason = ws_link_new_error (errand->link, GST_RCAST_ERROR_NOT_SUPPORTED,
        "it has no VideoRoom");
  finish (errand, reason);
}

static void
on_opened (gpointer data)
{
  Errand *errand = data;
  const JanusTarget target = { errand->session, 0 };

  janus_link_ask (errand->link, errand->verb, &target, NULL, errand->answered,
      errand);
}

static void
on_lost (const GError * error, gpointer data)
{
  finish (data, g_error_copy (error));
}

static void
on_message (const JanusMessage * message, gpointer data)
{
}

static gboolean
on_time_is_up (gpointer data)
{
  Errand *errand = data;

  finish (errand, ws_link_new_error (errand->link, GST_RCAST_ERROR_TIMEOUT,
          "no answer to %s within %u ms", errand->verb, errand->limit));
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled (GCancellable * cancellable, gpointer data)
{
  finish (data, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
          "cancelled"));
  return G_SOURCE_REMOVE;
}

/* Takes the contents of @values. */
static void
run_errand (GstRcastNetSignaller * element, const Errand * values)
{
  static const JanusLinkCallbacks callbacks =
      { {on_opened, on_lost}, on_message };
  Errand *errand = g_memdup2 (values, sizeof (*values));

  errand->link = janus_link_new (element, errand->settings, &callbacks, errand);
  errand->timer =
      gst_rcast_timer_start (errand->limit, on_time_is_up, errand);
  errand->cancel = gst_rcast_cancel_start (g_task_get_cancellable (errand->task),
      on_cancelled, errand);
  janus_link_connect (errand->link);
}

/* Takes @settings, and @task, which returns whether the server is healthy. */
void
janus_errand_check (GstRcastNetSignaller * element, JanusSettings * settings,
    GTask * task)
{
  run_errand (element, &(Errand) {
      .settings = settings,
      .verb = "info",
      .answered = on_info,
      .limit = settings->net->timeout,
      .task = task });
}

/* Takes @settings, and @task, which returns whether the server has ended @session, or does not know
 * it. No claim is needed: `destroy` works on any connection. */
void
janus_errand_end (GstRcastNetSignaller * element, JanusSettings * settings,
    const gchar * session, GTask * task)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (session, 10, 1, G_MAXINT64, &number, NULL)) {
    janus_settings_free (settings);
    g_task_return_new_error (task, GST_RCAST_ERROR,
        GST_RCAST_ERROR_INVALID_ARGUMENT, "no session of Janus");
    g_object_unref (task);
    return;
  }
  run_errand (element, &(Errand) {
      .settings = settings,
      .verb = "destroy",
      .session = number,
      .answered = on_destroyed,
      .limit = settings->net->close_timeout,
      .task = task });
}
