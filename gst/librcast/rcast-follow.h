/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How an encoder follows what the network carries: when it is told, and when the picture becomes smaller. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* A stream without a limit */
#define GST_RCAST_NO_TARGET G_MAXUINT64

/**
 * GstRcastFollowPace:
 * @told: bit/s that the encoder was told last, 0: nothing yet
 * @at: when, in the time of the media
 *
 * What the encoder of a stream knows. A plain struct.
 */
typedef struct {
  guint64 told;
  GstClockTime at;
} GstRcastFollowPace;

void      gst_rcast_follow_pace_init (GstRcastFollowPace       * pace);
gboolean  gst_rcast_follow_pace_due  (const GstRcastFollowPace * pace,
                                      guint64                    wanted,
                                      GstClockTime               now);
void      gst_rcast_follow_pace_tell (GstRcastFollowPace * pace,
                                      guint64              told,
                                      GstClockTime         now);

G_END_DECLS
