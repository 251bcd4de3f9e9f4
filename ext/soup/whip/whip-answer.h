/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Interprets the answers of a WHIP server: pure functions on statuses and SDP. */
#pragma once

#include <gst/gst.h>
#include <gst/sdp/gstsdpmessage.h>

#include "rcast-error.h"

G_BEGIN_DECLS

/**
 * WhipProtocol:
 * @WHIP_PROTOCOL_WHIP: RFC 9725: sends
 * @WHIP_PROTOCOL_WHEP: draft-ietf-wish-whep-03: receives
 *
 * Both protocols are alike. Comments apply to both, unless they name one.
 */
typedef enum
{
  WHIP_PROTOCOL_WHIP,
  WHIP_PROTOCOL_WHEP,
} WhipProtocol;

const gchar *   whip_protocol_get_name       (WhipProtocol          protocol);

/* Errors are GST_RCAST_ERROR, without the server or the status. */
GstSDPMessage * whip_answer_parse            (const GstSDPMessage * offer,
                                              const gchar         * text,
                                              gsize                 size,
                                              gboolean              allow_rejected,
                                              GError             ** error);
GstSDPMessage * whip_answer_parse_offer      (guint                 status,
                                              const gchar         * content_type,
                                              const gchar         * text,
                                              gsize                 size,
                                              GError             ** error);
gboolean        whip_answer_apply_restart    (GstSDPMessage       * answer,
                                              guint                 status,
                                              const gchar         * text,
                                              gsize                 size,
                                              GError             ** error);

gboolean        whip_answer_is_created       (guint                 status);
gboolean        whip_answer_is_redirect      (guint                 status);
gboolean        whip_answer_is_healthy       (guint                 status);
gboolean        whip_answer_is_transient     (guint                 status);
gboolean        whip_answer_wants_room       (WhipProtocol          protocol,
                                              guint                 status,
                                              gboolean              retry_after);
GstRcastError   whip_answer_classify_offer   (WhipProtocol          protocol,
                                              guint                 status,
                                              gboolean              ghost);
gboolean        whip_answer_is_end           (guint                 status);
GstRcastError   whip_answer_classify_end     (guint                 status);
GstRcastError   whip_answer_classify_restart (guint                 status);
GstRcastError   whip_answer_classify_answer  (guint                 status);

G_END_DECLS
