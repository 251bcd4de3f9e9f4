/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connection to a Janus server: its WebSocket and the pending requests. */
#pragma once

#include "gstrcastnetsignaller.h"
#include "janus-message.h"
#include "janus-settings.h"

G_BEGIN_DECLS

typedef struct _JanusLink JanusLink;

/**
 * JanusLinkCallbacks:
 * @opened: requests can be made
 * @lost: the connection is over, because of @error. Pending requests are dropped without an
 *   answer
 * @message: the server sent a message that answers no request
 *
 * Each callback may free the link.
 */
typedef struct
{
  void (*opened)  (gpointer data);
  void (*lost)    (const GError * error, gpointer data);
  void (*message) (const JanusMessage * message, gpointer data);
} JanusLinkCallbacks;

/**
 * JanusAnswered:
 * @request: number of the request
 * @message: (nullable): the answer, which may be a refusal
 * @error: (nullable): why there is no @message
 * @data: as given with the request
 *
 * A request is done. Called at most once, and not after the link was lost or the request
 * was forgotten. It may free the link.
 */
typedef void (*JanusAnswered) (guint request, const JanusMessage * message, const GError * error, gpointer data);

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

JanusLink *  janus_link_new          (GstRcastNetSignaller     * element,
                                      const JanusSettings      * settings,
                                      const JanusLinkCallbacks * callbacks,
                                      gpointer                   data);
void         janus_link_free         (JanusLink                * link);

void         janus_link_connect      (JanusLink                * link);
void         janus_link_disconnect   (JanusLink                * link);
void         janus_link_close        (JanusLink                * link);
gboolean     janus_link_is_open      (JanusLink                * link);
gboolean     janus_link_is_connected (JanusLink                * link);
void         janus_link_reached      (JanusLink                * link,
                                      gint64                     since);
void         janus_link_blame_uplink (JanusLink                * link);

/* Returns: the number of the request. @members: (transfer full) (nullable) */
guint        janus_link_ask          (JanusLink                * link,
                                      const gchar              * verb,
                                      const JanusTarget        * target,
                                      gchar                    * members,
                                      JanusAnswered              answered,
                                      gpointer                   data);
/* Asks the plugin. An ack is not the answer; neither is a success, unless @immediate. */
guint        janus_link_ask_plugin   (JanusLink                * link,
                                      const gchar              * request,
                                      const JanusTarget        * target,
                                      gchar                    * members,
                                      gboolean                   immediate,
                                      JanusAnswered              answered,
                                      gpointer                   data);
void         janus_link_forget       (JanusLink                * link,
                                      guint                      request);

GError *     janus_link_new_refusal  (JanusLink                * link,
                                      const JanusMessage       * message,
                                      const gchar              * what);
GError *     janus_link_new_error    (JanusLink                * link,
                                      GstRcastError              code,
                                      const gchar              * format,
                                      ...) G_GNUC_PRINTF (3, 4);

G_END_DECLS
