/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A GResolver that answers when a test lets it, one lookup at a time. */
#include "config.h"

#include "slow-resolver.h"

#include <gst/check/gstcheck.h>

G_DEFINE_TYPE (SlowResolver, slow_resolver, G_TYPE_RESOLVER);

static void
free_addresses (gpointer data)
{
  g_resolver_free_addresses (data);
}

/* As in GLib's resolver, a cancelled lookup returns at once. */
static void
on_lookup_cancelled (GCancellable * cancellable, gpointer data)
{
  SlowResolver *self = data;
  g_autoptr (GTask) task = g_steal_pointer (&self->pending);

  if (task)
    g_task_return_error_if_cancelled (task);
}

static void
slow_lookup_async (GResolver * resolver, const gchar * hostname,
    GCancellable * cancellable, GAsyncReadyCallback callback, gpointer data)
{
  SlowResolver *self = SLOW_RESOLVER (resolver);

  fail_unless (self->pending == NULL, "two lookups at a time");
  self->lookups++;
  self->pending = g_task_new (self, cancellable, callback, data);
  if (cancellable)
    g_cancellable_connect (cancellable, G_CALLBACK (on_lookup_cancelled), self,
        NULL);
}

static GList *
slow_lookup_finish (GResolver * resolver, GAsyncResult * result,
    GError ** error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
slow_resolver_say (SlowResolver * self, const gchar * addresses)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->pending);
  g_auto (GStrv) words = g_strsplit (addresses, " ", -1);
  GList *list = NULL;

  for (guint i = 0; words[i]; i++)
    list = g_list_append (list, g_inet_address_new_from_string (words[i]));
  g_task_return_pointer (task, list, free_addresses);
}

/* The result without a network */
void
slow_resolver_fail (SlowResolver * self)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->pending);

  g_task_return_new_error (task, G_RESOLVER_ERROR,
      G_RESOLVER_ERROR_TEMPORARY_FAILURE, "no resolver");
}

void
slow_resolver_answer (SlowResolver * self)
{
  slow_resolver_say (self, "127.0.0.1");
}

static void
slow_resolver_class_init (SlowResolverClass * klass)
{
  GResolverClass *resolver_class = G_RESOLVER_CLASS (klass);

  resolver_class->lookup_by_name_async = slow_lookup_async;
  resolver_class->lookup_by_name_finish = slow_lookup_finish;
}

static void
slow_resolver_init (SlowResolver * self)
{
}
