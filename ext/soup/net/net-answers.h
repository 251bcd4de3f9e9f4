/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The last good answer of the resolver for each host name. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* RFC 8767 5: maximum age of an answer that is used while the resolver is dead. */
#define NET_ANSWERS_MAX_AGE_S (24 * 60 * 60)

GPtrArray * net_answers_put    (GResolver    * resolver,
                                const gchar  * name,
                                GPtrArray    * addresses);
GPtrArray * net_answers_get    (GResolver    * resolver,
                                const gchar  * name,
                                gboolean     * fresh,
                                guint        * age);
void        net_answers_prefer (GResolver    * resolver,
                                const gchar  * name,
                                GInetAddress * address);

G_END_DECLS
