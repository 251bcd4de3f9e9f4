/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who of the peers of a signalling server is wanted: pure. */
#pragma once

#include "gstsig-message.h"

G_BEGIN_DECLS

/**
 * GstsigRoster:
 *
 * Peers of one role, and of one name or identifier where one is asked for. Of several the
 * newest counts: one that came back may stand beside its own ghost.
 */
typedef struct _GstsigRoster GstsigRoster;

/* @role: producers or consumers; @name, @id: (nullable): any */
GstsigRoster * gstsig_roster_new    (GstsigRoles             role,
                                     const gchar           * name,
                                     const gchar           * id);
void           gstsig_roster_free   (GstsigRoster          * self);

/* A list, or a change of a status. */
void           gstsig_roster_take   (GstsigRoster          * self,
                                     const GstsigMessage   * message);
void           gstsig_roster_remove (GstsigRoster          * self,
                                     const gchar           * id);

/* Returns: (nullable): its identifier */
const gchar *  gstsig_roster_get    (GstsigRoster          * self);
gboolean       gstsig_roster_has    (GstsigRoster          * self,
                                     const gchar           * id);

G_END_DECLS
