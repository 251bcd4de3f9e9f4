/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The handles of a Janus session: the current feed, its replacement, and the previous feed. */
#include "config.h"

#include "janus-feeds.h"

GST_DEBUG_CATEGORY_STATIC (rcast_janus_feeds_debug);
#define GST_CAT_DEFAULT rcast_janus_feeds_debug

/* Roles of a handle. A handle that has left the room may join again. */
typedef enum
{
  FEED_PRESENT,
  FEED_NEXT,                    /* a second offer is being sent to it */
  FEED_FORMER,                  /* its media goes on until that of the present feed is connected */
  N_FEEDS
} FeedRole;

typedef struct
{
  JanusFeeds *feeds;
  JanusHandle *handle;          /* NULL: not created yet */
  JanusId id;                   /* of the feed, once joined */
} Feed;

/* Only on the session's thread. */
struct _JanusFeeds
{
  WsLink *link;                 /* borrowed, as the next five */
  JanusReports *reports;
  GstRcastNetSignaller *element;
  const JanusSettings *settings;
  gboolean *string_ids;
  const JanusRoleCallbacks *callbacks;
  gpointer data;

  guint64 session;
  Feed *feeds[N_FEEDS];         /* by FeedRole */
  gchar *sdp;                   /* offer of the next feed; NULL: none */
};

static gboolean
is_role (const Feed * feed, FeedRole role)
{
  return feed->feeds->feeds[role] == feed;
}

static JanusHandle *
present (JanusFeeds * feeds)
{
  return feeds->feeds[FEED_PRESENT]->handle;
}

/* The handle may join again. */
static void
leave (Feed * feed)
{
  if (!feed->handle)
    return;
  janus_handle_drop_offer (feed->handle);
  janus_handle_stop (feed->handle);
  janus_handle_leave (feed->handle);
  janus_handle_forget (feed->handle);
}

static gboolean
is_replacing (JanusFeeds * feeds)
{
  return feeds->sdp != NULL;
}

static void
end_replacing (JanusFeeds * feeds)
{
  g_clear_pointer (&feeds->sdp, g_free);
}

static void
swap (JanusFeeds * feeds, FeedRole one, FeedRole other)
{
  Feed *feed = feeds->feeds[one];

  feeds->feeds[one] = feeds->feeds[other];
  feeds->feeds[other] = feed;
}

/* Reports of the handles */

static void
on_joined (const JanusId * id, gpointer data)
{
  Feed *feed = data;
  JanusFeeds *feeds = feed->feeds;

  janus_id_set (&feed->id, id->text, id->is_string);
  if (is_role (feed, FEED_PRESENT))
    feeds->callbacks->joined (&feed->id, feeds->data);
}

/* The next feed becomes the present one. */
static void
replace (JanusFeeds * feeds)
{
  leave (feeds->feeds[FEED_FORMER]);
  swap (feeds, FEED_PRESENT, FEED_FORMER);
  swap (feeds, FEED_PRESENT, FEED_NEXT);
  end_replacing (feeds);
  feeds->callbacks->joined (&feeds->feeds[FEED_PRESENT]->id, feeds->data);
}

static void
on_answered (const gchar * answer, gpointer data)
{
  Feed *feed = data;
  JanusFeeds *feeds = feed->feeds;

  if (is_role (feed, FEED_NEXT))
    replace (feeds);
  feeds->callbacks->answered (answer, feeds->data);
}

/* Without a second feed: ends the old media first. */
static void
offer_in_place (JanusFeeds * feeds, const gchar * what)
{
  g_autofree gchar *sdp = g_steal_pointer (&feeds->sdp);
  g_autoptr (GError) error = NULL;

  leave (feeds->feeds[FEED_NEXT]);
  if (!janus_handle_offer (present (feeds), GST_RCAST_OFFER_INITIAL, sdp,
          &error))
    feeds->callbacks->failed (NULL, error, what, feeds->data);
}

static void
on_failed (const JanusMessage * refusal, const GError * error,
    const gchar * what, gpointer data)
{
  Feed *feed = data;
  JanusFeeds *feeds = feed->feeds;

  if (is_role (feed, FEED_FORMER))
    return;
  if (is_role (feed, FEED_NEXT) && !error
      && refusal->code != JANUS_E_NO_SESSION) {
    GST_INFO_OBJECT (feeds->element, "no second feed: %s (%d)",
        refusal->reason ? refusal->reason : "no reason given", refusal->code);
    offer_in_place (feeds, what);
    return;
  }
  feeds->callbacks->failed (refusal, error, what, feeds->data);
}

static void
on_kicked (gpointer data)
{
  Feed *feed = data;
  JanusFeeds *feeds = feed->feeds;

  if (!is_role (feed, FEED_FORMER))
    feeds->callbacks->kicked (feeds->data);
}

static void
on_resynced (const gchar * loss, const GError * error, gpointer data)
{
  Feed *feed = data;

  feed->feeds->callbacks->resynced (loss, error, feed->feeds->data);
}

/* Returns the handle of @role, created on first use. */
static JanusHandle *
provide (JanusFeeds * feeds, FeedRole role)
{
  static const JanusRoleCallbacks callbacks =
      { on_joined, on_answered, on_failed, on_kicked, on_resynced };
  Feed *feed = feeds->feeds[role];

  if (!feed->handle)
    feed->handle = janus_handle_new (feeds->link, feeds->reports,
        feeds->element, feeds->settings, feeds->string_ids, &callbacks, feed);
  return feed->handle;
}

JanusFeeds *
janus_feeds_new (WsLink * link, JanusReports * reports,
    GstRcastNetSignaller * element, const JanusSettings * settings,
    gboolean * string_ids, const JanusRoleCallbacks * callbacks,
    gpointer data)
{
  static gsize once = 0;
  JanusFeeds *feeds = g_new0 (JanusFeeds, 1);

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_janus_feeds_debug, "rcastjanusfeeds", 0,
        "Feeds of a Janus session");
    g_once_init_leave (&once, 1);
  }
  feeds->link = link;
  feeds->reports = reports;
  feeds->element = element;
  feeds->settings = settings;
  feeds->string_ids = string_ids;
  feeds->callbacks = callbacks;
  feeds->data = data;
  for (guint i = 0; i < N_FEEDS; i++) {
    feeds->feeds[i] = g_new0 (Feed, 1);
    feeds->feeds[i]->feeds = feeds;
  }
  provide (feeds, FEED_PRESENT);
  return feeds;
}

/* Free the feeds before their link. */
static void
feeds_free (gpointer data)
{
  JanusFeeds *feeds = data;

  for (guint i = 0; i < N_FEEDS; i++) {
    if (feeds->feeds[i]->handle)
      janus_handle_free (feeds->feeds[i]->handle);
    janus_id_clear (&feeds->feeds[i]->id);
    g_free (feeds->feeds[i]);
  }
  g_free (feeds->sdp);
  g_free (feeds);
}

static void
join (gpointer data, guint64 session)
{
  JanusFeeds *feeds = data;

  feeds->session = session;
  janus_handle_join (present (feeds), session);
}

/* A second feed needs its own identifier, so there is none if the application has set the
 * identifier. */
static gboolean
may_replace (JanusFeeds * feeds, GstRcastOfferKind kind)
{
  return kind == GST_RCAST_OFFER_INITIAL && !feeds->settings->room.id.text
      && janus_handle_has_media (present (feeds));
}

/* See janus_handle_offer(). With an initial offer, existing media goes on in its own feed until
 * settle(), if the room accepts one more feed. */
static gboolean
offer (gpointer data, GstRcastOfferKind kind, const gchar * sdp,
    GError ** error)
{
  JanusFeeds *feeds = data;
  JanusHandle *next;

  if (!may_replace (feeds, kind))
    return janus_handle_offer (present (feeds), kind, sdp, error);
  next = provide (feeds, FEED_NEXT);
  feeds->sdp = g_strdup (sdp);
  janus_handle_join (next, feeds->session);
  if (janus_handle_offer (next, kind, sdp, error))
    return TRUE;
  leave (feeds->feeds[FEED_NEXT]);
  end_replacing (feeds);
  return FALSE;
}

/* The media of the present feed is connected. */
static void
settle (gpointer data)
{
  JanusFeeds *feeds = data;

  leave (feeds->feeds[FEED_FORMER]);
}

static void
drop_offer (gpointer data)
{
  JanusFeeds *feeds = data;

  janus_handle_drop_offer (present (feeds));
  if (!is_replacing (feeds))
    return;
  leave (feeds->feeds[FEED_NEXT]);
  end_replacing (feeds);
}

static gboolean
has_offer (gpointer data)
{
  JanusFeeds *feeds = data;

  return is_replacing (feeds) || janus_handle_has_offer (present (feeds));
}

static void
add_candidate (gpointer data, guint mline, const gchar * ufrag,
    const gchar * candidate)
{
  JanusFeeds *feeds = data;

  janus_handle_add_candidate (is_replacing (feeds) ?
      feeds->feeds[FEED_NEXT]->handle : present (feeds), mline, ufrag,
      candidate);
}

static void
stop (gpointer data)
{
  JanusFeeds *feeds = data;

  for (guint i = 0; i < N_FEEDS; i++)
    if (feeds->feeds[i]->handle)
      janus_handle_stop (feeds->feeds[i]->handle);
}

static void
forget (gpointer data)
{
  JanusFeeds *feeds = data;

  for (guint i = 0; i < N_FEEDS; i++)
    if (feeds->feeds[i]->handle)
      janus_handle_forget (feeds->feeds[i]->handle);
}

static void
resync (gpointer data)
{
  JanusFeeds *feeds = data;

  janus_handle_resync (present (feeds));
}

static void
leave_all (gpointer data)
{
  JanusFeeds *feeds = data;

  for (guint i = 0; i < N_FEEDS; i++)
    if (feeds->feeds[i]->handle)
      janus_handle_leave (feeds->feeds[i]->handle);
}

/* Returns: whether @message is for one of the handles. Events of the former handle are not
 * reported. */
static gboolean
take (gpointer data, const JanusMessage * message)
{
  JanusFeeds *feeds = data;

  for (guint i = 0; i < N_FEEDS; i++) {
    JanusHandle *handle = feeds->feeds[i]->handle;

    if (!handle || !janus_handle_is_sender (handle, message))
      continue;
    if (i != FEED_FORMER)
      janus_handle_take (handle, message);
    return TRUE;
  }
  return FALSE;
}

const JanusRoleFuncs janus_feeds_funcs = {
  .ws = {
    .offer = offer,
    .refusal = "Janus makes no offer to us",
    .has_request = has_offer,
    .drop_request = drop_offer,
    .settle = settle,
    .add_candidate = add_candidate,
    .stop = stop,
    .free = feeds_free,
  },
  .join = join,
  .forget = forget,
  .resync = resync,
  .leave = leave_all,
  .take = take,
};
