/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* States of elements in bins: which ones run, are added late, or have to follow their bin. */
#include "config.h"

#include "gstrcaststates.h"

/* Whether @element runs, or is about to and has its base time. Any thread, as for all functions
 * below */
gboolean
gst_rcast_states_is_running (GstElement * element)
{
  gboolean running;

  GST_OBJECT_LOCK (element);
  running = GST_STATE (element) == GST_STATE_PLAYING
      || GST_STATE_NEXT (element) == GST_STATE_PLAYING;
  GST_OBJECT_UNLOCK (element);
  return running;
}

/* Whether the bin of @element already runs. A sink that is added late must not make it wait for
 * preroll again. */
gboolean
gst_rcast_states_is_late (GstElement * element)
{
  g_autoptr (GstObject) parent = gst_object_get_parent (GST_OBJECT (element));

  return parent && GST_IS_ELEMENT (parent)
      && GST_STATE (GST_ELEMENT (parent)) > GST_STATE_READY;
}

/* Returns: (transfer full): the pipeline */
GstElement *
gst_rcast_states_get_root (GstElement * element)
{
  GstObject *root = gst_object_ref (GST_OBJECT (element)), *parent;

  while ((parent = gst_object_get_parent (root))) {
    gst_object_unref (root);
    root = parent;
  }
  return GST_ELEMENT (root);
}

/* Returns: the target state of @element */
GstState
gst_rcast_states_get_target (GstElement * element)
{
  GstState target;

  GST_OBJECT_LOCK (element);
  target = GST_STATE_TARGET (element);
  GST_OBJECT_UNLOCK (element);
  return target;
}

/* Brings a child that was just added to the state of @bin. The bin may go up after its state was
 * read. It then misses the child, which goes up once more. */
gboolean
gst_rcast_states_follow (GstElement * bin, GstElement * child)
{
  gst_element_set_locked_state (child, FALSE);
  do {
    if (!gst_element_sync_state_with_parent (child))
      return FALSE;
  } while (gst_rcast_states_get_target (child)
      < gst_rcast_states_get_target (bin));
  return TRUE;
}

/* Stops @child, whatever state @bin is in or goes to, and removes it. */
void
gst_rcast_states_discard (GstBin * bin, GstElement * child)
{
  gst_element_set_locked_state (child, TRUE);
  gst_element_set_state (child, GST_STATE_NULL);
  gst_bin_remove (bin, child);
}

/* Returns: (transfer full) (nullable): the ghost pad through which data enters the bin to @sink */
static GstPad *
find_door (GstPad * sink)
{
  g_autoptr (GstPad) peer = gst_pad_get_peer (sink);

  if (!peer || !GST_IS_PROXY_PAD (peer) || GST_IS_GHOST_PAD (peer))
    return NULL;
  return GST_PAD (gst_proxy_pad_get_internal (GST_PROXY_PAD (peer)));
}

/* Holds incoming data at the door while @element starts over. */
typedef struct
{
  GstPad *door;                 /* nullable: no data comes in */
  gulong probe;                 /* 0: holds the stream lock of the door */
} Hold;

static GstPadProbeReturn
block (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  return GST_PAD_PROBE_OK;
}

/* Blocks the door. If the application blocks it already, its probe holds the stream lock, for as
 * long as it likes: the data then stays there until our probe is removed, too.
 * Returns: FALSE if data is on its way in */
static gboolean
hold_data (Hold * hold)
{
  if (!hold->door || GST_PAD_STREAM_TRYLOCK (hold->door))
    return TRUE;
  hold->probe = gst_pad_add_probe (hold->door,
      GST_PAD_PROBE_TYPE_BLOCK_DOWNSTREAM, block, NULL, NULL);
  if (gst_pad_is_blocking (hold->door))
    return TRUE;
  gst_pad_remove_probe (hold->door, hold->probe);
  return FALSE;
}

static void
release_data (Hold * hold)
{
  if (hold->probe != 0)
    gst_pad_remove_probe (hold->door, hold->probe);
  else if (hold->door)
    GST_PAD_STREAM_UNLOCK (hold->door);
}

/* Whether @element, and its bin, wait for the first data */
gboolean
gst_rcast_states_prerolls (GstElement * element)
{
  gboolean prerolls;

  GST_OBJECT_LOCK (element);
  prerolls = GST_STATE (element) == GST_STATE_READY
      && GST_STATE_TARGET (element) > GST_STATE_READY;
  GST_OBJECT_UNLOCK (element);
  return prerolls;
}

/* Starts @element without preroll, for which all others would wait. Data that comes to its pad
 * @sink meanwhile waits outside of the bin, as a source that gets FLUSHING ends silently. If
 * data is already on its way in, nothing is done: it may be the preroll, or wait for a state
 * change. For gst_element_call_async() */
void
gst_rcast_states_start_over (GstElement * element, gpointer sink)
{
  g_autoptr (GstObject) parent = gst_object_get_parent (GST_OBJECT (element));
  g_autoptr (GstPad) door = find_door (sink);
  Hold hold = { door, 0 };
  gboolean started = FALSE;

  GST_STATE_LOCK (element);
  if (parent && gst_rcast_states_prerolls (element) && hold_data (&hold)) {
    gst_element_set_locked_state (element, TRUE);
    gst_element_set_state (element, GST_STATE_READY);
    started = gst_rcast_states_follow (GST_ELEMENT (parent), element);
    release_data (&hold);
  }
  GST_STATE_UNLOCK (element);
  if (started)
    gst_element_post_message (element,
        gst_message_new_async_done (GST_OBJECT (element), GST_CLOCK_TIME_NONE));
}
