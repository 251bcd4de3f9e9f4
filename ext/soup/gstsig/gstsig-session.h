/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Our session at a gst-webrtc-signalling-server, from open to the end of close. */
#pragma once

#include "gstsig-memory.h"
#include "gstsig-settings.h"
#include "ws-session.h"

G_BEGIN_DECLS

/**
 * GstsigSessionCallbacks:
 * @registered: the server has registered us as @peer
 * @met: @peer is the consumer that we serve, or the producer that we watch; %NULL: none
 */
typedef struct
{
  void (*registered) (GstRcastNetSignaller * element, const gchar * peer);
  void (*met)        (GstRcastNetSignaller * element, const gchar * peer);
} GstsigSessionCallbacks;

typedef struct _GstsigSession GstsigSession;

GstsigSession * gstsig_session_new           (GstRcastNetSignaller          * element,
                                              GstsigSettings                * settings,
                                              GstsigMemory                  * memory,
                                              const GstsigSessionCallbacks  * callbacks);

gboolean        gstsig_session_is_at         (GstsigSession                 * session,
                                              const gchar                   * location);

G_END_DECLS
