/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes rtprtxsend resend packets, and tells these requests from those of the server. */
#include "config.h"

#include "gstrcastresend.h"

/* Event that rtpsession sends upstream for each packet that a NACK asks for. */
#define REQUEST_NAME "GstRTPRetransmissionRequest"

/* @src: source pad of the rtprtxsend that has the packet. Returns: whether it takes the
 * request */
static gboolean
resend (GstPad * src, guint32 ssrc, guint16 seqnum, const gchar * why)
{
  return gst_pad_send_event (src, gst_event_new_custom
      (GST_EVENT_CUSTOM_UPSTREAM, gst_structure_new (REQUEST_NAME,
              "ssrc", G_TYPE_UINT, ssrc, "seqnum", G_TYPE_UINT, (guint) seqnum,
              why, G_TYPE_BOOLEAN, TRUE, NULL)));
}

/**
 * gst_rcast_resend_by_any:
 * @senders: (element-type GstPad): source pads of all rtprtxsend; one that does not know
 *   the stream ignores the request
 * @ssrc: SSRC of the packet
 * @seqnum: its sequence number
 * @why: one of the fields in gstrcastresend.h
 *
 * Returns: whether any rtprtxsend takes the request
 */
gboolean
gst_rcast_resend_by_any (const GPtrArray * senders, guint32 ssrc,
    guint16 seqnum, const gchar * why)
{
  gboolean taken = FALSE;

  for (guint i = 0; i < senders->len; i++)
    taken |= resend (g_ptr_array_index (senders, i), ssrc, seqnum, why);
  return taken;
}

/**
 * gst_rcast_resend_is_asked:
 * @event: on its way to an rtprtxsend
 * @ssrc: (out): SSRC of the packet
 * @seqnum: (out): its sequence number
 *
 * Returns: whether the server requests a packet; requests by gst_rcast_resend_by_any()
 *   are granted already
 */
gboolean
gst_rcast_resend_is_asked (GstEvent * event, guint32 * ssrc, guint16 * seqnum)
{
  const GstStructure *request = gst_event_get_structure (event);
  guint of, number;

  if (!request || !gst_structure_has_name (request, REQUEST_NAME)
      || gst_structure_has_field (request, GST_RCAST_RESEND_UNASKED)
      || gst_structure_has_field (request, GST_RCAST_RESEND_MISSED)
      || gst_structure_has_field (request, GST_RCAST_RESEND_PADDING)
      || !gst_structure_get_uint (request, "ssrc", &of)
      || !gst_structure_get_uint (request, "seqnum", &number))
    return FALSE;
  *ssrc = of;
  *seqnum = number;
  return TRUE;
}
