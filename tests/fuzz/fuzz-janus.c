/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A message from a server that may be anything: a message or an error; identifiers survive the way back. */
#include "config.h"

#include "fuzz.h"

#include <string.h>

#include "janus-messages.h"

static void
check_round_trip (const JanusMessage * message)
{
  JanusAddress to = { message->session, message->sender, message->transaction };
  JanusRoom room = { message->room, message->member, message->reason };
  JanusCandidate candidate = { message->mline, message->mid,
    message->candidate
  };
  JanusPublish publish = { message->lost, message->media, message->mid };
  g_autofree gchar *joined = janus_print_room (&to, "join", &room);
  g_autofree gchar *trickle = janus_print_trickle (&to, &candidate, 1);
  g_autofree gchar *offer = janus_print_offer (&to, "publish", &publish,
      message->sdp);
  g_autoptr (JanusMessage) again = janus_message_parse (joined, -1, NULL);

  /* Printing can make it longer: a control character becomes six. */
  if (!again)
    return;
  g_assert_cmpuint (again->session, ==, message->session);
  g_assert_cmpstr (again->transaction, ==, message->transaction);
  g_assert (janus_json_check (trickle, strlen (trickle), NULL)
      || strlen (trickle) > JANUS_MAX_MESSAGE);
  g_assert (janus_json_check (offer, strlen (offer), NULL)
      || strlen (offer) > JANUS_MAX_MESSAGE);
}

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JanusMessage) message =
      janus_message_parse ((const gchar *) data, size, &error);

  g_assert ((message == NULL) == (error != NULL));
  if (message)
    check_round_trip (message);
  return 0;
}
