/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The signals of the agent. */
#include "config.h"

#include "gstrcasticesignals.h"
#include "gstrcastice-enumtypes.h"

enum
{
  SIGNAL_GENERATION_SWAPPED,
  SIGNAL_GENERATION_FAILED,
  SIGNAL_PATH_CHANGED,
  SIGNAL_PATH_STATE_CHANGED,
  SIGNAL_NETWORK_CHANGED,
  SIGNAL_RESTART_WANTED,
  SIGNAL_GENERATION_HOPELESS,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

void
gst_rcast_ice_signals_swapped (GObject * owner, guint session_id, guint generation,
    gboolean media_lost)
{
  g_signal_emit (owner, signals[SIGNAL_GENERATION_SWAPPED], 0, session_id,
      generation, media_lost);
}

void
gst_rcast_ice_signals_failed (GObject * owner, guint session_id, guint generation,
    const GError * error)
{
  g_signal_emit (owner, signals[SIGNAL_GENERATION_FAILED], 0, session_id,
      generation, error);
}

void
gst_rcast_ice_signals_path_changed (GObject * owner, guint session_id, const GstStructure * path,
    gboolean media_lost)
{
  g_signal_emit (owner, signals[SIGNAL_PATH_CHANGED], 0, session_id, path,
      media_lost);
}

void
gst_rcast_ice_signals_path_state (GObject * owner, guint session_id, const GstStructure * path)
{
  g_signal_emit (owner, signals[SIGNAL_PATH_STATE_CHANGED], 0, session_id,
      path);
}

void
gst_rcast_ice_signals_restart_wanted (GObject * owner, guint session_id,
    GstRcastIceRestartReason reason)
{
  g_signal_emit (owner, signals[SIGNAL_RESTART_WANTED], 0, session_id, reason);
}

void
gst_rcast_ice_signals_hopeless (GObject * owner, guint session_id,
    guint generation)
{
  g_signal_emit (owner, signals[SIGNAL_GENERATION_HOPELESS], 0, session_id,
      generation);
}

void
gst_rcast_ice_signals_network_changed (GObject * owner,
    const gchar * const *uplinks)
{
  g_signal_emit (owner, signals[SIGNAL_NETWORK_CHANGED], 0, uplinks);
}

/* Adds the signals to the agent's class. */
void
gst_rcast_ice_signals_install (GType type)
{
  /**
   * GstRcastIce::generation-swapped:
   * @ice: the agent
   * @session: webrtcbin's session
   * @generation: the number of the generation that now carries media
   * @media_lost: whether packets were lost before; if so, request a key frame
   *
   * Emitted on the agent's thread.
   *
   * Since: 0.1
   */
  signals[SIGNAL_GENERATION_SWAPPED] = g_signal_new ("generation-swapped",
      type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3,
      G_TYPE_UINT, G_TYPE_UINT, G_TYPE_BOOLEAN);
  /**
   * GstRcastIce::generation-failed:
   * @ice: the agent
   * @session: webrtcbin's session
   * @generation: the number of the generation that failed
   * @error: why, with a code of #GstRcastIceError
   *
   * A restart has failed. The previous generation goes on. Emitted on the agent's thread.
   *
   * Since: 0.1
   */
  signals[SIGNAL_GENERATION_FAILED] = g_signal_new ("generation-failed",
      type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3,
      G_TYPE_UINT, G_TYPE_UINT, G_TYPE_ERROR);
  /**
   * GstRcastIce::path-changed:
   * @ice: the agent
   * @session: webrtcbin's session
   * @path: (nullable): `application/x-rcast-ice-path`, as in the statistics, with a
   *     #GstRcastIcePathChange in `change`, and the known properties of the previous path
   *     in `previous-interface`, `previous-local-candidate`, `previous-remote-candidate`
   *     and `previous-state`; %NULL if no path is left
   * @media_lost: whether packets were lost before; if so, request a key frame
   *
   * Media has moved to another path. Emitted on the agent's thread.
   *
   * Since: 0.1
   */
  signals[SIGNAL_PATH_CHANGED] = g_signal_new ("path-changed", type,
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3, G_TYPE_UINT,
      GST_TYPE_STRUCTURE, G_TYPE_BOOLEAN);
  /**
   * GstRcastIce::path-state-changed:
   * @ice: the agent
   * @session: webrtcbin's session
   * @path: `application/x-rcast-ice-path` with the new #GstRcastIcePathState
   *     in `state`
   *
   * Emitted on the agent's thread.
   *
   * Since: 0.1
   */
  signals[SIGNAL_PATH_STATE_CHANGED] = g_signal_new ("path-state-changed",
      type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
      G_TYPE_UINT, GST_TYPE_STRUCTURE);
  /**
   * GstRcastIce::network-changed:
   * @ice: the agent
   * @uplinks: all present ones, best first, each as interface/address
   *
   * Emitted on the agent's thread.
   *
   * Since: 0.1
   */
  signals[SIGNAL_NETWORK_CHANGED] = g_signal_new ("network-changed", type,
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRV);
  /**
   * GstRcastIce::restart-wanted:
   * @ice: the agent
   * @session: webrtcbin's session
   * @reason: why
   *
   * An ICE restart would help, and only the application can signal it: create an offer and
   * prepare it with gst_rcast_ice_prepare_offer(). Emitted on the agent's thread.
   *
   * Since: 0.1
   */
  signals[SIGNAL_RESTART_WANTED] = g_signal_new ("restart-wanted", type,
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_UINT,
      GST_TYPE_RCAST_ICE_RESTART_REASON);
  /**
   * GstRcastIce::generation-hopeless:
   * @ice: the agent
   * @session: webrtcbin's session
   * @generation: the number of the pending generation
   *
   * None of the checks of a restart has been answered within ten round trips (at least a
   * second) since both sides' credentials were known. The restart goes on and may still
   * succeed, but something else is more likely to help. Emitted on the agent's thread.
   *
   * Since: 0.1
   */
  signals[SIGNAL_GENERATION_HOPELESS] = g_signal_new ("generation-hopeless",
      type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
      G_TYPE_UINT, G_TYPE_UINT);
}
