/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A producer at a gst-webrtc-signalling-server: serves one consumer at a time. */
#pragma once

#include "gstsig-pace.h"
#include "gstsig-role.h"

G_BEGIN_DECLS

typedef struct _GstsigPublisher GstsigPublisher;

extern const GstsigRoleFuncs gstsig_publisher_funcs;

/* @pace: owned by the signaller */
GstsigPublisher * gstsig_publisher_new           (const GstsigContext   * context,
                                                  GstsigPace            * pace,
                                                  const GstsigRoleCallbacks * callbacks,
                                                  gpointer                data);

G_END_DECLS
