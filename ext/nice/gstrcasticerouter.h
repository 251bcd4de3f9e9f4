/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides which paths of a stream carry media, and when a restart would help. */
#pragma once

#include "gstrcasticegenerations.h"
#include "gstrcasticenegotiation.h"
#include "gstrcasticepublisher.h"
#include "gstrcasticereporter.h"
#include "gstrcasticesender.h"

G_BEGIN_DECLS

typedef struct _GstRcastIceRouter GstRcastIceRouter;

/* The owner of the router owns these, and keeps them alive. */
typedef struct
{
  GstRcastIceGenerations *generations;
  GstRcastIceNegotiation *negotiation;
  GstRcastIcePublisher *publisher;
  GstRcastIceReporter *reporter;
  GstRcastIceSender *sender;
} GstRcastIceRouterParts;

GstRcastIceRouter *gst_rcast_ice_router_new (const GstRcastIceRouterParts *
    parts);
void gst_rcast_ice_router_free (GstRcastIceRouter * router);

/* On the agent's thread. */
GstRcastIcePath *gst_rcast_ice_router_get_carrier (GstRcastIceRouter * router);
gboolean gst_rcast_ice_router_is_working (GstRcastIceRouter * router);
GstRcastIceDuty gst_rcast_ice_router_get_duty (GstRcastIceRouter * router,
    GstRcastIcePath * path, gboolean is_return);
void gst_rcast_ice_router_check_now (GstRcastIceRouter * router);
void gst_rcast_ice_router_heard (GstRcastIceRouter * router, gint64 now);
void gst_rcast_ice_router_loss_is_known (GstRcastIceRouter * router);
void gst_rcast_ice_router_lose (GstRcastIceRouter * router);
void gst_rcast_ice_router_update_path_states (GstRcastIceRouter * router);
gboolean gst_rcast_ice_router_swap_if_ready (GstRcastIceRouter * router);
void gst_rcast_ice_router_update_route (GstRcastIceRouter * router);
void gst_rcast_ice_router_prune_paths (GstRcastIceRouter * router, gint64 now);
void gst_rcast_ice_router_stood_still (GstRcastIceRouter * router, gint64 now);
void gst_rcast_ice_router_note_room (GstRcastIceRouter * router,
    const gchar * interface, guint64 room, guint64 needed);
void gst_rcast_ice_router_note_loss (GstRcastIceRouter * router, guint lost,
    guint expected);
void gst_rcast_ice_router_remember (GstRcastIceRouter * router, gint64 now);
void gst_rcast_ice_router_watch_paths (GstRcastIceRouter * router,
    gint64 now);

G_END_DECLS
