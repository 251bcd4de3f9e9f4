/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Parses, changes and prints an untrusted description. */
#include "config.h"

#include "fuzz.h"

#include <string.h>

#include "rcast-sdp.h"

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  g_autoptr (GstSDPMessage) sdp =
      gst_rcast_sdp_parse ((const gchar *) data, size, NULL);
  g_autofree gchar *string = fuzz_string (data, size);
  g_autofree gchar *redacted = gst_rcast_sdp_redact (string);
  g_autofree gchar *text = NULL;
  const gchar *ufrag, *pwd;

  g_assert (g_utf8_validate (redacted, -1, NULL) && !strchr (redacted, '\033'));
  if (!sdp)
    return 0;
  gst_rcast_sdp_set_credentials (sdp, "ufrag", "password");
  g_assert (gst_rcast_sdp_get_credentials (sdp, &ufrag, &pwd));
  g_assert (g_str_equal (ufrag, "ufrag") && g_str_equal (pwd, "password"));
  gst_rcast_sdp_remove_candidates (sdp);
  if (gst_sdp_message_medias_len (sdp) > 0)
    g_assert (gst_rcast_sdp_get_bundle_mline (sdp) <
        gst_sdp_message_medias_len (sdp));
  text = gst_sdp_message_as_text (sdp);
  g_assert (strstr (text, "\r\na=candidate:") == NULL);
  return 0;
}
