/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any message of a server: a message or an error; identifiers survive printing and parsing. */
#include "config.h"

#include "fuzz.h"

#include <string.h>

#include "janus-message.h"
#include "janus-watched.h"
#include "net-json.h"

#define N_CANDIDATES 4

/* Prints a request and parses it. Takes @members. Returns: (nullable): the message, NULL if it is
 * too long */
static JanusMessage *
check_printed (const JanusAddress * to, gchar * members)
{
  g_autofree gchar *held G_GNUC_UNUSED = members;
  g_autofree gchar *printed = janus_print_request (to, "claim", members);
  JanusMessage *again = janus_message_parse (printed, -1, NULL);

  /* JSON escapes a control character with six characters. */
  g_assert (again || strlen (printed) > NET_JSON_MAX_SIZE);
  if (!again)
    return NULL;
  g_assert_cmpuint (again->session, ==, to->session);
  g_assert_cmpstr (again->transaction, ==, to->transaction);
  return again;
}

static void
check_candidates (const JanusMessage * message, const JanusAddress * to)
{
  NetCandidate candidates[N_CANDIDATES] = {
    {message->mline, message->mid, message->candidate},
    {0, NULL, message->candidate},
    {G_MAXUINT, message->candidate, message->mid},
    {0, NULL, NULL},
  };

  for (guint n = 0; n <= N_CANDIDATES; n++) {
    g_autoptr (JanusMessage) again =
        check_printed (to, janus_print_trickle (candidates, n));

    (void) again;
  }
}

static void
check_round_trip (const JanusMessage * message)
{
  static const gchar *const requests[] = { "join", "create",
    "listparticipants"
  };
  JanusAddress to = { message->session, message->sender, message->transaction,
    message->reason, message->mid
  };
  JanusRoom room = { message->member, message->member, message->reason,
    message->media, message->mid, message->candidate, message->answer
  };
  JanusPublish publish = { message->lost, message->media, message->mid };

  for (guint i = 0; i < G_N_ELEMENTS (requests); i++)
    janus_message_free (check_printed (&to, janus_print_room (requests[i],
                &room)));
  janus_message_free (check_printed (&to, NULL));
  janus_message_free (check_printed (&to, janus_print_attach (message->media ?
              message->media : "")));
  janus_message_free (check_printed (&to, janus_print_body (message->mid ?
              message->mid : "")));
  janus_message_free (check_printed (&to, janus_print_offer ("publish",
              &publish, message->answer ? message->answer : "")));
  janus_message_free (check_printed (&to, janus_print_subscribe (&room,
              &message->left, message->private_id)));
  janus_message_free (check_printed (&to, janus_print_update (&message->left,
              &message->member)));
  janus_message_free (check_printed (&to, janus_print_restart ()));
  janus_message_free (check_printed (&to, janus_print_start (message->offer ?
              message->offer : "")));
  check_candidates (message, &to);
}

/* The watched publisher is in the list of publishers. */
static void
check_watched (const JanusMessage * message)
{
  JanusWatched *watched = janus_watched_new (NULL, message->reason);
  const JanusId *found;

  if (message->publishers)
    janus_watched_add (watched, message->publishers);
  found = janus_watched_get (watched);
  g_assert (!found || (message->publishers && found->text));
  if (message->members)
    janus_watched_sync (watched, message->members);
  janus_watched_remove (watched, &message->left);
  found = janus_watched_get (watched);
  g_assert (!found || !janus_id_equal (found, &message->left));
  janus_watched_free (watched);
}

static void
check_shown (const gchar * text)
{
  if (!text)
    return;
  g_assert_cmpint (g_utf8_strlen (text, -1), <=, 200);
  for (const gchar * p = text; *p; p = g_utf8_next_char (p))
    g_assert (g_unichar_isprint (g_utf8_get_char (p)));
}

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JanusMessage) message =
      janus_message_parse ((const gchar *) data, size, &error);

  g_assert ((message == NULL) == (error != NULL));
  if (!message)
    return 0;
  check_shown (message->reason);
  check_shown (message->version);
  check_shown (message->mid);
  check_shown (message->media);
  check_shown (message->member.text);
  check_shown (message->left.text);
  check_round_trip (message);
  check_watched (message);
  return 0;
}
