/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds what each packet on the wire carries: a packet of media, or its retransmission. */
#include "config.h"

#include "rcast-traces.h"

/* Packets to remember of each session for its feedback, a power of two: 4 s at 10 Mbit/s */
#define N_NUMBERS 4096
/* Retransmissions to remember of each stream: at most a fifth of all packets */
#define N_COPIES 1024
/* A retransmission hardly waits in rtprtxsend. One whose packet rtprtxsend no longer has never
 * leaves. */
#define MAX_EXPECTED 256
#define EXPECTED_MAX_AGE (500 * GST_MSECOND)
/* If more packets seem left out, the feedback is about something else. */
#define MAX_LEFT_OUT 100
/* Without BUNDLE each stream has its own session. When there are more, the least recently used one
 * is forgotten. */
#define MAX_SESSIONS 16
#define MAX_STREAMS 16

typedef struct
{
  guint16 number, seqnum;
  gboolean known;
  guint32 ssrc;
} Number;

/* Common head of sessions and streams */
typedef struct
{
  guint32 id;                   /* number of the session, or SSRC */
  guint64 used;                 /* value of @uses at the last use */
} Entry;

typedef struct
{
  Entry entry;
  const gchar *path;            /* interned, or NULL */
  GstClockTime moved;           /* when packets last moved to another path; 0: never */
  gboolean reported;            /* there was feedback */
  guint8 report;                /* number of the last report */
  guint16 next;                 /* number of the packet after those of the last report */
  Number numbers[N_NUMBERS];    /* ring, by number */
} Session;

/* A retransmission */
typedef struct
{
  guint16 seqnum;
  gboolean known;
  GstRcastTrace trace;
} Copy;

/* A stream of retransmissions */
typedef struct
{
  Entry entry;
  gboolean known;               /* @original is known */
  guint32 original;             /* SSRC of the stream that it repeats */
  Copy copies[N_COPIES];        /* ring, by sequence number */
} Copies;

typedef struct
{
  guint32 ssrc;
  guint16 seqnum;
  gboolean padding;
  GstClockTime since;
} Expected;

struct _GstRcastTraces
{
  GPtrArray *sessions;          /* of Session */
  GArray *expected;             /* of Expected, in order */
  GPtrArray *streams;           /* of Copies */
  guint64 uses;                 /* counts the uses of sessions and streams */
};

GstRcastTraces *
gst_rcast_traces_new (void)
{
  GstRcastTraces *self = g_new0 (GstRcastTraces, 1);

  self->sessions = g_ptr_array_new_with_free_func (g_free);
  self->streams = g_ptr_array_new_with_free_func (g_free);
  self->expected = g_array_new (FALSE, FALSE, sizeof (Expected));
  return self;
}

void
gst_rcast_traces_free (GstRcastTraces * self)
{
  g_ptr_array_unref (self->sessions);
  g_ptr_array_unref (self->streams);
  g_array_unref (self->expected);
  g_free (self);
}

/**
 * gst_rcast_traces_expect:
 * @self: the traces
 * @ssrc: SSRC of a packet of media
 * @seqnum: its sequence number
 * @padding: whether it is sent only as padding
 * @now: the time
 *
 * The packet is going to be sent again. A retransmission has the sequence number of the packet in
 * it, but not its SSRC (RFC 4588 4): only the expected packets tell which stream it belongs to.
 */
void
gst_rcast_traces_expect (GstRcastTraces * self, guint32 ssrc, guint16 seqnum,
    gboolean padding, GstClockTime now)
{
  Expected fresh = { ssrc, seqnum, padding, now };

  if (self->expected->len == MAX_EXPECTED)
    g_array_remove_index (self->expected, 0);
  g_array_append_val (self->expected, fresh);
}

static const Expected *
get_expected (const GstRcastTraces * self, guint i)
{
  return &g_array_index (self->expected, Expected, i);
}

/* Returns: whether an expected retransmission has not left yet */
gboolean
gst_rcast_traces_is_expected (GstRcastTraces * self, GstClockTime now)
{
  guint n = 0;

  while (n < self->expected->len
      && now > get_expected (self, n)->since + EXPECTED_MAX_AGE)
    n++;
  g_array_remove_range (self->expected, 0, n);
  return self->expected->len > 0;
}

/* Returns: (nullable): a Session or Copies */
static gpointer
find_entry (const GPtrArray * entries, guint32 id)
{
  for (guint i = 0; i < entries->len; i++) {
    Entry *entry = g_ptr_array_index (entries, i);

    if (entry->id == id)
      return entry;
  }
  return NULL;
}

static void
forget_oldest (GPtrArray * entries)
{
  Entry *oldest = g_ptr_array_index (entries, 0);

  for (guint i = 1; i < entries->len; i++) {
    Entry *entry = g_ptr_array_index (entries, i);

    if (entry->used < oldest->used)
      oldest = entry;
  }
  g_ptr_array_remove (entries, oldest);
}

/* Returns: a Session or Copies; a new one of @size if there is none */
static gpointer
use_entry (GstRcastTraces * self, GPtrArray * entries, guint32 id, gsize size,
    guint most)
{
  Entry *entry = find_entry (entries, id);

  if (!entry) {
    if (entries->len == most)
      forget_oldest (entries);
    entry = g_malloc0 (size);
    entry->id = id;
    g_ptr_array_add (entries, entry);
  }
  entry->used = ++self->uses;
  return entry;
}

/* Returns: (nullable): the stream of retransmissions of @ssrc */
static Copies *
find_repeating (const GstRcastTraces * self, guint32 ssrc)
{
  for (guint i = 0; i < self->streams->len; i++) {
    Copies *stream = g_ptr_array_index (self->streams, i);

    if (stream->known && stream->original == ssrc)
      return stream;
  }
  return NULL;
}

/* Each stream of retransmissions repeats one stream only (RFC 4588 5.2). Retransmissions of several
 * streams overtake each other and may repeat the same sequence number.
 * @sole: (out): only one expected packet has the number
 * Returns: index of the expected packet that @stream repeats with number @original, -1: none */
static gint
choose_expected (const GstRcastTraces * self, const Copies * stream,
    guint16 original, gboolean * sole)
{
  gint free = -1, taken = -1;
  guint n_free = 0, n_taken = 0;

  for (guint i = 0; i < self->expected->len; i++) {
    const Expected *expected = get_expected (self, i);
    const Copies *other = find_repeating (self, expected->ssrc);

    if (expected->seqnum != original)
      continue;
    *sole = TRUE;
    if (other == stream)
      return i;
    if (!other && n_free++ == 0)
      free = i;
    else if (other && n_taken++ == 0)
      taken = i;
  }
  *sole = n_free + n_taken == 1;
  /* The SSRC of the stream has changed, or another stream was mistaken for it. */
  return free >= 0 ? free : *sole ? taken : -1;
}

static void
learn (GstRcastTraces * self, Copies * stream, guint32 original)
{
  Copies *other = find_repeating (self, original);

  if (other)
    other->known = FALSE;
  stream->known = TRUE;
  stream->original = original;
}

/**
 * gst_rcast_traces_sent_again:
 * @self: the traces
 * @ssrc: SSRC of a retransmission that leaves
 * @seqnum: its sequence number
 * @original: sequence number of the packet that it repeats
 * @now: the time
 *
 * Matches the retransmission to an expected packet.
 */
void
gst_rcast_traces_sent_again (GstRcastTraces * self, guint32 ssrc,
    guint16 seqnum, guint16 original, GstClockTime now)
{
  gboolean sole = FALSE;
  Copies *stream;
  Expected found;
  gint at;

  if (!gst_rcast_traces_is_expected (self, now))
    return;
  stream = use_entry (self, self->streams, ssrc, sizeof (Copies), MAX_STREAMS);
  at = choose_expected (self, stream, original, &sole);
  if (at < 0)
    return;
  found = *get_expected (self, at);
  g_array_remove_index (self->expected, at);
  if (sole)
    learn (self, stream, found.ssrc);
  stream->copies[seqnum % N_COPIES] = (Copy) { seqnum, TRUE,
    {found.ssrc, original, now, found.padding} };
}

/* Returns: (nullable) */
static const Session *
find_session (const GstRcastTraces * self, guint id)
{
  return find_entry (self->sessions, id);
}

static Session *
use_session (GstRcastTraces * self, guint id)
{
  return use_entry (self, self->sessions, id, sizeof (Session), MAX_SESSIONS);
}

/* Packets of @session_id leave on @path. @path: (nullable): interned */
void
gst_rcast_traces_carry (GstRcastTraces * self, guint session_id,
    const gchar * path, GstClockTime now)
{
  gboolean known = find_session (self, session_id) != NULL;
  Session *session = use_session (self, session_id);

  if (known && session->path != path)
    session->moved = now;
  session->path = path;
}

/* Returns: when packets of @session_id last moved to another path, 0: never */
GstClockTime
gst_rcast_traces_get_moved (const GstRcastTraces * self, guint session_id)
{
  const Session *session = find_session (self, session_id);

  return session ? session->moved : 0;
}

/**
 * gst_rcast_traces_sent:
 * @self: the traces
 * @session_id: RTP session of webrtcbin
 * @number: transport-wide number of a packet that leaves
 * @ssrc: its SSRC
 * @seqnum: its sequence number
 *
 * Notes a packet that feedback may be about.
 */
void
gst_rcast_traces_sent (GstRcastTraces * self, guint session_id, guint16 number,
    guint32 ssrc, guint16 seqnum)
{
  Session *session = use_session (self, session_id);

  session->numbers[number % N_NUMBERS] =
      (Number) { number, seqnum, TRUE, ssrc };
}

/**
 * gst_rcast_traces_begin_report:
 * @self: the traces
 * @session_id: RTP session of webrtcbin
 * @first: number of the first packet of the feedback
 * @count: number of packets in the feedback
 * @report: number of the feedback itself
 * @follows: (out): whether no feedback was lost between the previous one and this
 *
 * Feedback of GStreamer begins with a packet that has arrived: it leaves out packets that are
 * missing before it.
 *
 * Returns: number of packets between the previous feedback and @first; 0 also if they are too many
 */
guint
gst_rcast_traces_begin_report (GstRcastTraces * self, guint session_id,
    guint16 first, guint count, guint8 report, gboolean * follows)
{
  Session *session = use_session (self, session_id);
  guint16 left_out = first - session->next;
  gboolean known = session->reported;

  /* GStreamer counts to 254. */
  *follows = known && (report == (guint8) (session->report + 1)
      || (report == 0 && session->report == 254));
  if ((gint16) (first + count - session->next) > 0 || !session->reported) {
    session->next = first + count;
    session->report = report;
  }
  session->reported = TRUE;
  return known && left_out <= MAX_LEFT_OUT ? left_out : 0;
}

/**
 * gst_rcast_traces_find_number:
 * @self: the traces
 * @session_id: RTP session of webrtcbin
 * @number: transport-wide number of a packet
 * @trace: (out): what it carries
 *
 * Returns: whether such a packet was sent lately
 */
gboolean
gst_rcast_traces_find_number (const GstRcastTraces * self, guint session_id,
    guint16 number, GstRcastTrace * trace)
{
  const Session *session = find_session (self, session_id);
  const Number *found = session ? &session->numbers[number % N_NUMBERS] : NULL;

  if (!found || !found->known || found->number != number)
    return FALSE;
  gst_rcast_traces_find (self, found->ssrc, found->seqnum, trace);
  return TRUE;
}

/**
 * gst_rcast_traces_find:
 * @self: the traces
 * @ssrc: SSRC of any packet
 * @seqnum: its sequence number
 * @trace: (out): what it carries: itself, unless it is a known retransmission
 */
void
gst_rcast_traces_find (const GstRcastTraces * self, guint32 ssrc,
    guint16 seqnum, GstRcastTrace * trace)
{
  const Copies *stream = find_entry (self->streams, ssrc);
  const Copy *copy = stream ? &stream->copies[seqnum % N_COPIES] : NULL;

  if (copy && copy->known && copy->seqnum == seqnum)
    *trace = copy->trace;
  else
    *trace = (GstRcastTrace) { ssrc, seqnum, GST_CLOCK_TIME_NONE };
}
