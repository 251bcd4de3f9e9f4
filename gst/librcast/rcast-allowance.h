/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an uplink may carry by its owner's contract: bit/s, and bytes of a day. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstRcastAllowance:
 * @uplink: an interface, or a kind of them
 * @rate: bit/s, %G_MAXUINT64: any number
 * @daily: bytes of a day, %G_MAXUINT64: any number
 */
typedef struct {
  gchar *uplink;
  guint64 rate, daily;
} GstRcastAllowance;

gboolean gst_rcast_allowance_parse (const gchar       * text,
                                    GstRcastAllowance * allowance,
                                    GError           ** error);
void     gst_rcast_allowance_clear (GstRcastAllowance * allowance);
gboolean gst_rcast_allowance_fits  (const GstRcastAllowance * allowance,
                                    const gchar             * interface,
                                    const gchar             * kind);

/**
 * GstRcastQuotaNews:
 * @GST_RCAST_QUOTA_NOTHING: nothing new
 * @GST_RCAST_QUOTA_NEARLY: four fifths of the day's bytes are used up
 * @GST_RCAST_QUOTA_SPENT: all of them are
 */
typedef enum {
  GST_RCAST_QUOTA_NOTHING,
  GST_RCAST_QUOTA_NEARLY,
  GST_RCAST_QUOTA_SPENT,
} GstRcastQuotaNews;

/**
 * GstRcastQuota:
 * @used: bytes of the day
 * @day: days since some day; 0: none yet
 *
 * What an uplink has carried today. A plain struct that is zero at first.
 */
typedef struct {
  guint64 used;
  gint day;
  /*< private >*/
  gint back;                    /* the clock was set back, to that day; 0: it was not */
  GstRcastQuotaNews told;
} GstRcastQuota;

/* Each line of gst_rcast_quota_print() begins so. */
#define GST_RCAST_QUOTA_MARK "used "

gint     gst_rcast_quota_find_day  (gint64 seconds);
gboolean gst_rcast_quota_turn      (GstRcastQuota * quota,
                                    gint            day);
GstRcastQuotaNews
         gst_rcast_quota_judge     (GstRcastQuota * quota,
                                    guint64         daily);
gchar *  gst_rcast_quota_print     (const GstRcastQuota * quota,
                                    const gchar         * interface);
gboolean gst_rcast_quota_parse     (const gchar   * line,
                                    gchar        ** interface,
                                    GstRcastQuota * quota);

G_END_DECLS
