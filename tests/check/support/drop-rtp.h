/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A probe for the pads of DTLS elements: drops RTP and lets ICE, DTLS and RTCP pass. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* RFC 5761 4: RTP and RTCP share a port. */
static inline GstPadProbeReturn
drop_rtp (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  guint8 header[2];

  if (gst_buffer_extract (GST_PAD_PROBE_INFO_BUFFER (info), 0, header,
          sizeof header) == sizeof header && header[0] >= 128
      && header[0] <= 191 && (header[1] < 192 || header[1] > 223))
    return GST_PAD_PROBE_DROP;
  return GST_PAD_PROBE_OK;
}

G_END_DECLS
