/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which packets are lost that feedback says have not arrived: on several paths some are only late. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_RCAST_MISSING_MAX 1024
#define GST_RCAST_MISSING_MAX_STREAMS 16

/**
 * GstRcastMissingFate:
 * @GST_RCAST_MISSING_LOST: the packet will not come any more
 * @GST_RCAST_MISSING_CAME: it has come meanwhile
 * @GST_RCAST_MISSING_UNKNOWN: most of those like it come
 *
 * What became of a packet that was called missing.
 */
typedef enum {
  GST_RCAST_MISSING_LOST,
  GST_RCAST_MISSING_CAME,
  GST_RCAST_MISSING_UNKNOWN,
} GstRcastMissingFate;

/**
 * GstRcastMissingNews:
 * @number: of a packet
 * @path: that it left on
 * @fate: what became of it
 * @earliest: where it has come: not before that, by the receiver's clock
 * @latest: the same: not after that
 */
typedef struct {
  guint16 number;
  guint path;
  GstRcastMissingFate fate;
  GstClockTime earliest, latest;
} GstRcastMissingNews;

/**
 * GstRcastMissing:
 *
 * What is not known yet. A plain struct; the fields belong to the functions.
 */
typedef struct {
  /*< private >*/
  struct {
    guint16 number;
    guint path;                 /* that it left on */
    GstClockTime since;
  } packets[GST_RCAST_MISSING_MAX];     /* the oldest first */
  guint n;
  guint64 doubted;              /* a bit per path */
  guint32 known[65536 / 32];    /* a bit per number that is among the packets */
  struct {
    guint32 ssrc;
    gint32 lost;
  } streams[GST_RCAST_MISSING_MAX_STREAMS];
  guint n_streams;
  gboolean retracts;            /* the receiver says it if a packet comes late */
  GstClockTime reported, gap;   /* the last report, and the time to that from the one before; NONE */
  gint balance;                 /* packets that came late by the reports, less those taken for such */
  gboolean known_skew;
  GstClockTimeDiff skew;        /* from the time at which an arrival was told to the arrival */
  GstClockTimeDiff odd_skew;    /* the same of one that is far off, with none after it that is not */
  guint odd_feedback;           /* by its number: where that was told; 0: there is none */
  guint n_feedbacks;
  gboolean heard;               /* there are arrivals in this feedback */
  GstClockTime newest, before;  /* arrival in the last with any, and in the one before it; by the
                                 * receiver's clock; NONE: none, yet */
  GstClockTime counted, cursor; /* the newest one at the last report, and in what is told since */
} GstRcastMissing;

void     gst_rcast_missing_init   (GstRcastMissing * missing);
void     gst_rcast_missing_add    (GstRcastMissing * missing,
                                   guint16           number,
                                   guint             path,
                                   GstClockTime      now);
void     gst_rcast_missing_begin  (GstRcastMissing * missing);
gboolean gst_rcast_missing_check  (GstRcastMissing * missing,
                                   GstClockTime      arrival,
                                   GstClockTime      now);
void     gst_rcast_missing_came   (GstRcastMissing * missing,
                                   guint16           number,
                                   GstClockTime      arrival);
gboolean gst_rcast_missing_pass   (GstRcastMissing     * missing,
                                   guint                 path,
                                   guint16               by,
                                   GstClockTime          arrival,
                                   GstRcastMissingNews * news,
                                   GstClockTime          now);
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
