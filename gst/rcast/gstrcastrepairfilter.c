/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keeps the retransmissions of a webrtcbin within their budget, and makes those that webrtcbin cannot. */

/*
 * webrtcbin sends lost packets again in a stream of their own (RFC 4588). A server that has
 * not agreed to that but asks for packets wants the same packet once more (RFC 4585 6.2.1),
 * as it was: SRTP would refuse to encrypt a number twice.
 */
#include "config.h"

#include "gstrcastrepairfilter.h"

#include "gstrcastice.h"
#include "gstrcastpackets.h"
#include "gstrcastresend.h"
#include "rcast-feedback.h"
#include "rcast-padding.h"
#include "rcast-repairs.h"
#include "rcast-rtp.h"
#include "rcast-seconds.h"
#include "rcast-traces.h"

GST_DEBUG_CATEGORY_STATIC (rcast_repairs_debug);
#define GST_CAT_DEFAULT rcast_repairs_debug

/* What leaves unasked does not wait for the pacer: no more than so many packets of it leave with
 * one that did. */
#define MAX_AT_ONCE 2
/* Of a larger packet only so much is looked at. */
#define MAX_PACKET 1500
/* Of a packet whose payload is no matter: CSRCs and extensions included */
#define MAX_HEADER 256
/* Packets that are due are looked for when RTCP comes, about every 100 ms. No more of those that
 * are sent as they were leave at once then. */
#define MAX_WITH_RTCP 8
/* Of what one report misses so many packets leave at once, and the others one by one: at the rate
 * that paths carry, if that is known. */
#define MAX_MISSED 4
#define APART_LEAST (2 * GST_MSECOND)
#define APART_MOST (20 * GST_MSECOND)
/* Who is overtaken by fewer packets is only late (RFC 9002 6.1.1). */
#define MAX_OVERTAKEN 3
/* No more padding leaves at once. Each packet of it takes so much on the wire beside itself: IPv4,
 * UDP, RFC 4588 4, and a tag of RFC 3711. */
#define MAX_PADDING 64
#define PADDING_OVERHEAD (20 + 8 + 2 + 10)

/* A stream that webrtcbin does not repair */
typedef struct
{
  guint32 ssrc;
  guint session;                /* of webrtcbin */
} Plain;

struct _GstRcastRepairFilter
{
  GstObject parent;

  GstElement *webrtc;           /* constant; not owned: it is the peer's */

  GstRcastRepairs *repairs;     /* OBJECT_LOCK */
  GArray *plain;                /* OBJECT_LOCK; of Plain */
  GstClockTime round_trip;      /* OBJECT_LOCK; 0: not known */
  gboolean reported;            /* OBJECT_LOCK; @round_trip is by reports */
  GstRcastDoubles *doubles;     /* OBJECT_LOCK */
  GstRcastTraces *traces;       /* OBJECT_LOCK */
  GstRcastPadding *padding;     /* OBJECT_LOCK */
  GstRcastSeconds *seconds;     /* OBJECT_LOCK */
  GstClockTime apart;           /* OBJECT_LOCK; what is missed leaves one by one */
  GPtrArray *senders;           /* OBJECT_LOCK; source pads of each rtprtxsend */
  gboolean stopped;             /* OBJECT_LOCK */
};

G_DEFINE_TYPE (GstRcastRepairFilter, gst_rcast_repair_filter, GST_TYPE_OBJECT);

static gboolean
is_plain_locked (GstRcastRepairFilter * self, guint32 ssrc)
{
  for (guint i = 0; i < self->plain->len; i++)
    if (g_array_index (self->plain, Plain, i).ssrc == ssrc)
      return TRUE;
  return FALSE;
}

/* @data: (array length=MAX_PACKET): for the start of @buffer. To map that would join its header and
 * its payload, by a copy. */
static void
note_double (GstRcastRepairFilter * self, guint32 ssrc, GstBuffer * buffer,
    guint8 * data, GstClockTime now)
{
  if (gst_rcast_doubles_wants (self->doubles, ssrc, now))
    gst_rcast_doubles_sent (self->doubles, data,
        gst_buffer_extract (buffer, 0, data, MAX_PACKET), now);
}

/* A packet leaves for the first time. @data: as of note_double()
 * Returns: whether it has a header, which @data has now */
static gboolean
note_first (GstRcastRepairFilter * self, GstBuffer * buffer, guint8 * data,
    guint32 * ssrc)
{
  if (gst_buffer_extract (buffer, 0, data, GST_RCAST_RTP_HEADER_SIZE)
      != GST_RCAST_RTP_HEADER_SIZE)
    return FALSE;
  *ssrc = gst_rcast_rtp_read_u32 (data + 8);
  gst_rcast_padding_sent (self->padding, *ssrc,
      gst_rcast_rtp_read_u16 (data + 2), gst_buffer_get_size (buffer));
  return TRUE;
}

/* What goes through an rtprtxsend, with the lock. Returns: its SSRC, 0: another repairs it */
static guint32
note_packet (GstObject * object, GstBuffer * buffer, GstClockTime now)
{
  GstRcastRepairFilter *self = GST_RCAST_REPAIR_FILTER (object);
  guint8 data[MAX_PACKET];
  guint32 ssrc;

  if (!note_first (self, buffer, data, &ssrc) || is_plain_locked (self, ssrc))
    return 0;
  gst_rcast_repairs_sent (self->repairs, ssrc,
      gst_rcast_rtp_read_u16 (data + 2), gst_buffer_get_size (buffer), now);
  note_double (self, ssrc, buffer, data, now);
  return ssrc;
}

/* The server asks for a packet. */
static GstRcastRepair
request_locked (GstRcastRepairFilter * self, guint32 ssrc, guint16 seqnum,
    GstClockTime now)
{
  GstClockTime late = gst_rcast_seconds_get_late (self->seconds, now);
  gboolean plain = is_plain_locked (self, ssrc);
  GstRcastRepair repair;

  gst_rcast_repairs_set_feedback (self->repairs, late);
  repair = gst_rcast_repairs_request (self->repairs, ssrc, seqnum,
      self->round_trip, now);
  if (repair == GST_RCAST_REPAIR_GRANTED) {
    gst_rcast_doubles_repaired (self->doubles, ssrc, now);
    gst_rcast_seconds_repaired (self->seconds, ssrc, seqnum, plain, now);
  } else if (repair == GST_RCAST_REPAIR_LATER) {
    gst_rcast_seconds_plan (self->seconds, &(GstRcastSecond) { ssrc, seqnum,
          plain, now, gst_rcast_repairs_get_last (self->repairs, ssrc, seqnum)
          + self->round_trip + late });
  }
  return repair;
}

/* @ssrc: 0: any stream that webrtcbin repairs
 * Returns: whether a packet of @ssrc is to leave a second time now */
static gboolean
take_second_locked (GstRcastRepairFilter * self, guint32 ssrc,
    GstRcastDouble * due, GstClockTime now)
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
take_double_locked (GstRcastRepairFilter * self, guint32 ssrc,
    GstRcastDouble * due, GstClockTime now)
{
  while (gst_rcast_doubles_next (self->doubles, ssrc, due, now))
    if (gst_rcast_repairs_double (self->repairs, due->ssrc, due->seqnum,
            due->key, now))
      return TRUE;
  return FALSE;
}

/* Returns: how many packets of @ssrc are to leave once more now without a request */
static guint
list_due_locked (GstRcastRepairFilter * self, guint32 ssrc,
    GstRcastDouble * due, GstClockTime now)
{
  guint n = 0;

  while (n < MAX_AT_ONCE && !self->stopped
      && (take_second_locked (self, ssrc, &due[n], now)
          || take_double_locked (self, ssrc, &due[n], now))) {
    gst_rcast_traces_expect (self->traces, due[n].ssrc, due[n].seqnum, FALSE,
        now);
    n++;
  }
  return n;
}

/* @pad: of the rtprtxsend that has the packet */
static void
send_twice (GstRcastRepairFilter * self, GstPad * pad,
    const GstRcastDouble * due)
{
  g_autoptr (GstElement) sender = gst_pad_get_parent_element (pad);
  g_autoptr (GstPad) src =
      sender ? gst_element_get_static_pad (sender, "src") : NULL;

  if (src && gst_rcast_resend (src, due->ssrc, due->seqnum,
          GST_RCAST_RESEND_UNASKED))
    return;
  GST_OBJECT_LOCK (self);
  gst_rcast_repairs_take_back (self->repairs, due->ssrc, due->seqnum);
  GST_OBJECT_UNLOCK (self);
}

static GstPadProbeReturn
on_packets (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstRcastRepairFilter *self = data;
  GstClockTime now = gst_util_get_timestamp ();
  GstRcastDouble due[MAX_AT_ONCE];
  guint32 ssrc;
  guint n;

  GST_OBJECT_LOCK (self);
  ssrc = gst_rcast_packets_walk (info, GST_OBJECT (self), note_packet, now);
  n = list_due_locked (self, ssrc, due, now);
  GST_OBJECT_UNLOCK (self);
  for (guint i = 0; i < n; i++)
    send_twice (self, pad, &due[i]);
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
on_request (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstRcastRepairFilter *self = data;
  GstRcastRepair repair = GST_RCAST_REPAIR_UNKNOWN;
  GstClockTime now = gst_util_get_timestamp ();
  guint32 ssrc;
  guint16 seqnum;

  if (!gst_rcast_resend_is_asked (GST_PAD_PROBE_INFO_EVENT (info), &ssrc,
          &seqnum))
    return GST_PAD_PROBE_OK;
  GST_OBJECT_LOCK (self);
  if (!is_plain_locked (self, ssrc))
    repair = request_locked (self, ssrc, seqnum, now);
  gst_rcast_padding_requested (self->padding, ssrc, seqnum,
      repair == GST_RCAST_REPAIR_GRANTED, now);
  if (repair == GST_RCAST_REPAIR_GRANTED)
    gst_rcast_traces_expect (self->traces, ssrc, seqnum, FALSE, now);
  GST_OBJECT_UNLOCK (self);
  GST_LOG_OBJECT (self, "packet %u of %08x is asked for: decision %d", seqnum,
      ssrc, repair);
  return repair == GST_RCAST_REPAIR_GRANTED ?
      GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
}

/* With the lock. Returns: 0: SSRCs are no matter */
static guint32
trace_packet (GstObject * object, GstBuffer * buffer, GstClockTime now)
{
  GstRcastRepairFilter *self = GST_RCAST_REPAIR_FILTER (object);
  GstRcastRtpHeader header;
  guint8 data[MAX_HEADER];
  gsize size = gst_buffer_extract (buffer, 0, data, MAX_HEADER);

  if (gst_rcast_rtp_parse_header (data, size, &header)
      && header.payload_size >= 2
      && !gst_rcast_repairs_has_stream (self->repairs, header.ssrc))
    gst_rcast_traces_sent_again (self->traces, header.ssrc, header.sequence,
        gst_rcast_rtp_read_u16 (data + header.payload_offset), now);
  return 0;
}

/* Behind an rtprtxsend: media, and what is sent again, which begins with the number of the packet
 * that it repeats (RFC 4588 4) */
static GstPadProbeReturn
on_departure (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstRcastRepairFilter *self = data;
  GstClockTime now = gst_util_get_timestamp ();

  GST_OBJECT_LOCK (self);
  if (gst_rcast_traces_is_expected (self->traces, now))
    gst_rcast_packets_walk (info, GST_OBJECT (self), trace_packet, now);
  GST_OBJECT_UNLOCK (self);
  return GST_PAD_PROBE_OK;
}

/* webrtcbin makes one rtprtxsend for each RTP session that has retransmission. It lets it keep 500
 * packets of each stream: 1.2 s of 4 Mbit/s, less than two satellite round trips. */
static void
on_element_added (GstBin * bin, GstBin * parent, GstElement * element,
    GstRcastRepairFilter * self)
{
  GstElementFactory *factory = gst_element_get_factory (element);

  if (!factory || !g_str_equal (GST_OBJECT_NAME (factory), "rtprtxsend"))
    return;
  g_object_set (element, "max-size-packets", GST_RCAST_REPAIRS_KEPT, NULL);
  gst_rcast_packets_probe (element, "sink", GST_OBJECT (self),
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_packets);
  gst_rcast_packets_probe (element, "src", GST_OBJECT (self),
      GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, on_request);
  gst_rcast_packets_probe (element, "src", GST_OBJECT (self),
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_departure);
  GST_OBJECT_LOCK (self);
  if (!self->stopped)
    g_ptr_array_add (self->senders, gst_element_get_static_pad (element,
            "src"));
  GST_OBJECT_UNLOCK (self);
}

/**
 * gst_rcast_repair_filter_new:
 * @webrtc: a webrtcbin that has not negotiated yet; it outlives the filter's
 *   gst_rcast_repair_filter_stop()
 *
 * Returns: (transfer full): a filter for the retransmissions of @webrtc
 */
GstRcastRepairFilter *
gst_rcast_repair_filter_new (GstElement * webrtc)
{
  GstRcastRepairFilter *self =
      g_object_new (GST_TYPE_RCAST_REPAIR_FILTER, NULL);

  gst_object_ref_sink (self);
  self->webrtc = webrtc;
  g_signal_connect (webrtc, "deep-element-added",
      G_CALLBACK (on_element_added), self);
  return self;
}

/* Looks for no further RTP sessions, and sends nothing unasked any more. Twice is fine. */
void
gst_rcast_repair_filter_stop (GstRcastRepairFilter * self)
{
  g_autoptr (GPtrArray) senders = NULL;

  g_signal_handlers_disconnect_by_data (self->webrtc, self);
  GST_OBJECT_LOCK (self);
  self->stopped = TRUE;
  senders = g_steal_pointer (&self->senders);
  self->senders = g_ptr_array_new_with_free_func (gst_object_unref);
  GST_OBJECT_UNLOCK (self);
}

/* @ssrc: of a video, which the server wants repaired in a stream of retransmissions
 * @session: of webrtcbin, that carries it
 *
 * What would be missed most of it may leave twice, and all of it as padding. Before any of it is
 * sent; twice is fine. */
void
gst_rcast_repair_filter_add_video (GstRcastRepairFilter * self, guint32 ssrc,
    GstRcastCodec codec, guint session)
{
  GST_OBJECT_LOCK (self);
  gst_rcast_doubles_add_stream (self->doubles, ssrc, codec);
  gst_rcast_padding_add_stream (self->padding, ssrc, session);
  GST_OBJECT_UNLOCK (self);
}

/* As gst_rcast_doubles_heed(). Any thread */
gboolean
gst_rcast_repair_filter_heed (GstRcastRepairFilter * self,
    const GstRcastDoublesView * view, GstClockTime now)
{
  gboolean room;

  GST_OBJECT_LOCK (self);
  if (!self->reported)
    self->round_trip = view->round_trip;
  gst_rcast_seconds_set_spare (self->seconds, view->spare);
  room = gst_rcast_doubles_heed (self->doubles, view, now);
  GST_OBJECT_UNLOCK (self);
  return room;
}

/* As gst_rcast_repairs_hold(), for an RTP packet that leaves. Any thread. */
void
gst_rcast_repair_filter_hold (GstRcastRepairFilter * self,
    const GOutputVector * packet, GstClockTime until)
{
  const guint8 *header = packet->buffer;

  GST_OBJECT_LOCK (self);
  gst_rcast_repairs_hold (self->repairs, GST_READ_UINT32_BE (header + 8),
      GST_READ_UINT16_BE (header + 2), until);
  GST_OBJECT_UNLOCK (self);
}

/* What a report of the server says of the path: who only feeds back has none, and is a bit farther
 * by that. Any thread. */
void
gst_rcast_repair_filter_set_round_trip (GstRcastRepairFilter * self,
    GstClockTime round_trip)
{
  GST_OBJECT_LOCK (self);
  self->round_trip = round_trip;
  self->reported = TRUE;
  GST_OBJECT_UNLOCK (self);
}

/* As gst_rcast_repairs_set_rate(). Any thread */
void
gst_rcast_repair_filter_set_rate (GstRcastRepairFilter * self, guint64 rate)
{
  GST_OBJECT_LOCK (self);
  gst_rcast_repairs_set_rate (self->repairs, rate);
  self->apart = CLAMP (8 * MAX_PACKET * GST_SECOND / MAX (rate, 1), APART_LEAST,
      APART_MOST);
  GST_OBJECT_UNLOCK (self);
}

/* @ssrc: of a stream that the server wants repaired by the same packets again, if at all
 * @session: of webrtcbin, that carries it
 *
 * Before any of it is sent; twice is fine. */
void
gst_rcast_repair_filter_add_plain (GstRcastRepairFilter * self, guint32 ssrc,
    guint session)
{
  Plain fresh = { ssrc, session };

  GST_OBJECT_LOCK (self);
  if (!is_plain_locked (self, ssrc))
    g_array_append_val (self->plain, fresh);
  GST_OBJECT_UNLOCK (self);
}

/* A packet that no rtprtxsend repairs, with the lock. Returns: its SSRC */
static guint32
note_plain (GstObject * object, GstBuffer * buffer, GstClockTime now)
{
  GstRcastRepairFilter *self = GST_RCAST_REPAIR_FILTER (object);
  guint8 data[MAX_PACKET];
  guint32 ssrc;

  if (!note_first (self, buffer, data, &ssrc))
    return 0;
  note_double (self, ssrc, buffer, data, now);
  return ssrc;
}

/* What leaves later is encrypted: nobody sees there what a key frame is. */
static GstPadProbeReturn
on_plain_video (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstRcastRepairFilter *self = data;
  GstClockTime now = gst_util_get_timestamp ();

  GST_OBJECT_LOCK (self);
  gst_rcast_packets_walk (info, GST_OBJECT (self), note_plain, now);
  GST_OBJECT_UNLOCK (self);
  return GST_PAD_PROBE_OK;
}

/* @pad: of webrtcbin, into which the video goes
 * @ssrc: of a video that is plain
 *
 * As gst_rcast_repair_filter_add_video() */
void
gst_rcast_repair_filter_add_plain_video (GstRcastRepairFilter * self,
    GstPad * pad, guint32 ssrc, GstRcastCodec codec)
{
  gboolean fresh;

  GST_OBJECT_LOCK (self);
  fresh = gst_rcast_doubles_add_stream (self->doubles, ssrc, codec);
  GST_OBJECT_UNLOCK (self);
  if (fresh)
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER
        | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_plain_video, gst_object_ref (self),
        gst_object_unref);
}

static void
keep_locked (GstRcastRepairFilter * self, guint session,
    const GOutputVector * packet, GstClockTime now)
{
  GstRcastRtpHeader header;
  guint16 number;

  if (!gst_rcast_rtp_parse_header (packet->buffer, packet->size, &header))
    return;
  if (is_plain_locked (self, header.ssrc))
    gst_rcast_repairs_keep (self->repairs, header.ssrc, header.sequence,
        packet->buffer, packet->size, now);
  if (gst_rcast_rtp_find_twcc (packet->buffer, packet->size,
          GST_RCAST_RTP_TWCC_ID, &number))
    gst_rcast_traces_sent (self->traces, session, number, header.ssrc,
        header.sequence);
}

/* What leaves, encrypted, of whatever kind, in session @session of webrtcbin. @path: (nullable):
 * interned: on which. Any thread. */
void
gst_rcast_repair_filter_keep (GstRcastRepairFilter * self, guint session,
    const gchar * path, const GOutputVector * packets, guint n_packets)
{
  GstClockTime now = gst_util_get_timestamp ();

  GST_OBJECT_LOCK (self);
  gst_rcast_traces_carry (self->traces, session, path, now);
  for (guint i = 0; i < n_packets; i++)
    keep_locked (self, session, &packets[i], now);
  GST_OBJECT_UNLOCK (self);
}

/* What one packet of RTCP asks for */
typedef struct
{
  GstRcastRepairFilter *self;
  GPtrArray *packets;           /* of GBytes, to be sent */
} Asked;

static void
on_plain_request (guint32 ssrc, guint16 seqnum, gpointer data)
{
  Asked *asked = data;
  GstRcastRepairFilter *self = asked->self;
  GstClockTime now = gst_util_get_timestamp ();
  GBytes *packet = NULL;

  GST_OBJECT_LOCK (self);
  if (is_plain_locked (self, ssrc)) {
    gst_rcast_padding_requested (self->padding, ssrc, seqnum, FALSE, now);
    if (request_locked (self, ssrc, seqnum, now) == GST_RCAST_REPAIR_GRANTED)
      packet = gst_rcast_repairs_dup (self->repairs, ssrc, seqnum);
  }
  GST_OBJECT_UNLOCK (self);
  GST_LOG_OBJECT (self, "packet %u of %08x is asked for%s", seqnum, ssrc,
      packet ? ", and sent once more" : "");
  if (packet)
    g_ptr_array_add (asked->packets, packet);
}

/* @session: (out): in which it is to leave
 * Returns: (nullable) (transfer full): a packet that is due to leave twice, as it was */
static GBytes *
take_due_locked (GstRcastRepairFilter * self, guint * session,
    GstClockTime now)
{
  GstRcastDouble due;

  for (guint i = 0; i < self->plain->len && !self->stopped; i++) {
    const Plain *plain = &g_array_index (self->plain, Plain, i);
    GBytes *packet;

    while (take_second_locked (self, plain->ssrc, &due, now)
        || take_double_locked (self, plain->ssrc, &due, now)) {
      packet = gst_rcast_repairs_dup (self->repairs, due.ssrc, due.seqnum);
      *session = plain->session;
      if (packet)
        return packet;
      gst_rcast_repairs_take_back (self->repairs, due.ssrc, due.seqnum);
    }
  }
  return NULL;
}

/* Without feedback nothing is due, and with it this comes often enough.
 * Returns: bytes that are sent */
static gsize
send_due (GstRcastRepairFilter * self, GstWebRTCICE * ice)
{
  gsize size = 0;

  for (guint i = 0; i < MAX_WITH_RTCP; i++) {
    g_autoptr (GBytes) packet = NULL;
    guint session = 0;

    GST_OBJECT_LOCK (self);
    packet = take_due_locked (self, &session, gst_util_get_timestamp ());
    GST_OBJECT_UNLOCK (self);
    if (!packet)
      break;
    size += g_bytes_get_size (packet);
    gst_rcast_ice_send (ice, session, packet);
  }
  return size;
}

/* What one packet of RTCP misses, and says nothing of */
typedef struct
{
  GstRcastRepairFilter *self;
  guint session;
  GPtrArray *packets;           /* of GBytes, to be sent as they were */
  GArray *missed;               /* of GstRcastTrace, to be sent by rtprtxsend */
  GstClockTime now;
  guint n_missed;               /* that were missing */
  guint16 newest;               /* number that has arrived, of those that are read */
} Missing;

/* Returns: whether what is said of packet @number tells if it is lost */
static gboolean
is_believed (const Missing * missing, guint16 number,
    const GstRcastTrace * trace, gboolean received)
{
  GstRcastRepairFilter *self = missing->self;
  gint16 overtaken_by = missing->newest - number;

  return !trace->padding && (received || overtaken_by >= MAX_OVERTAKEN)
      && gst_rcast_repairs_is_in_order (self->repairs, trace->ssrc,
      trace->seqnum, trace->again,
      gst_rcast_traces_get_moved (self->traces, missing->session));
}

/* @trace: of a packet that is missing. Returns: whether it leaves later, unless it has arrived then */
static gboolean
wait_for_others (Missing * missing, const GstRcastTrace * trace)
{
  GstRcastRepairFilter *self = missing->self;
  gint wait = ++missing->n_missed - MAX_MISSED;

  if (wait > 0)
    gst_rcast_seconds_plan (self->seconds, &(GstRcastSecond) { trace->ssrc,
          trace->seqnum, is_plain_locked (self, trace->ssrc), missing->now,
          missing->now + wait * self->apart });
  return wait > 0;
}

static void
on_status_locked (Missing * missing, guint16 number,
    const GstRcastTrace * trace, gboolean received)
{
  GstRcastRepairFilter *self = missing->self;
  gboolean believed = is_believed (missing, number, trace, received);
  GBytes *packet;

  if (believed)
    gst_rcast_seconds_note (self->seconds, received, missing->now);
  if (received) {
    gst_rcast_repairs_came (self->repairs, trace->ssrc, trace->seqnum);
    if (GST_CLOCK_TIME_IS_VALID (trace->again))
      gst_rcast_padding_came (self->padding, trace->ssrc, trace->seqnum,
          trace->again);
    return;
  }
  /* Who has never asked may not want it, or take it for something else. */
  if (!believed || self->stopped
      || !gst_rcast_doubles_is_known (self->doubles, trace->ssrc,
          missing->now)
      || !gst_rcast_repairs_is_missing (self->repairs, trace->ssrc,
          trace->seqnum, trace->again, self->round_trip, missing->now)
      || wait_for_others (missing, trace)
      || !gst_rcast_repairs_missed (self->repairs, trace->ssrc, trace->seqnum,
          trace->again, self->round_trip, missing->now))
    return;
  gst_rcast_seconds_repaired (self->seconds, trace->ssrc, trace->seqnum,
      is_plain_locked (self, trace->ssrc), missing->now);
  packet = gst_rcast_repairs_dup (self->repairs, trace->ssrc, trace->seqnum);
  if (packet) {
    g_ptr_array_add (missing->packets, packet);
  } else {
    gst_rcast_traces_expect (self->traces, trace->ssrc, trace->seqnum, FALSE,
        missing->now);
    g_array_append_vals (missing->missed, trace, 1);
  }
}

static void
on_newest (guint16 number, gpointer data)
{
  ((Missing *) data)->newest = number;
}

/* Of transport-wide feedback */
static void
on_arrival (guint16 number, GstClockTime arrival, gpointer data)
{
  Missing *missing = data;
  GstRcastTrace trace;

  GST_OBJECT_LOCK (missing->self);
  if (gst_rcast_traces_find_number (missing->self->traces, missing->session,
          number, &trace))
    on_status_locked (missing, number, &trace, GST_CLOCK_TIME_IS_VALID (arrival));
  GST_OBJECT_UNLOCK (missing->self);
}

/* Of RFC 8888 */
static void
on_packet_status (guint32 ssrc, guint16 seqnum, gboolean received,
    GstClockTime arrival, gpointer data)
{
  Missing *missing = data;
  GstRcastTrace trace;

  GST_OBJECT_LOCK (missing->self);
  gst_rcast_traces_find (missing->self->traces, ssrc, seqnum, &trace);
  on_status_locked (missing, seqnum, &trace, received);
  GST_OBJECT_UNLOCK (missing->self);
}

static const GstRcastFeedbackCallbacks statuses = {
  .newest = on_newest,.arrival = on_arrival,.packet = on_packet_status
};

/* Returns: (transfer full): the pads behind each rtprtxsend */
static GPtrArray *
dup_senders (GstRcastRepairFilter * self)
{
  GPtrArray *senders;

  GST_OBJECT_LOCK (self);
  senders = g_ptr_array_copy (self->senders, (GCopyFunc) gst_object_ref, NULL);
  GST_OBJECT_UNLOCK (self);
  return senders;
}

static void
send_missed (GstRcastRepairFilter * self, const GArray * missed)
{
  g_autoptr (GPtrArray) senders = missed->len > 0 ? dup_senders (self) : NULL;

  for (guint i = 0; i < missed->len; i++) {
    const GstRcastTrace *trace = &g_array_index (missed, GstRcastTrace, i);

    GST_LOG_OBJECT (self, "packet %u of %08x is missing, and sent again",
        trace->seqnum, trace->ssrc);
    gst_rcast_resend_by_any (senders, trace->ssrc, trace->seqnum,
        GST_RCAST_RESEND_MISSED);
  }
}

/**
 * gst_rcast_repair_filter_pad:
 * @self: the filter
 * @session: of webrtcbin, in which padding is to leave
 * @bytes: of it, on the wire
 *
 * Sends old packets of the videos again that are repaired in a stream of retransmissions. Their
 * budget has nothing to do with it.
 *
 * Returns: bytes on the wire, less than @bytes if there is nothing to be sent
 */
gsize
gst_rcast_repair_filter_pad (GstRcastRepairFilter * self, guint session,
    gsize bytes)
{
  g_autoptr (GPtrArray) senders = dup_senders (self);
  GstRcastPaddingPacket packets[MAX_PADDING];
  GstClockTime now = gst_util_get_timestamp ();
  gsize taken = 0;
  guint n = 0;

  GST_OBJECT_LOCK (self);
  while (senders->len > 0 && n < MAX_PADDING && taken < bytes
      && gst_rcast_padding_next (self->padding, session, &packets[n])) {
    gst_rcast_traces_expect (self->traces, packets[n].ssrc, packets[n].seqnum,
        TRUE, now);
    taken += packets[n++].size + PADDING_OVERHEAD;
  }
  GST_OBJECT_UNLOCK (self);
  for (guint i = 0; i < n; i++)
    gst_rcast_resend_by_any (senders, packets[i].ssrc, packets[i].seqnum,
        GST_RCAST_RESEND_PADDING);
  return taken;
}

/* Whether a packet that leaves is padding. Any thread */
gboolean
gst_rcast_repair_filter_is_padding (GstRcastRepairFilter * self, guint32 ssrc,
    guint16 seqnum)
{
  GstRcastTrace trace;

  GST_OBJECT_LOCK (self);
  gst_rcast_traces_find (self->traces, ssrc, seqnum, &trace);
  GST_OBJECT_UNLOCK (self);
  return trace.padding;
}

/* Adds what is to leave a second time: media may be a frame away. */
static void
add_seconds (Missing * missing)
{
  GstRcastRepairFilter *self = missing->self;
  GstRcastDouble due;

  GST_OBJECT_LOCK (self);
  for (guint i = 0; i < MAX_AT_ONCE && !self->stopped; i++)
    if (take_second_locked (self, 0, &due, missing->now)) {
      GstRcastTrace trace = { due.ssrc, due.seqnum, GST_CLOCK_TIME_NONE };

      gst_rcast_traces_expect (self->traces, due.ssrc, due.seqnum, FALSE,
          missing->now);
      g_array_append_val (missing->missed, trace);
    }
  GST_OBJECT_UNLOCK (self);
}

/* Adds what @rtcp does not ask for, but does not have either. */
static void
read_missing (GstRcastRepairFilter * self, guint session,
    const GstMapInfo * rtcp, GPtrArray * packets)
{
  g_autoptr (GArray) missed =
      g_array_new (FALSE, FALSE, sizeof (GstRcastTrace));
  Missing missing = { self, session, packets, missed, gst_util_get_timestamp () };
  /* Only times need what was before. */
  GstRcastFeedback feedback;

  gst_rcast_feedback_init (&feedback);
  gst_rcast_feedback_read (&feedback, rtcp->data, rtcp->size, &statuses,
      &missing);
  add_seconds (&missing);
  send_missed (self, missed);
}

/**
 * gst_rcast_repair_filter_answer:
 * @self: the filter
 * @ice: the agent of the webrtcbin
 * @session: of webrtcbin, in which @rtcp came
 * @rtcp: of the server
 *
 * Sends what @rtcp asks for and webrtcbin cannot repair, and what is due to leave twice of that;
 * and what feedback in @rtcp misses.
 *
 * Returns: how many bytes that is, but for what webrtcbin sends
 */
gsize
gst_rcast_repair_filter_answer (GstRcastRepairFilter * self, GstWebRTCICE * ice,
    guint session, GstBuffer * rtcp)
{
  g_autoptr (GPtrArray) packets =
      g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  Asked asked = { self, packets };
  gsize size = 0;
  GstMapInfo map;

  if (!gst_buffer_map (rtcp, &map, GST_MAP_READ))
    return 0;
  gst_rcast_feedback_read_requests (map.data, map.size, on_plain_request,
      &asked);
  read_missing (self, session, &map, packets);
  gst_buffer_unmap (rtcp, &map);
  for (guint i = 0; i < packets->len; i++) {
    GBytes *packet = g_ptr_array_index (packets, i);

    size += g_bytes_get_size (packet);
    gst_rcast_ice_send (ice, session, packet);
  }
  return size + send_due (self, ice);
}

/* Adds what was asked for and what was sent. Any thread. */
void
gst_rcast_repair_filter_add_stats (GstRcastRepairFilter * self,
    GstStructure * stats)
{
  GST_OBJECT_LOCK (self);
  gst_rcast_repairs_add_stats (self->repairs, stats);
  GST_OBJECT_UNLOCK (self);
}

static void
gst_rcast_repair_filter_finalize (GObject * object)
{
  GstRcastRepairFilter *self = GST_RCAST_REPAIR_FILTER (object);

  gst_rcast_repairs_free (self->repairs);
  gst_rcast_doubles_free (self->doubles);
  gst_rcast_padding_free (self->padding);
  gst_rcast_traces_free (self->traces);
  gst_rcast_seconds_free (self->seconds);
  g_ptr_array_unref (self->senders);
  g_array_unref (self->plain);
  G_OBJECT_CLASS (gst_rcast_repair_filter_parent_class)->finalize (object);
}

static void
gst_rcast_repair_filter_class_init (GstRcastRepairFilterClass * klass)
{
  GST_DEBUG_CATEGORY_INIT (rcast_repairs_debug, "rcastrepairs", 0,
      "gst-rcast: retransmissions");
  G_OBJECT_CLASS (klass)->finalize = gst_rcast_repair_filter_finalize;
}

static void
gst_rcast_repair_filter_init (GstRcastRepairFilter * self)
{
  self->repairs = gst_rcast_repairs_new ();
  self->doubles = gst_rcast_doubles_new ();
  self->padding = gst_rcast_padding_new ();
  self->traces = gst_rcast_traces_new ();
  self->seconds = gst_rcast_seconds_new ();
  self->apart = APART_LEAST;
  self->senders = g_ptr_array_new_with_free_func (gst_object_unref);
  self->plain = g_array_new (FALSE, FALSE, sizeof (Plain));
}
