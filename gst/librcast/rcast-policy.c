/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What to do when: every state of a broadcast and every step between them, as one pure table. */
#include "config.h"

#include "rcast-policy.h"

#include "rcast-backoff.h"
#include "rcast-enumtypes.h"
#include "rcast-policyenums.h"

/* How long the new state may last. */
typedef enum
{
  WAIT_NONE,                    /* until something happens */
  WAIT_KEEP,                    /* the deadline stays as it is */
  WAIT_SETTLE,
  WAIT_SIGNALLING,
  WAIT_CONNECT,
  WAIT_GRACE,
  WAIT_RESTART,
  WAIT_STABLE,
  WAIT_BACKOFF,
  WAIT_NOW,
  WAIT_CLOSE,
} Wait;

/* What has to hold for a row to count; the first one that does is taken. */
typedef enum
{
  ALWAYS,
  CAN_RESTART,                  /* an ICE restart may help */
  MAY_RETRY,                    /* attempts are left, and a server that did not refuse */
  RECOVERING,                   /* there was trouble, and it is not long ago */
} Guard;

/* What a row does to the counters. */
typedef enum
{
  NOTHING,
  NEXT_ATTEMPT,                 /* a new session: again, or at the next server */
  TRY_RESTART,                  /* an ICE restart */
  ON_AIR,                       /* the outage is over */
  FORGET,                       /* the trouble is history */
} Effect;

typedef struct
{
  GstRcastState state;
  GstRcastEventType event;
  Guard guard;
  GstRcastState next;
  Wait wait;
  Effect effect;
  GstRcastActions actions;
  GstRcastReason reason;        /* NONE: the event's own */
} Row;

/* *INDENT-OFF* */
#define S(x) GST_RCAST_STATE_ ## x
#define E(x) GST_RCAST_EVENT_ ## x
#define A(x) GST_RCAST_ACTION_ ## x
#define R(x) GST_RCAST_REASON_ ## x
#define END (A(CLOSE_GATES) | A(DROP_PEER) | A(CLOSE_SIGNALLER))

/* The session is beyond repair: another one, or the end. */
#define OVER(state, event, reason) \
  {S(state), E(event), MAY_RETRY, S(BACKOFF), WAIT_BACKOFF, NEXT_ATTEMPT, END | A(POST_STATUS), reason}, \
  {S(state), E(event), ALWAYS,    S(FAILED),  WAIT_NONE,    NOTHING,      END | A(POST_STATUS) | A(POST_ERROR), reason}

/* The media is in trouble, DTLS lives: an ICE restart is the cheapest cure. */
#define REPAIR(state, event, reason) \
  {S(state), E(event), CAN_RESTART, S(RESTARTING), WAIT_RESTART, TRY_RESTART, A(RESTART_ICE) | A(POST_STATUS), reason}, \
  OVER(state, event, reason)

/* The same wherever there is a session but no stream to drain. */
#define STOPPABLE(state) \
  {S(state), E(EOS),  ALWAYS, S(CLOSING), WAIT_CLOSE, NOTHING, END, 0}, \
  {S(state), E(STOP), ALWAYS, S(IDLE),    WAIT_NONE,  FORGET,  END | A(POST_STATUS), R(USER)}

/* A pair that is not here is ignored and counted: late news from the network
 * must never surprise anybody. */
static const Row rows[] = {
  {S(IDLE),        E(START),              ALWAYS,      S(PREPARING),   WAIT_NONE,       NOTHING, 0, 0},
  {S(IDLE),        E(EOS),                ALWAYS,      S(IDLE),        WAIT_NONE,       NOTHING, A(POST_EOS), 0},

  {S(PREPARING),   E(STREAMS_READY),      ALWAYS,      S(PREPARING),   WAIT_SETTLE,     NOTHING, 0, 0},
  {S(PREPARING),   E(STREAMS_PENDING),    ALWAYS,      S(PREPARING),   WAIT_NONE,       NOTHING, 0, 0},
  {S(PREPARING),   E(TICK),               ALWAYS,      S(SIGNALLING),  WAIT_SIGNALLING, NOTHING, A(OPEN_SIGNALLER) | A(POST_STATUS), 0},
  {S(PREPARING),   E(EOS),                ALWAYS,      S(IDLE),        WAIT_NONE,       NOTHING, A(POST_EOS), 0},
  {S(PREPARING),   E(STOP),               ALWAYS,      S(IDLE),        WAIT_NONE,       FORGET,  0, R(USER)},

  {S(SIGNALLING),  E(SIGNALLER_OPEN),     ALWAYS,      S(NEGOTIATING), WAIT_SIGNALLING, NOTHING, A(MAKE_OFFER), 0},
  OVER(SIGNALLING, SIGNALLER_FAILED, 0),
  OVER(SIGNALLING, SIGNALLER_LOST, 0),
  OVER(SIGNALLING, TICK, R(SIGNALLING_LOST)),
  STOPPABLE(SIGNALLING),

  {S(NEGOTIATING), E(NEGOTIATED),         ALWAYS,      S(CONNECTING),  WAIT_CONNECT,    NOTHING, 0, 0},
  {S(NEGOTIATING), E(MEDIA_CONNECTED),    ALWAYS,      S(CONNECTED),   WAIT_NONE,       NOTHING, A(OPEN_GATES) | A(POST_STATUS), 0},
  OVER(NEGOTIATING, MEDIA_FAILED, 0),
  OVER(NEGOTIATING, SIGNALLER_FAILED, 0),
  OVER(NEGOTIATING, SIGNALLER_LOST, 0),
  OVER(NEGOTIATING, PEER_FAILED, 0),
  OVER(NEGOTIATING, TICK, R(SIGNALLING_LOST)),
  STOPPABLE(NEGOTIATING),

  {S(CONNECTING),  E(MEDIA_CONNECTED),    ALWAYS,      S(CONNECTED),   WAIT_NONE,       NOTHING, A(OPEN_GATES) | A(POST_STATUS), 0},
  OVER(CONNECTING, MEDIA_FAILED, 0),
  OVER(CONNECTING, PEER_FAILED, 0),
  OVER(CONNECTING, SIGNALLER_LOST, 0),
  OVER(CONNECTING, TICK, R(ICE_FAILED)),
  STOPPABLE(CONNECTING),

  {S(CONNECTED),   E(MEDIA_CONFIRMED),    RECOVERING,  S(LIVE),        WAIT_STABLE,     ON_AIR,  A(POST_STATUS), 0},
  {S(CONNECTED),   E(MEDIA_CONFIRMED),    ALWAYS,      S(LIVE),        WAIT_NONE,       ON_AIR,  A(POST_STATUS), 0},
  {S(CONNECTED),   E(MEDIA_DISCONNECTED), ALWAYS,      S(CONNECTED),   WAIT_GRACE,      NOTHING, 0, R(ICE_DISCONNECTED)},
  {S(CONNECTED),   E(MEDIA_CONNECTED),    ALWAYS,      S(CONNECTED),   WAIT_NONE,       NOTHING, 0, 0},
  REPAIR(CONNECTED, TICK, R(ICE_DISCONNECTED)),
  REPAIR(CONNECTED, MEDIA_FAILED, 0),
  OVER(CONNECTED, PEER_FAILED, 0),
  OVER(CONNECTED, SIGNALLER_LOST, 0),
  {S(CONNECTED),   E(RESTART),            ALWAYS,      S(CONNECTED),   WAIT_KEEP,       NOTHING, A(RESTART_ICE), 0},
  {S(CONNECTED),   E(EOS),                ALWAYS,      S(CLOSING),     WAIT_CLOSE,      NOTHING, A(DRAIN), 0},
  {S(CONNECTED),   E(STOP),               ALWAYS,      S(IDLE),        WAIT_NONE,       FORGET,  END | A(POST_STATUS), R(USER)},

  {S(LIVE),        E(MEDIA_DISCONNECTED), ALWAYS,      S(DISRUPTED),   WAIT_GRACE,      NOTHING, 0, R(ICE_DISCONNECTED)},
  {S(LIVE),        E(TICK),               ALWAYS,      S(LIVE),        WAIT_NONE,       FORGET,  0, 0},
  REPAIR(LIVE, MEDIA_FAILED, 0),
  OVER(LIVE, PEER_FAILED, 0),
  OVER(LIVE, SIGNALLER_LOST, 0),
  {S(LIVE),        E(RESTART),            ALWAYS,      S(LIVE),        WAIT_KEEP,       NOTHING, A(RESTART_ICE), 0},
  {S(LIVE),        E(EOS),                ALWAYS,      S(CLOSING),     WAIT_CLOSE,      NOTHING, A(DRAIN), 0},
  {S(LIVE),        E(STOP),               ALWAYS,      S(IDLE),        WAIT_NONE,       FORGET,  END | A(POST_STATUS), R(USER)},

  {S(DISRUPTED),   E(MEDIA_CONNECTED),    RECOVERING,  S(LIVE),        WAIT_STABLE,     ON_AIR,  0, 0},
  {S(DISRUPTED),   E(MEDIA_CONNECTED),    ALWAYS,      S(LIVE),        WAIT_NONE,       ON_AIR,  0, 0},
  REPAIR(DISRUPTED, TICK, R(ICE_DISCONNECTED)),
  REPAIR(DISRUPTED, MEDIA_FAILED, 0),
  REPAIR(DISRUPTED, RECONNECT_NOW, R(ICE_DISCONNECTED)),
  OVER(DISRUPTED, PEER_FAILED, 0),
  OVER(DISRUPTED, SIGNALLER_LOST, 0),
  STOPPABLE(DISRUPTED),

  {S(RESTARTING),  E(MEDIA_CONNECTED),    ALWAYS,      S(LIVE),        WAIT_STABLE,     ON_AIR,  A(POST_STATUS), 0},
  OVER(RESTARTING, RESTART_FAILED, 0),
  OVER(RESTARTING, TICK, R(ICE_FAILED)),
  OVER(RESTARTING, PEER_FAILED, 0),
  OVER(RESTARTING, SIGNALLER_LOST, 0),
  STOPPABLE(RESTARTING),

  {S(BACKOFF),     E(TICK),               ALWAYS,      S(SIGNALLING),  WAIT_SIGNALLING, NOTHING, A(OPEN_SIGNALLER), 0},
  {S(BACKOFF),     E(RECONNECT_NOW),      ALWAYS,      S(BACKOFF),     WAIT_NOW,        NOTHING, 0, 0},
  {S(BACKOFF),     E(EOS),                ALWAYS,      S(CLOSING),     WAIT_NOW,        NOTHING, 0, 0},
  {S(BACKOFF),     E(STOP),               ALWAYS,      S(IDLE),        WAIT_NONE,       FORGET,  A(POST_STATUS), R(USER)},

  {S(CLOSING),     E(DRAINED),            ALWAYS,      S(CLOSING),     WAIT_KEEP,       NOTHING, END, 0},
  {S(CLOSING),     E(SIGNALLER_CLOSED),   ALWAYS,      S(IDLE),        WAIT_NONE,       FORGET,  A(POST_STATUS) | A(POST_EOS), R(USER)},
  {S(CLOSING),     E(TICK),               ALWAYS,      S(IDLE),        WAIT_NONE,       FORGET,  END | A(POST_STATUS) | A(POST_EOS), R(USER)},
  {S(CLOSING),     E(STOP),               ALWAYS,      S(IDLE),        WAIT_NONE,       FORGET,  END | A(POST_STATUS), R(USER)},

  {S(FAILED),      E(EOS),                ALWAYS,      S(FAILED),      WAIT_NONE,       NOTHING, A(POST_EOS), 0},
  {S(FAILED),      E(STOP),               ALWAYS,      S(IDLE),        WAIT_NONE,       FORGET,  0, R(USER)},
};

#undef S
#undef E
#undef A
#undef R
/* *INDENT-ON* */

static gboolean
retries_left (const GstRcastPolicy * policy)
{
  return policy->config.max_retries < 0
      || policy->attempt < (guint) policy->config.max_retries;
}

/* The servers that are known to say no, with the present one if it just did. */
static guint32
refused_after (const GstRcastPolicy * policy, const GstRcastEvent * event)
{
  return policy->refused | (event->fatal ? 1u << policy->location : 0);
}

static guint
next_location (const GstRcastPolicy * policy, guint32 refused)
{
  guint n = policy->config.n_locations;

  for (guint i = 1; i <= n; i++)
    if (!(refused & (1u << (policy->location + i) % n)))
      return (policy->location + i) % n;
  return policy->location;
}

static gboolean
guard_holds (Guard guard, const GstRcastPolicy * policy,
    const GstRcastEvent * event)
{
  guint32 all = policy->config.n_locations == 32 ? G_MAXUINT32 :
      (1u << policy->config.n_locations) - 1;

  switch (guard) {
    case ALWAYS:
      return TRUE;
    case CAN_RESTART:
      return event->can_restart && retries_left (policy);
    case MAY_RETRY:
      return retries_left (policy)
          && (refused_after (policy, event) & all) != all;
    case RECOVERING:
      return policy->attempt > 0;
  }
  g_return_val_if_reached (FALSE);
}

static const Row *
find_row (const GstRcastPolicy * policy, const GstRcastEvent * event)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].state == policy->state && rows[i].event == event->type
        && guard_holds (rows[i].guard, policy, event))
      return &rows[i];
  return NULL;
}

static GstRcastStatus
status_of (const GstRcastPolicy * policy)
{
  gboolean recovering = policy->attempt > 0;

  switch (policy->state) {
    case GST_RCAST_STATE_IDLE:
    case GST_RCAST_STATE_PREPARING:
    case GST_RCAST_STATE_FAILED:
      return GST_RCAST_STATUS_DISCONNECTED;
    case GST_RCAST_STATE_SIGNALLING:
    case GST_RCAST_STATE_NEGOTIATING:
    case GST_RCAST_STATE_CONNECTING:
      return recovering ? GST_RCAST_STATUS_RECONNECTING_BROADCAST :
          GST_RCAST_STATUS_SIGNALLING;
    case GST_RCAST_STATE_CONNECTED:
      return recovering ? GST_RCAST_STATUS_RECONNECTING_BROADCAST :
          GST_RCAST_STATUS_CONNECTED;
    case GST_RCAST_STATE_RESTARTING:
    case GST_RCAST_STATE_BACKOFF:
      return GST_RCAST_STATUS_RECONNECTING_BROADCAST;
    case GST_RCAST_STATE_LIVE:
    case GST_RCAST_STATE_DISRUPTED:
      return GST_RCAST_STATUS_BROADCASTING;
    case GST_RCAST_STATE_CLOSING:
      return policy->status;
  }
  g_return_val_if_reached (GST_RCAST_STATUS_DISCONNECTED);
}

static GstRcastPlane
plane_of (GstRcastEventType event)
{
  switch (event) {
    case GST_RCAST_EVENT_SIGNALLER_OPEN:
    case GST_RCAST_EVENT_SIGNALLER_FAILED:
    case GST_RCAST_EVENT_SIGNALLER_LOST:
    case GST_RCAST_EVENT_SIGNALLER_CLOSED:
      return GST_RCAST_PLANE_SIGNALLING;
    case GST_RCAST_EVENT_NEGOTIATED:
    case GST_RCAST_EVENT_MEDIA_CONNECTED:
    case GST_RCAST_EVENT_MEDIA_DISCONNECTED:
    case GST_RCAST_EVENT_MEDIA_CONFIRMED:
    case GST_RCAST_EVENT_MEDIA_FAILED:
    case GST_RCAST_EVENT_PEER_FAILED:
    case GST_RCAST_EVENT_DRAINED:
    case GST_RCAST_EVENT_RESTART:
    case GST_RCAST_EVENT_RESTART_FAILED:
      return GST_RCAST_PLANE_MEDIA;
    case GST_RCAST_EVENT_START:
    case GST_RCAST_EVENT_STOP:
    case GST_RCAST_EVENT_EOS:
    case GST_RCAST_EVENT_TICK:
    case GST_RCAST_EVENT_STREAMS_READY:
    case GST_RCAST_EVENT_STREAMS_PENDING:
    case GST_RCAST_EVENT_RECONNECT_NOW:
      return GST_RCAST_PLANE_NONE;
  }
  g_return_val_if_reached (GST_RCAST_PLANE_NONE);
}

static GstClockTime
deadline_of (const GstRcastPolicy * policy, Wait wait, GstClockTime now,
    GstClockTime delay)
{
  switch (wait) {
    case WAIT_NONE:
      return GST_CLOCK_TIME_NONE;
    case WAIT_KEEP:
      return policy->deadline;
    case WAIT_SETTLE:
      return now + policy->config.settle;
    case WAIT_SIGNALLING:
      return now + policy->config.signalling_timeout;
    case WAIT_CONNECT:
      return now + policy->config.connect_timeout;
    case WAIT_GRACE:
      return now + policy->config.disconnected_timeout;
    case WAIT_RESTART:
      return now + policy->config.restart_timeout;
    case WAIT_STABLE:
      return now + policy->config.stable_time;
    case WAIT_BACKOFF:
      return now + delay;
    case WAIT_NOW:
      return now;
    case WAIT_CLOSE:
      return now + policy->config.close_timeout;
  }
  g_return_val_if_reached (GST_CLOCK_TIME_NONE);
}

/* A timeout speaks for the plane that the state was waiting for. */
static GstRcastPlane
plane_of_timeout (GstRcastState state)
{
  switch (state) {
    case GST_RCAST_STATE_SIGNALLING:
    case GST_RCAST_STATE_NEGOTIATING:
      return GST_RCAST_PLANE_SIGNALLING;
    case GST_RCAST_STATE_CONNECTING:
    case GST_RCAST_STATE_CONNECTED:
    case GST_RCAST_STATE_DISRUPTED:
    case GST_RCAST_STATE_RESTARTING:
      return GST_RCAST_PLANE_MEDIA;
    case GST_RCAST_STATE_IDLE:
    case GST_RCAST_STATE_PREPARING:
    case GST_RCAST_STATE_LIVE:
    case GST_RCAST_STATE_BACKOFF:
    case GST_RCAST_STATE_CLOSING:
    case GST_RCAST_STATE_FAILED:
      break;
  }
  return GST_RCAST_PLANE_NONE;
}

void
gst_rcast_policy_init (GstRcastPolicy * policy,
    const GstRcastPolicyConfig * config)
{
  *policy = (GstRcastPolicy) {
    .config = *config,
    .state = GST_RCAST_STATE_IDLE,
    .status = GST_RCAST_STATUS_DISCONNECTED,
    .deadline = GST_CLOCK_TIME_NONE,
    .down_since = GST_CLOCK_TIME_NONE,
  };
}

/* Between two broadcasts: other settings, and the first server again. Nothing
 * changes while one is under way. */
void
gst_rcast_policy_configure (GstRcastPolicy * policy,
    const GstRcastPolicyConfig * config)
{
  if (policy->state != GST_RCAST_STATE_IDLE)
    return;
  policy->config = *config;
  policy->location = 0;
}

/* An outage begins with the first sign of trouble; an end that is wanted is none. */
static void
mark_down (GstRcastPolicy * policy, const Row * row, GstClockTime now)
{
  if (policy->state == GST_RCAST_STATE_LIVE
      && row->next != GST_RCAST_STATE_LIVE
      && row->next != GST_RCAST_STATE_CLOSING
      && row->next != GST_RCAST_STATE_IDLE)
    policy->down_since = now;
}

/* Returns: how long to wait before what follows */
static GstClockTime
apply_effect (GstRcastPolicy * policy, Effect effect,
    const GstRcastEvent * event)
{
  guint before = policy->location;

  switch (effect) {
    case NOTHING:
      break;
    case TRY_RESTART:
      policy->attempt++;
      policy->strategy = GST_RCAST_STRATEGY_ICE_RESTART;
      break;
    case NEXT_ATTEMPT:
      policy->refused = refused_after (policy, event);
      /* The same server once more, then the others in turn. */
      if (policy->rejoins > 0 || event->fatal)
        policy->location = next_location (policy, policy->refused);
      policy->attempt++;
      policy->rejoins++;
      policy->strategy = policy->location == before ?
          GST_RCAST_STRATEGY_REJOIN : GST_RCAST_STRATEGY_FAILOVER;
      /* A new server owes us no waiting for what the old one said. */
      return gst_rcast_backoff_delay (policy->rejoins,
          policy->config.min_delay, policy->config.max_delay,
          policy->location == before && event->retry_after ?
          event->retry_after : GST_CLOCK_TIME_NONE, event->random);
    case ON_AIR:
      policy->down_since = GST_CLOCK_TIME_NONE;
      policy->refused = 0;
      break;
    case FORGET:
      policy->attempt = 0;
      policy->rejoins = 0;
      policy->refused = 0;
      policy->strategy = GST_RCAST_STRATEGY_NONE;
      policy->down_since = GST_CLOCK_TIME_NONE;
      break;
  }
  return 0;
}

/**
 * gst_rcast_policy_step:
 * @policy: the policy
 * @event: what happened
 * @now: the time, of any monotonic clock, always the same one
 * @step: (out): what follows
 *
 * The only function that changes the state of a broadcast. A session's
 * @GstRcastPolicy.generation begins when its signaller is opened; events that
 * carry an older one are dropped here and nowhere else, and so is a TICK before
 * its time.
 */
void
gst_rcast_policy_step (GstRcastPolicy * policy, const GstRcastEvent * event,
    GstClockTime now, GstRcastStep * step)
{
  const Row *row = find_row (policy, event);
  gboolean stale = event->generation != 0
      && event->generation != policy->generation;
  gboolean early = event->type == GST_RCAST_EVENT_TICK
      && (!GST_CLOCK_TIME_IS_VALID (policy->deadline)
      || now < policy->deadline);

  *step = (GstRcastStep) {
    .from = policy->state,
    .to = policy->state,
    .generation = policy->generation,
    .location = policy->location,
    .status = policy->status,
    .reason = event->reason,
    .plane = event->type == GST_RCAST_EVENT_TICK ?
        plane_of_timeout (policy->state) : plane_of (event->type),
  };
  if (!row || stale || early) {
    step->ignored = TRUE;
    policy->ignored++;
    return;
  }

  mark_down (policy, row, now);
  if (GST_CLOCK_TIME_IS_VALID (policy->down_since))
    step->outage = now - policy->down_since;
  step->delay = apply_effect (policy, row->effect, event);
  if (row->actions & GST_RCAST_ACTION_OPEN_SIGNALLER)
    policy->generation++;
  policy->deadline = deadline_of (policy, row->wait, now, step->delay);
  policy->state = row->next;
  policy->status = status_of (policy);

  step->to = row->next;
  step->actions = row->actions;
  step->generation = policy->generation;
  step->location = policy->location;
  step->strategy = policy->strategy;
  step->attempt = policy->attempt;
  if (row->reason != GST_RCAST_REASON_NONE)
    step->reason = row->reason;
  /* CONNECTED is no news while it is one step of coming back. */
  if (policy->status == step->status
      && row->effect != NEXT_ATTEMPT && row->effect != TRY_RESTART)
    step->actions &= ~GST_RCAST_ACTION_POST_STATUS;
  step->status = policy->status;
}

static const gchar *
nick (GType type, gint value)
{
  GEnumClass *klass = g_type_class_ref (type);
  const gchar *text = g_enum_get_value (klass, value)->value_nick;

  g_type_class_unref (klass);
  return text;
}

/* Returns: (transfer full): the table as Markdown, for docs/state-machine.md */
gchar *
gst_rcast_policy_to_table (void)
{
  static const gchar *const waits[] = {
    "", "unchanged", "settle", "signalling", "connect", "grace", "restart",
    "stable", "backoff", "now", "close"
  };
  static const gchar *const guards[] = {
    "", "can restart ICE", "may retry", "recovering"
  };
  static const gchar *const effects[] = {
    "", "next attempt", "try restart", "on air", "forget"
  };
  GString *text =
      g_string_new ("| state | event | if | next | deadline | counters | "
      "actions | reason |\n|---|---|---|---|---|---|---|---|\n");

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    const Row *row = &rows[i];
    g_autofree gchar *actions =
        g_flags_to_string (GST_TYPE_RCAST_ACTIONS, row->actions);
    g_auto (GStrv) flags = g_strsplit (actions, " | ", -1);

    g_string_append_printf (text, "| %s | %s | %s | %s | %s | %s |",
        nick (GST_TYPE_RCAST_STATE, row->state),
        nick (GST_TYPE_RCAST_EVENT_TYPE, row->event), guards[row->guard],
        nick (GST_TYPE_RCAST_STATE, row->next), waits[row->wait],
        effects[row->effect]);
    for (guint j = 0; row->actions && flags[j]; j++) {
      g_autofree gchar *word =
          g_ascii_strdown (flags[j] + strlen ("GST_RCAST_ACTION_"), -1);

      g_string_append_printf (text, "%s %s", j ? "," : "",
          g_strdelimit (word, "_", '-'));
    }
    g_string_append_printf (text, " | %s |\n",
        row->reason ? nick (GST_TYPE_RCAST_REASON, row->reason) : "");
  }
  return g_string_free (text, FALSE);
}
