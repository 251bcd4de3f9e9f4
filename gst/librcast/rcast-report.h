/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Everything that a user reads: the messages, warnings and errors, with their text. */
#pragma once

#include <gst/gst.h>

#include "rcast-message.h"
#include "rcast-outbox.h"
#include "rcast-policy.h"
#include "rcast-types.h"

G_BEGIN_DECLS

/**
 * GstRcastTrouble:
 * @GST_RCAST_TROUBLE_JUMP: timestamps jumped
 * @GST_RCAST_TROUBLE_DRIFT: timestamps drift
 * @GST_RCAST_TROUBLE_OVERFLOW: packets were dropped because a connection did not take them
 * @GST_RCAST_TROUBLE_THIN: the network carries less than the stream needs, and frames are
 *   dropped
 * @GST_RCAST_TROUBLE_DEGRADED: the network carries less than the minimum of the stream
 * @GST_RCAST_TROUBLE_RESTORED: the network carries the minimum again
 * @GST_RCAST_TROUBLE_SLOW: the machine cannot encode or pack the stream in time
 *
 * Trouble of one stream that does not end the stream.
 */
typedef enum {
  GST_RCAST_TROUBLE_JUMP,
  GST_RCAST_TROUBLE_DRIFT,
  GST_RCAST_TROUBLE_OVERFLOW,
  GST_RCAST_TROUBLE_THIN,
  GST_RCAST_TROUBLE_DEGRADED,
  GST_RCAST_TROUBLE_RESTORED,
  GST_RCAST_TROUBLE_SLOW,
} GstRcastTrouble;

/**
 * GstRcastOccasion:
 * @step: the step of the policy
 * @error: (nullable): error that came with the event
 * @location: (nullable): the server, without secrets
 * @no_restart: (nullable): why an ICE restart cannot help, %NULL: it may
 * @no_renegotiation: (nullable): why a fresh webrtcbin in the same session cannot help,
 *   %NULL: it may
 * @beside: (nullable): the second attempt in the words of gst_rcast_report_beside(), %NULL:
 *   there is none
 * @max_retries: how many attempts there may be, -1: any number
 *
 * What to report about.
 */
typedef struct {
  const GstRcastStep *step;
  const GError *error;
  const gchar *location;
  const gchar *no_restart, *no_renegotiation;
  const gchar *beside;
  gint max_retries;
} GstRcastOccasion;

/**
 * GstRcastReporter:
 * @direction: direction of the media
 * @grace: no warning for an ICE connection that is lost for less than this
 * @warned: bit set, by #GstRcastReason, of the ICE troubles that have been warned of
 *   since the broadcast was last on air
 * @progress: (nullable): code of the progress that has begun and not ended; static
 *
 * Remembers what has been reported, so that nothing is reported twice. A plain struct.
 */
typedef struct {
  GstRcastDirection direction;
  GstClockTime grace;
  guint warned;
  const gchar *progress;
} GstRcastReporter;

gchar *              gst_rcast_report_beside  (GstRcastStrategy           strategy,
                                               const gchar              * location);
GstRcastStatusInfo * gst_rcast_report_step    (const GstRcastOccasion   * occasion);
GstRcastStatusInfo * gst_rcast_report_outage  (const GstRcastOccasion   * occasion);
GPtrArray *          gst_rcast_report_status  (GstRcastReporter         * reporter,
                                               GstObject                * source,
                                               const GstRcastStatusInfo * info);
GstMessage *         gst_rcast_report_failure (const GstRcastReporter   * reporter,
                                               GstObject                * source,
                                               const GstRcastStatusInfo * info,
                                               const GError             * error);
GstMessage *         gst_rcast_report_warning (GstObject                * source,
                                               const GError             * error);
GstMessage *         gst_rcast_report_stream  (GstObject                * source,
                                               const gchar              * pad,
                                               gboolean                   stalled,
                                               GstRcastStage              stage,
                                               GstClockTime               duration,
                                               const gchar              * hint);
GstMessage *         gst_rcast_report_trouble (GstObject                * source,
                                               const gchar              * pad,
                                               GstRcastTrouble            trouble,
                                               gint64                     ahead,
                                               guint                      count);
GstMessage *         gst_rcast_report_allowance (GstObject              * source,
                                               const gchar              * interface,
                                               guint64                    used,
                                               guint64                    daily,
                                               gboolean                   spent);
GstMessage *         gst_rcast_report_unconfirmed (GstObject            * source,
                                               GstClockTime               silence);
GstMessage *         gst_rcast_report_unlinked (GstObject               * source,
                                               const gchar              * pad,
                                               gboolean                   linked,
                                               GstClockTime               duration);
GstMessage *         gst_rcast_report_target  (GstObject                * source,
                                               const gchar              * pad,
                                               guint64                    bitrate,
                                               guint64                    sum,
                                               const gchar              * reason);
GstMessage *         gst_rcast_report_dropped (GstObject                * source,
                                               const GstRcastLetter     * letter,
                                               GstRcastDropCause          cause,
                                               guint                      waiting);
gchar *              gst_rcast_report_log_line (const GstRcastStep      * step,
                                               GstRcastEventType          event,
                                               const GError             * error);
GError *             gst_rcast_report_no_channel (const GError          * refusal);
GError *             gst_rcast_report_server  (GstRcastServerEvent        event,
                                               const gchar              * detail);

G_END_DECLS
