/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The way into an OpenVidu session: a token that is not used up, and the join. */
#pragma once

#include "openvidu-link.h"
#include "openvidu-memory.h"

G_BEGIN_DECLS

typedef struct _OpenviduEntry OpenviduEntry;

/**
 * OpenviduEntryCallbacks:
 * @ready: there is a token that may be good
 * @joined: we are in the session
 * @failed: we are not: by @error or, without one, by a refusal
 *
 * Each of them is the last thing that the entry does, and may free it.
 */
typedef struct
{
  void (*ready)  (gpointer data);
  void (*joined) (const OpenviduMessage * message, gpointer data);
  void (*failed) (const OpenviduMessage * refusal, const GError * error, gpointer data);
} OpenviduEntryCallbacks;

OpenviduEntry *  openvidu_entry_new         (OpenviduLink                 * link,
                                             GstRcastNetSignaller         * element,
                                             const OpenviduSettings       * settings,
                                             OpenviduTokens               * tokens,
                                             const OpenviduEntryCallbacks * callbacks,
                                             gpointer                       data);
void             openvidu_entry_free        (OpenviduEntry                * self);
/* Finds a token, or asks for one. */
void             openvidu_entry_prepare     (OpenviduEntry                * self);
/* With the token that was found. */
void             openvidu_entry_join        (OpenviduEntry                * self);
gboolean         openvidu_entry_is_joining  (OpenviduEntry                * self);
/* Nobody waits for a token any more; a join that went out is still answered. */
void             openvidu_entry_stop        (OpenviduEntry                * self);
/* The connection came to its end: no answer follows. */
void             openvidu_entry_lost        (OpenviduEntry                * self);
/* Returns: (nullable): the name of the session, as far as it is known */
const gchar *    openvidu_entry_get_session (OpenviduEntry                * self);

G_END_DECLS
