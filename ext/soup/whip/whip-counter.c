/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Handles a WHEP server's counter-offer, until the server has our answer to it. */
#include "config.h"

#include "whip-counter.h"

#include <string.h>

#include "rcast-loop.h"
#include "rcast-sdp.h"
#include "whip-answer.h"

struct _WhipCounter
{
  WhipClient *client;           /* owned by the session */
  WhipEnding *ending;           /* owned by the session */
  GUri *url;                    /* of the session at the server */
  gchar *etag;
  gchar *offer;
  GstSDPMessage *answer;        /* NULL: not yet */

  /* While the PATCH with the answer is pending. */
  WhipRequest *request;
  GTask *task;
  GSource *cancel;
  WhipCounterDone done;
  gpointer data;
};

/* @etag: (nullable). @client and @ending must outlive the counter. */
WhipCounter *
whip_counter_new (WhipClient * client, WhipEnding * ending, GUri * url,
    const gchar * etag, const GstSDPMessage * offer)
{
  WhipCounter *counter = g_new0 (WhipCounter, 1);

  counter->client = client;
  counter->ending = ending;
  counter->url = g_uri_ref (url);
  counter->etag = g_strdup (etag);
  counter->offer = gst_sdp_message_as_text (offer);
  whip_ending_opened (ending, url);
  whip_client_log_sdp (client, "offer of the server", counter->offer);
  return counter;
}

static void
counter_free (WhipCounter * counter)
{
  g_clear_pointer (&counter->url, g_uri_unref);
  g_free (counter->etag);
  g_free (counter->offer);
  g_clear_pointer (&counter->answer, gst_sdp_message_free);
  g_free (counter);
}

/* Returns: (nullable) (transfer full): the task that waited for the PATCH */
static GTask *
end_waiting (WhipCounter * counter)
{
  gst_rcast_source_clear (&counter->cancel);
  counter->request = NULL;
  return g_steal_pointer (&counter->task);
}

/* Takes NULL. Ends the session at the server, as its media never starts. @why: the error for a task
 * that waits for our answer to be accepted */
void
whip_counter_drop (WhipCounter * counter, const gchar * why)
{
  WhipRequest *request = counter ? counter->request : NULL;
  g_autoptr (GTask) task = counter ? end_waiting (counter) : NULL;

  if (!counter)
    return;
  if (request)
    whip_request_drop (request);
  whip_ending_delete (counter->ending, counter->url);
  counter_free (counter);
  if (task)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "%s", why);
}

/* Takes @counter. The caller owns all returned values.
 * Returns: the URL of the session, which has our answer */
GUri *
whip_counter_adopt (WhipCounter * counter, GstSDPMessage ** offer,
    GstSDPMessage ** answer, gchar ** etag)
{
  GUri *url = g_steal_pointer (&counter->url);

  *offer = gst_rcast_sdp_parse (counter->offer, -1, NULL);
  *answer = g_steal_pointer (&counter->answer);
  *etag = g_steal_pointer (&counter->etag);
  counter_free (counter);
  return url;
}

const gchar *
whip_counter_get_offer (WhipCounter * counter)
{
  return counter->offer;
}

static void
on_answered (WhipRequest * request, GBytes * body, const GError * error,
    gpointer data)
{
  WhipCounter *counter = data;
  g_autoptr (GTask) task = end_waiting (counter);
  guint status = whip_request_get_status (request);
  gboolean taken = !error && SOUP_STATUS_IS_SUCCESSFUL (status);

  counter->done (taken ? request : NULL, counter->data);
  if (taken)
    g_task_return_boolean (task, TRUE);
  else if (error)
    g_task_return_error (task, g_error_copy (error));
  else
    g_task_return_error (task, whip_request_new_error (request,
            whip_answer_classify_answer (status), body, "answer refused"));
}

static gboolean
on_cancelled (GCancellable * cancellable, gpointer data)
{
  WhipCounter *counter = data;
  g_autoptr (GTask) task = NULL;

  whip_request_drop (counter->request);
  task = end_waiting (counter);
  counter->done (NULL, counter->data);
  g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

/**
 * whip_counter_answer:
 * @counter: the offer, not answered yet
 * @sdp: (transfer full): our answer
 * @text: the same as text
 * @done: called once, unless @counter is dropped before
 * @data: for @done
 * @task: (transfer full): returns whether the server has accepted the answer
 */
void
whip_counter_answer (WhipCounter * counter, GstSDPMessage * sdp,
    const gchar * text, WhipCounterDone done, gpointer data, GTask * task)
{
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));

  whip_client_log_sdp (counter->client, "answer", text);
  counter->answer = sdp;
  counter->done = done;
  counter->data = data;
  counter->task = task;
  counter->cancel = gst_rcast_cancel_start (g_task_get_cancellable (task),
      on_cancelled, counter);
  counter->request = whip_request_patch (counter->client, counter->url,
      WHIP_TYPE_SDP, body, counter->etag, NET_HTTP_BODY_OPTIONAL, on_answered,
      counter);
}
