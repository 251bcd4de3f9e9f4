/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An untrusted ETag header: the result is part of it, without line breaks, or NULL. */
#include "config.h"

#include "fuzz.h"

#include <string.h>

#include "whip-headers.h"

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  g_autofree gchar *value = fuzz_string (data, size);
  g_autofree gchar *etag = whip_parse_etag (value);

  if (!etag)
    return 0;
  g_assert (strstr (value, etag));
  g_assert (*etag && !strpbrk (etag, "\r\n"));
  return 0;
}
