/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which candidates go into the next PATCH: offers, candidates and results in, fragments out. */
#pragma once

#include <gst/gst.h>
#include <gst/sdp/gstsdpmessage.h>

#include "rcast-sdp.h"

G_BEGIN_DECLS

/**
 * WhipTrickle:
 *
 * A generation is what belongs to one pair of ICE credentials of ours. Candidates are
 * sent while the server has agreed to their generation, each once, one fragment at a
 * time. Knows no clock and no I/O: the caller sends fragments, and says what came of it.
 */
typedef struct _WhipTrickle WhipTrickle;

/**
 * WhipTrickleResult:
 * @WHIP_TRICKLE_TAKEN: the server has the candidates
 * @WHIP_TRICKLE_AGAIN: trouble that may pass
 * @WHIP_TRICKLE_DROPPED: trouble that lasts too long; later candidates may be taken
 * @WHIP_TRICKLE_REFUSED: the server takes no candidates
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

/* The offer of a new generation; what is of the one before is late from now on. */
GstSDPMessage *       whip_trickle_begin     (WhipTrickle          * trickle,
                                              const gchar          * offer,
                                              GstRcastSdpFragment ** restart,
                                              GError              ** error);
/* The server has agreed to the generation, and takes candidates, or none. */
void                  whip_trickle_agree     (WhipTrickle          * trickle,
                                              gboolean               takes);
/* It has not, or will not: nothing of the generation is sent any more. */
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
