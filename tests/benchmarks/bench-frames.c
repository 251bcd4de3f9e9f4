/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Video that is encoded only once, so that no benchmark measures the encoder. */
#include "config.h"

#include "bench-frames.h"

#include <gst/app/app.h>

/* One slice per frame: some receivers output a key frame of several slices from rtph264pay as two
 * buffers, which would count twice. */
BenchFrames *
bench_frames_new (guint kbit)
{
  BenchFrames *frames = g_new0 (BenchFrames, 1);
  g_autoptr (GError) error = NULL;
  g_autofree gchar *description = g_strdup_printf ("videotestsrc "
      "pattern=snow num-buffers=60 ! "
      "video/x-raw,width=640,height=360,framerate=30/1 ! "
      "x264enc tune=zerolatency sliced-threads=false threads=1 "
      "speed-preset=veryfast bitrate=%u key-int-max=60 ! "
      "video/x-h264,profile=constrained-baseline,stream-format=byte-stream ! "
      "appsink name=out sync=false", kbit);
  g_autoptr (GstElement) pipeline = gst_parse_launch (description, &error);
  g_autoptr (GstElement) out = NULL;
  GstSample *sample;

  if (error)
    g_error ("%s", error->message);
  frames->frames =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_buffer_unref);
  out = gst_bin_get_by_name (GST_BIN (pipeline), "out");
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  while ((sample = gst_app_sink_pull_sample (GST_APP_SINK (out)))) {
    GstBuffer *buffer = gst_buffer_copy (gst_sample_get_buffer (sample));

    GST_BUFFER_PTS (buffer) = GST_BUFFER_DTS (buffer) = GST_CLOCK_TIME_NONE;
    g_ptr_array_add (frames->frames, buffer);
    gst_caps_replace (&frames->caps, gst_sample_get_caps (sample));
    gst_sample_unref (sample);
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  return frames;
}

void
bench_frames_free (BenchFrames * frames)
{
  g_ptr_array_unref (frames->frames);
  gst_caps_unref (frames->caps);
  g_free (frames);
}

GstBuffer *
bench_frames_next (BenchFrames * frames, guint * next)
{
  GstBuffer *frame = g_ptr_array_index (frames->frames, *next);

  *next = (*next + 1) % frames->frames->len;
  return gst_buffer_copy (frame);
}
