/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Puts the right report block first in a compound RTCP packet. */

/* Janus identifies the stream of an RTCP packet by its first report block, and drops packets
 * without one. GStreamer's early feedback (RFC 4585 3.5) starts with an empty receiver report, and
 * its regular reports have their blocks in any order. So Janus may miss a key frame request in
 * either. */
#include "config.h"

#include "rcast-lead.h"

#include <string.h>

#include "rcast-rtp.h"

/* RFC 3550 6.4.1, 6.4.2, 12.1 */
#define SENDER_REPORT 200
#define RECEIVER_REPORT 201
#define HEADER_SIZE 8           /* with the SSRC of the sender */
#define SENDER_INFO_SIZE 20
#define COUNT_MASK 0x1f
#define MAX_LOST 0x7fffff
#define WORD_SIZE 4

/* Returns: offset of the report blocks; 0 if @data does not begin with a complete report */
static gsize
find_blocks (const guint8 * data, gsize size)
{
  gsize at = HEADER_SIZE, end;

  if (size < HEADER_SIZE || data[0] >> 6 != 2)
    return 0;
  if (data[1] == SENDER_REPORT)
    at += SENDER_INFO_SIZE;
  else if (data[1] != RECEIVER_REPORT)
    return 0;
  end = at + (data[0] & COUNT_MASK) * GST_RCAST_LEAD_BLOCK_SIZE;
  return end <= size
      && end <= (gst_rcast_rtp_read_u16 (data + 2) + 1u) * WORD_SIZE ? at : 0;
}

static void
swap (guint8 * first, guint8 * other)
{
  guint8 block[GST_RCAST_LEAD_BLOCK_SIZE];

  memcpy (block, first, sizeof block);
  memmove (first, other, sizeof block);
  memcpy (other, block, sizeof block);
}

/* Leaves out LSR and DLSR: they were only valid when the block was made. */
static void
write_block (guint8 * data, guint32 ssrc, const GstRcastLeadBlock * block)
{
  gint32 lost = CLAMP (block->lost, -MAX_LOST - 1, MAX_LOST);

  memset (data, 0, GST_RCAST_LEAD_BLOCK_SIZE);
  GST_WRITE_UINT32_BE (data, ssrc);
  GST_WRITE_UINT32_BE (data + 4, (guint32) block->fraction << 24 | (lost & 0xffffff));
  GST_WRITE_UINT32_BE (data + 8, block->highest);
  GST_WRITE_UINT32_BE (data + 12, block->jitter);
}

static gsize
insert (guint8 * data, gsize size, gsize at, guint32 ssrc,
    const GstRcastLeadBlock * block)
{
  guint words = gst_rcast_rtp_read_u16 (data + 2)
      + GST_RCAST_LEAD_BLOCK_SIZE / WORD_SIZE;

  memmove (data + at + GST_RCAST_LEAD_BLOCK_SIZE, data + at, size - at);
  write_block (data + at, ssrc, block);
  data[0]++;
  GST_WRITE_UINT16_BE (data + 2, words);
  return size + GST_RCAST_LEAD_BLOCK_SIZE;
}

/**
 * gst_rcast_lead_put:
 * @data: a compound RTCP packet
 * @size: size of @data
 * @room: size of the buffer that holds @data
 * @ssrc: SSRC of the source that the packet makes a request to
 * @block: (nullable): block to insert if @data has none about @ssrc; %NULL: insert nothing
 *
 * Makes a report block about @ssrc the first one. Leaves @data unchanged if it does not begin with
 * a report, or has no room for another block.
 *
 * Returns: the new size of @data
 */
gsize
gst_rcast_lead_put (guint8 * data, gsize size, gsize room, guint32 ssrc,
    const GstRcastLeadBlock * block)
{
  gsize at = find_blocks (data, size);
  guint count = at > 0 ? data[0] & COUNT_MASK : 0;

  if (at == 0)
    return size;
  for (guint i = 0; i < count; i++) {
    guint8 *other = data + at + i * GST_RCAST_LEAD_BLOCK_SIZE;

    if (gst_rcast_rtp_read_u32 (other) != ssrc)
      continue;
    if (i > 0)
      swap (data + at, other);
    return size;
  }
  if (!block || count == COUNT_MASK
      || room - size < GST_RCAST_LEAD_BLOCK_SIZE || room < size)
    return size;
  return insert (data, size, at, ssrc, block);
}
