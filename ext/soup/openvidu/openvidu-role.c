/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Our role in an OpenVidu session: publish a stream, or watch one. */
#include "config.h"

#include "openvidu-role.h"

#include "openvidu-publisher.h"
#include "openvidu-watch.h"

/* Exactly one of the two roles is set. */
struct _OpenviduRole
{
  WsLink *link;                 /* borrowed */
  OpenviduPublisher *publisher;
  OpenviduWatch *watch;
};

OpenviduRole *
openvidu_role_new (WsLink * link, GstRcastNetSignaller * element,
    const OpenviduSettings * settings,
    const OpenviduMediaCallbacks * callbacks, gpointer data)
{
  OpenviduRole *self = g_new0 (OpenviduRole, 1);

  self->link = link;
  if (settings->watches)
    self->watch = openvidu_watch_new (link, element, settings, callbacks, data);
  else
    self->publisher = openvidu_publisher_new (link, element, settings,
        callbacks, data);
  return self;
}

/* Free the role before its link. */
void
openvidu_role_free (OpenviduRole * self)
{
  g_clear_pointer (&self->publisher, openvidu_publisher_free);
  g_clear_pointer (&self->watch, openvidu_watch_free);
  g_free (self);
}

void
openvidu_role_joined (OpenviduRole * self, const OpenviduMessage * message)
{
  if (self->watch)
    openvidu_watch_joined (self->watch, message);
  else
    openvidu_publisher_joined (self->publisher, message->name);
}

gboolean
openvidu_role_offer (OpenviduRole * self, const gchar * sdp, GError ** error)
{
  return self->watch ? openvidu_watch_offer (self->watch, sdp, error) :
      openvidu_publisher_offer (self->publisher, sdp, error);
}

static gboolean
refuse (OpenviduRole * self, GError ** error)
{
  g_propagate_error (error, ws_link_new_error (self->link,
          GST_RCAST_ERROR_NOT_SUPPORTED,
          "OpenVidu makes no offer to who publishes"));
  return FALSE;
}

gboolean
openvidu_role_request_offer (OpenviduRole * self, GError ** error)
{
  return self->watch ? openvidu_watch_request_offer (self->watch, error) :
      refuse (self, error);
}

gboolean
openvidu_role_answer (OpenviduRole * self, const gchar * sdp, GError ** error)
{
  return self->watch ? openvidu_watch_answer (self->watch, sdp, error) :
      refuse (self, error);
}

void
openvidu_role_drop_request (OpenviduRole * self)
{
  if (self->watch)
    openvidu_watch_drop_request (self->watch);
  else
    openvidu_publisher_drop_offer (self->publisher);
}

gboolean
openvidu_role_has_request (OpenviduRole * self)
{
  return self->watch ? openvidu_watch_has_request (self->watch) :
      openvidu_publisher_has_offer (self->publisher);
}

void
openvidu_role_settle (OpenviduRole * self)
{
  if (self->watch)
    openvidu_watch_settle (self->watch);
}

void
openvidu_role_add_candidate (OpenviduRole * self, guint mline,
    const gchar * ufrag, const gchar * candidate)
{
  if (self->watch)
    openvidu_watch_add_candidate (self->watch, mline, ufrag, candidate);
  else
    openvidu_publisher_add_candidate (self->publisher, mline, ufrag,
        candidate);
}

void
openvidu_role_take (OpenviduRole * self, const OpenviduMessage * message)
{
  if (self->watch)
    openvidu_watch_take (self->watch, message);
  else if (g_str_equal (message->method, "iceCandidate"))
    openvidu_publisher_take (self->publisher, message);
}

void
openvidu_role_ended (OpenviduRole * self)
{
  if (self->publisher)
    openvidu_publisher_ended (self->publisher);
}

void
openvidu_role_stop (OpenviduRole * self)
{
  if (self->watch)
    openvidu_watch_stop (self->watch);
  else
    openvidu_publisher_stop (self->publisher);
}

void
openvidu_role_resumed (OpenviduRole * self)
{
  if (self->watch)
    openvidu_watch_resumed (self->watch);
  else
    openvidu_publisher_flush (self->publisher);
}

gboolean
openvidu_role_can_wait (OpenviduRole * self)
{
  return self->watch && openvidu_watch_is_idle (self->watch);
}
