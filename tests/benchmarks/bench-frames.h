/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Video that is encoded only once, so that no benchmark measures the encoder. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define BENCH_FPS 30

typedef struct {
  GPtrArray *frames;            /* GstBuffer: one group of pictures, which repeats */
  GstCaps *caps;
} BenchFrames;

/* @kbit: per second; the video is noise, so that it needs that much */
BenchFrames * bench_frames_new  (guint kbit);
void          bench_frames_free (BenchFrames * frames);

/* Returns: (transfer full): the next frame; @next must be 0 at first */
GstBuffer *   bench_frames_next (BenchFrames * frames, guint * next);

G_END_DECLS
