/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answers that leave out optional parts, and answers that leave out required ones. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "rcast-answer.h"
#include "rcast-error.h"
#include "rcast-formats.h"
#include "sdp-check.h"

#define HEAD "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
#define OFFER HEAD "a=group:BUNDLE video0 audio1\r\n" \
  "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\na=mid:video0\r\na=sendonly\r\n" \
  "a=rtpmap:96 VP8/90000\r\na=rtpmap:97 H264/90000\r\n" \
  "m=audio 9 UDP/TLS/RTP/SAVPF 0 98\r\na=mid:audio1\r\na=sendonly\r\n" \
  "a=rtpmap:0 PCMU/8000\r\na=rtpmap:98 OPUS/48000/2\r\n"

#define GROUP "a=group:BUNDLE video0 audio1\r\n"
#define ICE "a=ice-ufrag:abcd\r\na=ice-pwd:passwordpasswordpassword\r\n"
#define ICE2 "a=ice-ufrag:efgh\r\na=ice-pwd:PASSWORDPASSWORDPASSWORD\r\n"
#define DTLS "a=fingerprint:sha-256 AA\r\n"
#define SETUP "a=setup:passive\r\n"
#define HOST "a=candidate:1 1 UDP 1 192.0.2.1 5000 typ host\r\n"
#define HOST_RTCP "a=candidate:1 2 UDP 1 192.0.2.1 5001 typ host\r\n"
#define TRANSPORT ICE DTLS SETUP HOST
#define VIDEO "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 VP8/90000\r\n"
#define AUDIO "m=audio 9 UDP/TLS/RTP/SAVPF 98\r\na=rtpmap:98 OPUS/48000/2\r\n"
#define V VIDEO "a=mid:video0\r\n"
#define A AUDIO "a=mid:audio1\r\n"

typedef struct
{
  const gchar *name, *answer;
  const gchar *why;             /* in the error; NULL: there is none */
  const gchar *group;           /* of the result; NULL: there is none */
  const gchar *ufrags;          /* of its sections, with blanks between */
  const gchar *setups;
} Row;

static const Row rows[] = {
  {"complete", HEAD GROUP V TRANSPORT A TRANSPORT, NULL,
      "BUNDLE video0 audio1", "abcd abcd", "passive passive"},
  {"transport once", HEAD GROUP V TRANSPORT A, NULL,
      "BUNDLE video0 audio1", "abcd abcd", "passive passive"},
  {"transport in the second section, which carries the bundle",
        HEAD "a=group:BUNDLE audio1 video0\r\n" V A TRANSPORT, NULL,
      "BUNDLE audio1 video0", "abcd abcd", "passive passive"},
  {"transport at session level", HEAD GROUP ICE DTLS SETUP V HOST A, NULL,
      "BUNDLE video0 audio1", "abcd abcd", "passive passive"},
  {"fingerprint at session level", HEAD GROUP DTLS V ICE SETUP A ICE SETUP,
      NULL, "BUNDLE video0 audio1", "abcd abcd", "passive passive"},
  {"no setup", HEAD GROUP V ICE DTLS A ICE DTLS, NULL,
      "BUNDLE video0 audio1", "abcd abcd", "active active"},
  {"setup in the first section", HEAD GROUP V ICE DTLS SETUP A ICE DTLS, NULL,
      "BUNDLE video0 audio1", "abcd abcd", "passive passive"},
  {"half credentials", HEAD GROUP V TRANSPORT A "a=ice-ufrag:efgh\r\n", NULL,
      "BUNDLE video0 audio1", "abcd abcd", "passive passive"},
  {"no bundle", HEAD V TRANSPORT A ICE2 DTLS SETUP, NULL, NULL,
      "abcd efgh", "passive passive"},
  {"no bundle, one transport", HEAD V TRANSPORT A TRANSPORT, NULL,
      "BUNDLE video0 audio1", "abcd abcd", "passive passive"},
  {"no bundle, the same credentials", HEAD V TRANSPORT A ICE DTLS SETUP, NULL,
      NULL, "abcd abcd", "passive passive"},
  {"no bundle, no candidates", HEAD V ICE DTLS SETUP A ICE DTLS SETUP, NULL,
      NULL, "abcd abcd", "passive passive"},
  {"no bundle, no mid, one transport", HEAD VIDEO TRANSPORT AUDIO TRANSPORT,
      NULL, "BUNDLE video0 audio1", "abcd abcd", "passive passive"},
  {"RTCP has a candidate of its own", HEAD V TRANSPORT HOST_RTCP A ICE2 DTLS SETUP,
      "m-section 0 (video VP8) wants RTCP on a port of its own"},
  {"RTCP has a port of its own", HEAD V TRANSPORT A ICE2 DTLS SETUP
      "a=rtcp:5001\r\n", "m-section 1 (audio PCMU) wants RTCP on a port of its own"},
  {"RTCP has no port yet", HEAD V TRANSPORT "a=rtcp:9 IN IP4 0.0.0.0\r\n" A ICE2
      DTLS SETUP, NULL, NULL, "abcd efgh", "passive passive"},
  {"RTCP shares the port, but has one", HEAD V TRANSPORT HOST_RTCP
        "a=rtcp:5001\r\na=rtcp-mux\r\n" A ICE2 DTLS SETUP, NULL, NULL,
      "abcd efgh", "passive passive"},
  {"RTCP has a candidate, in a bundle", HEAD GROUP V TRANSPORT HOST_RTCP A, NULL,
      "BUNDLE video0 audio1", "abcd abcd", "passive passive"},
  {"RTCP has a candidate, in a section that is rejected", HEAD
        "a=group:BUNDLE video0\r\n" V TRANSPORT
        "m=audio 0 UDP/TLS/RTP/SAVPF 98\r\na=mid:audio1\r\n" HOST_RTCP, NULL,
      "BUNDLE video0 audio1", "abcd abcd", "passive passive"},
  {"no mid", HEAD VIDEO TRANSPORT AUDIO ICE2 DTLS SETUP, NULL, NULL,
      "abcd efgh", "passive passive"},
  {"mids of its own", HEAD "a=group:BUNDLE 0 1\r\n" VIDEO "a=mid:0\r\n"
        TRANSPORT AUDIO "a=mid:1\r\n", NULL,
      "BUNDLE video0 audio1", "abcd abcd", "passive passive"},
  {"a group of strangers", HEAD "a=group:BUNDLE x y\r\n" V TRANSPORT A ICE2
        DTLS SETUP, NULL, NULL, "abcd efgh", "passive passive"},
  {"another group beside", HEAD "a=group:LS video0 audio1\r\n" GROUP V
        TRANSPORT A, NULL,
      "BUNDLE video0 audio1", "abcd abcd", "passive passive"},
  {"audio rejected", HEAD "a=group:BUNDLE video0\r\n" V TRANSPORT
        "m=audio 0 UDP/TLS/RTP/SAVPF 98\r\na=mid:audio1\r\n", NULL,
      "BUNDLE video0 audio1", "abcd abcd", "passive passive"},
  {"audio rejected, without mid and group", HEAD VIDEO TRANSPORT
        "m=audio 0 UDP/TLS/RTP/SAVPF 98\r\n", NULL,
      "BUNDLE video0 audio1", "abcd abcd", "passive passive"},
  {"bundle-only sections have port 0", HEAD GROUP V TRANSPORT
        "m=audio 0 UDP/TLS/RTP/SAVPF 98\r\na=bundle-only\r\na=mid:audio1\r\n",
      NULL, "BUNDLE video0 audio1", "abcd abcd", "passive passive"},
  {"setup as in the offer", HEAD GROUP V ICE DTLS "a=setup:actpass\r\n" A,
      NULL, "BUNDLE video0 audio1", "abcd abcd", "active active"},
  {"video rejected, which would carry the bundle",
        HEAD "a=group:BUNDLE audio1\r\n"
        "m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:video0\r\n" A TRANSPORT, NULL,
      "BUNDLE video0 audio1", "abcd abcd", "passive passive"},
  {"a role that is none", HEAD GROUP V ICE DTLS "a=setup:holdconn\r\n" A,
        "m-section 0 (video VP8) has a setup that is neither active nor passive",
      NULL, NULL, NULL},
  {"no ICE", HEAD GROUP V DTLS SETUP A DTLS SETUP,
      "m-section 0 (video VP8) has no ICE credentials", NULL, NULL, NULL},
  {"no ICE in one of two transports", HEAD V TRANSPORT A DTLS SETUP,
      "m-section 1 (audio PCMU) has no ICE credentials", NULL, NULL, NULL},
  {"no fingerprint", HEAD GROUP V ICE SETUP A ICE SETUP,
      "m-section 0 (video VP8) has no DTLS fingerprint", NULL, NULL, NULL},
  {"a section less", HEAD GROUP V TRANSPORT,
      "it has 1 m-sections, the offer 2", NULL, NULL, NULL},
  {"another order", HEAD GROUP A TRANSPORT V,
      "m-section 0 (video VP8) is answered by a section of audio", NULL, NULL,
      NULL},
};

static gchar *
join (const GstSDPMessage * sdp, const gchar * key)
{
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; i < gst_sdp_message_medias_len (sdp); i++)
    g_string_append_printf (out, "%s%s", i ? " " : "",
        gst_sdp_media_get_attribute_val (gst_sdp_message_get_media (sdp, i),
            key));
  return g_strdup (out->str);
}

static const gchar *
get_group (const GstSDPMessage * sdp)
{
  const gchar *group = NULL;

  for (guint n = 0;
      (group = gst_sdp_message_get_attribute_val_n (sdp, "group", n)); n++) {
    if (g_str_has_prefix (group, "BUNDLE"))
      break;
  }
  return group;
}

GST_START_TEST (test_answers)
{
  const Row *row = &rows[__i__];
  g_autoptr (GstSDPMessage) offer = parse_sdp (OFFER);
  g_autoptr (GstSDPMessage) answer = parse_sdp (row->answer);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstSDPMessage) complete =
      gst_rcast_answer_complete (offer, answer, NULL, &error);
  g_autofree gchar *ufrags = NULL, *setups = NULL, *mids = NULL;

  if (row->why) {
    fail_unless (complete == NULL, "%s", row->name);
    fail_unless (g_error_matches (error, GST_RCAST_ERROR,
            GST_RCAST_ERROR_INVALID_DATA));
    fail_unless (strstr (error->message, row->why), "%s: %s", row->name,
        error->message);
    return;
  }
  fail_unless (complete != NULL, "%s: %s", row->name,
      error ? error->message : "");
  ufrags = join (complete, "ice-ufrag");
  setups = join (complete, "setup");
  mids = join (complete, "mid");
  fail_unless (g_strcmp0 (get_group (complete), row->group) == 0, "%s: %s",
      row->name, get_group (complete));
  fail_unless (g_str_equal (ufrags, row->ufrags), "%s: %s", row->name, ufrags);
  fail_unless (g_str_equal (setups, row->setups), "%s: %s", row->name, setups);
  fail_unless (g_str_equal (mids, "video0 audio1"), "%s: %s", row->name, mids);
}

GST_END_TEST;

static const gchar *const places[] = {
  HEAD GROUP V ICE DTLS HOST A,
  HEAD GROUP V ICE DTLS A HOST,
  HEAD GROUP HOST V ICE DTLS A,
};

GST_START_TEST (test_candidates_end_up_where_the_bundle_is)
{
  g_autoptr (GstSDPMessage) offer = parse_sdp (OFFER);
  g_autoptr (GstSDPMessage) answer = parse_sdp (places[__i__]);
  g_autoptr (GstSDPMessage) complete =
      gst_rcast_answer_complete (offer, answer, NULL, NULL);

  fail_unless (complete != NULL);
  assert_equals_string (gst_sdp_media_get_attribute_val
      (gst_sdp_message_get_media (complete, 0), "candidate"),
      "1 1 UDP 1 192.0.2.1 5000 typ host");
}

GST_END_TEST;

GST_START_TEST (test_a_static_type_needs_no_rtpmap)
{
  g_autoptr (GstSDPMessage) offer = parse_sdp (OFFER);
  g_autoptr (GstSDPMessage) answer = parse_sdp (HEAD GROUP V TRANSPORT
      "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:audio1\r\n");
  g_autoptr (GstSDPMessage) complete =
      gst_rcast_answer_complete (offer, answer, NULL, NULL);

  fail_unless (complete != NULL);
  assert_equals_string (gst_sdp_media_get_attribute_val
      (gst_sdp_message_get_media (complete, 1), "rtpmap"), "0 PCMU/8000");
}

GST_END_TEST;

/* Offered: VP8 96, RTX of it 97, H.264 98 (mode 1) and 99 (mode 0), PCMU 0, OPUS 111.
 * The formats of an answer, its attributes, and the result */
#define VIDEO_OFFER "m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99\r\n" \
  "a=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n" \
  "a=rtpmap:98 H264/90000\r\na=fmtp:98 profile-level-id=42e01f;packetization-mode=1\r\n" \
  "a=rtpmap:99 H264/90000\r\na=fmtp:99 profile-level-id=42e01f\r\n"
#define AUDIO_OFFER "m=audio 9 UDP/TLS/RTP/SAVPF 111 0\r\n" \
  "a=rtpmap:111 OPUS/48000/2\r\na=rtpmap:0 PCMU/8000\r\n"

static const struct
{
  const gchar *name, *offer, *formats, *attributes;
  const gchar *aligned;         /* the formats afterwards */
  const gchar *rtpmap, *fmtp;   /* the last ones afterwards, or NULL */
  gint payload;
} formats[] = {
  {"as offered", VIDEO_OFFER, "96", "a=rtpmap:96 VP8/90000\r\n", "96",
      "96 VP8/90000", NULL, 96},
  {"another number", VIDEO_OFFER, "121", "a=rtpmap:121 vp8/90000\r\n"
        "a=rtcp-fb:121 nack\r\n", "96", "96 vp8/90000", NULL, 121},
  {"two that are swapped", VIDEO_OFFER, "98 96", "a=rtpmap:98 VP8/90000\r\n"
        "a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\n", "96 98",
      "98 H264/90000", "98 packetization-mode=1", 98},
  {"the mode decides", VIDEO_OFFER, "100", "a=rtpmap:100 H264/90000\r\n", "99",
      "99 H264/90000", NULL, 100},
  {"the other mode", VIDEO_OFFER, "100", "a=rtpmap:100 H264/90000\r\n"
        "a=fmtp:100 packetization-mode=1\r\n", "98", "98 H264/90000",
      "98 packetization-mode=1", 100},
  {"its retransmission", VIDEO_OFFER, "121 122", "a=rtpmap:121 VP8/90000\r\n"
        "a=rtpmap:122 rtx/90000\r\na=fmtp:122 apt=121\r\n", "96 97",
      "97 rtx/90000", "97 apt=96", 121},
  {"a number that is ours for something else", VIDEO_OFFER, "97",
      "a=rtpmap:97 VP8/90000\r\n", "96", "96 VP8/90000", NULL, 97},
  {"a stranger first", VIDEO_OFFER, "50 96", "a=rtpmap:50 H261/90000\r\n"
        "a=rtpmap:96 VP8/90000\r\n", "96", "96 VP8/90000", NULL, 96},
  {"strangers only", VIDEO_OFFER, "50", "a=rtpmap:50 H261/90000\r\n", "50",
      "50 H261/90000", NULL, 50},
  {"a word less", VIDEO_OFFER, "96", "", "96", "96 VP8/90000", NULL, 96},
  {"static", AUDIO_OFFER, "0", "", "0", "0 PCMU/8000", NULL, 0},
  {"static, as one channel", AUDIO_OFFER, "100", "a=rtpmap:100 PCMU/8000/1\r\n",
      "0", "0 PCMU/8000/1", NULL, 100},
  {"other channels are another codec", AUDIO_OFFER, "120",
      "a=rtpmap:120 opus/48000\r\n", "120", "120 opus/48000", NULL, 120},
  {"the same twice", VIDEO_OFFER, "96 121", "a=rtpmap:96 VP8/90000\r\n"
        "a=rtpmap:121 VP8/90000\r\n", "96", "96 VP8/90000", NULL, 96},
  {"no number", VIDEO_OFFER, "foo", "", "foo", NULL, NULL, -1},
  {"a number that is none", VIDEO_OFFER, "128", "a=rtpmap:128 VP8/90000\r\n",
      "128", "128 VP8/90000", NULL, -1},
};

static const gchar *
get_last (const GstSDPMedia * media, const gchar * key)
{
  const gchar *value, *last = NULL;

  for (guint n = 0;
      (value = gst_sdp_media_get_attribute_val_n (media, key, n)); n++)
    last = value;
  return last;
}

GST_START_TEST (test_formats_get_the_numbers_of_the_offer)
{
  g_autofree gchar *offered = g_strconcat (HEAD, formats[__i__].offer, NULL);
  g_autofree gchar *answered = g_strdup_printf ("%sm=%.5s 9 UDP/TLS/RTP/SAVPF "
      "%s\r\n%s", HEAD, formats[__i__].offer + 2, formats[__i__].formats,
      formats[__i__].attributes);
  g_autoptr (GstSDPMessage) offer = parse_sdp (offered);
  g_autoptr (GstSDPMessage) answer = parse_sdp (answered);
  GstSDPMedia *media = (GstSDPMedia *) gst_sdp_message_get_media (answer, 0);
  gint payload = gst_rcast_formats_align (gst_sdp_message_get_media (offer, 0),
      media);
  g_autoptr (GString) aligned = g_string_new (NULL);

  for (guint i = 0; i < gst_sdp_media_formats_len (media); i++)
    g_string_append_printf (aligned, "%s%s", i ? " " : "",
        gst_sdp_media_get_format (media, i));
  assert_equals_string (aligned->str, formats[__i__].aligned);
  fail_unless (g_strcmp0 (get_last (media, "rtpmap"), formats[__i__].rtpmap)
      == 0, "%s: %s", formats[__i__].name, get_last (media, "rtpmap"));
  fail_unless (g_strcmp0 (get_last (media, "fmtp"), formats[__i__].fmtp) == 0,
      "%s: %s", formats[__i__].name, get_last (media, "fmtp"));
  fail_unless (payload == formats[__i__].payload, "%s: %d",
      formats[__i__].name, payload);
}

GST_END_TEST;

/* The server's answer about redundant audio, and the payload type that is sent */
#define OPUS_AND(format) "m=audio 9 UDP/TLS/RTP/SAVPF 98 " format "\r\n" \
  "a=mid:audio1\r\na=rtpmap:98 OPUS/48000/2\r\n"
static const struct
{
  const gchar *name, *audio;
  gint payload, redundant;
} redundancies[] = {
  {"none", A, 98, -1},
  {"as offered", OPUS_AND ("63")
        "a=rtpmap:63 red/48000/2\r\na=fmtp:63 98/98\r\n", 98, 63},
  {"numbers of its own", "m=audio 9 UDP/TLS/RTP/SAVPF 120 121\r\n"
        "a=mid:audio1\r\na=rtpmap:120 opus/48000/2\r\n"
        "a=rtpmap:121 red/48000/2\r\na=fmtp:121 120/120\r\n", 120, 121},
  {"of something else", OPUS_AND ("63")
        "a=rtpmap:63 red/48000/2\r\na=fmtp:63 0/0\r\n", 98, -1},
  {"without a word", OPUS_AND ("63"), 98, -1},
};

GST_START_TEST (test_redundancy_is_what_the_server_takes)
{
  g_autoptr (GstSDPMessage) offer = parse_sdp (OFFER);
  g_autofree gchar *text = g_strconcat (HEAD, GROUP, V TRANSPORT,
      redundancies[__i__].audio, NULL);
  g_autoptr (GstSDPMessage) answer = parse_sdp (text);
  g_autoptr (GArray) payloads = NULL;
  g_autoptr (GstSDPMessage) complete =
      gst_rcast_answer_complete (offer, answer, &payloads, NULL);
  const GstRcastAnswerTypes *types;

  fail_unless (complete && payloads->len == 2);
  types = (const GstRcastAnswerTypes *) payloads->data;
  fail_unless (types[0].payload == 96 && types[0].redundant == -1);
  fail_unless (types[1].payload == redundancies[__i__].payload
      && types[1].redundant == redundancies[__i__].redundant, "%s: %d, %d",
      redundancies[__i__].name, types[1].payload, types[1].redundant);
}

GST_END_TEST;

/* The direction of an answer, and whether the server declines the stream */
static const struct
{
  const gchar *session, *section;
  gboolean declines;
} directions[] = {
  {"", "a=recvonly\r\n", FALSE},
  {"", "a=sendrecv\r\n", FALSE},
  {"", "", FALSE},
  {"", "a=sendonly\r\n", TRUE},
  {"", "a=inactive\r\n", TRUE},
  {"a=inactive\r\n", "", TRUE},
  {"a=inactive\r\n", "a=recvonly\r\n", FALSE},
  {"a=recvonly\r\n", "", FALSE},
};

GST_START_TEST (test_direction_decides_whether_a_stream_is_wanted)
{
  g_autoptr (GstSDPMessage) offer = parse_sdp (OFFER);
  g_autofree gchar *text = g_strconcat (HEAD, directions[__i__].session, GROUP,
      V TRANSPORT "a=recvonly\r\n", A, directions[__i__].section, NULL);
  g_autoptr (GstSDPMessage) answer = parse_sdp (text);
  g_autoptr (GstSDPMessage) complete =
      gst_rcast_answer_complete (offer, answer, NULL, NULL);

  fail_unless (complete && !gst_rcast_answer_declines (complete, 0));
  assert_equals_int (gst_rcast_answer_declines (complete, 1),
      directions[__i__].declines);
}

GST_END_TEST;

/* A complete answer stays as it is. */
GST_START_TEST (test_a_second_time_changes_nothing)
{
  g_autoptr (GstSDPMessage) offer = parse_sdp (OFFER);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GstSDPMessage) answer = parse_sdp (rows[i].answer);
    g_autoptr (GstSDPMessage) once =
        gst_rcast_answer_complete (offer, answer, NULL, NULL);
    g_autoptr (GstSDPMessage) twice = once ?
        gst_rcast_answer_complete (offer, once, NULL, NULL) : NULL;
    g_autofree gchar *a = NULL, *b = NULL;

    if (!once)
      continue;
    fail_unless (twice != NULL, "%s", rows[i].name);
    a = gst_sdp_message_as_text (once);
    b = gst_sdp_message_as_text (twice);
    fail_unless (g_str_equal (a, b), "%s: %s\n%s", rows[i].name, a, b);
  }
}

GST_END_TEST;

static Suite *
answer_suite (void)
{
  Suite *s = suite_create ("answer");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_answers, 0, G_N_ELEMENTS (rows));
  tcase_add_loop_test (tc, test_candidates_end_up_where_the_bundle_is, 0,
      G_N_ELEMENTS (places));
  tcase_add_test (tc, test_a_static_type_needs_no_rtpmap);
  tcase_add_loop_test (tc, test_formats_get_the_numbers_of_the_offer, 0,
      G_N_ELEMENTS (formats));
  tcase_add_loop_test (tc, test_direction_decides_whether_a_stream_is_wanted,
      0, G_N_ELEMENTS (directions));
  tcase_add_loop_test (tc, test_redundancy_is_what_the_server_takes, 0,
      G_N_ELEMENTS (redundancies));
  tcase_add_test (tc, test_a_second_time_changes_nothing);
  return s;
}

GST_CHECK_MAIN (answer);
