/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Loss of one stream by a server's reports and requests, without gaps that were in the input. */
#include "config.h"

#include "rcast-losses.h"

/* Servers request no packet that is further behind, and none that was not sent. */
#define REQUEST_BEHIND 0x4000

/**
 * gst_rcast_losses_report:
 * @losses: losses of the stream
 * @lost: cumulative number of packets lost, by a report
 * @highest: highest sequence number, by the report
 * @skipped: sequence numbers skipped so far in the output, for gaps in the incoming RTP: the report
 *   counts them as lost
 * @first: whether this is the first report: it covers an unknown time
 *
 * Returns: how many more packets are lost than by the previous report, whoever lost them
 */
gint32
gst_rcast_losses_report (GstRcastLosses * losses, gint32 lost, guint32 highest,
    gint64 skipped, gboolean first)
{
  gint32 own = lost - (gint32) skipped, before = losses->lost;
  gint64 newly = skipped - losses->skipped;

  if (!first) {
    losses->untaken_lost += own - before;
    losses->untaken_expected += (gint32) (highest - losses->highest) - newly;
    losses->untaken_skipped += newly;
  }
  losses->lost = own;
  losses->highest = highest;
  losses->skipped = skipped;
  return own - before + (gint32) newly;
}

/* The caller has used the untaken values. Numbers skipped within the last round trip will only show
 * up in a later report. */
void
gst_rcast_losses_take (GstRcastLosses * losses)
{
  losses->untaken_lost = CLAMP (losses->untaken_lost,
      -MAX (losses->untaken_skipped, 0), 0);
  losses->untaken_expected = losses->untaken_skipped = 0;
}

/**
 * gst_rcast_losses_request:
 * @losses: losses of the stream
 * @seqnum: sequence number that the server requests
 * @sent: sequence numbers used so far, including skipped ones
 *
 * Requests may be rare. The number of packets sent since the last request tells how often the
 * 16-bit sequence number has wrapped.
 *
 * Returns: whether the number is newer than all requested before
 */
gboolean
gst_rcast_losses_request (GstRcastLosses * losses, guint16 seqnum,
    guint64 sent)
{
  gint64 most = sent - losses->sent_at_request + REQUEST_BEHIND;
  gint64 newer = most - (guint16) (most - seqnum + losses->last_requested);

  if (losses->requested && newer <= 0)
    return FALSE;
  losses->requested = TRUE;
  losses->last_requested = seqnum;
  losses->sent_at_request = sent;
  return TRUE;
}
