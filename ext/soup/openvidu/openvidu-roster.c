/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The participants of an OpenVidu session, and which of their streams to watch. Pure. */
#include "config.h"

#include "openvidu-roster.h"

struct _OpenviduRoster
{
  gchar *feed, *display;        /* nullable: any */
  GQueue members;               /* of OpenviduParticipant; the last publisher last */
  gchar *name;                  /* nullable: of the publisher last watched */
};

static void
member_free (gpointer data)
{
  OpenviduParticipant *member = data;

  g_free (member->id);
  g_free (member->name);
  g_free (member->stream);
  g_free (member);
}

OpenviduRoster *
openvidu_roster_new (const gchar * feed, const gchar * display)
{
  OpenviduRoster *self = g_new0 (OpenviduRoster, 1);

  self->feed = g_strdup (feed);
  self->display = g_strdup (display);
  return self;
}

void
openvidu_roster_free (OpenviduRoster * self)
{
  g_queue_clear_full (&self->members, member_free);
  g_free (self->feed);
  g_free (self->display);
  g_free (self->name);
  g_free (self);
}

static OpenviduParticipant *
find (OpenviduRoster * self, const gchar * connection)
{
  for (GList * item = self->members.head; item; item = item->next)
    if (g_strcmp0 (((OpenviduParticipant *) item->data)->id, connection) == 0)
      return item->data;
  return NULL;
}

static OpenviduParticipant *
find_stream (OpenviduRoster * self, const gchar * stream)
{
  for (GList * item = self->members.tail; stream && item; item = item->prev)
    if (g_strcmp0 (((OpenviduParticipant *) item->data)->stream, stream) == 0)
      return item->data;
  return NULL;
}

/* Whether a stream of @member is, or would be, one to watch. */
static gboolean
is_wanted (OpenviduRoster * self, const OpenviduParticipant * member)
{
  return (!self->feed || g_str_equal (self->feed, member->id)
      || g_strcmp0 (self->feed, member->stream) == 0) && (!self->display
      || g_strcmp0 (self->display, member->name) == 0);
}

/* Returns: (nullable): a member that cannot publish the watched stream, or at least does not */
static OpenviduParticipant *
find_spare (OpenviduRoster * self)
{
  OpenviduParticipant *quiet = NULL;

  for (GList * item = self->members.head; item; item = item->next) {
    OpenviduParticipant *member = item->data;

    if (!is_wanted (self, member))
      return member;
    if (!quiet && !member->stream)
      quiet = member;
  }
  return quiet;
}

static void
drop (OpenviduRoster * self, OpenviduParticipant * member)
{
  g_queue_remove (&self->members, member);
  member_free (member);
}

/* Returns: (nullable): NULL if there is no room, as all known members publish a matching stream */
static OpenviduParticipant *
add_member (OpenviduRoster * self, const gchar * id)
{
  gboolean full = self->members.length >= OPENVIDU_MAX_PARTICIPANTS;
  OpenviduParticipant *member, *spare = full ? find_spare (self) : NULL;

  if (full && !spare)
    return NULL;
  if (spare)
    drop (self, spare);
  member = g_new0 (OpenviduParticipant, 1);
  member->id = g_strdup (id);
  g_queue_push_tail (&self->members, member);
  return member;
}

static void
take_stream (OpenviduRoster * self, OpenviduParticipant * member,
    const OpenviduParticipant * news)
{
  g_free (member->stream);
  member->stream = g_strdup (news->stream);
  member->has_audio = news->has_audio;
  member->has_video = news->has_video;
  member->audio_active = news->audio_active;
  member->video_active = news->video_active;
  g_queue_remove (&self->members, member);
  g_queue_push_tail (&self->members, member);
}

void
openvidu_roster_add (OpenviduRoster * self, GArray * participants)
{
  for (guint i = 0; i < participants->len; i++) {
    const OpenviduParticipant *news =
        &g_array_index (participants, OpenviduParticipant, i);
    OpenviduParticipant *member = find (self, news->id);

    if (!member)
      member = add_member (self, news->id);
    if (!member)
      continue;
    if (news->name && !member->name)
      member->name = g_strdup (news->name);
    if (news->stream)
      take_stream (self, member, news);
  }
}

void
openvidu_roster_remove (OpenviduRoster * self, const gchar * connection)
{
  OpenviduParticipant *member = find (self, connection);

  if (member)
    drop (self, member);
}

void
openvidu_roster_end (OpenviduRoster * self, const gchar * connection)
{
  OpenviduParticipant *member = find (self, connection);

  if (member)
    g_clear_pointer (&member->stream, g_free);
}

void
openvidu_roster_change (OpenviduRoster * self, const gchar * connection,
    const gchar * property, const gchar * value)
{
  OpenviduParticipant *member = find (self, connection);
  gboolean on = g_strcmp0 (value, "true") == 0;

  if (member && g_strcmp0 (property, "audioActive") == 0)
    member->audio_active = on;
  else if (member && g_strcmp0 (property, "videoActive") == 0)
    member->video_active = on;
}

const gchar *
openvidu_roster_get (OpenviduRoster * self)
{
  for (GList * item = self->members.tail; item; item = item->prev) {
    const OpenviduParticipant *member = item->data;

    if (!member->stream || !is_wanted (self, member))
      continue;
    if (!self->name || g_strcmp0 (self->name, member->name) != 0) {
      g_free (self->name);
      self->name = g_strdup (member->name);
    }
    return member->stream;
  }
  return NULL;
}

const gchar *
openvidu_roster_find (OpenviduRoster * self, const gchar * stream)
{
  OpenviduParticipant *member = find_stream (self, stream);

  return member ? member->id : NULL;
}

gboolean
openvidu_roster_is_off (OpenviduRoster * self, const gchar * stream)
{
  OpenviduParticipant *member = find_stream (self, stream);

  return member && (member->has_audio || member->has_video)
      && !(member->has_audio && member->audio_active)
      && !(member->has_video && member->video_active);
}

const gchar *
openvidu_roster_get_name (OpenviduRoster * self)
{
  return self->display ? self->display : self->feed ? self->feed : self->name;
}
