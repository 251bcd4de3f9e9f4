/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keeps a webrtcbin's retransmissions within their budget, and makes those that webrtcbin
 * cannot make. */

/*
 * webrtcbin resends lost packets in a stream of their own (RFC 4588). A server that has
 * not agreed to that, but requests packets, wants the same packet again (RFC 4585 6.2.1),
 * unchanged: SRTP would refuse to encrypt a sequence number twice.
 */
#include "config.h"

#include "gstrcastrepairfilter.h"

#include "gstrcastice.h"
#include "gstrcastpackets.h"
#include "gstrcastresend.h"
#include "rcast-feedback.h"
#include "rcast-mender.h"
#include "rcast-rtp.h"
#include "rcast-traces.h"

GST_DEBUG_CATEGORY_STATIC (rcast_repairs_debug);
#define GST_CAT_DEFAULT rcast_repairs_debug

/* Size of an RTP header, with CSRCs and extensions */
#define MAX_HEADER 256
/* Packets that are due are looked for whenever RTCP comes, about every 100 ms. At most so
 * many of those that are resent unchanged leave at once. */
#define MAX_WITH_RTCP 8
/* At most so many packets of padding leave at once. Each takes this overhead on the wire:
 * IPv4, UDP, RFC 4588 4, and an RFC 3711 tag. */
#define MAX_PADDING 64
#define PADDING_OVERHEAD (20 + 8 + 2 + 10)

struct _GstRcastRepairFilter
{
  GstObject parent;

  GstElement *webrtc;           /* constant; not owned: it is the peer's */

  GstRcastMender *mender;       /* OBJECT_LOCK */
  GPtrArray *senders;           /* OBJECT_LOCK; source pads of each rtprtxsend */
  gboolean stopped;             /* OBJECT_LOCK */
};

G_DEFINE_TYPE (GstRcastRepairFilter, gst_rcast_repair_filter, GST_TYPE_OBJECT);

/* Looks at the start of a packet. Mapping its buffer would join header and payload, with a
 * copy. */
static void
look_locked (GstRcastRepairFilter * self, guint32 ssrc, GstBuffer * buffer,
    GstClockTime now)
{
  guint8 data[GST_RCAST_MENDER_LOOK];

  if (gst_rcast_mender_wants (self->mender, ssrc, now))
    gst_rcast_mender_look (self->mender, data,
        gst_buffer_extract (buffer, 0, data, sizeof data), now);
}

static gboolean
read_header (GstBuffer * buffer, guint32 * ssrc, guint16 * seqnum)
{
  guint8 data[GST_RCAST_RTP_HEADER_SIZE];

  if (gst_buffer_extract (buffer, 0, data, sizeof data) != sizeof data)
    return FALSE;
  *ssrc = gst_rcast_rtp_read_u32 (data + 8);
  *seqnum = gst_rcast_rtp_read_u16 (data + 2);
  return TRUE;
}

/* Notes a packet that passes an rtprtxsend, with the lock. Returns: its SSRC, or 0 if another
 * part repairs it */
static guint32
note_packet (GstObject * object, GstBuffer * buffer, GstClockTime now)
{
  GstRcastRepairFilter *self = GST_RCAST_REPAIR_FILTER (object);
  guint32 ssrc;
  guint16 seqnum;

  if (!read_header (buffer, &ssrc, &seqnum)
      || gst_rcast_mender_is_plain (self->mender, ssrc))
    return 0;
  gst_rcast_mender_sent (self->mender, ssrc, seqnum,
      gst_buffer_get_size (buffer), now);
  look_locked (self, ssrc, buffer, now);
  return ssrc;
}

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
send_twice (GstRcastRepairFilter * self, const GstRcastDouble * due, guint n)
{
  g_autoptr (GPtrArray) senders = n > 0 ? dup_senders (self) : NULL;

  for (guint i = 0; i < n; i++)
    if (!gst_rcast_resend_by_any (senders, due[i].ssrc, due[i].seqnum,
            GST_RCAST_RESEND_UNASKED)) {
      GST_OBJECT_LOCK (self);
      gst_rcast_mender_take_back (self->mender, due[i].ssrc, due[i].seqnum);
      GST_OBJECT_UNLOCK (self);
    }
}

static GstPadProbeReturn
on_packets (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstRcastRepairFilter *self = data;
  GstClockTime now = gst_util_get_timestamp ();
  GstRcastDouble due[GST_RCAST_MENDER_AT_ONCE];
  guint32 ssrc;
  guint n;

  GST_OBJECT_LOCK (self);
  ssrc = gst_rcast_packets_walk (info, GST_OBJECT (self), note_packet, now);
  n = gst_rcast_mender_list_due (self->mender, ssrc, due, now);
  GST_OBJECT_UNLOCK (self);
  send_twice (self, due, n);
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
on_request (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstRcastRepairFilter *self = data;
  GstClockTime now = gst_util_get_timestamp ();
  GstRcastRepair repair;
  guint32 ssrc;
  guint16 seqnum;

  if (!gst_rcast_resend_is_asked (GST_PAD_PROBE_INFO_EVENT (info), &ssrc,
          &seqnum))
    return GST_PAD_PROBE_OK;
  GST_OBJECT_LOCK (self);
  repair = gst_rcast_mender_request (self->mender, ssrc, seqnum, now);
  GST_OBJECT_UNLOCK (self);
  GST_LOG_OBJECT (self, "packet %u of %08x is asked for: decision %d", seqnum,
      ssrc, repair);
  return repair == GST_RCAST_REPAIR_GRANTED ?
      GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
}

/* With the lock. Returns: 0: SSRCs do not matter here */
static guint32
trace_packet (GstObject * object, GstBuffer * buffer, GstClockTime now)
{
  GstRcastRepairFilter *self = GST_RCAST_REPAIR_FILTER (object);
  guint8 data[MAX_HEADER];

  gst_rcast_mender_sent_again (self->mender, data,
      gst_buffer_extract (buffer, 0, data, sizeof data), now);
  return 0;
}

/* Behind an rtprtxsend */
static GstPadProbeReturn
on_departure (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstRcastRepairFilter *self = data;
  GstClockTime now = gst_util_get_timestamp ();

  GST_OBJECT_LOCK (self);
  if (gst_rcast_mender_is_expecting (self->mender, now))
    gst_rcast_packets_walk (info, GST_OBJECT (self), trace_packet, now);
  GST_OBJECT_UNLOCK (self);
  return GST_PAD_PROBE_OK;
}

/* webrtcbin makes an rtprtxsend for each RTP session with retransmission, and lets it
 * keep 500 packets of each stream: 1.2 s at 4 Mbit/s, less than two satellite round
 * trips. */
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

/* Stops looking for new RTP sessions, and sends nothing unasked from now on. Twice is fine. */
void
gst_rcast_repair_filter_stop (GstRcastRepairFilter * self)
{
  g_autoptr (GPtrArray) senders = NULL;

  g_signal_handlers_disconnect_by_data (self->webrtc, self);
  GST_OBJECT_LOCK (self);
  self->stopped = TRUE;
  gst_rcast_mender_stop (self->mender);
  senders = g_steal_pointer (&self->senders);
  self->senders = g_ptr_array_new_with_free_func (gst_object_unref);
  GST_OBJECT_UNLOCK (self);
}

/* As gst_rcast_mender_add_video() */
void
gst_rcast_repair_filter_add_video (GstRcastRepairFilter * self, guint32 ssrc,
    GstRcastCodec codec, guint session)
{
  GST_OBJECT_LOCK (self);
  gst_rcast_mender_add_video (self->mender, ssrc, codec, session);
  GST_OBJECT_UNLOCK (self);
}

/* As gst_rcast_mender_add_audio() */
void
gst_rcast_repair_filter_add_audio (GstRcastRepairFilter * self, guint32 ssrc)
{
  GST_OBJECT_LOCK (self);
  gst_rcast_mender_add_audio (self->mender, ssrc);
  GST_OBJECT_UNLOCK (self);
}

/* As gst_rcast_mender_heed(). Any thread */
gboolean
gst_rcast_repair_filter_heed (GstRcastRepairFilter * self,
    const GstRcastDoublesView * view, GstClockTime now)
{
  gboolean room;

  GST_OBJECT_LOCK (self);
  room = gst_rcast_mender_heed (self->mender, view, now);
  GST_OBJECT_UNLOCK (self);
  return room;
}

/* As gst_rcast_mender_hold(), for an RTP packet that leaves. Any thread. */
void
gst_rcast_repair_filter_hold (GstRcastRepairFilter * self,
    const GOutputVector * packet, GstClockTime until)
{
  const guint8 *header = packet->buffer;

  GST_OBJECT_LOCK (self);
  gst_rcast_mender_hold (self->mender, GST_READ_UINT32_BE (header + 8),
      GST_READ_UINT16_BE (header + 2), until);
  GST_OBJECT_UNLOCK (self);
}

/* As gst_rcast_mender_release(). Any thread. */
void
gst_rcast_repair_filter_release (GstRcastRepairFilter * self, guint session,
    guint16 number)
{
  GST_OBJECT_LOCK (self);
  gst_rcast_mender_release (self->mender, session, number,
      gst_util_get_timestamp ());
  GST_OBJECT_UNLOCK (self);
}

/* As gst_rcast_mender_set_round_trip(). Any thread. */
void
gst_rcast_repair_filter_set_round_trip (GstRcastRepairFilter * self,
    GstClockTime round_trip)
{
  GST_OBJECT_LOCK (self);
  gst_rcast_mender_set_round_trip (self->mender, round_trip);
  GST_OBJECT_UNLOCK (self);
}

/* As gst_rcast_mender_set_rate(). Any thread */
void
gst_rcast_repair_filter_set_rate (GstRcastRepairFilter * self, guint64 rate)
{
  GST_OBJECT_LOCK (self);
  gst_rcast_mender_set_rate (self->mender, rate);
  GST_OBJECT_UNLOCK (self);
}

/* As gst_rcast_mender_add_plain() */
void
gst_rcast_repair_filter_add_plain (GstRcastRepairFilter * self, guint32 ssrc,
    guint session)
{
  GST_OBJECT_LOCK (self);
  gst_rcast_mender_add_plain (self->mender, ssrc, session);
  GST_OBJECT_UNLOCK (self);
}

/* A packet that no rtprtxsend repairs, with the lock. Returns: its SSRC */
static guint32
note_plain (GstObject * object, GstBuffer * buffer, GstClockTime now)
{
  guint32 ssrc;
  guint16 seqnum;

  if (!read_header (buffer, &ssrc, &seqnum))
    return 0;
  look_locked (GST_RCAST_REPAIR_FILTER (object), ssrc, buffer, now);
  return ssrc;
}

/* What leaves later is encrypted, and key frames cannot be seen there. */
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

/* @pad: sink pad of webrtcbin that takes the video
 * @ssrc: SSRC of a video without a retransmission stream
 *
 * As gst_rcast_mender_add_plain_video() */
void
gst_rcast_repair_filter_add_plain_video (GstRcastRepairFilter * self,
    GstPad * pad, guint32 ssrc, GstRcastCodec codec)
{
  gboolean fresh;

  GST_OBJECT_LOCK (self);
  fresh = gst_rcast_mender_add_plain_video (self->mender, ssrc, codec);
  GST_OBJECT_UNLOCK (self);
  if (fresh)
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER
        | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_plain_video, gst_object_ref (self),
        gst_object_unref);
}

/* Keeps packets that leave, encrypted and of any kind, in session @session of webrtcbin.
 * @path: (nullable): interned: the path that they leave on. Any thread. */
void
gst_rcast_repair_filter_keep (GstRcastRepairFilter * self, guint session,
    const gchar * path, const GOutputVector * packets, guint n_packets)
{
  GstClockTime now = gst_util_get_timestamp ();

  GST_OBJECT_LOCK (self);
  gst_rcast_mender_carry (self->mender, session, path, now);
  for (guint i = 0; i < n_packets; i++)
    gst_rcast_mender_keep (self->mender, session, packets[i].buffer,
        packets[i].size, now);
  GST_OBJECT_UNLOCK (self);
}

/* The requests of one RTCP packet */
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
  GBytes *packet;

  GST_OBJECT_LOCK (self);
  packet = gst_rcast_mender_request_plain (self->mender, ssrc, seqnum,
      gst_util_get_timestamp ());
  GST_OBJECT_UNLOCK (self);
  GST_LOG_OBJECT (self, "packet %u of %08x is asked for%s", seqnum, ssrc,
      packet ? ", and sent once more" : "");
  if (packet)
    g_ptr_array_add (asked->packets, packet);
}

/* Sends what is due. Without feedback nothing is due, and with feedback this is called
 * often enough.
 * Returns: bytes sent */
static gsize
send_due (GstRcastRepairFilter * self, GstWebRTCICE * ice)
{
  gsize size = 0;

  for (guint i = 0; i < MAX_WITH_RTCP; i++) {
    g_autoptr (GBytes) packet = NULL;
    guint session = 0;

    GST_OBJECT_LOCK (self);
    packet = gst_rcast_mender_take_plain (self->mender, &session,
        gst_util_get_timestamp ());
    GST_OBJECT_UNLOCK (self);
    if (!packet)
      break;
    size += g_bytes_get_size (packet);
    gst_rcast_ice_send (ice, session, packet);
  }
  return size;
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
 * @session: session of webrtcbin in which padding is to leave
 * @bytes: how much padding, on the wire
 *
 * Sends padding: old packets of the videos that have a retransmission stream. It does not
 * count against the budget of retransmissions.
 *
 * Returns: bytes on the wire, less than @bytes if there is nothing to send
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
      && gst_rcast_mender_next_padding (self->mender, session, &packets[n], now))
    taken += packets[n++].size + PADDING_OVERHEAD;
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
  gboolean padding;

  GST_OBJECT_LOCK (self);
  padding = gst_rcast_mender_is_padding (self->mender, ssrc, seqnum);
  GST_OBJECT_UNLOCK (self);
  return padding;
}

/* Adds packets that @rtcp reports as missing, but does not request. */
static void
read_missing (GstRcastRepairFilter * self, guint session,
    const GstMapInfo * rtcp, GPtrArray * packets)
{
  g_autoptr (GArray) missed =
      g_array_new (FALSE, FALSE, sizeof (GstRcastTrace));

  GST_OBJECT_LOCK (self);
  gst_rcast_mender_read (self->mender, session, rtcp->data, rtcp->size, packets,
      missed, gst_util_get_timestamp ());
  GST_OBJECT_UNLOCK (self);
  send_missed (self, missed);
}

/**
 * gst_rcast_repair_filter_answer:
 * @self: the filter
 * @ice: the ICE agent of the webrtcbin
 * @session: session of webrtcbin in which @rtcp came
 * @rtcp: an RTCP packet of the server
 *
 * Sends the packets that @rtcp requests and webrtcbin cannot repair, those of them that
 * are due to leave twice, and those that feedback in @rtcp reports as missing.
 *
 * Returns: how many bytes were sent, without those that webrtcbin sends
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

/* Adds counts of requests and of packets sent. Any thread. */
void
gst_rcast_repair_filter_add_stats (GstRcastRepairFilter * self,
    GstStructure * stats)
{
  GST_OBJECT_LOCK (self);
  gst_rcast_mender_add_stats (self->mender, stats);
  GST_OBJECT_UNLOCK (self);
}

static void
gst_rcast_repair_filter_finalize (GObject * object)
{
  GstRcastRepairFilter *self = GST_RCAST_REPAIR_FILTER (object);

  gst_rcast_mender_free (self->mender);
  g_ptr_array_unref (self->senders);
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
  self->mender = gst_rcast_mender_new ();
  self->senders = g_ptr_array_new_with_free_func (gst_object_unref);
}
