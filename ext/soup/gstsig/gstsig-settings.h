/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The settings of a peer at a signalling server of GStreamer. */
#pragma once

#include "gstrcastnetsignaller.h"

G_BEGIN_DECLS

/**
 * GstsigSettings:
 * @net: what all network signallers have; its URL is `ws://` or `wss://`
 * @meta: (nullable): what other peers are told about us, the name of the location in it
 * @receives: whether media comes to us
 * @name: (nullable): of the producer: ourselves, or who is to be watched; %NULL: any
 * @consumer: (nullable): name of a consumer that waits to be called: by us or, where we
 *   receive, ourselves
 * @peer: (nullable): identifier of the other end, where that is chosen by it
 * @pong_timeout: milliseconds of silence after which the WebSocket is lost
 *
 * As they were when the connection was opened.
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
