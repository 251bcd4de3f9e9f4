/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What rcastsink and rcastsrc share: settings, servers, states, and the driver. */
#pragma once

#include <gst/gst.h>

#include "gstrcastdriver.h"
#include "gstrcastsettings.h"
#include "rcast-report.h"

G_BEGIN_DECLS

#define GST_TYPE_RCAST_BIN (gst_rcast_bin_get_type ())
G_DECLARE_DERIVABLE_TYPE (GstRcastBin, gst_rcast_bin, GST, RCAST_BIN, GstBin)

/**
 * GstRcastBinClass:
 * @direction: direction of the media
 * @protocols: the schemes that `gst_element_make_from_uri ()` finds it by; `location` takes
 *   those of all signallers
 * @get_streams: (nullable): returns the streams to send, as in #GstRcastDriverClient
 * @get_peer: (nullable): completes the settings of a new peer
 * @settings_changed: (nullable): a setting was set. Any thread
 * @add_stats: (nullable): adds the fields of the subclass in front of the statistics. Any thread
 * @eos_delivered: (nullable): the end of the stream is delivered
 * @stream_changed: (nullable): the server reports a change of a stream
 * @status_changed: (nullable): the status changed, and its messages were posted
 *
 * These functions run on the loop's thread, unless they say otherwise.
 */
struct _GstRcastBinClass {
  GstBinClass parent_class;

  GstRcastDirection direction;
  const gchar * const * protocols;

  GPtrArray * (*get_streams)      (GstRcastBin * self);
  void        (*get_peer)         (GstRcastBin * self, GstRcastPeerSettings * settings);
  void        (*settings_changed) (GstRcastBin * self);
  void        (*add_stats)        (GstRcastBin * self, GstStructure * stats);
  void        (*eos_delivered)    (GstRcastBin * self);
  void        (*stream_changed)   (GstRcastBin * self, GstRcastStreamChange change,
                                   const gchar * stream, const gchar * reason);
  void        (*status_changed)   (GstRcastBin * self, const GstRcastStatusInfo * info);
};

typedef void (* GstRcastBinRead) (const GstRcastSettings * settings, gpointer data);

void             gst_rcast_bin_class_install_settings (GstRcastBinClass * klass,
                                                       GstRcastSignallerDirections directions);
void             gst_rcast_bin_read_settings         (GstRcastBin      * self,
                                                      GstRcastBinRead    read,
                                                      gpointer           data);
GstRcastDriver * gst_rcast_bin_dup_driver            (GstRcastBin      * self);
GstClock *       gst_rcast_bin_get_clock             (GstRcastBin      * self);
void             gst_rcast_bin_set_clock             (GstRcastBin      * self,
                                                      GstClock         * clock);

G_END_DECLS
