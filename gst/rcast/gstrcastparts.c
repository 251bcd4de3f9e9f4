/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Joins pictures that a depayloader has cut at parameter sets between their slices. */
#define _GNU_SOURCE
#include "config.h"

#include "gstrcastparts.h"

#include <string.h>

#include "rcast-rtp.h"

/* rtph264pay and rtph265pay with config-interval=-1 put parameter sets in front of each slice of
 * a key frame. The depayloaders take these for the start of another picture (H.264 7.4.1.2.3),
 * and a decoder that gets two halves shows two broken pictures. The first part has no marker,
 * and the same timestamp as the next one. */

/* As written by the depayloaders */
static const guint8 start_code[] = { 0, 0, 0, 1 };

/* After so many pictures without a marker, the sender is taken to set none, and markers are
 * not awaited. */
#define MAX_UNMARKED 3

typedef struct
{
  GstRcastCodec codec;
  GstBuffer *first;             /* nullable: a part whose marker is yet to come */
  guint unmarked;               /* whole pictures in a row that had no marker */
} Parts;

static gboolean
is_parameter_set (GstRcastCodec codec, guint type)
{
  return codec == GST_RCAST_CODEC_H264 ? type == 7 || type == 8 :
      type >= 32 && type <= 34;
}

/* Returns: whether the slice at @nal is not the first one of its picture: first_mb_in_slice,
 * first_slice_segment_in_pic_flag */
static gboolean
is_later_slice (GstRcastCodec codec, guint type, const guint8 * nal,
    gsize size)
{
  gsize header = codec == GST_RCAST_CODEC_H264 ? 1 : 2;
  gboolean slice = codec == GST_RCAST_CODEC_H264 ? type >= 1 && type <= 5 :
      type < 32;

  return slice && size > header && !(nal[header] & 0x80);
}

/* Returns: the offset of the next start code from @from on, @size if there is none */
static gsize
find_start_code (const guint8 * data, gsize from, gsize size)
{
  const guint8 *found = from < size ?
      memmem (data + from, size - from, start_code, sizeof start_code) : NULL;

  return found ? (gsize) (found - data) : size;
}

/* Returns: where the rest of a picture starts, 0 if @data is not such a rest */
static gsize
find_rest (GstRcastCodec codec, const guint8 * data, gsize size)
{
  gsize at = 0;

  if (size < sizeof start_code
      || memcmp (data, start_code, sizeof start_code) != 0)
    return 0;
  while (at + sizeof start_code < size) {
    const guint8 *nal = data + at + sizeof start_code;
    guint type = gst_rcast_rtp_get_nal_type (codec, *nal);

    if (!is_parameter_set (codec, type))
      return is_later_slice (codec, type, nal, data + size - nal) ? at : 0;
    at = find_start_code (data, at + sizeof start_code, size);
  }
  return 0;
}

/* Appends the rest of the picture that begins in self->first. Returns: whether @buffer is that
 * rest */
static gboolean
append (Parts * self, GstBuffer * buffer)
{
  GstMapInfo map;
  gsize rest;

  if (!self->first || GST_BUFFER_PTS (buffer) != GST_BUFFER_PTS (self->first)
      || !gst_buffer_map (buffer, &map, GST_MAP_READ))
    return FALSE;
  rest = find_rest (self->codec, map.data, map.size);
  gst_buffer_unmap (buffer, &map);
  if (rest == 0)
    return FALSE;
  self->first = gst_buffer_append (gst_buffer_make_writable (self->first),
      gst_buffer_copy_region (buffer, GST_BUFFER_COPY_MEMORY, rest, -1));
  if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_MARKER))
    GST_BUFFER_FLAG_SET (self->first, GST_BUFFER_FLAG_MARKER);
  return TRUE;
}

/* The part was a whole picture: its marker is lost, or the sender sets none. */
static void
push_first (Parts * self, GstPad * pad)
{
  g_autoptr (GstPad) peer = gst_pad_get_peer (pad);
  GstBuffer *first = g_steal_pointer (&self->first);

  self->unmarked++;
  if (peer)
    gst_pad_chain (peer, first);
  else
    gst_buffer_unref (first);
}

static gboolean
is_whole (const Parts * self, GstBuffer * buffer)
{
  return GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_MARKER)
      || self->unmarked >= MAX_UNMARKED;
}

static GstPadProbeReturn
on_part (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Parts *self = data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);

  if (append (self, buffer)) {
    gst_buffer_unref (buffer);
    buffer = g_steal_pointer (&self->first);
  } else if (self->first) {
    push_first (self, pad);
  }
  if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_MARKER))
    self->unmarked = 0;
  info->data = buffer;
  if (is_whole (self, buffer))
    return GST_PAD_PROBE_OK;
  self->first = buffer;
  info->data = NULL;
  GST_PAD_PROBE_INFO_FLOW_RETURN (info) = GST_FLOW_OK;
  return GST_PAD_PROBE_HANDLED;
}

static void
parts_free (gpointer data)
{
  Parts *self = data;

  gst_clear_buffer (&self->first);
  g_free (self);
}

/**
 * gst_rcast_parts_join:
 * @depayloader: makes whole pictures of packets; not in a running pipeline
 * @codec: their codec; does nothing for others than H.264 and H.265
 */
void
gst_rcast_parts_join (GstElement * depayloader, GstRcastCodec codec)
{
  g_autoptr (GstPad) pad = NULL;
  Parts *self;

  if (codec != GST_RCAST_CODEC_H264 && codec != GST_RCAST_CODEC_H265)
    return;
  self = g_new0 (Parts, 1);
  self->codec = codec;
  pad = gst_element_get_static_pad (depayloader, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_part, self,
      parts_free);
}
