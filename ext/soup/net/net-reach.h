/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a server can be reached: a bare TCP connection, and nothing said on it. */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* What is known of the connection to a server; one for each signaller, and on its thread. */
typedef struct _NetReach NetReach;

/* @source: whose task it was; @since: when the probe was begun, monotonic, us */
typedef void (*NetReached) (gpointer source, gint64 since);

NetReach *  net_reach_new    (void);
void        net_reach_free   (NetReach       * reach);
void        net_reach_learn  (NetReach       * reach,
                              GUri           * url,
                              GIOStream      * stream);
void        net_reach_probe  (NetReach       * reach,
                              GUri           * url,
                              GSocketAddress * local,
                              NetReached       reached,
                              GTask          * task);
void        net_reach_cancel (NetReach       * reach);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NetReach, net_reach_free)

G_END_DECLS
