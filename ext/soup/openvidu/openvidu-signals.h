/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Signals of ours on their way to an OpenVidu server, until it has said that they came. */
#pragma once

#include "openvidu-link.h"

G_BEGIN_DECLS

/* In their order; they outlive a connection and a session. */
typedef struct _OpenviduSignals OpenviduSignals;

/* @element: borrowed; tells of signals that the server refuses */
OpenviduSignals * openvidu_signals_new    (GstRcastNetSignaller * element);
void              openvidu_signals_free   (OpenviduSignals      * self);
/* Takes @params. Returns: FALSE: too many wait */
gboolean          openvidu_signals_push   (OpenviduSignals      * self,
                                           gchar                * params);
/* Sends what is to go; @ms: until its answer, which @answered hands on. */
void              openvidu_signals_flush  (OpenviduSignals      * self,
                                           OpenviduLink         * link,
                                           guint                  ms,
                                           OpenviduAnswered       answered,
                                           gpointer               data);
/* The arguments of OpenviduAnswered, for a request of @link. */
void              openvidu_signals_answered (OpenviduSignals       * self,
                                             const OpenviduLink    * link,
                                             guint64                 request,
                                             const OpenviduMessage * message,
                                             const GError          * error);
/* @link is gone, or about to be: what it carries, and the server has not taken, is to go
 * again. */
void              openvidu_signals_unsent (OpenviduSignals      * self,
                                           const OpenviduLink   * link);

G_END_DECLS
