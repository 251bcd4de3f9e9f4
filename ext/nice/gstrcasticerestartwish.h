/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides when to ask the application for an ICE restart, and when not to. Pure. */
#pragma once

#include "gstrcasticepathview.h"

G_BEGIN_DECLS

/* In place of a GstRcastIceRestartReason. */
#define GST_RCAST_ICE_NO_RESTART -1

/* Times are monotonic microseconds. */
typedef struct
{
  gint kept;                    /* postponed reason; GST_RCAST_ICE_NO_RESTART: none */
  gint64 last_restart;          /* when a restart was asked for; 0: never */
  gint64 first_heard;           /* media, RTCP or DTLS on any generation; 0: never */
  gint64 silent_since;          /* when they last came, moved forward by standstills */
  gint64 rhythm;                /* longest usual gap between packets */
  gint64 last_step;             /* 0: none yet */
  gint64 lost;                  /* when a path died on which the peer may send; 0: none */
  gint64 return_lost;           /* when the return path died and no restart was asked for; 0: no */
  gint64 swapped;               /* when a restart last succeeded; 0: never */
  guint unheard_restarts;       /* asked for since a packet last came in */
} GstRcastIceRestartWish;

void gst_rcast_ice_restart_wish_init (GstRcastIceRestartWish * wish);
void gst_rcast_ice_restart_wish_heard (GstRcastIceRestartWish * wish,
    gint64 now);
void gst_rcast_ice_restart_wish_lost (GstRcastIceRestartWish * wish,
    gint64 now);
void gst_rcast_ice_restart_wish_lost_return (GstRcastIceRestartWish * wish,
    gint64 now);
void gst_rcast_ice_restart_wish_swapped (GstRcastIceRestartWish * wish,
    gint64 now);
gint gst_rcast_ice_restart_wish_want (GstRcastIceRestartWish * wish,
    GstRcastIceRestartReason reason, gboolean restarting, gint64 now);
gint gst_rcast_ice_restart_wish_step (GstRcastIceRestartWish * wish,
    const GstRcastIcePathView * carrier, gboolean restarting,
    gint64 now);

G_END_DECLS
