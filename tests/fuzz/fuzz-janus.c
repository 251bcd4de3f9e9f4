/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A message from a server that may be anything: a message or an error; identifiers survive the way back. */
#include "config.h"

#include "fuzz.h"

#include <string.h>

#include "janus-messages.h"

#define N_CANDIDATES 4

/* Whatever is printed is a message. Takes @text.
 * Returns: (nullable): it, NULL: printing has made it too long */
static JanusMessage *
check_printed (gchar * text, const JanusMessage * message)
{
  g_autofree gchar *printed = text;
  JanusMessage *again = janus_message_parse (printed, -1, NULL);

  /* A control character becomes six. */
  g_assert (again || strlen (printed) > JANUS_MAX_MESSAGE);
  if (!again)
    return NULL;
  g_assert_cmpuint (again->session, ==, message->session);
  g_assert_cmpstr (again->transaction, ==, message->transaction);
  return again;
}

static void
check_candidates (const JanusMessage * message, const JanusAddress * to)
{
  JanusCandidate candidates[N_CANDIDATES] = {
    {message->mline, message->mid, message->candidate},
    {0, NULL, message->candidate},
    {G_MAXUINT, message->candidate, message->mid},
    {0, NULL, NULL},
  };

  for (guint n = 0; n <= N_CANDIDATES; n++) {
    g_autoptr (JanusMessage) again =
        check_printed (janus_print_trickle (to, candidates, n), message);

    if (again && n == 1) {
      g_assert_cmpstr (again->candidate, ==, message->candidate);
      g_assert_cmpuint (again->mline, ==, message->candidate ?
          message->mline : 0);
    }
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
  JanusRoom room = { message->room, message->member, message->reason,
    message->media, message->mid, message->candidate, message->sdp
  };
  JanusPublish publish = { message->lost, message->media, message->mid,
    message->reason
  };

  for (guint i = 0; i < G_N_ELEMENTS (requests); i++)
    janus_message_free (check_printed (janus_print_room (&to, requests[i],
                &room), message));
  janus_message_free (check_printed (janus_print_request (&to, "claim"),
          message));
  janus_message_free (check_printed (janus_print_attach (&to,
              message->media ? message->media : "", message->reason), message));
  janus_message_free (check_printed (janus_print_body (&to,
              message->videoroom ? message->videoroom : ""), message));
  janus_message_free (check_printed (janus_print_offer (&to, "publish",
              &publish, message->sdp ? message->sdp : ""), message));
  check_candidates (message, &to);
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
