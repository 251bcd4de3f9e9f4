/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Our signals on their way to an OpenVidu server, until it has confirmed them. */
#pragma once

#include "openvidu-link.h"

G_BEGIN_DECLS

/* A queue that outlives connections and sessions. */
typedef struct _OpenviduSignals OpenviduSignals;

/* @element: borrowed; reports signals that the server refuses */
OpenviduSignals * openvidu_signals_new    (GstRcastNetSignaller * element);
void              openvidu_signals_free   (OpenviduSignals      * self);
/* Takes @params. Returns: FALSE if too many signals wait */
gboolean          openvidu_signals_push   (OpenviduSignals      * self,
                                           gchar                * params);
/* Sends the waiting signals. @ms: how long to wait for an answer. @answered: gets each answer */
void              openvidu_signals_flush  (OpenviduSignals      * self,
                                           WsLink               * link,
                                           guint                  ms,
                                           WsAnswered       answered,
                                           gpointer               data);
/* A request of @link is done: the arguments are those of #WsAnswered. */
void              openvidu_signals_answered (OpenviduSignals       * self,
                                             const WsLink          * link,
                                             guint64                 request,
                                             const OpenviduMessage * message,
                                             const GError          * error);
/* @link is lost, or about to be. Signals that the server has not confirmed on it are sent again. */
void              openvidu_signals_unsent (OpenviduSignals      * self,
                                           const WsLink         * link);

G_END_DECLS
