/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Advances a test clock. No wait for a clock entry lasts for ever. */
#pragma once

#include <gst/check/gstcheck.h>
#include <gst/check/gsttestclock.h>

#include "rcast-check.h"

G_BEGIN_DECLS

/* Advances @clock to its next entry within @limit. Returns: FALSE if there is none */
static inline gboolean
crank_within (GstTestClock * clock, GstClockTime limit)
{
  GstClockTime now = gst_clock_get_time (GST_CLOCK (clock));
  GstClockTime due = gst_test_clock_get_next_entry_time (clock);
  GstClockID id;

  if (!GST_CLOCK_TIME_IS_VALID (due) || due > now + limit)
    return FALSE;
  gst_test_clock_set_time (clock, MAX (due, now));
  id = gst_test_clock_process_next_clock_id (clock);
  if (!id)
    return FALSE;
  gst_clock_id_unref (id);
  return TRUE;
}

/* Waits for a clock entry. Returns: (transfer full): the next one */
static inline GstClockID
crank_await (GstTestClock * clock)
{
  GstClockID id = NULL;

  gst_test_clock_timed_wait_for_multiple_pending_ids (clock, 1,
      RCAST_CHECK_PATIENCE / G_TIME_SPAN_MILLISECOND, NULL);
  fail_unless (gst_test_clock_peek_next_pending_id (clock, &id),
      "nobody asks for the time, which is %" GST_TIME_FORMAT,
      GST_TIME_ARGS (gst_clock_get_time (GST_CLOCK (clock))));
  return id;
}

G_END_DECLS
