/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What errors and events of a signaller mean to the policy. */
#include "config.h"

#include "gstrcastfaults.h"

#include <gio/gio.h>

#include "rcast-error.h"

gboolean
gst_rcast_fault_is_cancelled (const GError * error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* The server has no such session, whatever the request was. */
gboolean
gst_rcast_fault_is_gone (const GError * error)
{
  return g_error_matches (error, GST_RCAST_ERROR, GST_RCAST_ERROR_SESSION_GONE);
}

/* Returns: whether the policy needs @event */
gboolean
gst_rcast_fault_translate (GstRcastServerEvent event,
    GstRcastEventType * type, GstRcastReason * reason)
{
  static const struct
  {
    GstRcastEventType type;
    GstRcastReason reason;
  } rows[] = {
    [GST_RCAST_SERVER_RECONNECTING] = {GST_RCAST_EVENT_SERVER_RECONNECTING,
        GST_RCAST_REASON_SERVER_CLOSED},
    [GST_RCAST_SERVER_RECONNECTED] = {GST_RCAST_EVENT_SERVER_RECONNECTED,
        GST_RCAST_REASON_NONE},
    [GST_RCAST_SERVER_MEDIA_SILENT] = {GST_RCAST_EVENT_MEDIA_SUSPECT,
        GST_RCAST_REASON_MEDIA_FROZEN},
    [GST_RCAST_SERVER_MEDIA_FLOWING] = {GST_RCAST_EVENT_MEDIA_CONFIRMED,
        GST_RCAST_REASON_NONE},
    [GST_RCAST_SERVER_HANGUP] = {GST_RCAST_EVENT_SERVER_HANGUP,
        GST_RCAST_REASON_SERVER_CLOSED},
    [GST_RCAST_SERVER_EVICTED] = {GST_RCAST_EVENT_EVICTED,
        GST_RCAST_REASON_EVICTED},
    [GST_RCAST_SERVER_WAITING] = {GST_RCAST_EVENT_SERVER_WAITING,
        GST_RCAST_REASON_NONE},
  };

  if (event == GST_RCAST_SERVER_SLOW_LINK)
    return FALSE;
  *type = rows[event].type;
  *reason = rows[event].reason;
  return TRUE;
}

/* Returns: whether @error is about the network, so that the server may be fine */
gboolean
gst_rcast_fault_is_unreachable (const GError * error)
{
  return g_error_matches (error, GST_RCAST_ERROR, GST_RCAST_ERROR_NETWORK)
      || g_error_matches (error, GST_RCAST_ERROR, GST_RCAST_ERROR_TIMEOUT);
}

/* Fills in the fields of @event that the policy needs of @error */
void
gst_rcast_fault_classify (const GError * error, GstRcastEvent * event)
{
  GstClockTime retry_after = gst_rcast_error_get_retry_after (error);
  GstRcastErrorClass class = gst_rcast_error_get_class (error);

  event->busy = class == GST_RCAST_ERROR_CLASS_BUSY;
  event->fatal = class == GST_RCAST_ERROR_CLASS_FATAL
      || g_error_matches (error, GST_RCAST_ERROR, GST_RCAST_ERROR_OCCUPIED);
  event->unusable = g_error_matches (error, GST_RCAST_ERROR,
      GST_RCAST_ERROR_INVALID_DATA);
  event->retry_after = GST_CLOCK_TIME_IS_VALID (retry_after) ? retry_after : 0;
  event->unreachable = gst_rcast_fault_is_unreachable (error);
}

/* Returns: the reason for an end that the server's @error causes */
GstRcastReason
gst_rcast_fault_get_reason (const GError * error)
{
  if (error->domain != GST_RCAST_ERROR)
    return GST_RCAST_REASON_SIGNALLING_LOST;
  switch ((GstRcastError) error->code) {
    case GST_RCAST_ERROR_UNAUTHORIZED:
    case GST_RCAST_ERROR_REJECTED:
    case GST_RCAST_ERROR_NOT_ACCEPTABLE:
    case GST_RCAST_ERROR_NOT_SUPPORTED:
    case GST_RCAST_ERROR_BUSY:
    case GST_RCAST_ERROR_INVALID_ARGUMENT:
    case GST_RCAST_ERROR_TLS:
    case GST_RCAST_ERROR_NO_TOKEN:
    case GST_RCAST_ERROR_OCCUPIED:
      return GST_RCAST_REASON_REJECTED;
    case GST_RCAST_ERROR_NO_STREAM:
      return GST_RCAST_REASON_NO_STREAM;
    case GST_RCAST_ERROR_SESSION_GONE:
      return GST_RCAST_REASON_EVICTED;
    case GST_RCAST_ERROR_NETWORK:
      return GST_RCAST_REASON_NETWORK_LOST;
    case GST_RCAST_ERROR_FAILED:
    case GST_RCAST_ERROR_TIMEOUT:
    case GST_RCAST_ERROR_INVALID_DATA:
    case GST_RCAST_ERROR_COUNTER_OFFER:
      return GST_RCAST_REASON_SIGNALLING_LOST;
  }
  return GST_RCAST_REASON_SIGNALLING_LOST;
}
