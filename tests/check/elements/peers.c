/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The present peer and the former one, without a driver. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "fake-signaller.h"
#include "gstrcastpeers.h"
#include "rcast-check.h"

/* A source, a stream, and peers whose offers a fake signaller answers */
typedef struct
{
  GstElement *pipeline;
  GstElement *stream;
  FakeSignaller *signaller;
  GstRcastLoop *loop;
  GstRcastPeers *peers;

  GMutex lock;
  GCond changed;
  gboolean streams;             /* lock: the stream knows what it can offer */
  guint negotiated;             /* lock */
  guint restarts;               /* lock: offers of an ICE restart */
  guint removed;                /* lock: peers that have left the bin */
  gboolean over;                /* lock */
} Fixture;

static void
note (Fixture * f, guint * counter)
{
  g_mutex_lock (&f->lock);
  (*counter)++;
  g_cond_broadcast (&f->changed);
  g_mutex_unlock (&f->lock);
}

static void
wait_for (Fixture * f, const guint * counter)
{
  g_mutex_lock (&f->lock);
  while (*counter == 0)
    g_cond_wait (&f->changed, &f->lock);
  g_mutex_unlock (&f->lock);
}

static void
on_answered (GObject * source, GAsyncResult * result, gpointer data)
{
  Fixture *f = data;
  g_autofree gchar *answer =
      gst_rcast_signaller_offer_finish (GST_RCAST_SIGNALLER (source), result,
      NULL);

  if (answer)
    gst_rcast_peers_set_answer (f->peers, answer, NULL);
}

static void
on_event (const GstRcastEvent * event, const GError * error, gpointer data)
{
  Fixture *f = data;

  fail_if (event->type == GST_RCAST_EVENT_PEER_FAILED, "%s",
      error ? error->message : "");
  if (event->type == GST_RCAST_EVENT_NEGOTIATED)
    note (f, &f->negotiated);
}

/* The network changes while the first offer waits for its answer. */
static void
on_offer (GstRcastOfferKind kind, const gchar * sdp, gpointer data)
{
  Fixture *f = data;

  if (kind == GST_RCAST_OFFER_RESTART)
    note (f, &f->restarts);
  else
    gst_rcast_peers_restart (f->peers);
  gst_rcast_signaller_offer_async (GST_RCAST_SIGNALLER (f->signaller), kind,
      sdp, NULL, on_answered, f);
}

static void
on_candidate (guint mline, const gchar * ufrag, const gchar * candidate,
    gpointer data)
{
}

static void
on_warning (const GError * error, gpointer data)
{
}

static void
on_restart_due (gpointer data)
{
  Fixture *f = data;

  gst_rcast_peers_restart (f->peers);
}

static void
on_restart_failed (const GError * error, gpointer data)
{
  fail ("%s", error->message);
}

static const GstRcastPeersCallbacks callbacks = {
  .event = on_event,
  .offer = on_offer,
  .candidate = on_candidate,
  .warning = on_warning,
  .restart_due = on_restart_due,
  .restart_failed = on_restart_failed,
};

static void
on_caps (GstRcastStream * stream, Fixture * f)
{
  g_autoptr (GstCaps) caps = gst_rcast_stream_get_offer_caps (stream);

  if (!caps)
    return;
  g_mutex_lock (&f->lock);
  f->streams = TRUE;
  g_cond_broadcast (&f->changed);
  g_mutex_unlock (&f->lock);
}

static void
on_opened (GObject * source, GAsyncResult * result, gpointer data)
{
  Fixture *f = data;
  g_autoptr (GPtrArray) streams = g_ptr_array_new ();
  GstRcastPeerSettings settings = {
    .bundle_policy = GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE,
    .media_timeout = 60000,
  };

  g_ptr_array_add (streams, f->stream);
  fail_unless (gst_rcast_peers_renew (f->peers, streams, &settings, NULL));
}

static gboolean
begin (gpointer data)
{
  Fixture *f = data;

  gst_rcast_signaller_open_async (GST_RCAST_SIGNALLER (f->signaller), NULL,
      on_opened, f);
  return G_SOURCE_REMOVE;
}

static void
on_closed (GObject * source, GAsyncResult * result, gpointer data)
{
  Fixture *f = data;

  g_mutex_lock (&f->lock);
  f->over = TRUE;
  g_cond_broadcast (&f->changed);
  g_mutex_unlock (&f->lock);
}

static gboolean
end (gpointer data)
{
  Fixture *f = data;

  gst_rcast_peers_drop (f->peers);
  gst_rcast_signaller_close_async (GST_RCAST_SIGNALLER (f->signaller), NULL,
      on_closed, f);
  return G_SOURCE_REMOVE;
}

static void
fixture_init (Fixture * f)
{
  GstElement *source = gst_parse_bin_from_description
      ("videotestsrc is-live=true ! video/x-raw,width=64,height=64", TRUE,
      NULL);

  *f = (Fixture) { NULL };
  g_mutex_init (&f->lock);
  g_cond_init (&f->changed);
  f->signaller = gst_object_ref_sink (fake_signaller_new ());
  f->pipeline = gst_pipeline_new (NULL);
  f->stream = gst_rcast_stream_new ("video_0", GST_RCAST_MEDIA_VIDEO);
  gst_bin_add_many (GST_BIN (f->pipeline), source, f->stream, NULL);
  fail_unless (gst_element_link_pads (source, "src", f->stream, "sink"));
  f->loop = gst_rcast_loop_new ("peers");
  f->peers = gst_rcast_peers_new (GST_BIN (f->pipeline), f->loop, &callbacks, f);
  g_signal_connect (f->stream, "offer-caps-changed", G_CALLBACK (on_caps), f);
  gst_element_set_state (f->pipeline, GST_STATE_PLAYING);
  g_mutex_lock (&f->lock);
  while (!f->streams)
    g_cond_wait (&f->changed, &f->lock);
  g_mutex_unlock (&f->lock);
}

static void
fixture_clear (Fixture * f)
{
  gst_rcast_loop_invoke (f->loop, end, f, NULL);
  g_mutex_lock (&f->lock);
  while (!f->over)
    g_cond_wait (&f->changed, &f->lock);
  g_mutex_unlock (&f->lock);
  fail_unless (gst_rcast_peers_wait (f->peers, G_MAXINT64));
  gst_rcast_loop_stop (f->loop);
  gst_rcast_loop_unref (f->loop);
  gst_object_unref (f->peers);
  gst_element_set_state (f->pipeline, GST_STATE_NULL);
  gst_object_unref (f->pipeline);
  gst_object_unref (f->signaller);
  g_mutex_clear (&f->lock);
  g_cond_clear (&f->changed);
}

GST_START_TEST (test_a_restart_that_is_wanted_before_the_first_answer_follows_it)
{
  Fixture f;

  fixture_init (&f);
  gst_rcast_loop_invoke (f.loop, begin, &f, NULL);
  wait_for (&f, &f.negotiated);
  wait_for (&f, &f.restarts);
  fixture_clear (&f);
}

GST_END_TEST;

static gboolean
drop (gpointer data)
{
  Fixture *f = data;

  gst_rcast_peers_drop (f->peers);
  return G_SOURCE_REMOVE;
}

static void
on_removed (GstBin * bin, GstElement * element, Fixture * f)
{
  if (g_str_has_prefix (GST_OBJECT_NAME (element), "peer"))
    note (f, &f->removed);
}

/* Returns: (transfer full): the pad through which webrtcbin gets what it sends */
static GstPad *
find_inner_pad (Fixture * f)
{
  g_autoptr (GstIterator) sessions =
      gst_bin_iterate_all_by_element_factory_name (GST_BIN (f->pipeline),
      "rtpsession");
  g_auto (GValue) session = G_VALUE_INIT;

  fail_unless (gst_iterator_next (sessions, &session) == GST_ITERATOR_OK);
  return gst_element_get_static_pad (g_value_get_object (&session),
      "send_rtp_sink");
}

/* A thread of webrtcbin hangs while it sends. State changes of the bin do not wait for it. */
GST_START_TEST (test_a_webrtcbin_that_does_not_stop_is_left_behind)
{
  g_autoptr (GstElement) session = NULL;
  g_autoptr (GstClock) clock = NULL;
  g_autoptr (GstPad) pad = NULL;
  Fixture f;

  fixture_init (&f);
  gst_rcast_loop_invoke (f.loop, begin, &f, NULL);
  wait_for (&f, &f.negotiated);
  wait_for (&f, &f.restarts);
  pad = find_inner_pad (&f);
  GST_PAD_STREAM_LOCK (pad);
  g_signal_connect (f.pipeline, "element-removed", G_CALLBACK (on_removed), &f);
  gst_rcast_loop_invoke (f.loop, drop, &f, NULL);
  wait_for (&f, &f.removed);
  session = gst_pad_get_parent_element (pad);
  clock = gst_element_get_clock (session);
  fail_unless (clock != NULL);
  gst_clear_object (&session);
  fail_if (gst_rcast_peers_wait (f.peers,
          g_get_monotonic_time () + 1000));
  gst_element_set_state (f.pipeline, GST_STATE_PAUSED);
  GST_PAD_STREAM_UNLOCK (pad);
  gst_clear_object (&pad);
  fixture_clear (&f);
}

GST_END_TEST;

static Suite *
peers_suite (void)
{
  Suite *s = suite_create ("peers");
  TCase *tc = tcase_create ("general");

  rcast_check_survive_plugins ();
  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 60);
  tcase_add_test (tc,
      test_a_restart_that_is_wanted_before_the_first_answer_follows_it);
  tcase_add_test (tc, test_a_webrtcbin_that_does_not_stop_is_left_behind);
  return s;
}

GST_CHECK_MAIN (peers);
