/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What outlives an OpenVidu session: tokens that are used up, signals, and a dismissal. */
#pragma once

#include "openvidu-signals.h"

G_BEGIN_DECLS

/**
 * OpenviduTokenUse:
 * @OPENVIDU_TOKEN_FRESH: it has not been sent
 * @OPENVIDU_TOKEN_TRIED: it was sent, and the answer never came
 * @OPENVIDU_TOKEN_SPENT: the server took it, or refused it
 */
typedef enum
{
  OPENVIDU_TOKEN_FRESH,
  OPENVIDU_TOKEN_TRIED,
  OPENVIDU_TOKEN_SPENT,
} OpenviduTokenUse;

/* Tokens that were sent. Shared by the two signallers of a broadcast; any thread. */
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
 * @tokens: that were sent
 * @signals: that wait
 * @evicted: (nullable): why the server gave up the last session, until another one is
 *   joined
 * @dismissed: (nullable): why the session is closed to us
 *
 * The signalling thread's, but for @tokens.
 */
typedef struct
{
  OpenviduTokens *tokens;
  OpenviduSignals *signals;
  gchar *evicted;
  gchar *dismissed;
} OpenviduMemory;

G_END_DECLS
