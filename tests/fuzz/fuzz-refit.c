/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any RTP payload of any codec: each piece is within it and fits; parameter sets stay small. */
#include "config.h"

#include "fuzz.h"

#include "rcast-layers.h"
#include "rcast-refit.h"
#include "rcast-rtp.h"
#include "rcast-sets.h"

#define MAX_SETS_BYTES 16384

static void
check_pieces (GstRcastCodec codec, const guint8 * data, gsize size, gsize room)
{
  g_autoptr (GArray) pieces =
      g_array_new (FALSE, FALSE, sizeof (GstRcastPiece));

  if (!gst_rcast_refit_split (codec, data, size, room, pieces))
    return;
  g_assert (pieces->len > 0);
  for (guint i = 0; i < pieces->len; i++) {
    const GstRcastPiece *piece = &g_array_index (pieces, GstRcastPiece, i);

    g_assert (piece->n_head <= GST_RCAST_PIECE_MAX_HEAD);
    g_assert (piece->offset <= size && piece->size <= size - piece->offset);
    g_assert (codec == GST_RCAST_CODEC_OPUS
        || piece->n_head + piece->size <= room);
  }
}

static void
check_sets (GstRcastCodec codec, const guint8 * data, gsize size)
{
  g_autoptr (GstRcastSets) sets = gst_rcast_sets_new (codec);
  gsize n_bytes = 0;

  gst_rcast_sets_set_recovery (sets, size % 2 == 0);
  for (guint32 i = 0; i < 4; i++)
    gst_rcast_sets_look (sets, data, size, i / 2);
  for (guint i = 0; i < gst_rcast_sets_get (sets)->len; i++)
    n_bytes += g_bytes_get_size (g_ptr_array_index (gst_rcast_sets_get (sets),
            i));
  g_assert (n_bytes <= MAX_SETS_BYTES);
}

static void
check_frame (GstRcastCodec codec, const guint8 * data, gsize size)
{
  GstRcastLayersFrame frame = gst_rcast_layers_read (codec, data, size);

  g_assert (frame.layer < 8);
  g_assert (frame.known || !(frame.key || frame.droppable));
}

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  if (size < 2)
    return 0;
  for (gint codec = 0; codec < GST_RCAST_N_CODECS; codec++) {
    check_pieces (codec, data + 1, size - 1, data[0]);
    gst_rcast_rtp_starts_keyframe (codec, data + 1, size - 1);
    gst_rcast_rtp_starts_recovery (codec, data + 1, size - 1);
    check_frame (codec, data + 1, size - 1);
  }
  check_sets (GST_RCAST_CODEC_H264, data + 1, size - 1);
  check_sets (GST_RCAST_CODEC_H265, data + 1, size - 1);
  return 0;
}
