/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Drops frames of a video that does not follow the network. */
#include "config.h"

#include "gstrcastthinner.h"

#include "rcast-rtp.h"
#include "rcast-thin.h"

/* Size of the part of a packet that tells its frame */
#define PEEK_SIZE 2048

/* Streaming thread; after PAUSED the state change. */
struct _GstRcastThinner
{
  GstRcastThinnerCallbacks callbacks;   /* constant */
  gpointer data;                /* constant */

  GstRcastCodec codec;
  GstRcastThin thin;
  guint64 target;

  gboolean have_frame;          /* the next packets may be of the present frame */
  guint32 timestamp, ssrc;
  gboolean judged;
  GstRcastThinVerdict verdict;
};

/* Judges a frame by its first packet, or by the first one that tells its layer. */
static void
judge (GstRcastThinner * self, const guint8 * payload, gsize size,
    GstClockTime now)
{
  GstRcastLayersFrame frame =
      gst_rcast_layers_read (self->codec, payload, size);

  self->verdict = gst_rcast_thin_judge (&self->thin, &frame, now);
  self->judged = frame.known || self->verdict == GST_RCAST_THIN_SEND;
  if (self->verdict == GST_RCAST_THIN_SEND || !self->judged)
    return;
  self->callbacks.skipped (self->data);
  if (self->verdict == GST_RCAST_THIN_ASK)
    self->callbacks.ask (self->data);
}

static void
look_at (GstRcastThinner * self, const GstRcastRtpHeader * header,
    const guint8 * data, gsize size, GstClockTime now)
{
  gsize offset = MIN (header->payload_offset, size);

  if (!self->have_frame || header->ssrc != self->ssrc
      || header->timestamp != self->timestamp)
    self->judged = FALSE;
  self->have_frame = TRUE;
  self->ssrc = header->ssrc;
  self->timestamp = header->timestamp;
  if (!self->judged)
    judge (self, data + offset, MIN (header->payload_size, size - offset), now);
}

static gboolean
passes (GstRcastThinner * self, GstBuffer * buffer)
{
  gsize total = gst_buffer_get_size (buffer);
  guint8 data[PEEK_SIZE];
  gsize size = gst_buffer_extract (buffer, 0, data, sizeof (data));
  GstRcastRtpHeader header;
  gboolean sent;

  /* The last byte, which was not read, holds the size of the padding. */
  if (size < total)
    data[0] &= ~0x20;
  if (!gst_rcast_rtp_parse_header (data, size, &header))
    return TRUE;
  look_at (self, &header, data, size, GST_BUFFER_PTS (buffer));
  sent = self->verdict == GST_RCAST_THIN_SEND;
  gst_rcast_thin_add (&self->thin, total - MIN (header.payload_offset, total),
      sent);
  return sent;
}

/* Returns: (transfer full): the packets of @list to send */
static GstBufferList *
filter_list (GstRcastThinner * self, GstBufferList * list)
{
  guint n = gst_buffer_list_length (list);
  GstBufferList *kept = gst_buffer_list_new_sized (n);

  for (guint i = 0; i < n; i++) {
    GstBuffer *buffer = gst_buffer_list_get (list, i);

    if (passes (self, buffer))
      gst_buffer_list_add (kept, gst_buffer_ref (buffer));
  }
  return kept;
}

static GstPadProbeReturn
filter (GstRcastThinner * self, GstPadProbeInfo * info)
{
  GstBufferList *kept;

  if (info->type & GST_PAD_PROBE_TYPE_BUFFER)
    return passes (self, GST_PAD_PROBE_INFO_BUFFER (info)) ?
        GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
  kept = filter_list (self, GST_PAD_PROBE_INFO_BUFFER_LIST (info));
  if (gst_buffer_list_length (kept) == 0) {
    gst_buffer_list_unref (kept);
    return GST_PAD_PROBE_DROP;
  }
  gst_buffer_list_unref (GST_PAD_PROBE_INFO_BUFFER_LIST (info));
  GST_PAD_PROBE_INFO_DATA (info) = kept;
  return GST_PAD_PROBE_OK;
}

/* @info: of a probe that sees the packets of one video
 * @target: bit/s that the network carries, as for gst_rcast_thin_set_target()
 * Returns: the probe's return value for them */
GstPadProbeReturn
gst_rcast_thinner_filter (GstRcastThinner * self, GstPadProbeInfo * info,
    guint64 target)
{
  GstPadProbeReturn ret;
  guint64 offered;

  if (target != self->target)
    gst_rcast_thin_set_target (&self->thin, target);
  self->target = target;
  ret = filter (self, info);
  if (gst_rcast_thin_take_news (&self->thin, &offered))
    self->callbacks.thin (target, offered, self->data);
  return ret;
}

/* Sets the codec of the next packets. */
void
gst_rcast_thinner_set_codec (GstRcastThinner * self, GstRcastCodec codec)
{
  self->codec = codec;
}

/* The next packets are from another source. */
void
gst_rcast_thinner_reset (GstRcastThinner * self)
{
  gst_rcast_thin_init (&self->thin);
  self->target = GST_RCAST_NO_TARGET;
  self->have_frame = FALSE;
}

GstRcastThinner *
gst_rcast_thinner_new (const GstRcastThinnerCallbacks * callbacks,
    gpointer data)
{
  GstRcastThinner *self = g_new0 (GstRcastThinner, 1);

  self->callbacks = *callbacks;
  self->data = data;
  gst_rcast_thinner_reset (self);
  return self;
}

void
gst_rcast_thinner_free (GstRcastThinner * self)
{
  g_free (self);
}
