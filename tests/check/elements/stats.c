/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What rcastsink reports about itself: outages, attempts, ICE trouble, a stream that is stuck. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <gst/check/gsttestclock.h>
#include <gst/video/video.h>

#include "gstrcaststream.h"
#include "rcast-check.h"
#include "rcast-message.h"
#include "rig.h"

#define VIDEO "videotestsrc is-live=true ! video/x-raw,width=64,height=64 ! "

/* Returns: (transfer full): the next message of @types that is about @name */
static GstMessage *
wait_for (Rig * rig, GstMessageType types, const gchar * name)
{
  GstMessage *message = NULL;
  g_autoptr (GstRcastStatusInfo) info = NULL;

  do {
    gst_clear_message (&message);
    message = rig_wait (rig, types);
    g_clear_pointer (&info, gst_rcast_status_info_free);
    info = gst_rcast_message_parse_status (message);
  } while (!rig_is_about (message, name));
  return message;
}

static void
expect (Rig * rig, const gchar * name)
{
  gst_message_unref (wait_for (rig, GST_MESSAGE_ELEMENT, name));
}

static GstStructure *
get_stats (Rig * rig)
{
  GstStructure *stats;

  g_object_get (rig->sink, "stats", &stats, NULL);
  return stats;
}

static guint64
number (const GstStructure * stats, const gchar * name)
{
  guint64 value = 0;

  fail_unless (gst_structure_get_uint64 (stats, name, &value), "no %s in %"
      GST_PTR_FORMAT, name, stats);
  return value;
}

static const GstStructure *
inner (const GstStructure * stats, const gchar * name)
{
  const GValue *value = gst_structure_get_value (stats, name);

  fail_unless (value != NULL, "no %s in %" GST_PTR_FORMAT, name, stats);
  return gst_value_get_structure (value);
}

static const GstStructure *
get_attempt (const GstStructure * stats, guint i)
{
  const GValue *history = gst_structure_get_value (stats, "history");

  return gst_value_get_structure (gst_value_list_get_value (history, i));
}

GST_START_TEST (test_an_outage_is_in_the_stats)
{
  Rig rig;
  g_autoptr (GstStructure) before = NULL;
  g_autoptr (GstStructure) during = NULL;
  g_autoptr (GstStructure) after = NULL;
  const GstStructure *attempt, *path;
  GstMessage *message;
  const GValue *history;

  rig_init (&rig, VIDEO "rcastsink name=r");
  fake_signaller_hold_offer (rig.signaller, 2);
  g_object_set (rig.sink, "reconnect-min-delay", 10, NULL);
  rig_set_state (&rig, GST_STATE_PLAYING);
  expect (&rig, "broadcasting");
  before = get_stats (&rig);
  assert_equals_uint64 (number (before, "outages"), 0);
  assert_equals_uint64 (number (before, "outage"), 0);
  assert_equals_string (gst_structure_get_string (before, "last-reason"),
      "none");
  path = inner (inner (before, "peer"), "path");
  fail_unless (number (path, "packets-sent") > 0);
  fail_unless (gst_structure_has_field (path, "local-candidate"));
  /* Stats repeat these values at the top level, for languages that
   * do not keep the outer structure. */
  assert_equals_uint64 (number (before, "path-packets-sent"), number (path,
          "packets-sent"));
  assert_equals_string (gst_structure_get_string (before,
          "path-local-candidate"), gst_structure_get_string (path,
          "local-candidate"));
  assert_equals_uint64 (number (before, "peer-reports"), number (inner (before,
              "peer"), "reports"));

  fake_signaller_drop_answerer (rig.signaller);
  message = wait_for (&rig, GST_MESSAGE_ELEMENT, "reconnecting_broadcast");
  fake_signaller_wait (rig.signaller, FAKE_OFFERS, 2);
  during = get_stats (&rig);
  assert_equals_uint64 (number (during, "outages"), 1);
  fail_unless (number (during, "outage") > 0);
  assert_equals_string (gst_structure_get_string (during, "last-reason"),
      gst_structure_get_string (gst_message_get_structure (message), "reason"));

  fake_signaller_release (rig.signaller);
  expect (&rig, "broadcasting");
  after = get_stats (&rig);
  assert_equals_uint64 (number (after, "outages"), 1);
  assert_equals_uint64 (number (after, "outage"), 0);
  fail_unless (number (after, "last-outage") > 0);
  assert_equals_uint64 (number (after, "total-outage"), number (after,
          "last-outage"));
  history = gst_structure_get_value (after, "history");
  assert_equals_int (gst_value_list_get_size (history), 1);
  attempt = get_attempt (after, 0);
  assert_equals_string (gst_structure_get_string (attempt, "result"),
      "succeeded");
  assert_equals_string (gst_structure_get_string (attempt, "reason"),
      gst_structure_get_string (gst_message_get_structure (message), "reason"));
  assert_equals_uint64 (number (inner (after, "attempts"),
          gst_structure_get_string (attempt, "strategy")), 1);
  fail_unless (number (attempt, "time") / GST_SECOND <=
      (guint64) g_get_real_time () / G_USEC_PER_SEC);
  gst_message_unref (message);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_the_stats_tell_what_ended_a_wait)
{
  Rig rig;
  g_autoptr (GstStructure) waiting = NULL;
  g_autoptr (GstStructure) after = NULL;
  const GstStructure *attempt;

  rig_init (&rig, VIDEO "rcastsink name=r");
  fake_signaller_fail_offers (rig.signaller, 1,
      gst_rcast_error_new_http (GST_RCAST_ERROR_BUSY, "fake://server", 503,
          3600 * GST_SECOND, "not yet"));
  rig_set_state (&rig, GST_STATE_PLAYING);
  expect (&rig, "reconnecting_broadcast");
  waiting = get_stats (&rig);
  attempt = get_attempt (waiting, 0);
  assert_equals_uint64 (number (attempt, "delay"), 60 * GST_SECOND);
  assert_equals_string (gst_structure_get_string (attempt, "hastened-by"),
      "none");

  g_signal_emit_by_name (rig.sink, "reconnect-now");
  expect (&rig, "broadcasting");
  after = get_stats (&rig);
  attempt = get_attempt (after, 0);
  fail_unless (number (attempt, "delay") < 60 * GST_SECOND);
  assert_equals_string (gst_structure_get_string (attempt, "hastened-by"),
      "reconnect-now");
  rig_clear (&rig);
}

GST_END_TEST;

/* docs/elements.md documents all fields in the stats, and nothing else. */
static gboolean
documented (GQuark field, const GValue * value, gpointer text)
{
  const gchar *name = g_quark_to_string (field);
  g_autofree gchar *quoted = NULL;

  /* Flat fields are copies of documented ones. docs/ice.md documents those of the path. */
  if (g_str_has_prefix (name, "path-"))
    return TRUE;
  quoted = g_strdup_printf ("`%s`", g_str_has_prefix (name, "peer-") ?
      name + strlen ("peer-") : name);
  fail_unless (strstr (text, quoted) != NULL,
      "docs/elements.md does not know %s", quoted);
  if (GST_VALUE_HOLDS_STRUCTURE (value)
      && !gst_structure_has_name (gst_value_get_structure (value),
          "application/x-rcast-ice-path"))
    gst_structure_foreach (gst_value_get_structure (value), documented, text);
  return TRUE;
}

GST_START_TEST (test_the_documentation_has_every_field)
{
  Rig rig;
  g_autoptr (GstStructure) stats = NULL;
  g_autofree gchar *text = NULL;

  fail_unless (g_file_get_contents (SOURCE_ROOT "/docs/elements.md", &text,
          NULL, NULL));
  rig_init (&rig, VIDEO "rcastsink name=r");
  rig_set_state (&rig, GST_STATE_PLAYING);
  expect (&rig, "broadcasting");
  stats = get_stats (&rig);
  gst_structure_foreach (stats, documented, text);
  rig_clear (&rig);
}

GST_END_TEST;

static GstPadProbeReturn
drop_all (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  return GST_PAD_PROBE_DROP;
}

/* A second of the test clock passes in a moment, in which no ICE pair recovers. */
static GstTestClock *
start_patient (Rig * rig)
{
  g_object_set (rig->sink, "ice-disconnected-timeout", G_MAXINT,
      "media-timeout", 60000, NULL);
  return rig_start_with_test_clock (rig);
}

/* Returns: (transfer full) */
static GstRcastStream *
get_stream (Rig * rig, const gchar * name)
{
  g_autoptr (GstPad) ghost = gst_element_get_static_pad (rig->sink, name);
  g_autoptr (GstPad) pad = gst_ghost_pad_get_target (GST_GHOST_PAD (ghost));

  return GST_RCAST_STREAM (gst_pad_get_parent_element (pad));
}

/* Cranks the clock until the sink has checked its streams once more. */
static void
crank_check (Rig * rig, GstTestClock * clock)
{
  g_autoptr (GstRcastStream) stream = get_stream (rig, "video_0");
  gint64 end = rcast_check_get_end ();
  GstRcastStall stall;
  GstClockTime before;

  gst_rcast_stream_get_stall (stream, &stall);
  before = stall.last;
  do {
    rig_turn (end, "the next check of the streams");
    rig_crank (rig, clock, GST_SECOND);
    gst_rcast_stream_get_stall (stream, &stall);
  } while (stall.last == before);
}

/* Returns when the stream has sent more packets, or only lacks a key frame to do so. */
static void
wait_for_packets (Rig * rig, const gchar * name)
{
  g_autoptr (GstRcastStream) stream = get_stream (rig, name);
  gint64 end = rcast_check_get_end ();
  GstRcastStall stall, now;

  gst_rcast_stream_get_stall (stream, &stall);
  do {
    rig_turn (end, name);
    gst_rcast_stream_get_stall (stream, &now);
  } while (now.sent == stall.sent
      && !(now.lacks_key && now.made != stall.made));
}

/* Returns when the stream knows its caps. */
static void
wait_for_caps (Rig * rig, const gchar * name)
{
  g_autoptr (GstRcastStream) stream = get_stream (rig, name);
  gint64 end = rcast_check_get_end ();
  GstRcastStall stall;

  do {
    rig_turn (end, name);
    gst_rcast_stream_get_stall (stream, &stall);
  } while (!stall.known);
}

/* Cranks by seconds, in each of which all streams of @flowing send packets, until a message of
 * @types is about @name. Fails after @seconds. Returns: (transfer full) */
static GstMessage *
wait_by_seconds (Rig * rig, GstTestClock * clock, const gchar * const *flowing,
    guint seconds, GstMessageType types, const gchar * name)
{
  for (guint i = 0; i < seconds; i++) {
    GstMessage *message;

    for (guint k = 0; flowing[k]; k++)
      wait_for_packets (rig, flowing[k]);
    crank_check (rig, clock);
    while ((message = gst_bus_pop_filtered (rig->bus, types))) {
      if (rig_is_about (message, name))
        return message;
      gst_message_unref (message);
    }
  }
  fail ("nothing came about %s in %u s", name, seconds);
  return NULL;
}

static const gchar *const single[] = { "video_0", NULL };

GST_START_TEST (test_a_stuck_stream_is_named_until_it_flows)
{
  static const gchar *const others[] = { "video_0", "audio_0", NULL };
  static const gchar *const all[] = { "video_0", "audio_0", "video_1", NULL };
  Rig rig;
  GstTestClock *clock;
  GstMessage *message;
  g_autoptr (GstPad) pad = NULL;
  g_autoptr (GError) error = NULL;
  const gchar *name;
  gboolean stalled;
  GstRcastStage stage;
  GstClockTime duration;
  gulong probe;
  g_autoptr (GstStructure) stats = NULL;

  rig_init (&rig, "rcastsink name=r stream-timeout=3000  " VIDEO "r.  "
      VIDEO "queue ! r.  audiotestsrc is-live=true ! r.");
  clock = start_patient (&rig);
  rig_set_state (&rig, GST_STATE_PLAYING);
  rig_crank_to_signalling (&rig, clock);
  expect (&rig, "broadcasting");
  pad = gst_element_get_static_pad (rig.sink, "video_1");
  probe = gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, drop_all, NULL,
      NULL);
  message = wait_by_seconds (&rig, clock, others, 15, GST_MESSAGE_WARNING,
      "video_1");
  fail_unless (gst_rcast_message_parse_stream (message, &name, &stalled,
          &stage, &duration));
  fail_unless (stalled);
  assert_equals_int (stage, GST_RCAST_STAGE_SOURCE);
  fail_unless (duration >= 3 * GST_SECOND);
  gst_message_parse_warning (message, &error, NULL);
  fail_unless (g_str_has_prefix (error->message, "video_1 has sent nothing"));
  gst_message_unref (message);

  gst_pad_remove_probe (pad, probe);
  message = wait_by_seconds (&rig, clock, all, 10, GST_MESSAGE_ELEMENT,
      "video_1");
  fail_unless (gst_rcast_message_parse_stream (message, &name, &stalled,
          &stage, &duration));
  fail_if (stalled);
  gst_message_unref (message);
  stats = get_stats (&rig);
  assert_equals_string (gst_structure_get_string (stats, "status"),
      "broadcasting");
  assert_equals_uint64 (number (stats, "outages"), 0);
  assert_equals_int (fake_signaller_wait (rig.signaller, FAKE_OFFERS, 1), 1);
  rig_clear (&rig);
  gst_object_unref (clock);
}

GST_END_TEST;

/* No other stream is there to show that time goes on. */
GST_START_TEST (test_the_only_stream_is_named_until_it_flows)
{
  static const gchar *const none[] = { NULL };
  Rig rig;
  GstTestClock *clock;
  GstMessage *message;
  g_autoptr (GstPad) pad = NULL;
  gboolean stalled;
  GstRcastStage stage;
  gulong probe;

  rig_init (&rig, "rcastsink name=r stream-timeout=3000  " VIDEO "r.");
  clock = start_patient (&rig);
  rig_set_state (&rig, GST_STATE_PLAYING);
  rig_crank_to_signalling (&rig, clock);
  expect (&rig, "broadcasting");
  pad = gst_element_get_static_pad (rig.sink, "video_0");
  probe = gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, drop_all, NULL,
      NULL);
  message = wait_by_seconds (&rig, clock, none, 15, GST_MESSAGE_WARNING,
      "video_0");
  fail_unless (gst_rcast_message_parse_stream (message, NULL, &stalled,
          &stage, NULL));
  fail_unless (stalled);
  assert_equals_int (stage, GST_RCAST_STAGE_SOURCE);
  gst_message_unref (message);

  gst_pad_remove_probe (pad, probe);
  message = wait_by_seconds (&rig, clock, single, 10, GST_MESSAGE_ELEMENT,
      "video_0");
  fail_unless (gst_rcast_message_parse_stream (message, NULL, &stalled, NULL,
          NULL));
  fail_if (stalled);
  gst_message_unref (message);
  assert_equals_int (fake_signaller_wait (rig.signaller, FAKE_OFFERS, 1), 1);
  rig_clear (&rig);
  gst_object_unref (clock);
}

GST_END_TEST;

/* A camera with its parameter sets in the caps only, which ignores requests for key frames */
static GstPadProbeReturn
drop_sets_and_requests (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  guint8 head[13] = { 0 };

  if (info->type & GST_PAD_PROBE_TYPE_EVENT_UPSTREAM)
    return gst_video_event_is_force_key_unit (GST_PAD_PROBE_INFO_EVENT (info)) ?
        GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
  gst_buffer_extract (GST_PAD_PROBE_INFO_BUFFER (info), 0, head, sizeof (head));
  return (head[12] & 0x1f) == 7 || (head[12] & 0x1f) == 8 ?
      GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

static void
rig_init_refreshing (Rig * rig, const gchar * settings)
{
  g_autofree gchar *line = g_strdup_printf ("rcastsink name=r %s  " VIDEO
      "videoconvert ! video/x-raw,format=I420 ! x264enc intra-refresh=true "
      "key-int-max=10 tune=zerolatency ! rtph264pay aggregate-mode=none "
      "mtu=1200 ! identity ! r.", settings);
  g_autoptr (GstPad) pad = NULL;

  rig_init (rig, line);
  pad = gst_element_get_static_pad (rig->sink, "video_0");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, drop_sets_and_requests, NULL, NULL);
}

GST_START_TEST (test_a_source_without_key_frames_is_named)
{
  Rig rig;
  GstTestClock *clock;
  GstMessage *message;
  GstRcastStage stage;

  if (!gst_registry_check_feature_version (gst_registry_get (), "x264enc", 1, 0,
          0))
    return;
  rig_init_refreshing (&rig, "stream-timeout=3000");
  clock = start_patient (&rig);
  gst_element_set_state (rig.pipeline, GST_STATE_PLAYING);
  rig_crank_to_signalling (&rig, clock);
  expect (&rig, "connected");
  message = wait_by_seconds (&rig, clock, single, 25, GST_MESSAGE_WARNING,
      "video_0");
  fail_unless (gst_rcast_message_parse_stream (message, NULL, NULL, &stage,
          NULL));
  assert_equals_int (stage, GST_RCAST_STAGE_KEY_FRAME);
  gst_message_unref (message);
  rig_clear (&rig);
  gst_object_unref (clock);
}

GST_END_TEST;

/* The server reports that it receives nothing, or stops reporting. */
GST_START_TEST (test_a_minute_without_a_confirmation_is_told_once)
{
  Rig rig;
  GstTestClock *clock;
  GstMessage *message;
  const GstStructure *details;
  gboolean reports = __i__;
  guint64 duration;

  rig_init (&rig, "rcastsink name=r  videotestsrc is-live=true ! "
      "video/x-raw,width=64,height=64,framerate=100/1 ! r.");
  if (!reports)
    fake_signaller_behave (rig.signaller, FAKE_HEARS_NOTHING);
  clock = start_patient (&rig);
  gst_element_set_state (rig.pipeline, GST_STATE_PLAYING);
  rig_crank_to_signalling (&rig, clock);
  expect (&rig, reports ? "broadcasting" : "connected");
  if (reports)
    fake_signaller_end_reports (rig.signaller);
  message = wait_by_seconds (&rig, clock, single, 200, GST_MESSAGE_WARNING,
      "media-unconfirmed");
  gst_message_parse_warning_details (message, &details);
  fail_unless (gst_structure_get_uint64 (details, "duration", &duration));
  fail_unless (duration >= 60 * GST_SECOND && duration < 62 * GST_SECOND);
  gst_message_unref (message);
  for (guint i = 0; i < 70; i++) {
    wait_for_packets (&rig, "video_0");
    crank_check (&rig, clock);
  }
  while ((message = gst_bus_pop_filtered (rig.bus, GST_MESSAGE_WARNING))) {
    fail_if (rig_is_about (message, "media-unconfirmed"));
    gst_message_unref (message);
  }
  rig_clear (&rig);
  gst_object_unref (clock);
}

GST_END_TEST;

GST_START_TEST (test_a_source_without_key_frames_starts_at_a_recovery_point)
{
  Rig rig;

  if (!gst_registry_check_feature_version (gst_registry_get (), "x264enc", 1, 0,
          0))
    return;
  rig_init_refreshing (&rig, "video-start=recovery-point");
  rig_go_on_air (&rig);
  rig_clear (&rig);
}

GST_END_TEST;

/* Pipelines in which audio_0 never gets caps, and the cause that the warning has to name */
static const struct
{
  const gchar *source;
  const gchar *cause;
} silent_pads[] = {
  /* Live sources: the pipeline runs. */
  {VIDEO "r.  queue name=q ! r.audio_0", "q is linked to nothing"},
  /* Not live: the pipeline never ends its preroll. */
  {"videotestsrc ! r.  queue name=q ! r.audio_0", "q is linked to nothing"},
  {"videotestsrc ! r.  queue name=q ! audioconvert ! queue ! r.audio_0",
      "q is linked to nothing"},
  {VIDEO "r.  appsrc name=a ! r.audio_0", "a has sent no caps"},
  {VIDEO "r.  appsrc is-live=true name=a ! r.audio_0", "a has sent no caps"},
};

GST_START_TEST (test_a_pad_without_caps_is_named_before_the_start)
{
  Rig rig;
  GstTestClock *clock;
  GstMessage *message;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *line = g_strconcat ("rcastsink name=r stream-timeout=3000  ",
      silent_pads[__i__].source, NULL);
  const gchar *name;
  gboolean stalled;
  GstRcastStage stage;

  rig_init (&rig, line);
  clock = rig_start_with_test_clock (&rig);
  gst_element_set_state (rig.pipeline, GST_STATE_PLAYING);
  message = rig_crank_until (&rig, clock, GST_MESSAGE_WARNING, "audio_0");
  fail_unless (gst_rcast_message_parse_stream (message, &name, &stalled,
          &stage, NULL));
  assert_equals_string (name, "audio_0");
  fail_unless (stalled);
  assert_equals_int (stage, GST_RCAST_STAGE_LINK);
  gst_message_parse_warning (message, &error, NULL);
  fail_unless (strstr (error->message, silent_pads[__i__].cause) != NULL, "%s",
      error->message);
  gst_message_unref (message);
  rig_clear (&rig);
  gst_object_unref (clock);
}

GST_END_TEST;

/* The element whose source pad is unlinked on air, and the cause in the warning */
static const struct
{
  const gchar *element;
  const gchar *cause;
} lost_links[] = {
  {"q", " while other streams flow: nothing is linked to it"},
  {"c", " while other streams flow: q is linked to nothing"},
};

GST_START_TEST (test_a_pad_that_is_unlinked_on_air_is_named)
{
  Rig rig;
  GstTestClock *clock;
  GstMessage *message;
  g_autoptr (GstElement) element = NULL;
  g_autoptr (GstPad) pad = NULL, peer = NULL;
  g_autoptr (GError) error = NULL;
  GstRcastStage stage;

  rig_init (&rig, "rcastsink name=r stream-timeout=3000  " VIDEO "r.  "
      VIDEO "capsfilter name=c ! queue name=q ! r.");
  clock = start_patient (&rig);
  rig_set_state (&rig, GST_STATE_PLAYING);
  rig_crank_to_signalling (&rig, clock);
  expect (&rig, "broadcasting");
  wait_for_packets (&rig, "video_1");
  element = gst_bin_get_by_name (GST_BIN (rig.pipeline),
      lost_links[__i__].element);
  pad = gst_element_get_static_pad (element, "src");
  peer = gst_pad_get_peer (pad);
  /* Without this probe, the source of the pad would end with an error. */
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, drop_all, NULL, NULL);
  fail_unless (gst_pad_unlink (pad, peer));
  message = wait_by_seconds (&rig, clock, single, 15, GST_MESSAGE_WARNING,
      "video_1");
  fail_unless (gst_rcast_message_parse_stream (message, NULL, NULL, &stage,
          NULL));
  assert_equals_int (stage, GST_RCAST_STAGE_SOURCE);
  gst_message_parse_warning (message, &error, NULL);
  fail_unless (g_str_has_prefix (error->message, "video_1 has sent nothing for ")
      && strstr (error->message, lost_links[__i__].cause), "%s",
      error->message);
  gst_message_unref (message);
  rig_clear (&rig);
  gst_object_unref (clock);
}

GST_END_TEST;

static GstPadProbeReturn
note_buffer (GstPad * pad, GstPadProbeInfo * info, gpointer seen)
{
  g_async_queue_push (seen, pad);
  return GST_PAD_PROBE_REMOVE;
}

/* Waits until the pad has caps and a buffer, from the source's own thread. */
static void
wait_for_buffer (Rig * rig, const gchar * name)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (rig->sink, name);
  g_autoptr (GAsyncQueue) seen = g_async_queue_new ();

  fail_unless (gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, note_buffer,
          g_async_queue_ref (seen), (GDestroyNotify) g_async_queue_unref) != 0);
  gst_element_set_state (rig->pipeline, GST_STATE_PLAYING);
  fail_unless (g_async_queue_timeout_pop (seen, PATIENCE / 1000) == pad);
}

/* Another sink in the pipeline gets no data, which keeps the pipeline from PLAYING. */
GST_START_TEST (test_a_preroll_that_does_not_end_is_told)
{
  Rig rig;
  GstTestClock *clock;
  GstMessage *message;
  g_autoptr (GError) error = NULL;
  const gchar *name;
  gboolean stalled;
  GstRcastStage stage;

  rig_init (&rig, "rcastsink name=r stream-timeout=3000  videotestsrc ! r.  "
      "appsrc ! fakesink name=other");
  clock = rig_start_with_test_clock (&rig);
  wait_for_buffer (&rig, "video_0");
  message = rig_crank_until (&rig, clock, GST_MESSAGE_WARNING, "video_0");
  fail_unless (gst_rcast_message_parse_stream (message, &name, &stalled,
          &stage, NULL));
  assert_equals_string (name, "video_0");
  fail_unless (stalled);
  assert_equals_int (stage, GST_RCAST_STAGE_PREROLL);
  gst_message_parse_warning (message, &error, NULL);
  fail_unless (g_str_has_suffix (error->message, "the pipeline does not get "
          "to PLAYING, as it waits for the first data of other"), "%s",
      error->message);
  gst_message_unref (message);
  rig_clear (&rig);
  gst_object_unref (clock);
}

GST_END_TEST;

static GstPadProbeReturn
note_block (GstPad * pad, GstPadProbeInfo * info, gpointer seen)
{
  g_async_queue_push (seen, pad);
  return GST_PAD_PROBE_OK;
}

/* Sources that push no data for now */
static const gchar *const late_sources[] = {
  "appsrc name=a is-live=true format=time "
      "caps=audio/x-mulaw,rate=8000,channels=1 ! r.audio_0",
  /* The application blocks the sink's pad with a probe. */
  "audiotestsrc is-live=true ! r.audio_0",
  /* Caps arrive, but no buffer follows. */
  "audiotestsrc is-live=true ! valve name=v drop=true "
      "drop-mode=forward-sticky-events ! r.audio_0",
};

static void
push_sound (GstElement * source)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 160, NULL);
  GstFlowReturn ret;

  g_signal_emit_by_name (source, "push-buffer", buffer, &ret);
  fail_unless_equals_int (ret, GST_FLOW_OK);
  gst_buffer_unref (buffer);
}

/* Waits until the probe holds something back in @pad. Returns: the id of the probe */
static gulong
block (Rig * rig, GstPad * pad)
{
  g_autoptr (GAsyncQueue) seen = g_async_queue_new ();
  gulong id = gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BLOCK_DOWNSTREAM,
      note_block, g_async_queue_ref (seen),
      (GDestroyNotify) g_async_queue_unref);

  rig_set_state (rig, GST_STATE_PLAYING);
  fail_unless (g_async_queue_timeout_pop (seen, PATIENCE / 1000) == pad);
  return id;
}

static guint64
count_sent (Rig * rig, const gchar * name)
{
  g_autoptr (GstStructure) stats = get_stats (rig);

  return number (inner (stats, name), "packets-sent");
}

/* The pad's media is sent, too, once data arrives. */
GST_START_TEST (test_a_pad_without_data_is_waited_for_so_long)
{
  Rig rig;
  GstTestClock *clock;
  g_autoptr (GstPad) pad = NULL;
  g_autoptr (GstElement) source = NULL;
  g_autoptr (GstElement) valve = NULL;
  g_autofree gchar *line = g_strconcat ("rcastsink name=r start-timeout=4000  "
      VIDEO "r.  ", late_sources[__i__], NULL);
  gulong probe = 0;
  gint64 end;

  rig_init (&rig, line);
  pad = gst_element_get_static_pad (rig.sink, "audio_0");
  source = gst_bin_get_by_name (GST_BIN (rig.pipeline), "a");
  valve = gst_bin_get_by_name (GST_BIN (rig.pipeline), "v");
  clock = start_patient (&rig);
  if (!source && !valve)
    probe = block (&rig, pad);
  rig_set_state (&rig, GST_STATE_PLAYING);
  wait_for_caps (&rig, "video_0");
  gst_message_unref (rig_crank_until (&rig, clock, GST_MESSAGE_ELEMENT,
          "signalling"));
  expect (&rig, "broadcasting");
  assert_equals_int (fake_signaller_wait (rig.signaller, FAKE_OFFERS, 1), 1);
  assert_equals_uint64 (count_sent (&rig, "audio_0"), 0);

  if (valve)
    g_object_set (valve, "drop", FALSE, NULL);
  if (probe != 0)
    gst_pad_remove_probe (pad, probe);
  end = rcast_check_get_end ();
  while (count_sent (&rig, "audio_0") == 0) {
    if (source)
      push_sound (source);
    rig_turn (end, "sound");
    rig_crank (&rig, clock, GST_SECOND / 2);
  }
  rig_clear (&rig);
  gst_object_unref (clock);
}

GST_END_TEST;

static GstPadProbeReturn
refuse_latency (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  return GST_QUERY_TYPE (GST_PAD_PROBE_INFO_QUERY (info)) == GST_QUERY_LATENCY ?
      GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

/* A live source may wait in PAUSED, even if it cannot tell its latency before it has caps. In
 * PLAYING, the sink warns about it. */
GST_START_TEST (test_a_live_source_in_paused_is_not_reported)
{
  Rig rig;
  GstTestClock *clock;
  GstMessage *warning;
  g_autoptr (GstPad) pad = NULL;
  g_autoptr (GError) error = NULL;

  rig_init (&rig, "rcastsink name=r stream-timeout=3000  "
      "appsrc is-live=true format=time ! r.video_0");
  pad = gst_element_get_static_pad (rig.sink, "video_0");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_QUERY_UPSTREAM, refuse_latency,
      NULL, NULL);
  clock = rig_start_with_test_clock (&rig);
  fail_unless_equals_int (gst_element_set_state (rig.pipeline,
          GST_STATE_PAUSED), GST_STATE_CHANGE_NO_PREROLL);
  for (guint i = 0; i < 8; i++) {
    crank_check (&rig, clock);
  }
  warning = gst_bus_pop_filtered (rig.bus, GST_MESSAGE_WARNING);
  if (warning)
    gst_message_parse_warning (warning, &error, NULL);
  fail_unless (warning == NULL, "%s", error ? error->message : "");

  gst_element_set_state (rig.pipeline, GST_STATE_PLAYING);
  gst_message_unref (rig_crank_until (&rig, clock, GST_MESSAGE_WARNING, "video_0"));
  rig_clear (&rig);
  gst_object_unref (clock);
}

GST_END_TEST;

static Suite *
stats_suite (void)
{
  Suite *s = suite_create ("stats");
  TCase *tc = tcase_create ("general");

  rcast_check_survive_plugins ();
  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_checked_fixture (tc, NULL, rig_abandon);
  tcase_add_test (tc, test_an_outage_is_in_the_stats);
  tcase_add_test (tc, test_the_stats_tell_what_ended_a_wait);
  tcase_add_test (tc, test_the_documentation_has_every_field);
  tcase_add_test (tc, test_a_stuck_stream_is_named_until_it_flows);
  tcase_add_test (tc, test_the_only_stream_is_named_until_it_flows);
  tcase_add_test (tc, test_a_source_without_key_frames_is_named);
  tcase_add_loop_test (tc, test_a_minute_without_a_confirmation_is_told_once, 0,
      2);
  tcase_add_test (tc, test_a_source_without_key_frames_starts_at_a_recovery_point);
  tcase_add_loop_test (tc, test_a_pad_that_is_unlinked_on_air_is_named, 0,
      G_N_ELEMENTS (lost_links));
  tcase_add_test (tc, test_a_preroll_that_does_not_end_is_told);
  tcase_add_loop_test (tc, test_a_pad_without_caps_is_named_before_the_start, 0,
      G_N_ELEMENTS (silent_pads));
  tcase_add_loop_test (tc, test_a_pad_without_data_is_waited_for_so_long, 0,
      G_N_ELEMENTS (late_sources));
  tcase_add_test (tc, test_a_live_source_in_paused_is_not_reported);
  return s;
}

GST_CHECK_MAIN (stats);
