/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When the application is asked for an ICE restart, and when it is left alone. Pure. */
#pragma once

#include "gstrcasticepathview.h"

G_BEGIN_DECLS

/* Instead of a GstRcastIceRestartReason. */
#define GST_RCAST_ICE_NO_RESTART -1

/* Times are monotonic microseconds. */
typedef struct
{
  gint kept;                    /* reason to ask with later; GST_RCAST_ICE_NO_RESTART: none */
  gint64 last_restart;          /* asked for; 0: never */
  gint64 first_heard;           /* media, RTCP or DTLS on any generation; 0: never */
  gint64 silent_since;          /* the last of it, later by what we stood still */
  gint64 rhythm;                /* longest usual silence */
  gint64 last_step;             /* 0: none yet */
  gint64 lost;                  /* a path died, and the peer may send there; 0: it does not */
  gint64 return_lost;           /* the one on which the peer sends did, and nothing was asked for; 0: no */
  gint64 swapped;               /* a restart was through; 0: none was yet */
  guint unheard_restarts;       /* asked for since then */
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
