/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastgst alone, with webrtcsink's signalling server on loopback; the test plays its peers. */
#include "config.h"

#include "gstsig-rig.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "soup-listen.h"

#define WELCOME "{\"type\":\"welcome\",\"peerId\":\"p1\"}"

static void
on_text (SoupWebsocketConnection * peer, gint type, GBytes * message,
    gpointer data)
{
  GstsigRig *f = data;
  g_autofree gchar *text = g_strndup (g_bytes_get_data (message, NULL),
      g_bytes_get_size (message));

  if (f->counts_lists && g_str_equal (text, "{\"type\":\"list\"}"))
    f->lists++;
  else
    g_ptr_array_add (f->texts, g_steal_pointer (&text));
}

static void
on_connection (SoupServer * server, SoupServerMessage * msg, const char *path,
    SoupWebsocketConnection * connection, gpointer data)
{
  GstsigRig *f = data;
  const gchar *query = g_uri_get_query (soup_server_message_get_uri (msg));

  f->connections++;
  g_free (f->path);
  f->path = g_strconcat (path, query ? "?" : "", query, NULL);
  g_set_object (&f->peer, connection);
  g_signal_connect (connection, "message", G_CALLBACK (on_text), f);
  if (f->greeting)
    gstsig_rig_say (f, f->greeting);
}

static void
on_event (GstRcastSignaller * signaller, GstRcastServerEvent event,
    const gchar * detail, gpointer data)
{
  GstsigRig *f = data;

  g_string_append_printf (f->events, "%s;",
      event == GST_RCAST_SERVER_WAITING ? "waiting" :
      event == GST_RCAST_SERVER_HANGUP ? "hangup" : "another");
}

static void
on_candidate (GstRcastSignaller * signaller, guint mline,
    const gchar * candidate, gpointer data)
{
  g_string_append_printf (((GstsigRig *) data)->said, "%u %s;", mline,
      candidate ? candidate : "-");
}

void
gstsig_rig_locate (GstsigRig * f, const gchar * query)
{
  g_autofree gchar *location =
      g_strdup_printf ("gst+ws://127.0.0.1:%u/%s", f->port, query);

  g_object_set (f->rig.signaller, "location", location, NULL);
}

void
gstsig_rig_init_direction (GstsigRig * f, GstRcastDirection direction)
{
  memset (f, 0, sizeof (*f));
  signaller_rig_init (&f->rig, "rcastgst");
  f->greeting = WELCOME;
  f->counts_lists = direction == GST_RCAST_DIRECTION_SEND;
  f->texts = g_ptr_array_new_with_free_func (g_free);
  f->said = g_string_new (NULL);
  f->events = g_string_new (NULL);
  f->posted = g_string_new (NULL);
  f->bus = gst_bus_new ();
  gst_element_set_bus (GST_ELEMENT (f->rig.signaller), f->bus);
  g_signal_connect (f->rig.signaller, "server-event", G_CALLBACK (on_event), f);
  g_signal_connect (f->rig.signaller, "candidate", G_CALLBACK (on_candidate),
      f);
  f->server = soup_server_new (NULL, NULL);
  soup_server_add_websocket_handler (f->server, NULL, NULL, NULL,
      on_connection, f, NULL);
  f->port = soup_listen (f->server);
  gst_rcast_signaller_set_direction (f->rig.signaller, direction);
  gstsig_rig_locate (f, "?name=studio");
}

void
gstsig_rig_init (GstsigRig * f)
{
  gstsig_rig_init_direction (f, GST_RCAST_DIRECTION_SEND);
}

void
gstsig_rig_clear (GstsigRig * f)
{
  signaller_rig_close (&f->rig);
  gst_element_set_bus (GST_ELEMENT (f->rig.signaller), NULL);
  gst_bus_set_flushing (f->bus, TRUE);
  gst_object_unref (f->bus);
  g_signal_handlers_disconnect_by_data (f->rig.signaller, f);
  signaller_rig_drop (&f->rig);
  soup_server_disconnect (f->server);
  g_clear_object (&f->peer);
  g_object_unref (f->server);
  signaller_rig_clear (&f->rig);
  g_ptr_array_unref (f->texts);
  g_string_free (f->said, TRUE);
  g_string_free (f->events, TRUE);
  g_string_free (f->posted, TRUE);
  g_free (f->path);
}

void
gstsig_rig_say (GstsigRig * f, const gchar * text)
{
  soup_websocket_connection_send_text (f->peer, text);
}

void
gstsig_rig_start (GstsigRig * f, const gchar * peer, const gchar * session)
{
  g_autofree gchar *text = g_strdup_printf ("{\"type\":\"startSession\","
      "\"peerId\":\"%s\",\"sessionId\":\"%s\",\"offer\":null}", peer, session);

  gstsig_rig_say (f, text);
}

void
gstsig_rig_cut (GstsigRig * f)
{
  g_io_stream_close (soup_websocket_connection_get_io_stream (f->peer), NULL,
      NULL);
}

void
gstsig_rig_expect (GstsigRig * f, guint count, const gchar * text)
{
  wait_for (&f->rig, f->texts->len >= count);
  assert_equals_string (g_ptr_array_index (f->texts, count - 1), text);
}

void
gstsig_rig_serve (GstsigRig * f)
{
  g_auto (Op) op = { FALSE };
  guint before = f->texts->len;

  gst_rcast_signaller_open_async (f->rig.signaller, NULL, op_opened, &op);
  gstsig_rig_expect (f, before + 1, "{\"type\":\"setPeerStatus\","
      "\"roles\":[\"producer\"],\"meta\":{\"name\":\"studio\"}}");
  fail_if (op.done);
  gstsig_rig_start (f, "c1", "s1");
  wait_for (&f->rig, op.done);
  fail_unless (op.ok, "%s", op.error ? op.error->message : "");
}

void
gstsig_rig_publish (GstsigRig * f)
{
  g_auto (Op) op = { FALSE };
  guint before;

  gstsig_rig_serve (f);
  before = f->texts->len;
  gst_rcast_signaller_offer_async (f->rig.signaller, GST_RCAST_OFFER_INITIAL,
      GSTSIG_OFFER ("u1"), NULL, op_answered, &op);
  wait_for (&f->rig, f->texts->len == before + 1);
  gstsig_rig_say (f, GSTSIG_ANSWERED ("9", "r1"));
  wait_for (&f->rig, op.done);
  fail_unless (op.ok, "%s", op.error ? op.error->message : "");
}

/* Returns: (transfer none): what was posted up to now */
const gchar *
gstsig_rig_posted (GstsigRig * f)
{
  GstMessage *message;

  while ((message = gst_bus_pop_filtered (f->bus, GST_MESSAGE_ELEMENT))) {
    const GstStructure *s = gst_message_get_structure (message);

    if (gst_structure_has_name (s, "gst-signalling-event"))
      g_string_append_printf (f->posted, "%s %s;",
          gst_structure_get_string (s, "event"),
          gst_structure_has_field (s, "peer") ?
          gst_structure_get_string (s, "peer") : "-");
    gst_message_unref (message);
  }
  return f->posted->str;
}
