/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A recording of the broadcast loses no frame while the server does not answer for 20 s. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <glib/gstdio.h>

#include "fake-signaller.h"
#include "rcast-check.h"

#define PATIENCE (60 * GST_SECOND)
#define OFFLINE_US (20 * G_USEC_PER_SEC)
#define FRAMES_PER_SECOND 30

typedef struct
{
  GMutex lock;
  GCond changed;
  guint frames;                 /* lock */
  guint holes;                  /* lock */
  GstClockTime last;            /* lock */
} Recording;

/* Called for each frame of the recording branch */
static GstPadProbeReturn
on_recorded (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Recording *recording = data;
  GstClockTime pts = GST_BUFFER_PTS (GST_PAD_PROBE_INFO_BUFFER (info));

  g_mutex_lock (&recording->lock);
  if (recording->frames > 0 && pts - recording->last >
      3 * GST_SECOND / 2 / FRAMES_PER_SECOND)
    recording->holes++;
  recording->last = pts;
  recording->frames++;
  g_cond_broadcast (&recording->changed);
  g_mutex_unlock (&recording->lock);
  return GST_PAD_PROBE_OK;
}

static guint
wait_frames (Recording * recording, guint at_least)
{
  guint frames;

  g_mutex_lock (&recording->lock);
  while (recording->frames < at_least)
    g_cond_wait (&recording->changed, &recording->lock);
  frames = recording->frames;
  g_mutex_unlock (&recording->lock);
  return frames;
}

static void
wait_status (GstBus * bus, const gchar * status)
{
  gboolean found = FALSE;

  while (!found) {
    GstMessage *message = gst_bus_timed_pop_filtered (bus, PATIENCE,
        GST_MESSAGE_ELEMENT | GST_MESSAGE_ERROR);

    fail_unless (message != NULL, "%s did not come", status);
    fail_if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR);
    found = gst_message_has_name (message, status);
    gst_message_unref (message);
  }
}

GST_START_TEST (test_recording_is_whole_while_the_server_is_silent)
{
  g_autofree gchar *file = g_build_filename (g_get_tmp_dir (),
      "rcast-offline-start.mkv", NULL);
  /* The queue before the encoder drops frames, which leaves holes, if anything after it blocks for
   * a second. No queue precedes rcastsink, so a blocked broadcast would block the encoder. */
  g_autofree gchar *description =
      g_strdup_printf ("videotestsrc is-live=true ! "
      "video/x-raw,width=320,height=240,framerate=%d/1 ! "
      "queue leaky=downstream max-size-buffers=%d max-size-time=0 max-size-bytes=0 ! "
      "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=30 ! "
      "video/x-h264,profile=constrained-baseline ! h264parse ! tee name=t  "
      "t. ! queue ! identity name=recorded ! matroskamux ! filesink location=%s  "
      "rcastsink name=r  t. ! r.video_0",
      FRAMES_PER_SECOND, FRAMES_PER_SECOND, file);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) pipeline = gst_parse_launch (description, &error);
  g_autoptr (GstElement) sink = NULL, identity = NULL;
  g_autoptr (GstPad) pad = NULL;
  g_autoptr (GstBus) bus = NULL;
  FakeSignaller *signaller = fake_signaller_new ();
  Recording recording = { 0 };
  guint64 start = g_get_monotonic_time (), dropped = 0;
  g_autoptr (GstStructure) stats = NULL;

  fail_unless (error == NULL, "%s", error ? error->message : "");
  g_mutex_init (&recording.lock);
  g_cond_init (&recording.changed);
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "r");
  identity = gst_bin_get_by_name (GST_BIN (pipeline), "recorded");
  pad = gst_element_get_static_pad (identity, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_recorded, &recording,
      NULL);
  fake_signaller_hold (signaller, FAKE_HOLD_OFFER);
  g_object_set (sink, "signaller", signaller, NULL);
  bus = gst_element_get_bus (pipeline);

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  fake_signaller_wait (signaller, FAKE_OFFERS, 1);
  for (guint frames = 1; g_get_monotonic_time () - start < OFFLINE_US;)
    frames = wait_frames (&recording, frames + 1);
  g_object_get (sink, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, "dropped", &dropped));
  fail_unless (dropped > 0, "nothing was dropped while offline");

  fake_signaller_release (signaller);
  wait_status (bus, "broadcasting");
  fake_signaller_wait (signaller, FAKE_PACKETS, 100);
  wait_frames (&recording, 20 * FRAMES_PER_SECOND);

  g_print ("recorded %u frames, %u holes, %" G_GUINT64_FORMAT
      " packets dropped while offline\n", recording.frames, recording.holes,
      dropped);
  assert_equals_int (recording.holes, 0);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  g_remove (file);
  g_mutex_clear (&recording.lock);
  g_cond_clear (&recording.changed);
}

GST_END_TEST;

static Suite *
offline_start_suite (void)
{
  Suite *s = suite_create ("offline-start");
  TCase *tc = tcase_create ("general");

  rcast_check_survive_plugins ();
  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_test (tc, test_recording_is_whole_while_the_server_is_silent);
  return s;
}

GST_CHECK_MAIN (offline_start);
