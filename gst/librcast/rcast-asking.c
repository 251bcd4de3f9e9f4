/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides when a receiver requests a key frame, and when it repeats the request. */
#include "config.h"

#include "rcast-asking.h"

/* Time for the server to ask the publisher, and for the publisher to encode. It doubles with each
 * further request. */
#define NEED (100 * GST_MSECOND)
#define MAX_DOUBLINGS 3
/* After so many requests in a row, a packet has to come before the next one: a stream that has
 * stopped is not asked for ever. */
#define UNHEARD 5
/* If nobody asks for this long after a request was due, the frame has arrived by other means. */
#define OVER GST_SECOND
/* Frames before a key frame may leave the jitter buffer this much later than its latency. */
#define SLACK (20 * GST_MSECOND)

struct _GstRcastAsking
{
  GstClockTime asked;           /* time of the last request; NONE: none is open */
  GstClockTime earliest;        /* time of the next request; 0: at once */
  guint requests;               /* number of open requests */
  gboolean wanted;              /* whether to send the next one when it is due */
  gboolean flows;               /* packets have come since the last request */
  gboolean arriving;            /* a key frame has started since the last request */
};

GstRcastAsking *
gst_rcast_asking_new (void)
{
  GstRcastAsking *self = g_new (GstRcastAsking, 1);

  gst_rcast_asking_forget (self);
  return self;
}

/* @self: (nullable) */
void
gst_rcast_asking_free (GstRcastAsking * self)
{
  g_free (self);
}

/**
 * gst_rcast_asking_ask:
 * @round_trip: to the server and back; 0: not known
 * @now: the time
 *
 * Call it when somebody wants a key frame, or when a request is due.
 *
 * Returns: whether to send a request now
 */
gboolean
gst_rcast_asking_ask (GstRcastAsking * self, GstClockTime round_trip,
    GstClockTime now)
{
  if (now < self->earliest) {
    self->wanted = TRUE;
    return FALSE;
  }
  if (now >= self->earliest + OVER)
    self->requests = 0;
  self->asked = now;
  self->earliest = now + round_trip
      + (NEED << MIN (self->requests, MAX_DOUBLINGS));
  self->wanted = TRUE;
  self->flows = FALSE;
  self->requests++;
  self->arriving = FALSE;
  return TRUE;
}

/* Whether the next request waits for a packet: call gst_rcast_asking_flows() when one comes */
gboolean
gst_rcast_asking_is_stalled (const GstRcastAsking * self)
{
  return self->wanted && !self->flows && self->requests >= UNHEARD;
}

/* A packet of the stream has come. */
void
gst_rcast_asking_flows (GstRcastAsking * self)
{
  self->flows = TRUE;
}

/* Returns: when to repeat the request; NONE: when somebody asks, or when a packet comes */
GstClockTime
gst_rcast_asking_get_due (const GstRcastAsking * self)
{
  return self->wanted && !gst_rcast_asking_is_stalled (self) ? self->earliest :
      GST_CLOCK_TIME_NONE;
}

/* Whether to call gst_rcast_asking_started() when a key frame starts */
gboolean
gst_rcast_asking_is_open (const GstRcastAsking * self)
{
  return GST_CLOCK_TIME_IS_VALID (self->asked) && !self->arriving;
}

/**
 * gst_rcast_asking_started:
 * @latency: latency of the jitter buffer
 * @now: when the first packet of a key frame arrived
 *
 * The requested key frame starts to arrive.
 */
void
gst_rcast_asking_started (GstRcastAsking * self, GstClockTime latency,
    GstClockTime now)
{
  if (!gst_rcast_asking_is_open (self))
    return;
  self->arriving = TRUE;
  self->requests = 0;
  self->earliest = now + latency + SLACK;
}

/* A complete key frame has arrived. */
void
gst_rcast_asking_done (GstRcastAsking * self)
{
  GstClockTime earliest = GST_CLOCK_TIME_IS_VALID (self->asked) ?
      self->asked + NEED : 0;

  gst_rcast_asking_forget (self);
  self->earliest = earliest;
}

/* The connection or the path has changed: requests on their way are lost. */
void
gst_rcast_asking_forget (GstRcastAsking * self)
{
  *self = (GstRcastAsking) { .asked = GST_CLOCK_TIME_NONE };
}
