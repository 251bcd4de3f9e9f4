/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ICE agent without rcastsink: an application restarts ICE between its own webrtcbins.
 *
 * Both peers are in this process, so they exchange descriptions directly; a real application
 * sends them by its signalling. The exit code is 0 if no packet was lost.
 *
 * cc -DGST_USE_UNSTABLE_API ice-restart.c $(pkg-config --cflags --libs
 *   gst-rcast-ice-1.0 gstreamer-sdp-1.0)
 */
#include <gst/gst.h>
#include <gst/sdp/sdp.h>
#include <gst/webrtc/webrtc.h>
#include <stdio.h>

#include "gstrcastice.h"

/* At 50 per second: before the restart, and again after it */
#define PACKETS 100
#define PATIENCE_S 60

#define SOURCE "audiotestsrc is-live=true samplesperbuffer=160 ! " \
    "audio/x-raw,rate=8000,channels=1 ! mulawenc ! rtppcmupay pt=0 ! " \
    "capsfilter caps=application/x-rtp,media=audio,encoding-name=PCMU,payload=0,clock-rate=8000"

typedef struct
{
  GstElement *pipeline;
  GstElement *webrtcbin;
  GstWebRTCICE *ice;
} Peer;

typedef struct
{
  GMainLoop *loop;
  Peer sender, receiver;
  gboolean negotiated;
  gint swapped;                 /* atomic */
  guint packets, missing;       /* the receiver's streaming thread */
  guint since;                  /* @packets at the end of the restart */
  guint16 next;
  gint exit_code;
} App;

static GstWebRTCSessionDescription *
create (GstElement * webrtcbin, const gchar * action, const gchar * field)
{
  GstPromise *promise = gst_promise_new ();
  GstWebRTCSessionDescription *description = NULL;

  g_signal_emit_by_name (webrtcbin, action, NULL, promise);
  gst_promise_wait (promise);
  gst_structure_get (gst_promise_get_reply (promise), field,
      GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &description, NULL);
  gst_promise_unref (promise);
  return description;
}

static void
apply (GstElement * webrtcbin, const gchar * action,
    GstWebRTCSessionDescription * description)
{
  GstPromise *promise = gst_promise_new ();

  g_signal_emit_by_name (webrtcbin, action, description, promise);
  gst_promise_wait (promise);
  gst_promise_unref (promise);
}

/* Only the two calls of gst_rcast_ice_prepare_…() differ from a stock negotiation. */
static void
negotiate (App * app, gboolean restart)
{
  g_autoptr (GstWebRTCSessionDescription) offer = NULL;
  g_autoptr (GstWebRTCSessionDescription) answer = NULL;

  offer = create (app->sender.webrtcbin, "create-offer", "offer");
  gst_rcast_ice_prepare_offer (app->sender.ice, offer->sdp, restart);
  apply (app->sender.webrtcbin, "set-local-description", offer);
  apply (app->receiver.webrtcbin, "set-remote-description", offer);

  answer = create (app->receiver.webrtcbin, "create-answer", "answer");
  gst_rcast_ice_prepare_answer (app->receiver.ice, answer->sdp);
  apply (app->receiver.webrtcbin, "set-local-description", answer);
  apply (app->sender.webrtcbin, "set-remote-description", answer);
}

static gboolean
start (gpointer data)
{
  App *app = data;

  if (!app->negotiated)
    negotiate (app, FALSE);
  app->negotiated = TRUE;
  return G_SOURCE_REMOVE;
}

static gboolean
restart (gpointer data)
{
  printf ("restarting ICE\n");
  negotiate (data, TRUE);
  return G_SOURCE_REMOVE;
}

static gboolean
finish (gpointer data)
{
  App *app = data;

  app->exit_code = 0;
  g_main_loop_quit (app->loop);
  return G_SOURCE_REMOVE;
}

static gboolean
give_up (gpointer data)
{
  App *app = data;

  printf ("not done within %d s\n", PATIENCE_S);
  g_main_loop_quit (app->loop);
  return G_SOURCE_REMOVE;
}

static void
on_negotiation_needed (GstElement * webrtcbin, App * app)
{
  g_idle_add (start, app);
}

static void
on_sender_candidate (GstElement * webrtcbin, guint mline, gchar * candidate,
    App * app)
{
  g_signal_emit_by_name (app->receiver.webrtcbin, "add-ice-candidate", mline,
      candidate);
}

static void
on_receiver_candidate (GstElement * webrtcbin, guint mline, gchar * candidate,
    App * app)
{
  g_signal_emit_by_name (app->sender.webrtcbin, "add-ice-candidate", mline,
      candidate);
}

/* In the agent's thread. If media was lost, an application requests a key frame here. */
static void
on_generation_swapped (GstWebRTCICE * ice, guint session, guint generation,
    gboolean media_lost, App * app)
{
  printf ("ICE restart %u is through, media %s\n", generation,
      media_lost ? "was lost" : "went on");
  g_atomic_int_set (&app->swapped, TRUE);
}

static GstPadProbeReturn
on_packet (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  App *app = data;
  guint8 header[4];
  guint16 sequence;

  if (gst_buffer_extract (GST_PAD_PROBE_INFO_BUFFER (info), 0, header,
          sizeof (header)) < sizeof (header))
    return GST_PAD_PROBE_OK;
  /* RFC 3550 5.1; webrtcbin has reordered the packets. */
  sequence = GST_READ_UINT16_BE (header + 2);
  if (app->packets > 0)
    app->missing += (guint16) (sequence - app->next);
  app->next = sequence + 1;
  app->packets++;
  if (app->packets == PACKETS)
    g_idle_add (restart, app);
  if (app->since == 0 && g_atomic_int_get (&app->swapped))
    app->since = app->packets;
  if (app->since > 0 && app->packets == app->since + PACKETS)
    g_idle_add (finish, app);
  return GST_PAD_PROBE_OK;
}

static void
on_pad_added (GstElement * webrtcbin, GstPad * pad, App * app)
{
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  g_autoptr (GstPad) target = gst_element_get_static_pad (sink, "sink");

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_packet, app, NULL);
  gst_bin_add (GST_BIN (app->receiver.pipeline), sink);
  gst_element_sync_state_with_parent (sink);
  gst_pad_link (pad, target);
}

static gboolean
make_peer (Peer * peer, GstElement * source)
{
  peer->ice = gst_rcast_ice_new (NULL);
  peer->webrtcbin = gst_rcast_ice_make_webrtcbin (peer->ice, NULL);
  if (!peer->webrtcbin)
    return FALSE;
  g_object_set (peer->webrtcbin, "bundle-policy",
      GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, NULL);
  peer->pipeline = gst_pipeline_new (NULL);
  gst_bin_add (GST_BIN (peer->pipeline), peer->webrtcbin);
  if (!source)
    return TRUE;
  gst_bin_add (GST_BIN (peer->pipeline), source);
  return gst_element_link (source, peer->webrtcbin);
}

static void
clear_peer (Peer * peer)
{
  if (peer->pipeline) {
    gst_element_set_state (peer->pipeline, GST_STATE_NULL);
    gst_object_unref (peer->pipeline);
  }
  gst_clear_object (&peer->ice);
}

int
main (int argc, char **argv)
{
  App app = {.exit_code = 1 };
  GError *error = NULL;
  GstElement *source;

  gst_init (&argc, &argv);
  source = gst_parse_bin_from_description (SOURCE, TRUE, &error);
  if (!source || !make_peer (&app.sender, source)
      || !make_peer (&app.receiver, NULL)) {
    fprintf (stderr, "a plugin is missing: %s\n",
        error ? error->message : "webrtcbin");
    return 1;
  }
  app.loop = g_main_loop_new (NULL, FALSE);
  g_signal_connect (app.sender.webrtcbin, "on-negotiation-needed",
      G_CALLBACK (on_negotiation_needed), &app);
  g_signal_connect (app.sender.webrtcbin, "on-ice-candidate",
      G_CALLBACK (on_sender_candidate), &app);
  g_signal_connect (app.receiver.webrtcbin, "on-ice-candidate",
      G_CALLBACK (on_receiver_candidate), &app);
  g_signal_connect (app.receiver.webrtcbin, "pad-added",
      G_CALLBACK (on_pad_added), &app);
  g_signal_connect (app.sender.ice, "generation-swapped",
      G_CALLBACK (on_generation_swapped), &app);
  g_timeout_add_seconds (PATIENCE_S, give_up, &app);

  gst_element_set_state (app.receiver.pipeline, GST_STATE_PLAYING);
  gst_element_set_state (app.sender.pipeline, GST_STATE_PLAYING);
  g_main_loop_run (app.loop);

  clear_peer (&app.sender);
  clear_peer (&app.receiver);
  g_main_loop_unref (app.loop);
  printf ("%u packets, %u missing\n", app.packets, app.missing);
  return app.missing > 0 ? 1 : app.exit_code;
}
