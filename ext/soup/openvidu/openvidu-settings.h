/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The settings of an OpenVidu session, and the tickets that it is entered with. */
#pragma once

#include "gstrcastnetsignaller.h"

G_BEGIN_DECLS

/**
 * OpenviduTicket:
 * @token: the whole URL, as a join takes it
 * @session: (nullable): the name of the session; %NULL: the location's
 * @secret: (nullable): of the server, where the URL has it
 *
 * What one join takes: a token with what came in its URL.
 */
typedef struct
{
  gchar *token;
  gchar *session;
  gchar *secret;
} OpenviduTicket;

/**
 * OpenviduSettings:
 * @net: what all network signallers have; its URL is `ws://` or `wss://`
 * @ticket: of the location; its token is %NULL if there is none
 * @metadata: of our connection, for the other participants
 * @type_of_video: `CAMERA`, `SCREEN`, `CUSTOM` or `IPCAM`
 * @watches: whether a stream is received, and none is published
 * @feed: (nullable): which one: identifier of a connection or a stream
 * @display: (nullable): which one: name of its publisher
 * @pong_timeout: milliseconds of silence after which the WebSocket is lost
 *
 * As they were when the session was opened.
 */
typedef struct
{
  GstRcastNetSettings *net;
  OpenviduTicket ticket;
  gchar *metadata;
  gchar *type_of_video;
  gboolean watches;
  gchar *feed, *display;
  guint pong_timeout;           /* ms */
} OpenviduSettings;

GUri *          openvidu_settings_parse_location (OpenviduSettings  * settings,
                                                  const gchar       * location,
                                                  GstRcastDirection   direction,
                                                  GError           ** error);
void            openvidu_settings_free           (OpenviduSettings  * settings);

gboolean        openvidu_ticket_parse            (OpenviduTicket    * ticket,
                                                  const gchar       * token,
                                                  GUri              * server,
                                                  GError           ** error);
void            openvidu_ticket_clear            (OpenviduTicket    * ticket);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OpenviduSettings, openvidu_settings_free)

G_END_DECLS
