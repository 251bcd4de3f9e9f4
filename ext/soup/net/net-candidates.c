/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Local candidates on their way to a server, until it has confirmed them. Pure. */
#include "config.h"

#include "net-candidates.h"

/* Not a valid number of a request. */
#define TAKEN G_MAXUINT

typedef struct
{
  gchar *ufrag;                 /* nullable: of the offer it belongs to */
  guint request;                /* the request it was sent with, 0: not sent */
  guint tries;
  NetCandidate candidate;
} Pending;

struct _NetCandidates
{
  GQueue pending;               /* Pending, in the order of gathering */
};

static void
pending_free (Pending * pending)
{
  g_free (pending->ufrag);
  g_free (pending->candidate.mid);
  g_free (pending->candidate.text);
  g_free (pending);
}

NetCandidates *
net_candidates_new (void)
{
  return g_new0 (NetCandidates, 1);
}

void
net_candidates_free (NetCandidates * self)
{
  g_queue_clear_full (&self->pending, (GDestroyNotify) pending_free);
  g_free (self);
}

/* @candidate: (nullable): NULL for the end of candidates */
void
net_candidates_add (NetCandidates * self, guint mline,
    const gchar * ufrag, const gchar * candidate)
{
  Pending *pending = g_new0 (Pending, 1);

  /* The oldest belong to offers that came to nothing. */
  if (self->pending.length >= NET_MAX_PENDING_CANDIDATES)
    pending_free (g_queue_pop_head (&self->pending));
  pending->ufrag = g_strdup (ufrag);
  pending->candidate.mline = mline;
  pending->candidate.text = g_strdup (candidate);
  g_queue_push_tail (&self->pending, pending);
}

typedef gboolean (*Wanted) (Pending * pending, gconstpointer data);

/* Drops all but the @wanted ones. @wanted may modify those. */
static void
filter (NetCandidates * self, Wanted wanted, gconstpointer data)
{
  GList *item = self->pending.head;

  while (item) {
    GList *next = item->next;
    Pending *pending = item->data;

    if (!wanted (pending, data)) {
      g_queue_delete_link (&self->pending, item);
      pending_free (pending);
    }
    item = next;
  }
}

static gboolean
is_of_one (Pending * pending, gconstpointer data)
{
  const gchar *const *ufrags = data;

  return g_strcmp0 (pending->ufrag, ufrags[0]) == 0
      || g_strcmp0 (pending->ufrag, ufrags[1]) == 0;
}

/* Drops candidates of other offers. @other may equal @ufrag. */
void
net_candidates_keep_only (NetCandidates * self, const gchar * ufrag,
    const gchar * other)
{
  const gchar *ufrags[] = { ufrag, other };

  filter (self, is_of_one, ufrags);
}

/**
 * net_candidates_take:
 * @self: the candidates
 * @ufrag: of the offer that the server has answered
 * @mids: of its m-sections
 * @max: maximum number
 *
 * Call net_candidates_sent() afterwards, unless the result is empty.
 *
 * Returns: (transfer container) (element-type NetCandidate): the candidates to send, in
 *   order; their strings belong to @self
 */
GArray *
net_candidates_take (NetCandidates * self, const gchar * ufrag,
    GPtrArray * mids, guint max)
{
  GArray *out = g_array_new (FALSE, FALSE, sizeof (NetCandidate));

  for (GList * item = self->pending.head; item && out->len < max;
      item = item->next) {
    Pending *pending = item->data;
    NetCandidate *candidate = &pending->candidate;

    if (pending->request || g_strcmp0 (pending->ufrag, ufrag) != 0)
      continue;
    if (!candidate->mid && candidate->mline < mids->len)
      candidate->mid = g_strdup (g_ptr_array_index (mids, candidate->mline));
    pending->request = TAKEN;
    pending->tries++;
    g_array_append_val (out, *candidate);
  }
  return out;
}

/* The candidates from net_candidates_take() were sent with @request. */
void
net_candidates_sent (NetCandidates * self, guint request)
{
  for (GList * item = self->pending.head; item; item = item->next) {
    Pending *pending = item->data;

    if (pending->request == TAKEN)
      pending->request = request;
  }
}

static gboolean
is_not_of_request (Pending * pending, gconstpointer data)
{
  return pending->request != *(const guint *) data;
}

/* The server has the candidates, or will never accept them. */
void
net_candidates_arrived (NetCandidates * self, guint request)
{
  filter (self, is_not_of_request, &request);
}

static gboolean
may_go_again (Pending * pending, gconstpointer data)
{
  if (is_not_of_request (pending, data))
    return TRUE;
  pending->request = 0;
  return pending->tries < NET_CANDIDATE_TRIES;
}

/* No answer came: send the candidates again, a limited number of times. */
void
net_candidates_timed_out (NetCandidates * self, guint request)
{
  filter (self, may_go_again, &request);
}

/* The connection is lost: the candidates sent last may not have arrived. */
void
net_candidates_unsent (NetCandidates * self)
{
  for (GList * item = self->pending.head; item; item = item->next) {
    Pending *pending = item->data;

    pending->request = pending->tries = 0;
  }
}

guint
net_candidates_count (NetCandidates * self)
{
  return self->pending.length;
}
