/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The JSON of the Janus API and its VideoRoom plugin: pure functions from and to text. */
#pragma once

#include <gst/gst.h>

#include "rcast-error.h"

G_BEGIN_DECLS

#define JANUS_PROTOCOL "janus-protocol"
#define JANUS_PLUGIN_VIDEOROOM "janus.plugin.videoroom"

/* A description as JSON, and a room full of publishers, are a tenth of it. */
#define JANUS_MAX_MESSAGE (1024 * 1024)
/* Deepest known: message, plugindata, data, publishers, streams, one stream. */
#define JANUS_MAX_DEPTH 16
/* s, of the times that a server names: more is taken as this */
#define JANUS_MAX_TIMEOUT (24 * 60 * 60)

/**
 * JanusId:
 * @text: (nullable): digits, or any text; %NULL: none
 * @is_string: whether it goes out as a JSON string, as in rooms with string_ids
 *
 * The name of a room or of a member.
 */
typedef struct
{
  gchar *text;
  gboolean is_string;
} JanusId;

void      janus_id_set    (JanusId * id, const gchar * text, gboolean is_string);
void      janus_id_clear  (JanusId * id);
gboolean  janus_id_equal  (const JanusId * a, const JanusId * b);
/* Digits that fit make a number. */
void      janus_id_guess  (JanusId * id, const gchar * text);

/**
 * JanusAddress:
 * @session: 0: none
 * @handle: 0: none
 * @transaction: by which the answer is known
 * @token: (nullable): stored or signed token
 * @api_secret: (nullable): the server's secret
 *
 * What each request carries.
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
  const gchar *pin, *display;   /* nullable, as the rest */
  const gchar *token;           /* of a room with a list of those who may come */
  const gchar *secret;          /* with which a new room can be managed */
  const gchar *admin_key;       /* without which some servers make no room */
} JanusRoom;

typedef struct
{
  guint bitrate;                /* bit/s, 0: as the room says */
  const gchar *audio_codec, *video_codec;       /* nullable */
  const gchar *display;         /* nullable */
} JanusPublish;

typedef struct
{
  guint mline;
  gchar *mid;                   /* nullable */
  gchar *text;                  /* `candidate:…`; NULL: no more */
} JanusCandidate;

/* All: (transfer full), one JSON object. */
gchar * janus_print_request   (const JanusAddress * to, const gchar * verb);
gchar * janus_print_attach    (const JanusAddress * to, const gchar * plugin, const gchar * opaque_id);
gchar * janus_print_trickle   (const JanusAddress * to, const JanusCandidate * candidates, guint n);
/* Requests to the VideoRoom without and with a room. */
gchar * janus_print_body      (const JanusAddress * to, const gchar * request);
gchar * janus_print_room      (const JanusAddress * to, const gchar * request, const JanusRoom * room);
/* `publish` or `configure`, with an offer. */
gchar * janus_print_offer     (const JanusAddress * to, const gchar * request, const JanusPublish * publish,
                               const gchar * sdp);

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
  JANUS_OTHER,                  /* of a newer server: not for us */
} JanusKind;

typedef struct
{
  JanusId id;
  gboolean publisher;
} JanusMember;

/**
 * JanusMessage:
 * @kind: what it is
 * @transaction: (nullable): of the request that it answers
 * @session: 0: none
 * @sender: the handle that it is about, 0: none
 * @id: `data.id` of a success: the new session or handle
 * @code: Janus' or the plugin's error code, 0: no error
 * @reason: (nullable): of an error, a hangup, a removal
 *
 * A message from the server. Which of the other fields count is said by @kind;
 * what was not there, or was of another type, is 0 or %NULL.
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

  /* JANUS_MEDIA, JANUS_SLOWLINK */
  gchar *mid, *media;
  gboolean receiving, uplink;
  guint lost;

  /* JANUS_TRICKLE */
  gchar *candidate;             /* NULL: no more */
  guint mline;

  gchar *jsep_type, *sdp;

  /* The VideoRoom's: its word, and what follows it. */
  gchar *videoroom;
  JanusId room, member;
  gboolean configured, unpublished, left, kicked;
  GArray *members;              /* nullable, of JanusMember */
} JanusMessage;

/* Total: each @text gives a message or an error. */
JanusMessage * janus_message_parse (const gchar * text, gssize size, GError ** error);
void           janus_message_free  (JanusMessage * message);

/* Whether json-glib may have it: strict JSON, not too large nor too deep. */
gboolean       janus_json_check    (const gchar * text, gsize size, GError ** error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (JanusMessage, janus_message_free)

G_END_DECLS
