/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* JSON of the Janus API and its VideoRoom plugin: pure functions from and to text. */
#include "config.h"

#include "janus-message.h"

#include <string.h>

#include "net-json.h"
#include "net-print.h"
#include "rcast-text.h"

/* After its session is destroyed, our ghost leaves the room within this time. */
#define GHOST_RETRY_AFTER (2 * GST_SECOND)
#define FULL_RETRY_AFTER (5 * GST_SECOND)

GstRcastError
janus_error_classify (gint number, GstClockTime * retry_after)
{
  switch (number) {
    case JANUS_E_UNAUTHORIZED:
    case JANUS_E_TOKEN_PLUGIN:
      return GST_RCAST_ERROR_UNAUTHORIZED;
    case JANUS_E_NO_SESSION:
    case JANUS_E_NO_HANDLE:
      return GST_RCAST_ERROR_SESSION_GONE;
    case JANUS_E_NO_PLUGIN:
      return GST_RCAST_ERROR_NOT_SUPPORTED;
    case JANUS_E_NO_FEED:
      return GST_RCAST_ERROR_NO_STREAM;
    case JANUS_E_ROOM_UNKNOWN:
    case JANUS_E_ROOM_UNAUTHORIZED:
      return GST_RCAST_ERROR_REJECTED;
    case JANUS_E_BAD_JSEP_TYPE:
    case JANUS_E_BAD_SDP:
    case JANUS_E_ROOM_SDP_TYPE:
    case JANUS_E_ROOM_SDP:
      return GST_RCAST_ERROR_NOT_ACCEPTABLE;
    case JANUS_E_INVALID_ELEMENT:
      return GST_RCAST_ERROR_INVALID_ARGUMENT;
    case JANUS_E_ROOM_FULL:
      *retry_after = FULL_RETRY_AFTER;
      return GST_RCAST_ERROR_BUSY;
    case JANUS_E_ID_EXISTS:
      *retry_after = GHOST_RETRY_AFTER;
      return GST_RCAST_ERROR_BUSY;
    case JANUS_E_DRAINING:
      return GST_RCAST_ERROR_BUSY;
    default:
      return GST_RCAST_ERROR_FAILED;
  }
}

/* Identifiers */

void
janus_id_set (JanusId * id, const gchar * text, gboolean is_string)
{
  gchar *copy = g_strdup (text);

  g_free (id->text);
  id->text = copy;
  id->is_string = is_string;
}

void
janus_id_clear (JanusId * id)
{
  janus_id_set (id, NULL, FALSE);
}

gboolean
janus_id_equal (const JanusId * a, const JanusId * b)
{
  return a->text && b->text && a->is_string == b->is_string
      && g_str_equal (a->text, b->text);
}

void
janus_id_guess (JanusId * id, const gchar * text)
{
  /* A number would lose a leading zero, so the identifier must be a string. */
  gboolean number = g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, NULL,
      NULL) && (text[0] != '0' || text[1] == '\0');

  janus_id_set (id, text, !number);
}

/* Writer */

static void
print_id (GString * out, const gchar * name, const JanusId * id)
{
  if (!id->text)
    return;
  if (id->is_string)
    net_print_text (out, name, id->text);
  else
    net_print_number (out, name, g_ascii_strtoull (id->text, NULL, 10));
}

/**
 * janus_print_request:
 * @to: target of the request
 * @verb: the request: `create`, `attach`, `message`, …
 * @members: (nullable): the members specific to this request, without braces
 *
 * Returns: (transfer full): the request
 */
gchar *
janus_print_request (const JanusAddress * to, const gchar * verb,
    const gchar * members)
{
  GString *out = g_string_new ("{");

  net_print_text (out, "janus", verb);
  net_print_text (out, "transaction", to->transaction);
  if (to->session)
    net_print_number (out, "session_id", to->session);
  if (to->handle)
    net_print_number (out, "handle_id", to->handle);
  net_print_text (out, "token", to->token);
  net_print_text (out, "apisecret", to->api_secret);
  if (members)
    g_string_append_printf (out, ",%s", members);
  g_string_append_c (out, '}');
  return g_string_free (out, FALSE);
}

gchar *
janus_print_attach (const gchar * plugin)
{
  GString *out = g_string_new (NULL);

  net_print_text (out, "plugin", plugin);
  return g_string_free (out, FALSE);
}

static void
print_candidate (GString * out, const NetCandidate * candidate)
{
  g_string_append_c (out, '{');
  if (candidate->text) {
    net_print_text (out, "candidate", candidate->text);
    net_print_text (out, "sdpMid", candidate->mid);
    net_print_number (out, "sdpMLineIndex", candidate->mline);
  } else {
    g_string_append (out, "\"completed\":true");
  }
  g_string_append_c (out, '}');
}

gchar *
janus_print_trickle (const NetCandidate * candidates, guint n)
{
  GString *out = g_string_new (n == 1 ? "\"candidate\":" :
      "\"candidates\":[");

  for (guint i = 0; i < n; i++) {
    if (i > 0)
      g_string_append_c (out, ',');
    print_candidate (out, &candidates[i]);
  }
  if (n != 1)
    g_string_append_c (out, ']');
  return g_string_free (out, FALSE);
}

static GString *
begin_body (const gchar * request)
{
  GString *out = g_string_new ("\"body\":{");

  net_print_text (out, "request", request);
  return out;
}

gchar *
janus_print_body (const gchar * request)
{
  GString *out = begin_body (request);

  g_string_append_c (out, '}');
  return g_string_free (out, FALSE);
}

/* Codecs of a room that we create: all that browsers support. */
#define ROOM_AUDIO_CODECS "opus,g722,pcmu,pcma"
#define ROOM_VIDEO_CODECS "h264,vp8,vp9,av1,h265"

gchar *
janus_print_room (const gchar * request, const JanusRoom * room)
{
  GString *out = begin_body (request);

  print_id (out, "room", &room->room);
  if (g_str_equal (request, "join")) {
    net_print_text (out, "ptype", "publisher");
    print_id (out, "id", &room->id);
    net_print_text (out, "display", room->display);
    net_print_text (out, "pin", room->pin);
    net_print_text (out, "token", room->token);
  } else if (g_str_equal (request, "create")) {
    net_print_text (out, "pin", room->pin);
    net_print_text (out, "secret", room->secret);
    net_print_text (out, "admin_key", room->admin_key);
    net_print_text (out, "audiocodec", ROOM_AUDIO_CODECS);
    net_print_text (out, "videocodec", ROOM_VIDEO_CODECS);
  }
  g_string_append_c (out, '}');
  return g_string_free (out, FALSE);
}

/* Finishes the body with a description. Returns: (transfer full): the text of @out */
static gchar *
end_with_sdp (GString * out, const gchar * type, const gchar * sdp)
{
  g_string_append (out, "},\"jsep\":{");
  net_print_text (out, "type", type);
  net_print_text (out, "sdp", sdp);
  g_string_append_c (out, '}');
  return g_string_free (out, FALSE);
}

gchar *
janus_print_offer (const gchar * request, const JanusPublish * publish,
    const gchar * sdp)
{
  GString *out = begin_body (request);

  if (publish->bitrate)
    net_print_number (out, "bitrate", publish->bitrate);
  net_print_text (out, "audiocodec", publish->audio_codec);
  net_print_text (out, "videocodec", publish->video_codec);
  return end_with_sdp (out, "offer", sdp);
}

/* For all streams of @feed. */
static void
print_streams (GString * out, const gchar * name, const JanusId * feed)
{
  net_print_name (out, name);
  g_string_append (out, "[{");
  print_id (out, "feed", feed);
  g_string_append (out, "}]");
}

/**
 * janus_print_subscribe:
 * @room: the room
 * @feed: the publisher
 * @private_id: of our member, 0: none
 *
 * Asks the server to make no offer when a publisher leaves: its m-lines wait for the next
 * publisher.
 *
 * Returns: (transfer full): the members of a subscriber's `join`
 */
gchar *
janus_print_subscribe (const JanusRoom * room, const JanusId * feed,
    guint64 private_id)
{
  GString *out = begin_body ("join");

  net_print_text (out, "ptype", "subscriber");
  print_id (out, "room", &room->room);
  print_streams (out, "streams", feed);
  net_print_flag (out, "autoupdate", FALSE);
  if (private_id)
    net_print_number (out, "private_id", private_id);
  net_print_text (out, "pin", room->pin);
  net_print_text (out, "token", room->token);
  g_string_append_c (out, '}');
  return g_string_free (out, FALSE);
}

/* Replaces the streams of @from by those of @to, in the same m-lines. If both are the same feed,
 * its streams start again. */
gchar *
janus_print_update (const JanusId * from, const JanusId * to)
{
  GString *out = begin_body ("update");

  print_streams (out, "unsubscribe", from);
  print_streams (out, "subscribe", to);
  g_string_append_c (out, '}');
  return g_string_free (out, FALSE);
}

gchar *
janus_print_restart (void)
{
  GString *out = begin_body ("configure");

  net_print_flag (out, "restart", TRUE);
  g_string_append_c (out, '}');
  return g_string_free (out, FALSE);
}

/* Requests the streams @mids, which are already sent: for video, Janus then requests a key frame
 * from the publisher. */
gchar *
janus_print_resume (const GPtrArray * mids)
{
  GString *out = begin_body ("configure");

  g_string_append (out, ",\"streams\":[");
  for (guint i = 0; i < mids->len; i++) {
    g_string_append (out, i ? ",{" : "{");
    net_print_text (out, "mid", g_ptr_array_index (mids, i));
    net_print_flag (out, "send", TRUE);
    g_string_append_c (out, '}');
  }
  g_string_append (out, "]}");
  return g_string_free (out, FALSE);
}

gchar *
janus_print_start (const gchar * sdp)
{
  return end_with_sdp (begin_body ("start"), "answer", sdp);
}

/* Reader */

/* More than any codec has. */
#define MAX_LAYER 7

/* For display and storage: bounded and printable. */
static gchar *
dup_clean (const NetJsonValue * object, const gchar * name)
{
  return gst_rcast_text_clean (net_json_get_text (object, name), -1);
}

static guint64
get_id_number (const NetJsonValue * object, const gchar * name)
{
  guint64 number = 0;

  net_json_get_number (object, name, &number);
  return number;
}

/* 0 if it does not fit */
static guint
get_small (const NetJsonValue * object, const gchar * name)
{
  guint64 number = get_id_number (object, name);

  return number <= G_MAXINT ? number : 0;
}

static void
get_id (const NetJsonValue * object, const gchar * name, JanusId * id)
{
  g_autofree gchar *text = dup_clean (object, name);
  gboolean is_string = text != NULL;
  guint64 number;

  if (!text && net_json_get_number (object, name, &number))
    text = g_strdup_printf ("%" G_GUINT64_FORMAT, number);
  if (text)
    janus_id_set (id, text, is_string);
}

static JanusKind
parse_kind (const gchar * word)
{
  static const gchar *const words[] = {
    [JANUS_SUCCESS] = "success",
    [JANUS_ACK] = "ack",
    [JANUS_ERROR] = "error",
    [JANUS_SERVER_INFO] = "server_info",
    [JANUS_EVENT] = "event",
    [JANUS_WEBRTCUP] = "webrtcup",
    [JANUS_MEDIA] = "media",
    [JANUS_SLOWLINK] = "slowlink",
    [JANUS_ICE_FAILED] = "ice-failed",
    [JANUS_HANGUP] = "hangup",
    [JANUS_DETACHED] = "detached",
    [JANUS_TIMEOUT] = "timeout",
    [JANUS_TRICKLE] = "trickle",
  };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++) {
    if (g_str_equal (word, words[i]))
      return i;
  }
  return JANUS_OTHER;
}

/* Limited, so that it can be counted in milliseconds. */
static guint
get_timeout (const NetJsonValue * root, const gchar * name)
{
  return MIN (get_id_number (root, name), JANUS_MAX_TIMEOUT);
}

static void
parse_info (JanusMessage * message, const NetJsonValue * root)
{
  const NetJsonValue *plugins = net_json_get_object (root, "plugins");

  message->version = dup_clean (root, "version_string");
  message->session_timeout = get_timeout (root, "session-timeout");
  message->reclaim_timeout = get_timeout (root, "reclaim-session-timeout");
  message->has_plugins = plugins != NULL;
  message->has_videoroom = net_json_has (plugins, JANUS_PLUGIN_VIDEOROOM);
  message->draining = net_json_has (root, "accepting-new-sessions")
      && !net_json_get_flag (root, "accepting-new-sessions");
}

static void
clear_member (gpointer data)
{
  JanusMember *member = data;

  janus_id_clear (&member->id);
  g_free (member->display);
}

/* Returns: (transfer full) (nullable): the members in @array (nullable). @publishers: whether it is
 * a list of publishers */
static GArray *
parse_members (const NetJsonValue * array, gboolean publishers)
{
  GArray *members;

  if (!array)
    return NULL;
  members = g_array_new (FALSE, TRUE, sizeof (JanusMember));
  g_array_set_clear_func (members, clear_member);
  for (const NetJsonValue * value = net_json_get_first (array); value;
      value = net_json_get_next (value)) {
    JanusMember member = {.publisher = publishers
          || net_json_get_flag (value, "publisher")
    };

    if (!net_json_is_object (value))
      continue;
    get_id (value, "id", &member.id);
    member.display = dup_clean (value, "display");
    g_array_append_val (members, member);
  }
  return members;
}

/* "ok" means us, an identifier another member. */
static gboolean
is_ok (const NetJsonValue * data, const gchar * name)
{
  return g_strcmp0 (net_json_get_text (data, name), "ok") == 0;
}

static JanusRoomEvent
parse_room_event (const NetJsonValue * data)
{
  if (is_ok (data, "leaving")
      && g_strcmp0 (net_json_get_text (data, "reason"), "kicked") == 0)
    return JANUS_ROOM_KICKED;
  if (g_strcmp0 (net_json_get_text (data, "videoroom"), "destroyed") == 0)
    return JANUS_ROOM_DESTROYED;
  if (g_strcmp0 (net_json_get_text (data, "moderation"), "muted") == 0)
    return JANUS_ROOM_MUTED;
  if (g_strcmp0 (net_json_get_text (data, "moderation"), "unmuted") == 0)
    return JANUS_ROOM_UNMUTED;
  return JANUS_ROOM_OTHER;
}

/* The member no longer sends, whoever it is. */
static void
parse_left (JanusMessage * message, const NetJsonValue * data)
{
  static const gchar *const words[] = { "unpublished", "leaving", "kicked" };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (!is_ok (data, words[i]))
      get_id (data, words[i], &message->left);
}

static void
set_failure (JanusMessage * message, guint code, gchar * reason)
{
  message->code = code > 0 ? (gint) code : -1;
  g_free (message->reason);
  message->reason = reason;
}

/* Layer of simulcast, or of SVC with the @other name. Returns: -1: unknown */
static gint
get_layer (const NetJsonValue * data, const gchar * name, const gchar * other)
{
  guint64 layer;

  if (!net_json_get_number (data, name, &layer)
      && !net_json_get_number (data, other, &layer))
    return -1;
  return layer <= MAX_LAYER ? (gint) layer : -1;
}

static void
parse_videoroom (JanusMessage * message, const NetJsonValue * data)
{
  guint code = get_small (data, "error_code");

  message->room_event = parse_room_event (data);
  get_id (data, "id", &message->member);
  message->private_id = get_id_number (data, "private_id");
  if (!message->mid)
    message->mid = dup_clean (data, "mid");
  parse_left (message, data);
  message->substream = get_layer (data, "substream", "spatial_layer");
  message->temporal = get_layer (data, "temporal", "temporal_layer");
  message->members =
      parse_members (net_json_get_array (data, "participants"), FALSE);
  message->publishers =
      parse_members (net_json_get_array (data, "publishers"), TRUE);
  if (code || net_json_get_text (data, "error"))
    set_failure (message, code, dup_clean (data, "error"));
}

static void
parse_candidate (JanusMessage * message, const NetJsonValue * candidate)
{
  const gchar *text = net_json_get_text (candidate, "candidate");

  message->completed = !candidate || net_json_get_flag (candidate, "completed");
  if (message->completed || !text || strlen (text) > JANUS_MAX_CANDIDATE)
    return;
  message->candidate = g_strdup (text);
  message->mline = get_small (candidate, "sdpMLineIndex");
}

static void
parse_event (JanusMessage * message, const NetJsonValue * root)
{
  const NetJsonValue *jsep = net_json_get_object (root, "jsep");

  message->reason = dup_clean (root, "reason");
  message->mid = dup_clean (root, "mid");
  message->media = dup_clean (root, "type");
  if (!message->media)
    message->media = dup_clean (root, "media");
  message->receiving = net_json_get_flag (root, "receiving");
  message->uplink = net_json_get_flag (root, "uplink");
  message->lost = get_small (root, "lost");
  if (g_strcmp0 (net_json_get_text (jsep, "type"), "answer") == 0)
    message->answer = g_strdup (net_json_get_text (jsep, "sdp"));
  else if (g_strcmp0 (net_json_get_text (jsep, "type"), "offer") == 0)
    message->offer = g_strdup (net_json_get_text (jsep, "sdp"));
}

static JanusMessage *
parse_message (const NetJsonValue * root, GError ** error)
{
  const NetJsonValue *plugindata = net_json_get_object (root, "plugindata");
  const NetJsonValue *failure = net_json_get_object (root, "error");
  const gchar *word = net_json_get_text (root, "janus");
  JanusMessage *message;

  if (!word) {
    g_set_error_literal (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "not a message of Janus: no \"janus\"");
    return NULL;
  }
  message = g_new0 (JanusMessage, 1);
  message->kind = parse_kind (word);
  message->substream = message->temporal = -1;
  message->transaction = g_strdup (net_json_get_text (root, "transaction"));
  message->session = get_id_number (root, "session_id");
  message->sender = get_id_number (root, "sender");
  message->id = get_id_number (net_json_get_object (root, "data"), "id");
  parse_event (message, root);
  if (message->kind == JANUS_SERVER_INFO)
    parse_info (message, root);
  if (message->kind == JANUS_TRICKLE)
    parse_candidate (message, net_json_get_object (root, "candidate"));
  if (plugindata)
    parse_videoroom (message, net_json_get_object (plugindata, "data"));
  if (message->kind == JANUS_ERROR)
    set_failure (message, get_small (failure, "code"), dup_clean (failure,
            "reason"));
  return message;
}

/**
 * janus_message_parse:
 * @text: the received text
 * @size: of @text, -1: it is NUL-terminated
 * @error: why it is not a message; it quotes nothing of @text
 *
 * Texts for display are bounded and printable. A field that is not of Janus' type is
 * ignored.
 *
 * Returns: (transfer full) (nullable): the message
 */
JanusMessage *
janus_message_parse (const gchar * text, gssize size, GError ** error)
{
  g_autoptr (NetJson) json =
      net_json_parse (text, size < 0 ? strlen (text) : (gsize) size, error);

  return json ? parse_message (net_json_get_root (json), error) : NULL;
}

void
janus_message_free (JanusMessage * message)
{
  if (!message)
    return;
  g_free (message->transaction);
  g_free (message->reason);
  g_free (message->version);
  g_free (message->mid);
  g_free (message->media);
  g_free (message->candidate);
  g_free (message->answer);
  g_free (message->offer);
  janus_id_clear (&message->member);
  janus_id_clear (&message->left);
  g_clear_pointer (&message->members, g_array_unref);
  g_clear_pointer (&message->publishers, g_array_unref);
  g_free (message);
}
