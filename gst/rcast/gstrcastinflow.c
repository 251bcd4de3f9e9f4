/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Watches the packets of one connection in front of its jitter buffers, and reports to the
 * reception. */
#include "config.h"

#include "gstrcastinflow.h"

#include <gst/rtp/rtp.h>
#include <gst/video/video.h>
#include <gst/webrtc/webrtc.h>

#include "gstrcastice.h"
#include "gstrcastlead.h"
#include "gstrcastlisten.h"
#include "gstrcastpath.h"
#include "gstrcastwebrtc.h"
#include "rcast-asking.h"
#include "rcast-backlog.h"
#include "rcast-codec.h"
#include "rcast-rtp.h"

/* Interval and number of the attempts to see the answer to a check. */
#define LOOK_MS 40
#define LOOKS 20

/* What is known about an SSRC */
typedef struct
{
  guint stream;                 /* number of its stream in the reception */
  GstRcastCodec codec;
  gboolean pli;                 /* negotiated with the server */
  gboolean asked;               /* a key frame was requested, and has not come yet */
  gboolean stalled;             /* the next request waits for a packet */
} Source;

typedef struct
{
  Source source;
  GstRcastAsking *asking;
  gint clock_rate;              /* of @backlog */
  GstRcastBacklog *backlog;     /* NULL: the clock rate is not known */
  GstClockTime due;             /* when to send @event; NONE: never */
  GstEvent *event;              /* the request; nullable */
  GWeakRef pad;                 /* pad of a jitter buffer to send it to */
} Entry;

/* A jitter buffer. It counts the packets that come too late for it */
typedef struct
{
  GstElement *element;
  guint32 ssrc;
  guint64 late;                 /* late packets that the reception knows of */
} Buffer;

struct _GstRcastInflow
{
  GstObject parent;

  GstRcastReceptionWatch *reception;    /* constant */
  guint serial;                 /* constant */
  GstRcastLoop *loop;           /* constant */

  /* the loop's thread */
  GstElement *rtpbin;           /* NULL: stopped */
  GstWebRTCICE *ice;            /* NULL: stopped */
  GSource *timer;               /* runs during a check */
  guint looks;
  guint64 answers;              /* answers before the check */

  GMutex lock;
  GHashTable *sources;          /* lock; of Entry, by SSRC */
  GPtrArray *sessions;          /* lock; of RTPSession */
  GPtrArray *buffers;           /* lock; of Buffer */
  GstClockTime round_trip;      /* lock; 0: not known */
  gboolean sees_frames;         /* lock */
  gboolean stopped;             /* lock; nothing will be due any more */
  GSource *asker;               /* lock; timer of the next request */
};

G_DEFINE_FINAL_TYPE (GstRcastInflow, gst_rcast_inflow, GST_TYPE_OBJECT);

/* User data of a probe. */
typedef struct
{
  GstRcastInflow *inflow;
  guint32 ssrc;
  guint stream;                 /* for a probe behind the depayloader */
  gboolean video;               /* the same: key frames may have been requested */
} Sight;

static Sight *
sight_new (GstRcastInflow * self, guint32 ssrc, guint stream)
{
  Sight *sight = g_new (Sight, 1);

  *sight = (Sight) { gst_object_ref (self), ssrc, stream, FALSE };
  return sight;
}

static void
sight_free (gpointer data)
{
  Sight *sight = data;

  gst_object_unref (sight->inflow);
  g_free (sight);
}

static void
buffer_free (gpointer data)
{
  Buffer *buffer = data;

  gst_object_unref (buffer->element);
  g_free (buffer);
}

/* @event: (nullable): the request to send at @due; @pad: (nullable): the pad to send it to */
static void
set_due (Entry * entry, GstClockTime due, GstEvent * event, GstPad * pad)
{
  entry->due = due;
  gst_event_replace (&entry->event, event);
  g_weak_ref_set (&entry->pad, pad);
}

static void
set_none_due (Entry * entry)
{
  set_due (entry, GST_CLOCK_TIME_NONE, NULL, NULL);
}

static Entry *
entry_new (void)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->asking = gst_rcast_asking_new ();
  entry->due = GST_CLOCK_TIME_NONE;
  g_weak_ref_init (&entry->pad, NULL);
  return entry;
}

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  gst_clear_event (&entry->event);
  g_weak_ref_clear (&entry->pad);
  gst_rcast_asking_free (entry->asking);
  gst_rcast_backlog_free (entry->backlog);
  g_free (entry);
}

/* With the lock. Returns: (nullable) */
static Entry *
find (GstRcastInflow * self, guint32 ssrc)
{
  return g_hash_table_lookup (self->sources, GUINT_TO_POINTER (ssrc));
}

/* An SSRC that has no stream yet is not found. */
static gboolean
find_source (GstRcastInflow * self, guint32 ssrc, Source * source)
{
  const Entry *entry;

  g_mutex_lock (&self->lock);
  entry = find (self, ssrc);
  if (entry) {
    *source = entry->source;
    source->asked = gst_rcast_asking_is_open (entry->asking);
    source->stalled = gst_rcast_asking_is_stalled (entry->asking);
  }
  g_mutex_unlock (&self->lock);
  return entry != NULL;
}

/* Requests: a streaming thread, or the loop's */

static gboolean on_due (gpointer data);

/* With the lock. Arms the timer for the first due request */
static void
arm_asker (GstRcastInflow * self, GstClockTime now)
{
  GstClockTime next = GST_CLOCK_TIME_NONE;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->sources);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    next = MIN (next, ((Entry *) value)->due);
  gst_rcast_source_clear (&self->asker);
  if (GST_CLOCK_TIME_IS_VALID (next) && !self->stopped)
    self->asker = gst_rcast_loop_add_timeout (self->loop,
        next > now ? GST_TIME_AS_MSECONDS (next - now) + 1 : 1, on_due, self);
}

/* With the lock. @event: (nullable): the request to repeat, if it is not the last one; @pad:
 * (nullable): the pad to send it to */
static void
follow_asking (GstRcastInflow * self, Entry * entry, GstEvent * event,
    GstPad * pad, GstClockTime now)
{
  GstClockTime due = gst_rcast_asking_get_due (entry->asking);
  gboolean repeats = GST_CLOCK_TIME_IS_VALID (due)
      || gst_rcast_asking_is_stalled (entry->asking);

  if (due == entry->due && repeats == (entry->event != NULL))
    return;
  if (!repeats)
    set_none_due (entry);
  else if (event)
    set_due (entry, due, event, pad);
  else if (entry->event)
    entry->due = due;
  arm_asker (self, now);
}

/* Returns: whether to send @event now */
static gboolean
take_request (GstRcastInflow * self, guint32 ssrc, GstPad * pad,
    GstEvent * event)
{
  GstClockTime now = gst_util_get_timestamp ();
  gboolean goes = TRUE;
  Entry *entry;

  g_mutex_lock (&self->lock);
  entry = find (self, ssrc);
  if (entry) {
    goes = gst_rcast_asking_ask (entry->asking, self->round_trip, now);
    follow_asking (self, entry, event, pad, now);
  }
  g_mutex_unlock (&self->lock);
  return goes;
}

/* Due requests take the same way as all others. */
static gboolean
on_due (gpointer data)
{
  GstRcastInflow *self = data;
  GstClockTime now = gst_util_get_timestamp ();
  g_autoptr (GPtrArray) pads = g_ptr_array_new ();
  g_autoptr (GPtrArray) events =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_event_unref);
  GHashTableIter iter;
  gpointer value;

  g_mutex_lock (&self->lock);
  g_hash_table_iter_init (&iter, self->sources);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    Entry *entry = value;

    if (entry->due > now)
      continue;
    g_ptr_array_add (pads, g_weak_ref_get (&entry->pad));
    g_ptr_array_add (events, g_steal_pointer (&entry->event));
    set_none_due (entry);
  }
  arm_asker (self, now);
  g_mutex_unlock (&self->lock);
  for (guint i = 0; i < pads->len; i++) {
    GstPad *pad = g_ptr_array_index (pads, i);

    if (!pad)
      continue;
    gst_pad_push_event (pad, gst_event_ref (g_ptr_array_index (events, i)));
    gst_object_unref (pad);
  }
  return G_SOURCE_REMOVE;
}

/* A depayloader that lost something sends a full intra request. That is not meant for repair
 * (RFC 5104 3.5.1.1), and Janus does not know it. This makes it a picture loss indication. */
static GstEvent *
ask_for_repair (GstEvent * event)
{
  event = gst_event_make_writable (event);
  gst_structure_set (gst_event_writable_structure (event), "all-headers",
      G_TYPE_BOOLEAN, FALSE, NULL);
  return event;
}

static GstPadProbeReturn
handle_event (const Sight * sight, const Source * source, GstPad * pad,
    GstPadProbeInfo * info)
{
  GstRcastInflow *self = sight->inflow;
  const GstStructure *s = gst_event_get_structure (info->data);

  if (s && gst_structure_has_name (s, "GstRTPRetransmissionRequest"))
    gst_rcast_reception_watch_requested (self->reception, source->stream,
        GST_RCAST_INBOUND_NACK);
  if (!s || !gst_structure_has_name (s, "GstForceKeyUnit"))
    return GST_PAD_PROBE_OK;
  if (!take_request (self, sight->ssrc, pad, info->data))
    return GST_PAD_PROBE_DROP;
  gst_rcast_reception_watch_requested (self->reception, source->stream,
      GST_RCAST_INBOUND_PLI);
  if (source->pli)
    info->data = ask_for_repair (info->data);
  return GST_PAD_PROBE_OK;
}

/* In front of the jitter buffer: a streaming thread */

/* @key: (nullable): whether a key frame of @codec starts. Returns: whether @buffer is RTP */
static gboolean
read_header (GstBuffer * buffer, GstRcastCodec codec,
    GstRcastRtpHeader * header, gsize * size, gboolean * key)
{
  GstMapInfo map;
  gboolean is_rtp;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return FALSE;
  is_rtp = gst_rcast_rtp_parse_header (map.data, map.size, header);
  *size = map.size;
  if (is_rtp && key)
    *key = gst_rcast_rtp_find_start (codec, map.data + header->payload_offset,
        header->payload_size) == GST_RCAST_RTP_START_KEY;
  gst_buffer_unmap (buffer, &map);
  return is_rtp;
}

/* A key frame, the answer to a request, has begun. Without whole frames to see, the request
 * is done. */
static void
note_start (GstRcastInflow * self, guint32 ssrc)
{
  GstClockTime latency =
      gst_rcast_reception_watch_get_latency (self->reception);
  GstClockTime now = gst_util_get_timestamp ();
  Entry *entry;

  g_mutex_lock (&self->lock);
  entry = find (self, ssrc);
  if (entry && self->sees_frames)
    gst_rcast_asking_started (entry->asking, latency, now);
  else if (entry)
    gst_rcast_asking_done (entry->asking);
  if (entry)
    follow_asking (self, entry, NULL, NULL, now);
  g_mutex_unlock (&self->lock);
}

/* A packet has come, for which the next request waited. */
static void
go_on_asking (GstRcastInflow * self, guint32 ssrc)
{
  Entry *entry;

  g_mutex_lock (&self->lock);
  entry = find (self, ssrc);
  if (entry) {
    gst_rcast_asking_flows (entry->asking);
    follow_asking (self, entry, NULL, NULL, gst_util_get_timestamp ());
  }
  g_mutex_unlock (&self->lock);
}

/* @arrival: running time; NONE: not known.
 * Returns: how much earlier the packet is to arrive for the jitter buffer */
static GstClockTime
get_lateness (GstRcastInflow * self, const GstRcastInboundPacket * packet,
    GstClockTime arrival)
{
  GstClockTime latency, lateness = 0;
  Entry *entry;

  if (packet->retransmitted || !GST_CLOCK_TIME_IS_VALID (arrival))
    return 0;
  latency = gst_rcast_reception_watch_get_latency (self->reception);
  g_mutex_lock (&self->lock);
  entry = find (self, packet->ssrc);
  if (entry && entry->backlog)
    lateness = gst_rcast_backlog_step (entry->backlog, packet->sequence,
        packet->rtp_time, latency, arrival);
  g_mutex_unlock (&self->lock);
  return lateness;
}

/* Returns: how much earlier @buffer is to arrive for the jitter buffer */
static GstClockTime
note_packet (GstRcastInflow * self, const Source * source, GstBuffer * buffer)
{
  GstRcastRtpHeader header;
  GstRcastInboundPacket packet;
  gboolean key = FALSE;
  gsize size;

  if (!read_header (buffer, source->codec, &header, &size,
          source->asked ? &key : NULL))
    return 0;
  if (key)
    note_start (self, header.ssrc);
  else if (source->stalled)
    go_on_asking (self, header.ssrc);
  packet = (GstRcastInboundPacket) {
    .ssrc = header.ssrc,
    .sequence = header.sequence,
    .rtp_time = header.timestamp,
    .payload_size = header.payload_size,
    .header_size = size - header.payload_size,
    .retransmitted = GST_BUFFER_FLAG_IS_SET (buffer,
        GST_RTP_BUFFER_FLAG_RETRANSMISSION),
    .quiet = gst_rcast_rtp_announces_pause (source->codec,
        header.payload_type, header.payload_size),
  };
  gst_rcast_reception_watch_packet (self->reception, source->stream, &packet);
  return get_lateness (self, &packet, GST_BUFFER_DTS (buffer));
}

/* @buffer: writable */
static void
date_back (GstBuffer * buffer, GstClockTime lateness)
{
  if (GST_BUFFER_DTS_IS_VALID (buffer))
    GST_BUFFER_DTS (buffer) -= MIN (GST_BUFFER_DTS (buffer), lateness);
  if (GST_BUFFER_PTS_IS_VALID (buffer))
    GST_BUFFER_PTS (buffer) -= MIN (GST_BUFFER_PTS (buffer), lateness);
}

static void
handle_packet (GstRcastInflow * self, const Source * source,
    GstPadProbeInfo * info)
{
  GstClockTime lateness = note_packet (self, source, info->data);

  if (lateness == 0)
    return;
  info->data = gst_buffer_make_writable (GST_BUFFER (info->data));
  date_back (info->data, lateness);
}

static void
handle_packets (GstRcastInflow * self, const Source * source,
    GstPadProbeInfo * info)
{
  for (guint i = 0; i < gst_buffer_list_length (info->data); i++) {
    GstClockTime lateness =
        note_packet (self, source, gst_buffer_list_get (info->data, i));

    if (lateness == 0)
      continue;
    info->data = gst_buffer_list_make_writable (info->data);
    date_back (gst_buffer_list_get_writable (info->data, i), lateness);
  }
}

static GstPadProbeReturn
on_packet (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  const Sight *sight = data;
  Source source;

  if (!find_source (sight->inflow, sight->ssrc, &source))
    return GST_PAD_PROBE_OK;
  if (GST_IS_EVENT (info->data))
    return handle_event (sight, &source, pad, info);
  if (GST_IS_BUFFER (info->data))
    handle_packet (sight->inflow, &source, info);
  else if (GST_IS_BUFFER_LIST (info->data))
    handle_packets (sight->inflow, &source, info);
  return GST_PAD_PROBE_OK;
}

/* RTCP: a streaming thread */

static void
read_bye (GstRcastInflow * self, GstRTCPPacket * packet)
{
  guint n = gst_rtcp_packet_bye_get_ssrc_count (packet);
  Source source;

  for (guint i = 0; i < n; i++)
    if (find_source (self, gst_rtcp_packet_bye_get_nth_ssrc (packet, i),
            &source))
      gst_rcast_reception_watch_bye (self->reception, source.stream);
}

static void
read_report (GstRcastInflow * self, GstRTCPPacket * packet)
{
  guint32 ssrc, packets;
  Source source;

  gst_rtcp_packet_sr_get_sender_info (packet, &ssrc, NULL, NULL, &packets,
      NULL);
  if (find_source (self, ssrc, &source))
    gst_rcast_reception_watch_report (self->reception, source.stream, packets);
}

static void
on_rtcp (GObject * session, GstBuffer * buffer, GstRcastInflow * self)
{
  GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
  GstRTCPPacket packet;
  gboolean more;

  gst_rcast_reception_watch_heard (self->reception, self->serial);
  if (!gst_rtcp_buffer_validate_reduced (buffer)
      || !gst_rtcp_buffer_map (buffer, GST_MAP_READ, &rtcp))
    return;
  for (more = gst_rtcp_buffer_get_first_packet (&rtcp, &packet); more;
      more = gst_rtcp_packet_move_to_next (&packet)) {
    if (gst_rtcp_packet_get_type (&packet) == GST_RTCP_TYPE_SR)
      read_report (self, &packet);
    else if (gst_rtcp_packet_get_type (&packet) == GST_RTCP_TYPE_BYE)
      read_bye (self, &packet);
  }
  gst_rtcp_buffer_unmap (&rtcp);
}

/* Watches the session of an rtpsession. A handler of `new-jitterbuffer` must not ask rtpbin for the
 * session: rtpbin has locked it then. When the latency changes, rtpbin locks itself, and then its
 * sessions. */
static void
on_element_added (GstBin * rtpbin, GstElement * element, GstRcastInflow * self)
{
  GObject *session;

  if (!g_object_class_find_property (G_OBJECT_GET_CLASS (element),
          "internal-session"))
    return;
  g_object_get (element, "internal-session", &session, NULL);
  gst_rcast_listen (session, "on-receiving-rtcp", G_CALLBACK (on_rtcp), self);
  gst_rcast_lead_attach (session);
  gst_rcast_webrtc_hasten_feedback (session);
  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->sessions, session);
  g_mutex_unlock (&self->lock);
}

/* Packets that come too late for their jitter buffer. Any thread */

/* Returns: (transfer full): the jitter buffers */
static GPtrArray *
list_buffers (GstRcastInflow * self)
{
  GPtrArray *elements = g_ptr_array_new_with_free_func (gst_object_unref);

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->buffers->len; i++)
    g_ptr_array_add (elements, gst_object_ref (((Buffer *)
                g_ptr_array_index (self->buffers, i))->element));
  g_mutex_unlock (&self->lock);
  return elements;
}

static guint64
read_late (GstElement * element)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 late = 0;

  g_object_get (element, "stats", &stats, NULL);
  gst_structure_get_uint64 (stats, "num-late", &late);
  return late;
}

/* With the lock. @late: the count of @element. @stream: (out): number of its stream
 * Returns: how many late packets are new */
static guint64
take_late (GstRcastInflow * self, const GstElement * element, guint64 late,
    guint * stream)
{
  for (guint i = 0; i < self->buffers->len; i++) {
    Buffer *buffer = g_ptr_array_index (self->buffers, i);
    const Entry *entry = find (self, buffer->ssrc);
    guint64 before = buffer->late;

    if (buffer->element != element || !entry || late <= before)
      continue;
    buffer->late = late;
    *stream = entry->source.stream;
    return late - before;
  }
  return 0;
}

static void
count_late (GstRcastInflow * self)
{
  g_autoptr (GPtrArray) elements = list_buffers (self);

  for (guint i = 0; i < elements->len; i++) {
    GstElement *element = g_ptr_array_index (elements, i);
    guint64 late = read_late (element), more;
    guint stream;

    g_mutex_lock (&self->lock);
    more = take_late (self, element, late, &stream);
    g_mutex_unlock (&self->lock);
    if (more > 0)
      gst_rcast_reception_watch_discarded (self->reception, stream, more);
  }
}

/* Watches @element, and leaves the jitter buffers whose sources have gone. */
static void
add_buffer (GstRcastInflow * self, GstElement * element, guint32 ssrc)
{
  g_autoptr (GPtrArray) gone = g_ptr_array_new_with_free_func (buffer_free);
  Buffer *buffer = g_new0 (Buffer, 1);

  buffer->element = gst_object_ref (element);
  buffer->ssrc = ssrc;
  count_late (self);
  g_mutex_lock (&self->lock);
  for (guint i = self->buffers->len; i > 0; i--)
    /* Its only reference is ours. */
    if (GST_OBJECT_REFCOUNT_VALUE (((Buffer *) g_ptr_array_index
                (self->buffers, i - 1))->element) == 1)
      g_ptr_array_add (gone, g_ptr_array_steal_index (self->buffers, i - 1));
  g_ptr_array_add (self->buffers, buffer);
  g_mutex_unlock (&self->lock);
}

static void
on_count (GstRcastReceptionWatch * reception, GstRcastInflow * self)
{
  count_late (self);
}

static void
on_new_jitterbuffer (GstElement * rtpbin, GstElement * buffer, guint session,
    guint ssrc, GstRcastInflow * self)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (buffer, "sink");

  add_buffer (self, buffer, ssrc);
  gst_rcast_webrtc_choose_repair (buffer, session);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_BUFFER_LIST | GST_PAD_PROBE_TYPE_EVENT_UPSTREAM,
      on_packet, sight_new (self, ssrc, 0), sight_free);
}

/* SSRCs and streams */

/**
 * gst_rcast_inflow_bind:
 * @stream: number of the stream
 * @caps: caps behind the jitter buffer
 *
 * The SSRC of @caps belongs to @stream from now on. A streaming thread
 */
void
gst_rcast_inflow_bind (GstRcastInflow * self, guint stream,
    const GstCaps * caps)
{
  const GstStructure *s = gst_caps_get_structure (caps, 0);
  Entry *entry;
  gint clock_rate = 0;
  guint ssrc;

  if (gst_structure_get_int (s, "clock-rate", &clock_rate))
    gst_rcast_reception_watch_set_clock_rate (self->reception, stream,
        clock_rate);
  if (!gst_structure_get_uint (s, "ssrc", &ssrc))
    return;
  g_mutex_lock (&self->lock);
  entry = find (self, ssrc);
  if (!entry) {
    entry = entry_new ();
    g_hash_table_insert (self->sources, GUINT_TO_POINTER (ssrc), entry);
  }
  entry->source.stream = stream;
  entry->source.codec = gst_rcast_codec_from_caps (caps);
  entry->source.pli = gst_structure_has_field (s, "rtcp-fb-nack-pli");
  if (clock_rate > 0 && clock_rate != entry->clock_rate) {
    gst_rcast_backlog_free (entry->backlog);
    entry->backlog = gst_rcast_backlog_new ((guint) clock_rate);
    entry->clock_rate = clock_rate;
  }
  g_mutex_unlock (&self->lock);
}

static void
note_key_frame (GstRcastInflow * self, guint stream)
{
  GstClockTime now = gst_util_get_timestamp ();
  GHashTableIter iter;
  gpointer value;

  g_mutex_lock (&self->lock);
  g_hash_table_iter_init (&iter, self->sources);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    Entry *entry = value;

    if (entry->source.stream != stream)
      continue;
    gst_rcast_asking_done (entry->asking);
    follow_asking (self, entry, NULL, NULL, now);
  }
  g_mutex_unlock (&self->lock);
}

static GstPadProbeReturn
on_frame (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  const Sight *sight = data;
  gboolean key = !GST_BUFFER_FLAG_IS_SET (GST_PAD_PROBE_INFO_BUFFER (info),
      GST_BUFFER_FLAG_DELTA_UNIT);

  gst_rcast_reception_watch_frame (sight->inflow->reception, sight->stream,
      key);
  if (key && sight->video)
    note_key_frame (sight->inflow, sight->stream);
  return GST_PAD_PROBE_OK;
}

/* @tap gets whole frames, of a picture or, unless @video, of sound. */
void
gst_rcast_inflow_watch_frames (GstRcastInflow * self, guint stream,
    gboolean video, GstElement * tap)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (tap, "sink");
  Sight *sight = sight_new (self, 0, stream);

  sight->video = video;
  g_mutex_lock (&self->lock);
  self->sees_frames = TRUE;
  g_mutex_unlock (&self->lock);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_frame, sight,
      sight_free);
}

/* The path: the ICE agent's thread */

static void
on_path_changed (GstWebRTCICE * ice, guint session, const GstStructure * path,
    gboolean media_lost, GstRcastInflow * self)
{
  if (path)
    gst_rcast_reception_watch_moved (self->reception, self->serial);
}

static void
on_generation_swapped (GstWebRTCICE * ice, guint session, guint generation,
    gboolean media_lost, GstRcastInflow * self)
{
  gst_rcast_reception_watch_moved (self->reception, self->serial);
}

/* The loop's thread */

/* Returns: @field of the path on which the peer sends. 0: not known */
static guint64
read_path (GstRcastInflow * self, const gchar * field)
{
  g_autoptr (GstStructure) path = gst_rcast_path_find_returning (self->ice);
  guint64 value = 0;

  if (path)
    gst_structure_get_uint64 (path, field, &value);
  return value;
}

/* The connection is up, or its path has changed, so requests may be lost. The next key frame
 * request is sent at once. */
void
gst_rcast_inflow_expect (GstRcastInflow * self)
{
  GstClockTime round_trip = self->ice ? read_path (self, "rtt") : 0;
  GHashTableIter iter;
  gpointer value;

  g_mutex_lock (&self->lock);
  self->round_trip = round_trip;
  g_hash_table_iter_init (&iter, self->sources);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    Entry *entry = value;

    gst_rcast_asking_forget (entry->asking);
    set_none_due (entry);
  }
  gst_rcast_source_clear (&self->asker);
  g_mutex_unlock (&self->lock);
}

static gboolean
on_look (gpointer data)
{
  GstRcastInflow *self = data;

  if (read_path (self, "checks-answered") > self->answers)
    gst_rcast_reception_watch_answered (self->reception, self->serial);
  else if (++self->looks < LOOKS)
    return G_SOURCE_CONTINUE;
  gst_rcast_source_clear (&self->timer);
  return G_SOURCE_REMOVE;
}

/* Checks the path on which the server sends. Another path does not count. */
void
gst_rcast_inflow_check (GstRcastInflow * self)
{
  if (!self->ice)
    return;
  gst_rcast_source_clear (&self->timer);
  self->answers = read_path (self, "checks-answered");
  self->looks = 0;
  gst_rcast_ice_check_carrier (self->ice);
  self->timer = gst_rcast_loop_add_timeout (self->loop, LOOK_MS, on_look, self);
}

/* Twice is fine. */
void
gst_rcast_inflow_stop (GstRcastInflow * self)
{
  g_autoptr (GPtrArray) buffers = NULL;

  gst_rcast_source_clear (&self->timer);
  g_signal_handlers_disconnect_by_data (self->reception, self);
  count_late (self);
  if (self->rtpbin)
    g_signal_handlers_disconnect_by_data (self->rtpbin, self);
  if (self->ice)
    g_signal_handlers_disconnect_by_data (self->ice, self);
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->sessions->len; i++)
    g_signal_handlers_disconnect_by_data (g_ptr_array_index (self->sessions, i),
        self);
  g_ptr_array_set_size (self->sessions, 0);
  buffers = self->buffers;
  self->buffers = g_ptr_array_new_with_free_func (buffer_free);
  g_hash_table_remove_all (self->sources);
  self->stopped = TRUE;
  gst_rcast_source_clear (&self->asker);
  g_mutex_unlock (&self->lock);
  gst_clear_object (&self->ice);
  gst_clear_object (&self->rtpbin);
}

/* @loop: runs gst_rcast_inflow_stop(); @serial: serial number of the connection */
GstRcastInflow *
gst_rcast_inflow_new (GstRcastLoop * loop, GstElement * webrtc,
    GstRcastReceptionWatch * reception, guint serial)
{
  GstRcastInflow *self = g_object_new (GST_TYPE_RCAST_INFLOW, NULL);

  gst_object_ref_sink (self);
  self->reception = gst_object_ref (reception);
  self->serial = serial;
  self->loop = gst_rcast_loop_ref (loop);
  self->rtpbin = gst_bin_get_by_name (GST_BIN (webrtc), "rtpbin");
  g_object_get (webrtc, "ice-agent", &self->ice, NULL);
  gst_rcast_listen (reception, "count", G_CALLBACK (on_count), self);
  if (self->rtpbin) {
    gst_rcast_listen (self->rtpbin, "element-added",
        G_CALLBACK (on_element_added), self);
    gst_rcast_listen (self->rtpbin, "new-jitterbuffer",
        G_CALLBACK (on_new_jitterbuffer), self);
  }
  if (self->ice) {
    gst_rcast_listen (self->ice, "path-changed",
        G_CALLBACK (on_path_changed), self);
    gst_rcast_listen (self->ice, "generation-swapped",
        G_CALLBACK (on_generation_swapped), self);
  }
  return self;
}

static void
gst_rcast_inflow_finalize (GObject * object)
{
  GstRcastInflow *self = GST_RCAST_INFLOW (object);

  gst_clear_object (&self->ice);
  gst_clear_object (&self->rtpbin);
  gst_object_unref (self->reception);
  gst_rcast_loop_unref (self->loop);
  g_hash_table_unref (self->sources);
  g_ptr_array_unref (self->sessions);
  g_ptr_array_unref (self->buffers);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (gst_rcast_inflow_parent_class)->finalize (object);
}

static void
gst_rcast_inflow_class_init (GstRcastInflowClass * klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_rcast_inflow_finalize;
}

static void
gst_rcast_inflow_init (GstRcastInflow * self)
{
  g_mutex_init (&self->lock);
  self->sources = g_hash_table_new_full (NULL, NULL, NULL, entry_free);
  self->sessions = g_ptr_array_new_with_free_func (g_object_unref);
  self->buffers = g_ptr_array_new_with_free_func (buffer_free);
}
