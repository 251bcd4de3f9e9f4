/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Collects the statistics of one ICE stream, on any thread. */
#include "config.h"

#include "gstrcasticestreamstats.h"

#include "gstrcasticestats.h"

/* Adds the list "paths", with one structure per path. */
void
gst_rcast_ice_stream_stats_add_paths (GstStructure * stats,
    GstRcastIceGeneration * active, GstRcastIceSender * sender)
{
  g_autoptr (GPtrArray) paths = active ?
      gst_rcast_ice_generation_dup_paths (active) : NULL;
  g_autoptr (GstRcastIcePath) first = gst_rcast_ice_sender_ref_first (sender);
  GValue list = G_VALUE_INIT;

  g_value_init (&list, GST_TYPE_LIST);
  for (guint i = 0; paths && i < paths->len; i++) {
    GstStructure *path = gst_rcast_ice_path_get_stats (paths->pdata[i]);
    gboolean carrying =
        gst_rcast_ice_sender_is_carrying (sender, paths->pdata[i]);
    GValue value = G_VALUE_INIT;

    gst_structure_set (path, "carrying", G_TYPE_BOOLEAN, carrying,
        "copy", G_TYPE_BOOLEAN, carrying && paths->pdata[i] != first
        && !gst_rcast_ice_sender_is_bonding (sender), NULL);
    g_value_init (&value, GST_TYPE_STRUCTURE);
    g_value_take_boxed (&value, path);
    gst_value_list_append_and_take_value (&list, &value);
  }
  gst_structure_take_value (stats, "paths", &list);
  if (active)
    gst_structure_set (stats, "generation", G_TYPE_UINT,
        gst_rcast_ice_generation_get_id (active), NULL);
}

/* Returns: (transfer full): a NULL-terminated array */
GstWebRTCICECandidateStats **
gst_rcast_ice_stream_stats_get_candidates (GstRcastIceGeneration * active,
    guint stream_id, gboolean local)
{
  g_autoptr (GPtrArray) paths = active ?
      gst_rcast_ice_generation_dup_paths (active) : NULL;
  GPtrArray *all = g_ptr_array_new ();

  for (guint i = 0; paths && i < paths->len; i++) {
    GSList *list = gst_rcast_ice_path_get_candidates (paths->pdata[i], local);

    for (GSList * l = list; l; l = l->next)
      g_ptr_array_add (all, gst_rcast_ice_candidate_stats (l->data, stream_id,
              local));
    g_slist_free_full (list, (GDestroyNotify) nice_candidate_free);
  }
  g_ptr_array_add (all, NULL);
  return (GstWebRTCICECandidateStats **) g_ptr_array_free (all, FALSE);
}

/* Returns FALSE if no path carries media. */
gboolean
gst_rcast_ice_stream_stats_get_pair (GstRcastIceSender * sender,
    guint stream_id, GstWebRTCICECandidateStats ** local,
    GstWebRTCICECandidateStats ** remote)
{
  g_autoptr (GstRcastIcePath) path = gst_rcast_ice_sender_ref_first (sender);
  NiceCandidate *a;
  NiceCandidate *b;

  if (!path || !gst_rcast_ice_path_get_pair (path, &a, &b))
    return FALSE;
  *local = gst_rcast_ice_candidate_stats (a, stream_id, TRUE);
  *remote = gst_rcast_ice_candidate_stats (b, stream_id, FALSE);
  nice_candidate_free (a);
  nice_candidate_free (b);
  return TRUE;
}
