/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An attempt to broadcast: a session with a signaller of its own, and the peers in it. */
#include "config.h"

#include "gstrcastattempt.h"

#include "gstrcastfaults.h"

/* For use on the loop's thread. */
struct _GstRcastAttempt
{
  GstRcastServers *servers;     /* constant */
  GstRcastNegotiator *negotiator;       /* constant */
  GstRcastSession *session;     /* owned by the negotiator */
  GstRcastPeers *peers;         /* the same */
  gulong token_handler;
  GstRcastGhosts *ghosts;       /* constant */
  GCancellable *probes;
  void (*event) (const GstRcastEvent * event, const GError * error,
      gpointer data);           /* constant */
  gpointer data;                /* constant */
};

/* A probe: whether a server can be reached */
typedef struct
{
  GstRcastAttempt *attempt;     /* valid until @cancellable is cancelled */
  GCancellable *cancellable;
  gchar *location;              /* nullable */
  guint generation;
} Probe;

/* The session that is told about a token, and its loop. */
typedef struct
{
  GstRcastLoop *loop;
  GstRcastSession *session;
  gchar *location;              /* nullable */
} Hearer;

static Hearer *
hearer_new (GstRcastLoop * loop, GstRcastSession * session,
    const gchar * location)
{
  Hearer *hearer = g_new0 (Hearer, 1);

  hearer->loop = gst_rcast_loop_ref (loop);
  hearer->session = gst_object_ref (session);
  hearer->location = g_strdup (location);
  return hearer;
}

static void
hearer_free (gpointer data)
{
  Hearer *hearer = data;

  gst_rcast_loop_unref (hearer->loop);
  gst_object_unref (hearer->session);
  g_free (hearer->location);
  g_free (hearer);
}

static gboolean
tell_token (gpointer data)
{
  Hearer *hearer = data;

  gst_rcast_session_token_set (hearer->session, hearer->location);
  return G_SOURCE_REMOVE;
}

/* The application's thread */
static void
on_token_given (GstRcastServers * servers, const gchar * location,
    gpointer data)
{
  Hearer *hearer = data;

  gst_rcast_loop_invoke (hearer->loop, tell_token, hearer_new (hearer->loop,
          hearer->session, location), hearer_free);
}

/* Returns: (transfer none) */
GstRcastNegotiator *
gst_rcast_attempt_get_negotiator (GstRcastAttempt * self)
{
  return self->negotiator;
}

/* Returns: (transfer none) */
GstRcastSession *
gst_rcast_attempt_get_session (GstRcastAttempt * self)
{
  return self->session;
}

/* Returns: (transfer none): any thread */
GstRcastPeers *
gst_rcast_attempt_get_peers (GstRcastAttempt * self)
{
  return self->peers;
}

/* Returns the signaller, so that another attempt can use it. */
static void
release_signaller (GstRcastAttempt * self)
{
  gst_rcast_servers_give_back (self->servers,
      gst_rcast_session_get_signaller (self->session));
  gst_rcast_session_use (self->session, NULL);
}

/* Uses the server at @location for the next session. A connection that was not closed is kept,
 * as only its signaller would notice its end. FALSE with @error: not possible */
gboolean
gst_rcast_attempt_use (GstRcastAttempt * self, guint location, GError ** error)
{
  GstRcastSignaller *former = gst_rcast_session_get_signaller (self->session);
  g_autoptr (GstRcastSignaller) kept = former &&
      !gst_rcast_session_is_closed (self->session) ? gst_object_ref (former) :
      NULL;
  GstRcastSignaller *signaller;

  gst_rcast_servers_give_back (self->servers, former);
  signaller = gst_rcast_servers_lend (self->servers, location, kept, error);
  if (signaller)
    gst_rcast_session_use (self->session, signaller);
  return signaller != NULL;
}

/* Opens a session with the server at @location. */
gboolean
gst_rcast_attempt_open (GstRcastAttempt * self, guint location, GError ** error)
{
  if (!gst_rcast_attempt_use (self, location, error))
    return FALSE;
  gst_rcast_session_open (self->session);
  return TRUE;
}

/* Checks whether the server at @location is healthy, wherever the session is. */
void
gst_rcast_attempt_check (GstRcastAttempt * self, guint location)
{
  g_autofree gchar *uri = NULL;
  g_autoptr (GstRcastSignaller) checker =
      gst_rcast_servers_checker_for (self->servers, location, &uri);

  if (checker)
    gst_rcast_session_check (self->session, checker, uri);
}

static void
probe_free (Probe * probe)
{
  g_object_unref (probe->cancellable);
  g_free (probe->location);
  g_free (probe);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Probe, probe_free);

static void
raise_probe (GstRcastAttempt * self, GstRcastEventType type, guint generation,
    const GError * error)
{
  const GstRcastEvent event = {.type = type,.generation = generation };

  self->event (&event, error, self->data);
}

static GstRcastEventType
judge_probe (const GError * error)
{
  if (!error)
    return GST_RCAST_EVENT_PROBE_ANSWERED;
  return g_error_matches (error, GST_RCAST_ERROR, GST_RCAST_ERROR_NOT_SUPPORTED)
      ? GST_RCAST_EVENT_PROBE_USELESS : GST_RCAST_EVENT_PROBE_UNANSWERED;
}

/* The server can be reached again: ends the sessions left there. */
static void
on_probed (GObject * source, GAsyncResult * result, gpointer data)
{
  g_autoptr (Probe) probe = data;
  g_autoptr (GError) error = NULL;
  gboolean reached = gst_rcast_signaller_probe_finish (GST_RCAST_SIGNALLER
      (source), result, &error);

  if (g_cancellable_is_cancelled (probe->cancellable)
      || gst_rcast_fault_is_cancelled (error))
    return;
  if (reached && probe->location)
    gst_rcast_ghosts_reached (probe->attempt->ghosts, probe->location);
  raise_probe (probe->attempt, judge_probe (error), probe->generation, error);
}

/* @signaller: (nullable). @location: (nullable): %NULL: that of the signaller's session */
static void
start_probe (GstRcastAttempt * self, GstRcastSignaller * signaller,
    const gchar * location, guint generation)
{
  Probe *probe;

  if (!signaller || !gst_rcast_signaller_can_probe (signaller)) {
    raise_probe (self, GST_RCAST_EVENT_PROBE_USELESS, generation, NULL);
    return;
  }
  probe = g_new0 (Probe, 1);
  probe->attempt = self;
  probe->cancellable = g_object_ref (self->probes);
  probe->location = location ? g_strdup (location) :
      gst_rcast_signaller_dup_location (signaller);
  probe->generation = generation;
  gst_rcast_signaller_probe_async (signaller, location, self->probes,
      on_probed, probe);
}

/**
 * gst_rcast_attempt_probe:
 * @location: index of the server
 * @own: whether the session is with that server
 * @generation: generation of the event
 *
 * Probes whether the server can be reached, with or without a session. An event reports the
 * result.
 */
void
gst_rcast_attempt_probe (GstRcastAttempt * self, guint location, gboolean own,
    guint generation)
{
  g_autofree gchar *uri = NULL;
  g_autoptr (GstRcastSignaller) checker = NULL;

  if (own) {
    start_probe (self, gst_rcast_session_get_signaller (self->session), NULL,
        generation);
    return;
  }
  checker = gst_rcast_servers_checker_for (self->servers, location, &uri);
  start_probe (self, checker, uri, generation);
}

/* Signalling uses the uplink that carries the media from now on. */
void
gst_rcast_attempt_note_uplink (GstRcastAttempt * self)
{
  g_autoptr (GstStructure) stats = gst_rcast_peers_get_stats (self->peers);
  g_autoptr (GstStructure) path = NULL;

  if (stats && gst_structure_get (stats, "path", GST_TYPE_STRUCTURE, &path,
          NULL) && gst_structure_get_string (path, "interface"))
    gst_rcast_servers_set_uplink (self->servers, gst_structure_get_string
        (path, "interface"));
}

/* Drops everything but the close of the session, which goes on in the background.
 * Returns: whether there is one */
gboolean
gst_rcast_attempt_leave (GstRcastAttempt * self)
{
  gboolean closes;

  gst_rcast_peers_close_gates (self->peers);
  gst_rcast_peers_drop (self->peers);
  closes = gst_rcast_session_close (self->session);
  release_signaller (self);
  return closes;
}

/**
 * gst_rcast_attempt_new:
 * @bin: the parent of the peers
 * @loop: its thread runs the callbacks, and all functions here
 * @servers: lend the signallers
 * @ghosts: the sessions left at the servers
 * @callbacks: what happens
 * @data: for @callbacks; must outlive the attempt
 */
GstRcastAttempt *
gst_rcast_attempt_new (GstBin * bin, GstRcastLoop * loop,
    GstRcastServers * servers, GstRcastGhosts * ghosts,
    const GstRcastNegotiatorCallbacks * callbacks, gpointer data)
{
  GstRcastAttempt *self = g_new0 (GstRcastAttempt, 1);

  self->servers = gst_object_ref (servers);
  self->ghosts = gst_object_ref (ghosts);
  self->probes = g_cancellable_new ();
  self->event = callbacks->event;
  self->data = data;
  self->negotiator = gst_rcast_negotiator_new (bin, loop, callbacks, data);
  self->session = gst_rcast_negotiator_get_session (self->negotiator);
  self->peers = gst_rcast_negotiator_get_peers (self->negotiator);
  gst_rcast_session_set_ghosts (self->session, ghosts);
  self->token_handler = g_signal_connect_data (servers, "token-given",
      G_CALLBACK (on_token_given), hearer_new (loop, self->session, NULL),
      (GClosureNotify) hearer_free, 0);
  return self;
}

/* Call this before the loop ends, as cancelled probes end there, too. Twice is fine. */
void
gst_rcast_attempt_stop_probes (GstRcastAttempt * self)
{
  g_cancellable_cancel (self->probes);
}

/* No callback comes after this. Twice is fine. */
void
gst_rcast_attempt_stop (GstRcastAttempt * self)
{
  g_clear_signal_handler (&self->token_handler, self->servers);
  gst_rcast_attempt_stop_probes (self);
  gst_rcast_servers_give_back (self->servers,
      gst_rcast_session_get_signaller (self->session));
  gst_rcast_session_stop (self->session);
}

/* Call this when the attempt is stopped and its peers are dropped. */
void
gst_rcast_attempt_free (GstRcastAttempt * self)
{
  gst_rcast_negotiator_free (self->negotiator);
  g_object_unref (self->probes);
  gst_object_unref (self->ghosts);
  gst_object_unref (self->servers);
  g_free (self);
}
