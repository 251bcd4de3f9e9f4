/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes a webrtcbin with the ICE agent that the server uses. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "loopback-ice.h"

#include "gstrcastice.h"

GstElement *
loopback_ice_make_webrtcbin (const gchar * address)
{
  g_autoptr (GstWebRTCICE) ice = gst_rcast_ice_new (NULL);
  GstElement *webrtc = gst_rcast_ice_make_webrtcbin (ice, NULL);
  gboolean added;

  if (webrtc == NULL)
    return NULL;
  g_object_set (webrtc, "bundle-policy", GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE,
      NULL);
  if (address)
    g_signal_emit_by_name (ice, "add-local-ip-address", address, &added);
  return webrtc;
}

void
loopback_ice_prepare_answer (GstElement * webrtc, GstSDPMessage * answer)
{
  g_autoptr (GstWebRTCICE) ice = NULL;

  g_object_get (webrtc, "ice-agent", &ice, NULL);
  gst_rcast_ice_prepare_answer (ice, answer);
}
