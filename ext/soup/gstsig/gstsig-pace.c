/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How soon the next session with a consumer may start after failed ones. Pure. */
#include "config.h"

#include "gstsig-pace.h"

/* Delay in ms after the second failure in a row, and the maximum; it doubles with each further
 * failure. There is none after the first failure: the consumer may be a page that was reloaded. */
#define FIRST_DELAY 500
#define MAX_DELAY 16000
#define MAX_DOUBLINGS 5
/* us; nobody leaves so soon on purpose */
#define SHORT_SESSION (250 * G_TIME_SPAN_MILLISECOND)
/* us after which failures are forgotten */
#define MEMORY (60 * G_TIME_SPAN_SECOND)

G_STATIC_ASSERT (FIRST_DELAY << MAX_DOUBLINGS == MAX_DELAY);

void
gstsig_pace_ended (GstsigPace * pace, gint64 began, gboolean used, gint64 now)
{
  if ((used && now - began >= SHORT_SESSION) || now - pace->last >= MEMORY)
    pace->failures = 0;
  if (!used || now - began < SHORT_SESSION)
    pace->failures = MIN (pace->failures + 1, MAX_DOUBLINGS + 2);
  pace->last = now;
}

/* Returns: ms until the next session may start; 0: now */
guint
gstsig_pace_get_delay (const GstsigPace * pace, gint64 now)
{
  gint64 due;

  if (pace->failures < 2)
    return 0;
  due = pace->last + ((gint64) FIRST_DELAY << (pace->failures - 2))
      * G_TIME_SPAN_MILLISECOND;
  return due <= now ? 0 : (due - now + G_TIME_SPAN_MILLISECOND - 1)
      / G_TIME_SPAN_MILLISECOND;
}
