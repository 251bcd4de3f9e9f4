/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests outside a session: checks a server's health, and ends an abandoned session. */
#pragma once

#include "whip-client.h"

G_BEGIN_DECLS

void whip_errand_check (GstRcastNetSignaller * element,
                        WhipSettings         * settings,
                        GTask                * task);
void whip_errand_end   (GstRcastNetSignaller * element,
                        WhipSettings         * settings,
                        GUri                 * session,
                        GTask                * task);

G_END_DECLS
