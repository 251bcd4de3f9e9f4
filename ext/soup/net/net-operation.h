/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pending operation of a signaller's session, and its cancellation. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _NetOperation NetOperation;

/* @cancelled: the pending operation was cancelled: @data must end it */
NetOperation *  net_operation_new          (void         (* cancelled) (gpointer data),
                                            gpointer        data);
void            net_operation_free         (NetOperation  * self);
gboolean        net_operation_begin        (NetOperation  * self,
                                            GTask         * task);
gboolean        net_operation_is_under_way (NetOperation  * self);
void            net_operation_succeed      (NetOperation  * self,
                                            gchar         * answer);
void            net_operation_fail         (NetOperation  * self,
                                            const GError  * error);

G_END_DECLS
