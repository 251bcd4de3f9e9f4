/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastsink as a producer: nothing that its consumers do ends the broadcast. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "gstsig-rig.h"
#include "rcast-check.h"

#define LINE "videotestsrc is-live=true ! video/x-raw,width=64,height=64 ! " \
  "rcastsink location=gst+ws://127.0.0.1:%u/?name=studio"

/* A pipeline that broadcasts to the rig's server, and the events that it posts */
typedef struct
{
  GstsigRig f;
  GstElement *pipeline;
  GSource *watch;
  GString *events;              /* each as `EVENT PEER;` */
} Broadcast;

/* Fails at an error, and at a message about an outage. */
static gboolean
on_message (GstBus * bus, GstMessage * message, gpointer data)
{
  const GstStructure *s = gst_message_get_structure (message);
  g_autofree gchar *text = s ? gst_structure_to_string (s) : NULL;

  fail_if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR
      || gst_message_has_name (message, "reconnecting_broadcast"), "%s", text);
  if (gst_message_has_name (message, "gst-signalling-event"))
    g_string_append_printf (data, "%s %s;",
        gst_structure_get_string (s, "event"),
        gst_structure_has_field (s, "peer") ?
        gst_structure_get_string (s, "peer") : "-");
  return G_SOURCE_CONTINUE;
}

static void
broadcast_init (Broadcast * b)
{
  g_autoptr (GstBus) bus = NULL;
  g_autofree gchar *line = NULL;

  gstsig_rig_init (&b->f);
  b->events = g_string_new (NULL);
  line = g_strdup_printf (LINE, b->f.port);
  b->pipeline = gst_parse_launch (line, NULL);
  bus = gst_element_get_bus (b->pipeline);
  b->watch = gst_bus_create_watch (bus);
  g_source_set_callback (b->watch, G_SOURCE_FUNC (on_message), b->events, NULL);
  g_source_attach (b->watch, b->f.rig.context);
  gst_element_set_state (b->pipeline, GST_STATE_PLAYING);
}

static void
broadcast_clear (Broadcast * b)
{
  g_source_destroy (b->watch);
  g_source_unref (b->watch);
  gst_element_set_state (b->pipeline, GST_STATE_NULL);
  gst_object_unref (b->pipeline);
  g_string_free (b->events, TRUE);
  gstsig_rig_clear (&b->f);
}

/* Returns: whether the server has received an offer in @session */
static gboolean
is_offered (Broadcast * b, const gchar * session)
{
  g_autofree gchar *begin = g_strdup_printf ("{\"type\":\"peer\","
      "\"sessionId\":\"%s\",\"sdp\":{\"type\":\"offer\"", session);

  for (guint i = 0; i < b->f.texts->len; i++)
    if (g_str_has_prefix (g_ptr_array_index (b->f.texts, i), begin))
      return TRUE;
  return FALSE;
}

GST_START_TEST (test_a_bad_consumer_and_then_another_one)
{
  Broadcast b;

  broadcast_init (&b);
  wait_for (&b.f.rig, b.f.texts->len == 1);
  gstsig_rig_start (&b.f, "c1", "s1");
  wait_for (&b.f.rig, is_offered (&b, "s1"));
  gstsig_rig_say (&b.f, GSTSIG_ANSWERED ("0", "r1"));
  wait_for (&b.f.rig, strcmp (b.events->str, "waiting -;consumer-joined c1;"
          "consumer-refused c1;waiting -;") == 0);
  gstsig_rig_start (&b.f, "c2", "s2");
  wait_for (&b.f.rig, is_offered (&b, "s2"));
  assert_equals_int (b.f.connections, 1);
  broadcast_clear (&b);
}

GST_END_TEST;

static Suite *
rcastgst_broadcast_suite (void)
{
  Suite *s = suite_create ("rcastgst-broadcast");
  TCase *tc = tcase_create ("general");

  rcast_check_survive_plugins ();
  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 60);
  tcase_add_test (tc, test_a_bad_consumer_and_then_another_one);
  return s;
}

GST_CHECK_MAIN (rcastgst_broadcast);
