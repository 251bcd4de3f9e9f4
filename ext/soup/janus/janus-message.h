/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* JSON of the Janus API and its VideoRoom plugin: pure functions from and to text. */
#pragma once

#include <gst/gst.h>

#include "net-candidates.h"
#include "rcast-error.h"

G_BEGIN_DECLS

#define JANUS_PROTOCOL "janus-protocol"
#define JANUS_PLUGIN_VIDEOROOM "janus.plugin.videoroom"

/* Limit of the server's candidates in bytes. Longer ones are ignored. A candidate of RFC 8839 with
 * an IPv6 address and extensions has 200. */
#define JANUS_MAX_CANDIDATE 1024
/* Limit of the server's timeouts in s. Longer ones are clamped. */
#define JANUS_MAX_TIMEOUT (24 * 60 * 60)

/* The errors of janus.c and janus_videoroom.c that need a reaction other than a report. */
typedef enum
{
  JANUS_E_UNAUTHORIZED = 403,
  JANUS_E_TOKEN_PLUGIN = 405,
  JANUS_E_ROOM_UNKNOWN = 426,
  JANUS_E_ROOM_EXISTS = 427,
  JANUS_E_NO_FEED = 428,
  JANUS_E_INVALID_ELEMENT = 430,
  JANUS_E_ROOM_SDP_TYPE = 431,
  JANUS_E_ROOM_FULL = 432,
  JANUS_E_ROOM_UNAUTHORIZED = 433,
  JANUS_E_PUBLISHED = 434,
  JANUS_E_ID_EXISTS = 436,
  JANUS_E_ROOM_SDP = 437,
  JANUS_E_NO_SESSION = 458,
  JANUS_E_NO_HANDLE = 459,
  JANUS_E_NO_PLUGIN = 460,
  JANUS_E_BAD_JSEP_TYPE = 464,
  JANUS_E_BAD_SDP = 465,
  JANUS_E_UNEXPECTED_ANSWER = 469,
  JANUS_E_WRONG_STATE = 471,
  JANUS_E_DRAINING = 472,
} JanusErrorNumber;

/* Returns: the class of the error. @retry_after: when to retry, left unchanged if unknown */
GstRcastError janus_error_classify (gint number, GstClockTime * retry_after);

/**
 * JanusId:
 * @text: (nullable): digits, or any text; %NULL: none
 * @is_string: whether to send it as a JSON string, as in rooms with string_ids
 *
 * The identifier of a room or a member.
 */
typedef struct
{
  gchar *text;
  gboolean is_string;
} JanusId;

void      janus_id_set    (JanusId * id, const gchar * text, gboolean is_string);
void      janus_id_clear  (JanusId * id);
gboolean  janus_id_equal  (const JanusId * a, const JanusId * b);
/* Sends @text as a number if it consists of digits and fits. */
void      janus_id_guess  (JanusId * id, const gchar * text);

/**
 * JanusAddress:
 * @session: 0: none
 * @handle: 0: none
 * @transaction: identifies the answer
 * @token: (nullable): stored or signed token
 * @api_secret: (nullable): the server's secret
 *
 * Members that all requests have.
 */
typedef struct
{
  guint64 session, handle;
  const gchar *transaction;
  const gchar *token, *api_secret;
} JanusAddress;

typedef struct
{
  JanusId room, id;
  gchar *pin, *display;         /* these and the rest are nullable */
  gchar *token;                 /* for a room with an access list */
  gchar *secret;                /* to manage a new room */
  gchar *admin_key;             /* some servers create rooms only with it */
} JanusRoom;

typedef struct
{
  guint bitrate;                /* bit/s; 0: the room's default */
  gchar *audio_codec, *video_codec;     /* nullable */
} JanusPublish;

gchar * janus_print_request   (const JanusAddress * to, const gchar * verb, const gchar * members);
/* All return the members of one request, (transfer full). */
gchar * janus_print_attach    (const gchar * plugin);
gchar * janus_print_trickle   (const NetCandidate * candidates, guint n);
/* Requests to the VideoRoom, without and with a room. */
gchar * janus_print_body      (const gchar * request);
gchar * janus_print_room      (const gchar * request, const JanusRoom * room);
/* @request: `publish` or `configure`, with an offer. */
gchar * janus_print_offer     (const gchar * request, const JanusPublish * publish, const gchar * sdp);
/* For a subscriber. */
gchar * janus_print_subscribe (const JanusRoom * room, const JanusId * feed, guint64 private_id);
gchar * janus_print_update    (const JanusId * from, const JanusId * to);
gchar * janus_print_restart   (void);
gchar * janus_print_resume    (const GPtrArray * mids);
gchar * janus_print_start     (const gchar * sdp);

typedef enum
{
  JANUS_SUCCESS,
  JANUS_ACK,
  JANUS_ERROR,
  JANUS_SERVER_INFO,
  JANUS_EVENT,
  JANUS_WEBRTCUP,
  JANUS_MEDIA,
  JANUS_SLOWLINK,
  JANUS_ICE_FAILED,
  JANUS_HANGUP,
  JANUS_DETACHED,
  JANUS_TIMEOUT,
  JANUS_TRICKLE,
  JANUS_OTHER,                  /* from a newer server: ignored */
} JanusKind;

/* Unsolicited events of the VideoRoom. */
typedef enum
{
  JANUS_ROOM_OTHER,             /* about another member, or an answer */
  JANUS_ROOM_KICKED,            /* we were kicked */
  JANUS_ROOM_DESTROYED,
  JANUS_ROOM_MUTED,             /* a moderator has muted the stream @mid of a member */
  JANUS_ROOM_UNMUTED,
} JanusRoomEvent;

typedef struct
{
  JanusId id;
  gchar *display;               /* nullable */
  gboolean publisher;
} JanusMember;

/**
 * JanusMessage:
 * @kind: kind of the message
 * @transaction: (nullable): of the request that it answers
 * @session: 0: none
 * @sender: the handle that it is about, 0: none
 * @id: `data.id` of a success: the new session or handle
 * @code: the error code of Janus or the plugin, 0: no error
 * @reason: (nullable): of an error, a hangup or a removal
 *
 * A message from the server. @kind determines which of the other fields are valid. A field
 * that was missing or of another type is 0 or %NULL.
 */
typedef struct
{
  JanusKind kind;
  gchar *transaction;
  guint64 session, sender, id;
  gint code;
  gchar *reason;

  /* JANUS_SERVER_INFO */
  gchar *version;
  guint session_timeout, reclaim_timeout;       /* s, 0: none, or up to JANUS_MAX_TIMEOUT */
  gboolean has_plugins, has_videoroom;
  gboolean draining;            /* the server accepts no new sessions */

  /* JANUS_MEDIA, JANUS_SLOWLINK */
  gchar *mid, *media;
  gboolean receiving, uplink;
  guint lost;

  /* JANUS_TRICKLE */
  gboolean completed;           /* end of candidates */
  gchar *candidate;             /* nullable: none, or an invalid one */
  guint mline;

  gchar *answer, *offer;        /* nullable: an SDP */

  /* of the VideoRoom */
  JanusRoomEvent room_event;
  JanusId member;               /* the new member */
  guint64 private_id;           /* for subscriptions of the new member; 0: none */
  JanusId left;                 /* a member that no longer publishes; no text: none */
  GArray *members;              /* nullable, of JanusMember: the members of the room */
  GArray *publishers;           /* nullable, of JanusMember: the new publishers */
  gint substream, temporal;     /* of the stream @mid; -1: unknown */
} JanusMessage;

/* Any @text results in a message or an error. */
JanusMessage * janus_message_parse (const gchar * text, gssize size, GError ** error);
void           janus_message_free  (JanusMessage * message);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (JanusMessage, janus_message_free)

G_END_DECLS
