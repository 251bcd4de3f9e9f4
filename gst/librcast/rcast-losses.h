/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a server's reports and requests say of the loss of one stream, without what was missing before it was sent. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * GstRcastLosses:
 * @lost: packets that were sent and did not arrive, by the last report
 * @untaken_lost: the same since gst_rcast_losses_take(); less than 0: some are to be reported
 *   yet that were not sent, or others have come twice
 * @untaken_expected: packets that these are among
 */
typedef struct {
  gint32 lost;
  gint64 untaken_lost;
  gint64 untaken_expected;

  /*< private >*/
  guint32 highest;              /* sequence number of the last report */
  gint64 skipped;               /* when that came */
  gint64 untaken_skipped;
  gboolean requested;           /* packets, at all */
  guint16 last_requested;       /* the newest */
  guint64 sent_at_request;      /* numbers, at that one */
} GstRcastLosses;

gint32  gst_rcast_losses_report  (GstRcastLosses * losses, gint32 lost, guint32 highest,
                                  gint64 skipped, gboolean first);
void    gst_rcast_losses_take    (GstRcastLosses * losses);
gboolean gst_rcast_losses_request (GstRcastLosses * losses, guint16 seqnum, guint64 sent);

G_END_DECLS
