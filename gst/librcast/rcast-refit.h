/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Splits RTP payloads that are too large for the path into smaller ones of the same meaning. */
#pragma once

#include "rcast-codec.h"

G_BEGIN_DECLS

/* Default size of an RTP packet in bytes: leaves room for SRTP, TURN and tunnels below
 * 1280, the least MTU of IPv6. */
#define GST_RCAST_MTU 1200

/* Longest payload header of a piece, that of VP9 (RFC 9628 4.2) */
#define GST_RCAST_PIECE_MAX_HEAD 8

/**
 * GstRcastPiece:
 * @head: bytes to put in front of the payload
 * @n_head: number of bytes in @head
 * @offset: where the bytes of the piece start in the original payload
 * @size: number of bytes of the original payload
 * @ticks: RTP timestamp of the piece relative to that of the original packet
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
