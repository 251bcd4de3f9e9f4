/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Scripted HTTP servers on loopback: one speaks correct HTTP, one sends raw bytes. */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* One request of the client */
typedef struct
{
  gchar *method, *target;       /* path and query */
  SoupMessageHeaders *headers;
  gchar *body;
  SoupServerMessage *msg;       /* while the answer is held */
} HttpRequest;

/* One answer. The script takes the first one that has no method or the request's method.
 * LF separates the lines of @headers. */
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
  GPtrArray *requests;          /* HttpRequest, oldest first */
  GQueue replies;               /* HttpReply, copied */
  const HttpReply *defaults;    /* ends with status 0 */
  guint numbered;               /* answers so far with %u in a header */

  /* With TLS */
  GTlsCertificate *certificate;
  GSocketListener *listener;
  GCancellable *cancellable;
  guint accepting;              /* pending operations */
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

/* What the raw server does with a connection once it has sent its bytes */
typedef enum
{
  RAW_CLOSE,                    /* closes it */
  RAW_HOLD,                     /* never closes it */
  RAW_DRIP,                     /* sends one byte each 20 ms; repeats the last one for ever */
  RAW_FLOOD,                    /* goes on to send x without end */
  RAW_RESET,                    /* resets it */
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
