/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The bin that receives a WebRTC broadcast, with pads that outlive every outage. */

/**
 * SECTION:element-rcastsrc
 * @title: rcastsrc
 * @short_description: receives a broadcast over WebRTC
 *
 * Receives the video and the audio of a stream from a WebRTC server. The scheme of
 * #GstRcastSrc:location picks the signalling element, as with rcastsink.
 *
 * A pad is added when the first media of its stream arrives, and stays until the element goes to
 * READY: over outages, new sessions, other servers and other codecs. Timestamps are running
 * times and go on. While nothing arrives, gap events are pushed (#GstRcastSrc:stall-action).
 * After an outage video goes on at a key frame, which is requested. Caps change with the codec
 * or its details; with #GstRcastSrc:output `raw` the media is decoded here.
 *
 * #GstElement::no-more-pads is emitted when all negotiated streams have their pads, or when those
 * that are missing have had a few seconds. So players such as `playbin uri=whep+http://…` play. A
 * stream that comes later gets its pad as well.
 *
 * It is a live source. Downstream never blocks the connection: media that it does not take is
 * dropped, up to the next key frame. EOS comes when the application sends it, when the reception
 * has failed for good, or with #GstRcastSrc:end-on-stream-end when the publisher leaves. If
 * there is no pad by then, one of each kind is added, without media, so that linked elements get
 * EOS, too.
 *
 * At every change of #GstRcastSrc:status the element posts one element message, as rcastsink
 * does: `broadcasting` here means that media arrives. `stream_disconnected` says that a stream
 * no longer arrives and what is at fault, `stream_connected` that it is back.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 rcastsrc name=s location=whep+http://127.0.0.1:8080/whep/demo s.video_0 ! decodebin ! autovideosink
 * ]|
 *
 * Since: 0.1
 */
#include "config.h"

#include "gstrcastsrc.h"

#include "gstrcastdriver.h"
#include "gstrcastoutlets.h"
#include "gstrcastoutletspecs.h"
#include "rcast-codec.h"
#include "rcast-enumtypes.h"

struct _GstRcastSrc
{
  GstRcastBin parent;

  GstRcastOutlets *outlets;     /* constant */
  gint latency;                 /* atomic; ms: the latency that was last posted */
};

#define gst_rcast_src_parent_class parent_class
G_DEFINE_FINAL_TYPE (GstRcastSrc, gst_rcast_src, GST_TYPE_RCAST_BIN);
GST_ELEMENT_REGISTER_DEFINE (rcastsrc, "rcastsrc", GST_RANK_NONE,
    GST_TYPE_RCAST_SRC);

/* The bin's functions */

static void
read_values (const GstRcastSettings * settings, gpointer data)
{
  GstRcastOutletsSettings *outlets = data;

  outlets->output = settings->output;
  outlets->latency = settings->latency;
  outlets->video_streams = settings->video_streams;
  outlets->audio_streams = settings->audio_streams;
  outlets->outlet.latency = settings->latency * GST_MSECOND;
  outlets->outlet.stall_action = settings->stall_action;
}

static void
gst_rcast_src_settings_changed (GstRcastBin * bin)
{
  GstRcastSrc *self = GST_RCAST_SRC (bin);
  GstRcastOutletsSettings values;

  gst_rcast_bin_read_settings (bin, read_values, &values);
  gst_rcast_outlets_set (self->outlets, &values);
  /* The jitter buffers have the new latency. */
  if (g_atomic_int_exchange (&self->latency, values.latency)
      != (gint) values.latency)
    gst_element_post_message (GST_ELEMENT (self),
        gst_message_new_latency (GST_OBJECT (self)));
}

static void
gst_rcast_src_get_peer (GstRcastBin * bin, GstRcastPeerSettings * settings)
{
  settings->outlets = gst_object_ref (GST_RCAST_SRC (bin)->outlets);
  /* rcastsrc sends nothing that needs it. */
  settings->allot.control = GST_RCAST_CONGESTION_CONTROL_NONE;
}

static void
gst_rcast_src_add_stats (GstRcastBin * bin, GstStructure * stats)
{
  gst_rcast_outlets_add_stats (GST_RCAST_SRC (bin)->outlets, stats);
}

static GstRcastReceptionWatch *
get_reception (GstRcastBin * bin)
{
  return gst_rcast_outlets_get_reception (GST_RCAST_SRC (bin)->outlets);
}

/* The reception has ended, but not by the application. */
static void
gst_rcast_src_status_changed (GstRcastBin * bin,
    const GstRcastStatusInfo * info)
{
  gst_rcast_reception_watch_status (get_reception (bin), info);
  if (info->status == GST_RCAST_STATUS_DISCONNECTED
      && info->reason != GST_RCAST_REASON_USER)
    gst_rcast_outlets_end (GST_RCAST_SRC (bin)->outlets);
}

/* Ends the stream for good */

static void
end (GstRcastSrc * self)
{
  g_autoptr (GstRcastDriver) driver =
      gst_rcast_bin_dup_driver (GST_RCAST_BIN (self));

  gst_rcast_outlets_end (self->outlets);
  if (driver)
    gst_rcast_driver_eos (driver);
}

/* EOS from the application */
static gboolean
gst_rcast_src_send_event (GstElement * element, GstEvent * event)
{
  if (GST_EVENT_TYPE (event) != GST_EVENT_EOS)
    return GST_ELEMENT_CLASS (parent_class)->send_event (element, event);
  gst_event_unref (event);
  gst_rcast_reception_watch_end (get_reception (GST_RCAST_BIN (element)));
  end (GST_RCAST_SRC (element));
  return TRUE;
}

static void
read_end (const GstRcastSettings * settings, gpointer data)
{
  *(gboolean *) data = settings->end_on_stream_end;
}

/* The publisher has left, which may be the end */
static void
gst_rcast_src_stream_changed (GstRcastBin * bin, GstRcastStreamChange change,
    const gchar * stream, const gchar * reason)
{
  gboolean ends = FALSE;

  gst_rcast_reception_watch_changed (get_reception (bin), change, stream);
  gst_rcast_bin_read_settings (bin, read_end, &ends);
  if (change == GST_RCAST_STREAM_UNPUBLISHED && ends)
    end (GST_RCAST_SRC (bin));
}

/* States */

/* A live source sends nothing in PAUSED. */
static GstStateChangeReturn
to_live (GstStateChange transition, GstStateChangeReturn ret)
{
  return ret == GST_STATE_CHANGE_SUCCESS
      && (transition == GST_STATE_CHANGE_READY_TO_PAUSED
      || transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED) ?
      GST_STATE_CHANGE_NO_PREROLL : ret;
}

/* Opens the outlets, and watches the streams from now on. */
static void
open_outlets (GstRcastSrc * self)
{
  g_autoptr (GstRcastDriver) driver =
      gst_rcast_bin_dup_driver (GST_RCAST_BIN (self));

  gst_rcast_reception_watch_start (get_reception (GST_RCAST_BIN (self)),
      gst_rcast_driver_get_loop (driver));
  gst_rcast_outlets_open (self->outlets);
}

static void
close_outlets (GstRcastSrc * self)
{
  gst_rcast_outlets_close (self->outlets);
  gst_rcast_reception_watch_stop (get_reception (GST_RCAST_BIN (self)));
}

/* Nothing is received after EOS, even if the element was just started. */
static void
play (GstRcastSrc * self)
{
  g_autoptr (GstRcastDriver) driver =
      gst_rcast_bin_dup_driver (GST_RCAST_BIN (self));

  gst_rcast_outlets_set_playing (self->outlets, TRUE);
  if (gst_rcast_outlets_are_ended (self->outlets))
    gst_rcast_driver_eos (driver);
}

static GstStateChangeReturn
gst_rcast_src_change_state (GstElement * element, GstStateChange transition)
{
  GstRcastSrc *self = GST_RCAST_SRC (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED)
    open_outlets (self);
  if (transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED)
    gst_rcast_outlets_set_playing (self->outlets, FALSE);
  ret = GST_ELEMENT_CLASS (parent_class)->change_state (element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY
      || (transition == GST_STATE_CHANGE_READY_TO_PAUSED
          && ret == GST_STATE_CHANGE_FAILURE))
    close_outlets (self);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING
      && ret != GST_STATE_CHANGE_FAILURE)
    play (self);
  return to_live (transition, ret);
}

static void
gst_rcast_src_finalize (GObject * object)
{
  gst_object_unref (GST_RCAST_SRC (object)->outlets);
  G_OBJECT_CLASS (parent_class)->finalize (object);
}

static void
add_template (GstElementClass * klass, const gchar * name, GstRcastMedia media)
{
  g_autoptr (GstCaps) caps = gst_rcast_media_get_caps (media);

  gst_element_class_add_pad_template (klass, gst_pad_template_new (name,
          GST_PAD_SRC, GST_PAD_SOMETIMES, caps));
}

static void
gst_rcast_src_class_init (GstRcastSrcClass * klass)
{
  static const gchar *const protocols[] = { "whep+https", "whep+http", "wheps",
    "whep", "janus+wss", "janus+ws", "openvidu+wss", "openvidu+ws",
    "gst+wss", "gst+ws", NULL
  };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstRcastBinClass *bin_class = GST_RCAST_BIN_CLASS (klass);

  object_class->finalize = gst_rcast_src_finalize;
  element_class->change_state = gst_rcast_src_change_state;
  element_class->send_event = gst_rcast_src_send_event;
  bin_class->direction = GST_RCAST_DIRECTION_RECEIVE;
  bin_class->protocols = protocols;
  bin_class->get_peer = gst_rcast_src_get_peer;
  bin_class->settings_changed = gst_rcast_src_settings_changed;
  bin_class->add_stats = gst_rcast_src_add_stats;
  bin_class->stream_changed = gst_rcast_src_stream_changed;
  bin_class->status_changed = gst_rcast_src_status_changed;

  gst_rcast_bin_class_install_settings (bin_class, GST_RCAST_SIGNALLER_RECEIVE);
  g_object_class_install_property (object_class, GST_RCAST_SETTING_LATENCY,
      gst_rcast_outlet_make_latency_spec ());

  add_template (element_class, "video_%u", GST_RCAST_MEDIA_VIDEO);
  add_template (element_class, "audio_%u", GST_RCAST_MEDIA_AUDIO);
  gst_element_class_set_static_metadata (element_class, "Rcast source",
      "Source/Network/WebRTC", "Receives a WebRTC broadcast, over any outage",
      "The gst-rcast developers");
  gst_type_mark_as_plugin_api (GST_TYPE_RCAST_OUTPUT, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_RCAST_STALL_ACTION, 0);
}

static void
gst_rcast_src_init (GstRcastSrc * self)
{
  /* Set from the start, even without pads. */
  GST_OBJECT_FLAG_SET (self, GST_ELEMENT_FLAG_SOURCE);
  gst_bin_set_suppressed_flags (GST_BIN (self), GST_ELEMENT_FLAG_SOURCE
      | GST_ELEMENT_FLAG_SINK);
  self->outlets = gst_rcast_outlets_new (GST_ELEMENT (self));
}
