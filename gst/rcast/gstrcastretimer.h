/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Corrects the incoming timestamps of one stream: those that jump, and those that are missing. */
#pragma once

#include <gst/gst.h>

#include "gstrcastsync.h"
#include "rcast-codec.h"
#include "rcast-report.h"

G_BEGIN_DECLS

/**
 * GstRcastRetimerCallbacks:
 * @entered: data comes in
 * @jumped: the source's timestamps jumped; those that leave do not
 * @report: they jumped by @jump ns, one of @n_jumps since the last report; at most once a minute
 *
 * Called on the streaming thread.
 */
typedef struct {
  void (*entered) (gpointer data);
  void (*jumped) (gpointer data);
  void (*report) (GstRcastTrouble trouble, gint64 jump, guint n_jumps, gpointer data);
} GstRcastRetimerCallbacks;

#define GST_TYPE_RCAST_RETIMER (gst_rcast_retimer_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastRetimer, gst_rcast_retimer, GST, RCAST_RETIMER, GstObject)

GstRcastRetimer * gst_rcast_retimer_new      (GstElement * stream, GstRcastMedia media,
                                              const GstRcastRetimerCallbacks * callbacks, gpointer data);
void              gst_rcast_retimer_set_sync (GstRcastRetimer * self, GstRcastSync * sync);
void              gst_rcast_retimer_attach   (GstRcastRetimer * self, GstPad * pad, gboolean raw);
void              gst_rcast_retimer_count_jump (GstRcastRetimer * self, gint64 jump);
void              gst_rcast_retimer_ask      (GstRcastRetimer * self);
void              gst_rcast_retimer_reset    (GstRcastRetimer * self);

G_END_DECLS
