/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Many streams, bundled or not: payload types, retransmission, and whether each stream arrives. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <gst/sdp/sdp.h>
#include <gst/video/video.h>

#include "rcast-check.h"
#include "rig.h"

#define VIDEO "  videotestsrc is-live=true ! video/x-raw,width=32,height=32,framerate=10/1 ! r."
#define AUDIO "  audiotestsrc is-live=true ! r."

#define MEDIA_TIMEOUT_MS 1000u
/* The media-timeout where nothing may look frozen, however busy the machine is */
#define LONG_MS 60000

static GstSDPMessage *
parse (gchar * text)
{
  g_autofree gchar *sdp = text;
  GstSDPMessage *message;

  fail_unless (gst_sdp_message_new_from_text (sdp, &message) == GST_SDP_OK);
  return message;
}

static guint32
get_ssrc (const GstSDPMedia * media)
{
  return g_ascii_strtoull (gst_sdp_media_get_attribute_val (media, "ssrc"),
      NULL, 10);
}

/* Returns: whether the first format of @media has a retransmission */
static gboolean
has_retransmission (const GstSDPMedia * media)
{
  g_autofree gchar *wanted = g_strdup_printf (" apt=%s",
      gst_sdp_media_get_format (media, 0));
  const gchar *fmtp;

  for (guint i = 0;
      (fmtp = gst_sdp_media_get_attribute_val_n (media, "fmtp", i)); i++) {
    if (g_str_has_suffix (fmtp, wanted))
      return TRUE;
  }
  return FALSE;
}

/* A payload type means the same in all m-lines: RFC 9143 9.1 */
static void
check_formats (const GstSDPMedia * media, gchar * meanings[128])
{
  const gchar *rtpmap;

  for (guint i = 0;
      (rtpmap = gst_sdp_media_get_attribute_val_n (media, "rtpmap", i)); i++) {
    guint64 number = g_ascii_strtoull (rtpmap, NULL, 10);
    const gchar *meaning = strchr (rtpmap, ' ');

    fail_unless (number <= 127 && !(number >= 64 && number <= 95), "%s",
        rtpmap);
    if (!meanings[number])
      meanings[number] = g_strdup (meaning);
    assert_equals_string (meanings[number], meaning);
  }
}

static void
check_offer (const GstSDPMessage * offer)
{
  g_autoptr (GHashTable) ssrcs = g_hash_table_new (NULL, NULL);
  g_autoptr (GHashTable) mids = g_hash_table_new (g_str_hash, g_str_equal);
  gchar *meanings[128] = { NULL };

  for (guint i = 0; i < gst_sdp_message_medias_len (offer); i++) {
    const GstSDPMedia *media = gst_sdp_message_get_media (offer, i);

    check_formats (media, meanings);
    fail_unless (g_hash_table_add (ssrcs, GUINT_TO_POINTER (get_ssrc (media))));
    fail_unless (g_hash_table_add (mids,
            (gpointer) gst_sdp_media_get_attribute_val (media, "mid")));
    if (g_str_equal (gst_sdp_media_get_media (media), "video"))
      fail_unless (has_retransmission (media), "m-line %u", i);
  }
  for (guint i = 0; i < 128; i++)
    g_free (meanings[i]);
}

GST_START_TEST (test_many_streams_are_on_air_all_with_retransmission)
{
  GString *description = g_string_new ("rcastsink name=r");
  g_autoptr (GstSDPMessage) offer = NULL, answer = NULL;
  Rig rig;

  for (guint i = 0; i < 16; i++)
    g_string_append (description, VIDEO);
  for (guint i = 0; i < 4; i++)
    g_string_append (description, AUDIO);
  rig_init (&rig, description->str);
  g_string_free (description, TRUE);
  /* Twenty encoders on one machine may starve the reports of the far end. */
  g_object_set (rig.sink, "media-timeout", LONG_MS, NULL);
  fake_signaller_behave (rig.signaller, FAKE_LOSES_SOME | FAKE_REPORTS_OFTEN);
  rig_set_state (&rig, GST_STATE_PLAYING);
  rig_expect (&rig, "signalling");
  rig_expect (&rig, "connected");
  rig_expect (&rig, "broadcasting");

  offer = parse (fake_signaller_dup_offer (rig.signaller));
  assert_equals_int (gst_sdp_message_medias_len (offer), 20);
  check_offer (offer);
  answer = parse (fake_signaller_dup_answer (rig.signaller));
  for (guint i = 0; i < 16; i++)
    fail_unless (has_retransmission (gst_sdp_message_get_media (answer, i)));
  fake_signaller_wait (rig.signaller, FAKE_STREAMS, 20);
  fake_signaller_wait (rig.signaller, FAKE_RETRANSMITTED, 16);
  assert_equals_int (fake_signaller_get_counts (rig.signaller).opens, 1);
  rig_clear (&rig);
}

GST_END_TEST;

static const gchar *const policies[] = { "none", "balanced", "max-compat",
  "max-bundle"
};

/* Every policy, with an answer that bundles as offered, or does not */
#define N_BUNDLES (2 * G_N_ELEMENTS (policies))
#define AT_ONCE 4

static void
start_bundle (Rig * rig, guint i, guint media_timeout, FakeBehaviour behaviour)
{
  g_autofree gchar *description = g_strdup_printf
      ("rcastsink name=r bundle-policy=%s" VIDEO VIDEO AUDIO, policies[i / 2]);

  GST_INFO ("%s, %s", policies[i / 2], i % 2 ? "not bundled" : "bundled");
  rig_init (rig, description);
  g_object_set (rig->sink, "media-timeout", media_timeout, NULL);
  fake_signaller_behave (rig->signaller, FAKE_REPORTS_OFTEN | behaviour
      | (i % 2 ? FAKE_UNBUNDLES : 0));
  rig_set_state (rig, GST_STATE_PLAYING);
  rig_expect (rig, "signalling");
  rig_expect (rig, "connected");
  rig_expect (rig, "broadcasting");
  fake_signaller_wait (rig->signaller, FAKE_STREAMS, 3);
}

/* Runs broadcasts with the bundles [@first, @end), several at once, as each mostly waits. */
static void
with_bundles (guint first, guint end, void (*act) (Rig * rig),
    void (*check) (Rig * rig))
{
  Rig rigs[AT_ONCE];

  while (first < end) {
    guint n = MIN (end - first, rcast_check_slowness () > 1 ? 1 : AT_ONCE);

    for (guint i = 0; i < n; i++)
      start_bundle (&rigs[i], first + i,
          MEDIA_TIMEOUT_MS * rcast_check_slowness (), 0);
    for (guint i = 0; i < n; i++)
      act (&rigs[i]);
    for (guint i = 0; i < n; i++)
      check (&rigs[i]);
    for (guint i = 0; i < n; i++)
      rig_clear (&rigs[i]);
    first += n;
  }
}

/* Waits longer than an unwatched session takes to look frozen. Half of the
 * packets are audio, 50 a second. */
static void
wait_long (Rig * rig)
{
  fake_signaller_wait (rig->signaller, FAKE_PACKETS, 500);
}

static void
check_calm (Rig * rig)
{
  g_autoptr (GstMessage) message = gst_bus_pop_filtered (rig->bus,
      GST_MESSAGE_ELEMENT | GST_MESSAGE_WARNING | GST_MESSAGE_ERROR);

  fail_unless (message == NULL, "%" GST_PTR_FORMAT, message);
  assert_equals_int (fake_signaller_get_counts (rig->signaller).offers, 1);
}

GST_START_TEST (test_every_bundle_policy_stays_on_air)
{
  with_bundles (0, N_BUNDLES, wait_long, check_calm);
}

GST_END_TEST;

static void
lose_rtp (Rig * rig)
{
  fake_signaller_lose_rtp (rig->signaller);
}

static void
expect_freeze (Rig * rig)
{
  rig_expect_with (rig, "reconnecting_broadcast", "reason", "media-frozen",
      NULL);
  rig_expect (rig, "broadcasting");
}

GST_START_TEST (test_frozen_media_is_noticed_with_every_bundle_policy)
{
  with_bundles (0, N_BUNDLES, lose_rtp, expect_freeze);
}

GST_END_TEST;

static void
lose_second_stream (Rig * rig)
{
  g_autoptr (GstSDPMessage) offer =
      parse (fake_signaller_dup_offer (rig->signaller));

  fake_signaller_lose_stream (rig->signaller,
      get_ssrc (gst_sdp_message_get_media (offer, 1)));
}

static void
expect_silence (Rig * rig)
{
  g_autoptr (GstMessage) message =
      rig_wait (rig, GST_MESSAGE_WARNING | GST_MESSAGE_ELEMENT);
  g_autoptr (GError) error = NULL;

  fail_unless (GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING,
      "%" GST_PTR_FORMAT, message);
  gst_message_parse_warning (message, &error, NULL);
  fail_unless (g_str_has_prefix (error->message, "video_1: "), "%s",
      error->message);
}

GST_START_TEST (test_one_silent_stream_is_a_warning)
{
  /* The policy makes no difference, bundling does. */
  with_bundles (N_BUNDLES - 2, N_BUNDLES, lose_second_stream, expect_silence);
}

GST_END_TEST;

/* Order, mids and SSRCs stay, also the SSRCs of retransmissions. An SSRC belongs to one stream
 * for as long as its RTP session lasts: RFC 3550 5.3 */
GST_START_TEST (test_restart_keeps_m_lines_and_ssrcs)
{
  g_autoptr (GstSDPMessage) old = NULL, new = NULL;
  g_autoptr (GstMessage) message = NULL;
  Rig rig;

  start_bundle (&rig, __i__, LONG_MS, FAKE_LOSES_SOME);
  fake_signaller_wait (rig.signaller, FAKE_RETRANSMITTED, 2);
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (rig.signaller),
      GST_RCAST_SIGNALLER_TRICKLE | GST_RCAST_SIGNALLER_ICE_RESTART);
  old = parse (fake_signaller_dup_offer (rig.signaller));
  g_signal_emit_by_name (rig.sink, "ice-restart");
  fake_signaller_wait (rig.signaller, FAKE_OFFERS, 2);
  message = gst_bus_pop_filtered (rig.bus, GST_MESSAGE_ELEMENT);
  fail_unless (fake_signaller_get_counts (rig.signaller).restarts == 1,
      "%" GST_PTR_FORMAT, message);
  new = parse (fake_signaller_dup_offer (rig.signaller));
  assert_equals_int (gst_sdp_message_medias_len (new), 3);
  for (guint i = 0; i < 3; i++) {
    const GstSDPMedia *before = gst_sdp_message_get_media (old, i);
    const GstSDPMedia *now = gst_sdp_message_get_media (new, i);
    static const gchar *const kept[] = { "mid", "ssrc", "rtpmap", "ssrc-group" };

    assert_equals_string (gst_sdp_media_get_media (now),
        gst_sdp_media_get_media (before));
    for (guint j = 0; j < G_N_ELEMENTS (kept); j++)
      assert_equals_string (gst_sdp_media_get_attribute_val (now, kept[j]),
          gst_sdp_media_get_attribute_val (before, kept[j]));
  }
  /* The packets keep these SSRCs, too. */
  fake_signaller_wait (rig.signaller, FAKE_PACKETS,
      fake_signaller_get_counts (rig.signaller).packets + 200);
  assert_equals_int (fake_signaller_get_counts (rig.signaller).retransmitted, 2);
  rig_clear (&rig);
}

GST_END_TEST;

/* Key frames requested from the encoders, and made by them */
typedef struct
{
  GMutex lock;
  GCond cond;
  guint asked[2];               /* lock */
  guint made[2];                /* lock: after a request */
} Encoders;

static GstPadProbeReturn
on_key_frame (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Encoders *encoders = data;
  g_autoptr (GstElement) encoder = gst_pad_get_parent_element (pad);
  guint i = g_str_equal (GST_OBJECT_NAME (encoder), "e1");

  g_mutex_lock (&encoders->lock);
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER)
    encoders->made[i] += encoders->asked[i] > 0
        && !GST_BUFFER_FLAG_IS_SET (GST_PAD_PROBE_INFO_BUFFER (info),
        GST_BUFFER_FLAG_DELTA_UNIT);
  else if (gst_video_event_is_force_key_unit (GST_PAD_PROBE_INFO_EVENT (info)))
    encoders->asked[i]++;
  g_cond_signal (&encoders->cond);
  g_mutex_unlock (&encoders->lock);
  return GST_PAD_PROBE_OK;
}

static void
watch_encoder (Rig * rig, const gchar * name, Encoders * encoders)
{
  g_autoptr (GstElement) encoder =
      gst_bin_get_by_name (GST_BIN (rig->pipeline), name);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (encoder, "src");

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM
      | GST_PAD_PROBE_TYPE_BUFFER, on_key_frame, encoders, NULL);
}

#define RECEIVER 0x1234u
/* Seconds from 1900 to 1970: RFC 868 */
#define NTP_TO_UNIX 2208988800u

/* Returns: (transfer full): a report that shows a round-trip time of 200
 * ms, and a PLI for each of @ssrcs */
static GstBuffer *
make_rtcp (const guint32 ssrcs[2])
{
  gint64 sent = g_get_real_time () - 200 * 1000;
  guint32 lsr = (guint32) ((sent / G_USEC_PER_SEC + NTP_TO_UNIX) << 16)
      + (guint32) (((sent % G_USEC_PER_SEC) << 16) / G_USEC_PER_SEC);
  guint8 bytes[32 + 2 * 12] = { 0x81, 201, 0, 7 };

  GST_WRITE_UINT32_BE (bytes + 4, RECEIVER);
  GST_WRITE_UINT32_BE (bytes + 8, ssrcs[0]);
  GST_WRITE_UINT32_BE (bytes + 24, lsr);
  for (guint i = 0; i < 2; i++) {
    guint8 *request = bytes + 32 + 12 * i;

    GST_WRITE_UINT32_BE (request, 0x81ce0002);
    GST_WRITE_UINT32_BE (request + 4, RECEIVER);
    GST_WRITE_UINT32_BE (request + 8, ssrcs[i]);
  }
  return gst_buffer_new_memdup (bytes, sizeof bytes);
}

/* Pushes @rtcp as SRTP would. */
static void
receive_rtcp (Rig * rig, GstBuffer * rtcp)
{
  g_autoptr (GstElement) webrtc =
      gst_bin_get_by_name (GST_BIN (rig->sink), "webrtcbin");
  g_autoptr (GstIterator) sessions =
      gst_bin_iterate_all_by_element_factory_name (GST_BIN (webrtc),
      "rtpsession");
  g_auto (GValue) item = G_VALUE_INIT;
  g_autoptr (GstPad) pad = NULL;

  fail_unless (gst_iterator_next (sessions, &item) == GST_ITERATOR_OK);
  pad = gst_element_get_static_pad (g_value_get_object (&item),
      "recv_rtcp_sink");
  fail_unless_equals_int (gst_pad_chain (pad, rtcp), GST_FLOW_OK);
}

/* rtpsession passes on the first PLI only: it takes the second, which
 * follows at once, for a repetition. */
GST_START_TEST (test_two_videos_are_asked_for_a_key_frame_at_once)
{
  g_autoptr (GstSDPMessage) offer = NULL;
  Encoders encoders = {.asked = {0} };
  guint32 ssrcs[2];
  Rig rig;

  rig_init (&rig, "rcastsink name=r"
      "  videotestsrc is-live=true ! video/x-raw,width=32,height=32 ! vp8enc name=e0 ! r."
      "  videotestsrc is-live=true ! video/x-raw,width=32,height=32 ! vp8enc name=e1 ! r.");
  fake_signaller_behave (rig.signaller, FAKE_REPORTS_OFTEN);
  rig_go_on_air (&rig);
  offer = parse (fake_signaller_dup_offer (rig.signaller));
  for (guint i = 0; i < 2; i++)
    ssrcs[i] = get_ssrc (gst_sdp_message_get_media (offer, i));
  fake_signaller_wait (rig.signaller, FAKE_PACKETS, 100);
  watch_encoder (&rig, "e0", &encoders);
  watch_encoder (&rig, "e1", &encoders);
  receive_rtcp (&rig, make_rtcp (ssrcs));
  g_mutex_lock (&encoders.lock);
  /* GstVideoEncoder never frees a request that arrives while it stops. */
  while (encoders.made[0] == 0 || encoders.made[1] == 0)
    g_cond_wait (&encoders.cond, &encoders.lock);
  g_mutex_unlock (&encoders.lock);
  rig_clear (&rig);
}

GST_END_TEST;

static Suite *
streams_suite (void)
{
  Suite *s = suite_create ("rcastsink-streams");
  TCase *tc = tcase_create ("general");

  rcast_check_survive_plugins ();
  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 180);
  tcase_add_checked_fixture (tc, NULL, rig_abandon);
  tcase_add_test (tc, test_many_streams_are_on_air_all_with_retransmission);
  tcase_add_test (tc, test_every_bundle_policy_stays_on_air);
  tcase_add_test (tc, test_frozen_media_is_noticed_with_every_bundle_policy);
  tcase_add_test (tc, test_one_silent_stream_is_a_warning);
  tcase_add_test (tc, test_two_videos_are_asked_for_a_key_frame_at_once);
  tcase_add_loop_test (tc, test_restart_keeps_m_lines_and_ssrcs, N_BUNDLES - 2,
      N_BUNDLES);
  return s;
}

GST_CHECK_MAIN (streams);
