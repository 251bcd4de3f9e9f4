/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When the media of a publisher was made, by its sender reports. Pure: no I/O, no clock read, no lock. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What is told to be older was told wrong. */
#define LOOPBACK_CLOCK_MAX_AGE_US (10 * G_USEC_PER_SEC)

typedef struct _LoopbackClock LoopbackClock;

LoopbackClock * loopback_clock_new    (void);
void            loopback_clock_free   (LoopbackClock * clock);
/* A sender report of @ssrc: NTP as 32.32 bits */
void            loopback_clock_report (LoopbackClock * clock, guint32 ssrc, guint64 ntp, guint32 timestamp);
/* The time of the packet, by the clock of @now_us and never later. Of streams that go together in the reports, these
 * times do, whatever any of them waited on its way; without reports they are right for each stream alone. */
gint64          loopback_clock_get    (LoopbackClock * clock, guint32 ssrc, guint32 timestamp, guint clock_rate, gint64 now_us);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoopbackClock, loopback_clock_free)

G_END_DECLS
