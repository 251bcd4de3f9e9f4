/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Loss of one stream by a server's reports and requests, without gaps that were in the input. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * GstRcastLosses:
 * @lost: packets that were sent and did not arrive, by the last report
 * @untaken_lost: the same since gst_rcast_losses_take(); negative: the server has yet to report
 *   numbers that were skipped, or packets arrived twice
 * @untaken_expected: packets expected in the same time
 */
typedef struct {
  gint32 lost;
  gint64 untaken_lost;
  gint64 untaken_expected;

  /*< private >*/
  guint32 highest;              /* sequence number in the last report */
  gint64 skipped;               /* numbers skipped by the time of that report */
  gint64 untaken_skipped;
  gboolean requested;           /* whether the server has requested any packet */
  guint16 last_requested;       /* newest sequence number requested */
  guint64 sent_at_request;      /* sequence numbers used by then */
} GstRcastLosses;

gint32  gst_rcast_losses_report  (GstRcastLosses * losses, gint32 lost, guint32 highest,
                                  gint64 skipped, gboolean first);
void    gst_rcast_losses_take    (GstRcastLosses * losses);
gboolean gst_rcast_losses_request (GstRcastLosses * losses, guint16 seqnum, guint64 sent);

G_END_DECLS
