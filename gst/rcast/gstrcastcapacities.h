/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What each uplink carried: outlives connections and sessions. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct _GstRcastCapacities GstRcastCapacities;

GstRcastCapacities * gst_rcast_capacities_new   (void);
GstRcastCapacities * gst_rcast_capacities_ref   (GstRcastCapacities * self);
void                 gst_rcast_capacities_unref (GstRcastCapacities * self);

void                 gst_rcast_capacities_learn (GstRcastCapacities * self,
                                                 const gchar        * interface,
                                                 guint64              capacity,
                                                 gboolean             full,
                                                 GstClockTime         now);
guint64              gst_rcast_capacities_get   (GstRcastCapacities * self,
                                                 const gchar        * interface,
                                                 GstClockTime         now);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRcastCapacities, gst_rcast_capacities_unref)

G_END_DECLS
