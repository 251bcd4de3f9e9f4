/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libsoup sessions that dial on each uplink, one per origin. */
#pragma once

#include <libsoup/soup.h>

#include "net-dialer.h"

G_BEGIN_DECLS

typedef struct _NetClient NetClient;

NetClient *   net_client_new         (NetDialer    * dialer,
                                      const gchar  * user_agent,
                                      GTlsDatabase * tls_database);
void          net_client_free        (NetClient    * client);
NetDialer *   net_client_get_dialer  (NetClient    * client);
SoupSession * net_client_get_session (NetClient    * client,
                                      GUri         * url);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NetClient, net_client_free)

G_END_DECLS
