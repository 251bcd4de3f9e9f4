/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Probes whether a server can be reached, by a bare TCP connection without data. */
#pragma once

#include <gio/gio.h>

#include "net-dialer.h"

G_BEGIN_DECLS

/* Probes of a signaller, on its thread. */
typedef struct _NetReach NetReach;

/* @source: the source of the task; @since: when the probe started, monotonic, us */
typedef void (*NetReached) (gpointer source, gint64 since);

NetReach *  net_reach_new    (NetDialer  * dialer);
void        net_reach_free   (NetReach   * reach);
void        net_reach_probe  (NetReach   * reach,
                              GUri       * url,
                              NetReached   reached,
                              GTask      * task);
void        net_reach_cancel (NetReach   * reach);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NetReach, net_reach_free)

G_END_DECLS
