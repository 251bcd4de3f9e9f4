/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Watches one publisher of a VideoRoom: a member that learns who publishes, and a subscription. */
#pragma once

#include "janus-handle.h"

G_BEGIN_DECLS

typedef struct _JanusWatch JanusWatch;

/* @callbacks: `answered` has the server's offer, or %NULL if the server accepted our answer. */
JanusWatch *   janus_watch_new           (WsLink                     * link,
                                          JanusReports               * reports,
                                          GstRcastNetSignaller       * element,
                                          const JanusSettings        * settings,
                                          gboolean                   * string_ids,
                                          const JanusHandleCallbacks * callbacks,
                                          gpointer                     data);
void           janus_watch_free          (JanusWatch                 * watch);

void           janus_watch_join          (JanusWatch                 * watch,
                                          guint64                      session);
gboolean       janus_watch_request_offer (JanusWatch                 * watch,
                                          GstRcastOfferKind            kind,
                                          GError                    ** error);
gboolean       janus_watch_answer        (JanusWatch                 * watch,
                                          const gchar                * sdp,
                                          GError                    ** error);
void           janus_watch_settle        (JanusWatch                 * watch);
void           janus_watch_drop_request  (JanusWatch                 * watch);
gboolean       janus_watch_has_request   (JanusWatch                 * watch);
void           janus_watch_add_candidate (JanusWatch                 * watch,
                                          guint                        mline,
                                          const gchar                * ufrag,
                                          const gchar                * candidate);

/* stop(): the connection is lost. forget(): the session is gone. resync(): a claim has restored the
 * session. resumed(): the session is open again. */
void           janus_watch_stop          (JanusWatch                 * watch);
void           janus_watch_forget        (JanusWatch                 * watch);
void           janus_watch_resync        (JanusWatch                 * watch);
void           janus_watch_resumed       (JanusWatch                 * watch);
void           janus_watch_leave         (JanusWatch                 * watch);

gboolean       janus_watch_take          (JanusWatch                 * watch,
                                          const JanusMessage         * message);

G_END_DECLS
