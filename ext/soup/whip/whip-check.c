/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a WHIP server is healthy: OPTIONS at the endpoint, which opens no session. */
#include "config.h"

#include "whip-check.h"

#include "rcast-loop.h"
#include "whip-answer.h"

typedef struct
{
  WhipClient *client;
  GTask *task;
  GSource *cancel;
} WhipCheck;

static void
on_answered (WhipRequest * request, GBytes * body, const GError * error,
    gpointer data)
{
  WhipCheck *check = data;

  gst_rcast_source_clear (&check->cancel);
  if (error)
    g_task_return_error (check->task, g_error_copy (error));
  else if (whip_answer_is_healthy (whip_request_get_status (request)))
    g_task_return_boolean (check->task, TRUE);
  else
    g_task_return_error (check->task, whip_request_new_error (request,
            GST_RCAST_ERROR_FAILED, body, "not healthy"));
  g_clear_object (&check->task);
}

static gboolean
on_cancelled (GCancellable * cancellable, gpointer data)
{
  WhipCheck *check = data;

  whip_client_cancel (check->client);
  return G_SOURCE_REMOVE;
}

static void
on_busy (gpointer data)
{
}

static void
on_idle (gpointer data)
{
  WhipCheck *check = data;

  whip_client_free (check->client);
  g_free (check);
}

/* Takes @settings, and @task, which returns whether the server is healthy. The check
 * lives as long as its request. */
void
whip_check_start (GstRcastNetSignaller * element, WhipSettings * settings,
    NetReach * reach, GTask * task)
{
  static const WhipClientCallbacks callbacks = { on_busy, on_idle };
  GCancellable *cancellable = g_task_get_cancellable (task);
  WhipCheck *check = g_new0 (WhipCheck, 1);
  const WhipRequestSpec spec = {
    .method = SOUP_METHOD_OPTIONS,
    .url = settings->net->url,
    .kind = WHIP_URL_CHECK,
    .timeout = settings->net->timeout,
    .patience = settings->net->timeout,
    .need = NET_HTTP_BODY_OPTIONAL,
  };

  check->client = whip_client_new (element, settings, reach, &callbacks, check);
  check->task = task;
  if (cancellable) {
    check->cancel = g_cancellable_source_new (cancellable);
    g_source_set_callback (check->cancel, G_SOURCE_FUNC (on_cancelled), check,
        NULL);
    g_source_attach (check->cancel, g_main_context_get_thread_default ());
  }
  whip_request_start (check->client, &spec, on_answered, check);
}
