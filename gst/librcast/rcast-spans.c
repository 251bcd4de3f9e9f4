/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Loss in each RTP session, by feedback about single packets. */
#include "config.h"

#include "rcast-spans.h"

typedef struct
{
  guint id;
  guint16 last;                 /* last packet with feedback */
  guint untaken_lost;           /* lost packets that take() has not returned yet */
  guint untaken_expected;       /* the same for packets with feedback */
  guint64 missed;               /* packets that did not arrive, in total */
} Session;

void
gst_rcast_spans_init (GstRcastSpans * spans)
{
  spans->sessions = g_array_new (FALSE, TRUE, sizeof (Session));
}

void
gst_rcast_spans_clear (GstRcastSpans * spans)
{
  g_clear_pointer (&spans->sessions, g_array_unref);
}

/* Returns: (nullable) */
static Session *
find_session (const GstRcastSpans * spans, guint id)
{
  for (guint i = 0; i < spans->sessions->len; i++) {
    Session *session = &g_array_index (spans->sessions, Session, i);

    if (session->id == id)
      return session;
  }
  return NULL;
}

/* Returns: whether the feedback is about other packets than the previous one */
gboolean
gst_rcast_spans_add (GstRcastSpans * spans, guint id,
    const GstRcastFeedbackSpan * span)
{
  const Session fresh = {.id = id };
  Session *session = find_session (spans, id);

  if (session && session->last == span->last)
    return FALSE;
  if (!session) {
    g_array_append_val (spans->sessions, fresh);
    session = find_session (spans, id);
  }
  session->last = span->last;
  session->untaken_lost += span->count - span->received;
  session->untaken_expected += span->count;
  session->missed += span->count - span->received;
  return TRUE;
}

gboolean
gst_rcast_spans_has (const GstRcastSpans * spans, guint id)
{
  return find_session (spans, id) != NULL;
}

gboolean
gst_rcast_spans_has_any (const GstRcastSpans * spans)
{
  return spans->sessions->len > 0;
}

/* Returns: packets that did not arrive, in total */
guint64
gst_rcast_spans_get_missed (const GstRcastSpans * spans, guint id)
{
  const Session *session = find_session (spans, id);

  return session ? session->missed : 0;
}

/**
 * gst_rcast_spans_take:
 * @spans: the spans
 * @id: number of a session that @spans has
 * @least: least number of packets
 * @lost: (out): packets that did not arrive
 * @expected: (out): packets with feedback
 *
 * Takes what has come since the last call that returned %TRUE.
 *
 * Returns: whether there is feedback about enough packets
 */
gboolean
gst_rcast_spans_take (GstRcastSpans * spans, guint id, guint least,
    guint * lost, guint * expected)
{
  Session *session = find_session (spans, id);

  if (session->untaken_expected < least)
    return FALSE;
  *lost = session->untaken_lost;
  *expected = session->untaken_expected;
  session->untaken_lost = session->untaken_expected = 0;
  return TRUE;
}
