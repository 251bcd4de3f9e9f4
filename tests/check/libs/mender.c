/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How long a picture stands still on a simulated link that loses much at random, both ways. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-feedback.h"
#include "rcast-mender.h"
#include "rcast-rtp.h"
#include "rcast-traces.h"

#include <stdlib.h>

#define VIDEO 1
#define SOUND 2
#define REPAIRS 3               /* SSRC of the stream of retransmissions */
#define TURN GST_MSECOND
#define SECONDS 20
#define FRAME (GST_SECOND / 30)
#define RATE 1500000            /* bit/s of the picture, of which frames differ */
#define PACKET 1180             /* of RTP */
#define PACE (3 * GST_MSECOND)  /* between the packets of a frame */
#define WAY (20 * GST_MSECOND)
#define N_PACKETS 8192          /* more than leave in all */

/* As the jitter buffer of GStreamer requests packets: once a later packet has arrived, again until
 * the packet arrives, and no more when it is too late */
#define ASK_FIRST (8 * GST_MSECOND)
#define ASK_AGAIN (55 * GST_MSECOND)
#define ASK_MOST (200 * GST_MSECOND)

/* A packet on the line, by its transport-wide number */
typedef struct
{
  guint32 ssrc;
  guint16 seqnum;               /* of the media that it carries */
  gboolean marker;
  GstClockTime arrives;         /* NONE: it is lost */
} Flight;

/* A packet of the picture, by its number */
typedef struct
{
  guint frame;
  gboolean marker;
  guint size;
  GstClockTime arrived, missing, asked; /* NONE: it has not happened */
} Media;

/* RTCP on its way back */
typedef struct
{
  GstClockTime arrives;
  guint8 data[512];
  gsize size;
} Report;

typedef struct
{
  GstRcastMender *mender;
  GRand *random;
  guint loss;                   /* in 1,000 */
  guint swaps;                  /* packets of the picture that two others overtake, in 1,000 */
  GstClockTime now;
  Flight flights[N_PACKETS];
  guint n_flights, n_told, n_reports;
  Media media[N_PACKETS];
  guint n_media, n_sent;        /* of the picture */
  guint frame;
  GstClockTime next_packet, next_frame, next_sound;
  guint16 n_sound, n_repairs;
  gboolean heard[N_PACKETS];    /* packets of sound */
  guint highest;                /* of the picture, that has arrived */
  GQueue reports;
  guint64 bytes, repair_bytes;
} Link;

static gboolean
is_lost (Link * link)
{
  return g_rand_int_range (link->random, 0, 1000) < (gint) link->loss;
}

/* Sends a packet as the ICE agent does. */
static void
leave (Link * link, guint32 ssrc, guint16 number, const Flight * flight,
    gsize size)
{
  Flight *fresh = &link->flights[link->n_flights];
  guint8 data[] = { 0x90, 96, number >> 8, number & 0xff, 0, 0, 0, 0, 0, 0, 0, ssrc,
    0xbe, 0xde, 0, 1, GST_RCAST_RTP_TWCC_ID << 4 | 1, link->n_flights >> 8,
    link->n_flights & 0xff, 0
  };

  gst_rcast_mender_keep (link->mender, 0, data, sizeof data, link->now);
  *fresh = *flight;
  fresh->arrives = is_lost (link) ? GST_CLOCK_TIME_NONE : link->now + WAY;
  if (ssrc == VIDEO
      && g_rand_int_range (link->random, 0, 1000) < (gint) link->swaps)
    fresh->arrives += 2 * PACE + TURN;
  link->bytes += size;
  link->n_flights++;
}

/* Sends a packet again as rtprtxsend does. */
static void
send_again (Link * link, guint32 ssrc, guint16 seqnum)
{
  const Media *media = &link->media[seqnum];
  guint16 number = link->n_repairs++;
  guint8 data[] = { 0x80, 97, number >> 8, number & 0xff, 0, 0, 0, 0, 0, 0, 0, REPAIRS,
    seqnum >> 8, seqnum & 0xff
  };

  fail_unless_equals_int (ssrc, VIDEO);
  gst_rcast_mender_sent_again (link->mender, data, sizeof data, link->now);
  link->repair_bytes += media->size;
  leave (link, REPAIRS, number, &(Flight) { ssrc, seqnum, media->marker },
      media->size);
}

static void
send_due (Link * link)
{
  GstRcastDouble due[GST_RCAST_MENDER_AT_ONCE];
  guint n = gst_rcast_mender_list_due (link->mender, VIDEO, due, link->now);

  for (guint i = 0; i < n; i++)
    send_again (link, due[i].ssrc, due[i].seqnum);
}

static void
make_frame (Link * link)
{
  gdouble bytes = RATE / 8.0 / 30 * g_rand_double_range (link->random, 0.7,
      1.3);

  do {
    link->media[link->n_media++] = (Media) { link->frame, bytes <= PACKET,
      MIN (bytes, PACKET), GST_CLOCK_TIME_NONE, GST_CLOCK_TIME_NONE,
      GST_CLOCK_TIME_NONE
    };
    bytes -= PACKET;
  } while (bytes > 0);
  link->frame++;
  link->next_frame += FRAME;
}

static void
send_media (Link * link)
{
  guint number = link->n_sent++;
  const Media *media = &link->media[number];

  gst_rcast_mender_sent (link->mender, VIDEO, number, media->size, link->now);
  leave (link, VIDEO, number, &(Flight) { VIDEO, number, media->marker },
      media->size);
  send_due (link);
  link->next_packet = link->now + PACE;
}

static void
turn_sender (Link * link)
{
  if (link->now >= link->next_sound) {
    leave (link, SOUND, link->n_sound, &(Flight) { SOUND, link->n_sound }, 100);
    link->n_sound++;
    send_due (link);
    link->next_sound += 20 * GST_MSECOND;
  }
  if (link->now >= link->next_frame)
    make_frame (link);
  if (link->n_sent < link->n_media && link->now >= link->next_packet)
    send_media (link);
}

/* Notes that a packet has arrived, and which packets before it have not. */
static void
note_media (Link * link, guint number)
{
  Media *media = &link->media[number];

  if (!GST_CLOCK_TIME_IS_VALID (media->arrived))
    media->arrived = link->now;
  for (; link->highest < number; link->highest++)
    if (!GST_CLOCK_TIME_IS_VALID (link->media[link->highest].arrived))
      link->media[link->highest].missing = link->now;
}

/* Returns: the first packet that has arrived of those not reported yet */
static guint
find_first (const Link * link, guint last)
{
  guint first = link->n_told;

  while (first < last && link->flights[first].arrives > link->now)
    first++;
  return first;
}

/* Adds transport-wide feedback about the packets not reported yet, up to @last. As GStreamer's, it
 * begins with a packet that has arrived, and reports no packet twice. Returns: its size */
static gsize
write_feedback (Link * link, guint8 * data, guint last)
{
  guint from = find_first (link, last), n = MIN (last + 1 - from, 140);
  guint n_chunks = (n + 13) / 14, size = 20;
  guint8 *deltas = data + 20 + 2 * n_chunks;
  const guint8 head[20] = { 0x8f, 0xcd, 0, 0, 0, 0, 0, 9, 0, 0, 0, VIDEO,
    from >> 8, from & 0xff, 0, n, 0, 0, 1, link->n_reports++ % 255
  };

  memcpy (data, head, sizeof head);
  for (guint i = 0; i < n_chunks; i++, size += 2) {
    guint16 chunk = 0x8000;

    for (guint j = 0; j < 14 && 14 * i + j < n; j++)
      if (link->flights[from + 14 * i + j].arrives <= link->now) {
        chunk |= 1 << (13 - j);
        *deltas++ = 4;
      }
    GST_WRITE_UINT16_BE (data + size, chunk);
  }
  size = deltas - data;
  while (size % 4 > 0)
    data[size++] = 0;
  GST_WRITE_UINT16_BE (data + 2, size / 4 - 1);
  link->n_told = from + n;
  return size;
}

/* Returns: the size of a request for all packets that are due */
static gsize
write_request (Link * link, guint8 * data)
{
  gsize size = 12;

  for (guint i = link->highest > 200 ? link->highest - 200 : 0;
      i < link->highest && size < 200; i++) {
    Media *media = &link->media[i];
    GstClockTime due = GST_CLOCK_TIME_IS_VALID (media->asked) ?
        media->asked + ASK_AGAIN : media->missing + ASK_FIRST;

    if (GST_CLOCK_TIME_IS_VALID (media->arrived)
        || !GST_CLOCK_TIME_IS_VALID (media->missing) || link->now < due
        || link->now > media->missing + ASK_MOST)
      continue;
    media->asked = link->now;
    GST_WRITE_UINT32_BE (data + size, i << 16);
    size += 4;
  }
  if (size == 12)
    return 0;
  memcpy (data, "\x81\xcd\0\0\0\0\0\x09\0\0\0\1", 12);
  GST_WRITE_UINT16_BE (data + 2, size / 4 - 1);
  return size;
}

static void
send_report (Link * link, gint last)
{
  Report *report = g_new0 (Report, 1);

  report->size = write_request (link, report->data);
  if (last >= 0 && (guint) last >= link->n_told)
    report->size += write_feedback (link, report->data + report->size, last);
  report->arrives = link->now + WAY;
  if (report->size == 0 || is_lost (link))
    g_free (report);
  else
    g_queue_push_tail (&link->reports, report);
}

static void
turn_receiver (Link * link)
{
  guint from = link->n_flights > 200 ? link->n_flights - 200 : 0;
  gint last = -1;

  for (guint i = from; i < link->n_flights; i++) {
    const Flight *flight = &link->flights[i];

    if (flight->arrives != link->now)
      continue;
    if (flight->ssrc == VIDEO)
      note_media (link, flight->seqnum);
    else
      link->heard[flight->seqnum] = TRUE;
    if (flight->marker)
      last = i;
  }
  send_report (link, last);
}

static void
on_request (guint32 ssrc, guint16 seqnum, gpointer data)
{
  Link *link = data;

  if (gst_rcast_mender_request (link->mender, ssrc, seqnum, link->now)
      == GST_RCAST_REPAIR_GRANTED)
    send_again (link, ssrc, seqnum);
}

/* Sends a packet of sound again as it is. */
static void
send_plain (Link * link, GBytes * packet)
{
  const guint8 *data = g_bytes_get_data (packet, NULL);
  guint16 number = GST_READ_UINT16_BE (data + 2);

  fail_unless_equals_int (data[11], SOUND);
  leave (link, SOUND, number, &(Flight) { SOUND, number }, 100);
}

static void
send_plain_due (Link * link)
{
  GBytes *packet;
  guint session;

  while ((packet = gst_rcast_mender_take_plain (link->mender, &session,
              link->now)) != NULL) {
    send_plain (link, packet);
    g_bytes_unref (packet);
  }
}

static void
read_report (Link * link, const Report * report)
{
  g_autoptr (GArray) missed =
      g_array_new (FALSE, FALSE, sizeof (GstRcastTrace));
  g_autoptr (GPtrArray) plain =
      g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  gst_rcast_feedback_read_requests (report->data, report->size, on_request,
      link);
  gst_rcast_mender_read (link->mender, 0, report->data, report->size, plain,
      missed, link->now);
  for (guint i = 0; i < missed->len; i++) {
    const GstRcastTrace *trace = &g_array_index (missed, GstRcastTrace, i);

    send_again (link, trace->ssrc, trace->seqnum);
  }
  for (guint i = 0; i < plain->len; i++)
    send_plain (link, plain->pdata[i]);
  send_plain_due (link);
}

static void
turn (Link * link)
{
  const GstRcastDoublesView view = { TRUE, 2 * WAY, link->loss / 1000.0 };
  Report *report;

  turn_sender (link);
  while ((report = g_queue_peek_head (&link->reports)) != NULL
      && report->arrives <= link->now) {
    read_report (link, report);
    g_free (g_queue_pop_head (&link->reports));
  }
  if (link->now % (100 * GST_MSECOND) == 0)
    gst_rcast_mender_heed (link->mender, &view, link->now);
  turn_receiver (link);
  link->now += TURN;
}

/* Results, without the first two seconds */
typedef struct
{
  GstClockTime longest;         /* between two complete frames with all before them */
  gdouble repairs;              /* share of all bytes */
} Seen;

static void
look (const Link * link, Seen * seen)
{
  GstClockTime whole = 0, last = GST_CLOCK_TIME_NONE;

  for (guint i = 0; i < link->n_media; i++) {
    const Media *media = &link->media[i];

    /* The last packets are still in flight. */
    if (media->frame + 15 > link->frame)
      break;
    /* A packet that never comes is given up. */
    if (GST_CLOCK_TIME_IS_VALID (media->arrived))
      whole = MAX (whole, media->arrived);
    else
      whole += 300 * GST_MSECOND;
    if (!media->marker || media->frame < 60)
      continue;
    if (GST_CLOCK_TIME_IS_VALID (last))
      seen->longest = MAX (seen->longest, whole - last);
    last = whole;
  }
  seen->repairs = (gdouble) link->repair_bytes / link->bytes;
}

static Link *
link_new (guint seed, guint loss)
{
  Link *link = g_new0 (Link, 1);

  link->random = g_rand_new_with_seed (seed);
  link->mender = gst_rcast_mender_new ();
  link->loss = loss;
  link->now = GST_SECOND;
  link->next_frame = link->next_sound = link->next_packet = link->now;
  gst_rcast_mender_add_video (link->mender, VIDEO, GST_RCAST_CODEC_H264, 0);
  gst_rcast_mender_set_round_trip (link->mender, 2 * WAY);
  gst_rcast_mender_set_rate (link->mender, RATE);
  gst_rcast_mender_carry (link->mender, 0, NULL, link->now);
  return link;
}

static void
run_until (Link * link, guint seconds)
{
  while (link->now < (1 + seconds) * GST_SECOND)
    turn (link);
}

static void
link_free (Link * link)
{
  g_queue_clear_full (&link->reports, g_free);
  gst_rcast_mender_free (link->mender);
  g_rand_free (link->random);
  g_free (link);
}

static void
run (guint seed, guint loss, Seen * seen)
{
  Link *link = link_new (seed, loss);

  run_until (link, SECONDS);
  *seen = (Seen) { 0, };
  look (link, seen);
  link_free (link);
}

static gint
compare (gconstpointer a, gconstpointer b)
{
  GstClockTime left = ((const Seen *) a)->longest;
  GstClockTime right = ((const Seen *) b)->longest;

  return left < right ? -1 : left > right;
}

#define N_SEEDS 40

/* Of all seeds: the longest gap in ms of half of them, and of nine in ten, and the
 * share of repairs in all bytes */
static const struct
{
  guint loss;                   /* in 1,000 */
  guint half, most;
  gdouble repairs;
} rows[] = {
  {0, 50, 50, 0},
  {20, 140, 170, 0.03},
  {100, 150, 200, 0.2},
};

GST_START_TEST (test_loss_stops_no_picture)
{
  gdouble repairs = 0;
  Seen seen[N_SEEDS];
  guint half, most;

  for (guint i = 0; i < N_SEEDS; i++) {
    run (i, rows[__i__].loss, &seen[i]);
    repairs += seen[i].repairs / N_SEEDS;
  }
  qsort (seen, N_SEEDS, sizeof *seen, compare);
  half = seen[N_SEEDS / 2].longest / GST_MSECOND;
  most = seen[N_SEEDS * 9 / 10].longest / GST_MSECOND;
  GST_INFO ("%u of 1000 lost: %u, %u, at worst %" GST_TIME_FORMAT
      "; repairs %.3f", rows[__i__].loss, half, most,
      GST_TIME_ARGS (seen[N_SEEDS - 1].longest), repairs);
  fail_unless (half <= rows[__i__].half, "%u ms", half);
  fail_unless (most <= rows[__i__].most, "%u ms", most);
  fail_unless (repairs <= rows[__i__].repairs, "%f", repairs);
}

GST_END_TEST;

/* A link that lost much is soon known to lose nothing, though it still reorders packets. */
GST_START_TEST (test_a_link_that_reorders_is_not_lossy_for_ever)
{
  Link *link = link_new (0, 100);
  guint64 before, repairs;

  link->swaps = 400;
  run_until (link, 5);
  fail_unless (link->repair_bytes > 0);
  link->loss = 0;
  run_until (link, 8);
  before = link->repair_bytes;
  run_until (link, SECONDS);
  repairs = link->repair_bytes - before;
  /* Three packets overtake some packets, with audio in between. */
  fail_unless (repairs * 20 <= RATE / 8 * (SECONDS - 8),
      "%" G_GUINT64_FORMAT " bytes", repairs);
  link_free (link);
}

GST_END_TEST;

/* Packets, their copies and the reports about them are lost alike. Where little is lost, a report
 * often comes when only one packet has overtaken that of sound. */
static const struct
{
  guint64 rate;                 /* that the paths carry; 0: they are full */
  guint loss;                   /* in 1,000 */
  gdouble mute;                 /* share of the sound that may never come */
} sounds[] = {
  {RATE, 100, 0.005},
  {0, 100, 0.005},
  {RATE, 20, 0.003},
  {0, 20, 0.003},
};

/* Nobody requests sound here. On full paths nothing but sound is sent again. */
GST_START_TEST (test_missed_sound_is_sent_again)
{
  Link *link = link_new (7, sounds[__i__].loss);
  guint n_heard = 0;

  gst_rcast_mender_add_plain (link->mender, SOUND, 0);
  gst_rcast_mender_add_audio (link->mender, SOUND);
  gst_rcast_mender_set_rate (link->mender, sounds[__i__].rate);
  run_until (link, SECONDS);
  for (guint i = 0; i < link->n_sound; i++)
    n_heard += link->heard[i];
  GST_INFO ("%u of %u", n_heard, link->n_sound);
  fail_unless (n_heard >= (1 - sounds[__i__].mute) * link->n_sound,
      "%u of %u heard", n_heard, link->n_sound);
  fail_unless (sounds[__i__].rate > 0 || link->repair_bytes == 0);
  link_free (link);
}

GST_END_TEST;

static Suite *
mender_suite (void)
{
  Suite *suite = suite_create ("mender");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_loss_stops_no_picture, 0,
      G_N_ELEMENTS (rows));
  tcase_add_test (tc, test_a_link_that_reorders_is_not_lossy_for_ever);
  tcase_add_loop_test (tc, test_missed_sound_is_sent_again, 0,
      G_N_ELEMENTS (sounds));
  return suite;
}

GST_CHECK_MAIN (mender);
