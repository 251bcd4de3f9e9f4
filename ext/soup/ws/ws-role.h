/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a session does with media: it publishes, or it watches. */
#pragma once

#include "rcast-types.h"

G_BEGIN_DECLS

/**
 * WsRoleFuncs:
 * @offer: (nullable): sends our offer
 * @request_offer: (nullable): has the server make an offer
 * @answer: (nullable): answers the server's offer
 * @refusal: why one of these three functions is missing
 * @no_restart: (nullable): why there are only initial offers
 * @has_request: whether an operation waits for the server
 * @drop_request: forgets that operation: the server's answer is ignored
 * @settle: (nullable): the media of the last initial offer is connected
 * @add_candidate: sends a local candidate
 * @stop: the connection is lost, or of no use any more
 * @free: frees the role, which does not outlive its link
 *
 * The functions of a role. The first three start an operation, one at a time. They return %TRUE
 * if the role will report the end of the operation, or %FALSE with @error if it did not start.
 */
typedef struct
{
  gboolean (*offer)         (gpointer role, GstRcastOfferKind kind, const gchar * sdp, GError ** error);
  gboolean (*request_offer) (gpointer role, GstRcastOfferKind kind, GError ** error);
  gboolean (*answer)        (gpointer role, const gchar * sdp, GError ** error);
  const gchar *refusal, *no_restart;
  gboolean (*has_request)   (gpointer role);
  void     (*drop_request)  (gpointer role);
  void     (*settle)        (gpointer role);
  void     (*add_candidate) (gpointer role, guint mline, const gchar * ufrag, const gchar * candidate);
  void     (*stop)          (gpointer role);
  void     (*free)          (gpointer role);
} WsRoleFuncs;

G_END_DECLS
