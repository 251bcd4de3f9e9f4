/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes RFC 8888 reports of received packets. Reads no clock, takes no lock. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "loopback-ccfb.h"

#include <string.h>

#define FORMAT 11
/* Packets of each stream; a power of two */
#define N_KEPT 1024
/* Packets of all streams in one report, which must fit into an RTCP packet */
#define MAX_BLOCKS 256
#define MAX_STREAMS 16
#define RECEIVED 0x8000
#define OFFSET_OVER 0x1ffe

typedef struct
{
  guint32 ssrc;
  guint16 next;                 /* first sequence number not reported yet */
  guint16 highest;              /* highest sequence number received */
  gboolean news;
  struct
  {
    guint16 seqnum;
    gint64 us;                  /* arrival, 0: none */
  } packets[N_KEPT];
} Stream;

struct _LoopbackCcfb
{
  GPtrArray *streams;
};

LoopbackCcfb *
loopback_ccfb_new (void)
{
  LoopbackCcfb *self = g_new0 (LoopbackCcfb, 1);

  self->streams = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
loopback_ccfb_free (LoopbackCcfb * self)
{
  g_ptr_array_unref (self->streams);
  g_free (self);
}

static Stream *
find_stream (LoopbackCcfb * self, guint32 ssrc)
{
  for (guint i = 0; i < self->streams->len; i++) {
    Stream *stream = g_ptr_array_index (self->streams, i);

    if (stream->ssrc == ssrc)
      return stream;
  }
  return NULL;
}

static Stream *
add_stream (LoopbackCcfb * self, guint32 ssrc, guint16 seqnum)
{
  Stream *stream = g_new0 (Stream, 1);

  stream->ssrc = ssrc;
  stream->next = stream->highest = seqnum;
  g_ptr_array_add (self->streams, stream);
  return stream;
}

void
loopback_ccfb_received (LoopbackCcfb * self, guint32 ssrc, guint16 seqnum,
    gint64 us)
{
  Stream *stream = find_stream (self, ssrc);

  if (!stream && self->streams->len == MAX_STREAMS)
    return;
  if (!stream)
    stream = add_stream (self, ssrc, seqnum);
  stream->packets[seqnum % N_KEPT].seqnum = seqnum;
  stream->packets[seqnum % N_KEPT].us = us;
  if ((gint16) (seqnum - stream->highest) > 0)
    stream->highest = seqnum;
  /* The next report goes back to a late packet and repeats those after it. */
  if ((gint16) (seqnum - stream->next) < 0)
    stream->next = seqnum;
  stream->news = TRUE;
}

static guint16
make_block (const Stream * stream, guint16 seqnum, gint64 now_us)
{
  gint64 us = stream->packets[seqnum % N_KEPT].us;

  if (stream->packets[seqnum % N_KEPT].seqnum != seqnum || us == 0)
    return 0;
  return RECEIVED | MIN ((now_us - us) * 1024 / G_USEC_PER_SEC, OFFSET_OVER);
}

static void
append (GByteArray * fci, guint value, guint size)
{
  guint8 bytes[4];

  GST_WRITE_UINT32_BE (bytes, value);
  g_byte_array_append (fci, bytes + 4 - size, size);
}

/* Returns: the number of packets in the report of @stream */
static guint
append_stream (GByteArray * fci, Stream * stream, guint room, gint64 now_us)
{
  guint n = (guint16) (stream->highest + 1 - stream->next);

  if (n > N_KEPT) {
    stream->next = stream->highest + 1 - N_KEPT;
    n = N_KEPT;
  }
  n = MIN (n, room);
  append (fci, stream->ssrc, 4);
  append (fci, stream->next, 2);
  append (fci, n, 2);
  for (guint i = 0; i < n; i++)
    append (fci, make_block (stream, stream->next + i, now_us), 2);
  if (n % 2)
    append (fci, 0, 2);
  stream->next += n;
  stream->news = stream->next != (guint16) (stream->highest + 1);
  return n;
}

void
loopback_ccfb_write (LoopbackCcfb * self, GstRTCPBuffer * rtcp, gint64 now_us)
{
  g_autoptr (GByteArray) fci = g_byte_array_new ();
  guint left = MAX_BLOCKS;
  GstRTCPPacket packet;

  for (guint i = 0; i < self->streams->len && left > 0; i++) {
    Stream *stream = g_ptr_array_index (self->streams, i);

    if (stream->news)
      left -= append_stream (fci, stream, left, now_us);
  }
  if (fci->len == 0)
    return;
  append (fci, (guint64) now_us * 65536 / G_USEC_PER_SEC, 4);
  if (!gst_rtcp_buffer_add_packet (rtcp, GST_RTCP_TYPE_RTPFB, &packet))
    return;
  gst_rtcp_packet_fb_set_type (&packet, FORMAT);
  gst_rtcp_packet_fb_set_sender_ssrc (&packet, 1);
  /* Other feedback has its media SSRC here; this has the SSRC of its first report. */
  gst_rtcp_packet_fb_set_media_ssrc (&packet, GST_READ_UINT32_BE (fci->data));
  if (gst_rtcp_packet_fb_set_fci_length (&packet, fci->len / 4 - 1))
    memcpy (gst_rtcp_packet_fb_get_fci (&packet), fci->data + 4, fci->len - 4);
  else
    gst_rtcp_packet_remove (&packet);
}
