/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The paths of one RTP session: what each path carries, and what they carry together. */
#pragma once

#include <gst/gst.h>

#include "gstrcastallowances.h"
#include "gstrcastcapacities.h"
#include "rcast-doubles.h"
#include "rcast-rate.h"

G_BEGIN_DECLS

/**
 * GstRcastPathsView:
 * @known: whether there is feedback about what is sent
 * @target: bit/s on the wire that the session may send; 0: no path is in use
 * @pacing: pacing rate, in bit/s on the wire
 * @burst: least number of waiting bytes that leave at once
 * @state: rate state of the path with the lowest target
 * @loss: share of lost packets, of the path that loses most
 * @doubles: what decides whether it is worth sending packets twice
 *
 * What the paths of a session carry.
 */
typedef struct {
  gboolean known;
  guint64 target, pacing;
  gsize burst;
  GstRcastRateState state;
  gdouble loss;
  GstRcastDoublesView doubles;
} GstRcastPathsView;

/**
 * GstRcastPathsPacket:
 * @size: bytes on the wire, with IP and UDP headers
 * @last: whether it is the last packet of a frame
 *
 * A packet that has to leave on one of several paths.
 */
typedef struct {
  gsize size;
  gboolean last;
} GstRcastPathsPacket;

/**
 * GstRcastPathsSole:
 * @interface: (nullable): interned: the uplink of the path
 * @max: limit of the path, in bit/s
 * @rate: rate controller of the path
 *
 * The only path in use. Valid until the paths change.
 */
typedef struct {
  const gchar *interface;
  guint64 max;
  GstRcastRate *rate;
} GstRcastPathsSole;

/**
 * GstRcastPathsCarrier:
 * @interface: the uplink
 * @rank: by the user's preference, 0 is the best
 *
 * A path that a packet can leave on.
 */
typedef struct {
  const gchar *interface;
  guint rank;
} GstRcastPathsCarrier;

/* Returned by gst_rcast_paths_choose() */
#define GST_RCAST_PATHS_NO_CHOICE G_MAXUINT

/* Use it only under the owner's lock. */
typedef struct _GstRcastPaths GstRcastPaths;

GstRcastPaths * gst_rcast_paths_new         (const GstRcastRateConfig * config,
                                             GstRcastCapacities       * capacities);
void            gst_rcast_paths_free        (GstRcastPaths * self);
void            gst_rcast_paths_set_allowances (GstRcastPaths      * self,
                                             GstRcastAllowances * allowances);
void            gst_rcast_paths_configure   (GstRcastPaths            * self,
                                             const GstRcastRateConfig * config);

void            gst_rcast_paths_sent        (GstRcastPaths * self,
                                             const gchar   * interface,
                                             guint16         number,
                                             gsize           size,
                                             gboolean        trial,
                                             GstClockTime    now);
guint           gst_rcast_paths_choose      (GstRcastPaths              * self,
                                             const GstRcastPathsCarrier * carriers,
                                             guint                        n,
                                             const GstRcastPathsPacket  * packet,
                                             GstClockTime                 now);
GstClockTime    gst_rcast_paths_get_hold    (GstRcastPaths * self,
                                             const gchar   * interface,
                                             GstClockTime    now);
void            gst_rcast_paths_begin_report (GstRcastPaths * self);
void            gst_rcast_paths_next_message (GstRcastPaths * self);
gboolean        gst_rcast_paths_arrival     (GstRcastPaths * self,
                                             guint16         number,
                                             GstClockTime    arrival,
                                             GstClockTime    now);
void            gst_rcast_paths_came        (GstRcastPaths * self,
                                             guint16         number);
gboolean        gst_rcast_paths_take_lost   (GstRcastPaths * self,
                                             guint16       * number);
void            gst_rcast_paths_report      (GstRcastPaths * self,
                                             guint32         ssrc,
                                             gint32          lost,
                                             GstClockTime    now);
void            gst_rcast_paths_end_report  (GstRcastPaths * self,
                                             GstClockTime    now);
void            gst_rcast_paths_tick        (GstRcastPaths     * self,
                                             GstRcastPathsView * view,
                                             GstClockTime        now);
guint64         gst_rcast_paths_get_target  (GstRcastPaths * self,
                                             gboolean      * full,
                                             GstClockTime    now);
guint64         gst_rcast_paths_find_room   (GstRcastPaths * self,
                                             guint64         needed,
                                             const gchar  ** interface,
                                             GstClockTime    now);
gboolean        gst_rcast_paths_find_sole   (GstRcastPaths     * self,
                                             GstRcastPathsSole * sole,
                                             GstClockTime        now);
void            gst_rcast_paths_restart     (GstRcastPaths * self,
                                             GstClockTime    now);
void            gst_rcast_paths_try         (GstRcastPaths * self,
                                             guint64         target,
                                             GstClockTime    now);
void            gst_rcast_paths_set_eager   (GstRcastPaths * self,
                                             gboolean        eager);
void            gst_rcast_paths_add_stats   (GstRcastPaths * self,
                                             guint           session,
                                             GValue        * list,
                                             GstClockTime    now);

G_END_DECLS
