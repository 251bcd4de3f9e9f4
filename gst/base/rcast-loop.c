/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One thread with one GMainContext: everything that takes decisions runs there. */
#include "config.h"

#include "rcast-loop.h"

/* A timer this late means that the whole process was suspended. */
#define STANDSTILL_US (1 * G_USEC_PER_SEC)

/* How long a stopped loop runs on for its holds. */
#define LINGER_MS 5000

/* About 20 sources come and go in a second. Those that stay are attached not long before
 * gst_rcast_loop_keep_polling(); no older ones are looked for, as that takes a lock for each. */
#define LOOK_BACK 10000

typedef struct
{
  GSource source;
  gboolean put_off;
} Limit;

typedef struct
{
  GSource source;
  gint64 period, least;         /* µs: at most and at least between two beats */
  gint64 last;                  /* monotonic */
} Beat;

struct _GstRcastLoop
{
  gatomicrefcount ref_count;
  GMainContext *context;
  GMainLoop *main_loop;
  GThread *thread;              /* taken by the first stop */
  guint holds;                  /* only the thread: work that outlives a stop */
  gboolean quitting;            /* only the thread */
  guint last_id;                /* only the thread: of the sources that were looked at */

  GMutex lock;                  /* a leaf: nothing of ours is called under it */
  GCond cond;
  gboolean stopped;             /* lock: everything that was queued has run */
  gboolean lingering;           /* lock: the thread runs on for its holds */
  gboolean ended;               /* lock: nothing is queued any more */
};

static gpointer
run (gpointer data)
{
  g_autoptr (GstRcastLoop) loop = data;

  g_main_context_push_thread_default (loop->context);
  g_main_loop_run (loop->main_loop);
  /* What was invoked before the stop is still done, and what that invokes. */
  while (g_main_context_iteration (loop->context, FALSE));
  g_mutex_lock (&loop->lock);
  loop->ended = TRUE;
  g_mutex_unlock (&loop->lock);
  while (g_main_context_iteration (loop->context, FALSE));
  g_main_context_pop_thread_default (loop->context);
  return NULL;
}

/* Starts the thread; it runs until gst_rcast_loop_stop(). */
GstRcastLoop *
gst_rcast_loop_new (const gchar * name)
{
  GstRcastLoop *loop = g_new0 (GstRcastLoop, 1);

  g_atomic_ref_count_init (&loop->ref_count);
  loop->context = g_main_context_new ();
  loop->main_loop = g_main_loop_new (loop->context, FALSE);
  g_mutex_init (&loop->lock);
  g_cond_init (&loop->cond);
  loop->thread = g_thread_new (name, run, gst_rcast_loop_ref (loop));
  return loop;
}

GstRcastLoop *
gst_rcast_loop_ref (GstRcastLoop * loop)
{
  g_atomic_ref_count_inc (&loop->ref_count);
  return loop;
}

void
gst_rcast_loop_unref (GstRcastLoop * loop)
{
  if (!g_atomic_ref_count_dec (&loop->ref_count))
    return;
  g_main_loop_unref (loop->main_loop);
  g_main_context_unref (loop->context);
  g_mutex_clear (&loop->lock);
  g_cond_clear (&loop->cond);
  g_free (loop);
}

static gboolean
linger_over (gpointer data)
{
  GstRcastLoop *loop = data;

  g_main_loop_quit (loop->main_loop);
  return G_SOURCE_REMOVE;
}

static gboolean
quit (gpointer data)
{
  GstRcastLoop *loop = data;

  loop->quitting = TRUE;
  if (loop->holds == 0)
    g_main_loop_quit (loop->main_loop);
  else
    g_source_unref (gst_rcast_loop_add_timeout (loop, LINGER_MS, linger_over,
            loop));
  g_mutex_lock (&loop->lock);
  loop->stopped = TRUE;
  loop->lingering = loop->holds > 0;
  g_cond_signal (&loop->cond);
  g_mutex_unlock (&loop->lock);
  return G_SOURCE_REMOVE;
}

/**
 * gst_rcast_loop_hold:
 * @loop: a loop
 *
 * Keeps the thread alive past a stop until gst_rcast_loop_release(), for 5 s at
 * most: some work, such as freeing an allocation at a TURN server, ends after
 * the stop. Only from the loop's thread.
 */
void
gst_rcast_loop_hold (GstRcastLoop * loop)
{
  loop->holds++;
}

/* Ends one hold. Only from the loop's thread. */
void
gst_rcast_loop_release (GstRcastLoop * loop)
{
  g_assert (loop->holds > 0);
  loop->holds--;
  if (loop->quitting && loop->holds == 0)
    g_main_loop_quit (loop->main_loop);
}

/**
 * gst_rcast_loop_stop:
 * @loop: a loop
 *
 * Ends the thread after everything that is already queued. Joins the thread,
 * unless the caller is that thread or a hold keeps it alive. A second call does
 * nothing.
 */
void
gst_rcast_loop_stop (GstRcastLoop * loop)
{
  GThread *thread = g_atomic_pointer_exchange (&loop->thread, NULL);
  gboolean lingering;

  if (!thread)
    return;
  gst_rcast_loop_invoke (loop, quit, gst_rcast_loop_ref (loop),
      (GDestroyNotify) gst_rcast_loop_unref);
  if (thread == g_thread_self ()) {
    g_thread_unref (thread);
    return;
  }
  g_mutex_lock (&loop->lock);
  while (!loop->stopped)
    g_cond_wait (&loop->cond, &loop->lock);
  lingering = loop->lingering;
  g_mutex_unlock (&loop->lock);
  if (lingering)
    g_thread_unref (thread);
  else
    g_thread_join (thread);
}

gboolean
gst_rcast_loop_is_current (GstRcastLoop * loop)
{
  return g_main_context_is_owner (loop->context);
}

GMainContext *
gst_rcast_loop_get_context (GstRcastLoop * loop)
{
  return loop->context;
}

/* Queues @func; calls from one thread run in their order. When the thread has
 * ended, only @notify is called: what waits for ever would hold what it refers to,
 * and through that the loop. Any thread. */
void
gst_rcast_loop_invoke (GstRcastLoop * loop, GSourceFunc func, gpointer data,
    GDestroyNotify notify)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (source, "rcast-invoke");
  g_source_set_callback (source, func, data, notify);
  g_mutex_lock (&loop->lock);
  if (!loop->ended)
    g_source_attach (source, loop->context);
  g_mutex_unlock (&loop->lock);
}

/* Returns: (transfer full): a timer of @loop, ended by gst_rcast_source_clear().
 * Any thread. */
GSource *
gst_rcast_loop_add_timeout (GstRcastLoop * loop, guint ms, GSourceFunc func,
    gpointer data)
{
  GSource *source = g_timeout_source_new (ms);

  g_source_set_static_name (source, "rcast-timeout");
  g_source_set_callback (source, func, data, NULL);
  g_source_attach (source, loop->context);
  return source;
}

/**
 * gst_rcast_loop_keep_polling:
 * @loop: a loop
 *
 * Spares the sources that libraries have attached what GLib does for those that must not
 * recurse: it takes their descriptors out of the poll while they are dispatched, and puts
 * them back. Each of these wakes the next poll at once, two writes, a read and a poll for
 * each packet. Nothing that runs here runs a main loop, so nothing recurses. Only from the
 * loop's thread.
 */
void
gst_rcast_loop_keep_polling (GstRcastLoop * loop)
{
  g_autoptr (GSource) last = g_idle_source_new ();
  guint last_id = g_source_attach (last, loop->context);
  guint n = MIN (last_id - loop->last_id, LOOK_BACK);

  g_source_destroy (last);
  /* There is no list of them, and after 2^32 the ids begin anew. */
  for (guint i = 1; i < n; i++) {
    guint id = last_id - i;
    GSource *source = id == 0 ? NULL :
        g_main_context_find_source_by_id (loop->context, id);

    if (source)
      g_source_set_can_recurse (source, TRUE);
  }
  loop->last_id = last_id;
}

static gboolean
is_beat_due (GSource * source)
{
  Beat *beat = (Beat *) source;

  return g_source_get_time (source) >= beat->last + beat->least;
}

static gboolean
prepare_beat (GSource * source, gint * timeout)
{
  Beat *beat = (Beat *) source;
  gint64 rest = beat->last + beat->period - g_source_get_time (source);

  *timeout = (gint) MAX ((rest + 999) / 1000, 0);
  return is_beat_due (source);
}

static gboolean
dispatch_beat (GSource * source, GSourceFunc func, gpointer data)
{
  ((Beat *) source)->last = g_source_get_time (source);
  return func (data);
}

static GSourceFuncs beat_funcs = {
  prepare_beat, is_beat_due, dispatch_beat, NULL, NULL, NULL
};

/**
 * gst_rcast_loop_add_beat:
 * @loop: a loop
 * @ms: milliseconds from one call to the next, at most
 * @early_ms: so much earlier it may come if the thread is awake anyway; less than @ms
 * @func: called again and again
 * @data: for @func, which must outlive the timer
 *
 * A timer that seldom wakes a thread that has something to do all the time.
 *
 * Returns: (transfer full): ended by gst_rcast_source_clear()
 */
GSource *
gst_rcast_loop_add_beat (GstRcastLoop * loop, guint ms, guint early_ms,
    GSourceFunc func, gpointer data)
{
  GSource *source = g_source_new (&beat_funcs, sizeof (Beat));
  Beat *beat = (Beat *) source;

  beat->period = (gint64) ms * G_TIME_SPAN_MILLISECOND;
  beat->least = (gint64) (ms - early_ms) * G_TIME_SPAN_MILLISECOND;
  beat->last = g_get_monotonic_time ();
  g_source_set_static_name (source, "rcast-beat");
  g_source_set_callback (source, func, data, NULL);
  g_source_attach (source, loop->context);
  return source;
}

/**
 * gst_rcast_timer_start:
 * @ms: milliseconds
 * @func: called after @ms, in the thread default main context of the caller
 * @data: for @func, which must outlive the timer
 *
 * Returns: (transfer full): ended by gst_rcast_source_clear()
 */
GSource *
gst_rcast_timer_start (guint ms, GSourceFunc func, gpointer data)
{
  GSource *timer = g_timeout_source_new (ms);

  g_source_set_callback (timer, func, data, NULL);
  g_source_attach (timer, g_main_context_get_thread_default ());
  return timer;
}

static gboolean
dispatch_limit (GSource * source, GSourceFunc func, gpointer data)
{
  Limit *limit = (Limit *) source;
  gint64 now = g_source_get_time (source);

  if (!limit->put_off
      && now - g_source_get_ready_time (source) >= STANDSTILL_US) {
    limit->put_off = TRUE;
    g_source_set_ready_time (source, now + STANDSTILL_US);
    return G_SOURCE_CONTINUE;
  }
  return func (data);
}

static GSourceFuncs limit_funcs = {
  .dispatch = dispatch_limit,
};

/**
 * gst_rcast_limit_new:
 * @ms: milliseconds
 *
 * A timer for what must have come until then. If it goes off a second late or more, the
 * process stood still: it is put off by a second, once, so that what came in meanwhile
 * is read first.
 *
 * Returns: (transfer full): a source to be given a callback and attached
 */
GSource *
gst_rcast_limit_new (guint ms)
{
  GSource *source = g_source_new (&limit_funcs, sizeof (Limit));

  g_source_set_ready_time (source, g_get_monotonic_time ()
      + (gint64) ms * G_TIME_SPAN_MILLISECOND);
  return source;
}

/* The same, started like gst_rcast_timer_start() */
GSource *
gst_rcast_limit_start (guint ms, GSourceFunc func, gpointer data)
{
  GSource *limit = gst_rcast_limit_new (ms);

  g_source_set_callback (limit, func, data, NULL);
  g_source_attach (limit, g_main_context_get_thread_default ());
  return limit;
}

/**
 * gst_rcast_cancel_start:
 * @cancellable: (nullable): %NULL: nothing ever cancels
 * @func: called once @cancellable is cancelled, in the thread default main context of the
 *   caller
 * @data: for @func, which must outlive the source
 *
 * Returns: (nullable) (transfer full): ended by gst_rcast_source_clear()
 */
GSource *
gst_rcast_cancel_start (GCancellable * cancellable, GCancellableSourceFunc func,
    gpointer data)
{
  GSource *cancel;

  if (!cancellable)
    return NULL;
  cancel = g_cancellable_source_new (cancellable);
  g_source_set_callback (cancel, G_SOURCE_FUNC (func), data, NULL);
  g_source_attach (cancel, g_main_context_get_thread_default ());
  return cancel;
}

/**
 * gst_rcast_source_clear:
 * @source: (inout): *@source may be %NULL, and is afterwards
 *
 * Removes a source from its context.
 */
void
gst_rcast_source_clear (GSource ** source)
{
  if (!*source)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}
