/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the parts of a WHIP session share: its state, its requests, its generation of ICE. */
#pragma once

#include <gst/sdp/gstsdpmessage.h>

#include "net-http.h"
#include "rcast-sdp.h"
#include "whip-session.h"

G_BEGIN_DECLS

GST_DEBUG_CATEGORY_EXTERN (rcast_whip_session_debug);
#define GST_CAT_DEFAULT rcast_whip_session_debug

#define WHIP_TYPE_SDP "application/sdp"
#define WHIP_TYPE_FRAGMENT "application/trickle-ice-sdpfrag"
#define WHIP_CLOSED "the signaller was closed"

/* Consent expires after 30 s (RFC 7675 5.1); then servers let go of a session
 * that was not deleted. */
#define WHIP_GHOST_US (35 * G_USEC_PER_SEC)

typedef struct _WhipCall WhipCall;

/* @body and @error as in NetHttpDone. */
typedef void (*WhipCallDone) (WhipCall * call, GBytes * body, const GError * error);

/* A request with what all requests have: Bearer, certificate check, a second
 * try with a fresh token after 401. */
struct _WhipCall
{
  WhipSession *session;         /* held */
  SoupMessage *msg;
  NetHttp *http;
  const gchar *method;
  GUri *url;
  const gchar *content_type;
  GBytes *body;
  gchar *if_match;
  guint timeout;                /* ms */
  NetHttpBody need;
  gchar *token;                 /* that was sent */
  gboolean withheld;            /* the host was not to be trusted with it */
  gboolean renewed;
  gint64 sent_at;               /* monotonic, us */
  gboolean again;               /* over another connection: this one does not come about */
  WhipCallDone done;
  gpointer data;
};

typedef struct
{
  WhipSession *session;
  GTask *task;                  /* NULL: nobody waits any more */
  GstSDPMessage *sdp;
  GBytes *body;
  guint redirects;
  gint64 deadline;              /* monotonic, us */
  WhipCall *call;
  GSource *timer, *cancel;
} WhipOffer;

typedef struct
{
  WhipSession *session;
  GTask *task;
  GstSDPMessage *sdp;
  GstRcastSdpFragment *fragment;
  gboolean quoted_star, session_lines;
  gboolean tried_star, tried_lines;
  WhipCall *call;
  GSource *cancel;
} WhipRestart;

/* All on the thread that opened it, except for the last unref. */
struct _WhipSession
{
  gatomicrefcount ref_count;
  GstRcastSignaller *element;   /* borrowed: held by each call and timer */
  WhipSettings *settings;
  WhipMemory *memory;           /* the element's */
  const WhipTokenStore *tokens;
  SoupSession *http;
  GList *calls;                 /* under way */

  WhipOffer *offer;
  WhipRestart *restart;

  /* The session at the server, once it is known. */
  GUri *url;
  GUri *former;                 /* the one before, until the new media is settled */
  gchar *etag;
  gboolean can_trickle, can_restart;
  gboolean patched;             /* a PATCH was taken: the URL is right */
  GstSDPMessage *sent_offer, *answer;

  /* This generation of ICE, and its candidates. */
  gchar *ufrag, *pwd;
  GHashTable *told;             /* candidates that are with the server or on their way */
  gboolean told_end;
  GQueue past_ufrags;
  GQueue pending;               /* Candidate, of this generation or one to come */
  WhipCall *trickle;
  GPtrArray *batch;             /* Candidate, in that PATCH */
  guint trickle_tries;
  GSource *trickle_timer;

  gboolean closed;
  GTask *close_task;
  GSource *close_timer, *close_cancel;
  GError *close_error;
};

/* whip-session.c: what lives as long as the session does, and how it ends */
WhipSession *
         whip_session_hold         (WhipSession * session);
void     whip_session_release      (WhipSession * session);
GSource *whip_session_add_source   (WhipSession * session, GSource * source, GSourceFunc func);
GSource *whip_session_add_cancel   (WhipSession * session, GTask * task, GCancellableSourceFunc func);
void     whip_session_reconnect    (WhipSession * session);
void     whip_session_learn        (WhipSession * session, gboolean * what);
void     whip_session_publish      (WhipSession * session);
void     whip_session_set_aside    (WhipSession * session);
void     whip_session_delete       (WhipSession * session, GUri * url, WhipCallDone done, gpointer data);
void     whip_session_deleted      (WhipCall * call, GBytes * body, const GError * error);
void     whip_session_maybe_closed (WhipSession * session);
GError * whip_cancelled_new        (const gchar * why);

/* whip-call.c: a request, and what its answer says */
WhipCall *
         whip_call_start           (WhipSession * session, const gchar * method, GUri * url,
                                    const gchar * content_type, GBytes * body, const gchar * if_match,
                                    guint timeout, NetHttpBody need, WhipCallDone done, gpointer data);
void     whip_call_cancel          (WhipCall * call);
guint    whip_call_get_status      (WhipCall * call);
const gchar *
         whip_call_get_header      (WhipCall * call, const gchar * name);
GstClockTime
         whip_call_get_retry_after (WhipCall * call);
void     whip_call_check_type      (WhipCall * call, const gchar * want);
GError * whip_call_new_error       (WhipCall * call, GstRcastError code, GBytes * body, const gchar * what);
GError * whip_call_copy_error      (WhipCall * call, const GError * error);
const gchar *
         whip_call_get_text        (GBytes * body);

/* whip-offer.c, whip-restart.c */
void     whip_offer_abandon        (WhipOffer * offer, GError * error);
void     whip_restart_abandon      (WhipRestart * restart, GError * error);

/* whip-trickle.c: generations of ICE and their candidates */
void     whip_trickle_init         (WhipSession * session);
void     whip_trickle_clear        (WhipSession * session);
void     whip_trickle_stop         (WhipSession * session);
void     whip_trickle_flush        (WhipSession * session);
void     whip_trickle_retire       (WhipSession * session);
void     whip_trickle_add_pending  (WhipSession * session, GstRcastSdpFragment * fragment);
GBytes * whip_trickle_print        (WhipSession * session, const GstRcastSdpFragment * fragment,
                                    const GstSDPMessage * offer, gboolean session_lines);
GstSDPMessage *
         whip_trickle_take_offer   (WhipSession * session, const gchar * text, GstRcastSdpFragment ** fragment,
                                    GTask * task);

G_END_DECLS
