/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A frame is decodable once it and all frames since a key frame are complete, in any order. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "loopback-frames.h"

#define FIRST_SEQ 65534         /* wraps soon */
#define PACKET_US 5000

/* Three packets to a frame. K starts a key frame, p any other frame. x is lost; the retransmission
 * of r arrives five packets later, that of l fifteen packets later. */
typedef struct
{
  const gchar *name;
  const gchar *packets;         /* one letter for each packet */
  const gchar *want;            /* one letter for each frame: K, p, - = never decodable */
  guint64 lost;
} Row;

static const Row rows[] = {
  {"all there", "K..p..p..", "Kpp", 0},
  {"starts in the middle", ".p..K..p..", "--Kp", 0},
  {"a hole ends what follows", "K..p.xp..p..K..p..", "K---Kp", 1},
  {"the first packet of a key frame", "K..x..p..K..", "K--K", 1},
  {"sent again in time", "K..p.rp..p..", "Kppp", 0},
  {"a whole frame is lost", "K..xxxp..K..p..", "K--Kp", 3},
  {"a key frame overtakes what is sent again", "K..p.lp..p..K..p..p..p..",
      "KpppKppp", 0},
};

typedef struct
{
  gchar seen[64];
  gint64 last_us;
} Seen;

static void
on_frame (const LoopbackFrame * frame, gpointer data)
{
  Seen *seen = data;

  fail_unless (frame->at_us >= seen->last_us);
  seen->last_us = frame->at_us;
  if (frame->decodable)
    seen->seen[frame->timestamp] = frame->key ? 'K' : 'p';
}

static void
push (LoopbackFrames * frames, const Row * row, guint i, guint shift,
    gint64 now)
{
  gchar what = row->packets[i];
  guint in_frame = (i + shift) % 3;

  loopback_frames_push (frames, (guint16) (FIRST_SEQ + i), (i + shift) / 3,
      in_frame == 2, what == 'K', now);
}

GST_START_TEST (test_rows)
{
  const Row *row = &rows[__i__];
  guint n = strlen (row->packets), n_frames = strlen (row->want);
  /* A row that starts in the middle of a frame */
  guint shift = (3 - n % 3) % 3;
  Seen seen = { {0}, 0 };
  g_autoptr (LoopbackFrames) frames = loopback_frames_new (on_frame, &seen);
  guint i;

  memset (seen.seen, '-', n_frames);
  for (i = 0; i < n; i++) {
    if (!strchr ("xrl", row->packets[i]))
      push (frames, row, i, shift, (i + 1) * PACKET_US);
    if (i >= 5 && row->packets[i - 5] == 'r')
      push (frames, row, i - 5, shift, (i + 1) * PACKET_US);
    if (i >= 15 && row->packets[i - 15] == 'l')
      push (frames, row, i - 15, shift, (i + 1) * PACKET_US);
  }
  /* More packets, until it waits for none */
  for (guint more = 0; more < 300; more++, i++)
    loopback_frames_push (frames, (guint16) (FIRST_SEQ + i), 63, FALSE, FALSE,
        (i + 1) * PACKET_US);
  assert_equals_string (seen.seen, row->want);
  assert_equals_uint64 (loopback_frames_get_lost (frames), row->lost);
}

GST_END_TEST;

/* The first key frame after an outage is decodable at once: it ends the wait for older packets. */
GST_START_TEST (test_an_outage_ends_with_a_key_frame)
{
  Seen seen = { {0}, 0 };
  g_autoptr (LoopbackFrames) frames = loopback_frames_new (on_frame, &seen);
  gint64 now = G_USEC_PER_SEC;

  loopback_frames_push (frames, 1, 1, TRUE, TRUE, now);
  now += G_USEC_PER_SEC;
  loopback_frames_push (frames, 3, 3, TRUE, FALSE, now);
  loopback_frames_push (frames, 4, 4, TRUE, TRUE, now + 10 * 1000);
  fail_unless (seen.seen[4] == 0);
  loopback_frames_push (frames, 5, 5, TRUE, FALSE, now + 40 * 1000);
  assert_equals_int (seen.seen[4], 'K');
  assert_equals_int (seen.seen[5], 'p');
  fail_unless (seen.seen[3] == 0);
}

GST_END_TEST;

/* Waits for several lost packets run at the same time. */
GST_START_TEST (test_each_hole_has_its_own_time)
{
  Seen seen = { {0}, 0 };
  g_autoptr (LoopbackFrames) frames = loopback_frames_new (on_frame, &seen);
  gint64 now = G_USEC_PER_SEC;
  guint16 seq = 1;

  loopback_frames_push (frames, seq, seq, TRUE, TRUE, now);
  /* Every second packet is lost; each other one is a key frame. */
  for (seq = 3; seq < 21; seq += 2)
    loopback_frames_push (frames, seq, seq, TRUE, TRUE, now += 1000);
  loopback_frames_push (frames, seq++, 30, TRUE, TRUE, now += 1000);
  now += 300 * 1000;
  loopback_frames_push (frames, seq, 31, TRUE, FALSE, now);
  assert_equals_int (seen.seen[30], 'K');
  assert_equals_int (seen.seen[31], 'p');
}

GST_END_TEST;

/* A retransmission sometimes arrives twice. */
GST_START_TEST (test_a_packet_that_comes_twice_holds_nothing_up)
{
  Seen seen = { {0}, 0 };
  g_autoptr (LoopbackFrames) frames = loopback_frames_new (on_frame, &seen);
  static const struct
  {
    guint16 seq;
    guint ms;
  } packets[] = { {1, 0}, {3, 1}, {5, 2}, {5, 150}, {5, 200}, {6, 302} };

  for (guint i = 0; i < G_N_ELEMENTS (packets); i++)
    loopback_frames_push (frames, packets[i].seq, packets[i].seq, TRUE, TRUE,
        G_USEC_PER_SEC + packets[i].ms * 1000);
  assert_equals_int (seen.seen[5], 'K');
  assert_equals_int (seen.seen[6], 'K');
}

GST_END_TEST;

/* Random sequence numbers neither overflow the window nor break the frames after the next key
 * frame. */
GST_START_TEST (test_random_numbers)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (4711);
  Seen seen = { {0}, 0 };
  g_autoptr (LoopbackFrames) frames = loopback_frames_new (on_frame, &seen);
  gint64 now = 1;
  guint16 seq;

  for (guint i = 0; i < 20000; i++, now += 1000)
    loopback_frames_push (frames, (guint16) g_rand_int (rand), 63,
        g_rand_boolean (rand), FALSE, now);
  seq = (guint16) g_rand_int (rand);
  seen.seen[0] = '-';
  /* Twice the sequence numbers that may look late */
  for (guint i = 0; i < 70000; i++, now += 1000)
    loopback_frames_push (frames, seq++, 0, TRUE, i % 100 == 0, now);
  fail_unless (seen.seen[0] != '-');
}

GST_END_TEST;

static Suite *
frames_suite (void)
{
  Suite *s = suite_create ("loopback-frames");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_rows, 0, G_N_ELEMENTS (rows));
  tcase_add_test (tc, test_an_outage_ends_with_a_key_frame);
  tcase_add_test (tc, test_each_hole_has_its_own_time);
  tcase_add_test (tc, test_a_packet_that_comes_twice_holds_nothing_up);
  tcase_add_test (tc, test_random_numbers);
  return s;
}

GST_CHECK_MAIN (frames);
