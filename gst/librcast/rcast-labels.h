/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Common numbers for the packets of all streams of an RTP session, and a receiver's feedback. */
#pragma once

#include "rcast-feedback.h"

G_BEGIN_DECLS

/**
 * GstRcastLabelsFunc:
 * @number: number of a packet
 * @received: whether the receiver has it
 * @arrival: when it arrived, by the receiver's clock, or %GST_CLOCK_TIME_NONE if it did not
 *   arrive or the time is not known
 * @data: data of the caller
 */
typedef void (*GstRcastLabelsFunc) (guint16      number,
                                    gboolean     received,
                                    GstClockTime arrival,
                                    gpointer     data);

typedef struct _GstRcastLabels GstRcastLabels;

GstRcastLabels * gst_rcast_labels_new     (void);
void             gst_rcast_labels_free    (GstRcastLabels * self);

guint16          gst_rcast_labels_take    (GstRcastLabels * self,
                                           guint32          ssrc,
                                           guint16          seqnum);
void             gst_rcast_labels_note    (GstRcastLabels * self,
                                           guint32          ssrc,
                                           guint16          seqnum,
                                           gboolean         received,
                                           GstClockTime     arrival);
gboolean         gst_rcast_labels_tell    (GstRcastLabels       * self,
                                           GstRcastFeedbackSpan * span,
                                           GstRcastLabelsFunc     func,
                                           gpointer               data);

G_END_DECLS
