/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Base of the network signallers rcastwhip, rcastwhep, rcastjanus, rcastopenvidu and rcastgst. */
#pragma once

#include <libsoup/soup.h>

#include "net-dialer.h"
#include "net-reach.h"
#include "net-tokens.h"
#include "net-websocket.h"
#include "rcast-signaller.h"

G_BEGIN_DECLS

#define GST_TYPE_RCAST_NET_SIGNALLER (gst_rcast_net_signaller_get_type ())
G_DECLARE_DERIVABLE_TYPE (GstRcastNetSignaller, gst_rcast_net_signaller, GST, RCAST_NET_SIGNALLER, GstRcastSignaller)

/**
 * GstRcastNetSignallerClass:
 * @parse_location: checks a location. Returns: (transfer full): the URL that the
 *   transport connects to, `http`, `https`, `ws` or `wss`. Any thread
 *
 * The base class implements set_location, public_location, set_token and all functions
 * that finish an operation. An operation is a #GTask that returns a boolean. The task of an
 * offer, ours or the server's, returns a description instead.
 */
struct _GstRcastNetSignallerClass {
  GstRcastSignallerClass parent_class;

  GUri * (*parse_location) (GstRcastNetSignaller * self, const gchar * location, GError ** error);
};

/**
 * GstRcastNetSettings:
 * @location: as set, including secrets
 * @url: where the transport connects to
 * @tls_database: (nullable): authorities to trust instead of the system's
 * @tls_verify: whether the certificate must be valid
 * @token_first: whether to request a token before the first request without one
 * @user_agent: (nullable): value of the User-Agent header
 * @timeout: milliseconds until the answer to a request must be complete
 * @connect_timeout: milliseconds until the connection for a request must be established
 * @close_timeout: milliseconds that the end of a session may take
 *
 * A snapshot of the settings. It never changes: a new value of a property takes effect
 * with the next snapshot.
 */
typedef struct {
  gchar *location;
  GUri *url;
  GTlsDatabase *tls_database;
  gboolean tls_verify, token_first;
  gchar *user_agent;
  guint timeout, connect_timeout, close_timeout;
} GstRcastNetSettings;

void         gst_rcast_net_settings_free           (GstRcastNetSettings   * settings);

gchar *      gst_rcast_net_signaller_dup_whole_location (GstRcastNetSignaller * self);
GstRcastNetSettings *
             gst_rcast_net_signaller_snapshot      (GstRcastNetSignaller  * self,
                                                    const gchar           * location,
                                                    GError               ** error);
NetTokens *  gst_rcast_net_signaller_get_tokens    (GstRcastNetSignaller  * self);
NetDialer *  gst_rcast_net_signaller_get_dialer    (GstRcastNetSignaller  * self);
void         gst_rcast_net_signaller_request_token (GstRcastNetSignaller  * self,
                                                    GUri                  * url,
                                                    GUri                  * location,
                                                    gboolean                keep,
                                                    guint                   ms,
                                                    GTask                 * task);

void         gst_rcast_net_signaller_post          (GstRcastNetSignaller  * self,
                                                    GstStructure          * structure);
void         gst_rcast_net_signaller_publish       (GstRcastNetSignaller  * self,
                                                    gchar                ** field,
                                                    const gchar           * text,
                                                    GParamSpec            * pspec);
NetWebsocket *
             gst_rcast_net_signaller_connect       (GstRcastNetSignaller  * self,
                                                    const GstRcastNetSettings * settings,
                                                    NetWebsocketSettings    ws,
                                                    const NetWebsocketClient * client,
                                                    gpointer                data);

void         gst_rcast_net_signaller_probe         (GstRcastNetSignaller  * self,
                                                    NetReach              * reach,
                                                    const gchar           * location,
                                                    gboolean                connected,
                                                    NetReached              reached,
                                                    GTask                 * task);
GTask *      gst_rcast_net_signaller_try_task      (GstRcastSignaller     * self,
                                                    GError                * error,
                                                    GCancellable          * cancellable,
                                                    GAsyncReadyCallback     callback,
                                                    gpointer                user_data,
                                                    gpointer                tag);
GTask *      gst_rcast_net_signaller_new_task      (GstRcastSignaller     * self,
                                                    gconstpointer           session,
                                                    GCancellable          * cancellable,
                                                    GAsyncReadyCallback     callback,
                                                    gpointer                user_data,
                                                    gpointer                tag);
void         gst_rcast_net_signaller_end_task      (GTask                 * task);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRcastNetSettings, gst_rcast_net_settings_free)

G_END_DECLS
