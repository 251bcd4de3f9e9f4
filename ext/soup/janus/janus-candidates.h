/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Candidates of ours on their way to Janus, until it has said that they came: pure. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Candidates that wait: of several offers, on several uplinks. */
#define JANUS_MAX_PENDING_CANDIDATES 256
/* How often one is sent by the same connection without an answer. */
#define JANUS_CANDIDATE_TRIES 3

typedef struct _JanusCandidates JanusCandidates;

JanusCandidates * janus_candidates_new       (void);
void              janus_candidates_free      (JanusCandidates  * self);

void              janus_candidates_add       (JanusCandidates  * self,
                                              guint              mline,
                                              const gchar      * ufrag,
                                              const gchar      * candidate);
void              janus_candidates_keep_only (JanusCandidates  * self,
                                              const gchar      * ufrag,
                                              const gchar      * other);
gchar *           janus_candidates_take      (JanusCandidates  * self,
                                              const gchar      * ufrag,
                                              GPtrArray        * mids);
void              janus_candidates_sent      (JanusCandidates  * self,
                                              guint              request);
void              janus_candidates_arrived   (JanusCandidates  * self,
                                              guint              request);
void              janus_candidates_timed_out (JanusCandidates  * self,
                                              guint              request);
void              janus_candidates_unsent    (JanusCandidates  * self);
guint             janus_candidates_count     (JanusCandidates  * self);

G_END_DECLS
