/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The sessions left at servers: kept over attempts and processes, and ended as soon as possible. */
#include "config.h"

#include "gstrcastghosts.h"

#include "gstrcaststatefile.h"
#include "gstrcasttimer.h"
#include "rcast-allowance.h"
#include "rcast-ghosts.h"

GST_DEBUG_CATEGORY_STATIC (rcast_ghosts_debug);
#define GST_CAT_DEFAULT rcast_ghosts_debug

/* How long an offer waits for old sessions to end. A request takes less if the server can be
 * reached; if not, the offer will fail as well. */
#define PATIENCE_MS 1000

/* An offer that waits. */
typedef struct
{
  GstRcastGhosts *ghosts;       /* not held: the waiter is in its list */
  gchar *origin;
  GSourceFunc done;
  gpointer data;
  GDestroyNotify notify;
  GSource *timer;
} Waiter;

/* An attempt to end a session. */
typedef struct
{
  GstRcastGhosts *ghosts;       /* held */
  guint id;
  gchar *origin;
  gchar *session;
  guint n_locations;            /* locations at that server */
  GCancellable *cancellable;
} Ending;

/* The loop's thread, but for what says otherwise. */
struct _GstRcastGhosts
{
  GstObject parent;

  GstRcastServers *servers;     /* constant */
  GstClock *clock;              /* set by load, while no loop runs */
  GstRcastStateFile *file;      /* the same; nullable */
  GstRcastAllowances *allowances;       /* constant; kept in the same file */
  GstRcastGhostList *list;      /* OBJECT_LOCK */

  GstRcastLoop *loop;           /* OBJECT_LOCK; NULL: stopped */
  GstRcastGhostsWarned warned;
  gpointer data;
  GstRcastTimer timer;
  GList *waiters;               /* of Waiter */
  guint n_ended;
  GList *endings;               /* OBJECT_LOCK; of Ending: in progress */
};

G_DEFINE_FINAL_TYPE_WITH_CODE (GstRcastGhosts, gst_rcast_ghosts,
    GST_TYPE_OBJECT, GST_DEBUG_CATEGORY_INIT (rcast_ghosts_debug,
        "rcastghosts", 0, "gst-rcast: sessions that were left"));

static guint ended;

static gint64
get_now (GstRcastGhosts * self)
{
  return (gint64) gst_clock_get_time (self->clock);
}

static gint64
get_date (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

/* Whether this is the loop's thread. After a stop the former loop may still report results. */
static gboolean
is_mine (GstRcastGhosts * self)
{
  gboolean mine;

  GST_OBJECT_LOCK (self);
  mine = self->loop && gst_rcast_loop_is_current (self->loop);
  GST_OBJECT_UNLOCK (self);
  return mine;
}

/* The file */

/* Returns: (transfer full) (nullable): the bytes used on limited uplinks */
static gchar *
print_allowances (GstRcastGhosts * self)
{
  g_autofree gchar *text = gst_rcast_allowances_print (self->allowances);

  return *text ? g_steal_pointer (&text) : NULL;
}

static void
write_file (GstRcastGhosts * self)
{
  g_autofree gchar *used = NULL;
  g_autofree gchar *sessions = NULL;
  gchar *text;

  if (!self->file)
    return;
  GST_OBJECT_LOCK (self);
  sessions = gst_rcast_ghost_list_print (self->list, get_now (self),
      get_date ());
  GST_OBJECT_UNLOCK (self);
  used = print_allowances (self);
  text = g_strconcat (sessions ? sessions : used ? GST_RCAST_GHOST_HEADER : "",
      used, NULL);
  gst_rcast_state_file_write (self->file, text);
}

/* Saves the bytes used on limited uplinks. */
void
gst_rcast_ghosts_keep (GstRcastGhosts * self)
{
  write_file (self);
}

/* A warning on its way to the loop. */
typedef struct
{
  GstRcastGhosts *ghosts;
  GError *error;
} Warning;

static void
warning_free (gpointer data)
{
  Warning *warning = data;

  gst_object_unref (warning->ghosts);
  g_error_free (warning->error);
  g_free (warning);
}

static gboolean
warn (gpointer data)
{
  Warning *warning = data;
  GstRcastGhosts *self = warning->ghosts;

  if (is_mine (self))
    self->warned (warning->error, self->data);
  return G_SOURCE_REMOVE;
}

/* The writing thread. The end of a failure is reported in the same way as the failure. */
static void
on_write_failed (const GError * error, gpointer data)
{
  GstRcastGhosts *self = data;
  Warning *warning = g_new0 (Warning, 1);

  warning->ghosts = gst_object_ref (self);
  warning->error = error ? g_error_copy (error) : g_error_new (G_IO_ERROR,
      G_IO_ERROR_FAILED, "state-file \"%s\" is written again",
      gst_rcast_state_file_get_path (self->file));
  GST_OBJECT_LOCK (self);
  if (self->loop)
    gst_rcast_loop_invoke (self->loop, warn, g_steal_pointer (&warning),
        warning_free);
  GST_OBJECT_UNLOCK (self);
  if (warning)
    warning_free (warning);
}

/* Returns: how many lines of @text about uplink limits are invalid */
static guint
take_allowances (GstRcastGhosts * self, const gchar * text, gsize size)
{
  g_autofree gchar *copy = g_strndup (text, size);
  g_auto (GStrv) lines = g_strsplit (copy, "\n", -1);
  guint n_bad = 0;

  for (guint i = 0; lines[i]; i++)
    n_bad += g_str_has_prefix (lines[i], GST_RCAST_QUOTA_MARK)
        && !gst_rcast_allowances_parse (self->allowances, lines[i]);
  return n_bad;
}

/* Returns: FALSE with @error if some of it is invalid */
static gboolean
take_content (GstRcastGhosts * self, const gchar * path, GBytes * content,
    GError ** error)
{
  gsize size;
  const gchar *text = g_bytes_get_data (content, &size);
  gboolean ours;
  guint n_bad;

  GST_OBJECT_LOCK (self);
  ours = gst_rcast_ghost_list_parse (self->list, text, size, get_now (self),
      get_date (), &n_bad);
  GST_OBJECT_UNLOCK (self);
  if (ours)
    n_bad += take_allowances (self, text, size);
  if (!ours)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "state-file "
        "\"%s\" is no file of rcastsink's and is left alone: name another one",
        path);
  else if (n_bad > 0)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "state-file "
        "\"%s\": %u lines make no sense and are ignored", path, n_bad);
  return ours;
}

/**
 * gst_rcast_ghosts_load:
 * @path: (nullable): the file that keeps the list; %NULL: no file
 * @clock: clock for its times
 * @error: what is wrong with the file
 *
 * Returns: FALSE with @error if the file, or a part of it, cannot be used; the list works all
 *   the same
 */
gboolean
gst_rcast_ghosts_load (GstRcastGhosts * self, const gchar * path,
    GstClock * clock, GError ** error)
{
  g_autoptr (GstRcastStateFile) file = NULL;
  g_autoptr (GBytes) content = NULL;
  g_autoptr (GError) reason = NULL;

  gst_object_replace ((GstObject **) & self->clock, GST_OBJECT (clock));
  if (!path)
    return TRUE;
  file = gst_rcast_state_file_open (path, GST_RCAST_GHOST_MAX_FILE, &content,
      &reason);
  if (file && take_content (self, path, content, &reason)) {
    self->file = g_steal_pointer (&file);
    gst_rcast_state_file_watch (self->file, on_write_failed, self);
  }
  if (!reason)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

/* The end of a run: sessions that have not ended by now are left. */
void
gst_rcast_ghosts_save (GstRcastGhosts * self)
{
  if (!self->clock)
    return;
  /* The element is stopped on its own loop, which goes on for the goodbye. */
  if (is_mine (self))
    gst_rcast_ghosts_stop (self, self->loop);
  GST_OBJECT_LOCK (self);
  gst_rcast_ghost_list_abandon (self->list, get_now (self));
  GST_OBJECT_UNLOCK (self);
  write_file (self);
  g_clear_pointer (&self->file, gst_rcast_state_file_close);
}

/* Offers that wait */

static void
waiter_free (Waiter * waiter)
{
  gst_rcast_source_clear (&waiter->timer);
  if (waiter->notify)
    waiter->notify (waiter->data);
  g_free (waiter->origin);
  g_free (waiter);
}

static void
finish_waiting (Waiter * waiter)
{
  GstRcastGhosts *self = waiter->ghosts;

  self->waiters = g_list_remove (self->waiters, waiter);
  waiter->done (waiter->data);
  waiter_free (waiter);
}

static gboolean
on_patience_ends (gpointer data)
{
  Waiter *waiter = data;

  GST_INFO_OBJECT (waiter->ghosts, "%s has not confirmed the end of what was "
      "left there: going on", waiter->origin);
  finish_waiting (waiter);
  return G_SOURCE_REMOVE;
}

static gboolean
is_busy (GstRcastGhosts * self, const gchar * origin)
{
  gboolean busy;

  GST_OBJECT_LOCK (self);
  busy = gst_rcast_ghost_list_is_busy (self->list, origin);
  GST_OBJECT_UNLOCK (self);
  return busy;
}

static void
check_waiters (GstRcastGhosts * self)
{
  GList *next;

  for (GList * l = self->waiters; l; l = next) {
    Waiter *waiter = l->data;

    next = l->next;
    if (!is_busy (self, waiter->origin))
      finish_waiting (waiter);
  }
}

/* Ending sessions */

static void arm_timer (GstRcastGhosts * self);

static void
ending_free (Ending * ending)
{
  g_object_unref (ending->cancellable);
  g_free (ending->origin);
  g_free (ending->session);
  gst_object_unref (ending->ghosts);
  g_free (ending);
}

static GstRcastGhostOutcome
judge (const GError * error)
{
  if (!error)
    return GST_RCAST_GHOST_ENDED;
  if (error->domain != GST_RCAST_ERROR)
    return GST_RCAST_GHOST_UNREACHABLE;
  switch ((GstRcastError) error->code) {
    case GST_RCAST_ERROR_SESSION_GONE:
    case GST_RCAST_ERROR_NO_STREAM:
      return GST_RCAST_GHOST_ENDED;
    case GST_RCAST_ERROR_NETWORK:
    case GST_RCAST_ERROR_TIMEOUT:
      return GST_RCAST_GHOST_UNREACHABLE;
    case GST_RCAST_ERROR_NOT_SUPPORTED:
    case GST_RCAST_ERROR_INVALID_DATA:
    case GST_RCAST_ERROR_COUNTER_OFFER:
    case GST_RCAST_ERROR_INVALID_ARGUMENT:
      return GST_RCAST_GHOST_UNSUPPORTED;
    case GST_RCAST_ERROR_UNAUTHORIZED:
    case GST_RCAST_ERROR_REJECTED:
    case GST_RCAST_ERROR_NOT_ACCEPTABLE:
    case GST_RCAST_ERROR_TLS:
    case GST_RCAST_ERROR_NO_TOKEN:
    case GST_RCAST_ERROR_OCCUPIED:
      return GST_RCAST_GHOST_REFUSED;
    case GST_RCAST_ERROR_FAILED:
    case GST_RCAST_ERROR_BUSY:
      return GST_RCAST_GHOST_TROUBLE;
  }
  return GST_RCAST_GHOST_TROUBLE;
}

/* The list has changed. @kept: also in what the file keeps */
static void
update (GstRcastGhosts * self, gboolean kept)
{
  if (kept)
    write_file (self);
  arm_timer (self);
  check_waiters (self);
}

/* A session has ended, so a place is free. */
static void
tell_end (GstRcastGhosts * self, const gchar * origin)
{
  self->n_ended++;
  g_signal_emit (self, ended, 0, origin);
}

static void
answer (GstRcastGhosts * self, guint id, GstRcastGhostOutcome outcome,
    guint n_locations)
{
  gboolean kept;

  GST_OBJECT_LOCK (self);
  kept = gst_rcast_ghost_list_answer (self->list, id, outcome, n_locations,
      get_now (self));
  GST_OBJECT_UNLOCK (self);
  if (is_mine (self))
    update (self, kept);
}

static void
on_ended (GObject * source, GAsyncResult * result, gpointer data)
{
  Ending *ending = data;
  GstRcastGhosts *self = ending->ghosts;
  g_autoptr (GError) error = NULL;

  if (gst_rcast_signaller_end_session_finish (GST_RCAST_SIGNALLER (source),
          result, &error))
    GST_INFO_OBJECT (self, "a session that was left has ended");
  else
    GST_INFO_OBJECT (self, "%s", error->message);
  GST_OBJECT_LOCK (self);
  self->endings = g_list_remove (self->endings, ending);
  GST_OBJECT_UNLOCK (self);
  answer (self, ending->id, judge (error), ending->n_locations);
  if (judge (error) == GST_RCAST_GHOST_ENDED && is_mine (self))
    tell_end (self, ending->origin);
  ending_free (ending);
}

static gboolean
speaks (GstRcastSignaller * signaller, const gchar * location)
{
  const gchar *const *protocols =
      GST_RCAST_SIGNALLER_GET_CLASS (signaller)->protocols;
  g_autofree gchar *scheme = g_uri_parse_scheme (location);

  return protocols && scheme && g_strv_contains (protocols, scheme);
}

/* Each location has its own token. A session of this process uses its own location. One of an
 * earlier process tries them in turn, one after each answer of the server. */
static guint
choose_location (GPtrArray * uris, const GstRcastGhost * ghost)
{
  guint index;

  if (ghost->location && g_ptr_array_find_with_equal_func (uris,
          ghost->location, g_str_equal, &index))
    return index;
  return ghost->answers % uris->len;
}

/* Looks for the server of the ghost, or else for one whose signaller speaks the same protocol.
 * Returns: (transfer full) (nullable): a signaller that can end the session */
static GstRcastSignaller *
find_signaller (GstRcastGhosts * self, const GstRcastGhost * ghost,
    gchar ** location, guint * n_locations)
{
  guint n = gst_rcast_servers_get_length (self->servers);
  g_autoptr (GstRcastSignaller) other = NULL;
  g_autoptr (GPtrArray) there =
      g_ptr_array_new_with_free_func (gst_object_unref);
  g_autoptr (GPtrArray) uris = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < n; i++) {
    g_autofree gchar *uri = NULL;
    g_autofree gchar *origin = NULL;
    g_autoptr (GstRcastSignaller) signaller =
        gst_rcast_servers_checker_for (self->servers, i, &uri);

    if (!signaller)
      continue;
    origin = gst_rcast_ghost_get_origin (uri);
    if (g_str_equal (origin, ghost->origin)) {
      g_ptr_array_add (uris, g_steal_pointer (&uri));
      g_ptr_array_add (there, g_steal_pointer (&signaller));
    } else if (ghost->location && speaks (signaller, ghost->location)) {
      gst_object_replace ((GstObject **) & other, GST_OBJECT (signaller));
    }
  }
  *n_locations = uris->len;
  if (uris->len > 0) {
    guint index = choose_location (uris, ghost);

    *location = g_strdup (g_ptr_array_index (uris, index));
    return gst_object_ref (g_ptr_array_index (there, index));
  }
  if (n == 0 && ghost->location)
    other = gst_rcast_servers_dup_signaller (self->servers);
  *location = other ? g_strdup (ghost->location) : NULL;
  return g_steal_pointer (&other);
}

/* Ends the session, and takes what it needs from @ghost. */
static void
end_session (GstRcastGhosts * self, const GstRcastGhost * ghost)
{
  g_autofree gchar *location = NULL;
  guint n_locations;
  g_autoptr (GstRcastSignaller) signaller =
      find_signaller (self, ghost, &location, &n_locations);
  Ending *ending;

  if (!signaller) {
    answer (self, ghost->id, GST_RCAST_GHOST_UNREACHABLE, n_locations);
    return;
  }
  GST_INFO_OBJECT (self, "ending a session that was left at %s, attempt %u",
      ghost->origin, ghost->attempts);
  ending = g_new0 (Ending, 1);
  ending->ghosts = gst_object_ref (self);
  ending->id = ghost->id;
  ending->origin = g_strdup (ghost->origin);
  ending->session = g_strdup (ghost->session);
  ending->n_locations = n_locations;
  ending->cancellable = g_cancellable_new ();
  GST_OBJECT_LOCK (self);
  self->endings = g_list_prepend (self->endings, ending);
  GST_OBJECT_UNLOCK (self);
  gst_rcast_signaller_end_session_async (signaller, location, ghost->session,
      ending->cancellable, on_ended, ending);
}

/* @origin: (nullable): as in gst_rcast_ghost_list_begin() */
static void
end_sessions (GstRcastGhosts * self, GstRcastGhostOccasion occasion,
    const gchar * origin)
{
  g_autoptr (GPtrArray) begun = NULL;

  GST_OBJECT_LOCK (self);
  begun = gst_rcast_ghost_list_begin (self->list, occasion, origin,
      get_now (self));
  GST_OBJECT_UNLOCK (self);
  for (guint i = 0; i < begun->len; i++)
    end_session (self, g_ptr_array_index (begun, i));
}

static gboolean
on_due (gpointer data)
{
  GstRcastGhosts *self = data;

  if (!is_mine (self))
    return G_SOURCE_REMOVE;
  gst_rcast_timer_stop (&self->timer);
  end_sessions (self, GST_RCAST_GHOST_DUE, NULL);
  arm_timer (self);
  return G_SOURCE_REMOVE;
}

/* The clock's thread */
static gboolean
on_timer (GstClock * clock, GstClockTime time, GstClockID id, gpointer data)
{
  GstRcastGhosts *self = data;

  GST_OBJECT_LOCK (self);
  if (self->loop)
    gst_rcast_loop_invoke (self->loop, on_due, gst_object_ref (self),
        (GDestroyNotify) gst_object_unref);
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

static void
arm_timer (GstRcastGhosts * self)
{
  GstClockTime due;

  GST_OBJECT_LOCK (self);
  due = gst_rcast_ghost_list_get_due (self->list);
  GST_OBJECT_UNLOCK (self);
  gst_rcast_timer_arm (&self->timer, self->clock, due, on_timer, self);
}

/* Reports of the signallers */

/* @session: (nullable): the session whose attempts to end are cancelled; %NULL: all */
static void
cancel_endings (GstRcastGhosts * self, const gchar * session)
{
  g_autoptr (GPtrArray) cancellables =
      g_ptr_array_new_with_free_func (g_object_unref);

  GST_OBJECT_LOCK (self);
  for (GList * l = self->endings; l; l = l->next) {
    Ending *ending = l->data;

    if (!session || g_str_equal (ending->session, session))
      g_ptr_array_add (cancellables, g_object_ref (ending->cancellable));
  }
  GST_OBJECT_UNLOCK (self);
  for (guint i = 0; i < cancellables->len; i++)
    g_cancellable_cancel (g_ptr_array_index (cancellables, i));
}

static void
on_session_changed (GstRcastSignaller * signaller, const gchar * location,
    const gchar * session, GstRcastSessionState state, GstRcastGhosts * self)
{
  gboolean kept;

  /* Some servers give all sessions of an endpoint the same URL. */
  if (state == GST_RCAST_SESSION_OPENED)
    cancel_endings (self, session);
  if (!session)
    GST_INFO_OBJECT (self, "the answer of %s to an offer never came: it may "
        "have a session, until it gives that up by itself", location);
  GST_OBJECT_LOCK (self);
  kept = gst_rcast_ghost_list_change (self->list, location, session, state,
      get_now (self));
  GST_OBJECT_UNLOCK (self);
  if (!is_mine (self))
    return;
  update (self, kept);
  if (state == GST_RCAST_SESSION_ENDED) {
    g_autofree gchar *origin = gst_rcast_ghost_get_origin (location);

    tell_end (self, origin);
  }
}

/* Twice is fine. */
void
gst_rcast_ghosts_watch (GstRcastGhosts * self, GstRcastSignaller * signaller)
{
  if (g_signal_handler_find (signaller, G_SIGNAL_MATCH_DATA
          | G_SIGNAL_MATCH_FUNC, 0, 0, NULL, on_session_changed, self))
    return;
  g_signal_connect_object (signaller, "session-changed",
      G_CALLBACK (on_session_changed), self, 0);
}

/* Requests of the broadcast */

/**
 * gst_rcast_ghosts_end_at:
 * @location: where an offer will be sent
 * @done: called when the sessions left there have ended, or after a second; not after
 *   gst_rcast_ghosts_stop()
 * @data: for @done
 * @notify: frees @data, in any case
 *
 * Returns: FALSE if there is nothing to wait for; @done is not called then
 */
gboolean
gst_rcast_ghosts_end_at (GstRcastGhosts * self, const gchar * location,
    GSourceFunc done, gpointer data, GDestroyNotify notify)
{
  g_autofree gchar *origin = gst_rcast_ghost_get_origin (location);
  Waiter *waiter;

  if (is_mine (self))
    end_sessions (self, GST_RCAST_GHOST_OFFER, origin);
  if (!is_mine (self) || !is_busy (self, origin)) {
    notify (data);
    return FALSE;
  }
  waiter = g_new0 (Waiter, 1);
  waiter->ghosts = self;
  waiter->origin = g_steal_pointer (&origin);
  waiter->done = done;
  waiter->data = data;
  waiter->notify = notify;
  waiter->timer = gst_rcast_loop_add_timeout (self->loop, PATIENCE_MS,
      on_patience_ends, waiter);
  self->waiters = g_list_append (self->waiters, waiter);
  return TRUE;
}

/* Returns: how many sessions have ended so far */
guint
gst_rcast_ghosts_count_ended (GstRcastGhosts * self)
{
  return self->n_ended;
}

/* Returns: whether one of our old sessions may hold a slot there */
gboolean
gst_rcast_ghosts_has (GstRcastGhosts * self, const gchar * location)
{
  g_autofree gchar *origin = gst_rcast_ghost_get_origin (location);
  gboolean has;

  if (!self->clock)
    return FALSE;
  GST_OBJECT_LOCK (self);
  has = gst_rcast_ghost_list_has (self->list, origin, get_now (self));
  GST_OBJECT_UNLOCK (self);
  return has;
}

/* The server of @location has taken a connection: ends the sessions left there. */
void
gst_rcast_ghosts_reached (GstRcastGhosts * self, const gchar * location)
{
  g_autofree gchar *origin = gst_rcast_ghost_get_origin (location);

  if (!is_mine (self))
    return;
  end_sessions (self, GST_RCAST_GHOST_REACHED, origin);
  arm_timer (self);
}

/* The network is back. */
void
gst_rcast_ghosts_hurry (GstRcastGhosts * self)
{
  if (!is_mine (self))
    return;
  GST_OBJECT_LOCK (self);
  gst_rcast_ghost_list_hurry (self->list, get_now (self));
  GST_OBJECT_UNLOCK (self);
  end_sessions (self, GST_RCAST_GHOST_DUE, NULL);
  arm_timer (self);
}

/* Start and stop */

static gboolean
on_started (gpointer data)
{
  GstRcastGhosts *self = data;

  if (is_mine (self))
    arm_timer (self);
  return G_SOURCE_REMOVE;
}

/* Sessions from the file are ended from now on. */
void
gst_rcast_ghosts_start (GstRcastGhosts * self, GstRcastLoop * loop,
    GstRcastGhostsWarned warned, gpointer data)
{
  GST_OBJECT_LOCK (self);
  self->loop = gst_rcast_loop_ref (loop);
  self->warned = warned;
  self->data = data;
  GST_OBJECT_UNLOCK (self);
  gst_rcast_loop_invoke (loop, on_started, gst_object_ref (self),
      (GDestroyNotify) gst_object_unref);
}

/* After this, only cancelled operations end at @loop. Twice is fine, even if the ghosts have
 * been started with another loop since. */
void
gst_rcast_ghosts_stop (GstRcastGhosts * self, GstRcastLoop * loop)
{
  g_autoptr (GstRcastLoop) stopped = NULL;

  GST_OBJECT_LOCK (self);
  if (self->loop == loop)
    stopped = g_steal_pointer (&self->loop);
  GST_OBJECT_UNLOCK (self);
  if (!stopped)
    return;
  gst_rcast_timer_stop (&self->timer);
  g_list_free_full (g_steal_pointer (&self->waiters),
      (GDestroyNotify) waiter_free);
  cancel_endings (self, NULL);
}

static gboolean
stop_here (gpointer data)
{
  GstRcastGhosts *self = data;

  if (is_mine (self))
    gst_rcast_ghosts_stop (self, self->loop);
  return G_SOURCE_REMOVE;
}

/* Call this before @loop ends, as operations that are cancelled there end there, too. Any
 * thread. */
void
gst_rcast_ghosts_stop_soon (GstRcastGhosts * self, GstRcastLoop * loop)
{
  gst_rcast_loop_invoke (loop, stop_here, gst_object_ref (self),
      (GDestroyNotify) gst_object_unref);
}

/* @servers: provide the signallers that can end a session
 * @allowances: kept in the same file */
GstRcastGhosts *
gst_rcast_ghosts_new (GstRcastServers * servers,
    GstRcastAllowances * allowances)
{
  GstRcastGhosts *self = g_object_new (GST_TYPE_RCAST_GHOSTS, NULL);

  gst_object_ref_sink (self);
  self->servers = gst_object_ref (servers);
  self->allowances = gst_rcast_allowances_ref (allowances);
  return self;
}

static void
gst_rcast_ghosts_finalize (GObject * object)
{
  GstRcastGhosts *self = GST_RCAST_GHOSTS (object);

  gst_rcast_timer_stop (&self->timer);
  g_clear_pointer (&self->file, gst_rcast_state_file_close);
  gst_rcast_ghost_list_free (self->list);
  gst_rcast_allowances_unref (self->allowances);
  gst_clear_object (&self->clock);
  gst_object_unref (self->servers);
  G_OBJECT_CLASS (gst_rcast_ghosts_parent_class)->finalize (object);
}

static void
gst_rcast_ghosts_class_init (GstRcastGhostsClass * klass)
{
  ended = g_signal_new ("ended", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
      0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  G_OBJECT_CLASS (klass)->finalize = gst_rcast_ghosts_finalize;
}

static void
gst_rcast_ghosts_init (GstRcastGhosts * self)
{
  self->list = gst_rcast_ghost_list_new ();
}
