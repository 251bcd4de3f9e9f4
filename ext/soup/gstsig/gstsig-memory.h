/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* State that outlives a session at a gst-webrtc-signalling-server. */
#pragma once

#include "gstsig-pace.h"

G_BEGIN_DECLS

/**
 * GstsigMemory:
 * @location: (nullable): of the last session
 * @pace: of sessions with consumers there
 * @published: whether a producer to watch was last reported there
 */
typedef struct
{
  gchar *location;
  GstsigPace pace;
  gboolean published;
} GstsigMemory;

G_END_DECLS
