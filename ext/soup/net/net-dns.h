/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads a DNS response with the parser of the C library. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean  net_dns_read  (const guint8 * answer,
                         gsize          size,
                         const guint8 * question,
                         gsize          question_size,
                         GPtrArray    * addresses);

G_END_DECLS
