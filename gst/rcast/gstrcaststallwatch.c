/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checks all streams once a second: whether they are stuck, and how much they send. */
#include "config.h"

#include "gstrcaststallwatch.h"

#include "gstrcaststates.h"
#include "gstrcasttimer.h"

#define INTERVAL GST_SECOND

struct _GstRcastStallWatch
{
  GstObject parent;

  GstRcastLoop *loop;           /* constant */
  GstClock *clock;              /* constant */
  GstRcastStallWatchClient client; /* constant */
  gpointer data;                /* constant */

  GstRcastUnheard unheard;      /* the loop's thread */
  GstRcastTimer timer;          /* the loop's thread */

  gboolean running;             /* OBJECT_LOCK */
  GstClockTime timeout;         /* OBJECT_LOCK */
  GstClockTime start_timeout;   /* OBJECT_LOCK */
  gboolean fresh;               /* OBJECT_LOCK: forget earlier measurements */
};

G_DEFINE_TYPE (GstRcastStallWatch, gst_rcast_stall_watch, GST_TYPE_OBJECT);

static void
measure (GPtrArray * streams, GstRcastStall * stalls, gboolean fresh)
{
  for (guint i = 0; i < streams->len; i++) {
    gst_rcast_stream_get_stall (streams->pdata[i], &stalls[i]);
    if (fresh) {
      stalls[i].last = GST_CLOCK_TIME_NONE;
      stalls[i].silence = 0;
    }
  }
}

/* --- streams without caps --- */

/* A live source sends nothing before PLAYING. The state of the pipeline shows that it has one;
 * the latency query would not, as many sources only answer it once they have caps. Without data
 * neither the stream nor the bin gets to PLAYING, so the root decides. */
static gboolean
waits_for_playing (GstRcastStream * stream)
{
  g_autoptr (GstElement) root =
      gst_rcast_states_get_root (GST_ELEMENT (stream));

  return gst_rcast_states_get_target (root) != GST_STATE_PLAYING
      && gst_element_get_state (root, NULL, NULL, 0)
      == GST_STATE_CHANGE_NO_PREROLL;
}

/* Returns: (transfer full) (nullable): the pad that feeds @sink, across the borders of bins */
static GstPad *
find_source (GstPad * sink)
{
  g_autoptr (GstPad) pad = gst_pad_get_peer (sink);

  while (pad) {
    g_autoptr (GstPad) next = NULL;

    if (GST_IS_GHOST_PAD (pad)) {       /* leaves a bin: take the pad inside */
      next = gst_ghost_pad_get_target (GST_GHOST_PAD (pad));
    } else if (GST_IS_PROXY_PAD (pad)) {        /* enters a bin: take the pad outside */
      g_autoptr (GstProxyPad) ghost =
          gst_proxy_pad_get_internal (GST_PROXY_PAD (pad));

      next = ghost ? gst_pad_get_peer (GST_PAD (ghost)) : NULL;
    } else {
      return g_steal_pointer (&pad);
    }
    gst_object_replace ((GstObject **) & pad, GST_OBJECT_CAST (next));
  }
  return NULL;
}

/* Returns: (transfer full) (nullable): the only sink pad of @element */
static GstPad *
find_only_sink (GstElement * element)
{
  GstPad *pad = NULL;

  GST_OBJECT_LOCK (element);
  if (element->numsinkpads == 1)
    pad = gst_object_ref (element->sinkpads->data);
  GST_OBJECT_UNLOCK (element);
  return pad;
}

/* Walks upstream as long as elements have a single sink pad.
 * @caps: whether any caps came
 * Returns: (transfer full) (nullable): what is probably wrong with @pad, which gets nothing */
static gchar *
explain_silence (GstPad * pad, GstRcastMedia media, gboolean caps)
{
  g_autoptr (GstPad) sink = gst_object_ref (pad);
  g_autofree gchar *name = NULL;

  while (sink) {
    g_autoptr (GstPad) source = find_source (sink);
    g_autoptr (GstElement) element = source ?
        gst_pad_get_parent_element (source) : NULL;

    if (!element && name && caps)
      return g_strdup_printf ("%s is linked to nothing", name);
    if (!element)
      return name ? g_strdup_printf ("%s is linked to nothing; a link that "
          "waits for a pad, as of uridecodebin, may not fit: this pad takes %s",
          name, gst_rcast_media_get_name (media)) :
          g_strdup ("nothing is linked to it");
    g_free (name);
    name = gst_object_get_name (GST_OBJECT (element));
    gst_clear_object (&sink);
    sink = find_only_sink (element);
  }
  return caps ? NULL : g_strdup_printf ("%s has sent no caps", name);
}

/* --- a preroll that does not end --- */

/* Returns: (transfer full): the name by which the user knows @element: that of its pad, for a
 * part of a stream */
static gchar *
dup_known_name (GstElement * element)
{
  GstObject *object = gst_object_ref (GST_OBJECT (element));
  gchar *name;

  while (object && !GST_IS_RCAST_STREAM (object)) {
    GstObject *parent = gst_object_get_parent (object);

    gst_object_unref (object);
    object = parent;
  }
  name = gst_object_get_name (object ? object : GST_OBJECT (element));
  gst_clear_object (&object);
  return name;
}

/* For gst_iterator_find_custom(): 0 for a sink that waits for its first buffer */
static gint
has_prerolled (gconstpointer item, gconstpointer data)
{
  GstElement *element = g_value_get_object (item);
  gboolean waits;

  GST_OBJECT_LOCK (element);
  waits = GST_STATE_RETURN (element) == GST_STATE_CHANGE_ASYNC;
  GST_OBJECT_UNLOCK (element);
  return !waits || GST_IS_BIN (element);
}

/* Returns: (transfer full): the name of the element that keeps the pipeline of @stream from
 * PLAYING */
static gchar *
explain_preroll (GstRcastStream * stream)
{
  g_autoptr (GstElement) root =
      gst_rcast_states_get_root (GST_ELEMENT (stream));
  GstIterator *all = gst_bin_iterate_recurse (GST_BIN (root));
  g_auto (GValue) found = G_VALUE_INIT;
  g_autofree gchar *name = NULL;

  if (gst_iterator_find_custom (all, has_prerolled, &found, NULL))
    name = dup_known_name (g_value_get_object (&found));
  gst_iterator_free (all);
  return name ? g_strdup_printf ("the pipeline does not get to PLAYING, as it "
      "waits for the first data of %s", name) : NULL;
}

/* Returns: (transfer full) (nullable) */
static gchar *
find_hint (GstRcastStream * stream, GstRcastStall * stall)
{
  g_autoptr (GstPad) pad = NULL;

  if (stall->change != GST_RCAST_STALL_BEGAN)
    return NULL;
  if (stall->stage == GST_RCAST_STAGE_PREROLL)
    return explain_preroll (stream);
  if (stall->stage != GST_RCAST_STAGE_LINK
      && stall->stage != GST_RCAST_STAGE_SOURCE)
    return NULL;
  pad = gst_element_get_static_pad (GST_ELEMENT (stream), "sink");
  if (stall->stage == GST_RCAST_STAGE_SOURCE || !waits_for_playing (stream))
    return explain_silence (pad, gst_rcast_stream_get_media (stream),
        stall->stage == GST_RCAST_STAGE_SOURCE);
  stall->stalled = FALSE;
  stall->silence = 0;
  stall->change = GST_RCAST_STALL_SAME;
  return NULL;
}

/* --- all streams --- */

/* A stream without caps keeps the first offer waiting. A stream without data keeps the pipeline
 * waiting, with or without caps. */
static void
check_start (GstRcastStallWatch * self, GstRcastStream * stream,
    const GstRcastStall * stall, GstClockTime limit)
{
  g_autoptr (GstCaps) offer = NULL;

  if (limit == 0 || stall->silence < limit)
    return;
  offer = gst_rcast_stream_get_offer_caps (stream);
  if ((!offer || gst_rcast_states_prerolls (GST_ELEMENT (stream)))
      && !waits_for_playing (stream) && gst_rcast_stream_stop_waiting (stream))
    self->client.late (self->data);
}

static void
check_one (GstRcastStallWatch * self, GstRcastStream * stream,
    GstRcastStall * stall, GstClockTime start_timeout)
{
  g_autofree gchar *hint = find_hint (stream, stall);

  gst_rcast_stream_set_stall (stream, stall);
  if (stall->change != GST_RCAST_STALL_SAME)
    self->client.changed (stream, stall, hint, self->data);
  check_start (self, stream, stall, start_timeout);
}

static gboolean
is_playing (GstElement * stream)
{
  gboolean playing;

  GST_OBJECT_LOCK (stream);
  playing = GST_STATE (stream) == GST_STATE_PLAYING
      && GST_STATE_TARGET (stream) == GST_STATE_PLAYING;
  GST_OBJECT_UNLOCK (stream);
  return playing;
}

/* Nothing is sent in a pause, but soon will be on the way to PLAYING. The target state of the
 * pipeline counts: the streams learn of PLAYING only after all have prerolled. */
static GstRcastStallRun
find_run (GPtrArray * streams)
{
  g_autoptr (GstElement) root = NULL;
  guint n_playing = 0;

  for (guint i = 0; i < streams->len; i++)
    n_playing += is_playing (streams->pdata[i]);
  if (n_playing == streams->len)
    return GST_RCAST_STALL_PLAYING;
  root = gst_rcast_states_get_root (streams->pdata[0]);
  if (gst_rcast_states_get_target (root) != GST_STATE_PLAYING)
    return GST_RCAST_STALL_PAUSED;
  return n_playing > 0 ? GST_RCAST_STALL_PLAYING : GST_RCAST_STALL_PREROLLING;
}

/* The loop's thread. Returns: whether the watch runs */
static gboolean
check_all (GstRcastStallWatch * self)
{
  g_autoptr (GPtrArray) streams = NULL;
  g_autofree GstRcastStall *stalls = NULL;
  g_autofree GstRcastStall **list = NULL;
  GstClockTime timeout, start_timeout;
  gboolean running, fresh;

  GST_OBJECT_LOCK (self);
  running = self->running;
  timeout = self->timeout;
  start_timeout = self->start_timeout;
  fresh = self->fresh;
  self->fresh = FALSE;
  GST_OBJECT_UNLOCK (self);
  if (!running)
    return FALSE;

  streams = self->client.get_streams (self->data);
  stalls = g_new0 (GstRcastStall, streams->len);
  list = g_new0 (GstRcastStall *, streams->len);
  for (guint i = 0; i < streams->len; i++)
    list[i] = &stalls[i];
  measure (streams, stalls, fresh);
  gst_rcast_stall_judge (list, streams->len, gst_clock_get_time (self->clock),
      timeout, find_run (streams));
  for (guint i = 0; i < streams->len; i++)
    check_one (self, streams->pdata[i], &stalls[i], start_timeout);
  if (gst_rcast_unheard_step (&self->unheard, list, streams->len,
          self->client.count_confirmations (self->data)))
    self->client.unheard (self->unheard.silence, self->data);
  return TRUE;
}

static void
invoke (GstRcastStallWatch * self, GSourceFunc func)
{
  gst_rcast_loop_invoke (self->loop, func, gst_object_ref (self),
      (GDestroyNotify) gst_object_unref);
}

static gboolean on_tick (gpointer data);

/* The clock's thread */
static gboolean
on_timer (GstClock * clock, GstClockTime time, GstClockID id, gpointer data)
{
  invoke (data, on_tick);
  return TRUE;
}

/* The loop's thread. The next check is due when this one is done: late checks do not pile up. */
static gboolean
on_tick (gpointer data)
{
  GstRcastStallWatch *self = data;
  GstClockTime due = self->timer.deadline + INTERVAL, now;

  if (!check_all (self))
    return G_SOURCE_REMOVE;
  now = gst_clock_get_time (self->clock);
  gst_rcast_timer_arm (&self->timer, self->clock,
      due > now ? due : now + INTERVAL, on_timer, self);
  return G_SOURCE_REMOVE;
}

/* The loop's thread. Sets the timer by the last start or stop */
static gboolean
set_timer (gpointer data)
{
  GstRcastStallWatch *self = data;
  gboolean running;

  GST_OBJECT_LOCK (self);
  running = self->running;
  GST_OBJECT_UNLOCK (self);
  gst_rcast_timer_stop (&self->timer);
  if (running)
    gst_rcast_timer_arm (&self->timer, self->clock,
        gst_clock_get_time (self->clock) + INTERVAL, on_timer, self);
  return G_SOURCE_REMOVE;
}

/* @clock: the clock of the loop's deadlines. Any thread, as for all functions below */
GstRcastStallWatch *
gst_rcast_stall_watch_new (GstRcastLoop * loop, GstClock * clock,
    const GstRcastStallWatchClient * client, gpointer data)
{
  GstRcastStallWatch *self = g_object_new (GST_TYPE_RCAST_STALL_WATCH, NULL);

  gst_object_ref_sink (self);
  self->loop = gst_rcast_loop_ref (loop);
  self->clock = gst_object_ref (clock);
  self->client = *client;
  self->data = data;
  return self;
}

/* @timeout: how long a stream may be silent, 0: for ever
 * @start_timeout: how long the first offer waits for a stream, 0: for ever */
void
gst_rcast_stall_watch_start (GstRcastStallWatch * self, GstClockTime timeout,
    GstClockTime start_timeout)
{
  GST_OBJECT_LOCK (self);
  self->running = TRUE;
  self->timeout = timeout;
  self->start_timeout = start_timeout;
  self->fresh = TRUE;
  GST_OBJECT_UNLOCK (self);
  invoke (self, set_timer);
}

/* Twice is fine. */
void
gst_rcast_stall_watch_stop (GstRcastStallWatch * self)
{
  gboolean running;

  GST_OBJECT_LOCK (self);
  running = self->running;
  self->running = FALSE;
  GST_OBJECT_UNLOCK (self);
  if (running)
    invoke (self, set_timer);
}

static void
gst_rcast_stall_watch_finalize (GObject * object)
{
  GstRcastStallWatch *self = GST_RCAST_STALL_WATCH (object);

  gst_object_unref (self->clock);
  gst_rcast_loop_unref (self->loop);
  G_OBJECT_CLASS (gst_rcast_stall_watch_parent_class)->finalize (object);
}

static void
gst_rcast_stall_watch_class_init (GstRcastStallWatchClass * klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_rcast_stall_watch_finalize;
}

static void
gst_rcast_stall_watch_init (GstRcastStallWatch * self)
{
}
