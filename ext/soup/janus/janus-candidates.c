/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Candidates of ours on their way to Janus, until it has said that they came: pure. */
#include "config.h"

#include "janus-candidates.h"

#include "janus-message.h"

/* No number of a request. */
#define TAKEN G_MAXUINT

typedef struct
{
  gchar *ufrag;                 /* nullable: of the offer that it belongs to */
  guint request;                /* with which it went out, 0: it is to go */
  guint tries;
  JanusCandidate candidate;
} Pending;

struct _JanusCandidates
{
  GQueue pending;               /* Pending, in the order in which they were found */
};

static void
pending_free (Pending * pending)
{
  g_free (pending->ufrag);
  g_free (pending->candidate.mid);
  g_free (pending->candidate.text);
  g_free (pending);
}

JanusCandidates *
janus_candidates_new (void)
{
  return g_new0 (JanusCandidates, 1);
}

void
janus_candidates_free (JanusCandidates * self)
{
  g_queue_clear_full (&self->pending, (GDestroyNotify) pending_free);
  g_free (self);
}

/* @candidate: (nullable): NULL: there are no more */
void
janus_candidates_add (JanusCandidates * self, guint mline,
    const gchar * ufrag, const gchar * candidate)
{
  Pending *pending = g_new0 (Pending, 1);

  /* The oldest belong to offers of which nothing came. */
  if (self->pending.length >= JANUS_MAX_PENDING_CANDIDATES)
    pending_free (g_queue_pop_head (&self->pending));
  pending->ufrag = g_strdup (ufrag);
  pending->candidate.mline = mline;
  pending->candidate.text = g_strdup (candidate);
  g_queue_push_tail (&self->pending, pending);
}

typedef gboolean (*Wanted) (Pending * pending, gconstpointer data);

/* Drops those that are not @wanted, which may change the others. */
static void
filter (JanusCandidates * self, Wanted wanted, gconstpointer data)
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

/* Drops those of other offers. @other may be the same as @ufrag. */
void
janus_candidates_keep_only (JanusCandidates * self, const gchar * ufrag,
    const gchar * other)
{
  const gchar *ufrags[] = { ufrag, other };

  filter (self, is_of_one, ufrags);
}

/**
 * janus_candidates_take:
 * @self: the candidates
 * @ufrag: of the offer that the server has answered
 * @mids: of its m-sections
 *
 * Followed by janus_candidates_sent().
 *
 * Returns: (nullable) (transfer full): the members of a `trickle` with all that is to
 *   go, in its order; %NULL: nothing
 */
gchar *
janus_candidates_take (JanusCandidates * self, const gchar * ufrag,
    GPtrArray * mids)
{
  g_autoptr (GArray) out = g_array_new (FALSE, FALSE, sizeof (JanusCandidate));

  for (GList * item = self->pending.head; item; item = item->next) {
    Pending *pending = item->data;
    JanusCandidate *candidate = &pending->candidate;

    if (pending->request || g_strcmp0 (pending->ufrag, ufrag) != 0)
      continue;
    if (!candidate->mid && candidate->mline < mids->len)
      candidate->mid = g_strdup (g_ptr_array_index (mids, candidate->mline));
    pending->request = TAKEN;
    pending->tries++;
    g_array_append_val (out, *candidate);
  }
  return out->len == 0 ? NULL :
      janus_print_trickle ((JanusCandidate *) out->data, out->len);
}

/* What was taken went out with @request. */
void
janus_candidates_sent (JanusCandidates * self, guint request)
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

/* The server has them, or will never take them. */
void
janus_candidates_arrived (JanusCandidates * self, guint request)
{
  filter (self, is_not_of_request, &request);
}

static gboolean
may_go_again (Pending * pending, gconstpointer data)
{
  if (is_not_of_request (pending, data))
    return TRUE;
  pending->request = 0;
  return pending->tries < JANUS_CANDIDATE_TRIES;
}

/* No answer came: they are to go once more, some times. */
void
janus_candidates_timed_out (JanusCandidates * self, guint request)
{
  filter (self, may_go_again, &request);
}

/* The connection is gone: what went out last may not have come. */
void
janus_candidates_unsent (JanusCandidates * self)
{
  for (GList * item = self->pending.head; item; item = item->next) {
    Pending *pending = item->data;

    pending->request = pending->tries = 0;
  }
}

guint
janus_candidates_count (JanusCandidates * self)
{
  return self->pending.length;
}
