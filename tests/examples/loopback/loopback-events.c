/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Server-sent events for viewers: the extension of the WHEP draft. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "loopback-events.h"

#define MAX_MADE 64

typedef struct
{
  LoopbackEvents *events;
  SoupServerMessage *message;
  gulong finished_id;
  gchar *name;
  gboolean told;                /* the first viewercount was sent */
  gboolean active;
  guint viewers;
} Listener;

struct _LoopbackEvents
{
  LoopbackEventsLook look;
  gpointer user_data;
  GList *listeners;
  GHashTable *made;             /* id -> name */
};

static void
free_listener (Listener * listener)
{
  g_signal_handler_disconnect (listener->message, listener->finished_id);
  g_object_unref (listener->message);
  g_free (listener->name);
  g_free (listener);
}

static void
on_finished (SoupServerMessage * message, Listener * listener)
{
  LoopbackEvents *events = listener->events;

  events->listeners = g_list_remove (events->listeners, listener);
  free_listener (listener);
}

LoopbackEvents *
loopback_events_new (LoopbackEventsLook look, gpointer user_data)
{
  LoopbackEvents *events = g_new0 (LoopbackEvents, 1);

  events->look = look;
  events->user_data = user_data;
  events->made = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      g_free);
  return events;
}

void
loopback_events_free (LoopbackEvents * events)
{
  if (events == NULL)
    return;
  g_list_free_full (events->listeners, (GDestroyNotify) free_listener);
  g_hash_table_unref (events->made);
  g_free (events);
}

static void
send_event (Listener * listener, const gchar * event, const gchar * data)
{
  g_autofree gchar *text =
      g_strdup_printf ("event: %s\ndata: %s\n\n", event, data);

  soup_message_body_append (soup_server_message_get_response_body
      (listener->message), SOUP_MEMORY_COPY, text, strlen (text));
  soup_server_message_unpause (listener->message);
}

/* The draft: inactive is never the first event. */
static void
update_listener (Listener * listener)
{
  LoopbackEvents *events = listener->events;
  gboolean active = FALSE;
  guint viewers = 0;
  g_autofree gchar *count = NULL;

  events->look (listener->name, &active, &viewers, events->user_data);
  if (active != listener->active)
    send_event (listener, active ? "active" : "inactive", "{}");
  listener->active = active;
  if (listener->told && viewers == listener->viewers)
    return;
  listener->told = TRUE;
  listener->viewers = viewers;
  count = g_strdup_printf ("{\"viewercount\":%u}", viewers);
  send_event (listener, "viewercount", count);
}

void
loopback_events_stream (LoopbackEvents * events, SoupServerMessage * message,
    const gchar * name)
{
  SoupMessageHeaders *headers =
      soup_server_message_get_response_headers (message);
  Listener *listener = g_new0 (Listener, 1);

  listener->events = events;
  listener->message = g_object_ref (message);
  listener->name = g_strdup (name);
  listener->finished_id = g_signal_connect (message, "finished",
      G_CALLBACK (on_finished), listener);
  events->listeners = g_list_append (events->listeners, listener);
  soup_server_message_set_status (message, 200, NULL);
  soup_message_headers_set_encoding (headers, SOUP_ENCODING_CHUNKED);
  soup_message_headers_replace (headers, "Content-Type", "text/event-stream");
  soup_message_headers_replace (headers, "Cache-Control", "no-store");
  soup_message_headers_replace (headers, "Access-Control-Allow-Origin", "*");
  soup_message_body_set_accumulate (soup_server_message_get_response_body
      (message), FALSE);
  update_listener (listener);
}

gchar *
loopback_events_make (LoopbackEvents * events, const gchar * name)
{
  gchar *id;

  if (g_hash_table_size (events->made) >= MAX_MADE)
    return NULL;
  id = g_strdup_printf ("%08x", g_random_int ());
  g_hash_table_insert (events->made, g_strdup (id), g_strdup (name));
  return id;
}

const gchar *
loopback_events_find (LoopbackEvents * events, const gchar * id)
{
  return g_hash_table_lookup (events->made, id);
}

gboolean
loopback_events_end (LoopbackEvents * events, const gchar * id)
{
  return g_hash_table_remove (events->made, id);
}

void
loopback_events_update (LoopbackEvents * events)
{
  g_list_foreach (events->listeners, (GFunc) (void (*)(void)) update_listener,
      NULL);
}

guint
loopback_events_tell (LoopbackEvents * events, const gchar * name,
    const gchar * event, const gchar * data)
{
  guint n = 0;

  for (GList * l = events->listeners; l; l = l->next) {
    Listener *listener = l->data;

    if (!g_str_equal (name, "*") && !g_str_equal (name, listener->name))
      continue;
    send_event (listener, event, data);
    n++;
  }
  return n;
}
