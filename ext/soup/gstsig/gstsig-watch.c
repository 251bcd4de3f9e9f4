/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Watches a producer at a gst-webrtc-signalling-server: finds it, and has sessions with it. */
#include "config.h"

#include "gstsig-watch.h"

#include <string.h>

#include "gstsig-roster.h"
#include "gstsig-trickle.h"
#include "net-offer.h"
#include "rcast-loop.h"
#include "rcast-text.h"

GST_DEBUG_CATEGORY_STATIC (rcast_gstsig_watch_debug);
#define GST_CAT_DEFAULT rcast_gstsig_watch_debug

/* A session with a producer, which makes the offers. */
typedef struct
{
  gchar *peer;
  gchar *session;               /* nullable: not started yet */
  gchar *early;                 /* nullable: an offer before the owner requested one */
  gboolean used;                /* the owner has received an offer */
  gboolean over;                /* it has ended; a list will show whether the producer has left */
  gchar *reason;                /* nullable: why it ended */
  GstsigTrickle *trickle;       /* NULL: not started yet */
} Call;

typedef enum
{
  WATCH_IDLE,
  WATCH_ASKED,                  /* waiting for an offer */
  WATCH_OFFERED,                /* an offer waits for our answer */
} WatchState;

struct _GstsigWatch
{
  const GstsigContext *context; /* borrowed, as the next two */
  gboolean *published;          /* a producer was last reported */
  const GstsigRoleCallbacks *callbacks;
  gpointer data;

  gboolean listed;              /* a list of the producers has arrived */
  GstsigRoster *roster;         /* producers; NULL: we are called */

  WatchState state;
  Call *call;                   /* the current session; nullable */
  Call *former;                 /* the previous one, until @call has media; nullable */
  GSource *patience;            /* limit for the offer */
  GSource *missing;             /* limit for a previous producer that is missing or does not call */
  GSource *verdict;             /* limit for the list after the end of a session */
  gchar *complaint;             /* nullable: the server's error since the last request */
};

/* Sessions */

static Call *
call_new (const gchar * peer)
{
  Call *call = g_new0 (Call, 1);

  call->peer = g_strdup (peer);
  return call;
}

/* Takes NULL. */
static void
call_free (Call * call)
{
  if (!call)
    return;
  gstsig_trickle_free (call->trickle);
  g_free (call->peer);
  g_free (call->session);
  g_free (call->early);
  g_free (call->reason);
  g_free (call);
}

static void
call_start (Call * call, const GstsigContext * context, const gchar * session)
{
  call->session = g_strdup (session);
  call->trickle = gstsig_trickle_new (context, session);
  gstsig_trickle_hold (call->trickle);
}

static gboolean
is_open (const Call * call)
{
  return call && call->session && !call->over;
}

static gboolean
is_of_call (const Call * call, const GstsigMessage * message)
{
  return is_open (call) && g_str_equal (call->session, message->session);
}

GstsigWatch *
gstsig_watch_new (const GstsigContext * context, gboolean * published,
    const GstsigRoleCallbacks * callbacks, gpointer data)
{
  static gsize once = 0;
  GstsigWatch *self = g_new0 (GstsigWatch, 1);
  const GstsigSettings *settings = context->settings;

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_gstsig_watch_debug, "rcastgstwatch", 0,
        "Consumer at a signalling server of GStreamer");
    g_once_init_leave (&once, 1);
  }
  self->context = context;
  self->published = published;
  self->callbacks = callbacks;
  self->data = data;
  if (!gstsig_settings_is_called (settings))
    self->roster = gstsig_roster_new (GSTSIG_PRODUCER, settings->name,
        settings->peer);
  return self;
}

static void
clear_request (GstsigWatch * self)
{
  self->state = WATCH_IDLE;
  gst_rcast_source_clear (&self->patience);
  g_clear_pointer (&self->complaint, g_free);
}

/* Takes NULL. */
static void
watch_free (gpointer data)
{
  GstsigWatch *self = data;

  clear_request (self);
  gst_rcast_source_clear (&self->missing);
  gst_rcast_source_clear (&self->verdict);
  call_free (self->call);
  call_free (self->former);
  gstsig_roster_free (self->roster);
  g_free (self);
}

/* Ends the session. Tells the server, unless it has ended the session itself. */
static void
end_call (GstsigWatch * self, Call ** call, const gchar * reason)
{
  if (*call && (*call)->session && !(*call)->over)
    gstsig_context_end (self->context, (*call)->session, reason);
  g_clear_pointer (call, call_free);
}

/* Reports */

static const gchar *
get_name (GstsigWatch * self)
{
  const GstsigSettings *settings = self->context->settings;

  return settings->name ? settings->name : settings->consumer ?
      settings->consumer : settings->peer;
}

static void
tell (GstsigWatch * self, GstRcastStreamChange change)
{
  gst_rcast_signaller_stream_changed (GST_RCAST_SIGNALLER
      (self->context->element), change, get_name (self), NULL);
}

static gboolean
is_published (GstsigWatch * self)
{
  return self->roster ? gstsig_roster_get (self->roster) != NULL :
      is_open (self->call);
}

/* The end of the pending open already reports a producer. */
static void
review (GstsigWatch * self)
{
  gboolean published = is_published (self);

  if (published == (*self->published && !self->missing))
    return;
  gst_rcast_source_clear (&self->missing);
  *self->published = published;
  if (!published)
    tell (self, GST_RCAST_STREAM_UNPUBLISHED);
  else if (self->listed)
    tell (self, GST_RCAST_STREAM_PUBLISHED);
}

static gboolean
on_still_missing (gpointer data)
{
  GstsigWatch *self = data;

  gst_rcast_source_clear (&self->missing);
  review (self);
  return G_SOURCE_REMOVE;
}

/* If the server failed, the previous producer may have lost its connection as well. So it is
 * reported as gone only after it has had time to return. A truncated list proves nothing. */
static void
review_first (GstsigWatch * self, const GstsigMessage * list)
{
  if (is_published (self))
    review (self);
  else if (list->cut)
    *self->published = FALSE;
  else if (*self->published)
    self->missing = gst_rcast_limit_start (self->context->settings->net->timeout,
        on_still_missing, self);
}

/* Nobody has reported that the producer left, so it should call again. Otherwise it is reported as
 * gone. */
static void
expect_call (GstsigWatch * self)
{
  if (*self->published && !self->missing)
    self->missing = gst_rcast_limit_start (self->context->settings->net->timeout,
        on_still_missing, self);
}

static void
hang_up (GstsigWatch * self, const gchar * why)
{
  gst_rcast_signaller_server_event (GST_RCAST_SIGNALLER
      (self->context->element), GST_RCAST_SERVER_HANGUP, why);
}

/* Requests */

/* The previous session goes on. */
static void
fail (GstsigWatch * self, const GError * error)
{
  clear_request (self);
  if (!self->call)
    self->call = g_steal_pointer (&self->former);
  self->callbacks->failed (error, self->data);
}

static GError *
new_no_stream (GstsigWatch * self)
{
  g_autofree gchar *name = gst_rcast_text_clean (get_name (self), -1);
  g_autofree gchar *what = NULL;

  if (!self->roster)
    what = g_strdup_printf ("no producer calls the consumer %s", name);
  else if (name)
    what = g_strdup_printf ("there is no producer %s", name);
  return gstsig_context_new_error (self->context, GST_RCAST_ERROR_NO_STREAM,
      what ? what : "there is no producer");
}

static void
fail_with (GstsigWatch * self, GstRcastError code, const gchar * what)
{
  g_autoptr (GError) error = gstsig_context_new_error (self->context, code,
      what);

  fail (self, error);
}

static gboolean
on_no_offer (gpointer data)
{
  GstsigWatch *self = data;
  g_autofree gchar *what = g_strdup_printf ("no offer of the producer within "
      "%u ms%s%s", self->context->settings->net->timeout, self->complaint ?
      "; " : "", self->complaint ? self->complaint : "");

  end_call (self, &self->call, "no offer came");
  fail_with (self, GST_RCAST_ERROR_TIMEOUT, what);
  return G_SOURCE_REMOVE;
}

static void
give_offer (GstsigWatch * self, const gchar * sdp)
{
  g_autofree gchar *copy = g_strdup (sdp);

  clear_request (self);
  self->call->used = TRUE;
  self->state = WATCH_OFFERED;
  self->callbacks->answered (copy, self->data);
}

/* Starts a session with the present producer, beside an existing one. */
static void
ask (GstsigWatch * self)
{
  self->call = call_new (gstsig_roster_get (self->roster));
  gstsig_context_send (self->context, gstsig_print_start (self->call->peer));
}

/* Only the producer can call us: it has already, or will do so again.
 * Returns: whether it has called */
static gboolean
await_call (GstsigWatch * self)
{
  if (self->call && self->call->used) {
    end_call (self, &self->call, "a new session is needed");
    expect_call (self);
  }
  return self->call != NULL;
}

static void
ask_beside (GstsigWatch * self)
{
  if (is_open (self->call)) {
    end_call (self, &self->former, NULL);
    self->former = g_steal_pointer (&self->call);
  }
  g_clear_pointer (&self->call, call_free);
  ask (self);
}

/* Ends a session whose offer is no longer wanted. */
static void
drop_request (gpointer data)
{
  GstsigWatch *self = data;

  if (self->state != WATCH_IDLE && self->roster) {
    end_call (self, &self->call, NULL);
    self->call = g_steal_pointer (&self->former);
  }
  clear_request (self);
}

static gboolean
request_offer (gpointer data, GstRcastOfferKind kind, GError ** error)
{
  GstsigWatch *self = data;
  g_autofree gchar *early = NULL;

  drop_request (self);
  if (self->roster ? !gstsig_roster_get (self->roster) : !await_call (self)) {
    g_propagate_error (error, new_no_stream (self));
    return FALSE;
  }
  self->state = WATCH_ASKED;
  self->patience = gst_rcast_limit_start (self->context->settings->net->timeout,
      on_no_offer, self);
  if (self->roster)
    ask_beside (self);
  else if ((early = g_steal_pointer (&self->call->early)))
    give_offer (self, early);
  return TRUE;
}

static gboolean
answer (gpointer data, const gchar * sdp, GError ** error)
{
  GstsigWatch *self = data;
  g_autoptr (NetOffer) answer = NULL;

  if (!is_open (self->call)) {
    g_propagate_error (error, gstsig_context_new_error (self->context,
            GST_RCAST_ERROR_FAILED, "the producer has ended the session"));
    return FALSE;
  }
  answer = net_offer_new (sdp, error);
  if (!answer)
    return FALSE;
  clear_request (self);
  gstsig_context_send (self->context, gstsig_print_answer (self->call->session,
          sdp));
  gstsig_trickle_describe (self->call->trickle, answer->ufrag, answer->mids);
  gstsig_trickle_release (self->call->trickle);
  self->callbacks->answered (NULL, self->data);
  return TRUE;
}

static gboolean
has_request (gpointer data)
{
  GstsigWatch *self = data;

  return self->state == WATCH_ASKED;
}

static void
settle (gpointer data)
{
  GstsigWatch *self = data;

  end_call (self, &self->former, NULL);
}

static void
add_candidate (gpointer data, guint mline, const gchar * ufrag,
    const gchar * candidate)
{
  GstsigWatch *self = data;

  if (self->call && self->call->trickle)
    gstsig_trickle_add (self->call->trickle, mline, ufrag, candidate);
}

/* Ends of sessions */

/* A session has ended, and the reason is now known as well as it will be. The caller must do
 * nothing afterwards. */
static void
conclude (GstsigWatch * self)
{
  const gchar *reason = self->call ? self->call->reason : NULL;
  g_autofree gchar *what = g_strdup_printf ("the producer refuses: %s",
      reason ? reason : "no reason given");
  gboolean stays = self->roster && self->call
      && gstsig_roster_has (self->roster, self->call->peer);
  g_autoptr (GError) gone = NULL;

  gst_rcast_source_clear (&self->verdict);
  g_clear_pointer (&self->call, call_free);
  review (self);
  if (self->state == WATCH_IDLE) {
    hang_up (self, "the producer has ended the session");
  } else if (self->state == WATCH_OFFERED) {
    /* The session to answer is gone. */
    clear_request (self);
  } else if (stays && self->former) {
    /* The producer may accept only one session. */
    end_call (self, &self->former, NULL);
    ask (self);
  } else if (stays) {
    fail_with (self, GST_RCAST_ERROR_BUSY, what);
  } else if (is_published (self)) {
    ask (self);
  } else {
    gone = new_no_stream (self);
    fail (self, gone);
  }
}

/* Without a list, assumes that the producer has not changed. */
static void
conclude_without (GstsigWatch * self)
{
  gst_rcast_source_clear (&self->verdict);
  if (self->call && self->call->over)
    conclude (self);
}

static gboolean
on_no_list (gpointer data)
{
  conclude_without (data);
  return G_SOURCE_REMOVE;
}

static void
await_list (GstsigWatch * self)
{
  gst_rcast_source_clear (&self->verdict);
  self->verdict = gst_rcast_limit_start (self->context->settings->net->timeout,
      on_no_list, self);
  gstsig_context_send (self->context, gstsig_print_list (GSTSIG_PRODUCER));
}

/* It is unknown whether the producer has left: the server reports this later, if at all. */
static void
take_end (GstsigWatch * self, const GstsigMessage * message)
{
  if (is_of_call (self->former, message)) {
    g_clear_pointer (&self->former, call_free);
    return;
  }
  if (!is_of_call (self->call, message))
    return;
  self->call->over = TRUE;
  self->call->reason = g_strdup (message->reason);
  GST_INFO_OBJECT (self->context->element, "the producer has ended the session");
  self->callbacks->met (NULL, self->data);
  if (self->roster)
    await_list (self);
  else
    conclude (self);
}

/* The called or watched producer is no longer a producer: its sessions are over. */
static void
check_call (GstsigWatch * self)
{
  if (self->call && !gstsig_roster_has (self->roster, self->call->peer)) {
    self->callbacks->met (NULL, self->data);
    conclude (self);
  } else {
    review (self);
  }
}

static void
take_peers (GstsigWatch * self, const GstsigMessage * message)
{
  gboolean first = !self->listed && message->kind == GSTSIG_LIST;

  if (!self->roster)
    return;
  gstsig_roster_take (self->roster, message);
  if (first) {
    review_first (self, message);
    self->listed = TRUE;
    self->callbacks->ready (self->data);
  } else if (self->call && self->call->over && message->kind == GSTSIG_LIST) {
    conclude (self);
  } else {
    check_call (self);
  }
}

/* Sessions */

static void
take_started (GstsigWatch * self, const GstsigMessage * message)
{
  if (self->roster) {
    if (!self->call || self->call->session
        || g_strcmp0 (self->call->peer, message->peer) != 0) {
      gstsig_context_end (self->context, message->session, NULL);
      return;
    }
  } else if (self->call) {
    gstsig_context_end (self->context, message->session,
        "busy: this consumer watches one producer");
    return;
  } else {
    self->call = call_new (message->peer);
  }
  call_start (self->call, self->context, message->session);
  self->callbacks->met (message->peer, self->data);
  review (self);
}

/* Returns: whether the offer can be answered */
static gboolean
check_offer (GstsigWatch * self, const gchar * sdp)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (NetOffer) offer = net_offer_new (sdp, &reason);
  g_autofree gchar *what = NULL;

  if (offer)
    return TRUE;
  what = g_strdup_printf ("no SDP in the producer's offer: %s",
      reason->message);
  GST_WARNING_OBJECT (self->context->element, "%s", what);
  if (self->state == WATCH_ASKED) {
    end_call (self, &self->call, what);
    fail_with (self, GST_RCAST_ERROR_INVALID_DATA, what);
  }
  return FALSE;
}

/* The first offer of a session, or a later one: an ICE restart, or other streams. */
static void
take_offer (GstsigWatch * self, const gchar * sdp)
{
  if (!check_offer (self, sdp))
    return;
  if (self->state == WATCH_ASKED) {
    give_offer (self, sdp);
  } else if (!self->call->used) {
    g_free (self->call->early);
    self->call->early = g_strdup (sdp);
  } else {
    gstsig_trickle_hold (self->call->trickle);
    gst_rcast_signaller_offered (GST_RCAST_SIGNALLER (self->context->element),
        sdp);
  }
}

static void
take_of_session (GstsigWatch * self, const GstsigMessage * message)
{
  if (!is_of_call (self->call, message))
    return;
  if (message->kind == GSTSIG_CANDIDATE)
    gstsig_trickle_take (self->call->trickle, message);
  else if (message->kind == GSTSIG_OFFER)
    take_offer (self, message->sdp);
}

/* The error does not name its cause, except for the peer that we have called. */
static void
take_error (GstsigWatch * self, const GstsigMessage * message)
{
  if (self->state == WATCH_ASKED && self->roster && self->call
      && !self->call->session && message->reason
      && strstr (message->reason, self->call->peer)) {
    gstsig_roster_remove (self->roster, self->call->peer);
    conclude (self);
  }
}

static void
take (gpointer data, const GstsigMessage * message)
{
  GstsigWatch *self = data;

  switch (message->kind) {
    case GSTSIG_SESSION_STARTED:
      take_started (self, message);
      break;
    case GSTSIG_OFFER:
    case GSTSIG_ANSWER:
    case GSTSIG_CANDIDATE:
      take_of_session (self, message);
      break;
    case GSTSIG_END_SESSION:
      take_end (self, message);
      break;
    case GSTSIG_PEER_STATUS:
    case GSTSIG_LIST:
      take_peers (self, message);
      break;
    case GSTSIG_ERROR:
      take_error (self, message);
      break;
    case GSTSIG_START_SESSION:
      gstsig_context_end (self->context, message->session,
          "this is a consumer");
      break;
    case GSTSIG_WELCOME:
    case GSTSIG_LIST_CONSUMERS:
    case GSTSIG_OTHER:
      GST_DEBUG_OBJECT (self->context->element, "\"%s\" is not for us",
          message->type);
      break;
  }
}

static void
complain (gpointer data, const gchar * complaint)
{
  GstsigWatch *self = data;

  if (self->state != WATCH_ASKED)
    return;
  g_free (self->complaint);
  self->complaint = g_strdup (complaint);
}

/* Something invalid was received, which may have been the list. */
static void
take_garbage (gpointer data, const gchar * complaint)
{
  GstsigWatch *self = data;

  complain (self, complaint);
  if (self->verdict)
    conclude_without (self);
}

/* Connection */

static void
welcomed (gpointer data, const gchar * peer)
{
  GstsigWatch *self = data;

  gstsig_context_send (self->context, gstsig_print_status (self->roster ?
          GSTSIG_LISTENER : GSTSIG_CONSUMER, self->context->settings->meta));
  if (self->roster) {
    gstsig_context_send (self->context, gstsig_print_list (GSTSIG_PRODUCER));
    return;
  }
  expect_call (self);
  self->listed = TRUE;
  self->callbacks->ready (self->data);
}

static void
leave (gpointer data)
{
  GstsigWatch *self = data;

  end_call (self, &self->former, NULL);
  end_call (self, &self->call, NULL);
}

static void
stop (gpointer data)
{
  GstsigWatch *self = data;

  clear_request (self);
  gst_rcast_source_clear (&self->missing);
  gst_rcast_source_clear (&self->verdict);
  g_clear_pointer (&self->former, call_free);
  if (!self->call)
    return;
  g_clear_pointer (&self->call, call_free);
  self->callbacks->met (NULL, self->data);
}

const GstsigRoleFuncs gstsig_watch_funcs = {
  .ws = {
    .request_offer = request_offer,
    .answer = answer,
    .refusal = "the producer makes the offers, and the consumer answers them",
    .no_restart = "only the producer can restart ICE",
    .has_request = has_request,
    .drop_request = drop_request,
    .settle = settle,
    .add_candidate = add_candidate,
    .stop = stop,
    .free = watch_free,
  },
  .welcomed = welcomed,
  .take = take,
  .complain = complain,
  .take_garbage = take_garbage,
  .leave = leave,
};
