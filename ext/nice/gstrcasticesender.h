/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The paths that packets go out on, for streaming threads. */
#pragma once

#include "gstrcasticepath.h"
#include "gstrcasticeroute.h"

G_BEGIN_DECLS

/* One call into libnice takes its lock once for so many packets. */
#define GST_RCAST_ICE_MAX_BATCH 64

typedef struct _GstRcastIceSender GstRcastIceSender;

/* What goes out on which paths. */
typedef struct
{
  GstRcastIcePath *paths[GST_RCAST_ICE_MAX_ROUTE];      /* borrowed; NULL: no further ones */
  guint n_carrying;             /* the first so many get each packet; the next steps in */
  gboolean bonding;             /* or rather: of these each packet gets one */
  gboolean trying;              /* the second one, to see whether it can */
} GstRcastIceWay;

/* On the streaming thread: a path has refused packets. Once until
 * gst_rcast_ice_sender_steal_refusing(). */
typedef void (*GstRcastIceSenderFunc) (gpointer data);

GstRcastIceSender *gst_rcast_ice_sender_new (GstRcastIceSenderFunc refused,
    gpointer data);
void gst_rcast_ice_sender_free (GstRcastIceSender * sender);
void gst_rcast_ice_sender_set_sent_func (GstRcastIceSender * sender,
    guint session, GstRcastIceSentFunc func, GObject * object);

void gst_rcast_ice_sender_set_choose_func (GstRcastIceSender * sender,
    GstRcastIceChooseFunc func, GObject * object);

/* On the agent's thread. */
void gst_rcast_ice_sender_set_way (GstRcastIceSender * sender,
    const GstRcastIceWay * way);
gboolean gst_rcast_ice_sender_has_way (GstRcastIceSender * sender,
    const GstRcastIceWay * way);
GstRcastIcePath *gst_rcast_ice_sender_get_path (GstRcastIceSender * sender,
    guint index);
guint gst_rcast_ice_sender_get_n_carrying (GstRcastIceSender * sender);
gboolean gst_rcast_ice_sender_is_bonding (GstRcastIceSender * sender);
gboolean gst_rcast_ice_sender_is_choosing (GstRcastIceSender * sender,
    gint64 now);
gboolean gst_rcast_ice_sender_is_working (GstRcastIceSender * sender,
    guint index);
gboolean gst_rcast_ice_sender_repeat (GstRcastIceSender * sender,
    GstRcastIcePath * path, gint64 since);
gboolean gst_rcast_ice_sender_is_in_doubt (GstRcastIceSender * sender);
GstRcastIcePath *gst_rcast_ice_sender_steal_refusing (GstRcastIceSender *
    sender);

/* Any thread. */
void gst_rcast_ice_sender_send (GstRcastIceSender * sender,
    GOutputVector * packets, guint n_packets);
gboolean gst_rcast_ice_sender_is_carrying (GstRcastIceSender * sender,
    GstRcastIcePath * path);
GstRcastIcePath *gst_rcast_ice_sender_ref_first (GstRcastIceSender * sender);
guint64 gst_rcast_ice_sender_get_unsent (GstRcastIceSender * sender);

G_END_DECLS
