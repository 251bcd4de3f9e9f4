/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Unpredictable random bytes and words. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

void    gst_rcast_random_bytes (guint8 * bytes,
                                gsize    size);
gchar * gst_rcast_random_word  (guint    length);

G_END_DECLS
