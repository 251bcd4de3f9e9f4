/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Received packets get into webrtcbin on the agent's thread, which never waits for room. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "gstrcasticeinlet.h"
#include "gstrcasticesrc.h"

#define ROOM 10
#define N_PACKETS 1000

/* What is behind the source in webrtcbin */
typedef struct
{
  GstRcastIcePublisher *publisher;
  GstRcastIceInlet *inlet;
  GstElement *pipeline;
  GstElement *src, *queue;
  GstPad *out;                  /* of the queue */
  gulong block;

  GMutex lock;
  GCond cond;
  gboolean held;                /* lock */
  GArray *came;                 /* lock; of guint */
  GstClockTime last;            /* lock */
} World;

static GstPadProbeReturn
on_packet (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  World *world = data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  guint number;

  fail_unless_equals_int (gst_buffer_extract (buffer, 0, &number,
          sizeof number), sizeof number);
  g_mutex_lock (&world->lock);
  fail_unless (GST_BUFFER_PTS_IS_VALID (buffer));
  fail_unless (GST_BUFFER_PTS (buffer) >= world->last);
  fail_unless_equals_uint64 (GST_BUFFER_DTS (buffer), GST_BUFFER_PTS (buffer));
  world->last = GST_BUFFER_PTS (buffer);
  g_array_append_val (world->came, number);
  g_cond_signal (&world->cond);
  g_mutex_unlock (&world->lock);
  return GST_PAD_PROBE_OK;
}

static void
init (World * world)
{
  g_autoptr (GObject) stream = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (GstElement) end = NULL;
  g_autoptr (GstPad) pad = NULL;

  *world = (World) { gst_rcast_ice_publisher_new ("test"),
    gst_rcast_ice_inlet_new ()
  };
  world->came = g_array_new (FALSE, FALSE, sizeof (guint));
  world->src = gst_rcast_ice_src_new (stream, world->publisher, world->inlet);
  world->pipeline = gst_parse_launch ("capsfilter name=first "
      "caps=application/x-rtp ! queue name=queue max-size-buffers="
      G_STRINGIFY (ROOM) " ! fakesink name=end sync=false async=false", NULL);
  gst_bin_add (GST_BIN (world->pipeline), world->src);
  end = gst_bin_get_by_name (GST_BIN (world->pipeline), "first");
  fail_unless (gst_element_link (world->src, end));
  gst_object_unref (end);
  end = gst_bin_get_by_name (GST_BIN (world->pipeline), "end");
  pad = gst_element_get_static_pad (end, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_packet, world, NULL);
  world->queue = gst_bin_get_by_name (GST_BIN (world->pipeline), "queue");
  world->out = gst_element_get_static_pad (world->queue, "src");
}

static void
play (World * world)
{
  gst_element_set_state (world->pipeline, GST_STATE_PLAYING);
  gst_element_get_state (world->pipeline, NULL, NULL, GST_CLOCK_TIME_NONE);
}

static void
clear (World * world)
{
  gst_element_set_state (world->pipeline, GST_STATE_NULL);
  gst_object_unref (world->out);
  gst_object_unref (world->queue);
  gst_object_unref (world->src);
  gst_object_unref (world->pipeline);
  g_array_unref (world->came);
  gst_rcast_ice_inlet_unref (world->inlet);
  gst_rcast_ice_publisher_free (world->publisher);
}

static void
push (World * world, guint number)
{
  gst_rcast_ice_inlet_push (world->inlet, (const guint8 *) &number,
      sizeof number);
}

/* Until @number has come */
static void
expect (World * world, guint number)
{
  g_mutex_lock (&world->lock);
  while (world->came->len == 0
      || g_array_index (world->came, guint, world->came->len - 1) != number)
    g_cond_wait (&world->cond, &world->lock);
  g_mutex_unlock (&world->lock);
}

GST_START_TEST (test_packets_come_in_their_order_and_time)
{
  World world;

  init (&world);
  play (&world);
  for (guint i = 0; i < 3; i++) {
    push (&world, i);
    expect (&world, i);
  }
  fail_unless_equals_int (world.came->len, 3);
  fail_unless_equals_uint64 (gst_rcast_ice_inlet_get_dropped (world.inlet), 0);
  clear (&world);
}

GST_END_TEST;

/* Before it plays and after it, and it plays again. */
GST_START_TEST (test_a_source_that_does_not_play_takes_nothing)
{
  World world;

  init (&world);
  push (&world, 0);
  for (guint i = 1; i < 4; i++) {
    play (&world);
    world.last = 0;
    push (&world, i);
    expect (&world, i);
    gst_element_set_state (world.pipeline, GST_STATE_READY);
    push (&world, 100);
  }
  fail_unless_equals_int (world.came->len, 3);
  fail_unless_equals_uint64 (gst_rcast_ice_inlet_get_dropped (world.inlet), 4);
  clear (&world);
}

GST_END_TEST;

static GstPadProbeReturn
hold (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  World *world = data;

  g_mutex_lock (&world->lock);
  world->held = TRUE;
  g_cond_signal (&world->cond);
  g_mutex_unlock (&world->lock);
  return GST_PAD_PROBE_OK;
}

/* Until the queue's thread has the first packet, and takes no other one */
static void
expect_held (World * world)
{
  g_mutex_lock (&world->lock);
  while (!world->held)
    g_cond_wait (&world->cond, &world->lock);
  g_mutex_unlock (&world->lock);
}

/* What webrtcbin does not take must not keep the agent from its checks. */
GST_START_TEST (test_a_full_queue_never_blocks)
{
  guint64 dropped;
  World world;

  init (&world);
  play (&world);
  world.block = gst_pad_add_probe (world.out, GST_PAD_PROBE_TYPE_BLOCK
      | GST_PAD_PROBE_TYPE_BUFFER, hold, &world, NULL);
  push (&world, 0);
  expect_held (&world);
  for (guint i = 1; i < N_PACKETS; i++)
    push (&world, i);
  dropped = gst_rcast_ice_inlet_get_dropped (world.inlet);
  gst_pad_remove_probe (world.out, world.block);
  expect (&world, N_PACKETS - 1);
  fail_unless_equals_int (world.came->len, 1 + ROOM);
  fail_unless_equals_uint64 (dropped, N_PACKETS - world.came->len);
  clear (&world);
}

GST_END_TEST;

static GstFlowReturn
refuse (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  gst_buffer_unref (buffer);
  return GST_FLOW_NOT_NEGOTIATED;
}

/* The queue leaves that to the source. */
GST_START_TEST (test_what_is_refused_is_an_error_once)
{
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GstPad) end = NULL;
  World world;

  init (&world);
  end = gst_pad_get_peer (world.out);
  gst_pad_set_chain_function (end, refuse);
  bus = gst_element_get_bus (world.pipeline);
  play (&world);
  do {
    push (&world, 0);
    message = gst_bus_timed_pop_filtered (bus, 10 * GST_MSECOND,
        GST_MESSAGE_ERROR);
  } while (!message);
  fail_unless (GST_MESSAGE_SRC (message) == GST_OBJECT (world.src));
  push (&world, 0);
  push (&world, 0);
  fail_if (gst_bus_have_pending (bus)
      && gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR));
  clear (&world);
}

GST_END_TEST;

static Suite *
ice_inlet_suite (void)
{
  Suite *s = suite_create ("ice-inlet");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_packets_come_in_their_order_and_time);
  tcase_add_test (tc, test_a_source_that_does_not_play_takes_nothing);
  tcase_add_test (tc, test_a_full_queue_never_blocks);
  tcase_add_test (tc, test_what_is_refused_is_an_error_once);
  return s;
}

GST_CHECK_MAIN (ice_inlet);
