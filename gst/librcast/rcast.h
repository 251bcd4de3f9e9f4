/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Everything that a signaller or an application needs of librcast. */
#pragma once

#include "rcast-types.h"
#include "rcast-enumtypes.h"
#include "rcast-error.h"
#include "rcast-backoff.h"
#include "rcast-message.h"
#include "rcast-sdp.h"
#include "rcast-signaller.h"
