/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checks that the certificate of a DTLS association is the one that the answer announced. */
#pragma once

#include <gst/sdp/sdp.h>

G_BEGIN_DECLS

gboolean gst_rcast_fingerprint_check (const GstSDPMessage  * sdp,
                                      guint                  mline,
                                      const gchar          * pem,
                                      GError              ** error);

G_END_DECLS
