/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Common numbers for the packets of all streams of an RTP session, and a receiver's feedback. */
#include "config.h"

#include "rcast-labels.h"

/*
 * RFC 8888 identifies a packet by its stream and its sequence number there. To judge a path, we
 * need the packets of all streams in the order in which they left, as with transport-wide numbers.
 */

/* Labels that are kept per stream, a power of two: as many as rcast-departures keeps */
#define N_LABELS 4096
/* Most streams of one session, including retransmissions. The streams of a webrtcbin stay the same;
 * if there are more, the least recently sent one is dropped. */
#define N_STREAMS 64
/* The number of an older packet may be in use by a newer one. */
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
  guint32 serial;               /* its low 16 bits are the number */
  guint16 seqnum;
  guint8 known;                 /* whether the entry is in use */
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
  gboolean received, first;     /* @first: the first status of the packet */
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
 * @ssrc: SSRC of a packet that leaves
 * @seqnum: sequence number of the packet
 *
 * Returns: number of the packet: the previous number plus one, or the same number as before if the
 *   packet leaves again unchanged or on another path
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
 * @ssrc: SSRC of a packet
 * @seqnum: sequence number of the packet
 * @received: whether the receiver has it
 * @arrival: when it arrived, by the receiver's clock, or %GST_CLOCK_TIME_NONE if it did not arrive
 *   or the time is not known
 *
 * Notes the status of any packet in a receiver's feedback. Ignores repeated statuses, and packets
 * that were not sent.
 */
void
gst_rcast_labels_note (GstRcastLabels * self, guint32 ssrc, guint16 seqnum,
    gboolean received, GstClockTime arrival)
{
  Stream *stream = find_stream (self, ssrc);
  Label *label = stream ? find_label (self, stream, seqnum) : NULL;
  Said said = received ? SAID_RECEIVED : SAID_MISSING;
  News news;

  /* A packet that has arrived cannot get lost later. */
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
 * @span: (out): the packets that have a status for the first time
 * @func: (scope call): called for each packet with a new status, in the order in which they left
 * @data: data for @func
 *
 * Reports what was noted since the last call.
 *
 * Returns: whether @span has any packet
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
