/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A channel relays a publisher's RTP to its viewers, and goes on when the publisher returns. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "loopback-relay.h"

#include <string.h>

/* At most one key frame request in this time, however many viewers join. */
#define KEY_INTERVAL_MS 300

typedef struct
{
  gboolean video;
  guint index;
  GstCaps *caps;                /* of the current source */
  gchar *encoding_name;
  LoopbackCodec codec;
  gint clock_rate;
  LoopbackRewriter rewriter;
  guint64 packets, bytes, frames, keyframes, holes, key_requests;
  guint32 key_ts;
  guint32 frame_ts;
  gint64 last_us;
  gint64 max_gap_us;
  /* main context only */
  gint64 key_asked_us;
  guint key_timer;
} Stream;

typedef struct
{
  guint id;
  GPtrArray *lines;             /* LoopbackLine, the publisher's */
  LoopbackKeyFunc key;
  gpointer user_data;
} Source;

struct _LoopbackChannel
{
  gatomicrefcount refs;
  gchar *name;
  LoopbackSwitchFunc switched;
  gpointer user_data;

  GMutex lock;                  /* all below; the holder calls no other object but appsrc */
  GPtrArray *streams;
  GPtrArray *sources;
  GPtrArray *outputs;
  guint next_source;
  guint current;                /* id of the source that feeds, 0 = none */
  guint drop_percent;
};

struct _LoopbackOutput
{
  LoopbackChannel *channel;
  GstAppSrc *appsrc;
  gboolean video;
  guint index;
  gchar *encoding_name;
  gint clock_rate;
  guint8 pt;
  guint32 ssrc;
  /* the channel's lock */
  gboolean started;
  gboolean wait_key;
  guint64 packets, bytes, frames, dropped;
  guint32 frame_ts;
};

static void
free_stream (Stream * stream)
{
  g_clear_handle_id (&stream->key_timer, g_source_remove);
  gst_clear_caps (&stream->caps);
  g_free (stream->encoding_name);
  g_free (stream);
}

static void
free_source (Source * source)
{
  g_ptr_array_unref (source->lines);
  g_free (source);
}

LoopbackChannel *
loopback_channel_new (const gchar * name, LoopbackSwitchFunc switched,
    gpointer user_data)
{
  LoopbackChannel *channel = g_new0 (LoopbackChannel, 1);

  g_atomic_ref_count_init (&channel->refs);
  channel->name = g_strdup (name);
  channel->switched = switched;
  channel->user_data = user_data;
  g_mutex_init (&channel->lock);
  channel->streams =
      g_ptr_array_new_with_free_func ((GDestroyNotify) free_stream);
  channel->sources =
      g_ptr_array_new_with_free_func ((GDestroyNotify) free_source);
  channel->outputs = g_ptr_array_new ();
  return channel;
}

LoopbackChannel *
loopback_channel_ref (LoopbackChannel * channel)
{
  g_atomic_ref_count_inc (&channel->refs);
  return channel;
}

void
loopback_channel_unref (LoopbackChannel * channel)
{
  if (channel == NULL || !g_atomic_ref_count_dec (&channel->refs))
    return;
  g_ptr_array_unref (channel->outputs);
  g_ptr_array_unref (channel->sources);
  g_ptr_array_unref (channel->streams);
  g_mutex_clear (&channel->lock);
  g_free (channel->name);
  g_free (channel);
}

const gchar *
loopback_channel_get_name (LoopbackChannel * channel)
{
  return channel->name;
}

static Stream *
find_stream_locked (LoopbackChannel * channel, gboolean video, guint index)
{
  for (guint i = 0; i < channel->streams->len; i++) {
    Stream *stream = g_ptr_array_index (channel->streams, i);

    if (stream->video == video && stream->index == index)
      return stream;
  }
  return NULL;
}

static Source *
find_source_locked (LoopbackChannel * channel, guint id)
{
  for (guint i = 0; i < channel->sources->len; i++) {
    Source *source = g_ptr_array_index (channel->sources, i);

    if (source->id == id)
      return source;
  }
  return NULL;
}

static void
use_line_locked (LoopbackChannel * channel, const LoopbackLine * line)
{
  Stream *stream = find_stream_locked (channel, line->video, line->index);

  if (stream == NULL) {
    stream = g_new0 (Stream, 1);
    stream->video = line->video;
    stream->index = line->index;
    g_ptr_array_add (channel->streams, stream);
  }
  gst_caps_replace (&stream->caps, line->caps);
  g_free (stream->encoding_name);
  stream->encoding_name = g_strdup (line->encoding_name);
  stream->codec = loopback_codec_from_name (line->encoding_name);
  stream->clock_rate = line->clock_rate;
}

static void
use_source_locked (LoopbackChannel * channel, Source * source)
{
  channel->current = source->id;
  for (guint i = 0; i < source->lines->len; i++)
    use_line_locked (channel, g_ptr_array_index (source->lines, i));
}

guint
loopback_channel_add_source (LoopbackChannel * channel, GPtrArray * lines,
    LoopbackKeyFunc key, gpointer user_data)
{
  Source *source = g_new0 (Source, 1);
  guint id;

  source->lines = g_ptr_array_ref (lines);
  source->key = key;
  source->user_data = user_data;
  g_mutex_lock (&channel->lock);
  id = source->id = ++channel->next_source;
  g_ptr_array_add (channel->sources, source);
  g_mutex_unlock (&channel->lock);
  return id;
}

void
loopback_channel_remove_source (LoopbackChannel * channel, guint id)
{
  g_mutex_lock (&channel->lock);
  if (channel->current == id)
    channel->current = 0;
  for (guint i = 0; i < channel->sources->len; i++) {
    Source *source = g_ptr_array_index (channel->sources, i);

    if (source->id == id) {
      g_ptr_array_remove_index (channel->sources, i);
      break;
    }
  }
  g_mutex_unlock (&channel->lock);
}

gboolean
loopback_channel_is_live (LoopbackChannel * channel)
{
  gboolean live;

  g_mutex_lock (&channel->lock);
  live = channel->current != 0;
  g_mutex_unlock (&channel->lock);
  return live;
}

GstCaps *
loopback_channel_get_caps (LoopbackChannel * channel, gboolean video,
    guint index)
{
  Stream *stream;
  GstCaps *caps;

  g_mutex_lock (&channel->lock);
  stream = find_stream_locked (channel, video, index);
  caps = stream ? gst_caps_ref (stream->caps) : NULL;
  g_mutex_unlock (&channel->lock);
  return caps;
}

/* {{{ key frame requests: in the main context, rate-limited */

typedef struct
{
  LoopbackChannel *channel;
  gboolean video;
  guint index;
} KeyRequest;

static void
free_key_request (KeyRequest * request)
{
  loopback_channel_unref (request->channel);
  g_free (request);
}

static gboolean
ask_for_key (gpointer data)
{
  KeyRequest *request = data;
  LoopbackChannel *channel = request->channel;
  LoopbackKeyFunc key = NULL;
  gpointer user_data = NULL;
  Stream *stream;
  Source *source;

  g_mutex_lock (&channel->lock);
  stream = find_stream_locked (channel, request->video, request->index);
  source = find_source_locked (channel, channel->current);
  if (stream)
    stream->key_timer = 0;
  if (stream && source) {
    stream->key_asked_us = g_get_monotonic_time ();
    stream->key_requests++;
    key = source->key;
    user_data = source->user_data;
  }
  g_mutex_unlock (&channel->lock);
  if (key)
    key (request->video, request->index, user_data);
  return G_SOURCE_REMOVE;
}

static gboolean
schedule_key (gpointer data)
{
  KeyRequest *request = data;
  LoopbackChannel *channel = request->channel;
  gint64 since = 0;
  Stream *stream;

  g_mutex_lock (&channel->lock);
  stream = find_stream_locked (channel, request->video, request->index);
  if (stream == NULL || stream->key_timer != 0) {
    g_mutex_unlock (&channel->lock);
    return G_SOURCE_REMOVE;
  }
  if (stream->key_asked_us != 0)
    since = (g_get_monotonic_time () - stream->key_asked_us) / 1000;
  if (stream->key_asked_us != 0 && since < KEY_INTERVAL_MS) {
    KeyRequest *again = g_new (KeyRequest, 1);

    *again = *request;
    loopback_channel_ref (channel);
    stream->key_timer = g_timeout_add_full (G_PRIORITY_DEFAULT,
        (guint) (KEY_INTERVAL_MS - since), ask_for_key, again,
        (GDestroyNotify) free_key_request);
    g_mutex_unlock (&channel->lock);
    return G_SOURCE_REMOVE;
  }
  g_mutex_unlock (&channel->lock);
  ask_for_key (request);
  return G_SOURCE_REMOVE;
}

void
loopback_channel_request_key (LoopbackChannel * channel, gboolean video,
    guint index)
{
  KeyRequest *request = g_new (KeyRequest, 1);

  request->channel = loopback_channel_ref (channel);
  request->video = video;
  request->index = index;
  g_idle_add_full (G_PRIORITY_DEFAULT, schedule_key, request,
      (GDestroyNotify) free_key_request);
}

/* }}} */

typedef struct
{
  LoopbackChannel *channel;
  guint source;
} Switch;

static void
free_switch (Switch * change)
{
  loopback_channel_unref (change->channel);
  g_free (change);
}

static gboolean
report_switch (gpointer data)
{
  Switch *change = data;

  change->channel->switched (change->channel, change->source,
      change->channel->user_data);
  return G_SOURCE_REMOVE;
}

/* Makes a header of its own, with the viewer's sequence number, payload type and SSRC, and shares
 * the payload. Drops the publisher's header extensions and CSRCs. */
static GstBuffer *
make_packet (GstBuffer * buffer, const LoopbackRtp * rtp, guint8 first,
    guint8 pt, guint16 seq, guint32 ts, guint32 ssrc)
{
  guint8 *header = g_malloc (LOOPBACK_RTP_HEADER_SIZE);
  GstBuffer *packet = gst_buffer_new ();

  header[0] = 0x80 | (first & 0x20);
  header[1] = (guint8) ((rtp->marker ? 0x80 : 0) | pt);
  GST_WRITE_UINT16_BE (header + 2, seq);
  GST_WRITE_UINT32_BE (header + 4, ts);
  GST_WRITE_UINT32_BE (header + 8, ssrc);
  gst_buffer_append_memory (packet, gst_memory_new_wrapped (0, header,
          LOOPBACK_RTP_HEADER_SIZE, 0, LOOPBACK_RTP_HEADER_SIZE, header,
          g_free));
  return gst_buffer_append_region (packet, gst_buffer_ref (buffer),
      (gssize) rtp->header_size, -1);
}

/* Returns: whether @output relays @stream */
static gboolean
is_fed_by (const LoopbackOutput * output, const Stream * stream)
{
  return output->started && output->video == stream->video
      && output->index == stream->index
      && g_ascii_strcasecmp (output->encoding_name, stream->encoding_name) == 0;
}

/* The sender reports to the viewer of @output follow these times. */
static GstClockTime
to_running_time (const LoopbackOutput * output, GstClockTime time)
{
  GstClockTime base = gst_element_get_base_time (GST_ELEMENT (output->appsrc));

  return time > base ? time - base : 0;
}

static void
feed_output_locked (LoopbackOutput * output, const Stream * stream,
    GstBuffer * buffer, GstClockTime time, const LoopbackRtp * rtp,
    guint8 first, gboolean key, guint16 seq, guint32 ts)
{
  guint percent = output->channel->drop_percent;
  GstBuffer *packet;

  if (!is_fed_by (output, stream) || (output->wait_key && !key))
    return;
  output->wait_key = FALSE;
  if (percent > 0 && (guint) g_random_int_range (0, 100) < percent) {
    output->dropped++;
    return;
  }
  packet = make_packet (buffer, rtp, first, output->pt, seq, ts, output->ssrc);
  GST_BUFFER_PTS (packet) = to_running_time (output, time);
  output->packets++;
  output->bytes += gst_buffer_get_size (packet);
  if (rtp->marker && (output->frames == 0 || output->frame_ts != ts)) {
    output->frames++;
    output->frame_ts = ts;
  }
  gst_app_src_push_buffer (output->appsrc, packet);
}

/* Returns: whether an output still waits for a requested key frame, and it is late. rtpsession
 * ignores the second of two simultaneous requests for two streams. */
static gboolean
is_key_late_locked (LoopbackChannel * channel, const Stream * stream,
    gint64 now)
{
  if (stream->key_asked_us == 0 || stream->key_timer != 0
      || now - stream->key_asked_us < KEY_INTERVAL_MS * 1000)
    return FALSE;
  for (guint i = 0; i < channel->outputs->len; i++) {
    const LoopbackOutput *output = g_ptr_array_index (channel->outputs, i);

    if (output->wait_key && is_fed_by (output, stream))
      return TRUE;
  }
  return FALSE;
}

/* @time: capture time of the media in @buffer, from the publisher's sender reports. The arrival
 * time would shift audio against video by the difference of their delays. */
void
loopback_channel_push (LoopbackChannel * channel, guint id,
    const LoopbackLine * line, GstBuffer * buffer, GstClockTime time)
{
  gint64 now = g_get_monotonic_time ();
  gboolean ask = FALSE;
  Switch *change = NULL;
  Stream *stream;
  Source *source;
  GstMapInfo map;
  LoopbackRtp rtp;
  gboolean key;
  guint16 seq;
  guint32 ts;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return;
  if (!loopback_rtp_parse (map.data, map.size, &rtp) || rtp.payload_size == 0) {
    gst_buffer_unmap (buffer, &map);
    return;
  }

  g_mutex_lock (&channel->lock);
  source = find_source_locked (channel, id);
  /* Ignore an old source once a new one has sent. */
  if (source == NULL || id < channel->current)
    goto out;
  if (id != channel->current) {
    use_source_locked (channel, source);
    change = g_new (Switch, 1);
    change->channel = loopback_channel_ref (channel);
    change->source = id;
  }
  stream = find_stream_locked (channel, line->video, line->index);
  g_assert (stream != NULL);
  key = loopback_rtp_is_key (stream->codec, map.data + rtp.header_size,
      rtp.payload_size);
  if (loopback_rewriter_map (&stream->rewriter, id, &rtp,
          (guint) stream->clock_rate, (gint64) (time / GST_USECOND), &seq,
          &ts)) {
    stream->holes++;
    ask = stream->video && !key;
  }
  stream->packets++;
  stream->bytes += map.size;
  if (rtp.marker && (stream->frames == 0 || stream->frame_ts != ts)) {
    stream->frames++;
    stream->frame_ts = ts;
  }
  if (key && (stream->keyframes == 0 || stream->key_ts != ts))
    stream->keyframes++;
  if (key)
    stream->key_ts = ts;
  if (stream->last_us != 0)
    stream->max_gap_us = MAX (stream->max_gap_us, now - stream->last_us);
  stream->last_us = now;
  for (guint i = 0; i < channel->outputs->len; i++)
    feed_output_locked (g_ptr_array_index (channel->outputs, i), stream,
        buffer, time, &rtp, map.data[0],
        key || stream->codec == LOOPBACK_CODEC_OTHER, seq, ts);
  ask |= is_key_late_locked (channel, stream, now);
out:
  g_mutex_unlock (&channel->lock);
  gst_buffer_unmap (buffer, &map);
  if (ask)
    loopback_channel_request_key (channel, line->video, line->index);
  if (change)
    g_idle_add_full (G_PRIORITY_DEFAULT, report_switch, change,
        (GDestroyNotify) free_switch);
}

void
loopback_channel_set_drop (LoopbackChannel * channel, guint percent)
{
  g_mutex_lock (&channel->lock);
  channel->drop_percent = percent;
  g_mutex_unlock (&channel->lock);
}

LoopbackOutput *
loopback_channel_add_output (LoopbackChannel * channel,
    const LoopbackLine * line, guint32 ssrc, GstAppSrc * appsrc)
{
  LoopbackOutput *output = g_new0 (LoopbackOutput, 1);

  output->channel = loopback_channel_ref (channel);
  output->appsrc = gst_object_ref (appsrc);
  output->video = line->video;
  output->index = line->index;
  output->encoding_name = g_strdup (line->encoding_name);
  output->clock_rate = line->clock_rate;
  output->pt = (guint8) line->pt;
  output->ssrc = ssrc;
  g_mutex_lock (&channel->lock);
  g_ptr_array_add (channel->outputs, output);
  g_mutex_unlock (&channel->lock);
  return output;
}

void
loopback_output_start (LoopbackOutput * output)
{
  LoopbackChannel *channel = output->channel;

  g_mutex_lock (&channel->lock);
  output->wait_key = output->video;
  output->started = TRUE;
  g_mutex_unlock (&channel->lock);
  if (output->video)
    loopback_channel_request_key (channel, TRUE, output->index);
}

void
loopback_output_free (LoopbackOutput * output)
{
  if (output == NULL)
    return;
  g_mutex_lock (&output->channel->lock);
  g_ptr_array_remove (output->channel->outputs, output);
  g_mutex_unlock (&output->channel->lock);
  gst_object_unref (output->appsrc);
  loopback_channel_unref (output->channel);
  g_free (output->encoding_name);
  g_free (output);
}

gboolean
loopback_output_fits (LoopbackOutput * output)
{
  gboolean fits = TRUE;
  Stream *stream;

  g_mutex_lock (&output->channel->lock);
  stream = find_stream_locked (output->channel, output->video, output->index);
  if (stream)
    fits = g_ascii_strcasecmp (output->encoding_name, stream->encoding_name)
        == 0 && output->clock_rate == stream->clock_rate;
  g_mutex_unlock (&output->channel->lock);
  return fits;
}

static void
add_number (JsonBuilder * json, const gchar * name, guint64 value)
{
  json_builder_set_member_name (json, name);
  json_builder_add_int_value (json, (gint64) value);
}

static void
add_string (JsonBuilder * json, const gchar * name, const gchar * value)
{
  json_builder_set_member_name (json, name);
  json_builder_add_string_value (json, value);
}

void
loopback_channel_describe (LoopbackChannel * channel, JsonBuilder * json)
{
  gint64 now = g_get_monotonic_time ();

  json_builder_begin_object (json);
  add_string (json, "name", channel->name);
  g_mutex_lock (&channel->lock);
  json_builder_set_member_name (json, "live");
  json_builder_add_boolean_value (json, channel->current != 0);
  add_number (json, "source", channel->current);
  add_number (json, "viewer-streams", channel->outputs->len);
  json_builder_set_member_name (json, "streams");
  json_builder_begin_array (json);
  for (guint i = 0; i < channel->streams->len; i++) {
    Stream *stream = g_ptr_array_index (channel->streams, i);

    json_builder_begin_object (json);
    add_string (json, "kind", stream->video ? "video" : "audio");
    add_number (json, "index", stream->index);
    add_string (json, "encoding", stream->encoding_name);
    add_number (json, "packets", stream->packets);
    add_number (json, "bytes", stream->bytes);
    add_number (json, "frames", stream->frames);
    add_number (json, "keyframes", stream->keyframes);
    add_number (json, "holes", stream->holes);
    add_number (json, "key-requests", stream->key_requests);
    add_number (json, "max-gap-ms", (guint64) stream->max_gap_us / 1000);
    add_number (json, "silent-ms",
        stream->last_us ? (guint64) (now - stream->last_us) / 1000 : 0);
    json_builder_end_object (json);
  }
  json_builder_end_array (json);
  g_mutex_unlock (&channel->lock);
  json_builder_end_object (json);
}

void
loopback_output_describe (LoopbackOutput * output, JsonBuilder * json)
{
  json_builder_begin_object (json);
  add_string (json, "kind", output->video ? "video" : "audio");
  add_number (json, "index", output->index);
  add_string (json, "encoding", output->encoding_name);
  add_number (json, "payload", output->pt);
  add_number (json, "ssrc", output->ssrc);
  g_mutex_lock (&output->channel->lock);
  add_number (json, "packets", output->packets);
  add_number (json, "bytes", output->bytes);
  add_number (json, "frames", output->frames);
  add_number (json, "dropped", output->dropped);
  g_mutex_unlock (&output->channel->lock);
  json_builder_end_object (json);
}

void
loopback_channel_reset_stats (LoopbackChannel * channel)
{
  gint64 now = g_get_monotonic_time ();

  g_mutex_lock (&channel->lock);
  for (guint i = 0; i < channel->streams->len; i++) {
    Stream *stream = g_ptr_array_index (channel->streams, i);

    stream->packets = stream->bytes = stream->frames = 0;
    stream->keyframes = stream->holes = stream->key_requests = 0;
    stream->max_gap_us = 0;
    if (stream->last_us != 0)
      stream->last_us = now;
  }
  g_mutex_unlock (&channel->lock);
}
