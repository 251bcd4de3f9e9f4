/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Chooses what the server accepts of an offer, and reduces the offer to that. Pure: descriptions
 * in, descriptions out. */
#pragma once

#include <gst/gst.h>
#include <gst/sdp/gstsdpmessage.h>

G_BEGIN_DECLS

/* Codes are HTTP status codes. */
#define LOOPBACK_HTTP_ERROR (loopback_http_error_quark ())
GQuark      loopback_http_error_quark   (void);

#define LOOPBACK_MAX_LINES 16

/* The only accepted header extension: webrtcbin sends feedback for it. */
#define LOOPBACK_TRANSPORT_CC \
  "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"

typedef enum {
  LOOPBACK_ROLE_PUBLISHER,
  LOOPBACK_ROLE_VIEWER,
} LoopbackRole;

const gchar * loopback_role_nick        (LoopbackRole role);

/* An m-line and its chosen codec */
typedef struct {
  gboolean video;
  guint index;                  /* among the m-lines of its kind */
  gchar *mid;
  gint pt;
  gint clock_rate;
  gchar *encoding_name;
  GstCaps *caps;                /* with the fmtp parameters */
  gboolean nack;                /* the publisher sends retransmissions on NACK */
  guint transport_cc;           /* id of the extension for transport-wide feedback, 0: none */
} LoopbackLine;

void        loopback_line_free          (LoopbackLine * line);

/* Returns: (transfer full) (nullable): caps of what the publisher sends on (kind, index) */
typedef GstCaps * (*LoopbackSourceFunc) (gboolean video, guint index, gpointer user_data);

/* Removes from @offer transport-wide feedback for all streams but those of @feedback ("all",
 * "video", "none", "ccfb"), and RTX (RFC 4588) unless @rtx. */
void        loopback_offer_reduce       (GstSDPMessage * offer, const gchar * feedback, gboolean rtx);

/* Checks @offer and leaves one codec (and its RTX) on each m-line.
 * @codecs: (nullable): comma separated encoding names to accept, or NULL for all */
GPtrArray * loopback_offer_choose       (GstSDPMessage * offer, LoopbackRole role, const gchar * codecs, LoopbackSourceFunc source, gpointer user_data, GError ** error);

G_END_DECLS
