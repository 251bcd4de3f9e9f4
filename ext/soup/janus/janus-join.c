/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Joins a VideoRoom: attaches a handle, creates the room if necessary, and joins it. */
#include "config.h"

#include "janus-join.h"

#include "rcast-loop.h"

GST_DEBUG_CATEGORY_STATIC (rcast_janus_join_debug);
#define GST_CAT_DEFAULT rcast_janus_join_debug

/* After its session is destroyed, our ghost leaves the room within this time. */
#define JOIN_TRIES 8
#define JOIN_RETRY_MS 250

struct _JanusJoin
{
  WsLink *link;                 /* borrowed, as the next two */
  GstRcastNetSignaller *element;
  const JanusSettings *settings;
  gboolean *string_ids;         /* the server accepts only strings; outlives sessions */
  const JanusJoinCallbacks *callbacks;
  gpointer data;

  JanusTarget target;           /* handle 0: not attached yet */
  guint step;                   /* current request of the join, 0: none */
  GSource *retry;
  guint tries;
  GError *misspelt;             /* the error before the identifiers were respelt */
};

static void join (JanusJoin * self);

JanusJoin *
janus_join_new (WsLink * link, GstRcastNetSignaller * element,
    const JanusSettings * settings, gboolean * string_ids,
    const JanusJoinCallbacks * callbacks, gpointer data)
{
  static gsize once = 0;
  JanusJoin *self = g_new0 (JanusJoin, 1);

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_janus_join_debug, "rcastjanusjoin", 0,
        "Joining a VideoRoom");
    g_once_init_leave (&once, 1);
  }
  self->link = link;
  self->element = element;
  self->settings = settings;
  self->string_ids = string_ids;
  self->callbacks = callbacks;
  self->data = data;
  return self;
}

/* Ignores pending answers. */
void
janus_join_stop (JanusJoin * self)
{
  self->step = 0;
  gst_rcast_source_clear (&self->retry);
  g_clear_error (&self->misspelt);
}

void
janus_join_free (JanusJoin * self)
{
  janus_join_stop (self);
  g_free (self);
}

/* Returns: whether the join is over */
static gboolean
step_failed (JanusJoin * self, const JanusMessage * message,
    const GError * error, const gchar * what)
{
  g_autoptr (GError) misspelt = NULL;

  if (!error && message->code == 0)
    return FALSE;
  /* @error may be the same object. */
  misspelt = g_steal_pointer (&self->misspelt);
  self->step = 0;
  self->callbacks->failed (message, error, what, self->data);
  return TRUE;
}

/* Returns: (transfer none): the room, with its identifier as the server spells it */
static JanusRoom
spell_room (JanusJoin * self)
{
  JanusRoom room = self->settings->room;

  if (*self->string_ids)
    room.room.is_string = room.id.is_string = TRUE;
  return room;
}

/* Returns: (transfer full): the members of a @request to the room, in the server's spelling */
gchar *
janus_join_print_room (JanusJoin * self, const gchar * request)
{
  JanusRoom room = spell_room (self);

  return janus_print_room (request, &room);
}

/* Returns: (transfer full): the members of a subscriber's join request, in the server's spelling */
gchar *
janus_join_print_subscribe (JanusJoin * self, const JanusId * feed,
    guint64 private_id)
{
  JanusRoom room = spell_room (self);

  return janus_print_subscribe (&room, feed, private_id);
}

static void
ask_room (JanusJoin * self, const gchar * request, gboolean immediate,
    WsAnswered answered)
{
  self->step = janus_link_ask_plugin (self->link, request, &self->target,
      janus_join_print_room (self, request), immediate, answered, self);
}

/* A server with strings refuses numbers as identifiers of rooms and members, and the other way
 * round. Changes the spelling then. Returns: whether to ask again */
static gboolean
change_spelling (JanusJoin * self, const JanusMessage * message,
    const gchar * what)
{
  const JanusRoom *room = &self->settings->room;
  gboolean numbers = !room->room.is_string
      || (room->id.text && !room->id.is_string);

  if (!message || message->code != JANUS_E_INVALID_ELEMENT || !numbers)
    return FALSE;
  *self->string_ids = !*self->string_ids;
  if (self->misspelt)
    return FALSE;
  self->misspelt = janus_link_new_refusal (self->link, message, what);
  return TRUE;
}

/* If the spelling was not the problem, the error before it was changed counts. */
static const GError *
first_error (JanusJoin * self, const JanusMessage * message,
    const GError * error)
{
  return message && message->code == JANUS_E_INVALID_ELEMENT
      && self->misspelt ? self->misspelt : error;
}

static gboolean
on_join_retry (gpointer data)
{
  JanusJoin *self = data;

  gst_rcast_source_clear (&self->retry);
  join (self);
  return G_SOURCE_REMOVE;
}

static void
on_joined (guint64 request, gconstpointer answer, const GError * error,
    gpointer data)
{
  JanusJoin *self = data;
  const JanusMessage *message = answer;

  if (request != self->step)
    return;
  if (change_spelling (self, message, "join")) {
    join (self);
    return;
  }
  if (message && message->code == JANUS_E_ID_EXISTS
      && ++self->tries < JOIN_TRIES) {
    self->retry = gst_rcast_timer_start (JOIN_RETRY_MS, on_join_retry, self);
    return;
  }
  if (step_failed (self, message, first_error (self, message, error), "join"))
    return;
  janus_join_stop (self);
  self->callbacks->joined (message, self->data);
}

static void
join (JanusJoin * self)
{
  ask_room (self, "join", FALSE, on_joined);
}

static void on_room_created (guint64 request, gconstpointer answer,
    const GError * error, gpointer data);

static void
create_room (JanusJoin * self)
{
  ask_room (self, "create", TRUE, on_room_created);
}

static void
on_room_created (guint64 request, gconstpointer answer, const GError * error,
    gpointer data)
{
  JanusJoin *self = data;
  const JanusMessage *message = answer;

  if (request != self->step)
    return;
  if (change_spelling (self, message, "create the room")) {
    create_room (self);
    return;
  }
  if (message && message->code == JANUS_E_ROOM_EXISTS)
    GST_DEBUG_OBJECT (self->element, "the room is there already");
  else if (step_failed (self, message, first_error (self, message, error),
          "create the room"))
    return;
  join (self);
}

static void
on_attached (guint64 request, gconstpointer answer, const GError * error,
    gpointer data)
{
  JanusJoin *self = data;
  const JanusMessage *message = answer;
  g_autoptr (GError) own = NULL;

  if (request != self->step)
    return;
  if (message && message->code == 0 && message->id == 0)
    error = own = ws_link_new_error (self->link,
        GST_RCAST_ERROR_INVALID_DATA, "a handle without a number");
  if (step_failed (self, message, error, "attach " JANUS_PLUGIN_VIDEOROOM))
    return;
  self->target.handle = message->id;
  self->callbacks->attached (message->id, self->data);
  if (self->settings->create_room)
    create_room (self);
  else
    join (self);
}

/* Joins with a new handle. */
void
janus_join_start (JanusJoin * self, guint64 session)
{
  janus_join_stop (self);
  self->tries = 0;
  self->target.session = session;
  self->target.handle = 0;
  self->step = janus_link_ask (self->link, "attach", &self->target,
      janus_print_attach (JANUS_PLUGIN_VIDEOROOM), on_attached, self);
}
