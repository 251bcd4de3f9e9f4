/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a path is alive, suspect or dead, from the packets on it. Pure. */
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

/* Of a burst: RFC 8445 14.2 has Ta at 50 ms by default. */
#define BURST_SPACING (50 * MS)
#define BURST_CHECKS 6
/* An idle path is checked too rarely to distinguish loss from death soon. */
#define IDLE_CHECKS 8
/* On a lossy path so many go unanswered that chance is less likely than this. */
#define MAX_CHANCE 1e-7
#define MAX_CHECKS 24
/* Of a new outcome in the smoothed loss, and in that of a longer time: by chance the first one is
 * too low now and then. */
#define LOSS_WEIGHT (1. / 16)
#define LONG_LOSS_WEIGHT (1. / 128)
/* Until so many checks are answered nothing is known of it, and a path is taken for one
 * that loses this. */
#define LOSS_ANSWERS 16
#define UNKNOWN_LOSS 0.06
/* A dead path is looked after so often while it still has consent. */
#define DEAD_SPACING (1 * SECOND)
/* A path that carries nothing may take its time. */
#define IDLE_SPACING (500 * MS)
/* Without an answer for so long consent is in danger, also where media comes in: at a loss
 * of 20 % both ways one row of consent checks in 500 is lost as a whole. */
#define CONSENT_DANGER (2 * CONSENT_INTERVAL)

/* Answers take this much longer than twice the round trip at most. */
#define SLACK (150 * MS)
/* Before the first round trip is known. */
#define UNKNOWN_RTT (100 * MS)
#define SUSPECT_CHECKS 3
/* A path that another one could replace at once is checked so often while nothing else comes
 * in, and is suspect after so long a silence. A false alarm costs a few packets that are sent
 * twice, no more. */
#define BACKED_SPACING (100 * MS)
#define BACKED_SILENCE (250 * MS)
#define BACKED_CHECKS 2
#define BACKED_SLACK (50 * MS)
#define BACKED_CHANCE 0.04
/* A slow path has been slow for so long, or twice that. */
#define RTT_WINDOW (5 * SECOND)
/* Before a restart is asked for early. */
#define FAILING_CHECKS 4
#define FAILING_SHARE 0.6
#define FAILING_CHANCE 1e-7
/* The same where another path is well: less is at stake. */
#define MISSED_SHARE 0.4
#define MISSED_CHANCE 1e-5
/* So many packets make a rhythm. */
#define RHYTHM_PACKETS 8

/* Steps are expected so often. If one is LATE, there may be more to read. If it is later than a
 * part of the timeout, and at least by LEAST_STANDSTILL, the thread has stood still. */
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
        /* libnice has just had an answer. */
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

/* Delay of this evaluation beyond the usual interval; 0: there was no standstill. */
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

/* RTP, RTCP or DTLS has come in. */
void
gst_rcast_ice_path_life_heard (GstRcastIcePathLife * life, gint64 now)
{
  gint64 gap = now - life->last_packet;

  /* Neither an outage nor a standstill of this thread is part of the rhythm. The longest
   * gap counts, and fades. */
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

/* A check that was sent before one that is answered is lost. One that was sent later has time:
 * a slow answer is no loss. Neither is an outage, nor a standstill of this thread, in which the
 * socket overflows.
 * @sent: the check that is answered */
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

/* A queue that stands for some seconds is a path that is slow; one that stands for a moment
 * is none. */
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

/* Returns: the least smoothed round trip of the last 5 to 10 s; 0: not known */
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
 * @rtt: until it arrived, however late that is noticed; not @exact: until it was noticed */
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

/* The peer has signed an error: it is there, but RFC 7675 5.1 takes only a success for
 * consent, which may still end. */
void
gst_rcast_ice_path_life_refused (GstRcastIcePathLife * life, gint64 now)
{
  alive (life, now);
}

/* The next step asks for a check. */
void
gst_rcast_ice_path_life_check_now (GstRcastIcePathLife * life)
{
  life->last_check = 0;
  life->next_consent = 0;
}

/* @random is from 0 to 1. */
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

/* It is known to be gone. */
void
gst_rcast_ice_path_life_lose (GstRcastIcePathLife * life, gint64 now)
{
  set_state (life, GST_RCAST_ICE_LIFE_DEAD, now);
}

/* Something says that it may be gone. */
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

/* Two standard deviations are added to what is smoothed. */
static gdouble
add_deviations (gdouble loss, gdouble weight)
{
  return loss + 2 * sqrt (loss * (1 - loss) * weight / (2 - weight));
}

/* The smoothed loss is of some thirty checks, so it may be too low by chance. */
gdouble
gst_rcast_ice_path_life_get_worst_loss (const GstRcastIcePathLife * life)
{
  gdouble loss = life->answers < LOSS_ANSWERS ?
      MAX (life->loss, UNKNOWN_LOSS) : life->loss;

  return MAX (add_deviations (loss, LOSS_WEIGHT),
      add_deviations (life->long_loss, LONG_LOSS_WEIGHT));
}

/* How many checks in a row have to fail. */
static guint
count_needed (const GstRcastIcePathLife * life, gboolean carrying)
{
  guint needed = carrying ? BURST_CHECKS : IDLE_CHECKS;
  gdouble loss = gst_rcast_ice_path_life_get_worst_loss (life);

  while (needed < MAX_CHECKS && pow (loss, needed) > MAX_CHANCE)
    needed++;
  return needed;
}

/* Whether so many checks in a row have failed that another path should help. */
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

/* Whether it is worth the price of one request to get another path ready: it is most
 * probably dead, although nothing is given up yet. */
gboolean
gst_rcast_ice_path_life_is_failing (const GstRcastIcePathLife * life,
    gint64 now)
{
  return is_doubtful (life, FAILING_SHARE, FAILING_CHANCE, now);
}

/* Whether what the peer sends by it should come by another path, which is well */
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
  /* A doubt is settled by a burst. */
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

/* Until when all that came in has been read for sure: of a step that is late that is the one
 * before. */
static gint64
get_read (const GstRcastIcePathLife * life, gint64 now)
{
  return life->last_step > 0
      && now - life->last_step > STEP_SPACING + LATE ? life->last_step : now;
}

/* RFC 7675 5.1: nothing may be sent any more. A standstill does not prolong it. */
static void
judge_consent (GstRcastIcePathLife * life, gint64 now)
{
  if (now - life->last_answer < CONSENT_TIMEOUT)
    return;
  life->expired = TRUE;
  gst_rcast_ice_path_life_lose (life, now);
}

/* What came in meanwhile may not have been read yet, so the time of a standstill is no
 * evidence, and nothing is concluded before there was time to read it. Two in a row are
 * a machine that is slow, and what came before the second has been read. */
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

/* Call it every 50 ms or so. Returns TRUE if a check is to be sent now. */
gboolean
gst_rcast_ice_path_life_step (GstRcastIcePathLife * life, GstRcastIceDuty duty,
    gint64 now)
{
  gint64 read = get_read (life, now);
  /* The time of a standstill is taken off in another way. */
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
