/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The caps that a stream's pad accepts, whatever caps it has now. */
#include "config.h"

#include "gstrcastintake.h"

#include <gst/video/video.h>

#include "gstrcastchain.h"
#include "gstrcastencoders.h"
#include "rcast-raw.h"

struct _GstRcastIntake
{
  GstRcastMedia media;          /* constant */
  GMutex lock;
  GstCaps *accepted;            /* lock; what this system can send; NULL until the first query */
  GstCaps *refused;             /* streaming thread; sticky, so they come again; empty: none came */
  gsize frame_size;             /* streaming thread; of raw video in system memory; otherwise 0 */
  gboolean flows;               /* streaming thread; whole frames came with these caps */
  gboolean over;                /* streaming thread; data after EOS was reported */
};

/* Returns: (transfer full) */
static GstCaps *
get_accepted (GstRcastIntake * self)
{
  g_autoptr (GstCaps) caps = NULL;

  g_mutex_lock (&self->lock);
  gst_caps_replace (&caps, self->accepted);
  g_mutex_unlock (&self->lock);
  if (caps)
    return g_steal_pointer (&caps);

  caps = gst_rcast_encoders_get_accepted (self->media);
  g_mutex_lock (&self->lock);
  gst_caps_replace (&self->accepted, caps);
  g_mutex_unlock (&self->lock);
  return g_steal_pointer (&caps);
}

static void
answer_caps (GstRcastIntake * self, GstQuery * query)
{
  g_autoptr (GstCaps) accepted = get_accepted (self);
  GstCaps *filter;

  gst_query_parse_caps (query, &filter);
  if (filter) {
    g_autoptr (GstCaps) filtered = gst_caps_intersect_full (filter, accepted,
        GST_CAPS_INTERSECT_FIRST);

    gst_caps_replace (&accepted, filtered);
  }
  gst_query_set_caps_result (query, accepted);
}

/* The chain takes only the caps that it was built for, the stream takes all. Any thread */
gboolean
gst_rcast_intake_query (GstRcastIntake * intake, GstPad * pad,
    GstObject * parent, GstQuery * query)
{
  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_CAPS:
      answer_caps (intake, query);
      return TRUE;
    case GST_QUERY_ACCEPT_CAPS:
      /* The caps event refuses what cannot be sent, with an error of ours. */
      gst_query_set_accept_caps_result (query, TRUE);
      return TRUE;
    default:
      return gst_pad_query_default (pad, parent, query);
  }
}

/* @event: (transfer full): a caps event. Returns: (transfer full): the event with all fields
 * that converters need */
GstEvent *
gst_rcast_intake_complete (GstEvent * event)
{
  g_autoptr (GstCaps) complete = NULL;
  GstCaps *caps;

  gst_event_parse_caps (event, &caps);
  complete = gst_rcast_raw_complete (caps);
  if (!complete)
    complete = gst_rcast_rtp_caps_complete (caps);
  if (!complete)
    return event;
  gst_event_unref (event);
  return gst_event_new_caps (complete);
}

/* --- caps that cannot be sent --- */

/* Returns: whether @caps were refused last, and an error was posted */
gboolean
gst_rcast_intake_refuses (GstRcastIntake * intake, const GstCaps * caps)
{
  return intake->refused && gst_caps_is_equal (intake->refused, caps);
}

/* @caps: (nullable): %NULL: forgets the refused caps */
void
gst_rcast_intake_refuse (GstRcastIntake * intake, GstCaps * caps)
{
  gst_caps_replace (&intake->refused, caps);
}

/* Returns: (nullable): "video" or "audio"; %NULL: neither */
static const gchar *
find_media (const GstStructure * s)
{
  const gchar *name = gst_structure_get_name (s);
  const gchar *media = gst_structure_get_string (s, "media");

  if (!g_str_equal (name, "application/x-rtp"))
    media = g_str_has_prefix (name, "audio/") ? "audio" :
        g_str_has_prefix (name, "video/") || g_str_has_prefix (name, "image/") ?
        "video" : NULL;
  return g_strcmp0 (media, "video") == 0 || g_strcmp0 (media, "audio") == 0 ?
      media : NULL;
}

/* Returns: (transfer full): what to do about @caps, which no pad of this media takes */
static gchar *
find_cure (GstRcastIntake * self, const GstCaps * caps)
{
  const gchar *own = gst_rcast_media_get_name (self->media);
  const gchar *media = find_media (gst_caps_get_structure (caps, 0));
  GstRcastCodec codec = gst_rcast_codec_from_caps (caps);
  g_autoptr (GstCaps) wanted = NULL;
  g_autofree gchar *text = NULL;

  if (!media)
    return g_strdup ("Leave it out: WebRTC carries video and audio.");
  if (!g_str_equal (media, own))
    return g_strdup_printf ("The pad is for %s: link it to one for %s.", own,
        media);
  if (codec == GST_RCAST_CODEC_UNKNOWN)
    return g_strdup ("Decode it in front of rcastsink, for example with "
        "decodebin.");
  wanted = gst_rcast_codec_get_caps (codec);
  text = gst_caps_to_string (wanted);
  return g_strdup_printf ("Convert it in front of rcastsink, to %s.", text);
}

/* Posts one error that says why @caps cannot be sent. Returns: whether they can be sent */
gboolean
gst_rcast_intake_check (GstRcastIntake * intake, GstElement * stream,
    const GstCaps * caps)
{
  g_autoptr (GstCaps) accepted = gst_rcast_media_get_caps (intake->media);
  const gchar *fault = gst_rcast_input_find_fault (caps);
  g_autofree gchar *cure = NULL, *text = NULL;

  if (gst_caps_can_intersect (caps, accepted)) {
    if (fault)
      gst_rcast_chain_post_error (stream, GST_CORE_ERROR_NEGOTIATION, fault,
          caps);
    return fault == NULL;
  }
  cure = find_cure (intake, caps);
  text = g_strdup_printf ("%s got %s, which cannot be sent like that. %s",
      GST_OBJECT_NAME (stream),
      gst_structure_get_name (gst_caps_get_structure (caps, 0)), cure);
  gst_rcast_chain_post_error (stream, GST_CORE_ERROR_NEGOTIATION, text, caps);
  return FALSE;
}

static gboolean
explain_no_caps (GstRcastIntake * self, GstElement * stream)
{
  g_autofree gchar *text = NULL;

  /* After refused caps this needs no report. */
  if (self->refused)
    return FALSE;
  self->refused = gst_caps_new_empty ();
  text = g_strdup_printf ("%s got data without caps, so nobody knows what it "
      "is. Put a parser or a caps filter in front of rcastsink.",
      GST_OBJECT_NAME (stream));
  gst_rcast_chain_post_error (stream, GST_CORE_ERROR_NEGOTIATION, text, NULL);
  return TRUE;
}

/* Data came after EOS, for example from a source that was linked when the first one had ended.
 * The stream has ended for the server. Encoders would take the data for a failure. */
GstFlowReturn
gst_rcast_intake_end (GstRcastIntake * intake, GstElement * stream)
{
  if (!intake->over)
    GST_ELEMENT_WARNING (stream, STREAM, FAILED,
        ("%s got data after its end (EOS), which is not sent. Keep EOS from the pad, "
            "or release it and request another one.", GST_OBJECT_NAME (stream)),
        (NULL));
  intake->over = TRUE;
  return GST_FLOW_EOS;
}

/* The pad was flushed, or stopped. */
void
gst_rcast_intake_begin (GstRcastIntake * intake)
{
  intake->over = FALSE;
}

/* @caps: the caps of the next buffers */
void
gst_rcast_intake_expect (GstRcastIntake * intake, const GstCaps * caps)
{
  GstCapsFeatures *features = gst_caps_get_features (caps, 0);
  GstVideoInfo info;

  intake->frame_size = gst_structure_has_name (gst_caps_get_structure (caps, 0),
      "video/x-raw") && gst_caps_features_is_equal (features,
      GST_CAPS_FEATURES_MEMORY_SYSTEM_MEMORY)
      && gst_video_info_from_caps (&info, caps) ? info.size : 0;
  intake->flows = FALSE;
}

/* Returns: whether @buffer is a whole frame. Encoders leak a frame that they cannot map, and
 * payloaders take an empty buffer for an error. */
gboolean
gst_rcast_intake_takes (GstRcastIntake * intake, GstBuffer * buffer)
{
  gboolean whole = gst_buffer_get_size (buffer) >= MAX (intake->frame_size, 1)
      || gst_buffer_get_video_meta (buffer);

  intake->flows |= whole;
  return whole;
}

/* Whether to drop buffers that gst_rcast_intake_takes() refuses: a camera with a loose cable
 * also sends whole frames. */
gboolean
gst_rcast_intake_forgives (GstRcastIntake * intake)
{
  return intake->flows || intake->frame_size == 0;
}

static void
remove_at (GstBufferList ** list, guint i)
{
  *list = gst_buffer_list_make_writable (*list);
  gst_buffer_list_remove (*list, i, 1);
}

/* @list: (inout): loses the buffers to drop
 * @n_out: (inout): raised by their number
 * Returns: bytes of the first refused buffer; %G_MAXSIZE: there is none */
gsize
gst_rcast_intake_find_short (GstRcastIntake * intake, GstBufferList ** list,
    guint * n_out)
{
  for (guint i = 0; i < gst_buffer_list_length (*list);) {
    GstBuffer *buffer = gst_buffer_list_get (*list, i);

    if (gst_rcast_intake_takes (intake, buffer)) {
      i++;
    } else if (gst_rcast_intake_forgives (intake)) {
      remove_at (list, i);
      ++*n_out;
    } else {
      return gst_buffer_get_size (buffer);
    }
  }
  return G_MAXSIZE;
}

/* An encoder that cannot map a frame fails without a message. */
static gboolean
explain_size (GstRcastIntake * self, GstElement * stream, GstCaps * caps,
    gsize size)
{
  g_autofree gchar *text = NULL;
  GstVideoInfo info;

  if (!gst_structure_has_name (gst_caps_get_structure (caps, 0), "video/x-raw")
      || !gst_video_info_from_caps (&info, caps) || size >= info.size)
    return FALSE;
  if (gst_rcast_intake_refuses (self, caps))
    return TRUE;
  gst_rcast_intake_refuse (self, caps);
  text = g_strdup_printf ("%s got a buffer of %" G_GSIZE_FORMAT " bytes, and a "
      "frame of its caps has %" G_GSIZE_FORMAT ". Cut the data into frames in "
      "front of rcastsink, for example with rawvideoparse.",
      GST_OBJECT_NAME (stream), size, info.size);
  gst_rcast_chain_post_error (stream, GST_CORE_ERROR_CAPS, text, caps);
  return TRUE;
}

/**
 * gst_rcast_intake_explain:
 * @intake: the intake
 * @stream: the stream of the pad
 * @caps: (nullable): caps of the input
 * @size: bytes of the buffer, %G_MAXSIZE: it was no buffer
 * @ret: the result
 *
 * Explains why the input was refused: the source would report it as its own fault, without the
 * pad and the caps. Posts one error for the same caps.
 *
 * Returns: whether the input is at fault
 */
gboolean
gst_rcast_intake_explain (GstRcastIntake * intake, GstElement * stream,
    GstCaps * caps, gsize size, GstFlowReturn ret)
{
  switch (ret) {
    case GST_FLOW_NOT_LINKED:
    case GST_FLOW_NOT_NEGOTIATED:
    case GST_FLOW_ERROR:
      break;
    default:
      return FALSE;
  }
  if (!caps)
    return explain_no_caps (intake, stream);
  if (ret == GST_FLOW_ERROR)
    return explain_size (intake, stream, caps, size);
  if (ret == GST_FLOW_NOT_NEGOTIATED && !gst_rcast_intake_refuses (intake, caps)) {
    gst_rcast_intake_refuse (intake, caps);
    gst_rcast_chain_post_refused (stream, caps);
  }
  return ret == GST_FLOW_NOT_NEGOTIATED;
}

GstRcastIntake *
gst_rcast_intake_new (GstRcastMedia media)
{
  GstRcastIntake *self = g_new0 (GstRcastIntake, 1);

  self->media = media;
  g_mutex_init (&self->lock);
  return self;
}

void
gst_rcast_intake_free (GstRcastIntake * self)
{
  gst_clear_caps (&self->accepted);
  gst_clear_caps (&self->refused);
  g_mutex_clear (&self->lock);
  g_free (self);
}
