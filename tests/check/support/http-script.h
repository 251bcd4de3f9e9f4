/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* HTTP servers on loopback that do what a test tells them: one well-formed, one that is not. */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* One request as it came. */
typedef struct
{
  gchar *method, *target;       /* path and query */
  SoupMessageHeaders *headers;
  gchar *body;
  SoupServerMessage *msg;       /* while it is held */
} HttpRequest;

/* One answer; the first one without a method or with the request's is taken.
 * Lines of @headers are separated by LF. */
typedef struct
{
  const gchar *method;
  guint status;
  const gchar *headers, *type, *body;
  gboolean hold;                /* until http_script_release() */
} HttpReply;

typedef struct
{
  SoupServer *server;
  gchar *url;                   /* http://127.0.0.1:port */
  guint port;
  GPtrArray *requests;          /* HttpRequest, in their order */
  GQueue replies;               /* HttpReply, copied */
  const HttpReply *defaults;    /* ends with status 0 */
  guint numbered;               /* counts answers that had %u in a header */

  /* With TLS */
  GTlsCertificate *certificate;
  GSocketListener *listener;
  GCancellable *cancellable;
  guint accepting;              /* operations under way */
} HttpScript;

HttpScript *   http_script_new       (const HttpReply  * defaults,
                                      const gchar      * certificate);
void           http_script_free      (HttpScript       * script);
void           http_script_add       (HttpScript       * script,
                                      HttpReply          reply);
void           http_script_release   (HttpScript       * script,
                                      HttpRequest      * request);
HttpRequest *  http_script_get       (HttpScript       * script,
                                      guint              index);
guint          http_script_count     (HttpScript       * script,
                                      const gchar      * method);
HttpRequest *  http_script_find      (HttpScript       * script,
                                      const gchar      * method,
                                      guint              nth);
const gchar *  http_request_header   (HttpRequest      * request,
                                      const gchar      * name);

#define CONTINUE "HTTP/1.1 100 Continue\r\n\r\n"
#define CONTINUE_5 CONTINUE CONTINUE CONTINUE CONTINUE CONTINUE

/* A socket that reads a request (or not) and sends bytes. */
typedef enum
{
  RAW_CLOSE,                    /* after the bytes */
  RAW_HOLD,                     /* never closes */
  RAW_DRIP,                     /* one byte each 20 ms, for ever the last one */
  RAW_FLOOD,                    /* the bytes, then x without end */
  RAW_RESET,                    /* after the bytes */
} RawEnd;

typedef struct
{
  GSocketListener *listener;
  GCancellable *cancellable;
  guint port, accepted;
  GPtrArray *connections;
  GPtrArray *timers;            /* GSource */
  const gchar *bytes;
  gboolean read_first;
  RawEnd end;
} RawServer;

RawServer *    raw_server_new        (const gchar      * bytes,
                                      gboolean           read_first,
                                      RawEnd             end);
void           raw_server_free       (RawServer        * raw);

G_END_DECLS
