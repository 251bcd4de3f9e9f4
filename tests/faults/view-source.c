/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lab's viewer: rcastsrc. It prints its own recovery, which is not the caster's. */
#include "config.h"

#include "view.h"

#include "tell.h"

/* The interval of statistics */
#define STATS_MS 200

struct _ViewSource
{
  View *view;
  GstElement *pipeline;
  GstElement *source;
  guint bus_watch;
  guint stats_timer;
};

/* Prints rcastsrc's status messages, which have a strategy, and its stream messages. */
static void
tell_element_message (const GstStructure * structure)
{
  g_autofree gchar *fields = NULL;
  const gchar *event = NULL;

  if (gst_structure_has_field (structure, "strategy"))
    event = "message";
  else if (gst_structure_has_field (structure, "cause"))
    event = "stream";
  if (!event)
    return;
  fields = tell_print_fields (structure);
  tell (event, "name=%s%s", gst_structure_get_name (structure), fields);
}

static gboolean
on_message (GstBus * bus, GstMessage * message, gpointer data)
{
  g_autoptr (GError) error = NULL;

  switch (GST_MESSAGE_TYPE (message)) {
    case GST_MESSAGE_ERROR:
      gst_message_parse_error (message, &error, NULL);
      tell_problem ("error", error);
      break;
    case GST_MESSAGE_WARNING:
      gst_message_parse_warning (message, &error, NULL);
      tell_problem ("warning", error);
      break;
    case GST_MESSAGE_ELEMENT:
      tell_element_message (gst_message_get_structure (message));
      break;
    default:
      break;
  }
  return G_SOURCE_CONTINUE;
}

/* Returns: number @name of @pad's inbound stream; 0 if there is none yet */
static guint64
get_number (const GstStructure * stats, const gchar * pad, const gchar * name)
{
  const GValue *own = gst_structure_get_value (stats, pad);
  const GValue *inbound = own ? gst_structure_get_value
      (gst_value_get_structure (own), "inbound") : NULL;
  const GValue *value = inbound ? gst_structure_get_value
      (gst_value_get_structure (inbound), name) : NULL;
  GValue number = G_VALUE_INIT;
  gint64 result = 0;

  g_value_init (&number, G_TYPE_INT64);
  if (value && g_value_transform (value, &number))
    result = g_value_get_int64 (&number);
  return (guint64) MAX (result, 0);
}

static gboolean
on_stats (gpointer data)
{
  ViewSource *self = data;
  g_autoptr (GstStructure) stats = NULL;

  g_object_get (self->source, "stats", &stats, NULL);
  if (stats)
    tell ("stats", "frames=%" G_GUINT64_FORMAT " lost=%" G_GUINT64_FORMAT
        " freezes=%" G_GUINT64_FORMAT,
        get_number (stats, "video_0", "framesReceived"),
        get_number (stats, "video_0", "packetsLost")
        + get_number (stats, "audio_0", "packetsLost"),
        get_number (stats, "video_0", "freezeCount"));
  return G_SOURCE_CONTINUE;
}

/* In a thread of rcastsrc, whose pads stay for its lifetime */
static void
on_pad_added (GstElement * source, GstPad * pad, gpointer data)
{
  ViewSource *self = data;
  gboolean video = g_str_has_prefix (GST_PAD_NAME (pad), "video");
  const gchar *description = video ?
      "queue ! fakesink name=end sync=false async=false" :
      "queue ! audioconvert ! audio/x-raw,format=S16LE ! "
      "fakesink name=end sync=false async=false";
  g_autoptr (GstElement) end = NULL;
  g_autoptr (GstPad) to = NULL, probed = NULL;
  GstElement *chain = gst_parse_bin_from_description (description, TRUE, NULL);

  if (!chain)
    g_error ("cannot make: %s", description);
  end = gst_bin_get_by_name (GST_BIN (chain), "end");
  probed = gst_element_get_static_pad (end, "sink");
  (video ? view_add_picture : view_add_sound) (self->view, probed);
  gst_bin_add (GST_BIN (self->pipeline), chain);
  gst_element_sync_state_with_parent (chain);
  to = gst_element_get_static_pad (chain, "sink");
  gst_pad_link (pad, to);
}

/* Returns: (nullable): NULL with @error */
ViewSource *
view_source_new (View * view, const gchar * location, GError ** error)
{
  ViewSource *self = g_new0 (ViewSource, 1);
  g_autoptr (GstBus) bus = NULL;

  self->view = view;
  self->pipeline = gst_pipeline_new (NULL);
  self->source = gst_element_factory_make ("rcastsrc", NULL);
  if (!self->source)
    g_error ("no rcastsrc");
  gst_bin_add (GST_BIN (self->pipeline), gst_object_ref (self->source));
  g_object_set (self->source, "location", location, "latency", VIEW_LATENCY_MS,
      NULL);
  gst_util_set_object_arg (G_OBJECT (self->source), "output", "raw");
  /* rcastsrc must not fill in for missing frames. */
  gst_util_set_object_arg (G_OBJECT (self->source), "stall-action", "hold");
  g_signal_connect (self->source, "pad-added", G_CALLBACK (on_pad_added), self);
  bus = gst_element_get_bus (self->pipeline);
  self->bus_watch = gst_bus_add_watch (bus, on_message, self);
  self->stats_timer = g_timeout_add (STATS_MS, on_stats, self);
  if (gst_element_set_state (self->pipeline, GST_STATE_PLAYING)
      != GST_STATE_CHANGE_FAILURE)
    return self;
  view_source_free (self);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED,
      "rcastsrc does not start");
  return NULL;
}

void
view_source_free (ViewSource * self)
{
  g_source_remove (self->stats_timer);
  g_source_remove (self->bus_watch);
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  gst_object_unref (self->source);
  gst_object_unref (self->pipeline);
  g_free (self);
}
