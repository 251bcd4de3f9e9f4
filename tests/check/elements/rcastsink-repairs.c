/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Retransmissions that a server requests never take more than their share of the rate. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "rcast-check.h"
#include "rig.h"

/* Packets that the requests claim to be lost */
#define N_PACKETS 200
#define N_REQUESTS 20

typedef struct
{
  GMutex lock;
  GCond cond;
  GArray *seqnums;              /* of guint */
  guint ssrc;
  guint64 bytes;
} Seen;

static GstPadProbeReturn
on_packet (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Seen *seen = data;
  gboolean list = GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER_LIST;
  guint n = list ?
      gst_buffer_list_length (GST_PAD_PROBE_INFO_BUFFER_LIST (info)) : 1;

  g_mutex_lock (&seen->lock);
  for (guint i = 0; i < n; i++) {
    GstBuffer *buffer = list ? gst_buffer_list_get
        (GST_PAD_PROBE_INFO_BUFFER_LIST (info), i) :
        GST_PAD_PROBE_INFO_BUFFER (info);
    guint8 header[12];
    guint seqnum;

    fail_unless_equals_int (gst_buffer_extract (buffer, 0, header, 12), 12);
    seqnum = GST_READ_UINT16_BE (header + 2);
    seen->ssrc = GST_READ_UINT32_BE (header + 8);
    seen->bytes += gst_buffer_get_size (buffer);
    g_array_append_val (seen->seqnums, seqnum);
  }
  g_cond_signal (&seen->cond);
  g_mutex_unlock (&seen->lock);
  return GST_PAD_PROBE_OK;
}

/* Returns: (transfer full): the rtprtxsend of the sink, not that of the fake server */
static GstElement *
find_sender (GstElement * sink)
{
  g_autoptr (GstElement) webrtc =
      gst_bin_get_by_name (GST_BIN (sink), "webrtcbin");
  g_autoptr (GstIterator) senders =
      gst_bin_iterate_all_by_element_factory_name (GST_BIN (webrtc),
      "rtprtxsend");
  g_auto (GValue) item = G_VALUE_INIT;

  fail_unless (gst_iterator_next (senders, &item) == GST_ITERATOR_OK);
  return g_value_dup_object (&item);
}

/* Requests a packet again as rtpsession does for each packet of a NACK. */
static void
request (GstPad * pad, guint ssrc, guint seqnum)
{
  gst_pad_send_event (pad, gst_event_new_custom (GST_EVENT_CUSTOM_UPSTREAM,
          gst_structure_new ("GstRTPRetransmissionRequest", "seqnum",
              G_TYPE_UINT, seqnum, "ssrc", G_TYPE_UINT, ssrc, NULL)));
}

static guint64
get_count (GstElement * sink, const gchar * field)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 count;

  g_object_get (sink, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, field, &count));
  return count;
}

static guint64
get_granted (GstElement * sink)
{
  return get_count (sink, "peer-repairs");
}

GST_START_TEST (test_a_flood_of_requests_is_bounded)
{
  g_autoptr (GstElement) sender = NULL;
  g_autoptr (GstStructure) stats = NULL;
  g_autoptr (GstPad) sink = NULL, src = NULL;
  Seen seen = { .seqnums = g_array_new (FALSE, FALSE, sizeof (guint)) };
  guint64 before, granted = 0, refused = 0, over = 0;
  guint asked, taken;
  Rig rig;

  rig_init (&rig, "rcastsink name=r bitrate=300000 videotestsrc is-live=true pattern=snow"
      " ! video/x-raw,width=64,height=64,framerate=30/1 ! r.");
  fake_signaller_behave (rig.signaller, FAKE_LOSES_SOME);
  rig_go_on_air (&rig);
  sender = find_sender (rig.sink);
  sink = gst_element_get_static_pad (sender, "sink");
  src = gst_element_get_static_pad (sender, "src");
  gst_pad_add_probe (sink, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_packet, &seen, NULL);

  g_mutex_lock (&seen.lock);
  while (seen.seqnums->len < N_PACKETS)
    g_cond_wait (&seen.cond, &seen.lock);
  g_mutex_unlock (&seen.lock);
  gst_element_set_state (rig.pipeline, GST_STATE_PAUSED);
  before = get_granted (rig.sink);
  for (guint i = 0; i < N_REQUESTS; i++)
    for (guint back = 1; back <= N_PACKETS; back++)
      request (src, seen.ssrc, g_array_index (seen.seqnums, guint,
              seen.seqnums->len - back));

  g_object_get (sender, "num-rtx-requests", &asked, NULL);
  g_object_get (rig.sink, "stats", &stats, NULL);
  fail_unless (gst_structure_get (stats, "peer-repairs", G_TYPE_UINT64,
          &granted, "peer-repairs-refused", G_TYPE_UINT64, &refused,
          "peer-repairs-over-budget", G_TYPE_UINT64, &over, NULL));
  assert_equals_uint64 (asked, granted);
  fail_unless (granted + refused >= N_REQUESTS * N_PACKETS);
  fail_unless (granted > 0 && over > 0);
  taken = (granted - before) * seen.bytes / seen.seqnums->len;
  fail_unless (taken <= MAX (seen.bytes / 4, 8 * 1200), "%u bytes of %"
      G_GUINT64_FORMAT, taken, seen.bytes);
  rig_clear (&rig);
  g_array_unref (seen.seqnums);
}

GST_END_TEST;

/* Such servers take no other retransmissions, and do not decrypt a packet twice. */
GST_START_TEST (test_a_server_without_rtx_gets_the_packets_themselves)
{
  Rig rig;

  rig_init (&rig, "rcastsink name=r bitrate=300000 videotestsrc is-live=true pattern=snow"
      " ! video/x-raw,width=64,height=64,framerate=30/1 ! r.");
  fake_signaller_behave (rig.signaller, FAKE_LOSES_SOME | FAKE_TAKES_NO_RTX);
  rig_go_on_air (&rig);
  fake_signaller_wait (rig.signaller, FAKE_REPEATED, 10);
  fail_unless (get_granted (rig.sink) >= 10);
  fail_unless_equals_uint64 (fake_signaller_get_counts
      (rig.signaller).retransmitted, 0);
  rig_clear (&rig);
}

GST_END_TEST;

/* The requests delay its reports, but show as well that media arrives. */
GST_START_TEST (test_a_server_that_only_asks_has_the_broadcast)
{
  Rig rig;

  rig_init (&rig, "rcastsink name=r audiotestsrc is-live=true ! r. "
      "videotestsrc is-live=true ! "
      "video/x-raw,width=64,height=64,framerate=30/1 ! r.");
  fake_signaller_behave (rig.signaller, FAKE_ONLY_ASKS);
  rig_go_on_air (&rig);
  rig_clear (&rig);
}

GST_END_TEST;

/* Retransmissions that rtprtxsend is told to send unasked */
typedef struct
{
  gint here;                    /* atomic; since the last media packet */
  gint most;                    /* atomic; the highest value of here */
  gint missed;                  /* atomic; told because feedback missed the packet */
} Unasked;

static GstPadProbeReturn
on_media (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Unasked *unasked = data;

  g_atomic_int_set (&unasked->here, 0);
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
on_unasked (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Unasked *unasked = data;
  const GstStructure *s =
      gst_event_get_structure (GST_PAD_PROBE_INFO_EVENT (info));

  if (s && gst_structure_has_field (s, "rcast-missed"))
    g_atomic_int_inc (&unasked->missed);
  if (s && gst_structure_has_field (s, "rcast-unasked")) {
    gint here = g_atomic_int_add (&unasked->here, 1) + 1;

    if (here > g_atomic_int_get (&unasked->most))
      g_atomic_int_set (&unasked->most, here);
  }
  return GST_PAD_PROBE_OK;
}

/* A retransmission reaches a far server too late, if its jitter buffer waits as long
 * as most do. Once the server has had some retransmissions, and the link had room
 * for a while, packets leave twice. */
GST_START_TEST (test_a_server_that_is_far_gets_packets_twice)
{
  g_autoptr (GstElement) sender = NULL;
  g_autoptr (GstPad) media = NULL, requests = NULL;
  Unasked told = { 0, };
  guint64 unasked, copies;
  guint sent;
  Rig rig;

  rig_init (&rig, "rcastsink name=r bitrate=300000 videotestsrc is-live=true pattern=snow"
      " ! video/x-raw,width=64,height=64,framerate=30/1 ! r. "
      "audiotestsrc is-live=true ! audio/x-raw,rate=48000,channels=2 ! r.");
  fake_signaller_behave (rig.signaller,
      FAKE_FEEDS_BACK | FAKE_LOSES_SOME | FAKE_IS_FAR);
  rig_go_on_air (&rig);
  sender = find_sender (rig.sink);
  media = gst_element_get_static_pad (sender, "sink");
  requests = gst_element_get_static_pad (sender, "src");
  gst_pad_add_probe (media, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_media, &told, NULL);
  gst_pad_add_probe (requests, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, on_unasked,
      &told, NULL);
  for (guint64 n = 50; get_count (rig.sink, "peer-repairs-unasked") < 20;
      n += 10)
    fake_signaller_wait (rig.signaller, FAKE_PACKETS, n);
  gst_element_set_state (rig.pipeline, GST_STATE_PAUSED);
  unasked = get_count (rig.sink, "peer-repairs-unasked");
  copies = fake_signaller_wait (rig.signaller, FAKE_COPIES, unasked);
  g_object_get (sender, "num-rtx-packets", &sent, NULL);
  /* Each copy was sent once. Besides copies, only granted requests were sent. */
  fail_unless (sent >= unasked && sent <= unasked + get_granted (rig.sink));
  fail_unless (copies <= sent, "%" G_GUINT64_FORMAT " of %u", copies, sent);
  /* Copies do not wait for the pacer, so few of them leave at once. */
  fail_unless (g_atomic_int_get (&told.most) > 0);
  fail_unless (g_atomic_int_get (&told.most) <= 2);
  rig_clear (&rig);
}

GST_END_TEST;

/* Such a server takes no other retransmissions. */
GST_START_TEST (test_a_far_server_without_rtx_gets_the_packets_twice)
{
  Rig rig;

  rig_init (&rig, "rcastsink name=r bitrate=300000 videotestsrc is-live=true pattern=snow"
      " ! video/x-raw,width=64,height=64,framerate=30/1 ! r.");
  fake_signaller_behave (rig.signaller,
      FAKE_FEEDS_BACK | FAKE_LOSES_SOME | FAKE_IS_FAR | FAKE_TAKES_NO_RTX);
  rig_go_on_air (&rig);
  for (guint64 n = 50; get_count (rig.sink, "peer-repairs-unasked") < 10;
      n += 10)
    fake_signaller_wait (rig.signaller, FAKE_PACKETS, n);
  fake_signaller_wait (rig.signaller, FAKE_REPEATED, 1);
  fail_unless_equals_uint64 (fake_signaller_get_counts
      (rig.signaller).retransmitted, 0);
  rig_clear (&rig);
}

GST_END_TEST;

/* Why packets leave again */
typedef struct
{
  GMutex lock;
  GHashTable *repaired;         /* packets that the server requested or missed */
  guint seconds, doubles;       /* unasked copies: of repaired packets, and of others */
} Reasons;

static GstPadProbeReturn
note_reason (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Reasons *reasons = data;
  const GstStructure *s =
      gst_event_get_structure (GST_PAD_PROBE_INFO_EVENT (info));
  guint ssrc, seqnum;
  gpointer packet;

  if (!s || !gst_structure_get_uint (s, "ssrc", &ssrc)
      || !gst_structure_get_uint (s, "seqnum", &seqnum)
      || gst_structure_has_field (s, "rcast-padding"))
    return GST_PAD_PROBE_OK;
  packet = GSIZE_TO_POINTER ((gsize) ssrc << 16 | seqnum);
  g_mutex_lock (&reasons->lock);
  if (!gst_structure_has_field (s, "rcast-unasked"))
    g_hash_table_add (reasons->repaired, packet);
  else if (g_hash_table_contains (reasons->repaired, packet))
    reasons->seconds++;
  else
    reasons->doubles++;
  g_mutex_unlock (&reasons->lock);
  return GST_PAD_PROBE_OK;
}

/* A near server requests lost packets in time. Only repaired packets may leave twice, as many
 * are lost. By this time, a far server would have got copies of other packets. */
#define DOUBLES_BEGIN (8 * GST_SECOND)

GST_START_TEST (test_a_server_that_is_near_gets_what_it_asks_for)
{
  Reasons reasons = { .repaired = g_hash_table_new (NULL, NULL) };
  g_autoptr (GstElement) sender = NULL;
  g_autoptr (GstPad) requests = NULL;
  GstClockTime begin;
  Rig rig;

  rig_init (&rig, "rcastsink name=r bitrate=300000 videotestsrc is-live=true pattern=snow"
      " ! video/x-raw,width=64,height=64,framerate=30/1 ! r. "
      "audiotestsrc is-live=true ! audio/x-raw,rate=48000,channels=2 ! r.");
  fake_signaller_behave (rig.signaller, FAKE_FEEDS_BACK | FAKE_LOSES_SOME);
  rig_go_on_air (&rig);
  sender = find_sender (rig.sink);
  requests = gst_element_get_static_pad (sender, "src");
  gst_pad_add_probe (requests, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, note_reason,
      &reasons, NULL);
  begin = gst_util_get_timestamp ();
  for (guint64 n = 50; gst_util_get_timestamp () < begin + DOUBLES_BEGIN;
      n += 10)
    fake_signaller_wait (rig.signaller, FAKE_PACKETS, n);
  fake_signaller_wait (rig.signaller, FAKE_COPIES, 10);
  rig_clear (&rig);
  fail_unless (g_hash_table_size (reasons.repaired) > 0);
  fail_unless (reasons.doubles == 0, "%u doubles, %u seconds", reasons.doubles,
      reasons.seconds);
  g_hash_table_unref (reasons.repaired);
}

GST_END_TEST;

/* Feedback reports a loss sooner than a request, and also where the request is lost. */
GST_START_TEST (test_a_server_that_misses_packets_gets_them_unasked)
{
  g_autoptr (GstElement) sender = NULL;
  g_autoptr (GstPad) requests = NULL;
  Unasked told = { 0, };
  Rig rig;

  /* Feedback comes once per frame. Packets that only the last ones of a
   * frame have overtaken may be late. */
  rig_init (&rig, "rcastsink name=r bitrate=1000000 videotestsrc is-live=true pattern=snow"
      " ! video/x-raw,width=160,height=120,framerate=10/1 ! r.");
  fake_signaller_behave (rig.signaller, FAKE_FEEDS_BACK | FAKE_LOSES_SOME);
  rig_go_on_air (&rig);
  sender = find_sender (rig.sink);
  requests = gst_element_get_static_pad (sender, "src");
  gst_pad_add_probe (requests, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, on_unasked,
      &told, NULL);
  for (guint64 n = 50; g_atomic_int_get (&told.missed) < 5; n += 10)
    fake_signaller_wait (rig.signaller, FAKE_PACKETS, n);
  fake_signaller_wait (rig.signaller, FAKE_COPIES, 5);
  fail_unless (get_granted (rig.sink) >= 5);
  rig_clear (&rig);
}

GST_END_TEST;

static Suite *
rcastsink_repairs_suite (void)
{
  Suite *suite = suite_create ("rcastsink-repairs");
  TCase *tc = tcase_create ("general");

  rig_register ();
  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, NULL, rig_abandon);
  tcase_add_test (tc, test_a_server_without_rtx_gets_the_packets_themselves);
  tcase_add_test (tc, test_a_server_that_only_asks_has_the_broadcast);
  tcase_add_test (tc, test_a_flood_of_requests_is_bounded);
  tcase_add_test (tc, test_a_server_that_is_far_gets_packets_twice);
  tcase_add_test (tc, test_a_far_server_without_rtx_gets_the_packets_twice);
  tcase_add_test (tc, test_a_server_that_is_near_gets_what_it_asks_for);
  tcase_add_test (tc, test_a_server_that_misses_packets_gets_them_unasked);
  return suite;
}

GST_CHECK_MAIN (rcastsink_repairs);
