/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connection to an OpenVidu server: its WebSocket and the pending requests. */
#pragma once

#include "gstrcastnetsignaller.h"
#include "openvidu-message.h"
#include "openvidu-settings.h"

G_BEGIN_DECLS

typedef struct _OpenviduLink OpenviduLink;

/**
 * OpenviduLinkCallbacks:
 * @opened: requests can be made
 * @lost: the connection is over, because of @error. Pending requests are dropped without an
 *   answer
 * @notified: the server sent a notification
 *
 * Each callback may free the link.
 */
typedef struct
{
  void (*opened)   (gpointer data);
  void (*lost)     (const GError * error, gpointer data);
  void (*notified) (const OpenviduMessage * message, gpointer data);
} OpenviduLinkCallbacks;

/**
 * OpenviduAnswered:
 * @request: number of the request
 * @message: (nullable): the answer, which may be a refusal
 * @error: (nullable): why there is no @message
 * @data: as given with the request
 *
 * A request is done. Called at most once, and not after the link was lost. It may free the
 * link.
 */
typedef void (*OpenviduAnswered) (guint64 request, const OpenviduMessage * message, const GError * error, gpointer data);

OpenviduLink *  openvidu_link_new          (GstRcastNetSignaller        * element,
                                            const OpenviduSettings      * settings,
                                            const OpenviduLinkCallbacks * callbacks,
                                            gpointer                      data);
void            openvidu_link_free         (OpenviduLink                * link);

/* @session: (nullable): its name. @again: whether to resume it */
void            openvidu_link_connect      (OpenviduLink                * link,
                                            const gchar                 * session,
                                            gboolean                      again);
/* Disconnects at once, without a closing handshake. Sent data still arrives, unless @reset. */
void            openvidu_link_disconnect   (OpenviduLink                * link,
                                            gboolean                      reset);
/* `lost` follows. */
void            openvidu_link_close        (OpenviduLink                * link);
gboolean        openvidu_link_is_open      (OpenviduLink                * link);
gboolean        openvidu_link_is_connected (OpenviduLink                * link);
void            openvidu_link_reached      (OpenviduLink                * link,
                                            gint64                        since);
void            openvidu_link_blame_uplink (OpenviduLink                * link);

/* Returns: the number of the request. @params: (transfer full) (nullable). @ms: how long to wait
 * for the answer. @answered: (nullable) */
guint64         openvidu_link_ask          (OpenviduLink                * link,
                                            const gchar                 * method,
                                            gchar                       * params,
                                            guint                         ms,
                                            OpenviduAnswered              answered,
                                            gpointer                      data);

GError *        openvidu_link_new_refusal  (OpenviduLink                * link,
                                            const OpenviduMessage       * message,
                                            const gchar                 * what);
GError *        openvidu_link_new_error    (OpenviduLink                * link,
                                            GstRcastError                 code,
                                            const gchar                 * format,
                                            ...) G_GNUC_PRINTF (3, 4);

G_END_DECLS
