/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastsrc: what comes out of it, on pads that stay the same whatever happens. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <gst/video/video.h>

#include "rcast-rtp.h"
#include "src-rig.h"

static guint64
get_requests (Fixture * f)
{
  g_autoptr (GstStructure) stats = NULL;
  const GValue *video;
  guint64 requests = 0;

  g_object_get (f->rig.sink, "stats", &stats, NULL);
  video = gst_structure_get_value (stats, "video_0");
  if (video)
    gst_structure_get_uint64 (gst_value_get_structure (video),
        "key-frame-requests", &requests);
  return requests;
}

static gboolean
is_loaded (const gchar * name)
{
  GstPlugin *plugin = gst_registry_find_plugin (gst_registry_get (), name);
  gboolean loaded;

  fail_unless (plugin != NULL, "no plugin %s", name);
  loaded = gst_plugin_is_loaded (plugin);
  gst_object_unref (plugin);
  return loaded;
}

/* READY makes the DTLS certificate. This loads the plugins before the first connection. */
GST_START_TEST (test_certificate_before_the_first_connection)
{
  GstElement *element = gst_element_factory_make (__i__ ?
      "rcastsink" : "rcastsrc", NULL);

  g_object_set (element, "location", "http://127.0.0.1:9/", NULL);
  fail_if (is_loaded ("dtls") || is_loaded ("srtp"));
  gst_element_set_state (element, GST_STATE_READY);
  gst_element_set_state (element, GST_STATE_NULL);
  fail_unless (is_loaded ("dtls") && is_loaded ("srtp"));
  gst_object_unref (element);
}

GST_END_TEST;

GST_START_TEST (test_video_and_audio_come_out)
{
  Fixture f;

  fixture_init (&f, "rcastsrc name=r");
  fixture_go_on_air (&f);
  sight_wait (&f.video, &f.video.buffers, 10);
  sight_wait (&f.audio, &f.audio.buffers, 10);
  assert_equals_string (f.video.media, "video/x-vp8");
  assert_equals_string (f.audio.media, "audio/x-opus");
  assert_equals_string (GST_OBJECT_NAME (f.video.pad), "video_0");
  assert_equals_string (GST_OBJECT_NAME (f.audio.pad), "audio_0");
  assert_equals_int (f.video.backwards, 0);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_same_pads_over_a_new_session)
{
  Fixture f;
  GstClockTime before;

  fixture_init (&f, "rcastsrc name=r");
  fixture_go_on_air (&f);
  sight_wait (&f.video, &f.video.buffers, 10);
  sight_wait (&f.audio, &f.audio.buffers, 10);
  before = f.video.last;
  fake_signaller_forget (f.rig.signaller);
  fake_signaller_wait (f.rig.signaller, FAKE_OPENS, 2);
  sight_wait (&f.video, &f.video.disconts, 2);
  sight_wait_more (&f.video, 10);
  sight_wait_more (&f.audio, 10);
  assert_equals_int (f.video.pads, 1);
  assert_equals_int (f.audio.pads, 1);
  assert_equals_int (f.video.starts, 1);
  assert_equals_int (f.video.caps, 1);
  assert_equals_int (f.audio.caps, 1);
  assert_equals_int (f.video.eos, 0);
  assert_equals_int (f.video.backwards, 0);
  assert_equals_int (f.audio.backwards, 0);
  fail_unless (f.video.last > before);
  fixture_clear (&f);
}

GST_END_TEST;

static void
set_back (const GValue * value, gpointer data)
{
  g_object_set (g_value_get_object (value), "ts-offset",
      (gint64) (-300 * GST_MSECOND), NULL);
}

/* Sets the time of all streams back, as a new synchronization of the streams does. */
GST_START_TEST (test_time_is_set_back)
{
  GstIterator *jitterbuffers;
  guint video, audio;
  Fixture f;

  fixture_init (&f, "rcastsrc name=r");
  if (__i__)
    fake_signaller_send_h264 (f.rig.signaller);
  fixture_go_on_air (&f);
  sight_wait (&f.video, &f.video.buffers, 10);
  sight_wait (&f.audio, &f.audio.buffers, 10);
  jitterbuffers = gst_bin_iterate_all_by_element_factory_name
      (GST_BIN (f.rig.sink), "rtpjitterbuffer");
  fail_unless (gst_iterator_foreach (jitterbuffers, set_back, NULL)
      == GST_ITERATOR_DONE);
  gst_iterator_free (jitterbuffers);
  video = f.video.stays;
  audio = f.audio.stays;
  sight_wait_more (&f.video, 20);
  sight_wait_more (&f.audio, 20);
  assert_equals_int (f.video.backwards, 0);
  assert_equals_int (f.audio.backwards, 0);
  assert_equals_int (f.video.stays, video);
  assert_equals_int (f.audio.stays, audio);
  fixture_clear (&f);
}

GST_END_TEST;

/* The application does not see which side makes the offers. */
static const FakeBehaviour offerers[] = { FAKE_MAKES_OFFERS, FAKE_COUNTERS };

GST_START_TEST (test_server_that_offers)
{
  g_autofree gchar *answer = NULL;
  Fixture f;

  fixture_init (&f, "rcastsrc name=r");
  fake_signaller_behave (f.rig.signaller, offerers[__i__]);
  fixture_go_on_air (&f);
  sight_wait (&f.video, &f.video.buffers, 10);
  sight_wait (&f.audio, &f.audio.buffers, 10);
  assert_equals_string (f.video.media, "video/x-vp8");
  /* The server begins the DTLS handshake once it has the answer. */
  answer = fake_signaller_dup_taken (f.rig.signaller);
  fail_unless (strstr (answer, "a=setup:passive") != NULL, "%s", answer);
  fail_if (strstr (answer, "a=setup:active") != NULL, "%s", answer);
  fake_signaller_forget (f.rig.signaller);
  fake_signaller_wait (f.rig.signaller, FAKE_OPENS, 2);
  sight_wait (&f.video, &f.video.disconts, 2);
  assert_equals_int (f.video.pads, 1);
  assert_equals_int (f.video.backwards, 0);
  fixture_clear (&f);
}

GST_END_TEST;

/* The server offers a codec that rcastsrc does not request: the application gets its packets. */
GST_START_TEST (test_unknown_codec_comes_as_packets)
{
  Fixture f;

  fixture_init (&f, "rcastsrc name=r");
  fake_signaller_behave (f.rig.signaller, FAKE_MAKES_OFFERS | FAKE_SENDS_L16);
  fixture_go_on_air (&f);
  sight_wait (&f.audio, &f.audio.buffers, 10);
  sight_wait (&f.video, &f.video.buffers, 10);
  assert_equals_string (f.audio.media, "application/x-rtp");
  assert_equals_string (f.video.media, "video/x-vp8");
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_codec_changes)
{
  Fixture f;

  fixture_init (&f, "rcastsrc name=r");
  fixture_go_on_air (&f);
  sight_wait (&f.video, &f.video.buffers, 10);
  sight_wait (&f.audio, &f.audio.buffers, 10);
  fake_signaller_send_h264 (f.rig.signaller);
  fake_signaller_forget (f.rig.signaller);
  sight_wait (&f.video, &f.video.caps, 2);
  sight_wait_more (&f.video, 10);
  sight_wait_more (&f.audio, 10);
  assert_equals_string (f.video.media, "video/x-h264");
  assert_equals_int (f.video.caps, 2);
  assert_equals_int (f.audio.caps, 1);
  assert_equals_int (f.video.pads, 1);
  assert_equals_int (f.video.backwards, 0);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_sound_only)
{
  Fixture f;

  fixture_init (&f, "rcastsrc name=r");
  fake_signaller_behave (f.rig.signaller, FAKE_SENDS_NO_VIDEO);
  fixture_go_on_air (&f);
  sight_wait (&f.audio, &f.audio.buffers, 20);
  assert_equals_int (f.video.pads, 0);
  fixture_clear (&f);
}

GST_END_TEST;

/* rcastsrc cannot offer zero streams. A server that makes the offer sends the streams it has. */
GST_START_TEST (test_nothing_is_asked_for)
{
  g_autoptr (GError) error = NULL;
  GstMessage *message;
  Fixture f;

  fixture_init (&f, "rcastsrc name=r video-streams=0 audio-streams=0");
  rig_set_state (&f.rig, GST_STATE_PLAYING);
  message = rig_wait (&f.rig, GST_MESSAGE_ERROR);
  gst_message_parse_error (message, &error, NULL);
  gst_message_unref (message);
  fail_unless (g_str_has_prefix (error->message, "The reception from ")
      && strstr (error->message, "video-streams"), "%s", error->message);
  fixture_clear (&f);

  fixture_init (&f, "rcastsrc name=r video-streams=0 audio-streams=0");
  fake_signaller_behave (f.rig.signaller, FAKE_MAKES_OFFERS);
  fixture_go_on_air (&f);
  sight_wait (&f.video, &f.video.buffers, 1);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_packets_come_out)
{
  Fixture f;

  fixture_init (&f, "rcastsrc name=r output=rtp");
  fixture_go_on_air (&f);
  sight_wait (&f.video, &f.video.buffers, 10);
  sight_wait (&f.audio, &f.audio.buffers, 10);
  assert_equals_string (f.video.media, "application/x-rtp");
  fake_signaller_forget (f.rig.signaller);
  sight_wait (&f.video, &f.video.disconts, 2);
  sight_wait_more (&f.audio, 10);
  /* The caps hold nothing that differs between two connections. */
  assert_equals_int (f.video.caps, 1);
  assert_equals_int (f.audio.caps, 1);
  /* A decoder has to start in the middle: rcastsrc requests key frames, 500 ms apart. */
  sight_wait_more (&f.video, 40);
  fail_unless (get_requests (&f) >= 2);
  fixture_clear (&f);
}

GST_END_TEST;

static const struct
{
  const gchar *description;
  gboolean gaps;
} stalls[] = {
  {"rcastsrc name=r", TRUE},
  {"rcastsrc name=r stall-action=hold", FALSE},
};

GST_START_TEST (test_stalled_stream)
{
  Fixture f;
  guint disconts;

  fixture_init (&f, stalls[__i__].description);
  fixture_go_on_air (&f);
  sight_wait (&f.video, &f.video.buffers, 10);
  sight_wait (&f.audio, &f.audio.buffers, 10);
  disconts = f.video.disconts;
  fake_signaller_pause_media (f.rig.signaller, TRUE);
  if (stalls[__i__].gaps) {
    sight_wait (&f.video, &f.video.gaps, 3);
    sight_wait (&f.audio, &f.audio.gaps, 3);
  }
  fake_signaller_pause_media (f.rig.signaller, FALSE);
  sight_wait_more (&f.video, 10);
  sight_wait_more (&f.audio, 10);
  if (!stalls[__i__].gaps)
    assert_equals_int (f.video.gaps, 0);
  assert_equals_int (f.video.backwards, 0);
  assert_equals_int (f.audio.backwards, 0);
  assert_equals_int (f.video.pads, 1);
  fail_unless (f.video.disconts >= disconts);
  /* Gaps are no shorter than is useful. */
  fail_unless (f.video.shortest >= 100 * GST_MSECOND);
  fail_unless (f.audio.shortest >= 100 * GST_MSECOND);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_application_ends_it)
{
  Fixture f;

  fixture_init (&f, "rcastsrc name=r");
  fixture_go_on_air (&f);
  sight_wait (&f.video, &f.video.buffers, 1);
  sight_wait (&f.audio, &f.audio.buffers, 1);
  fail_unless (gst_element_send_event (f.rig.pipeline, gst_event_new_eos ()));
  sight_wait (&f.video, &f.video.eos, 1);
  sight_wait (&f.audio, &f.audio.eos, 1);
  gst_message_unref (rig_wait (&f.rig, GST_MESSAGE_EOS));
  fake_signaller_wait (f.rig.signaller, FAKE_CLOSES, 1);
  fixture_clear (&f);
}

GST_END_TEST;

/* EOS before any media: what the application links to the first pads ends, too. */
static const struct
{
  GstState state;
  const gchar *description;
  const gchar *media;
} early_ends[] = {
  {GST_STATE_PAUSED, "rcastsrc name=r", "audio/x-opus"},
  {GST_STATE_PLAYING, "rcastsrc name=r", "audio/x-opus"},
  {GST_STATE_PLAYING, "rcastsrc name=r output=rtp", "application/x-rtp"},
  {GST_STATE_PLAYING, "rcastsrc name=r output=raw", NULL},
};

GST_START_TEST (test_end_before_media)
{
  Fixture f;

  fixture_init (&f, early_ends[__i__].description);
  fake_signaller_hold (f.rig.signaller, FAKE_HOLD_OPEN);
  gst_element_set_state (f.rig.pipeline, early_ends[__i__].state);
  if (early_ends[__i__].state == GST_STATE_PLAYING)
    fake_signaller_wait (f.rig.signaller, FAKE_OPENS, 1);
  fail_unless (gst_element_send_event (f.rig.pipeline, gst_event_new_eos ()));
  sight_wait (&f.video, &f.video.eos, 1);
  sight_wait (&f.audio, &f.audio.eos, 1);
  assert_equals_string (f.audio.media, early_ends[__i__].media);
  rig_set_state (&f.rig, GST_STATE_PLAYING);
  gst_message_unref (rig_wait (&f.rig, GST_MESSAGE_EOS));
  gst_element_send_event (f.rig.pipeline, gst_event_new_eos ());
  rig_set_state (&f.rig, GST_STATE_READY);
  assert_equals_int (f.video.eos, 1);
  assert_equals_int (f.video.pads, 1);
  fake_signaller_hold (f.rig.signaller, FAKE_HOLD_NOTHING);
  rig_set_state (&f.rig, GST_STATE_PLAYING);
  sight_wait (&f.video, &f.video.buffers, 1);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_end_before_it_runs)
{
  Fixture f;

  fixture_init (&f, "rcastsrc name=r");
  if (__i__ == 1)
    rig_set_state (&f.rig, GST_STATE_READY);
  gst_element_send_event (f.rig.sink, gst_event_new_eos ());
  assert_equals_int (GST_ELEMENT (f.rig.sink)->numpads, 0);
  fixture_go_on_air (&f);
  sight_wait (&f.video, &f.video.buffers, 1);
  assert_equals_int (f.video.eos, 0);
  fixture_clear (&f);
}

GST_END_TEST;

/* The publisher leaves: EOS only if the application has set end-on-stream-end */
GST_START_TEST (test_publisher_leaves)
{
  Fixture f;
  gboolean ends = __i__ == 1;

  fixture_init (&f, ends ? "rcastsrc name=r end-on-stream-end=true" :
      "rcastsrc name=r");
  fixture_go_on_air (&f);
  sight_wait (&f.video, &f.video.buffers, 1);
  fake_signaller_change_stream (f.rig.signaller, GST_RCAST_STREAM_UNPUBLISHED);
  if (ends) {
    sight_wait (&f.video, &f.video.eos, 1);
  } else {
    fake_signaller_sync (f.rig.signaller);
    sight_wait_more (&f.video, 10);
    assert_equals_int (f.video.eos, 0);
  }
  fixture_clear (&f);
}

GST_END_TEST;

static void
hold_offer (FakeSignaller * twin)
{
  fake_signaller_hold (twin, FAKE_HOLD_OFFER);
}

/* The publisher leaves a server from which rcastsrc does not receive: no EOS. */
GST_START_TEST (test_publisher_leaves_a_second_attempt)
{
  g_autoptr (FakeSignaller) twin = NULL;
  Fixture f;

  /* Registered, so that a second attempt can make a twin of the signaller */
  rig_register ();
  gst_element_register (NULL, "fakesignaller", GST_RANK_NONE,
      FAKE_TYPE_SIGNALLER);
  fixture_init (&f, "rcastsrc name=r end-on-stream-end=true "
      "location=fake://one hedge-delay=50 reconnect-min-delay=10");
  fake_signaller_behave (f.rig.signaller,
      FAKE_KEEPS_FORMER | FAKE_REPORTS_OFTEN);
  fake_signaller_prepare_twin (f.rig.signaller, hold_offer);
  fake_signaller_hold_offer (f.rig.signaller, 2);
  fixture_go_on_air (&f);
  sight_wait (&f.video, &f.video.buffers, 1);
  fake_signaller_say (f.rig.signaller, GST_RCAST_SERVER_HANGUP);
  twin = fake_signaller_wait_twin (f.rig.signaller);
  fake_signaller_wait (twin, FAKE_OFFERS, 1);
  fake_signaller_change_stream (twin, GST_RCAST_STREAM_UNPUBLISHED);
  fake_signaller_sync (twin);
  fake_signaller_release (twin);
  fake_signaller_wait (f.rig.signaller, FAKE_CLOSES, 1);
  sight_wait_more (&f.video, 10);
  assert_equals_int (f.video.eos, 0);
  /* By now rcastsrc receives from the twin's server. */
  fake_signaller_change_stream (twin, GST_RCAST_STREAM_UNPUBLISHED);
  sight_wait (&f.video, &f.video.eos, 1);
  fixture_clear (&f);
}

GST_END_TEST;

static void
ask_for_key_frame (Sight * sight, GstClockTime running_time)
{
  fail_unless (gst_pad_send_event (sight->pad,
          gst_video_event_new_upstream_force_key_unit (running_time, TRUE, 0)));
}

/* Without a request, the other end makes a key frame after 30 s only. */
#define ON_DEMAND (15 * GST_SECOND)

/* The second request follows the first sooner than rcastsrc may send it. */
GST_START_TEST (test_no_key_frame_request_is_lost)
{
  Fixture f;
  GstClockTime start;
  guint keys;

  fixture_init (&f, "rcastsrc name=r");
  fixture_go_on_air (&f);
  sight_wait (&f.video, &f.video.buffers, 40);
  start = f.video.last;
  keys = f.video.keys;
  ask_for_key_frame (&f.video, GST_CLOCK_TIME_NONE);
  sight_wait (&f.video, &f.video.keys, keys + 1);
  ask_for_key_frame (&f.video, GST_CLOCK_TIME_NONE);
  sight_wait (&f.video, &f.video.keys, keys + 2);
  fail_unless (f.video.last_key < start + ON_DEMAND);
  fixture_clear (&f);
}

GST_END_TEST;

/* Like splitmuxsink: requests a key frame at a future time, to begin the next file there */
GST_START_TEST (test_key_frame_at_its_time)
{
  Fixture f;
  GstClockTime at;
  guint keys;

  fixture_init (&f, "rcastsrc name=r");
  fixture_go_on_air (&f);
  sight_wait (&f.video, &f.video.buffers, 40);
  at = f.video.last + GST_SECOND;
  ask_for_key_frame (&f.video, at);
  /* Another sink requests a later key frame. */
  ask_for_key_frame (&f.video, at + GST_SECOND);
  do {
    keys = f.video.keys;
    sight_wait (&f.video, &f.video.keys, keys + 1);
  } while (f.video.last_key < at);
  fail_unless (f.video.last_key < at + ON_DEMAND);
  while (f.video.last_key < at + GST_SECOND) {
    keys = f.video.keys;
    sight_wait (&f.video, &f.video.keys, keys + 1);
  }
  fail_unless (f.video.last_key < at + ON_DEMAND);
  fixture_clear (&f);
}

GST_END_TEST;

static GstPadProbeReturn
on_refused_buffer (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  gst_buffer_unref (GST_PAD_PROBE_INFO_BUFFER (info));
  GST_PAD_PROBE_INFO_FLOW_RETURN (info) = GST_FLOW_FLUSHING;
  return GST_PAD_PROBE_HANDLED;
}

/* Each request costs everybody who watches the same stream. */
GST_START_TEST (test_no_storm_of_requests)
{
  Fixture f;
  guint64 before;
  gulong probe;

  fixture_init (&f, "rcastsrc name=r");
  fixture_go_on_air (&f);
  sight_wait (&f.video, &f.video.buffers, 10);
  sight_wait (&f.audio, &f.audio.buffers, 1);
  before = get_requests (&f);
  probe = gst_pad_add_probe (f.video.pad, GST_PAD_PROBE_TYPE_BUFFER,
      on_refused_buffer, NULL, NULL);
  /* 5 s */
  sight_wait_more (&f.audio, 250);
  fail_unless (get_requests (&f) <= before + 5);
  gst_pad_remove_probe (f.video.pad, probe);
  sight_wait_more (&f.video, 10);
  fixture_clear (&f);
}

GST_END_TEST;

/* SSRC of the other end's video */
#define VIDEO_SSRC 1111

typedef struct
{
  gint wanted;                  /* atomic; lose the next video packet */
  guint16 lost;                 /* streaming thread; sequence number of the lost packet */
  gint has_lost;                /* atomic */
  gint requests;                /* atomic; requests on their way to the server */
  gint deaf;                    /* atomic; drop all requests */
} Loss;

static GstPadProbeReturn
on_packet_in (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  guint8 header[GST_RCAST_RTP_HEADER_SIZE];
  Loss *loss = data;
  guint16 sequence;

  gst_buffer_extract (GST_PAD_PROBE_INFO_BUFFER (info), 0, header,
      sizeof header);
  if (gst_rcast_rtp_read_u32 (header + 8) != VIDEO_SSRC)
    return GST_PAD_PROBE_OK;
  sequence = gst_rcast_rtp_read_u16 (header + 2);
  if (g_atomic_int_compare_and_exchange (&loss->wanted, TRUE, FALSE)) {
    loss->lost = sequence;
    g_atomic_int_set (&loss->has_lost, TRUE);
  }
  return g_atomic_int_get (&loss->has_lost) && sequence == loss->lost ?
      GST_PAD_PROBE_DROP :
      GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
on_request_out (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Loss *loss = data;

  if (!gst_video_event_is_force_key_unit (GST_PAD_PROBE_INFO_EVENT (info)))
    return GST_PAD_PROBE_OK;
  g_atomic_int_inc (&loss->requests);
  return g_atomic_int_get (&loss->deaf) ? GST_PAD_PROBE_DROP :
      GST_PAD_PROBE_OK;
}

/* Returns: (transfer full): the pad in front of the jitter buffers */
static GstPad *
dup_way_in (Fixture * f)
{
  g_autoptr (GstIterator) all =
      gst_bin_iterate_all_by_element_factory_name (GST_BIN (f->rig.sink),
      "rtpssrcdemux");
  GValue value = G_VALUE_INIT;
  GstPad *pad;

  fail_unless (gst_iterator_next (all, &value) == GST_ITERATOR_OK);
  pad = gst_element_get_static_pad (g_value_get_object (&value), "sink");
  g_value_unset (&value);
  return pad;
}

/* Each frame that cannot be decoded calls for a key frame. */
GST_START_TEST (test_asks_less_and_less_often)
{
  Loss loss = { .deaf = TRUE };
  GstClockTime start;
  guint seconds, requests;
  GstPad *pad;
  Fixture f;

  fixture_init (&f, "rcastsrc name=r");
  if (__i__)
    fake_signaller_send_h264 (f.rig.signaller);
  fixture_go_on_air (&f);
  sight_wait (&f.video, &f.video.buffers, 40);
  sight_wait (&f.audio, &f.audio.buffers, 1);
  pad = dup_way_in (&f);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, on_request_out,
      &loss, NULL);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_packet_in, &loss, NULL);
  g_atomic_int_set (&loss.wanted, TRUE);
  /* A busy machine may encode the next picture long after the sound beside it. */
  while (!g_atomic_int_get (&loss.has_lost) || !g_atomic_int_get (&loss.requests))
    sight_wait_more (&f.audio, 1);
  start = gst_util_get_timestamp ();
  /* 3 s */
  sight_wait_more (&f.audio, 150);
  seconds = (gst_util_get_timestamp () - start) / GST_SECOND + 1;
  /* Four requests within the first second, then one each 800 ms */
  requests = g_atomic_int_get (&loss.requests);
  fail_unless (requests >= 5 && requests <= 4 + 2 * seconds, "%u in %u s",
      requests, seconds);
  g_atomic_int_set (&loss.deaf, FALSE);
  /* The encoder makes a key frame of its own after 30 s only. */
  start = gst_util_get_timestamp ();
  sight_wait_more (&f.video, 10);
  fail_unless (gst_util_get_timestamp () - start < ON_DEMAND);
  fixture_clear (&f);
  gst_object_unref (pad);
}

GST_END_TEST;

/* What downstream returns for the first video buffer; whether the application then sends EOS */
static const struct
{
  GstFlowReturn ret;
  gboolean ends;
} last_words[] = {
  {GST_FLOW_EOS, FALSE},
  {GST_FLOW_FLUSHING, TRUE},
  {GST_FLOW_NOT_LINKED, TRUE},
};

static GstPadProbeReturn
on_last_buffer (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  g_autoptr (GstElement) src = gst_pad_get_parent_element (pad);
  gint i = GPOINTER_TO_INT (data);

  if (last_words[i].ends)
    gst_element_send_event (src, gst_event_new_eos ());
  gst_buffer_unref (GST_PAD_PROBE_INFO_BUFFER (info));
  GST_PAD_PROBE_INFO_FLOW_RETURN (info) = last_words[i].ret;
  return GST_PAD_PROBE_HANDLED;
}

static void
add_last_words (GstElement * src, GstPad * pad, gpointer data)
{
  if (g_str_has_prefix (GST_OBJECT_NAME (pad), "video"))
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_last_buffer, data,
        NULL);
}

/* Without EOS on each pad, the pipeline would not end. */
GST_START_TEST (test_each_end_is_told)
{
  Fixture f;

  fixture_init (&f, "rcastsrc name=r");
  g_signal_connect (f.rig.sink, "pad-added", G_CALLBACK (add_last_words),
      GINT_TO_POINTER (__i__));
  rig_set_state (&f.rig, GST_STATE_PLAYING);
  sight_wait (&f.video, &f.video.eos, 1);
  fixture_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_teardown_at_any_time)
{
  static const FakeHold holds[] =
      { FAKE_HOLD_OPEN, FAKE_HOLD_OFFER, FAKE_HOLD_NOTHING, FAKE_HOLD_NOTHING };
  Fixture f;

  fixture_init (&f, "rcastsrc name=r");
  fake_signaller_hold (f.rig.signaller, holds[__i__]);
  rig_set_state (&f.rig, GST_STATE_PLAYING);
  if (__i__ == 0)
    fake_signaller_wait (f.rig.signaller, FAKE_OPENS, 1);
  else
    fake_signaller_wait (f.rig.signaller, FAKE_OFFERS, 1);
  if (__i__ == 3)
    sight_wait (&f.video, &f.video.buffers, 1);
  fixture_clear (&f);
}

GST_END_TEST;

/* The same element, again and again; PAUSED keeps its pads, READY removes them. */
GST_START_TEST (test_states_in_every_order)
{
  Fixture f;

  fixture_init (&f, "rcastsrc name=r");
  assert_equals_int (gst_element_set_state (f.rig.pipeline, GST_STATE_PAUSED),
      GST_STATE_CHANGE_NO_PREROLL);
  fixture_go_on_air (&f);
  sight_wait (&f.video, &f.video.buffers, 5);
  assert_equals_int (gst_element_set_state (f.rig.pipeline, GST_STATE_PAUSED),
      GST_STATE_CHANGE_NO_PREROLL);
  rig_set_state (&f.rig, GST_STATE_PLAYING);
  sight_wait (&f.video, &f.video.disconts, 2);
  assert_equals_int (f.video.pads, 1);
  assert_equals_int (f.video.backwards, 0);
  rig_set_state (&f.rig, GST_STATE_READY);
  assert_equals_int (GST_ELEMENT (f.rig.sink)->numpads, 0);
  f.video.last = f.audio.last = GST_CLOCK_TIME_NONE;
  rig_set_state (&f.rig, GST_STATE_PLAYING);
  sight_wait (&f.video, &f.video.starts, 2);
  sight_wait_more (&f.video, 5);
  assert_equals_int (f.video.pads, 2);
  fixture_clear (&f);
}

GST_END_TEST;

static Suite *
rcastsrc_suite (void)
{
  Suite *s = suite_create ("rcastsrc");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, NULL, rig_abandon);
  if (g_strcmp0 (g_getenv ("CK_FORK"), "no") != 0)
    tcase_add_loop_test (tc, test_certificate_before_the_first_connection, 0, 2);
  tcase_add_test (tc, test_video_and_audio_come_out);
  tcase_add_test (tc, test_same_pads_over_a_new_session);
  tcase_add_loop_test (tc, test_time_is_set_back, 0, 2);
  tcase_add_loop_test (tc, test_server_that_offers, 0,
      G_N_ELEMENTS (offerers));
  tcase_add_test (tc, test_unknown_codec_comes_as_packets);
  tcase_add_test (tc, test_codec_changes);
  tcase_add_test (tc, test_sound_only);
  tcase_add_test (tc, test_nothing_is_asked_for);
  tcase_add_test (tc, test_packets_come_out);
  tcase_add_loop_test (tc, test_stalled_stream, 0, G_N_ELEMENTS (stalls));
  tcase_add_test (tc, test_application_ends_it);
  tcase_add_loop_test (tc, test_end_before_media, 0,
      G_N_ELEMENTS (early_ends));
  tcase_add_loop_test (tc, test_end_before_it_runs, 0, 2);
  tcase_add_loop_test (tc, test_publisher_leaves, 0, 2);
  tcase_add_test (tc, test_publisher_leaves_a_second_attempt);
  tcase_add_test (tc, test_no_key_frame_request_is_lost);
  tcase_add_test (tc, test_key_frame_at_its_time);
  tcase_add_test (tc, test_no_storm_of_requests);
  tcase_add_loop_test (tc, test_asks_less_and_less_often, 0, 2);
  tcase_add_loop_test (tc, test_each_end_is_told, 0,
      G_N_ELEMENTS (last_words));
  tcase_add_loop_test (tc, test_teardown_at_any_time, 0, 4);
  tcase_add_test (tc, test_states_in_every_order);
  return s;
}

GST_CHECK_MAIN (rcastsrc);
