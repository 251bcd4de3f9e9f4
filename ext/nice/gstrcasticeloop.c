/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The agent's one thread, on which all its decisions are taken. */
#include "config.h"

#include "gstrcasticeloop.h"

/* A TURN server that is gone is asked for so long. */
#define LINGER_MS 5000

struct _GstRcastIceLoop
{
  gatomicrefcount ref_count;
  GMainContext *context;
  GMainLoop *main_loop;
  GThread *thread;              /* taken by the first stop */
  guint holds;                  /* only the thread: work that outlives a stop */
  gboolean quitting;            /* only the thread */

  GMutex lock;                  /* a leaf: nothing of ours is called under it */
  GCond cond;
  gboolean stopped;             /* lock: all that was queued has run */
  gboolean lingering;           /* lock: the thread runs on for its holds */
  gboolean ended;               /* lock: nothing is queued any more */
};

static gpointer
run (gpointer data)
{
  GstRcastIceLoop *loop = data;

  g_main_context_push_thread_default (loop->context);
  g_main_loop_run (loop->main_loop);
  /* What was queued before the stop still has to close its sockets. */
  while (g_main_context_iteration (loop->context, FALSE));
  g_mutex_lock (&loop->lock);
  loop->ended = TRUE;
  g_mutex_unlock (&loop->lock);
  while (g_main_context_iteration (loop->context, FALSE));
  g_main_context_pop_thread_default (loop->context);
  gst_rcast_ice_loop_unref (loop);
  return NULL;
}

GstRcastIceLoop *
gst_rcast_ice_loop_new (const gchar * name)
{
  GstRcastIceLoop *loop = g_new0 (GstRcastIceLoop, 1);

  g_atomic_ref_count_init (&loop->ref_count);
  loop->context = g_main_context_new ();
  loop->main_loop = g_main_loop_new (loop->context, FALSE);
  g_mutex_init (&loop->lock);
  g_cond_init (&loop->cond);
  loop->thread = g_thread_new (name, run, gst_rcast_ice_loop_ref (loop));
  return loop;
}

GstRcastIceLoop *
gst_rcast_ice_loop_ref (GstRcastIceLoop * loop)
{
  g_atomic_ref_count_inc (&loop->ref_count);
  return loop;
}

void
gst_rcast_ice_loop_unref (GstRcastIceLoop * loop)
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
  GstRcastIceLoop *loop = data;

  g_main_loop_quit (loop->main_loop);
  return G_SOURCE_REMOVE;
}

static gboolean
quit (gpointer data)
{
  GstRcastIceLoop *loop = data;

  loop->quitting = TRUE;
  if (loop->holds == 0)
    g_main_loop_quit (loop->main_loop);
  else
    g_source_unref (gst_rcast_ice_loop_add_timeout (loop, LINGER_MS,
            linger_over, loop));
  g_mutex_lock (&loop->lock);
  loop->stopped = TRUE;
  loop->lingering = loop->holds > 0;
  g_cond_signal (&loop->cond);
  g_mutex_unlock (&loop->lock);
  return G_SOURCE_REMOVE;
}

/* Only the thread: keeps it alive past a stop until the release, for at most
 * LINGER_MS, to tell a TURN server that its allocation is free. */
void
gst_rcast_ice_loop_hold (GstRcastIceLoop * loop)
{
  loop->holds++;
}

void
gst_rcast_ice_loop_release (GstRcastIceLoop * loop)
{
  loop->holds--;
  if (loop->quitting && loop->holds == 0)
    g_main_loop_quit (loop->main_loop);
}

/* Ends the thread after what is queued already, and waits for that, unless
 * the caller is that thread: the last reference to an agent may fall there. */
void
gst_rcast_ice_loop_stop (GstRcastIceLoop * loop)
{
  GThread *thread = g_atomic_pointer_exchange (&loop->thread, NULL);
  gboolean lingering;

  if (!thread)
    return;
  gst_rcast_ice_loop_invoke (loop, quit, gst_rcast_ice_loop_ref (loop),
      (GDestroyNotify) gst_rcast_ice_loop_unref);
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

GMainContext *
gst_rcast_ice_loop_get_context (GstRcastIceLoop * loop)
{
  return loop->context;
}

gboolean
gst_rcast_ice_loop_is_current (GstRcastIceLoop * loop)
{
  return g_main_context_is_owner (loop->context);
}

/* Any thread; calls from one thread run in their order. When the agent's has ended,
 * only @notify is called: what waits for ever would hold what it refers to, and
 * through that the loop. */
void
gst_rcast_ice_loop_invoke (GstRcastIceLoop * loop, GSourceFunc func,
    gpointer data, GDestroyNotify notify)
{
  GSource *source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (source, "rcastice-invoke");
  g_source_set_callback (source, func, data, notify);
  g_mutex_lock (&loop->lock);
  if (!loop->ended)
    g_source_attach (source, loop->context);
  g_mutex_unlock (&loop->lock);
  g_source_unref (source);
}

/* Returns a reference: destroy and unref it to stop the timer. */
GSource *
gst_rcast_ice_loop_add_timeout (GstRcastIceLoop * loop, guint interval_ms,
    GSourceFunc func, gpointer data)
{
  GSource *source = g_timeout_source_new (interval_ms);

  g_source_set_static_name (source, "rcastice-timeout");
  g_source_set_callback (source, func, data, NULL);
  g_source_attach (source, loop->context);
  return source;
}

void
gst_rcast_ice_source_clear (GSource ** source)
{
  if (!*source)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}
