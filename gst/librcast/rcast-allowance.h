/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The limits of an uplink's data plan: bit/s, and bytes a day. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstRcastAllowance:
 * @uplink: name of an interface, or a kind of interface
 * @rate: bit/s; %G_MAXUINT64: no limit
 * @daily: bytes a day; %G_MAXUINT64: no limit
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
 * @GST_RCAST_QUOTA_NOTHING: nothing to report
 * @GST_RCAST_QUOTA_NEARLY: four fifths of the day's bytes are used
 * @GST_RCAST_QUOTA_SPENT: all of the day's bytes are used
 */
typedef enum {
  GST_RCAST_QUOTA_NOTHING,
  GST_RCAST_QUOTA_NEARLY,
  GST_RCAST_QUOTA_SPENT,
} GstRcastQuotaNews;

/**
 * GstRcastQuota:
 * @used: bytes used today
 * @day: the day, as g_date_get_julian() counts; 0: none yet
 *
 * How much an uplink has carried today. Initialize it with zeros.
 */
typedef struct {
  guint64 used;
  gint day;
  /*< private >*/
  gint back;                    /* the day to which the clock was set back; 0: it was not */
  GstRcastQuotaNews told;
} GstRcastQuota;

/* Prefix of each line that gst_rcast_quota_print() writes */
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
