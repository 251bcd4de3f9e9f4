/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Carries out the decisions of the policy. Only the driver calls the policy. */
#include "config.h"

#include "gstrcastdriver.h"

#include "gstrcastattempt.h"
#include "gstrcastgoodbye.h"
#include "gstrcastherald.h"
#include "gstrcasticemonitor.h"
#include "gstrcastmessenger.h"
#include "gstrcasttimer.h"
#include "gstrcasttrace.h"
#include "rcast-loop.h"
#include "rcast-policy-second.h"
#include "rcast-policy-servers.h"

GST_DEBUG_CATEGORY_STATIC (rcast_driver_debug);
#define GST_CAT_DEFAULT rcast_driver_debug

/* The broadcast, and an attempt to take its place. */
#define N_ATTEMPTS 2
/* Of all attempts together. webrtcbin stops within milliseconds, unless its threads wait for each
 * other. */
#define TEARDOWN_LIMIT_S 10

struct _GstRcastDriver
{
  GstObject parent;

  /* constant */
  GstBin *bin;                  /* the bin must live until the last event */
  GstRcastServers *servers;
  GstRcastGhosts *ghosts;
  GstClock *clock;
  GstRcastLoop *loop;
  GstRcastDriverClient client;
  gpointer data;
  GstRcastMessenger *messenger;
  GstRcastHerald *herald;
  GstRcastAttempt *attempts[N_ATTEMPTS];        /* either may be the main one */
  GstRcastGoodbye *goodbye;     /* counts queued stops and sessions that are closing */

  /* the loop's thread */
  GstRcastPolicy policy;
  GstRcastTimer timer, probe_timer;
  GstRcastIceMonitor *monitor;
  gboolean network_lost;
  const gchar *no_restart, *no_renegotiation;   /* why not, at the moment; NULL: possible */

  guint main;                   /* OBJECT_LOCK, written by the loop: the main attempt */
};

G_DEFINE_TYPE (GstRcastDriver, gst_rcast_driver, GST_TYPE_OBJECT);

/* An event on its way to the policy, with its error. */
typedef struct
{
  GstRcastDriver *driver;
  GstRcastEvent event;
  GError *error;
} Raised;

/* Settings on their way to the policy. */
typedef struct
{
  GstRcastDriver *driver;
  GstRcastPolicyConfig config;
} Configuration;

static void
configuration_free (gpointer data)
{
  Configuration *configuration = data;

  gst_object_unref (configuration->driver);
  g_free (configuration);
}

static void
raised_free (gpointer data)
{
  Raised *raised = data;

  gst_object_unref (raised->driver);
  g_clear_error (&raised->error);
  g_free (raised);
}

static gboolean on_raised (gpointer data);

static Raised *
new_raised (GstRcastDriver * driver, GstRcastEventType type, guint generation,
    GstRcastReason reason, const GError * error)
{
  Raised *raised = g_new0 (Raised, 1);

  raised->driver = gst_object_ref (driver);
  raised->event.type = type;
  raised->event.generation = generation;
  raised->event.reason = reason;
  if (error)
    gst_rcast_fault_classify (error, &raised->event);
  raised->error = error ? g_error_copy (error) : NULL;
  return raised;
}

/* Any thread: events reach the policy one by one, in the order in which they are raised.
 * Takes @raised. */
static void
raise_it (Raised * raised)
{
  gst_rcast_loop_invoke (raised->driver->loop, on_raised, raised, raised_free);
}

static void
raise_event (GstRcastDriver * driver, GstRcastEventType type, guint generation,
    GstRcastReason reason, const GError * error)
{
  raise_it (new_raised (driver, type, generation, reason, error));
}

/* The attempt that is the broadcast. The loop's thread */
static GstRcastAttempt *
main_of (GstRcastDriver * driver)
{
  return driver->attempts[driver->main];
}

/* The other attempt, which may be closing. */
static GstRcastAttempt *
second_of (GstRcastDriver * driver)
{
  return driver->attempts[(driver->main + 1) % N_ATTEMPTS];
}

static GstRcastNegotiator *
negotiator_of (GstRcastDriver * driver)
{
  return gst_rcast_attempt_get_negotiator (main_of (driver));
}

static GstRcastSession *
session_of (GstRcastDriver * driver)
{
  return gst_rcast_attempt_get_session (main_of (driver));
}

static GstRcastPeers *
peers_of (GstRcastDriver * driver)
{
  return gst_rcast_attempt_get_peers (main_of (driver));
}

/* An event of the present session. The loop's thread. */
static void
raise_now (GstRcastDriver * driver, GstRcastEventType type,
    GstRcastReason reason, const GError * error)
{
  raise_event (driver, type, driver->policy.generation, reason, error);
}

/* The callbacks of both attempts */

/* If the network is lost, that is the reason. */
static GstRcastReason
blame (GstRcastDriver * driver, const GstRcastEvent * event)
{
  gboolean lost = event->type == GST_RCAST_EVENT_MEDIA_DISCONNECTED
      || (event->type == GST_RCAST_EVENT_MEDIA_FAILED
      && event->reason == GST_RCAST_REASON_ICE_FAILED);

  return lost && driver->network_lost ? GST_RCAST_REASON_NETWORK_LOST :
      event->reason;
}

static void
on_event (const GstRcastEvent * event, const GError * error, gpointer data)
{
  GstRcastDriver *driver = data;
  Raised *raised = new_raised (driver, event->type, event->generation,
      blame (driver, event), error);

  raised->event.lag = event->lag;
  raised->event.static_reports = event->static_reports;
  raised->event.partial = event->partial;
  raised->event.restarted = event->restarted;
  raised->event.same_address = event->same_address;
  raise_it (raised);
}

static void
on_warning (const GError * error, gpointer data)
{
  GstRcastDriver *driver = data;

  GST_WARNING_OBJECT (driver, "%s, going on", error->message);
  gst_rcast_herald_warn (driver->herald, error);
}

static void
on_closed (gpointer data)
{
  GstRcastDriver *driver = data;

  gst_rcast_goodbye_end (driver->goodbye);
}

static GPtrArray *
get_streams (gpointer data)
{
  GstRcastDriver *driver = data;

  return driver->client.get_streams (driver->data);
}

static void
get_settings (GstRcastPeerSettings * settings, gpointer data)
{
  GstRcastDriver *driver = data;

  driver->client.get_settings (settings, driver->data);
}

/* A server may send a message to both sessions. Only one copy counts. */
static void
on_message_received (GstRcastSignaller * signaller, const gchar * type,
    const gchar * payload, gpointer data)
{
  GstRcastDriver *driver = data;

  if (signaller == gst_rcast_session_get_signaller (session_of (driver)))
    gst_rcast_messenger_receive (driver->messenger, type, payload);
}

static const GstRcastNegotiatorCallbacks negotiator_callbacks = {
  .get_streams = get_streams,
  .get_settings = get_settings,
  .event = on_event,
  .warning = on_warning,
  .closed = on_closed,
  .message_received = on_message_received,
};

/* The messenger's client */

static void
on_letter_received (const gchar * type, const gchar * payload, gpointer data)
{
  GstRcastDriver *driver = data;

  driver->client.message_received (type, payload, driver->data);
}

static void
on_letter_dropped (const GstRcastLetter * letter, GstRcastDropCause cause,
    guint waiting, gpointer data)
{
  GstRcastDriver *driver = data;

  driver->client.post (gst_rcast_report_dropped (GST_OBJECT (driver->bin),
          letter, cause, waiting), driver->data);
}

static const GstRcastMessengerClient messenger_client = {
  .received = on_letter_received,
  .dropped = on_letter_dropped,
};

/* The system's network: between two attempts no ICE agent reports it. */
static void
on_network_changed (GstRcastIceMonitor * monitor,
    GstRcastIceNetworkChange change, const gchar * const *uplinks,
    GstRcastDriver * driver)
{
  switch (change) {
    case GST_RCAST_ICE_NETWORK_CHANGE_UP:
      driver->network_lost = FALSE;
      gst_rcast_ghosts_hurry (driver->ghosts);
      raise_event (driver, GST_RCAST_EVENT_NETWORK_UP, 0,
          GST_RCAST_REASON_NETWORK_CHANGED, NULL);
      break;
    case GST_RCAST_ICE_NETWORK_CHANGE_LOST:
      driver->network_lost = TRUE;
      break;
    case GST_RCAST_ICE_NETWORK_CHANGE_REDUCED:
      break;
  }
}

/* The policy's actions */

static void
close_session (GstRcastDriver * driver)
{
  if (gst_rcast_session_close (session_of (driver)))
    gst_rcast_goodbye_begin (driver->goodbye);
}

static void
open_session (GstRcastDriver * driver)
{
  g_autoptr (GError) error = NULL;

  if (gst_rcast_attempt_open (main_of (driver), driver->policy.location,
          &error))
    gst_rcast_servers_set_current (driver->servers, driver->policy.location);
  else
    raise_now (driver, GST_RCAST_EVENT_SIGNALLER_FAILED,
        GST_RCAST_REASON_REJECTED, error);
}

/* Reports the location of the signaller: the policy's may be that of the next attempt by now. */
static void
report_step (GstRcastDriver * driver, const GstRcastStep * step,
    const GError * error)
{
  g_autofree gchar *location = gst_rcast_session_dup_location (session_of (driver));
  GstRcastOccasion occasion = {
    .step = step,
    .error = error,
    .location = location,
    .no_restart = driver->no_restart,
    .no_renegotiation = driver->no_renegotiation,
    .max_retries = driver->policy.config.max_retries,
  };

  gst_rcast_herald_tell (driver->herald, &occasion);
}

#define POSTS (GST_RCAST_ACTION_POST_OUTAGE | GST_RCAST_ACTION_POST_STATUS \
    | GST_RCAST_ACTION_POST_ERROR)

static void
act (GstRcastDriver * driver, const GstRcastStep * step, const GError * error)
{
  GstRcastActions actions = step->actions;
  GstRcastNegotiator *negotiator = negotiator_of (driver);
  GstRcastSession *session = session_of (driver);
  GstRcastPeers *peers = peers_of (driver);

  if (actions & GST_RCAST_ACTION_CLOSE_GATES)
    gst_rcast_peers_close_gates (peers);
  if (actions & GST_RCAST_ACTION_DROP_PEER)
    gst_rcast_peers_drop (peers);
  if (actions & GST_RCAST_ACTION_CLOSE_SIGNALLER)
    close_session (driver);
  if (actions & GST_RCAST_ACTION_OPEN_SIGNALLER)
    open_session (driver);
  if (actions & GST_RCAST_ACTION_RESUME_SIGNALLER)
    gst_rcast_session_resume (session);
  if (actions & GST_RCAST_ACTION_MAKE_OFFER)
    gst_rcast_negotiator_make_offer (negotiator);
  if (actions & GST_RCAST_ACTION_RESTART_ICE)
    gst_rcast_negotiator_restart_ice (negotiator);
  if (actions & GST_RCAST_ACTION_OPEN_GATES)
    gst_rcast_negotiator_open_gates (negotiator);
  if (actions & GST_RCAST_ACTION_SETTLE)
    gst_rcast_negotiator_settle (negotiator);
  if (actions & GST_RCAST_ACTION_DRAIN)
    gst_rcast_peers_drain (peers);
  if (actions & GST_RCAST_ACTION_CHECK)
    gst_rcast_attempt_check (main_of (driver), 0);
  if (actions & GST_RCAST_ACTION_PROBE)
    gst_rcast_attempt_probe (main_of (driver), step->location, TRUE,
        step->generation);
  if ((actions & GST_RCAST_ACTION_POST_WARNING) && error)
    on_warning (error, driver);
  /* The message names the server to fail over to. If that location is no good, the error
   * comes when it is opened. */
  if (step->to == GST_RCAST_STATE_BACKOFF
      && step->strategy == GST_RCAST_STRATEGY_FAILOVER)
    gst_rcast_attempt_use (main_of (driver), step->location, NULL);
  if (actions & POSTS)
    report_step (driver, step, error);
  if (actions & GST_RCAST_ACTION_POST_EOS)
    driver->client.eos (driver->data);
}

/* The second attempt */

/* Drops the second attempt. Only the close of its session goes on. */
static void
drop_second (GstRcastDriver * driver)
{
  if (gst_rcast_attempt_leave (second_of (driver)))
    gst_rcast_goodbye_begin (driver->goodbye);
}

static void
open_second (GstRcastDriver * driver)
{
  const GstRcastPolicy *policy = &driver->policy;
  GstRcastAttempt *second = second_of (driver);
  g_autoptr (GError) error = NULL;

  gst_rcast_negotiator_set_generation (gst_rcast_attempt_get_negotiator
      (second), policy->second_generation);
  if (!gst_rcast_attempt_open (second, policy->second_location, &error))
    raise_event (driver, GST_RCAST_EVENT_SIGNALLER_FAILED,
        policy->second_generation, GST_RCAST_REASON_REJECTED, error);
}

/* Probes with the signaller of the second session, or with another one beside it. */
static void
probe_second (GstRcastDriver * driver)
{
  const GstRcastPolicy *policy = &driver->policy;
  guint location = policy->second_probe;

  gst_rcast_attempt_probe (second_of (driver), location,
      policy->second >= GST_RCAST_SECOND_SIGNALLING
      && location == policy->second_location,
      policy->servers[location].probe_generation);
}

/* The second attempt takes the place of the main one, which is dropped. */
static void
promote (GstRcastDriver * driver)
{
  GST_OBJECT_LOCK (driver);
  driver->main = (driver->main + 1) % N_ATTEMPTS;
  GST_OBJECT_UNLOCK (driver);
  drop_second (driver);
  gst_rcast_servers_set_current (driver->servers, driver->policy.location);
  /* Streams may have changed since the second attempt offered them. */
  gst_rcast_driver_streams_changed (driver);
}

static void
act_on_second (GstRcastDriver * driver, GstRcastActions actions)
{
  GstRcastNegotiator *negotiator =
      gst_rcast_attempt_get_negotiator (second_of (driver));

  if (actions & GST_RCAST_ACTION_DROP_SECOND)
    drop_second (driver);
  if (actions & GST_RCAST_ACTION_OPEN_SECOND)
    open_second (driver);
  if (actions & GST_RCAST_ACTION_OFFER_SECOND)
    gst_rcast_negotiator_make_offer (negotiator);
  if (actions & GST_RCAST_ACTION_OPEN_SECOND_GATES)
    gst_rcast_negotiator_open_gates (negotiator);
  if (actions & GST_RCAST_ACTION_PROMOTE)
    promote (driver);
  if (actions & GST_RCAST_ACTION_PROBE_SECOND)
    probe_second (driver);
}

static void
note_beside (GstRcastDriver * driver)
{
  const GstRcastPolicy *policy = &driver->policy;
  g_autofree gchar *location = NULL;

  if (policy->second < GST_RCAST_SECOND_SIGNALLING) {
    gst_rcast_herald_set_beside (driver->herald, GST_RCAST_STRATEGY_NONE, NULL);
    return;
  }
  location = gst_rcast_session_dup_location (gst_rcast_attempt_get_session
      (second_of (driver)));
  gst_rcast_herald_set_beside (driver->herald,
      gst_rcast_policy_get_second_strategy (policy), location);
}

/* The deadline */

static gboolean
on_timer (GstClock * clock, GstClockTime time, GstClockID id, gpointer data)
{
  raise_event (data, GST_RCAST_EVENT_TICK, 0, GST_RCAST_REASON_NONE, NULL);
  return TRUE;
}

static gboolean
on_probe_timer (GstClock * clock, GstClockTime time, GstClockID id,
    gpointer data)
{
  raise_event (data, GST_RCAST_EVENT_PROBE_DUE, 0, GST_RCAST_REASON_NONE, NULL);
  return TRUE;
}

/* Returns: the abilities that the policy can use now */
static GstRcastAbilities
get_abilities (GstRcastDriver * driver)
{
  GstRcastNegotiator *negotiator = negotiator_of (driver);
  GstRcastSession *session = session_of (driver);

  driver->no_restart = gst_rcast_negotiator_why_no_restart (negotiator);
  driver->no_renegotiation =
      gst_rcast_negotiator_why_no_renegotiation (negotiator);
  return (GstRcastAbilities) {
    .can_restart = driver->no_restart == NULL,
    .can_renegotiate = driver->no_renegotiation == NULL,
    .outdated = gst_rcast_peers_is_outdated (peers_of (driver)),
    .can_resume = gst_rcast_session_can (session, GST_RCAST_SIGNALLER_RESUME),
    .can_probe = gst_rcast_session_can_probe (session),
    /* One that replaces the present second attempt counts, too */
    .can_second = gst_rcast_servers_find_places (driver->servers,
        gst_rcast_session_get_signaller (gst_rcast_attempt_get_session
            (second_of (driver)))),
    .resume_time = gst_rcast_session_get_resume_time (session),
  };
}

static void
update_channel (GstRcastDriver * driver)
{
  GstRcastStatus status = driver->policy.status;
  gboolean media = status == GST_RCAST_STATUS_CONNECTED
      || status == GST_RCAST_STATUS_BROADCASTING
      || status == GST_RCAST_STATUS_RECONNECTING;

  gst_rcast_messenger_update (driver->messenger,
      gst_rcast_session_get_open_signaller (session_of (driver)),
      gst_rcast_peers_get_channel (peers_of (driver)), media);
}

static gboolean
on_raised (gpointer data)
{
  Raised *raised = data;
  GstRcastDriver *driver = raised->driver;
  GstClockTime deadline = driver->policy.deadline;
  GstRcastAbilities abilities = get_abilities (driver);
  GstRcastStep step;

  /* The timer has gone off, so the next deadline may be the same time. */
  if (raised->event.type == GST_RCAST_EVENT_TICK)
    gst_rcast_timer_stop (&driver->timer);
  if (raised->event.type == GST_RCAST_EVENT_PROBE_DUE)
    gst_rcast_timer_stop (&driver->probe_timer);
  gst_rcast_policy_step (&driver->policy, &raised->event, &abilities,
      g_random_int (), gst_clock_get_time (driver->clock), &step);
  act_on_second (driver, step.actions);
  note_beside (driver);
  gst_rcast_negotiator_follow (negotiator_of (driver), &raised->event, &step);
  gst_rcast_attempt_note_uplink (main_of (driver));
  gst_rcast_trace_step (driver->bin, &step, raised->event.type, raised->error);
  if (driver->policy.deadline < deadline)
    gst_rcast_herald_hasten (driver->herald, &step, raised->event.type);
  act (driver, &step, raised->error);
  gst_rcast_timer_arm (&driver->timer, driver->clock,
      gst_rcast_policy_get_deadline (&driver->policy), on_timer, driver);
  gst_rcast_timer_arm (&driver->probe_timer, driver->clock,
      gst_rcast_policy_get_probe_time (&driver->policy), on_probe_timer,
      driver);
  update_channel (driver);
  if (raised->event.type == GST_RCAST_EVENT_STOP)
    gst_rcast_goodbye_end (driver->goodbye);
  return G_SOURCE_REMOVE;
}

static gboolean
apply_locations (gpointer data)
{
  GstRcastDriver *driver = data;
  const guint used[] =
      { driver->policy.location, driver->policy.second_location };
  guint n_listed;
  g_autoptr (GArray) former = gst_rcast_servers_apply (driver->servers, used,
      G_N_ELEMENTS (used), &n_listed);
  Raised *raised = new_raised (driver, GST_RCAST_EVENT_LOCATIONS_CHANGED, 0,
      GST_RCAST_REASON_USER, NULL);

  /* No event may come in between. */
  raised->event.moved = former->len > 0
      && gst_rcast_policy_relocate (&driver->policy,
      (const guint *) former->data, former->len, n_listed);
  on_raised (raised);
  raised_free (raised);
  return G_SOURCE_REMOVE;
}

/* @fewer: whether the remaining streams are sent as they were offered */
static void
raise_streams_changed (GstRcastDriver * driver, gboolean fewer)
{
  Raised *raised = new_raised (driver, GST_RCAST_EVENT_STREAMS_CHANGED, 0,
      GST_RCAST_REASON_STREAMS_CHANGED, NULL);

  raised->event.fewer = fewer;
  raise_it (raised);
}

static gboolean
check_streams (gpointer data)
{
  GstRcastDriver *driver = data;
  GstRcastLineupState state =
      gst_rcast_negotiator_check_streams (negotiator_of (driver));

  raise_event (driver, state == GST_RCAST_LINEUP_PENDING ?
      GST_RCAST_EVENT_STREAMS_PENDING : GST_RCAST_EVENT_STREAMS_READY, 0,
      GST_RCAST_REASON_NONE, NULL);
  if (state == GST_RCAST_LINEUP_CHANGED || state == GST_RCAST_LINEUP_FEWER)
    raise_streams_changed (driver, state == GST_RCAST_LINEUP_FEWER);
  return G_SOURCE_REMOVE;
}

/**
 * gst_rcast_driver_new:
 * @bin: the parent of all peers, and the source of all messages; kept until the last
 *   event after gst_rcast_driver_shutdown()
 * @servers: the servers to broadcast to
 * @ghosts: the sessions left at them, loaded
 * @clock: for deadlines
 * @config: the policy's times
 * @client: receives the reports
 * @data: for @client
 *
 * Starts the loop's thread.
 */
GstRcastDriver *
gst_rcast_driver_new (GstBin * bin, GstRcastServers * servers,
    GstRcastGhosts * ghosts, GstClock * clock,
    const GstRcastPolicyConfig * config, const GstRcastDriverClient * client,
    gpointer data)
{
  GstRcastDriver *driver = g_object_new (GST_TYPE_RCAST_DRIVER, NULL);

  gst_object_ref_sink (driver);
  driver->bin = gst_object_ref (bin);
  driver->servers = gst_object_ref (servers);
  driver->ghosts = gst_object_ref (ghosts);
  driver->clock = gst_object_ref (clock);
  driver->client = *client;
  driver->data = data;
  gst_rcast_policy_init (&driver->policy, config);
  driver->loop = gst_rcast_loop_new ("rcast");
  driver->goodbye = gst_rcast_goodbye_new (driver->loop);
  driver->messenger =
      gst_rcast_messenger_new (driver->loop, &messenger_client, driver);
  driver->herald = gst_rcast_herald_new (GST_OBJECT (bin), client->direction,
      &(const GstRcastHeraldCallbacks) {client->status, client->post,
        client->hastened}, data);
  gst_rcast_herald_set_grace (driver->herald, config->disconnected_timeout);
  for (guint i = 0; i < N_ATTEMPTS; i++)
    driver->attempts[i] = gst_rcast_attempt_new (bin, driver->loop, servers,
        ghosts, &negotiator_callbacks, driver);
  driver->monitor =
      gst_rcast_ice_monitor_new (gst_rcast_loop_get_context (driver->loop));
  g_signal_connect (driver->monitor, "network-changed",
      G_CALLBACK (on_network_changed), driver);
  gst_rcast_ghosts_start (ghosts, driver->loop, on_warning, driver);
  return driver;
}

static gboolean
configure (gpointer data)
{
  Configuration *configuration = data;

  gst_rcast_policy_configure (&configuration->driver->policy,
      &configuration->config);
  gst_rcast_herald_set_grace (configuration->driver->herald,
      configuration->config.disconnected_timeout);
  return G_SOURCE_REMOVE;
}

/* Takes effect at the next start. Any thread, as for all functions below */
void
gst_rcast_driver_configure (GstRcastDriver * driver,
    const GstRcastPolicyConfig * config)
{
  Configuration *configuration = g_new0 (Configuration, 1);

  configuration->driver = gst_object_ref (driver);
  configuration->config = *config;
  gst_rcast_loop_invoke (driver->loop, configure, configuration,
      configuration_free);
}

void
gst_rcast_driver_start (GstRcastDriver * driver)
{
  raise_event (driver, GST_RCAST_EVENT_START, 0, GST_RCAST_REASON_NONE, NULL);
  gst_rcast_driver_streams_changed (driver);
}

void
gst_rcast_driver_stop (GstRcastDriver * driver)
{
  gst_rcast_goodbye_begin (driver->goodbye);
  raise_event (driver, GST_RCAST_EVENT_STOP, 0, GST_RCAST_REASON_USER, NULL);
}

void
gst_rcast_driver_eos (GstRcastDriver * driver)
{
  raise_event (driver, GST_RCAST_EVENT_EOS, 0, GST_RCAST_REASON_USER, NULL);
}

void
gst_rcast_driver_ice_restart (GstRcastDriver * driver)
{
  raise_event (driver, GST_RCAST_EVENT_RESTART, 0, GST_RCAST_REASON_USER, NULL);
}

/* Makes a new connection in the same session, before the present one is closed. If the
 * server cannot do that, a new session. Waits until the streams have settled. */
void
gst_rcast_driver_renegotiate (GstRcastDriver * driver)
{
  raise_streams_changed (driver, FALSE);
}

/* What the attempt waits for may be there by now. */
void
gst_rcast_driver_reconnect_now (GstRcastDriver * driver)
{
  raise_event (driver, GST_RCAST_EVENT_RECONNECT_NOW, 0,
      GST_RCAST_REASON_NONE, NULL);
}

/* The list of servers has changed. */
void
gst_rcast_driver_locations_changed (GstRcastDriver * driver)
{
  gst_rcast_loop_invoke (driver->loop, apply_locations,
      gst_object_ref (driver), (GDestroyNotify) gst_object_unref);
}

/* Sent in the order of the calls. @letter: (transfer full) */
void
gst_rcast_driver_send_message (GstRcastDriver * driver, GstRcastLetter * letter)
{
  gst_rcast_messenger_send (driver->messenger, letter);
}

/* A stream was added or removed, or its offer has changed. */
void
gst_rcast_driver_streams_changed (GstRcastDriver * driver)
{
  gst_rcast_loop_invoke (driver->loop, check_streams,
      gst_object_ref (driver), (GDestroyNotify) gst_object_unref);
}

/* Twice is fine. */
static void
finish (GstRcastDriver * driver)
{
  for (guint i = 0; i < N_ATTEMPTS; i++)
    gst_rcast_attempt_stop (driver->attempts[i]);
  gst_rcast_ghosts_stop (driver->ghosts, driver->loop);
  gst_rcast_messenger_stop (driver->messenger);
  gst_rcast_ice_monitor_stop (driver->monitor);
  gst_rcast_timer_stop (&driver->timer);
  gst_rcast_timer_stop (&driver->probe_timer);
}

static void
end_farewell (gpointer data)
{
  GstRcastDriver *driver = data;

  finish (driver);
  gst_object_unref (driver);
}

/* The stop is carried out by now. The server may still have to answer the goodbye. */
static gboolean
begin_farewell (gpointer data)
{
  GstRcastDriver *driver = data;

  gst_rcast_goodbye_wait_here (driver->goodbye, end_farewell,
      gst_object_ref (driver));
  return G_SOURCE_REMOVE;
}

/* Probes are cancelled, and end, on the loop's thread. */
static gboolean
stop_probes (gpointer data)
{
  GstRcastDriver *driver = data;

  for (guint i = 0; i < N_ATTEMPTS; i++)
    gst_rcast_attempt_stop_probes (driver->attempts[i]);
  return G_SOURCE_REMOVE;
}

/**
 * gst_rcast_driver_shutdown:
 * @driver: the driver, stopped
 *
 * Waits for the server's answer to the goodbye, and until all peers have stopped, both for
 * a limited time. Then ends the loop's thread. On the loop's own thread it cannot wait:
 * all of this then goes on afterwards, and the bin is kept for as long.
 */
void
gst_rcast_driver_shutdown (GstRcastDriver * driver)
{
  gint64 end;

  if (gst_rcast_loop_is_current (driver->loop)) {
    gst_rcast_loop_invoke (driver->loop, begin_farewell,
        gst_object_ref (driver), (GDestroyNotify) gst_object_unref);
    gst_rcast_loop_stop (driver->loop);
    return;
  }
  gst_rcast_goodbye_wait (driver->goodbye);
  end = g_get_monotonic_time () + TEARDOWN_LIMIT_S * G_TIME_SPAN_SECOND;
  for (guint i = 0; i < N_ATTEMPTS; i++)
    gst_rcast_peers_wait (gst_rcast_attempt_get_peers (driver->attempts[i]),
        end);
  gst_rcast_ghosts_stop_soon (driver->ghosts, driver->loop);
  gst_rcast_loop_invoke (driver->loop, stop_probes, gst_object_ref (driver),
      (GDestroyNotify) gst_object_unref);
  gst_rcast_loop_stop (driver->loop);
  finish (driver);
}

/* Returns: (transfer none): the loop whose thread makes all decisions */
GstRcastLoop *
gst_rcast_driver_get_loop (GstRcastDriver * driver)
{
  return driver->loop;
}

void
gst_rcast_driver_sync_base_time (GstRcastDriver * driver)
{
  for (guint i = 0; i < N_ATTEMPTS; i++)
    gst_rcast_peers_sync_base_time (gst_rcast_attempt_get_peers
        (driver->attempts[i]),
        gst_element_get_base_time (GST_ELEMENT (driver->bin)));
}

/* Returns: (transfer full) (nullable): statistics of the broadcast's present peer */
GstStructure *
gst_rcast_driver_get_peer_stats (GstRcastDriver * driver)
{
  guint which;

  GST_OBJECT_LOCK (driver);
  which = driver->main;
  GST_OBJECT_UNLOCK (driver);
  return gst_rcast_peers_get_stats (gst_rcast_attempt_get_peers
      (driver->attempts[which]));
}

/* Whether the broadcast is a session of @signaller. The loop's thread */
gboolean
gst_rcast_driver_is_main (GstRcastDriver * driver,
    GstRcastSignaller * signaller)
{
  return gst_rcast_session_get_signaller (session_of (driver)) == signaller;
}

/* Returns: (transfer full) (nullable): the second attempt, in words */
gchar *
gst_rcast_driver_dup_beside (GstRcastDriver * driver)
{
  return gst_rcast_herald_dup_beside (driver->herald);
}

static void
gst_rcast_driver_finalize (GObject * object)
{
  GstRcastDriver *driver = GST_RCAST_DRIVER (object);

  finish (driver);
  g_clear_object (&driver->monitor);
  gst_object_unref (driver->servers);
  gst_object_unref (driver->ghosts);
  gst_object_unref (driver->clock);
  for (guint i = 0; i < N_ATTEMPTS; i++)
    gst_rcast_attempt_free (driver->attempts[i]);
  gst_object_unref (driver->messenger);
  gst_rcast_herald_free (driver->herald);
  gst_rcast_goodbye_free (driver->goodbye);
  gst_rcast_loop_unref (driver->loop);
  gst_object_unref (driver->bin);
  G_OBJECT_CLASS (gst_rcast_driver_parent_class)->finalize (object);
}

static void
gst_rcast_driver_class_init (GstRcastDriverClass * klass)
{
  GST_DEBUG_CATEGORY_INIT (rcast_driver_debug, "rcastdriver", 0,
      "gst-rcast: what is done, and why");
  G_OBJECT_CLASS (klass)->finalize = gst_rcast_driver_finalize;
}

static void
gst_rcast_driver_init (GstRcastDriver * driver)
{
}
