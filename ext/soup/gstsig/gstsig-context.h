/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What each part of a session at a signalling server of GStreamer knows of it. */
#pragma once

#include "gstsig-settings.h"

G_BEGIN_DECLS

/**
 * GstsigContext:
 * @element: the signaller
 * @settings: its settings
 * @url: the server, as it may be shown
 * @send: a message is to go out; takes @text
 * @data: for @send
 *
 * Of the session, which outlives its parts.
 */
typedef struct
{
  GstRcastNetSignaller *element;
  const GstsigSettings *settings;
  gchar *url;
  void (*send) (gchar * text, gpointer data);
  gpointer data;
} GstsigContext;

/* Takes @text. */
void      gstsig_context_send      (const GstsigContext  * context,
                                    gchar                * text);
/* Ends @session for the other end. @reason: (nullable) */
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
