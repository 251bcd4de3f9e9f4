/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the parts of a Janus session share: its state, its requests, the numbers of errors. */
#pragma once

#include "janus-session.h"
#include "net-websocket.h"

G_BEGIN_DECLS

GST_DEBUG_CATEGORY_EXTERN (rcast_janus_session_debug);
#define GST_CAT_DEFAULT rcast_janus_session_debug

/* janus.c and janus_videoroom.c: what a number asks for */
#define E_UNAUTHORIZED 403
#define E_TOKEN_PLUGIN 405
#define E_NO_SESSION 458
#define E_NO_HANDLE 459
#define E_NO_PLUGIN 460
#define E_BAD_JSEP_TYPE 464
#define E_BAD_SDP 465
#define E_UNEXPECTED_ANSWER 469
#define E_WRONG_STATE 471
#define E_DRAINING 472
#define E_ROOM_UNKNOWN 426
#define E_ROOM_EXISTS 427
#define E_INVALID_ELEMENT 430
#define E_ROOM_SDP_TYPE 431
#define E_ROOM_FULL 432
#define E_ROOM_UNAUTHORIZED 433
#define E_PUBLISHED 434
#define E_ID_EXISTS 436
#define E_ROOM_SDP 437

typedef enum
{
  JANUS_STATE_OPENING,
  JANUS_STATE_OPEN,
  JANUS_STATE_LOST,             /* the session may live, the connection does not */
  JANUS_STATE_RESUMING,
  JANUS_STATE_GONE,             /* nothing of it is left at the server */
  JANUS_STATE_CLOSING,
  JANUS_STATE_CLOSED,
} JanusState;

typedef struct _JanusRequest JanusRequest;

/* @message or @error: how a request ended. */
typedef void (*JanusAnswered) (JanusSession * session, const JanusMessage * message,
    const GError * error);

/* The text of a request as it goes out, once more with every fresh token. */
typedef gchar *(*JanusPrint) (JanusSession * session, const JanusRequest * request,
    const JanusAddress * to);

struct _JanusRequest
{
  JanusSession *session;
  gchar *transaction;
  const gchar *what;
  JanusPrint print;
  guint64 id, handle;           /* what it is about, 0: none */
  JanusState state;             /* in which it was sent */
  guint operation;              /* that alone may be ended by the answer, 0: any */
  guint tokens;                 /* that the session had asked for when it was sent */
  gboolean wants_event;         /* an ack, or a success, is not yet the answer */
  JanusAnswered done;
  GSource *timer;
};

typedef struct
{
  gchar *ufrag;
  gchar *transaction;           /* with which it went out, NULL: it is to go */
  JanusCandidate candidate;
} JanusPending;

/* What its candidates and the server's words are told by. */
typedef struct
{
  gchar *sdp;
  gchar *ufrag;
  GPtrArray *mids;              /* of its m-sections */
  guint n_media;                /* of them, those of sound and pictures */
} JanusOffer;

/* All on the thread that opened it, except for the last unref. */
struct _JanusSession
{
  gatomicrefcount ref_count;
  GstRcastSignaller *element;   /* borrowed; held while it closes */
  JanusSettings *settings;
  JanusMemory *memory;          /* the element's */
  const JanusElement *calls;
  gchar *url;                   /* as it may be shown */

  JanusState state;
  NetWebsocket *ws;
  gint64 connecting_since;      /* it; monotonic, us */
  gboolean blamed;              /* its uplink, for a connection that was of no use */
  GHashTable *requests;         /* by transaction: JanusRequest */
  guint transactions;
  GTask *task;                  /* open, offer or resume */
  guint operation;              /* counts them */
  GSource *cancel;
  GSource *keepalive, *retry, *close_timer, *close_cancel;
  GTask *close_task;

  guint64 id, handle;
  guint64 ghost;                /* a former session that is being destroyed */
  JanusId feed;
  guint session_timeout, reclaim_timeout;       /* s */
  gboolean renewed;             /* one fresh token for one operation */
  guint tokens;                 /* counts them */
  guint tries;
  GError *misspelt;             /* what was said to a room in the other spelling */

  /* What goes before an offer: it goes on when another offer takes the place of
   * the one that it was begun for. */
  gboolean preparing;
  GSource *prepare;             /* its next step */
  gboolean joined;

  /* The offer that is under way, and the one that the media came of. */
  GstRcastOfferKind kind;
  JanusOffer *offer, *media;
  gboolean published;           /* the server has media of ours, or may have */
  gboolean up;
  gboolean hangup_owed;         /* the hangup that comes is ours */
  GHashTable *silent;           /* mids of which the server has nothing */
  gboolean told_silent;
  GQueue pending;               /* JanusPending: of an offer to come, or not known to have come */
};

/* janus-session.c: the one operation that is under way, and how a session ends */
gboolean janus_session_may_begin   (JanusSession * session, GTask * task);
void     janus_session_opened      (JanusSession * session);
void     janus_session_succeed     (JanusSession * session, gchar * answer);
void     janus_session_fail        (JanusSession * session, const GError * error);
void     janus_session_lose        (JanusSession * session, const GError * error);
void     janus_session_evict       (JanusSession * session, const GError * error);

/* janus-request.c: what is asked of the server, and what it refuses */
GError * janus_error_new           (JanusSession * session, const JanusMessage * message, const gchar * what);
GError * janus_error_new_own       (JanusSession * session, GstRcastError code, const gchar * format, ...)
                                   G_GNUC_PRINTF (3, 4);
JanusRequest *
         janus_request_new         (JanusSession * session, const gchar * what, JanusPrint print,
                                    gboolean wants_event, JanusAnswered done);
void     janus_request_free        (gpointer data);
void     janus_request_send        (JanusSession * session, JanusRequest * request);
void     janus_request_answer      (JanusSession * session, JanusRequest * request,
                                    const JanusMessage * message, const GError * error);
void     janus_ask                 (JanusSession * session, const gchar * verb, guint64 id, guint64 handle,
                                    JanusAnswered done);
void     janus_ask_room            (JanusSession * session, const gchar * word, gboolean wants_event,
                                    JanusAnswered done);
void     janus_ask_body            (JanusSession * session, const gchar * word, JanusAnswered done);
gboolean janus_session_failed      (JanusSession * session, const JanusMessage * message, const GError * error,
                                    const gchar * what);

/* janus-handle.c: the room, offers and candidates */
void     janus_handle_attach       (JanusSession * session);
void     janus_handle_forget       (JanusSession * session);
void     janus_handle_disconnected (JanusSession * session);
gboolean janus_handle_hung_up      (JanusSession * session, const gchar * reason);
void     janus_handle_flush        (JanusSession * session);
void     janus_pending_free        (JanusPending * pending);
void     janus_offer_free          (JanusOffer * offer);

/* janus-words.c: what the server says of its own accord */
void     janus_words_take          (JanusSession * session, const JanusMessage * message);
void     janus_words_kicked        (JanusSession * session);
GstStructure *
         janus_words_new           (const gchar * event);
void     janus_words_post          (JanusSession * session, GstStructure * structure);
void     janus_words_tell          (JanusSession * session, GstRcastServerEvent event, const gchar * format, ...)
                                   G_GNUC_PRINTF (3, 4);

G_END_DECLS
