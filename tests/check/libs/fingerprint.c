/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Certificates and the fingerprints of answers: which match, and the error if they do not. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "rcast-error.h"
#include "rcast-fingerprint.h"
#include "rcast-sdp.h"

/* Of certs/server.pem, as openssl x509 -fingerprint prints them. */
#define SHA1 "AB:FD:25:29:90:F2:D1:8E:58:A1:55:09:37:D8:35:B2:C2:8A:B5:0E"
#define SHA256 "E2:55:7B:4F:72:06:C6:F4:66:F6:E9:B2:B5:46:9C:D4:75:FC:6D:34:" \
  "11:FE:2F:E9:79:93:39:98:2F:AA:FE:28"
#define SHA384 "A8:ED:D3:47:45:C4:54:80:64:72:28:DE:6F:D5:A1:CB:8F:F3:7F:35:" \
  "D5:7B:7D:E9:C7:B5:42:F4:4E:40:85:9C:1D:BF:46:31:D0:BA:36:9E:84:69:C7:A6:" \
  "45:34:2F:C7"
#define SHA512 "D2:03:8D:4A:DA:1B:E2:46:8E:86:AF:F0:88:03:4F:4D:F0:1D:59:F9:" \
  "12:B7:9C:1A:94:A9:F3:EA:0F:D0:30:A8:11:F6:BA:38:AD:B3:FD:1C:73:92:F5:9F:" \
  "3C:D2:DC:55:94:EB:1C:BB:40:1E:2D:51:96:CB:CA:B2:69:30:C6:CA"
#define WRONG "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:" \
  "44:55:66:77:88:99:AA:BB:CC:DD:EE:FF"
#define F(hash, bytes) "a=fingerprint:" hash " " bytes "\r\n"

#define MISMATCH "not the one that the answer announced"
#define NONE "no certificate fingerprint"
#define UNKNOWN "no fingerprint of a known hash function"

typedef struct
{
  const gchar *session, *video, *audio;
  guint mline;
  const gchar *why;             /* NULL: it matches */
} Row;

/* The video is mid 0, the audio mid 1. */
#define GROUP "a=group:BUNDLE 0 1\r\n"

static const Row rows[] = {
  {"", F ("sha-256", SHA256), "", 0, NULL},
  {"", F ("SHA-256", SHA256), "", 0, NULL},
  {"", F ("sha-1", SHA1), "", 0, NULL},
  {"", F ("sha-384", SHA384), "", 0, NULL},
  {"", F ("sha-512", SHA512), "", 0, NULL},
  {"", F ("sha-256", "e2:55:7b:4f:72:06:c6:f4:66:f6:e9:b2:b5:46:9c:d4:75:fc:"
          "6d:34:11:fe:2f:e9:79:93:39:98:2f:aa:fe:28"), "", 0, NULL},
  {"", F ("sha-256", SHA256 " "), "", 0, NULL},
  /* At session level */
  {F ("sha-256", SHA256), "", "", 0, NULL},
  {F ("sha-256", SHA256), "", "", 1, NULL},
  /* In the section that carries the bundle */
  {GROUP, F ("sha-256", SHA256), "", 1, NULL},
  {GROUP F ("sha-256", WRONG), F ("sha-256", SHA256), "", 1, NULL},
  {"", F ("sha-256", SHA256), "", 1, NONE},
  {"a=group:BUNDLE 0\r\n", F ("sha-256", SHA256), "", 1, NONE},
  {"a=group:LS 0 1\r\n", F ("sha-256", SHA256), "", 1, NONE},
  /* The nearest fingerprint counts */
  {F ("sha-256", SHA256), F ("sha-256", WRONG), "", 0, MISMATCH},
  {F ("sha-256", WRONG), F ("sha-256", SHA256), "", 0, NULL},
  {GROUP, F ("sha-256", SHA256), F ("sha-256", WRONG), 1, MISMATCH},
  /* Several fingerprints */
  {"", F ("sha-256", WRONG) F ("sha-256", SHA256), "", 0, NULL},
  {"", F ("sha-512", SHA512) F ("sha-256", WRONG), "", 0, NULL},
  {"", F ("md5", "00:11") F ("sha-1", SHA1), "", 0, NULL},
  {"", F ("sha-256", WRONG) F ("sha-1", WRONG), "", 0, MISMATCH},
  /* Wrong fingerprints */
  {"", F ("sha-256", WRONG), "", 0, MISMATCH},
  {"", F ("sha-1", SHA256), "", 0, MISMATCH},
  {"", F ("sha-256", SHA1), "", 0, MISMATCH},
  {"", F ("sha-256", SHA256 ":00"), "", 0, MISMATCH},
  {"", F ("sha-256", ""), "", 0, MISMATCH},
  {"", F ("sha-256", "zz"), "", 0, MISMATCH},
  {"", "a=fingerprint:sha-256\r\n", "", 0, MISMATCH},
  {"", F ("md5", "D4:1D:8C:D9:8F:00:B2:04:E9:80:09:98:EC:F8:42:7E"), "", 0,
      UNKNOWN},
  {"", F ("sha-2567", SHA256), "", 0, UNKNOWN},
  {"", "", "", 0, NONE},
  {"", "", "", 2, "no m-section 2"},
};

static gchar *
read_certificate (void)
{
  gchar *pem = NULL;

  fail_unless (g_file_get_contents (RCAST_CERTS_DIR "/server.pem", &pem, NULL,
          NULL));
  return pem;
}

static GstSDPMessage *
describe (const Row * row)
{
  g_autofree gchar *text = g_strconcat ("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n"
      "s=-\r\nt=0 0\r\n", row->session,
      "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n", row->video,
      "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:1\r\n", row->audio, NULL);
  g_autoptr (GError) error = NULL;
  GstSDPMessage *sdp = gst_rcast_sdp_parse (text, -1, &error);

  g_assert_no_error (error);
  return sdp;
}

GST_START_TEST (test_answers)
{
  const Row *row = &rows[__i__];
  g_autofree gchar *pem = read_certificate ();
  g_autoptr (GstSDPMessage) sdp = describe (row);
  g_autoptr (GError) error = NULL;
  gboolean ok = gst_rcast_fingerprint_check (sdp, row->mline, pem, &error);

  fail_unless_equals_int (ok, row->why == NULL);
  if (row->why)
    fail_unless (strstr (error->message, row->why), "row %d: %s", __i__,
        error->message);
}

GST_END_TEST;

GST_START_TEST (test_no_certificate_is_no_match)
{
  static const gchar *const texts[] = { NULL, "", "nonsense",
    "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----",
    "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"
  };
  g_autoptr (GstSDPMessage) sdp = describe (&rows[0]);

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GError) error = NULL;

    fail_if (gst_rcast_fingerprint_check (sdp, 0, texts[i], &error));
    fail_unless (g_error_matches (error, GST_RCAST_ERROR,
            GST_RCAST_ERROR_INVALID_DATA));
  }
}

GST_END_TEST;

static Suite *
fingerprint_suite (void)
{
  Suite *s = suite_create ("fingerprint");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_answers, 0, G_N_ELEMENTS (rows));
  tcase_add_test (tc, test_no_certificate_is_no_match);
  return s;
}

GST_CHECK_MAIN (fingerprint);
