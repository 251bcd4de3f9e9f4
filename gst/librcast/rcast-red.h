/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Redundant audio (RFC 2198): each packet also carries the audio of the previous one. */
#pragma once

#include <gst/sdp/sdp.h>

G_BEGIN_DECLS

/* RFC 2198 3: the length of a block that is not the last has 10 bits. */
#define GST_RCAST_RED_MAX_BLOCK 1023
/* Bytes in front of the payload, besides the block */
#define GST_RCAST_RED_HEADER_SIZE 5
#define GST_RCAST_RED_MAX_FRONT \
  (GST_RCAST_RED_HEADER_SIZE + GST_RCAST_RED_MAX_BLOCK)

/**
 * GstRcastRed:
 *
 * The redundancy of one stream. A plain struct; the fields belong to the functions.
 */
typedef struct {
  /*< private >*/
  gint payload;                 /* type of packets with redundancy, -1: not negotiated */
  gint primary;                 /* type of the audio in them */
  gboolean active;
  gboolean known;               /* the following fields hold the last packet */
  guint32 timestamp;
  gsize size;
  guint8 block[GST_RCAST_RED_MAX_BLOCK];
} GstRcastRed;

void     gst_rcast_red_init  (GstRcastRed * red, gint payload, gint primary);
void     gst_rcast_red_heed  (GstRcastRed * red, guint loss);
gsize    gst_rcast_red_next  (GstRcastRed * red, guint8 * out, guint32 timestamp,
                              const guint8 * payload, gsize size);
gint     gst_rcast_red_get_payload (const GstRcastRed * red);

void     gst_rcast_red_offer (GstSDPMessage * offer);
gint     gst_rcast_red_find  (const GstSDPMedia * answer, gint payload);

G_END_DECLS
