/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* RTP payloads that are larger than the path takes, cut into smaller ones of the same meaning. */
#pragma once

#include "rcast-codec.h"

G_BEGIN_DECLS

/* Bytes of an RTP packet by default: leaves room for SRTP, TURN and tunnels below
 * 1280, IPv6's least MTU. */
#define GST_RCAST_MTU 1200

/* Payload header of one piece: the longest is that of VP9 (RFC 9628 4.2) */
#define GST_RCAST_PIECE_MAX_HEAD 8

/**
 * GstRcastPiece:
 * @head: what stands in front of the bytes of the payload
 * @n_head: how much of @head counts
 * @offset: where the bytes start in the payload
 * @size: how many they are
 * @ticks: how far the RTP timestamp of the piece is behind that of the packet
 *
 * The payload of one of the packets that replace a large one.
 */
typedef struct {
  guint8 head[GST_RCAST_PIECE_MAX_HEAD];
  guint n_head;
  gsize offset;
  gsize size;
  guint32 ticks;
} GstRcastPiece;

gboolean  gst_rcast_refit_split  (GstRcastCodec codec, const guint8 * payload, gsize size, gsize room,
                                  GArray * pieces);
gboolean  gst_rcast_refit_unpack (const guint8 * payload, gsize size, gsize room, GArray * pieces);

G_END_DECLS
