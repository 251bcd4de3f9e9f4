/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An ETag header from a stranger: goes back as it came, or not at all. */
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
