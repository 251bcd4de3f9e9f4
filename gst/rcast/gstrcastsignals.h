/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The signals of rcastsink and rcastsrc and their documentation. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Only passed on here. */
typedef struct _GstRcastBin GstRcastBin;

enum {
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
  void     (*ice_restart)   (GstRcastBin * self);
  void     (*renegotiate)   (GstRcastBin * self);
  void     (*reconnect_now) (GstRcastBin * self);
  void     (*set_token)     (GstRcastBin * self, const gchar * location,
                             const gchar * token);
  gboolean (*send_message)  (GstRcastBin * self, const gchar * type,
                             const gchar * payload, gboolean retry_after_reconnect);
} GstRcastBinActions;

void gst_rcast_signals_install (GType                   type,
                                guint                 * ids,
                                const GstRcastBinActions * actions);

G_END_DECLS
