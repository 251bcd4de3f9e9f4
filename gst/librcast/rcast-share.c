/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Splits what the paths carry among the streams. */
#include "config.h"

#include "rcast-share.h"

/* IP, UDP, RTP, and SRTP take 58 bytes of a packet of video, of 1,200. With a packet of sound
 * each 20 ms, IP, UDP, and SRTP take so much. */
#define VIDEO_PAYLOAD 0.95
#define AUDIO_OVERHEAD (50 * 38 * 8)

/* Retransmissions take at most so much of the sum. */
#define REPAIRS_SHARE 4

/* What is paused goes on when there is so much more than its minimum, or it would come and
 * go. */
#define RETURN_MARGIN 1.25

/* What a stream did not use lately is given to others before it is kept for it: it may
 * grow by half in a second, and by so many bit/s. */
#define GROWTH 1.5
#define SPARE 100000
/* Who uses so much of the target uses all of it. */
#define ALL_USED 0.8

static guint64
take (guint64 * from, guint64 amount)
{
  guint64 taken = MIN (*from, amount);

  *from -= taken;
  return taken;
}

/* Whether the stream takes what it takes, whatever there is */
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

/* Returns: what the stream will soon use, or, if not @soon, can use */
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

/* The order in which minimums are served: by weight, equal ones as they come.
 * Returns: the one that comes after @after, or the first; NULL: there are no more */
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

/* Pauses those without room for their minimum; of the others the target is that. */
static void
serve_minimums (GstRcastShareStream * streams, guint n_streams, guint64 * left)
{
  GstRcastShareStream *stream = NULL;

  while ((stream = pick_next (streams, n_streams, stream))) {
    guint64 min = MIN (stream->min, stream->max);
    gboolean fits = *left > 0
        && min * (stream->target == 0 ? RETURN_MARGIN : 1) <= *left;

    /* With a minimum of 0, 1 stands for a stream that is not paused. */
    stream->target = fits ? MAX (min, 1) : 0;
    take (left, stream->target);
  }
}

/* Returns: what is left after everyone who can use more got a part of @left by weight */
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

/* By weight: who reaches the limit leaves the others a part of what was meant for it. */
static void
serve_by_weight (GstRcastShareStream * streams, guint n_streams, gboolean soon,
    guint64 * left)
{
  for (guint i = 0; i < n_streams && *left > 0; i++)
    *left = serve_round (streams, n_streams, soon, *left);
}

/* Returns: bit/s on the wire without which a video would be paused, or sound cut */
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

/* Returns: bit/s on the wire that all can use, %GST_RCAST_SHARE_ALL: any number; 0: none follows
 * what it gets */
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
 * @streams: (array length=n_streams): the streams; their targets are set
 * @n_streams: how many
 * @sum: bit/s on the wire that all together may take
 * @repairs: bit/s on the wire that retransmissions take
 *
 * Sound gets all it wants, then retransmissions a quarter of @sum at the most, then each
 * video its minimum, those with the greater weight first. The rest goes by weight, first
 * to what each video will soon use, so that one that is quiet holds back nothing.
 *
 * Returns: whether more would be used at once: a video is paused, or uses all it gets
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
