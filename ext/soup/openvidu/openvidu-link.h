/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Link to an OpenVidu server: requests and notifications. */
#pragma once

#include "openvidu-message.h"
#include "openvidu-settings.h"
#include "ws-link.h"

G_BEGIN_DECLS

/**
 * OpenviduLinkCallbacks:
 * @ws: callbacks for the connection
 * @notified: the server sent a notification. It may free the link
 */
typedef struct
{
  WsLinkCallbacks ws;
  void (*notified) (const OpenviduMessage * message, gpointer data);
} OpenviduLinkCallbacks;

WsLink *        openvidu_link_new          (GstRcastNetSignaller        * element,
                                            const OpenviduSettings      * settings,
                                            const OpenviduLinkCallbacks * callbacks,
                                            gpointer                      data);
void            openvidu_link_free         (WsLink                      * ws);

/* @session: (nullable): its name. @again: whether to resume it */
void            openvidu_link_connect      (WsLink                      * ws,
                                            const gchar                 * session,
                                            gboolean                      again);
/* `lost` follows. */
void            openvidu_link_close        (WsLink                      * link);

/* Returns: the number of the request. @params: (transfer full) (nullable). @ms: how long to wait
 * for the answer, an #OpenviduMessage. @answered: (nullable) */
guint64         openvidu_link_ask          (WsLink                      * link,
                                            const gchar                 * method,
                                            gchar                       * params,
                                            guint                         ms,
                                            WsAnswered                    answered,
                                            gpointer                      data);

GError *        openvidu_link_new_refusal  (WsLink                      * link,
                                            const OpenviduMessage       * message,
                                            const gchar                 * what);

G_END_DECLS
