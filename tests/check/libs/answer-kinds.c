/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answers combined from all that the RFCs let a server say, some of them with one fault. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "rcast-answer.h"
#include "rcast-error.h"
#include "rcast-sdp.h"

#define N_ANSWERS 4000
#define LONG_LINE 8000

#define OFFER "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n" \
  "a=group:BUNDLE video0 audio1\r\n" \
  "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\na=mid:video0\r\na=sendonly\r\na=rtcp-mux\r\n" \
  "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n" \
  "a=rtpmap:96 VP8/90000\r\na=rtpmap:97 H264/90000\r\n" \
  "a=fmtp:97 profile-level-id=42e01f;packetization-mode=1\r\n" \
  "m=audio 9 UDP/TLS/RTP/SAVPF 0 98\r\na=mid:audio1\r\na=sendonly\r\na=rtcp-mux\r\n" \
  "a=rtpmap:0 PCMU/8000\r\na=rtpmap:98 OPUS/48000/2\r\n"

#define SUM32 "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:" \
  "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff"
#define SUM20 "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33"
#define ICE "a=ice-ufrag:abcd\r\na=ice-pwd:passwordpasswordpassword\r\n"
#define DTLS "a=fingerprint:sha-256 " SUM32 "\r\n"
#define SETUP "a=setup:passive\r\n"

/* What a server may say in one respect. @why: the sentence that refuses it */
typedef struct
{
  const gchar *name;
  const gchar *session, *video, *audio;
  const gchar *why;
} Choice;

/* RFC 9143 7.1.3, 8839 5.4, 8122 5, 4145 4, 5763 5; in the bundle of the two */
static const Choice transports[] = {
  {"in both", "", ICE DTLS SETUP, ICE DTLS SETUP},
  {"once", "", ICE DTLS SETUP, ""},
  {"session", ICE DTLS SETUP, "", ""},
  {"ICE in the sections", DTLS SETUP, ICE, ICE},
  {"fingerprint above", DTLS, ICE SETUP, ""},
  {"no setup", "", ICE DTLS, ""},
  {"setup of the offer", "a=setup:actpass\r\n", ICE DTLS, ICE DTLS},
  {"active", "", ICE DTLS "a=setup:active\r\n", ""},
  {"ICE lite", "a=ice-lite\r\n", ICE DTLS SETUP, ""},
  {"two fingerprints", "", ICE "a=fingerprint:sha-1 " SUM20 "\r\n" DTLS SETUP,
      ""},
  {"hash in upper case", "", ICE "a=fingerprint:SHA-256 " SUM32 "\r\n" SETUP,
      ""},
  {"half credentials", "", ICE DTLS SETUP, "a=ice-ufrag:efgh\r\n"},
  {"no ICE", "", DTLS SETUP, DTLS SETUP,
      "m-section 0 (video VP8) has no ICE credentials"},
  {"no password", "", "a=ice-ufrag:abcd\r\n" DTLS SETUP, "",
      "m-section 0 (video VP8) has no ICE credentials"},
  {"empty password", "", "a=ice-ufrag:abcd\r\na=ice-pwd:\r\n" DTLS SETUP, "",
      "m-section 0 (video VP8) has no ICE credentials"},
  {"no fingerprint", "", ICE SETUP, ICE SETUP,
      "m-section 0 (video VP8) has no DTLS fingerprint"},
  {"empty fingerprint", "", ICE "a=fingerprint:\r\n" SETUP, "",
      "m-section 0 (video VP8) has no DTLS fingerprint"},
  {"holdconn", "", ICE DTLS "a=setup:holdconn\r\n", "",
      "m-section 0 (video VP8) has a setup that is neither active nor passive"},
};

/* The names of the sections, and the group that they are in: RFC 5888, 9143 */
static const Choice mids[] = {
  {"ours", "a=group:BUNDLE video0 audio1\r\n", "a=mid:video0\r\n",
      "a=mid:audio1\r\n"},
  {"other ones", "a=group:BUNDLE 0 1\r\n", "a=mid:0\r\n", "a=mid:1\r\n"},
  {"swapped", "a=group:BUNDLE audio1 video0\r\n", "a=mid:audio1\r\n",
      "a=mid:video0\r\n"},
  {"more groups", "a=group:LS 0 1\r\na=group:BUNDLE 0 1\r\n", "a=mid:0\r\n",
      "a=mid:1\r\n"},
  {"spaces", "a=group:BUNDLE  0  1 \r\n", "a=mid:0\r\n", "a=mid:1\r\n"},
  {"the same twice", "a=group:BUNDLE 0\r\n", "a=mid:0\r\n", "a=mid:0\r\n",
      "m-section 1 (audio PCMU) has the mid of m-section 0"},
};

/* Whether the stream is wanted: RFC 3264 6.1 */
static const Choice directions[] = {
  {"recvonly", "", "a=recvonly\r\n", "a=recvonly\r\n"},
  {"sendrecv", "", "a=sendrecv\r\n", "a=sendrecv\r\n"},
  {"nothing", "", "", ""},
  {"above", "a=recvonly\r\n", "", ""},
};

static const Choice refusals[] = {
  {"inactive", "", "", "a=inactive\r\n"},
  {"sendonly", "", "", "a=sendonly\r\n"},
};

/* RFC 3264 6.1, 6184 8.2.2, 7741 6.1, 7587 7, 8866 6.6; m-lines without the port */
static const Choice codecs[] = {
  {"as offered", "", "UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 VP8/90000\r\n",
      "UDP/TLS/RTP/SAVPF 98\r\na=rtpmap:98 OPUS/48000/2\r\n"},
  {"all of them", "", "UDP/TLS/RTP/SAVPF 96 97\r\na=rtpmap:96 VP8/90000\r\n"
        "a=rtpmap:97 H264/90000\r\n"
        "a=fmtp:97 profile-level-id=42e01f;packetization-mode=1\r\n",
      "UDP/TLS/RTP/SAVPF 0 98\r\na=rtpmap:98 OPUS/48000/2\r\n"},
  {"another order", "", "UDP/TLS/RTP/SAVPF 97 96\r\na=rtpmap:96 VP8/90000\r\n"
        "a=rtpmap:97 H264/90000\r\na=fmtp:97 packetization-mode=1\r\n",
      "UDP/TLS/RTP/SAVPF 98 0\r\na=rtpmap:98 OPUS/48000/2\r\n"},
  {"other numbers", "", "UDP/TLS/RTP/SAVPF 120\r\na=rtpmap:120 VP8/90000\r\n",
      "UDP/TLS/RTP/SAVPF 121\r\na=rtpmap:121 opus/48000/2\r\n"},
  {"numbers that are swapped", "", "UDP/TLS/RTP/SAVPF 97 96\r\n"
        "a=rtpmap:97 VP8/90000\r\na=rtpmap:96 H264/90000\r\n"
        "a=fmtp:96 packetization-mode=1\r\n",
      "UDP/TLS/RTP/SAVPF 0\r\n"},
  {"fmtp missing", "", "UDP/TLS/RTP/SAVPF 97\r\na=rtpmap:97 H264/90000\r\n",
      "UDP/TLS/RTP/SAVPF 98\r\na=rtpmap:98 OPUS/48000/2\r\n"},
  {"fmtp with spaces", "", "UDP/TLS/RTP/SAVPF 97\r\na=rtpmap:97 h264/90000\r\n"
        "a=fmtp:97 Profile-Level-Id=42E01F ; packetization-mode=1 ;\r\n",
      "UDP/TLS/RTP/SAVPF 98\r\na=rtpmap:98 Opus/48000/2\r\n"
        "a=fmtp:98 stereo=1; useinbandfec=1\r\n"},
  {"rtpmap missing", "", "UDP/TLS/RTP/SAVPF 96\r\n",
      "UDP/TLS/RTP/SAVPF 98\r\n"},
  {"a stranger first", "", "UDP/TLS/RTP/SAVPF 50 96\r\n"
        "a=rtpmap:50 H261/90000\r\na=rtpmap:96 VP8/90000\r\n",
      "UDP/TLS/RTP/SAVPF 13 0\r\na=rtpmap:13 CN/8000\r\n"},
  {"an older profile", "", "RTP/SAVPF 96\r\na=rtpmap:96 VP8/90000\r\n",
      "RTP/SAVPF 0\r\na=rtpmap:0 PCMU/8000/1\r\n"},
};

/* RFC 8839 5.1, 6544, draft-ietf-mmusic-mdns-ice-candidates; at the bundle's section */
static const Choice candidates[] = {
  {"none", "", "", ""},
  {"UDP", "", "a=candidate:1 1 UDP 2130706431 192.0.2.1 5000 typ host\r\n", ""},
  {"lower case", "", "a=candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host "
        "generation 0 network-cost 999\r\na=end-of-candidates\r\n", ""},
  {"TCP", "", "a=candidate:1 1 TCP 2130706431 192.0.2.1 9 typ host "
        "tcptype active\r\n", ""},
  {"IPv6", "", "a=candidate:1 1 UDP 2130706431 2001:db8::1 5000 typ host\r\n",
      ""},
  {"mDNS", "", "a=candidate:1 1 UDP 2130706431 "
        "0b4a7a40-7f5c-4d0a-9e3b-111111111111.local 5000 typ host\r\n", ""},
  {"host name", "", "a=candidate:1 1 UDP 2130706431 media.example.com 5000 "
        "typ host\r\n", ""},
  {"above", "a=candidate:1 1 UDP 2130706431 192.0.2.1 5000 typ host\r\n", "",
      ""},
};

/* Lines without a meaning for us, and lines that may be missing */
static const Choice others[] = {
  {"nothing", "", "", ""},
  {"rtcp-mux", "", "a=rtcp-mux\r\n", "a=rtcp-mux\r\n"},
  {"rtcp-mux, once", "", "a=rtcp-mux\r\na=rtcp-rsize\r\n", ""},
  {"bandwidth", "b=CT:5000\r\n", "b=AS:2500\r\nb=TIAS:2500000\r\n",
      "b=AS:64\r\n"},
  {"addresses", "c=IN IP6 ::1\r\n", "c=IN IP4 192.0.2.1\r\n",
      "c=IN IP6 2001:db8::1\r\n"},
  {"unknown", "a=x-session:1\r\na=flag\r\nz=0 0\r\n", "a=x-media\r\na=y:\r\n",
      "i=A title\r\na=::\r\n"},
  {"a key of old", "e=a@example.com\r\np=+1\r\nk=prompt\r\n", "k=clear:x\r\n", ""},
  {"header extensions", "a=extmap-allow-mixed\r\n", "a=extmap:3 http://www.ietf"
        ".org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n",
      "a=extmap:14/recvonly urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n"},
  {"extension with another id", "", "a=extmap:9 http://www.ietf.org/id/"
        "draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n", ""},
  {"simulcast", "", "a=rid:1 recv\r\na=rid:2 recv\r\na=simulcast:recv 1;2\r\n",
      ""},
  {"sources", "a=msid-semantic: WMS *\r\n", "a=ssrc:1 cname:x\r\n",
      "a=ssrc:2 cname:x\r\na=msid:- -\r\n"},
  {"trickle", "a=ice-options:trickle renomination\r\n", "", ""},
};

#define PICK(choices) (&choices[g_rand_int_range (rand, 0, G_N_ELEMENTS (choices))])

typedef struct
{
  const Choice *transport, *mid, *direction, *codec, *candidate, *other;
  gboolean rejected;            /* audio has port 0, and is in no group */
  gboolean unwanted;            /* audio */
  const gchar *why;             /* what is wrong, or NULL */
  gchar *description;
} Plan;

/* A choice without a fault, or one with a fault if @spoil */
static const Choice *
pick (GRand * rand, const Choice * choices, guint n, gboolean spoil)
{
  const Choice *choice;

  do
    choice = &choices[g_rand_int_range (rand, 0, n)];
  while ((choice->why != NULL) != spoil);
  return choice;
}

static void
plan_answer (GRand * rand, Plan * plan)
{
  guint spoiled = g_rand_int_range (rand, 0, 6);        /* 0, 1: a choice has a fault */

  plan->transport = pick (rand, transports, G_N_ELEMENTS (transports),
      spoiled == 0);
  plan->mid = pick (rand, mids, G_N_ELEMENTS (mids), spoiled == 1);
  plan->why = spoiled == 0 ? plan->transport->why :
      spoiled == 1 ? plan->mid->why : NULL;
  plan->unwanted = g_rand_int_range (rand, 0, 5) == 0;
  plan->rejected = !plan->why && g_rand_int_range (rand, 0, 5) == 0;
  plan->direction = plan->unwanted ? PICK (refusals) : PICK (directions);
  plan->codec = PICK (codecs);
  plan->candidate = PICK (candidates);
  plan->other = PICK (others);
  plan->description = g_strdup_printf ("transport %s, mids %s, %s, codecs %s, "
      "candidates %s, %s%s", plan->transport->name, plan->mid->name,
      plan->direction->name, plan->codec->name, plan->candidate->name,
      plan->other->name, plan->rejected ? ", audio rejected" : "");
}

/* CRLF, LF, LF with empty lines, CRLF with a long line */
static gchar *
end_lines (GRand * rand, const gchar * text)
{
  static const gchar *const ends[] = { "\r\n", "\n", "\n\n", "\r\n" };
  guint kind = g_rand_int_range (rand, 0, G_N_ELEMENTS (ends));
  g_auto (GStrv) lines = g_strsplit (text, "\r\n", -1);
  g_autofree gchar *joined = g_strjoinv (ends[kind], lines);
  g_autofree gchar *fill = g_strnfill (LONG_LINE, 'x');

  return kind == 3 ? g_strconcat (joined, "a=x-long:", fill, "\r\n", NULL) :
      g_steal_pointer (&joined);
}

/* The group does not name a section that is rejected. */
static gchar *
write_group (const Plan * plan)
{
  if (!plan->rejected)
    return g_strdup (plan->mid->session);
  return g_strconcat ("a=group:BUNDLE ", plan->mid->video + strlen ("a=mid:"),
      NULL);
}

static gchar *
write_answer (GRand * rand, const Plan * plan)
{
  const Choice *parts[] = { plan->transport, plan->direction, plan->candidate,
    plan->other
  };
  g_autoptr (GString) text = g_string_new ("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n"
      "s=-\r\nt=0 0\r\n");
  g_autofree gchar *group = write_group (plan);

  for (guint i = G_N_ELEMENTS (parts); i-- > 0;)
    g_string_append (text, parts[i]->session);
  g_string_append (text, group);
  g_string_append_printf (text, "m=video 9 %s", plan->codec->video);
  for (guint i = G_N_ELEMENTS (parts); i-- > 0;)
    g_string_append (text, parts[i]->video);
  g_string_append (text, plan->mid->video);
  g_string_append_printf (text, "m=audio %u %s", plan->rejected ? 0 : 9,
      plan->codec->audio);
  for (guint i = G_N_ELEMENTS (parts); i-- > 0;)
    g_string_append (text, parts[i]->audio);
  g_string_append (text, plan->mid->audio);
  return end_lines (rand, text->str);
}

static const gchar *
get (const GstSDPMessage * sdp, guint i, const gchar * key)
{
  return gst_sdp_media_get_attribute_val (gst_sdp_message_get_media (sdp, i),
      key);
}

/* The error is one sentence, which names the section, its stream and its codec. */
static void
check_refusal (const Plan * plan, const GError * error)
{
  fail_unless (g_error_matches (error, GST_RCAST_ERROR,
          GST_RCAST_ERROR_INVALID_DATA), "%s", plan->description);
  fail_unless (g_str_has_prefix (error->message, plan->why), "%s: %s",
      plan->description, error->message);
  fail_unless (!strchr (error->message, '\n')
      && !strstr (error->message, ". "), "%s", error->message);
}

static void
check_section (const Plan * plan, const GstSDPMessage * sdp, guint i)
{
  static const gchar *const kept[] =
      { "ice-ufrag", "ice-pwd", "fingerprint", "rtpmap" };
  static const gchar *const names[] = { "video0", "audio1" };
  const GstSDPMedia *media = gst_sdp_message_get_media (sdp, i);
  const gchar *setup = get (sdp, i, "setup");

  for (guint k = 0; k < G_N_ELEMENTS (kept); k++)
    fail_unless (get (sdp, i, kept[k]) && *get (sdp, i, kept[k]),
        "%s: section %u has no %s", plan->description, i, kept[k]);
  fail_unless (g_str_equal (setup, "active") || g_str_equal (setup,
          "passive"), "%s: %s", plan->description, setup);
  fail_unless (g_strcmp0 (get (sdp, i, "mid"), names[i]) == 0, "%s: %s",
      plan->description, get (sdp, i, "mid"));
  fail_unless (strchr (i == 0 ? "6 7" : "0 8",
          gst_sdp_media_get_format (media, 0)[i == 0 ? 1 :
              strlen (gst_sdp_media_get_format (media, 0)) - 1]) != NULL, "%s",
      plan->description);
}

static void
check_complete (const Plan * plan, const GstSDPMessage * offer,
    const GstSDPMessage * sdp)
{
  guint carrier = gst_rcast_sdp_get_bundle_mline (sdp);
  g_autoptr (GstSDPMessage) twice = NULL;
  g_autofree gchar *once_text = NULL, *twice_text = NULL;

  check_section (plan, sdp, 0);
  check_section (plan, sdp, 1);
  fail_unless (gst_sdp_message_get_key (sdp)->type == NULL, "%s",
      plan->description);
  fail_unless (get (sdp, carrier, "candidate") != NULL
      || plan->candidate == candidates, "%s: the candidates are gone",
      plan->description);
  fail_if (gst_rcast_answer_declines (sdp, 0), "%s", plan->description);
  fail_unless (gst_rcast_answer_declines (sdp, 1) == (plan->unwanted
          || plan->rejected), "%s", plan->description);
  twice = gst_rcast_answer_complete (offer, sdp, NULL, NULL);
  fail_unless (twice != NULL, "%s", plan->description);
  once_text = gst_sdp_message_as_text (sdp);
  twice_text = gst_sdp_message_as_text (twice);
  fail_unless (g_str_equal (once_text, twice_text), "%s:\n%.900s\n%.900s",
      plan->description, once_text, twice_text);
}

GST_START_TEST (test_what_is_allowed_works_and_what_is_forbidden_is_named)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (9143);
  g_autoptr (GstSDPMessage) offer = gst_rcast_sdp_parse (OFFER, -1, NULL);
  guint refused = 0;

  for (guint i = 0; i < N_ANSWERS; i++) {
    Plan plan;
    g_autofree gchar *text = NULL;
    g_autoptr (GError) error = NULL;
    g_autoptr (GstSDPMessage) answer = NULL;
    g_autoptr (GstSDPMessage) complete = NULL;

    plan_answer (rand, &plan);
    text = write_answer (rand, &plan);
    answer = gst_rcast_sdp_parse (text, -1, &error);
    fail_unless (answer != NULL, "%s: %s", plan.description,
        error ? error->message : "");
    complete = gst_rcast_answer_complete (offer, answer, NULL, &error);
    fail_unless ((complete == NULL) == (plan.why != NULL), "%s: %s\n%.1500s",
        plan.description, error ? error->message : "accepted", text);
    if (complete)
      check_complete (&plan, offer, complete);
    else
      check_refusal (&plan, error);
    refused += complete == NULL;
    g_free (plan.description);
  }
  /* Both results occur. */
  fail_unless (refused > N_ANSWERS / 5 && refused < N_ANSWERS / 2);
}

GST_END_TEST;

static Suite *
answer_kinds_suite (void)
{
  Suite *s = suite_create ("answer-kinds");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc,
      test_what_is_allowed_works_and_what_is_forbidden_is_named);
  return s;
}

GST_CHECK_MAIN (answer_kinds);
