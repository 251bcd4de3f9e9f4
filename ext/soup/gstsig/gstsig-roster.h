/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Selects the wanted peer from the peers of a signalling server. Pure. */
#pragma once

#include "gstsig-message.h"

G_BEGIN_DECLS

/**
 * GstsigRoster:
 *
 * The peers of one role and, if wanted, of one name or identifier. The newest one is
 * selected: after a reconnection, a peer may be listed next to its own ghost.
 */
typedef struct _GstsigRoster GstsigRoster;

/* @role: producers or consumers. @name, @id: (nullable): any */
GstsigRoster * gstsig_roster_new    (GstsigRoles             role,
                                     const gchar           * name,
                                     const gchar           * id);
void           gstsig_roster_free   (GstsigRoster          * self);

/* Processes a list, or a change of status. */
void           gstsig_roster_take   (GstsigRoster          * self,
                                     const GstsigMessage   * message);
void           gstsig_roster_remove (GstsigRoster          * self,
                                     const gchar           * id);

/* Returns: (nullable): the identifier of the selected peer */
const gchar *  gstsig_roster_get    (GstsigRoster          * self);
gboolean       gstsig_roster_has    (GstsigRoster          * self,
                                     const gchar           * id);

G_END_DECLS
