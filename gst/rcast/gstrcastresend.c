/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tells rtprtxsend to send packets again, and tells that from what the server asks for. */
#include "config.h"

#include "gstrcastresend.h"

/* Of rtpsession, upstream: a NACK of the server asks for one packet. */
#define REQUEST_NAME "GstRTPRetransmissionRequest"

/* @src: of the rtprtxsend that has the packet. Returns: whether it takes the request */
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
 * @senders: (element-type GstPad): the sources of all rtprtxsend; one that does not know the stream
 *   takes no notice
 * @ssrc: of the packet
 * @seqnum: its sequence number
 * @why: a field of those above
 *
 * Returns: whether any takes the request
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
 * @ssrc: (out): of a packet
 * @seqnum: (out): its sequence number
 *
 * Returns: whether the server asks for a packet: what gst_rcast_resend_by_any() does is granted already
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
