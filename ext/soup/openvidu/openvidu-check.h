/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checks the health of a server on a separate connection. */
#pragma once

#include "gstrcastnetsignaller.h"
#include "openvidu-settings.h"

G_BEGIN_DECLS

void openvidu_check_start (GstRcastNetSignaller * element,
                           OpenviduSettings     * settings,
                           GTask                * task);

G_END_DECLS
