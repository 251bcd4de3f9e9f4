/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Passes reports and questions from one ICE stream to the agent that owns it. */
#include "config.h"

#include "gstrcasticereporter.h"

#include "gstrcasticelog.h"
#include "gstrcastice-enumtypes.h"

#include "gstrcasticestats.h"

GST_RCAST_ICE_LOG_CATEGORY ("rcasticereporter", "What an ICE stream reports")

/* Fields of the previous path that the description of the path that carries media now repeats. */
static const gchar *const carried_over[] = { "interface", "local-candidate",
  "remote-candidate", "state"
};

/* Only on the agent's thread. */
struct _GstRcastIceReporter
{
  gchar *name;                  /* in logs */
  GWeakRef owner;
  GstRcastIceStreamCallbacks callbacks;
  guint session_id;
  guint generation;             /* id of the active generation */
  GHashTable *states;           /* path to its reported GstRcastIcePathState */
  GstStructure *previous;       /* the path that carried media last; NULL: none yet */
  GstRcastIcePathChange change; /* why it stopped carrying media */
};

GstRcastIceReporter *
gst_rcast_ice_reporter_new (const gchar * name, GObject * owner,
    const GstRcastIceStreamCallbacks * callbacks, guint session_id)
{
  GstRcastIceReporter *reporter = g_new0 (GstRcastIceReporter, 1);

  reporter->name = g_strdup (name);
  g_weak_ref_init (&reporter->owner, owner);
  reporter->callbacks = *callbacks;
  reporter->session_id = session_id;
  reporter->states = g_hash_table_new_full (NULL, NULL,
      (GDestroyNotify) gst_rcast_ice_path_unref, NULL);
  return reporter;
}

void
gst_rcast_ice_reporter_free (GstRcastIceReporter * reporter)
{
  g_clear_pointer (&reporter->previous, gst_structure_free);
  g_hash_table_unref (reporter->states);
  g_weak_ref_clear (&reporter->owner);
  g_free (reporter->name);
  g_free (reporter);
}

/* Returns: (nullable) (transfer full): NULL if the agent is gone */
GstRcastIceSettings *
gst_rcast_ice_reporter_dup_settings (GstRcastIceReporter * reporter)
{
  g_autoptr (GObject) owner = g_weak_ref_get (&reporter->owner);

  return owner ? reporter->callbacks.settings (owner) : NULL;
}

void
gst_rcast_ice_reporter_candidate (GstRcastIceReporter * reporter,
    const gchar * candidate)
{
  g_autoptr (GObject) owner = g_weak_ref_get (&reporter->owner);

  if (owner)
    reporter->callbacks.candidate (owner, reporter->session_id, candidate);
}

void
gst_rcast_ice_reporter_restart_wanted (GstRcastIceReporter * reporter,
    GstRcastIceRestartReason reason)
{
  g_autoptr (GObject) owner = g_weak_ref_get (&reporter->owner);

  GST_DEBUG_ID (reporter->name, "a restart is wanted: %s",
      gst_rcast_ice_nick (GST_TYPE_RCAST_ICE_RESTART_REASON, reason));
  if (owner)
    reporter->callbacks.restart_wanted (owner, reporter->session_id, reason);
}

void
gst_rcast_ice_reporter_failed (GstRcastIceReporter * reporter,
    guint generation, const GError * error)
{
  g_autoptr (GObject) owner = g_weak_ref_get (&reporter->owner);

  if (owner)
    reporter->callbacks.failed (owner, reporter->session_id, generation,
        error);
}

void
gst_rcast_ice_reporter_hopeless (GstRcastIceReporter * reporter,
    guint generation)
{
  g_autoptr (GObject) owner = g_weak_ref_get (&reporter->owner);

  GST_INFO_ID (reporter->name, "no check of generation %u is answered",
      generation);
  if (owner)
    reporter->callbacks.hopeless (owner, reporter->session_id, generation);
}

/* --- change of generation --- */

/* @generation has become active. Its paths have not been reported. */
void
gst_rcast_ice_reporter_set_generation (GstRcastIceReporter * reporter,
    guint generation)
{
  reporter->generation = generation;
  g_hash_table_remove_all (reporter->states);
}

void
gst_rcast_ice_reporter_swapped (GstRcastIceReporter * reporter,
    gboolean media_lost)
{
  g_autoptr (GObject) owner = g_weak_ref_get (&reporter->owner);

  GST_INFO_ID (reporter->name, "generation %u is active, media %s",
      reporter->generation, media_lost ? "was lost" : "went on");
  if (owner)
    reporter->callbacks.swapped (owner, reporter->session_id,
        reporter->generation, media_lost);
}

/* --- paths --- */

static GstStructure *
describe_path (GstRcastIceReporter * reporter, GstRcastIcePath * path)
{
  GstStructure *stats = gst_rcast_ice_path_get_stats (path);

  gst_structure_set (stats, "generation", G_TYPE_UINT, reporter->generation,
      NULL);
  return stats;
}

/* The description of @path for path-changed. */
static GstStructure *
describe_change (GstRcastIceReporter * reporter, GstRcastIcePath * path)
{
  GstStructure *description = describe_path (reporter, path);
  const GstStructure *previous = reporter->previous;

  gst_structure_set (description, "change", GST_TYPE_RCAST_ICE_PATH_CHANGE,
      previous ? reporter->change : GST_RCAST_ICE_PATH_CHANGE_FIRST, NULL);
  for (guint i = 0; previous && i < G_N_ELEMENTS (carried_over); i++) {
    const GValue *value = gst_structure_get_value (previous, carried_over[i]);
    g_autofree gchar *field = g_strconcat ("previous-", carried_over[i], NULL);

    if (value)
      gst_structure_set_value (description, field, value);
  }
  return description;
}

/* Media moves away from @old. */
static void
leave (GstRcastIceReporter * reporter, GstRcastIcePath * old,
    gboolean same_generation)
{
  GstRcastIcePathView view;

  gst_rcast_ice_path_get_view (old, &view);
  g_clear_pointer (&reporter->previous, gst_structure_free);
  reporter->previous = describe_path (reporter, old);
  if (!same_generation)
    reporter->change = GST_RCAST_ICE_PATH_CHANGE_RESTART;
  else if (view.state == GST_RCAST_ICE_PATH_STATE_ALIVE)
    reporter->change = GST_RCAST_ICE_PATH_CHANGE_BETTER;
  else
    reporter->change = gst_rcast_ice_path_get_trouble (old);
}

/* No path carries media, and a restart will bring the next one. */
void
gst_rcast_ice_reporter_expect_restart (GstRcastIceReporter * reporter)
{
  reporter->change = GST_RCAST_ICE_PATH_CHANGE_RESTART;
}

/* Media moves from @old to @path. NULL: no path */
void
gst_rcast_ice_reporter_path_changed (GstRcastIceReporter * reporter,
    GstRcastIcePath * old, GstRcastIcePath * path, gboolean same_generation,
    gboolean media_lost)
{
  g_autoptr (GObject) owner = g_weak_ref_get (&reporter->owner);
  GstStructure *description;

  if (old)
    leave (reporter, old, same_generation);
  GST_DEBUG_ID (reporter->name, "media on path %s%s",
      path ? gst_rcast_ice_path_get_name (path) : "none",
      media_lost ? ", some was lost" : "");
  description = path ? describe_change (reporter, path) : NULL;
  if (owner)
    reporter->callbacks.path_changed (owner, reporter->session_id, description,
        media_lost && path);
  g_clear_pointer (&description, gst_structure_free);
}

/* Whether @state must be reported, as it was not reported since it began. */
gboolean
gst_rcast_ice_reporter_is_news (GstRcastIceReporter * reporter,
    GstRcastIcePath * path, GstRcastIcePathState state)
{
  gpointer reported;

  if (g_hash_table_lookup_extended (reporter->states, path, NULL, &reported)
      && GPOINTER_TO_UINT (reported) == state)
    return FALSE;
  g_hash_table_insert (reporter->states, gst_rcast_ice_path_ref (path),
      GUINT_TO_POINTER (state));
  return TRUE;
}

void
gst_rcast_ice_reporter_path_state (GstRcastIceReporter * reporter,
    GstRcastIcePath * path)
{
  g_autoptr (GObject) owner = g_weak_ref_get (&reporter->owner);
  GstStructure *description = describe_path (reporter, path);

  if (owner)
    reporter->callbacks.path_state (owner, reporter->session_id, description);
  gst_structure_free (description);
}

/* @path has been closed. */
void
gst_rcast_ice_reporter_forget_path (GstRcastIceReporter * reporter,
    GstRcastIcePath * path)
{
  GST_DEBUG_ID (reporter->name, "path %s is closed",
      gst_rcast_ice_path_get_name (path));
  g_hash_table_remove (reporter->states, path);
}
