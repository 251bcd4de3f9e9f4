/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Resolves host names. Uses the last answer while the resolver is silent. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Pending look-ups. One per signaller, on its thread. */
typedef struct _NetNames NetNames;

NetNames *  net_names_new            (void);
void        net_names_unref          (NetNames            * names);
void        net_names_look_up_async  (NetNames            * names,
                                      const gchar         * host,
                                      GCancellable        * cancellable,
                                      GAsyncReadyCallback   callback,
                                      gpointer              data);
GPtrArray * net_names_look_up_finish (GAsyncResult        * result,
                                      GError             ** error);
void        net_names_prefer         (const gchar         * host,
                                      GInetAddress        * address);

G_END_DECLS
