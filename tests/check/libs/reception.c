/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Simulated receptions in which a stream stops, or seems to: which cause is reported, and when. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-reception.h"

#define TURN (10 * GST_MSECOND)
#define MS(x) ((x) * GST_MSECOND)
#define RTT MS (60)
/* The fault begins here. Until then the reception learns a healthy stream. */
#define FAULT (20 * GST_SECOND)
#define END (32 * GST_SECOND)

#define VIDEO 0
#define AUDIO 1

/* The fault of the world at FAULT */
typedef enum
{
  FAULT_NONE,
  FAULT_CUT,                    /* nothing passes, and nothing answers */
  FAULT_NO_LINK,                /* the same, and the interface is gone */
  FAULT_ICE,                    /* the path is dead, signalling works */
  FAULT_SERVER,                 /* the server's process is killed */
  FAULT_CLOSED,                 /* the server closes the connection, and refuses the next */
  FAULT_PUBLISHER,              /* killed, without any report */
  FAULT_LEFT,                   /* the server says that the publisher left; late packets come */
  FAULT_BYE,
  FAULT_GARBAGE,                /* video cannot be decoded any more */
  FAULT_NO_VIDEO,
  FAULT_NO_AUDIO,
  FAULT_MUTE,                   /* video stops, and sender reports show it */
  FAULT_PAUSE,                  /* the server pauses video, and signals it */
} Fault;

/* The kind of the streams */
typedef enum
{
  KIND_USUAL,                   /* 30 frames/s, 50 packets of audio */
  KIND_SCREEN,                  /* 1 frame/s */
  KIND_DTX,                     /* audio pauses for 400 ms at a time, and says so */
  KIND_COMFORT,                 /* audio pauses for seconds, after comfort noise */
  KIND_UNEVEN,                  /* between 5 and 30 frames/s, two changes a second */
  KIND_AUDIO,                   /* no video */
  N_KINDS,
} Kind;

static const struct
{
  Fault fault;
  GstRcastStreamCause video, audio;     /* NONE: never reported gone */
} faults[] = {
  {FAULT_CUT, GST_RCAST_STREAM_CAUSE_NETWORK, GST_RCAST_STREAM_CAUSE_NETWORK},
  {FAULT_NO_LINK, GST_RCAST_STREAM_CAUSE_NETWORK,
      GST_RCAST_STREAM_CAUSE_NETWORK},
  {FAULT_ICE, GST_RCAST_STREAM_CAUSE_NETWORK, GST_RCAST_STREAM_CAUSE_NETWORK},
  {FAULT_SERVER, GST_RCAST_STREAM_CAUSE_SERVER, GST_RCAST_STREAM_CAUSE_SERVER},
  {FAULT_CLOSED, GST_RCAST_STREAM_CAUSE_SERVER, GST_RCAST_STREAM_CAUSE_SERVER},
  {FAULT_PUBLISHER, GST_RCAST_STREAM_CAUSE_SILENT,
      GST_RCAST_STREAM_CAUSE_SILENT},
  {FAULT_LEFT, GST_RCAST_STREAM_CAUSE_UNPUBLISHED,
      GST_RCAST_STREAM_CAUSE_UNPUBLISHED},
  {FAULT_BYE, GST_RCAST_STREAM_CAUSE_UNPUBLISHED,
      GST_RCAST_STREAM_CAUSE_UNPUBLISHED},
  {FAULT_GARBAGE, GST_RCAST_STREAM_CAUSE_FROZEN, GST_RCAST_STREAM_CAUSE_NONE},
  {FAULT_NO_VIDEO, GST_RCAST_STREAM_CAUSE_PART, GST_RCAST_STREAM_CAUSE_NONE},
  {FAULT_NO_AUDIO, GST_RCAST_STREAM_CAUSE_NONE, GST_RCAST_STREAM_CAUSE_PART},
  {FAULT_MUTE, GST_RCAST_STREAM_CAUSE_NONE, GST_RCAST_STREAM_CAUSE_NONE},
  {FAULT_PAUSE, GST_RCAST_STREAM_CAUSE_NONE, GST_RCAST_STREAM_CAUSE_NONE},
};

/* A stream and its publisher */
typedef struct
{
  gboolean exists, has_frames;
  GstClockTime next;            /* packet */
  guint32 rtp_time, sent;
  GstClockTime next_report;
  GstClockTime awake_until, asleep_until;
  GstRcastStreamCause first, last;      /* reported causes; NONE: none */
  GstClockTime told;
  guint n_told, n_back;
} Source;

typedef struct
{
  GstRcastReception *reception;
  GRand *random;
  Kind kind;
  Fault fault;
  guint loss;                   /* in 100 */
  guint jitter;                 /* ms */
  GstClockTime now, from, until;        /* of the fault */
  Source sources[2];
  GstClockTime arrivals[2][256];        /* of packets in flight */
  guint16 numbers[2][256];
  guint n_arrivals[2];
  GstClockTime answer, probe, next_stun, stun;  /* NONE: none in flight */
  gboolean closed_told, said;
  guint well;                   /* judgements at which all was well */
} World;

static gboolean
is_faulty (const World * world)
{
  return world->now >= world->from && world->now < world->until;
}

/* Whether the path from the server carries nothing */
static gboolean
is_path_dead (const World * world)
{
  return is_faulty (world) && (world->fault == FAULT_CUT
      || world->fault == FAULT_NO_LINK || world->fault == FAULT_ICE
      || world->fault == FAULT_SERVER || world->fault == FAULT_CLOSED);
}

static gboolean
is_published (const World * world, guint i)
{
  if (!is_faulty (world))
    return TRUE;
  switch (world->fault) {
    case FAULT_PUBLISHER:
    case FAULT_LEFT:
    case FAULT_BYE:
      return FALSE;
    case FAULT_NO_VIDEO:
    case FAULT_MUTE:
    case FAULT_PAUSE:
      return i != VIDEO;
    case FAULT_NO_AUDIO:
      return i != AUDIO;
    default:
      return TRUE;
  }
}

static GstClockTime
next_video (World * world)
{
  if (world->kind == KIND_SCREEN)
    return GST_SECOND + MS (g_rand_int_range (world->random, 0, 50));
  if (world->kind == KIND_UNEVEN && world->now / (GST_SECOND / 2) % 3 != 0)
    return MS (g_rand_int_range (world->random, 50, 200));
  return MS (33);
}

/* Talk of up to 4 s, and pauses between */
static GstClockTime
next_audio (World * world, Source * source, gboolean * quiet)
{
  gboolean pauses = world->kind == KIND_DTX || world->kind == KIND_COMFORT;

  if (pauses && world->now > source->asleep_until) {
    source->awake_until = world->now
        + MS (g_rand_int_range (world->random, 300, 4000));
    source->asleep_until = source->awake_until
        + MS (g_rand_int_range (world->random, 300, 4000));
  }
  *quiet = pauses && world->now >= source->awake_until;
  if (!*quiet)
    return MS (20);
  return world->kind == KIND_DTX ? MS (400) :
      MAX (source->asleep_until, world->now) + TURN - world->now;
}

static void
queue_arrival (World * world, guint i)
{
  guint *n = &world->n_arrivals[i];

  if (g_rand_int_range (world->random, 0, 100) < (gint) world->loss || *n == 256)
    return;
  world->numbers[i][*n] = world->sources[i].sent;
  world->arrivals[i][(*n)++] = world->now + RTT / 2
      + MS (g_rand_int_range (world->random, 0, world->jitter + 1));
}

static void
deliver (World * world, guint i, guint16 number, gboolean quiet)
{
  gboolean garbage = i == VIDEO && is_faulty (world)
      && world->fault == FAULT_GARBAGE;

  gst_rcast_reception_packet (world->reception, i, number, number, quiet,
      world->now);
  if (!garbage)
    gst_rcast_reception_frame (world->reception, i, world->now);
}

static void
arrive (World * world, guint i, gboolean quiet)
{
  for (guint k = 0; k < world->n_arrivals[i];) {
    if (world->arrivals[i][k] > world->now) {
      k++;
      continue;
    }
    if (!is_path_dead (world))
      deliver (world, i, world->numbers[i][k], quiet);
    world->n_arrivals[i]--;
    world->arrivals[i][k] = world->arrivals[i][world->n_arrivals[i]];
    world->numbers[i][k] = world->numbers[i][world->n_arrivals[i]];
  }
}

static void
publish (World * world, guint i)
{
  Source *source = &world->sources[i];
  gboolean quiet = i == AUDIO && (world->kind == KIND_DTX
      || world->kind == KIND_COMFORT) && world->now >= source->awake_until;

  if (!source->exists)
    return;
  if (!is_published (world, i)) {
    source->next = world->now;
  } else if (world->now >= source->next) {
    source->next = world->now + (i == VIDEO ? next_video (world) :
        next_audio (world, source, &quiet));
    source->sent++;
    queue_arrival (world, i);
  }
  arrive (world, i, quiet);
  /* A live publisher sends reports even when it sends no media. */
  if (world->now >= source->next_report) {
    source->next_report = world->now + MS (g_rand_int_range (world->random,
            150, 350));
    if (!is_path_dead (world) && (is_published (world, i)
            || world->fault == FAULT_MUTE))
      gst_rcast_reception_report (world->reception, i, source->sent,
          world->now);
  }
}

static void
answer_wishes (World * world)
{
  guint wishes = gst_rcast_reception_take_wishes (world->reception);

  if (wishes & GST_RCAST_RECEPTION_WISH_CHECK)
    world->answer = world->now + RTT;
  if (wishes & GST_RCAST_RECEPTION_WISH_PROBE)
    world->probe = world->now + RTT;
  if (world->now >= world->answer) {
    if (!is_path_dead (world))
      gst_rcast_reception_answered (world->reception, world->now);
    world->answer = GST_CLOCK_TIME_NONE;
  }
  if (world->now >= world->probe) {
    if (world->fault == FAULT_SERVER || world->fault == FAULT_CLOSED)
      gst_rcast_reception_reach (world->reception, GST_RCAST_REACH_REFUSED,
          world->now);
    else if (world->fault != FAULT_CUT && world->fault != FAULT_NO_LINK)
      gst_rcast_reception_reach (world->reception, GST_RCAST_REACH_YES,
          world->now);
    world->probe = GST_CLOCK_TIME_NONE;
  }
}

/* The server sends a STUN check each 2.5 s, some of them late. */
static void
do_stun (World * world)
{
  if (world->now >= world->next_stun) {
    world->next_stun = world->now + MS (2500);
    if (!is_path_dead (world))
      world->stun = world->now + MS (g_rand_int_range (world->random, 30, 250));
  }
  if (world->now < world->stun)
    return;
  gst_rcast_reception_heard (world->reception, world->now);
  world->stun = GST_CLOCK_TIME_NONE;
}

static void
say_all (World * world, GstRcastStreamChange change)
{
  gst_rcast_reception_changed (world->reception,
      world->fault == FAULT_PAUSE ? VIDEO : GST_RCAST_RECEPTION_ALL, change,
      world->now);
}

/* What signalling and the interfaces report when the fault begins, and when it ends */
static void
say_words (World * world)
{
  gboolean faulty = is_faulty (world);

  if (faulty == world->said)
    return;
  world->said = faulty;
  if (world->fault == FAULT_NO_LINK)
    gst_rcast_reception_set_link (world->reception, !faulty);
  if (world->fault == FAULT_CLOSED && faulty)
    gst_rcast_reception_closed (world->reception, world->now);
  if (world->fault == FAULT_BYE && faulty)
    gst_rcast_reception_bye (world->reception, GST_RCAST_RECEPTION_ALL,
        world->now);
  if (world->fault == FAULT_LEFT)
    say_all (world, faulty ? GST_RCAST_STREAM_UNPUBLISHED :
        GST_RCAST_STREAM_PUBLISHED);
  if (world->fault == FAULT_PAUSE)
    say_all (world, faulty ? GST_RCAST_STREAM_PAUSED :
        GST_RCAST_STREAM_RESUMED);
}

static void
note_verdict (World * world, guint i)
{
  Source *source = &world->sources[i];
  GstRcastVerdict verdict;

  gst_rcast_reception_get_verdict (world->reception, i, &verdict);
  if (verdict.cause == source->last)
    return;
  if (verdict.cause != GST_RCAST_STREAM_CAUSE_NONE
      && source->last == GST_RCAST_STREAM_CAUSE_NONE) {
    source->n_told++;
    source->told = world->now;
    source->first = verdict.cause;
  }
  source->n_back += verdict.state == GST_RCAST_RECEPTION_ARRIVING;
  source->last = verdict.cause;
}

/* While the reception says that all is well, a judgement changes nothing. */
static void
judge (World * world)
{
  gboolean well = gst_rcast_reception_is_well (world->reception, world->now);
  GstRcastVerdict before[2], after;

  for (guint i = 0; i < 2; i++)
    gst_rcast_reception_get_verdict (world->reception, i, &before[i]);
  gst_rcast_reception_judge (world->reception, world->now);
  world->well += well;
  for (guint i = 0; well && i < 2; i++) {
    gst_rcast_reception_get_verdict (world->reception, i, &after);
    /* Each check that passes makes a system call: too slow for each turn. */
    if (after.state != before[i].state || after.cause != before[i].cause)
      fail ("stream %u: state %d, cause %d; before %d, %d", i, after.state,
          after.cause, before[i].state, before[i].cause);
  }
}

static void
world_turn (World * world)
{
  world->now += TURN;
  say_words (world);
  publish (world, VIDEO);
  publish (world, AUDIO);
  do_stun (world);
  judge (world);
  answer_wishes (world);
  note_verdict (world, VIDEO);
  note_verdict (world, AUDIO);
}

static void
world_init (World * world, Kind kind, Fault fault, guint seed)
{
  *world = (World) {
    .reception = gst_rcast_reception_new (),.random = g_rand_new_with_seed (seed),
    .kind = kind,.fault = fault,.loss = seed % 4 == 3 ? 5 : 0,
    .jitter = seed % 3 == 2 ? 40 : 2,.now = GST_SECOND,
    .from = FAULT + MS (seed * 37 % 1000),.until = END - 6 * GST_SECOND,
    .answer = GST_CLOCK_TIME_NONE,.probe = GST_CLOCK_TIME_NONE,
    .stun = GST_CLOCK_TIME_NONE,
  };
  for (guint i = 0; i < 2; i++)
    gst_rcast_reception_add_stream (world->reception);
  world->sources[VIDEO].exists = kind != KIND_AUDIO;
  world->sources[AUDIO].exists = TRUE;
}

static void
world_run (World * world, GstClockTime end)
{
  while (world->now < end)
    world_turn (world);
}

static void
world_clear (World * world)
{
  g_rand_free (world->random);
  gst_rcast_reception_free (world->reception);
}

static void
assert_named (World * world, guint i, GstRcastStreamCause cause,
    const gchar * what, guint seed)
{
  Source *source = &world->sources[i];
  gint ms = GST_CLOCK_DIFF (world->from, source->told) / (gint64) GST_MSECOND;

  if (cause == GST_RCAST_STREAM_CAUSE_NONE) {
    fail_unless (source->n_told == 0, "%s, seed %u: stream %u was said to be gone"
        " by cause %u at %d ms", what, seed, i, source->first, ms);
    return;
  }
  fail_unless (source->n_told == 1, "%s, seed %u: stream %u gone %u times",
      what, seed, i, source->n_told);
  fail_unless (source->first == cause, "%s, seed %u: stream %u: cause %u "
      "instead of %u at %d ms", what, seed, i, source->first, cause, ms);
  /* Lost frames of an uneven source make its rhythm a slow one. */
  fail_unless (ms <= (world->kind == KIND_UNEVEN ? 1500 : 1000), "%s, seed %u: stream %u: told after %d ms", what,
      seed, i, ms);
  fail_unless (source->last == GST_RCAST_STREAM_CAUSE_NONE
      && source->n_back >= 1, "%s, seed %u: stream %u does not come back", what,
      seed, i);
}

/* Each fault twenty times, with jitter, loss, and late STUN */
GST_START_TEST (test_each_cause_is_named_within_a_second)
{
  g_autofree gchar *what = g_strdup_printf ("fault %u", faults[__i__].fault);

  for (guint seed = 0; seed < 20; seed++) {
    World world;

    world_init (&world, KIND_USUAL, faults[__i__].fault, seed);
    world_run (&world, END);
    assert_named (&world, VIDEO, faults[__i__].video, what, seed);
    assert_named (&world, AUDIO, faults[__i__].audio, what, seed);
    world_clear (&world);
  }
}

GST_END_TEST;

/* A slow stream is never reported gone, whatever its rhythm. */
GST_START_TEST (test_nothing_is_gone_that_is_only_slow)
{
  g_autofree gchar *what = g_strdup_printf ("kind %d", __i__);

  for (guint seed = 0; seed < 20; seed++) {
    World world;

    world_init (&world, __i__, FAULT_NONE, seed);
    world_run (&world, 3 * END);
    fail_unless (world.well > 0);
    for (guint i = 0; i < 2; i++)
      assert_named (&world, i, GST_RCAST_STREAM_CAUSE_NONE, what, seed);
    world_clear (&world);
  }
}

GST_END_TEST;

/* Even for a slow stream the state of the path names the cause. */
GST_START_TEST (test_of_slow_streams_each_fault_is_named_right)
{
  static const guint by_path[] = { 0, 1, 2, 3, 4, 6, 7 };
  Kind kind = __i__ / G_N_ELEMENTS (by_path);
  guint row = by_path[__i__ % G_N_ELEMENTS (by_path)];
  g_autofree gchar *what = g_strdup_printf ("kind %u, fault %u", kind,
      faults[row].fault);

  for (guint seed = 0; seed < 20; seed++) {
    World world;

    world_init (&world, kind, faults[row].fault, seed);
    world_run (&world, END);
    for (guint i = 0; i < 2; i++) {
      if (!world.sources[i].exists)
        continue;
      fail_unless (world.sources[i].first == faults[row].video,
          "%s, seed %u, stream %u: cause %u", what, seed, i,
          world.sources[i].first);
    }
    world_clear (&world);
  }
}

GST_END_TEST;

static void
begin_fault (World * world, Fault fault)
{
  world->fault = fault;
  world->from = world->now + MS (g_rand_int_range (world->random, 3000, 5000));
  world->until = world->from + MS (g_rand_int_range (world->random, 1500, 5000));
  for (guint i = 0; i < 2; i++)
    world->sources[i].n_told = world->sources[i].n_back = 0;
}

/* 120 faults in a row: none affects the next one. */
GST_START_TEST (test_each_fault_of_a_long_life_is_named_within_a_second)
{
  World world;

  world_init (&world, __i__ % 2 ? KIND_UNEVEN : KIND_USUAL, FAULT_NONE, __i__);
  world_run (&world, 5 * GST_SECOND);
  for (guint i = 0; i < 120; i++) {
    guint row = g_rand_int_range (world.random, 0, G_N_ELEMENTS (faults));
    g_autofree gchar *what = g_strdup_printf ("number %u, fault %u", i,
        faults[row].fault);

    begin_fault (&world, faults[row].fault);
    world_run (&world, world.until + 2 * GST_SECOND);
    assert_named (&world, VIDEO, faults[row].video, what, __i__);
    assert_named (&world, AUDIO, faults[row].audio, what, __i__);
  }
  world_clear (&world);
}

GST_END_TEST;

/* If a fault of a slow source is reported, the cause is right. Outages teach no rhythm. */
GST_START_TEST (test_no_fault_of_a_long_slow_life_is_named_wrong)
{
  World world;
  guint told = 0;

  world_init (&world, KIND_SCREEN, FAULT_NONE, __i__);
  world_run (&world, 5 * GST_SECOND);
  for (guint i = 0; i < 80; i++) {
    guint row = g_rand_int_range (world.random, 0, 8);

    begin_fault (&world, faults[row].fault);
    world.until += 4 * GST_SECOND;
    world_run (&world, world.until + 4 * GST_SECOND);
    if (world.sources[VIDEO].n_told == 0)
      continue;
    told++;
    fail_unless (world.sources[VIDEO].first == faults[row].video,
        "number %u, fault %u: cause %u", i, faults[row].fault,
        world.sources[VIDEO].first);
    fail_unless (world.sources[VIDEO].told < world.from + 6 * GST_SECOND);
  }
  fail_unless (told >= 70, "%u of 80", told);
  world_clear (&world);
}

GST_END_TEST;

/* Events by hand: one stream of two, 50 packets/s each */

typedef struct
{
  GstRcastReception *reception;
  GstClockTime now;
  guint32 n;
} Hand;

static void
hand_init (Hand * hand)
{
  *hand = (Hand) {
  gst_rcast_reception_new (), GST_SECOND, 0};
  gst_rcast_reception_add_stream (hand->reception);
  gst_rcast_reception_add_stream (hand->reception);
}

/* Packets arrive: V video, A audio, B both, - none; v audio, and video that cannot be decoded */
static void
hand_flow (Hand * hand, gchar what, GstClockTime duration)
{
  for (GstClockTime end = hand->now + duration; hand->now < end;) {
    hand->now += MS (20);
    hand->n++;
    for (guint i = 0; i < 2; i++) {
      gboolean decodable = what != 'v' || i == AUDIO;

      if (what == '-' || what == (i == VIDEO ? 'A' : 'V'))
        continue;
      gst_rcast_reception_packet (hand->reception, i, hand->n, hand->n, FALSE,
          hand->now);
      if (decodable)
        gst_rcast_reception_frame (hand->reception, i, hand->now);
    }
    gst_rcast_reception_judge (hand->reception, hand->now);
  }
}

static void
assert_verdict (Hand * hand, guint i, GstRcastReceptionState state,
    GstRcastStreamCause cause, gint certain)
{
  GstRcastVerdict verdict;

  gst_rcast_reception_get_verdict (hand->reception, i, &verdict);
  assert_equals_int (verdict.state, state);
  assert_equals_int (verdict.cause, cause);
  if (certain >= 0)
    assert_equals_int (verdict.certain, certain);
}

#define assert_gone(hand, i, why, certain) \
  assert_verdict (hand, i, GST_RCAST_RECEPTION_GONE, \
      GST_RCAST_STREAM_CAUSE_##why, certain)
#define assert_arrives(hand, i) \
  assert_verdict (hand, i, GST_RCAST_RECEPTION_ARRIVING, \
      GST_RCAST_STREAM_CAUSE_NONE, TRUE)

GST_START_TEST (test_what_never_came_is_waited_for)
{
  Hand hand;

  hand_init (&hand);
  hand_flow (&hand, 'A', 5 * GST_SECOND);
  assert_arrives (&hand, AUDIO);
  assert_verdict (&hand, VIDEO, GST_RCAST_RECEPTION_WAITING,
      GST_RCAST_STREAM_CAUSE_NONE, -1);
  assert_equals_int (gst_rcast_reception_take_wishes (hand.reception), 0);
  gst_rcast_reception_free (hand.reception);
}

GST_END_TEST;

/* The publisher is killed while its first packets are still in the jitter buffer. Behind it, packets
 * or frames are received. */
GST_START_TEST (test_a_stream_that_stops_at_once_has_arrived)
{
  Hand hand;

  hand_init (&hand);
  for (guint i = 0; i < 7; i++) {
    hand.now += MS (33);
    fail_unless (gst_rcast_reception_passed (hand.reception, VIDEO, 3000 * i,
            hand.now));
    if (__i__)
      gst_rcast_reception_frame (hand.reception, VIDEO, hand.now);
  }
  gst_rcast_reception_judge (hand.reception, hand.now);
  assert_arrives (&hand, VIDEO);
  hand_flow (&hand, '-', MS (300));
  gst_rcast_reception_answered (hand.reception, hand.now);
  hand_flow (&hand, '-', MS (700));
  assert_gone (&hand, VIDEO, SILENT, TRUE);
  gst_rcast_reception_free (hand.reception);
}

GST_END_TEST;

/* The server refuses the connection after the first verdict. */
GST_START_TEST (test_a_first_suspicion_is_corrected)
{
  Hand hand;
  GstRcastVerdict before, after;

  hand_init (&hand);
  hand_flow (&hand, 'B', 5 * GST_SECOND);
  hand_flow (&hand, '-', GST_SECOND);
  assert_gone (&hand, VIDEO, NETWORK, FALSE);
  gst_rcast_reception_get_verdict (hand.reception, VIDEO, &before);
  gst_rcast_reception_reach (hand.reception, GST_RCAST_REACH_REFUSED, hand.now);
  hand_flow (&hand, '-', MS (20));
  assert_gone (&hand, VIDEO, SERVER, TRUE);
  gst_rcast_reception_get_verdict (hand.reception, VIDEO, &after);
  assert_equals_uint64 (after.since, before.since);
  /* The server is back without the stream: no packet of it is in flight. */
  gst_rcast_reception_set_path (hand.reception, TRUE, hand.now);
  gst_rcast_reception_changed (hand.reception, GST_RCAST_RECEPTION_ALL,
      GST_RCAST_STREAM_UNPUBLISHED, hand.now);
  hand_flow (&hand, '-', MS (20));
  assert_gone (&hand, VIDEO, UNPUBLISHED, TRUE);
  hand_flow (&hand, '-', GST_SECOND);
  assert_gone (&hand, VIDEO, UNPUBLISHED, TRUE);
  hand_flow (&hand, 'B', MS (40));
  assert_arrives (&hand, VIDEO);
  assert_arrives (&hand, AUDIO);
  gst_rcast_reception_free (hand.reception);
}

GST_END_TEST;

/* The stream is published on a new connection. That nothing has come yet is no network fault. */
GST_START_TEST (test_what_is_published_again_has_its_time)
{
  Hand hand;

  hand_init (&hand);
  hand_flow (&hand, 'B', 5 * GST_SECOND);
  gst_rcast_reception_changed (hand.reception, GST_RCAST_RECEPTION_ALL,
      GST_RCAST_STREAM_UNPUBLISHED, hand.now);
  gst_rcast_reception_set_path (hand.reception, FALSE, hand.now);
  hand_flow (&hand, '-', 4 * GST_SECOND);
  assert_gone (&hand, VIDEO, UNPUBLISHED, TRUE);
  gst_rcast_reception_changed (hand.reception, GST_RCAST_RECEPTION_ALL,
      GST_RCAST_STREAM_PUBLISHED, hand.now);
  hand_flow (&hand, '-', 2 * GST_SECOND);
  assert_gone (&hand, VIDEO, UNPUBLISHED, TRUE);
  assert_gone (&hand, AUDIO, UNPUBLISHED, TRUE);
  hand_flow (&hand, '-', 2 * GST_SECOND);
  assert_gone (&hand, VIDEO, NETWORK, -1);
  hand_flow (&hand, 'B', MS (40));
  assert_arrives (&hand, VIDEO);
  gst_rcast_reception_free (hand.reception);
}

GST_END_TEST;

GST_START_TEST (test_a_path_that_comes_back_without_media_is_a_silent_stream)
{
  Hand hand;

  hand_init (&hand);
  hand_flow (&hand, 'B', 5 * GST_SECOND);
  hand_flow (&hand, '-', 3 * GST_SECOND);
  assert_gone (&hand, VIDEO, NETWORK, -1);
  gst_rcast_reception_answered (hand.reception, hand.now);
  hand_flow (&hand, '-', MS (100));
  assert_gone (&hand, VIDEO, NETWORK, -1);
  hand_flow (&hand, '-', GST_SECOND);
  assert_gone (&hand, VIDEO, SILENT, TRUE);
  assert_gone (&hand, AUDIO, SILENT, TRUE);
  gst_rcast_reception_free (hand.reception);
}

GST_END_TEST;

GST_START_TEST (test_one_stream_that_stops_and_then_the_other)
{
  Hand hand;

  hand_init (&hand);
  hand_flow (&hand, 'B', 5 * GST_SECOND);
  hand_flow (&hand, 'A', GST_SECOND);
  assert_gone (&hand, VIDEO, PART, TRUE);
  assert_arrives (&hand, AUDIO);
  hand_flow (&hand, '-', MS (300));
  gst_rcast_reception_answered (hand.reception, hand.now);
  hand_flow (&hand, '-', GST_SECOND);
  assert_gone (&hand, VIDEO, SILENT, TRUE);
  assert_gone (&hand, AUDIO, SILENT, TRUE);
  hand_flow (&hand, 'V', GST_SECOND);
  assert_arrives (&hand, VIDEO);
  assert_gone (&hand, AUDIO, PART, TRUE);
  gst_rcast_reception_free (hand.reception);
}

GST_END_TEST;

/* The video waits for its key frame. This wait is no second outage. */
GST_START_TEST (test_streams_that_come_back_one_after_the_other)
{
  Hand hand;

  hand_init (&hand);
  hand_flow (&hand, 'B', 5 * GST_SECOND);
  hand_flow (&hand, '-', MS (300));
  gst_rcast_reception_answered (hand.reception, hand.now);
  hand_flow (&hand, '-', GST_SECOND);
  assert_gone (&hand, VIDEO, SILENT, TRUE);
  hand_flow (&hand, 'A', MS (500));
  assert_arrives (&hand, AUDIO);
  assert_gone (&hand, VIDEO, SILENT, TRUE);
  hand_flow (&hand, 'A', MS (500));
  assert_gone (&hand, VIDEO, PART, TRUE);
  hand_flow (&hand, 'B', MS (20));
  assert_arrives (&hand, VIDEO);
  gst_rcast_reception_free (hand.reception);
}

GST_END_TEST;

GST_START_TEST (test_frozen_video_is_back_with_a_frame)
{
  Hand hand;
  GstRcastVerdict verdict;

  hand_init (&hand);
  hand_flow (&hand, 'B', 5 * GST_SECOND);
  hand_flow (&hand, 'v', GST_SECOND);
  assert_gone (&hand, VIDEO, FROZEN, TRUE);
  assert_arrives (&hand, AUDIO);
  hand_flow (&hand, 'B', MS (20));
  assert_arrives (&hand, VIDEO);
  gst_rcast_reception_get_verdict (hand.reception, VIDEO, &verdict);
  fail_unless (verdict.since >= hand.now - MS (20));
  gst_rcast_reception_free (hand.reception);
}

GST_END_TEST;

/* What happened before packets that make no frame */
typedef enum
{
  BEFORE_NOTHING,
  BEFORE_SHORT_SILENCE,         /* no request is unanswered yet */
  BEFORE_SILENCE,               /* neither packets nor answers */
  BEFORE_REFUSAL,
  BEFORE_ANSWERS,               /* no packets */
  BEFORE_LEAVE,
  BEFORE_PART,                  /* audio goes on */
  BEFORE_ICE_DOWN,              /* for a moment */
  BEFORE_MOVE,                  /* to another path, before a verdict */
  BEFORE_MOVE_WITH_FRAMES,      /* frames that were in the buffer */
  BEFORE_MOVE_LONG_AGO,         /* with frames since */
} Before;

static const struct
{
  Before before;
  GstRcastStreamCause cause;
} freezes[] = {
  {BEFORE_NOTHING, GST_RCAST_STREAM_CAUSE_FROZEN},
  {BEFORE_SHORT_SILENCE, GST_RCAST_STREAM_CAUSE_FROZEN},
  {BEFORE_SILENCE, GST_RCAST_STREAM_CAUSE_NETWORK},
  {BEFORE_REFUSAL, GST_RCAST_STREAM_CAUSE_SERVER},
  {BEFORE_ANSWERS, GST_RCAST_STREAM_CAUSE_SILENT},
  {BEFORE_LEAVE, GST_RCAST_STREAM_CAUSE_UNPUBLISHED},
  {BEFORE_PART, GST_RCAST_STREAM_CAUSE_PART},
  {BEFORE_ICE_DOWN, GST_RCAST_STREAM_CAUSE_NETWORK},
  {BEFORE_MOVE, GST_RCAST_STREAM_CAUSE_NETWORK},
  {BEFORE_MOVE_WITH_FRAMES, GST_RCAST_STREAM_CAUSE_NETWORK},
  {BEFORE_MOVE_LONG_AGO, GST_RCAST_STREAM_CAUSE_FROZEN},
};

static void
hand_begin (Hand * hand, Before before)
{
  GstRcastReception *reception = hand->reception;

  switch (before) {
    case BEFORE_NOTHING:
      break;
    case BEFORE_SHORT_SILENCE:
      hand_flow (hand, '-', MS (400));
      break;
    case BEFORE_SILENCE:
      hand_flow (hand, '-', MS (900));
      break;
    case BEFORE_REFUSAL:
      hand_flow (hand, '-', MS (300));
      gst_rcast_reception_reach (reception, GST_RCAST_REACH_REFUSED, hand->now);
      hand_flow (hand, '-', MS (600));
      break;
    case BEFORE_ANSWERS:
      hand_flow (hand, '-', MS (300));
      gst_rcast_reception_answered (reception, hand->now);
      hand_flow (hand, '-', MS (600));
      break;
    case BEFORE_LEAVE:
      gst_rcast_reception_changed (reception, GST_RCAST_RECEPTION_ALL,
          GST_RCAST_STREAM_UNPUBLISHED, hand->now);
      hand_flow (hand, '-', MS (900));
      gst_rcast_reception_changed (reception, GST_RCAST_RECEPTION_ALL,
          GST_RCAST_STREAM_PUBLISHED, hand->now);
      break;
    case BEFORE_PART:
      hand_flow (hand, 'A', MS (900));
      break;
    case BEFORE_ICE_DOWN:
      gst_rcast_reception_set_path (reception, FALSE, hand->now);
      hand_flow (hand, '-', MS (100));
      gst_rcast_reception_set_path (reception, TRUE, hand->now);
      break;
    case BEFORE_MOVE_WITH_FRAMES:
      gst_rcast_reception_set_latency (reception, MS (200));
      gst_rcast_reception_moved (reception, hand->now);
      hand_flow (hand, '-', MS (100));
      gst_rcast_reception_frame (reception, VIDEO, hand->now);
      gst_rcast_reception_frame (reception, AUDIO, hand->now);
      break;
    case BEFORE_MOVE:
      hand_flow (hand, '-', MS (600));
      gst_rcast_reception_moved (reception, hand->now);
      break;
    case BEFORE_MOVE_LONG_AGO:
      gst_rcast_reception_moved (reception, hand->now);
      hand_flow (hand, 'B', MS (500));
      break;
  }
}

/* Until the key frame comes, the outage goes on and keeps its cause. */
GST_START_TEST (test_a_freeze_after_an_outage_has_its_cause)
{
  Hand hand;
  GstRcastVerdict verdict;

  hand_init (&hand);
  hand_flow (&hand, 'B', 5 * GST_SECOND);
  hand_begin (&hand, freezes[__i__].before);
  hand_flow (&hand, 'v', GST_SECOND);
  for (guint i = 0; i < 2; i++) {
    assert_verdict (&hand, VIDEO, GST_RCAST_RECEPTION_GONE,
        freezes[__i__].cause, -1);
    assert_arrives (&hand, AUDIO);
    hand_flow (&hand, 'v', 2 * GST_SECOND);
  }
  hand_flow (&hand, 'v', 4 * GST_SECOND);
  assert_gone (&hand, VIDEO, FROZEN, TRUE);
  hand_flow (&hand, 'B', MS (20));
  assert_arrives (&hand, VIDEO);
  gst_rcast_reception_get_verdict (hand.reception, VIDEO, &verdict);
  fail_unless (verdict.since >= hand.now - MS (20));
  /* No trace of the outage is left: this freeze has a cause of its own. */
  hand_flow (&hand, 'v', GST_SECOND);
  assert_gone (&hand, VIDEO, FROZEN, TRUE);
  gst_rcast_reception_get_verdict (hand.reception, VIDEO, &verdict);
  fail_unless (verdict.since >= hand.now - GST_SECOND - MS (20));
  gst_rcast_reception_free (hand.reception);
}

GST_END_TEST;

/* RFC 3550 6.6: a source that changes its SSRC says BYE for the old one. */
GST_START_TEST (test_a_bye_of_a_source_that_goes_on_is_forgotten)
{
  Hand hand;

  hand_init (&hand);
  hand_flow (&hand, 'B', 5 * GST_SECOND);
  gst_rcast_reception_bye (hand.reception, VIDEO, hand.now);
  hand_flow (&hand, 'B', 2 * GST_SECOND);
  assert_arrives (&hand, VIDEO);
  hand_flow (&hand, 'A', GST_SECOND);
  assert_gone (&hand, VIDEO, PART, TRUE);
  gst_rcast_reception_free (hand.reception);
}

GST_END_TEST;

/* A source that slows down is reported gone at most once. */
GST_START_TEST (test_a_source_that_becomes_slow_is_learned)
{
  Hand hand;
  guint n_gone = 0;

  hand_init (&hand);
  hand_flow (&hand, 'B', 20 * GST_SECOND);
  for (guint i = 0; i < 60; i++) {
    GstRcastVerdict verdict;

    hand_flow (&hand, 'A', MS (980));
    gst_rcast_reception_get_verdict (hand.reception, VIDEO, &verdict);
    n_gone += verdict.state == GST_RCAST_RECEPTION_GONE;
    hand_flow (&hand, 'B', MS (20));
  }
  fail_unless (n_gone <= 2, "%u times", n_gone);
  gst_rcast_reception_free (hand.reception);
}

GST_END_TEST;

/* Twenty outages in a row teach no rhythm. Each is reported in time. */
GST_START_TEST (test_outages_are_no_rhythm)
{
  Hand hand;

  hand_init (&hand);
  for (guint i = 0; i < 20; i++) {
    hand_flow (&hand, 'B', 4 * GST_SECOND);
    assert_arrives (&hand, VIDEO);
    hand_flow (&hand, 'A', MS (900));
    assert_gone (&hand, VIDEO, PART, TRUE);
    hand_flow (&hand, 'A', 2 * GST_SECOND);
  }
  gst_rcast_reception_free (hand.reception);
}

GST_END_TEST;

GST_START_TEST (test_each_silence_asks_once)
{
  Hand hand;
  guint asked = 0;

  hand_init (&hand);
  hand_flow (&hand, 'B', 5 * GST_SECOND);
  assert_equals_int (gst_rcast_reception_take_wishes (hand.reception), 0);
  for (guint i = 0; i < 100; i++) {
    hand_flow (&hand, '-', MS (20));
    asked += gst_rcast_reception_take_wishes (hand.reception)
        == (GST_RCAST_RECEPTION_WISH_CHECK | GST_RCAST_RECEPTION_WISH_PROBE
        | GST_RCAST_RECEPTION_WISH_KEY_FRAME);
  }
  assert_equals_int (asked, 1);
  gst_rcast_reception_free (hand.reception);
}

GST_END_TEST;

/* The streams stop one after the other, but the reception requests one key frame. */
GST_START_TEST (test_one_key_frame_is_asked_for_in_an_outage)
{
  Hand hand;
  guint asked = 0;

  hand_init (&hand);
  hand_flow (&hand, 'B', 5 * GST_SECOND);
  hand_flow (&hand, 'A', MS (60));
  for (guint i = 0; i < 100; i++) {
    hand_flow (&hand, '-', MS (20));
    asked += (gst_rcast_reception_take_wishes (hand.reception)
        & GST_RCAST_RECEPTION_WISH_KEY_FRAME) != 0;
  }
  assert_equals_int (asked, 1);
  /* The next outage gets a request of its own. */
  hand_flow (&hand, 'B', 5 * GST_SECOND);
  hand_flow (&hand, '-', GST_SECOND);
  fail_unless (gst_rcast_reception_take_wishes (hand.reception)
      & GST_RCAST_RECEPTION_WISH_KEY_FRAME);
  gst_rcast_reception_free (hand.reception);
}

GST_END_TEST;

/* A move requests a key frame even while media flows: packets on the old path may get lost. */
GST_START_TEST (test_a_move_asks_for_a_key_frame)
{
  Hand hand;

  hand_init (&hand);
  hand_flow (&hand, 'B', 5 * GST_SECOND);
  assert_equals_int (gst_rcast_reception_take_wishes (hand.reception), 0);
  gst_rcast_reception_moved (hand.reception, hand.now);
  assert_equals_int (gst_rcast_reception_take_wishes (hand.reception),
      GST_RCAST_RECEPTION_WISH_KEY_FRAME);
  hand_flow (&hand, 'B', GST_SECOND);
  assert_equals_int (gst_rcast_reception_take_wishes (hand.reception), 0);
  assert_arrives (&hand, VIDEO);
  gst_rcast_reception_free (hand.reception);
}

GST_END_TEST;

/* It is enough to judge at the time that the last judgement returned. */
GST_START_TEST (test_the_time_that_is_returned_is_when_something_changes)
{
  Hand hand;
  GstClockTime next, last;
  GstRcastVerdict verdict;
  guint n = 0;

  hand_init (&hand);
  hand_flow (&hand, 'B', 5 * GST_SECOND);
  last = next = hand.now;
  do {
    fail_unless (++n < 10);
    next = gst_rcast_reception_judge (hand.reception, next);
    fail_unless (GST_CLOCK_TIME_IS_VALID (next));
    gst_rcast_reception_get_verdict (hand.reception, VIDEO, &verdict);
  } while (verdict.state != GST_RCAST_RECEPTION_GONE && next < last + GST_SECOND);
  assert_equals_int (verdict.cause, GST_RCAST_STREAM_CAUSE_NETWORK);
  gst_rcast_reception_free (hand.reception);
}

GST_END_TEST;

/* The same for audio that pauses for three seconds, goes on for one, and stops for good. After each
 * packet and each report, the test asks whether to judge. */
GST_START_TEST (test_who_pauses_no_more_is_missed_soon)
{
  GstClockTime next = 0;
  Hand hand;

  hand_init (&hand);
  hand_flow (&hand, 'A', 5 * GST_SECOND);
  for (guint ms = 20; ms <= 5000; ms += 20) {
    gboolean flows = ms == 20 || (ms > 3000 && ms <= 4000), is_time = FALSE;

    hand.now += MS (20);
    hand.n++;
    if (flows) {
      gst_rcast_reception_packet (hand.reception, AUDIO, hand.n, hand.n,
          ms == 20, hand.now);
      gst_rcast_reception_frame (hand.reception, AUDIO, hand.now);
      is_time = gst_rcast_reception_is_due_sooner (hand.reception, AUDIO);
    }
    if (ms <= 4000 && ms % 500 == 0) {
      gst_rcast_reception_heard (hand.reception, hand.now);
      is_time |= !gst_rcast_reception_is_well (hand.reception, hand.now);
    }
    if (is_time || hand.now >= next)
      next = gst_rcast_reception_judge (hand.reception, hand.now);
    gst_rcast_reception_take_wishes (hand.reception);
    if (ms <= 4000)
      assert_arrives (&hand, AUDIO);
  }
  assert_gone (&hand, AUDIO, NETWORK, FALSE);
  gst_rcast_reception_free (hand.reception);
}

GST_END_TEST;

static Suite *
reception_suite (void)
{
  Suite *s = suite_create ("rcast-reception");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_each_cause_is_named_within_a_second, 0,
      G_N_ELEMENTS (faults));
  tcase_add_loop_test (tc, test_nothing_is_gone_that_is_only_slow, 0, N_KINDS);
  tcase_add_loop_test (tc, test_of_slow_streams_each_fault_is_named_right, 0,
      N_KINDS * 7);
  tcase_add_loop_test (tc,
      test_each_fault_of_a_long_life_is_named_within_a_second, 0, 8);
  tcase_add_loop_test (tc, test_no_fault_of_a_long_slow_life_is_named_wrong, 0,
      4);
  tcase_add_test (tc, test_what_never_came_is_waited_for);
  tcase_add_loop_test (tc, test_a_stream_that_stops_at_once_has_arrived, 0, 2);
  tcase_add_test (tc, test_a_first_suspicion_is_corrected);
  tcase_add_test (tc, test_what_is_published_again_has_its_time);
  tcase_add_test (tc,
      test_a_path_that_comes_back_without_media_is_a_silent_stream);
  tcase_add_test (tc, test_one_stream_that_stops_and_then_the_other);
  tcase_add_test (tc, test_streams_that_come_back_one_after_the_other);
  tcase_add_test (tc, test_frozen_video_is_back_with_a_frame);
  tcase_add_loop_test (tc, test_a_freeze_after_an_outage_has_its_cause, 0,
      G_N_ELEMENTS (freezes));
  tcase_add_test (tc, test_a_bye_of_a_source_that_goes_on_is_forgotten);
  tcase_add_test (tc, test_a_source_that_becomes_slow_is_learned);
  tcase_add_test (tc, test_outages_are_no_rhythm);
  tcase_add_test (tc, test_each_silence_asks_once);
  tcase_add_test (tc, test_one_key_frame_is_asked_for_in_an_outage);
  tcase_add_test (tc, test_a_move_asks_for_a_key_frame);
  tcase_add_test (tc, test_the_time_that_is_returned_is_when_something_changes);
  tcase_add_test (tc, test_who_pauses_no_more_is_missed_soon);
  return s;
}

GST_CHECK_MAIN (reception);
