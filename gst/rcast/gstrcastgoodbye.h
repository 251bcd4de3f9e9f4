/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a shutdown waits for: sessions that are closing, and queued stops. */
#pragma once

#include "rcast-loop.h"

G_BEGIN_DECLS

typedef struct _GstRcastGoodbye GstRcastGoodbye;

GstRcastGoodbye *gst_rcast_goodbye_new       (GstRcastLoop    * loop);
void             gst_rcast_goodbye_free      (GstRcastGoodbye * self);

void             gst_rcast_goodbye_begin     (GstRcastGoodbye * self);
void             gst_rcast_goodbye_end       (GstRcastGoodbye * self);

void             gst_rcast_goodbye_wait      (GstRcastGoodbye * self);
void             gst_rcast_goodbye_wait_here (GstRcastGoodbye * self,
                                              void           (* over) (gpointer data),
                                              gpointer          data);

G_END_DECLS
