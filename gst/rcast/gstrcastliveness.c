/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the server's RTCP: does what we send arrive, and how well. */
#include "config.h"

#include "gstrcastliveness.h"

#include <gst/rtp/rtp.h>

/* RTPFB format of transport-wide feedback
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01, 3.1) */
#define FORMAT_TRANSPORT_CC 15
/* What precedes the packet status chunks in its FCI. */
#define TRANSPORT_CC_HEADER 8

typedef struct
{
  guint32 ssrc;
  gint32 lost;
} Stream;

void
gst_rcast_liveness_init (GstRcastLiveness * liveness)
{
  *liveness = (GstRcastLiveness) {
    .last_report = GST_CLOCK_TIME_NONE,
    .rtt = GST_CLOCK_TIME_NONE,
    .streams = g_array_new (FALSE, TRUE, sizeof (Stream)),
  };
}

void
gst_rcast_liveness_clear (GstRcastLiveness * liveness)
{
  g_clear_pointer (&liveness->streams, g_array_unref);
}

/* Reports about @ssrc count from now on. */
void
gst_rcast_liveness_add_ssrc (GstRcastLiveness * liveness, guint32 ssrc)
{
  Stream stream = { ssrc, 0 };

  g_array_append_val (liveness->streams, stream);
}

static Stream *
find_stream (GstRcastLiveness * liveness, guint32 ssrc)
{
  for (guint i = 0; i < liveness->streams->len; i++) {
    Stream *stream = &g_array_index (liveness->streams, Stream, i);

    if (stream->ssrc == ssrc)
      return stream;
  }
  return NULL;
}

/* RFC 3550 6.4.1: A - LSR - DLSR, in units of 1/65536 s */
static GstClockTime
round_trip (guint32 lsr, guint32 dlsr, guint64 ntp_now)
{
  guint32 units = (guint32) (ntp_now >> 16) - lsr - dlsr;

  /* Nothing sent yet, or a clock that was set in between. */
  if (lsr == 0 || units > G_MAXINT32)
    return GST_CLOCK_TIME_NONE;
  return gst_util_uint64_scale (units, GST_SECOND, 65536);
}

static gboolean
handle_report_block (GstRcastLiveness * liveness, GstRTCPPacket * packet,
    guint block, guint64 ntp_now)
{
  guint32 ssrc, exthighestseq, jitter, lsr, dlsr;
  guint8 fraction;
  gint32 lost;
  Stream *stream;
  GstClockTime rtt;

  gst_rtcp_packet_get_rb (packet, block, &ssrc, &fraction, &lost,
      &exthighestseq, &jitter, &lsr, &dlsr);
  stream = find_stream (liveness, ssrc);
  if (!stream)
    return FALSE;

  liveness->packets_lost += lost - stream->lost;
  stream->lost = lost;
  liveness->fraction_lost = fraction / 256.0;
  rtt = round_trip (lsr, dlsr, ntp_now);
  if (GST_CLOCK_TIME_IS_VALID (rtt))
    liveness->rtt = rtt;
  return TRUE;
}

static gboolean
handle_feedback (GstRTCPPacket * packet)
{
  const guint8 *fci;

  if (gst_rtcp_packet_fb_get_type (packet) != FORMAT_TRANSPORT_CC
      || gst_rtcp_packet_fb_get_fci_length (packet) * 4 < TRANSPORT_CC_HEADER)
    return FALSE;
  fci = gst_rtcp_packet_fb_get_fci (packet);
  /* packet status count: how many of our packets it tells about */
  return GST_READ_UINT16_BE (fci + 2) > 0;
}

/**
 * gst_rcast_liveness_handle:
 * @liveness: the liveness
 * @rtcp: a compound packet from the server; anything else is ignored
 * @now: when it came
 * @ntp_now: the same as an NTP timestamp, of the clock that our sender reports use
 *
 * Returns: whether it tells about media of ours
 */
gboolean
gst_rcast_liveness_handle (GstRcastLiveness * liveness, GstBuffer * rtcp,
    GstClockTime now, guint64 ntp_now)
{
  GstRTCPBuffer buffer = GST_RTCP_BUFFER_INIT;
  GstRTCPPacket packet;
  gboolean ours = FALSE;

  if (!gst_rtcp_buffer_validate_reduced (rtcp)
      || !gst_rtcp_buffer_map (rtcp, GST_MAP_READ, &buffer))
    return FALSE;

  for (gboolean more = gst_rtcp_buffer_get_first_packet (&buffer, &packet);
      more; more = gst_rtcp_packet_move_to_next (&packet)) {
    GstRTCPType type = gst_rtcp_packet_get_type (&packet);

    if (type == GST_RTCP_TYPE_RTPFB)
      ours |= handle_feedback (&packet);
    else if (type == GST_RTCP_TYPE_RR || type == GST_RTCP_TYPE_SR)
      for (guint i = 0; i < gst_rtcp_packet_get_rb_count (&packet); i++)
        ours |= handle_report_block (liveness, &packet, i, ntp_now);
  }
  gst_rtcp_buffer_unmap (&buffer);

  if (ours) {
    liveness->confirmed = TRUE;
    liveness->reports++;
    liveness->last_report = now;
  }
  return ours;
}
