/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One error domain whose codes say what the caller should do next. */
#include "config.h"

#include "rcast-error.h"

typedef struct
{
  gchar *uri;
  guint http_status;
  GstClockTime retry_after;
} GstRcastErrorPrivate;

static void
gst_rcast_error_private_init (GstRcastErrorPrivate * priv)
{
  priv->retry_after = GST_CLOCK_TIME_NONE;
}

static void
gst_rcast_error_private_copy (const GstRcastErrorPrivate * src,
    GstRcastErrorPrivate * dest)
{
  *dest = *src;
  dest->uri = g_strdup (src->uri);
}

static void
gst_rcast_error_private_clear (GstRcastErrorPrivate * priv)
{
  g_free (priv->uri);
}

G_DEFINE_EXTENDED_ERROR (GstRcastError, gst_rcast_error);

/**
 * gst_rcast_error_new_http:
 * @code: what the caller should do
 * @uri: (nullable): the URL of the request
 * @http_status: status of the response; 0 if there was none
 * @retry_after: how long the server wants us to wait, or %GST_CLOCK_TIME_NONE
 * @format: printf format of the message
 * @...: its arguments
 *
 * Returns: (transfer full): an error of %GST_RCAST_ERROR that carries @uri,
 *   @http_status and @retry_after
 */
GError *
gst_rcast_error_new_http (GstRcastError code, const gchar * uri,
    guint http_status, GstClockTime retry_after, const gchar * format, ...)
{
  va_list args;
  GError *error;
  GstRcastErrorPrivate *priv;

  va_start (args, format);
  error = g_error_new_valist (GST_RCAST_ERROR, code, format, args);
  va_end (args);

  priv = gst_rcast_error_get_private (error);
  priv->uri = g_strdup (uri);
  priv->http_status = http_status;
  priv->retry_after = retry_after;
  return error;
}

/**
 * gst_rcast_error_get_class:
 * @error: any error
 *
 * Returns: whether a retry can help; errors of other domains are transient
 */
GstRcastErrorClass
gst_rcast_error_get_class (const GError * error)
{
  g_return_val_if_fail (error != NULL, GST_RCAST_ERROR_CLASS_FATAL);

  if (error->domain != GST_RCAST_ERROR)
    return GST_RCAST_ERROR_CLASS_TRANSIENT;

  switch ((GstRcastError) error->code) {
    case GST_RCAST_ERROR_FAILED:
    case GST_RCAST_ERROR_NETWORK:
    case GST_RCAST_ERROR_SESSION_GONE:
    case GST_RCAST_ERROR_INVALID_DATA:
    case GST_RCAST_ERROR_NO_TOKEN:
    case GST_RCAST_ERROR_COUNTER_OFFER:
    case GST_RCAST_ERROR_NO_STREAM:
      return GST_RCAST_ERROR_CLASS_TRANSIENT;
    case GST_RCAST_ERROR_BUSY:
    case GST_RCAST_ERROR_OCCUPIED:
      return GST_RCAST_ERROR_CLASS_BUSY;
    case GST_RCAST_ERROR_TIMEOUT:
      return GST_RCAST_ERROR_CLASS_INCONCLUSIVE;
    case GST_RCAST_ERROR_NOT_SUPPORTED:
    case GST_RCAST_ERROR_UNAUTHORIZED:
    case GST_RCAST_ERROR_REJECTED:
    case GST_RCAST_ERROR_NOT_ACCEPTABLE:
    case GST_RCAST_ERROR_INVALID_ARGUMENT:
    case GST_RCAST_ERROR_TLS:
      return GST_RCAST_ERROR_CLASS_FATAL;
  }
  return GST_RCAST_ERROR_CLASS_TRANSIENT;
}

/* Returns: the HTTP status of @error; 0 if there is none */
guint
gst_rcast_error_get_http_status (const GError * error)
{
  if (!g_error_matches (error, GST_RCAST_ERROR, error ? error->code : 0))
    return 0;
  return gst_rcast_error_get_private (error)->http_status;
}

/* Returns: the Retry-After of @error, or GST_CLOCK_TIME_NONE */
GstClockTime
gst_rcast_error_get_retry_after (const GError * error)
{
  if (!g_error_matches (error, GST_RCAST_ERROR, error ? error->code : 0))
    return GST_CLOCK_TIME_NONE;
  return gst_rcast_error_get_private (error)->retry_after;
}

/* Returns: (nullable): the URL of @error */
const gchar *
gst_rcast_error_get_uri (const GError * error)
{
  if (!g_error_matches (error, GST_RCAST_ERROR, error ? error->code : 0))
    return NULL;
  return gst_rcast_error_get_private (error)->uri;
}
