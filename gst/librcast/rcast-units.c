/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* H.264 packets for a receiver of packetization-mode 0: each carries one whole NAL unit. */
#include "config.h"

#include "rcast-units.h"

#include "rcast-rtp.h"

/* RFC 6184 5.8 */
#define FU_START 0x80
#define FU_END 0x40

#define FU_HEADER GST_RCAST_UNITS_FU_HEADER_SIZE

static guint
get_type (const guint8 * payload)
{
  return payload[0] & 0x1f;
}

/* Whether a packet of @payload is a fragment. */
gboolean
gst_rcast_units_are_cut (const guint8 * payload, gsize size)
{
  return size > FU_HEADER && get_type (payload) == GST_RCAST_H264_FU_A;
}

/* Returns: the header of the unit that @fragment belongs to */
guint8
gst_rcast_units_get_head (const guint8 * fragment)
{
  return (fragment[0] & 0xe0) | (fragment[1] & 0x1f);
}

/* Returns: whether @payload continues the held fragments */
static gboolean
goes_on (const GstRcastUnits * units, const guint8 * payload,
    guint32 timestamp, guint32 lost)
{
  return units->size > 0 && !(payload[1] & FU_START)
      && timestamp == units->timestamp && lost == units->lost;
}

/**
 * gst_rcast_units_step:
 * @units: the fragments so far
 * @payload: payload of an H.264 packet
 * @size: bytes of @payload
 * @timestamp: RTP timestamp of the packet
 * @lost: number of packets lost so far
 * @room: bytes that a payload may have
 *
 * Returns: what to do with the packet
 */
GstRcastUnitsVerdict
gst_rcast_units_step (GstRcastUnits * units, const guint8 * payload,
    gsize size, guint32 timestamp, guint32 lost, gsize room)
{
  GstRcastUnits before = *units;
  gsize sum;

  *units = (GstRcastUnits) { 0, };
  if (size > 0 && get_type (payload) == GST_RCAST_H264_STAP_A)
    return GST_RCAST_UNITS_SPLIT;
  if (!gst_rcast_units_are_cut (payload, size))
    return GST_RCAST_UNITS_PASS;
  if (goes_on (&before, payload, timestamp, lost))
    sum = before.size + size - FU_HEADER;
  else if (payload[1] & FU_START)
    sum = 1 + size - FU_HEADER;
  else
    return GST_RCAST_UNITS_FRAGMENT;
  if (sum > room)
    return GST_RCAST_UNITS_FRAGMENT;
  units->n = (payload[1] & FU_START) ? 1 : before.n + 1;
  if (payload[1] & FU_END)
    return GST_RCAST_UNITS_JOIN;
  units->size = sum;
  units->timestamp = timestamp;
  units->lost = lost;
  return GST_RCAST_UNITS_HOLD;
}
