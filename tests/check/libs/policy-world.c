/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The policy with simulated servers that fail and heal: the session always comes back. */
#include "config.h"

#include "policy-story.h"
#include "rcast-policy-second.h"
#include "rcast-policy-servers.h"

#define N_GROUPS 8
#define N_SEEDS 40
#define N_SERVERS 3
#define N_ABSENCES 100
/* Beyond every delay, Retry-After, interval and deadline of the policy */
#define TIME_TO_HEAL (240 * GST_SECOND)
/* How soon a dead path is noticed */
#define NOTICE MS (1000)

/* How a server answers a client */
typedef enum
{
  WELL,
  GONE,                         /* refuses connections, and has forgotten its sessions */
  HOLE,                         /* accepts everything, and answers nothing */
  REFUSES,                      /* refuses for good */
  ASKS_TO_WAIT,                 /* says when to try again */
  NO_MEDIA,                     /* answers, but no media connects */
  SILENT,                       /* media connects, and is never reported */
  N_MOODS,
} Mood;

/* An attempt, as the simulated driver knows it */
typedef struct
{
  gboolean there;
  guint generation;
  guint location;
  gboolean open;
  gboolean known;               /* to its server */
  gboolean connected;
  gboolean flows;
  gboolean opening, offering, restarting;       /* not answered yet */
} Side;

typedef struct
{
  GstClockTime at;
  GstRcastEvent event;
} News;

typedef struct
{
  GRand *rand;
  GstRcastPolicy policy;
  GstClockTime now;
  gboolean network;
  Mood moods[N_SERVERS];
  Side main, second;
  GArray *news;
  /* of the signaller and the servers */
  gboolean can_restart, can_renegotiate, can_resume, one_slot;
  guint32 can_second;
  guint resume_ms;
  guint won, moved, dropped;
} World;

static gboolean
chance (World * world, guint of)
{
  return g_rand_int_range (world->rand, 0, of) == 0;
}

static void
expect (World * world, guint in_ms, GstRcastEvent event)
{
  News news = { world->now + MS (in_ms), event };

  g_array_append_val (world->news, news);
}

static void
expect_of (World * world, const Side * side, guint in_ms,
    GstRcastEventType type)
{
  expect (world, in_ms, (GstRcastEvent) {
      .type = type,.generation = side->generation});
}

static Mood
mood_of (const World * world, const Side * side)
{
  return world->network ? world->moods[side->location] : HOLE;
}

/* The failure of a request to a server that is not well */
static void
expect_failure (World * world, const Side * side, GstRcastEventType type)
{
  GstRcastEvent event = {.type = type,.generation = side->generation };
  Mood mood = mood_of (world, side);

  event.unreachable = mood == GONE || mood == HOLE;
  event.fatal = mood == REFUSES;
  event.retry_after = mood == ASKS_TO_WAIT ? MS (3000) : 0;
  event.reason = event.unreachable ? R (SIGNALLING_LOST) : R (REJECTED);
  /* A black hole may be noticed, or not. */
  if (mood != HOLE)
    expect (world, 10, event);
  else if (chance (world, 2))
    expect (world, 1500, event);
}

static gboolean
answers (Mood mood)
{
  return mood == WELL || mood == NO_MEDIA || mood == SILENT;
}

static gboolean
is_slot_taken (const World * world, const Side * side)
{
  const Side *other = side == &world->main ? &world->second : &world->main;

  return world->one_slot && other->there && other->known
      && other->location == side->location;
}

/* The driver: a session of an attempt */

static void
open_side (World * world, Side * side, guint generation, guint location)
{
  *side = (Side) {.there = TRUE,.generation = generation,.location = location };
  side->opening = mood_of (world, side) == HOLE;
  if (answers (mood_of (world, side)))
    expect_of (world, side, 20, E (SIGNALLER_OPEN));
  else
    expect_failure (world, side, E (SIGNALLER_FAILED));
}

static void
offer (World * world, Side * side, guint generation)
{
  side->generation = generation;
  side->connected = side->flows = side->opening = side->restarting = FALSE;
  side->offering = mood_of (world, side) == HOLE;
  if (is_slot_taken (world, side)) {
    expect (world, 20, (GstRcastEvent) {
        .type = E (SIGNALLER_FAILED),.generation = generation,
        .fatal = TRUE,.busy = TRUE,.reason = R (REJECTED)});
    return;
  }
  if (!answers (mood_of (world, side))) {
    expect_failure (world, side, E (SIGNALLER_FAILED));
    return;
  }
  side->open = side->known = TRUE;
  expect_of (world, side, 20, E (NEGOTIATED));
  side->connected = mood_of (world, side) != NO_MEDIA;
  if (side->connected)
    expect_of (world, side, 50, E (MEDIA_CONNECTED));
}

static void
open_gates (World * world, Side * side)
{
  Mood mood = mood_of (world, side);

  side->flows = side->connected && (mood == WELL || mood == SILENT);
  if (side->flows && mood == WELL)
    expect_of (world, side, 100, E (MEDIA_CONFIRMED));
  else if (!side->flows)
    expect_of (world, side, 1000, E (MEDIA_DISCONNECTED));
}

static void
restart_ice (World * world, Side * side)
{
  Mood mood = mood_of (world, side);
  GstRcastEvent connected = {.type = E (MEDIA_CONNECTED),
    .generation = side->generation,.restarted = TRUE
  };

  side->restarting = mood == HOLE;
  if (!answers (mood)) {
    expect_failure (world, side, E (RESTART_FAILED));
  } else if (!side->known) {
    expect_of (world, side, 20, E (EVICTED));
  } else {
    expect_of (world, side, 20, E (NEGOTIATED));
    if (mood == NO_MEDIA) {
      expect_of (world, side, 1000, E (RESTART_HOPELESS));
      return;
    }
    expect (world, 50, connected);
    side->flows = TRUE;
    if (mood == WELL)
      expect_of (world, side, 100, E (MEDIA_CONFIRMED));
  }
}

static void
resume (World * world, Side * side)
{
  if (!answers (mood_of (world, side)))
    expect_failure (world, side, E (RESUME_FAILED));
  else
    expect_of (world, side, 20, side->known ? E (SIGNALLER_RESUMED) :
        E (EVICTED));
}

/* An attempt that waits for an answer begins again, if @location can be reached. */
static void
connect_again (World * world, Side * side, guint location)
{
  Mood mood = world->network ? world->moods[location] : HOLE;

  if (!side->there || side->location != location || mood == HOLE)
    return;
  if (side->opening)
    open_side (world, side, side->generation, location);
  else if (side->offering)
    offer (world, side, side->generation);
  else if (side->restarting)
    restart_ice (world, side);
}

/* @generation: of the attempt that asks */
static void
look (World * world, guint location, guint generation, GstRcastEventType good,
    GstRcastEventType bad)
{
  Mood mood = world->network ? world->moods[location] : HOLE;

  expect (world, 20, (GstRcastEvent) {
      .type = mood != GONE && mood != HOLE ? good : bad,
      .generation = generation});
  connect_again (world, &world->main, location);
  connect_again (world, &world->second, location);
}

/* The driver: actions of the policy */

static void
act_on_second (World * world, const GstRcastStep * step)
{
  const GstRcastPolicy *policy = &world->policy;

  if (step->actions & A (DROP_SECOND)) {
    REQUIRE (world->second.there, "there is nothing to drop");
    world->second.there = FALSE;
    world->dropped++;
  }
  if (step->actions & A (OPEN_SECOND)) {
    REQUIRE (!world->second.there, "a third attempt");
    open_side (world, &world->second, policy->second_generation,
        policy->second_location);
  }
  if (step->actions & (A (OFFER_SECOND) | A (OPEN_SECOND_GATES) | A (PROMOTE)))
    REQUIRE (world->second.there, "there is no second attempt");
  if (step->actions & A (OFFER_SECOND)) {
    REQUIRE (policy->streams_ready, "offers nothing");
    offer (world, &world->second, policy->second_generation);
  }
  if (step->actions & A (OPEN_SECOND_GATES))
    open_gates (world, &world->second);
  if (step->actions & A (PROBE_SECOND)) {
    REQUIRE (policy->second != SECOND (NONE), "probes for nobody");
    look (world, policy->second_probe,
        policy->servers[policy->second_probe].probe_generation,
        E (PROBE_ANSWERED), E (PROBE_UNANSWERED));
  }
  if (step->actions & A (PROMOTE)) {
    world->moved += policy->second_kind != GST_RCAST_SECOND_KIND_HEDGE;
    world->won++;
    world->main = world->second;
    world->second.there = FALSE;
    expect (world, 0, (GstRcastEvent) {.type = E (STREAMS_CHANGED),
        .fewer = TRUE});
  }
}

static void
act_on_main (World * world, const GstRcastStep * step)
{
  if (step->actions & A (CLOSE_SIGNALLER)) {
    world->main.there = FALSE;
    expect (world, 30, (GstRcastEvent) {.type = E (SIGNALLER_CLOSED)});
  }
  if (step->actions & A (OPEN_SIGNALLER))
    open_side (world, &world->main, step->generation, step->location);
  if (step->actions & A (RESUME_SIGNALLER))
    resume (world, &world->main);
  if (step->actions & A (MAKE_OFFER))
    offer (world, &world->main, step->generation);
  if (step->actions & A (RESTART_ICE))
    restart_ice (world, &world->main);
  if (step->actions & A (OPEN_GATES))
    open_gates (world, &world->main);
  if (step->actions & A (DRAIN))
    expect_of (world, &world->main, 10, E (DRAINED));
  if (step->actions & A (CHECK))
    look (world, 0, 0, E (CHECK_PASSED), E (CHECK_FAILED));
  if (step->actions & A (PROBE))
    look (world, world->policy.location, world->policy.generation,
        E (PROBE_ANSWERED), E (PROBE_UNANSWERED));
}

/* Invariants after each step */

static gboolean
waits (GstRcastState state)
{
  return state != S (IDLE) && state != S (PREPARING) && state != S (CONNECTED)
      && state != S (LIVE) && state != S (FAILED);
}

static gboolean
is_alone (GstRcastState state)
{
  return state == S (IDLE) || state == S (PREPARING) || state == S (CLOSING)
      || state == S (FAILED);
}

static void
check_second (const GstRcastPolicy * policy)
{
  gboolean under_way = policy->second >= SECOND (SIGNALLING);

  REQUIRE (GST_CLOCK_TIME_IS_VALID (policy->second_deadline)
      == (policy->second != SECOND (NONE)),
      "a second attempt in %d without an end", policy->second);
  REQUIRE (!GST_CLOCK_TIME_IS_VALID (policy->second_probe_at)
      || policy->second != SECOND (NONE), "nobody is probed for");
  REQUIRE (!under_way || !is_alone (policy->state),
      "a second attempt beside state %d", policy->state);
  REQUIRE (!under_way || policy->second_generation != policy->generation);
  REQUIRE (policy->generation <= policy->last_generation
      && policy->second_generation <= policy->last_generation);
  REQUIRE (!waits (policy->state) || GST_CLOCK_TIME_IS_VALID (policy->deadline)
      || (policy->state == S (SIGNALLING) && policy->attempt == 0),
      "state %d waits for ever", policy->state);
  REQUIRE (policy->config.max_retries < 0
      || policy->attempt <= (guint) policy->config.max_retries,
      "attempt %u", policy->attempt);
}

/* Returns: whether the policy heeded the event */
static gboolean
happens (World * world, GstRcastEvent event)
{
  GstRcastPolicy *policy = &world->policy;
  GstRcastAbilities abilities = {
    .can_restart = world->can_restart && world->main.connected
        && !policy->signalling_lost,
    .can_renegotiate = world->can_renegotiate && world->main.open
        && !policy->signalling_lost,
    .can_resume = world->can_resume,
    .can_probe = TRUE,
    .can_second = world->can_second,
    .resume_time = MS (world->resume_ms),
  };
  GstRcastStep step;

  gst_rcast_policy_step (policy, &event, &abilities, g_rand_int (world->rand),
      world->now, &step);
  act_on_second (world, &step);
  act_on_main (world, &step);
  check_second (policy);
  REQUIRE (world->second.there == (policy->second >= SECOND (SIGNALLING)));
  REQUIRE (!world->second.there
      || (world->second.generation == policy->second_generation
          && world->second.location == policy->second_location));
  return !step.ignored;
}

static void
happens_now (World * world, GstRcastEventType type)
{
  happens (world, (GstRcastEvent) {.type = type});
}

/* Media that flows again in time has not failed for good. */
static void
arrives (World * world, GstRcastEvent event)
{
  const Side *side = event.generation == world->main.generation ?
      &world->main : &world->second;

  if (event.type != E (MEDIA_FAILED) || !side->there || !side->flows)
    happens (world, event);
}

/* Time */

static gint
find_next_news (const World * world)
{
  gint next = -1;

  for (guint i = 0; i < world->news->len; i++)
    if (next < 0 || g_array_index (world->news, News, i).at
        < g_array_index (world->news, News, next).at)
      next = i;
  return next;
}

static void
pass_until (World * world, GstClockTime end)
{
  for (;;) {
    gint next = find_next_news (world);
    GstClockTime at = next < 0 ? GST_CLOCK_TIME_NONE :
        g_array_index (world->news, News, next).at;
    GstClockTime tick = gst_rcast_policy_get_deadline (&world->policy);
    GstClockTime probe = gst_rcast_policy_get_probe_time (&world->policy);

    if (MIN (MIN (at, tick), probe) > end)
      break;
    world->now = MAX (world->now, MIN (MIN (at, tick), probe));
    if (at <= MIN (tick, probe)) {
      GstRcastEvent event = g_array_index (world->news, News, next).event;

      g_array_remove_index (world->news, next);
      arrives (world, event);
    } else {
      REQUIRE (happens (world, (GstRcastEvent) {
              .type = tick <= probe ? E (TICK) : E (PROBE_DUE)}),
          "nobody answers a deadline in %d", world->policy.state);
    }
  }
  world->now = end;
}

static gboolean
is_well (const World * world)
{
  const GstRcastPolicy *policy = &world->policy;

  return policy->state == S (LIVE) && policy->second == SECOND (NONE)
      && world->main.there && world->main.flows && policy->attempt == 0;
}

/* Faults */

static void
break_media (World * world, Side * side)
{
  static const GstRcastEventType signs[] = { E (MEDIA_DISCONNECTED),
    E (MEDIA_FAILED), E (MEDIA_FROZEN), E (MEDIA_SUSPECT)
  };
  GstRcastEvent event = {.type = signs[g_rand_int_range (world->rand, 0,
              G_N_ELEMENTS (signs))],.generation = side->generation,
    .lag = NOTICE
  };

  side->flows = FALSE;
  expect (world, 1000, event);
  expect_of (world, side, 15000, E (MEDIA_FAILED));
}

static void
break_server (World * world, guint index)
{
  Side *sides[] = { &world->main, &world->second };

  world->moods[index] = g_rand_int_range (world->rand, 0, N_MOODS);
  for (guint i = 0; i < 2; i++) {
    if (!sides[i]->there || sides[i]->location != index
        || answers (world->moods[index]))
      continue;
    sides[i]->known &= world->moods[index] != GONE;
    if (sides[i]->connected)
      break_media (world, sides[i]);
  }
}

static void
break_network (World * world)
{
  world->network = FALSE;
  if (world->main.there && world->main.connected)
    break_media (world, &world->main);
  if (world->second.there && world->second.connected)
    break_media (world, &world->second);
}

static void
mend_network (World * world)
{
  world->network = TRUE;
  happens_now (world, E (NETWORK_UP));
}

/* The session of @side fails. */
static void
break_session (World * world, Side * side)
{
  static const GstRcastEventType ends[] = { E (EVICTED), E (SERVER_HANGUP),
    E (SIGNALLER_LOST), E (PEER_FAILED), E (SIGNALLER_FAILED)
  };
  GstRcastEventType end =
      ends[g_rand_int_range (world->rand, 0, G_N_ELEMENTS (ends))];

  if (!side->there)
    return;
  if (end == E (EVICTED))
    side->known = FALSE;
  if (end != E (SIGNALLER_LOST))
    side->flows = FALSE;
  if (end == E (SIGNALLER_FAILED) && side->flows)
    return;
  happens (world, (GstRcastEvent) {.type = end,.generation = side->generation});
  if (end == E (SIGNALLER_FAILED) && side->there && side->connected)
    break_media (world, side);
}

static void
mend_media (World * world, Side * side)
{
  if (!side->there || !side->connected || !side->known || side->flows
      || !answers (mood_of (world, side)))
    return;
  side->flows = TRUE;
  expect_of (world, side, 10, E (MEDIA_CONNECTED));
  expect_of (world, side, 100, E (MEDIA_CONFIRMED));
}

/* The list of servers rotates: another server is the first one. */
static void
set_locations (World * world)
{
  guint n = world->policy.config.n_locations, former[N_SERVERS];
  Mood moods[N_SERVERS];
  gboolean moved;

  for (guint i = 0; i < n; i++)
    former[i] = (i + 1) % n;
  for (guint i = 0; i < n; i++)
    moods[i] = world->moods[former[i]];
  memcpy (world->moods, moods, n * sizeof (Mood));
  world->main.location = (world->main.location + n - 1) % n;
  world->second.location = (world->second.location + n - 1) % n;
  moved = gst_rcast_policy_relocate (&world->policy, former, n, n);
  happens (world, (GstRcastEvent) {.type = E (LOCATIONS_CHANGED),
      .moved = moved,.reason = R (USER)});
}

static void
change_streams (World * world)
{
  switch (g_rand_int_range (world->rand, 0, 3)) {
    case 0:
      happens_now (world, E (STREAMS_PENDING));
      break;
    case 1:
      happens_now (world, E (STREAMS_READY));
      break;
    case 2:
      happens (world, (GstRcastEvent) {.type = E (STREAMS_CHANGED),
          .fewer = chance (world, 2)});
      break;
  }
}

static void
ask (World * world)
{
  static const GstRcastEventType wishes[] = { E (RESTART), E (RECONNECT_NOW),
    E (NETWORK_UP), E (PATH_SWITCHED)
  };
  GstRcastEventType wish =
      wishes[g_rand_int_range (world->rand, 0, G_N_ELEMENTS (wishes))];

  if (wish != E (PATH_SWITCHED) || world->main.flows)
    happens_now (world, wish);
}

static void
do_harm (World * world)
{
  Side *side = chance (world, 3) ? &world->second : &world->main;
  guint index = g_rand_int_range (world->rand, 0,
      world->policy.config.n_locations);

  switch (g_rand_int_range (world->rand, 0, 10)) {
    case 0:
    case 1:
      break_server (world, index);
      break;
    case 2:
      world->moods[index] = WELL;
      break;
    case 3:
      if (side->there && side->connected)
        break_media (world, side);
      break;
    case 4:
      break_session (world, side);
      break;
    case 5:
      mend_media (world, side);
      break;
    case 6:
      if (world->network)
        break_network (world);
      else
        mend_network (world);
      break;
    case 7:
      change_streams (world);
      break;
    case 8:
      ask (world);
      break;
    case 9:
      set_locations (world);
      break;
  }
}

static void
heal (World * world)
{
  for (guint i = 0; i < N_SERVERS; i++)
    world->moods[i] = WELL;
  mend_network (world);
  happens_now (world, E (STREAMS_READY));
  /* Media that flows without a report so far is reported at last. */
  if (world->main.there && world->main.flows)
    expect_of (world, &world->main, 100, E (MEDIA_CONFIRMED));
  if (world->second.there && world->second.flows)
    expect_of (world, &world->second, 100, E (MEDIA_CONFIRMED));
}

static void
world_init (World * world, guint seed, gint max_retries)
{
  GstRcastPolicyConfig config = policy_config;

  *world = (World) {
    .rand = g_rand_new_with_seed (seed),
    .network = TRUE,
    .news = g_array_new (FALSE, FALSE, sizeof (News)),
  };
  config.n_locations = g_rand_int_range (world->rand, 1, N_SERVERS + 1);
  world->can_restart = chance (world, 2);
  world->one_slot = chance (world, 2);
  world->can_resume = chance (world, 2);
  world->can_renegotiate = chance (world, 2);
  config.hedge_delay = chance (world, 4) ? 0 : MS (1000);
  world->can_second = chance (world, 4) ? 0 : 7;
  world->resume_ms = chance (world, 4) ? 25000 : 0;
  config.failback_interval = chance (world, 3) ? 0 : MS (30000);
  config.reconnect_media = chance (world, 4);
  config.give_up = chance (world, 2) ? GST_RCAST_GIVE_UP_NEVER :
      GST_RCAST_GIVE_UP_ON_REFUSAL;
  config.max_retries = max_retries;
  gst_rcast_policy_init (&world->policy, &config);
  happens_now (world, E (START));
  happens_now (world, E (STREAMS_READY));
  pass_until (world, MS (1000));
  REQUIRE (is_well (world), "not even once on air");
}

static void
world_clear (World * world)
{
  g_rand_free (world->rand);
  g_array_unref (world->news);
}

static void
live_through_faults (World * world)
{
  guint n = g_rand_int_range (world->rand, 1, 40);

  for (guint i = 0; i < n; i++) {
    pass_until (world, world->now + MS (g_rand_int_range (world->rand, 0,
                chance (world, 4) ? 12000 : 1500)));
    do_harm (world);
    REQUIRE (world->policy.state != S (FAILED)
        || world->policy.config.max_retries >= 0, "it gave up");
  }
}

/* RCAST_FIRST_SEED: the first seed, for other seeds than usual */
static guint
get_seed (guint index)
{
  const gchar *first = g_getenv ("RCAST_FIRST_SEED");

  return (first ? g_ascii_strtoull (first, NULL, 10) : 0) + index;
}

static void
come_back (World * world, guint seed, guint round)
{
  GstClockTime end;

  live_through_faults (world);
  heal (world);
  end = world->now + TIME_TO_HEAL;
  while (world->now < end && !is_well (world))
    pass_until (world, world->now + MS (500));
  REQUIRE (is_well (world), "seed %u, round %u: in state %d, second %d, "
      "flows %d, attempt %u", seed, round, world->policy.state,
      world->policy.second, world->main.flows, world->policy.attempt);
}

/* A session that was on air is on air again, with one attempt. */
GST_START_TEST (test_back_when_the_world_heals)
{
  guint won = 0, moved = 0, dropped = 0;

  for (guint i = 0; i < N_SEEDS; i++) {
    guint seed = get_seed (__i__ * N_SEEDS + i);
    World world;

    world_init (&world, seed, -1);
    for (guint round = 0; round < 5; round++)
      come_back (&world, seed, round);
    won += world.won;
    moved += world.moved;
    dropped += world.dropped;
    world_clear (&world);
  }
  fail_unless (won > 40 && moved > 15 && dropped > 15,
      "won %u, moved %u, dropped %u", won, moved, dropped);
}

GST_END_TEST;

/* An end at any moment leaves nothing behind, and no attempt is repeated too often. */
GST_START_TEST (test_an_end_at_any_time)
{
  for (guint i = 0; i < 4 * N_SEEDS; i++) {
    World world;

    world_init (&world, get_seed (__i__ * 4 * N_SEEDS + i), i % 5 - 1);
    live_through_faults (&world);
    if (i % 2) {
      happens_now (&world, E (EOS));
      pass_until (&world, world.now + MS (4000));
    }
    REQUIRE (i % 2 == 0 || world.policy.state == S (IDLE)
        || world.policy.state == S (FAILED));
    happens_now (&world, E (STOP));
    assert_equals_int (world.policy.state, S (IDLE));
    fail_if (world.main.there || world.second.there);
    world_clear (&world);
  }
}

GST_END_TEST;

/* How the servers fail, and when the first one returns. */
typedef struct
{
  guint n;
  Mood first, others;
  guint away_ms;
} Absence;

/* Returns: how long the session takes to be live again after the first server has returned */
static GstClockTime
measure_return (const Absence * absence, guint seed)
{
  World world;
  GstClockTime since;

  world_init (&world, seed, -1);
  world.policy.config.n_locations = absence->n;
  world.policy.config.hedge_delay = MS (1000);
  world.policy.config.probe_interval = MS (500);
  world.can_second = 7;
  world.one_slot = FALSE;
  world.moods[0] = absence->first;
  for (guint i = 1; i < N_SERVERS; i++)
    world.moods[i] = absence->others;
  if (absence->first == GONE)
    world.main.known = FALSE;
  break_media (&world, &world.main);
  pass_until (&world, world.now + MS (absence->away_ms));
  world.moods[0] = WELL;
  since = world.now;
  while (world.policy.state != S (LIVE) && world.now < since + TIME_TO_HEAL)
    pass_until (&world, world.now + MS (10));
  world_clear (&world);
  return world.now - since;
}

/* The longest return, with the server away for N_ABSENCES different times */
static GstClockTime
measure_longest (guint n, Mood first, Mood others)
{
  GstClockTime longest = 0;

  for (guint i = 0; i < N_ABSENCES; i++) {
    const Absence absence = { n, first, others, 500 * i };

    longest = MAX (longest, measure_return (&absence, get_seed (i)));
  }
  return longest;
}

/* A return takes a probe and one attempt. Where the other servers hang, it also takes the timeout,
 * which is that of the first attempt once another server can be reached. */
GST_START_TEST (test_back_soon_after_a_server_returns)
{
  static const struct
  {
    Mood others;
    guint of_one_ms, of_two_ms; /* others */
  } rows[] = {
    {GONE, 1500, 2500},
    {REFUSES, 1500, 2500},
    {ASKS_TO_WAIT, 1500, 2500},
    {HOLE, 2500, 4000},
    {NO_MEDIA, 8500, 5000},
  };
  Mood first = __i__ ? HOLE : GONE;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    GstClockTime of_one = measure_longest (2, first, rows[i].others);
    GstClockTime of_two = measure_longest (3, first, rows[i].others);

    fail_unless (of_one <= MS (rows[i].of_one_ms)
        && of_two <= MS (rows[i].of_two_ms), "beside servers in mood %d: %"
        G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT " ms", rows[i].others,
        of_one / GST_MSECOND, of_two / GST_MSECOND);
  }
  fail_unless (measure_longest (1, first, GONE) <= MS (1500));
}

GST_END_TEST;

static void
policy_set_up (GstRcastPolicy * policy, GstRcastState state,
    GstRcastSecond second, GstRcastSecondKind kind)
{
  GstRcastPolicyConfig config = policy_config;

  config.n_locations = 2;
  config.hedge_delay = MS (1000);
  gst_rcast_policy_init (policy, &config);
  policy->state = state;
  policy->status = -1;
  policy->streams_ready = TRUE;
  policy->confirmed = state == S (LIVE);
  policy->was_on_air = TRUE;
  policy->resuming = state == S (RESUMING) || state == S (REATTACHING);
  policy->signalling_lost = policy->resuming || state == S (DETACHED);
  policy->deadline = waits (state) ? MS (5) : GST_CLOCK_TIME_NONE;
  policy->generation = 7;
  policy->second = is_alone (state) ? SECOND (NONE) : second;
  policy->second_kind = kind;
  policy->second_location = kind != GST_RCAST_SECOND_KIND_HEDGE ? 0 : 1;
  policy->location = 1 - policy->second_location;
  policy->second_generation = policy->last_generation = 8;
  policy->servers[policy->second_location].probe_generation = 8;
  policy->second_deadline = policy->second == SECOND (NONE) ?
      GST_CLOCK_TIME_NONE : MS (5);
  policy->second_probe_at = second == SECOND (CONNECTING)
      || second == SECOND (CONNECTED) ? GST_CLOCK_TIME_NONE :
      policy->second_deadline;
}

/* @variant: bits for the event's attempt, its flags, and the abilities */
static void
try_pair (GstRcastState state, GstRcastSecond second, GstRcastSecondKind kind,
    GstRcastEventType type, guint variant)
{
  gboolean of_second = variant & 1;
  GstRcastEvent event = {.type = type,.generation = of_second ? 8 : 7,
    .fatal = !!(variant & 2),.unreachable = !!(variant & 4),
    .busy = !!(variant & 8),.moved = type == E (LOCATIONS_CHANGED),
  };
  GstRcastAbilities abilities = {.can_restart = !!(variant & 16),
    .can_second = variant & 32 ? 3 : 0,
  };
  GstRcastPolicy policy;
  GstRcastStep step;
  gboolean there, dropped;

  policy_set_up (&policy, state, second, kind);
  if (policy.signalling_lost)
    abilities.can_restart = FALSE;
  policy.streams_ready = !(variant & 64);
  there = policy.second >= SECOND (SIGNALLING);
  gst_rcast_policy_step (&policy, &event, &abilities, 0, MS (5), &step);
  check_second (&policy);
  dropped = (step.actions & (A (DROP_SECOND) | A (PROMOTE))) != 0;
  REQUIRE (!dropped || there, "nothing to drop in %d on %d", state, type);
  REQUIRE (!(step.actions & A (OPEN_SECOND)) || dropped || !there,
      "a third attempt in %d on %d", state, type);
  REQUIRE ((policy.second >= SECOND (SIGNALLING))
      == ((there && !dropped) || (step.actions & A (OPEN_SECOND))),
      "lost a second attempt in %d on %d", state, type);
  REQUIRE (!(step.actions & (A (OFFER_SECOND) | A (OPEN_SECOND)))
      || policy.streams_ready, "offers nothing in %d on %d", state, type);
  REQUIRE (!(step.actions & A (PROMOTE)) || policy.generation == 8);
  REQUIRE (step.ignored ? step.actions == 0 : TRUE);
}

/* __i__ is the state. */
GST_START_TEST (test_every_event_beside_every_second_attempt)
{
  for (guint second = SECOND (NONE); second <= SECOND (CONNECTED); second++)
    for (guint kind = 0; kind <= GST_RCAST_SECOND_KIND_MOVE; kind++)
      for (guint event = 0; event <= E (RECONNECT_NOW); event++)
        for (guint variant = 0; variant < 128; variant++)
          try_pair (__i__, second, kind, event, variant);
}

GST_END_TEST;

/* Whether an earlier row always applies where @row would */
static gboolean
is_shadowed (const GstRcastSecondRow * row, guint second, guint event)
{
  for (const GstRcastSecondRow * r = gst_rcast_policy_second_rows; r < row; r++)
    if ((r->seconds >> second & 1) && (r->events >> event & 1)
        && (r->guards & ~row->guards) == 0)
      return TRUE;
  return FALSE;
}

GST_START_TEST (test_every_row_of_the_second_attempt_counts)
{
  guint guards = 0;

  for (guint i = 0; i < gst_rcast_policy_n_second_rows; i++) {
    const GstRcastSecondRow *row = &gst_rcast_policy_second_rows[i];

    guards |= row->guards;
    fail_unless (row->seconds && row->events);
    fail_if (row->main && (row->main->actions & A (PROMOTE))
        && row->next != SECOND (NONE));
    for (guint s = 0; s <= SECOND (CONNECTED); s++)
      for (guint e = 0; e <= E (RECONNECT_NOW); e++)
        fail_if ((row->seconds >> s & 1) && (row->events >> e & 1)
            && row->guards && is_shadowed (row, s, e), "row %u never counts", i);
  }
#define COUNT(...) + 1
  assert_equals_int_hex (guards, (1u << (0 GST_RCAST_SECOND_GUARDS (COUNT)))
      - 1);
#undef COUNT
}

GST_END_TEST;

static Suite *
policy_world_suite (void)
{
  Suite *s = suite_create ("policy-world");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_every_row_of_the_second_attempt_counts);
  tcase_add_loop_test (tc, test_every_event_beside_every_second_attempt, 0,
      S (FAILED) + 1);
  tcase_add_loop_test (tc, test_back_soon_after_a_server_returns, 0, 2);
  tcase_add_loop_test (tc, test_back_when_the_world_heals, 0, N_GROUPS);
  tcase_add_loop_test (tc, test_an_end_at_any_time, 0, N_GROUPS);
  return s;
}

GST_CHECK_MAIN (policy_world);
