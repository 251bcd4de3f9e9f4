/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The attempts to make one connection, each bound to an uplink, and their results. */
#pragma once

#include <gio/gio.h>

#include "net-dialer.h"

G_BEGIN_DECLS

typedef struct _NetTries NetTries;

NetTries *    net_tries_new          (NetDialer          * dialer,
                                      GUri               * url);
void          net_tries_free         (NetTries           * tries);
void          net_tries_event        (NetTries           * tries,
                                      GSocketClientEvent   event,
                                      GIOStream          * stream);
gboolean      net_tries_are_resolving(NetTries           * tries);
const gchar * net_tries_get_uplink   (NetTries           * tries);
gboolean      net_tries_are_left     (NetTries           * tries);
const gchar * net_tries_why_dead     (NetTries           * tries);
void          net_tries_blame        (NetTries           * tries);
void          net_tries_reset        (NetTries           * tries);
gchar *       net_tries_describe     (NetTries           * tries);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NetTries, net_tries_free)

G_END_DECLS
