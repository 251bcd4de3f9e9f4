/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The bin that keeps a WebRTC broadcast on air. */

/**
 * SECTION:element-rcastsink
 * @title: rcastsink
 * @short_description: broadcasts over WebRTC
 *
 * Sends any number of video and audio streams to a WebRTC server. The scheme of
 * #GstRcastSink:location picks the signalling element: `whip+https://…` is
 * rcastwhip. Pads take raw, encoded or RTP media; what is not encoded yet is
 * encoded with what ranks highest among the installed encoders.
 *
 * Upstream never notices the network: while there is no connection, media is
 * dropped and counted, and nothing blocks. A file plays out in real time. At the
 * end of the stream the session is closed at the server before EOS is forwarded.
 *
 * At every change of #GstRcastSink:status the element posts one element message,
 * named after the status: `signalling`, `connected`, `broadcasting`,
 * `disconnected`. Its fields are described in docs/messages.md. When the
 * broadcast fails for good one error message follows.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 -m videotestsrc is-live=true ! rcastsink location=whip+http://127.0.0.1:8080/whip/demo
 * ]|
 *
 * Since: 0.1
 */
#include "config.h"

#include "gstrcastsink.h"

#include "gstrcastbin.h"
#include "gstrcastdriver.h"
#include "gstrcastpads.h"
#include "gstrcaststallwatch.h"
#include "rcast-report.h"

struct _GstRcastSink
{
  GstRcastBin parent;

  GstRcastPads *pads;           /* constant */
  GstMessage *eos;              /* OBJECT_LOCK: held back until the server has the end */
  GstRcastStallWatch *stall_watch;      /* above NULL; only state changes set it */
};

static guint encoder_setup;

#define gst_rcast_sink_parent_class parent_class
G_DEFINE_TYPE (GstRcastSink, gst_rcast_sink, GST_TYPE_RCAST_BIN);
/* Above giosink, which takes http:// for a file system. */
GST_ELEMENT_REGISTER_DEFINE (rcastsink, "rcastsink", GST_RANK_PRIMARY,
    GST_TYPE_RCAST_SINK);

/* The end of the stream */

/* On the loop's thread */
static void
gst_rcast_sink_eos_delivered (GstRcastBin * bin)
{
  GstRcastSink *self = GST_RCAST_SINK (bin);
  GstMessage *eos;

  GST_OBJECT_LOCK (self);
  eos = g_steal_pointer (&self->eos);
  GST_OBJECT_UNLOCK (self);
  if (eos)
    GST_ELEMENT_CLASS (parent_class)->post_message (GST_ELEMENT (self), eos);
}

/* The bin has collected the EOS of all streams. The application gets it when the end is
 * delivered to the server. Any streaming thread. */
static gboolean
gst_rcast_sink_post_message (GstElement * element, GstMessage * message)
{
  GstRcastSink *self = GST_RCAST_SINK (element);
  g_autoptr (GstRcastDriver) driver = NULL;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS
      && GST_MESSAGE_SRC (message) == GST_OBJECT (self))
    driver = gst_rcast_bin_dup_driver (GST_RCAST_BIN (self));
  if (!driver)
    return GST_ELEMENT_CLASS (parent_class)->post_message (element, message);

  GST_OBJECT_LOCK (self);
  gst_clear_message (&self->eos);
  self->eos = message;
  GST_OBJECT_UNLOCK (self);
  gst_rcast_driver_eos (driver);
  return TRUE;
}

/* Pads */

static void
on_encoder_setup (const gchar * pad, GstElement * encoder, gpointer data)
{
  g_signal_emit (data, encoder_setup, 0, pad, encoder);
}

static void
on_pads_changed (gpointer data)
{
  g_autoptr (GstRcastDriver) driver = gst_rcast_bin_dup_driver (data);

  if (driver)
    gst_rcast_driver_streams_changed (driver);
}

static void
post_warning (GstElement * element, gpointer message)
{
  gst_element_post_message (element, gst_message_ref (message));
}

/* Posted asynchronously: a message handler must not run under a streaming thread's locks. */
static void
on_trouble (const gchar * pad, GstRcastTrouble trouble, gint64 ahead,
    guint count, gpointer data)
{
  gst_element_call_async (data, post_warning,
      gst_rcast_report_trouble (data, pad, trouble, ahead, count),
      (GDestroyNotify) gst_message_unref);
}

static const GstRcastPadsCallbacks pads_callbacks = {
  .changed = on_pads_changed,
  .encoder_setup = on_encoder_setup,
  .trouble = on_trouble,
};

static GstPad *
gst_rcast_sink_request_new_pad (GstElement * element,
    GstPadTemplate * template, const gchar * wanted, const GstCaps * caps)
{
  return gst_rcast_pads_request (GST_RCAST_SINK (element)->pads, template,
      wanted);
}

static void
gst_rcast_sink_release_pad (GstElement * element, GstPad * pad)
{
  gst_rcast_pads_release (GST_RCAST_SINK (element)->pads, pad);
}

static GPtrArray *
get_streams (gpointer data)
{
  return gst_rcast_pads_list_streams (GST_RCAST_SINK (data)->pads);
}

static GPtrArray *
gst_rcast_sink_get_streams (GstRcastBin * bin)
{
  return get_streams (bin);
}

static void
read_defaults (const GstRcastSettings * settings, gpointer defaults)
{
  gst_rcast_settings_get_defaults (settings, defaults);
}

static void
gst_rcast_sink_settings_changed (GstRcastBin * bin)
{
  GstRcastPadsDefaults defaults;

  gst_rcast_bin_read_settings (bin, read_defaults, &defaults);
  gst_rcast_pads_set_defaults (GST_RCAST_SINK (bin)->pads, &defaults);
}

static void
gst_rcast_sink_add_stats (GstRcastBin * bin, GstStructure * stats)
{
  gst_rcast_pads_add_stats (GST_RCAST_SINK (bin)->pads, stats);
}

/* The loop's thread */
static void
on_stream_changed (GstRcastStream * stream, const GstRcastStall * stall,
    const gchar * hint, gpointer data)
{
  gst_element_post_message (GST_ELEMENT (data),
      gst_rcast_report_stream (GST_OBJECT (data), GST_OBJECT_NAME (stream),
          stall->stalled, stall->stage, stall->silence, hint));
}

/* In `connected`, reports show no progress yet, so they do not count. */
static guint64
count_confirmations (gpointer data)
{
  g_autoptr (GstStructure) stats = NULL;
  GstRcastStatus status;
  guint64 reports = 0;

  g_object_get (data, "status", &status, NULL);
  if (status == GST_RCAST_STATUS_CONNECTED)
    return 0;
  if (status != GST_RCAST_STATUS_BROADCASTING)
    return GST_RCAST_NOT_CONNECTED;
  g_object_get (data, "stats", &stats, NULL);
  gst_structure_get_uint64 (stats, "peer-reports", &reports);
  return 1 + reports;
}

/* The loop's thread */
static void
on_unheard (GstClockTime silence, gpointer data)
{
  gst_element_post_message (GST_ELEMENT (data),
      gst_rcast_report_unconfirmed (GST_OBJECT (data), silence));
}

static const GstRcastStallWatchClient stall_watch_client = {
  .late = on_pads_changed,
  .count_confirmations = count_confirmations,
  .unheard = on_unheard,
  .get_streams = get_streams,
  .changed = on_stream_changed,
};

/* States */

static void
make_stall_watch (GstRcastSink * self)
{
  g_autoptr (GstRcastDriver) driver =
      gst_rcast_bin_dup_driver (GST_RCAST_BIN (self));

  self->stall_watch =
      gst_rcast_stall_watch_new (gst_rcast_driver_get_loop (driver),
      gst_rcast_bin_get_clock (GST_RCAST_BIN (self)), &stall_watch_client,
      self);
}

typedef struct
{
  GstClockTime stream, start;
} Timeouts;

static void
read_timeouts (const GstRcastSettings * settings, gpointer data)
{
  Timeouts *timeouts = data;

  timeouts->stream = settings->stream_timeout * GST_MSECOND;
  timeouts->start = settings->start_timeout * GST_MSECOND;
}

static void
start_stall_watch (GstRcastSink * self)
{
  Timeouts timeouts;

  gst_rcast_bin_read_settings (GST_RCAST_BIN (self), read_timeouts, &timeouts);
  gst_rcast_stall_watch_start (self->stall_watch, timeouts.stream,
      timeouts.start);
}

static void
stop_stall_watch (GstRcastSink * self)
{
  if (self->stall_watch)
    gst_rcast_stall_watch_stop (self->stall_watch);
}

static void
drop_stall_watch (GstRcastSink * self)
{
  gst_clear_object (&self->stall_watch);
  GST_OBJECT_LOCK (self);
  gst_clear_message (&self->eos);
  GST_OBJECT_UNLOCK (self);
}

static GstStateChangeReturn
gst_rcast_sink_change_state (GstElement * element, GstStateChange transition)
{
  GstRcastSink *self = GST_RCAST_SINK (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY
      || transition == GST_STATE_CHANGE_READY_TO_NULL)
    stop_stall_watch (self);
  ret = GST_ELEMENT_CLASS (parent_class)->change_state (element, transition);
  if (transition == GST_STATE_CHANGE_READY_TO_NULL)
    drop_stall_watch (self);
  if (ret == GST_STATE_CHANGE_FAILURE)
    return ret;
  if (transition == GST_STATE_CHANGE_NULL_TO_READY)
    make_stall_watch (self);
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED
      || transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING)
    start_stall_watch (self);
  return ret;
}

static void
gst_rcast_sink_dispose (GObject * object)
{
  GstRcastSink *self = GST_RCAST_SINK (object);

  gst_clear_message (&self->eos);
  G_OBJECT_CLASS (parent_class)->dispose (object);
}

static void
gst_rcast_sink_finalize (GObject * object)
{
  gst_object_unref (GST_RCAST_SINK (object)->pads);
  G_OBJECT_CLASS (parent_class)->finalize (object);
}

static void
add_template (GstElementClass * klass, const gchar * name, GstRcastMedia media)
{
  g_autoptr (GstCaps) caps = gst_rcast_media_get_caps (media);

  gst_element_class_add_pad_template (klass, gst_pad_template_new (name,
          GST_PAD_SINK, GST_PAD_REQUEST, caps));
}

static void
gst_rcast_sink_class_init (GstRcastSinkClass * klass)
{
  /* The registry only has this plugin when it scans it, so these are the schemes of all known
   * signallers, installed or not. */
  static const gchar *const protocols[] = { "whip+https", "whip+http", "whips",
    "whip", "https", "http", "janus+wss", "janus+ws",
    "openvidu+wss", "openvidu+ws", "gst+wss", "gst+ws", NULL
  };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstRcastBinClass *bin_class = GST_RCAST_BIN_CLASS (klass);

  object_class->dispose = gst_rcast_sink_dispose;
  object_class->finalize = gst_rcast_sink_finalize;
  element_class->change_state = gst_rcast_sink_change_state;
  element_class->request_new_pad = gst_rcast_sink_request_new_pad;
  element_class->release_pad = gst_rcast_sink_release_pad;
  element_class->post_message = gst_rcast_sink_post_message;
  bin_class->direction = GST_RCAST_DIRECTION_SEND;
  bin_class->protocols = protocols;
  bin_class->get_streams = gst_rcast_sink_get_streams;
  bin_class->settings_changed = gst_rcast_sink_settings_changed;
  bin_class->add_stats = gst_rcast_sink_add_stats;
  bin_class->eos_delivered = gst_rcast_sink_eos_delivered;

  gst_rcast_bin_class_install_settings (bin_class, GST_RCAST_SIGNALLER_SEND);

  /**
   * GstRcastSink::encoder-setup:
   * @self: the rcastsink
   * @stream: name of the pad that the encoder serves, `video_0`
   * @encoder: the encoder, before it starts
   *
   * Set properties of the encoder here, after those that rcastsink has set.
   * Emitted on a streaming thread.
   *
   * Since: 0.1
   */
  encoder_setup = g_signal_new ("encoder-setup", G_TYPE_FROM_CLASS (klass),
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING,
      GST_TYPE_ELEMENT);

  add_template (element_class, "video_%u", GST_RCAST_MEDIA_VIDEO);
  add_template (element_class, "audio_%u", GST_RCAST_MEDIA_AUDIO);
  gst_element_class_set_static_metadata (element_class, "Rcast sink",
      "Sink/Network/WebRTC", "Keeps a WebRTC broadcast on air",
      "The gst-rcast developers");
}

static void
gst_rcast_sink_init (GstRcastSink * self)
{
  /* Set from the start, even without pads: a bin counts its sinks when they are added. */
  GST_OBJECT_FLAG_SET (self, GST_ELEMENT_FLAG_SINK);
  gst_bin_set_suppressed_flags (GST_BIN (self), GST_ELEMENT_FLAG_SINK);
  self->pads = gst_rcast_pads_new (GST_BIN (self), &pads_callbacks, self);
}
