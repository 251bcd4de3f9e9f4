/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A server on loopback that answers as Janus does, or as a test scripts it. */
#include "config.h"

#include "janus-script.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "soup-listen.h"

static const JanusRule defaults[] = {
  {"info", INFO ("30", VIDEOROOM)},
  {"create", SUCCESS (",\"data\":{\"id\":" SESSION "}")},
  {"attach", SUCCESS (",\"data\":{\"id\":" HANDLE "}")},
  {"join", "{\"janus\":\"ack\",\"transaction\":\"%T\"}\n"
        EVENT ("\"videoroom\":\"joined\",\"room\":1234,\"id\":" FEED, "")},
  {"publish", EVENT ("\"videoroom\":\"event\",\"configured\":\"ok\"",
          ",\"jsep\":{\"type\":\"answer\",\"sdp\":\"" ANSWER ("9") "\"}")},
  {"configure", EVENT ("\"videoroom\":\"event\",\"configured\":\"ok\"",
          ",\"jsep\":{\"type\":\"answer\",\"sdp\":\"" ANSWER ("9") "\"}")},
  {"unpublish", EVENT ("\"videoroom\":\"event\",\"unpublished\":\"ok\"", "")
      "\n" WORD ("hangup", ",\"reason\":\"Close PC\"")},
  {"listparticipants", MEMBERS ("true")},
  {"subscribe", EVENT ("\"videoroom\":\"attached\"", OFFERED)},
  {"start", EVENT ("\"videoroom\":\"event\",\"started\":\"ok\"", "")},
  {"update", EVENT ("\"videoroom\":\"updated\"", OFFERED)},
  {"claim", SUCCESS ("")},
  {"keepalive", "{\"janus\":\"ack\",\"transaction\":\"%T\"}"},
  {"trickle", "{\"janus\":\"ack\",\"transaction\":\"%T\"}"},
  {"leave", "{\"janus\":\"ack\",\"transaction\":\"%T\"}"},
  {"detach", SUCCESS ("")},
  {"destroy", SUCCESS ("")},
};

/* Returns: (transfer full) (nullable): the string member @name of @text */
static gchar *
find_text (const gchar * text, const gchar * name)
{
  g_autofree gchar *key = g_strdup_printf ("\"%s\":\"", name);
  const gchar *at = strstr (text, key);

  at = at ? at + strlen (key) : NULL;
  return at ? g_strndup (at, strcspn (at, "\"")) : NULL;
}

void
janus_script_say (JanusScript * script, const gchar * messages, const gchar * transaction)
{
  g_auto (GStrv) lines = g_strsplit (messages, "\n", -1);

  for (guint i = 0; lines[i] && *messages; i++) {
    g_auto (GStrv) parts = g_strsplit (lines[i], "%T", 2);
    g_autofree gchar *text = g_strjoinv (transaction ? transaction : "",
        parts);

    soup_websocket_connection_send_text (script->peer, text);
  }
}

const gchar *
janus_script_default (const gchar * word)
{
  for (guint i = 0; i < G_N_ELEMENTS (defaults); i++)
    if (g_str_equal (defaults[i].word, word))
      return defaults[i].reply;
  return NULL;
}

static const gchar *
find_reply (JanusScript * script, const gchar * word, JanusRule ** once)
{
  *once = NULL;
  for (GList * l = script->rules.head; l; l = l->next) {
    JanusRule *rule = l->data;

    if (g_str_equal (rule->word, word)) {
      g_queue_delete_link (&script->rules, l);
      *once = rule;
      return rule->reply;
    }
  }
  return janus_script_default (word);
}

static void
on_request (SoupWebsocketConnection * peer, gint type, GBytes * message,
    gpointer data)
{
  JanusScript *script = data;
  gchar *text = g_strndup (g_bytes_get_data (message, NULL),
      g_bytes_get_size (message));
  g_autofree gchar *transaction = find_text (text, "transaction");
  g_autofree gchar *role = find_text (text, "ptype");
  gchar *word = role && g_str_equal (role, "subscriber") ?
      g_strdup ("subscribe") : find_text (text, "request");
  g_autofree JanusRule *once = NULL;
  const gchar *reply;

  if (!word)
    word = find_text (text, "janus");
  g_ptr_array_add (script->words, word);
  g_ptr_array_add (script->texts, text);
  if (script->silent)
    return;
  reply = find_reply (script, word, &once);
  fail_unless (reply != NULL, "no answer to %s", text);
  janus_script_say (script, reply, transaction);
}

static void
on_connection (SoupServer * server, SoupServerMessage * msg, const char *path,
    SoupWebsocketConnection * connection, gpointer data)
{
  JanusScript *script = data;

  script->connections++;
  g_set_object (&script->peer, connection);
  g_signal_connect (connection, "message", G_CALLBACK (on_request), script);
}

JanusScript *
janus_script_new (void)
{
  char *protocols[] = { (char *) "janus-protocol", NULL };
  JanusScript *script = g_new0 (JanusScript, 1);

  script->words = g_ptr_array_new_with_free_func (g_free);
  script->texts = g_ptr_array_new_with_free_func (g_free);
  script->server = soup_server_new (NULL, NULL);
  soup_server_add_websocket_handler (script->server, NULL, NULL, protocols,
      on_connection, script, NULL);
  script->port = soup_listen (script->server);
  return script;
}

void
janus_script_free (JanusScript * script)
{
  soup_server_disconnect (script->server);
  g_clear_object (&script->peer);
  g_object_unref (script->server);
  g_ptr_array_unref (script->words);
  g_ptr_array_unref (script->texts);
  g_queue_clear_full (&script->rules, g_free);
  g_free (script);
}

void
janus_script_add (JanusScript * script, const gchar * word,
    const gchar * reply)
{
  JanusRule rule = { word, reply };

  g_queue_push_tail (&script->rules, g_memdup2 (&rule, sizeof (rule)));
}

guint
janus_script_count (JanusScript * script, const gchar * word)
{
  guint n = 0;

  for (guint i = 0; i < script->words->len; i++)
    n += g_str_equal (g_ptr_array_index (script->words, i), word);
  return n;
}

const gchar *
janus_script_last (JanusScript * script, const gchar * word)
{
  for (guint i = script->words->len; i > 0; i--)
    if (g_str_equal (g_ptr_array_index (script->words, i - 1), word))
      return g_ptr_array_index (script->texts, i - 1);
  fail ("no %s came", word);
  return NULL;
}

gchar *
janus_script_last_transaction (JanusScript * script, const gchar * word)
{
  return find_text (janus_script_last (script, word), "transaction");
}
