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

/* Starts @element without preroll, for which all others would wait. For
 * gst_element_call_async() */
void
gst_rcast_states_start_over (GstElement * element, gpointer data)
{
  g_autoptr (GstObject) parent = gst_object_get_parent (GST_OBJECT (element));

  if (!parent || GST_STATE (element) > GST_STATE_READY)
    return;
  gst_element_set_locked_state (element, TRUE);
  gst_element_set_state (element, GST_STATE_READY);
  if (gst_rcast_states_follow (GST_ELEMENT (parent), element))
    gst_element_post_message (element,
        gst_message_new_async_done (GST_OBJECT (element), GST_CLOCK_TIME_NONE));
}
