/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pending operation of a signaller's session, and its cancellation. */
#include "config.h"

#include "net-operation.h"

#include "rcast-error.h"
#include "rcast-loop.h"

struct _NetOperation
{
  void (*cancelled) (gpointer data);
  gpointer data;
  GTask *task;                  /* NULL: no operation is pending */
  GSource *cancel;              /* for @task */
};

NetOperation *
net_operation_new (void (*cancelled) (gpointer data), gpointer data)
{
  NetOperation *self = g_new0 (NetOperation, 1);

  self->cancelled = cancelled;
  self->data = data;
  return self;
}

/* No operation may be pending. */
void
net_operation_free (NetOperation * self)
{
  g_assert (!self->task);
  gst_rcast_source_clear (&self->cancel);
  g_free (self);
}

static gboolean
on_cancelled (GCancellable * cancellable, gpointer data)
{
  NetOperation *self = data;

  self->cancelled (self->data);
  return G_SOURCE_REMOVE;
}

/* Takes @task. Returns: whether it is pending; otherwise it has ended */
gboolean
net_operation_begin (NetOperation * self, GTask * task)
{
  if (g_task_return_error_if_cancelled (task)) {
    g_object_unref (task);
    return FALSE;
  }
  /* It was cancelled in this very iteration, before the cancel source was dispatched. */
  if (self->task
      && g_cancellable_is_cancelled (g_task_get_cancellable (self->task)))
    self->cancelled (self->data);
  if (self->task) {
    g_task_return_new_error (task, GST_RCAST_ERROR, GST_RCAST_ERROR_FAILED,
        "another operation is under way");
    g_object_unref (task);
    return FALSE;
  }
  self->task = task;
  self->cancel = gst_rcast_cancel_start (g_task_get_cancellable (task),
      on_cancelled, self);
  return TRUE;
}

gboolean
net_operation_is_under_way (NetOperation * self)
{
  return self->task != NULL;
}

static GTask *
take_task (NetOperation * self)
{
  gst_rcast_source_clear (&self->cancel);
  return g_steal_pointer (&self->task);
}

/* Takes @answer (nullable): for an offer. Other operations return TRUE. */
void
net_operation_succeed (NetOperation * self, gchar * answer)
{
  g_autoptr (GTask) task = take_task (self);

  if (!task)
    g_free (answer);
  else if (answer)
    g_task_return_pointer (task, answer, g_free);
  else
    g_task_return_boolean (task, TRUE);
}

void
net_operation_fail (NetOperation * self, const GError * error)
{
  g_autoptr (GTask) task = take_task (self);

  if (task)
    g_task_return_error (task, g_error_copy (error));
}
