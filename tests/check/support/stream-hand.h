/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A live stream with one feed and its collector. The test pushes each buffer itself. */
#pragma once

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <gst/video/video.h>
#include <string.h>

#include "gstrcaststream.h"
#include "rcast-refit.h"
#include "rcast-collector.h"

#define PT 109
#define SSRC 0x12345678u

static inline gboolean
is_installed (const gchar * factory)
{
  GstElementFactory *f = gst_element_factory_find (factory);

  if (!f)
    return FALSE;
  gst_object_unref (f);
  return TRUE;
}

#define RAW_CAPS "video/x-raw,format=I420,width=64,height=48,framerate=25/1"
#define RTP_CAPS "application/x-rtp,media=video,encoding-name=VP8," \
  "clock-rate=90000,payload=96"
#define FRAME (40 * GST_MSECOND)

typedef struct
{
  GstHarness *h;
  GstElement *pipeline;         /* runs before the stream joins: no preroll */
  GstElement *stream;
  GstElement *feed;
  RcastCollector net;
  guint n_pushed;
  guint n_offers;               /* offer-caps-changed */
  guint n_encoders;             /* encoder-setup */
  GstElement *encoder;          /* the last one */
} Hand;

static inline void
on_offer (GstRcastStream * stream, Hand * hand)
{
  hand->n_offers++;
}

static inline void
on_encoder_setup (GstRcastStream * stream, GstElement * encoder, Hand * hand)
{
  fail_unless (GST_STATE (encoder) <= GST_STATE_READY);
  gst_object_replace ((GstObject **) & hand->encoder, GST_OBJECT (encoder));
  hand->n_encoders++;
}

static inline void
hand_init (Hand * hand, GstRcastMedia media, const gchar * caps)
{
  memset (hand, 0, sizeof (*hand));
  hand->pipeline = gst_pipeline_new (NULL);
  gst_element_set_state (hand->pipeline, GST_STATE_PLAYING);
  hand->stream = gst_rcast_stream_new ("stream", media);
  gst_bin_add (GST_BIN (hand->pipeline), hand->stream);
  fail_unless (gst_element_sync_state_with_parent (hand->stream));
  g_signal_connect (hand->stream, "offer-caps-changed", G_CALLBACK (on_offer),
      hand);
  g_signal_connect (hand->stream, "encoder-setup",
      G_CALLBACK (on_encoder_setup), hand);
  hand->h = gst_harness_new_with_element (hand->stream, "sink", NULL);
  gst_harness_use_testclock (hand->h);
  hand->feed = gst_rcast_stream_add_feed (GST_RCAST_STREAM (hand->stream));
  rcast_collector_init (&hand->net, hand->feed);
  rcast_collector_start (&hand->net);
  if (caps)
    gst_harness_set_src_caps_str (hand->h, caps);
}

static inline void
hand_clear (Hand * hand)
{
  gst_harness_teardown (hand->h);
  gst_clear_object (&hand->encoder);
  if (hand->feed)
    gst_rcast_stream_remove_feed (GST_RCAST_STREAM (hand->stream), hand->feed);
  rcast_collector_clear (&hand->net);
  gst_element_set_state (hand->pipeline, GST_STATE_NULL);
  gst_object_unref (hand->pipeline);
}

static inline GstCaps *
hand_choose (Hand * hand, const gchar * encoding_name)
{
  GstCaps *offer =
      gst_rcast_stream_get_offer_caps (GST_RCAST_STREAM (hand->stream));
  GstCaps *chosen = NULL;

  fail_unless (offer != NULL);
  for (guint i = 0; i < gst_caps_get_size (offer) && !chosen; i++) {
    GstStructure *structure = gst_caps_get_structure (offer, i);

    if (g_strcmp0 (gst_structure_get_string (structure, "encoding-name"),
            encoding_name) == 0)
      chosen = gst_caps_new_full (gst_structure_copy (structure), NULL);
  }
  gst_caps_unref (offer);
  fail_unless (chosen != NULL);
  gst_caps_set_simple (chosen, "payload", G_TYPE_INT, PT, NULL);
  return chosen;
}

static inline void
hand_open (Hand * hand, const gchar * encoding_name)
{
  g_autoptr (GstCaps) caps = hand_choose (hand, encoding_name);

  fail_unless (gst_rcast_stream_set_negotiated_caps (GST_RCAST_STREAM
          (hand->stream), caps, NULL));
  fail_unless (gst_rcast_feed_set_rtp (GST_RCAST_FEED (hand->feed), caps, SSRC,
          NULL));
  gst_rcast_feed_set_open (GST_RCAST_FEED (hand->feed), TRUE);
}

static inline guint64
hand_stat (Hand * hand, const gchar * name)
{
  GstStructure *stats =
      gst_rcast_stream_get_stats (GST_RCAST_STREAM (hand->stream));
  guint64 value;

  fail_unless (gst_structure_get_uint64 (stats, name, &value));
  gst_structure_free (stats);
  return value;
}

static inline void
hand_push_raw (Hand * hand, guint n, gint width, gint height)
{
  for (guint i = 0; i < n; i++) {
    gsize size = width * height * 3 / 2;
    GstBuffer *buffer = gst_buffer_new_allocate (NULL, size, NULL);

    /* A moving bar makes the frames differ. */
    gst_buffer_memset (buffer, 0, 128, size);
    gst_buffer_memset (buffer, (hand->n_pushed * 37) % (size / 2), 16, 64);
    GST_BUFFER_PTS (buffer) = hand->n_pushed++ * FRAME;
    GST_BUFFER_DURATION (buffer) = FRAME;
    fail_unless_equals_int (gst_harness_push (hand->h, buffer), GST_FLOW_OK);
  }
}

/* Pushes one packet, which is one frame, with a payload of two bytes. */
static inline void
hand_push (Hand * hand, guint8 payload, guint8 next)
{
  guint8 data[] = { 0x80, 0x80 | 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, payload,
    next
  };
  guint n = hand->n_pushed++;
  GstBuffer *buffer;

  GST_WRITE_UINT16_BE (data + 2, n);
  GST_WRITE_UINT32_BE (data + 4, n * 3600);
  buffer = gst_buffer_new_memdup (data, sizeof (data));
  GST_BUFFER_PTS (buffer) = n * FRAME;
  fail_unless_equals_int (gst_harness_push (hand->h, buffer), GST_FLOW_OK);
}

/* Pushes a VP8 frame. */
static inline void
hand_push_rtp (Hand * hand, gboolean key)
{
  hand_push (hand, 0x10, key ? 0 : 1);
}

/* Returns: the key frame requests that went upstream since the last call */
static inline guint
hand_count_requests (Hand * hand)
{
  GstEvent *event;
  guint n = 0;

  while ((event = gst_harness_try_pull_upstream_event (hand->h))) {
    gboolean all_headers = FALSE;

    if (gst_video_event_is_force_key_unit (event)) {
      gst_video_event_parse_upstream_force_key_unit (event, NULL, &all_headers,
          NULL);
      fail_unless (all_headers);
      n++;
    }
    gst_event_unref (event);
  }
  return n;
}
