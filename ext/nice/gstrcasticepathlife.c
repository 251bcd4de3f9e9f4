/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides from its packets whether a path is alive, suspect or dead. Pure. */
#include "config.h"

#include "gstrcasticepathlife.h"

#include <math.h>
#include <string.h>

#define MS ((gint64) 1000)
#define SECOND (1000 * MS)

/* RFC 7675 5.1: every 5 s, each time randomised by 0.8 to 1.2 */
#define CONSENT_INTERVAL (5 * SECOND)
/* RFC 7675 5.1: 30 s after the last answer */
#define CONSENT_TIMEOUT (30 * SECOND)

/* Spacing of checks in a burst: the default Ta of RFC 8445 14.2, 50 ms. */
#define BURST_SPACING (50 * MS)
#define BURST_CHECKS 6
/* An idle path is checked so rarely that it takes long to tell loss from death. */
#define IDLE_CHECKS 8
/* On a lossy path, keep checking until chance explains the missing answers with less probability
 * than this. */
#define MAX_CHANCE 1e-7
#define MAX_CHECKS 24
/* Weights of a new outcome in the smoothed loss and in the long-term loss. The smoothed loss alone
 * is now and then too low by chance. */
#define LOSS_WEIGHT (1. / 16)
#define LONG_LOSS_WEIGHT (1. / 128)
/* The loss of a path is unknown until this many checks are answered. Until then, assume
 * UNKNOWN_LOSS. */
#define LOSS_ANSWERS 16
#define UNKNOWN_LOSS 0.06
/* How often a dead path is checked while it still has consent. */
#define DEAD_SPACING (1 * SECOND)
/* How often an idle path is checked. */
#define IDLE_SPACING (500 * MS)
/* After this long without an answer, consent is in danger even if media comes in. With 20 % loss
 * each way, one full series of consent checks in 500 is lost. */
#define CONSENT_DANGER (2 * CONSENT_INTERVAL)

/* How much longer than two round trips an answer takes at most. */
#define SLACK (150 * MS)
/* Assumed until the first round-trip time is known. */
#define UNKNOWN_RTT (100 * MS)
#define SUSPECT_CHECKS 3
/* For a path that another path can replace at once: how often to check it during silence, and after
 * how much silence to suspect it. A false alarm costs only a few duplicated packets. */
#define BACKED_SPACING (100 * MS)
#define BACKED_SILENCE (250 * MS)
#define BACKED_CHECKS 2
#define BACKED_SLACK (50 * MS)
#define BACKED_CHANCE 0.04
/* A path counts as slow once it has been slow for one or two of these windows. */
#define RTT_WINDOW (5 * SECOND)
/* When a path is failing, so that an early restart is worth asking for. */
#define FAILING_CHECKS 4
#define FAILING_SHARE 0.6
#define FAILING_CHANCE 1e-7
/* The same if another path is well: less is at stake. */
#define MISSED_SHARE 0.4
#define MISSED_CHANCE 1e-5
/* How many packets it takes to know the rhythm. */
#define RHYTHM_PACKETS 8

/* Expected interval of steps. After a step that is LATE, unread packets may be waiting. The thread
 * has stood still if a step is late by a part of the timeout and by LEAST_STANDSTILL or more. */
#define STEP_SPACING (50 * MS)
#define LATE (10 * MS)
#define LEAST_STANDSTILL (200 * MS)

void
gst_rcast_ice_path_life_init (GstRcastIcePathLife * life, gint64 timeout,
    gboolean checkable, gint64 now)
{
  *life = (GstRcastIcePathLife) {
    .state = GST_RCAST_ICE_LIFE_ALIVE,.timeout = timeout,.checkable =
        checkable,.last_heard = now,.silent_since = now,
        /* libnice has just received an answer. */
  .last_answer = now,.next_consent = now,.since = now,};
}

static void
set_state (GstRcastIcePathLife * life, GstRcastIceLifeState state, gint64 now)
{
  if (life->state == state)
    return;
  life->state = state;
  life->since = now;
}

/* How late this step is, if that is a standstill. 0: no standstill */
static gint64
find_standstill (const GstRcastIcePathLife * life, gint64 now)
{
  gint64 late = now - life->last_step - STEP_SPACING;

  if (life->last_step == 0 || late < MAX (life->timeout / 4, LEAST_STANDSTILL))
    return 0;
  return late;
}

static void
alive (GstRcastIcePathLife * life, gint64 now)
{
  life->last_heard = now;
  life->silent_since = now;
  life->unanswered = 0;
  life->first_unanswered = 0;
  if (!life->expired)
    set_state (life, GST_RCAST_ICE_LIFE_ALIVE, now);
}

/* RTP, RTCP or DTLS has arrived. */
void
gst_rcast_ice_path_life_heard (GstRcastIcePathLife * life, gint64 now)
{
  gint64 gap = now - life->last_packet;

  /* Neither an outage nor a standstill of this thread is part of the rhythm. The longest gap
   * counts, and fades. */
  if (life->state == GST_RCAST_ICE_LIFE_ALIVE && life->last_packet > 0
      && find_standstill (life, now) == 0) {
    if (gap > life->rhythm)
      life->rhythm = MIN (gap, 4 * life->timeout);
    else
      life->rhythm -= (life->rhythm - gap) / 64;
    life->heard++;
  }
  life->last_packet = now;
  alive (life, now);
}

static void
forget_checks (GstRcastIcePathLife * life, guint n)
{
  life->n_open -= n;
  memmove (life->open, life->open + n, life->n_open * sizeof *life->open);
}

/* @outcome: 1: lost, 0: answered */
static void
learn_outcome (GstRcastIcePathLife * life, guint outcome)
{
  life->loss += (outcome - life->loss) * LOSS_WEIGHT;
  life->long_loss += (outcome - life->long_loss) * LONG_LOSS_WEIGHT;
}

/* A check is lost if a later one is answered first. A check sent after the answered one may still
 * be answered: a slow answer is not a loss. Checks lost in an outage do not count, nor those lost
 * in a standstill of this thread, when the socket overflows.
 * @sent: when the answered check was sent */
static void
learn_loss (GstRcastIcePathLife * life, gint64 sent, gint64 now)
{
  gboolean learns = life->state != GST_RCAST_ICE_LIFE_DEAD
      && sent >= life->stood_still && find_standstill (life, now) == 0;
  guint n = 0;

  for (; n < life->n_open && life->open[n] < sent; n++) {
    if (learns)
      learn_outcome (life, 1);
  }
  if (learns)
    learn_outcome (life, 0);
  if (n < life->n_open && life->open[n] == sent)
    n++;
  forget_checks (life, n);
}

/* Only a queue that stands for some seconds makes a path slow. A short one does not, so take the
 * minimum. */
static void
learn_least_rtt (GstRcastIcePathLife * life, gint64 now)
{
  if (life->rtt_least[0] == 0 || now - life->rtt_window >= RTT_WINDOW) {
    life->rtt_least[1] = life->rtt_least[0];
    life->rtt_least[0] = life->rtt;
    life->rtt_window = now;
  }
  life->rtt_least[0] = MIN (life->rtt_least[0], life->rtt);
}

/* Returns: the lowest smoothed round-trip time of the last 5 to 10 s; 0: unknown */
gint64
gst_rcast_ice_path_life_get_least_rtt (const GstRcastIcePathLife * life)
{
  return life->rtt_least[1] > 0 ? MIN (life->rtt_least[0], life->rtt_least[1]) :
      life->rtt_least[0];
}

static void
learn_rtt (GstRcastIcePathLife * life, gint64 rtt)
{
  /* RFC 6298 2 */
  if (life->rtt == 0) {
    life->rtt = rtt;
    life->rtt_variation = rtt / 2;
  } else {
    gint64 error = rtt - life->rtt;

    life->rtt_variation += (ABS (error) - life->rtt_variation) / 4;
    life->rtt += error / 8;
  }
}

/* Whether an answer may have waited in the socket while this thread stood still. */
static gboolean
was_kept_waiting (const GstRcastIcePathLife * life, gint64 sent, gint64 now)
{
  return find_standstill (life, now) > 0 || sent < life->stood_still;
}

/* @sent: as in gst_rcast_ice_path_life_checked()
 * @rtt: until the answer arrived, even if it was read late. If not @exact, until the answer was
 * read */
void
gst_rcast_ice_path_life_answered (GstRcastIcePathLife * life, gint64 sent,
    gint64 rtt, gboolean exact, gint64 now)
{
  learn_loss (life, sent, now);
  if (exact || !was_kept_waiting (life, now - rtt, now)) {
    learn_rtt (life, rtt);
    learn_least_rtt (life, now);
  }
  life->answers++;
  life->last_answer = now;
  alive (life, now);
}

/* The peer has sent a signed error, so it is alive. RFC 7675 5.1 accepts only a success response as
 * consent, so consent may still expire. */
void
gst_rcast_ice_path_life_refused (GstRcastIcePathLife * life, gint64 now)
{
  alive (life, now);
}

/* Makes the next step request a check. */
void
gst_rcast_ice_path_life_check_now (GstRcastIcePathLife * life)
{
  life->last_check = 0;
  life->next_consent = 0;
}

/* @random: 0 to 1 */
void
gst_rcast_ice_path_life_checked (GstRcastIcePathLife * life, gdouble random, gint64 now)
{
  life->checks++;
  life->last_check = now;
  if (life->n_open == GST_RCAST_ICE_MAX_OPEN_CHECKS)
    forget_checks (life, 1);
  life->open[life->n_open++] = now;
  life->next_consent = now + (gint64) (CONSENT_INTERVAL * (0.8 + 0.4 * random));
  if (life->unanswered++ == 0)
    life->first_unanswered = now;
}

/* The path is known to be dead. */
void
gst_rcast_ice_path_life_lose (GstRcastIcePathLife * life, gint64 now)
{
  set_state (life, GST_RCAST_ICE_LIFE_DEAD, now);
}

/* The path may be dead. */
void
gst_rcast_ice_path_life_doubt (GstRcastIcePathLife * life, gint64 now)
{
  if (life->state == GST_RCAST_ICE_LIFE_ALIVE)
    set_state (life, GST_RCAST_ICE_LIFE_SUSPECT, now);
}

/* How long an answer may take. */
static gint64
patience (const GstRcastIcePathLife * life)
{
  gint64 rtt = life->rtt ? life->rtt : UNKNOWN_RTT;

  return 2 * rtt + 4 * life->rtt_variation + SLACK;
}

static gboolean
is_unusual (const GstRcastIcePathLife * life, gint64 silence)
{
  return life->heard >= RHYTHM_PACKETS
      && silence >= MAX (life->timeout / 2, 5 * life->rhythm / 2);
}

static void
judge_unchecked (GstRcastIcePathLife * life, gboolean carrying, gint64 now)
{
  gint64 silence = now - life->silent_since;

  if (!carrying || !is_unusual (life, silence))
    return;
  gst_rcast_ice_path_life_doubt (life, now);
  if (silence >= 4 * MAX (life->timeout, life->rhythm))
    gst_rcast_ice_path_life_lose (life, now);
}

/* Adds two standard deviations to a smoothed loss. */
static gdouble
add_deviations (gdouble loss, gdouble weight)
{
  return loss + 2 * sqrt (loss * (1 - loss) * weight / (2 - weight));
}

/* The smoothed loss covers about thirty checks, so it may be too low by chance. */
gdouble
gst_rcast_ice_path_life_get_worst_loss (const GstRcastIcePathLife * life)
{
  gdouble loss = life->answers < LOSS_ANSWERS ?
      MAX (life->loss, UNKNOWN_LOSS) : life->loss;

  return MAX (add_deviations (loss, LOSS_WEIGHT),
      add_deviations (life->long_loss, LONG_LOSS_WEIGHT));
}

/* How many checks in a row must fail before the path is dead. */
static guint
count_needed (const GstRcastIcePathLife * life, gboolean carrying)
{
  guint needed = carrying ? BURST_CHECKS : IDLE_CHECKS;
  gdouble loss = gst_rcast_ice_path_life_get_worst_loss (life);

  while (needed < MAX_CHECKS && pow (loss, needed) > MAX_CHANCE)
    needed++;
  return needed;
}

/* Whether enough checks in a row have failed that another path should help. */
static gboolean
is_dubious (const GstRcastIcePathLife * life, gint64 now)
{
  gdouble loss = gst_rcast_ice_path_life_get_worst_loss (life);

  return life->rtt > 0 && now - life->silent_since >= BACKED_SILENCE
      && life->unanswered >= BACKED_CHECKS
      && pow (loss, life->unanswered) <= BACKED_CHANCE
      && now - life->first_unanswered >=
      life->rtt + 4 * life->rtt_variation + BACKED_SLACK;
}

static void
judge (GstRcastIcePathLife * life, GstRcastIceDuty duty, gint64 now)
{
  gboolean carrying = duty != GST_RCAST_ICE_DUTY_NONE;
  gint64 silence = now - life->silent_since;
  gint64 waited;

  if (life->unanswered == 0)
    return;
  waited = now - life->first_unanswered;
  if ((carrying && is_unusual (life, silence))
      || (duty == GST_RCAST_ICE_DUTY_BACKED && is_dubious (life, now))
      || (life->unanswered >= SUSPECT_CHECKS && waited >= patience (life)))
    gst_rcast_ice_path_life_doubt (life, now);
  if (life->state == GST_RCAST_ICE_LIFE_SUSPECT
      && life->unanswered >= count_needed (life, carrying)
      && silence >= life->timeout - BURST_SPACING
      && waited >= patience (life) + BURST_CHECKS * BURST_SPACING / 2)
    gst_rcast_ice_path_life_lose (life, now);
}

static gboolean
is_doubtful (const GstRcastIcePathLife * life, gdouble share, gdouble chance,
    gint64 now)
{
  return life->checkable && life->state == GST_RCAST_ICE_LIFE_SUSPECT
      && now - life->silent_since >= life->timeout * share
      && life->unanswered >= FAILING_CHECKS
      && pow (gst_rcast_ice_path_life_get_worst_loss (life),
      life->unanswered) <= chance
      && now - life->first_unanswered >= patience (life);
}

/* Whether the path is most probably dead, although not given up yet. A restart that prepares
 * another path then costs only one request. */
gboolean
gst_rcast_ice_path_life_is_failing (const GstRcastIcePathLife * life,
    gint64 now)
{
  return is_doubtful (life, FAILING_SHARE, FAILING_CHANCE, now);
}

/* Whether the peer should send by another path, which is well, instead of this one. */
gboolean
gst_rcast_ice_path_life_is_missed (const GstRcastIcePathLife * life,
    gint64 now)
{
  return is_doubtful (life, MISSED_SHARE, MISSED_CHANCE, now);
}

static gboolean
wants_check (const GstRcastIcePathLife * life, GstRcastIceDuty duty, gint64 now)
{
  gboolean carrying = duty != GST_RCAST_ICE_DUTY_NONE;
  gint64 silence = now - life->silent_since;
  gint64 passed = now - life->last_check;

  if (life->expired)
    return FALSE;
  if (life->state == GST_RCAST_ICE_LIFE_DEAD)
    return passed >= DEAD_SPACING;
  if (now >= life->next_consent)
    return TRUE;
  /* A burst of checks settles the doubt. */
  if (life->state == GST_RCAST_ICE_LIFE_SUSPECT)
    return passed >= (carrying ? BURST_SPACING : IDLE_SPACING);
  if (now - life->last_answer >= CONSENT_DANGER && passed >= IDLE_SPACING)
    return TRUE;
  if (duty == GST_RCAST_ICE_DUTY_BACKED)
    return silence >= BACKED_SPACING && passed >= BACKED_SPACING;
  if (carrying)
    return silence >= life->timeout / 2
        && passed >= (life->unanswered ? BURST_SPACING : life->timeout / 2);
  return life->unanswered > 0 && now - life->first_unanswered >= patience (life)
      && passed >= IDLE_SPACING;
}

/* Until when everything that arrived has surely been read. If this step is late, that is the time
 * of the step before. */
static gint64
get_read (const GstRcastIcePathLife * life, gint64 now)
{
  return life->last_step > 0
      && now - life->last_step > STEP_SPACING + LATE ? life->last_step : now;
}

/* RFC 7675 5.1: stop sending when consent expires. A standstill does not extend consent. */
static void
judge_consent (GstRcastIcePathLife * life, gint64 now)
{
  if (now - life->last_answer < CONSENT_TIMEOUT)
    return;
  life->expired = TRUE;
  gst_rcast_ice_path_life_lose (life, now);
}

/* Packets that arrived during a standstill may be unread, so the time of the standstill is no
 * evidence of silence. Conclude nothing until the thread has had time to read them. Two standstills
 * in a row mean a slow machine: what arrived before the second has been read. */
static gboolean
is_blind (GstRcastIcePathLife * life, gint64 now)
{
  gint64 standstill = find_standstill (life, now);
  gboolean again = life->stood_still > 0
      && life->stood_still == life->last_step;

  life->last_step = now;
  if (standstill == 0)
    return FALSE;
  life->stood_still = now;
  life->silent_since = MIN (life->silent_since + standstill, now);
  life->last_packet = 0;
  if (life->unanswered > 0)
    life->first_unanswered = MIN (life->first_unanswered + standstill, now);
  return !again;
}

/* Call this about every 50 ms. Returns TRUE if a check is to be sent now. */
gboolean
gst_rcast_ice_path_life_step (GstRcastIcePathLife * life, GstRcastIceDuty duty,
    gint64 now)
{
  gint64 read = get_read (life, now);
  /* is_blind() already discounts the time of a standstill. */
  gint64 judged = find_standstill (life, now) == 0 ? read : now;
  gboolean blind = is_blind (life, now);

  if (!life->checkable) {
    if (!blind)
      judge_unchecked (life, duty != GST_RCAST_ICE_DUTY_NONE, judged);
    return FALSE;
  }
  if (!blind) {
    judge (life, duty, judged);
    judge_consent (life, read);
  }
  return wants_check (life, duty, now);
}
