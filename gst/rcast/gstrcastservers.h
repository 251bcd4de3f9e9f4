/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The servers of a broadcast: their locations, and the signaller for each. */
#pragma once

#include <gst/gst.h>

#include "gstrcastspeakers.h"
#include "rcast-signaller.h"

G_BEGIN_DECLS

/*
 * Owns the list of locations and the signallers for them. The location of an index only changes
 * while nothing runs, or in gst_rcast_servers_apply().
 */
#define GST_TYPE_RCAST_SERVERS (gst_rcast_servers_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastServers, gst_rcast_servers, GST, RCAST_SERVERS, GstObject)

GstRcastServers *   gst_rcast_servers_new               (GstBin                         * bin,
                                                         GstRcastDirection                direction,
                                                         const GstRcastSpeakersCallbacks * callbacks,
                                                         gpointer                         data);

/* Settings of the application: the signaller only while no broadcast runs, the others at any
 * time. */
gboolean            gst_rcast_servers_set_location      (GstRcastServers     * self,
                                                         const gchar         * location,
                                                         GError             ** error);
gboolean            gst_rcast_servers_set_locations     (GstRcastServers     * self,
                                                         const gchar * const * locations,
                                                         GError             ** error);
gboolean            gst_rcast_servers_set_signaller     (GstRcastServers     * self,
                                                         GstRcastSignaller   * signaller,
                                                         GError            ** error);
gboolean            gst_rcast_servers_prepare           (GstRcastServers     * self,
                                                         GError             ** error);
/* Settings that may change at any time. */
void                gst_rcast_servers_set_token         (GstRcastServers     * self,
                                                         const gchar         * token);
void                gst_rcast_servers_take_tokens       (GstRcastServers     * self,
                                                         GStrv                 tokens);
void                gst_rcast_servers_give_token        (GstRcastServers     * self,
                                                         const gchar         * location,
                                                         const gchar         * token);
void                gst_rcast_servers_set_connect_limit (GstRcastServers     * self,
                                                         guint                 milliseconds);

/* Values without secrets. Any thread. */
gchar *             gst_rcast_servers_dup_location      (GstRcastServers     * self);
GStrv               gst_rcast_servers_dup_locations     (GstRcastServers     * self);
GstRcastSignaller * gst_rcast_servers_dup_signaller     (GstRcastServers     * self);
void                gst_rcast_servers_add_stats         (GstRcastServers     * self,
                                                         GstStructure        * stats);
guint               gst_rcast_servers_get_length        (GstRcastServers     * self);

/* For the driver, on its loop's thread. */
GstRcastSignaller * gst_rcast_servers_lend              (GstRcastServers     * self,
                                                         guint                 index,
                                                         GstRcastSignaller   * rather,
                                                         GError             ** error);
void                gst_rcast_servers_give_back         (GstRcastServers     * self,
                                                         GstRcastSignaller   * signaller);
guint32             gst_rcast_servers_find_places       (GstRcastServers     * self,
                                                         GstRcastSignaller   * spare);
GArray *            gst_rcast_servers_apply             (GstRcastServers     * self,
                                                         const guint         * used,
                                                         guint                 n_used,
                                                         guint               * n_listed);
void                gst_rcast_servers_set_uplink        (GstRcastServers     * self,
                                                         const gchar         * uplink);
void                gst_rcast_servers_set_current       (GstRcastServers     * self,
                                                         guint                 index);
GstRcastSignaller * gst_rcast_servers_checker_for        (GstRcastServers     * self,
                                                         guint                 index,
                                                         gchar              ** location);
void                gst_rcast_servers_leave             (GstRcastServers     * self);

gchar *             gst_rcast_servers_describe_location (const gchar         * location);

G_END_DECLS
