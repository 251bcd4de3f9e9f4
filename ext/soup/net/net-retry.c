/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads how long a server asks us to wait: Retry-After. */
#include "config.h"

#include "net-retry.h"

#include <string.h>

/* Returns: (nullable) (transfer full) */
static GDateTime *
parse_date (const gchar * text)
{
  return text && g_ascii_isalpha (*text) ?
      soup_date_time_new_from_http_string (text) : NULL;
}

/**
 * net_parse_retry_after:
 * @value: (nullable): value of a Retry-After header: seconds or a date (RFC 9110 10.2.3)
 * @date: (nullable): value of the Date header of the same answer
 *
 * A date is by the server's clock, so it is compared with @date. Our clock may be off by years,
 * and is used only without @date.
 *
 * Returns: how long the server asks to wait, or %GST_CLOCK_TIME_NONE if @value is invalid
 */
GstClockTime
net_parse_retry_after (const gchar * value, const gchar * date)
{
  g_autofree gchar *text = NULL;
  g_autoptr (GDateTime) then = NULL, now = NULL;
  GTimeSpan span;

  if (!value)
    return GST_CLOCK_TIME_NONE;
  text = g_strstrip (g_strdup (value));
  if (*text && text[strspn (text, "0123456789")] == '\0') {
    guint64 seconds = g_ascii_strtoull (text, NULL, 10);

    return MIN (seconds, NET_MAX_RETRY_AFTER / GST_SECOND) * GST_SECOND;
  }
  then = parse_date (text);
  if (!then)
    return GST_CLOCK_TIME_NONE;
  now = parse_date (date);
  if (!now)
    now = g_date_time_new_now_utc ();
  span = g_date_time_difference (then, now);
  if (span <= 0)
    return 0;
  return MIN ((guint64) span, NET_MAX_RETRY_AFTER / GST_USECOND) * GST_USECOND;
}

/* Returns: the wait that the answer to @msg asks for, or %GST_CLOCK_TIME_NONE */
GstClockTime
net_retry_after (SoupMessage * msg)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (msg);

  return net_parse_retry_after (soup_message_headers_get_list (headers,
          "Retry-After"), soup_message_headers_get_list (headers, "Date"));
}
