/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Candidates of one handle, in both directions. */
#include "config.h"

#include "janus-trickle.h"

#include "net-candidates.h"

GST_DEBUG_CATEGORY_STATIC (rcast_janus_trickle_debug);
#define GST_CAT_DEFAULT rcast_janus_trickle_debug

/* Limit of the server's candidates per description: as many as the ICE agent accepts. */
#define MAX_REMOTE_CANDIDATES 128

struct _JanusTrickle
{
  WsLink *link;                 /* borrowed, as the next one */
  GstRcastNetSignaller *element;
  void (*missed) (gpointer data);
  gpointer data;

  NetCandidates *candidates;
  guint n_remote;
};

JanusTrickle *
janus_trickle_new (WsLink * link, GstRcastNetSignaller * element,
    void (*missed) (gpointer data), gpointer data)
{
  static gsize once = 0;
  JanusTrickle *self = g_new0 (JanusTrickle, 1);

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_janus_trickle_debug, "rcastjanustrickle", 0,
        "Candidates of a handle");
    g_once_init_leave (&once, 1);
  }
  self->link = link;
  self->element = element;
  self->missed = missed;
  self->data = data;
  self->candidates = net_candidates_new ();
  return self;
}

void
janus_trickle_free (JanusTrickle * self)
{
  net_candidates_free (self->candidates);
  g_free (self);
}

void
janus_trickle_add (JanusTrickle * self, guint mline, const gchar * ufrag,
    const gchar * candidate)
{
  net_candidates_add (self->candidates, mline, ufrag, candidate);
}

/* Keeps only candidates of @ufrag or @other. */
void
janus_trickle_keep_only (JanusTrickle * self, const gchar * ufrag,
    const gchar * other)
{
  net_candidates_keep_only (self->candidates, ufrag, other);
}

/* The connection is lost: it is unknown which candidates have arrived. */
void
janus_trickle_unsent (JanusTrickle * self)
{
  net_candidates_unsent (self->candidates);
}

static void
on_trickled (guint64 request, gconstpointer answer, const GError * error,
    gpointer data)
{
  JanusTrickle *self = data;
  const JanusMessage *message = answer;

  if (error) {
    GST_WARNING_OBJECT (self->element, "candidates: %s", error->message);
    net_candidates_timed_out (self->candidates, request);
    self->missed (self->data);
    return;
  }
  net_candidates_arrived (self->candidates, request);
  if (message->code)
    GST_WARNING_OBJECT (self->element, "candidates are refused: %s (%d)",
        message->reason ? message->reason : "no reason given", message->code);
}

/* Sends candidates of @description, ours, which the server has. They are kept until the server has
 * confirmed them. */
void
janus_trickle_send (JanusTrickle * self, const JanusTarget * target,
    const NetOffer * description)
{
  g_autoptr (GArray) out = NULL;

  if (!ws_link_is_open (self->link) || !target->handle)
    return;
  out = net_candidates_take (self->candidates, description->ufrag,
      description->mids, G_MAXUINT);
  if (out->len > 0)
    net_candidates_sent (self->candidates, janus_link_ask (self->link,
            "trickle", target, janus_print_trickle ((NetCandidate *)
                out->data, out->len), on_trickled, self));
}

void
janus_trickle_renew (JanusTrickle * self)
{
  self->n_remote = 0;
}

void
janus_trickle_take (JanusTrickle * self, const JanusMessage * message)
{
  if (!message->completed && !message->candidate) {
    GST_WARNING_OBJECT (self->element, "a candidate that is none");
    return;
  }
  if (++self->n_remote > MAX_REMOTE_CANDIDATES) {
    GST_DEBUG_OBJECT (self->element, "one candidate too many");
    return;
  }
  gst_rcast_signaller_candidate (GST_RCAST_SIGNALLER (self->element),
      message->mline, message->candidate);
}
