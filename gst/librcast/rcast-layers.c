/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tells from RTP payloads which frames of a video can be dropped. */
#include "config.h"

#include "rcast-layers.h"

#include "rcast-rtp.h"

/* OBU types (AV1 6.2.2) in front of a frame */
#define OBU_SEQUENCE_HEADER 1
#define OBU_TEMPORAL_DELIMITER 2
#define OBU_METADATA 5

/* --- H.264 and H.265 --- */

/* H.264 7.4.1: no picture refers to a slice with nal_ref_idc 0. */
static void
read_h264_unit (GstRcastLayersFrame * frame, guint type, guint8 ref_idc)
{
  frame->known = type >= 1 && type <= 5;
  frame->droppable = frame->known && (ref_idc & 0x60) == 0;
}

/* RFC 6184 5.4 */
static void
read_h264 (GstRcastLayersFrame * frame, const guint8 * p, gsize size)
{
  guint type = gst_rcast_rtp_get_nal_type (GST_RCAST_CODEC_H264, p[0]);

  if (type == GST_RCAST_H264_FU_A && size >= 2) {
    read_h264_unit (frame, p[1] & 0x1f, p[0]);
  } else if (type == GST_RCAST_H264_STAP_A) {
    for (gsize pos = 1; pos + 2 < size && !frame->known;
        pos += 2 + gst_rcast_rtp_read_u16 (p + pos))
      read_h264_unit (frame, p[pos + 2] & 0x1f, p[pos + 2]);
  } else {
    read_h264_unit (frame, type, p[0]);
    /* Unknown types count as needed. */
    frame->known |= type > GST_RCAST_H264_STAP_A;
  }
}

/* H.265 7.4.2.2: even types below 16 are not used for reference within their sub-layer. TSA and
 * STSA pictures, types 2 to 5, do not refer to earlier pictures of their sub-layer. */
static void
read_h265_unit (GstRcastLayersFrame * frame, guint type, guint8 second)
{
  frame->known = type < 32;
  if (!frame->known)
    return;
  frame->layer = MAX (second & 0x07, 1) - 1;
  frame->droppable = type < 16 && type % 2 == 0;
  frame->up = type >= 2 && type <= 5;
}

/* RFC 7798 4.4 */
static void
read_h265 (GstRcastLayersFrame * frame, const guint8 * p, gsize size)
{
  guint type = gst_rcast_rtp_get_nal_type (GST_RCAST_CODEC_H265, p[0]);

  if (size < 3) {
    frame->known = TRUE;
  } else if (type == GST_RCAST_H265_FU) {
    read_h265_unit (frame, p[2] & 0x3f, p[1]);
  } else if (type == GST_RCAST_H265_AP) {
    for (gsize pos = 2; pos + 3 < size && !frame->known;
        pos += 2 + gst_rcast_rtp_read_u16 (p + pos))
      read_h265_unit (frame, (p[pos + 2] >> 1) & 0x3f, p[pos + 3]);
  } else {
    read_h265_unit (frame, type, p[1]);
    frame->known |= type > GST_RCAST_H265_FU;
  }
}

/* --- VP8, VP9, AV1 --- */

/* RFC 7741 4.2: N: no other frame needs this one; TID: layer; Y: it needs no other of its layer */
static void
read_vp8 (GstRcastLayersFrame * frame, const guint8 * p, gsize size)
{
  gsize pos = 2;

  frame->known = TRUE;
  frame->droppable = (p[0] & 0x20) != 0;
  if (!(p[0] & 0x80) || size < 2 || !(p[1] & 0x20))
    return;
  if ((p[1] & 0x80) && pos < size)
    pos += (p[pos] & 0x80) ? 2 : 1;
  if (p[1] & 0x40)
    pos++;
  if (pos >= size)
    return;
  frame->layer = p[pos] >> 6;
  frame->up = (p[pos] & 0x20) != 0;
}

/* RFC 9628 4.2: TID: layer; U: the layer can be resumed here */
static void
read_vp9 (GstRcastLayersFrame * frame, const guint8 * p, gsize size)
{
  gsize pos = 1;

  frame->known = TRUE;
  if (!(p[0] & 0x20))
    return;
  if ((p[0] & 0x80) && pos < size)
    pos += (p[pos] & 0x80) ? 2 : 1;
  if (pos >= size)
    return;
  frame->layer = p[pos] >> 5;
  frame->up = (p[pos] & 0x10) != 0;
}

/* AV1 4.10.5. Returns: number of bytes of the value; 0: there is none */
static gsize
read_leb128 (const guint8 * p, gsize size, guint64 * value)
{
  *value = 0;
  for (gsize i = 0; i < MIN (size, 8); i++) {
    *value |= (guint64) (p[i] & 0x7f) << (7 * i);
    if (!(p[i] & 0x80))
      return i + 1;
  }
  return 0;
}

/* AV1 RTP 4.4: W is the number of elements, of which the last has no length; 0: all have one. No
 * AV1 header tells where a layer can be resumed. */
static void
read_av1 (GstRcastLayersFrame * frame, const guint8 * p, gsize size)
{
  guint n_elements = (p[0] >> 4) & 0x03;
  gsize pos = 1;

  for (guint i = 1; pos < size; i++) {
    guint64 length = size - pos;
    gsize n = 0;
    guint type;

    if (i != n_elements)
      n = read_leb128 (p + pos, size - pos, &length);
    if ((i != n_elements && n == 0) || size - pos - n < 1
        || length > size - pos - n)
      break;
    pos += n;
    type = (p[pos] >> 3) & 0x0f;
    frame->known = length > 0 && type != OBU_SEQUENCE_HEADER
        && type != OBU_TEMPORAL_DELIMITER && type != OBU_METADATA;
    if (frame->known && (p[pos] & 0x04) && length > 1)
      frame->layer = p[pos + 1] >> 5;
    if (frame->known || i == n_elements)
      return;
    pos += length;
  }
  frame->known = TRUE;
}

/**
 * gst_rcast_layers_read:
 * @codec: codec of the packet
 * @payload: payload of the first packet of a frame that has the information
 * @size: size of @payload
 *
 * A frame whose payload cannot be parsed counts as needed.
 *
 * Returns: what the packet tells of its frame
 */
GstRcastLayersFrame
gst_rcast_layers_read (GstRcastCodec codec, const guint8 * payload, gsize size)
{
  GstRcastLayersFrame frame = { FALSE, };

  frame.key = gst_rcast_rtp_starts_keyframe (codec, payload, size)
      || gst_rcast_rtp_starts_recovery (codec, payload, size);
  if (frame.key || size == 0) {
    frame.known = TRUE;
    return frame;
  }
  if (codec == GST_RCAST_CODEC_H264)
    read_h264 (&frame, payload, size);
  else if (codec == GST_RCAST_CODEC_H265)
    read_h265 (&frame, payload, size);
  else if (codec == GST_RCAST_CODEC_VP8)
    read_vp8 (&frame, payload, size);
  else if (codec == GST_RCAST_CODEC_VP9)
    read_vp9 (&frame, payload, size);
  else if (codec == GST_RCAST_CODEC_AV1)
    read_av1 (&frame, payload, size);
  else
    frame.known = TRUE;
  return frame;
}
