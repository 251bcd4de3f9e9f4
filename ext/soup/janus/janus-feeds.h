/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The handles of a Janus session: the current feed, its replacement, and the previous feed. */
#pragma once

#include "janus-handle.h"
#include "janus-role.h"

G_BEGIN_DECLS

typedef struct _JanusFeeds JanusFeeds;

extern const JanusRoleFuncs janus_feeds_funcs;

JanusFeeds *   janus_feeds_new           (WsLink                     * link,
                                          JanusReports               * reports,
                                          GstRcastNetSignaller       * element,
                                          const JanusSettings        * settings,
                                          gboolean                   * string_ids,
                                          const JanusRoleCallbacks   * callbacks,
                                          gpointer                     data);

G_END_DECLS
