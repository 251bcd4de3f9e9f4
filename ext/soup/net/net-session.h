/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a signaller asks of its session, in whatever protocol. */
#pragma once

#include <gio/gio.h>

#include "rcast-types.h"

G_BEGIN_DECLS

/**
 * NetSessionFuncs:
 * @open: joins the server, or goes on in a session that is open
 * @offer: sends an offer
 * @request_offer: has the server make an offer
 * @answer: sends the answer to the server's offer
 * @resume: (nullable): resumes the session on a new connection
 * @close: ends the session, which lives on until the goodbye is sent; its @task may be %NULL
 * @settle: the media of the last initial offer is connected
 * @add_candidate: sends a local candidate
 * @is_connected: returns whether there is a TCP connection, or more
 * @reached: the server has accepted a connection that was started after @since (monotonic,
 *   us). An older one that is not established would wait for its next SYN
 * @unref: drops a reference; any thread
 *
 * The functions of a session. They take @task.
 */
typedef struct
{
  void     (*open)          (gpointer session, GTask * task);
  void     (*offer)         (gpointer session, GstRcastOfferKind kind, const gchar * sdp, GTask * task);
  void     (*request_offer) (gpointer session, GstRcastOfferKind kind, GTask * task);
  void     (*answer)        (gpointer session, const gchar * sdp, GTask * task);
  void     (*resume)        (gpointer session, GTask * task);
  void     (*close)         (gpointer session, GTask * task);
  void     (*settle)        (gpointer session);
  void     (*add_candidate) (gpointer session, guint mline, const gchar * ufrag, const gchar * candidate);
  gboolean (*is_connected)  (gpointer session);
  void     (*reached)       (gpointer session, gint64 since);
  void     (*unref)         (gpointer session);
} NetSessionFuncs;

G_END_DECLS
