/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An untrusted answer to an offer or to a restart: the result is a usable answer, or an error. */
#include "config.h"

#include "fuzz.h"

#include <string.h>

#include "rcast-sdp.h"
#include "whip-answer.h"

#define OFFER "v=0\r\no=- 1 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n" \
  "a=group:BUNDLE 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n" \
  "a=ice-ufrag:abcd\r\na=ice-pwd:passwordpasswordpassword\r\n" \
  "a=fingerprint:sha-256 AA:BB\r\na=sendonly\r\n"

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  g_autoptr (GstSDPMessage) offer = gst_rcast_sdp_parse (OFFER, -1, NULL);

  for (guint allow = 0; allow < 2; allow++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GstSDPMessage) answer = whip_answer_parse (offer,
        (const gchar *) data, size, allow, &error);

    g_assert ((answer == NULL) == (error != NULL));
    if (!answer)
      continue;
    g_assert (gst_sdp_message_medias_len (answer) == 1);
    g_assert (gst_rcast_sdp_get_credentials (answer, NULL, NULL));
  }
  /* A restart may get status 200, or 204 from a server that took it for a trickle. */
  for (guint status = 200; status < 205; status += 4) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GstSDPMessage) answer = gst_rcast_sdp_parse (OFFER, -1, NULL);
    gboolean ok = whip_answer_apply_restart (answer, status,
        (const gchar *) data, size, &error);

    g_assert (ok == (error == NULL));
    g_assert (gst_rcast_sdp_get_credentials (answer, NULL, NULL));
  }
  /* An offer in place of an answer */
  for (guint status = 201; status <= 406; status += 205) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GstSDPMessage) counter = whip_answer_parse_offer (status,
        "application/sdp", (const gchar *) data, size, &error);

    g_assert (!counter || !error);
    if (!counter)
      continue;
    g_assert (gst_sdp_message_medias_len (counter) > 0);
    g_assert (gst_rcast_sdp_get_credentials (counter, NULL, NULL));
  }
  return 0;
}
