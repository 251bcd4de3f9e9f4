/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What outlives a session at a signalling server of GStreamer. */
#pragma once

#include "gstsig-pace.h"

G_BEGIN_DECLS

/**
 * GstsigMemory:
 * @location: (nullable): where the last session was
 * @pace: of sessions with consumers there
 * @published: whether there was somebody to be watched there, as was told
 */
typedef struct
{
  gchar *location;
  GstsigPace pace;
  gboolean published;
} GstsigMemory;

G_END_DECLS
