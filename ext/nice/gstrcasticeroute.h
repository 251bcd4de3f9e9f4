/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Chooses the paths that carry media, and finds those that are no longer of use. Pure. */
#pragma once

#include "gstrcasticepathview.h"

G_BEGIN_DECLS

/* At most this many uplinks are used at a time. */
#define GST_RCAST_ICE_MAX_ROUTE 8

/* The paths that media is sent on. */
typedef struct
{
  gint paths[GST_RCAST_ICE_MAX_ROUTE];  /* the second is the standby of the first */
  guint n_paths;
  guint n_carrying;             /* each packet is sent on all of the first n_carrying */
  gboolean bonding;             /* instead, each packet is sent on only one of them */
  gboolean duplicating;         /* because of the path mode, not of a path in doubt */
  gboolean trying;              /* the second path gets a copy of all media as a trial */
} GstRcastIceRoute;

void gst_rcast_ice_route_choose (const GstRcastIcePathView * views, guint n,
    gint current, gboolean duplicate, gint64 now, GstRcastIceRoute * route);
void gst_rcast_ice_route_bond (const GstRcastIcePathView * views, guint n,
    gint current, gint64 now, GstRcastIceRoute * route);
gboolean gst_rcast_ice_route_is_impaired (const GstRcastIcePathView * view);
gboolean gst_rcast_ice_route_blames (const GstRcastIcePathView * left,
    const GstRcastIcePathView * taken);
gint gst_rcast_ice_route_find_best (const GstRcastIcePathView * views,
    guint n, gint other, gint64 now);
gint gst_rcast_ice_route_find_return (const GstRcastIcePathView * views,
    guint n);
gboolean gst_rcast_ice_route_misses_uplink (const GstRcastIcePathView * views,
    guint n, guint path);
gboolean gst_rcast_ice_route_is_covered (const GstRcastIcePathView * views,
    guint n, gboolean patient, gint64 now);
gint64 gst_rcast_ice_route_get_retry (gboolean working, gint64 missing);
gboolean gst_rcast_ice_route_is_hopeless (const GstRcastIcePathView * views,
    guint n, gint path, gint64 now);
gboolean gst_rcast_ice_route_is_ready (const GstRcastIcePathView * pending,
    guint n, const GstRcastIcePathView * current, gint64 ready_since,
    gint64 now);

G_END_DECLS
