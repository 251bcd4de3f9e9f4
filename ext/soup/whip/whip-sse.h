/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Parses the server-sent events of a WHEP server: bytes in, events out. Pure. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Limit of the name and data of one event in bytes. */
#define WHIP_SSE_MAX_SIZE (64 * 1024)
/* Limit of pending events. A server that sends more floods us. */
#define WHIP_SSE_MAX_EVENTS 256

/**
 * WhipEventKind:
 * @WHIP_EVENT_ACTIVE: the stream has a publisher
 * @WHIP_EVENT_INACTIVE: the stream has no publisher
 * @WHIP_EVENT_RECONNECT: the session moves to @url, or to where it was opened
 * @WHIP_EVENT_OTHER: for the application: `layers`, `viewercount`, `scte35`
 */
typedef enum
{
  WHIP_EVENT_ACTIVE,
  WHIP_EVENT_INACTIVE,
  WHIP_EVENT_RECONNECT,
  WHIP_EVENT_OTHER,
} WhipEventKind;

/* @name and @data: of WHIP_EVENT_OTHER; @url: (nullable): of WHIP_EVENT_RECONNECT */
typedef struct
{
  WhipEventKind kind;
  gchar *name, *data;
  gchar *url;
} WhipEvent;

typedef struct _WhipSse WhipSse;

WhipSse *    whip_sse_new        (void);
void         whip_sse_free       (WhipSse         * sse);
/* Another stream begins. Events of the previous one are kept. */
void         whip_sse_restart    (WhipSse         * sse);
/* Returns: FALSE if the data is not an event stream, or too large. */
gboolean     whip_sse_push       (WhipSse         * sse,
                                  const gchar     * bytes,
                                  gsize             size);
WhipEvent *  whip_sse_pop        (WhipSse         * sse);
gboolean     whip_sse_has_events (const WhipSse   * sse);
void         whip_event_free     (WhipEvent       * event);
gchar *      whip_events_wanted  (const gchar     * offered);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WhipEvent, whip_event_free)

G_END_DECLS
