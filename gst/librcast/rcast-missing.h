/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which packets are lost that feedback says have not arrived: on several paths some are only late. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_RCAST_MISSING_MAX 1024
#define GST_RCAST_MISSING_MAX_STREAMS 16

/**
 * GstRcastMissing:
 *
 * What is not known yet. A plain struct; the fields belong to the functions.
 */
typedef struct {
  /*< private >*/
  struct {
    guint16 number;
    GstClockTime since;
  } packets[GST_RCAST_MISSING_MAX];     /* the oldest first */
  guint n;
  guint32 known[65536 / 32];    /* a bit per number that is among the packets */
  struct {
    guint32 ssrc;
    gint32 lost;
  } streams[GST_RCAST_MISSING_MAX_STREAMS];
  guint n_streams;
  gboolean retracts;            /* the receiver says it if a packet comes late */
  GstClockTime reported;        /* NONE: no report */
  gdouble called, lost;         /* missing, by feedback and by reports, lately */
  GstClockTime faded;
  gdouble owed;                 /* packets that are to be taken for lost */
} GstRcastMissing;

void     gst_rcast_missing_init   (GstRcastMissing * missing);
void     gst_rcast_missing_add    (GstRcastMissing * missing,
                                   guint16           number,
                                   GstClockTime      now);
void     gst_rcast_missing_came   (GstRcastMissing * missing,
                                   guint16           number);
void     gst_rcast_missing_report (GstRcastMissing * missing,
                                   guint32           ssrc,
                                   gint32            lost,
                                   GstClockTime      now);
gboolean gst_rcast_missing_next   (GstRcastMissing * missing,
                                   guint16         * number,
                                   gboolean        * lost,
                                   GstClockTime      now);

G_END_DECLS
