/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The first report block in front of a request is about the stream that the request is about. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "rcast-lead.h"

#define ASKED 0x11111111
#define OTHER 0x22222222
#define ROOM 2000

static const GstRcastLeadBlock block = { 7, -1, 0x10203, 99 };

/* A report of @type with blocks about @ssrcs, which end with 0, and a PLI behind it.
 * Returns: its size */
static gsize
write_compound (guint8 * data, guint8 type, const guint32 * ssrcs)
{
  gsize at = type == 200 ? 28 : 8;
  guint count = 0;

  memset (data, 0, ROOM);
  for (; ssrcs[count]; count++, at += GST_RCAST_LEAD_BLOCK_SIZE) {
    GST_WRITE_UINT32_BE (data + at, ssrcs[count]);
    data[at + GST_RCAST_LEAD_BLOCK_SIZE - 1] = ssrcs[count] & 0xff;
  }
  data[0] = 0x80 | count;
  data[1] = type;
  GST_WRITE_UINT16_BE (data + 2, at / 4 - 1);
  data[at] = 0x81;
  data[at + 1] = 206;
  data[at + 3] = 2;
  GST_WRITE_UINT32_BE (data + at + 8, ASKED);
  return at + 12;
}

/* The request after the report can still be found. */
static void
check_request (const guint8 * data, gsize size)
{
  gsize at = 4 * (GST_READ_UINT16_BE (data + 2) + 1);

  assert_equals_uint64 (at + 12, size);
  assert_equals_int (data[at + 1], 206);
  assert_equals_int (GST_READ_UINT32_BE (data + at + 8), ASKED);
}

static const struct
{
  guint8 type;
  guint32 ssrcs[4];
  gboolean known;
  guint count;                  /* of blocks, afterwards */
  guint32 first, second;        /* 0: none */
} rows[] = {
  {201, {0}, TRUE, 1, ASKED, 0},
  {200, {0}, TRUE, 1, ASKED, 0},
  {201, {0}, FALSE, 0, 0, 0},
  {201, {ASKED, OTHER, 0}, TRUE, 2, ASKED, OTHER},
  {201, {OTHER, ASKED, 0}, TRUE, 2, ASKED, OTHER},
  {200, {OTHER, ASKED, 0}, FALSE, 2, ASKED, OTHER},
  {201, {OTHER, 0}, TRUE, 2, ASKED, OTHER},
  {201, {OTHER, 0}, FALSE, 1, OTHER, 0},
};

GST_START_TEST (test_what_is_asked_of_comes_first)
{
  guint8 data[ROOM];
  gsize size = write_compound (data, rows[__i__].type, rows[__i__].ssrcs);
  guint8 *blocks = data + (rows[__i__].type == 200 ? 28 : 8);

  size = gst_rcast_lead_put (data, size, ROOM, ASKED,
      rows[__i__].known ? &block : NULL);
  assert_equals_int (data[0], 0x80 | rows[__i__].count);
  check_request (data, size);
  if (rows[__i__].count > 0)
    assert_equals_int (GST_READ_UINT32_BE (blocks), rows[__i__].first);
  if (rows[__i__].count > 1) {
    blocks += GST_RCAST_LEAD_BLOCK_SIZE;
    assert_equals_int (GST_READ_UINT32_BE (blocks), rows[__i__].second);
    /* With all of its content */
    assert_equals_int (blocks[GST_RCAST_LEAD_BLOCK_SIZE - 1],
        rows[__i__].second & 0xff);
  }
}

GST_END_TEST;

GST_START_TEST (test_a_new_block_says_what_was_said_last)
{
  static const guint32 none[] = { 0 };
  guint8 data[ROOM];

  gst_rcast_lead_put (data, write_compound (data, 201, none), ROOM, ASKED,
      &block);
  assert_equals_int (data[12], 7);
  assert_equals_int (GST_READ_UINT24_BE (data + 13), 0xffffff);
  assert_equals_int (GST_READ_UINT32_BE (data + 16), 0x10203);
  assert_equals_int (GST_READ_UINT32_BE (data + 20), 99);
  assert_equals_uint64 (GST_READ_UINT64_BE (data + 24), 0);
}

GST_END_TEST;

/* No room, a packet of another kind, and a packet that ends in the middle */
GST_START_TEST (test_what_cannot_be_done_is_left)
{
  static const guint32 others[] = { OTHER, OTHER, 0 };
  guint8 data[ROOM], before[ROOM];
  gsize size = write_compound (data, 201, others);

  memcpy (before, data, ROOM);
  assert_equals_uint64 (gst_rcast_lead_put (data, size, size + 23, ASKED,
          &block), size);
  for (gsize cut = 0; cut < 8 + 2 * GST_RCAST_LEAD_BLOCK_SIZE; cut++)
    assert_equals_uint64 (gst_rcast_lead_put (data, cut, ROOM, ASKED, &block),
        cut);
  fail_unless (memcmp (data, before, ROOM) == 0);
  data[1] = 206;
  assert_equals_uint64 (gst_rcast_lead_put (data, size, ROOM, ASKED, &block),
      size);
  data[1] = 201;
  /* The length of the packet says that there are fewer blocks. */
  GST_WRITE_UINT16_BE (data + 2, 1);
  assert_equals_uint64 (gst_rcast_lead_put (data, size, ROOM, ASKED, &block),
      size);
}

GST_END_TEST;

GST_START_TEST (test_there_are_31_blocks_at_most)
{
  guint32 ssrcs[32] = { 0 };
  guint8 data[ROOM];
  gsize size;

  for (guint i = 0; i < 31; i++)
    ssrcs[i] = OTHER;
  size = write_compound (data, 201, ssrcs);
  assert_equals_uint64 (gst_rcast_lead_put (data, size, ROOM, ASKED, &block),
      size);
  assert_equals_int (data[0] & 0x1f, 31);
}

GST_END_TEST;

static Suite *
lead_suite (void)
{
  Suite *s = suite_create ("lead");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_what_is_asked_of_comes_first, 0,
      G_N_ELEMENTS (rows));
  tcase_add_test (tc, test_a_new_block_says_what_was_said_last);
  tcase_add_test (tc, test_what_cannot_be_done_is_left);
  tcase_add_test (tc, test_there_are_31_blocks_at_most);
  return s;
}

GST_CHECK_MAIN (lead);
