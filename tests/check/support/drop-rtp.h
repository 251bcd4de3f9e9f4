/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Media that gets lost while ICE, DTLS and RTCP go on: a probe for DTLS elements' pads. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* RTP and RTCP share a port: RFC 5761 4 */
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
