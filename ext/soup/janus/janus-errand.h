/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The end of a Janus session that was left, over a connection of its own. */
#pragma once

#include "gstrcastnetsignaller.h"
#include "janus-settings.h"

G_BEGIN_DECLS

void janus_errand_end (GstRcastNetSignaller * element,
                       JanusSettings        * settings,
                       const gchar          * session,
                       GTask                * task);

G_END_DECLS
