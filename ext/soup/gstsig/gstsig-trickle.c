/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Candidates of one session at a gst-webrtc-signalling-server, in both directions. */
#include "config.h"

#include "gstsig-trickle.h"

#include "net-arrivals.h"
#include "net-candidates.h"

/* Number of a request: candidates are not confirmed, so each is sent once. */
#define SENT (G_MAXUINT - 1)

struct _GstsigTrickle
{
  const GstsigContext *context; /* borrowed */
  gchar *session;

  gchar *ufrag;                 /* nullable: from our last description */
  GPtrArray *mids;              /* nullable: likewise */
  NetCandidates *candidates;

  NetArrivals *arrivals;        /* remote candidates */
};

GstsigTrickle *
gstsig_trickle_new (const GstsigContext * context, const gchar * session)
{
  GstsigTrickle *self = g_new0 (GstsigTrickle, 1);

  self->context = context;
  self->session = g_strdup (session);
  self->candidates = net_candidates_new ();
  self->arrivals = net_arrivals_new (GST_RCAST_SIGNALLER (context->element));
  return self;
}

/* Takes NULL. */
void
gstsig_trickle_free (GstsigTrickle * self)
{
  if (!self)
    return;
  net_arrivals_free (self->arrivals);
  g_clear_pointer (&self->mids, g_ptr_array_unref);
  net_candidates_free (self->candidates);
  g_free (self->session);
  g_free (self->ufrag);
  g_free (self);
}

/* Local candidates */

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

    /* The protocol has no end of candidates. */
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

/* Remote candidates */

void
gstsig_trickle_forget (GstsigTrickle * self)
{
  net_arrivals_forget (self->arrivals);
}

void
gstsig_trickle_hold (GstsigTrickle * self)
{
  net_arrivals_hold (self->arrivals);
}

void
gstsig_trickle_release (GstsigTrickle * self)
{
  net_arrivals_release (self->arrivals);
}

void
gstsig_trickle_drop (GstsigTrickle * self)
{
  if (net_arrivals_are_held (self->arrivals))
    net_arrivals_drop (self->arrivals);
}

/* Before our first description, a candidate cannot belong to anything. */
void
gstsig_trickle_take (GstsigTrickle * self, const GstsigMessage * message)
{
  if (self->mids || net_arrivals_are_held (self->arrivals))
    net_arrivals_take (self->arrivals, TRUE, message->mline,
        message->candidate);
}
