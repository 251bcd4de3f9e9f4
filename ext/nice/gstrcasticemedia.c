/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reports of an application to its ICE agent about the media. */
#include "config.h"

#include "gstrcastice.h"

#include "gstrcasticemembers.h"
#include "gstrcasticestream.h"

/**
 * gst_rcast_ice_send:
 * @ice: the agent
 * @session: webrtcbin's session
 * @packet: encrypted
 *
 * Sends one packet unchanged, along with webrtcbin's own, such as a retransmission of a lost
 * packet. Any thread.
 *
 * Since: 0.1
 */
void
gst_rcast_ice_send (GstWebRTCICE * ice, guint session, GBytes * packet)
{
  g_autoptr (GPtrArray) streams = NULL;

  g_return_if_fail (GST_IS_RCAST_ICE (ice));
  g_return_if_fail (packet != NULL);

  streams = gst_rcast_ice_dup_streams (ice);
  for (guint i = 0; i < streams->len; i++)
    if (gst_rcast_ice_stream_get_session_id (streams->pdata[i]) == session)
      gst_rcast_ice_stream_send (streams->pdata[i], packet);
}

/**
 * gst_rcast_ice_report_loss:
 * @ice: the agent
 * @session: webrtcbin's session
 * @lost: how many of the @expected packets did not arrive
 * @expected: how many packets the peer expected since the last report; 0 is no report
 *
 * Reports the loss of media according to the peer's RTCP reports. Only the application can
 * read them, as RTCP is encrypted. The agent counts the loss for the uplink that carries the
 * media, and moves the media to another uplink if more than a tenth is lost.
 *
 * Since: 0.1
 */
void
gst_rcast_ice_report_loss (GstWebRTCICE * ice, guint session, guint lost,
    guint expected)
{
  g_autoptr (GPtrArray) streams = NULL;

  g_return_if_fail (GST_IS_RCAST_ICE (ice));

  streams = gst_rcast_ice_dup_streams (ice);
  for (guint i = 0; i < streams->len && expected > 0; i++) {
    if (gst_rcast_ice_stream_get_session_id (streams->pdata[i]) == session)
      gst_rcast_ice_stream_report_loss (streams->pdata[i], lost, expected);
  }
}

/**
 * gst_rcast_ice_report_room:
 * @ice: the agent
 * @session: webrtcbin's session
 * @interface: (nullable): the uplink, as in #GstRcastIceSentFunc
 * @room: the capacity of the uplink, in bit/s
 * @needed: the least bit/s that the media needs
 *
 * Reports the capacity of the uplink that carries the media. Call this at least twice a
 * second. If @room has been less than @needed for two seconds, the agent moves the media to
 * another uplink, unless that one is also too slow and not known to carry half more. The media
 * returns once the first uplink has been well for 30 s and carries a copy of the media.
 *
 * Since: 0.1
 */
void
gst_rcast_ice_report_room (GstWebRTCICE * ice, guint session,
    const gchar * interface, guint64 room, guint64 needed)
{
  g_autoptr (GPtrArray) streams = NULL;

  g_return_if_fail (GST_IS_RCAST_ICE (ice));

  streams = gst_rcast_ice_dup_streams (ice);
  for (guint i = 0; i < streams->len; i++) {
    if (gst_rcast_ice_stream_get_session_id (streams->pdata[i]) == session)
      gst_rcast_ice_stream_report_room (streams->pdata[i], interface, room,
          needed);
  }
}

/**
 * gst_rcast_ice_check_carrier:
 * @ice: the agent
 *
 * Checks the paths that carry media now, in both directions. By default the agent checks them
 * after silence for half of #GstRcastIce:media-timeout. An answer raises `checks-answered` in
 * the statistics of the path.
 *
 * Since: 0.1
 */
void
gst_rcast_ice_check_carrier (GstWebRTCICE * ice)
{
  g_autoptr (GPtrArray) streams = NULL;

  g_return_if_fail (GST_IS_RCAST_ICE (ice));

  streams = gst_rcast_ice_dup_streams (ice);
  for (guint i = 0; i < streams->len; i++)
    gst_rcast_ice_stream_check_carrier (streams->pdata[i]);
}
