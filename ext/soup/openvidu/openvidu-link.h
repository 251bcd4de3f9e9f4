/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The connection to an OpenVidu server: its WebSocket, and the requests that wait for answers. */
#pragma once

#include "gstrcastnetsignaller.h"
#include "openvidu-message.h"
#include "openvidu-settings.h"

G_BEGIN_DECLS

typedef struct _OpenviduLink OpenviduLink;

/**
 * OpenviduLinkCallbacks:
 * @opened: requests can be made
 * @lost: the connection is over, @error says why; its requests are forgotten, and not
 *   answered any more
 * @notified: the server sent a notification
 *
 * Each of them may free the link.
 */
typedef struct
{
  void (*opened)   (gpointer data);
  void (*lost)     (const GError * error, gpointer data);
  void (*notified) (const OpenviduMessage * message, gpointer data);
} OpenviduLinkCallbacks;

/**
 * OpenviduAnswered:
 * @request: its number
 * @message: (nullable): the answer; it may be a refusal
 * @error: (nullable): why there is none, if there is no @message
 * @data: as given with the request
 *
 * The end of a request, at most once: not after the link was lost. It may free the link.
 */
typedef void (*OpenviduAnswered) (guint64 request, const OpenviduMessage * message, const GError * error, gpointer data);

OpenviduLink *  openvidu_link_new          (GstRcastNetSignaller        * element,
                                            const OpenviduSettings      * settings,
                                            const OpenviduLinkCallbacks * callbacks,
                                            gpointer                      data);
void            openvidu_link_free         (OpenviduLink                * link);

/* @session: (nullable): its name; @again: whether one is to be resumed */
void            openvidu_link_connect      (OpenviduLink                * link,
                                            const gchar                 * session,
                                            gboolean                      again);
/* At once and without a word; what is on its way still comes there, unless @reset. */
void            openvidu_link_disconnect   (OpenviduLink                * link,
                                            gboolean                      reset);
/* `lost` follows. */
void            openvidu_link_close        (OpenviduLink                * link);
gboolean        openvidu_link_is_open      (OpenviduLink                * link);
gboolean        openvidu_link_is_connected (OpenviduLink                * link);
void            openvidu_link_reached      (OpenviduLink                * link,
                                            gint64                        since);
void            openvidu_link_blame_uplink (OpenviduLink                * link);

/* Returns: the number of the request. @params: (transfer full) (nullable); @ms: until its
 * answer; @answered: (nullable) */
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
