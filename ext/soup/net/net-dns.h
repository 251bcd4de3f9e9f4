/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a message of a name server says; the C library takes it apart. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean  net_dns_read  (const guint8 * answer,
                         gsize          size,
                         const guint8 * question,
                         gsize          question_size,
                         GPtrArray    * addresses);

G_END_DECLS
