/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers for the packets of an RTP session that have none in common, and what a receiver says of them. */
#include "config.h"

#include "rcast-labels.h"

/*
 * RFC 8888 names a packet by its stream and by its number there; who judges a path wants the
 * packets of all streams in the order in which they left, as transport-wide numbers have it.
 */

/* Packets of each stream whose labels are known, a power of two: as rcast-departures has */
#define N_LABELS 4096
/* Streams of one session, with those of retransmissions. Those of a webrtcbin stay the same;
 * of more the one falls out that was sent longest ago. */
#define N_STREAMS 64
/* An older packet has a number that may be that of a newer one, too. */
#define OLDEST 32768

/* What the receiver has said of a packet */
typedef enum
{
  SAID_NOTHING,
  SAID_MISSING,
  SAID_RECEIVED,
} Said;

typedef struct
{
  guint32 serial;               /* its last 16 bits are the number */
  guint16 seqnum;
  guint8 known;                 /* whether there is a packet */
  guint8 said;                  /* Said */
} Label;

typedef struct
{
  guint32 ssrc;
  guint32 last;                 /* serial */
  Label labels[N_LABELS];
} Stream;

typedef struct
{
  guint32 serial;
  gboolean received, first;     /* the first that is said of it */
  GstClockTime arrival;
} News;

struct _GstRcastLabels
{
  GPtrArray *streams;           /* of Stream */
  guint32 next;                 /* serial */
  GArray *news;                 /* of News */
};

GstRcastLabels *
gst_rcast_labels_new (void)
{
  GstRcastLabels *self = g_new0 (GstRcastLabels, 1);

  self->streams = g_ptr_array_new_with_free_func (g_free);
  self->news = g_array_new (FALSE, FALSE, sizeof (News));
  return self;
}

void
gst_rcast_labels_free (GstRcastLabels * self)
{
  g_ptr_array_unref (self->streams);
  g_array_unref (self->news);
  g_free (self);
}

static Stream *
get_stream (const GstRcastLabels * self, guint i)
{
  return g_ptr_array_index (self->streams, i);
}

/* Returns: (nullable) */
static Stream *
find_stream (const GstRcastLabels * self, guint32 ssrc)
{
  for (guint i = 0; i < self->streams->len; i++)
    if (get_stream (self, i)->ssrc == ssrc)
      return get_stream (self, i);
  return NULL;
}

static void
drop_oldest (GstRcastLabels * self)
{
  guint oldest = 0;

  for (guint i = 1; i < self->streams->len; i++)
    if (self->next - get_stream (self, i)->last
        > self->next - get_stream (self, oldest)->last)
      oldest = i;
  g_ptr_array_remove_index_fast (self->streams, oldest);
}

static Stream *
add_stream (GstRcastLabels * self, guint32 ssrc)
{
  Stream *stream = g_new0 (Stream, 1);

  stream->ssrc = ssrc;
  if (self->streams->len == N_STREAMS)
    drop_oldest (self);
  g_ptr_array_add (self->streams, stream);
  return stream;
}

/* Returns: (nullable) */
static Label *
find_label (const GstRcastLabels * self, Stream * stream, guint16 seqnum)
{
  Label *label = &stream->labels[seqnum % N_LABELS];

  return label->known && label->seqnum == seqnum
      && self->next - label->serial <= OLDEST ? label : NULL;
}

/**
 * gst_rcast_labels_take:
 * @self: the labels
 * @ssrc: of a packet that leaves
 * @seqnum: of it
 *
 * Returns: its number: one more than that of the packet before, and the same as before of one
 *   that leaves again as it was, or on another path, too
 */
guint16
gst_rcast_labels_take (GstRcastLabels * self, guint32 ssrc, guint16 seqnum)
{
  Stream *stream = find_stream (self, ssrc);
  const Label *known;

  if (!stream)
    stream = add_stream (self, ssrc);
  known = find_label (self, stream, seqnum);
  if (known)
    return known->serial;
  stream->last = self->next;
  stream->labels[seqnum % N_LABELS] =
      (Label) { self->next, seqnum, TRUE, SAID_NOTHING };
  return self->next++;
}

/**
 * gst_rcast_labels_note:
 * @self: the labels
 * @ssrc: of a packet
 * @seqnum: of it
 * @received: whether the receiver has it
 * @arrival: when it arrived, by the receiver's clock, or %GST_CLOCK_TIME_NONE: it did not, or
 *   nobody knows
 *
 * What a receiver says of any packet. What it has said before, and what is about none that was
 * sent, is no news.
 */
void
gst_rcast_labels_note (GstRcastLabels * self, guint32 ssrc, guint16 seqnum,
    gboolean received, GstClockTime arrival)
{
  Stream *stream = find_stream (self, ssrc);
  Label *label = stream ? find_label (self, stream, seqnum) : NULL;
  Said said = received ? SAID_RECEIVED : SAID_MISSING;
  News news;

  /* What has arrived once cannot be lost any more. */
  if (!label || said <= label->said)
    return;
  news = (News) { label->serial, received, label->said == SAID_NOTHING, arrival };
  label->said = said;
  g_array_append_val (self->news, news);
}

static gint
compare (gconstpointer a, gconstpointer b)
{
  gint32 difference = ((const News *) a)->serial - ((const News *) b)->serial;

  return difference < 0 ? -1 : difference > 0;
}

/**
 * gst_rcast_labels_tell:
 * @self: the labels
 * @span: (out): which packets the news are about that there was none of before
 * @func: (scope call): called for each packet of which there is news, in the order in which they
 *   left
 * @data: for @func
 *
 * Tells what was noted since the last call.
 *
 * Returns: whether @span is about any
 */
gboolean
gst_rcast_labels_tell (GstRcastLabels * self, GstRcastFeedbackSpan * span,
    GstRcastLabelsFunc func, gpointer data)
{
  *span = (GstRcastFeedbackSpan) { 0, };
  g_array_sort (self->news, compare);
  for (guint i = 0; i < self->news->len; i++) {
    const News *news = &g_array_index (self->news, News, i);

    if (news->first) {
      span->last = news->serial;
      span->count++;
      span->received += news->received;
    }
    func (news->serial, news->received, news->arrival, data);
  }
  g_array_set_size (self->news, 0);
  return span->count > 0;
}
