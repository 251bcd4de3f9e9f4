/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The signals of rcastsink and their documentation. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Only handed on here. */
typedef struct _GstRcastSink GstRcastSink;

enum {
  GST_RCAST_SIGNAL_ENCODER_SETUP,
  GST_RCAST_SIGNAL_REQUEST_TOKEN,
  GST_RCAST_SIGNAL_SET_TOKEN,
  GST_RCAST_SIGNAL_MESSAGE_RECEIVED,
  GST_RCAST_SIGNAL_ICE_RESTART,
  GST_RCAST_SIGNAL_RENEGOTIATE,
  GST_RCAST_SIGNAL_RECONNECT_NOW,
  GST_RCAST_SIGNAL_SEND_MESSAGE,
  GST_RCAST_N_SIGNALS
};

/* Any thread */
typedef struct {
  void     (*ice_restart)   (GstRcastSink * self);
  void     (*renegotiate)   (GstRcastSink * self);
  void     (*reconnect_now) (GstRcastSink * self);
  void     (*set_token)     (GstRcastSink * self, const gchar * location,
                             const gchar * token);
  gboolean (*send_message)  (GstRcastSink * self, const gchar * type,
                             const gchar * payload, gboolean retry_after_reconnect);
} GstRcastSinkActions;

void gst_rcast_signals_install (GType                   type,
                                guint                 * ids,
                                const GstRcastSinkActions * actions);

G_END_DECLS
