/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Frames that cost an encoder bits. */
#pragma once

#include <gst/check/gstcheck.h>

#define WIDTH 320
#define HEIGHT 240
#define FPS 25
#define NOISE_FRAME (GST_SECOND / FPS)
#define NOISE_CAPS "video/x-raw,format=I420,width=320,height=240,framerate=25/1"

/* A moving texture with grain, which no encoder compresses to almost nothing */
static inline GstBuffer *
noise_frame (guint number)
{
  gsize size = WIDTH * HEIGHT * 3 / 2;
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, size, NULL);
  guint32 seed = number * 2654435761u + 1;
  GstMapInfo map;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_WRITE));
  for (guint y = 0; y < HEIGHT; y++) {
    for (guint x = 0; x < WIDTH; x++) {
      seed = seed * 1664525 + 1013904223;
      map.data[y * WIDTH + x] = 64 + ((x + 2 * number) / 4 * 31
          + y / 4 * 57) % 120 + (seed >> 28);
    }
  }
  memset (map.data + WIDTH * HEIGHT, 128, WIDTH * HEIGHT / 2);
  gst_buffer_unmap (buffer, &map);
  GST_BUFFER_PTS (buffer) = number * NOISE_FRAME;
  GST_BUFFER_DURATION (buffer) = NOISE_FRAME;
  return buffer;
}
