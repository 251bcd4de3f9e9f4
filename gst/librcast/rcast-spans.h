/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Loss in each RTP session, by feedback about single packets. */
#pragma once

#include "rcast-feedback.h"

G_BEGIN_DECLS

/**
 * GstRcastSpans:
 *
 * A plain struct; sessions may have any numbers.
 */
typedef struct {
  /*< private >*/
  GArray *sessions;
} GstRcastSpans;

void     gst_rcast_spans_init       (GstRcastSpans * spans);
void     gst_rcast_spans_clear      (GstRcastSpans * spans);
gboolean gst_rcast_spans_add        (GstRcastSpans * spans, guint session,
                                     const GstRcastFeedbackSpan * span);
gboolean gst_rcast_spans_has        (const GstRcastSpans * spans, guint session);
gboolean gst_rcast_spans_has_any    (const GstRcastSpans * spans);
guint64  gst_rcast_spans_get_missed (const GstRcastSpans * spans, guint session);
gboolean gst_rcast_spans_take       (GstRcastSpans * spans, guint session, guint least,
                                     guint * lost, guint * expected);

G_END_DECLS
