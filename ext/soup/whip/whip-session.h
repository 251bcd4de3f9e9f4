/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A WHIP session from open to the end of close: POST, PATCH, DELETE and their order. */
#pragma once

#include <libsoup/soup.h>

#include "net-reach.h"
#include "rcast-signaller.h"

G_BEGIN_DECLS

typedef struct _WhipSession WhipSession;

/**
 * GstRcastWhipRedirectAuth:
 * @GST_RCAST_WHIP_REDIRECT_AUTH_SAME_HOST: only to the host of the location
 * @GST_RCAST_WHIP_REDIRECT_AUTH_HTTPS: also to another host, if it is asked over https
 * @GST_RCAST_WHIP_REDIRECT_AUTH_ALWAYS: to whatever host the server names
 *
 * Where credentials go when the server redirects or names a session URL elsewhere.
 *
 * Since: 0.1
 */
typedef enum
{
  GST_RCAST_WHIP_REDIRECT_AUTH_SAME_HOST,
  GST_RCAST_WHIP_REDIRECT_AUTH_HTTPS,
  GST_RCAST_WHIP_REDIRECT_AUTH_ALWAYS,
} GstRcastWhipRedirectAuth;

/* The element's settings as they were when the session was opened. */
typedef struct
{
  GUri *endpoint;
  GTlsDatabase *tls_database;   /* NULL: the system's */
  gboolean tls_verify;
  gchar *user_agent, *user_id, *user_pw;
  guint timeout, connect_timeout, close_timeout;        /* ms */
  GstRcastWhipRedirectAuth redirect_auth;
  gboolean allow_rejected_media;
} WhipSettings;

/* What was learned about an endpoint; outlives the session. */
typedef struct
{
  gchar *endpoint;              /* as configured */
  gchar *final;                 /* where it redirected to, or the same */
  gint64 learned_at;            /* monotonic, us; 0: nothing is known */
  gint64 ghost_until;           /* monotonic, us: a session of ours may hold the slot */
  gboolean no_trickle, no_restart;
  gboolean quoted_star;         /* wants If-Match: "*" instead of * */
  gboolean session_lines;       /* wants v= o= s= t= in front of a fragment */
  NetReach *reach;            /* not forgotten with the rest; the element's */
} WhipMemory;

/* The token lives in the element, where the application may change it. */
typedef struct
{
  gchar * (*dup_token)   (GstRcastSignaller * element);
  void    (*store_token) (GstRcastSignaller * element, const gchar * token);
} WhipTokenStore;

void           whip_settings_free         (WhipSettings          * settings);
void           whip_memory_check          (WhipMemory            * memory,
                                           const gchar           * endpoint,
                                           gint64                  now);
void           whip_memory_clear          (WhipMemory            * memory);

WhipSession *  whip_session_new           (GstRcastSignaller     * element,
                                           WhipSettings          * settings,
                                           WhipMemory            * memory,
                                           const WhipTokenStore  * tokens);
void           whip_session_unref         (WhipSession           * session);
void           whip_session_offer         (WhipSession           * session,
                                           const gchar           * sdp,
                                           GTask                 * task);
void           whip_session_restart       (WhipSession           * session,
                                           const gchar           * sdp,
                                           GTask                 * task);
void           whip_session_settle        (WhipSession           * session);
void           whip_session_add_candidate (WhipSession           * session,
                                           const gchar           * ufrag,
                                           const gchar           * candidate);
void           whip_session_probe         (WhipSession           * session,
                                           GTask                 * task);
GUri *         whip_session_get_target    (WhipSession           * session,
                                           GUri                  * endpoint);
gboolean       whip_session_is_heard      (WhipSession           * session);
void           whip_session_reached       (WhipSession           * session,
                                           gint64                  since);
void           whip_session_close         (WhipSession           * session,
                                           GTask                 * task);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WhipSettings, whip_settings_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WhipSession, whip_session_unref)

G_END_DECLS
