/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Remote candidates, which may arrive before their description is in use. */
#include "config.h"

#include "net-arrivals.h"

#include "rcast-loop.h"

/* Limits per description: a peer has a few candidates, and each costs a signal and an address to
 * check. MAX_EARLY is for those that are held. */
#define MAX_REMOTE_CANDIDATES 128
#define MAX_EARLY 64

typedef struct
{
  guint mline;
  gchar *text;                  /* nullable */
} Early;

struct _NetArrivals
{
  GstRcastSignaller *element;   /* borrowed */

  gboolean held;
  GQueue early;                 /* of Early */
  guint n_remote;               /* how many came for the last description */
  GSource *passing_on;
};

static void
early_free (gpointer data)
{
  Early *early = data;

  g_free (early->text);
  g_free (early);
}

NetArrivals *
net_arrivals_new (GstRcastSignaller * element)
{
  NetArrivals *self = g_new0 (NetArrivals, 1);

  self->element = element;
  return self;
}

void
net_arrivals_free (NetArrivals * self)
{
  if (!self)
    return;
  gst_rcast_source_clear (&self->passing_on);
  net_arrivals_forget (self);
  g_free (self);
}

static gboolean
on_early (gpointer data)
{
  NetArrivals *self = data;
  Early *early;

  gst_rcast_source_clear (&self->passing_on);
  while (!self->held && (early = g_queue_pop_head (&self->early))) {
    gst_rcast_signaller_candidate (self->element, early->mline, early->text);
    early_free (early);
  }
  return G_SOURCE_REMOVE;
}

void
net_arrivals_forget (NetArrivals * self)
{
  g_queue_clear_full (&self->early, early_free);
}

void
net_arrivals_hold (NetArrivals * self)
{
  self->held = TRUE;
  self->n_remote = 0;
  net_arrivals_forget (self);
}

void
net_arrivals_release (NetArrivals * self)
{
  self->held = FALSE;
  if (!self->passing_on)
    self->passing_on = gst_rcast_timer_start (0, on_early, self);
}

void
net_arrivals_drop (NetArrivals * self)
{
  self->held = FALSE;
  net_arrivals_forget (self);
}

gboolean
net_arrivals_are_held (const NetArrivals * self)
{
  return self->held;
}

void
net_arrivals_take (NetArrivals * self, gboolean ready, guint mline,
    const gchar * candidate)
{
  Early *early;

  if (self->n_remote >= MAX_REMOTE_CANDIDATES)
    return;
  self->n_remote++;
  if (!self->held && ready && !self->passing_on) {
    gst_rcast_signaller_candidate (self->element, mline, candidate);
    return;
  }
  if (self->early.length >= MAX_EARLY)
    return;
  early = g_new0 (Early, 1);
  early->mline = mline;
  early->text = g_strdup (candidate);
  g_queue_push_tail (&self->early, early);
}
