/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* JSON-RPC of OpenVidu 2: pure functions from and to text. */
#pragma once

#include <gst/gst.h>

#include "net-candidates.h"
#include "rcast-error.h"

G_BEGIN_DECLS

/* Version of the client whose protocol we speak. The server warns if it differs from its own. */
#define OPENVIDU_SDK_VERSION "2.32.2"
/* ms; the server closes a connection three intervals after the last ping. */
#define OPENVIDU_PING_INTERVAL 5000
/* ms after the last ping until the server forgets us: three intervals, then 10 s in which a closed
 * connection can be replaced (ws.sessionReconnectionTime). */
#define OPENVIDU_RESUME_WINDOW 25000
/* Limit of the server's candidates in bytes. Longer ones are ignored. */
#define OPENVIDU_MAX_CANDIDATE 1024

/* The errors of OpenViduException.java and the JSON-RPC server that need a reaction other than a
 * report. */
typedef enum
{
  OPENVIDU_E_USER_NOT_FOUND = 102,
  OPENVIDU_E_USER_CLOSED = 103,
  OPENVIDU_E_NOT_STREAMING = 105,
  OPENVIDU_E_STREAMING = 106,
  OPENVIDU_E_ROOM_NOT_FOUND = 202,
  OPENVIDU_E_ROOM_CLOSED = 203,
  OPENVIDU_E_MEDIA = 301,
  OPENVIDU_E_SDP = 302,
  OPENVIDU_E_MEDIA_LAST = 309,
  OPENVIDU_E_UNAUTHORIZED = 401,
  OPENVIDU_E_ROLE = 402,
  OPENVIDU_E_TOKEN = 404,
  OPENVIDU_E_NO_ENDPOINT = 408,
  OPENVIDU_E_METADATA = 500,
  OPENVIDU_E_SIGNAL = 600,
  OPENVIDU_E_SIGNAL_TO = 601,
  OPENVIDU_E_CODEC = 800,
  OPENVIDU_E_NOT_JOINED = 803,
  OPENVIDU_E_NO_MEDIA_NODE = 900,
  OPENVIDU_E_MEDIA_NODE_LAST = 902,
  OPENVIDU_E_WRONG_SERVER = 996,
  OPENVIDU_E_WRONG_SERVER_LAST = 998,
  OPENVIDU_E_RECONNECTION = 40007,
} OpenviduErrorNumber;

/* Limit of the participants in the answer to a join. */
#define OPENVIDU_MAX_PARTICIPANTS 1024

/**
 * OpenviduParticipant:
 * @id: identifier of the connection
 * @name: (nullable): the client's part of its metadata, or `clientData` in it
 * @stream: (nullable): identifier of its published stream
 * @has_audio: whether its stream has audio
 * @has_video: whether its stream has video
 * @audio_active: whether its audio is on
 * @video_active: whether its video is on
 */
typedef struct
{
  gchar *id, *name, *stream;
  gboolean has_audio, has_video, audio_active, video_active;
} OpenviduParticipant;

typedef enum
{
  OPENVIDU_RESULT,
  OPENVIDU_ERROR,
  OPENVIDU_NOTIFICATION,
} OpenviduKind;

/**
 * OpenviduMessage:
 * @kind: kind of the message
 * @id: of the request that it answers
 * @code: of an error; -1 if it has none
 * @reason: of an error, or of the end of a stream or participant
 * @method: of a notification
 * @value: of a result, a single word
 * @rpc_session: of a result: identifier for resuming a lost connection
 * @name: of a result: identifier of the connection or the stream
 * @answer: of a result: an SDP
 * @offer: the server's offer, an SDP
 * @role: of a join
 * @media_server: of a join
 * @ice_servers: of a join: in webrtcbin's format
 * @participants: (element-type OpenviduParticipant) (nullable): of a join: who is in the
 *   session; of a notification: whom it is about, if known
 * @stream: of a notification
 * @property: the changed property of a stream
 * @new_value: of @property, as text
 * @connection: of a notification: whom it is about; of a signal: its sender
 * @endpoint: of a candidate
 * @candidate: (nullable): %NULL also if it is empty or too long
 * @mline: of a candidate
 * @type: of a signal
 * @data: of a signal
 *
 * A field that is missing, or not of OpenVidu's type, is %NULL or 0.
 */
typedef struct
{
  OpenviduKind kind;
  guint64 id;
  gint code;
  gchar *reason;
  gchar *method;
  gchar *value;
  gchar *rpc_session;
  gchar *name;
  gchar *answer, *offer;
  gchar *role, *media_server;
  GStrv ice_servers;
  GArray *participants;
  gchar *stream, *property, *new_value;
  gchar *connection;
  gchar *endpoint, *candidate;
  guint mline;
  gchar *type, *data;
} OpenviduMessage;

/**
 * OpenviduJoin:
 * @token: the whole URL
 * @session: its name
 * @metadata: for the other participants
 * @secret: "" if the token has none
 */
typedef struct
{
  const gchar *token, *session, *metadata, *secret;
} OpenviduJoin;

/**
 * OpenviduPublish:
 * @has_audio: whether the offer has audio
 * @has_video: whether the offer has video
 * @type_of_video: `CAMERA`, `SCREEN`, `CUSTOM` or `IPCAM`
 * @sdp: the offer
 */
typedef struct
{
  gboolean has_audio, has_video;
  const gchar *type_of_video;
  const gchar *sdp;
} OpenviduPublish;

GstRcastError     openvidu_error_classify   (gint                      number);
gboolean          openvidu_error_is_of_media (gint                    number);
gboolean          openvidu_reason_is_final  (const gchar             * reason);

/* @params: (nullable): without braces */
gchar *           openvidu_print_request    (guint64                   id,
                                             const gchar             * method,
                                             const gchar             * params);
/* All return the parameters of one request, (transfer full). */
gchar *           openvidu_print_ping       (void);
gchar *           openvidu_print_join       (const OpenviduJoin      * join);
gchar *           openvidu_print_connect    (const gchar             * rpc_session);
gchar *           openvidu_print_publish    (const OpenviduPublish   * publish);
gchar *           openvidu_print_reconnect  (const gchar             * stream,
                                             const gchar             * sdp);
gchar *           openvidu_print_prepare    (const gchar             * stream,
                                             gboolean                  again);
gchar *           openvidu_print_receive    (const gchar             * stream,
                                             gboolean                  offer,
                                             const gchar             * sdp);
gchar *           openvidu_print_receive_again (const gchar          * stream,
                                             gboolean                  offer,
                                             const gchar             * sdp,
                                             gboolean                  forced);
gchar *           openvidu_print_unsubscribe (const gchar            * stream);
gchar *           openvidu_print_candidate  (const gchar             * endpoint,
                                             const NetCandidate      * candidate);
gchar *           openvidu_print_signal     (const gchar *const      * to,
                                             const gchar             * type,
                                             const gchar             * data);

OpenviduMessage * openvidu_message_parse    (const gchar             * text,
                                             gssize                    size,
                                             GError                 ** error);
void              openvidu_message_free     (OpenviduMessage         * message);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OpenviduMessage, openvidu_message_free)

G_END_DECLS
