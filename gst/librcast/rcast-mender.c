/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Retransmits the packets of one webrtcbin: on request, on feedback, or unasked. */
#include "config.h"

#include "rcast-mender.h"

#include "rcast-feedback.h"
#include "rcast-rtp.h"
#include "rcast-seconds.h"
#include "rcast-traces.h"

/* Of the packets that one feedback packet reports missing, this many are retransmitted at once. The
 * others follow one by one, at the rate that the paths carry if that is known. */
#define MAX_MISSED 4
#define APART_LEAST (2 * GST_MSECOND)
#define APART_MOST (20 * GST_MSECOND)
/* A packet overtaken by fewer packets than this may only be late (RFC 9002 6.1.1). Where random
 * loss is high, and for audio, a needless retransmission costs less than waiting for a request.
 * Only a packet that MAX_OVERTAKEN have overtaken counts as lost, though: otherwise a path that
 * reorders would seem to lose much for ever. */
#define MAX_OVERTAKEN 3
#define MAX_OVERTAKEN_LOSSY 1

/* A stream that is repaired by resending the same packets, which webrtcbin does not do */
typedef struct
{
  guint32 ssrc;
  guint session;                /* RTP session of webrtcbin */
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
  gboolean reported;            /* @round_trip is from receiver reports */
  GstClockTime apart;           /* interval between retransmissions of missing packets */
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

/* Stops all unasked retransmissions. */
void
gst_rcast_mender_stop (GstRcastMender * self)
{
  self->stopped = TRUE;
}

/* Returns: whether @ssrc is plain: the server wants it repaired, if at all, by resending the same
 * packets */
gboolean
gst_rcast_mender_is_plain (const GstRcastMender * self, guint32 ssrc)
{
  for (guint i = 0; i < self->plain->len; i++)
    if (g_array_index (self->plain, Plain, i).ssrc == ssrc)
      return TRUE;
  return FALSE;
}

/* @ssrc: SSRC of a plain stream
 * @session: RTP session of webrtcbin that carries it
 *
 * Call it before the stream is sent. A second call does nothing. */
void
gst_rcast_mender_add_plain (GstRcastMender * self, guint32 ssrc, guint session)
{
  Plain fresh = { ssrc, session };

  if (!gst_rcast_mender_is_plain (self, ssrc))
    g_array_append_val (self->plain, fresh);
}

/* @ssrc: SSRC of an audio stream, plain or not
 *
 * Its packets that transport-wide feedback misses are sent again at once, whether the server
 * requests them or not: receivers take late packets in any case, and a small packet costs little
 * even on a full path. */
void
gst_rcast_mender_add_audio (GstRcastMender * self, guint32 ssrc)
{
  gst_rcast_repairs_add_audio (self->repairs, ssrc);
}

/* @ssrc: SSRC of a plain video
 *
 * Like gst_rcast_mender_add_video(). Returns: whether the stream is new */
gboolean
gst_rcast_mender_add_plain_video (GstRcastMender * self, guint32 ssrc,
    GstRcastCodec codec)
{
  return gst_rcast_doubles_add_stream (self->doubles, ssrc, codec);
}

/* @ssrc: SSRC of a video that the server wants repaired in a stream of retransmissions (RTX)
 * @session: RTP session of webrtcbin that carries it
 *
 * Its most important packets may be sent twice, and all of them serve as padding. Call it before
 * the stream is sent. A second call does nothing. */
void
gst_rcast_mender_add_video (GstRcastMender * self, guint32 ssrc,
    GstRcastCodec codec, guint session)
{
  gst_rcast_doubles_add_stream (self->doubles, ssrc, codec);
  gst_rcast_padding_add_stream (self->padding, ssrc, session);
}

/* Like gst_rcast_doubles_heed() */
gboolean
gst_rcast_mender_heed (GstRcastMender * self, const GstRcastDoublesView * view,
    GstClockTime now)
{
  if (!self->reported)
    self->round_trip = view->round_trip;
  gst_rcast_seconds_set_spare (self->seconds, view->spare);
  return gst_rcast_doubles_heed (self->doubles, view, now);
}

/* @round_trip: from a receiver report. Without reports, the mender uses the round trip by feedback,
 * which is a bit longer, as it includes the feedback delay. */
void
gst_rcast_mender_set_round_trip (GstRcastMender * self, GstClockTime round_trip)
{
  self->round_trip = round_trip;
  self->reported = TRUE;
}

/* Like gst_rcast_repairs_set_rate() */
void
gst_rcast_mender_set_rate (GstRcastMender * self, guint64 rate)
{
  gst_rcast_repairs_set_rate (self->repairs, rate);
  self->apart = CLAMP (8 * GST_RCAST_MENDER_LOOK * GST_SECOND / MAX (rate, 1),
      APART_LEAST, APART_MOST);
}

/* Sent packets */

/* Notes the first transmission of a packet that is not plain, like gst_rcast_repairs_sent(). */
void
gst_rcast_mender_sent (GstRcastMender * self, guint32 ssrc, guint16 seqnum,
    gsize size, GstClockTime now)
{
  gst_rcast_padding_sent (self->padding, ssrc, seqnum, size);
  gst_rcast_repairs_sent (self->repairs, ssrc, seqnum, size, now);
}

/* Like gst_rcast_doubles_wants(): only if it returns TRUE, gst_rcast_mender_look() is of use */
gboolean
gst_rcast_mender_wants (const GstRcastMender * self, guint32 ssrc,
    GstClockTime now)
{
  return gst_rcast_doubles_wants (self->doubles, ssrc, now);
}

/* Like gst_rcast_doubles_sent() */
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
 * @data: (array length=size): an unencrypted packet, or its start
 * @size: size of @data in bytes
 * @now: when it leaves
 *
 * Media, or a retransmission, whose payload begins with the sequence number of the original packet
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

/* Like gst_rcast_traces_carry() */
void
gst_rcast_mender_carry (GstRcastMender * self, guint session,
    const gchar * path, GstClockTime now)
{
  gst_rcast_traces_carry (self->traces, session, path, now);
}

/**
 * gst_rcast_mender_keep:
 * @self: the mender
 * @session: RTP session of webrtcbin
 * @data: (array length=size): an encrypted packet of any kind that leaves in @session
 * @size: size of @data in bytes
 * @now: when it leaves
 *
 * Keeps plain packets, and remembers the number by which feedback will refer to the packet.
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

/* Like gst_rcast_repairs_hold() */
void
gst_rcast_mender_hold (GstRcastMender * self, guint32 ssrc, guint16 seqnum,
    GstClockTime until)
{
  gst_rcast_repairs_hold (self->repairs, ssrc, seqnum, until);
}

/* A server that has never requested a packet may not want retransmissions, or may misread them.
 * @trace: trace of a missing packet */
static gboolean
is_wanted (const GstRcastMender * self, const GstRcastTrace * trace,
    GstClockTime now)
{
  return !self->stopped
      && (gst_rcast_repairs_is_audio (self->repairs, trace->ssrc)
      || gst_rcast_doubles_is_known (self->doubles, trace->ssrc, now))
      && gst_rcast_repairs_is_missing (self->repairs, trace->ssrc,
      trace->seqnum, trace->again, self->round_trip, now);
}

/* Packet @number of @session is lost, and not only overtaken on other paths: it is retransmitted if
 * it was held for that reason. With several paths, feedback alone cannot tell. */
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

/* Requested packets */

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

/* The server requests a packet in a stream of retransmissions; plain packets are not granted. Like
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

/* The server requests a packet. Returns: (nullable) (transfer full): the packet, if it is plain and
 * has to be sent again */
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

/* Unasked retransmissions */

/* @ssrc: SSRC of a stream; 0: any stream that webrtcbin repairs
 * Returns: whether a packet of it has to be retransmitted again now */
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

/* Returns: whether a packet of @ssrc has to be sent twice now, within the budget */
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
 * @ssrc: SSRC of the stream of the packet that leaves
 * @due: (out) (array fixed-size=GST_RCAST_MENDER_AT_ONCE): packets that are not plain
 * @now: the time
 *
 * Second retransmissions do not wait for a packet of their own stream: audio leaves while video
 * pauses between frames.
 *
 * Returns: number of packets to retransmit now without a request
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

/* A packet from gst_rcast_mender_list_due() could not be sent. */
void
gst_rcast_mender_take_back (GstRcastMender * self, guint32 ssrc, guint16 seqnum)
{
  gst_rcast_repairs_take_back (self->repairs, ssrc, seqnum);
}

/**
 * gst_rcast_mender_take_plain:
 * @self: the mender
 * @session: (out): RTP session of webrtcbin to send the packet in
 * @now: the time
 *
 * Returns: (nullable) (transfer full): a plain packet to send again now without a request
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

/* Feedback */

/* State while one RTCP packet is read */
typedef struct
{
  GstRcastMender *self;
  guint session;
  GPtrArray *plain;
  GArray *missed;
  GstClockTime now;
  guint n_missed;               /* number of missing packets */
  guint16 newest;               /* last number that has arrived, by this feedback */
} Reading;

/* @most: so many packets that overtake a missing one are proof
 * Returns: whether the status of packet @number tells if it is lost */
static gboolean
is_believed (const Reading * reading, guint16 number,
    const GstRcastTrace * trace, gboolean received, gint most)
{
  GstRcastMender *self = reading->self;
  gint16 overtaken_by = reading->newest - number;

  return !trace->padding && (received || overtaken_by >= most)
      && gst_rcast_repairs_is_in_order (self->repairs, trace->ssrc,
      trace->seqnum, trace->again,
      gst_rcast_traces_get_moved (self->traces, reading->session));
}

/* @trace: trace of a missing packet. Returns: whether its retransmission is delayed */
static gboolean
wait_for_others (Reading * reading, const GstRcastTrace * trace)
{
  GstRcastMender *self = reading->self;
  gint wait;

  if (gst_rcast_repairs_is_audio (self->repairs, trace->ssrc))
    return FALSE;
  wait = ++reading->n_missed - MAX_MISSED;
  if (wait > 0)
    gst_rcast_seconds_plan (self->seconds, &(GstRcastSecond) { trace->ssrc,
          trace->seqnum, gst_rcast_mender_is_plain (self, trace->ssrc),
          reading->now, reading->now + wait * self->apart });
  return wait > 0;
}

/* Plans copies of a missing packet that is sent again. */
static void
plan_copies (GstRcastMender * self, guint32 ssrc, guint16 seqnum,
    GstClockTime now)
{
  gboolean plain = gst_rcast_mender_is_plain (self, ssrc);
  GstClockTime age =
      gst_rcast_repairs_get_age (self->repairs, ssrc, seqnum, now);

  if (gst_rcast_repairs_is_audio (self->repairs, ssrc))
    gst_rcast_seconds_audio_repaired (self->seconds, ssrc, seqnum, plain, age,
        now);
  gst_rcast_seconds_repaired (self->seconds, ssrc, seqnum, plain, age, now);
}

static void
note_arrived (GstRcastMender * self, const GstRcastTrace * trace)
{
  gst_rcast_repairs_came (self->repairs, trace->ssrc, trace->seqnum);
  if (GST_CLOCK_TIME_IS_VALID (trace->again))
    gst_rcast_padding_came (self->padding, trace->ssrc, trace->seqnum,
        trace->again);
}

/* @trace: trace of a packet that is missing, or may be. Returns: whether it is sent again */
static gboolean
send_again (Reading * reading, const GstRcastTrace * trace)
{
  GstRcastMender *self = reading->self;
  GBytes *packet;

  if (!gst_rcast_repairs_missed (self->repairs, trace->ssrc, trace->seqnum,
          trace->again, self->round_trip, reading->now))
    return FALSE;
  packet = gst_rcast_repairs_dup (self->repairs, trace->ssrc, trace->seqnum);
  if (packet) {
    g_ptr_array_add (reading->plain, packet);
  } else {
    gst_rcast_traces_expect (self->traces, trace->ssrc, trace->seqnum, FALSE,
        reading->now);
    g_array_append_vals (reading->missed, trace, 1);
  }
  return TRUE;
}

static void
on_status (Reading * reading, guint16 number, const GstRcastTrace * trace,
    gboolean received)
{
  GstRcastMender *self = reading->self;
  gint most = gst_rcast_seconds_is_lossy (self->seconds)
      || gst_rcast_repairs_is_audio (self->repairs, trace->ssrc) ?
      MAX_OVERTAKEN_LOSSY : MAX_OVERTAKEN;

  if (is_believed (reading, number, trace, received, MAX_OVERTAKEN))
    gst_rcast_seconds_note (self->seconds, received, reading->now);
  if (received)
    note_arrived (self, trace);
  else if (is_believed (reading, number, trace, FALSE, most)
      && is_wanted (self, trace, reading->now)
      && !wait_for_others (reading, trace)
      && send_again (reading, trace))
    plan_copies (self, trace->ssrc, trace->seqnum, reading->now);
}

static void
on_newest (guint16 number, gpointer data)
{
  ((Reading *) data)->newest = number;
}

/* The feedback about a packet was lost, and the packet perhaps, too. Audio is small, and a server
 * may never request it: where much is lost, it is sent again. */
static void
on_untold (Reading * reading, const GstRcastTrace * trace)
{
  GstRcastMender *self = reading->self;

  if (gst_rcast_seconds_is_lossy (self->seconds)
      && gst_rcast_repairs_is_audio (self->repairs, trace->ssrc)
      && is_wanted (self, trace, reading->now))
    send_again (reading, trace);
}

/* Transport-wide feedback may leave out packets before @first. If no feedback packet was lost, they
 * have not arrived; otherwise their fate is unknown. */
static void
on_begin (guint16 first, guint count, guint8 report, gpointer data)
{
  Reading *reading = data;
  GstRcastTraces *traces = reading->self->traces;
  gboolean follows;
  guint n = gst_rcast_traces_begin_report (traces, reading->session, first,
      count, report, &follows);
  GstRcastTrace trace;

  for (; n > 0; n--) {
    if (!gst_rcast_traces_find_number (traces, reading->session, first - n,
            &trace))
      continue;
    if (follows)
      on_status (reading, first - n, &trace, FALSE);
    else
      on_untold (reading, &trace);
  }
}

/* Transport-wide feedback */
static void
on_arrival (guint16 number, GstClockTime arrival, gpointer data)
{
  Reading *reading = data;
  GstRcastTrace trace;

  if (gst_rcast_traces_find_number (reading->self->traces, reading->session,
          number, &trace))
    on_status (reading, number, &trace, GST_CLOCK_TIME_IS_VALID (arrival));
}

/* RFC 8888 feedback */
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

/* Adds second retransmissions: the next media packet may be a frame away. */
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
 * @session: RTP session of webrtcbin
 * @data: (array length=size): RTCP from the server in @session
 * @size: size of @data in bytes
 * @plain: (element-type GBytes): plain packets to send again are added here
 * @missed: (element-type GstRcastTrace): packets that webrtcbin has to retransmit are added here
 * @now: the time
 *
 * Finds packets that the server has not requested, but does not have either.
 */
void
gst_rcast_mender_read (GstRcastMender * self, guint session,
    const guint8 * data, gsize size, GPtrArray * plain, GArray * missed,
    GstClockTime now)
{
  Reading reading = { self, session, plain, missed, now };
  /* A fresh state will do: only arrival times depend on earlier feedback. */
  GstRcastFeedback feedback;

  gst_rcast_feedback_init (&feedback);
  gst_rcast_feedback_read (&feedback, data, size, &statuses, &reading);
  add_seconds (&reading);
}

/* Padding */

/* Like gst_rcast_padding_next(). The caller sends the packet. */
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

/* Returns: whether an outgoing packet is padding */
gboolean
gst_rcast_mender_is_padding (const GstRcastMender * self, guint32 ssrc,
    guint16 seqnum)
{
  GstRcastTrace trace;

  gst_rcast_traces_find (self->traces, ssrc, seqnum, &trace);
  return trace.padding;
}

/* Like gst_rcast_repairs_add_stats() */
void
gst_rcast_mender_add_stats (const GstRcastMender * self, GstStructure * stats)
{
  gst_rcast_repairs_add_stats (self->repairs, stats);
}
