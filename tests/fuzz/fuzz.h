/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What each target has: one function over bytes, called by libFuzzer or by fuzz-main.c. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

int LLVMFuzzerTestOneInput (const guint8 * data, gsize size);

/* Header values come as C strings: up to the first NUL. */
static inline gchar *
fuzz_string (const guint8 * data, gsize size)
{
  return g_strndup ((const gchar *) data, size);
}

G_END_DECLS
