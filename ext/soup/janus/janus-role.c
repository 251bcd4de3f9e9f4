/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Role of a Janus session in its room: publishes feeds, or watches one. */
#include "config.h"

#include "janus-role.h"

#include "janus-feeds.h"
#include "janus-watch.h"

/* Exactly one of the two roles is set. */
struct _JanusRole
{
  WsLink *link;                 /* borrowed */
  JanusFeeds *feeds;
  JanusWatch *watch;
};

JanusRole *
janus_role_new (WsLink * link, JanusReports * reports,
    GstRcastNetSignaller * element, const JanusSettings * settings,
    gboolean * string_ids, const JanusHandleCallbacks * callbacks,
    gpointer data)
{
  JanusRole *role = g_new0 (JanusRole, 1);

  role->link = link;
  if (janus_settings_do_watch (settings))
    role->watch = janus_watch_new (link, reports, element, settings,
        string_ids, callbacks, data);
  else
    role->feeds = janus_feeds_new (link, reports, element, settings,
        string_ids, callbacks, data);
  return role;
}

/* Free the role before its link. */
void
janus_role_free (JanusRole * role)
{
  g_clear_pointer (&role->feeds, janus_feeds_free);
  g_clear_pointer (&role->watch, janus_watch_free);
  g_free (role);
}

void
janus_role_join (JanusRole * role, guint64 session)
{
  if (role->watch)
    janus_watch_join (role->watch, session);
  else
    janus_feeds_join (role->feeds, session);
}

static gboolean
refuse (JanusRole * role, GError ** error)
{
  g_propagate_error (error, ws_link_new_error (role->link,
          GST_RCAST_ERROR_NOT_SUPPORTED, role->watch ?
          "Janus offers what is received" : "Janus makes no offer to us"));
  return FALSE;
}

gboolean
janus_role_offer (JanusRole * role, GstRcastOfferKind kind, const gchar * sdp,
    GError ** error)
{
  return role->feeds ? janus_feeds_offer (role->feeds, kind, sdp, error) :
      refuse (role, error);
}

gboolean
janus_role_request_offer (JanusRole * role, GstRcastOfferKind kind,
    GError ** error)
{
  return role->watch ? janus_watch_request_offer (role->watch, kind, error) :
      refuse (role, error);
}

gboolean
janus_role_answer (JanusRole * role, const gchar * sdp, GError ** error)
{
  return role->watch ? janus_watch_answer (role->watch, sdp, error) :
      refuse (role, error);
}

void
janus_role_drop_request (JanusRole * role)
{
  if (role->watch)
    janus_watch_drop_request (role->watch);
  else
    janus_feeds_drop_offer (role->feeds);
}

gboolean
janus_role_has_request (JanusRole * role)
{
  return role->watch ? janus_watch_has_request (role->watch) :
      janus_feeds_has_offer (role->feeds);
}

void
janus_role_settle (JanusRole * role)
{
  if (role->watch)
    janus_watch_settle (role->watch);
  else
    janus_feeds_settle (role->feeds);
}

void
janus_role_add_candidate (JanusRole * role, guint mline,
    const gchar * ufrag, const gchar * candidate)
{
  if (role->watch)
    janus_watch_add_candidate (role->watch, mline, ufrag, candidate);
  else
    janus_feeds_add_candidate (role->feeds, mline, ufrag, candidate);
}

void
janus_role_stop (JanusRole * role)
{
  if (role->watch)
    janus_watch_stop (role->watch);
  else
    janus_feeds_stop (role->feeds);
}

void
janus_role_forget (JanusRole * role)
{
  if (role->watch)
    janus_watch_forget (role->watch);
  else
    janus_feeds_forget (role->feeds);
}

void
janus_role_resync (JanusRole * role)
{
  if (role->watch)
    janus_watch_resync (role->watch);
  else
    janus_feeds_resync (role->feeds);
}

void
janus_role_resumed (JanusRole * role)
{
  if (role->watch)
    janus_watch_resumed (role->watch);
}

void
janus_role_leave (JanusRole * role)
{
  if (role->watch)
    janus_watch_leave (role->watch);
  else
    janus_feeds_leave (role->feeds);
}

gboolean
janus_role_take (JanusRole * role, const JanusMessage * message)
{
  return role->watch ? janus_watch_take (role->watch, message) :
      janus_feeds_take (role->feeds, message);
}
