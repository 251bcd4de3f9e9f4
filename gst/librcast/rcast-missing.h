/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides which packets that feedback calls missing are lost: on several paths, some are late. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_RCAST_MISSING_MAX 1024
#define GST_RCAST_MISSING_MAX_STREAMS 16

/**
 * GstRcastMissingFate:
 * @GST_RCAST_MISSING_LOST: the packet will not arrive any more
 * @GST_RCAST_MISSING_CAME: the packet has arrived meanwhile
 * @GST_RCAST_MISSING_UNKNOWN: not known; most such packets arrive
 *
 * What became of a packet that feedback called missing.
 */
typedef enum {
  GST_RCAST_MISSING_LOST,
  GST_RCAST_MISSING_CAME,
  GST_RCAST_MISSING_UNKNOWN,
} GstRcastMissingFate;

/**
 * GstRcastMissingNews:
 * @number: number of a packet
 * @path: path that it left on
 * @fate: what became of it
 * @earliest: if it arrived: the earliest time, by the receiver's clock
 * @latest: if it arrived: the latest time, by the receiver's clock
 */
typedef struct {
  guint16 number;
  guint path;
  GstRcastMissingFate fate;
  GstClockTime earliest, latest;
} GstRcastMissingNews;

/**
 * GstRcastMissingPacket:
 * @number: its number
 * @path: path that it left on
 * @place: number of packets that left on the path before it
 * @left: when it left
 *
 * A packet that feedback is about.
 */
typedef struct {
  guint16 number;
  guint path;
  guint32 place;
  GstClockTime left;
} GstRcastMissingPacket;

/**
 * GstRcastMissing:
 *
 * The packets whose fate is not known yet. A plain struct; the fields belong to the functions.
 */
typedef struct {
  /*< private >*/
  struct {
    GstRcastMissingPacket packet;
    GstClockTime since;
    guint message;              /* the feedback message that called it missing */
    gboolean overtaken;         /* the same message told of a later one of its path */
  } packets[GST_RCAST_MISSING_MAX];     /* oldest first */
  guint n;
  guint64 doubted;              /* one bit per path */
  guint32 known[65536 / 32];    /* one bit per number among the packets */
  struct {
    guint32 ssrc;
    gint32 lost;
  } streams[GST_RCAST_MISSING_MAX_STREAMS];
  guint n_streams;
  gboolean retracts;            /* feedback corrects itself when a missing packet arrives late */
  GstClockTime reported, gap;   /* time of the last report, and interval before it; NONE */
  guint fed, peaked;            /* last feedback packet with arrivals; the last one in @peaks */
  gint peaks[2];                /* highest balance since @fed, and from the one before it to @fed */
  gint balance;                 /* late arrivals by report counters, less those inferred here */
  gboolean known_skew;
  GstClockTimeDiff skew;        /* receiver's arrival time minus the time we heard of it */
  GstClockTimeDiff odd_skew;    /* an outlier of @skew that nothing has contradicted yet */
  guint odd_feedback;           /* number of the feedback packet with the outlier; 0: none */
  guint n_feedbacks;
  guint n_messages;
  gboolean heard;               /* this feedback message has arrivals */
  GstClockTime newest, before;  /* latest arrival in the last feedback message with any, and in the
                                 * previous one, by the receiver's clock; NONE: none yet */
  GstClockTime counted, cursor; /* @newest at the last report; arrival estimates since */
} GstRcastMissing;

void     gst_rcast_missing_init   (GstRcastMissing * missing);
void     gst_rcast_missing_add    (GstRcastMissing             * missing,
                                   const GstRcastMissingPacket * packet,
                                   GstClockTime                  now);
void     gst_rcast_missing_begin  (GstRcastMissing * missing);
void     gst_rcast_missing_next_message (GstRcastMissing * missing);
gboolean gst_rcast_missing_check  (GstRcastMissing * missing,
                                   GstClockTime      arrival,
                                   GstClockTime      now);
void     gst_rcast_missing_came   (GstRcastMissing * missing,
                                   guint16           number,
                                   GstClockTime      arrival);
gboolean gst_rcast_missing_pass   (GstRcastMissing             * missing,
                                   const GstRcastMissingPacket * by,
                                   GstClockTime                  arrival,
                                   GstRcastMissingNews         * news,
                                   GstClockTime                  now);
void     gst_rcast_missing_report (GstRcastMissing * missing,
                                   guint32           ssrc,
                                   gint32            lost,
                                   GstClockTime      now);
void     gst_rcast_missing_doubt  (GstRcastMissing * missing,
                                   guint             path,
                                   gboolean          doubted);
gboolean gst_rcast_missing_next   (GstRcastMissing     * missing,
                                   GstRcastMissingNews * news,
                                   GstClockTime          now);

G_END_DECLS
