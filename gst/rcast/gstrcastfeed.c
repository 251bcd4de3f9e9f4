/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Carries one stream into one webrtcbin, behind a gate that opens at a key frame. */
#include "config.h"

#include "gstrcastfeed.h"

#include <gst/video/video.h>
#include <string.h>

#include "gstrcastfeedcaps.h"
#include "gstrcastfeedqueue.h"
#include "rcast-codec.h"
#include "rcast-error.h"
#include "rcast-numbers.h"
#include "rcast-red.h"
#include "rcast-rtp.h"

GST_DEBUG_CATEGORY_STATIC (feed_debug);
#define GST_CAT_DEFAULT feed_debug

/* Media time after which a key frame that did not come is requested again. */
#define KEYFRAME_RETRY (2 * GST_SECOND)
/* Step of the RTP timestamps into a new epoch that has no later running time: one frame. */
#define EPOCH_STEP (20 * GST_MSECOND)

/* The gate. */
typedef enum
{
  GATE_CLOSED,                  /* packets are dropped */
  GATE_WAITING,                 /* opens at the next key frame */
  GATE_STALLED,                 /* overflowed; waits until downstream takes packets again */
  GATE_OPEN,
} Gate;

/* The values to write into RTP headers. */
typedef struct
{
  guint payload_type;
  guint clock_rate;
  guint32 ssrc;
  GstRcastRtpExtensions extensions;     /* those that were negotiated */
  gint redundant;               /* payload type, -1: not negotiated */
  guint loss;                   /* percent */
} Rtp;

struct _GstRcastFeed
{
  GstPushSrc parent;

  GMutex lock;                  /* a leaf: nothing foreign is called under it */
  GCond cond;                   /* lock: an item, eos, flushing, gate, caps_pending */
  Gate gate;                    /* lock */
  gboolean flushing;            /* lock; what the base class asked for last */
  gboolean playing;             /* lock; the feed only waits while it plays */
  gboolean eos;                 /* lock; the stream has ended, unless more packets come */
  gboolean ended;               /* lock; eos, all packets have left, and `ended` was emitted */
  gboolean is_video;            /* lock */
  const gchar *encoding_name;   /* lock; interned, NULL until negotiated */
  GstCaps *caps;                /* lock; caps of the src pad */
  gboolean caps_pending;        /* lock; caps are to be sent before the next packet */
  Rtp rtp;                      /* lock */
  GstRcastFeedQueue *queue;     /* lock */
  GstRcastPacing *pacing;       /* lock; set once, NULL until then */
  GstClockTime asked_at;        /* lock; running time of the last key frame request */
  gboolean lacks_key;           /* lock; the gate waits for a key frame, and drops frames */
  GstClockTime lacks_since;     /* lock; running time of the first dropped frame */
  guint n_leaving;              /* lock; packets made that have not left the pad */
  guint64 n_sent;               /* lock; packets that left the pad */
  guint64 bytes_sent;           /* lock; bytes that left the pad */
  guint64 n_skipped;            /* lock; sequence numbers that were left out */
  guint64 n_closed;             /* lock */
  guint64 n_overflow;           /* lock */
  guint64 n_opened;             /* lock */

  /* Streaming thread only. */
  gsize room;                   /* bytes that may leave now */
  GstClockTime turn;            /* when to ask the pacer for room again */
  GstRcastNumbers numbers;      /* of packets that left */
  GstRcastNumbers made;         /* of packets that are about to leave */
  GstRcastRed red;
  gboolean started;             /* whether the fields below mean anything */
  guint epoch;
  guint32 timestamp_offset;     /* added to the timestamps that come in */
  guint32 last_timestamp;
  GstClockTime last_running_time;
};

enum
{
  SIGNAL_REQUEST_KEYFRAME,
  SIGNAL_ENDED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS ("application/x-rtp"));

G_DEFINE_TYPE_WITH_CODE (GstRcastFeed, gst_rcast_feed, GST_TYPE_PUSH_SRC,
    GST_DEBUG_CATEGORY_INIT (feed_debug, "rcastfeed", 0,
        "rcast: packets into one webrtcbin"));

/* Whether it is time to request the awaited key frame (again). */
static gboolean
should_ask_locked (GstRcastFeed * self, GstClockTime running_time)
{
  if (!GST_CLOCK_TIME_IS_VALID (running_time))
    return FALSE;
  if (GST_CLOCK_TIME_IS_VALID (self->asked_at)
      && running_time >= self->asked_at
      && running_time - self->asked_at < KEYFRAME_RETRY)
    return FALSE;
  self->asked_at = running_time;
  return TRUE;
}

static void
ask_for_keyframe (GstRcastFeed * self)
{
  GST_DEBUG_OBJECT (self, "asking for a key frame");
  g_signal_emit (self, signals[SIGNAL_REQUEST_KEYFRAME], 0);
}

/* Receivers that start without a key frame show what they can until the next one. */
static gboolean
is_patience_over_locked (GstRcastFeed * self, const GstRcastFeedPacket * packet)
{
  if (!self->lacks_key || !GST_CLOCK_TIME_IS_VALID (self->lacks_since))
    self->lacks_since = packet->running_time;
  self->lacks_key = TRUE;
  return packet->starts_frame && GST_CLOCK_TIME_IS_VALID (packet->patience)
      && GST_CLOCK_TIME_IS_VALID (self->lacks_since)
      && GST_CLOCK_TIME_IS_VALID (packet->running_time)
      && packet->running_time >= self->lacks_since + packet->patience;
}

/* Lets @packet through, or not. A gate that waits opens where a receiver can start.
 * Returns: whether to request a key frame */
static gboolean
try_gate_locked (GstRcastFeed * self, const GstRcastFeedPacket * packet)
{
  if (self->encoding_name != packet->encoding_name) {
    /* The encoder has been swapped, or has yet to be swapped for the negotiated one. */
    if (self->gate == GATE_OPEN)
      self->gate = GATE_WAITING;
    return FALSE;
  }
  if (self->gate != GATE_WAITING)
    return FALSE;
  if (!packet->starts_keyframe && !packet->starts_recovery && self->is_video
      && !is_patience_over_locked (self, packet))
    return should_ask_locked (self, packet->running_time);
  self->gate = GATE_OPEN;
  self->lacks_key = FALSE;
  self->n_opened++;
  GST_DEBUG_OBJECT (self, "open");
  return FALSE;
}

/* Returns: how many packets were dropped because the queue is full, @packet included */
static guint
enqueue_locked (GstRcastFeed * self, const GstRcastFeedPacket * packet)
{
  GstRcastFeedItem item = { gst_buffer_ref (packet->buffer), packet->timestamp,
    packet->payload_offset, packet->running_time, packet->due,
    packet->arrival, gst_util_get_timestamp (), packet->epoch, packet->lost,
    packet->place, self->n_opened
  };

  gst_rcast_feed_queue_push (self->queue, &item);
  if (!gst_rcast_feed_queue_is_full (self->queue))
    return 0;
  GST_WARNING_OBJECT (self, "webrtcbin takes nothing, dropping %u packets, "
      "going on at a key frame when it does",
      gst_rcast_feed_queue_get_length (self->queue));
  self->gate = GATE_STALLED;
  return gst_rcast_feed_queue_clear (self->queue);
}

/**
 * gst_rcast_feed_push:
 * @feed: the feed
 * @packet: what to send
 * @lost: (out): how many packets were dropped from the queue to make room
 *
 * Never blocks. If webrtcbin does not take packets in time, they are dropped up to the
 * next key frame after it does.
 *
 * Returns: what became of @packet
 */
GstRcastFeedResult
gst_rcast_feed_push (GstRcastFeed * feed, const GstRcastFeedPacket * packet,
    guint * lost)
{
  GstRcastFeedResult result = GST_RCAST_FEED_CLOSED;
  guint n_dropped = 0;
  gboolean ask;

  g_mutex_lock (&feed->lock);
  feed->eos = feed->ended = FALSE;
  ask = try_gate_locked (feed, packet);
  if (feed->gate == GATE_OPEN) {
    n_dropped = enqueue_locked (feed, packet);
    result = n_dropped > 0 ? GST_RCAST_FEED_OVERFLOW : GST_RCAST_FEED_SENT;
  } else if (feed->gate == GATE_STALLED
      && feed->encoding_name == packet->encoding_name) {
    n_dropped = 1;
    result = GST_RCAST_FEED_OVERFLOW;
  }
  /* Signal once for each frame: to wake up for each packet would cost more than to send it. */
  if (!packet->more)
    g_cond_signal (&feed->cond);
  feed->n_closed += result == GST_RCAST_FEED_CLOSED;
  feed->n_overflow += n_dropped;
  g_mutex_unlock (&feed->lock);

  *lost = n_dropped > 0 ? n_dropped - 1 : 0;
  if (ask)
    ask_for_keyframe (feed);
  return result;
}

/* Ends the stream, unless another packet comes, as after a flush. Never blocks. */
void
gst_rcast_feed_push_eos (GstRcastFeed * feed)
{
  g_mutex_lock (&feed->lock);
  feed->eos = TRUE;
  g_cond_signal (&feed->cond);
  g_mutex_unlock (&feed->lock);
}

/* Returns: whether the stream has ended, and all of its packets have left. Any thread */
gboolean
gst_rcast_feed_has_ended (GstRcastFeed * feed)
{
  gboolean ended;

  g_mutex_lock (&feed->lock);
  ended = feed->ended;
  g_mutex_unlock (&feed->lock);
  return ended;
}

/**
 * gst_rcast_feed_set_open:
 * @feed: the feed
 * @open: whether packets are wanted
 *
 * Opens the gate: for audio at once, for video at the next key frame, which is requested.
 * Closing the gate drops the queue. Any thread.
 */
void
gst_rcast_feed_set_open (GstRcastFeed * feed, gboolean open)
{
  gboolean ask = FALSE;

  g_return_if_fail (GST_IS_RCAST_FEED (feed));

  g_mutex_lock (&feed->lock);
  if (open && feed->gate == GATE_CLOSED) {
    feed->gate = GATE_WAITING;
    feed->asked_at = GST_CLOCK_TIME_NONE;
    ask = feed->is_video;
  } else if (!open && feed->gate != GATE_CLOSED) {
    feed->gate = GATE_CLOSED;
    feed->lacks_key = FALSE;
    feed->n_closed += gst_rcast_feed_queue_clear (feed->queue);
    GST_DEBUG_OBJECT (feed, "closed");
  }
  g_mutex_unlock (&feed->lock);

  if (ask)
    ask_for_keyframe (feed);
}

/* Queued video leaves at the pace of @pacing, and all that the feed sends is charged to
 * it. Always pass the same one. Any thread */
void
gst_rcast_feed_set_pacing (GstRcastFeed * feed, GstRcastPacing * pacing)
{
  g_mutex_lock (&feed->lock);
  g_assert (!feed->pacing || feed->pacing == pacing);
  if (!feed->pacing)
    feed->pacing = gst_rcast_pacing_ref (pacing);
  g_mutex_unlock (&feed->lock);
}

/* Sets the share of packets that are lost. If it is high, audio is sent with redundancy,
 * provided that the server takes it. Any thread */
void
gst_rcast_feed_set_loss (GstRcastFeed * feed, guint percent)
{
  g_mutex_lock (&feed->lock);
  feed->rtp.loss = percent;
  g_mutex_unlock (&feed->lock);
}

/* Returns: whether the gate is to open, but has not yet. Any thread */
gboolean
gst_rcast_feed_is_waiting (GstRcastFeed * feed)
{
  gboolean waiting;

  g_mutex_lock (&feed->lock);
  waiting = feed->gate == GATE_WAITING;
  g_mutex_unlock (&feed->lock);
  return waiting;
}

/* Returns: whether packets are dropped for lack of a key frame. Any thread */
gboolean
gst_rcast_feed_lacks_key (GstRcastFeed * feed)
{
  gboolean lacks_key;

  g_mutex_lock (&feed->lock);
  lacks_key = feed->lacks_key;
  g_mutex_unlock (&feed->lock);
  return lacks_key;
}

/* Returns: whether packets pass, which may begin later than set_open() */
gboolean
gst_rcast_feed_is_open (GstRcastFeed * feed)
{
  gboolean open;

  g_return_val_if_fail (GST_IS_RCAST_FEED (feed), FALSE);

  g_mutex_lock (&feed->lock);
  open = feed->gate == GATE_OPEN;
  g_mutex_unlock (&feed->lock);
  return open;
}

/**
 * gst_rcast_feed_set_rtp:
 * @feed: the feed
 * @negotiated: one structure with media, encoding-name, clock-rate and payload
 * @ssrc: SSRC of the packets to send
 *
 * Sets what webrtcbin and the server agreed on. Only packets of that codec pass.
 * If there is an extmap for transport-wide sequence numbers, each packet gets room for
 * one. If there is one for the send time, each packet carries it.
 * The packets carry the payload type of @negotiated, or the one in its field
 * %GST_RCAST_FEED_SENT_PAYLOAD: the number by which the server knows the codec.
 * A running feed sends its caps event at once, so that webrtcbin can connect its pad
 * before there is media. Any thread.
 *
 * Returns: %FALSE with @error if @negotiated lacks something
 */
gboolean
gst_rcast_feed_set_rtp (GstRcastFeed * feed, const GstCaps * negotiated,
    guint32 ssrc, GError ** error)
{
  const GstStructure *s;
  const gchar *name, *media;
  gint payload, clock_rate;

  g_return_val_if_fail (GST_IS_RCAST_FEED (feed), FALSE);
  g_return_val_if_fail (GST_IS_CAPS (negotiated), FALSE);

  s = gst_caps_get_size (negotiated) > 0 ?
      gst_caps_get_structure (negotiated, 0) : NULL;
  if (!s || !(media = gst_structure_get_string (s, "media"))
      || !(name = gst_structure_get_string (s, "encoding-name"))
      || !gst_structure_get_int (s, "payload", &payload)
      || !gst_structure_get_int (s, "clock-rate", &clock_rate)
      || payload < 0 || payload > 127 || clock_rate <= 0) {
    g_autofree gchar *text = gst_caps_to_string (negotiated);

    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "No payload type, clock rate or encoding in %s", text);
    return FALSE;
  }

  g_mutex_lock (&feed->lock);
  feed->encoding_name = gst_rcast_codec_canonical_name (name);
  feed->is_video = g_str_equal (media, "video");
  feed->rtp.payload_type = payload;
  if (gst_structure_get_int (s, GST_RCAST_FEED_SENT_PAYLOAD, &payload))
    feed->rtp.payload_type = payload;
  feed->rtp.redundant = -1;
  gst_structure_get_int (s, GST_RCAST_FEED_SENT_REDUNDANT,
      &feed->rtp.redundant);
  feed->rtp.clock_rate = clock_rate;
  feed->rtp.ssrc = ssrc;
  feed->rtp.extensions.twcc_id =
      gst_rcast_feed_caps_find_extension (s, GST_RCAST_RTP_TWCC_URI);
  feed->rtp.extensions.send_time_id =
      gst_rcast_feed_caps_find_extension (s, GST_RCAST_RTP_SEND_TIME_URI);
  gst_clear_caps (&feed->caps);
  feed->caps = gst_rcast_feed_caps_new (s, ssrc);
  feed->caps_pending = TRUE;
  g_cond_signal (&feed->cond);
  g_mutex_unlock (&feed->lock);
  return TRUE;
}

/* Returns: (transfer full): what this feed sent and dropped */
GstStructure *
gst_rcast_feed_get_stats (GstRcastFeed * feed)
{
  GstStructure *s;

  g_return_val_if_fail (GST_IS_RCAST_FEED (feed), NULL);

  g_mutex_lock (&feed->lock);
  s = gst_structure_new ("application/x-rcast-feed-stats",
      "open", G_TYPE_BOOLEAN, feed->gate == GATE_OPEN,
      "packets-queued", G_TYPE_UINT,
      gst_rcast_feed_queue_get_length (feed->queue),
      "packets-sent", G_TYPE_UINT64, feed->n_sent,
      "packets-dropped-closed", G_TYPE_UINT64, feed->n_closed,
      "packets-dropped-overflow", G_TYPE_UINT64, feed->n_overflow,
      "times-opened", G_TYPE_UINT64, feed->n_opened, NULL);
  g_mutex_unlock (&feed->lock);
  return s;
}

/* @skipped: (out): how many sequence numbers were left out, for packets that did not come
 * Returns: packets sent, as in the statistics, but cheap enough for each RTCP report. Any
 *   thread */
guint64
gst_rcast_feed_get_packets_sent (GstRcastFeed * feed, guint64 * skipped)
{
  guint64 packets;

  g_mutex_lock (&feed->lock);
  packets = feed->n_sent;
  *skipped = feed->n_skipped;
  g_mutex_unlock (&feed->lock);
  return packets;
}

/* Counts what has left, not what is only queued. Any thread */
void
gst_rcast_feed_get_sent (GstRcastFeed * feed, guint64 * packets,
    guint64 * bytes)
{
  g_mutex_lock (&feed->lock);
  *packets = feed->n_sent;
  *bytes = feed->bytes_sent;
  g_mutex_unlock (&feed->lock);
}

/* When the source starts anew, RTP timestamps go on from the last one, by the time that
 * has passed. */
static void
begin_epoch (GstRcastFeed * self, const GstRcastFeedItem * item,
    const Rtp * rtp, guint32 timestamp)
{
  GstClockTime passed = EPOCH_STEP;

  self->epoch = item->epoch;
  if (!self->started) {
    self->started = TRUE;
    self->timestamp_offset = 0;
    return;
  }
  if (GST_CLOCK_TIME_IS_VALID (item->running_time)
      && GST_CLOCK_TIME_IS_VALID (self->last_running_time)
      && item->running_time > self->last_running_time)
    passed = item->running_time - self->last_running_time;
  self->timestamp_offset = self->last_timestamp
      + (guint32) gst_util_uint64_scale_round (passed, rtp->clock_rate,
      GST_SECOND) - timestamp;
  GST_DEBUG_OBJECT (self, "RTP timestamps start anew, %" GST_TIME_FORMAT " on",
      GST_TIME_ARGS (passed));
}

/* @front: (out): redundant data to put in front of the payload. RTP that comes in with
 * padding is left alone. Streaming thread. Returns: size of @front */
static gsize
make_redundant (GstRcastFeed * self, const GstRcastFeedItem * item,
    const Rtp * rtp, guint32 timestamp, guint8 * front)
{
  gsize size = 0;
  GstMapInfo map;

  if (gst_rcast_red_get_payload (&self->red) != rtp->redundant)
    gst_rcast_red_init (&self->red, rtp->redundant, rtp->payload_type);
  if (rtp->redundant < 0 || !gst_buffer_map (item->buffer, &map, GST_MAP_READ))
    return 0;
  gst_rcast_red_heed (&self->red, rtp->loss);
  if (!(map.data[0] & 0x20))
    size = gst_rcast_red_next (&self->red, front, timestamp,
        map.data + item->payload_offset, map.size - item->payload_offset);
  gst_buffer_unmap (item->buffer, &map);
  return size;
}

/* Makes the packet that leaves: its own header, and a copy of the payload, which other
 * feeds use, too. One piece of memory: SRTP would join two pieces, at a higher price than
 * that of the copy. Streaming thread. Returns: (transfer full) */
static GstBuffer *
rewrite (GstRcastFeed * self, const GstRcastFeedItem * item, const Rtp * rtp,
    guint16 sequence)
{
  guint8 in[GST_RCAST_RTP_MAX_HEADER_SIZE];
  guint8 out[GST_RCAST_RTP_MAX_HEADER_SIZE + GST_RCAST_RED_MAX_FRONT];
  guint8 front[GST_RCAST_RED_MAX_FRONT];
  GstRcastRtpHeader header = { 0, };
  gsize size, payload, redundant;
  GstBuffer *buffer;
  GstMapInfo map;

  if (!self->started || self->epoch != item->epoch)
    begin_epoch (self, item, rtp, item->timestamp);
  header.payload_type = rtp->payload_type;
  header.sequence = sequence;
  header.timestamp = item->timestamp + self->timestamp_offset;
  header.ssrc = rtp->ssrc;
  if (item->place == 0) {
    self->last_timestamp = header.timestamp;
    self->last_running_time = item->running_time;
  }

  gst_buffer_extract (item->buffer, 0, in, sizeof (in));
  redundant = make_redundant (self, item, rtp, header.timestamp, front);
  if (redundant > 0)
    header.payload_type = rtp->redundant;
  size = gst_rcast_rtp_write_header (out, in, &header, &rtp->extensions);
  memcpy (out + size, front, redundant);
  size += redundant;
  payload = gst_buffer_get_size (item->buffer) - item->payload_offset;
  /* Without a payload there is no padding: its last byte would be one of an extension. */
  if (payload == 0)
    out[0] &= ~0x20;
  buffer = gst_buffer_new_allocate (NULL, size + payload, NULL);
  gst_buffer_map (buffer, &map, GST_MAP_WRITE);
  memcpy (map.data, out, size);
  gst_buffer_extract (item->buffer, item->payload_offset, map.data + size,
      payload);
  gst_buffer_unmap (buffer, &map);
  gst_buffer_copy_into (buffer, item->buffer, GST_BUFFER_COPY_FLAGS, 0, -1);
  GST_BUFFER_PTS (buffer) = item->due;
  return buffer;
}

/* Packets that did not leave when the pad was stopped or flushed count as dropped. */
static void
lose_leaving_locked (GstRcastFeed * self)
{
  self->n_closed += self->n_leaving;
  self->n_leaving = 0;
}

/* Counts the packets that leave. A state change may drop what was made before this.
 * Streaming thread. */
static GstPadProbeReturn
on_departure (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  GstRcastFeed *self = GST_RCAST_FEED (GST_PAD_PARENT (pad));
  GstRcastPacing *pacing;
  gsize bytes;
  guint n = 1;

  if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) {
    n = gst_buffer_list_length (GST_PAD_PROBE_INFO_BUFFER_LIST (info));
    bytes = gst_buffer_list_calculate_size (GST_PAD_PROBE_INFO_BUFFER_LIST
        (info));
  } else {
    bytes = gst_buffer_get_size (GST_PAD_PROBE_INFO_BUFFER (info));
  }
  self->numbers = self->made;
  g_mutex_lock (&self->lock);
  self->n_sent += n;
  self->bytes_sent += bytes;
  self->n_skipped = self->numbers.skipped;
  self->n_leaving = 0;
  pacing = self->pacing;
  g_mutex_unlock (&self->lock);
  if (pacing)
    gst_rcast_pacing_charge (pacing, bytes
        + n * GST_RCAST_FEED_WIRE_SIZE);
  return GST_PAD_PROBE_OK;
}

/* Waits one step for the pacer's room. Releases the lock meanwhile. */
static void
wait_for_turn_locked (GstRcastFeed * self)
{
  GstClockTime now = gst_util_get_timestamp ();
  GstRcastPacing *pacing = self->pacing;
  GstRcastPacerQueue queue = { 0, };

  if (self->turn > now) {
    g_cond_wait_until (&self->cond, &self->lock, self->turn / GST_USECOND + 1);
    return;
  }
  gst_rcast_feed_queue_list (self->queue, &queue, now);
  g_mutex_unlock (&self->lock);
  self->room = gst_rcast_pacing_get_room (pacing, &queue, &self->turn);
  g_mutex_lock (&self->lock);
}

/* Waits until there is something to send. If there is, returns with the lock held. */
static GstFlowReturn
wait_for_item (GstRcastFeed * self)
{
  g_mutex_lock (&self->lock);
  while (self->playing && !self->flushing) {
    guint n_queued = gst_rcast_feed_queue_get_length (self->queue);

    if (self->caps_pending) {
      GstCaps *caps = gst_caps_ref (self->caps);

      self->caps_pending = FALSE;
      g_mutex_unlock (&self->lock);
      gst_base_src_set_caps (GST_BASE_SRC (self), caps);
      gst_caps_unref (caps);
      g_mutex_lock (&self->lock);
    } else if (self->gate == GATE_STALLED) {
      gboolean ask = self->is_video;

      self->gate = GATE_WAITING;
      self->asked_at = GST_CLOCK_TIME_NONE;
      g_mutex_unlock (&self->lock);
      if (ask)
        ask_for_keyframe (self);
      g_mutex_lock (&self->lock);
    } else if (n_queued > 0 && self->room == 0
        && self->pacing && self->is_video) {
      wait_for_turn_locked (self);
    } else if (n_queued > 0) {
      return GST_FLOW_OK;
    } else if (self->eos && !self->ended) {
      self->ended = TRUE;
      g_mutex_unlock (&self->lock);
      g_signal_emit (self, signals[SIGNAL_ENDED], 0);
      g_mutex_lock (&self->lock);
    } else {
      g_cond_wait (&self->cond, &self->lock);
    }
  }
  g_mutex_unlock (&self->lock);
  return GST_FLOW_FLUSHING;
}

static gboolean
is_stopping (GstRcastFeed * self)
{
  gboolean stopping;

  g_mutex_lock (&self->lock);
  stopping = self->flushing || !self->playing;
  g_mutex_unlock (&self->lock);
  return stopping;
}

/* Returns: the packets of the queue's first frame that have room; at least one */
static GArray *
take_frame_locked (GstRcastFeed * self)
{
  gboolean paced = self->pacing && self->is_video;
  gsize room = paced ? self->room : G_MAXSIZE;
  GArray *frame = gst_rcast_feed_queue_take_frame (self->queue, &room);

  /* The room that is left is for a frame that waits already, not for one that is still to
   * come. */
  self->room =
      paced && gst_rcast_feed_queue_get_length (self->queue) > 0 ? room : 0;
  return frame;
}

/* Releases the lock that wait_for_item() left held. Returns: (transfer full): may be empty */
static GstBufferList *
make_list (GstRcastFeed * self)
{
  g_autoptr (GArray) frame = take_frame_locked (self);
  GstBufferList *list = gst_buffer_list_new_sized (frame->len);
  Rtp rtp = self->rtp;
  guint16 number;

  lose_leaving_locked (self);
  self->n_leaving = frame->len;
  g_mutex_unlock (&self->lock);

  self->made = self->numbers;
  rtp.extensions.now = gst_util_get_timestamp ();
  for (guint i = 0; i < frame->len; i++) {
    const GstRcastFeedItem *item =
        &g_array_index (frame, GstRcastFeedItem, i);

    if (gst_rcast_numbers_take (&self->made, item->opening, item->lost,
            item->place, &number))
      gst_buffer_list_add (list, rewrite (self, item, &rtp, number));
  }
  g_mutex_lock (&self->lock);
  self->n_closed += frame->len - gst_buffer_list_length (list);
  self->n_leaving = gst_buffer_list_length (list);
  g_mutex_unlock (&self->lock);
  return list;
}

/* The packets of one frame leave as one list, or as several if they are paced. */
static GstFlowReturn
gst_rcast_feed_create (GstPushSrc * src, GstBuffer ** buffer)
{
  GstRcastFeed *self = GST_RCAST_FEED (src);
  g_autoptr (GstBufferList) list = NULL;
  GstFlowReturn ret;

  do {
    ret = wait_for_item (self);
    if (ret != GST_FLOW_OK)
      return ret;
    g_clear_pointer (&list, gst_buffer_list_unref);
    list = make_list (self);
  } while (gst_buffer_list_length (list) == 0);

  /* If the feed stops now, the base class frees the buffer that it got, even if it got a
   * list instead. */
  if (is_stopping (self))
    return GST_FLOW_FLUSHING;
  if (gst_buffer_list_length (list) == 1)
    *buffer = gst_buffer_ref (gst_buffer_list_get (list, 0));
  else
    gst_base_src_submit_buffer_list (GST_BASE_SRC (self),
        g_steal_pointer (&list));
  return GST_FLOW_OK;
}

/* @flag: a field of @self that wait_for_item() checks */
static void
set_flag (GstRcastFeed * self, gboolean * flag, gboolean value)
{
  g_mutex_lock (&self->lock);
  *flag = value;
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->lock);
}

static gboolean
gst_rcast_feed_unlock (GstBaseSrc * src)
{
  set_flag (GST_RCAST_FEED (src), &GST_RCAST_FEED (src)->flushing, TRUE);
  return TRUE;
}

static gboolean
gst_rcast_feed_unlock_stop (GstBaseSrc * src)
{
  set_flag (GST_RCAST_FEED (src), &GST_RCAST_FEED (src)->flushing, FALSE);
  return TRUE;
}

/* From 1.26 on the base class calls unlock_stop() for PLAYING on the streaming thread,
 * perhaps only after the unlock() of a stop that followed at once. So the flag of
 * unlock() alone does not tell that the feed stops. */
static GstStateChangeReturn
gst_rcast_feed_change_state (GstElement * element, GstStateChange transition)
{
  GstRcastFeed *self = GST_RCAST_FEED (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING)
    set_flag (self, &self->playing, TRUE);
  ret = GST_ELEMENT_CLASS (gst_rcast_feed_parent_class)->change_state (element,
      transition);
  if (transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED)
    set_flag (self, &self->playing, FALSE);
  return ret;
}

/* The sequence numbers go on over a stop, so no receiver counts a loss. */
static gboolean
gst_rcast_feed_stop (GstBaseSrc * src)
{
  GstRcastFeed *self = GST_RCAST_FEED (src);

  g_mutex_lock (&self->lock);
  lose_leaving_locked (self);
  self->n_closed += gst_rcast_feed_queue_clear (self->queue);
  if (self->gate != GATE_CLOSED)
    self->gate = GATE_STALLED;
  /* A pad forgets its caps when it is stopped. */
  self->caps_pending = self->caps != NULL;
  self->eos = self->ended = FALSE;
  g_mutex_unlock (&self->lock);
  return TRUE;
}

/* Caps come from the negotiation, not from what downstream would take. */
static gboolean
gst_rcast_feed_negotiate (GstBaseSrc * src)
{
  return TRUE;
}

static gboolean
gst_rcast_feed_query (GstBaseSrc * src, GstQuery * query)
{
  if (GST_QUERY_TYPE (query) == GST_QUERY_LATENCY) {
    gst_query_set_latency (query, TRUE, 0, GST_CLOCK_TIME_NONE);
    return TRUE;
  }
  return GST_BASE_SRC_CLASS (gst_rcast_feed_parent_class)->query (src, query);
}

/* The server's PLI and FIR arrive here as events. */
static gboolean
gst_rcast_feed_event (GstBaseSrc * src, GstEvent * event)
{
  if (gst_video_event_is_force_key_unit (event)) {
    ask_for_keyframe (GST_RCAST_FEED (src));
    return TRUE;
  }
  return GST_BASE_SRC_CLASS (gst_rcast_feed_parent_class)->event (src, event);
}

static void
gst_rcast_feed_finalize (GObject * object)
{
  GstRcastFeed *self = GST_RCAST_FEED (object);

  gst_rcast_feed_queue_free (self->queue);
  g_clear_pointer (&self->pacing, gst_rcast_pacing_unref);
  gst_clear_caps (&self->caps);
  g_cond_clear (&self->cond);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (gst_rcast_feed_parent_class)->finalize (object);
}

static void
gst_rcast_feed_class_init (GstRcastFeedClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSrcClass *base_class = GST_BASE_SRC_CLASS (klass);
  GstPushSrcClass *push_class = GST_PUSH_SRC_CLASS (klass);

  object_class->finalize = gst_rcast_feed_finalize;
  element_class->change_state = gst_rcast_feed_change_state;

  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "rcast feed",
      "Source/Network/RTP", "Carries a stream into one webrtcbin",
      "The gst-rcast authors");

  base_class->unlock = gst_rcast_feed_unlock;
  base_class->unlock_stop = gst_rcast_feed_unlock_stop;
  base_class->stop = gst_rcast_feed_stop;
  base_class->negotiate = gst_rcast_feed_negotiate;
  base_class->query = gst_rcast_feed_query;
  base_class->event = gst_rcast_feed_event;
  push_class->create = gst_rcast_feed_create;

  /**
   * GstRcastFeed::request-keyframe:
   * @feed: the feed
   *
   * Asks the producer of the stream for a key frame. Any thread.
   */
  signals[SIGNAL_REQUEST_KEYFRAME] = g_signal_new ("request-keyframe",
      G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 0);
  /**
   * GstRcastFeed::ended:
   * @feed: the feed
   *
   * The stream has ended, and all of its packets have left. There is no EOS event:
   * webrtcbin's funnel would forward that of one stream as the end of the whole bundle,
   * and nothing would pass after it. The streaming thread.
   */
  signals[SIGNAL_ENDED] = g_signal_new ("ended", G_TYPE_FROM_CLASS (klass),
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gst_rcast_feed_init (GstRcastFeed * self)
{
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  self->queue = gst_rcast_feed_queue_new ();
  self->asked_at = GST_CLOCK_TIME_NONE;
  self->last_running_time = GST_CLOCK_TIME_NONE;
  self->rtp.redundant = -1;
  gst_rcast_red_init (&self->red, -1, -1);
  /* RFC 3550 5.1 wants a random start; the lower half keeps SRTP's first guess
   * of the rollover counter right (RFC 3711 3.3.1). */
  self->numbers.next = g_random_int_range (0, 0x8000);
  gst_pad_add_probe (GST_BASE_SRC_PAD (self), GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_departure, NULL, NULL);
  gst_base_src_set_live (GST_BASE_SRC (self), TRUE);
  gst_base_src_set_format (GST_BASE_SRC (self), GST_FORMAT_TIME);
}

/* Returns: (transfer floating): a feed whose gate is closed */
GstElement *
gst_rcast_feed_new (const gchar * name)
{
  return g_object_new (GST_TYPE_RCAST_FEED, "name", name, NULL);
}
