/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How soon the next session with a consumer may start after failed ones. Pure. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * GstsigPace:
 * @failures: sessions in a row that failed
 * @last: when the last one ended, monotonic, us
 *
 * Each session costs a webrtcbin, regardless of the consumer: a consumer that reconnects
 * has another identifier. A zeroed pace has no failures.
 */
typedef struct
{
  guint failures;
  gint64 last;
} GstsigPace;

/* A session that began at @began ends at @now. @used: whether its offer was answered. */
void  gstsig_pace_ended     (GstsigPace        * pace,
                             gint64              began,
                             gboolean            used,
                             gint64              now);
guint gstsig_pace_get_delay (const GstsigPace  * pace,
                             gint64              now);

G_END_DECLS
