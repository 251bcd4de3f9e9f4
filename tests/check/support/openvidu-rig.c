/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastopenvidu with a server on loopback that answers as OpenVidu does, or as scripted. */
#include "config.h"

#include "openvidu-rig.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "soup-listen.h"

static const gchar *const defaults[][2] = {
  {"ping", OK ("\"value\":\"pong\"")},
  {"joinRoom", JOINED ("PUBLISHER", "kurento", "")},
  {"publishVideo", ANSWERED},
  {"reconnectStream", ANSWERED},
  {"onIceCandidate", OK ("")},
  {"unpublishVideo", OK ("")},
  {"receiveVideoFrom", OK ("\"sdpAnswer\":\"" ANSWER ("9") "\"")},
  {"prepareReceiveVideoFrom", OK ("\"sdpOffer\":\"" ANSWER ("9") "\"")},
  {"unsubscribeFromVideo", OK ("")},
  {"sendMessage", OK ("")},
  {"leaveRoom", OK ("")},
  {"echo", OK ("")},
  {"connect", OK ("\"value\":\"reconnection successful\",\"sessionId\":\"rpc1\"")},
};

static const gchar *
find_reply (Fixture * f, const gchar * method)
{
  const gchar *reply = g_hash_table_lookup (f->replies, method);

  for (guint i = 0; !reply && i < G_N_ELEMENTS (defaults); i++)
    if (g_str_equal (defaults[i][0], method))
      reply = defaults[i][1];
  fail_unless (reply != NULL, "no answer to %s", method);
  return reply;
}

void
say (Fixture * f, const gchar * text)
{
  soup_websocket_connection_send_text (f->peer, text);
}

/* The value of member @name without quotes */
static gchar *
find (const gchar * text, const gchar * name)
{
  g_autofree gchar *key = g_strdup_printf ("\"%s\":", name);
  const gchar *at = strstr (text, key);

  fail_unless (at != NULL, "no %s in %s", name, text);
  at += strlen (key);
  at += *at == '"';
  return g_strndup (at, strcspn (at, "\",}"));
}

/* Returns: (transfer full): @reply to @request */
static gchar *
print_reply (const gchar * request, const gchar * reply)
{
  g_autofree gchar *id = g_strdup (strrchr (request, ':') + 1);
  g_auto (GStrv) parts = g_strsplit (reply, "%I", -1);

  g_strdelimit (id, "}", '\0');
  return g_strjoinv (id, parts);
}

static void
on_request (SoupWebsocketConnection * peer, gint type, GBytes * message,
    gpointer data)
{
  Fixture *f = data;
  gchar *text = g_strndup (g_bytes_get_data (message, NULL),
      g_bytes_get_size (message));
  gchar *method = find (text, "method");
  g_autofree gchar *reply = NULL;

  g_ptr_array_add (f->methods, method);
  g_ptr_array_add (f->texts, text);
  reply = print_reply (text, find_reply (f, method));
  if (*reply)
    soup_websocket_connection_send_text (peer, reply);
}

static void
on_connection (SoupServer * server, SoupServerMessage * msg, const char *path,
    SoupWebsocketConnection * connection, gpointer data)
{
  Fixture *f = data;
  GUri *uri = soup_server_message_get_uri (msg);

  assert_equals_string (path, "/openvidu");
  assert_equals_string (g_uri_get_query (uri), f->connections ?
      "sessionId=ses_A&reconnect=true" : "sessionId=ses_A");
  f->connections++;
  g_set_object (&f->peer, connection);
  g_signal_connect (connection, "message", G_CALLBACK (on_request), f);
}

static void
on_event (GstRcastSignaller * signaller, GstRcastServerEvent event,
    const gchar * detail, gpointer data)
{
  g_array_append_val (((Fixture *) data)->events, event);
}

static void
on_candidate (GstRcastSignaller * signaller, guint mline,
    const gchar * candidate, gpointer data)
{
  g_string_append_printf (((Fixture *) data)->said, "%u %s;", mline, candidate);
}

static void
on_message (GstRcastSignaller * signaller, const gchar * type,
    const gchar * payload, gpointer data)
{
  g_string_append_printf (((Fixture *) data)->said, "%s=%s;", type, payload);
}

void
set_location (Fixture * f, const gchar * query)
{
  g_autofree gchar *location =
      g_strdup_printf ("openvidu+ws://127.0.0.1:%u/%s", f->port, query);

  g_object_set (f->rig.signaller, "location", location, NULL);
}

void
fixture_init (Fixture * f)
{
  memset (f, 0, sizeof (*f));
  signaller_rig_init (&f->rig, "rcastopenvidu");
  f->methods = g_ptr_array_new_with_free_func (g_free);
  f->texts = g_ptr_array_new_with_free_func (g_free);
  f->replies = g_hash_table_new (g_str_hash, g_str_equal);
  f->events = g_array_new (FALSE, FALSE, sizeof (GstRcastServerEvent));
  f->said = g_string_new (NULL);
  g_signal_connect (f->rig.signaller, "server-event", G_CALLBACK (on_event), f);
  g_signal_connect (f->rig.signaller, "candidate", G_CALLBACK (on_candidate),
      f);
  g_signal_connect (f->rig.signaller, "message-received",
      G_CALLBACK (on_message), f);
  f->server = soup_server_new (NULL, NULL);
  soup_server_add_websocket_handler (f->server, NULL, NULL, NULL,
      on_connection, f, NULL);
  f->port = soup_listen (f->server);
  set_location (f, "?sessionId=ses_A&token=tok_ONE&role=PUBLISHER");
}

void
fixture_clear (Fixture * f)
{
  signaller_rig_close (&f->rig);
  g_signal_handlers_disconnect_by_data (f->rig.signaller, f);
  signaller_rig_drop (&f->rig);
  soup_server_disconnect (f->server);
  g_clear_object (&f->peer);
  g_object_unref (f->server);
  signaller_rig_clear (&f->rig);
  g_ptr_array_unref (f->methods);
  g_ptr_array_unref (f->texts);
  g_hash_table_unref (f->replies);
  g_array_unref (f->events);
  g_string_free (f->said, TRUE);
}

void
reply (Fixture * f, const gchar * method, const gchar * text)
{
  g_hash_table_insert (f->replies, (gpointer) method, (gpointer) text);
}

guint
count (Fixture * f, const gchar * method)
{
  guint n = 0;

  for (guint i = 0; i < f->methods->len; i++)
    n += g_str_equal (g_ptr_array_index (f->methods, i), method);
  return n;
}

/* The last @method request */
static const gchar *
find_last (Fixture * f, const gchar * method)
{
  for (guint i = f->methods->len; i > 0; i--)
    if (g_str_equal (g_ptr_array_index (f->methods, i - 1), method))
      return g_ptr_array_index (f->texts, i - 1);
  fail ("no %s came", method);
  return NULL;
}

void
answer (Fixture * f, const gchar * method, const gchar * text)
{
  g_autofree gchar *reply = print_reply (find_last (f, method), text);

  say (f, reply);
}

void
check_last (Fixture * f, const gchar * method, const gchar * part)
{
  const gchar *text = find_last (f, method);

  fail_unless (strstr (text, part) != NULL, "\"%s\" not in %s", part, text);
}

void
check_open (Fixture * f, GstRcastError code, const gchar * words)
{
  g_auto (Op) op = { FALSE };

  gst_rcast_signaller_open_async (f->rig.signaller, NULL, op_opened, &op);
  wait_for (&f->rig, op.done);
  fail_unless (g_error_matches (op.error, GST_RCAST_ERROR, code), "%s",
      op.error ? op.error->message : "opened");
  fail_unless (strstr (op.error->message, words) != NULL, "%s",
      op.error->message);
  fail_unless (strstr (op.error->message, "tok_O") == NULL, "%s",
      op.error->message);
}

void
publish (Fixture * f)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *answer = NULL;

  signaller_rig_open (&f->rig);
  answer = signaller_rig_offer (&f->rig, GST_RCAST_OFFER_INITIAL, OFFER ("u1"),
      &error);
  fail_unless (answer != NULL, "%s", error ? error->message : "?");
}

void
cut (Fixture * f)
{
  f->rig.lost = 0;
  g_io_stream_close (soup_websocket_connection_get_io_stream (f->peer), NULL,
      NULL);
  wait_for (&f->rig, f->rig.lost);
}

void
check_resume (Fixture * f, gint code)
{
  g_auto (Op) op = { FALSE };

  gst_rcast_signaller_resume_async (f->rig.signaller, NULL, op_resumed, &op);
  wait_for (&f->rig, op.done);
  if (code < 0)
    fail_unless (op.ok, "%s", op.error ? op.error->message : "?");
  else
    fail_unless (g_error_matches (op.error, GST_RCAST_ERROR, code), "%s",
        op.error ? op.error->message : "resumed");
}
