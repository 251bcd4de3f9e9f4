/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When padding leaves, how much, and what it shows: tables, and a quiet
 * picture on simulated links. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rate-link.h"
#include "rcast-probing.h"

#define MS(ms) ((ms) * GST_MSECOND)
#define SIZE 1200
#define STEP MS (5)
#define TICK MS (100)

/* As rcast-probing.c has them */
#define LIMITED_TIME MS (1000)
#define REST MS (5000)
#define CREDIT 800000
#define LEAST_SHARE 8000

/* Random links, and how often each changes */
#define N_RANDOM 30

/* In kbit/s; ms of a queue */
#define VIEW(state, target, sent, useful, queue_ms, loss) { TRUE, \
    1000 * (guint64) (useful), { GST_RCAST_RATE_##state, (target) * 1000, \
      (sent) * 1000, (sent) * 1000, 0, MS (queue_ms), MS (40), loss, loss, TRUE }}

static const GstRcastProbingView quiet = VIEW (RISE, 500, 200, 4000, 0, 0);

/* Whether there is a probe within ten seconds */
static const struct
{
  const gchar *what;
  GstRcastProbingView view;
  gboolean begins;
} rows[] = {
  {"the source sends little", VIEW (RISE, 500, 200, 4000, 0, 0), TRUE},
  {"nothing was ever wrong", VIEW (START, 500, 200, 4000, 0, 0), TRUE},
  {"a little is lost", VIEW (RISE, 500, 200, 4000, 0, 0.01), TRUE},
  {"most of the target is sent", VIEW (RISE, 500, 450, 4000, 0, 0), FALSE},
  {"all is used that can be", VIEW (RISE, 500, 200, 500, 0, 0), FALSE},
  {"hardly more could be used", VIEW (RISE, 500, 200, 550, 0, 0), FALSE},
  {"a queue empties", VIEW (DRAIN, 500, 200, 4000, 0, 0), FALSE},
  {"packets are lost", VIEW (LOSS, 500, 200, 4000, 0, 0), FALSE},
  {"there is somebody else", VIEW (RIVAL, 500, 200, 4000, 0, 0), FALSE},
  {"the server is silent", VIEW (BLIND, 500, 200, 4000, 0, 0), FALSE},
  {"a queue stands", VIEW (RISE, 500, 200, 4000, 20, 0), FALSE},
  {"some packets are lost", VIEW (RISE, 500, 200, 4000, 0, 0.05), FALSE},
};

/* Returns: when a probe begins, or @until */
static GstClockTime
wait_for_probe (GstRcastProbing * probing, const GstRcastProbingView * view,
    GstClockTime now, GstClockTime until)
{
  for (; now < until; now += TICK) {
    gst_rcast_probing_heed (probing, view, now);
    if (gst_rcast_probing_is_on (probing))
      break;
  }
  return now;
}

GST_START_TEST (test_a_probe_needs_a_reason)
{
  GstRcastProbing *probing = gst_rcast_probing_new (0);
  GstClockTime begun =
      wait_for_probe (probing, &rows[__i__].view, 0, MS (10000));

  fail_unless ((begun < MS (10000)) == rows[__i__].begins, "%s",
      rows[__i__].what);
  fail_unless (begun >= LIMITED_TIME, "%s", rows[__i__].what);
  gst_rcast_probing_free (probing);
}

GST_END_TEST;

/* The losses and delays of a probe's packets */
typedef struct
{
  gdouble stretch;              /* of the time between them */
  guint lost_each;              /* one of so many; 0: none */
  gboolean unheard;             /* no feedback */
} Fate;

/* Sends the padding that is due from @now on, and a packet of media each 40 ms.
 * @padding: (out): bytes. Returns: when all padding has left */
static GstClockTime
pad (GstRcastProbing * probing, GstClockTime now, const Fate * fate,
    guint * n_packets, guint * padding)
{
  GstClockTime begun = now;
  guint16 number = 65530;       /* sequence numbers wrap around */
  guint n_media = 0;

  *n_packets = *padding = 0;
  for (;; now += STEP) {
    gsize due;

    if (now >= begun + n_media * MS (40)) {
      gst_rcast_probing_sent (probing, number++, SIZE, FALSE, now);
      n_media++;
    }
    due = gst_rcast_probing_get_due (probing, now);
    if (!gst_rcast_probing_is_on (probing))
      break;
    if (due == 0)
      continue;
    gst_rcast_probing_padded (probing, (due + SIZE - 1) / SIZE * SIZE, now);
    for (gsize sent = 0; sent < due; sent += SIZE) {
      gst_rcast_probing_sent (probing, number++, SIZE, TRUE, now);
      *padding += SIZE;
    }
    fail_unless (now < begun + GST_SECOND, "it does not end");
  }
  *n_packets = (guint16) (number - 65530);
  return now;
}

/* Feedback about the packets that pad() sent from @begun to @ended */
static void
report (GstRcastProbing * probing, GstClockTime begun, GstClockTime ended,
    guint n_packets, const Fate * fate)
{
  GstClockTime each = (ended - begun) / n_packets;

  for (guint i = 0; i < n_packets && !fate->unheard; i++)
    gst_rcast_probing_arrival (probing, 65530 + i, fate->lost_each > 0
        && i % fate->lost_each == 1 ? GST_CLOCK_TIME_NONE :
        MS (77777) + (GstClockTime) (i * each * fate->stretch));
}

/* A whole probe. @shown: (out): the rate that it shows. Returns: when the probe is over */
static GstClockTime
probe (GstRcastProbing * probing, const GstRcastProbingView * view,
    GstClockTime begun, const Fate * fate, guint64 * shown)
{
  guint n_packets, padding;
  GstClockTime now = pad (probing, begun, fate, &n_packets, &padding);

  report (probing, begun, now, n_packets, fate);
  for (guint i = 0; i < 20; i++, now += TICK) {
    gst_rcast_probing_heed (probing, view, now);
    *shown = gst_rcast_probing_take (probing);
    if (*shown > 0)
      break;
  }
  return now;
}

static const Fate well = { 1, 0, FALSE }, late = { 2.5, 0, FALSE };

/* kbit/s of media and padding together */
static const struct
{
  const gchar *what;
  GstRcastProbingView view;
  gboolean full;                /* the path was full once */
  guint rate;
} rates[] = {
  {"twice what is known", VIEW (RISE, 500, 200, 4000, 0, 0), FALSE, 1000},
  {"no more than is of use", VIEW (RISE, 500, 200, 700, 0, 0), FALSE, 737},
  {"the path was full once", VIEW (RISE, 500, 200, 4000, 0, 0), TRUE, 750},
  {"a wide path", VIEW (RISE, 8000, 4000, 40000, 0, 0), FALSE, 16000},
};

/* No probe begins where the path limits the target, or
 * where padding cannot leave or be reported. */
GST_START_TEST (test_a_probe_has_to_be_possible)
{
  GstRcastProbing *probing = gst_rcast_probing_new (0);
  GstRcastProbingView view = quiet;

  view.possible = FALSE;
  wait_for_probe (probing, &view, 0, MS (10000));
  fail_if (gst_rcast_probing_is_on (probing));
  view = quiet;
  view.rate.limited = FALSE;
  wait_for_probe (probing, &view, MS (10000), MS (20000));
  fail_if (gst_rcast_probing_is_on (probing));
  gst_rcast_probing_free (probing);
}

GST_END_TEST;

GST_START_TEST (test_padding_is_paced)
{
  GstRcastProbingView view = rates[__i__].view;
  GstRcastProbing *probing = gst_rcast_probing_new (0);
  gdouble wanted = 1000.0 * rates[__i__].rate, rate;
  GstClockTime begun, ended;
  guint n_packets, padding;

  if (rates[__i__].full)
    view.rate.capacity = view.rate.target;
  begun = wait_for_probe (probing, &view, 0, MS (120000));
  ended = pad (probing, begun, &well, &n_packets, &padding);
  rate = 8.0 * n_packets * SIZE * GST_SECOND / (ended - begun);
  /* A packet more or less */
  fail_unless (rate > 0.85 * wanted && rate < 1.15 * wanted + 8 * SIZE * 10,
      "%s: %.0f bit/s", rates[__i__].what, rate);
  fail_unless (n_packets >= 10 && ended >= begun + MS (100), "%s",
      rates[__i__].what);
  fail_unless (padding < n_packets * SIZE, "media is not counted");
  fail_unless (gst_rcast_probing_is_recent (probing, ended));
  fail_if (gst_rcast_probing_is_recent (probing, ended + MS (1100)));
  gst_rcast_probing_free (probing);
}

GST_END_TEST;

static const struct
{
  const gchar *what;
  Fate fate;
  gdouble least, most;          /* share of the probed 1 Mbit/s; 0: nothing is shown */
  guint next_s;                 /* about when the next probe begins */
} fates[] = {
  {"all arrives as it left", {1, 0, FALSE}, 0.8, 1.0, 1},
  {"nearly all does", {1, 15, FALSE}, 0.7, 1.0, 1},
  {"the path is full, but wider than known", {1.4, 0, FALSE}, 0.55, 0.75, 10},
  {"it is hardly wider", {1.9, 0, FALSE}, 0, 0, 10},
  {"it is not as wide", {2.5, 0, FALSE}, 0, 0, 10},
  {"much is lost", {1, 5, FALSE}, 0, 0, 10},
  {"nothing is heard", {1, 0, TRUE}, 0, 0, 10},
  {"something stood still", {0.3, 0, FALSE}, 0, 0, 5},
};

GST_START_TEST (test_what_arrives_is_shown)
{
  GstRcastProbing *probing = gst_rcast_probing_new (0);
  GstClockTime begun = wait_for_probe (probing, &quiet, 0, MS (10000)), ended;
  guint64 shown;

  ended = probe (probing, &quiet, begun, &fates[__i__].fate, &shown);
  fail_unless (shown >= fates[__i__].least * 1e6
      && shown <= fates[__i__].most * 1e6, "%s: %" G_GUINT64_FORMAT " bit/s",
      fates[__i__].what, shown);
  assert_equals_uint64 (gst_rcast_probing_take (probing), 0);
  begun = wait_for_probe (probing, &quiet, ended, ended + MS (100000));
  fail_unless (begun <= ended + MS (1000 * fates[__i__].next_s)
      && begun + MS (3000) >= ended + MS (1000 * fates[__i__].next_s),
      "%s: after %" GST_TIME_FORMAT, fates[__i__].what,
      GST_TIME_ARGS (begun - ended));
  gst_rcast_probing_free (probing);
}

GST_END_TEST;

/* After each probe that shows nothing, the next one waits twice as long, up to a minute. */
GST_START_TEST (test_a_probe_that_shows_nothing_doubles_the_wait)
{
  static const guint waits_s[] = { 10, 20, 40, 60, 60 };
  GstRcastProbing *probing = gst_rcast_probing_new (0);
  GstClockTime now = wait_for_probe (probing, &quiet, 0, MS (10000));

  for (guint i = 0; i < G_N_ELEMENTS (waits_s); i++) {
    guint64 shown;
    GstClockTime begun = now, ended =
        probe (probing, &quiet, begun, &late, &shown);

    assert_equals_uint64 (shown, 0);
    now = wait_for_probe (probing, &quiet, ended, ended + MS (100000));
    fail_unless (now - begun >= MS (1000 * waits_s[i])
        && now - begun <= MS (1000 * waits_s[i] + 500), "%u: %" GST_TIME_FORMAT,
        i, GST_TIME_ARGS (now - begun));
  }
  gst_rcast_probing_free (probing);
}

GST_END_TEST;

/* No feedback covers packets without a transport-wide number. */
GST_START_TEST (test_padding_without_numbers_is_soon_given_up)
{
  GstRcastProbing *probing = gst_rcast_probing_new (0);
  GstClockTime now = 0, each[2];
  gsize padding[2] = { 0, 0 };

  for (guint i = 0; i < 2; i++) {
    each[i] = now = wait_for_probe (probing, &quiet, now, now + MS (100000));
    for (; gst_rcast_probing_is_on (probing); now += STEP) {
      gsize due = gst_rcast_probing_get_due (probing, now);

      if (due > 0)
        gst_rcast_probing_padded (probing, due, now);
      padding[i] += due;
    }
    /* 1 Mbit/s for 400 ms */
    fail_unless (padding[i] <= 52000, "%" G_GSIZE_FORMAT, padding[i]);
  }
  fail_unless (each[1] >= each[0] + MS (10000));
  gst_rcast_probing_free (probing);
}

GST_END_TEST;

/* Losses are excused for a shorter time than lost feedback is awaited. */
GST_START_TEST (test_losses_are_excused_while_they_may_be_of_a_probe)
{
  static const Fate unheard = { 1, 0, TRUE };
  GstRcastProbing *probing = gst_rcast_probing_new (0);
  GstClockTime begun = wait_for_probe (probing, &quiet, 0, MS (10000)), now;
  guint n_packets, padding;

  fail_unless (gst_rcast_probing_get_excused (probing, MS (40), begun)
      > begun + TICK);
  now = pad (probing, begun, &unheard, &n_packets, &padding);
  for (guint i = 0; i < 9; i++) {
    gst_rcast_probing_heed (probing, &quiet, now + i * TICK);
    fail_unless (gst_rcast_probing_is_pending (probing));
    assert_equals_uint64 (gst_rcast_probing_get_excused (probing, MS (40),
            now + i * TICK), now + MS (240));
  }
  gst_rcast_probing_heed (probing, &quiet, now + MS (2000));
  assert_equals_uint64 (gst_rcast_probing_get_excused (probing, MS (40),
          now + MS (2000)), 0);
  gst_rcast_probing_free (probing);
}

GST_END_TEST;

/* bit/s of the source */
static const guint sources[] = { 0, 20000, 200000, 3000000 };

/* Padding keeps to its share, however often there is a reason for a probe,
 * and whatever probes show. */
GST_START_TEST (test_padding_takes_a_share_in_the_long_run)
{
  GstRcastProbingView view = quiet;
  GstRcastProbing *probing = gst_rcast_probing_new (0);
  gdouble share = MAX (0.03 * sources[__i__], LEAST_SHARE), all = 0;
  guint n = 0;
  GstClockTime now = 0;

  view.useful = 100000000;
  view.rate.sent = sources[__i__];
  view.rate.target = 2 * sources[__i__] + 100000;
  while ((now = wait_for_probe (probing, &view, now, MS (3600000)))
      < MS (3600000)) {
    GstClockTime begun = now;
    guint n_packets, padding;

    now = pad (probing, begun, &well, &n_packets, &padding);
    report (probing, begun, now, n_packets, &well);
    all += 8.0 * padding;
    n++;
  }
  fail_unless (n >= 10, "%u probes", n);
  /* The last probe may overdraw the credit. */
  fail_unless (all <= share * 3600 + 2 * CREDIT + 0.2 * view.rate.target,
      "%.0f bits of padding in an hour, %.1f kbit/s", all, all / 3.6e6);
  gst_rcast_probing_free (probing);
}

GST_END_TEST;

typedef enum
{
  A_DROP,
  ANOTHER_PATH,
  NOTHING_TO_SEND,
  NOT_POSSIBLE,
} Accident;

/* @rests: for how long no probe begins afterwards */
static const struct
{
  Accident accident;
  GstClockTime rests;
} accidents[] = {
  {A_DROP, REST}, {ANOTHER_PATH, REST}, {NOTHING_TO_SEND, MS (10000)},
  {NOT_POSSIBLE, REST},
};

/* A probe ends while it sends, or while its feedback is awaited. */
GST_START_TEST (test_a_probe_may_end_at_any_time)
{
  const GstRcastProbingView drop = VIEW (DRAIN, 500, 200, 4000, 0, 0);
  GstRcastProbingView impossible = quiet;
  Accident accident = accidents[__i__ % 4].accident;
  GstRcastProbing *probing = gst_rcast_probing_new (0);
  GstClockTime begun = wait_for_probe (probing, &quiet, 0, MS (10000)), now;
  guint n_packets = 3, padding;

  now = begun + MS (30);
  for (guint i = 0; i < n_packets && __i__ < 4; i++)
    gst_rcast_probing_sent (probing, 65530 + i, SIZE, TRUE, begun + MS (10 * i));
  if (__i__ >= 4)
    now = pad (probing, begun, &well, &n_packets, &padding);
  switch (accident) {
    case A_DROP:
      gst_rcast_probing_heed (probing, &drop, now);
      break;
    case ANOTHER_PATH:
      gst_rcast_probing_restart (probing, now);
      break;
    case NOTHING_TO_SEND:
      gst_rcast_probing_padded (probing, 0, now);
      break;
    case NOT_POSSIBLE:
      impossible.possible = FALSE;
      gst_rcast_probing_heed (probing, &impossible, now);
      break;
  }
  fail_if (gst_rcast_probing_is_on (probing));
  assert_equals_uint64 (gst_rcast_probing_get_due (probing, now + STEP), 0);
  /* Feedback about a whole probe still counts, unless the rate dropped or the path changed. */
  report (probing, begun, now, n_packets, &well);
  gst_rcast_probing_heed (probing, &quiet, now);
  if (__i__ < 4 || accident == A_DROP || accident == ANOTHER_PATH) {
    assert_equals_uint64 (gst_rcast_probing_take (probing), 0);
    begun = wait_for_probe (probing, &quiet, now, now + MS (100000));
    fail_unless (begun >= now + accidents[__i__ % 4].rests
        && begun <= now + MS (13000), "%" GST_TIME_FORMAT,
        GST_TIME_ARGS (begun - now));
  }
  gst_rcast_probing_free (probing);
}

GST_END_TEST;

/* A late timer makes no burst. */
GST_START_TEST (test_a_standstill_leaves_no_burst)
{
  GstRcastProbing *probing = gst_rcast_probing_new (0);
  GstClockTime begun = wait_for_probe (probing, &quiet, 0, MS (10000));

  /* 20 ms of 1 Mbit/s */
  fail_unless (gst_rcast_probing_get_due (probing, begun + MS (90)) <= 2500);
  gst_rcast_probing_free (probing);
}

GST_END_TEST;

/* A picture of 150 kbit/s that could use @max_kbps. Rows: the least share of the link that is known
 * after 20 s with probes, and the most without */
static const struct
{
  Link link;
  gdouble known, before;
  gdouble queue_ms;             /* at most */
  gdouble lost;
} links[] = {
  {{"wide", {{0, 20000}}, 60, 200, 0, 20, 0, 300, 4000}, 0.9, 0.25, 20, 0},
  {{"3 Mbit/s", {{0, 3000}}, 60, 200, 0, 20, 0, 300, 4000}, 0.85, 0.25, 80, 0},
  {{"1.2 Mbit/s", {{0, 1200}}, 60, 200, 0, 20, 0, 300, 4000}, 0.8, 0.6, 150, 0},
  {{"wide, feedback each 200 ms", {{0, 20000}}, 200, 200, 0, 20, 0, 300, 4000},
      0.9, 0.25, 20, 0},
  {{"600 ms round trip", {{0, 20000}}, 60, 200, 0, 300, 0, 300, 4000}, 0.9, 0.25,
      20, 0},
  {{"10 ms jitter", {{0, 20000}}, 60, 200, 0, 20, 10, 300, 4000}, 0.85, 0.25, 20,
      0},
  {{"1 % chance loss", {{0, 20000}}, 60, 200, 10, 20, 0, 300, 4000}, 0.7, 0.25,
      20, 0.03},
  /* There is nothing to find. */
  {{"600 kbit/s", {{0, 600}}, 60, 200, 0, 20, 0, 300, 4000}, 0.7, 2, 160, 0},
  {{"600 kbit/s, 50 ms buffer", {{0, 600}}, 60, 50, 0, 20, 0, 300, 4000}, 0.6, 2,
      60, 0.03},
};

static void
run_quietly (const Link * link, gboolean probes, Simulation * sim, Part * part)
{
  simulation_init (sim, link, 7);
  part_init (part);
  sim->need = 150000;
  if (probes)
    simulation_probe (sim);
  run_until (sim, 20, part);
}

GST_START_TEST (test_a_quiet_picture_leaves_the_target_high)
{
  const Link *link = &links[__i__].link;
  gdouble can = MIN (link->phases[0].kbps, link->max_kbps) * 1000.0;
  Simulation *sim = g_new (Simulation, 1);
  gdouble without, with, lowest;
  Part part, later;

  run_quietly (link, FALSE, sim, &part);
  without = gst_rcast_rate_get_target (sim->rate);
  g_array_unref (part.waits);
  simulation_clear (sim);

  run_quietly (link, TRUE, sim, &part);
  with = lowest = gst_rcast_rate_get_target (sim->rate);
  GST_INFO ("%s: %.0f without, %.0f with; %u probes, padding %.1f %%, queue "
      "%.0f ms, lost %u of %u", link->name, without, with, sim->probes,
      100 * sim->padding / part.arrived, percentile (&part, 1), part.lost, part.n);
  fail_unless (without <= links[__i__].before * can, "%s: %.0f without",
      link->name, without);
  fail_unless (with >= links[__i__].known * can, "%s: %.0f with", link->name,
      with);
  fail_unless (sim->probes > 0 && sim->padding <= CREDIT + 20.0 * LEAST_SHARE
      + 0.2 * can, "%s: %u probes, %.0f bits", link->name, sim->probes,
      sim->padding);
  fail_unless (percentile (&part, 1) <= links[__i__].queue_ms,
      "%s: queue %.0f ms", link->name, percentile (&part, 1));
  fail_unless (part.lost <= links[__i__].lost * part.n, "%s: lost %u of %u",
      link->name, part.lost, part.n);
  /* The target stays, except that a probe of a full link lowers it for a moment. */
  part_init (&later);
  while (sim->now < 120 * GST_SECOND) {
    turn (sim, &later);
    lowest = MIN (lowest, gst_rcast_rate_get_target (sim->rate));
  }
  fail_unless (lowest >= 0.6 * MIN (with, can), "%s: down to %.0f", link->name,
      lowest);
  g_array_unref (later.waits);
  g_array_unref (part.waits);
  simulation_clear (sim);
  g_free (sim);
}

GST_END_TEST;

/* Returns: the bits that arrive in the first two seconds of a picture that moves again */
static gdouble
move_at_last (gboolean probes)
{
  Simulation *sim = g_new (Simulation, 1);
  gdouble arrived;
  Part part, moves;

  run_quietly (&links[0].link, probes, sim, &part);
  part_init (&moves);
  sim->need = 0;
  run_until (sim, 22, &moves);
  arrived = moves.arrived;
  g_array_unref (part.waits);
  g_array_unref (moves.waits);
  simulation_clear (sim);
  g_free (sim);
  return arrived;
}

/* The purpose of probes */
GST_START_TEST (test_a_picture_that_moves_again_is_not_thin)
{
  gdouble without = move_at_last (FALSE), with = move_at_last (TRUE);

  GST_INFO ("%.0f kbit/s without, %.0f with", without / 2000, with / 2000);
  fail_unless (with >= 1.5 * without && with >= 2 * 3000000, "%.0f and %.0f",
      without, with);
}

GST_END_TEST;

/* A picture of 120 kbit/s that moves in three of 13 seconds. Returns: the bits that arrive then */
static gdouble
run_in_turns (const Link * link, guint seed, gboolean probes, gdouble * lost)
{
  Simulation *sim = g_new (Simulation, 1);
  Part quiet_part, moves;
  gdouble arrived;

  simulation_init (sim, link, seed);
  part_init (&quiet_part);
  part_init (&moves);
  if (probes)
    simulation_probe (sim);
  for (guint s = 0; s < 20 * N_CHANGES; s++) {
    sim->need = s % 13 < 10 ? 120000 : 0;
    gst_rcast_rate_set_eager (sim->rate, sim->need == 0);
    run_until (sim, s + 1, sim->need > 0 ? &quiet_part : &moves);
  }
  arrived = moves.arrived;
  *lost = (gdouble) (moves.lost + quiet_part.lost) / (moves.n + quiet_part.n);
  g_array_unref (quiet_part.waits);
  g_array_unref (moves.waits);
  simulation_clear (sim);
  g_free (sim);
  return arrived;
}

/* Probes find more rate than they cost, however the links change meanwhile. */
GST_START_TEST (test_probes_do_more_good_than_harm)
{
  gdouble with = 0, without = 0, lost_with = 0, lost_without = 0;
  guint better = 0, worse = 0;

  for (guint seed = 0; seed < N_RANDOM; seed++) {
    g_autoptr (GRand) random = g_rand_new_with_seed (seed);
    gdouble arrived[2], lost[2];
    Link link;

    make_random_link (&link, 60, random);
    link.start_kbps = 500;
    arrived[0] = run_in_turns (&link, seed, FALSE, &lost[0]);
    arrived[1] = run_in_turns (&link, seed, TRUE, &lost[1]);
    better += arrived[1] > 1.05 * arrived[0];
    worse += arrived[1] < 0.95 * arrived[0];
    without += arrived[0];
    with += arrived[1];
    lost_without += lost[0] / N_RANDOM;
    lost_with += lost[1] / N_RANDOM;
  }
  GST_INFO ("%.3f times as much, better on %u links, worse on %u; lost %.4f, "
      "%.4f without", with / without, better, worse, lost_with, lost_without);
  fail_unless (with >= without && better > 2 * worse, "%.3f times as much, "
      "better on %u links, worse on %u", with / without, better, worse);
  fail_unless (lost_with <= lost_without + 0.005, "%.4f lost, %.4f without",
      lost_with, lost_without);
}

GST_END_TEST;

static Suite *
probing_suite (void)
{
  Suite *suite = suite_create ("probing");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_a_probe_needs_a_reason, 0, G_N_ELEMENTS (rows));
  tcase_add_test (tc, test_a_probe_has_to_be_possible);
  tcase_add_loop_test (tc, test_padding_is_paced, 0, G_N_ELEMENTS (rates));
  tcase_add_loop_test (tc, test_what_arrives_is_shown, 0, G_N_ELEMENTS (fates));
  tcase_add_test (tc, test_a_probe_that_shows_nothing_doubles_the_wait);
  tcase_add_test (tc, test_padding_without_numbers_is_soon_given_up);
  tcase_add_test (tc, test_losses_are_excused_while_they_may_be_of_a_probe);
  tcase_add_loop_test (tc, test_padding_takes_a_share_in_the_long_run, 0,
      G_N_ELEMENTS (sources));
  tcase_add_loop_test (tc, test_a_probe_may_end_at_any_time, 0, 8);
  tcase_add_test (tc, test_a_standstill_leaves_no_burst);
  tcase_add_loop_test (tc, test_a_quiet_picture_leaves_the_target_high, 0,
      G_N_ELEMENTS (links));
  tcase_add_test (tc, test_a_picture_that_moves_again_is_not_thin);
  tcase_add_test (tc, test_probes_do_more_good_than_harm);
  return suite;
}

GST_CHECK_MAIN (probing);
