/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A producer at a gst-webrtc-signalling-server: serves one consumer at a time. */
#pragma once

#include "gstsig-pace.h"
#include "gstsig-role.h"

G_BEGIN_DECLS

typedef struct _GstsigPublisher GstsigPublisher;

/* @pace: owned by the signaller */
GstsigPublisher * gstsig_publisher_new           (const GstsigContext   * context,
                                                  GstsigPace            * pace,
                                                  const GstsigRoleCallbacks * callbacks,
                                                  gpointer                data);
void              gstsig_publisher_free          (GstsigPublisher       * self);

/* The server has registered us as @peer. */
void              gstsig_publisher_welcomed      (GstsigPublisher       * self,
                                                  const gchar           * peer);
void              gstsig_publisher_take          (GstsigPublisher       * self,
                                                  const GstsigMessage   * message);
/* We received an invalid message, or an error from the server. */
void              gstsig_publisher_complain      (GstsigPublisher       * self,
                                                  const gchar           * complaint);

/* Returns: whether `answered` or `failed` follows */
gboolean          gstsig_publisher_offer         (GstsigPublisher       * self,
                                                  GstRcastOfferKind       kind,
                                                  const gchar           * sdp,
                                                  GError               ** error);
gboolean          gstsig_publisher_has_request   (GstsigPublisher       * self);
void              gstsig_publisher_drop_request  (GstsigPublisher       * self);
void              gstsig_publisher_add_candidate (GstsigPublisher       * self,
                                                  guint                   mline,
                                                  const gchar           * ufrag,
                                                  const gchar           * candidate);

/* Tells the server that we leave, if there is a connection. */
void              gstsig_publisher_leave         (GstsigPublisher       * self);
/* No callback follows. */
void              gstsig_publisher_stop          (GstsigPublisher       * self);

G_END_DECLS
