/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decodes all packets that left a feed, as a receiver does. */
#pragma once

#include <gst/check/gstharness.h>

#include "stream-hand.h"

/* The decoder for packets of a codec */
static const struct
{
  const gchar *codec;
  const gchar *decoder;         /* a system may lack it */
  const gchar *launch;
} decoders[] = {
  {"H264", "avdec_h264", "rtph264depay ! h264parse ! avdec_h264 max-threads=1"},
  {"VP8", "vp8dec", "rtpvp8depay ! vp8dec"},
  {"VP9", "vp9dec", "rtpvp9depay ! vp9dec"},
  {"OPUS", "opusdec", "rtpopusdepay ! opusdec"},
  {"PCMU", "mulawdec", "rtppcmudepay ! mulawdec"},
  {"PCMA", "alawdec", "rtppcmadepay ! alawdec"},
};

static inline const gchar *
find_decoder (const gchar * codec)
{
  for (guint i = 0; i < G_N_ELEMENTS (decoders); i++) {
    if (g_str_equal (decoders[i].codec, codec))
      return is_installed (decoders[i].decoder) ? decoders[i].launch : NULL;
  }
  return NULL;
}

/* Returns: (transfer full): a harness that has decoded all packets of the feed */
static inline GstHarness *
decode (Hand * hand, const gchar * codec, const gchar * raw)
{
  g_autofree gchar *launch = g_strconcat (find_decoder (codec), " ! ", raw,
      NULL);
  GstHarness *h = gst_harness_new_parse (launch);

  g_mutex_lock (&hand->net.lock);
  gst_harness_set_src_caps (h, gst_caps_ref (hand->net.caps));
  for (guint i = 0; i < hand->net.buffers->len; i++)
    gst_harness_push (h, gst_buffer_copy (g_ptr_array_index
            (hand->net.buffers, i)));
  g_mutex_unlock (&hand->net.lock);
  gst_harness_push_event (h, gst_event_new_eos ());
  return h;
}
