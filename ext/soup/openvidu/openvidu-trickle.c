/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Candidates of one media connection, in both directions. */
#include "config.h"

#include "openvidu-trickle.h"

#include "net-arrivals.h"

GST_DEBUG_CATEGORY_STATIC (rcast_openvidu_trickle_debug);
#define GST_CAT_DEFAULT rcast_openvidu_trickle_debug

struct _OpenviduTrickle
{
  WsLink *link;                 /* borrowed, as the next two */
  GstRcastNetSignaller *element;
  const OpenviduSettings *settings;

  gchar *ours, *theirs;         /* nullable: the endpoint's names in either direction */
  NetOffer *media;              /* nullable: our current description */
  NetCandidates *candidates;    /* local */
  NetArrivals *arrivals;        /* remote */
};

OpenviduTrickle *
openvidu_trickle_new (WsLink * link, GstRcastNetSignaller * element,
    const OpenviduSettings * settings)
{
  static gsize once = 0;
  OpenviduTrickle *self = g_new0 (OpenviduTrickle, 1);

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_openvidu_trickle_debug,
        "rcastopenvidutrickle", 0, "Candidates of OpenVidu");
    g_once_init_leave (&once, 1);
  }
  self->link = link;
  self->element = element;
  self->settings = settings;
  self->candidates = net_candidates_new ();
  self->arrivals = net_arrivals_new (GST_RCAST_SIGNALLER (element));
  return self;
}

/* Free the trickle before its link. */
void
openvidu_trickle_free (OpenviduTrickle * self)
{
  net_arrivals_free (self->arrivals);
  net_offer_free (self->media);
  net_candidates_free (self->candidates);
  g_free (self->ours);
  g_free (self->theirs);
  g_free (self);
}

void
openvidu_trickle_aim (OpenviduTrickle * self, const gchar * ours,
    const gchar * theirs)
{
  g_free (self->ours);
  self->ours = g_strdup (ours);
  g_free (self->theirs);
  self->theirs = g_strdup (theirs);
}

/* Local candidates */

static void
on_trickled (guint64 request, gconstpointer answer, const GError * error,
    gpointer data)
{
  OpenviduTrickle *self = data;
  const OpenviduMessage *message = answer;

  if (error) {
    GST_WARNING_OBJECT (self->element, "a candidate: %s", error->message);
    net_candidates_timed_out (self->candidates, request);
    openvidu_trickle_flush (self);
    return;
  }
  net_candidates_arrived (self->candidates, request);
  if (message->kind == OPENVIDU_ERROR)
    GST_WARNING_OBJECT (self->element, "a candidate is refused: %s (%d)",
        message->reason ? message->reason : "no reason given", message->code);
}

/* Sends @candidate, which net_candidates_take() has returned. */
static void
send_candidate (OpenviduTrickle * self, const NetCandidate * candidate)
{
  /* The protocol has no end of candidates. */
  if (!candidate->text) {
    net_candidates_sent (self->candidates, G_MAXUINT - 1);
    net_candidates_arrived (self->candidates, G_MAXUINT - 1);
    return;
  }
  net_candidates_sent (self->candidates, openvidu_link_ask (self->link,
          "onIceCandidate", openvidu_print_candidate (self->ours, candidate),
          self->settings->net->timeout, on_trickled, self));
}

/* Sends nothing while a description is pending: the server would apply candidates to the previous
 * one. */
void
openvidu_trickle_flush (OpenviduTrickle * self)
{
  while (ws_link_is_open (self->link) && self->media
      && !net_arrivals_are_held (self->arrivals)) {
    g_autoptr (GArray) next = net_candidates_take (self->candidates,
        self->media->ufrag, self->media->mids, 1);

    if (next->len == 0)
      return;
    send_candidate (self, &g_array_index (next, NetCandidate, 0));
  }
}

void
openvidu_trickle_add (OpenviduTrickle * self, guint mline, const gchar * ufrag,
    const gchar * candidate)
{
  net_candidates_add (self->candidates, mline, ufrag, candidate);
  openvidu_trickle_flush (self);
}

void
openvidu_trickle_unsent (OpenviduTrickle * self)
{
  net_candidates_unsent (self->candidates);
}

/* Remote candidates */

/* They may arrive before their description. */
void
openvidu_trickle_take (OpenviduTrickle * self, const OpenviduMessage * message)
{
  if (message->candidate && g_strcmp0 (message->endpoint, self->theirs) == 0)
    net_arrivals_take (self->arrivals, self->media != NULL, message->mline,
        message->candidate);
}

/* Descriptions */

void
openvidu_trickle_hold (OpenviduTrickle * self, const gchar * ufrag)
{
  if (ufrag)
    net_candidates_keep_only (self->candidates, ufrag, ufrag);
  if (!net_arrivals_are_held (self->arrivals))
    net_arrivals_hold (self->arrivals);
}

void
openvidu_trickle_release (OpenviduTrickle * self, NetOffer * media)
{
  if (!media) {
    net_arrivals_drop (self->arrivals);
    return;
  }
  net_offer_free (self->media);
  self->media = media;
  net_arrivals_release (self->arrivals);
  openvidu_trickle_flush (self);
}
