/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tells the capture time of a publisher's media, from its sender reports. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "loopback-clock.h"

/* More streams than any publisher has */
#define MAX_STREAMS 64

typedef struct
{
  guint32 ssrc;
  gboolean begun, reported;
  guint32 timestamp;            /* RTP timestamp of the first packet, then of the last report */
  gint64 us;                    /* arrival of the first packet, then NTP time of the report */
} Stream;

struct _LoopbackClock
{
  GArray *streams;              /* of Stream */
  gboolean together;            /* @ahead_us is known from a report */
  gint64 ahead_us;              /* our clock minus the publisher's */
};

LoopbackClock *
loopback_clock_new (void)
{
  LoopbackClock *clock = g_new0 (LoopbackClock, 1);

  clock->streams = g_array_new (FALSE, TRUE, sizeof (Stream));
  return clock;
}

void
loopback_clock_free (LoopbackClock * clock)
{
  g_array_unref (clock->streams);
  g_free (clock);
}

/* Returns: (nullable): NULL if there are too many streams */
static Stream *
find (LoopbackClock * clock, guint32 ssrc)
{
  Stream fresh = { ssrc };

  for (guint i = 0; i < clock->streams->len; i++) {
    Stream *stream = &g_array_index (clock->streams, Stream, i);

    if (stream->ssrc == ssrc)
      return stream;
  }
  if (clock->streams->len >= MAX_STREAMS)
    return NULL;
  g_array_append_val (clock->streams, fresh);
  return &g_array_index (clock->streams, Stream, clock->streams->len - 1);
}

static gint64
get_elapsed (const Stream * stream, guint32 timestamp, guint clock_rate)
{
  return (gint64) (gint32) (timestamp - stream->timestamp) * G_USEC_PER_SEC
      / clock_rate;
}

void
loopback_clock_report (LoopbackClock * clock, guint32 ssrc, guint64 ntp,
    guint32 timestamp)
{
  Stream *stream = find (clock, ssrc);
  gint64 us = (gint64) ((ntp >> 32) * G_USEC_PER_SEC
      + (((ntp & G_MAXUINT32) * G_USEC_PER_SEC) >> 32));

  if (!stream)
    return;
  stream->begun = stream->reported = TRUE;
  stream->timestamp = timestamp;
  stream->us = us;
}

gint64
loopback_clock_get (LoopbackClock * clock, guint32 ssrc, guint32 timestamp,
    guint clock_rate, gint64 now_us)
{
  Stream *stream = find (clock, ssrc);
  gint64 us;

  if (!stream || clock_rate == 0)
    return now_us;
  if (!stream->begun) {
    stream->begun = TRUE;
    stream->timestamp = timestamp;
    stream->us = now_us;
  }
  us = stream->us + get_elapsed (stream, timestamp, clock_rate);
  if (stream->reported) {
    /* The packet with the least delay gives the offset of the clocks. */
    if (!clock->together || us + clock->ahead_us > now_us
        || us + clock->ahead_us < now_us - LOOPBACK_CLOCK_MAX_AGE_US)
      clock->ahead_us = now_us - us;
    clock->together = TRUE;
    us += clock->ahead_us;
  }
  return us <= now_us && us > now_us - LOOPBACK_CLOCK_MAX_AGE_US ? us : now_us;
}
