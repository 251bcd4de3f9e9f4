/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The candidates of one media connection, both ways. */
#include "config.h"

#include "openvidu-trickle.h"

#include "rcast-loop.h"

GST_DEBUG_CATEGORY_STATIC (rcast_openvidu_trickle_debug);
#define GST_CAT_DEFAULT rcast_openvidu_trickle_debug

/* Candidates of the server: a server has a few, and each is a signal and an address to
 * look at; those that wait for its answer */
#define MAX_REMOTE_CANDIDATES 128
#define MAX_EARLY 64

typedef struct
{
  guint mline;
  gchar *text;
} Early;

struct _OpenviduTrickle
{
  OpenviduLink *link;           /* borrowed, as the next two */
  GstRcastNetSignaller *element;
  const OpenviduSettings *settings;

  gchar *ours, *theirs;         /* nullable: names of the endpoint */
  gboolean held;
  NetOffer *media;              /* nullable: our description that counts */
  NetCandidates *candidates;    /* ours */
  GQueue early;                 /* of Early, the server's */
  guint n_remote;               /* candidates of the server */
  GSource *passing_on;
};

static void
early_free (gpointer data)
{
  Early *early = data;

  g_free (early->text);
  g_free (early);
}

OpenviduTrickle *
openvidu_trickle_new (OpenviduLink * link, GstRcastNetSignaller * element,
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
  return self;
}

/* Before its link is. */
void
openvidu_trickle_free (OpenviduTrickle * self)
{
  gst_rcast_source_clear (&self->passing_on);
  net_offer_free (self->media);
  net_candidates_free (self->candidates);
  g_queue_clear_full (&self->early, early_free);
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

/* Ours */

static void
on_trickled (guint64 request, const OpenviduMessage * message,
    const GError * error, gpointer data)
{
  OpenviduTrickle *self = data;

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

/* Takes @candidate for what is to go next. */
static void
send_candidate (OpenviduTrickle * self, const NetCandidate * candidate)
{
  /* The end of candidates has no message of its own. */
  if (!candidate->text) {
    net_candidates_sent (self->candidates, G_MAXUINT - 1);
    net_candidates_arrived (self->candidates, G_MAXUINT - 1);
    return;
  }
  net_candidates_sent (self->candidates, openvidu_link_ask (self->link,
          "onIceCandidate", openvidu_print_candidate (self->ours, candidate),
          self->settings->net->timeout, on_trickled, self));
}

/* While a description waits nothing goes: the server would take it for the one before. */
void
openvidu_trickle_flush (OpenviduTrickle * self)
{
  while (openvidu_link_is_open (self->link) && !self->held && self->media) {
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

/* The server's */

static void
pass_on (OpenviduTrickle * self, guint mline, const gchar * candidate)
{
  gst_rcast_signaller_candidate (GST_RCAST_SIGNALLER (self->element), mline,
      candidate);
}

/* They may come before the answer that they belong to. */
void
openvidu_trickle_take (OpenviduTrickle * self, const OpenviduMessage * message)
{
  Early *early;

  if (!message->candidate
      || g_strcmp0 (message->endpoint, self->theirs) != 0
      || self->n_remote >= MAX_REMOTE_CANDIDATES)
    return;
  self->n_remote++;
  if (!self->held && self->media && !self->passing_on) {
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

static gboolean
on_early (gpointer data)
{
  OpenviduTrickle *self = data;
  Early *early;

  gst_rcast_source_clear (&self->passing_on);
  while (!self->held && (early = g_queue_pop_head (&self->early))) {
    pass_on (self, early->mline, early->text);
    early_free (early);
  }
  return G_SOURCE_REMOVE;
}

/* Descriptions */

void
openvidu_trickle_hold (OpenviduTrickle * self, const gchar * ufrag)
{
  if (ufrag)
    net_candidates_keep_only (self->candidates, ufrag, ufrag);
  if (self->held)
    return;
  self->held = TRUE;
  self->n_remote = 0;
  g_queue_clear_full (&self->early, early_free);
}

void
openvidu_trickle_release (OpenviduTrickle * self, NetOffer * media)
{
  self->held = FALSE;
  if (!media) {
    g_queue_clear_full (&self->early, early_free);
    return;
  }
  net_offer_free (self->media);
  self->media = media;
  openvidu_trickle_flush (self);
  if (!self->passing_on)
    self->passing_on = gst_rcast_timer_start (0, on_early, self);
}
