/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One NiceAgent, on one local address or on all of them. */
#pragma once

#include <gst/gst.h>
#include <nice/agent.h>

#include "gstrcastice.h"
#include "rcast-loop.h"
#include "rcast-uplinks.h"
#include "gstrcasticesettings.h"

G_BEGIN_DECLS

typedef struct _GstRcastIcePath GstRcastIcePath;

/* All called on the agent's thread. */
typedef struct
{
  void (*candidate) (GstRcastIcePath * path, const gchar * candidate,
      gpointer data);
  void (*gathered) (GstRcastIcePath * path, gpointer data);
  void (*changed) (GstRcastIcePath * path, gpointer data);
  void (*received) (GstRcastIcePath * path, const guint8 * bytes, gsize size,
      gpointer data);
} GstRcastIcePathEvents;

typedef struct
{
  GstRcastLoop *loop;
  const GstRcastIceSettings *settings;
  const GstRcastUplink *uplink;      /* NULL: all addresses */
  gboolean announced;           /* its candidates go to the peer */
  const gchar *ufrag;
  const gchar *password;
  gint tos;
  guint id;
} GstRcastIcePathConfig;

GstRcastIcePath *gst_rcast_ice_path_new (const GstRcastIcePathConfig * config,
    const GstRcastIcePathEvents * events, gpointer data);
GstRcastIcePath *gst_rcast_ice_path_ref (GstRcastIcePath * path);
void gst_rcast_ice_path_unref (GstRcastIcePath * path);
void gst_rcast_ice_path_close (GstRcastIcePath * path);

gboolean gst_rcast_ice_path_gather (GstRcastIcePath * path);
void gst_rcast_ice_path_set_remote (GstRcastIcePath * path,
    const gchar * ufrag, const gchar * password);
gboolean gst_rcast_ice_path_add_remote_candidate (GstRcastIcePath * path,
    const gchar * candidate);
void gst_rcast_ice_path_remote_done (GstRcastIcePath * path);
void gst_rcast_ice_path_set_controlling (GstRcastIcePath * path,
    gboolean controlling);
void gst_rcast_ice_path_set_tos (GstRcastIcePath * path, gint tos);
void gst_rcast_ice_path_apply_buffers (GstRcastIcePath * path,
    gint send_buffer, gint receive_buffer);

guint gst_rcast_ice_path_get_id (GstRcastIcePath * path);
gboolean gst_rcast_ice_path_is_announced (GstRcastIcePath * path);
gboolean gst_rcast_ice_path_is_checkable (GstRcastIcePath * path);
const GstRcastUplink *gst_rcast_ice_path_get_uplink (GstRcastIcePath *
    path);
NiceComponentState gst_rcast_ice_path_get_state (GstRcastIcePath * path);
gboolean gst_rcast_ice_path_is_gathered (GstRcastIcePath * path);
gboolean gst_rcast_ice_path_is_working (GstRcastIcePath * path);
gboolean gst_rcast_ice_path_may_send (GstRcastIcePath * path);
GstRcastIcePathState gst_rcast_ice_path_get_path_state (GstRcastIcePath * path);
GstRcastIcePathChange gst_rcast_ice_path_get_trouble (GstRcastIcePath * path);
gint64 gst_rcast_ice_path_get_state_since (GstRcastIcePath * path);
gint64 gst_rcast_ice_path_get_created (GstRcastIcePath * path);
gint64 gst_rcast_ice_path_get_rtt (GstRcastIcePath * path);
gint64 gst_rcast_ice_path_get_rhythm (GstRcastIcePath * path);
guint gst_rcast_ice_path_get_rank (GstRcastIcePath * path);
gboolean gst_rcast_ice_path_is_on (GstRcastIcePath * path,
    const GstRcastUplink * uplink);
gboolean gst_rcast_ice_path_is_local (GstRcastIcePath * path,
    GPtrArray * uplinks);
gint64 gst_rcast_ice_path_get_timeout (GstRcastIcePath * path);
gint64 gst_rcast_ice_path_get_last_heard (GstRcastIcePath * path);
void gst_rcast_ice_path_step (GstRcastIcePath * path, gboolean carrying,
    gboolean nominate, gint64 now);
void gst_rcast_ice_path_lose (GstRcastIcePath * path, gint64 now);
void gst_rcast_ice_path_doubt (GstRcastIcePath * path,
    GstRcastIcePathChange trouble, gint64 now);
void gst_rcast_ice_path_check_now (GstRcastIcePath * path);

/* Any thread. */
guint gst_rcast_ice_path_send (GstRcastIcePath * path,
    const NiceOutputMessage * messages, guint n_messages, gboolean * failed);
gboolean gst_rcast_ice_path_get_pair (GstRcastIcePath * path,
    NiceCandidate ** local, NiceCandidate ** remote);
GSList *gst_rcast_ice_path_get_candidates (GstRcastIcePath * path,
    gboolean local);
GstStructure *gst_rcast_ice_path_get_stats (GstRcastIcePath * path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRcastIcePath, gst_rcast_ice_path_unref)

G_END_DECLS
