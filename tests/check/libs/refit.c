/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Large RTP payloads are cut into pieces that make the same payload again, and key frames get the
 * parameter sets that they lack. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "rcast-refit.h"
#include "rcast-rtp.h"
#include "rcast-sets.h"

#define ROOM 100

typedef struct
{
  const gchar *name;
  GstRcastCodec codec;
  guint8 head[24];              /* of the payload; a count follows up to its size */
  gsize n_head;
  gsize size;
  gsize n_pieces;               /* 0: cannot be cut */
  guint8 first[8], middle[8], last[8];  /* heads of the pieces */
  gsize n_first;                /* what of them is compared */
  gsize n_other;
} Row;

static const Row rows[] = {
  {"H.264 IDR", GST_RCAST_CODEC_H264, {0x65}, 1, 300, 4,
      {0x7c, 0x85}, {0x7c, 0x05}, {0x7c, 0x45}, 2, 2},
  {"H.264 FU-A, start", GST_RCAST_CODEC_H264, {0x7c, 0x85}, 2, 250, 3,
      {0x7c, 0x85}, {0x7c, 0x05}, {0x7c, 0x05}, 2, 2},
  {"H.264 FU-A, middle", GST_RCAST_CODEC_H264, {0x7c, 0x05}, 2, 250, 3,
      {0x7c, 0x05}, {0x7c, 0x05}, {0x7c, 0x05}, 2, 2},
  {"H.264 FU-A, end", GST_RCAST_CODEC_H264, {0x7c, 0x45}, 2, 250, 3,
      {0x7c, 0x05}, {0x7c, 0x05}, {0x7c, 0x45}, 2, 2},
  {"H.264 STAP-A of SPS and IDR", GST_RCAST_CODEC_H264,
        {0x78, 0, 3, 0x67, 1, 2, 0, 150, 0x65}, 9, 158, 3,
      {0x67, 1}, {0x7c, 0x85}, {0x7c, 0x45}, 2, 2},
  {"H.264 STAP-A that ends early", GST_RCAST_CODEC_H264,
        {0x78, 0, 3, 0x67, 1, 2, 0, 250, 0x65}, 9, 212, 0},
  {"H.264 FU-B", GST_RCAST_CODEC_H264, {0x7d, 0x85, 0, 0}, 4, 300, 0},
  {"H.264 MTAP", GST_RCAST_CODEC_H264, {0x7a}, 1, 300, 0},
  {"H.265 IDR", GST_RCAST_CODEC_H265, {0x26, 0x01}, 2, 200, 3,
      {0x62, 0x01, 0x93}, {0x62, 0x01, 0x13}, {0x62, 0x01, 0x53}, 3, 3},
  {"H.265 TRAIL_N", GST_RCAST_CODEC_H265, {0x00, 0x01}, 2, 196, 2,
      {0x62, 0x01, 0x80}, {0}, {0x62, 0x01, 0x40}, 3, 3},
  {"H.265 FU, end", GST_RCAST_CODEC_H265, {0x62, 0x01, 0x53}, 3, 197, 2,
      {0x62, 0x01, 0x13}, {0}, {0x62, 0x01, 0x53}, 3, 3},
  {"H.265 AP", GST_RCAST_CODEC_H265,
        {0x60, 0x01, 0, 3, 0x40, 0x01, 7, 0, 150, 0x26, 0x01}, 11, 159, 3,
      {0x40, 0x01, 7}, {0x62, 0x01, 0x93}, {0x62, 0x01, 0x53}, 3, 3},
  {"VP8 without extension", GST_RCAST_CODEC_VP8, {0x10, 0}, 1, 298, 3,
      {0x10}, {0x00}, {0x00}, 1, 1},
  {"VP8 with a PictureID", GST_RCAST_CODEC_VP8, {0x90, 0x80, 0x81, 0x02}, 4,
      4 + 192, 2, {0x90, 0x80, 0x81, 0x02}, {0}, {0x80, 0x80, 0x81, 0x02}, 4, 4},
  {"VP9 with a structure", GST_RCAST_CODEC_VP9,
        {0x8e, 0x81, 0x02, 0x18, 0, 64, 0, 48, 1, 0}, 10, 150, 2,
        {0x8a, 0x81, 0x02, 0x18, 0, 64, 0, 48}, {0},
      {0x84, 0x81, 0x02}, 8, 3},
  {"VP9 in flexible mode", GST_RCAST_CODEC_VP9,
        {0xfc, 0x05, 0x20, 0x03, 0x04}, 5, 150, 2,
      {0xf8, 0x05, 0x20, 0x03, 0x04}, {0}, {0xf4, 0x05, 0x20, 0x03, 0x04}, 5, 5},
  {"AV1, one OBU", GST_RCAST_CODEC_AV1, {0x18}, 1, 298, 3,
      {0x58}, {0xd0}, {0x90}, 1, 1},
  {"AV1, a part of an OBU", GST_RCAST_CODEC_AV1, {0xd0}, 1, 199, 2,
      {0xd0}, {0}, {0xd0}, 1, 1},
  {"AV1, OBUs with sizes", GST_RCAST_CODEC_AV1,
        {0x08, 0x02, 0x0a, 0x00, 0x96, 0x01, 0x32}, 7, 6 + 150, 3,
      {0x18, 0x0a, 0x00}, {0x50, 0x32}, {0x90}, 2, 1},
  {"AV1 that ends early", GST_RCAST_CODEC_AV1, {0x00, 0xff, 0xff, 0xff, 0x7f},
      5, 200, 0},
  {"Opus, one frame", GST_RCAST_CODEC_OPUS, {0xfc}, 1, 300, 0},
  {"Opus, two of the same size", GST_RCAST_CODEC_OPUS, {0xfd}, 1, 151, 2,
      {0xfc}, {0}, {0xfc}, 1, 1},
  {"Opus, two of two sizes", GST_RCAST_CODEC_OPUS, {0xfe, 50}, 2, 132, 2,
      {0xfc}, {0}, {0xfc}, 1, 1},
  {"Opus, three with padding", GST_RCAST_CODEC_OPUS, {0xff, 0x43, 7}, 3,
      3 + 3 * 40 + 7, 3, {0xfc}, {0xfc}, {0xfc}, 1, 1},
  {"what is not known", GST_RCAST_CODEC_UNKNOWN, {0}, 1, 300, 0},
};

static void
fill (guint8 * data, const Row * row)
{
  for (gsize i = 0; i < row->size; i++)
    data[i] = i < row->n_head ? row->head[i] : (guint8) (i * 7);
}

/* Reads the first bytes of a piece as it is sent, which may have fewer. Returns: how many */
static gsize
read_piece (const guint8 * data, const GstRcastPiece * piece, guint8 * out,
    gsize size)
{
  size = MIN (size, piece->n_head + piece->size);
  for (gsize i = 0; i < size; i++)
    out[i] = i < piece->n_head ? piece->head[i] :
        data[piece->offset + i - piece->n_head];
  return size;
}

static void
check_head (const Row * row, const guint8 * data, const GstRcastPiece * piece,
    const guint8 * want, gsize size)
{
  guint8 got[8];

  read_piece (data, piece, got, size);
  for (gsize i = 0; i < size; i++)
    fail_unless (got[i] == want[i], "%s: byte %u is %02x, not %02x", row->name,
        (guint) i, got[i], want[i]);
}

static GArray *
split (const Row * row, const guint8 * data, gboolean * ok)
{
  GArray *pieces = g_array_new (FALSE, FALSE, sizeof (GstRcastPiece));

  *ok = gst_rcast_refit_split (row->codec, data, row->size, ROOM, pieces);
  return pieces;
}

GST_START_TEST (test_pieces_have_the_heads_of_fragments)
{
  const Row *row = &rows[__i__];
  guint8 data[400];
  g_autoptr (GArray) pieces = NULL;
  gboolean ok;

  fill (data, row);
  pieces = split (row, data, &ok);
  fail_unless (ok == (row->n_pieces > 0), "%s", row->name);
  if (!ok)
    return;
  fail_unless (pieces->len == row->n_pieces, "%s: %u", row->name, pieces->len);
  for (guint i = 0; i < pieces->len; i++) {
    const GstRcastPiece *piece = &g_array_index (pieces, GstRcastPiece, i);

    fail_unless (piece->n_head + piece->size <= ROOM, "%s", row->name);
    fail_unless (piece->offset + piece->size <= row->size, "%s", row->name);
    check_head (row, data, piece, i == 0 ? row->first :
        i + 1 == pieces->len ? row->last : row->middle,
        i == 0 ? row->n_first : i + 1 == pieces->len ? row->n_other :
        row->n_first < row->n_other ? row->n_first : row->n_other);
  }
}

GST_END_TEST;

/* No byte of a frame is lost or sent twice: the pieces follow each other, except for
 * the lengths between them. */
GST_START_TEST (test_pieces_are_the_whole)
{
  const Row *row = &rows[__i__];
  guint8 data[400];
  g_autoptr (GArray) pieces = NULL;
  gsize end = 0, last;
  gboolean ok;

  fill (data, row);
  pieces = split (row, data, &ok);
  for (guint i = 0; ok && i < pieces->len; i++) {
    const GstRcastPiece *piece = &g_array_index (pieces, GstRcastPiece, i);

    fail_unless (piece->offset >= end && piece->offset <= end + row->n_head,
        "%s", row->name);
    end = piece->offset + piece->size;
  }
  last = row->codec == GST_RCAST_CODEC_OPUS && row->head[1] == 0x43 ? 7 : 0;
  fail_unless (!ok || end + last == row->size, "%s", row->name);
}

GST_END_TEST;

GST_START_TEST (test_pieces_of_audio_have_timestamps_of_their_own)
{
  guint8 data[400] = { 0xfd };
  g_autoptr (GArray) pieces =
      g_array_new (FALSE, FALSE, sizeof (GstRcastPiece));
  g_autoptr (GArray) pcm = g_array_new (FALSE, FALSE, sizeof (GstRcastPiece));

  fail_unless (gst_rcast_refit_split (GST_RCAST_CODEC_OPUS, data, 201, ROOM,
          pieces));
  fail_unless_equals_int (g_array_index (pieces, GstRcastPiece, 0).ticks, 0);
  /* 20 ms at 48 kHz */
  fail_unless_equals_int (g_array_index (pieces, GstRcastPiece, 1).ticks, 960);
  fail_unless (gst_rcast_refit_split (GST_RCAST_CODEC_PCMU, data, 400, 200,
          pcm));
  fail_unless_equals_int (pcm->len, 3);
  fail_unless_equals_int (g_array_index (pcm, GstRcastPiece, 2).ticks, 320);
  fail_unless_equals_int (g_array_index (pcm, GstRcastPiece, 2).size, 80);
}

GST_END_TEST;

/* A payload that starts a key frame does so after it was cut, once. */
GST_START_TEST (test_one_piece_starts_a_key_frame)
{
  guint8 data[300] = { 0x65 };
  g_autoptr (GArray) pieces =
      g_array_new (FALSE, FALSE, sizeof (GstRcastPiece));

  fail_unless (gst_rcast_refit_split (GST_RCAST_CODEC_H264, data,
          sizeof (data), ROOM, pieces));
  for (guint i = 0; i < pieces->len; i++) {
    const GstRcastPiece *piece = &g_array_index (pieces, GstRcastPiece, i);
    guint8 head[8];

    fail_unless_equals_int (gst_rcast_rtp_starts_keyframe
        (GST_RCAST_CODEC_H264, head, read_piece (data, piece, head,
                sizeof (head))), i == 0);
  }
}

GST_END_TEST;

/* --- parameter sets --- */

#define H264_CAPS "application/x-rtp,media=video,encoding-name=H264," \
  "clock-rate=90000,sprop-parameter-sets=\"Z0LAHg==,aM48gA==\""
#define H265_CAPS "application/x-rtp,media=video,encoding-name=H265," \
  "clock-rate=90000,sprop-vps=\"QAEM\",sprop-sps=\"QgEB\",sprop-pps=\"RAHB\""

static gboolean
look (GstRcastSets * sets, guint32 timestamp, guint n, ...)
{
  guint8 data[32] = { 0 };
  va_list args;

  va_start (args, n);
  for (guint i = 0; i < n; i++)
    data[i] = va_arg (args, gint);
  va_end (args);
  return gst_rcast_sets_look (sets, data, MAX (n, 8), timestamp);
}

static GstRcastSets *
make_sets (GstRcastCodec codec, const gchar * text)
{
  GstRcastSets *sets = gst_rcast_sets_new (codec);
  g_autoptr (GstCaps) caps = gst_caps_from_string (text);

  gst_rcast_sets_take_caps (sets, caps);
  return sets;
}

static void
check_first_bytes (GstRcastSets * sets, guint n, ...)
{
  const GPtrArray *array = gst_rcast_sets_get (sets);
  va_list args;

  fail_unless_equals_int (array->len, n);
  va_start (args, n);
  for (guint i = 0; i < n; i++) {
    const guint8 *data = g_bytes_get_data (g_ptr_array_index (array, i), NULL);

    fail_unless_equals_int (data[0], va_arg (args, gint));
  }
  va_end (args);
}

GST_START_TEST (test_recovery_points_get_sets_if_receivers_start_there)
{
  g_autoptr (GstRcastSets) sets = make_sets (GST_RCAST_CODEC_H264, H264_CAPS);

  fail_if (look (sets, 1, 4, 0x06, 6, 1, 0x84));
  gst_rcast_sets_set_recovery (sets, TRUE);
  fail_unless (look (sets, 2, 4, 0x06, 6, 1, 0x84));
  /* Sets are added once in a frame, and not where they are already. */
  fail_if (look (sets, 2, 4, 0x06, 6, 1, 0x84));
  fail_if (look (sets, 3, 4, 0x67, 0x42, 0xc0, 0x1e));
  fail_if (look (sets, 3, 4, 0x68, 0xce, 0x3c, 0x80));
  fail_if (look (sets, 3, 4, 0x06, 6, 1, 0x84));
  fail_if (look (sets, 4, 4, 0x06, 1, 1, 0x10));
}

GST_END_TEST;

GST_START_TEST (test_a_key_frame_without_sets_gets_those_of_the_caps)
{
  g_autoptr (GstRcastSets) sets = make_sets (GST_RCAST_CODEC_H264, H264_CAPS);

  check_first_bytes (sets, 2, 0x67, 0x68);
  fail_if (look (sets, 1, 1, 0x41));
  fail_unless (look (sets, 2, 1, 0x65));        /* IDR */
  fail_if (look (sets, 2, 1, 0x65));    /* its second slice */
  fail_unless (look (sets, 3, 2, 0x7c, 0x85));  /* FU-A */
  fail_unless (look (sets, 4, 4, 0x78, 0, 2, 0x65));    /* STAP-A */
}

GST_END_TEST;

GST_START_TEST (test_sets_in_band_are_enough_and_known_from_then_on)
{
  g_autoptr (GstRcastSets) sets = make_sets (GST_RCAST_CODEC_H264,
      "application/x-rtp,encoding-name=H264");

  fail_if (look (sets, 1, 1, 0x65));    /* no sets are known */
  fail_if (look (sets, 2, 4, 0x67, 1, 2, 3));
  fail_if (look (sets, 2, 4, 0x68, 1, 2, 3));
  fail_if (look (sets, 2, 1, 0x65));
  check_first_bytes (sets, 2, 0x67, 0x68);
  fail_unless (look (sets, 3, 1, 0x65));
  /* Half of the sets is not enough. */
  fail_if (look (sets, 4, 4, 0x67, 9, 9, 9));
  fail_unless (look (sets, 4, 1, 0x65));
  check_first_bytes (sets, 2, 0x67, 0x68);
  /* All in one packet */
  fail_if (look (sets, 5, 14, 0x78, 0, 3, 0x67, 7, 7, 0, 3, 0x68, 7, 7, 0, 1,
          0x65));
}

GST_END_TEST;

GST_START_TEST (test_h265_has_three)
{
  g_autoptr (GstRcastSets) sets = make_sets (GST_RCAST_CODEC_H265, H265_CAPS);

  check_first_bytes (sets, 3, 0x40, 0x42, 0x44);
  fail_if (look (sets, 1, 2, 0x02, 0x01));
  fail_unless (look (sets, 2, 2, 0x26, 0x01));
  fail_unless (look (sets, 3, 3, 0x62, 0x01, 0x93));
}

GST_END_TEST;

GST_START_TEST (test_nonsense_in_the_caps_is_no_set)
{
  g_autoptr (GstRcastSets) sets = make_sets (GST_RCAST_CODEC_H264,
      "application/x-rtp,sprop-parameter-sets=\"!,,Z0LAHg==, ZQ==,QUFBQUE=\"");

  check_first_bytes (sets, 1, 0x67);
  for (guint i = 0; i < 1000; i++)
    fail_if (look (sets, 1, 4, 0x67, 0, 0, i));
  fail_unless (gst_rcast_sets_get (sets)->len <= 64);
}

GST_END_TEST;

static Suite *
refit_suite (void)
{
  Suite *s = suite_create ("refit");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_pieces_have_the_heads_of_fragments, 0,
      G_N_ELEMENTS (rows));
  tcase_add_loop_test (tc, test_pieces_are_the_whole, 0, G_N_ELEMENTS (rows));
  tcase_add_test (tc, test_pieces_of_audio_have_timestamps_of_their_own);
  tcase_add_test (tc, test_one_piece_starts_a_key_frame);
  tcase_add_test (tc, test_a_key_frame_without_sets_gets_those_of_the_caps);
  tcase_add_test (tc,
      test_recovery_points_get_sets_if_receivers_start_there);
  tcase_add_test (tc, test_sets_in_band_are_enough_and_known_from_then_on);
  tcase_add_test (tc, test_h265_has_three);
  tcase_add_test (tc, test_nonsense_in_the_caps_is_no_set);
  return s;
}

GST_CHECK_MAIN (refit);
