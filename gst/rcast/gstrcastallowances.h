/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The user's limits of the uplinks, and the bytes of today: outlives sessions and, in a file,
 * the process. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct _GstRcastAllowances GstRcastAllowances;

/* Returns: seconds since 1970 */
typedef gint64 (*GstRcastAllowancesDate) (gpointer data);

/**
 * GstRcastAllowancesNews:
 * @interface: the uplink
 * @used: bytes that it carried today
 * @daily: bytes that it may carry in a day
 * @spent: whether these are used up; if not, they nearly are
 *
 * News for the owner, each of them once a day.
 */
typedef struct {
  const gchar *interface;
  guint64 used, daily;
  gboolean spent;
} GstRcastAllowancesNews;

/* Called on the thread of gst_rcast_allowances_tick(), under no lock. @news: (nullable): %NULL:
 * the usage has to be saved */
typedef void (*GstRcastAllowancesFunc) (const GstRcastAllowancesNews * news,
    gpointer data);

GstRcastAllowances * gst_rcast_allowances_new   (const gchar          * sysfs,
                                                 GstRcastAllowancesDate date,
                                                 gpointer               data);
GstRcastAllowances * gst_rcast_allowances_ref   (GstRcastAllowances * self);
void                 gst_rcast_allowances_unref (GstRcastAllowances * self);

void                 gst_rcast_allowances_watch (GstRcastAllowances   * self,
                                                 GstRcastAllowancesFunc func,
                                                 gpointer               data);
void                 gst_rcast_allowances_configure (GstRcastAllowances  * self,
                                                 const gchar * const * words);
gboolean             gst_rcast_allowances_is_any (GstRcastAllowances * self);

void                 gst_rcast_allowances_sent  (GstRcastAllowances * self,
                                                 const gchar        * interface,
                                                 gsize                bytes);
void                 gst_rcast_allowances_tick  (GstRcastAllowances * self,
                                                 GstClockTime         now);
guint64              gst_rcast_allowances_get_rate (GstRcastAllowances * self,
                                                 const gchar        * interface);
guint64              gst_rcast_allowances_get_planned (GstRcastAllowances * self,
                                                 const gchar        * interface);
gboolean             gst_rcast_allowances_is_bounded (GstRcastAllowances * self,
                                                 const gchar        * interface);
GStrv                gst_rcast_allowances_list_spent (GstRcastAllowances * self);

gchar *              gst_rcast_allowances_print (GstRcastAllowances * self);
gboolean             gst_rcast_allowances_parse (GstRcastAllowances * self,
                                                 const gchar        * line);
void                 gst_rcast_allowances_add_stats (GstRcastAllowances * self,
                                                 GstStructure       * stats);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRcastAllowances, gst_rcast_allowances_unref)

G_END_DECLS
