/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Each target has one function over bytes, which libFuzzer or fuzz-main.c calls. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

int LLVMFuzzerTestOneInput (const guint8 * data, gsize size);

/* Header values are C strings, which end at the first NUL. */
static inline gchar *
fuzz_string (const guint8 * data, gsize size)
{
  return g_strndup ((const gchar *) data, size);
}

G_END_DECLS
