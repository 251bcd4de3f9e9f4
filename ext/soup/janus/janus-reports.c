/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Forwards unsolicited events of Janus to the signaller's owner and to the bus. */
#include "config.h"

#include "janus-reports.h"

GST_DEBUG_CATEGORY_STATIC (rcast_janus_reports_debug);
#define GST_CAT_DEFAULT rcast_janus_reports_debug

struct _JanusReports
{
  GstRcastNetSignaller *element;        /* borrowed */
  GHashTable *silent;           /* mids of the streams that the server does not receive */
  gboolean all_silent;          /* last reported value */
};

JanusReports *
janus_reports_new (GstRcastNetSignaller * element)
{
  static gsize once = 0;
  JanusReports *self = g_new0 (JanusReports, 1);

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_janus_reports_debug, "rcastjanusreports", 0,
        "Reports of Janus");
    g_once_init_leave (&once, 1);
  }
  self->element = element;
  self->silent = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

void
janus_reports_free (JanusReports * self)
{
  g_hash_table_unref (self->silent);
  g_free (self);
}

static GstStructure *
event_new (const gchar * event)
{
  return gst_structure_new ("janus-event", "event", G_TYPE_STRING, event, NULL);
}

void
janus_reports_event (JanusReports * self, const gchar * event)
{
  gst_rcast_net_signaller_post (self->element, event_new (event));
}

void
janus_reports_pass_on (JanusReports * self, GstRcastServerEvent event,
    const gchar * format, ...)
{
  g_autofree gchar *detail = NULL;
  va_list args;

  va_start (args, format);
  detail = g_strdup_vprintf (format, args);
  va_end (args);
  gst_rcast_signaller_server_event (GST_RCAST_SIGNALLER (self->element), event,
      detail);
}

static void
report_hangup (JanusReports * self, const JanusMessage * message)
{
  GstStructure *event = event_new ("hangup");

  gst_structure_set (event, "reason", G_TYPE_STRING, message->reason ?
      message->reason : "no reason given", NULL);
  gst_rcast_net_signaller_post (self->element, event);
}

static void
report_slow_link (JanusReports * self, const JanusMessage * message)
{
  GstStructure *event = event_new ("slowlink");

  gst_structure_set (event, "media", G_TYPE_STRING, message->media, "mid",
      G_TYPE_STRING, message->mid, "uplink", G_TYPE_BOOLEAN, message->uplink,
      "lost", G_TYPE_UINT, message->lost, NULL);
  gst_rcast_net_signaller_post (self->element, event);
  janus_reports_pass_on (self, GST_RCAST_SERVER_SLOW_LINK,
      "%u packets of %s lost", message->lost,
      message->media ? message->media : "media");
}

/* The simulcast or SVC layer of a stream that the server sends us. */
static void
report_layer (JanusReports * self, const JanusMessage * message)
{
  GstStructure *event = event_new ("substream");

  gst_structure_set (event, "mid", G_TYPE_STRING, message->mid, NULL);
  if (message->substream >= 0)
    gst_structure_set (event, "substream", G_TYPE_INT, message->substream,
        NULL);
  if (message->temporal >= 0)
    gst_structure_set (event, "temporal", G_TYPE_INT, message->temporal, NULL);
  gst_rcast_net_signaller_post (self->element, event);
}

/* Takes an event of a handle, except for those that depend on its role. */
void
janus_reports_take (JanusReports * self, const JanusMessage * message)
{
  switch (message->kind) {
    case JANUS_WEBRTCUP:
      janus_reports_event (self, "webrtcup");
      break;
    case JANUS_SLOWLINK:
      report_slow_link (self, message);
      break;
    case JANUS_ICE_FAILED:
      janus_reports_event (self, "ice-failed");
      janus_reports_pass_on (self, GST_RCAST_SERVER_MEDIA_SILENT,
          "ICE failed at Janus");
      break;
    case JANUS_HANGUP:
      report_hangup (self, message);
      break;
    case JANUS_DETACHED:
      janus_reports_event (self, "detached");
      break;
    case JANUS_EVENT:
      if (message->substream >= 0 || message->temporal >= 0)
        report_layer (self, message);
      break;
    default:
      break;
  }
}

/* The room was destroyed, and its media with it. */
void
janus_reports_destroyed (JanusReports * self, const gchar * room)
{
  janus_reports_event (self, "destroyed");
  janus_reports_pass_on (self, GST_RCAST_SERVER_HANGUP,
      "room %s was destroyed", room);
}

static void
note_receiving (JanusReports * self, const gchar * mid, gboolean receiving,
    guint n_media)
{
  gboolean silent;

  if (receiving)
    g_hash_table_remove (self->silent, mid);
  else if (g_hash_table_size (self->silent) < n_media)
    g_hash_table_add (self->silent, g_strdup (mid));
  silent = n_media > 0 && g_hash_table_size (self->silent) >= n_media;
  if (silent == self->all_silent)
    return;
  self->all_silent = silent;
  if (silent)
    janus_reports_pass_on (self, GST_RCAST_SERVER_MEDIA_SILENT,
        "Janus receives none of our media");
  else
    janus_reports_pass_on (self, GST_RCAST_SERVER_MEDIA_FLOWING,
        "Janus receives media");
}

/* The server receives, or no longer receives, one of our @n_media audio and video streams. */
void
janus_reports_media (JanusReports * self, const JanusMessage * message,
    guint n_media)
{
  const gchar *mid = message->mid ? message->mid : message->media;
  GstStructure *event = event_new ("media");

  gst_structure_set (event, "mid", G_TYPE_STRING, message->mid, "type",
      G_TYPE_STRING, message->media, "receiving", G_TYPE_BOOLEAN,
      message->receiving, NULL);
  gst_rcast_net_signaller_post (self->element, event);
  if (mid)
    note_receiving (self, mid, message->receiving, n_media);
}

/* Forgets reports about the former media. */
void
janus_reports_new_media (JanusReports * self)
{
  g_hash_table_remove_all (self->silent);
  self->all_silent = FALSE;
}
