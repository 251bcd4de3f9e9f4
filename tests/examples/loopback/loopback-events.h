/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Server-sent events for viewers, as the extension of the WHEP draft has them. */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

typedef struct _LoopbackEvents LoopbackEvents;

/* What there is to tell of the stream @name */
typedef void (*LoopbackEventsLook) (const gchar * name, gboolean * active, guint * viewers, gpointer user_data);

LoopbackEvents *  loopback_events_new      (LoopbackEventsLook look, gpointer user_data);
void              loopback_events_free     (LoopbackEvents * events);
/* Answers @message, for as long as the client listens. */
void              loopback_events_stream   (LoopbackEvents * events, SoupServerMessage * message, const gchar * name);
/* Returns: (transfer full): a stream that one client has asked for by POST */
gchar *           loopback_events_make     (LoopbackEvents * events, const gchar * name);
/* Returns: the name of a stream that was made, or NULL */
const gchar *     loopback_events_find     (LoopbackEvents * events, const gchar * id);
gboolean          loopback_events_end      (LoopbackEvents * events, const gchar * id);
/* Looks, and tells what has changed. */
void              loopback_events_update   (LoopbackEvents * events);
/* @event with @data to all who listen to @name, * = all. Returns: how many */
guint             loopback_events_tell     (LoopbackEvents * events, const gchar * name, const gchar * event, const gchar * data);

G_END_DECLS
