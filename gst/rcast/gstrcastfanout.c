/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hands the packets of one stream to any number of feeds, asks for their key frames, and counts. */
#include "config.h"

#include "gstrcastfanout.h"

#include <gst/video/video.h>

#include "gstrcastpacketsink.h"
#include "rcast-epoch.h"
#include "rcast-rtp.h"

GST_DEBUG_CATEGORY_STATIC (fanout_debug);
#define GST_CAT_DEFAULT fanout_debug

/* A receiver that lost something may ask with every report: one key frame
 * serves all that ask within this time. */
#define KEYFRAME_REQUEST_INTERVAL (500 * GST_MSECOND)
/* As much of a packet as is looked at to find a key frame. */
#define PEEK_SIZE 2048
/* Packets in front of the picture of one frame; some sets and a long SEI have a few. */
#define MAX_HELD 32
/* Packets that overflow all the time are reported so often. */
#define REPORT_INTERVAL (60 * G_USEC_PER_SEC)

typedef struct
{
  guint64 buffers_in;
  guint64 made;
  guint64 sent;                 /* by feeds that are gone; see get_sent() */
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
  GstElement *sink;             /* calls us; floating until the stream has it */
  GstPad *sink_pad;

  /* Streaming thread; after PAUSED the state change. */
  guint32 last_ssrc;
  gboolean have_ssrc;
  guint32 last_timestamp;       /* as it came */
  GstClockTime last_running_time;
  guint clock_rate;
  guint32 frame_timestamp;
  gboolean frame_has_key;
  GArray *held;                 /* of GstRcastFeedPacket: of a frame without a picture yet */
  guint32 held_timestamp;
  gint first_set;               /* index of the first one with parameter sets, or -1 */
  gboolean frame_has_sets, frame_has_recovery;  /* of what was seen of the frame */
  guint epoch;
  guint32 lost;                 /* packets that did not come, of this stream */
  guint32 place;                /* of the next packet among them, if it is late; or 0 */
  gint flushed;                 /* atomic */

  const gchar *encoding_name;   /* OBJECT_LOCK, as are all below; of the packets */
  GPtrArray *feeds;             /* never changed, only replaced */
  gboolean ended;               /* EOS came */
  guint n_feeds_made;
  Counters counters;
  guint overflown;              /* packets that were not reported yet */
  gint64 reported_at;           /* µs; 0: never */
  GstRcastStall stall;          /* by the last judgement */
  GstClockTime asked_at;        /* clock time of the last key frame request */
  gboolean ask_again;           /* a request came too soon after it */
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

/* Of a packet that starts a frame if @starts_frame: only the first start of a frame
 * counts. A recovery point behind parameter sets is as good as a key frame. */
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
  /* The padding's size is in the last byte, which was not read. */
  if (*size < total && (data[0] & 0x20)) {
    gst_buffer_extract (buffer, total - 1, &padding, 1);
    data[0] &= ~0x20;
  }
  return gst_rcast_rtp_parse_header (data, *size, header)
      && header->payload_offset + padding <= total;
}

/* Whether RTP timestamps of the same source start anew, which is told. */
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

/* RTP timestamps start anew with another source, after a flush, and when they jump.
 * Those of a packet that is a little late say nothing. */
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

/* RTP timestamps of video follow the drift of its clock, so that a receiver that knows
 * nothing of sender reports sees video and audio in sync; those of audio count samples. */
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

/* What became of one packet, all feeds together. */
typedef struct
{
  gboolean sent;                /* or at least in the queue of a feed */
  gboolean overflow;
  guint lost;                   /* that were queued before it */
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

/* Returns: how many packets have overflown, if that is to be reported now */
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

/* @n packets, or frames, came that are of no use. */
void
gst_rcast_fanout_count_invalid (GstRcastFanout * fanout, guint n)
{
  GST_LOG_OBJECT (fanout, "%u not taken", n);
  GST_OBJECT_LOCK (fanout);
  fanout->counters.invalid += n;
  GST_OBJECT_UNLOCK (fanout);
}

/* The packets that come next follow @missing which were lost, or are late: they belong
 * where @late more of the lost ones are behind them; -1: they are not. Streaming thread */
void
gst_rcast_fanout_place (GstRcastFanout * fanout, guint missing, gint late)
{
  fanout->lost += missing;
  fanout->place = late < 0 ? 0 : fanout->lost - late;
}

/* Whether @data has a recovery point, and gates open there. */
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

/* --- what stands in front of a picture --- */

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

/* Sends what is held back. @key: whether it belongs to a key frame
 * Returns: whether it has parameter sets, at the first of which receivers start then */
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

/* Whether parameter sets belong to a key frame is known with the picture behind them:
 * until then they wait. A frame of nothing else ends with the marker.
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
    return FALSE;               /* a packet that is late */
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
  /* What it belongs to was judged by the others. */
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
 * Asks the encoder, here or upstream, for a key frame with all headers. Requests
 * closer together than 500 ms count as one, which is sent when the time is over
 * unless a key frame came. Any thread.
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
  /* A pad with an offset on the way, as of concat, makes a time that never comes of NONE, which
   * means at once. After what came last is at once, too, if timestamps were not corrected. */
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

/* Returns: whether the stream is over */
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
 * Makes a source for one webrtcbin sink pad. The caller adds it to a bin of its
 * own, sets what was negotiated, and opens it. Any thread.
 *
 * Returns: (transfer none): a feed, closed; not floating: the fan-out holds a
 *   reference until gst_rcast_fanout_remove_feed(), the bin takes another one
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
 * Ends the connection of @feed to the stream; after this nothing is pushed into
 * it. The caller still stops it and takes it out of its bin. Any thread.
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

/* @n_buffers came in at the stream's pad. */
void
gst_rcast_fanout_count_input (GstRcastFanout * fanout, guint n_buffers)
{
  GST_OBJECT_LOCK (fanout);
  fanout->counters.buffers_in += n_buffers;
  GST_OBJECT_UNLOCK (fanout);
}

/* Adds what @feeds have sent, without any lock. */
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

/* What has gone through so far, for gst_rcast_stall_judge(). Any thread */
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

/* What the judgement found. Any thread */
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

/* RTP timestamps start anew with the next packet, also after an end. Any thread */
void
gst_rcast_fanout_flush (GstRcastFanout * fanout)
{
  g_atomic_int_set (&fanout->flushed, TRUE);
  GST_OBJECT_LOCK (fanout);
  fanout->ended = FALSE;
  GST_OBJECT_UNLOCK (fanout);
}

/* Whether EOS came, and nothing since. Any thread */
gboolean
gst_rcast_fanout_has_ended (GstRcastFanout * fanout)
{
  gboolean ended;

  GST_OBJECT_LOCK (fanout);
  ended = fanout->ended;
  GST_OBJECT_UNLOCK (fanout);
  return ended;
}

/* Before the first packet. */
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

/* After the last packet: what comes later is of another source. */
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
 * @wait: ms until they open anywhere, 0: never. Any thread */
void
gst_rcast_fanout_set_start (GstRcastFanout * fanout, GstRcastVideoStart start,
    guint wait)
{
  g_atomic_int_set (&fanout->video_start, start);
  g_atomic_int_set (&fanout->key_frame_wait, wait);
}

/* Data comes into the chain whose packets arrive here. Any thread */
void
gst_rcast_fanout_enter (GstRcastFanout * fanout)
{
  gst_rcast_packet_sink_enter (GST_RCAST_PACKET_SINK (fanout->sink));
}

/* Streams of one broadcast have the same @sync. Before the first packet */
void
gst_rcast_fanout_set_sync (GstRcastFanout * fanout, GstRcastSync * sync)
{
  gst_rcast_packet_sink_set_sync (GST_RCAST_PACKET_SINK (fanout->sink), sync);
}

/* Returns: (transfer none): the element into which packets go */
GstElement *
gst_rcast_fanout_get_sink (GstRcastFanout * fanout)
{
  return fanout->sink;
}

/* Returns: (transfer none): its pad */
GstPad *
gst_rcast_fanout_get_sink_pad (GstRcastFanout * fanout)
{
  return fanout->sink_pad;
}

/* Returns: (nullable): canonical, of the packets that come; any thread */
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

/* Returns: (transfer full): it must outlive the states of its sink above READY */
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
