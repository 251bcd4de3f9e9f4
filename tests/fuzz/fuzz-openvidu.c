/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any message of an OpenVidu server: a message or an error, and no token in its text. */
#include "config.h"

#include "fuzz.h"

#include <string.h>

#include "net-json.h"
#include "openvidu-message.h"
#include "openvidu-roster.h"

static void
check_shown (const gchar * text)
{
  if (!text)
    return;
  g_assert_cmpint (g_utf8_strlen (text, -1), <=, 200);
  for (const gchar * p = text; *p; p = g_utf8_next_char (p))
    g_assert (g_unichar_isprint (g_utf8_get_char (p)));
}

/* Prints a request, which must be JSON. Takes @params. */
static void
check_printed (guint64 id, gchar * params)
{
  g_autofree gchar *held G_GNUC_UNUSED = params;
  g_autofree gchar *printed = openvidu_print_request (id, "x", params);
  g_autoptr (NetJson) json = net_json_parse (printed, strlen (printed), NULL);
  guint64 back;

  /* JSON escapes a control character with six characters, here twice. */
  g_assert (json || strlen (printed) > NET_JSON_MAX_SIZE);
  if (!json)
    return;
  g_assert (net_json_get_number (net_json_get_root (json), "id", &back));
  g_assert (back == id);
}

static void
check_round_trip (const OpenviduMessage * message)
{
  const gchar *text = message->data ? message->data : "";
  const gchar *to[] = { text, message->endpoint, NULL };
  OpenviduJoin join = { text, message->rpc_session, message->name, "" };
  OpenviduPublish publish = { TRUE, TRUE, message->role, message->answer };
  NetCandidate candidate = { message->mline, message->connection,
    message->candidate
  };

  check_printed (message->id, openvidu_print_join (&join));
  check_printed (message->id, openvidu_print_connect (text));
  check_printed (message->id, openvidu_print_publish (&publish));
  check_printed (message->id, openvidu_print_reconnect (text, text));
  check_printed (message->id, openvidu_print_prepare (text, TRUE));
  check_printed (message->id, openvidu_print_receive (text, TRUE, text));
  check_printed (message->id, openvidu_print_receive_again (text, FALSE, text,
          TRUE));
  check_printed (message->id, openvidu_print_unsubscribe (text));
  check_printed (message->id, openvidu_print_candidate (text, &candidate));
  check_printed (message->id, openvidu_print_signal (to, message->type ?
          message->type : "", text));
}

/* Each watched stream has an owner in the roster, and none after its owner has left. */
static void
check_roster (GArray * participants)
{
  OpenviduRoster *roster = openvidu_roster_new (NULL, NULL);
  const gchar *stream;

  openvidu_roster_add (roster, participants);
  for (guint i = 0; i < participants->len; i++) {
    const OpenviduParticipant *one =
        &g_array_index (participants, OpenviduParticipant, i);

    g_assert (one->id);
    check_shown (one->id);
    check_shown (one->name);
    check_shown (one->stream);
  }
  while ((stream = openvidu_roster_get (roster))) {
    g_autofree gchar *owner = g_strdup (openvidu_roster_find (roster, stream));

    openvidu_roster_is_off (roster, stream);
    g_assert (owner);
    openvidu_roster_remove (roster, owner);
  }
  openvidu_roster_free (roster);
}

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OpenviduMessage) message =
      openvidu_message_parse ((const gchar *) data, size, &error);

  g_assert ((message == NULL) == (error != NULL));
  if (!message)
    return 0;
  check_shown (message->reason);
  check_shown (message->method);
  check_shown (message->connection);
  g_assert ((message->kind == OPENVIDU_NOTIFICATION)
      == (message->method != NULL));
  if (message->kind == OPENVIDU_ERROR && message->reason)
    g_assert (!strstr (message->reason, "tok_A"));
  if (message->participants)
    check_roster (message->participants);
  check_shown (message->stream);
  check_shown (message->property);
  check_shown (message->new_value);
  check_round_trip (message);
  return 0;
}
