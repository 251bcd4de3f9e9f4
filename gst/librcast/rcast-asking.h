/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides when a receiver requests a key frame, and when it repeats the request. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstRcastAsking:
 *
 * Some depayloaders request a key frame for each frame that they cannot use, others only once.
 * Each request costs the publisher, and everybody who watches the stream, a key frame. So
 * only the first request goes out at once. The next one waits until the key frame is overdue: a
 * round trip plus 100 ms, in which the server asks the publisher and the publisher encodes. The
 * 100 ms double with each further request, up to 800 ms. The request is repeated until a key
 * frame comes, since RTCP may be lost for as long as the network fails; after four repetitions,
 * only while packets of the stream arrive. Once a key frame starts to arrive, requests wait until
 * it must have left the jitter buffer.
 */
typedef struct _GstRcastAsking GstRcastAsking;

GstRcastAsking * gst_rcast_asking_new     (void);
void             gst_rcast_asking_free    (GstRcastAsking * self);
gboolean         gst_rcast_asking_ask     (GstRcastAsking * self, GstClockTime round_trip,
                                           GstClockTime now);
GstClockTime     gst_rcast_asking_get_due (const GstRcastAsking * self);
gboolean         gst_rcast_asking_is_open (const GstRcastAsking * self);
gboolean         gst_rcast_asking_is_stalled (const GstRcastAsking * self);
void             gst_rcast_asking_flows   (GstRcastAsking * self);
void             gst_rcast_asking_started (GstRcastAsking * self, GstClockTime latency,
                                           GstClockTime now);
void             gst_rcast_asking_done    (GstRcastAsking * self);
void             gst_rcast_asking_forget  (GstRcastAsking * self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRcastAsking, gst_rcast_asking_free)

G_END_DECLS
