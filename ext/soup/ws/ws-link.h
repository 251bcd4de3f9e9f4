/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connection of a session to its server: a WebSocket, and the requests that wait for an answer. */
#pragma once

#include "gstrcastnetsignaller.h"

G_BEGIN_DECLS

/**
 * WsLinkCallbacks:
 * @opened: messages can be sent
 * @lost: the connection is over, because of @error. The link has dropped pending requests without
 *   an answer
 *
 * Callbacks of the owner. Each may clear the link.
 */
typedef struct
{
  void (*opened) (gpointer data);
  void (*lost)   (const GError * error, gpointer data);
} WsLinkCallbacks;

/**
 * WsLinkFuncs:
 * @take: takes a message. Returns: %FALSE with @error if it is not one of the protocol. May
 *   clear the link
 * @ignored: (nullable): an invalid message was ignored, because of @error. May clear the link
 * @disconnected: (nullable): the link has no connection any more
 * @clear_request: (nullable): frees the contents of a request
 * @resets: whether a lost connection is reset: what it still has to send never arrives
 *
 * Functions of the protocol.
 */
typedef struct
{
  gboolean (*take)          (gpointer link, const gchar * text, gsize size, GError ** error);
  void     (*ignored)       (gpointer link, const GError * error);
  void     (*disconnected)  (gpointer link);
  void     (*clear_request) (gpointer request);
  gboolean resets;
} WsLinkFuncs;

/* What the link of each protocol begins with. */
typedef struct
{
  const WsLinkFuncs *funcs;     /* borrowed, as the next four */
  GstRcastNetSignaller *element;
  const GstRcastNetSettings *settings;
  const WsLinkCallbacks *callbacks;
  gpointer data;
  gchar *url;                   /* without secrets */

  NetWebsocket *ws;
  NetWebsocketSettings last;    /* of the last connection */
  gchar *uplink;                /* nullable: of the last connection, too */
  gboolean joined;              /* the protocol sets it: invalid messages are ignored */
  GHashTable *requests;         /* by number */
  guint64 next_number;          /* continues across connections */
} WsLink;

/**
 * WsAnswered:
 * @request: number of the request
 * @answer: (nullable): the server's message that answers it, perhaps a refusal
 * @error: (nullable): why there is no @answer
 * @data: as given with the request
 *
 * A request is done. Called at most once, and not after the link was lost or the request
 * was forgotten. It may clear the link.
 */
typedef void (*WsAnswered) (guint64 request, gconstpointer answer, const GError * error, gpointer data);

/**
 * WsRequest:
 * @what: name of the request
 * @ms: how long to wait for the answer
 * @answered: (nullable): %NULL if the answer is not needed
 * @data: for @answered
 *
 * What the request of each protocol begins with. The link sets the rest.
 */
typedef struct
{
  const gchar *what;
  guint ms;
  WsAnswered answered;
  gpointer data;

  WsLink *link;
  guint64 number;
  GSource *timer;
} WsRequest;

void      ws_link_init         (WsLink                    * link,
                                GstRcastNetSignaller      * element,
                                const GstRcastNetSettings * settings,
                                const WsLinkFuncs         * funcs,
                                const WsLinkCallbacks     * callbacks,
                                gpointer                    data);
void      ws_link_clear        (WsLink                    * link);

/* @settings: the link sets those members that it knows. */
void      ws_link_connect      (WsLink                    * link,
                                NetWebsocketSettings        settings);
/* Disconnects at once, without a closing handshake. Sent data still arrives, unless @reset. */
void      ws_link_disconnect   (WsLink                    * link,
                                gboolean                    reset);
/* `lost` follows. */
void      ws_link_close        (WsLink                    * link);
void      ws_link_send         (WsLink                    * link,
                                const gchar               * text);
gboolean  ws_link_is_open      (WsLink                    * link);
gboolean  ws_link_is_connected (WsLink                    * link);
void      ws_link_reached      (WsLink                    * link,
                                gint64                      since);
void      ws_link_blame_uplink (WsLink                    * link);

guint64   ws_link_add          (WsLink                    * link,
                                gpointer                    request);
gpointer  ws_link_find         (WsLink                    * link,
                                guint64                     number);
void      ws_link_forget       (WsLink                    * link,
                                guint64                     number);
void      ws_request_expect    (WsRequest                 * request);
void      ws_request_end       (WsRequest                 * request,
                                gconstpointer               answer,
                                const GError              * error);

GError *  ws_link_new_error    (WsLink                    * link,
                                GstRcastError               code,
                                const gchar               * format,
                                ...) G_GNUC_PRINTF (3, 4);

G_END_DECLS
