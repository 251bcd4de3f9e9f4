/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* States of elements in bins: which of them run, come late, or have to follow their bin. */
#include "config.h"

#include "gstrcaststates.h"

/* Whether @element runs, or is about to and has its base time. Any thread, as all
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

/* Whether the bin of @element already runs, so that this sink, coming late, must not
 * make it wait for preroll again. */
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

/* Returns: where @element is going, or is */
GstState
gst_rcast_states_get_target (GstElement * element)
{
  GstState target;

  GST_OBJECT_LOCK (element);
  target = GST_STATE_TARGET (element);
  GST_OBJECT_UNLOCK (element);
  return target;
}

/* Brings a child that was added just now to the state of @bin. The bin may go up
 * between reading its state and setting the child's: then it has passed the child by,
 * and the child goes up once more. */
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

/* Returns: (transfer full) (nullable): the ghost pad of the bin by which data get to
 * @sink of a child */
static GstPad *
find_door (GstPad * sink)
{
  g_autoptr (GstPad) peer = gst_pad_get_peer (sink);

  if (!peer || !GST_IS_PROXY_PAD (peer) || GST_IS_GHOST_PAD (peer))
    return NULL;
  return GST_PAD (gst_proxy_pad_get_internal (GST_PROXY_PAD (peer)));
}

/* Takes the locks of the state and of the stream. Data that are on their way in may wait
 * for a change of state, so the one lock is not waited for with the other.
 * Returns: FALSE without locks if @element is not at its start any more */
static gboolean
hold_data (GstElement * element, GstPad * door)
{
  GST_STATE_LOCK (element);
  while (GST_STATE (element) == GST_STATE_READY) {
    if (!door || GST_PAD_STREAM_TRYLOCK (door))
      return TRUE;
    GST_STATE_UNLOCK (element);
    GST_PAD_STREAM_LOCK (door);
    GST_PAD_STREAM_UNLOCK (door);
    GST_STATE_LOCK (element);
  }
  GST_STATE_UNLOCK (element);
  return FALSE;
}

/* Starts @element without preroll, for which all others would wait. What comes to its
 * pad @sink just then waits outside of the bin: a source that gets FLUSHING ends in
 * silence. For gst_element_call_async() */
void
gst_rcast_states_start_over (GstElement * element, gpointer sink)
{
  g_autoptr (GstObject) parent = gst_object_get_parent (GST_OBJECT (element));
  g_autoptr (GstPad) door = find_door (sink);
  gboolean started;

  if (!parent || !hold_data (element, door))
    return;
  gst_element_set_locked_state (element, TRUE);
  gst_element_set_state (element, GST_STATE_READY);
  started = gst_rcast_states_follow (GST_ELEMENT (parent), element);
  if (door)
    GST_PAD_STREAM_UNLOCK (door);
  GST_STATE_UNLOCK (element);
  if (started)
    gst_element_post_message (element,
        gst_message_new_async_done (GST_OBJECT (element), GST_CLOCK_TIME_NONE));
}
