/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A pad of rcastsrc: one stream, over all connections that bring it. */
#include "config.h"

#include "gstrcastoutlet.h"

#include <gst/video/video.h>

GST_DEBUG_CATEGORY_STATIC (rcast_outlet_debug);
#define GST_CAT_DEFAULT rcast_outlet_debug

/* If downstream takes nothing for so long, the queue is dropped up to the next key frame. */
#define MAX_QUEUED (2 * GST_SECOND)
/* A key frame request is repeated if it was lost, or the sender did not follow it. */
#define REQUEST_INTERVAL (500 * GST_MSECOND)
/* If downstream does not take the key frames, each request waits twice as long as the one
 * before, up to 8 s: the publisher sends key frames to all viewers. */
#define MAX_REFUSALS 4
/* Most times at which key frames are wanted; each sink wants one at a time. */
#define MAX_WANTED 32
/* How far a stream may lag before gap events are sent, and their duration */
#define GAP_AFTER (200 * GST_MSECOND)
#define GAP_STEP (100 * GST_MSECOND)
/* Media that is dropped without a link is reported after this time: a link may be late. */
#define UNLINKED_AFTER (5 * GST_SECOND)

/* State of the stream */
typedef enum
{
  FLOW_WAITING,                 /* waits for a buffer to start with */
  FLOW_ON,
  FLOW_UNLINKED,                /* downstream takes nothing until a reconfigure event */
  FLOW_OVER,                    /* ended, or failed downstream */
} Flow;

struct _GstRcastOutlet
{
  GstPad parent;

  gboolean video;               /* constant */
  GstEvent *stream_start;       /* constant */
  GstCaps *shown;               /* constant once it is active; nullable: caps that leave */

  GMutex lock;
  GCond changed;
  GstRcastOutletSettings settings;      /* lock */
  gboolean active;              /* lock; the thread runs */
  gboolean held;                /* lock; the queue waits, and nothing leaves yet */
  gboolean playing;             /* lock */
  Flow flow;                    /* lock */
  gboolean waiting;             /* lock; the thread waits */
  GQueue queue;                 /* lock; of GstBuffer and GstEvent */
  GstCaps *caps;                /* lock; the caps queued last */
  GstPad *source;               /* lock; nullable: pad that brings the media */
  guint serial;                 /* lock; serial of that connection */
  GstClockTime first, last;     /* lock; times of the first and the last buffer in the queue */
  GstClockTime requested;       /* lock; monotonic time of the last key frame request */
  guint refusals;               /* lock; buffers in a row that downstream refused */
  GArray *wanted;               /* lock; running times at which to request key frames */
  GstClockTime unlinked;        /* lock; time of the first buffer dropped as FLOW_UNLINKED */
  GstClockTime newest;          /* lock; time of the newest buffer that came in */
  GstClockTime lasted;          /* lock; duration of the media that came in */
  gboolean told;                /* lock; it was reported, since downstream last took something */
  guint64 buffers, gaps, dropped, requests;     /* lock */

  /* the pad's thread */
  gboolean begun;               /* stream-start and segment were sent */
  GstClockTime position;        /* end of what was pushed */
  GstClockTime floor;           /* nothing earlier is pushed */
  GstClockTime pushed;          /* time of the last buffer */
  gboolean reorders;            /* frames may come in another order than that of presentation */
};

G_DEFINE_FINAL_TYPE_WITH_CODE (GstRcastOutlet, gst_rcast_outlet, GST_TYPE_PAD,
    GST_DEBUG_CATEGORY_INIT (rcast_outlet_debug, "rcastoutlet", 0,
        "gst-rcast: a received stream on its way downstream"));

static guint unlinked_signal, lasts_signal;

static GstClockTime
get_time (GstBuffer * buffer)
{
  return GST_BUFFER_DTS_OR_PTS (buffer);
}

/* Key frames. */

/* With the lock. Returns: (transfer full) (nullable): the pad to send the request to, if it
 * is time */
static GstPad *
note_request (GstRcastOutlet * self, GstPad * source)
{
  GstClockTime now = gst_util_get_timestamp ();

  if (!self->video || !source || (GST_CLOCK_TIME_IS_VALID (self->requested)
          && now < self->requested + (REQUEST_INTERVAL
              << MIN (self->refusals, MAX_REFUSALS))))
    return NULL;
  self->requested = now;
  self->requests++;
  return gst_object_ref (source);
}

/* With the lock */
static void
note_wanted (GstRcastOutlet * self, GstClockTime time)
{
  if (self->video && self->wanted->len < MAX_WANTED)
    g_array_append_val (self->wanted, time);
}

/* With the lock: the stream has reached @time. Returns: (transfer full) (nullable): the pad to
 * send the request to, if a key frame is wanted by then */
static GstPad *
take_wanted (GstRcastOutlet * self, GstPad * source, GstClockTime time)
{
  GstPad *asked = NULL;

  for (guint i = self->wanted->len; i > 0; i--) {
    if (g_array_index (self->wanted, GstClockTime, i - 1) > time)
      continue;
    if (!asked && !(asked = note_request (self, source)))
      return NULL;
    g_array_remove_index_fast (self->wanted, i - 1);
  }
  return asked;
}

/* Without the lock. @source: (transfer full) (nullable) */
static void
request (GstPad * source)
{
  if (!source)
    return;
  gst_pad_push_event (source, gst_video_event_new_upstream_force_key_unit
      (GST_CLOCK_TIME_NONE, TRUE, 0));
  gst_object_unref (source);
}

/* The queue: with the lock */

static void
clear_queue (GstRcastOutlet * self)
{
  GstMiniObject *item;

  while ((item = g_queue_pop_head (&self->queue)))
    gst_mini_object_unref (item);
  self->first = self->last = GST_CLOCK_TIME_NONE;
  /* The queue may have held the caps event. */
  gst_clear_caps (&self->caps);
}

/* The next buffer to leave must be one to start with. */
static void
start_over (GstRcastOutlet * self)
{
  if (self->flow == FLOW_ON)
    self->flow = FLOW_WAITING;
}

static void
enqueue_caps (GstRcastOutlet * self, GstCaps * caps)
{
  if (self->caps && gst_caps_is_equal (self->caps, caps))
    return;
  gst_caps_replace (&self->caps, caps);
  g_queue_push_tail (&self->queue, gst_event_new_caps (caps));
}

/* @buffer: (transfer full) */
static void
enqueue (GstRcastOutlet * self, GstCaps * caps, GstBuffer * buffer)
{
  GstClockTime time = get_time (buffer);

  if (GST_CLOCK_TIME_IS_VALID (self->first) && time > self->first + MAX_QUEUED) {
    GST_WARNING_OBJECT (self, "downstream takes nothing, dropping what waits");
    self->dropped += g_queue_get_length (&self->queue) + 1;
    clear_queue (self);
    start_over (self);
    gst_buffer_unref (buffer);
    return;
  }
  enqueue_caps (self, caps);
  if (!GST_CLOCK_TIME_IS_VALID (self->first))
    self->first = time;
  self->last = time;
  g_queue_push_tail (&self->queue, buffer);
}

/* With the lock. Returns: whether to wake the thread. Do it without the lock, which the thread
 * takes at once */
static gboolean
take_wake (GstRcastOutlet * self)
{
  gboolean wake = self->waiting && !g_queue_is_empty (&self->queue);

  if (wake)
    self->waiting = FALSE;
  return wake;
}

/* Whether these caps do not show where a picture begins. */
static gboolean
is_packets (const GstCaps * caps)
{
  return gst_structure_has_name (gst_caps_get_structure (caps, 0),
      "application/x-rtp");
}

/* With the lock. Media of @time comes in, and is dropped as downstream is not linked. In PAUSED,
 * or before the stream may leave, that is intended.
 * Returns: how long it has been dropped, if it is time to report that; otherwise 0 */
static GstClockTime
note_unlinked (GstRcastOutlet * self, GstClockTime time)
{
  if (self->flow != FLOW_UNLINKED || !self->active || self->held
      || !self->playing)
    return 0;
  self->dropped++;
  if (!GST_CLOCK_TIME_IS_VALID (self->unlinked))
    self->unlinked = time;
  if (self->told || time < self->unlinked + UNLINKED_AFTER)
    return 0;
  self->told = TRUE;
  return time - self->unlinked;
}

/* Whether it comes from an older connection, or is not wanted. */
static gboolean
is_unwanted (GstRcastOutlet * self, GstPad * source, guint serial)
{
  return !(self->active || self->held) || !self->playing
      || self->flow >= FLOW_UNLINKED
      || (self->source && self->source != source && serial < self->serial);
}

/* With the lock. Media of @time comes in; a break counts as a second at most. Returns: how many
 * seconds the stream has lasted, once for each of them; otherwise 0 */
static guint
note_lasting (GstRcastOutlet * self, GstClockTime time)
{
  guint before = self->lasted / GST_SECOND, seconds;

  if (GST_CLOCK_TIME_IS_VALID (self->newest) && time <= self->newest)
    return 0;
  if (GST_CLOCK_TIME_IS_VALID (self->newest))
    self->lasted += MIN (time - self->newest, GST_SECOND);
  self->newest = time;
  seconds = self->lasted / GST_SECOND;
  return seconds > before ? seconds : 0;
}

/* With the lock. Returns: (transfer full): @buffer, as the first one of a new start */
static GstBuffer *
take_over (GstRcastOutlet * self, GstPad * source, guint serial,
    GstBuffer * buffer)
{
  buffer = gst_buffer_make_writable (buffer);
  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  gst_object_replace ((GstObject **) & self->source, GST_OBJECT (source));
  self->serial = serial;
  self->flow = FLOW_ON;
  return buffer;
}

/**
 * gst_rcast_outlet_push:
 * @source: the sink pad of the buffer, to which key frame requests are sent
 * @serial: of the connection; a higher one is newer
 * @caps: of @buffer
 * @buffer: (transfer full): with timestamps in running time
 *
 * Never blocks. Any thread, but one at a time for each @source.
 */
void
gst_rcast_outlet_push (GstRcastOutlet * self, GstPad * source, guint serial,
    GstCaps * caps, GstBuffer * buffer)
{
  gboolean key = !self->video
      || !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  GstClockTime unlinked = 0;
  GstPad *asked = NULL;
  gboolean wake;
  guint lasted;

  g_mutex_lock (&self->lock);
  lasted = note_lasting (self, get_time (buffer));
  if (is_unwanted (self, source, serial)) {
    unlinked = note_unlinked (self, get_time (buffer));
    gst_buffer_unref (buffer);
  } else if (self->source == source && self->flow == FLOW_ON) {
    asked = take_wanted (self, source, get_time (buffer));
    enqueue (self, caps, buffer);
  } else if (key) {
    if (is_packets (caps))
      note_wanted (self, 0);
    asked = take_wanted (self, source, get_time (buffer));
    enqueue (self, caps, take_over (self, source, serial, buffer));
  } else {
    asked = note_request (self, source);
    self->dropped++;
    gst_buffer_unref (buffer);
  }
  wake = take_wake (self);
  g_mutex_unlock (&self->lock);
  if (wake)
    g_cond_broadcast (&self->changed);
  request (asked);
  if (lasted > 0)
    g_signal_emit (self, lasts_signal, 0, lasted);
  if (unlinked > 0)
    g_signal_emit (self, unlinked_signal, 0, unlinked);
}

/* No more media comes from @source. Any thread */
void
gst_rcast_outlet_leave (GstRcastOutlet * self, GstPad * source)
{
  g_mutex_lock (&self->lock);
  if (self->source == source) {
    gst_clear_object (&self->source);
    start_over (self);
  }
  g_mutex_unlock (&self->lock);
}

/* Ends the stream after the queue. Any thread */
void
gst_rcast_outlet_end (GstRcastOutlet * self)
{
  g_mutex_lock (&self->lock);
  if (self->flow != FLOW_OVER) {
    self->flow = FLOW_OVER;
    g_queue_push_tail (&self->queue, gst_event_new_eos ());
    g_cond_broadcast (&self->changed);
  }
  g_mutex_unlock (&self->lock);
}

/* A live source: nothing comes in PAUSED. Any thread */
void
gst_rcast_outlet_set_playing (GstRcastOutlet * self, gboolean playing)
{
  GstPad *asked = NULL;

  g_mutex_lock (&self->lock);
  self->playing = playing;
  self->unlinked = GST_CLOCK_TIME_NONE;
  if (playing)
    asked = note_request (self, self->source);
  else
    start_over (self);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  request (asked);
}

/**
 * gst_rcast_outlet_show:
 * @pad: a pad of the element on which the stream leaves; not flushing
 * @caps: (nullable): caps of the stream, if they are known
 *
 * The stream and its caps are known as soon as @pad is added.
 */
void
gst_rcast_outlet_show (GstRcastOutlet * self, GstPad * pad, GstCaps * caps)
{
  GstEvent *event = caps ? gst_event_new_caps (caps) : NULL;

  gst_pad_store_sticky_event (pad, self->stream_start);
  if (!event)
    return;
  gst_pad_store_sticky_event (pad, event);
  gst_event_unref (event);
}

/* @caps: the caps, if the outlet itself is the element's pad. Call this before it is active */
void
gst_rcast_outlet_announce (GstRcastOutlet * self, GstCaps * caps)
{
  gst_caps_replace (&self->shown, caps);
}

/* Holds the stream back until its pad can be linked. Any thread */
void
gst_rcast_outlet_hold (GstRcastOutlet * self, gboolean held)
{
  g_mutex_lock (&self->lock);
  self->held = held;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

void
gst_rcast_outlet_set (GstRcastOutlet * self,
    const GstRcastOutletSettings * settings)
{
  g_mutex_lock (&self->lock);
  self->settings = *settings;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

/* @linked: whether the pad of the element is linked. Any thread */
void
gst_rcast_outlet_add_stats (GstRcastOutlet * self, gboolean linked,
    GstStructure * stats)
{
  GstStructure *own;

  g_mutex_lock (&self->lock);
  own = gst_structure_new ("application/x-rcast-stream-stats",
      "buffers", G_TYPE_UINT64, self->buffers,
      "buffers-dropped", G_TYPE_UINT64, self->dropped,
      "gaps", G_TYPE_UINT64, self->gaps,
      "key-frame-requests", G_TYPE_UINT64, self->requests,
      "linked", G_TYPE_BOOLEAN, linked && self->flow != FLOW_UNLINKED, NULL);
  g_mutex_unlock (&self->lock);
  gst_structure_set (stats, GST_OBJECT_NAME (self), GST_TYPE_STRUCTURE, own,
      NULL);
  gst_structure_free (own);
}

/* The pad's thread */

/* Returns: the running time of the element, GST_CLOCK_TIME_NONE without a clock */
static GstClockTime
get_running_time (GstRcastOutlet * self)
{
  g_autoptr (GstElement) element = gst_pad_get_parent_element (GST_PAD (self));
  g_autoptr (GstClock) clock = element ? gst_element_get_clock (element) : NULL;
  GstClockTime now, base;

  if (!clock)
    return GST_CLOCK_TIME_NONE;
  now = gst_clock_get_time (clock);
  base = gst_element_get_base_time (element);
  return now > base ? now - base : 0;
}

/* With the lock. Returns: (transfer full) (nullable): a gap event, if nothing came */
static GstEvent *
make_gap (GstRcastOutlet * self, GstClockTime now)
{
  GstClockTime lag = self->settings.latency + GAP_AFTER, start = self->position;

  if (!self->begun || !self->playing || self->flow >= FLOW_UNLINKED
      || self->settings.stall_action != GST_RCAST_STALL_ACTION_GAP
      || !GST_CLOCK_TIME_IS_VALID (now) || !GST_CLOCK_TIME_IS_VALID (start)
      || now < start + lag + GAP_STEP)
    return NULL;
  self->position = self->floor = now - lag;
  self->gaps++;
  return gst_event_new_gap (start, self->position - start);
}

static void
wait (GstRcastOutlet * self)
{
  self->waiting = TRUE;
  if (self->settings.stall_action == GST_RCAST_STALL_ACTION_GAP
      && self->playing && self->flow < FLOW_UNLINKED)
    g_cond_wait_until (&self->changed, &self->lock,
        g_get_monotonic_time () + GST_TIME_AS_USECONDS (GAP_STEP));
  else
    g_cond_wait (&self->changed, &self->lock);
  self->waiting = FALSE;
}

static void
note_popped (GstRcastOutlet * self, GstMiniObject * item)
{
  if (GST_IS_BUFFER (item))
    self->first = g_queue_is_empty (&self->queue) ? GST_CLOCK_TIME_NONE :
        get_time (GST_BUFFER (item));
}

/* With the lock. Returns: (transfer full) (nullable): the head of the queue */
static GstMiniObject *
pop (GstRcastOutlet * self)
{
  GstMiniObject *item = NULL;

  if (self->active && !self->held)
    item = g_queue_pop_head (&self->queue);
  if (item)
    note_popped (self, item);
  return item;
}

/* The queue is, or was, empty. Returns: (transfer full) (nullable): a buffer or an event */
static GstMiniObject *
wait_for_next (GstRcastOutlet * self, gboolean * active)
{
  GstClockTime now = get_running_time (self);
  GstMiniObject *item;

  g_mutex_lock (&self->lock);
  item = pop (self);
  if (!item && self->active && !self->held)
    item = (GstMiniObject *) make_gap (self, now);
  if (!item && self->active)
    wait (self);
  *active = self->active;
  g_mutex_unlock (&self->lock);
  return item;
}

/* Returns: (transfer full) (nullable): a buffer or an event; %NULL: there is none, or the
 * pad is flushing */
static GstMiniObject *
next (GstRcastOutlet * self, gboolean * active)
{
  GstMiniObject *item;

  g_mutex_lock (&self->lock);
  item = pop (self);
  *active = self->active;
  g_mutex_unlock (&self->lock);
  return item ? item : wait_for_next (self, active);
}

static void
begin (GstRcastOutlet * self)
{
  if (!self->begun)
    gst_pad_push_event (GST_PAD (self), gst_event_ref (self->stream_start));
}

/* After the caps, if there are caps */
static void
begin_segment (GstRcastOutlet * self)
{
  GstSegment segment;

  if (self->begun)
    return;
  self->begun = TRUE;
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (GST_PAD (self), gst_event_new_segment (&segment));
}

/* Packets, and frames of H.264 and H.265 without a DTS, come in decoding order. */
static void
note_caps (GstRcastOutlet * self, GstEvent * event)
{
  const GstStructure *s;
  GstCaps *caps;

  gst_event_parse_caps (event, &caps);
  s = gst_caps_get_structure (caps, 0);
  self->reorders = gst_structure_has_name (s, "video/x-h264")
      || gst_structure_has_name (s, "video/x-h265")
      || gst_structure_has_name (s, "application/x-rtp");
}

static void
push_event (GstRcastOutlet * self, GstEvent * event)
{
  gboolean over = GST_EVENT_TYPE (event) == GST_EVENT_EOS;
  gboolean caps = GST_EVENT_TYPE (event) == GST_EVENT_CAPS;

  begin (self);
  if (caps)
    note_caps (self, event);
  if (over)
    begin_segment (self);
  gst_pad_push_event (GST_PAD (self), event);
  if (caps)
    begin_segment (self);
  if (over)
    gst_pad_pause_task (GST_PAD (self));
}

/* A connection may bring media that was already pushed from the one before, or sent as a gap.
 * Returns: (transfer full) (nullable): @buffer with its time; %NULL: its time is over */
static GstBuffer *
put_in_time (GstRcastOutlet * self, GstBuffer * buffer)
{
  GstClockTime time = get_time (buffer), least;

  if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT)
      && GST_CLOCK_TIME_IS_VALID (self->position))
    self->floor = self->position;
  if (time < self->floor && !self->video) {
    gst_buffer_unref (buffer);
    return NULL;
  }
  least = self->floor;
  if (!self->reorders || GST_BUFFER_DTS_IS_VALID (buffer))
    least = MAX (least, self->pushed);
  if (time < least) {
    buffer = gst_buffer_make_writable (buffer);
    if (GST_BUFFER_DTS_IS_VALID (buffer))
      GST_BUFFER_DTS (buffer) = least;
    GST_BUFFER_PTS (buffer) = MAX (GST_BUFFER_PTS (buffer), least);
    time = least;
  }
  self->pushed = time;
  if (GST_BUFFER_DURATION_IS_VALID (buffer))
    time += GST_BUFFER_DURATION (buffer);
  if (!GST_CLOCK_TIME_IS_VALID (self->position) || time > self->position)
    self->position = time;
  return buffer;
}

/* Downstream takes no more. */
static void
fail (GstRcastOutlet * self, GstFlowReturn ret)
{
  g_autoptr (GstElement) element = gst_pad_get_parent_element (GST_PAD (self));

  if (ret < GST_FLOW_EOS && element)
    GST_ELEMENT_FLOW_ERROR (element, ret);
  gst_pad_push_event (GST_PAD (self), gst_event_new_eos ());
  gst_pad_pause_task (GST_PAD (self));
}

/* With the lock. Downstream has refused media, but still gets the EOS. */
static void
clear_media (GstRcastOutlet * self)
{
  clear_queue (self);
  if (self->flow == FLOW_OVER)
    g_queue_push_tail (&self->queue, gst_event_new_eos ());
}

static void
handle_flow (GstRcastOutlet * self, GstFlowReturn ret)
{
  gboolean over = ret <= GST_FLOW_EOS && ret != GST_FLOW_FLUSHING;

  if (ret == GST_FLOW_OK)
    return;
  GST_DEBUG_OBJECT (self, "downstream says %s", gst_flow_get_name (ret));
  g_mutex_lock (&self->lock);
  self->refusals++;
  clear_media (self);
  if (over)
    self->flow = FLOW_OVER;
  else if (ret == GST_FLOW_NOT_LINKED && self->flow != FLOW_OVER)
    self->flow = FLOW_UNLINKED;
  else
    start_over (self);
  g_mutex_unlock (&self->lock);
  if (over)
    fail (self, ret);
}

static void
push_buffer (GstRcastOutlet * self, GstBuffer * buffer)
{
  GstFlowReturn ret;

  buffer = put_in_time (self, buffer);
  if (!buffer)
    return;
  ret = gst_pad_push (GST_PAD (self), buffer);
  g_mutex_lock (&self->lock);
  self->buffers++;
  if (ret == GST_FLOW_OK) {
    self->refusals = 0;
    self->unlinked = GST_CLOCK_TIME_NONE;
    self->told = FALSE;
  }
  g_mutex_unlock (&self->lock);
  handle_flow (self, ret);
}

static void
push_next (gpointer data)
{
  GstRcastOutlet *self = data;
  gboolean active;
  GstMiniObject *item = next (self, &active);

  if (!active)
    gst_pad_pause_task (GST_PAD (self));
  if (item && GST_IS_BUFFER (item))
    push_buffer (self, GST_BUFFER (item));
  else if (item)
    push_event (self, GST_EVENT (item));
}

/* The pad's functions */

static gboolean
activate (GstPad * pad, GstObject * parent, GstPadMode mode, gboolean active)
{
  GstRcastOutlet *self = GST_RCAST_OUTLET (pad);
  gboolean stopped;

  if (mode != GST_PAD_MODE_PUSH)
    return FALSE;
  g_mutex_lock (&self->lock);
  self->active = active;
  if (!active)
    clear_queue (self);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  if (active) {
    /* Before the thread sends anything else */
    if (self->shown)
      gst_rcast_outlet_show (self, pad, self->shown);
    return gst_pad_start_task (pad, push_next, self, NULL);
  }
  stopped = gst_pad_stop_task (pad);
  self->begun = FALSE;
  return stopped;
}

/* The pad was linked, or downstream can take media again. */
static void
reconfigure (GstRcastOutlet * self)
{
  GstPad *asked;

  g_mutex_lock (&self->lock);
  self->refusals = 0;
  if (self->flow == FLOW_UNLINKED)
    self->flow = FLOW_WAITING;
  asked = note_request (self, self->source);
  g_mutex_unlock (&self->lock);
  request (asked);
}

/* A time in the future: request the key frame then. */
static void
want_key_frame (GstRcastOutlet * self, GstEvent * event)
{
  GstClockTime now = get_running_time (self), time;
  GstPad *asked = NULL;

  if (!gst_video_event_parse_upstream_force_key_unit (event, &time, NULL, NULL)
      || !GST_CLOCK_TIME_IS_VALID (time) || !GST_CLOCK_TIME_IS_VALID (now))
    time = 0;
  g_mutex_lock (&self->lock);
  if (time <= now)
    asked = note_request (self, self->source);
  if (!asked)
    note_wanted (self, time);
  g_mutex_unlock (&self->lock);
  request (asked);
}

static gboolean
handle_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  GstRcastOutlet *self = GST_RCAST_OUTLET (pad);
  gboolean handled = TRUE;

  if (GST_EVENT_TYPE (event) == GST_EVENT_RECONFIGURE)
    reconfigure (self);
  else if (gst_video_event_is_force_key_unit (event))
    want_key_frame (self, event);
  else
    handled = GST_EVENT_TYPE (event) == GST_EVENT_LATENCY
        || GST_EVENT_TYPE (event) == GST_EVENT_QOS;
  gst_event_unref (event);
  return handled;
}

static gboolean
answer_latency (GstRcastOutlet * self, GstQuery * query)
{
  g_mutex_lock (&self->lock);
  gst_query_set_latency (query, TRUE, self->settings.latency,
      GST_CLOCK_TIME_NONE);
  g_mutex_unlock (&self->lock);
  return TRUE;
}

static gboolean
handle_query (GstPad * pad, GstObject * parent, GstQuery * query)
{
  GstFormat format;

  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_LATENCY:
      return answer_latency (GST_RCAST_OUTLET (pad), query);
    case GST_QUERY_SEEKING:
      gst_query_parse_seeking (query, &format, NULL, NULL, NULL);
      gst_query_set_seeking (query, format, FALSE, 0, -1);
      return TRUE;
    default:
      return gst_pad_query_default (pad, parent, query);
  }
}

/**
 * gst_rcast_outlet_new:
 * @template: the pad template of rcastsrc
 * @name: `video_0`
 * @stream_start: (transfer full): the first event
 * @settings: its settings at the start
 *
 * Returns: (transfer floating)
 */
GstRcastOutlet *
gst_rcast_outlet_new (GstPadTemplate * template, const gchar * name,
    GstEvent * stream_start, const GstRcastOutletSettings * settings)
{
  GstRcastOutlet *self = g_object_new (GST_TYPE_RCAST_OUTLET, "name", name,
      "direction", GST_PAD_SRC, "template", template, NULL);

  self->video = g_str_has_prefix (name, "video");
  self->stream_start = stream_start;
  self->settings = *settings;
  return self;
}

static void
gst_rcast_outlet_finalize (GObject * object)
{
  GstRcastOutlet *self = GST_RCAST_OUTLET (object);

  clear_queue (self);
  gst_clear_object (&self->source);
  gst_clear_caps (&self->shown);
  gst_event_unref (self->stream_start);
  g_array_unref (self->wanted);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  G_OBJECT_CLASS (gst_rcast_outlet_parent_class)->finalize (object);
}

static void
gst_rcast_outlet_class_init (GstRcastOutletClass * klass)
{
  unlinked_signal = g_signal_new ("media-unlinked", G_TYPE_FROM_CLASS (klass),
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT64);
  lasts_signal = g_signal_new ("media-lasts", G_TYPE_FROM_CLASS (klass),
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  G_OBJECT_CLASS (klass)->finalize = gst_rcast_outlet_finalize;
}

static void
gst_rcast_outlet_init (GstRcastOutlet * self)
{
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  g_queue_init (&self->queue);
  self->first = self->last = self->position = GST_CLOCK_TIME_NONE;
  self->requested = self->unlinked = self->newest = GST_CLOCK_TIME_NONE;
  self->wanted = g_array_new (FALSE, FALSE, sizeof (GstClockTime));
  gst_pad_set_activatemode_function (GST_PAD (self), activate);
  gst_pad_set_event_function (GST_PAD (self), handle_event);
  gst_pad_set_query_function (GST_PAD (self), handle_query);
}
