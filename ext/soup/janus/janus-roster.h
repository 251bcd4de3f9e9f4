/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists the members of the room after a claim, to learn what happened without a connection. */
#pragma once

#include "janus-join.h"
#include "janus-link.h"
#include "janus-role.h"

G_BEGIN_DECLS

typedef struct _JanusRoster JanusRoster;

/**
 * JanusRosterCallbacks:
 * @listed: the room has @members, and we are still one of them: @self. Both are %NULL if the
 *   server gives no list
 * @forgotten: the server has dropped our handle
 *
 * Exactly one callback ends janus_roster_ask(), and is the last thing that the roster does: one of
 * these, or of the role's callbacks `kicked`, or `resynced` with an error.
 */
typedef struct
{
  void (*listed)    (GArray * members, const JanusMember * self, gpointer data);
  void (*forgotten) (gpointer data);
} JanusRosterCallbacks;

JanusRoster *  janus_roster_new  (WsLink                     * link,
                                  GstRcastNetSignaller       * element,
                                  JanusJoin                  * join,
                                  const JanusRosterCallbacks * callbacks,
                                  gpointer                     data,
                                  const JanusRoleCallbacks   * role_callbacks,
                                  gpointer                     role_data);
void           janus_roster_free (JanusRoster                * self);

void           janus_roster_ask  (JanusRoster                * self,
                                  const JanusTarget          * target,
                                  const JanusId              * own);

G_END_DECLS
