/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the agent's description of a path: which one carries the media, and why it moved. */
#include "config.h"

#include "gstrcastpath.h"

#include "gstrcastice-enumtypes.h"
#include "gstrcastice.h"

/* @best: (nullable): the best one so far */
typedef gboolean (*IsBetter) (const GstStructure * path,
    const GstStructure * best);

/* Returns: (transfer full) (nullable) */
static GstStructure *
find_path (GstWebRTCICE * ice, IsBetter is_better)
{
  g_autoptr (GstStructure) stats = gst_rcast_ice_get_stats (ice);
  const GValue *streams = gst_structure_get_value (stats, "streams");
  const GstStructure *best = NULL;

  for (guint i = 0; i < gst_value_list_get_size (streams); i++) {
    const GstStructure *stream =
        gst_value_get_structure (gst_value_list_get_value (streams, i));
    const GValue *paths = gst_structure_get_value (stream, "paths");

    for (guint j = 0; j < gst_value_list_get_size (paths); j++) {
      const GstStructure *path =
          gst_value_get_structure (gst_value_list_get_value (paths, j));

      if (is_better (path, best))
        best = path;
    }
  }
  return best ? gst_structure_copy (best) : NULL;
}

static gboolean
is_carrying (const GstStructure * path, const GstStructure * best)
{
  gboolean carrying = FALSE, copy = FALSE;

  gst_structure_get (path, "carrying", G_TYPE_BOOLEAN, &carrying,
      "copy", G_TYPE_BOOLEAN, &copy, NULL);
  return !best && carrying && !copy;
}

/* Returns: (transfer full) (nullable): the path that carries the media; the first one of two */
GstStructure *
gst_rcast_path_find_carrying (GstWebRTCICE * ice)
{
  return find_path (ice, is_carrying);
}

static gboolean
is_fresher (const GstStructure * path, const GstStructure * best)
{
  guint64 silence, least = G_MAXUINT64;

  if (best)
    gst_structure_get_uint64 (best, "packet-silence", &least);
  return gst_structure_get_uint64 (path, "packet-silence", &silence)
      && silence < least;
}

/* Returns: (transfer full) (nullable): the path on which the server sends, by the last packets */
GstStructure *
gst_rcast_path_find_returning (GstWebRTCICE * ice)
{
  return find_path (ice, is_fresher);
}

/* Returns: why the path carries the media. */
GstRcastIcePathChange
gst_rcast_path_get_change (const GstStructure * path)
{
  gint change = GST_RCAST_ICE_PATH_CHANGE_FIRST;

  gst_structure_get_enum (path, "change", GST_TYPE_RCAST_ICE_PATH_CHANGE,
      &change);
  return change;
}

/* Returns: why the media moved; NULL: no move to report */
static const gchar *
why_moved (const GstStructure * path)
{
  const gchar *before = gst_structure_get_string (path, "previous-interface");
  const gchar *now = gst_structure_get_string (path, "interface");

  switch (gst_rcast_path_get_change (path)) {
    case GST_RCAST_ICE_PATH_CHANGE_SILENT:
      return "the server is not heard any more there";
    case GST_RCAST_ICE_PATH_CHANGE_REFUSED:
      return "the system refuses packets there";
    case GST_RCAST_ICE_PATH_CHANGE_GONE:
      return "that is gone";
    case GST_RCAST_ICE_PATH_CHANGE_BETTER:
      return "the other one is better";
    case GST_RCAST_ICE_PATH_CHANGE_RESTART:
      /* A restart finds new paths. Only another uplink is news. */
      if (before && now && !g_str_equal (before, now))
        return "an ICE restart found the better way there";
      return NULL;
    case GST_RCAST_ICE_PATH_CHANGE_FIRST:
      return NULL;
  }
  return NULL;
}

/**
 * gst_rcast_path_describe_move:
 * @path: from the agent's signal `path-changed`
 *
 * Returns: (transfer full) (nullable): a sentence; %NULL: no move to report
 */
gchar *
gst_rcast_path_describe_move (const GstStructure * path)
{
  const gchar *before = gst_structure_get_string (path, "previous-interface");
  const gchar *now = gst_structure_get_string (path, "interface");
  const gchar *why = why_moved (path);

  if (!why)
    return NULL;
  return g_strdup_printf ("media moved from %s to %s: %s",
      before ? before : "one path", now ? now : "another", why);
}

static const gchar *
shown (const GstStructure * path, const gchar * field)
{
  const gchar *text = gst_structure_get_string (path, field);

  return text ? text : "?";
}

/* Returns: (transfer full): the route of the path, for the log */
gchar *
gst_rcast_path_describe (const GstStructure * path)
{
  return g_strdup_printf ("%s, %s to %s", shown (path, "interface"),
      shown (path, "local-candidate"), shown (path, "remote-candidate"));
}
