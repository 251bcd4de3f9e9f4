/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Jobs that any thread can queue. The agent's thread runs them until the queue is closed. */
#pragma once

#include <glib-object.h>

#include "rcast-loop.h"

G_BEGIN_DECLS

typedef struct _GstRcastIceJobs GstRcastIceJobs;

typedef struct
{
  const gchar *a;               /* the meaning of all three is up to the function */
  const gchar *b;
  gint value;
} GstRcastIceJob;

/* On the agent's thread. */
typedef void (*GstRcastIceJobFunc) (gpointer object,
    const GstRcastIceJob * job);

GstRcastIceJobs *gst_rcast_ice_jobs_new (GstRcastLoop * loop, GObject * object);
void gst_rcast_ice_jobs_free (GstRcastIceJobs * jobs);

/* On the agent's thread. */
void gst_rcast_ice_jobs_close (GstRcastIceJobs * jobs);

/* Any thread. */
void gst_rcast_ice_jobs_queue (GstRcastIceJobs * jobs, GstRcastIceJobFunc func,
    const gchar * a, const gchar * b, gint value);

G_END_DECLS
