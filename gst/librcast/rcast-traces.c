/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What each packet on the line carries: a packet of media, or what is sent again of one. */
#include "config.h"

#include "rcast-traces.h"

/* Packets of a session without feedback, a power of two: 4 s at 10 Mbit/s */
#define N_NUMBERS 4096
/* Retransmissions, of each stream: they are a fifth of that at the most. */
#define N_COPIES 1024
/* What an rtprtxsend is to send again hardly waits there; what it does not have any more never
 * leaves. */
#define MAX_EXPECTED 256
#define EXPECTED_MAX_AGE (500 * GST_MSECOND)
/* Where feedback leaves out more, it is about something else. */
#define MAX_LEFT_OUT 100
/* Without BUNDLE each stream has one. Of more, that which was not used for longest is forgotten. */
#define MAX_SESSIONS 16
#define MAX_STREAMS 16

typedef struct
{
  guint16 number, seqnum;
  gboolean known;
  guint32 ssrc;
} Number;

/* What sessions and streams begin with */
typedef struct
{
  guint32 id;                   /* of the session, or SSRC */
  guint64 used;                 /* when, as @uses */
} Entry;

typedef struct
{
  Entry entry;
  const gchar *path;            /* interned, or NULL */
  GstClockTime moved;           /* when packets took another one last; 0: never */
  gboolean reported;            /* there was feedback */
  guint8 report;                /* number of the last one */
  guint16 next;                 /* of the packet behind those that it was about */
  Number numbers[N_NUMBERS];    /* a ring by number */
} Session;

/* A retransmission */
typedef struct
{
  guint16 seqnum;
  gboolean known;
  GstRcastTrace trace;
} Copy;

/* A stream of them */
typedef struct
{
  Entry entry;
  gboolean known;               /* what it repeats */
  guint32 original;             /* SSRC of that, if it is known */
  Copy copies[N_COPIES];        /* a ring by number */
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
  guint64 uses;                 /* how often one of either was */
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
 * @ssrc: of a packet of media
 * @seqnum: its sequence number
 * @padding: whether it is only padding
 * @now: the time
 *
 * The packet is to leave again. Retransmissions have its number in them, but not its SSRC
 * (RFC 4588 4): which stream they are of shows by what was asked for.
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

/* Returns: whether anything is to leave again that has not yet */
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

/* Returns: a Session or Copies, which is a new one of @size if there is none */
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

/* Returns: (nullable): the stream that repeats @ssrc */
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

/* Each stream of retransmissions repeats one stream only (RFC 4588 5.2). Those of several senders
 * overtake each other, and may repeat the same number.
 * @sole: (out): no other one has the number
 * Returns: which one @stream repeats with a packet of number @original, -1: none */
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
  /* Its SSRC has changed, or was taken for another one's. */
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
 * @ssrc: of a packet of no media that leaves
 * @seqnum: its sequence number
 * @original: that of the packet that it repeats
 * @now: the time
 *
 * What was expected leaves.
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

/* Packets of @session_id leave. @path: (nullable): interned: on which */
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

/* Returns: when packets of @session_id took another path than those before last, 0: never */
GstClockTime
gst_rcast_traces_get_moved (const GstRcastTraces * self, guint session_id)
{
  const Session *session = find_session (self, session_id);

  return session ? session->moved : 0;
}

/**
 * gst_rcast_traces_sent:
 * @self: the traces
 * @session_id: of webrtcbin
 * @number: transport-wide number of a packet that leaves
 * @ssrc: of it
 * @seqnum: its sequence number
 *
 * What feedback may be about.
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
 * @session_id: of webrtcbin
 * @first: number of the packet with which feedback begins
 * @count: how many packets it is about
 * @report: its own number
 *
 * Feedback of GStreamer begins with a packet that has arrived: what is missing before that it leaves
 * out.
 *
 * Returns: how many packets before @first were left out since the feedback before, 0, too, if some
 *   may have been lost that was about them
 */
guint
gst_rcast_traces_begin_report (GstRcastTraces * self, guint session_id,
    guint16 first, guint count, guint8 report)
{
  Session *session = use_session (self, session_id);
  guint16 left_out = first - session->next;
  /* GStreamer counts to 254. */
  gboolean follows = session->reported
      && (report == (guint8) (session->report + 1)
      || (report == 0 && session->report == 254));

  if ((gint16) (first + count - session->next) > 0 || !session->reported) {
    session->next = first + count;
    session->report = report;
  }
  session->reported = TRUE;
  return follows && left_out <= MAX_LEFT_OUT ? left_out : 0;
}

/**
 * gst_rcast_traces_find_number:
 * @self: the traces
 * @session_id: of webrtcbin
 * @number: transport-wide number of a packet
 * @trace: (out): what it carries
 *
 * Returns: whether there was such a packet lately
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
 * @ssrc: of any packet
 * @seqnum: its sequence number
 * @trace: (out): what it carries: itself, unless it is known as a retransmission
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
