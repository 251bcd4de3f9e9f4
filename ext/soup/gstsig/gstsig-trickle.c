/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The candidates of one session at a signalling server of GStreamer, both ways. */
#include "config.h"

#include "gstsig-trickle.h"

#include "net-candidates.h"
#include "rcast-loop.h"

/* Candidates of the other end: each is a signal and an address to look at; those that wait
 * for its description */
#define MAX_REMOTE_CANDIDATES 128
#define MAX_EARLY 64
/* Nobody says that a candidate came: it is sent once. */
#define SENT (G_MAXUINT - 1)

typedef struct
{
  guint mline;
  gchar *text;                  /* nullable */
} Early;

struct _GstsigTrickle
{
  const GstsigContext *context; /* borrowed */
  gchar *session;

  gchar *ufrag;                 /* nullable: of our last description */
  GPtrArray *mids;              /* nullable: of it */
  NetCandidates *candidates;

  gboolean held;
  GQueue early;                 /* of Early */
  guint n_remote;               /* candidates that came for the last description */
  GSource *passing_on;
};

static void
early_free (Early * early)
{
  g_free (early->text);
  g_free (early);
}

GstsigTrickle *
gstsig_trickle_new (const GstsigContext * context, const gchar * session)
{
  GstsigTrickle *self = g_new0 (GstsigTrickle, 1);

  self->context = context;
  self->session = g_strdup (session);
  self->candidates = net_candidates_new ();
  return self;
}

/* Takes NULL. */
void
gstsig_trickle_free (GstsigTrickle * self)
{
  if (!self)
    return;
  gst_rcast_source_clear (&self->passing_on);
  g_clear_pointer (&self->mids, g_ptr_array_unref);
  net_candidates_free (self->candidates);
  g_queue_clear_full (&self->early, (GDestroyNotify) early_free);
  g_free (self->session);
  g_free (self->ufrag);
  g_free (self);
}

/* Ours */

static void
flush (GstsigTrickle * self)
{
  g_autoptr (GArray) next = NULL;

  if (!self->mids)
    return;
  next = net_candidates_take (self->candidates, self->ufrag, self->mids,
      NET_MAX_PENDING_CANDIDATES);
  for (guint i = 0; i < next->len; i++) {
    const NetCandidate *candidate = &g_array_index (next, NetCandidate, i);

    /* The end of candidates has no message of its own. */
    if (candidate->text)
      gstsig_context_send (self->context, gstsig_print_candidate (self->session,
              candidate->mline, candidate->text));
  }
  net_candidates_sent (self->candidates, SENT);
  net_candidates_arrived (self->candidates, SENT);
}

void
gstsig_trickle_describe (GstsigTrickle * self, const gchar * ufrag,
    GPtrArray * mids)
{
  g_free (self->ufrag);
  self->ufrag = g_strdup (ufrag);
  g_clear_pointer (&self->mids, g_ptr_array_unref);
  self->mids = g_ptr_array_ref (mids);
  net_candidates_keep_only (self->candidates, ufrag, ufrag);
  flush (self);
}

void
gstsig_trickle_add (GstsigTrickle * self, guint mline, const gchar * ufrag,
    const gchar * candidate)
{
  net_candidates_add (self->candidates, mline, ufrag, candidate);
  flush (self);
}

/* Theirs */

static void
pass_on (GstsigTrickle * self, guint mline, const gchar * candidate)
{
  gst_rcast_signaller_candidate (GST_RCAST_SIGNALLER (self->context->element),
      mline, candidate);
}

static gboolean
on_early (gpointer data)
{
  GstsigTrickle *self = data;
  Early *early;

  gst_rcast_source_clear (&self->passing_on);
  while (!self->held && (early = g_queue_pop_head (&self->early))) {
    pass_on (self, early->mline, early->text);
    early_free (early);
  }
  return G_SOURCE_REMOVE;
}

void
gstsig_trickle_forget (GstsigTrickle * self)
{
  g_queue_clear_full (&self->early, (GDestroyNotify) early_free);
}

void
gstsig_trickle_hold (GstsigTrickle * self)
{
  self->held = TRUE;
  self->n_remote = 0;
  gstsig_trickle_forget (self);
}

void
gstsig_trickle_release (GstsigTrickle * self)
{
  self->held = FALSE;
  if (!self->passing_on)
    self->passing_on = gst_rcast_timer_start (0, on_early, self);
}

void
gstsig_trickle_drop (GstsigTrickle * self)
{
  if (!self->held)
    return;
  self->held = FALSE;
  gstsig_trickle_forget (self);
}

void
gstsig_trickle_take (GstsigTrickle * self, const GstsigMessage * message)
{
  Early *early;

  if ((!self->held && !self->mids) || self->n_remote >= MAX_REMOTE_CANDIDATES)
    return;
  self->n_remote++;
  if (!self->held && !self->passing_on) {
    pass_on (self, message->mline, message->candidate);
    return;
  }
  if (self->early.length >= MAX_EARLY)
    return;
  early = g_new0 (Early, 1);
  early->mline = message->mline;
  early->text = g_strdup (message->candidate);
  g_queue_push_tail (&self->early, early);
}
