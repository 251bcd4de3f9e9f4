/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A question about a name to the system's name servers, by each uplink. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _NetQuery NetQuery;

/* @addresses: (nullable): of GInetAddress; %NULL: nobody has answered in time. It may free
 * the query; it is the only call. */
typedef void (*NetQueryDone) (GPtrArray * addresses, gpointer data);

NetQuery *  net_query_start  (const gchar  * host,
                              NetQueryDone   done,
                              gpointer       data);
void        net_query_free   (NetQuery     * query);

G_END_DECLS
