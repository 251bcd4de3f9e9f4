/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ICE agent with receivers of other implementations. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "ice-rig.h"

typedef struct
{
  IcePair *pair;
  GSubprocess *process;
  GDataInputStream *out;
  GOutputStream *in;
  GString *beyond;              /* the failed rows */
} Foreign;

static void
tell (Foreign * foreign, const gchar * key, const gchar * value)
{
  g_autofree gchar *escaped = value ? g_strescape (value, NULL) : NULL;
  g_autofree gchar *line = value ?
      g_strdup_printf ("{\"%s\":\"%s\"}\n", key, escaped) :
      g_strdup_printf ("{\"%s\":true}\n", key);

  fail_unless (g_output_stream_write_all (foreign->in, line, strlen (line),
          NULL, NULL, NULL));
}

static gchar *
hear (Foreign * foreign)
{
  gchar *line = g_data_input_stream_read_line (foreign->out, NULL, NULL, NULL);

  fail_unless (line != NULL, "the peer has ended");
  return line;
}

static gdouble
get_field (const gchar * line, const gchar * key)
{
  g_autofree gchar *pattern = g_strdup_printf ("\"%s\":", key);
  const gchar *at = strstr (line, pattern);

  fail_unless (at != NULL, "no %s in %s", key, line);
  return g_ascii_strtod (at + strlen (pattern), NULL);
}

static gboolean
is_gathered (IcePair * pair, gpointer data)
{
  GstWebRTCICEGatheringState state;

  g_object_get (pair->sender.webrtcbin, "ice-gathering-state", &state, NULL);
  return state == GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE
      && pair->sender.candidates > GPOINTER_TO_UINT (data);
}

/* Half trickle: the offer has all candidates. */
static void
negotiate_foreign (Foreign * foreign, gboolean restart)
{
  IcePeer *peer = &foreign->pair->sender;
  guint candidates = peer->candidates;
  GstWebRTCSessionDescription *offer = ice_peer_create (peer, "offer");
  GstWebRTCSessionDescription *answer;
  g_autofree gchar *sdp = NULL;
  g_autofree gchar *line = NULL;
  g_autofree gchar *text = NULL;
  GstSDPMessage *message;

  gst_rcast_ice_prepare_offer (peer->ice, offer->sdp, restart);
  ice_peer_set (peer, "local", offer);
  gst_webrtc_session_description_free (offer);
  if (restart || candidates == 0)
    ice_pair_wait (foreign->pair, is_gathered, GUINT_TO_POINTER (candidates));
  g_object_get (peer->webrtcbin, "pending-local-description", &offer, NULL);
  sdp = gst_sdp_message_as_text (offer->sdp);
  gst_webrtc_session_description_free (offer);
  tell (foreign, "offer", sdp);
  line = hear (foreign);
  fail_unless (g_str_has_prefix (line, "{\"answer\":\""), "%s", line);
  line[strlen (line) - 2] = '\0';
  text = g_strcompress (line + strlen ("{\"answer\":\""));
  fail_unless_equals_int (gst_sdp_message_new_from_text (text, &message),
      GST_SDP_OK);
  answer = gst_webrtc_session_description_new (GST_WEBRTC_SDP_TYPE_ANSWER,
      message);
  ice_peer_set (peer, "remote", answer);
  gst_webrtc_session_description_free (answer);
}

static gboolean
is_connected (IcePair * pair, gpointer data)
{
  return pair->sender.connected;
}

static gboolean
has_caps (IcePair * pair, gpointer data)
{
  return pair->n_sent > 0;
}

static void
start_foreign (Foreign * foreign, const gchar * kind, GstRcastIcePathMode mode)
{
  const gchar *argv[] = { "node", g_str_equal (kind, "janus") ?
        ICE_JANUS_SCRIPT : g_str_equal (kind, "loopback") ?
        ICE_LOOPBACK_SCRIPT : ICE_PEER_SCRIPT, kind, "s0", ICE_LAB_SERVER_IP,
    NULL
  };

  foreign->process = ice_lab_talk (ice_lab, ICE_LAB_SERVER, argv);
  foreign->in = g_subprocess_get_stdin_pipe (foreign->process);
  foreign->out = g_data_input_stream_new (g_subprocess_get_stdout_pipe
      (foreign->process));
  foreign->pair = ice_pair_alloc ();
  ice_lab_enter (ice_lab, ICE_LAB_CLIENT);
  ice_peer_init (&foreign->pair->sender, "sender", TRUE, NULL);
  ice_lab_leave (ice_lab);
  foreign->pair->sender.mute = TRUE;
  ice_peer_add_source (&foreign->pair->sender);
  g_object_set (foreign->pair->sender.ice, "path-mode", mode, NULL);
  gst_element_set_state (foreign->pair->sender.pipeline, GST_STATE_PLAYING);
  /* Wait for the first packet, not for one more: webrtcbin may block after it. */
  ice_pair_wait (foreign->pair, has_caps, NULL);
  negotiate_foreign (foreign, FALSE);
  ice_pair_wait (foreign->pair, is_connected, NULL);
  ice_pair_wait_sent (foreign->pair, 400);
}

static void
stop_foreign (Foreign * foreign)
{
  ice_peer_free (&foreign->pair->sender);
  g_mutex_clear (&foreign->pair->lock);
  g_cond_clear (&foreign->pair->cond);
  g_free (foreign->pair);
  g_object_unref (foreign->out);
  /* The peer exits at the end of its input, and ends its own child processes. */
  g_output_stream_close (foreign->in, NULL, NULL);
  g_subprocess_wait (foreign->process, NULL, NULL);
  g_object_unref (foreign->process);
}

/* Waits for @packets more, and reports the gap. The script measures it in its only thread; on a
 * busy machine that gap is longer than the one between packets. */
static void
report_foreign (Foreign * foreign, const gchar * kind, const gchar * what,
    guint packets, gdouble limit)
{
  g_autofree gchar *before = NULL;
  g_autofree gchar *after = NULL;
  guint received;

  tell (foreign, "report", NULL);
  before = hear (foreign);
  ice_pair_wait_sent (foreign->pair, packets);
  tell (foreign, "report", NULL);
  after = hear (foreign);
  received = get_field (after, "received") - get_field (before, "received");
  printf ("%-10s %-33s gap %5.0f ms, %u of %u since, %u RTCP back\n", kind,
      what, get_field (after, "gap"), received, packets, foreign->pair->n_back);
  fflush (stdout);
  /* Note the failure and go on: the next rows are of use, too. */
  if (get_field (after, "gap") * 1000 > ice_rig_get_limit (limit * 1000))
    g_string_append_printf (foreign->beyond, " %s: more than %.0f ms.", what,
        limit);
  if (received <= packets / 2)
    g_string_append_printf (foreign->beyond, " %s: half is lost.", what);
}

static void
run_foreign (const gchar * kind)
{
  Foreign foreign = {.beyond = g_string_new (NULL) };

  start_foreign (&foreign, kind, GST_RCAST_ICE_PATH_MODE_BACKUP);
  tell (&foreign, "reset", NULL);
  ice_pair_reset_gaps (foreign.pair);
  negotiate_foreign (&foreign, TRUE);
  ice_pair_wait_swaps (foreign.pair, 1, 0);
  report_foreign (&foreign, kind, "restart", 400, 300);

  ice_pair_reset_gaps (foreign.pair);
  tell (&foreign, "reset", NULL);
  ice_lab_run (ice_lab, ice_black_hole.space, "%s", ice_black_hole.down);
  report_foreign (&foreign, kind, "black hole, no signalling", 1000, 1300);
  ice_pair_reset_gaps (foreign.pair);
  tell (&foreign, "reset", NULL);
  negotiate_foreign (&foreign, TRUE);
  ice_pair_wait_swaps (foreign.pair, 2, 0);
  report_foreign (&foreign, kind, "restart after the black hole", 1000, 300);
  ice_lab_run (ice_lab, ice_black_hole.space, "%s", ice_black_hole.up);
  stop_foreign (&foreign);

  start_foreign (&foreign, kind, GST_RCAST_ICE_PATH_MODE_BACKUP);
  ice_pair_reset_gaps (foreign.pair);
  tell (&foreign, "reset", NULL);
  ice_lab_run (ice_lab, ice_link_down.space, "%s", ice_link_down.down);
  report_foreign (&foreign, kind, "link down, no signalling", 1000, 1000);
  ice_lab_run (ice_lab, ice_link_down.space, "%s", ice_link_down.up);
  stop_foreign (&foreign);

  ice_rig_hide_behind_nat ();
  start_foreign (&foreign, kind, GST_RCAST_ICE_PATH_MODE_BACKUP);
  ice_pair_reset_gaps (foreign.pair);
  tell (&foreign, "reset", NULL);
  ice_lab_run (ice_lab, ICE_LAB_ROUTER, "conntrack -F 2>/dev/null");
  report_foreign (&foreign, kind, "NAT rebinding", 1000, 1500);
  stop_foreign (&foreign);
  fail_unless (foreign.beyond->len == 0, "%s:%s", kind, foreign.beyond->str);
  g_string_free (foreign.beyond, TRUE);
}

/* The agent notices within media-timeout and a second. */
GST_START_TEST (test_peer_killed)
{
  Foreign foreign;
  gint64 took;

  start_foreign (&foreign, "werift", GST_RCAST_ICE_PATH_MODE_BACKUP);
  took = g_get_monotonic_time ();
  g_subprocess_force_exit (foreign.process);
  ice_pair_wait (foreign.pair, ice_rig_is_disconnected, NULL);
  took = g_get_monotonic_time () - took;
  printf ("peer killed: noticed after %.0f ms\n", took / 1000.0);
  fflush (stdout);
  stop_foreign (&foreign);
  ice_rig_assert_within ("peer killed", took, 2 * G_USEC_PER_SEC + ice_rig_get_round_trip ());
}

GST_END_TEST;

GST_START_TEST (test_werift)
{
  run_foreign ("werift");
}

GST_END_TEST;

GST_START_TEST (test_libwebrtc)
{
  run_foreign ("libwebrtc");
}

GST_END_TEST;

GST_START_TEST (test_chromium)
{
  run_foreign ("chromium");
}

GST_END_TEST;

GST_START_TEST (test_loopback)
{
  run_foreign ("loopback");
}

GST_END_TEST;

GST_START_TEST (test_janus)
{
  run_foreign ("janus");
}

GST_END_TEST;

void
ice_add_foreign_tests (TCase * tc)
{
  if (ice_rig_has_tool ("conntrack") && ice_rig_has_module ("werift"))
    tcase_add_test (tc, test_werift);
  if (ice_rig_has_module ("werift"))
    tcase_add_test (tc, test_peer_killed);
  if (ice_rig_has_tool ("conntrack") && ice_rig_has_module ("@roamhq/wrtc"))
    tcase_add_test (tc, test_libwebrtc);
  if (ice_rig_has_tool ("conntrack") && ice_rig_has_tool ("janus") && ice_rig_has_tool ("node")
      && ice_rig_has_tool ("setpriv"))
    tcase_add_test (tc, test_janus);
  if (ice_rig_has_tool ("conntrack") && ice_rig_has_tool ("chromium")
      && ice_rig_has_module ("playwright-core"))
    tcase_add_test (tc, test_chromium);
  if (ice_rig_has_tool ("conntrack") && ice_rig_has_tool ("node") && ice_rig_has_tool ("setpriv")
      && g_getenv ("RCAST_LOOPBACK"))
    tcase_add_test (tc, test_loopback);
}
