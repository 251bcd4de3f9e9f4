/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the process remembers of an uplink, across generations, sessions and servers. Pure. */
#pragma once

#include "gstrcasticepathview.h"

G_BEGIN_DECLS

/* Why media left an uplink. */
typedef enum
{
  GST_RCAST_ICE_TROUBLE_DEAD,
  GST_RCAST_ICE_TROUBLE_CONGESTED,      /* it lost or delayed packets */
} GstRcastIceTrouble;

/* Times are monotonic microseconds. */
typedef struct
{
  gint64 well_since;
  gint64 hold;                  /* media returns once it has been well this long */
  gboolean dead;
  gboolean congested;           /* no trial has passed since it was congested */
  gdouble penalty;              /* how often media had to leave it, fading */
  gint64 penalty_at;            /* when @penalty was computed */
  gdouble loss;                 /* of its media, as the peer reports it; smoothed */
  gint64 loss_at;               /* when @loss was reported */
  guint64 room;                 /* bit/s, reported by the application; 0: unknown */
  gint64 room_at;               /* when @room was reported */
  gint64 thin_since;            /* since when @room is too little; 0: it suffices */
  gint64 rtt;                   /* 0: unknown */
} GstRcastIceRecord;

void gst_rcast_ice_record_init (GstRcastIceRecord * record, gint64 now);
void gst_rcast_ice_record_alive (GstRcastIceRecord * record, gint64 rtt,
    gint64 now);
void gst_rcast_ice_record_leave (GstRcastIceRecord * record,
    GstRcastIceTrouble trouble, gint64 now);
void gst_rcast_ice_record_lose (GstRcastIceRecord * record, guint lost,
    guint expected, gint64 now);
void gst_rcast_ice_record_fit (GstRcastIceRecord * record, guint64 room,
    guint64 needed, gint64 now);
void gst_rcast_ice_record_pass (GstRcastIceRecord * record);
void gst_rcast_ice_record_recall (const GstRcastIceRecord * record,
    GstRcastIcePathView * view, gint64 now);

G_END_DECLS
