/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Passes reports and questions from one ICE stream to the agent that owns it. */
#pragma once

#include "gstrcasticepath.h"
#include "gstrcasticesettings.h"

G_BEGIN_DECLS

/* Called on the agent's thread, with no lock held except for `candidate`. */
typedef struct
{
  GstRcastIceSettings *(*settings) (GObject * owner);   /* (transfer full) */
  void (*candidate) (GObject * owner, guint session_id,
      const gchar * candidate);
  void (*swapped) (GObject * owner, guint session_id, guint generation,
      gboolean media_lost);
  void (*failed) (GObject * owner, guint session_id, guint generation,
      const GError * error);
  void (*path_changed) (GObject * owner, guint session_id,
      const GstStructure * path, gboolean media_lost);
  void (*path_state) (GObject * owner, guint session_id,
      const GstStructure * path);
  void (*restart_wanted) (GObject * owner, guint session_id,
      GstRcastIceRestartReason reason);
  void (*hopeless) (GObject * owner, guint session_id, guint generation);
} GstRcastIceStreamCallbacks;

typedef struct _GstRcastIceReporter GstRcastIceReporter;

GstRcastIceReporter *gst_rcast_ice_reporter_new (const gchar * name,
    GObject * owner, const GstRcastIceStreamCallbacks * callbacks,
    guint session_id);
void gst_rcast_ice_reporter_free (GstRcastIceReporter * reporter);

/* On the agent's thread. Does nothing once the agent is gone. */
GstRcastIceSettings *gst_rcast_ice_reporter_dup_settings (GstRcastIceReporter *
    reporter);
void gst_rcast_ice_reporter_candidate (GstRcastIceReporter * reporter,
    const gchar * candidate);
void gst_rcast_ice_reporter_restart_wanted (GstRcastIceReporter * reporter,
    GstRcastIceRestartReason reason);
void gst_rcast_ice_reporter_failed (GstRcastIceReporter * reporter,
    guint generation, const GError * error);
void gst_rcast_ice_reporter_hopeless (GstRcastIceReporter * reporter,
    guint generation);

void gst_rcast_ice_reporter_set_generation (GstRcastIceReporter * reporter,
    guint generation);
void gst_rcast_ice_reporter_swapped (GstRcastIceReporter * reporter,
    gboolean media_lost);
void gst_rcast_ice_reporter_expect_restart (GstRcastIceReporter * reporter);
void gst_rcast_ice_reporter_path_changed (GstRcastIceReporter * reporter,
    GstRcastIcePath * old, GstRcastIcePath * path, gboolean same_generation,
    gboolean media_lost);
gboolean gst_rcast_ice_reporter_is_news (GstRcastIceReporter * reporter,
    GstRcastIcePath * path, GstRcastIcePathState state);
void gst_rcast_ice_reporter_path_state (GstRcastIceReporter * reporter,
    GstRcastIcePath * path);
void gst_rcast_ice_reporter_forget_path (GstRcastIceReporter * reporter,
    GstRcastIcePath * path);

G_END_DECLS
