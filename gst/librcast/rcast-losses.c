/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a server's reports and requests say of the loss of one stream, without what was missing before it was sent. */
#include "config.h"

#include "rcast-losses.h"

/* No server asks for what is further behind, or for what was not sent. */
#define REQUEST_BEHIND 0x4000

/**
 * gst_rcast_losses_report:
 * @losses: of the stream
 * @lost: packets, in all, by a report
 * @highest: sequence number, by the report
 * @skipped: numbers that were left out so far of what was sent, as RTP that came in had holes:
 *   a report counts them as lost
 * @first: it is the first report, which is about what nobody knows
 *
 * Returns: how many more are lost than by the report before, whoever lost them
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

/* What is untaken has been used. A number that was left out within the last round trip is in
 * a report to come. */
void
gst_rcast_losses_take (GstRcastLosses * losses)
{
  losses->untaken_lost = CLAMP (losses->untaken_lost,
      -MAX (losses->untaken_skipped, 0), 0);
  losses->untaken_expected = losses->untaken_skipped = 0;
}

/**
 * gst_rcast_losses_request:
 * @losses: of the stream
 * @seqnum: of a packet that the server asks for
 * @sent: numbers that were used so far, left out or not
 *
 * Requests may be rare: how much was sent since the last one says how often the numbers of
 * 16 bits have begun anew.
 *
 * Returns: whether no newer packet was asked for before
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
