/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When a receiver asks for a key frame, and when once more. */
#include "config.h"

#include "rcast-asking.h"

/* The server asks the publisher, and that encodes. It doubles with each further request. */
#define NEED (100 * GST_MSECOND)
#define MAX_DOUBLINGS 3
/* So often it is asked once more without anybody who wants it. */
#define REPEATS 4
/* Who asks nothing for so long after it was due has got something else. */
#define OVER GST_SECOND
/* The frames in front of a key frame leave the jitter buffer a little later than its latency. */
#define SLACK (20 * GST_MSECOND)

struct _GstRcastAsking
{
  GstClockTime asked;           /* the last request; NONE: none is open */
  GstClockTime earliest;        /* the next one; 0: at once */
  guint requests;               /* that are open */
  gboolean wanted;              /* the next one */
  gboolean arriving;            /* a key frame, since the last one */
};

GstRcastAsking *
gst_rcast_asking_new (void)
{
  GstRcastAsking *self = g_new (GstRcastAsking, 1);

  gst_rcast_asking_forget (self);
  return self;
}

/* %NULL is fine. */
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
 * Somebody wants a key frame, or one is due.
 *
 * Returns: whether it is to be requested now
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
  self->wanted = self->requests < REPEATS;
  self->requests++;
  self->arriving = FALSE;
  return TRUE;
}

/* Returns: when it is to be asked for again; NONE: once somebody wants it */
GstClockTime
gst_rcast_asking_get_due (const GstRcastAsking * self)
{
  return self->wanted ? self->earliest : GST_CLOCK_TIME_NONE;
}

/* Whether a key frame that starts is told by gst_rcast_asking_started() */
gboolean
gst_rcast_asking_is_open (const GstRcastAsking * self)
{
  return GST_CLOCK_TIME_IS_VALID (self->asked) && !self->arriving;
}

/**
 * gst_rcast_asking_started:
 * @latency: of the jitter buffer
 * @now: when the first packet of a key frame came
 *
 * What was asked for arrives.
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

/* A whole key frame has come. */
void
gst_rcast_asking_done (GstRcastAsking * self)
{
  GstClockTime earliest = GST_CLOCK_TIME_IS_VALID (self->asked) ?
      self->asked + NEED : 0;

  gst_rcast_asking_forget (self);
  self->earliest = earliest;
}

/* The connection is another one, or the path: what was on its way is lost. */
void
gst_rcast_asking_forget (GstRcastAsking * self)
{
  *self = (GstRcastAsking) { .asked = GST_CLOCK_TIME_NONE };
}
