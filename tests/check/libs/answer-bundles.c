/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answers of every kind that the RFCs allow, combined with each other, and
 * answers that they forbid. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "rcast-answer.h"
#include "rcast-error.h"
#include "sdp-check.h"

#define HEAD "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
#define GROUP "a=group:BUNDLE 0 1\r\n"
#define ICE "a=ice-ufrag:abcd\r\na=ice-pwd:passwordpasswordpassword\r\n"
#define ICE2 "a=ice-ufrag:efgh\r\na=ice-pwd:PASSWORDPASSWORDPASSWORD\r\n"
#define DTLS "a=fingerprint:sha-256 AA:BB:CC\r\n"
#define SETUP "a=setup:passive\r\n"
#define HOST "a=candidate:1 1 UDP 1 192.0.2.1 5000 typ host\r\n"
#define HOST2 "a=candidate:1 1 UDP 1 192.0.2.1 5002 typ host\r\n"
#define TRANSPORT ICE DTLS SETUP HOST
#define TRANSPORT2 ICE2 DTLS SETUP HOST2
#define TWCC "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
#define M_VIDEO "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n"
#define M_AUDIO "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
#define VIDEO_BODY "a=recvonly\r\na=rtcp-mux\r\na=rtpmap:96 H264/90000\r\n" \
  "a=fmtp:96 packetization-mode=1;profile-level-id=42e01f\r\n" \
  "a=rtcp-fb:96 nack pli\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n" \
  "a=extmap:1 " TWCC "\r\n"
#define AUDIO_BODY "a=recvonly\r\na=rtcp-mux\r\na=rtpmap:111 OPUS/48000/2\r\n" \
  "a=extmap:1 " TWCC "\r\n"
#define VIDEO M_VIDEO "a=mid:0\r\n" VIDEO_BODY
#define AUDIO M_AUDIO "a=mid:1\r\n" AUDIO_BODY
#define OFFER_SECTIONS VIDEO ICE DTLS "a=setup:actpass\r\n" \
  AUDIO ICE DTLS "a=setup:actpass\r\n"

typedef struct
{
  const gchar *name, *text;
} Base;

static const Base bases[] = {
  {"all in each section", HEAD GROUP VIDEO TRANSPORT AUDIO TRANSPORT},
  {"transport once", HEAD GROUP VIDEO TRANSPORT AUDIO},
  {"session level", HEAD GROUP ICE DTLS SETUP VIDEO HOST AUDIO},
  {"sound carries it", HEAD "a=group:BUNDLE 1 0\r\n" VIDEO AUDIO TRANSPORT},
  {"trickles", HEAD GROUP VIDEO ICE DTLS SETUP AUDIO},
  {"two transports", HEAD VIDEO TRANSPORT AUDIO TRANSPORT2},
  {"no group, one transport", HEAD ICE DTLS SETUP VIDEO HOST AUDIO HOST},
};

/* How an answer is changed: each @pattern becomes @replacement, or a line that is as long as a
 * server may make it. @refused: what the error says; NULL: the RFCs allow the change, with any
 * other. @declined: bits of the sections that are not taken */
typedef struct
{
  const gchar *name, *pattern, *replacement;
  const gchar *refused;
  guint declined;
} Kind;

#define IN_EACH "(m=\\w+ .*\r\n)"
#define IN_VIDEO "(m=video .*\r\n)"
#define IN_AUDIO "(m=audio .*\r\n)"
#define IN_SESSION "(t=0 0\r\n)"

static const Kind allowed[] = {
  {"as it is", "^x", ""},
  {"line feeds", "\r\n", "\n"},
  {"an empty line before each section", "\r\nm=", "\r\n\r\nm="},
  {"an empty line at the end", "\\Z", "\r\n"},
  {"no mid", "a=mid:.*\r\n", ""},
  {"no setup", "a=setup:.*\r\n", ""},
  {"setup active", "setup:passive", "setup:active"},
  {"setup of the offer", "setup:passive", "setup:actpass"},
  {"sendrecv", "a=recvonly", "a=sendrecv"},
  {"no direction", "a=recvonly\r\n", ""},
  {"other numbers", "\\b96\\b", "121"},
  {"a number of ours for something else", "\\b111\\b", "97"},
  {"retransmission first", "SAVPF 96 97", "SAVPF 97 96"},
  {"a stranger first", "SAVPF 96", "SAVPF 35 96"},
  {"a stranger with a word of it", "(m=video .*) 97\r\n",
      "\\1 97 35\r\na=rtpmap:35 H261/90000\r\n"},
  {"parameters with blanks", "mode=1;", "mode=1; "},
  {"no parameters", "a=fmtp:96.*\r\n", ""},
  {"lower case", "H264", "h264"},
  {"mixed case", "OPUS", "opuS"},
  {"no rtcp-mux", "a=rtcp-mux\r\n", ""},
  {"rtcp-rsize", "a=rtcp-mux\r\n", "a=rtcp-mux\r\na=rtcp-rsize\r\n"},
  {"ice-lite", IN_SESSION, "\\1a=ice-lite\r\n"},
  {"ICE options", IN_SESSION, "\\1a=ice-options:trickle ice2\r\n"},
  {"ICE options in each section", IN_EACH, "\\1a=ice-options:trickle\r\n"},
  {"end of candidates", "(a=candidate.*\r\n)", "\\1a=end-of-candidates\r\n"},
  {"several fingerprints", "(a=fingerprint:)",
      "\\1sha-512 00:11\r\na=fingerprint:SHA-1 ee:ff\r\n\\1"},
  {"lower-case hex", "AA:BB:CC", "aa:bb:cc"},
  {"candidates of all kinds", "(a=candidate.*\r\n)",
        "a=candidate:2 1 TCP 1 192.0.2.1 9 typ host tcptype active\r\n"
        "a=candidate:3 1 UDP 1 0a1b.local 5000 typ host\r\n\\1"
        "a=candidate:4 1 udp 1 2001:db8::1 5000 typ host generation 0\r\n"
      "a=candidate:5 1 UDP 1 media.example 5000 typ host ufrag x\r\n"},
  {"bandwidth", IN_EACH, "\\1c=IN IP4 0.0.0.0\r\nb=AS:500\r\nb=TIAS:500000\r\n"},
  {"bandwidth of the session", "(t=0 0\r\n)", "b=CT:500\r\n\\1"},
  {"attributes that nobody knows", IN_EACH, "\\1a=x-new:1\r\na=y\r\na=\r\n"},
  {"lines that nobody knows", "(t=0 0\r\n)", "\\1y=1\r\n"},
  {"a long line", IN_VIDEO, NULL},
  {"no extension", "a=extmap.*\r\n", ""},
  {"an extension by another number", "extmap:1 ", "extmap:3 "},
  {"another extension by a number of ours", "extmap:1 .*", "extmap:1 urn:x"},
  {"an extension that nobody offered", "(a=extmap)", "a=extmap:9 urn:x\r\n\\1"},
  {"extensions of the session", IN_SESSION, "\\1a=extmap:1 " TWCC "\r\n"},
  {"layers", IN_VIDEO, "\\1a=rid:hi recv\r\na=simulcast:recv hi\r\n"},
  {"what is of one stream", IN_EACH, "\\1a=ssrc:5 cname:x\r\na=msid:- -\r\n"},
  {"another group first", IN_SESSION, "\\1a=group:LS 0 1\r\n"},
  {"RTCP elsewhere", IN_EACH, "\\1a=rtcp:9 IN IP4 0.0.0.0\r\n"},
  {"a host in c=", IN_EACH, "\\1c=IN IP6 2001:db8::1\r\n"},
  {"another profile", "UDP/TLS/RTP/SAVPF", "RTP/SAVPF"},
  {"short credentials", "pwd:(.).*", "pwd:\\1"},
  {"sound is inactive", "(m=audio (?s:.*?))a=recvonly", "\\1a=inactive", NULL, 2},
  {"sound is only sent", "(m=audio (?s:.*?))a=recvonly", "\\1a=sendonly", NULL, 2},
  {"picture is inactive", "(m=video (?s:.*?))a=recvonly", "\\1a=inactive", NULL,
      1},
};

static const Kind forbidden[] = {
  {"one section less", "m=audio (?s:.*)", "", "it has 1 m-sections"},
  {"one section more", "(m=audio (?s:.*))", "\\1m=audio 9 RTP/AVP 0\r\n",
      "it has 3 m-sections"},
  {"another order", "(m=video (?s:.*))(m=audio (?s:.*))", "\\2\\1",
      "m-section 0 (video H264) is answered by a section of audio"},
  {"no fingerprint", "a=fingerprint.*\r\n", "", "has no DTLS fingerprint"},
  {"no user fragment", "a=ice-ufrag.*\r\n", "", "has no ICE credentials"},
  {"no password", "a=ice-pwd.*\r\n", "", "has no ICE credentials"},
  {"empty credentials", "ice-pwd:.*\r\n", "ice-pwd:\r\n",
      "has no ICE credentials"},
  {"a blank in the credentials", "ice-ufrag:", "ice-ufrag:a b",
      "has ICE credentials that are none"},
  {"a role that is none", "setup:passive", "setup:holdconn",
      "has a setup that is neither active nor passive"},
  {"the same mid twice", "a=mid:1", "a=mid:0",
      "m-section 1 (audio OPUS) has the mid of m-section 0"},
  {"two bundles", "a=group.*\r\n|t=0 0\r\n",
        "t=0 0\r\na=group:BUNDLE 0\r\na=group:BUNDLE 1\r\n",
      "it has a second BUNDLE group"},
};

static gchar *
apply (const Kind * kind, const gchar * text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GRegex) regex = g_regex_new (kind->pattern,
      G_REGEX_NEWLINE_CRLF, 0, &error);
  g_autofree gchar *filling = g_strnfill (4000, 'x');
  g_autofree gchar *longer =
      g_strconcat ("\\1a=x-long:", filling, "\r\n", NULL);
  gchar *changed;

  g_assert_no_error (error);
  changed = g_regex_replace (regex, text, -1, 0,
      kind->replacement ? kind->replacement : longer, 0, &error);
  g_assert_no_error (error);
  return changed;
}

/* As parse_sdp(), with the direction of an offer */
static GstSDPMessage *
parse_offer (const gchar * text)
{
  g_auto (GStrv) parts = g_strsplit (text, "recvonly", -1);
  g_autofree gchar *offer = g_strjoinv ("sendonly", parts);

  return parse_sdp (offer);
}

static GstSDPMessage *
make_offer (void)
{
  return parse_offer (HEAD GROUP OFFER_SECTIONS);
}

static guint
count (const GstSDPMedia * media, const gchar * key)
{
  guint n = 0;

  while (gst_sdp_media_get_attribute_val_n (media, key, n))
    n++;
  return n;
}

static gboolean
has_format (const GstSDPMedia * media, const gchar * format)
{
  for (guint i = 0; i < gst_sdp_media_formats_len (media); i++)
    if (g_str_equal (gst_sdp_media_get_format (media, i), format))
      return TRUE;
  return FALSE;
}

static gboolean
has_rtpmap (const GstSDPMedia * media, const gchar * format)
{
  const gchar *rtpmap;

  for (guint n = 0; (rtpmap = gst_sdp_media_get_attribute_val_n (media,
              "rtpmap", n)); n++)
    if (atoi (rtpmap) == atoi (format))
      return TRUE;
  return FALSE;
}

static void
check_formats (const GstSDPMedia * ours, const GstSDPMedia * media,
    const gchar * what)
{
  fail_unless (gst_sdp_media_formats_len (media) > 0, "%s", what);
  for (guint i = 0; i < gst_sdp_media_formats_len (media); i++) {
    const gchar *format = gst_sdp_media_get_format (media, i);

    fail_unless (has_format (ours, format), "%s: %s", what, format);
    fail_unless (has_rtpmap (media, format), "%s: %s", what, format);
  }
}

/* A peer connection wants each of these once. A value that differs from the offer
 * would mean something else. */
static void
check_section (const GstSDPMessage * offer, const GstSDPMessage * answer,
    guint i, const gchar * what)
{
  static const gchar *const once[] = { "mid", "ice-ufrag", "ice-pwd", "setup",
    "rtcp-mux"
  };
  const GstSDPMedia *ours = gst_sdp_message_get_media (offer, i);
  const GstSDPMedia *media = gst_sdp_message_get_media (answer, i);
  const gchar *extmap = gst_sdp_media_get_attribute_val (media, "extmap");
  const gchar *setup = gst_sdp_media_get_attribute_val (media, "setup");

  for (guint k = 0; k < G_N_ELEMENTS (once); k++)
    fail_unless (count (media, once[k]) == 1, "%s: %s", what, once[k]);
  fail_unless (count (media, "fingerprint") > 0, "%s", what);
  fail_unless (count (media, "recvonly") + count (media, "inactive") == 1
      && count (media, "sendrecv") + count (media, "sendonly") == 0, "%s",
      what);
  fail_unless (g_str_equal (setup, "active") || g_str_equal (setup, "passive"),
      "%s: %s", what, setup);
  fail_unless (!extmap || g_str_equal (extmap, "1 " TWCC), "%s: %s", what,
      extmap);
  assert_equals_string (gst_rcast_sdp_get_mid (answer, i),
      gst_rcast_sdp_get_mid (offer, i));
  check_formats (ours, media, what);
}

/* A peer connection refuses a bundle whose sections contradict each other. */
static void
check_bundle (const GstSDPMessage * answer, const gchar * what)
{
  static const gchar *const shared[] = { "ice-ufrag", "ice-pwd", "setup" };
  const gchar *group = gst_sdp_message_get_attribute_val (answer, "group");

  if (!group)
    return;
  fail_unless (g_str_equal (group, "BUNDLE 0 1")
      || g_str_equal (group, "BUNDLE 1 0"), "%s: %s", what, group);
  for (guint k = 0; k < G_N_ELEMENTS (shared); k++)
    assert_equals_string (gst_sdp_media_get_attribute_val
        (gst_sdp_message_get_media (answer, 0), shared[k]),
        gst_sdp_media_get_attribute_val (gst_sdp_message_get_media (answer, 1),
            shared[k]));
}

static void
check_taken (const Base * base, const gchar * text, guint declined,
    const gchar * what)
{
  g_autoptr (GstSDPMessage) offer = make_offer ();
  g_autoptr (GstSDPMessage) answer = parse_sdp (text);
  g_autoptr (GArray) payloads = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GstSDPMessage) complete =
      gst_rcast_answer_complete (offer, answer, &payloads, &error);
  gboolean bundled = !g_str_equal (base->name, "two transports");

  fail_unless (complete != NULL, "%s: %s", what, error ? error->message : "");
  fail_unless (payloads->len == 2, "%s", what);
  for (guint i = 0; i < 2; i++) {
    check_section (offer, complete, i, what);
    assert_equals_int (gst_rcast_answer_declines (complete, i),
        declined >> i & 1);
  }
  fail_unless (bundled == (gst_sdp_message_get_attribute_val (complete,
              "group") != NULL), "%s", what);
  check_bundle (complete, what);
}

/* Each kind in each place of the transport, combined with others */
GST_START_TEST (test_what_the_rfcs_allow_is_taken)
{
  const Base *base = &bases[__i__];

  for (guint i = 0; i < G_N_ELEMENTS (allowed); i++)
    for (guint j = i + 1; j < G_N_ELEMENTS (allowed); j++) {
      g_autofree gchar *one = NULL, *both = NULL, *what = NULL;

      if (i > 0 && (i + j + __i__) % 4 != 0)
        continue;
      one = apply (&allowed[j], base->text);
      both = apply (&allowed[i], one);
      what = g_strdup_printf ("%s, %s, %s", base->name, allowed[i].name,
          allowed[j].name);
      check_taken (base, both, allowed[i].declined | allowed[j].declined, what);
    }
}

GST_END_TEST;

/* The error is one sentence, which names the section and
 * its codec, whatever else the answer has. */
GST_START_TEST (test_what_the_rfcs_forbid_is_refused)
{
  const Kind *kind = &forbidden[__i__];
  g_autoptr (GstSDPMessage) offer = make_offer ();

  for (guint b = 0; b < G_N_ELEMENTS (bases); b++)
    for (guint i = 0; i < G_N_ELEMENTS (allowed); i++) {
      g_autofree gchar *wrong = apply (kind, bases[b].text);
      g_autofree gchar *text = apply (&allowed[i], wrong);
      g_autoptr (GstSDPMessage) answer = parse_sdp (text);
      g_autoptr (GError) error = NULL;
      g_autoptr (GstSDPMessage) complete = NULL;

      /* A change of mids or setup may remove the fault. */
      if (g_str_equal (text, bases[b].text) || strstr (allowed[i].name, "mid")
          || strstr (allowed[i].name, "setup"))
        continue;
      complete = gst_rcast_answer_complete (offer, answer, NULL, &error);
      fail_unless (complete == NULL, "%s, %s, %s", bases[b].name, kind->name,
          allowed[i].name);
      fail_unless (g_error_matches (error, GST_RCAST_ERROR,
              GST_RCAST_ERROR_INVALID_DATA));
      fail_unless (strstr (error->message, kind->refused) != NULL
          && !strchr (error->message, '\n'), "%s, %s, %s: %s", bases[b].name,
          kind->name, allowed[i].name, error->message);
    }
}

GST_END_TEST;

/* Sections that are rejected, or left out of the bundle. @group: of the result; @declined: bits of
 * the sections that are not taken */
static const struct
{
  const gchar *name, *answer, *group, *ufrags, *refused;
  guint declined;
} shut[] = {
  {"sound", HEAD "a=group:BUNDLE 0\r\n" VIDEO TRANSPORT
        "m=audio 0 UDP/TLS/RTP/SAVPF 111\r\na=mid:1\r\n", "BUNDLE 0 1",
      "abcd abcd", NULL, 2},
  {"sound, still in the group", HEAD GROUP VIDEO TRANSPORT
        "m=audio 0 UDP/TLS/RTP/SAVPF 111\r\na=mid:1\r\n", "BUNDLE 0 1",
      "abcd abcd", NULL, 2},
  {"picture, still in the group", HEAD GROUP
        "m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n" AUDIO TRANSPORT,
      "BUNDLE 0 1", "abcd abcd", NULL, 1},
  {"picture, no group left, trickles", HEAD
        "m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n" AUDIO ICE DTLS SETUP,
      "BUNDLE 0 1", "abcd abcd", NULL, 1},
  {"sound, by format 0", HEAD VIDEO TRANSPORT "m=audio 0 RTP/AVP 0\r\n",
      "BUNDLE 0 1", "abcd abcd", NULL, 2},
  {"none, but a port of the bundle", HEAD GROUP VIDEO TRANSPORT
        "m=audio 0 UDP/TLS/RTP/SAVPF 111\r\na=bundle-only\r\na=mid:1\r\n"
        AUDIO_BODY, "BUNDLE 0 1", "abcd abcd", NULL, 0},
  {"none, sound has a transport of its own", HEAD "a=group:BUNDLE 0\r\n" VIDEO
        TRANSPORT AUDIO TRANSPORT2, NULL, "abcd efgh", NULL, 0},
  {"none, sound is left out of the group by mistake", HEAD
        "a=group:BUNDLE 0\r\n" VIDEO TRANSPORT AUDIO TRANSPORT, "BUNDLE 0 1",
      "abcd abcd", NULL, 0},
  {"none, sections of a bundle contradict each other", HEAD GROUP VIDEO
        TRANSPORT AUDIO TRANSPORT2, "BUNDLE 0 1", "abcd abcd", NULL, 0},
  {"none, and roles contradict", HEAD GROUP VIDEO TRANSPORT AUDIO ICE DTLS
        "a=setup:active\r\n", "BUNDLE 0 1", "abcd abcd", NULL, 0},
};

GST_START_TEST (test_rejected_sections_and_bundles)
{
  g_autoptr (GstSDPMessage) offer = make_offer ();
  g_autoptr (GstSDPMessage) answer = parse_sdp (shut[__i__].answer);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstSDPMessage) complete =
      gst_rcast_answer_complete (offer, answer, NULL, &error);
  g_autofree gchar *ufrags = NULL;

  fail_unless (complete != NULL, "%s: %s", shut[__i__].name,
      error ? error->message : "");
  ufrags = g_strdup_printf ("%s %s", gst_sdp_media_get_attribute_val
      (gst_sdp_message_get_media (complete, 0), "ice-ufrag"),
      gst_sdp_media_get_attribute_val (gst_sdp_message_get_media (complete, 1),
          "ice-ufrag"));
  assert_equals_string (ufrags, shut[__i__].ufrags);
  fail_unless (g_strcmp0 (gst_sdp_message_get_attribute_val (complete, "group"),
          shut[__i__].group) == 0, "%s", shut[__i__].name);
  check_bundle (complete, shut[__i__].name);
  for (guint i = 0; i < 2; i++) {
    fail_unless (gst_rcast_answer_declines (complete, i)
        == (shut[__i__].declined >> i & 1), "%s", shut[__i__].name);
    /* A peer connection takes port 0 for a rejection, whatever else the section says. */
    fail_unless (shut[__i__].declined >> i & 1
        || gst_sdp_media_get_port (gst_sdp_message_get_media (complete, i)) > 0,
        "%s", shut[__i__].name);
  }
}

GST_END_TEST;

#define THIRD "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:2\r\n" AUDIO_BODY

GST_START_TEST (test_a_bundle_of_some_sections_is_refused)
{
  g_autoptr (GstSDPMessage) offer = parse_offer (HEAD "a=group:BUNDLE 0 1 2\r\n"
      OFFER_SECTIONS THIRD ICE DTLS SETUP);
  g_autoptr (GstSDPMessage) answer = parse_sdp (HEAD GROUP VIDEO TRANSPORT AUDIO
      THIRD TRANSPORT2);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstSDPMessage) complete =
      gst_rcast_answer_complete (offer, answer, NULL, &error);

  fail_unless (complete == NULL);
  fail_unless (strstr (error->message, "m-section 2 (audio OPUS) is left out of "
          "the bundle"), "%s", error->message);
}

GST_END_TEST;

GST_START_TEST (test_a_bundle_that_was_not_offered_is_refused)
{
  g_autoptr (GstSDPMessage) offer = parse_offer (HEAD OFFER_SECTIONS);
  g_autoptr (GstSDPMessage) answer = parse_sdp (bases[0].text);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstSDPMessage) complete =
      gst_rcast_answer_complete (offer, answer, NULL, &error);

  fail_unless (complete == NULL);
  fail_unless (strstr (error->message, "it bundles, which was not offered"));
}

GST_END_TEST;

static Suite *
answer_bundles_suite (void)
{
  Suite *s = suite_create ("answer-bundles");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_what_the_rfcs_allow_is_taken, 0,
      G_N_ELEMENTS (bases));
  tcase_add_loop_test (tc, test_what_the_rfcs_forbid_is_refused, 0,
      G_N_ELEMENTS (forbidden));
  tcase_add_loop_test (tc, test_rejected_sections_and_bundles, 0,
      G_N_ELEMENTS (shut));
  tcase_add_test (tc, test_a_bundle_of_some_sections_is_refused);
  tcase_add_test (tc, test_a_bundle_that_was_not_offered_is_refused);
  return s;
}

GST_CHECK_MAIN (answer_bundles);
