/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Corrects the incoming timestamps of one stream: those that jump, and those that are missing. */

/*
 * Sits on the pad with whole frames: in front of the encoder, the payloader, or the packet sink.
 * A stream whose timestamps have to change gets its own segment, in which timestamps are running
 * times. Any other stream passes unchanged.
 */
#include "config.h"

#include "gstrcastretimer.h"

#include <gst/audio/audio.h>

#include "gstrcaststates.h"
#include "rcast-rtp.h"

GST_DEBUG_CATEGORY_STATIC (retimer_debug);
#define GST_CAT_DEFAULT retimer_debug

/* Reordering of frames in decoding order, in streams without DTS. */
#define VIDEO_REORDER (1 * GST_SECOND)
#define REORDER (200 * GST_MSECOND)
/* Least difference between the timestamps of two raw frames, for any encoder. */
#define LEAST_STEP (1 * GST_MSECOND)
/* Most frames per second from a pipe, which is read as fast as it is written. */
#define MAX_PIPE_RATE 60
/* Interval between reports of a source whose timestamps jump constantly. */
#define REPORT_INTERVAL (60 * G_USEC_PER_SEC)

/* Source of a stream without timestamps. */
typedef enum
{
  SOURCE_UNKNOWN,
  SOURCE_FILE,                  /* can be read at any speed */
  SOURCE_PIPE,                  /* the writer sets the pace */
} Source;

struct _GstRcastRetimer
{
  GstObject parent;

  GstElement *stream;           /* borrowed: the stream that it is part of */
  GstRcastMedia media;
  GstRcastRetimerCallbacks callbacks;
  gpointer data;
  GstRcastSync *sync;           /* constant once it runs */
  gint ask;                     /* atomic: ask whether upstream is live */

  /* Streaming thread; after PAUSED the state change. */
  GstPad *pad;                  /* nullable: the pad that it is attached to */
  gulong probe;
  gboolean raw;
  gboolean live;
  Source source;
  GstClockTime latency;
  GstSegment segment;           /* of the input */
  gboolean plain;               /* the output is in running time */
  gboolean sending;             /* the segment event is our own */
  GstClockTime frame;           /* duration by the caps; NONE: not known */
  guint bytes_per_second;       /* by the caps; 0: not known */
  GstRcastCodec codec;
  GstRcastEpoch epoch;
  GstClockTime last_raw;
  gboolean flows;               /* the first buffer has passed */
  guint n_jumps;                /* since the last report */
  gint64 reported_at;           /* µs; 0: never */
};

G_DEFINE_FINAL_TYPE_WITH_CODE (GstRcastRetimer, gst_rcast_retimer,
    GST_TYPE_OBJECT, GST_DEBUG_CATEGORY_INIT (retimer_debug, "rcastretimer", 0,
        "rcast: timestamps of a stream"));

/* --- the source --- */

static void
ask_source (GstRcastRetimer * self, GstPad * pad)
{
  g_autoptr (GstQuery) query = gst_query_new_latency ();
  GstClockTime latency = 0;
  gboolean live = FALSE;

  if (!g_atomic_int_compare_and_exchange (&self->ask, TRUE, FALSE))
    return;
  if (gst_pad_peer_query (pad, query))
    gst_query_parse_latency (query, &live, &latency, NULL);
  self->live = live;
  self->latency = live && GST_CLOCK_TIME_IS_VALID (latency) ? latency : 0;
  self->source = SOURCE_UNKNOWN;
  GST_DEBUG_OBJECT (self, "upstream is %s, with a latency of %" GST_TIME_FORMAT,
      live ? "live" : "not live", GST_TIME_ARGS (self->latency));
}

/* Whether a source that has no timestamps and is not live is a pipe. */
static gboolean
is_pipe (GstRcastRetimer * self, GstPad * pad)
{
  g_autoptr (GstQuery) query = NULL;
  gboolean seekable = FALSE;

  if (self->source == SOURCE_UNKNOWN) {
    query = gst_query_new_seeking (GST_FORMAT_BYTES);
    if (gst_pad_peer_query (pad, query))
      gst_query_parse_seeking (query, NULL, &seekable, NULL, NULL);
    self->source = seekable ? SOURCE_FILE : SOURCE_PIPE;
    GST_INFO_OBJECT (self, "no timestamps; the source is a %s",
        seekable ? "file" : "pipe");
  }
  return self->source == SOURCE_PIPE;
}

/* Running time; NONE while nothing runs. The first buffer of a live source brings the sink to
 * PLAYING: before that, the root of the pipeline knows. */
static GstClockTime
get_now (GstRcastRetimer * self)
{
  g_autoptr (GstElement) element = NULL;

  if (gst_rcast_states_is_running (self->stream))
    element = gst_object_ref (self->stream);
  else
    element = gst_rcast_states_get_root (self->stream);
  return gst_rcast_states_is_running (element) ?
      gst_element_get_current_running_time (element) : GST_CLOCK_TIME_NONE;
}

/* --- caps --- */

/* @format: (nullable). Returns: bytes; 0: not known */
static guint
get_sample_size (const gchar * format)
{
  const GstAudioFormatInfo *info = gst_audio_format_get_info (format ?
      gst_audio_format_from_string (format) : GST_AUDIO_FORMAT_UNKNOWN);

  return GST_AUDIO_FORMAT_INFO_WIDTH (info) / 8;
}

static void
take_caps (GstRcastRetimer * self, const GstCaps * caps)
{
  const GstStructure *s = gst_caps_get_structure (caps, 0);
  gint num = 0, den = 1, rate = 0, channels = 1;
  guint size = 1;

  self->codec = gst_rcast_codec_from_caps (caps);
  self->frame = GST_CLOCK_TIME_NONE;
  self->bytes_per_second = 0;
  gst_structure_get_int (s, "rate", &rate);
  gst_structure_get_int (s, "channels", &channels);
  if (gst_structure_get_fraction (s, "framerate", &num, &den) && num > 0
      && den > 0)
    self->frame = gst_util_uint64_scale (GST_SECOND, den, num);
  if (gst_structure_has_name (s, "audio/x-raw"))
    size = get_sample_size (gst_structure_get_string (s, "format"));
  else if (!gst_structure_has_name (s, "audio/x-mulaw")
      && !gst_structure_has_name (s, "audio/x-alaw"))
    return;
  if (rate > 0 && channels > 0)
    self->bytes_per_second = rate * channels * size;
}

static GstClockTime
get_duration (GstRcastRetimer * self, GstBuffer * buffer)
{
  guint8 data[2];

  if (self->bytes_per_second > 0)
    return gst_util_uint64_scale (gst_buffer_get_size (buffer), GST_SECOND,
        self->bytes_per_second);
  if (!self->raw && self->codec == GST_RCAST_CODEC_OPUS)
    return gst_rcast_opus_get_duration (data, gst_buffer_extract (buffer, 0,
            data, sizeof (data)));
  if (GST_BUFFER_DURATION_IS_VALID (buffer))
    return GST_BUFFER_DURATION (buffer);
  return self->media == GST_RCAST_MEDIA_VIDEO ? self->frame :
      GST_CLOCK_TIME_NONE;
}

/* --- segments --- */

static gint64
to_running_time (GstRcastRetimer * self, GstClockTime time)
{
  guint64 running_time;
  gint sign;

  if (!GST_CLOCK_TIME_IS_VALID (time)
      || self->segment.format != GST_FORMAT_TIME)
    return GST_RCAST_NO_TIME;
  sign = gst_segment_to_running_time_full (&self->segment, GST_FORMAT_TIME,
      time, &running_time);
  running_time = MIN (running_time, G_MAXINT64);
  return sign == 0 ? GST_RCAST_NO_TIME :
      sign > 0 ? (gint64) running_time : -(gint64) running_time;
}

static gboolean
needs_plain (GstRcastRetimer * self)
{
  /* Played backwards, timestamps fall while time goes on. */
  return self->live || self->epoch.number > 0 || self->segment.rate < 0
      || self->segment.format != GST_FORMAT_TIME;
}

/* Returns: (transfer full) */
static GstEvent *
make_plain_segment (void)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  return gst_event_new_segment (&segment);
}

/* A stream that has to change gets running times as timestamps. */
static void
enter_plain (GstRcastRetimer * self, GstPad * pad)
{
  if (self->plain || !needs_plain (self))
    return;
  GST_DEBUG_OBJECT (self, "timestamps are running times from now on");
  self->plain = TRUE;
  self->sending = TRUE;
  gst_pad_send_event (pad, make_plain_segment ());
  self->sending = FALSE;
}

static void
handle_segment (GstRcastRetimer * self, GstPad * pad, GstPadProbeInfo * info)
{
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);

  ask_source (self, pad);
  gst_event_copy_segment (event, &self->segment);
  self->plain = needs_plain (self);
  if (!self->plain)
    return;
  info->data = make_plain_segment ();
  gst_event_set_seqnum (info->data, gst_event_get_seqnum (event));
  gst_event_unref (event);
}

/* --- buffers --- */

/* @jump: deviation from the expected timestamp, in ns. Streaming thread */
void
gst_rcast_retimer_count_jump (GstRcastRetimer * self, gint64 jump)
{
  gint64 now = g_get_monotonic_time ();

  GST_INFO_OBJECT (self, "timestamps jumped by %" GST_STIME_FORMAT,
      GST_STIME_ARGS (jump));
  if (self->flows)
    self->callbacks.jumped (self->data);
  self->n_jumps++;
  if (self->reported_at != 0 && now - self->reported_at < REPORT_INTERVAL)
    return;
  self->callbacks.report (GST_RCAST_TROUBLE_JUMP, jump, self->n_jumps,
      self->data);
  self->n_jumps = 0;
  self->reported_at = now;
}

static void
fill_input (GstRcastRetimer * self, GstPad * pad, GstBuffer * buffer,
    GstRcastEpochInput * input)
{
  gboolean frames = self->media == GST_RCAST_MEDIA_VIDEO && !self->raw;

  *input = (GstRcastEpochInput) {
    .time = to_running_time (self, GST_BUFFER_DTS_OR_PTS (buffer)),
    .now = get_now (self),
    .duration = get_duration (self, buffer),
    .latency = self->latency,
    .reorder = frames ? VIDEO_REORDER : REORDER,
    .live = self->live,
    .counted = self->media == GST_RCAST_MEDIA_AUDIO,
  };
  if (input->time != GST_RCAST_NO_TIME || self->live || !is_pipe (self, pad))
    return;
  input->live = TRUE;
  /* A little faster than the writer, whose clock may run faster than ours. */
  input->least_step = GST_CLOCK_TIME_IS_VALID (input->duration) ?
      input->duration - input->duration / 50 : GST_SECOND / MAX_PIPE_RATE;
}

static GstClockTime
shift_time (GstRcastRetimer * self, GstClockTime time, gint64 shift)
{
  gint64 running_time = to_running_time (self, time);

  if (running_time == GST_RCAST_NO_TIME)
    return GST_CLOCK_TIME_NONE;
  return running_time > -shift ? (GstClockTime) (running_time + shift) : 0;
}

/* Returns: (transfer full) */
static GstBuffer *
stamp (GstRcastRetimer * self, GstBuffer * buffer, GstClockTime pts,
    GstClockTime dts)
{
  if (pts == GST_BUFFER_PTS (buffer) && dts == GST_BUFFER_DTS (buffer))
    return buffer;
  buffer = gst_buffer_make_writable (buffer);
  GST_BUFFER_PTS (buffer) = pts;
  GST_BUFFER_DTS (buffer) = dts;
  return buffer;
}

/* @pts: timestamp of a raw frame. Encoders do not take the same one twice. */
static GstClockTime
keep_order (GstRcastRetimer * self, GstClockTime pts)
{
  if (!self->raw || self->media != GST_RCAST_MEDIA_VIDEO)
    return pts;
  if (GST_CLOCK_TIME_IS_VALID (self->last_raw) && pts <= self->last_raw)
    pts = self->last_raw + LEAST_STEP;
  self->last_raw = pts;
  return pts;
}

/* Returns: (transfer full): @buffer with corrected timestamps */
static GstBuffer *
retime (GstRcastRetimer * self, GstPad * pad, GstBuffer * buffer)
{
  GstRcastEpochInput input;
  GstRcastEpochOutput output;
  GstClockTime pts, dts;

  ask_source (self, pad);
  fill_input (self, pad, buffer, &input);
  /* Before the segment of a file: only needed for decoding. */
  if (!input.live && input.time != GST_RCAST_NO_TIME && input.time < 0)
    return buffer;
  gst_rcast_sync_map (self->sync, &self->epoch, &input, &output);
  if (output.began)
    gst_rcast_retimer_count_jump (self, output.jump);
  self->flows = TRUE;
  enter_plain (self, pad);
  if (!self->plain) {
    pts = GST_BUFFER_PTS_IS_VALID (buffer) ? GST_BUFFER_PTS (buffer) :
        GST_BUFFER_DTS (buffer);
    if (!GST_CLOCK_TIME_IS_VALID (pts))
      pts = gst_segment_position_from_running_time (&self->segment,
          GST_FORMAT_TIME, output.time);
    return stamp (self, buffer, keep_order (self, pts),
        GST_BUFFER_DTS (buffer));
  }
  pts = shift_time (self, GST_BUFFER_PTS (buffer), output.shift);
  dts = shift_time (self, GST_BUFFER_DTS (buffer), output.shift);
  if (!GST_CLOCK_TIME_IS_VALID (pts))
    pts = output.time;
  return stamp (self, buffer, keep_order (self, pts), dts);
}

static void
retime_list (GstRcastRetimer * self, GstPad * pad, GstPadProbeInfo * info)
{
  GstBufferList *list =
      gst_buffer_list_make_writable (GST_PAD_PROBE_INFO_BUFFER_LIST (info));
  guint length = gst_buffer_list_length (list);

  info->data = list;
  for (guint i = 0; i < length; i++) {
    GstBuffer *buffer = gst_buffer_ref (gst_buffer_list_get (list, i));
    GstBuffer *stamped = retime (self, pad, buffer);

    if (stamped == gst_buffer_list_get (list, i)) {
      gst_buffer_unref (stamped);
      continue;
    }
    gst_buffer_list_remove (list, i, 1);
    gst_buffer_list_insert (list, i, stamped);
  }
}

static void
handle_gap (GstRcastRetimer * self, GstPadProbeInfo * info)
{
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
  GstClockTime time, duration;

  gst_event_parse_gap (event, &time, &duration);
  time = shift_time (self, time, self->epoch.shift);
  if (!self->plain || !GST_CLOCK_TIME_IS_VALID (time))
    return;
  info->data = gst_event_new_gap (time, duration);
  gst_event_unref (event);
}

static void
handle_event (GstRcastRetimer * self, GstPad * pad, GstPadProbeInfo * info)
{
  GstCaps *caps;

  switch (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info))) {
    case GST_EVENT_STREAM_START:
      g_atomic_int_set (&self->ask, TRUE);
      break;
    case GST_EVENT_CAPS:
      gst_event_parse_caps (GST_PAD_PROBE_INFO_EVENT (info), &caps);
      take_caps (self, caps);
      break;
    case GST_EVENT_SEGMENT:
      if (!self->sending)
        handle_segment (self, pad, info);
      break;
    case GST_EVENT_GAP:
      handle_gap (self, info);
      break;
    case GST_EVENT_FLUSH_STOP:
      gst_rcast_epoch_init (&self->epoch);
      self->last_raw = GST_CLOCK_TIME_NONE;
      break;
    default:
      break;
  }
}

static GstPadProbeReturn
on_data (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  GstRcastRetimer *self = user_data;

  if (GST_PAD_PROBE_INFO_TYPE (info) & (GST_PAD_PROBE_TYPE_BUFFER
          | GST_PAD_PROBE_TYPE_BUFFER_LIST))
    self->callbacks.entered (self->data);
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER)
    info->data = retime (self, pad, GST_PAD_PROBE_INFO_BUFFER (info));
  else if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST)
    retime_list (self, pad, info);
  else
    handle_event (self, pad, info);
  return GST_PAD_PROBE_OK;
}

static void
detach (GstRcastRetimer * self)
{
  if (self->pad)
    gst_pad_remove_probe (self->pad, self->probe);
  gst_clear_object (&self->pad);
}

/* @pad: a sink pad that has seen no data; replaces the former one
 * @raw: whether its input is raw */
void
gst_rcast_retimer_attach (GstRcastRetimer * self, GstPad * pad, gboolean raw)
{
  detach (self);
  self->pad = gst_object_ref (pad);
  self->raw = raw;
  self->last_raw = GST_CLOCK_TIME_NONE;
  self->plain = FALSE;
  self->probe = gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_BUFFER_LIST | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM
      | GST_PAD_PROBE_TYPE_EVENT_FLUSH, on_data, gst_object_ref (self),
      gst_object_unref);
}

/* The pipeline may have found live sources. Any thread */
void
gst_rcast_retimer_ask (GstRcastRetimer * self)
{
  g_atomic_int_set (&self->ask, TRUE);
}

/* All streams of one broadcast have the same @sync. Call this before the first buffer */
void
gst_rcast_retimer_set_sync (GstRcastRetimer * self, GstRcastSync * sync)
{
  gst_rcast_sync_unref (self->sync);
  self->sync = gst_rcast_sync_ref (sync);
}

/* Later input belongs to another source. */
void
gst_rcast_retimer_reset (GstRcastRetimer * self)
{
  detach (self);
  gst_rcast_epoch_init (&self->epoch);
  gst_segment_init (&self->segment, GST_FORMAT_UNDEFINED);
  self->live = FALSE;
  self->plain = FALSE;
  self->source = SOURCE_UNKNOWN;
  self->last_raw = GST_CLOCK_TIME_NONE;
  self->flows = FALSE;
  self->n_jumps = 0;
  self->reported_at = 0;
  g_atomic_int_set (&self->ask, TRUE);
}

static void
gst_rcast_retimer_finalize (GObject * object)
{
  gst_rcast_sync_unref (GST_RCAST_RETIMER (object)->sync);
  G_OBJECT_CLASS (gst_rcast_retimer_parent_class)->finalize (object);
}

static void
gst_rcast_retimer_class_init (GstRcastRetimerClass * klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_rcast_retimer_finalize;
}

static void
gst_rcast_retimer_init (GstRcastRetimer * self)
{
  self->sync = gst_rcast_sync_new ();
  self->frame = GST_CLOCK_TIME_NONE;
  gst_rcast_retimer_reset (self);
}

/* Returns: (transfer full): a retimer. It must outlive the pads that it is attached to, and
 * @stream must outlive it */
GstRcastRetimer *
gst_rcast_retimer_new (GstElement * stream, GstRcastMedia media,
    const GstRcastRetimerCallbacks * callbacks, gpointer data)
{
  GstRcastRetimer *self = g_object_new (GST_TYPE_RCAST_RETIMER, NULL);

  gst_object_ref_sink (self);
  self->stream = stream;
  self->media = media;
  self->callbacks = *callbacks;
  self->data = data;
  return self;
}
