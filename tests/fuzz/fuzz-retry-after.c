/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A Retry-After header from a stranger: never more than a day. */
#include "config.h"

#include "fuzz.h"

#include "whip-headers.h"

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  g_autofree gchar *value = fuzz_string (data, size);
  g_autoptr (GDateTime) now = g_date_time_new_utc (2026, 1, 1, 0, 0, 0);
  GstClockTime delay = whip_parse_retry_after (value, now);

  g_assert (delay == GST_CLOCK_TIME_NONE || delay <= WHIP_MAX_RETRY_AFTER);
  return 0;
}
