/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The context that all parts of a session at a gst-webrtc-signalling-server share. */
#pragma once

#include "gstsig-settings.h"
#include "ws-link.h"

G_BEGIN_DECLS

/**
 * GstsigContext:
 * @element: the signaller
 * @settings: its settings
 * @link: its connection
 *
 * Owned by the session, which outlives its parts.
 */
typedef struct
{
  GstRcastNetSignaller *element;
  const GstsigSettings *settings;
  WsLink *link;
} GstsigContext;

/* Takes @text. */
void      gstsig_context_send      (const GstsigContext  * context,
                                    gchar                * text);
/* Ends @session for the other peer. @reason: (nullable) */
void      gstsig_context_end       (const GstsigContext  * context,
                                    const gchar          * session,
                                    const gchar          * reason);
/* @peer: (nullable) */
void      gstsig_context_post      (const GstsigContext  * context,
                                    const gchar          * event,
                                    const gchar          * peer);
GError *  gstsig_context_new_error (const GstsigContext  * context,
                                    GstRcastError          code,
                                    const gchar          * what);

G_END_DECLS
