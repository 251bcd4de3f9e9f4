/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests on a separate connection: checks a server's health, and ends an abandoned session. */
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
