/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What any thread asks of an object, done on the agent's thread while that is open. */
#pragma once

#include <glib-object.h>

#include "rcast-loop.h"

G_BEGIN_DECLS

typedef struct _GstRcastIceJobs GstRcastIceJobs;

typedef struct
{
  const gchar *a;               /* what they mean is the function's business */
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
