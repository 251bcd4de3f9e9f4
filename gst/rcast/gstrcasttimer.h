/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One deadline on a GstClock. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstRcastTimer:
 * @id: (nullable): %NULL: the timer does not run
 * @deadline: when it goes off
 * @object: (nullable): its owner, kept while it runs
 *
 * A plain struct, all zero at first. For use on one thread.
 */
typedef struct {
  GstClockID id;
  GstClockTime deadline;
  GObject *object;
} GstRcastTimer;

void gst_rcast_timer_arm  (GstRcastTimer    * timer,
                           GstClock         * clock,
                           GstClockTime       deadline,
                           GstClockCallback   callback,
                           gpointer           object);
void gst_rcast_timer_stop (GstRcastTimer    * timer);

G_END_DECLS
