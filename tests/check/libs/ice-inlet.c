/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Received packets get into webrtcbin on the agent's thread, which never waits for room. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "gstrcasticeinlet.h"
#include "gstrcasticesrc.h"

#define ROOM 10
#define N_PACKETS 1000
#define LARGE 65000

#define WITH_QUEUE "queue name=queue silent=false max-size-buffers=" \
    G_STRINGIFY (ROOM) " ! "

/* The elements behind the source in webrtcbin */
typedef struct
{
  GstRcastIcePublisher *publisher;
  GstRcastIceInlet *inlet;
  GstElement *pipeline;
  GstElement *src;
  GstElement *queue;            /* nullable */
  GstPad *out;                  /* leads to the end */
  gulong block;
  GThread *thread;              /* pushes */

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
  fail_if (g_thread_self () == world->thread);
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

/* @queue: the elements between the first one and the end */
static void
init_with (World * world, const gchar * queue)
{
  g_autofree gchar *launch = g_strconcat ("capsfilter name=first "
      "caps=application/x-rtp ! ", queue,
      "fakesink name=end sync=false async=false", NULL);
  g_autoptr (GObject) stream = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (GstElement) end = NULL;
  g_autoptr (GstPad) pad = NULL;

  *world = (World) { gst_rcast_ice_publisher_new ("test"),
    gst_rcast_ice_inlet_new ()
  };
  world->thread = g_thread_self ();
  world->came = g_array_new (FALSE, FALSE, sizeof (guint));
  world->src = gst_rcast_ice_src_new (stream, world->publisher, world->inlet);
  world->pipeline = gst_parse_launch (launch, NULL);
  gst_bin_add (GST_BIN (world->pipeline), world->src);
  end = gst_bin_get_by_name (GST_BIN (world->pipeline), "first");
  fail_unless (gst_element_link (world->src, end));
  gst_object_unref (end);
  end = gst_bin_get_by_name (GST_BIN (world->pipeline), "end");
  pad = gst_element_get_static_pad (end, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_packet, world, NULL);
  world->queue = gst_bin_get_by_name (GST_BIN (world->pipeline), "queue");
  world->out = gst_pad_get_peer (pad);
}

static void
init (World * world)
{
  init_with (world, WITH_QUEUE);
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
  gst_clear_object (&world->queue);
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

/* Waits until @count packets have come. */
static void
expect_count (World * world, guint count)
{
  g_mutex_lock (&world->lock);
  while (world->came->len < count)
    g_cond_wait (&world->cond, &world->lock);
  fail_unless_equals_int (world->came->len, count);
  g_mutex_unlock (&world->lock);
}

/* Waits until packet @number has come. */
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

/* The source takes nothing before it plays and after it. It may play again. */
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
  /* Packets that come while nothing takes them are no loss. */
  fail_unless_equals_uint64 (gst_rcast_ice_inlet_get_dropped (world.inlet), 0);
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

/* Waits until the queue's thread has the first packet, and takes no other one. */
static void
expect_held (World * world)
{
  g_mutex_lock (&world->lock);
  while (!world->held)
    g_cond_wait (&world->cond, &world->lock);
  g_mutex_unlock (&world->lock);
}

/* The queue's thread has the first packet, and takes no other one until take_again(). */
static void
stop_taking (World * world)
{
  world->block = gst_pad_add_probe (world->out, GST_PAD_PROBE_TYPE_BLOCK
      | GST_PAD_PROBE_TYPE_BUFFER, hold, world, NULL);
  push (world, 0);
  expect_held (world);
}

static void
take_again (World * world)
{
  gst_pad_remove_probe (world->out, world->block);
}

static void
wait_for_room (GstElement * queue)
{
  g_object_set (queue, "leaky", 0, NULL);
}

/* Limits of the queue, and how many packets it takes; 0: that depends */
static const struct
{
  guint buffers, bytes;
  guint64 time;
  guint taken;
} limits[] = {
  {ROOM, 0, 0, ROOM},
  {0, ROOM * sizeof (guint), 0, ROOM},
  {ROOM, 1000 * sizeof (guint), 0, ROOM},
  {0, 0, 1, 0},
  {100, 0, 0, 100},
};

/* Packets that webrtcbin does not take must not keep the agent from its checks. The queue is
 * webrtcbin's, which may set it at any time to wait for room. */
GST_START_TEST (test_a_full_queue_never_blocks)
{
  guint64 dropped;
  World world;

  init (&world);
  g_object_set (world.queue, "max-size-buffers", limits[__i__].buffers,
      "max-size-bytes", limits[__i__].bytes, "max-size-time",
      limits[__i__].time, NULL);
  play (&world);
  g_signal_connect_after (world.queue, "overrun", G_CALLBACK (wait_for_room),
      NULL);
  stop_taking (&world);
  for (guint i = 1; i < N_PACKETS; i++)
    push (&world, i);
  dropped = gst_rcast_ice_inlet_get_dropped (world.inlet);
  if (limits[__i__].taken > 0)
    fail_unless_equals_uint64 (dropped, N_PACKETS - 1 - limits[__i__].taken);
  fail_unless (dropped > 0);
  take_again (&world);
  expect_count (&world, N_PACKETS - dropped);
  /* There is room again. */
  push (&world, N_PACKETS);
  expect (&world, N_PACKETS);
  fail_unless_equals_uint64 (gst_rcast_ice_inlet_get_dropped (world.inlet),
      dropped);
  clear (&world);
}

GST_END_TEST;

/* The probe on packets sees which thread they come on. */
GST_START_TEST (test_without_a_queue_there_is_one_of_our_own)
{
  g_autofree guint8 *packet = g_malloc0 (LARGE);
  guint64 dropped;
  World world;

  init_with (&world, "");
  for (guint i = 0; i < 3; i++) {
    play (&world);
    world.last = 0;
    push (&world, i);
    expect (&world, i);
    fail_unless_equals_int (GST_BIN_NUMCHILDREN (world.pipeline), 4);
    gst_element_set_state (world.pipeline, GST_STATE_READY);
  }
  play (&world);
  world.last = 0;
  stop_taking (&world);
  for (guint i = 0; i < N_PACKETS; i++)
    gst_rcast_ice_inlet_push (world.inlet, packet, LARGE);
  dropped = gst_rcast_ice_inlet_get_dropped (world.inlet);
  fail_unless (dropped > 0 && dropped < N_PACKETS);
  take_again (&world);
  expect_count (&world, 3 + 1 + N_PACKETS - dropped);
  clear (&world);
}

GST_END_TEST;

static GstFlowReturn
refuse (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  gst_buffer_unref (buffer);
  return GST_FLOW_NOT_NEGOTIATED;
}

/* The queue leaves this error to the source. */
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

static GstFlowReturn
say_end (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  g_atomic_int_inc ((gint *) pad->chaindata);
  gst_buffer_unref (buffer);
  return GST_FLOW_EOS;
}

/* The peer has said goodbye, which is neither a fault nor a loss. */
GST_START_TEST (test_the_end_is_no_error)
{
  g_autoptr (GstPad) end = NULL;
  g_autoptr (GstPad) src = NULL;
  g_autoptr (GstBus) bus = NULL;
  gint ends = 0;
  World world;

  init (&world);
  end = gst_pad_get_peer (world.out);
  src = gst_element_get_static_pad (world.src, "src");
  gst_pad_set_chain_function_full (end, say_end, &ends, NULL);
  bus = gst_element_get_bus (world.pipeline);
  g_object_set (world.queue, "max-size-buffers", 0, "max-size-bytes", 0,
      "max-size-time", G_GUINT64_CONSTANT (0), NULL);
  play (&world);
  while (gst_pad_get_last_flow_return (src) != GST_FLOW_EOS)
    push (&world, 0);
  for (guint i = 0; i < N_PACKETS; i++)
    push (&world, i);
  fail_unless_equals_int (ends, 1);
  fail_unless_equals_uint64 (gst_rcast_ice_inlet_get_dropped (world.inlet), 0);
  fail_if (gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR));
  clear (&world);
}

GST_END_TEST;

/* A flush would take the segment away, and nothing would send another one. */
GST_START_TEST (test_what_is_live_is_not_flushed)
{
  World world;

  init (&world);
  play (&world);
  push (&world, 0);
  expect (&world, 0);
  fail_if (gst_element_send_event (world.src, gst_event_new_flush_start ()));
  fail_if (gst_element_send_event (world.src, gst_event_new_flush_stop (TRUE)));
  push (&world, 1);
  expect (&world, 1);
  fail_if (gst_element_send_event (world.queue, gst_event_new_seek (1,
              GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET, 0,
              GST_SEEK_TYPE_NONE, 0)));
  push (&world, 2);
  expect (&world, 2);
  clear (&world);
}

GST_END_TEST;

static void
on_gone (gpointer inlet, GObject * pad)
{
  fail_unless_equals_uint64 (gst_rcast_ice_inlet_get_dropped (inlet), 0);
}

/* A pad that ends with its reference may call the inlet. */
GST_START_TEST (test_the_last_reference_goes_without_the_lock)
{
  GstRcastIceInlet *inlet = gst_rcast_ice_inlet_new ();

  for (guint i = 0; i < 2; i++) {
    g_autoptr (GstPad) pad =
        gst_object_ref_sink (gst_pad_new (NULL, GST_PAD_SRC));

    g_object_weak_ref (G_OBJECT (pad), on_gone, inlet);
    gst_rcast_ice_inlet_open (inlet, pad);
  }
  gst_rcast_ice_inlet_close (inlet);
  gst_rcast_ice_inlet_unref (inlet);
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
  tcase_add_loop_test (tc, test_a_full_queue_never_blocks, 0,
      G_N_ELEMENTS (limits));
  tcase_add_test (tc, test_without_a_queue_there_is_one_of_our_own);
  tcase_add_test (tc, test_what_is_refused_is_an_error_once);
  tcase_add_test (tc, test_the_end_is_no_error);
  tcase_add_test (tc, test_what_is_live_is_not_flushed);
  tcase_add_test (tc, test_the_last_reference_goes_without_the_lock);
  return s;
}

GST_CHECK_MAIN (ice_inlet);
