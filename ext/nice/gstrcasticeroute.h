/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which paths carry media, and which are of no use any more. Pure. */
#pragma once

#include "gstrcasticepathview.h"

G_BEGIN_DECLS

/* More uplinks than that are not used at a time. */
#define GST_RCAST_ICE_MAX_ROUTE 8

/* The paths that media goes out on. */
typedef struct
{
  gint paths[GST_RCAST_ICE_MAX_ROUTE];  /* the second one steps in for the first */
  guint n_paths;
  guint n_carrying;             /* the first so many get each packet */
  gboolean bonding;             /* or rather: of these each packet gets one */
  gboolean duplicating;         /* because of the path mode, not of a doubt */
  gboolean trying;              /* the second one gets a copy, to show that it can */
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
    guint n);
gboolean gst_rcast_ice_route_is_covered (const GstRcastIcePathView * views,
    guint n, gboolean patient, gint64 now);
gint64 gst_rcast_ice_route_get_retry (gboolean working, gint64 missing);
gboolean gst_rcast_ice_route_is_hopeless (const GstRcastIcePathView * views,
    guint n, gint path, gint64 now);
gboolean gst_rcast_ice_route_is_ready (const GstRcastIcePathView * pending,
    guint n, const GstRcastIcePathView * current, gint64 ready_since,
    gint64 now);

G_END_DECLS
