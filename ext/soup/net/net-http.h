/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One HTTP exchange with libsoup, bounded in time and size. */
#pragma once

#include <gst/gst.h>
#include <libsoup/soup.h>

#include "net-client.h"
#include "net-tries.h"

G_BEGIN_DECLS

/* Limit of 1xx responses before an answer. libsoup reads them without returning to the main loop,
 * so an endless series would block the thread. */
#define NET_HTTP_MAX_INTERIM 16

typedef struct _NetHttp NetHttp;

/* How the caller uses the body of an answer. */
typedef enum
{
  NET_HTTP_BODY_NEEDED,         /* a success without a body is an error */
  NET_HTTP_BODY_OPTIONAL,       /* the status suffices */
  NET_HTTP_BODY_STREAM,         /* of a success: passed on as it arrives, without an end */
} NetHttpBody;

/**
 * NetHttpDone:
 * @msg: the message, with status and headers
 * @body: (nullable): the part of the body that was read, %NULL with @error
 * @error: (nullable): %GST_RCAST_ERROR, or %G_IO_ERROR_CANCELLED
 * @data: as given to net_http_start()
 *
 * Called exactly once, in the main context in which the exchange was started. A message
 * with an error status is not an @error.
 */
typedef void (*NetHttpDone) (SoupMessage * msg, GBytes * body, const GError * error, gpointer data);

NetHttp *   net_http_start   (NetClient     * client,
                                  SoupMessage   * msg,
                                  guint           connect_timeout,
                                  guint           timeout,
                                  gsize           max_size,
                                  NetHttpBody   need,
                                  NetHttpDone   done,
                                  gpointer        data);
/* Called with each part of a streamed body. Returns: whether to continue */
typedef gboolean (*NetHttpChunk) (const gchar * bytes, gsize size, gpointer data);

void          net_http_set_chunk     (NetHttp * http, NetHttpChunk chunk);
gboolean      net_http_is_connecting (NetHttp * http);
gboolean      net_http_is_sent (NetHttp     * http);
gboolean      net_http_is_deserted   (NetHttp * http);
void          net_http_cancel  (NetHttp     * http);

GError *      net_http_describe_error       (SoupMessage          * msg,
                                             const GError         * error,
                                             NetTries             * tries);
gchar *       net_http_describe_status      (SoupMessage          * msg);
gboolean      net_http_has_type             (SoupMessage          * msg,
                                             const gchar          * type);
gboolean      net_http_is_page              (SoupMessage          * msg);
gchar *       net_http_describe_certificate (GTlsCertificateFlags   flags);

G_END_DECLS
