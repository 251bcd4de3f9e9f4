/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A custom signaller: lines of text over TCP, and a program that broadcasts with it. */

/* custom-signaller lines+tcp://HOST:PORT; ends on Ctrl-C
 *
 * The protocol is invented: the server answers `offer BASE64` with `answer BASE64` or
 * `error TEXT`, and `bye` ends the session. docs/signallers.md explains each function. */
#include <signal.h>
#include <string.h>

#include <glib-unix.h>
#include <gst/gst.h>
#include <rcast.h>

#define SCHEME "lines+tcp"
/* Protects against a server that never ends its line. */
#define MAX_LINE (512 * 1024)

#define LINE_TYPE_SIGNALLER (line_signaller_get_type ())
G_DECLARE_FINAL_TYPE (LineSignaller, line_signaller, LINE, SIGNALLER,
    GstRcastSignaller)
/* One thread calls all functions of a signaller, so it needs no locks. */
     struct _LineSignaller
     {
       GstRcastSignaller parent;

       GSocketConnection *connection;
       GDataInputStream *lines;
       GCancellable *reading;   /* cancelled when the connection ends */
       GTask *offer;            /* waits for the answer */
     };

G_DEFINE_TYPE (LineSignaller, line_signaller, GST_TYPE_RCAST_SIGNALLER);

/* Checks the location when it is set, so that a typing error shows at once. */
     static gboolean
         set_location (GstRcastSignaller * signaller, const gchar * location,
    GError ** error)
{
  g_autoptr (GUri) uri = g_uri_parse (location, G_URI_FLAGS_NONE, NULL);

  if (uri && g_uri_get_host (uri) && g_uri_get_port (uri) > 0)
    return TRUE;
  g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_ARGUMENT,
      "expected " SCHEME "://host:port");
  return FALSE;
}

static void
drop_connection (LineSignaller * self)
{
  if (self->reading)
    g_cancellable_cancel (self->reading);
  g_clear_object (&self->reading);
  g_clear_object (&self->lines);
  g_clear_object (&self->connection);
}

/* Fails the pending offer, or reports the loss, and drops the connection. */
static void
fail (LineSignaller * self, GstRcastError code, const gchar * text)
{
  g_autoptr (GTask) offer = g_steal_pointer (&self->offer);
  g_autofree gchar *location =
      gst_rcast_signaller_dup_location (GST_RCAST_SIGNALLER (self));
  g_autoptr (GError) error = g_error_new (GST_RCAST_ERROR, code, "%s: %s",
      location, text);

  drop_connection (self);
  if (offer)
    g_task_return_error (offer, g_steal_pointer (&error));
  else
    gst_rcast_signaller_lost (GST_RCAST_SIGNALLER (self), error);
}

static void read_line (LineSignaller * self);

static void
take_line (LineSignaller * self, const gchar * line)
{
  g_autoptr (GTask) offer = NULL;
  gsize size;

  if (g_str_has_prefix (line, "answer ") && self->offer) {
    g_autofree guchar *sdp = g_base64_decode (line + strlen ("answer "), &size);

    offer = g_steal_pointer (&self->offer);
    g_task_return_pointer (offer, g_strndup ((gchar *) sdp, size), g_free);
  } else if (g_str_has_prefix (line, "error ")) {
    fail (self, GST_RCAST_ERROR_REJECTED, line + strlen ("error "));
  } else {
    fail (self, GST_RCAST_ERROR_INVALID_DATA, "not the protocol");
  }
}

static void
line_read (GObject * source, GAsyncResult * result, gpointer data)
{
  g_autoptr (LineSignaller) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *line =
      g_data_input_stream_read_line_finish_utf8 (G_DATA_INPUT_STREAM (source),
      result, NULL, &error);

  /* Ignore the end of an earlier connection. */
  if (G_DATA_INPUT_STREAM (source) != self->lines)
    return;
  if (error)
    fail (self, GST_RCAST_ERROR_NETWORK, error->message);
  else if (!line)
    fail (self, GST_RCAST_ERROR_NETWORK, "the server closed the connection");
  else if (strlen (line) > MAX_LINE)
    fail (self, GST_RCAST_ERROR_INVALID_DATA, "a line is too long");
  else
    take_line (self, line);
  if (self->lines)
    read_line (self);
}

static void
read_line (LineSignaller * self)
{
  g_data_input_stream_read_line_async (self->lines, G_PRIORITY_DEFAULT,
      self->reading, line_read, g_object_ref (self));
}

static void
connected (GObject * source, GAsyncResult * result, gpointer data)
{
  g_autoptr (GTask) task = data;
  LineSignaller *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) connection =
      g_socket_client_connect_to_host_finish (G_SOCKET_CLIENT (source), result,
      &error);

  if (g_task_return_error_if_cancelled (task))
    return;
  if (!connection) {
    g_task_return_new_error (task, GST_RCAST_ERROR, GST_RCAST_ERROR_NETWORK,
        "%s", error->message);
    return;
  }
  /* The connect timeout must not limit how long the server may be silent. */
  g_socket_set_timeout (g_socket_connection_get_socket (connection), 0);
  g_socket_set_keepalive (g_socket_connection_get_socket (connection), TRUE);
  self->connection = g_steal_pointer (&connection);
  self->reading = g_cancellable_new ();
  self->lines = g_data_input_stream_new (g_io_stream_get_input_stream
      (G_IO_STREAM (self->connection)));
  read_line (self);
  g_task_return_boolean (task, TRUE);
}

/* Connects to the server. Completes once, in this thread, and never blocks. */
static void
open_async (GstRcastSignaller * signaller, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer data)
{
  g_autofree gchar *location = gst_rcast_signaller_dup_location (signaller);
  g_autoptr (GUri) uri = g_uri_parse (location ? location : "",
      G_URI_FLAGS_NONE, NULL);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  GTask *task = g_task_new (signaller, cancellable, callback, data);

  drop_connection (LINE_SIGNALLER (signaller));
  if (!uri) {
    g_task_return_new_error (task, GST_RCAST_ERROR,
        GST_RCAST_ERROR_INVALID_ARGUMENT, "no location is set");
    g_object_unref (task);
    return;
  }
  g_socket_client_set_timeout (client, 5);
  g_socket_client_connect_to_host_async (client, g_uri_get_host (uri),
      g_uri_get_port (uri), cancellable, connected, task);
}

static gboolean
send_line (LineSignaller * self, const gchar * word, const gchar * text,
    GError ** error)
{
  g_autofree gchar *base64 =
      g_base64_encode ((const guchar *) text, strlen (text));
  g_autofree gchar *line = g_strdup_printf ("%s %s\n", word, base64);
  GOutputStream *stream = g_io_stream_get_output_stream (G_IO_STREAM
      (self->connection));

  /* A few kilobytes fit into the socket's buffer. A protocol with larger messages must write
   * asynchronously. */
  return g_output_stream_write_all (stream, line, strlen (line), NULL, NULL,
      error);
}

/* Sends an offer to the server; completes with the full answer. */
static void
offer_async (GstRcastSignaller * signaller, GstRcastOfferKind kind,
    const gchar * sdp, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer data)
{
  LineSignaller *self = LINE_SIGNALLER (signaller);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);
  g_autoptr (GError) error = NULL;

  if (!self->connection || self->offer)
    g_task_return_new_error (task, GST_RCAST_ERROR,
        GST_RCAST_ERROR_SESSION_GONE, "there is no session");
  else if (!send_line (self, "offer", sdp, &error))
    g_task_return_new_error (task, GST_RCAST_ERROR, GST_RCAST_ERROR_NETWORK,
        "%s", error->message);
  else
    self->offer = g_steal_pointer (&task);
}

/* Does not wait for the server: the goodbye must not delay the next session. */
static void
close_async (GstRcastSignaller * signaller, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer data)
{
  LineSignaller *self = LINE_SIGNALLER (signaller);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);
  g_autoptr (GTask) offer = g_steal_pointer (&self->offer);

  if (offer)
    g_task_return_new_error (offer, G_IO_ERROR, G_IO_ERROR_CANCELLED,
        "the signaller was closed");
  if (self->connection)
    send_line (self, "bye", "", NULL);
  drop_connection (self);
  g_task_return_boolean (task, TRUE);
}

static gboolean
finish_boolean (GstRcastSignaller * signaller, GAsyncResult * result,
    GError ** error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static gchar *
offer_finish (GstRcastSignaller * signaller, GAsyncResult * result,
    GError ** error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
line_signaller_dispose (GObject * object)
{
  drop_connection (LINE_SIGNALLER (object));
  G_OBJECT_CLASS (line_signaller_parent_class)->dispose (object);
}

static void
line_signaller_class_init (LineSignallerClass * klass)
{
  static const gchar *const protocols[] = { SCHEME, NULL };
  GstRcastSignallerClass *signaller_class = GST_RCAST_SIGNALLER_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = line_signaller_dispose;
  gst_rcast_signaller_class_set_protocols (signaller_class, protocols);
  signaller_class->set_location = set_location;
  signaller_class->open_async = open_async;
  signaller_class->open_finish = finish_boolean;
  signaller_class->offer_async = offer_async;
  signaller_class->offer_finish = offer_finish;
  signaller_class->close_async = close_async;
  signaller_class->close_finish = finish_boolean;
  gst_element_class_set_static_metadata (GST_ELEMENT_CLASS (klass),
      "Line signaller", "Network/Signaller/WebRTC",
      "An example of a signaller", "The gst-rcast developers");
}

/* No trickle: the offer has all candidates. No ICE restart, no resume. */
static void
line_signaller_init (LineSignaller * self)
{
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (self), 0);
}

/* The program */

static gboolean
on_interrupt (gpointer pipeline)
{
  gst_element_send_event (pipeline, gst_event_new_eos ());
  return G_SOURCE_CONTINUE;
}

static gboolean
on_message (GstBus * bus, GstMessage * message, gpointer loop)
{
  g_autoptr (GError) error = NULL;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    gst_message_parse_error (message, &error, NULL);
    g_printerr ("%s\n", error->message);
    g_main_loop_quit (loop);
  } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS) {
    g_main_loop_quit (loop);
  } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT) {
    g_print ("%s\n",
        gst_structure_get_name (gst_message_get_structure (message)));
  }
  return G_SOURCE_CONTINUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GstElement) pipeline = NULL, sink = NULL;
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GError) error = NULL;
  guint watch, interrupt;

  gst_init (&argc, &argv);
  if (argc < 2) {
    g_printerr ("usage: custom-signaller " SCHEME "://HOST:PORT\n");
    return 2;
  }
  /* From now on `location` accepts the scheme. */
  gst_element_register (NULL, "linesignaller", GST_RANK_PRIMARY,
      LINE_TYPE_SIGNALLER);
  pipeline = gst_parse_launch ("videotestsrc is-live=true ! "
      "video/x-raw,width=320,height=240,framerate=25/1 ! rcastsink name=r",
      &error);
  if (error) {
    g_printerr ("%s\n", error->message);
    return 1;
  }
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "r");
  g_object_set (sink, "location", argv[1], NULL);

  bus = gst_element_get_bus (pipeline);
  watch = gst_bus_add_watch (bus, on_message, loop);
  interrupt = g_unix_signal_add (SIGINT, on_interrupt, pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  g_main_loop_run (loop);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  g_source_remove (watch);
  g_source_remove (interrupt);
  return 0;
}
