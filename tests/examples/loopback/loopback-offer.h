/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides what of an offer the server takes and narrows the offer down to it. Pure: descriptions in, descriptions out. */
#pragma once

#include <gst/gst.h>
#include <gst/sdp/gstsdpmessage.h>

G_BEGIN_DECLS

/* Codes are HTTP status codes. */
#define LOOPBACK_HTTP_ERROR (loopback_http_error_quark ())
GQuark      loopback_http_error_quark   (void);

#define LOOPBACK_MAX_LINES 16

/* The one extension that is taken: webrtcbin answers it with feedback. */
#define LOOPBACK_TRANSPORT_CC \
  "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"

typedef enum {
  LOOPBACK_ROLE_PUBLISHER,
  LOOPBACK_ROLE_VIEWER,
} LoopbackRole;

const gchar * loopback_role_nick        (LoopbackRole role);

/* One m-line: the one codec that was chosen for it */
typedef struct {
  gboolean video;
  guint index;                  /* among those of its kind */
  gchar *mid;
  gint pt;
  gint clock_rate;
  gchar *encoding_name;
  GstCaps *caps;                /* with what the fmtp line says */
  gboolean nack;                /* lost packets of it can be sent again */
  guint transport_cc;           /* id of the extension for transport-wide feedback, 0: none */
} LoopbackLine;

void        loopback_line_free          (LoopbackLine * line);

/* What the publisher sends on (kind, index), or NULL: (transfer full) */
typedef GstCaps * (*LoopbackSourceFunc) (gboolean video, guint index, gpointer user_data);

/* As if the publisher had not offered it: transport-wide feedback for all
 * streams but @feedback ("all", "video", "none", "ccfb"), RFC 4588 without @rtx. */
void        loopback_offer_reduce       (GstSDPMessage * offer, const gchar * feedback, gboolean rtx);

/* Checks @offer and leaves one codec (and its RTX) on each m-line.
 * @codecs: comma separated encoding names that are taken, or NULL for all. */
GPtrArray * loopback_offer_choose       (GstSDPMessage * offer, LoopbackRole role, const gchar * codecs, LoopbackSourceFunc source, gpointer user_data, GError ** error);

G_END_DECLS
