/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What Janus says of its own accord: to the owner of the signaller, and to the bus. */
#include "config.h"

#include "janus-session-private.h"

#include "rcast-loop.h"

/* What the server says of its own accord, for the application to see. Takes
 * @structure. */
void
janus_words_post (JanusSession * session, GstStructure * structure)
{
  GST_INFO_OBJECT (session->element, "server: %" GST_PTR_FORMAT, structure);
  gst_element_post_message (GST_ELEMENT (session->element),
      gst_message_new_element (GST_OBJECT (session->element), structure));
}

GstStructure *
janus_words_new (const gchar * event)
{
  return gst_structure_new ("janus-event", "event", G_TYPE_STRING, event, NULL);
}

void
janus_words_tell (JanusSession * session, GstRcastServerEvent event,
    const gchar * format, ...)
{
  g_autofree gchar *detail = NULL;
  va_list args;

  va_start (args, format);
  detail = g_strdup_vprintf (format, args);
  va_end (args);
  gst_rcast_signaller_server_event (session->element, event, detail);
}

static void
on_media (JanusSession * session, const JanusMessage * message)
{
  const gchar *mid = message->mid ? message->mid : message->media;
  GstStructure *event = janus_words_new ("media");
  guint n_media = session->media ? session->media->n_media : 0;
  gboolean silent;

  gst_structure_set (event, "mid", G_TYPE_STRING, message->mid, "type",
      G_TYPE_STRING, message->media, "receiving", G_TYPE_BOOLEAN,
      message->receiving, NULL);
  janus_words_post (session, event);
  if (!mid)
    return;
  if (message->receiving)
    g_hash_table_remove (session->silent, mid);
  else if (g_hash_table_size (session->silent) < n_media)
    g_hash_table_add (session->silent, g_strdup (mid));

  silent = n_media > 0 && g_hash_table_size (session->silent) >= n_media;
  if (silent == session->told_silent)
    return;
  session->told_silent = silent;
  if (silent)
    janus_words_tell (session, GST_RCAST_SERVER_MEDIA_SILENT,
        "Janus receives none of our media");
  else
    janus_words_tell (session, GST_RCAST_SERVER_MEDIA_FLOWING,
        "Janus receives media");
}

static void
on_hangup (JanusSession * session, const JanusMessage * message)
{
  const gchar *reason = message->reason ? message->reason : "no reason given";
  GstStructure *event = janus_words_new ("hangup");

  gst_structure_set (event, "reason", G_TYPE_STRING, reason, NULL);
  janus_words_post (session, event);
  if (!janus_handle_hung_up (session, message->reason))
    janus_words_tell (session, GST_RCAST_SERVER_HANGUP, "Janus hung up: %s",
        reason);
}

/* Whoever waits for something is told by the event: of an error it would be thought
 * that another server may do better. */
void
janus_words_kicked (JanusSession * session)
{
  g_autoptr (GError) error = NULL;

  janus_words_post (session, janus_words_new ("kicked"));
  g_free (session->memory->kicked);
  session->memory->kicked =
      g_strdup_printf ("kicked from room %s", session->settings->room.text);
  session->published = session->up = FALSE;
  error = janus_error_new_own (session, GST_RCAST_ERROR_REJECTED, "%s",
      session->memory->kicked);
  session->state = JANUS_STATE_GONE;
  gst_rcast_source_clear (&session->keepalive);
  gst_rcast_signaller_server_event (session->element,
      GST_RCAST_SERVER_EVICTED, error->message);
  janus_session_fail (session, error);
}

static void
on_room_event (JanusSession * session, const JanusMessage * message)
{
  if (message->kicked) {
    janus_words_kicked (session);
  } else if (g_strcmp0 (message->videoroom, "destroyed") == 0) {
    janus_words_post (session, janus_words_new ("destroyed"));
    janus_words_tell (session, GST_RCAST_SERVER_HANGUP, "room %s was destroyed",
        session->settings->room.text);
  }
}

static void
on_detached (JanusSession * session)
{
  janus_words_post (session, janus_words_new ("detached"));
  janus_handle_forget (session);
  janus_words_tell (session, GST_RCAST_SERVER_HANGUP,
      "Janus detached our handle");
}

static void
on_timeout_event (JanusSession * session)
{
  g_autoptr (GError) error = janus_error_new_own (session,
      GST_RCAST_ERROR_SESSION_GONE, "the server gave up the session: timeout");

  janus_words_post (session, janus_words_new ("timeout"));
  janus_session_evict (session, error);
}

static void
on_slow_link (JanusSession * session, const JanusMessage * message)
{
  GstStructure *event = janus_words_new ("slowlink");

  gst_structure_set (event, "media", G_TYPE_STRING, message->media, "mid",
      G_TYPE_STRING, message->mid, "uplink", G_TYPE_BOOLEAN, message->uplink,
      "lost", G_TYPE_UINT, message->lost, NULL);
  janus_words_post (session, event);
  janus_words_tell (session, GST_RCAST_SERVER_SLOW_LINK,
      "%u packets of %s lost", message->lost,
      message->media ? message->media : "media");
}

void
janus_words_take (JanusSession * session, const JanusMessage * message)
{
  switch (message->kind) {
    case JANUS_WEBRTCUP:
      session->up = TRUE;
      session->hangup_owed = FALSE;
      janus_words_post (session, janus_words_new ("webrtcup"));
      break;
    case JANUS_MEDIA:
      on_media (session, message);
      break;
    case JANUS_SLOWLINK:
      on_slow_link (session, message);
      break;
    case JANUS_ICE_FAILED:
      janus_words_post (session, janus_words_new ("ice-failed"));
      janus_words_tell (session, GST_RCAST_SERVER_MEDIA_SILENT,
          "ICE failed at Janus");
      break;
    case JANUS_HANGUP:
      on_hangup (session, message);
      break;
    case JANUS_DETACHED:
      on_detached (session);
      break;
    case JANUS_TIMEOUT:
      on_timeout_event (session);
      break;
    case JANUS_TRICKLE:
      gst_rcast_signaller_candidate (session->element, message->mline,
          message->candidate);
      break;
    case JANUS_EVENT:
      on_room_event (session, message);
      break;
    case JANUS_SUCCESS:
    case JANUS_ACK:
    case JANUS_ERROR:
    case JANUS_SERVER_INFO:
    case JANUS_OTHER:
      GST_DEBUG_OBJECT (session->element, "message without a use");
      break;
  }
}
