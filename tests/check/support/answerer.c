/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is done to a pipeline whose only webrtcbin answers offers. */
#include "config.h"

#include "answerer.h"

#include <gst/webrtc/webrtc.h>

#include "drop-rtp.h"
#include "gstrcastice.h"
#include "rcast-rtp.h"

typedef struct
{
  GstPadProbeCallback probe;
  gpointer data;
} Watch;

static void
for_each (GstElement * pipeline, const gchar * factory,
    void (*func) (GstElement * element, const Watch * watch),
    const Watch * watch)
{
  GstIterator *iterator =
      gst_bin_iterate_all_by_element_factory_name (GST_BIN (pipeline),
      factory);
  GValue value = G_VALUE_INIT;

  while (gst_iterator_next (iterator, &value) == GST_ITERATOR_OK) {
    func (g_value_get_object (&value), watch);
    g_value_reset (&value);
  }
  g_value_unset (&value);
  gst_iterator_free (iterator);
}

GstElement *
answerer_dup_webrtcbin (GstElement * pipeline)
{
  GstIterator *iterator =
      gst_bin_iterate_all_by_element_factory_name (GST_BIN (pipeline),
      "webrtcbin");
  GValue value = G_VALUE_INIT;
  GstElement *webrtc = NULL;

  if (gst_iterator_next (iterator, &value) == GST_ITERATOR_OK)
    webrtc = g_value_dup_object (&value);
  g_value_unset (&value);
  gst_iterator_free (iterator);
  return webrtc;
}

static void
watch_pad (GstElement * dec, const Watch * watch)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (dec, "sink");

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, watch->probe, watch->data,
      NULL);
}

void
answerer_watch_packets (GstElement * pipeline, GstPadProbeCallback probe,
    gpointer data)
{
  Watch watch = { probe, data };

  for_each (pipeline, "dtlssrtpdec", watch_pad, &watch);
}

void
answerer_lose_rtp (GstElement * pipeline)
{
  answerer_watch_packets (pipeline, drop_rtp, NULL);
}

static void
hasten_rtcp (GstElement * session, const Watch * watch)
{
  /* The interval grows with the number of streams, and shrinks with what RTP takes. */
  g_object_set (session, "rtcp-min-interval", 200 * GST_MSECOND, "bandwidth",
      1e7, NULL);
}

void
answerer_report_often (GstElement * pipeline)
{
  for_each (pipeline, "rtpsession", hasten_rtcp, NULL);
}

void
answerer_lose_ice (GstElement * pipeline)
{
  g_autoptr (GstElement) webrtc = answerer_dup_webrtcbin (pipeline);
  GstWebRTCICE *ice;

  g_object_get (webrtc, "ice-agent", &ice, NULL);
  gst_rcast_ice_shut_down (ice);
  gst_object_unref (ice);
}

void
answerer_drop (GstElement * dropped)
{
  g_autoptr (GstElement) pipeline = dropped;
  g_autoptr (GstElement) webrtc = NULL;
  GstPromise *done;

  if (!pipeline)
    return;
  /* What webrtcbin still has to do would start parts of it after the end. */
  webrtc = answerer_dup_webrtcbin (pipeline);
  done = gst_promise_new ();
  g_signal_emit_by_name (webrtc, "create-answer", NULL, done);
  gst_promise_wait (done);
  gst_promise_unref (done);
  answerer_lose_ice (pipeline);
  gst_element_set_state (pipeline, GST_STATE_NULL);
}

void
answerer_list_ssrcs (const GstSDPMessage * offer, GHashTable * ssrcs)
{
  g_hash_table_remove_all (ssrcs);
  for (guint i = 0; i < gst_sdp_message_medias_len (offer); i++) {
    const gchar *ssrc = gst_sdp_media_get_attribute_val
        (gst_sdp_message_get_media (offer, i), "ssrc");

    if (ssrc)
      g_hash_table_insert (ssrcs,
          GUINT_TO_POINTER ((guint32) g_ascii_strtoull (ssrc, NULL, 10)), NULL);
  }
}

/* webrtcbin answers only the extensions that are in its own caps. */
void
answerer_feed_back (GstElement * webrtc, const GstSDPMessage * offer)
{
  for (guint i = 0; i < gst_sdp_message_medias_len (offer); i++) {
    const GstSDPMedia *media = gst_sdp_message_get_media (offer, i);
    gint payload =
        g_ascii_strtoll (gst_sdp_media_get_format (media, 0), NULL, 10);
    g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;
    g_autoptr (GstCaps) caps =
        gst_sdp_media_get_caps_from_media (media, payload);

    gst_caps_set_simple (caps, "media", G_TYPE_STRING,
        gst_sdp_media_get_media (media), "payload", G_TYPE_INT, payload,
        "extmap-1", G_TYPE_STRING, GST_RCAST_RTP_TWCC_URI, NULL);
    gst_structure_set_name (gst_caps_get_structure (caps, 0),
        "application/x-rtp");
    g_signal_emit_by_name (webrtc, "add-transceiver",
        GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_RECVONLY, caps, &transceiver);
  }
}
