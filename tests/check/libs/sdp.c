/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SDP and its fragments: what a restart changes, what it must not, and what is refused. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "sdp-check.h"

#define HEAD "v=0\r\no=- 123 7 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
#define FINGERPRINT "a=fingerprint:sha-256 AA:BB\r\na=setup:actpass\r\n"
#define PWD1 "passwordpasswordpassword"
#define PWD2 "PASSWORDPASSWORDPASSWORD"
#define HOST1 "candidate:1 1 UDP 2122260223 192.0.2.1 5000 typ host"
#define HOST2 "candidate:2 1 UDP 2122260222 192.0.2.2 5000 typ host"
#define TCP1 "candidate:3 1 TCP 1 192.0.2.1 9 typ host tcptype active ufrag abcd"

/* Audio carries the transport, though it is the second m-section. */
#define OFFER HEAD \
  "a=ice-options:trickle\r\na=group:BUNDLE 1 0\r\n" \
  "m=video 0 UDP/TLS/RTP/SAVPF 96 97\r\nc=IN IP4 0.0.0.0\r\n" \
  "a=bundle-only\r\na=mid:0\r\na=ice-ufrag:abcd\r\na=ice-pwd:" PWD1 "\r\n" \
  FINGERPRINT "a=rtpmap:96 VP8/90000\r\na=sendonly\r\n" \
  "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\n" \
  "a=mid:1\r\na=ice-ufrag:abcd\r\na=ice-pwd:" PWD1 "\r\n" FINGERPRINT \
  "a=rtpmap:111 OPUS/48000/2\r\na=sendonly\r\n" \
  "a=" HOST1 "\r\na=end-of-candidates\r\n"

GST_START_TEST (test_get_credentials_of_the_bundle)
{
  static const struct
  {
    const gchar *text, *ufrag, *pwd;
    guint mline;
  } rows[] = {
    {OFFER, "abcd", PWD1, 1},
    /* session level only */
    {HEAD "a=ice-ufrag:sess\r\na=ice-pwd:" PWD1 "\r\nm=audio 9 A 1\r\n",
        "sess", PWD1, 0},
    /* in the tagged m-section before the session's */
    {HEAD "a=ice-ufrag:sess\r\na=ice-pwd:" PWD1 "\r\na=group:BUNDLE b\r\n"
          "m=audio 9 A 1\r\na=mid:a\r\na=ice-ufrag:aaaa\r\n"
          "m=audio 9 A 1\r\na=mid:b\r\na=ice-ufrag:bbbb\r\n", "bbbb", PWD1, 1},
    /* group of a mid that is not there */
    {HEAD "a=group:BUNDLE x\r\nm=audio 9 A 1\r\na=mid:a\r\n", NULL, NULL, 0},
    /* another semantics */
    {HEAD "a=group:LS 1\r\nm=audio 9 A 1\r\na=mid:0\r\nm=video 9 A 1\r\n"
          "a=mid:1\r\na=ice-ufrag:abcd\r\na=ice-pwd:" PWD2 "\r\n",
        "abcd", PWD2, 0},
    {HEAD "m=audio 9 A 1\r\na=ice-ufrag:abcd\r\n", NULL, NULL, 0},
    {HEAD "a=ice-ufrag:\r\na=ice-pwd:\r\n", NULL, NULL, 0},
    {HEAD, NULL, NULL, 0},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GstSDPMessage) sdp = parse_sdp (rows[i].text);
    const gchar *ufrag = NULL, *pwd = NULL;

    assert_equals_int (gst_rcast_sdp_get_credentials (sdp, &ufrag, &pwd),
        rows[i].ufrag != NULL);
    assert_equals_string (ufrag, rows[i].ufrag);
    assert_equals_string (pwd, rows[i].pwd);
    assert_equals_int (gst_rcast_sdp_get_bundle_mline (sdp), rows[i].mline);
  }
}
GST_END_TEST;

GST_START_TEST (test_is_unmoved)
{
#define SECTION HEAD "m=audio 9 A 1\r\n"
#define PLACE(prio, transport, port) \
    "a=candidate:1 1 " transport " " prio " 10.0.0.1 " port " typ host\r\n"
  static const struct
  {
    const gchar *before, *after;
    gboolean unmoved;
  } rows[] = {
    {SECTION PLACE ("9", "udp", "20000"), SECTION PLACE ("9", "udp", "20000"),
        TRUE},
    /* Other attributes do not matter. */
    {SECTION PLACE ("9", "udp", "20000"), SECTION PLACE ("7", "UDP", "20000")
          "a=end-of-candidates\r\n", TRUE},
    /* One candidate less */
    {SECTION PLACE ("9", "udp", "20000") PLACE ("8", "udp", "20001"),
        SECTION PLACE ("9", "udp", "20001"), TRUE},
    /* One candidate more */
    {SECTION PLACE ("9", "udp", "20000"), SECTION PLACE ("9", "udp", "20000")
          PLACE ("8", "udp", "20001"), FALSE},
    {SECTION PLACE ("9", "udp", "20000"), SECTION PLACE ("9", "tcp", "20000"),
        FALSE},
    {SECTION PLACE ("9", "udp", "20000"), SECTION
          "a=candidate:1 1 udp 9 10.0.0.2 20000 typ host\r\n", FALSE},
    /* Candidates that come later, or that are not understood, say nothing. */
    {SECTION PLACE ("9", "udp", "20000"), SECTION, FALSE},
    {SECTION, SECTION PLACE ("9", "udp", "20000"), FALSE},
    {SECTION "a=candidate:1 1 udp\r\n", SECTION "a=candidate:1 1 udp\r\n",
        FALSE},
    {HEAD, SECTION PLACE ("9", "udp", "20000"), FALSE},
    {SECTION PLACE ("9", "udp", "20000"), HEAD, FALSE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GstSDPMessage) before = parse_sdp (rows[i].before);
    g_autoptr (GstSDPMessage) after = parse_sdp (rows[i].after);

    fail_unless (gst_rcast_sdp_is_unmoved (before, after) == rows[i].unmoved,
        "row %u", i);
  }
#undef PLACE
#undef SECTION
}
GST_END_TEST;

GST_START_TEST (test_set_credentials_changes_all_and_nothing_else)
{
  g_autoptr (GstSDPMessage) sdp = parse_sdp (OFFER);
  g_autoptr (GstSDPMessage) back = NULL;
  g_autofree gchar *before = gst_sdp_message_as_text (sdp);
  g_autofree gchar *after = NULL, *again = NULL;

  gst_rcast_sdp_set_credentials (sdp, "wxyz", PWD2);
  after = gst_sdp_message_as_text (sdp);
  assert_equals_int (count_in (after, "a=ice-ufrag:wxyz\r\n"), 2);
  assert_equals_int (count_in (after, "a=ice-pwd:" PWD2 "\r\n"), 2);
  assert_equals_int (count_in (after, "abcd"), 0);
  assert_equals_int (count_in (after, PWD1), 0);

  back = parse_sdp (after);
  gst_rcast_sdp_set_credentials (back, "abcd", PWD1);
  again = gst_sdp_message_as_text (back);
  assert_equals_string (again, before);
}
GST_END_TEST;

GST_START_TEST (test_set_credentials_adds_what_is_missing)
{
  g_autoptr (GstSDPMessage) sdp =
      parse_sdp (HEAD "a=group:BUNDLE b\r\nm=audio 9 A 1\r\na=mid:a\r\n"
      "m=video 9 A 1\r\na=mid:b\r\n");
  g_autoptr (GstSDPMessage) empty = parse_sdp (HEAD);
  const gchar *ufrag, *pwd;

  gst_rcast_sdp_set_credentials (sdp, "wxyz", PWD2);
  assert_equals_string (gst_sdp_media_get_attribute_val
      (gst_sdp_message_get_media (sdp, 1), "ice-ufrag"), "wxyz");
  fail_unless (gst_sdp_media_get_attribute_val
      (gst_sdp_message_get_media (sdp, 0), "ice-ufrag") == NULL);

  gst_rcast_sdp_set_credentials (empty, "wxyz", PWD2);
  fail_unless (gst_rcast_sdp_get_credentials (empty, &ufrag, &pwd));
  assert_equals_string (pwd, PWD2);
}
GST_END_TEST;

GST_START_TEST (test_remove_candidates)
{
  g_autoptr (GstSDPMessage) sdp = parse_sdp (OFFER "a=" HOST2 "\r\n"
      "a=remote-candidates:1 192.0.2.1 5000\r\na=candidates-not:1\r\n");
  g_autofree gchar *text = NULL;

  gst_sdp_message_add_attribute (sdp, "end-of-candidates", NULL);
  gst_rcast_sdp_remove_candidates (sdp);
  text = gst_sdp_message_as_text (sdp);
  assert_equals_int (count_in (text, "candidate:"), 0);
  assert_equals_int (count_in (text, "end-of-candidates"), 0);
  assert_equals_int (count_in (text, "remote-candidates"), 0);
  assert_equals_int (count_in (text, "candidates-not:1"), 1);
  assert_equals_int (count_in (text, "a=rtpmap"), 2);
}
GST_END_TEST;

GST_START_TEST (test_redact)
{
  static const struct
  {
    const gchar *text, *want;
  } rows[] = {
    {"a=x:\033[31mred\033]0;t\007\r\n\tb\n", "a=x: [31mred ]0;t \r\n\tb\n"},
    {"s=\302\233\177\377", "s=  \357\277\275"},
    {NULL, ""},
    {"", ""},
    {"a=ice-ufrag:u\r\na=ice-pwd:" PWD1 "\r\na=mid:0\r\n",
        "a=ice-ufrag:u\r\na=ice-pwd:***\r\na=mid:0\r\n"},
    {"a=ice-pwd:" PWD1, "a=ice-pwd:***"},
    {"a=ICE-PWD: " PWD1 "\n", "a=ICE-PWD:***\n"},
    {"a=ice-pwd:", "a=ice-pwd:***"},
    /* inside JSON, with either way to write a slash */
    {"{\"sdp\":\"a=ice-pwd:a+/b\\/c\\r\\na=mid:0\\r\\n\"}",
        "{\"sdp\":\"a=ice-pwd:***\\r\\na=mid:0\\r\\n\"}"},
    {"{\"sdp\":\"a=ice-pwd:abc\"}", "{\"sdp\":\"a=ice-pwd:***\"}"},
    {"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:key|2^20\r\n",
        "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:***\r\n"},
    {"a=ice-pwd:x\r\na=ice-pwd:y\r\n", "a=ice-pwd:***\r\na=ice-pwd:***\r\n"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree gchar *have = gst_rcast_sdp_redact (rows[i].text);

    assert_equals_string (have, rows[i].want);
  }
}
GST_END_TEST;

GST_START_TEST (test_parse_refuses_what_is_not_sdp)
{
  static const gchar nul[] = HEAD "a=x:\0y\r\n";
  static const struct
  {
    const gchar *text;
    gssize size;
  } rows[] = {
    {"", -1},
    {"v", -1},
    {"v=1\r\n", -1},
    {"<html><body>not found</body></html>", -1},
    {"{\"sdp\":\"v=0\"}", -1},
    {"\r\n", -1},
    {"\357\273\277", -1},
    {"\357\273\277\357\273\277v=0\r\n", -1},
    {nul, sizeof (nul) - 1},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;

    fail_unless (gst_rcast_sdp_parse (rows[i].text, rows[i].size,
            &error) == NULL, "row %u", i);
    fail_unless (g_error_matches (error, GST_RCAST_ERROR,
            GST_RCAST_ERROR_INVALID_DATA));
  }
}
GST_END_TEST;

static gchar *
repeat (const gchar * head, const gchar * what, guint times)
{
  GString *text = g_string_new (head);

  for (guint i = 0; i < times; i++)
    g_string_append_printf (text, "%s %u\r\n", what, i);
  return g_string_free (text, FALSE);
}

GST_START_TEST (test_sizes_are_limited)
{
  g_autofree gchar *line = g_strnfill (9000, 'x');
  g_autofree gchar *too_large = repeat (HEAD, "a=x:0123456789", 20000);
  g_autofree gchar *long_line = g_strconcat (HEAD "a=x:", line, NULL);
  g_autofree gchar *medias = repeat (HEAD, "m=audio 9 A", 129);
  g_autofree gchar *enough_medias = repeat (HEAD, "m=audio 9 A", 128);
  g_autofree gchar *candidates = repeat (HEAD "m=audio 9 A 1\r\n", "a="
      HOST1 " x", GST_RCAST_SDP_MAX_CANDIDATES + 1);
  g_autofree gchar *enough = repeat (HEAD "m=audio 9 A 1\r\n", "a=" HOST1 " x",
      GST_RCAST_SDP_MAX_CANDIDATES);
  const gchar *refused[] = { too_large, long_line, medias, candidates };
  g_autoptr (GstSDPMessage) sdp1 = parse_sdp (enough_medias);
  g_autoptr (GstSDPMessage) sdp2 = parse_sdp (enough);
  g_autoptr (GstRcastSdpFragment) fragment = NULL;

  assert_equals_int (gst_sdp_message_medias_len (sdp1), 128);
  assert_equals_int (gst_sdp_message_medias_len (sdp2), 1);
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_autoptr (GError) error = NULL;

    fail_unless (gst_rcast_sdp_parse (refused[i], -1, &error) == NULL,
        "row %u", i);
    fail_unless (error != NULL);
    if (refused[i] == medias)
      continue;
    g_clear_error (&error);
    fail_unless (gst_rcast_sdp_fragment_parse (refused[i], -1,
            &error) == NULL, "row %u", i);
    fail_unless (error != NULL);
  }
  fragment = gst_rcast_sdp_fragment_parse (enough, -1, NULL);
  fail_unless (fragment != NULL);
  assert_equals_int (fragment->candidates->len, GST_RCAST_SDP_MAX_CANDIDATES);
}
GST_END_TEST;

GST_START_TEST (test_parse_is_lenient_where_it_does_no_harm)
{
  g_autoptr (GstSDPMessage) lf = parse_sdp ("v=0\no=- 1 1 IN IP4 0\ns=-\nt=0 0\n"
      "m=audio 9 UDP/TLS/RTP/SAVPF 111\na=mid:0\n");
  g_autoptr (GstSDPMessage) latin1 = parse_sdp ("v=0\r\no=- 1 1 IN IP4 0\r\n"
      "s=\334bertragung\r\nt=0 0\r\nm=audio 9 A 1\r\n");
  g_autoptr (GstSDPMessage) blanks = parse_sdp ("\357\273\277\r\n \nv=0 \r\n"
      "o=- 1 1 IN IP4 0  \r\ns= \r\n\r\nt=0 0\t\r\n"
      "m=audio 9 UDP/TLS/RTP/SAVPF 111 \r\n\n\n  \r\na=mid:0 \t \r\n"
      "a=rtcp-mux \r\na=sendonly\t\n\r\n ");
  const GstSDPMedia *media = gst_sdp_message_get_media (blanks, 0);

  assert_equals_string (gst_rcast_sdp_get_mid (lf, 0), "0");
  fail_unless (gst_rcast_sdp_get_mid (lf, 1) == NULL);
  fail_unless (g_utf8_validate (gst_sdp_message_get_session_name (latin1), -1,
          NULL));
  assert_equals_string (gst_sdp_message_get_session_name (blanks), " ");
  assert_equals_string (gst_rcast_sdp_get_mid (blanks, 0), "0");
  assert_equals_int (gst_sdp_media_formats_len (media), 1);
  assert_equals_string (gst_sdp_media_get_format (media, 0), "111");
  fail_unless (gst_sdp_media_get_attribute_val (media, "rtcp-mux") != NULL);
  fail_unless (gst_sdp_media_get_attribute_val (media, "sendonly") != NULL);
}
GST_END_TEST;

typedef struct
{
  const gchar *name, *text;
  /* NULL: refused */
  const gchar *ufrag, *pwd, *options, *mid;
  guint candidates;
  gboolean lite, end;
} FragmentRow;

static const FragmentRow fragment_rows[] = {
  {"RFC form", "a=ice-options:trickle ice2\r\na=group:BUNDLE 0 1\r\n"
        "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:abcd\r\n"
        "a=ice-pwd:" PWD1 "\r\na=" HOST1 "\r\na=" HOST2 "\r\n"
        "a=end-of-candidates\r\n",
      "abcd", PWD1, "trickle ice2", "0", 2, FALSE, TRUE},
  {"LF, whole SDP, creds and candidates in several places", HEAD
        "a=ice-lite\nm=audio 9 X 1\na=ice-ufrag:abcd\na=ice-pwd:" PWD1 "\na="
        HOST1 "\nm=video 9 X 1\na=ice-ufrag:abcd\na=ice-pwd:" PWD1 "\na="
        HOST1 "\na=" HOST2 "\n", "abcd", PWD1, NULL, NULL, 2, TRUE, FALSE},
  {"session level", "a=ice-ufrag:abcd\r\na=ice-pwd:" PWD1 "\r\na=" TCP1
        "\r\na=end-of-candidates\r\n", "abcd", PWD1, NULL, NULL, 1, FALSE,
      TRUE},
  {"mid of the first m-section", "m=audio 9 X 1\r\na=mid:a\r\nm=video 9 X 1\r\n"
        "a=mid:b\r\na=ice-ufrag:abcd\r\na=ice-pwd:" PWD1 "\r\n",
      "abcd", PWD1, NULL, "a", 0, FALSE, FALSE},
  {"candidates that are none are skipped", "a=ice-ufrag:abcd\r\na=candidate:"
        "\r\na=candidate\r\na=candidate:1 1 UDP 1 192.0.2.1 9 host\r\n"
        "a=candidate:1 1 UDP 1 192.0.2.1 9 typ \r\n"
        "a=candidate:1 1 UDP 1 192.0.2.1 9 typ host \001\r\n",
      "abcd", NULL, NULL, NULL, 0, FALSE, FALSE},
  {"unknown lines are skipped", "x\r\n=\r\na=\r\na=:\r\nb=AS:1\r\n\r\n"
        "a=end-of-candidates\r\n", NULL, NULL, NULL, NULL, 0, FALSE, TRUE},
  {"space after the colon", "a=ice-ufrag: abcd \r\na=ice-pwd: " PWD1 "\r\n",
      "abcd", PWD1, NULL, NULL, 0, FALSE, FALSE},
};

GST_START_TEST (test_fragment_is_parsed)
{
  const FragmentRow *row = &fragment_rows[__i__];
  g_autoptr (GError) error = NULL;
  g_autoptr (GstRcastSdpFragment) fragment =
      gst_rcast_sdp_fragment_parse (row->text, -1, &error);

  fail_unless (fragment != NULL, "%s: %s", row->name,
      error ? error->message : "");
  assert_equals_string (fragment->ufrag, row->ufrag);
  assert_equals_string (fragment->pwd, row->pwd);
  assert_equals_string (fragment->ice_options, row->options);
  assert_equals_string (fragment->mid, row->mid);
  assert_equals_int (fragment->candidates->len, row->candidates);
  assert_equals_int (fragment->ice_lite, row->lite);
  assert_equals_int (fragment->end_of_candidates, row->end);
}
GST_END_TEST;

GST_START_TEST (test_fragment_refuses)
{
  g_autofree gchar *longer = g_strnfill (257, 'x');
  g_autofree gchar *long_ufrag = g_strconcat ("a=ice-ufrag:", longer, NULL);
  const gchar *rows[] = {
    "", "\r\n", "<html>", "a=mid:0\r\n", "{}",
    "a=ice-ufrag:\r\n", "a=ice-ufrag\r\n", "a=ice-ufrag:a b\r\n",
    "a=ice-pwd:\303\274\r\n", "a=ice-ufrag:a:b\r\n", long_ufrag,
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;

    fail_unless (gst_rcast_sdp_fragment_parse (rows[i], -1, &error) == NULL,
        "row %u", i);
    fail_unless (g_error_matches (error, GST_RCAST_ERROR,
            GST_RCAST_ERROR_INVALID_DATA));
  }
}
GST_END_TEST;

GST_START_TEST (test_fragment_is_printed_in_the_safest_order)
{
  g_autoptr (GstSDPMessage) offer = parse_sdp (OFFER);
  g_autoptr (GstRcastSdpFragment) fragment = gst_rcast_sdp_fragment_new ();
  g_autofree gchar *text = NULL;

  fragment->ufrag = g_strdup ("wxyz");
  fragment->pwd = g_strdup (PWD2);
  fragment->mline = gst_rcast_sdp_get_bundle_mline (offer);
  g_ptr_array_add (fragment->candidates, g_strdup (HOST1));
  g_ptr_array_add (fragment->candidates, g_strdup (TCP1));
  fragment->end_of_candidates = TRUE;
  text = gst_rcast_sdp_fragment_print (fragment, offer);
  assert_equals_string (text, "a=ice-options:trickle\r\n"
      "a=group:BUNDLE 1 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:1\r\n"
      "a=ice-ufrag:wxyz\r\na=ice-pwd:" PWD2 "\r\na=" HOST1 "\r\na=" TCP1
      "\r\na=end-of-candidates\r\n");
}
GST_END_TEST;

GST_START_TEST (test_fragment_names_its_m_section)
{
  static const struct
  {
    const gchar *mid;
    guint mline;
    const gchar *want;
  } rows[] = {
    {NULL, 0, "m=video 0 UDP/TLS/RTP/SAVPF 96 97\r\na=mid:0\r\n"},
    {NULL, 1, "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:1\r\n"},
    {"0", 1, "m=video 0 UDP/TLS/RTP/SAVPF 96 97\r\na=mid:0\r\n"},
    /* index out of range, unknown mid: the section with the transport */
    {NULL, 7, "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:1\r\n"},
    {"x", 0, "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:1\r\n"},
  };
  g_autoptr (GstSDPMessage) offer = parse_sdp (OFFER);
  g_autoptr (GstSDPMessage) empty = parse_sdp (HEAD);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GstRcastSdpFragment) fragment = gst_rcast_sdp_fragment_new ();
    g_autofree gchar *text = NULL, *pseudo = NULL;

    fragment->mid = g_strdup (rows[i].mid);
    fragment->mline = rows[i].mline;
    text = gst_rcast_sdp_fragment_print (fragment, offer);
    fail_unless (strstr (text, rows[i].want) != NULL, "row %u: %s", i, text);
    pseudo = gst_rcast_sdp_fragment_print (fragment, empty);
    fail_unless (g_str_has_prefix (pseudo, "m=audio 9 RTP/AVP 0\r\n"));
  }
}
GST_END_TEST;

GST_START_TEST (test_fragment_survives_a_round_trip)
{
  g_autoptr (GstSDPMessage) offer = parse_sdp (OFFER);
  g_autoptr (GstRcastSdpFragment) fragment =
      gst_rcast_sdp_fragment_parse (OFFER, -1, NULL);
  g_autoptr (GstRcastSdpFragment) back = NULL;
  g_autofree gchar *text = NULL, *again = NULL;

  text = gst_rcast_sdp_fragment_print (fragment, offer);
  back = gst_rcast_sdp_fragment_parse (text, -1, NULL);
  fail_unless (back != NULL);
  again = gst_rcast_sdp_fragment_print (back, offer);
  assert_equals_string (again, text);
}
GST_END_TEST;

GST_START_TEST (test_apply_replaces_credentials_and_candidates_only)
{
  g_autoptr (GstSDPMessage) sdp = parse_sdp (OFFER);
  g_autoptr (GstSDPMessage) want = parse_sdp (OFFER);
  g_autoptr (GstRcastSdpFragment) fragment =
      gst_rcast_sdp_fragment_parse ("a=ice-ufrag:wxyz\na=ice-pwd:" PWD2
      "\na=" HOST2 "\na=" TCP1 "\n", -1, NULL);
  g_autofree gchar *text = NULL, *rest = NULL, *want_rest = NULL;
  const GstSDPMedia *audio;

  fail_unless (gst_rcast_sdp_apply_fragment (sdp, fragment, NULL));
  text = gst_sdp_message_as_text (sdp);
  assert_equals_int (count_in (text, "a=ice-ufrag:wxyz\r\n"), 2);
  assert_equals_int (count_in (text, "a=ice-pwd:" PWD2 "\r\n"), 2);
  assert_equals_int (count_in (text, "a=candidate:"), 2);
  assert_equals_int (count_in (text, "a=" HOST1), 0);
  assert_equals_int (count_in (text, "end-of-candidates"), 0);
  audio = gst_sdp_message_get_media (sdp, 1);
  fail_unless (g_str_has_suffix (HOST2, gst_sdp_media_get_attribute_val_n
          (audio, "candidate", 0)));
  fail_unless (g_str_has_suffix (TCP1, gst_sdp_media_get_attribute_val_n
          (audio, "candidate", 1)));

  gst_rcast_sdp_remove_candidates (sdp);
  gst_rcast_sdp_remove_candidates (want);
  gst_rcast_sdp_set_credentials (sdp, "abcd", PWD1);
  rest = gst_sdp_message_as_text (sdp);
  want_rest = gst_sdp_message_as_text (want);
  assert_equals_string (rest, want_rest);
}
GST_END_TEST;

GST_START_TEST (test_apply_refuses_and_touches_nothing)
{
  static const gchar *const fragments[] = {
    "a=ice-ufrag:wxyz\r\n", "a=ice-pwd:" PWD2 "\r\n", "a=" HOST2 "\r\n",
  };
  g_autoptr (GstSDPMessage) sdp = parse_sdp (OFFER);
  g_autoptr (GstSDPMessage) empty = parse_sdp (HEAD);
  g_autofree gchar *before = gst_sdp_message_as_text (sdp);

  for (guint i = 0; i < G_N_ELEMENTS (fragments); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GstRcastSdpFragment) fragment =
        gst_rcast_sdp_fragment_parse (fragments[i], -1, NULL);
    g_autofree gchar *after = NULL;

    fail_if (gst_rcast_sdp_apply_fragment (sdp, fragment, &error));
    fail_unless (g_error_matches (error, GST_RCAST_ERROR,
            GST_RCAST_ERROR_INVALID_DATA));
    after = gst_sdp_message_as_text (sdp);
    assert_equals_string (after, before);

    g_free (fragment->ufrag);
    g_free (fragment->pwd);
    fragment->ufrag = g_strdup ("wxyz");
    fragment->pwd = g_strdup (PWD2);
    fail_if (gst_rcast_sdp_apply_fragment (empty, fragment, NULL));
  }
}
GST_END_TEST;

static Suite *
sdp_suite (void)
{
  Suite *s = suite_create ("sdp");
  TCase *tc = tcase_create ("description");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_get_credentials_of_the_bundle);
  tcase_add_test (tc, test_is_unmoved);
  tcase_add_test (tc, test_set_credentials_changes_all_and_nothing_else);
  tcase_add_test (tc, test_set_credentials_adds_what_is_missing);
  tcase_add_test (tc, test_remove_candidates);
  tcase_add_test (tc, test_redact);
  tcase_add_test (tc, test_parse_refuses_what_is_not_sdp);
  tcase_add_test (tc, test_sizes_are_limited);
  tcase_add_test (tc, test_parse_is_lenient_where_it_does_no_harm);

  tc = tcase_create ("fragment");
  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_fragment_is_parsed, 0,
      G_N_ELEMENTS (fragment_rows));
  tcase_add_test (tc, test_fragment_refuses);
  tcase_add_test (tc, test_fragment_is_printed_in_the_safest_order);
  tcase_add_test (tc, test_fragment_names_its_m_section);
  tcase_add_test (tc, test_fragment_survives_a_round_trip);
  tcase_add_test (tc, test_apply_replaces_credentials_and_candidates_only);
  tcase_add_test (tc, test_apply_refuses_and_touches_nothing);
  return s;
}

GST_CHECK_MAIN (sdp);
