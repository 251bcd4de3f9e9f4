/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sends the candidates of a WHIP session to the server: PATCHes, their timer and their results. */
#pragma once

#include <gst/sdp/gstsdpmessage.h>

#include "rcast-sdp.h"
#include "whip-client.h"
#include "whip-memory.h"

G_BEGIN_DECLS

#define WHIP_TYPE_FRAGMENT "application/trickle-ice-sdpfrag"

typedef struct _WhipCandidates WhipCandidates;

/* @refused: the server accepts no candidates in this session. @gone: the server has lost the
 * session */
typedef struct
{
  void (*refused) (gpointer data);
  void (*gone)    (const GError * error, gpointer data);
} WhipCandidatesCallbacks;

/* Context of the PATCHes. @offer: ours, which the server has accepted. @url: of the session. @etag:
 * (nullable): its entity tag. @patched: whether the server has accepted a PATCH at @url. @promised:
 * whether it has said that it would. @elsewhere: whether @url has another origin than the offer was
 * sent to. @session_lines: as in WhipMemory. */
typedef struct
{
  const GstSDPMessage *offer;
  GUri *url;
  const gchar *etag;
  gboolean patched;
  gboolean promised;
  gboolean elsewhere;
  gboolean session_lines;
} WhipAgreement;

WhipCandidates * whip_candidates_new    (WhipClient                    * client,
                                         WhipMemory                    * memory,
                                         const WhipCandidatesCallbacks * callbacks,
                                         gpointer                        data);
void             whip_candidates_free   (WhipCandidates       * candidates);
GstSDPMessage *  whip_candidates_begin  (WhipCandidates       * candidates,
                                         const gchar          * offer,
                                         GstRcastSdpFragment ** restart,
                                         GError              ** error);
void             whip_candidates_agree  (WhipCandidates       * candidates,
                                         const WhipAgreement  * agreement);
gboolean         whip_candidates_is_patched (const WhipCandidates * candidates);
void             whip_candidates_stop   (WhipCandidates       * candidates);
void             whip_candidates_retire (WhipCandidates       * candidates);
void             whip_candidates_add    (WhipCandidates       * candidates,
                                         const gchar          * ufrag,
                                         const gchar          * candidate);
void             whip_candidates_send   (WhipCandidates       * candidates);

GBytes *         whip_fragment_print    (const GstRcastSdpFragment * fragment,
                                         const GstSDPMessage       * offer,
                                         gboolean                    session_lines);

G_END_DECLS
