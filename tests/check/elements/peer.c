/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A peer by itself, and what it offers with few or no streams. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "fake-signaller.h"
#include "gstrcastpeer.h"
#include "rcast-check.h"
#include "rcast-error.h"

/* Longer than anything takes on a busy machine */
#define PATIENCE (60 * G_TIME_SPAN_SECOND)

typedef struct
{
  GstRcastLoop *loop;
  GstElement *pipeline;
  FakeSignaller *signaller;
  GstRcastPeer *peer;           /* on the loop's thread */

  GMutex lock;
  GCond changed;
  guint negotiated;             /* lock */
  guint connected;              /* lock */
  guint lost;                   /* lock */
  gboolean invoked;             /* lock */
} Rig;

static void
count (Rig * rig, guint * counter)
{
  g_mutex_lock (&rig->lock);
  (*counter)++;
  g_cond_broadcast (&rig->changed);
  g_mutex_unlock (&rig->lock);
}

/* Waits until @counter, a field of @rig, is not 0. */
static void
wait_for (Rig * rig, const guint * counter)
{
  gint64 end = g_get_monotonic_time () + PATIENCE;

  g_mutex_lock (&rig->lock);
  while (*counter == 0)
    fail_unless (g_cond_wait_until (&rig->changed, &rig->lock, end));
  g_mutex_unlock (&rig->lock);
}

static void
on_answered (GObject * source, GAsyncResult * result, gpointer data)
{
  Rig *rig = data;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *answer = gst_rcast_signaller_offer_finish
      (GST_RCAST_SIGNALLER (source), result, &error);

  fail_unless (answer != NULL, "%s", error ? error->message : "");
  gst_rcast_peer_set_answer (rig->peer, answer, NULL);
}

static void
on_offer (GstRcastPeer * peer, GstRcastOfferKind kind, const gchar * sdp,
    gpointer data)
{
  Rig *rig = data;

  gst_rcast_signaller_offer_async (GST_RCAST_SIGNALLER (rig->signaller), kind,
      sdp, NULL, on_answered, rig);
}

static void
on_negotiated (GstRcastPeer * peer, GstRcastOfferKind kind, gpointer data)
{
  Rig *rig = data;

  count (rig, &rig->negotiated);
}

static void
on_candidate (GstRcastPeer * peer, guint mline, const gchar * ufrag,
    const gchar * candidate, gpointer data)
{
  Rig *rig = data;

  gst_rcast_signaller_add_candidate (GST_RCAST_SIGNALLER (rig->signaller),
      mline, ufrag, candidate);
}

static void
on_connection (GstRcastPeer * peer, GstRcastConnection connection,
    GstRcastReason reason, const GError * error, gpointer data)
{
  Rig *rig = data;

  count (rig, connection == GST_RCAST_CONNECTION_CONNECTED ? &rig->connected :
      &rig->lost);
}

static void
on_failed (GstRcastPeer * peer, const GError * error, gpointer data)
{
  fail ("%s", error->message);
}

/* The other end is gone, so a restart is of no use. */
static void
on_restart_wanted (GstRcastPeer * peer, gpointer data)
{
}

static const GstRcastPeerCallbacks callbacks = {
  .offer = on_offer,
  .negotiated = on_negotiated,
  .candidate = on_candidate,
  .connection = on_connection,
  .restart_wanted = on_restart_wanted,
  .failed = on_failed,
};

static const GstRcastPeerSettings with_channel = {
  .bundle_policy = GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE,
  .media_timeout = 1000,
  .data_channel = TRUE,
}, without_channel = {
  .bundle_policy = GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE,
  .media_timeout = 1000,
};

typedef struct
{
  Rig *rig;
  void (*function) (Rig * rig);
} Invocation;

static gboolean
run (gpointer data)
{
  Invocation *invocation = data;
  Rig *rig = invocation->rig;

  invocation->function (rig);
  g_mutex_lock (&rig->lock);
  rig->invoked = TRUE;
  g_cond_broadcast (&rig->changed);
  g_mutex_unlock (&rig->lock);
  return G_SOURCE_REMOVE;
}

/* Runs @function on the loop's thread, and waits until it returns. */
static void
invoke (Rig * rig, void (*function) (Rig * rig))
{
  Invocation invocation = { rig, function };

  rig->invoked = FALSE;
  gst_rcast_loop_invoke (rig->loop, run, &invocation, NULL);
  g_mutex_lock (&rig->lock);
  while (!rig->invoked)
    g_cond_wait (&rig->changed, &rig->lock);
  g_mutex_unlock (&rig->lock);
}

static void
rig_init (Rig * rig)
{
  *rig = (Rig) {
    .loop = gst_rcast_loop_new ("loop"),
    .pipeline = gst_pipeline_new (NULL),
    .signaller = fake_signaller_new (),
  };
  g_mutex_init (&rig->lock);
  g_cond_init (&rig->changed);
  gst_object_ref_sink (rig->signaller);
  gst_element_set_state (rig->pipeline, GST_STATE_PLAYING);
}

static void
on_opened (GObject * source, GAsyncResult * result, gpointer data)
{
  Rig *rig = data;

  fail_unless (gst_rcast_signaller_open_finish (GST_RCAST_SIGNALLER (source),
          result, NULL));
  gst_rcast_peer_make_offer (rig->peer, GST_RCAST_OFFER_INITIAL);
}

static void
stop (Rig * rig)
{
  if (rig->peer)
    gst_rcast_peer_stop (rig->peer);
  gst_rcast_signaller_close_async (GST_RCAST_SIGNALLER (rig->signaller), NULL,
      NULL, NULL);
}

static void
rig_clear (Rig * rig)
{
  invoke (rig, stop);
  if (rig->peer)
    gst_rcast_peer_tear_down (rig->peer);
  gst_element_set_state (rig->pipeline, GST_STATE_NULL);
  gst_object_unref (rig->pipeline);
  gst_rcast_loop_stop (rig->loop);
  gst_rcast_loop_unref (rig->loop);
  gst_object_unref (rig->signaller);
  g_mutex_clear (&rig->lock);
  g_cond_clear (&rig->changed);
}

static void
start_without_streams (Rig * rig)
{
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  rig->peer = gst_rcast_peer_new ("peer", rig->loop, none, &with_channel,
      &callbacks, rig, &error);
  fail_unless (rig->peer != NULL, "%s", error ? error->message : "");
  gst_element_set_locked_state (GST_ELEMENT (rig->peer), TRUE);
  gst_bin_add (GST_BIN (rig->pipeline), GST_ELEMENT (rig->peer));
  gst_element_set_state (GST_ELEMENT (rig->peer), GST_STATE_PLAYING);
  gst_rcast_signaller_open_async (GST_RCAST_SIGNALLER (rig->signaller), NULL,
      on_opened, rig);
}

GST_START_TEST (test_data_channel_alone_is_connected_and_watched)
{
  g_autoptr (GstStructure) stats = NULL;
  g_autofree gchar *offer = NULL;
  Rig rig;

  rig_init (&rig);
  invoke (&rig, start_without_streams);
  wait_for (&rig, &rig.negotiated);
  wait_for (&rig, &rig.connected);
  offer = fake_signaller_dup_offer (rig.signaller);
  fail_unless (strstr (offer, "m=application") && !strstr (offer, "m=video"));
  stats = gst_rcast_peer_get_stats (rig.peer);
  fail_unless (gst_structure_has_field (stats, "path"));

  fake_signaller_drop_answerer (rig.signaller);
  wait_for (&rig, &rig.lost);
  rig_clear (&rig);
}

GST_END_TEST;

/* Checks that @streams cannot be offered, and that the error says @why. */
static void
expect_refusal (Rig * rig, GPtrArray * streams, const gchar * why)
{
  g_autoptr (GError) error = NULL;

  fail_if (gst_rcast_peer_new ("peer", rig->loop, streams, &without_channel,
          &callbacks, rig, &error));
  fail_unless (error && error->domain == GST_RCAST_ERROR);
  fail_unless (strstr (error->message, why), "%s", error->message);
}

static void
try_nothing (Rig * rig)
{
  g_autoptr (GPtrArray) streams =
      g_ptr_array_new_with_free_func (gst_object_unref);

  expect_refusal (rig, streams, "nothing to offer");
  g_ptr_array_add (streams, gst_object_ref_sink (gst_rcast_stream_new
          ("video_7", GST_RCAST_MEDIA_VIDEO)));
  expect_refusal (rig, streams, "video_7");
}

GST_START_TEST (test_nothing_to_offer_is_refused_before_there_is_an_offer)
{
  Rig rig;

  rig_init (&rig);
  invoke (&rig, try_nothing);
  rig_clear (&rig);
}

GST_END_TEST;

static Suite *
peer_suite (void)
{
  Suite *s = suite_create ("peer");
  TCase *tc = tcase_create ("general");

  rcast_check_survive_plugins ();
  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_test (tc, test_data_channel_alone_is_connected_and_watched);
  tcase_add_test (tc, test_nothing_to_offer_is_refused_before_there_is_an_offer);
  return s;
}

GST_CHECK_MAIN (peer);
