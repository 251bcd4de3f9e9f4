/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Probes the path of one RTP session with padding, and tells its rate controller the result. */
#pragma once

#include <gst/gst.h>

#include "gstrcastpaths.h"
#include "gstrcastrepairfilter.h"

G_BEGIN_DECLS

/**
 * GstRcastProberLeave:
 * @possible: whether padding may leave
 * @useful: bit/s on the wire that all streams can use
 * @target: bit/s on the wire that all sessions may send
 *
 * What a session may probe for.
 */
typedef struct {
  gboolean possible;
  guint64 useful, target;
} GstRcastProberLeave;

/* Use it only under the owner's lock. */
typedef struct _GstRcastProber GstRcastProber;

GstRcastProber * gst_rcast_prober_new      (guint session);
void             gst_rcast_prober_free     (GstRcastProber * self);

guint64          gst_rcast_prober_heed     (GstRcastProber            * self,
                                            GstRcastPaths             * paths,
                                            const GstRcastProberLeave * leave,
                                            GstClockTime                now);
gboolean         gst_rcast_prober_is_on    (const GstRcastProber * self);
gboolean         gst_rcast_prober_is_recent (const GstRcastProber * self,
                                            GstClockTime           now);
gboolean         gst_rcast_prober_pad      (GstRcastProber       * self,
                                            GstRcastRepairFilter * filter,
                                            GMutex               * lock,
                                            GstClockTime           now);
guint64          gst_rcast_prober_get_padding (const GstRcastProber * self);
void             gst_rcast_prober_sent     (GstRcastProber * self,
                                            const gchar    * interface,
                                            guint16          number,
                                            gsize            size,
                                            gboolean         padding,
                                            GstClockTime     now);
void             gst_rcast_prober_arrival  (GstRcastProber * self,
                                            guint16          number,
                                            GstClockTime     arrival);
void             gst_rcast_prober_restart  (GstRcastProber * self,
                                            GstClockTime     now);

G_END_DECLS
