/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What any thread asks of an object, done on the agent's thread while that is open. */
#include "config.h"

#include "gstrcasticejobs.h"

struct _GstRcastIceJobs
{
  GstRcastLoop *loop;
  GObject *object;              /* whose these jobs are */
  gboolean closed;              /* only the agent's thread */
};

typedef struct
{
  GstRcastIceJobs *jobs;
  GObject *object;              /* keeps itself, and with that its jobs, alive */
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

/* Nothing is done any more after that. */
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

/* Those of one thread are done in their order. When the agent's thread has ended they are
 * forgotten. */
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
