/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Watches a producer at a gst-webrtc-signalling-server: finds it, and has sessions with it. */
#pragma once

#include "gstsig-role.h"

G_BEGIN_DECLS

typedef struct _GstsigWatch GstsigWatch;

extern const GstsigRoleFuncs gstsig_watch_funcs;

/* @published: in: whether a producer was last reported in the session before; out: in this
 * session */
GstsigWatch * gstsig_watch_new           (const GstsigContext   * context,
                                          gboolean              * published,
                                          const GstsigRoleCallbacks * callbacks,
                                          gpointer                data);

G_END_DECLS
