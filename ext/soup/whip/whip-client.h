/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests of a WHIP session: tokens, passwords, certificates, connections and errors. */
#pragma once

#include <libsoup/soup.h>

#include "gstrcastnetsignaller.h"
#include "net-http.h"
#include "whip-answer.h"

G_BEGIN_DECLS

/**
 * GstRcastWhipRedirectAuth:
 * @GST_RCAST_WHIP_REDIRECT_AUTH_SAME_ORIGIN: only to the origin of the location
 * @GST_RCAST_WHIP_REDIRECT_AUTH_SESSION: also to a session URL elsewhere, over https
 * @GST_RCAST_WHIP_REDIRECT_AUTH_HTTPS: also with redirects to another origin, over https
 * @GST_RCAST_WHIP_REDIRECT_AUTH_ALWAYS: to any origin that the server names
 *
 * Where to send the token of a location when the server names another origin. It is never
 * sent from https to http. Passwords never leave the origin of the location.
 *
 * Since: 0.1
 */
typedef enum
{
  GST_RCAST_WHIP_REDIRECT_AUTH_SAME_ORIGIN,
  GST_RCAST_WHIP_REDIRECT_AUTH_SESSION,
  GST_RCAST_WHIP_REDIRECT_AUTH_HTTPS,
  GST_RCAST_WHIP_REDIRECT_AUTH_ALWAYS,
} GstRcastWhipRedirectAuth;

#define WHIP_TYPE_SDP "application/sdp"

/* Context of requests; never changes. */
typedef struct
{
  GstRcastNetSettings *net;
  WhipProtocol protocol;
  gchar *user_id, *user_pw;
  GstRcastWhipRedirectAuth redirect_auth;
  gboolean allow_rejected_media;
} WhipSettings;

void           whip_settings_free            (WhipSettings        * settings);

typedef struct _WhipClient WhipClient;
typedef struct _WhipRequest WhipRequest;

/* Where a URL came from. This determines the token. */
typedef enum
{
  WHIP_URL_ENDPOINT,            /* the location */
  WHIP_URL_REDIRECT,            /* the target of a redirect */
  WHIP_URL_SESSION,             /* of the session at the server */
  WHIP_URL_CHECK,               /* the location, for a health check: a fresh token is not kept */
} WhipUrlKind;

/* @body: (nullable): the part that was read. @error: (nullable): %GST_RCAST_ERROR with the method,
 * or %G_IO_ERROR_CANCELLED. @request is freed afterwards. */
typedef void (*WhipRequestDone) (WhipRequest * request, GBytes * body, const GError * error, gpointer data);

/* Called with each part of a body as it arrives. Returns: whether to continue */
typedef gboolean (*WhipRequestChunk) (WhipRequest * request, const gchar * bytes, gsize size, gpointer data);

/**
 * WhipRequestSpec:
 * @method: static string
 * @url: target of the request
 * @kind: of @url
 * @content_type: (nullable): static string, of @body
 * @body: (nullable): of the request
 * @if_match: (nullable): value of the header
 * @accept: (nullable): value of the header
 * @timeout: milliseconds until the answer must be complete; with @chunk: its headers
 * @patience: milliseconds to wait for a fresh token
 * @need: how the caller uses the body of the answer
 * @chunk: for %NET_HTTP_BODY_STREAM
 */
typedef struct
{
  const gchar *method;
  GUri *url;
  WhipUrlKind kind;
  const gchar *content_type;
  GBytes *body;
  const gchar *if_match;
  const gchar *accept;
  guint timeout;
  guint patience;
  NetHttpBody need;
  WhipRequestChunk chunk;
} WhipRequestSpec;

/* @busy: the first request has started. @idle: the last request is over, and its callback has
 * returned. In between, client and owner must stay alive. */
typedef struct
{
  void (*busy) (gpointer data);
  void (*idle) (gpointer data);
} WhipClientCallbacks;

WhipClient *   whip_client_new               (GstRcastNetSignaller      * element,
                                              WhipSettings              * settings,
                                              const WhipClientCallbacks * callbacks,
                                              gpointer                    data);
void           whip_client_free              (WhipClient          * client);
WhipSettings * whip_client_get_settings      (WhipClient          * client);
gpointer       whip_client_get_element       (WhipClient          * client);
void           whip_client_log_sdp           (WhipClient          * client,
                                              const gchar         * what,
                                              const gchar         * sdp);
void           whip_client_reconnect         (WhipClient          * client);
gboolean       whip_client_is_idle           (WhipClient          * client);
void           whip_client_cancel            (WhipClient          * client);

WhipRequest *  whip_request_start            (WhipClient            * client,
                                              const WhipRequestSpec * spec,
                                              WhipRequestDone         done,
                                              gpointer                data);
WhipRequest *  whip_request_patch            (WhipClient          * client,
                                              GUri                * url,
                                              const gchar         * content_type,
                                              GBytes              * body,
                                              const gchar         * if_match,
                                              NetHttpBody           need,
                                              WhipRequestDone       done,
                                              gpointer              data);
void           whip_request_hand_over        (WhipRequest         * request,
                                              WhipRequestDone       done,
                                              gpointer              data);
void           whip_request_drop             (WhipRequest         * request);
void           whip_request_retry_connection (WhipRequest         * request,
                                              gint64                since);
GUri *         whip_request_get_url          (WhipRequest         * request);
gboolean       whip_request_is_connecting    (WhipRequest         * request);
gboolean       whip_request_is_sent          (WhipRequest         * request);
gboolean       whip_request_wants_token      (WhipRequest         * request);

/* Call these in WhipRequestDone. */
guint          whip_request_get_status       (WhipRequest         * request);
const gchar *  whip_request_get_header       (WhipRequest         * request,
                                              const gchar         * name);
GstClockTime   whip_request_get_retry_after  (WhipRequest         * request);
GUri *         whip_request_resolve_session  (WhipRequest         * request,
                                              GError             ** error);
gchar *        whip_request_dup_etag         (WhipRequest         * request);
void           whip_request_take_ice_servers (WhipRequest         * request);
const gchar *  whip_request_find_page        (WhipRequest * request);
gboolean       whip_request_has_type         (WhipRequest         * request,
                                              const gchar         * type);
void           whip_request_check_type       (WhipRequest         * request,
                                              const gchar         * want);
GstSDPMessage * whip_request_parse_offer     (WhipRequest         * request,
                                              GBytes              * body,
                                              GError             ** error);
GError *       whip_request_new_timeout      (WhipRequest         * request,
                                              guint                 ms);
GError *       whip_request_new_error        (WhipRequest         * request,
                                              GstRcastError         code,
                                              GBytes              * body,
                                              const gchar         * what);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WhipSettings, whip_settings_free)

G_END_DECLS
