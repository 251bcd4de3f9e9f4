/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Local candidates on their way to a server, until it has confirmed them. Pure. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Limit of waiting candidates: those of several offers, on several uplinks. */
#define NET_MAX_PENDING_CANDIDATES 256
/* How often a candidate is sent on one connection without an answer. */
#define NET_CANDIDATE_TRIES 3

/**
 * NetCandidate:
 * @mline: index of its m-section
 * @mid: (nullable): of the m-section
 * @text: (nullable): `candidate:…`; %NULL: end of candidates
 */
typedef struct
{
  guint mline;
  gchar *mid;
  gchar *text;
} NetCandidate;

typedef struct _NetCandidates NetCandidates;

NetCandidates * net_candidates_new       (void);
void            net_candidates_free      (NetCandidates  * self);

void            net_candidates_add       (NetCandidates  * self,
                                          guint              mline,
                                          const gchar      * ufrag,
                                          const gchar      * candidate);
void            net_candidates_keep_only (NetCandidates  * self,
                                          const gchar      * ufrag,
                                          const gchar      * other);
GArray *        net_candidates_take      (NetCandidates  * self,
                                          const gchar      * ufrag,
                                          GPtrArray        * mids,
                                          guint              max);
void            net_candidates_sent      (NetCandidates  * self,
                                          guint              request);
void            net_candidates_arrived   (NetCandidates  * self,
                                          guint              request);
void            net_candidates_timed_out (NetCandidates  * self,
                                          guint              request);
void            net_candidates_unsent    (NetCandidates  * self);
guint           net_candidates_count     (NetCandidates  * self);

G_END_DECLS
