/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The settings of a producer at a signalling server of GStreamer. */
#pragma once

#include "gstrcastnetsignaller.h"

G_BEGIN_DECLS

/**
 * GstsigSettings:
 * @net: what all network signallers have; its URL is `ws://` or `wss://`
 * @meta: (nullable): what other peers are told about us, the name of the location in it
 * @pong_timeout: milliseconds of silence after which the WebSocket is lost
 *
 * As they were when the connection was opened.
 */
typedef struct
{
  GstRcastNetSettings *net;
  GstStructure *meta;
  guint pong_timeout;           /* ms */
} GstsigSettings;

GUri *  gstsig_settings_parse_location (GstsigSettings  * settings,
                                        const gchar     * location,
                                        GError         ** error);
void    gstsig_settings_free           (GstsigSettings  * settings);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstsigSettings, gstsig_settings_free)

G_END_DECLS
