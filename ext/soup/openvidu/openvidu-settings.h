/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Settings of an OpenVidu session, and the tickets for joining it. */
#pragma once

#include "gstrcastnetsignaller.h"

G_BEGIN_DECLS

/**
 * OpenviduTicket:
 * @token: the whole URL, as needed for a join
 * @session: (nullable): name of the session; %NULL: the location's
 * @secret: (nullable): of the server, if the URL has it
 *
 * The input of one join: a token and what its URL contained.
 */
typedef struct
{
  gchar *token;
  gchar *session;
  gchar *secret;
} OpenviduTicket;

/**
 * OpenviduSettings:
 * @net: settings of all network signallers; the URL is `ws://` or `wss://`
 * @ticket: from the location; its token is %NULL if there is none
 * @metadata: of our connection, for the other participants
 * @type_of_video: `CAMERA`, `SCREEN`, `CUSTOM` or `IPCAM`
 * @watches: whether to receive a stream instead of publishing one
 * @feed: (nullable): of the stream to watch: identifier of a connection or a stream
 * @display: (nullable): of the stream to watch: name of its publisher
 * @pong_timeout: milliseconds of silence after which the WebSocket is lost
 *
 * A snapshot, taken when the session was opened.
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
