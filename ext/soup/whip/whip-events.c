/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Events of a WHEP server about a session: the stream, its requests, and their meaning. */
#include "config.h"

#include "whip-events.h"

#include <string.h>

#include "net-url.h"
#include "rcast-backoff.h"
#include "rcast-loop.h"
#include "whip-headers.h"
#include "whip-sse.h"

GST_DEBUG_CATEGORY_STATIC (rcast_whip_events_debug);
#define GST_CAT_DEFAULT rcast_whip_events_debug

#define REL_EVENTS "urn:ietf:params:whep:ext:core:server-sent-events"
#define TYPE_EVENTS "text/event-stream"
#define MIN_DELAY (500 * GST_MSECOND)
#define MAX_DELAY (30 * GST_SECOND)

typedef enum
{
  EVENTS_OFF,                   /* the server has none */
  EVENTS_READING,               /* GET of the stream is pending, or being read */
  EVENTS_SUBSCRIBING,           /* POST, which creates the stream, is pending */
  EVENTS_WAITING,               /* for the next attempt */
} EventsState;

struct _WhipEvents
{
  WhipClient *client;           /* owned by the session */
  GUri *target;                 /* where the server wants the next session; nullable */

  EventsState state;
  GUri *link;                   /* from the server's Link header */
  gchar *offered;               /* the event names of the link; nullable */
  GUri *stream;                 /* created by our POST; NULL: the link itself */
  gboolean subscribed;          /* POST was tried */
  WhipRequest *request;
  GSource *timer;               /* of the next attempt */
  guint tries;                  /* attempts in a row that did not last */
  gint64 since;                 /* of the last attempt: monotonic, us */
  WhipSse *sse;
  GSource *turn;                /* reports the next event */
  gboolean known, active;       /* last reported state of the stream */
};

/* @client must outlive the events. */
WhipEvents *
whip_events_new (WhipClient * client)
{
  static gsize once = 0;
  WhipEvents *events = g_new0 (WhipEvents, 1);

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_whip_events_debug, "rcastwhipevents", 0,
        "Events of WHEP servers");
    g_once_init_leave (&once, 1);
  }
  events->client = client;
  return events;
}

static void
on_ended (WhipRequest * request, GBytes * body, const GError * error,
    gpointer data)
{
}

/* Tells the server that it can drop the stream it created for us. */
static void
end_stream (WhipEvents * events)
{
  guint timeout = whip_client_get_settings (events->client)->net->close_timeout;
  const WhipRequestSpec spec = {
    .method = SOUP_METHOD_DELETE,
    .url = events->stream,
    .kind = WHIP_URL_SESSION,
    .timeout = timeout,
    .patience = timeout,
    .need = NET_HTTP_BODY_OPTIONAL,
  };

  whip_request_start (events->client, &spec, on_ended, NULL);
}

/* No event is reported after this. */
void
whip_events_stop (WhipEvents * events)
{
  gst_rcast_source_clear (&events->timer);
  gst_rcast_source_clear (&events->turn);
  if (events->request)
    whip_request_drop (g_steal_pointer (&events->request));
  if (events->stream)
    end_stream (events);
  g_clear_pointer (&events->stream, g_uri_unref);
  g_clear_pointer (&events->link, g_uri_unref);
  g_clear_pointer (&events->offered, g_free);
  g_clear_pointer (&events->sse, whip_sse_free);
  events->state = EVENTS_OFF;
  events->subscribed = events->known = FALSE;
  events->tries = 0;
}

/* Takes NULL. The events must be stopped. */
void
whip_events_free (WhipEvents * events)
{
  if (!events)
    return;
  g_assert (events->state == EVENTS_OFF && !events->request);
  g_clear_pointer (&events->target, g_uri_unref);
  g_free (events);
}

static void
give_up (WhipEvents * events, const gchar * why)
{
  GST_INFO_OBJECT (whip_client_get_element (events->client),
      "no events of the server: %s", why);
  events->state = EVENTS_OFF;
}

/* Events, one per iteration of the main loop, as each handler may stop them */

static void
tell_stream (WhipEvents * events, gboolean active)
{
  GUri *url = whip_client_get_settings (events->client)->net->url;

  if (events->known && events->active == active)
    return;
  events->known = TRUE;
  events->active = active;
  gst_rcast_signaller_stream_changed (whip_client_get_element (events->client),
      active ? GST_RCAST_STREAM_PUBLISHED : GST_RCAST_STREAM_UNPUBLISHED,
      g_uri_get_path (url), NULL);
}

/* The media of this session goes on until the next session has media. */
static void
move (WhipEvents * events, const gchar * text)
{
  gpointer element = whip_client_get_element (events->client);
  g_autoptr (GError) error = NULL;
  g_autoptr (GUri) url = text ? whip_resolve_redirect (text, events->link, 1,
      &error) : NULL;

  if (error) {
    GST_WARNING_OBJECT (element, "event reconnect: %s", error->message);
    return;
  }
  g_clear_pointer (&events->target, g_uri_unref);
  events->target = g_steal_pointer (&url);
  gst_rcast_signaller_server_event (element, GST_RCAST_SERVER_HANGUP,
      "the server wants a new session");
}

static void
tell (WhipEvents * events, const WhipEvent * event)
{
  switch (event->kind) {
    case WHIP_EVENT_ACTIVE:
    case WHIP_EVENT_INACTIVE:
      tell_stream (events, event->kind == WHIP_EVENT_ACTIVE);
      break;
    case WHIP_EVENT_RECONNECT:
      move (events, event->url);
      break;
    case WHIP_EVENT_OTHER:
      gst_rcast_signaller_message (whip_client_get_element (events->client),
          event->name, event->data);
      break;
  }
}

static gboolean
on_turn (gpointer data)
{
  WhipEvents *events = data;
  g_autoptr (WhipEvent) event = whip_sse_pop (events->sse);

  gst_rcast_source_clear (&events->turn);
  if (whip_sse_has_events (events->sse))
    events->turn = gst_rcast_timer_start (0, on_turn, events);
  tell (events, event);
  return G_SOURCE_REMOVE;
}

/* Stream */

static void read_stream (WhipEvents * events);

static gboolean
on_time (gpointer data)
{
  WhipEvents *events = data;

  gst_rcast_source_clear (&events->timer);
  read_stream (events);
  return G_SOURCE_REMOVE;
}

static void
try_again (WhipEvents * events, GstClockTime retry_after)
{
  GstClockTime lasted = (g_get_monotonic_time () - events->since) * 1000;
  GstClockTime delay;

  events->tries = lasted > MAX_DELAY ? 0 : events->tries + 1;
  delay = gst_rcast_backoff_delay (events->tries, MIN_DELAY, MAX_DELAY,
      GST_CLOCK_TIME_IS_VALID (retry_after) ? MAX (retry_after, MIN_DELAY) :
      MIN_DELAY, g_random_int ());
  events->state = EVENTS_WAITING;
  events->timer = gst_rcast_timer_start (MIN (delay / GST_MSECOND, G_MAXUINT),
      on_time, events);
}

static gboolean
on_chunk (WhipRequest * request, const gchar * bytes, gsize size,
    gpointer data)
{
  WhipEvents *events = data;

  if (!whip_request_has_type (request, TYPE_EVENTS))
    return FALSE;
  if (!whip_sse_push (events->sse, bytes, size)) {
    give_up (events, "what comes is none, or too much");
    return FALSE;
  }
  if (!whip_sse_has_events (events->sse))
    return TRUE;
  if (!events->turn)
    events->turn = gst_rcast_timer_start (0, on_turn, events);
  return TRUE;
}

static void
on_subscribed (WhipRequest * request, GBytes * body, const GError * error,
    gpointer data)
{
  WhipEvents *events = data;
  guint status = whip_request_get_status (request);
  g_autoptr (GError) reason = NULL;

  events->request = NULL;
  if (error) {
    try_again (events, GST_CLOCK_TIME_NONE);
    return;
  }
  if (SOUP_STATUS_IS_SUCCESSFUL (status))
    events->stream = whip_request_resolve_session (request, &reason);
  if (events->stream)
    read_stream (events);
  else
    give_up (events, reason ? reason->message : "it refuses to make them");
}

/* As in the draft: POST creates a stream for us. */
static void
subscribe (WhipEvents * events)
{
  guint timeout = whip_client_get_settings (events->client)->net->timeout;
  g_autofree gchar *list = whip_events_wanted (events->offered);
  g_autoptr (GBytes) body = list ? g_bytes_new (list, strlen (list)) : NULL;
  const WhipRequestSpec spec = {
    .method = SOUP_METHOD_POST,
    .url = events->link,
    .kind = WHIP_URL_SESSION,
    .content_type = "application/json",
    .body = body,
    .timeout = timeout,
    .patience = timeout,
    .need = NET_HTTP_BODY_OPTIONAL,
  };

  events->state = EVENTS_SUBSCRIBING;
  events->subscribed = TRUE;
  events->request =
      whip_request_start (events->client, &spec, on_subscribed, events);
}

/* The stream has ended, or could not be opened. */
static void
on_read (WhipRequest * request, GBytes * body, const GError * error,
    gpointer data)
{
  WhipEvents *events = data;
  guint status = whip_request_get_status (request);

  events->request = NULL;
  if (events->state == EVENTS_OFF)
    return;
  if (error || SOUP_STATUS_IS_SERVER_ERROR (status) || status == 429)
    try_again (events, error ? GST_CLOCK_TIME_NONE :
        whip_request_get_retry_after (request));
  else if (status == SOUP_STATUS_OK
      && whip_request_has_type (request, TYPE_EVENTS))
    try_again (events, GST_CLOCK_TIME_NONE);
  else if (!events->subscribed && status != SOUP_STATUS_UNAUTHORIZED
      && status != SOUP_STATUS_FORBIDDEN)
    subscribe (events);
  else
    give_up (events, "it has no stream of them");
}

/* Existing servers have the stream at the link itself. */
static void
read_stream (WhipEvents * events)
{
  guint timeout = whip_client_get_settings (events->client)->net->timeout;
  const WhipRequestSpec spec = {
    .method = SOUP_METHOD_GET,
    .url = events->stream ? events->stream : events->link,
    .kind = WHIP_URL_SESSION,
    .accept = TYPE_EVENTS,
    .timeout = timeout,
    .patience = timeout,
    .need = NET_HTTP_BODY_STREAM,
    .chunk = on_chunk,
  };

  whip_sse_restart (events->sse);
  events->since = g_get_monotonic_time ();
  events->state = EVENTS_READING;
  events->request = whip_request_start (events->client, &spec, on_read, events);
}

/* Follows the events of the session that @request has created. From a server without events, a
 * receiver learns only by silence. */
void
whip_events_follow (WhipEvents * events, WhipRequest * request)
{
  WhipProtocol protocol = whip_client_get_settings (events->client)->protocol;
  g_autofree gchar *uri = NULL;
  g_autofree gchar *offered = NULL;

  whip_events_stop (events);
  if (protocol != WHIP_PROTOCOL_WHEP)
    return;
  uri = whip_parse_link (whip_request_get_header (request, "Link"),
      REL_EVENTS, "events", &offered);
  if (!uri)
    return;
  events->link = whip_resolve_session (uri, whip_request_get_url (request),
      NULL);
  if (!events->link)
    return;
  events->offered = g_steal_pointer (&offered);
  events->sse = whip_sse_new ();
  read_stream (events);
}

/* Returns: (nullable) (transfer full): where the server wants the next session; only once */
GUri *
whip_events_steal_target (WhipEvents * events)
{
  return g_steal_pointer (&events->target);
}
