/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The signallers of a broadcast: one for each protocol, and a twin for a second session. */
#pragma once

#include <gst/gst.h>

#include "rcast-signaller.h"

G_BEGIN_DECLS

/**
 * GstRcastSpeakersCallbacks:
 * @request_token: (transfer full) (nullable): a server has refused the present token. On the
 *   thread on which the signaller asks
 * @stream_changed: (nullable): a server reports a change of a received stream. On the
 *   signaller's thread
 *
 * The bin lives while a callback runs.
 */
typedef struct {
  gchar * (*request_token)    (const gchar * location, gpointer data);
  void    (*stream_changed)   (GstRcastSignaller * signaller,
                               GstRcastStreamChange change, const gchar * stream,
                               const gchar * reason, gpointer data);
} GstRcastSpeakersCallbacks;

/*
 * A signaller has one session at a time. The application sees the first one of a protocol, and
 * sets its properties. Its twin, made for a second session, follows them. A signaller stays a
 * child of the bin until the speakers end, or until the application sets its own for the same
 * schemes.
 */
#define GST_TYPE_RCAST_SPEAKERS (gst_rcast_speakers_get_type ())
G_DECLARE_FINAL_TYPE (GstRcastSpeakers, gst_rcast_speakers, GST, RCAST_SPEAKERS, GstObject)

GstRcastSpeakers *  gst_rcast_speakers_new         (GstBin                          * bin,
                                                    GstRcastDirection                 direction,
                                                    const GstRcastSpeakersCallbacks * callbacks,
                                                    gpointer                          data);

void                gst_rcast_speakers_provide     (GstRcastSpeakers  * self,
                                                    const gchar       * scheme);
gboolean            gst_rcast_speakers_replace     (GstRcastSpeakers  * self,
                                                    GstRcastSignaller * signaller);
GstRcastSignaller * gst_rcast_speakers_make        (GstRcastSpeakers  * self,
                                                    const gchar       * scheme);

GstRcastSignaller * gst_rcast_speakers_dup         (GstRcastSpeakers  * self,
                                                    const gchar       * scheme);
GstRcastSignaller * gst_rcast_speakers_dup_set     (GstRcastSpeakers  * self,
                                                    const gchar       * scheme);
GstRcastSignaller * gst_rcast_speakers_dup_own     (GstRcastSpeakers  * self);
GPtrArray *         gst_rcast_speakers_list        (GstRcastSpeakers  * self);
void                gst_rcast_speakers_undirect    (GstRcastSpeakers  * self);

GstRcastSignaller * gst_rcast_speakers_direct      (GstRcastSpeakers  * self,
                                                    const gchar       * scheme,
                                                    const gchar       * uri,
                                                    GError           ** error);
gboolean            gst_rcast_speakers_can_lend    (GstRcastSpeakers  * self,
                                                    const gchar       * scheme,
                                                    GstRcastSignaller * spare);
GstRcastSignaller * gst_rcast_speakers_lend        (GstRcastSpeakers  * self,
                                                    const gchar       * scheme,
                                                    const gchar       * uri,
                                                    GstRcastSignaller * rather,
                                                    GError           ** error);
void                gst_rcast_speakers_give_back   (GstRcastSpeakers  * self,
                                                    GstRcastSignaller * signaller);

void                gst_rcast_speakers_set_token   (GstRcastSpeakers  * self,
                                                    const gchar       * token);
void                gst_rcast_speakers_set_uplink  (GstRcastSpeakers  * self,
                                                    const gchar       * uplink);
void                gst_rcast_speakers_limit       (GstRcastSpeakers  * self,
                                                    gboolean            several,
                                                    guint               milliseconds);

G_END_DECLS
