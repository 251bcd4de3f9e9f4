/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tracks the uplinks that an agent's settings allow. */
#pragma once

#include <glib-object.h>

#include "rcast-loop.h"
#include "gstrcasticesettings.h"

G_BEGIN_DECLS

typedef struct _GstRcastIceNetwork GstRcastIceNetwork;

/* On the loop's thread. */
typedef struct
{
  GstRcastIceSettings *(*settings) (GObject * owner);   /* (transfer full) */
  /* Something may have changed. @uplinks: the new list, each as interface/address, best first; NULL
   * if the list has not changed. */
  void (*changed) (GObject * owner, const gchar * const *uplinks);
} GstRcastIceNetworkCallbacks;

/* Any thread. */
GstRcastIceNetwork *gst_rcast_ice_network_new (GObject * owner,
    GstRcastLoop * loop, const GstRcastIceNetworkCallbacks * callbacks);
void gst_rcast_ice_network_unref (GstRcastIceNetwork * network);
void gst_rcast_ice_network_start (GstRcastIceNetwork * network);
void gst_rcast_ice_network_refresh (GstRcastIceNetwork * network);
void gst_rcast_ice_network_stop (GstRcastIceNetwork * network);

G_END_DECLS
