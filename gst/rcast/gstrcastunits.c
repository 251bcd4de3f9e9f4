/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds NAL units that do not fit into the packets of a receiver that takes no fragments. */
#include "config.h"

#include "gstrcastunits.h"

#include "rcast-rtp.h"
#include "rcast-units.h"

/* 12 bytes of the RTP header, and some that x264 does not count */
#define RTP_HEAD 24

/* Returns: size of a slice, as x264 counts, that fits into a packet of @mtu bytes */
guint
gst_rcast_units_get_slice_size (guint mtu)
{
  return mtu - MIN (mtu / 2, RTP_HEAD);
}

static gboolean
is_cut (GstBuffer * packet)
{
  GstRcastRtpHeader header;
  GstMapInfo map;
  gboolean cut;

  if (!gst_buffer_map (packet, &map, GST_MAP_READ))
    return FALSE;
  cut = gst_rcast_rtp_parse_header (map.data, map.size, &header)
      && gst_rcast_units_are_cut (map.data + header.payload_offset,
      header.payload_size);
  gst_buffer_unmap (packet, &map);
  return cut;
}

/* @packet: an outgoing packet of H.264
 * @mtu: largest size of a packet, in bytes
 *
 * Warns if @packet is a fragment. It is sent all the same: it cannot be made smaller, and most
 * receivers read fragments, whatever they negotiate.
 *
 * Returns: whether a warning was posted */
gboolean
gst_rcast_units_check (GstElement * stream, GstBuffer * packet, guint mtu)
{
  if (!is_cut (packet))
    return FALSE;
  GST_ELEMENT_WARNING (stream, STREAM, FORMAT,
      ("%s: the server takes whole NAL units only (packetization-mode=0 in its "
          "answer), and some of H.264 are larger than the mtu of %u. They are "
          "sent in fragments, which it may not read.", GST_OBJECT_NAME (stream),
          mtu), ("Encode slices that fit, as "
          "option-string=slice-max-size=%u of x264enc does, or send VP8.",
          gst_rcast_units_get_slice_size (mtu)));
  return TRUE;
}
