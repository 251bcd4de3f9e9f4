/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* JSON messages of gst-webrtc-signalling-server: pure functions from and to text. */
#include "config.h"

#include "gstsig-message.h"

#include <string.h>

#include "net-json.h"
#include "net-print.h"
#include "rcast-text.h"

/* Writer */

static GString *
begin (const gchar * type)
{
  GString *out = g_string_new ("{");

  net_print_text (out, "type", type);
  return out;
}

static gchar *
end (GString * out)
{
  g_string_append_c (out, '}');
  return g_string_free (out, FALSE);
}

/* JSON has no NaN and no infinity. */
static void
print_double (GString * out, gdouble value)
{
  gchar text[G_ASCII_DTOSTR_BUF_SIZE];

  if (value - value == 0)
    g_string_append (out, g_ascii_dtostr (text, sizeof (text), value));
  else
    g_string_append (out, "null");
}

static gboolean
print_field (GQuark field, const GValue * value, gpointer data)
{
  GString *out = data, *name = g_string_new (NULL);
  g_autofree gchar *text = NULL;

  net_print_string (name, g_quark_to_string (field));
  if (out->str[out->len - 1] != '{')
    g_string_append_c (out, ',');
  g_string_append_printf (out, "%s:", name->str);
  g_string_free (name, TRUE);
  if (G_VALUE_HOLDS_BOOLEAN (value)) {
    g_string_append (out, g_value_get_boolean (value) ? "true" : "false");
  } else if (G_VALUE_HOLDS_INT (value)) {
    g_string_append_printf (out, "%d", g_value_get_int (value));
  } else if (G_VALUE_HOLDS_DOUBLE (value)) {
    print_double (out, g_value_get_double (value));
  } else if (G_VALUE_HOLDS_STRING (value)) {
    net_print_string (out, g_value_get_string (value) ?
        g_value_get_string (value) : "");
  } else {
    text = gst_value_serialize (value);
    net_print_string (out, text ? text : "");
  }
  return TRUE;
}

static const struct
{
  GstsigRoles role;
  const gchar *name;
} roles[] = {
  {GSTSIG_PRODUCER, "producer"},
  {GSTSIG_CONSUMER, "consumer"},
  {GSTSIG_LISTENER, "listener"},
};

gchar *
gstsig_print_status (GstsigRoles what, const GstStructure * meta)
{
  GString *out = begin ("setPeerStatus");
  const gchar *comma = "";

  g_string_append (out, ",\"roles\":[");
  for (guint i = 0; i < G_N_ELEMENTS (roles); i++) {
    if (!(what & roles[i].role))
      continue;
    g_string_append_printf (out, "%s\"%s\"", comma, roles[i].name);
    comma = ",";
  }
  g_string_append (out, "],\"meta\":{");
  if (meta)
    gst_structure_foreach (meta, print_field, out);
  g_string_append_c (out, '}');
  return end (out);
}

gchar *
gstsig_print_list (GstsigRoles role)
{
  return end (begin (role == GSTSIG_CONSUMER ? "listConsumers" : "list"));
}

gchar *
gstsig_print_start (const gchar * peer)
{
  GString *out = begin ("startSession");

  net_print_text (out, "peerId", peer);
  return end (out);
}

static gchar *
print_description (const gchar * session, const gchar * type,
    const gchar * sdp)
{
  GString *out = begin ("peer");

  net_print_text (out, "sessionId", session);
  g_string_append_printf (out, ",\"sdp\":{\"type\":\"%s\"", type);
  net_print_text (out, "sdp", sdp);
  g_string_append_c (out, '}');
  return end (out);
}

gchar *
gstsig_print_offer (const gchar * session, const gchar * sdp)
{
  return print_description (session, "offer", sdp);
}

gchar *
gstsig_print_answer (const gchar * session, const gchar * sdp)
{
  return print_description (session, "answer", sdp);
}

gchar *
gstsig_print_candidate (const gchar * session, guint mline,
    const gchar * candidate)
{
  GString *out = begin ("peer");

  net_print_text (out, "sessionId", session);
  g_string_append (out, ",\"ice\":{");
  net_print_text (out, "candidate", candidate);
  net_print_number (out, "sdpMLineIndex", mline);
  g_string_append_c (out, '}');
  return end (out);
}

gchar *
gstsig_print_end (const gchar * session, const gchar * reason)
{
  GString *out = begin (reason ? "endSessionV1_1" : "endSession");

  net_print_text (out, "sessionId", session);
  if (reason)
    net_print_text (out, "error", reason);
  return end (out);
}

/* Reader */

static gboolean
refuse (const GstsigMessage * message, const gchar * what, GError ** error)
{
  g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
      "a message \"%s\" of the server %s", message->type, what);
  return FALSE;
}

static gboolean
take_id (const GstsigMessage * message, const NetJsonValue * root,
    const gchar * name, gchar ** id, GError ** error)
{
  const gchar *text = net_json_get_text (root, name);
  g_autofree gchar *what = NULL;

  if (text && *text && strlen (text) <= GSTSIG_MAX_ID) {
    *id = g_strdup (text);
    return TRUE;
  }
  what = g_strdup_printf ("has no %s, or one that is none", name);
  return refuse (message, what, error);
}

static gboolean
take_welcome (GstsigMessage * message, const NetJsonValue * root,
    GError ** error)
{
  return take_id (message, root, "peerId", &message->peer, error);
}

static gboolean
take_started (GstsigMessage * message, const NetJsonValue * root,
    GError ** error)
{
  return take_id (message, root, "peerId", &message->peer, error)
      && take_id (message, root, "sessionId", &message->session, error);
}

/* A server sends null without an offer, which counts as missing. */
static gboolean
take_start (GstsigMessage * message, const NetJsonValue * root, GError ** error)
{
  message->sdp = g_strdup (net_json_get_text (root, "offer"));
  return take_started (message, root, error);
}

static gboolean
take_description (GstsigMessage * message, const NetJsonValue * sdp,
    GError ** error)
{
  const gchar *type = net_json_get_text (sdp, "type");
  const gchar *text = net_json_get_text (sdp, "sdp");

  if (!text)
    return refuse (message, "has an sdp without a text", error);
  message->sdp = g_strdup (text);
  if (g_strcmp0 (type, "answer") == 0)
    message->kind = GSTSIG_ANSWER;
  else if (g_strcmp0 (type, "offer") == 0)
    message->kind = GSTSIG_OFFER;
  else
    return refuse (message, "has an sdp that is neither offer nor answer",
        error);
  return TRUE;
}

static gboolean
take_candidate (GstsigMessage * message, const NetJsonValue * ice,
    GError ** error)
{
  const gchar *text = net_json_get_text (ice, "candidate");
  guint64 mline;

  message->kind = GSTSIG_CANDIDATE;
  if (!text || strlen (text) > GSTSIG_MAX_CANDIDATE)
    return refuse (message, "has no candidate, or one that is too long", error);
  if (!net_json_get_number (ice, "sdpMLineIndex", &mline) || mline > G_MAXINT)
    return refuse (message, "has a candidate without sdpMLineIndex", error);
  message->candidate = *text ? g_strdup (text) : NULL;
  message->mline = mline;
  return TRUE;
}

static gboolean
take_peer (GstsigMessage * message, const NetJsonValue * root, GError ** error)
{
  const NetJsonValue *sdp = net_json_get_object (root, "sdp");
  const NetJsonValue *ice = net_json_get_object (root, "ice");

  if (!take_id (message, root, "sessionId", &message->session, error))
    return FALSE;
  if (sdp)
    return take_description (message, sdp, error);
  if (ice)
    return take_candidate (message, ice, error);
  return refuse (message, "has neither sdp nor ice", error);
}

static void
take_reason (GstsigMessage * message, const NetJsonValue * root,
    const gchar * name)
{
  message->reason = gst_rcast_text_clean (net_json_get_text (root, name), -1);
}

static gboolean
take_end (GstsigMessage * message, const NetJsonValue * root, GError ** error)
{
  take_reason (message, root, "error");
  return take_id (message, root, "sessionId", &message->session, error);
}

static gboolean
take_error (GstsigMessage * message, const NetJsonValue * root, GError ** error)
{
  take_reason (message, root, "details");
  return TRUE;
}

/* Lists of peers */

static void
peer_clear (gpointer data)
{
  GstsigPeer *peer = data;

  g_free (peer->id);
  g_free (peer->name);
}

static GstsigRoles
read_roles (const NetJsonValue * array)
{
  GstsigRoles what = 0;

  for (const NetJsonValue * value = net_json_get_first (array); value;
      value = net_json_get_next (value))
    for (guint i = 0; i < G_N_ELEMENTS (roles); i++)
      if (net_json_is_text (value, roles[i].name))
        what |= roles[i].role;
  return what;
}

/* Takes @id. */
static void
add_peer (GstsigMessage * message, gchar * id, const NetJsonValue * object,
    GstsigRoles what)
{
  const NetJsonValue *meta = net_json_get_object (object, "meta");
  GstsigPeer peer = { id, g_strdup (net_json_get_text (meta, "name")), what };

  g_array_append_val (message->peers, peer);
}

static void
make_peers (GstsigMessage * message)
{
  message->peers = g_array_new (FALSE, FALSE, sizeof (GstsigPeer));
  g_array_set_clear_func (message->peers, peer_clear);
}

static gboolean
take_status (GstsigMessage * message, const NetJsonValue * root,
    GError ** error)
{
  gchar *id = NULL;

  if (!take_id (message, root, "peerId", &id, error))
    return FALSE;
  make_peers (message);
  add_peer (message, id, root, read_roles (net_json_get_array (root, "roles")));
  return TRUE;
}

/* A peer without an identifier cannot be called. */
static gboolean
take_peers (GstsigMessage * message, const NetJsonValue * list,
    GstsigRoles role, GError ** error)
{
  if (!list)
    return refuse (message, "has no list of peers", error);
  make_peers (message);
  for (const NetJsonValue * value = net_json_get_first (list); value;
      value = net_json_get_next (value)) {
    gchar *id = NULL;

    message->cut = message->peers->len >= GSTSIG_MAX_PEERS;
    if (message->cut)
      break;
    if (take_id (message, value, "id", &id, NULL))
      add_peer (message, id, value, role);
  }
  return TRUE;
}

static gboolean
take_producers (GstsigMessage * message, const NetJsonValue * root,
    GError ** error)
{
  return take_peers (message, net_json_get_array (root, "producers"),
      GSTSIG_PRODUCER, error);
}

static gboolean
take_consumers (GstsigMessage * message, const NetJsonValue * root,
    GError ** error)
{
  return take_peers (message, net_json_get_array (root, "consumers"),
      GSTSIG_CONSUMER, error);
}

static const struct
{
  const gchar *type;
  GstsigKind kind;
  gboolean (*take) (GstsigMessage * message, const NetJsonValue * root, GError ** error);
} types[] = {
  {"welcome", GSTSIG_WELCOME, take_welcome},
  {"startSession", GSTSIG_START_SESSION, take_start},
  {"sessionStarted", GSTSIG_SESSION_STARTED, take_started},
  {"peer", GSTSIG_OFFER, take_peer},    /* or an answer, depending on its content */
  {"endSession", GSTSIG_END_SESSION, take_end},
  {"endSessionV1_1", GSTSIG_END_SESSION, take_end},
  {"error", GSTSIG_ERROR, take_error},
  {"peerStatusChanged", GSTSIG_PEER_STATUS, take_status},
  {"list", GSTSIG_LIST, take_producers},
  {"listConsumers", GSTSIG_LIST_CONSUMERS, take_consumers},
};

static gboolean
take (GstsigMessage * message, const gchar * type, const NetJsonValue * root,
    GError ** error)
{
  for (guint i = 0; i < G_N_ELEMENTS (types); i++) {
    if (!g_str_equal (type, types[i].type))
      continue;
    message->kind = types[i].kind;
    return types[i].take (message, root, error);
  }
  message->kind = GSTSIG_OTHER;
  return TRUE;
}

/**
 * gstsig_message_parse:
 * @text: the received text
 * @size: of @text, -1: it is NUL-terminated
 * @error: %GST_RCAST_ERROR_INVALID_DATA: why it is not a message; it quotes only the type
 *
 * Texts for display are bounded and printable.
 *
 * Returns: (transfer full) (nullable): the message
 */
GstsigMessage *
gstsig_message_parse (const gchar * text, gssize size, GError ** error)
{
  g_autoptr (NetJson) json =
      net_json_parse (text, size < 0 ? strlen (text) : (gsize) size, error);
  g_autoptr (GstsigMessage) message = NULL;
  const NetJsonValue *root;
  const gchar *type;

  if (!json)
    return NULL;
  root = net_json_get_root (json);
  type = net_json_get_text (root, "type");
  if (!type) {
    g_set_error_literal (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "not a message of gst-webrtc-signalling-server: it has no type");
    return NULL;
  }
  message = g_new0 (GstsigMessage, 1);
  message->type = gst_rcast_text_clean (type, -1);
  if (!message->type)
    message->type = g_strdup ("?");
  return take (message, type, root, error) ? g_steal_pointer (&message) : NULL;
}

void
gstsig_message_free (GstsigMessage * message)
{
  if (!message)
    return;
  g_free (message->type);
  g_free (message->peer);
  g_free (message->session);
  g_free (message->sdp);
  g_free (message->candidate);
  g_free (message->reason);
  g_clear_pointer (&message->peers, g_array_unref);
  g_free (message);
}
