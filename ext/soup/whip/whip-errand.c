/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests outside a session: checks a server's health, and ends an abandoned session. */
#include "config.h"

#include "whip-errand.h"

#include "rcast-loop.h"
#include "whip-answer.h"

/* Judges a status. Returns: whether it is a success; otherwise @code is set */
typedef gboolean (*Judge) (guint status, GstRcastError * code);

/* Freed with its request. */
typedef struct
{
  WhipClient *client;
  Judge judge;
  const gchar *fault;           /* description of a status that is no success */
  GTask *task;
  GSource *cancel;
} Errand;

static void
on_answered (WhipRequest * request, GBytes * body, const GError * error,
    gpointer data)
{
  Errand *errand = data;
  GstRcastError code;

  gst_rcast_source_clear (&errand->cancel);
  if (error)
    g_task_return_error (errand->task, g_error_copy (error));
  else if (errand->judge (whip_request_get_status (request), &code))
    g_task_return_boolean (errand->task, TRUE);
  else
    g_task_return_error (errand->task, whip_request_new_error (request, code,
            body, errand->fault));
  g_clear_object (&errand->task);
}

static gboolean
on_cancelled (GCancellable * cancellable, gpointer data)
{
  Errand *errand = data;

  whip_client_cancel (errand->client);
  return G_SOURCE_REMOVE;
}

static void
on_busy (gpointer data)
{
}

static void
on_idle (gpointer data)
{
  Errand *errand = data;

  whip_client_free (errand->client);
  g_free (errand);
}

/* Takes @settings and @task. */
static void
run_errand (GstRcastNetSignaller * element, WhipSettings * settings,
    const WhipRequestSpec * spec, Judge judge,
    const gchar * fault, GTask * task)
{
  static const WhipClientCallbacks callbacks = { on_busy, on_idle };
  Errand *errand = g_new0 (Errand, 1);

  errand->client =
      whip_client_new (element, settings, &callbacks, errand);
  errand->judge = judge;
  errand->fault = fault;
  errand->task = task;
  errand->cancel = gst_rcast_cancel_start (g_task_get_cancellable (task),
      on_cancelled, errand);
  whip_request_start (errand->client, spec, on_answered, errand);
}

static gboolean
judge_health (guint status, GstRcastError * code)
{
  *code = GST_RCAST_ERROR_FAILED;
  return whip_answer_is_healthy (status);
}

/* Sends OPTIONS to the endpoint, which creates no session. Takes @settings, and @task, which
 * returns whether the server is healthy. */
void
whip_errand_check (GstRcastNetSignaller * element, WhipSettings * settings,
    GTask * task)
{
  const WhipRequestSpec spec = {
    .method = SOUP_METHOD_OPTIONS,
    .url = settings->net->url,
    .kind = WHIP_URL_CHECK,
    .timeout = settings->net->timeout,
    .patience = settings->net->timeout,
    .need = NET_HTTP_BODY_OPTIONAL,
  };

  run_errand (element, settings, &spec, judge_health, "not healthy",
      task);
}

static gboolean
judge_end (guint status, GstRcastError * code)
{
  *code = whip_answer_classify_end (status);
  return whip_answer_is_end (status);
}

/* Sends DELETE for an abandoned session, with the token that the session would use. Takes
 * @settings, those of its endpoint, and @task, which returns whether the server has ended the
 * session. */
void
whip_errand_end (GstRcastNetSignaller * element, WhipSettings * settings,
    GUri * session, GTask * task)
{
  const WhipRequestSpec spec = {
    .method = SOUP_METHOD_DELETE,
    .url = session,
    .kind = WHIP_URL_SESSION,
    .timeout = settings->net->close_timeout,
    .patience = settings->net->close_timeout,
    .need = NET_HTTP_BODY_OPTIONAL,
  };

  run_errand (element, settings, &spec, judge_end,
      "a session that was left may live on", task);
}
