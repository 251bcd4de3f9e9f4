/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds the decodable frames of an RTP stream, and the time from which each is decodable. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "loopback-frames.h"

#define SEQ_BITS 65536
/* Packets kept after a missing one; a power of two */
#define WINDOW 2048
#define PATIENCE_MS 300
/* The time after which a key frame ends a hole. Reordered packets have arrived by then. After an
 * outage, the missing packets would be too late for display. */
#define KEY_PATIENCE_US (30 * 1000)

typedef struct
{
  gboolean present, marker, key;
  guint32 timestamp;
  gint64 at_us;                 /* arrival */
  gint64 before_us;             /* arrival of the packet before it */
} Slot;

struct _LoopbackFrames
{
  LoopbackFrameFunc func;
  gpointer user_data;

  gint64 patience_us;
  gboolean started;
  gint64 next;                  /* extended sequence number of the next packet to take */
  gint64 highest;               /* highest extended sequence number received */
  gint64 pushed_us;             /* arrival of the last packet */
  gint64 hole_us;               /* time since which @next is missing, 0 = it is not */
  gint64 silent_us;             /* last arrival before that time */
  guint64 lost;
  gboolean broken;              /* no frame is decodable before a key frame */
  LoopbackFrame frame;          /* the incomplete frame */
  gboolean torn;                /* a packet of @frame is lost */
  gboolean after_hole;          /* the next packet may not be the first of its frame */
  Slot slots[WINDOW];
};

LoopbackFrames *
loopback_frames_new (LoopbackFrameFunc func, gpointer user_data)
{
  LoopbackFrames *frames = g_new0 (LoopbackFrames, 1);

  frames->func = func;
  frames->user_data = user_data;
  frames->broken = TRUE;
  frames->after_hole = TRUE;
  loopback_frames_set_patience (frames, PATIENCE_MS);
  return frames;
}

void
loopback_frames_set_patience (LoopbackFrames * frames, guint ms)
{
  frames->patience_us = (gint64) ms * 1000;
}

void
loopback_frames_free (LoopbackFrames * frames)
{
  g_free (frames);
}

guint64
loopback_frames_get_lost (const LoopbackFrames * frames)
{
  return frames->lost;
}

static Slot *
slot_at (LoopbackFrames * frames, gint64 seq)
{
  return &frames->slots[seq & (WINDOW - 1)];
}

static void
take (LoopbackFrames * frames, Slot * slot, gint64 now_us)
{
  LoopbackFrame *frame = &frames->frame;

  slot->present = FALSE;
  if (frame->packets == 0 || frame->timestamp != slot->timestamp) {
    *frame = (LoopbackFrame) {
    .timestamp = slot->timestamp};
    frames->torn = frames->after_hole && !slot->key;
  }
  frames->after_hole = FALSE;
  frame->packets++;
  frame->key = frame->key || slot->key;
  if (!slot->marker)
    return;
  if (frames->torn) {
    frames->broken = TRUE;
  } else {
    if (frame->key)
      frames->broken = FALSE;
    frame->decodable = !frames->broken;
    frame->at_us = now_us;
    frames->func (frame, frames->user_data);
  }
  frame->packets = 0;
}

/* Gives up all packets before @seq. */
static void
skip (LoopbackFrames * frames, gint64 seq)
{
  for (; frames->next < seq; frames->next++) {
    Slot *slot = slot_at (frames, frames->next);

    if (slot->present)
      slot->present = FALSE;
    else
      frames->lost++;
  }
  frames->hole_us = 0;
  frames->broken = TRUE;
  frames->torn = TRUE;
  frames->after_hole = TRUE;
  frames->frame.packets = 0;
}

/* Returns: the packet to go on with after the hole, or -1 to wait. Like a jitter buffer, it waits
 * for a possible retransmission even if a key frame follows. */
static gint64
find_end_of_hole (LoopbackFrames * frames, gint64 now_us)
{
  gint64 waited = now_us - frames->hole_us;
  gint64 first = -1;

  if (waited < KEY_PATIENCE_US
      || now_us - frames->silent_us < frames->patience_us)
    return -1;
  for (gint64 seq = frames->next; seq <= frames->highest; seq++) {
    Slot *slot = slot_at (frames, seq);

    if (!slot->present)
      continue;
    if (first < 0)
      first = seq;
    if (slot->key)
      return seq;
  }
  return waited < frames->patience_us ? -1 : first;
}

/* A hole begins when the first packet after it arrives. So several holes age at the same time,
 * not one after the other. */
static void
note_hole (LoopbackFrames * frames, gint64 now_us)
{
  frames->hole_us = now_us;
  frames->silent_us = frames->pushed_us;
  for (gint64 seq = frames->next; seq <= frames->highest; seq++) {
    const Slot *slot = slot_at (frames, seq);

    if (!slot->present || slot->at_us >= frames->hole_us)
      continue;
    frames->hole_us = slot->at_us;
    frames->silent_us = slot->before_us;
  }
}

static void
drain (LoopbackFrames * frames, gint64 now_us)
{
  while (frames->next <= frames->highest) {
    Slot *slot = slot_at (frames, frames->next);
    gint64 end;

    if (slot->present) {
      take (frames, slot, now_us);
      frames->next++;
      frames->hole_us = 0;
      continue;
    }
    if (frames->hole_us == 0)
      note_hole (frames, now_us);
    end = find_end_of_hole (frames, now_us);
    if (end < 0)
      return;
    skip (frames, end);
  }
  frames->hole_us = 0;
}

void
loopback_frames_push (LoopbackFrames * frames, guint16 seq, guint32 timestamp,
    gboolean marker, gboolean key, gint64 now_us)
{
  gint64 extended;
  Slot *slot;

  if (!frames->started) {
    frames->started = TRUE;
    frames->next = frames->highest = seq + SEQ_BITS;
  }
  extended = frames->highest + (gint16) (seq - (guint16) frames->highest);
  if (extended < frames->next)
    return;
  if (extended - frames->next >= WINDOW)
    skip (frames, extended - WINDOW / 2);
  slot = slot_at (frames, extended);
  /* A duplicate must not make the hole before it younger. */
  if (!slot->present)
    *slot = (Slot) {
    TRUE, marker, key, timestamp, now_us, frames->pushed_us};
  frames->highest = MAX (frames->highest, extended);
  drain (frames, now_us);
  frames->pushed_us = now_us;
}
