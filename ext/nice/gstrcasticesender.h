/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sends packets from streaming threads on the paths of the current route. */
#pragma once

#include "gstrcasticepath.h"
#include "gstrcasticeroute.h"

G_BEGIN_DECLS

/* libnice takes its lock once per call, for this many packets. */
#define GST_RCAST_ICE_MAX_BATCH 64

typedef struct _GstRcastIceSender GstRcastIceSender;

/* How packets are spread over the paths. */
typedef struct
{
  GstRcastIcePath *paths[GST_RCAST_ICE_MAX_ROUTE];      /* borrowed; unused entries are NULL */
  guint n_carrying;             /* each packet is sent on all of these; the next is the standby */
  gboolean bonding;             /* instead, each packet is sent on only one of them */
  gboolean trying;              /* the second path carries a copy as a trial */
} GstRcastIceWay;

/* On the streaming thread: a path has refused packets. Called once, and again only after
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
