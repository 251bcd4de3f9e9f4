/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The sessions left at servers: kept over attempts and processes, and ended as soon as possible. */
#pragma once

#include <gst/gst.h>

#include "gstrcastallowances.h"
#include "gstrcastservers.h"
#include "rcast-loop.h"

G_BEGIN_DECLS

/**
 * GstRcastGhostsWarned:
 * @error: why the list cannot be kept; the broadcast goes on
 *
 * Called on the loop's thread.
 */
typedef void (*GstRcastGhostsWarned) (const GError * error, gpointer data);

/*
 * Every session that a signaller opens is in the list until the server has confirmed its end.
 * Before an offer goes to a server, the sessions left there are ended. Otherwise that is tried
 * at growing intervals, and when the network is back. The signal `ended`, on the loop's thread,
 * says that a server has confirmed the end of a session.
 */
#define GST_TYPE_RCAST_GHOSTS (gst_rcast_ghosts_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastGhosts, gst_rcast_ghosts, GST, RCAST_GHOSTS, GstObject)

GstRcastGhosts * gst_rcast_ghosts_new     (GstRcastServers      * servers,
                                           GstRcastAllowances   * allowances);
void             gst_rcast_ghosts_keep    (GstRcastGhosts       * self);

/* Only while no loop runs. */
gboolean         gst_rcast_ghosts_load    (GstRcastGhosts       * self,
                                           const gchar          * path,
                                           GstClock             * clock,
                                           GError              ** error);
void             gst_rcast_ghosts_save    (GstRcastGhosts       * self);

void             gst_rcast_ghosts_start   (GstRcastGhosts       * self,
                                           GstRcastLoop         * loop,
                                           GstRcastGhostsWarned   warned,
                                           gpointer               data);

void             gst_rcast_ghosts_stop_soon (GstRcastGhosts     * self,
                                           GstRcastLoop         * loop);

/* On the loop's thread, or after it has ended. */
void             gst_rcast_ghosts_stop    (GstRcastGhosts       * self,
                                           GstRcastLoop         * loop);
void             gst_rcast_ghosts_watch   (GstRcastGhosts       * self,
                                           GstRcastSignaller    * signaller);
gboolean         gst_rcast_ghosts_end_at  (GstRcastGhosts       * self,
                                           const gchar          * location,
                                           GSourceFunc            done,
                                           gpointer               data,
                                           GDestroyNotify         notify);
guint            gst_rcast_ghosts_count_ended (GstRcastGhosts   * self);
gboolean         gst_rcast_ghosts_has     (GstRcastGhosts       * self,
                                           const gchar          * location);
void             gst_rcast_ghosts_reached (GstRcastGhosts       * self,
                                           const gchar          * location);
void             gst_rcast_ghosts_hurry   (GstRcastGhosts       * self);

G_END_DECLS
