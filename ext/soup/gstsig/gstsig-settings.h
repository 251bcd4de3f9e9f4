/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Settings of a peer at a gst-webrtc-signalling-server. */
#pragma once

#include "gstrcastnetsignaller.h"

G_BEGIN_DECLS

/**
 * GstsigSettings:
 * @net: settings of all network signallers; the URL is `ws://` or `wss://`
 * @meta: (nullable): our metadata, which other peers can see, with the name from the location
 * @receives: whether we receive media
 * @name: (nullable): of the producer: ours, or of the one to watch; %NULL: any
 * @consumer: (nullable): name of the consumer that a producer starts the session with: we
 *   start it or, if we receive, the name is ours
 * @peer: (nullable): identifier of the other peer, to choose it by that
 * @pong_timeout: milliseconds of silence after which the WebSocket is lost
 *
 * A snapshot, taken when the connection was opened.
 */
typedef struct
{
  GstRcastNetSettings *net;
  GstStructure *meta;
  gboolean receives;
  gchar *name, *consumer, *peer;
  guint pong_timeout;           /* ms */
} GstsigSettings;

GUri *   gstsig_settings_parse_location (GstsigSettings        * settings,
                                         const gchar           * location,
                                         GstRcastDirection       direction,
                                         GError               ** error);
void     gstsig_settings_free           (GstsigSettings        * settings);

gboolean gstsig_settings_calls          (const GstsigSettings  * settings);
gboolean gstsig_settings_is_called      (const GstsigSettings  * settings);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstsigSettings, gstsig_settings_free)

G_END_DECLS
