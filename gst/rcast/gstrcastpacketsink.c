/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The end of a stream's chain: paces a file, does not wait for a live source, and never for
 * the network. */
#include "config.h"

#include "gstrcastpacketsink.h"

#include "rcast-drift.h"
#include "rcast-overload.h"

GST_DEBUG_CATEGORY_STATIC (packet_sink_debug);
#define GST_CAT_DEFAULT packet_sink_debug

/* Drift that is reported, and how often. */
#define TOLD_DRIFT (200 * GST_MSECOND)
#define TELL_INTERVAL (60 * GST_SECOND)

struct _GstRcastPacketSink
{
  GstBaseSink parent;

  const GstRcastPacketSinkFuncs *funcs;
  gpointer user_data;
  GstRcastMedia media;
  GstRcastSync *sync;           /* constant once it runs */
  gint live;                    /* atomic: upstream is live */
  gint ask;                     /* atomic: ask whether it is */
  GstRcastPace pace;            /* OBJECT_LOCK: of the chain that ends here */

  /* Streaming thread; after PAUSED the state change. */
  GstRcastOverload overload;
  GstRcastDrift drift;
  gint64 told;                  /* the last reported drift */
  GstClockTime told_at;
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS ("application/x-rtp"));

G_DEFINE_TYPE_WITH_CODE (GstRcastPacketSink, gst_rcast_packet_sink,
    GST_TYPE_BASE_SINK,
    GST_DEBUG_CATEGORY_INIT (packet_sink_debug, "rcastpacketsink", 0,
        "rcast: end of a stream's chain"));

/* A source that does not answer is not live: live sources must (design of latency in GStreamer).
 * Asks before the base class does, which would hold its PREROLL_LOCK meanwhile. Streaming
 * thread. */
static GstPadProbeReturn
find_pace (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  GstRcastPacketSink *self = GST_RCAST_PACKET_SINK (GST_PAD_PARENT (pad));
  g_autoptr (GstQuery) query = NULL;
  gboolean live = FALSE;

  if (((info->type & GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM)
          && GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) != GST_EVENT_GAP)
      || !g_atomic_int_compare_and_exchange (&self->ask, TRUE, FALSE))
    return GST_PAD_PROBE_OK;
  query = gst_query_new_latency ();
  if (gst_pad_peer_query (pad, query))
    gst_query_parse_latency (query, &live, NULL, NULL);
  g_atomic_int_set (&self->live, live);
  GST_INFO_OBJECT (self, "upstream is %s", live ? "live" : "not live");
  return GST_PAD_PROBE_OK;
}

/* A live source paces itself, and waiting would only add latency. A file is sent in decoding
 * order, so its DTS tell when. A DTS before the segment, as that of a first frame with
 * reordering, is due at once. */
static void
gst_rcast_packet_sink_get_times (GstBaseSink * sink, GstBuffer * buffer,
    GstClockTime * start, GstClockTime * end)
{
  *start = *end = GST_CLOCK_TIME_NONE;
  if (g_atomic_int_get (&GST_RCAST_PACKET_SINK (sink)->live))
    return;
  if (sink->segment.format == GST_FORMAT_TIME
      && GST_BUFFER_DTS_OR_PTS (buffer) >= sink->segment.start)
    *start = GST_BUFFER_DTS_OR_PTS (buffer);
}

static void
tell_drift (GstRcastPacketSink * self, GstClockTime now)
{
  if (ABS (self->drift.total - self->told) < (gint64) TOLD_DRIFT
      || (GST_CLOCK_TIME_IS_VALID (self->told_at)
          && now - self->told_at < TELL_INTERVAL))
    return;
  self->told = self->drift.total;
  self->told_at = now;
  self->funcs->drifted (self->user_data, -self->told);
}

/* Data has entered the chain in front of the sink. Any thread. */
void
gst_rcast_packet_sink_enter (GstRcastPacketSink * self)
{
  GST_OBJECT_LOCK (self);
  gst_rcast_pace_enter (&self->pace, gst_util_get_timestamp ());
  GST_OBJECT_UNLOCK (self);
}

/* Returns: whether the chain was waiting for the data that leaves it */
static gboolean
leave (GstRcastPacketSink * self)
{
  gboolean prompt;

  GST_OBJECT_LOCK (self);
  gst_rcast_pace_leave (&self->pace, gst_util_get_timestamp ());
  prompt = self->pace.prompt;
  GST_OBJECT_UNLOCK (self);
  return prompt;
}

/* Timestamps of a live source against the clock */
static void
follow_drift (GstRcastPacketSink * self, GstRcastPacketTimes * times,
    GstClockTime now, gboolean prompt)
{
  GstRcastDriftOutput output;
  gint64 follow = 0;

  if (self->media == GST_RCAST_MEDIA_VIDEO)
    follow = gst_rcast_sync_get_audio_drift (self->sync);
  gst_rcast_drift_follow (&self->drift, times->running_time, now, prompt,
      follow, &output);
  if (self->media == GST_RCAST_MEDIA_AUDIO)
    gst_rcast_sync_set_audio_drift (self->sync,
        self->drift.total - output.stepped);
  times->due = output.due;
  times->slewed = output.slewed;
  times->stepped = output.stepped;
  tell_drift (self, now);
}

/* Files are sent by their timestamps, live packets on arrival. */
static void
find_due (GstRcastPacketSink * self, GstRcastPacketTimes * times)
{
  GstClockTime now =
      gst_element_get_current_running_time (GST_ELEMENT (self));
  gboolean prompt;

  times->due = times->running_time;
  times->arrival = GST_CLOCK_TIME_IS_VALID (now) ? now : times->running_time;
  if (!GST_CLOCK_TIME_IS_VALID (now)
      || !GST_CLOCK_TIME_IS_VALID (times->running_time))
    return;
  prompt = leave (self);
  if (gst_rcast_overload_step (&self->overload, times->running_time, now,
          prompt))
    self->funcs->late (self->user_data, self->overload.late);
  if (g_atomic_int_get (&self->live))
    follow_drift (self, times, now, prompt);
}

static void
hand_over (GstBaseSink * sink, GstBuffer * buffer, gboolean more)
{
  GstRcastPacketSink *self = GST_RCAST_PACKET_SINK (sink);
  GstRcastPacketTimes times = { GST_CLOCK_TIME_NONE, };

  if (sink->segment.format == GST_FORMAT_TIME)
    times.running_time = gst_segment_to_running_time (&sink->segment,
        GST_FORMAT_TIME, GST_BUFFER_PTS_IS_VALID (buffer) ?
        GST_BUFFER_PTS (buffer) : GST_BUFFER_DTS (buffer));
  find_due (self, &times);
  self->funcs->packet (self->user_data, buffer, &times, more);
}

static GstFlowReturn
gst_rcast_packet_sink_render (GstBaseSink * sink, GstBuffer * buffer)
{
  hand_over (sink, buffer, FALSE);
  return GST_FLOW_OK;
}

/* The packets of a piece of a frame. They are due with the first one. */
static GstFlowReturn
gst_rcast_packet_sink_render_list (GstBaseSink * sink, GstBufferList * list)
{
  guint length = gst_buffer_list_length (list);

  for (guint i = 0; i < length; i++)
    hand_over (sink, gst_buffer_list_get (list, i), i + 1 < length);
  return GST_FLOW_OK;
}

static gboolean
gst_rcast_packet_sink_set_caps (GstBaseSink * sink, GstCaps * caps)
{
  GstRcastPacketSink *self = GST_RCAST_PACKET_SINK (sink);

  self->funcs->caps (self->user_data, caps);
  return TRUE;
}

/* Called when the event is due. A gap of a live source takes its time by itself; its timestamps
 * may be those of another clock, so it must not wait. */
static GstFlowReturn
gst_rcast_packet_sink_wait_event (GstBaseSink * sink, GstEvent * event)
{
  GstRcastPacketSink *self = GST_RCAST_PACKET_SINK (sink);
  GstFlowReturn ret;

  if (GST_EVENT_TYPE (event) == GST_EVENT_GAP
      && g_atomic_int_get (&self->live))
    return gst_base_sink_do_preroll (sink, GST_MINI_OBJECT_CAST (event));
  ret = GST_BASE_SINK_CLASS (gst_rcast_packet_sink_parent_class)->wait_event
      (sink, event);

  if (ret == GST_FLOW_OK && GST_EVENT_TYPE (event) == GST_EVENT_EOS)
    self->funcs->eos (self->user_data);
  return ret;
}

static void
forget_drift (GstRcastPacketSink * self)
{
  GST_OBJECT_LOCK (self);
  gst_rcast_pace_init (&self->pace);
  GST_OBJECT_UNLOCK (self);
  gst_rcast_overload_init (&self->overload);
  gst_rcast_drift_init (&self->drift);
  self->told = 0;
  self->told_at = GST_CLOCK_TIME_NONE;
  if (self->media == GST_RCAST_MEDIA_AUDIO)
    gst_rcast_sync_set_audio_drift (self->sync, 0);
}

static gboolean
gst_rcast_packet_sink_start (GstBaseSink * sink)
{
  forget_drift (GST_RCAST_PACKET_SINK (sink));
  return TRUE;
}

static gboolean
gst_rcast_packet_sink_event (GstBaseSink * sink, GstEvent * event)
{
  GstRcastPacketSink *self = GST_RCAST_PACKET_SINK (sink);

  if (GST_EVENT_TYPE (event) == GST_EVENT_STREAM_START)
    g_atomic_int_set (&self->ask, TRUE);
  else if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP)
    forget_drift (self);
  return GST_BASE_SINK_CLASS (gst_rcast_packet_sink_parent_class)->event (sink,
      event);
}

/* The pipeline sends the latency event again when it has found live sources. */
static gboolean
gst_rcast_packet_sink_send_event (GstElement * element, GstEvent * event)
{
  if (GST_EVENT_TYPE (event) == GST_EVENT_LATENCY)
    g_atomic_int_set (&GST_RCAST_PACKET_SINK (element)->ask, TRUE);
  return GST_ELEMENT_CLASS (gst_rcast_packet_sink_parent_class)->send_event
      (element, event);
}

static void
gst_rcast_packet_sink_finalize (GObject * object)
{
  gst_rcast_sync_unref (GST_RCAST_PACKET_SINK (object)->sync);
  G_OBJECT_CLASS (gst_rcast_packet_sink_parent_class)->finalize (object);
}

static void
gst_rcast_packet_sink_class_init (GstRcastPacketSinkClass * klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSinkClass *base_class = GST_BASE_SINK_CLASS (klass);

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_set_static_metadata (element_class, "rcast packet sink",
      "Sink/Network/RTP", "Hands RTP packets to the feeds of a stream",
      "The gst-rcast authors");

  G_OBJECT_CLASS (klass)->finalize = gst_rcast_packet_sink_finalize;
  element_class->send_event = gst_rcast_packet_sink_send_event;
  base_class->get_times = gst_rcast_packet_sink_get_times;
  base_class->render = gst_rcast_packet_sink_render;
  base_class->render_list = gst_rcast_packet_sink_render_list;
  base_class->set_caps = gst_rcast_packet_sink_set_caps;
  base_class->wait_event = gst_rcast_packet_sink_wait_event;
  base_class->start = gst_rcast_packet_sink_start;
  base_class->event = gst_rcast_packet_sink_event;
}

static void
gst_rcast_packet_sink_init (GstRcastPacketSink * self)
{
  self->ask = TRUE;
  self->sync = gst_rcast_sync_new ();
  gst_pad_add_probe (GST_BASE_SINK_PAD (self), GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_BUFFER_LIST | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      find_pace, NULL, NULL);
  gst_base_sink_set_sync (GST_BASE_SINK (self), TRUE);
  /* A packet is handed over at once: this adds no latency, and a live source that
   * can buffer nothing, such as udpsrc, is fine. */
  gst_base_sink_set_processing_deadline (GST_BASE_SINK (self), 0);
  /* After a seek a receiver needs the key frame in front of the segment. */
  gst_base_sink_set_drop_out_of_segment (GST_BASE_SINK (self), FALSE);
}

/* All streams of one broadcast have the same @sync. Call this before the first buffer */
void
gst_rcast_packet_sink_set_sync (GstRcastPacketSink * self, GstRcastSync * sync)
{
  gst_rcast_sync_unref (self->sync);
  self->sync = gst_rcast_sync_ref (sync);
}

/* Returns: (transfer floating): a sink that calls @funcs, which must outlive it */
GstElement *
gst_rcast_packet_sink_new (const gchar * name, GstRcastMedia media,
    const GstRcastPacketSinkFuncs * funcs, gpointer user_data)
{
  GstRcastPacketSink *self =
      g_object_new (GST_TYPE_RCAST_PACKET_SINK, "name", name, NULL);

  self->media = media;
  self->funcs = funcs;
  self->user_data = user_data;
  return GST_ELEMENT (self);
}
