/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is known of the uplinks for dialling servers, and of the servers' host names. */
#pragma once

#include <gio/gio.h>

#include "net-names.h"

G_BEGIN_DECLS

/* One per signaller, on its thread. */
typedef struct _NetDialer NetDialer;

/**
 * NetDialerOwner:
 * @dup_uplink: returns (nullable) (transfer full) the uplink that carries media now
 * @connected: a connection was established on @uplink, which differs from the last one
 *
 * Called on the dialer's thread.
 */
typedef struct
{
  gchar * (*dup_uplink) (gpointer data);
  void    (*connected)  (const gchar * uplink, gpointer data);
} NetDialerOwner;

NetDialer *   net_dialer_new       (void);
NetDialer *   net_dialer_ref       (NetDialer    * dialer);
void          net_dialer_unref     (NetDialer    * dialer);
void          net_dialer_prefer    (NetDialer    * dialer,
                                    const gchar  * uplink);
void          net_dialer_set_owner (NetDialer    * dialer,
                                    const NetDialerOwner * owner,
                                    gpointer       data);
gboolean      net_dialer_has_left  (NetDialer    * dialer,
                                    const gchar  * uplink);
gboolean      net_dialer_carries   (NetDialer    * dialer,
                                    const gchar  * uplink);
gboolean      net_dialer_may_blame (const GError * error);
void          net_dialer_blame     (NetDialer    * dialer,
                                    const gchar  * uplink);
void          net_dialer_trust     (NetDialer    * dialer,
                                    const gchar  * uplink);
const gchar * net_dialer_get_last  (NetDialer    * dialer);
NetNames *    net_dialer_get_names (NetDialer    * dialer);
GPtrArray *   net_dialer_list_ways (NetDialer    * dialer,
                                    GInetAddress * to);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NetDialer, net_dialer_unref)

G_END_DECLS
