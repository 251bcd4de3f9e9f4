/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The session at the server. Only this object calls a signaller. */
#include "config.h"

#include "gstrcastsession.h"

#include <string.h>

#include "rcast-ghosts.h"
#include "rcast-loop.h"
#include "rcast-report.h"

GST_DEBUG_CATEGORY_STATIC (rcast_session_debug);
#define GST_CAT_DEFAULT rcast_session_debug

typedef enum
{
  SESSION_CLOSED,               /* no session at the server, or its close is under way */
  SESSION_OPENING,              /* no offer is answered yet */
  SESSION_OPEN,                 /* an offer was answered */
  SESSION_LOST,                 /* the same, but the signalling connection is lost */
  SESSION_RESUMING,             /* lost, and a resume is in progress */
} SessionState;

/* How long a server without trickle ICE may take to find our addresses by our connectivity
 * checks */
#define UNHEARD_MS 1000

/* All fields belong to the loop's thread but those that say otherwise. */
struct _GstRcastSession
{
  GstObject parent;

  GstRcastSessionCallbacks callbacks;   /* constant */
  gpointer data;                /* constant */
  GCancellable *cancellable;    /* constant; of all operations except resume */

  GstRcastGhosts *ghosts;       /* sessions left at the servers; nullable */
  gchar *tokenless;             /* origin of a server that wanted another token; nullable */
  gchar *occupied;              /* origin of a server that had no place; nullable */
  guint ended;                  /* how many ghosts had ended when the offer was sent */
  GstRcastSignaller *signaller; /* signaller of the present or the last session */
  SessionState state;
  guint generation;             /* generation of new operations */
  GCancellable *resume;         /* of the resume in progress */
  GHashTable *without_channel;  /* locations of servers that take no data channel */
  gboolean channel_offered;     /* in the last initial offer */
  guint answers;                /* how many answers to initial offers are not settled */
  gboolean trickles;            /* whether candidates follow the last initial offer */
  GSource *unheard;             /* timer while the server takes no candidates; NULL: not running */
  GError *doubt;                /* why the offer with a channel failed */
  gboolean stopped;
};

G_DEFINE_TYPE (GstRcastSession, gst_rcast_session, GST_TYPE_OBJECT);

/* An operation of the signaller, and the session and generation that it belongs to. */
typedef struct
{
  GstRcastSession *session;
  guint generation;
  GstRcastOfferKind kind;
} Operation;

static Operation *
operation_new (GstRcastSession * self, GstRcastOfferKind kind)
{
  Operation *operation = g_new0 (Operation, 1);

  operation->session = gst_object_ref (self);
  operation->generation = self->generation;
  operation->kind = kind;
  return operation;
}

static void
operation_free (Operation * operation)
{
  gst_object_unref (operation->session);
  g_free (operation);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Operation, operation_free);

/* @error: (nullable) */
static void
raise_with (GstRcastSession * self, guint generation, GstRcastEventType type,
    GstRcastReason reason, const GError * error)
{
  GstRcastEvent event = {
    .type = type,
    .generation = generation,
    .reason = reason,
  };

  if (!self->stopped)
    self->callbacks.event (&event, error, self->data);
}

static void
raise_event (GstRcastSession * self, guint generation, GstRcastEventType type)
{
  raise_with (self, generation, type, GST_RCAST_REASON_NONE, NULL);
}

/* Remembers whether a token was missing: when one is set, an attempt is worthwhile. */
static void
note_token (GstRcastSession * self, const GError * error)
{
  g_autofree gchar *location = gst_rcast_session_dup_location (self);
  gboolean wanted = g_error_matches (error, GST_RCAST_ERROR,
      GST_RCAST_ERROR_NO_TOKEN) || g_error_matches (error, GST_RCAST_ERROR,
      GST_RCAST_ERROR_UNAUTHORIZED);

  g_clear_pointer (&self->tokenless, g_free);
  if (location && wanted)
    self->tokenless = gst_rcast_ghost_get_origin (location);
}

/* A place at the server may be free by now, or soon. A server that refuses can be
 * reached, so the sessions left there are ended at once. */
static void
note_place (GstRcastSession * self, const GError * error)
{
  g_autofree gchar *location = gst_rcast_session_dup_location (self);

  g_clear_pointer (&self->occupied, g_free);
  if (!location || !self->ghosts
      || gst_rcast_error_get_class (error) != GST_RCAST_ERROR_CLASS_BUSY)
    return;
  if (gst_rcast_ghosts_count_ended (self->ghosts) != self->ended) {
    raise_event (self, 0, GST_RCAST_EVENT_RECONNECT_NOW);
  } else {
    self->occupied = gst_rcast_ghost_get_origin (location);
    gst_rcast_ghosts_reached (self->ghosts, location);
  }
}

/* A session that was left at a server has ended. */
static void
on_ghost_ended (GstRcastGhosts * ghosts, const gchar * origin,
    GstRcastSession * self)
{
  if (g_strcmp0 (self->occupied, origin) != 0)
    return;
  g_clear_pointer (&self->occupied, g_free);
  raise_event (self, 0, GST_RCAST_EVENT_RECONNECT_NOW);
}

static void
raise_failure (GstRcastSession * self, guint generation,
    GstRcastEventType type, const GError * error)
{
  note_token (self, error);
  raise_with (self, generation, type, gst_rcast_fault_get_reason (error),
      error);
  note_place (self, error);
}

/* Results and signals of the signaller: the loop's thread */

static void
on_opened (GObject * source, GAsyncResult * result, gpointer data)
{
  g_autoptr (Operation) operation = data;
  g_autoptr (GError) error = NULL;

  if (gst_rcast_signaller_open_finish (GST_RCAST_SIGNALLER (source), result,
          &error))
    raise_event (operation->session, operation->generation,
        GST_RCAST_EVENT_SIGNALLER_OPEN);
  else if (!gst_rcast_fault_is_cancelled (error))
    raise_failure (operation->session, operation->generation,
        GST_RCAST_EVENT_SIGNALLER_FAILED, error);
}

/* Data channels. Some servers refuse a whole offer because of its data channel. The offer
 * is then repeated without one. If the server takes that, it is known to take no data
 * channel. */

static gboolean
is_about_offer (const GError * error)
{
  /* 400 also means that somebody else is on air: the offer without a channel will tell. */
  if (gst_rcast_error_get_class (error) == GST_RCAST_ERROR_CLASS_BUSY)
    return gst_rcast_error_get_http_status (error) == 400;
  return g_error_matches (error, GST_RCAST_ERROR,
      GST_RCAST_ERROR_NOT_ACCEPTABLE)
      || g_error_matches (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA)
      || g_error_matches (error, GST_RCAST_ERROR,
      GST_RCAST_ERROR_NOT_SUPPORTED)
      || g_error_matches (error, GST_RCAST_ERROR,
      GST_RCAST_ERROR_INVALID_ARGUMENT);
}

static void
remember_no_channel (GstRcastSession * self)
{
  gchar *location = gst_rcast_session_dup_location (self);

  if (location)
    g_hash_table_add (self->without_channel, location);
}

/* The channel was the reason: the server takes the same offer without it. */
static void
confirm_doubt (GstRcastSession * self)
{
  g_autoptr (GError) warning = NULL;

  if (!self->doubt)
    return;
  warning = gst_rcast_report_no_channel (self->doubt);
  g_clear_error (&self->doubt);
  remember_no_channel (self);
  self->callbacks.warning (warning, self->data);
}

/* As RFC 8843 7.3.3 has it: port 0 without bundle-only */
static gboolean
rejects_channel (const gchar * answer)
{
  return strstr (answer, "m=application 0 ") != NULL;
}

/**
 * gst_rcast_session_doubt_channel:
 * @self: the session
 * @error: why the offer, or its answer, was of no use
 *
 * Returns: whether the data channel in the offer may be the reason, so that the offer has
 *   to be repeated without one, as gst_rcast_session_takes_channel() says from now on. If
 *   this session takes no second offer, only the next session does without the channel.
 */
gboolean
gst_rcast_session_doubt_channel (GstRcastSession * self, const GError * error)
{
  gboolean doubt = self->channel_offered && !self->doubt
      && is_about_offer (error);

  g_clear_error (&self->doubt);
  if (!doubt)
    return FALSE;
  GST_INFO_OBJECT (self, "%s: again without a data channel", error->message);
  self->doubt = g_error_copy (error);
  /* After an answer, only a server that replaces the media of a session takes another offer. */
  if (self->state == SESSION_OPENING
      || gst_rcast_session_can (self, GST_RCAST_SIGNALLER_RENEGOTIATE))
    return TRUE;
  confirm_doubt (self);
  return FALSE;
}

/* Returns: whether the broadcast may go on without streams that the server rejects;
 * %FALSE for a signaller without the property */
gboolean
gst_rcast_session_allows_declined (GstRcastSession * self)
{
  gboolean allowed = FALSE;

  if (self->signaller && g_object_class_find_property (G_OBJECT_GET_CLASS
          (self->signaller), "allow-rejected-media"))
    g_object_get (self->signaller, "allow-rejected-media", &allowed, NULL);
  return allowed;
}

/* Returns: whether a data channel may be offered to the server */
gboolean
gst_rcast_session_takes_channel (GstRcastSession * self)
{
  g_autofree gchar *location = gst_rcast_session_dup_location (self);

  return !self->doubt && !(location
      && g_hash_table_contains (self->without_channel, location));
}

/* @sdp: the server's answer or offer. Returns: whether it belongs to the present generation */
static gboolean
take_description (Operation * operation, const gchar * sdp)
{
  GstRcastSession *self = operation->session;

  if (self->stopped || operation->generation != self->generation)
    return FALSE;
  confirm_doubt (self);
  self->answers += operation->kind == GST_RCAST_OFFER_INITIAL;
  if (self->channel_offered && rejects_channel (sdp))
    remember_no_channel (self);
  if (self->state == SESSION_OPENING)
    self->state = SESSION_OPEN;
  return TRUE;
}

static void
answered (Operation * operation, GstRcastSignaller * signaller,
    const gchar * answer)
{
  GstRcastSession *self = operation->session;
  g_auto (GStrv) servers = gst_rcast_signaller_dup_ice_servers (signaller);

  if (take_description (operation, answer))
    self->callbacks.answered (answer, (const gchar * const *) servers,
        self->data);
}

static void
offered (Operation * operation, GstRcastSignaller * signaller,
    const gchar * offer)
{
  GstRcastSession *self = operation->session;
  g_auto (GStrv) servers = gst_rcast_signaller_dup_ice_servers (signaller);

  if (take_description (operation, offer))
    self->callbacks.server_offered (operation->kind, offer,
        (const gchar * const *) servers, self->data);
}

/* In a session that had media before, the server may have ended the session. */
static void
refused (Operation * operation, const GError * error)
{
  GstRcastSession *self = operation->session;

  if (operation->kind == GST_RCAST_OFFER_INITIAL
      && operation->generation == self->generation && !self->stopped
      && (g_error_matches (error, GST_RCAST_ERROR,
              GST_RCAST_ERROR_COUNTER_OFFER)
          || gst_rcast_session_doubt_channel (self, error)))
    self->callbacks.offer_again (self->data);
  else if (operation->kind == GST_RCAST_OFFER_INITIAL)
    raise_failure (self, operation->generation,
        self->state != SESSION_OPENING && gst_rcast_fault_is_gone (error) ?
        GST_RCAST_EVENT_EVICTED : GST_RCAST_EVENT_SIGNALLER_FAILED, error);
  else if (!self->stopped && operation->generation == self->generation)
    self->callbacks.restart_refused (error, self->data);
}

/* If the slot may be held by an old session of ours, no refusal is final.
 * Returns: (transfer full): @error, or the error to report instead */
static GError *
excuse (GstRcastSession * self, const GError * error)
{
  g_autofree gchar *location = gst_rcast_session_dup_location (self);

  if (!g_error_matches (error, GST_RCAST_ERROR, GST_RCAST_ERROR_OCCUPIED)
      || !self->ghosts || !location
      || !gst_rcast_ghosts_has (self->ghosts, location))
    return g_error_copy (error);
  return gst_rcast_error_new_http (GST_RCAST_ERROR_BUSY,
      gst_rcast_error_get_uri (error), gst_rcast_error_get_http_status (error),
      gst_rcast_error_get_retry_after (error), "%s; a session that was left "
      "may hold the place", error->message);
}

static void
on_offered (GObject * source, GAsyncResult * result, gpointer data)
{
  g_autoptr (Operation) operation = data;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *answer =
      gst_rcast_signaller_offer_finish (GST_RCAST_SIGNALLER (source), result,
      &error);

  if (answer) {
    answered (operation, GST_RCAST_SIGNALLER (source), answer);
  } else if (!gst_rcast_fault_is_cancelled (error)) {
    g_autoptr (GError) excused = excuse (operation->session, error);

    refused (operation, excused);
  }
}

static void
on_requested (GObject * source, GAsyncResult * result, gpointer data)
{
  g_autoptr (Operation) operation = data;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *offer = gst_rcast_signaller_request_offer_finish
      (GST_RCAST_SIGNALLER (source), result, &error);

  if (offer)
    offered (operation, GST_RCAST_SIGNALLER (source), offer);
  else if (!gst_rcast_fault_is_cancelled (error))
    refused (operation, error);
}

static void
on_answer_sent (GObject * source, GAsyncResult * result, gpointer data)
{
  g_autoptr (Operation) operation = data;
  g_autoptr (GError) error = NULL;

  if (!gst_rcast_signaller_answer_finish (GST_RCAST_SIGNALLER (source), result,
          &error) && !gst_rcast_fault_is_cancelled (error))
    refused (operation, error);
}

/* The server offers on its own, as the media that it sends has changed. */
static void
on_server_offered (GstRcastSignaller * signaller, const gchar * sdp,
    GstRcastSession * self)
{
  g_autoptr (Operation) operation =
      operation_new (self, GST_RCAST_OFFER_RESTART);

  offered (operation, signaller, sdp);
}

/* A stream was awaited, and is published: an attempt is worthwhile. */
static void
on_stream_changed (GstRcastSignaller * signaller, GstRcastStreamChange change,
    const gchar * stream, const gchar * reason, GstRcastSession * self)
{
  if (change == GST_RCAST_STREAM_PUBLISHED)
    raise_event (self, 0, GST_RCAST_EVENT_RECONNECT_NOW);
}

static void
on_closed (GObject * source, GAsyncResult * result, gpointer data)
{
  g_autoptr (Operation) operation = data;
  g_autoptr (GError) error = NULL;
  GstRcastSession *self = operation->session;

  if (!gst_rcast_signaller_close_finish (GST_RCAST_SIGNALLER (source), result,
          &error))
    GST_INFO_OBJECT (self, "the server may keep the session: %s",
        error->message);
  raise_event (self, operation->generation, GST_RCAST_EVENT_SIGNALLER_CLOSED);
  if (!self->stopped)
    self->callbacks.closed (self->data);
}

static void
on_resumed (GObject * source, GAsyncResult * result, gpointer data)
{
  g_autoptr (Operation) operation = data;
  g_autoptr (GError) error = NULL;
  GstRcastSession *self = operation->session;
  gboolean resumed = gst_rcast_signaller_resume_finish
      (GST_RCAST_SIGNALLER (source), result, &error);

  if (self->state != SESSION_RESUMING || (!resumed && gst_rcast_fault_is_cancelled (error)))
    return;
  g_clear_object (&self->resume);
  self->state = resumed ? SESSION_OPEN : SESSION_LOST;
  if (resumed)
    raise_event (self, operation->generation,
        GST_RCAST_EVENT_SIGNALLER_RESUMED);
  else
    raise_failure (self, operation->generation, gst_rcast_fault_is_gone (error) ?
        GST_RCAST_EVENT_EVICTED : GST_RCAST_EVENT_RESUME_FAILED, error);
}

/* Nothing has connected. The next offer carries its candidates. */
static gboolean
on_unheard (gpointer data)
{
  GstRcastSession *self = data;
  g_autoptr (GError) error = g_error_new (GST_RCAST_ERROR,
      GST_RCAST_ERROR_FAILED, "the server takes no candidates after the offer "
      "and does not find them by itself; the next offer has them");

  gst_rcast_source_clear (&self->unheard);
  raise_failure (self, self->generation, GST_RCAST_EVENT_SIGNALLER_FAILED,
      error);
  return G_SOURCE_REMOVE;
}

/* A server that takes no candidates may still learn them from our connectivity checks. */
static void
on_capabilities (GstRcastSignaller * signaller, GParamSpec * pspec,
    GstRcastSession * self)
{
  if (!self->trickles || gst_rcast_session_can (self,
          GST_RCAST_SIGNALLER_TRICKLE))
    return;
  self->trickles = FALSE;
  self->unheard = gst_rcast_timer_start (UNHEARD_MS, on_unheard, self);
}

static void
on_candidate (GstRcastSignaller * signaller, guint mline,
    const gchar * candidate, GstRcastSession * self)
{
  self->callbacks.candidate (mline, candidate, self->data);
}

static void
on_lost (GstRcastSignaller * signaller, const GError * error,
    GstRcastSession * self)
{
  if (self->state == SESSION_CLOSED)
    return;
  self->state = SESSION_LOST;
  raise_failure (self, self->generation, gst_rcast_fault_is_gone (error) ?
      GST_RCAST_EVENT_EVICTED : GST_RCAST_EVENT_SIGNALLER_LOST, error);
}

static void
on_server_event (GstRcastSignaller * signaller, GstRcastServerEvent event,
    const gchar * detail, GstRcastSession * self)
{
  g_autoptr (GError) words = gst_rcast_report_server (event, detail);
  GstRcastEventType type;
  GstRcastReason reason;

  GST_INFO_OBJECT (self, "%s", words->message);
  if (gst_rcast_fault_translate (event, &type, &reason))
    raise_with (self, self->generation, type, reason,
        reason == GST_RCAST_REASON_NONE ? NULL : words);
}

static void
on_message (GstRcastSignaller * signaller, const gchar * type,
    const gchar * payload, GstRcastSession * self)
{
  if (!self->stopped)
    self->callbacks.message_received (signaller, type, payload, self->data);
}

static void
on_checked (GObject * source, GAsyncResult * result, gpointer data)
{
  g_autoptr (Operation) operation = data;
  g_autoptr (GError) error = NULL;
  gboolean passed = gst_rcast_signaller_check_finish (GST_RCAST_SIGNALLER
      (source), result, &error);

  if (!passed)
    GST_DEBUG_OBJECT (operation->session, "not healthy: %s", error->message);
  raise_with (operation->session, operation->generation, passed ?
      GST_RCAST_EVENT_CHECK_PASSED : GST_RCAST_EVENT_CHECK_FAILED,
      GST_RCAST_REASON_NONE, error);
}

/* Requests of the driver: the loop's thread */

/* Sets the generation of operations that start from now on. Results of older ones are
 * dropped, here or by the policy. */
void
gst_rcast_session_set_generation (GstRcastSession * self, guint generation)
{
  self->generation = generation;
}

/* @signaller: (transfer full) (nullable): the signaller of the next session */
void
gst_rcast_session_use (GstRcastSession * self, GstRcastSignaller * signaller)
{
  if (self->signaller)
    g_signal_handlers_disconnect_by_data (self->signaller, self);
  gst_clear_object (&self->signaller);
  self->signaller = signaller;
  if (!signaller)
    return;
  if (self->ghosts)
    gst_rcast_ghosts_watch (self->ghosts, signaller);
  g_signal_connect (signaller, "notify::capabilities",
      G_CALLBACK (on_capabilities), self);
  g_signal_connect (signaller, "candidate", G_CALLBACK (on_candidate), self);
  g_signal_connect (signaller, "lost", G_CALLBACK (on_lost), self);
  g_signal_connect (signaller, "server-event", G_CALLBACK (on_server_event),
      self);
  g_signal_connect (signaller, "message-received", G_CALLBACK (on_message),
      self);
  g_signal_connect (signaller, "offered", G_CALLBACK (on_server_offered), self);
  g_signal_connect (signaller, "stream-changed",
      G_CALLBACK (on_stream_changed), self);
}

static void
open_signaller (GstRcastSession * self)
{
  gst_rcast_signaller_open_async (self->signaller, self->cancellable,
      on_opened, operation_new (self, GST_RCAST_OFFER_INITIAL));
}

/* The sessions left at the server have ended, or take too long to end. */
static gboolean
on_way_free (gpointer data)
{
  Operation *operation = data;
  GstRcastSession *self = operation->session;

  if (!self->stopped && self->state == SESSION_OPENING
      && operation->generation == self->generation)
    open_signaller (self);
  return G_SOURCE_REMOVE;
}

/* Opens a session. Sessions left at the server are ended first. */
void
gst_rcast_session_open (GstRcastSession * self)
{
  g_autofree gchar *location = gst_rcast_session_dup_location (self);

  g_clear_error (&self->doubt);
  self->answers = 0;
  self->state = SESSION_OPENING;
  if (!self->ghosts || !location
      || !gst_rcast_ghosts_end_at (self->ghosts, location, on_way_free,
          operation_new (self, GST_RCAST_OFFER_INITIAL),
          (GDestroyNotify) operation_free))
    open_signaller (self);
}

/* Ends in the `answered` or `restart_refused` callback, or in an event. */
void
gst_rcast_session_offer (GstRcastSession * self, GstRcastOfferKind kind,
    const gchar * sdp)
{
  self->ended = self->ghosts ? gst_rcast_ghosts_count_ended (self->ghosts) : 0;
  if (kind == GST_RCAST_OFFER_INITIAL) {
    gst_rcast_source_clear (&self->unheard);
    self->channel_offered = strstr (sdp, "m=application ") != NULL;
    self->trickles = gst_rcast_session_can (self, GST_RCAST_SIGNALLER_TRICKLE);
  }
  gst_rcast_signaller_offer_async (self->signaller, kind, sdp,
      self->cancellable, on_offered, operation_new (self, kind));
}

/* Ends in the `server_offered`, `offer_again` or `restart_refused` callback, or in an
 * event. */
void
gst_rcast_session_request_offer (GstRcastSession * self, GstRcastOfferKind kind)
{
  if (kind == GST_RCAST_OFFER_INITIAL)
    self->channel_offered = self->trickles = FALSE;
  gst_rcast_signaller_request_offer_async (self->signaller, kind,
      self->cancellable, on_requested, operation_new (self, kind));
}

/* If the server does not take the answer, this ends like a refused offer. */
void
gst_rcast_session_answer (GstRcastSession * self, GstRcastOfferKind kind,
    const gchar * sdp)
{
  gst_rcast_signaller_answer_async (self->signaller, sdp, self->cancellable,
      on_answer_sent, operation_new (self, kind));
}

/* @candidate: (nullable): a local one; not sent if the server takes none */
void
gst_rcast_session_add_candidate (GstRcastSession * self, guint mline,
    const gchar * ufrag, const gchar * candidate)
{
  if (gst_rcast_session_can (self, GST_RCAST_SIGNALLER_TRICKLE))
    gst_rcast_signaller_add_candidate (self->signaller, mline, ufrag,
        candidate);
}

static void
stop_resuming (GstRcastSession * self)
{
  g_cancellable_cancel (self->resume);
  g_clear_object (&self->resume);
}

void
gst_rcast_session_resume (GstRcastSession * self)
{
  stop_resuming (self);
  self->state = SESSION_RESUMING;
  self->resume = g_cancellable_new ();
  gst_rcast_signaller_resume_async (self->signaller, self->resume,
      on_resumed, operation_new (self, GST_RCAST_OFFER_INITIAL));
}

/* Returns: whether the server may still answer an initial offer before the last one */
gboolean
gst_rcast_session_is_unsettled (GstRcastSession * self)
{
  return self->answers > 1;
}

/* The media of the last initial offer is connected, so no candidate is missing. */
void
gst_rcast_session_connected (GstRcastSession * self)
{
  gst_rcast_source_clear (&self->unheard);
  self->trickles = FALSE;
}

/* The media of the last initial offer is connected: the server drops the former media. */
void
gst_rcast_session_settle (GstRcastSession * self)
{
  self->answers = 1;
  gst_rcast_signaller_settle (self->signaller);
}

/* Returns: whether there is something to close; the `closed` callback ends it */
gboolean
gst_rcast_session_close (GstRcastSession * self)
{
  if (self->state == SESSION_CLOSED || self->stopped)
    return FALSE;
  stop_resuming (self);
  gst_rcast_source_clear (&self->unheard);
  self->trickles = FALSE;
  self->state = SESSION_CLOSED;
  gst_rcast_signaller_close_async (self->signaller, self->cancellable,
      on_closed, operation_new (self, GST_RCAST_OFFER_INITIAL));
  return TRUE;
}

/* Checks whether the server at @location is healthy. The present session goes on. */
void
gst_rcast_session_check (GstRcastSession * self, GstRcastSignaller * signaller,
    const gchar * location)
{
  gst_rcast_signaller_check_async (signaller, location, self->cancellable,
      on_checked, operation_new (self, GST_RCAST_OFFER_INITIAL));
}

/* Abilities: the loop's thread */

/* Returns: whether the signaller and its server, as far as is known, can do @what */
gboolean
gst_rcast_session_can (GstRcastSession * self,
    GstRcastSignallerCapabilities what)
{
  return self->signaller
      && (gst_rcast_signaller_get_capabilities (self->signaller) & what);
}

/* Returns: how long the signaller may need to bring the media back in its session */
GstClockTime
gst_rcast_session_get_resume_time (GstRcastSession * self)
{
  return self->signaller ?
      gst_rcast_signaller_get_resume_time (self->signaller) : 0;
}

/* A token was set for @location. If a token was missing, the session does not wait any
 * longer. */
void
gst_rcast_session_token_set (GstRcastSession * self, const gchar * location)
{
  g_autofree gchar *origin = gst_rcast_ghost_get_origin (location);

  if (g_strcmp0 (self->tokenless, origin) != 0)
    return;
  g_clear_pointer (&self->tokenless, g_free);
  raise_event (self, 0, GST_RCAST_EVENT_RECONNECT_NOW);
}

gboolean
gst_rcast_session_can_probe (GstRcastSession * self)
{
  return self->signaller && gst_rcast_signaller_can_probe (self->signaller);
}

/* Whether there is no session at the server, or its close is under way. */
gboolean
gst_rcast_session_is_closed (GstRcastSession * self)
{
  return self->state == SESSION_CLOSED;
}

static gboolean
is_lost (GstRcastSession * self)
{
  return self->state == SESSION_LOST || self->state == SESSION_RESUMING;
}

/* Returns: (nullable): why the server cannot answer an ICE restart; %NULL: it may */
const gchar *
gst_rcast_session_why_no_restart (GstRcastSession * self)
{
  if (!self->signaller)
    return "there is no connection";
  if (is_lost (self))
    return "the signalling is lost";
  if (!gst_rcast_session_can (self, GST_RCAST_SIGNALLER_ICE_RESTART))
    return "the server does not support it";
  return NULL;
}

/* @media_over: whether the server closed DTLS. A session without a signalling connection
 * of its own ends with its media.
 * Returns: (nullable): why the session cannot get a new webrtcbin; %NULL: it may */
const gchar *
gst_rcast_session_why_no_renegotiation (GstRcastSession * self,
    gboolean media_over)
{
  if (self->state == SESSION_CLOSED)
    return "there is no session";
  if (is_lost (self))
    return "the signalling is lost";
  if (!gst_rcast_session_can (self, GST_RCAST_SIGNALLER_RENEGOTIATE))
    return "the server does not support it";
  if (media_over && !gst_rcast_session_can (self, GST_RCAST_SIGNALLER_RESUME))
    return "the session ended with its media";
  return NULL;
}

/* Returns: (transfer full) (nullable): the server, without secrets */
gchar *
gst_rcast_session_dup_location (GstRcastSession * self)
{
  return self->signaller ?
      gst_rcast_signaller_dup_location (self->signaller) : NULL;
}

/* Returns: (transfer none) (nullable): signaller of the present or the last session */
GstRcastSignaller *
gst_rcast_session_get_signaller (GstRcastSession * self)
{
  return self->signaller;
}

/* Returns: (transfer none) (nullable): the signaller, if its session is not lost */
GstRcastSignaller *
gst_rcast_session_get_open_signaller (GstRcastSession * self)
{
  return self->state == SESSION_OPENING || self->state == SESSION_OPEN ?
      self->signaller : NULL;
}

/* Call this before the first session. */
void
gst_rcast_session_set_ghosts (GstRcastSession * self, GstRcastGhosts * ghosts)
{
  gst_object_replace ((GstObject **) & self->ghosts, GST_OBJECT (ghosts));
  g_signal_connect_object (ghosts, "ended", G_CALLBACK (on_ghost_ended), self,
      0);
}

/**
 * gst_rcast_session_new:
 * @callbacks: what happens
 * @data: for @callbacks; valid until gst_rcast_session_stop()
 */
GstRcastSession *
gst_rcast_session_new (const GstRcastSessionCallbacks * callbacks,
    gpointer data)
{
  GstRcastSession *self = g_object_new (GST_TYPE_RCAST_SESSION, NULL);

  gst_object_ref_sink (self);
  self->callbacks = *callbacks;
  self->data = data;
  return self;
}

/* No callback comes after this. Call it on the loop's thread, or after that has ended. Twice
 * is fine. */
void
gst_rcast_session_stop (GstRcastSession * self)
{
  g_cancellable_cancel (self->cancellable);
  stop_resuming (self);
  gst_rcast_source_clear (&self->unheard);
  gst_rcast_session_use (self, NULL);
  self->stopped = TRUE;
}

static void
gst_rcast_session_finalize (GObject * object)
{
  GstRcastSession *self = GST_RCAST_SESSION (object);

  gst_clear_object (&self->ghosts);
  g_free (self->tokenless);
  g_free (self->occupied);
  g_object_unref (self->cancellable);
  g_hash_table_unref (self->without_channel);
  g_clear_error (&self->doubt);
  G_OBJECT_CLASS (gst_rcast_session_parent_class)->finalize (object);
}

static void
gst_rcast_session_class_init (GstRcastSessionClass * klass)
{
  GST_DEBUG_CATEGORY_INIT (rcast_session_debug, "rcastsession", 0,
      "gst-rcast: the session at the server");
  G_OBJECT_CLASS (klass)->finalize = gst_rcast_session_finalize;
}

static void
gst_rcast_session_init (GstRcastSession * self)
{
  self->cancellable = g_cancellable_new ();
  self->without_channel =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}
