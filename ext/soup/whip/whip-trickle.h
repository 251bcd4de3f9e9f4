/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Selects the candidates of each PATCH: offers, candidates and results in, fragments out. */
#pragma once

#include <gst/gst.h>
#include <gst/sdp/gstsdpmessage.h>

#include "rcast-sdp.h"

G_BEGIN_DECLS

/**
 * WhipTrickle:
 *
 * A generation is everything that belongs to one pair of our ICE credentials. Candidates
 * are sent once each, one fragment at a time, while the server has agreed to their
 * generation. The object has no clock and no I/O: the caller sends the fragments and
 * reports the results.
 */
typedef struct _WhipTrickle WhipTrickle;

/**
 * WhipTrickleResult:
 * @WHIP_TRICKLE_TAKEN: the server has the candidates
 * @WHIP_TRICKLE_AGAIN: a failure that may pass
 * @WHIP_TRICKLE_DROPPED: a failure that has lasted too long; later candidates may succeed
 * @WHIP_TRICKLE_REFUSED: the server accepts no candidates
 */
typedef enum
{
  WHIP_TRICKLE_TAKEN,
  WHIP_TRICKLE_AGAIN,
  WHIP_TRICKLE_DROPPED,
  WHIP_TRICKLE_REFUSED,
} WhipTrickleResult;

WhipTrickle *         whip_trickle_new       (void);
void                  whip_trickle_free      (WhipTrickle          * trickle);

/* The offer of a new generation. Candidates of the previous generation are late from now on. */
GstSDPMessage *       whip_trickle_begin     (WhipTrickle          * trickle,
                                              const gchar          * offer,
                                              GstRcastSdpFragment ** restart,
                                              GError              ** error);
/* The server has agreed to the generation, and accepts candidates or not. */
void                  whip_trickle_agree     (WhipTrickle          * trickle,
                                              gboolean               takes);
/* The server has not agreed, or will not: nothing of the generation is sent any more. */
void                  whip_trickle_retire    (WhipTrickle          * trickle);

gboolean              whip_trickle_add       (WhipTrickle          * trickle,
                                              const gchar          * ufrag,
                                              const gchar          * candidate);
GstRcastSdpFragment * whip_trickle_next      (WhipTrickle          * trickle);
gboolean              whip_trickle_result    (WhipTrickle          * trickle,
                                              WhipTrickleResult      result);
guint                 whip_trickle_get_tries (WhipTrickle          * trickle);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WhipTrickle, whip_trickle_free)

G_END_DECLS
