/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which frames of an RTP stream can be decoded, and since when. Pure: no I/O, no clock read, no lock. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  guint32 timestamp;
  guint packets;
  gboolean key;
  gboolean decodable;           /* whole, and so is all that it needs */
  gint64 at_us;                 /* arrival of the last packet that was missing */
} LoopbackFrame;

typedef void (*LoopbackFrameFunc) (const LoopbackFrame * frame, gpointer user_data);

typedef struct _LoopbackFrames LoopbackFrames;

LoopbackFrames *  loopback_frames_new       (LoopbackFrameFunc func, gpointer user_data);
/* A retransmission has come by then or is of no use (300). */
void              loopback_frames_set_patience (LoopbackFrames * frames, guint ms);
void              loopback_frames_free      (LoopbackFrames * frames);
/* In the order of arrival; duplicates and retransmissions are welcome. */
void              loopback_frames_push      (LoopbackFrames * frames, guint16 seq, guint32 timestamp, gboolean marker, gboolean key, gint64 now_us);
/* Packets that are not waited for any more */
guint64           loopback_frames_get_lost  (const LoopbackFrames * frames);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoopbackFrames, loopback_frames_free)

G_END_DECLS
