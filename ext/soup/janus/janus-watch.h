/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Watches one publisher of a VideoRoom: a member that learns who publishes, and a subscription. */
#pragma once

#include "janus-handle.h"
#include "janus-role.h"

G_BEGIN_DECLS

typedef struct _JanusWatch JanusWatch;

extern const JanusRoleFuncs janus_watch_funcs;

/* @callbacks: `answered` has the server's offer, or %NULL if the server accepted our answer. */
JanusWatch *   janus_watch_new           (WsLink                     * link,
                                          JanusReports               * reports,
                                          GstRcastNetSignaller       * element,
                                          const JanusSettings        * settings,
                                          gboolean                   * string_ids,
                                          const JanusRoleCallbacks   * callbacks,
                                          gpointer                     data);

G_END_DECLS
