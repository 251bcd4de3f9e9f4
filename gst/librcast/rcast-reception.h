/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides whether each stream of a connection arrives, and if not, why. */
#pragma once

#include <gst/gst.h>

#include "rcast-types.h"

G_BEGIN_DECLS

/**
 * GstRcastReceptionState:
 * @GST_RCAST_RECEPTION_WAITING: the stream has never arrived
 * @GST_RCAST_RECEPTION_ARRIVING: the stream arrives
 * @GST_RCAST_RECEPTION_PAUSED: the sender sends nothing for now, according to the server or to
 *   sender reports
 * @GST_RCAST_RECEPTION_GONE: the stream does not arrive any more
 */
typedef enum {
  GST_RCAST_RECEPTION_WAITING,
  GST_RCAST_RECEPTION_ARRIVING,
  GST_RCAST_RECEPTION_PAUSED,
  GST_RCAST_RECEPTION_GONE,
} GstRcastReceptionState;

/**
 * GstRcastReach:
 * @GST_RCAST_REACH_UNKNOWN: no answer and no failure so far
 * @GST_RCAST_REACH_YES: signalling answers
 * @GST_RCAST_REACH_REFUSED: the host answers, but not the server: a refused connection
 *   or a 5xx
 * @GST_RCAST_REACH_NONE: no answer, or no way to ask
 *
 * What signalling knows of the server.
 */
typedef enum {
  GST_RCAST_REACH_UNKNOWN,
  GST_RCAST_REACH_YES,
  GST_RCAST_REACH_REFUSED,
  GST_RCAST_REACH_NONE,
} GstRcastReach;

/**
 * GstRcastReceptionWish:
 * @GST_RCAST_RECEPTION_WISH_CHECK: a STUN check of the path in use
 * @GST_RCAST_RECEPTION_WISH_PROBE: a bare connection to the signalling server
 * @GST_RCAST_RECEPTION_WISH_KEY_FRAME: a key frame: a live publisher answers with one
 *
 * Requests whose answers tell the causes apart.
 */
typedef enum {
  GST_RCAST_RECEPTION_WISH_CHECK = 1 << 0,
  GST_RCAST_RECEPTION_WISH_PROBE = 1 << 1,
  GST_RCAST_RECEPTION_WISH_KEY_FRAME = 1 << 2,
} GstRcastReceptionWish;

/**
 * GstRcastVerdict:
 * @state: whether the stream arrives
 * @cause: of %GST_RCAST_RECEPTION_GONE, else none
 * @certain: the cause is proved. Another one may replace a cause that is not
 * @since: when @state began; for %GST_RCAST_RECEPTION_GONE when the last packet or
 *   frame came
 *
 * The judgement of one stream.
 */
typedef struct {
  GstRcastReceptionState state;
  GstRcastStreamCause cause;
  gboolean certain;
  GstClockTime since;
} GstRcastVerdict;

/**
 * GstRcastReception:
 *
 * The streams of one connection. Time comes as an argument and never goes back.
 */
typedef struct _GstRcastReception GstRcastReception;

/* Stands for all streams */
#define GST_RCAST_RECEPTION_ALL G_MAXUINT

GstRcastReception *
             gst_rcast_reception_new         (void);
void         gst_rcast_reception_free        (GstRcastReception  * self);
guint        gst_rcast_reception_add_stream  (GstRcastReception  * self);

void         gst_rcast_reception_set_latency (GstRcastReception  * self,
                                              GstClockTime         latency);

void         gst_rcast_reception_packet      (GstRcastReception  * self,
                                              guint                stream,
                                              guint16              sequence,
                                              guint32              rtp_time,
                                              gboolean             quiet,
                                              GstClockTime         now);
gboolean     gst_rcast_reception_passed      (GstRcastReception  * self,
                                              guint                stream,
                                              guint32              rtp_time,
                                              GstClockTime         now);
void         gst_rcast_reception_frame       (GstRcastReception  * self,
                                              guint                stream,
                                              GstClockTime         now);
void         gst_rcast_reception_report      (GstRcastReception  * self,
                                              guint                stream,
                                              guint32              packets,
                                              GstClockTime         now);
void         gst_rcast_reception_bye         (GstRcastReception  * self,
                                              guint                stream,
                                              GstClockTime         now);
void         gst_rcast_reception_changed     (GstRcastReception  * self,
                                              guint                stream,
                                              GstRcastStreamChange change,
                                              GstClockTime         now);

void         gst_rcast_reception_heard       (GstRcastReception  * self,
                                              GstClockTime         now);
void         gst_rcast_reception_answered    (GstRcastReception  * self,
                                              GstClockTime         now);
void         gst_rcast_reception_set_path    (GstRcastReception  * self,
                                              gboolean             up,
                                              GstClockTime         now);
void         gst_rcast_reception_moved       (GstRcastReception  * self,
                                              GstClockTime         now);
void         gst_rcast_reception_set_link    (GstRcastReception  * self,
                                              gboolean             up);
void         gst_rcast_reception_closed      (GstRcastReception  * self,
                                              GstClockTime         now);
void         gst_rcast_reception_reach       (GstRcastReception  * self,
                                              GstRcastReach        reach,
                                              GstClockTime         now);

GstClockTime gst_rcast_reception_judge       (GstRcastReception  * self,
                                              GstClockTime         now);
gboolean     gst_rcast_reception_is_due_sooner (const GstRcastReception * self,
                                              guint                stream);
gboolean     gst_rcast_reception_is_well     (const GstRcastReception * self,
                                              GstClockTime         now);
void         gst_rcast_reception_get_verdict (const GstRcastReception * self,
                                              guint                stream,
                                              GstRcastVerdict    * verdict);
guint        gst_rcast_reception_take_wishes (GstRcastReception  * self);

G_END_DECLS
