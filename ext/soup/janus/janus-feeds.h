/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The handles of a Janus session: the current feed, its replacement, and the previous feed. */
#pragma once

#include "janus-handle.h"

G_BEGIN_DECLS

typedef struct _JanusFeeds JanusFeeds;

JanusFeeds *   janus_feeds_new           (WsLink                     * link,
                                          JanusReports               * reports,
                                          GstRcastNetSignaller       * element,
                                          const JanusSettings        * settings,
                                          gboolean                   * string_ids,
                                          const JanusHandleCallbacks * callbacks,
                                          gpointer                     data);
void           janus_feeds_free          (JanusFeeds                 * feeds);

void           janus_feeds_join          (JanusFeeds                 * feeds,
                                          guint64                      session);
gboolean       janus_feeds_offer         (JanusFeeds                 * feeds,
                                          GstRcastOfferKind            kind,
                                          const gchar                * sdp,
                                          GError                    ** error);
void           janus_feeds_settle        (JanusFeeds                 * feeds);
void           janus_feeds_drop_offer    (JanusFeeds                 * feeds);
gboolean       janus_feeds_has_offer     (JanusFeeds                 * feeds);
void           janus_feeds_add_candidate (JanusFeeds                 * feeds,
                                          guint                        mline,
                                          const gchar                * ufrag,
                                          const gchar                * candidate);

/* stop(): the connection is lost. forget(): the handle is gone, and its media with it. resync(): a
 * claim has restored the session. */
void           janus_feeds_stop          (JanusFeeds                 * feeds);
void           janus_feeds_forget        (JanusFeeds                 * feeds);
void           janus_feeds_resync        (JanusFeeds                 * feeds);
void           janus_feeds_leave         (JanusFeeds                 * feeds);

gboolean       janus_feeds_take          (JanusFeeds                 * feeds,
                                          const JanusMessage         * message);

G_END_DECLS
