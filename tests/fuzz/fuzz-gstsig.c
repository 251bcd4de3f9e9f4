/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any message of a signalling server: the result is a complete message or an error. */
#include "config.h"

#include "fuzz.h"

#include <string.h>

#include "gstsig-message.h"
#include "net-json.h"

static void
check_shown (const gchar * text)
{
  if (!text)
    return;
  g_assert_cmpint (g_utf8_strlen (text, -1), <=, 200);
  for (const gchar * p = text; *p; p = g_utf8_next_char (p))
    g_assert (g_unichar_isprint (g_utf8_get_char (p)));
}

/* Checks that a message has the members of its kind. */
static void
check_whole (const GstsigMessage * message)
{
  gboolean starts = message->kind == GSTSIG_START_SESSION
      || message->kind == GSTSIG_SESSION_STARTED;
  gboolean lists = message->kind == GSTSIG_PEER_STATUS
      || message->kind == GSTSIG_LIST || message->kind == GSTSIG_LIST_CONSUMERS;
  gboolean describes = message->kind == GSTSIG_OFFER
      || message->kind == GSTSIG_ANSWER;

  g_assert (message->type != NULL);
  check_shown (message->type);
  check_shown (message->reason);
  g_assert ((message->peer != NULL) == (starts
          || message->kind == GSTSIG_WELCOME));
  g_assert ((message->session != NULL) == (starts || describes
          || message->kind == GSTSIG_CANDIDATE
          || message->kind == GSTSIG_END_SESSION));
  g_assert (!describes || message->sdp);
  g_assert ((message->peers != NULL) == lists);
  for (guint i = 0; lists && i < message->peers->len; i++)
    g_assert (*g_array_index (message->peers, GstsigPeer, i).id);
  g_assert (!message->session || (*message->session
          && strlen (message->session) <= GSTSIG_MAX_ID));
  g_assert (!message->candidate || (*message->candidate
          && strlen (message->candidate) <= GSTSIG_MAX_CANDIDATE));
}

/* Takes @printed. Returns: (nullable): the message that it parses to */
static GstsigMessage *
parse_back (gchar * printed)
{
  g_autofree gchar *text = printed;

  return gstsig_message_parse (text, -1, NULL);
}

/* Printing and parsing give the same members. */
static void
check_round_trip (const GstsigMessage * message)
{
  g_autoptr (GstsigMessage) end = NULL, why = NULL, candidate = NULL;
  g_autoptr (GstsigMessage) offer = NULL, answer = NULL;

  if (!message->session)
    return;
  end = parse_back (gstsig_print_end (message->session, NULL));
  g_assert_cmpstr (end->session, ==, message->session);
  why = parse_back (gstsig_print_end (message->session, message->type));
  g_assert_cmpstr (why->session, ==, message->session);
  g_assert_cmpstr (why->reason, ==, message->type);
  if (message->candidate) {
    candidate = parse_back (gstsig_print_candidate (message->session,
            message->mline, message->candidate));
    g_assert_cmpstr (candidate->candidate, ==, message->candidate);
    g_assert (candidate->mline == message->mline);
  }
  if (!message->sdp)
    return;
  offer = parse_back (gstsig_print_offer (message->session, message->sdp));
  /* JSON escapes a control character with six characters. */
  g_assert (offer || strlen (message->sdp) > NET_JSON_MAX_SIZE / 7);
  if (!offer)
    return;
  g_assert_cmpstr (offer->sdp, ==, message->sdp);
  answer = parse_back (gstsig_print_answer (message->session, message->sdp));
  g_assert (answer && answer->kind == GSTSIG_ANSWER);
}

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstsigMessage) message =
      gstsig_message_parse ((const gchar *) data, size, &error);

  g_assert ((message == NULL) == (error != NULL));
  if (!message)
    return 0;
  check_whole (message);
  check_round_trip (message);
  return 0;
}
