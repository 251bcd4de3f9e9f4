/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Parses, applies, prints and reparses an untrusted fragment. */
#include "config.h"

#include "fuzz.h"

#include <string.h>

#include "rcast-sdp.h"

#define DESCRIPTION "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n" \
  "a=group:BUNDLE 0 1\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n" \
  "a=ice-ufrag:old1\r\na=ice-pwd:oldpasswordoldpassword\r\n" \
  "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:1\r\na=ice-ufrag:old1\r\n" \
  "a=ice-pwd:oldpasswordoldpassword\r\n"

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  g_autoptr (GstRcastSdpFragment) fragment =
      gst_rcast_sdp_fragment_parse ((const gchar *) data, size, NULL);
  g_autoptr (GstRcastSdpFragment) back = NULL;
  g_autoptr (GstSDPMessage) sdp = NULL;
  g_autofree gchar *before = NULL, *after = NULL, *printed = NULL;
  const gchar *ufrag;

  if (!fragment)
    return 0;
  sdp = gst_rcast_sdp_parse (DESCRIPTION, -1, NULL);
  g_assert (fragment->candidates->len <= GST_RCAST_SDP_MAX_CANDIDATES);
  printed = gst_rcast_sdp_fragment_print (fragment, sdp);
  back = gst_rcast_sdp_fragment_parse (printed, -1, NULL);
  if (back) {
    g_assert_cmpstr (back->ufrag, ==, fragment->ufrag);
    g_assert_cmpstr (back->pwd, ==, fragment->pwd);
    g_assert_cmpuint (back->candidates->len, ==, fragment->candidates->len);
  }
  before = gst_sdp_message_as_text (sdp);
  if (gst_rcast_sdp_apply_fragment (sdp, fragment, NULL)) {
    g_assert (gst_rcast_sdp_get_credentials (sdp, &ufrag, NULL));
    g_assert_cmpstr (ufrag, ==, fragment->ufrag);
    g_assert (!strstr (gst_sdp_media_get_attribute_val
            (gst_sdp_message_get_media (sdp, 1), "ice-ufrag"), "old1")
        || strstr (fragment->ufrag, "old1"));
  } else {
    after = gst_sdp_message_as_text (sdp);
    g_assert_cmpstr (before, ==, after);
  }
  return 0;
}
