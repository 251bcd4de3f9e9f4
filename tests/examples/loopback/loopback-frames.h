/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds the decodable frames of an RTP stream, and the time from which each is decodable. Pure:
 * no I/O, no clock read, no lock. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  guint32 timestamp;
  guint packets;
  gboolean key;
  gboolean decodable;           /* complete, and so are the frames that it needs */
  gint64 at_us;                 /* arrival of its last missing packet */
} LoopbackFrame;

typedef void (*LoopbackFrameFunc) (const LoopbackFrame * frame, gpointer user_data);

typedef struct _LoopbackFrames LoopbackFrames;

LoopbackFrames *  loopback_frames_new       (LoopbackFrameFunc func, gpointer user_data);
/* Sets the time after which a retransmission is too late: 300 by default. */
void              loopback_frames_set_patience (LoopbackFrames * frames, guint ms);
void              loopback_frames_free      (LoopbackFrames * frames);
/* Takes packets in the order of arrival, duplicates and retransmissions included. */
void              loopback_frames_push      (LoopbackFrames * frames, guint16 seq, guint32 timestamp, gboolean marker, gboolean key, gint64 now_us);
/* Returns: the packets that it has given up */
guint64           loopback_frames_get_lost  (const LoopbackFrames * frames);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoopbackFrames, loopback_frames_free)

G_END_DECLS
