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

/**
 * GstRcastFollowDebt:
 * @rate: bit/s that the network carries, %GST_RCAST_NO_TARGET: any number
 * @owed: how long the network is busy with what was made so far, at @rate
 * @now: the time of the media
 * @cut: when @rate became less
 *
 * How far a stream is ahead of the network: a bucket that leaks at @rate. A plain
 * struct.
 */
typedef struct {
  guint64 rate;
  GstClockTime owed, now, cut;
} GstRcastFollowDebt;

void      gst_rcast_follow_debt_init     (GstRcastFollowDebt       * debt);
void      gst_rcast_follow_debt_set_rate (GstRcastFollowDebt       * debt,
                                          guint64                    rate);
void      gst_rcast_follow_debt_pass     (GstRcastFollowDebt       * debt,
                                          GstClockTime               now);
void      gst_rcast_follow_debt_add      (GstRcastFollowDebt       * debt,
                                          gsize                      bytes);
gboolean  gst_rcast_follow_debt_is_high  (const GstRcastFollowDebt * debt);

/* How much smaller a picture may become: half the frame rate, then half the size, then
 * half of that */
#define GST_RCAST_FOLLOW_MOST_REDUCED 3

/**
 * GstRcastFollowPicture:
 * @reduced: in how many steps the picture was made smaller
 * @wish: what it should be
 * @since: since when in that direction, in the time of the media
 *
 * What a raw video is encoded as. A plain struct.
 */
typedef struct {
  guint reduced, wish;
  GstClockTime since;
} GstRcastFollowPicture;

/**
 * GstRcastFollowBudget:
 * @bits: bit/s that the network carries
 * @ceiling: bit/s that the encoder would make of the whole picture
 * @pixels: a second, of the whole picture
 * @most: in how many steps it can be made smaller
 *
 * What a raw video has to do with.
 */
typedef struct {
  guint64 bits, ceiling, pixels;
  guint most;
} GstRcastFollowBudget;

void      gst_rcast_follow_picture_init  (GstRcastFollowPicture      * picture);
guint     gst_rcast_follow_reduce        (guint                        reduced,
                                          const GstRcastFollowBudget * budget);
gboolean  gst_rcast_follow_picture_step  (GstRcastFollowPicture      * picture,
                                          const GstRcastFollowBudget * budget,
                                          GstClockTime                 now);

/**
 * GstRcastFollowLack:
 * @lacks: whether the stream is degraded
 * @since: since when the target says the opposite, in the time of the media, or
 *   %GST_CLOCK_TIME_NONE
 *
 * Whether the network carries less of a stream than its minimum. A plain struct.
 */
typedef struct {
  gboolean lacks;
  GstClockTime since;
} GstRcastFollowLack;

void      gst_rcast_follow_lack_init     (GstRcastFollowLack * lack);
gboolean  gst_rcast_follow_lack_step     (GstRcastFollowLack * lack,
                                          guint64              target,
                                          guint64              min,
                                          GstClockTime         now);

gboolean  gst_rcast_follow_is_news       (guint64 said, guint64 target);

void      gst_rcast_follow_pace_init (GstRcastFollowPace       * pace);
gboolean  gst_rcast_follow_pace_due  (const GstRcastFollowPace * pace,
                                      guint64                    wanted,
                                      GstClockTime               now);
void      gst_rcast_follow_pace_tell (GstRcastFollowPace * pace,
                                      guint64              told,
                                      GstClockTime         now);

G_END_DECLS
