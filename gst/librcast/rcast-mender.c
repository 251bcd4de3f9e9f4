/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What leaves again of the packets of one webrtcbin: what is asked for, what is missing, what leaves twice. */
#include "config.h"

#include "rcast-mender.h"

#include "rcast-feedback.h"
#include "rcast-rtp.h"
#include "rcast-seconds.h"
#include "rcast-traces.h"

/* Of what one report misses so many packets leave at once, and the others one by one: at the rate
 * that paths carry, if that is known. */
#define MAX_MISSED 4
#define APART_LEAST (2 * GST_MSECOND)
#define APART_MOST (20 * GST_MSECOND)
/* Who is overtaken by fewer packets is only late (RFC 9002 6.1.1). Where much is lost by chance one
 * that left in vain costs less than to wait until it is asked for. */
#define MAX_OVERTAKEN 3
#define MAX_OVERTAKEN_LOSSY 1

/* A stream that webrtcbin does not repair */
typedef struct
{
  guint32 ssrc;
  guint session;                /* of webrtcbin */
} Plain;

struct _GstRcastMender
{
  GstRcastRepairs *repairs;
  GstRcastDoubles *doubles;
  GstRcastSeconds *seconds;
  GstRcastTraces *traces;
  GstRcastPadding *padding;
  GArray *plain;                /* of Plain */
  GstClockTime round_trip;      /* 0: not known */
  gboolean reported;            /* @round_trip is by reports */
  GstClockTime apart;           /* what is missed leaves one by one */
  gboolean stopped;
};

GstRcastMender *
gst_rcast_mender_new (void)
{
  GstRcastMender *self = g_new0 (GstRcastMender, 1);

  self->repairs = gst_rcast_repairs_new ();
  self->doubles = gst_rcast_doubles_new ();
  self->seconds = gst_rcast_seconds_new ();
  self->traces = gst_rcast_traces_new ();
  self->padding = gst_rcast_padding_new ();
  self->plain = g_array_new (FALSE, FALSE, sizeof (Plain));
  self->apart = APART_LEAST;
  return self;
}

void
gst_rcast_mender_free (GstRcastMender * self)
{
  gst_rcast_repairs_free (self->repairs);
  gst_rcast_doubles_free (self->doubles);
  gst_rcast_seconds_free (self->seconds);
  gst_rcast_traces_free (self->traces);
  gst_rcast_padding_free (self->padding);
  g_array_unref (self->plain);
  g_free (self);
}

/* Nothing leaves unasked any more. */
void
gst_rcast_mender_stop (GstRcastMender * self)
{
  self->stopped = TRUE;
}

/* Returns: whether the server wants @ssrc repaired by the same packets again, if at all */
gboolean
gst_rcast_mender_is_plain (const GstRcastMender * self, guint32 ssrc)
{
  for (guint i = 0; i < self->plain->len; i++)
    if (g_array_index (self->plain, Plain, i).ssrc == ssrc)
      return TRUE;
  return FALSE;
}

/* @ssrc: of a stream that the server wants repaired by the same packets again, if at all
 * @session: of webrtcbin, that carries it
 *
 * Before any of it is sent; twice is fine. */
void
gst_rcast_mender_add_plain (GstRcastMender * self, guint32 ssrc, guint session)
{
  Plain fresh = { ssrc, session };

  if (!gst_rcast_mender_is_plain (self, ssrc))
    g_array_append_val (self->plain, fresh);
}

/* @ssrc: of a video that is plain
 *
 * As gst_rcast_mender_add_video(). Returns: whether it is a new one */
gboolean
gst_rcast_mender_add_plain_video (GstRcastMender * self, guint32 ssrc,
    GstRcastCodec codec)
{
  return gst_rcast_doubles_add_stream (self->doubles, ssrc, codec);
}

/* @ssrc: of a video, which the server wants repaired in a stream of retransmissions
 * @session: of webrtcbin, that carries it
 *
 * What would be missed most of it may leave twice, and all of it as padding. Before any of it is
 * sent; twice is fine. */
void
gst_rcast_mender_add_video (GstRcastMender * self, guint32 ssrc,
    GstRcastCodec codec, guint session)
{
  gst_rcast_doubles_add_stream (self->doubles, ssrc, codec);
  gst_rcast_padding_add_stream (self->padding, ssrc, session);
}

/* As gst_rcast_doubles_heed() */
gboolean
gst_rcast_mender_heed (GstRcastMender * self, const GstRcastDoublesView * view,
    GstClockTime now)
{
  if (!self->reported)
    self->round_trip = view->round_trip;
  gst_rcast_seconds_set_spare (self->seconds, view->spare);
  return gst_rcast_doubles_heed (self->doubles, view, now);
}

/* What a report of the server says of the path: who only feeds back has none, and is a bit farther
 * by that. */
void
gst_rcast_mender_set_round_trip (GstRcastMender * self, GstClockTime round_trip)
{
  self->round_trip = round_trip;
  self->reported = TRUE;
}

/* As gst_rcast_repairs_set_rate() */
void
gst_rcast_mender_set_rate (GstRcastMender * self, guint64 rate)
{
  gst_rcast_repairs_set_rate (self->repairs, rate);
  self->apart = CLAMP (8 * GST_RCAST_MENDER_LOOK * GST_SECOND / MAX (rate, 1),
      APART_LEAST, APART_MOST);
}

/* What leaves */

/* A packet of a stream that is not plain leaves for the first time, as gst_rcast_repairs_sent(). */
void
gst_rcast_mender_sent (GstRcastMender * self, guint32 ssrc, guint16 seqnum,
    gsize size, GstClockTime now)
{
  gst_rcast_padding_sent (self->padding, ssrc, seqnum, size);
  gst_rcast_repairs_sent (self->repairs, ssrc, seqnum, size, now);
}

/* As gst_rcast_doubles_wants(): only then gst_rcast_mender_look() is of use */
gboolean
gst_rcast_mender_wants (const GstRcastMender * self, guint32 ssrc,
    GstClockTime now)
{
  return gst_rcast_doubles_wants (self->doubles, ssrc, now);
}

/* As gst_rcast_doubles_sent() */
void
gst_rcast_mender_look (GstRcastMender * self, const guint8 * data, gsize size,
    GstClockTime now)
{
  gst_rcast_doubles_sent (self->doubles, data, size, now);
}

/* Returns: whether gst_rcast_mender_sent_again() is of use */
gboolean
gst_rcast_mender_is_expecting (GstRcastMender * self, GstClockTime now)
{
  return gst_rcast_traces_is_expected (self->traces, now);
}

/**
 * gst_rcast_mender_sent_again:
 * @self: the mender
 * @data: (array length=size): a packet, not encrypted yet, or its start
 * @size: of it, in bytes
 * @now: when it leaves
 *
 * Media, or what is sent again, which begins with the number of the packet that it repeats
 * (RFC 4588 4).
 */
void
gst_rcast_mender_sent_again (GstRcastMender * self, const guint8 * data,
    gsize size, GstClockTime now)
{
  GstRcastRtpHeader header;

  if (gst_rcast_rtp_parse_header (data, size, &header)
      && header.payload_size >= 2
      && !gst_rcast_repairs_has_stream (self->repairs, header.ssrc))
    gst_rcast_traces_sent_again (self->traces, header.ssrc, header.sequence,
        gst_rcast_rtp_read_u16 (data + header.payload_offset), now);
}

/* As gst_rcast_traces_carry() */
void
gst_rcast_mender_carry (GstRcastMender * self, guint session,
    const gchar * path, GstClockTime now)
{
  gst_rcast_traces_carry (self->traces, session, path, now);
}

/**
 * gst_rcast_mender_keep:
 * @self: the mender
 * @session: of webrtcbin
 * @data: (array length=size): what leaves in it, of whatever kind, encrypted
 * @size: of it, in bytes
 * @now: when it leaves
 *
 * Keeps what is plain, and what feedback will say of the packet by.
 */
void
gst_rcast_mender_keep (GstRcastMender * self, guint session,
    const guint8 * data, gsize size, GstClockTime now)
{
  GstRcastRtpHeader header;
  guint16 number;

  if (!gst_rcast_rtp_parse_header (data, size, &header))
    return;
  if (gst_rcast_mender_is_plain (self, header.ssrc))
    gst_rcast_repairs_keep (self->repairs, header.ssrc, header.sequence, data,
        size, now);
  if (gst_rcast_rtp_find_twcc (data, size, GST_RCAST_RTP_TWCC_ID, &number))
    gst_rcast_traces_sent (self->traces, session, number, header.ssrc,
        header.sequence);
}

/* As gst_rcast_repairs_hold() */
void
gst_rcast_mender_hold (GstRcastMender * self, guint32 ssrc, guint16 seqnum,
    GstClockTime until)
{
  gst_rcast_repairs_hold (self->repairs, ssrc, seqnum, until);
}

/* Who has never asked may not want a packet again, or take it for something else.
 * @trace: of one that is missing */
static gboolean
is_wanted (const GstRcastMender * self, const GstRcastTrace * trace,
    GstClockTime now)
{
  return !self->stopped
      && gst_rcast_doubles_is_known (self->doubles, trace->ssrc, now)
      && gst_rcast_repairs_is_missing (self->repairs, trace->ssrc,
      trace->seqnum, trace->again, self->round_trip, now);
}

/* Packet @number of @session is lost, and not only overtaken by others on other paths: if it was held
 * for that, it leaves again. Feedback alone does not tell so where packets take several paths. */
void
gst_rcast_mender_release (GstRcastMender * self, guint session, guint16 number,
    GstClockTime now)
{
  GstRcastTrace trace;

  if (gst_rcast_traces_find_number (self->traces, session, number, &trace)
      && !trace.padding
      && gst_rcast_repairs_release (self->repairs, trace.ssrc, trace.seqnum)
      && is_wanted (self, &trace, now))
    gst_rcast_seconds_plan (self->seconds, &(GstRcastSecond) { trace.ssrc,
          trace.seqnum, gst_rcast_mender_is_plain (self, trace.ssrc), now,
          now });
}

/* What is asked for */

static GstRcastRepair
decide (GstRcastMender * self, guint32 ssrc, guint16 seqnum, gboolean plain,
    GstClockTime now)
{
  GstClockTime late = gst_rcast_seconds_get_late (self->seconds, now);
  GstRcastRepair repair;

  gst_rcast_repairs_set_feedback (self->repairs, late);
  repair = gst_rcast_repairs_request (self->repairs, ssrc, seqnum,
      self->round_trip, now);
  if (repair == GST_RCAST_REPAIR_GRANTED) {
    gst_rcast_doubles_repaired (self->doubles, ssrc, now);
    gst_rcast_seconds_repaired (self->seconds, ssrc, seqnum, plain,
        gst_rcast_repairs_get_age (self->repairs, ssrc, seqnum, now), now);
  } else if (repair == GST_RCAST_REPAIR_LATER) {
    gst_rcast_seconds_plan (self->seconds, &(GstRcastSecond) { ssrc, seqnum,
          plain, now, gst_rcast_repairs_get_last (self->repairs, ssrc, seqnum)
          + self->round_trip + late });
  }
  return repair;
}

/* The server asks for a packet in a stream of retransmissions; a plain one it does not get. As
 * gst_rcast_repairs_request() */
GstRcastRepair
gst_rcast_mender_request (GstRcastMender * self, guint32 ssrc, guint16 seqnum,
    GstClockTime now)
{
  GstRcastRepair repair = gst_rcast_mender_is_plain (self, ssrc) ?
      GST_RCAST_REPAIR_UNKNOWN : decide (self, ssrc, seqnum, FALSE, now);
  gboolean granted = repair == GST_RCAST_REPAIR_GRANTED;

  gst_rcast_padding_requested (self->padding, ssrc, seqnum, granted, now);
  if (granted)
    gst_rcast_traces_expect (self->traces, ssrc, seqnum, FALSE, now);
  return repair;
}

/* The server asks for a packet. Returns: (nullable) (transfer full): it, if it is plain, and is to
 * leave once more */
GBytes *
gst_rcast_mender_request_plain (GstRcastMender * self, guint32 ssrc,
    guint16 seqnum, GstClockTime now)
{
  if (!gst_rcast_mender_is_plain (self, ssrc))
    return NULL;
  gst_rcast_padding_requested (self->padding, ssrc, seqnum, FALSE, now);
  return decide (self, ssrc, seqnum, TRUE, now) == GST_RCAST_REPAIR_GRANTED ?
      gst_rcast_repairs_dup (self->repairs, ssrc, seqnum) : NULL;
}

/* What leaves unasked */

/* @ssrc: 0: any stream that webrtcbin repairs
 * Returns: whether a packet of @ssrc is to leave a second time now */
static gboolean
take_second (GstRcastMender * self, guint32 ssrc, GstRcastDouble * due,
    GstClockTime now)
{
  GstRcastSecond second;

  while (gst_rcast_seconds_next (self->seconds, ssrc, &second, now)) {
    *due = (GstRcastDouble) { second.ssrc, second.seqnum, FALSE };
    if (GST_CLOCK_TIME_IS_VALID (second.asked) ?
        gst_rcast_repairs_missed (self->repairs, second.ssrc, second.seqnum,
            second.asked, self->round_trip, now) :
        gst_rcast_repairs_second (self->repairs, second.ssrc, second.seqnum,
            self->round_trip, now))
      return TRUE;
  }
  return FALSE;
}

/* Returns: whether a packet of @ssrc is to leave twice now, for which the budget has room */
static gboolean
take_double (GstRcastMender * self, guint32 ssrc, GstRcastDouble * due,
    GstClockTime now)
{
  while (gst_rcast_doubles_next (self->doubles, ssrc, due, now))
    if (gst_rcast_repairs_double (self->repairs, due->ssrc, due->seqnum,
            due->key, now))
      return TRUE;
  return FALSE;
}

static gboolean
take_any (GstRcastMender * self, guint32 ssrc, GstRcastDouble * due,
    GstClockTime now)
{
  return take_second (self, ssrc, due, now)
      || take_double (self, ssrc, due, now);
}

/**
 * gst_rcast_mender_list_due:
 * @self: the mender
 * @ssrc: of a stream, of which a packet leaves
 * @due: (out) (array fixed-size=GST_RCAST_MENDER_AT_ONCE): packets that are not plain
 * @now: the time
 *
 * What is to leave a second time waits for no packet of its own stream: sound leaves while a
 * picture pauses between its frames.
 *
 * Returns: how many packets are to leave once more now without a request
 */
guint
gst_rcast_mender_list_due (GstRcastMender * self, guint32 ssrc,
    GstRcastDouble * due, GstClockTime now)
{
  guint n = 0;

  while (n < GST_RCAST_MENDER_AT_ONCE && !self->stopped
      && (take_second (self, 0, &due[n], now)
          || take_double (self, ssrc, &due[n], now))) {
    gst_rcast_traces_expect (self->traces, due[n].ssrc, due[n].seqnum, FALSE,
        now);
    n++;
  }
  return n;
}

/* What gst_rcast_mender_list_due() has told could not be done. */
void
gst_rcast_mender_take_back (GstRcastMender * self, guint32 ssrc, guint16 seqnum)
{
  gst_rcast_repairs_take_back (self->repairs, ssrc, seqnum);
}

/**
 * gst_rcast_mender_take_plain:
 * @self: the mender
 * @session: (out): of webrtcbin, in which the packet is to leave
 * @now: the time
 *
 * Returns: (nullable) (transfer full): a plain packet that is to leave once more now without a
 *   request
 */
GBytes *
gst_rcast_mender_take_plain (GstRcastMender * self, guint * session,
    GstClockTime now)
{
  for (guint i = 0; i < self->plain->len && !self->stopped; i++) {
    const Plain *plain = &g_array_index (self->plain, Plain, i);
    GstRcastDouble due;

    while (take_any (self, plain->ssrc, &due, now)) {
      GBytes *packet =
          gst_rcast_repairs_dup (self->repairs, due.ssrc, due.seqnum);

      *session = plain->session;
      if (packet)
        return packet;
      gst_rcast_repairs_take_back (self->repairs, due.ssrc, due.seqnum);
    }
  }
  return NULL;
}

/* What feedback says */

/* One packet of RTCP */
typedef struct
{
  GstRcastMender *self;
  guint session;
  GPtrArray *plain;
  GArray *missed;
  GstClockTime now;
  guint n_missed;               /* that were missing */
  guint16 newest;               /* number that has arrived, of those that are read */
} Reading;

/* Returns: whether what is said of packet @number tells if it is lost */
static gboolean
is_believed (const Reading * reading, guint16 number,
    const GstRcastTrace * trace, gboolean received)
{
  GstRcastMender *self = reading->self;
  gint16 overtaken_by = reading->newest - number;
  gint most = gst_rcast_seconds_is_lossy (self->seconds) ?
      MAX_OVERTAKEN_LOSSY : MAX_OVERTAKEN;

  return !trace->padding && (received || overtaken_by >= most)
      && gst_rcast_repairs_is_in_order (self->repairs, trace->ssrc,
      trace->seqnum, trace->again,
      gst_rcast_traces_get_moved (self->traces, reading->session));
}

/* @trace: of a packet that is missing. Returns: whether it leaves later, unless it has arrived then */
static gboolean
wait_for_others (Reading * reading, const GstRcastTrace * trace)
{
  GstRcastMender *self = reading->self;
  gint wait = ++reading->n_missed - MAX_MISSED;

  if (wait > 0)
    gst_rcast_seconds_plan (self->seconds, &(GstRcastSecond) { trace->ssrc,
          trace->seqnum, gst_rcast_mender_is_plain (self, trace->ssrc),
          reading->now, reading->now + wait * self->apart });
  return wait > 0;
}

static void
note_arrived (GstRcastMender * self, const GstRcastTrace * trace)
{
  gst_rcast_repairs_came (self->repairs, trace->ssrc, trace->seqnum);
  if (GST_CLOCK_TIME_IS_VALID (trace->again))
    gst_rcast_padding_came (self->padding, trace->ssrc, trace->seqnum,
        trace->again);
}

/* @trace: of a packet that is missing */
static void
send_again (Reading * reading, const GstRcastTrace * trace)
{
  GstRcastMender *self = reading->self;
  GBytes *packet;

  if (!gst_rcast_repairs_missed (self->repairs, trace->ssrc, trace->seqnum,
          trace->again, self->round_trip, reading->now))
    return;
  gst_rcast_seconds_repaired (self->seconds, trace->ssrc, trace->seqnum,
      gst_rcast_mender_is_plain (self, trace->ssrc),
      gst_rcast_repairs_get_age (self->repairs, trace->ssrc, trace->seqnum,
          reading->now), reading->now);
  packet = gst_rcast_repairs_dup (self->repairs, trace->ssrc, trace->seqnum);
  if (packet) {
    g_ptr_array_add (reading->plain, packet);
  } else {
    gst_rcast_traces_expect (self->traces, trace->ssrc, trace->seqnum, FALSE,
        reading->now);
    g_array_append_vals (reading->missed, trace, 1);
  }
}

static void
on_status (Reading * reading, guint16 number, const GstRcastTrace * trace,
    gboolean received)
{
  GstRcastMender *self = reading->self;
  gboolean believed = is_believed (reading, number, trace, received);

  if (believed)
    gst_rcast_seconds_note (self->seconds, received, reading->now);
  if (received)
    note_arrived (self, trace);
  else if (believed && is_wanted (self, trace, reading->now)
      && !wait_for_others (reading, trace))
    send_again (reading, trace);
}

static void
on_newest (guint16 number, gpointer data)
{
  ((Reading *) data)->newest = number;
}

/* Of transport-wide feedback, which leaves out packets before @first: if none of it was lost, they
 * have not arrived */
static void
on_begin (guint16 first, guint count, guint8 report, gpointer data)
{
  Reading *reading = data;
  GstRcastTraces *traces = reading->self->traces;
  guint n = gst_rcast_traces_begin_report (traces, reading->session, first,
      count, report);
  GstRcastTrace trace;

  for (; n > 0; n--)
    if (gst_rcast_traces_find_number (traces, reading->session, first - n,
            &trace))
      on_status (reading, first - n, &trace, FALSE);
}

/* The same */
static void
on_arrival (guint16 number, GstClockTime arrival, gpointer data)
{
  Reading *reading = data;
  GstRcastTrace trace;

  if (gst_rcast_traces_find_number (reading->self->traces, reading->session,
          number, &trace))
    on_status (reading, number, &trace, GST_CLOCK_TIME_IS_VALID (arrival));
}

/* Of RFC 8888 */
static void
on_packet_status (guint32 ssrc, guint16 seqnum, gboolean received,
    GstClockTime arrival, gpointer data)
{
  Reading *reading = data;
  GstRcastTrace trace;

  gst_rcast_traces_find (reading->self->traces, ssrc, seqnum, &trace);
  on_status (reading, seqnum, &trace, received);
}

static const GstRcastFeedbackCallbacks statuses = {
  .newest = on_newest,.arrival = on_arrival,.packet = on_packet_status,
  .begin = on_begin
};

/* Adds what is to leave a second time: media may be a frame away. */
static void
add_seconds (Reading * reading)
{
  GstRcastMender *self = reading->self;
  GstRcastDouble due;

  for (guint i = 0; i < GST_RCAST_MENDER_AT_ONCE && !self->stopped
      && take_second (self, 0, &due, reading->now); i++) {
    GstRcastTrace trace = { due.ssrc, due.seqnum, GST_CLOCK_TIME_NONE };

    gst_rcast_traces_expect (self->traces, due.ssrc, due.seqnum, FALSE,
        reading->now);
    g_array_append_val (reading->missed, trace);
  }
}

/**
 * gst_rcast_mender_read:
 * @self: the mender
 * @session: of webrtcbin
 * @data: (array length=size): RTCP of the server that came in it
 * @size: of it, in bytes
 * @plain: (element-type GBytes): packets that are to leave as they were are added here
 * @missed: (element-type GstRcastTrace): the same, of packets that webrtcbin is to send again
 * @now: the time
 *
 * What the server does not ask for, but does not have either.
 */
void
gst_rcast_mender_read (GstRcastMender * self, guint session,
    const guint8 * data, gsize size, GPtrArray * plain, GArray * missed,
    GstClockTime now)
{
  Reading reading = { self, session, plain, missed, now };
  /* Only times need what was before. */
  GstRcastFeedback feedback;

  gst_rcast_feedback_init (&feedback);
  gst_rcast_feedback_read (&feedback, data, size, &statuses, &reading);
  add_seconds (&reading);
}

/* Padding */

/* As gst_rcast_padding_next(). What it tells is to leave. */
gboolean
gst_rcast_mender_next_padding (GstRcastMender * self, guint session,
    GstRcastPaddingPacket * packet, GstClockTime now)
{
  if (!gst_rcast_padding_next (self->padding, session, packet))
    return FALSE;
  gst_rcast_traces_expect (self->traces, packet->ssrc, packet->seqnum, TRUE,
      now);
  return TRUE;
}

/* Returns: whether a packet that leaves is padding */
gboolean
gst_rcast_mender_is_padding (const GstRcastMender * self, guint32 ssrc,
    guint16 seqnum)
{
  GstRcastTrace trace;

  gst_rcast_traces_find (self->traces, ssrc, seqnum, &trace);
  return trace.padding;
}

/* As gst_rcast_repairs_add_stats() */
void
gst_rcast_mender_add_stats (const GstRcastMender * self, GstStructure * stats)
{
  gst_rcast_repairs_add_stats (self->repairs, stats);
}
