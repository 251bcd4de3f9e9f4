/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an application tells its ICE agent about the media, and asks of it. */
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
 * Sends one packet as it is, as webrtcbin's own: one that has left before and was lost. Any
 * thread.
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
 * @lost: so many packets of those that the peer expected did not arrive
 * @expected: how many it expected since the last report; 0 is no report
 *
 * What the peer's RTCP reports say of the media. Only the application can read them, as RTCP
 * is encrypted. The agent counts them for the uplink that carries the media, and moves the
 * media to another one if more than a tenth is lost.
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
 * @interface: (nullable): the uplink, as of #GstRcastIceSentFunc
 * @room: bit/s that it carries
 * @needed: bit/s that the media takes at least
 *
 * What the application finds out about the uplink that carries the media, twice a second or
 * more often. The agent moves the media to another uplink when @room has been less than @needed
 * for two seconds, unless that is not known to carry half more, and back once that was well for
 * 30 s and carries a copy of the media.
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
 * Checks the paths that carry media now, ours and the peer's, instead of after half of #GstRcastIce:media-timeout
 * of silence. An answer raises `checks-answered` in the statistics of the path.
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
