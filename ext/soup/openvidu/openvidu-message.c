/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* JSON-RPC of OpenVidu 2: pure functions from and to text. */
#include "config.h"

#include "openvidu-message.h"

#include <string.h>

#include "net-ice-server.h"
#include "net-json.h"
#include "net-print.h"
#include "rcast-text.h"

#define PLATFORM "gst-rcast"
#define SIGNAL_PREFIX "signal:"
#define MAX_ICE_SERVERS 16
/* Separates the client's metadata from that of its token. */
#define METADATA_SEPARATOR "%/%"

GstRcastError
openvidu_error_classify (gint number)
{
  switch (number) {
    case OPENVIDU_E_UNAUTHORIZED:
    case OPENVIDU_E_TOKEN:
      return GST_RCAST_ERROR_UNAUTHORIZED;
    case OPENVIDU_E_RECONNECTION:
    case OPENVIDU_E_NOT_JOINED:
    case OPENVIDU_E_USER_NOT_FOUND:
    case OPENVIDU_E_USER_CLOSED:
    case OPENVIDU_E_NOT_STREAMING:
      return GST_RCAST_ERROR_SESSION_GONE;
    case OPENVIDU_E_ROOM_NOT_FOUND:
    case OPENVIDU_E_ROLE:
      return GST_RCAST_ERROR_REJECTED;
    case OPENVIDU_E_ROOM_CLOSED:
      return GST_RCAST_ERROR_BUSY;
    case OPENVIDU_E_SDP:
    case OPENVIDU_E_CODEC:
      return GST_RCAST_ERROR_NOT_ACCEPTABLE;
    case OPENVIDU_E_METADATA:
    case OPENVIDU_E_SIGNAL:
    case OPENVIDU_E_SIGNAL_TO:
      return GST_RCAST_ERROR_INVALID_ARGUMENT;
    default:
      break;
  }
  if (number >= OPENVIDU_E_NO_MEDIA_NODE
      && number <= OPENVIDU_E_MEDIA_NODE_LAST)
    return GST_RCAST_ERROR_BUSY;
  if (number >= OPENVIDU_E_WRONG_SERVER
      && number <= OPENVIDU_E_WRONG_SERVER_LAST)
    return GST_RCAST_ERROR_NOT_SUPPORTED;
  return GST_RCAST_ERROR_FAILED;
}

/* Returns: whether the media server has failed with our media */
gboolean
openvidu_error_is_of_media (gint number)
{
  return number == OPENVIDU_E_NO_ENDPOINT || (number >= OPENVIDU_E_MEDIA
      && number <= OPENVIDU_E_MEDIA_LAST && number != OPENVIDU_E_SDP);
}

/* Returns: whether @reason ends the session on purpose. After a failure, we may return. */
gboolean
openvidu_reason_is_final (const gchar * reason)
{
  static const gchar *const final[] = { "disconnect", "forceDisconnectByUser",
    "forceDisconnectByServer", "sessionClosedByServer", "forceUnpublishByUser",
    "forceUnpublishByServer", "automaticStop", NULL
  };

  return reason && g_strv_contains (final, reason);
}

/* Writer */

gchar *
openvidu_print_request (guint64 id, const gchar * method,
    const gchar * params)
{
  GString *out = g_string_new ("{\"jsonrpc\":\"2.0\"");

  net_print_text (out, "method", method);
  if (params)
    g_string_append_printf (out, ",\"params\":{%s}", params);
  net_print_number (out, "id", id);
  g_string_append_c (out, '}');
  return g_string_free (out, FALSE);
}

gchar *
openvidu_print_ping (void)
{
  return g_strdup_printf ("\"interval\":%u", OPENVIDU_PING_INTERVAL);
}

gchar *
openvidu_print_join (const OpenviduJoin * join)
{
  GString *out = g_string_new (NULL);

  net_print_text (out, "token", join->token);
  net_print_text (out, "session", join->session);
  net_print_text (out, "platform", PLATFORM);
  net_print_text (out, "sdkVersion", OPENVIDU_SDK_VERSION);
  net_print_text (out, "metadata", join->metadata);
  net_print_text (out, "secret", join->secret);
  net_print_flag (out, "recorder", FALSE);
  net_print_flag (out, "stt", FALSE);
  return g_string_free (out, FALSE);
}

gchar *
openvidu_print_connect (const gchar * rpc_session)
{
  GString *out = g_string_new (NULL);

  net_print_text (out, "sessionId", rpc_session);
  net_print_flag (out, "reconnect", TRUE);
  return g_string_free (out, FALSE);
}

gchar *
openvidu_print_publish (const OpenviduPublish * publish)
{
  GString *out = g_string_new (NULL);

  net_print_flag (out, "doLoopback", FALSE);
  net_print_flag (out, "hasAudio", publish->has_audio);
  net_print_flag (out, "hasVideo", publish->has_video);
  net_print_flag (out, "audioActive", publish->has_audio);
  net_print_flag (out, "videoActive", publish->has_video);
  if (publish->has_video) {
    net_print_text (out, "typeOfVideo", publish->type_of_video);
    /* Unknown. */
    g_string_append (out, ",\"frameRate\":-1");
    net_print_text (out, "videoDimensions", "{\"width\":0,\"height\":0}");
  }
  net_print_text (out, "sdpOffer", publish->sdp);
  return g_string_free (out, FALSE);
}

gchar *
openvidu_print_reconnect (const gchar * stream, const gchar * sdp)
{
  GString *out = g_string_new (NULL);

  net_print_text (out, "stream", stream);
  net_print_text (out, "sdpString", sdp);
  return g_string_free (out, FALSE);
}

/* @again: whether the server has, or had, a connection for the stream */
gchar *
openvidu_print_prepare (const gchar * stream, gboolean again)
{
  GString *out = g_string_new (NULL);

  net_print_text (out, "sender", stream);
  net_print_flag (out, "reconnect", again);
  return g_string_free (out, FALSE);
}

/* @offer: whether @sdp is our offer; otherwise it answers the server's. The server recognizes this
 * by the name of the parameter. */
gchar *
openvidu_print_receive (const gchar * stream, gboolean offer,
    const gchar * sdp)
{
  GString *out = g_string_new (NULL);

  net_print_text (out, "sender", stream);
  net_print_text (out, offer ? "sdpOffer" : "sdpAnswer", sdp);
  return g_string_free (out, FALSE);
}

/* @forced: whether the server requested it */
gchar *
openvidu_print_receive_again (const gchar * stream, gboolean offer,
    const gchar * sdp, gboolean forced)
{
  GString *out = g_string_new (NULL);

  net_print_text (out, "stream", stream);
  net_print_text (out, offer ? "sdpOffer" : "sdpString", sdp);
  net_print_flag (out, "forciblyReconnect", forced);
  return g_string_free (out, FALSE);
}

gchar *
openvidu_print_unsubscribe (const gchar * stream)
{
  GString *out = g_string_new (NULL);

  net_print_text (out, "sender", stream);
  return g_string_free (out, FALSE);
}

gchar *
openvidu_print_candidate (const gchar * endpoint,
    const NetCandidate * candidate)
{
  GString *out = g_string_new (NULL);

  net_print_text (out, "endpointName", endpoint);
  net_print_text (out, "candidate", candidate->text ? candidate->text : "");
  net_print_text (out, "sdpMid", candidate->mid ? candidate->mid : "");
  net_print_number (out, "sdpMLineIndex", candidate->mline);
  return g_string_free (out, FALSE);
}

/* @to: (nullable): connections; NULL: all participants. The server takes JSON as text. */
gchar *
openvidu_print_signal (const gchar * const *to, const gchar * type,
    const gchar * data)
{
  g_autoptr (GString) message = g_string_new ("{\"to\":[");
  g_autofree gchar *whole = g_strconcat (SIGNAL_PREFIX, type, NULL);
  GString *out = g_string_new (NULL);

  for (guint i = 0; to && to[i]; i++) {
    if (i > 0)
      g_string_append_c (message, ',');
    net_print_string (message, to[i]);
  }
  g_string_append_c (message, ']');
  net_print_text (message, "data", data);
  net_print_text (message, "type", whole);
  g_string_append_c (message, '}');
  net_print_text (out, "message", message->str);
  return g_string_free (out, FALSE);
}

/* Reader */

/* For display and storage: bounded and printable. */
static gchar *
dup_clean (const NetJsonValue * object, const gchar * name)
{
  return gst_rcast_text_clean (net_json_get_text (object, name), -1);
}

/* Reads an integer, which may be text. */
static gboolean
get_integer (const NetJsonValue * object, const gchar * name, guint64 * number)
{
  const gchar *text = net_json_get_text (object, name);

  if (text)
    return g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, number, NULL);
  return net_json_get_number (object, name, number);
}

/* Servers quote the token that they refuse: removes @mark and what follows. */
static gchar *
hide (gchar * text, const gchar * mark, const gchar * ends)
{
  GString *out = g_string_new (NULL);
  const gchar *at = text, *found;

  while ((found = strstr (at, mark))) {
    g_string_append_len (out, at, found - at);
    g_string_append_printf (out, "%s…", mark);
    at = found + strlen (mark);
    at += strcspn (at, ends);
  }
  g_string_append (out, at);
  g_free (text);
  return g_string_free (out, FALSE);
}

static gchar *
dup_without_secrets (const NetJsonValue * object, const gchar * name)
{
  const gchar *ends = " \t\r\n&\"',;)";
  gchar *text = g_strdup (net_json_get_text (object, name));
  g_autofree gchar *shown = NULL;

  if (!text)
    return NULL;
  text = hide (text, "token=", ends);
  text = hide (text, "tok_", ends);
  shown = hide (text, "secret=", ends);
  return gst_rcast_text_clean (shown, -1);
}

static void
add_ice_server (GPtrArray * servers, const gchar * location,
    const gchar * username, const gchar * credential)
{
  gchar *printed = location ? net_ice_server_print (location, username,
      credential) : NULL;

  if (printed && servers->len < MAX_ICE_SERVERS)
    g_ptr_array_add (servers, printed);
  else
    g_free (printed);
}

static void
add_coturn (GPtrArray * servers, const NetJsonValue * result)
{
  const gchar *host = net_json_get_text (result, "coturnIp");
  const gchar *username = net_json_get_text (result, "turnUsername");
  const gchar *credential = net_json_get_text (result, "turnCredential");
  g_autofree gchar *authority = NULL, *stun = NULL, *turn = NULL, *tcp = NULL;
  guint64 port = 3478;

  if (!host)
    return;
  get_integer (result, "coturnPort", &port);
  authority = g_strdup_printf (strchr (host, ':') && *host != '[' ?
      "[%s]:%" G_GUINT64_FORMAT : "%s:%" G_GUINT64_FORMAT, host, port);
  stun = g_strconcat ("stun:", authority, NULL);
  turn = g_strconcat ("turn:", authority, NULL);
  tcp = g_strconcat (turn, "?transport=tcp", NULL);
  add_ice_server (servers, stun, NULL, NULL);
  add_ice_server (servers, turn, username, credential);
  add_ice_server (servers, tcp, username, credential);
}

/* As OpenVidu's client does: the application's servers, else coturn. */
static GStrv
parse_ice_servers (const NetJsonValue * result)
{
  const NetJsonValue *own = net_json_get_array (result, "customIceServers");
  GPtrArray *servers = g_ptr_array_new ();

  for (const NetJsonValue * value = net_json_get_first (own); value;
      value = net_json_get_next (value))
    add_ice_server (servers, net_json_get_text (value, "url"),
        net_json_get_text (value, "username"), net_json_get_text (value,
            "credential"));
  if (net_json_get_length (own) == 0)
    add_coturn (servers, result);
  g_ptr_array_add (servers, NULL);
  return (GStrv) g_ptr_array_free (servers, FALSE);
}

/* Participants */

static void
participant_clear (gpointer data)
{
  OpenviduParticipant *self = data;

  g_free (self->id);
  g_free (self->name);
  g_free (self->stream);
}

/* The client's metadata comes first, then that of its token. By convention both are JSON. Returns:
 * (transfer full) (nullable): the name */
static gchar *
parse_name (const gchar * metadata)
{
  const gchar *end = metadata ? strstr (metadata, METADATA_SEPARATOR) : NULL;
  gsize size = end ? (gsize) (end - metadata) : metadata ? strlen (metadata) : 0;
  g_autofree gchar *own = metadata ? g_strndup (metadata, size) : NULL;
  g_autoptr (NetJson) json = own ? net_json_parse (own, size, NULL) : NULL;
  gchar *name = json ? dup_clean (net_json_get_root (json), "clientData") :
      NULL;

  return name || !own ? name : gst_rcast_text_clean (own, -1);
}

static void
add_participant (GArray * participants, const NetJsonValue * value)
{
  const NetJsonValue *stream =
      net_json_get_first (net_json_get_array (value, "streams"));
  OpenviduParticipant one = {
    .id = dup_clean (value, "id"),
    .has_audio = net_json_get_flag (stream, "hasAudio"),
    .has_video = net_json_get_flag (stream, "hasVideo"),
    .audio_active = net_json_get_flag (stream, "audioActive"),
    .video_active = net_json_get_flag (stream, "videoActive"),
  };

  if (!one.id || participants->len >= OPENVIDU_MAX_PARTICIPANTS) {
    g_free (one.id);
    return;
  }
  one.name = parse_name (net_json_get_text (value, "metadata"));
  one.stream = dup_clean (stream, "id");
  g_array_append_val (participants, one);
}

static GArray *
participants_new (void)
{
  GArray *participants =
      g_array_new (FALSE, TRUE, sizeof (OpenviduParticipant));

  g_array_set_clear_func (participants, participant_clear);
  return participants;
}

static void
parse_participants (OpenviduMessage * message, const NetJsonValue * result)
{
  const NetJsonValue *value = net_json_get_array (result, "value");

  if (!value)
    return;
  message->participants = participants_new ();
  for (value = net_json_get_first (value); value;
      value = net_json_get_next (value))
    add_participant (message->participants, value);
}

static void
parse_result (OpenviduMessage * message, const NetJsonValue * result)
{
  message->value = dup_clean (result, "value");
  message->rpc_session = g_strdup (net_json_get_text (result, "sessionId"));
  message->name = dup_clean (result, "id");
  message->answer = g_strdup (net_json_get_text (result, "sdpAnswer"));
  message->offer = g_strdup (net_json_get_text (result, "sdpOffer"));
  message->role = dup_clean (result, "role");
  message->media_server = dup_clean (result, "mediaServer");
  message->ice_servers = parse_ice_servers (result);
  parse_participants (message, result);
}

static void
parse_error (OpenviduMessage * message, const NetJsonValue * failure)
{
  guint64 code = 0;

  get_integer (failure, "code", &code);
  message->code = code > 0 && code <= G_MAXINT ? (gint) code : -1;
  message->reason = dup_without_secrets (failure, "message");
}

static void
parse_candidate (OpenviduMessage * message, const NetJsonValue * params)
{
  const gchar *text = net_json_get_text (params, "candidate");
  guint64 mline = 0;

  message->endpoint = dup_clean (params, "endpointName");
  if (!text || !*text || strlen (text) > OPENVIDU_MAX_CANDIDATE
      || !get_integer (params, "sdpMLineIndex", &mline) || mline > G_MAXINT)
    return;
  message->candidate = g_strdup (text);
  message->mline = mline;
}

/* The new value is a string or a boolean. */
static void
parse_stream (OpenviduMessage * message, const NetJsonValue * params)
{
  message->stream = dup_clean (params, "streamId");
  message->offer = g_strdup (net_json_get_text (params, "sdpOffer"));
  message->property = dup_clean (params, "property");
  if (!message->property)
    return;
  message->new_value = dup_clean (params, "newValue");
  if (!message->new_value)
    message->new_value = g_strdup (net_json_get_flag (params, "newValue") ?
        "true" : "false");
}

static void
parse_notification (OpenviduMessage * message, const NetJsonValue * params)
{
  static const gchar *const names[] = { "connectionId", "id", "from",
    "senderConnectionId"
  };
  const gchar *type = net_json_get_text (params, "type");

  for (guint i = 0; !message->connection && i < G_N_ELEMENTS (names); i++)
    message->connection = dup_clean (params, names[i]);
  message->reason = dup_clean (params, "reason");
  if (!message->reason)
    message->reason = dup_clean (params, "error");
  parse_candidate (message, params);
  parse_stream (message, params);
  message->participants = participants_new ();
  add_participant (message->participants, params);
  if (type && g_str_has_prefix (type, SIGNAL_PREFIX))
    type += strlen (SIGNAL_PREFIX);
  message->type = g_strdup (type);
  message->data = g_strdup (net_json_get_text (params, "data"));
}

static OpenviduMessage *
parse_message (const NetJsonValue * root, GError ** error)
{
  g_autofree gchar *method = dup_clean (root, "method");
  const NetJsonValue *failure = net_json_get_object (root, "error");
  const NetJsonValue *result = net_json_get_object (root, "result");
  guint64 id = 0;
  gboolean answer = get_integer (root, "id", &id) && (failure || result);
  OpenviduMessage *message;

  if (!answer && !method) {
    g_set_error_literal (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "not a message of OpenVidu: neither an answer nor a notification");
    return NULL;
  }
  message = g_new0 (OpenviduMessage, 1);
  message->kind = !answer ? OPENVIDU_NOTIFICATION : failure ? OPENVIDU_ERROR :
      OPENVIDU_RESULT;
  message->id = id;
  if (!answer) {
    message->method = g_steal_pointer (&method);
    parse_notification (message, net_json_get_object (root, "params"));
  } else if (failure) {
    parse_error (message, failure);
  } else {
    parse_result (message, result);
  }
  return message;
}

/**
 * openvidu_message_parse:
 * @text: the received text
 * @size: of @text, -1: it is NUL-terminated
 * @error: why it is not a message; it quotes nothing of @text
 *
 * Texts for display are bounded and printable, and contain no token. Stack traces in errors
 * are ignored.
 *
 * Returns: (transfer full) (nullable): the message
 */
OpenviduMessage *
openvidu_message_parse (const gchar * text, gssize size, GError ** error)
{
  g_autoptr (NetJson) json =
      net_json_parse (text, size < 0 ? strlen (text) : (gsize) size, error);

  return json ? parse_message (net_json_get_root (json), error) : NULL;
}

void
openvidu_message_free (OpenviduMessage * message)
{
  if (!message)
    return;
  g_free (message->reason);
  g_free (message->method);
  g_free (message->value);
  g_free (message->rpc_session);
  g_free (message->name);
  g_free (message->answer);
  g_free (message->offer);
  g_free (message->role);
  g_free (message->media_server);
  g_strfreev (message->ice_servers);
  g_clear_pointer (&message->participants, g_array_unref);
  g_free (message->stream);
  g_free (message->property);
  g_free (message->new_value);
  g_free (message->connection);
  g_free (message->endpoint);
  g_free (message->candidate);
  g_free (message->type);
  g_free (message->data);
  g_free (message);
}
