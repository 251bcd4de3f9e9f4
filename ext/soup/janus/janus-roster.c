/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists the members of the room after a claim, to learn what happened without a connection. */
#include "config.h"

#include "janus-roster.h"

GST_DEBUG_CATEGORY_STATIC (rcast_janus_roster_debug);
#define GST_CAT_DEFAULT rcast_janus_roster_debug

struct _JanusRoster
{
  WsLink *link;                 /* borrowed, as all up to @role_data */
  GstRcastNetSignaller *element;
  JanusJoin *join;
  const JanusRosterCallbacks *callbacks;
  gpointer data;
  const JanusRoleCallbacks *role_callbacks;
  gpointer role_data;

  JanusTarget target;           /* who asks, and is looked for in the list */
  const JanusId *own;           /* borrowed */
};

JanusRoster *
janus_roster_new (WsLink * link, GstRcastNetSignaller * element,
    JanusJoin * join, const JanusRosterCallbacks * callbacks, gpointer data,
    const JanusRoleCallbacks * role_callbacks, gpointer role_data)
{
  static gsize once = 0;
  JanusRoster *self = g_new0 (JanusRoster, 1);

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_janus_roster_debug, "rcastjanusroster", 0,
        "Members of a VideoRoom");
    g_once_init_leave (&once, 1);
  }
  self->link = link;
  self->element = element;
  self->join = join;
  self->callbacks = callbacks;
  self->data = data;
  self->role_callbacks = role_callbacks;
  self->role_data = role_data;
  return self;
}

/* Free the roster before its link. */
void
janus_roster_free (JanusRoster * self)
{
  g_free (self);
}

static void
on_absence_explained (guint64 request, gconstpointer answer,
    const GError * error, gpointer data)
{
  JanusRoster *self = data;
  const JanusMessage *message = answer;
  g_autoptr (GError) own = NULL;

  if (error) {
    self->role_callbacks->resynced (NULL, error, self->role_data);
    return;
  }
  GST_INFO_OBJECT (self->element, "not in the room any more: %s (%d)",
      message->reason ? message->reason : "no reason given", message->code);
  if (message->code == JANUS_E_ROOM_UNAUTHORIZED
      || message->code == JANUS_E_ROOM_UNKNOWN) {
    self->role_callbacks->kicked (self->role_data);
    return;
  }
  own = ws_link_new_error (self->link, GST_RCAST_ERROR_SESSION_GONE,
      "the server removed us from the room in the meantime");
  self->role_callbacks->resynced (NULL, own, self->role_data);
}

static const JanusMember *
find_self (JanusRoster * self, GArray * members)
{
  for (guint i = 0; i < members->len; i++) {
    const JanusMember *member = &g_array_index (members, JanusMember, i);

    if (janus_id_equal (&member->id, self->own))
      return member;
  }
  return NULL;
}

static void
take_members (JanusRoster * self, GArray * members)
{
  const JanusMember *member = find_self (self, members);

  /* After a member was kicked, Janus answers 433 to each request about its media; from Janus 1.1 on
   * it answers 426, no such room, although it has just listed the room. It answers the same if the
   * room was destroyed and created again meanwhile. */
  if (member)
    self->callbacks->listed (members, member, self->data);
  else
    janus_link_ask_plugin (self->link, "configure", &self->target,
        janus_print_body ("configure"), FALSE, on_absence_explained, self);
}

static void
on_members (guint64 request, gconstpointer answer, const GError * error,
    gpointer data)
{
  JanusRoster *self = data;
  const JanusMessage *message = answer;
  g_autoptr (GError) own = NULL;

  if (error) {
    self->role_callbacks->resynced (NULL, error, self->role_data);
  } else if (message->code == 0 && message->members) {
    take_members (self, message->members);
  } else if (message->code == JANUS_E_NO_HANDLE) {
    self->callbacks->forgotten (self->data);
  } else if (message->code == JANUS_E_NO_SESSION
      || message->code == JANUS_E_ROOM_UNKNOWN) {
    own = janus_link_new_refusal (self->link, message, "listparticipants");
    own->code = GST_RCAST_ERROR_SESSION_GONE;
    self->role_callbacks->resynced (NULL, own, self->role_data);
  } else {
    GST_WARNING_OBJECT (self->element, "no list of members: %s (%d)",
        message->reason ? message->reason : "no reason given", message->code);
    self->callbacks->listed (NULL, NULL, self->data);
  }
}

/* @own: identifier of @target in the room; must outlive the request */
void
janus_roster_ask (JanusRoster * self, const JanusTarget * target,
    const JanusId * own)
{
  self->target = *target;
  self->own = own;
  janus_link_ask_plugin (self->link, "listparticipants", target,
      janus_join_print_room (self->join, "listparticipants"), TRUE, on_members,
      self);
}
