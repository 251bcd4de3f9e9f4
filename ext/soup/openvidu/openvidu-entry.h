/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Enters an OpenVidu session: finds an unused token and joins. */
#pragma once

#include "openvidu-link.h"
#include "openvidu-memory.h"

G_BEGIN_DECLS

typedef struct _OpenviduEntry OpenviduEntry;

/**
 * OpenviduEntryCallbacks:
 * @ready: there is a token that may be valid
 * @joined: we have joined the session
 * @failed: we have not joined. @error: (nullable): %NULL if the server refused
 *
 * Each callback is the last thing that the entry does. It may free the entry.
 */
typedef struct
{
  void (*ready)  (gpointer data);
  void (*joined) (const OpenviduMessage * message, gpointer data);
  void (*failed) (const OpenviduMessage * refusal, const GError * error, gpointer data);
} OpenviduEntryCallbacks;

OpenviduEntry *  openvidu_entry_new         (WsLink                       * link,
                                             GstRcastNetSignaller         * element,
                                             const OpenviduSettings       * settings,
                                             OpenviduTokens               * tokens,
                                             const OpenviduEntryCallbacks * callbacks,
                                             gpointer                       data);
void             openvidu_entry_free        (OpenviduEntry                * self);
/* Finds a token, or requests one. */
void             openvidu_entry_prepare     (OpenviduEntry                * self);
/* Joins with that token. */
void             openvidu_entry_join        (OpenviduEntry                * self);
gboolean         openvidu_entry_is_joining  (OpenviduEntry                * self);
/* Stops waiting for a token. A join that was sent is still answered. */
void             openvidu_entry_stop        (OpenviduEntry                * self);
/* The connection is lost: no answer follows. */
void             openvidu_entry_lost        (OpenviduEntry                * self);
/* Returns: (nullable): the name of the session, if known */
const gchar *    openvidu_entry_get_session (OpenviduEntry                * self);

G_END_DECLS
