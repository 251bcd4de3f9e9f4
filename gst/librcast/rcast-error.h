/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One error domain whose codes say what the caller should do next. */
#pragma once

#include <gst/gst.h>

#include "rcast-api.h"

G_BEGIN_DECLS

#define GST_RCAST_ERROR (gst_rcast_error_quark ())

/**
 * GstRcastError:
 * @GST_RCAST_ERROR_FAILED: the server has trouble (5xx and unknown): try again later
 * @GST_RCAST_ERROR_NETWORK: unreachable, refused, reset: try again, on another path if there is one
 * @GST_RCAST_ERROR_TIMEOUT: no answer in time; the request may have taken effect
 * @GST_RCAST_ERROR_BUSY: 429, 503, or a session of ours holds the slot: wait, then try again
 * @GST_RCAST_ERROR_SESSION_GONE: the server no longer knows the session: open a new one
 * @GST_RCAST_ERROR_NOT_SUPPORTED: the server does not support this step: use another one
 * @GST_RCAST_ERROR_UNAUTHORIZED: 401, token missing, wrong or expired: get a new one
 * @GST_RCAST_ERROR_REJECTED: 403, 404, 410 at the endpoint: a final refusal; another location
 *   may accept
 * @GST_RCAST_ERROR_NOT_ACCEPTABLE: 406, 415, 422: the server refuses the offer: change the offer
 * @GST_RCAST_ERROR_INVALID_DATA: the response does not follow the protocol
 * @GST_RCAST_ERROR_INVALID_ARGUMENT: a setting is wrong: correct it
 * @GST_RCAST_ERROR_TLS: the certificate is not trusted: correct the server or the CA
 * @GST_RCAST_ERROR_NO_TOKEN: the server refused the token, and the application has no other
 *   one at present: try again later
 * @GST_RCAST_ERROR_OCCUPIED: 400, 403 or 409 to an offer: a refusal, unless an abandoned
 *   session, perhaps of an earlier process, still holds the slot: try again for a while
 * @GST_RCAST_ERROR_COUNTER_OFFER: the server refuses the offer and makes its own: answer that
 * @GST_RCAST_ERROR_NO_STREAM: nobody publishes the stream now: not a refusal, ask again later
 *
 * Since: 0.1
 */
typedef enum {
  GST_RCAST_ERROR_FAILED,
  GST_RCAST_ERROR_NETWORK,
  GST_RCAST_ERROR_TIMEOUT,
  GST_RCAST_ERROR_BUSY,
  GST_RCAST_ERROR_SESSION_GONE,
  GST_RCAST_ERROR_NOT_SUPPORTED,
  GST_RCAST_ERROR_UNAUTHORIZED,
  GST_RCAST_ERROR_REJECTED,
  GST_RCAST_ERROR_NOT_ACCEPTABLE,
  GST_RCAST_ERROR_INVALID_DATA,
  GST_RCAST_ERROR_INVALID_ARGUMENT,
  GST_RCAST_ERROR_TLS,
  GST_RCAST_ERROR_NO_TOKEN,
  GST_RCAST_ERROR_OCCUPIED,
  GST_RCAST_ERROR_COUNTER_OFFER,
  GST_RCAST_ERROR_NO_STREAM,
} GstRcastError;

/**
 * GstRcastErrorClass:
 * @GST_RCAST_ERROR_CLASS_TRANSIENT: may go away by itself: retry with backoff
 * @GST_RCAST_ERROR_CLASS_INCONCLUSIVE: unknown whether the peer acted on the request
 * @GST_RCAST_ERROR_CLASS_FATAL: a retry without a change cannot help
 * @GST_RCAST_ERROR_CLASS_BUSY: the slot may be taken: retry with increasing delays
 *
 * Since: 0.1
 */
typedef enum {
  GST_RCAST_ERROR_CLASS_TRANSIENT,
  GST_RCAST_ERROR_CLASS_INCONCLUSIVE,
  GST_RCAST_ERROR_CLASS_FATAL,
  GST_RCAST_ERROR_CLASS_BUSY,
} GstRcastErrorClass;

GST_RCAST_API
GQuark              gst_rcast_error_quark           (void);

GST_RCAST_API
GError *            gst_rcast_error_new_http        (GstRcastError   code,
                                                     const gchar   * uri,
                                                     guint           http_status,
                                                     GstClockTime    retry_after,
                                                     const gchar   * format,
                                                     ...) G_GNUC_PRINTF (5, 6);

GST_RCAST_API
GstRcastErrorClass  gst_rcast_error_get_class       (const GError * error);
GST_RCAST_API
guint               gst_rcast_error_get_http_status (const GError * error);
GST_RCAST_API
GstClockTime        gst_rcast_error_get_retry_after (const GError * error);
GST_RCAST_API
const gchar *       gst_rcast_error_get_uri         (const GError * error);

G_END_DECLS
