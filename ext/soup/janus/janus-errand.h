/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Beside a session, over a connection of its own: whether a server is well, and the end of what was left there. */
#pragma once

#include "gstrcastnetsignaller.h"
#include "janus-settings.h"

G_BEGIN_DECLS

void janus_errand_check (GstRcastNetSignaller * element,
                         JanusSettings        * settings,
                         GTask                * task);
void janus_errand_end   (GstRcastNetSignaller * element,
                         JanusSettings        * settings,
                         const gchar          * session,
                         GTask                * task);

G_END_DECLS
