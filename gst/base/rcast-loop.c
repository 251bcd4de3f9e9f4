/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A thread with its own GMainContext: all decisions are taken there. */
#include "config.h"

#include "rcast-loop.h"

/* A timer that is this late means that the whole process was suspended. */
#define STANDSTILL_US (1 * G_USEC_PER_SEC)

/* How long a stopped loop keeps running for its holds */
#define LINGER_MS 5000

/* About 20 sources come and go each second. Sources that stay are attached shortly before
 * gst_rcast_loop_keep_polling(). Older ones are not looked for, since each look-up takes a lock. */
#define LOOK_BACK 10000

typedef struct
{
  GSource source;
  gboolean put_off;
} Limit;

typedef struct
{
  GSource source;
  gint64 period, least;         /* µs: longest and shortest time between two beats */
  gint64 last;                  /* monotonic */
} Beat;

struct _GstRcastLoop
{
  gatomicrefcount ref_count;
  GMainContext *context;
  GMainLoop *main_loop;
  GThread *thread;              /* taken by the first stop */
  guint holds;                  /* loop thread only: work that outlives a stop */
  gboolean quitting;            /* loop thread only */
  guint last_id;                /* loop thread only: last source id that was looked at */

  GMutex lock;                  /* a leaf: never held while calling our code */
  GCond cond;
  gboolean stopped;             /* lock: everything queued before the stop has run */
  gboolean lingering;           /* lock: the thread keeps running for its holds */
  gboolean ended;               /* lock: nothing can be queued any more */
};

static gpointer
run (gpointer data)
{
  g_autoptr (GstRcastLoop) loop = data;

  g_main_context_push_thread_default (loop->context);
  g_main_loop_run (loop->main_loop);
  /* Also runs what was invoked before the stop, and what that invokes. */
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
 * Keeps the thread alive after a stop until gst_rcast_loop_release(), for 5 s at most: some work,
 * such as freeing an allocation at a TURN server, ends after the stop. Call it from the loop's
 * thread only.
 */
void
gst_rcast_loop_hold (GstRcastLoop * loop)
{
  loop->holds++;
}

/* Releases one hold. Call it from the loop's thread only. */
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
 * Ends the thread after everything that is queued has run. Joins the thread, unless it is the
 * caller or a hold keeps it alive. A second call does nothing.
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

/* Queues @func; calls from one thread run in order. Once the thread has ended, only @notify is
 * called: a queued source that never runs would keep a reference to its data, and through that to
 * the loop. Can be called from any thread. */
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

/* Returns: (transfer full): a timer of @loop; end it with gst_rcast_source_clear(). Can be called
 * from any thread. */
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
 * Lets the sources that libraries have attached recurse, which saves system calls. While GLib
 * dispatches a source that must not recurse, it takes its descriptors out of the poll and puts
 * them back later. Each of these steps wakes the next poll at once: two writes, a read and a poll
 * for each packet. Nothing on this thread runs a nested main loop, so nothing does recurse. Call it
 * from the loop's thread only.
 */
void
gst_rcast_loop_keep_polling (GstRcastLoop * loop)
{
  g_autoptr (GSource) last = g_idle_source_new ();
  guint last_id = g_source_attach (last, loop->context);
  guint n = MIN (last_id - loop->last_id, LOOK_BACK);

  g_source_destroy (last);
  /* GLib has no list of the sources; ids wrap after 2^32. */
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
 * @ms: longest time between two calls, in milliseconds
 * @early_ms: how much earlier a call may come if the thread is awake anyway; less than @ms
 * @func: called periodically
 * @data: data for @func, which must outlive the timer
 *
 * A periodic timer that seldom wakes the thread, since the thread is often awake anyway.
 *
 * Returns: (transfer full): the timer; end it with gst_rcast_source_clear()
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
 * @func: called after @ms, in the caller's thread-default main context
 * @data: data for @func, which must outlive the timer
 *
 * Returns: (transfer full): the timer; end it with gst_rcast_source_clear()
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
 * A timeout for an expected event. If it fires a second late or more, the process was suspended.
 * Then the timeout is extended by a second, once, so that input that came in meanwhile is read
 * first.
 *
 * Returns: (transfer full): a source; the caller sets its callback and attaches it
 */
GSource *
gst_rcast_limit_new (guint ms)
{
  GSource *source = g_source_new (&limit_funcs, sizeof (Limit));

  g_source_set_ready_time (source, g_get_monotonic_time ()
      + (gint64) ms * G_TIME_SPAN_MILLISECOND);
  return source;
}

/* Like gst_rcast_limit_new(), but started like gst_rcast_timer_start() */
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
 * @cancellable: (nullable): %NULL: never cancelled
 * @func: called when @cancellable is cancelled, in the caller's thread-default main context
 * @data: data for @func, which must outlive the source
 *
 * Returns: (nullable) (transfer full): a source; end it with gst_rcast_source_clear()
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
 * @source: (inout): *@source may be %NULL, and is set to %NULL
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
