/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Parses the bus messages of rcastsink. */
#pragma once

#include <gst/gst.h>

#include "rcast-api.h"
#include "rcast-types.h"

G_BEGIN_DECLS

/* Structure names of the messages that report no status */
#define GST_RCAST_MESSAGE_DROPPED "message-dropped"
#define GST_RCAST_MESSAGE_STREAM_STALLED "stream-stalled"
#define GST_RCAST_MESSAGE_STREAM_FLOWING "stream-flowing"
#define GST_RCAST_MESSAGE_STREAM_RETIMED "stream-retimed"
#define GST_RCAST_MESSAGE_STREAM_OVERFLOW "stream-overflow"
#define GST_RCAST_MESSAGE_UNCONFIRMED "media-unconfirmed"
#define GST_RCAST_MESSAGE_STREAM_LATE "stream-late"
#define GST_RCAST_MESSAGE_STREAM_UNLINKED "stream-unlinked"
#define GST_RCAST_MESSAGE_STREAM_DISCONNECTED "stream_disconnected"
#define GST_RCAST_MESSAGE_STREAM_CONNECTED "stream_connected"
#define GST_RCAST_MESSAGE_TARGET_BITRATE "target-bitrate"
#define GST_RCAST_MESSAGE_DAILY_LIMIT "uplink-daily-limit"
#define GST_RCAST_MESSAGE_TOO_THIN "uplink-too-thin"
#define GST_RCAST_MESSAGE_DEGRADED "degraded"

/**
 * GstRcastStatusInfo:
 * @status: the new status
 * @reason: reason of the new status
 * @plane: the affected plane
 * @strategy: the recovery step
 * @attempt: number of the attempt to get back on air; 0: none is needed
 * @max_retries: limit of the attempts; -1: no limit
 * @delay: longest wait before this attempt, in ns
 * @outage: time since the first sign of trouble, in ns; with
 *   %GST_RCAST_STATUS_BROADCASTING the length of the outage, 0: there was none
 * @http_status: HTTP status of the server's answer; 0: none
 * @location: (nullable): location of the server
 * @detail: (nullable): what happened, in human-readable form
 * @beside: (nullable): strategy and server of a second attempt that runs in parallel, in
 *   human-readable form; %NULL: there is none
 *
 * The content of a status message. Only gst_rcast_message_parse_status() creates this struct,
 * since later versions may add fields.
 *
 * Since: 0.1
 */
typedef struct {
  GstRcastStatus status;
  GstRcastReason reason;
  GstRcastPlane plane;
  GstRcastStrategy strategy;
  guint attempt;
  gint max_retries;
  GstClockTime delay;
  GstClockTime outage;
  guint http_status;
  gchar *location;
  gchar *detail;
  gchar *beside;
} GstRcastStatusInfo;

/**
 * GstRcastStreamInfo:
 * @connected: whether the stream arrives again or has stopped arriving
 * @pad: name of the pad
 * @stream: (nullable): the server's name of the stream
 * @cause: why the stream does not, or did not, arrive
 * @certain: whether the cause is proved. If not, a later message may correct it
 * @detail: (nullable): the cause in human-readable form
 * @since: when the stream last arrived, in µs of 1970 UTC
 * @duration: time since then, in ns
 *
 * The content of the messages `stream_disconnected` and `stream_connected`. Only
 * gst_rcast_message_parse_reception() creates this struct, since later versions may add fields.
 *
 * Since: 0.1
 */
typedef struct {
  gboolean connected;
  gchar *pad;
  gchar *stream;
  GstRcastStreamCause cause;
  gboolean certain;
  gchar *detail;
  gint64 since;
  GstClockTime duration;
} GstRcastStreamInfo;

/**
 * GstRcastMessage:
 *
 * Holds the functions that parse bus messages, for language bindings that want a type:
 * `GstRcast.Message.parse_status (message)`. No such object exists; the messages are
 * #GstMessage.
 *
 * Since: 0.1
 */
#ifdef __GI_SCANNER__
typedef struct _GstRcastMessage GstRcastMessage;
#endif

#define GST_TYPE_RCAST_STREAM_INFO (gst_rcast_stream_info_get_type ())

GST_RCAST_API
GType                gst_rcast_stream_info_get_type     (void);
GST_RCAST_API
GstRcastStreamInfo * gst_rcast_stream_info_copy         (const GstRcastStreamInfo * info);
GST_RCAST_API
void                 gst_rcast_stream_info_free         (GstRcastStreamInfo       * info);
GST_RCAST_API
GstStructure *       gst_rcast_stream_info_to_structure (const GstRcastStreamInfo * info);
GST_RCAST_API
gchar *              gst_rcast_stream_info_to_string    (const GstRcastStreamInfo * info);

#define GST_TYPE_RCAST_STATUS_INFO (gst_rcast_status_info_get_type ())

GST_RCAST_API
GType                gst_rcast_status_info_get_type     (void);
GST_RCAST_API
GstRcastStatusInfo * gst_rcast_status_info_copy         (const GstRcastStatusInfo * info);
GST_RCAST_API
void                 gst_rcast_status_info_free         (GstRcastStatusInfo       * info);
GST_RCAST_API
GstStructure *       gst_rcast_status_info_to_structure (const GstRcastStatusInfo * info);
GST_RCAST_API
GstRcastStatusInfo * gst_rcast_status_info_from_structure (const GstStructure     * structure);
GST_RCAST_API
gchar *              gst_rcast_status_info_to_string    (const GstRcastStatusInfo * info);

GST_RCAST_API
GstRcastStatusInfo * gst_rcast_message_parse_status     (GstMessage               * message);

GST_RCAST_API
gboolean             gst_rcast_message_parse_dropped    (GstMessage               * message,
                                                         GstRcastDropCause        * cause,
                                                         const gchar             ** type,
                                                         const gchar             ** payload,
                                                         guint                    * waiting);

GST_RCAST_API
gboolean             gst_rcast_message_parse_stream     (GstMessage               * message,
                                                         const gchar             ** pad,
                                                         gboolean                 * stalled,
                                                         GstRcastStage            * stage,
                                                         GstClockTime             * duration);

GST_RCAST_API
GstRcastStreamInfo * gst_rcast_message_parse_reception  (GstMessage               * message);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRcastStreamInfo, gst_rcast_stream_info_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRcastStatusInfo, gst_rcast_status_info_free)

G_END_DECLS
