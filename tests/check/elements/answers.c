/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answers that no server should send: each causes an error, never a crash. Terse answers work. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-check.h"
#include "rig.h"

/* Enough for each kind of damage to meet each kind of line now and then. RCAST_MUTATIONS sets
 * another number, RCAST_SEED other damage. */
#define MUTATIONS 40

#define STREAMS "  videotestsrc is-live=true ! " \
    "video/x-raw,width=64,height=64 ! vp8enc deadline=1 ! r.  " \
    "audiotestsrc is-live=true ! alawenc ! r."
#define PATIENT "rcastsink name=r reconnect-max-retries=0" STREAMS
#define PIPELINE "rcastsink name=r reconnect-max-retries=0 connect-timeout=1" \
    STREAMS

/* Returns: (transfer full): the text of the error */
static gchar *
wait_for_error (Rig * rig)
{
  GstMessage *message = rig_wait (rig, GST_MESSAGE_ERROR);
  g_autoptr (GError) error = NULL;

  gst_message_parse_error (message, &error, NULL);
  gst_message_unref (message);
  return g_strdup (error->message);
}

/* Tries @answer; an error ends the attempt, at the latest when nothing connects. Returns:
 * (transfer full): the text of the error */
static gchar *
rig_try (Rig * rig, const gchar * answer, gboolean trickle)
{
  gchar *error;

  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (rig->signaller),
      trickle ? GST_RCAST_SIGNALLER_TRICKLE : 0);
  fake_signaller_set_answer (rig->signaller, answer);
  rig_set_state (rig, GST_STATE_PLAYING);
  error = wait_for_error (rig);
  rig_set_state (rig, GST_STATE_READY);
  gst_bus_set_flushing (rig->bus, TRUE);
  gst_bus_set_flushing (rig->bus, FALSE);
  return error;
}

/* Returns: (transfer full): the answer of a stock webrtcbin,
 * without candidates: nothing connects */
static gchar *
real_answer (Rig * rig)
{
  g_autofree gchar *error = rig_try (rig, NULL, FALSE);
  g_autofree gchar *answer = fake_signaller_dup_answer (rig->signaller);
  GString *kept = g_string_new (NULL);
  g_auto (GStrv) lines = NULL;

  fail_unless (answer != NULL, "%s", error);
  lines = g_strsplit (answer, "\r\n", -1);
  for (guint i = 0; lines[i]; i++)
    if (*lines[i] && !g_str_has_prefix (lines[i], "a=candidate"))
      g_string_append_printf (kept, "%s\r\n", lines[i]);
  return g_string_free (kept, FALSE);
}

static const gchar *const odd[] = {
  "", "0", "-1", "65536", "4294967296", "99999999999999999999", "a", "%s",
  "video", "audio", "application", "96", "97", "8", "recvonly", "inactive",
  "sendrecv", "active", "passive", "actpass", "holdconn", "BUNDLE", "sha-256",
  "sha-1", "00", " ", ":", "/", "=", "\xff\xfe", "VP8/90000", "rtx/90000",
  "x/0",
};

static const gchar *const extra[] = {
  "m=video 9 UDP/TLS/RTP/SAVPF 96",
  "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
  "m=audio 0 RTP/AVP 0", "a=inactive", "a=sendonly", "a=recvonly", "a=sendrecv",
  "a=setup:active", "a=setup:passive", "a=setup:actpass", "a=rtcp-mux-only",
  "a=group:BUNDLE 1 0", "a=group:BUNDLE", "a=group:BUNDLE 7", "a=mid:1",
  "a=mid:0", "a=mid:",
  "a=bundle-only", "a=ice-lite", "a=ice-ufrag:x", "a=ice-pwd:y",
  "a=end-of-candidates",
  "a=fingerprint:sha-256 00", "a=fingerprint:sha-256", "a=fingerprint:",
  "a=rtpmap:96 VP8/0",
  "a=rtpmap:96", "a=fmtp:96", "a=fmtp:96 apt=96", "a=rtcp-fb:*", "a=rtcp-fb:96",
  "a=extmap:0 x",
  "a=extmap:1", "a=extmap:99999 urn:x", "a=ssrc:1", "a=ssrc:1 cname",
  "a=ssrc-group:FID 1 2",
  "a=msid:", "a=rid:a recv", "a=simulcast:recv a", "a=sctp-port:5000",
  "a=candidate:", "a=candidate:1",
  "a=candidate:1 1 UDP 1 127.0.0.1 1 typ host",
  "a=candidate:1 1 UDP 1 x.local 1 typ host",
  "a=candidate:1 1 TCP 1 ::1 99999 typ relay raddr", "c=IN IP4", "b=AS:-1", "a",
};

static gchar *
mutate (GRand * rand, const gchar * answer)
{
  g_auto (GStrv) split = g_strsplit (answer, "\r\n", -1);
  GPtrArray *lines = g_ptr_array_new_with_free_func (g_free);
  guint n = g_rand_int_range (rand, 1, 4);
  gchar *text;

  for (guint i = 0; split[i] && *split[i]; i++)
    g_ptr_array_add (lines, g_strdup (split[i]));
  for (; n > 0 && lines->len > 1; n--) {
    guint at = g_rand_int_range (rand, 0, lines->len);
    guint to = g_rand_int_range (rand, 0, lines->len);
    gchar **line = (gchar **) & lines->pdata[at];

    switch (g_rand_int_range (rand, 0, 6)) {
      case 0:
        g_ptr_array_remove_index (lines, at);
        break;
      case 1:
        g_ptr_array_insert (lines, to, g_strdup (*line));
        break;
      case 2:{
        gpointer other = lines->pdata[to];

        lines->pdata[to] = *line;
        *line = other;
        break;
      }
      case 3:
        g_ptr_array_insert (lines, to,
            g_strdup (extra[g_rand_int_range (rand, 0, G_N_ELEMENTS (extra))]));
        break;
      case 4:
        (*line)[g_rand_int_range (rand, 0, strlen (*line) + 1)] = 0;
        break;
      default:{
        /* Replaces one word, or the part of it after a colon. */
        g_auto (GStrv) words = g_strsplit (*line, " ", -1);
        guint word = g_rand_int_range (rand, 0, g_strv_length (words) + 1);
        const gchar *value =
            odd[g_rand_int_range (rand, 0, G_N_ELEMENTS (odd))];

        if (words[word]) {
          gchar *colon = strchr (words[word], ':');
          gchar *changed = colon && g_rand_boolean (rand) ?
              g_strdup_printf ("%.*s:%s", (gint) (colon - words[word]),
              words[word], value) : g_strdup (value);

          g_free (words[word]);
          words[word] = changed;
          g_free (*line);
          *line = g_strjoinv (" ", words);
        }
      }
    }
  }
  g_ptr_array_add (lines, g_strdup (""));
  g_ptr_array_add (lines, NULL);
  text = g_strjoinv ("\r\n", (gchar **) lines->pdata);
  g_ptr_array_unref (lines);
  return text;
}

GST_START_TEST (test_damaged_answers_are_survived)
{
  const gchar *count = g_getenv ("RCAST_MUTATIONS");
  const gchar *seed = g_getenv ("RCAST_SEED");
  guint n = count ? atoi (count) : MUTATIONS;
  GRand *rand = g_rand_new_with_seed (seed ? atoi (seed) : 1);
  g_autofree gchar *answer = NULL;
  Rig rig;

  rig_init (&rig, PIPELINE);
  answer = real_answer (&rig);
  for (guint i = 0; i < n; i++) {
    g_autofree gchar *damaged = mutate (rand, answer);
    g_autofree gchar *error = NULL;
    const gchar *dump = g_getenv ("RCAST_DUMP");

    if (dump)
      g_file_set_contents (dump, damaged, -1, NULL);
    error = rig_try (&rig, damaged, g_rand_boolean (rand));
    GST_INFO ("%s", error);
    if (dump)
      g_printerr ("%s\n", error);
  }
  rig_clear (&rig);
  g_rand_free (rand);
}

GST_END_TEST;

/* If nobody checked the certificate, an attacker on the path could take the media. */
GST_START_TEST (test_an_impersonated_server_gets_no_media)
{
  g_autofree gchar *error = NULL;
  Rig rig;

  rig_init (&rig, PATIENT);
  fake_signaller_behave (rig.signaller, FAKE_IS_IMPERSONATED);
  rig_set_state (&rig, GST_STATE_PLAYING);
  error = wait_for_error (&rig);
  fail_unless (strstr (error, "dtls-failed")
      && strstr (error, "not the one that the answer announced"), "%s", error);
  fail_unless_equals_uint64 (fake_signaller_get_counts (rig.signaller).packets,
      0);
  rig_clear (&rig);
}

GST_END_TEST;

/* A second bad answer is no accident: the sink posts one error, though it could try again. */
GST_START_TEST (test_answers_that_never_work_are_the_end)
{
  static const gchar *const answers[] = {
    "{\"error\":\"none\"}",
    "v=0\r\no=- 2 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
        "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=recvonly\r\n"
        "a=rtpmap:96 VP8/90000\r\na=setup:passive\r\na=ice-ufrag:abcd\r\n"
        "a=ice-pwd:abcdefghijklmnopqrstuvwx\r\n",
  };
  g_autofree gchar *error = NULL;
  Rig rig;

  rig_init (&rig, "rcastsink name=r" STREAMS);
  fake_signaller_set_answer (rig.signaller, answers[__i__]);
  rig_set_state (&rig, GST_STATE_PLAYING);
  error = wait_for_error (&rig);
  fail_unless (strstr (error, "the server's answer: "), "%s", error);
  fail_unless_equals_int (fake_signaller_get_counts (rig.signaller).offers, 2);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_a_terse_answer_is_enough)
{
  Rig rig;

  rig_init (&rig, PATIENT);
  fake_signaller_behave (rig.signaller, FAKE_IS_TERSE | FAKE_REPORTS_OFTEN);
  rig_go_on_air (&rig);
  fake_signaller_wait (rig.signaller, FAKE_STREAMS, 2);
  rig_clear (&rig);
}

GST_END_TEST;

/* A server declines the audio: the error names the stream and its codec. */
GST_START_TEST (test_a_declined_stream_is_an_error_with_its_name)
{
  g_autofree gchar *text = NULL;
  Rig rig;

  rig_init (&rig, PATIENT);
  fake_signaller_behave (rig.signaller, FAKE_DECLINES_AUDIO);
  rig_set_state (&rig, GST_STATE_PLAYING);
  text = wait_for_error (&rig);
  fail_unless (strstr (text, "declines audio_0 (PCMA)"), "%s", text);
  rig_clear (&rig);
}

GST_END_TEST;

/* A server renumbers the codecs, and gets packets with its numbers. */
GST_START_TEST (test_other_payload_types_are_followed)
{
  Rig rig;

  rig_init (&rig, PATIENT);
  fake_signaller_behave (rig.signaller, FAKE_RENUMBERS | FAKE_REPORTS_OFTEN);
  rig_go_on_air (&rig);
  fake_signaller_wait (rig.signaller, FAKE_STREAMS, 2);
  rig_clear (&rig);
}

GST_END_TEST;

/* The offer says 20 ms, the answer at most 10 ms: packets follow the answer. */
GST_START_TEST (test_packets_are_as_long_as_the_answer_wants)
{
  static const gchar *const encoders[] = {
    "audiotestsrc is-live=true samplesperbuffer=160 ! "
        "audio/x-raw,rate=8000,channels=1 ! alawenc ! r.",
    "audiotestsrc is-live=true samplesperbuffer=160 ! "
        "audio/x-raw,rate=8000,channels=1 ! mulawenc ! r.",
  };

  for (guint i = 0; i < G_N_ELEMENTS (encoders); i++) {
    g_autofree gchar *launch = g_strconcat ("rcastsink name=r "
        "reconnect-max-retries=0 ", encoders[i], NULL);
    g_autofree gchar *offer = NULL;
    Rig rig;

    rig_init (&rig, launch);
    fake_signaller_behave (rig.signaller, FAKE_WANTS_SHORT_PACKETS
        | FAKE_REPORTS_OFTEN);
    rig_go_on_air (&rig);
    fake_signaller_wait (rig.signaller, FAKE_PACKETS, 20);
    fail_unless_equals_int (fake_signaller_get_step (rig.signaller), 80);
    offer = fake_signaller_dup_offer (rig.signaller);
    fail_unless (strstr (offer, "\r\na=ptime:20\r\n"), "%s", offer);
    rig_clear (&rig);
  }
}

GST_END_TEST;

/* With any congestion control, rcastsink's encoders obey the server's limit. Video that arrives
 * encoded does so with "adapt" only. */
GST_START_TEST (test_no_more_is_encoded_than_the_server_takes)
{
  static const struct
  {
    const gchar *control, *encoder;
    guint64 target;
  } rows[] = {
    {"auto", "", 300000},
    {"none", "", 300000},
    {"measure", "", 300000},
    {"auto", "vp8enc deadline=1 !", G_MAXUINT64},
    {"adapt", "vp8enc deadline=1 !", 300000},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree gchar *launch = g_strdup_printf ("rcastsink name=r "
        "congestion-control=%s start-bitrate=4000000  videotestsrc is-live=true "
        "! video/x-raw,width=320,height=240 ! %s r.", rows[i].control,
        rows[i].encoder);
    guint64 target;
    Rig rig;

    rig_init (&rig, launch);
    fake_signaller_behave (rig.signaller, FAKE_LIMITS_BITRATE | FAKE_FEEDS_BACK
        | FAKE_REPORTS_OFTEN);
    rig_go_on_air (&rig);
    do {
      g_thread_yield ();
      gst_child_proxy_get (GST_CHILD_PROXY (rig.sink),
          "video_0::target-bitrate", &target, NULL);
    } while (target != rows[i].target && rows[i].target != G_MAXUINT64);
    fail_unless_equals_uint64 (target, rows[i].target);
    rig_clear (&rig);
  }
}

GST_END_TEST;

static Suite *
answers_suite (void)
{
  Suite *s = suite_create ("answers");
  TCase *tc = tcase_create ("general");

  rcast_check_survive_plugins ();
  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_checked_fixture (tc, NULL, rig_abandon);
  tcase_add_test (tc, test_damaged_answers_are_survived);
  tcase_add_test (tc, test_an_impersonated_server_gets_no_media);
  tcase_add_loop_test (tc, test_answers_that_never_work_are_the_end, 0, 2);
  tcase_add_test (tc, test_a_terse_answer_is_enough);
  tcase_add_test (tc, test_a_declined_stream_is_an_error_with_its_name);
  tcase_add_test (tc, test_other_payload_types_are_followed);
  tcase_add_test (tc, test_packets_are_as_long_as_the_answer_wants);
  tcase_add_test (tc, test_no_more_is_encoded_than_the_server_takes);
  return s;
}

GST_CHECK_MAIN (answers);
