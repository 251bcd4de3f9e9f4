/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Settings of a Janus session: server, room and publisher. */
#pragma once

#include <gio/gio.h>

#include "gstrcastnetsignaller.h"
#include "janus-message.h"

G_BEGIN_DECLS

/**
 * JanusSettings:
 * @net: settings of all network signallers; the URL is `ws://` or `wss://`
 * @room: the room, with its @id and the texts for joining or creating it
 * @create_room: whether to create the room if it does not exist
 * @publish: sent with the offer
 * @feed: (nullable): identifier of the publisher to watch
 * @watched: (nullable): display name of the publisher to watch; without it and @feed, we
 *   publish
 * @api_secret: (nullable): the server's secret
 * @ping_interval: seconds between the pings of the WebSocket
 * @pong_timeout: milliseconds of silence after which the WebSocket is lost
 *
 * A snapshot, taken when the session was opened.
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
