/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Link to a Janus server: requests with tokens, and their answers. */
#pragma once

#include "janus-message.h"
#include "janus-settings.h"
#include "ws-link.h"

G_BEGIN_DECLS

/**
 * JanusLinkCallbacks:
 * @ws: callbacks for the connection
 * @message: the server sent a message that answers no request. It may free the link
 */
typedef struct
{
  WsLinkCallbacks ws;
  void (*message) (const JanusMessage * message, gpointer data);
} JanusLinkCallbacks;

/**
 * JanusTarget:
 * @session: 0: none
 * @handle: 0: none
 *
 * The target of a request.
 */
typedef struct
{
  guint64 session, handle;
} JanusTarget;

WsLink *     janus_link_new          (GstRcastNetSignaller     * element,
                                      const JanusSettings      * settings,
                                      const JanusLinkCallbacks * callbacks,
                                      gpointer                   data);
void         janus_link_free         (WsLink                   * ws);
void         janus_link_connect      (WsLink                   * ws);

/* Returns: the number of the request. @members: (transfer full) (nullable). The answer is a
 * #JanusMessage. */
guint64      janus_link_ask          (WsLink                   * link,
                                      const gchar              * verb,
                                      const JanusTarget        * target,
                                      gchar                    * members,
                                      WsAnswered                 answered,
                                      gpointer                   data);
/* Asks the plugin. An ack is not the answer; neither is a success, unless @immediate. */
guint64      janus_link_ask_plugin   (WsLink                   * link,
                                      const gchar              * request,
                                      const JanusTarget        * target,
                                      gchar                    * members,
                                      gboolean                   immediate,
                                      WsAnswered                 answered,
                                      gpointer                   data);

GError *     janus_link_new_refusal  (WsLink                   * link,
                                      const JanusMessage       * message,
                                      const gchar              * what);

G_END_DECLS
