/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Collects the packets that leave a feed. A test can wait for them. */
#pragma once

#include <gst/check/gstcheck.h>

#include "rcast-rtp.h"

typedef struct
{
  GstRcastRtpHeader header;
  GstClockTime pts;
  gboolean key;
  guint8 head[64];              /* of the payload */
  gsize head_size;
} RcastPacket;

typedef struct
{
  GMutex lock;
  GCond cond;
  GArray *packets;              /* of RcastPacket */
  GPtrArray *buffers;           /* copies of the same packets */
  GstCaps *caps;
  guint n_caps;
  gboolean eos;                 /* the feed emitted "ended" */
  GstRcastCodec codec;
  gboolean blocked;             /* downstream blocks each buffer */
  gboolean waiting;             /* a buffer is blocked */
  GstElement *pipeline;
} RcastCollector;

static inline void
rcast_collector_add (RcastCollector * c, GstBuffer * buffer)
{
  GstMapInfo map;
  RcastPacket packet = { {0}, GST_BUFFER_PTS (buffer), };

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
  fail_unless (gst_rcast_rtp_parse_header (map.data, map.size, &packet.header));
  packet.head_size = MIN (packet.header.payload_size, sizeof (packet.head));
  if (packet.head_size > 0)
    memcpy (packet.head, map.data + packet.header.payload_offset,
        packet.head_size);
  packet.key = gst_rcast_rtp_starts_keyframe (c->codec,
      map.data + packet.header.payload_offset, packet.header.payload_size);
  gst_buffer_unmap (buffer, &map);
  g_array_append_val (c->packets, packet);
  g_ptr_array_add (c->buffers, gst_buffer_copy_deep (buffer));
}

static inline GstPadProbeReturn
rcast_collector_probe (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  RcastCollector *c = data;

  g_mutex_lock (&c->lock);
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
    rcast_collector_add (c, GST_PAD_PROBE_INFO_BUFFER (info));
  } else if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) {
    GstBufferList *list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);

    for (guint i = 0; i < gst_buffer_list_length (list); i++)
      rcast_collector_add (c, gst_buffer_list_get (list, i));
  } else if (GST_EVENT_TYPE (info->data) == GST_EVENT_CAPS) {
    GstCaps *caps;

    gst_event_parse_caps (GST_PAD_PROBE_INFO_EVENT (info), &caps);
    gst_caps_replace (&c->caps, caps);
    c->codec = gst_rcast_codec_from_caps (caps);
    c->n_caps++;
  }
  g_cond_broadcast (&c->cond);
  if (!(info->type & GST_PAD_PROBE_TYPE_EVENT_BOTH)) {
    c->waiting = c->blocked;
    while (c->blocked)
      g_cond_wait (&c->cond, &c->lock);
    c->waiting = FALSE;
  }
  g_mutex_unlock (&c->lock);
  return GST_PAD_PROBE_OK;
}

static inline void
rcast_collector_end (GstElement * feed, RcastCollector * c)
{
  g_mutex_lock (&c->lock);
  c->eos = TRUE;
  g_cond_broadcast (&c->cond);
  g_mutex_unlock (&c->lock);
}

/* Makes the pipeline `feed ! fakesink`, and does not start it. */
static inline void
rcast_collector_init (RcastCollector * c, GstElement * feed)
{
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  GstPad *pad = gst_element_get_static_pad (feed, "src");

  memset (c, 0, sizeof (*c));
  g_mutex_init (&c->lock);
  g_cond_init (&c->cond);
  c->packets = g_array_new (FALSE, FALSE, sizeof (RcastPacket));
  c->buffers =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_buffer_unref);
  c->pipeline = gst_pipeline_new ("net");
  g_object_set (sink, "sync", FALSE, "async", FALSE, NULL);
  gst_bin_add_many (GST_BIN (c->pipeline), feed, sink, NULL);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_BUFFER_LIST | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      rcast_collector_probe, c, NULL);
  gst_object_unref (pad);
  g_signal_connect (feed, "ended", G_CALLBACK (rcast_collector_end), c);
  fail_unless (gst_element_link (feed, sink));
}

static inline void
rcast_collector_start (RcastCollector * c)
{
  fail_if (gst_element_set_state (c->pipeline, GST_STATE_PLAYING)
      == GST_STATE_CHANGE_FAILURE);
}

static inline void
rcast_collector_set_blocked (RcastCollector * c, gboolean blocked)
{
  g_mutex_lock (&c->lock);
  c->blocked = blocked;
  g_cond_broadcast (&c->cond);
  g_mutex_unlock (&c->lock);
}

static inline void
rcast_collector_clear (RcastCollector * c)
{
  rcast_collector_set_blocked (c, FALSE);
  gst_element_set_state (c->pipeline, GST_STATE_NULL);
  gst_clear_object (&c->pipeline);
  g_array_unref (c->packets);
  g_ptr_array_unref (c->buffers);
  gst_clear_caps (&c->caps);
  g_cond_clear (&c->cond);
  g_mutex_clear (&c->lock);
}

static inline guint
rcast_collector_count (RcastCollector * c)
{
  guint n;

  g_mutex_lock (&c->lock);
  n = c->packets->len;
  g_mutex_unlock (&c->lock);
  return n;
}

/* Waits for @n packets, at most until gst-check's own timeout. */
static inline void
rcast_collector_wait (RcastCollector * c, guint n)
{
  g_mutex_lock (&c->lock);
  while (c->packets->len < n)
    g_cond_wait (&c->cond, &c->lock);
  g_mutex_unlock (&c->lock);
}

static inline void
rcast_collector_wait_waiting (RcastCollector * c)
{
  g_mutex_lock (&c->lock);
  while (!c->waiting)
    g_cond_wait (&c->cond, &c->lock);
  g_mutex_unlock (&c->lock);
}

static inline void
rcast_collector_wait_caps (RcastCollector * c, guint n)
{
  g_mutex_lock (&c->lock);
  while (c->n_caps < n)
    g_cond_wait (&c->cond, &c->lock);
  g_mutex_unlock (&c->lock);
}

static inline void
rcast_collector_wait_eos (RcastCollector * c)
{
  g_mutex_lock (&c->lock);
  while (!c->eos)
    g_cond_wait (&c->cond, &c->lock);
  c->eos = FALSE;
  g_mutex_unlock (&c->lock);
}

/* Packet @i must have arrived. */
static inline RcastPacket
rcast_collector_get (RcastCollector * c, guint i)
{
  RcastPacket packet;

  g_mutex_lock (&c->lock);
  fail_unless (i < c->packets->len);
  packet = g_array_index (c->packets, RcastPacket, i);
  g_mutex_unlock (&c->lock);
  return packet;
}

/* Checks payload type, SSRC and consecutive sequence numbers, which each receiver relies on. */
static inline void
rcast_collector_check (RcastCollector * c, guint payload_type, guint32 ssrc)
{
  g_mutex_lock (&c->lock);
  for (guint i = 0; i < c->packets->len; i++) {
    RcastPacket *p = &g_array_index (c->packets, RcastPacket, i);

    fail_unless_equals_int (p->header.payload_type, payload_type);
    fail_unless_equals_int_hex (p->header.ssrc, ssrc);
    if (i > 0)
      fail_unless_equals_int (p->header.sequence, (guint16) (p[-1].header.
              sequence + 1));
  }
  g_mutex_unlock (&c->lock);
}
