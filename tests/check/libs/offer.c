/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Offers as servers take them, answers that accept feedback, and the DTLS role
 * in our answer to an offer. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "rcast-formats.h"
#include "rcast-offer.h"
#include "rcast-rtp.h"
#include "sdp-check.h"

#define HEAD "v=0\r\no=- 123 7 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
#define SECTION "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\n" \
  "a=rtpmap:111 OPUS/48000/2\r\n"
#define VIDEO "m=video 0 UDP/TLS/RTP/SAVPF 96 97 98 99 34\r\n" \
  "c=IN IP4 0.0.0.0\r\na=bundle-only\r\na=rtpmap:96 VP8/90000\r\n" \
  "a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\na=rtpmap:98 red/90000\r\n" \
  "a=rtpmap:99 H264/90000\r\na=rtcp-fb:99 goog-remb\r\n"

/* What the server offers, what we answered before, and what webrtcbin would answer now */
static const struct
{
  const gchar *what, *offer, *before, *answer, *settled;
} roles[] = {
  {"the server begins", "actpass", NULL, "active", "passive"},
  {"the server has no choice", "passive", NULL, "active", "active"},
  {"the server has taken its choice", "active", NULL, "passive", "passive"},
  {"as client, and stays it", "actpass", "active", "active", "active"},
  {"as client, whatever webrtcbin says", "actpass", "active", "passive",
      "active"},
  {"as server, and stays it", "actpass", "passive", "active", "passive"},
  {"a server that insists", "passive", "passive", "active", "active"},
};

static GstSDPMessage *
describe (const gchar * setup, guint sections, gboolean whole)
{
  g_autoptr (GString) text = g_string_new (HEAD);

  if (whole)
    g_string_append_printf (text, "a=setup:%s\r\n", setup);
  for (guint i = 0; i < sections; i++) {
    g_string_append (text, SECTION);
    if (!whole)
      g_string_append_printf (text, "a=setup:%s\r\n", setup);
  }
  return parse_sdp (text->str);
}

/* The answer has more m-sections than the one before, as if a stream had come. */
GST_START_TEST (test_roles_stay)
{
  for (guint i = 0; i < 2 * G_N_ELEMENTS (roles); i++) {
    guint row = i / 2;
    g_autoptr (GstSDPMessage) offer = describe (roles[row].offer, 2, i % 2);
    g_autoptr (GstSDPMessage) answer = describe (roles[row].answer, 2, FALSE);
    g_autoptr (GstSDPMessage) before = roles[row].before ?
        describe (roles[row].before, 1, FALSE) : NULL;

    gst_rcast_offer_settle_setup (offer, before, answer);
    for (guint j = 0; j < 2; j++) {
      const gchar *setup = gst_sdp_media_get_attribute_val
          (gst_sdp_message_get_media (answer, j), "setup");

      fail_unless (g_strcmp0 (setup, roles[row].settled) == 0, "%s: %s",
          roles[row].what, setup);
    }
  }
}

GST_END_TEST;

/* Each codec has it once; retransmission and formats without a name do not. */
GST_START_TEST (test_limits_are_taken_for_codecs)
{
  g_autoptr (GstSDPMessage) offer = parse_sdp (HEAD VIDEO SECTION);
  g_autofree gchar *text = gst_rcast_offer_to_text (offer, FALSE);

  assert_equals_int (count_in (text, "a=rtcp-fb:96 goog-remb\r\n"), 1);
  assert_equals_int (count_in (text, "a=rtcp-fb:99 goog-remb\r\n"), 1);
  assert_equals_int (count_in (text, "a=rtcp-fb:34 goog-remb\r\n"), 1);
  assert_equals_int (count_in (text, "goog-remb"), 3);
  /* Some servers want a payload type. */
  assert_equals_int (count_in (text, "a=rtcp-fb:*"), 0);
  /* Servers take port 0 for a stream that is not wanted. */
  assert_equals_int (count_in (text, "m=video 9 "), 1);
}

GST_END_TEST;

#define TAKEN "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 VP8/90000\r\n"
#define DATA "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
#define NAMED "a=rtcp-fb:* ack ccfb\r\n"
#define NUMBERED "a=extmap:1 " GST_RCAST_RTP_TWCC_URI "\r\n" \
  "a=rtcp-fb:96 transport-cc\r\n"

#define REJECTED "m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 VP8/90000\r\n"

/* The first m-section of each answer counts. */
static const struct
{
  const gchar *what, *answer;
  gboolean named;
} answers[] = {
  {"it agrees", HEAD TAKEN NAMED SECTION NAMED, TRUE},
  {"of this stream", HEAD TAKEN NAMED SECTION, TRUE},
  {"of another one", HEAD TAKEN SECTION NAMED, FALSE},
  {"it agrees to neither", HEAD TAKEN SECTION, FALSE},
  {"numbers alone", HEAD TAKEN NUMBERED SECTION, FALSE},
  {"both", HEAD TAKEN NUMBERED NAMED SECTION, FALSE},
  {"another stream has numbers", HEAD TAKEN NAMED SECTION NUMBERED, FALSE},
  {"one that is rejected has numbers", HEAD TAKEN NAMED REJECTED NUMBERED, TRUE},
  {"of one payload type", HEAD TAKEN "a=rtcp-fb:96 ack ccfb\r\n", FALSE},
  {"something else is acknowledged", HEAD TAKEN "a=rtcp-fb:* ack rpsi\r\n",
      FALSE},
};

GST_START_TEST (test_a_server_agrees_to_one_kind_of_feedback)
{
  g_autoptr (GstSDPMessage) answer = parse_sdp (answers[__i__].answer);

  fail_unless (gst_rcast_offer_names_packets (answer, 0)
      == answers[__i__].named, "%s", answers[__i__].what);
}

GST_END_TEST;

GST_START_TEST (test_each_stream_is_offered_with_feedback)
{
  g_autoptr (GstSDPMessage) offer = parse_sdp (HEAD VIDEO SECTION DATA);
  g_autofree gchar *text = gst_rcast_offer_to_text (offer, TRUE);
  g_autoptr (GstSDPMessage) sent = parse_sdp (text);

  fail_unless (gst_rcast_offer_names_packets (sent, 0));
  fail_unless (gst_rcast_offer_names_packets (sent, 1));
  fail_if (gst_rcast_offer_names_packets (sent, 2));
}

GST_END_TEST;

#define RECEIVED "m=video 9 UDP/TLS/RTP/SAVPF 96 98 100 103\r\n" \
  "c=IN IP4 0.0.0.0\r\na=rtpmap:96 H264/90000\r\na=rtpmap:98 H264/90000\r\n" \
  "a=rtpmap:100 VP8/90000\r\na=rtpmap:103 rtx/90000\r\na=fmtp:103 apt=96\r\n"

/* Returns: how many codecs of 96, 98 and 100 section @i repairs */
static guint
count_repaired (const GstSDPMessage * sdp, guint i)
{
  const GstSDPMedia *media = gst_sdp_message_get_media (sdp, i);

  return gst_rcast_formats_has_rtx (media, 96)
      + gst_rcast_formats_has_rtx (media, 98)
      + gst_rcast_formats_has_rtx (media, 100);
}

GST_START_TEST (test_each_received_codec_is_repaired)
{
  g_autoptr (GstSDPMessage) sdp = parse_sdp (HEAD RECEIVED "a=recvonly\r\n"
      SECTION "a=recvonly\r\n" RECEIVED "a=recvonly\r\n"
      RECEIVED "a=sendonly\r\n");
  g_autofree gchar *once = NULL, *twice = NULL;

  gst_rcast_offer_repair_all (sdp);
  once = gst_sdp_message_as_text (sdp);
  assert_equals_int (count_repaired (sdp, 0), 3);
  assert_equals_int (count_repaired (sdp, 2), 3);
  /* webrtcbin knows best what it can send. */
  assert_equals_int (count_repaired (sdp, 3), 1);
  assert_equals_int (gst_sdp_media_formats_len (gst_sdp_message_get_media (sdp,
              1)), 1);
  /* In a bundle, a payload type has one meaning. */
  for (guint i = 0; i < 6; i++)
    assert_equals_string (gst_sdp_media_get_format (gst_sdp_message_get_media
            (sdp, 0), i), gst_sdp_media_get_format (gst_sdp_message_get_media
            (sdp, 2), i));
  gst_rcast_offer_repair_all (sdp);
  twice = gst_sdp_message_as_text (sdp);
  assert_equals_string (twice, once);
}

GST_END_TEST;

/* Only one payload type is left. */
GST_START_TEST (test_payload_types_run_out)
{
  g_autoptr (GString) text = g_string_new (HEAD RECEIVED "a=recvonly\r\n"
      "m=audio 9 UDP/TLS/RTP/SAVPF");
  g_autoptr (GstSDPMessage) sdp = NULL;

  for (guint i = 96; i < 127; i++)
    if (i != 96 && i != 98 && i != 100 && i != 103)
      g_string_append_printf (text, " %u", i);
  g_string_append (text, "\r\nc=IN IP4 0.0.0.0\r\n");
  sdp = parse_sdp (text->str);
  gst_rcast_offer_repair_all (sdp);
  assert_equals_int (count_repaired (sdp, 0), 2);
}

GST_END_TEST;

static Suite *
offer_suite (void)
{
  Suite *s = suite_create ("offer");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_roles_stay);
  tcase_add_test (tc, test_limits_are_taken_for_codecs);
  tcase_add_loop_test (tc, test_a_server_agrees_to_one_kind_of_feedback, 0,
      G_N_ELEMENTS (answers));
  tcase_add_test (tc, test_each_stream_is_offered_with_feedback);
  tcase_add_test (tc, test_each_received_codec_is_repaired);
  tcase_add_test (tc, test_payload_types_run_out);
  return s;
}

GST_CHECK_MAIN (offer);
