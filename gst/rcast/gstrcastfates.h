/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The fate of each packet on its path, arrived or lost, by the server's feedback. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Use it only under the owner's lock. */
typedef struct _GstRcastFates GstRcastFates;

GstRcastFates * gst_rcast_fates_new       (GArray * lanes);
void            gst_rcast_fates_free      (GstRcastFates * self);
void            gst_rcast_fates_spread    (GstRcastFates * self,
                                           GstClockTime    now);
GstClockTime    gst_rcast_fates_get_hold  (GstRcastFates * self,
                                           const gchar   * interface,
                                           GstClockTime    now);
void            gst_rcast_fates_begin     (GstRcastFates * self);
void            gst_rcast_fates_next_message (GstRcastFates * self);
gboolean        gst_rcast_fates_arrival   (GstRcastFates * self,
                                           guint16         number,
                                           GstClockTime    arrival,
                                           GstClockTime    now);
void            gst_rcast_fates_came      (GstRcastFates * self,
                                           guint16         number);
gboolean        gst_rcast_fates_take_lost (GstRcastFates * self,
                                           guint16       * number);
void            gst_rcast_fates_report    (GstRcastFates * self,
                                           guint32         ssrc,
                                           gint32          lost,
                                           GstClockTime    now);
void            gst_rcast_fates_end       (GstRcastFates * self,
                                           GstClockTime    now);

G_END_DECLS
