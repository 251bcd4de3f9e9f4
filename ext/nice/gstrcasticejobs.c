/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Jobs that any thread can queue. The agent's thread runs them until the queue is closed. */
#include "config.h"

#include "gstrcasticejobs.h"

struct _GstRcastIceJobs
{
  GstRcastLoop *loop;
  GObject *object;              /* the owner of these jobs */
  gboolean closed;              /* only on the agent's thread */
};

typedef struct
{
  GstRcastIceJobs *jobs;
  GObject *object;              /* keeps the owner, and with it the jobs, alive */
  GstRcastIceJobFunc func;
  gchar *a;
  gchar *b;
  gint value;
} Queued;

GstRcastIceJobs *
gst_rcast_ice_jobs_new (GstRcastLoop * loop, GObject * object)
{
  GstRcastIceJobs *jobs = g_new0 (GstRcastIceJobs, 1);

  jobs->loop = gst_rcast_loop_ref (loop);
  jobs->object = object;
  return jobs;
}

void
gst_rcast_ice_jobs_free (GstRcastIceJobs * jobs)
{
  gst_rcast_loop_unref (jobs->loop);
  g_free (jobs);
}

/* No job runs after this. */
void
gst_rcast_ice_jobs_close (GstRcastIceJobs * jobs)
{
  jobs->closed = TRUE;
}

static gboolean
run (gpointer data)
{
  Queued *queued = data;
  GstRcastIceJob job = { queued->a, queued->b, queued->value };

  if (!queued->jobs->closed)
    queued->func (queued->object, &job);
  return G_SOURCE_REMOVE;
}

static void
free_queued (gpointer data)
{
  Queued *queued = data;

  g_object_unref (queued->object);
  g_free (queued->a);
  g_free (queued->b);
  g_free (queued);
}

/* Jobs of one thread run in order. Jobs are dropped once the agent's thread has ended. */
void
gst_rcast_ice_jobs_queue (GstRcastIceJobs * jobs, GstRcastIceJobFunc func,
    const gchar * a, const gchar * b, gint value)
{
  Queued *queued = g_new0 (Queued, 1);

  queued->jobs = jobs;
  queued->object = g_object_ref (jobs->object);
  queued->func = func;
  queued->a = g_strdup (a);
  queued->b = g_strdup (b);
  queued->value = value;
  gst_rcast_loop_invoke (jobs->loop, run, queued, free_queued);
}
