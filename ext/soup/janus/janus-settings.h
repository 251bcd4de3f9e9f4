/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The settings of a Janus session: server, room and publisher. */
#pragma once

#include <gio/gio.h>

#include "gstrcastnetsignaller.h"
#include "janus-message.h"

G_BEGIN_DECLS

/**
 * JanusSettings:
 * @net: what all network signallers have; its URL is `ws://` or `wss://`
 * @room: with @id in it, and the texts that a join or a new room takes
 * @create_room: whether to make the room if there is none
 * @publish: what goes with the offer
 * @feed: (nullable): the identifier of the publisher that is watched
 * @watched: (nullable): the display name of the publisher that is watched; with neither,
 *   nobody is: we publish
 * @api_secret: (nullable): the server's secret
 * @ping_interval: seconds between the pings of the WebSocket
 * @pong_timeout: milliseconds of silence after which the WebSocket is lost
 *
 * As they were when the session was opened.
 */
typedef struct
{
  GstRcastNetSettings *net;
  JanusRoom room;
  gboolean create_room;
  JanusPublish publish;
  gchar *feed, *watched;
  gchar *api_secret;
  guint ping_interval;          /* s */
  guint pong_timeout;           /* ms */
} JanusSettings;

GUri *          janus_settings_parse_location (JanusSettings  * settings,
                                               const gchar    * location,
                                               GstRcastDirection direction,
                                               GError        ** error);
gboolean        janus_settings_do_watch       (const JanusSettings * settings);
void            janus_settings_free           (JanusSettings  * settings);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (JanusSettings, janus_settings_free)

G_END_DECLS
