/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The receiving side of a connection: webrtcbin's pads, and the chains from them to the outlets. */
#include "config.h"

#include "gstrcastreceiver.h"

#include "gstrcastdecoder.h"
#include "gstrcastinflow.h"
#include "gstrcastlisten.h"
#include "gstrcastparts.h"
#include "gstrcasttap.h"
#include "rcast-answer.h"
#include "rcast-error.h"
#include "rcast-payload-types.h"
#include "rcast-rtp.h"
#include "rcast-steady.h"

GST_DEBUG_CATEGORY_STATIC (rcast_receiver_debug);
#define GST_CAT_DEFAULT rcast_receiver_debug

#define EXTMAP_TWCC_ID "extmap-" G_STRINGIFY (GST_RCAST_RTP_TWCC_ID)

/* One of webrtcbin's pads. Its chain changes with the codec. */
typedef struct
{
  GstBin *peer;                 /* not owned: it contains the branch */
  GstRcastOutput output;        /* constant */
  GstElement *tap;              /* constant */
  GstRcastInflow *inflow;       /* constant */
  GstRcastReceptionWatch *reception;    /* constant */
  guint stream;                 /* constant; number of the stream in the reception */

  /* the streaming thread */
  GQueue chain;                 /* of GstElement, owned by the peer: from the pad to the tap */
  GstRcastCodec codec;
  GstRcastSteady *steady;
  gboolean seen;                /* @inflow sees the packets in front of the jitter buffer */
} Branch;

struct _GstRcastReceiver
{
  GstBin *peer;                 /* not owned */
  GstElement *webrtc;           /* constant */
  GstRcastOutlets *outlets;     /* constant */
  GstRcastOutput output;        /* constant */
  guint serial;                 /* constant */
  GstRcastReceiverArrived arrived;      /* constant */
  gpointer data;                /* constant */
  GstRcastReceptionWatch *reception;    /* constant */
  GstRcastInflow *inflow;       /* constant */
  gulong latency_handler, wish_handler; /* the loop's thread */

  GMutex lock;
  GPtrArray *taps;              /* lock; of GstRcastTap */
  gboolean open;                /* lock */
  gboolean stopped;             /* lock */
};

/* Chains: the streaming thread */

/* Whole frames, with all that a decoder needs in front of each key frame. */
static GstCaps *
get_parsed_caps (GstRcastCodec codec)
{
  switch (codec) {
    case GST_RCAST_CODEC_H264:
      return gst_caps_from_string ("video/x-h264, "
          "stream-format = (string) byte-stream, alignment = (string) au");
    case GST_RCAST_CODEC_H265:
      return gst_caps_from_string ("video/x-h265, "
          "stream-format = (string) byte-stream, alignment = (string) au");
    default:
      return NULL;
  }
}

static void
set_if_known (GstElement * element, const gchar * property, gint value)
{
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (element), property))
    g_object_set (element, property, value, NULL);
}

/* @factory: (nullable): %NULL for a codec that only the server's offer knows: its packets are
 * passed on */
static GstElement *
add (Branch * branch, const gchar * factory)
{
  GstElement *element =
      factory ? gst_element_factory_make (factory, NULL) : NULL;

  if (!element)
    return NULL;
  gst_bin_add (branch->peer, element);
  g_queue_push_tail (&branch->chain, element);
  return element;
}

static void
add_depayloader (Branch * branch, GstRcastCodec codec)
{
  GstElement *depay = add (branch, gst_rcast_codec_get_depayloader (codec));

  if (!depay)
    return;
  set_if_known (depay, "wait-for-keyframe", TRUE);
  set_if_known (depay, "request-keyframe", TRUE);
  gst_rcast_parts_join (depay, codec);
}

static void
add_parser (Branch * branch, GstRcastCodec codec)
{
  const gchar *factory = gst_rcast_codec_get_parser (codec);
  GstElement *parser = factory ? add (branch, factory) : NULL;
  g_autoptr (GstCaps) caps = get_parsed_caps (codec);
  GstElement *filter;

  if (!parser)
    return;
  set_if_known (parser, "config-interval", -1);
  filter = caps ? add (branch, "capsfilter") : NULL;
  if (filter)
    g_object_set (filter, "caps", caps, NULL);
}

static void
drop_chain (Branch * branch, GstPad * pad)
{
  g_autoptr (GstPad) peer = gst_pad_get_peer (pad);
  GstElement *element;

  if (peer)
    gst_pad_unlink (pad, peer);
  while ((element = g_queue_pop_head (&branch->chain))) {
    gst_element_set_locked_state (element, TRUE);
    gst_element_set_state (element, GST_STATE_NULL);
    gst_bin_remove (branch->peer, element);
  }
}

static void
link_chain (Branch * branch, GstPad * pad)
{
  GstElement *first = branch->tap, *before = NULL;
  g_autoptr (GstPad) sink = NULL;

  for (GList * l = branch->chain.head; l; l = l->next) {
    if (before)
      gst_element_link (before, l->data);
    else
      first = l->data;
    before = l->data;
  }
  if (before)
    gst_element_link (before, branch->tap);
  sink = gst_element_get_static_pad (first, "sink");
  gst_pad_link_full (pad, sink, GST_PAD_LINK_CHECK_NOTHING);
  for (GList * l = branch->chain.tail; l; l = l->prev)
    gst_element_sync_state_with_parent (l->data);
}

/* The codec is known, or has changed. */
static void
follow_caps (Branch * branch, GstPad * pad, const GstCaps * caps)
{
  GstRcastCodec codec = gst_rcast_codec_from_caps (caps);
  gint clock_rate = 0;

  gst_structure_get_int (gst_caps_get_structure (caps, 0), "clock-rate",
      &clock_rate);
  gst_rcast_steady_set_clock_rate (branch->steady, clock_rate);
  gst_rcast_inflow_bind (branch->inflow, branch->stream, caps);
  if (gst_pad_is_linked (pad) && (codec == branch->codec
          || branch->output == GST_RCAST_OUTPUT_RTP))
    return;
  GST_DEBUG_OBJECT (pad, "receiving %" GST_PTR_FORMAT, caps);
  drop_chain (branch, pad);
  branch->codec = codec;
  if (branch->output != GST_RCAST_OUTPUT_RTP) {
    add_depayloader (branch, codec);
    add_parser (branch, codec);
  }
  link_chain (branch, pad);
}

static GstPadProbeReturn
handle_event (Branch * branch, GstPad * pad, GstEvent * event)
{
  GstCaps *caps;

  /* Drop EOS: the sender may send more. */
  if (GST_EVENT_TYPE (event) == GST_EVENT_EOS)
    return GST_PAD_PROBE_DROP;
  if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS) {
    gst_event_parse_caps (event, &caps);
    follow_caps (branch, pad, caps);
  }
  return GST_PAD_PROBE_OK;
}

/* @buffer: (transfer full): a packet. Returns: (transfer full): the packet with its time */
static GstBuffer *
put_in_time (Branch * branch, GstBuffer * buffer)
{
  guint8 header[GST_RCAST_RTP_HEADER_SIZE];
  GstClockTime time;
  guint32 rtp_time;

  if (gst_buffer_extract (buffer, 0, header, sizeof header) < sizeof header)
    return buffer;
  rtp_time = gst_rcast_rtp_read_u32 (header + 4);
  if (!branch->seen)
    branch->seen = !gst_rcast_reception_watch_passed (branch->reception,
        branch->stream, rtp_time);
  time = gst_rcast_steady_map (branch->steady,
      gst_rcast_rtp_read_u32 (header + 8), rtp_time, GST_BUFFER_PTS (buffer));
  if (time == GST_BUFFER_PTS (buffer))
    return buffer;
  buffer = gst_buffer_make_writable (buffer);
  GST_BUFFER_PTS (buffer) = time;
  return buffer;
}

/* Sticky events come before the buffer that they belong to. */
static GstPadProbeReturn
on_item (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Branch *branch = data;

  if (GST_IS_EVENT (info->data))
    return handle_event (branch, pad, info->data);
  info->data = put_in_time (branch, info->data);
  return GST_PAD_PROBE_OK;
}

static void
branch_free (gpointer data)
{
  Branch *branch = data;

  g_queue_clear (&branch->chain);
  gst_rcast_steady_free (branch->steady);
  gst_object_unref (branch->tap);
  gst_object_unref (branch->inflow);
  gst_object_unref (branch->reception);
  g_free (branch);
}

/* Streams and m-lines */

/* Returns: how many m-lines of the same kind precede that of @transceiver */
static guint
count_before (GstRcastReceiver * self, GstWebRTCRTPTransceiver * transceiver,
    GstWebRTCKind kind)
{
  g_autoptr (GArray) all = NULL;
  guint mline, count = 0;

  g_object_get (transceiver, "mlineindex", &mline, NULL);
  g_signal_emit_by_name (self->webrtc, "get-transceivers", &all);
  for (guint i = 0; all && i < all->len; i++) {
    GstWebRTCRTPTransceiver *other =
        g_array_index (all, GstWebRTCRTPTransceiver *, i);
    GstWebRTCKind its_kind;
    guint its_mline;

    g_object_get (other, "kind", &its_kind, "mlineindex", &its_mline, NULL);
    count += its_kind == kind && its_mline < mline;
  }
  return count;
}

/* With the lock. Returns: (transfer none): a tap, open if the receiver is */
static GstElement *
add_tap (GstRcastReceiver * self, GstRcastMedia media, guint index)
{
  GstElement *tap = gst_rcast_tap_new (self->outlets, media, index,
      self->serial, self->arrived, self->data);

  g_ptr_array_add (self->taps, gst_object_ref_sink (tap));
  return tap;
}

/* webrtcbin assigns a stream whose SSRC is not in the description to the first m-line. The caps
 * tell its kind. @caps: (nullable). Returns: its index among the streams of its kind */
static guint
identify (GstRcastReceiver * self, GstPad * pad, const GstCaps * caps,
    GstWebRTCKind * kind)
{
  const gchar *media = caps ? gst_structure_get_string (gst_caps_get_structure
      (caps, 0), "media") : NULL;
  g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;
  GstWebRTCKind expected = GST_WEBRTC_KIND_UNKNOWN;

  g_object_get (pad, "transceiver", &transceiver, NULL);
  if (transceiver)
    g_object_get (transceiver, "kind", &expected, NULL);
  *kind = g_strcmp0 (media, "video") == 0 ? GST_WEBRTC_KIND_VIDEO :
      g_strcmp0 (media, "audio") == 0 ? GST_WEBRTC_KIND_AUDIO : expected;
  return transceiver && *kind == expected ?
      count_before (self, transceiver, expected) : 0;
}

/* Frames are only visible behind a depayloader. */
static void
watch_stream (GstRcastReceiver * self, Branch * branch, GstRcastMedia media,
    guint index)
{
  g_autofree gchar *name =
      g_strdup_printf ("%s_%u", gst_rcast_media_get_name (media), index);

  branch->inflow = gst_object_ref (self->inflow);
  branch->reception = gst_object_ref (self->reception);
  branch->stream = gst_rcast_reception_watch_add_stream (self->reception,
      name, media == GST_RCAST_MEDIA_VIDEO);
  if (self->output != GST_RCAST_OUTPUT_RTP)
    gst_rcast_inflow_watch_frames (self->inflow, branch->stream,
        media == GST_RCAST_MEDIA_VIDEO, branch->tap);
}

/* Returns: (transfer full) (nullable) */
static Branch *
branch_new (GstRcastReceiver * self, GstPad * pad, const GstCaps * caps,
    gboolean * open)
{
  Branch *branch = NULL;
  GstWebRTCKind kind;
  guint index = identify (self, pad, caps, &kind);
  GstRcastMedia media = kind == GST_WEBRTC_KIND_VIDEO ? GST_RCAST_MEDIA_VIDEO :
      GST_RCAST_MEDIA_AUDIO;

  g_mutex_lock (&self->lock);
  if (!self->stopped) {
    branch = g_new0 (Branch, 1);
    branch->peer = self->peer;
    branch->output = self->output;
    branch->steady = gst_rcast_steady_new ();
    branch->tap = gst_object_ref (add_tap (self, media, index));
    gst_rcast_outlets_note_packets (self->outlets, media, index);
    watch_stream (self, branch, media, index);
  }
  *open = self->open;
  g_mutex_unlock (&self->lock);
  return branch;
}

static void
on_pad_added (GstElement * webrtc, GstPad * pad, GstRcastReceiver * self)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  Branch *branch;
  gboolean open;

  if (GST_PAD_DIRECTION (pad) != GST_PAD_SRC
      || !(branch = branch_new (self, pad, caps, &open)))
    return;
  gst_bin_add (self->peer, branch->tap);
  gst_element_sync_state_with_parent (branch->tap);
  if (caps)
    follow_caps (branch, pad, caps);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM
      | GST_PAD_PROBE_TYPE_BUFFER, on_item, branch, branch_free);
  if (open)
    gst_rcast_tap_set_open (GST_RCAST_TAP (branch->tap), TRUE);
  g_mutex_lock (&self->lock);
  open = self->open && !self->stopped;
  g_mutex_unlock (&self->lock);
  if (!open)
    gst_rcast_tap_stop (GST_RCAST_TAP (branch->tap));
}

/* The offer */

static gboolean
is_installed (const gchar * factory)
{
  g_autoptr (GstElementFactory) found =
      factory ? gst_element_factory_find (factory) : NULL;

  return found != NULL;
}

static gboolean
can_decode (GstRcastCodec codec)
{
  g_autoptr (GstCaps) caps = gst_rcast_codec_get_caps (codec);

  return gst_rcast_decoder_can (caps, FALSE);
}

static gboolean
can_hand_on (GstRcastCodec codec, GstRcastOutput output)
{
  const gchar *parser = gst_rcast_codec_get_parser (codec);

  if (output == GST_RCAST_OUTPUT_RTP)
    return TRUE;
  return is_installed (gst_rcast_codec_get_depayloader (codec))
      && (!parser || is_installed (parser))
      && (output != GST_RCAST_OUTPUT_RAW || can_decode (codec));
}

/* Returns: the mask of the codecs that can be passed on */
static guint
find_codecs (GstRcastOutput output)
{
  guint mask = 0;

  for (guint i = 1; i < GST_RCAST_N_CODECS; i++)
    if (can_hand_on (i, output))
      mask |= 1u << i;
  return mask;
}

static void
add_transceiver (GstRcastReceiver * self, GstCaps * caps, guint mline)
{
  g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;
  g_autofree gchar *mid = g_strdup_printf ("%u", mline);

  caps = gst_caps_copy (caps);
  gst_caps_set_simple (caps, EXTMAP_TWCC_ID, G_TYPE_STRING,
      GST_RCAST_RTP_TWCC_URI, NULL);
  gst_structure_set (gst_caps_get_structure (caps, 0), "a-mid", G_TYPE_STRING,
      mid, NULL);
  g_signal_emit_by_name (self->webrtc, "add-transceiver",
      GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_RECVONLY, caps, &transceiver);
  gst_caps_unref (caps);
}

/* Agrees to the retransmission of video, whichever end makes the offer. */
static void
on_new_transceiver (GstElement * webrtc, GstWebRTCRTPTransceiver * transceiver,
    GstRcastReceiver * self)
{
  GstWebRTCKind kind;

  g_object_get (transceiver, "kind", &kind, NULL);
  g_object_set (transceiver, "do-nack", kind == GST_WEBRTC_KIND_VIDEO, NULL);
}

static void
add_formats (GstRcastReceiver * self, GstRcastMedia media, guint mask,
    GPtrArray * formats)
{
  guint n = gst_rcast_outlets_get_wanted (self->outlets, media);

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (formats, gst_rcast_codecs_make_request (media, mask));
}

/**
 * gst_rcast_receiver_offer:
 * @error: why there is no offer
 *
 * Makes the m-lines of an offer to receive, video first.
 */
gboolean
gst_rcast_receiver_offer (GstRcastReceiver * self, GError ** error)
{
  g_autoptr (GPtrArray) formats =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_caps_unref);
  guint mask = find_codecs (self->output);

  add_formats (self, GST_RCAST_MEDIA_VIDEO, mask, formats);
  add_formats (self, GST_RCAST_MEDIA_AUDIO, mask, formats);
  if (formats->len == 0) {
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_ARGUMENT,
        "nothing is asked for: set video-streams or audio-streams");
    return FALSE;
  }
  if (!gst_rcast_payload_types_assign (formats, error))
    return FALSE;
  for (guint i = 0; i < formats->len; i++)
    add_transceiver (self, g_ptr_array_index (formats, i), i);
  return TRUE;
}

/* The property of webrtcbin also sets the size of the RTP storage of each transport. It takes no lock
 * for that, so a transport that is being made may have none yet: g_object_set() would get NULL. */
static void
on_latency_changed (GstRcastOutlets * outlets, guint latency,
    gpointer webrtc)
{
  g_autoptr (GstElement) rtpbin =
      gst_bin_get_by_name (GST_BIN (webrtc), "rtpbin");

  g_object_set (rtpbin, "latency", latency, NULL);
}

/* The taps. Any thread */

static GPtrArray *
list_taps (GstRcastReceiver * self)
{
  GPtrArray *taps = g_ptr_array_new_with_free_func (gst_object_unref);

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->taps->len; i++)
    g_ptr_array_add (taps, gst_object_ref (g_ptr_array_index (self->taps, i)));
  g_mutex_unlock (&self->lock);
  return taps;
}

void
gst_rcast_receiver_set_open (GstRcastReceiver * self, gboolean open)
{
  g_autoptr (GPtrArray) taps = NULL;

  g_mutex_lock (&self->lock);
  self->open = open;
  g_mutex_unlock (&self->lock);
  taps = list_taps (self);
  for (guint i = 0; i < taps->len; i++)
    gst_rcast_tap_set_open (g_ptr_array_index (taps, i), open);
}

/* The loop's thread */
static void
request_key_frames (GstRcastReceiver * self)
{
  g_autoptr (GPtrArray) taps = list_taps (self);

  gst_rcast_inflow_expect (self->inflow);
  for (guint i = 0; i < taps->len; i++)
    gst_rcast_tap_request_key_frame (g_ptr_array_index (taps, i));
}

/* Media that was sent while there was no connection is lost: the next media is an arrival. */
static void
expect_media (GstRcastReceiver * self)
{
  g_autoptr (GPtrArray) taps = list_taps (self);

  for (guint i = 0; i < taps->len; i++)
    gst_rcast_tap_expect (g_ptr_array_index (taps, i));
  request_key_frames (self);
}

/* The connection is @up, or no longer; with %GST_RCAST_REASON_SERVER_CLOSED the server has ended
 * it. */
void
gst_rcast_receiver_follow (GstRcastReceiver * self, gboolean up,
    GstRcastReason reason)
{
  if (up)
    expect_media (self);
  if (!up && reason == GST_RCAST_REASON_SERVER_CLOSED)
    gst_rcast_reception_watch_closed (self->reception, self->serial);
  else
    gst_rcast_reception_watch_set_path (self->reception, self->serial, up);
}

/* Returns: how many streams of @media the server sends */
static guint
count_streams (const GstSDPMessage * remote, GstRcastMedia media)
{
  guint n = 0;

  for (guint i = 0; i < gst_sdp_message_medias_len (remote); i++)
    n += g_strcmp0 (gst_sdp_media_get_media (gst_sdp_message_get_media (remote,
                i)), gst_rcast_media_get_name (media)) == 0
        && !gst_rcast_answer_declines (remote, i);
  return n;
}

/* Offer and answer are known. @remote: the server's one of them */
void
gst_rcast_receiver_negotiated (GstRcastReceiver * self,
    const GstSDPMessage * remote)
{
  gst_rcast_outlets_expect (self->outlets,
      count_streams (remote, GST_RCAST_MEDIA_VIDEO),
      count_streams (remote, GST_RCAST_MEDIA_AUDIO));
  gst_rcast_reception_watch_reach (self->reception, GST_RCAST_REACH_YES);
}

/* The loop's thread */
static void
on_wish (GstRcastReceptionWatch * reception, guint wishes,
    GstRcastReceiver * self)
{
  if (wishes & GST_RCAST_RECEPTION_WISH_KEY_FRAME)
    request_key_frames (self);
  if (wishes & GST_RCAST_RECEPTION_WISH_CHECK)
    gst_rcast_inflow_check (self->inflow);
}

/* No media is passed on after this. Twice is fine. */
void
gst_rcast_receiver_stop (GstRcastReceiver * self)
{
  g_autoptr (GPtrArray) taps = NULL;

  g_signal_handlers_disconnect_by_data (self->webrtc, self);
  g_clear_signal_handler (&self->latency_handler, self->outlets);
  g_clear_signal_handler (&self->wish_handler, self->reception);
  gst_rcast_inflow_stop (self->inflow);
  g_mutex_lock (&self->lock);
  self->stopped = TRUE;
  g_mutex_unlock (&self->lock);
  taps = list_taps (self);
  for (guint i = 0; i < taps->len; i++)
    gst_rcast_tap_stop (g_ptr_array_index (taps, i));
}

/**
 * gst_rcast_receiver_new:
 * @loop: its thread stops the receiver
 * @peer: the bin around @webrtc; gets the chains
 * @webrtc: a webrtcbin
 * @outlets: take the media
 * @arrived: called when media arrives
 * @data: for @arrived; valid as long as @peer runs
 */
GstRcastReceiver *
gst_rcast_receiver_new (GstRcastLoop * loop, GstBin * peer,
    GstElement * webrtc, GstRcastOutlets * outlets,
    GstRcastReceiverArrived arrived, gpointer data)
{
  static gint serial;
  GstRcastReceiver *self = g_new0 (GstRcastReceiver, 1);

  GST_DEBUG_CATEGORY_INIT (rcast_receiver_debug, "rcastreceiver", 0,
      "gst-rcast: what a connection receives");
  self->peer = peer;
  self->webrtc = gst_object_ref (webrtc);
  self->outlets = gst_object_ref (outlets);
  self->output = gst_rcast_outlets_get_output (outlets);
  self->serial = g_atomic_int_add (&serial, 1) + 1;
  self->reception = gst_object_ref (gst_rcast_outlets_get_reception (outlets));
  self->inflow = gst_rcast_inflow_new (loop, webrtc, self->reception,
      self->serial);
  self->arrived = arrived;
  self->data = data;
  g_mutex_init (&self->lock);
  self->taps = g_ptr_array_new_with_free_func (gst_object_unref);
  g_signal_connect (webrtc, "on-new-transceiver",
      G_CALLBACK (on_new_transceiver), self);
  g_signal_connect (webrtc, "pad-added", G_CALLBACK (on_pad_added), self);
  self->latency_handler = gst_rcast_listen (outlets, "latency-changed",
      G_CALLBACK (on_latency_changed), webrtc);
  self->wish_handler = g_signal_connect (self->reception, "wish",
      G_CALLBACK (on_wish), self);
  return self;
}

/* Call this when the whole peer is in NULL. */
void
gst_rcast_receiver_free (GstRcastReceiver * self)
{
  gst_rcast_receiver_stop (self);
  gst_object_unref (self->inflow);
  gst_object_unref (self->reception);
  gst_object_unref (self->webrtc);
  gst_object_unref (self->outlets);
  g_ptr_array_unref (self->taps);
  g_mutex_clear (&self->lock);
  g_free (self);
}
