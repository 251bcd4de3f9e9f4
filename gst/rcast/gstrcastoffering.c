/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The formats in which one stream can be sent: its input, its codec, and the caps to offer. */
#include "config.h"

#include "gstrcastoffering.h"

#include "gstrcastencoders.h"

struct _GstRcastOffering
{
  GstRcastMedia media;          /* constant */

  GMutex lock;
  GstRcastInput kind;           /* lock, as are all below */
  GstCaps *input_caps;
  GstRcastCodec codec;          /* the one in use */
  GstRcastCodec wanted;         /* the one that the server chose; UNKNOWN before */
  GArray *raw_codecs;           /* element-type GstRcastCodec */
  GstCaps *rtp_caps;            /* of the packets */
  GstCaps *offer_caps;
  gboolean due;                 /* the input has changed since offer_caps were made */
};

GstRcastOffering *
gst_rcast_offering_new (GstRcastMedia media)
{
  GstRcastOffering *self = g_new0 (GstRcastOffering, 1);

  self->media = media;
  g_mutex_init (&self->lock);
  return self;
}

/* Forgets the input. */
void
gst_rcast_offering_forget (GstRcastOffering * self)
{
  g_mutex_lock (&self->lock);
  self->kind = GST_RCAST_INPUT_NONE;
  self->codec = self->wanted = GST_RCAST_CODEC_UNKNOWN;
  self->due = FALSE;
  gst_clear_caps (&self->input_caps);
  gst_clear_caps (&self->rtp_caps);
  gst_clear_caps (&self->offer_caps);
  g_mutex_unlock (&self->lock);
}

void
gst_rcast_offering_free (GstRcastOffering * self)
{
  gst_rcast_offering_forget (self);
  g_clear_pointer (&self->raw_codecs, g_array_unref);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* @caps: (out) (optional) (nullable): caps of the input; owned by @self, for the streaming
 * thread, as no other thread changes them */
GstRcastInput
gst_rcast_offering_get_input (GstRcastOffering * self, GstCaps ** caps)
{
  if (caps)
    *caps = self->input_caps;
  return self->kind;
}

/* @codecs: (transfer full) (element-type GstRcastCodec): codecs that the raw input can be
 * encoded to. Returns: the one to use now, UNKNOWN if there is none */
GstRcastCodec
gst_rcast_offering_choose (GstRcastOffering * self, GArray * codecs)
{
  GstRcastCodec codec = GST_RCAST_CODEC_UNKNOWN;
  GArray *old;

  g_mutex_lock (&self->lock);
  if (gst_rcast_codecs_have (codecs, self->wanted))
    codec = self->wanted;
  else if (codecs->len > 0)
    codec = g_array_index (codecs, GstRcastCodec, 0);
  old = self->raw_codecs;
  self->raw_codecs = codecs;
  g_mutex_unlock (&self->lock);
  g_clear_pointer (&old, g_array_unref);
  return codec;
}

/* The input has @caps from now on.
 * Returns: whether the chain may stay: parsers take new caps of the same codec; an encoder is
 *   set up for one size */
gboolean
gst_rcast_offering_take (GstRcastOffering * self, GstCaps * caps,
    GstRcastInput kind, GstRcastCodec codec)
{
  gboolean keep = kind == self->kind && (kind == GST_RCAST_INPUT_RTP
      || (kind == GST_RCAST_INPUT_ENCODED && codec == self->codec));

  g_mutex_lock (&self->lock);
  self->due |= kind != self->kind || codec != self->codec;
  gst_caps_replace (&self->input_caps, caps);
  self->kind = kind;
  self->codec = codec;
  if (!keep)
    gst_clear_caps (&self->rtp_caps);
  g_mutex_unlock (&self->lock);
  return keep;
}

/* Switches a raw stream to the codec that the server chose.
 * Returns: (transfer full) (nullable): caps of the input, for @codec; %NULL: it is not raw */
GstCaps *
gst_rcast_offering_swap (GstRcastOffering * self, GstRcastCodec * codec)
{
  GstCaps *caps = NULL;

  g_mutex_lock (&self->lock);
  if (self->kind == GST_RCAST_INPUT_RAW) {
    caps = gst_caps_ref (self->input_caps);
    if (gst_rcast_codecs_have (self->raw_codecs, self->wanted))
      self->codec = self->wanted;
    *codec = self->codec;
    gst_clear_caps (&self->rtp_caps);
  }
  g_mutex_unlock (&self->lock);
  return caps;
}

void
gst_rcast_offering_set_packets (GstRcastOffering * self, GstCaps * rtp)
{
  g_mutex_lock (&self->lock);
  gst_caps_replace (&self->rtp_caps, rtp);
  g_mutex_unlock (&self->lock);
}

/* The last caps cannot be sent. */
void
gst_rcast_offering_refuse (GstRcastOffering * self)
{
  g_mutex_lock (&self->lock);
  self->kind = GST_RCAST_INPUT_NONE;
  g_mutex_unlock (&self->lock);
}

/* Returns: (transfer full) (nullable) */
static GstCaps *
make_offer_locked (GstRcastOffering * self, guint8 h264_level, guint channels)
{
  if (self->kind == GST_RCAST_INPUT_RAW)
    return gst_rcast_codecs_make_offer (self->raw_codecs, h264_level, channels,
        self->codec, self->rtp_caps);
  if (self->kind == GST_RCAST_INPUT_NONE || !self->rtp_caps)
    return NULL;
  return gst_caps_new_full (gst_rcast_codec_make_offer_of_rtp (self->rtp_caps,
          self->media, self->kind), NULL);
}

/* Another level of the same profile is only offered with the next connection: a receiver that
 * decodes does not need to know. An input that has changed and come back is reported, too,
 * although the offer is the same: an answer may have met the other input.
 *
 * Returns: whether the offer has to be renewed */
gboolean
gst_rcast_offering_update (GstRcastOffering * self, guint8 h264_level,
    guint channels)
{
  g_autoptr (GstCaps) offer = NULL;
  gboolean changed;

  g_mutex_lock (&self->lock);
  offer = make_offer_locked (self, h264_level, channels);
  changed = offer && (self->due || !self->offer_caps
      || !gst_rcast_offer_is_same (offer, self->offer_caps));
  if (offer) {
    gst_caps_replace (&self->offer_caps, offer);
    self->due = FALSE;
  }
  g_mutex_unlock (&self->lock);
  return changed;
}

/* Returns: (transfer full) (nullable) */
GstCaps *
gst_rcast_offering_get_caps (GstRcastOffering * self)
{
  GstCaps *caps = NULL;

  g_mutex_lock (&self->lock);
  gst_caps_replace (&caps, self->offer_caps);
  g_mutex_unlock (&self->lock);
  return caps;
}

/* @current: (nullable): canonical encoding name of the present packets
 * @other: (out): whether a raw stream has to switch its codec
 *
 * Returns: whether the stream can be sent as @negotiated */
gboolean
gst_rcast_offering_accept (GstRcastOffering * self, const GstCaps * negotiated,
    const gchar * current, gboolean * other)
{
  GstRcastCodec codec = gst_rcast_codec_from_caps (negotiated);
  const gchar *name = gst_rcast_codec_canonical_name (gst_structure_get_string
      (gst_caps_get_structure (negotiated, 0), "encoding-name"));
  gboolean ok;

  *other = FALSE;
  g_mutex_lock (&self->lock);
  if (self->kind == GST_RCAST_INPUT_RAW) {
    ok = gst_rcast_codecs_have (self->raw_codecs, codec);
    if (ok) {
      self->wanted = codec;
      *other = codec != self->codec;
    }
  } else {
    ok = self->kind != GST_RCAST_INPUT_NONE && current && current == name;
  }
  g_mutex_unlock (&self->lock);
  return ok;
}

gboolean
gst_rcast_offering_is_known (GstRcastOffering * self)
{
  gboolean known;

  g_mutex_lock (&self->lock);
  known = self->kind != GST_RCAST_INPUT_NONE;
  g_mutex_unlock (&self->lock);
  return known;
}

/* Returns: the codec in use, or UNKNOWN */
GstRcastCodec
gst_rcast_offering_get_codec (GstRcastOffering * self)
{
  GstRcastCodec codec;

  g_mutex_lock (&self->lock);
  codec = self->codec;
  g_mutex_unlock (&self->lock);
  return codec;
}
