/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The shortest of the recent times: of a way, or of a round trip. */
#pragma once

#include "rcast-elapsed.h"

G_BEGIN_DECLS

/* Until a time is known */
#define GST_RCAST_SHORTEST_UNKNOWN G_MAXINT64

/**
 * GstRcastShortest:
 * @values: the shortest time, in this window and the previous one
 * @since: begin of this window
 *
 * A time is forgotten after one to two windows: routes change.
 */
typedef struct {
  gint64 values[2];
  GstClockTime since;
} GstRcastShortest;

/* @value: the only known time; @since: begin of its window */
static inline void
gst_rcast_shortest_set (GstRcastShortest * self, gint64 value,
    GstClockTime since)
{
  self->values[0] = self->values[1] = value;
  self->since = since;
}

static inline void
gst_rcast_shortest_add (GstRcastShortest * self, gint64 value,
    GstClockTime window, GstClockTime now)
{
  if (gst_rcast_elapsed (self->since, now) > window) {
    self->values[1] = self->values[0];
    self->values[0] = GST_RCAST_SHORTEST_UNKNOWN;
    self->since = now;
  }
  self->values[0] = MIN (self->values[0], value);
}

static inline gint64
gst_rcast_shortest_get (const GstRcastShortest * self)
{
  return MIN (self->values[0], self->values[1]);
}

G_END_DECLS
