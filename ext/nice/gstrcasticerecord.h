/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is remembered of an uplink, whatever generation, session or server used it. Pure. */
#pragma once

#include "gstrcasticepathview.h"

G_BEGIN_DECLS

/* Why media left an uplink. */
typedef enum
{
  GST_RCAST_ICE_TROUBLE_DEAD,
  GST_RCAST_ICE_TROUBLE_CONGESTED,      /* it lost packets, or delayed them */
} GstRcastIceTrouble;

/* Times are monotonic microseconds. */
typedef struct
{
  gint64 well_since;
  gint64 hold;                  /* media comes back when it has been well for so long */
  gboolean dead;
  gboolean congested;           /* it was, and no trial has shown that it is not any more */
  gdouble penalty;              /* how often media had to leave it, fading */
  gint64 penalty_at;            /* when it had that value */
  gdouble loss;                 /* of media while it carried, as the peer reports; smoothed */
  gint64 loss_at;               /* of the last report */
  guint64 room;                 /* bit/s that it carries, as the application says; 0: not known */
  gint64 room_at;               /* when it said so last */
  gint64 thin_since;            /* since when that is too little; 0: it is not */
  gint64 rtt;                   /* 0: not known */
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
