/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Encoded video that is made once: the encoder is not what is measured. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define BENCH_FPS 30

typedef struct {
  GPtrArray *frames;            /* GstBuffer: one group of pictures, again and again */
  GstCaps *caps;
} BenchFrames;

/* @kbit: per second; the picture is noise, so that it takes that much */
BenchFrames * bench_frames_new  (guint kbit);
void          bench_frames_free (BenchFrames * frames);

/* Returns: (transfer full): the frame after the last; @next begins with 0 */
GstBuffer *   bench_frames_next (BenchFrames * frames, guint * next);

G_END_DECLS
