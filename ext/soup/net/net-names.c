/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Resolves host names. Uses the last answer while the resolver is silent. */
#include "config.h"

#include "net-names.h"

#include <gst/gst.h>

#include "net-answers.h"
#include "net-query.h"
#include "rcast-loop.h"
#include "rcast-text.h"

GST_DEBUG_CATEGORY_STATIC (rcast_names_debug);
#define GST_CAT_DEFAULT rcast_names_debug

/* How long a resolver may take before its last answer is used. This is the delay of RFC 8305 8 for
 * connections. RFC 8767 5 allows up to 1.8 s, for clients that wait for a page. */
#define PATIENCE_MS 250

struct _NetNames
{
  GHashTable *by_host;          /* Question, while pending */
};

/* A question to the resolver. Several waiters may share its answer. */
typedef struct
{
  NetNames *names;              /* held */
  gchar *host;
  GResolver *resolver;
  GCancellable *cancellable;
  GPtrArray *waiters;           /* of Waiter */
  GSource *patience;            /* when it ends, other sources are used */
  NetQuery *query;              /* nullable: query on each uplink */
  GError *error;                /* nullable: the resolver's error, while @query is pending */
} Question;

typedef struct
{
  Question *question;
  GTask *task;
  GPtrArray *last;              /* nullable: the resolver's last answer */
  guint age;                    /* of @last, s */
  GSource *cancel;
  gulong cancelled_id;
} Waiter;

NetNames *
net_names_new (void)
{
  static gsize once = 0;
  NetNames *names = g_rc_box_new0 (NetNames);

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_names_debug, "rcastnames", 0,
        "Names of servers");
    g_once_init_leave (&once, 1);
  }
  names->by_host = g_hash_table_new (g_str_hash, g_str_equal);
  return names;
}

static void
names_clear (gpointer data)
{
  NetNames *names = data;

  g_hash_table_unref (names->by_host);
}

void
net_names_unref (NetNames * names)
{
  g_rc_box_release_full (names, names_clear);
}

static void
free_addresses (gpointer addresses)
{
  g_ptr_array_unref (addresses);
}

/* Removes the waiter from its question. Returns: (transfer full): its task */
static GTask *
end_waiting (Waiter * waiter)
{
  GTask *task = g_steal_pointer (&waiter->task);

  gst_rcast_source_clear (&waiter->cancel);
  /* Not g_cancellable_disconnect(): it would deadlock if called while the signal is emitted. */
  if (waiter->cancelled_id)
    g_signal_handler_disconnect (g_task_get_cancellable (task),
        waiter->cancelled_id);
  g_ptr_array_remove_fast (waiter->question->waiters, waiter);
  g_clear_pointer (&waiter->last, g_ptr_array_unref);
  g_free (waiter);
  return task;
}

static void
use_last (Waiter * waiter, const gchar * why)
{
  GPtrArray *last = g_ptr_array_ref (waiter->last);
  g_autoptr (GTask) task = NULL;

  GST_WARNING_ID (waiter->question->host,
      "%s: using its answer of %u s ago", why, waiter->age);
  task = end_waiting (waiter);
  g_task_return_pointer (task, last, free_addresses);
}

/* Nobody joins this question any more: the next look-up asks again. */
static void
forget (Question * question)
{
  if (g_hash_table_lookup (question->names->by_host, question->host)
      == question)
    g_hash_table_remove (question->names->by_host, question->host);
}

static void
question_free (Question * question)
{
  g_assert (question->waiters->len == 0);
  forget (question);
  gst_rcast_source_clear (&question->patience);
  net_query_free (question->query);
  g_clear_error (&question->error);
  g_ptr_array_unref (question->waiters);
  g_object_unref (question->cancellable);
  g_object_unref (question->resolver);
  g_free (question->host);
  net_names_unref (question->names);
  g_free (question);
}

static gboolean
on_cancelled (GCancellable * cancellable, gpointer data)
{
  Question *question = ((Waiter *) data)->question;
  g_autoptr (GTask) task = end_waiting (data);

  g_task_return_error_if_cancelled (task);
  /* Nothing else would free the question. */
  if (question->waiters->len == 0 && question->error && !question->query)
    question_free (question);
  return G_SOURCE_REMOVE;
}

/* Ends the question with its last waiter. Does so at once, as the context may never be dispatched
 * again and the question would leak. */
static void
on_cancelling (GCancellable * cancellable, gpointer data)
{
  Question *question = ((Waiter *) data)->question;

  for (guint i = 0; i < question->waiters->len; i++) {
    Waiter *waiter = g_ptr_array_index (question->waiters, i);

    if (!g_cancellable_is_cancelled (g_task_get_cancellable (waiter->task)))
      return;
  }
  g_clear_pointer (&question->query, net_query_free);
  g_cancellable_cancel (question->cancellable);
}

static GPtrArray *
copy_list (GList * list)
{
  GPtrArray *addresses = g_ptr_array_new_with_free_func (g_object_unref);

  for (GList * l = list; l; l = l->next)
    g_ptr_array_add (addresses, g_object_ref (l->data));
  return addresses;
}

/* Answers the waiters that have a previous answer with it. */
static void
tell_last (Question * question, const gchar * why)
{
  for (guint i = question->waiters->len; i > 0; i--) {
    Waiter *waiter = g_ptr_array_index (question->waiters, i - 1);

    if (waiter->last)
      use_last (waiter, why);
  }
}

static void
tell (Question * question, GPtrArray * addresses, const GError * error)
{
  while (question->waiters->len > 0) {
    g_autoptr (GTask) task =
        end_waiting (g_ptr_array_index (question->waiters, 0));

    if (addresses)
      g_task_return_pointer (task, g_ptr_array_ref (addresses),
          free_addresses);
    else
      g_task_return_error (task, g_error_copy (error));
  }
}

static void
take_addresses (Question * question, GPtrArray * said)
{
  g_autoptr (GPtrArray) addresses =
      net_answers_put (question->resolver, question->host, said);

  tell (question, addresses, NULL);
}

/* The name servers have answered on some uplink. The resolver may still be trying. */
static void
on_queried (GPtrArray * addresses, gpointer data)
{
  Question *question = data;
  g_autoptr (GError) error = g_steal_pointer (&question->error);

  g_clear_pointer (&question->query, net_query_free);
  if (addresses) {
    GST_INFO_ID (question->host, "name servers answered by another uplink than "
        "the resolver's");
    take_addresses (question, addresses);
    forget (question);
  } else if (error) {
    tell (question, NULL, error);
  }
  if (error)
    question_free (question);
  else if (addresses)
    g_cancellable_cancel (question->cancellable);
}

/* Only beside the default resolver: an application with its own resolver has its reasons. */
static void
query (Question * question)
{
  if (!question->query && g_str_equal (G_OBJECT_TYPE_NAME (question->resolver),
          "GThreadedResolver"))
    question->query =
        net_query_start (question->host, on_queried, question);
}

static gboolean
on_patience_over (gpointer data)
{
  Question *question = data;

  gst_rcast_source_clear (&question->patience);
  tell_last (question, "the resolver does not answer");
  query (question);
  return G_SOURCE_REMOVE;
}

static gboolean
is_final (const GError * error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      || g_error_matches (error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND);
}

/* Takes @error. */
static void
take_failure (Question * question, GError * error)
{
  g_autofree gchar *why = gst_rcast_text_clean (error->message, -1);

  tell_last (question, why);
  if (!is_final (error))
    query (question);
  if (question->query && !is_final (error)) {
    question->error = error;
    return;
  }
  tell (question, NULL, error);
  g_error_free (error);
  question_free (question);
}

static void
on_answer (GObject * source, GAsyncResult * result, gpointer data)
{
  Question *question = data;
  GError *error = NULL;
  GList *list = g_resolver_lookup_by_name_finish (G_RESOLVER (source), result,
      &error);
  g_autoptr (GPtrArray) said = NULL;

  gst_rcast_source_clear (&question->patience);
  if (error) {
    take_failure (question, error);
    return;
  }
  said = copy_list (list);
  g_resolver_free_addresses (list);
  take_addresses (question, said);
  question_free (question);
}

/* Returns: the pending question about @host */
static Question *
ask (NetNames * names, GResolver * resolver, const gchar * host)
{
  Question *question = g_hash_table_lookup (names->by_host, host);

  if (question && !g_cancellable_is_cancelled (question->cancellable))
    return question;
  if (question)
    forget (question);
  question = g_new0 (Question, 1);
  question->names = g_rc_box_acquire (names);
  question->host = g_strdup (host);
  question->resolver = g_object_ref (resolver);
  question->cancellable = g_cancellable_new ();
  question->waiters = g_ptr_array_new ();
  question->patience =
      gst_rcast_timer_start (PATIENCE_MS, on_patience_over, question);
  g_hash_table_insert (names->by_host, question->host, question);
  g_resolver_lookup_by_name_async (resolver, host, question->cancellable,
      on_answer, question);
  return question;
}

static void
wait_for (Question * question, GPtrArray * last, guint age, GTask * task)
{
  GCancellable *cancellable = g_task_get_cancellable (task);
  Waiter *waiter = g_new0 (Waiter, 1);

  waiter->question = question;
  waiter->task = g_object_ref (task);
  g_ptr_array_add (question->waiters, waiter);
  if (last) {
    waiter->last = g_ptr_array_ref (last);
    waiter->age = age;
  }
  waiter->cancel = gst_rcast_cancel_start (cancellable, on_cancelled, waiter);
  if (cancellable)
    waiter->cancelled_id = g_cancellable_connect (cancellable,
        G_CALLBACK (on_cancelling), waiter, NULL);
}

/**
 * net_names_look_up_async:
 * @names: the look-ups
 * @host: name, or address
 * @cancellable: (nullable): ends this look-up, and the question with its last waiter
 * @callback: called at the end
 * @data: for @callback
 *
 * Looks up the addresses of a host. A resolver uses the default route, and hangs or fails
 * if that is dead. So a name with a previous answer gets that answer (RFC 8767) if the
 * resolver is silent for a moment. Then the name servers are asked on each uplink.
 */
void
net_names_look_up_async (NetNames * names, const gchar * host,
    GCancellable * cancellable, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);
  g_autoptr (GInetAddress) literal = g_inet_address_new_from_string (host);
  g_autoptr (GResolver) resolver = NULL;
  g_autoptr (GPtrArray) last = NULL;
  Question *question;
  gboolean fresh;
  guint age;

  g_task_set_source_tag (task, net_names_look_up_async);
  if (g_task_return_error_if_cancelled (task))
    return;
  if (literal) {
    last = g_ptr_array_new_with_free_func (g_object_unref);
    g_ptr_array_add (last, g_steal_pointer (&literal));
    g_task_return_pointer (task, g_steal_pointer (&last), free_addresses);
    return;
  }
  resolver = g_resolver_get_default ();
  last = net_answers_get (resolver, host, &fresh, &age);
  if (last && fresh) {
    g_task_return_pointer (task, g_steal_pointer (&last), free_addresses);
    return;
  }
  question = ask (names, resolver, host);
  wait_for (question, last, age, task);
  if (!question->patience)
    tell_last (question, "the resolver does not answer");
}

/* Returns: (transfer full): of GInetAddress, at least one; best first */
GPtrArray *
net_names_look_up_finish (GAsyncResult * result, GError ** error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* @host has accepted a connection at @address, which comes first from now on. */
void
net_names_prefer (const gchar * host, GInetAddress * address)
{
  g_autoptr (GResolver) resolver = g_resolver_get_default ();

  net_answers_prefer (resolver, host, address);
}
