/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sends key frame requests behind the report about their stream: see rcast-lead.c. */
#include "config.h"

#include "gstrcastlead.h"

#include "rcast-feedback.h"
#include "rcast-lead.h"

static void
note_asked (guint32 ssrc, gpointer data)
{
  *(guint32 *) data = ssrc;
}

/* @block: the last report about @ssrc. Requests keep regular reports away, so there may be none:
 * then no loss is reported. */
static void
find_block (GObject * session, guint32 ssrc, GstRcastLeadBlock * block)
{
  g_autoptr (GObject) source = NULL;
  g_autoptr (GstStructure) stats = NULL;
  gboolean sent = FALSE;
  guint fraction = 0;

  *block = (GstRcastLeadBlock) { 0 };
  g_signal_emit_by_name (session, "get-source-by-ssrc", ssrc, &source);
  if (source)
    g_object_get (source, "stats", &stats, NULL);
  if (!stats || !gst_structure_get_boolean (stats, "sent-rb", &sent) || !sent)
    return;
  gst_structure_get (stats, "sent-rb-fractionlost", G_TYPE_UINT, &fraction,
      "sent-rb-packetslost", G_TYPE_INT, &block->lost,
      "sent-rb-exthighestseq", G_TYPE_UINT, &block->highest,
      "sent-rb-jitter", G_TYPE_UINT, &block->jitter, NULL);
  block->fraction = MIN (fraction, G_MAXUINT8);
}

/* Some servers, such as Janus, only read the first report block: see rcast-lead.c. */
static void
lead (GObject * session, GstBuffer * buffer, guint32 ssrc)
{
  GstRcastLeadBlock block;
  gsize offset, room, size = gst_buffer_get_sizes (buffer, &offset, &room);
  GstMapInfo map;

  find_block (session, ssrc, &block);
  if (room - offset >= size + GST_RCAST_LEAD_BLOCK_SIZE)
    gst_buffer_set_size (buffer, size + GST_RCAST_LEAD_BLOCK_SIZE);
  if (gst_buffer_map (buffer, &map, GST_MAP_READWRITE)) {
    size = gst_rcast_lead_put (map.data, size, map.size, ssrc,
        &block);
    gst_buffer_unmap (buffer, &map);
  }
  gst_buffer_set_size (buffer, size);
}

/* A streaming thread */
static gboolean
on_sending_rtcp (GObject * session, GstBuffer * buffer, gboolean early,
    gpointer data)
{
  guint32 asked = 0;
  GstMapInfo map;

  if (!gst_buffer_is_writable (buffer)
      || !gst_buffer_map (buffer, &map, GST_MAP_READ))
    return FALSE;
  gst_rcast_feedback_read_key_frames (map.data, map.size, note_asked, &asked);
  gst_buffer_unmap (buffer, &map);
  if (asked != 0)
    lead (session, buffer, asked);
  return FALSE;
}

/* @session: an RTP session of webrtcbin that receives */
void
gst_rcast_lead_attach (GObject * session)
{
  g_signal_connect (session, "on-sending-rtcp", G_CALLBACK (on_sending_rtcp),
      NULL);
}
