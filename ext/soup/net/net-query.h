/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks the system's name servers for a host name, on each uplink. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _NetQuery NetQuery;

/* @addresses: (nullable): of GInetAddress; %NULL: no answer in time. Called once. May free the
 * query. */
typedef void (*NetQueryDone) (GPtrArray * addresses, gpointer data);

NetQuery *  net_query_start  (const gchar  * host,
                              NetQueryDone   done,
                              gpointer       data);
void        net_query_free   (NetQuery     * query);

G_END_DECLS
