/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fits an encoder to the network: when to change its bitrate, when to shrink the picture. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* A stream without a limit */
#define GST_RCAST_NO_TARGET G_MAXUINT64

/**
 * GstRcastFollowPace:
 * @told: bit/s that the encoder was last set to; 0: none yet
 * @at: when, in media time
 *
 * The encoder's current bitrate. A plain struct.
 */
typedef struct {
  guint64 told;
  GstClockTime at;
} GstRcastFollowPace;

/**
 * GstRcastFollowDebt:
 * @rate: bit/s that the network carries; %GST_RCAST_NO_TARGET: no limit
 * @owed: how long the network needs, at @rate, for the encoder's output so far
 * @now: the current media time
 * @cut: when @rate last fell
 *
 * How far a stream is ahead of the network: a leaky bucket that drains at @rate. A plain
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

/* Most steps of reduction of a picture: half the frame rate, then half the size, then half of
 * that */
#define GST_RCAST_FOLLOW_MOST_REDUCED 3

/**
 * GstRcastFollowPicture:
 * @reduced: number of steps by which the picture is reduced
 * @wish: number of steps by which it should be
 * @since: since when @wish differs in the same direction, in media time
 *
 * How a raw video is reduced before it is encoded. A plain struct.
 */
typedef struct {
  guint reduced, wish;
  GstClockTime since;
} GstRcastFollowPicture;

/**
 * GstRcastFollowBudget:
 * @bits: bit/s that the network carries
 * @ceiling: bit/s that the encoder would produce for the whole picture
 * @pixels: pixels per second of the whole picture
 * @most: largest number of steps by which the picture can be reduced
 *
 * The budget of a raw video.
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
 * @since: since when the target says the opposite, in media time, or %GST_CLOCK_TIME_NONE
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
