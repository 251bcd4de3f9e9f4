/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One media stream: turns its input into RTP for any number of feeds, and never waits for the
 * network. */

/*
 * sink (ghost) ! [chain: convert ! encode ! parse ! pay] ! packets ~> feeds
 *
 * The caps on the sink pad decide the chain. The thread that pushes into the sink pad builds,
 * swaps and uses the chain, so no data is ever between two chains. A state change may come at
 * any time: a new chain follows an upward change (gst_rcast_states_follow()); a downward change
 * waits for that thread when the pads are stopped, and then removes the last chain.
 */
#include "config.h"

#include "gstrcaststream.h"

#include <gst/base/gstbasesink.h>
#include <gst/video/gstvideometa.h>

#include "gstrcastchain.h"
#include "gstrcastencoders.h"
#include "gstrcastencoding.h"
#include "gstrcastfanout.h"
#include "gstrcastfollow.h"
#include "gstrcastintake.h"
#include "gstrcastoffering.h"
#include "gstrcastrefit.h"
#include "gstrcastretimer.h"
#include "gstrcaststates.h"
#include "rcast-refit.h"

GST_DEBUG_CATEGORY_STATIC (stream_debug);
#define GST_CAT_DEFAULT stream_debug

struct _GstRcastStream
{
  GstBin parent;

  GstRcastMedia media;
  GstPad *sink_pad;             /* ghost, owned by the element */
  GstRcastFanout *fanout;       /* takes the packets */
  GstRcastIntake *intake;
  GstRcastOffering *offering;   /* the input, and what is offered of it */
  GstRcastEncoding *encoding;   /* holds the encoder */
  GstRcastFollow *follow;       /* holds the target of the network */
  GstRcastRetimer *retimer;     /* of the input */

  gint shut_down;               /* atomic: failures are no errors now */

  /* Streaming thread; after PAUSED the state change. */
  GstElement *chain;            /* a child; for RTP a GstRcastRefit */
  guint n_chains;
  GstRcastCrop crop;            /* of raw pictures, by the last buffer */
  gint mtu;                     /* atomic: for the next chain */
  gint video_start;             /* atomic: for the next chain */
  gint ptime;                   /* atomic: ns, duration of packets by the last answer */
  gint single_units;            /* atomic: no fragments, by the last answer */

  gint unawaited;               /* atomic: the first offer no longer waits for the stream */
  gint swap_pending;            /* atomic: the negotiated codec has changed */
};

enum
{
  PROP_STATS = GST_RCAST_ENCODING_N_PROPS,
  PROP_TARGET_BITRATE,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

enum
{
  SIGNAL_OFFER_CAPS_CHANGED,
  SIGNAL_ENCODER_SETUP,
  SIGNAL_TROUBLE,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_TYPE_WITH_CODE (GstRcastStream, gst_rcast_stream, GST_TYPE_BIN,
    GST_DEBUG_CATEGORY_INIT (stream_debug, "rcaststream", 0,
        "rcast: one media stream"));

/* --- what is offered --- */

static void
update_offer (GstRcastStream * self)
{
  GstRcastEncoderSettings settings =
      gst_rcast_encoding_get_settings (self->encoding);
  guint8 level = gst_rcast_h264_level (settings.width, settings.height,
      gst_rcast_encoder_settings_get_fps (&settings));

  if (gst_rcast_offering_update (self->offering, level, settings.channels))
    g_signal_emit (self, signals[SIGNAL_OFFER_CAPS_CHANGED], 0);
}

/**
 * gst_rcast_stream_get_offer_caps:
 * @stream: the stream
 *
 * Returns what can be sent, best first, as RTP caps without payload type. For a raw stream these
 * are all codecs that have an encoder; for any other one its own codec. Any thread.
 *
 * Returns: (transfer full) (nullable): %NULL until it is known
 */
GstCaps *
gst_rcast_stream_get_offer_caps (GstRcastStream * stream)
{
  return gst_rcast_offering_get_caps (stream->offering);
}

/* The packets have other caps. */
static void
on_rtp_caps (GstCaps * caps, gpointer data)
{
  GstRcastStream *self = data;

  gst_rcast_offering_set_packets (self->offering, caps);
  update_offer (self);
}

static void
on_rtp_jumped (gint64 jump, gpointer data)
{
  gst_rcast_retimer_count_jump (GST_RCAST_STREAM (data)->retimer, jump);
}

static void
on_report (GstRcastTrouble trouble, gint64 ahead, guint count, gpointer data)
{
  g_signal_emit (data, signals[SIGNAL_TROUBLE], 0, trouble, ahead, count);
}

static const GstRcastFanoutCallbacks fanout_callbacks = {
  .caps = on_rtp_caps,
  .jumped = on_rtp_jumped,
  .report = on_report,
};

/* Receivers do not see the jump. Frames may be missing, though, so the receivers get a key
 * frame. */
static void
on_jumped (gpointer data)
{
  gst_rcast_fanout_request_keyframe (GST_RCAST_STREAM (data)->fanout);
}

static void
on_entered (gpointer data)
{
  gst_rcast_fanout_enter (GST_RCAST_STREAM (data)->fanout);
}

static const GstRcastRetimerCallbacks retimer_callbacks = {
  .entered = on_entered,
  .jumped = on_jumped,
  .report = on_report,
};

static const GstRcastFollowCallbacks follow_callbacks = {
  .start = on_jumped,
  .report = on_report,
};

/* --- feeds --- */

/* As gst_rcast_fanout_add_feed(). Any thread */
GstElement *
gst_rcast_stream_add_feed (GstRcastStream * stream)
{
  return gst_rcast_fanout_add_feed (stream->fanout);
}

/* As gst_rcast_fanout_remove_feed(). Any thread */
void
gst_rcast_stream_remove_feed (GstRcastStream * stream, GstElement * feed)
{
  gst_rcast_fanout_remove_feed (stream->fanout, feed);
}

/* As gst_rcast_fanout_request_keyframe(). Any thread */
void
gst_rcast_stream_request_keyframe (GstRcastStream * stream)
{
  gst_rcast_fanout_request_keyframe (stream->fanout);
}

/* --- the chain --- */

/* Returns: the packing by the last answer */
static GstRcastPacking
get_packing (GstRcastStream * self)
{
  return (GstRcastPacking) {
    .ptime = g_atomic_int_get (&self->ptime),
    .single_units = g_atomic_int_get (&self->single_units),
  };
}

/* The application's handlers run last and may override the settings. */
static void
setup_encoder (GstElement * stream, GstElement * encoder)
{
  GstRcastStream *self = GST_RCAST_STREAM (stream);
  GstRcastPacking packing = get_packing (self);

  gst_rcast_encoding_begin (self->encoding, encoder, &packing,
      g_atomic_int_get (&self->mtu));
  g_signal_emit (stream, signals[SIGNAL_ENCODER_SETUP], 0, encoder);
  gst_rcast_encoding_start (GST_RCAST_STREAM (stream)->encoding);
}

/* Stops @chain for good. */
static void
discard_chain (GstRcastStream * self, GstElement * chain)
{
  gst_rcast_follow_detach (self->follow);
  gst_rcast_encoding_end (self->encoding);
  gst_rcast_states_discard (GST_BIN (self), chain);
}

/* Removes the chain; the sink pad has no target. */
static void
remove_chain (GstRcastStream * self)
{
  GstElement *chain = g_steal_pointer (&self->chain);

  gst_ghost_pad_set_target (GST_GHOST_PAD (self->sink_pad), NULL);
  if (chain)
    discard_chain (self, chain);
}

/* A stream that ends without caps goes from the sink pad straight to the fan-out. */
static gboolean
skip_chain (GstRcastStream * self)
{
  GstPad *target = gst_rcast_fanout_get_sink_pad (self->fanout);

  gst_rcast_retimer_attach (self->retimer, target, FALSE);
  return gst_ghost_pad_set_target (GST_GHOST_PAD (self->sink_pad), target);
}

/* Puts a chain that is complete between the sink pad and the fan-out. */
static gboolean
install_chain (GstRcastStream * self, GstElement * chain)
{
  g_autoptr (GstPad) target = gst_element_get_static_pad (chain, "sink");

  self->chain = chain;
  return gst_element_link_pads (chain, "src",
      gst_rcast_fanout_get_sink (self->fanout), "sink")
      && gst_rcast_states_follow (GST_ELEMENT (self), chain)
      && gst_ghost_pad_set_target (GST_GHOST_PAD (self->sink_pad), target);
}

/* Returns: (transfer floating): a chain; for RTP a refit, which is complete */
static GstElement *
make_chain (GstRcastStream * self, GstRcastInput kind)
{
  g_autofree gchar *name = g_strdup_printf ("chain%u", self->n_chains++);
  guint mtu = g_atomic_int_get (&self->mtu);
  GstRcastPacking packing = get_packing (self);

  return kind == GST_RCAST_INPUT_RTP ?
      gst_rcast_refit_new (GST_ELEMENT (self), name, mtu,
      g_atomic_int_get (&self->video_start), self->fanout) :
      gst_rcast_chain_new (GST_ELEMENT (self), name, mtu, &packing);
}

static gboolean
build_chain (GstRcastStream * self, GstRcastInput kind, GstRcastCodec codec,
    const GstCaps * caps)
{
  GstRcastEncoderSettings settings =
      gst_rcast_encoding_get_settings (self->encoding);
  GstElement *chain = make_chain (self, kind);
  gboolean rtp = kind == GST_RCAST_INPUT_RTP;

  settings.crop = self->crop;
  gst_bin_add (GST_BIN (self), chain);
  if (!rtp && !gst_rcast_chain_build (chain, codec, caps, &settings,
          kind == GST_RCAST_INPUT_RAW ? setup_encoder : NULL)) {
    discard_chain (self, chain);
    return FALSE;
  }
  gst_rcast_retimer_attach (self->retimer, rtp ?
      gst_rcast_fanout_get_sink_pad (self->fanout) :
      gst_rcast_chain_get_frames (chain), kind == GST_RCAST_INPUT_RAW);
  if (kind == GST_RCAST_INPUT_RAW)
    gst_rcast_follow_attach (self->follow, chain);
  if (install_chain (self, chain))
    return TRUE;
  remove_chain (self);
  return FALSE;
}

/* Replaces the chain by one for @caps. */
static gboolean
rebuild (GstRcastStream * self, GstRcastInput kind, GstRcastCodec codec,
    const GstCaps * caps)
{
  if (self->chain)
    gst_rcast_chain_drain (self->chain);
  remove_chain (self);
  return !g_atomic_int_get (&self->shut_down)
      && build_chain (self, kind, codec, caps);
}

/* --- input --- */

/* Sets up the stream for @caps, which have changed.
 * Returns: %FALSE after an error was posted */
static gboolean
take_caps (GstRcastStream * self, GstCaps * caps)
{
  GstRcastInput kind = gst_rcast_input_from_caps (caps);
  GstRcastCodec codec = gst_rcast_codec_from_caps (caps);

  if (!gst_rcast_intake_check (self->intake, GST_ELEMENT (self), caps))
    return FALSE;
  self->crop = (GstRcastCrop) { 0, };
  if (kind == GST_RCAST_INPUT_RAW) {
    gst_rcast_encoding_set_input (self->encoding, caps);
    codec = gst_rcast_offering_choose (self->offering,
        gst_rcast_codecs_for_raw (caps));
    if (codec == GST_RCAST_CODEC_UNKNOWN) {
      gst_rcast_chain_post_unencodable (GST_ELEMENT (self), caps);
      return FALSE;
    }
  }

  return gst_rcast_offering_take (self->offering, caps, kind, codec)
      || rebuild (self, kind, codec, caps);
}

/* New caps on the sink pad. Streaming thread. */
static gboolean
set_input_caps (GstRcastStream * self, GstCaps * caps)
{
  GstCaps *before;

  if (gst_rcast_intake_refuses (self->intake, caps))
    return FALSE;
  if (gst_rcast_offering_get_input (self->offering, &before)
      != GST_RCAST_INPUT_NONE && gst_caps_is_equal (before, caps))
    return TRUE;
  gst_rcast_intake_refuse (self->intake, NULL);
  gst_rcast_intake_expect (self->intake, caps);
  if (!take_caps (self, caps)) {
    if (!g_atomic_int_get (&self->shut_down))
      gst_rcast_intake_refuse (self->intake, caps);
    gst_rcast_offering_refuse (self->offering);
    return FALSE;
  }
  /* For other inputs the offer is known with the RTP caps. */
  if (gst_rcast_offering_get_input (self->offering, NULL)
      == GST_RCAST_INPUT_RAW)
    update_offer (self);
  return TRUE;
}

/* The server chose another codec or other packets than the running chain makes. Streaming
 * thread. */
static gboolean
swap_codec (GstRcastStream * self)
{
  g_autoptr (GstCaps) cropped = NULL;
  GstRcastCodec codec;
  g_autoptr (GstCaps) caps =
      gst_rcast_offering_swap (self->offering, &codec);

  if (!caps)
    return TRUE;
  GST_INFO_OBJECT (self, "builds its chain anew, for %s",
      gst_rcast_codec_get_encoding_name (codec));
  cropped = gst_rcast_raw_crop (caps, &self->crop);
  return rebuild (self, GST_RCAST_INPUT_RAW, codec, cropped);
}

/**
 * gst_rcast_stream_set_negotiated_caps:
 * @stream: the stream
 * @caps: RTP caps that the answer chose
 *
 * A raw stream changes its encoder, if necessary, with the next incoming buffer; feeds with the
 * same caps drop packets of the old codec. Any other stream cannot change. Any thread.
 *
 * Returns: %FALSE with @error if the stream cannot be sent as @caps
 */
gboolean
gst_rcast_stream_set_negotiated_caps (GstRcastStream * stream,
    const GstCaps * caps, GError ** error)
{
  const gchar *current = gst_rcast_fanout_get_encoding_name (stream->fanout);
  const gchar *name = gst_structure_get_string (gst_caps_get_structure (caps,
          0), "encoding-name");
  GstRcastPacking packing = gst_rcast_packing_from_caps (caps);
  gboolean other, ok = gst_rcast_offering_accept (stream->offering, caps,
      current, &other);

  if (ok) {
    g_atomic_int_set (&stream->swap_pending, other);
    g_atomic_int_set (&stream->ptime, packing.ptime);
    g_atomic_int_set (&stream->single_units, packing.single_units);
  } else
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_NOT_ACCEPTABLE,
        "%s cannot be sent as %s: the stream is %s and has no encoder for it",
        GST_OBJECT_NAME (stream), name ? name : "unnamed codec",
        current ? current : "nothing yet");
  return ok;
}

/* A failure is none while the stream is stopped. */
static GstFlowReturn
fail_with (GstRcastStream * self, GstFlowReturn ret)
{
  return g_atomic_int_get (&self->shut_down) ? GST_FLOW_FLUSHING : ret;
}

/* @size: as for gst_rcast_intake_explain() */
static GstFlowReturn
after_buffer (GstRcastStream * self, gsize size, GstFlowReturn ret)
{
  GstCaps *caps;
  GstRcastInput kind = gst_rcast_offering_get_input (self->offering, &caps);

  if (ret >= GST_FLOW_OK || g_atomic_int_get (&self->shut_down)
      || !gst_rcast_intake_explain (self->intake, GST_ELEMENT (self),
          kind == GST_RCAST_INPUT_NONE ? NULL : caps, size, ret))
    return ret;
  return fail_with (self, ret);
}

/* Returns: FALSE if the packing needs another chain */
static gboolean
pack (GstRcastStream * self)
{
  GstRcastPacking packing = get_packing (self);

  if (GST_IS_RCAST_REFIT (self->chain))
    gst_rcast_refit_set_packing (GST_RCAST_REFIT (self->chain), &packing);
  return !GST_IS_RCAST_CHAIN (self->chain)
      || gst_rcast_chain_set_packing (self->chain, &packing);
}

/* Follows the crop meta, for example of a captured window: the visible part of a picture comes
 * with each buffer, not in the caps.
 * Returns: whether it needs another chain */
static gboolean
crop (GstRcastStream * self, GstBuffer * buffer)
{
  GstVideoCropMeta *meta = gst_buffer_get_video_crop_meta (buffer);
  g_autoptr (GstCaps) cropped = NULL;
  GstRcastCrop now = { 0, };
  GstCaps *caps;

  if (self->media != GST_RCAST_MEDIA_VIDEO
      || gst_rcast_offering_get_input (self->offering, &caps)
      != GST_RCAST_INPUT_RAW)
    return FALSE;
  if (meta)
    now = gst_rcast_raw_make_crop (caps, meta->x, meta->y, meta->width,
        meta->height);
  if (gst_rcast_crop_is_same (&now, &self->crop))
    return FALSE;
  self->crop = now;
  if (GST_IS_RCAST_CHAIN (self->chain)
      && gst_rcast_chain_move_crop (self->chain, &now))
    return FALSE;
  cropped = gst_rcast_raw_crop (caps, &now);
  gst_rcast_encoding_set_input (self->encoding, cropped);
  return TRUE;
}

/* @buffer: (transfer full): a picture that the chain crops; some versions of videocrop would
 * crop it again, by the meta. Returns: (transfer full) */
static GstBuffer *
strip_crop (GstRcastStream * self, GstBuffer * buffer)
{
  GstVideoCropMeta *meta = gst_buffer_get_video_crop_meta (buffer);

  if (!meta || !GST_IS_RCAST_CHAIN (self->chain))
    return buffer;
  buffer = gst_buffer_make_writable (buffer);
  meta = gst_buffer_get_video_crop_meta (buffer);
  gst_buffer_remove_meta (buffer, (GstMeta *) meta);
  return buffer;
}

/* @one: (nullable): the buffer, if it is a single one */
static GstFlowReturn
before_buffer (GstRcastStream * self, GstBuffer * one, guint n_buffers)
{
  gboolean swap;

  if (gst_rcast_fanout_has_ended (self->fanout))
    return gst_rcast_intake_end (self->intake, GST_ELEMENT (self));
  swap = g_atomic_int_compare_and_exchange (&self->swap_pending, TRUE, FALSE);
  gst_rcast_fanout_count_input (self->fanout, n_buffers);
  swap |= !pack (self);
  swap |= one && crop (self, one);
  return swap && !swap_codec (self) ? fail_with (self, GST_FLOW_ERROR) :
      GST_FLOW_OK;
}

static GstFlowReturn
sink_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  GstRcastStream *self = GST_RCAST_STREAM (parent);
  GstFlowReturn ret = before_buffer (self, buffer, 1);
  gsize size = gst_buffer_get_size (buffer);

  if (ret == GST_FLOW_OK && gst_rcast_intake_takes (self->intake, buffer))
    return after_buffer (self, size,
        gst_proxy_pad_chain_default (pad, parent, strip_crop (self, buffer)));
  gst_buffer_unref (buffer);
  if (ret == GST_FLOW_OK && gst_rcast_intake_forgives (self->intake))
    gst_rcast_fanout_count_invalid (self->fanout, 1);
  else if (ret == GST_FLOW_OK)
    ret = after_buffer (self, size, GST_FLOW_ERROR);
  return ret;
}

static GstFlowReturn
sink_chain_list (GstPad * pad, GstObject * parent, GstBufferList * list)
{
  GstRcastStream *self = GST_RCAST_STREAM (parent);
  GstFlowReturn ret = before_buffer (self, NULL,
      gst_buffer_list_length (list));
  guint n_out = 0;
  gsize size = gst_rcast_intake_find_short (self->intake, &list, &n_out);

  gst_rcast_fanout_count_invalid (self->fanout, ret == GST_FLOW_OK ? n_out : 0);
  if (ret == GST_FLOW_OK && size == G_MAXSIZE
      && gst_buffer_list_length (list) > 0)
    return after_buffer (self, size,
        gst_proxy_pad_chain_list_default (pad, parent, list));
  gst_buffer_list_unref (list);
  return ret == GST_FLOW_OK && size != G_MAXSIZE ?
      after_buffer (self, size, GST_FLOW_ERROR) : ret;
}

static GstFlowReturn
sink_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  GstRcastStream *self = GST_RCAST_STREAM (parent);
  gboolean is_caps;
  GstCaps *caps;

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_CAPS:
      event = gst_rcast_intake_complete (event);
      gst_event_parse_caps (event, &caps);
      if (!set_input_caps (self, caps)) {
        gst_event_unref (event);
        return fail_with (self, GST_FLOW_NOT_NEGOTIATED);
      }
      break;
    case GST_EVENT_FLUSH_STOP:
      gst_rcast_fanout_flush (self->fanout);
      gst_rcast_intake_begin (self->intake);
      break;
    case GST_EVENT_EOS:
      /* An empty stream ends without caps. */
      if (gst_rcast_offering_get_input (self->offering, NULL)
          == GST_RCAST_INPUT_NONE)
        skip_chain (self);
      break;
    default:
      break;
  }
  is_caps = GST_EVENT_TYPE (event) == GST_EVENT_CAPS;
  if (gst_pad_event_default (pad, parent, event))
    return GST_FLOW_OK;
  return is_caps ? after_buffer (self, G_MAXSIZE, GST_FLOW_NOT_NEGOTIATED) :
      fail_with (self, GST_FLOW_ERROR);
}

static gboolean
sink_query (GstPad * pad, GstObject * parent, GstQuery * query)
{
  return gst_rcast_intake_query (GST_RCAST_STREAM (parent)->intake, pad, parent,
      query);
}

/* --- the element --- */

static void
forget_stream (GstRcastStream * self)
{
  remove_chain (self);
  gst_rcast_fanout_stop (self->fanout);
  gst_rcast_retimer_reset (self->retimer);
  gst_rcast_encoding_forget_input (self->encoding);
  gst_rcast_intake_refuse (self->intake, NULL);
  gst_rcast_intake_begin (self->intake);
  g_atomic_int_set (&self->swap_pending, FALSE);
  if (!gst_element_is_locked_state (GST_ELEMENT (self)))
    g_atomic_int_set (&self->unawaited, FALSE);
  gst_rcast_offering_forget (self->offering);
}

static GstStateChangeReturn
gst_rcast_stream_change_state (GstElement * element, GstStateChange transition)
{
  GstRcastStream *self = GST_RCAST_STREAM (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
    gst_base_sink_set_async_enabled (GST_BASE_SINK (gst_rcast_fanout_get_sink
            (self->fanout)), !gst_rcast_states_is_late (element)
        && gst_rcast_stream_is_awaited (self));
    gst_rcast_fanout_start (self->fanout);
    g_atomic_int_set (&self->shut_down, FALSE);
  } else if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) {
    g_atomic_int_set (&self->shut_down, TRUE);
  }
  ret = GST_ELEMENT_CLASS (gst_rcast_stream_parent_class)->change_state
      (element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    forget_stream (self);
  return ret;
}

/* The pipeline sends the latency event again when it has found live sources. */
static gboolean
gst_rcast_stream_send_event (GstElement * element, GstEvent * event)
{
  if (GST_EVENT_TYPE (event) == GST_EVENT_LATENCY)
    gst_rcast_retimer_ask (GST_RCAST_STREAM (element)->retimer);
  return GST_ELEMENT_CLASS (gst_rcast_stream_parent_class)->send_event
      (element, event);
}

/* As gst_rcast_fanout_set_start(). Incoming packets get parameter sets for @start with the next
 * caps. Any thread */
void
gst_rcast_stream_set_start (GstRcastStream * stream, GstRcastVideoStart start,
    guint wait)
{
  g_atomic_int_set (&stream->video_start, start);
  gst_rcast_fanout_set_start (stream->fanout, start, wait);
}

/* Neither the first offer nor the pipeline waits for this stream any longer. The pipeline waits
 * again while data is on its way in, so this may have to be called again. Any thread
 * Returns: whether the first offer waited for it */
gboolean
gst_rcast_stream_stop_waiting (GstRcastStream * stream)
{
  gboolean awaited =
      g_atomic_int_compare_and_exchange (&stream->unawaited, FALSE, TRUE);

  if (gst_rcast_states_prerolls (GST_ELEMENT (stream)))
    gst_element_call_async (GST_ELEMENT (stream), gst_rcast_states_start_over,
        gst_object_ref (stream->sink_pad), gst_object_unref);
  return awaited;
}

/* Whether the first offer waits for this stream. Any thread */
gboolean
gst_rcast_stream_is_awaited (GstRcastStream * stream)
{
  return !g_atomic_int_get (&stream->unawaited);
}

/* All streams of one broadcast have the same @sync. Call this before the stream starts. */
void
gst_rcast_stream_set_sync (GstRcastStream * stream, GstRcastSync * sync)
{
  gst_rcast_retimer_set_sync (stream->retimer, sync);
  gst_rcast_fanout_set_sync (stream->fanout, sync);
}

/* Returns: the media that @stream was made for */
GstRcastMedia
gst_rcast_stream_get_media (GstRcastStream * stream)
{
  return stream->media;
}

GstRcastEncoding *
gst_rcast_stream_get_encoding (GstRcastStream * stream)
{
  return stream->encoding;
}

/* As gst_rcast_fanout_get_stall(), and whether the caps are known. Any thread */
void
gst_rcast_stream_get_stall (GstRcastStream * stream, GstRcastStall * stall)
{
  gst_rcast_fanout_get_stall (stream->fanout, stall);
  stall->ended |= gst_rcast_follow_get_target (stream->follow) == 0;
  stall->known = gst_rcast_offering_is_known (stream->offering);
}

/* As gst_rcast_fanout_set_stall(). Any thread */
void
gst_rcast_stream_set_stall (GstRcastStream * stream, const GstRcastStall * stall)
{
  gst_rcast_fanout_set_stall (stream->fanout, stall);
}

/* As gst_rcast_follow_set_target(). Any thread */
void
gst_rcast_stream_set_target (GstRcastStream * stream, gconstpointer owner,
    guint64 bits_per_second, const gchar * reason)
{
  gst_rcast_follow_set_target (stream->follow, owner, bits_per_second, reason);
}

/* @reason: (out) (optional): reason of the last notified target. Any thread */
guint64
gst_rcast_stream_get_target (GstRcastStream * stream, const gchar ** reason)
{
  if (reason)
    *reason = gst_rcast_follow_get_reason (stream->follow);
  return gst_rcast_follow_get_target (stream->follow);
}

/* Returns: (transfer full): an application/x-rcast-stream-stats structure. Any thread */
GstStructure *
gst_rcast_stream_get_stats (GstRcastStream * stream)
{
  GstStructure *s;
  const gchar *name = gst_rcast_codec_get_encoding_name
      (gst_rcast_offering_get_codec (stream->offering));

  if (!name)
    name = gst_rcast_fanout_get_encoding_name (stream->fanout);
  s = gst_structure_new ("application/x-rcast-stream-stats",
      "media", G_TYPE_STRING, gst_rcast_media_get_name (stream->media), NULL);
  gst_rcast_fanout_add_stats (stream->fanout, s);
  if (name)
    gst_structure_set (s, "codec", G_TYPE_STRING, name, NULL);
  gst_rcast_encoding_add_stats (stream->encoding, s);
  gst_rcast_follow_add_stats (stream->follow, s);
  return s;
}

static void
gst_rcast_stream_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstRcastStream *self = GST_RCAST_STREAM (object);

  if (id == PROP_STATS)
    g_value_take_boxed (value, gst_rcast_stream_get_stats (self));
  else if (id == PROP_TARGET_BITRATE)
    g_value_set_uint64 (value, gst_rcast_stream_get_target (self, NULL));
  else
    gst_rcast_encoding_get_property (self->encoding, id, value);
}

static void
gst_rcast_stream_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  GstRcastStream *self = GST_RCAST_STREAM (object);

  if (gst_rcast_encoding_set_property (self->encoding, id, value))
    gst_rcast_fanout_request_keyframe (self->fanout);
}

/* Sets the defaults of all streams, for settings that this stream does not have. @mtu takes
 * effect with the next caps. Any thread */
void
gst_rcast_stream_set_defaults (GstRcastStream * stream, guint bitrate,
    guint key_frame_interval, guint mtu, GstRcastAudioMix mix)
{
  g_atomic_int_set (&stream->mtu, mtu);
  if (gst_rcast_encoding_set_defaults (stream->encoding, bitrate,
          key_frame_interval, mix))
    gst_rcast_fanout_request_keyframe (stream->fanout);
}

static void
gst_rcast_stream_finalize (GObject * object)
{
  GstRcastStream *self = GST_RCAST_STREAM (object);

  gst_clear_object (&self->retimer);
  gst_clear_object (&self->fanout);
  gst_clear_object (&self->follow);
  gst_clear_object (&self->encoding);
  g_clear_pointer (&self->intake, gst_rcast_intake_free);
  g_clear_pointer (&self->offering, gst_rcast_offering_free);
  G_OBJECT_CLASS (gst_rcast_stream_parent_class)->finalize (object);
}

static void
gst_rcast_stream_class_init (GstRcastStreamClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  object_class->get_property = gst_rcast_stream_get_property;
  object_class->set_property = gst_rcast_stream_set_property;
  object_class->finalize = gst_rcast_stream_finalize;

  gst_rcast_encoding_make_specs (props);
  props[PROP_STATS] = g_param_spec_boxed ("stats", "Statistics",
      "Counts since the stream was started", GST_TYPE_STRUCTURE,
      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_TARGET_BITRATE] = gst_rcast_follow_make_spec ();
  g_object_class_install_properties (object_class, N_PROPS, props);

  /**
   * GstRcastStream::offer-caps-changed:
   *
   * gst_rcast_stream_get_offer_caps() returns other caps now. Streaming thread.
   */
  signals[SIGNAL_OFFER_CAPS_CHANGED] = g_signal_new ("offer-caps-changed",
      G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 0);
  /**
   * GstRcastStream::encoder-setup:
   * @encoder: an encoder that is about to start
   *
   * Handlers may change what the stream has set. Streaming thread.
   */
  signals[SIGNAL_ENCODER_SETUP] = g_signal_new ("encoder-setup",
      G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 1, GST_TYPE_ELEMENT);

  /**
   * GstRcastStream::trouble:
   * @trouble: a #GstRcastTrouble
   * @ahead, @count: as in gst_rcast_report_trouble()
   *
   * Each trouble at most once a minute. Streaming thread.
   */
  signals[SIGNAL_TROUBLE] = g_signal_new ("trouble",
      G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 3, G_TYPE_INT, G_TYPE_INT64, G_TYPE_UINT);

  gst_element_class_set_static_metadata (element_class, "rcast stream",
      "Sink/Network/RTP", "Turns one media stream into RTP for webrtcbin",
      "The gst-rcast authors");
  element_class->change_state = gst_rcast_stream_change_state;
  element_class->send_event = gst_rcast_stream_send_event;
}

static void
gst_rcast_stream_init (GstRcastStream * self)
{
}

/* Returns: (transfer floating): a stream with a pad `sink` */
GstElement *
gst_rcast_stream_new (const gchar * name, GstRcastMedia media)
{
  GstRcastStream *self = g_object_new (GST_TYPE_RCAST_STREAM, "name", name,
      NULL);
  g_autoptr (GstCaps) caps = gst_rcast_media_get_caps (media);
  g_autoptr (GstPadTemplate) template = gst_object_ref_sink
      (gst_pad_template_new ("sink", GST_PAD_SINK, GST_PAD_ALWAYS, caps));

  self->media = media;
  self->mtu = GST_RCAST_MTU;
  self->ptime = GST_RCAST_DEFAULT_PTIME;
  self->intake = gst_rcast_intake_new (media);
  self->offering = gst_rcast_offering_new (media);
  self->encoding = gst_rcast_encoding_new (name);
  self->retimer = gst_rcast_retimer_new (GST_ELEMENT (self), media,
      &retimer_callbacks, self);
  self->fanout = gst_rcast_fanout_new (name, media, &fanout_callbacks, self);
  self->follow = gst_rcast_follow_new (GST_ELEMENT (self), media,
      self->encoding, gst_rcast_fanout_get_sink_pad (self->fanout),
      &follow_callbacks, self);
  gst_bin_add (GST_BIN (self), gst_rcast_fanout_get_sink (self->fanout));
  self->sink_pad = gst_ghost_pad_new_no_target_from_template ("sink", template);
  gst_pad_set_event_full_function (self->sink_pad, sink_event);
  gst_pad_set_query_function (self->sink_pad, sink_query);
  gst_pad_set_chain_function (self->sink_pad, sink_chain);
  gst_pad_set_chain_list_function (self->sink_pad, sink_chain_list);
  gst_element_add_pad (GST_ELEMENT (self), self->sink_pad);
  return GST_ELEMENT (self);
}
