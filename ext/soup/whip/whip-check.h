/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a WHIP server is healthy: OPTIONS at the endpoint, which opens no session. */
#pragma once

#include "whip-client.h"

G_BEGIN_DECLS

void  whip_check_start (GstRcastNetSignaller * element,
                        WhipSettings         * settings,
                        NetReach             * reach,
                        GTask                * task);

G_END_DECLS
