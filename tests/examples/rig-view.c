/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Shows the state of a broadcast: one line for each message of rcastsink. */

/* rcast-rig-view LOCATION [DESCRIPTION]: broadcasts a test picture, or DESCRIPTION, a launch line
 * with an rcastsink named "r". Ends on an error, at the end of the stream and on SIGINT. */
#include <stdio.h>

#include <glib-unix.h>
#include <gst/gst.h>

#include "rcast.h"

#define PICTURE \
  "rcastsink name=r  videotestsrc is-live=true ! timeoverlay ! r.  " \
  "audiotestsrc is-live=true ! r."

typedef struct
{
  GMainLoop *loop;
  GstElement *sink;
  gint64 began;
  int exit_code;
} Rig;

/* Returns: (transfer full): the present path of the media */
static gchar *
dup_path (Rig * rig)
{
  g_autoptr (GstStructure) stats = NULL;
  const GValue *peer, *path = NULL;
  const gchar *interface = NULL, *local = NULL;

  g_object_get (rig->sink, "stats", &stats, NULL);
  peer = gst_structure_get_value (stats, "peer");
  if (peer)
    path = gst_structure_get_value (gst_value_get_structure (peer), "path");
  if (!path)
    return g_strdup ("no path");
  interface = gst_structure_get_string (gst_value_get_structure (path),
      "interface");
  local = gst_structure_get_string (gst_value_get_structure (path),
      "local-candidate");
  return g_strdup_printf ("%s (%s)", interface ? interface : "?",
      local ? local : "?");
}

static void
show (Rig * rig, const gchar * text)
{
  g_autofree gchar *path = dup_path (rig);

  g_print ("%7.1f s  %s  [%s]\n",
      (g_get_monotonic_time () - rig->began) / (gdouble) G_USEC_PER_SEC, text,
      path);
}

static void
show_stream (Rig * rig, const gchar * pad, gboolean stalled)
{
  g_autofree gchar *text =
      g_strdup_printf (stalled ? "%s is stuck" : "%s flows again", pad);

  show (rig, text);
}

static void
show_warning (Rig * rig, GstMessage * message)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *text = NULL;

  gst_message_parse_warning (message, &error, NULL);
  text = g_strdup_printf ("warning: %s", error->message);
  show (rig, text);
}

static void
end (Rig * rig, GstMessage * message)
{
  g_autoptr (GError) error = NULL;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    gst_message_parse_error (message, &error, NULL);
    g_printerr ("error: %s\n", error->message);
    rig->exit_code = 1;
  }
  g_main_loop_quit (rig->loop);
}

static gboolean
on_message (GstBus * bus, GstMessage * message, gpointer data)
{
  Rig *rig = data;
  g_autoptr (GstRcastStatusInfo) info = NULL;
  g_autoptr (GstRcastStreamInfo) stream = NULL;
  const gchar *pad;
  gboolean stalled;

  switch (GST_MESSAGE_TYPE (message)) {
    case GST_MESSAGE_ELEMENT:
      info = gst_rcast_message_parse_status (message);
      if (info) {
        g_autofree gchar *text = gst_rcast_status_info_to_string (info);

        show (rig, text);
        break;
      }
      stream = gst_rcast_message_parse_reception (message);
      if (stream) {
        g_autofree gchar *text = gst_rcast_stream_info_to_string (stream);

        show (rig, text);
        break;
      }
      if (gst_rcast_message_parse_stream (message, &pad, &stalled, NULL, NULL))
        show_stream (rig, pad, stalled);
      break;
    case GST_MESSAGE_WARNING:
      show_warning (rig, message);
      break;
    case GST_MESSAGE_ERROR:
    case GST_MESSAGE_EOS:
      end (rig, message);
      break;
    default:
      break;
  }
  return G_SOURCE_CONTINUE;
}

static gboolean
on_interrupt (gpointer data)
{
  gst_element_send_event (data, gst_event_new_eos ());
  return G_SOURCE_REMOVE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GstElement) pipeline = NULL;
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GError) error = NULL;
  Rig rig = { NULL };

  gst_init (&argc, &argv);
  if (argc < 2) {
    g_printerr ("usage: %s LOCATION [LAUNCH-LINE with rcastsink name=r]\n",
        argv[0]);
    return 2;
  }
  pipeline = gst_parse_launch (argc > 2 ? argv[2] : PICTURE, &error);
  rig.sink = pipeline ? gst_bin_get_by_name (GST_BIN (pipeline), "r") : NULL;
  if (!rig.sink) {
    g_printerr ("%s\n", error ? error->message : "no element named r");
    return 2;
  }
  setvbuf (stdout, NULL, _IOLBF, 0);
  g_object_set (rig.sink, "location", argv[1], NULL);
  rig.loop = g_main_loop_new (NULL, FALSE);
  rig.began = g_get_monotonic_time ();
  bus = gst_element_get_bus (pipeline);
  gst_bus_add_watch (bus, on_message, &rig);
  g_unix_signal_add (SIGINT, on_interrupt, pipeline);
  if (gst_element_set_state (pipeline, GST_STATE_PLAYING)
      != GST_STATE_CHANGE_FAILURE)
    g_main_loop_run (rig.loop);
  else
    rig.exit_code = 1;
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_bus_remove_watch (bus);
  gst_object_unref (rig.sink);
  g_main_loop_unref (rig.loop);
  return rig.exit_code;
}
