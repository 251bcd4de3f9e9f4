/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hands the packets of one stream to any number of feeds, forwards their key frame requests,
 * and counts. */
#include "config.h"

#include "gstrcastfanout.h"

#include <gst/video/video.h>

#include "gstrcastpacketsink.h"
#include "rcast-epoch.h"
#include "rcast-rtp.h"

GST_DEBUG_CATEGORY_STATIC (fanout_debug);
#define GST_CAT_DEFAULT fanout_debug

/* A receiver with losses may request a key frame with every report. One key frame serves all
 * requests within this time. */
#define KEYFRAME_REQUEST_INTERVAL (500 * GST_MSECOND)
/* Size of the part of a packet that is searched for a key frame. */
#define PEEK_SIZE 2048
/* Most packets in front of the picture of a frame; parameter sets and a long SEI take a few. */
#define MAX_HELD 32
/* Interval between reports of a constant overflow. */
#define REPORT_INTERVAL (60 * G_USEC_PER_SEC)

typedef struct
{
  guint64 buffers_in;
  guint64 made;
  guint64 sent;                 /* by removed feeds; see get_sent() */
  guint64 bytes_sent;
  guint64 dropped_closed;
  guint64 dropped_overflow;
  guint64 invalid;
  guint64 keyframes_requested;
  guint64 keyframes_seen;
} Counters;

struct _GstRcastFanout
{
  GstObject parent;
  gint video_start;             /* atomic: GstRcastVideoStart */
  gint key_frame_wait;          /* atomic: ms */

  GstRcastMedia media;
  GstRcastFanoutCallbacks callbacks;
  gpointer data;
  GstElement *sink;             /* calls the fan-out; floating until the stream has it */
  GstPad *sink_pad;

  /* Streaming thread; after PAUSED the state change. */
  guint32 last_ssrc;
  gboolean have_ssrc;
  guint32 last_timestamp;       /* as received */
  GstClockTime last_running_time;
  guint clock_rate;
  guint32 frame_timestamp;
  gboolean frame_has_key;
  GArray *held;                 /* of GstRcastFeedPacket: the picture is yet to come */
  guint32 held_timestamp;
  gint first_set;               /* index of the first packet with parameter sets, or -1 */
  gboolean frame_has_sets, frame_has_recovery;  /* in the packets of the frame so far */
  guint epoch;
  guint32 lost;                 /* missing packets of this stream */
  guint32 place;                /* place of the next packet among them, if it is late; or 0 */
  gint flushed;                 /* atomic */

  const gchar *encoding_name;   /* OBJECT_LOCK, as all below; of the packets */
  GPtrArray *feeds;             /* immutable; only replaced */
  gboolean ended;               /* EOS came */
  guint n_feeds_made;
  Counters counters;
  guint overflown;              /* packets that are not reported yet */
  gint64 reported_at;           /* µs; 0: never */
  GstRcastStall stall;          /* the last judgement */
  GstClockTime asked_at;        /* clock time of the last key frame request */
  gboolean ask_again;           /* another request came too soon after it */
  guint n_unanswered;           /* requests since the last key frame */
  GstClockTime sent_time;       /* running time of the last packet */
};

G_DEFINE_TYPE_WITH_CODE (GstRcastFanout, gst_rcast_fanout, GST_TYPE_OBJECT,
    GST_DEBUG_CATEGORY_INIT (fanout_debug, "rcastfanout", 0,
        "rcast: packets of a stream to its feeds"));

/* --- packets --- */

static void
on_caps (gpointer user_data, GstCaps * caps)
{
  GstRcastFanout *self = user_data;
  const GstStructure *s = gst_caps_get_structure (caps, 0);
  const gchar *name = gst_structure_get_string (s, "encoding-name");
  gint clock_rate = 0;

  gst_structure_get_int (s, "clock-rate", &clock_rate);
  self->clock_rate = MAX (clock_rate, 0);
  GST_OBJECT_LOCK (self);
  self->encoding_name = gst_rcast_codec_canonical_name (name);
  GST_OBJECT_UNLOCK (self);
  self->callbacks.caps (caps, self->data);
}

/* Finds where a receiver can start. Only the first start of a frame counts, and @starts_frame
 * begins a new frame. A recovery point behind parameter sets is as good as a key frame. */
static GstRcastRtpStart
find_start (GstRcastFanout * self, GstRcastCodec codec,
    const GstRcastRtpHeader * header, gboolean starts_frame,
    const guint8 * data, gsize size)
{
  const guint8 *payload = data + header->payload_offset;
  gsize payload_size = MIN (header->payload_size,
      size - MIN (size, header->payload_offset));
  GstRcastRtpStart start;

  if (starts_frame)
    self->frame_has_key = self->frame_has_sets = self->frame_has_recovery =
        FALSE;
  self->frame_timestamp = header->timestamp;
  if (self->frame_has_key || payload_size == 0)
    return GST_RCAST_RTP_START_NONE;
  start = gst_rcast_rtp_find_start (codec, payload, payload_size);
  self->frame_has_sets |=
      gst_rcast_rtp_starts_keyframe (codec, payload, payload_size);
  self->frame_has_recovery |=
      gst_rcast_rtp_starts_recovery (codec, payload, payload_size);
  if (start == GST_RCAST_RTP_START_NONE && self->frame_has_sets
      && self->frame_has_recovery)
    start = GST_RCAST_RTP_START_KEY;
  self->frame_has_key |= start == GST_RCAST_RTP_START_KEY;
  return start;
}

static gboolean
read_header (GstBuffer * buffer, guint8 * data, gsize * size,
    GstRcastRtpHeader * header)
{
  gsize total = gst_buffer_get_size (buffer);
  guint8 padding = 0;

  *size = gst_buffer_extract (buffer, 0, data, PEEK_SIZE);
  /* The last byte, which was not read, holds the size of the padding. */
  if (*size < total && (data[0] & 0x20)) {
    gst_buffer_extract (buffer, total - 1, &padding, 1);
    data[0] &= ~0x20;
  }
  return gst_rcast_rtp_parse_header (data, *size, header)
      && header->payload_offset + padding <= total;
}

/* Whether RTP timestamps of the same source start anew. If so, reports it. */
static gboolean
jumps (GstRcastFanout * self, const GstRcastRtpHeader * header,
    GstClockTime running_time)
{
  GstClockTime passed = GST_CLOCK_TIME_NONE;
  gint64 moved, off;

  if (GST_CLOCK_TIME_IS_VALID (running_time)
      && GST_CLOCK_TIME_IS_VALID (self->last_running_time)
      && running_time >= self->last_running_time)
    passed = running_time - self->last_running_time;
  if (!gst_rcast_rtp_jumps (self->last_timestamp, header->timestamp,
          self->clock_rate, passed))
    return FALSE;
  moved = (gint32) (header->timestamp - self->last_timestamp);
  off = moved * (gint64) GST_SECOND / self->clock_rate
      - (gint64) (GST_CLOCK_TIME_IS_VALID (passed) ? passed : 0);
  GST_INFO_OBJECT (self, "RTP timestamps jumped by %" GST_STIME_FORMAT,
      GST_STIME_ARGS (off));
  self->callbacks.jumped (off, self->data);
  return TRUE;
}

/* RTP timestamps start anew with another source, after a flush, and when they jump. A slightly
 * late packet does not count. */
static guint
find_epoch (GstRcastFanout * self, const GstRcastRtpHeader * header,
    GstClockTime running_time)
{
  if (g_atomic_int_compare_and_exchange (&self->flushed, TRUE, FALSE)
      || !self->have_ssrc || self->last_ssrc != header->ssrc
      || jumps (self, header, running_time))
    self->epoch++;
  else if ((gint32) (header->timestamp - self->last_timestamp) < 0)
    return self->epoch;
  self->have_ssrc = TRUE;
  self->last_ssrc = header->ssrc;
  self->last_timestamp = header->timestamp;
  self->last_running_time = running_time;
  return self->epoch;
}

/* RTP timestamps of video follow the drift of the source's clock, so that video and audio are in
 * sync even in a receiver that ignores sender reports. Those of audio count samples. */
static guint32
correct (GstRcastFanout * self, guint32 timestamp,
    const GstRcastPacketTimes * times)
{
  gint64 by = self->media == GST_RCAST_MEDIA_VIDEO ? times->slewed :
      times->stepped;
  guint64 ticks;

  if (by == 0)
    return timestamp;
  ticks = gst_util_uint64_scale_round (ABS (by), self->clock_rate, GST_SECOND);
  return by > 0 ? timestamp + (guint32) ticks : timestamp - (guint32) ticks;
}

/* The fate of one packet, of all feeds together. */
typedef struct
{
  gboolean sent;                /* sent, or at least queued by a feed */
  gboolean overflow;
  guint lost;                   /* packets queued before it that were dropped */
} Fate;

static Fate
push_to_feeds (GPtrArray * feeds, const GstRcastFeedPacket * packet)
{
  Fate fate = { FALSE, FALSE, 0 };

  for (guint i = 0; i < feeds->len; i++) {
    guint lost;

    switch (gst_rcast_feed_push (g_ptr_array_index (feeds, i), packet, &lost)) {
      case GST_RCAST_FEED_SENT:
        fate.sent = TRUE;
        break;
      case GST_RCAST_FEED_OVERFLOW:
        fate.overflow = TRUE;
        break;
      case GST_RCAST_FEED_CLOSED:
        break;
    }
    fate.lost += lost;
  }
  return fate;
}

/* Returns: how many packets have overflown, if it is time to report them */
static guint
count_fate_locked (GstRcastFanout * self, const Fate * fate)
{
  guint overflown = fate->lost + (!fate->sent && fate->overflow);
  Counters *c = &self->counters;
  gint64 now;

  c->made++;
  c->dropped_overflow += overflown;
  c->dropped_closed += !fate->sent && !fate->overflow;
  if (overflown == 0)
    return 0;
  self->overflown += overflown;
  now = g_get_monotonic_time ();
  if (self->reported_at != 0 && now - self->reported_at < REPORT_INTERVAL)
    return 0;
  self->reported_at = now;
  overflown = self->overflown;
  self->overflown = 0;
  return overflown;
}

/* Counts @n packets, or frames, that cannot be used. */
void
gst_rcast_fanout_count_invalid (GstRcastFanout * fanout, guint n)
{
  GST_LOG_OBJECT (fanout, "%u not taken", n);
  GST_OBJECT_LOCK (fanout);
  fanout->counters.invalid += n;
  GST_OBJECT_UNLOCK (fanout);
}

/* Places the packets that come next: @missing packets before them are lost, or late. If they are
 * late themselves, @late more of the lost ones belong behind them; -1: they are not late.
 * Streaming thread */
void
gst_rcast_fanout_place (GstRcastFanout * fanout, guint missing, gint late)
{
  fanout->lost += missing;
  fanout->place = late < 0 ? 0 : fanout->lost - late;
}

/* Whether @data has a recovery point, and gates open at one. */
static gboolean
starts_recovery (GstRcastFanout * self, GstRcastCodec codec,
    const GstRcastRtpHeader * header, const guint8 * data, gsize size)
{
  gsize payload_size = MIN (header->payload_size,
      size - MIN (size, header->payload_offset));

  return g_atomic_int_get (&self->video_start)
      == GST_RCAST_VIDEO_START_RECOVERY_POINT && payload_size > 0
      && gst_rcast_rtp_starts_recovery (codec, data + header->payload_offset,
      payload_size);
}

static GstClockTime
get_patience (GstRcastFanout * self)
{
  guint wait = g_atomic_int_get (&self->key_frame_wait);

  return wait > 0 ? wait * GST_MSECOND : GST_CLOCK_TIME_NONE;
}

static void
send_packet (GstRcastFanout * self, const GstRcastFeedPacket * packet)
{
  g_autoptr (GPtrArray) feeds = NULL;
  guint overflown;
  gboolean ask;
  Fate fate;

  GST_OBJECT_LOCK (self);
  feeds = g_ptr_array_ref (self->feeds);
  GST_OBJECT_UNLOCK (self);
  fate = push_to_feeds (feeds, packet);

  GST_OBJECT_LOCK (self);
  overflown = count_fate_locked (self, &fate);
  self->sent_time = packet->running_time;
  if (packet->starts_keyframe) {
    /* Any packet of audio is a start, but no key frame. */
    self->counters.keyframes_seen += self->media == GST_RCAST_MEDIA_VIDEO;
    self->ask_again = FALSE;
    self->n_unanswered = 0;
  }
  ask = self->ask_again;
  GST_OBJECT_UNLOCK (self);
  if (overflown > 0)
    self->callbacks.report (GST_RCAST_TROUBLE_OVERFLOW, 0, overflown,
        self->data);
  if (ask)
    gst_rcast_fanout_request_keyframe (self);
}

/* --- what precedes a picture --- */

static void
clear_packet (gpointer packet)
{
  gst_buffer_unref (((GstRcastFeedPacket *) packet)->buffer);
}

static GArray *
new_held (void)
{
  GArray *held = g_array_new (FALSE, FALSE, sizeof (GstRcastFeedPacket));

  g_array_set_clear_func (held, clear_packet);
  return held;
}

static void
drop_held (GstRcastFanout * self)
{
  g_array_set_size (self->held, 0);
  self->first_set = -1;
}

/* Sends the packets that are held back. @key: whether they belong to a key frame
 * Returns: whether they have parameter sets; receivers then start at the first set */
static gboolean
release_held (GstRcastFanout * self, gboolean key)
{
  g_autoptr (GArray) held = self->held;
  gint first_set = self->first_set;

  self->held = new_held ();
  self->first_set = -1;
  for (guint i = 0; i < held->len; i++) {
    GstRcastFeedPacket *packet = &g_array_index (held, GstRcastFeedPacket, i);

    packet->starts_keyframe = key && (gint) i == first_set;
    send_packet (self, packet);
  }
  return first_set >= 0;
}

/* Holds back parameter sets until the picture behind them shows whether they belong to a key
 * frame. A frame of parameter sets only ends with the marker.
 * Returns: whether @packet waits */
static gboolean
hold_back (GstRcastFanout * self, GstRcastFeedPacket * packet,
    const GstRcastRtpHeader * header, GstRcastRtpStart start)
{
  gboolean any = self->held->len > 0;
  gboolean same = any && header->timestamp == self->held_timestamp;
  gboolean waits = start == GST_RCAST_RTP_START_LEADING && !header->marker
      && self->held->len < MAX_HELD;

  if (any && !same && (gint32) (header->timestamp - self->held_timestamp) < 0)
    return FALSE;               /* a late packet */
  if (any && !(same && waits)
      && release_held (self, same && start == GST_RCAST_RTP_START_KEY))
    packet->starts_keyframe &= !same;
  if (!waits || !(same || packet->starts_frame))
    return FALSE;
  if (self->frame_has_sets && self->first_set < 0)
    self->first_set = self->held->len;
  g_array_append_val (self->held, *packet);
  gst_buffer_ref (packet->buffer);
  self->held_timestamp = header->timestamp;
  return TRUE;
}

static void
on_packet (gpointer user_data, GstBuffer * buffer,
    const GstRcastPacketTimes * times, gboolean more)
{
  GstRcastFanout *self = user_data;
  guint8 data[PEEK_SIZE];
  gsize size;
  GstRcastRtpHeader header;
  GstRcastFeedPacket packet = {.buffer = buffer,.due = times->due,
    .running_time = times->running_time,.arrival = times->arrival,
    .more = more,.lost = self->lost,.place = self->place
  };
  GstRcastCodec codec;
  GstRcastRtpStart start;

  if (!read_header (buffer, data, &size, &header)) {
    gst_rcast_fanout_count_invalid (self, 1);
    return;
  }

  if (g_atomic_int_get (&self->flushed))
    drop_held (self);
  GST_OBJECT_LOCK (self);
  packet.encoding_name = self->encoding_name;
  self->ended = FALSE;
  GST_OBJECT_UNLOCK (self);

  packet.payload_offset = header.payload_offset;
  packet.timestamp = correct (self, header.timestamp, times);
  packet.epoch = self->epoch;
  /* The packets that came in time have settled these fields. */
  if (packet.place > 0) {
    send_packet (self, &packet);
    return;
  }
  packet.starts_frame = !self->have_ssrc || header.ssrc != self->last_ssrc
      || header.timestamp != self->frame_timestamp;
  packet.patience = get_patience (self);
  codec = gst_rcast_codec_from_name (packet.encoding_name);
  start = find_start (self, codec, &header, packet.starts_frame, data, size);
  packet.starts_keyframe = start == GST_RCAST_RTP_START_KEY;
  packet.starts_recovery = starts_recovery (self, codec, &header, data, size);
  packet.epoch = find_epoch (self, &header, times->running_time);
  if (!hold_back (self, &packet, &header, start))
    send_packet (self, &packet);
}

static void
on_eos (gpointer user_data)
{
  GstRcastFanout *self = user_data;
  g_autoptr (GPtrArray) feeds = NULL;

  release_held (self, FALSE);
  GST_OBJECT_LOCK (self);
  feeds = g_ptr_array_ref (self->feeds);
  self->ended = TRUE;
  GST_OBJECT_UNLOCK (self);
  for (guint i = 0; i < feeds->len; i++)
    gst_rcast_feed_push_eos (g_ptr_array_index (feeds, i));
}

static void
on_drifted (gpointer user_data, gint64 ahead)
{
  GstRcastFanout *self = user_data;

  self->callbacks.report (GST_RCAST_TROUBLE_DRIFT, ahead, 0, self->data);
}

static void
on_late (gpointer user_data, GstClockTime late)
{
  GstRcastFanout *self = user_data;

  self->callbacks.report (GST_RCAST_TROUBLE_SLOW, MIN (late, G_MAXINT64), 0,
      self->data);
}

static const GstRcastPacketSinkFuncs sink_funcs = {
  .caps = on_caps,
  .packet = on_packet,
  .drifted = on_drifted,
  .late = on_late,
  .eos = on_eos,
};

/* --- key frames --- */

/* Clock time, or none where there is no clock. */
static GstClockTime
get_now (GstRcastFanout * self)
{
  g_autoptr (GstClock) clock = gst_element_get_clock (self->sink);

  return clock ? gst_clock_get_time (clock) : GST_CLOCK_TIME_NONE;
}

/**
 * gst_rcast_fanout_request_keyframe:
 * @fanout: the fan-out
 *
 * Requests a key frame with all headers from the encoder, here or upstream. Requests within 500
 * ms count as one, which is sent after that time unless a key frame came. Any thread.
 */
void
gst_rcast_fanout_request_keyframe (GstRcastFanout * fanout)
{
  GstClockTime now, due;
  guint count;

  if (fanout->media != GST_RCAST_MEDIA_VIDEO)
    return;
  now = get_now (fanout);
  GST_OBJECT_LOCK (fanout);
  if (GST_CLOCK_TIME_IS_VALID (now)
      && GST_CLOCK_TIME_IS_VALID (fanout->asked_at)
      && now >= fanout->asked_at
      && now - fanout->asked_at < KEYFRAME_REQUEST_INTERVAL) {
    fanout->ask_again = TRUE;
    GST_OBJECT_UNLOCK (fanout);
    return;
  }
  fanout->asked_at = now;
  fanout->ask_again = FALSE;
  count = ++fanout->counters.keyframes_requested;
  /* A pad with an offset upstream, as in concat, turns NONE, which means at once, into a time
   * that never comes. The time of the last packet also means at once, unless timestamps were
   * corrected. */
  due = fanout->n_unanswered++ % 2 ? fanout->sent_time : GST_CLOCK_TIME_NONE;
  GST_OBJECT_UNLOCK (fanout);

  GST_DEBUG_OBJECT (fanout, "asking for a key frame");
  gst_pad_push_event (fanout->sink_pad,
      gst_video_event_new_upstream_force_key_unit (due, TRUE, count));
}

/* --- feeds --- */

/* Returns: (transfer full): a copy of @feeds with @added and without @removed */
static GPtrArray *
copy_feeds (GPtrArray * feeds, GstElement * added, GstElement * removed)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func (gst_object_unref);

  for (guint i = 0; feeds && i < feeds->len; i++) {
    if (g_ptr_array_index (feeds, i) != removed)
      g_ptr_array_add (copy, gst_object_ref (g_ptr_array_index (feeds, i)));
  }
  if (added)
    g_ptr_array_add (copy, gst_object_ref (added));
  return copy;
}

/* Returns: whether the stream has ended */
static gboolean
replace_feeds (GstRcastFanout * self, GstElement * added, GstElement * removed)
{
  GPtrArray *old;
  guint64 packets = 0, bytes = 0;
  gboolean ended;

  if (removed)
    gst_rcast_feed_get_sent (GST_RCAST_FEED (removed), &packets, &bytes);
  GST_OBJECT_LOCK (self);
  self->counters.sent += packets;
  self->counters.bytes_sent += bytes;
  old = self->feeds;
  self->feeds = copy_feeds (old, added, removed);
  ended = self->ended;
  GST_OBJECT_UNLOCK (self);
  g_ptr_array_unref (old);
  return ended;
}

/**
 * gst_rcast_fanout_add_feed:
 * @fanout: the fan-out
 *
 * Makes a source for one sink pad of webrtcbin. The caller adds it to a bin, sets the negotiated
 * caps, and opens it. Any thread.
 *
 * Returns: (transfer none): a closed feed; not floating: the fan-out holds a reference until
 *   gst_rcast_fanout_remove_feed(), the bin takes another one
 */
GstElement *
gst_rcast_fanout_add_feed (GstRcastFanout * fanout)
{
  g_autofree gchar *name = NULL;
  GstElement *feed;
  guint number;

  GST_OBJECT_LOCK (fanout);
  number = fanout->n_feeds_made++;
  name = g_strdup_printf ("%s-feed-%u", GST_OBJECT_NAME (fanout), number);
  GST_OBJECT_UNLOCK (fanout);

  feed = gst_object_ref_sink (gst_rcast_feed_new (name));
  g_signal_connect_object (feed, "request-keyframe",
      G_CALLBACK (gst_rcast_fanout_request_keyframe), fanout,
      G_CONNECT_SWAPPED);
  if (replace_feeds (fanout, feed, NULL))
    gst_rcast_feed_push_eos (GST_RCAST_FEED (feed));
  gst_object_unref (feed);
  return feed;
}

/**
 * gst_rcast_fanout_remove_feed:
 * @fanout: the fan-out
 * @feed: one of its feeds; it may be in any state, and in the middle of a push
 *
 * Disconnects @feed from the stream: nothing is pushed into it any more. The caller still has to
 * stop it and remove it from its bin. Any thread.
 */
void
gst_rcast_fanout_remove_feed (GstRcastFanout * fanout, GstElement * feed)
{
  g_signal_handlers_disconnect_by_func (feed,
      gst_rcast_fanout_request_keyframe, fanout);
  gst_rcast_feed_set_open (GST_RCAST_FEED (feed), FALSE);
  replace_feeds (fanout, NULL, feed);
}

/* --- counts --- */

/* @n_buffers came in on the stream's pad. */
void
gst_rcast_fanout_count_input (GstRcastFanout * fanout, guint n_buffers)
{
  GST_OBJECT_LOCK (fanout);
  fanout->counters.buffers_in += n_buffers;
  GST_OBJECT_UNLOCK (fanout);
}

/* Adds the counts of @feeds, without any lock. */
static void
add_sent (GPtrArray * feeds, Counters * counters)
{
  for (guint i = 0; i < feeds->len; i++) {
    guint64 packets, bytes;

    gst_rcast_feed_get_sent (g_ptr_array_index (feeds, i), &packets, &bytes);
    counters->sent += packets;
    counters->bytes_sent += bytes;
  }
}

/* Fills in the counts for gst_rcast_stall_judge(). Any thread */
void
gst_rcast_fanout_get_stall (GstRcastFanout * fanout, GstRcastStall * stall)
{
  g_autoptr (GPtrArray) feeds = NULL;
  Counters c;

  GST_OBJECT_LOCK (fanout);
  feeds = g_ptr_array_ref (fanout->feeds);
  c = fanout->counters;
  *stall = fanout->stall;
  stall->ended = fanout->ended;
  GST_OBJECT_UNLOCK (fanout);
  add_sent (feeds, &c);
  stall->lacks_key = FALSE;
  for (guint i = 0; i < feeds->len; i++)
    stall->lacks_key |= gst_rcast_feed_lacks_key (g_ptr_array_index (feeds, i));
  stall->in = c.buffers_in;
  stall->made = c.made;
  stall->sent = c.sent;
  stall->bytes = c.bytes_sent;
}

/* Keeps the result of the judgement. Any thread */
void
gst_rcast_fanout_set_stall (GstRcastFanout * fanout, const GstRcastStall * stall)
{
  GST_OBJECT_LOCK (fanout);
  fanout->stall = *stall;
  GST_OBJECT_UNLOCK (fanout);
}

/* Adds the counts since the stream was started. Any thread */
void
gst_rcast_fanout_add_stats (GstRcastFanout * fanout, GstStructure * stats)
{
  g_autoptr (GPtrArray) feeds = NULL;
  Counters c;
  guint64 bitrate;
  gboolean stalled;

  GST_OBJECT_LOCK (fanout);
  feeds = g_ptr_array_ref (fanout->feeds);
  c = fanout->counters;
  bitrate = fanout->stall.bitrate;
  stalled = fanout->stall.stalled;
  GST_OBJECT_UNLOCK (fanout);
  add_sent (feeds, &c);
  gst_structure_set (stats,
      "buffers-in", G_TYPE_UINT64, c.buffers_in,
      "packets-sent", G_TYPE_UINT64, c.sent,
      "bytes-sent", G_TYPE_UINT64, c.bytes_sent,
      "bitrate", G_TYPE_UINT64, bitrate,
      "stalled", G_TYPE_BOOLEAN, stalled,
      "packets-dropped-closed", G_TYPE_UINT64, c.dropped_closed,
      "packets-dropped-overflow", G_TYPE_UINT64, c.dropped_overflow,
      "packets-invalid", G_TYPE_UINT64, c.invalid,
      "key-frames-requested", G_TYPE_UINT64, c.keyframes_requested,
      "key-frames-seen", G_TYPE_UINT64, c.keyframes_seen, NULL);
}

/* --- life --- */

/* RTP timestamps start anew with the next packet, even after EOS. Any thread */
void
gst_rcast_fanout_flush (GstRcastFanout * fanout)
{
  g_atomic_int_set (&fanout->flushed, TRUE);
  GST_OBJECT_LOCK (fanout);
  fanout->ended = FALSE;
  GST_OBJECT_UNLOCK (fanout);
}

/* Whether EOS came and nothing after it. Any thread */
gboolean
gst_rcast_fanout_has_ended (GstRcastFanout * fanout)
{
  gboolean ended;

  GST_OBJECT_LOCK (fanout);
  ended = fanout->ended;
  GST_OBJECT_UNLOCK (fanout);
  return ended;
}

/* Call this before the first packet. */
void
gst_rcast_fanout_start (GstRcastFanout * fanout)
{
  g_autoptr (GPtrArray) feeds = NULL;
  Counters so_far = { 0, };

  GST_OBJECT_LOCK (fanout);
  feeds = g_ptr_array_ref (fanout->feeds);
  GST_OBJECT_UNLOCK (fanout);
  add_sent (feeds, &so_far);
  GST_OBJECT_LOCK (fanout);
  fanout->overflown = 0;
  fanout->reported_at = 0;
  /* Feeds count from their own start. */
  fanout->counters = (Counters) {
    .sent = -so_far.sent,.bytes_sent = -so_far.bytes_sent,
  };
  GST_OBJECT_UNLOCK (fanout);
}

/* Call this after the last packet. Later packets belong to another source. */
void
gst_rcast_fanout_stop (GstRcastFanout * fanout)
{
  fanout->have_ssrc = FALSE;
  fanout->frame_has_key = FALSE;
  drop_held (fanout);
  GST_OBJECT_LOCK (fanout);
  fanout->encoding_name = NULL;
  fanout->ended = FALSE;
  fanout->asked_at = GST_CLOCK_TIME_NONE;
  fanout->ask_again = FALSE;
  GST_OBJECT_UNLOCK (fanout);
}

/* @start: where the gates open
 * @wait: ms until they open at any frame, 0: never. Any thread */
void
gst_rcast_fanout_set_start (GstRcastFanout * fanout, GstRcastVideoStart start,
    guint wait)
{
  g_atomic_int_set (&fanout->video_start, start);
  g_atomic_int_set (&fanout->key_frame_wait, wait);
}

/* Data has entered the chain in front of the fan-out. Any thread */
void
gst_rcast_fanout_enter (GstRcastFanout * fanout)
{
  gst_rcast_packet_sink_enter (GST_RCAST_PACKET_SINK (fanout->sink));
}

/* All streams of one broadcast have the same @sync. Call this before the first packet. */
void
gst_rcast_fanout_set_sync (GstRcastFanout * fanout, GstRcastSync * sync)
{
  gst_rcast_packet_sink_set_sync (GST_RCAST_PACKET_SINK (fanout->sink), sync);
}

/* Returns: (transfer none): the element that takes the packets */
GstElement *
gst_rcast_fanout_get_sink (GstRcastFanout * fanout)
{
  return fanout->sink;
}

/* Returns: (transfer none): the pad that takes the packets */
GstPad *
gst_rcast_fanout_get_sink_pad (GstRcastFanout * fanout)
{
  return fanout->sink_pad;
}

/* Returns: (nullable): the canonical encoding name of the packets; any thread */
const gchar *
gst_rcast_fanout_get_encoding_name (GstRcastFanout * fanout)
{
  const gchar *name;

  GST_OBJECT_LOCK (fanout);
  name = fanout->encoding_name;
  GST_OBJECT_UNLOCK (fanout);
  return name;
}

static void
gst_rcast_fanout_finalize (GObject * object)
{
  GstRcastFanout *self = GST_RCAST_FANOUT (object);

  g_ptr_array_unref (self->feeds);
  g_array_unref (self->held);
  gst_object_unref (self->sink_pad);
  gst_object_unref (self->sink);
  G_OBJECT_CLASS (gst_rcast_fanout_parent_class)->finalize (object);
}

static void
gst_rcast_fanout_class_init (GstRcastFanoutClass * klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_rcast_fanout_finalize;
}

static void
gst_rcast_fanout_init (GstRcastFanout * self)
{
  self->feeds = copy_feeds (NULL, NULL, NULL);
  self->held = new_held ();
  self->first_set = -1;
  gst_rcast_stall_init (&self->stall);
  self->asked_at = GST_CLOCK_TIME_NONE;
  self->last_running_time = GST_CLOCK_TIME_NONE;
  self->sent_time = GST_CLOCK_TIME_NONE;
}

/* Returns: (transfer full): a fan-out. It must outlive the states of its sink above READY. */
GstRcastFanout *
gst_rcast_fanout_new (const gchar * name, GstRcastMedia media,
    const GstRcastFanoutCallbacks * callbacks, gpointer data)
{
  GstRcastFanout *self = g_object_new (GST_TYPE_RCAST_FANOUT, "name", name,
      NULL);

  gst_object_ref_sink (self);
  self->media = media;
  self->callbacks = *callbacks;
  self->data = data;
  self->sink = gst_object_ref_sink (gst_rcast_packet_sink_new ("packets", media,
          &sink_funcs, self));
  self->sink_pad = gst_element_get_static_pad (self->sink, "sink");
  return self;
}
