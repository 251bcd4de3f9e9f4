/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The elements that turn a stream into RTP: (convert ! encode !) parse ! pay. */
#include "config.h"

#include "gstrcastchain.h"

#include <gst/pbutils/missing-plugins.h>
#include <gst/video/video.h>

#include "gstrcaststates.h"
#include "gstrcastunits.h"
#include "rcast-raw.h"
#include "rcast-rtp.h"

GST_DEBUG_CATEGORY_STATIC (chain_debug);
#define GST_CAT_DEFAULT chain_debug

/* Pixels; some encoders take no smaller pictures */
#define MIN_SIZE 16

/* WebM rounds to milliseconds: two timestamps are off by one at most. */
#define OPUS_TOLERANCE (2 * GST_MSECOND)

struct _GstRcastChain
{
  GstBin parent;

  GstElement *stream;           /* borrowed: the parent; errors are posted for it */
  guint mtu;                    /* constant: bytes of an RTP packet */
  gint trying;                  /* atomic: an encoder is tried; its errors are not posted */

  GstPad *frames;               /* pad with whole frames; NULL until built */

  GstElement *size;             /* a child: the filter in front of the encoder that says
                                 * what size its pictures have; NULL: nobody scales */
  GstPad *encoder_pad;          /* sink of the encoder; NULL: no encoder */

  /* Streaming thread. */
  GstElement *cropper;          /* a child; NULL: pictures are whole */
  GstRcastCrop crop;            /* of @cropper */
  guint divisor;                /* of width and height */
  gint width, height;           /* of a whole picture */
  guint nth_frame;              /* every nth frame is encoded */
  GstRcastCodec codec;          /* UNKNOWN until built */
  GstRcastPacking packing;      /* of its packets */
  GstElement *pay;              /* a child; NULL until built */
  gulong units_probe;           /* of @pay; 0: the size of units is not checked */
  const gchar *opus_frame;      /* frame size of the encoder; NULL: not opusenc */
  GstClockTime last_pts, last_dts;
  GstClockTime next_pts;        /* of Opus: the end of the last packet */
  gboolean warned_reordered, warned_form;
  gboolean lacks_sets;          /* the parser's caps lack parameter sets so far */
};

G_DEFINE_TYPE_WITH_CODE (GstRcastChain, gst_rcast_chain, GST_TYPE_BIN,
    GST_DEBUG_CATEGORY_INIT (chain_debug, "rcastchain", 0,
        "rcast: what makes RTP of a stream"));

/* While a stream is being stopped, its elements may fail. */
static gboolean
is_stopping (GstElement * stream)
{
  return gst_rcast_states_get_target (stream) < GST_STATE_PAUSED;
}

/* All errors of @stream are posted here. */
void
gst_rcast_chain_post_error (GstElement * stream, GstCoreError code,
    const gchar * text, const GstCaps * caps)
{
  g_autofree gchar *caps_text = caps ? gst_caps_to_string (caps) : NULL;

  if (is_stopping (stream)) {
    GST_INFO_OBJECT (stream, "stopping; not posted: %s", text);
    return;
  }
  gst_element_message_full (stream, GST_MESSAGE_ERROR,
      GST_CORE_ERROR, code, g_strdup (text),
      caps_text ? g_strdup_printf ("caps: %s", caps_text) : NULL,
      __FILE__, GST_FUNCTION, __LINE__);
}

static void
post_missing (GstElement * stream, const gchar * factory, const GstCaps * caps)
{
  g_autofree gchar *text = g_strdup_printf ("To send %s the element %s is "
      "needed, which is not installed.",
      gst_structure_get_name (gst_caps_get_structure (caps, 0)), factory);

  gst_element_post_message (stream,
      gst_missing_element_message_new (stream, factory));
  gst_rcast_chain_post_error (stream, GST_CORE_ERROR_MISSING_PLUGIN, text,
      caps);
}

/* Elements that download memory to where the CPU can read it */
static const struct
{
  const gchar *memory, *element;
} downloads[] = {
  {"memory:GLMemory", "gldownload"},
  {"memory:CUDAMemory", "cudadownload"},
  {"memory:D3D11Memory", "d3d11download"},
  {"memory:VAMemory", "vapostproc"},
  {"memory:VASurface", "vaapipostproc"},
  {"memory:NVMM", "nvvideoconvert"},
};

static void
post_memory (GstElement * stream, const GstCaps * caps)
{
  g_autofree gchar *features =
      gst_caps_features_to_string (gst_caps_get_features (caps, 0));
  const gchar *element = "its download element";
  g_autofree gchar *text = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (downloads); i++)
    if (gst_caps_features_contains (gst_caps_get_features (caps, 0),
            downloads[i].memory))
      element = downloads[i].element;
  text = g_strdup_printf ("%s cannot be sent from where it is (%s): no encoder "
      "that is installed reads that. Put %s in front of rcastsink.",
      GST_OBJECT_NAME (stream), features, element);
  gst_rcast_chain_post_error (stream, GST_CORE_ERROR_NEGOTIATION, text, caps);
}

/* There is no encoder for the raw @caps. */
void
gst_rcast_chain_post_unencodable (GstElement * stream, const GstCaps * caps)
{
  if (!gst_rcast_raw_in_system_memory (caps))
    post_memory (stream, caps);
  else
    post_missing (stream, gst_structure_has_name (gst_caps_get_structure
            (caps, 0), "video/x-raw") ? "x264enc" : "opusenc", caps);
}

/* An element of the chain refuses @caps, although its templates accept them. */
void
gst_rcast_chain_post_refused (GstElement * stream, const GstCaps * caps)
{
  const gchar *cure = "caps that its elements take";
  g_autofree gchar *text = NULL;

  if (gst_structure_has_name (gst_caps_get_structure (caps, 0), "video/x-raw"))
    cure = "progressive I420 of an even size";
  else if (gst_structure_has_name (gst_caps_get_structure (caps, 0),
          "audio/x-raw"))
    cure = "interleaved S16LE with one or two channels";
  text = g_strdup_printf ("%s cannot be sent with its caps. Convert it in "
      "front of rcastsink, to %s.", GST_OBJECT_NAME (stream), cure);
  gst_rcast_chain_post_error (stream, GST_CORE_ERROR_NEGOTIATION, text, caps);
}

/* Adds a new element behind @last, and updates @last. Returns: (transfer none) (nullable): %NULL
 * after an error was posted, if it is not installed */
static GstElement *
append (GstRcastChain * self, GstElement ** last,
    const gchar * factory, const GstCaps * caps)
{
  GstElement *element = gst_element_factory_make (factory, NULL);

  if (!element) {
    post_missing (self->stream, factory, caps);
    return NULL;
  }
  gst_bin_add (GST_BIN (self), element);
  if (*last && !gst_element_link_pads (*last, "src", element, "sink")) {
    gst_rcast_chain_post_error (self->stream, GST_CORE_ERROR_NEGOTIATION,
        "The elements that are needed to send these caps do not fit together.",
        caps);
    return NULL;
  }
  *last = element;
  return element;
}

static gboolean
set_field (GQuark field, const GValue * value, gpointer element)
{
  gst_util_set_object_arg (element, g_quark_to_string (field),
      g_value_get_string (value));
  return TRUE;
}

static gboolean
append_filter (GstRcastChain * self, GstElement ** last,
    const GstCaps * filter, const GstCaps * caps)
{
  GstElement *element = append (self, last, "capsfilter", caps);

  if (element)
    g_object_set (element, "caps", filter, NULL);
  return element != NULL;
}

static void
set_if_there (GstElement * element, const gchar * property, const gchar * value)
{
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (element), property))
    gst_util_set_object_arg (G_OBJECT (element), property, value);
}

/* WebRTC receivers show frames in the order of arrival. */
static GstPadProbeReturn
check_order (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  GstRcastChain *self = user_data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  GstClockTime pts = GST_BUFFER_PTS (buffer), dts = GST_BUFFER_DTS (buffer);
  gboolean reordered = GST_CLOCK_TIME_IS_VALID (pts)
      && GST_CLOCK_TIME_IS_VALID (dts)
      && GST_CLOCK_TIME_IS_VALID (self->last_pts)
      && GST_CLOCK_TIME_IS_VALID (self->last_dts)
      && pts < self->last_pts && dts > self->last_dts;

  self->last_pts = pts;
  self->last_dts = dts;
  if (!reordered || self->warned_reordered)
    return GST_PAD_PROBE_OK;
  self->warned_reordered = TRUE;
  GST_ELEMENT_WARNING (self->stream, STREAM, FORMAT,
      ("The video has B-frames, which WebRTC receivers show badly."),
      ("Encode without reordering, as bframes=0 of x264enc does, or transcode."));
  return GST_PAD_PROBE_OK;
}

/* Receivers follow RTP timestamps of audio to the sample, and stretch or conceal rounding
 * errors. Consecutive packets get exact timestamps. */
static GstPadProbeReturn
align_opus (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  GstRcastChain *self = user_data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  guint8 data[2];
  gsize size = gst_buffer_extract (buffer, 0, data, sizeof (data));
  GstClockTime duration = gst_rcast_opus_get_duration (data, size);
  GstClockTime pts = GST_BUFFER_PTS (buffer);

  if (!GST_CLOCK_TIME_IS_VALID (duration) || !GST_CLOCK_TIME_IS_VALID (pts)) {
    self->next_pts = GST_CLOCK_TIME_NONE;
    return GST_PAD_PROBE_OK;
  }
  if (GST_CLOCK_TIME_IS_VALID (self->next_pts) && pts != self->next_pts
      && ABS (GST_CLOCK_DIFF (pts, self->next_pts)) <= OPUS_TOLERANCE) {
    pts = self->next_pts;
    buffer = gst_buffer_make_writable (buffer);
    GST_BUFFER_PTS (buffer) = pts;
    GST_PAD_PROBE_INFO_DATA (info) = buffer;
  }
  self->next_pts = pts + duration;
  return GST_PAD_PROBE_OK;
}

/* Returns: (nullable): the form of @caps, from a parser, for which receivers show nothing, or
 * combing; many take 10 bits of H.265 */
static gchar *
find_odd_form (const GstStructure * s)
{
  const gchar *chroma = gst_structure_get_string (s, "chroma-format");
  const gchar *mode = gst_structure_get_string (s, "interlace-mode");
  guint depth = 8;

  gst_structure_get_uint (s, "bit-depth-luma", &depth);
  if (chroma && !g_str_equal (chroma, "4:2:0"))
    return g_strdup_printf ("in %s", chroma);
  if (depth > 8 && gst_structure_has_name (s, "video/x-h264"))
    return g_strdup_printf ("with %u bits", depth);
  return mode && !g_str_equal (mode, "progressive") ?
      g_strdup ("interlaced") : NULL;
}

static void
warn_of_form (GstRcastChain * self, const GstCaps * caps)
{
  g_autofree gchar *form = find_odd_form (gst_caps_get_structure (caps, 0));

  if (!form || self->warned_form)
    return;
  self->warned_form = TRUE;
  GST_ELEMENT_WARNING (self->stream, STREAM, FORMAT,
      ("%s is encoded %s, which WebRTC receivers do not show as a rule. Put "
          "deinterlace ! videoconvert ! video/x-raw,format=I420 in front of its "
          "encoder.", GST_OBJECT_NAME (self->stream), form), (NULL));
}

/* A parser may announce avc or hvc1 without parameter sets. A payloader would then take the
 * units' length fields to have no bytes, and read empty units for ever. */
static GstPadProbeReturn
wait_for_sets (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  GstRcastChain *self = user_data;
  GstEvent *event = (info->type & GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM) ?
      GST_PAD_PROBE_INFO_EVENT (info) : NULL;
  GstCaps *caps;

  if (event && GST_EVENT_TYPE (event) != GST_EVENT_CAPS)
    return GST_PAD_PROBE_OK;
  if (event) {
    gst_event_parse_caps (event, &caps);
    self->lacks_sets = !gst_structure_has_field (gst_caps_get_structure (caps,
            0), "codec_data")
        && g_strcmp0 (gst_structure_get_string (gst_caps_get_structure (caps,
                0), "stream-format"), "byte-stream") != 0;
    warn_of_form (self, caps);
  }
  return self->lacks_sets ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
check_units (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  GstRcastChain *self = user_data;
  GstBufferList *list = (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) ?
      GST_PAD_PROBE_INFO_BUFFER_LIST (info) : NULL;
  guint n = list ? gst_buffer_list_length (list) : 1;
  gboolean told = FALSE;

  if (!self->packing.single_units) {
    /* The next answer may want single units again. */
    self->units_probe = 0;
    return GST_PAD_PROBE_REMOVE;
  }
  for (guint i = 0; i < n && !told; i++)
    told = gst_rcast_units_check (self->stream, list ?
        gst_buffer_list_get (list, i) : GST_PAD_PROBE_INFO_BUFFER (info),
        self->mtu);
  return told ? GST_PAD_PROBE_REMOVE : GST_PAD_PROBE_OK;
}

static void
watch_units (GstRcastChain * self)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (self->pay, "src");

  if (self->packing.single_units && self->units_probe == 0)
    self->units_probe = gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER
        | GST_PAD_PROBE_TYPE_BUFFER_LIST, check_units, self, NULL);
}

static void
set_payloader (GstRcastChain * self)
{
  gint64 ptime = self->packing.ptime;

  if (gst_rcast_codec_follows_ptime (self->codec))
    g_object_set (self->pay, "min-ptime", ptime, "max-ptime", ptime, NULL);
  if (self->codec != GST_RCAST_CODEC_H264)
    return;
  set_if_there (self->pay, "aggregate-mode",
      self->packing.single_units ? "none" : "zero-latency");
  watch_units (self);
}

/* A payloader that sees a force-key-unit event adds its own parameter sets to those that the
 * parser has inserted. */
static GstPadProbeReturn
hide_force_key_unit (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);

  return gst_video_event_is_force_key_unit (event) ?
      GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

/* Returns: whether the packing depends on the encoder, which was made for another one */
static gboolean
needs_encoder (const GstRcastChain * self, const GstRcastPacking * packing)
{
  if (self->opus_frame)
    return self->opus_frame != gst_rcast_opus_choose_frame (packing->ptime);
  return self->encoder_pad && self->codec == GST_RCAST_CODEC_H264
      && packing->single_units != self->packing.single_units;
}

/* Makes packets by @packing from now on. Streaming thread
 * Returns: %FALSE if that needs another chain */
gboolean
gst_rcast_chain_set_packing (GstElement * chain,
    const GstRcastPacking * packing)
{
  GstRcastChain *self = GST_RCAST_CHAIN (chain);

  if (self->packing.ptime == packing->ptime
      && self->packing.single_units == packing->single_units)
    return TRUE;
  if (needs_encoder (self, packing))
    return FALSE;
  self->packing = *packing;
  set_payloader (self);
  return TRUE;
}

/* Returns: (transfer full) (nullable): the caps that the parser has to make of @caps. It puts no
 * parameter sets into the caps of single units (1.22). */
static GstCaps *
get_parsed (GstRcastCodec codec, const GstCaps * caps)
{
  GstCaps *parsed = gst_rcast_codec_get_parsed_caps (codec);

  if (parsed && g_strcmp0 (gst_structure_get_string (gst_caps_get_structure
              (caps, 0), "alignment"), "nal") == 0)
    gst_caps_set_simple (parsed, "stream-format", G_TYPE_STRING, "byte-stream",
        NULL);
  return parsed;
}

static GstElement *
append_payloader (GstRcastChain * self, GstElement ** last,
    GstRcastCodec codec, const GstCaps * caps)
{
  const gchar *factory = gst_rcast_codec_get_parser (codec);
  g_autoptr (GstCaps) parsed = get_parsed (codec, caps);
  GstElement *parser = NULL, *pay;
  g_autofree gchar *mtu = g_strdup_printf ("%u", self->mtu);

  if (factory) {
    parser = append (self, last, factory, caps);
    if (!parser)
      return NULL;
    /* Parameter sets go in band at each key frame: servers drop those of the SDP, and viewers
     * come and go. The parser inserts them once; the payloader would insert them before each
     * slice, even if they are there already. */
    set_if_there (parser, "config-interval", "-1");
    if (parsed && !append_filter (self, last, parsed, caps))
      return NULL;
  }
  pay = append (self, last, gst_rcast_codec_get_payloader (codec), caps);
  if (!pay)
    return NULL;
  if (parser) {
    g_autoptr (GstPad) pad = gst_element_get_static_pad (pay, "sink");

    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
        hide_force_key_unit, NULL, NULL);
    if (parsed)
      gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM
          | GST_PAD_PROBE_TYPE_BUFFER, wait_for_sets, self, NULL);
  }
  set_if_there (pay, "mtu", mtu);
  set_if_there (pay, "aggregate-mode", "zero-latency");
  set_if_there (pay, "picture-id-mode", "15-bit");
  self->pay = pay;
  self->codec = codec;
  set_payloader (self);
  return pay;
}

/* Watches encoded streams in front of @pay. */
static void
watch_encoded (GstRcastChain * self, GstElement * pay, GstRcastCodec codec)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (pay, "sink");

  if (codec == GST_RCAST_CODEC_H264 || codec == GST_RCAST_CODEC_H265)
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, check_order, self, NULL);
  else if (codec == GST_RCAST_CODEC_OPUS)
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, align_opus, self, NULL);
}

/* Adds the best encoder that starts, as a rank does not tell whether the hardware is there. The
 * encoder is already in the pipeline, so it gets what it requests, such as the context of a GPU.
 * Returns: (transfer none) (nullable) */
static GstElement *
add_encoder (GstRcastChain * self, GstRcastCodec codec, const GstCaps * caps)
{
  GList *factories = gst_rcast_encoders_find (codec, caps);
  GstElement *encoder = NULL;

  g_atomic_int_set (&self->trying, TRUE);
  for (GList * l = factories; l && !encoder; l = l->next) {
    encoder = gst_element_factory_create (l->data, NULL);
    if (!encoder)
      continue;
    gst_bin_add (GST_BIN (self), encoder);
    if (gst_element_set_state (encoder, GST_STATE_READY)
        == GST_STATE_CHANGE_FAILURE) {
      GST_WARNING_OBJECT (self, "%s does not start, trying the next encoder",
          GST_OBJECT_NAME (encoder));
      gst_element_set_state (encoder, GST_STATE_NULL);
      gst_bin_remove (GST_BIN (self), encoder);
      encoder = NULL;
    }
  }
  g_atomic_int_set (&self->trying, FALSE);
  gst_plugin_feature_list_free (factories);
  return encoder;
}

/* An encoder that does not start is no error as long as there is another one. */
static void
gst_rcast_chain_handle_message (GstBin * bin, GstMessage * message)
{
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR
      && g_atomic_int_get (&GST_RCAST_CHAIN (bin)->trying)) {
    GST_INFO_OBJECT (bin, "not passed on: %" GST_PTR_FORMAT, message);
    gst_message_unref (message);
    return;
  }
  GST_BIN_CLASS (gst_rcast_chain_parent_class)->handle_message (bin, message);
}

static void
set_crop (GstRcastChain * self, const GstRcastCrop * crop)
{
  self->crop = *crop;
  g_object_set (self->cropper, "left", crop->left, "top", crop->top, "right",
      crop->right, "bottom", crop->bottom, NULL);
}

/* Crops from the next picture on. Streaming thread
 * Returns: %FALSE if that needs another chain, because the cropped size changes */
gboolean
gst_rcast_chain_move_crop (GstElement * chain, const GstRcastCrop * crop)
{
  GstRcastChain *self = GST_RCAST_CHAIN (chain);

  if (!self->cropper
      || crop->left + crop->right != self->crop.left + self->crop.right
      || crop->top + crop->bottom != self->crop.top + self->crop.bottom)
    return FALSE;
  set_crop (self, crop);
  return TRUE;
}

/* Returns: FALSE after an error was posted */
static gboolean
append_crop (GstRcastChain * self, GstElement ** last, const GstCaps * caps,
    const GstRcastCrop * crop)
{
  static const GstRcastCrop none = { 0, };

  if (gst_rcast_crop_is_same (crop, &none))
    return TRUE;
  self->cropper = append (self, last, "videocrop", caps);
  if (self->cropper)
    set_crop (self, crop);
  return self->cropper != NULL;
}

static gboolean
append_converters (GstRcastChain * self, GstElement ** last,
    GstRcastCodec codec, const GstCaps * caps,
    const GstRcastEncoderSettings * settings)
{
  g_autoptr (GPtrArray) plan = gst_rcast_raw_plan (caps, codec,
      settings->audio_mix, settings->channels);

  if (!append_crop (self, last, caps, &settings->crop))
    return FALSE;
  for (guint i = 0; i < plan->len; i++) {
    const GstStructure *step = g_ptr_array_index (plan, i);
    GstElement *element = append (self, last, gst_structure_get_name (step),
        caps);

    if (!element)
      return FALSE;
    gst_structure_foreach (step, set_field, element);
  }
  return TRUE;
}

/* Video without a frame rate, as from a phone: an encoder that sees it holds each frame until
 * the next one shows its duration (x264: one frame of delay, which is a second at one frame a
 * second). The timestamps stay. */
static GstPadProbeReturn
on_encoder_caps (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstRcastChain *self = data;
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
  g_autoptr (GstCaps) nominal = NULL;
  gint numerator, denominator;
  GstCaps *caps;

  if (GST_EVENT_TYPE (event) != GST_EVENT_CAPS)
    return GST_PAD_PROBE_OK;
  gst_event_parse_caps (event, &caps);
  if (!gst_structure_get_fraction (gst_caps_get_structure (caps, 0),
          "framerate", &numerator, &denominator)
      || (numerator != 0 && self->nth_frame == 1))
    return GST_PAD_PROBE_OK;
  if (numerator == 0) {
    numerator = GST_RCAST_DEFAULT_FPS;
    denominator = 1;
  }
  nominal = gst_caps_copy (caps);
  gst_caps_set_simple (nominal, "framerate", GST_TYPE_FRACTION, numerator,
      denominator * (gint) self->nth_frame, NULL);
  GST_PAD_PROBE_INFO_DATA (info) = gst_event_new_caps (nominal);
  gst_event_unref (event);
  return GST_PAD_PROBE_OK;
}

static void
name_rate (GstRcastChain * self, GstElement * encoder)
{
  self->encoder_pad = gst_element_get_static_pad (encoder, "sink");
  if (self->encoder_pad)
    gst_pad_add_probe (self->encoder_pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
        on_encoder_caps, self, NULL);
}

/* Whether pictures can be scaled down in front of the encoder. */
gboolean
gst_rcast_chain_can_scale (GstElement * chain)
{
  return GST_RCAST_CHAIN (chain)->size != NULL;
}

/* Sends the caps again, as the encoder learns its frame rate from a caps event only. */
static void
repeat_caps (GstRcastChain * self)
{
  g_autoptr (GstPad) peer = gst_pad_get_peer (self->encoder_pad);
  g_autoptr (GstCaps) caps = peer ? gst_pad_get_current_caps (peer) : NULL;

  if (caps)
    gst_pad_send_event (self->encoder_pad, gst_event_new_caps (caps));
}

static void
set_size (GstRcastChain * self, guint divisor)
{
  g_autoptr (GstCaps) old = NULL;
  g_autoptr (GstCaps) caps = NULL;
  gint width, height;

  g_object_get (self->size, "caps", &old, NULL);
  if (!gst_structure_get_int (gst_caps_get_structure (old, 0), "width", &width)
      || !gst_structure_get_int (gst_caps_get_structure (old, 0), "height",
          &height))
    return;
  if (self->divisor == 1) {
    self->width = width;
    self->height = height;
  }
  caps = gst_caps_copy (old);
  gst_caps_set_simple (caps,
      "width", G_TYPE_INT, MAX (self->width / (gint) divisor & ~1, MIN_SIZE),
      "height", G_TYPE_INT, MAX (self->height / (gint) divisor & ~1, MIN_SIZE),
      NULL);
  self->divisor = divisor;
  g_object_set (self->size, "caps", caps, NULL);
}

/* From the next frame on, encodes each @nth_frame, with width and height divided by @divisor,
 * which is 1, 2 or 4. The encoder starts anew, with a key frame. Streaming thread */
void
gst_rcast_chain_set_picture (GstElement * chain, guint divisor,
    guint nth_frame)
{
  GstRcastChain *self = GST_RCAST_CHAIN (chain);
  gboolean other_rate = nth_frame != self->nth_frame;

  GST_INFO_OBJECT (self, "each frame of %u, 1/%u of the size", nth_frame,
      divisor);
  self->nth_frame = nth_frame;
  if (self->size && divisor != self->divisor)
    set_size (self, divisor);
  else if (other_rate && self->encoder_pad)
    repeat_caps (self);
}

/* Adds the caps filter in front of the encoder; for video also a scaler. */
static gboolean
append_size (GstRcastChain * self, GstElement ** last, const GstCaps * input,
    const GstCaps * caps)
{
  gboolean pictures = gst_structure_has_name (gst_caps_get_structure (caps, 0),
      "video/x-raw");
  GstElement *scale = pictures ? append (self, last, "videoscale", caps) : NULL;

  if ((pictures && !scale) || !append_filter (self, last, input, caps))
    return FALSE;
  if (scale)
    g_object_set (scale, "add-borders", FALSE, NULL);
  self->size = pictures ? *last : NULL;
  return TRUE;
}

static gboolean
append_encoder (GstRcastChain * self, GstElement ** last,
    GstRcastCodec codec, const GstCaps * caps, GstRcastChainSetup setup)
{
  g_autoptr (GstCaps) input = NULL;
  g_autoptr (GstCaps) output = NULL;
  GstElementFactory *factory;
  GstElement *encoder = add_encoder (self, codec, caps);

  if (!encoder) {
    g_autoptr (GstCaps) row = gst_rcast_codec_get_caps (codec);
    g_autoptr (GstCaps) wanted = gst_caps_new_empty_simple
        (gst_structure_get_name (gst_caps_get_structure (row, 0)));

    gst_element_post_message (self->stream,
        gst_missing_encoder_message_new (self->stream, wanted));
    gst_rcast_chain_post_error (self->stream, GST_CORE_ERROR_MISSING_PLUGIN,
        "No encoder for this stream starts.", caps);
    return FALSE;
  }

  GST_INFO_OBJECT (self, "encodes with %s", GST_OBJECT_NAME (encoder));
  if (codec == GST_RCAST_CODEC_OPUS)
    self->opus_frame =
        gst_rcast_opus_choose_frame (self->packing.ptime);
  setup (self->stream, encoder);
  name_rate (self, encoder);

  factory = gst_element_get_factory (encoder);
  input = gst_rcast_encoder_get_input (factory, caps);
  output = gst_rcast_encoder_get_output (factory, codec);
  if (*last && !append_size (self, last, input, caps))
    return FALSE;
  if (*last && !gst_element_link_pads (*last, "src", encoder, "sink")) {
    gst_rcast_chain_post_error (self->stream, GST_CORE_ERROR_NEGOTIATION,
        "The encoder does not take these caps.", caps);
    return FALSE;
  }
  *last = encoder;
  return append_filter (self, last, output, caps);
}

/* Exposes the unlinked pad in @direction as a ghost pad. */
static void
expose_end (GstRcastChain * self, GstPadDirection direction, const gchar * name)
{
  g_autoptr (GstPad) pad =
      gst_bin_find_unlinked_pad (GST_BIN (self), direction);

  g_assert (pad != NULL);
  gst_element_add_pad (GST_ELEMENT (self), gst_ghost_pad_new (name, pad));
}

static GstPadProbeReturn
drop_eos (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  return GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) == GST_EVENT_EOS ?
      GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

/* Lets the encoder or parser output what it still holds. */
void
gst_rcast_chain_drain (GstElement * chain)
{
  g_autoptr (GstPad) src = gst_element_get_static_pad (chain, "src");
  g_autoptr (GstPad) sink = gst_element_get_static_pad (chain, "sink");

  gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, drop_eos, NULL,
      NULL);
  gst_pad_send_event (sink, gst_event_new_eos ());
}

/* Returns: (transfer none): a pad with whole frames: before an encoder, or behind a parser */
GstPad *
gst_rcast_chain_get_frames (GstElement * chain)
{
  return GST_RCAST_CHAIN (chain)->frames;
}

static void
gst_rcast_chain_dispose (GObject * object)
{
  gst_clear_object (&GST_RCAST_CHAIN (object)->frames);
  gst_clear_object (&GST_RCAST_CHAIN (object)->encoder_pad);
  G_OBJECT_CLASS (gst_rcast_chain_parent_class)->dispose (object);
}

static void
gst_rcast_chain_class_init (GstRcastChainClass * klass)
{
  G_OBJECT_CLASS (klass)->dispose = gst_rcast_chain_dispose;
  GST_BIN_CLASS (klass)->handle_message = gst_rcast_chain_handle_message;
}

static void
gst_rcast_chain_init (GstRcastChain * self)
{
  self->divisor = self->nth_frame = 1;
  self->last_pts = self->last_dts = self->next_pts = GST_CLOCK_TIME_NONE;
}

/* @mtu: largest size of an RTP packet, in bytes
 * @packing: packing of the packets
 * Returns: (transfer floating): an empty bin for @stream, in NULL; its state is locked until it
 *   is complete */
GstElement *
gst_rcast_chain_new (GstElement * stream, const gchar * name, guint mtu,
    const GstRcastPacking * packing)
{
  GstRcastChain *self = g_object_new (GST_TYPE_RCAST_CHAIN, "name", name, NULL);

  self->stream = stream;
  self->mtu = mtu;
  self->packing = *packing;
  gst_element_set_locked_state (GST_ELEMENT (self), TRUE);
  return GST_ELEMENT (self);
}

/* @chain: empty, and in its stream
 * @caps: caps of the input; of raw pictures: after the crop
 * @settings: of raw input
 * @setup: (nullable): sets the encoder up before it starts; %NULL if @caps are encoded
 * Returns: whether @chain now has pads sink and src; %FALSE after an error was posted */
gboolean
gst_rcast_chain_build (GstElement * chain, GstRcastCodec codec,
    const GstCaps * caps, const GstRcastEncoderSettings * settings,
    GstRcastChainSetup setup)
{
  GstRcastChain *self = GST_RCAST_CHAIN (chain);
  GstElement *last = NULL, *pay = NULL;

  if (!setup || (append_converters (self, &last, codec, caps, settings)
          && append_encoder (self, &last, codec, caps, setup)))
    pay = append_payloader (self, &last, codec, caps);
  if (!pay)
    return FALSE;
  if (setup)
    self->frames = gst_bin_find_unlinked_pad (GST_BIN (self), GST_PAD_SINK);
  else
    self->frames = gst_element_get_static_pad (pay, "sink");
  if (!setup)
    watch_encoded (self, pay, codec);
  expose_end (self, GST_PAD_SINK, "sink");
  expose_end (self, GST_PAD_SRC, "src");
  return TRUE;
}
