/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What to do when: every state of a broadcast and every step between them, as one pure table. */
#include "config.h"

#include "rcast-policy.h"
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
  WAIT_CLOSE,
} Wait;

typedef struct
{
  GstRcastState state;
  GstRcastEventType event;
  GstRcastState next;
  Wait wait;
  GstRcastActions actions;
  GstRcastReason reason;        /* NONE: the event's own */
} Row;

/* *INDENT-OFF* */
#define S(x) GST_RCAST_STATE_ ## x
#define E(x) GST_RCAST_EVENT_ ## x
#define A(x) GST_RCAST_ACTION_ ## x
#define R(x) GST_RCAST_REASON_ ## x
#define END (A(CLOSE_GATES) | A(DROP_PEER) | A(CLOSE_SIGNALLER))
#define FAIL (END | A(POST_STATUS) | A(POST_ERROR))

/* A pair that is not here is ignored and counted: late news from the network
 * must never surprise anybody. */
static const Row rows[] = {
  {S(IDLE),        E(START),              S(PREPARING),   WAIT_NONE,       0, 0},
  {S(IDLE),        E(EOS),                S(IDLE),        WAIT_NONE,       A(POST_EOS), 0},

  {S(PREPARING),   E(STREAMS_READY),      S(PREPARING),   WAIT_SETTLE,     0, 0},
  {S(PREPARING),   E(STREAMS_PENDING),    S(PREPARING),   WAIT_NONE,       0, 0},
  {S(PREPARING),   E(TICK),               S(SIGNALLING),  WAIT_SIGNALLING, A(OPEN_SIGNALLER) | A(POST_STATUS), 0},
  {S(PREPARING),   E(PEER_FAILED),        S(FAILED),      WAIT_NONE,       FAIL, 0},
  {S(PREPARING),   E(EOS),                S(IDLE),        WAIT_NONE,       A(POST_EOS), 0},
  {S(PREPARING),   E(STOP),               S(IDLE),        WAIT_NONE,       0, R(USER)},

  {S(SIGNALLING),  E(SIGNALLER_OPEN),     S(NEGOTIATING), WAIT_SIGNALLING, A(MAKE_OFFER), 0},
  {S(SIGNALLING),  E(SIGNALLER_FAILED),   S(FAILED),      WAIT_NONE,       FAIL, 0},
  {S(SIGNALLING),  E(SIGNALLER_LOST),     S(FAILED),      WAIT_NONE,       FAIL, R(SIGNALLING_LOST)},
  {S(SIGNALLING),  E(TICK),               S(FAILED),      WAIT_NONE,       FAIL, R(SIGNALLING_LOST)},
  {S(SIGNALLING),  E(EOS),                S(CLOSING),     WAIT_CLOSE,      END, 0},
  {S(SIGNALLING),  E(STOP),               S(IDLE),        WAIT_NONE,       END | A(POST_STATUS), R(USER)},

  {S(NEGOTIATING), E(NEGOTIATED),         S(CONNECTING),  WAIT_CONNECT,    0, 0},
  {S(NEGOTIATING), E(MEDIA_CONNECTED),    S(CONNECTED),   WAIT_NONE,       A(OPEN_GATES) | A(POST_STATUS), 0},
  {S(NEGOTIATING), E(MEDIA_FAILED),       S(FAILED),      WAIT_NONE,       FAIL, 0},
  {S(NEGOTIATING), E(SIGNALLER_FAILED),   S(FAILED),      WAIT_NONE,       FAIL, 0},
  {S(NEGOTIATING), E(SIGNALLER_LOST),     S(FAILED),      WAIT_NONE,       FAIL, R(SIGNALLING_LOST)},
  {S(NEGOTIATING), E(PEER_FAILED),        S(FAILED),      WAIT_NONE,       FAIL, 0},
  {S(NEGOTIATING), E(TICK),               S(FAILED),      WAIT_NONE,       FAIL, R(SIGNALLING_LOST)},
  {S(NEGOTIATING), E(EOS),                S(CLOSING),     WAIT_CLOSE,      END, 0},
  {S(NEGOTIATING), E(STOP),               S(IDLE),        WAIT_NONE,       END | A(POST_STATUS), R(USER)},

  {S(CONNECTING),  E(MEDIA_CONNECTED),    S(CONNECTED),   WAIT_NONE,       A(OPEN_GATES) | A(POST_STATUS), 0},
  {S(CONNECTING),  E(MEDIA_FAILED),       S(FAILED),      WAIT_NONE,       FAIL, 0},
  {S(CONNECTING),  E(PEER_FAILED),        S(FAILED),      WAIT_NONE,       FAIL, 0},
  {S(CONNECTING),  E(SIGNALLER_LOST),     S(FAILED),      WAIT_NONE,       FAIL, R(SIGNALLING_LOST)},
  {S(CONNECTING),  E(TICK),               S(FAILED),      WAIT_NONE,       FAIL, R(ICE_FAILED)},
  {S(CONNECTING),  E(EOS),                S(CLOSING),     WAIT_CLOSE,      END, 0},
  {S(CONNECTING),  E(STOP),               S(IDLE),        WAIT_NONE,       END | A(POST_STATUS), R(USER)},

  {S(CONNECTED),   E(MEDIA_CONFIRMED),    S(LIVE),        WAIT_NONE,       A(POST_STATUS), 0},
  {S(CONNECTED),   E(MEDIA_DISCONNECTED), S(CONNECTED),   WAIT_GRACE,      0, R(ICE_DISCONNECTED)},
  {S(CONNECTED),   E(MEDIA_CONNECTED),    S(CONNECTED),   WAIT_NONE,       0, 0},
  {S(CONNECTED),   E(MEDIA_FAILED),       S(FAILED),      WAIT_NONE,       FAIL, 0},
  {S(CONNECTED),   E(PEER_FAILED),        S(FAILED),      WAIT_NONE,       FAIL, 0},
  {S(CONNECTED),   E(SIGNALLER_LOST),     S(FAILED),      WAIT_NONE,       FAIL, R(SIGNALLING_LOST)},
  {S(CONNECTED),   E(TICK),               S(FAILED),      WAIT_NONE,       FAIL, R(ICE_DISCONNECTED)},
  {S(CONNECTED),   E(EOS),                S(CLOSING),     WAIT_CLOSE,      A(DRAIN), 0},
  {S(CONNECTED),   E(RESTART),            S(CONNECTED),   WAIT_KEEP,       A(RESTART_ICE), R(USER)},
  {S(CONNECTED),   E(STOP),               S(IDLE),        WAIT_NONE,       END | A(POST_STATUS), R(USER)},

  {S(LIVE),        E(MEDIA_DISCONNECTED), S(DISRUPTED),   WAIT_GRACE,      0, R(ICE_DISCONNECTED)},
  {S(LIVE),        E(MEDIA_FAILED),       S(FAILED),      WAIT_NONE,       FAIL, 0},
  {S(LIVE),        E(PEER_FAILED),        S(FAILED),      WAIT_NONE,       FAIL, 0},
  {S(LIVE),        E(SIGNALLER_LOST),     S(FAILED),      WAIT_NONE,       FAIL, R(SIGNALLING_LOST)},
  {S(LIVE),        E(EOS),                S(CLOSING),     WAIT_CLOSE,      A(DRAIN), 0},
  {S(LIVE),        E(RESTART),            S(LIVE),        WAIT_KEEP,       A(RESTART_ICE), R(USER)},
  {S(LIVE),        E(STOP),               S(IDLE),        WAIT_NONE,       END | A(POST_STATUS), R(USER)},

  {S(DISRUPTED),   E(MEDIA_CONNECTED),    S(LIVE),        WAIT_NONE,       0, 0},
  {S(DISRUPTED),   E(MEDIA_FAILED),       S(FAILED),      WAIT_NONE,       FAIL, 0},
  {S(DISRUPTED),   E(PEER_FAILED),        S(FAILED),      WAIT_NONE,       FAIL, 0},
  {S(DISRUPTED),   E(SIGNALLER_LOST),     S(FAILED),      WAIT_NONE,       FAIL, R(SIGNALLING_LOST)},
  {S(DISRUPTED),   E(TICK),               S(FAILED),      WAIT_NONE,       FAIL, R(ICE_DISCONNECTED)},
  {S(DISRUPTED),   E(EOS),                S(CLOSING),     WAIT_CLOSE,      END, 0},
  {S(DISRUPTED),   E(RESTART),            S(DISRUPTED),   WAIT_KEEP,       A(RESTART_ICE), R(USER)},
  {S(DISRUPTED),   E(STOP),               S(IDLE),        WAIT_NONE,       END | A(POST_STATUS), R(USER)},

  {S(CLOSING),     E(DRAINED),            S(CLOSING),     WAIT_KEEP,       END, 0},
  {S(CLOSING),     E(SIGNALLER_CLOSED),   S(IDLE),        WAIT_NONE,       A(POST_STATUS) | A(POST_EOS), R(USER)},
  {S(CLOSING),     E(TICK),               S(IDLE),        WAIT_NONE,       END | A(POST_STATUS) | A(POST_EOS), R(USER)},
  {S(CLOSING),     E(STOP),               S(IDLE),        WAIT_NONE,       END | A(POST_STATUS), R(USER)},

  {S(FAILED),      E(EOS),                S(FAILED),      WAIT_NONE,       A(POST_EOS), 0},
  {S(FAILED),      E(STOP),               S(IDLE),        WAIT_NONE,       0, R(USER)},
};

#undef S
#undef E
#undef A
#undef R
/* *INDENT-ON* */

static const Row *
find_row (GstRcastState state, GstRcastEventType event)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].state == state && rows[i].event == event)
      return &rows[i];
  return NULL;
}

static GstRcastStatus
status_of (GstRcastState state)
{
  switch (state) {
    case GST_RCAST_STATE_IDLE:
    case GST_RCAST_STATE_PREPARING:
    case GST_RCAST_STATE_FAILED:
      return GST_RCAST_STATUS_DISCONNECTED;
    case GST_RCAST_STATE_SIGNALLING:
    case GST_RCAST_STATE_NEGOTIATING:
    case GST_RCAST_STATE_CONNECTING:
      return GST_RCAST_STATUS_SIGNALLING;
    case GST_RCAST_STATE_CONNECTED:
      return GST_RCAST_STATUS_CONNECTED;
    case GST_RCAST_STATE_LIVE:
    case GST_RCAST_STATE_DISRUPTED:
    case GST_RCAST_STATE_CLOSING:
      return GST_RCAST_STATUS_BROADCASTING;
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
      return GST_RCAST_PLANE_MEDIA;
    case GST_RCAST_EVENT_START:
    case GST_RCAST_EVENT_STOP:
    case GST_RCAST_EVENT_EOS:
    case GST_RCAST_EVENT_TICK:
    case GST_RCAST_EVENT_STREAMS_READY:
    case GST_RCAST_EVENT_STREAMS_PENDING:
      return GST_RCAST_PLANE_NONE;
  }
  g_return_val_if_reached (GST_RCAST_PLANE_NONE);
}

static GstClockTime
deadline_of (const GstRcastPolicy * policy, Wait wait, GstClockTime now)
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
    case WAIT_CLOSE:
      return now + policy->config.close_timeout;
  }
  g_return_val_if_reached (GST_CLOCK_TIME_NONE);
}

/* A timeout speaks for the plane that the state was waiting for. */
static GstRcastPlane
plane_of_timeout (GstRcastState state)
{
  return state == GST_RCAST_STATE_SIGNALLING
      || state == GST_RCAST_STATE_NEGOTIATING ?
      GST_RCAST_PLANE_SIGNALLING : GST_RCAST_PLANE_MEDIA;
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
  };
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
  const Row *row = find_row (policy->state, event->type);
  gboolean stale = event->generation != 0
      && event->generation != policy->generation;
  gboolean early = event->type == GST_RCAST_EVENT_TICK
      && (!GST_CLOCK_TIME_IS_VALID (policy->deadline)
      || now < policy->deadline);

  *step = (GstRcastStep) {
    .from = policy->state,
    .to = policy->state,
    .generation = policy->generation,
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

  if (row->actions & GST_RCAST_ACTION_OPEN_SIGNALLER)
    policy->generation++;
  policy->deadline = deadline_of (policy, row->wait, now);
  policy->state = row->next;
  policy->status = status_of (row->next);

  step->to = row->next;
  step->actions = row->actions;
  step->generation = policy->generation;
  step->status = policy->status;
  if (row->reason != GST_RCAST_REASON_NONE)
    step->reason = row->reason;
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
    "", "unchanged", "settle", "signalling-timeout", "connect-timeout",
    "ice-disconnected-timeout", "close-timeout"
  };
  GString *text =
      g_string_new ("| state | event | next | deadline | actions | reason |\n"
      "|---|---|---|---|---|---|\n");

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    const Row *row = &rows[i];
    g_autofree gchar *actions =
        g_flags_to_string (GST_TYPE_RCAST_ACTIONS, row->actions);
    g_auto (GStrv) flags = g_strsplit (actions, " | ", -1);

    g_string_append_printf (text, "| %s | %s | %s | %s |",
        nick (GST_TYPE_RCAST_STATE, row->state),
        nick (GST_TYPE_RCAST_EVENT_TYPE, row->event),
        nick (GST_TYPE_RCAST_STATE, row->next), waits[row->wait]);
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
