/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* State that outlives an OpenVidu session: used tokens, signals, and a dismissal. */
#pragma once

#include "openvidu-signals.h"

G_BEGIN_DECLS

/**
 * OpenviduTokenUse:
 * @OPENVIDU_TOKEN_FRESH: not sent yet
 * @OPENVIDU_TOKEN_TRIED: sent, but never answered
 * @OPENVIDU_TOKEN_SPENT: accepted or refused by the server
 */
typedef enum
{
  OPENVIDU_TOKEN_FRESH,
  OPENVIDU_TOKEN_TRIED,
  OPENVIDU_TOKEN_SPENT,
} OpenviduTokenUse;

/* Tokens that were sent. Shared by both signallers of a broadcast. Any thread. */
typedef struct _OpenviduTokens OpenviduTokens;

OpenviduTokens *  openvidu_tokens_new     (void);
OpenviduTokens *  openvidu_tokens_ref     (OpenviduTokens   * self);
void              openvidu_tokens_unref   (OpenviduTokens   * self);
void              openvidu_tokens_set     (OpenviduTokens   * self,
                                           const gchar      * token,
                                           OpenviduTokenUse   use);
OpenviduTokenUse  openvidu_tokens_get     (OpenviduTokens   * self,
                                           const gchar      * token);

/**
 * OpenviduMemory:
 * @tokens: tokens that were sent
 * @signals: waiting signals
 * @evicted: (nullable): why the server gave up the last session, until we join another one
 * @dismissed: (nullable): why we may not join the session again
 *
 * Only on the signalling thread, except for @tokens.
 */
typedef struct
{
  OpenviduTokens *tokens;
  OpenviduSignals *signals;
  gchar *evicted;
  gchar *dismissed;
} OpenviduMemory;

G_END_DECLS
