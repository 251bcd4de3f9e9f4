/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Divides what the paths carry among the streams. */
#include "config.h"

#include "rcast-share.h"

/* IP, UDP, RTP and SRTP take 58 of the 1,200 bytes of a video packet. With an audio packet each
 * 20 ms, IP, UDP and SRTP take AUDIO_OVERHEAD bit/s. */
#define VIDEO_PAYLOAD 0.95
#define AUDIO_OVERHEAD (50 * 38 * 8)

/* Retransmissions take at most this fraction of the sum. */
#define REPAIRS_SHARE 4

/* A paused stream resumes once there is so much more than its minimum. Without the margin it would
 * come and go. */
#define RETURN_MARGIN 1.25

/* What a stream did not use lately goes to others first, except for room to grow: by half in a
 * second, and by so many bit/s. */
#define GROWTH 1.5
#define SPARE 100000
/* A stream that uses so much of its target is taken to use all of it. */
#define ALL_USED 0.8

static guint64
take (guint64 * from, guint64 amount)
{
  guint64 taken = MIN (*from, amount);

  *from -= taken;
  return taken;
}

/* Whether the rate of the stream does not follow a target */
static gboolean
is_fixed (const GstRcastShareStream * stream)
{
  return stream->audio || !stream->follows;
}

static void
serve_fixed (GstRcastShareStream * streams, guint n_streams, gboolean audio,
    guint64 * left)
{
  for (guint i = 0; i < n_streams; i++) {
    GstRcastShareStream *stream = &streams[i];

    if (!is_fixed (stream) || stream->audio != audio)
      continue;
    take (left, audio ? stream->seen + AUDIO_OVERHEAD :
        stream->seen / VIDEO_PAYLOAD);
    stream->target = GST_RCAST_SHARE_ALL;
  }
}

/* Returns: the rate that the stream can use, or, if @soon, that it will soon use */
static guint64
get_limit (const GstRcastShareStream * stream, gboolean soon)
{
  guint64 expected = GROWTH * stream->seen + SPARE;

  return soon ? MIN (stream->max, expected) : stream->max;
}

static gboolean
takes_part (const GstRcastShareStream * stream, gboolean soon)
{
  return !is_fixed (stream) && stream->target > 0
      && stream->target < get_limit (stream, soon);
}

/* Picks the streams in the order in which minimums are served: by weight, then by index.
 * Returns: the stream after @after, or the first; NULL: there are no more */
static GstRcastShareStream *
pick_next (GstRcastShareStream * streams, guint n_streams,
    const GstRcastShareStream * after)
{
  GstRcastShareStream *best = NULL;

  for (guint i = 0; i < n_streams; i++) {
    GstRcastShareStream *stream = &streams[i];

    if (is_fixed (stream))
      continue;
    if (after && (stream->weight > after->weight
            || (stream->weight == after->weight && stream <= after)))
      continue;
    if (!best || stream->weight > best->weight)
      best = stream;
  }
  return best;
}

/* Pauses streams without room for their minimum; the others get it as their target. */
static void
serve_minimums (GstRcastShareStream * streams, guint n_streams, guint64 * left)
{
  GstRcastShareStream *stream = NULL;

  while ((stream = pick_next (streams, n_streams, stream))) {
    guint64 min = MIN (stream->min, stream->max);
    gboolean fits = *left > 0
        && min * (stream->target == 0 ? RETURN_MARGIN : 1) <= *left;

    /* With a minimum of 0, a target of 1 marks a stream that is not paused. */
    stream->target = fits ? MAX (min, 1) : 0;
    take (left, stream->target);
  }
}

/* Returns: what is left after each stream that can use more got its part of @left by weight */
static guint64
serve_round (GstRcastShareStream * streams, guint n_streams, gboolean soon,
    guint64 left)
{
  guint64 weights = 0, rest = left;

  for (guint i = 0; i < n_streams; i++)
    weights += takes_part (&streams[i], soon) ? streams[i].weight : 0;
  for (guint i = 0; i < n_streams && weights > 0; i++) {
    GstRcastShareStream *stream = &streams[i];
    guint64 part = gst_util_uint64_scale (left, stream->weight, weights);

    if (takes_part (stream, soon)) {
      part = MIN (part, get_limit (stream, soon) - stream->target);
      stream->target += take (&rest, part);
    }
  }
  return rest;
}

/* Shares by weight. What a stream cannot use goes to the others in the next round. */
static void
serve_by_weight (GstRcastShareStream * streams, guint n_streams, gboolean soon,
    guint64 * left)
{
  for (guint i = 0; i < n_streams && *left > 0; i++)
    *left = serve_round (streams, n_streams, soon, *left);
}

/* Returns: bit/s on the wire below which a video would be paused, or audio cut */
guint64
gst_rcast_share_get_least (const GstRcastShareStream * streams,
    guint n_streams)
{
  guint64 least = 0;

  for (guint i = 0; i < n_streams; i++) {
    const GstRcastShareStream *stream = &streams[i];

    least += stream->audio ? stream->seen + AUDIO_OVERHEAD :
        MIN (stream->min, stream->max) / VIDEO_PAYLOAD;
  }
  return least;
}

/* Returns: bit/s on the wire that all streams can use, %GST_RCAST_SHARE_ALL: any number; 0: no
 * stream follows its target */
guint64
gst_rcast_share_get_most (const GstRcastShareStream * streams, guint n_streams)
{
  gboolean follows = FALSE;
  guint64 most = 0;

  for (guint i = 0; i < n_streams; i++) {
    const GstRcastShareStream *stream = &streams[i];

    if (stream->audio) {
      most += stream->seen + AUDIO_OVERHEAD;
      continue;
    }
    follows |= stream->follows;
    if (stream->follows && stream->max == GST_RCAST_SHARE_ALL)
      return GST_RCAST_SHARE_ALL;
    most += (stream->follows ? stream->max : stream->seen) / VIDEO_PAYLOAD;
  }
  return follows ? most : 0;
}

static gboolean
uses_all (const GstRcastShareStream * stream)
{
  return stream->target == 0 || (stream->target < stream->max
      && stream->seen >= ALL_USED * stream->target);
}

/**
 * gst_rcast_share:
 * @streams: (array length=n_streams): the streams; the function sets their targets
 * @n_streams: number of @streams
 * @sum: bit/s on the wire for all of them
 * @repairs: bit/s on the wire that retransmissions take
 *
 * Audio gets all it needs, then retransmissions at most a quarter of @sum, then each video its
 * minimum, in the order of weights. The rest is shared by weight. It goes first to what each video
 * will soon use, so that a quiet one holds nothing back.
 *
 * Returns: whether more could be used at once: a video is paused, or uses all it gets
 */
gboolean
gst_rcast_share (GstRcastShareStream * streams, guint n_streams, guint64 sum,
    guint64 repairs)
{
  guint64 left = sum;
  gboolean more = FALSE;

  serve_fixed (streams, n_streams, TRUE, &left);
  take (&left, MIN (repairs, sum / REPAIRS_SHARE));
  serve_fixed (streams, n_streams, FALSE, &left);
  left *= VIDEO_PAYLOAD;
  serve_minimums (streams, n_streams, &left);
  serve_by_weight (streams, n_streams, TRUE, &left);
  serve_by_weight (streams, n_streams, FALSE, &left);
  for (guint i = 0; i < n_streams; i++)
    more |= !is_fixed (&streams[i]) && uses_all (&streams[i]);
  return more;
}
