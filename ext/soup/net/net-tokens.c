/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bearer tokens, one per location, and requests for fresh ones to the application. */
#include "config.h"

#include "net-tokens.h"

#include <gst/gst.h>

#include "net-url.h"
#include "rcast-error.h"

GST_DEBUG_CATEGORY_STATIC (rcast_tokens_debug);
#define GST_CAT_DEFAULT rcast_tokens_debug

/* After "not now", a token may still come from an application that fetches it without blocking. A
 * longer wait would only delay the next location. */
#define LATER_MS 1000
/* Limit of stored tokens: of locations and of origins, including those of session URLs. */
#define MAX_KEPT 128
/* Limit of threads that ask, so that hanging handlers for origins that a server names do not cost a
 * thread each. Beyond this, a request only waits for set-token. */
#define MAX_INQUIRIES 8

/* A pending request for a token. Whoever removes it from the list, under the lock, answers it. */
typedef struct
{
  NetTokens *tokens;            /* held */
  GTask *task;
  gchar *key;                   /* the location, or its origin, whose token it waits for */
  gchar *origin, *place;        /* where to store the token, if it is kept */
  gchar *url;
  gchar *shown;                 /* URL for errors */
  gboolean keep;
  guint ms;                     /* how long it waits */
  GMainContext *context;        /* main context of its task */
  GSource *timer;               /* lock */
  GSource *cancel;              /* nullable */
} Waiter;

/* A thread that asks the application. */
typedef struct
{
  NetTokens *tokens;            /* held */
  GObject *owner;               /* held */
  gchar *key, *origin, *place, *url;    /* from the waiter that started it */
  gboolean keep;                /* likewise */
  NetTokensAsk ask;
} Inquiry;

struct _NetTokens
{
  gatomicrefcount ref_count;
  GMutex lock;                  /* a leaf: no foreign code runs under it */
  gchar *common;                /* lock: the default token, nullable */
  GHashTable *own;              /* lock: origin, or location -> token */
  GHashTable *bare;             /* lock: locations without a token, not even their origin's */
  GHashTable *sessions;         /* lock: URL that needed a token -> its location */
  GHashTable *asking;           /* lock: keys with a thread that asks */
  GList *waiters;               /* lock */
};

NetTokens *
net_tokens_new (void)
{
  static gsize once = 0;
  NetTokens *tokens = g_new0 (NetTokens, 1);

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_tokens_debug, "rcasttokens", 0,
        "Tokens of signallers");
    g_once_init_leave (&once, 1);
  }
  g_atomic_ref_count_init (&tokens->ref_count);
  g_mutex_init (&tokens->lock);
  tokens->own = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  tokens->bare = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  tokens->sessions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      g_free);
  tokens->asking = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      NULL);
  return tokens;
}

NetTokens *
net_tokens_ref (NetTokens * tokens)
{
  g_atomic_ref_count_inc (&tokens->ref_count);
  return tokens;
}

/* Takes NULL. */
void
net_tokens_unref (NetTokens * tokens)
{
  if (!tokens || !g_atomic_ref_count_dec (&tokens->ref_count))
    return;
  g_assert (!tokens->waiters);
  g_hash_table_unref (tokens->own);
  g_hash_table_unref (tokens->bare);
  g_hash_table_unref (tokens->sessions);
  g_hash_table_unref (tokens->asking);
  g_free (tokens->common);
  g_mutex_clear (&tokens->lock);
  g_free (tokens);
}

static void
waiter_clear (gpointer data)
{
  Waiter *waiter = data;

  g_clear_object (&waiter->task);
  g_free (waiter->key);
  g_free (waiter->origin);
  g_free (waiter->place);
  g_free (waiter->url);
  g_free (waiter->shown);
  g_main_context_unref (waiter->context);
  net_tokens_unref (waiter->tokens);
}

static void
waiter_unref (gpointer waiter)
{
  g_atomic_rc_box_release_full (waiter, waiter_clear);
}

static void
destroy_source (GSource * source)
{
  if (!source)
    return;
  g_source_destroy (source);
  g_source_unref (source);
}

/* Returns: whether the caller has to answer the waiter */
static gboolean
take_waiter_locked (Waiter * waiter)
{
  GList *link = g_list_find (waiter->tokens->waiters, waiter);

  if (!link)
    return FALSE;
  waiter->tokens->waiters = g_list_delete_link (waiter->tokens->waiters, link);
  return TRUE;
}

static gboolean
take_waiter (Waiter * waiter)
{
  gboolean taken;

  g_mutex_lock (&waiter->tokens->lock);
  taken = take_waiter_locked (waiter);
  g_mutex_unlock (&waiter->tokens->lock);
  return taken;
}

/* Takes @error (nullable) and the reference of the list. The task returns in its own context. */
static void
answer (Waiter * waiter, const gchar * token, GError * error)
{
  destroy_source (g_steal_pointer (&waiter->timer));
  destroy_source (g_steal_pointer (&waiter->cancel));
  if (error)
    g_task_return_error (waiter->task, error);
  else
    g_task_return_pointer (waiter->task, g_strdup (token), g_free);
  waiter_unref (waiter);
}

static GError *
new_error (Waiter * waiter, GstRcastError code, const gchar * what)
{
  return gst_rcast_error_new_http (code, waiter->shown, 0, GST_CLOCK_TIME_NONE,
      "%s: %s", waiter->shown, what);
}

static gboolean
on_time_is_up (gpointer data)
{
  Waiter *waiter = data;

  if (take_waiter (waiter))
    answer (waiter, NULL, new_error (waiter, GST_RCAST_ERROR_NO_TOKEN,
            "the application has no token at present"));
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled (GCancellable * cancellable, gpointer data)
{
  Waiter *waiter = data;

  if (take_waiter (waiter))
    answer (waiter, NULL, g_error_new_literal (G_IO_ERROR,
            G_IO_ERROR_CANCELLED, "no token is wanted any more"));
  return G_SOURCE_REMOVE;
}

static GSource *
add_source (Waiter * waiter, GSource * source, GSourceFunc func)
{
  g_source_set_callback (source, func, g_atomic_rc_box_acquire (waiter),
      waiter_unref);
  g_source_attach (source, waiter->context);
  return source;
}

/* Returns: whether @place does not use the token of its origin */
static gboolean
is_apart_locked (NetTokens * tokens, const gchar * place)
{
  return g_hash_table_contains (tokens->own, place)
      || g_hash_table_contains (tokens->bare, place);
}

/* @place: (nullable): %NULL: only @key counts */
static gboolean
waits_for_locked (const Waiter * waiter, const gchar * key, const gchar * place)
{
  if (!place)
    return g_str_equal (waiter->key, key);
  return g_str_equal (waiter->key, place) || g_str_equal (waiter->place, place)
      || (g_str_equal (waiter->key, key)
      && (g_str_equal (waiter->place, key)
          || !is_apart_locked (waiter->tokens, waiter->place)));
}

/* Returns: (transfer full): the waiters for @key, removed from the list. If @key is the origin of
 * @place (nullable): those for @place, and those that use the token of the origin */
static GList *
take_waiters_locked (NetTokens * tokens, const gchar * key, const gchar * place)
{
  GList *taken = NULL, *next;

  for (GList * l = tokens->waiters; l; l = next) {
    Waiter *waiter = l->data;

    next = l->next;
    if (!waits_for_locked (waiter, key, place))
      continue;
    tokens->waiters = g_list_delete_link (tokens->waiters, l);
    taken = g_list_prepend (taken, waiter);
  }
  return taken;
}

/* A token from a file often ends with a newline. A token with control characters is invalid, as
 * these could end a header.
 * Returns: (transfer full): empty if there is no token */
static gchar *
clean_token (const gchar * token)
{
  gchar *clean = g_strstrip (g_strdup (token ? token : ""));

  for (const gchar * p = clean; *p; p++) {
    if (g_ascii_iscntrl (*p)) {
      GST_WARNING ("a token with control characters in it is not used");
      *clean = '\0';
      break;
    }
  }
  return clean;
}

/* Returns: (transfer full): the same string for the same location */
static gchar *
print_place (GUri * url)
{
  g_autofree gchar *origin = net_url_print_origin (url);
  const gchar *query = g_uri_get_query (url);

  return g_strconcat (origin, g_uri_get_path (url), query ? "?" : NULL, query,
      NULL);
}

/* @token: empty: remove the token of @key */
static void
keep_locked (NetTokens * tokens, const gchar * key, const gchar * token)
{
  if (!*token) {
    g_hash_table_remove (tokens->own, key);
    return;
  }
  if (g_hash_table_size (tokens->own) >= MAX_KEPT
      && !g_hash_table_contains (tokens->own, key))
    g_hash_table_remove_all (tokens->own);
  g_hash_table_insert (tokens->own, g_strdup (key), g_strdup (token));
}

/* Kept even if the token of the location is forgotten. */
static void
note_bare_locked (NetTokens * tokens, const gchar * place)
{
  if (g_hash_table_size (tokens->bare) >= MAX_KEPT)
    g_hash_table_remove_all (tokens->bare);
  g_hash_table_add (tokens->bare, g_strdup (place));
}

/* A session at @url uses the token of its location. */
static void
note_session_locked (NetTokens * tokens, GUri * url, const gchar * place)
{
  gchar *session = print_place (url);

  if (g_hash_table_size (tokens->sessions) >= MAX_KEPT)
    g_hash_table_remove_all (tokens->sessions);
  g_hash_table_insert (tokens->sessions, session, g_strdup (place));
}

/* Takes @waiters. @token: empty: there will be no token */
static void
answer_all (GList * waiters, const gchar * token)
{
  while (waiters) {
    Waiter *waiter = waiters->data;

    answer (waiter, token, *token ? NULL : new_error (waiter,
            GST_RCAST_ERROR_UNAUTHORIZED, "the application has no token"));
    waiters = g_list_delete_link (waiters, waiters);
  }
}

/* Returns: (nullable): the token of exactly this location or origin */
static const gchar *
find_own_locked (NetTokens * tokens, const gchar * origin, const gchar * place)
{
  return g_hash_table_lookup (tokens->own,
      is_apart_locked (tokens, place) ? place : origin);
}

/* @token: (nullable): for all locations from now on. If it has changed, it is newer than the tokens
 * of single locations, which are then forgotten */
void
net_tokens_set_default (NetTokens * tokens, const gchar * token)
{
  g_autofree gchar *clean = clean_token (token);

  if (!*clean)
    g_clear_pointer (&clean, g_free);
  g_mutex_lock (&tokens->lock);
  if (g_strcmp0 (tokens->common, clean) != 0) {
    g_free (tokens->common);
    tokens->common = g_steal_pointer (&clean);
    g_hash_table_remove_all (tokens->own);
  }
  g_mutex_unlock (&tokens->lock);
}

/* Sets the token of @url and of its origin. Empty: they no longer have a token, and @url does not
 * use that of its origin. Pending requests for it continue. */
void
net_tokens_set (NetTokens * tokens, GUri * url, const gchar * token)
{
  g_autofree gchar *origin = net_url_print_origin (url);
  g_autofree gchar *named = print_place (url);
  g_autofree gchar *clean = clean_token (token);
  g_autofree gchar *place = NULL;
  GList *waiters;

  g_mutex_lock (&tokens->lock);
  place = g_strdup (g_hash_table_lookup (tokens->sessions, named));
  if (!place)
    place = g_steal_pointer (&named);
  keep_locked (tokens, origin, clean);
  keep_locked (tokens, place, clean);
  if (!*clean && !g_str_equal (place, origin))
    note_bare_locked (tokens, place);
  waiters = take_waiters_locked (tokens, origin, place);
  g_mutex_unlock (&tokens->lock);
  answer_all (waiters, clean);
}

/* Returns: (nullable) (transfer full): the token for a request to @url, if @url is a location that
 * the application named */
gchar *
net_tokens_dup (NetTokens * tokens, GUri * url)
{
  g_autofree gchar *origin = net_url_print_origin (url);
  g_autofree gchar *place = print_place (url);
  const gchar *own;
  gchar *token;

  g_mutex_lock (&tokens->lock);
  own = find_own_locked (tokens, origin, place);
  token = g_strdup (own ? own : tokens->common);
  g_mutex_unlock (&tokens->lock);
  return token;
}

/* Returns: (nullable) (transfer full): the token that the application set for exactly this location
 * or origin */
gchar *
net_tokens_dup_own (NetTokens * tokens, GUri * url)
{
  g_autofree gchar *origin = net_url_print_origin (url);
  g_autofree gchar *place = print_place (url);
  gchar *token;

  g_mutex_lock (&tokens->lock);
  token = g_strdup (find_own_locked (tokens, origin, place));
  g_mutex_unlock (&tokens->lock);
  return token;
}

/* "Not now": waits a while, as the application may still set a token. */
static void
wait_for_later_locked (NetTokens * tokens, const gchar * key)
{
  for (GList * l = tokens->waiters; l; l = l->next) {
    Waiter *waiter = l->data;

    if (!g_str_equal (waiter->key, key) || waiter->ms <= LATER_MS)
      continue;
    destroy_source (waiter->timer);
    waiter->ms = LATER_MS;
    waiter->timer = add_source (waiter, g_timeout_source_new (LATER_MS),
        on_time_is_up);
  }
}

static gboolean
is_kept (GList * waiters)
{
  for (GList * l = waiters; l; l = l->next) {
    if (((Waiter *) l->data)->keep)
      return TRUE;
  }
  return FALSE;
}

/* Also stores the token for its location, if that has a token of its own. */
static void
keep_answer_locked (Inquiry * inquiry, const gchar * token)
{
  keep_locked (inquiry->tokens, inquiry->origin, token);
  if (is_apart_locked (inquiry->tokens, inquiry->place))
    keep_locked (inquiry->tokens, inquiry->place, token);
}

/* @token: (nullable): the answer of the application */
static void
take_answer (Inquiry * inquiry, const gchar * token)
{
  NetTokens *tokens = inquiry->tokens;
  g_autofree gchar *clean = clean_token (token);
  GList *waiters = NULL;

  g_mutex_lock (&tokens->lock);
  g_hash_table_remove (tokens->asking, inquiry->key);
  if (token)
    waiters = take_waiters_locked (tokens, inquiry->key, NULL);
  else
    wait_for_later_locked (tokens, inquiry->key);
  /* A token that arrives after all requests have given up is kept for the next one. */
  if (*clean && (waiters ? is_kept (waiters) : inquiry->keep))
    keep_answer_locked (inquiry, clean);
  g_mutex_unlock (&tokens->lock);
  answer_all (waiters, clean);
}

static gpointer
ask_application (gpointer data)
{
  Inquiry *inquiry = data;
  g_autofree gchar *token = inquiry->ask (inquiry->owner, inquiry->url);

  take_answer (inquiry, token);
  g_object_unref (inquiry->owner);
  net_tokens_unref (inquiry->tokens);
  g_free (inquiry->key);
  g_free (inquiry->origin);
  g_free (inquiry->place);
  g_free (inquiry->url);
  g_free (inquiry);
  return NULL;
}

/* Not a thread of GLib's pool: a handler may hang, and the pool also resolves names. */
static void
start_asking (Waiter * waiter, GObject * owner, NetTokensAsk ask)
{
  Inquiry *inquiry = g_new0 (Inquiry, 1);

  inquiry->tokens = net_tokens_ref (waiter->tokens);
  inquiry->owner = g_object_ref (owner);
  inquiry->key = g_strdup (waiter->key);
  inquiry->origin = g_strdup (waiter->origin);
  inquiry->place = g_strdup (waiter->place);
  inquiry->url = g_strdup (waiter->url);
  inquiry->keep = waiter->keep;
  inquiry->ask = ask;
  g_thread_unref (g_thread_new ("rcast-token", ask_application, inquiry));
}

/**
 * net_tokens_request:
 * @tokens: the tokens
 * @url: the URL that refused the present token
 * @location: (nullable): location of the same origin to which that token belonged; %NULL: none
 * @keep: whether to keep the answer as the token of location and origin
 * @ms: how long to wait for the token
 * @ask: asks the application, with the source of @task
 * @task: (transfer full): returns the token, a string, or %GST_RCAST_ERROR_NO_TOKEN if
 *   there is none in time, or %GST_RCAST_ERROR_UNAUTHORIZED if there never will be
 *
 * One thread at a time asks for an origin, or for a location that does not use the token of
 * its origin. Requests for the same key share the answer. Cancelling @task does not stop the
 * thread. On the signalling thread.
 */
void
net_tokens_request (NetTokens * tokens, GUri * url, GUri * location,
    gboolean keep, guint ms, NetTokensAsk ask, GTask * task)
{
  Waiter *waiter = g_atomic_rc_box_new0 (Waiter);
  GCancellable *cancellable = g_task_get_cancellable (task);
  g_autoptr (GObject) owner = g_object_ref (g_task_get_source_object (task));
  gboolean asked;

  waiter->tokens = net_tokens_ref (tokens);
  waiter->task = task;
  waiter->origin = net_url_print_origin (url);
  waiter->place = location ? print_place (location) : g_strdup (waiter->origin);
  waiter->url = g_uri_to_string (url);
  waiter->shown = net_url_describe (url);
  waiter->keep = keep;
  waiter->ms = ms;
  waiter->context = g_main_context_ref (g_task_get_context (task));
  /* The list's reference. The sources have their own. */
  g_atomic_rc_box_acquire (waiter);

  g_mutex_lock (&tokens->lock);
  waiter->key = g_strdup (is_apart_locked (tokens, waiter->place) ?
      waiter->place : waiter->origin);
  if (location)
    note_session_locked (tokens, url, waiter->place);
  tokens->waiters = g_list_prepend (tokens->waiters, waiter);
  waiter->timer = add_source (waiter, g_timeout_source_new (ms), on_time_is_up);
  if (cancellable)
    waiter->cancel = add_source (waiter, g_cancellable_source_new (cancellable),
        G_SOURCE_FUNC (on_cancelled));
  asked = g_hash_table_size (tokens->asking) >= MAX_INQUIRIES
      || !g_hash_table_add (tokens->asking, g_strdup (waiter->key));
  g_mutex_unlock (&tokens->lock);
  if (!asked)
    start_asking (waiter, owner, ask);
  waiter_unref (waiter);
}
