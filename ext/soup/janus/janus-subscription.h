/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A handle that subscribes to a publisher of a VideoRoom. The server offers the media to us. */
#pragma once

#include "janus-join.h"
#include "janus-link.h"

G_BEGIN_DECLS

typedef struct _JanusSubscription JanusSubscription;

/**
 * JanusSubscriptionCallbacks:
 * @offered: the requested offer
 * @started: the server accepted the answer
 * @failed: the operation failed. @error: (nullable): %NULL if the server refused @what
 * @lost: the feed no longer sends, because of @why: the feed, the handle or its media is
 *   gone
 *
 * Each callback is the last thing that the subscription does.
 */
typedef struct
{
  void (*offered) (const gchar * sdp, gpointer data);
  void (*started) (gpointer data);
  void (*failed)  (const JanusMessage * refusal, const GError * error, const gchar * what, gpointer data);
  void (*lost)    (const gchar * why, gpointer data);
} JanusSubscriptionCallbacks;

JanusSubscription * janus_subscription_new           (WsLink                           * link,
                                                      GstRcastNetSignaller             * element,
                                                      JanusJoin                        * join,
                                                      const JanusSubscriptionCallbacks * callbacks,
                                                      gpointer                           data);
void                janus_subscription_free          (JanusSubscription                * self);

/* A callback follows each, unless the operation fails at once or is dropped. */
void                janus_subscription_begin         (JanusSubscription                * self,
                                                      guint64                            session,
                                                      const JanusId                    * feed,
                                                      guint64                            private_id);
gboolean            janus_subscription_restart       (JanusSubscription                * self,
                                                      GError                          ** error);
gboolean            janus_subscription_answer        (JanusSubscription                * self,
                                                      const gchar                      * sdp,
                                                      GError                          ** error);
void                janus_subscription_drop_request  (JanusSubscription                * self);
gboolean            janus_subscription_has_request   (JanusSubscription                * self);

void                janus_subscription_follow        (JanusSubscription                * self,
                                                      const JanusId                    * feed);
gboolean            janus_subscription_is_open       (JanusSubscription                * self);
gboolean            janus_subscription_is_settled    (JanusSubscription                * self);
const JanusId *     janus_subscription_get_feed      (JanusSubscription                * self);
void                janus_subscription_add_candidate (JanusSubscription                * self,
                                                      guint                              mline,
                                                      const gchar                      * ufrag,
                                                      const gchar                      * candidate);
void                janus_subscription_flush         (JanusSubscription                * self);

void                janus_subscription_stop          (JanusSubscription                * self);
gboolean            janus_subscription_was_cut       (JanusSubscription                * self);
void                janus_subscription_forget        (JanusSubscription                * self);
void                janus_subscription_leave         (JanusSubscription                * self);

gboolean            janus_subscription_is_sender     (JanusSubscription                * self,
                                                      const JanusMessage               * message);
void                janus_subscription_take          (JanusSubscription                * self,
                                                      const JanusMessage               * message);

G_END_DECLS
