/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An untrusted Retry-After header: the delay is a day at most. */
#include "config.h"

#include "fuzz.h"

#include "net-retry.h"

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  g_autofree gchar *value = fuzz_string (data, size);
  const gchar *const dates[] = { "Thu, 01 Jan 2026 00:00:00 GMT", value, NULL };

  for (guint i = 0; i < G_N_ELEMENTS (dates); i++) {
    GstClockTime delay = net_parse_retry_after (value, dates[i]);

    g_assert (delay == GST_CLOCK_TIME_NONE || delay <= NET_MAX_RETRY_AFTER);
  }
  return 0;
}
