/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One NiceAgent, on one local address or on all of them. */
#pragma once

#include <gst/gst.h>
#include <nice/agent.h>

#include "gstrcasticepathagent.h"
#include "gstrcasticepathlife.h"
#include "gstrcasticepathview.h"
#include "gstrcasticetypes.h"

G_BEGIN_DECLS

typedef struct _GstRcastIcePath GstRcastIcePath;

/* All are called on the agent's thread, and never after gst_rcast_ice_path_close(). */
typedef struct
{
  /* For an announced path only. @candidate is ready to be sent to the peer. */
  void (*candidate) (GstRcastIcePath * path, const gchar * candidate,
      gpointer data);
  void (*gathered) (GstRcastIcePath * path, gpointer data);
  void (*changed) (GstRcastIcePath * path, gpointer data);
  void (*received) (GstRcastIcePath * path, const guint8 * bytes, gsize size,
      gpointer data);
} GstRcastIcePathCallbacks;

typedef struct
{
  GstRcastIcePathAgentConfig agent;
  gboolean announced;           /* its candidates are signalled to the peer */
  guint id;
  const GstRcastIcePathCallbacks *callbacks;    /* static */
  gpointer data;
} GstRcastIcePathConfig;

GstRcastIcePath *gst_rcast_ice_path_new (const GstRcastIcePathConfig * config);
GstRcastIcePath *gst_rcast_ice_path_ref (GstRcastIcePath * path);
void gst_rcast_ice_path_unref (GstRcastIcePath * path);
void gst_rcast_ice_path_close (GstRcastIcePath * path);

gboolean gst_rcast_ice_path_gather (GstRcastIcePath * path);
void gst_rcast_ice_path_set_remote (GstRcastIcePath * path,
    const gchar * ufrag, const gchar * password);
void gst_rcast_ice_path_add_remote_candidate (GstRcastIcePath * path,
    const gchar * candidate);
void gst_rcast_ice_path_remote_done (GstRcastIcePath * path);
void gst_rcast_ice_path_set_controlling (GstRcastIcePath * path,
    gboolean controlling);
void gst_rcast_ice_path_set_tos (GstRcastIcePath * path, gint tos);

gchar *gst_rcast_ice_path_describe_discovered (GstRcastIcePath * path);
const gchar *gst_rcast_ice_path_get_key (GstRcastIcePath * path);
const gchar *gst_rcast_ice_path_get_name (GstRcastIcePath * path);
void gst_rcast_ice_path_get_view (GstRcastIcePath * path,
    GstRcastIcePathView * view);
GstRcastIcePathChange gst_rcast_ice_path_get_trouble (GstRcastIcePath * path);
NiceComponentState gst_rcast_ice_path_get_state (GstRcastIcePath * path);
gboolean gst_rcast_ice_path_is_gathering (GstRcastIcePath * path);
gboolean gst_rcast_ice_path_is_announced (GstRcastIcePath * path);
gboolean gst_rcast_ice_path_is_on (GstRcastIcePath * path,
    const GstRcastUplink * uplink);
gboolean gst_rcast_ice_path_shares_uplink (GstRcastIcePath * path,
    GstRcastIcePath * other);

void gst_rcast_ice_path_step (GstRcastIcePath * path, GstRcastIceDuty duty,
    gboolean nominate, gint64 now);
void gst_rcast_ice_path_check_now (GstRcastIcePath * path);
void gst_rcast_ice_path_doubt (GstRcastIcePath * path,
    GstRcastIcePathChange trouble, gint64 now);
void gst_rcast_ice_path_lose (GstRcastIcePath * path, gint64 now);
guint gst_rcast_ice_path_retire (GstRcastIcePath * path);

/* Any thread. */
guint gst_rcast_ice_path_send (GstRcastIcePath * path,
    const NiceOutputMessage * messages, guint n_messages, gboolean * failed);
const gchar *gst_rcast_ice_path_get_interface (GstRcastIcePath * path);
guint gst_rcast_ice_path_get_rank (GstRcastIcePath * path);
gboolean gst_rcast_ice_path_get_pair (GstRcastIcePath * path,
    NiceCandidate ** local, NiceCandidate ** remote);
GSList *gst_rcast_ice_path_get_candidates (GstRcastIcePath * path,
    gboolean local);
GstStructure *gst_rcast_ice_path_get_stats (GstRcastIcePath * path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRcastIcePath, gst_rcast_ice_path_unref)

G_END_DECLS
