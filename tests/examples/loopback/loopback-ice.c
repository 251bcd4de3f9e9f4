/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes a webrtcbin with the ICE agent that the server uses. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "loopback-ice.h"

#include "gstrcastice.h"

/* Holds a publisher's first burst while this process waits for a CPU; the system may allow less. */
#define RECEIVE_BUFFER_BYTES (4 * 1024 * 1024)

GstElement *
loopback_ice_make_webrtcbin (const gchar * address)
{
  g_autoptr (GstWebRTCICE) ice = gst_rcast_ice_new (NULL);
  GstElement *webrtc = gst_rcast_ice_make_webrtcbin (ice, NULL);
  gboolean added;

  if (webrtc == NULL)
    return NULL;
  g_object_set (webrtc, "bundle-policy", GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE,
      NULL);
  g_object_set (ice, "receive-buffer-size", RECEIVE_BUFFER_BYTES, NULL);
  if (address)
    g_signal_emit_by_name (ice, "add-local-ip-address", address, &added);
  return webrtc;
}

/* Loads plugins and makes a certificate, which would delay the first connection of the process by
 * more than a second. */
void
loopback_ice_warm_up (void)
{
  GstElement *webrtc = loopback_ice_make_webrtcbin (NULL);
  g_autoptr (GstCaps) caps = gst_caps_from_string ("application/x-rtp,"
      "media=video,encoding-name=VP8,clock-rate=90000,payload=96");
  GstWebRTCRTPTransceiver *transceiver = NULL;
  GstPromise *offer = gst_promise_new ();

  if (webrtc) {
    gst_object_ref_sink (webrtc);
    gst_element_set_state (webrtc, GST_STATE_READY);
    g_signal_emit_by_name (webrtc, "add-transceiver",
        GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_RECVONLY, caps, &transceiver);
    g_signal_emit_by_name (webrtc, "create-offer", NULL, offer);
    gst_promise_wait (offer);
    gst_clear_object (&transceiver);
    gst_element_set_state (webrtc, GST_STATE_NULL);
    gst_object_unref (webrtc);
  }
  gst_promise_unref (offer);
}

static void
stop_element (const GValue * item, gpointer user_data)
{
  gst_element_set_state (g_value_get_object (item), GST_STATE_NULL);
}

/* Waits until webrtcbin has carried out all calls in its queue. They start parts of it with its lock,
 * which its streaming threads take as well. A state change would wait for a streaming thread, and
 * the call for the state change. */
static void
flush (GstElement * webrtc)
{
  GstPromise *done = gst_promise_new ();

  /* An answer without an offer is refused. */
  g_signal_emit_by_name (webrtc, "create-answer", NULL, done);
  gst_promise_wait (done);
  gst_promise_unref (done);
}

void
loopback_ice_stop_pipeline (GstElement * pipeline, GstElement * webrtc)
{
  GstIterator *elements;

  flush (webrtc);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  /* A pad-added handler may have added an element, with the old state, while the others stopped.
   * No such thread runs any more. */
  elements = gst_bin_iterate_elements (GST_BIN (pipeline));
  while (gst_iterator_foreach (elements, stop_element, NULL)
      == GST_ITERATOR_RESYNC)
    gst_iterator_resync (elements);
  gst_iterator_free (elements);
}

void
loopback_ice_prepare_answer (GstElement * webrtc, GstSDPMessage * answer)
{
  g_autoptr (GstWebRTCICE) ice = NULL;

  g_object_get (webrtc, "ice-agent", &ice, NULL);
  gst_rcast_ice_prepare_answer (ice, answer);
}
