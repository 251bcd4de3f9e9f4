/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Presents a host to libsoup and GSocketClient as each of its addresses on each uplink. */
#pragma once

#include <gio/gio.h>

#include "net-dialer.h"
#include "rcast-ways.h"

G_BEGIN_DECLS

GSocketConnectable * net_dial_new     (NetDialer      * dialer,
                                       GUri           * url);
const GstRcastWay *  net_dial_get_way (GSocketAddress * address);

G_END_DECLS
