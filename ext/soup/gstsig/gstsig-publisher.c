/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A producer at a gst-webrtc-signalling-server: serves one consumer at a time. */
#include "config.h"

#include "gstsig-publisher.h"

#include <string.h>

#include "gstsig-consumer.h"
#include "gstsig-roster.h"
#include "rcast-loop.h"
#include "rcast-text.h"

GST_DEBUG_CATEGORY_STATIC (rcast_gstsig_publisher_debug);
#define GST_CAT_DEFAULT rcast_gstsig_publisher_debug

struct _GstsigPublisher
{
  const GstsigContext *context; /* borrowed, as the next two */
  GstsigPace *pace;
  const GstsigRoleCallbacks *callbacks;
  gpointer data;

  GstsigConsumer *consumer;     /* the consumer being served; NULL: none */
  gint64 began;                 /* start of its session; monotonic, us */
  gboolean used;                /* the consumer has answered */
  gboolean stopped;             /* for good */

  /* If consumers call us: the one that waits for its turn. */
  gchar *held_peer, *held_session;      /* nullable */
  gchar *failed;                /* nullable: the last consumer, if its session failed */
  gchar *own;                   /* nullable: our identifier at the server */
  GstsigRoster *rivals;         /* nullable: producers of our name, until a list has arrived */
  /* If we call consumers. */
  GstsigRoster *roster;         /* nullable */
  gchar *called;                /* nullable: the called consumer, until it answers */
  GSource *next;                /* when to serve the waiting consumer, or to call one */
};

static void call (GstsigPublisher * self);

GstsigPublisher *
gstsig_publisher_new (const GstsigContext * context, GstsigPace * pace,
    const GstsigRoleCallbacks * callbacks, gpointer data)
{
  static gsize once = 0;
  GstsigPublisher *self = g_new0 (GstsigPublisher, 1);

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_gstsig_publisher_debug,
        "rcastgstpublisher", 0, "Producer at a signalling server of GStreamer");
    g_once_init_leave (&once, 1);
  }
  self->context = context;
  self->pace = pace;
  self->callbacks = callbacks;
  self->data = data;
  if (gstsig_settings_calls (context->settings))
    self->roster = gstsig_roster_new (GSTSIG_CONSUMER,
        context->settings->consumer, context->settings->peer);
  return self;
}

static void
forget_held (GstsigPublisher * self)
{
  g_clear_pointer (&self->held_peer, g_free);
  g_clear_pointer (&self->held_session, g_free);
}

/* Takes NULL. */
static void
publisher_free (gpointer data)
{
  GstsigPublisher *self = data;

  if (!self)
    return;
  gst_rcast_source_clear (&self->next);
  gstsig_consumer_free (self->consumer);
  gstsig_roster_free (self->roster);
  gstsig_roster_free (self->rivals);
  forget_held (self);
  g_free (self->own);
  g_free (self->failed);
  g_free (self->called);
  g_free (self);
}

/* Waiting for consumers */

static void
tell_waiting (GstsigPublisher * self)
{
  const GstsigSettings *settings = self->context->settings;
  g_autofree gchar *name = gst_rcast_text_clean (settings->consumer ?
      settings->consumer : settings->peer, -1);
  g_autofree gchar *detail = self->roster && name ?
      g_strdup_printf ("waiting for the consumer %s", name) :
      g_strdup ("waiting for a consumer");

  gstsig_context_post (self->context, "waiting", NULL);
  self->callbacks->waiting (detail, self->data);
}

static void
forget_consumer (GstsigPublisher * self)
{
  if (!self->consumer)
    return;
  g_clear_pointer (&self->consumer, gstsig_consumer_free);
  self->callbacks->met (NULL, self->data);
}

/* The consumer has left, or is of no use. Reports this to the owner before its operation fails, as
 * the consumer of that operation is gone. The next consumer may do better. */
static void
part (GstsigPublisher * self, const gchar * event, const GError * error)
{
  g_autofree gchar *peer =
      g_strdup (gstsig_consumer_get_peer (self->consumer));

  gstsig_pace_ended (self->pace, self->began, self->used,
      g_get_monotonic_time ());
  forget_consumer (self);
  gstsig_context_post (self->context, event, peer);
  g_free (self->failed);
  self->failed = g_steal_pointer (&peer);
  tell_waiting (self);
  if (self->roster)
    call (self);
  self->callbacks->failed (error, self->data);
}

/* Reports of the consumer */

static void
on_answered (const gchar * answer, gpointer data)
{
  GstsigPublisher *self = data;

  self->used = TRUE;
  self->callbacks->answered (answer, self->data);
}

static void
on_refused (const GError * error, gpointer data)
{
  GstsigPublisher *self = data;

  GST_WARNING_OBJECT (self->context->element, "a consumer is refused: %s",
      error->message);
  gstsig_context_end (self->context,
      gstsig_consumer_get_session (self->consumer), error->message);
  part (self, "consumer-refused", error);
}

static void
on_failed (const GError * error, gpointer data)
{
  GstsigPublisher *self = data;

  self->callbacks->failed (error, self->data);
}

static const GstsigConsumerCallbacks consumer_callbacks =
    { on_answered, on_refused, on_failed };

static void
serve (GstsigPublisher * self, const gchar * peer, const gchar * session)
{
  gst_rcast_source_clear (&self->next);
  self->consumer = gstsig_consumer_new (self->context, peer, session,
      &consumer_callbacks, self);
  self->began = g_get_monotonic_time ();
  self->used = FALSE;
  GST_INFO_OBJECT (self->context->element, "serving a consumer");
  gstsig_context_post (self->context, "consumer-joined", peer);
  self->callbacks->met (peer, self->data);
  self->callbacks->ready (self->data);
}

static void
refuse (GstsigPublisher * self, const gchar * peer, const gchar * session,
    const gchar * why)
{
  GST_WARNING_OBJECT (self->context->element, "a consumer is refused: %s", why);
  gstsig_context_end (self->context, session, why);
  gstsig_context_post (self->context, "consumer-refused", peer);
}

/* Consumers that call us */

static gboolean
on_turn (gpointer data)
{
  GstsigPublisher *self = data;
  g_autofree gchar *peer = g_steal_pointer (&self->held_peer);
  g_autofree gchar *session = g_steal_pointer (&self->held_session);

  gst_rcast_source_clear (&self->next);
  serve (self, peer, session);
  return G_SOURCE_REMOVE;
}

static void
refuse_busy (GstsigPublisher * self, const gchar * peer, const gchar * session)
{
  refuse (self, peer, session, "busy: this producer serves one consumer");
}

/* Only one consumer waits at a time. A new caller replaces it, unless the new caller was the last
 * one to fail. */
static void
hold (GstsigPublisher * self, const GstsigMessage * start, guint delay)
{
  if (self->held_peer && g_strcmp0 (start->peer, self->failed) == 0
      && g_strcmp0 (self->held_peer, start->peer) != 0) {
    refuse_busy (self, start->peer, start->session);
    return;
  }
  if (self->held_peer)
    refuse_busy (self, self->held_peer, self->held_session);
  forget_held (self);
  GST_INFO_OBJECT (self->context->element, "sessions came to nothing: the next "
      "one in %u ms", delay);
  self->held_peer = g_strdup (start->peer);
  self->held_session = g_strdup (start->session);
  if (!self->next)
    self->next = gst_rcast_timer_start (delay, on_turn, self);
}

static void
take_start (GstsigPublisher * self, const GstsigMessage * start)
{
  guint delay;

  if (start->sdp) {
    refuse (self, start->peer, start->session,
        "this producer makes the offers itself");
    return;
  }
  if (self->consumer && !self->roster)
    gstsig_consumer_give_way (self->consumer);
  /* A handler of the refusal may have closed us. */
  if (self->stopped)
    return;
  delay = gstsig_pace_get_delay (self->pace, g_get_monotonic_time ());
  if (self->consumer)
    refuse_busy (self, start->peer, start->session);
  else if (self->roster && g_strcmp0 (start->peer, self->called) != 0)
    refuse (self, start->peer, start->session, "this producer calls by itself");
  else if (!self->roster && delay > 0)
    hold (self, start, delay);
  else {
    g_clear_pointer (&self->called, g_free);
    serve (self, start->peer, start->session);
  }
}

/* Consumers that we call */

static gboolean
on_no_session (gpointer data)
{
  GstsigPublisher *self = data;
  gint64 now = g_get_monotonic_time ();

  gst_rcast_source_clear (&self->next);
  GST_WARNING_OBJECT (self->context->element,
      "the server does not start a session with the consumer");
  g_clear_pointer (&self->called, g_free);
  gstsig_pace_ended (self->pace, now, FALSE, now);
  call (self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_call_due (gpointer data)
{
  GstsigPublisher *self = data;

  gst_rcast_source_clear (&self->next);
  call (self);
  return G_SOURCE_REMOVE;
}

/* Calls the wanted consumer if it is there, unless one is already served or called. */
static void
call (GstsigPublisher * self)
{
  const gchar *peer = gstsig_roster_get (self->roster);
  guint delay = gstsig_pace_get_delay (self->pace, g_get_monotonic_time ());

  if (!peer || self->consumer || self->called)
    return;
  gst_rcast_source_clear (&self->next);
  if (delay > 0) {
    self->next = gst_rcast_timer_start (delay, on_call_due, self);
    return;
  }
  self->called = g_strdup (peer);
  self->next = gst_rcast_limit_start (self->context->settings->net->timeout,
      on_no_session, self);
  gstsig_context_send (self->context, gstsig_print_start (peer));
}

/* The called consumer has left. */
static void
give_up_call (GstsigPublisher * self)
{
  gst_rcast_source_clear (&self->next);
  gstsig_roster_remove (self->roster, self->called);
  g_clear_pointer (&self->called, g_free);
  call (self);
}

static void
take_peers (GstsigPublisher * self, const GstsigMessage * message)
{
  if (!self->roster)
    return;
  gstsig_roster_take (self->roster, message);
  if (self->called && !gstsig_roster_has (self->roster, self->called))
    give_up_call (self);
  else
    call (self);
}

/* The error does not name its cause: it may be about ending a session that was gone, or about any
 * peer. */
static void
take_error (GstsigPublisher * self, const GstsigMessage * message)
{
  if (self->called && message->reason
      && strstr (message->reason, self->called))
    give_up_call (self);
}

/* Reports other producers of our name, as consumers may find them instead. One of them may be our
 * own previous connection, whose end the server has not noticed. */
static void
take_producers (GstsigPublisher * self, const GstsigMessage * message)
{
  const gchar *rival;

  if (!self->rivals)
    return;
  gstsig_roster_take (self->rivals, message);
  gstsig_roster_remove (self->rivals, self->own);
  rival = gstsig_roster_get (self->rivals);
  if (rival) {
    GST_WARNING_OBJECT (self->context->element,
        "another producer has our name");
    gstsig_context_post (self->context, "name-taken", rival);
  }
  g_clear_pointer (&self->rivals, gstsig_roster_free);
}

/* Received messages */

static void
welcomed (gpointer data, const gchar * peer)
{
  GstsigPublisher *self = data;
  const GstStructure *meta = self->context->settings->meta;
  const gchar *name = meta ? gst_structure_get_string (meta, "name") : NULL;

  self->own = g_strdup (peer);
  gstsig_context_send (self->context, gstsig_print_status (self->roster ?
          GSTSIG_LISTENER : GSTSIG_PRODUCER, meta));
  if (self->roster) {
    gstsig_context_send (self->context, gstsig_print_list (GSTSIG_CONSUMER));
  } else if (name) {
    self->rivals = gstsig_roster_new (GSTSIG_PRODUCER, name, NULL);
    gstsig_context_send (self->context, gstsig_print_list (GSTSIG_PRODUCER));
  }
  tell_waiting (self);
}

static void
take_end (GstsigPublisher * self, const GstsigMessage * message)
{
  g_autoptr (GError) error = gstsig_context_new_error (self->context,
      GST_RCAST_ERROR_NO_STREAM,
      message->reason ? message->reason : "the consumer has left");

  if (g_strcmp0 (message->session, self->held_session) == 0) {
    gst_rcast_source_clear (&self->next);
    forget_held (self);
  } else if (self->consumer && g_str_equal (message->session,
          gstsig_consumer_get_session (self->consumer))) {
    GST_INFO_OBJECT (self->context->element, "%s", error->message);
    part (self, "consumer-left", error);
  }
}

static void
take (gpointer data, const GstsigMessage * message)
{
  GstsigPublisher *self = data;

  switch (message->kind) {
    case GSTSIG_START_SESSION:
      take_start (self, message);
      break;
    case GSTSIG_OFFER:
    case GSTSIG_ANSWER:
    case GSTSIG_CANDIDATE:
      /* Messages of an ended session may still arrive. */
      if (self->consumer && g_str_equal (message->session,
              gstsig_consumer_get_session (self->consumer)))
        gstsig_consumer_take (self->consumer, message);
      break;
    case GSTSIG_END_SESSION:
      take_end (self, message);
      break;
    case GSTSIG_ERROR:
      take_error (self, message);
      break;
    case GSTSIG_PEER_STATUS:
    case GSTSIG_LIST_CONSUMERS:
      take_peers (self, message);
      break;
    case GSTSIG_LIST:
      take_producers (self, message);
      break;
    case GSTSIG_WELCOME:
    case GSTSIG_SESSION_STARTED:
    case GSTSIG_OTHER:
      GST_DEBUG_OBJECT (self->context->element, "\"%s\" is not for us",
          message->type);
      break;
  }
}

static void
complain (gpointer data, const gchar * complaint)
{
  GstsigPublisher *self = data;

  if (self->consumer)
    gstsig_consumer_complain (self->consumer, complaint);
}

/* Operations of the owner */

static gboolean
offer (gpointer data, GstRcastOfferKind kind, const gchar * sdp,
    GError ** error)
{
  GstsigPublisher *self = data;

  if (self->consumer)
    return gstsig_consumer_offer (self->consumer, kind, sdp, error);
  g_propagate_error (error, gstsig_context_new_error (self->context,
          GST_RCAST_ERROR_SESSION_GONE, "there is no consumer any more"));
  return FALSE;
}

static gboolean
has_request (gpointer data)
{
  GstsigPublisher *self = data;

  return self->consumer && gstsig_consumer_has_offer (self->consumer);
}

static void
drop_request (gpointer data)
{
  GstsigPublisher *self = data;

  if (self->consumer)
    gstsig_consumer_drop_offer (self->consumer);
}

static void
add_candidate (gpointer data, guint mline, const gchar * ufrag,
    const gchar * candidate)
{
  GstsigPublisher *self = data;

  if (self->consumer)
    gstsig_consumer_add_candidate (self->consumer, mline, ufrag, candidate);
}

static void
leave (gpointer data)
{
  GstsigPublisher *self = data;

  if (self->consumer)
    gstsig_context_end (self->context,
        gstsig_consumer_get_session (self->consumer), NULL);
}

static void
stop (gpointer data)
{
  GstsigPublisher *self = data;

  self->stopped = TRUE;
  gst_rcast_source_clear (&self->next);
  forget_held (self);
  g_clear_pointer (&self->called, g_free);
  forget_consumer (self);
}

const GstsigRoleFuncs gstsig_publisher_funcs = {
  .ws = {
    .offer = offer,
    .refusal = "the producer makes the offers, and the consumer answers them",
    .has_request = has_request,
    .drop_request = drop_request,
    .add_candidate = add_candidate,
    .stop = stop,
    .free = publisher_free,
  },
  .welcomed = welcomed,
  .take = take,
  .complain = complain,
  .take_garbage = complain,
  .leave = leave,
};
