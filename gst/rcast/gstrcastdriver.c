/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Carries out what the policy decides, and is its only caller. */
#include "config.h"

#include "gstrcastdriver.h"

#include "gstrcasticemonitor.h"
#include "gstrcastsession.h"
#include "rcast-enumtypes.h"
#include "rcast-loop.h"
#include "rcast-nick.h"
#include "rcast-policyenums.h"

GST_DEBUG_CATEGORY_STATIC (rcast_driver_debug);
#define GST_CAT_DEFAULT rcast_driver_debug

/* How long a shutdown waits for the server to answer the goodbye, whatever the
 * signaller's own timeout is. */
#define SHUTDOWN_TIMEOUT_US (5 * G_USEC_PER_SEC)

typedef struct
{
  GstClockID id;                /* NULL: it has not to go off */
  GstClockTime deadline;
} Timer;

struct _GstRcastDriver
{
  GstObject parent;

  /* constant */
  GstBin *bin;                  /* the client's as well: it is there until the last event */
  GstClock *clock;
  GstRcastLoop *loop;
  GstRcastDriverClient client;
  gpointer data;
  GstRcastSession *session;

  /* the loop's thread */
  GstRcastPolicy policy;
  GstRcastReporter reporter;
  Timer timer, probe_timer;
  guint peers_made;
  GstRcastIceMonitor *monitor;
  gboolean network_lost;
  gboolean dtls_gone;           /* of the present peer: no restart can help */
  gboolean restart_again;       /* one is under way, another one is wanted */
  gboolean restart_by_user;     /* the application wanted the last one */
  gboolean restart_warned;      /* none has worked since one was said to have failed */
  const gchar *no_restart, *no_renegotiation;   /* in this turn; NULL: possible */

  GstRcastPeer *peer;           /* written by the loop's thread under OBJECT_LOCK */
  GstRcastPeer *former;         /* the same: media until the new one is connected */
  guint busy;                   /* OBJECT_LOCK: stops queued, sessions closing */
  guint teardowns;              /* OBJECT_LOCK: peers on their way to NULL */
  GCond idle;                   /* OBJECT_LOCK: busy or teardowns fell */
};

G_DEFINE_TYPE (GstRcastDriver, gst_rcast_driver, GST_TYPE_OBJECT);

/* An event on its way to the policy, with what is to be said about it. */
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

static void
count (GstRcastDriver * driver, guint * counter, gint change)
{
  GST_OBJECT_LOCK (driver);
  *counter += change;
  g_cond_broadcast (&driver->idle);
  GST_OBJECT_UNLOCK (driver);
}

static gboolean on_raised (gpointer data);

static gboolean
is_unreachable (const GError * error)
{
  return g_error_matches (error, GST_RCAST_ERROR, GST_RCAST_ERROR_NETWORK)
      || g_error_matches (error, GST_RCAST_ERROR, GST_RCAST_ERROR_TIMEOUT);
}

static Raised *
new_raised (GstRcastDriver * driver, GstRcastEventType type, guint generation,
    GstRcastReason reason, const GError * error)
{
  Raised *raised = g_new0 (Raised, 1);

  raised->driver = gst_object_ref (driver);
  raised->event.type = type;
  raised->event.generation = generation;
  raised->event.reason = reason;
  if (error) {
    GstClockTime retry_after = gst_rcast_error_get_retry_after (error);

    raised->event.fatal =
        gst_rcast_error_get_class (error) == GST_RCAST_ERROR_CLASS_FATAL;
    raised->event.retry_after =
        GST_CLOCK_TIME_IS_VALID (retry_after) ? retry_after : 0;
    raised->event.unreachable = is_unreachable (error);
  }
  raised->error = error ? g_error_copy (error) : NULL;
  return raised;
}

/* Any thread: events reach the policy one after the other, in the order in
 * which they are raised. Takes @raised. */
static void
raise_it (Raised * raised)
{
  gst_rcast_loop_invoke (raised->driver->loop, on_raised, raised, raised_free);
}

static void
warn (GstRcastDriver * driver, const GError * error)
{
  GST_WARNING_OBJECT (driver, "%s, going on", error->message);
  driver->client.post (gst_rcast_report_warning (GST_OBJECT (driver->bin),
          error), driver->data);
}

static void
raise_event (GstRcastDriver * driver, GstRcastEventType type, guint generation,
    GstRcastReason reason, const GError * error)
{
  raise_it (new_raised (driver, type, generation, reason, error));
}

/* An event of the present session. The loop's thread. */
static void
raise_now (GstRcastDriver * driver, GstRcastEventType type,
    GstRcastReason reason, const GError * error)
{
  raise_event (driver, type, driver->policy.generation, reason, error);
}

/* The same for what began @lag ago. */
static void
raise_late (GstRcastDriver * driver, GstRcastEventType type,
    GstRcastReason reason, GstClockTime lag)
{
  Raised *raised = new_raised (driver, type, driver->policy.generation, reason,
      NULL);

  raised->event.lag = lag;
  raise_it (raised);
}

/* The peer's callbacks. What becomes of a former one is no news any more. */

static void restart_ice (GstRcastDriver * driver);

static void
on_peer_offer (GstRcastPeer * peer, GstRcastOfferKind kind, const gchar * sdp,
    gpointer data)
{
  GstRcastDriver *driver = data;

  if (peer == driver->peer)
    gst_rcast_session_offer (driver->session, kind, sdp);
}

static void
raise_negotiated (GstRcastDriver * driver, gboolean unmoved)
{
  Raised *raised = new_raised (driver, GST_RCAST_EVENT_NEGOTIATED,
      driver->policy.generation, GST_RCAST_REASON_NONE, NULL);

  raised->event.same_address = unmoved;
  raise_it (raised);
}

static void
on_peer_negotiated (GstRcastPeer * peer, GstRcastOfferKind kind, gpointer data)
{
  GstRcastDriver *driver = data;

  if (peer != driver->peer)
    return;
  if (kind == GST_RCAST_OFFER_INITIAL)
    raise_negotiated (driver, FALSE);
  else if (driver->restart_again)
    restart_ice (driver);
  else if (gst_rcast_peer_is_unmoved (peer))
    raise_negotiated (driver, TRUE);
}

static void
on_peer_candidate (GstRcastPeer * peer, guint mline, const gchar * ufrag,
    const gchar * candidate, gpointer data)
{
  GstRcastDriver *driver = data;

  if (peer == driver->peer)
    gst_rcast_session_add_candidate (driver->session, mline, ufrag, candidate);
}

static void
raise_connected (GstRcastDriver * driver, GstRcastReason reason,
    gboolean restarted)
{
  Raised *raised = new_raised (driver, GST_RCAST_EVENT_MEDIA_CONNECTED,
      driver->policy.generation, reason, NULL);

  raised->event.restarted = restarted;
  raise_it (raised);
}

static void
on_peer_connection (GstRcastPeer * peer, GstRcastConnection connection,
    GstRcastReason reason, gpointer data)
{
  GstRcastDriver *driver = data;

  if (peer != driver->peer)
    return;
  switch (connection) {
    case GST_RCAST_CONNECTION_CONNECTED:
      raise_connected (driver, reason, FALSE);
      break;
    case GST_RCAST_CONNECTION_RESTARTED:
      driver->restart_warned = FALSE;
      raise_connected (driver, reason, TRUE);
      break;
    case GST_RCAST_CONNECTION_DISCONNECTED:
      raise_late (driver, GST_RCAST_EVENT_MEDIA_DISCONNECTED,
          driver->network_lost ? GST_RCAST_REASON_NETWORK_LOST : reason,
          gst_rcast_peer_get_silence (peer));
      break;
    case GST_RCAST_CONNECTION_FAILED:
      driver->dtls_gone |= reason == GST_RCAST_REASON_SERVER_CLOSED
          || reason == GST_RCAST_REASON_DTLS_FAILED;
      raise_now (driver, GST_RCAST_EVENT_MEDIA_FAILED,
          driver->network_lost && reason == GST_RCAST_REASON_ICE_FAILED ?
          GST_RCAST_REASON_NETWORK_LOST : reason, NULL);
      break;
  }
}

static void
on_peer_confirmed (GstRcastPeer * peer, gpointer data)
{
  GstRcastDriver *driver = data;

  if (peer == driver->peer)
    raise_now (driver, GST_RCAST_EVENT_MEDIA_CONFIRMED, GST_RCAST_REASON_NONE,
        NULL);
}

static void
on_peer_frozen (GstRcastPeer * peer, GstClockTime since,
    gboolean never_moved, gpointer data)
{
  GstRcastDriver *driver = data;
  Raised *raised;

  if (peer != driver->peer)
    return;
  raised = new_raised (driver, GST_RCAST_EVENT_MEDIA_FROZEN,
      driver->policy.generation, GST_RCAST_REASON_MEDIA_FROZEN, NULL);
  raised->event.lag = since;
  raised->event.static_reports = never_moved;
  raise_it (raised);
}

static const gchar *why_no_restart (GstRcastDriver * driver);

/* A restart is on its way, too. Where none can be, a fresh connection would be the
 * next step: too much for a mere doubt. */
static void
on_peer_path_doubted (GstRcastPeer * peer, GstClockTime since, gpointer data)
{
  GstRcastDriver *driver = data;

  if (peer == driver->peer && !why_no_restart (driver))
    raise_late (driver, GST_RCAST_EVENT_MEDIA_SUSPECT,
        GST_RCAST_REASON_ICE_DISCONNECTED, since);
}

static void
on_peer_path_switched (GstRcastPeer * peer, const gchar * how, gpointer data)
{
  GstRcastDriver *driver = data;
  g_autoptr (GError) told = g_error_new_literal (GST_RCAST_ERROR,
      GST_RCAST_ERROR_NETWORK, how);

  if (peer == driver->peer)
    raise_now (driver, GST_RCAST_EVENT_PATH_SWITCHED,
        GST_RCAST_REASON_NETWORK_CHANGED, told);
}

/* In the background: where the server cannot, nothing is lost. */
static void
on_peer_restart_wanted (GstRcastPeer * peer, gpointer data)
{
  GstRcastDriver *driver = data;

  if (peer != driver->peer)
    return;
  if (gst_rcast_session_can (driver->session,
          GST_RCAST_SIGNALLER_ICE_RESTART))
    raise_now (driver, GST_RCAST_EVENT_RESTART,
        GST_RCAST_REASON_NETWORK_CHANGED, NULL);
}

static void restart_failed (GstRcastDriver * driver, const GError * error);

static void
on_peer_restart_failed (GstRcastPeer * peer, const GError * error,
    gpointer data)
{
  GstRcastDriver *driver = data;

  if (peer == driver->peer)
    restart_failed (driver, error);
}

static void
on_peer_drained (GstRcastPeer * peer, gpointer data)
{
  GstRcastDriver *driver = data;

  if (peer == driver->peer)
    raise_now (driver, GST_RCAST_EVENT_DRAINED, GST_RCAST_REASON_NONE, NULL);
}

static void
on_peer_failed (GstRcastPeer * peer, const GError * error, gpointer data)
{
  GstRcastDriver *driver = data;

  if (peer == driver->peer)
    raise_now (driver, GST_RCAST_EVENT_PEER_FAILED,
        gst_rcast_session_reason_for (error), error);
}

static const GstRcastPeerCallbacks peer_callbacks = {
  .offer = on_peer_offer,
  .negotiated = on_peer_negotiated,
  .candidate = on_peer_candidate,
  .connection = on_peer_connection,
  .confirmed = on_peer_confirmed,
  .frozen = on_peer_frozen,
  .path_doubted = on_peer_path_doubted,
  .path_switched = on_peer_path_switched,
  .restart_wanted = on_peer_restart_wanted,
  .restart_failed = on_peer_restart_failed,
  .drained = on_peer_drained,
  .failed = on_peer_failed,
};

/* The session's callbacks */

/* As part of a recovery the policy has to know; where the application asked
 * for it, the application. */
static void
restart_failed (GstRcastDriver * driver, const GError * error)
{
  if (g_error_matches (error, GST_RCAST_ERROR, GST_RCAST_ERROR_SESSION_GONE))
    raise_now (driver, GST_RCAST_EVENT_EVICTED, GST_RCAST_REASON_EVICTED,
        error);
  else if (driver->restart_again)
    restart_ice (driver);
  else if (driver->policy.state == GST_RCAST_STATE_RESTARTING
      || (driver->policy.state == GST_RCAST_STATE_DISRUPTED
          && is_unreachable (error)))
    raise_now (driver, GST_RCAST_EVENT_RESTART_FAILED,
        GST_RCAST_REASON_ICE_FAILED, error);
  else if (driver->restart_by_user || !driver->restart_warned)
    warn (driver, error);
  else
    GST_INFO_OBJECT (driver, "%s", error->message);
  driver->restart_warned = TRUE;
}

static void
on_session_event (const GstRcastEvent * event, const GError * error,
    gpointer data)
{
  GstRcastDriver *driver = data;

  /* A camera that is silent is no fault of the network. */
  if (event->type == GST_RCAST_EVENT_MEDIA_SUSPECT
      && !(driver->peer && gst_rcast_peer_is_sending (driver->peer)))
    return;
  raise_event (driver, event->type, event->generation, event->reason, error);
}

static void
on_answered (const gchar * sdp, const gchar * const *ice_servers, gpointer data)
{
  GstRcastDriver *driver = data;

  if (driver->peer)
    gst_rcast_peer_set_answer (driver->peer, sdp, ice_servers);
}

static void
on_restart_refused (const GError * error, gpointer data)
{
  GstRcastDriver *driver = data;
  g_autoptr (GError) prefixed = g_error_copy (error);

  if (!driver->peer)
    return;
  gst_rcast_peer_cancel_offer (driver->peer);
  g_prefix_error (&prefixed, "ICE restart: ");
  restart_failed (driver, prefixed);
}

static void
on_server_candidate (guint mline, const gchar * candidate, gpointer data)
{
  GstRcastDriver *driver = data;

  if (driver->peer)
    gst_rcast_peer_add_candidate (driver->peer, mline, candidate);
}

static void
on_session_closed (gpointer data)
{
  GstRcastDriver *driver = data;

  count (driver, &driver->busy, -1);
}

static void
on_message_received (const gchar * type, const gchar * payload, gpointer data)
{
  GstRcastDriver *driver = data;

  driver->client.message_received (type, payload, driver->data);
}

static void
on_message_dropped (const GstRcastLetter * letter, GstRcastDropCause cause,
    guint waiting, gpointer data)
{
  GstRcastDriver *driver = data;

  driver->client.post (gst_rcast_report_dropped (GST_OBJECT (driver->bin),
          letter, cause, waiting), driver->data);
}

static const GstRcastSessionCallbacks session_callbacks = {
  .event = on_session_event,
  .answered = on_answered,
  .restart_refused = on_restart_refused,
  .candidate = on_server_candidate,
  .closed = on_session_closed,
  .message_received = on_message_received,
  .message_dropped = on_message_dropped,
};

/* The system's network, at any time: between two attempts there is no agent to
 * tell of it. */
static void
on_network_changed (GstRcastIceMonitor * monitor,
    GstRcastIceNetworkChange change, const gchar * const *uplinks,
    GstRcastDriver * driver)
{
  switch (change) {
    case GST_RCAST_ICE_NETWORK_CHANGE_UP:
      driver->network_lost = FALSE;
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
check_first_server (GstRcastDriver * driver)
{
  g_autofree gchar *location = NULL;
  g_autoptr (GstRcastSignaller) prober =
      driver->client.get_prober (0, &location, driver->data);

  if (prober)
    gst_rcast_session_check (driver->session, prober, location);
}

static void
close_gates (GstRcastDriver * driver)
{
  if (driver->former)
    gst_rcast_peer_close_gates (driver->former);
  if (driver->peer)
    gst_rcast_peer_close_gates (driver->peer);
}

static void
tear_down (GstElement * peer, gpointer data)
{
  GstRcastDriver *driver = data;

  gst_rcast_peer_tear_down (GST_RCAST_PEER (peer));
  gst_bin_remove (driver->bin, peer);
  count (driver, &driver->teardowns, -1);
}

/* Takes the reference. */
static void
begin_tear_down (GstRcastDriver * driver, GstRcastPeer * peer)
{
  count (driver, &driver->teardowns, 1);
  gst_rcast_peer_stop (peer);
  /* Waits for webrtcbin's threads, which the loop must not. */
  gst_element_call_async (GST_ELEMENT (peer), tear_down,
      gst_object_ref (driver), (GDestroyNotify) gst_object_unref);
  gst_object_unref (peer);
}

static void
drop_former (GstRcastDriver * driver)
{
  GstRcastPeer *former;

  GST_OBJECT_LOCK (driver);
  former = g_steal_pointer (&driver->former);
  GST_OBJECT_UNLOCK (driver);
  if (former)
    begin_tear_down (driver, former);
}

static void
drop_peer (GstRcastDriver * driver)
{
  GstRcastPeer *peer;

  drop_former (driver);
  GST_OBJECT_LOCK (driver);
  peer = g_steal_pointer (&driver->peer);
  GST_OBJECT_UNLOCK (driver);
  if (peer)
    begin_tear_down (driver, peer);
}

/* Media goes on over it until another one is connected; or over the one before it,
 * if it did not get as far. */
static void
set_peer_aside (GstRcastDriver * driver)
{
  gboolean keep = driver->former && driver->peer
      && !gst_rcast_peer_is_negotiated (driver->peer);
  GstRcastPeer *dropped;

  GST_OBJECT_LOCK (driver);
  dropped = keep ? driver->peer : driver->former;
  if (!keep)
    driver->former = driver->peer;
  driver->peer = NULL;
  GST_OBJECT_UNLOCK (driver);
  if (dropped)
    begin_tear_down (driver, dropped);
}

static void
settle (GstRcastDriver * driver)
{
  drop_former (driver);
  gst_rcast_session_settle (driver->session);
}

static void
close_session (GstRcastDriver * driver)
{
  if (gst_rcast_session_close (driver->session))
    count (driver, &driver->busy, 1);
}

static gboolean
use_location (GstRcastDriver * driver, GError ** error)
{
  GstRcastSignaller *signaller =
      driver->client.use_location (driver->policy.location, driver->data,
      error);

  if (signaller)
    gst_rcast_session_use (driver->session, signaller);
  return signaller != NULL;
}

static void
open_session (GstRcastDriver * driver)
{
  g_autoptr (GError) error = NULL;

  if (use_location (driver, &error))
    gst_rcast_session_open (driver->session);
  else
    raise_now (driver, GST_RCAST_EVENT_SIGNALLER_FAILED,
        GST_RCAST_REASON_REJECTED, error);
}

static GstRcastPeer *
build_peer (GstRcastDriver * driver, GError ** error)
{
  g_autoptr (GPtrArray) streams = driver->client.get_streams (driver->data);
  g_autofree gchar *name = g_strdup_printf ("peer%u", driver->peers_made++);
  GstRcastPeerSettings settings = { NULL };
  GstRcastPeer *peer;

  driver->client.get_settings (&settings, driver->data);
  settings.gather_first =
      !gst_rcast_session_can (driver->session, GST_RCAST_SIGNALLER_TRICKLE);
  peer = gst_rcast_peer_new (name, driver->loop, streams, &settings,
      &peer_callbacks, driver, error);
  gst_rcast_peer_settings_clear (&settings);
  return peer;
}

static void
make_offer (GstRcastDriver * driver)
{
  g_autoptr (GError) error = NULL;
  GstRcastPeer *peer = build_peer (driver, &error);

  set_peer_aside (driver);
  driver->dtls_gone = FALSE;
  driver->restart_again = FALSE;
  if (!peer) {
    raise_now (driver, GST_RCAST_EVENT_PEER_FAILED, GST_RCAST_REASON_REJECTED,
        error);
    return;
  }

  /* It lives by the driver's will alone: the states of the bin are for the
   * media, and a paused camera is no reason to hang up. */
  gst_element_set_locked_state (GST_ELEMENT (peer), TRUE);
  GST_OBJECT_LOCK (driver);
  driver->peer = gst_object_ref (peer);
  GST_OBJECT_UNLOCK (driver);
  gst_bin_add (driver->bin, GST_ELEMENT (peer));
  if (gst_element_set_state (GST_ELEMENT (peer), GST_STATE_PLAYING)
      == GST_STATE_CHANGE_FAILURE) {
    g_set_error (&error, GST_RCAST_ERROR, GST_RCAST_ERROR_FAILED,
        "webrtcbin does not start");
    raise_now (driver, GST_RCAST_EVENT_PEER_FAILED, GST_RCAST_REASON_REJECTED,
        error);
    return;
  }
  gst_rcast_peer_make_offer (peer, GST_RCAST_OFFER_INITIAL);
}

/* What is wanted while one is under way is done after it: the network that it
 * began with may not be there any more. */
static void
restart_ice (GstRcastDriver * driver)
{
  g_autoptr (GError) error = NULL;

  driver->restart_again = FALSE;
  if (gst_rcast_session_can (driver->session, GST_RCAST_SIGNALLER_ICE_RESTART)) {
    driver->restart_again =
        !gst_rcast_peer_make_offer (driver->peer, GST_RCAST_OFFER_RESTART);
    return;
  }
  g_set_error (&error, GST_RCAST_ERROR, GST_RCAST_ERROR_NOT_SUPPORTED,
      "ICE restart: the server is known not to support it");
  restart_failed (driver, error);
}

/* Why an ICE restart cannot help; NULL: it may. */
static const gchar *
why_no_restart (GstRcastDriver * driver)
{
  if (!driver->peer)
    return "there is no connection";
  if (!gst_rcast_peer_is_negotiated (driver->peer))
    return "the connection is not negotiated yet";
  if (driver->dtls_gone)
    return "DTLS is over";
  return gst_rcast_session_why_no_restart (driver->session);
}

static void
report (GstRcastDriver * driver, const GstRcastStatusInfo * info)
{
  g_autoptr (GPtrArray) messages = gst_rcast_report_status (&driver->reporter,
      GST_OBJECT (driver->bin), info);

  driver->client.status (info, messages, driver->data);
}

/* The signaller names its server, which an attempt elsewhere has changed by now. */
static void
report_step (GstRcastDriver * driver, const GstRcastStep * step,
    const GError * error)
{
  g_autofree gchar *location = gst_rcast_session_dup_location (driver->session);
  GstRcastOccasion occasion = {
    .step = step,
    .error = error,
    .location = location,
    .no_restart = driver->no_restart,
    .no_renegotiation = driver->no_renegotiation,
    .max_retries = driver->policy.config.max_retries,
  };
  g_autoptr (GstRcastStatusInfo) info = gst_rcast_report_step (&occasion);

  if (step->actions & GST_RCAST_ACTION_POST_OUTAGE) {
    g_autoptr (GstRcastStatusInfo) began = gst_rcast_report_outage (&occasion);

    report (driver, began);
  }
  if (step->actions & GST_RCAST_ACTION_POST_STATUS)
    report (driver, info);
  if (step->actions & GST_RCAST_ACTION_POST_ERROR)
    driver->client.post (gst_rcast_report_failure (GST_OBJECT (driver->bin),
            info, error), driver->data);
}

#define POSTS (GST_RCAST_ACTION_POST_OUTAGE | GST_RCAST_ACTION_POST_STATUS \
    | GST_RCAST_ACTION_POST_ERROR)

static void
act (GstRcastDriver * driver, const GstRcastStep * step, const GError * error)
{
  GstRcastActions actions = step->actions;

  if (actions & GST_RCAST_ACTION_CLOSE_GATES)
    close_gates (driver);
  if (actions & GST_RCAST_ACTION_DROP_PEER)
    drop_peer (driver);
  if (actions & GST_RCAST_ACTION_CLOSE_SIGNALLER)
    close_session (driver);
  if (actions & GST_RCAST_ACTION_OPEN_SIGNALLER)
    open_session (driver);
  if (actions & GST_RCAST_ACTION_RESUME_SIGNALLER)
    gst_rcast_session_resume (driver->session);
  if (actions & GST_RCAST_ACTION_MAKE_OFFER)
    make_offer (driver);
  if (actions & GST_RCAST_ACTION_RESTART_ICE)
    restart_ice (driver);
  if (actions & GST_RCAST_ACTION_OPEN_GATES)
    gst_rcast_peer_open_gates (driver->peer);
  if (actions & GST_RCAST_ACTION_SETTLE)
    settle (driver);
  if (actions & GST_RCAST_ACTION_DRAIN)
    gst_rcast_peer_drain (driver->peer);
  if (actions & GST_RCAST_ACTION_CHECK)
    check_first_server (driver);
  if (actions & GST_RCAST_ACTION_PROBE)
    gst_rcast_session_probe (driver->session);
  if ((actions & GST_RCAST_ACTION_POST_WARNING) && error)
    warn (driver, error);
  /* The message names the server that is gone to; if it cannot be used, that is
   * said when it is its turn. */
  if (step->to == GST_RCAST_STATE_BACKOFF
      && step->strategy == GST_RCAST_STRATEGY_FAILOVER)
    use_location (driver, NULL);
  if (actions & POSTS)
    report_step (driver, step, error);
  if (actions & GST_RCAST_ACTION_POST_EOS)
    driver->client.eos (driver->data);
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

static void
stop_timer (Timer * timer)
{
  if (!timer->id)
    return;
  gst_clock_id_unschedule (timer->id);
  g_clear_pointer (&timer->id, gst_clock_id_unref);
}

static void
arm_timer (GstRcastDriver * driver, Timer * timer, GstClockTime deadline,
    GstClockCallback callback)
{
  if (timer->id && timer->deadline == deadline)
    return;
  stop_timer (timer);
  if (!GST_CLOCK_TIME_IS_VALID (deadline))
    return;
  timer->deadline = deadline;
  timer->id = gst_clock_new_single_shot_id (driver->clock, deadline);
  gst_clock_id_wait_async (timer->id, callback, gst_object_ref (driver),
      (GDestroyNotify) gst_object_unref);
}

/* What belongs into the story of an outage: what is told to the application, and
 * what begins and ends on air. The steps of an attempt are details. */
static GstDebugLevel
level_of (const GstRcastStep * step, GstRcastEventType event)
{
  gboolean told = step->actions & (GST_RCAST_ACTION_POST_STATUS
      | GST_RCAST_ACTION_POST_WARNING | GST_RCAST_ACTION_POST_ERROR);
  gboolean turn = step->from != step->to
      && (step->from == GST_RCAST_STATE_LIVE
      || step->to == GST_RCAST_STATE_LIVE);
  gboolean early = event == GST_RCAST_EVENT_PROBE_ANSWERED;

  return told || turn || early ? GST_LEVEL_INFO : GST_LEVEL_DEBUG;
}

static gchar *
name_attempt (const GstRcastStep * step)
{
  return step->attempt == 0 ? g_strdup ("") :
      g_strdup_printf (", attempt %u by %s in %" G_GUINT64_FORMAT " ms",
      step->attempt, gst_rcast_nick (GST_TYPE_RCAST_STRATEGY, step->strategy),
      GST_TIME_AS_MSECONDS (step->delay));
}

static void
log_step (GstRcastDriver * driver, const GstRcastStep * step,
    const Raised * raised)
{
  g_autofree gchar *attempt = name_attempt (step);
  const gchar *event =
      gst_rcast_nick (GST_TYPE_RCAST_EVENT_TYPE, raised->event.type);
  const gchar *from = gst_rcast_nick (GST_TYPE_RCAST_STATE, step->from);
  const gchar *to = gst_rcast_nick (GST_TYPE_RCAST_STATE, step->to);

  if (step->extended)
    GST_INFO_OBJECT (driver, "the process stood still in %s: it waits anew",
        from);
  else if (step->ignored)
    GST_DEBUG_OBJECT (driver, "%s in %s: ignored", event, from);
  else
    GST_CAT_LEVEL_LOG (GST_CAT_DEFAULT, level_of (step, raised->event.type),
        driver, "%s -> %s on %s, session %u, reason %s%s%s%s", from, to, event,
        step->generation, gst_rcast_nick (GST_TYPE_RCAST_REASON, step->reason),
        attempt, raised->error ? ": " : "",
        raised->error ? raised->error->message : "");
}

/* What may help, as things are now. */
static GstRcastAbilities
get_abilities (GstRcastDriver * driver)
{
  GstRcastSession *session = driver->session;

  driver->no_restart = why_no_restart (driver);
  driver->no_renegotiation =
      gst_rcast_session_why_no_renegotiation (session, driver->dtls_gone);
  return (GstRcastAbilities) {
    .can_restart = driver->no_restart == NULL,
    .can_renegotiate = driver->no_renegotiation == NULL,
    .can_resume = gst_rcast_session_can (session, GST_RCAST_SIGNALLER_RESUME),
    .can_probe = gst_rcast_session_can_probe (session),
  };
}

static void
update_channel (GstRcastDriver * driver)
{
  GstRcastStatus status = driver->policy.status;
  gboolean media = status == GST_RCAST_STATUS_CONNECTED
      || status == GST_RCAST_STATUS_BROADCASTING
      || status == GST_RCAST_STATUS_RECONNECTING;

  gst_rcast_session_set_channel (driver->session, driver->peer ?
      gst_rcast_peer_get_channel (driver->peer) : NULL, media);
}

/* How things were when it broke, for whoever sets GST_DEBUG_DUMP_DOT_DIR. No
 * properties: some are secret. */
static void
dump_graph (GstRcastDriver * driver, const GstRcastStep * step)
{
  gboolean off_air = step->status == GST_RCAST_STATUS_RECONNECTING_BROADCAST
      && (step->from == GST_RCAST_STATE_LIVE
      || step->from == GST_RCAST_STATE_DISRUPTED);
  g_autofree gchar *name = NULL;

  if (!off_air && !(step->actions & GST_RCAST_ACTION_POST_ERROR))
    return;
  name = g_strconcat (GST_OBJECT_NAME (driver->bin), "-",
      gst_rcast_nick (GST_TYPE_RCAST_REASON, step->reason), NULL);
  GST_DEBUG_BIN_TO_DOT_FILE_WITH_TS (driver->bin,
      GST_DEBUG_GRAPH_SHOW_MEDIA_TYPE | GST_DEBUG_GRAPH_SHOW_CAPS_DETAILS |
      GST_DEBUG_GRAPH_SHOW_STATES, name);
}

/* The wait before an attempt ended early. Only the statistics record it: the message
 * that was posted stays correct. */
static void
record_haste (GstRcastDriver * driver, const GstRcastStep * step,
    GstRcastEventType event, GstClockTime deadline)
{
  if (step->ignored || step->from != step->to
      || (step->to != GST_RCAST_STATE_BACKOFF
          && step->to != GST_RCAST_STATE_HOLDING)
      || driver->policy.deadline >= deadline)
    return;
  driver->client.hastened (event == GST_RCAST_EVENT_PROBE_ANSWERED ? "server-reached" :
      gst_rcast_nick (GST_TYPE_RCAST_EVENT_TYPE, event), driver->data);
}

static gboolean
on_raised (gpointer data)
{
  Raised *raised = data;
  GstRcastDriver *driver = raised->driver;
  GstClockTime deadline = driver->policy.deadline;
  GstRcastAbilities abilities = get_abilities (driver);
  GstRcastStep step;

  /* It has gone off, so the next one may be due at the same time. */
  if (raised->event.type == GST_RCAST_EVENT_TICK)
    stop_timer (&driver->timer);
  if (raised->event.type == GST_RCAST_EVENT_PROBE_DUE)
    stop_timer (&driver->probe_timer);
  gst_rcast_policy_step (&driver->policy, &raised->event, &abilities,
      g_random_int (), gst_clock_get_time (driver->clock), &step);
  if (raised->event.type == GST_RCAST_EVENT_RESTART && !step.ignored)
    driver->restart_by_user = raised->event.reason == GST_RCAST_REASON_USER;
  gst_rcast_session_set_generation (driver->session, step.generation);
  log_step (driver, &step, raised);
  dump_graph (driver, &step);
  record_haste (driver, &step, raised->event.type, deadline);
  act (driver, &step, raised->error);
  arm_timer (driver, &driver->timer, driver->policy.deadline, on_timer);
  arm_timer (driver, &driver->probe_timer, driver->policy.probe_at,
      on_probe_timer);
  update_channel (driver);
  if (raised->event.type == GST_RCAST_EVENT_STOP)
    count (driver, &driver->busy, -1);
  return G_SOURCE_REMOVE;
}

static gboolean
check_streams (gpointer data)
{
  GstRcastDriver *driver = data;
  g_autoptr (GPtrArray) streams = driver->client.get_streams (driver->data);
  gboolean ready = streams->len > 0;

  for (guint i = 0; ready && i < streams->len; i++) {
    g_autoptr (GstCaps) caps =
        gst_rcast_stream_get_offer_caps (g_ptr_array_index (streams, i));

    ready = caps != NULL;
  }
  raise_event (driver, ready ? GST_RCAST_EVENT_STREAMS_READY :
      GST_RCAST_EVENT_STREAMS_PENDING, 0, GST_RCAST_REASON_NONE, NULL);
  return G_SOURCE_REMOVE;
}

/**
 * gst_rcast_driver_new:
 * @bin: where peers are added, and the source of all messages; kept until the last
 *   event after gst_rcast_driver_shutdown()
 * @clock: for deadlines
 * @config: the policy's times
 * @client: who is told
 * @data: for @client
 *
 * Starts the loop's thread.
 */
GstRcastDriver *
gst_rcast_driver_new (GstBin * bin, GstClock * clock,
    const GstRcastPolicyConfig * config, const GstRcastDriverClient * client,
    gpointer data)
{
  GstRcastDriver *driver = g_object_new (GST_TYPE_RCAST_DRIVER, NULL);

  gst_object_ref_sink (driver);
  driver->bin = gst_object_ref (bin);
  driver->clock = gst_object_ref (clock);
  driver->client = *client;
  driver->data = data;
  gst_rcast_policy_init (&driver->policy, config);
  driver->loop = gst_rcast_loop_new ("rcast");
  driver->session =
      gst_rcast_session_new (driver->loop, &session_callbacks, driver);
  driver->reporter.grace = config->disconnected_timeout;
  driver->monitor =
      gst_rcast_ice_monitor_new (gst_rcast_loop_get_context (driver->loop));
  g_signal_connect (driver->monitor, "network-changed",
      G_CALLBACK (on_network_changed), driver);
  return driver;
}

static gboolean
configure (gpointer data)
{
  Configuration *configuration = data;

  gst_rcast_policy_configure (&configuration->driver->policy,
      &configuration->config);
  configuration->driver->reporter.grace =
      configuration->config.disconnected_timeout;
  return G_SOURCE_REMOVE;
}

/* Counts from the next start on. Any thread, as all below */
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
  count (driver, &driver->busy, 1);
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

/* What is being waited for may be there by now. */
void
gst_rcast_driver_reconnect_now (GstRcastDriver * driver)
{
  raise_event (driver, GST_RCAST_EVENT_RECONNECT_NOW, 0,
      GST_RCAST_REASON_NONE, NULL);
}

/* Sent in the order of the calls. @letter: (transfer full) */
void
gst_rcast_driver_send_message (GstRcastDriver * driver, GstRcastLetter * letter)
{
  gst_rcast_session_send_message (driver->session, letter);
}

/* A stream came, went, or knows better what it can offer. */
void
gst_rcast_driver_streams_changed (GstRcastDriver * driver)
{
  gst_rcast_loop_invoke (driver->loop, check_streams,
      gst_object_ref (driver), (GDestroyNotify) gst_object_unref);
}

/**
 * gst_rcast_driver_shutdown:
 * @driver: the driver, stopped
 *
 * Waits until the server has answered the goodbye, bounded, and until no peer
 * is left in the bin; then ends the loop's thread. From the loop's own thread
 * it cannot wait.
 */
void
gst_rcast_driver_shutdown (GstRcastDriver * driver)
{
  gint64 end = g_get_monotonic_time () + SHUTDOWN_TIMEOUT_US;
  gboolean timed_out = FALSE;

  if (!gst_rcast_loop_is_current (driver->loop)) {
    GST_OBJECT_LOCK (driver);
    while (driver->teardowns > 0 || (driver->busy > 0 && !timed_out)) {
      if (timed_out)
        g_cond_wait (&driver->idle, GST_OBJECT_GET_LOCK (driver));
      else
        timed_out = !g_cond_wait_until (&driver->idle,
            GST_OBJECT_GET_LOCK (driver), end);
    }
    GST_OBJECT_UNLOCK (driver);
  }
  gst_rcast_loop_stop (driver->loop);
  gst_rcast_session_stop (driver->session);
  gst_rcast_ice_monitor_stop (driver->monitor);
  stop_timer (&driver->timer);
  stop_timer (&driver->probe_timer);
}

/* Returns: (transfer none): on whose thread all is decided */
GstRcastLoop *
gst_rcast_driver_get_loop (GstRcastDriver * driver)
{
  return driver->loop;
}

/* @which: the present or the former peer */
static GstRcastPeer *
dup_peer (GstRcastDriver * driver, GstRcastPeer ** which)
{
  GstRcastPeer *peer;

  GST_OBJECT_LOCK (driver);
  peer = *which ? gst_object_ref (*which) : NULL;
  GST_OBJECT_UNLOCK (driver);
  return peer;
}

static void
set_base_time (const GValue * value, gpointer base_time)
{
  gst_element_set_base_time (g_value_get_object (value),
      *(GstClockTime *) base_time);
}

static void
sync_base_time (GstRcastPeer * peer, GstClockTime base_time)
{
  GstIterator *elements;

  if (!peer)
    return;
  gst_element_set_base_time (GST_ELEMENT (peer), base_time);
  elements = gst_bin_iterate_recurse (GST_BIN (peer));
  while (gst_iterator_foreach (elements, set_base_time, &base_time)
      == GST_ITERATOR_RESYNC)
    gst_iterator_resync (elements);
  gst_iterator_free (elements);
}

/* A peer stays PLAYING while the bin pauses, so nobody else tells its elements
 * the base time that counts after the pause: sender reports are made with it. */
void
gst_rcast_driver_sync_base_time (GstRcastDriver * driver)
{
  g_autoptr (GstRcastPeer) peer = dup_peer (driver, &driver->peer);
  g_autoptr (GstRcastPeer) former = dup_peer (driver, &driver->former);
  GstClockTime base_time =
      gst_element_get_base_time (GST_ELEMENT (driver->bin));

  sync_base_time (peer, base_time);
  sync_base_time (former, base_time);
}

/* Returns: (transfer full) (nullable): of the present peer */
GstStructure *
gst_rcast_driver_get_peer_stats (GstRcastDriver * driver)
{
  g_autoptr (GstRcastPeer) peer = dup_peer (driver, &driver->peer);

  return peer ? gst_rcast_peer_get_stats (peer) : NULL;
}

static void
gst_rcast_driver_finalize (GObject * object)
{
  GstRcastDriver *driver = GST_RCAST_DRIVER (object);

  g_clear_object (&driver->monitor);
  gst_object_unref (driver->clock);
  gst_object_unref (driver->session);
  gst_rcast_loop_unref (driver->loop);
  g_cond_clear (&driver->idle);
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
  g_cond_init (&driver->idle);
}
