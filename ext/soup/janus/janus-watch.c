/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Watches one publisher of a VideoRoom: a member that learns who publishes, and a subscription. */
#include "config.h"

#include "janus-watch.h"

#include "janus-join.h"
#include "janus-roster.h"
#include "janus-subscription.h"
#include "janus-watched.h"

/* More streams than any publisher has. */
#define MAX_MUTED 64

/* Our member of the room, which only listens. */
typedef enum
{
  MEMBER_OUTSIDE,
  MEMBER_JOINING,
  MEMBER_JOINED,
} MemberState;

typedef enum
{
  SUBSCRIPTION_PRESENT,
  SUBSCRIPTION_FORMER,          /* its media goes on until that of the present one is connected */
  N_SUBSCRIPTIONS
} SubscriptionRole;

struct _JanusWatch
{
  WsLink *link;                 /* borrowed, as the next four */
  JanusReports *reports;
  GstRcastNetSignaller *element;
  const JanusSettings *settings;
  const JanusRoleCallbacks *callbacks;
  gpointer data;

  MemberState state;
  JanusTarget target;           /* of the member; handle 0: none */
  JanusId own;                  /* identifier of the member */
  guint64 private_id;
  JanusJoin *join;
  JanusRoster *roster;

  JanusWatched *watched;        /* publishers in the room */
  JanusId feed;                 /* last reported to the owner; no text: nobody publishes */
  GPtrArray *muted;             /* of @feed: the mids muted by a moderator */
  gboolean wanted;              /* an offer was requested, and we are not in the room yet */
  JanusSubscription *subscriptions[N_SUBSCRIPTIONS];    /* by SubscriptionRole */
};

static JanusSubscription *
present (JanusWatch * watch)
{
  return watch->subscriptions[SUBSCRIPTION_PRESENT];
}

static JanusSubscription *
former (JanusWatch * watch)
{
  return watch->subscriptions[SUBSCRIPTION_FORMER];
}

static void
swap (JanusWatch * watch)
{
  JanusSubscription *one = present (watch);

  watch->subscriptions[SUBSCRIPTION_PRESENT] = former (watch);
  watch->subscriptions[SUBSCRIPTION_FORMER] = one;
}

static void
hang_up (JanusWatch * watch, const gchar * why)
{
  janus_reports_pass_on (watch->reports, GST_RCAST_SERVER_HANGUP, "%s", why);
}

/* Publishers */

static void
tell (JanusWatch * watch, GstRcastStreamChange change, const gchar * reason)
{
  const JanusSettings *settings = watch->settings;

  gst_rcast_signaller_stream_changed (GST_RCAST_SIGNALLER (watch->element),
      change, settings->feed ? settings->feed : settings->watched, reason);
}

static void
set_feed (JanusWatch * watch, const JanusId * feed)
{
  if (!feed || !janus_id_equal (feed, &watch->feed))
    g_ptr_array_set_size (watch->muted, 0);
  if (feed)
    janus_id_set (&watch->feed, feed->text, feed->is_string);
  else
    janus_id_clear (&watch->feed);
}

/* Switches an open subscription to the current publisher. Otherwise the owner requests an offer. */
static void
follow (JanusWatch * watch)
{
  if (watch->feed.text && janus_subscription_is_open (present (watch)))
    janus_subscription_follow (present (watch), &watch->feed);
}

/* The caller must do nothing afterwards. */
static void
review (JanusWatch * watch, const gchar * reason)
{
  const JanusId *now = janus_watched_get (watch->watched);
  gboolean published = watch->feed.text != NULL;

  if (now ? janus_id_equal (now, &watch->feed) : !published)
    return;
  set_feed (watch, now);
  follow (watch);
  if (!now)
    tell (watch, GST_RCAST_STREAM_UNPUBLISHED, reason);
  else if (!published)
    tell (watch, GST_RCAST_STREAM_PUBLISHED, NULL);
}

/* Subscribing */

/* Returns: FALSE with @error if nobody publishes */
static gboolean
subscribe (JanusWatch * watch, GError ** error)
{
  if (!watch->feed.text) {
    g_propagate_error (error, ws_link_new_error (watch->link,
            GST_RCAST_ERROR_NO_STREAM, "nobody publishes %s %s in room %s",
            watch->settings->feed ? "feed" : "as", watch->settings->feed ?
            watch->settings->feed : watch->settings->watched,
            watch->settings->room.room.text));
    return FALSE;
  }
  janus_subscription_begin (present (watch), watch->target.session,
      &watch->feed, watch->private_id);
  return TRUE;
}

static void
on_offered (const gchar * sdp, gpointer data)
{
  JanusWatch *watch = data;

  /* Another publisher may have arrived meanwhile. */
  if (!janus_id_equal (janus_subscription_get_feed (present (watch)),
          &watch->feed))
    follow (watch);
  watch->callbacks->answered (sdp, watch->data);
}

static void
on_started (gpointer data)
{
  JanusWatch *watch = data;

  watch->callbacks->answered (NULL, watch->data);
}

/* The requested feed is gone. Returns: whether another feed was requested instead */
static gboolean
subscribe_to_next (JanusWatch * watch)
{
  const JanusId *asked = janus_subscription_get_feed (present (watch));
  const JanusId *next;

  janus_watched_remove (watch->watched, asked);
  next = janus_watched_get (watch->watched);
  set_feed (watch, next);
  return next && subscribe (watch, NULL);
}

static void
on_failed (const JanusMessage * refusal, const GError * error,
    const gchar * what, gpointer data)
{
  JanusWatch *watch = data;
  JanusSubscription *failed = present (watch);

  if (!error && refusal->code == JANUS_E_NO_FEED && subscribe_to_next (watch))
    return;
  /* The former subscription goes on. */
  if (!janus_subscription_is_open (failed)
      && janus_subscription_is_open (former (watch))) {
    swap (watch);
    janus_subscription_leave (failed);
  }
  watch->callbacks->failed (refusal, error, what, watch->data);
}

static void
on_lost (const gchar * why, gpointer data)
{
  hang_up (data, why);
}

/* Joining */

static void
on_attached (guint64 handle, gpointer data)
{
  JanusWatch *watch = data;

  watch->target.handle = handle;
}

static void
on_joined (const JanusMessage * message, gpointer data)
{
  JanusWatch *watch = data;
  g_autoptr (GError) error = NULL;
  gboolean first = !watch->own.text;

  watch->state = MEMBER_JOINED;
  janus_id_set (&watch->own, message->member.text, message->member.is_string);
  watch->private_id = message->private_id;
  if (message->publishers)
    janus_watched_sync (watch->watched, message->publishers);
  if (first || watch->wanted) {
    set_feed (watch, janus_watched_get (watch->watched));
    watch->callbacks->joined (&watch->own, watch->data);
  } else {
    review (watch, NULL);
    return;
  }
  if (!watch->wanted)
    return;
  watch->wanted = FALSE;
  if (!subscribe (watch, &error))
    watch->callbacks->failed (NULL, error, "subscribe", watch->data);
}

static void
on_join_failed (const JanusMessage * refusal, const GError * error,
    const gchar * what, gpointer data)
{
  JanusWatch *watch = data;

  watch->state = MEMBER_OUTSIDE;
  watch->wanted = FALSE;
  watch->callbacks->failed (refusal, error, what, watch->data);
}

static void
forget_member (JanusWatch * watch)
{
  janus_join_stop (watch->join);
  watch->state = MEMBER_OUTSIDE;
  watch->target.handle = 0;
}

/* Joins the room with a new handle. */
static void
join (gpointer data, guint64 session)
{
  JanusWatch *watch = data;

  if (watch->target.handle)
    janus_link_ask (watch->link, "detach", &watch->target, NULL, NULL, NULL);
  forget_member (watch);
  watch->target.session = session;
  watch->state = MEMBER_JOINING;
  janus_join_start (watch->join, session);
}

/* Operations of the owner */

static gboolean
request_first_offer (JanusWatch * watch, GError ** error)
{
  if (watch->state != MEMBER_JOINED) {
    watch->wanted = TRUE;
    if (watch->state == MEMBER_OUTSIDE)
      join (watch, watch->target.session);
    return TRUE;
  }
  if (janus_subscription_is_settled (present (watch))) {
    swap (watch);
    janus_subscription_leave (present (watch));
  }
  if (subscribe (watch, error))
    return TRUE;
  if (janus_subscription_is_open (former (watch)))
    swap (watch);
  return FALSE;
}

/* For a fresh webrtcbin, or an ICE restart. With a first offer, existing media goes on until
 * settle(). The error is %GST_RCAST_ERROR_NO_STREAM if nobody publishes. */
static gboolean
request_offer (gpointer data, GstRcastOfferKind kind, GError ** error)
{
  JanusWatch *watch = data;

  return kind == GST_RCAST_OFFER_INITIAL ? request_first_offer (watch, error) :
      janus_subscription_restart (present (watch), error);
}

static gboolean
answer (gpointer data, const gchar * sdp, GError ** error)
{
  JanusWatch *watch = data;

  return janus_subscription_answer (present (watch), sdp, error);
}

/* The media of the present subscription is connected. */
static void
settle (gpointer data)
{
  JanusWatch *watch = data;

  janus_subscription_leave (former (watch));
}

static void
drop_request (gpointer data)
{
  JanusWatch *watch = data;

  watch->wanted = FALSE;
  janus_subscription_drop_request (present (watch));
  if (!janus_subscription_is_open (present (watch))
      && janus_subscription_is_open (former (watch)))
    swap (watch);
}

static gboolean
has_request (gpointer data)
{
  JanusWatch *watch = data;

  return watch->wanted || janus_subscription_has_request (present (watch));
}

static void
add_candidate (gpointer data, guint mline, const gchar * ufrag,
    const gchar * candidate)
{
  JanusWatch *watch = data;

  janus_subscription_add_candidate (present (watch), mline, ufrag, candidate);
}

/* Connection */

static void
stop (gpointer data)
{
  JanusWatch *watch = data;

  if (watch->state != MEMBER_JOINED)
    watch->state = MEMBER_OUTSIDE;
  watch->wanted = FALSE;
  janus_join_stop (watch->join);
  for (guint i = 0; i < N_SUBSCRIPTIONS; i++)
    janus_subscription_stop (watch->subscriptions[i]);
}

static void
forget (gpointer data)
{
  JanusWatch *watch = data;

  forget_member (watch);
  for (guint i = 0; i < N_SUBSCRIPTIONS; i++)
    janus_subscription_forget (watch->subscriptions[i]);
}

static void
on_listed (GArray * members, const JanusMember * self, gpointer data)
{
  JanusWatch *watch = data;

  if (members)
    janus_watched_sync (watch->watched, members);
  watch->callbacks->resynced (janus_subscription_was_cut (present (watch)) ?
      "the connection was lost before the server had our answer" : NULL, NULL,
      watch->data);
}

static void
on_forgotten (gpointer data)
{
  JanusWatch *watch = data;

  forget_member (watch);
  watch->callbacks->resynced ("the server has given up our handle", NULL,
      watch->data);
}

static void
resync (gpointer data)
{
  JanusWatch *watch = data;

  if (watch->state == MEMBER_JOINED)
    janus_roster_ask (watch->roster, &watch->target, &watch->own);
  else
    watch->callbacks->resynced ("we are in no room", NULL, watch->data);
}

/* The publisher may have left and returned as the same feed, which the list of members does not
 * show: so requests its streams again. */
static void
resumed (gpointer data)
{
  JanusWatch *watch = data;
  const JanusId *now = janus_watched_get (watch->watched);

  janus_subscription_flush (present (watch));
  if (now && janus_id_equal (now, &watch->feed))
    follow (watch);
  else
    review (watch, NULL);
}

/* Call this before the session is destroyed: the answer to that covers these requests. */
static void
leave (gpointer data)
{
  JanusWatch *watch = data;

  for (guint i = 0; i < N_SUBSCRIPTIONS; i++)
    janus_subscription_leave (watch->subscriptions[i]);
  if (!watch->target.handle)
    return;
  if (watch->state == MEMBER_JOINED)
    janus_link_ask_plugin (watch->link, "leave", &watch->target,
        janus_print_body ("leave"), FALSE, NULL, NULL);
  janus_link_ask (watch->link, "detach", &watch->target, NULL, NULL, NULL);
}

/* Server events */

/* Muting a stream is reported as a pause, which ends once no stream is muted. The other streams go
 * on, as their media shows. */
static void
take_moderation (JanusWatch * watch, const JanusMessage * message)
{
  gboolean muted = message->room_event == JANUS_ROOM_MUTED, known;
  guint i;

  if (!message->mid || !janus_id_equal (&message->member, &watch->feed))
    return;
  known = g_ptr_array_find_with_equal_func (watch->muted, message->mid,
      g_str_equal, &i);
  if (muted && !known && watch->muted->len < MAX_MUTED) {
    g_ptr_array_add (watch->muted, g_strdup (message->mid));
    tell (watch, GST_RCAST_STREAM_PAUSED, "muted by a moderator");
  } else if (!muted && known) {
    g_ptr_array_remove_index_fast (watch->muted, i);
    if (watch->muted->len == 0)
      tell (watch, GST_RCAST_STREAM_RESUMED, NULL);
  }
}

static void
take_room_event (JanusWatch * watch, const JanusMessage * message)
{
  if (message->room_event == JANUS_ROOM_KICKED) {
    watch->callbacks->kicked (watch->data);
    return;
  }
  if (message->room_event == JANUS_ROOM_DESTROYED) {
    janus_reports_destroyed (watch->reports,
        watch->settings->room.room.text);
    return;
  }
  if (message->room_event == JANUS_ROOM_MUTED
      || message->room_event == JANUS_ROOM_UNMUTED) {
    take_moderation (watch, message);
    return;
  }
  if (message->left.text)
    janus_watched_remove (watch->watched, &message->left);
  if (message->publishers)
    janus_watched_add (watch->watched, message->publishers);
  review (watch, message->reason ? message->reason : "the publisher left");
}

/* The room continues with another handle. */
static void
take_detached (JanusWatch * watch)
{
  forget_member (watch);
  hang_up (watch, "Janus detached our handle");
}

/* Returns: whether @message is for one of our handles. Events of the former subscription are not
 * reported. */
static gboolean
take (gpointer data, const JanusMessage * message)
{
  JanusWatch *watch = data;

  if (janus_subscription_is_sender (former (watch), message)) {
    if (message->kind == JANUS_HANGUP || message->kind == JANUS_DETACHED)
      janus_subscription_leave (former (watch));
    return TRUE;
  }
  if (janus_subscription_is_sender (present (watch), message)) {
    janus_reports_take (watch->reports, message);
    janus_subscription_take (present (watch), message);
    return TRUE;
  }
  if (!watch->target.handle || message->sender != watch->target.handle)
    return FALSE;
  janus_reports_take (watch->reports, message);
  if (message->kind == JANUS_EVENT)
    take_room_event (watch, message);
  else if (message->kind == JANUS_DETACHED)
    take_detached (watch);
  return TRUE;
}

JanusWatch *
janus_watch_new (WsLink * link, JanusReports * reports,
    GstRcastNetSignaller * element, const JanusSettings * settings,
    gboolean * string_ids, const JanusRoleCallbacks * callbacks,
    gpointer data)
{
  static const JanusJoinCallbacks join_callbacks =
      { on_attached, on_joined, on_join_failed };
  static const JanusRosterCallbacks roster_callbacks =
      { on_listed, on_forgotten };
  static const JanusSubscriptionCallbacks subscription_callbacks =
      { on_offered, on_started, on_failed, on_lost };
  JanusWatch *watch = g_new0 (JanusWatch, 1);

  watch->link = link;
  watch->reports = reports;
  watch->element = element;
  watch->settings = settings;
  watch->callbacks = callbacks;
  watch->data = data;
  watch->join = janus_join_new (link, element, settings, string_ids,
      &join_callbacks, watch);
  watch->roster = janus_roster_new (link, element, watch->join,
      &roster_callbacks, watch, callbacks, data);
  watch->muted = g_ptr_array_new_with_free_func (g_free);
  watch->watched = janus_watched_new (settings->feed, settings->watched);
  for (guint i = 0; i < N_SUBSCRIPTIONS; i++)
    watch->subscriptions[i] = janus_subscription_new (link, element,
        watch->join, &subscription_callbacks, watch);
  return watch;
}

/* Free the watch before its link. */
static void
watch_free (gpointer data)
{
  JanusWatch *watch = data;

  for (guint i = 0; i < N_SUBSCRIPTIONS; i++)
    janus_subscription_free (watch->subscriptions[i]);
  janus_watched_free (watch->watched);
  g_ptr_array_unref (watch->muted);
  janus_roster_free (watch->roster);
  janus_join_free (watch->join);
  janus_id_clear (&watch->own);
  janus_id_clear (&watch->feed);
  g_free (watch);
}

const JanusRoleFuncs janus_watch_funcs = {
  .ws = {
    .request_offer = request_offer,
    .answer = answer,
    .refusal = "Janus offers what is received",
    .has_request = has_request,
    .drop_request = drop_request,
    .settle = settle,
    .add_candidate = add_candidate,
    .stop = stop,
    .free = watch_free,
  },
  .join = join,
  .forget = forget,
  .resync = resync,
  .resumed = resumed,
  .leave = leave,
  .take = take,
};
