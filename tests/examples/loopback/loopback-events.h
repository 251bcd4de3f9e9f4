/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Server-sent events for viewers: the extension of the WHEP draft. */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

typedef struct _LoopbackEvents LoopbackEvents;

/* Gets the state of stream @name. */
typedef void (*LoopbackEventsLook) (const gchar * name, gboolean * active, guint * viewers, gpointer user_data);

LoopbackEvents *  loopback_events_new      (LoopbackEventsLook look, gpointer user_data);
void              loopback_events_free     (LoopbackEvents * events);
/* Answers @message with events until the client goes. */
void              loopback_events_stream   (LoopbackEvents * events, SoupServerMessage * message, const gchar * name);
/* Returns: (transfer full): the id of an event stream that a client requested by POST */
gchar *           loopback_events_make     (LoopbackEvents * events, const gchar * name);
/* Returns: (nullable): the name of the stream with event stream @id */
const gchar *     loopback_events_find     (LoopbackEvents * events, const gchar * id);
gboolean          loopback_events_end      (LoopbackEvents * events, const gchar * id);
/* Sends the changes of each stream to its listeners. */
void              loopback_events_update   (LoopbackEvents * events);
/* Sends @event with @data to all listeners of @name, * = all. Returns: their number */
guint             loopback_events_tell     (LoopbackEvents * events, const gchar * name, const gchar * event, const gchar * data);

G_END_DECLS
