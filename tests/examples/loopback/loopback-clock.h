/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tells the capture time of a publisher's media, from its sender reports. Pure: no I/O, no clock
 * read, no lock. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Sender reports that make media older than this are wrong. */
#define LOOPBACK_CLOCK_MAX_AGE_US (10 * G_USEC_PER_SEC)

typedef struct _LoopbackClock LoopbackClock;

LoopbackClock * loopback_clock_new    (void);
void            loopback_clock_free   (LoopbackClock * clock);
/* Takes a sender report of @ssrc; @ntp has 32.32 bits. */
void            loopback_clock_report (LoopbackClock * clock, guint32 ssrc, guint64 ntp, guint32 timestamp);
/* Returns: the capture time of the packet, by the clock of @now_us and never later. With sender
 * reports the streams stay in sync, whatever delay each had on its way. Without reports, the
 * times are only right within each stream. */
gint64          loopback_clock_get    (LoopbackClock * clock, guint32 ssrc, guint32 timestamp, guint clock_rate, gint64 now_us);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoopbackClock, loopback_clock_free)

G_END_DECLS
