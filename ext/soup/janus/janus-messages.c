/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The JSON of the Janus API and its VideoRoom plugin: pure functions from and to text. */
#include "config.h"

#include "janus-messages.h"

#include <json-glib/json-glib.h>
#include <string.h>

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
  /* A leading zero would be lost, so it is a string's. */
  gboolean number = g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, NULL,
      NULL) && (text[0] != '0' || text[1] == '\0');

  janus_id_set (id, text, !number);
}

/* Printing. By hand: json-glib knows no number above 2^63. */

static void
print_string (GString * out, const gchar * text)
{
  g_autofree gchar *valid = g_utf8_make_valid (text, -1);

  g_string_append_c (out, '"');
  for (const gchar * p = valid; *p; p++) {
    if (*p == '"' || *p == '\\')
      g_string_append_c (out, '\\');
    if ((guchar) * p < 0x20)
      g_string_append_printf (out, "\\u%04x", (guint) * p);
    else
      g_string_append_c (out, *p);
  }
  g_string_append_c (out, '"');
}

/* @value NULL: no such member */
static void
print_member (GString * out, const gchar * name, const gchar * value)
{
  if (!value)
    return;
  if (out->str[out->len - 1] != '{')
    g_string_append_c (out, ',');
  g_string_append_printf (out, "\"%s\":", name);
  print_string (out, value);
}

static void
print_number (GString * out, const gchar * name, guint64 value)
{
  if (out->str[out->len - 1] != '{')
    g_string_append_c (out, ',');
  g_string_append_printf (out, "\"%s\":%" G_GUINT64_FORMAT, name, value);
}

static void
print_id (GString * out, const gchar * name, const JanusId * id)
{
  if (!id->text)
    return;
  if (id->is_string)
    print_member (out, name, id->text);
  else
    print_number (out, name, g_ascii_strtoull (id->text, NULL, 10));
}

static GString *
begin (const JanusAddress * to, const gchar * verb)
{
  GString *out = g_string_new ("{");

  print_member (out, "janus", verb);
  print_member (out, "transaction", to->transaction);
  if (to->session)
    print_number (out, "session_id", to->session);
  if (to->handle)
    print_number (out, "handle_id", to->handle);
  print_member (out, "token", to->token);
  print_member (out, "apisecret", to->api_secret);
  return out;
}

static gchar *
end (GString * out)
{
  g_string_append_c (out, '}');
  return g_string_free (out, FALSE);
}

static GString *
begin_body (const JanusAddress * to, const gchar * request)
{
  GString *out = begin (to, "message");

  g_string_append (out, ",\"body\":{");
  print_member (out, "request", request);
  return out;
}

gchar *
janus_print_request (const JanusAddress * to, const gchar * verb)
{
  return end (begin (to, verb));
}

gchar *
janus_print_attach (const JanusAddress * to, const gchar * plugin,
    const gchar * opaque_id)
{
  GString *out = begin (to, "attach");

  print_member (out, "plugin", plugin);
  print_member (out, "opaque_id", opaque_id);
  return end (out);
}

static void
print_candidate (GString * out, const JanusCandidate * candidate)
{
  g_string_append_c (out, '{');
  if (candidate->text) {
    print_member (out, "candidate", candidate->text);
    print_member (out, "sdpMid", candidate->mid);
    print_number (out, "sdpMLineIndex", candidate->mline);
  } else {
    g_string_append (out, "\"completed\":true");
  }
  g_string_append_c (out, '}');
}

gchar *
janus_print_trickle (const JanusAddress * to,
    const JanusCandidate * candidates, guint n)
{
  GString *out = begin (to, "trickle");

  g_string_append (out, n == 1 ? ",\"candidate\":" : ",\"candidates\":[");
  for (guint i = 0; i < n; i++) {
    if (i > 0)
      g_string_append_c (out, ',');
    print_candidate (out, &candidates[i]);
  }
  if (n != 1)
    g_string_append_c (out, ']');
  return end (out);
}

gchar *
janus_print_body (const JanusAddress * to, const gchar * request)
{
  GString *out = begin_body (to, request);

  g_string_append_c (out, '}');
  return end (out);
}

/* What a room that is made on demand takes: all that browsers can. */
#define ROOM_AUDIO_CODECS "opus,g722,pcmu,pcma"
#define ROOM_VIDEO_CODECS "h264,vp8,vp9,av1,h265"

gchar *
janus_print_room (const JanusAddress * to, const gchar * request,
    const JanusRoom * room)
{
  GString *out = begin_body (to, request);

  print_id (out, "room", &room->room);
  if (g_str_equal (request, "join")) {
    print_member (out, "ptype", "publisher");
    print_id (out, "id", &room->id);
    print_member (out, "display", room->display);
    print_member (out, "pin", room->pin);
    print_member (out, "token", room->token);
  } else if (g_str_equal (request, "create")) {
    print_member (out, "pin", room->pin);
    print_member (out, "secret", room->secret);
    print_member (out, "admin_key", room->admin_key);
    print_member (out, "audiocodec", ROOM_AUDIO_CODECS);
    print_member (out, "videocodec", ROOM_VIDEO_CODECS);
  }
  g_string_append_c (out, '}');
  return end (out);
}

gchar *
janus_print_offer (const JanusAddress * to, const gchar * request,
    const JanusPublish * publish, const gchar * sdp)
{
  GString *out = begin_body (to, request);

  if (publish->bitrate)
    print_number (out, "bitrate", publish->bitrate);
  print_member (out, "audiocodec", publish->audio_codec);
  print_member (out, "videocodec", publish->video_codec);
  print_member (out, "display", publish->display);
  g_string_append (out, "},\"jsep\":{");
  print_member (out, "type", "offer");
  print_member (out, "sdp", sdp);
  g_string_append_c (out, '}');
  return end (out);
}

/* The guard. json-glib 1.6 asserts on half of a surrogate pair, leaks what it
 * has of a broken document, and calls itself for each level of nesting. */

typedef struct
{
  const gchar *at, *end;
  /* The text with what json-glib cannot take replaced, up to @copied; NULL as long
   * as there is nothing of the kind. */
  GString *replaced;
  const gchar *copied;
} Scan;

static void
skip_space (Scan * scan)
{
  while (scan->at < scan->end && strchr (" \t\r\n", *scan->at) && *scan->at)
    scan->at++;
}

static gboolean
take (Scan * scan, gchar c)
{
  if (scan->at >= scan->end || *scan->at != c)
    return FALSE;
  scan->at++;
  return TRUE;
}

static gboolean
take_word (Scan * scan, const gchar * word)
{
  gsize length = strlen (word);

  if ((gsize) (scan->end - scan->at) < length
      || memcmp (scan->at, word, length) != 0)
    return FALSE;
  scan->at += length;
  return TRUE;
}

static gsize
take_digits (Scan * scan)
{
  const gchar *start = scan->at;

  while (scan->at < scan->end && g_ascii_isdigit (*scan->at))
    scan->at++;
  return scan->at - start;
}

/* json-glib before 1.10 reads a number of 64 bits as the signed one with the same
 * bits, since then as the largest signed one: all read what is written here. */
static void
replace_number (Scan * scan, const gchar * start, guint64 number)
{
  if (!scan->replaced)
    scan->replaced = g_string_new (NULL);
  g_string_append_len (scan->replaced, scan->copied, start - scan->copied);
  g_string_append_printf (scan->replaced, "%" G_GINT64_FORMAT, (gint64) number);
  scan->copied = scan->at;
}

/* An integer must fit, so that no identifier becomes another one. */
static gboolean
take_exactly (Scan * scan, const gchar * start)
{
  g_autofree gchar *text = g_strndup (start, scan->at - start);
  guint64 number;

  if (*start == '-')
    return g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, NULL,
        NULL);
  if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, &number, NULL))
    return FALSE;
  if (number > G_MAXINT64)
    replace_number (scan, start, number);
  return TRUE;
}

static gboolean
take_number (Scan * scan)
{
  const gchar *start = scan->at;
  gboolean integer = TRUE;

  take (scan, '-');
  if (!take (scan, '0') && take_digits (scan) == 0)
    return FALSE;
  if (take (scan, '.')) {
    integer = FALSE;
    if (take_digits (scan) == 0)
      return FALSE;
  }
  if (take (scan, 'e') || take (scan, 'E')) {
    integer = FALSE;
    if (!take (scan, '+'))
      take (scan, '-');
    if (take_digits (scan) == 0)
      return FALSE;
  }
  return !integer || take_exactly (scan, start);
}

/* Returns: the number behind `\u`, or -1 */
static gint
take_hex (Scan * scan)
{
  gint value = 0;

  for (guint i = 0; i < 4; i++, scan->at++) {
    if (scan->at >= scan->end || !g_ascii_isxdigit (*scan->at))
      return -1;
    value = value * 16 + g_ascii_xdigit_value (*scan->at);
  }
  return value;
}

static gboolean
take_escape (Scan * scan)
{
  gint unit;

  if (scan->at >= scan->end)
    return FALSE;
  if (*scan->at != 'u')
    return *scan->at && strchr ("\"\\/bfnrt", *scan->at++);
  scan->at++;
  unit = take_hex (scan);
  if (unit < 0xd800 || unit > 0xdfff)
    return unit > 0;            /* NUL would end the string unseen */
  if (unit > 0xdbff || !take_word (scan, "\\u"))
    return FALSE;
  unit = take_hex (scan);
  return unit >= 0xdc00 && unit <= 0xdfff;
}

static gboolean
take_string (Scan * scan)
{
  if (!take (scan, '"'))
    return FALSE;
  while (scan->at < scan->end && *scan->at != '"') {
    if ((guchar) * scan->at < 0x20)
      return FALSE;
    if (*scan->at++ == '\\' && !take_escape (scan))
      return FALSE;
  }
  return take (scan, '"');
}

static gboolean
take_scalar (Scan * scan)
{
  if (scan->at >= scan->end)
    return FALSE;
  switch (*scan->at) {
    case '"':
      return take_string (scan);
    case 't':
      return take_word (scan, "true");
    case 'f':
      return take_word (scan, "false");
    case 'n':
      return take_word (scan, "null");
    default:
      return take_number (scan);
  }
}

static gboolean
take_name (Scan * scan)
{
  skip_space (scan);
  if (!take_string (scan))
    return FALSE;
  skip_space (scan);
  return take (scan, ':');
}

/* After a value: closes what ends here.
 * Returns: whether another value must follow; @depth 0: none may */
static gboolean
take_next (Scan * scan, const gchar * open, guint * depth, gboolean * ok)
{
  while (*depth > 0) {
    skip_space (scan);
    if (take (scan, ',')) {
      *ok = open[*depth - 1] == '[' || take_name (scan);
      return *ok;
    }
    if (!take (scan, open[*depth - 1] == '[' ? ']' : '}')) {
      *ok = FALSE;
      return FALSE;
    }
    --*depth;
  }
  return FALSE;
}

/* Returns: why it is no JSON that can be taken, NULL if it can */
static const gchar *
find_fault (Scan * scan)
{
  gchar open[JANUS_MAX_DEPTH];
  guint depth = 0;
  gboolean ok = TRUE, more = TRUE;

  while (more) {
    gchar c;

    skip_space (scan);
    c = scan->at < scan->end ? *scan->at : '\0';
    if (c == '[' || c == '{') {
      if (depth == JANUS_MAX_DEPTH)
        return "nested too deep";
      open[depth++] = c;
      scan->at++;
      skip_space (scan);
      /* An empty one is closed by take_next(). */
      if (scan->at < scan->end && *scan->at == (c == '[' ? ']' : '}')) {
        more = take_next (scan, open, &depth, &ok);
      } else if (c == '{' && !take_name (scan)) {
        return "no member name";
      }
    } else {
      if (!take_scalar (scan))
        return "no value";
      more = take_next (scan, open, &depth, &ok);
    }
    if (!ok)
      return "neither comma nor end";
  }
  skip_space (scan);
  return scan->at == scan->end ? NULL : "something follows";
}

/* @replaced: (out) (transfer full): @text as json-glib takes it, NULL: as it is */
static gboolean
check (const gchar * text, gsize size, GString ** replaced, GError ** error)
{
  Scan scan = { text, text + size, NULL, text };
  const gchar *fault;

  if (size > JANUS_MAX_MESSAGE)
    fault = "too large";
  else if (!g_utf8_validate (text, size, NULL))
    fault = "no UTF-8";
  else
    fault = find_fault (&scan);
  if (!fault) {
    if (scan.replaced)
      g_string_append_len (scan.replaced, scan.copied, scan.end - scan.copied);
    *replaced = scan.replaced;
    return TRUE;
  }
  if (scan.replaced)
    g_string_free (scan.replaced, TRUE);
  g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
      "not JSON as Janus sends it: %s at byte %" G_GSIZE_FORMAT, fault,
      (gsize) (scan.at - text));
  return FALSE;
}

gboolean
janus_json_check (const gchar * text, gsize size, GError ** error)
{
  g_autoptr (GString) replaced = NULL;

  return check (text, size, &replaced, error);
}

/* Reading: what is of another type than expected is not there. */

static JsonNode *
get (JsonObject * object, const gchar * name, GType type)
{
  JsonNode *node = object ? json_object_get_member (object, name) : NULL;

  return node && JSON_NODE_HOLDS_VALUE (node)
      && json_node_get_value_type (node) == type ? node : NULL;
}

static const gchar *
get_text (JsonObject * object, const gchar * name)
{
  JsonNode *node = get (object, name, G_TYPE_STRING);

  return node ? json_node_get_string (node) : NULL;
}

static guint64
get_number (JsonObject * object, const gchar * name)
{
  JsonNode *node = get (object, name, G_TYPE_INT64);

  return node ? (guint64) json_node_get_int (node) : 0;
}

static guint
get_small (JsonObject * object, const gchar * name)
{
  guint64 value = get_number (object, name);

  return value <= G_MAXINT ? value : 0;
}

static gboolean
get_flag (JsonObject * object, const gchar * name)
{
  JsonNode *node = get (object, name, G_TYPE_BOOLEAN);

  return node && json_node_get_boolean (node);
}

static JsonObject *
get_object (JsonObject * object, const gchar * name)
{
  JsonNode *node = object ? json_object_get_member (object, name) : NULL;

  return node && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) :
      NULL;
}

static JsonArray *
get_array (JsonObject * object, const gchar * name)
{
  JsonNode *node = object ? json_object_get_member (object, name) : NULL;

  return node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) :
      NULL;
}

static void
get_id (JsonObject * object, const gchar * name, JanusId * id)
{
  const gchar *text = get_text (object, name);
  g_autofree gchar *digits = NULL;

  if (text) {
    janus_id_set (id, text, TRUE);
  } else if (get (object, name, G_TYPE_INT64)) {
    digits = g_strdup_printf ("%" G_GUINT64_FORMAT, get_number (object, name));
    janus_id_set (id, digits, FALSE);
  }
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

/* Short enough to be counted in milliseconds. */
static guint
get_timeout (JsonObject * root, const gchar * name)
{
  gint64 value = (gint64) get_number (root, name);

  return CLAMP (value, 0, JANUS_MAX_TIMEOUT);
}

static void
parse_info (JanusMessage * message, JsonObject * root)
{
  JsonObject *plugins = get_object (root, "plugins");

  message->version = g_strdup (get_text (root, "version_string"));
  message->session_timeout = get_timeout (root, "session-timeout");
  message->reclaim_timeout = get_timeout (root, "reclaim-session-timeout");
  message->has_plugins = plugins != NULL;
  message->has_videoroom = plugins
      && json_object_has_member (plugins, JANUS_PLUGIN_VIDEOROOM);
}

static void
parse_members (JanusMessage * message, JsonArray * array)
{
  guint n = json_array_get_length (array);

  message->members = g_array_sized_new (FALSE, TRUE, sizeof (JanusMember), n);
  for (guint i = 0; i < n; i++) {
    JsonNode *node = json_array_get_element (array, i);
    JanusMember member = {.publisher = FALSE };

    if (!JSON_NODE_HOLDS_OBJECT (node))
      continue;
    get_id (json_node_get_object (node), "id", &member.id);
    member.publisher = get_flag (json_node_get_object (node), "publisher");
    g_array_append_val (message->members, member);
  }
}

/* A word is about us, an identifier about somebody else. */
static gboolean
is_ok (JsonObject * data, const gchar * name)
{
  return g_strcmp0 (get_text (data, name), "ok") == 0;
}

static void
parse_videoroom (JanusMessage * message, JsonObject * data)
{
  JsonArray *members = get_array (data, "participants");

  message->videoroom = g_strdup (get_text (data, "videoroom"));
  get_id (data, "room", &message->room);
  get_id (data, "id", &message->member);
  message->configured = is_ok (data, "configured");
  message->unpublished = is_ok (data, "unpublished");
  message->left = is_ok (data, "leaving");
  message->kicked = message->left
      && g_strcmp0 (get_text (data, "reason"), "kicked") == 0;
  if (members)
    parse_members (message, members);
  message->code = get_small (data, "error_code");
  if (message->code || get_text (data, "error")) {
    g_free (message->reason);
    message->reason = g_strdup (get_text (data, "error"));
    if (!message->code)
      message->code = -1;
  }
}

static void
parse_candidate (JanusMessage * message, JsonObject * candidate)
{
  if (!candidate || get_flag (candidate, "completed"))
    return;
  message->candidate = g_strdup (get_text (candidate, "candidate"));
  message->mid = g_strdup (get_text (candidate, "sdpMid"));
  message->mline = get_small (candidate, "sdpMLineIndex");
}

static JanusMessage *
parse_message (JsonObject * root, GError ** error)
{
  JsonObject *plugindata = get_object (root, "plugindata");
  JsonObject *jsep = get_object (root, "jsep");
  JsonObject *failure = get_object (root, "error");
  const gchar *word = get_text (root, "janus");
  JanusMessage *message;

  if (!word) {
    g_set_error_literal (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "not a message of Janus: it has no \"janus\"");
    return NULL;
  }
  message = g_new0 (JanusMessage, 1);
  message->kind = parse_kind (word);
  message->transaction = g_strdup (get_text (root, "transaction"));
  message->session = get_number (root, "session_id");
  message->sender = get_number (root, "sender");
  message->id = get_number (get_object (root, "data"), "id");
  message->reason = g_strdup (get_text (root, "reason"));
  message->media = g_strdup (get_text (root, "type"));
  message->receiving = get_flag (root, "receiving");
  message->uplink = get_flag (root, "uplink");
  message->lost = get_small (root, "lost");
  message->jsep_type = g_strdup (get_text (jsep, "type"));
  message->sdp = g_strdup (get_text (jsep, "sdp"));
  if (!message->media)
    message->media = g_strdup (get_text (root, "media"));
  if (message->kind == JANUS_SERVER_INFO)
    parse_info (message, root);
  if (message->kind == JANUS_TRICKLE)
    parse_candidate (message, get_object (root, "candidate"));
  else
    message->mid = g_strdup (get_text (root, "mid"));
  if (plugindata)
    parse_videoroom (message, get_object (plugindata, "data"));
  if (message->kind == JANUS_ERROR) {
    message->code = get_small (failure, "code");
    g_free (message->reason);
    message->reason = g_strdup (get_text (failure, "reason"));
    if (!message->code)
      message->code = -1;
  }
  return message;
}

/**
 * janus_message_parse:
 * @text: what came
 * @size: of @text, -1: it ends in NUL
 * @error: why it is not a message
 *
 * Returns: (transfer full) (nullable): the message
 */
JanusMessage *
janus_message_parse (const gchar * text, gssize size, GError ** error)
{
  g_autoptr (JsonParser) parser = NULL;
  g_autoptr (GString) replaced = NULL;
  g_autoptr (GError) reason = NULL;
  JsonNode *root;

  if (size < 0)
    size = strlen (text);
  if (!check (text, size, &replaced, error))
    return NULL;
  if (replaced) {
    text = replaced->str;
    size = replaced->len;
  }
  parser = json_parser_new_immutable ();
  if (!json_parser_load_from_data (parser, text, size, &reason)) {
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "not JSON: %s", reason->message);
    return NULL;
  }
  root = json_parser_get_root (parser);
  if (!root || !JSON_NODE_HOLDS_OBJECT (root)) {
    g_set_error_literal (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "not a message of Janus: no object");
    return NULL;
  }
  return parse_message (json_node_get_object (root), error);
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
  g_free (message->jsep_type);
  g_free (message->sdp);
  g_free (message->videoroom);
  janus_id_clear (&message->room);
  janus_id_clear (&message->member);
  for (guint i = 0; message->members && i < message->members->len; i++)
    janus_id_clear (&g_array_index (message->members, JanusMember, i).id);
  g_clear_pointer (&message->members, g_array_unref);
  g_free (message);
}
